"""Buffers for all signals of a module, allocated once; every layer and direction fills in its part.

What is returned to the caller are views of it: no signal is copied.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.engine.cells import CELLS, GATES, Record, Signals
from rnnviz.engine.columns import Columns, State, final
from rnnviz.engine.stack import Stack

Result = tuple[Any, State, Signals]


class Buffers(NamedTuple):
    """As ``rnnviz.engine.cells.Record``, two more axes in front; a cell without a part has its hidden state there."""

    gates: Float[Tensor, "layer direction row gates"]
    cell: Float[Tensor, "layer direction row unit"]
    hidden: Float[Tensor, "layer direction row feature"]


def buffers_for(stack: Stack, rows: int) -> Buffers:
    """Buffers for so many rows, not filled in yet."""
    weight = stack.weight
    shape = stack.num_layers, stack.directions, rows
    hidden = weight.new_empty(*shape, stack.proj_size or stack.hidden_size)
    count = len(GATES[CELLS[stack.mode]])
    return Buffers(
        gates=weight.new_empty(*shape, count * stack.hidden_size) if count else hidden,
        cell=weight.new_empty(*shape, stack.hidden_size) if stack.mode == "LSTM" else hidden,
        hidden=hidden,
    )


def part_of(buffers: Buffers, layer: int, direction: int) -> Record:
    """The part of one layer and direction."""
    return Record(*(block[layer, direction] for block in buffers))


def side_by_side(hidden: Float[Tensor, "direction row feature"]) -> Float[Tensor, "row features"]:
    """What the layer above reads: both directions, unit after unit."""
    return hidden[0] if len(hidden) == 1 else torch.cat(list(hidden), dim=-1)


def result_of(stack: Stack, columns: Columns, buffers: Buffers) -> Result:
    """What ``capture`` returns, from buffers that are filled in."""
    cell = CELLS[stack.mode]
    names = GATES[cell]
    signals = dict(zip(names, buffers.gates.chunk(len(names), dim=-1), strict=True)) if names else {}
    if cell == "lstm":
        signals["cell"] = buffers.cell
    signals["hidden"] = buffers.hidden
    return assembled(columns, signals)


def assembled(columns: Columns, tensors: Signals) -> Result:
    """The output, the final state and the signals, in the axes of the inputs; ``tensors`` in the order of the table."""
    top = tensors["hidden"][-1]
    rows = top[0].clone() if len(top) == 1 else side_by_side(top)  # not one more view of the signals
    finals = [
        columns.restore_state(_finals(tensors[name], columns.sizes)) for name in ("hidden", "cell") if name in tensors
    ]
    state = (finals[0], finals[1]) if len(finals) == 2 else finals[0]
    return columns.output(rows), state, {name: columns.restore(values) for name, values in tensors.items()}


def _finals(values: Float[Tensor, "layer direction row unit"], sizes: list[int]) -> Float[Tensor, "layers text unit"]:
    """The final state as modules return it: layer after layer, forward before backward."""
    forward = final(values[:, 0], sizes)
    if values.shape[1] == 1:
        return forward.clone()
    return torch.stack([forward, values[:, 1, : sizes[0]]], dim=1).flatten(0, 1)
