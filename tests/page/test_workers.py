"""Processes for heavy questions: the same answers as from the server's own, and none is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnviz.errors import RnnvizError
from rnnviz.page.service import Service
from rnnviz.page.workers import BugError, Workers
from tests.builders import checkpoint

ROOT = Path(__file__).parents[2]
MARK = "zyzzyva"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    checkpoint("lstm").save_pretrained(folder / "tiny")
    return folder


@pytest.fixture(scope="module")
def workers(folder):
    found = Workers(folder, 1)
    yield found
    found.close()


QUESTIONS = (
    ("save_reading", {"model": "tiny", "text": "good \ud800 film", "kind": "json"}),
    ("read_sentence", {"model": "tiny", "text": "good " * 300, "start": 7}),
    ("read_sentence", {"model": "../tiny", "text": "good"}),
    ("save_reading", {"model": "tiny", "text": "good", "kind": 10**400}),
)


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_a_worker_answers_as_the_service_does(workers, folder, name, question):
    assert json.loads(workers.answer(name, question)) == json.loads(
        json.dumps(getattr(Service(folder), name)(question))
    )


def test_t80_a_bug_is_told_by_its_kind_and_place_without_its_text(workers):
    with pytest.raises(BugError, match=r"^AttributeError at [\w. :>]+$") as raised:
        workers.answer(MARK, {"text": MARK})
    assert MARK not in str(raised.value)


def test_a_worker_that_is_killed_is_replaced_and_who_waited_is_told_to_try_again(workers, caplog):
    name, question = QUESTIONS[0]
    before = workers.answer(name, question)
    process = workers._workers[0]._process
    os.kill(process.pid, signal.SIGSTOP)  # it is alive when it is asked
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {process.pid}"])
    with pytest.raises(RnnvizError, match="Try again"):
        workers.answer(name, question)
    killer.wait()
    assert "status -9" in caplog.text
    assert workers.answer(name, question) == before


def test_what_lies_beside_rnnviz_hides_no_module_of_python(folder, tmp_path, monkeypatch):
    (tmp_path / "rnnviz").symlink_to(ROOT / "rnnviz")
    (tmp_path / "struct.py").write_text("raise SystemExit('not this one')")
    monkeypatch.setattr("rnnviz.__file__", str(tmp_path / "rnnviz" / "__init__.py"))
    workers = Workers(folder, 1)
    assert json.loads(workers.answer("about_model", {"model": "tiny"}))["name"] == "tiny"
    workers.close()


def test_no_module_is_taken_from_the_folder_that_the_server_was_started_in(folder, tmp_path, monkeypatch):
    (tmp_path / "orjson.py").write_text("raise SystemExit('taken from the folder of today')")
    monkeypatch.chdir(tmp_path)
    workers = Workers(folder, 1)
    try:
        assert b'"tokens"' in workers.answer("read_sentence", {"model": "tiny", "text": "good"})
    finally:
        workers.close()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_server_however_that_ends(folder, end):
    program = (
        "import sys, time; from pathlib import Path; from rnnviz.page.workers import Workers\n"
        "workers = Workers(Path(sys.argv[1]), 1); workers.start()\n"
        "print(workers._workers[0]._process.pid, flush=True); time.sleep(1000)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as server:
        worker = int(server.stdout.readline())
        server.send_signal(end)
    while is_there(worker):
        time.sleep(0.05)


def is_there(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
