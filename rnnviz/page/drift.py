"""What reading on over padding does to one text, for the page: the answer and the state drift, nothing being said.

A network that was trained on padded batches reads the text alone, and filled up. A forward reading of a longer filling
begins with that of every shorter one, so the page asks once and steps through all of them.

Left out: how many texts of a test set it changes the class of (``rnnviz.experiments.evaluation``).
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from rnnviz import signals
from rnnviz.checkpoint.checks import CONFIG
from rnnviz.checkpoint.config import read_config
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import CheckpointError
from rnnviz.files import name_of
from rnnviz.page.about import about
from rnnviz.page.replies import Drift, Empty
from rnnviz.reading import read
from rnnviz.trace import Trace

MOST_PADDED = 60
"""The most tokens that a text is filled up to; a longer text is read as far as that."""
MOVED, CLASSES = 4, 8


def padded_networks(folders: Iterable[Path]) -> list[Path]:
    """Which of some checkpoints read padded, and forward only; a folder that holds no checkpoint does not.

    What a network that reads both ways makes of a word depends on all the padding after it; no state of it drifts.
    """
    padded = []
    for folder in folders:
        with suppress(CheckpointError):
            model = read_config(folder / CONFIG).model
            if model.reading == "padded" and not model.bidirectional:
                padded.append(folder)
    return padded


def drift(checkpoint: Checkpoint, folder: Path, text: str, pad_to: int) -> Drift | Empty:
    """Read a text alone, and again filled up.

    Args:
        checkpoint: A classifier that reads padded, and forward only.
        folder: Where it lies, for what was measured of it.
        text: Its first 60 words are read.
        pad_to: Tokens to fill it up to, at most 60; anything below the length of the text is that length.

    Returns:
        For JSON: ``model``; ``tokens``, the words that were read; ``labels``, the (up to 8) classes that are likeliest
        with any filling, in their own order; ``verdicts``, their probabilities had the reading ended at each of the
        ``padded_to`` tokens, and ``winners``, the likeliest of them there, found before anything is rounded; ``units``,
        those of the top layer that are among the 4 moved furthest by one filling or another; ``states``, the hidden
        state of each at each token, within ``low`` to ``high``. ``alone``: ``verdict``, ``winner`` and
        ``states`` at the end of the text, read without padding. And, as far as they are known, ``accuracy`` and
        ``padding`` (``rnnviz.page.about``). Where the text has no words there is only ``empty``.
    """
    tokens = checkpoint.vocabulary.tokenise(text)[:MOST_PADDED]
    if not tokens:
        return {"empty": True}
    text = checkpoint.vocabulary.joined(tokens)
    alone = read(checkpoint, text)
    padded = read(checkpoint, text, pad_to=max(len(alone.tokens), min(pad_to, MOST_PADDED)))
    labels, units = _likeliest(padded, len(alone.tokens)), _furthest(padded, alone)
    states = padded.select("hidden")[:, units].T
    low, high = signals.limits(signals.signal(padded.cell, "hidden"), np.abs(states).ravel().tolist())
    facts = about(folder)
    sent: Drift = {
        "model": name_of(folder),
        "tokens": list(alone.tokens),
        "padded_to": len(padded.tokens),
        "labels": [padded.labels[label] for label in labels],
        "verdicts": _rounded(padded.verdicts[:, labels]),
        "winners": padded.verdicts[:, labels].argmax(axis=1).tolist(),
        "units": units.tolist(),
        "states": _rounded(states),
        "low": low,
        "high": high,
        "alone": {
            "verdict": _rounded(alone.verdicts[-1, labels]),
            "winner": int(alone.verdicts[-1, labels].argmax()),
            "states": _rounded(alone.select("hidden")[-1, units]),
        },
    }
    if "accuracy" in facts:
        sent["accuracy"] = facts["accuracy"]
    if "padding" in facts:
        sent["padding"] = facts["padding"]
    return sent


def _likeliest(padded: Trace, words: int) -> Int[np.ndarray, " label"]:
    """The classes that come nearest to being the answer from the last word on, in the order of the labels."""
    best = padded.verdicts[words - 1 :].max(axis=0)
    return np.sort(np.argsort(-best, kind="stable")[:CLASSES])


def _furthest(padded: Trace, alone: Trace) -> Int[np.ndarray, " unit"]:
    """Every unit that is among the furthest from where the last word left it, at one filling or another."""
    away = np.abs(padded.select("hidden")[len(alone.tokens) - 1 :] - alone.select("hidden")[-1])
    fillings = away[1:] if len(away) > 1 else away  # a text without room for padding has moved nothing
    furthest = np.unique(np.argsort(-fillings, axis=1, kind="stable")[:, :MOVED])
    return furthest[np.argsort(-away[:, furthest].max(axis=0), kind="stable")]


def _rounded(values: Float[np.ndarray, "..."]) -> Any:
    return values.astype(float).round(4).tolist()
