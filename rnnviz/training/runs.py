"""The folder of a run, ``NAME.run`` beside the checkpoint ``NAME``: its lock, its metrics, what it resumes from.

While a run is under way or was cut short, ``state.safetensors`` is there; a finished one leaves ``metrics.jsonl`` (one
line an epoch) and, where TensorBoard is installed, its events. Left out: training (``rnnviz.training.loop``).
"""

import contextlib
import errno
import io
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from rnnviz import files
from rnnviz.checkpoint.checks import CONFIG
from rnnviz.checkpoint.config import CheckpointConfig, read_config
from rnnviz.checkpoint.folder import is_finished, is_free, is_unread, rehearse
from rnnviz.errors import CheckpointError, TrainingError
from rnnviz.untrusted.strict_json import json_object, to_json

SUFFIX = ".run"
_STATE, _METRICS, _LOCK, _OWNER = "state.safetensors", "metrics.jsonl", "lock", "owner.json"
_REHEARSED = "rehearsed"
_MOST_BYTES, _MOST_METRICS = 2**32, 100_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(eq=False)
class Run:
    """One run, which writes its checkpoint to ``out``.

    Attributes:
        out: The checkpoint's folder.
        epoch: The last epoch of this run whose checkpoint is on the disk; 0 if none.
        begun: Whether what the run's folder holds is this run's own, not an earlier one's.
    """

    out: Path
    epoch: int = 0
    begun: bool = False

    @property
    def folder(self) -> Path:
        """Where the run keeps its things."""
        whole = self.out.absolute()
        return whole.with_name(whole.name + SUFFIX)

    def check(self, title: str, history: dict[str, Any], *, overwrite: bool, resume: bool | None) -> None:
        """Before hours are spent: whether its checkpoint may and can be written, by writing a small one.

        Args:
            title: Its own few words for menus.
            history: What it will say of how it was made.
            overwrite: Whether a finished network may be replaced.
            resume: As for ``unfinished``.

        Raises:
            CheckpointError: The folder holds something else, or a finished network that is not to be replaced.
            TrainingError: Something that goes into the card is no text.
            StorageError: Nothing can be written there.
        """
        if not is_free(self.out):
            raise CheckpointError("checkpoint_busy", path=self.out)
        if is_finished(self.out) and not (overwrite or resume or self.is_unfinished):
            raise CheckpointError("checkpoint_there", path=self.out)
        rehearse(self.out, title, history)
        for path in (self.folder / name for name in (_STATE, _METRICS, _OWNER)):
            if path.is_dir():
                raise CheckpointError("checkpoint_busy", path=path)
        files.atomic_write(self.folder / _REHEARSED, b"")
        (self.folder / _REHEARSED).unlink(missing_ok=True)

    @property
    def is_unfinished(self) -> bool:
        """Whether there is something to go on from, whoever kept it."""
        try:
            return (self.folder / _STATE).is_file()
        except OSError:
            return False

    @contextlib.contextmanager
    def alone(self) -> Iterator["Run"]:
        """Keep every other training out of the folder. The lock goes with the process, however that ends.

        Raises:
            TrainingError: Another process trains into it.
        """
        files.make_folder(self.folder)
        lock, owner = filelock.FileLock(self.folder / _LOCK), self.folder / _OWNER
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            first = _read_json(owner)
            raise TrainingError(
                "run_busy", path=self.out, pid=first.get("pid", "unknown"), since=first.get("since", "unknown")
            ) from None
        try:
            files.atomic_write(owner, json.dumps({"pid": os.getpid(), "since": _now()}).encode())
            yield self
        finally:
            owner.unlink(missing_ok=True)
            lock.release()

    def unfinished(self, resume: bool | None) -> bytes | None:
        """What an unfinished run kept, if it is to be resumed.

        Args:
            resume: Whether to go on with it; None if nobody said.

        Raises:
            TrainingError: There is none to go on with, or there is one and nobody said what to do with it.
        """
        path = self.folder / _STATE
        if not path.is_file():
            if resume:
                raise TrainingError("resume_nothing", path=self.out)
            return None
        if resume is None:
            raise TrainingError("run_unfinished", path=self.out, epochs=self.last_epoch)
        if not resume:
            return None
        self.epoch, self.begun = self.last_epoch, True
        return files.read_once(path, _MOST_BYTES)

    @property
    def resumable(self) -> bool:
        """Whether this run has kept something to go on from."""
        return self.begun and (self.folder / _STATE).is_file()

    def begin(self) -> None:
        """Before the first thing is written: drop what an earlier run left, unless that is the one that goes on."""
        if not self.begun:
            for name in (_STATE, _METRICS):
                (self.folder / name).unlink(missing_ok=True)
        self.begun = True

    def keep(self, state: bytes) -> None:
        """Write what the run can be resumed from."""
        files.atomic_write(self.folder / _STATE, state)

    def finish(self) -> None:
        """There is nothing left to resume."""
        (self.folder / _STATE).unlink(missing_ok=True)

    def metrics(self) -> list[dict[str, Any]]:
        """One dictionary for each epoch so far, as far as the file can be read."""
        return self._lines()[0]

    def damaged(self) -> int:
        """How many lines of the metrics cannot be read; all else goes on without them."""
        return self._lines()[1]

    def _lines(self) -> tuple[list[dict[str, Any]], int]:
        """The epochs, and how many lines tell of none."""
        try:
            data = files.read_once(self.folder / _METRICS, _MOST_METRICS)
        except CheckpointError as error:
            return [], int(error.key != "checkpoint_missing")
        lines = [line for line in data.split(b"\n") if line.strip()]
        epochs = [one for one in map(_epoch, lines) if one is not None]
        return epochs, len(lines) - len(epochs)

    @property
    def last_epoch(self) -> int:
        """The last epoch that the metrics tell of; 0 if none."""
        return max((line["epoch"] for line in self.metrics()), default=0)

    def note(self, metrics: dict[str, Any]) -> None:
        """Add an epoch's metrics; those of an epoch that is trained again, and of later ones, are replaced."""
        self.epoch = metrics["epoch"]
        lines = [*(one for one in self.metrics() if one["epoch"] < self.epoch), metrics]
        files.atomic_write(self.folder / _METRICS, "".join(f"{to_json(line)}\n" for line in lines).encode())
        _to_tensorboard(self.folder, metrics)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Say what is left when the disk is full.

        Raises:
            TrainingError: The disk had no space for what was written in this block; older files are unchanged.
        """
        try:
            yield
        except OSError as error:
            if error.errno not in _FULL:
                raise
            intact = f"epoch {self.epoch} is intact" if self.epoch else "no epoch was finished"
            onward = " with --resume to go on" if self.resumable else " with --overwrite" if self.epoch else " again"
            raise TrainingError("disk_full", path=self.out, intact=intact, onward=onward) from None


def _epoch(line: bytes) -> dict[str, Any] | None:
    """What a line of the metrics tells; None if that is nothing that ``Run.note`` writes."""
    try:
        metrics = {name: math.nan if value is None else value for name, value in json.loads(line).items()}
        numbers = all(isinstance(one, float) or (isinstance(one, int) and abs(one) < 2**63) for one in metrics.values())
        return metrics if numbers and isinstance(metrics["epoch"], int) and metrics["epoch"] > 0 else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _to_tensorboard(folder: Path, metrics: dict[str, Any]) -> None:
    """Write an epoch's metrics as a file of TensorBoard's events, where it is installed.

    Not through ``SummaryWriter``, whose thread prints a traceback of its own when the disk is full.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter
    except ImportError:
        return
    now, epoch, data = time.time(), metrics["epoch"], io.BytesIO()
    values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items() if name != "epoch"]
    records = RecordWriter(data)
    for event in (
        Event(wall_time=now, file_version="brain.Event:2"),
        Event(wall_time=now, step=epoch, session_log=SessionLog(status=SessionLog.START)),  # drops this step and later
        Event(wall_time=now, step=epoch, summary=Summary(value=values)),
    ):
        records.write(event.SerializeToString())
    files.atomic_write(folder / f"events.out.tfevents.{now:.0f}.{epoch:06}", data.getvalue())


@dataclass(frozen=True)
class Listed:
    """A run in a list.

    Attributes:
        path: Folder of its checkpoint.
        finished: Whether it came to its end.
        epochs: So far.
        seconds: Of training so far.
        scores: Accuracy by name of the set, 0 to 1.
    """

    path: Path
    finished: bool
    epochs: int
    seconds: float
    scores: dict[str, float]


def listed(folder: Path) -> list[Listed]:
    """The checkpoints and unfinished runs in a folder, by name. Folders that are neither are passed over.

    Raises:
        CheckpointError: There is no such folder.
    """
    entries = [_listed(path) for path in _paths(folder)]
    return [one for one in entries if one is not None]


def remarks(folder: Path) -> list[str]:
    """What cannot be read of the runs in a folder, and is left out of ``listed``: a sentence each.

    Raises:
        CheckpointError: There is no such folder.
    """
    sentences = [_remark(path) for path in _paths(folder)]
    return [one for one in sentences if one]


def _paths(folder: Path) -> list[Path]:
    if not files.exists(folder):
        raise CheckpointError("runs_missing", path=folder)
    return [folder / name for name in sorted({entry.name.removesuffix(SUFFIX) for entry in files.folders(folder)})]


def _listed(path: Path) -> Listed | None:
    run = Run(path)
    if run.is_unfinished:
        epochs = run.metrics()
        last = epochs[-1] if epochs else {}
        dev = {"dev": last["dev_accuracy"]} if "dev_accuracy" in last else {}
        return Listed(path, False, run.last_epoch, last.get("seconds", 0.0), dev)
    try:
        config = _config(path)
    except CheckpointError:
        return None
    history = config.training
    try:
        scores = {name: float(measured["accuracy"]) for name, measured in config.scores.items()}
        return Listed(path, True, int(history.get("epochs", 0)), float(history.get("seconds", 0.0)), scores)
    except (KeyError, TypeError, ValueError, OverflowError):  # the card of a stranger
        return Listed(path, True, 0, 0.0, {})


def _config(path: Path) -> CheckpointConfig:
    return files.read_consistently(path, lambda folder: read_config(folder / CONFIG))


def _remark(path: Path) -> str:
    run = Run(path)
    lines = run.damaged()
    if lines:
        return damage(run, lines)
    try:
        _config(path)
    except CheckpointError as error:
        return str(error) if is_unread(error, path) and not run.is_unfinished else ""
    return ""


def damage(run: Run, lines: int) -> str:
    """What is said of so many damaged lines in a run's metrics."""
    return f"{run.folder / _METRICS}: {lines:,} line{'s' if lines > 1 else ''} cannot be read, and left out."


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json_object(files.read_once(path, _MOST_BYTES))
    except ValueError:
        return {}
