"""The command line is there at once: help, lists and completion load no torch; pipes and extras."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz import __version__
from rnnviz.checkpoint.folder import load
from rnnviz.cli.training import _TASKS
from rnnviz.data import tasks
from tests.builders import checkpoint
from tests.cli.test_cli import COMMANDS, QUICK, Command, Ran, data as data, rnnviz as rnnviz
from tests.shipped import FOLDER, NAMES

HEAVY = {"torch", "torchtext", "gradio", "plotly", "pandas", "numpy"}
REPORT = """
import sys
from rnnviz.cli import main
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""
BLOCKED = """
import sys
for name in NAMES:
    sys.modules[name] = None
from rnnviz.cli import main
main()
"""
IN_TURN = """
from rnnviz.cli import main
for arguments in COMMANDS:
    sys.argv = ["rnnviz", *arguments]
    try:
        main()
    except SystemExit as ended:
        print(f"{arguments[0]} ended with {ended.code or 0}", file=sys.stderr)
"""


def run(code: str, *arguments: str, stdin: bytes = b"", folder: Path | None = None, **more: str):
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parent)} | more
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], input=stdin, capture_output=True, cwd=folder, env=environment
    )


# Without torch


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], [], ["networks"], ["networks", "--json"], *([name, "--help"] for name in COMMANDS)],
    ids=" ".join,
)
def test_what_only_shows_loads_nothing_heavy(arguments: list[str]) -> None:
    done = run(REPORT, *arguments)
    loaded = set(done.stderr.decode().splitlines()[-1].split())
    assert {"rnnviz", "typer"} <= loaded
    assert not HEAVY & loaded
    assert done.stdout


def test_the_tasks_that_the_help_names_are_those_there_are() -> None:
    assert _TASKS == tasks.TASKS


def completed(tmp_path: Path, typed: str) -> tuple[list[str], set[str]]:
    """What bash offers for a line, and what was loaded for it."""
    words = typed.split(" ")
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1), "_RNNVIZ_COMPLETE": "complete_bash"}
    done = run("import sys; sys.argv = ['rnnviz']" + REPORT, folder=tmp_path, **asked)
    return done.stdout.decode().split(), set(done.stderr.decode().splitlines()[-1].split())


def test_a_shell_completes_commands_and_the_names_of_networks_without_torch(tmp_path: Path) -> None:
    assert completed(tmp_path, "rnnviz netw")[0] == ["networks"]
    for command in ("read", "draw", "evaluate", "negation", "doctor", "train --teacher", "train --start"):
        offered, loaded = completed(tmp_path, f"rnnviz {command} sst2-")
        assert offered == [name for name in NAMES if name.startswith("sst2-")]
        assert not HEAVY & loaded


def test_a_shell_completes_folders_too(tmp_path: Path) -> None:
    (tmp_path / "sst2-mine" / "inner").mkdir(parents=True)
    (tmp_path / "sst2.csv").write_text("text,label\n")
    assert "sst2-mine/" in completed(tmp_path, "rnnviz read sst2-")[0]
    assert completed(tmp_path, "rnnviz read sst2-mine/")[0] == ["sst2-mine/inner/"]


# Names


def test_networks_lists_each_with_its_task_size_and_accuracy(rnnviz: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.cli.terminal.out.width", 120)
    lines = {line.split()[0]: " ".join(line.split()) for line in rnnviz("networks").out.splitlines() if line.strip()}
    assert set(NAMES) <= set(lines)
    assert lines["sst2-bilstm"] == "sst2-bilstm sentiment LSTM both ways, 2 layers of 64 units 87.6% 1,821 test"
    assert lines["agnews-lstm-padded"].endswith("LSTM, 32 units, reads padding 91.1% 7,600 test")
    assert lines["recall-rnn"].endswith("plain RNN, 32 units 24.2% 2,000 held out")


def test_networks_as_json_says_what_python_says(rnnviz: Command) -> None:
    found = json.loads(rnnviz("networks", "--json").out)["networks"]
    assert [network["name"] for network in found] == list(NAMES)
    config = json.loads((FOLDER / "sst2-gru" / "config.json").read_text(encoding="utf-8"))
    told = next(network for network in found if network["name"] == "sst2-gru")
    assert (told["task"], told["accuracy"]) == ("sentiment", config["scores"]["test"]["accuracy"])


def test_every_command_that_takes_a_checkpoint_takes_a_name(
    rnnviz: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(rnnviz("read", "sst2-lstm", "not bad", "--json").out)["label"] == "positive"
    assert rnnviz("draw", "sst2-rnn", "not bad", "--out", "x.html").code == 0
    assert rnnviz("doctor", "recall-rnn").out.splitlines()[-1] == "no problems found"
    assert rnnviz("evaluate", "sst2-gru", data).code == 0
    assert rnnviz("negation", "sst2-gru").code == 0
    taught = rnnviz("train", data, "--teacher", "sst2-gru", "--out", "mine", *QUICK)
    assert taught.code == 0, taught.err
    assert load("mine").config.name == "mine"


def test_a_name_that_is_none_is_said_with_the_nearest(rnnviz: Command) -> None:
    for arguments in (("read", "sst2-lstn", "x"), ("doctor", "sst2-lstn"), ("negation", "sst2-lstn")):
        ran = rnnviz(*arguments)
        assert ran.code == 1
        assert "There is no checkpoint in sst2-lstn" in ran.err
        assert "Did you mean 'sst2-lstm'?" in ran.err


def test_a_command_that_is_none_is_said_with_the_nearest(rnnviz: Command) -> None:
    assert "Did you mean 'networks'?" in rnnviz("networsk").err


def test_runs_as_json_is_what_the_table_says(rnnviz: Command, tmp_path: Path) -> None:
    checkpoint(name="mine").save_pretrained(tmp_path / "mine")
    found = json.loads(rnnviz("runs", tmp_path, "--json").out)["runs"]
    assert [(run["path"], run["finished"]) for run in found] == [(str(tmp_path / "mine"), True)]
    assert {"epochs", "seconds", "scores"} <= set(found[0])


# Pipes


@pytest.fixture
def piped(rnnviz: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process, with bytes on its standard input."""

    def run_with(stdin: bytes, *arguments: object) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        return rnnviz(*arguments)

    return run_with


@pytest.mark.parametrize("text", ["not bad", "not bad\n", "not bad\r\n", "\ufeffnot bad\n", "not\nbad"])
def test_a_text_comes_from_standard_input(piped: Command, text: str) -> None:
    assert json.loads(piped(text.encode(), "read", "sst2-lstm", "-", "--json").out)["tokens"] == ["not", "bad"]


def test_standard_input_is_utf8_whatever_the_locale_says(piped: Command) -> None:
    code = "from rnnviz.cli import main; main()"
    done = run(code, "read", "sst2-lstm", "-", "--json", stdin="café".encode(), LC_ALL="C", PYTHONUTF8="0")
    assert json.loads(done.stdout)["tokens"] == ["café"]
    ran = piped("café".encode("cp1252"), "read", "sst2-lstm", "-")
    assert ran.code == 1
    assert ran.err.startswith("What comes from standard input is not UTF-8: byte 0xe9 at place 4.")


def test_nothing_from_standard_input_is_an_empty_text(piped: Command) -> None:
    assert piped(b"", "read", "sst2-lstm", "-").err.startswith("Type a sentence")


@pytest.mark.parametrize("arguments", [["networks"], ["networks", "--json"], ["--help"], ["--version"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_error_to_speak_of(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "rnnviz", *arguments]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, cwd=FOLDER.parent)
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 1


def test_python_m_rnnviz_is_the_same(tmp_path: Path) -> None:
    done = run("import runpy; runpy.run_module('rnnviz', run_name='__main__')", "--version")
    assert done.stdout.decode() == f"rnnviz {__version__}\n"


# Extras that are not installed


@pytest.mark.parametrize("blocked", [["gradio"], ["starlette"], ["gradio", "starlette"]], ids="+".join)
def test_serve_without_the_extra_says_what_to_install(blocked: list[str]) -> None:
    done = run(BLOCKED.replace("NAMES", repr(blocked)), "serve")
    first, advice = done.stderr.decode().splitlines()
    assert first.startswith("The page needs more than is installed here: ")
    assert advice == "Run: pip install 'rnnviz[app]'"
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_sentence_is_read_drawn_and_trained_on_without_any_extra(data: Path, tmp_path: Path) -> None:
    missing = ["gradio", "starlette", "numba", "tensorboard", "huggingface_hub", "datasets"]
    commands = [
        ["read", "sst2-lstm", "not bad"],
        ["draw", "sst2-lstm", "not bad", "--out", str(tmp_path / "x.html")],
        ["train", str(data), "--out", str(tmp_path / "mine"), *map(str, QUICK)],
        ["train", "hub:a/b", "--out", str(tmp_path / "b")],
    ]
    blocked = f"import sys\nsys.modules |= dict.fromkeys({missing})\nCOMMANDS = {commands}"
    said = run(blocked + IN_TURN).stderr.decode()
    ended = re.findall(r"^(\w+) ended with (\d)$", said, re.MULTILINE)
    assert ended == [("read", "0"), ("draw", "0"), ("train", "0"), ("train", "1")], said
    assert said.splitlines()[-2] == "Run: pip install 'rnnviz[hub]'"
