"""Lay the page out. Imports Gradio but no torch: what runs a model comes in as arguments."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from starlette.responses import JSONResponse

from rnnviz.page.assets import style
from rnnviz.page.workbench import Workbench

Question = Callable[[Any], JSONResponse]

CSS = style()
THEME = gr.themes.Base(
    font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif"],
    font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
)  # plain names: a web font would be a request to another host


def build_app(questions: Sequence[Question], props: dict[str, Any]) -> gr.Blocks:
    """Put the page together.

    Args:
        questions: What the page may ask of Python, each under its function's name. Nothing else runs a model.
        props: What it begins with (``rnnviz.page.props``).
    """
    with gr.Blocks(title="rnnviz", analytics_enabled=False) as app:
        Workbench(questions=questions, **props)
    return app
