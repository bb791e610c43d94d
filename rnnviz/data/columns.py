"""Which column of a table holds what: by the names in its first row, by number, or beyond doubt by what is in it.

Left out: reading the rows (``rnnviz.data.tables``), what the labels mean (``rnnviz.data.datasets``).
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rnnviz.data.csv_files import Row, Suited, Table
from rnnviz.data.file_options import FileOptions, command_line
from rnnviz.data.formats import (
    FORMATS,
    DataFormat,
    columns_without_header,
    known_without_header,
    named_format,
    recognised,
    recognised_without_header,
)
from rnnviz.errors import DataError

MOST_CLASSES = 1_000
_MOST_NAME, _MOST_WORDS = 40, 4
_USUAL = DataFormat()


class Columns(NamedTuple):
    """The names of a table's columns, its rows without them, and what the columns mean.

    Attributes:
        header: One name a column; numbers from 1 where nothing names them.
        rows: All rows of data.
        format: Which columns hold the text and the label.
        found: What was found in the file rather than passed, as it could be passed on the command line.
    """

    header: list[str]
    rows: list[Row]
    format: DataFormat
    found: str


class Wanted(NamedTuple):
    """What is known of a file's columns before it is read.

    Attributes:
        path: The file; the folder tells some known data sets.
        format: Which columns hold what; None lets the file decide.
        otherwise: What counts for a file that is no known data set.
        labelled: Whether a column of labels is asked for.
        header: Whether the first row names the columns; None lets the file decide.
    """

    path: Path
    format: DataFormat | None
    otherwise: DataFormat | None
    labelled: bool
    header: bool | None

    def suits(self, rows: Sequence[Row]) -> Suited:
        """Whether the columns that are wanted are there, by the names in the first row or without."""
        if self.header is not False and self._named(_names(rows[0][1])):
            return "named"
        return "unnamed" if self.header is not True and self._unnamed(rows) else ""

    def columns(self, table: Table) -> Columns:
        """Say which columns hold what.

        Raises:
            DataError: Nothing names them, and what they hold leaves it open.
        """
        names = _names(table.rows[0][1])
        named = self.header is not False and self._named(names)
        found = {name: value for name, value in table.found.items() if name != "header"}
        if not named and self.header is not True:
            unnamed = self._unnamed(table.rows)
            if unnamed:
                header, data_format = unnamed
                asked = data_format in (self.format, self.otherwise)
                if self.header is None and not (asked and self._by_number(data_format, len(names))):
                    found["header"] = False
                said = command_line(found)  # type: ignore[arg-type]
                if not asked and data_format not in FORMATS.values():
                    said = " ".join([said, *_as_options(data_format)])
                return Columns(header, table.rows, data_format, said.strip())
            if self.header is False or not _are_names(names) or _label_columns(table.rows):
                raise self._no_names(table.rows)
        return Columns(names, table.rows[1:], self._by_names(names), command_line(found))  # type: ignore[arg-type]

    def _by_names(self, names: list[str]) -> DataFormat:
        if self.format:
            return self.format
        known = recognised(self.path, names)
        return self.otherwise if self.otherwise and known == _USUAL else known

    def _needed(self, data_format: DataFormat) -> tuple[str, ...]:
        return (*data_format.text_columns, *((data_format.label_column,) if self.labelled else ()))

    def _named(self, names: list[str]) -> bool:
        return all(name in names for name in self._needed(self._by_names(names)))

    def _by_number(self, data_format: DataFormat, width: int) -> bool:
        return all(name.isdecimal() and 1 <= int(name) <= width for name in self._needed(data_format))

    def _unnamed(self, rows: Sequence[Row]) -> tuple[list[str], DataFormat] | None:
        """The columns of a file without a header line, if there is no doubt what they are."""
        first, width = rows[0][1], len(rows[0][1])
        numbers = [str(number) for number in range(1, width + 1)]
        wanted = self.format or self.otherwise
        if wanted:
            names = columns_without_header(wanted, width)
            if names and first[names.index(wanted.label_column)].strip() in {entry.value for entry in wanted.classes}:
                return list(names), wanted
            if self._by_number(wanted, width):
                at = int(wanted.label_column) - 1 if self.labelled else 0
                return (numbers, wanted) if not self.labelled or self._is_label(rows, at, wanted) else None
            if (wanted.text_columns, wanted.label_column) != (_USUAL.text_columns, _USUAL.label_column):
                return None
        known = None if wanted else recognised_without_header(self.path, first)
        if known:
            return list(columns_without_header(FORMATS[known], width) or numbers), FORMATS[known]
        labels = _label_columns(rows) if self.labelled else []
        texts = [place for place in _used(rows) if place not in labels]
        if len(labels) != 1 or len(texts) != 1 or _values(rows, texts[0]) <= _values(rows, labels[0]):
            return None
        update = {"text_columns": (numbers[texts[0]],), "label_column": numbers[labels[0]]}
        return numbers, (wanted or _USUAL).model_copy(update=update)

    def _is_label(self, rows: Sequence[Row], at: int, wanted: DataFormat) -> bool:
        """Whether the first row holds a label, not the name of their column."""
        first = rows[0][1][at].strip()
        known = {text for entry in wanted.classes for text in (entry.value, entry.name)}
        return self.header is False or first in known or any(fields[at].strip() == first for _, fields in rows[1:])

    def _no_names(self, rows: Sequence[Row]) -> DataError:
        labels = _label_columns(rows)
        options = "--no-header, and --label-column and --text-column with the numbers of columns, from 1"
        known: list[str] = []
        texts = [place for place in _used(rows) if place not in labels and _holds_words(rows, place)]
        if labels and texts:
            columns = {"text_columns": tuple(str(place + 1) for place in texts), "label_column": str(labels[0] + 1)}
            options = " ".join(["--no-header", *_as_options(_USUAL.model_copy(update=columns))])
            known = known_without_header([fields[0].strip() for _, fields in rows], len(rows[0][1]))
        hint = f" If it is {' or '.join(known)}, name that with --format." if known else ""
        return DataError("data_no_header", path=self.path, options=options, hint=hint)


def wanted(
    path: Path,
    data_format: DataFormat | str | None,
    otherwise: DataFormat | None,
    options: FileOptions,
    *,
    labelled: bool,
) -> Wanted:
    """What is wanted of a file, with the format of a known data set by its name."""
    chosen = named_format(data_format) if isinstance(data_format, str) else data_format
    return Wanted(path, chosen, otherwise, labelled, options.get("header"))


def _as_options(data_format: DataFormat) -> list[str]:
    texts = [f"--text-column {name}" for name in data_format.text_columns]
    return [f"--label-column {data_format.label_column}", *texts]


def _names(first: Sequence[str]) -> list[str]:
    return [name.strip() for name in first]


def _are_names(names: Sequence[str]) -> bool:
    """Whether a row could name columns: short, no numbers, no sentences."""
    return all(
        len(name) <= _MOST_NAME and len(name.split()) <= _MOST_WORDS and not re.fullmatch(r"[-+]?[\d.,]+", name)
        for name in names
    )


def _used(rows: Sequence[Row]) -> list[int]:
    return [place for place in range(len(rows[0][1])) if any(fields[place].strip() for _, fields in rows)]


def _values(rows: Sequence[Row], place: int) -> int:
    return len({fields[place].strip() for _, fields in rows})


def _label_columns(rows: Sequence[Row]) -> list[int]:
    """The columns that hold a few short values again and again, the one in the first row among them."""
    return [
        place for place in range(len(rows[0][1])) if _is_label_column([fields[place].strip() for _, fields in rows])
    ]


def _is_label_column(values: Sequence[str]) -> bool:
    counts = Counter(values)
    most = min(MOST_CLASSES, max(2, len(values) // 2))
    return (
        bool(values[0])
        and counts[values[0]] > 1
        and 2 <= len(counts) <= most
        and all(len(value) <= _MOST_NAME for value in counts)
    )


def _holds_words(rows: Sequence[Row], place: int) -> bool:
    """Whether half of the values have more than one word."""
    return 2 * sum(" " in fields[place].strip() for _, fields in rows) >= len(rows)
