"""Processes for heavy questions: the same answers as from the server's own, and none is left behind."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnviz.errors import RnnvizError
from rnnviz.page import offers
from rnnviz.page.learning import learning
from rnnviz.page.requests import TrainStart
from rnnviz.page.service import Service
from rnnviz.page.workers import BugError, ObjectedError, Workers
from tests.builders import checkpoint, separable

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


def test_a_worker_compresses_a_long_answer_for_who_accepts_that(workers):
    plain, packed = (workers.answer(*QUESTIONS[1], zips=zips) for zips in (False, True))
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain)
    assert json.loads(workers.answer(*QUESTIONS[2], zips=True))["error"] == "unknown_name"  # a short one is not


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


ASKED = offers.wanted(TrainStart(task="negation", cell="gru", units=3))


def shown(news):
    return [json.loads(json.dumps(one)) for one in news]


def test_a_worker_trains_as_the_server_itself_would(workers):
    data, wanted = separable(40), ASKED._replace(task=None, file="own")
    here, there = shown(learning(wanted, data)), shown(workers.learn(wanted, data))
    last = [next(one for one in reversed(news) if one and one[3])[1:] for news in (here, there)]
    assert last[0][1:] == last[1][1:]  # the picture, and what is right of the texts set aside
    assert [news[-1][0] for news in (here, there)] == [1, 1]


def test_a_training_that_is_left_is_forgotten_and_the_worker_goes_on(workers):
    moments = workers.learn(ASKED, None)
    next(moments)
    assert workers._free.empty()  # it answers nothing else meanwhile
    moments.close()
    assert json.loads(workers.answer(*QUESTIONS[2]))["error"] == "unknown_name"
    with pytest.raises(BugError, match=r"^AssertionError at [\w. :>]+$"):
        workers.answer("learn_on", None)


def test_what_a_training_objects_to_is_raised_in_the_server(workers):
    hopeless = ASKED._replace(cell="rnn", learning_rate=1e38)
    with pytest.raises(ObjectedError, match="training_nan") as raised:
        list(workers.learn(hopeless, None))
    assert "with a learning rate below 1e+38" in raised.value.objection["message"]
    assert not workers._free.empty()


def test_a_training_whose_process_dies_frees_the_worker(workers):
    moments = workers.learn(ASKED, None)
    next(moments)
    (worker,) = workers._workers
    process = worker._process
    process.kill()
    process.wait()
    with pytest.raises(BugError):  # another process, in which nothing was begun
        next(moments)
    assert not workers._free.empty()


def test_a_training_that_is_left_frees_the_worker_whatever_becomes_of_its_process(workers, monkeypatch):
    moments = workers.learn(ASKED, None)
    next(moments)

    def fail(_worker):
        raise OSError("no memory")

    monkeypatch.setattr("rnnviz.page.workers.Worker.start", fail)
    with pytest.raises(OSError, match="no memory"):
        moments.close()
    assert not workers._free.empty()


def test_a_bug_in_a_training_frees_the_worker(workers):
    with pytest.raises(BugError, match=r"^TypeError at [\w. :>]+$"):
        list(workers.learn(ASKED._replace(length=MARK), None))
    assert not workers._free.empty()


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
