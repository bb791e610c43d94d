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
        for way in range(_ways(module)):
            weights, record = weights_of(module, layer, way == 1), part_of(buffers, layer, way)
            _project(weights, rows, record, table.rows[way] if table and layer == 0 else None)
            held, features = holds.get((layer, way)), record.hidden.shape[1]
            edits = edits_of(held, CELLS[module.mode], len(columns.sizes), module.hidden_size, features)
            walk(module.mode, weights, record, columns.sizes, _starting(module, start, layer, way), way == 1, edits)
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
            own = slice(layer * _ways(module), (layer + 1) * _ways(module))
            output = run_layer(module, layer, rows, columns.sizes, [part[own] for part in start])
        for way, hidden in enumerate(output.chunk(_ways(module), dim=-1)):
            weights, record = weights_of(module, layer, way == 1), part_of(buffers, layer, way)
            record.hidden.copy_(hidden)
            if GATES[CELLS[module.mode]]:  # a plain RNN has nothing to recover
                if table and layer == 0:
                    _project(weights, columns.rows, record, table.rows[way])
                else:
                    _project(weights, rows, record, None)
                recover(module.mode, weights, record, columns.sizes, _starting(module, start, layer, way), way == 1)
        rows = output
    return result_of(module, columns, buffers)


def followed(module: nn.RNNBase, columns: Columns, start: list[Tensor], table: VocabularyTable | None) -> Result:
    """Walk the equations themselves, overwriting nothing, so that PyTorch can follow them back."""
    rows = _embedded(columns, table)
    layers: list[list[Signals]] = []
    for layer in range(module.num_layers):
        layers.append([])
        for way in range(_ways(module)):
            weights = weights_of(module, layer, way == 1)
            first = _starting(module, start, layer, way)
            layers[-1].append(
                walk_with_gradients(module.mode, weights, weights.from_input(rows), columns.sizes, first, way == 1)
            )
        rows = torch.cat([found["hidden"] for found in layers[-1]], dim=-1)
    names = signals.names(CELLS[module.mode])
    stacked = {name: torch.stack([torch.stack([way[name] for way in ways]) for ways in layers]) for name in names}
    return assembled(columns, stacked)


def _ways(module: nn.RNNBase) -> int:
    return 2 if module.bidirectional else 1


def _starting(module: nn.RNNBase, start: list[Tensor], layer: int, way: int) -> tuple[Tensor, ...]:
    return tuple(part[layer * _ways(module) + way] for part in start)


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
