"""Checkpoint: a trained classifier in a folder, which proves itself when it is loaded.

The files of the folder, and what they have to pass, are in ``rnnviz.checkpoint.checks``. Left out: foreign weights
(``rnnviz.convert.convert``).
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors.torch
from pydantic import ValidationError

from rnnviz import files
from rnnviz.checkpoint import hub, shipped
from rnnviz.checkpoint.card import model_card
from rnnviz.checkpoint.checks import CARD, CHECKS, CONFIG, FILES, UNITS, VOCABULARIES, WEIGHTS, Parts, ids, logits
from rnnviz.checkpoint.config import CheckpointConfig, Probe, read_config
from rnnviz.checkpoint.weights import not_finite
from rnnviz.data.formats import ClassName, DataFormat
from rnnviz.data.text import Vocabulary
from rnnviz.engine.cells import Weights
from rnnviz.engine.stack import stack_of, weights_of
from rnnviz.errors import CheckpointError
from rnnviz.files import OWN
from rnnviz.model import ModelConfig, RecurrentClassifier
from rnnviz.signals import DIRECTIONS
from rnnviz.trace import indices_of
from rnnviz.untrusted.strict_json import to_json

_IGNORED_FILES = (".DS_Store", "Thumbs.db", "desktop.ini")  # what a system leaves in every folder that was looked at
_PROBES = ("the movie was good", "not good at all , and far too long .", "oil prices rise as markets fall")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A classifier with all that is needed to read a text with it.

    Attributes:
        model: The network, in evaluation mode, float32.
        vocabulary: Its words.
        config: Its settings and history.
        units: What ``rnnviz.training.unit_summary.describe`` found; empty if nobody asked.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> lstm.labels
        ('negative', 'positive')
        >>> lstm.save_pretrained("mine")
        >>> rnnviz.load("mine")
        Checkpoint(sst2-lstm: lstm, 32 units, negative, positive)
    """

    model: RecurrentClassifier
    vocabulary: Vocabulary
    config: CheckpointConfig
    units: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_pretrained(cls, name: str | Path, revision: str | None = None) -> "Checkpoint":
        """Open a folder, a network that comes with rnnviz, or a checkpoint on the Hugging Face Hub.

        Nothing is ever unpickled.

        Args:
            name: A folder or a shipped network, which is opened as ``load`` does, without any network. Else a
                repository of the Hub, such as "somebody/reviews-lstm": of its files only a checkpoint's five are
                fetched, and kept in huggingface_hub's cache, from which they are read again where there is no network.
            revision: Branch, tag or commit on the Hub; None is its main branch.

        Raises:
            CheckpointError: There is no such folder or repository, it holds no checkpoint, or ``load`` refuses it.
        """
        if not hub.is_name(name) or files.lexists(files.recovered(Path(name))):
            return load(name)
        return load(hub.download(str(name), revision))

    def push_to_hub(self, name: str, *, private: bool | None = None) -> str:
        """Write the checkpoint to the Hugging Face Hub, all of it in one commit, or, if anything fails, nothing.

        Args:
            name: The repository, such as "somebody/reviews-lstm"; it is made if it is not there yet.
            private: Whether a new repository is private; None leaves that to the account's settings.

        Returns:
            The address of the commit.

        Raises:
            CheckpointError: Nobody is logged in, the name is none or somebody else's, or the Hub cannot be reached.
        """
        return hub.upload(name, self._contents(name), private)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the logits; of a network that tells the next token, all tokens."""
        if self.config.task == "next":
            return self.vocabulary.words
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
        layer, index = indices_of(layer, direction, model.layers, DIRECTIONS[: model.directions])
        return weights_of(stack_of(self.model.rnn), layer, index == 1)

    def ids(self, text: str) -> list[int]:
        """The ids that the network reads for a text. A text without any token is read as one unknown word."""
        return ids(self.vocabulary, text)

    def with_scores(self, **scores: dict[str, Any]) -> "Checkpoint":
        """The same checkpoint with more scores on its card."""
        config = self.config.model_copy(update={"scores": {**self.config.scores, **scores}})
        return replace(self, config=config)

    def with_findings(self, findings: Sequence[dict[str, Any]]) -> "Checkpoint":
        """The same checkpoint with what ``rnnviz.probe`` found on its card, each as ``Finding.to_dict`` gives it."""
        history = self.config.training | {"findings": list(findings)}
        return replace(self, config=self.config.model_copy(update={"training": history}))

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the folder: all of it, or, if anything fails, none.

        Raises:
            CheckpointError: The folder holds something else, or the weights are not finite in float16.
        """
        folder = Path(folder)
        if not is_free(folder):
            raise CheckpointError("checkpoint_busy", path=folder)
        contents = self._contents(folder)
        with files.replacing_folder(folder) as staging:
            for name, data in contents.items():
                files.atomic_write(staging / name, data)

    def _contents(self, destination: str | Path) -> dict[str, bytes]:
        """The bytes of each file. An error names ``destination`` if the weights cannot be stored."""
        model = rounded(self.model)
        tensors = model.state_dict()
        problem = not_finite(tensors)
        if problem:
            raise CheckpointError("checkpoint_unsaved", path=destination, found=problem)
        weights = safetensors.torch.save({name: value.half() for name, value in tensors.items()})
        vocabulary = self.vocabulary.to_bytes()
        config = self.config.model_copy(
            update={
                "weights_sha256": files.sha256(weights),
                "vocabulary_sha256": files.sha256(vocabulary),
                "probes": tuple(Probe(text=text, logits=logits(model, self.vocabulary, text)) for text in _PROBES),
            }
        )
        units = {UNITS: to_json(self.units, separators=(",", ":")).encode()} if self.units else {}
        return {
            WEIGHTS: weights,
            VOCABULARIES[self.vocabulary.tokens]: vocabulary,
            **units,
            CARD: model_card(config.model_dump(mode="json")).encode(),
            CONFIG: (config.model_dump_json(indent=1) + "\n").encode(),
        }

    def __repr__(self) -> str:
        model = self.config.model
        answers = "next" if self.config.task == "next" else ", ".join(self.labels)
        return f"Checkpoint({self.config.name}: {model.cell}, {model.hidden_size} units, {answers})"


def is_free(folder: Path) -> bool:
    """Whether a checkpoint may be written to this folder: it is empty, or holds only an older checkpoint."""
    try:
        return files.read_consistently(folder, _holds_nothing_else)
    except (CheckpointError, OSError):
        return False


def is_finished(folder: Path) -> bool:
    """Whether a checkpoint is there."""
    try:
        return bool(files.read_consistently(folder, lambda path: read_config(path / CONFIG)))
    except CheckpointError:
        return False


def is_unread(error: CheckpointError, folder: Path) -> bool:
    """Whether an objection to a folder means that it, or its config.json, is there and cannot be read at all."""
    if error.key == "checkpoint_missing":
        return files.lexists(folder / CONFIG) or (folder.is_symlink() and not folder.exists())
    return error.key in ("checkpoint_unread", "checkpoint_large")


def rehearse(folder: Path, title: str, history: dict[str, Any], labels: Sequence[str] = ()) -> None:
    """Write a checkpoint's texts beside where it is to lie, move them as a save would, and remove them.

    So nobody finds out after hours of training that nothing can be saved.

    Raises:
        CheckpointError: Something that goes into them is no text, such as a name with bytes that are no UTF-8.
        StorageError: Nothing can be written there; the message says why.
    """
    contents = _texts(folder, title, history, labels)
    with files.replacing_folder(folder, rehearsal=True) as staging:
        for name, data in contents.items():
            (staging / name).write_bytes(data)


def _texts(folder: Path, title: str, history: dict[str, Any], labels: Sequence[str]) -> dict[str, bytes]:
    """The config.json and the card of a checkpoint whose network is not there yet."""
    try:
        data = DataFormat(classes=tuple(ClassName(value=label, name=label) for label in labels))
        model = ModelConfig(vocabulary_size=2, classes=2)
        card = CheckpointConfig(name=folder.name, title=title, model=model, data=data, training=history)
        texts = {CONFIG: card.model_dump_json(indent=1), CARD: model_card(card.model_dump(mode="json"))}
        return {name: text.encode() for name, text in texts.items()}
    except ValidationError as error:
        if all(entry["type"] != "string_unicode" for entry in error.errors()):
            raise
    except ValueError:  # what cannot be encoded
        pass
    raise CheckpointError("card_text", path=folder)


def _holds_nothing_else(folder: Path) -> bool:
    if not files.exists(folder):  # nor can be; whoever writes there is told why
        return True
    if not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir() if entry.name not in _IGNORED_FILES}
    names -= {name for name in names if name.startswith(OWN)}  # a dead process's
    return not names or (names <= set(FILES) and bool(read_config(folder / CONFIG)))


def rounded(model: RecurrentClassifier) -> RecurrentClassifier:
    """A copy of a network in evaluation mode on the CPU, its weights rounded to the float16 that is stored."""
    return copy.deepcopy(model).cpu().half().float().eval()


def load(name: str | Path) -> Checkpoint:
    """Open a checkpoint, and check that it is what it says: hashes, shapes, finite weights, its own test sentences.

    Args:
        name: A folder. If there is none of that path, the name of a network that comes with rnnviz
            (``rnnviz.networks`` lists them).

    Raises:
        CheckpointError: It is missing, damaged, or its parts do not belong together. Nothing half loaded is returned.

    Example:
        >>> rnnviz.load("sst2-lstm")
        Checkpoint(sst2-lstm: lstm, 32 units, negative, positive)
    """
    parts = Parts(shipped.find(name))
    for check in CHECKS.values():
        check(parts)
    return Checkpoint(parts.model, parts.vocabulary, parts.config, parts.units)
