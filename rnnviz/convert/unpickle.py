"""A program of its own, run by ``rnnviz.convert.foreign``: one file of pickled tensors in, safetensors out.

    python -P unpickle.py FILE ROOM  >tensors  2>problem

Nothing but tensors is ever unpickled (``weights_only``), within ROOM bytes of memory beyond what PyTorch itself takes,
so that a file made to fill the memory ends this process and no other. Left out: what the tensors are.
"""

import pickle
import re
import sys
import warnings
import zipfile
from pathlib import Path

import safetensors.torch
import torch

REFUSED = 3
"""The exit status for a file that is refused; any other but 0 means that opening it broke off."""
_NESTED = ("state_dict", "model_state_dict", "model")


class RefusedError(Exception):
    """A file that is not what this program opens, and why."""


def main(path: str, limit_bytes: int) -> int:
    """Write the tensors of a file to stdout, or why not to stderr; the exit status says which."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)  # the stacks of many threads would count as memory
    _limit_memory(limit_bytes)
    try:
        most = 2 * Path(path).stat().st_size  # an honest file holds its tensors once, and some share their numbers
        check_unpacked(path, most)
        data = safetensors.torch.save(tensors_in(torch.load(path, map_location="cpu", weights_only=True), most))
    except Exception as error:  # a file made to harm gets torch to raise anything
        sys.stderr.write(_problem(error))
        return REFUSED
    sys.stdout.buffer.write(data)
    return 0


def _limit_memory(limit_bytes: int) -> None:
    """Allow so many bytes more than are in use. Linux alone counts and keeps to them."""
    if not sys.platform.startswith("linux"):
        return
    import resource  # not on Windows

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = used + limit_bytes if hard == resource.RLIM_INFINITY else min(hard, used + limit_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def check_unpacked(path: str, most: int) -> None:
    """Refuse an archive by the sizes that it declares: all that there is to do where memory cannot be limited."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            _check_size(sum(entry.file_size for entry in packed.infolist()), most)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise MemoryError


def tensors_in(loaded: object, most: int) -> dict[str, torch.Tensor]:
    """The tensors by name; those of a training's record that has them under one of the usual names."""
    if isinstance(loaded, dict):
        loaded = next((loaded[name] for name in _NESTED if isinstance(loaded.get(name), dict)), loaded)
    if not isinstance(loaded, dict) or not loaded:
        raise RefusedError("it holds no tensors by name")
    for name, value in loaded.items():
        if not (isinstance(name, str) and isinstance(value, torch.Tensor) and _is_plain(value)):
            raise RefusedError(f"{ascii(name)[:100]} in it is no plain tensor")
    _check_size(sum(value.numel() * value.element_size() for value in loaded.values()), most)
    return {name: value.detach().clone(memory_format=torch.contiguous_format) for name, value in loaded.items()}


def _is_plain(value: torch.Tensor) -> bool:
    return value.layout == torch.strided and value.device.type == "cpu" and not value.is_quantized


def _problem(error: Exception) -> str:
    """What is wrong, in our words: PyTorch's own advise to open the file without safety."""
    if isinstance(error, RefusedError):
        return str(error)
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return "it asks for far more memory than it has bytes"
    stranger = re.search(r"GLOBAL (\S+)", str(error)) if isinstance(error, pickle.UnpicklingError) else None
    if stranger:
        return f"it holds Python objects beside tensors, such as {ascii(stranger[1])[:100]}, and these are never opened"
    return "it is damaged, or torch.save did not write it"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
