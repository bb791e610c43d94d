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
from rnnviz.signals import Cell, pooled_blocks

_RECURRENT = re.compile(
    r"(?P<module>(?:.*\.)?)(?P<part>(?:weight|bias)_(?:ih|hh|hr))(?:_l(?P<layer>\d{1,3})(?P<back>_reverse)?)?"
)
_CELLS: dict[int, Cell] = {1: "rnn", 3: "gru", 4: "lstm"}
_STARTS = {"start.hidden": r"(?:h|hidden|state)", "start.cell": r"(?:c|cell|memory)"}
_START = r"(?:.*[._])?(?:{name}_?(?:0|init|start)|(?:init|initial|start|learned)_?{name}(?:_?state)?)"
_MADE = re.compile(r"parametrizations\.|(?:_raw|_orig|_mask|weight_[gv]|_u|_v)(?:_l\d+(?:_reverse)?)?$")
_QUANTISED = re.compile(r"_all_weight_values|_packed_params|\.(?:scale|zero_point)$")


class Anatomy(NamedTuple):
    """What a set of named shapes turned out to be.

    Attributes:
        config: The classifier. ``vocabulary_size`` is the rows of its embedding as they are.
        names: What each of its tensors is called there, by what it is called here; without biases that are not there.
        outputs: Of its linear layer: one a class, or a single one for two classes.
        before: What a linear layer that its last one reads is called, weights and, if it has them, biases; else none.
        inner_size: How many outputs that one has; 0 without one.
        width: How many numbers the first linear layer reads: those of ``config``, or half, of two directions.
        extras: What is there beside all that.
    """

    config: ModelConfig
    names: dict[str, str]
    outputs: int
    before: tuple[str, ...] = ()
    inner_size: int = 0
    width: int = 0
    extras: tuple[str, ...] = ()


def recognise(
    tensor_shapes: Shapes, words: int, labels: int, pooling: Pooling | None, nonlinearity: str, folded: bool = False
) -> Anatomy:
    """Find a classifier in a set of named shapes: one embedding, one recurrent network, one linear layer or two.

    Args:
        tensor_shapes: Shape by name, whatever the modules are called: ``encoder.lstm.weight_ih_l0``, ``head.weight`` …
        words: How many words there are names for; it counts, as ``labels`` does, where two tensors could swap places.
        labels: How many classes there are names for.
        pooling: What the linear layer reads. None takes "last", and refuses a layer that reads something else.
        nonlinearity: Of a plain RNN, "tanh" or "relu": no shape tells.
        folded: Whether the linear layer reads two directions as one: their sum, their mean, or one of them.

    Raises:
        CheckpointError: It is another network, or there is more than one way to read it. The message names every
            tensor that is missing or of another shape.
    """
    module, parts = _recurrent(tensor_shapes)
    body = _body(tensor_shapes, module, parts)
    state = body["hidden_size"] * (2 if body["bidirectional"] else 1)
    width = state * pooled_blocks(pooling or "last", body["layers"]) // (2 if folded and body["bidirectional"] else 1)
    likely = (width,) if pooling else (width, 2 * state, body["layers"] * state)
    embedding, linear, before = _ends(tensor_shapes, body["embedding_size"], likely, words, labels)
    _check_width(_size(tensor_shapes, before or linear, 1, width), width, state, body, pooling)
    outputs = _size(tensor_shapes, linear, 0, labels)
    starts = _starts(tensor_shapes, body, state)
    config = _config(
        tensor_shapes,
        **body,
        nonlinearity=nonlinearity if body["cell"] == "rnn" else "tanh",
        vocabulary_size=_size(tensor_shapes, embedding, 0, words),
        pooling=pooling or "last",
        learned_start=bool(starts),
        classes=2 if outputs == 1 else outputs,
    )
    ends = {"embedding.weight": embedding, "fc.weight": linear, "fc.bias": _bias(linear)} | starts
    recurrent = {_canonical(part): part[0] for part in parts}
    names = {ours: ends.get(ours) or _theirs(ours, module, recurrent) for ours in shapes(config)}
    if not any(part["part"].startswith("bias") for part in parts):
        names = {ours: theirs for ours, theirs in names.items() if not ours.startswith("rnn.bias")}
    if names["fc.bias"] not in tensor_shapes:
        del names["fc.bias"]
    joined = tuple(name for name in (before, _bias(before)) if name in tensor_shapes) if before else ()
    _compare(tensor_shapes, config, names, outputs, joined, width)
    extras = tuple(name for name in tensor_shapes if name not in {*names.values(), *joined})
    inner = tensor_shapes[joined[0]][0] if joined else 0
    return Anatomy(config, names, outputs, joined, inner, width, extras)


def _bias(weight: str) -> str:
    return weight.removesuffix("weight") + "bias"


def _canonical(part: re.Match[str]) -> str:
    """What a recurrent parameter is called here; a cell's, such as nn.LSTMCell's, name no layer."""
    return f"rnn.{part['part']}_l{part['layer'] or 0}{part['back'] or ''}"


def _theirs(ours: str, module: str, recurrent: dict[str, str]) -> str:
    return recurrent.get(ours, module + ours.removeprefix("rnn."))


def _body(tensor_shapes: Shapes, module: str, parts: Sequence[re.Match[str]]) -> dict[str, Any]:
    """What the shapes of a recurrent module say, as fields of ModelConfig."""
    recurrent = {_canonical(part): part[0] for part in parts}
    name = _theirs("rnn.weight_hh_l0", module, recurrent)
    gates, hidden = _matrix(tensor_shapes, name)
    if not hidden or gates % hidden or gates // hidden not in _CELLS:
        _refuse(f"{shown(name)} is {(gates, hidden)}: not 1, 3 or 4 gates of {hidden} units", tensor_shapes)
    return {
        "cell": _CELLS[gates // hidden],
        "hidden_size": hidden,
        "embedding_size": _matrix(tensor_shapes, _theirs("rnn.weight_ih_l0", module, recurrent))[1],
        "layers": 1 + max(int(part["layer"] or 0) for part in parts),
        "bidirectional": any(part["back"] for part in parts),
    }


def _check_width(found: int, expected: int, state: int, body: dict[str, Any], pooling: Pooling | None) -> None:
    """Refuse a linear layer that reads something else than it should, where that may be told from how much it reads."""
    if found == expected:
        return
    reads = f"The linear layer reads {found} numbers"
    if body["bidirectional"] and 2 * found == expected:
        _refuse(
            f"{reads}, half of the {expected} that two directions give. It may read their sum, their mean or one of "
            "them. Say which: --directions sum, mean, forward or backward"
        )
    if pooling is None and found == 2 * state:
        others = ["the maximum and the mean of the states (--pooling max+mean)"]
        others += ["the last states of both layers (--pooling last-layers)"] if body["layers"] == 2 else []
        others += ["the last hidden state and cell state, h and c"] if body["cell"] == "lstm" else []
        others.append("two other things side by side")
        _refuse(
            f"{reads}, twice the {state} of a state. It may read {' or '.join(others)}, and a file of weights does not "
            "say which. If it is one with an option, add that; the others cannot be read"
        )
    if pooling is None and body["layers"] > 2 and found == body["layers"] * state:
        _refuse(
            f"{reads}, as many as the states of all {body['layers']} layers have. If it is the last states of all "
            "layers, side by side from the first layer on as in h_n, add --pooling last-layers"
        )


def _starts(tensor_shapes: Shapes, body: dict[str, Any], state: int) -> dict[str, str]:
    """The learned initial states, by what they are called here: each as many numbers as all layers' states have."""
    wanted = ("start.hidden", "start.cell") if body["cell"] == "lstm" else ("start.hidden",)
    found: dict[str, str] = {}
    for ours in wanted:
        pattern = re.compile(_START.format(name=_STARTS[ours]), re.IGNORECASE)
        fits = [name for name in tensor_shapes if pattern.fullmatch(name) and not _RECURRENT.fullmatch(name)]
        fits = [name for name in fits if _is_start(tensor_shapes[name], body["layers"] * state, body["hidden_size"])]
        if len(fits) == 1:
            found[ours] = fits[0]
    return found if len(found) == len(wanted) else {}


def _is_start(shape: tuple[int, ...], numbers: int, units: int) -> bool:
    size = 1
    for length in shape:
        size *= length
    return size == numbers and bool(shape) and (shape[-1] == units or shape == (numbers,))


def _compare(
    tensor_shapes: Shapes,
    config: ModelConfig,
    names: dict[str, str],
    outputs: int,
    joined: Sequence[str],
    width: int,
) -> None:
    expected = {theirs: shapes(config)[ours] for ours, theirs in names.items() if not ours.startswith("start.")}
    expected[names["fc.weight"]] = (outputs, width)
    if "fc.bias" in names:
        expected[names["fc.bias"]] = (outputs,)
    if joined:
        inner = tensor_shapes[joined[0]][0]
        expected[names["fc.weight"]] = (outputs, inner)
        expected |= dict(zip(joined, [(inner, width), (inner,)], strict=False))
    actual = {name: shape for name, shape in tensor_shapes.items() if name in expected}
    problems = differences(actual, expected)
    if problems:
        extras = [(name, "is not expected") for name in tensor_shapes if name not in {*expected, *names.values()}]
        _refuse(listed([f"{shown(name)} {problem}" for name, problem in sorted([*problems, *extras])]))


def _is_made(name: str, tensor_shapes: Shapes) -> bool:
    """Whether a tensor is one of those of which a weight is made; a mask alone may be for anything."""
    if not _MADE.search(name):
        return False
    mask = re.search(r"_mask(?=_l\d|$)", name)
    return mask is None or name[: mask.start()] + "_orig" + name[mask.end() :] in tensor_shapes


def _is_quantised(name: str, tensor_shapes: Shapes) -> bool:
    """Whether a tensor looks like one of a quantised layer: its weight is packed, one number beside it is the scale."""
    if not _QUANTISED.search(name):
        return False
    weight = name[: name.rfind(".") + 1] + "weight"
    return "_params" in name or "_values" in name or (tensor_shapes[name] == () and weight not in tensor_shapes)


def _recurrent(tensor_shapes: Shapes) -> tuple[str, list[re.Match[str]]]:
    """The name of the one recurrent module, and its parameters."""
    parts = [part for part in map(_RECURRENT.fullmatch, tensor_shapes) if part]
    made = next((name for name in tensor_shapes if _is_made(name, tensor_shapes)), None)
    if made:
        _refuse(
            f"{shown(made)} belongs to weights that are made before each call (pruned, weight_norm, spectral_norm, "
            "parametrizations). Make them permanent first (torch.nn.utils.prune.remove, remove_weight_norm, "
            "parametrize.remove_parametrizations) and save model.state_dict() again"
        )
    quantised = next((name for name in tensor_shapes if _is_quantised(name, tensor_shapes)), None)
    if quantised:
        _refuse(
            f"{shown(quantised)} looks like a part of a quantised network. Save the one that it was made of; if it is "
            f"something else, which takes no part, add --leave-out {quantised}",
            tensor_shapes,
        )
    modules = sorted({part["module"] for part in parts})
    if not modules:
        _refuse("There is no 'weight_ih_l0' of an nn.RNN, nn.GRU or nn.LSTM", tensor_shapes)
    if len(modules) > 1:
        _refuse(
            f"There are {len(modules)} recurrent networks: {listed([shown(name) for name in modules])}. One nn.RNN, "
            "nn.GRU or nn.LSTM holds all layers, of one kind and size: train it so, or leave out with --leave-out what "
            "takes no part"
        )
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


def _ends(
    tensor_shapes: Shapes, features: int, reads: Sequence[int], words: int, labels: int
) -> tuple[str, str, str | None]:
    """The names of the embedding, the last linear layer, and one that it reads; where none fits, those that should."""
    tables = [
        name
        for name, shape in tensor_shapes.items()
        if len(shape) == 2 and not _RECURRENT.fullmatch(name) and not _is_named_start(name)
    ]
    tables_of_words = [name for name in tables if tensor_shapes[name][1] == features]
    fits: list[tuple[str, str, str | None]] = []
    for table in tables_of_words:
        for linear in tables:
            if linear != table and tensor_shapes[linear][1] in reads:
                after = [name for name in tables if name not in (table, linear)]
                after = [name for name in after if tensor_shapes[name][1] == tensor_shapes[linear][0]]
                fits += [(table, last, linear) for last in after] or [(table, linear, None)]
    fits = [fit for fit in fits if None not in fit and len(fit) == len(tables)] or fits
    return _preferred(tensor_shapes, fits, words, labels) or _guessed(tables, tables_of_words)


def _preferred(
    tensor_shapes: Shapes, fits: list[tuple[str, str, str | None]], words: int, labels: int
) -> tuple[str, str, str | None] | None:
    """The one way to take them that names or numbers prefer."""
    counts = {(words, labels), (words, 1)} if labels == 2 else {(words, labels)}
    preferences: tuple[Callable[[str, str], bool], ...] = (
        lambda table, linear: "emb" in table.lower() and "emb" not in linear.lower(),
        lambda table, linear: (tensor_shapes[table][0], tensor_shapes[linear][0]) in counts,
    )
    for preferred in preferences:
        if len(fits) > 1:
            fits = [fit for fit in fits if preferred(*fit[:2])] or fits
    if len(fits) > 1:
        pairs = [f"{shown(table)} and {shown(linear)}" for table, linear, _ in fits]
        _refuse(f"There are {len(fits)} ways to take an embedding and a linear layer: {listed(pairs)}")
    return fits[0] if fits else None


def _guessed(tables: Sequence[str], tables_of_words: Sequence[str]) -> tuple[str, str, None]:
    table = _only(tables_of_words, besides="fc.weight") or "embedding.weight"
    return table, _only(tables, besides=table) or "fc.weight", None


def _is_named_start(name: str) -> bool:
    return any(re.fullmatch(_START.format(name=kind), name, re.IGNORECASE) for kind in _STARTS.values())


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
