"""Checkpoint: a trained classifier in a folder, which proves itself when it is loaded.

    model.safetensors   the weights, float16; never a pickle
    config.json         settings, hashes, probe sentences with their logits, scores, how it was trained
    vocabulary.txt      one word a line
    units.json          what each unit does over the training texts (rnnviz.units)
    README.md           the model card

A file is read once, within a limit, and checked before anything is built from it. Left out: foreign weights.
"""

import json
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from rnnviz import files
from rnnviz.card import model_card
from rnnviz.datasets import DataFormat
from rnnviz.errors import CheckpointError
from rnnviz.instrument import Weights, weights_of
from rnnviz.model import ModelConfig, RecurrentClassifier
from rnnviz.signals import DIRECTIONS, Direction
from rnnviz.text import UNKNOWN_ID, Vocabulary, tokenise

WEIGHTS, CONFIG, VOCABULARY, UNITS, CARD = (
    "model.safetensors", "config.json", "vocabulary.txt", "units.json", "README.md"
)  # fmt: skip
_MOST_BYTES = {WEIGHTS: 256_000_000, CONFIG: 1_000_000, VOCABULARY: 32_000_000, UNITS: 32_000_000}
_MOST_HEADER, _MOST_TENSORS = 64_000, 64
_PROBE_TOLERANCE = 1e-3
_PROBES = ("the movie was good", "not good at all , and far too long .", "oil prices rise as markets fall")


class Probe(BaseModel):
    """A text with the logits that the network gave it when it was saved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(max_length=10_000)
    logits: tuple[float, ...]


class CheckpointConfig(BaseModel):
    """What config.json holds. Unknown keys, wrong types and sizes out of bounds are refused.

    Attributes:
        name, title: The folder's name and a few words for menus.
        model: The network's shape.
        data: How its data set is read.
        weights_sha256, vocabulary_sha256: Of the two files.
        probes: Sentences that it must reproduce.
        scores: What ``evaluate`` measured, by name of the set ("dev", "test").
        training: Command, seed, recipe, hash of the data, versions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    name: str = Field(max_length=200)
    title: str = Field(default="", max_length=200)
    model: ModelConfig
    data: DataFormat
    weights_sha256: str = ""
    vocabulary_sha256: str = ""
    probes: tuple[Probe, ...] = ()
    scores: dict[str, dict[str, Any]] = {}
    training: dict[str, Any] = {}


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

    def cell(self, layer: int = -1, direction: Direction = "forward") -> Weights:
        """The matrices W and U and the biases of one recurrent cell, gates stacked as in PyTorch."""
        layer = range(self.config.model.layers)[layer]
        return weights_of(self.model.rnn, layer, DIRECTIONS.index(direction) == 1)

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
            CheckpointError: The folder exists and holds something else.
        """
        folder = Path(folder)
        if folder.exists() and any(folder.iterdir()) and not (folder / CONFIG).is_file():
            raise CheckpointError("checkpoint_busy", path=folder)
        weights = safetensors.torch.save({name: value.half() for name, value in self.model.state_dict().items()})
        vocabulary = self.vocabulary.to_text().encode()
        config = self.config.model_copy(
            update={
                "weights_sha256": files.sha256(weights),
                "vocabulary_sha256": files.sha256(vocabulary),
                "probes": tuple(Probe(text=text, logits=_logits(self, text)) for text in _PROBES),
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


def rounded(model: RecurrentClassifier) -> RecurrentClassifier:
    """A copy of a network in evaluation mode on the CPU, its weights rounded to the float16 that is stored."""
    copy = RecurrentClassifier(model.config)
    copy.load_state_dict({name: value.detach().cpu().half().float() for name, value in model.state_dict().items()})
    return copy.eval()


def load(folder: str | Path) -> Checkpoint:
    """Open a checkpoint, and check that it is what it says: hashes, shapes, finite weights, its own test sentences.

    Raises:
        CheckpointError: It is missing, damaged, or its parts do not belong together. Nothing half loaded is returned.
    """
    folder = files.recovered(Path(folder))
    config = _config(folder / CONFIG)
    vocabulary = _vocabulary(folder / VOCABULARY, config)
    weights = _weights(folder / WEIGHTS, config)
    model = _built(folder / WEIGHTS, config, weights)
    units = {}
    if (folder / UNITS).is_file():
        try:
            units = json.loads(files.read_once(folder / UNITS, _MOST_BYTES[UNITS]))
        except ValueError as error:
            raise CheckpointError(
                "checkpoint_config", path=folder / UNITS, problem=f"no valid JSON ({error})"
            ) from None
    checkpoint = Checkpoint(model, vocabulary, config, units)
    _prove(checkpoint)
    return checkpoint


def _config(path: Path) -> CheckpointConfig:
    data = files.read_once(path, _MOST_BYTES[CONFIG])
    try:
        config = CheckpointConfig.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise CheckpointError("checkpoint_config", path=path, problem=f"{where}: {first['msg']}") from None
    if len(config.data.classes) != config.model.classes:
        problem = f"{len(config.data.classes)} class names for {config.model.classes} outputs"
        raise CheckpointError("checkpoint_config", path=path, problem=problem)
    return config


def _vocabulary(path: Path, config: CheckpointConfig) -> Vocabulary:
    data = files.read_once(path, _MOST_BYTES[VOCABULARY])
    try:
        vocabulary = Vocabulary.from_text(data.decode())
    except ValueError as error:
        raise CheckpointError("checkpoint_config", path=path, problem=str(error)) from None
    if len(vocabulary) != config.model.vocabulary_size:
        wanted = config.model.vocabulary_size
        raise CheckpointError("checkpoint_vocabulary", path=path, found=len(vocabulary), wanted=wanted)
    _same_hash(path, data, config.vocabulary_sha256)
    return vocabulary


def _same_hash(path: Path, data: bytes, wanted: str) -> None:
    found = files.sha256(data)
    if wanted and found != wanted:
        raise CheckpointError(
            "checkpoint_damaged",
            path=path,
            wanted=f"SHA-256 {wanted[:12]}…",
            found=f"{found[:12]}… in {len(data):,} bytes",
        )


def _weights(path: Path, config: CheckpointConfig) -> dict[str, Tensor]:
    data = files.read_once(path, _MOST_BYTES[WEIGHTS])
    _check_header(path, data)
    _same_hash(path, data, config.weights_sha256)
    return safetensors.torch.load(data)


def _check_header(path: Path, data: bytes) -> None:
    """Refuse a hostile or damaged file by its header alone, before anything is allocated for it."""
    size = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else 0
    if size > _MOST_HEADER:
        raise CheckpointError("checkpoint_header", path=path, problem=f"{size:,} bytes; at most {_MOST_HEADER:,}")
    if len(data) < 8 + max(size, 2):
        wanted = f"at least {8 + max(size, 2):,} bytes"
        raise CheckpointError("checkpoint_damaged", path=path, wanted=wanted, found=f"{len(data):,}")
    try:
        header = json.loads(data[8 : 8 + size], object_pairs_hook=_no_repeats)
        tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
        ends = [int(entry["data_offsets"][1]) for entry in tensors.values()]
        kinds = {entry["dtype"] for entry in tensors.values()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise CheckpointError("checkpoint_header", path=path, problem=str(error) or type(error).__name__) from None
    if len(tensors) > _MOST_TENSORS:
        problem = f"{len(tensors):,} tensors; at most {_MOST_TENSORS}"
        raise CheckpointError("checkpoint_header", path=path, problem=problem)
    if not kinds <= {"F16", "F32"}:
        problem = f"numbers of type {', '.join(sorted(kinds))}; only F16 and F32 are read"
        raise CheckpointError("checkpoint_header", path=path, problem=problem)
    wanted = 8 + size + max(ends, default=0)
    if len(data) != wanted:
        raise CheckpointError("checkpoint_damaged", path=path, wanted=f"{wanted:,} bytes", found=f"{len(data):,}")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it names a key twice")
    return found


def _built(path: Path, config: CheckpointConfig, weights: dict[str, Tensor]) -> RecurrentClassifier:
    with torch.device("meta"):  # shapes only: nothing is allocated until they are known to fit
        wanted = {name: tuple(value.shape) for name, value in RecurrentClassifier(config.model).state_dict().items()}
    found = {name: tuple(value.shape) for name, value in weights.items()}
    problems = [f"{name} is missing" for name in wanted.keys() - found.keys()]
    problems += [f"{name} is not expected" for name in found.keys() - wanted.keys()]
    problems += [
        f"{name} is {found[name]}, expected {wanted[name]}"
        for name in wanted.keys() & found.keys()
        if found[name] != wanted[name]
    ]
    if problems:
        raise CheckpointError("checkpoint_weights", path=path, problem="; ".join(sorted(problems)))
    for name, value in weights.items():
        if bad := int((~value.isfinite()).sum()):
            raise CheckpointError("checkpoint_nonfinite", path=path, name=name, count=bad, total=value.numel())
    model = RecurrentClassifier(config.model)
    model.load_state_dict({name: value.float() for name, value in weights.items()})
    return model.eval()


def _prove(checkpoint: Checkpoint) -> None:
    for probe in checkpoint.config.probes:
        for expected, found in zip(probe.logits, _logits(checkpoint, probe.text), strict=True):
            if not abs(expected - found) <= _PROBE_TOLERANCE * max(1.0, abs(expected)):
                raise CheckpointError("checkpoint_probe", expected=expected, found=found)


@torch.no_grad()
def _logits(checkpoint: Checkpoint, text: str) -> tuple[float, ...]:
    ids = checkpoint.ids(text)
    return tuple(checkpoint.model(torch.tensor([ids]), torch.tensor([len(ids)]))[0].tolist())
