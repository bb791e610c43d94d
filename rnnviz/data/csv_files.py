"""Tables in text files: bytes to checked rows. What is wrong with a file is said with its line and what to do.

Python's csv module reads them: it tells where each row begins and how wide it is, which pandas keeps to itself.

Left out: other kinds of files (``rnnviz.data.tables``), what the columns mean (``rnnviz.data.datasets``).
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from rnnviz.data.file_options import FileOptions, StrayBytes, command_line
from rnnviz.errors import DataError

_MOST_NAME = 40
_LOOKED_AT = 1_000  # characters
_MOSTLY, _PARTLY = 0.9, 0.25  # of the lines that are not ASCII
_DELIMITERS = ",;\t|"
_LONGEST_FIELD = 2**31 - 1  # a C long of Windows has no more, and no file that is read has so many characters
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
_LONE_RETURN, _RETURN = re.compile(r"\r(?!\n)"), "\ud80d"
"""A carriage return that ends no line, as it stands while rows are divided; no encoding gives half a character."""


class Nested(str):
    """What stands for a value that is no single one, but a list or an object."""


Suited = Literal["named", "unnamed", ""]
Suits = Callable[[Sequence[Row]], Suited]
"""Whether rows are those that are wanted: by the names in the first one, or without names but beyond doubt."""


class Table(NamedTuple):
    """The rows of a file, and how they were found.

    Attributes:
        rows: All that are not blank, as wide as the first one.
        unnamed: How many hold something behind the last column that has a name in the first one.
        swallowed: The fields of the later lines of a row that has several, as if each were a row, by the line where it
            begins; only where all of them would be as wide as the first row.
        options: How the file was read.
        found: The options among them that nobody passed and that are not the usual ones.
    """

    rows: list[Row]
    unnamed: int
    swallowed: dict[int, list[list[str]]]
    options: FileOptions
    found: FileOptions


def read_text_table(path: Path, data: bytes, options: FileOptions, suits: Suits, most_rows: int | None = None) -> Table:
    """The rows of a file that holds a table as text.

    What nobody said is taken for what is usual: commas, or tabs in a .tsv file; quotation marks; no escapes. Where the
    rows do not fit so, another way counts if it is the only one in which they do.

    Args:
        path: The file, for messages.
        data: Its bytes.
        options: What was said of it.
        suits: Tells the rows that are wanted.
        most_rows: More are refused, the header not counted.

    Raises:
        DataError: It is of another encoding, its rows differ in width, or a quotation mark stands where none can.
    """
    text, options = _declared(decoded(path, data, options), options)
    if text[:_LOOKED_AT].count("\0") * 10 > len(text[:_LOOKED_AT]):
        raise DataError("data_zeros", path=path)
    if re.match(r"[^\r\n]*\r\r\n", text):  # Windows' own ends of lines, turned into those of Windows
        text = text.replace("\r\r\n", "\r\n")
    if "\n" in text:
        text = _LONE_RETURN.sub(_RETURN, text)
    usual: FileOptions = {"delimiter": _usual_delimiter(path), **options}
    table, problem = None, None
    try:
        table = _parsed(path, text, usual, most_rows)
    except DataError as error:
        if error.key == "data_rows":
            raise
        problem = error
    if table and (not table.rows or suits(table.rows) == "named"):
        return _unquoted(path, text, table, options, most_rows) or table
    others = [*_other_ways(path, text, usual, options, most_rows)]
    suiting = [other for other in others if suits(other.rows) == "named"]
    if not suiting:
        suiting = [way for way in ([table] if table else []) + others if suits(way.rows)]
    if table and _wide(table) and not suiting:
        return table
    best = suiting or others
    if best and all(other.rows == best[0].rows for other in best):
        return _unquoted(path, text, best[0], options, most_rows) or best[0]
    if best and suits(best[0].rows) == "unnamed":
        ways = " or ".join(command_line({"delimiter": way.options.get("delimiter")}) for way in best)
        raise DataError("data_no_header", path=path, options=f"{ways}, with --no-header", hint="")
    if problem:
        raise problem
    assert table  # noqa: S101 - without one there is a problem
    return table


def _usual_delimiter(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz").removesuffix(".zip")
    return "\t" if name.endswith((".tsv", ".tab")) else ","


def _declared(text: str, options: FileOptions) -> tuple[str, FileOptions]:
    """The text without Excel's own first line, ``sep=;``, which counts unless another delimiter was passed."""
    declared = re.match(r'"?sep=([^"\r\n])"?(?=[\r\n]|$)', text, re.IGNORECASE)
    if not declared:
        return text, options
    return text[declared.end() :], {"delimiter": declared[1], **options}


def _wide(table: Table) -> bool:
    return len(table.rows[0][1]) > 1


def _other_ways(
    path: Path, text: str, usual: FileOptions, options: FileOptions, most_rows: int | None
) -> Iterator[Table]:
    """The unusual ways in which all rows of a file are equally wide, of more than one field."""
    delimiters = usual["delimiter"] if "delimiter" in options else _DELIMITERS
    for delimiter in sorted(delimiters or "", key=lambda other: other != usual["delimiter"]):
        for variant in _variants(text, delimiter, options):
            way: FileOptions = {**usual, "delimiter": delimiter, **variant}
            if way == usual:
                continue
            try:
                table = _parsed(path, text, way, most_rows)
            except DataError:
                continue
            if table.rows and _wide(table):
                found = {name: value for name, value in way.items() if value != usual.get(name)}
                yield table._replace(found=found)  # type: ignore[arg-type]
                if not variant:
                    break


def _variants(text: str, delimiter: str, options: FileOptions) -> Iterator[FileOptions]:
    """What may be unusual beside the delimiter, as far as nobody said anything of it."""
    yield {}
    if "escape" not in options and '\\"' in text:
        yield {"escape": "\\"}
    if "skip_spaces" not in options and f'{delimiter} "' in text:
        yield {"skip_spaces": True}
    if "quotes" not in options and delimiter == "\t" and '"' in text:
        yield {"quotes": False}


def _unquoted(path: Path, text: str, table: Table, options: FileOptions, most_rows: int | None) -> Table | None:
    """The rows without quotation marks, where tabs divide every single line into as many fields as the first.

    A field of several lines is then no field: two quotation marks at the beginnings of texts hold rows together.
    """
    if not table.swallowed or table.options.get("delimiter") != "\t" or "quotes" in options:
        return None
    try:
        lines = _parsed(path, text, {**table.options, "quotes": False}, most_rows)
    except DataError:
        return None
    return lines._replace(found={**table.found, "quotes": False})


def read_roughly(path: Path, data: bytes, options: FileOptions, rows: int) -> list[list[str]]:
    """The first rows, however they are, to be looked at by whoever chooses how to read them.

    Raises:
        DataError: There is no such encoding.
    """
    text, options = _declared(decoded(path, data[: 1 << 20], {"stray_bytes": "replace", **options}), options)
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    delimiters = options.get("delimiter") or _usual_delimiter(path) + _DELIMITERS
    ways = [_rough_rows(text, {**options, "delimiter": delimiter}, rows) for delimiter in delimiters]
    wide = [way for way in ways if way and len(way[0]) > 1]
    return (wide or ways)[0]


def _rough_rows(text: str, options: FileOptions, rows: int) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), **_settings(options))
    try:
        return list(islice((fields for fields in reader if any(fields)), rows))
    except csv.Error:
        return []


def decoded(path: Path, data: bytes, options: FileOptions) -> str:
    """The text that bytes are.

    Raises:
        DataError: There is no such encoding, or the bytes are of another one.
    """
    encoding, stray_bytes = options.get("encoding"), options.get("stray_bytes")
    if encoding and not is_charset(encoding):
        raise DataError("data_codec", given=encoding[:_MOST_NAME])
    tried = encoding or _unicode_encoding(data)
    try:
        return data.decode(tried).removeprefix("\ufeff")
    except UnicodeDecodeError:
        text = data.decode(tried, _MARKING).removeprefix("\ufeff")
    if stray_bytes:
        return _STRAY.sub(lambda stray: _in_place_of(stray[0], stray_bytes), text)
    raise _other_encoding(path, data, text, tried, found=encoding is None)


_MARKING = "rnnviz.stray"
_STRAY = re.compile("[\udc00-\udcff]")
"""Bytes that did not fit, as ``_marked`` writes them; no encoding gives these halves of characters by itself."""


def _marked(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - it is used for nothing else
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARKING, _marked)


def _in_place_of(stray: str, choice: StrayBytes) -> str:
    return bytes([ord(stray) - 0xDC00]).decode("cp1252", "replace") if choice == "cp1252" else "\ufffd"


def _other_encoding(path: Path, data: bytes, text: str, tried: str, *, found: bool) -> DataError:
    """What to say of bytes that do not fit: a few stray ones among lines that do, or another encoding."""
    lines = text.removesuffix("\n").split("\n")
    bad = [number for number, line in enumerate(lines, start=1) if _STRAY.search(line)]
    good = sum(not line.isascii() for line in lines) - len(bad)
    first = _STRAY.search(text)
    assert first  # noqa: S101 - something did not fit
    line, byte = bad[0], ord(first[0]) - 0xDC00
    unicode = codecs.lookup(tried).name.startswith("utf")
    # What is no UTF-8 at all hardly ever looks like it in a whole line; of other encodings that means little.
    needed = _PARTLY if unicode else _MOSTLY
    marked = found and tried != "UTF-8"
    misnamed = not found and _decodes(data, "utf-8")
    if marked or (not misnamed and good and good >= needed * (good + len(bad))):
        return DataError(
            "data_stray",
            path=path,
            tried=tried,
            line=line,
            byte=byte,
            bytes=len(_STRAY.findall(text)),
            lines=len(bad),
            all=len(lines),
        )
    likely = "utf-8" if misnamed else _likely_encoding(data)
    return DataError("data_encoding", path=path, tried=tried, line=line, byte=byte, likely=likely)


def is_charset(name: str) -> bool:
    """Whether Python has such an encoding, and texts are written in it; it has others for host names and for code."""
    try:
        return codecs.lookup(name).name in _CHARSETS
    except (LookupError, ValueError, TypeError, AttributeError, ImportError):
        return False


def _unicode_encoding(data: bytes) -> str:
    """UTF-16 and UTF-32 are known by their mark, or UTF-16 by the empty half of the header's first letter."""
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
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


def _settings(options: FileOptions) -> dict[str, Any]:
    return {
        "delimiter": options.get("delimiter") or ",",
        "quoting": csv.QUOTE_NONE if options.get("quotes") is False else csv.QUOTE_MINIMAL,
        "escapechar": options.get("escape"),
        "skipinitialspace": bool(options.get("skip_spaces")),
    }


def _parsed(path: Path, text: str, options: FileOptions, most_rows: int | None) -> Table:
    """The rows, read in one way; all must be as wide as the first, but for empty fields behind its names."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    settings = _settings(options)
    lines: list[str] = []
    reader = csv.reader(_noted(io.StringIO(text, newline=""), lines), strict=True, **settings)
    rows: list[Row] = []
    swallowed: dict[int, list[list[str]]] = {}
    line, width, named, unnamed = 1, 0, 0, 0
    returns = _RETURN in text
    try:
        for fields in reader:
            if any(map(str.strip, fields)):
                width = width or len(fields)
                named = named or 1 + max(place for place, field in enumerate(fields) if field.strip())
                behind = any(map(str.strip, fields[named:]))
                if len(fields) < named or (len(fields) > width and any(map(str.strip, fields[width:]))):
                    raise _ragged(path, line, fields, width, options)
                if most_rows is not None and len(rows) > most_rows:
                    raise DataError("data_rows", path=path, limit=most_rows)
                rows.append((line, _whole(fields, width, returns=returns)))
                unnamed += behind
                if len(lines) > 1 and (inner := _as_rows(lines[1:], settings, width)):
                    swallowed[line] = inner
            lines.clear()
            line = reader.line_num + 1
    except csv.Error as error:
        raise _misquoted(path, line, str(error), "".join(lines)) from None
    return Table(rows, unnamed, swallowed, options, {})


def _whole(fields: list[str], width: int, *, returns: bool) -> list[str]:
    """The fields of a row, so many, as they are in the file."""
    if returns:
        fields = [field.replace(_RETURN, "\r") for field in fields]
    return fields if len(fields) == width else (fields + [""] * width)[:width]


def _noted(source: io.StringIO, lines: list[str]) -> Iterator[str]:
    """The lines of a text, each also at the end of ``lines``."""
    for line in source:
        lines.append(line)
        yield line


def _as_rows(lines: list[str], settings: dict[str, Any], width: int) -> list[list[str]]:
    """Lines as if each were a row; none where they are not all as wide as the rows."""
    reader = csv.reader(lines, **settings | {"quoting": csv.QUOTE_NONE})
    try:
        rows = list(reader)
    except csv.Error:
        return []
    return rows if all(len(fields) == width for fields in rows) else []


def _ragged(path: Path, line: int, fields: list[str], width: int, options: FileOptions) -> DataError:
    delimiter = options["delimiter"] or ","
    return DataError(
        "data_ragged",
        path=path,
        line=line,
        found=len(fields),
        wanted=width,
        start=delimiter.join(fields)[:40],
        delimiter=delimiter,
    )


def _misquoted(path: Path, line: int, problem: str, start: str) -> DataError:
    option = command_line({"escape": "\\"} if '\\"' in start else {"quotes": False})
    return DataError("data_quote", path=path, line=line, problem=problem, option=option)
