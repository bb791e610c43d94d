"""Git for Windows turns line ends into CRLF: not those of our checkpoints, and of others it is named, never read."""

import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rnnviz.checkpoint import doctor, shipped
from rnnviz.checkpoint.checks import FILES, LETTERS
from rnnviz.checkpoint.folder import load
from rnnviz.data.text import Vocabulary
from rnnviz.errors import CheckpointError
from tests.builders import checkpoint
from tests.shipped import FOLDER

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
NAMED = "has other line ends than it was saved with"
ATTRIBUTES = FOLDER.parent / ".gitattributes"


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", folder, *settings, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two of the shipped networks, the list of hashes, and no attributes yet."""
    whole = tmp_path / "whole"
    for name in ("recall-rnn", "sst2-gru"):
        shutil.copytree(FOLDER / name, whole / "checkpoints" / name)
    shutil.copy(FOLDER / shipped.SUMS, whole / "checkpoints")
    git(whole, "init", "--quiet")
    return whole


def cloned(repository: Path, *settings: str) -> Path:
    """A clone as Git for Windows makes it by default."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "networks")
    clone = repository.with_name("clone")
    git(repository.parent, "clone", "--quiet", *settings, "-c", "core.autocrlf=true", str(repository), str(clone))
    return clone


def objection(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(folder)
    return str(caught.value)


def with_crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    checkpoint().save_pretrained(tmp_path / "own")
    return tmp_path / "own"


# Ours


def test_a_clone_with_crlf_has_every_byte_of_the_checkpoints(repository: Path) -> None:
    shutil.copy(ATTRIBUTES, repository)
    clone = cloned(repository)
    for name in ("recall-rnn", "sst2-gru"):
        for file in {*FILES} - {LETTERS}:
            path = Path("checkpoints") / name / file
            assert (clone / path).read_bytes() == (repository / path).read_bytes(), path
        load(clone / "checkpoints" / name)


def test_without_the_attributes_it_has_not_and_what_the_message_says_mends_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = cloned(repository)
    monkeypatch.chdir(clone)
    folder = Path("checkpoints") / "sst2-gru"
    said = objection(folder)
    assert NAMED in said
    first, then = re.findall("`(.+?)`", said)
    for command in (first, then):
        if command == then:
            shutil.rmtree(folder)
        subprocess.run(shlex.split(command), check=True, capture_output=True)
    assert load(folder).config.name == "sst2-gru"


def test_every_binary_file_of_the_repository_is_marked_as_one() -> None:
    if not (FOLDER.parent / ".git").exists():
        pytest.skip("this is no clone")
    endings = ("*.gif", "*.npy", "*.npz", "*.png", "*.safetensors")
    tracked = git(FOLDER.parent, "ls-files", *endings).splitlines()
    found = git(FOLDER.parent, "check-attr", "text", "--", *tracked).splitlines()
    assert len(found) == len(tracked) > 15
    assert {line.rpartition(": ")[2] for line in found} == {"unset"}
    whole = git(FOLDER.parent, "ls-files", "--eol").splitlines()
    binary = [line.split("\t")[1] for line in whole if line.startswith("i/-text")]
    assert set(binary) == set(tracked)


# Anybody's


@pytest.mark.parametrize("file", ["README.md", "config.json", "vocabulary.txt"])
def test_a_shipped_file_with_crlf_is_named(repository: Path, file: str) -> None:
    path = repository / "checkpoints" / "sst2-gru" / file
    with_crlf(path)
    said = objection(path.parent)
    assert said.startswith(f"{path} {NAMED}")
    assert load(repository / "checkpoints" / "recall-rnn").config.name == "recall-rnn"


def test_the_list_of_hashes_may_have_crlf_itself(repository: Path) -> None:
    with_crlf(repository / "checkpoints" / shipped.SUMS)
    assert load(repository / "checkpoints" / "sst2-gru").config.name == "sst2-gru"
    with_crlf(repository / "checkpoints" / "sst2-gru" / "README.md")
    assert NAMED in objection(repository / "checkpoints" / "sst2-gru")


def test_a_vocabulary_of_ones_own_with_crlf_is_named_and_so_by_the_doctor(own: Path) -> None:
    with_crlf(own / "vocabulary.txt")
    assert objection(own).startswith(f"{own / 'vocabulary.txt'} {NAMED}")
    failed = [finding for finding in doctor.examine(own) if finding.state == "failed"]
    assert [finding.check for finding in failed] == ["vocabulary"]
    assert NAMED in failed[0].problem


def test_a_vocabulary_with_crlf_from_its_third_line_on_is_named_too(own: Path) -> None:
    data = (own / "vocabulary.txt").read_bytes()
    head, tail = data[:12], data[12:]
    assert head == b"<unk>\n<pad>\n"
    (own / "vocabulary.txt").write_bytes(head + tail.replace(b"\n", b"\r\n"))
    assert NAMED in objection(own)


def test_settings_of_ones_own_with_crlf_say_the_same_and_are_read(own: Path) -> None:
    before = load(own).config
    with_crlf(own / "config.json")
    assert load(own).config == before


def test_crlf_and_other_words_are_no_matter_of_line_ends(own: Path) -> None:
    words = (own / "vocabulary.txt").read_text(encoding="utf-8").replace("film", "flim")
    (own / "vocabulary.txt").write_bytes(words.replace("\n", "\r\n").encode())
    assert NAMED not in objection(own)


def test_a_word_that_really_ends_with_a_carriage_return_stays_that_word(own: Path) -> None:
    words = load(own).vocabulary.words[2:]
    replace(load(own), vocabulary=Vocabulary([*words[:-1], f"{words[-1]}\r"])).save_pretrained(own)
    assert load(own).vocabulary.words[-1] == f"{words[-1]}\r"
    data = (own / "vocabulary.txt").read_bytes()
    (own / "vocabulary.txt").write_bytes(data.replace(b"\r\n", b"\n"))
    assert "is damaged" in objection(own)
