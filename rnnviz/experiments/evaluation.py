"""How often a network is right: accuracy, precision, recall, the confusion matrix; and whether the test was fair.

Of a network that reads padded, also how many answers padding alone changes; of one that reads letters, how soon it
knows; of one that tells the next token, how many bits each token takes.
"""

import math
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch.nn.utils.rnn import pad_sequence

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.datasets import Dataset
from rnnviz.errors import DataError

_BATCH_TOKENS = 16_384
_TEXTS = 2_000
_EXAMPLES = 5
_BEGINNINGS = (5, 10, 20, 40)
_BINS = 15
_WINDOW = 500
_PADDED_BATCH = 16  # the lesson's: a padded network's answer depends on its batch, so this is part of the measurement

Result = TypeVar("Result")


@dataclass(frozen=True)
class Filled:
    """A text whose class padding changed, without its words.

    Attributes:
        tokens: Its length.
        padded_to: That of the longest text of its batch.
        alone, padded: The class that it was given when read alone, and in its batch.
    """

    tokens: int
    padded_to: int
    alone: str
    padded: str


@dataclass(frozen=True)
class Padding:
    """What padding alone does to the answers of a network that reads padded.

    Each text is read twice: alone, and in its batch of 16 in file order, filled up to the longest of them.

    Attributes:
        changed: Texts that are given another class.
        n: Number of texts.
        accuracy_alone: Share of texts answered rightly when read alone, 0 to 1.
        examples: Of those that changed, the five whose class was surest when they were read alone.
    """

    changed: int
    n: int
    accuracy_alone: float
    examples: tuple[Filled, ...]


@dataclass(frozen=True)
class Scores:
    """What ``evaluate`` found.

    Attributes:
        accuracy: Share of texts answered rightly, 0 to 1.
        n: Number of texts.
        labels: Names of the classes.
        precision, recall: Of each class, 0 to 1; precision is 0 where the class was never answered.
        confusion: Counts, one row a true class, one column an answer.
        padding: What padding alone changed; None for a network that reads packed.
        beginnings: Of a network that reads letters, the accuracy when only so many of each text are read: letters, as
            text, to share. None for a network that reads words.
        calibration_error: Of a network that reads letters, how far the probability of the answer is from the share of
            right answers, over whole texts and these beginnings together: the mean over 15 bins of equal width, by
            their number of answers (expected calibration error, Guo et al. 2017), 0 to 1.
    """

    accuracy: float
    n: int
    labels: tuple[str, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    confusion: tuple[tuple[int, ...], ...]
    padding: Padding | None = None
    beginnings: dict[str, float] | None = None
    calibration_error: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class NextScores:
    """What ``evaluate`` found of a network that tells the next token.

    Attributes:
        bits: What a token takes, in bits: the mean of −log₂ of the probability that was given to it.
        accuracy: Share of tokens that were the likeliest one, 0 to 1.
        n: Number of tokens; the first one of a text is read, not told.
    """

    bits: float
    accuracy: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def evaluate(checkpoint: Checkpoint, dataset: Dataset) -> Scores | NextScores:
    """Answer every text of a data set. A network that reads padded meets the texts in batches of 16, in file order.

    Args:
        checkpoint: The classifier.
        dataset: Texts with labels, in the classifier's classes; for a network that tells the next token any texts,
            each of which is read from its beginning to its end.

    Returns:
        Accuracy, precision and recall as shares, 0 to 1, and the confusion matrix as counts [true class, answer]; for a
        network that tells the next token, bits a token.

    Raises:
        DataError: The data set has other classes, or has them in another order; or nothing in it can be told.

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=100)
        >>> scores = rnnviz.evaluate(rnnviz.load("recall-lstm"), recall)
        >>> scores.accuracy, scores.n
        (1.0, 100)
        >>> scores.confusion[0]
        (28, 0, 0, 0)
    """
    return finished(evaluating(checkpoint, dataset))


def evaluating(checkpoint: Checkpoint, dataset: Dataset) -> Generator[None, None, Scores | NextScores]:
    """``evaluate`` for a caller who has other things to do meanwhile: yields between its pieces of work."""
    if checkpoint.config.task == "next":
        told = yield from _telling(checkpoint, dataset.texts)
        if not told.n:
            raise DataError("data_empty_text", path=dataset.name)
        return told
    check_classes(checkpoint, dataset)
    probabilities = yield from predicting(checkpoint, dataset.texts)
    counted = scores(probabilities.argmax(axis=1), dataset.labels, checkpoint.labels)
    if checkpoint.config.tokens == "letters":
        counted = yield from _with_beginnings(counted, checkpoint, dataset, probabilities)
    if checkpoint.config.model.reading != "padded":
        return counted
    alone = yield from predicting(checkpoint, dataset.texts, alone=True)
    return replace(counted, padding=_padding(checkpoint, dataset, alone, probabilities))


def _with_beginnings(
    counted: Scores, checkpoint: Checkpoint, dataset: Dataset, whole: Float[np.ndarray, "text label"]
) -> Generator[None, None, Scores]:
    """How often it is right when only the first letters are read, and whether it is as sure as it is right."""
    beginnings = {}
    answered = [whole]
    for most in _BEGINNINGS:
        read = yield from predicting(checkpoint, dataset.texts, most=most)
        beginnings[str(most)] = float((read.argmax(axis=1) == dataset.labels).mean())
        answered.append(read)
    probabilities = np.concatenate(answered)
    right = probabilities.argmax(axis=1) == np.tile(dataset.labels, len(answered))
    error = calibration_error(probabilities.max(axis=1), right)
    return replace(counted, beginnings=beginnings, calibration_error=error)


def calibration_error(sure: Float[np.ndarray, " text"], right: Bool[np.ndarray, " text"]) -> float:
    """The expected calibration error (Guo et al. 2017) of answers: 15 bins of equal width; 0 to 1.

    Args:
        sure: The probability of each answer.
        right: Whether it is right.
    """
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=right - sure.astype(np.float64), minlength=_BINS)
    return float(np.abs(gaps).sum() / max(1, len(sure)))


def _telling(checkpoint: Checkpoint, texts: Sequence[str]) -> Generator[None, None, NextScores]:
    """How well each token was told from those before it, text by text."""
    bits, right, count = 0.0, 0, 0
    for text in texts:
        ids, state = torch.tensor(checkpoint.ids(text))[None], None
        for start in range(0, ids.shape[1] - 1, _WINDOW):
            window = ids[:, start : start + _WINDOW + 1]
            with torch.no_grad():
                logits, state = checkpoint.model.after_each(window[:, :-1], state)
            told = logits[0].double().log_softmax(dim=-1)
            wanted = window[0, 1:]
            bits -= float(told.gather(1, wanted[:, None]).sum()) / math.log(2)
            right += int((told.argmax(dim=1) == wanted).sum())
            count += len(wanted)
            yield
    return NextScores(bits / max(1, count), right / max(1, count), count)


def _padding(
    checkpoint: Checkpoint,
    dataset: Dataset,
    alone: Float[np.ndarray, "text label"],
    padded: Float[np.ndarray, "text label"],
) -> Padding:
    """Compare each text's answer when it was read alone with that in its batch."""
    before, after = alone.argmax(axis=1), padded.argmax(axis=1)
    changed = np.flatnonzero(before != after)
    surest = changed[np.argsort(-alone[changed].max(axis=1), kind="stable")][:_EXAMPLES]

    def example(text: int) -> Filled:
        batch = range(len(dataset))[text // _PADDED_BATCH * _PADDED_BATCH :][:_PADDED_BATCH]
        longest = max(len(checkpoint.ids(dataset.texts[other])) for other in batch)
        own = len(checkpoint.ids(dataset.texts[text]))
        return Filled(own, longest, checkpoint.labels[before[text]], checkpoint.labels[after[text]])

    return Padding(
        changed=len(changed),
        n=len(dataset),
        accuracy_alone=float((before == dataset.labels).mean()) if len(dataset) else 0.0,
        examples=tuple(example(int(text)) for text in surest),
    )


def overlap(learnt: Iterable[Dataset], measured: Mapping[str, Dataset]) -> dict[str, int]:
    """How many texts of each set are also among the training texts, by their letters and digits alone."""
    known = {_normalised(text) for one in learnt for text in one.texts}
    return {name: sum(_normalised(text) in known for text in one.texts) for name, one in measured.items()}


def _normalised(text: str) -> str:
    """A text's letters and digits, in lower case; the text itself if it has none."""
    return "".join(filter(str.isalnum, text.casefold())) or text


def check_classes(checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Object to a data set whose classes agree neither by name nor by value with those that the classifier answers."""
    ours, theirs = checkpoint.config.data.classes, dataset.format.classes
    by_value = len(theirs) == len(dataset.classes) and [one.value for one in ours] == [one.value for one in theirs]
    if not by_value and checkpoint.labels != dataset.classes:
        actual, expected = ", ".join(dataset.classes), ", ".join(checkpoint.labels)
        raise DataError("classes_differ", found=actual, wanted=expected)


def scores(answers: Int[np.ndarray, " text"], labels: Int[np.ndarray, " text"], names: Sequence[str]) -> Scores:
    """Count answers against labels."""
    confusion = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(confusion, (labels, answers), 1)
    right = confusion.diagonal()
    return Scores(
        accuracy=float(right.sum() / max(1, confusion.sum())),
        n=len(labels),
        labels=tuple(names),
        precision=tuple((right / confusion.sum(axis=0).clip(min=1)).tolist()),
        recall=tuple((right / confusion.sum(axis=1).clip(min=1)).tolist()),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
    )


def predict(checkpoint: Checkpoint, texts: Sequence[str]) -> Float[np.ndarray, "text label"]:
    """Class probabilities of each text, without keeping any signal."""
    return finished(predicting(checkpoint, texts))


def predicting(
    checkpoint: Checkpoint, texts: Sequence[str], *, alone: bool = False, most: int | None = None
) -> Generator[None, None, Float[np.ndarray, "text label"]]:
    """``predict`` for a caller who has other things to do meanwhile: yields between its pieces of work.

    ``alone`` reads each text without padding, also where the network reads padded; ``most`` reads the first tokens of
    each.
    """
    ids = []
    for text in texts:
        ids.append(torch.tensor(checkpoint.ids(text)[:most]))
        if len(ids) % _TEXTS == 0:
            yield
    probabilities = np.zeros((len(texts), len(checkpoint.labels)), dtype=np.float32)
    padding = checkpoint.config.model.padding_id
    padded = checkpoint.config.model.reading == "padded" and not alone
    for batch in _in_file_order(len(texts)) if padded else _by_length([len(tokens) for tokens in ids]):
        lengths = torch.tensor([len(ids[text]) for text in batch])
        rows = pad_sequence([ids[text] for text in batch], batch_first=True, padding_value=padding)
        with torch.no_grad():
            probabilities[batch] = checkpoint.model(rows, lengths).softmax(dim=-1).numpy()
        yield
    return probabilities


def finished(work: Generator[Any, None, Result]) -> Result:
    """Do a piece of work to its end, for a caller who has nothing to do meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def _in_file_order(count: int) -> Iterator[list[int]]:
    for start in range(0, count, _PADDED_BATCH):
        yield list(range(start, min(count, start + _PADDED_BATCH)))


def _by_length(lengths: list[int]) -> Iterator[list[int]]:
    """Texts of one length together: nothing to pad, nothing to pack."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    start = 0
    while start < len(order):
        length = lengths[order[start]]
        stop = start
        while stop < len(order) and lengths[order[stop]] == length and (stop - start) * length < _BATCH_TOKENS:
            stop += 1
        yield order[start:stop]
        start = stop
