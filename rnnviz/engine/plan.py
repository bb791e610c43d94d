"""How a capture is made: by which route, and in how much memory. Chosen here, once; the engine does what the plan says.

Left out: the routes themselves (``rnnviz.engine.routes``, ``rnnviz.engine.one_text``).
"""

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from rnnviz.engine.columns import Columns
from rnnviz.engine.memory_limit import capture_bytes
from rnnviz.errors import CaptureError, unknown

Route = Literal["walk", "recover"]


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
    module: nn.RNNBase,
    columns: Columns,
    start: list[Tensor],
    *,
    asked: str | None = None,
    exact: bool = False,
    holds: bool = False,
    embedded: int = 0,
) -> Plan:
    """Choose: what was asked for, else walk on a CPU and wherever only a walk can do it, and recover elsewhere.

    Args:
        module: The recurrent module.
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
    only_walked = {"exact=True": exact, "holds": holds, "gradients": gradients}
    route = _route(asked, columns.rows.device.type, [name for name, needed in only_walked.items() if needed])
    if gradients and holds:
        raise CaptureError("capture_option", option="holds together with gradients")
    if gradients:
        return Plan("follow", False, capture_bytes(module, columns, "follow", embedded))
    one_text = route == "walk" and not exact and _is_one_text(module, columns, start)
    return Plan(route, one_text, capture_bytes(module, columns, route, embedded))


def _route(asked: str | None, device: str, only_walked: list[str]) -> Route:
    if asked is None:
        return "walk" if only_walked or device == "cpu" else "recover"
    if asked not in get_args(Route):
        raise unknown("route", asked, get_args(Route))
    if asked == "recover" and only_walked:
        raise CaptureError("capture_option", option=f"{' and '.join(only_walked)} with route='recover'")
    return "walk" if asked == "walk" else "recover"


def _is_one_text(module: nn.RNNBase, columns: Columns, start: list[Tensor]) -> bool:
    """Whether NumPy can walk it: one text, on a CPU, in numbers that NumPy has, not projected."""
    dtype, device = start[0].dtype, start[0].device.type
    return (
        columns.sizes[0] == 1 and dtype in (torch.float32, torch.float64) and device == "cpu" and not module.proj_size
    )
