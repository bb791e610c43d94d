"""The workbench: the whole page as one component, drawn in the browser. Holds no state here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

_HERE = Path(__file__).parent
_FIRST = ("dom", "words", "calls", "colours", "reading", "page")
_LAST = "main"


def script() -> str:
    """All scripts of the page as one: the helpers first, then the panels, and last what puts them together."""
    panels = sorted(path.stem for path in _HERE.glob("*.js") if path.stem not in (*_FIRST, _LAST))
    return "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in (*_FIRST, *panels, _LAST))


def template() -> str:
    """The page's elements, without any data."""
    return (_HERE / "workbench.html").read_text(encoding="utf-8")


def style() -> str:
    """The page's style sheet: what all panels share, then each panel's own."""
    panels = sorted(path.stem for path in _HERE.glob("*.css") if path.stem != "workbench")
    return "\n".join((_HERE / f"{name}.css").read_text(encoding="utf-8") for name in ("workbench", *panels))


class Workbench(gr.HTML):  # type: ignore[misc]
    """The live picture of one reading, and all that can be asked about it.

    Its template holds no data: Gradio compiles templates as code, so words reach the browser as JSON and become text
    nodes there.
    """

    html_template_file = "workbench/workbench.html"

    def __init__(self, *, value: dict[str, Any], questions: Sequence[Callable[[Any], dict[str, Any]]], **props: Any):
        super().__init__(
            value=value,
            html_template=template(),
            js_on_load=script(),
            server_functions=list(questions),
            apply_default_css=False,
            **props,
        )
