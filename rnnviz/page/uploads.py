"""Files of a visitor's own, received in parts and kept in memory for a while; the disk never sees them."""

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnviz.data import datasets
from rnnviz.data.csv_files import read_table
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.errors import DataError, RnnvizError
from rnnviz.page.error_replies import objection
from rnnviz.page.work_queue import Turns

MOST_BYTES = 5_000_000
MOST_FILES, KEPT_SECONDS = 4, 1_800.0
MOST_CLASSES = 60
_MOST_PART = 64_000
_MOST_NAMES, _MOST_NAME = 100, 100


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

    def receive(self, question: object) -> dict[str, Any]:
        """Take a part of a file; with the last one, or after it, read the whole as a table of labelled texts.

        Args:
            question: ``ticket`` (none with the first part), ``part`` counted from 0, its bytes as base64 in ``text``,
                whether it is the ``last``; and perhaps ``name``, ``text_column``, ``label_column``, ``encoding``,
                ``delimiter``. A question with ``last`` and no ``text`` reads again what was received, for example with
                other columns.

        Returns:
            The ``ticket``; after the last part also ``rows``, ``classes`` and ``columns``, or the objection with the
            ``columns`` if there are any.

        Raises:
            DataError: A part is missing, or the file is too large.
            RnnvizError: Too many files are being read.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        with self._lock:
            ticket, file = self._file(asked)
            if "text" in asked:
                self._add(ticket, file, asked)
        if not asked.get("last"):
            return {"ticket": ticket, "parts": file.parts}
        with self._turns.turn():  # a short question has all of a file read again
            return {"ticket": ticket} | _read(file, asked)

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

    def _file(self, asked: dict[str, Any]) -> tuple[str, _File]:
        self._forget_old()
        ticket = asked.get("ticket")
        if ticket is None:
            ticket = secrets.token_urlsafe(16)
            while len(self._files) >= MOST_FILES:
                del self._files[min(self._files, key=lambda name: self._files[name].used)]
            self._files[ticket] = _File(_file_name(asked.get("name")), self._clock())
        file = self._files.get(ticket) if isinstance(ticket, str) else None
        if file is None:
            raise DataError("upload_lost")
        file.used = self._clock()
        return ticket, file

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        self._files = {ticket: file for ticket, file in self._files.items() if file.used >= oldest}

    def _add(self, ticket: str, file: _File, asked: dict[str, Any]) -> None:
        part = _decoded(asked["text"])
        if part is None or asked.get("part") != file.parts:
            del self._files[ticket]
            raise DataError("upload_lost")
        if len(file.data) + len(part) > MOST_BYTES:
            del self._files[ticket]
            raise DataError("data_large", path=file.name, limit=MOST_BYTES)
        file.data += part
        file.parts += 1
        file.dataset = None


def _read(file: _File, asked: dict[str, Any]) -> dict[str, Any]:
    """What the file holds, or what is wrong with it."""
    path, data = Path(file.name), bytes(file.data)
    encoding, delimiter = _line(asked.get("encoding")) or None, _line(asked.get("delimiter")) or ","
    text, label = _line(asked.get("text_column")), _line(asked.get("label_column"))
    chosen = DataFormat(text_columns=(text or "text",), label_column=label or "label") if text or label else None
    columns: list[str] = []
    try:
        _, columns = next(read_table(path, encoding, delimiter, data), (0, []))
        found = datasets.load(path, chosen, encoding=encoding, delimiter=delimiter, data=data)
        if len(found.classes) > MOST_CLASSES:
            raise DataError(
                "data_many_classes",
                path=path,
                column=found.format.label_column,
                classes=len(found.classes),
                rows=len(found),
            )
    except RnnvizError as error:
        return objection(error) | {"columns": _brief(columns)}
    file.dataset = found
    return {"rows": len(found), "classes": _brief(found.classes), "columns": _brief(columns)}


def _brief(names: Sequence[str]) -> list[str]:
    return [name[:_MOST_NAME] for name in names[:_MOST_NAMES]]


def _decoded(text: object) -> bytes | None:
    if not isinstance(text, str) or len(text) > _MOST_PART:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _line(given: object) -> str:
    """A short text that can be sent back; empty if it is none."""
    return given[:_MOST_NAME].encode("utf-8", "replace").decode() if isinstance(given, str) else ""


def _file_name(given: object) -> str:
    """The last part of a path, for messages; nothing is opened by it."""
    return _line(given).replace("\\", "/").split("/")[-1].replace("\0", "") or "file.csv"
