"""The plane through the states of an index's texts, for the page.

Left out: the plane itself (``rnnviz.corpus.projection``); the path of what is typed, which the browser computes.
"""

from typing import Literal

import numpy as np
from jaxtyping import Int

from rnnviz import corpus
from rnnviz.model_config import BETWEEN
from rnnviz.page import replies
from rnnviz.page.finding import as_far_as_read, told
from rnnviz.readout import Readout

SAID = {"words": 12, "letters": 60}
"""Tokens that are sent with a point."""
MOST_SAID = 160
"""Characters of them."""
_DIGITS = 5
_By = Literal["label", "answer"]


def text_of(index: corpus.Index, text: int, place: int) -> replies.CorpusText:
    """A text of an index, where the page can read as far as one of its tokens.

    Raises:
        SelectionError: There is no such text.
    """
    return {"text": text, "whole": as_far_as_read(index, text, place + 1)}


def plane_of(index: corpus.Index, readout: Readout, answer: int | None) -> replies.Plane:
    """The plane of an index.

    Args:
        index: The index.
        readout: The linear layer of its network.
        answer: To which the first axis leads; the last one where there is no such answer.
    """
    answers = index.about.answers
    plane = index.projection(readout, answers[answer] if answer is not None and 0 <= answer < len(answers) else None)
    by, classes, of_texts = _classes(index)
    texts = plane.texts
    places = plane.positions - index.offsets[texts]
    rounded = plane.points.round(_DIGITS)
    return {
        "corpus": told(index),
        "axes": plane.axes.tolist(),
        "offsets": plane.offsets.tolist(),
        "shares": plane.shares.tolist(),
        "answer": None if plane.answer is None else answers.index(plane.answer),
        "unread": plane.unread,
        "classes": list(classes),
        "by": by,
        "points": {
            "across": rounded[:, 0].tolist(),
            "up": rounded[:, 1].tolist(),
            "text": texts.tolist(),
            "place": places.tolist(),
            "said": [
                _said(index, int(text), None if plane.unread is None else int(place))
                for text, place in zip(texts, places, strict=True)
            ],
            "label": of_texts[texts].tolist(),
        },
    }


def _classes(index: corpus.Index) -> tuple[_By | None, tuple[str, ...], Int[np.ndarray, " text"]]:
    """By what the texts are told apart, into which classes, and the class of each."""
    if (index.labels >= 0).any():
        return "label", index.about.classes, index.labels
    return "answer" if index.about.answers else None, index.about.answers, index.answers


def _said(index: corpus.Index, text: int, place: int | None) -> str:
    """What a text begins with; with a place, what it has up to there."""
    tokens, most, between = index.text(text), SAID[index.about.tokens], BETWEEN[index.about.tokens]
    if place is None:
        said = between.join(tokens[:most]) + (f"{between}…" if len(tokens) > most else "")
        return said if len(said) <= MOST_SAID else f"{said[: MOST_SAID - 1]}…"
    first = max(0, place + 1 - most)
    said = (f"…{between}" if first else "") + between.join(tokens[first : place + 1])
    return said if len(said) <= MOST_SAID else f"…{said[1 - MOST_SAID :]}"
