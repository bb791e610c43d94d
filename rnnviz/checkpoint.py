"""Checkpoint: a trained classifier in a folder, which proves itself when it is loaded.

    model.safetensors   the weights, float16; never a pickle
    config.json         settings, hashes, probe sentences with their logits, scores, how it was trained
    vocabulary.txt      one word a line
    units.json          what each unit does over the training texts (rnnviz.units)
    README.md           the model card

A file is read once, within a limit, and checked before anything is built from it. Left out: foreign weights.
"""

import copy
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from rnnviz import files
from rnnviz.card import model_card
from rnnviz.cells import Weights, weights_of
from rnnviz.config import CheckpointConfig, Probe, json_object, read_config, refuse
from rnnviz.errors import CheckpointError
from rnnviz.model import ModelConfig, RecurrentClassifier
from rnnviz.signals import DIRECTIONS
from rnnviz.text import UNKNOWN_ID, Vocabulary, tokenise
from rnnviz.trace import place
from rnnviz.weights import check_hash, not_finite, read_weights

WEIGHTS, CONFIG, VOCABULARY, UNITS, CARD = (
    "model.safetensors", "config.json", "vocabulary.txt", "units.json", "README.md"
)  # fmt: skip
_MOST_BYTES = 32_000_000
_PROBE_TOLERANCE = 1e-3
_PROBES = ("the movie was good", "not good at all , and far too long .", "oil prices rise as markets fall")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A classifier with all that is needed to read a text with it.

    Attributes:
        model: The network, in evaluation mode, float32.
        vocabulary: Its words.
        config: Its settings and history.
        units: What ``rnnviz.units.describe`` found; empty if nobody asked.
    """

    model: RecurrentClassifier
    vocabulary: Vocabulary
    config: CheckpointConfig
    units: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the logits."""
        return tuple(entry.name for entry in self.config.data.classes)

    @property
    def scores(self) -> dict[str, dict[str, Any]]:
        """What ``evaluate`` measured, by name of the set."""
        return self.config.scores

    def cell(self, layer: int = -1, direction: str = "forward") -> Weights:
        """The matrices W and U and the biases of one recurrent cell, gates stacked as in PyTorch.

        Raises:
            SelectionError: There is no such layer or direction.
        """
        model = self.config.model
        layer, way = place(layer, direction, model.layers, DIRECTIONS[: model.directions])
        return weights_of(self.model.rnn, layer, way == 1)

    def ids(self, text: str) -> list[int]:
        """The ids that the network reads for a text. A text without any token is read as one unknown word."""
        return self.vocabulary.ids(tokenise(text)) or [UNKNOWN_ID]

    def with_scores(self, **scores: dict[str, Any]) -> "Checkpoint":
        """The same checkpoint with more scores on its card."""
        config = self.config.model_copy(update={"scores": {**self.config.scores, **scores}})
        return replace(self, config=config)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the folder: all of it, or, if anything fails, none.

        Raises:
            CheckpointError: The place holds something else, or the weights are not finite in float16.
        """
        folder = Path(folder)
        if not is_free(folder):
            raise CheckpointError("checkpoint_busy", path=folder)
        stored = replace(self, model=rounded(self.model))
        tensors = stored.model.state_dict()
        for name, count, total in not_finite(tensors):
            raise CheckpointError("checkpoint_unsaved", path=folder, name=name, count=count, total=total)
        weights = safetensors.torch.save({name: value.half() for name, value in tensors.items()})
        vocabulary = self.vocabulary.to_text().encode()
        config = self.config.model_copy(
            update={
                "weights_sha256": files.sha256(weights),
                "vocabulary_sha256": files.sha256(vocabulary),
                "probes": tuple(Probe(text=text, logits=_logits(stored, text)) for text in _PROBES),
            }
        )
        with files.replacing_folder(folder) as staging:
            files.atomic_write(staging / WEIGHTS, weights)
            files.atomic_write(staging / VOCABULARY, vocabulary)
            if self.units:
                files.atomic_write(staging / UNITS, json.dumps(self.units, separators=(",", ":")).encode())
            files.atomic_write(staging / CARD, model_card(config.model_dump(mode="json")).encode())
            files.atomic_write(staging / CONFIG, (config.model_dump_json(indent=1) + "\n").encode())

    def __repr__(self) -> str:
        model = self.config.model
        return f"Checkpoint({self.config.name}: {model.cell}, {model.hidden_size} units, {', '.join(self.labels)})"


def is_free(folder: Path) -> bool:
    """Whether a checkpoint may be written there: nothing can be lost but an older checkpoint."""
    if not folder.is_dir():
        return not folder.exists()
    names = {entry.name for entry in folder.iterdir()}
    try:
        return not names or (names <= {WEIGHTS, CONFIG, VOCABULARY, UNITS, CARD} and bool(read_config(folder / CONFIG)))
    except CheckpointError:
        return False


def rounded(model: RecurrentClassifier) -> RecurrentClassifier:
    """A copy of a network in evaluation mode on the CPU, its weights rounded to the float16 that is stored."""
    return copy.deepcopy(model).cpu().half().float().eval()


def load(folder: str | Path) -> Checkpoint:
    """Open a checkpoint, and check that it is what it says: hashes, shapes, finite weights, its own test sentences.

    Raises:
        CheckpointError: It is missing, damaged, or its parts do not belong together. Nothing half loaded is returned.
    """
    folder = files.recovered(Path(folder))
    config = read_config(folder / CONFIG)
    vocabulary = _vocabulary(folder / VOCABULARY, config)
    weights = read_weights(folder / WEIGHTS, config)
    units = _units(folder / UNITS) if (folder / UNITS).is_file() else {}
    checkpoint = Checkpoint(_built(config.model, weights), vocabulary, config, units)
    _prove(folder / CONFIG, checkpoint)
    return checkpoint


def _built(config: ModelConfig, weights: dict[str, Tensor]) -> RecurrentClassifier:
    with torch.random.fork_rng(devices=[]):  # numbers are drawn for the weights that are about to be replaced
        model = RecurrentClassifier(config)
    model.load_state_dict(weights)
    return model.eval()


def _units(path: Path) -> dict[str, Any]:
    data = files.read_once(path, _MOST_BYTES)
    try:
        return json_object(data)
    except ValueError as error:
        refuse(path, str(error))


def _vocabulary(path: Path, config: CheckpointConfig) -> Vocabulary:
    data = files.read_once(path, _MOST_BYTES)
    try:
        vocabulary = Vocabulary.from_text(data.decode())
    except ValueError as error:
        refuse(path, str(error))
    if len(vocabulary) != config.model.vocabulary_size:
        wanted = config.model.vocabulary_size
        raise CheckpointError("checkpoint_vocabulary", path=path, found=len(vocabulary), wanted=wanted)
    check_hash(path, data, config.vocabulary_sha256)
    return vocabulary


def _prove(path: Path, checkpoint: Checkpoint) -> None:
    for probe in checkpoint.config.probes:
        logits = _logits(checkpoint, probe.text)
        if len(probe.logits) != len(logits):
            refuse(path, f"a test sentence has {len(probe.logits)} logits for {len(logits)} classes")
        for expected, found in zip(probe.logits, logits, strict=True):
            if not abs(expected - found) <= _PROBE_TOLERANCE * max(1.0, abs(expected)):  # also where it is NaN
                raise CheckpointError("checkpoint_probe", expected=expected, found=found)


@torch.no_grad()
def _logits(checkpoint: Checkpoint, text: str) -> tuple[float, ...]:
    ids = checkpoint.ids(text)
    return tuple(checkpoint.model(torch.tensor([ids]), torch.tensor([len(ids)]))[0].tolist())
