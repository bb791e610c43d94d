"""A recurrent network read in plain Python: loops over floats, written from the equations in PyTorch's documentation.

It imports neither torch nor rnnviz, takes its weights as lists, and reads one text at a time; so it knows no batch, no
packing and no stacked matrices, and what it gives is the outside truth that the engine's signals are held against.

    matrix[row][column], vector[column]; a text is [token][feature]
"""

import math
from dataclasses import dataclass

Vector = list[float]
Matrix = list[Vector]


@dataclass(frozen=True)
class Way:
    """The weights of one layer in one direction. A row a unit and gate; the gates stand one after another."""

    input_weights: Matrix
    hidden_weights: Matrix
    input_bias: Vector
    hidden_bias: Vector
    projection: Matrix | None = None


def read(kind: str, layers: list[list[Way]], text: Matrix, start: list[dict[str, Vector]]) -> tuple[list, list]:
    """Read one text through all layers.

    Args:
        kind: "tanh", "relu", "gru" or "lstm".
        layers: For each layer its one or two directions, the second reading from the end.
        text: What the first layer reads.
        start: For each layer and direction, in this order, the "hidden" (and an LSTM's "cell") before the first token.

    Returns:
        signals[layer][direction][token]: name to vector, tokens in reading order; and, in the order of ``start``, the
        "hidden" and "cell" after the token that was read last.
    """
    signals, finals = [], []
    for layer in layers:
        signals.append([])
        for backward, way in enumerate(layer):
            state = start[len(finals)]
            steps = []
            for row in reversed(text) if backward else text:
                steps.append(STEPS[kind](way, row, state))
                state = steps[-1]
            finals.append(state)
            signals[-1].append(steps[::-1] if backward else steps)
        text = [[value for step in token for value in step["hidden"]] for token in zip(*signals[-1], strict=True)]
    return signals, finals


def lstm(way: Way, row: Vector, state: dict[str, Vector]) -> dict[str, Vector]:
    """i, f, o = σ(W x + b + U h + b'), g = tanh(…), c = f ⊙ c + i ⊙ g, h = o ⊙ tanh(c), projected where asked."""
    from_input = _affine(way.input_weights, row, way.input_bias)
    from_hidden = _affine(way.hidden_weights, state["hidden"], way.hidden_bias)
    sums = [one + other for one, other in zip(from_input, from_hidden, strict=True)]
    units = len(sums) // 4
    found = {
        "input": [_sigmoid(sums[unit]) for unit in range(units)],
        "forget": [_sigmoid(sums[units + unit]) for unit in range(units)],
        "candidate": [math.tanh(sums[2 * units + unit]) for unit in range(units)],
        "output": [_sigmoid(sums[3 * units + unit]) for unit in range(units)],
    }
    kept = [share * old for share, old in zip(found["forget"], state["cell"], strict=True)]
    written = [share * new for share, new in zip(found["input"], found["candidate"], strict=True)]
    found["cell"] = [old + new for old, new in zip(kept, written, strict=True)]
    shown = [share * math.tanh(value) for share, value in zip(found["output"], found["cell"], strict=True)]
    found["hidden"] = shown if way.projection is None else [_dot(weights, shown) for weights in way.projection]
    return found


def gru(way: Way, row: Vector, state: dict[str, Vector]) -> dict[str, Vector]:
    """r, z = σ(W x + b + U h + b'), n = tanh(W x + b + r ⊙ (U h + b')), h = (1 − z) ⊙ n + z ⊙ h."""
    from_input = _affine(way.input_weights, row, way.input_bias)
    from_hidden = _affine(way.hidden_weights, state["hidden"], way.hidden_bias)
    units = len(from_input) // 3
    reset = [_sigmoid(from_input[unit] + from_hidden[unit]) for unit in range(units)]
    update = [_sigmoid(from_input[units + unit] + from_hidden[units + unit]) for unit in range(units)]
    candidate = [
        math.tanh(from_input[2 * units + unit] + reset[unit] * from_hidden[2 * units + unit]) for unit in range(units)
    ]
    hidden = [(1.0 - update[unit]) * candidate[unit] + update[unit] * state["hidden"][unit] for unit in range(units)]
    return {"reset": reset, "update": update, "candidate": candidate, "hidden": hidden}


def plain_tanh(way: Way, row: Vector, state: dict[str, Vector]) -> dict[str, Vector]:
    """h = tanh(W x + b + U h + b')."""
    return {"hidden": [math.tanh(value) for value in _sums(way, row, state)]}


def plain_relu(way: Way, row: Vector, state: dict[str, Vector]) -> dict[str, Vector]:
    """h = max(0, W x + b + U h + b')."""
    return {"hidden": [max(0.0, value) for value in _sums(way, row, state)]}


STEPS = {"lstm": lstm, "gru": gru, "tanh": plain_tanh, "relu": plain_relu}


def _sums(way: Way, row: Vector, state: dict[str, Vector]) -> Vector:
    from_input = _affine(way.input_weights, row, way.input_bias)
    from_hidden = _affine(way.hidden_weights, state["hidden"], way.hidden_bias)
    return [one + other for one, other in zip(from_input, from_hidden, strict=True)]


def _affine(weights: Matrix, vector: Vector, bias: Vector) -> Vector:
    return [_dot(row, vector) + shift for row, shift in zip(weights, bias, strict=True)]


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _sigmoid(value: float) -> float:
    """The logistic function, on the side of zero where the exponential cannot overflow."""
    if value >= 0.0:
        return 1.0 / (1.0 + math.exp(-value))
    return math.exp(value) / (1.0 + math.exp(value))
