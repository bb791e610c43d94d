"""What all figures share: the colour law, escaped words, an axis of words."""

import html
from collections.abc import Sequence
from typing import Any

DIVERGING = [[0.0, "#0b4a8f"], [0.25, "#5f9bd1"], [0.5, "#ffffff"], [0.75, "#f0a35a"], [1.0, "#a84b00"]]
SEQUENTIAL = [[0.0, "#ffffff"], [1 / 3, "#c9bbe8"], [2 / 3, "#7a55b5"], [1.0, "#33105f"]]
CLASSES = ["#aa3377", "#117a65", "#b8860b", "#3f6fb5", "#7a5195", "#5b6b2f", "#a0522d", "#4b5563"]
TEXTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"]


def escaped(text: str) -> str:
    """A text that Plotly shows as it is: its labels, titles and hover texts are otherwise read as HTML."""
    return html.escape(text, quote=False)


def word_axis(tokens: Sequence[str]) -> dict[str, Any]:
    """An axis with one position a token, labelled with the words."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(tokens))),
        "ticktext": [escaped(token) for token in tokens],
        "range": [-0.5, len(tokens) - 0.5],
    }


def layout(title: str, **more: Any) -> dict[str, Any]:
    """The frame of every figure."""
    return {"title": {"text": title}, "template": "plotly_white", "font": {"family": "system-ui, sans-serif"}} | more
