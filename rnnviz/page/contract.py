"""The types of all questions and answers for the browser, in TypeScript.

    python -m rnnviz.page.contract > web/src/client/contract.ts

They are made from the table of questions (``rnnviz.page.handlers``). A test holds the file to what is made here.
"""

import re
import sys
from collections.abc import Iterator
from itertools import chain
from types import UnionType
from typing import Any, cast, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from rnnviz.page import replies
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.replies import Objection

_WIDTH = 120
_HEAD = "// Made from rnnviz/page/requests.py, replies.py and handlers.py by `python -m rnnviz.page.contract`.\n"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def typescript() -> str:
    """The whole file."""
    adapters: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [("Objection", "validation", TypeAdapter(Objection))]
    for name, handler in HANDLERS.items():
        adapters.append((f"{name} question", "validation", TypeAdapter(handler.request)))
        adapters += [(f"{name} {part}", "validation", TypeAdapter(part)) for part in _parts(handler.reply)]
    schemas, whole = TypeAdapter.json_schemas(adapters, ref_template="{model}")
    named = set(_named([whole["$defs"], *schemas.values()]))  # some are only of Python's side
    declared = {name: schema for name, schema in sorted(whole["$defs"].items()) if name in named}
    parts = [_declared(name, schema, declared) for name, schema in declared.items()]
    rows = []
    for name, handler in HANDLERS.items():
        question = _type(schemas[f"{name} question", "validation"])
        reply = [_type(schemas[f"{name} {part}", "validation"]) for part in _parts(handler.reply)]
        rows.append(f"  {name}: {{ question: {question}; reply: {' | '.join([*reply, 'Objection'])} }};")
    table = [
        "/** All that the page may ask: what it sends, and what it is answered. */",
        "export interface Questions {",
    ]
    return "\n".join([_HEAD, *parts, *table, *rows, "}", ""])


def _parts(reply: object) -> tuple[Any, ...]:
    """The kinds of an answer."""
    return get_args(reply) if isinstance(reply, UnionType) else (reply,)


def _named(schema: object) -> Iterator[str]:
    """The names of all types that a schema refers to."""
    if isinstance(schema, dict):
        yield from [schema["$ref"]] if "$ref" in schema else chain.from_iterable(map(_named, schema.values()))
    elif isinstance(schema, list):
        yield from chain.from_iterable(map(_named, schema))


def _declared(name: str, schema: Schema, declared: dict[str, Schema]) -> str:
    """One type, with its description. What it adds to another reply is said of that one's type."""
    lines = list(_comment(schema.get("description", "")))
    if schema.get("properties"):
        required = schema.get("required", [])
        bases = [base for base in _bases(name) if base in declared]
        known = set(chain.from_iterable(declared[base]["properties"] for base in bases))
        fields = [
            f"  {field}{'' if field in required else '?'}: {_type(inner)};"
            for field, inner in schema["properties"].items()
            if field not in known
        ]
        more = f" extends {', '.join(bases)}" if bases else ""
        return "\n".join([*lines, f"export interface {name}{more} {{", *fields, "}", ""])
    line = f"export type {name} = {_type(schema)};"
    if len(line) > _WIDTH:  # as the formatter of web/ breaks it
        line = line.replace(" = ", " =\n  | ", 1).replace('" | "', '"\n  | "')
    return "\n".join([*lines, line, ""])


def _bases(name: str) -> list[str]:
    """The replies that a reply adds to."""
    return [base.__name__ for base in getattr(getattr(replies, name, None), "__orig_bases__", ())]


def _comment(description: str) -> Iterator[str]:
    text = re.sub(r"``(.*?)``", r"`\1`", description).splitlines()
    if text:
        yield from (
            [f"/** {text[0]} */"] if len(text) == 1 else ["/**", *(f" * {line}".rstrip() for line in text), " */"]
        )


def _type(schema: Schema) -> str:
    """The type of what a schema describes."""
    if "$ref" in schema:
        return cast(str, schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        return " | ".join(f'"{value}"' if isinstance(value, str) else str(value).lower() for value in values)
    kind = schema.get("type")
    if kind == "array":
        return _array(schema)
    if kind == "object":
        return _object(schema)
    return _PLAIN[kind] if kind else "unknown"


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(map(_type, schema['prefixItems']))}]"
    inner, least, most = _type(schema["items"]), schema.get("minItems"), schema.get("maxItems")
    if least == most and most is not None:
        return f"[{', '.join([inner] * most)}]"
    is_choice = "anyOf" in schema["items"] or len(schema["items"].get("enum", ())) > 1
    return f"({inner})[]" if is_choice else f"{inner}[]"


def _object(schema: Schema) -> str:
    if schema.get("properties") == {}:
        return "Record<string, never>"
    inner = schema.get("additionalProperties", True)
    value = _type(inner) if isinstance(inner, dict) else "unknown"
    if "propertyNames" in schema:
        return f"Partial<Record<{_type(schema['propertyNames'])}, {value}>>"
    return f"Record<string, {value}>"


if __name__ == "__main__":
    sys.stdout.buffer.write(typescript().encode())
