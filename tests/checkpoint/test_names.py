"""A name means a folder if there is one, else a network that comes with rnnviz; and each of these is what is listed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rnnviz
from rnnviz.checkpoint import shipped
from rnnviz.checkpoint.checks import FILES as ALL_FILES, LETTERS, WORDS
from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.errors import CheckpointError
from tests.builders import checkpoint
from tests.shipped import FOLDER, NAMES

LINE = re.compile(r"([0-9a-f]{64})  ([\w-]+)/([\w.]+)")
FILES = tuple(file for file in ALL_FILES if file != LETTERS)  # of a network that reads words
_LETTERS = ("languages-lstm", "python-lstm", "shakespeare-lstm")
TRACKED = {f"{name}/{file}" for name in NAMES for file in ALL_FILES if file != (WORDS if name in _LETTERS else LETTERS)}


def objection(name: str | Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(name)
    return str(caught.value)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is where things are looked for."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three of the shipped networks in a folder that is taken for the place of all."""
    for name in ("sst2-lstm", "sst2-gru", "recall-rnn"):
        shutil.copytree(FOLDER / name, tmp_path / "checkpoints" / name)
    shutil.copy(FOLDER / shipped.SUMS, tmp_path / "checkpoints")
    monkeypatch.setattr(shipped, "_FOLDERS", (tmp_path / "nowhere", tmp_path / "checkpoints"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "checkpoints"


# What is listed


def test_t92_the_list_of_hashes_has_every_file_of_every_network_once_and_no_other() -> None:
    lines = (FOLDER / shipped.SUMS).read_text(encoding="ascii").splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found)
    listed = [f"{line[2]}/{line[3]}" for line in found if line]
    assert len(listed) == len(set(listed))
    assert (
        set(listed) == TRACKED == {f"{path.parent.name}/{path.name}" for path in FOLDER.glob("*/*") if path.is_file()}
    )


def test_t92_each_hash_is_that_of_its_file() -> None:
    for line in (FOLDER / shipped.SUMS).read_text(encoding="ascii").splitlines():
        wanted, _, name = line.partition("  ")
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == wanted, name


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no command sha256sum")
def test_t92_the_command_sha256sum_reads_the_list() -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", shipped.SUMS], cwd=FOLDER, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": OK\n") == len(TRACKED)


def test_networks_says_of_each_what_its_record_says() -> None:
    found = rnnviz.networks()
    assert [network.name for network in found] == list(NAMES)
    for network in found:
        config = json.loads((FOLDER / network.name / "config.json").read_text(encoding="utf-8"))
        assert network.title == config["title"]
        assert network.accuracy == config["scores"][network.measured]["accuracy"]
        assert (network.cell, network.units) == (config["model"]["cell"], config["model"]["hidden_size"])
        assert network.path.samefile(FOLDER / network.name)
    assert {network.task for network in found if network.name.startswith("sst2")} == {"sentiment"}


# What a name means


def test_a_name_is_a_shipped_network_wherever_one_stands(elsewhere: Path) -> None:
    for found in (rnnviz.load("sst2-lstm"), rnnviz.load(Path("sst2-lstm")), Checkpoint.from_pretrained("sst2-lstm")):
        assert found.config.name == "sst2-lstm"
        assert found.vocabulary == load(FOLDER / "sst2-lstm").vocabulary


def test_a_folder_of_that_path_comes_first(elsewhere: Path) -> None:
    checkpoint("gru", name="mine").save_pretrained("sst2-lstm")
    for found in (rnnviz.load("sst2-lstm"), rnnviz.load(Path("sst2-lstm")), Checkpoint.from_pretrained("sst2-lstm")):
        assert found.config.name == "mine"


def test_a_folder_of_that_path_that_is_no_checkpoint_is_said_and_not_passed_over(elsewhere: Path) -> None:
    (elsewhere / "sst2-lstm").mkdir()
    assert "There is no checkpoint in sst2-lstm: config.json is missing." in objection("sst2-lstm")


def test_a_file_of_that_name_is_no_folder(elsewhere: Path) -> None:
    (elsewhere / "sst2-lstm").write_text("a letter")
    assert rnnviz.load("sst2-lstm").config.name == "sst2-lstm"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("sst2-lstmm", "sst2-lstm"),
        ("SST2-LSTM", "sst2-lstm"),
        ("sst2_gru", "sst2-gru"),
        ("checkpoints/sst2-rnn", "sst2-rnn"),
        ("checkpoints/sst2-rnn/", "sst2-rnn"),
        (r"checkpoints\sst2-rnn", "sst2-rnn"),
        ("sst2-rnn/", "sst2-rnn"),
        ("./sst2-rnn", "sst2-rnn"),
        ("../checkpoints/sst2-rnn", "sst2-rnn"),
        ("sst2-rnn/../sst2-gru", "sst2-gru"),
        (" sst2-rnn ", "sst2-rnn"),
    ],
)
def test_another_name_is_an_error_that_names_the_nearest_and_how_to_pass_a_folder(elsewhere, name, near) -> None:
    said = objection(name)
    assert said.startswith(f"There is no checkpoint in {name}: there is no such folder")
    assert f"Did you mean {near!r}?" in said
    assert "Pass a folder such as runs/reviews" in said
    assert all(known in said for known in NAMES)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "SHA256SUMS", "train.sh", "nul\0l", "x" * 5_000, "~", "a/b/c"])
def test_no_other_name_opens_anything(elsewhere: Path, name: str) -> None:
    assert len(objection(name)) < 1_000


def test_what_has_the_form_of_a_hub_name_is_looked_for_there_last(elsewhere, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(
        "rnnviz.checkpoint.hub.download", lambda name, revision: asked.append(name) or FOLDER / "sst2-gru"
    )
    assert Checkpoint.from_pretrained("sst2-lstm").config.name == "sst2-lstm"
    assert asked == []
    assert Checkpoint.from_pretrained("somebody/sst2-lstm").config.name == "sst2-gru"
    assert asked == ["somebody/sst2-lstm"]


# A shipped network is the one that was shipped


@pytest.mark.parametrize("file", FILES)
def test_t92_a_shipped_network_with_one_other_byte_is_refused_and_the_file_is_named(copied: Path, file: str) -> None:
    path = copied / "sst2-lstm" / file
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert str(path) in objection("sst2-lstm")
    assert str(path) in objection(copied / "sst2-lstm")
    assert load("sst2-gru").config.name == "sst2-gru"


def test_t92_another_network_that_proves_itself_is_not_taken_for_the_shipped_one(copied: Path) -> None:
    other = load(copied / "sst2-gru")
    shutil.rmtree(copied / "sst2-lstm")
    other.save_pretrained(copied / "sst2-lstm")
    assert "SHA256SUMS" in objection("sst2-lstm")


@pytest.mark.parametrize("file", FILES)
def test_t92_a_shipped_network_without_one_of_its_files_is_refused(copied: Path, file: str) -> None:
    (copied / "sst2-lstm" / file).unlink()
    assert f"{file} is missing" in objection("sst2-lstm")


def test_a_list_of_hashes_may_name_more_than_a_checkpoints_own_files(copied: Path) -> None:
    checkpoint(name="mine").save_pretrained(copied / "mine")
    with (copied / shipped.SUMS).open("a", encoding="ascii") as sums:
        sums.write(f"{'0' * 64}  mine/notes.txt\n{'0' * 64}  readme.txt\nnonsense\n")
    assert load(copied / "mine").config.name == "mine"


def test_a_network_of_ones_own_beside_the_shipped_ones_is_not_listed_and_opens(copied: Path) -> None:
    checkpoint(name="mine").save_pretrained(copied / "mine")
    assert load(copied / "mine").config.name == "mine"
    assert "mine" not in shipped.names()


def test_without_the_shipped_networks_a_name_says_so_and_a_folder_opens(copied: Path) -> None:
    (copied / shipped.SUMS).unlink()
    assert "Install rnnviz again" in objection("sst2-lstm")
    assert load(copied / "sst2-gru").config.name == "sst2-gru"


def test_the_networks_are_listed_without_torch(tmp_path: Path) -> None:
    code = "import rnnviz, sys; rnnviz.networks(); print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "rnnviz.checkpoint.shipped" in done.stdout.split()
    assert not {"torch", "numpy", "pydantic"} & set(done.stdout.split())
