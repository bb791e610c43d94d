"""Tables in text files: bytes to checked rows. What is wrong with a file is said with its line and what to do.

Left out: what the columns mean (``rnnviz.datasets``).
"""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rnnviz.errors import DataError
from rnnviz.untrusted import unpacking

_MOST_BYTES = 2_000_000_000
_MOST_GIVEN, _MOST_GIVEN_ROWS = 10_000_000, 200_000  # unpacked, of a file that came over a network
_MOST_NAME = 40
_NAMES = """
    ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be
    iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11
    iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    cp037 cp273 cp424 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864
    cp865 cp866 cp869 cp874 cp875 cp932 cp949 cp950 cp1006 cp1026 cp1125 cp1140
    big5 big5hkscs gb2312 gbk gb18030 hz johab shift_jis shift_jis_2004 shift_jisx0213
    euc_jp euc_jis_2004 euc_jisx0213 euc_kr iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3
    iso2022_jp_ext iso2022_kr koi8-r koi8-t koi8-u kz1048 ptcp154 tis-620 hp-roman8
    mac-arabic mac-croatian mac-cyrillic mac-farsi mac-greek mac-iceland mac-latin2 mac-roman mac-romanian mac-turkish
"""
_CHARSETS = frozenset(_NAMES.split())
"""Encodings of texts, by Python's own names of them."""

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
    rows = _rows(path, _text(path, _unpacked(path, data), encoding), delimiter)
    return rows if data is None else _limit_rows(path, rows)


def _limit_rows(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows of a file that came over a network, with its header: each takes many times its bytes of memory."""
    for count, row in enumerate(rows):
        if count > _MOST_GIVEN_ROWS:
            raise DataError("data_rows", path=path, limit=_MOST_GIVEN_ROWS)
        yield row


def _unpacked(path: Path, data: bytes | None) -> bytes:
    """The bytes of the file, or ``data`` where it is already in memory; unzipped."""
    if data is None and not path.is_file():
        raise DataError("data_missing", path=path)
    most = _MOST_BYTES if data is None else _MOST_GIVEN
    try:
        with (
            path.open("rb") if data is None else io.BytesIO(data) as file,
            unpacking.opened(file, most) as plain,
        ):
            return plain.read()
    except unpacking.TooLargeError as error:
        raise DataError("data_large", path=path, limit=error.limit) from None
    except (OSError, ValueError) as error:
        problem = (error.strerror or "it is no file") if isinstance(error, OSError) else str(error)
        raise DataError("data_damaged", path=path, problem=problem.rstrip(".")) from None


def _text(path: Path, data: bytes, encoding: str | None) -> str:
    if encoding and not is_charset(encoding):
        raise DataError("data_codec", given=encoding[:_MOST_NAME])
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


def is_charset(name: str) -> bool:
    """Whether Python has such an encoding, and texts are written in it; it has others for host names and for code."""
    try:
        return codecs.lookup(name).name in _CHARSETS
    except (LookupError, ValueError, TypeError, AttributeError, ImportError):
        return False


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
    names = (name for name in (*likely, "cp1252", "latin-1") if is_charset(name))
    return next(name.replace("_", "-") for name in names if _decodes(data, name))


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
