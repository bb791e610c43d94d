"""Files: whatever goes wrong, and whenever the process dies, the old content or the new one is there, whole."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rnnviz.errors import CheckpointError
from rnnviz.files import atomic_write, read_once, recovered, replacing_folder, sha256

posix = pytest.mark.skipif(os.name != "posix", reason="modes and folder flushes are POSIX")


def content(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, hidden files too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fail(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
@pytest.mark.parametrize("before", [{}, {"weights": b"old"}])
def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, broken, before):
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(tmp_path / "weights", b"new")
    assert content(tmp_path) == before


@posix
def test_the_bytes_are_on_the_disk_before_the_name_is_and_the_folder_after(tmp_path, monkeypatch):
    done = []
    flush, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append(os.fstat(handle).st_ino), flush(handle)))
    monkeypatch.setattr(os, "replace", lambda *names: (done.append("renamed"), replace(*names)))
    atomic_write(tmp_path / "weights", b"new")
    assert done == [(tmp_path / "weights").stat().st_ino, "renamed", tmp_path.stat().st_ino]


@given(st.binary(), st.binary())
def test_what_is_written_is_read_back_and_replaces_what_was_there(tmp_path_factory, first, second):
    path = tmp_path_factory.mktemp("write") / "deep" / "er" / "file"
    for data in (first, second):
        atomic_write(path, data)
        assert read_once(path, len(data)) == path.read_bytes() == data
    assert content(path.parent) == {"file": second}


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_the_mode_follows_the_umask(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        atomic_write(tmp_path / "weights", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "weights").stat().st_mode & 0o777 == mode


DIE = """
import os, sys
from pathlib import Path
from rnnviz import files
folder, moment = Path(sys.argv[1]), sys.argv[2]

def dying(function, when):
    calls = []
    def call(*arguments):
        calls.append(arguments)
        if (len(calls), "before") == when:
            os._exit(9)
        result = function(*arguments)
        if (len(calls), "after") == when:
            os._exit(9)
        return result
    return call
"""


def killed(script: str, *arguments: object) -> None:
    """Run a script that dies as abruptly as from kill -9."""
    found = subprocess.run([sys.executable, "-c", DIE + script, *map(str, arguments)], check=False)
    assert found.returncode == 9


@pytest.mark.parametrize("moment", ["before", "after"])
def test_t50_a_kill_while_a_file_is_written_leaves_one_whole_file_and_the_next_write_tidies_up(tmp_path, moment):
    path = tmp_path / "weights [1]*?"  # a name may look like a pattern
    path.write_bytes(b"old")
    script = "os.replace = dying(os.replace, (1, moment)); files.atomic_write(next(folder.iterdir()), b'new')"
    killed(script, tmp_path, moment)
    assert path.read_bytes() == (b"old" if moment == "before" else b"new")
    assert len(content(tmp_path)) == (2 if moment == "before" else 1)
    atomic_write(path, b"newer")
    assert content(tmp_path) == {path.name: b"newer"}


def test_tidying_up_after_one_file_leaves_what_another_writer_is_writing(tmp_path, monkeypatch):
    """The partial file of "model-2" begins like one of "model"."""
    seen = []
    flush = os.fsync

    def write_the_other(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", flush)
        atomic_write(tmp_path / "model", b"one")
        seen.extend(name for name in content(tmp_path) if "model-2" in name)

    monkeypatch.setattr(os, "fsync", write_the_other)
    atomic_write(tmp_path / "model-2", b"two")
    assert len(seen) == 1
    assert content(tmp_path) == {"model": b"one", "model-2": b"two"}


def test_a_missing_file_names_the_folder_and_the_file(tmp_path):
    with pytest.raises(CheckpointError) as caught:
        read_once(tmp_path / "config.json", 100)
    assert str(caught.value) == (
        f"There is no checkpoint in {tmp_path}: config.json is missing.\nPass a folder such as runs/reviews."
    )


def test_a_folder_in_a_file_s_place_counts_as_missing(tmp_path):
    (tmp_path / "config.json").mkdir()
    with pytest.raises(CheckpointError, match=r"config\.json is missing"):
        read_once(tmp_path / "config.json", 100)


def test_a_file_of_just_the_limit_is_read_and_one_byte_more_is_refused(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(b"x" * 5_000)
    assert read_once(path, 5_000) == b"x" * 5_000
    with pytest.raises(CheckpointError) as caught:
        read_once(path, 4_999)
    assert str(caught.value).startswith(f"{path} has 5,000 bytes; at most 4,999 are read.\n")


def test_t28_a_git_lfs_pointer_is_recognised_and_the_cure_named(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n")
    with pytest.raises(CheckpointError) as caught:
        read_once(path, 5_000_000)
    assert str(caught.value) == f"{path} is a Git LFS pointer, not the file itself.\nRun `git lfs pull`."


def test_sha256_is_that_of_the_standard():
    """Source: FIPS 180-2, appendix B.1."""
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def fill(folder: Path, data: bytes, then: BaseException | None = None) -> None:
    with replacing_folder(folder) as staging:
        (staging / "weights").write_bytes(data)
        if then:
            raise then


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "runs" / "checkpoint"
    fill(folder, b"old")
    (folder / "left over").touch()
    fill(folder, b"new")
    assert content(tmp_path) == {str(Path("runs", "checkpoint", "weights")): b"new"}
    assert [path.name for path in folder.parent.iterdir()] == ["checkpoint"]


@pytest.mark.parametrize("before", [{}, {"checkpoint/weights": b"old"}])
def test_when_the_block_raises_the_old_folder_stays_and_nothing_lies_beside_it(tmp_path, before):
    if before:
        fill(tmp_path / "checkpoint", b"old")
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "checkpoint", b"half", then=KeyboardInterrupt())
    assert content(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == (["checkpoint"] if before else [])


def test_when_the_new_folder_cannot_be_moved_in_the_old_one_is_put_back(tmp_path, monkeypatch):
    folder = tmp_path / "checkpoint"
    fill(folder, b"old")
    rename = os.rename

    def refuse_the_new(source: Path, target: Path) -> None:
        if "new" in Path(source).name:
            fail()
        rename(source, target)

    monkeypatch.setattr(os, "rename", refuse_the_new)
    with pytest.raises(OSError, match="No space left"):
        fill(folder, b"new")
    assert content(tmp_path) == {str(Path("checkpoint", "weights")): b"old"}


FILL = """
os.rename = dying(os.rename, (int(sys.argv[3]), moment))
with files.replacing_folder(folder) as staging:
    (staging / "weights").write_bytes(b"new")
    if sys.argv[3] == "0":
        os._exit(9)
"""


@pytest.mark.parametrize(
    ("moment", "rename", "kept"),
    [("inside", 0, b"old"), ("before", 1, b"old"), ("after", 1, b"old"), ("before", 2, b"old"), ("after", 2, b"new")],
)
def test_t50_a_kill_while_a_folder_is_replaced_leaves_a_whole_one_and_the_next_save_works(
    tmp_path, moment, rename, kept
):
    folder = tmp_path / "checkpoint"
    fill(folder, b"old")
    killed(FILL, folder, moment, rename)
    assert content(recovered(folder)) == {"weights": kept}
    fill(folder, b"newer")
    assert content(tmp_path) == {str(Path("checkpoint", "weights")): b"newer"}
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_recovery_prefers_the_folder_that_is_there(tmp_path):
    fill(tmp_path / "checkpoint", b"new")
    fill(tmp_path / ".rnnviz-old-checkpoint", b"old")
    assert content(recovered(tmp_path / "checkpoint")) == {"weights": b"new"}


@pytest.mark.parametrize("name", [".", "..", "/", "missing"])
def test_any_folder_s_name_can_be_looked_at(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert recovered(Path(name)) == Path(name)
    assert list(tmp_path.iterdir()) == []
