"""Any file that holds a table: bytes to rows. What a file is, its first bytes say, whatever its name is.

Read are text (``rnnviz.data.csv_files``), also packed by gzip or in a zip archive; JSON, one object a line or a list;
Excel workbooks by openpyxl and Parquet files by pyarrow, piece by piece. What else there is gets named.

Left out: what the columns mean (``rnnviz.data.datasets``).
"""

import io
import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

from rnnviz.data.csv_files import Nested, Row, Suits, Table, decoded, read_roughly, read_text_table
from rnnviz.data.file_options import FileOptions
from rnnviz.errors import DataError
from rnnviz.untrusted import unpacking

MOST_GIVEN_ROWS = 200_000
"""Of a file that came over a network: each takes many times its bytes of memory."""
_MOST_BYTES, _MOST_GIVEN = 2_000_000_000, 10_000_000  # unpacked; of a file on the disk, and of one that was sent
_MOST_ROWS, _MOST_COLUMNS = 20_000_000, 10_000
_MOST_CELLS, _MOST_GIVEN_CELLS = 20_000_000, 5_000_000
_MOST_SHEET_ROWS = 1_048_576  # Excel's own limit
_MOST_PARTS = 70_000  # within one element of a workbook's XML; Excel has up to 65,490 styles, and fewer cells in a row
_MOST_DEEP = 100
_MOST_BATCH_ROWS = 10_000
_LOOKED_AT, _BEGINNING = 4_000_000, 1_000  # bytes in which JSON begins behind spaces; in which other kinds are known
_CSV = "Save it as CSV in UTF-8, and pass that."
_XLSX = "Save it as .xlsx or as CSV in UTF-8, and pass that."


class _Limits(NamedTuple):
    size: int
    rows: int
    cells: int


def _limits(data: bytes | None) -> _Limits:
    if data is None:
        return _Limits(_MOST_BYTES, _MOST_ROWS, _MOST_CELLS)
    return _Limits(_MOST_GIVEN, MOST_GIVEN_ROWS, _MOST_GIVEN_CELLS)


def read_table(path: Path, options: FileOptions, suits: Suits, data: bytes | None = None) -> Table:
    """The rows of a file, the names of the columns first where it has them.

    Args:
        path: The file.
        options: What was said of how it is written.
        suits: Tells the rows that are wanted.
        data: What the file holds, where it is already in memory; the disk is then left alone.

    Raises:
        DataError: It is missing, damaged, too large, no table, of another encoding, or its rows differ in width.
    """
    limits = _limits(data)
    packed = _bytes(path, data, limits)
    book = _workbook(path, packed, limits)
    if book is not None:
        return _records_table(path, book, limits, options)
    content = _unpacked(path, packed, limits)
    del packed  # of a large file only one copy is kept
    if content.startswith(b"PAR1"):
        return _records_table(path, _parquet(path, content, limits), limits, {"header": True})
    if _is_json(_beginning(path, content, options)):
        return _records_table(path, _json(path, decoded(path, content, options), limits), limits, {"header": True})
    return read_text_table(path, content, options, suits, None if data is None else limits.rows)


def read_bytes(path: Path) -> bytes:
    """What a file holds, unpacked if it is gzipped or alone in a zip archive.

    Raises:
        DataError: It is missing, damaged or too large.
    """
    limits = _limits(None)
    return _unpacked(path, _bytes(path, None, limits), limits)


def preview(path: Path, options: FileOptions, data: bytes, rows: int) -> list[list[str]]:
    """The first rows of a file in memory, as well as they can be read; none where nothing can."""
    limits = _limits(data)
    try:
        book = _workbook(path, data, limits)
        if book is not None:
            return [fields for _, fields in islice(book, rows)]
        content = _unpacked(path, data, limits)
        if not (content.startswith(b"PAR1") or _is_json(_beginning(path, content, options))):
            return read_roughly(path, content, options, rows)
        return [fields for _, fields in read_table(path, options, lambda rows: "named", data).rows[:rows]]
    except DataError:
        return []


def _bytes(path: Path, data: bytes | None, limits: _Limits) -> bytes:
    """The file as it is."""
    if data is not None:
        return data
    if not path.is_file():
        raise DataError("data_missing", path=path)
    try:
        if path.stat().st_size > limits.size:
            raise DataError("data_large", path=path, limit=limits.size)
        return path.read_bytes()
    except OSError as error:
        raise _damaged(path, error.strerror or "it is no file") from None


def _unpacked(path: Path, packed: bytes, limits: _Limits) -> bytes:
    """What the file holds; unzipped."""
    try:
        with unpacking.opened(io.BytesIO(packed), limits.size) as plain:
            return plain.read()
    except unpacking.TooLargeError as error:
        raise DataError("data_large", path=path, limit=error.limit) from None
    except unpacking.OtherPackingError as error:
        raise DataError("data_kind", path=path, kind=error.kind, advice="Unpack it, and pass one file of it.") from None
    except (OSError, ValueError) as error:
        problem = (error.strerror or "it is no file") if isinstance(error, OSError) else str(error)
        raise _damaged(path, problem) from None


def _damaged(path: Path, problem: str) -> DataError:
    return DataError("data_damaged", path=path, problem=problem.rstrip("."))


# What a file is


_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (rb"\x80[\x02-\x05]", "a Python pickle, which may run code when it is opened", _CSV),
    (rb"\x89HDF\r\n", "an HDF5 file", _CSV),
    (rb"SQLite format 3\0", "an SQLite database", "Export the table as CSV in UTF-8, and pass that."),
    (rb"ARROW1|\xff\xff\xff\xff.{3}\0", "an Arrow file", "Save it as Parquet or CSV, and pass that."),
    (rb"ORC[\0-\x1f]", "an ORC file", "Save it as Parquet or CSV, and pass that."),
    (rb"\x93NUMPY", "a NumPy array", _CSV),
    (rb"RDX[23]\n|RDA[23]\n|X\n\0\0\0", "a file of R's data", _CSV),
    (rb"%PDF-", "a PDF document", "Pass the table that it was made from, as CSV in UTF-8."),
    (rb"\{\\rtf", "an RTF document", _CSV),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "a picture", "Pass a table of texts, as CSV in UTF-8."),
    (
        rb"(?i:\s*<(!doctype html|html))",
        "a web page, perhaps of a download that needs a login",
        "Fetch the file itself.",
    ),
    (rb"\s*<\?xml", "an XML file", _CSV),
    (rb"__label__", "in fastText's own format", "Make a CSV file of it, with a column of labels and one of texts."),
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself", "Run `git lfs pull`."),
    (rb".{257}ustar", "a tar archive", "Unpack it, and pass one file of it."),
)
"""How files begin that hold no table that is read here; what they are; what to do."""
_KIND = re.compile(b"|".join(b"(" + re.sub(rb"\((?!\?)", b"(?:", mark) + b")" for mark, _, _ in _KINDS), re.S)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _beginning(path: Path, content: bytes, options: FileOptions) -> str:
    """How a text begins, in whatever encoding; what is no table that is read here is refused, before and after."""
    _refuse_other_kinds(path, content[:_BEGINNING])
    text = decoded(path, content[:_LOOKED_AT], {**options, "stray_bytes": "replace"})
    _refuse_other_kinds(path, text[:_BEGINNING].encode("utf-8", "replace"))
    return text


def _refuse_other_kinds(path: Path, beginning: bytes) -> None:
    known = _KIND.match(beginning)
    if known:
        _, kind, advice = _KINDS[(known.lastindex or 1) - 1]
        raise DataError("data_kind", path=path, kind=kind, advice=advice)


# Excel


def _workbook(path: Path, packed: bytes, limits: _Limits) -> Iterator[Row] | None:
    """The rows of a workbook's first sheet; None if the file is no workbook."""
    if packed.startswith(_OLE):
        kind = "an old Excel workbook (.xls), another old document of Office, or one that is locked by a password"
        raise DataError("data_kind", path=path, kind=kind, advice=_XLSX)
    if not packed.startswith(b"PK\3\4"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            kind = _other_document(names)
            if kind:
                raise DataError("data_kind", path=path, kind=kind, advice=_XLSX)
            if not any(name.startswith("xl/") for name in names):
                return None
            most = _most_unpacked(packed, limits)
            if sum(member.file_size for member in members) > most:
                raise DataError("data_large", path=path, limit=most)
            for member in members:
                _check_xml(path, archive, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        if isinstance(error, DataError):
            raise
        raise _damaged(path, "its zip archive is damaged, or locked by a password") from None
    return iter(_sheet(path, packed, limits))


def _other_document(names: set[str]) -> str:
    """What an archive is that holds a document which is not read; empty if it holds none."""
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return "a document of Microsoft Office"
    if "content.xml" in names and "mimetype" in names:
        return "an OpenDocument file"
    return "a binary Excel workbook (.xlsb)" if any(name.endswith("workbook.bin") for name in names) else ""


def _most_unpacked(packed: bytes, limits: _Limits) -> int:
    return min(limits.size, max(unpacking.FREE, unpacking.RATIO * len(packed)))


def _check_xml(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse what takes far more memory than its bytes: openpyxl keeps an element's parts, and entities grow.

    Any member may be a sheet, whatever its name; one that is no XML ends as soon as that shows.
    """
    parts = [0]

    def begins(name: str, _: object) -> None:
        parts[-1] += 1
        parts.append(0)
        if len(parts) > _MOST_DEEP or (parts[-2] > _MOST_PARTS and within[-1] not in ("sheetData", "sst")):
            raise _damaged(path, "its XML is too deep or too wide for a workbook")
        within.append(name.rpartition(":")[2])

    def ends(_: str) -> None:
        parts.pop()
        within.pop()

    def declares(*_: object) -> None:
        raise _damaged(path, "its XML declares a document type, which no workbook has")

    within = [""]
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = begins, ends, declares
    try:
        with archive.open(member) as file:
            while piece := file.read(1 << 16):
                parser.Parse(piece)
    except expat.ExpatError:
        return


def _sheet(path: Path, packed: bytes, limits: _Limits) -> list[Row]:
    """The rows that hold something, all as wide as the widest."""
    try:
        from openpyxl import load_workbook  # type: ignore[import-untyped]
    except ImportError:
        raise DataError("data_reader", path=path, kind="an Excel workbook", package="openpyxl") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations, which are no data
            book = load_workbook(io.BytesIO(packed), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of them may be wrong, and rows would be made up to there
            rows = list(_sheet_rows(path, sheet.iter_rows(values_only=True), limits))
    except DataError:
        raise
    except Exception as error:
        raise _damaged(path, f"the reader of Excel workbooks gave up ({type(error).__name__})") from None
    width = max((len(fields) for _, fields in rows), default=0)
    if width * len(rows) > limits.cells:
        raise DataError("data_cells", path=path, columns=width, rows=len(rows))
    return [(number, fields + [""] * (width - len(fields))) for number, fields in rows]


def _sheet_rows(path: Path, rows: Iterable[tuple[Any, ...]], limits: _Limits) -> Iterator[Row]:
    """Each row up to its last cell that holds something; blank ones left out, but counted."""
    cells = 0
    for number, values in enumerate(rows, start=1):
        cells += len(values)
        if len(values) > _MOST_COLUMNS or cells > limits.cells:
            raise DataError("data_cells", path=path, columns=len(values), rows=number)
        if number > _MOST_SHEET_ROWS:
            raise DataError("data_rows", path=path, limit=_MOST_SHEET_ROWS)
        fields = ["" if value is None else _sheet_cell(value) for value in values]
        while fields and not fields[-1].strip():
            fields.pop()
        if not fields:
            continue
        if number > limits.rows + 1:  # one is the header
            raise DataError("data_rows", path=path, limit=limits.rows)
        yield number, fields


def _sheet_cell(value: Any) -> str:
    """A cell as Excel shows it: whole numbers, of which it keeps fifteen digits, without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


# Parquet


def _parquet(path: Path, content: bytes, limits: _Limits) -> Iterator[Row]:
    """The rows; the sizes that the file tells are of repeated values packed, so few rows are unpacked at a time."""
    try:
        from pyarrow import parquet, types  # type: ignore[import-untyped]
    except ImportError:
        raise DataError("data_reader", path=path, kind="a Parquet file", package="pyarrow") from None
    try:
        with parquet.ParquetFile(io.BytesIO(content)) as file:
            facts, schema = file.metadata, file.schema_arrow
            unpacked, most = _parquet_size(facts), _most_unpacked(content, limits)
            if unpacked > most:
                raise DataError("data_large", path=path, limit=most)
            if facts.num_rows > limits.rows:
                raise DataError("data_rows", path=path, limit=limits.rows)
            if len(schema) > _MOST_COLUMNS or len(schema) * facts.num_rows > limits.cells:
                raise DataError("data_cells", path=path, columns=len(schema), rows=facts.num_rows)
            yield 0, [field.name for field in schema]
            single = [field.name for field in schema if not types.is_nested(field.type)]  # a list may be of any length
            # No value is larger than all of them packed, so a batch has at most ten times the limit.
            rows = max(1, min(_MOST_BATCH_ROWS, 10 * limits.size // max(1, unpacked)))
            number = 0
            for batch in file.iter_batches(rows, columns=single):
                found = iter(batch.columns)
                columns = [
                    [Nested()] * batch.num_rows if types.is_nested(field.type) else _column(next(found))
                    for field in schema
                ]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield number, list(values)
    except DataError:
        raise
    except Exception as error:
        raise _damaged(path, f"the reader of Parquet files gave up ({type(error).__name__})") from None


def _parquet_size(facts: Any) -> int:
    return sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))


def _column(values: Any) -> Iterator[str]:
    """Each made as it is asked for, so that the first ones may be too much."""
    for value in values:
        plain = value.as_py()
        yield plain if isinstance(plain, str) else Nested() if isinstance(plain, bytes) else _number(plain)


def _number(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # NaN is not itself


# JSON


def _is_json(text: str) -> bool:
    """Whether a file that begins so holds objects: one a line, one in all, or a list of them."""
    return bool(re.match(r'\s*(\[\s*\{|\{\s*["}])', text))


def _json(path: Path, text: str, limits: _Limits) -> Iterator[Row]:
    """Each object as a row, under the names of all of them."""
    objects = list(_objects(path, text))
    names = list(dict.fromkeys(name for _, entry in objects for name in entry))
    if len(names) > _MOST_COLUMNS or len(names) * len(objects) > limits.cells:
        raise DataError("data_cells", path=path, columns=len(names), rows=len(objects))
    yield 0, names
    for line, entry in objects:
        yield line, [_json_cell(entry.get(name)) for name in names]


def _objects(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = text.lstrip().startswith("{") and "\n{" in text.replace("\r", "").strip()
    entries: Iterable[tuple[int, str]] = enumerate(text.split("\n"), start=1) if lines else [(1, text)]
    for line, entry in entries:
        if not entry.strip():
            continue
        try:  # numbers stay as they are written
            found = json.loads(entry, parse_float=str, parse_int=str, parse_constant=str)
        except json.JSONDecodeError as error:
            raise DataError("data_json", path=path, line=line + error.lineno - 1, problem=error.msg) from None
        except RecursionError:
            raise DataError("data_json", path=path, line=line, problem="it is nested too deeply") from None
        if not lines and isinstance(found, dict) and any(isinstance(value, dict | list) for value in found.values()):
            raise DataError("data_json", path=path, line=line, problem="it holds one object, not one for each text")
        for row in found if isinstance(found, list) else [found]:
            if not isinstance(row, dict):
                raise DataError("data_json", path=path, line=line, problem="this is no object with names and values")
            yield line, row


def _json_cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return Nested() if isinstance(value, list | dict) else "" if value is None else str(value)


def _records_table(path: Path, rows: Iterator[Row], limits: _Limits, options: FileOptions) -> Table:
    """Rows within limits: a table that is packed may be much larger than its file."""
    kept: list[Row] = []
    characters = 0
    for line, fields in rows:
        characters += sum(map(len, fields))
        if characters > limits.size:
            raise DataError("data_large", path=path, limit=limits.size)
        if len(kept) > limits.rows:
            raise DataError("data_rows", path=path, limit=limits.rows)
        kept.append((line, fields))
    return Table(kept, 0, {}, options, {})
