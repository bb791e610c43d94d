"""The groups of units and words in an index, for the page.

Left out: how they are found and kept (``rnnviz.corpus``).
"""

from rnnviz import corpus, files
from rnnviz.corpus.index import GROUPS
from rnnviz.page import replies
from rnnviz.page.finding import told
from rnnviz.page.indexes import SHIPPED


def grouped(index: corpus.Index) -> replies.GroupsTold:
    """The groups that lie in the folder of an index; null if they were not looked for yet.

    Without groups, an index that comes with rnnviz is not told either: it has too few texts.

    Raises:
        IndexFileError: What lies there is damaged, or of another index.
    """
    if not files.lexists(index.folder / GROUPS):
        return {"corpus": None if index.folder.parent == SHIPPED else told(index), "found": None}
    found = index.groups()
    return {
        "corpus": told(index),
        "found": {
            "units": list(found.units),
            "silent": list(found.silent),
            "words": list(found.words),
            "counts": list(found.counts),
            "responses": [list(row) for row in found.responses],
            "groups": found.groups,
            "unit_groups": list(found.unit_groups),
            "word_groups": list(found.word_groups),
            "stability": [_stability(one) for one in found.stability],
        },
    }


def _stability(one: corpus.Stability) -> replies.GroupStability:
    return {
        "groups": one.groups,
        "units": one.units,
        "units_shuffled": one.units_shuffled,
        "units_limit": one.units_limit,
        "words": one.words,
        "words_shuffled": one.words_shuffled,
        "holds": one.holds,
    }
