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
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Visit:
    """A question, and the connection on which it came.

    Attributes:
        connection: Of the request, whose body was read.
        name: Of the question, a row of ``handlers.HANDLERS`` or ``handlers.API``.
        visitor: Who takes turns with others.
        question: Makes the question; parsed it may be many times as large as it came, so it is made again when its
            turn has come.
        response: Makes the response of an answer or an objection, which is JSON, compressed if it is long.
        zips: Whether it may be compressed.
    """

    connection: tuple[Scope, Receive, Send]
    name: str
    visitor: str
    question: Callable[[], object]
    response: Callable[[bytes], Response]
    zips: bool

    async def reply(self, answer: bytes) -> None:
        """Send an answer."""
        await self.response(answer)(*self.connection)

    async def object(self, error: RnnvizError) -> None:
        """Send an objection."""
        await self.reply(orjson.dumps(objection(error)))

    async def stay(self) -> None:
        """Make no answer for who is gone."""
        scope, receive, _ = self.connection
        if await Request(scope, receive).is_disconnected():
            raise ClientDisconnect


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
        visit = self._visit((scope, receive, send), body)
        await (self.answer(visit) if isinstance(visit, Visit) else visit(scope, receive, send))

    async def answer(self, visit: Visit) -> None:
        """Answer a question."""
        try:
            await self._answer(visit)
        except ClientDisconnect:
            pass
        except BugError as bug:
            _log.error("%s, in a process for heavy questions", bug)
            await refusal(500, "The server failed at this. Ask something else.")(*visit.connection)

    def _visit(self, connection: tuple[Scope, Receive, Send], body: bytes) -> Visit | Response:
        """A question of the page, or the answer to what is none."""
        asked = _read(body)
        if asked is None:
            return refusal(400, "This is no question.")
        name, session = asked.get("fn_name"), asked.get("session_hash")
        if asked.get("component_id") != self._component or not isinstance(name, str) or name not in self._names:
            return refusal(404, "There is no such question.")
        visitor = session[:64] if isinstance(session, str) else ""
        zips = accepts_gzip(connection[0])
        return Visit(connection, name, visitor, lambda: json.loads(body).get("data"), response_of, zips)

    async def _answer(self, visit: Visit) -> None:
        try:
            service = await self._ready()
            key, way = _sorted(service, visit)
            kept_as = (*key, visit.zips) if key else None
            if kept_as in self._kept:
                async with self._short.turn(visit.visitor):  # also who asks for nothing else waits for others
                    await _others_come()
                await visit.reply(self._kept[kept_as])
            elif way == "heavy":
                async with self._unread.turn(visit.visitor):  # until it is read: a few of these fill the memory
                    await visit.reply(await self._elsewhere(visit))
            elif way == "short":
                await visit.reply(await self._at_once(visit))
            else:
                answer, is_good = await self._beside(visit, bool(kept_as))
                if kept_as and is_good:
                    self._kept[kept_as] = answer
                await visit.reply(answer)
        except RnnvizError as error:
            await visit.object(error)

    async def _at_once(self, visit: Visit) -> bytes:
        """By this thread; compressed only while nobody waits, which takes a fifth of the time and saves a third."""
        async with self._short.turn(visit.visitor):
            await _others_come()
            await visit.stay()
            answer = orjson.dumps(getattr(self._service, visit.name)(visit.question()))
            return zipped(answer) if visit.zips and not self._short.waiting else answer

    async def _beside(self, visit: Visit, is_kept: bool) -> tuple[bytes, bool]:
        """By a thread aside; the answer, and whether it is one and no objection."""
        lane, threads = self._training if visit.name in _ABOUT_TRAINING else self._aside
        async with lane.turn(visit.visitor):
            await visit.stay()
            work = copy_context().run  # what is done may ask who asks (``visitors.ASKING``)

            def made() -> tuple[bytes, bool]:
                reply = work(getattr(self._service, visit.name), visit.question())
                answer = orjson.dumps(reply)
                packed = zipped(answer, SMALLEST if is_kept else QUICK) if visit.zips else answer
                return packed, "error" not in reply

            return await asyncio.get_running_loop().run_in_executor(threads, made)

    async def _elsewhere(self, visit: Visit) -> bytes:
        """By another process."""
        async with self._heavy.turn(visit.visitor):
            await visit.stay()
            return await asyncio.get_running_loop().run_in_executor(
                self._waiting_for_workers, lambda: self._far_away(visit.name, visit.question(), visit.zips)
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


def accepts_gzip(scope: Scope) -> bool:
    """Whether who asks accepts gzip."""
    return best_encoding(Headers(scope=scope).get("accept-encoding", ""), ("gzip",)) == "gzip"


def refusal(status: int, sentence: str) -> JSONResponse:
    """The response to what cannot be answered."""
    return JSONResponse({"detail": sentence}, status)


def response_of(answer: bytes) -> Response:
    """The response of an answer, which may be compressed."""
    headers = {"Vary": "Accept-Encoding"}
    if answer.startswith(_ZIPPED):
        headers["Content-Encoding"] = "gzip"
    return Response(answer, headers=headers, media_type="application/json")


def _sorted(service: Any, visit: Visit) -> tuple[tuple[str, str] | None, str]:
    """Under what the answer to a question is kept, and who answers it; the question itself is let go."""
    question = visit.question()
    return service.kept_under(visit.name, question), service.way(visit.name, question)
