"""Turns for heavy work: who works, who waits, who is sent away."""

import threading

import pytest

from rnnviz.errors import RnnvizError
from rnnviz.page.work_queue import Turns


def test_who_finds_all_places_taken_is_sent_away_and_may_come_again():
    turns = Turns(at_once=2, waiting=0)
    with turns.turn(), turns.turn(), pytest.raises(RnnvizError, match="too much to do"), turns.turn():
        pass
    with turns.turn():
        pass


def test_work_that_fails_gives_its_turn_back():
    turns = Turns(at_once=1, waiting=0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns.turn():
            raise ZeroDivisionError


def test_no_more_than_a_few_work_at_once_and_those_who_wait_are_served():
    turns, lock, crowd = Turns(at_once=2, waiting=6), threading.Lock(), []
    inside, together = [], threading.Barrier(2)

    def work():
        with turns.turn():
            with lock:
                inside.append(None)
                crowd.append(len(inside))
            together.wait(timeout=60)  # two must be here at once for either to go on
            with lock:
                inside.pop()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(crowd) == 8
    assert max(crowd) == 2
