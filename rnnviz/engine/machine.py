"""How much memory is free: on this machine, and in the control groups that a container or a cluster puts us in."""

import os
from collections.abc import Iterator
from pathlib import Path

import torch

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
    return {found[0]: int(found[1]) for found in fields if len(found) > 1 and found[1].isdigit()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
