"""How much memory a capture takes, known before it takes any, so that too large a one is refused and not killed.

The estimate follows from the module's settings and the number of tokens alone. It counts what the caller gets, and what
the route holds beside it at its worst moment, and lies above what is taken rather than below.

Left out: how much there is (``rnnviz.engine.machine``), and what a caller keeps of one capture after another.
"""

import torch
from torch import nn

from rnnviz.cells import CELLS, GATES
from rnnviz.engine.columns import Columns, first_weight
from rnnviz.engine.machine import free_bytes
from rnnviz.errors import RoomError

_UNASKED = 256 * 1024**2  # bytes; below it, to ask the machine would take longer than most captures do
_GRAPH_STEP = 16 * 1024  # bytes of PyTorch's own records for one step of a graph, whatever its width
_PLACES = 7 * 8  # bytes a row, for the numbers of the rows that recovery puts in order


def signal_bytes(module: nn.RNNBase, tokens: int) -> int:
    """How large all signals of so many tokens are."""
    return tokens * _signals(module) * first_weight(module).itemsize


def capture_bytes(module: nn.RNNBase, columns: Columns, route: str, embedded: int = 0) -> int:
    """How many bytes a capture takes at most, with all that it returns.

    Args:
        module: The recurrent module.
        columns: What it is to read.
        route: "walk" or "recover"; or "follow", where gradients are asked for.
        embedded: How many features a token has, if the route itself has to look them up.
    """
    tokens, texts, steps = len(columns.rows), columns.sizes[0], len(columns.sizes)
    ways, units, layers = 2 if module.bidirectional else 1, module.hidden_size, module.num_layers
    features = module.proj_size or units
    product = max(1, len(GATES[CELLS[module.mode]])) * units
    signals, output = _signals(module), ways * features
    if route == "walk":
        beside, records = 2 * output, 0
    elif route == "recover":
        below = max(embedded, output if layers > 1 else 0)
        beside, records = below + 2 * output + product + units + features, tokens * _PLACES
    else:  # the signals of each step, then of all steps, then of all layers; and what the graph keeps beside them
        graph = layers * ways * (3 * product + 4 * units)  # with the gaps that each step leaves in the C library's heap
        beside = 2 * signals + graph + (layers + 1) * output + embedded
        records = layers * ways * steps * _GRAPH_STEP
    at_a_step = product + 2 * units + 2 * features
    states = 2 * layers * ways * (units + features)
    return (tokens * (signals + beside) + texts * (at_a_step + states)) * first_weight(module).itemsize + records


def _signals(module: nn.RNNBase) -> int:
    """How many numbers all signals of one token are."""
    besides_hidden = len(GATES[CELLS[module.mode]]) + (module.mode == "LSTM")
    features = besides_hidden * module.hidden_size + (module.proj_size or module.hidden_size)
    return module.num_layers * (2 if module.bidirectional else 1) * features


def refuse_more_than_fits(needed: int, tokens: int, device: torch.device, calls: int = 1) -> None:
    """Ask the machine whether so many bytes are free, where they are many.

    Args:
        needed: By one call.
        tokens: What they are needed for.
        device: Where they are taken.
        calls: Counted with those before it whose signals are kept, each of about as many bytes.

    Raises:
        RoomError: There are fewer.
    """
    if calls * needed < _UNASKED:
        return
    free = free_bytes(device)
    if free is not None and needed > free:
        most = tokens * free // needed
        raise RoomError("capture_room", tokens=tokens, needed=needed / 1e6, free=free / 1e6, device=device, most=most)
