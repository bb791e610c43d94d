"""Groups that were never looked for, for the tests of the page: they need no scikit-learn."""

import numpy as np

from rnnviz.corpus.groups import Groups, Stability, index_hash, signed
from rnnviz.corpus.index import Index
from rnnviz.corpus.responses import Responses, frequent


def planted(index: Index, groups: int, most: int = 60) -> Groups:
    """The true matrix of an index, cut into groups of equal size; with 0 groups, the finding that there are none."""
    words = frequent(index, most, 1)
    found = Responses.of(index, words)
    assert list(found.add_all(index))
    counts = np.maximum(found.counts[0].sum(axis=0), 1)
    units = np.arange(index.units)
    limit = 0.3 if groups else 0.7
    known = {"units": 0.6, "units_shuffled": 0.1, "units_limit": limit, "words": 0.2, "words_shuffled": 0.0}
    tried = [Stability(groups=count, **known) for count in (2, 3)]
    return signed(
        Groups(
            index_sha256=index_hash(index),
            weights_sha256=index.about.weights_sha256,
            vocabulary_sha256=index.about.vocabulary_sha256,
            units=tuple(units.tolist()),
            silent=(),
            words=tuple(index.words[word] for word in words),
            counts=tuple(counts.tolist()),
            responses=tuple(map(tuple, found.means().round(5).tolist())),
            groups=groups,
            unit_groups=tuple((units * groups // len(units)).tolist()) if groups else (),
            word_groups=tuple((np.arange(len(words)) * groups // len(words)).tolist()) if groups else (),
            stability=tuple(tried),
        )
    )
