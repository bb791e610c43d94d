"""find: the stretches of a corpus at which chosen units are on, the most alike first.

A unit is *on* at a token if its state is beyond the threshold with the sign that was chosen: above +threshold, or below
-threshold. A *stretch* is as many tokens in a row, inside one text, as there are at which at least m of the chosen units
are on; m goes down from all of them until there are enough hits. The *matched* units of a stretch are those of the
chosen that are on at every token of it and, where that is asked, not on at the token before it, or after it. A stretch
is a hit if at least m units are matched.

Hits are ranked by the number of matched units, then by how near their length is to the wanted one, then by how
improbable the match is, then by their place in the corpus.

Source:
    Strobelt, Gehrmann, Pfister and Rush, "LSTMVis: a tool for visual analysis of hidden state dynamics in recurrent
    neural networks", IEEE TVCG 24 (2018). There a unit is on above the threshold alone, stretches of two tokens or more
    are looked for in the first 500,000 tokens, across texts, and ranked by matched units, then by few others.

Left out: the bitmaps' files (``rnnviz.corpus.index``).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Bool, Float, Int

from rnnviz.corpus import bits
from rnnviz.errors import SelectionError, SettingError

Unit = tuple[int, int]
"""A unit and the sign that its state has: (3, +1), (17, -1). Of a network that reads both ways the backward units
follow the forward ones."""
MOST_HITS = 1_000


class Searched(Protocol):
    """What is looked at of an ``rnnviz.corpus.Index``, whose names these are."""

    about: Any
    offsets: Any
    labels: Any
    answers: Any
    probabilities: Any
    breaks: Any
    ends: Any
    units: Any
    positions: Any

    def __len__(self) -> int: ...

    def level(self, threshold: float) -> int: ...

    def row(self, level: int, unit: int, sign: int) -> bits.Words: ...

    def rate(self, level: int, unit: int, sign: int) -> float: ...

    def text_at(self, places: bits.Places) -> bits.Places: ...


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
    """

    hits: tuple[Hit, ...]
    total: int
    texts: int
    least: int
    labels: tuple[Share, ...]
    seconds: float


class _Stretches(NamedTuple):
    """Stretches by the positions of their first token and of that after their last, and which units each matches."""

    starts: Int[np.ndarray, " stretch"]
    stops: Int[np.ndarray, " stretch"]
    matched: Bool[np.ndarray, "stretch unit"]

    def where(self, chosen: Bool[np.ndarray, " stretch"] | Int[np.ndarray, " chosen"]) -> "_Stretches":
        return _Stretches(self.starts[chosen], self.stops[chosen], self.matched[chosen])

    @property
    def counts(self) -> Int[np.ndarray, " stretch"]:
        return np.count_nonzero(self.matched, axis=1)


def find(
    index: Searched,
    units: Sequence[Unit],
    threshold: float,
    length: int,
    *,
    before: bool,
    after: bool,
    most: int,
    one_per_text: bool,
) -> Found:
    """Look for stretches; see ``Index.find``."""
    began = time.perf_counter()
    chosen = _checked(index, units, length, most)
    level = index.level(threshold)
    rows = [index.row(level, unit, sign) for unit, sign in chosen]
    rates = np.array([index.rate(level, unit, sign) for unit, sign in chosen])
    wanted = _Wanted(length, most, one_per_text)
    hits, least = _searched(index, rows, wanted, before=before, after=after)
    texts = index.text_at(hits.starts)
    marked = np.zeros(len(index), dtype=bool)
    marked[texts] = True
    improbable = hits.matched @ -np.log2(rates.clip(min=1 / index.positions))
    shown = _best(hits, texts, improbable, wanted)
    return Found(
        hits=tuple(
            _hit(index, int(texts[at]), int(hits.starts[at]), int(hits.stops[at]), tuple(units), float(improbable[at]))
            for at, units in (
                (at, (unit for unit, on in zip(chosen, hits.matched[at], strict=True) if on)) for at in shown
            )
        ),
        total=len(hits.starts),
        texts=int(np.count_nonzero(marked)),
        least=least,
        labels=_shares(index, marked),
        seconds=time.perf_counter() - began,
    )


class _Wanted(NamedTuple):
    """What hits are wanted: of which length, how many, and whether one of each text."""

    length: int
    most: int
    one_per_text: bool


def _checked(index: Searched, units: Sequence[Unit], length: int, most: int) -> list[Unit]:
    """The chosen units, if they and the numbers mean anything."""
    chosen = [(int(unit), int(sign)) for unit, sign in units]
    for unit, _ in chosen:
        if not 0 <= unit < index.units:
            raise SelectionError("unit_range", given=unit, units=index.units)
    if not chosen or any(sign not in (1, -1) for _, sign in chosen) or len({unit for unit, _ in chosen}) < len(chosen):
        raise SettingError("find_units")
    if length < 1:
        raise SettingError("find_number", setting="length", least=1, found=length)
    if not 1 <= most <= MOST_HITS:
        raise SettingError("find_most", most=MOST_HITS, found=most)
    return chosen


def _searched(
    index: Searched, rows: list[bits.Words], wanted: _Wanted, *, before: bool, after: bool
) -> tuple[_Stretches, int]:
    """All hits at the largest m at which there are enough, and that m."""
    counted: list[bits.Words] = []
    above: bits.Words | None = None  # where more than ``least`` are on
    kept = _Stretches(*(np.zeros(0, dtype=np.int64),) * 2, np.zeros((0, len(rows)), dtype=bool))
    for least in range(len(rows), 0, -1):
        if above is None:
            on = _all(rows)
        else:
            counted = counted or bits.planes(rows)
            on = bits.at_least(counted, least)
        new = _stretches(index, rows, on, above, before=before, after=after)
        kept = _Stretches(*(np.concatenate(both) for both in zip(kept, new, strict=True)))
        enough = kept.where(kept.counts >= least)
        if _amount(index, enough, wanted) >= wanted.most:
            return enough, least
        above = on
    return kept.where(kept.counts >= 1), 1


def _all(rows: list[bits.Words]) -> bits.Words:
    on = np.array(rows[0])
    for row in rows[1:]:
        on &= row
    return on


def _amount(index: Searched, hits: _Stretches, wanted: _Wanted) -> int:
    """How many of some hits could be shown."""
    if not wanted.one_per_text or len(hits.starts) < wanted.most:
        return len(hits.starts)
    return len(np.unique(index.text_at(hits.starts)))


def _stretches(
    index: Searched, rows: list[bits.Words], on: bits.Words, above: bits.Words | None, *, before: bool, after: bool
) -> _Stretches:
    """The stretches of a bitmap that are none of ``above``, the bitmap of one unit more; with what each matches."""
    starts = bits.places(bits.first_of_runs(on, index.breaks))
    stops = bits.places(bits.last_of_runs(on, index.breaks)) + 1
    if above is None:
        matched = np.ones((len(starts), len(rows)), dtype=bool)
    else:
        fewer = bits.Ranks(on & ~above)
        new = fewer.before(stops) > fewer.before(starts)  # else it has more units on all along, and was seen
        starts, stops = starts[new], stops[new]
        matched = np.empty((len(starts), len(rows)), dtype=bool)
        for column, row in enumerate(rows):
            off = bits.Ranks(on & ~row)
            matched[:, column] = off.before(stops) == off.before(starts)
    for asked, places, inside in (
        (before, starts - 1, ~bits.has(index.breaks, starts)),
        (after, stops, ~bits.has(index.ends, stops - 1)),
    ):
        if asked:  # a text begins and ends with nothing on
            for column, row in enumerate(rows):
                matched[inside, column] &= ~bits.has(row, places[inside])
    return _Stretches(starts, stops, matched)


def _best(
    hits: _Stretches,
    texts: Int[np.ndarray, " stretch"],
    improbable: Float[np.ndarray, " stretch"],
    wanted: _Wanted,
) -> Int[np.ndarray, " shown"]:
    """The hits to be shown, best first."""
    away = np.abs(hits.stops - hits.starts - wanted.length)
    order = np.lexsort((hits.starts, -improbable, away, -hits.counts))
    if wanted.one_per_text:
        order = order[np.sort(np.unique(texts[order], return_index=True)[1])]
    return order[: wanted.most]


def _hit(index: Searched, text: int, start: int, stop: int, units: tuple[Unit, ...], improbable: float) -> Hit:
    first = int(index.offsets[text])
    label, answer = int(index.labels[text]), int(index.answers[text])
    return Hit(
        text=text,
        start=start - first,
        stop=stop - first,
        units=units,
        bits=improbable,
        label=index.about.classes[label] if label >= 0 else None,
        answer=index.about.answers[answer] if answer >= 0 else None,
        probability=float(index.probabilities[text]),
    )


def _shares(index: Searched, marked: Bool[np.ndarray, " text"]) -> tuple[Share, ...]:
    names = index.about.classes
    if not names:
        return ()
    known = index.labels >= 0
    among = np.bincount(index.labels[marked & known], minlength=len(names))
    everywhere = np.bincount(index.labels[known], minlength=len(names))
    return tuple(Share(name, int(own), int(all_)) for name, own, all_ in zip(names, among, everywhere, strict=True))
