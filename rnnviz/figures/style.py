"""What all figures share: the colour law, words made harmless, an axis of words, the frame."""

import html
import re
from collections.abc import Sequence
from typing import Any

DIVERGING = [[0.0, "#0b4a8f"], [0.25, "#5f9bd1"], [0.5, "#ffffff"], [0.75, "#f0a35a"], [1.0, "#a84b00"]]
SEQUENTIAL = [[0.0, "#ffffff"], [1 / 3, "#c9bbe8"], [2 / 3, "#7a55b5"], [1.0, "#33105f"]]
CLASSES = ["#aa3377", "#117a65", "#b8860b", "#3f6fb5", "#7a5195", "#5b6b2f", "#a0522d", "#4b5563"]
TEXTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"]

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LONGEST_LABEL = 20
_MOST_LABELS = 200
_WORDS_ABREAST, _PIXELS_A_WORD = 60, 15


def visible(text: str) -> str:
    r"""Control, zero-width and direction marks as symbols, so that none of them steers a terminal or hides in a word.

    The mark that joins the parts of an emoji stays, and so does every script.

    >>> visible("a\x1b[31m")
    'a␛[31m'
    """
    return _INVISIBLE.sub(_symbol, text)


def _symbol(found: re.Match[str]) -> str:
    mark = found[0]
    if mark == "\N{ZERO WIDTH JOINER}" and 0 < found.start() < len(found.string) - 1:
        return mark
    return chr(0x2400 + ord(mark)) if mark < " " else "\N{DOTTED CIRCLE}"


def escaped(text: str) -> str:
    """A text that Plotly shows as it is: its labels, titles and hover texts are otherwise read as HTML.

    A dollar sign is escaped too: in a notebook that holds MathJax, Plotly would read what follows as a formula.
    """
    return html.escape(visible(text), quote=False).replace("$", "&#36;")


def shortened(text: str, characters: int = _LONGEST_LABEL) -> str:
    """A text cut to so many characters, the last one an ellipsis; not yet escaped."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


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


def layout(title: str, subtitle: str = "", **more: Any) -> dict[str, Any]:
    """The frame of every figure."""
    heading = {"text": title, "x": 0.02, "xanchor": "left", "y": 1.0, "yref": "container", "yanchor": "top"}
    return {
        "title": heading | {"pad": {"t": 16}, "subtitle": {"text": subtitle}},
        "margin": {"t": 88, "l": 80, "r": 24, "b": 40},
        "template": "plotly_white",
        "font": {"family": "system-ui, sans-serif"},
        "modebar": {"remove": ["sendChartToCloud", "select2d", "lasso2d"]},  # what was typed is sent to nobody
    } | more
