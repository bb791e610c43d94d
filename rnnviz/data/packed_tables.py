"""A program of its own, run by ``rnnviz.data.tables``: an Excel workbook or a Parquet file in, its rows as JSON out.

    python -P packed_tables.py KIND MEMORY SIZE ROWS CELLS UNPACKED  <file  >rows  2>problem

The readers of these files, openpyxl and pyarrow, believe what a file says of itself, so they run within MEMORY bytes,
and for a limited time. A row is written as its number and its fields, null for one that holds several values.

Left out: what is a workbook (``rnnviz.data.tables``).
"""

import importlib
import io
import json
import os
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

from rnnviz.data.csv_files import Nested, Row
from rnnviz.errors import DataError
from rnnviz.untrusted.child import REFUSED, limit_memory

FULL = 4
"""The exit status where the memory did not suffice."""
MOST_COLUMNS = 10_000
_MOST_SHEET_ROWS = 1_048_576  # Excel's own limit
_MOST_PARTS = 70_000  # within one element of a workbook's XML; Excel has up to 65,490 styles, and fewer cells in a row
_MOST_DEEP = 100
_MOST_BATCH_ROWS = 10_000
_NAMELESS = Path()  # who called knows the file's name
_READERS = {"excel": ("an Excel workbook", "openpyxl"), "parquet": ("a Parquet file", "pyarrow.parquet")}


class Limits(NamedTuple):
    """The most that is read of a file.

    Attributes:
        size: Characters of all fields together.
        rows, cells: Of the table.
        unpacked: Bytes that it may declare.
    """

    size: int
    rows: int
    cells: int
    unpacked: int = 0


def within(path: Path, rows: Iterable[Row], limits: Limits) -> Iterator[Row]:
    """Rows as long as they are within limits: a table that is packed may be much larger than its file.

    Raises:
        DataError: There are more.
    """
    characters = 0
    for count, (line, fields) in enumerate(rows):
        characters += sum(map(len, fields))
        if characters > limits.size:
            raise DataError("data_large", path=path, limit=limits.size)
        if count > limits.rows:  # one is the header
            raise DataError("data_rows", path=path, limit=limits.rows)
        yield line, fields


def main(kind: str, memory: int, limits: Limits) -> int:
    """Write the rows of the file on standard input to stdout, or why not to stderr; the exit status says which."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # Arrow's own takes addresses for a gigabyte at once
    name, reader = _READERS[kind]
    try:
        importlib.import_module(reader)
    except ImportError:
        return _refused(DataError("data_reader", path=_NAMELESS, kind=name, package=reader.partition(".")[0]))
    limit_memory(memory)
    try:
        content = sys.stdin.buffer.read()
        rows = (_workbook if kind == "excel" else _parquet)(content, limits)
        for number, fields in within(_NAMELESS, rows, limits):
            plain = [None if isinstance(field, Nested) else field for field in fields]
            sys.stdout.write(f"{json.dumps([number, plain])}\n")
        sys.stdout.flush()
    except DataError as error:
        return _refused(error)
    except MemoryError:
        return FULL
    return 0


def _refused(error: DataError) -> int:
    sys.stderr.write(json.dumps([error.key, {name: value for name, value in error.values.items() if name != "path"}]))
    return REFUSED


def _damaged(problem: str) -> DataError:
    return DataError("data_damaged", path=_NAMELESS, problem=problem)


# Excel


def _workbook(content: bytes, limits: Limits) -> Iterator[Row]:
    """The rows of a workbook's first sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > limits.unpacked:
            raise DataError("data_large", path=_NAMELESS, limit=limits.unpacked)
        try:
            for member in members:
                _check_xml(archive, member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
            raise _damaged("its zip archive is damaged, or locked by a password") from None
    yield from _sheet(content, limits)


def _check_xml(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse what takes far more memory than its bytes: openpyxl keeps an element's parts, and entities grow.

    Any member may be a sheet, whatever its name; one that is no XML ends as soon as that shows.
    """
    parts = [0]

    def begins(name: str, _: object) -> None:
        parts[-1] += 1
        parts.append(0)
        if len(parts) > _MOST_DEEP or (parts[-2] > _MOST_PARTS and inside[-1] not in ("sheetData", "sst")):
            raise _damaged("its XML is too deep or too wide for a workbook")
        inside.append(name.rpartition(":")[2])

    def ends(_: str) -> None:
        parts.pop()
        inside.pop()

    def declares(*_: object) -> None:
        raise _damaged("its XML declares a document type, which no workbook has")

    inside = [""]
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = begins, ends, declares
    try:
        with archive.open(member) as file:
            while piece := file.read(1 << 16):
                parser.Parse(piece)
    except expat.ExpatError:
        return


def _sheet(content: bytes, limits: Limits) -> list[Row]:
    """The rows that hold something, all as wide as the widest."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations, which are no data
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of them may be wrong, and rows would be made up to there
            rows = list(_sheet_rows(sheet.iter_rows(values_only=True), limits))
    except (DataError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(f"the reader of Excel workbooks gave up ({type(error).__name__})") from None
    width = max((len(fields) for _, fields in rows), default=0)
    if width * len(rows) > limits.cells:
        raise DataError("data_cells", path=_NAMELESS, columns=width, rows=len(rows))
    return [(number, fields + [""] * (width - len(fields))) for number, fields in rows]


def _sheet_rows(rows: Iterable[tuple[Any, ...]], limits: Limits) -> Iterator[Row]:
    """Each row up to its last cell that holds something; blank ones left out, but counted."""
    cells = 0
    for number, values in enumerate(rows, start=1):
        cells += len(values)
        if len(values) > MOST_COLUMNS or cells > limits.cells:
            raise DataError("data_cells", path=_NAMELESS, columns=len(values), rows=number)
        if number > _MOST_SHEET_ROWS:
            raise DataError("data_rows", path=_NAMELESS, limit=_MOST_SHEET_ROWS)
        fields = ["" if value is None else _sheet_cell(value) for value in values]
        while fields and not fields[-1].strip():
            fields.pop()
        if not fields:
            continue
        if number > limits.rows + 1:  # one is the header
            raise DataError("data_rows", path=_NAMELESS, limit=limits.rows)
        yield number, fields


def _sheet_cell(value: Any) -> str:
    """A cell as Excel shows it: whole numbers, of which it keeps fifteen digits, without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


# Parquet


def _parquet(content: bytes, limits: Limits) -> Iterator[Row]:
    """The rows; the sizes that the file tells are of repeated values packed, so few rows are unpacked at a time."""
    from pyarrow import BufferReader, parquet, types  # type: ignore[import-untyped]

    try:
        with parquet.ParquetFile(BufferReader(content)) as file:
            facts, schema = file.metadata, file.schema_arrow
            unpacked = _parquet_size(facts)
            if unpacked > limits.unpacked:
                raise DataError("data_large", path=_NAMELESS, limit=limits.unpacked)
            if facts.num_rows > limits.rows:
                raise DataError("data_rows", path=_NAMELESS, limit=limits.rows)
            if len(schema) > MOST_COLUMNS or len(schema) * facts.num_rows > limits.cells:
                raise DataError("data_cells", path=_NAMELESS, columns=len(schema), rows=facts.num_rows)
            yield 0, [field.name for field in schema]
            single = [field.name for field in schema if not types.is_nested(field.type)]  # a list may be of any length
            # No value is larger than all of them packed, so a batch has at most ten times the limit.
            rows = max(1, min(_MOST_BATCH_ROWS, 10 * limits.size // max(1, unpacked)))
            number = 0
            for batch in file.iter_batches(rows, columns=single, use_threads=False):
                found = iter(batch.columns)
                columns = [
                    [Nested()] * batch.num_rows if types.is_nested(field.type) else _column(next(found))
                    for field in schema
                ]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield number, list(values)
    except (DataError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(f"the reader of Parquet files gave up ({type(error).__name__})") from None


def _parquet_size(facts: Any) -> int:
    return sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))


def _column(values: Any) -> Iterator[str]:
    """Each made as it is asked for, so that the first ones may be too much."""
    for value in values:
        plain = value.as_py()
        yield plain if isinstance(plain, str) else Nested() if isinstance(plain, bytes) else _number(plain)


def _number(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # NaN is not itself


if __name__ == "__main__":
    status = main(sys.argv[1], int(sys.argv[2]), Limits(*map(int, sys.argv[3:])))
    sys.stderr.flush()
    os._exit(status)  # all is written; Arrow's threads need not be waited for, which aborted once
