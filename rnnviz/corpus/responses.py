"""What each unit does at each frequent word of an index: the expected response of RNNVis.

The response of a unit to a token is the change of its state there, h[t] - h[t-1]; the expected response to a word is
the mean of that over all places of the word, E[Δh | word] (Ming et al. 2017, "Understanding Hidden Memories of
Recurrent Neural Networks", VAST). The first token that a direction reads is left out: there the state leaves its
start, whatever the word is. A backward unit changes from the token after.

Sums are kept by fold of the texts, so that any half of the corpus has its own means without another pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from rnnviz.corpus.index import Index
from rnnviz.model_config import PADDING_ID, UNKNOWN_ID

FOLDS = 10
_PIECE = 1 << 17


@dataclass(frozen=True, eq=False)
class Responses:
    """Sums of the responses of all units to some words.

    Attributes:
        words: The words, as their places in ``index.words``, the most frequent first.
        counts: Places of each word in each fold of the texts, in each direction.
        sums: Of the responses there.
    """

    words: Int64[np.ndarray, " word"]
    counts: Int64[np.ndarray, "direction fold word"]
    sums: Float64[np.ndarray, "fold unit word"]

    def means(self, folds: np.ndarray | slice = slice(None)) -> Float64[np.ndarray, "unit word"]:
        """E[Δh | word] over some of the folds; 0 where a word does not occur in them."""
        sums, counts = self.sums[folds].sum(axis=0), self.counts[:, folds].sum(axis=1)
        return sums / np.maximum(np.repeat(counts, len(sums) // len(counts), axis=0), 1)

    @classmethod
    def of(cls, index: Index, words: Int64[np.ndarray, " word"]) -> "Responses":
        """The sums of some words of an index, before anything was added."""
        about = index.about
        counts = np.zeros((about.directions, FOLDS, len(words)), dtype=np.int64)
        return cls(words, counts, np.zeros((FOLDS, about.units, len(words))))

    def add_all(self, index: Index) -> Iterator[int]:
        """Add the responses in all of an index, piece by piece: yields the tokens that are done."""
        positions, texts = index.about.positions, index.about.texts
        column = np.full(len(index.words), -1)
        column[self.words] = np.arange(len(self.words))
        fold = np.random.default_rng(0).permutation(np.arange(texts) % FOLDS)
        for start in range(0, positions, _PIECE):
            stop = min(start + _PIECE, positions)
            at = np.arange(start, stop)
            columns = column[index.tokens[start:stop]]
            at, columns = at[columns >= 0], columns[columns >= 0]
            text = np.searchsorted(index.offsets, at, side="right") - 1
            cells = fold[text] * len(self.words) + columns
            for direction, ends in enumerate((index.offsets[text], index.offsets[text + 1] - 1)[: len(self.counts)]):
                self._add(index.hidden, direction, at[at != ends], cells[at != ends])
            yield stop

    def _add(self, hidden: np.ndarray, direction: int, at: np.ndarray, cells: np.ndarray) -> None:
        """Add the responses of one direction's units at some places, each of a fold and word."""
        own, size = self.sums.shape[1] // len(self.counts), self.counts[0].size
        units = slice(direction * own, (direction + 1) * own)
        before = at + (1 if direction else -1)
        changes = hidden[at, units].astype(np.float32) - hidden[before, units]
        self.counts[direction] += np.bincount(cells, minlength=size).reshape(FOLDS, -1)
        self.sums[:, units] += _summed(changes, cells, size).reshape(FOLDS, -1, own).transpose(0, 2, 1)


def frequent(index: Index, most: int, least: int) -> Int64[np.ndarray, " word"]:
    """The words of the network's vocabulary that are most frequent in a corpus, each there so often at least."""
    counts = np.zeros(index.about.entries, dtype=np.int64)
    for first in range(0, index.about.positions, _PIECE):
        counts += np.bincount(index.tokens[first : first + _PIECE], minlength=len(counts))[: len(counts)]
    counts[[UNKNOWN_ID, PADDING_ID]] = 0  # neither is a word
    ordered = np.argsort(-counts, kind="stable")[:most]
    return ordered[counts[ordered] >= least]


def _summed(rows: np.ndarray, cells: np.ndarray, size: int) -> np.ndarray:
    """The sums of the rows of each cell."""
    sums = np.zeros((size, rows.shape[1]))
    if not len(cells):
        return sums
    order = np.argsort(cells, kind="stable")
    there, firsts = np.unique(cells[order], return_index=True)
    sums[there] = np.add.reduceat(rows[order], firsts, axis=0, dtype=np.float64)
    return sums
