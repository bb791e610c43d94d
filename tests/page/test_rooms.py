"""Rooms for a class: answers are counted for an hour, each pass once, within limits."""

import logging

import pytest

from rnnviz.checkpoint import shipped
from rnnviz.errors import RnnvizError
from rnnviz.page import rooms
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.requests import RoomAnswer, RoomCounts
from rnnviz.page.rooms import Rooms
from rnnviz.page.service import Service


class Class:
    """Rooms whose clock is in the test's hands."""

    def __init__(self):
        self.now = 50.0
        self.rooms = Rooms(clock=lambda: self.now)

    def answer(self, key, own_pass, choice):
        return self.rooms.answer(RoomAnswer(key=key, own_pass=own_pass, choice=choice))

    def counts(self, key, own_pass):
        return self.rooms.counts(RoomCounts(key=key, own_pass=own_pass))

    def refused(self, act, *asked):
        with pytest.raises(RnnvizError) as refused:
            act(*asked)
        return refused.value.key


@pytest.fixture
def class_():
    return Class()


def test_answers_are_counted_and_shown_to_the_owner_and_to_who_has_answered(class_):
    room = class_.rooms.open()
    assert class_.counts(room["key"], room["owner"])["given"] == []
    class_.answer(room["key"], "anna", 3)
    class_.answer(room["key"], "ben", 10)
    assert class_.answer(room["key"], "cleo", 3)["given"] == [(3, 2), (10, 1)]
    assert class_.counts(room["key"], room["owner"])["given"] == [(3, 2), (10, 1)]
    assert class_.counts(room["key"], "ben")["given"] == [(3, 2), (10, 1)]
    assert class_.refused(class_.counts, room["key"], "dora") == "room_unanswered"
    assert class_.refused(class_.counts, room["key"], "") == "room_unanswered"


def test_the_first_answer_of_a_pass_counts(class_):
    key = class_.rooms.open()["key"]
    assert class_.answer(key, "anna", 3)["is_first"] is True
    again = class_.answer(key, "anna", 4)
    assert again["given"] == [(3, 1)]
    assert again["is_first"] is False


def test_rooms_have_nothing_to_do_with_each_other(class_):
    one, other = class_.rooms.open(), class_.rooms.open()
    assert one["key"] != other["key"]
    class_.answer(one["key"], "anna", 1)
    assert class_.counts(other["key"], other["owner"])["given"] == []
    assert class_.refused(class_.counts, other["key"], one["owner"]) == "room_unanswered"
    assert class_.refused(class_.counts, other["key"], "anna") == "room_unanswered"


def test_a_room_closes_after_an_hour_however_much_it_is_used(class_):
    room = class_.rooms.open()
    class_.now += 3_599
    assert class_.answer(room["key"], "anna", 1)["seconds"] == 1
    class_.now += 1
    assert class_.refused(class_.answer, room["key"], "ben", 1) == "room_gone"
    assert class_.refused(class_.counts, room["key"], room["owner"]) == "room_gone"
    assert not class_.rooms._rooms  # nothing of it is left


def test_there_are_so_many_rooms_and_a_closed_one_makes_place(class_):
    def opened():
        key = class_.rooms.open()["key"]
        class_.answer(key, "anna", 1)
        return key

    opened()
    class_.now += 10
    for _ in range(rooms.MOST_ROOMS - 1):
        opened()
    assert class_.refused(class_.rooms.open) == "rooms_full"
    class_.now += 3_590
    opened()
    assert class_.refused(class_.rooms.open) == "rooms_full"


def test_of_too_many_rooms_the_oldest_that_nobody_has_answered_makes_place(class_):
    """Otherwise whoever opens a hundred of them keeps every class out for an hour."""
    used = class_.rooms.open()["key"]
    class_.answer(used, "anna", 1)
    unused = [class_.rooms.open()["key"] for _ in range(rooms.MOST_ROOMS - 1)]
    assert class_.refused(class_.rooms.open) == "rooms_full"  # a class may still be typing the address
    class_.now += rooms.SPARED_SECONDS
    last = class_.rooms.open()["key"]
    assert class_.refused(class_.answer, unused[0], "ben", 1) == "room_gone"
    for key in (used, unused[1], last):
        assert class_.answer(key, "ben", 1)["is_first"] is True


def test_a_room_has_so_many_answers(class_):
    key = class_.rooms.open()["key"]
    for number in range(rooms.MOST_ANSWERS):
        class_.answer(key, f"student {number}", number)
    assert class_.refused(class_.answer, key, "late", 1) == "room_full"
    assert class_.answer(key, "student 7", 1)["is_first"] is False  # who has answered sees them all the same
    assert len(class_.counts(key, "student 7")["given"]) == rooms.MOST_ANSWERS


@pytest.mark.parametrize("choice", [-1, rooms.MOST_CHOICE + 1, 10**30, "3", 3.0, True, None, [3]])
def test_what_is_no_answer_is_not_counted(class_, choice):
    room = class_.rooms.open()
    assert class_.refused(class_.answer, room["key"], "anna", choice) == "room_answer"
    assert class_.refused(class_.counts, room["key"], "anna") == "room_unanswered"


@pytest.mark.parametrize("own_pass", ["", "p" * (rooms.MOST_PASS + 1), None, 3])
def test_a_pass_is_a_short_text(class_, own_pass):
    key = class_.rooms.open()["key"]
    assert class_.refused(class_.answer, key, own_pass, 1) == "room_answer"


@pytest.mark.parametrize("key", ["", "ABCDEFGH", None, 3, "x" * 10_000])
def test_a_key_that_opens_nothing_is_said_so(class_, key):
    class_.rooms.open()
    assert class_.refused(class_.answer, key, "anna", 1) == "room_gone"
    assert class_.refused(class_.counts, key, "anna") == "room_gone"


def test_keys_are_eight_letters_that_do_not_look_alike(class_):
    keys = {class_.rooms.open()["key"] for _ in range(rooms.MOST_ROOMS)}
    assert len(keys) == rooms.MOST_ROOMS
    assert {len(key) for key in keys} == {8}
    assert set("".join(keys)) <= set("ABCDEFGHJKLMNPQRSTUVWXYZ")


def test_the_process_that_serves_counts_and_logs_nothing(caplog):
    assert {HANDLERS[name].lane for name in ("room_open", "room_answer", "room_counts")} == {"short"}
    service = Service(shipped.folder())
    with caplog.at_level(logging.DEBUG):
        key = service.room_open(None)["key"]
        assert service.room_answer({"key": key, "own_pass": "anna", "choice": 2})["given"] == [(2, 1)]
        refused = service.room_answer({"key": "no room", "own_pass": "anna", "choice": 2})
    assert refused["error"] == "room_gone"
    assert "no room" not in str(refused)
    assert not caplog.records
