"""group: look for groups of units and words that belong together, and for as many as come back.

The matrix of expected responses (``rnnviz.corpus.responses``), by magnitude, is cut into blocks by spectral
co-clustering (Dhillon 2001, "Co-clustering documents and words using bipartite spectral graph partitioning"), as
RNNVis does. That always finds groups, also in noise. So each number of groups has to come back: two halves of the
texts, each with a half of the words, have to agree on the groups of units. No text and no word is on both sides, so
noise cannot agree with itself. The same is done with shuffled matrices: each number is divided by what its row and its
column lead one to expect, and these ratios are dealt out anew, so the units that do much and the words at which much is
done stay, and all that could be a group is gone. A number of groups holds if its agreement is further above that of
shuffled matrices than any number of groups in any of these is. Of those that hold, the one furthest above is taken; if
none does, the units do not group. How far two halves of the units agree on the groups of words is told beside it.

Left out: the file of what is found (``rnnviz.corpus.groups``).
"""

import warnings
from collections.abc import Generator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from rnnviz.corpus.groups import MOST_GROUPS, MOST_WORDS, Groups, Stability, index_hash, signed
from rnnviz.corpus.index import Index
from rnnviz.corpus.reader import Step
from rnnviz.corpus.responses import FOLDS, Responses, frequent
from rnnviz.errors import IndexFileError, SettingError
from rnnviz.experiments.evaluation import finished

WORDS, LEAST = 300, 20
"""Words that are taken, and how often each has to be in the corpus: a mean over fewer places is mostly noise."""
SPLITS, SHUFFLES = 6, 20
"""Halvings that a stability is the mean of, and shuffled matrices it is held against."""
FEWEST = 8
"""Units and words below which there is nothing to group: a group of two needs halves of two."""
_DIGITS = 5

Matrix = Float[np.ndarray, "unit word"]
Labels = Int[np.ndarray, "_"]


class _Halves(NamedTuple):
    """One halving of the texts, of the units and of the words, and a seed for each side."""

    folds: tuple[np.ndarray, np.ndarray]
    units: tuple[np.ndarray, np.ndarray]
    words: tuple[np.ndarray, np.ndarray]
    seeds: tuple[int, int]


def group(index: Index, words: int = WORDS, least: int = LEAST) -> Groups:
    """Look for groups of units and words in an index.

    Args:
        index: Of the texts.
        words: How many words are taken at most, the most frequent of those that the network knows.
        least: How often each of them has to be in the texts.

    Returns:
        The groups, or that there are none, with how stable each number of groups is. The same index gives the same.

    Raises:
        IndexFileError: scikit-learn is missing, or the index has too few units or words.
        SettingError: A number is out of bounds.

    Example:
        >>> index = rnnviz.corpus.Index.load("agnews.index")  # doctest: +SKIP
        >>> rnnviz.corpus.group(index)  # doctest: +SKIP
        Groups(8 groups of 32 units and 300 words)
    """
    return finished(grouping(index, words, least))


def grouping(index: Index, words: int = WORDS, least: int = LEAST) -> Generator[Step, None, Groups]:
    """``group`` for a caller who shows how far it is: yields between its pieces of work.

    Example:
        >>> index = rnnviz.corpus.Index.load("agnews.index")  # doctest: +SKIP
        >>> [step.doing for step in rnnviz.corpus.grouping(index)][0]  # doctest: +SKIP
        'averaging'
    """
    _require_sklearn()
    if not (FEWEST <= words <= MOST_WORDS and least >= 1):
        raise SettingError("groups_settings", most=MOST_WORDS, fewest=FEWEST, words=words, least=least)
    chosen = frequent(index, words, least)
    if index.units < FEWEST or len(chosen) < FEWEST:
        raise IndexFileError("groups_few", units=index.units, words=len(chosen), least=FEWEST)
    found = yield from _summed(index, chosen)
    means = found.means()
    units, columns = np.flatnonzero(np.any(means, axis=1)), np.flatnonzero(np.any(means, axis=0))
    if min(len(units), len(columns)) < FEWEST:
        raise IndexFileError("groups_few", units=len(units), words=len(columns), least=FEWEST)
    stability = yield from _stabilities(_taken(found, units, columns))
    return _told(index, found, units, columns, stability)


def _summed(index: Index, words: np.ndarray) -> Generator[Step, None, Responses]:
    found = Responses.of(index, words)
    for done in found.add_all(index):
        yield Step("averaging", done, index.about.positions)
    return found


def _taken(found: Responses, units: np.ndarray, columns: np.ndarray) -> "_Sums":
    """The sums and counts of the units and words that are not all zeros."""
    own = found.sums.shape[1] // len(found.counts)
    counts = np.repeat(found.counts, own, axis=0).transpose(1, 0, 2)
    return _Sums(found.sums[:, units][:, :, columns], counts[:, units][:, :, columns])


class _Sums(NamedTuple):
    """Sums of responses and how many there are, fold by fold."""

    sums: Float[np.ndarray, "fold unit word"]
    counts: Int[np.ndarray, "fold unit word"]

    def strengths(self, folds: np.ndarray) -> Matrix:
        """The magnitudes of the means over some folds."""
        return np.abs(self.sums[folds].sum(axis=0)) / np.maximum(self.counts[folds].sum(axis=0), 1)


# --- how stable ---


def _stabilities(whole: _Sums) -> Generator[Step, None, tuple[Stability, ...]]:
    """How stable each number of groups is, beside shuffled matrices."""
    rows, columns = whole.sums.shape[1:]
    from threadpoolctl import threadpool_limits

    counts = range(2, min(MOST_GROUPS, min(rows, columns) // 4) + 1)
    halves = [_halves(np.random.default_rng(split), rows, columns) for split in range(SPLITS)]
    pairs = [(whole.strengths(one.folds[0]), whole.strengths(one.folds[1])) for one in halves]
    found: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
    for turn in range(SHUFFLES + 1):
        order = np.arange(rows * columns) if turn == 0 else np.random.default_rng(turn).permutation(rows * columns)
        dealt = [(_shuffled(one, order), _shuffled(other, order)) for one, other in pairs]
        for count in counts:
            yield Step("grouping", turn * len(counts) + count - 2, (SHUFFLES + 1) * len(counts))
            with threadpool_limits(1):  # these matrices are small: threads only get in the way
                agreed = [_agreement(one, *sides, count) for one, sides in zip(halves, dealt, strict=True)]
            found[count].append(tuple(np.mean(agreed, axis=0).tolist()))
    rand = np.array(list(found.values()))  # of each number of groups, first what was found, then the shuffled matrices
    shuffled = rand[:, 1:].mean(axis=1)
    limit = float((rand[:, 1:, 0] - shuffled[:, None, 0]).max())
    return tuple(
        Stability(
            groups=count,
            units=round(float(own[0]), 4),
            units_shuffled=round(float(by_chance[0]), 4),
            units_limit=round(min(1.0, float(by_chance[0]) + limit), 4),
            words=round(float(own[1]), 4),
            words_shuffled=round(float(by_chance[1]), 4),
        )
        for count, own, by_chance in zip(counts, rand[:, 0], shuffled, strict=True)
    )


def _halves(rng: np.random.Generator, rows: int, columns: int) -> _Halves:
    def cut(count: int) -> tuple[np.ndarray, np.ndarray]:
        order = rng.permutation(count)
        return order[: count // 2], order[count // 2 :]

    first, second = rng.integers(2**31, size=2).tolist()
    return _Halves(cut(FOLDS), cut(rows), cut(columns), (first, second))


def _shuffled(strengths: Matrix, order: np.ndarray) -> Matrix:
    """A matrix with its ratios to what rows and columns lead one to expect in another order."""
    total = strengths.sum()
    expected = np.outer(strengths.sum(axis=1), strengths.sum(axis=0)) / max(total, 1e-30)
    ratios = np.divide(strengths, expected, out=np.zeros_like(strengths), where=expected > 0)
    return ratios.ravel()[order].reshape(strengths.shape) * expected


def _agreement(halves: _Halves, one: Matrix, other: Matrix, count: int) -> tuple[float, float]:
    """How much two sides agree on the groups of units, and on those of words: adjusted Rand indexes."""
    from sklearn.metrics import adjusted_rand_score

    (words, other_words), (units, other_units) = halves.words, halves.units
    seed, other_seed = halves.seeds
    of_units = (
        co_clusters(one[:, words], count, seed)[0],
        co_clusters(other[:, other_words], count, other_seed)[0],
    )
    of_words = (co_clusters(one[units], count, seed)[1], co_clusters(other[other_units], count, other_seed)[1])
    return float(adjusted_rand_score(*of_units)), float(adjusted_rand_score(*of_words))


# --- groups ---


def co_clusters(strengths: Matrix, count: int, seed: int) -> tuple[Labels, Labels]:
    """The groups of rows and of columns; -1 for those that are all zeros."""
    from sklearn.cluster import SpectralCoclustering
    from sklearn.exceptions import ConvergenceWarning

    rows, columns = np.any(strengths, axis=1), np.any(strengths, axis=0)
    labels = np.full(len(rows), -1), np.full(len(columns), -1)
    if min(rows.sum(), columns.sum()) < count:
        return labels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer groups than asked for is an answer too
        fitted = SpectralCoclustering(count, random_state=seed).fit(strengths[rows][:, columns])
    labels[0][rows], labels[1][columns] = fitted.row_labels_, fitted.column_labels_
    return labels


def _told(
    index: Index, found: Responses, units: np.ndarray, columns: np.ndarray, stability: tuple[Stability, ...]
) -> Groups:
    """What is found, with rows and columns group after group."""
    means = found.means()[np.ix_(units, columns)]
    count, of_units, of_words = _best(np.abs(means), stability)
    row_order, column_order = np.arange(len(units)), np.arange(len(columns))
    if count:
        row_order, column_order = _ordered(np.abs(means), of_units, of_words)
    totals = found.counts.sum(axis=1).max(axis=0)
    return signed(
        Groups(
            index_sha256=index_hash(index),
            weights_sha256=index.about.weights_sha256,
            vocabulary_sha256=index.about.vocabulary_sha256,
            units=tuple(units[row_order].tolist()),
            silent=tuple(sorted(set(range(index.units)) - set(units.tolist()))),
            words=tuple(index.words[found.words[column]] for column in columns[column_order]),
            counts=tuple(totals[columns[column_order]].tolist()),
            responses=tuple(map(tuple, np.round(means[np.ix_(row_order, column_order)], _DIGITS).tolist())),
            groups=count,
            unit_groups=tuple(of_units[row_order].tolist()) if count else (),
            word_groups=tuple(of_words[column_order].tolist()) if count else (),
            stability=stability,
        )
    )


def _best(strengths: Matrix, stability: tuple[Stability, ...]) -> tuple[int, Labels, Labels]:
    """The groups of the number that is furthest above the shuffled matrices and holds; 0 and nothing if none does."""
    for one in sorted(stability, key=lambda one: -one.margin):
        of_units, of_words = co_clusters(strengths, one.groups, 0)
        everyone = set(range(one.groups))
        if one.holds and set(of_units.tolist()) == set(of_words.tolist()) == everyone:  # no group is empty
            return one.groups, of_units, of_words
    return 0, np.zeros(0, dtype=int), np.zeros(0, dtype=int)


def _ordered(strengths: Matrix, of_units: Labels, of_words: Labels) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns group after group; first those that are strongest in their own group against all others."""
    own = of_units[:, None] == of_words[None]

    def lead(axis: int) -> np.ndarray:
        inside = np.where(own, strengths, 0).sum(axis=axis) / np.maximum(own.sum(axis=axis), 1)
        outside = np.where(own, 0, strengths).sum(axis=axis) / np.maximum((~own).sum(axis=axis), 1)
        return inside - outside

    return np.lexsort((-lead(1), of_units)), np.lexsort((-lead(0), of_words))


def _require_sklearn() -> None:
    try:
        import sklearn  # noqa: F401 - whether it is there
    except ImportError:
        raise IndexFileError("groups_extra") from None
