"""Checkpoints go to the Hub and come back whole; what is no checkpoint is refused before it is fetched.

A server in this process stands in for the Hub. There is no other network.
"""

import builtins
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rnnviz.checkpoint import hub
from rnnviz.checkpoint.checks import FILES, LETTERS, WORDS
from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.errors import CheckpointError
from tests.builders import checkpoint
from tests.checkpoint.hub_stand_in import TOKEN, StandIn, running

NAME = "somebody/tiny"
UNITS = {"texts": 1, "layers": []}


@pytest.fixture
def standing_in(monkeypatch, tmp_path):
    constants = pytest.importorskip("huggingface_hub.constants")
    with running() as stand_in:
        monkeypatch.setattr(constants, "ENDPOINT", stand_in.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", stand_in.url + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield stand_in


def files_of(network: Checkpoint, folder: Path) -> dict[str, bytes]:
    network.save_pretrained(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def served(standing_in: StandIn, tmp_path) -> StandIn:
    """A Hub with one checkpoint."""
    standing_in.repositories[NAME] = files_of(checkpoint(units=UNITS), tmp_path / "served")
    return standing_in


def objection(name=NAME, **options) -> str:
    with pytest.raises(CheckpointError) as caught:
        Checkpoint.from_pretrained(name, **options)
    return str(caught.value)


# Fetching


def test_a_checkpoint_on_the_hub_is_the_one_in_its_folder(served, tmp_path):
    found, wanted = Checkpoint.from_pretrained(NAME), load(tmp_path / "served")
    assert found.vocabulary == wanted.vocabulary
    assert (found.config, found.units) == (wanted.config, UNITS)
    for name, value in wanted.model.state_dict().items():
        assert torch.equal(found.model.state_dict()[name], value)


def test_nothing_but_the_files_of_a_checkpoint_is_fetched(served):
    served.repositories[NAME] |= {
        "pytorch_model.bin": b"pickle",
        "onnx/model.safetensors": b"other",
        "config.json.bak": b"{}",
        "run.py": b"raise SystemExit",
    }
    assert Checkpoint.from_pretrained(NAME).labels == ("negative", "positive")
    assert served.fetched() == {*FILES} - {LETTERS}


def test_a_checkpoint_without_units_is_fetched_without_them(served):
    del served.repositories[NAME]["units.json"]
    del served.repositories[NAME]["README.md"]
    assert Checkpoint.from_pretrained(NAME).units == {}


def test_a_folder_is_opened_as_it_is_and_nothing_is_asked_of_the_hub(served, tmp_path, monkeypatch):
    served.repositories["somebody/served"] = {}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "somebody").mkdir()
    checkpoint("gru").save_pretrained("somebody/served")
    assert Checkpoint.from_pretrained("somebody/served").config.model.cell == "gru"
    assert Checkpoint.from_pretrained(tmp_path / "served").config.model.cell == "lstm"
    assert served.asked == []


@pytest.mark.parametrize(
    "name", ["", ".", "tiny", "./tiny", "a/b/c", "/a/b", "../a", "a/b ", "a\\b", "a/../b", "a/b?x"]
)
def test_what_cannot_be_a_repositorys_name_is_a_folder_that_is_not_there(served, name, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert objection(name).startswith("There is no checkpoint in ")
    assert served.asked == []


def test_a_revision_is_a_commit_or_a_branch(served, tmp_path):
    first = served.remember(NAME)
    served.repositories[NAME] = files_of(checkpoint("gru"), tmp_path / "second")
    assert Checkpoint.from_pretrained(NAME).config.model.cell == "gru"
    assert Checkpoint.from_pretrained(NAME, "main").config.model.cell == "gru"
    assert Checkpoint.from_pretrained(NAME, first).config.model.cell == "lstm"
    assert objection(revision="v1").startswith(
        "There is no folder somebody/tiny here, and no model somebody/tiny, revision v1, on the Hugging Face Hub."
    )


def test_it_is_the_revision_that_is_asked_for_whose_files_are_looked_at(served):
    first = served.remember(NAME)
    served.repositories[NAME] = {"pytorch_model.bin": b"pickle"}
    second = served.remember(NAME)
    assert Checkpoint.from_pretrained(NAME, first).labels == ("negative", "positive")
    assert "Pickles such as 'pytorch_model.bin' are never opened" in objection(revision=second)


# What is refused


def test_a_repository_of_pickles_is_refused_and_none_is_fetched_t22(standing_in):
    standing_in.repositories[NAME] = {"config.json": b"{}", "pytorch_model.bin": b"cos\nsystem\n(S'true'\ntR."}
    assert objection() == (
        "somebody/tiny on the Hugging Face Hub is no checkpoint: it has no vocabulary.txt and model.safetensors.\n"
        "Pickles such as 'pytorch_model.bin' are never opened: turn them into one with `rnnviz convert`."
    )
    assert standing_in.fetched() == set()


@pytest.mark.parametrize("missing", ["config.json", "vocabulary.txt", "model.safetensors"])
def test_a_file_that_is_missing_is_named_before_any_is_fetched(served, missing):
    del served.repositories[NAME][missing]
    assert objection() == (
        f"somebody/tiny on the Hugging Face Hub is no checkpoint: it has no {missing}.\n"
        "Name a repository that push_to_hub has written."
    )
    assert served.fetched() == set()


def test_a_damaged_file_is_refused_as_in_a_folder(served):
    data = bytearray(served.repositories[NAME]["model.safetensors"])
    data[-2] ^= 1
    served.repositories[NAME]["model.safetensors"] = bytes(data)
    assert "model.safetensors is damaged: wanted SHA-256" in objection()


def test_a_huge_file_is_refused_before_it_is_fetched(served):
    served.sizes[NAME, "model.safetensors"] = 10**12
    assert objection().startswith(
        "somebody/tiny/model.safetensors has 1,000,000,000,000 bytes; at most 256,000,000 are read."
    )
    assert served.fetched() == set()


def test_a_repository_that_is_not_there_is_said_to_be_neither_folder_nor_model(standing_in):
    assert objection("nobody/nothing") == (
        "There is no folder nobody/nothing here, and no model nobody/nothing, revision main, on the Hugging Face Hub.\n"
        "Check its name and revision; if it is private, log in with `hf auth login`."
    )


def test_a_folder_that_is_misspelt_and_looks_like_a_repository_gets_the_same_sentence(standing_in):
    assert objection("checkpoints/sst2-lstmm").startswith("There is no folder checkpoints/sst2-lstmm here")


def test_a_hub_that_is_down_is_said_and_what_was_fetched_before_still_opens(served):
    found = Checkpoint.from_pretrained(NAME)
    served.down = True
    assert Checkpoint.from_pretrained(NAME).config == found.config
    assert objection("somebody/other").startswith("The Hugging Face Hub did not give somebody/other: ")


def test_without_a_network_what_was_fetched_before_still_opens(served, monkeypatch):
    from huggingface_hub import constants

    found = Checkpoint.from_pretrained(NAME)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert Checkpoint.from_pretrained(NAME).config == found.config
    assert objection("somebody/other").startswith("The Hugging Face Hub did not give somebody/other: ")


def test_without_huggingface_hub_the_extra_is_named(monkeypatch):
    honest = builtins.__import__

    def without(name, *rest, **options):
        if name.startswith("huggingface_hub"):
            raise ImportError(name)
        return honest(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    for use in (lambda: Checkpoint.from_pretrained(NAME), lambda: checkpoint().push_to_hub(NAME)):
        with pytest.raises(CheckpointError) as caught:
            use()
        assert str(caught.value) == (
            "The Hugging Face Hub needs the package 'huggingface_hub'.\nRun: pip install 'rnnviz[hub]'"
        )


# Writing


def test_a_checkpoint_comes_back_from_where_it_was_pushed(standing_in):
    network = checkpoint("gru", 2, True, units=UNITS)
    address = network.push_to_hub(NAME)
    assert address == f"{standing_in.url}/{NAME}/commit/{standing_in.remember(NAME)}"
    assert set(standing_in.repositories[NAME]) == {*FILES, ".gitattributes"} - {LETTERS}
    found = Checkpoint.from_pretrained(NAME)
    assert found.units == UNITS
    for name, value in network.model.state_dict().items():
        assert torch.equal(found.model.state_dict()[name], value)


def test_a_network_of_letters_takes_the_place_of_one_of_words_and_comes_back(standing_in):
    checkpoint().push_to_hub(NAME)
    letters = checkpoint(words=("a", " ", "\n"), tokens="letters", task="next")
    letters.push_to_hub(NAME)
    assert LETTERS in standing_in.repositories[NAME]
    assert WORDS not in standing_in.repositories[NAME]
    assert Checkpoint.from_pretrained(NAME).vocabulary == letters.vocabulary


def test_what_is_pushed_is_what_is_saved_card_included(standing_in, tmp_path):
    network = checkpoint(units=UNITS)
    network.push_to_hub(NAME)
    pushed = standing_in.repositories[NAME]
    del pushed[".gitattributes"]
    assert pushed == files_of(network, tmp_path / "saved")
    assert pushed["README.md"].startswith(b"---\nlibrary_name: rnnviz\npipeline_tag: text-classification\n")


def test_pushing_again_is_one_commit_that_leaves_nothing_of_the_older_checkpoint(standing_in):
    checkpoint(units=UNITS).push_to_hub(NAME)
    standing_in.repositories[NAME]["notes.txt"] = b"mine"
    standing_in.asked.clear()
    checkpoint("gru").push_to_hub(NAME)
    assert [path for _, path in standing_in.asked if "/commit/" in path] == [f"/api/models/{NAME}/commit/main"]
    assert set(standing_in.repositories[NAME]) == {*FILES, ".gitattributes", "notes.txt"} - {"units.json", LETTERS}
    assert Checkpoint.from_pretrained(NAME).config.model.cell == "gru"


@pytest.mark.parametrize("private", [None, True, False])
def test_a_new_repository_is_as_private_as_it_was_asked_to_be(standing_in, private):
    checkpoint().push_to_hub(NAME, private=private)
    assert standing_in.private[NAME] is private


def test_pushing_without_being_logged_in_says_what_to_do(standing_in, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(CheckpointError) as caught:
        checkpoint().push_to_hub(NAME)
    said = str(caught.value)
    assert said.startswith("The Hugging Face Hub did not take somebody/tiny: ")
    assert said.endswith("\nLog in with `hf auth login` as its owner.")
    assert TOKEN not in said
    assert "hf_wrong" not in said
    assert standing_in.repositories == {}


def test_weights_that_would_not_load_again_are_not_pushed(standing_in):
    network = checkpoint()
    network.model.fc.bias.data[0] = float("nan")
    with pytest.raises(CheckpointError, match=r"somebody/tiny was not written: 1 of 2 numbers in 'fc.bias'"):
        network.push_to_hub(NAME)
    assert standing_in.asked == []


# As it is used


def test_the_hub_is_the_one_that_the_environment_names(served, tmp_path):
    """In a process of its own: the constants above are read from the environment when huggingface_hub is imported."""
    code = f"import rnnviz; print(rnnviz.Checkpoint.from_pretrained({NAME!r}))"
    outside = {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": served.url, "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | outside, check=True
    )
    assert done.stdout == "Checkpoint(tiny: lstm, 6 units, negative, positive)\n"


def test_only_names_with_an_owner_are_repositories():
    assert hub.is_name("somebody/reviews-lstm_2.0")
    assert not hub.is_name("reviews")
    assert not hub.is_name("a/" + "b" * 97)
    assert not hub.is_name("a/b\n")
