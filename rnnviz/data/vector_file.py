"""Files of word vectors, read as if a stranger had written them: words, and one row of numbers each.

Read are GloVe's text, word2vec's and fastText's text with their first line, both also gzipped, and a .npy array with
its words beside it. Left out: what the vectors are for (``rnnviz.data.text``).
"""

import io
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from rnnviz.errors import DataError
from rnnviz.untrusted import arrays, unpacking

_MOST_BYTES, _MOST_LISTING = 8_000_000_000, 256_000_000
_MOST_LINE, _MOST_WIDTH, _MOST_EMPTY = 250_000, 10_000, 100
_BLOCK = 1_000_000  # numbers that are checked at once
_MARK = b"\xef\xbb\xbf"

Vectors = tuple[dict[str, int], Float[np.ndarray, "word feature"]]
"""Word to row, and the rows. Of a word that is there twice, the first row counts."""


class _Line(NamedTuple):
    number: int
    word: str
    values: list[float]


def from_array(path: Path) -> Vectors:
    """Read a .npy table; beside it lies ``vocab.txt``, one word a line.

    Raises:
        ValueError: One of them cannot be read.
        DataError: They do not fit each other.
    """
    listing = path.with_name("vocab.txt")
    if not (path.is_file() and listing.is_file()):
        raise ValueError(f"there is no {listing.name if path.is_file() else path.name} in its folder")
    with path.open("rb") as file:
        header = arrays.read_header(file)
        if len(header.shape) != 2 or header.dtype.kind != "f" or header.dtype.itemsize > 8:
            raise ValueError("it holds no table of floating-point numbers")
        declared, actual = file.tell() + header.bytes, path.stat().st_size
        if declared != actual or actual > _MOST_BYTES:
            raise ValueError(
                f"its header declares {declared:,} bytes, and it has {actual:,}; at most {_MOST_BYTES:,} are read"
            )
        vectors = arrays.read_numbers(file, header)
    words = _listed(listing)
    if len(vectors) != len(words):
        raise DataError(
            "vectors_vocabulary", path=path, vectors=len(vectors), vocabulary=listing.name, words=len(words)
        )
    _check_width(vectors.shape[1])
    _check_finite(vectors, "row", range(len(vectors)))
    return _row_of_word(words), vectors.astype(vectors.dtype.newbyteorder("="), copy=False)


def _listed(listing: Path) -> list[str]:
    with listing.open("rb") as file:
        data = file.read(_MOST_LISTING + 1)
    if len(data) > _MOST_LISTING:
        raise ValueError(f"{listing.name} has more than {_MOST_LISTING:,} bytes")
    try:
        text = data.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{listing.name} is not UTF-8 at byte {error.start:,}") from None
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _row_of_word(words: Sequence[str]) -> dict[str, int]:
    return {word: row for row, word in reversed(list(enumerate(words)))}


def from_text(path: Path) -> Vectors:
    """Read a text of one word a line, its numbers after it.

    Raises:
        ValueError: It is something else; the message names the line.
    """
    if not path.is_file():
        raise ValueError("there is no such file")
    words: dict[str, int] = {}
    lines: list[int] = []
    numbers, block, width = array("f"), array("d"), 0
    with path.open("rb") as file, unpacking.opened(file, _MOST_BYTES) as stream:
        for line in _read_lines(stream):
            width = len(line.values)
            if words.setdefault(line.word, row := len(numbers) // width + len(lines)) == row:
                block.extend(line.values)
                lines.append(line.number)
            if len(block) >= _BLOCK:
                _add(numbers, block, lines)
                block, lines = array("d"), []
    if not words:
        raise ValueError("no line of it holds a word and its numbers")
    if lines:
        _add(numbers, block, lines)
    return words, np.frombuffer(numbers, dtype=np.float32).reshape(-1, width)


def _add(numbers: array, block: array, lines: list[int]) -> None:
    """Add rows that are finite also as float32."""
    with np.errstate(over="ignore"):
        rows = np.frombuffer(block, dtype=np.float64).astype(np.float32).reshape(len(lines), -1)
    _check_finite(rows, "line", lines)
    numbers.frombytes(rows.tobytes())


def _check_finite(rows: Float[np.ndarray, "word feature"], kind: str, positions: Sequence[int]) -> None:
    for start in range(0, len(rows), 4_096):
        odd = np.flatnonzero(~np.isfinite(rows[start : start + 4_096]).all(axis=1))
        if len(odd):
            raise ValueError(f"{kind} {positions[start + odd[0]]:,} holds a number that is not finite")


def _check_width(width: int) -> None:
    if not 1 <= width <= _MOST_WIDTH:
        raise ValueError(f"its vectors have {width:,} numbers; from 1 to {_MOST_WIDTH:,} are read")


def _read_lines(stream: io.BufferedReader) -> Iterator[_Line]:
    """Each line with a word that is UTF-8; all have as many numbers, and with a first line as many as that says."""
    promised: tuple[int, int] | None = None
    number = rows = empty = width = 0
    while line := stream.readline(_MOST_LINE + 1):
        number += 1
        if len(line) > _MOST_LINE:
            raise ValueError(f"line {number:,} has more than {_MOST_LINE:,} bytes{_binary(promised)}")
        fields = (line.removeprefix(_MARK) if number == 1 else line).rstrip(b" \t\r\n").split(b" ")
        if fields == [b""]:
            empty += 1
            if empty > _MOST_EMPTY:
                raise ValueError(f"more than {_MOST_EMPTY} of its lines are empty")
            continue
        if number == 1 and len(fields) == 2 and all(map(bytes.isdigit, fields)):
            promised = _promise(fields)
            width = promised[1]
            continue
        try:
            parsed = _parsed(fields, width, number)
        except ValueError as error:
            cut = not line.endswith(b"\n")
            raise ValueError(
                f"{error}: it is cut short, fetch it again" if cut else f"{error}{_binary(promised)}"
            ) from None
        width, rows = width or len(parsed.values), rows + 1
        _check_width(width)
        if parsed.word:
            yield parsed
    if promised and rows != promised[0]:
        raise ValueError(f"its first line promises {promised[0]:,} words, and it has {rows:,}: fetch the file again")


def _promise(fields: list[bytes]) -> tuple[int, int]:
    """How many words of how many numbers the first line promises."""
    if max(map(len, fields)) > 10:
        raise ValueError("line 1 promises more words than any file has")
    words, width = map(int, fields)
    _check_width(width)
    return words, width


def _parsed(fields: list[bytes], width: int, number: int) -> _Line:
    """A word and its numbers, so many if the width is known. A word may hold spaces, as some of GloVe's 840B do."""
    values = _numbers(fields[1:]) if len(fields) == width + 1 else None
    if values is None:
        non_number = next(
            (index for index, field in enumerate(reversed(fields[1:])) if _numbers([field]) is None), None
        )
        count = len(fields) - 1 if non_number is None else non_number
        if not count or count != (width or count):
            needed = f"{width:,} are" if width else "at least one is"
            raise ValueError(f"line {number:,} has {count:,} numbers after its word, and {needed} needed")
        fields, values = [b" ".join(fields[:-count]), *fields[-count:]], _numbers(fields[-count:])
    try:
        return _Line(number, fields[0].decode(), values or [])
    except UnicodeDecodeError:
        return _Line(number, "", values or [])  # a word that nobody can type


def _numbers(fields: list[bytes]) -> list[float] | None:
    try:
        numbers = list(map(float, fields))
    except ValueError:
        return None
    return None if b"_" in b"".join(fields) else numbers  # Python takes 1_0 for 10


def _binary(promised: object) -> str:
    """A hint where the first line is word2vec's and what follows is no text."""
    return "; if it is word2vec's binary format, save it as text (binary=False)" if promised else ""
