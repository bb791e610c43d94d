"""Start the page: checkpoints in, server out. All launch settings stand here, none is left to chance.

Torch takes seconds to import and the models a moment to open, so both happen in a thread after the page was served.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before Gradio is imported: no look-ups on the network, and no table of statistics rebuilt after every request.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")

from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from rnnviz import files, shipped
from rnnviz.errors import CheckpointError, SettingError
from rnnviz.page.about import about
from rnnviz.page.guard import MOST_BYTES, Guard
from rnnviz.page.listening import listen, urls
from rnnviz.page.offers import offers
from rnnviz.page.patience import Patient
from rnnviz.page.server import Server
from rnnviz.page.stubs import without_stubs

with without_stubs():
    from rnnviz.page import layout

if TYPE_CHECKING:
    import gradio as gr

    from rnnviz.page.service import Service


QUESTIONS = (
    "read_sentence",
    "open_cell",
    "pack_sentences",
    "about_model",
    "compare",
    "how_far_back",
    "padding_drift",
    "words",
    "save_reading",
    "standalone",
    "train_start",
    "train_poll",
    "train_cancel",
    "train_receive",
)
"""What the page may ask: methods of ``Service``, which imports torch and so is not imported here."""
MOST_SESSIONS = 1_000
"""Gradio keeps about 10 kB for each visitor. The page needs none of it, so the oldest may be forgotten."""


def build(folder: Path, service: "Patient[Service]", training: bool = False) -> "gr.Blocks":
    """The page for the checkpoints of a folder.

    Args:
        folder: Holds the checkpoints, one folder each.
        service: What answers the page's questions (``opening``).
        training: Whether visitors may train networks of their own; on files of their own only ``at_home``.

    Raises:
        CheckpointError: There is no checkpoint in the folder.
    """

    def asked(name: str) -> layout.Question:
        def question(given: Any) -> JSONResponse:
            return JSONResponse(getattr(service.result(), name)(given))  # ready: nobody goes through its numbers again

        question.__name__ = name  # the name by which the browser calls it
        return question

    models = menu(folder)
    questions = [asked(name) for name in QUESTIONS]
    training_offers = offers(allowed=training, own_files=training and at_home())
    return layout.build_app(questions, models, about(folder / layout.first(models)), training_offers)


def serve(folder: Path | None = None, port: int | None = None, training: bool | None = None) -> None:
    """Serve the page on this machine until it is interrupted.

    Args:
        folder: Holds the checkpoints, one folder each; None is the networks that come with rnnviz.
        port: None takes what ``PORT`` or ``GRADIO_SERVER_PORT`` says, else the first free one from 7860.
        training: Whether visitors may train networks of their own. None: only ``at_home``.
    """
    folder = shipped.folder() if folder is None else folder
    allowed = at_home() if training is None else training
    sys.setswitchinterval(0.0005)  # who listens for the next question must not wait 5 ms for each that is at work
    service = opening(folder, allowed)
    page = build(folder, service, allowed)
    sockets = listen(wanted_host(), port or wanted_port())
    server = page.server = Server(app_of(page, service.put_off))  # ZeroGPU asks the page for its port
    where = " or ".join(urls(wanted_host(), sockets[0].getsockname()[1]))
    print(f"The page is at {where} until you press Ctrl+C.", flush=True)  # noqa: T201
    server.serve_at(sockets)


def app_of(page: "gr.Blocks", looked: Callable[[], None] = lambda: None) -> ASGIApp:
    """Gradio's app of a page behind the guard, with all settings.

    ``launch`` makes the app, and on Hugging Face's ZeroGPU machines it reports that the program is ready. For a page
    that is served already it starts no server and asks nothing over the network; Gradio's own server has no time
    limits, and asks itself whether it works through whatever proxy the environment names.

    Args:
        page: As ``build`` makes it.
        looked: Called whenever the page or one of its files is asked for.
    """
    os.environ["GRADIO_DEBUG"] = "0"  # with 1, `launch` never returns
    page.queue(api_open=False)
    page.is_running, page.is_colab, page.local_url = True, False, ""
    app, _, _ = page.launch(app_kwargs={"middleware": [Middleware(Guard, looked=looked)]}, **SETTINGS)
    return app


SETTINGS: dict[str, Any] = {
    "theme": layout.THEME,
    "css": layout.CSS,
    "footer_links": [],
    "share": False,
    "show_error": False,  # an unexpected error's text may hold what was typed
    "run_history": False,  # nothing typed is kept in the browser
    "enable_monitoring": False,
    "max_file_size": MOST_BYTES,
    "mcp_server": False,
    "num_workers": 0,  # a worker would serve files at a port of its own, without the guard
    "pwa": False,
    "ssr_mode": False,
    "state_session_capacity": MOST_SESSIONS,
    "strict_cors": True,
    "inbrowser": False,
    "inline": False,
    "prevent_thread_lock": True,
    "quiet": True,
    "_frontend": False,
}
"""How Gradio serves the page. Most of it is its default too, unless an environment variable says otherwise."""


def wanted_host() -> str:
    """Where the server listens: the address that ``GRADIO_SERVER_NAME`` names, or for this machine alone."""
    return os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")


def wanted_port() -> int | None:
    """The port that ``PORT`` or ``GRADIO_SERVER_PORT`` asks for.

    Raises:
        SettingError: It is no port.
    """
    wanted = os.environ.get("PORT") or os.environ.get("GRADIO_SERVER_PORT")
    if wanted and not (wanted.isdecimal() and 0 < int(wanted) < 65_536):
        raise SettingError("port", found=wanted[:20])
    return int(wanted) if wanted else None


def at_home() -> bool:
    """Whether only this machine reaches the server: no Hugging Face Space, no address for others."""
    return "SPACE_ID" not in os.environ and wanted_host() in ("127.0.0.1", "localhost", "::1", "[::1]")


def menu(folder: Path) -> list[tuple[str, str]]:
    """Name and title of each checkpoint, in menu order: sentiment, news, questions, generated tasks.

    Raises:
        CheckpointError: There is none.
    """
    configs = [inner / "config.json" for inner in files.folders(folder)] if folder.is_dir() else []
    found = [(path.parent.name, _title(path) or path.parent.name) for path in configs if path.is_file()]
    if not found:
        raise CheckpointError(
            "checkpoint_missing", path=folder, name="a folder with a config.json", example="checkpoints"
        )
    return sorted(found, key=lambda entry: (_rank(entry[0]), entry[1]))


def _title(path: Path) -> str:
    """What a config.json calls its network; nothing where it cannot be read, which is said when it is chosen."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["title"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _rank(name: str) -> int:
    families = ("sst2", "agnews", "trec6")
    return next((place for place, family in enumerate(families) if name.startswith(family)), len(families))


def opening(folder: Path, training: bool = False) -> "Patient[Service]":
    """Import torch and open the models of a folder, in a thread and once the page is served: it needs neither."""

    def work() -> "Service":
        from rnnviz.page.service import Service  # imports torch
        from rnnviz.page.trainings import Trainings

        return Service(folder, Trainings(allowed=training, own_files=training and at_home()))

    def settle(service: "Service") -> None:
        service.warm_up()
        gc.freeze()  # what is there by now stays; to look through all of it again would hold everybody up for 0.2 s

    return Patient(work, settle)
