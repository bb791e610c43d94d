"""The routes through all layers and directions of a module, each from the same columns to the same result.

Left out: the choice of a route (``rnnviz.engine.plan``), and one layer in one direction (``rnnviz.engine.walk``,
``rnnviz.engine.recover``).
"""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rnnviz import signals
from rnnviz.engine.buffers import Result, assembled, buffers_for, part_of, result_of, side_by_side
from rnnviz.engine.cells import CELLS, GATES, Record, Signals, Weights, weights_of
from rnnviz.engine.columns import Columns
from rnnviz.engine.holds import Holds, edits_of
from rnnviz.engine.recover import recover, run_layer
from rnnviz.engine.vocabulary_table import VocabularyTable
from rnnviz.engine.walk import affine, aligned, walk, walk_with_gradients


def walked(
    module: nn.RNNBase,
    columns: Columns,
    start: list[Tensor],
    table: VocabularyTable | None,
    holds: Holds,
) -> Result:
    """Step every layer and direction, and keep what each step computes."""
    buffers = buffers_for(module, len(columns.rows))
    rows = columns.rows
    for layer in range(module.num_layers):
        for direction in range(_directions(module)):
            weights, record = weights_of(module, layer, direction == 1), part_of(buffers, layer, direction)
            _project(weights, rows, record, table.rows[direction] if table and layer == 0 else None)
            held, features = holds.get((layer, direction)), record.hidden.shape[1]
            edits = edits_of(held, CELLS[module.mode], len(columns.sizes), module.hidden_size, features)
            first = _initial_state(module, start, layer, direction)
            walk(module.mode, weights, record, columns.sizes, first, direction == 1, edits)
        rows = aligned(side_by_side(buffers.hidden[layer]))
    return result_of(module, columns, buffers)


def recovered(
    module: nn.RNNBase,
    columns: Columns,
    start: list[Tensor],
    table: VocabularyTable | None = None,
    top: Float[Tensor, "row feature"] | None = None,
) -> Result:
    """Let PyTorch's kernel run each layer, and recover the gates; ``top`` is the top layer's output if it is known."""
    buffers = buffers_for(module, len(columns.rows))
    rows = _embedded(columns, table)
    for layer in range(module.num_layers):
        if top is not None and layer == module.num_layers - 1:
            output = top
        else:
            own = slice(layer * _directions(module), (layer + 1) * _directions(module))
            output = run_layer(module, layer, rows, columns.sizes, [part[own] for part in start])
        for direction, hidden in enumerate(output.chunk(_directions(module), dim=-1)):
            weights, record = weights_of(module, layer, direction == 1), part_of(buffers, layer, direction)
            record.hidden.copy_(hidden)
            if GATES[CELLS[module.mode]]:  # a plain RNN has nothing to recover
                if table and layer == 0:
                    _project(weights, columns.rows, record, table.rows[direction])
                else:
                    _project(weights, rows, record, None)
                first = _initial_state(module, start, layer, direction)
                recover(module.mode, weights, record, columns.sizes, first, direction == 1)
        rows = output
    return result_of(module, columns, buffers)


def followed(module: nn.RNNBase, columns: Columns, start: list[Tensor], table: VocabularyTable | None) -> Result:
    """Walk the equations themselves, overwriting nothing, so that PyTorch can follow them back."""
    rows = _embedded(columns, table)
    layers: list[list[Signals]] = []
    for layer in range(module.num_layers):
        layers.append([])
        for direction in range(_directions(module)):
            weights = weights_of(module, layer, direction == 1)
            first = _initial_state(module, start, layer, direction)
            projected = weights.from_input(rows)
            layers[-1].append(
                walk_with_gradients(module.mode, weights, projected, columns.sizes, first, direction == 1)
            )
        rows = torch.cat([part["hidden"] for part in layers[-1]], dim=-1)
    names = signals.names(CELLS[module.mode])
    stacked = {name: torch.stack([torch.stack([part[name] for part in parts]) for parts in layers]) for name in names}
    return assembled(columns, stacked)


def _directions(module: nn.RNNBase) -> int:
    return 2 if module.bidirectional else 1


def _initial_state(module: nn.RNNBase, start: list[Tensor], layer: int, direction: int) -> tuple[Tensor, ...]:
    return tuple(part[layer * _directions(module) + direction] for part in start)


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
