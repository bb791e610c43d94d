"""The folder of a run: who may write to it, what it tells of each epoch, and the list of runs."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from rnnviz import cli
from rnnviz.errors import CheckpointError, TrainingError
from rnnviz.training.runs import Listed, Run, listed
from tests.builders import checkpoint

EPOCHS = [{"epoch": epoch, "step": 10 * epoch, "loss": 1 / epoch, "dev_accuracy": 0.25 * epoch} for epoch in (1, 2, 3)]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = Run(tmp_path / "mine")
    found.folder.mkdir()
    return found


# --- the lock ---


def test_t54_a_second_training_is_told_who_was_first_and_may_follow_it(tmp_path: Path) -> None:
    first, second = Run(tmp_path / "mine"), Run(tmp_path / "mine")
    with first.alone():
        with pytest.raises(TrainingError) as caught, second.alone():
            pytest.fail("two trainings at once")
        with Run(tmp_path / "other").alone():
            pass
    assert re.fullmatch(
        rf"Another training writes to {tmp_path}/mine: process {os.getpid()}, since [\d-]+ [\d:]+\.\n"
        r"Wait until it has finished, stop it, or choose another --out\.",
        str(caught.value),
    )
    with second.alone():
        assert (second.folder / "owner.json").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_training_that_fails_frees_its_folder_and_is_no_longer_named(run: Run, error: type[BaseException]) -> None:
    with pytest.raises(error), run.alone():
        raise error
    assert [path.name for path in run.folder.iterdir()] == ["lock"]
    with run.alone():
        pass


def test_the_folder_one_stands_in_has_a_run_beside_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    assert Run(Path()).folder == Run(tmp_path / "mine").folder == tmp_path / "mine.run"


# --- metrics ---


def events(run: Run) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself reads in the folder."""
    found = EventAccumulator(str(run.folder)).Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_each_epoch_has_one_line_and_one_point_in_tensorboard(run: Run) -> None:
    for found in EPOCHS:
        run.note(found)
    lines = (run.folder / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == run.metrics() == EPOCHS
    read = events(run)
    assert read.keys() == EPOCHS[0].keys() - {"epoch"}
    for name, points in read.items():
        assert [step for step, _ in points] == [1, 2, 3]
        assert [value for _, value in points] == pytest.approx([found[name] for found in EPOCHS])


def test_an_epoch_that_is_trained_again_replaces_its_line_and_point_and_later_ones(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for found in EPOCHS:
        run.note(found)
    again = EPOCHS[1] | {"loss": 7.0}
    monkeypatch.setattr(
        "rnnviz.training.runs.time.time", lambda: 4e9
    )  # files of the same second are told apart by the epoch
    run.note(again)
    assert run.metrics() == [EPOCHS[0], again]
    assert events(run)["loss"] == [(1, 1.0), (2, 7.0)]


def test_without_tensorboard_there_are_metrics_and_nothing_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)  # its import fails
    run.note(EPOCHS[0])
    assert [path.name for path in run.folder.iterdir()] == ["metrics.jsonl"]
    assert run.metrics() == EPOCHS[:1]


def test_a_number_that_is_none_is_null_in_the_metrics_and_in_the_list(
    run: Run, rnnviz: Callable[..., tuple[Any, str, str]]
) -> None:
    run.keep(b"state")
    metrics = run.folder / "metrics.jsonl"
    metrics.write_text('{"epoch": 1, "seconds": NaN, "dev_accuracy": NaN}\n')  # as an older version wrote it

    def no_json(name: str) -> None:
        pytest.fail(f"{name} is no JSON")

    for _ in range(2):
        code, out, err = rnnviz("runs", run.out.parent, "--json")
        assert (code, err) == (0, "")
        (found,) = json.loads(out, parse_constant=no_json)["runs"]
        assert (found["seconds"], found["scores"]) == (None, {"dev": None})
        assert rnnviz("runs", run.out.parent)[0] == 0
        run.note({"epoch": 2, "seconds": float("nan"), "dev_accuracy": float("nan")})
    lines = [json.loads(line, parse_constant=no_json) for line in metrics.read_text().splitlines()]
    assert lines == [{"epoch": epoch, "seconds": None, "dev_accuracy": None} for epoch in (1, 2)]
    assert run.damaged() == 0


def test_a_whole_number_that_no_table_can_show_is_a_damaged_line(
    run: Run, rnnviz: Callable[..., tuple[Any, str, str]]
) -> None:
    run.keep(b"state")
    (run.folder / "metrics.jsonl").write_text(f'{{"epoch": 1, "seconds": 1{"0" * 400}}}\n')
    code, _, err = rnnviz("runs", run.out.parent)
    assert (code, err) == (0, f"{run.folder}/metrics.jsonl: 1 line cannot be read, and left out.\n")


# --- before a training ---


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check(run: Run, *, overwrite: bool = False, resume: bool | None = None) -> None:
    run.check("", {}, overwrite=overwrite, resume=resume)


def test_rehearsing_a_save_leaves_everything_that_lies_beside_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "net", 3, 1.0)
    for name in ("net.rehearsed", "net.run", ".rnnviz-mine", "net~", "network"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("years of work")
    before = tree(tmp_path)
    check(Run(tmp_path / "net"), overwrite=True)
    assert tree(tmp_path) == before


def test_a_killed_rehearsal_is_listed_nowhere_and_tidied_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("rnnviz.files.shutil.rmtree", lambda *_, **__: None)  # killed before it
        check(Run(tmp_path / "net"))
    left = {path.name for path in tmp_path.iterdir()} - {"net.run"}
    assert left
    assert all(name.startswith(".rnnviz-new-net~") for name in left)
    assert listed(tmp_path) == []
    check(Run(tmp_path / "net"))
    assert {path.name for path in tmp_path.iterdir()} == {"net.run"}


@pytest.mark.parametrize("resume", [None, False])
def test_a_finished_network_is_replaced_only_where_that_is_asked_for(tmp_path: Path, resume: bool | None) -> None:
    run = Run(tmp_path / "net")
    save(run.out, 3, 1.0)
    with pytest.raises(CheckpointError, match="There is a finished network in"):
        check(run, resume=resume)
    check(run, resume=resume, overwrite=True)
    run.folder.mkdir(exist_ok=True)
    run.keep(b"state")
    check(run, resume=resume)  # the network is that of an unfinished run


def test_a_finished_network_that_is_to_be_resumed_is_no_unfinished_run(tmp_path: Path) -> None:
    run = Run(tmp_path / "net")
    save(run.out, 3, 1.0)
    check(run, resume=True)
    with pytest.raises(TrainingError, match="There is no unfinished run for"):
        run.unfinished(True)


# --- the list ---


@pytest.fixture
def rnnviz(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str, str]]:
    def run(*arguments: object) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["rnnviz", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


def save(path: Path, epochs: int, seconds: float, **scores: dict[str, Any]) -> None:
    """A checkpoint that says so of itself."""
    checkpoint(name=path.name).save_pretrained(path)
    config = json.loads((path / "config.json").read_text())
    config |= {"training": {"epochs": epochs, "seconds": seconds}, "scores": scores}
    (path / "config.json").write_text(json.dumps(config))


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A folder of runs: two finished ones, two to resume, and things that are no runs."""
    folder = tmp_path / "runs"
    save(folder / "first", 3, 75.2, dev={"accuracy": 0.9}, test={"accuracy": 0.8765})
    save(folder / "by hand", 0, 0.0)
    save(folder / "second", 7, 99.0, dev={"accuracy": 0.7})  # of an older run, which the one under way replaces
    for name in ("second", "third"):
        Run(folder / name).folder.mkdir()
        Run(folder / name).keep(b"state")
    Run(folder / "second").note({"epoch": 1, "seconds": 1234.5, "dev_accuracy": 0.5})
    (folder / "strangers").mkdir()
    (folder / "strangers" / "config.json").write_text('{"model_type": "bert"}')
    (folder / "empty").mkdir()
    (folder / "begun.run").mkdir()
    (folder / "notes.txt").touch()
    return folder


def test_finished_and_unfinished_runs_are_listed_and_what_is_none_is_passed_over(several: Path) -> None:
    assert listed(several) == [
        Listed(several / "by hand", True, 0, 0.0, {}),
        Listed(several / "first", True, 3, 75.2, {"dev": 0.9, "test": 0.8765}),
        Listed(several / "second", False, 1, 1234.5, {"dev": 0.5}),
        Listed(several / "third", False, 0, 0.0, {}),
    ]


def test_runs_shows_them_as_a_table(several: Path, rnnviz: Callable[..., tuple[Any, str, str]]) -> None:
    code, out, err = rnnviz("runs", several)
    rows = [[cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in out.splitlines() if line[0] in "│┃"]
    assert (code, err) == (0, "")
    assert rows == [
        ["run", "state", "epochs", "trained", "dev", "test"],
        ["by hand", "finished", "0", "0 s", "", ""],
        ["first", "finished", "3", "75 s", "90.00%", "87.65%"],
        ["second", "to resume", "1", "1,234 s", "50.00%", ""],
        ["third", "to resume", "0", "0 s", "", ""],
    ]


def test_what_a_killed_training_left_aside_is_put_back_and_listed_once(tmp_path: Path) -> None:
    save(tmp_path / "mine", 3, 1.0)
    save(tmp_path / ".rnnviz-new-mine", 4, 1.0)
    (tmp_path / "mine").rename(tmp_path / ".rnnviz-old-mine")  # killed between the two renames
    save(tmp_path / ".rnnviz-new-other", 4, 1.0)  # killed before the first
    assert listed(tmp_path) == [Listed(tmp_path / "mine", True, 3, 1.0, {})]


@pytest.mark.parametrize("scores", [{"dev": {"n": 3}}, {"dev": {"accuracy": None}}, {"dev": {"accuracy": "high"}}])
def test_scores_of_another_kind_do_no_harm(tmp_path: Path, scores: dict[str, Any]) -> None:
    save(tmp_path / "mine", 2, 1.0, **scores)
    assert listed(tmp_path) == [Listed(tmp_path / "mine", True, 0, 0.0, {})]


def test_a_folder_without_runs_says_how_to_make_one(
    tmp_path: Path, rnnviz: Callable[..., tuple[Any, str, str]]
) -> None:
    code, _, err = rnnviz("runs", tmp_path)
    assert code == 1
    assert err == f"{tmp_path} holds no run.\nMake one with `rnnviz train DATA --out {tmp_path}/NAME`.\n"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, rnnviz: Callable[..., tuple[Any, str, str]]) -> None:
    code, _, err = rnnviz("runs", tmp_path / "nothere")
    assert (code, err.splitlines()[0]) == (1, f"There is no folder {tmp_path / 'nothere'}.")
    with pytest.raises(CheckpointError):
        listed(tmp_path / "nothere")
