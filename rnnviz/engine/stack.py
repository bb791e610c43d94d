"""What a recurrent module computes with: its weights as its next call would find them, and how they are stacked.

The weights of a module are not always its parameters. Pruning, weight and spectral normalisation put them together
before each call, by a hook or a parametrisation. So they are made here as that call would make them in evaluation mode,
on a copy of the module that shares its parameters, so that neither its attributes nor its buffers change.

What decides is what runs: a subclass with a forward of its own, a hook that may change inputs or outputs, and weights
that are no plain numbers are refused by name.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from rnnviz.engine.cells import CELLS, GATES, Weights
from rnnviz.errors import CaptureError

LAYERED, SINGLE = nn.RNN | nn.GRU | nn.LSTM, nn.RNNCell | nn.GRUCell | nn.LSTMCell
"""The modules that read whole texts, and those that read one token a call."""

_MAKERS = BasePruningMethod, WeightNorm, SpectralNorm
"""Hooks of PyTorch's that put a weight together before each call."""

_NAMES = {"RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"}
_NUMBERS = torch.float64, torch.float32, torch.float16, torch.bfloat16


class Onlooker:
    """A hook of rnnviz, which changes nothing."""


class Stack(NamedTuple):
    """The weights of all layers and directions, and how they are put together.

    Attributes:
        mode: PyTorch's name of the cell: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
        flat: The weights in PyTorch's order: layer after layer, forward before backward, W, U, b, b', projection.
        bias: Whether there are b and b'.
        num_layers: The layers.
        bidirectional: Whether each layer reads both ways.
        batch_first: Whether texts are the first axis of a padded batch, else the second.
    """

    mode: str
    flat: tuple[Tensor, ...]
    bias: bool = True
    num_layers: int = 1
    bidirectional: bool = False
    batch_first: bool = False

    @property
    def directions(self) -> int:
        """How many ways each layer reads."""
        return 2 if self.bidirectional else 1

    @property
    def weight(self) -> Tensor:
        """The first weight; its kind of number and its device are those of all."""
        return self.flat[0]

    @property
    def input_size(self) -> int:
        """Features that the first layer reads."""
        return self.weight.shape[1]

    @property
    def hidden_size(self) -> int:
        """Units of a layer and direction."""
        return len(self.weight) // max(1, len(GATES[CELLS[self.mode]]))

    @property
    def proj_size(self) -> int:
        """Features that an LSTM maps its hidden state to; 0 without a projection."""
        part = self.part(0)
        return len(part[-1]) if len(part) % 2 else 0

    def part(self, place: int) -> tuple[Tensor, ...]:
        """The weights of one layer and direction; ``place`` counts them in PyTorch's order."""
        each = len(self.flat) // (self.num_layers * self.directions)
        return self.flat[place * each : (place + 1) * each]

    def layer(self, layer: int) -> list[Tensor]:
        """The weights of one layer, both directions, in PyTorch's order."""
        return [weight for way in range(self.directions) for weight in self.part(layer * self.directions + way)]


def weights_of(stack: Stack, layer: int, backward: bool) -> Weights:
    """The weights of one layer and direction."""
    W, U, *rest = stack.part(layer * stack.directions + backward)
    b_input, b_hidden = rest[:2] if stack.bias else (W.new_zeros(len(W)), W.new_zeros(len(W)))
    return Weights(W, U, b_input, b_hidden, rest[-1] if len(rest) % 2 else None, stack.bias)


def stack_of(module: nn.Module) -> Stack:
    """What a module would compute with if it were called now in evaluation mode.

    Raises:
        CaptureError: It is no recurrent module, or computes otherwise than PyTorch's own do; the message names its
            class.
    """
    if not isinstance(module, LAYERED):
        raise not_layered(module)
    if computes_its_own_way(module):
        raise CaptureError("capture_own", type=described(module), plain=f"nn.{plain_of(module).__name__}")
    refuse_hooks(module)
    return stacked(module, _flat(as_evaluated(module)))


def stacked(module: Any, flat: Iterable[Any]) -> Stack:
    """A module's settings with the weights that it was, or would be, called with.

    Raises:
        CaptureError: The weights are missing, or are no plain numbers.
    """
    weights = tuple(flat)
    for weight in weights:
        refuse_weight(weight, module)
    mode = {nn.LSTM: "LSTM", nn.GRU: "GRU"}.get(plain_of(module)) or module.mode
    return Stack(
        mode, weights, bool(module.bias), module.num_layers, bool(module.bidirectional), bool(module.batch_first)
    )


def plain_of(module: nn.Module) -> type[nn.Module]:
    """PyTorch's own class that a recurrent module is, or is made from."""
    known = nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell
    return next(kind for kind in known if isinstance(module, kind))


def computes_its_own_way(module: nn.Module) -> bool:
    """Whether a call runs anything but PyTorch's own forward."""
    kind: Any = type(module)
    pytorchs = str(getattr(kind.forward, "__module__", None)).startswith("torch.nn.modules.")
    return not pytorchs or kind.__call__ is not nn.Module.__call__ or "forward" in vars(module)


def refuse_hooks(module: nn.Module) -> None:
    """Refuse a module with hooks that may change what it reads or gives; those that make its weights may stay.

    Raises:
        CaptureError: It has one; the message names it.
    """
    known: list[tuple[Any, tuple[type, ...]]] = [
        (module._forward_pre_hooks, (Onlooker, *_MAKERS)),
        (module._forward_hooks, (Onlooker,)),
    ]
    for hooks, harmless in known:
        for hook in hooks.values():
            if not isinstance(hook, harmless):
                name = getattr(hook, "__qualname__", type(hook).__qualname__)
                raise CaptureError("capture_hook", type=described(module), hook=name.rpartition("<locals>.")[2])


def as_evaluated(module: nn.Module) -> nn.Module:
    """A module whose weights are made before each call, as a call in evaluation mode would make them; else itself.

    It is a copy that shares only parameters.
    """
    if not module._forward_pre_hooks and "parametrizations" not in module._modules:
        return module
    copy = _twin(module)
    for hook in copy._forward_pre_hooks.values():
        if isinstance(hook, _MAKERS):
            hook(copy, ())
    return copy


def _twin(module: nn.Module) -> nn.Module:
    twin = module.__new__(type(module))
    twin.__dict__ = {name: list(own) if name == "_flat_weights" else own for name, own in vars(module).items()}
    twin.__dict__ |= {
        "training": False,
        "_parameters": dict(module._parameters),
        "_buffers": {name: None if own is None else own.clone() for name, own in module._buffers.items()},
        "_modules": {name: None if part is None else _twin(part) for name, part in module._modules.items()},
    }
    return twin


def _flat(module: Any) -> list[Any]:
    """The weights as PyTorch's forward takes them: its own list, unless what the attributes say has changed."""
    if "parametrizations" in module._modules or module._weights_have_changed():
        return [made_weight(module, name) for name in module._flat_weights_names]
    return module._flat_weights


def made_weight(module: nn.Module, name: str) -> Any:
    """A weight of a module as a call would find it; its parametrisation is asked, since the attribute may be cached."""
    makers: Any = module._modules.get("parametrizations", {})
    return makers[name]() if name in makers else getattr(module, name, None)


def described(module: nn.Module) -> str:
    """The name of a module's class, with its home where that is one of PyTorch's names and the class is not."""
    kind = type(module)
    if kind.__name__ in _NAMES and kind is not getattr(nn, kind.__name__):
        return f"{kind.__module__}.{kind.__qualname__}"
    return kind.__name__


def unseen(name: str, module: nn.Module) -> CaptureError | None:
    """Why nobody sees what this recurrent module of a model computes; None for all others."""
    if isinstance(module, torch.jit.ScriptModule):
        known = getattr(module, "original_name", None) in _NAMES
        return CaptureError("capture_scripted", name=name_of(name, module)) if known else None
    home = type(module).__module__
    if home.startswith(("torch.ao.nn.", "torch.nn.quantiz")) and type(module).__name__ in _NAMES:
        return CaptureError("capture_quantised", name=name_of(name, module))
    return None


def not_layered(module: nn.Module) -> CaptureError:
    """What to say of a module that is no ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``."""
    if isinstance(module, SINGLE):
        return CaptureError("capture_cell", type=described(module))
    parts = dict(module.named_modules()) if isinstance(module, nn.Module) else {}
    reasons = (unseen(name, part) for name, part in parts.items())
    inside = [name for name, part in parts.items() if isinstance(part, LAYERED)]
    for reason in reasons:
        if reason is not None:
            return reason
    if inside:
        return CaptureError("capture_inside", type=described(module), names=", ".join(map(repr, inside)))
    return CaptureError("capture_module", type=described(module))


def name_of(name: str, module: nn.Module) -> str:
    """How a message names a module inside a model."""
    original = getattr(module, "original_name", None) if isinstance(module, torch.jit.ScriptModule) else None
    kind = f"{type(module).__name__} of {original}" if original else described(module)
    return f"{name!r} ({kind})" if name else kind


def refuse_weight(values: object, module: nn.Module) -> None:
    """Refuse a weight that is no tensor of plain numbers.

    Raises:
        CaptureError: It is not; the message says what it is.
    """
    what = f"weights of {described(module)}"
    if not isinstance(values, Tensor):
        raise CaptureError("capture_tensor", what=what, kind=type(values).__name__)
    refuse_strange(values, what)
    if values.is_meta:
        raise CaptureError("capture_tensor", what=what, kind="on the meta device, without values")
    if values.dtype not in _NUMBERS:
        raise CaptureError("capture_tensor", what=what, kind=str(values.dtype).removeprefix("torch."))


def refuse_strange(values: Tensor, what: str) -> None:
    """Refuse a tensor that is nested, sparse, quantised or of a kind of its own.

    Raises:
        CaptureError: It is; the message says which.
    """
    kind = _strangeness(values)
    if kind:
        raise CaptureError("capture_tensor", what=what, kind=kind)


def _strangeness(values: Tensor) -> str | None:
    if values.is_nested:
        return "nested"
    if type(values).__torch_dispatch__ is not Tensor.__torch_dispatch__:
        return type(values).__name__
    if values.layout is not torch.strided:
        return str(values.layout).removeprefix("torch._").removeprefix("torch.")
    return "quantised" if values.is_quantized else None
