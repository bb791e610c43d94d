"""Lanes of work: a few at once, a few in line, all others are told to come again.

In line, visitors take turns: however much one of them asks, each other one waits for one question of theirs at most. A
visitor is a page, never an address: a school is one address.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rnnviz.errors import RnnvizError


class Lane:
    """Lets work begin. All of it belongs to one event loop.

    Attributes:
        waiting: How many wait.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        """Nothing is at work yet.

        Args:
            at_once: How many work side by side.
            waiting: How many more may wait for that.
        """
        self._free = at_once
        self._most = waiting
        self.waiting = 0
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, visitor: str) -> AsyncIterator[None]:
        """Wait for a turn, and keep it as long as the ``async with`` block goes on.

        Args:
            visitor: Whose turn it is to be.

        Raises:
            RnnvizError: Too many wait already.
        """
        await self._come(visitor)
        try:
            yield
        finally:
            self._go()

    async def _come(self, visitor: str) -> None:
        if self._free:
            self._free -= 1
            return
        if self.waiting >= self._most:
            raise RnnvizError("server_busy")
        called = asyncio.get_running_loop().create_future()
        self._lines.setdefault(visitor, deque()).append(called)
        self.waiting += 1
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():  # called in the moment of leaving
                self._go()
            raise

    def _go(self) -> None:
        """Give the turn to the first in the line of the visitor who was not called for the longest time."""
        while self._lines:
            visitor, line = self._lines.popitem(last=False)
            called = line.popleft()
            self.waiting -= 1
            if line:
                self._lines[visitor] = line
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
