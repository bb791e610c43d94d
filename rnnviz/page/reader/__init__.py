"""The reader: token strip and heatmaps, drawn in the browser from one payload a reading. Holds no state here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

_HERE = Path(__file__).parent
_SCRIPTS = [_HERE.parent / "calls.js", _HERE / "heatmap.js", _HERE / "strip.js", _HERE / "reader.js"]


class Reader(gr.HTML):  # type: ignore[misc]
    """The live picture of one reading.

    Its template holds no data: Gradio compiles templates as code, so words reach the browser as JSON and become text
    nodes there.
    """

    html_template_file = "reader/reader.html"

    def __init__(
        self, *, value: dict[str, Any], read_sentence: Callable[[dict[str, Any]], dict[str, Any]], **props: Any
    ):
        super().__init__(
            value=value,
            html_template=(_HERE / "reader.html").read_text(encoding="utf-8"),
            js_on_load="\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS),
            server_functions=[read_sentence],
            apply_default_css=False,
            **props,
        )
