"""The workbench: the whole page as one component, drawn in the browser. Holds no state here."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from rnnviz.page import assets


class Workbench(gr.HTML):  # type: ignore[misc]
    """The live picture of one reading, and all that can be asked about it.

    Its template holds no data: Gradio compiles templates as code, so words reach the browser as JSON and become text
    nodes there.
    """

    html_template_file = "workbench/workbench.html"

    def __init__(self, *, value: dict[str, Any], questions: Sequence[Callable[[Any], dict[str, Any]]], **props: Any):
        super().__init__(
            value=value,
            html_template=assets.template(),
            js_on_load=assets.script(),
            server_functions=list(questions),
            apply_default_css=False,
            **props,
        )

    def __getattr__(self, name: str) -> Any:
        """There is none: Gradio's own way would search the whole script for each name, and so for each visitor."""
        raise AttributeError(name)
