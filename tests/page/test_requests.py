"""Questions of every form, and the request and the reply that belong to each handler."""

import inspect
import json
from types import UnionType
from typing import get_args, get_type_hints

import pytest
from pydantic import BaseModel

from rnnviz.errors import SettingError
from rnnviz.page import requests
from rnnviz.page.assets import LANGUAGES
from rnnviz.page.handlers import EVERY, HANDLERS
from rnnviz.page.replies import Objection
from rnnviz.page.requests import MOST_HOLDS, WrongType
from rnnviz.page.service import Service
from rnnviz.page.trainings import Trainings
from tests.builders import checkpoint

MARK = "zyzzyva"  # what a person typed, and what no error of a form may hold
HOLD = {"signal": "forget", "value": 0.5, "tokens": [0, 1], "units": [[1, 1]], "layer": 0, "direction": 0}
ODD = (
    None, True, False, 0, 1, -1, 1.5, 10**30, 10**400, float("nan"), float("inf"), "", MARK, "\ud800", "x" * 100_000,
    [], [1], [MARK], {}, {MARK: 1}, [HOLD] * 21, [HOLD, 5],
)  # fmt: skip


# Each question, and each handler


@pytest.mark.parametrize("name", HANDLERS)
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_whatever_is_sent_is_parsed_and_never_refused_by_its_form(name, odd):
    request = HANDLERS[name].request
    assert isinstance(request.model_validate(odd), request)
    for field in request.model_fields:
        assert isinstance(request.model_validate({field: odd}), request)


@pytest.mark.parametrize("name", HANDLERS)
def test_what_is_sent_beside_the_fields_is_not_kept(name):
    assert MARK not in repr(HANDLERS[name].request.model_validate({MARK: MARK, "extra": MARK}))


@pytest.mark.parametrize("name", EVERY)
def test_every_handler_has_a_request_and_a_reply_and_they_are_those_of_the_service(name):
    handler = EVERY[name]
    hints = get_type_hints(inspect.unwrap(getattr(Service, name)))
    own = [hint for part, hint in hints.items() if part != "return"]
    assert own == [handler.request]
    assert issubclass(handler.request, BaseModel)
    assert _kinds(hints["return"]) - {Objection} == _kinds(handler.reply)


@pytest.mark.parametrize("name", ["start", "poll", "cancel", "receive"])
def test_a_training_answers_with_what_the_service_says_it_does(name):
    hints = get_type_hints(inspect.unwrap(getattr(Trainings, name)))
    handler = HANDLERS[f"train_{name}"]
    assert hints["question"] is handler.request
    assert _kinds(hints["return"]) == _kinds(handler.reply)


def _kinds(reply):
    return set(get_args(reply)) if isinstance(reply, UnionType) else {reply}


def test_each_question_has_a_form_of_its_own():
    assert len({handler.request for handler in HANDLERS.values()}) == len(HANDLERS)


def test_a_question_is_not_changed_after_it_was_parsed():
    with pytest.raises(ValueError, match="frozen"):
        requests.AboutModel(model="one").model = "other"


# What an odd form counts as


@pytest.mark.parametrize(
    ("request_", "field", "odd", "meant"),
    [
        *((requests.ReadSentence, "text", odd, "") for odd in (None, 7, ["good"], {}, True)),
        (requests.ReadSentence, "text", "a" * 64_001, "a" * 64_000),
        (requests.ReadSentence, "text", "a \ud800", "a \ud800"),
        *((requests.ReadSentence, "start", odd, 0) for odd in (None, "7", 1.5, [1], False)),
        (requests.ReadSentence, "start", True, 1),
        (requests.ReadSentence, "start", -3, -3),
        (requests.ReadSentence, "model", "one", "one"),
        *((requests.ReadSentence, "model", odd, WrongType(odd)) for odd in (None, 3, ["one"], {"a": 1}, True)),
        *((requests.ReadSentence, "padding", odd, 0) for odd in (None, True, "3", 3.0, [3], -1)),
        (requests.ReadSentence, "padding", 3, 3),
        (requests.ReadSentence, "padding", 10**30, 8),
        (requests.ReadSentence, "holds", None, ()),
        (requests.ReadSentence, "holds", [], ()),
        *((requests.OpenCell, "token", odd, WrongType(odd)) for odd in (None, True, 1.0, "1", [1])),
        (requests.OpenCell, "token", -1, -1),
        *((requests.SaveReading, "kind", odd, WrongType(odd)) for odd in (None, 7, ["csv"])),
        *((requests.HowFarBack, field, odd, "") for field in ("family", "model") for odd in (None, 7, ["mine"], {})),
        *((requests.PaddingDrift, "pad_to", odd, 0) for odd in (None, True, "9", 9.0, [9])),
        *((requests.TrainStart, field, odd, "") for field in ("task", "cell", "data") for odd in (None, 7, ["recall"])),
        *((requests.TrainStart, "units", odd, WrongType(odd)) for odd in (None, True, "8", [8])),
        (requests.TrainStart, "watch", "a" * 2_001, "a" * 2_000),
        (requests.TrainStart, "watch", 7, ""),
        *((requests.TrainPoll, "ticket", odd, "") for odd in (None, 7, ["a"])),
        *((requests.TrainPoll, "since", odd, None) for odd in (None, "7", [7])),
        *((requests.TrainReceive, "ticket", odd, "") for odd in (7, [], {})),
        (requests.TrainReceive, "ticket", None, None),
        *((requests.TrainReceive, "text", odd, WrongType(odd)) for odd in (None, 7, "A" * 64_001)),
        *((requests.TrainReceive, "last", odd, bool(odd)) for odd in (None, 0, 1, "", "no", [])),
        (requests.TrainReceive, "name", "n" * 101, "n" * 100),
        (requests.TrainReceive, "name", "\ud800.csv", "?.csv"),
        *((requests.TrainReceive, "delimiter", odd, "") for odd in (None, 7, [";"])),
    ],
)  # fmt: skip
def test_an_odd_value_counts_as_what_it_always_did(request_, field, odd, meant):
    found = getattr(request_.model_validate({field: odd}), field)
    assert (type(found), found) == (type(meant), meant)


def test_what_was_not_sent_is_told_from_null_where_that_matters():
    """A training has numbers of its own for what is not sent, and a file may be read again without a part."""
    assert requests.TrainStart.model_validate({}).units is None
    assert requests.TrainReceive.model_validate({}).text is None


@pytest.mark.parametrize(
    ("odd", "meant"), [*((name, name) for name in LANGUAGES), ("klingon", ""), (None, ""), (["hi"], "")]
)
def test_a_language_that_there_is_not_is_none(odd, meant):
    assert requests.Words.model_validate(odd).root == meant


@pytest.mark.parametrize(
    ("odd", "meant"), [("a\nb", "a\nb"), (None, ""), (5, ""), ({}, ""), ("a" * 64_001, "a" * 64_000)]
)
def test_a_batch_is_a_text(odd, meant):
    assert requests.PackSentences.model_validate(odd).root == meant


# Holds: their objections wait until the text and the network are known


@pytest.mark.parametrize(
    ("holds", "keys"),
    [
        (5, ["hold_form"]), ({}, ["hold_form"]), ("", ["hold_form"]), ([5], ["hold_form"]),
        ([None, HOLD], ["hold_form", None]),
        ([HOLD] * MOST_HOLDS, [None] * MOST_HOLDS), ([HOLD] * (MOST_HOLDS + 1), ["holds_many"]),
        ([HOLD | {"signal": MARK * 10}], ["hold_form"]), ([HOLD | {"tokens": [0, 1_000_000]}], ["hold_form"]),
        ([HOLD | {"value": 1_000_000}], ["hold_form"]), ([HOLD | {"value": -999_999}], [None]),
        ([HOLD | {"extra": 1}], [None]),
    ],
)  # fmt: skip
def test_in_the_place_of_a_hold_that_makes_no_sense_stands_the_objection(holds, keys):
    found = requests.ReadSentence.model_validate({"holds": holds}).holds
    assert [one.key if isinstance(one, SettingError) else None for one in found] == keys
    assert MARK not in "".join(str(one) for one in found)


@pytest.mark.parametrize("value", [1, 1.0, -0.5])
def test_a_held_value_stays_the_number_that_was_sent(value):
    """An objection names it as it was sent: 2 is no 2.0."""
    (hold,) = requests.ReadSentence.model_validate({"holds": [HOLD | {"value": value}]}).holds
    assert (type(hold.value), hold.value) == (type(value), value)


def test_the_first_thing_that_is_wrong_is_said_first(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "one")
    service = Service(tmp_path)
    bad, state = 5, HOLD | {"signal": "hidden"}
    ask = {"model": "one", "text": "good"}
    assert service.read_sentence(ask | {"text": " ", "holds": bad}) == {"empty": True}
    assert service.read_sentence(ask | {"model": 7, "holds": bad})["error"] == "unknown_name"
    assert service.read_sentence(ask | {"holds": [state, bad]})["error"] == "hold_state"
    assert service.read_sentence(ask | {"holds": [bad, state]})["error"] == "hold_form"
    assert service.save_reading(ask | {"text": "", "kind": "exe", "holds": bad})["error"] == "unknown_name"
    assert service.open_cell(ask | {"token": 99, "holds": bad})["error"] == "hold_form"


@pytest.mark.parametrize("name", sorted(HANDLERS.keys() - {"room_open"}))  # each room has a key of its own
def test_a_question_that_was_parsed_before_is_answered_as_it_is(tmp_path, name):
    checkpoint("lstm").save_pretrained(tmp_path / "one")
    service = Service(tmp_path)
    asked = "" if name in ("words", "pack_sentences", "standalone") else {"model": "one", "text": "", "ticket": "none"}
    parsed = HANDLERS[name].request.model_validate(asked)
    assert getattr(service, name)(parsed) == getattr(service, name)(asked)


def test_limits_that_the_form_has_are_in_its_schema():
    schema = json.dumps(requests.ReadSentence.model_json_schema())
    assert f'"maxItems": {MOST_HOLDS}' in schema
    assert '"maxLength": 40' in schema
