"""Serve the page: an ASGI app on sockets that listen already, within limits, until somebody stops it.

uvicorn answers, and httptools parses: with the parser in Python a class waited twice as long for the page. Ours is what
they have no setting for: how many connections there are, how long one may take to send a request or to read an answer,
how long its headers may be, and how much the log says of it.
"""

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_log = logging.getLogger("rnnviz.page.server")
_MOST_FILES, _OTHER_FILES, _MOST_CONNECTIONS = 4_096, 64, 2_000
_PIECE = 64 * 1024
MOST_HEAD, MOST_REQUEST = 64 * 1024, 1024 * 1024
"""Bytes of a request's headers, and of all of it, that are taken in; the parser itself has no limit."""
_OF_A_BODY = (b"content-length", b"transfer-encoding")
_FIELD = 32
"""Bytes for which a header counts beside its own."""
_SENT = "rnnviz.sent"
"""In a request's scope: how many bytes of the answer were handed to the connection."""
_CLOSE = (b"connection", b"close")
_STOPPING = JSONResponse({"detail": "The server is being stopped."}, 503)


@dataclass(frozen=True)
class Limits:
    """What the server allows.

    Attributes:
        connections: At once; whoever comes then waits until one is closed.
        idle_seconds: Without a request, after which a connection is closed if others wait for one.
        request_seconds: To send a request, counted from the connection's opening or the answer before.
        unread_seconds: In which the client must take the next 64 kB of an answer.
        least_rate: Bytes a second at which it must take an answer on average, after the first ``unread_seconds``.
        keep_alive_seconds: Until a connection without a new request is closed.
        drain_seconds: For requests under way when the server is stopped.
    """

    connections: int = _MOST_CONNECTIONS
    idle_seconds: float = 3.0
    request_seconds: float = 20.0
    unread_seconds: float = 15.0
    least_rate: float = 100_000.0
    keep_alive_seconds: int = 5
    drain_seconds: int = 5


class Server(uvicorn.Server):
    """Accepts connections as far as there is room, and closes those that take too long.

    SIGTERM or Ctrl-C stops it after the requests under way; the second one stops it at once.
    """

    def __init__(self, app: ASGIApp, limits: Limits | None = None) -> None:
        """Listens nowhere yet.

        Args:
            app: Answers the requests.
            limits: None for as many connections as the system's limit of open files leaves room for.
        """
        self.limits = limits or Limits(connections=room_for_connections())
        super().__init__(
            uvicorn.Config(
                self._within_limits(app),
                http=_Connection,
                ws="none",
                loop="asyncio",  # not another one where it happens to be installed
                log_level="warning",  # no line a request
                access_log=False,
                server_header=False,
                proxy_headers=False,  # who asks is who is connected, whatever a header says
                timeout_keep_alive=self.limits.keep_alive_seconds,
                timeout_graceful_shutdown=self.limits.drain_seconds,
            )
        )
        self._accepting: list[asyncio.Task[None]] = []

    def serve_at(self, sockets: Sequence[socket.socket]) -> None:
        """Serve until stopped; close the sockets."""
        self.config.port = sockets[0].getsockname()[1]
        quieten()
        self.run(list(sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections ourselves: uvicorn accepts more than there are files for, and then fails at each."""
        await self.lifespan.startup()
        self.servers = []
        for listener in sockets or []:
            listener.setblocking(False)
            self._accepting.append(asyncio.create_task(self._accept(listener)))
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nobody any more, and end what is under way."""
        for task in self._accepting:
            task.cancel()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second: close what has taken too long. Whether to stop."""
        now = time.monotonic()
        for connection in list(self._connections):
            if connection.is_overdue(now, self.limits):
                connection.transport.abort()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop. A server that has stopped as it was asked to ends the program without an error."""
        if self.should_exit:
            os._exit(130)  # threads at work would keep the program
        self.should_exit = True

    @property
    def _connections(self) -> "set[_Connection]":
        return self.server_state.connections  # type: ignore[return-value]

    async def _accept(self, listener: socket.socket) -> None:
        """Take in one connection after the other; where there is no room, wait."""
        loop = asyncio.get_running_loop()
        while True:
            while len(self._connections) >= self.limits.connections:
                self._make_room()
                await asyncio.sleep(0.02)
            try:
                client, _ = await loop.sock_accept(listener)
                await loop.connect_accepted_socket(self._connection, client)
            except OSError as error:  # no file left, or the client is gone already
                _log.warning("A connection was not accepted: %s", error.strerror)
                await asyncio.sleep(0.1)

    def _connection(self) -> "_Connection":
        return _Connection(self.config, self.server_state, self.lifespan.state)

    def _make_room(self) -> None:
        """Close the connection that has sent nothing for the longest time, if that is a few seconds at least."""
        idle = [(since, connection) for connection in self._connections if (since := connection.silent_since)]
        since, longest = min(idle, key=lambda one: one[0], default=(time.monotonic(), None))
        if longest and time.monotonic() - since > self.limits.idle_seconds:
            longest.transport.abort()

    def _within_limits(self, app: ASGIApp) -> ASGIApp:
        """Send answers in pieces, and the next one when the client has taken the last.

        Where nine in ten connections are open, each ends with its answer: others wait for it.
        """

        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            begun = False

            async def in_pieces(message: Message) -> None:
                nonlocal begun
                begun = True
                is_full = 10 * len(self._connections) > 9 * self.limits.connections
                if is_full and message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", []), _CLOSE]}
                body = message.get("body", b"")
                scope[_SENT] = scope.get(_SENT, 0) + min(len(body), _PIECE)
                while len(body) > _PIECE:
                    await send({"type": message["type"], "body": bytes(body[:_PIECE]), "more_body": True})
                    body = memoryview(body)[_PIECE:]
                    scope[_SENT] += min(len(body), _PIECE)
                await send({**message, "body": bytes(body)} if "body" in message else message)

            try:
                await app(scope, receive, in_pieces)
            except asyncio.CancelledError:  # the server stops, and this took longer than it waits
                if not begun:
                    await _STOPPING(scope, receive, in_pieces)

        return limited


class _RefusedError(Exception):
    """Raised to the parser: what comes is not taken any further."""


class _Connection(HttpToolsProtocol):
    """One connection, which answers one request at a time and knows since when it waits for its client.

    The parser takes whatever comes, however much it is. So what comes is counted, and three things are refused that no
    browser and no proxy needs: another request before the answer to the first, a change of protocol with a body, and
    headers behind a body.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._stuck: float | None = None
        self._in_head, self._is_deaf = False, False
        self._came, self._fields = 0, 0  # bytes of a request, and of its headers as far as they were parsed
        self._begin()

    def data_received(self, data: bytes) -> None:
        self._came += len(data)
        if self._is_deaf:
            if self._came > MOST_REQUEST:
                self.transport.abort()
            return
        super().data_received(data)
        if not self._is_deaf and self._came > (MOST_HEAD if self._in_head else MOST_REQUEST):
            self.send_400_response("This request is too long.")

    def on_message_begin(self) -> None:
        if self.cycle and not self.cycle.response_complete:
            raise _RefusedError
        self._in_head, self._came, self._fields = True, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._take_field(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._take_field(name + value)
        super().on_header(name, value)

    def _take_field(self, field: bytes) -> None:
        self._fields += len(field) + _FIELD
        if self._fields > MOST_HEAD or not self._in_head:
            raise _RefusedError

    def on_headers_complete(self) -> None:
        changes = self.parser.should_upgrade()
        if changes and (self.parser.get_method() == b"CONNECT" or any(name in _OF_A_BODY for name, _ in self.headers)):
            raise _RefusedError  # its body would be read as another request
        self._in_head = False
        super().on_headers_complete()
        if changes:  # as curl asks for HTTP/2: it is answered in HTTP/1.1, and nothing more
            self.cycle.keep_alive = False
            self._is_deaf = True

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.cycle.more_body = False  # also of a request that was answered before its body had come

    def send_400_response(self, msg: str) -> None:
        """Refuse what came, and read nothing more; an answer that is under way is not disturbed."""
        self._is_deaf = True
        before = self.cycle
        if before is None or (before.response_complete and not before.more_body):  # a request of its own
            super().send_400_response(msg)
        elif not before.more_body:  # it came too early: the one before is answered first
            before.keep_alive = False
        elif before.response_started:  # the rest of a body for which nobody waits
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _begin(self) -> None:
        self._asked_before = time.monotonic()
        self._waited = 0.0  # for the client to take an answer

    def on_response_complete(self) -> None:
        self._begin()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._stuck = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._stuck is not None:
            self._waited += time.monotonic() - self._stuck
        self._stuck = None
        super().resume_writing()

    @property
    def _sent(self) -> int:
        scope: Any = self.cycle.scope if self.cycle else {}  # as the app has it
        return int(scope.get(_SENT, 0))

    @property
    def silent_since(self) -> float | None:
        """Since when a request, or the rest of it, is awaited; None while one is answered."""
        waiting = self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        return self._asked_before if waiting and self._stuck is None else None

    def is_overdue(self, now: float, limits: Limits) -> bool:
        """Whether the client has taken too long to send a request or to read an answer."""
        if self._stuck is not None:
            stuck = now - self._stuck
            allowed = limits.unread_seconds + self._sent / limits.least_rate
            return stuck > limits.unread_seconds or self._waited + stuck > allowed
        return self.silent_since is not None and now - self.silent_since > limits.request_seconds


def room_for_connections() -> int:
    """As many as there are files for, after raising the system's limit of open files as far as it lets us."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(8, min(_MOST_CONNECTIONS, max(soft, wanted) - _OTHER_FILES))


class OncePerSecond(logging.Filter):
    """Lets one line of a kind through in a second; the next one that comes through says how many did not."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line goes to the log."""
        kind, now = (record.name, record.levelno, str(record.msg)), time.monotonic()
        last, left_out = self._last.get(kind, (0.0, 0))
        if last and now - last < 1:
            self._last[kind] = last, left_out + 1
            return False
        self._last[kind] = now, 0
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out:,} more like it)", ()
        if len(self._last) > 1_000:  # kinds that differ in their text
            self._last.clear()
        return True


def quieten() -> None:
    """Let the handlers of the log write one line of a kind in a second."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each visitor who leaves before all is sent
    for name in (None, "uvicorn", "uvicorn.error", "uvicorn.access"):
        for handler in (*logging.getLogger(name).handlers, logging.lastResort):
            if handler and not any(isinstance(one, OncePerSecond) for one in handler.filters):
                handler.addFilter(OncePerSecond())
