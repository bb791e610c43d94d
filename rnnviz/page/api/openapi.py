"""The OpenAPI document, made from the table of questions (``rnnviz.page.handlers.API``)."""

import inspect
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from rnnviz import __version__
from rnnviz.page.api import replies
from rnnviz.page.api.addresses import HEALTH, TOOLS, Tool
from rnnviz.page.guard import MOST_BYTES

_ERRORS = {
    400: "The body cannot be read as JSON.",
    403: "The server is not known by this name, or another site's page asks.",
    404: "There is no such network, or no index of it.",
    413: f"The body has more than {MOST_BYTES // 1024} kB, or the text has more tokens than are read at once.",
    415: "The body's type is not application/json.",
    422: "A field is missing, unknown or of another type, or names what is not there.",
    429: "Enough other programs wait. Try again after the seconds of Retry-After.",
    500: "The server failed.",
    503: "The server has too much to do, or this network cannot be read. Try again after the seconds of Retry-After.",
}
_WITHOUT_BODY = (403, 429, 500, 503)


def document(root_path: str) -> dict[str, Any]:
    """The whole document, for JSON.

    Args:
        root_path: The path below which a proxy serves all addresses; empty where that is "/".
    """
    adapters: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        ("refusal", "validation", TypeAdapter(replies.Refusal)),
        ("health", "validation", TypeAdapter(replies.Health)),
    ]
    for tool in TOOLS.values():
        adapters.append((f"{tool.name} question", "validation", TypeAdapter(tool.handler.request)))
        adapters.append((f"{tool.name} reply", "validation", TypeAdapter(tool.handler.reply)))
    made, whole = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")
    schemas = {name: schema for (name, _), schema in made.items()}
    paths = {address: {tool.method.lower(): _operation(tool, schemas)} for address, tool in TOOLS.items()}
    health = {"summary": "Whether the server answers.", "responses": {"200": _content("It does.", schemas["health"])}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "rnnviz",
            "version": __version__,
            "description": "What a recurrent network remembers, word by word.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root_path or "/"}],
        "paths": paths | {HEALTH: {"get": {"operationId": "health", **health}}},
        "components": {"schemas": whole["$defs"]},
    }


def _operation(tool: Tool, schemas: dict[str, Any]) -> dict[str, Any]:
    summary, _, rest = (inspect.getdoc(tool.handler.request) or "").partition("\n\n")
    has_body = tool.method == "POST"
    codes = [code for code in _ERRORS if has_body or code in _WITHOUT_BODY]
    responses = {"200": _content("The answer.", schemas[f"{tool.name} reply"])}
    responses |= {str(code): _content(_ERRORS[code], schemas["refusal"]) for code in codes}
    described: dict[str, Any] = {"operationId": tool.name, "summary": summary, "responses": responses}
    if rest:
        described["description"] = rest
    if has_body:
        described["requestBody"] = {"required": True, "content": _json(schemas[f"{tool.name} question"])}
    return described


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": _json(schema)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
