"""The files of the page, compressed once and then answered from memory.

Gradio reads and compresses a file anew for each visitor; a class that opens the page at once would wait for that.
"""

import asyncio
import re
from functools import lru_cache
from weakref import WeakValueDictionary

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64_000_000
ENCODINGS = ("br", "gzip", "identity")
_LONGEST = 1_000
_REFUSED = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
_IN_PART = ("range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range")


class Kept:
    """An ASGI layer that keeps whole good answers to GET."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES, encodings: tuple[str, ...] = ENCODINGS) -> None:
        """Nothing is kept yet.

        Args:
            app: What answers, always the same to the same address.
            most_bytes: Of all answers together that are kept.
            encodings: Which it can answer in, the best one first.
        """
        self._app = app
        self._encodings = encodings
        self._room = most_bytes
        self._kept: dict[tuple[str, str], tuple[Message, bytes]] = {}
        self._making: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or have it answered."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if scope["type"] != "http" or scope["method"] != "GET" or any(name in headers for name in _IN_PART):
            await self._app(scope, receive, send)
            return
        key = scope["path"], best_encoding(headers.get("accept-encoding", ""), self._encodings)
        start, body = self._kept.get(key) or await self._once(key, _accepting(scope, key[1]), receive)
        await send({**start, "headers": list(start["headers"])})
        await send({"type": "http.response.body", "body": body})

    async def _once(self, key: tuple[str, str], scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """Have it answered; whoever asks for the same meanwhile waits for that answer."""
        making = self._making.setdefault(key, asyncio.Lock())  # forgotten when nobody holds it
        async with making:
            return self._kept.get(key) or await self._made(key, scope, receive)

    async def _made(self, key: tuple[str, str], scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """Have it answered, and keep the answer if there is room."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        if start["status"] == 200 and len(body) <= self._room:
            self._room -= len(body)
            self._kept[key] = start, body
        return start, body


def best_encoding(accepted: str, known: tuple[str, ...] = ENCODINGS) -> str:
    """The first of these encodings that a browser accepts; none that it refuses with ``q=0``."""
    return _best_encoding(accepted[:_LONGEST], known)


@lru_cache(maxsize=100)  # browsers accept few things, and say so with each request
def _best_encoding(accepted: str, known: tuple[str, ...]) -> str:
    parts = [part.lower().partition(";") for part in accepted.split(",")]
    names = {name.strip() for name, _, weight in parts if not _REFUSED.fullmatch(weight)}
    return next((name for name in known if name in names), "identity")


def _accepting(scope: Scope, encoding: str) -> Scope:
    """The same request, accepting this encoding alone."""
    changed = {**scope, "headers": list(scope["headers"])}
    MutableHeaders(scope=changed)["accept-encoding"] = encoding
    return changed
