"""Each data set's own spelling, and what undoes it, so that what a person types later meets the same tokens."""

import html
import re
from collections.abc import Callable
from typing import Literal

Spelling = Literal["plain", "treebank", "ag_news", "html", "escaped"]

_BRACKETS = {"-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "-lcb-": "{", "-rcb-": "}"}
_BRACKET = re.compile("|".join(_BRACKETS), re.IGNORECASE)
_CONTRACTION = re.compile(
    r"(?<=\bcan) (?=not\b)|(?<=\bgon|\bwan) (?=na\b)| (?=(?:n't|'(?:s|t|m|d|re|ve|ll))\b)", re.IGNORECASE
)


def _treebank(text: str) -> str:
    r"""Undo the Penn Treebank's spelling: ``did n't`` → ``didn't``, ``-lrb-`` → ``(``, ``\/`` → ``/``, quotes."""
    text = _BRACKET.sub(lambda match: _BRACKETS[match[0].lower()], text)
    text = text.replace("\\/", "/").replace("\\*", "*").replace("``", '"').replace("''", '"').replace("`", "'")
    return _CONTRACTION.sub("", text)


_ENTITY = re.compile(r"(?:&| )(#\d{1,6}|quot|amp|lt|gt|nbsp);")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def _ag_news(text: str) -> str:
    r"""Undo AG News's left-overs of HTML: `` #39;`` → ``'``, `` quot;`` → ``"``; tags and backslashes become spaces."""
    whole = html.unescape(_ENTITY.sub(r"&\1;", text))
    return _TAG.sub(" ", whole).replace("\\", " ")


def _web(text: str) -> str:
    """Line breaks of a web page become spaces."""
    return _BREAK.sub(" ", text)


_ESCAPE = re.compile(r"\\+(?:[nrt]|(?=\"))")


def _escaped(text: str) -> str:
    r"""Undo escapes that a file kept as letters: ``\n`` → a space, ``\"`` → ``"``."""
    return _ESCAPE.sub(lambda match: "" if match[0].endswith("\\") else " ", text)


SPELLINGS: dict[Spelling, Callable[[str], str]] = {
    "plain": str,
    "treebank": _treebank,
    "ag_news": _ag_news,
    "html": _web,
    "escaped": _escaped,
}
"""What undoes each data set's own spelling."""
