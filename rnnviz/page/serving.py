"""Start the page: checkpoints in, server out. All launch settings stand here, none is left to chance.

Torch takes seconds to import and the models a moment to open, so both happen in a thread after the page was served.
"""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

# Before Gradio is imported: no look-ups on the network, and no table of statistics rebuilt after every request.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")

from starlette.types import ASGIApp

from rnnviz.checkpoint import shipped
from rnnviz.corpus.index import Index
from rnnviz.page import network_files, questions
from rnnviz.page.about import about
from rnnviz.page.api.addresses import MCP, OPENAPI
from rnnviz.page.api.layer import Api
from rnnviz.page.error_replies import objection
from rnnviz.page.guard import MOST_BYTES, Guard
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.indexes import indexes
from rnnviz.page.kept import Kept
from rnnviz.page.lazy_start import Patient
from rnnviz.page.listening import listen, urls
from rnnviz.page.network_files import BrowserNetwork, NetworkFiles, browser_networks
from rnnviz.page.networks import entries, networks
from rnnviz.page.offers import offers
from rnnviz.page.props import first, page_props
from rnnviz.page.questions import Questions
from rnnviz.page.serve_options import ServeOptions, serve_options
from rnnviz.page.server import Server
from rnnviz.page.stubs import without_stubs
from rnnviz.page.visitors import Rights
from rnnviz.page.workers import Workers

with without_stubs():
    from rnnviz.page import layout
    from rnnviz.page.front import Front

if TYPE_CHECKING:
    import gradio as gr

    from rnnviz.page.service import Service


TRAININGS = 1
"""Processes beside those for heavy questions: as many as there are trainings at a time."""


def build(folder: Path, in_browsers: Mapping[str, BrowserNetwork] | None = None) -> "gr.Blocks":
    """The page for the checkpoints of a folder, which offers no training (``Front``).

    Args:
        folder: Holds the checkpoints, one folder each.
        in_browsers: The networks that browsers may read with (``browser_networks_of``); None to look for them.

    Raises:
        CheckpointError: There is no checkpoint in the folder.
    """

    def asked(name: str) -> layout.Question:
        def question(_given: Any) -> NoReturn:
            raise NotImplementedError  # ``Questions`` answers before Gradio does

        question.__name__ = name  # the name by which the browser calls it
        return question

    models = entries(folder)
    folders = networks(folder)
    unread = {entry.name: objection(entry.problem) for entry in models if entry.problem}
    known = about(folders[first([entry.name for entry in models if not entry.problem])])
    files = network_files.described(browser_networks_of(folder) if in_browsers is None else in_browsers)
    props = page_props(models, known, offered(Rights()), unread, files)
    return layout.build_app([asked(name) for name in HANDLERS], props)


def browser_networks_of(folder: Path) -> dict[str, BrowserNetwork]:
    """The networks of a folder that browsers may read with."""
    unread = [entry.name for entry in entries(folder) if entry.problem]
    return browser_networks(networks(folder), unread)


def offered(rights: Rights) -> dict[str, Any]:
    """What the page offers to somebody with these rights."""
    return offers(allowed=rights.training, own_files=rights.own_files)


def serve(folder: Path | None = None, options: ServeOptions | None = None) -> None:
    """Serve the page until it is interrupted.

    Args:
        folder: Holds the checkpoints, one folder each; None is the networks that come with rnnviz.
        options: Where and for whom; None is what the environment says (``serve_options``).
    """
    folder = shipped.folder() if folder is None else folder
    options = options or serve_options()
    sys.setswitchinterval(0.0005)  # who listens for the next question must not wait 5 ms for each that is at work
    for index in indexes(options.indexes, networks(folder)).values():
        Index.load(index)  # what is wrong with one is said before the page is there
    workers = Workers(folder, questions.AT_ONCE + TRAININGS, options.indexes)
    in_browsers = browser_networks_of(folder)  # read once, so that what the page names is what is sent
    page = build(folder, in_browsers)
    sockets = listen(options.host, options.port)
    try:
        app = app_of(page, in_browsers, options, opening(folder, workers), workers)
        server = page.server = Server(app)  # ZeroGPU asks the page for its port
        addresses = urls(options.host, sockets[0].getsockname()[1])
        print(f"The page is at {' or '.join(addresses)} until you press Ctrl+C.", flush=True)  # noqa: T201
        if options.api:
            print(f"The API is described at {addresses[0]}{OPENAPI}; MCP is at {addresses[0]}{MCP}.", flush=True)  # noqa: T201
        server.serve_at(sockets)
    finally:
        workers.close()
        for listening in sockets:
            listening.close()


def app_of(
    page: "gr.Blocks",
    in_browsers: Mapping[str, BrowserNetwork],
    options: ServeOptions,
    service: "Patient[Service]",
    workers: Workers,
) -> ASGIApp:
    """All that answers: guard, API, questions, the networks' files, the page itself, its files in memory, and Gradio.

    Args:
        page: As ``build`` makes it.
        in_browsers: The networks that browsers may read with.
        options: Where and for whom it is served.
        service: What answers questions (``opening``).
        workers: Processes that answer the heavy ones.

    Raises:
        SettingError: Gradio makes a page in which rnnviz cannot write what it must.
    """
    component = next(number for number, block in page.blocks.items() if hasattr(block, next(iter(HANDLERS))))
    front = Front(Kept(gradios_app(page)), offered)
    front.begin()
    asking = Questions(NetworkFiles(front, in_browsers), HANDLERS, component, service.result, workers.answer)
    return Guard(Api(asking, options.root_path) if options.api else asking, options, service.put_off)


def gradios_app(page: "gr.Blocks") -> ASGIApp:
    """Gradio's app of a page, with all settings.

    ``launch`` makes the app, and on Hugging Face's ZeroGPU machines it reports that the program is ready. For a page
    that is served already it starts no server and asks nothing over the network; Gradio's own server has no time
    limits, and asks itself whether it works through whatever proxy the environment names.
    """
    os.environ["GRADIO_DEBUG"] = "0"  # with 1, `launch` never returns
    page.queue(api_open=False)
    page.is_running, page.is_colab, page.local_url = True, False, ""
    app, _, _ = page.launch(app_kwargs={"exception_handlers": {Exception: _raised}}, **SETTINGS)
    return app


async def _raised(_request: object, error: Exception) -> NoReturn:
    """Leave what nobody caught to the guard; Gradio would answer before the guard can."""
    raise error


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
    "strict_cors": True,
    "inbrowser": False,
    "inline": False,
    "prevent_thread_lock": True,
    "quiet": True,
    "root_path": "",  # the page's own addresses are relative (``Front``)
    "_frontend": False,
}
"""How Gradio serves the page. Most of it is its default too, unless an environment variable says otherwise."""


def menu(folder: Path) -> list[tuple[str, str]]:
    """Name and title of each checkpoint, in menu order: ``rnnviz.page.networks.entries``."""
    return [(entry.name, entry.title) for entry in entries(folder)]


def opening(folder: Path, workers: Workers) -> "Patient[Service]":
    """Import torch and open the models of a folder, in a thread and once the page is served: it needs neither.

    Args:
        folder: Holds the checkpoints, one folder each.
        workers: Processes that train; the first is started when all models are open.
    """

    def work() -> "Service":
        from rnnviz.page.service import Service  # imports torch
        from rnnviz.page.trainings import Trainings

        return Service(folder, Trainings(workers.learn, evaluate=workers.evaluate))

    def settle(service: "Service") -> None:
        service.warm_up()
        workers.start()
        gc.freeze()  # what is there by now stays; to look through all of it again would hold everybody up for 0.2 s

    return Patient(work, settle)
