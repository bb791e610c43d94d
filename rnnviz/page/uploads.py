"""Files of a visitor's own, received in parts and kept in memory for a while; the disk never sees them."""

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnviz.data import datasets, tables
from rnnviz.data.datasets import Dataset
from rnnviz.data.file_options import CHOICES, FileOptions, from_menus, to_menus
from rnnviz.data.formats import DataFormat, named_format
from rnnviz.errors import DataError, RnnvizError
from rnnviz.page.error_replies import objection
from rnnviz.page.replies import BadTable, PartTaken, Table
from rnnviz.page.requests import MOST_NAME, TrainReceive, WrongType
from rnnviz.page.work_queue import Turns

MOST_BYTES = 5_000_000
MOST_FILES, KEPT_SECONDS = 4, 1_800.0
MOST_CLASSES = 60
_MOST_NAMES, _MOST_SHOWN = 100, 20
_PREVIEW = 5
"""Rows of a file that are shown."""


@dataclass(eq=False)
class _File:
    name: str
    used: float
    parts: int = 0
    data: bytearray = field(default_factory=bytearray)
    dataset: Dataset | None = None


class Uploads:
    """The files that were received last. A fifth one pushes out the one that was used longest ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._files: dict[str, _File] = {}
        self._lock = threading.Lock()
        self._turns = Turns(at_once=1, waiting=2)

    def receive(self, asked: TrainReceive) -> PartTaken | Table | BadTable:
        """Take a part of a file; with the last one, or after it, read the whole as a table of labelled texts.

        Args:
            asked: A part. With ``last`` and without ``text``, what was received is read again, for example with other
                columns.

        Returns:
            The ``ticket``; after the last part also ``rows``, ``classes``, ``columns``, five rows as ``preview``, how
            the file was ``found`` to be written, and remarks; or the objection, with ``columns`` and ``preview`` as
            far as there are any.

        Raises:
            DataError: A part is missing, or the file is too large.
            RnnvizError: Too many files are being read.
        """
        with self._lock:
            ticket, file = self._file(asked)
            if asked.text is not None:
                self._add(ticket, file, asked.text, asked.part)
        if not asked.last:
            return {"ticket": ticket, "parts": file.parts}
        with self._turns.turn():  # a short question has all of a file read again
            return _read(ticket, file, asked)

    def dataset(self, ticket: str) -> Dataset:
        """The texts of a file that was received and read.

        Raises:
            DataError: There is none of this ticket.
        """
        with self._lock:
            self._forget_old()
            file = self._files.get(ticket)
            if file is None or file.dataset is None:
                raise DataError("upload_lost")
            file.used = self._clock()
            return file.dataset

    def _file(self, asked: TrainReceive) -> tuple[str, _File]:
        self._forget_old()
        ticket = asked.ticket
        if ticket is None:
            ticket = secrets.token_urlsafe(16)
            while len(self._files) >= MOST_FILES:
                del self._files[min(self._files, key=lambda name: self._files[name].used)]
            self._files[ticket] = _File(_file_name(asked.name), self._clock())
        file = self._files.get(ticket)
        if file is None:
            raise DataError("upload_lost")
        file.used = self._clock()
        return ticket, file

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        self._files = {ticket: file for ticket, file in self._files.items() if file.used >= oldest}

    def _add(self, ticket: str, file: _File, text: str | WrongType, number: int | float | None) -> None:
        part = _decoded(text)
        if part is None or number != file.parts:
            del self._files[ticket]
            raise DataError("upload_lost")
        if len(file.data) + len(part) > MOST_BYTES:
            del self._files[ticket]
            raise DataError("data_large", path=file.name, limit=MOST_BYTES)
        file.data += part
        file.parts += 1
        file.dataset = None


def _read(ticket: str, file: _File, asked: TrainReceive) -> Table | BadTable:
    """What the file holds, or what is wrong with it."""
    path, data = Path(file.name), bytes(file.data)
    said: FileOptions = {}
    try:
        said = from_menus({name: getattr(asked, name) for name in CHOICES})
        found = datasets.examined(path, _format(asked), data=data, **said)
        dataset = found.dataset
        if len(dataset.classes) > MOST_CLASSES:
            raise DataError(
                "data_many_classes",
                path=path,
                column=dataset.format.label_column,
                classes=len(dataset.classes),
                rows=len(dataset),
            )
    except RnnvizError as error:
        named = said.get("header") is not False and error.key != "data_no_header"
        first, *rows = tables.preview(path, said, data, _PREVIEW + 1) or [[]]
        columns = [name.strip() for name in first] if named else [str(number) for number in range(1, len(first) + 1)]
        shown = rows if named else [first, *rows]
        return {"ticket": ticket, **objection(error), "columns": _brief(columns), "preview": _shown(shown)}
    file.dataset = dataset
    rows = found.first[: _PREVIEW + 1]
    return {
        "ticket": ticket,
        "rows": len(dataset),
        "classes": _brief(dataset.classes),
        "columns": _brief(found.header),
        "preview": _shown(rows[1:] if found.options.get("header") else rows),
        "found": to_menus(found.options),
        "remarks": [objection(remark) for remark in found.remarks if remark.key != "data_found"],  # the menus say it
    }


def _format(asked: TrainReceive) -> DataFormat | None:
    """What the columns mean, as far as a visitor said."""
    text, label = asked.text_column, asked.label_column
    if not (text or label or asked.format):
        return None
    known = named_format(asked.format) if asked.format else DataFormat()
    update = {"text_columns": (text,) if text else (), "label_column": label}
    return known.model_copy(update={name: value for name, value in update.items() if value})


def _brief(names: Sequence[str]) -> list[str]:
    return [name[:MOST_NAME] for name in names[:_MOST_NAMES]]


def _shown(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The first rows, the beginnings of their fields, as every encoding can carry them."""
    return [
        [field[:MOST_NAME].encode("utf-8", "replace").decode() for field in fields[:_MOST_SHOWN]]
        for fields in rows[:_PREVIEW]
    ]


def _decoded(text: str | WrongType) -> bytes | None:
    if isinstance(text, WrongType):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _file_name(given: str) -> str:
    """The last part of a path, for messages; nothing is opened by it."""
    return given.replace("\\", "/").split("/")[-1].replace("\0", "") or "file.csv"
