"""Lanes: who works, who waits, who is sent away, and whose turn it is."""

import asyncio

import pytest

from rnnviz.errors import RnnvizError
from rnnviz.page.lanes import Lane
from tests.page.running import awaited


async def busy(lane, visitor, done, until=None):
    async with lane.turn(visitor):
        await (until.wait() if until else asyncio.sleep(0))
        done.append(visitor)


def worked(at_once, waiting, visitors):
    """The visitors in the order in which their questions are answered, all asked while one is at work; the refused."""

    async def run():
        lane, done, until = Lane(at_once, waiting), [], asyncio.Event()
        begun = [asyncio.create_task(busy(lane, "first", done, until)) for _ in range(at_once)]
        await asyncio.sleep(0)
        asked = [asyncio.create_task(busy(lane, visitor, done)) for visitor in visitors]
        await asyncio.sleep(0)
        until.set()
        found = await asyncio.gather(*begun, *asked, return_exceptions=True)
        assert lane.waiting == 0
        return done[at_once:], [one for one in found if one]

    return awaited(run())


def test_t75_who_asks_much_is_called_no_more_often_than_who_asks_little():
    order, refused = worked(1, 100, ["greedy"] * 10 + ["a", "b", "b"])
    assert order[:5] == ["greedy", "a", "b", "greedy", "b"]
    assert order[5:] == ["greedy"] * 8
    assert not refused


def test_who_finds_the_line_full_is_sent_away_and_the_others_are_served():
    order, refused = worked(2, 3, ["a", "b", "c", "d", "e"])
    assert order == ["a", "b", "c"]
    assert [error.key for error in refused] == ["server_busy", "server_busy"]


def test_no_more_than_a_few_work_at_once():
    async def run():
        lane, there, most = Lane(2, 100), [], []

        async def work(visitor):
            async with lane.turn(visitor):
                there.append(1)
                most.append(len(there))
                await asyncio.sleep(0.001)
                there.pop()

        await asyncio.gather(*(work(str(number % 7)) for number in range(30)))
        return max(most)

    assert awaited(run()) == 2


def test_who_leaves_the_line_or_fails_takes_no_turn_from_anybody():
    async def run():
        lane, done = Lane(1, 5), []
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                async with lane.turn("a"):
                    raise ZeroDivisionError
        until = asyncio.Event()
        first = asyncio.create_task(busy(lane, "first", done, until))
        await asyncio.sleep(0)
        leaving = asyncio.create_task(busy(lane, "leaving", done))
        staying = asyncio.create_task(busy(lane, "staying", done))
        await asyncio.sleep(0)
        leaving.cancel()
        until.set()
        await asyncio.gather(first, staying)
        called = asyncio.create_task(busy(lane, "called", done, asyncio.Event()))
        await asyncio.sleep(0)
        next_ = asyncio.create_task(busy(lane, "next", done))
        await asyncio.sleep(0)
        called.cancel()
        await next_
        return done

    assert awaited(run()) == ["first", "staying", "next"]


def test_a_lane_without_a_line_refuses_with_a_sentence():
    async def run():
        lane = Lane(1, 0)
        async with lane.turn("a"):
            with pytest.raises(RnnvizError, match="too much to do"):
                async with lane.turn("b"):
                    pass

    awaited(run())
