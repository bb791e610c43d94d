"""Learning as the page shows it: what was asked becomes texts and a recipe, its moments a curve's points and a picture.

Left out: who is next, and whose page is gone (``rnnviz.page.trainings``); learning itself (``rnnviz.training.loop``).
"""

import base64
from collections.abc import Generator

import numpy as np

from rnnviz import signals
from rnnviz.data import tasks
from rnnviz.data.datasets import Dataset
from rnnviz.data.text import tokenise
from rnnviz.page.job import News
from rnnviz.page.offers import HELD_OUT, MOST_WORDS, SAMPLE_SEED, TEXTS, Wanted
from rnnviz.page.replies import HeldOutTexts, Picture
from rnnviz.trace import Trace
from rnnviz.training.loop import Progress, train
from rnnviz.training.recipe import Recipe
from rnnviz.training.sources import Sources, prepare

_TEXTS_IN_BATCH = 32
_READINGS, _WORDS_READ, _MOST_EPOCHS = 40_000, 1_200_000, 40
_STEPS = 32767
_MOST_NAME = 60


def learning(wanted: Wanted, data: Dataset | None) -> Generator[News | None]:
    """Train.

    Args:
        wanted: What was asked.
        data: The texts of a visitor's file; None for those of a task.

    Yields:
        None as soon as it begins, and while the texts are prepared; then what is new, moment by moment.

    Raises:
        TrainingError: The loss stopped being a number.
    """
    yield None
    sources = sources_of(wanted, data)
    learned = sources.dataset
    measure, before = _measure(learned, sources.dev), Progress()
    watch = watched(wanted, sources.dev or learned)
    del data  # as large as the visitor's file
    for moment in train(learned, recipe_of(wanted, learned), dev=sources.dev, watch=watch or None):
        yield _news(moment, before, len(learned), measure) if moment.epoch else None
        before = moment if moment.epoch else before


def _news(moment: Progress, before: Progress, texts: int, measure: HeldOutTexts | None) -> News:
    scores = moment.checkpoint.scores if moment.checkpoint else {}
    return News(
        fraction=moment.fraction,
        point=_point(moment, before, texts),
        picture=picture_of(moment.trace) if moment.trace else None,
        held_out={**measure, "accuracy": scores["dev"]["accuracy"]} if measure and "dev" in scores else None,
        reach=_reach(moment),
    )


def _point(moment: Progress, before: Progress, texts: int) -> tuple[int | float, ...] | None:
    """A point of the curve, if texts were read: from two means since the epoch's start, the one in between."""
    before = before if before.epoch == moment.epoch else Progress(loss=0.0, accuracy=0.0)
    earlier = (moment.epoch - 1) * texts
    read, total = max(0, before.texts - earlier), moment.texts - earlier
    if total == read:
        return None
    loss = (moment.loss * total - before.loss * read) / (total - read)
    accuracy = (moment.accuracy * total - before.accuracy * read) / (total - read)
    return (moment.step, moment.epoch, moment.fraction, loss, accuracy, moment.learning_rate)


def _reach(moment: Progress) -> list[float] | None:
    """How long the gradient is at each word; None where it is no number."""
    lengths = moment.reach() if moment.reach else []
    return lengths if lengths and np.isfinite(lengths).all() else None


def sources_of(wanted: Wanted, data: Dataset | None) -> Sources:
    """The texts to learn from, and those held out."""
    source = data or wanted.task
    assert source is not None  # noqa: S101 - a question without a task names a file
    rows = len(data) if data else TEXTS + HELD_OUT
    return prepare(
        source,
        rows=rows,
        length=wanted.length,
        seed=wanted.seed,
        dev_rows=min(HELD_OUT, rows // 5),
    )


def _measure(learnt: Dataset, kept: Dataset | None) -> HeldOutTexts | None:
    """What accuracy on the texts set aside is to be judged by: how many, how many also learned, the commonest class."""
    if kept is None:
        return None
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
        detach=wanted.detach or None,
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


def picture_of(trace: Trace) -> Picture:
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
        "signal": {
            "name": name,
            "symbol": signal.symbol,
            "meaning": signal.meaning,
            "low": low,
            "high": high,
            "scale": scale,
        },
        "shape": list(values.shape),
        "data": base64.b64encode(np.round(values / scale * _STEPS).astype("<i2").tobytes()).decode(),
    }
