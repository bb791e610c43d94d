"""How a capture is made: by which route, and in how much memory. Chosen here, once; the engine does what the plan says.

Left out: the routes themselves (``rnnviz.engine.routes``, ``rnnviz.engine.one_text``).
"""

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

from rnnviz.engine.columns import Columns
from rnnviz.engine.memory_limit import capture_bytes
from rnnviz.engine.stack import Stack
from rnnviz.errors import CaptureError, unknown

Route = Literal["walk", "recover"]

_FEW = {"LSTM": 2048, "GRU": 1024}
_FEW_PLAIN = 4096
"""Texts times units up to which PyTorch's kernel and to recover are faster than to step (docs/performance.md)."""


class Plan(NamedTuple):
    """What was chosen for one capture.

    Attributes:
        route: "walk" or "recover"; "follow" is the walk through which gradients flow.
        one_text: Whether the walk is that of a text alone in NumPy.
        bytes: How much memory the capture takes at most.
    """

    route: Literal["walk", "recover", "follow"]
    one_text: bool
    bytes: int


def plan_of(
    stack: Stack,
    columns: Columns,
    start: list[Tensor],
    *,
    asked: str | None = None,
    exact: bool = False,
    holds: bool = False,
    embedded: int = 0,
) -> Plan:
    """Choose: what was asked for, else what is faster of all that can do it; see ``_kernel_is_faster``.

    Args:
        stack: The weights of the recurrent module.
        columns: What it is to read.
        start: The initial state; a gradient that it or the columns ask for makes the walk one that can be followed.
        asked: A ``Route``, if the caller chose one.
        exact: Whether PyTorch's order of operations is to be kept; then a text alone is no exception.
        holds: Whether signals are held.
        embedded: Features of an embedding row, if the route itself has to look them up.

    Raises:
        CaptureError: The options exclude each other.
        SelectionError: There is no such route.
    """
    gradients = torch.is_grad_enabled() and any(part.requires_grad for part in (columns.rows, *start))
    reasons = {"exact=True": exact, "holds": holds, "gradients": gradients}
    only_walked = [name for name, needed in reasons.items() if needed]
    if asked is not None and asked not in get_args(Route):
        raise unknown("route", asked, get_args(Route))
    if asked == "recover" and only_walked:
        raise CaptureError("capture_option", option=f"{' and '.join(only_walked)} with route='recover'")
    if gradients and holds:
        raise CaptureError("capture_option", option="holds together with gradients")
    if gradients:
        return Plan("follow", False, capture_bytes(stack, columns, "follow", embedded))
    alone = not exact and _is_one_text(stack, columns, start)
    walks = bool(only_walked) or alone or not _kernel_is_faster(stack, columns)
    route: Route = "walk" if asked == "walk" or (asked is None and walks) else "recover"
    return Plan(route, alone and route == "walk", capture_bytes(stack, columns, route, embedded))


def _kernel_is_faster(stack: Stack, columns: Columns) -> bool:
    """Whether PyTorch's own kernel, and then to recover, takes less time than to step: on a CPU, for few texts only.

    With few numbers a step, its calls from Python take longer than the arithmetic. Where texts differ in length, so do
    the kernel's own.
    """
    if columns.rows.device.type != "cpu":
        return True
    few = columns.sizes[0] * stack.hidden_size <= _FEW.get(stack.mode, _FEW_PLAIN)
    return few and columns.sizes[0] == columns.sizes[-1]


def _is_one_text(stack: Stack, columns: Columns, start: list[Tensor]) -> bool:
    """Whether NumPy can walk it: one text, on a CPU, in numbers that NumPy has, not projected."""
    dtype, device = start[0].dtype, start[0].device.type
    return columns.sizes[0] == 1 and dtype in (torch.float32, torch.float64) and device == "cpu" and not stack.proj_size
