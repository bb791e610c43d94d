"""How far back the answers of an RNN, a GRU and an LSTM of equal size reach over one text, for the page.

Left out: the gradient itself (``rnnviz.experiments.gradients``).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import get_args

from rnnviz.checkpoint.checks import CONFIG
from rnnviz.checkpoint.config import CheckpointConfig, read_config
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import CheckpointError
from rnnviz.experiments.gradients import saliency
from rnnviz.files import name_of
from rnnviz.page.payload import WINDOW
from rnnviz.page.replies import FamiliesEmpty, Reach
from rnnviz.reading import read
from rnnviz.signals import Cell

CELLS: tuple[Cell, ...] = get_args(Cell)
SCORED_BY: Cell = "lstm"
"""Whose answer is the class whose score is asked about, in all three networks."""

Families = Mapping[str, Mapping[Cell, str]]


def families(folders: Iterable[Path]) -> dict[str, dict[Cell, str]]:
    """The families among some checkpoints: name of a family to its cells, each with the name of its checkpoint.

    The family that knows most words comes first.

    A family has an RNN, a GRU and an LSTM that differ in nothing but the cell: one layer that reads forward, the last
    state classified, as many units, the same classes and kind of tokens; ``<family>-<cell>`` is the name of each. A
    folder that holds no checkpoint is in no family.
    """
    configs: dict[str, dict[Cell, CheckpointConfig]] = defaultdict(dict)
    for folder in folders:
        family, _, cell = name_of(folder).rpartition("-")
        with suppress(CheckpointError):
            config = read_config(folder / CONFIG)
            if family and cell == config.model.cell:
                configs[family][config.model.cell] = config
    return {
        family: {cell: f"{family}-{cell}" for cell in CELLS}
        for family, members in sorted(configs.items(), key=_by_words_known)
        if set(members) == set(CELLS) and len({_likeness(config) for config in members.values()}) == 1
    }


def _by_words_known(family: tuple[str, Mapping[Cell, CheckpointConfig]]) -> tuple[int, str]:
    """Whoever knows most words can make most of what a visitor types; then by name."""
    name, members = family
    return -max(config.model.vocabulary_size for config in members.values()), name


def _likeness(config: CheckpointConfig) -> tuple[object, ...]:
    """What the members of a family share. A network with more layers, or another way to read, is like no other."""
    model = config.model
    plain = model.layers == 1 and not model.bidirectional and model.pooling == "last" and not model.learned_start
    classes = tuple(entry.name for entry in config.data.classes)
    return (plain or config.name, model.hidden_size, classes, config.tokens, config.task)


def how_far_back(opened: Callable[[str], Checkpoint], there: Families, family: str, text: str) -> Reach | FamiliesEmpty:
    """How the score of one class answers to a small change of each word, in each network of a family.

    Args:
        opened: Opens the checkpoint of a name.
        there: What ``families`` found.
        family: One of them.
        text: What is read, of which the first window counts.

    Returns:
        For JSON: ``families``, the names of all; ``tokens``; ``total``, the words of the whole text; ``unknown``, how
        many of the tokens the family does not know; ``labels``; ``scored``, the index of the class whose logit is the
        score; ``units``; ``networks``, one dictionary a cell: ``cell``, ``model``, ``norms`` (‖∂ score / ∂ x‖ for each
        token, 0 or more), ``answer`` (the probability of each class) and ``winner`` (the likeliest of them, found
        before anything is rounded). Where the text has no words there are only ``families`` and ``empty``.
    """
    members = {cell: opened(name) for cell, name in there[family].items()}
    vocabulary = members[SCORED_BY].vocabulary  # all of a family split a text alike
    tokens = vocabulary.tokenise(text)
    if not tokens:
        return {"families": list(there), "empty": True}
    text = vocabulary.joined(tokens[:WINDOW])
    traces = {cell: read(checkpoint, text) for cell, checkpoint in members.items()}
    label = traces[SCORED_BY].label
    return {
        "families": list(there),
        "family": family,
        "tokens": list(traces[SCORED_BY].tokens),
        "total": len(tokens),
        "unknown": int(traces[SCORED_BY].unknown.sum()),
        "labels": list(traces[SCORED_BY].labels),
        "scored": traces[SCORED_BY].labels.index(label),
        "units": traces[SCORED_BY].units,
        "networks": [
            {
                "cell": cell,
                "model": there[family][cell],
                "norms": [float(f"{norm:.4g}") for norm in saliency(checkpoint, text, label).norms],
                "answer": traces[cell].verdicts[-1].astype(float).round(4).tolist(),
                "winner": traces[cell].labels.index(traces[cell].label),
            }
            for cell, checkpoint in members.items()
        ],
    }
