"""Serve the page: an ASGI app on sockets that listen already, until somebody stops it."""

import os
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

KEEP_ALIVE_SECONDS = 5
"""How long a connection may stay open after an answer, for the next request."""
DRAIN_SECONDS = 5
"""How long requests under way may take to end when the server is stopped."""


class Server(uvicorn.Server):
    """Stops when asked by SIGTERM or Ctrl-C, after the requests under way; asked twice, it stops at once."""

    def __init__(self, app: ASGIApp) -> None:
        """Listens nowhere yet.

        Args:
            app: Answers the requests.
        """
        super().__init__(
            uvicorn.Config(
                app,
                ws="none",
                log_level="warning",  # no line a request
                access_log=False,
                server_header=False,
                proxy_headers=False,  # who asks is who is connected, whatever a header says
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )

    def serve_at(self, sockets: Sequence[socket.socket]) -> None:
        """Serve until stopped; close the sockets."""
        self.config.port = sockets[0].getsockname()[1]
        self.run(list(sockets))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a stopped server has done what it was asked to, so the program ends without an error."""
        if self.should_exit:
            os._exit(130)  # threads at work would keep the program
        self.should_exit = True
