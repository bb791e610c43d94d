"""A file of weights is known by what it holds, not by its name; one that is not opened is named for what it is."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from rnnviz.convert.convert import converted, read_words
from rnnviz.convert.foreign import open_foreign, read_foreign
from rnnviz.errors import CheckpointError
from tests.convert.test_convert import LABELS, WORDS, assert_same_logits, lesson

STATE = dict(lesson().state_dict())


def refusal(path):
    with pytest.raises(CheckpointError) as caught:
        read_foreign(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["best.pth.tar", "weights.th", "model.pkl", "no-suffix", "weights.h5", "x.safetensors"]
)
def test_what_torch_save_wrote_is_read_under_any_name(tmp_path, name):
    torch.save({"net": STATE, "epoch": 3}, tmp_path / name)
    assert read_foreign(tmp_path / name).keys() == STATE.keys()


def test_safetensors_are_read_under_any_name(tmp_path):
    safetensors.torch.save_file(STATE, tmp_path / "weights.pt")
    assert read_foreign(tmp_path / "weights.pt").keys() == STATE.keys()


@pytest.mark.parametrize(
    "record",
    [
        {"anything": STATE, "epoch": 3, "best": np.float64(0.91)},
        {"run": {"inner": {"weights": STATE}}, "history": [1.0, 2.0]},
        {"network": STATE, "optimizer": {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 0.1}]}},
        {"student": STATE, "loss_weights": {"weight": torch.ones(4)}, "rng_state": torch.zeros(5, dtype=torch.uint8)},
        STATE | {"epoch": 3, "name": "mine"},
    ],
    ids=["one key", "deep", "beside an optimizer", "beside a loss", "beside counters"],
)
def test_the_network_of_a_record_is_found_wherever_it_is(tmp_path, record):
    torch.save(record, tmp_path / "run.pt")
    found = read_foreign(tmp_path / "run.pt")
    assert_same_logits(converted(found, WORDS, LABELS).checkpoint, lesson())


def test_the_parts_of_a_network_that_lie_apart_are_put_together(tmp_path):
    parts = {"encoder": {}, "head": {}}
    for name, value in STATE.items():
        parts["head" if name.startswith("fc") else "encoder"][name] = value
    torch.save(parts, tmp_path / "run.pt")
    assert_same_logits(converted(read_foreign(tmp_path / "run.pt"), WORDS, LABELS).checkpoint, lesson())


def test_of_several_networks_one_is_asked_for_by_its_key(tmp_path):
    other = {name: value + 1 for name, value in STATE.items()}
    torch.save({"nets": {"online": STATE, "ema": other}}, tmp_path / "run.pt")
    said = refusal(tmp_path / "run.pt")
    assert "it holds 2 networks: 'nets.online', 'nets.ema'.\nSay which with --key: 'nets.online', 'nets.ema'." in said
    assert torch.equal(read_foreign(tmp_path / "run.pt", "nets.ema")["fc.bias"], STATE["fc.bias"] + 1)
    with pytest.raises(CheckpointError, match="it holds no tensors under 'nothere'"):
        read_foreign(tmp_path / "run.pt", "nothere")


@pytest.mark.parametrize("labels", [list(LABELS), dict(enumerate(LABELS))])
def test_words_and_labels_of_a_record_are_found(tmp_path, labels):
    ids = {word: row for row, word in enumerate(WORDS)}
    torch.save({"model_state_dict": STATE, "vocab": ids, "classes": labels}, tmp_path / "run.pt")
    found = open_foreign(tmp_path / "run.pt")
    assert (tuple(found.words), found.facts.labels) == (WORDS, LABELS)


def archive(**entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in entries.items():
            packed.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def tarred():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("weights.pt"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "problem", "advice"),
    [
        (pickle.dumps({"a": np.zeros(3)}), "it is a plain pickle of Python objects", "torch.save(model.state_dict()"),
        (pickle.dumps([1, 2]), "it is a plain pickle of Python objects", "In the program that made it"),
        (gzip.compress(b"x" * 100, mtime=0), "it is packed with gzip", "Unpack it"),
        (tarred(), "it is a tar archive", "Unpack it"),
        (archive(**{"a.h5": b""}), "it is a zip archive with a .h5 file in it", "Unpack it"),
        (archive(**{"readme.txt": b""}), "it is a zip archive without weights", "torch.save"),
        (b"<!DOCTYPE html><html>", "it is a web page", "Download"),
        (json.dumps({"a": [1]}).encode(), "it is a text of JSON", "torch.save"),
        (b"\0\0\0\0TFL3" + b"x" * 20, "it is a TensorFlow Lite model", ".keras or .h5"),
    ],
)
def test_what_is_no_file_of_weights_is_named_for_what_it_is(tmp_path, data, problem, advice):
    (tmp_path / "weights.pt").write_bytes(data)
    what, todo = refusal(tmp_path / "weights.pt").split("\n")
    assert problem in what
    assert advice in todo


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_torchscript_is_named_and_the_way_to_its_weights_is_said(tmp_path):
    torch.jit.script(nn.Linear(2, 1)).save(tmp_path / "model.pt")
    said = refusal(tmp_path / "model.pt")
    assert "it is TorchScript (torch.jit.save), a program with its weights, and no program is run.\n" in said
    torch.save(torch.jit.load(tmp_path / "model.pt").state_dict(), tmp_path / "weights.pt")  # as it says
    assert sorted(read_foreign(tmp_path / "weights.pt")) == ["bias", "weight"]


def test_a_folder_is_named(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    assert "it is a SavedModel of TensorFlow.\nSave the Keras model as .keras or .h5" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"good": 1, "bad": 2}', [None, "good", "bad"]),
        ('["<pad>", "good"]', ["<pad>", "good"]),
        ('{"b": 0, "a": 3}', ["b", None, None, "a"]),
    ],
)
def test_words_are_read_from_json(tmp_path, text, words):
    (tmp_path / "words.json").write_text(text)
    assert read_words(tmp_path / "words.json") == words


@pytest.mark.parametrize("text", ["{", '{"a": -1}', '{"a": 1, "b": 1}', '{"a": "b"}', "[1]", "3", "{}"])
def test_json_that_holds_no_words_is_refused(tmp_path, text):
    (tmp_path / "words.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"is no JSON|holds neither a list of words"):
        read_words(tmp_path / "words.json")


def test_ids_of_the_classes_are_no_vocabulary_and_name_the_classes(tmp_path):
    ids = {word: place for place, word in enumerate(WORDS)}
    numbered = {name: place for place, name in enumerate(LABELS)}
    named = {str(place): name for name, place in numbered.items()}  # as JSON has it
    for classes in ({"label2id": numbered}, {"id2label": named}):
        torch.save({"state_dict": STATE, **classes, "word2idx": ids}, tmp_path / "run.pt")
        found = open_foreign(tmp_path / "run.pt")
        assert tuple(found.words) == WORDS
        assert found.labels == LABELS


@pytest.mark.parametrize("name", ["label2id", "class_to_idx"])
def test_ids_of_the_classes_are_no_vocabulary_where_there_is_no_other(tmp_path, name):
    torch.save({"state_dict": STATE, name: {label: place for place, label in enumerate(LABELS)}}, tmp_path / "run.pt")
    found = open_foreign(tmp_path / "run.pt")
    assert (found.words, found.labels) == ([], LABELS)
    with pytest.raises(CheckpointError, match="there is none, and the file of weights has none"):
        found.words_for(None)


@pytest.mark.parametrize(
    ("record", "others"),
    [
        ({"model": STATE, "model_ema": "other"}, "'model_ema'"),
        ({"model": STATE, "ema": {"shadow": "other"}}, "'ema.shadow'"),
        ({"model": STATE, "ema": STATE}, ""),
        ({"state_dict": STATE, "optimizer": {"weight_hh": "other"}}, ""),
    ],
)
def test_further_networks_in_a_file_are_named_unless_they_are_the_same(tmp_path, record, others):
    other = {name: value + 1 for name, value in STATE.items()}
    given = {key: other if value == "other" else value for key, value in record.items() if key != "ema"}
    if "ema" in record:
        given["ema"] = {"shadow": other} if "shadow" in record["ema"] else record["ema"]
    torch.save(given, tmp_path / "run.pt")
    notes = " ".join(open_foreign(tmp_path / "run.pt").notes)
    assert ("further networks, under " + others in notes) == bool(others)


def test_a_mask_of_another_part_is_no_pruned_weight(tmp_path):
    with pytest.raises(CheckpointError, match=r"'attn_mask' is not expected\. If it .*--leave-out") as caught:
        converted({**STATE, "attn_mask": torch.ones(3)}, WORDS, LABELS)
    assert "pruned" not in str(caught.value)
    with pytest.raises(CheckpointError, match="pruned"):
        converted(
            {**STATE, "rnn.weight_ih_l0_orig": torch.ones(3), "rnn.weight_ih_l0_mask": torch.ones(3)}, WORDS, LABELS
        )


@pytest.mark.filterwarnings("ignore")  # PyTorch says that its own quantisation is old
def test_a_quantised_state_dict_is_named_for_what_it_is(tmp_path):
    quantised = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.LSTM(2, 3)), {nn.LSTM}, dtype=torch.qint8)
    torch.save(quantised.state_dict(), tmp_path / "weights.pt")
    assert "it is of a quantised network" in refusal(tmp_path / "weights.pt")


def test_a_learned_scale_makes_no_quantised_network(tmp_path):
    torch.save(lesson().state_dict() | {"temperature.scale": torch.tensor(2.0)}, tmp_path / "weights.pt")
    tensors = read_foreign(tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"'temperature.scale'(.|\n)*--leave-out"):
        converted(tensors, WORDS, LABELS)
    assert converted(tensors, WORDS, LABELS, leave_out=["temperature.*"]).checkpoint.config.model.cell == "lstm"


@pytest.mark.filterwarnings("ignore")
def test_a_network_of_which_the_linear_layer_alone_is_quantised_is_named_too(tmp_path):
    quantised = torch.ao.quantization.quantize_dynamic(lesson(), {nn.Linear}, dtype=torch.qint8)
    torch.save(quantised.state_dict(), tmp_path / "weights.pt")
    tensors = read_foreign(tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"'fc.scale' looks like a part of a quantised network\. Save"):
        converted(tensors, WORDS, LABELS)


def test_a_key_is_refused_where_there_is_none_to_choose(tmp_path):
    safetensors.torch.save_file(STATE, tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match=r"--key is for what torch\.save wrote"):
        read_foreign(tmp_path / "weights.safetensors", "ema")
