"""What is found in the texts of an index, for the page.

Left out: the search itself (``rnnviz.corpus``).
"""

from rnnviz import corpus, files
from rnnviz.model_config import BETWEEN, UNKNOWN
from rnnviz.page import replies
from rnnviz.page.as_read import MOST_TOKENS, MOST_TOKENS_BOTH_WAYS
from rnnviz.page.requests import MOST_CHARACTERS, Find

AROUND = {"words": 12, "letters": 60}
"""Tokens before a hit that are sent with it, and after it."""
MOST_OF_HIT = {"words": 40, "letters": 200}
"""Of a longer hit, so many of its tokens are sent."""


def searched(index: corpus.Index, question: Find) -> replies.FoundHits | replies.CorpusTold:
    """What is found in an index; without units, only what there is to search.

    Raises:
        SelectionError: There is no such unit or threshold.
    """
    if not question.units:
        return {"corpus": told(index)}
    found = index.find(
        question.units,
        _threshold(index, question),
        question.length,
        before=question.before,
        after=question.after,
        most=question.most,
        one_per_text=not question.every,
    )
    return {
        "corpus": told(index),
        "hits": [_hit(index, hit) for hit in found.hits],
        "total": found.total,
        "texts": found.texts,
        "least": found.least,
        "labels": [{"label": one.label, "texts": one.texts, "all": one.all} for one in found.labels],
        "seconds": found.seconds,
    }


def told(index: corpus.Index) -> replies.Corpus:
    """What there is to search."""
    return {
        "name": files.name_of(index.folder),
        "texts": index.about.texts,
        "tokens": index.about.positions,
        "thresholds": list(index.about.thresholds),
    }


def _threshold(index: corpus.Index, question: Find) -> float:
    given = question.threshold
    return float(given) if isinstance(given, int | float) else index.about.thresholds[0]


def _hit(index: corpus.Index, hit: corpus.Hit) -> replies.Hit:
    tokens = index.text(hit.text)
    first, end = around(index, hit)
    return {
        "text": hit.text,
        "tokens": list(tokens[first:end]),
        "first": first,
        "more": end < len(tokens),
        "start": hit.start,
        "stop": hit.stop,
        "units": [unit for unit, _ in hit.units],
        "bits": hit.bits,
        "label": hit.label,
        "answer": hit.answer,
        "probability": hit.probability,
        "whole": as_far_as_read(index, hit.text, hit.stop),
    }


def around(index: corpus.Index, hit: corpus.Hit) -> tuple[int, int]:
    """The first of the tokens that are sent with a hit, and that after the last; there may be fewer."""
    kind = index.about.tokens
    end = min(hit.stop, hit.start + MOST_OF_HIT[kind]) + (AROUND[kind] if hit.length <= MOST_OF_HIT[kind] else 0)
    return max(0, hit.start - AROUND[kind]), end


def as_far_as_read(index: corpus.Index, number: int, stop: int) -> str | None:
    """A text as the page reads it; None where its first ``stop`` states would not be those of the index, or not read.

    Raises:
        SelectionError: There is no such text.
    """
    tokens, both_ways = index.text(number), index.about.directions > 1
    if len(tokens) > MOST_TOKENS_BOTH_WAYS if both_ways else stop > MOST_TOKENS:
        return None
    if index.about.tokens == "letters" and tokens == (UNKNOWN,):  # an empty text; typed, it would be five letters
        return None
    if index.about.tokens == "letters" and tokens == (UNKNOWN,):  # an empty text; typed, it would be five letters
        return None
    text = BETWEEN[index.about.tokens].join(tokens[:MOST_TOKENS])
    return text if len(text) <= MOST_CHARACTERS else None
