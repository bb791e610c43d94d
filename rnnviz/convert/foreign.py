"""Weights that somebody else saved, read as if a stranger had written them: tensors by name, and nothing else.

Left out: what the tensors are (``rnnviz.convert.convert``).
"""

import subprocess
import sys
from pathlib import Path

from torch import Tensor

from rnnviz import files
from rnnviz.checkpoint.weights import OURS, Limits, check_finite, check_header, read_tensors
from rnnviz.convert import unpickle
from rnnviz.errors import CheckpointError

PICKLED = (".pt", ".pth", ".bin", ".ckpt")
_KINDS = OURS.kinds | {"F64", "BF16", "I8", "I16", "I32", "I64", "U8", "BOOL"}
_LIMITS = Limits(whole=1_000_000_000, header=1_000_000, tensors=1_000, kinds=_KINDS)
_ROOM = 256_000_000
_COPIES = 8  # of the file, that are in memory while PyTorch reads it and safetensors writes it: up to seven
_SECONDS = 120


def read_foreign(path: str | Path) -> dict[str, Tensor]:
    """Read a ``.safetensors`` file, or what ``torch.save(model.state_dict(), path)`` wrote.

    The second kind is a pickle. It is opened in a process of its own, which unpickles nothing but tensors, has two
    minutes, and (on Linux) a memory in proportion to the file.

    Args:
        path: A file whose name ends in .safetensors, .pt, .pth, .bin or .ckpt, of at most 1 GB.

    Returns:
        The tensors by name, of any type of number, all of them finite.

    Raises:
        CheckpointError: There is no such file, or it is something else, damaged, or made to harm.

    Example:
        >>> from rnnviz.foreign import read_foreign
        >>> torch.save(torch.nn.Linear(2, 1).state_dict(), "lesson.pt")
        >>> sorted(read_foreign("lesson.pt"))
        ['bias', 'weight']
    """
    path = Path(path)
    if not path.is_file():
        raise _refusal(path, "there is no such file")
    if path.suffix.lower() not in (*PICKLED, ".safetensors"):
        raise _refusal(path, f"its name ends in none of {', '.join((*PICKLED, '.safetensors'))}")
    data = files.read_once(path, _LIMITS.whole)
    if path.suffix.lower() in PICKLED:
        data = _unpickled(path, _COPIES * len(data) + _ROOM)
    check_header(path, data, _LIMITS)
    tensors = read_tensors(path, data)
    check_finite(path, tensors)
    return tensors


def _unpickled(path: Path, limit_bytes: int) -> bytes:
    """The file's tensors in the safetensors format, from a process that is trusted as little as the file."""
    command = [sys.executable, "-P", unpickle.__file__, str(path.absolute()), str(limit_bytes)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise _refusal(path, f"it was not open after {_SECONDS} seconds") from None
    if done.returncode == unpickle.REFUSED:
        raise _refusal(path, done.stderr.decode("ascii", "replace")[:500])
    if done.returncode:
        raise _refusal(path, f"opening it broke off (exit status {done.returncode}), so it was left closed")
    return done.stdout


def _refusal(path: Path, problem: str) -> CheckpointError:
    return CheckpointError("convert_file", path=path, problem=problem)
