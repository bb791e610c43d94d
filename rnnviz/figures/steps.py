"""One step of one unit, in numbers: what it held, what it kept, what it wrote, what it holds now, what it shows."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz import signals
from rnnviz.analysis.memory import KEEPERS
from rnnviz.colours import colour_of
from rnnviz.errors import SelectionError
from rnnviz.figures.choosing import chosen_token, chosen_unit
from rnnviz.figures.heatmaps import layer_caption
from rnnviz.figures.style import layout, quoted
from rnnviz.signals import Signal
from rnnviz.trace import Trace
from rnnviz.writing import signed

_ROUNDING = 1e-4
_OUTLINE = {"color": "#4b5563", "width": 1}


class _Bar(NamedTuple):
    """One column of the sum: what it is, its formula, and where it begins and ends."""

    name: str
    formula: str
    start: float
    size: float


def cell_step(
    trace: Trace, token: int, unit: int | None = None, layer: int = -1, direction: str = "forward"
) -> go.Figure:
    """Draw one step of one unit: its gates and candidate on the left, the sum that they make on the right.

        LSTM    c = f·c' + i·g        h = o·tanh(c)
        GRU     h = z·h' + (1 − z)·n
        RNN     h, out of the whole state before and the word: no unit's own sum

    Args:
        trace: The reading.
        token: Counted from 0, or from the end with -1.
        unit: Counted from 0; the unit that matters most when None.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward", in which the step before is the word after.

    Raises:
        SelectionError: There is no such token, unit, layer or direction; or the state was held (``rnnviz.hold``), so
            that its gates did not make it.

    Source:
        The equations of ``rnnviz.engine.cells``.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> figure = rnnviz.figures.cell_step(trace, token=3, unit=25)
        >>> figure.layout.title.text.partition("<")[0]
        'At “not”, unit 25 keeps 91% of its +0.12 and writes +0.88'
        >>> figure.show()
    """
    token, unit = chosen_token(trace, token), chosen_unit(trace, unit, layer, direction)
    now = {name: float(trace.select(name, layer, direction)[token, unit]) for name in trace.signals}
    before = _before(trace, token, unit, layer, direction)
    bars = list(_sum(trace, now, before))
    made = [entry for entry in signals.SIGNALS[trace.cell] if entry.name not in ("cell", "hidden")]
    figure = make_subplots(cols=2, column_widths=[0.38, 0.62], horizontal_spacing=0.14) if made else go.Figure()
    if made:
        figure.add_trace(_gates(made, now), row=1, col=1)
        figure.update_xaxes(col=1, range=[-1.5, 1.4], tickvals=[-1, 0, 1], title_text="gates: 0 shut, 1 open")
        figure.update_yaxes(col=1, autorange="reversed", ticksuffix=" ", title_text="made at this word")
    figure.add_trace(_columns(trace, bars), **({"row": 1, "col": 2} if made else {}))
    reach = 1.2 * _reach(trace, bars)
    last = {"col": 2} if made else {}
    figure.update_xaxes(title_text="the step, from left to right", **last)
    figure.update_yaxes(range=[-reach, reach], zeroline=True, zerolinecolor="#4b5563", title_text="state", **last)
    return figure.update_layout(
        layout(
            f"At {quoted(trace.tokens, token)}, unit {unit} {_title(trace, now, before)}",
            f"{_equation(trace, now, before)}{layer_caption(trace, layer, direction)}",
            showlegend=False,
            height=420,
        )
    )


def _before(trace: Trace, token: int, unit: int, layer: int, direction: str) -> float | None:
    """The memory as the token is met; None at the first token that a direction reads, if it starts from zeros."""
    name = signals.memory(trace.cell)
    memory = trace.select(name, layer, direction)[:, unit]
    index = token + 1 if direction == "backward" else token - 1
    if 0 <= index < len(memory):
        return float(memory[index])
    return float(trace.before_first(name, layer, direction)[unit]) if trace.start else None


def _sum(trace: Trace, now: dict[str, float], before: float | None) -> Iterator[_Bar]:
    """The columns from the memory before to what is shown."""
    name = signals.memory(trace.cell)
    symbol, held = signals.signal(trace.cell, name).symbol, before or 0.0
    yield _Bar("before", f"{symbol}′", 0.0, held)
    if trace.cell in KEEPERS:
        keep, kept, new, written = _terms(trace, now, held)
        _check(name, kept + written, now[name])
        yield _Bar("kept", f"{keep}·{symbol}′", 0.0, kept)
        yield _Bar("written", new, kept, written)
    yield _Bar("now", symbol, 0.0, now[name])
    if trace.cell == "lstm":
        _check("hidden", now["output"] * math.tanh(now["cell"]), now["hidden"])
        yield _Bar("shown", "h = o·tanh(c)", 0.0, now["hidden"])


def _terms(trace: Trace, now: dict[str, float], held: float) -> tuple[str, float, str, float]:
    """What is kept of the old memory, and what is written: their formulas and sizes."""
    if trace.cell == "lstm":
        return "f", now["forget"] * held, "i·g", now["input"] * now["candidate"]
    return "z", now["update"] * held, "(1−z)·n", (1 - now["update"]) * now["candidate"]


def _check(name: str, computed: float, actual: float) -> None:
    """Refuse a state that the gates did not make."""
    if abs(computed - actual) > _ROUNDING * max(1.0, abs(actual)):
        raise SelectionError("memory_held", signal=name)


def _gates(made: list[Signal], now: dict[str, float]) -> go.Bar:
    """The gates and the candidate, each on the colour of its value."""
    values = [now[entry.name] for entry in made]
    return go.Bar(
        x=values,
        y=[f"{entry.name} {entry.symbol}" for entry in made],
        orientation="h",
        text=[f"{value:.2f}" if entry.is_gate else signed(value) for entry, value in zip(made, values, strict=True)],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [colour_of(now[entry.name], entry.low, entry.high) for entry in made], "line": _OUTLINE},
        customdata=[entry.meaning for entry in made],
        hovertemplate="%{y} = %{x:.4f}<br>%{customdata}<extra></extra>",
    )


def _reach(trace: Trace, bars: list[_Bar]) -> float:
    """How far the memory's range goes to either side, so that two steps can be compared by eye."""
    memory = signals.signal(trace.cell, signals.memory(trace.cell))
    return signals.limits(memory, [abs(bar.start + share * bar.size) for bar in bars for share in (0, 1)])[1]


def _columns(trace: Trace, bars: list[_Bar]) -> go.Bar:
    """The sum as columns, each on the colour of its size, in the range that the memory has."""
    reach = _reach(trace, bars)
    return go.Bar(
        x=[f"{bar.name}<br>{bar.formula}" for bar in bars],
        y=[bar.size for bar in bars],
        base=[bar.start for bar in bars],
        text=[signed(bar.size) for bar in bars],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [colour_of(bar.size, -reach, reach) for bar in bars], "line": _OUTLINE},
        hovertemplate="%{x}: %{text}<extra></extra>",
    )


def _title(trace: Trace, now: dict[str, float], before: float | None) -> str:
    """What the step does, in a few words that hold for every number."""
    if trace.cell not in KEEPERS:
        return f"goes from {signed(before or 0.0)} to {signed(now['hidden'])}"
    written = signed(_terms(trace, now, 0.0)[3])
    if before is None:
        return f"holds nothing yet and writes {written}"
    return f"keeps {now[KEEPERS[trace.cell]]:.0%} of its {signed(before)} and writes {written}"


def _equation(trace: Trace, now: dict[str, float], before: float | None) -> str:
    """The step with its numbers."""
    held = signed(before or 0.0)
    if trace.cell == "lstm":
        return (
            f"c = f·c′ + i·g = {now['forget']:.2f}·({held}) + {now['input']:.2f}·({signed(now['candidate'])}) "
            f"= {signed(now['cell'])}, h = o·tanh(c) = {now['output']:.2f}·({signed(math.tanh(now['cell']))}) "
            f"= {signed(now['hidden'])}"
        )
    if trace.cell == "gru":
        update = now["update"]
        return (
            f"h = z·h′ + (1−z)·n = {update:.2f}·({held}) + {1 - update:.2f}·({signed(now['candidate'])}) "
            f"= {signed(now['hidden'])}"
        )
    return "a plain RNN makes its state anew at every word, of the word and of all units before"
