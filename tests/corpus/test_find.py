"""find: what the bitmaps say is what a search through the states, token by token, says."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rnnviz.corpus import bits
from rnnviz.corpus.find import Wanted, search
from tests.corpus.corpora import bitmaps_of

THRESHOLD = 0.3


def candidates(states, offsets, wanted):
    """Stretches of every m with the units that each matches, by the definition."""
    found = {}
    on = np.array([sign * states[:, unit].astype(np.float64) > THRESHOLD for unit, sign in wanted.units])
    for least, (begin, end) in itertools.product(range(len(wanted.units), 0, -1), itertools.pairwise(offsets)):
        enough = on[:, begin:end].sum(axis=0) >= least
        for is_on, run in itertools.groupby(
            range(begin, end), key=lambda token, begin=begin, enough=enough: enough[token - begin]
        ):
            if is_on:
                tokens = list(run)
                first, stop = tokens[0], tokens[-1] + 1
                units = on[:, first:stop].all(axis=1)
                if wanted.before and first > begin:
                    units &= ~on[:, first - 1]
                if wanted.after and stop < end:
                    units &= ~on[:, stop]
                found[first, stop] = tuple(int(unit) for unit in np.flatnonzero(units))
    return found


def oracle(states, offsets, wanted):
    """All hits, best first, with m."""
    everything = candidates(states, offsets, wanted)
    rates = [(sign * states[:, unit].astype(np.float64) > THRESHOLD).mean() for unit, sign in wanted.units]

    def rank(hit):
        improbable = sum(-math.log2(max(rates[unit], 1 / len(states))) for unit in everything[hit])
        return -len(everything[hit]), abs(hit[1] - hit[0] - wanted.length), -round(improbable, 9), hit[0]

    for least in range(len(wanted.units), 0, -1):
        hits = []
        for hit in sorted(
            (hit for hit in everything if len(everything[hit]) >= least), key=lambda h: (rank(h)[0], h[1] - h[0])
        ):
            if all(hit[1] <= other[0] or other[1] <= hit[0] for other in hits):
                hits.append(hit)
        hits.sort(key=rank)
        texts = [int(np.searchsorted(offsets, hit[0], side="right")) - 1 for hit in hits]
        first = [hit for place, hit in enumerate(hits) if texts[place] not in texts[:place]]
        listed = first if wanted.one_per_text else hits
        if len(listed) >= wanted.most:
            break
    return {hit: everything[hit] for hit in listed[: wanted.most]}, len(hits), least


@st.composite
def questions(draw):
    """Random states of a few short texts, which hold on for a while, and what is looked for in them."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lengths = draw(st.lists(st.integers(1, draw(st.sampled_from([40, 400]))), min_size=1, max_size=8))
    there = draw(st.integers(1, 6))
    steps = random.choice([-0.7, -0.2, 0.1, 0.5, 0.9], size=(sum(lengths), there))
    held = random.random(steps.shape) < draw(st.floats(0, 0.9))
    for token in range(1, len(steps)):
        steps[token] = np.where(held[token], steps[token - 1], steps[token])
    chosen = random.permutation(there)[: draw(st.integers(1, there))]
    wanted = Wanted(
        units=tuple((int(unit), int(random.choice([-1, 1]))) for unit in chosen),
        level=0,
        length=draw(st.integers(1, 6)),
        before=draw(st.booleans()),
        after=draw(st.booleans()),
        most=draw(st.integers(1, 12)),
        one_per_text=draw(st.booleans()),
    )
    return steps.astype(np.float16), np.cumsum([0, *lengths]), wanted


@settings(max_examples=400, deadline=None)
@given(questions())
def test_the_bitmaps_find_what_a_search_through_the_states_finds(question):
    states, offsets, wanted = question
    matches = search(bitmaps_of(states, offsets, (THRESHOLD,)), wanted)
    expected, total, least = oracle(states, offsets, wanted)
    found = {
        (int(start), int(stop)): tuple(int(unit) for unit in np.flatnonzero(matches.shown.matched[:, row]))
        for row, (start, stop) in enumerate(zip(matches.shown.starts, matches.shown.stops, strict=True))
    }
    assert list(found.items()) == list(expected.items())
    assert (matches.total, matches.least) == (total, least)


def test_stretches_do_not_reach_from_one_text_into_the_next():
    states, offsets = np.full((6, 1), 0.9, np.float16), np.array([0, 2, 6])
    wanted = Wanted(((0, 1),), 0, 2, before=False, after=False, most=9, one_per_text=False)
    shown = search(bitmaps_of(states, offsets, (THRESHOLD,)), wanted).shown
    assert list(zip(shown.starts.tolist(), shown.stops.tolist(), strict=True)) == [(0, 2), (2, 6)]


@pytest.mark.parametrize("count", [1, 5, 9])
@pytest.mark.parametrize("positions", [1, 63, 64, 65, 200])
def test_bit_sliced_counts_are_those_of_the_bits(count, positions):
    random = np.random.default_rng(count * positions)
    on = random.random((count, positions)) < 0.5
    rows = [bits.at(np.flatnonzero(row), positions) for row in on]
    for least in range(1, count + 1):
        enough = bits.places(bits.at_least(bits.planes(rows), least))
        assert enough.tolist() == np.flatnonzero(on.sum(axis=0) >= least).tolist()


def test_ranks_count_the_bits_before_each_place():
    places = np.array([0, 5, 63, 64, 127, 130])
    ranks = bits.Ranks(bits.at(places, 192))
    assert ranks.before(np.arange(193)).tolist() == [int((places < place).sum()) for place in range(193)]
