"""find: the stretches of a corpus at which chosen units are on, the most alike first.

A unit is *on* at a token if its state is beyond the threshold with the sign that was chosen: above +threshold, or
below -threshold. A *stretch* is as many tokens in a row, inside one text, as there are at which at least m of the
chosen units are on; m goes down from all of them, until there are enough hits. The *matched* units of a stretch are
those that are on at every token of it and, where that is asked, not on at the token before it, or after it. A stretch
is a hit if at least m units are matched; of one inside another the one that matches more, or else the shorter one.

Hits are ranked by the number of matched units, then by how near their length is to the wanted one, then by how
improbable the match is, then by their place in the corpus.

Source:
    Strobelt, Gehrmann, Pfister and Rush, "LSTMVis: a tool for visual analysis of hidden state dynamics in recurrent
    neural networks", IEEE TVCG 24 (2018). There a unit is on above the threshold alone, stretches of two tokens or more
    are looked for in the first 500,000 tokens, across texts, and ranked by matched units, then by few others.

Left out: the bitmaps' files (``rnnviz.corpus.index``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Int64, UInt64

from rnnviz.corpus import bits
from rnnviz.errors import SelectionError, SettingError, unknown

Unit = tuple[int, int]
"""A unit and the sign that its state has: (3, +1), (17, -1). Of a network that reads both ways the backward units
follow the forward ones."""
MOST_HITS = 1_000


@dataclass(frozen=True)
class Hit:
    """A stretch of a text at which chosen units are on.

    Attributes:
        text: Number of the text, from 0.
        start, stop: Its tokens are those from ``start`` to before ``stop``, counted in the text.
        units: The matched ones of the chosen units, each with its sign.
        bits: How improbable it is that these units are on together at a token: the sum of -log2 of the share of the
            corpus's tokens at which each is, as if they were independent. Tokens of a stretch are not, so its length
            does not count.
        label: Class of the text; None where the texts have none.
        answer: What the network answers to the text; None of a network that tells the next token.
        probability: Of that answer, 0 to 1; 0 where there is none.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> index = rnnviz.corpus.build(lstm, ["a good film", "not good at all", "not bad"], "texts.index")
        >>> hit = index.find([(25, +1)], threshold=0.5).hits[0]
        >>> hit.text, hit.start, hit.stop, hit.length, hit.units, hit.answer
        (1, 1, 2, 1, ((25, 1),), 'negative')
    """

    text: int
    start: int
    stop: int
    units: tuple[Unit, ...]
    bits: float
    label: str | None
    answer: str | None
    probability: float

    @property
    def length(self) -> int:
        """How many tokens it has."""
        return self.stop - self.start


@dataclass(frozen=True)
class Share:
    """How often a class is among the texts with a hit.

    Attributes:
        label: Name of the class.
        texts: Texts of it with at least one hit.
        all: Texts of it in the corpus.

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=100)
        >>> index = rnnviz.corpus.build(rnnviz.load("recall-lstm"), recall, "recall.index")
        >>> index.find([(0, -1), (1, +1)]).labels[0]
        Share(label='a', texts=28, all=28)
    """

    label: str
    texts: int
    all: int


@dataclass(frozen=True)
class Found:
    """What ``Index.find`` found.

    Attributes:
        hits: The first ones, best first.
        total: How many hits there are in the corpus, also several in one text.
        texts: In how many texts they are.
        least: How many units are matched in each, at least: m.
        labels: Classes of these texts against those of all; empty where the texts have none.
        seconds: What it took.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> index = rnnviz.corpus.build(lstm, ["a good film", "not good at all", "not bad"], "texts.index")
        >>> found = index.find([(25, +1), (29, -1)], threshold=0.5, length=2)
        >>> found.total, found.texts, found.least, len(found.hits)
        (2, 2, 1, 2)
    """

    hits: tuple[Hit, ...]
    total: int
    texts: int
    least: int
    labels: tuple[Share, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class Bitmaps:
    """Where each unit of a corpus is on, and where its texts begin.

    Attributes:
        positions: Tokens of the corpus.
        offsets: Where each text begins, and the end.
        thresholds: How far from 0 a state is at least where its unit is on.
        words: Where each unit is above +threshold (sign 0) and below -threshold (sign 1), as bitmaps.
        counts: At how many tokens that is.
    """

    positions: int
    offsets: Int64[np.ndarray, " boundary"]
    thresholds: tuple[float, ...]
    words: UInt64[np.ndarray, "threshold sign unit word"]
    counts: Int64[np.ndarray, "threshold sign unit"]

    @property
    def units(self) -> int:
        """How many there are."""
        return int(self.words.shape[2])

    @property
    def texts(self) -> int:
        """How many there are."""
        return len(self.offsets) - 1

    def level(self, threshold: float) -> int:
        """Which of the thresholds this is.

        Raises:
            SelectionError: None of them.
        """
        if threshold not in self.thresholds:
            raise unknown("threshold", threshold, self.thresholds)
        return self.thresholds.index(threshold)

    def row(self, level: int, unit: Unit) -> bits.Words:
        """The bitmap of a unit."""
        return np.asarray(self.words[level, int(unit[1] < 0), unit[0]])

    def rate(self, level: int, unit: Unit) -> float:
        """At what share of the corpus's tokens a unit is on, 0 to 1."""
        return float(self.counts[level, int(unit[1] < 0), unit[0]]) / self.positions

    @cached_property
    def breaks(self) -> bits.Words:
        """The bitmap of the first token of each text."""
        return bits.at(self.offsets[:-1], self.positions)

    @cached_property
    def ends(self) -> bits.Words:
        """The bitmap of the last token of each text."""
        return bits.at(self.offsets[1:] - 1, self.positions)

    @cached_property
    def _ranks(self) -> bits.Ranks:
        return bits.Ranks(self.breaks)

    def text_at(self, places: bits.Places) -> bits.Places:
        """The number of the text that each of some positions is in."""
        return self._ranks.before(places + 1) - 1

    def marked(self, texts: Int[np.ndarray, " _"]) -> Bool[np.ndarray, " text"]:
        """Which texts are among these numbers."""
        marked = np.zeros(self.texts, dtype=bool)
        marked[texts] = True
        return marked


class Stretches(NamedTuple):
    """Stretches by the positions of their first token and of that after their last, and which units each matches."""

    starts: Int[np.ndarray, " stretch"]
    stops: Int[np.ndarray, " stretch"]
    matched: Bool[np.ndarray, "unit stretch"]

    def where(self, chosen: Bool[np.ndarray, " stretch"] | Int[np.ndarray, " chosen"]) -> "Stretches":
        """Some of them."""
        return Stretches(self.starts[chosen], self.stops[chosen], self.matched[:, chosen])

    def joined(self, others: "Stretches") -> "Stretches":
        """These and others."""
        return Stretches(*(np.concatenate(both, axis=-1) for both in zip(self, others, strict=True)))

    @property
    def counts(self) -> Int[np.ndarray, " stretch"]:
        """How many units each matches."""
        return self.matched.sum(axis=0, dtype=np.int64)


class Wanted(NamedTuple):
    """What is looked for: units at a threshold, stretches of a length, with conditions; and how many of them."""

    units: tuple[Unit, ...]
    level: int
    length: int
    before: bool
    after: bool
    most: int
    one_per_text: bool


class Matches(NamedTuple):
    """What ``search`` found.

    Attributes:
        shown: The first hits, best first.
        texts: The text of each of them.
        improbable: Of each, ``Hit.bits``.
        total, least: As in ``Found``.
        marked: Which texts have a hit.
    """

    shown: Stretches
    texts: Int[np.ndarray, " shown"]
    improbable: Float[np.ndarray, " shown"]
    total: int
    least: int
    marked: Bool[np.ndarray, " text"]


def checked(units: Sequence[Unit], there: int, length: int, most: int) -> tuple[Unit, ...]:
    """The chosen units, if they and the numbers mean anything.

    Raises:
        SelectionError: There is no such unit.
        SettingError: No unit, one twice, a sign that is none, or a number out of range.
    """
    chosen = tuple((int(unit), int(sign)) for unit, sign in units)
    for unit, _ in chosen:
        if not 0 <= unit < there:
            raise SelectionError("opened_place", kind="unit", given=unit, count=there)
    if not chosen or any(sign not in (1, -1) for _, sign in chosen) or len(dict(chosen)) < len(chosen):
        raise SettingError("find_units")
    if length < 1:
        raise SettingError("find_length", found=length)
    if not 1 <= most <= MOST_HITS:
        raise SettingError("find_most", most=MOST_HITS, found=most)
    return chosen


def search(bitmaps: Bitmaps, wanted: Wanted) -> Matches:
    """Look for the stretches at which units are on."""
    rows = [bitmaps.row(wanted.level, unit) for unit in wanted.units]
    hits, texts, least = _searched(bitmaps, rows, wanted)
    rates = np.array([bitmaps.rate(wanted.level, unit) for unit in wanted.units])
    improbable = -np.log2(rates.clip(min=1 / bitmaps.positions))
    best = _best(hits, texts, improbable, wanted)
    shown = hits.where(best)
    return Matches(shown, texts[best], improbable @ shown.matched, len(texts), least, bitmaps.marked(texts))


def _searched(
    bitmaps: Bitmaps, rows: list[bits.Words], wanted: Wanted
) -> tuple[Stretches, Int[np.ndarray, " stretch"], int]:
    """All hits at the largest m at which there are enough, their texts, and that m."""
    kept = Stretches(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((len(rows), 0), bool))
    counted: list[bits.Words] = []
    above: bits.Words | None = None  # where more than ``least`` are on
    for least in range(len(rows), 0, -1):
        if above is None:
            on = _all(rows)
        else:
            counted = counted or bits.planes(rows)
            on = bits.at_least(counted, least)
        kept = _apart(kept, _stretches(bitmaps, rows, on, above, wanted))
        enough = kept.counts >= least
        hits = kept if enough.all() else kept.where(enough)
        texts = bitmaps.text_at(hits.starts)
        if (np.count_nonzero(bitmaps.marked(texts)) if wanted.one_per_text else len(texts)) >= wanted.most:
            break
        above = on
    return hits, texts, least


def _all(rows: list[bits.Words]) -> bits.Words:
    on = np.array(rows[0])
    for row in rows[1:]:
        on &= row
    return on


def _stretches(
    bitmaps: Bitmaps, rows: list[bits.Words], on: bits.Words, above: bits.Words | None, wanted: Wanted
) -> Stretches:
    """The stretches of a bitmap that are none of ``above``, the bitmap of one unit more; with what each matches."""
    starts = bits.places(bits.first_of_runs(on, bitmaps.breaks))
    stops = bits.places(bits.last_of_runs(on, bitmaps.breaks)) + 1
    if above is None:
        matched = np.ones((len(rows), len(starts)), dtype=bool)
    else:
        fewer = bits.Ranks(on & ~above)
        new = fewer.before(stops) > fewer.before(starts)  # else it has more units on all along, and was seen
        starts, stops = starts[new], stops[new]
        matched = _all_along(rows, on, starts, stops)
    if wanted.before:
        _unmatch(matched, rows, starts - 1, ~bits.Bits(starts).in_(bitmaps.breaks))
    if wanted.after:
        _unmatch(matched, rows, stops, ~bits.Bits(stops - 1).in_(bitmaps.ends))
    return Stretches(starts, stops, matched)


def _all_along(
    rows: list[bits.Words], on: bits.Words, starts: Int[np.ndarray, " stretch"], stops: Int[np.ndarray, " stretch"]
) -> Bool[np.ndarray, "unit stretch"]:
    """Which units are on at every token of each stretch."""
    matched = np.empty((len(rows), len(starts)), dtype=bool)
    ends = np.cumsum(stops - starts)
    if len(starts) and ends[-1] < len(on) // 8:  # so few tokens are looked at one by one
        first = ends - (stops - starts)
        tokens = bits.Bits(np.arange(ends[-1]) + np.repeat(starts - first, stops - starts))
        for own, row in zip(matched, rows, strict=True):
            own[:] = np.logical_and.reduceat(tokens.in_(row), first)
        return matched
    for own, row in zip(matched, rows, strict=True):
        off = bits.Ranks(on & ~row)
        own[:] = off.before(stops) == off.before(starts)
    return matched


def _unmatch(
    matched: Bool[np.ndarray, "unit stretch"],
    rows: list[bits.Words],
    beside: Int[np.ndarray, " stretch"],
    inside: Bool[np.ndarray, " stretch"],
) -> None:
    """Leave out the units that are on at the token beside each stretch, where that is inside the text."""
    places = bits.Bits(np.where(inside, beside, 0))
    for own, row in zip(matched, rows, strict=True):
        own &= ~(places.in_(row) & inside)


def _apart(inner: Stretches, outer: Stretches) -> Stretches:
    """Stretches of more units, and those of fewer around them; of each inside another the one that matches more."""
    if not len(inner.starts):
        return outer
    own, around = inner.counts, outer.counts
    place = np.searchsorted(outer.starts, inner.starts, side="right") - 1
    inside = (place >= 0) & (inner.stops <= outer.stops[place]) if len(outer.starts) else np.zeros(len(own), bool)
    most = np.zeros(len(around), dtype=own.dtype)
    np.maximum.at(most, place[inside], own[inside])
    better = around > most
    kept = np.ones(len(own), dtype=bool)
    kept[inside] = ~better[place[inside]]
    return inner.where(kept).joined(outer.where(better))


def _best(
    hits: Stretches,
    texts: Int[np.ndarray, " stretch"],
    improbable: Float[np.ndarray, " unit"],
    wanted: Wanted,
) -> Int[np.ndarray, " shown"]:
    """The hits to be shown, best first."""
    away = np.abs(hits.stops - hits.starts - wanted.length)
    worse = away - hits.counts * (away.max(initial=0) + 1)  # first by the number of units
    tried = 4 * wanted.most
    while True:
        near = np.arange(len(worse))
        if tried < len(worse):  # to sort all would take longer than all else
            near = np.flatnonzero(worse <= np.partition(worse, tried)[tried])
        surprise = (improbable @ hits.matched[:, near]).round(9)  # sums in another order are no different
        order = near[np.lexsort((hits.starts[near], -surprise, worse[near]))]
        if wanted.one_per_text:
            order = order[np.sort(np.unique(texts[order], return_index=True)[1])]
        if len(order) >= wanted.most or tried >= len(worse):
            return order[: wanted.most]
        tried *= 8
