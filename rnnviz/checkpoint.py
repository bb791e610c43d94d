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
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NoReturn

import safetensors
import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError
from torch import Tensor

from rnnviz import files
from rnnviz.card import model_card
from rnnviz.errors import CheckpointError
from rnnviz.formats import DataFormat
from rnnviz.instrument import Weights, weights_of
from rnnviz.model import ModelConfig, RecurrentClassifier, shapes
from rnnviz.signals import DIRECTIONS
from rnnviz.text import UNKNOWN_ID, Vocabulary, tokenise
from rnnviz.trace import place

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

    text: str = Field(max_length=1_000)
    logits: tuple[FiniteFloat, ...]


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
    probes: tuple[Probe, ...] = Field(default=(), max_length=16)
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
        if not _is_free(folder):
            raise CheckpointError("checkpoint_busy", path=folder)
        stored = replace(self, model=rounded(self.model))
        tensors = stored.model.state_dict()
        for name, count, total in _not_finite(tensors):
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


def _is_free(folder: Path) -> bool:
    """Whether a checkpoint may be written there: nothing can be lost but an older checkpoint."""
    if not folder.is_dir():
        return not folder.exists()
    names = {entry.name for entry in folder.iterdir()}
    try:
        return not names or (names <= {*_MOST_BYTES, CARD} and bool(_config(folder / CONFIG)))
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
    config = _config(folder / CONFIG)
    vocabulary = _vocabulary(folder / VOCABULARY, config)
    weights = _weights(folder / WEIGHTS, config)
    units = _units(folder / UNITS) if (folder / UNITS).is_file() else {}
    checkpoint = Checkpoint(_built(config.model, weights), vocabulary, config, units)
    _prove(folder / CONFIG, checkpoint)
    return checkpoint


def _built(config: ModelConfig, weights: dict[str, Tensor]) -> RecurrentClassifier:
    with torch.random.fork_rng(devices=[]):  # numbers are drawn for the weights that are about to be replaced
        model = RecurrentClassifier(config)
    model.load_state_dict(weights)
    return model.eval()


def _config(path: Path) -> CheckpointConfig:
    data = files.read_once(path, _MOST_BYTES[CONFIG])
    try:
        _object(data)
        config = CheckpointConfig.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])[:100] or "the file"
        _refuse(path, f"{where}: {first['msg']}")
    except ValueError as error:
        _refuse(path, str(error))
    if len(config.data.classes) != config.model.classes:
        _refuse(path, f"{len(config.data.classes)} class names for {config.model.classes} outputs")
    if not (config.weights_sha256 and config.vocabulary_sha256 and config.probes):
        _refuse(path, "the hashes or the test sentences are missing")
    return config


def _refuse(path: Path, problem: str) -> NoReturn:
    raise CheckpointError("checkpoint_config", path=path, problem=problem) from None


def _object(data: bytes) -> dict[str, Any]:
    """A JSON object that names no key twice and holds finite numbers; ValueError says what is wrong with another."""
    try:
        found = json.loads(data, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    return found


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it names a key twice")
    return found


def _no_constants(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _units(path: Path) -> dict[str, Any]:
    data = files.read_once(path, _MOST_BYTES[UNITS])
    try:
        return _object(data)
    except ValueError as error:
        _refuse(path, str(error))


def _vocabulary(path: Path, config: CheckpointConfig) -> Vocabulary:
    data = files.read_once(path, _MOST_BYTES[VOCABULARY])
    try:
        vocabulary = Vocabulary.from_text(data.decode())
    except ValueError as error:
        _refuse(path, str(error))
    if len(vocabulary) != config.model.vocabulary_size:
        wanted = config.model.vocabulary_size
        raise CheckpointError("checkpoint_vocabulary", path=path, found=len(vocabulary), wanted=wanted)
    _check_hash(path, data, config.vocabulary_sha256)
    return vocabulary


def _check_hash(path: Path, data: bytes, wanted: str) -> None:
    found = files.sha256(data)
    if found != wanted:
        raise CheckpointError(
            "checkpoint_damaged",
            path=path,
            wanted=f"SHA-256 {wanted[:12]}…",
            found=f"{found[:12]}… in {len(data):,} bytes",
        )


def _weights(path: Path, config: CheckpointConfig) -> dict[str, Tensor]:
    """The tensors of a file that is whole, harmless, and fits the settings."""
    data = files.read_once(path, _MOST_BYTES[WEIGHTS])
    _check_header(path, data)
    _check_hash(path, data, config.weights_sha256)
    try:
        weights = safetensors.torch.load(data)
    except safetensors.SafetensorError as error:
        raise CheckpointError("checkpoint_header", path=path, problem=error) from None
    _check_shapes(path, config.model, weights)
    for name, count, total in _not_finite(weights):
        raise CheckpointError("checkpoint_nonfinite", path=path, name=name, count=count, total=total)
    return weights


def _check_header(path: Path, data: bytes) -> None:
    """Refuse a hostile or damaged file by its header alone, before anything is allocated for it."""
    size = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else 0
    if size > _MOST_HEADER:
        raise CheckpointError("checkpoint_header", path=path, problem=f"{size:,} bytes; at most {_MOST_HEADER:,}")
    least = 8 + max(size, 2)
    if len(data) < least:
        raise CheckpointError(
            "checkpoint_damaged", path=path, wanted=f"at least {least:,} bytes", found=f"{len(data):,}"
        )
    try:
        whole = 8 + size + _bytes_of_tensors(_object(data[8 : 8 + size]))
    except ValueError as error:
        raise CheckpointError("checkpoint_header", path=path, problem=error) from None
    if len(data) != whole:
        raise CheckpointError("checkpoint_damaged", path=path, wanted=f"{whole:,} bytes", found=f"{len(data):,}")


def _bytes_of_tensors(header: dict[str, Any]) -> int:
    """Where the last tensor ends; ValueError if there are too many, or some that are not read."""
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    if len(tensors) > _MOST_TENSORS:
        raise ValueError(f"{len(tensors):,} tensors; at most {_MOST_TENSORS}")
    try:
        kinds = {str(entry["dtype"]) for entry in tensors}
        end = max((int(entry["data_offsets"][1]) for entry in tensors), default=0)
    except (TypeError, LookupError, OverflowError):
        raise ValueError("it is no table of tensors") from None
    if not kinds <= {"F16", "F32"}:
        raise ValueError(f"numbers of type {', '.join(sorted(kinds))}; only F16 and F32 are read")
    return end


def _check_shapes(path: Path, config: ModelConfig, weights: dict[str, Tensor]) -> None:
    wanted = shapes(config)
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


def _not_finite(weights: dict[str, Tensor]) -> list[tuple[str, int, int]]:
    """The tensors with numbers that are not finite: name, how many, of how many."""
    counts = [(name, int((~value.isfinite()).sum()), value.numel()) for name, value in weights.items()]
    return [found for found in counts if found[1]]


def _prove(path: Path, checkpoint: Checkpoint) -> None:
    for probe in checkpoint.config.probes:
        logits = _logits(checkpoint, probe.text)
        if len(probe.logits) != len(logits):
            _refuse(path, f"a test sentence has {len(probe.logits)} logits for {len(logits)} classes")
        for expected, found in zip(probe.logits, logits, strict=True):
            if not abs(expected - found) <= _PROBE_TOLERANCE * max(1.0, abs(expected)):  # also where it is NaN
                raise CheckpointError("checkpoint_probe", expected=expected, found=found)


@torch.no_grad()
def _logits(checkpoint: Checkpoint, text: str) -> tuple[float, ...]:
    ids = checkpoint.ids(text)
    return tuple(checkpoint.model(torch.tensor([ids]), torch.tensor([len(ids)]))[0].tolist())
