"""Several processes that train one network together, as ``torchrun`` or ``accelerate launch`` starts them.

Each reads its share of every batch; gradients are added up before the step, so all of them keep the same weights.
Before each step the roll is called: once a process has left, the others leave too, and none waits for ever. Left out:
starting the processes, and what they learn (``rnnviz.training.learner``).
"""

import atexit
import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

import torch
from jaxtyping import Float
from torch import Tensor, distributed

from rnnviz.errors import RnnvizError, TrainingError

_GRACE = 10.0  # seconds
_last: list[Tensor] = []  # what was added up last
_PATIENCE = timedelta(days=1)  # the others wait while the first one measures, however large the set


class _LeftError(Exception):
    """Another process has ended its training."""


def count() -> int:
    """How many processes train together, as the launcher says; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE") or 1)


def rank() -> int:
    """Which of them this is, from 0. Only the first one measures, prints and writes."""
    return int(os.environ.get("RANK") or 0)


def local_rank() -> int:
    """Which of them this is on its machine: the number of its GPU."""
    return int(os.environ.get("LOCAL_RANK") or 0)


def neighbours() -> int:
    """How many of them are on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE") or 1)


@contextlib.contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Be connected to the others, through NCCL on GPUs and through Gloo on processors; alone, do nothing.

    When one process leaves before the end, all do: the first one with an error, the others without a word.

    Raises:
        TrainingError: This is the first process, and another one has left.
    """
    if count() < 2:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if not distributed.is_initialized():
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=_PATIENCE)
        atexit.register(_disconnect)  # not sooner: a launcher connects its processes only once
    try:
        with _announce_exit():
            yield
    except _LeftError:
        if rank() == 0:
            raise TrainingError("process_left") from None


def _disconnect() -> None:
    """Leave the others, once no thread of Gloo's holds what was added up last.

    To let go of it the thread takes Python's lock; while Python ends, that aborts the process.
    """
    end = time.monotonic() + _GRACE
    while _last and _last[0]._use_count() > 1 and time.monotonic() < end:  # type: ignore[attr-defined]
        time.sleep(0.001)
    distributed.destroy_process_group()


@contextlib.contextmanager
def _announce_exit() -> Iterator[None]:
    """Tell the others on leaving between two steps. Whoever fails within a step leaves them to notice."""
    orderly = True
    try:
        yield
    except (GeneratorExit, RnnvizError):
        raise
    except BaseException:
        orderly = False
        raise
    finally:
        if orderly:
            with contextlib.suppress(_LeftError):  # nobody is there any more to be told
                _sum_over_processes(leaving=True)


def agree(number: int) -> None:
    """Go on only if all processes are there, each with the same number below 2**48, which says what it is about to do.

    Raises:
        TrainingError: Another process has another number.
    """
    if count() < 2:
        return
    left, total = _sum_over_processes(number=number)
    if left:
        raise _LeftError
    if total != number * count():
        raise TrainingError("processes_differ", processes=count())


def _sum_over_processes(*, leaving: bool = False, number: int = 0) -> tuple[int, int]:
    """How many processes are leaving, and the sum of their numbers."""
    sums = torch.tensor([leaving, number], device="cuda" if distributed.get_backend() == "nccl" else "cpu")
    _all_reduce(sums)
    left, total = sums.tolist()
    return left, total


def add_up(values: Sequence[Float[Tensor, "..."]]) -> None:
    """Replace each value by its sum over all processes, in one exchange."""
    if count() < 2:
        return
    whole = torch.cat([value.flatten() for value in values])
    _all_reduce(whole)
    for value, part in zip(values, whole.split([value.numel() for value in values]), strict=True):
        value.copy_(part.view_as(value))


def _all_reduce(values: Tensor) -> None:
    """Add up over all processes, in place."""
    _last[:] = [values]
    try:
        distributed.all_reduce(values)
    except RuntimeError as error:  # the connection was closed
        raise _LeftError from error
