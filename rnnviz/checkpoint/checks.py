"""A checkpoint's folder, opened part by part, and the list of checks that ``load`` and ``doctor`` run.

    model.safetensors   the weights, float16; never a pickle
    config.json         settings, hashes, probe sentences with their logits, scores, how it was trained
    vocabulary.txt      one word a line; or, of a network that reads letters,
    vocabulary.json     an array of them
    units.json          what each unit does over the training texts (rnnviz.training.unit_summary)
    README.md           the model card

A file is read once, within a limit, and checked before anything is built from it.
"""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rnnviz import files
from rnnviz.checkpoint import shipped
from rnnviz.checkpoint.config import MOST_BYTES, CheckpointConfig, config_from, refuse
from rnnviz.checkpoint.weights import (
    OURS,
    check_finite,
    check_hash,
    check_header,
    check_line_ends,
    check_shapes,
    read_tensors,
)
from rnnviz.data.text import UNKNOWN_ID, Tokens, Vocabulary
from rnnviz.errors import CheckpointError
from rnnviz.model import RecurrentClassifier, with_weights
from rnnviz.untrusted.strict_json import json_object

WEIGHTS, CONFIG, WORDS, LETTERS, UNITS, CARD = FILES = (
    "model.safetensors", "config.json", "vocabulary.txt", "vocabulary.json", "units.json", "README.md"
)  # fmt: skip
VOCABULARIES: dict[Tokens, str] = {"words": WORDS, "letters": LETTERS}
"""The file of the vocabulary, by what the network reads."""
_MOST_BYTES = {CONFIG: MOST_BYTES, WORDS: 32_000_000, LETTERS: 32_000_000, WEIGHTS: OURS.whole, UNITS: 32_000_000}
_MOST_BYTES |= {CARD: MOST_BYTES}
_PROBE_TOLERANCE = 1e-3


class Parts:
    """The parts of a checkpoint. Its files are read at once, all from before or all from after a save that goes on.

    Each part is made of them when it is first asked for, and kept. A part that cannot be made, or rests on another that
    cannot, raises CheckpointError each time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read = files.read_consistently(folder, _contents)

    def file(self, name: str) -> bytes:
        """What one of the files holds."""
        contents = self._read[name]
        if isinstance(contents, CheckpointError):
            raise contents
        return contents

    @cached_property
    def config(self) -> CheckpointConfig:
        """The settings."""
        return config_from(self.folder / CONFIG, self.file(CONFIG))

    @property
    def vocabulary_path(self) -> Path:
        """Where the vocabulary lies."""
        return self.folder / VOCABULARIES[self.config.tokens]

    @cached_property
    def words(self) -> bytes:
        """The vocabulary as it lies in its file."""
        return self.file(self.vocabulary_path.name)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary."""
        data = self.words
        try:
            return Vocabulary.from_bytes(data, self.config.tokens)
        except ValueError as error:
            check_line_ends(self.vocabulary_path, data, self.config.vocabulary_sha256)
            refuse(self.vocabulary_path, str(error))

    @cached_property
    def numbers(self) -> bytes:
        """The weights as they lie in their file, whose header has been checked."""
        data = self.file(WEIGHTS)
        check_header(self.folder / WEIGHTS, data)
        return data

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        """The weights by name."""
        return read_tensors(self.folder / WEIGHTS, self.numbers)

    @cached_property
    def fitting(self) -> dict[str, Tensor]:
        """The weights, if they are those of the settings' network."""
        check_shapes(self.folder / WEIGHTS, self.weights, self.config.model)
        return self.weights

    @cached_property
    def finite(self) -> dict[str, Tensor]:
        """The weights, if all their numbers are finite."""
        check_finite(self.folder / WEIGHTS, self.weights)
        return self.weights

    @cached_property
    def units(self) -> dict[str, Any]:
        """What each unit does; empty if there is no such file."""
        if not self.described:
            return {}
        data = self.file(UNITS)
        try:
            return json_object(data)
        except ValueError as error:
            refuse(self.folder / UNITS, str(error))

    @property
    def described(self) -> bool:
        """Whether there is such a file."""
        contents = self._read[UNITS]
        return not (isinstance(contents, CheckpointError) and contents.key == "checkpoint_missing")

    @cached_property
    def model(self) -> RecurrentClassifier:
        """The network, in evaluation mode; built only if the weights fit it, so that no file asks for a huge one."""
        weights, _ = self.fitting, self.finite  # before anything is allocated for the settings
        return with_weights(self.config.model, weights)


def _contents(folder: Path) -> dict[str, bytes | CheckpointError]:
    """What each of the files holds, or why it cannot be read. Where anything is missing, that ends it early."""
    return {name: _content(folder / name, most) for name, most in _MOST_BYTES.items()}


def _content(path: Path, most: int) -> bytes | CheckpointError:
    try:
        return files.read_once(path, most)
    except CheckpointError as error:
        return error


def _listed_hashes(parts: Parts) -> None:
    """Each file is the one that SHA256SUMS beside the folder lists, as for the networks that come with rnnviz."""
    for name, expected in shipped.sums_of(parts.folder).items():
        if name not in FILES:
            continue  # somebody's list of more than a checkpoint
        path = parts.folder / name
        data = parts.file(name)
        actual = files.sha256(data)
        if actual != expected:
            check_line_ends(path, data, expected)
            raise CheckpointError("checkpoint_sums", path=path, wanted=expected[:12], found=actual[:12])


def _vocabulary_size(parts: Parts) -> None:
    actual, expected = len(parts.vocabulary), parts.config.model.vocabulary_size
    if actual != expected:
        raise CheckpointError("checkpoint_vocabulary", path=parts.vocabulary_path, found=actual, wanted=expected)


def _words_hash(parts: Parts) -> None:
    check_hash(parts.vocabulary_path, parts.words, parts.config.vocabulary_sha256)


def _weights_hash(parts: Parts) -> None:
    check_hash(parts.folder / WEIGHTS, parts.numbers, parts.config.weights_sha256)


def _probes(parts: Parts) -> None:
    _vocabulary_size(parts)  # or an id could lie beyond the embedding
    for probe in parts.config.probes:
        actual = logits(parts.model, parts.vocabulary, probe.text)
        if len(probe.logits) != len(actual):
            path = parts.folder / CONFIG
            refuse(path, f"a test sentence has {len(probe.logits)} logits for {len(actual)} classes")
        for expected, value in zip(probe.logits, actual, strict=True):
            if not abs(expected - value) <= _PROBE_TOLERANCE * max(1.0, abs(expected)):  # also where it is NaN
                raise CheckpointError("checkpoint_probe", expected=expected, found=value)


CHECKS: dict[str, Callable[[Parts], object]] = {
    "hashes in SHA256SUMS": _listed_hashes,
    "settings": lambda parts: parts.config,
    "vocabulary": lambda parts: parts.vocabulary,
    "one word for each row of the embedding": _vocabulary_size,
    "hash of the vocabulary": _words_hash,
    "weights": lambda parts: parts.numbers,
    "hash of the weights": _weights_hash,
    "shapes of the weights": lambda parts: parts.fitting,
    "finite weights": lambda parts: parts.finite,
    "summary of the units": lambda parts: parts.units,
    "test sentences": _probes,
}
"""What a checkpoint has to pass, in this order. A check that is not passed raises one CheckpointError, which names
all that it found; one that rests on another repeats what that one raised."""


def ids(vocabulary: Vocabulary, text: str) -> list[int]:
    """The ids that a network reads for a text. A text without any token is read as one unknown word."""
    return vocabulary.ids(vocabulary.tokenise(text)) or [UNKNOWN_ID]


@torch.no_grad()
def logits(model: RecurrentClassifier, vocabulary: Vocabulary, text: str) -> tuple[float, ...]:
    """The logits that a network gives a text, one a class."""
    read = ids(vocabulary, text)
    return tuple(model(torch.tensor([read]), torch.tensor([len(read)]))[0].tolist())
