"""Answers the page's questions before they reach Gradio, each in a lane of its own.

- What never changes is kept as bytes.
- Work of a few milliseconds is done between two requests, by the thread that serves: another one would take turns with
  it at every step, which costs more than the work.
- What may have to wait is done by threads: opening a network, questions about trainings.
- Heavy work is done by other processes (``workers``), so that it is in no typist's way.

In each lane visitors take turns (``lanes``). Gradio's own route for questions reads each through more layers than a
short reading takes; nothing comes to it any more.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Container
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, NamedTuple

import orjson
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnviz.errors import RnnvizError
from rnnviz.page.error_replies import objection
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.kept import best_encoding
from rnnviz.page.lanes import Lane
from rnnviz.page.workers import QUICK, BugError, zipped

ASKED = "/gradio_api/component_server/"
AT_ONCE, WAITING = 2, 40
"""Heavy questions that are worked on side by side, and that may wait for that."""
UNREAD = 4
"""Heavy answers, up to 14 MB each, that may wait to be read beside those that are worked on."""
ASIDE, TRAINING = 2, 2
"""Threads for what may have to wait, and for how a training stands: who asks late counts as gone."""
MOST_WAITING = 2_000
"""Other questions that may wait: as many as there are connections."""
SMALLEST = 9
"""How hard ``gzip`` tries for an answer that is kept."""


class _Visit(NamedTuple):
    """A question as it came; parsed it may be many times as large, so it is parsed again when its turn has come.

    Attributes:
        body: The question.
        zips: Whether the browser accepts gzip.
        reply: Sends the answer.
        is_gone: Whether the browser has closed the connection.
    """

    body: bytes
    zips: bool
    reply: Callable[[bytes], Awaitable[None]]
    is_gone: Callable[[], Awaitable[bool]]

    async def stay(self) -> None:
        """Make no answer for who is gone."""
        if await self.is_gone():
            raise ClientDisconnect

    def question(self) -> object:
        return json.loads(self.body).get("data")


_ABOUT_TRAINING = [name for name, handler in HANDLERS.items() if handler.is_training]
_ZIPPED = b"\x1f\x8b"  # JSON never begins so
_log = logging.getLogger(__name__)


class Questions:
    """An ASGI layer that answers what the page asks; all else goes on."""

    def __init__(
        self,
        app: ASGIApp,
        names: Container[str],
        component: int,
        service: Callable[[], Any],
        far_away: Callable[[str, object, bool], bytes],
    ) -> None:
        """Nothing is asked yet.

        Args:
            app: What answers all else.
            names: The questions, methods of the service (``HANDLERS``).
            component: The number that the page gives the workbench.
            service: Has the service ready, which may take a while; called in a thread.
            far_away: Has another process answer what is heavy; called in a thread (``Workers.answer``).
        """
        self._app, self._names, self._component = app, names, component
        self._opening, self._far_away = service, far_away
        self._service: Any = None
        self._short = Lane(1, MOST_WAITING)
        self._aside = Lane(ASIDE, MOST_WAITING), ThreadPoolExecutor(ASIDE, "aside")
        self._training = Lane(TRAINING, MOST_WAITING), ThreadPoolExecutor(TRAINING, "training")
        self._heavy, self._unread = Lane(AT_ONCE, WAITING), Lane(AT_ONCE + UNREAD, WAITING)
        self._waiting_for_workers = ThreadPoolExecutor(AT_ONCE, "heavy")
        self._kept: dict[tuple[str, str, bool], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != ASKED:
            await self._app(scope, receive, send)
            return
        body = (await receive()).get("body", b"")
        refused = self._refused(_read(body))
        if refused:
            await refused(scope, receive, send)
            return
        zips = best_encoding(Headers(scope=scope).get("accept-encoding", ""), ("gzip",)) == "gzip"
        visit = _Visit(
            body, zips, lambda answer: _response(answer)(scope, receive, send), Request(scope, receive).is_disconnected
        )
        try:
            await self._answer(visit)
        except ClientDisconnect:
            pass
        except BugError as bug:
            _log.error("%s, in a process for heavy questions", bug)
            await _refused(500, "The server failed at this. Ask something else.")(scope, receive, send)

    def _refused(self, asked: dict[str, Any] | None) -> Response | None:
        """The answer to what is no question of the page."""
        if asked is None:
            return _refused(400, "This is no question.")
        name = asked.get("fn_name")
        if asked.get("component_id") != self._component or not isinstance(name, str) or name not in self._names:
            return _refused(404, "There is no such question.")
        return None

    async def _answer(self, visit: _Visit) -> None:
        try:
            service = await self._ready()
            name, visitor, key, way = _sorted(service, visit.body)
            kept_as = (*key, visit.zips) if key else None
            if kept_as in self._kept:
                async with self._short.turn(visitor):  # who asks for nothing else would have the server for themselves
                    await _others_come()
                await visit.reply(self._kept[kept_as])
            elif way == "heavy":
                async with self._unread.turn(visitor):  # until it is read: a few of these fill the memory
                    await visit.reply(await self._elsewhere(visitor, name, visit))
            elif way == "short":
                await visit.reply(await self._at_once(visitor, name, visit))
            else:
                answer, is_good = await self._beside(visitor, name, visit, bool(kept_as))
                if kept_as and is_good:
                    self._kept[kept_as] = answer
                await visit.reply(answer)
        except RnnvizError as error:
            await visit.reply(orjson.dumps(objection(error)))

    async def _at_once(self, visitor: str, name: str, visit: _Visit) -> bytes:
        """By this thread; compressed only while nobody waits, which takes a fifth of the time and saves a third."""
        async with self._short.turn(visitor):
            await _others_come()
            await visit.stay()
            answer = orjson.dumps(getattr(self._service, name)(visit.question()))
            return zipped(answer) if visit.zips and not self._short.waiting else answer

    async def _beside(self, visitor: str, name: str, visit: _Visit, is_kept: bool) -> tuple[bytes, bool]:
        """By a thread aside; the answer, and whether it is one and no objection."""
        lane, threads = self._training if name in _ABOUT_TRAINING else self._aside
        async with lane.turn(visitor):
            await visit.stay()
            work = copy_context().run  # what is done may ask who asks (``visitors.ASKING``)

            def made() -> tuple[bytes, bool]:
                reply = work(getattr(self._service, name), visit.question())
                answer = orjson.dumps(reply)
                packed = zipped(answer, SMALLEST if is_kept else QUICK) if visit.zips else answer
                return packed, "error" not in reply

            return await asyncio.get_running_loop().run_in_executor(threads, made)

    async def _elsewhere(self, visitor: str, name: str, visit: _Visit) -> bytes:
        """By another process."""
        async with self._heavy.turn(visitor):
            await visit.stay()
            return await asyncio.get_running_loop().run_in_executor(
                self._waiting_for_workers, lambda: self._far_away(name, visit.question(), visit.zips)
            )

    async def _ready(self) -> Any:
        """The service; the first to ask waits until it is there."""
        if self._service is None:
            self._service = await asyncio.to_thread(self._opening)
        return self._service


async def _others_come() -> None:
    """Let those who asked meanwhile stand in line, before the loop is busy again."""
    await asyncio.sleep(0)


def _read(body: bytes) -> dict[str, Any] | None:
    """A question as the page puts it; None for anything else."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None


def _refused(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)


def _response(answer: bytes) -> Response:
    headers = {"Vary": "Accept-Encoding"}
    if answer.startswith(_ZIPPED):
        headers["Content-Encoding"] = "gzip"
    return Response(answer, headers=headers, media_type="application/json")


def _sorted(service: Any, body: bytes) -> tuple[str, str, tuple[str, str] | None, str]:
    """Of a question its name, its visitor, under what its answer is kept, and who answers it; never the whole."""
    asked = json.loads(body)
    name, question, session = asked["fn_name"], asked.get("data"), asked.get("session_hash")
    visitor = session[:64] if isinstance(session, str) else ""
    return name, visitor, service.kept_under(name, question), service.way(name, question)
