"""Signals held at given values while a layer is stepped: which, where, and putting them in place.

A held signal takes its value as soon as it is computed and before anything uses it.

Left out: how a person says what to hold (``rnnviz.experiments.interventions``).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnviz import signals
from rnnviz.engine.cells import GATES
from rnnviz.errors import CaptureError, unknown
from rnnviz.signals import Cell


class Held(NamedTuple):
    """Where a signal is held, and at which value; tokens in reading order, the same for all texts of a batch."""

    mask: Bool[np.ndarray, "token unit"]
    values: Float[np.ndarray, "token unit"]


Holds = Mapping[tuple[int, int], Mapping[str, Held]]
"""Layer and direction (0 forward, 1 backward) to the signals held there, by name."""


class Edits(NamedTuple):
    """The holds of one layer and direction, laid out as its ``Record``: gates side by side, cell, hidden."""

    gates: Held | None = None
    cell: Held | None = None
    hidden: Held | None = None


_FREE = Edits()


def edits_of(held: Mapping[str, Held] | None, cell: Cell, tokens: int, units: int, features: int) -> Edits:
    """Lay out what is held in one layer and direction whose hidden state has so many features.

    Raises:
        SelectionError: The cell has no signal of such a name.
        CaptureError: A hold has other axes than the tokens and units that there are.
    """
    if not held:
        return _FREE
    for name, (mask, values) in held.items():
        if name not in signals.names(cell):
            raise unknown("signal", name, signals.names(cell))
        expected = (tokens, features if name == "hidden" else units)
        if not mask.shape == values.shape == expected:
            raise CaptureError("capture_held", name=name, found=mask.shape, values=values.shape, wanted=expected)
    return Edits(_side_by_side(held, GATES[cell], (tokens, units)), held.get("cell"), held.get("hidden"))


def _side_by_side(held: Mapping[str, Held], names: tuple[str, ...], shape: tuple[int, int]) -> Held | None:
    if not held.keys() & set(names):
        return None
    free = Held(np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.float32))
    masks, values = zip(*(held.get(name, free) for name in names), strict=True)
    return Held(np.hstack(masks), np.hstack(values))


def put(held: Held | None, t: int, values: Float[Tensor, "text unit"]) -> None:
    """Overwrite what is held at step t."""
    if held is not None:
        mask, held_values = torch.from_numpy(held.mask[t]), torch.from_numpy(held.values[t])
        values.copy_(torch.where(mask.to(values.device), held_values.to(values), values))
