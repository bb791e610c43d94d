"""The command line as it is typed: results on stdout, the rest on stderr, sentences instead of tracebacks."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import typer.main
from typer.testing import CliRunner

from rnnviz import __version__, cli
from rnnviz.checkpoint import doctor, folder as checkpoints
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data import corpora
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.model_config import Task
from rnnviz.training import loop
from rnnviz.training.loop import Progress, train as train_moments
from rnnviz.training.recipe import Recipe
from tests import builders

_READING = ("networks", "read", "draw", "serve", "evaluate", "negation", "write", "probe")
COMMANDS = (*_READING, "index", "find", "slices", "train", "runs", "convert", "doctor")
HOSTILE_LABELS = ("[red]ok[/]\\", "[/]<img onerror>\x1b[31m")
QUICK = ("--epochs", "1", "--hidden-size", "4", "--embedding-size", "4", "--seed", "3")


class Ran(NamedTuple):
    """How a command ended and what it said."""

    code: object
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def rnnviz(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``rnnviz ARGUMENTS...`` in this process, as the installed script does."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["rnnviz", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Ran(ended.value.code or 0, *capsys.readouterr())

    return run


def write_csv(path: Path, dataset: Dataset, columns: tuple[str, str] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for text, label in zip(dataset.texts, dataset.labels, strict=True):
            writer.writerow([text, dataset.classes[label]])
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", builders.separable())


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "tiny"
    builders.checkpoint().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose folder and class names hold markup and control codes."""
    folder = tmp_path_factory.mktemp("cli") / "[red] [" / "] x"
    builders.checkpoint(labels=HOSTILE_LABELS, name="[/]").save_pretrained(folder)
    return folder


def no_training(*_: object, **__: object) -> Iterator[Progress]:
    pytest.fail("the training began")


# train


def test_train_writes_a_checkpoint_that_loads_and_says_where(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    ran = rnnviz("train", data, "--out", tmp_path / "runs" / "mine", "--dev-rows", 10, *QUICK)
    assert ran.code == 0
    loaded = checkpoints.load(tmp_path / "runs" / "mine")
    assert loaded.config.name == "mine"
    assert loaded.labels == ("negative", "positive")
    assert loaded.scores["dev"]["n"] == 10
    *scores, where = ran.out.splitlines()
    assert scores == [f"dev: accuracy {loaded.scores['dev']['accuracy']:.2%} of 10 texts"]
    assert where == str(tmp_path / "runs" / "mine")


def test_progress_goes_to_stderr(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    ran = rnnviz("train", data, "--out", tmp_path / "run", *QUICK)
    assert re.search(r"epoch 1: loss \d\.\d{4}, accuracy \d+\.\d\d%, \d+\.\d\d% right on 6 held-out texts", ran.err)
    assert "loss" not in ran.out


def test_the_recorded_command_is_the_one_typed(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    typed = ("train", data, "--out", tmp_path / "a b", "--note", 'it\'s [bold]"mine"[/]', "--title", "$(x) *", *QUICK)
    assert rnnviz(*typed).code == 0
    loaded = checkpoints.load(tmp_path / "a b")
    assert shlex.split(loaded.config.training["command"]) == ["rnnviz", *map(str, typed)]
    assert loaded.config.training["notes"] == ['it\'s [bold]"mine"[/]']
    assert loaded.config.title == "$(x) *"


def test_train_with_a_test_file_scores_the_finished_classifier(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    unseen = write_csv(tmp_path / "unseen.csv", builders.separable(30, seed=1))
    ran = rnnviz("train", data, "--dev", unseen, "--test", unseen, "--out", tmp_path / "run", *QUICK)
    scores = checkpoints.load(tmp_path / "run").scores
    assert scores["test"] == scores["dev"]
    assert scores["test"]["n"] == 30
    assert "test: accuracy" in ran.out


def test_train_reads_other_columns_and_delimiters(rnnviz: Command, tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("stars;review\n" + "".join(f"{row % 2};a {('bad', 'good')[row % 2]} film\n" for row in range(8)))
    options = ("--text-column", "review", "--label-column", "stars", "--delimiter", ";", "--out", tmp_path / "run")
    assert rnnviz("train", path, *options, *QUICK).code == 0
    loaded = checkpoints.load(tmp_path / "run")
    assert loaded.config.data.text_columns == ("review",)
    assert loaded.labels == ("0", "1")


def test_a_generated_task_trains_by_its_name(rnnviz: Command, tmp_path: Path) -> None:
    assert rnnviz("train", "parity", "--rows", 40, "--length", 5, "--out", tmp_path / "run", *QUICK).code == 0
    assert checkpoints.load(tmp_path / "run").labels == ("even", "odd")


def test_a_train_option_is_a_field_of_the_recipe(
    rnnviz: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Recipe(cell="gru", nonlinearity="relu", layers=2, hidden_size=4, bidirectional=True, pooling="max+mean",
                    dropout=0.25, learning_rate=1e-3, vocabulary_size=9, epochs=1, seed=5)  # fmt: skip
    seen: list[Recipe] = []

    def watched(dataset: Dataset, recipe: Recipe, **settings: Any) -> Iterator[Progress]:
        seen.append(recipe)
        return train_moments(dataset, recipe, **settings)

    monkeypatch.setattr(loop, "train", watched)
    options: list[object] = []
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        options += [f"--{name.replace('_', '-')}", *([] if value is True else [value])]
    assert rnnviz("train", data, "--out", tmp_path / "run", *options).code == 0
    assert rnnviz("train", data, "--out", tmp_path / "other").code == 0
    assert seen == [wanted, Recipe()]


def test_held_out_rows_are_drawn_at_random_and_never_learnt_from(
    rnnviz: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = np.argsort(builders.separable(80).labels, kind="stable")
    data = write_csv(tmp_path / "sorted.csv", builders.separable(80).take(order))
    seen: list[tuple[Dataset, Dataset]] = []

    def watched(dataset: Dataset, recipe: Recipe, *, dev: Dataset, **settings: Any) -> Iterator[Progress]:
        seen.append((dataset, dev))
        return train_moments(dataset, recipe, dev=dev, **settings)

    monkeypatch.setattr(loop, "train", watched)
    for run in range(2):
        rnnviz("train", data, "--out", tmp_path / f"{run}", "--dev-rows", 20, *QUICK)
    (learnt, dev), (_, again) = seen
    assert set(dev.labels) == {0, 1}  # the last 20 rows of the file are of one class
    assert sorted((*learnt.texts, *dev.texts)) == sorted(builders.separable(80).texts)
    assert dev.texts == again.texts


def test_rows_to_hold_out_must_leave_some_to_learn_from(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    for wanted in (60, 61):
        ran = rnnviz("train", data, "--out", tmp_path / "run", "--dev-rows", wanted)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(f"Holding out {wanted} of 60 texts leaves none to learn from.\n")


def test_without_held_out_rows_there_is_no_score(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    ran = rnnviz("train", data, "--out", tmp_path / "run", "--dev-rows", 0, *QUICK)
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'run'}\n")
    assert checkpoints.load(tmp_path / "run").scores == {}


@pytest.mark.parametrize("held", ["thesis.txt", "config.json", "sub/config.json"])
def test_train_refuses_a_folder_of_something_else_before_it_trains(
    rnnviz: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    monkeypatch.setattr(loop, "train", no_training)
    precious = tmp_path / "precious" / held
    precious.parent.mkdir(parents=True)
    precious.write_text("years of work")
    (tmp_path / "precious" / "more.txt").touch()
    ran = rnnviz("train", data, "--out", tmp_path / "precious")
    assert ran.code == 1
    assert "holds something that is no checkpoint" in ran.err
    assert precious.read_text() == "years of work"


def test_train_refuses_a_file_as_its_folder(rnnviz: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "train", no_training)
    ran = rnnviz("train", data, "--out", data)
    assert ran.code == 1
    assert "so nothing was written" in ran.err


def test_train_replaces_an_older_checkpoint(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    for title in ("first", "second"):
        assert rnnviz("train", data, "--out", tmp_path / "run", "--title", title, "--overwrite", *QUICK).code == 0
    assert checkpoints.load(tmp_path / "run").config.title == "second"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_train_into_the_folder_one_stands_in_takes_its_name(
    rnnviz: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert rnnviz("train", data, "--out", ".", *QUICK).code == 0
    assert checkpoints.load(tmp_path / "here").config.name == "here"


@pytest.mark.parametrize("option", ["--test", "--dev", "--vectors", "--start"])
def test_a_missing_file_is_found_out_before_the_training(
    rnnviz: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(loop, "train", no_training)
    ran = rnnviz("train", data, "--out", tmp_path / "run", option, tmp_path / "nothere.csv")
    assert ran.code == 1
    assert "nothere.csv" in ran.err


def test_t59_a_loss_that_is_no_number_stops_and_keeps_what_was_finished(
    rnnviz: Command, data: Path, tmp_path: Path
) -> None:
    absurd = ("--learning-rate", "1e30", "--clip", "1e30", "--epochs", "4", "--batch-tokens", "8")
    assert rnnviz("train", data, "--out", tmp_path / "run", *QUICK).code == 0
    ran = rnnviz("train", data, "--out", tmp_path / "run", "--overwrite", *absurd)
    assert (ran.code, ran.out) == (1, "")
    assert "learning rate" in ran.err
    assert checkpoints.load(tmp_path / "run").config.training["recipe"]["learning_rate"] == Recipe().learning_rate


# Ctrl-C


def signalled_after(epochs: int, number: signal.Signals) -> Callable[..., Iterator[Progress]]:
    """A training during which a signal comes, in the first moment of learning after so many epochs."""

    def moments(dataset: Dataset, recipe: Recipe, **settings: Any) -> Iterator[Progress]:
        for moment in train_moments(dataset, recipe.model_copy(update={"epochs": epochs + 1}), **settings):
            if moment.epoch > epochs:
                signal.raise_signal(number)
            yield moment

    return moments


@pytest.fixture
def every_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment after every batch."""
    monkeypatch.setattr(loop, "_YIELD_SECONDS", -1.0)


def test_ctrl_c_in_the_first_epoch_says_how_to_go_on(
    rnnviz: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_moment: None
) -> None:
    monkeypatch.setattr(loop, "train", signalled_after(0, signal.SIGINT))
    ran = rnnviz("train", data, "--out", tmp_path / "run", *QUICK)
    assert (ran.code, ran.out) == (130, "")
    assert re.search(r"Stopped in epoch 1, \d+% of the whole\.\nAdd --resume to the same command to go on\.", ran.err)
    assert not (tmp_path / "run").exists()
    assert (tmp_path / "run.run" / "state.safetensors").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_t55_a_signal_keeps_the_last_finished_epoch(
    rnnviz: Command,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    every_moment: None,
    number: signal.Signals,
) -> None:
    before = signal.getsignal(number)  # a suite in the background ignores Ctrl-C
    monkeypatch.setattr(loop, "train", signalled_after(2, number))
    ran = rnnviz("train", data, "--out", tmp_path / "run", *QUICK)
    assert (ran.code, ran.out) == (128 + number, "")
    assert f"The last finished epoch is in {tmp_path / 'run'}." in ran.err
    assert checkpoints.load(tmp_path / "run").config.training["epochs"] == 2
    assert signal.getsignal(number) is before


def python_m_rnnviz(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rnnviz", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background ignores Ctrl-C
    )


def test_a_real_ctrl_c_ends_a_real_training_with_130_and_a_checkpoint(data: Path, tmp_path: Path) -> None:
    process = python_m_rnnviz("train", data, "--out", tmp_path / "run", *QUICK, "--epochs", 100_000)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 1:"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert checkpoints.load(tmp_path / "run").config.training["epochs"] >= 1


# evaluate, read, draw


def test_evaluate_prints_one_json_object(rnnviz: Command, saved: Path, data: Path) -> None:
    data.write_text(data.read_text().replace("negative", "0").replace("positive", "1"))
    ran = rnnviz("evaluate", saved, data, "--json")
    found = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert found["n"] == 60
    assert found["labels"] == list(builders.LABELS)
    right = sum(found["confusion"][place][place] for place in range(2))
    assert found["accuracy"] == right / 60


def test_evaluate_prints_the_same_numbers_for_people(rnnviz: Command, saved: Path, data: Path) -> None:
    data.write_text(data.read_text().replace("negative", "0").replace("positive", "1"))
    found = json.loads(rnnviz("evaluate", saved, data, "--json").out)
    text = rnnviz("evaluate", saved, data).out
    assert text.startswith(f"accuracy {found['accuracy']:.2%} of n = 60 texts\n")
    for label, recall in zip(found["labels"], found["recall"], strict=True):
        assert re.search(rf"│ {label} .*│ +{recall:.2%} │", text)


def test_evaluate_says_what_padding_alone_changes(rnnviz: Command, data: Path, tmp_path: Path) -> None:
    data.write_text(data.read_text().replace("negative", "0").replace("positive", "1"))
    builders.checkpoint(reading="padded").save_pretrained(tmp_path / "padded")
    found = json.loads(rnnviz("evaluate", tmp_path / "padded", data, "--json").out)["padding"]
    said = f"changes the class of {found['changed']:,} texts; read alone, accuracy {found['accuracy_alone']:.2%}\n"
    assert said in rnnviz("evaluate", tmp_path / "padded", data).out


def test_evaluate_options_override_how_the_checkpoint_reads_its_data(
    rnnviz: Command, saved: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.csv").write_text("stars\treview\n1\tgood\n0\tbad\n")
    options = ("--text-column", "review", "--label-column", "stars", "--delimiter", "\t", "--json")
    assert json.loads(rnnviz("evaluate", saved, tmp_path / "other.csv", *options).out)["n"] == 2


def test_read_prints_one_json_object_that_is_the_trace(rnnviz: Command, saved: Path) -> None:
    ran = rnnviz("read", saved, "The film was brillig", "--json")
    found = json.loads(ran.out)
    trace = builders.trace("The film was brillig")
    assert (ran.code, ran.err) == (0, "")
    assert found["tokens"] == list(trace.tokens)
    assert found["unknown"] == [False, False, False, True]
    assert found["labels"] == list(trace.labels)
    assert found["label"] == trace.label
    assert found["cell"] == "lstm"
    assert 0 <= found["replay_error"] < 1e-5
    np.testing.assert_allclose(found["verdicts"], trace.verdicts, atol=1e-6)


def test_read_prints_the_answer_after_every_word(rnnviz: Command, saved: Path) -> None:
    ran = rnnviz("read", saved, "the film was brillig")
    trace = builders.trace("the film was brillig")
    shown = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ran.out.splitlines() if line[0] == "│"]
    words = ["the", "film", "was", "brillig (unknown)"]
    assert shown == [
        [word, *(f"{share:.1%}" for share in shares)] for word, shares in zip(words, trace.verdicts, strict=True)
    ]
    assert ran.out.splitlines()[-1].startswith(f"{trace.label}  (differs from PyTorch's own output by at most")


@pytest.mark.parametrize("task", ["classify", "next"])
def test_read_prints_the_answer_after_every_letter(rnnviz: Command, tmp_path: Path, task: Task) -> None:
    """A blank, a line feed and a mark without its letter can be seen."""
    builders.checkpoint(words=("a", " ", "\n", "ा"), tokens="letters", task=task).save_pretrained(tmp_path / "letters")
    ran = rnnviz("read", tmp_path / "letters", "a \nाq")
    table = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ran.out.splitlines() if line[0] == "│"]
    assert [row[0] for row in table] == ["a", "␣", "↵", "◌ा", "q (unknown)"]
    head = "likeliest next" if task == "next" else "negative"
    assert ran.out.splitlines()[1].split("┃")[1].strip() == "letter"
    assert ran.out.splitlines()[1].split("┃")[2].strip() == head


def test_a_network_that_writes_is_measured_on_long_texts(rnnviz: Command, tmp_path: Path, monkeypatch) -> None:
    """A file of one letter leaves nothing to tell; "python" is the source of Python's library."""
    monkeypatch.setattr(corpora, "python_source", lambda: corpora.corpus("python", "ab" * 50, DataFormat()))
    builders.checkpoint(words=("a", "b"), tokens="letters", task="next").save_pretrained(tmp_path / "letters")
    assert json.loads(rnnviz("evaluate", tmp_path / "letters", "python", "--json").out)["n"] == 99
    (tmp_path / "one.txt").write_text("a")
    ran = rnnviz("evaluate", tmp_path / "letters", tmp_path / "one.txt")
    assert ran.code == 1
    assert "holds no text" in ran.err


def test_what_is_found_is_written_on_the_card_of_a_network_of_ones_own(rnnviz: Command, tmp_path: Path) -> None:
    text = "a(b)\n" * 800
    network = builders.checkpoint(words=tuple("ab()\n"), tokens="letters", task="next")
    network.save_pretrained(tmp_path / "own")
    (tmp_path / "text.txt").write_text("x" * 9 * len(text) + text)
    ran = rnnviz("probe", tmp_path / "own", tmp_path / "text.txt", "--last-tenth", "--keep", "--json")
    again = checkpoints.load(tmp_path / "own")
    found = json.loads(ran.out)["findings"]
    assert again.config.training["findings"] == found
    assert "bracket depth" in [one["property"] for one in found]
    card = (tmp_path / "own" / "README.md").read_text(encoding="utf-8")
    for one in found:
        assert f"| {one['property']} | {one['layer']}, {one['unit']} | {one['measure']} | {one['value']:.2f} |" in card
    assert all(one.state == "passed" for one in doctor.examine(tmp_path / "own"))


def test_findings_are_written_into_folders_alone(rnnviz: Command, tmp_path: Path) -> None:
    """Not into the networks that come with rnnviz."""
    (tmp_path / "text.txt").write_text("a text\n" * 1_000)
    ran = rnnviz("probe", "shakespeare-lstm", tmp_path / "text.txt", "--keep")
    assert ran.code == 2
    assert "folder of a network of your own" in ran.err


def test_of_many_classes_only_the_answer_is_printed(rnnviz: Command, tmp_path: Path) -> None:
    labels = [f"class number {place}" for place in range(30)]
    builders.checkpoint(labels=labels).save_pretrained(tmp_path / "many")
    lines = rnnviz("read", tmp_path / "many", "the film").out.splitlines()
    trace = builders.trace("the film", labels=labels)
    assert f"│ {trace.label} │" in lines[-3]
    assert max(map(len, lines[:-1])) <= 80


class Tags(HTMLParser):
    """Collects what a page would fetch, and its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.parametrize("kind", ["heatmap", "verdicts"])
def test_draw_writes_a_page_that_works_offline(rnnviz: Command, saved: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "new folder" / "picture.html"
    ran = rnnviz("draw", saved, "<img src=x> film", "--kind", kind, "--out", path)
    assert ran == (0, f"{path}\n", "")
    page = path.read_text(encoding="utf-8")
    found = Tags(page)
    assert found.fetched == []
    assert {"html", "title", "script"} <= set(found.tags)
    assert "img" not in found.tags
    assert "plotly.js v" in page  # the library itself, not a link to it
    assert "Plotly.newPlot" in page


def test_draw_draws_what_it_is_told(rnnviz: Command, tmp_path: Path) -> None:
    builders.checkpoint(layers=2, bidirectional=True).save_pretrained(tmp_path / "deep")
    options = ("--signal", "forget", "--layer", 0, "--direction", "backward", "--out", tmp_path / "x.html")
    assert rnnviz("draw", tmp_path / "deep", "the film", *options).code == 0
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "forget (f)" in page
    assert "layer 1 of 2" in page
    assert "reading backward" in page


def test_draw_refuses_a_name_that_promises_another_kind_of_file(rnnviz: Command, saved: Path, tmp_path: Path) -> None:
    ran = rnnviz("draw", saved, "the film", "--out", tmp_path / "picture.png")
    assert ran.code == 2
    assert "does not end in .html" in " ".join(ran.err.split())
    assert not (tmp_path / "picture.png").exists()


# What goes wrong is said in a sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["read", "NOTHERE", "hello"], "There is no checkpoint in NOTHERE: there is no such folder, and no network"),
        (["read", "SAVED", " \t"], "Type a sentence to see the network read it."),
        (["evaluate", "SAVED", "NOTHERE"], "There is no data file NOTHERE."),
        (["evaluate", "SAVED", "OTHER"], "OTHER, line 2: label 'neutral' is not one of"),
        (["evaluate", "SAVED", "BROKEN"], "BROKEN, line 3: "),
        (["draw", "SAVED", "a film", "--signal", "forgt"], "There is no signal 'forgt'; choose one of"),
        (["draw", "SAVED", "a film", "--layer", "7"], "There is no layer 7: this network has 1 layer."),
        (["draw", "SAVED", "a film", "--direction", "up"], "There is no direction 'up'; choose one of forward."),
        (["draw", "SAVED", "a film", "--out", "/proc/no/x.html"], "/proc/no/x.html could not be written: No such file"),
        (["train", "NOTHERE", "--out", "NEW"], "There is no data file NOTHERE."),
        (["train", "BROKEN", "--out", "NEW"], "BROKEN, line 3: "),
        (["train", "DATA", "--out", "NEW", "--format", "sst22"], "There is no data format 'sst22'; choose one of"),
        (["train", "DATA", "--out", "NEW", "--hidden-size", "0"], "--hidden-size 0: Input should be greater"),
        (["train", "DATA", "--out", "NEW", "--hidden-size", "9999"], "--hidden-size 9999: Input should be less"),
        (["train", "DATA", "--out", "NEW", "--dropout", "1"], "--dropout 1.0: Input should be less than 1."),
        (["train", "DATA", "--out", "NEW", "--title", "x" * 999], "--title 'xxx"),
        (["train", "parity", "--out", "NEW", "--rows", "1"], "parity: rows must be at least 2; found 1."),
        (["train", "DATA", "--out", "NEW", "--start", "SAVED"], "tiny has another shape than the recipe"),
        (["serve", "--checkpoints", "NOTHERE"], "There is no checkpoint in NOTHERE"),
    ],
    ids=lambda value: "-".join(word[:20] for word in value) if isinstance(value, list) else "",
)
def test_what_can_be_mended_is_said_in_a_sentence_on_stderr(
    rnnviz: Command, saved: Path, data: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "broken.csv").write_text("text,label\na,0\nb\n")
    (tmp_path / "other.csv").write_text("text,label\na,neutral\nb,neutral\n")
    names = {"NOTHERE": "nothere", "BROKEN": "broken.csv", "OTHER": "other.csv", "NEW": "new"}
    paths = {name: tmp_path / path for name, path in names.items()} | {"SAVED": saved, "DATA": data}
    ran = rnnviz(*(paths.get(argument, argument) for argument in arguments))
    assert (ran.code, ran.out) == (1, "")
    assert re.sub("|".join(paths), lambda name: str(paths[name[0]]), sentence) in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments", [["train", "x.csv", "--out", "y", "--cell", "foo"], ["red"], ["read", "x"], ["serve", "--port", "0"]]
)
def test_a_command_line_that_makes_no_sense_ends_with_2_and_names_the_help(
    rnnviz: Command, arguments: list[str]
) -> None:
    ran = rnnviz(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "-h' for help" in ran.err


def test_a_bug_is_not_dressed_up_as_a_sentence(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> Checkpoint:
        raise ZeroDivisionError

    monkeypatch.setattr(checkpoints, "load", broken)
    monkeypatch.setattr(sys, "argv", ["rnnviz", "read", str(saved), "a film"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


# What a text, a label or a path holds is shown, and does nothing else


def test_t3_control_characters_never_reach_the_terminal(rnnviz: Command, hostile: Path) -> None:
    ran = rnnviz("read", hostile, "the \x1b[31mfilm\x07 \u202e \x9b0m bell\x08")
    assert "␛[31mfilm␇ (unknown)" in ran.out
    assert all(character.isprintable() or character == "\n" for character in ran.out + ran.err)


def test_markup_in_words_and_labels_is_shown_as_it_is(rnnviz: Command, hostile: Path) -> None:
    out = rnnviz("read", hostile, "[red] [/] [/red] [link=x]film").out
    for word in ("[red]", "[/]", "[/red]", "[link=x]film", "[red]ok[/]\\", "[/]<img onerror>␛[31m"):
        assert f" {word} " in out


def test_markup_in_the_labels_of_a_data_file_is_shown_as_it_is(rnnviz: Command, hostile: Path, tmp_path: Path) -> None:
    (tmp_path / "[bold].csv").write_text("text,label\nfilm,0\nfilm,1\n")
    out = "".join(rnnviz("evaluate", hostile, tmp_path / "[bold].csv").out.split())
    assert "[red]ok[/]\\" in out
    assert "[/]<img" in out
    assert json.loads(rnnviz("evaluate", hostile, tmp_path / "[bold].csv", "--json").out)["labels"] == list(
        HOSTILE_LABELS
    )


def test_markup_in_an_objection_is_shown_as_it_is(rnnviz: Command, tmp_path: Path) -> None:
    ran = rnnviz("read", tmp_path / "[/] \x1b[31m[red]", "a film")
    assert "[/] ␛[31m[red]: there is no such folder" in ran.err


def test_markup_in_every_name_of_a_training_does_no_harm(rnnviz: Command, tmp_path: Path) -> None:
    folder = tmp_path / "[/red] [bold" / "] x"
    folder.parent.mkdir(parents=True)
    data = write_csv(folder.parent / "[red].csv", builders.dataset(["a b", "c d"] * 4, [0, 1] * 4, HOSTILE_LABELS))
    ran = rnnviz("train", data, "--out", folder, "--title", "[/]", "--note", "[/red]", *QUICK)
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == str(folder)
    assert set(checkpoints.load(folder).labels) == set(HOSTILE_LABELS)


def test_a_long_path_is_printed_on_one_line(rnnviz: Command, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / ("long " * 30) / "x.html"
    assert rnnviz("draw", saved, "the film", "--out", path).out == f"{path}\n"


# Help


def examples(command: str) -> list[str]:
    found = typer.main.get_command(cli.app).commands[command]  # type: ignore[attr-defined]
    return re.findall(r"^ *(rnnviz .*)$", found.help or "", flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_shows_an_example(command: str) -> None:
    ran = CliRunner().invoke(cli.app, [command, "--help"])
    assert ran.exit_code == 0
    assert f"rnnviz {command}" in ran.stdout
    assert examples(command)


@pytest.mark.parametrize(("command", "example"), [(name, line) for name in COMMANDS for line in examples(name)])
def test_every_example_of_the_help_can_be_typed_as_it_stands(command: str, example: str) -> None:
    program, name, *arguments = shlex.split(example)
    assert (program, name) == ("rnnviz", command)
    found = typer.main.get_command(cli.app).commands[command]  # type: ignore[attr-defined]
    assert found.make_context(command, arguments).params  # raises where an option is not there


def test_help_names_every_command_and_every_option_of_a_recipe() -> None:
    overview = CliRunner().invoke(cli.app, ["--help"]).stdout
    assert all(command in overview for command in COMMANDS)
    recipe = CliRunner().invoke(cli.app, ["train", "--help"], env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}).stdout
    for name, field in Recipe.model_fields.items():
        assert f"--{name.replace('_', '-')} " in recipe
        assert field.description
        assert field.description.split()[0] in recipe


def test_python_m_rnnviz_is_the_same_command() -> None:
    process = python_m_rnnviz("--version")
    assert process.communicate(timeout=600) == (f"rnnviz {__version__}\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["networks"], ["networks", "--json"], ["read", "sst2-lstm", "a", "--json"]]
)
@pytest.mark.parametrize("kind", ["nobody reads", "closed"])
def test_where_nobody_reads_the_results_nothing_is_said_about_it(arguments: list[str], kind: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "rnnviz", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=600,
        preexec_fn=(lambda: os.close(1)) if kind == "closed" else None,
    )
    os.close(writing)
    assert ran.stderr == b""


@pytest.mark.parametrize("command", ["read sst2-lstm - --js", "draw sst2-lstm - --ou"])
def test_completing_a_line_that_reads_standard_input_does_not_wait_for_it(command: str) -> None:
    waiting, writing = os.pipe()  # as a terminal: open, and nothing in it
    words = {"COMP_WORDS": f"rnnviz {command}", "COMP_CWORD": "4", "_RNNVIZ_COMPLETE": "complete_bash"}
    program = "import sys; sys.argv[0] = 'rnnviz'; from rnnviz.cli import main; main()"
    try:
        ran = subprocess.run(
            [sys.executable, "-c", program], stdin=waiting, capture_output=True, env=os.environ | words, timeout=60
        )
    finally:
        os.close(waiting)
        os.close(writing)
    assert (ran.stdout.split()[:1], ran.stderr) == ([b"--json" if "--js" in command else b"--out"], b"")


def test_no_command_at_all_shows_the_help(rnnviz: Command) -> None:
    assert "Usage: " in rnnviz().out


# serve


def test_serve_hands_its_folder_and_port_to_the_page(
    rnnviz: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rnnviz.page import serving
    from rnnviz.page.serve_options import ServeOptions

    served: list[tuple[Path | None, ServeOptions]] = []
    monkeypatch.setattr(serving, "serve", lambda *given: served.append(given))
    assert rnnviz("serve", "--checkpoints", tmp_path, "--port", 8123).code == 0
    assert rnnviz("serve", "--no-training").code == 0
    assert [(folder, where.port, where.training) for folder, where in served] == [
        (tmp_path, 8123, None),
        (None, None, False),
    ]


def test_how_a_file_is_written_is_said_by_options_and_what_is_found_on_stderr(rnnviz, tmp_path, monkeypatch):
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main sets its own
    rows = [f"{('up', 'down')[place % 2]};the film {place} was fine, really" for place in range(40)]
    path = tmp_path / "films.txt"
    path.write_text("\n".join(rows))
    columns = ("--no-header", "--label-column", "1", "--text-column", "2")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        found = rnnviz("train", path, *QUICK, "--out", tmp_path / "found", "--overwrite")
    assert found.code == 0
    said = found.err.replace("\n", " ")
    assert "is read with --delimiter ';' --no-header --label-column 1 --text-column 2, the only way" in said
    passed = rnnviz("train", path, *QUICK, "--out", tmp_path / "passed", "--delimiter", ";", *columns)
    assert passed.code == 0
    assert "is read with" not in passed.err
    refused = rnnviz("train", path, *QUICK, "--out", tmp_path / "refused", "--escape", "ab")
    assert (refused.code, refused.err.split("\n")[0]) == (1, "An escape is one character, such as '\\'; found 'ab'.")
