"""Slices: named sets of a corpus's texts, how often the network is right in each, and its errors.

A network that is right nine times in ten can be wrong every second time where it matters. A slice is named by its
conditions, joined by ``&``:

    word=not                the text has this token, or these tokens in a row
    length=1..10            it has so many tokens; an end may be left out
    class=World             its class
    answer=Sports           the network's answer
    right, wrong            whether the answer is the class
    unit=+12, unit=-3       at the text's end, the unit's state is above the threshold, or below minus it
    disagree                another network gives another answer

Left out: how the texts were read (``rnnviz.corpus.builder``).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from rnnviz.corpus.index import Index, is_beyond
from rnnviz.data.text import SPLITTERS
from rnnviz.errors import IndexFileError, SelectionError, SettingError, unknown
from rnnviz.experiments.negation import interval

Texts = Bool[np.ndarray, " text"]
_LENGTH = re.compile(r"(\d{0,18})\.\.(\d{0,18})|(\d{1,18})")
_UNIT = re.compile(r"([+-]?)(\d{1,18})")
_AND = re.compile(r" +& +(?=(?:word|length|class|answer|unit)=|(?:all|right|wrong|disagree) *(?:&|$))")
"""Between two conditions; the name of a class may have the sign in it, too."""
_QUARTERS = (25, 50, 75)


@dataclass(frozen=True)
class Slice:
    """Some texts of a corpus, and how often the network is right about them.

    Attributes:
        name: Their conditions.
        texts: Their numbers, errors first: those about which the network is surest and wrong, then the others in order.
        labelled: How many of them have a class that is among the answers. All that follows is about these.
        right: How many of these are answered rightly.
        interval: In which the share of right answers lies with 95 % confidence, 0 to 1 (Wilson 1927).
        confusion: Counts, one row a class, one column an answer.

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=100)
        >>> index = rnnviz.corpus.build(rnnviz.load("recall-rnn"), recall, "recall.index")
        >>> first = rnnviz.corpus.sliced(index, ["class=a"])[0]
        >>> first.name, len(first.texts), first.right
        ('class=a', 28, 4)
    """

    name: str
    texts: tuple[int, ...]
    labelled: int
    right: int
    interval: tuple[float, float]
    confusion: tuple[tuple[int, ...], ...]

    @property
    def accuracy(self) -> float | None:
        """Share of right answers, 0 to 1; None if no text has a class."""
        return self.right / self.labelled if self.labelled else None


def sliced(
    index: Index, names: Sequence[str] = (), *, other: Index | None = None, threshold: float = 0.3
) -> list[Slice]:
    """Measure slices of a corpus; those in which the network is most often wrong come first.

    Args:
        index: The corpus, as a network that answers with a class read it.
        names: The slices, each by its conditions, such as ``"word=not & wrong"``. If there are none: all texts, those
            of each class, the four quarters by length, and where the two networks disagree, if there are two.
        other: The same texts as another network read them, for ``disagree``.
        threshold: For units: one of ``index.about.thresholds``.

    Raises:
        IndexFileError: ``other`` is of other texts, or the network tells the next token.
        SelectionError: There is no such class, answer, unit or threshold.
        SettingError: A condition is none of these.

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=100)
        >>> index = rnnviz.corpus.build(rnnviz.load("recall-lstm"), recall, "recall.index")
        >>> [(one.name, len(one.texts), one.accuracy) for one in rnnviz.corpus.sliced(index, ["class=a", "wrong"])]
        [('class=a', 28, 1.0), ('wrong', 0, None)]
    """
    if not index.about.answers:
        raise IndexFileError("index_answers", path=index.folder)
    conditions = _Conditions(index, other, threshold)
    measured = [_measured(conditions, name) for name in names or usual(index, other)]
    return sorted(measured, key=lambda one: (one.accuracy is None, one.accuracy or 0.0))


def usual(index: Index, other: Index | None = None) -> list[str]:
    """The slices that say something of every corpus: all texts, those of each class, four parts by length."""
    lengths = np.diff(index.offsets)
    cuts = sorted({int(cut) for cut in np.percentile(lengths, _QUARTERS)})
    borders = zip([int(lengths.min()), *(cut + 1 for cut in cuts)], [*cuts, int(lengths.max())], strict=True)
    return [
        "all",
        *(f"class={name}" for name in index.about.classes),
        *(f"length={least}..{most}" for least, most in borders if least <= most),
        *(["disagree"] if other else []),
    ]


class _Conditions:
    """What conditions say of the texts of a corpus."""

    def __init__(self, index: Index, other: Index | None, threshold: float) -> None:
        self.index, self.other, self.threshold = index, other, threshold
        about = index.about
        places = {name: place for place, name in enumerate(about.answers)}
        wanted = np.array([*(places.get(name, -1) for name in about.classes), -1])
        self.wanted = wanted[index.labels]  # the answer that would be right; -1 where there is none

    def chosen(self, name: str) -> Texts:
        """The texts that fulfil all conditions of a name."""
        texts = np.ones(len(self.index), dtype=bool)
        for condition in _AND.split(name):
            kind, _, value = condition.strip().partition("=")
            plain, valued = self._plain().get(kind), self._valued().get(kind)
            if plain and not value:
                texts &= plain()
            elif valued and value:
                texts &= valued(value)
            else:
                raise SettingError("slice_form", given=condition.strip()[:60])
        return texts

    def _plain(self) -> dict[str, Callable[[], Texts]]:
        return {
            "all": lambda: np.ones(len(self.index), dtype=bool),
            "right": lambda: self.index.answers == self.wanted,
            "wrong": lambda: (self.wanted >= 0) & (self.index.answers != self.wanted),
            "disagree": self._disagree,
        }

    def _valued(self) -> dict[str, Callable[[str], Texts]]:
        about = self.index.about
        return {
            "word": self._has,
            "length": self._is_long,
            "class": lambda value: self.index.labels == _place("class", value, about.classes),
            "answer": lambda value: self.index.answers == _place("answer", value, about.answers),
            "unit": self._is_on,
        }

    def _has(self, value: str) -> Texts:
        """Which texts have some tokens in a row."""
        index = self.index
        tokens = SPLITTERS[index.about.tokens](value)
        found = np.zeros(len(index), dtype=bool)
        numbers = {word: number for number, word in enumerate(index.words) if word in tokens}
        if not tokens or any(token not in numbers for token in tokens):
            return found
        rows = max(0, len(index.tokens) - len(tokens) + 1)
        here = np.ones(rows, dtype=bool)
        for place, token in enumerate(tokens):
            here &= index.tokens[place : place + rows] == numbers[token]
        first = np.flatnonzero(here)
        texts = np.searchsorted(index.offsets, first, side="right") - 1
        whole = first + len(tokens) <= index.offsets[texts + 1]
        found[texts[whole]] = True
        return found

    def _is_long(self, value: str) -> Texts:
        match = _LENGTH.fullmatch(value)
        if not match:
            raise SettingError("slice_form", given=f"length={value}"[:60])
        least, most, exactly = match.groups()
        lengths = np.diff(self.index.offsets)
        if exactly:
            return lengths == int(exactly)
        return (lengths >= int(least or 0)) & (lengths <= int(most or lengths.max()))

    def _is_on(self, value: str) -> Texts:
        """Whether a unit is on where its direction has read the whole text."""
        match, about = _UNIT.fullmatch(value), self.index.about
        if not match:
            raise SettingError("slice_form", given=f"unit={value}"[:60])
        unit = int(match[2])
        if unit >= about.units:
            raise SelectionError("opened_place", kind="unit", given=unit, count=about.units)
        if self.threshold not in about.thresholds:
            raise unknown("threshold", self.threshold, about.thresholds)
        backward = unit >= about.units // about.directions
        last = self.index.offsets[:-1] if backward else self.index.offsets[1:] - 1
        return is_beyond(np.array(self.index.hidden[last, unit]), self.threshold, -1 if match[1] == "-" else 1)

    def _disagree(self) -> Texts:
        if not self.other:
            raise SettingError("slice_other")
        one, two = self.index.about, self.other.about
        if one.texts != two.texts or [s.sha256 for s in one.sources] != [s.sha256 for s in two.sources]:
            raise IndexFileError("index_texts", one=self.index.folder, other=self.other.folder)
        return np.array(one.answers)[self.index.answers] != np.array(two.answers or ("",))[self.other.answers]


def _place(kind: str, name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        raise unknown(kind, name, names)
    return names.index(name)


def _measured(conditions: _Conditions, name: str) -> Slice:
    index, texts = conditions.index, np.flatnonzero(conditions.chosen(name))
    wanted, answers = conditions.wanted[texts], index.answers[texts]
    known, right = wanted >= 0, answers == wanted
    confusion = np.zeros((len(index.about.answers),) * 2, dtype=np.int64)
    np.add.at(confusion, (wanted[known], answers[known]), 1)
    sure = np.where(known & ~right, -index.probabilities[texts], 1.0)  # errors first, the surest before all
    order = np.argsort(sure, kind="stable")
    return Slice(
        name=name,
        texts=tuple(texts[order].tolist()),
        labelled=int(known.sum()),
        right=int(right.sum()),
        interval=interval(int(right.sum()), int(known.sum())),
        confusion=tuple(map(tuple, confusion.tolist())),
    )
