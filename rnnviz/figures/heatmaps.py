"""One signal of one layer and direction: units in rows, words in columns."""

import numpy as np
import plotly.graph_objects as go

from rnnviz import signals
from rnnviz.analysis import unit_order
from rnnviz.figures.style import DIVERGING, SEQUENTIAL, escaped, layout, word_axis, words_width
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
    """
    name = name or signals.memory(trace.cell)
    values = trace.select(name, layer, direction)
    order = unit_order(trace, layer, direction)
    drawn = signals.signal(trace.cell, name)
    low, high = signals.limits(drawn, [float(np.abs(values).max())])
    gap = 1 if len(trace.tokens) <= _MOST_WITH_GAPS else 0
    return go.Figure(
        go.Heatmap(
            x=list(range(len(trace.tokens))),
            y=[f"unit {unit}" for unit in order],
            z=values[:, order].T,
            zmin=low,
            zmax=high,
            colorscale=DIVERGING if low < 0 else SEQUENTIAL,
            colorbar={"title": {"text": drawn.symbol}, "lenmode": "pixels", "len": 260, "y": 1, "yanchor": "top"},
            customdata=[_hovered(trace)] * len(order),
            hovertemplate=f"%{{customdata}}<br>%{{y}}<br>{drawn.symbol} = %{{z:.3f}}<extra></extra>",
            xgap=gap,
            ygap=1,
        ),
        layout(
            f"{drawn.name} ({drawn.symbol})",
            f"{drawn.meaning}{_place(trace, layer, direction)}",
            xaxis=word_axis(trace.tokens),
            yaxis={
                "autorange": "reversed",
                "ticksuffix": " ",
                "dtick": 1,
                "title": {"text": f"units, those that {_merit(trace, layer)} most on top", "standoff": 10},
            },
            height=180 + max(270, 18 * len(order)),
            width=words_width(trace.tokens),
        ),
    )


def _hovered(trace: Trace) -> list[str]:
    """Each word with its position, counted from 1."""
    return [
        f"{position}. {escaped(token)}{' (unknown)' if unknown else ''}"
        for position, (token, unknown) in enumerate(zip(trace.tokens, trace.unknown, strict=True), start=1)
    ]


def _place(trace: Trace, layer: int, direction: str) -> str:
    """Which layer and direction, where there is more than one."""
    where = []
    if trace.layers > 1:
        where.append(f"layer {layer % trace.layers + 1} of {trace.layers}")
    if len(trace.directions) > 1:
        where.append({"forward": "reading forward", "backward": "reading backward, from the end"}[direction])
    return " · ".join(["", *where])


def _merit(trace: Trace, layer: int) -> str:
    """What the units are ordered by: only the top layer's have a line to the answer."""
    return "matter" if layer % trace.layers == trace.layers - 1 else "move"
