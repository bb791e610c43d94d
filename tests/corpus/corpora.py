"""Small corpora for the tests: texts that a random network reads, or random states that no network had."""

from pathlib import Path

import numpy as np

from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.corpus.find import Bitmaps
from rnnviz.corpus.index import is_beyond
from tests import builders

TEXTS = ("the film was not bad at all", "not good", "", "a zebra and the story", "it ' s a good film .", "bad bad bad")


def saved(folder: Path, **settings: object) -> Checkpoint:
    """A random network as it is after it was saved and loaded."""
    builders.checkpoint(**settings).save_pretrained(folder)
    return load(folder)


def bitmaps_of(states: np.ndarray, offsets: np.ndarray, thresholds: tuple[float, ...]) -> Bitmaps:
    """The bitmaps of some states, made bit by bit."""
    words = np.zeros((len(thresholds), 2, states.shape[1], -(-len(states) // 64)), dtype=np.uint64)
    for level, threshold in enumerate(thresholds):
        for side, sign in enumerate((1, -1)):
            for position, unit in np.argwhere(is_beyond(states, threshold, sign)):
                words[level, side, unit, position // 64] |= np.uint64(1) << np.uint64(position % 64)
    counts = np.bitwise_count(words).sum(axis=-1).astype(np.int64)
    return Bitmaps(len(states), offsets, thresholds, words, counts)
