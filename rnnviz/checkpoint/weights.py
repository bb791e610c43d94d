"""A file of weights in the safetensors format, read as if a stranger had written it: header, shapes, finite numbers."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import safetensors
import safetensors.torch
from torch import Tensor

from rnnviz import files
from rnnviz.errors import CheckpointError
from rnnviz.model_config import ModelConfig, shapes
from rnnviz.untrusted.strict_json import json_object

_MOST_PHRASES, _LONGEST_NAME, _LONGEST_PROBLEM, _LONGEST_KIND = 64, 100, 500, 20

Shapes = Mapping[str, tuple[int, ...]]


class Limits(NamedTuple):
    """The most that is read of a file: its bytes, those of its header, tensors, and the kinds of number."""

    whole: int
    header: int
    tensors: int
    kinds: frozenset[str]


OURS = Limits(whole=256_000_000, header=64_000, tensors=64, kinds=frozenset(("F16", "F32")))


def check_hash(path: Path, data: bytes, expected: str) -> None:
    """Refuse a file whose bytes are not the ones that were saved; other line ends are named."""
    actual = files.sha256(data)
    if actual != expected:
        check_line_ends(path, data, expected)
        raise CheckpointError(
            "checkpoint_damaged",
            path=path,
            wanted=f"SHA-256 {expected[:12]}…",
            found=f"{actual[:12]}… in {len(data):,} bytes",
        )


def check_line_ends(path: Path, data: bytes, expected: str) -> None:
    """Refuse a file that is the one that was saved but for its line ends."""
    with_ours = data.replace(b"\r\n", b"\n")
    if with_ours != data and files.sha256(with_ours) == expected:
        raise CheckpointError("checkpoint_line_ends", path=path, folder=path.parent)


def check_header(path: Path, data: bytes, limits: Limits = OURS) -> None:
    """Refuse a hostile or damaged file by its header alone, before anything is allocated for it."""
    size = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else 0
    if size > limits.header:
        raise CheckpointError("checkpoint_header", path=path, problem=f"{size:,} bytes; at most {limits.header:,}")
    least = 8 + max(size, 2)
    if len(data) < least:
        raise CheckpointError(
            "checkpoint_damaged", path=path, wanted=f"at least {least:,} bytes", found=f"{len(data):,}"
        )
    try:
        whole = 8 + size + _bytes_of_tensors(json_object(data[8 : 8 + size]), limits)
    except ValueError as error:
        raise CheckpointError("checkpoint_header", path=path, problem=error) from None
    if len(data) != whole:
        raise CheckpointError("checkpoint_damaged", path=path, wanted=f"{whole:,} bytes", found=f"{len(data):,}")


def _bytes_of_tensors(header: dict[str, Any], limits: Limits) -> int:
    """Where the last tensor ends; ValueError if there are too many, or some that are not read."""
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    if len(tensors) > limits.tensors:
        raise ValueError(f"{len(tensors):,} tensors; at most {limits.tensors:,}")
    try:
        kinds = {str(entry["dtype"]) for entry in tensors}
        end = max((int(entry["data_offsets"][1]) for entry in tensors), default=0)
    except (TypeError, LookupError, OverflowError):
        raise ValueError("it is no table of tensors") from None
    if not kinds <= limits.kinds:
        strange = listed([ascii(kind)[1:-1][:_LONGEST_KIND] for kind in sorted(kinds - limits.kinds)], ", ")
        raise ValueError(f"numbers of type {strange}; only {' and '.join(sorted(limits.kinds))} are read")
    return end


def read_tensors(path: Path, data: bytes) -> dict[str, Tensor]:
    """The tensors of a file whose header has been checked.

    Raises:
        CheckpointError: The header is no honest one: tensors overlap, say, or leave holes.
    """
    try:
        return safetensors.torch.load(data)
    except (safetensors.SafetensorError, TypeError, LookupError, ValueError, RuntimeError) as error:
        raise CheckpointError("checkpoint_header", path=path, problem=f"{error}"[:_LONGEST_PROBLEM]) from None


def check_shapes(path: Path, weights: Mapping[str, Tensor], config: ModelConfig) -> None:
    """Refuse tensors that are not those of a classifier with these settings, and name every one that differs."""
    problems = differences({name: tuple(value.shape) for name, value in weights.items()}, shapes(config))
    if problems:
        phrases = (f"{name} {problem}" for name, problem in problems)
        raise CheckpointError("checkpoint_weights", path=path, problem="; ".join(phrases))


def differences(actual: Shapes, expected: Shapes) -> list[tuple[str, str]]:
    """What is missing, not expected, or of another shape: name and problem, in alphabetical order."""
    problems = [(name, "is missing") for name in expected.keys() - actual.keys()]
    problems += [(name, "is not expected") for name in actual.keys() - expected.keys()]
    problems += [
        (name, f"is {actual[name]}, expected {expected[name]}")
        for name in expected.keys() & actual.keys()
        if actual[name] != expected[name]
    ]
    return sorted(problems)


def check_finite(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Refuse tensors with numbers that are not finite, and count these in each."""
    problem = not_finite(weights)
    if problem:
        raise CheckpointError("checkpoint_nonfinite", path=path, found=problem)


def not_finite(weights: Mapping[str, Tensor]) -> str:
    """How many numbers of which tensors are not finite: "5 of 144 numbers in 'fc.weight'", or nothing."""
    counts = [(int((~value.isfinite()).sum()), value.numel(), name) for name, value in sorted(weights.items())]
    problems = [f"{count:,} of {total:,} numbers in {shown(name)}" for count, total, name in counts if count]
    return listed(problems, " and ")


def shown(name: str) -> str:
    """A stranger's name for a tensor, in quotes, cut, and with nothing in it that steers a terminal."""
    return repr(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}...")


def listed(phrases: Sequence[str], between: str = "; ") -> str:
    """Some phrases in a row; of very many, the first and the number of the others."""
    more = [f"{len(phrases) - _MOST_PHRASES:,} more"] if len(phrases) > _MOST_PHRASES else []
    return between.join([*phrases[:_MOST_PHRASES], *more])
