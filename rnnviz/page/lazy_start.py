"""Work that lets the page go first: it begins in a quiet moment after the page was looked at, or when it is needed."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from threading import Event, Lock
from typing import Generic, TypeVar

T = TypeVar("T")

QUIET = 0.3
"""Seconds in which nobody asks for anything. A page is a few dozen files, asked for one soon after the other."""


class Patient(Generic[T]):
    """The result of work that is done in a thread, later."""

    def __init__(self, work: Callable[[], T], then: Callable[[T], object], quiet: float = QUIET) -> None:
        """Nothing is begun.

        Args:
            work: What has the result.
            then: What is done with it right after, for which nobody waits.
            quiet: Seconds in which nobody asks for anything.
        """
        self._work = work
        self._then = then
        self._quiet = quiet
        self._needed = Event()
        self._asked = 0.0
        self._beginning = Lock()

    def put_off(self) -> None:
        """Somebody asks for something that needs no result: wait for the next quiet moment, unless it has come."""
        self._asked = time.monotonic()
        self._result()

    def result(self) -> T:
        """The result; waiting ends, the work begins. An error of the work is raised here."""
        self._needed.set()
        return self._result().result()

    def _result(self) -> "Future[T]":
        with self._beginning:
            return self._coming

    @cached_property
    def _coming(self) -> "Future[T]":
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="models")
        worker.submit(self._wait)
        coming = worker.submit(self._work)
        worker.submit(lambda: self._then(coming.result()))
        worker.shutdown(wait=False)
        return coming

    def _wait(self) -> None:
        while (left := self._asked + self._quiet - time.monotonic()) > 0:
            if self._needed.wait(left):
                return
