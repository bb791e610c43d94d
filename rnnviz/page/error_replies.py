"""What is said of an error: to the reader an objection, in any language; to the log where a bug is, never its text."""

import re
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from rnnviz.errors import RnnvizError
from rnnviz.page.replies import Objection

P = ParamSpec("P")
R = TypeVar("R")
OBJECTION = b'{"error":'
"""So an objection begins as JSON (``objection``), and no answer to a program does."""

_PATH = re.compile(r"""(?<![\w.:\\/])(?:[A-Za-z]:)?(?:[\\/]+[^\s\\/'":;,]+){2,}""")  # an absolute one


def objection(error: RnnvizError) -> Objection:
    """An error as JSON: its key, what fills its sentence, and the sentence in English.

    Of a path there are only its last two parts, such as ``sst2-lstm/config.json``, also where it stands in a text:
    where the server keeps its files is nobody's business.
    """
    shown = {name: _shown(value) for name, value in error.values.items()}
    values = {name: value if isinstance(value, bool | int | float) else str(value) for name, value in shown.items()}
    return {"error": error.key, "values": values, "message": str(type(error)(error.key, **shown))}


def _shown(value: object) -> object:
    if isinstance(value, Path):
        shown: object = "/".join(value.parts[-2:])
    elif isinstance(value, str | Exception):
        shown = _PATH.sub(lambda match: "/".join(re.split(r"[\\/]", match[0])[-2:]), str(value))
    else:
        shown = value
    return shown.encode("utf-8", "backslashreplace").decode() if isinstance(shown, str) else shown


def objecting(core: Callable[P, R]) -> Callable[P, R | Objection]:
    """Answer with the objection where one is raised; any other exception stays a bug."""

    @wraps(core)
    def call(*args: P.args, **kwargs: P.kwargs) -> R | Objection:
        try:
            return core(*args, **kwargs)
        except RnnvizError as error:
            return objection(error)

    return call


def raised_at(error: Exception) -> str:
    """Where an error was raised, and the three calls that led there; not its text, which may hold what was typed."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
