"""Follows a training on the terminal: the live bar, the checkpoint at every epoch's end, stopping and being stopped."""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

import typer
from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn

from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.cli.terminal import err, plain, result
from rnnviz.data.datasets import Dataset
from rnnviz.errors import TrainingError
from rnnviz.experiments.evaluation import evaluate
from rnnviz.training import distributed
from rnnviz.training.loop import Progress
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs import Run

_KEEP_SECONDS = 60.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def follow(moments: Iterator[Progress], recipe: Recipe, run: Run, tested: Dataset | None) -> None:
    """Follow a training to its end, and say what came of it. Of several processes, the first one speaks and writes."""
    if distributed.rank() > 0:
        with _stoppable():  # by the first process, which hears of it too
            for _ in moments:
                pass
        return
    try:
        kept = _watched(moments, recipe, run)
    except TrainingError as error:
        if error.key == "training_nan" and (intact := _intact(run)):  # the others say it, or come before an epoch
            err.print(plain(intact.strip()), soft_wrap=True)
        raise
    with run.writing():
        if tested:
            kept = kept.with_scores(test=evaluate(kept, tested).to_dict())
            kept.save_pretrained(run.out)
        run.finish()
    for name, score in kept.scores.items():
        result(f"{name}: {score_line(score)}")
    result(run.out)


def _watched(moments: Iterator[Progress], recipe: Recipe, run: Run) -> Checkpoint:
    """Show a bar, and write what the run must not lose."""
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[now]}"),
        TimeRemainingColumn(),
    )
    kept: Checkpoint | None = None
    saved = time.monotonic()
    with Bar(*columns, console=err) as bar, _stoppable() as asked:
        task = bar.add_task("", total=1.0, epoch=f"1/{recipe.epochs}", now="preparing")
        speed = _Speed()
        for moment in moments:
            if moment.epoch:
                now = f"loss {moment.loss:.3f}  accuracy {moment.accuracy:.1%}  {speed.of(moment):,.0f} texts/s"
                bar.update(task, completed=moment.fraction, epoch=f"{moment.epoch}/{recipe.epochs}", now=now)
            if moment.remark:
                err.print(plain(moment.remark), soft_wrap=True)
            with run.writing():
                if moment.epoch:
                    run.begin()
                if moment.checkpoint:
                    kept = moment.checkpoint
                    _write(moment, kept, run, speed.of(moment))
                if moment.state and (moment.checkpoint or asked or time.monotonic() - saved >= _KEEP_SECONDS):
                    run.keep(moment.state())
                    saved = time.monotonic()
            if asked:
                raise _stopped(moment, run, asked[0])
    return kept or load(run.out)  # a run that was cut short after its last epoch has nothing more to learn


def _write(moment: Progress, kept: Checkpoint, run: Run, speed: float) -> None:
    """Write an epoch's checkpoint and metrics, and say how it went."""
    kept.save_pretrained(run.out)
    dev = kept.scores.get("dev")
    held = f", {_held_out(dev)}" if dev else ""
    run.note(
        {
            "epoch": moment.epoch,
            "step": moment.step,
            "loss": moment.loss,
            "accuracy": moment.accuracy,
            "learning_rate": moment.learning_rate,
            "seconds": round(moment.seconds, 3),
            "texts_per_second": round(speed, 1),
        }
        | ({f"dev_{name}": dev[name] for name in ("accuracy", "bits") if name in dev} if dev else {})
    )
    err.print(f"epoch {moment.epoch}: loss {moment.loss:.4f}, accuracy {moment.accuracy:.2%}{held}", soft_wrap=True)


def score_line(score: dict[str, Any]) -> str:
    """What was measured, in a few words."""
    if "bits" in score:
        return f"{score['bits']:.3f} bits a token, {score['accuracy']:.2%} of {score['n']:,} tokens told"
    return f"accuracy {score['accuracy']:.2%} of {score['n']:,} texts"


def _held_out(score: dict[str, Any]) -> str:
    if "bits" in score:
        return f"{score['bits']:.3f} bits a token on the held-out text"
    return f"{score['accuracy']:.2%} right on {score['n']:,} held-out texts"


class _Speed:
    """Texts a second since the first moment that was seen."""

    def __init__(self) -> None:
        self.first: Progress | None = None

    def of(self, moment: Progress) -> float:
        self.first = first = self.first or moment
        seconds = moment.seconds - first.seconds
        return (moment.texts - first.texts) / seconds if seconds > 0 else moment.texts / max(moment.seconds, 1e-9)


def _stopped(moment: Progress, run: Run, number: int) -> typer.Exit:
    """Say where a training was stopped."""
    where = f"in epoch {moment.epoch}, {moment.fraction:.0%} of the whole" if moment.epoch else "before it began"
    onward = "\nAdd --resume to the same command to go on." if run.resumable else ""
    err.print(plain(f"Stopped {where}.{_intact(run)}{onward}"), soft_wrap=True)
    return typer.Exit(128 + number)


def _intact(run: Run) -> str:
    """Where what was learned before is, as far as an epoch was finished."""
    return f" The last finished epoch is in {run.out}." if run.epoch else ""


@contextlib.contextmanager
def _stoppable() -> Iterator[list[int]]:
    """Note Ctrl-C and SIGTERM, to stop at the next moment; a second one ends the process at once."""
    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        restore()

    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield asked
    finally:
        restore()
