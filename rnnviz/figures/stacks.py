"""Several heatmaps on the same columns: both directions of a layer, or all layers at one marked word."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from rnnviz import signals
from rnnviz.analysis.statistics import unit_order
from rnnviz.figures.choosing import FEW, chosen_token
from rnnviz.figures.heatmaps import colour_bar, colours, layer_caption, unit_axis, units_by_words
from rnnviz.figures.style import hovered, layout, quoted, word_axis, words_width
from rnnviz.trace import Trace

DIRECTIONS = {"forward": ("reading forward →", "#1d5fa8"), "backward": ("← reading backward, from the end", "#9a4a00")}
_ROW, _GAP = 17, 44


def both_directions(trace: Trace, name: str | None = None, layer: int = -1) -> go.Figure:
    """Draw one signal of a layer as it is read forward, and below it, on the same words, as it is read from the end.

    Args:
        trace: The reading, by a bidirectional network.
        name: The signal; the memory (an LSTM's cell state, else the hidden state) when None.
        layer: From 0, or from the top with -1.

    Raises:
        SelectionError: The network reads in one direction, or the trace has no such signal or layer.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-bilstm"), "the movie was not good")
        >>> figure = rnnviz.figures.both_directions(trace)
        >>> figure.layout.title.text.partition("<")[0]
        'cell (c) changes most at “good” read forward, at “good” read backward'
        >>> figure.show()
    """
    name = name or signals.memory(trace.cell)
    for direction in signals.DIRECTIONS:
        trace.select(name, layer, direction)
    positions = [(layer, direction) for direction in signals.DIRECTIONS]
    figure = _stack(trace, name, positions, [DIRECTIONS[direction][0] for direction in signals.DIRECTIONS])
    for index, (_, colour) in enumerate(DIRECTIONS.values()):
        figure.layout.annotations[index].font.color = colour
        figure.update_yaxes(row=index + 1, tickfont_color=colour)
    forward, backward = (quoted(trace.tokens, int(_moves(trace, name, *position).argmax())) for position in positions)
    drawn = signals.signal(trace.cell, name)
    height = f" · layer {layer % trace.layers + 1} of {trace.layers}" if trace.layers > 1 else ""
    return figure.update_layout(
        layout(
            f"{drawn.name} ({drawn.symbol}) changes most at {forward} read forward, at {backward} read backward",
            f"{_units_note(trace)}{drawn.meaning}{height}",
            **_frame(trace, 2),
        )
    )


def stacked_layers(trace: Trace, token: int, name: str | None = None, direction: str = "forward") -> go.Figure:
    """Draw one signal of every layer, the top one above, with one word marked through all of them.

    Args:
        trace: The reading.
        token: Counted from 0, or from the end with -1.
        name: The signal; the memory (an LSTM's cell state, else the hidden state) when None.
        direction: "forward" or "backward".

    Raises:
        SelectionError: The trace has no such token, signal or direction.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-bilstm"), "the movie was not good")
        >>> figure = rnnviz.figures.stacked_layers(trace, token=3)
        >>> figure.layout.title.text.partition("<")[0]
        'At “not”, cell (c) changes by 0.51 in layer 1 and by 0.13 in layer 2'
        >>> figure.show()
    """
    token, name = chosen_token(trace, token), name or signals.memory(trace.cell)
    layers = range(trace.layers - 1, -1, -1)
    figure = _stack(trace, name, [(layer, direction) for layer in layers], [f"layer {layer + 1}" for layer in layers])
    for row in range(1, trace.layers + 1):
        figure.add_vrect(x0=token - 0.5, x1=token + 0.5, row=row, col=1, line={"color": "#111827", "width": 2})
    drawn = signals.signal(trace.cell, name)
    changes = " and ".join(
        f"by {_moves(trace, name, layer, direction)[token]:.2f} in layer {layer + 1}" for layer in range(trace.layers)
    )
    reading = layer_caption(trace, 0, direction).split(" · ")[-1] if len(trace.directions) > 1 else ""
    return figure.update_layout(
        layout(
            f"At {quoted(trace.tokens, token)}, {drawn.name} ({drawn.symbol}) changes {changes}",
            f"mean over the units of a layer · {_units_note(trace)}{drawn.meaning}{f' · {reading}' if reading else ''}",
            **_frame(trace, trace.layers),
        )
    )


def _stack(trace: Trace, name: str, positions: Sequence[tuple[int, str]], titles: list[str]) -> go.Figure:
    """A panel for each layer and direction, in one range of colours, over one axis of words."""
    drawn, words = signals.signal(trace.cell, name), hovered(trace.tokens, trace.unknown)
    look = colours(trace.cell, name, *(trace.select(name, *position) for position in positions))
    rows = _ROW * min(FEW, trace.units)
    gap = _GAP / (len(positions) * rows + (len(positions) - 1) * _GAP)
    figure = make_subplots(rows=len(positions), shared_xaxes=True, vertical_spacing=gap, subplot_titles=titles)
    figure.update_annotations(x=0, xanchor="left", font_size=14)
    for row, position in enumerate(positions, start=1):
        units = unit_order(trace, *position)[:FEW]
        shown = {"colorbar": colour_bar(drawn.symbol) | {"len": 180}} if row == 1 else {"showscale": False}
        cells = units_by_words(
            trace.select(name, *position)[:, units].T,
            rows=[f"unit {unit}" for unit in units],
            words=words,
            look=look | shown,
            symbol=drawn.symbol,
        )
        figure.add_trace(cells, row=row, col=1)
        figure.update_yaxes(row=row, **unit_axis("units"))
    figure.update_xaxes(**word_axis(trace.tokens))
    return figure.update_xaxes(title_text=None).update_xaxes(row=len(positions), title=word_axis(trace.tokens)["title"])


def _moves(trace: Trace, name: str, layer: int, direction: str) -> Float[np.ndarray, " token"]:
    """How far each token moves a signal from where it was, the mean over the units.

    A state starts from zero, or from what the network learned; a gate has nothing to start from, so the first token
    that is read does not move it.
    """
    values = trace.select(name, layer, direction).astype(np.float64)
    order = slice(None, None, -1 if direction == "backward" else 1)
    read = values[order]
    start = trace.before_first(name, layer, direction)[None] if name in ("cell", "hidden") else read[:1]
    return np.abs(np.diff(read, axis=0, prepend=start)).mean(axis=1)[order]


def _units_note(trace: Trace) -> str:
    return f"the {FEW} of {trace.units} units that matter most · " if trace.units > FEW else ""


def _frame(trace: Trace, panels: int) -> dict:
    rows = _ROW * min(FEW, trace.units)
    return {
        "top": 108,
        "height": 230 + panels * rows + (panels - 1) * _GAP,
        "width": words_width(trace.tokens),
        "showlegend": False,
    }
