"""What the page is made of, as text: scripts, styles, template, sentences. No Gradio, so notebooks have it too."""

import json
from pathlib import Path
from typing import Literal, get_args

from rnnviz.page.replies import Sentences

Language = Literal["en", "hi", "te", "el", "ne"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_HERE = Path(__file__).parent
_BENCH = _HERE / "workbench"
_FIRST = ("dom", "words", "calls", "colours", "reading", "page")
_LAST = "main"


def script() -> str:
    """All scripts of the page as one: the helpers first, then the panels, and last what puts them together."""
    panels = sorted(path.stem for path in _BENCH.glob("*.js") if path.stem not in (*_FIRST, _LAST))
    return "\n".join((_BENCH / f"{name}.js").read_text(encoding="utf-8") for name in (*_FIRST, *panels, _LAST))


def template() -> str:
    """The page's elements, without any data."""
    return (_BENCH / "workbench.html").read_text(encoding="utf-8")


def style() -> str:
    """The page's style sheets: what all panels share, then each panel's own."""
    panels = sorted(path.stem for path in _BENCH.glob("*.css") if path.stem != "workbench")
    return "\n".join((_BENCH / f"{name}.css").read_text(encoding="utf-8") for name in ("workbench", *panels))


def words(language: str) -> Sentences:
    """All sentences of the page in one of ``LANGUAGES``; in English for any other."""
    name = language if language in LANGUAGES else "en"
    return json.loads((_HERE / "locales" / f"{name}.json").read_text(encoding="utf-8"))
