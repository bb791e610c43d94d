"""A batch twice: padded to a rectangle above, packed step by step below."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.style import TEXTS, escaped, layout, shortened
from rnnviz.packing import PackedLayout

_PADDING, _NOTHING = -1.0, np.nan
_PADDING_COLOUR = "#dfe3e8"
_MOST_STEPS_WITH_WORDS = 24
_CELL_WIDTH, _CELL_CHARACTERS = 68, 9
_MOST_TICKS = 40
_GAP, _MARGINS = 90, {"t": 104, "b": 60, "l": 80, "r": 24}


def packed_batch(packed: PackedLayout, texts: Sequence[Sequence[object]] | None = None) -> go.Figure:
    """Draw the cells that a network computes, padded above and packed below: one row a text, one column a step.

    Up to eight texts have a colour each; more share them, but never side by side.

    Args:
        packed: The layout.
        texts: The tokens to write into the cells; their positions, counted from 1, when None.

    Raises:
        LengthError: The texts do not have the lengths of the layout.

    Example:
        >>> figure = rnnviz.figures.packed_batch(rnnviz.packed_layout([5, 3, 1]))
        >>> figure.layout.title.text.partition("<")[0]
        'Packing saves 40% of the cells'
        >>> figure.show()
    """
    if texts is not None:
        packed.pack(texts)  # which says so if they are another batch
    tokens = [[str(token) for token in text] for text in texts or [range(1, size + 1) for size in packed.lengths]]
    in_order = list(range(len(tokens)))
    steps, row = len(packed.batch_sizes), int(np.clip(400 // len(tokens), 6, 32))
    plots = _GAP + 2 * row * len(tokens)
    figure = make_subplots(
        rows=2,
        vertical_spacing=_GAP / plots,
        subplot_titles=(f"padded: {packed.steps_padded} cells", f"packed, longest first: {packed.steps_packed} cells"),
    ).update_annotations(x=0, xanchor="left", font_size=14)
    figure.add_trace(_cells(packed, tokens, in_order, _PADDING), row=1, col=1)
    figure.add_trace(_cells(packed, tokens, packed.order.tolist(), _NOTHING), row=2, col=1)
    figure.update_xaxes(showgrid=False, zeroline=False, range=[0.5, steps + 0.5], title_standoff=6)
    figure.update_xaxes(row=1, title_text="step", **_ticks(range(1, steps + 1)))
    figure.update_xaxes(row=2, title_text="batch size at each step", **_ticks(packed.batch_sizes.tolist()))
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix=" ", showticklabels=row > 9)
    return figure.update_layout(
        layout(
            f"Packing saves {packed.saved:.0%} of the cells" if packed.saved else "Nothing to save: all equally long",
            f"{packed.steps_packed} instead of {packed.steps_padded}" if packed.saved else "as many either way",
            height=plots + _MARGINS["t"] + _MARGINS["b"],
            margin=_MARGINS,
            width=104 + _CELL_WIDTH * steps if 8 < steps <= _MOST_STEPS_WITH_WORDS else None,
        )
    )


def _cells(packed: PackedLayout, tokens: list[list[str]], rows: list[int], filler: float) -> go.Heatmap:
    """The texts, one a row, in the order of ``rows``; ``filler`` stands where a text has ended."""
    steps = len(packed.batch_sizes)
    colours = _colours(packed)
    missing = [steps - packed.lengths[text] for text in rows]
    words = [[*tokens[text], *[""] * gap] for text, gap in zip(rows, missing, strict=True)]
    return go.Heatmap(
        x=list(range(1, steps + 1)),
        y=[f"text {text + 1}" for text in rows],
        z=[[*[colours[text]] * packed.lengths[text], *[filler] * gap] for text, gap in zip(rows, missing, strict=True)],
        zmin=_PADDING,
        zmax=len(TEXTS) - 1,
        colorscale=[[index / len(TEXTS), colour] for index, colour in enumerate([_PADDING_COLOUR, *TEXTS])],
        showscale=False,
        text=[[escaped(shortened(word, _CELL_CHARACTERS)) for word in row] for row in words],
        texttemplate="%{text}" if steps <= _MOST_STEPS_WITH_WORDS else None,
        textfont={"size": 12, "color": "#1f2937"},
        customdata=[[escaped(word) or "padding" for word in row] for row in words],
        hovertemplate="%{y}, step %{x}: %{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
    )


def _colours(packed: PackedLayout) -> list[int]:
    """A colour for each text, other than those of its neighbours in the batch and in the packed order."""
    neighbours: list[set[int]] = [set() for _ in packed.lengths]
    for order in (range(len(packed.lengths)), packed.order.tolist()):
        for above, below in pairwise(order):
            neighbours[above].add(below)
            neighbours[below].add(above)
    colours: list[int] = []
    for text in range(len(packed.lengths)):
        taken = {colours[other] for other in neighbours[text] if other < text}
        choices = [(text + turn) % len(TEXTS) for turn in range(len(TEXTS))]
        colours.append(next(colour for colour in choices if colour not in taken))
    return colours


def _ticks(values: Sequence[int]) -> dict[str, list[object]]:
    """A number under each step, or under every second, third, … when there are many."""
    every = -(-len(values) // _MOST_TICKS)
    return {
        "tickvals": list(range(1, len(values) + 1, every)),
        "ticktext": [str(value) for value in values[::every]],
    }
