"""Recover: every gate of every step at once, from the hidden states that a fused kernel has already given.

A gate depends only on x[t] and h[t-1], and both are known once the kernel has run. So one more matrix product gives
all gates of all steps; only an LSTM's cell state needs a loop, of one elementwise operation a step.

Left out: texts that are to be read differently than they were (``rnnviz.engine.walk``).
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rnnviz.engine.cells import Record, Weights
from rnnviz.engine.stack import Stack
from rnnviz.engine.walk import open_gru, open_lstm

_KERNELS: dict[str, Any] = {
    "LSTM": torch.lstm,
    "GRU": torch.gru,
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
}


def run_layer(
    stack: Stack, layer: int, rows: Float[Tensor, "row feature"], sizes: list[int], start: list[Tensor]
) -> Float[Tensor, "row output"]:
    """One layer of a module by PyTorch's own kernel, both directions side by side, as in evaluation mode.

    A stacked module gives only its top layer away; a layer at a time, the numbers are the same.
    """
    state, heights = start if stack.mode == "LSTM" else start[0], torch.tensor(sizes, device="cpu")
    kernel = _KERNELS[stack.mode]
    return kernel(rows, heights, state, stack.layer(layer), stack.bias, 1, 0.0, False, stack.bidirectional)[0]


def recover(
    mode: str, weights: Weights, record: Record, sizes: list[int], start: tuple[Tensor, ...], backward: bool
) -> None:
    """Fill in the gates and the cell of a record whose hidden states are known and whose gates hold the projection."""
    if mode not in ("LSTM", "GRU"):
        return  # a plain RNN has nothing but its hidden state
    before = before_each_row(record.hidden, start[0], sizes, backward)
    from_hidden = weights.from_hidden(before)
    if mode == "GRU":
        open_gru(record.gates, from_hidden)
        return
    i, f, g, _ = open_lstm(record.gates, from_hidden)
    torch.mul(i, g, out=record.cell)
    _scan(f, record.cell, sizes, start[1], backward)


def _scan(
    forget: Float[Tensor, "row unit"],
    cell: Float[Tensor, "row unit"],
    sizes: list[int],
    start: Float[Tensor, "text unit"],
    backward: bool,
) -> None:
    """c[t] = f[t] c[t-1] + what c[t] holds, in place, step by step."""
    gates, columns = forget.split(sizes), cell.split(sizes)
    before = start
    for t in reversed(range(len(sizes))) if backward else range(len(sizes)):
        size, known = sizes[t], len(before)
        if known < size:
            before = torch.cat([before, start[known:size]])
        before = columns[t].addcmul_(gates[t], before[:size])


def before_each_row(
    hidden: Float[Tensor, "row unit"], start: Float[Tensor, "text unit"], sizes: list[int], backward: bool
) -> Float[Tensor, "row unit"]:
    """The hidden state that each row was computed from."""
    if sizes[0] == sizes[-1]:  # texts of one length
        rest = len(hidden) - sizes[0]
        return torch.cat([hidden[sizes[0] :], start] if backward else [start, hidden[:rest]])
    rows = torch.arange(len(hidden), device="cpu")  # whatever the default device is
    heights = torch.tensor(sizes, device="cpu")
    own = heights.repeat_interleave(heights)
    if not backward:
        above = torch.tensor([sizes[0], *sizes[:-1]], device="cpu").repeat_interleave(heights)
        return torch.cat([start, hidden]).index_select(0, (rows + sizes[0] - above).to(hidden.device))
    below = torch.tensor([*sizes[1:], 0], device="cpu").repeat_interleave(heights)
    text = rows - (heights.cumsum(0) - heights).repeat_interleave(heights)
    indices: Int[Tensor, " row"] = torch.where(text < below, rows + own, len(hidden) + text)
    return torch.cat([hidden, start]).index_select(0, indices.to(hidden.device))
