"""Processes that answer heavy questions and train, so that the server's own stays free for short questions.

A process runs ``rnnviz.page.worker``, which opens the networks for itself. It begins with its first question and ends
when the server closes the pipe to it, whatever way the server ends.
"""

import gzip
import json
import logging
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np

import rnnviz
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.errors import RnnvizError
from rnnviz.page.job import News
from rnnviz.page.offers import Wanted
from rnnviz.page.replies import Objection, Statistics

MOST_SECONDS = 120
"""A question that takes longer ends its process."""
SMALL = 4_096
"""Bytes of an answer that are sent as they are."""
QUICK = 1
"""How hard ``gzip`` tries for an answer that is sent once."""
HEADER = struct.Struct(">BI")
"""Before each answer: whether it is one (1) or says where a bug is (0), and how many bytes follow."""

_PROGRAM = (
    "import sys; sys.path.append(sys.argv.pop(1)); import runpy; "
    "runpy.run_module('rnnviz.page.worker', run_name='__main__', alter_sys=True)"
)
"""Finds rnnviz where the server found it, after everything else: its folder may hold modules of the library's names."""

_log = logging.getLogger(__name__)


def zipped(answer: bytes, level: int = QUICK) -> bytes:
    """An answer for who accepts gzip: compressed, if it is not small."""
    return gzip.compress(answer, level, mtime=0) if len(answer) > SMALL else answer


class BugError(Exception):
    """A worker met with a bug; the text is its kind and where it was raised, never what was typed."""


class ObjectedError(Exception):
    """A worker objects; ``objection`` is what the page is told (``error_replies.objection``)."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection["error"])
        self.objection = objection


class Workers:
    """So many processes at most. May be asked by so many threads at once."""

    def __init__(self, folder: Path, count: int, indexes: Iterable[Path] = ()) -> None:
        """No process is started yet.

        Args:
            folder: Of the checkpoints.
            count: The most processes.
            indexes: Of texts that were read by these.
        """
        folders = [one.resolve() for one in (folder, *indexes)]
        self._workers = [Worker(folders) for _ in range(count)]
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()  # the last one used: its networks are open
        for worker in self._workers:
            self._free.put(worker)

    def start(self) -> None:
        """Start the first process."""
        self._workers[-1].start()

    def answer(self, name: str, question: object, zips: bool = False) -> bytes:
        """Have a question answered; the answer as JSON.

        Args:
            name: A method of ``Service``.
            question: What it is given.
            zips: Whether the answer may be compressed (``zipped``).

        Raises:
            RnnvizError: The process ended on the way. The next question starts another.
            BugError: An exception that nobody expected.
        """
        worker = self._free.get()
        try:
            return worker.answer(json.dumps([name, question, zips]).encode())
        finally:
            self._free.put(worker)

    def learn(self, wanted: Wanted, data: Dataset | None) -> Generator[News | None]:
        """Have a process train, which answers nothing else meanwhile: as ``rnnviz.page.learning`` does.

        Args:
            wanted: What was asked.
            data: The texts of a visitor's file; None for those of a task.

        Raises:
            ObjectedError: What ``learning`` raises as an ``RnnvizError``.
            RnnvizError: The process ended on the way.
            BugError: An exception that nobody expected.
        """
        worker = self._free.get()
        try:
            _training(worker, "learn", {"wanted": wanted, "data": _plain(data) if data else None})
            del data  # as large as the visitor's file
            while "over" not in (moment := _training(worker, "learn_on")):
                yield News(*moment["news"]) if moment["news"] else None
        except GeneratorExit:
            with suppress(RnnvizError, BugError):
                _training(worker, "unlearn")
            raise
        finally:
            self._free.put(worker)

    def evaluate(self, model: str, data: Dataset, total: int) -> Statistics:
        """Have a process answer the texts of a visitor's file (``rnnviz.page.own_texts``).

        Raises:
            ObjectedError: What that raises as an ``RnnvizError``.
            RnnvizError: The process ended on the way.
            BugError: An exception that nobody expected.
        """
        asked = {"model": model, "data": _plain(data), "total": total}
        worker = self._free.get()
        try:
            return cast(Statistics, _training(worker, "statistics", asked))
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.close()


def _plain(data: Dataset) -> dict[str, Any]:
    """A data set for JSON."""
    return vars(data) | {"labels": data.labels.tolist(), "format": data.format.model_dump()}


def dataset_of(data: dict[str, Any]) -> Dataset:
    """A data set from what JSON made of it (``_plain``)."""
    parts = {
        "format": DataFormat(**data["format"]),
        "labels": np.array(data["labels"], dtype=np.int64),
        "texts": tuple(data["texts"]),
        "classes": tuple(data["classes"]),
    }
    return Dataset(**data | parts)


class Worker:
    """One process, started when it is needed."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._process: subprocess.Popen[bytes] | None = None
        self._starting, self._closed = threading.Lock(), False

    def answer(self, question: bytes) -> bytes:
        """Ask, and wait for the answer."""
        self.start()
        process = self._process
        if process is None:
            raise RnnvizError("server_busy")  # it closes
        alarm = threading.Timer(MOST_SECONDS, process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            good, answer = _asked(process, question)
        except (OSError, ValueError, struct.error):  # a pipe that ended, or was closed
            _end(process)
            if not self._closed:
                _log.warning("A process for heavy work ended with status %s", process.returncode)
            raise RnnvizError("server_busy") from None
        finally:
            alarm.cancel()
        if not good:
            raise BugError(answer.decode())
        return answer

    def start(self) -> None:
        """Start the process, if there is none."""
        with self._starting:
            if self._process and self._process.poll() is not None:
                _end(self._process)
                self._process = None
            if not self._process and not self._closed:
                self._process = _started(self._folders)

    def close(self) -> None:
        """End the process."""
        with self._starting:
            self._closed = True
            if self._process:
                _end(self._process)


def _training(worker: Worker, name: str, question: object = None) -> dict[str, Any]:
    """Ask a process about its training."""
    reply: dict[str, Any] = json.loads(worker.answer(json.dumps([name, question, False]).encode()))
    if "error" in reply:
        raise ObjectedError(cast(Objection, reply))
    return reply


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and close the pipes to it."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what it did not read any more
            pipe.close()  # type: ignore[union-attr]


def _started(folders: list[Path]) -> "subprocess.Popen[bytes]":
    package_folder = Path(rnnviz.__file__).parents[1]
    return subprocess.Popen(  # noqa: S603  this very program
        [
            sys.executable,
            "-P",
            "-c",
            _PROGRAM,
            str(package_folder),
            *map(str, folders),
        ],  # -P: no module from the folder of today
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _asked(process: "subprocess.Popen[bytes]", question: bytes) -> tuple[int, bytes]:
    assert process.stdin is not None  # noqa: S101  both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(struct.pack(">I", len(question)) + question)
    process.stdin.flush()
    good, length = HEADER.unpack(process.stdout.read(HEADER.size))
    answer = process.stdout.read(length)
    if len(answer) < length:
        raise OSError
    return good, answer
