"""One training as the page shows it: what was asked becomes texts and a recipe, and its moments a curve and a picture.

Left out: who is next, and whose page is gone (``rnnviz.page.trainings``); learning (``rnnviz.training``).
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from rnnviz import signals, tasks
from rnnviz.datasets import Dataset
from rnnviz.errors import RnnvizError
from rnnviz.page.offers import HELD_OUT, MOST_WORDS, SAMPLE_SEED, TEXTS, Wanted
from rnnviz.page.saying import objection
from rnnviz.recipe import Recipe
from rnnviz.text import tokenise
from rnnviz.trace import Trace
from rnnviz.training import Progress, train

State = Literal["waiting", "running", "done", "cancelled", "failed"]

_POINT = ("step", "epoch", "fraction", "loss", "accuracy", "learning_rate")
_MOST_POINTS = 200
_TEXTS_IN_BATCH = 32
_READINGS, _WORDS_READ, _MOST_EPOCHS = 40_000, 1_200_000, 40
_STEPS = 32767
_MOST_NAME = 60


@dataclass(eq=False)
class Job:
    """One training: what was asked, how it stands, when its page was last heard of.

    Attributes:
        wanted, data: What was asked; the texts of a visitor's file.
        heard, started, ended: By the clock of ``Trainings``; 0 for what has not been.
        seq: How many moments there was something new to show.
        points: One a moment: numbers named by ``_POINT``; loss and accuracy are means over the texts since the last.
        picture: The watched sentence as the network reads it now.
        held_out: How often it is right on texts set aside, since the end of the first epoch.
        cut: Whether its time was over before it had finished.
        error: Why it failed.
    """

    wanted: Wanted
    data: Dataset | None
    heard: float
    state: State = "waiting"
    started: float = 0.0
    ended: float = 0.0
    seq: int = 0
    points: list[tuple[float, ...]] = field(default_factory=list)
    picture: dict[str, Any] | None = None
    held_out: dict[str, Any] | None = None
    cut: bool = False
    error: RnnvizError | None = None
    _before: Progress = field(default_factory=Progress)
    _texts: int = 0
    _measure: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether there is something left to do."""
        return self.state in ("waiting", "running")

    def moments(self) -> Iterator[Progress]:
        """Train.

        Raises:
            TrainingError: The loss stopped being a number.
        """
        learnt, kept = texts_of(self.wanted, self.data)
        self._texts, self._measure = len(learnt), _measure(learnt, kept)
        watch = watched(self.wanted, kept if len(kept) else learnt)
        yield from train(learnt, recipe_of(self.wanted, learnt), dev=kept if len(kept) else None, watch=watch or None)

    def show(self, moment: Progress) -> None:
        """Keep what the page shows of a moment; there is nothing to show of the preparations."""
        if not moment.epoch:
            return
        self._draw(moment)
        self._before = moment
        if moment.checkpoint and "dev" in moment.checkpoint.scores:
            self.held_out = self._measure | {"accuracy": moment.checkpoint.scores["dev"]["accuracy"]}
        if moment.trace:
            self.picture = picture_of(moment.trace)
        self.seq += 1

    def _draw(self, moment: Progress) -> None:
        """Add a point to the curve, if texts were read: from two means since the epoch's start, the one in between."""
        before = self._before if self._before.epoch == moment.epoch else Progress(loss=0.0, accuracy=0.0)
        earlier = (moment.epoch - 1) * self._texts
        read, total = max(0, before.texts - earlier), moment.texts - earlier
        if total == read:
            return
        loss = (moment.loss * total - before.loss * read) / (total - read)
        accuracy = (moment.accuracy * total - before.accuracy * read) / (total - read)
        self.points.append((moment.step, moment.epoch, moment.fraction, loss, accuracy, moment.learning_rate))
        if len(self.points) > _MOST_POINTS:
            del self.points[1::2]

    def end(self, state: State, now: float, error: RnnvizError | None = None) -> None:
        """Let go of what is needed only for learning."""
        self.state, self.ended, self.error = state, now, error
        self.data, self._before = None, Progress()

    def standing(self, now: float, since: object) -> dict[str, Any]:
        """What ``Trainings.poll`` answers, but for the place in line."""
        answer = {
            "state": self.state,
            "seconds": round((self.ended or now) - self.started, 1) if self.started else 0.0,
            "seq": self.seq,
            "cut": self.cut,
            "held_out": self.held_out,
        }
        if self.seq != since:
            curve = {name: [point[place] for point in self.points] for place, name in enumerate(_POINT)}
            answer |= {"curve": curve, "watch": self.picture}
        return answer | (objection(self.error) if self.error else {})


def texts_of(wanted: Wanted, data: Dataset | None) -> tuple[Dataset, Dataset]:
    """The texts to learn from, and those set aside; of a large file a part, drawn at random."""
    if wanted.task:
        data = tasks.generate(wanted.task, rows=TEXTS + HELD_OUT, length=wanted.length, seed=wanted.seed)
    assert data is not None  # noqa: S101 - a question without a task names a file
    if len(data) > TEXTS + HELD_OUT:
        data = data.take(np.sort(np.random.default_rng(0).permutation(len(data))[: TEXTS + HELD_OUT]))
    return data.split(min(HELD_OUT, len(data) // 5))


def _measure(learnt: Dataset, kept: Dataset) -> dict[str, Any]:
    """What accuracy on the texts set aside is to be judged by: how many, how many also learned, the commonest class."""
    if not len(kept):
        return {}
    there = set(learnt.texts)
    seen = sum(text in there for text in kept.texts)
    return {"texts": len(kept), "seen": seen, "chance": float(np.bincount(kept.labels).max()) / len(kept)}


def recipe_of(wanted: Wanted, learnt: Dataset) -> Recipe:
    """As many epochs as there is time for, in batches of about 32 texts, on the processor."""
    words = [min(len(text.split()), MOST_WORDS) for text in learnt.texts]
    epochs = min(_READINGS // len(words), _WORDS_READ // max(1, sum(words)), _MOST_EPOCHS)
    return Recipe(
        cell=wanted.cell,
        hidden_size=wanted.units,
        embedding_size=16,
        forget_bias=0.0 if wanted.cell == "rnn" else wanted.offer.forget_bias,
        learning_rate=wanted.learning_rate,
        epochs=max(1, epochs),
        batch_tokens=_TEXTS_IN_BATCH * max([1, *words]),
        most_tokens=MOST_WORDS,
        seed=wanted.seed,
        device="cpu",
    )


def watched(wanted: Wanted, kept: Dataset) -> str:
    """The sentence to watch: the visitor's, else one of the task, else the first words of a text set aside."""
    if tokenise(wanted.watch):
        return wanted.watch
    if wanted.task:
        return tasks.generate(wanted.task, rows=2, length=wanted.length, seed=SAMPLE_SEED).texts[0]
    return next((" ".join(words[:MOST_WORDS]) for words in map(tokenise, kept.texts) if words), "")


def picture_of(trace: Trace) -> dict[str, Any]:
    """The memory of a reading, small: ``data`` holds int16 numbers [token, unit], as shares of ``scale``."""
    name = signals.memory(trace.cell)
    signal = signals.signal(trace.cell, name)
    values = np.nan_to_num(trace.select(name), posinf=0.0, neginf=0.0)  # of a network that has lost its numbers
    scale = float(np.abs(values).max()) or 1.0
    low, high = signals.limits(signal, [scale])
    return {
        "tokens": list(trace.tokens),
        "unknown": trace.unknown.tolist(),
        "labels": [label[:_MOST_NAME] for label in trace.labels],
        "verdicts": np.nan_to_num(trace.verdicts.astype(float)).round(3).tolist(),
        "winner": int(trace.verdicts[-1].argmax()),
        "signal": {"name": name, "symbol": signal.symbol, "meaning": signal.meaning}
        | {"low": low, "high": high, "scale": scale},
        "shape": list(values.shape),
        "data": base64.b64encode(np.round(values / scale * _STEPS).astype("<i2").tobytes()).decode(),
    }
