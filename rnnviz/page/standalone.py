"""One reading as a page of its own: a single HTML file that needs no server and no network. No Gradio, no torch.

The same script draws it as in the page that is served. What needs the network that read is left out, unless the file
holds that network too.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnviz.model_config import BETWEEN, SPECIALS
from rnnviz.page import assets
from rnnviz.page.payload import payload
from rnnviz.trace import Trace
from rnnviz.untrusted.strict_json import to_json

STYLE, SCRIPT = "rnnviz-style", "rnnviz-script"
"""The ids of the elements from which a page copies itself when it is saved (web/src/client/shell.ts)."""
PLACEHOLDER = "/*the reading*/"
"""What the reading replaces in ``shell``, as JSON in which no ``<`` stands as it is."""

NO_ICON = '<link rel="icon" href="data:,">'
"""Without it a browser asks the host for /favicon.ico, which the policy forbids: a complaint in its console."""
POLICY = (
    "default-src 'none'; script-src {script} 'wasm-unsafe-eval'; style-src {style}; connect-src {connect}; "
    "img-src data: blob:; worker-src blob:; child-src blob:; base-uri 'none'; form-action 'none'"
)
"""What a page without a server may do. Workers start from its own script; older Safari looks for them in child-src, and
in the worker WebAssembly multiplies matrices."""
_START = """
(() => {
  const props = JSON.parse(document.getElementById("rnnviz-props").textContent);
  if (matchMedia("(prefers-color-scheme: dark)").matches) document.body.classList.add("dark");
  ((element, props) => {
%s
  })(document.body, props);
})();
"""


def starting_script() -> str:
    """The script of a page without Gradio: it starts with the JSON that ``document`` puts there."""
    return _START % assets.script()


def document(policy: str, head: str, props: str, end: str) -> str:
    """The whole page as HTML.

    Args:
        policy: Its Content-Security-Policy.
        head: Its style sheet, and what else stands in the head.
        props: What it begins with, as JSON in which no ``<`` stands as it is.
        end: Its script.
    """
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<title>rnnviz</title>\n{NO_ICON}\n{head}\n</head>\n<body class="rv-document">',
            assets.template(),
            f'<script type="application/json" id="rnnviz-props">{props}</script>',
            f"{end}\n</body>\n</html>\n",
        ]
    )


def shell() -> str:
    """The file without a reading; ``PLACEHOLDER`` stands where it goes, and nowhere else."""
    return _file(PLACEHOLDER)


def _file(props: str) -> str:
    policy = POLICY.format(script="'unsafe-inline'", style="'unsafe-inline'", connect="'none'")
    head = f'<style id="{STYLE}">\n{assets.style()}\n</style>'
    end = f'<script id="{SCRIPT}">{starting_script()}</script>'
    return document(policy, head, props, end)


def in_json(props: Mapping[str, Any]) -> str:
    """What a page begins with, as JSON for ``document``."""
    return to_json(dict(props)).replace("<", "\\u003c")


def filled(props: dict[str, Any]) -> str:
    """The file with a reading in it.

    Args:
        props: As the page's component has them: ``value``, ``words``, ``language``, ``models`` and so on.
    """
    return _file(in_json(props))


def page_of(trace: Trace, *, title: str = "", language: str = "en") -> str:
    """One reading as a file for ``file://``, an attachment or a notebook's frame.

    Args:
        trace: The reading; of a longer one the first 200 tokens.
        title: Name of the network, to be shown.
        language: One of ``assets.LANGUAGES``.
    """
    text = BETWEEN[trace.reads].join(trace.tokens)
    value = payload(trace, model=title, total=len(trace.tokens)) | {"text": text}
    kind = {
        "tokens": trace.reads,
        "task": "next" if trace.labels[: len(SPECIALS)] == SPECIALS else "classify",
    }
    models = [{"name": title, "title": title or trace.cell.upper()} | kind]
    return filled({"value": value, "words": assets.words(language), "language": language, "models": models})


@dataclass(frozen=True)
class Shown:
    """A reading in a frame of its own. A notebook shows it; what is in it cannot reach the notebook.

    Attributes:
        page: The whole file as text; ``repr`` leaves it out.
        height: Of the frame, in pixels.
        reading: What is shown, in one line.
    """

    page: str = field(repr=False)
    height: int
    reading: str = ""

    def _repr_html_(self) -> str:
        return (
            f'<iframe sandbox="allow-scripts allow-downloads" width="100%" height="{self.height}" title="rnnviz" '
            f'style="border:0" srcdoc="{html.escape(self.page)}"></iframe>'
        )


def show(trace: Trace, *, title: str = "", height: int = 900, language: str = "en") -> Shown:
    """The interactive reader in a notebook: hover, step, choose signals, layers and units; no server, no network.

    Args:
        trace: The reading; of a longer one the first 200 tokens are shown.
        title: Name of the network, to be shown.
        height: Of the frame, in pixels.
        language: "en", "hi", "te", "el" or "ne"; English for any other.

    Returns:
        What a notebook shows as the last value of a cell. Its ``page`` is the whole file as text, to be saved.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> reader = rnnviz.show(trace, title="sst2-lstm")
        >>> reader
        Shown(height=900, reading='Trace(lstm, 5 tokens, 1 layer, 32 units, forward: negative 91%)')
        >>> reader.page[:15]
        '<!doctype html>'
    """
    return Shown(page_of(trace, title=title, language=language), height, repr(trace))
