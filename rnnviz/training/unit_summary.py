"""What each unit does over many texts: the content of a checkpoint's units.json.

The training texts themselves may not be passed on, so this summary is what the page can show about a unit: its usual
values, the words that raise and lower it, how often its gates are nearly shut or open, how long it remembers, and
whether it keeps to two values.
"""

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from rnnviz import signals
from rnnviz.analysis.memory import KEEPERS
from rnnviz.analysis.statistics import bimodality_of, half_life_of, saturation_of, valley_of
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.text import UNKNOWN_ID, Tokens, Vocabulary
from rnnviz.experiments.evaluation import finished
from rnnviz.reading import Captured, capture_texts, start_of
from rnnviz.signals import Cell

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
WORDS = 20
_LEAST_SEEN = 5
_MOST_TOKENS: dict[Tokens, int] = {"words": 60, "letters": 400}  # of a text
_TOKENS = 40_000  # more hardly moves a mean, and all of a wide network's values have to fit into memory
_BATCH = 128


def describe(checkpoint: Checkpoint, texts: Sequence[str]) -> dict[str, Any]:
    """Summarise every unit over some texts.

    Args:
        checkpoint: The classifier.
        texts: Texts of its training set, in random order. The first 60 words of each, or 400 letters, are read, 40,000
            tokens in all.

    Returns:
        For JSON: ``texts``, ``tokens``, ``quantiles`` and ``layers``, a list with one dictionary a layer, direction to
        summary: ``signals`` (name to ``mean`` and ``quantiles``, one number a unit), ``saturation`` (gate to ``shut``
        and ``open``, shares below 0.1 and above 0.9), ``half_life`` (tokens, null for a plain RNN), ``bimodality`` and
        ``valley`` (of the memory, 0 to 1, null for a unit that never moves: ``rnnviz.analysis``), ``raised_by`` and
        ``lowered_by`` (up to 20 words a unit: those with the largest mean change of the memory as they are read, of
        the words seen at least five times). Empty if no text has a token.
    """
    return finished(describing(checkpoint, texts))


def describing(checkpoint: Checkpoint, texts: Sequence[str]) -> Generator[None, None, dict[str, Any]]:
    """``describe`` for a caller who has other things to do meanwhile: yields between its pieces of work."""
    tokens = _sample(texts, checkpoint.vocabulary)
    ids = [torch.tensor(checkpoint.vocabulary.ids(words)) for words in tokens]
    captured: list[Captured] = []
    for start in range(0, len(ids), _BATCH):
        yield
        captured += capture_texts(checkpoint.model, ids[start : start + _BATCH])
    if not captured:
        return {}
    values = {
        name: np.concatenate([one.signals[name].numpy() for one in captured], axis=2) for name in captured[0].signals
    }
    words = [word for text in tokens for word in text]
    ends = np.cumsum([len(text) for text in tokens])
    known = np.concatenate([row.numpy() != UNKNOWN_ID for row in ids])
    cell, starts = checkpoint.config.model.cell, start_of(checkpoint.model)

    def summary(layer: int, index: int) -> dict[str, Any]:
        own = {name: array[layer, index] for name, array in values.items()}
        memory = own[signals.memory(cell)]
        first = starts[signals.memory(cell)][layer, index] if starts else 0.0
        raised, lowered = _words(_changes(memory, ends, index == 1, first), words, known)
        return {
            "signals": {name: _distribution(array) for name, array in own.items()},
            "saturation": _saturation(cell, own),
            "half_life": half_life(cell, own),
            "bimodality": _finite(bimodality_of(memory)),
            "valley": _finite(valley_of(memory)),
            "raised_by": raised,
            "lowered_by": lowered,
        }

    layers: list[dict[str, Any]] = [{} for _ in range(checkpoint.config.model.layers)]
    for layer, directions in enumerate(layers):
        for index, direction in enumerate(signals.DIRECTIONS[: checkpoint.config.model.directions]):
            yield
            directions[direction] = summary(layer, index)
    return {"texts": len(tokens), "tokens": len(words), "quantiles": list(QUANTILES), "layers": layers}


def _sample(texts: Sequence[str], vocabulary: Vocabulary) -> list[list[str]]:
    tokens: list[list[str]] = []
    remaining = _TOKENS
    for text in texts:
        words = vocabulary.tokenise(text)[: min(_MOST_TOKENS[vocabulary.tokens], remaining)]
        if words:
            tokens.append(words)
            remaining -= len(words)
        if not remaining:
            break
    return tokens


def _distribution(values: Float[np.ndarray, "token unit"]) -> dict[str, Any]:
    rows = np.quantile(values, QUANTILES, axis=0)
    return {"mean": _numbers(values.mean(axis=0)), "quantiles": [_numbers(row) for row in rows]}


def _saturation(cell: Cell, values: dict[str, Float[np.ndarray, "token unit"]]) -> dict[str, Any]:
    gates = [entry.name for entry in signals.SIGNALS[cell] if entry.is_gate]
    shares = {gate: saturation_of(values[gate]) for gate in gates}
    return {gate: {"shut": _numbers(share.shut), "open": _numbers(share.open)} for gate, share in shares.items()}


def half_life(cell: Cell, values: dict[str, Float[np.ndarray, "token unit"]]) -> list[float] | None:
    """``analysis.half_life`` over all texts; a plain RNN has none. At most a million tokens: JSON has no infinity."""
    if cell not in KEEPERS:
        return None
    return _numbers(np.minimum(half_life_of(values[KEEPERS[cell]]), 1e6))


def _changes(
    memory: Float[np.ndarray, "token unit"],
    ends: Int[np.ndarray, " text"],
    backward: bool,
    first: Float[np.ndarray, " unit"] | float,
) -> Float[np.ndarray, "token unit"]:
    """By how much each token changed the memory: against the token that its direction read before, or ``first``."""
    before = np.roll(memory, -1 if backward else 1, axis=0)
    before[ends - 1 if backward else np.concatenate([[0], ends[:-1]])] = first
    return memory - before


def _words(
    changes: Float[np.ndarray, "token unit"], words: list[str], known: Bool[np.ndarray, " token"]
) -> tuple[list[list[str]], list[list[str]]]:
    """For each unit the words that raise and that lower its memory most, by their mean change."""
    changes, words = changes[known], [word for word, is_known in zip(words, known, strict=True) if is_known]
    names, indices, counts = np.unique(np.array(words, dtype=object), return_inverse=True, return_counts=True)
    means = np.zeros((len(names), changes.shape[1]))
    np.add.at(means, indices, changes)
    means /= counts[:, None]
    often = counts >= _LEAST_SEEN
    if often.any():
        names, means = names[often], means[often]

    def most(signed: Float[np.ndarray, "word unit"]) -> list[list[str]]:
        order = np.argsort(-signed, axis=0)[:WORDS]
        return [[str(names[w]) for w in order[:, unit] if signed[w, unit] > 0] for unit in range(signed.shape[1])]

    return most(means), most(-means)


def _numbers(values: Float[np.ndarray, " unit"]) -> list[float]:
    return [round(float(value), 4) for value in values]


def _finite(values: Float[np.ndarray, " unit"]) -> list[float | None]:
    """The numbers, None in place of nan, which JSON does not have."""
    return [None if np.isnan(value) else value for value in _numbers(values)]
