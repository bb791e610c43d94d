"""JSON read as if a stranger had written it, and written so that everybody can read it.

Left out: what the objects mean.
"""

import json
import math
import re
from typing import Any, NoReturn

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_MOST_DIGITS = 20  # of a whole number: 64 bits have no more


def json_object(data: bytes, *, surrogates: bool = False) -> dict[str, Any]:
    """A JSON object in UTF-8 that names no key twice and holds finite numbers.

    Args:
        data: The bytes of a file.
        surrogates: Whether its texts may hold half a character (a lone surrogate), as what a person types may.

    Raises:
        ValueError: It is something else; the message says what is wrong.
    """
    value = _value(data, surrogates=surrogates)
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    return value


def json_array(data: bytes) -> list[Any]:
    """A JSON array in UTF-8, as strict as ``json_object``.

    Raises:
        ValueError: It is something else; the message says what is wrong.
    """
    value = _value(data, surrogates=False)
    if not isinstance(value, list):
        raise ValueError("it is no JSON array")
    return value


def _value(data: bytes, *, surrogates: bool) -> Any:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 at byte {error.start:,}") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_repeats,
            parse_constant=_no_constants,
            parse_float=_finite,
            parse_int=_short,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not surrogates and _SURROGATE.search(data):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half a character (a lone surrogate)") from None
    return value


def to_json(value: Any, **options: Any) -> str:
    """Write a value as JSON; a number that is not finite, which JSON does not have, becomes null.

    >>> to_json({"loss": float("nan"), "words": ("a",)})
    '{"loss": null, "words": ["a"]}'
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        return json.dumps(_with_nulls(value), allow_nan=False, **options)


def _with_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_nulls(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_nulls(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("it names a key twice")
    return entries


def _no_constants(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:_MOST_DIGITS]} is too large a number")
    return number


def _short(digits: str) -> int:
    if len(digits.removeprefix("-")) > _MOST_DIGITS:
        raise ValueError(f"a whole number of {len(digits.removeprefix('-')):,} digits is too large")
    return int(digits)
