"""Two readings on the same columns: the one, the other, and the difference; of the answer and of a signal."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from rnnviz import signals
from rnnviz.analysis.statistics import Comparison
from rnnviz.colours import DIVERGING, SEQUENTIAL
from rnnviz.figures.choosing import FEW
from rnnviz.figures.heatmaps import colour_bar, colours, layer_caption, unit_axis, units_by_words
from rnnviz.figures.style import NOTHING, escaped, layout, shortened, word_axis, words_width
from rnnviz.trace import Trace
from rnnviz.writing import signed

_MOST_CLASSES = 8
_MOST_NUMBERED = 24
_ABSENT = "·"
_TITLES = ("the one", "the other", "difference: the other − the one")
_GAP, _TOP, _BOTTOM, _LEAST_PANEL = 84, 116, 84, 90
_SHARES = {"zmin": 0, "zmax": 1, "colorscale": SEQUENTIAL, "showscale": False}
_CHANGES = {"zmin": -1, "zmax": 1, "colorscale": DIVERGING, "showscale": False}

Panel = Float[np.ndarray, "row pair"]


def compared_answers(compared: Comparison) -> go.Figure:
    """Draw the class probabilities after every word of two readings, and their difference, the other minus the one.

    Args:
        compared: What ``rnnviz.analysis.compare`` found. A word without a partner has no difference. Of more than eight
            classes those are drawn that are likeliest at any word.

    Raises:
        SelectionError: The networks have other classes.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> one, other = rnnviz.read(lstm, "a good movie"), rnnviz.read(lstm, "a dull movie")
        >>> figure = rnnviz.figures.compared_answers(rnnviz.analysis.compare(one, other))
        >>> figure.layout.title.text.partition("<")[0]
        'The one ends positive (96%), the other negative (98%); furthest apart at “movie”'
        >>> figure.show()
    """
    difference = compared.verdict_difference().T
    panels = [_aligned(read.verdicts, side, compared) for side, read in enumerate(_both(compared))]
    likeliest = np.argsort(-np.nanmax(np.concatenate(panels, axis=1), axis=1), kind="stable")
    classes = np.sort(likeliest[:_MOST_CLASSES])
    names = _distinct([escaped(shortened(compared.one.labels[label])) for label in classes])
    drawn = [panel[classes] for panel in [*panels, difference]]
    figure = _three_panels(compared, drawn, names, [_SHARES, _SHARES, _CHANGES], "probability", 30, "classes")
    if len(compared.pairs) <= _MOST_NUMBERED:
        figure.update_traces(texttemplate="%{z:.0%}", selector={"zmin": 0})
        figure.update_traces(texttemplate="%{z:+.0%}", selector={"zmin": -1})
    one, other = (f"{escaped(shortened(read.label))} ({read.verdicts[-1].max():.0%})" for read in _both(compared))
    more = len(compared.one.labels) - len(classes)
    subtitle = "probability of each class, had the text ended there" + (f" · {more} more classes" if more else "")
    title = f"The one ends {one}, the other {other}{_furthest(compared, difference)}"
    return figure.update_layout(title={"text": title, "subtitle": {"text": subtitle}})


def compared_signal(
    compared: Comparison, name: str | None = None, layer: int = -1, direction: str = "forward"
) -> go.Figure:
    """Draw one signal of two readings by one network, and the difference, for the twelve units that differ most.

    Args:
        compared: What ``rnnviz.analysis.compare`` found. A word without a partner has no difference.
        name: The signal; the memory (an LSTM's cell state, else the hidden state) when None.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: The networks have other cells or sizes, or no such signal, layer or direction.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> one, other = rnnviz.read(lstm, "a good movie"), rnnviz.read(lstm, "a dull movie")
        >>> figure = rnnviz.figures.compared_signal(rnnviz.analysis.compare(one, other), "cell")
        >>> figure.layout.title.text.partition("<")[0]
        'cell (c) of two readings; furthest apart at “movie”, +2.45 in unit 11'
        >>> figure.show()
    """
    cell = compared.one.cell
    name = name or signals.memory(cell)
    difference = compared.difference(name, layer, direction).T
    units = np.argsort(-np.nansum(np.abs(difference), axis=1), kind="stable")[:FEW]
    panels = [
        _aligned(read.select(name, layer, direction), side, compared) for side, read in enumerate(_both(compared))
    ]
    signal = signals.signal(cell, name)
    look = colours(cell, name, *(panel[units] for panel in panels))
    reach = float(np.abs(difference[np.isfinite(difference)]).max(initial=0.0)) or 1.0
    changes = {"zmin": -reach, "zmax": reach, "colorscale": DIVERGING}
    looks = [
        look | {"colorbar": colour_bar(signal.symbol) | {"len": 180}},
        look | {"showscale": False},
        changes | {"colorbar": colour_bar("difference", 0.28) | {"len": 160}},
    ]
    drawn = [panel[units] for panel in [*panels, difference]]
    figure = _three_panels(compared, drawn, [f"unit {unit}" for unit in units], looks, signal.symbol, 16, "units")
    few = f"the {FEW} of {len(difference)} units that differ most · " if len(difference) > FEW else ""
    title = f"{signal.name} ({signal.symbol}) of two readings{_furthest(compared, difference, in_unit=True)}"
    subtitle = f"{few}{signal.meaning}{layer_caption(compared.one, layer, direction)}"
    return figure.update_layout(title={"text": title, "subtitle": {"text": subtitle}})


def _both(compared: Comparison) -> tuple[Trace, Trace]:
    return compared.one, compared.other


def _aligned(values: Float[np.ndarray, "token row"], side: int, compared: Comparison) -> Panel:
    """One reading's numbers on the columns of the comparison; nan where it has no word."""
    panel = np.full((values.shape[1], len(compared.pairs)), np.nan)
    for column, pair in enumerate(compared.pairs):
        position = pair[side]
        if position is not None:
            panel[:, column] = values[position]
    return panel


def _three_panels(
    compared: Comparison,
    panels: Sequence[Panel],
    rows: list[str],
    looks: Sequence[dict],
    symbol: str,
    row: int,
    what: str,
) -> go.Figure:
    """The three panels, one below the other, each with its own words under it; ``row`` pixels for each row."""
    words, panel_height = _words(compared), max(_LEAST_PANEL, row * len(rows))
    plots = 3 * panel_height + 2 * _GAP
    figure = make_subplots(rows=3, vertical_spacing=_GAP / plots, subplot_titles=_TITLES)
    figure.update_annotations(x=0, xanchor="left", font_size=14)
    for index, (panel, look) in enumerate(zip(panels, looks, strict=True)):
        hovers = [escaped(word) for word in words[index]]
        letter = "difference" if index == 2 else symbol
        cells = units_by_words(panel, rows=rows, words=hovers, look=look, symbol=letter)
        axis = word_axis(words[index]) | {"title": None, "matches": None if index == 2 else "x3"}
        figure.add_trace(cells, row=index + 1, col=1).update_xaxes(row=index + 1, **axis)
        figure.update_yaxes(row=index + 1, **unit_axis(what))
    frame = layout("", "", _TOP, height=plots + _TOP + _BOTTOM, width=words_width(words[2]), plot_bgcolor=NOTHING)
    return figure.update_xaxes(row=3, title_text="words, side by side").update_layout(frame)


def _distinct(names: list[str]) -> list[str]:
    """Names of rows, told apart where two are the same: Plotly would put them on one row."""
    return [name + "\u2009" * names[:index].count(name) for index, name in enumerate(names)]


def _words(compared: Comparison) -> tuple[list[str], list[str], list[str]]:
    """What stands under each panel: the words of the one, of the other, and of both where they differ."""
    one, other = (
        [_ABSENT if token is None else read.tokens[token] for token in (pair[side] for pair in compared.pairs)]
        for side, read in enumerate(_both(compared))
    )
    joined = [left if left == right else f"{left} / {right}" for left, right in zip(one, other, strict=True)]
    return one, other, joined


def _furthest(compared: Comparison, difference: Panel, *, in_unit: bool = False) -> str:
    """Where the two are furthest from each other, to end a sentence."""
    if np.isnan(difference).all():
        return "; no words to compare"
    row, column = np.unravel_index(np.nanargmax(np.abs(difference)), difference.shape)
    if difference[row, column] == 0:
        return "; nowhere different"
    where = f"“{escaped(shortened(_words(compared)[2][column], 30))}”"
    unit = f", {signed(difference[row, column])} in unit {row}" if in_unit else ""
    return f"; furthest apart at {where}{unit}"
