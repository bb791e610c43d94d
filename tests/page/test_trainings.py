"""Live training in the page: who is in line, who is gone, what is shown, and what odd questions are told."""

import base64
import gc
import json
import queue
import subprocess
import sys
import threading
import weakref
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from rnnviz import signals
from rnnviz.data import tasks
from rnnviz.model import ModelConfig, RecurrentClassifier
from rnnviz.page import job, learning, offers, trainings
from rnnviz.page.requests import TrainStart
from rnnviz.page.trainings import Trainings
from rnnviz.page.visitors import Rights
from rnnviz.training.loop import Progress, train
from tests.builders import separable

MARK = "zyzzyva"  # what a person typed, and what no log may hold
ASKED = {"task": "negation", "cell": "lstm", "units": 5, "learning_rate": 0.02, "watch": "the film was good"}


class Desk:
    """Trainings whose clock and thread a test holds in its hands."""

    def __init__(self, training=True, own_files=True):
        self.now = 100.0
        self.work = []
        self.between = lambda: None  # happens whenever there is nothing to train
        self.trainings = Trainings(
            learning.learning,
            rights=lambda: Rights(training, own_files),
            clock=lambda: self.now,
            pause=self.pause,
            begin=self.work.append,
        )

    def pause(self, seconds):
        self.now += seconds
        self.between()

    def start(self, **more):
        return self.trainings.start(ASKED | more)["ticket"]

    def poll(self, ticket, since=None):
        found = self.trainings.poll({"ticket": ticket, "since": since})
        json.dumps(found, allow_nan=False).encode()
        return found

    def finish(self, ticket):
        """Go through the whole line; the last answer about one training before it was dropped."""
        answers = []

        def ask():
            answers.extend([self.poll(ticket)] if not answers else [])

        self.between = ask
        self.work.pop()()
        return answers[0]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def script(monkeypatch):
    """Replace learning by moments, before each of which a test does something; who learns, and what was closed."""
    seen = SimpleNamespace(units=[], watched=[], closed=[], actions=[lambda: None] * 4)
    monkeypatch.setattr(learning, "TEXTS", 40)
    monkeypatch.setattr(learning, "HELD_OUT", 10)

    def moments(dataset, recipe, *, dev, watch):
        seen.units.append(recipe.hidden_size)
        seen.watched.append(watch)
        try:
            for place, act in enumerate(seen.actions, start=1):
                act()
                share = place / len(seen.actions)
                yield Progress(epoch=1, step=place, fraction=share, loss=1.0, accuracy=share, texts=place)
        finally:
            seen.closed.append(recipe.hidden_size)

    monkeypatch.setattr(learning, "train", moments)
    return seen


@pytest.fixture
def small(monkeypatch):
    """Texts for a training of a second."""
    monkeypatch.setattr(learning, "TEXTS", 80)
    monkeypatch.setattr(learning, "HELD_OUT", 20)
    monkeypatch.setattr(learning, "_READINGS", 160)


# Who may, and what odd questions are told


@pytest.mark.parametrize("call", ["start", "poll", "cancel", "receive"])
def test_t72_where_training_is_off_every_question_is_told_so(call):
    assert getattr(Desk(training=False).trainings, call)(ASKED)["error"] == "training_off"


def test_files_are_refused_where_only_tasks_are_trained():
    desk = Desk(own_files=False)
    assert desk.trainings.receive({"part": 0, "text": "", "name": "a.csv"})["error"] == "upload_off"
    assert "ticket" in desk.trainings.start(ASKED)


@pytest.mark.parametrize(
    ("odd", "key"),
    [
        ({"task": None}, "unknown_name"),
        ({"task": "../recall"}, "unknown_name"),
        ({"task": ["recall"]}, "unknown_name"),
        ({"task": "\ud800"}, "unknown_name"),
        ({"task": "x" * 60_000}, "unknown_name"),
        ({"data": "not a ticket"}, "upload_lost"),
        ({"data": "\0"}, "upload_lost"),
        ({"cell": "transformer"}, "unknown_name"),
        ({"cell": {}}, "unknown_name"),
        ({"units": 65}, "training_range"),
        ({"units": 0}, "training_range"),
        ({"units": 10**400}, "training_range"),
        ({"units": True}, "training_range"),
        ({"units": "8"}, "training_range"),
        ({"units": None}, "training_range"),
        ({"learning_rate": float("nan")}, "training_range"),
        ({"learning_rate": float("inf")}, "training_range"),
        ({"learning_rate": 0}, "training_range"),
        ({"learning_rate": -0.1}, "training_range"),
        ({"learning_rate": 11}, "training_range"),
        ({"task": "recall", "length": 61}, "training_range"),
        ({"task": "recall", "length": 1}, "training_range"),
        ({"seed": -1}, "training_range"),
        ({"seed": 10**400}, "training_range"),
        ({"seed": "1"}, "training_range"),
        ({"watch": "good " * 61}, "text_long"),
    ],
)
def test_t72_an_odd_question_is_refused_in_words_and_joins_no_line(desk, odd, key):
    found = desk.trainings.start(ASKED | odd)
    assert (found["error"], "ticket" in found, desk.work) == (key, False, [])
    assert len(found["message"]) < 300
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize("question", [None, [], "text", 5, {}, {"ticket": None}, {"ticket": ["a"]}, {"ticket": "a"}])
def test_a_question_of_another_shape_is_answered_in_words(desk, question):
    assert desk.trainings.start(question)["error"] == "unknown_name"
    assert desk.trainings.poll(question)["error"] == "training_gone"
    assert desk.trainings.cancel(question)["error"] == "training_gone"


@pytest.mark.parametrize("watch", [None, 7, ["good"], "", " ; "])
def test_without_a_sentence_the_one_that_is_offered_is_watched(desk, script, watch):
    for offer in offers.offers(allowed=True, own_files=False)["tasks"]:
        desk.start(task=offer["name"], watch=watch)
        desk.work.pop()()
        assert script.watched.pop() == offer["watch"]


def test_a_file_s_ticket_starts_no_task_of_the_same_question(desk):
    assert desk.trainings.start(ASKED | {"data": "gone"})["error"] == "upload_lost"


# The line


def test_t72_everybody_knows_their_place_and_moves_up_when_one_leaves(desk):
    first, second, third = (desk.start() for _ in range(3))
    assert [desk.poll(ticket)["place"] for ticket in (first, second, third)] == [1, 2, 3]
    assert desk.trainings.cancel({"ticket": second})["state"] == "cancelled"
    assert [desk.poll(ticket)["place"] for ticket in (first, second, third)] == [1, 0, 2]


def test_t72_a_line_that_is_too_long_is_said_and_a_place_in_it_comes_free(desk, monkeypatch):
    monkeypatch.setattr(offers, "MOST_WAITING", 2)
    first, _ = desk.start(), desk.start()
    refused = desk.trainings.start(ASKED)
    assert (refused["error"], refused["values"]) == ("training_line", {"waiting": 2})
    desk.trainings.cancel({"ticket": first})
    assert "ticket" in desk.trainings.start(ASKED)


def test_t72_one_learns_at_a_time_in_the_order_of_the_line(desk, script):
    tickets = [desk.start(units=units) for units in (3, 1, 2)]
    states = []
    script.actions = [lambda: states.append([desk.poll(ticket)["state"] for ticket in tickets])]
    assert len(desk.work) == 1  # one thread, whoever else comes
    desk.work.pop()()
    assert script.units == script.closed == [3, 1, 2]
    assert states == [
        ["running", "waiting", "waiting"],
        ["done", "running", "waiting"],
        ["done", "done", "running"],
    ]


def test_t56_a_cancelled_training_ends_at_its_next_moment_and_the_next_one_begins(desk, script):
    first, second = desk.start(units=1), desk.start(units=2)
    steps = []

    def act():
        steps.append(desk.poll(first)["state"])
        desk.poll(second)
        if len(steps) == 2:
            assert desk.trainings.cancel({"ticket": first})["state"] == "cancelled"

    script.actions = [act] * 3
    desk.work.pop()()
    assert steps == ["running", "running", "cancelled", "cancelled", "cancelled"]  # two of the first, then three
    assert script.closed == [1, 2]


def test_cancelling_what_is_over_changes_nothing(desk, script):
    ticket = desk.start()
    found = []
    desk.between = lambda: found.append(desk.trainings.cancel({"ticket": ticket}).get("state"))
    desk.work.pop()()
    assert found[0] == "done"


def test_t56_a_training_nobody_asks_about_ends_and_those_who_ask_go_on(desk, script):
    first, second = desk.start(units=1), desk.start(units=2)

    def act():
        desk.now += 3
        desk.poll(second)

    script.actions = [act] * 4
    desk.work.pop()()
    assert script.closed == [1, 2]
    assert desk.poll(first)["error"] == "training_gone"


def test_t56_a_silent_page_in_line_is_never_trained_for(desk, script):
    desk.start(units=1)
    second = desk.start(units=2)
    for _ in range(3):
        desk.now += 2
        desk.poll(second)
    desk.work.pop()()
    assert script.units == [2]


def test_t72_a_training_that_takes_too_long_is_cut_and_keeps_what_it_showed(desk, script):
    ticket = desk.start()

    def act():
        desk.now += 4
        desk.poll(ticket)

    script.actions = [act] * 10
    found = desk.finish(ticket)
    assert (found["state"], found["cut"], found["seconds"]) == ("done", True, 32.0)
    assert found["curve"]["step"] == list(range(1, 9))


def test_a_training_that_ends_in_time_is_not_cut(desk, script):
    found = desk.finish(desk.start())
    assert (found["state"], found["cut"], found["curve"]["step"]) == ("done", False, [1, 2, 3, 4])


def test_t59_a_loss_that_is_no_number_is_a_state_with_advice(desk, small, monkeypatch):
    monkeypatch.setattr(offers, "MOST_RATE", 1e38)
    found = desk.finish(desk.start(learning_rate=1e38, cell="rnn"))
    assert (found["state"], found["error"], found["held_out"]) == ("failed", "training_nan", None)
    assert found["values"]["advice"] == pytest.approx(1e37)
    assert "with a learning rate below 1e+38" in found["message"]


def test_t80_a_bug_is_said_and_logged_by_its_place_without_its_text_and_the_line_goes_on(desk, script, caplog, capfd):
    def bug():
        if script.units[-1] == 1:
            raise KeyError(f"no such word: {MARK}")

    script.actions = [bug]
    first, second = desk.start(units=1, watch=MARK), desk.start(units=2)
    answers = []
    desk.between = lambda: answers or answers.extend([desk.poll(first), desk.poll(second)])
    worker = threading.Thread(target=desk.work.pop())  # what leaves a thread is printed with its text
    worker.start()
    worker.join()
    assert [(found["state"], found.get("error")) for found in answers] == [("failed", "training_broke"), ("done", None)]
    assert "KeyError at" in caplog.text
    assert f"test_trainings.py:{bug.__code__.co_firstlineno + 2}" in caplog.text
    assert MARK not in caplog.text + "".join(capfd.readouterr())
    assert caplog.records[-1].exc_info is None


def test_whoever_asks_after_an_accident_hires_anew(desk, script):
    def accident():
        raise SystemExit

    script.actions = [accident]
    first, second = desk.start(units=1), desk.start(units=2)
    with pytest.raises(SystemExit):
        desk.work.pop()()
    assert desk.poll(first)["error"] == "training_broke"
    script.actions = [lambda: None]
    desk.work.pop()()
    assert script.closed == [1, 2]
    assert desk.poll(second)["error"] == "training_gone"


def test_the_line_is_worked_through_in_a_thread_that_keeps_no_program_alive():
    found = queue.Queue()
    trainings._beside(lambda: found.put(threading.current_thread()))
    worker = found.get(timeout=60)
    assert worker is not threading.current_thread()
    assert worker.daemon


def test_what_it_takes_to_begin_is_no_time_of_a_training(desk, script, monkeypatch):
    """Its process may have to be started first."""

    def late(wanted, data):
        for news in learning.learning(wanted, data):
            desk.now += 1 if news else 29
            desk.poll(ticket)
            yield news

    monkeypatch.setattr(offers, "SILENT_SECONDS", 60.0)
    monkeypatch.setattr(desk.trainings, "_learn", late)
    ticket = desk.start()
    found = desk.finish(ticket)
    assert (found["seconds"], found["cut"], found["curve"]["step"]) == (4.0, False, [1, 2, 3, 4])


def test_of_a_large_file_a_part_is_learned_drawn_at_random_and_no_more_is_handed_on(desk, script, monkeypatch):
    monkeypatch.setattr(job, "TEXTS", 40)
    monkeypatch.setattr(job, "HELD_OUT", 10)
    own = replace(separable(300), texts=tuple(f"text {place}" for place in range(300)))
    desk.trainings._uploads._files["own"] = SimpleNamespace(used=desk.now, dataset=own)
    data = desk.trainings._jobs[desk.start(data="own")].data
    places = [own.texts.index(text) for text in data.texts]
    assert len(data) == 50
    assert places == sorted(places) != list(range(50))


# Nothing is kept


def test_t76_nothing_is_left_of_a_training_whose_page_is_silent(desk, small):
    desk.trainings._uploads._files["own"] = SimpleNamespace(used=desk.now, dataset=separable(40))
    data = weakref.ref(desk.trainings._uploads._files["own"].dataset)
    ticket = desk.start(data="own")
    kept = weakref.ref(desk.trainings._jobs[ticket])
    desk.work.pop()()
    assert desk.trainings._jobs == {}
    desk.trainings._uploads._files.clear()
    gc.collect()
    assert (kept(), data()) == (None, None)
    desk.start()
    assert len(desk.work) == 1  # the thread had ended, so another one is begun


def test_t76_what_is_only_needed_for_learning_goes_when_learning_ends(desk, small):
    desk.trainings._uploads._files["own"] = SimpleNamespace(used=desk.now, dataset=separable(40))
    data = weakref.ref(desk.trainings._uploads._files["own"].dataset)
    ticket = desk.start(data="own")
    desk.trainings._uploads._files.clear()
    left = []

    def look():
        if not left:
            gc.collect()
            left.append(data() is None)

    desk.between = look
    desk.work.pop()()
    assert left == [True]
    assert desk.poll(ticket)["error"] == "training_gone"


# What is shown


@pytest.mark.parametrize("cell", signals.SIGNALS)
def test_what_is_shown_is_what_train_yields(desk, small, monkeypatch, cell):
    monkeypatch.setattr("rnnviz.training.loop._YIELD_SECONDS", -1.0)  # a moment after every piece of work
    made = tasks.generate("negation", rows=100)
    learnt, kept = made.split(20)
    wanted = offers.wanted(TrainStart.model_validate(ASKED | {"cell": cell}))
    moments = [
        moment
        for moment in train(learnt, learning.recipe_of(wanted, learnt), dev=kept, watch=ASKED["watch"])
        if moment.epoch
    ]
    found = desk.finish(desk.start(cell=cell))
    assert found["state"] == "done"
    last, trace, curve = moments[-1], moments[-1].trace, found["curve"]
    assert found["seq"] == len(moments)
    assert dict(zip(curve["step"], curve["learning_rate"], strict=True)) == {
        moment.step: moment.learning_rate for moment in moments
    }
    assert found["held_out"]["accuracy"] == last.checkpoint.scores["dev"]["accuracy"]
    assert found["watch"]["tokens"] == ["the", "film", "was", "good"]
    np.testing.assert_allclose(found["watch"]["verdicts"], trace.verdicts, atol=5.1e-4)
    assert found["watch"]["labels"][found["watch"]["winner"]] == trace.label
    memory = trace.signals["cell" if cell == "lstm" else "hidden"][-1, 0]
    sent = np.frombuffer(base64.b64decode(found["watch"]["data"]), dtype="<i2").reshape(found["watch"]["shape"])
    scale = found["watch"]["signal"]["scale"]
    np.testing.assert_allclose(sent / 32767 * scale, memory, atol=scale / 32767)


def test_the_points_of_an_epoch_average_to_its_mean(desk, small, monkeypatch):
    monkeypatch.setattr("rnnviz.training.loop._YIELD_SECONDS", -1.0)
    wanted = offers.wanted(TrainStart.model_validate(ASKED))
    sources = learning.sources_of(wanted, None)
    learnt, kept = sources.dataset, sources.dev
    moments = [moment for moment in train(learnt, learning.recipe_of(wanted, learnt), dev=kept) if moment.epoch]
    new = np.diff([0, *dict.fromkeys(moment.texts for moment in moments)])
    curve = desk.finish(desk.start())["curve"]
    for epoch in (1, 2):
        rows = np.array(curve["epoch"]) == epoch
        last = [moment for moment in moments if moment.epoch == epoch][-1]
        for name in ("loss", "accuracy"):
            mean = np.average(np.array(curve[name])[rows], weights=new[rows])
            assert mean == pytest.approx(getattr(last, name), rel=1e-9)


def test_what_was_drawn_is_not_sent_again(desk, script):
    ticket = desk.start()
    found = []

    def ask():
        found.append(desk.poll(ticket))
        found.append(desk.poll(ticket, since=found[-1]["seq"]))

    script.actions = [ask] * 2
    desk.work.pop()()
    assert ["curve" in answer for answer in found] == [True, False, True, False]


def test_a_long_curve_is_thinned_out_and_keeps_both_ends(desk, script):
    script.actions = [lambda: None] * 1_234
    steps = desk.finish(desk.start())["curve"]["step"]
    assert 100 <= len(steps) <= 200
    assert steps[0] == 1
    assert steps[-1] >= 1_234 - 16


def test_texts_set_aside_are_counted_with_those_that_were_also_learned(desk, small):
    found = desk.finish(desk.start(task="parity", length=3))["held_out"]
    learnt, kept = tasks.generate("parity", rows=100, length=3).split(20)
    assert found["texts"] == 20
    assert found["seen"] == sum(text in learnt.texts for text in kept.texts) > 0
    assert found["chance"] == max(Counter(kept.labels.tolist()).values()) / 20


def test_a_network_that_has_lost_its_numbers_is_drawn_as_nothing(desk, small, monkeypatch):
    monkeypatch.setattr(offers, "MOST_RATE", 1e38)
    monkeypatch.setattr("rnnviz.training.loop._YIELD_SECONDS", -1.0)
    found = desk.finish(desk.start(learning_rate=1e8, cell="rnn"))  # past what float16 holds; finish: no NaN in JSON
    assert np.isfinite(found["watch"]["verdicts"]).all()


# What is learned from, and how


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gates_that_keep_the_memory_start_open_where_the_offer_says_so(cell):
    wanted = offers.wanted(TrainStart.model_validate({"task": "recall", "cell": cell}))
    recipe = learning.recipe_of(wanted, tasks.generate("recall", rows=10))
    start = RecurrentClassifier(
        ModelConfig(cell=cell, vocabulary_size=9, classes=4, forget_bias=recipe.forget_bias)
    ).rnn
    rows = slice(start.hidden_size, 2 * start.hidden_size)  # f of i, f, g, o; z of r, z, n, where 1 keeps
    assert (start.bias_ih_l0 + start.bias_hh_l0)[rows].tolist() == [offers.OFFERS["recall"].forget_bias] * 32
    assert offers.OFFERS["recall"].forget_bias > 2  # a gate of more than 0.88


def test_a_plain_rnn_and_a_task_without_an_offer_of_it_start_as_pytorch_does():
    for task, cell in (("recall", "rnn"), ("brackets", "gru"), ("parity", "lstm")):
        wanted = offers.wanted(TrainStart.model_validate({"task": task, "cell": cell}))
        assert learning.recipe_of(wanted, tasks.generate(task, rows=10)).forget_bias == 0


def test_the_seed_decides_texts_and_first_weights_and_without_one_all_is_the_same_again():
    plain, again, other = (
        offers.wanted(TrainStart.model_validate(ASKED | more)) for more in ({}, {"seed": 0}, {"seed": 7})
    )
    first, second, third = (learning.sources_of(wanted, None).dataset for wanted in (plain, again, other))
    assert first.texts == second.texts != third.texts
    assert [learning.recipe_of(wanted, first).seed for wanted in (plain, again, other)] == [0, 0, 7]


# What is offered


def test_the_offers_need_no_torch_and_are_plain_json():
    code = (
        "import json, sys; from rnnviz.page.offers import offers; "
        "json.dumps(offers(allowed=True, own_files=True)); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("offer", offers.offers(allowed=True, own_files=True)["tasks"], ids=lambda offer: offer["name"])
@pytest.mark.parametrize("cell", offers.CELLS)
def test_every_offer_is_accepted(desk, offer, cell):
    for rate in offer["rates"].values():
        asked = {"task": offer["name"], "cell": cell, "learning_rate": rate, "watch": offer["watch"]}
        assert desk.trainings.start(asked)["state"] == "waiting"


@pytest.mark.parametrize("offer", offers.offers(allowed=True, own_files=True)["tasks"], ids=lambda offer: offer["name"])
def test_what_is_not_said_is_as_it_is_offered(offer):
    wanted = offers.wanted(TrainStart.model_validate({"task": offer["name"], "cell": "gru"}))
    assert (wanted.units, wanted.learning_rate) == (offer["units"], offer["rates"]["good"])
    assert not offer["length"] or wanted.length == offer["length"]["default"]


def test_files_are_not_offered_where_nothing_is_trained():
    assert offers.offers(allowed=False, own_files=True)["own_files"] is False


def test_a_training_whose_gradient_is_cut_shows_where_it_ends():
    desk = Desk()
    asked = {"task": "recall", "cell": "gru", "units": 4, "length": 7, "learning_rate": 1e-5, "watch": "a k l"}
    cut = desk.finish(desk.start(**asked, detach=3))
    assert [length == 0 for length in cut["reach"]] == [True] * 6 + [False]  # cuts stand before words 4 and 7
    whole = desk.finish(desk.start(**asked))
    assert len(whole["reach"]) == 7
    assert min(whole["reach"]) > 0
