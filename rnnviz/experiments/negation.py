"""Negation, measured: does *not* turn a sentiment round?

The fair set was fixed before any network was trained on anything with it in view, and none of its sentences is in a
training set. A negation is one of a text's words, whatever its network reads. Left out: printing (``rnnviz.cli``).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import FORMATS
from rnnviz.data.text import tokenise
from rnnviz.errors import SelectionError
from rnnviz.experiments.evaluation import check_classes, predict

POSITIVE = (
    *("good", "great", "funny", "clever", "lovely", "fresh", "beautiful", "brilliant", "charming", "convincing"),
    *("delightful", "enjoyable", "entertaining", "exciting", "impressive", "interesting", "moving", "original"),
    *("smart", "wonderful"),
)
"""The fair set's twenty positive adjectives."""

NEGATIVE = (
    *("bad", "awful", "boring", "stupid", "dull", "weak", "ugly", "annoying", "disappointing", "forgettable"),
    *("horrible", "lame", "messy", "painful", "pointless", "predictable", "shallow", "silly", "tedious", "terrible"),
)
"""The fair set's twenty negative adjectives."""

FORMS = ("affirmative", "not", "n't", "never", "hardly")
"""How each sentence is said; all but the first turn it round."""

_FRAMES = (
    ("this is {}", "this is not {}", "this isn't {}", "this is never {}", "this is hardly {}"),
    (
        "the ending was {}",
        "the ending was not {}",
        "the ending wasn't {}",
        "the ending was never {}",
        "the ending was hardly {}",
    ),
    ("it feels {}", "it does not feel {}", "it doesn't feel {}", "it never feels {}", "it hardly feels {}"),
    (
        "the songs are {}",
        "the songs are not {}",
        "the songs aren't {}",
        "the songs are never {}",
        "the songs are hardly {}",
    ),
    ("i found it {}", "i did not find it {}", "i didn't find it {}", "i never found it {}", "i hardly found it {}"),
)


def fair_set() -> Dataset:
    """Forty adjectives in five frames, each affirmative and with not, n't, never and hardly: 1,000 short sentences.

    The rows go through the frames, then the adjectives, positive ones first, then ``FORMS``. A negation turns the
    label round: to say that something is not bad counts as praise.
    """
    rows = [
        (sentence.format(word), positive == (form == 0))
        for frame in _FRAMES
        for words, positive in ((POSITIVE, True), (NEGATIVE, False))
        for word in words
        for form, sentence in enumerate(frame)
    ]
    return Dataset(
        name="fair negation set",
        texts=tuple(text for text, _ in rows),
        labels=np.array([int(positive) for _, positive in rows], dtype=np.int64),
        classes=tuple(entry.name for entry in FORMATS["sst2"].classes),
        format=FORMATS["sst2"],
    )


_SIDES = {"positive": slice(0, 1), "negative": slice(1, 2)}  # of the fair set's adjectives
_ANSWERS = ("negative", "positive")  # in the order of the fair set's labels
_PAIRS = ("the film is {}", "the film is not {}", "the film isn't {}", "the film is never {}", "the film is hardly {}")
_NEGATION = re.compile(r"(?:^| )(?:not|cannot|never|no|hardly|\S*n ' t)(?: |$)")  # SST's "can not" is read "cannot"
_Z = 1.959963984540054  # 97.5 % of a normal distribution lies below it


def interval(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share counted as ``right`` of ``n``, from 0 to 1; of nothing it is (0, 1).

    With p = right / n and z = 1.96: (p + z² / 2n ± z √(p (1 - p) / n + z² / 4n²)) / (1 + z² / n). It takes the n for
    independent, which sentences that share their words are not quite.

    Source:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.
    """
    if n == 0:
        return 0.0, 1.0
    share, square = right / n, _Z**2 / n
    middle, reach = share + square / 2, math.sqrt(square * (share * (1 - share) + square / 4))
    return max(0.0, (middle - reach) / (1 + square)), min(1.0, (middle + reach) / (1 + square))


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    right: int
    n: int

    @classmethod
    def of(cls, right: Bool[np.ndarray, "..."]) -> "Share":
        """Of all, those that are true."""
        return cls(int(right.sum()), right.size)

    @property
    def accuracy(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.right / max(1, self.n)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of ``accuracy``."""
        return interval(self.right, self.n)


@dataclass(frozen=True)
class FairScores:
    """How a classifier does on the fair set.

    Attributes:
        overall: Right answers of all 1,000.
        forms: Right answers by name of ``FORMS``, then by the adjective: "all", "positive" or "negative".
        turned: By the adjective, "positive" or "negative": of the negated sentences whose affirmative is answered
            rightly, those that are as well. There the negation turned the answer round.
        stuck: The rest of these sentences.
    """

    overall: Share
    forms: dict[str, dict[str, Share]]
    turned: dict[str, Share]
    stuck: dict[str, tuple[str, ...]]


def fair_scores(checkpoint: Checkpoint) -> FairScores:
    """Answer the fair set.

    Raises:
        SelectionError: The classes are not just "negative" and "positive".
    """
    fair, shape = fair_set(), (len(_FRAMES), 2, len(POSITIVE), len(FORMS))
    right = (_answers(checkpoint, fair.texts).argmax(axis=1) == fair.labels).reshape(shape)
    texts = np.array(fair.texts).reshape(shape)
    forms = {
        form: {name: Share.of(right[:, side, :, index]) for name, side in ({"all": slice(None)} | _SIDES).items()}
        for index, form in enumerate(FORMS)
    }
    turned, stuck = {}, {}
    for name, side in _SIDES.items():
        known = right[:, side, :, 0]
        negated, negated_texts = right[:, side, :, 1:][known], texts[:, side, :, 1:][known]
        turned[name], stuck[name] = Share.of(negated), tuple(negated_texts[~negated].tolist())
    return FairScores(Share.of(right), forms, turned, stuck)


@dataclass(frozen=True)
class Said:
    """A sentence, the probability of "positive", and whether its answer is not its affirmative's (None for that)."""

    text: str
    positive: float
    turned: bool | None


def minimal_pairs(checkpoint: Checkpoint) -> tuple[Said, ...]:
    """Four adjectives in one frame, each in all ``FORMS``: shown, not measured. Raises as ``fair_scores``."""
    texts = [sentence.format(word) for word in ("good", "bad", "funny", "boring") for sentence in _PAIRS]
    shares = _answers(checkpoint, texts)
    answers = shares.argmax(axis=1).reshape(-1, len(FORMS))
    turned = [None if index == 0 else bool(row[index] != row[0]) for row in answers for index in range(len(FORMS))]
    return tuple(map(Said, texts, shares[:, 1].tolist(), turned))


def negated_items(dataset: Dataset) -> Bool[np.ndarray, " text"]:
    """Which texts hold one of the words not, cannot, never, no, hardly, or n't, which is read as ``didn ' t``."""
    return np.array([bool(_NEGATION.search(" ".join(tokenise(text)))) for text in dataset.texts], dtype=bool)


def on_negated(checkpoint: Checkpoint, dataset: Dataset) -> tuple[Share, Share]:
    """Right answers of the texts that hold a negation, and of all texts, these among them. Raises as ``evaluate``."""
    check_classes(checkpoint, dataset)
    right = predict(checkpoint, dataset.texts).argmax(axis=1) == dataset.labels
    return Share.of(right[negated_items(dataset)]), Share.of(right)


def _answers(checkpoint: Checkpoint, texts: Sequence[str]) -> Float[np.ndarray, "text 2"]:
    """Probabilities of "negative" and "positive", in this order."""
    if sorted(checkpoint.labels) != sorted(_ANSWERS):
        raise SelectionError("negation_labels", found=", ".join(checkpoint.labels), example="sst2-lstm")
    return predict(checkpoint, texts)[:, [checkpoint.labels.index(name) for name in _ANSWERS]]
