"""capture: every signal of any ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, and the very output the module would give.

PyTorch's fused modules compute every gate and throw it away. Here the same arithmetic is walked one step at a time on
packed columns, and kept: one matrix product projects all inputs of a layer and direction, then each step is one
more small product. Nothing is hooked or changed.

Layout inside: the tokens of a batch lie step by step, as in a ``PackedSequence`` (see ``rnnviz.packing``): row of step
t, text b is ``offset[t] + b``. A padded batch is the same with all columns equally high.

Left out: one step of a cell (``rnnviz.cells``), texts and classifiers (``rnnviz.reading``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz import signals
from rnnviz.cells import CELLS, STEPS, Signals, Weights, weights_of
from rnnviz.errors import CaptureError

Inputs = Tensor | PackedSequence
State = Tensor | tuple[Tensor, Tensor]


@overload
def capture(
    module: nn.Module, inputs: PackedSequence, state: State | None = None
) -> tuple[PackedSequence, State, Signals]: ...
@overload
def capture(module: nn.Module, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State, Signals]: ...
@torch.no_grad()
def capture(module: nn.Module, inputs: object, state: object = None) -> tuple[Any, State, Signals]:
    """Run a recurrent module as in evaluation mode and keep every signal of every layer, direction, token and unit.

    Args:
        module: Any ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``; it is left exactly as it was.
        inputs: What the module would be called with: a tensor (batched or not) or a PackedSequence.
        state: The initial state, as the module takes it; zeros when None.

    Returns:
        The output and the final state, of the kinds and shapes that the module returns, and the signals: name to
        tensor [layer, direction, *output.shape[:-1], unit], for a PackedSequence [layer, direction, row of .data,
        unit]. Rows of the backward direction are in reading order. Names and ranges: ``rnnviz.signals``.

    Raises:
        CaptureError: The module is no recurrent one, or the inputs or the state do not fit it.
    """
    if not isinstance(module, nn.RNN | nn.GRU | nn.LSTM):
        raise CaptureError("capture_module", type=type(module).__name__)
    cell = CELLS[module.mode]
    batch = _laid_out(module, inputs)
    first = _initial(module, batch, state)
    captured: list[list[Signals]] = []
    finals: list[tuple[Tensor, ...]] = []
    rows = batch.rows
    for layer in range(module.num_layers):
        captured.append([])
        for backward in (False, True)[: 2 if module.bidirectional else 1]:
            start = tuple(part[len(finals)] for part in first)
            found, final = _walk(module, weights_of(module, layer, backward), rows, batch.sizes, start, backward)
            captured[-1].append(found)
            finals.append(final)
        rows = torch.cat([found["hidden"] for found in captured[-1]], dim=-1)
    stacked = {
        name: batch.restore(torch.stack([torch.stack([found[name] for found in layer]) for layer in captured]))
        for name in signals.names(cell)
    }
    last = [batch.restore_state(torch.stack(parts)) for parts in zip(*finals, strict=True)]
    return batch.output(rows), (last[0], last[1]) if cell == "lstm" else last[0], stacked


@dataclass(frozen=True)
class _Batch:
    """Inputs laid out step by step, with what undoes the layout."""

    rows: Float[Tensor, "row feature"]
    sizes: list[int]
    texts: tuple[int, ...]  # the state's axis of texts; none for a text that is not in a batch
    restore: Callable[[Tensor], Tensor]
    output: Callable[[Tensor], Inputs]
    take_state: Callable[[Tensor], Tensor]
    restore_state: Callable[[Tensor], Tensor]


def _laid_out(module: nn.RNNBase, inputs: object) -> _Batch:
    """The inputs step by step, once they are known to fit the module."""
    if not isinstance(inputs, Tensor | PackedSequence):
        raise CaptureError("capture_option", option=f"inputs of type {type(inputs).__name__}")
    values = inputs.data
    if values.ndim != 2 and (values.ndim != 3 or isinstance(inputs, PackedSequence)):
        raise CaptureError("capture_shape", found=tuple(values.shape), wanted="[token, feature], batched or not")
    if values.shape[-1] != module.input_size:
        raise CaptureError("capture_shape", found=tuple(values.shape), wanted=f"{module.input_size} features")
    if values.dtype != module.weight_ih_l0.dtype:
        kinds = f"{values.dtype} inputs with {module.weight_ih_l0.dtype} weights"
        raise CaptureError("capture_option", option=kinds)
    batch = _packed(inputs) if isinstance(inputs, PackedSequence) else _padded(module, inputs)
    if not batch.sizes:
        raise CaptureError("capture_shape", found=tuple(values.shape), wanted="at least one token")
    return batch


def _packed(inputs: PackedSequence) -> _Batch:
    def sort(state: Tensor) -> Tensor:
        return state if inputs.sorted_indices is None else state.index_select(1, inputs.sorted_indices)

    def unsort(state: Tensor) -> Tensor:
        return state if inputs.unsorted_indices is None else state.index_select(1, inputs.unsorted_indices)

    sizes = inputs.batch_sizes.tolist()
    return _Batch(
        rows=inputs.data,
        sizes=sizes,
        texts=(sizes[0],),
        restore=lambda values: values,
        output=lambda rows: PackedSequence(rows, inputs.batch_sizes, inputs.sorted_indices, inputs.unsorted_indices),
        take_state=sort,
        restore_state=unsort,
    )


def _padded(module: nn.RNNBase, inputs: Tensor) -> _Batch:
    batched, batch_first = inputs.ndim == 3, module.batch_first
    time_major = inputs.unsqueeze(1) if not batched else inputs.transpose(0, 1) if batch_first else inputs
    tokens, texts = time_major.shape[:2]

    def restore(values: Tensor) -> Tensor:
        unfolded = values.unflatten(-2, (tokens, texts))
        return unfolded.squeeze(-2) if not batched else unfolded.transpose(-2, -3) if batch_first else unfolded

    return _Batch(
        rows=time_major.flatten(0, 1),
        sizes=[texts] * tokens,
        texts=(texts,) if batched else (),
        restore=restore,
        output=restore,
        take_state=lambda state: state if batched else state.unsqueeze(1),
        restore_state=lambda state: state if batched else state.squeeze(1),
    )


def _initial(module: nn.RNNBase, batch: _Batch, state: object) -> list[Tensor]:
    """The initial state, one tensor [layer·direction, text, unit] a part: hidden, and an LSTM's cell."""
    ways = module.num_layers * (2 if module.bidirectional else 1)
    widths = [module.proj_size or module.hidden_size, module.hidden_size][: 2 if module.mode == "LSTM" else 1]
    zeros = [batch.rows.new_zeros(ways, *batch.texts, width) for width in widths]
    given: list[Any] = zeros if state is None else list(state) if isinstance(state, tuple | list) else [state]
    found, wanted = [_described(part) for part in given], [_described(part) for part in zeros]
    if found != wanted:
        raise CaptureError("capture_state", found=" and ".join(found), wanted=" and ".join(wanted))
    return [batch.take_state(part) for part in given]


def _described(part: object) -> str:
    if not isinstance(part, Tensor):
        return type(part).__name__
    return f"{str(part.dtype).removeprefix('torch.')} {tuple(part.shape)}"


def _walk(
    module: nn.RNNBase,
    weights: Weights,
    rows: Float[Tensor, "row feature"],
    sizes: list[int],
    start: tuple[Tensor, ...],
    backward: bool,
) -> tuple[Signals, tuple[Tensor, ...]]:
    """Step one layer in one direction through packed columns.

    Forward, fewer texts are left at each step, and those that ended keep their state. Backward, the longest texts come
    first and the others join, from their own initial state, at their own last token.
    """
    step = STEPS[module.mode]
    projected = torch.addmm(weights.b_input, rows, weights.W.T)
    offsets = [0]
    for size in sizes:
        offsets.append(offsets[-1] + size)
    state = tuple(part.clone() for part in start)
    steps = range(len(sizes))
    found: list[Signals] = []
    for t in reversed(steps) if backward else steps:
        size = sizes[t]
        columns = step(projected[offsets[t] : offsets[t + 1]], tuple(part[:size] for part in state), weights)
        for part, name in zip(state, ("hidden", "cell"), strict=False):
            part[:size] = columns[name]
        found.append(columns)
    if backward:
        found.reverse()
    joined = {name: torch.cat([columns[name] for columns in found]) for name in signals.names(CELLS[module.mode])}
    return joined, state
