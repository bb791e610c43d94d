"""Bitmaps of positions in words of 64 bits: position p is bit p % 64 of word p // 64, the lowest bit first.

Counting is bit-sliced: bit b of the count of position p is bit p of plane b, so a few operations on words count 64
positions at once. Left out: what a bit means (``rnnviz.corpus.index``).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int, UInt64

Words = UInt64[np.ndarray, " word"]
Places = Int[np.ndarray, " place"]

_ONE, _LAST, _ALL = np.uint64(1), np.uint64(63), np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def words_for(positions: int) -> int:
    """How many words hold so many bits."""
    return -(-positions // 64)


def at(places: Places, positions: int) -> Words:
    """The bitmap with a bit at each of some places."""
    words = np.zeros(words_for(positions), dtype="<u8")
    np.bitwise_or.at(words, places >> 6, _ONE << (places & 63).astype(np.uint64))
    return words


def places(words: Words) -> Places:
    """Where a bitmap's bits are, in order."""
    filled = np.flatnonzero(words != 0)
    left = words[filled]
    found = [np.zeros(0, dtype=np.int64)]
    while len(filled):  # the lowest bit of each word that has bits left
        lowest = left & (~left + _ONE)
        found.append(filled * 64 + np.bitwise_count(lowest - _ONE))
        left ^= lowest
        more = left != 0
        filled, left = filled[more], left[more]
    return np.sort(np.concatenate(found))


class Bits:
    """Some places, to be looked at in several bitmaps."""

    def __init__(self, places: Places) -> None:
        self._word, self._bit = places >> 6, _ONE << (places & 63).astype(np.uint64)

    def in_(self, words: Words) -> Bool[np.ndarray, " place"]:
        """Whether a bitmap has a bit at each of the places."""
        return words[self._word] & self._bit != 0


def count(words: Words) -> int:
    """How many bits a bitmap has."""
    return int(np.bitwise_count(words).sum())


def planes(rows: Sequence[Words]) -> list[Words]:
    """How many of some bitmaps have a bit at each position: plane b holds bit b of the counts."""
    counted: list[Words] = []
    for row in rows:
        carry = np.array(row)
        for plane in counted:
            plane ^= carry  # the sum's bit; where it became 0 and a bit was added, there is one to carry
            carry &= ~plane
        if len(counted) < len(rows).bit_length():
            counted.append(carry)
    return counted[: len(rows).bit_length()]


def at_least(counted: Sequence[Words], least: int) -> Words:
    """The bitmap of the positions whose count, in planes, is at least so much."""
    equal, above = np.full_like(counted[0], _ALL), np.zeros_like(counted[0])
    for bit in reversed(range(len(counted))):
        if least >> bit & 1:
            equal &= counted[bit]
        else:
            above |= equal & counted[bit]
            equal &= ~counted[bit]
    return above | equal


def first_of_runs(words: Words, breaks: Words) -> Words:
    """The first position of each run of bits; a run also ends before a position of ``breaks``."""
    before = words << _ONE
    before[1:] |= words[:-1] >> _LAST
    return words & (~before | breaks)


def last_of_runs(words: Words, breaks: Words) -> Words:
    """The last position of each run of bits, as ``first_of_runs``."""
    goes_on = words & ~breaks
    after = goes_on >> _ONE
    after[:-1] |= goes_on[1:] << _LAST
    return words & ~after


class Ranks:
    """How many bits a bitmap has before a place; in constant time, once its words are counted."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._before = np.zeros(len(words) + 1, dtype=np.int64)
        np.cumsum(np.bitwise_count(words), out=self._before[1:])

    def before(self, places: Places) -> Places:
        """How many bits lie before each of some places."""
        word, bit = places >> 6, (places & 63).astype(np.uint64)
        inside = np.append(self._words, np.uint64(0))[word] & ((_ONE << bit) - _ONE)
        return self._before[word] + np.bitwise_count(inside)
