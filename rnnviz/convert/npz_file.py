"""Arrays that numpy.savez wrote, as PyTorch's tensors: under its own names, under Keras's, or in Keras's order.

Run by ``rnnviz.convert.unpickle`` in a process of its own; no array of Python objects is opened. Left out: arrays whose
names tell neither what they are nor their order.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from rnnviz.convert.gates import in_order
from rnnviz.convert.keras_file import Layer, plain, read_model
from rnnviz.convert.unpickle import Read, RefusedError
from rnnviz.untrusted import unpacking
from rnnviz.untrusted.arrays import open_archive

_RECURRENT = re.compile(r"(?:weight|bias)_(?:ih|hh)(?:_l\d+(?:_reverse)?)?$")
_ORDERED = re.compile(r"arr_\d+|\d+")
_MOST_BYTES = 1_000_000_000
_ADVICE = (
    "Name them as PyTorch does (embedding.weight, rnn.weight_ih_l0, …, fc.weight), "
    "or save Keras's with numpy.savez('weights.npz', *model.get_weights())"
)


def read(path: str, key: str = "", gates: str = "", update_gate: str = "keeps") -> Read:
    """The tensors of an archive of arrays.

    Args:
        path: The archive.
        key: Not used.
        gates: The order of the gates, if it is not that of PyTorch, such as "iofc".
        update_gate: "renews" where a GRU's update gate is the share of the new state.
    """
    try:
        with open_archive(Path(path), None, _MOST_BYTES, unpacking.FREE, unpacking.RATIO) as archive:
            arrays = {name: archive.read(name) for name in archive.headers}
    except ValueError as error:
        raise RefusedError(str(error), _ADVICE) from None
    if any(map(_RECURRENT.search, arrays)):
        return _as_pytorch(arrays, gates, update_gate)
    if gates:
        raise RefusedError("--gates is for arrays with PyTorch's names", _ADVICE)
    if arrays and all(map(_ORDERED.fullmatch, arrays)):
        ordered = [arrays[name] for name in sorted(arrays, key=lambda name: int(name.removeprefix("arr_")))]
        return read_model(_layers(ordered), False)
    raise RefusedError(f"its arrays are called {', '.join(plain(name) for name in list(arrays)[:8])}", _ADVICE)


def _as_pytorch(arrays: dict[str, np.ndarray], gates: str, update_gate: str) -> Read:
    """Arrays with PyTorch's names: matrices that lie the other way are turned, gates are put in its order."""
    notes = []
    states = [name for name in arrays if "weight_hh" in name]
    turned = any(arrays[name].ndim == 2 and arrays[name].shape[0] < arrays[name].shape[1] for name in states)
    found = {}
    for name, values in arrays.items():
        part = values.T if turned and "weight" in name and "emb" not in name and values.ndim == 2 else values
        if gates and _RECURRENT.search(name):
            part = _ordered(part, gates, update_gate)
        found[name] = torch.from_numpy(np.ascontiguousarray(part))
    if turned:
        notes.append("The matrices have a column for each gate: they were turned over, the linear layer's too.")
    if gates:
        notes.append(f"The gates were put from the order {plain(gates)} into that of PyTorch.")
    return Read(found, {"notes": notes}, [])


def _ordered(part: np.ndarray, gates: str, update_gate: str) -> np.ndarray:
    if update_gate == "renews" and "f" in gates.lower():
        raise RefusedError(
            "--update-gate is for the gates of a GRU, and these are an LSTM's", "Leave --update-gate out"
        )
    try:
        return in_order(part, gates, renews=update_gate == "renews")
    except ValueError:
        raise RefusedError(
            f"--gates {plain(gates)} is no order of the gates i, f, g, o of an LSTM or r, z, n of a GRU",
            "Give one letter a gate, such as --gates iofc or --gates zrn",
        ) from None


def _layers(arrays: Sequence[np.ndarray]) -> list[Layer]:
    """Keras's layers, from the shapes of what model.get_weights() gives: a table, cells, dense layers."""
    found, place = [Layer("Embedding", "embedding", {}, list(arrays[:1]))], 1
    features = arrays[0].shape[-1]
    while place + 1 < len(arrays) and _is_cell(arrays[place], arrays[place + 1], features):
        own = 3 if place + 2 < len(arrays) and _is_bias(arrays[place + 2], arrays[place]) else 2
        group = list(arrays[place : place + own])
        place += own
        other = arrays[place : place + own]
        both = len(other) == own and all(one.shape == two.shape for one, two in zip(group, other, strict=True))
        both = both and _is_cell(other[0], other[1], features)
        if both:
            place += own
        features = group[1].shape[0] * (2 if both else 1)
        kind = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}[group[1].shape[1] // group[1].shape[0]]
        found.append(Layer("Bidirectional" if both else kind, kind, {}, group + list(other) if both else group))
    while place < len(arrays):
        own = 2 if place + 1 < len(arrays) and arrays[place + 1].ndim == 1 else 1
        found.append(Layer("Dense", "dense", {}, list(arrays[place : place + own])))
        place += own
    return found


def _is_cell(kernel: np.ndarray, recurrent: np.ndarray, features: int) -> bool:
    if kernel.ndim != 2 or recurrent.ndim != 2 or not recurrent.shape[0] or kernel.shape[0] != features:
        return False
    gates, left = divmod(recurrent.shape[1], recurrent.shape[0])
    return kernel.shape[1] == recurrent.shape[1] and not left and gates in (1, 3, 4)


def _is_bias(bias: np.ndarray, kernel: np.ndarray) -> bool:
    return bias.shape in ((kernel.shape[1],), (2, kernel.shape[1]))
