"""Rooms in which a class answers one question: how often each answer was given, in memory, for an hour.

A room knows no names and no texts: answers are numbers, which mean something to the page alone. Whoever answers brings
a pass, a random text that the browser made for this room; with it nobody is counted twice, and with it the counts are
shown. The pass of whoever opened the room shows them too. Nothing is written to a disk or a log.

All of it is in the process that serves (lane ``short`` of ``rnnviz.page.handlers``), one question after the other.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from rnnviz.errors import MemoryLimitError, SelectionError, SettingError
from rnnviz.page.replies import Counts, Room
from rnnviz.page.requests import RoomAnswer, RoomCounts, WrongType

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a key: none that looks like another one or like a digit."""
KEY = 8
"""Letters of a key: of 24 ** 8, which is 110,000,000,000, at most a hundred lead to a room."""
MOST_ROOMS, MOST_ANSWERS = 100, 500
"""Rooms at once, and answers in each."""
MOST_CHOICE = 32_767
"""The largest number that is an answer; the smallest is 0."""
MOST_PASS = 64
"""Characters of a pass."""
KEPT_SECONDS = 3_600.0
SPARED_SECONDS = 600.0
"""So long a room waits for its first answer, however many others are opened."""


@dataclass(eq=False)
class _Room:
    opened: float
    owner: str
    given: Counter[int] = field(default_factory=Counter)
    passes: set[str] = field(default_factory=set)


class Rooms:
    """The rooms of the last hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """There is none yet.

        Args:
            clock: Seconds.
        """
        self._clock = clock
        self._rooms: dict[str, _Room] = {}

    def open(self) -> Room:
        """Open a room.

        Returns:
            Its ``key``, for all who answer; the ``owner`` pass, for whoever opened it.

        Where there are as many as may be, the oldest that nobody has answered in ten minutes makes place.

        Raises:
            MemoryLimitError: There are as many as may be, and all have answers or are new.
        """
        self._forget_old()
        if len(self._rooms) >= MOST_ROOMS:
            del self._rooms[self._unused()]
        key = "".join(secrets.choice(LETTERS) for _ in range(KEY))
        self._rooms[key] = _Room(self._clock(), secrets.token_urlsafe(16))
        return {"key": key, "owner": self._rooms[key].owner}

    def _unused(self) -> str:
        """The oldest room that nobody has answered, though there was time to."""
        waited = self._clock() - SPARED_SECONDS
        for key, room in self._rooms.items():
            if not room.passes and room.opened <= waited:
                return key
        raise MemoryLimitError("rooms_full", most=MOST_ROOMS)

    def answer(self, asked: RoomAnswer) -> Counts:
        """Count an answer. Of one pass the first counts.

        Raises:
            SelectionError: There is no such room.
            MemoryLimitError: It has as many answers as may be.
            SettingError: This is no answer.
        """
        room, choice = self._room(asked.key), asked.choice
        if isinstance(choice, WrongType) or not 0 <= choice <= MOST_CHOICE or not 0 < len(asked.own_pass) <= MOST_PASS:
            raise SettingError("room_answer")
        is_first = asked.own_pass not in room.passes
        if is_first:
            if len(room.passes) >= MOST_ANSWERS:
                raise MemoryLimitError("room_full", most=MOST_ANSWERS)
            room.passes.add(asked.own_pass)
            room.given[choice] += 1
        return self._counts(room, is_first=is_first)

    def counts(self, asked: RoomCounts) -> Counts:
        """How often each answer was given, for whoever opened the room or has answered.

        Raises:
            SelectionError: There is no such room.
            SettingError: This pass may not see it yet.
        """
        room = self._room(asked.key)
        if asked.own_pass not in room.passes and asked.own_pass != room.owner:
            raise SettingError("room_unanswered")
        return self._counts(room, is_first=True)

    def _counts(self, room: _Room, *, is_first: bool) -> Counts:
        left = room.opened + KEPT_SECONDS - self._clock()
        return {"given": sorted(room.given.items()), "seconds": round(left), "is_first": is_first}

    def _room(self, key: str) -> _Room:
        self._forget_old()
        if key not in self._rooms:
            raise SelectionError("room_gone", minutes=round(KEPT_SECONDS / 60))
        return self._rooms[key]

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        self._rooms = {key: room for key, room in self._rooms.items() if room.opened > oldest}
