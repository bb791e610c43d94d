"""Several processes at one place: nothing is mixed, no reader is refused, nothing is left behind."""

import errno
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rnnviz import files
from rnnviz.checkpoint.checks import FILES, LETTERS, Parts
from rnnviz.checkpoint.doctor import examine
from rnnviz.checkpoint.folder import load
from tests.builders import checkpoint

posix = pytest.mark.skipif(os.name != "posix", reason="kill -9 and locks on folders are POSIX")
ROUNDS, READINGS = 20, 1_000
KILLS = int(os.environ.get("RNNVIZ_KILLS", "5"))

SAVER = """
import itertools, os, sys
from pathlib import Path
from rnnviz import files

source, out, rounds, enough = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
found = {path.name: path.read_bytes() for path in source.iterdir()}
os.fsync = lambda handle: None  # so that most of the time goes into moving
print("begun", flush=True)
for done in itertools.count():
    if done >= rounds and enough.exists():
        break
    with files.replacing_folder(out) as staging:
        for name, data in found.items():
            files.atomic_write(staging / name, data)
    files.atomic_write(out.with_name("trace.npz"), found["units.json"] * 1000)
"""


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """Two checkpoints of one shape. Only weights and units differ, so that a mixture of them is found out by both."""
    folder = tmp_path_factory.mktemp("versions")
    for seed in (0, 1):
        checkpoint(seed=seed, units={"seed": seed}).save_pretrained(folder / str(seed))
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def saver(source, out, enough):
    process = subprocess.Popen([sys.executable, "-c", SAVER, source, out, str(ROUNDS), enough], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    return process


def whole(out, versions):
    """The checkpoint is one of the two, each file of it."""
    found = load(out)
    source = load(versions / str(found.units["seed"]))
    assert all((found.model.state_dict()[name] == value).all() for name, value in source.model.state_dict().items())


def test_two_savers_and_readers_never_make_a_mixture_never_refuse_and_leave_nothing(versions, tmp_path):
    out, enough, problems = tmp_path / "mine", tmp_path / "enough", []
    checkpoint(units={"seed": 0}).save_pretrained(out)
    savers = [saver(versions / str(seed), out, enough) for seed in (0, 1)]
    wanted = [content(versions / name) for name in ("0", "1")]

    def read_along():
        for turn in range(READINGS):
            try:
                if turn % 50 == 0:
                    whole(out, versions)
                parts = Parts(out)  # what every loading reads
                assert {name: parts.file(name) for name in FILES if name != LETTERS} in wanted
            except Exception as error:
                problems.append(repr(error))

    readers = [threading.Thread(target=read_along) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    enough.touch()
    for process in savers:
        process.communicate()
    assert problems == []
    assert [process.returncode for process in savers] == [0, 0]
    assert content(out) in wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["enough", "mine", "trace.npz"]


@posix
def test_t50_kill_9_of_one_of_two_savers_harms_neither_the_checkpoint_nor_the_other_saver(versions, tmp_path):
    out, drawn = tmp_path / "mine", random.Random(0)
    checkpoint(units={"seed": 0}).save_pretrained(out)
    staying = saver(versions / "0", out, tmp_path / "never")
    for _ in range(KILLS):
        dying = saver(versions / "1", out, tmp_path / "never")
        time.sleep(drawn.uniform(0, 0.05))
        dying.kill()
        dying.communicate()
        assert dying.returncode == -signal.SIGKILL
        for _ in range(3):
            whole(out, versions)
        assert staying.poll() is None
    staying.kill()
    staying.communicate()
    whole(out, versions)
    checkpoint().save_pretrained(out)
    files.atomic_write(tmp_path / "trace.npz", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "trace.npz"]


# --- the same, step by step ---


def save(folder, data):
    with files.replacing_folder(folder) as staging:
        (staging / "one").write_bytes(data)
        (staging / "two").write_bytes(data)


def test_a_reading_in_which_a_save_takes_place_is_made_again(tmp_path):
    save(tmp_path / "mine", b"old")
    reads = []

    def read(place):
        one = (place / "one").read_bytes()
        if not reads:
            save(tmp_path / "mine", b"new")
        reads.append(one)
        return one, (place / "two").read_bytes()

    assert files.read_consistently(tmp_path / "mine", read) == (b"new", b"new")
    assert reads == [b"old", b"new"]


def test_what_a_save_brings_while_it_is_looked_for_is_read_at_the_next_look(tmp_path):
    reads = []

    def read(place):
        reads.append(place)
        if len(reads) == 1:
            save(tmp_path / "mine", b"new")
            raise FileNotFoundError
        return (place / "one").read_bytes()

    assert files.read_consistently(tmp_path / "mine", read) == b"new"
    assert len(reads) == 2


@posix
def test_a_long_reading_ends_while_somebody_saves_all_the_time(tmp_path):
    save(tmp_path / "mine", b"0")
    ended = threading.Event()

    def save_all_the_time():
        for number in itertools.count(1):
            if ended.is_set():
                return
            save(tmp_path / "mine", str(number).encode())

    def read(place):
        one = (place / "one").read_bytes()
        time.sleep(0.1)
        return one, (place / "two").read_bytes()

    saver = threading.Thread(target=save_all_the_time)
    saver.start()
    one, two = files.read_consistently(tmp_path / "mine", read)
    ended.set()
    saver.join()
    assert one == two


@posix
@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_what_is_removed_is_never_half_removed_under_the_name_of_what_was_moved_aside(tmp_path, monkeypatch, moment):
    save(tmp_path / "mine", b"old")
    if moment == "before":  # as a writer that died after its second step leaves it
        save(tmp_path / ".rnnviz-old-mine~00000000", b"older")
    removed, remove = [], shutil.rmtree

    def noted(path, *arguments, **settings):
        removed.append(path.name)
        remove(path, *arguments, **settings)

    monkeypatch.setattr(shutil, "rmtree", noted)
    save(tmp_path / "mine", b"new")
    assert content(tmp_path / "mine") == {"one": b"new", "two": b"new"}
    assert len(removed) >= 1 + (moment == "before")
    assert [name for name in removed if name.startswith(files.REPLACED)] == []


def test_what_is_saved_at_each_reading_is_refused_with_what_to_do(tmp_path, monkeypatch):
    save(tmp_path / "mine", b"old")
    monkeypatch.setattr(files, "_PAUSES", (0.0,))
    with pytest.raises(files.CheckpointError) as caught:
        files.read_consistently(tmp_path / "mine", lambda place: save(place, b"new"))
    assert str(caught.value) == f"{tmp_path / 'mine'} is being saved again and again.\nTry again when that is over."


def test_what_is_refused_without_a_save_is_refused_at_once(tmp_path):
    save(tmp_path / "mine", b"old")
    reads = []

    def read(place):
        reads.append(place)
        return files.read_once(place / "three", 10)

    with pytest.raises(files.CheckpointError, match="three is missing"):
        files.read_consistently(tmp_path / "mine", read)
    assert len(reads) == 1


def test_a_second_writer_leaves_what_the_first_is_filling(tmp_path):
    with files.replacing_folder(tmp_path / "mine") as first:
        (first / "one").write_bytes(b"first")
        save(tmp_path / "mine", b"second")
        assert (first / "one").read_bytes() == b"first"
    assert content(tmp_path / "mine") == {"one": b"first"}
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_two_writers_of_one_file_leave_each_other_alone(tmp_path, monkeypatch):
    flush = os.fsync

    def meanwhile(handle):
        monkeypatch.setattr(os, "fsync", flush)
        files.atomic_write(tmp_path / "trace", b"second")
        assert len(list(tmp_path.iterdir())) == 2  # and what the first is writing

    monkeypatch.setattr(os, "fsync", meanwhile)
    files.atomic_write(tmp_path / "trace", b"first")
    assert content(tmp_path) == {"trace": b"first"}


@posix
def test_where_there_are_no_locks_what_is_an_hour_old_counts_as_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    old, young = tmp_path / ".rnnviz-new-mine~00000000", tmp_path / ".rnnviz-new-mine~11111111"
    for path in (old, young):
        path.mkdir()
    os.utime(old, (0, time.time() - 4_000))
    save(tmp_path / "mine", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, "mine"]


STRAY = (".rnnviz-partial-one-00000000", ".rnnviz-new-mine", ".rnnviz-old-mine", ".rnnviz-new-mine~00000000")


@posix
@pytest.mark.parametrize("kind", ["file", "folder", "link to nothing", "pipe"])
def test_nothing_that_lies_about_under_these_names_is_in_a_writers_way(tmp_path, kind):
    save(tmp_path / "mine", b"old")
    for name in STRAY:
        path = tmp_path / name
        if kind == "folder":
            (path / "deep").mkdir(parents=True)
            (path / "deep" / "file").touch()
        else:
            make = {"file": Path.touch, "link to nothing": lambda link: link.symlink_to("x"), "pipe": os.mkfifo}[kind]
            make(path)
    save(tmp_path / "mine", b"new")
    files.atomic_write(tmp_path / "one", b"new")
    assert content(tmp_path / "mine") == {"one": b"new", "two": b"new"}
    assert (tmp_path / "one").read_bytes() == b"new"


def test_what_a_dead_process_left_in_a_checkpoint_does_not_keep_the_next_from_being_saved(tmp_path):
    checkpoint().save_pretrained(tmp_path / "mine")
    for name in (".rnnviz-partial-config.json-00000000", ".DS_Store"):
        (tmp_path / "mine" / name).touch()
    checkpoint("gru").save_pretrained(tmp_path / "mine")
    assert load(tmp_path / "mine").config.model.cell == "gru"


def test_a_link_to_a_checkpoint_stays_one_and_the_checkpoint_is_replaced(tmp_path):
    save(tmp_path / "there" / "v1", b"old")
    (tmp_path / "mine").symlink_to(tmp_path / "there" / "v1")
    save(tmp_path / "mine", b"new")
    assert (tmp_path / "mine").is_symlink()
    assert content(tmp_path / "there" / "v1") == {"one": b"new", "two": b"new"}
    assert len(list(tmp_path.iterdir())) == 2
    assert len(list((tmp_path / "there").iterdir())) == 1


@posix
def test_whoever_saves_by_way_of_a_link_waits_for_the_same_lock(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    places = [tmp_path / "link", tmp_path / "there"]
    for first, second in (places, places[::-1]):
        with files.locked(first) as alone, files.locked(second) as too:
            assert (alone, too) == (True, False)
    (tmp_path / "there" / ".rnnviz-old-mine~00000000").mkdir()
    save(tmp_path / "link" / "mine", b"new")
    save(tmp_path / "link" / "mine", b"newer")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["mine"]


@pytest.fixture
def read_only(monkeypatch):
    """Nothing can be moved, made or removed: what a system says of a read-only disk."""

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    def begin():
        for name in ("rename", "replace", "mkdir", "unlink", "rmdir"):
            monkeypatch.setattr(os, name, refuse)

    return begin


def test_in_a_read_only_place_what_a_dead_process_moved_aside_is_read_where_it_is(tmp_path, read_only):
    checkpoint(units={"seed": 1}).save_pretrained(tmp_path / "mine")
    checkpoint().save_pretrained(tmp_path / "other")
    (tmp_path / "mine").rename(tmp_path / ".rnnviz-old-mine~00000000")
    (tmp_path / ".rnnviz-new-mine~00000000").mkdir()
    read_only()
    assert [path.name for path in files.folders(tmp_path)] == ["other"]
    assert load(tmp_path / "mine").units == {"seed": 1}
    assert {finding.state for finding in examine(tmp_path / "other")} == {"passed"}


def test_of_two_that_were_moved_aside_the_newer_one_is_put_back(tmp_path):
    for name, age in (("~aaaaaaaa", 20), ("~bbbbbbbb", 10), ("", 30)):
        save(tmp_path / f".rnnviz-old-mine{name}", name.encode())
        os.utime(tmp_path / f".rnnviz-old-mine{name}", (0, time.time() - age))
    assert files.folders(tmp_path) == [tmp_path / "mine"]
    assert content(tmp_path / "mine")["one"] == b"~bbbbbbbb"


# --- what cannot be written ---


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Free space on its disk, or choose a place on another."),
        (errno.EDQUOT, "Free space on its disk, or choose a place on another."),
        (errno.EROFS, "Choose a folder that you may write to."),
        (errno.EACCES, "Choose a folder that you may write to."),
        (errno.ENAMETOOLONG, "Choose another name, or a shorter one."),
        (errno.EIO, "Choose another place."),
    ],
)
def test_what_cannot_be_written_is_named_with_what_to_do(tmp_path, monkeypatch, number, advice):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    for path, write in ((tmp_path / "trace.npz", files.atomic_write), (tmp_path / "mine", save)):
        with pytest.raises(files.StorageError) as caught:
            write(path, b"new")
        assert str(caught.value) == f"{path} could not be written: {os.strerror(number)}.\n{advice}"
        assert caught.value.errno == number
    assert list(tmp_path.iterdir()) == []


def test_a_place_in_no_folder_is_named(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(files.StorageError, match=r"x\.npz could not be written: .*\nChoose"):
        files.atomic_write(tmp_path / "notes.txt" / "x.npz", b"")
    with pytest.raises(files.StorageError, match=r"could not be written: File name too long\.\nChoose another name"):
        files.atomic_write(tmp_path / ("x" * 300), b"")


def test_on_windows_a_reader_that_has_a_file_open_is_waited_for(tmp_path, monkeypatch):
    replace, tried = os.replace, []

    def in_use(source, target):
        tried.append(source)
        if len(tried) < 3:
            raise PermissionError(13, "The process cannot access the file")
        replace(source, target)

    monkeypatch.setattr(files, "_WINDOWS", True)
    monkeypatch.setattr(os, "replace", in_use)
    files.atomic_write(tmp_path / "trace", b"new")
    assert content(tmp_path) == {"trace": b"new"}
    assert len(tried) == 3
