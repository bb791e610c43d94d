"""Any file that holds a table: bytes to rows. What a file is, its first bytes say, whatever its name is.

Read are text (``rnnviz.data.csv_files``), also packed by gzip or in a zip archive; JSON, one object a line or a list;
Excel workbooks and Parquet files in a process of their own (``rnnviz.data.packed_tables``). What else there is gets
named.

Left out: what the columns mean (``rnnviz.data.datasets``).
"""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rnnviz.data import packed_tables
from rnnviz.data.csv_files import Nested, Row, Suits, Table, decoded, read_roughly, read_text_table
from rnnviz.data.file_options import FileOptions
from rnnviz.data.packed_tables import MOST_COLUMNS, Limits, within
from rnnviz.errors import DataError, RnnvizError, rebuilt
from rnnviz.untrusted import child, unpacking

MOST_GIVEN_ROWS = 200_000
"""Of a file that came over a network: each takes many times its bytes of memory."""
_MOST_BYTES, _MOST_GIVEN = 2_000_000_000, 10_000_000  # unpacked; of a file on the disk, and of one that was sent
_MOST_ROWS = 20_000_000
_MOST_CELLS, _MOST_GIVEN_CELLS = 20_000_000, 5_000_000
_ROOM, _COPIES, _CELL = 256_000_000, 8, 100  # bytes of a process that reads one: as such, of the file, for each cell
_SECONDS = 120.0
_LOOKED_AT, _BEGINNING = 4_000_000, 1_000  # bytes in which JSON begins behind spaces; in which other kinds are known
_NONSENSE = "the process that read it said nothing that makes sense"
_CSV = "Save it as CSV in UTF-8, and pass that."
_XLSX = "Save it as .xlsx or as CSV in UTF-8, and pass that."


def _limits(data: bytes | None) -> Limits:
    if data is None:
        return Limits(_MOST_BYTES, _MOST_ROWS, _MOST_CELLS)
    return Limits(_MOST_GIVEN, MOST_GIVEN_ROWS, _MOST_GIVEN_CELLS)


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
    if _is_workbook(path, packed):
        return _records_table(path, _elsewhere("excel", path, packed, limits), limits, options)
    content = _unpacked(path, packed, limits)
    del packed  # of a large file only one copy is kept
    if content.startswith(b"PAR1"):
        return _records_table(path, _elsewhere("parquet", path, content, limits), limits, {"header": True})
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
        if _is_workbook(path, data):
            return [fields for _, fields in islice(_elsewhere("excel", path, data, limits), rows)]
        content = _unpacked(path, data, limits)
        if not (content.startswith(b"PAR1") or _is_json(_beginning(path, content, options))):
            return read_roughly(path, content, options, rows)
        return [fields for _, fields in read_table(path, options, lambda rows: "named", data).rows[:rows]]
    except DataError:
        return []


def _bytes(path: Path, data: bytes | None, limits: Limits) -> bytes:
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


def _unpacked(path: Path, packed: bytes, limits: Limits) -> bytes:
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


def _is_workbook(path: Path, packed: bytes) -> bool:
    """Whether a file is a workbook; other documents are refused by name."""
    if packed.startswith(_OLE):
        kind = "an old Excel workbook (.xls), another old document of Office, or one that is locked by a password"
        raise DataError("data_kind", path=path, kind=kind, advice=_XLSX)
    if not packed.startswith(b"PK\3\4"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            names = {*archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise _damaged(path, "its zip archive is damaged, or locked by a password") from None
    kind = _other_document(names)
    if kind:
        raise DataError("data_kind", path=path, kind=kind, advice=_XLSX)
    return any(name.startswith("xl/") for name in names)


def _other_document(names: set[str]) -> str:
    """What an archive is that holds a document which is not read; empty if it holds none."""
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return "a document of Microsoft Office"
    if "content.xml" in names and "mimetype" in names:
        return "an OpenDocument file"
    return "a binary Excel workbook (.xlsb)" if any(name.endswith("workbook.bin") for name in names) else ""


# What is read in a process of its own


def _elsewhere(kind: str, path: Path, content: bytes, limits: Limits) -> Iterator[Row]:
    """The rows of a workbook or a Parquet file, as ``rnnviz.data.packed_tables`` reads them."""
    limits = limits._replace(unpacked=min(limits.size, max(unpacking.FREE, unpacking.RATIO * len(content))))
    memory = _ROOM + _COPIES * len(content) + limits.cells * _CELL
    try:
        done = child.run(packed_tables.__file__, [kind, memory, *limits], _SECONDS, content)
    except subprocess.TimeoutExpired:
        raise _too_much(path, f"{_SECONDS:g} seconds") from None
    if done.returncode == packed_tables.FULL:
        raise _too_much(path, f"{memory:,} bytes of memory")
    if done.returncode == child.REFUSED:
        raise _objection(path, done.stderr)
    if done.returncode:
        raise _damaged(path, f"the process that read it broke off (exit status {done.returncode})")
    try:
        for row in done.stdout.splitlines():
            number, fields = json.loads(row)
            if not all(field is None or isinstance(field, str) for field in fields):
                raise TypeError
            yield number, [Nested() if field is None else field for field in fields]
    except (ValueError, TypeError, RecursionError):
        raise _damaged(path, _NONSENSE) from None


def _too_much(path: Path, limit: str) -> DataError:
    return DataError("data_kind", path=path, kind=f"a table that takes more than {limit} to read", advice=_CSV)


def _objection(path: Path, said: bytes) -> RnnvizError:
    """What the process found wrong; checked like the file itself."""
    try:
        key, values = json.loads(said)
        return rebuilt(DataError, key, {**values, "path": path})
    except (ValueError, KeyError, TypeError, RecursionError):
        return _damaged(path, _NONSENSE)


# JSON


def _is_json(text: str) -> bool:
    """Whether a file that begins so holds objects: one a line, one in all, or a list of them."""
    return bool(re.match(r'\s*(\[\s*\{|\{\s*["}])', text))


def _json(path: Path, text: str, limits: Limits) -> Iterator[Row]:
    """Each object as a row, under the names of all of them."""
    objects = list(_objects(path, text))
    names = list(dict.fromkeys(name for _, entry in objects for name in entry))
    if len(names) > MOST_COLUMNS or len(names) * len(objects) > limits.cells:
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


def _records_table(path: Path, rows: Iterator[Row], limits: Limits, options: FileOptions) -> Table:
    return Table([*within(path, rows, limits)], 0, {}, options, {})
