"""The cell opened: from which sums one unit's gates come at one word, by the weights W, U and b.

    gate      = sigmoid(W x + U h' + b)          candidate of an LSTM, state of a plain RNN: tanh
    candidate = tanh(W x + b + r (U h' + b'))    of a GRU

Left out: what the gates then do to the state, which the page computes from the reading that it has.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz import signals
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.engine.cells import GATES, Weights
from rnnviz.engine.holds import Holds
from rnnviz.errors import SelectionError
from rnnviz.experiments.interventions import Clamp, holds_of
from rnnviz.model import State
from rnnviz.page.replies import GateValue, OpenedCell, PlainGate, Push, ScaledGate
from rnnviz.page.requests import OpenCell, WrongType
from rnnviz.reading import Captured, capture_texts, encode
from rnnviz.signals import DIRECTIONS

MOST_PUSHES = 3
"""The inputs that are named of each gate: those that push most."""


class Position(NamedTuple):
    """One word, unit, layer and direction (0 forward, 1 backward), all counted from 0."""

    token: int
    unit: int
    layer: int
    direction: int


def opened(checkpoint: Checkpoint, text: str, held: list[Clamp], asked: OpenCell) -> OpenedCell:
    """Open the sums of one unit at one word.

    Args:
        checkpoint: The classifier.
        text: What is read.
        held: What is held while it is read.
        asked: Which unit, and at which word.

    Returns:
        ``features`` and ``units``: the lengths of x and h', so W is units × features a gate and U units × units.
        ``gates``: each with its parts, their ``sum``, what the function makes of it (``computed``), the ``value`` that
        the network went on with, whether it is ``held``, and ``pushes``: the units whose U h' moves the sum most. A
        GRU's candidate has ``inner`` = U h' + b' and the ``reset`` that scales it. All dimensionless.

    Raises:
        SelectionError: The reading has no such position.
    """
    ids, model = encode(checkpoint, text).ids, checkpoint.config.model
    position = _position(asked, (len(ids), model.hidden_size, model.layers, model.directions))
    holds = holds_of(checkpoint, held, len(ids))
    reading = capture_texts(checkpoint.model, [ids], holds)[0]
    x, state = _inputs(reading, position, checkpoint.model.initial(1))
    weights = checkpoint.cell(position.layer, DIRECTIONS[position.direction])
    values = {name: float(signal[_at(position)]) for name, signal in reading.signals.items()}
    entries = [signals.signal(model.cell, name) for name in GATES[model.cell] or ("hidden",)]
    rows = [_gate_rows(weights, index, position.unit, model.hidden_size) for index in range(len(entries))]
    return {
        "token": position.token,
        "unit": position.unit,
        "layer": position.layer,
        "direction": position.direction,
        "features": len(x),
        "units": len(state),
        "gates": [
            _gate(
                {
                    "name": entry.name,
                    "symbol": entry.symbol,
                    "value": values[entry.name],
                    "squash": _squash(entry.name, model.nonlinearity),
                    "held": _is_held(holds, entry.name, position),
                },
                row,
                x,
                state,
                values["reset"] if entry.symbol == "n" else None,
            )
            for entry, row in zip(entries, rows, strict=True)
        ],
    }


def _position(asked: OpenCell, counts: tuple[int, int, int, int]) -> Position:
    indices = [
        _checked(kind, getattr(asked, kind), count) for kind, count in zip(Position._fields, counts, strict=True)
    ]
    return Position(*indices)


def _checked(kind: str, index: int | WrongType, count: int) -> int:
    if isinstance(index, WrongType) or not 0 <= index < count:
        given = ascii(index.given if isinstance(index, WrongType) else index)
        raise SelectionError("opened_place", kind=kind, given=given[:40], count=count)
    return index


def _at(position: Position) -> tuple[int, int, int, int]:
    return position.layer, position.direction, position.token, position.unit


def _inputs(
    reading: Captured, position: Position, start: State | None
) -> tuple[Float[Tensor, " feature"], Float[Tensor, " unit"]]:
    """The x and the h': what the layer read at the word, and its own state after the one that it read before."""
    hidden, token = reading.signals["hidden"], position.token
    x = reading.inputs[token] if position.layer == 0 else hidden[position.layer - 1, :, token].reshape(-1)
    before = token - 1 if position.direction == 0 else token + 1
    own = hidden[position.layer, position.direction]
    if 0 <= before < len(own):
        return x, own[before]
    if start is None:
        return x, torch.zeros_like(own[0])
    hidden = start[0] if isinstance(start, tuple) else start
    return x, hidden[position.layer * len(reading.signals["hidden"][0]) + position.direction, 0].detach()


def _gate_rows(weights: Weights, gate: int, unit: int, units: int) -> Weights:
    """The one row of W and U, and the two biases, that make a unit's gate; the gates are stacked."""
    row = gate * units + unit
    one = slice(row, row + 1)
    return Weights(weights.W[one], weights.U[one], weights.b_input[one], weights.b_hidden[one], None, weights.biased)


@torch.no_grad()
def _gate(
    value: GateValue,
    row: Weights,
    x: Float[Tensor, " feature"],
    state: Float[Tensor, " unit"],
    reset: float | None,
) -> PlainGate | ScaledGate:
    """A gate with its sum; ``reset`` is there for a GRU's candidate alone."""
    pushed = (row.U[0] * state).double()
    from_input, from_hidden = float(row.W[0].double() @ x.double()), float(pushed.sum())
    bias, inner_bias = float(row.b_input[0]), float(row.b_hidden[0])
    if reset is not None:  # it scales what comes from the state, its bias too
        inner = from_hidden + inner_bias
        return {
            **value,
            "from_input": from_input,
            "bias": bias,
            "inner": inner,
            "reset": reset,
            "sum": from_input + bias + reset * inner,
            "pushes": _most(reset * pushed),
        }
    bias += inner_bias
    return {
        **value,
        "from_input": from_input,
        "bias": bias,
        "from_hidden": from_hidden,
        "sum": from_input + from_hidden + bias,
        "pushes": _most(pushed),
    }


def _most(pushed: Float[Tensor, " unit"]) -> list[Push]:
    """The units that push most, whichever way."""
    units = pushed.abs().argsort(descending=True, stable=True)[:MOST_PUSHES].tolist()
    return [{"unit": unit, "push": float(pushed[unit])} for unit in units]


def _squash(name: str, nonlinearity: str) -> str:
    if name == "hidden":
        return nonlinearity
    return "tanh" if name == "candidate" else "σ"


def _is_held(holds: Holds, name: str, position: Position) -> bool:
    held = holds.get((position.layer, position.direction), {}).get(name)
    return held is not None and bool(held.mask[position.token, position.unit])
