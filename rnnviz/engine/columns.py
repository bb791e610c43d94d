"""A module's inputs laid out step by step, checked once, with what undoes the layout.

The tokens of a batch lie as in a ``PackedSequence`` (see ``rnnviz.packing``): row of step t, text b is
``offset[t] + b``, the longest texts first. A padded batch is the same with all columns equally high, and a text alone
has columns of one row.

Left out: what is computed on the columns (``rnnviz.engine.walk``, ``rnnviz.engine.recover``).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.engine.stack import Stack, refuse_strange
from rnnviz.errors import CaptureError

Inputs = Tensor | PackedSequence
State = Tensor | tuple[Tensor, Tensor]


class Columns(NamedTuple):
    """The inputs of a batch, step by step.

    Attributes:
        rows: What the first layer reads at each row; ids when a vocabulary table stands in for the embedding.
        sizes: How many texts have a token at each step; never growing.
        texts: The state's axis of texts; none for a text that is not in a batch.
        restore: Turns the rows of some values [..., row, unit] back into the axes of the inputs.
        output: Makes of the top layer's rows what the module would return.
        take_state, restore_state: Put the texts of a state into the order of the columns, and back.
    """

    rows: Shaped[Tensor, "row feature"]
    sizes: list[int]
    texts: tuple[int, ...]
    restore: Callable[[Tensor], Tensor]
    output: Callable[[Tensor], Inputs]
    take_state: Callable[[Tensor], Tensor]
    restore_state: Callable[[Tensor], Tensor]


def laid_out(stack: Stack, inputs: object) -> Columns:
    """The inputs step by step, once they are known to fit the module.

    Raises:
        CaptureError: They do not.
    """
    values, weight = _values(inputs, "[token, feature], batched or not", axes=2), stack.weight
    if values.shape[-1] != stack.input_size:
        raise CaptureError("capture_shape", found=tuple(values.shape), wanted=f"{stack.input_size} features")
    if values.dtype != weight.dtype:
        raise CaptureError("capture_option", option=f"{values.dtype} inputs with {weight.dtype} weights")
    _check_device(values, weight)
    return _columns(stack, inputs)


def ids_laid_out(stack: Stack, ids: object, entries: int) -> Columns:
    """As ``laid_out``, for the ids of words that a table of ``entries`` words will be asked for.

    Raises:
        CaptureError: They are no ids, or not of these words.
    """
    values = _values(ids, "[token] of ids, batched or not", axes=1)
    if values.dtype not in (torch.int32, torch.int64):
        raise CaptureError("capture_option", option=f"{values.dtype} ids with a vocabulary table")
    if values.numel() and not 0 <= int(values.min()) <= int(values.max()) < entries:
        raise CaptureError("capture_ids", low=int(values.min()), high=int(values.max()), entries=entries)
    wide = ids._replace(data=values[:, None]) if isinstance(ids, PackedSequence) else values[..., None]
    _check_device(values, stack.weight)
    return _columns(stack, wide)


def _values(inputs: object, expected: str, axes: int) -> Tensor:
    """The numbers of the inputs, once they are known to have so many axes, or one more for the texts of a batch."""
    packed = isinstance(inputs, PackedSequence)
    values: Any = inputs.data if isinstance(inputs, PackedSequence) else inputs
    if not isinstance(values, Tensor):
        raise CaptureError("capture_option", option=f"inputs of type {type(inputs).__name__}")
    refuse_strange(values, "inputs")
    if values.ndim != axes and (values.ndim != axes + 1 or packed):
        raise CaptureError("capture_shape", found=tuple(values.shape), wanted=expected)
    return values


def _check_device(values: Tensor, weight: Tensor) -> None:
    if values.device != weight.device:
        devices = f"inputs on {values.device} with weights on {weight.device}"
        raise CaptureError("capture_option", option=devices)
    if torch.is_autocast_enabled(values.device.type):
        raise CaptureError("capture_option", option="torch.autocast; switch it off, or convert the module")


def _columns(stack: Stack, inputs: Any) -> Columns:
    if isinstance(inputs, PackedSequence):
        return _packed(inputs)
    columns = _padded(stack, inputs) if inputs.ndim == 3 else _unbatched(inputs)
    if not columns.sizes:
        raise CaptureError("capture_shape", found=tuple(inputs.shape), wanted="at least one token")
    return columns


def _packed(inputs: PackedSequence) -> Columns:
    def sort(state: Tensor) -> Tensor:
        return state if inputs.sorted_indices is None else state.index_select(1, inputs.sorted_indices)

    def unsort(state: Tensor) -> Tensor:
        return state if inputs.unsorted_indices is None else state.index_select(1, inputs.unsorted_indices)

    sizes = inputs.batch_sizes.tolist()
    return Columns(
        rows=inputs.data,
        sizes=sizes,
        texts=(sizes[0],),
        restore=_same,
        output=lambda rows: PackedSequence(rows, inputs.batch_sizes, inputs.sorted_indices, inputs.unsorted_indices),
        take_state=sort,
        restore_state=unsort,
    )


def _padded(stack: Stack, inputs: Tensor) -> Columns:
    time_major = inputs.transpose(0, 1) if stack.batch_first else inputs
    tokens, texts = time_major.shape[:2]

    def restore(values: Tensor) -> Tensor:
        unfolded = values.unflatten(-2, (tokens, texts))
        return unfolded.transpose(-2, -3) if stack.batch_first else unfolded

    return Columns(
        rows=time_major.flatten(0, 1),
        sizes=[texts] * tokens,
        texts=(texts,),
        restore=restore,
        output=restore,
        take_state=_same,
        restore_state=_same,
    )


def _unbatched(inputs: Tensor) -> Columns:
    return Columns(
        rows=inputs,
        sizes=[1] * len(inputs),
        texts=(),
        restore=_same,
        output=_same,
        take_state=lambda state: state.unsqueeze(1),
        restore_state=lambda state: state.squeeze(1),
    )


def _same(values: Tensor) -> Tensor:
    return values


def initial(stack: Stack, columns: Columns, state: object) -> list[Tensor]:
    """The initial state, one tensor [layer·direction, text, unit] a part: hidden, and an LSTM's cell.

    Raises:
        CaptureError: It does not fit the module and the inputs.
    """
    weight, layers = stack.weight, stack.num_layers * stack.directions
    widths = [stack.proj_size or stack.hidden_size, stack.hidden_size][: 2 if stack.mode == "LSTM" else 1]
    if state is None:
        zeros = {width: weight.new_zeros(layers, columns.sizes[0], width) for width in set(widths)}
        return [zeros[width] for width in widths]
    parts: list[Any] = list(state) if isinstance(state, tuple | list) else [state]
    for part in parts:
        if isinstance(part, Tensor):
            refuse_strange(part, "the initial state")
    actual = [_described(part) for part in parts]
    expected = [f"{_kind(weight)} {(layers, *columns.texts, width)}" for width in widths]
    if actual != expected:
        raise CaptureError("capture_state", found=" and ".join(actual), wanted=" and ".join(expected))
    return [columns.take_state(part) for part in parts]


def _described(part: object) -> str:
    return f"{_kind(part)} {tuple(part.shape)}" if isinstance(part, Tensor) else type(part).__name__


def _kind(values: Tensor) -> str:
    kind = str(values.dtype).removeprefix("torch.")
    return kind if values.device.type == "cpu" else f"{kind} {values.device}"


def final(values: Float[Tensor, "*direction row unit"], sizes: list[int]) -> Float[Tensor, "*direction text unit"]:
    """What each text's last token left."""
    if sizes[0] == sizes[-1]:
        return values[..., values.shape[-2] - sizes[0] :, :]
    steps = zip(values.split(sizes, dim=-2), [*sizes[1:], 0], strict=True)
    return torch.cat([step[..., left:, :] for step, left in reversed(list(steps))], dim=-2)
