"""Networks of Keras, ONNX and NumPy give the answers that their own equations give.

The oracle is Keras's equations and ONNX's, written here with NumPy, gate by gate. The files have Keras's own layout
(keras/src/saving/saving_lib.py and legacy/saving/legacy_h5_format.py, version 3.15); Keras is not needed.
"""

import io
import json
import re
import zipfile

import numpy as np
import pytest
import torch

from rnnviz.convert import keras_file, onnx_file
from rnnviz.convert.convert import converted
from rnnviz.convert.foreign import open_foreign, read_foreign
from rnnviz.convert.gates import in_order
from rnnviz.convert.unpickle import RefusedError
from rnnviz.errors import CheckpointError
from tests.cli.test_cli import Command, rnnviz as rnnviz
from tests.convert.test_convert import WORDS, labelled, logits_of

ROWS, FEATURES, UNITS = len(WORDS), 5, 4
LABELS = ("no", "yes", "maybe")
GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
RESET = {"LSTM": {}, "GRU": {"reset_after": True}, "SimpleRNN": {}}
TEXT = "film was not good"


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def numbers(*shape):
    seed = np.random.default_rng(sum(shape))
    return seed.normal(0, 0.6, shape).astype(np.float16).astype(np.float32)


def keras_cell(kind, features=FEATURES):
    """kernel, recurrent_kernel and bias, with Keras's shapes."""
    width = GATES[kind] * UNITS
    bias = numbers(2, width) if kind == "GRU" else numbers(width)
    return [numbers(features, width), numbers(UNITS, width), bias]


def keras_steps(kind, arrays, rows):
    """The hidden states, as Keras computes them: gates i f c o of an LSTM, z r h of a GRU with reset_after."""
    kernel, recurrent, bias = (array.astype(np.float64) for array in arrays)
    h, c, states = np.zeros(UNITS), np.zeros(UNITS), []
    for x in rows:
        if kind == "LSTM":
            i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        elif kind == "GRU":
            (xz, xr, xh), (hz, hr, hh) = (np.split(one, 3) for one in (x @ kernel + bias[0], h @ recurrent + bias[1]))
            z, r = sigmoid(xz + hz), sigmoid(xr + hr)
            h = z * h + (1 - z) * np.tanh(xh + r * hh)
        else:
            h = np.tanh(x @ kernel + h @ recurrent + bias)
        states.append(h)
    return np.array(states)


def assert_gives(path, wanted, **options):
    found = open_foreign(path)
    facts = found.facts
    network = converted(
        found.tensors, WORDS, LABELS, pooling=facts.pooling, nonlinearity=facts.nonlinearity,
        directions=facts.directions, between=facts.between, squash=facts.squash, described=facts.whole, **options,
    )  # fmt: skip
    np.testing.assert_allclose(logits_of(network.checkpoint, TEXT)[0], wanted, rtol=1e-4, atol=1e-5)
    return found, network


TABLE, KERNEL, BIAS = numbers(ROWS, FEATURES), numbers(UNITS, 3), numbers(3)
READ = TABLE[[WORDS.index(word) for word in TEXT.split()]].astype(np.float64)


def layer(kind, name, **settings):
    return {"class_name": kind, "config": {"name": name, **settings}}


def embedding(**settings):
    return layer("Embedding", "embedding", mask_zero=True, **settings)


def dense(name="dense", activation="softmax"):
    return layer("Dense", name, activation=activation)


def save_keras(path, layers, arrays):
    """A .keras archive: ``arrays`` by the place that Keras gives them, below layers/."""
    h5py = pytest.importorskip("h5py")
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for place, values in arrays.items():
            for number, one in enumerate(values):
                file[f"layers/{place}/vars/{number}"] = one
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
        archive.writestr("model.weights.h5", weights.getvalue())


def save_h5(path, layers, arrays):
    """A whole model in Keras's older layout: ``arrays`` by layer."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [name.encode() for name in arrays]
        for name, values in arrays.items():
            group = root.create_group(name)
            names = [f"{name}/part_{number}" for number in range(len(values))]
            group.attrs["weight_names"] = [one.encode() for one in names]
            for one, value in zip(names, values, strict=True):
                group[one] = value


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("form", ["keras", "h5"])
def test_a_model_of_keras_answers_as_its_equations(tmp_path, kind, form):
    cell = keras_cell(kind)
    layers = [
        layer("InputLayer", "input"),
        embedding(),
        layer("Dropout", "dropout"),
        layer(kind, "mine", **RESET[kind]),
        dense(),
    ]
    name = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "simple_rnn"}[kind]
    if form == "keras":
        save_keras(tmp_path / "m", layers, {"embedding": [TABLE], f"{name}/cell": cell, "dense": [KERNEL, BIAS]})
    else:
        save_h5(tmp_path / "m", layers, {"embedding": [TABLE], "mine": cell, "dense": [KERNEL, BIAS]})
    found, network = assert_gives(tmp_path / "m", keras_steps(kind, cell, READ)[-1] @ KERNEL + BIAS)
    assert found.notes == []
    (assumed,) = (note for note in network.notes if note.startswith("Assumed"))
    assert "say: texts are split as rnnviz splits them" in assumed


@pytest.mark.parametrize(
    ("merge", "join"), [("concat", np.concatenate), ("sum", sum), ("ave", lambda both: sum(both) / 2)]
)
def test_two_directions_of_keras_are_joined_as_it_says(tmp_path, merge, join):
    ways = [keras_cell("LSTM"), [-one for one in keras_cell("LSTM")]]
    kernel = numbers(2 * UNITS if merge == "concat" else UNITS, 3)
    layers = [embedding(), layer("Bidirectional", "both", layer=layer("LSTM", "l"), merge_mode=merge), dense()]
    places = {"embedding": [TABLE], "bidirectional/forward_layer/cell": ways[0]}
    save_keras(tmp_path / "m", layers, places | {"bidirectional/backward_layer/cell": ways[1], "dense": [kernel, BIAS]})
    ends = [keras_steps("LSTM", ways[0], READ)[-1], keras_steps("LSTM", ways[1], READ[::-1])[-1]]
    assert_gives(tmp_path / "m", join(ends) @ kernel + BIAS)


def test_layers_pooling_and_a_dense_layer_without_activation_of_keras_are_read(tmp_path):
    cells = [keras_cell("GRU"), keras_cell("GRU", UNITS)]
    layers = [embedding(), *(layer("GRU", name, return_sequences=True, reset_after=True) for name in "ab")]
    layers += [layer("GlobalMaxPooling1D", "pool"), dense("first", "linear"), dense("last")]
    inner = numbers(UNITS, UNITS)
    places = {
        "embedding": [TABLE],
        "gru/cell": cells[0],
        "gru_1/cell": cells[1],
        "dense": [inner],
        "dense_1": [KERNEL, BIAS],
    }
    save_keras(tmp_path / "m", layers, places)
    top = keras_steps("GRU", cells[1], keras_steps("GRU", cells[0], READ))
    assert_gives(tmp_path / "m", top.max(axis=0) @ inner @ KERNEL + BIAS)


@pytest.mark.parametrize("inner", ["relu", "tanh"])
@pytest.mark.parametrize("between", [[], [layer("Dropout", "d")]])
def test_what_squashes_before_and_between_dense_layers_of_keras_is_read(tmp_path, inner, between):
    cell, first = keras_cell("LSTM"), numbers(UNITS, 5)
    layers = [embedding(), layer("LSTM", "l"), layer("Activation", "s", activation="tanh")]
    layers += [*between, dense("a", inner), *between, dense("b")]
    last = numbers(5, 3)
    places = {"embedding": [TABLE], "lstm/cell": cell, "dense": [first], "dense_1": [last, BIAS]}
    save_keras(tmp_path / "m", layers, places)
    hidden = np.tanh(keras_steps("LSTM", cell, READ)[-1]) @ first
    assert_gives(tmp_path / "m", (np.maximum(hidden, 0) if inner == "relu" else np.tanh(hidden)) @ last + BIAS)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([embedding(), layer("GRU", "g", reset_after=False), dense()], "reset gate acts before the product"),
        (
            [embedding(), layer("LSTM", "l", recurrent_activation="hard_sigmoid"), dense()],
            "squashes with tanh and hard_sig",
        ),
        ([embedding(), layer("LSTM", "l"), dense("a", "gelu"), dense("b")], "with gelu between"),
        ([embedding(), layer("LSTM", "l"), dense("a", "relu"), dense("b"), dense("c")], "is a third dense layer"),
        (
            [embedding(), layer("LSTM", "l"), layer("ReLU", "r", negative_slope=0.1), dense()],
            "its layer 'r' (ReLU) is none",
        ),
        ([embedding(), layer("LSTM", "l", return_sequences=True), dense()], "reads the states of all words"),
        ([embedding(), layer("Conv1D", "c"), layer("LSTM", "l"), dense()], "its layer 'c' (Conv1D) is none"),
        ([embedding(), layer("LSTM", "l"), dense(activation="sigmoid")], "a probability of its own (sigmoid)"),
        ([embedding(), layer("GRU", "g"), dense()], "reset gate acts before the product"),
        (
            [embedding(), layer("LSTM", "l"), dense(activation="relu")],
            "ends in relu, so that its numbers are no logits",
        ),
        ([embedding(), layer("LSTM", "l"), dense(activation={"class_name": "Mine"})], "no logits"),
        (
            [
                embedding(),
                layer("LSTM", "l"),
                dense("a", "linear"),
                layer("Activation", "s", activation="softmax"),
                dense("b"),
            ],
            "with softmax between",
        ),
        (
            [embedding(), layer("LSTM", "l", return_sequences=True), dense(), layer("GlobalMaxPooling1D", "p")],
            "its layer 'p' (GlobalMaxPooling1D) is none",
        ),
        ([embedding(), layer("LSTM", "l", go_backwards=True), dense()], "reads from the end alone"),
    ],
)
def test_what_no_weights_of_ours_compute_is_named(tmp_path, layers, said):
    kind = layers[1]["class_name"] if layers[1]["class_name"] in GATES else "LSTM"
    places = {"embedding": [TABLE], f"{kind.lower()}/cell": keras_cell(kind), "dense": [KERNEL, BIAS]}
    save_keras(tmp_path / "m", layers, places | {name: [numbers(3, 3), BIAS] for name in ("dense_1", "dense_2")})
    with pytest.raises(CheckpointError) as caught:
        read_foreign(tmp_path / "m")
    assert said in str(caught.value)


LINKED = ["layers", "layers/embedding", "layers/embedding/vars", "layers/embedding/vars/0", "layers/lstm/cell"]
LINKED_H5 = ["model_weights", "model_weights/embedding", "model_weights/embedding/embedding/part_0"]


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(
    ("place", "archive"), [(place, False) for place in [*LINKED, *LINKED_H5]] + [(place, True) for place in LINKED]
)
def test_links_in_hdf5_are_not_followed(tmp_path, place, archive, soft):
    """The link points to what would be read in its place: in this file, or in another one."""
    h5py = pytest.importorskip("h5py")
    legacy = place in LINKED_H5
    layers = [embedding(), layer("LSTM", "lstm"), dense()]
    arrays = {"embedding": [TABLE], "lstm": keras_cell("LSTM"), "dense": [KERNEL, BIAS]}
    if legacy:
        save_h5(tmp_path / "m", layers, arrays)
    else:
        save_keras(tmp_path / "m.keras", layers, arrays | {"lstm/cell": arrays.pop("lstm")})
        with zipfile.ZipFile(tmp_path / "m.keras") as packed:
            (tmp_path / "m").write_bytes(packed.read("model.weights.h5"))
    (tmp_path / "secret.h5").write_bytes((tmp_path / "m").read_bytes())
    assert keras_file.read_hdf5(str(tmp_path / "m")).tensors
    with h5py.File(tmp_path / "m", "a") as file:
        if soft:
            file.move(place, "moved")
        else:
            del file[place]
        file[place] = h5py.SoftLink("/moved") if soft else h5py.ExternalLink(str(tmp_path / "secret.h5"), f"/{place}")
    if archive:
        settings = {"class_name": "Sequential", "config": {"layers": layers}}
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as packed:
            packed.writestr("config.json", json.dumps(settings))
            packed.write(tmp_path / "m", "model.weights.h5")
    with pytest.raises(RefusedError, match="it points to numbers in other files, which are not opened"):
        keras_file.read(str(tmp_path / "m.keras")) if archive else keras_file.read_hdf5(str(tmp_path / "m"))


@pytest.mark.parametrize("kind", GATES)
def test_what_get_weights_gives_is_read_in_its_order(tmp_path, kind):
    cell = keras_cell(kind)
    np.savez(tmp_path / "m.npz", TABLE, *cell, KERNEL, BIAS)
    found, _ = assert_gives(tmp_path / "m.npz", keras_steps(kind, cell, READ)[-1] @ KERNEL + BIAS)
    assert "weights alone" in found.notes[0]


def named(recurrent):
    return {
        "embedding.weight": TABLE,
        **{f"rnn.{name}_l0": one for name, one in recurrent.items()},
        "fc.weight": KERNEL.T,
    }


@pytest.mark.parametrize(("order", "renews"), [("zrn", False), ("zrh", True), ("nzr", True)])
def test_gates_of_arrays_are_put_in_order(tmp_path, order, renews):
    """In the other form z is the share of the new state: (1 − z') h + z' n."""
    gru = torch.nn.GRU(FEATURES, UNITS)
    with torch.no_grad():
        wanted = gru(torch.from_numpy(READ).float())[0][-1].numpy() @ KERNEL
    places = ["rzn".index(letter.replace("h", "n")) for letter in order]
    stacked = {}
    for name, value in gru.state_dict().items():
        blocks = list(value.numpy().reshape(3, UNITS, -1))
        blocks[1] = -blocks[1] if renews else blocks[1]
        stacked[name.removesuffix("_l0")] = np.concatenate([blocks[place] for place in places]).reshape(value.shape)
    np.savez(tmp_path / "m.npz", **named(stacked))
    found = open_foreign(tmp_path / "m.npz", gates=order, update_gate="renews" if renews else "keeps")
    network = converted(found.tensors, WORDS, LABELS).checkpoint
    np.testing.assert_allclose(logits_of(network, TEXT)[0], wanted, atol=1e-4)


def test_an_order_that_is_none_is_refused(tmp_path):
    np.savez(tmp_path / "m.npz", **named({"weight_ih": numbers(12, 5), "weight_hh": numbers(12, 4)}))
    with pytest.raises(CheckpointError, match=r"--gates iffo is no order .*\nGive one letter a gate"):
        open_foreign(tmp_path / "m.npz", gates="iffo")


@pytest.mark.parametrize(
    ("gates", "said"),
    [("", "--update-gate has no effect without --gates"), ("ifgo", "--update-gate is for the gates of a GRU")],
)
def test_an_update_gate_that_has_no_effect_is_refused(tmp_path, gates, said):
    np.savez(tmp_path / "m.npz", **named({"weight_ih": numbers(16, 5), "weight_hh": numbers(16, 4)}))
    with pytest.raises(CheckpointError, match=f"{said}.*\n.*[Ll]eave --update-gate out"):
        open_foreign(tmp_path / "m.npz", gates=gates, update_gate="renews")


def test_arrays_of_python_objects_are_not_opened(tmp_path):
    np.savez(tmp_path / "m.npz", a=np.array([{}], dtype=object))
    with pytest.raises(CheckpointError, match="it holds Python objects or records, not numbers"):
        read_foreign(tmp_path / "m.npz")


def test_blocks_of_gates_are_moved_whole():
    stacked = np.arange(8).reshape(4, 2)
    assert in_order(stacked, "iofc").tolist() == [[0, 1], [4, 5], [6, 7], [2, 3]]


# ONNX


def onnx_cell(kind):
    """W, R and B with ONNX's shapes: gates i o f c of an LSTM, z r h of a GRU."""
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * UNITS
    return numbers(1, gates, FEATURES), numbers(1, gates, UNITS), numbers(1, 2 * gates)


def onnx_steps(kind, cell, rows=READ):
    W, R, B = (part[0].astype(np.float64) for part in cell)
    own, other = np.split(B, 2)
    h, c, states = np.zeros(UNITS), np.zeros(UNITS), []
    for x in rows:
        a, b = W @ x + own, R @ h + other
        if kind == "LSTM":
            i, o, f, g = np.split(a + b, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        elif kind == "GRU":
            (az, ar, ah), (bz, br, bh) = np.split(a, 3), np.split(b, 3)
            z = sigmoid(az + bz)
            h = (1 - z) * np.tanh(ah + sigmoid(ar + br) * bh) + z * h
        else:
            h = np.tanh(a + b)
        states.append(h)
    return np.array(states)


def save_onnx(
    path, kind, cell, *, reads="Y_h", before=(), head=(), answer="Softmax", more=(), constants=(), **settings
):
    onnx = pytest.importorskip("onnx")
    make = onnx.helper.make_node
    axes = onnx.numpy_helper.from_array(np.array([0]), "axes")
    stored = dict(zip(("table", "W", "R", "B", "kernel", "bias"), (TABLE, *cell, KERNEL, BIAS), strict=True))
    stored |= dict(constants)
    start = head[-1][2][0] if head else "state"
    nodes = [
        make("Gather", ["table", "ids"], ["x"]),
        make(kind, ["x", "W", "R", "B"], ["Y", "Y_h"], hidden_size=UNITS, **settings),
        make("Squeeze", [reads, "axes"], ["state"]),
        *(make(*one) for one in head),
        *(make(name, [start if place == 0 else f"b{place}"], [f"b{place + 1}"]) for place, name in enumerate(before)),
        make("Gemm", [f"b{len(before)}" if before else start, "kernel", "bias"], ["logits"]),
        make(answer, ["logits"], ["answer"]),
    ]
    nodes[2:2] = [make(*one) for one in more]
    graph = onnx.helper.make_graph(
        nodes, "m", [onnx.helper.make_tensor_value_info("ids", 7, ["t", 1])],
        [onnx.helper.make_tensor_value_info("answer", 1, [1, 3])],
        [axes, *(onnx.numpy_helper.from_array(one, name) for name, one in stored.items())],
    )  # fmt: skip
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_graph_of_onnx_answers_as_its_equations(tmp_path, kind):
    cell = onnx_cell(kind)
    save_onnx(tmp_path / "m", kind, cell, **({"linear_before_reset": 1} if kind == "GRU" else {}))
    found, _ = assert_gives(tmp_path / "m", onnx_steps(kind, cell)[-1] @ KERNEL + BIAS)
    assert (found.facts.pooling, found.facts.whole) == ("last", True)


@pytest.mark.parametrize(("before", "squash"), [(["Relu"], "relu"), (["Dropout", "Tanh", "Identity"], "tanh")])
@pytest.mark.parametrize("inner", [False, True])
def test_what_squashes_before_and_between_linear_layers_of_onnx_is_read(tmp_path, before, squash, inner):
    bend = {"relu": lambda values: np.maximum(values, 0), "tanh": np.tanh}[squash]
    cell, first, own = onnx_cell("LSTM"), numbers(UNITS, UNITS), numbers(UNITS)
    head = [("Tanh", ["state"], ["bent"]), ("MatMul", ["bent", "first"], ["product"])]
    head += [("Add", ["own", "product"], ["inner"])]
    more = {"head": head, "constants": {"first": first, "own": own}} if inner else {}
    save_onnx(tmp_path / "m", "LSTM", cell, before=before, **more)
    state = onnx_steps("LSTM", cell)[-1]
    state = np.tanh(state) @ first + own if inner else state
    found, _ = assert_gives(tmp_path / "m", bend(state) @ KERNEL + BIAS)
    assert (found.facts.between if inner else found.facts.squash) == squash


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("GRU", {}, "reset gate acts before the product"),
        ("LSTM", {"before": ["Selu"]}, "a Selu lies between"),
        ("LSTM", {"before": ["Relu", "Tanh"]}, "a Relu lies between"),
        ("LSTM", {"direction": "reverse"}, "reads from the end alone"),
        ("LSTM", {"activations": ["HardSigmoid", "Tanh", "Tanh"]}, "squashes with HardSigmoid"),
        ("RNN", {"reads": "Y"}, "is not told from its graph"),
    ],
)
def test_what_a_graph_computes_otherwise_is_named(tmp_path, kind, settings, said):
    save_onnx(tmp_path / "m", kind, onnx_cell(kind), **settings)
    with pytest.raises(CheckpointError) as caught:
        read_foreign(tmp_path / "m")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([("LSTM", ["x", "W", "R", "B"], ["Z", "Z_h"])], "are no stack"),
        ([("LSTM", ["y", "W", "R", "B"], ["Z", "Z_h"])], "are no stack"),
        ([("LSTM", ["Y_h", "W", "R", "B"], ["Z", "Z_h"])], "are no stack"),
        ([("Gather", ["Y", "axes"], ["g"]), ("LSTM", ["g", "W", "R", "B"], ["Z", "Z_h"])], "are no stack"),
        ([("Concat", ["Y", "x"], ["g"]), ("LSTM", ["g", "W", "R", "B"], ["Z", "Z_h"])], "side by side (Concat)"),
    ],
)
def test_recurrent_layers_that_do_not_read_each_other_are_no_stack(tmp_path, more, said):
    save_onnx(tmp_path / "m", "LSTM", onnx_cell("LSTM"), more=more)
    with pytest.raises(RefusedError, match=re.escape(said)):
        onnx_file.read(str(tmp_path / "m"))


@pytest.mark.parametrize("other", ["state", "product"])
def test_a_product_that_is_added_to_no_biases_is_named(tmp_path, other):
    head = [("MatMul", ["state", "first"], ["product"]), ("Add", ["product", other], ["inner"])]
    path = tmp_path / "m"
    save_onnx(path, "LSTM", onnx_cell("LSTM"), before=["Relu"], head=head, constants={"first": numbers(UNITS, UNITS)})
    with pytest.raises(CheckpointError, match=r"a product is added to something that is not stored.*\n.*at most a poo"):
        open_foreign(path)


def test_a_gru_of_the_other_form_is_named_with_what_to_do(tmp_path):
    layers = [embedding(), layer("GRU", "g", reset_after=False), dense()]
    save_keras(tmp_path / "k", layers, {"embedding": [TABLE], "gru/cell": keras_cell("GRU"), "dense": [KERNEL, BIAS]})
    save_onnx(tmp_path / "o", "GRU", onnx_cell("GRU"))
    said = (
        r"a GRU whose reset gate acts before the product \({}\); PyTorch's nn.GRU, .*, cannot hold that\.\nTrain it {}"
    )
    with pytest.raises(CheckpointError, match=said.format("reset_after is false", "with reset_after=True")):
        read_foreign(tmp_path / "k")
    with pytest.raises(CheckpointError, match=said.format("linear_before_reset is 0", "with the reset gate after")):
        read_foreign(tmp_path / "o")


@pytest.mark.parametrize(("kind", "units"), [("LSTM", 6), ("SimpleRNN", UNITS)])
@pytest.mark.parametrize("form", ["keras", "npz", "onnx"])
def test_layers_of_several_kinds_or_sizes_are_named_with_what_to_do(tmp_path, form, kind, units):
    width = GATES[kind] * units
    cell = keras_cell("LSTM")
    top = [numbers(UNITS, width), numbers(units, width), numbers(width)]
    if form == "keras":
        above = layer(kind, "top")
        layers = [embedding(), layer("LSTM", "low", return_sequences=True), above, dense()]
        names = ("lstm", "lstm_1") if kind == "LSTM" else ("lstm", "simple_rnn")
        arrays = {f"{name}/cell": one for name, one in zip(names, (cell, top), strict=True)}
        save_keras(tmp_path / "m", layers, {"embedding": [TABLE], **arrays, "dense": [numbers(units, 3), BIAS]})
    elif form == "npz":
        with (tmp_path / "m").open("wb") as file:
            np.savez(file, TABLE, *cell, *top, numbers(units, 3), BIAS)
    else:
        kind = "RNN" if kind == "SimpleRNN" else kind
        stored = {"W2": top[0].T[None], "R2": top[1].T[None], "one": np.array([1])}
        more = [("Squeeze", ["Y", "one"], ["low"]), (kind, ["low", "W2", "R2"], ["Z", "Z_h"])]
        save_onnx(tmp_path / "m", "LSTM", onnx_cell("LSTM"), more=more, constants=stored, reads="Z_h")
    said = (
        f"its recurrent layers differ: LSTM of 4 units, and {kind} of {units}; one nn.RNN, nn.GRU or nn.LSTM of "
        r"PyTorch, .* cannot hold that\.\nTrain it with layers of one kind and size"
    )
    with pytest.raises(CheckpointError, match=said):
        read_foreign(tmp_path / "m")


def test_two_recurrent_layers_of_onnx_are_read_one_after_the_other(tmp_path):
    gates = 4 * UNITS
    top = {"W2": numbers(1, gates, UNITS), "R2": numbers(1, gates, UNITS), "B2": numbers(1, 2 * gates)}
    more = [("Squeeze", ["Y", "one"], ["low"]), ("LSTM", ["low", *top], ["Z", "Z_h"])]
    more += [("Concat", ["Y_h", "Z_h"], ["all"]), ("Gather", ["all", "last"], ["h"])]  # as PyTorch exports h[-1]
    places = {"one": np.array([1]), "last": np.array([-1])}
    cell = onnx_cell("LSTM")
    save_onnx(tmp_path / "m", "LSTM", cell, more=more, constants=top | places, reads="h")
    low = onnx_steps("LSTM", cell)
    assert_gives(tmp_path / "m", onnx_steps("LSTM", list(top.values()), low)[-1] @ KERNEL + BIAS)


def test_a_probability_for_each_class_of_onnx_is_named(tmp_path):
    save_onnx(tmp_path / "m", "LSTM", onnx_cell("LSTM"), answer="Sigmoid")
    with pytest.raises(RefusedError, match="each of 3 classes a probability of its own"):
        onnx_file.read(str(tmp_path / "m"))


@pytest.mark.parametrize(("pooling", "proved"), [("last", True), ("mean", False)])
def test_a_check_offers_no_pooling_where_the_file_leaves_no_choice(rnnviz: Command, tmp_path, pooling, proved):
    cell = onnx_cell("LSTM")
    states = onnx_steps("LSTM", cell)
    read = states[-1] if pooling == "last" else states.mean(0)
    save_onnx(tmp_path / "m", "LSTM", cell)
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    given = ",".join(f"{one:.3f}" for one in read @ KERNEL + BIAS)
    ran = rnnviz(
        "convert", tmp_path / "m", "--vocabulary", tmp_path / "words.txt", *labelled(LABELS),
        "--out", tmp_path / "mine", "--check", TEXT, given,
    )  # fmt: skip
    assert (ran.code, "Proved" in ran.out) == ((0, True) if proved else (1, False))
    assert "--pooling" not in ran.err
    assert ("Compare the words" in ran.err) == (not proved)
