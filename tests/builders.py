"""Small things that many tests need, as plain functions: checkpoints of every architecture, traces, data sets.

All of them are made in memory from a seed, in a few milliseconds; nothing is trained and nothing is read from disk.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import torch

from rnnviz.checkpoint.config import CheckpointConfig
from rnnviz.checkpoint.folder import Checkpoint, rounded
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import ClassName, DataFormat
from rnnviz.data.text import Vocabulary
from rnnviz.model import ModelConfig, RecurrentClassifier
from rnnviz.model_config import Task, Tokens
from rnnviz.reading import read
from rnnviz.trace import Trace

torch.set_num_threads(1)  # tests run side by side, and networks this small gain nothing from more

SENTENCE = "the film was not bad at all"
WORDS = ("the", "film", "was", "not", "bad", "good", "at", "all", "a", "story", "and", "it", "'", "s", ",", ".")
LABELS = ("negative", "positive")
CELLS = ("rnn", "gru", "lstm")
HEADS: tuple[dict[str, Any], ...] = (
    {},
    {"squash": "relu"},
    {"squash": "tanh", "inner_size": 3, "inner_squash": "relu"},
    {"inner_size": 7, "inner_squash": "tanh"},
)
POOLINGS = ("last", "last-layers", "output-last", "mean", "sum", "max", "max+mean")


def checkpoint(
    cell: str = "lstm",
    layers: int = 1,
    bidirectional: bool = False,
    pooling: str = "last",
    *,
    labels: Sequence[str] = LABELS,
    words: Sequence[str] = WORDS,
    name: str = "tiny",
    units: dict[str, Any] | None = None,
    seed: int = 0,
    tokens: Tokens = "words",
    task: Task = "classify",
    **settings: Any,
) -> Checkpoint:
    """A random network of 6 units that has never been trained; ``settings`` are further fields of ModelConfig.

    Its weights are rounded to float16, so that saving and loading changes nothing, and large enough for the gates to
    move.
    """
    defaults = {"embedding_size": 5, "hidden_size": 6}
    model = model_of(
        ModelConfig(
            cell=cell,
            layers=layers,
            bidirectional=bidirectional,
            pooling=pooling,
            vocabulary_size=len(words) + 2,
            classes=len(words) + 2 if task == "next" else len(labels),
            **defaults | settings,
        ),
        seed,
    )
    config = CheckpointConfig(
        format=2 if tokens == "letters" else 1,
        name=name,
        title=f"A tiny {cell}",
        tokens=tokens,
        task=task,
        model=model.config,
        data=data_format(() if task == "next" else labels),
    )
    return Checkpoint(rounded(model), Vocabulary(words, tokens), config, units or {})


LETTERS = "\n !',.ABCDEFIMORSTabcdefghijklmnopqrstuvwxyzéक"


def writer(cell: str = "lstm", layers: int = 1, *, units: int = 8, name: str = "writer") -> Checkpoint:
    """A random network that tells the next of ``LETTERS``, some of them clearly."""
    found = checkpoint(cell, layers, words=tuple(LETTERS), name=name, tokens="letters", task="next", hidden_size=units)
    torch.nn.init.normal_(found.model.fc.weight, std=1.5, generator=torch.Generator().manual_seed(0))
    return replace(found, model=rounded(found.model))


def model_of(config: ModelConfig, seed: int = 0) -> RecurrentClassifier:
    """A network with random weights, in evaluation mode. The global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = RecurrentClassifier(config)
        others = [part for name in ("start", "inner") if (part := getattr(model, name, None)) is not None]
        for parameter in chain(model.rnn.parameters(), *(part.parameters() for part in others)):
            torch.nn.init.normal_(parameter, std=0.6)
    return model.eval()


def trace(
    text: str = SENTENCE, *, tokens: Sequence[str] | None = None, pad_to: int | None = None, **settings: Any
) -> Trace:
    """What ``checkpoint(**settings)`` does on a text; ``tokens`` (as many) rename what it read, hostile ones too."""
    found = read(checkpoint(**settings), text, pad_to=pad_to)
    return found if tokens is None else replace(found, tokens=tuple(tokens))


def data_format(labels: Sequence[str] = LABELS) -> DataFormat:
    """Columns "text" and "label"; the values in the file are 0, 1, …"""
    return DataFormat(classes=tuple(ClassName(value=str(place), name=name) for place, name in enumerate(labels)))


def dataset(texts: Sequence[str], labels: Sequence[int], classes: Sequence[str] = LABELS) -> Dataset:
    """A data set in memory."""
    return Dataset("tiny", tuple(texts), np.array(labels, dtype=np.int64), tuple(classes), data_format(classes))


def separable(texts: int = 60, seed: int = 0) -> Dataset:
    """Texts of 2 to 6 tokens that one word decides: those with "good" are positive, those with "bad" negative."""
    random = np.random.default_rng(seed)
    rows, labels = [], []
    for place in range(texts):
        words = random.choice(["the", "film", "was", "at", "all"], size=random.integers(1, 6)).tolist()
        words.insert(int(random.integers(len(words) + 1)), ("bad", "good")[place % 2])
        rows.append(" ".join(words))
        labels.append(place % 2)
    return dataset(rows, labels)
