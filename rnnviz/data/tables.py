"""Any file that holds a table: bytes to rows. What a file is, its first bytes say, whatever its name is.

Read are text (``rnnviz.data.csv_files``), also packed by gzip or in a zip archive; JSON, one object a line or a list;
Excel workbooks and Parquet files by pandas. What else there is gets named.

Left out: what the columns mean (``rnnviz.data.datasets``).
"""

import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rnnviz.data.csv_files import Nested, Row, Suits, Table, decoded, read_roughly, read_text_table
from rnnviz.data.file_options import FileOptions
from rnnviz.errors import DataError
from rnnviz.untrusted import unpacking

MOST_GIVEN_ROWS = 200_000
"""Of a file that came over a network: each takes many times its bytes of memory."""
_MOST_BYTES, _MOST_GIVEN = 2_000_000_000, 10_000_000  # unpacked; of a file on the disk, and of one that was sent
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS = 20_000_000, 10_000, 20_000_000
_CSV = "Save it as CSV in UTF-8, and pass that."


class _Limits(NamedTuple):
    size: int
    rows: int


def _limits(data: bytes | None) -> _Limits:
    return _Limits(_MOST_BYTES, _MOST_ROWS) if data is None else _Limits(_MOST_GIVEN, MOST_GIVEN_ROWS)


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
    if content.startswith(b"PAR1"):
        return _records_table(path, _parquet(path, content, limits), limits, {"header": True})
    _refuse_other_kinds(path, content)
    if _is_json(content):
        return _records_table(path, _json(path, decoded(path, content, options)), limits, {"header": True})
    return read_text_table(path, content, options, suits, None if data is None else limits.rows)


def preview(path: Path, options: FileOptions, data: bytes, rows: int) -> list[list[str]]:
    """The first rows of a file in memory, as well as they can be read; none where nothing can."""
    limits = _limits(data)
    try:
        if _workbook(path, data, limits) is None:
            content = _unpacked(path, data, limits)
            if not (content.startswith(b"PAR1") or _is_json(content)):
                _refuse_other_kinds(path, content)
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


def _refuse_other_kinds(path: Path, content: bytes) -> None:
    known = _KIND.match(content[:1_000])
    if known:
        _, kind, advice = _KINDS[(known.lastindex or 1) - 1]
        raise DataError("data_kind", path=path, kind=kind, advice=advice)


# Excel


def _workbook(path: Path, packed: bytes, limits: _Limits) -> Iterator[Row] | None:
    """The rows of a workbook's first sheet; None if the file is no workbook."""
    if packed.startswith(_OLE):
        return _sheet(path, packed, limits, "xlrd")
    if not packed.startswith(b"PK\3\4"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "word/document.xml" in names or "ppt/presentation.xml" in names:
                raise DataError("data_kind", path=path, kind="a document of Microsoft Office", advice=_CSV)
            spreadsheet = "content.xml" in names and "mimetype" in names
            if not spreadsheet and not any(name.startswith("xl/") for name in names):
                return None
            most = min(limits.size, max(unpacking.FREE, unpacking.RATIO * len(packed)))
            if sum(member.file_size for member in members) > most:
                raise DataError("data_large", path=path, limit=most)
            for member in members:
                if member.filename.startswith("xl/worksheets/"):
                    _refuse_wide_sheet(path, archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise _damaged(path, "its zip archive is damaged, or locked by a password") from None
    binary = any(name.endswith("workbook.bin") for name in names)
    return _sheet(path, packed, limits, "odfpy" if spreadsheet else "pyxlsb" if binary else "openpyxl")


_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")


def _refuse_wide_sheet(path: Path, sheet: bytes) -> None:
    """One cell far to the right and far below would have all cells before it made."""
    columns = rows = 1
    for cell in _CELL.finditer(sheet):
        columns = max(columns, _column_number(cell[1]))
        rows = max(rows, int(cell[2]))
    if columns > _MOST_COLUMNS or columns * rows > _MOST_CELLS:
        raise DataError("data_cells", path=path, columns=columns, rows=rows)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _sheet(path: Path, packed: bytes, limits: _Limits, package: str) -> Iterator[Row]:
    import pandas  # takes half a second, and text needs none of it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations, which are no data
            cells = pandas.read_excel(
                io.BytesIO(packed), header=None, dtype=str, na_filter=False, nrows=limits.rows + 2
            ).to_numpy()
    except ImportError:
        raise DataError("data_reader", path=path, kind="an Excel workbook", package=package) from None
    except Exception as error:
        raise _damaged(path, f"the reader of Excel workbooks gave up ({type(error).__name__})") from None
    return ((number, list(map(str, row))) for number, row in enumerate(cells, start=1) if any(map(str.strip, row)))


# Parquet


def _parquet(path: Path, content: bytes, limits: _Limits) -> Iterator[Row]:
    try:
        import pandas
        from pyarrow import parquet  # type: ignore[import-untyped]
    except ImportError:
        raise DataError("data_reader", path=path, kind="a Parquet file", package="pyarrow") from None
    try:
        with parquet.ParquetFile(io.BytesIO(content)) as file:
            facts, schema = file.metadata, file.schema_arrow
        unpacked = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
        if unpacked > min(limits.size, max(unpacking.FREE, unpacking.RATIO * len(content))):
            raise DataError("data_large", path=path, limit=limits.size)
        if facts.num_rows > limits.rows:
            raise DataError("data_rows", path=path, limit=limits.rows)
        names = [field.name for field in schema]
        texts = [field.name for field in schema if str(field.type) in ("string", "large_string")]
        frame = pandas.read_parquet(  # a text that stands in a million rows stays one
            io.BytesIO(content), engine="pyarrow", dtype_backend="pyarrow", read_dictionary=texts
        )
    except DataError:
        raise
    except Exception as error:
        raise _damaged(path, f"the reader of Parquet files gave up ({type(error).__name__})") from None
    yield 0, names
    for number, values in enumerate(frame[names].itertuples(index=False, name=None), start=1):
        yield number, [_cell(value, pandas.isna) for value in values]


def _cell(value: Any, missing: Any) -> str:
    if isinstance(value, str):
        return value
    if hasattr(value, "__len__"):
        return Nested()
    return "" if missing(value) else str(value)


# JSON


def _is_json(content: bytes) -> bool:
    """Whether a file holds objects: one a line, one in all, or a list of them."""
    start = content[:4_000_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        return start[1:].lstrip()[:1] == b"{"
    if not start.startswith(b"{"):
        return False
    return bool(re.match(rb'\{\s*("|\})', start))


def _json(path: Path, text: str) -> Iterator[Row]:
    """Each object as a row, under the names of all of them."""
    objects = list(_objects(path, text))
    names = list(dict.fromkeys(name for _, entry in objects for name in entry))
    if len(names) > _MOST_COLUMNS or len(names) * len(objects) > _MOST_CELLS:
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
