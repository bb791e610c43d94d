"""A batch twice: padded to a rectangle, and packed step by step."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.errors import unknown
from rnnviz.figures.style import TEXTS, escaped, layout
from rnnviz.packing import PackedLayout

_PADDING = "#eceff3"


def packed_batch(packed: PackedLayout, texts: Sequence[Sequence[object]] | None = None) -> go.Figure:
    """Draw where every token of a batch lies, padded on the left and packed on the right; one colour a text.

    Args:
        packed: The layout.
        texts: The tokens to write into the cells; their positions, counted from 1, when None.

    Raises:
        SelectionError: The texts do not have the lengths of the layout.
    """
    if texts is not None and tuple(len(text) for text in texts) != packed.lengths:
        raise unknown("batch of lengths", [len(text) for text in texts], [list(packed.lengths)])
    names = texts or [range(1, length + 1) for length in packed.lengths]
    steps = len(packed.batch_sizes)
    padded = np.full((len(names), steps), np.nan)
    columns = np.full((len(names), steps), np.nan)
    padded_words = [[""] * steps for _ in names]
    column_words = [[""] * steps for _ in names]
    for step, computed in enumerate(packed.rows):
        for place, text in enumerate(computed):
            padded[text, step] = columns[place, step] = text
            padded_words[text][step] = column_words[place][step] = escaped(str(names[text][step]))
    figure = make_subplots(
        cols=2,
        shared_yaxes=True,
        subplot_titles=(
            f"padded: {packed.steps_padded} cells",
            f"packed: {packed.steps_packed} cells, batch sizes {packed.batch_sizes.tolist()}",
        ),
    )
    figure.add_trace(_cells(padded, padded_words), row=1, col=1)
    figure.add_trace(_cells(columns, column_words), row=1, col=2)
    figure.update_xaxes(title_text="step", dtick=1, tick0=1)
    figure.update_yaxes(autorange="reversed", showticklabels=False)
    figure.update_layout(layout(f"Packing saves {packed.saved:.0%} of the cells", plot_bgcolor=_PADDING))
    return figure


def _cells(values: np.ndarray, words: list[list[str]]) -> go.Heatmap:
    scale = [[place / (len(TEXTS) - 1), colour] for place, colour in enumerate(TEXTS)]
    return go.Heatmap(
        x=list(range(1, values.shape[1] + 1)),
        z=np.mod(values, len(TEXTS)),
        zmin=0,
        zmax=len(TEXTS) - 1,
        colorscale=scale,
        showscale=False,
        text=words,
        texttemplate="%{text}",
        hovertemplate="step %{x}: %{text}<extra></extra>",
        xgap=2,
        ygap=2,
    )
