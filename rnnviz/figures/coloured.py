"""A text coloured by one unit: which words raise it and which lower it, as a reader meets them, line by line."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnnviz import signals
from rnnviz.colours import colour_of, ink_on
from rnnviz.figures.choosing import chosen_unit
from rnnviz.figures.heatmaps import colour_bar, colours, layer_caption
from rnnviz.figures.style import escaped, hovered, layout, quoted, shortened
from rnnviz.trace import Trace
from rnnviz.writing import signed, visible

_LINE = 76
_FEWEST_LINES = 5  # room for the legend of the colours
_PIXELS_A_LINE = 34
_LONGEST_WORD = 40


def coloured_text(
    trace: Trace, unit: int | None = None, name: str | None = None, layer: int = -1, direction: str = "forward"
) -> go.Figure:
    """Draw the text with each word on the colour that one unit has there.

    Args:
        trace: The reading.
        unit: Counted from 0; the unit that matters most when None.
        name: The signal; the memory (an LSTM's cell state, else the hidden state) when None.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: The trace has no such signal, layer, direction or unit.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> figure = rnnviz.figures.coloured_text(trace, unit=25)
        >>> figure.layout.title.text.partition("<")[0]
        'Unit 25 is lowest, 0.00 at “the”, and highest, +0.99 at “not”'
        >>> figure.show()
    """
    name = name or signals.memory(trace.cell)
    unit = chosen_unit(trace, unit, layer, direction)
    values, drawn = trace.select(name, layer, direction)[:, unit], signals.signal(trace.cell, name)
    words = [shortened(visible(token), _LONGEST_WORD) for token in trace.tokens]
    lines, starts, widths = flowed(words)
    scale = colours(trace.cell, name, trace.select(name, layer, direction))
    ground = [colour_of(float(value), scale["zmin"], scale["zmax"]) for value in values]
    figure = go.Figure(
        go.Bar(
            x=widths,
            base=starts,
            y=lines,
            orientation="h",
            width=0.86,
            text=[escaped(word) for word in words],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"size": 13, "color": [ink_on(colour) for colour in ground]},
            marker={
                "color": values,
                "cmin": scale["zmin"],
                "cmax": scale["zmax"],
                "colorscale": scale["colorscale"],
                "colorbar": colour_bar(drawn.symbol) | {"len": 170},
                "line": {"color": "#d5d9df", "width": 1},
            },
            customdata=hovered(trace.tokens, trace.unknown),
            hovertemplate=f"%{{customdata}}<br>{drawn.symbol} = %{{marker.color:.3f}}<extra></extra>",
        )
    )
    return figure.update_layout(
        layout(
            _extremes(trace, unit, drawn.symbol, values),
            f"{drawn.name} ({drawn.symbol}): {drawn.meaning}{layer_caption(trace, layer, direction)}",
            xaxis={"visible": False, "range": [0, _LINE], "fixedrange": True},
            yaxis={"visible": False, "range": [max(lines[-1], _FEWEST_LINES - 1) + 0.5, -0.5], "fixedrange": True},
            barmode="overlay",
            height=140 + _PIXELS_A_LINE * max(lines[-1] + 1, _FEWEST_LINES),
        )
    )


def flowed(words: Sequence[str]) -> tuple[list[int], list[float], list[float]]:
    """The line, the start and the width of each word, in letters, as a text is set: no word is broken."""
    lines, starts, widths = [], [], []
    line, position = 0, 0.0
    for word in words:
        width = min(_LINE, 1.6 + sum(_letters(letter) for letter in word))
        if position and position + width > _LINE:
            line, position = line + 1, 0.0
        lines.append(line)
        starts.append(position)
        widths.append(width)
        position += width + 0.3
    return lines, starts, widths


def _letters(letter: str) -> float:
    """How wide a letter is set, against an ordinary one."""
    return 2.0 if unicodedata.east_asian_width(letter) in "WF" else 1.1


def _extremes(trace: Trace, unit: int, symbol: str, values: Float[np.ndarray, " token"]) -> str:
    low, high = int(values.argmin()), int(values.argmax())
    if values[low] == values[high]:
        return f"Unit {unit} is at {symbol} = {signed(values[0])} throughout"
    least, most = (f"{signed(values[token])} at {quoted(trace.tokens, token)}" for token in (low, high))
    return f"Unit {unit} is lowest, {least}, and highest, {most}"
