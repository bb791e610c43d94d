"""Who may ask the server for what: the page, its files, its questions. Gradio offers far more; it is closed here.

Gradio takes uploads, fetches addresses for others and writes deep links to disk even where no part of a page needs any
of it, and the text of an error that nobody caught goes to the log. This layer stands before Gradio's routes. How often
somebody asks is not looked at: a school is one address.
"""

import logging
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnviz.page.api.addresses import HEALTH, METHODS
from rnnviz.page.error_replies import raised_at
from rnnviz.page.serve_options import ServeOptions
from rnnviz.page.visitors import ASKING

MOST_BYTES = 64 * 1024
"""The longest body of a request."""

_FILE = r"[\w-][\w.-]*"  # a name that cannot climb out of its folder
_LOOKED_AT = re.compile(
    rf"/|/theme\.css|/favicon\.ico|/manifest\.json|/assets/{_FILE}|/static/(img|js)/{_FILE}|/networks/{_FILE}/{_FILE}",
    re.ASCII,
)
_ASKED = "/gradio_api/component_server/"
_NAMED_BY_CONTENT = (
    "/assets/",
    "/theme.css",
    "/networks/",
)  # the page asks for another address when one of these changes

_POLICY = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio has scripts in its page and compiles templates
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",  # the page starts its workers from its own script
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self' https://huggingface.co https://*.hf.space",  # where a Space is shown; others may follow
)
_HEADERS = {
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_ALLOW = "Whoever runs it allows a further name with the option --allow-host NAME, or in RNNVIZ_ALLOW_HOSTS."

_log = logging.getLogger(__name__)


class Guard:
    """An ASGI layer that passes on what the page itself asks and nothing else, and gives every answer strict headers.

    Where the API is on, it passes on what programs ask too.

    Whoever asks must name this server by one of its names, and a question must come from the server's own page. What is
    done for a question may look up what its visitor may do (``visitors.ASKING``).

    A body is counted as it arrives, whatever the headers say of its length, and the rest of one that is too long is not
    read. What follows a ``?`` is for the browser and goes no further. An error that nobody caught is answered in one
    sentence; the log has its kind and where it was raised, and never its text, which may hold what was typed.
    """

    def __init__(self, app: ASGIApp, options: ServeOptions, looked: Callable[[], None] = lambda: None) -> None:
        """Stand before an app.

        Args:
            app: What answers.
            options: Where and for whom the page is served.
            looked: Called whenever the page or one of its files is asked for.
        """
        self._app = app
        self._looked = looked
        self._root_path = options.root_path
        self._visitors = options.visitors
        self._methods = METHODS if options.api else {}
        policy = " ".join(("; ".join(_POLICY), *options.frame_ancestors))
        self._headers = {"Content-Security-Policy": policy} | _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _below(self._root_path, scope["path"])
        answer = _Answer(path, self._headers, send)
        if path == HEALTH and scope["method"] in ("GET", "HEAD"):
            await JSONResponse({"status": "ok"})(scope, receive, answer)
            return
        objection = self._stranger(scope) or self._moved(path) or self._closed(scope, path)
        if objection is None and path != _ASKED:
            self._looked()
        body = b"" if objection else await _body(receive)
        if body is None:
            objection = _said(413, f"At most {MOST_BYTES // 1024} kB are read. Send less.")
        if objection is not None:
            await objection(scope, receive, answer)
            return
        if path in ("/", _ASKED):  # the files are the same for everybody
            ASKING.set(self._visitors.rights(scope))
        passed_on = {**scope, "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b""}
        try:
            await self._app(passed_on, _again(body or b"", receive), answer)
        except Exception as error:
            _log.error("%s at %s", type(error).__name__, raised_at(error))
            if not answer.begun:
                await _said(500, "The server failed at this. Ask something else.")(scope, receive, answer)

    def _stranger(self, scope: Scope) -> Response | None:
        """The objection to somebody who asks by another name, or from another site."""
        if not self._visitors.knows(scope):
            return _said(403, "This server is not known by the name in the address. " + _ALLOW)
        if scope["method"] == "POST" and not self._visitors.from_here(scope):
            return _said(403, "Questions are answered to the page of this server alone, not to other sites. " + _ALLOW)
        return None

    def _moved(self, path: str) -> Response | None:
        """The way from the path of a folder to the folder, for all that the page asks for lies in it."""
        return RedirectResponse(f"{path}/") if path == self._root_path else None

    def _closed(self, scope: Scope, path: str) -> Response | None:
        """The objection to a request that neither the page nor, where the API is on, a program makes."""
        method = self._methods.get(path, "POST" if path == _ASKED else "")
        if scope["method"] == method == "POST":
            kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip()
            return None if kind == "application/json" else _said(415, "Only application/json is read here.")
        if scope["method"] == method:
            return None
        if path in self._methods:
            return JSONResponse({"detail": f"This address takes {method}."}, 405, {"Allow": method})
        if scope["method"] in ("GET", "HEAD") and _LOOKED_AT.fullmatch(path):
            return None
        return _said(404, "There is nothing at this address.")


class _Answer:
    """Sends an answer on, with our headers; ``begun`` says whether there is one yet."""

    def __init__(self, path: str, headers: dict[str, str], send: Send) -> None:
        self.begun = False
        self._path = path
        self._headers = headers
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            MutableHeaders(scope=message).update(self._headers | {"Cache-Control": self._kept(message["status"])})
        await self._send(message)

    def _kept(self, status: int) -> str:
        if status not in (200, 304) or self._path in (_ASKED, HEALTH) or METHODS.get(self._path) == "POST":
            return "no-store"
        return "public, max-age=31536000, immutable" if self._path.startswith(_NAMED_BY_CONTENT) else "no-cache"


def _below(root_path: str, path: str) -> str:
    """The path below the one where a proxy serves the page, whether or not the proxy has taken that off already."""
    return path.removeprefix(root_path) if root_path and path.startswith(f"{root_path}/") else path


async def _body(receive: Receive) -> bytes | None:
    """The body of a request; None as soon as it is too long."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, and then whatever comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _said(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)
