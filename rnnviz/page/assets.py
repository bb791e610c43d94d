"""What the page is made of, as text: script, style sheet, template, sentences. No Gradio, so notebooks have it too.

Script and style sheet are built from ``web/`` (``make web``) into ``static/``.
"""

import json
from pathlib import Path
from typing import Literal, get_args

from rnnviz.page.replies import Sentences

Language = Literal["en", "hi", "te", "el", "ne"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
Texts = Literal["en", "hi", "te", "el", "ne", "lesson-en", "lesson-hi", "lesson-te", "lesson-el", "lesson-ne"]
TEXTS: tuple[Texts, ...] = get_args(Texts)
"""What the page may ask for: its sentences in a language; and the lesson's, which come when it is opened."""

_HERE = Path(__file__).parent
_BUILT = _HERE / "static"
_TEMPLATE = _HERE / "workbench" / "workbench.html"
_START = 'rnnviz.start(element, props, typeof server === "undefined" ? null : server);\n'


def script() -> str:
    """The body of a function of ``element``, ``props`` and perhaps ``server``, which makes the page in that element."""
    return (_BUILT / "rnnviz.js").read_text(encoding="utf-8") + _START


def template() -> str:
    """The page's elements, without any data."""
    return _TEMPLATE.read_text(encoding="utf-8")


def style() -> str:
    """The page's style sheet."""
    return (_BUILT / "rnnviz.css").read_text(encoding="utf-8")


def words(name: str) -> Sentences:
    """The sentences of one of ``TEXTS``; the page's in English for any other name."""
    file = f"{name if name in TEXTS else 'en'}.json".replace("lesson-", "lesson/")
    return json.loads((_HERE / "locales" / file).read_text(encoding="utf-8"))
