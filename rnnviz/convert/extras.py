"""What lies beside a network in its file and takes no part in an answer: counters, the weights of a loss, copies.

Left out: which tensors are the network's (``rnnviz.convert.recognise``).
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from rnnviz.checkpoint.weights import listed, shown
from rnnviz.errors import CheckpointError

_OF_A_LOSS = re.compile(
    r"(?:^|[._])(?:criterion|criteria|loss(?:_?(?:fn|func|function))?|pos_weight|class_weights?|metrics?|"
    r"(?:train|val|valid|test)_(?:acc|accuracy|f1|auroc|loss|metrics?))(?:$|[._])",
    re.IGNORECASE,
)
_OF_A_NETWORK = re.compile(r"(?:^|[._])(?:weight|bias)(?:_(?:ih|hh|hr)(?:_l\d+(?:_reverse)?)?)?$")


class Kept:
    """The tensors of a file that may be the network's.

    Attributes:
        tensors: These, by name.
        notes: What was left out, one sentence each.
    """

    def __init__(self, tensors: dict[str, Tensor], notes: list[str]) -> None:
        self.tensors = tensors
        self.notes = notes

    def refuse(self, extras: Sequence[str]) -> None:
        """Refuse what is neither the network's nor harmless, and say how to leave it out."""
        if extras:
            problem = listed([f"{shown(name)} is not expected" for name in extras])
            option = (
                f"--leave-out {shown(extras[0])}" if len(extras) == 1 else "--leave-out NAME for each, or a pattern"
            )
            raise CheckpointError(
                "convert_names", problem=f"{problem}. If it takes no part in an answer, leave it out with {option}"
            )


def without_extras(tensors: Mapping[str, Tensor], leave_out: Sequence[str]) -> Kept:
    """Leave out what takes no part in an answer, and what the caller says takes none.

    Args:
        tensors: By name.
        leave_out: Names, or patterns such as "aux.*".

    Raises:
        CheckpointError: One of the names or patterns is none of any tensor.
    """
    for pattern in leave_out:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in tensors):
            raise CheckpointError("convert_names", problem=f"There is no {shown(pattern)} that could be left out")
    asked = [name for name in tensors if any(fnmatch.fnmatchcase(name, pattern) for pattern in leave_out)]
    layers = {name.rpartition(".")[0] for name, value in tensors.items() if value.ndim > 1}
    harmless = [name for name in tensors if name not in asked and _is_harmless(name, tensors[name], layers)]
    kept = {name: value for name, value in tensors.items() if name not in {*asked, *harmless}}
    copies = dict(_copies(kept))
    notes = [f"Left out, since {why}: {listed([shown(name) for name in names], ', ')}." for why, names in (
        ("you say so", asked),
        ("it takes no part in an answer", harmless),
        ("it is a copy under a second name", list(copies)),
    ) if names]  # fmt: skip
    return Kept({name: value for name, value in kept.items() if name not in copies}, notes)


def _is_harmless(name: str, value: Tensor, layers: set[str]) -> bool:
    """Whether it is a counter or other whole number, or belongs to a loss or a score, not to a layer with a matrix."""
    counts = not (value.is_floating_point() or value.is_complex()) and not _OF_A_NETWORK.search(name)
    return counts or bool(
        _OF_A_LOSS.search(name) and value.ndim <= 1 and (name.rpartition(".")[0] or None) not in layers
    )


def _copies(tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, str]]:
    """Tensors of a module that is there a second time, all of its tensors the same; with the name of the first."""
    modules: dict[str, dict[str, str]] = {}
    for name in tensors:
        module, _, leaf = name.rpartition(".")
        modules.setdefault(module, {})[leaf] = name
    firsts: list[dict[str, str]] = []
    for leaves in modules.values():
        for first in firsts:
            if first.keys() == leaves.keys() and all(
                _same(tensors[first[leaf]], tensors[leaves[leaf]]) for leaf in leaves
            ):
                yield from ((leaves[leaf], first[leaf]) for leaf in leaves)
                break
        else:
            firsts.append(leaves)


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype and torch.equal(one, other)
