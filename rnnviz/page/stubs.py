"""Importing Gradio without the stubs that it writes for editors, which is half of the time that importing it takes.

Gradio parses the source of each component as its class is made and writes a .pyi file beside it. It skips a class whose
file cannot be named, so here none can be, for this one asker and while the import lasts.
"""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_WRITER = "gradio.component_meta"


@contextmanager
def without_stubs() -> Iterator[None]:
    """While this lasts, Gradio's components come without stubs. Everybody else is told the names of files as ever."""
    getfile = inspect.getfile

    def named(thing: Any) -> str:
        if sys._getframe(1).f_globals.get("__name__") == _WRITER:
            raise OSError
        return getfile(thing)

    inspect.getfile = named  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = getfile
