"""What each word wrote into the memory: what is left of it in a unit, and how much of a class goes through it."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from rnnviz import signals
from rnnviz.analysis.memory import contributions, ledger
from rnnviz.colours import DIVERGING
from rnnviz.errors import unknown
from rnnviz.figures.choosing import chosen_unit
from rnnviz.figures.heatmaps import layer_caption
from rnnviz.figures.style import (
    NOTHING,
    escaped,
    hovered,
    layout,
    quoted,
    shortened,
    word_axis,
    words_width,
)
from rnnviz.trace import Trace
from rnnviz.writing import signed

RAISES, LOWERS = "#c96a12", "#2f74b5"
"""The colours of a part above and below zero, from the two ends of the scale of signed values."""


def memory_ledger(trace: Trace, unit: int | None = None, layer: int = -1, direction: str = "forward") -> go.Figure:
    """Draw one unit's ledger: what each word (row) wrote, as each word (column) is read; and what is left in the end.

    Args:
        trace: The reading, by an LSTM or a GRU.
        unit: Counted from 0; the unit that matters most when None.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: As for ``rnnviz.ledger``.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> figure = rnnviz.figures.memory_ledger(trace, unit=25)
        >>> figure.layout.title.text.partition("<")[0]
        'Unit 25 ends at +0.95; “not” counts most: +0.88'
        >>> figure.show()
    """
    unit = chosen_unit(trace, unit, layer, direction)
    account = ledger(trace, layer, direction, [unit])[:, :, 0]
    end = 0 if direction == "backward" else len(account) - 1
    left = account[:, end]
    symbol = signals.signal(trace.cell, signals.memory(trace.cell)).symbol
    figure = make_subplots(cols=2, shared_yaxes=True, column_widths=[0.68, 0.32], horizontal_spacing=0.03)
    figure.add_trace(_triangle(trace, account, direction, symbol), row=1, col=1)
    figure.add_trace(_parts(hovered(trace.tokens, trace.unknown), left, "left in the end"), row=1, col=2)
    rows = word_axis(trace.tokens)
    figure.update_xaxes(col=1, **word_axis(trace.tokens))
    figure.update_yaxes(range=rows["range"][::-1], **_without(rows, "range", "autotickangles", "title"))
    figure.update_yaxes(col=1, title_text="what this word wrote …")
    figure.update_xaxes(col=1, title_text="… as each word is read")
    figure.update_xaxes(col=2, title_text=f"left in the end: Σ = {signed(left.sum())}", zeroline=True)
    return figure.update_layout(
        layout(
            _most_written(trace, unit, left),
            f"the memory ({symbol}) as a sum of what the words wrote{layer_caption(trace, layer, direction)}",
            height=260 + max(200, 18 * min(len(account), 200)),
            width=words_width(trace.tokens),
            showlegend=False,
            plot_bgcolor=NOTHING,
        )
    )


def class_contributions(trace: Trace, label: str | None = None) -> go.Figure:
    """Draw how a class's logit is shared out among the words, by what each wrote into the top layer's memory.

    Args:
        trace: The reading, by an LSTM or a GRU.
        label: The class; the answer when None.

    Raises:
        SelectionError: There is no such class, or no account of this network: see ``rnnviz.contributions``.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> figure = rnnviz.figures.class_contributions(trace)
        >>> figure.layout.title.text.partition("<")[0]
        '“not” moves “negative” most: +0.57'
        >>> figure.show()
    """
    if label is not None and label not in trace.labels:
        raise unknown("class", label, trace.labels)
    chosen = int(trace.verdicts[-1].argmax()) if label is None else trace.labels.index(label)
    shared = contributions(trace)
    parts, total = shared.by_token[:, chosen], float(shared.logits[chosen])
    name, words = escaped(shortened(trace.labels[chosen], 30)), hovered(trace.tokens, trace.unknown)
    bars = [
        _parts(words, shared.by_direction[index, :, chosen], direction, upright=True, hatched=index == 1)
        for index, direction in enumerate(trace.directions)
    ]
    title = f"{quoted(trace.tokens, _largest(parts))} moves “{name}” most: {signed(parts[_largest(parts)])}"
    return go.Figure(
        bars,
        layout(
            title,
            f"bias {signed(shared.bias[chosen])} + the words {signed(parts.sum())} = the logit {signed(total)}",
            xaxis=word_axis(trace.tokens),
            yaxis={"title": {"text": f"part of the logit of “{name}”"}, "zerolinecolor": "#4b5563"},
            barmode="relative",
            showlegend=len(bars) > 1,
            height=440,
            width=words_width(trace.tokens),
        ),
    )


def _triangle(
    trace: Trace, account: Float[np.ndarray, "written_at seen_at"], direction: str, symbol: str
) -> go.Heatmap:
    """The account as cells; none where a word had not been read yet. Its numbers are between −1 and 1."""
    read = np.tril(np.ones_like(account)) if direction == "backward" else np.triu(np.ones_like(account))
    words = hovered(trace.tokens, trace.unknown)
    return go.Heatmap(
        x=list(range(len(account))),
        y=list(range(len(account))),
        z=np.where(read, account, np.nan),
        zmin=-1,
        zmax=1,
        colorscale=DIVERGING,
        colorbar={"title": {"text": symbol}, "lenmode": "pixels", "len": 200, "y": 1, "yanchor": "top"},
        text=[words] * len(account),
        customdata=[[word] * len(account) for word in words],
        hovertemplate="written at %{customdata}<br>left at %{text}: %{z:.3f}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
    )


def _parts(
    words: list[str], parts: Float[np.ndarray, " token"], name: str, *, upright: bool = False, hatched: bool = False
) -> go.Bar:
    """One bar a word, to either side of zero."""
    positions, sizes = list(range(len(words))), "y" if upright else "x"
    return go.Bar(
        x=positions if upright else parts,
        y=parts if upright else positions,
        orientation="v" if upright else "h",
        name=name,
        marker={
            "color": [RAISES if part > 0 else LOWERS for part in parts],
            "pattern": {"shape": "/" if hatched else ""},
        },
        customdata=words,
        hovertemplate=f"%{{customdata}}: %{{{sizes}:.3f}}<extra>%{{fullData.name}}</extra>",
    )


def _largest(parts: Float[np.ndarray, " token"]) -> int:
    return int(np.abs(parts).argmax())


def _most_written(trace: Trace, unit: int, left: Float[np.ndarray, " token"]) -> str:
    word, part = quoted(trace.tokens, _largest(left)), signed(left[_largest(left)])
    return f"Unit {unit} ends at {signed(left.sum())}; {word} counts most: {part}"


def _without(entries: dict, *names: str) -> dict:
    return {name: value for name, value in entries.items() if name not in names}
