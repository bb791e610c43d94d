"""The page itself, made once for each kind of visitor, before Gradio, which is told nothing of who asks.

Gradio makes the page anew for every visitor, and writes the address into it by which it was asked, or whatever a header
says of that. Here the address is the page's own folder: so the page works below any path of any server.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from gradio import __version__ as gradios_version
from gradio.routes import toorjson
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnviz.errors import SettingError
from rnnviz.page.kept import best_encoding
from rnnviz.page.visitors import ASKING, Rights

_PASSED_ON = (b"accept", b"accept-encoding", b"content-type", b"content-length", b"if-none-match", b"if-modified-since")
_HOST = b"rnnviz"
_ADDRESS, _TIMES = b'"http://rnnviz"', 2
"""The address by which Gradio is asked, as it stands in the page: in its settings, and in its first script."""
_OWN_FOLDER = b'"."'
_BASE = b'<base href="./" />'
_IN_A_FOLDER = (
    b'<script>location.pathname.endsWith("/") || location.replace(location.pathname + "/" + location.hash)</script>'
)
"""For a proxy that serves the page at ``/rnnviz`` as at ``/rnnviz/``: all that the page asks for lies below."""


class Front:
    """An ASGI app: the page by the rights of who asks, anything else from Gradio."""

    def __init__(self, app: ASGIApp, offered: Callable[[Rights], dict[str, Any]]) -> None:
        """Nothing is made yet.

        Args:
            app: Gradio's, whose page offers what is offered to somebody without rights.
            offered: What can be trained by somebody with these rights (``rnnviz.page.offers``).
        """
        self._app = app
        self._offered = offered
        self._pages: dict[Rights, _Page] = {}

    def begin(self) -> None:
        """Make the page of somebody without rights, before anybody asks for it.

        Raises:
            SettingError: Gradio makes a page in which rnnviz cannot write what it must.
        """
        asked = self._page(Rights(), {"type": "http", "http_version": "1.1", "path": "/", "raw_path": b"/"})
        with ThreadPoolExecutor(1) as aside:  # in this thread an event loop may run, as in a notebook
            aside.submit(asyncio.run, asked).result()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == "/":
            page = await self._page(ASKING.get(), scope)
            await page.answer(Headers(scope=scope))(scope, receive, send)
        else:
            await self._app(_without_visitor(scope), receive, send)

    async def _page(self, rights: Rights, scope: Scope) -> "_Page":
        if rights not in self._pages:
            made = await _made(self._app, scope)
            self._pages[rights] = _Page(_changed(made, self._json(Rights()), self._json(rights)))
        return self._pages[rights]

    def _json(self, rights: Rights) -> bytes:
        return str(toorjson(self._offered(rights))).encode()


class _Page:
    def __init__(self, plain: bytes) -> None:
        relative = _changed(plain, _ADDRESS, _OWN_FOLDER, _TIMES)
        self._plain = _changed(relative, _BASE, _IN_A_FOLDER + _BASE)
        self._tag = f'"{hashlib.sha256(self._plain).hexdigest()[:32]}"'

    @cached_property
    def _zipped(self) -> bytes:
        return gzip.compress(self._plain, mtime=0)

    def answer(self, asked: Headers) -> Response:
        """The page; nothing where the browser has it already."""
        headers = {"ETag": self._tag, "Vary": "Accept-Encoding"}
        if asked.get("if-none-match", "").removeprefix("W/") == self._tag:
            return Response(status_code=304, headers=headers)
        if best_encoding(asked.get("accept-encoding", ""), ("gzip",)) == "identity":
            return Response(self._plain, headers=headers, media_type="text/html")
        return Response(self._zipped, headers=headers | {"Content-Encoding": "gzip"}, media_type="text/html")


def _changed(page: bytes, old: bytes, new: bytes, times: int = 1) -> bytes:
    """A page with something instead of what must be there so often: another Gradio might write it otherwise."""
    if page.count(old) != times:
        raise SettingError("gradio_page", version=gradios_version)
    return page.replace(old, new)


def _without_visitor(scope: Scope) -> Scope:
    """A request of which nothing says who asks, from where, or by which name of the server."""
    headers = [(name, value) for name, value in scope["headers"] if name in _PASSED_ON]
    return {**scope, "headers": [(b"host", _HOST), *headers], "client": None, "server": None, "scheme": "http"}


async def _made(app: ASGIApp, scope: Scope) -> bytes:
    """The page as Gradio makes it, whoever asks for it."""
    said: list[Message] = []

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def hear(message: Message) -> None:
        said.append(message)

    bare = {**scope, "method": "GET", "headers": [], "query_string": b""}
    await app(_without_visitor(bare), nothing, hear)
    return b"".join(message.get("body", b"") for message in said)
