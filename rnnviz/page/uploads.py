"""Files of a visitor's own, received in parts and kept in memory for a while; the disk never sees them."""

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnviz.data import datasets
from rnnviz.data.csv_files import read_table
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.errors import DataError, RnnvizError
from rnnviz.page.error_replies import objection
from rnnviz.page.replies import BadTable, PartTaken, Table
from rnnviz.page.requests import MOST_NAME, TrainReceive, WrongType
from rnnviz.page.work_queue import Turns

MOST_BYTES = 5_000_000
MOST_FILES, KEPT_SECONDS = 4, 1_800.0
MOST_CLASSES = 60
_MOST_NAMES = 100


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
            The ``ticket``; after the last part also ``rows``, ``classes`` and ``columns``, or the objection with the
            ``columns`` if there are any.

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
    encoding, delimiter = asked.encoding or None, asked.delimiter or ","
    text, label = asked.text_column, asked.label_column
    chosen = DataFormat(text_columns=(text or "text",), label_column=label or "label") if text or label else None
    columns: list[str] = []
    try:
        _, columns = next(read_table(path, encoding, delimiter, data), (0, []))
        dataset = datasets.load(path, chosen, encoding=encoding, delimiter=delimiter, data=data)
        if len(dataset.classes) > MOST_CLASSES:
            raise DataError(
                "data_many_classes",
                path=path,
                column=dataset.format.label_column,
                classes=len(dataset.classes),
                rows=len(dataset),
            )
    except RnnvizError as error:
        return {"ticket": ticket, **objection(error), "columns": _brief(columns)}
    file.dataset = dataset
    return {"ticket": ticket, "rows": len(dataset), "classes": _brief(dataset.classes), "columns": _brief(columns)}


def _brief(names: Sequence[str]) -> list[str]:
    return [name[:MOST_NAME] for name in names[:_MOST_NAMES]]


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
