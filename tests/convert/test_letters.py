"""A network of somebody else's that tells the next letter: every letter with its own row and its own output."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz import load, read, write
from rnnviz.convert.convert import converted
from rnnviz.errors import CheckpointError
from tests.cli.test_cli import Command, rnnviz as rnnviz

LETTERS = ("\n", " ", "a", "b", "न", "Z")
TEXT = "ab Z\nन a"


class CharRNN(nn.Module):
    """As in many tutorials."""

    def __init__(self, kind=nn.LSTM, letters=6, layers=2, bias=True):
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.rnn = nn.Embedding(letters, 5), kind(5, 7, layers)
        self.decoder = nn.Linear(7, letters, bias=bias)

    def forward(self, ids):
        return self.decoder(self.rnn(self.encoder(ids))[0])


def shares(module, letters=LETTERS, text=TEXT):
    with torch.no_grad():
        return module(torch.tensor([letters.index(letter) for letter in text])).softmax(dim=-1).numpy()


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("bias", [True, False])
def test_each_letter_is_told_as_where_it_comes_from(kind, bias, tmp_path):
    module = CharRNN(kind, bias=bias)
    found = converted(module.state_dict(), LETTERS, (), tokens="letters", task="next").checkpoint
    found.save_pretrained(tmp_path / "writer")
    writer = load(tmp_path / "writer")
    trace = read(writer, TEXT)
    assert trace.tokens == tuple(TEXT)
    assert trace.labels[2:] == LETTERS
    np.testing.assert_allclose(trace.verdicts[:, 2:], shares(module), atol=2e-3)
    assert (trace.verdicts[:, :2] == 0).all()  # unknown letters and padding are never told
    assert set(write(writer, "a", length=200, seed=1).text) <= set(LETTERS)


def test_an_unknown_letter_of_theirs_keeps_its_output():
    letters = ("a", "<unk>", "b")
    module = CharRNN(letters=3)
    found = converted(module.state_dict(), letters, (), tokens="letters", task="next")
    trace = read(found.checkpoint, "abq")
    assert trace.labels == ("<unk>", "<pad>", "a", "b")
    wanted = shares(module, letters, ("a", "b", "<unk>"))
    np.testing.assert_allclose(trace.verdicts[:, [2, 0, 3]], wanted, atol=1e-5)


def test_a_letter_that_unknown_ones_are_read_as_is_told_once():
    module = CharRNN()
    options = {"tokens": "letters", "task": "next", "unknown": "b", "padding": " "}
    trace = read(converted(module.state_dict(), LETTERS, (), **options).checkpoint, TEXT)
    np.testing.assert_allclose(trace.verdicts[:, 2:], shares(module), atol=1e-5)
    assert (trace.verdicts[:, :2] == 0).all()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"words": ("<unk>", *LETTERS[1:]), "unknown": "b"}, "'<unk>', row 0, would lose its output"),
        ({"words": ("<pad>", *LETTERS[1:]), "padding": "b"}, "'<pad>', row 0, would lose its output"),
        ({"labels": ("no", "yes")}, "has no labels"),
        ({"words": LETTERS[:-1]}, "5"),
        ({"words": (*LETTERS[:-1], None)}, "row 5 has no word"),
        ({"pooling": "mean"}, "last state"),
        ({"words": ("a", "a", *LETTERS[2:])}, "twice"),
    ],
)
def test_what_cannot_tell_the_next_letter_is_refused(change, problem):
    given = {"tensors": CharRNN().state_dict(), "words": LETTERS, "labels": (), "tokens": "letters", "task": "next"}
    with pytest.raises(CheckpointError, match=problem):
        converted(**given | change)


def test_a_linear_layer_with_other_outputs_than_letters_is_refused():
    module = CharRNN()
    module.decoder = nn.Linear(7, 4)
    with pytest.raises(CheckpointError, match="one for each of the 6 rows"):
        converted(module.state_dict(), LETTERS, (), tokens="letters", task="next")


def test_more_words_than_a_checkpoint_can_tell_are_refused_before_anything_is_written():
    """With the two special entries there would be 10,001."""
    words = [f"w{row}" for row in range(9_999)]
    with pytest.raises(CheckpointError, match="9,999 words are told"):
        converted(CharRNN(letters=9_999).state_dict(), words, (), task="next")


def test_a_classifier_of_letters_is_converted_too():
    module = CharRNN()
    module.decoder = nn.Linear(7, 3)
    found = converted(module.state_dict(), LETTERS, ("x", "y", "z"), tokens="letters").checkpoint
    with torch.no_grad():
        wanted = module(torch.tensor([LETTERS.index(letter) for letter in TEXT]))[-1].softmax(dim=-1)
    np.testing.assert_allclose(read(found, TEXT).verdicts[-1], wanted, atol=1e-5)


def test_the_command_proves_the_logits_in_the_order_of_the_rows(rnnviz: Command, tmp_path):
    module = CharRNN()
    torch.save(module.state_dict(), tmp_path / "char-rnn.pt")
    places = {letter: place for place, letter in enumerate(LETTERS)}
    (tmp_path / "char_to_ix.json").write_text(json.dumps(places), encoding="utf-8")
    with torch.no_grad():
        logits = module(torch.tensor([places[letter] for letter in TEXT]))[-1].tolist()
    line = ["convert", tmp_path / "char-rnn.pt", "--vocabulary", tmp_path / "char_to_ix.json", "--tokens", "letters"]
    line += ["--task", "next", "--out", tmp_path / "writer", "--check", TEXT]
    wrong = rnnviz(*line, ",".join(f"{value:.4f}" for value in reversed(logits)))
    assert wrong.code == 1
    assert "pooling" not in wrong.err
    right = rnnviz(*line, ",".join(f"{value:.4f}" for value in logits))
    assert right.code == 0
    assert "Proved" in right.out
