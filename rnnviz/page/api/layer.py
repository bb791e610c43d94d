"""The ASGI layer that answers programs: JSON over HTTP, and MCP beside it.

A question is checked as it comes, then waits with those of the page (``rnnviz.page.questions``). All programs together
count as one visitor there: however many ask, each person waits for one of their questions at most. Only a few are
there at a time, so that the page's own heavy questions find room.
"""

import json
from collections.abc import Callable

import orjson
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rnnviz.errors import RnnvizError
from rnnviz.page.api import mcp
from rnnviz.page.api.addresses import MCP, OPENAPI, TOOLS, Tool
from rnnviz.page.api.openapi import document
from rnnviz.page.api.requests import problem
from rnnviz.page.error_replies import OBJECTION
from rnnviz.page.lanes import Lane
from rnnviz.page.questions import Questions, Visit, refusal, response_of
from rnnviz.page.replies import Objection

AT_ONCE, WAITING = 3, 20
"""Questions of programs that are dealt with, and that may wait for that."""
_PROGRAM = "a program"
"""The visitor that all programs are. A page's own name has no space."""
_STATUSES = {"api_index": 404, "text_long": 413, "programs_busy": 429, "server_busy": 503, "capture_room": 503}

_Connection = tuple[Scope, Receive, Send]


class Api:
    """Answers what a program asks; all else goes on to what answers the page."""

    def __init__(self, questions: Questions, root_path: str = "") -> None:
        """Nothing is asked yet.

        Args:
            questions: Where a question waits and is answered.
            root_path: The path below which a proxy serves all addresses; empty where that is "/".
        """
        self._questions = questions
        self._programs = Lane(AT_ONCE, WAITING)
        self._document = orjson.dumps(document(root_path), option=orjson.OPT_INDENT_2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path")
        if path == OPENAPI:
            await Response(self._document, media_type="application/json")(scope, receive, send)
        elif path == MCP or path in TOOLS:
            body = (await receive()).get("body", b"")
            connection = scope, receive, send
            asked = _message(connection, body) if path == MCP else _question(connection, TOOLS[path], body)
            await (self._answer(asked) if isinstance(asked, Visit) else asked(*connection))
        else:
            await self._questions(scope, receive, send)

    async def _answer(self, visit: Visit) -> None:
        try:
            async with self._programs.turn(_PROGRAM):
                await self._questions.answer(visit)
        except RnnvizError:  # there are too many; what the answer objects to was told
            await visit.object(RnnvizError("programs_busy"))


def _question(connection: _Connection, tool: Tool, body: bytes) -> Visit | Response:
    """A question over HTTP, or the response to what is none."""
    request = tool.handler.request
    try:
        question = request.model_validate_json(body) if tool.method == "POST" else request()
    except ValidationError as error:
        if error.errors(include_input=False)[0]["type"] == "json_invalid":
            return refusal(400, "This cannot be read as JSON. Send an object.")
        return refusal(422, problem(error, request))
    return _visit(connection, tool, question, _response)


def _message(connection: _Connection, body: bytes) -> Visit | Response:
    """A tool that is called over MCP, or the response to another message."""
    version = Headers(scope=connection[0]).get("mcp-protocol-version", mcp.VERSIONS[0])
    dealt = mcp.dealt_with(body, version)
    if isinstance(dealt, mcp.Reply):
        return _sent(dealt)
    call = dealt
    return _visit(connection, call.tool, call.question, lambda answer: _sent(call.reply(answer)))


def _visit(connection: _Connection, tool: Tool, question: BaseModel, response: Callable[[bytes], Response]) -> Visit:
    """A question that may wait. Its answer is not compressed, for an objection gets another status."""
    return Visit(connection, tool.question, _PROGRAM, lambda: question.model_dump(mode="json"), response, zips=False)


def _sent(reply: mcp.Reply) -> Response:
    return Response(reply.message, reply.status, media_type="application/json" if reply.message else None)


def _response(answer: bytes) -> Response:
    """The response of an answer, or of an objection with its status."""
    if not answer.startswith(OBJECTION):
        return response_of(answer)
    objection: Objection = json.loads(answer)
    response = refusal(_status(objection), " ".join(objection["message"].split()))
    if response.status_code in (429, 503):
        response.headers["Retry-After"] = "1"
    return response


def _status(objection: Objection) -> int:
    key = objection["error"]
    if key == "unknown_name" and objection["values"]["kind"] == "model":
        return 404
    return 503 if key.startswith(("checkpoint", "index")) else _STATUSES.get(key, 422)
