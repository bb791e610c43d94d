"""A server of ours in a thread, at a free port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from starlette.types import ASGIApp

from rnnviz.page.listening import listen
from rnnviz.page.server import Server
from tests.browser.server import free_port


@contextmanager
def answering(app: ASGIApp) -> Iterator[int]:
    """Serve an app; its port."""
    port = free_port()
    server = Server(app)
    thread = Thread(target=server.serve_at, args=[listen("127.0.0.1", port)])
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()
