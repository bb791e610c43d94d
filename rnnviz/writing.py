"""How texts and numbers are written: a mark that nobody sees as a symbol, a sign before a number."""

import re
from typing import SupportsFloat

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Control, zero-width and direction marks as symbols, so that none of them steers a terminal or hides in a word.

    The mark that joins the parts of an emoji stays, and so does every script.

    >>> visible("a\x1b[31m")
    'a␛[31m'
    """
    return _INVISIBLE.sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    mark = match[0]
    if mark == "\N{ZERO WIDTH JOINER}" and 0 < match.start() < len(match.string) - 1:
        return mark
    return chr(0x2400 + ord(mark)) if mark < " " else "\N{DOTTED CIRCLE}"


def signed(value: SupportsFloat, digits: int = 2) -> str:
    """A number with its sign, as in +0.31 and −0.31; none for a zero."""
    written = f"{float(value):+.{digits}f}".replace("-", "−")
    return written if written.strip("+−0.") else written[1:]
