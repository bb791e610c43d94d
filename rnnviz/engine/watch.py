"""watch: every signal of every recurrent module inside a foreign model, while it runs.

The model runs as it always does; a hook on each recurrent module sees what went in and came out, and the gates are
recovered from that (``rnnviz.engine.recover``). A module with a forward of its own is seen one level deeper, at the
kernels that it calls (``rnnviz.engine.kernels``). Nothing that goes wrong here reaches the model's own call.
"""

import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.engine.buffers import result_of
from rnnviz.engine.columns import initial, laid_out
from rnnviz.engine.kernels import Call, Kernels, step_call
from rnnviz.engine.memory_limit import capture_bytes, refuse_more_than_fits, signal_bytes
from rnnviz.engine.receipt import distance, equation, holds_to, is_given, receipt
from rnnviz.engine.routes import recover_all
from rnnviz.engine.stack import (
    LAYERED,
    SINGLE,
    Onlooker,
    Stack,
    computes_its_own_way,
    name_of,
    plain_of,
    refuse_weight,
    stacked,
    unseen,
)
from rnnviz.engine.stitching import FIRST_ROOM, Growing, Reading, Stitching, step
from rnnviz.engine.uncompiled import run_uncompiled
from rnnviz.errors import CaptureError, RnnvizError

Seen = dict[str, list[Reading]]
_NUMBERS = count()


@contextmanager
def watch(model: nn.Module) -> Iterator[Seen]:
    """Keep the signals of every recurrent module in a model while the block runs.

        with rnnviz.watch(model) as seen:
            model(batch)
        seen["encoder.lstm"][-1]["forget"]    # [layer, direction, *output.shape[:-1], unit]

    Watched are ``nn.RNN``, ``nn.GRU`` and ``nn.LSTM``, their subclasses, and ``nn.RNNCell``, ``nn.GRUCell`` and
    ``nn.LSTMCell``. What counts is what a module computes: the weights that it uses in a call, whether they are
    parameters or were made just before; and where a subclass has a forward of its own, the calls of PyTorch's kernels
    in it, each of which gives one reading with the axes of that call.

    **Cells** read one token a call, so their calls are put together: signals are [1, 1, token, *text, unit] in the
    order of the calls. A call goes on with a reading if it begins from the state that the reading's last call left
    (texts that have ended may keep an earlier one); without a state, from zeros or from any other state it begins a
    new one.

    **Receipt.** Each reading has a ``receipt``: how far the cell's equation over the signals (an LSTM's
    output · tanh(cell), a GRU's (1 - update) · candidate + update · state before, a plain RNN's squashed sum) is from
    the hidden state that the module itself gave, and its final state from the module's, at most; as a share of the
    value where that is above 1. It holds up to the square root of the precision of the module's numbers (3.5e-4 in
    float32). A reading whose receipt does not hold is not kept, and the end of the block says so.

    **Compiled models** run uncompiled inside the block (``torch.compiler.set_stance("force_eager")``), since what was
    compiled calls no module; afterwards they run compiled again. It does not matter when they are compiled.

    The model computes, learns and draws random numbers as if nobody looked; what is kept carries no gradient. When the
    block ends, however it ends, nothing is left on the model. One thread at a time may run a watched model.

    Args:
        model: Any module that holds recurrent ones, at any depth.

    Yields:
        The name of each recurrent module, as in ``model.named_modules()``, to its readings so far: dictionaries of
        signals, in the order of the calls. A module that was never called has an empty list.

    Raises:
        CaptureError: The model holds no recurrent module, or one that was scripted or quantised. Or, at the end of
            the block, never in the model's own call: something that ran could not be read. Dropout was on between its
            layers, autocast was on, a forward of its own called no kernel, or a receipt does not hold. The message
            names the module and its class; what could be read stands in what the block was given.
        MemoryLimitError: At the end of the block: to keep the signals of one more call took more memory than was free.

    Example:
        >>> model = torch.nn.Sequential(torch.nn.Embedding(100, 8), torch.nn.LSTM(8, 16, batch_first=True))
        >>> with rnnviz.watch(model) as seen:
        ...     output, state = model(torch.tensor([[5, 3, 8]]))
        >>> seen["1"][0]["forget"].shape, seen["1"][0].receipt < 1e-6
        (torch.Size([1, 1, 1, 3, 16]), True)
        >>> cell = torch.nn.GRUCell(8, 16)
        >>> with rnnviz.watch(cell) as seen:
        ...     state = cell(torch.randn(8))
        ...     state = cell(torch.randn(8), state)
        >>> len(seen[""]), seen[""][0]["update"].shape
        (1, torch.Size([1, 1, 2, 16]))
    """
    parts = dict(model.named_modules()) if isinstance(model, nn.Module) else {}
    modules = {name: part for name, part in parts.items() if isinstance(part, LAYERED | SINGLE)}
    for name, part in parts.items():
        reason = unseen(name, part)
        if reason is not None:
            raise reason
    if not modules and isinstance(model, torch.jit.ScriptModule):  # frozen: nobody knows what was inside
        raise CaptureError("capture_scripted", name=name_of("", model))
    if not modules:
        raise CaptureError("watch_nothing", type=type(model).__name__)
    number, problems = next(_NUMBERS), dict[tuple[str, str], RnnvizError]()
    seen: Seen = {name: [] for name in modules}
    with ExitStack() as stack:
        run_uncompiled(stack)
        for name, module in modules.items():
            stack.callback(_Eye(name, module, seen[name], problems, number).open())
        yield seen
    _say(list(problems.values()))


def _say(problems: list[RnnvizError]) -> None:
    """Raise the first of all that could not be read, with the others as notes."""
    if problems:
        first, *others = problems
        for other in others:
            first.add_note(str(other))
        raise first


class _Eye:
    """What sees one module, and keeps what it computes; whatever goes wrong in it is written down and not raised."""

    def __init__(
        self,
        name: str,
        module: nn.Module,
        readings: list[Reading],
        problems: dict[tuple[str, str], RnnvizError],
        number: int,
    ) -> None:
        self.name, self.readings, self.problems, self.number = name_of(name, module), readings, problems, number
        self.module, self.plain = module, f"nn.{plain_of(module).__name__}"
        self.growing = Growing()

    def open(self) -> Callable[[], None]:
        """Begin to look; what is returned ends it."""
        made_by_call = isinstance(self.module, SINGLE) and "parametrizations" in self.module._modules
        if not computes_its_own_way(self.module) and not made_by_call:  # to ask for such a weight again would move it
            return self.module.register_forward_hook(_Hook(self), prepend=True, with_kwargs=True).remove
        forward = _Forward(self, self.module.forward, vars(self.module).get("forward"))
        vars(self.module)["forward"] = forward
        return forward.close

    def note(self, error: RnnvizError) -> None:
        """Write down what could not be read, the first of each kind."""
        self.problems.setdefault((self.name, error.key), error)

    def keep(self, call: Callable[[], Call]) -> None:
        """Keep what a call computed."""
        self._safely(lambda: self._read(call()))

    def compare(self, calls: list[Call], returned: object) -> None:
        """See whether a forward of the module's own gave what the kernels computed that it called."""
        self._safely(lambda: self._compare(calls, returned))

    def _compare(self, calls: list[Call], returned: object) -> None:
        if not calls:
            raise CaptureError("watch_own", name=self.name, plain=self.plain)
        if not is_given(calls, returned):
            raise CaptureError("watch_changed", name=self.name)

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            if _is_transformed():
                raise CaptureError("watch_traced", name=self.name)
            with torch.no_grad():
                work()
        except RnnvizError as error:
            self.note(error)
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            failed = CaptureError("watch_failed", name=self.name, reason=reason)
            failed.__cause__ = error
            self.note(failed)

    def _read(self, call: Call) -> None:
        for weight in call.stack.flat:
            refuse_weight(weight, self.module)
        if torch.is_autocast_enabled(call.stack.weight.device.type):
            raise CaptureError("watch_autocast", name=self.name)
        if call.dropout:
            raise CaptureError("watch_dropout", name=self.name, dropout=call.dropout)
        if call.one_step:
            self._stitch(call)
        else:
            self.readings.append(self._reading(call))

    def _reading(self, call: Call) -> Reading:
        columns = laid_out(call.stack, call.inputs)
        start = initial(call.stack, columns, call.state)
        needed = capture_bytes(call.stack, columns, "recover")
        refuse_more_than_fits(needed, len(columns.rows), columns.rows.device, calls=len(self.readings) + 1)
        output, *final = call.returned
        buffers = recover_all(call.stack, columns, start, top=_rows(call.stack, output))
        _, state, signals = result_of(call.stack, columns, buffers)
        off = [receipt(call.stack, columns, start, buffers)]
        off += [distance(own, given) for own, given in zip(_flat(state), _flat(final), strict=True)]
        self._check(call.stack, max(off))
        reading = Reading(signals)
        reading.receipt = max(off)
        return reading

    def _stitch(self, call: Call) -> None:
        signals, off = step(call)
        self._check(call.stack, off)
        whole = self.growing.going_on(call) or Stitching(len(self.readings))
        if whole.tokens == whole.fits:
            tokens = max(1, call.inputs.numel() // call.inputs.shape[-1]) * max(FIRST_ROOM, 2 * whole.tokens)
            needed = signal_bytes(call.stack, tokens)
            refuse_more_than_fits(needed, tokens, call.inputs.device, calls=len(self.readings) + 1)
        whole.add(call, signals, off)
        self.growing.keep(whole)
        if whole.tokens == 1:
            self.readings.append(whole.reading)

    def _check(self, stack: Stack, off: float) -> None:
        if not off <= holds_to(stack):
            equals = equation(stack)
            raise CaptureError("watch_receipt", name=self.name, equation=equals, off=off, plain=self.plain)


class _Hook(Onlooker):
    """The hook on a module that runs PyTorch's own forward; a copy of the module gets one that sees nothing."""

    def __init__(self, eye: _Eye | None = None) -> None:
        self.eye = eye

    def __reduce__(self) -> tuple[object, ...]:
        return _Hook, ()

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], returned: Any) -> None:
        if self.eye is not None:
            self.eye.keep(lambda: _call_of(module, *_arguments(*args, **kwargs), returned))


class _Forward:
    """Stands in for a forward of the module's own, and runs it; a copy of the module gets that one back."""

    def __init__(self, eye: _Eye, forward: Callable[..., Any], attribute: Any) -> None:
        self.eye, self.forward, self.attribute, self.closed = eye, forward, attribute, False

    def __reduce__(self) -> tuple[object, ...]:
        return _own_forward, (self.eye.module, self.attribute)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.closed:
            return self.forward(*args, **kwargs)
        seen: list[Call] = []
        with Kernels(lambda call: self._keep(seen, call), self.eye.number):
            returned = self.forward(*args, **kwargs)
        self.eye.compare(seen, returned)
        return returned

    def _keep(self, seen: list[Call], call: Call) -> None:
        seen.append(call)
        self.eye.keep(lambda: call)

    def close(self) -> None:
        """Give the module its forward back; if somebody has put another in its place, only look no longer."""
        self.closed = True
        own = vars(self.eye.module)
        if own.get("forward") is self:
            del own["forward"]
            if self.attribute is not None:
                own["forward"] = self.attribute


def _own_forward(module: nn.Module, attribute: Any) -> Any:
    return types.MethodType(type(module).forward, module) if attribute is None else attribute


def _is_transformed() -> bool:
    """Whether tensors now stand for others: in torch.func's transformations, or while PyTorch traces."""
    if torch._C._get_tracing_state() is not None or torch.compiler.is_compiling():
        return True
    return torch._C._functorch.peek_interpreter_stack() is not None


def _call_of(module: Any, inputs: Any, state: Any, returned: Any) -> Call:
    """A call of a module that runs PyTorch's own forward."""
    if isinstance(module, SINGLE):
        weights = module.weight_ih, module.weight_hh, module.bias_ih, module.bias_hh
        names = {"LSTMCell": "LSTM", "GRUCell": "GRU"}
        mode = names.get(plain_of(module).__name__) or f"RNN_{module.nonlinearity.upper()}"
        return step_call(mode, inputs, state, weights, returned)
    dropout = module.dropout if module.training and module.num_layers > 1 else 0.0
    output, final = returned
    return Call(stacked(module, module._flat_weights), inputs, state, (output, *_flat([final])), dropout)


def _arguments(input: object, hx: object = None) -> tuple[object, object]:  # PyTorch's own names
    return input, hx


def _flat(state: Any) -> list[Tensor]:
    """The parts of a state, however they are wrapped."""
    return [state] if isinstance(state, Tensor) else [part for own in state for part in _flat(own)]


def _rows(stack: Stack, output: Tensor | PackedSequence) -> Float[Tensor, "row feature"]:
    """What a module returned, row by row as in its columns."""
    if isinstance(output, PackedSequence):
        return output.data
    if output.ndim == 2:
        return output
    return (output.transpose(0, 1) if stack.batch_first else output).flatten(0, 1)
