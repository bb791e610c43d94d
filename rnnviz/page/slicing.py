"""Slices of the texts of an index, for the page: how often the network is right in each, and its errors.

Left out: what a condition means, and what is counted (``rnnviz.corpus.slices``).
"""

from rnnviz import corpus
from rnnviz.corpus.slices import usual
from rnnviz.model_config import BETWEEN
from rnnviz.page import replies
from rnnviz.page.finding import as_far_as_read, told

MOST_LISTED = 30
"""Texts of a slice that are sent, errors first."""
MOST_SAID = 160
"""Characters of a text that are sent to be listed."""
_NEGATED = "word=not"


def sliced_into(index: corpus.Index) -> replies.CorpusSlices:
    """The slices that say something of every index, those with the most errors first.

    Raises:
        IndexFileError: The network tells the next token.
    """
    found = corpus.sliced(index, [*usual(index), _NEGATED])
    return {"corpus": told(index), "slices": [_counted(one) for one in found if one.texts]}


def slice_of(index: corpus.Index, conditions: str) -> replies.ChosenSlice:
    """The slice of some conditions.

    Raises:
        IndexFileError: The network tells the next token.
        RnnvizError: A condition is none, or names what is not there.
    """
    (found,) = corpus.sliced(index, [conditions], threshold=index.about.thresholds[0])
    return {
        "corpus": told(index),
        "slice": _counted(found),
        "answers": list(index.about.answers),
        "confusion": [list(row) for row in found.confusion],
        "texts": [_listed(index, text) for text in found.texts[:MOST_LISTED]],
    }


def _counted(one: corpus.Slice) -> replies.SliceCount:
    low, high = one.interval
    return {
        "name": one.name,
        "texts": len(one.texts),
        "labelled": one.labelled,
        "right": one.right,
        "low": low,
        "high": high,
    }


def _listed(index: corpus.Index, text: int) -> replies.SlicedText:
    tokens, label = index.text(text), int(index.labels[text])
    return {
        "text": text,
        "said": _cut(BETWEEN[index.about.tokens].join(tokens[:MOST_SAID])),
        "label": index.about.classes[label] if label >= 0 else None,
        "answer": index.about.answers[index.answers[text]],
        "probability": float(index.probabilities[text]),
        "whole": as_far_as_read(index, text, len(tokens)),
    }


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SAID else f"{text[: MOST_SAID - 1]}…"
