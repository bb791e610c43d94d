"""One signal of one layer and direction: units in rows, words in columns."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnnviz import signals
from rnnviz.analysis.statistics import unit_order
from rnnviz.colours import DIVERGING, SEQUENTIAL
from rnnviz.figures.style import hovered, layout, word_axis, words_width
from rnnviz.signals import Cell
from rnnviz.trace import Trace

_MOST_WITH_GAPS = 200


def heatmap(trace: Trace, name: str | None = None, layer: int = -1, direction: str = "forward") -> go.Figure:
    """Draw one signal; the units that matter most come first (see ``rnnviz.analysis.unit_effects``).

    Args:
        trace: The reading.
        name: The signal; the memory (an LSTM's cell state, else the hidden state) when None.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: The trace has no such signal, layer or direction.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> figure = rnnviz.figures.heatmap(trace, "forget")
        >>> figure.layout.title.text.partition("<")[0]
        'forget (f)'
        >>> figure.show()
    """
    name = name or signals.memory(trace.cell)
    values = trace.select(name, layer, direction)
    order = unit_order(trace, layer, direction)
    drawn = signals.signal(trace.cell, name)
    return go.Figure(
        units_by_words(
            values[:, order].T,
            rows=[f"unit {unit}" for unit in order],
            words=hovered(trace.tokens, trace.unknown),
            look=colours(trace.cell, name, values) | {"colorbar": colour_bar(drawn.symbol)},
            symbol=drawn.symbol,
        ),
        layout(
            f"{drawn.name} ({drawn.symbol})",
            f"{drawn.meaning}{layer_caption(trace, layer, direction)}",
            xaxis=word_axis(trace.tokens),
            yaxis=unit_axis(f"units, those that {_merit(trace, layer)} most on top"),
            height=180 + max(270, 18 * len(order)),
            width=words_width(trace.tokens),
        ),
    )


def units_by_words(
    values: Float[np.ndarray, "unit word"], *, rows: Sequence[str], words: Sequence[str], look: dict, symbol: str
) -> go.Heatmap:
    """Cells of one signal: a row a unit, a column a word; ``look`` has the colours, ``words`` what hovering says."""
    gap = 1 if len(words) <= _MOST_WITH_GAPS else 0
    return go.Heatmap(
        x=list(range(len(words))),
        y=list(rows),
        z=values,
        customdata=[list(words)] * len(rows),
        hovertemplate=f"%{{customdata}}<br>%{{y}}<br>{symbol} = %{{z:.3f}}<extra></extra>",
        hoverongaps=False,
        xgap=gap,
        ygap=1,
        **look,
    )


def colours(cell: Cell, name: str, *values: Float[np.ndarray, "..."]) -> dict:
    """The colours of a signal by the colour law, out to the same ends for all the values that stand side by side."""
    reach = [float(np.abs(some[np.isfinite(some)]).max(initial=0.0)) for some in values]
    low, high = signals.limits(signals.signal(cell, name), reach)
    return {"zmin": low, "zmax": high, "colorscale": DIVERGING if low < 0 else SEQUENTIAL}


def colour_bar(title: str, top: float = 1.0) -> dict:
    """The legend of the colours, beside the plot, from a height of it downwards."""
    return {"title": {"text": title}, "lenmode": "pixels", "len": 260, "y": top, "yanchor": "top"}


def unit_axis(title: str) -> dict:
    """An axis with a row a unit, the first one on top."""
    return {
        "autorange": "reversed",
        "ticksuffix": " ",
        "dtick": 1,
        "showgrid": False,
        "title": {"text": title, "standoff": 10},
    }


def layer_caption(trace: Trace, layer: int, direction: str) -> str:
    """Which layer and direction, after a dot, where there is more than one."""
    where = []
    if trace.layers > 1:
        where.append(f"layer {layer % trace.layers + 1} of {trace.layers}")
    if len(trace.directions) > 1:
        where.append({"forward": "reading forward", "backward": "reading backward, from the end"}[direction])
    return " · ".join(["", *where])


def _merit(trace: Trace, layer: int) -> str:
    """What the units are ordered by: only the top layer's have a line to the answer."""
    return "matter" if layer % trace.layers == trace.layers - 1 else "move"
