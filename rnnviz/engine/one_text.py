"""A text alone on a CPU, through all layers and directions, in NumPy from end to end.

At this size what counts is not the arithmetic but the calls, and NumPy's cost less than PyTorch's.

Left out: the loops over tokens (``rnnviz.engine.numpy_loops`` in NumPy, ``rnnviz.engine.numba_loops`` by numba).
"""

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.engine import numpy_loops
from rnnviz.engine.buffers import Result
from rnnviz.engine.cells import CELLS, GATES
from rnnviz.engine.columns import Columns
from rnnviz.engine.holds import Edits, Holds, edits_of
from rnnviz.engine.numpy_loops import Parts
from rnnviz.engine.products import project
from rnnviz.engine.stack import Stack, weights_of
from rnnviz.engine.vocabulary_table import VocabularyTable
from rnnviz.signals import Cell


@np.errstate(all="ignore")  # what is not finite is passed on, as PyTorch does, without a word
def walked_alone(
    stack: Stack, columns: Columns, start: list[Tensor], table: VocabularyTable | None, holds: Holds
) -> Result:
    """As ``rnnviz.engine.routes.walked``."""
    rows = _array(columns.rows)
    first = [_array(part)[:, 0] for part in start]
    gates, cell, hidden = _buffers(stack, len(rows), first[0].dtype)
    directions = hidden.shape[1]
    for layer in range(stack.num_layers):
        for direction in range(directions):
            weights, x = weights_of(stack, layer, direction == 1), gates[layer, direction]
            if table is not None and layer == 0:
                np.take(_array(table.rows[direction]), rows[:, 0], axis=0, out=x)
            else:
                project(rows, _array(weights.W), out=x)
                x += _array(weights.b_input)
            edits = edits_of(holds.get((layer, direction)), CELLS[stack.mode], len(rows), *hidden.shape[-1:] * 2)
            at = tuple(part[layer * directions + direction] for part in first)
            U, b_hidden = _array(weights.U), _array(weights.b_hidden)
            parts = Parts(x, cell[layer, direction], hidden[layer, direction], U, b_hidden, at)
            _step(stack.mode, parts, direction == 1, edits)
        rows = hidden[layer, 0] if directions == 1 else np.concatenate(list(hidden[layer]), axis=-1)
    return _result(CELLS[stack.mode], columns, gates, cell, hidden, rows.copy())


def _step(mode: str, parts: Parts, backward: bool, edits: Edits) -> None:
    loops = loops_for(parts.U.dtype)
    if mode == "LSTM":
        loops.walk_lstm(parts, backward, edits)
    elif mode == "GRU":
        loops.walk_gru(parts, backward, edits)
    else:
        loops.walk_plain(parts, backward, edits, mode == "RNN_RELU")


@cache
def loops_for(dtype: np.dtype) -> Any:
    """The module with the loops: compiled for float32 where numba works, else NumPy."""
    if dtype != np.float32:
        return numpy_loops
    try:
        return import_module("rnnviz.engine.numba_loops")
    except (ImportError, RuntimeError):  # numba is absent, too old for NumPy, or has nowhere to keep what it compiles
        return numpy_loops


def _array(values: Tensor) -> np.ndarray:
    return values.detach().numpy()


def _buffers(stack: Stack, tokens: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Buffers for gates, cell and hidden states: see ``rnnviz.engine.buffers``."""
    shape = stack.num_layers, stack.directions, tokens
    count = len(GATES[CELLS[stack.mode]])
    hidden = np.empty((*shape, stack.hidden_size), dtype)
    gates = np.empty((*shape, count * stack.hidden_size), dtype) if count else hidden
    return gates, np.empty_like(hidden) if stack.mode == "LSTM" else hidden, hidden


def _result(
    kind: Cell,
    columns: Columns,
    gates: Float[np.ndarray, "layer direction token gates"],
    cell: Float[np.ndarray, "layer direction token unit"],
    hidden: Float[np.ndarray, "layer direction token unit"],
    top: Float[np.ndarray, "token features"],
) -> Result:
    units = hidden.shape[-1]
    arrays = {name: gates[..., k * units : (k + 1) * units] for k, name in enumerate(GATES[kind])}
    carried = {"hidden": hidden, "cell": cell} if kind == "lstm" else {"hidden": hidden}
    arrays |= dict(reversed(carried.items()))
    signals = {name: columns.restore(torch.from_numpy(values)) for name, values in arrays.items()}
    state = tuple(columns.restore_state(torch.from_numpy(_last(values))) for values in carried.values())
    return columns.output(torch.from_numpy(top)), state if len(state) == 2 else state[0], signals


def _last(values: Float[np.ndarray, "layer direction token unit"]) -> Float[np.ndarray, "layers 1 unit"]:
    """What the last step of each layer and direction left; the backward direction ends at the first token."""
    if values.shape[1] == 1:
        return values[:, 0, -1:].copy()
    ends = np.stack([values[:, 0, -1], values[:, 1, 0]], axis=1)
    return ends.reshape(-1, 1, ends.shape[-1])
