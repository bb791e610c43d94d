"""Answers the page's questions before they reach Gradio, each in a lane of its own.

- What never changes is kept as bytes.
- Short work is done by one thread: side by side, short readings would only wait for each other at every step.
- Heavy work is done by other processes (``workers``), so that it is in no typist's way.
- Trainings have a thread for their questions.

In each lane visitors take turns (``lanes``). Gradio's own route for questions reads each through more layers than a
short reading takes; nothing comes to it any more.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import orjson
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnviz.errors import RnnvizError
from rnnviz.page.lanes import Lane
from rnnviz.page.saying import objection
from rnnviz.page.workers import BugError

ASKED = "/gradio_api/component_server/"
AT_ONCE, WAITING = 2, 40
"""Heavy questions that are worked on side by side, and that may wait for that."""
UNREAD = 4
"""Heavy answers, up to 14 MB each, that may wait to be read beside those that are worked on."""
SHORT_AT_ONCE, TRAINING = 1, 2
"""Short questions, and those about trainings, that are answered side by side."""
MOST_WAITING = 5_000
"""Short questions that may wait: more than there are connections."""

Reply = Callable[[bytes], Awaitable[None]]

_log = logging.getLogger(__name__)


class Questions:
    """An ASGI layer that answers what the page asks; all else goes on."""

    def __init__(
        self,
        app: ASGIApp,
        names: Sequence[str],
        component: int,
        service: Callable[[], Any],
        far_away: Callable[[str, object], bytes],
    ) -> None:
        """Nothing is asked yet.

        Args:
            app: What answers all else.
            names: The questions, methods of the service.
            component: The number that the page gives the workbench.
            service: Has the service ready, which may take a while; called in a thread.
            far_away: Has another process answer what is heavy; called in a thread (``Workers.answer``).
        """
        self._app, self._names, self._component = app, names, component
        self._opening, self._far_away = service, far_away
        self._service: Any = None
        self._short = Lane(SHORT_AT_ONCE, MOST_WAITING), ThreadPoolExecutor(SHORT_AT_ONCE, "short")
        self._training = Lane(TRAINING, MOST_WAITING), ThreadPoolExecutor(TRAINING, "training")
        self._heavy, self._unread = Lane(AT_ONCE, WAITING), Lane(AT_ONCE + UNREAD, WAITING)
        self._waiting_for_workers = ThreadPoolExecutor(AT_ONCE, "heavy")
        self._kept: dict[tuple[str, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != ASKED:
            await self._app(scope, receive, send)
            return
        asked = _read((await receive()).get("body", b""))
        if asked is None:
            await _refused(400, "This is no question.")(scope, receive, send)
        elif asked.get("component_id") != self._component or asked.get("fn_name") not in self._names:
            await _refused(404, "There is no such question.")(scope, receive, send)
        else:
            try:
                await self._answer(
                    asked, lambda body: Response(body, media_type="application/json")(scope, receive, send)
                )
            except BugError as bug:
                _log.error("%s, in a process for heavy questions", bug)
                await _refused(500, "The server failed at this. Ask something else.")(scope, receive, send)

    async def _answer(self, asked: dict[str, Any], reply: Reply) -> None:
        name, question, session = asked["fn_name"], asked.get("data"), asked.get("session_hash")
        visitor = session[:64] if isinstance(session, str) else ""
        try:
            service = await self._ready()
            key = service.kept_under(name, question)
            if key in self._kept:
                await reply(self._kept[key])
            elif service.is_heavy(name, question):
                async with self._unread.turn(visitor):  # until it is read: a few of these fill the memory
                    await reply(await self._elsewhere(visitor, name, question))
            else:
                body, is_good = await self._near(visitor, name, question)
                if key and is_good:
                    self._kept[key] = body
                await reply(body)
        except RnnvizError as error:
            await reply(orjson.dumps(objection(error)))

    async def _near(self, visitor: str, name: str, question: object) -> tuple[bytes, bool]:
        """By a thread of this process; the answer, and whether it is one and no objection."""
        lane, threads = self._training if name.startswith("train_") else self._short
        async with lane.turn(visitor):
            work = copy_context().run  # what is done may ask who asks (``visitors.ASKING``)
            answer = getattr(self._service, name)

            def made() -> tuple[bytes, bool]:
                found = work(answer, question)
                return orjson.dumps(found), "error" not in found

            return await asyncio.get_running_loop().run_in_executor(threads, made)

    async def _elsewhere(self, visitor: str, name: str, question: object) -> bytes:
        """By another process."""
        async with self._heavy.turn(visitor):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._waiting_for_workers, self._far_away, name, question)

    async def _ready(self) -> Any:
        """The service; the first to ask waits until it is there."""
        if self._service is None:
            self._service = await asyncio.to_thread(self._opening)
        return self._service


def _read(body: bytes) -> dict[str, Any] | None:
    """A question as the page puts it; None for anything else."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None


def _refused(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)
