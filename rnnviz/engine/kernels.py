"""The calls of PyTorch's recurrent kernels, as they are made: with the weights and the numbers that they are given.

``torch.lstm`` and its relatives are what runs in the end, whatever a module's attributes say. A module with a forward
of its own often calls one, with inputs that it has packed and weights that it has masked.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode

from rnnviz.engine.stack import Stack

_LAYERED: dict[Any, str] = {
    torch.lstm: "LSTM",
    torch.gru: "GRU",
    torch.rnn_tanh: "RNN_TANH",
    torch.rnn_relu: "RNN_RELU",
}
_SINGLE: dict[Any, str] = {
    torch.lstm_cell: "LSTM",
    torch.gru_cell: "GRU",
    torch.rnn_tanh_cell: "RNN_TANH",
    torch.rnn_relu_cell: "RNN_RELU",
}
_SETTINGS = "has_biases", "num_layers", "dropout", "train", "bidirectional"
_PADDED = "input", "hx", "params", *_SETTINGS, "batch_first"
_PACKED = "data", "batch_sizes", "hx", "params", *_SETTINGS
_STEP = "input", "hx", "w_ih", "w_hh", "b_ih", "b_hh"


class Call(NamedTuple):
    """One call of a module or of a kernel.

    Attributes:
        stack: The weights.
        inputs: What was read.
        state: The state it began from, as the module or the kernel takes it; None for zeros.
        returned: The output and then the final state.
        dropout: Between the layers; 0 if nothing was dropped.
        one_step: Whether it read one token, as cells do.
    """

    stack: Stack
    inputs: Any
    state: Any
    returned: tuple[Any, ...]
    dropout: float = 0.0
    one_step: bool = False


_TAKEN: ContextVar[frozenset[int]] = ContextVar("taken", default=frozenset())


class Kernels(TorchFunctionMode):
    """Hand over each call of a recurrent kernel that is made in a block.

    Where one block lies in another, and both have the same number, the inner one alone takes a call.
    """

    def __init__(self, keep: Callable[[Call], None], number: int) -> None:
        super().__init__()
        self.keep, self.number = keep, number

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given, taken = kwargs or {}, _TAKEN.get()
        if (func not in _LAYERED and func not in _SINGLE) or self.number in taken:
            return func(*args, **given)
        token = _TAKEN.set(taken | {self.number})
        try:
            returned = func(*args, **given)
        finally:
            _TAKEN.reset(token)
        self.keep(_layered(func, args, given, returned) if func in _LAYERED else _step(func, args, given, returned))
        return returned


def _layered(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], returned: Any) -> Call:
    packed = "data" in kwargs or "batch_sizes" in kwargs or (len(args) > 3 and isinstance(args[3], list | tuple))
    given = dict(zip(_PACKED if packed else _PADDED, args, strict=False)) | kwargs
    bias, layers, dropout, train, both_ways = (given[name] for name in _SETTINGS)
    flat = tuple(given["params"])
    stack = Stack(_LAYERED[func], flat, bias, layers, both_ways, bool(given.get("batch_first")))
    inputs = PackedSequence(given["data"], given["batch_sizes"]) if packed else given["input"]
    return Call(stack, inputs, given["hx"], tuple(returned), dropout if train and layers > 1 else 0.0)


def _step(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], returned: Any) -> Call:
    given = dict(zip(_STEP, args, strict=False)) | kwargs
    weights = given["w_ih"], given["w_hh"], given.get("b_ih"), given.get("b_hh")
    return step_call(_SINGLE[func], given["input"], given["hx"], weights, returned)


def step_call(
    mode: str, inputs: Tensor, state: Any, weights: tuple[Tensor, Tensor, Tensor | None, Tensor | None], returned: Any
) -> Call:
    """A call of one step, with W, U, b and b'; ``returned`` is the new state."""
    flat = tuple(weight for weight in weights if weight is not None)
    state = None if state is None else tuple(state) if mode == "LSTM" else (state,)
    return Call(Stack(mode, flat, bias=len(flat) == 4), inputs, state, _parts(returned), one_step=True)


def _parts(state: Any) -> tuple[Tensor, ...]:
    return tuple(state) if isinstance(state, tuple | list) else (state,)
