"""Turns for heavy work: a few at once, a few in wait, all others are told to come again.

Each question holds one of the server's threads until it is answered. Heavy ones alone could hold them all, and then
nobody's small reading would get one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from rnnviz.errors import RnnvizError


class Turns:
    """Lets heavy work begin."""

    def __init__(self, at_once: int, waiting: int) -> None:
        """Nothing is at work yet.

        Args:
            at_once: How many work side by side.
            waiting: How many more may wait for that.
        """
        self._room = BoundedSemaphore(at_once + waiting)
        self._work = BoundedSemaphore(at_once)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and keep it as long as the ``with`` block goes on.

        Raises:
            RnnvizError: Too many wait already.
        """
        if not self._room.acquire(blocking=False):
            raise RnnvizError("server_busy")
        try:
            with self._work:
                yield
        finally:
            self._room.release()
