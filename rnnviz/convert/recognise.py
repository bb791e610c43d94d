"""Which classifier a set of named shapes is: told from the shapes, and by names only where two tensors could swap.

Left out: the numbers (``rnnviz.convert.convert``).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from pydantic import ValidationError

from rnnviz.checkpoint.weights import Shapes, differences, listed, shown
from rnnviz.errors import CheckpointError
from rnnviz.model_config import ModelConfig, Pooling, shapes
from rnnviz.signals import Cell

_RECURRENT = re.compile(
    r"(?P<module>(?:.*\.)?)(?P<part>(?:weight|bias)_(?:ih|hh|hr))_l(?P<layer>\d{1,3})(?P<back>_reverse)?"
)
_CELLS: dict[int, Cell] = {1: "rnn", 3: "gru", 4: "lstm"}


class Anatomy(NamedTuple):
    """What a set of named shapes turned out to be.

    Attributes:
        config: The classifier. ``vocabulary_size`` is the rows of its embedding as they are.
        names: What each of its tensors is called there, by what it is called here; without biases that are not there.
        outputs: Of its linear layer: one a class, or a single one for two classes.
    """

    config: ModelConfig
    names: dict[str, str]
    outputs: int


def recognise(tensor_shapes: Shapes, words: int, labels: int, pooling: Pooling | None, nonlinearity: str) -> Anatomy:
    """Find a classifier in a set of named shapes: one embedding, one recurrent network, one linear layer.

    Args:
        tensor_shapes: Shape by name, whatever the modules are called: ``encoder.lstm.weight_ih_l0``, ``head.weight`` …
        words: How many words there are names for; it counts, as ``labels`` does, where two tensors could swap places.
        labels: How many classes there are names for.
        pooling: What the linear layer reads. None takes "last", or "max+mean" where it reads twice as much.
        nonlinearity: Of a plain RNN, "tanh" or "relu": no shape tells.

    Raises:
        CheckpointError: It is another network, or there is more than one way to read it. The message names every
            tensor that is missing, not expected, or of another shape.
    """
    module, parts = _recurrent(tensor_shapes)
    body = _body(tensor_shapes, module, parts)
    state = body["hidden_size"] * (2 if body["bidirectional"] else 1)
    reads = {"max+mean": (2 * state,), None: (state, 2 * state)}.get(pooling, (state,))
    embedding, linear = _embedding_and_linear(tensor_shapes, body["embedding_size"], reads, words, labels)
    outputs = _size(tensor_shapes, linear, 0, labels)
    config = _config(
        tensor_shapes,
        **body,
        nonlinearity=nonlinearity if body["cell"] == "rnn" else "tanh",
        vocabulary_size=_size(tensor_shapes, embedding, 0, words),
        pooling=pooling or ("max+mean" if _size(tensor_shapes, linear, 1, state) == 2 * state else "last"),
        classes=2 if outputs == 1 else outputs,
    )
    ends = {"embedding.weight": embedding, "fc.weight": linear, "fc.bias": linear.removesuffix("weight") + "bias"}
    names = {ours: ends.get(ours, module + ours.removeprefix("rnn.")) for ours in shapes(config)}
    if not any(part["part"].startswith("bias") for part in parts):
        names = {ours: theirs for ours, theirs in names.items() if not ours.startswith("rnn.bias")}
    if names["fc.bias"] not in tensor_shapes:
        del names["fc.bias"]
    _compare(tensor_shapes, config, names, outputs)
    return Anatomy(config, names, outputs)


def _body(tensor_shapes: Shapes, module: str, parts: Sequence[re.Match[str]]) -> dict[str, Any]:
    """What the shapes of a recurrent module say, as fields of ModelConfig."""
    name = f"{module}weight_hh_l0"
    gates, hidden = _matrix(tensor_shapes, name)
    if not hidden or gates % hidden or gates // hidden not in _CELLS:
        _refuse(f"{shown(name)} is {(gates, hidden)}: not 1, 3 or 4 gates of {hidden} units", tensor_shapes)
    return {
        "cell": _CELLS[gates // hidden],
        "hidden_size": hidden,
        "embedding_size": _matrix(tensor_shapes, f"{module}weight_ih_l0")[1],
        "layers": 1 + max(int(part["layer"]) for part in parts),
        "bidirectional": any(part["back"] for part in parts),
    }


def _compare(tensor_shapes: Shapes, config: ModelConfig, names: dict[str, str], outputs: int) -> None:
    expected = {theirs: shapes(config)[ours] for ours, theirs in names.items()}
    if outputs == 1:
        expected |= {names[ours]: (1, *expected[names[ours]][1:]) for ours in ("fc.weight", "fc.bias") if ours in names}
    problems = differences(tensor_shapes, expected)
    if problems:
        _refuse(listed([f"{shown(name)} {problem}" for name, problem in problems]))


def _recurrent(tensor_shapes: Shapes) -> tuple[str, list[re.Match[str]]]:
    """The name of the one recurrent module, and its parameters."""
    parts = [part for part in map(_RECURRENT.fullmatch, tensor_shapes) if part]
    modules = sorted({part["module"] for part in parts})
    if not modules:
        _refuse("There is no 'weight_ih_l0' of an nn.RNN, nn.GRU or nn.LSTM", tensor_shapes)
    if len(modules) > 1:
        _refuse(f"There are {len(modules)} recurrent networks: {listed([shown(name) for name in modules])}")
    projections = [part[0] for part in parts if part["part"].endswith("hr")]
    if projections:
        _refuse(f"{shown(projections[0])} belongs to an LSTM with proj_size, which the classifier has not")
    return modules[0], parts


def _matrix(tensor_shapes: Shapes, name: str) -> tuple[int, int]:
    shape = tensor_shapes.get(name)
    if shape is None:
        _refuse(f"{shown(name)} is missing", tensor_shapes)
    if len(shape) != 2:
        _refuse(f"{shown(name)} is {shape}, expected a matrix", tensor_shapes)
    return shape[0], shape[1]


def _embedding_and_linear(
    tensor_shapes: Shapes, features: int, reads: Sequence[int], words: int, labels: int
) -> tuple[str, str]:
    """The names of the embedding and the linear layer; where none fits, those that should."""
    tables = [name for name, shape in tensor_shapes.items() if len(shape) == 2 and not _RECURRENT.fullmatch(name)]
    tables_of_words = [name for name in tables if tensor_shapes[name][1] == features]
    fits = [
        (table, linear)
        for table in tables_of_words
        for linear in tables
        if linear != table and tensor_shapes[linear][1] in reads
    ]
    counts = {(words, labels), (words, 1)} if labels == 2 else {(words, labels)}
    preferences: tuple[Callable[[str, str], bool], ...] = (
        lambda table, linear: "emb" in table.lower() and "emb" not in linear.lower(),
        lambda table, linear: (tensor_shapes[table][0], tensor_shapes[linear][0]) in counts,
    )
    for preferred in preferences:
        if len(fits) > 1:
            fits = [pair for pair in fits if preferred(*pair)] or fits
    if len(fits) > 1:
        pairs = [f"{shown(table)} and {shown(linear)}" for table, linear in fits]
        _refuse(f"There are {len(fits)} ways to take an embedding and a linear layer: {listed(pairs)}")
    if fits:
        return fits[0]
    table = _only(tables_of_words, besides="fc.weight") or "embedding.weight"
    return table, _only(tables, besides=table) or "fc.weight"


def _only(names: Sequence[str], besides: str) -> str | None:
    others = [name for name in names if name != besides]
    return others[0] if len(others) == 1 else None


def _size(tensor_shapes: Shapes, name: str, axis: int, otherwise: int) -> int:
    shape = tensor_shapes.get(name, ())
    return shape[axis] if len(shape) == 2 else otherwise


def _config(tensor_shapes: Shapes, **fields: Any) -> ModelConfig:
    try:
        return ModelConfig(**fields)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors()]
        _refuse("; ".join(problems), tensor_shapes)


def _refuse(problem: str, tensor_shapes: Shapes | None = None) -> NoReturn:
    if tensor_shapes is not None:
        problem += ". It has " + listed([f"{shown(name)} {shape}" for name, shape in tensor_shapes.items()])
    raise CheckpointError("convert_names", problem=problem)
