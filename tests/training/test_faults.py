"""What may befall a training: kills, full disks, signals, numbers that are none. What was finished stays."""

import errno
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from rnnviz import cli, files
from rnnviz.checkpoint import folder as checkpoints
from rnnviz.checkpoint.checks import FILES
from rnnviz.cli import following
from rnnviz.training import loop, runs
from rnnviz.training.learner import Learner
from rnnviz.training.loop import Progress, train
from rnnviz.training.recipe import Recipe
from tests.builders import checkpoint, separable

MOST_SECONDS = 600  # only what hangs takes so long
KILLS = int(os.environ.get("RNNVIZ_KILLS", "5"))  # `make stress` asks for more

posix = pytest.mark.skipif(os.name != "posix", reason="signals and file-size limits are POSIX")

NOISY = {"dropout": 0.3, "embedding_dropout": 0.3, "word_dropout": 0.2, "label_smoothing": 0.1}
SMALL = {"hidden_size": 8, "embedding_size": 8, "epochs": 3, "batch_tokens": 96, "device": "cpu", **NOISY}
TASK = ("recall", "--rows", 200, "--length", 6)
OPTIONS = [str(part) for name, value in SMALL.items() for part in (f"--{name.replace('_', '-')}", value)]


# --- T50: kill -9 while a checkpoint is written ---


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real checkpoints, to be written in turn."""
    folder = tmp_path_factory.mktemp("versions")
    words = [f"word{place}" for place in range(2_000)]  # so that writing takes a while
    for seed in (0, 1):
        checkpoint(seed=seed, words=words, embedding_size=64, units={"seed": seed}).save_pretrained(folder / str(seed))
    return folder


WRITE = """
import itertools, os, signal, sys
from pathlib import Path
from rnnviz import files

def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}

os.fsync = lambda handle: None  # a kill loses nothing that the system was given; so most of the time goes into writing
versions = [content(folder) for folder in sorted(Path(sys.argv[1]).iterdir())]
out = Path(sys.argv[2])

def write(found):
    with files.replacing_folder(out) as staging:
        for name, data in found.items():
            files.atomic_write(staging / name, data)
    files.atomic_write(out.with_name("mine.run") / "state.safetensors", found["model.safetensors"] * 20)

assert not {"torch", "numpy"} & sys.modules.keys()
"""

FOREVER = """
for found in itertools.cycle(versions):
    write(found)
    print("written", flush=True)
"""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@posix
def test_t50_kill_9_at_any_time_leaves_the_checkpoint_and_the_state_whole(versions: Path, tmp_path: Path) -> None:
    out, state = tmp_path / "mine", tmp_path / "mine.run" / "state.safetensors"
    whole = [content(versions / name) for name in ("0", "1")]
    drawn = random.Random(0)
    for _ in range(KILLS):
        writer = subprocess.Popen([sys.executable, "-c", WRITE + FOREVER, versions, out], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        time.sleep(drawn.uniform(0, 0.05))
        writer.kill()
        writer.communicate()
        assert writer.returncode == -signal.SIGKILL
        checkpoints.load(out)  # every hash, and its own test sentences
        assert content(out) in whole
        assert state.read_bytes() in [version["model.safetensors"] * 20 for version in whole]
    checkpoint().save_pretrained(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "mine.run"]


EVERYWHERE = """
WATCHED = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.scandir", "shutil.rmtree"}

def dies_at(moment):
    left = [moment]
    def count(event, arguments):
        if event in WATCHED:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
    return count

old, new = versions
found = []
for moment in itertools.count(1):
    write(old)
    child = os.fork()
    if not child:
        sys.addaudithook(dies_at(moment))
        write(new)
        os._exit(0)
    died = os.waitpid(child, 0)[1] == signal.SIGKILL
    renamed = out.exists()
    now = content(files.recovered(out))
    state = (out.with_name("mine.run") / "state.safetensors").read_bytes()
    assert now in versions, (moment, sorted(now))
    assert state in [version["model.safetensors"] * 20 for version in versions], moment
    found.append(("new" if now == new else "old") if renamed else "between")
    if not died:
        break
write(old)
assert sorted(path.name for path in out.parent.iterdir()) == ["mine", "mine.run"]
print(*found)
"""


@posix
def test_t50_kill_9_before_each_single_step_of_writing_leaves_the_checkpoint_whole(
    versions: Path, tmp_path: Path
) -> None:
    """The steps are those that Python itself announces to its audit hooks."""
    command = [sys.executable, "-c", WRITE + EVERYWHERE, versions, tmp_path / "mine"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    found = ran.stdout.split()
    assert len(found) > 4 * len(FILES)
    assert re.fullmatch(r"(old )+(between )+(new )+", " ".join(found) + " ")


@pytest.fixture
def writer_and_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[Callable[[], None]]]:
    """A folder, and a list of what another process does just before each of the next renames."""
    rename, before = os.rename, []

    def renaming(source: Path, target: Path) -> None:
        if before:
            before.pop(0)()
        rename(source, target)

    write(tmp_path / "mine", b"old")
    monkeypatch.setattr(os, "rename", renaming)
    return tmp_path / "mine", before


def write(folder: Path, data: bytes) -> None:
    with files.replacing_folder(folder) as staging:
        (staging / "weights").write_bytes(data)


def test_a_reader_that_puts_the_old_folder_back_between_the_renames_does_not_stop_the_writer(
    writer_and_reader: tuple[Path, list[Callable[[], None]]],
) -> None:
    folder, before = writer_and_reader
    seen: list[bytes] = []
    before += [lambda: None, lambda: seen.append((files.recovered(folder) / "weights").read_bytes())]
    write(folder, b"new")
    assert seen == [b"old"]
    assert content(folder) == {"weights": b"new"}
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_writer_that_is_quicker_than_the_reader_does_not_stop_it(
    writer_and_reader: tuple[Path, list[Callable[[], None]]],
) -> None:
    folder, before = writer_and_reader
    folder.rename(folder.with_name(".rnnviz-old-mine"))
    before += [lambda: write(folder, b"new")]
    assert content(files.recovered(folder)) == {"weights": b"new"}


# --- T51: what is resumed ends as if nothing had happened ---


def ends_of(moments: Iterator[Progress]) -> list[tuple[float, ...]]:
    """What is said at each epoch's end, but for the time it took."""
    return [
        (moment.epoch, moment.step, moment.texts, moment.loss, moment.accuracy, moment.learning_rate)
        for moment in moments
        if moment.checkpoint
    ]


def bytes_of(moment: Progress) -> bytes:
    assert moment.checkpoint is not None
    return safetensors.torch.save(moment.checkpoint.model.state_dict())


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_t51_from_whatever_moment_a_training_is_resumed_it_ends_with_the_same_bits(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_YIELD_SECONDS", -1.0)  # a moment after every piece of work
    recipe = Recipe(**SMALL | {"cell": cell, "batch_tokens": 24, "layers": 2})
    data, dev = separable(), separable(20, seed=1)
    whole, states = [], []
    for moment in train(data, recipe, dev=dev):
        whole.append(moment)
        states.append(moment.state and moment.state())
    ends = ends_of(iter(whole))
    assert [epoch for epoch, *_ in ends] == [1, 2, 3]
    learning = [place for place, moment in enumerate(whole) if moment.epoch]
    first_end = next(place for place, moment in enumerate(whole) if moment.checkpoint)
    stops = {learning[0], first_end - 3, first_end - 1, first_end, first_end + 1, *learning[40::17], learning[-2]}
    for stop in sorted(stops):
        torch.rand(3)  # whatever the new process drew before
        rest = list(train(data, recipe, dev=dev, resume=states[stop]))
        assert bytes_of(rest[-1]) == bytes_of(whole[-1]), stop
        assert ends_of(iter(rest)) == ends_of(iter(whole[stop + 1 :])), stop
        assert rest[-1].checkpoint.scores == whole[-1].checkpoint.scores
        assert rest[-1].seconds > whole[stop].seconds


def test_a_training_that_is_resumed_after_its_end_has_nothing_more_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(**SMALL | {"epochs": 1})
    *_, end = train(separable(), recipe)
    assert end.state is not None
    assert [moment.epoch for moment in train(separable(), recipe, resume=end.state()) if moment.epoch] == []


# --- whole commands ---


@pytest.fixture
def rnnviz(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str]]:
    """Run ``rnnviz train`` on the task in this process: how it ended, and what it said on stderr."""

    def run(out: Path, *more: object) -> tuple[Any, str]:
        monkeypatch.setattr(
            sys, "argv", ["rnnviz", "train", *map(str, (*TASK, "--out", out)), *OPTIONS, *map(str, more)]
        )
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, capsys.readouterr().err

    return run


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the task was trained in one go, by a process of its own."""
    out = tmp_path_factory.mktemp("uninterrupted") / "mine"
    process = child(out)
    _, err = process.communicate(timeout=MOST_SECONDS)
    assert process.returncode == 0, err
    return out


def child(out: Path, *more: object, driven: str = "") -> subprocess.Popen[str]:
    """``rnnviz train`` in a process of its own, with some of its parts replaced."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            driven + "\nfrom rnnviz import cli; cli.main()",
            "train",
            *map(str, (*TASK, "--out", out)),
            *OPTIONS,
            *map(str, more),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


SLOW = """
import time
from rnnviz.cli import following
from rnnviz.training import loop
from rnnviz.training.learner import Learner
learn = Learner.learn

def slowly(learner, batch):  # its second epoch lasts longer than any look at it from outside
    time.sleep(0.1 if learner.epoch == 1 else 1.0)
    learn(learner, batch)

Learner.learn = slowly
loop._YIELD_SECONDS = -1.0
following._KEEP_SECONDS = 0.0
"""


TELLING = """
from pathlib import Path

def telling(learner, batch):
    slowly(learner, batch)
    if learner.epoch == 2:
        Path(LEARNED).touch()

Learner.learn = telling
"""


def wait_until(done: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + MOST_SECONDS
    while not done():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)


def newer(path: Path, time_ns: int) -> Callable[[], bool]:
    return lambda: path.exists() and path.stat().st_mtime_ns > time_ns


def refused_by(process: subprocess.Popen[str], code: object, err: str) -> None:
    """A second training was told who writes to the folder, and since when."""
    assert code == 1
    since = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.match(rf"Another training writes to \S+mine: process {process.pid}, since {since}\.\nWait", err)


def metrics(out: Path) -> list[dict[str, float]]:
    """The lines of metrics.jsonl, but for the time it took."""
    lines = (out.with_name(out.name + ".run") / "metrics.jsonl").read_text().splitlines()
    passing = {"seconds", "texts_per_second"}
    return [{name: value for name, value in json.loads(line).items() if name not in passing} for line in lines]


def same_end(out: Path, other: Path) -> None:
    """Both trainings came to the same end, and nothing is left to resume."""
    assert (out / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    assert metrics(out) == metrics(other)
    assert [line["epoch"] for line in metrics(out)] == [1, 2, 3]
    assert sorted(path.name for path in out.parent.iterdir()) == ["mine", "mine.run"]
    left = {path.name for path in out.with_name("mine.run").iterdir() if "tfevents" not in path.name}
    assert left == {"lock", "metrics.jsonl"}


@posix
def test_t51_t54_a_killed_training_frees_its_folder_and_resumed_ends_with_the_same_bytes(
    uninterrupted: Path, tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]]
) -> None:
    out, state = tmp_path / "mine", tmp_path / "mine.run" / "state.safetensors"
    drawn = random.Random(0)
    for kill in range(max(1, KILLS // 10)):
        before = state.stat().st_mtime_ns if kill else 0
        process = child(out, *(["--resume"] if kill else []), driven=SLOW)
        wait_until(newer(state, before), process)
        if not kill:
            refused_by(process, *rnnviz(out, "--resume"))
        time.sleep(drawn.uniform(0, 0.2 if kill else 1.0))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    code, err = rnnviz(out)
    assert (code, err.splitlines()[-1]) == (1, "Add --resume to go on with it, or --no-resume to begin again.")
    code, err = rnnviz(out, "--resume")
    assert code == 0, err
    same_end(out, uninterrupted)


@posix
def test_t55_sigterm_keeps_the_state_ends_with_143_and_resumed_ends_with_the_same_bytes(
    uninterrupted: Path, tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]]
) -> None:
    out, learned = tmp_path / "runs" / "mine", tmp_path / "learned"
    rarely = SLOW.replace("_KEEP_SECONDS = 0.0", "_KEEP_SECONDS = 1e9")
    telling = TELLING.replace("LEARNED", repr(str(learned)))
    out.parent.mkdir()
    process = child(out, driven=rarely + telling)
    wait_until(learned.exists, process)
    process.terminate()
    said, err = process.communicate(timeout=MOST_SECONDS)
    assert (process.returncode, said) == (143, "")
    assert re.search(r"Stopped in epoch 2, \d\d% of the whole\. The last finished epoch is in", err.replace("\n", " "))
    assert "Traceback" not in err
    step = re.search(rb'"step": (\d+)', (out.with_name("mine.run") / "state.safetensors").read_bytes())
    assert step is not None
    assert int(step[1]) > metrics(out)[0]["step"]  # not just the end of the first epoch
    code, err = rnnviz(out, "--resume")
    assert code == 0, err
    assert "epoch 1:" not in err
    same_end(out, uninterrupted)


# --- T52: a full disk ---

FULL = """
import resource
from rnnviz.cli import following
from rnnviz.training import loop, runs
keep = runs.Run.keep

def then_the_disk_is_full(run, state):
    keep(run, state)
    if run.epoch == 1:
        limit = len(state) // 2 if {what!r} == "state" else 100
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        if {what!r} == "state":
            loop._YIELD_SECONDS, following._KEEP_SECONDS = -1.0, 0.0

runs.Run.keep = then_the_disk_is_full
"""


@posix
@pytest.mark.parametrize("what", ["state", "checkpoint"])
def test_t52_on_a_full_disk_the_last_epoch_is_intact_and_with_room_the_training_goes_on(
    uninterrupted: Path, tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]], what: str
) -> None:
    out = tmp_path / "mine"
    process = child(out, driven=FULL.format(what=what))
    said, err = process.communicate(timeout=MOST_SECONDS)
    assert (process.returncode, said) == (1, "")
    assert err.endswith(
        f"The disk is full: {out} could not be written; epoch 1 is intact.\n"
        "Free space and run the same command with --resume to go on.\n"
    )
    assert "Traceback" not in err
    assert checkpoints.load(out).config.training["epochs"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "mine.run"]
    code, err = rnnviz(out, "--resume")
    assert code == 0, err
    same_end(out, uninterrupted)


def full(monkeypatch: pytest.MonkeyPatch, what: str, times: int = 0) -> None:
    """Have no room for a file when it has been written so many times."""
    written, write = [], files.atomic_write

    def writing(path: Path, data: bytes) -> None:
        if re.match(what, path.name):
            written.append(path)
            if len(written) > times:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, data)

    monkeypatch.setattr(files, "atomic_write", writing)


@pytest.mark.parametrize(
    ("what", "times", "intact"),
    [
        (r"metrics\.jsonl", 1, "epoch 2 is intact"),
        (r"events\.out\.tfevents", 1, "epoch 2 is intact"),
        (r"config\.json", 2, "epoch 2 is intact"),
    ],
)
def test_t52_no_room_for_any_file_is_said_and_what_is_resumed_ends_alike(
    uninterrupted: Path,
    tmp_path: Path,
    rnnviz: Callable[..., tuple[Any, str]],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    times: int,
    intact: str,
) -> None:
    out = tmp_path / "mine"
    with monkeypatch.context() as patched:
        full(patched, what, times)
        code, err = rnnviz(out)
    assert code == 1
    assert f"{out} could not be written; {intact}.\nFree space and run the same command with --resume" in err
    assert checkpoints.load(out).config.training["epochs"] == 2
    assert rnnviz(out, "--resume")[0] == 0
    same_end(out, uninterrupted)


def test_t52_before_anything_could_be_kept_the_advice_is_not_to_resume(
    tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    full(monkeypatch, r"model\.safetensors")
    code, err = rnnviz(tmp_path / "mine")
    assert code == 1
    assert err.endswith("no epoch was finished.\nFree space and run the same command again.\n")


def test_t52_no_room_for_the_test_scores_costs_no_epoch(
    tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, test = tmp_path / "mine", tmp_path / "test.csv"
    test.write_text("text,label\n" + "".join(f"a b c,{name}\n" for name in "abcdabcd"))
    with monkeypatch.context() as patched:
        full(patched, r"config\.json", 3)
        code, err = rnnviz(out, "--test", test)
    assert code == 1
    assert "epoch 3 is intact" in err
    code, err = rnnviz(out, "--test", test, "--resume")
    assert code == 0, err
    assert "epoch 3:" not in err
    assert checkpoints.load(out).scores["test"]["n"] == 8
    assert not (tmp_path / "mine.run" / "state.safetensors").exists()


def test_another_error_of_the_disk_is_not_called_a_full_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output error"), runs.Run(tmp_path / "mine").writing():
        raise OSError(errno.EIO, "Input/output error")


# --- T55: signals before there is anything to keep ---


@posix
@pytest.mark.parametrize("resumed", [False, True])
def test_t55_a_signal_while_the_texts_are_prepared_says_what_there_is_to_resume(
    tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]], monkeypatch: pytest.MonkeyPatch, resumed: bool
) -> None:
    out = tmp_path / "mine"
    if resumed:
        with monkeypatch.context() as patched:
            full(patched, r"metrics\.jsonl", 1)
            assert rnnviz(out)[0] == 1
    state = tmp_path / "mine.run" / "state.safetensors"
    kept = state.read_bytes() if resumed else b""

    def signalled(*given: Any, **settings: Any) -> Iterator[Progress]:
        for moment in train(*given, **settings):
            assert not moment.epoch
            signal.raise_signal(signal.SIGTERM)
            yield moment

    monkeypatch.setattr(loop, "_YIELD_SECONDS", -1.0)
    monkeypatch.setattr(loop, "train", signalled)
    code, err = rnnviz(out, *(["--resume"] if resumed else []))
    assert code == 143
    assert ("Stopped before it began." in err, "--resume" in err) == (True, resumed)
    assert (state.read_bytes() if state.exists() else b"") == kept


# --- T59: a loss that is no number ---


def test_t59_a_loss_that_stops_being_a_number_in_the_second_epoch_leaves_the_first_epochs_checkpoint(
    tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = Learner.learn

    def failing(learner: Learner, batch: list[int]) -> None:
        if learner.epoch == 2:
            learner.model.fc.weight.data[:] = math.nan
        learn(learner, batch)

    monkeypatch.setattr(Learner, "learn", failing)
    code, err = rnnviz(tmp_path / "mine")
    assert code == 1
    assert re.search(
        r"The loss stopped being a number in epoch 2, step \d+\.\n.*Begin again with a learning rate below 0\.008", err
    )
    assert f"The last finished epoch is in {tmp_path / 'mine'}." in err
    assert checkpoints.load(tmp_path / "mine").config.training["epochs"] == 1
    assert [line["epoch"] for line in metrics(tmp_path / "mine")] == [1]


# --- what does not fit ---


@pytest.fixture
def cut_short(tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A training that was cut short after its second epoch."""
    with monkeypatch.context() as patched:
        full(patched, r"config\.json", 2)
        assert rnnviz(tmp_path / "mine")[0] == 1
    return tmp_path / "mine"


@pytest.mark.parametrize(
    ("more", "differs"),
    [
        (["--learning-rate", "0.1"], "the recipe"),
        (["--length", "7"], "the data"),
        (["--seed", "1"], "the recipe and the data"),
    ],
)
def test_another_recipe_or_other_data_are_not_gone_on_with(
    cut_short: Path, rnnviz: Callable[..., tuple[Any, str]], more: list[str], differs: str
) -> None:
    before = content(cut_short)
    code, err = rnnviz(cut_short, "--resume", *more)
    assert code == 1
    assert err.endswith(
        f"The unfinished run was begun with something else: {differs} differs.\n"
        "Go on with its own command and --resume, or begin again with --no-resume.\n"
    )
    assert content(cut_short) == before
    assert rnnviz(cut_short, "--resume")[0] == 0  # its own command still does


@pytest.mark.parametrize("damage", ["empty", "cut", "another file", "one bit"])
def test_a_damaged_state_is_refused_and_the_checkpoint_kept(
    cut_short: Path, rnnviz: Callable[..., tuple[Any, str]], damage: str
) -> None:
    state = cut_short.with_name("mine.run") / "state.safetensors"
    whole = state.read_bytes()
    other = (cut_short / "model.safetensors").read_bytes()
    bit = whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:]
    state.write_bytes({"empty": b"", "cut": whole[:-1], "another file": other, "one bit": bit}[damage])
    code, err = rnnviz(cut_short, "--resume")
    assert code == 1
    assert err.endswith("The saved state of the run cannot be read.\nBegin it again with --no-resume.\n")
    assert checkpoints.load(cut_short).config.training["epochs"] == 2


def test_no_resume_begins_again_and_the_earlier_run_is_kept_until_then(
    cut_short: Path, uninterrupted: Path, rnnviz: Callable[..., tuple[Any, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = cut_short.with_name("mine.run") / "state.safetensors"
    kept = state.read_bytes()
    assert rnnviz(cut_short, "--no-resume", "--dev", "nothere.csv")[0] == 1
    assert state.read_bytes() == kept
    with monkeypatch.context() as patched:
        patched.setattr(following, "_KEEP_SECONDS", 0.0)
        patched.setattr(loop, "_YIELD_SECONDS", -1.0)
        full(patched, r"model\.safetensors")  # cut short again, in its first epoch
        code, err = rnnviz(cut_short, "--no-resume")
    assert code == 1
    assert "no epoch was finished.\nFree space and run the same command with --resume to go on." in err
    code, err = rnnviz(cut_short)
    assert (code, err.splitlines()[0]) == (1, f"{cut_short} has an unfinished run; epochs finished so far: 0.")
    code, err = rnnviz(cut_short, "--resume")
    assert code == 0, err
    assert "epoch 1:" in err
    same_end(cut_short, uninterrupted)


def test_there_must_be_something_to_resume(tmp_path: Path, rnnviz: Callable[..., tuple[Any, str]]) -> None:
    code, err = rnnviz(tmp_path / "mine", "--resume")
    assert (code, err) == (1, f"There is no unfinished run for {tmp_path / 'mine'}.\nLeave out --resume.\n")
