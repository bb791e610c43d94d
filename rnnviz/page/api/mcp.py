"""The Model Context Protocol, as far as a server of a few tools needs it: a message in, a message out.

Each message stands alone, so there are no sessions and no streams. Over HTTP a message is the body of a POST
(``rnnviz.page.api.layer``), over stdio it is a line (``rnnviz.page.api.stdio``).

Source: https://modelcontextprotocol.io/specification/2025-11-25
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rnnviz import __version__
from rnnviz.page.api.addresses import TOOLS, Tool
from rnnviz.page.api.requests import problem
from rnnviz.page.error_replies import OBJECTION

VERSIONS = ("2025-11-25", "2025-06-18")
"""Of the protocol, the newest first. In these a client begins with ``initialize``."""

_INSTRUCTIONS = (
    "rnnviz reads texts with small recurrent networks (RNN, GRU, LSTM) and shows what is inside: the answer after each "
    "token, hidden states, cell states and gates. Ask for `networks` first, then `read` a text, and `hold` a gate or a "
    "unit to see what it does; `find` says where else it does the same. Signals are large: ask for few units."
)
_PARSE, _INVALID, _METHOD, _PARAMS, _INTERNAL, _VERSION = -32700, -32600, -32601, -32602, -32603, -32022


class Reply(NamedTuple):
    """What is sent back; nothing to a message that wants no answer. Over HTTP with a status."""

    message: bytes
    status: int = 200


class Call(NamedTuple):
    """A message that calls a tool.

    Attributes:
        tool, question: Which, and what it is asked.
        id: Of the message.
    """

    tool: Tool
    question: BaseModel
    id: int | str | None

    def reply(self, answer: bytes) -> Reply:
        """The reply that holds an answer or an objection, which is JSON; an answer, which is large, as it is."""
        if answer.startswith(OBJECTION):
            return _told(self.id, orjson.loads(answer)["message"])
        content = orjson.dumps([{"type": "text", "text": answer.decode()}])
        result = b'{"content":%b,"structuredContent":%b,"isError":false}' % (content, answer)
        return Reply(b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (orjson.dumps(self.id), result))

    def failed(self) -> Reply:
        """The reply where a bug was met."""
        return _error(self.id, _INTERNAL, "The server failed at this. Ask something else.")


class _Message(BaseModel):
    """A message. Without an id it is a notification."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    jsonrpc: Literal["2.0"]
    method: str
    id: Annotated[int, Field(ge=-(2**63), lt=2**64)] | str | None = None  # as large as a reply can hold
    params: dict[str, Any] = {}


class _ToolCall(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    name: str
    arguments: dict[str, Any] | None = None


def dealt_with(body: bytes, version: str = VERSIONS[0]) -> Call | Reply:
    """The reply to a message, or the call that it is.

    Args:
        body: The message.
        version: Of the protocol, as a header of HTTP says it.
    """
    try:
        message = _Message.model_validate_json(body)
    except ValidationError as error:
        is_json = error.errors(include_input=False)[0]["type"] != "json_invalid"
        said = "This is no single JSON-RPC message." if is_json else "This cannot be read as JSON."
        return _error(None, _INVALID if is_json else _PARSE, said, status=400)
    if version not in VERSIONS:
        known = {"supported": VERSIONS, "requested": version[:40]}
        return _error(message.id, _VERSION, "This version of the protocol is not known here.", known, status=400)
    if message.id is None:
        return Reply(b"", 202)
    if message.method == "tools/call":
        return _call(message)
    if message.method in _METHODS:
        return _result(message.id, _METHODS[message.method](message.params))
    return _error(message.id, _METHOD, "There is no such method here.")


def _initialize(params: dict[str, Any]) -> dict[str, Any]:
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "rnnviz", "version": __version__},
        "instructions": _INSTRUCTIONS,
    }


def _tools(_params: dict[str, Any]) -> dict[str, Any]:
    return {"tools": [_described(tool) for tool in TOOLS.values()]}


def _described(tool: Tool) -> dict[str, Any]:
    request = tool.handler.request
    return {
        "name": tool.name,
        "description": inspect.getdoc(request),
        "inputSchema": request.model_json_schema(),
        "annotations": {"readOnlyHint": True, "openWorldHint": False},
    }


_METHODS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "initialize": _initialize,
    "ping": lambda _params: {},
    "tools/list": _tools,
}


def _call(message: _Message) -> Call | Reply:
    tools = {tool.name: tool for tool in TOOLS.values()}
    try:
        asked = _ToolCall.model_validate(message.params)
    except ValidationError:
        return _error(message.id, _PARAMS, "A tool is called by its name, with an object of arguments.")
    if asked.name not in tools:
        return _error(message.id, _PARAMS, f"There is no such tool; there are {', '.join(tools)}.")
    tool = tools[asked.name]
    try:
        question = tool.handler.request.model_validate(asked.arguments or {})
    except ValidationError as error:
        return _told(message.id, problem(error, tool.handler.request))
    return Call(tool, question, message.id)


def _told(number: int | str | None, sentence: str) -> Reply:
    """An objection, which is told as a result, so that a language model reads it and asks again."""
    return _result(number, {"content": [{"type": "text", "text": sentence}], "isError": True})


def _result(number: int | str | None, result: dict[str, Any]) -> Reply:
    return Reply(orjson.dumps({"jsonrpc": "2.0", "id": number, "result": result}))


def _error(
    number: int | str | None, code: int, sentence: str, data: dict[str, Any] | None = None, status: int = 200
) -> Reply:
    error = {"code": code, "message": sentence} | ({"data": data} if data else {})
    return Reply(orjson.dumps({"jsonrpc": "2.0", "id": number, "error": error}), status)
