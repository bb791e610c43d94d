"""What all figures share: the colours of classes and texts, words made harmless, an axis of words, the frame."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.writing import visible

CLASSES = ["#7f2488", "#22674b", "#b7840a", "#3a87de", "#a267a3", "#5b6929", "#c68363", "#475164"]
TEXTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"]
NOTHING = "#f1f3f5"  # the ground on which white cells are seen, where others are left out

_LONGEST_LABEL = 20
_MOST_LABELS = 200
_WORDS_ABREAST, _PIXELS_A_WORD = 60, 15


def escaped(text: str) -> str:
    """A text that Plotly shows as it is: its labels, titles and hover texts are otherwise read as HTML.

    A dollar sign is escaped too: in a notebook that holds MathJax, Plotly would read what follows as a formula.
    """
    return html.escape(visible(text), quote=False).replace("$", "&#36;")


def shortened(text: str, characters: int = _LONGEST_LABEL) -> str:
    """A text cut to so many characters, the last one an ellipsis; not yet escaped."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def quoted(tokens: Sequence[str], position: int) -> str:
    """One word of a text, to stand in a sentence; with its place, from 1, where the text has it more than once."""
    word = f"“{escaped(shortened(tokens[position]))}”"
    return f"{word} (word {position + 1})" if tokens.count(tokens[position]) > 1 else word


def hovered(tokens: Sequence[str], unknown: Sequence[bool] | np.ndarray) -> list[str]:
    """Each word with its position, counted from 1."""
    return [
        f"{position}. {escaped(token)}{' (unknown)' if missing else ''}"
        for position, (token, missing) in enumerate(zip(tokens, unknown, strict=True), start=1)
    ]


def word_axis(tokens: Sequence[str]) -> dict[str, Any]:
    """An axis with one position a token, labelled with the words, or with every second, third, … of very many."""
    labelled = range(0, len(tokens), -(-len(tokens) // _MOST_LABELS))
    return {
        "tickmode": "array",
        "tickvals": list(labelled),
        "ticktext": [escaped(shortened(tokens[position])) for position in labelled],
        "range": [-0.5, len(tokens) - 0.5],
        "autotickangles": [0, -60, -90],
        "showgrid": False,
        "zeroline": False,
        "title": {"text": "words, in reading order", "standoff": 10},
    }


def words_width(tokens: Sequence[str]) -> int | None:
    """Pixels that leave room for every label of a long text; None while the page's own width will do."""
    if len(tokens) <= _WORDS_ABREAST:
        return None
    return 200 + _PIXELS_A_WORD * min(len(tokens), _MOST_LABELS)


def layout(title: str, subtitle: str = "", top: int = 88, **more: Any) -> dict[str, Any]:
    """The frame of every figure; ``top`` pixels above the plots are for the headings."""
    heading = {"text": title, "x": 0.02, "xanchor": "left", "y": 1.0, "yref": "container", "yanchor": "top"}
    return {
        "title": heading | {"pad": {"t": 16}, "subtitle": {"text": subtitle}},
        "margin": {"t": top, "l": 80, "r": 24, "b": 40},
        "template": "plotly_white",
        "font": {"family": "system-ui, sans-serif"},
        "modebar": {"remove": ["sendChartToCloud", "select2d", "lasso2d"]},  # what was typed is sent to nobody
    } | more
