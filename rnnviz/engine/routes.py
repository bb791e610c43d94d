"""The routes through all layers and directions of a module, each from the same columns to the same result.

Left out: the choice of a route (``rnnviz.engine.plan``), and one layer in one direction (``rnnviz.engine.walk``,
``rnnviz.engine.recover``).
"""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from rnnviz import signals
from rnnviz.engine.buffers import Buffers, Result, assembled, buffers_for, part_of, result_of, side_by_side
from rnnviz.engine.cells import CELLS, GATES, Record, Signals, Weights
from rnnviz.engine.columns import Columns
from rnnviz.engine.holds import Holds, edits_of
from rnnviz.engine.recover import recover, run_layer
from rnnviz.engine.stack import Stack, weights_of
from rnnviz.engine.vocabulary_table import VocabularyTable
from rnnviz.engine.walk import affine, aligned, walk, walk_with_gradients


def walked(
    stack: Stack,
    columns: Columns,
    start: list[Tensor],
    table: VocabularyTable | None,
    holds: Holds,
) -> Result:
    """Step every layer and direction, and keep what each step computes."""
    buffers = buffers_for(stack, len(columns.rows))
    rows = columns.rows
    for layer in range(stack.num_layers):
        for direction in range(stack.directions):
            weights, record = weights_of(stack, layer, direction == 1), part_of(buffers, layer, direction)
            _project(weights, rows, record, table.rows[direction] if table and layer == 0 else None)
            held, features = holds.get((layer, direction)), record.hidden.shape[1]
            edits = edits_of(held, CELLS[stack.mode], len(columns.sizes), stack.hidden_size, features)
            first = _initial_state(stack, start, layer, direction)
            walk(stack.mode, weights, record, columns.sizes, first, direction == 1, edits)
        rows = aligned(side_by_side(buffers.hidden[layer]))
    return result_of(stack, columns, buffers)


def recovered(stack: Stack, columns: Columns, start: list[Tensor], table: VocabularyTable | None) -> Result:
    """Let PyTorch's kernel run each layer, and recover the gates."""
    return result_of(stack, columns, recover_all(stack, columns, start, table))


def recover_all(
    stack: Stack,
    columns: Columns,
    start: list[Tensor],
    table: VocabularyTable | None = None,
    top: Float[Tensor, "row feature"] | None = None,
) -> Buffers:
    """The recovered signals of all layers and directions; ``top`` is the top layer's output if it is known."""
    buffers = buffers_for(stack, len(columns.rows))
    rows = _embedded(columns, table)
    for layer in range(stack.num_layers):
        if top is not None and layer == stack.num_layers - 1:
            output = top
        else:
            own = slice(layer * stack.directions, (layer + 1) * stack.directions)
            output = run_layer(stack, layer, rows, columns.sizes, [part[own] for part in start])
        for direction, hidden in enumerate(output.chunk(stack.directions, dim=-1)):
            weights, record = weights_of(stack, layer, direction == 1), part_of(buffers, layer, direction)
            record.hidden.copy_(hidden)
            if GATES[CELLS[stack.mode]]:  # a plain RNN has nothing to recover
                if table and layer == 0:
                    _project(weights, columns.rows, record, table.rows[direction])
                else:
                    _project(weights, rows, record, None)
                first = _initial_state(stack, start, layer, direction)
                recover(stack.mode, weights, record, columns.sizes, first, direction == 1)
        rows = output
    return buffers


def followed(stack: Stack, columns: Columns, start: list[Tensor], table: VocabularyTable | None) -> Result:
    """Walk the equations themselves, overwriting nothing, so that PyTorch can follow them back."""
    rows = _embedded(columns, table)
    layers: list[list[Signals]] = []
    for layer in range(stack.num_layers):
        layers.append([])
        for direction in range(stack.directions):
            weights = weights_of(stack, layer, direction == 1)
            first = _initial_state(stack, start, layer, direction)
            projected = weights.from_input(rows)
            layers[-1].append(walk_with_gradients(stack.mode, weights, projected, columns.sizes, first, direction == 1))
        rows = torch.cat([part["hidden"] for part in layers[-1]], dim=-1)
    names = signals.names(CELLS[stack.mode])
    stacked = {name: torch.stack([torch.stack([part[name] for part in parts]) for parts in layers]) for name in names}
    return assembled(columns, stacked)


def _initial_state(stack: Stack, start: list[Tensor], layer: int, direction: int) -> tuple[Tensor, ...]:
    return tuple(part[layer * stack.directions + direction] for part in start)


def _embedded(columns: Columns, table: VocabularyTable | None) -> Float[Tensor, "row feature"]:
    return columns.rows if table is None else table.words.index_select(0, columns.rows[:, 0])


def _project(
    weights: Weights, rows: Shaped[Tensor, "row feature"], record: Record, known: Float[Tensor, "word gates"] | None
) -> None:
    """Put W x + b_input of all rows where the gates will be: computed, or looked up."""
    if known is None:
        affine(rows, weights.W, weights.b_input if weights.biased else None, out=record.gates)
    else:
        torch.index_select(known, 0, rows[:, 0], out=record.gates)
