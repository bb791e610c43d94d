"""The receipt of signals that were recovered: the cell's last equation, against what the module itself gave.

Gates that are recovered with other weights than the module's, or from other inputs, do not lead back to its output.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.engine.buffers import Buffers, part_of, side_by_side
from rnnviz.engine.cells import CELLS, Record, Weights
from rnnviz.engine.columns import Columns
from rnnviz.engine.kernels import Call
from rnnviz.engine.recover import before_each_row
from rnnviz.engine.stack import Stack, weights_of
from rnnviz.signals import Cell

EQUATIONS: dict[Cell, str] = {
    "lstm": "output · tanh(cell)",
    "gru": "(1 - update) · candidate + update · the state before",
    "rnn": "the squashed sum",
}
"""What must give the hidden state, by the names of the signals."""

_ROUNDED = {"tf32": 2.0**-10, "bf16": 2.0**-7}


def receipt(stack: Stack, columns: Columns, start: list[Tensor], buffers: Buffers) -> float:
    """How far the hidden states are from what the signals make of them, at most; see ``distance``."""
    rows, worst = columns.rows, 0.0
    for layer in range(stack.num_layers):
        for direction in range(stack.directions):
            record = part_of(buffers, layer, direction)
            first = start[0][layer * stack.directions + direction]
            before = partial(before_each_row, record.hidden, first, columns.sizes, direction == 1)
            again = _again(stack.mode, weights_of(stack, layer, direction == 1), record, rows, before)
            worst = max(worst, distance(again, record.hidden))
        rows = side_by_side(buffers.hidden[layer])
    return worst


def _again(mode: str, weights: Weights, record: Record, rows: Tensor, before: Callable[[], Tensor]) -> Tensor:
    """The hidden states once more, from the signals."""
    if mode == "LSTM":
        shown = record.gates.chunk(4, dim=-1)[3] * record.cell.tanh()
        return shown if weights.projection is None else shown @ weights.projection.T
    if mode == "GRU":
        _, z, n = record.gates.chunk(3, dim=-1)
        return (before() - n) * z + n
    summed = weights.from_hidden(before()) + weights.from_input(rows)
    return summed.tanh() if mode == "RNN_TANH" else summed.relu()


def distance(found: Tensor, wanted: Tensor) -> float:
    """The largest difference, as a share of the wanted value where that is above 1; equal infinities and NaN are 0."""
    if found.shape != wanted.shape:
        return float("inf")
    if not found.numel():
        return 0.0
    same = (found == wanted) | (found.isnan() & wanted.isnan())
    off = (found - wanted).abs() / wanted.abs().clamp(min=1.0)
    return float(off.masked_fill(same, 0.0).nan_to_num(nan=float("inf")).max())


def holds_to(stack: Stack) -> float:
    """Up to which distance a receipt holds: the square root of the precision that the module computes in."""
    weight = stack.weight
    backend: Any = torch.backends.cudnn if weight.is_cuda else torch.backends.mkldnn
    precision = torch.finfo(weight.dtype).eps
    if weight.dtype == torch.float32:
        precision = max(precision, _ROUNDED.get(backend.rnn.fp32_precision, 0.0))
    return precision**0.5


def equation(stack: Stack) -> str:
    """What the receipt compares, in the names of the signals."""
    return EQUATIONS[CELLS[stack.mode]]


def is_given(calls: list[Call], returned: object) -> bool:
    """Whether what a module returned is what the kernels computed that it called, in whatever order and packing.

    Each row of each tensor that is as wide as the kernels' output or state must be one of theirs, or padding of zeros.
    """
    own: set[bytes] = set()
    widths: set[int] = set()
    for call in calls:
        output, *states = (part.data if isinstance(part, PackedSequence) else part for part in call.returned)
        for part in (output, *output.chunk(call.stack.directions, dim=-1), *states):
            widths.add(part.shape[-1])
            own.update(_rows_as_bytes(part))
    given = [part for part in _tensors(returned) if part.is_floating_point() and part.ndim]
    given = [part for part in given if part.shape[-1] in widths]
    return bool(given) and all(row in own or not any(row) for part in given for row in _rows_as_bytes(part))


def _rows_as_bytes(values: Tensor) -> list[bytes]:
    rows = values.double().reshape(-1, values.shape[-1]) + 0.0  # -0 becomes 0
    return [row.tobytes() for row in rows.cpu().numpy()]


def _tensors(returned: object) -> list[Tensor]:
    if isinstance(returned, PackedSequence):
        return [returned.data]
    if isinstance(returned, Tensor):
        return [returned]
    if isinstance(returned, Mapping):
        return _tensors(list(returned.values()))
    return [part for own in returned for part in _tensors(own)] if isinstance(returned, tuple | list) else []
