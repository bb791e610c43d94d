"""A Keras model, as a .keras archive holds it, as PyTorch's tensors: embedding, recurrent layers, dense layer.

Run by ``rnnviz.convert.unpickle`` in a process of its own. Needs h5py; Keras itself is neither needed nor run, so no
layer of a stranger's makes anything happen.

    .keras            a zip archive: config.json, and model.weights.h5 with layers/<class>[_<n>]/…/vars/<n>
    .h5               model_config among the attributes, and model_weights/<layer>/<name>
    .weights.h5, .h5  weights alone, in either layout

Keras stacks an LSTM's gates as i, f, c, o and a GRU's as z, r, h, as columns. A GRU with reset_after has two rows of
biases, and is PyTorch's; one without squashes U (r h), which no weights of PyTorch's do.

Source: keras/src/layers/rnn/lstm.py, gru.py, simple_rnn.py, bidirectional.py; saving/saving_lib.py;
legacy/saving/legacy_h5_format.py (Keras 3.15).
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import torch

from rnnviz.convert.gates import in_order
from rnnviz.convert.unpickle import Read, RefusedError

_CELLS = {"LSTM": "ifco", "GRU": "zrh", "SimpleRNN": ""}
_PASSING = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout", "Masking"}
_READING = {"TextVectorization", "StringLookup"}
_POOLINGS = {"GlobalMaxPooling1D": "max", "GlobalMaxPool1D": "max"}
_POOLINGS |= {"GlobalAveragePooling1D": "mean", "GlobalAvgPool1D": "mean"}
_MERGES = {"concat": "both", "sum": "sum", "ave": "mean"}
_GUESSES = {"embedding": "Embedding", "bidirectional": "Bidirectional", "lstm": "LSTM", "gru": "GRU"}
_GUESSES |= {"simple_rnn": "SimpleRNN", "dense": "Dense"}
_ANSWERS = ("softmax", "sigmoid")
_MOST_CONFIG, _RATIO = 10_000_000, 20
_ELSEWHERE = "it points to numbers in other files, which are not opened"
_SQUASHES = ("relu", "tanh")
_NO_OTHER = (
    "rnnviz reads an embedding, recurrent layers, at most a pooling over time, and a dense layer, or two with nothing, "
    "relu or tanh between"
)


def plain(name: object) -> str:
    """A stranger's name, cut, and with nothing in it that steers a terminal."""
    return ascii(str(name))[1:-1][:60]


class Layer(NamedTuple):
    """A layer of Keras: its class, its settings (empty where the file has weights alone), and its arrays in order."""

    kind: str
    name: str
    config: dict[str, Any]
    arrays: list[np.ndarray]


def read(path: str, *_: str) -> Read:
    """The tensors of a .keras archive under PyTorch's names, and what its settings say."""
    import h5py

    most = _RATIO * Path(path).stat().st_size
    with zipfile.ZipFile(path) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        if sizes["config.json"] > _MOST_CONFIG or sizes["model.weights.h5"] > most:
            raise MemoryError
        config = json.loads(archive.read("config.json"))
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights, "r") as file:
        return read_model(list(_with_arrays(described(config), file, most)), True)


def described(config: dict[str, Any]) -> list[Layer]:
    """The layers of a model's settings in the order in which a text goes through them."""
    layers = config.get("config", {}).get("layers") if isinstance(config.get("config"), dict) else None
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise RefusedError(
            "its settings list no layers, as of a model that is a program of its own (subclassed)", _own()
        )
    if config.get("class_name") != "Sequential":
        _check_chain(layers)
    found = []
    for layer in layers:
        settings = layer.get("config", {})
        if layer.get("class_name") in ("Sequential", "Functional", "Model"):
            raise RefusedError(f"it has a model in a model, {plain(settings.get('name'))}", _own())
        found.append(Layer(str(layer.get("class_name")), str(settings.get("name", layer.get("name"))), settings, []))
    return found


def _own() -> str:
    return "Read its layers in Keras (layer.get_weights()) and save them with numpy.savez"


def _check_chain(layers: Sequence[dict[str, Any]]) -> None:
    """Refuse a graph in which a layer reads several others, or several read one."""
    fed = [json.dumps(layer.get("inbound_nodes") or []) for layer in layers]
    names = [str(layer.get("name", layer.get("config", {}).get("name"))) for layer in layers]
    readers = {name: sum(f'"{name}"' in one for one in fed) for name in names}
    read = [sum(f'"{name}"' in one for name in names) for one in fed]
    order = all(f'"{name}"' in one for name, one in zip(names, fed[1:], strict=False))
    if any(count > 1 for count in (*readers.values(), *read)) or not order:
        raise RefusedError("its layers are no chain, each of which reads the one before", _NO_OTHER)


def _with_arrays(layers: Sequence[Layer], file: Any, most: int) -> Iterator[Layer]:
    """The layers with their arrays from model.weights.h5, where each is called after its class, and counted."""
    root = _layers_of(file)
    if root is None:
        raise RefusedError("its weights are not where Keras puts them")
    counts: dict[str, int] = {}
    for layer in layers:
        base = _snake(layer.kind)
        number = counts[base] = counts.get(base, -1) + 1
        names = (f"{base}_{number}" if number else base, layer.name)
        group = next((found for found in (_member(root, name) for name in names) if found is not None), None)
        yield layer._replace(arrays=list(_arrays(group, most)) if group is not None else [])


def _snake(kind: str) -> str:
    """As Keras's naming.to_snake_case."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _arrays(group: Any, most: int) -> Iterator[np.ndarray]:
    """A layer's arrays: its own, then its cell's, then both directions', each in Keras's order."""
    own = _member(group, "vars")
    if own is not None:
        for name in sorted(own, key=int):
            yield array_of(_member(own, name), most)
    for inner in ("cell", "forward_layer", "backward_layer"):
        part = _member(group, inner)
        if part is not None:
            yield from _arrays(part, most)


def _layers_of(file: Any) -> Any:
    """The group of all layers, under either of its names; None if there is none."""
    layers = _member(file, "layers")
    return layers if layers is not None else _member(file, "_layer_checkpoint_dependencies")


def _member(group: Any, path: str) -> Any:
    """What lies in a group under a name, or under names joined by "/"; None if nothing does. No link is followed."""
    import h5py

    for name in filter(None, path.split("/")):
        link = group.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise RefusedError(_ELSEWHERE)
        group = group[name]
    return group


def array_of(dataset: Any, most: int) -> np.ndarray:
    """The numbers of a dataset, if they are no more than an honest file holds, and lie in it."""
    if dataset.size * dataset.dtype.itemsize > most:
        raise MemoryError
    if dataset.external or dataset.is_virtual:
        raise RefusedError(_ELSEWHERE)
    return np.asarray(dataset[()])


def read_hdf5(path: str) -> Read:
    """The tensors of an .h5 file: a whole model of Keras, or weights alone."""
    import h5py

    most = _RATIO * Path(path).stat().st_size
    with h5py.File(path, "r") as file:
        config = file.attrs.get("model_config")
        if config is not None:
            text = config.decode() if isinstance(config, bytes) else str(config)
            if len(text) > _MOST_CONFIG:
                raise MemoryError
            by_name = {layer.name: layer.arrays for layer in _legacy(_member(file, "model_weights"), most)}
            layers = described(json.loads(text))
            return read_model([layer._replace(arrays=by_name.get(layer.name, [])) for layer in layers], True)
        if "layer_names" in file.attrs:
            return read_model([_guessed(layer) for layer in _legacy(file, most)], False)
        root = _layers_of(file)
        if root is not None:
            names = sorted(root, key=_place)
            layers = [Layer("", name, {}, list(_arrays(_member(root, name), most))) for name in names]
            return read_model([_guessed(layer) for layer in layers if layer.arrays], False)
    raise RefusedError("it is HDF5, but no model or weights of Keras", _own())


def _place(name: str) -> tuple[int, str, int]:
    """The order of layers that are called after their classes and counted: embedding, recurrent, dense."""
    base, _, number = name.rpartition("_")
    base, count = (base, int(number)) if number.isdecimal() else (name, 0)
    return {"embedding": 0, "dense": 2}.get(base, 1), base, count


def _legacy(root: Any, most: int) -> Iterator[Layer]:
    """The layers of Keras's older layout, in their order."""
    for name in _texts(root.attrs.get("layer_names", [])):
        group = _member(root, name)
        arrays = [array_of(_member(group, weight), most) for weight in _texts(group.attrs.get("weight_names", []))]
        yield Layer("", name, {}, arrays)


def _texts(values: Any) -> list[str]:
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _guessed(layer: Layer) -> Layer:
    """A layer of which only name and arrays are known, with its class told from them."""
    base = re.sub(r"_\d+$", "", layer.name.lower())
    kind = next((kind for name, kind in _GUESSES.items() if base == name), "")
    if not kind and layer.arrays:
        kind = {1: "Embedding", 2: "Dense"}.get(len(layer.arrays), "")
    if not kind and layer.arrays:
        raise RefusedError(
            f"its layer '{plain(layer.name)}' could be of several kinds, and the settings are not in the file",
            "Save the whole model with model.save('model.keras')",
        )
    return layer._replace(kind=kind)


class _Model:
    """What is found while the layers are gone through."""

    def __init__(self) -> None:
        self.tensors: dict[str, np.ndarray] = {}
        self.facts: dict[str, Any] = {"notes": []}
        self.depth, self.units, self.cell, self.ways = 0, 0, "", 0
        self.pooling = ""
        self.between = "nothing"  # the dense layers
        self.open = False  # whether the recurrent layers so far give all states
        self.dense: list[tuple[np.ndarray, np.ndarray | None]] = []


def read_model(layers: Sequence[Layer], whole: bool) -> Read:
    """PyTorch's tensors of the layers of a model.

    Args:
        layers: In the order in which a text goes through them.
        whole: Whether their settings are known; else they are taken to be Keras's defaults, and the notes say so.
    """
    model = _Model()
    for layer in layers:
        _add(model, layer, whole)
    if "embedding.weight" not in model.tensors or not model.depth or not model.dense:
        kinds = ", ".join(sorted({plain(layer.kind) for layer in layers if layer.kind}))
        raise RefusedError(f"it is a network of {kinds or 'nothing'}", _NO_OTHER)
    between = model.facts["between"]
    if between not in ("nothing", *_ANSWERS):
        raise RefusedError(f"its last dense layer ends in {between}, so that its numbers are no logits", _NO_OTHER)
    if model.open and not model.pooling and whole:
        raise RefusedError("its dense layer reads the states of all words, one by one", _NO_OTHER)
    for place, (kernel, bias) in enumerate(model.dense):
        name = "fc" if place == len(model.dense) - 1 else f"fc{place}"
        model.tensors[f"{name}.weight"] = kernel.T
        if bias is not None:
            model.tensors[f"{name}.bias"] = bias
    if whole:
        model.facts |= {"pooling": model.pooling or "last", "whole": True}
    else:
        model.facts["notes"].append(
            "The file has weights alone: activations and all between the layers were taken to be Keras's defaults."
        )
    model.facts["between"] = model.between if len(model.dense) > 1 else None
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in model.tensors.items()}
    return Read(tensors, model.facts, [])


def _add(model: _Model, layer: Layer, whole: bool) -> None:
    kind, shown = layer.kind, f"its layer '{plain(layer.name)}' ({plain(layer.kind)})"
    if kind in _PASSING or (kind == "Activation" and layer.config.get("activation") == "linear" and not model.dense):
        return
    squash = "relu" if kind == "ReLU" and _is_plain_relu(layer.config) else str(layer.config.get("activation"))
    if kind in ("Activation", "ReLU") and squash in _SQUASHES and _squash(model, squash):
        return
    if kind in _READING:
        model.facts["notes"].append("Its TextVectorization was left out: pass its words with --vocabulary.")
    elif kind == "Embedding" and "embedding.weight" not in model.tensors and not model.depth:
        _embedding(model, layer, whole)
    elif (kind in _CELLS or kind == "Bidirectional") and not model.dense and not model.pooling:
        _recurrent(model, layer, shown, whole)
    elif kind in _POOLINGS and model.open and not model.pooling and not model.dense:
        model.pooling, model.open = _POOLINGS[kind], False
    elif kind == "Dense" and model.depth and layer.arrays:
        _dense(model, layer, shown)
    elif kind == "Activation" and model.dense and layer.config.get("activation") in _ANSWERS:
        _answer(model, str(layer.config["activation"]), shown)
    elif layer.arrays or kind:
        raise RefusedError(f"{shown} is none that rnnviz reads there", _NO_OTHER)


def _is_plain_relu(config: dict[str, Any]) -> bool:
    return config.get("max_value") is None and not config.get("negative_slope") and not config.get("threshold")


def _squash(model: _Model, squash: str) -> bool:
    """Take a layer that squashes and has no numbers; whether one may be there."""
    if not model.dense and model.depth and not model.open and "squash" not in model.facts:
        model.facts["squash"] = squash
        return True
    if len(model.dense) == 1 and model.facts.get("between") == "nothing":
        model.facts["between"] = squash
        return True
    return False


def _embedding(model: _Model, layer: Layer, whole: bool) -> None:
    (model.tensors["embedding.weight"],) = layer.arrays
    if whole and not layer.config.get("mask_zero"):
        model.facts["notes"].append(
            "The embedding has no mask_zero: in Keras a text that is filled up with zeros has other answers, since the "
            "filling is read there. Compare texts that are not filled up."
        )


def _recurrent(model: _Model, layer: Layer, shown: str, whole: bool) -> None:
    config, arrays, kind, merge, ways = layer.config, layer.arrays, layer.kind, "concat", 1
    if kind == "Bidirectional":
        inner = config.get("layer", {})
        merge, ways = config.get("merge_mode", "concat"), 2
        config = inner.get("config", {}) if isinstance(inner, dict) else {}
        kind = (
            inner.get("class_name", "") if isinstance(inner, dict) and inner else _cell_of(arrays[: len(arrays) // 2])
        )
    if kind not in _CELLS or merge not in _MERGES:
        raise RefusedError(f"{shown} has {plain(kind)} with merge_mode {plain(merge)}", _NO_OTHER)
    if model.depth and (not model.open or model.facts.get("directions", "both") != "both"):
        raise RefusedError(f"{shown} reads what is no sequence of states side by side", _NO_OTHER)
    _check_settings(model, kind, config, shown)
    if whole and kind == "GRU" and not config.get("reset_after", False):  # as in Keras's settings before it was there
        _refuse_reset(shown)
    own = len(arrays) // ways
    for way in range(ways):
        _add_cell(model, kind, arrays[way * own : (way + 1) * own], way, shown)
    if model.depth and model.ways != ways:
        raise RefusedError(f"{shown} reads in {ways} directions, and the layer below in {model.ways}", _NO_OTHER)
    if ways == 2:
        model.facts["directions"] = _MERGES[merge]
    model.ways, model.open = ways, bool(config.get("return_sequences")) or not whole
    model.depth += 1


def _cell_of(arrays: Sequence[np.ndarray]) -> str:
    gates = arrays[0].shape[1] // arrays[1].shape[0] if len(arrays) > 1 and arrays[1].shape[0] else 0
    return {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}.get(gates, "")


def _check_settings(model: _Model, kind: str, config: dict[str, Any], shown: str) -> None:
    """Refuse what PyTorch's cells do not compute."""
    squash, gate = config.get("activation", "tanh"), config.get("recurrent_activation", "sigmoid")
    if squash not in (("tanh", "relu") if kind == "SimpleRNN" else ("tanh",)) or (
        kind in "LSTM GRU" and gate != "sigmoid"
    ):
        named = f"{squash} and {gate}" if kind != "SimpleRNN" else f"{squash}"
        raise RefusedError(f"{shown} squashes with {plain(named)}, and the cells here with tanh and sigmoid", _NO_OTHER)
    if config.get("go_backwards"):
        raise RefusedError(f"{shown} reads from the end alone (go_backwards)", _NO_OTHER)
    if kind == "SimpleRNN":
        model.facts["nonlinearity"] = squash


def _refuse_reset(shown: str) -> NoReturn:
    refuse_reset(
        f"{shown} is a GRU",
        "reset_after is false",
        "Train it with reset_after=True, the default of Keras since 2.0 of TensorFlow",
    )


def refuse_reset(what: str, setting: str, advice: str) -> NoReturn:
    """Refuse a GRU of the other form: r acts on h before U does, which is another function for any weights."""
    raise RefusedError(
        f"{what} whose reset gate acts before the product ({setting}); PyTorch's nn.GRU, whose own acts after it, "
        "cannot hold that",
        advice,
    )


def refuse_other_layers(below: str, above: str) -> NoReturn:
    """Refuse a stack of recurrent layers that are not all alike."""
    raise RefusedError(
        f"its recurrent layers differ: {below}, and {above}; one nn.RNN, nn.GRU or nn.LSTM of PyTorch, whose layers "
        "are of one kind and size, cannot hold that",
        "Train it with layers of one kind and size",
    )


def _add_cell(model: _Model, kind: str, arrays: Sequence[np.ndarray], way: int, shown: str) -> None:
    if len(arrays) not in (2, 3):
        raise RefusedError(f"{shown} has {len(arrays)} arrays, not kernel, recurrent_kernel and bias", _NO_OTHER)
    kernel, recurrent = arrays[0].T, arrays[1].T
    units, order = recurrent.shape[1], _CELLS[kind]
    if model.depth and (units, kind) != (model.units, model.cell):
        refuse_other_layers(f"{model.cell} of {model.units} units", f"{kind} of {units}")
    model.units, model.cell = units, kind
    bias = arrays[2] if len(arrays) == 3 else None
    if kind == "GRU" and bias is not None and bias.ndim == 1:
        _refuse_reset(shown)
    suffix = f"l{model.depth}" + ("_reverse" if way else "")

    def ordered(stacked: np.ndarray) -> np.ndarray:
        return in_order(stacked, order) if order else stacked

    model.tensors[f"rnn.weight_ih_{suffix}"] = ordered(kernel)
    model.tensors[f"rnn.weight_hh_{suffix}"] = ordered(recurrent)
    if bias is not None:
        own, other = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
        model.tensors[f"rnn.bias_ih_{suffix}"] = ordered(own)
        model.tensors[f"rnn.bias_hh_{suffix}"] = ordered(other)


def _dense(model: _Model, layer: Layer, shown: str) -> None:
    if model.dense:
        between = model.facts.get("between") or "something"
        if len(model.dense) > 1:
            raise RefusedError(f"{shown} is a third dense layer", _NO_OTHER)
        if between not in ("nothing", *_SQUASHES):
            raise RefusedError(f"{shown} reads another dense layer, with {between} between", _NO_OTHER)
        model.between = between
    activation = layer.config.get("activation", "linear")
    model.dense.append((layer.arrays[0], layer.arrays[1] if len(layer.arrays) > 1 else None))
    model.facts["between"] = "nothing" if activation == "linear" else plain(activation)
    if activation in _ANSWERS:
        _answer(model, activation, shown)


def _answer(model: _Model, activation: str, shown: str) -> None:
    model.facts["between"] = activation
    check_answer(activation, model.dense[-1][0].shape[1], shown)


def check_answer(activation: str, outputs: int, shown: str) -> None:
    """Refuse a sigmoid for each of several classes."""
    if activation == "sigmoid" and outputs > 1:
        raise RefusedError(
            f"{shown} gives each of {outputs} classes a probability of its own (sigmoid)",
            "rnnviz reads networks that choose one class (softmax), or answer yes or no with a single output",
        )
