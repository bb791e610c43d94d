"""A program of its own, run by ``rnnviz.convert.foreign``: one file of a stranger's in, its tensors as safetensors out.

    python -P unpickle.py FILE ROOM [KIND [KEY [OPTION…]]]  >tensors  2>problem

Nothing but tensors is ever unpickled (``weights_only``), within ROOM bytes of memory beyond what PyTorch itself takes,
so that a file made to fill the memory ends this process and no other. KIND is "torch", or one of ``rnnviz.convert``'s
other readers, which are imported for that file alone. What a file says beside its tensors goes into the safetensors
header as JSON under "rnnviz"; words, of which there are many, as the bytes of a tensor. Left out: what the tensors are.
"""

import importlib
import json
import pickle
import re
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors.torch
import torch

from rnnviz.untrusted.child import REFUSED, limit_memory

WORDS = "rnnviz/words"
"""Under this name the words lie, if the file has them: UTF-8, one a line, in the order of their rows."""
_USUAL = ("state_dict", "model_state_dict", "model")
_NOT_THE_NETWORK = re.compile(r"optim|sched|scaler|loss|criterion|metric|grad|rng", re.IGNORECASE)
_RECURRENT = re.compile(r"weight_hh")
_OF_CLASSES = re.compile(r"label|class(?!if)", re.IGNORECASE)
_DEEPEST, _MOST_LABELS, _MOST_LEFT = 3, 100, 20
_MAGIC = bytes.fromhex("6cfc9c46f9206aa85019")  # torch.save's older format begins with this number, pickled


class RefusedError(Exception):
    """A file that is not what this program opens, and why; the second argument says what to do instead."""


class Read(NamedTuple):
    """What a file holds.

    Attributes:
        tensors: By name.
        facts: What else it says: "labels", "left_out", "others", and what ``rnnviz.convert.foreign.Foreign`` has.
        words: One for each row of the embedding; none if the file has none.
    """

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]
    words: list[str]


def main(path: str, limit_bytes: int, kind: str = "torch", key: str = "", *options: str) -> int:
    """Write the tensors of a file to stdout, or why not to stderr; the exit status says which."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)  # the stacks of many threads would count as memory
    limit_memory(limit_bytes)
    try:
        if kind == "torch":
            read = _torch(path, key)
        else:
            read = Read(*importlib.import_module(f"rnnviz.convert.{kind}_file").read(path, key, *options))
        data = packed(read)
    except Exception as error:  # a file made to harm gets torch to raise anything
        sys.stderr.write(_problem(error, kind, path))
        return REFUSED
    sys.stdout.buffer.write(data)
    return 0


def _torch(path: str, key: str) -> Read:
    most = 2 * Path(path).stat().st_size  # an honest file holds its tensors once, and some share their numbers
    check_unpacked(path, most)
    with torch.serialization.safe_globals(_numbers_of_numpy()), Path(path).open("rb") as file:  # by name it would guess
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    return read_in(loaded, most, key)


def _numbers_of_numpy() -> list[Any]:
    """What a single number of NumPy is made of, such as the best accuracy beside the weights."""
    scalar: Any = np.float64(0).__reduce__()[0]
    kinds = {type(np.dtype(kind)) for kind in ("f4", "f8", "i4", "i8", "?")}
    return [scalar, (scalar, "numpy.core.multiarray.scalar"), np.dtype, *kinds]


def check_unpacked(path: str, most: int) -> None:
    """Refuse an archive by the sizes that it declares: all that there is to do where memory cannot be limited."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            _check_size(sum(entry.file_size for entry in packed.infolist()), most)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise MemoryError


def read_in(loaded: object, most: int, key: str = "") -> Read:
    """The tensors of what was loaded, with the words and the labels that a record of a training has beside them."""
    if not isinstance(loaded, dict):
        raise RefusedError("it holds no tensors by name")
    tensors, left = tensors_in(loaded, most, key)
    rows = {value.shape[0] for value in tensors.values() if value.ndim == 2}
    words = _words(loaded, rows)
    others = [] if key else _other_networks(loaded, tensors)
    facts = {"left_out": left, "labels": _labels(loaded, rows, words), "others": others}
    return Read(tensors, facts, words)


def _other_networks(loaded: object, taken: dict[str, torch.Tensor]) -> list[str]:
    """Under which keys there are further networks, such as a moving average of the one that was taken."""
    found = (
        name
        for name, place in _places(loaded)
        if any(map(_RECURRENT.search, place)) and not _NOT_THE_NETWORK.search(name) and not _is_of(taken, place, name)
    )
    return [ascii(name)[1:-1][:60] for name in found][:_MOST_LEFT]


def _is_of(taken: dict[str, torch.Tensor], place: dict[str, Any], name: str) -> bool:
    """Whether what was taken is this dictionary, or has it as one of its parts."""
    prefix = "" if taken.keys() <= place.keys() else f"{name}."
    return all(
        prefix + key in taken and _are_equal(taken[prefix + key], value)
        for key, value in place.items()
        if isinstance(value, torch.Tensor)
    )


def _are_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    return _is_plain(other) and one.dtype == other.dtype and torch.equal(one, other)


def tensors_in(loaded: object, most: int, key: str = "") -> tuple[dict[str, torch.Tensor], list[str]]:
    """The tensors by name, wherever in a record of a training they are, and the names of what was left out.

    Args:
        loaded: A dictionary of tensors, or one with dictionaries of tensors in it.
        most: The most bytes that they may have together.
        key: Which of these dictionaries is meant, such as "ema" or "nets.teacher"; found by itself where empty.
    """
    places = dict(_places(loaded))
    if key and key not in places:
        raise RefusedError(f"it holds no tensors under {ascii(key)[:100]}", _keys(places))
    found = places[key] if key else _chosen(places)
    strange = [name for name, value in found.items() if isinstance(value, torch.Tensor) and not _is_plain(value)]
    if strange:
        raise RefusedError(f"{ascii(strange[0])[:100]} in it is no plain tensor")
    tensors = {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}
    _check_size(sum(value.numel() * value.element_size() for value in tensors.values()), most)
    left = [name[:100] for name in found if name not in tensors and not isinstance(found[name], dict)]
    copied = {name: value.detach().clone(memory_format=torch.contiguous_format) for name, value in tensors.items()}
    return copied, left[:_MOST_LEFT]


def _places(loaded: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dictionary of named tensors in what was loaded, by the keys that lead to it."""
    if not isinstance(loaded, dict):
        return
    values = [value for key, value in loaded.items() if isinstance(key, str)]
    if any(isinstance(value, torch.Tensor) for value in values):
        yield name, {key: value for key, value in loaded.items() if isinstance(key, str)}
    for key, value in loaded.items():
        if isinstance(key, str) and depth < _DEEPEST:
            yield from _places(value, f"{name}.{key}" if name else key, depth + 1)


def _chosen(places: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The one dictionary that is the network's; several that are its parts become one."""
    if "" in places and any(map(_RECURRENT.search, places[""])):
        return places[""]
    usual = [name for name in _USUAL if name in places]
    if usual:
        return places[usual[0]]
    networks = {name: place for name, place in places.items() if name and not _NOT_THE_NETWORK.search(name)}
    if not networks:
        if "" in places:
            return places[""]
        raise RefusedError("it holds no tensors by name")
    recurrent = [name for name, place in networks.items() if any(map(_RECURRENT.search, place))]
    if len(recurrent) > 1:
        raise RefusedError(f"it holds {len(recurrent)} networks: {_listed(recurrent)}", _keys(dict.fromkeys(recurrent)))
    if len(networks) == 1 or (recurrent and _is_whole(networks[recurrent[0]])):
        return networks[recurrent[0]] if recurrent else next(iter(networks.values()))
    return {f"{name}.{key}": value for name, place in networks.items() for key, value in place.items()}


def _is_whole(place: dict[str, Any]) -> bool:
    """Whether it has an embedding and a linear layer beside a recurrent network."""
    others = (value for name, value in place.items() if isinstance(value, torch.Tensor) and "_hh" not in name)
    return sum(value.ndim == 2 for value in others) > 2


def _keys(names: dict[str, Any]) -> str:
    return f"Say which with --key: {_listed([name for name in names if name])}"


def _listed(names: list[str]) -> str:
    return ", ".join(ascii(name)[:60] for name in names[:8])


def _words(loaded: dict[Any, Any], rows: set[int]) -> list[str]:
    """The words in a record of a training, if it has one for each row of a table: a list, or ids by word."""
    beside = [value for name, value in _beside(loaded) if not _OF_CLASSES.search(name)]
    found = [_in_order(value) for value in beside if isinstance(value, dict) and len(value) in rows]
    found += [
        value
        for value in beside
        if isinstance(value, list) and len(value) > _MOST_LABELS and len(value) in rows and _are_texts(value)
    ]
    return _lines(max(found, key=len, default=[]))  # ids of the classes are fewer


def _in_order(ids: dict[Any, Any]) -> list[str]:
    """The names of a dictionary that numbers them from 0 on, in that order; empty where it does not."""
    places = list(ids.values())
    numbered = all(type(place) is int for place in places) and sorted(places) == list(range(len(places)))
    return sorted(ids, key=ids.__getitem__) if numbered and _are_texts(list(ids)) else []


def _labels(loaded: dict[Any, Any], rows: set[int], words: list[str]) -> list[str]:
    """The names of the classes, if there is a list of them: beside an output of as many rows."""
    for _, value in _beside(loaded):
        if isinstance(value, dict) and value and all(str(key).isdecimal() for key in value):
            named = {str(key): name for key, name in value.items()}  # JSON makes texts of numbers
            value = [named.get(str(place)) for place in range(len(value))]
        elif isinstance(value, dict):
            value = _in_order(value)
            if value == words:
                continue
        if isinstance(value, list) and 2 <= len(value) <= _MOST_LABELS and len(value) in rows and _are_texts(value):
            return [str(name)[:100] for name in value]
    return []


def _beside(loaded: dict[Any, Any], depth: int = 0) -> Iterator[tuple[str, object]]:
    """What a record holds, and what the dictionaries in it hold, by name."""
    for name, value in loaded.items():
        if isinstance(value, dict | list):
            yield str(name), value
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _beside(value, depth + 1)


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _lines(words: list[str]) -> list[str]:
    return words if not any("\n" in word for word in words) else []


def _is_plain(value: torch.Tensor) -> bool:
    return value.layout == torch.strided and value.device.type == "cpu" and not value.is_quantized


def packed(read: Read) -> bytes:
    """All that was read, in the safetensors format."""
    tensors = dict(read.tensors)
    if read.words:
        text = np.frombuffer("\n".join(read.words).encode("utf-8", "replace"), dtype=np.uint8)
        tensors[WORDS] = torch.from_numpy(text.copy())
    return safetensors.torch.save(tensors, {"rnnviz": json.dumps(read.facts)})


def _problem(error: Exception, kind: str, path: str) -> str:
    """What is wrong and, on the next line, what to do, in our words: PyTorch's own advise to open the file unsafely."""
    if isinstance(error, RefusedError):
        return "\n".join(str(part) for part in error.args)
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return "it asks for far more memory than it has bytes"
    if isinstance(error, ImportError):
        return f"reading it needs the package {error.name!a}\nRun: pip install 'rnnviz[convert]'"
    if kind != "torch":
        return "it is damaged, or of a form that rnnviz does not read"
    if re.search(r"ScriptObject|_rebuild_qtensor", str(error)):
        return "it is of a quantised network\nSave the state_dict of the network that it was made of"
    stranger = re.search(r"GLOBAL (\S+)", str(error)) if isinstance(error, pickle.UnpicklingError) else None
    objects = f", such as {ascii(stranger[1])[:100]}," if stranger else ""
    if _is_plain_pickle(path):
        return (
            f"it is a plain pickle of Python objects{objects or ','} which torch.save did not write, "
            "and is never opened"
            "\nIn the program that made it, write torch.save(model.state_dict(), 'weights.pt')"
        )
    if stranger:
        return f"it holds Python objects beside tensors{objects} and these are never opened"
    return "it is damaged, or torch.save did not write it"


def _is_plain_pickle(path: str) -> bool:
    """Whether it begins as a pickle of a protocol from 2 on, but not as one of torch.save, and ends as one."""
    data = Path(path).read_bytes()
    return data[:1] == b"\x80" and data[1:2] <= b"\x05" and _MAGIC not in data[:32] and data[-1:] == b"."


if __name__ == "__main__":
    sys.modules["rnnviz.convert.unpickle"] = sys.modules[__name__]  # so that the other readers import no second one
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
