"""The page's own server, a plain web server and a browser's flags, for the tests and the benchmarks."""

import contextlib
import functools
import http.server
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 300  # a machine that does much else takes most of a minute to start the server
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@contextlib.contextmanager
def served(out: IO[bytes] | int, *command: str) -> Iterator[str]:
    """Run ``python app.py``, or another command of python's, on a free port; its address."""
    port = free_port()
    environment = os.environ | {"PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, *(command or ["app.py"])], cwd=ROOT, env=environment, stdout=out, stderr=out
    )
    try:
        url = f"http://127.0.0.1:{port}"
        reached(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=MOST_SECONDS)


def free_port() -> int:
    """One that nobody else takes before the server begins: below those that systems hand out, some for each process."""
    first = 20_000 + 500 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 24)
    for port in random.SystemRandom().sample(range(first, first + 500), 500):
        with contextlib.suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def reached(url: str, server: subprocess.Popen) -> None:
    """Wait until a server that was started answers."""
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=30):  # noqa: S310  a server of ours
                return
        except OSError:  # nobody listens yet, or the answer takes its time
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError(f"the server did not answer within {MOST_SECONDS} seconds")


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing of a request."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_arguments: object) -> None:
        """A browser may leave before all has come."""


@contextlib.contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Serve the files of a folder, as any web host does; the address."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
