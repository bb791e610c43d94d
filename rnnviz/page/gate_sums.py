"""The cell opened: from which sums one unit's gates come at one word, by the weights W, U and b.

    gate      = sigmoid(W x + U h' + b)          candidate of an LSTM, state of a plain RNN: tanh
    candidate = tanh(W x + b + r (U h' + b'))    of a GRU

Left out: what the gates then do to the state, which the page computes from the reading that it has.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz import signals
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.engine.cells import GATES, Weights
from rnnviz.engine.holds import Holds
from rnnviz.errors import SelectionError
from rnnviz.experiments.interventions import Clamp, holds_of
from rnnviz.reading import Captured, capture_texts, encode
from rnnviz.signals import DIRECTIONS

MOST_PUSHES = 3
"""The inputs that are named of each gate: those that push most."""


class Place(NamedTuple):
    """One word, unit, layer and direction (0 forward, 1 backward), all counted from 0."""

    token: int
    unit: int
    layer: int
    direction: int


def opened(checkpoint: Checkpoint, text: str, held: list[Clamp], asked: dict[str, Any]) -> dict[str, Any]:
    """Open the sums of one unit at one word.

    Args:
        checkpoint: The classifier.
        text: What is read.
        held: What is held while it is read.
        asked: ``token``, ``unit``, ``layer`` and ``direction``, counted from 0; nothing in it is trusted.

    Returns:
        ``features`` and ``units``: the lengths of x and h', so W is units × features a gate and U units × units.
        ``gates``: each with its parts, their ``sum``, what the function makes of it (``computed``), the ``value`` that
        the network went on with, whether it is ``held``, and ``pushes``: the units whose U h' moves the sum most. A
        GRU's candidate has ``inner`` = U h' + b' and the ``reset`` that scales it. All dimensionless.

    Raises:
        SelectionError: The reading has no such place.
    """
    ids, model = encode(checkpoint, text).ids, checkpoint.config.model
    place = _place(asked, (len(ids), model.hidden_size, model.layers, model.directions))
    holds = holds_of(checkpoint, held, len(ids))
    reading = capture_texts(checkpoint.model, [ids], holds)[0]
    x, state = _inputs(reading, place)
    weights = checkpoint.cell(place.layer, DIRECTIONS[place.direction])
    values = {name: float(signal[_at(place)]) for name, signal in reading.signals.items()}
    names = GATES[model.cell] or ("hidden",)
    rows = [_gate_rows(weights, index, place.unit, model.hidden_size) for index in range(len(names))]
    return place._asdict() | {
        "features": len(x),
        "units": len(state),
        "gates": [
            _sum(signals.signal(model.cell, name), row, x, state, values)
            | {"squash": _squash(name, model.nonlinearity), "held": _is_held(holds, name, place)}
            for name, row in zip(names, rows, strict=True)
        ],
    }


def _place(asked: dict[str, Any], counts: tuple[int, int, int, int]) -> Place:
    for kind, count in zip(Place._fields, counts, strict=True):
        given = asked.get(kind)
        if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given < count:
            raise SelectionError("opened_place", kind=kind, given=ascii(given)[:40], count=count)
    return Place(*(asked[kind] for kind in Place._fields))


def _at(place: Place) -> tuple[int, int, int, int]:
    return place.layer, place.direction, place.token, place.unit


def _inputs(reading: Captured, place: Place) -> tuple[Float[Tensor, " feature"], Float[Tensor, " unit"]]:
    """The x and the h': what the layer read at the word, and its own state after the one that it read before."""
    hidden, token = reading.signals["hidden"], place.token
    x = reading.inputs[token] if place.layer == 0 else hidden[place.layer - 1, :, token].reshape(-1)
    before = token - 1 if place.direction == 0 else token + 1
    own = hidden[place.layer, place.direction]
    return x, own[before] if 0 <= before < len(own) else torch.zeros_like(own[0])


def _gate_rows(weights: Weights, gate: int, unit: int, units: int) -> Weights:
    """The one row of W and U, and the two biases, that make a unit's gate; the gates are stacked."""
    row = gate * units + unit
    one = slice(row, row + 1)
    return Weights(weights.W[one], weights.U[one], weights.b_input[one], weights.b_hidden[one], None, weights.biased)


@torch.no_grad()
def _sum(
    entry: signals.Signal,
    row: Weights,
    x: Float[Tensor, " feature"],
    state: Float[Tensor, " unit"],
    values: dict[str, float],
) -> dict[str, Any]:
    pushed = (row.U[0] * state).double()
    from_input, from_hidden = float(row.W[0].double() @ x.double()), float(pushed.sum())
    bias, inner_bias = float(row.b_input[0]), float(row.b_hidden[0])
    found: dict[str, Any] = {"name": entry.name, "symbol": entry.symbol, "from_input": from_input}
    if entry.symbol == "n":  # a GRU's candidate: the reset gate scales what comes from the state, its bias too
        reset, inner = values["reset"], from_hidden + inner_bias
        found |= {"bias": bias, "inner": inner, "reset": reset, "sum": from_input + bias + reset * inner}
        pushed = reset * pushed
    else:
        bias += inner_bias
        found |= {"bias": bias, "from_hidden": from_hidden, "sum": from_input + from_hidden + bias}
    most = pushed.abs().argsort(descending=True, stable=True)[:MOST_PUSHES].tolist()
    return found | {
        "value": values[entry.name],
        "pushes": [{"unit": unit, "push": float(pushed[unit])} for unit in most],
    }


def _squash(name: str, nonlinearity: str) -> str:
    if name == "hidden":
        return nonlinearity
    return "tanh" if name == "candidate" else "σ"


def _is_held(holds: Holds, name: str, place: Place) -> bool:
    held = holds.get((place.layer, place.direction), {}).get(name)
    return held is not None and bool(held.mask[place.token, place.unit])
