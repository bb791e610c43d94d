"""What is wrong with a checkpoint's files is objected to alike in the browser and in Python."""

import json

import numpy as np
import pytest
import torch

from rnnviz import files
from rnnviz.checkpoint.folder import load
from rnnviz.errors import CheckpointError
from rnnviz.page.error_replies import objection
from tests.builders import checkpoint
from tests.checkpoint.checkpoint_files import (
    header_of,
    settings_of,
    with_header,
    with_settings,
    with_tensors,
    with_vocabulary,
    with_weights,
)
from tests.web.engine import numbers

WEIGHTS, WORDS, CONFIG, UNITS = "model.safetensors", "vocabulary.txt", "config.json", "units.json"


def change(folder, **settings):
    with_settings(folder, settings_of(folder) | settings)


def change_model(folder, **settings):
    change(folder, model=settings_of(folder)["model"] | settings)


def change_bytes(folder, name, old, new):
    (folder / name).write_bytes((folder / name).read_bytes().replace(old, new))


def change_header(folder, **entries):
    header, body = header_of(folder)
    with_header(folder, header | entries, body)


def with_number(folder, value):
    tensors = {name: tensor.half() for name, tensor in load(folder).model.state_dict().items()}
    tensors["fc.bias"][0] = value
    with_tensors(folder, tensors)


def without_tensor(folder, dtype=torch.float16):
    tensors = {name: tensor.to(dtype) for name, tensor in load(folder).model.state_dict().items()}
    del tensors["fc.bias"]
    with_tensors(folder, tensors | {"fc.scale": torch.zeros(2, 1, dtype=dtype)})


FAULTS = {
    "no settings": lambda folder: (folder / CONFIG).unlink(),
    "no weights": lambda folder: (folder / WEIGHTS).unlink(),
    "no vocabulary": lambda folder: (folder / WORDS).unlink(),
    "settings that are no JSON": lambda folder: (folder / CONFIG).write_bytes(b'{"format": 1,'),
    "settings that are a list": lambda folder: (folder / CONFIG).write_bytes(b"[]"),
    "settings that are no UTF-8": lambda folder: (folder / CONFIG).write_bytes(b'{"name": "\xff"}'),
    "a key twice": lambda folder: change_bytes(folder, CONFIG, b'"format":', b'"format": 1, "format":'),
    "not a number": lambda folder: change(folder, scores={"test": {"accuracy": float("nan")}}),
    "half a character": lambda folder: change(folder, title="\ud800"),
    "deeply nested settings": lambda folder: (folder / CONFIG).write_bytes(b'{"scores":' + b"[" * 100_000),
    "a large whole number": lambda folder: change(folder, training={"seed": 10**30}),
    "settings with a strange key": lambda folder: change(folder, more=1),
    "another format": lambda folder: change(folder, format=2),
    "no name": lambda folder: change(folder, name=None),
    "a long name": lambda folder: change(folder, name="x" * 201),
    "a strange cell": lambda folder: change_model(folder, cell="LSTM"),
    "no units": lambda folder: change_model(folder, hidden_size=0),
    "too many units": lambda folder: change_model(folder, hidden_size=4_096),
    "half a unit": lambda folder: change_model(folder, hidden_size=6.5),
    "other units": lambda folder: change_model(folder, hidden_size=8),
    "other directions": lambda folder: change_model(folder, bidirectional=True),
    "text for a flag": lambda folder: change_model(folder, bidirectional="no"),
    "too much dropout": lambda folder: change_model(folder, dropout=1.0),
    "another cell": lambda folder: change_model(folder, cell="gru"),
    "other classes": lambda folder: change_model(folder, classes=3),
    "no hash": lambda folder: change(folder, weights_sha256=""),
    "no test sentences": lambda folder: change(folder, probes=[]),
    "another hash of the weights": lambda folder: change(folder, weights_sha256="0" * 64),
    "another hash of the words": lambda folder: change(folder, vocabulary_sha256="0" * 64),
    "a logit too many": lambda folder: change(folder, probes=[{"text": "good", "logits": [0.0, 0.0, 0.0]}]),
    "another logit": lambda folder: change(folder, probes=[{"text": "good", "logits": [9.0, 0.0]}]),
    "a changed weight": lambda folder: change_bytes(folder, WEIGHTS, b"\x00", b"\x01"),
    "weights cut off": lambda folder: with_weights(folder, (folder / WEIGHTS).read_bytes()[:-3]),
    "weights of seven bytes": lambda folder: with_weights(folder, b"\0" * 7),
    "weights of no bytes": lambda folder: with_weights(folder, b""),
    "a huge header": lambda folder: with_weights(folder, b"\xff" * 8 + b"{}"),
    "a header that is no JSON": lambda folder: with_header(folder, b"{nothing"),
    "a tensor that is none": lambda folder: change_header(folder, **{"fc.bias": 7}),
    "a tensor that lies over another": lambda folder: change_header(
        folder, **{"fc.bias": header_of(folder)[0]["fc.weight"]}
    ),
    "a tensor of another kind": lambda folder: change_header(
        folder, **{"fc.bias": header_of(folder)[0]["fc.bias"] | {"dtype": "I16"}}
    ),
    "a shape of another size": lambda folder: change_header(
        folder, **{"fc.bias": header_of(folder)[0]["fc.bias"] | {"shape": [3]}}
    ),
    "a number that is infinite": lambda folder: with_number(folder, float("inf")),
    "a number that is none": lambda folder: with_number(folder, float("nan")),
    "another tensor": without_tensor,
    "a word too many": lambda folder: with_vocabulary(folder, (folder / WORDS).read_bytes() + b"more\n"),
    "a word twice": lambda folder: with_vocabulary(folder, (folder / WORDS).read_bytes().replace(b"\ngood", b"\nbad")),
    "no special words": lambda folder: with_vocabulary(folder, b"good\nbad\n"),
    "words that are no UTF-8": lambda folder: with_vocabulary(folder, b"<unk>\n<pad>\n\xff\n"),
    "Windows' line ends": lambda folder: change_bytes(folder, WORDS, b"\n", b"\r\n"),
    "a pointer of Git LFS": lambda folder: (folder / WEIGHTS).write_bytes(
        b"version https://git-lfs.github.com/spec/v1"
    ),
    "large settings": lambda folder: (folder / CONFIG).write_bytes(b" " * 1_000_001),
    "a summary that is no JSON": lambda folder: (folder / UNITS).write_bytes(b"{"),
}
LETTERS = "vocabulary.json"
FAULTS_OF_LETTERS = {
    "nothing": None,
    "no vocabulary": lambda folder: (folder / LETTERS).unlink(),
    "words in their place": lambda folder: (folder / LETTERS).rename(folder / WORDS),
    "the format of words": lambda folder: change(folder, format=1),
    "a format that is not known": lambda folder: change(folder, format=3),
    "half a format": lambda folder: change(folder, format=1.5),
    "other tokens": lambda folder: change(folder, tokens="syllables"),
    "words": lambda folder: change(folder, tokens="words"),
    "another task": lambda folder: change(folder, task="translate"),
    "the task of a classifier": lambda folder: change(folder, task="classify"),
    "both directions": lambda folder: change_model(folder, bidirectional=True),
    "another pooling": lambda folder: change_model(folder, pooling="mean"),
    "padded": lambda folder: change_model(folder, reading="padded"),
    "a class too many": lambda folder: change_model(folder, classes=10),
    "too much recurrent dropout": lambda folder: change_model(folder, recurrent_dropout=1.0),
    "an object": lambda folder: with_letters(folder, b"{}"),
    "no JSON": lambda folder: with_letters(folder, b"["),
    "a number": lambda folder: with_letters(folder, b'["<unk>", "<pad>", 1, "b", "c", "d"]'),
    "two letters": lambda folder: with_letters(folder, b'["<unk>", "<pad>", "ab", "c", "d", "e"]'),
    "a letter twice": lambda folder: with_letters(folder, b'["<unk>", "<pad>", "a", "a", "b", "c"]'),
    "no special entries": lambda folder: with_letters(folder, b'["a", "b", "c", "d", "e", "f"]'),
    "a letter too many": lambda folder: with_letters(folder, b'["<unk>", "<pad>", "a", "b", "c", "d", "e"]'),
    "another hash": lambda folder: change(folder, vocabulary_sha256="0" * 64),
}


def with_letters(folder, data):
    (folder / LETTERS).write_bytes(data)
    change(folder, vocabulary_sha256=files.sha256(data))


@pytest.mark.parametrize("fault", FAULTS_OF_LETTERS)
def test_a_network_of_letters_is_opened_and_refused_for_the_same_reason(engine, tmp_path, fault):
    folder = tmp_path / "mine"
    checkpoint(name="mine", words=("a", "\n", "\U0001f600", "े"), tokens="letters", task="next").save_pretrained(folder)
    change_model(folder, recurrent_dropout=0.5)
    change(folder, data=settings_of(folder)["data"] | {"skip_other_classes": True})
    question = {"model": "mine", "text": "a\n😀ेx", "holds": None}
    if not FAULTS_OF_LETTERS[fault]:
        load(folder)
        assert engine.ask(tmp_path, "trace", question)["unknown"] == [False] * 4 + [True]
        return
    FAULTS_OF_LETTERS[fault](folder)
    with pytest.raises(CheckpointError) as error:
        load(folder)
    ours = json.loads(json.dumps(objection(error.value)))
    found = engine.ask(tmp_path, "trace", question)
    assert (found["error"], found["values"].keys()) == (ours["error"], ours["values"].keys())


WORDED = {"checkpoint_config", "checkpoint_header"}  # what is wrong is said in each side's own words


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_network_is_refused_for_the_same_reason(engine, tmp_path, fault):
    folder = tmp_path / "mine"
    checkpoint(name="mine").save_pretrained(folder)
    FAULTS[fault](folder)
    with pytest.raises(CheckpointError) as error:
        load(folder)
    ours = json.loads(json.dumps(objection(error.value)))
    found = engine.ask(tmp_path, "trace", {"model": "mine", "text": "good", "holds": None})
    assert found["error"] == ours["error"]
    assert found["values"].keys() == ours["values"].keys()
    if ours["error"] not in WORDED:
        named = {name: value for name, value in ours["values"].items() if name not in ("path", "folder")}
        assert {name: found["values"][name] for name in named} == pytest.approx(named, abs=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_both_kinds_of_number_are_read(engine, tmp_path, dtype):
    whole = checkpoint(name="mine")
    whole.save_pretrained(tmp_path / "mine")
    tensors = {name: tensor.to(dtype) for name, tensor in whole.model.state_dict().items()}
    with_tensors(tmp_path / "mine", tensors)
    found = engine.ask(tmp_path, "trace", {"model": "mine", "text": "good", "holds": None})
    assert found["tokens"] == ["good"]


def test_every_finite_float16_number_is_read_exactly(engine, tmp_path):
    patterns = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    rows = patterns[np.isfinite(patterns)].reshape(-1, 32)
    words = [f"w{row}" for row in range(len(rows))]
    whole = checkpoint(name="mine", words=words, embedding_size=32)
    whole.model.embedding.weight.data[2:] = torch.tensor(rows.astype(np.float32))
    whole.save_pretrained(tmp_path / "mine")
    found = engine.ask(tmp_path, "trace", {"model": "mine", "text": " ".join(words), "holds": None})
    assert np.array_equal(numbers(found["inputs"]), rows.astype(np.float32).ravel())
