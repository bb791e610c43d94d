"""Before a training begins: whatever would keep its checkpoint from being saved is said then, not hours later."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz import cli, files
from rnnviz.checkpoint import folder as checkpoints
from rnnviz.training import loop as training_module
from rnnviz.training.runs import Run, listed, remarks
from tests.builders import checkpoint

posix = pytest.mark.skipif(os.name != "posix", reason="names with bytes that are no UTF-8 are POSIX")
QUICK = (
    "--rows",
    "40",
    "--length",
    "4",
    "--epochs",
    "1",
    "--hidden-size",
    "4",
    "--embedding-size",
    "4",
    "--device",
    "cpu",
)
BYTES = b"caf\xe9"


@pytest.fixture
def rnnviz(monkeypatch, capsys):
    """Run a command in this process: its exit status, and what it said on stderr. Nobody may train unless told so."""

    def run(*arguments, trains=False):
        def training(*_, **__):
            raise AssertionError("a training began")

        with monkeypatch.context() as patched:
            if not trains:
                patched.setattr(training_module, "train", training)
            patched.setattr(sys, "argv", ["rnnviz", *(os.fsdecode(one) for one in arguments)])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        return ended.value.code or 0, capsys.readouterr().err

    return run


@posix
@pytest.mark.parametrize("option", ["--title", "--note"])
def test_a_title_or_note_that_is_no_utf_8_is_refused_before_the_training(rnnviz, tmp_path, option):
    code, err = rnnviz("train", "parity", "--out", tmp_path / "mine", option, BYTES, *QUICK)
    assert code == 1
    assert "bytes that are no UTF-8" in err
    assert len(err.strip().split("\n")) == 2
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_name_that_is_no_utf_8_is_refused_and_a_folder_above_it_is_not(rnnviz, tmp_path):
    code, err = rnnviz("train", "parity", "--out", os.fsencode(tmp_path) + b"/" + BYTES, *QUICK)
    assert (code, "bytes that are no UTF-8" in err) == (1, True)
    inside = os.fsencode(tmp_path) + b"/" + BYTES + b"/mine"
    assert rnnviz("train", "parity", "--out", inside, *QUICK, trains=True)[0] == 0
    loaded = checkpoints.load(Path(os.fsdecode(inside)))
    assert "caf\\xe9" in loaded.config.training["command"].replace("\\udce9", "\\xe9")


def test_a_name_that_is_too_long_or_a_place_in_a_file_is_refused_before_the_training(rnnviz, tmp_path):
    (tmp_path / "file").touch()
    for out in (tmp_path / ("x" * 300), tmp_path / ("x" * 245), tmp_path / "file" / "mine"):
        code, err = rnnviz("train", "parity", "--out", out, *QUICK)
        assert code == 1
        assert len(err.strip().split("\n")) <= 2, err
        assert "Choose" in err or "at most 200 characters" in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_place_that_cannot_be_written_is_named_before_the_training(rnnviz, tmp_path, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "mkdir", refuse)
    code, err = rnnviz("train", "parity", "--out", tmp_path / "mine", *QUICK)
    assert code == 1
    assert "mine" in err
    assert f"could not be written: {os.strerror(number)}.\n" in err


def test_a_finished_network_is_replaced_only_with_overwrite(rnnviz, tmp_path):
    out = tmp_path / "mine"
    checkpoint("gru").save_pretrained(out)
    before = (out / "config.json").read_bytes()
    code, err = rnnviz("train", "parity", "--out", out, *QUICK)
    assert code == 1
    assert err == (
        f"There is a finished network in {out}, so nothing was written.\n"
        "Choose another --out, or add --overwrite to replace it.\n"
    )
    assert (out / "config.json").read_bytes() == before
    assert rnnviz("train", "parity", "--out", out, "--overwrite", *QUICK, trains=True)[0] == 0
    found = checkpoints.load(out).config
    assert found.model.cell == "lstm"
    assert "overwrite" not in found.training["command"]


def test_convert_asks_for_overwrite_too(rnnviz, tmp_path):
    out = tmp_path / "mine"
    checkpoint("gru").save_pretrained(out)
    words = tmp_path / "words.txt"
    words.write_text("\n".join(checkpoint("gru").vocabulary.words), encoding="utf-8")
    command = (
        "convert",
        out / "model.safetensors",
        "--vocabulary",
        words,
        "--label",
        "a",
        "--label",
        "b",
        "--out",
        out,
    )
    code, err = rnnviz(*command)
    assert (code, "add --overwrite to replace it" in err) == (1, True)
    assert checkpoints.load(out).labels == ("negative", "positive")
    assert rnnviz(*command, "--overwrite")[0] == 0
    assert checkpoints.load(out).labels == ("a", "b")


# --- metrics ---

LINE = b'{"epoch": 2, "step": 9, "loss": 0.5, "seconds": 3.0, "dev_accuracy": 0.5}\n'


@pytest.mark.parametrize(
    ("data", "epoch", "damaged"),
    [
        (LINE, 2, 0),
        (LINE + b'{"epoch": 3, "lo', 2, 1),
        (b"\xff\xfe\x00" * 9 + b"\n" + LINE, 2, 1),
        (b"[" * 100_000 + b"\n" + LINE, 2, 1),
        (b'[]\n"x"\n7\nnull\n{}\n{"epoch": "3"}\n{"epoch": 4, "dev_accuracy": []}\n' + LINE, 2, 7),
        (os.urandom(5_000).replace(b"\n", b""), 0, 1),
        (b"", 0, 0),
    ],
)
def test_what_cannot_be_read_of_the_metrics_is_skipped_and_said(tmp_path, data, epoch, damaged):
    run = Run(tmp_path / "mine")
    files.atomic_write(run.folder / "metrics.jsonl", data)
    run.keep(b"state")
    (found,) = listed(tmp_path)
    assert (found.epochs, found.finished) == (epoch, False)
    said = remarks(tmp_path)
    assert [f"{run.folder / 'metrics.jsonl'}: {damaged} line" in one for one in said] == [True] * bool(damaged)
    run.note({"epoch": 3, "loss": 0.1})
    assert [line["epoch"] for line in run.metrics()] == ([2, 3] if epoch else [3])
    assert remarks(tmp_path) == []


def test_a_run_with_damaged_metrics_is_resumed_and_ends_as_if_they_were_whole(rnnviz, tmp_path, monkeypatch):
    command = ("train", "parity", *QUICK, "--epochs", "2", "--out")
    assert rnnviz(*command, tmp_path / "whole", trains=True)[0] == 0
    keep = Run.keep

    def stop(run, state):
        keep(run, state)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Run, "keep", stop)
        assert rnnviz(*command, tmp_path / "cut", trains=True)[0] == 1
    (tmp_path / "cut.run" / "metrics.jsonl").write_bytes(b"\x00\xff{\n")
    code, err = rnnviz(*command, tmp_path / "cut", "--resume", trains=True)
    assert code == 0, err
    assert "metrics.jsonl: 1 line cannot be read, and left out." in err
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "cut")]
    assert weights[0] == weights[1]


# --- terminals ---

STRANGE = "good → better, приве́т 😀"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_no_encoding_of_the_terminal_costs_an_answer(tmp_path, encoding):
    checkpoint(labels=("ναι", "όχι →")).save_pretrained(tmp_path / "mine")
    (tmp_path / "test.csv").write_text("text,label\ngood,0\nbad,1\n", encoding="utf-8")
    code = (
        "import sys\nfrom rnnviz import cli\n"
        "for arguments in eval(sys.argv[1]):\n"
        "    sys.argv = ['rnnviz', *arguments]\n"
        "    try:\n        cli.main()\n    except SystemExit as ended:\n        print(ended.code, file=sys.stderr)\n"
    )
    mine = str(tmp_path / "mine")
    commands = [
        ["read", mine, STRANGE],
        ["read", mine, STRANGE, "--json"],
        ["evaluate", mine, str(tmp_path / "test.csv")],
        ["doctor", mine],
        ["runs", str(tmp_path)],
        ["train", "--help"],
        ["read", STRANGE, "x"],
        ["train", "parity", "--out", str(tmp_path / "neu→"), *QUICK],
    ]
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, repr(commands)], capture_output=True, env=environment, check=False
    )
    err = done.stderr.decode(encoding, "replace")
    assert "Traceback" not in err
    assert "UnicodeEncodeError" not in err
    assert done.returncode == 0, err
    assert [line for line in err.splitlines() if line in ("0", "1", "None")] == ["0"] * 6 + ["1", "0"], err
    shown = done.stdout.decode(encoding)
    assert ("→" in shown) == (encoding == "utf-8")
    assert "\\u2192" in shown  # in JSON always, elsewhere where the encoding has no arrow
