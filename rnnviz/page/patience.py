"""Work that lets the page go first: it begins once nobody has asked for anything for a moment, or when it is needed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Generic, TypeVar

T = TypeVar("T")

QUIET = 0.3
"""Seconds in which nobody asks for anything. A page is a few dozen files, asked for one soon after the other."""


class Patient(Generic[T]):
    """The result of work that is done in a thread, later."""

    def __init__(self, work: Callable[[], T], then: Callable[[T], object], quiet: float = QUIET) -> None:
        """Wait for a quiet moment.

        Args:
            work: What has the result.
            then: What is done with it right after, for which nobody waits.
            quiet: Seconds in which nobody asks for anything.
        """
        self._quiet = quiet
        self._needed = Event()
        self._asked = time.monotonic()
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="models")
        worker.submit(self._wait)
        self._result = worker.submit(work)
        worker.submit(lambda: then(self._result.result()))
        worker.shutdown(wait=False)

    def _wait(self) -> None:
        while (left := self._asked + self._quiet - time.monotonic()) > 0:
            if self._needed.wait(left):
                return

    def put_off(self) -> None:
        """Somebody asks for something that needs no result: wait for the next quiet moment, unless it has come."""
        self._asked = time.monotonic()

    def result(self) -> T:
        """The result; waiting ends, the work begins. An error of the work is raised here."""
        self._needed.set()
        return self._result.result()
