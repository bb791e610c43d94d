"""A checkpoint's model.safetensors, read as if a stranger had written it: header, hash, shapes, finite numbers."""

import struct
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from rnnviz import files
from rnnviz.config import CheckpointConfig, json_object
from rnnviz.errors import CheckpointError
from rnnviz.model import ModelConfig, shapes

_MOST_BYTES = 256_000_000
_MOST_HEADER, _MOST_TENSORS = 64_000, 64


def check_hash(path: Path, data: bytes, wanted: str) -> None:
    """Refuse a file whose bytes are not the ones that were saved."""
    found = files.sha256(data)
    if found != wanted:
        raise CheckpointError(
            "checkpoint_damaged",
            path=path,
            wanted=f"SHA-256 {wanted[:12]}…",
            found=f"{found[:12]}… in {len(data):,} bytes",
        )


def read_weights(path: Path, config: CheckpointConfig) -> dict[str, Tensor]:
    """The tensors of a file that is whole, harmless, and fits the settings.

    Raises:
        CheckpointError: It is something else.
    """
    data = files.read_once(path, _MOST_BYTES)
    _check_header(path, data)
    check_hash(path, data, config.weights_sha256)
    try:
        weights = safetensors.torch.load(data)
    except safetensors.SafetensorError as error:
        raise CheckpointError("checkpoint_header", path=path, problem=error) from None
    _check_shapes(path, config.model, weights)
    for name, count, total in not_finite(weights):
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
        whole = 8 + size + _bytes_of_tensors(json_object(data[8 : 8 + size]))
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


def not_finite(weights: dict[str, Tensor]) -> list[tuple[str, int, int]]:
    """The tensors with numbers that are not finite: name, how many, of how many."""
    counts = [(name, int((~value.isfinite()).sum()), value.numel()) for name, value in weights.items()]
    return [found for found in counts if found[1]]
