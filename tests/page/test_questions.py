"""Who is answered when, and by whom: short questions, heavy ones, what never changes. T75."""

import asyncio
import gc
import gzip
import json
import threading
import time

import pytest

from rnnviz.errors import RnnvizError, TextError
from rnnviz.page.questions import ASKED, Questions
from rnnviz.page.service import Service
from rnnviz.page.workers import BugError, zipped
from tests.builders import checkpoint
from tests.page.running import awaited

MARK = "zyzzyva"


class Stub:
    """A service, and its workers, whose work takes as long as it is told."""

    def __init__(self):
        self.work, self.there, self.most, self.done = lambda _question: None, [], 0, []
        self.lock = threading.Lock()

    def way(self, name, _question):
        return name if name in ("heavy", "short") else "aside"

    def kept_under(self, name, question):
        return (name, question) if name == "constant" else None

    def _do(self, question):
        with self.lock:
            self.there.append(1)
            self.most = max(self.most, len(self.there))
        self.work(question)
        with self.lock:
            self.there.pop()
            self.done.append(question)
        return {"text": question}

    short = constant = train_poll = _do

    def answer(self, _name, question, zips):
        """As a worker."""
        answer = json.dumps(self._do(question)).encode()
        return zipped(answer) if zips else answer


@pytest.fixture
def stub():
    return Stub()


def asked(stub, *questions, reading=None):
    """The answers to questions that are asked at the same moment, each (name, data, visitor)."""

    async def run():
        layer = Questions(nobody, ("short", "heavy", "constant", "train_poll"), 7, lambda: stub, stub.answer)
        return await asyncio.gather(*(_ask(layer, *question, reading=reading) for question in questions))

    return awaited(run())


def asked_in_turn(service, *questions):
    """The answers to questions that are asked one after the other, each (name, data)."""

    async def run():
        layer = Questions(nobody, [name for name, _ in questions], 7, lambda: service, lambda *_: b"")
        return [(await _ask(layer, *question))[1] for question in questions]

    return awaited(run())


async def nobody(_scope, _receive, _send):
    """Gradio, which is asked nothing here."""
    raise AssertionError


async def _ask(layer, name, data, visitor="", reading=None):
    start, body = await _sent(layer, name, data, visitor, reading)
    return start["status"], json.loads(body["body"])


async def _sent(layer, name, data, visitor="", reading=None, accepted="", then=None):
    sent, coming = [], []

    async def receive():
        if coming and then:
            return then
        coming.append(1)
        body = {"fn_name": name, "data": data, "component_id": 7, "session_hash": visitor}
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message):
        if reading:
            await reading.wait()
        sent.append(message)

    client = ("192.0.2.7", 1)  # everybody has this address
    scope = {"type": "http", "method": "POST", "path": ASKED, "client": client}
    await layer(scope | {"headers": [(b"accept-encoding", accepted.encode())]}, receive, send)
    return sent


def test_each_is_told_what_it_asked_and_nothing_else(stub):
    stub.work = lambda _question: time.sleep(0.001)
    names = ("short", "heavy", "train_poll", "constant")
    questions = [(names[number % 4], f"text {number}", f"visitor {number % 5}") for number in range(40)]
    assert [answer["text"] for _, answer in asked(stub, *questions)] == [data for _, data, _ in questions]


def test_short_questions_are_answered_one_after_the_other(stub):
    """Side by side they would only wait for each other, for they hold Python's lock."""
    stub.work = lambda _question: time.sleep(0.005)
    asked(stub, *(("short", number, str(number)) for number in range(20)))
    assert stub.most == 1


def test_two_heavy_questions_are_worked_on_and_some_wait_and_whoever_comes_then_is_told(stub):
    stub.work = lambda _question: time.sleep(0.005)
    answers = asked(stub, *(("heavy", number, str(number)) for number in range(80)))
    busy = [answer for status, answer in answers if answer.get("error") == "server_busy"]
    assert stub.most == 2
    assert len(busy) == 80 - 6 - 40
    assert {status for status, _ in answers} == {200}


def test_a_short_question_is_answered_however_much_heavy_work_there_is(stub):
    short_done = threading.Event()
    stub.work = lambda question: short_done.set() if question == "short" else short_done.wait(60)
    heavy = [("heavy", number, str(number)) for number in range(20)]
    assert asked(stub, *heavy, ("short", "short", "typist"))[-1] == (200, {"text": "short"})


@pytest.mark.parametrize("name", ["short", "heavy"])
def test_t75_visitors_of_one_address_take_turns_and_who_asks_much_keeps_nobody_waiting(stub, name):
    stub.work = lambda _question: time.sleep(0.005)
    greedy = [(name, f"greedy {number}", "greedy") for number in range(30)]
    asked(stub, *greedy, *((name, f"modest {number}", f"modest {number}") for number in range(5)))
    places = [place for place, text in enumerate(stub.done) if text.startswith("modest")]
    assert max(places) < 22  # without turns they would be the last of 35


def test_who_asks_for_what_is_kept_takes_turns_too(stub):
    """Ten who ask for nothing else had the server almost for themselves."""
    order = []

    async def one(layer, name, visitor):
        await _ask(layer, name, "x", visitor)
        order.append(name)

    async def run():
        layer = Questions(nobody, ("constant", "short"), 7, lambda: stub, stub.answer)
        await _ask(layer, "constant", "x")
        greedy = [one(layer, "constant", "greedy") for _ in range(30)]
        await asyncio.gather(one(layer, "short", "first"), *greedy, one(layer, "short", "modest"))

    awaited(run())
    assert order.index("short", 1) < 5


def test_who_reads_slowly_keeps_no_turn(stub):
    async def run():
        reading = asyncio.Event()
        layer = Questions(nobody, ("constant", "short"), 7, lambda: stub, stub.answer)
        await _ask(layer, "constant", "x")
        slow = [asyncio.create_task(_ask(layer, name, "x", "slow", reading)) for name in ("constant", "short")]
        answer = await asyncio.wait_for(_ask(layer, "short", "y", "quick"), 60)
        reading.set()
        await asyncio.gather(*slow)
        return answer

    assert awaited(run()) == (200, {"text": "y"})


def test_a_short_answer_is_not_compressed_while_others_wait_for_theirs(stub):
    long = "नमस्ते " * 1_000

    async def run():
        layer = Questions(nobody, ["short"], 7, lambda: stub, stub.answer)
        await _ask(layer, "short", "x")  # has the service ready
        asking = (_sent(layer, "short", long, str(number), accepted="gzip") for number in range(4))
        return await asyncio.gather(*asking)

    bodies = [body["body"] for _, body in awaited(run())]
    assert [body.startswith(b"\x1f") for body in bodies] == [False, False, False, True]


def test_an_answer_that_never_changes_is_made_once(stub):
    asked(stub, ("constant", "a"))

    async def run():
        layer = Questions(nobody, ("constant",), 7, lambda: stub, stub.answer)
        return [await _ask(layer, "constant", data) for data in "aabab"]

    stub.done.clear()
    assert [answer["text"] for _, answer in awaited(run())] == list("aabab")
    assert stub.done == ["a", "b"]


def test_an_objection_is_not_kept(stub):
    """What is wrong with a file may be put right."""

    def object_once(_question):
        if not stub.done:
            stub.done.append("objected")
            return {"error": "text_empty"}
        return {"text": "good"}

    stub.constant = object_once
    assert asked_in_turn(stub, ("constant", "a"), ("constant", "a")) == [{"error": "text_empty"}, {"text": "good"}]


ODD = (None, [], {}, 7, "hi", "one", "en", {"model": "hi"}, {"model": "one"}, {"model": "en"}, {"model": None}, ["hi"])


@pytest.mark.parametrize("name", ["words", "about_model", "standalone"])
def test_what_others_asked_before_in_whatever_form_changes_no_answer(tmp_path, name):
    checkpoint("lstm").save_pretrained(tmp_path / "one")
    service = Service(tmp_path)
    honest = ["en", "hi", "te", "el", "ne"] if name == "words" else [{"model": "one"}]
    orders = (ODD, tuple(reversed(ODD)))
    for odd in orders:
        found = asked_in_turn(service, *((name, data) for data in (*odd, *honest, *odd)))
        assert found == [json.loads(json.dumps(getattr(service, name)(data))) for data in (*odd, *honest, *odd)]


@pytest.mark.parametrize("name", ["short", "heavy", "constant"])
def test_a_long_answer_is_compressed_for_who_accepts_that(stub, name):
    long, short = "नमस्ते " * 1_000, "no"
    asking = [("gzip, br", long), ("", long), ("gzip;q=0", long), ("gzip", short), ("gzip", long)]

    async def run():
        layer = Questions(nobody, [name], 7, lambda: stub, stub.answer)
        return [await _sent(layer, name, data, accepted=accepted) for accepted, data in asking]

    answers = awaited(run())
    heads = [dict(start["headers"]) for start, _ in answers]
    assert [b"content-encoding" in head for head in heads] == [True, False, False, False, True]
    assert {head[b"vary"] for head in heads} == {b"Accept-Encoding"}
    bodies = [body["body"] for _, body in answers]
    plain = [gzip.decompress(body) if body.startswith(b"\x1f") else body for body in bodies]
    assert [json.loads(body)["text"] for body in plain] == [data for _, data in asking]
    assert len(bodies[0]) < 1_000


@pytest.mark.parametrize("name", ["short", "heavy", "train_poll"])
def test_nothing_is_made_for_who_has_left(stub, name):
    async def run():
        layer = Questions(nobody, [name], 7, lambda: stub, stub.answer)
        return await _sent(layer, name, "x", then={"type": "http.disconnect"})

    assert awaited(run()) == []
    assert stub.done == []


def test_a_question_waits_as_it_came_and_not_parsed(stub):
    """Brackets take 50 times their room when they are parsed."""
    waiting, go_on = [], threading.Event()
    stub.work = lambda _question: go_on.wait(10)

    async def run():
        layer = Questions(nobody, ["train_poll"], 7, lambda: stub, stub.answer)
        asking = [asyncio.create_task(_ask(layer, "train_poll", [[MARK, n]])) for n in range(20)]
        await asyncio.sleep(0.3)
        waiting.append(
            sum(
                type(one) is list and len(one) == 2 and type(one[0]) is str and one[0] == MARK
                for one in gc.get_objects()
            )
        )
        go_on.set()
        return await asyncio.gather(*asking)

    assert [answer["text"] for _, answer in awaited(run())] == [[[MARK, n]] for n in range(20)]
    assert waiting[0] < 20 + 5  # the test's own, and the one that is worked on


def test_heavy_answers_that_nobody_reads_do_not_pile_up(stub):
    """They are up to 14 MB each."""

    async def run():
        reading = asyncio.Event()
        layer = Questions(nobody, ("heavy", "short"), 7, lambda: stub, stub.answer)
        asking = [asyncio.create_task(_ask(layer, "heavy", n, str(n), reading)) for n in range(40)]
        for _ in range(50):
            await asyncio.sleep(0.01)
        made = len(stub.done)
        reading.set()
        await asyncio.gather(*asking)
        return made

    assert awaited(run()) == 6
    assert len(stub.done) == 40


def test_an_objection_is_told_as_an_answer(stub):
    def object_to(_question):
        raise TextError("text_empty")

    stub.work = object_to
    for name in ("short", "heavy"):
        status, answer = asked(stub, (name, "x"))[0]
        assert (status, answer["error"]) == (200, "text_empty")


def test_t80_a_bug_in_another_process_is_logged_by_its_place_and_told_without_its_text(stub, caplog):
    def fail(_question):
        raise BugError("RuntimeError at reading.py:7")

    stub.work = fail
    status, answer = asked(stub, ("heavy", MARK))[0]
    assert (status, list(answer)) == (500, ["detail"])
    assert "RuntimeError at reading.py:7" in caplog.text
    assert MARK not in caplog.text


def test_a_lost_process_is_told_as_a_busy_server_is(stub):
    def lose(_question):
        raise RnnvizError("server_busy")

    stub.work = lose
    assert asked(stub, ("heavy", "x"))[0][1]["error"] == "server_busy"
