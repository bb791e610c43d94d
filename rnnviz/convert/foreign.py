"""Weights that somebody else saved, read as if a stranger had written them: tensors by name, and nothing else.

Left out: what kind of file it is (``rnnviz.convert.kinds``), what the tensors are (``rnnviz.convert.convert``).
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from rnnviz import files
from rnnviz.checkpoint.weights import OURS, Limits, check_finite, check_header, read_tensors, shown
from rnnviz.convert import unpickle
from rnnviz.convert.kinds import Strange, kind_of
from rnnviz.errors import CheckpointError
from rnnviz.model_config import Directions, Pooling, Squash
from rnnviz.untrusted import child
from rnnviz.untrusted.strict_json import json_object

_KINDS = OURS.kinds | {"F64", "BF16", "I8", "I16", "I32", "I64", "U8", "BOOL"}
_LIMITS = Limits(whole=1_000_000_000, header=1_000_000, tensors=1_000, kinds=_KINDS)
_ROOM = 256_000_000
_COPIES = 8  # of the file, that are in memory while PyTorch reads it and safetensors writes it: up to seven
_SECONDS = 120.0
_ADVICE = "Pass what torch.save(model.state_dict(), 'weights.pt') wrote, or a .safetensors file"


class Facts(BaseModel):
    """What a file says of its network beside the tensors; None where it does not say.

    Attributes:
        directions, squash, between: As in ``rnnviz.convert.converted``.
        pooling, nonlinearity: As in ``rnnviz.model_config.ModelConfig``.
        labels: Names of the classes, in order.
        left_out: What in the file is no tensor and was left out.
        others: Under which keys there are further networks.
        notes: What was mapped or has to be known, one sentence each.
        whole: Whether the file says all that lies between its layers, as a program or a graph does.
    """

    model_config = ConfigDict(extra="forbid")

    pooling: Pooling | None = None
    nonlinearity: Literal["tanh", "relu"] | None = None
    directions: Directions | None = None
    squash: Squash | None = None
    between: Squash | None = None
    labels: tuple[str, ...] = Field(default=(), max_length=100)
    left_out: tuple[str, ...] = Field(default=(), max_length=20)
    others: tuple[str, ...] = Field(default=(), max_length=20)
    notes: tuple[str, ...] = Field(default=(), max_length=20)
    whole: bool = False


class Foreign:
    """A file of weights, opened.

    Attributes:
        tensors: By name, of any type of number, all of them finite.
        facts: What else the file says.
        words: One for each row of the embedding, if the file has them; else none.
    """

    def __init__(self, tensors: dict[str, Tensor], facts: Facts | None = None, words: list[str] | None = None) -> None:
        self.tensors = tensors
        self.facts = facts or Facts()
        self.words = words or []
        self.notes = list(self.facts.notes)
        if self.facts.left_out:
            self.notes.append(f"Left out, since it is no tensor: {', '.join(map(shown, self.facts.left_out))}.")
        if self.facts.others:
            others = ", ".join(map(shown, self.facts.others))
            self.notes.append(
                f"The file holds further networks, under {others}. Say with --key if one of them is meant."
            )

    def words_for(self, given: Sequence[str | None] | None) -> Sequence[str | None]:
        """The words that were given, as many as the embedding has rows if they came with gaps, or else the file's."""
        if given is None and not self.words:
            raise CheckpointError("convert_words", problem="there is none, and the file of weights has none")
        if given is None:
            self.notes.append(f"The {len(self.words):,} words are the file's own.")
            return self.words
        return given

    def refuse_what_it_says(self, **options: str | None) -> None:
        """Refuse options that say of a network what its file says, by the names that they have in Python."""
        given = next((name for name, value in options.items() if value is not None), None)
        if self.facts.whole and given:
            problem = f"--{given} has no effect, since the file itself says what its network does. Leave --{given} out"
            raise CheckpointError("convert_names", problem=problem)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes in the file."""
        if self.facts.labels:
            self.notes.append(f"The labels are the file's own: {', '.join(map(shown, self.facts.labels))}.")
        return self.facts.labels


def read_foreign(path: str | Path, key: str = "") -> dict[str, Tensor]:
    """Read the tensors of a file, as ``open_foreign`` does.

    Example:
        >>> from rnnviz.foreign import read_foreign
        >>> torch.save({"net": torch.nn.Linear(2, 1).state_dict(), "epoch": 3}, "best.pth.tar")
        >>> sorted(read_foreign("best.pth.tar"))
        ['bias', 'weight']
    """
    return open_foreign(path, key).tensors


def open_foreign(path: str | Path, key: str = "", gates: str = "", update_gate: str = "keeps") -> Foreign:
    """Open a file of weights, whatever its name: its content tells what it is.

    It may be a ``.safetensors`` file; what ``torch.save`` wrote: a ``state_dict``, or a record of a training with one
    in it; a Keras model (.keras, .h5); an ONNX model; or arrays of ``numpy.savez``. Keras and ONNX need the packages
    that ``rnnviz[convert]`` installs. Every kind but the first is opened in a process of its own, which unpickles
    nothing but tensors, has two minutes, and (on Linux) a memory in proportion to the file.

    Args:
        path: A file of at most 1 GB.
        key: Where a record holds several networks, the key of the one that is meant, such as "ema".
        gates: Of arrays of ``numpy.savez``, the order of the gates, such as "iofc"; PyTorch's, or Keras's where the
            arrays have its names, if empty.
        update_gate: Of arrays with ``gates``, whether the update gate of a GRU is the share that is kept ("keeps"), as
            in PyTorch, or the share of the new ("renews").

    Raises:
        CheckpointError: There is no such file, or it is something else, damaged, or made to harm.

    Example:
        >>> from rnnviz.convert.foreign import open_foreign
        >>> torch.save({"model": torch.nn.Linear(2, 3).state_dict(), "classes": ["a", "b", "c"]}, "run.ckpt")
        >>> open_foreign("run.ckpt").facts.labels
        ('a', 'b', 'c')
    """
    path = Path(path)
    if path.is_dir():
        raise _refusal(path, *_folder(path))
    if not path.is_file():
        raise _refusal(path, "there is no such file")
    data = files.read_once(path, _LIMITS.whole)
    kind = kind_of(data)
    if isinstance(kind, Strange):
        raise _refusal(path, kind.problem, kind.advice)
    if key and kind != "torch":
        raise _refusal(path, "--key is for what torch.save wrote, and this is none", "Leave --key out")
    if gates and kind != "npz":
        raise _refusal(path, "--gates is for arrays of numpy.savez, and this is none", "Leave --gates out")
    if update_gate == "renews" and not gates:
        raise _refusal(
            path,
            "--update-gate has no effect without --gates",
            "Leave --update-gate out or, for arrays of numpy.savez, say the order of their gates, such as --gates rzn",
        )
    if kind != "safetensors":
        data = _opened_elsewhere(path, _COPIES * len(data) + _ROOM, (kind, key, gates, update_gate))
    check_header(path, data, _LIMITS)
    tensors = read_tensors(path, data)
    words = tensors.pop(unpickle.WORDS, torch.zeros(0, dtype=torch.uint8)) if kind != "safetensors" else None
    check_finite(path, tensors)
    if words is None:
        return Foreign(tensors)
    lines = bytes(words.tolist()).decode("utf-8", "replace").split("\n") if words.numel() else []
    return Foreign(tensors, _facts(path, data), lines)


def _facts(path: Path, data: bytes) -> Facts:
    """What the process that opened the file wrote into the header; it is trusted as little as the file."""
    header = json_object(data[8 : 8 + int.from_bytes(data[:8], "little")])
    about: Any = header.get("__metadata__", {})
    try:
        return Facts.model_validate_json(about.get("rnnviz", "{}"))
    except (ValidationError, AttributeError, TypeError):
        raise _refusal(path, "opening it gave something else than weights, so it was left closed") from None


def _folder(path: Path) -> tuple[str, str]:
    if (path / "saved_model.pb").exists():
        return "it is a SavedModel of TensorFlow", "Save the Keras model as .keras or .h5 and pass that file"
    return "it is a folder", "Pass the file of weights that is in it"


def _opened_elsewhere(path: Path, limit_bytes: int, how: Sequence[str]) -> bytes:
    """The file's tensors in the safetensors format, from a process that is trusted as little as the file."""
    try:
        done = child.run(unpickle.__file__, [path.absolute(), limit_bytes, *how], _SECONDS)
    except subprocess.TimeoutExpired:
        raise _refusal(path, f"it was not open after {_SECONDS:g} seconds") from None
    if done.returncode == child.REFUSED:
        raise _refusal(path, *done.stderr.decode("ascii", "replace")[:1_000].split("\n")[:2])
    if done.returncode:
        raise _refusal(path, f"opening it broke off (exit status {done.returncode}), so it was left closed")
    return done.stdout


def _refusal(path: Path, problem: str, advice: str = _ADVICE) -> CheckpointError:
    return CheckpointError("convert_file", path=path, problem=problem, advice=advice)
