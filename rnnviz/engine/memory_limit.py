"""How much memory a capture takes, known before it takes any, so that too large a one is refused and not killed.

The estimate follows from the module's settings and the number of tokens alone. It counts what the caller gets, and what
the route holds beside it at its worst moment, and lies above what is taken rather than below.

Below it: how much memory is free on this machine, and in the control groups that a container or a cluster puts us in.

Left out: what a caller keeps of one capture after another.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import torch

from rnnviz.engine.cells import CELLS, GATES
from rnnviz.engine.columns import Columns
from rnnviz.engine.stack import Stack
from rnnviz.errors import MemoryLimitError

_UNASKED = 256 * 1024**2  # bytes; below it, to ask the machine would take longer than most captures do
_GRAPH_STEP = 16 * 1024  # bytes of PyTorch's own records for one step of a graph, whatever its width
_INDEX_BYTES = 7 * 8  # bytes a row, for the numbers of the rows that recovery puts in order


def signal_bytes(stack: Stack, tokens: int) -> int:
    """How large all signals of so many tokens are."""
    return tokens * _signals(stack) * stack.weight.itemsize


def capture_bytes(stack: Stack, columns: Columns, route: str, embedded: int = 0) -> int:
    """How many bytes a capture takes at most, with all that it returns.

    Args:
        stack: The weights of the recurrent module.
        columns: What it is to read.
        route: "walk" or "recover"; or "follow", where gradients are asked for.
        embedded: How many features a token has, if the route itself has to look them up.
    """
    tokens, texts, steps = len(columns.rows), columns.sizes[0], len(columns.sizes)
    directions, units, layers = stack.directions, stack.hidden_size, stack.num_layers
    features = stack.proj_size or units
    product = max(1, len(GATES[CELLS[stack.mode]])) * units
    signals, output = _signals(stack), directions * features
    if route == "walk":
        extra, records = 2 * output, 0
    elif route == "recover":
        below = max(embedded, output if layers > 1 else 0)
        extra, records = below + 2 * output + product + units + features, tokens * _INDEX_BYTES
    else:  # the signals of each step, then of all steps, then of all layers; and what the graph keeps beside them
        # with the gaps that each step leaves in the C library's heap
        graph = layers * directions * (3 * product + 4 * units)
        extra = 2 * signals + graph + (layers + 1) * output + embedded
        records = layers * directions * steps * _GRAPH_STEP
    at_a_step = product + 2 * units + 2 * features
    states = 2 * layers * directions * (units + features)
    return (tokens * (signals + extra) + texts * (at_a_step + states)) * stack.weight.itemsize + records


def _signals(stack: Stack) -> int:
    """How many numbers all signals of one token are."""
    besides_hidden = len(GATES[CELLS[stack.mode]]) + (stack.mode == "LSTM")
    features = besides_hidden * stack.hidden_size + (stack.proj_size or stack.hidden_size)
    return stack.num_layers * stack.directions * features


def refuse_more_than_fits(needed: int, tokens: int, device: torch.device, calls: int = 1) -> None:
    """Ask the machine whether so many bytes are free, where they are many.

    Args:
        needed: By one call.
        tokens: What they are needed for.
        device: Where they are taken.
        calls: Counted with those before it whose signals are kept, each of about as many bytes.

    Raises:
        MemoryLimitError: There are fewer.
    """
    if calls * needed < _UNASKED:
        return
    free = free_bytes(device)
    if free is not None and needed > free:
        most = tokens * free // needed
        raise MemoryLimitError(
            "capture_room", tokens=tokens, needed=needed / 1e6, free=free / 1e6, device=device, most=most
        )


_ROOT = Path("/")
_GROUPS = {  # by the controllers that /proc/self/cgroup names: none in version 2, each by itself in version 1
    "": ("sys/fs/cgroup", "memory.max", "memory.current", ""),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
}
"""Where the groups lie, the files of their limit and use, and how the names of what is in use begin."""


def free_bytes(device: torch.device) -> int | None:
    """How many more bytes can be taken on a device without swapping; None where nobody says."""
    if device.type == "cuda":
        kept_back = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # PyTorch's own, to reuse
        return torch.cuda.mem_get_info(device)[0] + kept_back
    if device.type != "cpu":
        return None
    return min([*_free_here(), *_free_in_groups()], default=None)


def _free_here() -> Iterator[int]:
    """What Linux says it can give; elsewhere at least no more than the machine has."""
    known = _numbers(_ROOT / "proc/meminfo")
    if "MemAvailable:" in known:
        yield known["MemAvailable:"] * 1024
    elif "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _free_in_groups() -> Iterator[int]:
    """What is left of each limit on this process: its control group's, and that of each group around it."""
    for line in _text(_ROOT / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in _GROUPS:
            continue
        top, limit, usage, total = _GROUPS[controllers]
        outermost = _ROOT / top
        own = outermost / path.lstrip("/")
        for group in (own, *own.parents[: len(own.parts) - len(outermost.parts)]):
            most, used = _text(group / limit).strip(), _text(group / usage).strip()
            if most.isdigit() and used.isdigit():  # "max" is no limit
                uses = _numbers(group / "memory.stat")
                cached = sum(
                    uses.get(f"{total}{kind}_file", 0) for kind in ("active", "inactive")
                )  # given up when asked
                yield max(0, int(most) - int(used) + cached)


def _numbers(path: Path) -> dict[str, int]:
    """A file of lines that are a name and a number."""
    fields = (line.split() for line in _text(path).splitlines())
    return {parts[0]: int(parts[1]) for parts in fields if len(parts) > 1 and parts[1].isdigit()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
