"""What the page may ask, and what it is told when it asks for something odd."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rnnviz.checkpoint.folder import load
from rnnviz.data.text import tokenise
from rnnviz.page import service as services
from rnnviz.page.as_read import MOST_TOKENS, MOST_TOKENS_BOTH_WAYS
from rnnviz.page.handlers import MOST_LIGHT, MOST_LIGHT_TWICE
from rnnviz.page.payload import MOST_TEXTS, WINDOW
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import checkpoint


@pytest.fixture
def service(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "one-way")
    checkpoint("lstm", bidirectional=True).save_pretrained(tmp_path / "both-ways")
    return Service(tmp_path)


def ask(service, model="one-way", text="good film", **more):
    return service.read_sentence({"model": model, "text": text, "start": 0} | more)


@pytest.mark.parametrize("text", ["", "  \n\t ", ";:", None, 7, ["good"]])
def test_t1_no_words_are_no_error_and_run_no_model(service, text, monkeypatch):
    monkeypatch.setattr("rnnviz.page.service.reading", None)
    assert ask(service, text=text) == {"empty": True}


@pytest.mark.parametrize(("model", "limit"), [("one-way", MOST_TOKENS), ("both-ways", MOST_TOKENS_BOTH_WAYS)])
def test_t2_a_long_text_is_read_to_the_limit_and_counted_whole(service, model, limit):
    found = ask(service, model, "good " * (limit + 10))
    assert (found["read"], found["total"]) == (limit, limit + 10)


def test_t2_the_limits_are_those_that_the_page_names():
    """A longer text would hold a process for minutes, and its file would be larger than the memory set aside for it."""
    assert (MOST_TOKENS, MOST_TOKENS_BOTH_WAYS, MOST_LIGHT) == (2_000, 200, 60)


@pytest.mark.parametrize("name", ["../one-way", "/etc", "", None, 3, "one-way/", "one-way\0", "o" * 100_000])
def test_t29_a_model_is_a_name_of_the_list_and_never_a_path(service, name):
    found = ask(service, model=name)
    assert found["error"] == "unknown_name"
    assert "both-ways, one-way" in found["message"]
    assert len(found["message"]) < 400


@pytest.mark.parametrize("question", [None, [], "text", 5, {}, {"text": "good"}, {"text": "good", "model": []}])
def test_a_question_of_another_shape_is_answered_in_words(service, question):
    found = service.read_sentence(question)
    assert found == {"empty": True} or "There is no model" in found["message"]


@pytest.mark.parametrize("start", [None, "7", 1.5, -3, 10**30, [1]])
def test_an_odd_window_is_the_nearest_one(service, start):
    assert ask(service, start=start)["start"] == 0


@pytest.mark.parametrize("model", ["one-way", "both-ways"])
def test_padding_is_read_after_the_text(service, model):
    found = ask(service, model, padding=3)
    trace = read(load(service._folders[model]), "good film", pad_to=5)
    hidden = next(signal for signal in found["signals"] if signal["name"] == "hidden")
    numbers = np.frombuffer(base64.b64decode(found["data"]), "<i2").reshape(found["shape"])[hidden["place"]]
    np.testing.assert_allclose(numbers * hidden["scale"] / 32_767, trace.signals["hidden"], atol=2e-5)
    assert (found["tokens"], found["read"], found["total"]) == (list(trace.tokens), 5, 5)


def test_t4_a_lone_surrogate_is_read(service):
    assert ask(service, text="good \ud800 film")["tokens"] == ["good", "\ufffd", "film"]


def test_t4_no_answer_holds_what_cannot_be_sent(service):
    for question in ({"text": "\ud800", "model": "\ud800"}, {"text": "a \ud800", "model": "one-way"}):
        json.dumps(service.read_sentence(question), ensure_ascii=False).encode()
    json.dumps(service.pack_sentences("a \ud800\nb"), ensure_ascii=False).encode()


@pytest.mark.parametrize("lines", ["", None, 5, "one line", "\n\n"])
def test_a_batch_needs_two_sentences(service, lines):
    assert "rows" not in service.pack_sentences(lines)


def test_blank_lines_are_no_sentences(service):
    found = service.pack_sentences("1 2 3 4 5\n\n6 7 8\n   \n9")
    assert found["batch_sizes"] == [3, 2, 2, 1, 1]


@pytest.mark.parametrize("question", [None, "one-way", {}, {"model": "../one-way"}, {"model": ["one-way"]}])
def test_what_is_known_of_a_model_is_told_by_its_name_alone(service, question):
    assert service.about_model({"model": "one-way"})["name"] == "one-way"
    assert service.about_model(question)["error"] == "unknown_name"


HALF, SHORT, LONG = ("good " * words for words in (MOST_LIGHT_TWICE, MOST_LIGHT, MOST_LIGHT + 1))
BOTH_WAYS, ONE_WAY = {"model": "both-ways"}, {"model": "one-way"}
HEAVY = (
    ("read_sentence", BOTH_WAYS | {"text": LONG}),
    ("read_sentence", ONE_WAY | {"text": "good " * (WINDOW + 1)}),
    ("open_cell", BOTH_WAYS | {"text": LONG}),
    ("compare", ONE_WAY | {"text": "good", "other_model": "one-way", "other_text": LONG}),
    ("compare", BOTH_WAYS | {"text": HALF + "film", "other_model": "one-way", "other_text": "good"}),
    ("read_sentence", BOTH_WAYS | {"text": HALF + "film", "holds": [{}]}),
    ("how_far_back", {"text": "good"}),
    ("padding_drift", {"text": "good"}),
    ("save_reading", ONE_WAY | {"text": "good", "kind": "csv"}),
    ("save_reading", None),
)
SHORT_ONES = (
    ("read_sentence", BOTH_WAYS | {"text": SHORT}),
    ("read_sentence", ONE_WAY | {"text": LONG}),
    ("open_cell", BOTH_WAYS | {"text": SHORT}),
    ("compare", ONE_WAY | {"text": "good", "other_model": "one-way", "other_text": HALF}),
    ("read_sentence", BOTH_WAYS | {"text": HALF, "holds": [{}]}),
    ("read_sentence", ONE_WAY | {"text": LONG, "holds": [{}]}),
    ("pack_sentences", "good film\nbad"),
)
ASIDE = (
    ("read_sentence", {"model": [], "text": 7}),
    ("read_sentence", None),
    ("compare", ONE_WAY | {"text": "good", "other_model": "nobody's", "other_text": HALF}),
    ("about_model", ONE_WAY),
    ("train_poll", {"text": LONG}),
    ("pack_sentences", "\n" * 32_000),
)


@pytest.mark.parametrize(("name", "question"), HEAVY)
def test_what_takes_long_is_heavy(service, name, question):
    service.warm_up()
    assert service.way(name, question) == "heavy"


@pytest.mark.parametrize(("name", "question"), SHORT_ONES)
def test_what_is_asked_at_each_key_is_short(service, name, question):
    service.warm_up()
    assert service.way(name, question) == "short"


@pytest.mark.parametrize(("name", "question"), ASIDE)
def test_what_may_have_to_wait_is_answered_aside(service, name, question):
    service.warm_up()
    assert service.way(name, question) == "aside"


def test_a_network_is_opened_aside(service):
    question = ONE_WAY | {"text": "good"}
    assert service.way("read_sentence", question) == "aside"
    service.read_sentence(question)
    assert service.way("read_sentence", question) == "short"


def test_a_network_that_is_open_has_been_read_once(service, monkeypatch):
    """The first reading imports and compiles what it takes."""
    read = []
    monkeypatch.setattr(services, "read", lambda checkpoint, _text: read.append(checkpoint))
    service.warm_up()
    assert read == [service.checkpoint(name) for name in ("both-ways", "one-way")]


def test_of_a_batch_no_more_lines_are_split_than_are_drawn(service, monkeypatch):
    split = []
    monkeypatch.setattr(services, "tokenise", lambda line: split.append(line) or tokenise(line))
    found = service.pack_sentences("good film\n" * 1_000)
    assert (len(found["texts"]), found["cut_texts"], len(split)) == (MOST_TEXTS, True, MOST_TEXTS + 1)


def test_a_network_that_is_open_is_read_while_another_is_opened(service):
    service.checkpoint("one-way")
    with service._opening, ThreadPoolExecutor(1) as aside:
        answer = aside.submit(service.read_sentence, ONE_WAY | {"text": "good"}).result(timeout=60)
    assert answer["tokens"] == ["good"]


def test_what_a_large_network_reads_is_heavy(tmp_path):
    checkpoint("lstm", hidden_size=352).save_pretrained(tmp_path / "large")
    checkpoint("lstm", hidden_size=345).save_pretrained(tmp_path / "smaller")
    service = Service(tmp_path)
    service.warm_up()
    ways = [service.way("read_sentence", {"model": name, "text": "good"}) for name in ("large", "smaller")]
    assert ways == ["heavy", "short"]


def test_only_answers_that_never_change_are_kept_and_never_under_a_name_of_the_visitors(service):
    assert service.kept_under("about_model", ONE_WAY) != service.kept_under("about_model", BOTH_WAYS)
    assert service.kept_under("words", "hi") != service.kept_under("words", "en")
    assert service.kept_under("standalone", "x") == service.kept_under("standalone", None) != None  # noqa: E711
    for odd in ("klingon", "", None, {"a": 1}, [], "x" * 10_000):
        assert service.kept_under("words", odd) == ("words", "")
    for odd in ("klingon", {"model": "../one-way"}, {"model": []}, None):
        assert service.kept_under("about_model", odd) is None
    assert service.kept_under("read_sentence", ONE_WAY | {"text": "good"}) is None


def test_a_kind_of_file_that_there_is_not_is_refused_before_anything_is_read(service, monkeypatch):
    monkeypatch.setattr(services, "read", None)
    assert service.save_reading(ONE_WAY | {"text": "good", "kind": "exe"})["error"] == "unknown_name"
