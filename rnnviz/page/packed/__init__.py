"""The packed tab: a batch as a padded rectangle, as packed columns and as the data in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

_HERE = Path(__file__).parent
_SCRIPTS = [_HERE.parent / "calls.js", _HERE / "packed.js"]


class PackedBatch(gr.HTML):  # type: ignore[misc]
    """The picture of one batch; see ``Reader`` for why its template holds no data."""

    html_template_file = "packed/packed.html"

    def __init__(self, *, value: dict[str, Any], pack_sentences: Callable[[str], dict[str, Any]], **props: Any):
        super().__init__(
            value=value,
            html_template=(_HERE / "packed.html").read_text(encoding="utf-8"),
            js_on_load="\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS),
            server_functions=[pack_sentences],
            apply_default_css=False,
            **props,
        )
