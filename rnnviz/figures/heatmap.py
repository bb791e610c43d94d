"""One signal of one layer and direction: units in rows, words in columns."""

import plotly.graph_objects as go

from rnnviz import signals
from rnnviz.analysis import unit_order
from rnnviz.figures.style import DIVERGING, SEQUENTIAL, escaped, layout, word_axis
from rnnviz.signals import Direction
from rnnviz.trace import Trace


def heatmap(trace: Trace, name: str | None = None, layer: int = -1, direction: Direction = "forward") -> go.Figure:
    """Draw one signal; the units that matter most for the answer come first.

    Args:
        trace: The reading.
        name: The signal; the memory (an LSTM's cell state, else the hidden state) when None.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: The trace has no such signal, layer or direction.
    """
    name = name or signals.memory(trace.cell)
    order = unit_order(trace, layer, direction)
    values = trace.select(name, layer, direction)[:, order]
    drawn = signals.signal(trace.cell, name)
    low, high = signals.limits(drawn, values.ravel())
    words = [f"{position + 1}. {escaped(token)}" for position, token in enumerate(trace.tokens)]
    return go.Figure(
        go.Heatmap(
            x=list(range(len(trace.tokens))),
            y=[f"unit {unit}" for unit in order],
            z=values.T,
            zmin=low,
            zmax=high,
            colorscale=DIVERGING if low < 0 else SEQUENTIAL,
            colorbar={"title": {"text": drawn.symbol}},
            customdata=[words] * len(order),
            hovertemplate=f"%{{customdata}}<br>%{{y}}<br>{drawn.symbol} = %{{z:.3f}}<extra></extra>",
            xgap=1,
            ygap=1,
        ),
        layout(
            f"{drawn.name} ({drawn.symbol}): {drawn.meaning}",
            xaxis=word_axis(trace.tokens),
            yaxis={"autorange": "reversed"},
            height=140 + 18 * len(order),
        ),
    )
