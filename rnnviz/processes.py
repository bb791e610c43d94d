"""Several processes that train one network together, as ``torchrun`` or ``accelerate launch`` starts them.

Each reads its share of every batch; gradients are added up before the step, so all of them keep the same weights.
Left out: starting the processes, and what they learn (``rnnviz.learner``).
"""

import contextlib
import os
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, distributed


def count() -> int:
    """How many processes train together, as the launcher says; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Which of them this is, from 0. Only the first one measures, prints and writes."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """Which of them this is on its machine: the number of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0"))


@contextlib.contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Be connected to the others, through NCCL on GPUs and through Gloo on processors; alone, do nothing."""
    if count() < 2 or distributed.is_initialized():
        yield
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def add_up(values: Sequence[Float[Tensor, "..."]]) -> None:
    """Replace each value by its sum over all processes, in one exchange."""
    if count() < 2:
        return
    whole = torch.cat([value.flatten() for value in values])
    distributed.all_reduce(whole)
    for value, part in zip(values, whole.split([value.numel() for value in values]), strict=True):
        value.copy_(part.view_as(value))
