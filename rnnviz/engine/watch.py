"""watch: every signal of every recurrent module inside a foreign model, while it runs.

The model runs as it always does; a hook on each recurrent module sees what went in and came out, and the gates are
recovered from that (``rnnviz.engine.recover``).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.engine.cells import Signals
from rnnviz.engine.columns import initial, laid_out
from rnnviz.engine.memory_limit import capture_bytes, refuse_more_than_fits
from rnnviz.engine.routes import recovered
from rnnviz.errors import CaptureError

Seen = dict[str, list[Signals]]


@contextmanager
def watch(model: nn.Module) -> Iterator[Seen]:
    """Keep the signals of every ``nn.RNN``, ``nn.GRU`` and ``nn.LSTM`` in a model while the block runs.

        with rnnviz.watch(model) as seen:
            model(batch)
        seen["encoder.lstm"][-1]["forget"]    # [layer, direction, *output.shape[:-1], unit]

    The model computes, learns and draws random numbers as if nobody looked; what is kept carries no gradient. When the
    block ends, however it ends, nothing is left on the model. One thread at a time may run a watched model.

    Args:
        model: Any module that holds recurrent ones, at any depth.

    Yields:
        The name of each recurrent module, as in ``model.named_modules()``, to the signals of its calls so far, in the
        order of the calls. A module that was never called has an empty list.

    Raises:
        CaptureError: The model holds no recurrent module; or, raised by the model's own call, a module drops out
            between its layers while it trains, so that no one can tell afterwards what its layers read.
        MemoryLimitError: Raised by the model's own call: to keep the signals of this one too takes more memory
                than is free.

    Example:
        >>> model = torch.nn.Sequential(torch.nn.Embedding(100, 8), torch.nn.LSTM(8, 16, batch_first=True))
        >>> with rnnviz.watch(model) as seen:
        ...     output, state = model(torch.tensor([[5, 3, 8]]))
        >>> seen["1"][0]["forget"].shape
        torch.Size([1, 1, 1, 3, 16])
    """
    modules = {name: part for name, part in model.named_modules() if isinstance(part, nn.RNN | nn.GRU | nn.LSTM)}
    if not modules:
        raise CaptureError("watch_nothing", type=type(model).__name__)
    seen: Seen = {name: [] for name in modules}
    with ExitStack() as hooks:
        for name, module in modules.items():
            handle = module.register_forward_hook(partial(_keep, seen[name]), prepend=True, with_kwargs=True)
            hooks.callback(handle.remove)
        yield seen


@torch.no_grad()
def _keep(
    calls: list[Signals], module: nn.RNNBase, args: tuple[Any, ...], kwargs: dict[str, Any], returned: tuple[Any, Any]
) -> None:
    if module.training and module.dropout and module.num_layers > 1:
        raise CaptureError("capture_option", option=f"dropout of {module.dropout:g} between layers while training")
    inputs, state = _arguments(*args, **kwargs)
    columns = laid_out(module, inputs)
    needed = capture_bytes(module, columns, "recover")
    refuse_more_than_fits(needed, len(columns.rows), columns.rows.device, calls=len(calls) + 1)
    top = _rows(module, returned[0])
    calls.append(recovered(module, columns, initial(module, columns, state), top=top)[2])


def _arguments(input: object, hx: object = None) -> tuple[object, object]:  # PyTorch's own names
    return input, hx


def _rows(module: nn.RNNBase, output: Tensor | PackedSequence) -> Float[Tensor, "row feature"]:
    """What a module returned, row by row as in its columns."""
    if isinstance(output, PackedSequence):
        return output.data
    if output.ndim == 2:
        return output
    return (output.transpose(0, 1) if module.batch_first else output).flatten(0, 1)
