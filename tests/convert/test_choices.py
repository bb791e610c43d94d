"""What a file of weights leaves open is asked for, noted or proved; what takes no part is left out.

The oracle is the original module, run by PyTorch.
"""

import pytest
import safetensors.torch
import torch
from torch import nn

from rnnviz.checkpoint.folder import load
from rnnviz.cli.options import command_line
from rnnviz.convert.convert import Converted, converted
from rnnviz.errors import CheckpointError
from tests.cli.test_cli import Command, rnnviz as rnnviz
from tests.convert.test_convert import LABELS, SENTENCES, WORDS, encoded, labelled, lesson, logits_of

STATE = dict(lesson().state_dict())


def rounded(module):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for parameter in module.parameters():
            nn.init.normal_(parameter, std=0.6)
    return module.half().float().eval()


def parts(**modules):
    return {name: rounded(module) for name, module in modules.items()}


def tensors_of(modules):
    return {f"{name}.{key}": value for name, module in modules.items() for key, value in module.state_dict().items()}


@torch.no_grad()
def assert_answers(found, compute):
    for text in SENTENCES:
        torch.testing.assert_close(
            logits_of(found.checkpoint, text)[0], compute(encoded(text)[0]), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("criterion.weight", torch.ones(4)),
        ("loss_fn.pos_weight", torch.tensor(3.0)),
        ("n_averaged", torch.tensor(4)),
        ("val_acc.correct", torch.tensor(9)),
        ("confusion.confmat", torch.zeros(4, 4, dtype=torch.int64)),
        ("embedding.position_ids", torch.arange(5)[None]),
        ("class_weights", torch.ones(4)),
    ],
)
def test_what_takes_no_part_is_left_out_and_said(name, value):
    found = converted({**STATE, name: value}, WORDS, LABELS)
    assert f"Left out, since it takes no part in an answer: '{name}'." in found.notes
    assert found.names == converted(STATE, WORDS, LABELS).names


def test_a_module_that_is_there_twice_is_read_once():
    copies = {f"layers.0.{name.removeprefix('rnn.')}": one for name, one in STATE.items() if name.startswith("rnn")}
    found = converted({**STATE, **copies}, WORDS, LABELS)
    assert any(note.startswith("Left out, since it is a copy under a second name: 'layers.0.") for note in found.notes)


def test_what_may_take_part_is_left_out_only_where_that_is_said():
    tensors = {**STATE, "norm.weight": torch.ones(6), "norm.bias": torch.zeros(6)}
    with pytest.raises(CheckpointError, match=r"'norm.weight' is not expected.* leave it out with --leave-out"):
        converted(tensors, WORDS, LABELS)
    assert "since you say so: 'norm.weight', 'norm.bias'" in " ".join(
        converted(tensors, WORDS, LABELS, leave_out=["norm.*"]).notes
    )
    with pytest.raises(CheckpointError, match="There is no 'nothere' that could be left out"):
        converted(tensors, WORDS, LABELS, leave_out=["nothere"])


@pytest.mark.parametrize(
    ("pooling", "pick"), [("output-last", lambda output: output[-1]), ("sum", lambda output: output.sum(0))]
)
def test_both_directions_at_the_last_word_and_sums_are_read(pooling, pick):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.GRU(5, 6, bidirectional=True), fc=nn.Linear(12, 4))
    found = converted(tensors_of(modules), WORDS, LABELS, pooling=pooling)
    assert_answers(found, lambda ids: modules["fc"](pick(modules["rnn"](modules["embedding"](ids))[0])))
    assert "--pooling output-last" in converted(tensors_of(modules), WORDS, LABELS).notes[0]


@pytest.mark.parametrize("directions", ["sum", "mean", "forward", "backward"])
def test_directions_that_are_read_as_one_are_asked_for(directions):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.LSTM(5, 6, bidirectional=True), fc=nn.Linear(6, 4))
    tensors = tensors_of(modules)
    with pytest.raises(CheckpointError, match=r"half of the 12 .* --directions sum, mean, forward or backward"):
        converted(tensors, WORDS, LABELS)

    def compute(ids):
        forward, backward = modules["rnn"](modules["embedding"](ids))[1][0]
        both = {"sum": forward + backward, "mean": (forward + backward) / 2, "forward": forward, "backward": backward}
        return modules["fc"](both[directions])

    assert_answers(converted(tensors, WORDS, LABELS, directions=directions), compute)


def test_two_linear_layers_become_one_only_where_nothing_lies_between():
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.GRU(5, 6), first=nn.Linear(6, 6), second=nn.Linear(6, 4))
    tensors = tensors_of(modules)
    with pytest.raises(
        CheckpointError, match=r"two linear layers, 'first.weight' and 'second.weight'.*--between nothing"
    ):
        converted(tensors, WORDS, LABELS)
    with pytest.raises(CheckpointError, match="rnnviz reads networks that have nothing, relu or tanh between"):
        converted(tensors, WORDS, LABELS, between="other")
    found = converted(tensors, WORDS, LABELS, between="nothing")
    rnn, embedding = modules["rnn"], modules["embedding"]
    assert_answers(found, lambda ids: modules["second"](modules["first"](rnn(embedding(ids))[1][-1])))


@pytest.mark.parametrize("squash", [None, "relu", "tanh"])
@pytest.mark.parametrize("between", ["nothing", "relu", "tanh"])
@pytest.mark.parametrize("outputs", [4, 1])
def test_what_squashes_before_and_between_linear_layers_is_part_of_the_checkpoint(squash, between, outputs, tmp_path):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.LSTM(5, 6, bidirectional=True))
    modules |= parts(first=nn.Linear(12, 7), second=nn.Linear(7, outputs, bias=False))
    labels = LABELS if outputs == 4 else ["no", "yes"]
    found = converted(tensors_of(modules), WORDS, labels, squash=squash, between=between)
    kinds = {None: nn.Identity(), "nothing": nn.Identity(), "relu": nn.ReLU(), "tanh": nn.Tanh()}
    head = nn.Sequential(kinds[squash], modules["first"], kinds[between], modules["second"])

    def compute(ids):
        state = modules["rnn"](modules["embedding"](ids))[1][0]
        logits = head(torch.cat(list(state)))
        return logits if outputs == 4 else torch.cat([torch.zeros(1), logits])

    assert_answers(found, compute)
    assert ("is not told" in found.notes[0], "as you say in between" in found.notes[0]) == (False, squash is not None)
    if between == "nothing":  # the product of two layers is rounded when it is saved
        return
    found.checkpoint.save_pretrained(tmp_path / "mine")
    assert_answers(Converted(load(tmp_path / "mine"), {}, (), 0.0), compute)


def test_one_direction_of_two_may_be_squashed_and_a_sum_of_both_not():
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.GRU(5, 6, bidirectional=True), fc=nn.Linear(6, 4))
    tensors, embedding, rnn = tensors_of(modules), modules["embedding"], modules["rnn"]
    found = converted(tensors, WORDS, LABELS, directions="backward", squash="relu")
    assert_answers(found, lambda ids: modules["fc"](rnn(embedding(ids))[1][1].relu()))
    with pytest.raises(CheckpointError, match="No network of rnnviz squashes the sum of two directions with relu"):
        converted(tensors, WORDS, LABELS, directions="sum", squash="relu")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"nonlinearity": "tanh"}, "--nonlinearity is for a plain RNN, and this is of kind gru. Leave"),
        ({"directions": "sum"}, "--directions is for two directions, and this network reads in one"),
        ({"between": "relu"}, "--between is for two linear layers, and this network has one"),
    ],
)
def test_options_without_effect_are_refused(options, said):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.GRU(5, 6), fc=nn.Linear(6, 4))
    with pytest.raises(CheckpointError, match=said):
        converted(tensors_of(modules), WORDS, LABELS, **options)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("layers", [2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_states_of_all_layers_are_read_where_that_is_said(kind, layers, bidirectional):
    width = 6 * layers * (2 if bidirectional else 1)
    modules = parts(embedding=nn.Embedding(12, 5), rnn=kind(5, 6, layers, bidirectional=bidirectional))
    modules |= parts(fc=nn.Linear(width, 4))
    with pytest.raises(CheckpointError, match="--pooling last-layers"):
        converted(tensors_of(modules), WORDS, LABELS)

    def compute(ids):
        state = modules["rnn"](modules["embedding"](ids))[1]
        return modules["fc"]((state[0] if kind is nn.LSTM else state).flatten())

    assert_answers(converted(tensors_of(modules), WORDS, LABELS, pooling="last-layers"), compute)


@pytest.mark.parametrize(
    ("layers", "kind", "said"),
    [
        (2, nn.GRU, "the last states of both layers"),
        (1, nn.LSTM, "h and c"),
        (1, nn.RNN, "two other things side by side"),
    ],
)
def test_a_layer_that_reads_twice_a_state_names_what_that_may_be(layers, kind, said):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=kind(5, 6, layers), fc=nn.Linear(12, 4))
    with pytest.raises(CheckpointError, match=said):
        converted(tensors_of(modules), WORDS, LABELS)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize(
    "names", [("h0", "c0"), ("init_h", "init_c"), ("encoder.initial_hidden", "encoder.initial_cell")]
)
def test_learned_initial_states_are_part_of_the_checkpoint(kind, names, tmp_path):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=kind(5, 6, 2), fc=nn.Linear(6, 4))
    lstm = kind is nn.LSTM
    states = [torch.randn(2, 1, 6).half().float() for _ in names[: 2 if lstm else 1]]
    found = converted(tensors_of(modules) | dict(zip(names, states, strict=False)), WORDS, LABELS)
    start = tuple(state[:, 0] for state in states) if lstm else states[0][:, 0]
    rnn, embedding = modules["rnn"], modules["embedding"]
    assert_answers(found, lambda ids: modules["fc"](rnn(embedding(ids), start)[0][-1]))
    assert found.checkpoint.config.model.learned_start
    found.checkpoint.save_pretrained(tmp_path / "mine")


def test_a_cell_that_is_called_word_by_word_is_read():
    modules = parts(embedding=nn.Embedding(12, 5), cell=nn.GRUCell(5, 6), fc=nn.Linear(6, 4))
    found = converted(tensors_of(modules), WORDS, LABELS)

    def compute(ids):
        state = torch.zeros(6)
        for row in modules["embedding"](ids):
            state = modules["cell"](row, state)
        return modules["fc"](state)

    assert_answers(found, compute)


@pytest.mark.parametrize(
    ("prepare", "name"),
    [
        (lambda rnn: nn.utils.parametrizations.weight_norm(rnn, "weight_hh_l0"), "parametrizations"),
        (lambda rnn: nn.utils.parametrizations.spectral_norm(rnn, "weight_hh_l0"), "parametrizations"),
        (
            lambda rnn: __import__("torch.nn.utils.prune").nn.utils.prune.l1_unstructured(rnn, "weight_hh_l0", 0.2),
            "_orig",
        ),
    ],
)
def test_weights_that_are_made_before_each_call_are_named(prepare, name):
    modules = {"embedding": nn.Embedding(12, 5), "rnn": nn.GRU(5, 6), "fc": nn.Linear(6, 4)}
    prepare(modules["rnn"])
    with pytest.raises(CheckpointError, match=f"{name}.*Make them permanent first"):
        converted(tensors_of(modules), WORDS, LABELS)


# Unknown words and padding


@pytest.mark.parametrize("name", ["<UNK>", "[unk]", "<oov>", "UNK", "__unk__"])
def test_the_unknown_word_is_known_by_its_usual_names(name):
    words = ("<pad>", name, *WORDS[2:])
    assert converted(STATE, words, LABELS).checkpoint.vocabulary.words == ("<unk>", "<pad>", *WORDS[2:])


@pytest.mark.parametrize("given", ["good", "4", "#4"])
def test_the_row_of_unknown_words_can_be_said_as_word_or_number(given):
    found = converted(STATE, WORDS, LABELS, unknown=given).checkpoint
    row = 4 if "4" in given else WORDS.index("good")
    assert torch.equal(found.model.embedding.weight[0], STATE["embedding.weight"][row])
    assert found.vocabulary.words[2:] == WORDS
    with pytest.raises(CheckpointError, match="--unknown 'nothere' is no word of it, and no row from 0 to 11"):
        converted(STATE, WORDS, LABELS, unknown="nothere")


@pytest.mark.parametrize("option", ["unknown", "padding"])
def test_a_word_that_could_be_another_row_is_asked_about(option):
    words = (*WORDS[:7], "4", *WORDS[8:])
    with pytest.raises(
        CheckpointError, match=f"--{option} 4 is a word, that of row 7, .* '#7' for the word, or .*'#4'"
    ):
        converted(STATE, words, LABELS, **{option: "4"})
    assert "4" in converted(STATE, words, LABELS, **{option: "#4"}).checkpoint.vocabulary.words
    same = (*WORDS[:4], "4", *WORDS[5:])
    assert "4" in converted(STATE, same, LABELS, **{option: "4"}).checkpoint.vocabulary.words


def test_rows_without_a_word_are_left_out_and_counted():
    found = converted(STATE, (None, *WORDS[1:]), LABELS, unknown="0")
    assert found.checkpoint.vocabulary.words[2:] == WORDS[1:]
    assert torch.equal(found.checkpoint.model.embedding.weight[0], STATE["embedding.weight"][0])


# The proof


def run(rnnviz: Command, tmp_path, *options, pooling="mean"):
    modules = parts(embedding=nn.Embedding(12, 5), rnn=nn.GRU(5, 6), fc=nn.Linear(6, 4))
    safetensors.torch.save_file(tensors_of(modules), tmp_path / "weights.safetensors")
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    with torch.no_grad():
        output = modules["rnn"](modules["embedding"](encoded("not good")[0]))[0]
        logits = modules["fc"](output.mean(0) if pooling == "mean" else output.prod(0))
    given = ",".join(f"{one:.3f}" for one in logits.tolist())
    return rnnviz(
        "convert", tmp_path / "weights.safetensors", "--vocabulary", tmp_path / "words.txt", *labelled(),
        "--out", tmp_path / "mine", "--check", "not good", given, *options,
    )  # fmt: skip


def test_a_check_proves_what_was_assumed(rnnviz: Command, tmp_path):
    ran = run(rnnviz, tmp_path, "--pooling", "mean")
    assert (ran.code, ran.err) == (0, "")
    assert "Proved: the text of --check gets the logits that you gave." in ran.out


@pytest.mark.parametrize("check", [["--check", "my secret", "0,1"], ["--check=my secret", "0,1"]])
def test_the_text_of_a_check_is_not_told(monkeypatch, check):
    monkeypatch.setattr("sys.argv", ["rnnviz", "convert", *check, "--overwrite", "--title", "x y"])
    assert command_line(["--overwrite"], private={"--check": 2}) == "rnnviz convert --title 'x y'"


def test_the_text_of_a_check_is_not_in_the_checkpoint(rnnviz: Command, tmp_path):
    assert run(rnnviz, tmp_path, "--pooling", "mean").code == 0
    command = load(tmp_path / "mine").config.training["command"]
    assert command.endswith("--pooling mean")
    assert "not good" not in command
    assert "--check" not in command


def test_a_check_that_fails_names_the_pooling_that_would_pass_and_writes_nothing(rnnviz: Command, tmp_path):
    ran = run(rnnviz, tmp_path)
    assert ran.code == 1
    assert "gives the text of --check other logits" in ran.err
    assert "With --pooling mean it gives them." in ran.err
    assert "not good" not in ran.err
    assert not (tmp_path / "mine").exists()


def test_a_check_that_nothing_passes_says_what_to_compare(rnnviz: Command, tmp_path):
    assert "or something lies between the layers." in run(rnnviz, tmp_path, pooling="prod").err


@pytest.mark.parametrize(("given", "said"), [("1,2", "has 2 logits, and the network has 4"), ("a,b", "are no numbers")])
def test_logits_that_are_none_are_said(rnnviz: Command, tmp_path, given, said):
    safetensors.torch.save_file(STATE, tmp_path / "weights.safetensors")
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    ran = rnnviz(
        "convert", tmp_path / "weights.safetensors", "--vocabulary", tmp_path / "words.txt", *labelled(),
        "--out", tmp_path / "mine", "--check", "good", given,
    )  # fmt: skip
    assert (ran.code, said in ran.err) == (1, True)
