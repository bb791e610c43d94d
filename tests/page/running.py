"""What is served and awaited in tests, each in a thread of its own."""

import asyncio
import socket
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from starlette.types import ASGIApp

from rnnviz.page import serving
from rnnviz.page.listening import listen
from rnnviz.page.serve_options import ServeOptions
from rnnviz.page.server import Limits, Server
from rnnviz.page.workers import Workers
from tests.browser.server import free_port


@contextmanager
def serving_page(folder: Path, where: ServeOptions | None = None) -> Iterator[tuple[Any, int]]:
    """Serve the page for the checkpoints of a folder; the page and its port."""
    where = where or ServeOptions()
    in_browsers, workers = serving.browser_networks_of(folder), Workers(folder, 2, where.indexes)
    page, opening = serving.build(folder, in_browsers), serving.opening(folder, workers)
    with answering(serving.app_of(page, in_browsers, where, opening, workers)) as port:
        yield page, port
    workers.close()


@contextmanager
def answering(app: ASGIApp, limits: Limits | None = None) -> Iterator[int]:
    """Serve an app; its port."""
    port = free_port()
    server = Server(app, limits)
    thread = Thread(target=server.serve_at, args=[listen("127.0.0.1", port)])
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


def connected(port: int, sent: bytes = b"") -> socket.socket:
    """A connection on which this was sent. It is patient."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(sent)
    return connection


def heard(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    found = b""
    try:
        while part := connection.recv(1 << 16):
            found += part
    except ConnectionResetError:
        pass
    return found


def awaited(asking: Coroutine[None, None, Any]) -> Any:
    """What is awaited, in a thread of its own: a browser test may have left an event loop in this one."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, asking).result()
