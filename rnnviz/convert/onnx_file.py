"""An ONNX graph as PyTorch's tensors: Gather (the embedding), LSTM, GRU or RNN, Gemm or MatMul.

Run by ``rnnviz.convert.unpickle`` in a process of its own. Needs onnx; the graph is read and never run.

ONNX stacks an LSTM's gates as i, o, f, c and a GRU's as z, r, h, with both biases in one row. A GRU with
linear_before_reset is PyTorch's; one without, which is ONNX's default, squashes U (r h), as none of PyTorch's does.

Source: the operators LSTM, GRU and RNN in onnx/docs/Operators.md.
"""

from typing import Any, NamedTuple

import numpy as np
import torch

from rnnviz.convert.gates import in_order
from rnnviz.convert.keras_file import check_answer, plain, refuse_other_layers, refuse_reset
from rnnviz.convert.unpickle import Read, RefusedError

_CELLS = {"LSTM": ("iofc", ["Sigmoid", "Tanh", "Tanh"]), "GRU": ("zrh", ["Sigmoid", "Tanh"]), "RNN": ("", ["Tanh"])}
_PASSING = {"Identity", "Dropout", "Cast", "Squeeze", "Unsqueeze", "Transpose", "Reshape", "Flatten", "Concat"}
_CHOOSING = {"Gather", "Slice", "Split"}
_POOLINGS = {"ReduceMax": "max", "ReduceMean": "mean", "ReduceSum": "sum"}
_POOLINGS |= {"GlobalMaxPool": "max", "GlobalAveragePool": "mean", "MaxPool": "max"}
_ANSWERING = {"Softmax", "LogSoftmax", "Sigmoid", "ArgMax", "Identity", "Squeeze", "Flatten", "Cast"}
_SQUASHES = {"Relu": "relu", "Tanh": "tanh"}
_AS_THEY_ARE = {"Identity", "Dropout", "Cast"}
_NO_OTHER = (
    "rnnviz reads an embedding, recurrent layers, at most a pooling over time, and a linear layer, or two with "
    "nothing, relu or tanh between"
)
_TORCH = "Where the network is PyTorch's, save model.state_dict() with torch.save and pass that"


def read(path: str, *_: str) -> Read:
    """The tensors of a graph under PyTorch's names, and what lies between its layers."""
    import onnx

    graph = _Graph(onnx.load(path, load_external_data=False).graph, onnx)
    layers = [node for node in graph.nodes if node.op_type in _CELLS]
    if not layers:
        kinds = ", ".join(sorted({node.op_type for node in graph.nodes}))[:200]
        raise RefusedError(f"it has no LSTM, GRU or RNN, but {plain(kinds)}", _NO_OTHER)
    tensors: dict[str, np.ndarray] = {}
    facts: dict[str, Any] = {"whole": True, "notes": []}
    for depth, node in enumerate(layers):
        if depth:
            _check_stacked(graph, node, layers[depth - 1])
        else:
            tensors["embedding.weight"] = _embedding(graph, node)
        tensors |= _layer(graph, node, depth, facts)
        first, own = (tensors[f"rnn.weight_hh_l{place}"].shape[-1] for place in (0, depth))
        if (node.op_type, own) != (layers[0].op_type, first):
            refuse_other_layers(f"{layers[0].op_type} of {first} units", f"{node.op_type} of {own}")
    read = _head(graph, tensors, facts)
    facts["pooling"] = _pooling(graph, read, layers[-1], len(layers), 2 if "rnn.weight_ih_l0_reverse" in tensors else 1)
    return Read({name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in tensors.items()}, facts, [])


class Linear(NamedTuple):
    """A linear layer: weights [output, input], biases, and the name of what it reads."""

    weight: np.ndarray
    bias: np.ndarray | None
    read: str


class _Graph:
    """Nodes, constants, and which node makes what."""

    def __init__(self, graph: Any, onnx: Any) -> None:
        self.nodes = list(graph.node)
        self._onnx = onnx
        self._constants = {one.name: one for one in graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant" and node.attribute and node.attribute[0].name == "value":
                self._constants[node.output[0]] = node.attribute[0].t
        self.makers = {name: node for node in self.nodes for name in node.output}

    def constant(self, name: str) -> np.ndarray | None:
        """The numbers of a constant, also if they are only turned over; None if it is none."""
        node = self.makers.get(name)
        if name not in self._constants and node is not None and node.op_type in ("Identity", "Transpose"):
            inner = self.constant(node.input[0])
            if inner is None or node.op_type == "Identity":
                return inner
            return np.transpose(inner, self.settings(node).get("perm"))
        tensor = self._constants.get(name)
        if tensor is None:
            return None
        if tensor.external_data:
            raise RefusedError("its numbers lie in another file, which is not opened", "Save it as one file")
        return np.asarray(self._onnx.numpy_helper.to_array(tensor))

    def settings(self, node: Any) -> dict[str, Any]:
        """The attributes of a node."""
        return {one.name: self._onnx.helper.get_attribute_value(one) for one in node.attribute}

    def last_linear(self) -> Linear:
        """The last linear layer."""
        for place, node in reversed([*enumerate(self.nodes)]):
            if node.op_type in ("Gemm", "MatMul"):
                found = self.linear(node)
                if found is None:
                    break
                _check_after({one.op_type for one in self.nodes[place + 1 :]}, len(found.weight))
                return found
            if node.op_type not in {*_ANSWERING, "Add", "Constant", "Reshape", "Shape"}:
                break
        raise RefusedError("it does not end in a linear layer", _NO_OTHER)

    def linear_at(self, name: str) -> Linear | None:
        """The linear layer that makes what has this name, with a sum where its biases are added; None if none does."""
        node = self.makers.get(name)
        if node is not None and node.op_type == "Add":
            makers = [self.makers.get(one) for one in node.input]
            node = next((one for one in makers if one is not None and one.op_type == "MatMul"), None)
        return self.linear(node) if node is not None and node.op_type in ("Gemm", "MatMul") else None

    def linear(self, node: Any) -> Linear | None:
        """What a node multiplies by, if that is stored."""
        weight = self.constant(node.input[1])
        if weight is None or weight.ndim != 2:
            return None
        if node.op_type == "MatMul":
            return Linear(weight.T, self._added(node.output[0]), node.input[0])
        about = self.settings(node)
        if any(about.get(name, usual) != usual for name, usual in (("alpha", 1.0), ("beta", 1.0), ("transA", 0))):
            return None
        bias = self.constant(node.input[2]) if len(node.input) > 2 else None
        return Linear(weight if about.get("transB") else weight.T, bias, node.input[0])

    def _added(self, name: str) -> np.ndarray | None:
        """The biases that are added to a product; None if nothing is."""
        for node in self.nodes:
            if node.op_type == "Add" and name in node.input:
                others = [self.constant(other) for other in node.input if other != name]
                if not others or others[0] is None:
                    raise RefusedError("a product is added to something that is not stored", _NO_OTHER)
                return others[0]
        return None


def _head(graph: _Graph, tensors: dict[str, np.ndarray], facts: dict[str, Any]) -> str:
    """Take the last linear layer, and one that it reads, if there is one; the name of what the first of them reads."""
    last = graph.last_linear()
    squash, name = _squash(graph, last.read)
    first = graph.linear_at(name)
    if first is not None:
        facts["between"] = squash or "nothing"
        squash, name = _squash(graph, first.read)
    if squash:
        facts["squash"] = squash
    for place, layer in (("fc", last), ("fc0", first)):
        if layer is not None:
            tensors[f"{place}.weight"] = layer.weight
        if layer is not None and layer.bias is not None:
            tensors[f"{place}.bias"] = layer.bias
    return name


def _squash(graph: _Graph, name: str) -> tuple[str, str]:
    """What squashes the numbers of this name, "" if nothing does, and the name of these before."""
    squash = ""
    while (node := graph.makers.get(name)) is not None:
        if node.op_type in _SQUASHES and not squash:
            squash = _SQUASHES[node.op_type]
        elif node.op_type not in _AS_THEY_ARE:
            break
        name = node.input[0]
    return squash, name


def _check_after(kinds: set[str], outputs: int) -> None:
    if "Sigmoid" in kinds:
        check_answer("sigmoid", outputs, "its last operator (Sigmoid)")


def _source(graph: _Graph, name: str) -> Any:
    """The node that makes what a recurrent layer reads, past all that leaves its numbers; None if nothing makes it."""
    node = graph.makers.get(name)
    while node is not None and node.op_type in _PASSING and name == node.output[0]:
        if node.op_type == "Concat" and len(node.input) > 1:
            raise RefusedError("a recurrent layer reads several things side by side (Concat)", _NO_OTHER)
        name = node.input[0]
        node = graph.makers.get(name)
    if node is not None and node.op_type not in {*_CELLS, "Gather"}:
        raise RefusedError(f"a {plain(node.op_type)} comes before a recurrent layer", _NO_OTHER)
    return node if node is not None and name == node.output[0] else None


def _embedding(graph: _Graph, first: Any) -> np.ndarray:
    """The table that the first recurrent layer's inputs come from."""
    node = _source(graph, first.input[0])
    table = graph.constant(node.input[0]) if node is not None and node.op_type == "Gather" else None
    if table is None or table.ndim != 2:
        raise RefusedError("no table of word vectors (Gather) comes before its recurrent layer", _NO_OTHER)
    return table


def _check_stacked(graph: _Graph, node: Any, below: Any) -> None:
    """Refuse a recurrent layer that reads anything but the states of the one below."""
    if _source(graph, node.input[0]) is not below:
        raise RefusedError(
            "its recurrent layers are no stack, in which each reads the states of the one below", _NO_OTHER
        )


def _layer(graph: _Graph, node: Any, depth: int, facts: dict[str, Any]) -> dict[str, np.ndarray]:
    order, usual = _CELLS[node.op_type]
    about = graph.settings(node)
    ways = {b"forward": 1, b"bidirectional": 2}.get(about.get("direction", b"forward"), 0)
    squashes = [one.decode() for one in about.get("activations", [])] or usual * max(ways, 1)
    if node.op_type == "RNN" and set(squashes) in ({"Relu"}, {"Tanh"}):
        facts["nonlinearity"] = squashes[0].lower()
    elif squashes != usual * max(ways, 1):
        raise RefusedError(f"its {node.op_type} squashes with {plain(', '.join(squashes))}", _NO_OTHER)
    if not ways or about.get("clip") or about.get("input_forget"):
        raise RefusedError(f"its {node.op_type} reads from the end alone, clips, or ties its gates", _NO_OTHER)
    if node.op_type == "GRU" and not about.get("linear_before_reset"):
        refuse_reset(
            "it has a GRU",
            "linear_before_reset is 0",
            "Train it with the reset gate after the product, and export it with linear_before_reset=1",
        )
    inputs = [*node.input, *[""] * 8][:8]
    if inputs[7]:
        raise RefusedError("its LSTM has peepholes", _NO_OTHER)
    W, R, B = (graph.constant(name) if name else None for name in inputs[1:4])
    if W is None or R is None:
        raise RefusedError(f"the weights of its {node.op_type} are computed, not stored", _TORCH)
    found: dict[str, np.ndarray] = {}
    for way in range(ways):
        suffix = f"l{depth}" + ("_reverse" if way else "")
        parts = {"weight_ih": W[way], "weight_hh": R[way]}
        if B is not None:
            parts["bias_ih"], parts["bias_hh"] = np.split(B[way], 2)
        for name, part in parts.items():
            found[f"rnn.{name}_{suffix}"] = in_order(part, order) if order else part
    for name in inputs[5:7]:
        start = graph.constant(name) if name else None
        if start is not None and start.any():
            raise RefusedError("its texts start from states that are not zeros", _TORCH)
    return found


def _pooling(graph: _Graph, name: str, top: Any, layers: int, ways: int) -> str:
    """What the linear layer reads, from the operators between the top recurrent layer and it."""
    kinds: list[str] = []
    places: list[int] = []
    outputs: set[int] = set()
    waiting, seen = [name], set()
    while waiting:
        one = waiting.pop(0)
        node = graph.makers.get(one)
        if node is None or one in seen:
            continue
        seen.add(one)
        if node.op_type in _CELLS:
            outputs |= {list(node.output).index(one)} if node is top or one != node.output[0] else {-1}
            continue
        if node.op_type not in {*_PASSING, *_CHOOSING, *_POOLINGS}:
            raise RefusedError(
                f"a {plain(node.op_type)} lies between its recurrent layer and its last linear layer", _NO_OTHER
            )
        kinds.append(node.op_type)
        index = graph.constant(node.input[1]) if node.op_type == "Gather" else None
        places += [int(index.item())] if index is not None and index.size == 1 else []
        waiting += node.input if node.op_type == "Concat" else node.input[:1]
    pooled = [_POOLINGS[kind] for kind in kinds if kind in _POOLINGS]
    chosen = [kind for kind in kinds if kind in _CHOOSING]
    if outputs == {0} and not chosen and pooled in (["max"], ["mean"], ["sum"], ["max", "mean"]):
        return "+".join(pooled)
    if outputs == {0} and not pooled and (chosen, places) == (["Gather"], [-1]):
        return "output-last"
    if outputs == {1} and not pooled and len(chosen) == len(places) and _are_last(places, layers, ways):
        return "last"
    raise RefusedError("what its linear layer reads of its recurrent layers is not told from its graph", _TORCH)


def _are_last(places: list[int], layers: int, ways: int) -> bool:
    """Whether these are the top layer's states among all layers' final ones, forward before backward."""
    states = layers * ways
    return [place % states for place in places] == list(range(states - ways, states)) or (layers == 1 and not places)
