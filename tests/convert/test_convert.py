"""Weights that were trained elsewhere give the same answers as a checkpoint, or are refused with all that differs.

The oracle is always the original module, run by PyTorch on the ids of its own vocabulary.
"""

import json
import re

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings, strategies as st
from torch import nn
from torchtext.data.utils import get_tokenizer

from rnnviz.checkpoint.folder import load
from rnnviz.convert import convert, unpickle
from rnnviz.convert.convert import converted, read_words
from rnnviz.convert.foreign import read_foreign
from rnnviz.convert.recognise import recognise
from rnnviz.errors import CheckpointError
from rnnviz.reading import read
from tests.builders import POOLINGS
from tests.cli.test_cli import Command, rnnviz as rnnviz

LABELS = ("World", "Sports", "Business", "Sci/Tech")
WORDS = ("the", "film", "was", "not", "good", "at", "all", ",", "a", "story", "'", "s")
SENTENCES = ("The film was not good.", "a story, all of it", "unheard-of words", "film film 's THE")


class Lesson(nn.Module):
    """The lesson's classifier, as it is typed there."""

    def __init__(self, vocab_size, embed_dim, hidden_dim, num_class, kind=nn.LSTM, **options):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.embedding.weight.data = torch.randn_like(self.embedding.weight.data) - 0.5
        self.rnn = kind(embed_dim, hidden_dim, batch_first=True, **options)
        self.fc = nn.Linear(hidden_dim * (2 if options.get("bidirectional") else 1), num_class)

    def forward(self, x):
        x = self.embedding(x)
        x, h = self.rnn(x)
        h = h[0] if isinstance(h, tuple) else h
        return self.fc(torch.cat(list(h[-2 if self.rnn.bidirectional else -1 :]), dim=-1))


def lesson(kind=nn.LSTM, words=WORDS, classes=4, **options):
    """One with random weights, rounded to float16: so that storing them changes nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = Lesson(len(words), 5, 6, classes, kind, **options)
        for parameter in module.rnn.parameters():
            nn.init.normal_(parameter, std=0.6)
    return module.half().float().eval()


def encoded(text, words=WORDS, unknown=0):
    """The lesson's ``encode``: its own tokeniser, and id 0 for what it does not know."""
    ids = {word: place for place, word in enumerate(words)}
    return torch.tensor([[ids.get(token, unknown) for token in get_tokenizer("basic_english")(text)]])


@torch.no_grad()
def logits_of(network, text):
    """A checkpoint's logits."""
    ids = network.ids(text)
    return network.model(torch.tensor([ids]), torch.tensor([len(ids)]))


def assert_same_logits(network, module, words=WORDS, unknown=0):
    for text in SENTENCES:
        with torch.no_grad():
            wanted = module(encoded(text, words, unknown))
        torch.testing.assert_close(logits_of(network, text), wanted, rtol=1e-5, atol=1e-6)


def of(module, words=WORDS, labels=LABELS, **options):
    return converted(module.state_dict(), words, labels, **options)


@pytest.fixture
def words_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("".join(f"{word}\n" for word in WORDS))
    return path


def saved(tensors, path):
    """A file in the format that its name promises."""
    (safetensors.torch.save_file if path.suffix == ".safetensors" else torch.save)(tensors, path)
    return path


def labelled(labels=LABELS):
    return [part for label in labels for part in ("--label", label)]


# The lesson's own, through the command line


@pytest.mark.parametrize(
    ("kind", "suffix", "options"),
    [
        (nn.LSTM, ".pt", {}),
        (nn.GRU, ".bin", {"bidirectional": True}),
        (nn.RNN, ".safetensors", {"num_layers": 2}),
        (nn.LSTM, ".safetensors", {"bias": False}),
    ],
)
def test_a_students_own_state_dict_becomes_a_checkpoint_that_answers_like_it(
    rnnviz: Command, tmp_path, words_file, kind, suffix, options
):
    module = lesson(kind, **options)
    torch.save(module.state_dict(), tmp_path / "lesson.pt")
    ran = rnnviz("convert", tmp_path / "lesson.pt", "--vocabulary", words_file, *labelled(), "--out", tmp_path / "mine")
    assert (ran.code, ran.err) == (0, "")
    found = load(tmp_path / "mine")
    assert found.labels == LABELS
    assert found.config.name == "mine"
    assert_same_logits(found, module)
    with torch.no_grad():
        wanted = module(encoded(SENTENCES[0])).softmax(dim=-1)[0]
    np.testing.assert_allclose(read(found, SENTENCES[0]).verdicts[-1], wanted, atol=1e-6)
    assert ran.out.splitlines()[-1] == str(tmp_path / "mine")


def test_what_was_done_is_printed_name_by_name(rnnviz: Command, tmp_path, words_file):
    named = {name.replace("rnn.", "encoder.lstm."): value for name, value in lesson(bias=False).state_dict().items()}
    safetensors.torch.save_file(named, tmp_path / "other.safetensors")
    ran = rnnviz(
        "convert", tmp_path / "other.safetensors", "--vocabulary", words_file, *labelled(), "--out", tmp_path / "mine"
    )
    assert "'encoder.lstm.weight_ih_l0' -> rnn.weight_ih_l0" in ran.out.splitlines()
    assert "'fc.bias' -> fc.bias" in ran.out.splitlines()
    assert "Assumed, since a file of weights does not say: the linear layer reads pooling last (--pooling)" in ran.out
    assert "The recurrent network has no biases: they are zeros." in ran.out
    assert "No word is <unk>: unknown words are read as the first one, 'the'." in ran.out
    assert re.search(r"changes the logits of a text by at most 0\.0e\+00\.", ran.out)


def test_the_checkpoint_says_where_it_comes_from_and_claims_no_licence(rnnviz: Command, tmp_path, words_file):
    path = saved(lesson().state_dict(), tmp_path / "lesson.safetensors")
    typed = ("convert", path, "--vocabulary", words_file, *labelled(), "--out", tmp_path / "mine")
    assert rnnviz(*typed, "--title", "my own").code == 0
    config = load(tmp_path / "mine").config
    assert config.title == "my own"
    assert config.training["command"].startswith("rnnviz convert ")
    card = (tmp_path / "mine" / "README.md").read_text()
    assert "- **Weights:** licence of their owner, float16." in card
    assert "Apache" not in card


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        (torch.float64, ".pth"),
        (torch.float64, ".safetensors"),
        (torch.bfloat16, ".safetensors"),
        (torch.float16, ".safetensors"),
    ],
)
def test_numbers_of_every_precision_are_read(tmp_path, kind, suffix):
    module = lesson().to(torch.bfloat16).float()  # bfloat16 keeps fewest digits; none of its numbers is lost in float16
    path = saved({name: value.to(kind) for name, value in module.state_dict().items()}, tmp_path / f"weights{suffix}")
    assert_same_logits(converted(read_foreign(path), WORDS, LABELS).checkpoint, module)


def record_of_a_training(name):
    module = lesson(nn.GRU)
    optimizer = torch.optim.Adam(module.parameters())
    return {"epoch": 3, name: module.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.5}


@pytest.mark.parametrize("name", ["state_dict", "model_state_dict", "model"])
def test_the_record_of_a_training_is_opened_at_its_weights(name):
    found, _ = unpickle.tensors_in(record_of_a_training(name), 10_000)
    assert_same_logits(converted(found, WORDS, LABELS).checkpoint, lesson(nn.GRU))


def test_the_record_of_a_training_is_opened_from_its_file(tmp_path):
    path = saved(record_of_a_training("model_state_dict"), tmp_path / "run.ckpt")
    assert_same_logits(converted(read_foreign(path), WORDS, LABELS).checkpoint, lesson(nn.GRU))


def test_weights_saved_in_pytorchs_older_format_are_read(tmp_path):
    torch.save(lesson().state_dict(), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert_same_logits(converted(read_foreign(tmp_path / "old.pt"), WORDS, LABELS).checkpoint, lesson())


def test_tensors_that_share_their_numbers_are_read(tmp_path):
    tensors = dict(lesson().state_dict())
    tensors["rnn.bias_hh_l0"] = tensors["rnn.bias_ih_l0"]
    tensors["fc.weight"] = torch.randn(6, 4).half().float().T
    module = lesson()
    module.load_state_dict(tensors)
    path = saved(tensors, tmp_path / "shared.pt")
    assert_same_logits(converted(read_foreign(path), WORDS, LABELS).checkpoint, module)


# Other people's names and shapes


class Free(nn.Module):
    """A classifier of any shape and names, written without rnnviz."""

    def __init__(self, kind, rows, embedding, hidden, classes, layers, both, bias, head_bias, pooling):
        super().__init__()
        self.table = nn.Embedding(rows, embedding)
        self.recurrent = kind(embedding, hidden, layers, bias=bias, bidirectional=both)
        state = hidden * (2 if both else 1)
        read = {"max+mean": 2, "last-layers": layers}.get(pooling, 1) * state
        self.head = nn.Linear(read, classes, bias=head_bias)
        self.pooling = pooling

    def forward(self, ids):
        output, state = self.recurrent(self.table(ids[0]))
        state = state[0] if isinstance(state, tuple) else state
        ways = 2 if self.recurrent.bidirectional else 1
        pooled = {"last": state[-ways:].flatten(), "mean": output.mean(0), "max": output.amax(0)}
        pooled |= {"output-last": output[-1], "sum": output.sum(0), "last-layers": state.flatten()}
        pooled["max+mean"] = torch.cat([pooled["max"], pooled["mean"]])
        return self.head(pooled[self.pooling])[None]

    def named(self, table, recurrent, head):
        """Its parameters under other names."""
        names = {"table": table, "recurrent": recurrent, "head": head}
        parts = ((name.split(".", 1), value) for name, value in self.state_dict().items())
        return {names[module] + part: value for (module, part), value in parts}


@settings(max_examples=60)
@given(data=st.data())
def test_any_classifier_of_this_kind_is_recognised_whatever_its_parts_are_called(data):
    draw = data.draw
    unknown, padding = draw(st.sampled_from([(None, None), (0, 1), (1, 0), (5, None), (None, 3), (None, 0)]))
    words = list(WORDS)
    for place, word in sorted(
        (place, word) for place, word in ((unknown, "<unk>"), (padding, "[PAD]")) if place is not None
    ):
        words.insert(place, word)
    pooling = draw(st.sampled_from(POOLINGS))
    labels = LABELS[: draw(st.integers(2, 4))]
    torch.manual_seed(draw(st.integers(0, 100)))
    module = Free(
        draw(st.sampled_from([nn.RNN, nn.GRU, nn.LSTM])),
        len(words),
        draw(st.integers(1, 7)),
        draw(st.integers(1, 5)),
        len(labels),
        draw(st.integers(1, 3)),
        both=draw(st.booleans()),
        bias=draw(st.booleans()),
        head_bias=draw(st.booleans()),
        pooling=pooling,
    )
    prefix = draw(st.sampled_from(["", "module.", "model.net.0."]))
    names = (
        prefix + draw(st.sampled_from(["embedding.", "encoder.emb_tokens.", "word_embeddings."])),
        prefix + draw(st.sampled_from(["rnn.", "lstm.", "encoder.rnn.", ""])),
        prefix + draw(st.sampled_from(["fc.", "classifier.", "decoder.out."])),
    )
    found = converted(module.named(*names), words, labels, pooling=pooling).checkpoint
    assert found.vocabulary.words[:2] == ("<unk>", "<pad>")
    assert found.vocabulary.words[2:] == WORDS
    assert_same_logits(found, module, words, unknown or 0)


def test_words_decide_which_of_two_tables_is_the_embedding():
    tables = {"a.weight": (12, 6), "b.weight": (4, 6)}
    recurrent = {f"rnn.{part}_l0": (24, 6) for part in ("weight_ih", "weight_hh")}
    names = recognise(tables | recurrent, 12, 4, None, "tanh").names
    assert (names["embedding.weight"], names["fc.weight"]) == ("a.weight", "b.weight")
    names = recognise(tables | recurrent, 4, 12, None, "tanh").names
    assert (names["embedding.weight"], names["fc.weight"]) == ("b.weight", "a.weight")


def test_a_name_counts_for_more_than_how_many_words_there_are():
    tables = {"emb.weight": (4, 6), "b.weight": (12, 6)}
    recurrent = {f"rnn.{part}_l0": (24, 6) for part in ("weight_ih", "weight_hh")}
    assert recognise(tables | recurrent, 12, 4, None, "tanh").names["embedding.weight"] == "emb.weight"


def test_two_tables_that_could_swap_places_are_refused():
    found = {"a.weight": (4, 6), "b.weight": (4, 6), "rnn.weight_ih_l0": (24, 6), "rnn.weight_hh_l0": (24, 6)}
    with pytest.raises(CheckpointError) as caught:
        recognise(found, 4, 4, None, "tanh")
    assert (
        "There are 2 ways to take an embedding and a linear layer: 'a.weight' and 'b.weight'; 'b.weight' and 'a.weight'"
    ) in str(caught.value)
    found["emb.weight"] = found.pop("b.weight")
    assert recognise(found, 4, 4, None, "tanh").names["embedding.weight"] == "emb.weight"


def test_a_relu_network_answers_like_itself_only_with_its_nonlinearity():
    module = lesson(nn.RNN, nonlinearity="relu")
    assert_same_logits(of(module, nonlinearity="relu").checkpoint, module)
    with pytest.raises(AssertionError):
        assert_same_logits(of(module).checkpoint, module)
    assert "the nonlinearity is tanh (--nonlinearity)" in of(module).notes[0]


def test_a_linear_layer_that_reads_twice_as_much_is_asked_about():
    torch.manual_seed(0)
    module = Free(nn.GRU, len(WORDS), 5, 6, 4, 1, both=True, bias=True, head_bias=True, pooling="max+mean")
    tensors = module.named("table.", "recurrent.", "head.")
    with pytest.raises(CheckpointError, match=r"reads 24 numbers, twice the 12 of a state.*--pooling max\+mean"):
        converted(tensors, WORDS, LABELS)
    assert_same_logits(converted(tensors, WORDS, LABELS, pooling="max+mean").checkpoint, module)


def test_pooling_and_nonlinearity_can_be_said_on_the_command_line(rnnviz: Command, tmp_path, words_file):
    torch.manual_seed(0)
    module = Free(nn.RNN, len(WORDS), 5, 6, 4, 1, both=False, bias=True, head_bias=True, pooling="mean")
    module.recurrent = nn.RNN(5, 6, nonlinearity="relu")
    module = module.half().float()
    path = saved(module.named("embedding.", "rnn.", "fc."), tmp_path / "weights.safetensors")
    options = ("--pooling", "mean", "--nonlinearity", "relu", "--out", tmp_path / "mine")
    assert rnnviz("convert", path, "--vocabulary", words_file, *labelled(), *options).code == 0
    assert_same_logits(load(tmp_path / "mine"), module)


def test_a_single_output_becomes_two_classes_whose_softmax_is_its_sigmoid():
    module = lesson(classes=1)
    found = of(module, labels=("negative", "positive"))
    for text in SENTENCES:
        with torch.no_grad():
            wanted = module(encoded(text)).sigmoid()[0, 0]
        torch.testing.assert_close(logits_of(found.checkpoint, text).softmax(dim=-1)[0, 1], wanted)
    assert "The linear layer has one output: it became the logit of 'positive', beside a zero." in found.notes


def test_nothing_is_assumed_silently():
    words = ("<pad>", "<unk>", *WORDS)
    module = lesson(words=words)
    assert [note.split(":")[0] for note in of(module, words, pooling="last").notes] == [
        "Assumed, since a file of weights does not say"
    ]
    assert of(module, words, pooling="last", described=True).notes == (
        "Assumed, since a file of weights does not say: texts are split as rnnviz splits them, and are not padded. "
        "Prove it with --check TEXT LOGITS.",
    )
    assert [note.split(":")[0] for note in of(module, (*WORDS, "Upper", "two words")).notes] == [
        "Assumed, since a file of weights does not say",
        "No word is <unk>",
        "No word is <pad>",
        "2 words, such as 'Upper', are no tokens of rnnviz and will never be read.",
    ]


def test_rounding_is_the_largest_change_of_a_logit():
    module = lesson()
    assert of(module).rounding == 0.0
    module.fc.bias.data += 1e-4 * torch.rand(4)
    change = float((module.fc.bias - module.fc.bias.half().float()).detach().abs().max())
    assert of(module).rounding == pytest.approx(change, rel=0.02)
    assert change > 1e-6


# The words


def test_the_row_of_an_unknown_word_is_its_own_where_it_has_one():
    words = ("<pad>", "the", "<UNK>", "film")
    module = lesson(words=words)
    found = of(module, words).checkpoint
    table = found.model.embedding.weight
    assert found.vocabulary.words == ("<unk>", "<pad>", "the", "film")
    assert torch.equal(table, module.embedding.weight[[2, 0, 1, 3]])


def test_padding_is_never_read():
    module, found = lesson(), of(lesson()).checkpoint
    assert torch.equal(found.model.embedding.weight[1], torch.zeros(5))
    short, long = (found.ids(text) for text in SENTENCES[:2])
    batch = nn.utils.rnn.pad_sequence([torch.tensor(short), torch.tensor(long)], batch_first=True, padding_value=1)
    with torch.no_grad():
        both = found.model(batch, torch.tensor([len(short), len(long)]))
        wanted = torch.cat([module(encoded(text)) for text in SENTENCES[:2]])
    torch.testing.assert_close(both, wanted)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"the\nfilm\n", ["the", "film"]),
        (b"the\nfilm", ["the", "film"]),
        (b"\xef\xbb\xbfthe\r\nfilm\r\n", ["the", "film"]),
        ("naïve\n\u2028\nx\x0by\n".encode(), ["naïve", "\u2028", "x\x0by"]),
        (b"film\n\n", ["film", ""]),
        (b"<unk>\n\nfilm\n", ["<unk>", "", "film"]),
    ],
)
def test_a_file_of_words_is_read_line_by_line(tmp_path, data, words):
    (tmp_path / "words.txt").write_bytes(data)
    assert read_words(tmp_path / "words.txt") == words


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (WORDS[:-1], "there are 11 words for 12 rows"),
        ((*WORDS, "more"), "there are 13 words for 12 rows"),
        ((*WORDS[:-1], "the"), "'the' is there twice, or is more than a line"),
        ((*WORDS[:-1], "a\nb"), r"'a\nb' is there twice, or is more than a line"),
        (("<UNK>", "<unk>", *WORDS[2:]), "'<unk>' is there twice, or is more than a line"),
    ],
)
def test_words_that_do_not_fit_are_refused_with_the_reason(words, problem):
    with pytest.raises(CheckpointError) as caught:
        of(lesson(), words)
    assert str(caught.value) == (
        f"The vocabulary does not fit the weights: {problem}.\n"
        "Give one word a line for each row of the embedding, in their order."
    )


def test_words_and_labels_of_any_script_are_said_as_they_are():
    words = ("das", "naïve", *WORDS[2:])
    assert "No word is <unk>: unknown words are read as the first one, 'naïve'." in " ".join(
        of(lesson(), words[1:] + words[:1]).notes
    )


@pytest.mark.parametrize("labels", [LABELS[:3], (*LABELS, "more"), ("a", "b", "c", "a"), ()])
def test_labels_that_do_not_fit_are_refused_with_both_numbers(labels):
    with pytest.raises(CheckpointError) as caught:
        of(lesson(), labels=labels)
    assert str(caught.value) == (
        f"The network needs 4 labels; found {len(set(labels))} different ones.\n"
        "Name its outputs in their order: --label NAME, once for each."
    )


# What is refused, with everything that differs


def problems(change, **options):
    """What is said of the lesson's tensors after a change of them."""
    tensors = dict(lesson(**options).state_dict())
    change(tensors)
    with pytest.raises(CheckpointError) as caught:
        converted(tensors, WORDS, LABELS)
    said = str(caught.value)
    assert said.startswith("These weights are not those of a classifier that rnnviz reads. ")
    assert said.endswith(".\nIt reads one embedding, one nn.RNN, nn.GRU or nn.LSTM, and one linear layer or two.")
    return said.split("reads. ", 1)[1].rsplit(".\n", 1)[0]


def test_every_tensor_that_is_missing_misshaped_or_not_expected_is_named():
    def change(tensors):
        del tensors["rnn.bias_hh_l0"]
        del tensors["rnn.weight_ih_l1"]
        tensors["rnn.weight_hh_l1"] = torch.zeros(24, 5)
        tensors["fc.weight"] = torch.zeros(4, 7)
        tensors["norm.weight"] = torch.zeros(6)
        tensors["steps"] = torch.tensor(3)

    assert problems(change, num_layers=2).split("; ") == [
        "'fc.weight' is (4, 7), expected (4, 6)",
        "'norm.weight' is not expected",
        "'rnn.bias_hh_l0' is missing",
        "'rnn.weight_hh_l1' is (24, 5), expected (24, 6)",
        "'rnn.weight_ih_l1' is missing",
    ]


@pytest.mark.parametrize("name", lesson(nn.GRU, num_layers=2, bidirectional=True).state_dict())
def test_any_tensor_that_is_missing_is_named_except_the_linear_layers_bias(name):
    if name == "fc.bias":
        return
    assert f"'{name}' is missing" in problems(
        lambda tensors: tensors.pop(name), kind=nn.GRU, num_layers=2, bidirectional=True
    )


@pytest.mark.parametrize("name", lesson(num_layers=2).state_dict())
def test_any_tensor_of_another_shape_is_named(name):
    def change(tensors):
        tensors[name] = torch.zeros(3, 2)

    assert f"'{name}' is (3, 2)" in problems(change, num_layers=2)


@pytest.mark.parametrize(
    ("shape", "said"),
    [((24,), "expected a matrix"), ((), "expected a matrix"), ((24, 0), "not 1, 3 or 4 gates"), ((12, 6), "not 1, 3")],
)
def test_a_state_matrix_that_is_none_is_said(shape, said):
    def change(tensors):
        tensors["rnn.weight_hh_l0"] = torch.zeros(shape)

    assert said in problems(change)


def test_a_file_without_a_recurrent_network_shows_what_it_holds():
    def change(tensors):
        for name in [name for name in tensors if name.startswith("rnn")]:
            del tensors[name]

    assert problems(change) == (
        "There is no 'weight_ih_l0' of an nn.RNN, nn.GRU or nn.LSTM. "
        "It has 'embedding.weight' (12, 5); 'fc.weight' (4, 6); 'fc.bias' (4,)"
    )


def test_two_recurrent_networks_are_refused_by_name():
    def change(tensors):
        tensors["decoder.lstm.weight_ih_l0"] = torch.zeros(24, 6)

    said = problems(change)
    assert said.startswith(
        "There are 2 recurrent networks: 'decoder.lstm.'; 'rnn.'. One nn.RNN, nn.GRU or nn.LSTM holds"
    )
    assert "train it so, or leave out with --leave-out" in said


def test_a_projection_is_refused_by_name():
    def change(tensors):
        tensors["rnn.weight_hr_l0"] = torch.zeros(3, 6)

    assert problems(change) == "'rnn.weight_hr_l0' belongs to an LSTM with proj_size, which the classifier has not"


def test_numbers_that_are_not_floating_point_are_refused_by_name():
    def change(tensors):
        tensors["fc.weight"] = tensors["fc.weight"].to(torch.int8)

    assert problems(change) == "'fc.weight' holds numbers of type torch.int8"


def test_a_pooling_that_the_linear_layer_cannot_read_is_refused():
    for pooling in ("last", "mean", "max"):
        assert of(lesson(), pooling=pooling).checkpoint.config.model.pooling == pooling
    with pytest.raises(CheckpointError, match=r"'fc.weight' is \(4, 6\), expected \(4, 12\)"):
        of(lesson(), pooling="max+mean")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rnn.weight_ih_l999": torch.zeros(24, 6)}, "layers: Input should be less than or equal to 7"),
        ({"embedding.weight": torch.zeros(12, 3000), "rnn.weight_ih_l0": torch.zeros(24, 3000)}, "embedding_size: "),
    ],
)
def test_a_network_out_of_bounds_is_refused_before_it_is_built(change, said, monkeypatch):
    monkeypatch.setattr(nn, "LSTM", lambda *sizes, **options: pytest.fail("it was built"))
    assert said in problems(lambda tensors: tensors.update(change), num_layers=1)


def test_a_network_that_would_not_load_again_is_refused(monkeypatch):
    deepest = lesson(nn.RNN, num_layers=7, bidirectional=True)
    assert len(of(deepest).names) == 59
    monkeypatch.setattr(convert, "OURS", convert.OURS._replace(whole=1_000))
    with pytest.raises(CheckpointError, match=r"a checkpoint of [0-9,]+ bytes; at most 1,000 are loaded"):
        of(deepest)


def test_more_words_than_a_checkpoint_may_have_are_refused(monkeypatch):
    monkeypatch.setattr(convert, "MOST_ENTRIES", 13)
    with pytest.raises(CheckpointError, match="there are 12 words; at most 11 are read"):
        of(lesson())
    monkeypatch.setattr(convert, "MOST_ENTRIES", 14)
    assert len(of(lesson()).checkpoint.vocabulary) == 14


def test_numbers_that_are_not_finite_are_counted(tmp_path):
    tensors = dict(lesson().state_dict())
    tensors["fc.weight"][0, :2] = float("nan")
    tensors["fc.bias"][:3] = float("inf")
    safetensors.torch.save_file(tensors, tmp_path / "nan.safetensors")
    with pytest.raises(CheckpointError) as caught:
        read_foreign(tmp_path / "nan.safetensors")
    assert "3 of 4 numbers in 'fc.bias' and 2 of 24 numbers in 'fc.weight' are not finite" in str(caught.value)


def test_numbers_too_large_for_float16_are_not_saved(rnnviz: Command, tmp_path, words_file):
    tensors = dict(lesson().state_dict())
    tensors["fc.bias"][0] = 1e6
    safetensors.torch.save_file(tensors, tmp_path / "large.safetensors")
    ran = rnnviz(
        "convert", tmp_path / "large.safetensors", "--vocabulary", words_file, *labelled(), "--out", tmp_path / "mine"
    )
    assert (ran.code, ran.out) == (1, "")
    assert "1 of 4 numbers in 'fc.bias' are not finite in float16" in ran.err
    assert not (tmp_path / "mine").exists()


def test_a_place_that_holds_something_else_is_refused_before_anything_is_read(rnnviz: Command, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    ran = rnnviz("convert", "nothere.pt", "--vocabulary", "nothere.txt", "--label", "a", "--out", tmp_path / "mine")
    assert (ran.code, ran.out) == (1, "")
    assert "holds something that is no checkpoint, so nothing was written." in ran.err


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nothere.pt", "there is no such file"),
        ("weights.h5", "it is damaged, or torch.save did not write it"),
    ],
)
def test_what_is_no_file_of_weights_is_said(rnnviz: Command, tmp_path, words_file, name, problem):
    (tmp_path / "weights.h5").write_bytes(b"\x89HDF")
    ran = rnnviz("convert", tmp_path / name, "--vocabulary", words_file, *labelled(), "--out", tmp_path / "mine")
    assert (ran.code, ran.out) == (1, "")
    assert f"{tmp_path / name} cannot be opened as weights: {problem}.\n" in ran.err


def test_words_that_cannot_be_read_are_said(rnnviz: Command, tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"the\nna\xefve\n")
    for name, problem in (("nothere.txt", "there is no file "), ("latin.txt", "latin.txt is not UTF-8 at byte 6")):
        ran = rnnviz("convert", "x.pt", "--vocabulary", tmp_path / name, "--label", "a", "--out", tmp_path / "mine")
        assert (ran.code, ran.out) == (1, "")
        assert problem in ran.err


def test_the_record_in_config_is_json(tmp_path):
    of(lesson(), history={"command": "x"}).checkpoint.save_pretrained(tmp_path / "mine")
    settings = json.loads((tmp_path / "mine" / "config.json").read_text())
    assert settings["training"] == {"command": "x"}
    assert settings["model"]["vocabulary_size"] == len(WORDS) + 2
