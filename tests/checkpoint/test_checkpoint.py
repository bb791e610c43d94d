"""A checkpoint proves itself: what was saved comes back, and what is damaged or does not belong together is refused."""

import errno
import json
import stat
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from rnnviz import files
from rnnviz.checkpoint.folder import Checkpoint, load, rounded
from rnnviz.errors import CheckpointError, SelectionError
from rnnviz.experiments import evaluation
from rnnviz.reading import read
from tests.builders import CELLS, POOLINGS, SENTENCE, checkpoint, dataset
from tests.checkpoint.checkpoint_files import objection, settings_of, with_settings, with_tensors, with_vocabulary

UNITS = {"texts": 1, "quantiles": [0.5], "layers": [{"forward": {"raised_by": [["<b>"]], "half_life": None}}]}


@pytest.fixture
def folder(tmp_path):
    checkpoint(units=UNITS).save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_saved_checkpoint_comes_back_with_the_same_answers(tmp_path, cell, pooling, bidirectional):
    saved = checkpoint(cell, 2, bidirectional, pooling, labels=("a", "b", "<i>c</i>"), units=UNITS)
    saved.save_pretrained(tmp_path / "tiny")
    loaded = load(str(tmp_path / "tiny"))
    assert loaded.vocabulary == saved.vocabulary
    assert loaded.labels == saved.labels
    assert loaded.units == UNITS
    assert loaded.config.model == saved.config.model
    assert loaded.config.data == saved.config.data
    assert not loaded.model.training
    for name, value in saved.model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], value), name
    assert np.array_equal(read(loaded, SENTENCE).verdicts, read(saved, SENTENCE).verdicts)


def test_a_plain_rnn_comes_back_with_its_own_nonlinearity(tmp_path):
    for nonlinearity in ("tanh", "relu"):
        checkpoint("rnn", nonlinearity=nonlinearity).save_pretrained(tmp_path / nonlinearity)
        assert load(tmp_path / nonlinearity).model.rnn.nonlinearity == nonlinearity


def test_weights_are_stored_as_float16_and_used_as_float32(folder):
    stored = safetensors.torch.load_file(folder / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
    assert {value.dtype for value in load(folder).model.state_dict().values()} == {torch.float32}


def test_weights_that_float16_rounds_make_a_checkpoint_that_still_proves_itself(tmp_path):
    network = checkpoint(hidden_size=64, layers=2)
    for parameter in network.model.parameters():
        parameter.data += 1e-3 * torch.rand_like(parameter)  # between two numbers of float16
        parameter.data *= 4
    network.save_pretrained(tmp_path / "tiny")
    loaded = load(tmp_path / "tiny")
    wanted = {name: value.half().float() for name, value in network.model.state_dict().items()}
    assert all(torch.equal(loaded.model.state_dict()[name], value) for name, value in wanted.items())


def test_rounding_copies_and_draws_no_random_number():
    model = checkpoint(dropout=0.5).model.train()
    model.fc.bias.data[:] = 1 / 3
    random = torch.get_rng_state()
    copy = rounded(model)
    assert torch.equal(torch.get_rng_state(), random)
    assert copy.fc.bias[0] == np.float32(np.float16(1 / 3))
    assert model.fc.bias[0] == np.float32(1 / 3)
    assert model.training
    assert not copy.training


def test_loading_draws_no_random_number(folder):
    random = torch.get_rng_state()
    load(folder)
    assert torch.equal(torch.get_rng_state(), random)


def test_loading_undoes_nothing_that_another_thread_draws_meanwhile(folder, monkeypatch):
    build = torch.nn.Linear.reset_parameters

    def meanwhile(layer):
        torch.rand(1)
        build(layer)

    torch.manual_seed(0)
    torch.rand(1)
    after = torch.get_rng_state()
    monkeypatch.setattr(torch.nn.Linear, "reset_parameters", meanwhile)
    torch.manual_seed(0)
    load(folder)
    assert torch.equal(torch.get_rng_state(), after)


def test_the_folder_holds_five_readable_files_and_config_says_its_format(folder):
    names = ["README.md", "config.json", "model.safetensors", "units.json", "vocabulary.txt"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert settings_of(folder)["format"] == 1
    assert (folder / "vocabulary.txt").read_text().split("\n")[:3] == ["<unk>", "<pad>", "the"]
    assert all(stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR for path in folder.iterdir())
    assert sorted(path.name for path in folder.parent.iterdir()) == ["tiny"]


def test_hashes_and_logits_in_config_are_those_of_the_files_and_the_network(folder):
    settings, network = settings_of(folder), checkpoint()
    for name in ("weights", "vocabulary"):
        file = {"weights": "model.safetensors", "vocabulary": "vocabulary.txt"}[name]
        assert settings[f"{name}_sha256"] == files.sha256((folder / file).read_bytes())
    assert len(settings["probes"]) >= 3
    for probe in settings["probes"]:
        ids = network.vocabulary.ids(probe["text"].split())
        wanted = network.model(torch.tensor([ids]), torch.tensor([len(ids)]))[0].tolist()
        assert probe["logits"] == pytest.approx(wanted, abs=1e-6)


def test_scores_are_kept_and_added_to():
    first = checkpoint().with_scores(dev={"accuracy": 0.5, "n": 2})
    both = first.with_scores(test={"accuracy": 1.0, "n": 3})
    assert first.scores == {"dev": {"accuracy": 0.5, "n": 2}}
    assert both.scores == {"dev": {"accuracy": 0.5, "n": 2}, "test": {"accuracy": 1.0, "n": 3}}


def test_scores_come_back_as_evaluate_measured_them(tmp_path):
    network = checkpoint()
    found = evaluation.evaluate(network, dataset(["good film", "bad film", "zzz"], [1, 0, 0])).to_dict()
    network.with_scores(dev=found).save_pretrained(tmp_path / "tiny")
    assert load(tmp_path / "tiny").scores == {"dev": json.loads(json.dumps(found))}


def test_a_text_without_any_token_is_read_as_one_unknown_word():
    assert checkpoint().ids(" \n") == [0]
    assert checkpoint().ids("film zzz the") == [3, 0, 2]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layer", "direction"), [(0, "forward"), (0, "backward"), (-1, "forward"), (1, "backward")])
def test_the_matrices_of_a_cell_reproduce_a_step_of_a_reading(cell, layer, direction):
    network = checkpoint(cell, 2, bidirectional=True)
    trace, weights = read(network, SENTENCE), network.cell(layer, direction)
    t, before = (3, 2) if direction == "forward" else (3, 4)
    row = {name: torch.tensor(trace.select(name, layer, direction)) for name in trace.signals}
    below = [torch.tensor(trace.select("hidden", 0, way)[t]) for way in ("forward", "backward")]
    x = torch.tensor(trace.inputs[t]) if layer == 0 else torch.cat(below)
    h = row["hidden"][before]
    both = weights.W @ x + weights.U @ h + weights.b
    if cell == "lstm":
        i, f, g, o = both.chunk(4)
        wanted = {"input": i.sigmoid(), "forget": f.sigmoid(), "candidate": g.tanh(), "output": o.sigmoid()}
        wanted["cell"] = wanted["forget"] * row["cell"][before] + wanted["input"] * wanted["candidate"]
        wanted["hidden"] = wanted["output"] * wanted["cell"].tanh()
    elif cell == "gru":
        r, z, _ = both.chunk(3)
        n = slice(12, 18)
        inner = weights.U[n] @ h + weights.b_hidden[n]
        candidate = (weights.W[n] @ x + weights.b_input[n] + r.sigmoid() * inner).tanh()
        wanted = {"reset": r.sigmoid(), "update": z.sigmoid(), "candidate": candidate}
        wanted["hidden"] = (1 - z.sigmoid()) * candidate + z.sigmoid() * h
    else:
        wanted = {"hidden": both.tanh()}
    for name, values in wanted.items():
        torch.testing.assert_close(row[name][t], values.detach())


def test_a_cell_that_is_not_there_is_named():
    with pytest.raises(SelectionError) as caught:
        checkpoint(layers=2).cell(2)
    assert str(caught.value).startswith("There is no layer 2: this network has 2 layers.")
    with pytest.raises(SelectionError) as caught:
        checkpoint().cell(0, "backward")
    assert str(caught.value) == "There is no direction 'backward'; choose one of forward."


def test_a_failure_in_the_middle_of_saving_leaves_the_old_checkpoint_as_it_was(folder, monkeypatch):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    honest, written = files.atomic_write, []

    def failing(path, data):
        written.append(path.name)
        if len(written) == last:
            raise OSError(28, "No space left on device")
        honest(path, data)

    monkeypatch.setattr(files, "atomic_write", failing)
    for last in range(1, 6):
        written.clear()
        with pytest.raises(OSError, match="No space left"):
            checkpoint("gru", units=UNITS).save_pretrained(folder)
        assert len(written) == last
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        assert [path.name for path in folder.parent.iterdir()] == ["tiny"]
    assert load(folder).config.model.cell == "lstm"


def test_a_failure_of_the_first_save_leaves_nothing(tmp_path, monkeypatch):
    def failing(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "atomic_write", failing)
    with pytest.raises(OSError, match="No space left"):
        checkpoint().save_pretrained(tmp_path / "tiny")
    assert not list(tmp_path.iterdir())


def test_saving_replaces_an_older_checkpoint_and_all_of_its_files(folder):
    checkpoint("gru").save_pretrained(folder)
    assert load(folder).config.model.cell == "gru"
    assert load(folder).units == {}
    assert not (folder / "units.json").exists()


def test_saving_refuses_a_place_that_holds_something_else_and_touches_nothing(tmp_path):
    other = tmp_path / "other"
    for name in ("thesis.docx", "config.json", "README.md"):
        other.mkdir(exist_ok=True)
        (other / name).write_text("{}")
        with pytest.raises(CheckpointError) as caught:
            checkpoint().save_pretrained(other)
        assert str(caught.value) == (
            f"{other} holds something that is no checkpoint, so nothing was written.\nChoose another folder."
        )
        assert (other / name).read_text() == "{}"
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(CheckpointError, match="holds something that is no checkpoint"):
        checkpoint().save_pretrained(file)
    assert file.read_text() == "mine"


def test_saving_over_a_checkpoint_refuses_to_remove_a_file_that_somebody_put_beside_it(folder):
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="holds something that is no checkpoint"):
        checkpoint("gru").save_pretrained(folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert load(folder).config.model.cell == "lstm"


@pytest.mark.parametrize("value", [float("nan"), 1e6])
def test_weights_that_would_not_load_again_are_not_saved(folder, value):
    network = checkpoint("gru")
    network.model.fc.weight.data[0, :3] = value  # a million is infinite in float16
    with pytest.raises(CheckpointError) as caught:
        network.save_pretrained(folder)
    assert str(caught.value) == (
        f"{folder} was not written: 3 of 12 numbers in 'fc.weight' are not finite in float16.\n"
        "Train again with a lower learning rate."
    )
    assert load(folder).config.model.cell == "lstm"


# --- T20 to T28: what must not be loaded ---


def test_a_truncated_file_names_wanted_and_found_bytes_t20(folder):
    path = folder / "model.safetensors"
    data = path.read_bytes()
    header = 8 + struct.unpack("<Q", data[:8])[0]
    wanted = {len(data) - 1: f"{len(data):,}", header: f"{len(data):,}", header - 1: f"at least {header:,}"}
    for length, whole in (wanted | {7: "at least 10", 0: "at least 10"}).items():
        path.write_bytes(data[:length])
        assert objection(folder) == (
            f"{path} is damaged: wanted {whole} bytes, found {length:,}.\nFetch the file again."
        )


def test_an_extended_file_names_wanted_and_found_bytes_t20(folder):
    path = folder / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data + b"\0" * 5)
    assert f"wanted {len(data):,} bytes, found {len(data) + 5:,}" in objection(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.txt"])
def test_a_flipped_bit_names_wanted_and_found_hash_t20(folder, name):
    path = folder / name
    data = bytearray(path.read_bytes())
    wanted = files.sha256(bytes(data))[:12]
    data[-2] ^= 1
    path.write_bytes(data)
    found = files.sha256(bytes(data))[:12]
    assert objection(folder) == (
        f"{path} is damaged: wanted SHA-256 {wanted}…, found {found}… in {len(data):,} bytes.\nFetch the file again."
    )


@pytest.mark.parametrize("missing", ["config.json", "vocabulary.txt", "model.safetensors"])
def test_a_missing_file_is_named_with_an_example_of_a_folder(folder, missing):
    (folder / missing).unlink()
    assert objection(folder) == (
        f"There is no checkpoint in {folder}: {missing} is missing.\nPass a folder such as runs/reviews."
    )


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pth"])
def test_a_folder_with_only_a_pickle_is_not_opened_t22(folder, name):
    (folder / "model.safetensors").unlink()
    torch.save({"fc.weight": torch.zeros(2)}, folder / name)
    assert "model.safetensors is missing" in objection(folder)
    (folder / "model.safetensors").write_bytes((folder / name).read_bytes())  # nor under another name
    assert "header that rnnviz does not accept" in objection(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_not_finite_are_named_and_counted_t23(folder, value):
    tensors = {name: tensor.half() for name, tensor in checkpoint().model.state_dict().items()}
    tensors["rnn.weight_hh_l0"][3, :5] = value
    with_tensors(folder, tensors)
    assert objection(folder).startswith(
        f"{folder / 'model.safetensors'}: 5 of 144 numbers in 'rnn.weight_hh_l0' are not finite, so it was not loaded."
    )


def test_weights_of_a_relu_network_do_not_prove_themselves_in_a_tanh_one_t24(tmp_path):
    checkpoint("rnn", nonlinearity="relu").save_pretrained(tmp_path / "tiny")
    settings = settings_of(tmp_path / "tiny")
    settings["model"]["nonlinearity"] = "tanh"
    with_settings(tmp_path / "tiny", settings)
    said = objection(tmp_path / "tiny")
    assert said.startswith("This checkpoint does not reproduce its own test sentence (expected ")
    assert said.endswith("): weights, vocabulary and settings do not belong together.")


def test_a_vocabulary_in_another_order_does_not_prove_itself_even_with_its_hash_mended_t24(folder):
    words = (folder / "vocabulary.txt").read_text().split("\n")
    words[4], words[7] = words[7], words[4]
    (folder / "vocabulary.txt").write_text("\n".join(words))
    assert "is damaged: wanted SHA-256" in objection(folder)
    with_vocabulary(folder, "\n".join(words).encode())
    assert objection(folder).startswith("This checkpoint does not reproduce its own test sentence (expected ")


def test_the_objection_to_a_probe_gives_both_numbers_t24(folder):
    settings = settings_of(folder)
    found = settings["probes"][1]["logits"][1]
    settings["probes"][1]["logits"][1] = found + 2.36
    with_settings(folder, settings)
    assert f"(expected {found + 2.36:+.2f}, got {found:+.2f})" in objection(folder)


def test_a_checkpoint_that_cannot_prove_itself_is_refused(folder):
    for name, empty in (("probes", []), ("weights_sha256", ""), ("vocabulary_sha256", "")):
        before = settings_of(folder)
        with_settings(folder, before | {name: empty})
        assert "config.json: the hashes or the test sentences are missing." in objection(folder)
        with_settings(folder, before)


def test_a_vocabulary_of_another_size_than_the_embedding_is_refused_with_both_numbers_t25(folder):
    data = (folder / "vocabulary.txt").read_bytes()
    for words, entries in ((data + b"more\n", 19), (data.removesuffix(b".\n"), 17)):
        with_vocabulary(folder, words)
        assert objection(folder) == (
            f"{folder / 'vocabulary.txt'}: the vocabulary has {entries} entries but the embedding has 18 rows.\n"
            "Weights and vocabulary do not belong together."
        )


def test_weights_of_another_network_are_compared_name_by_name(folder):
    tensors = checkpoint("gru").model.state_dict()
    tensors["extra"] = torch.zeros(1)
    del tensors["fc.bias"]
    with_tensors(folder, {name: value.half() for name, value in tensors.items()})
    said = objection(folder)
    assert said.startswith(f"{folder / 'model.safetensors'}: the weights do not fit the settings. extra is not ")
    assert "; fc.bias is missing;" in said
    assert "rnn.weight_hh_l0 is (18, 6), expected (24, 6)" in said


def test_double_precision_weights_are_refused_by_name(folder):
    with_tensors(folder, {name: value.double() for name, value in checkpoint().model.state_dict().items()})
    assert "numbers of type F64; only F16 and F32 are read." in objection(folder)


def test_single_precision_weights_are_read(folder):
    with_tensors(folder, dict(checkpoint().model.state_dict()))
    assert torch.equal(load(folder).model.fc.weight, checkpoint().model.fc.weight)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "vocabulary.txt", "units.json"])
def test_a_git_lfs_pointer_says_what_to_do_t28(folder, name):
    (folder / name).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    assert objection(folder) == f"{folder / name} is a Git LFS pointer, not the file itself.\nRun `git lfs pull`."


def test_a_checkpoint_says_in_a_line_what_it_is():
    found = repr(checkpoint("gru", labels=("World", "Sports")))
    assert found == "Checkpoint(tiny: gru, 6 units, World, Sports)"


@pytest.mark.parametrize("opened", [load, Checkpoint.from_pretrained])
def test_a_folder_that_may_not_be_looked_at_is_refused_in_a_sentence(opened, monkeypatch):
    def refused(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refused)
    monkeypatch.setattr(Path, "lstat", refused)
    with pytest.raises(CheckpointError) as caught:
        opened("locked/net")
    assert str(caught.value) == (
        "locked/net cannot be read: Permission denied.\nGive yourself permission to read it, or put a copy there."
    )
