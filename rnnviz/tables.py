"""Tables in text files: bytes to checked rows. What is wrong with a file is said with its line and what to do.

Left out: what the columns mean (``rnnviz.datasets``).
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rnnviz.errors import DataError

_MOST_BYTES = 2_000_000_000
_MOST_GIVEN = 10_000_000  # unpacked, of a file that came over a network
_GZIP = b"\x1f\x8b"

Row = tuple[int, list[str]]
"""The number of the line on which a row begins, and its fields."""


def read_table(path: Path, encoding: str | None, delimiter: str, data: bytes | None = None) -> Iterator[Row]:
    """Each row of a .csv, .tsv or gzipped file that is not blank; all must be as wide as the first, the header.

    Args:
        path: The file.
        encoding: UTF-8 or UTF-16 when None.
        delimiter: Between fields; in a .tsv file a comma means the tab.
        data: What the file holds, where it is already in memory; the disk is then left alone.

    Raises:
        DataError: It is missing, damaged, too large, of another encoding, or its rows differ in width.
    """
    tabs = delimiter == "," and path.name.lower().removesuffix(".gz").endswith(".tsv")
    delimiter = "\t" if tabs or delimiter == "\\t" else delimiter  # a shell passes '\t' as two characters
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise DataError("data_delimiter", given=delimiter)
    return _rows(path, _text(path, _unpacked(path, data), encoding), delimiter)


def _unpacked(path: Path, given: bytes | None) -> bytes:
    """What the file holds, or what was given in its place, unzipped."""
    if given is None and not path.is_file():
        raise DataError("data_missing", path=path)
    most = _MOST_BYTES if given is None else _MOST_GIVEN
    try:
        with path.open("rb") if given is None else io.BytesIO(given) as file:
            zipped = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            with gzip.open(file) if zipped else file as plain:
                data = plain.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("data_damaged", path=path, problem=str(error).rstrip(".")) from None
    if len(data) > most:
        raise DataError("data_large", path=path, limit=most)
    return data


def _text(path: Path, data: bytes, encoding: str | None) -> str:
    tried = encoding or _unicode_encoding(data)
    try:
        return data.decode(tried).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before, byte = error.object[: error.start], error.object[error.start]
        raise DataError(
            "data_encoding",
            path=path,
            tried=tried,
            line=before.decode(tried, "replace").count("\n") + 1,
            byte=byte,
            likely=_likely_encoding(data),
        ) from None
    except (LookupError, ValueError):
        raise DataError("data_codec", given=encoding) from None


def _unicode_encoding(data: bytes) -> str:
    """UTF-16 is known by its mark, or by the empty half of the header's first letter."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    if data[:1] == b"\0":
        return "UTF-16-BE"
    return "UTF-16-LE" if data[1:2] == b"\0" else "UTF-8"


def _likely_encoding(data: bytes) -> str:
    """What the whole file can be read as, judged by the lines that are not ASCII: of equal guesses the usual one."""
    from charset_normalizer import from_bytes  # slow to import, and needed only for this message

    odd = (line for line in io.BytesIO(data) if not line.isascii())
    guesses = list(from_bytes(b"".join(islice(odd, 1_000))[:100_000]))
    equal = [name for guess in guesses if guess.chaos <= guesses[0].chaos for name in guess.could_be_from_charset]
    likely = ["cp1252"] if "cp1252" in equal else [guess.encoding for guess in guesses[:1]]
    return next(name.replace("_", "-") for name in (*likely, "cp1252", "latin-1") if _decodes(data, name))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _rows(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    """Each row that is not blank; all must be as wide as the first, the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, width = 1, 0
    try:
        for fields in reader:
            width = width or len(fields)
            if fields and len(fields) != width:
                raise DataError(
                    "data_ragged",
                    path=path,
                    line=line,
                    found=len(fields),
                    wanted=width,
                    start=delimiter.join(fields)[:40],
                    delimiter=delimiter,
                )
            if fields:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError("data_quote", path=path, line=line, problem=str(error)) from None
