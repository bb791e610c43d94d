"""Every objection rnnviz raises: its few kinds, and which builtin each also is. Their texts: ``rnnviz.messages``.

An error has a ``key`` and ``values``, so that a page can say it in another language; ``str(error)`` is the
English sentence.

    RnnvizError
    ├── SelectionError    a name that is not there (also a LookupError)
    ├── TextError         a text that cannot be read (also a ValueError)
    ├── LengthError       lengths that no batch can have (also a ValueError)
    ├── DataError         a data set that cannot be used (also a ValueError)
    ├── CheckpointError   a checkpoint that cannot be trusted (also a ValueError)
    ├── CaptureError      a module that cannot be instrumented (also a TypeError)
    ├── RoomError         more than fits into memory (also a MemoryError)
    ├── SettingError      a setting that means nothing (also a ValueError)
    ├── StorageError      a place that cannot be written (also an OSError)
    └── TrainingError     a training that cannot start or go on (also a RuntimeError)
"""

from collections.abc import Iterable
from difflib import get_close_matches

from rnnviz.messages import MESSAGES


class RnnvizError(Exception):
    """An objection in the reader's words.

    Attributes:
        key: Which sentence of ``MESSAGES`` it is.
        values: What fills the sentence.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(MESSAGES[key].format(**values))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.key, self.values)


class SelectionError(RnnvizError, LookupError):
    """A signal, layer, class or model that is not there."""


class TextError(RnnvizError, ValueError):
    """A text that cannot be read."""


class LengthError(RnnvizError, ValueError):
    """Lengths that no batch can have, or that are not those of a layout."""


class DataError(RnnvizError, ValueError):
    """A data set that cannot be used as it is."""


class CheckpointError(RnnvizError, ValueError):
    """A checkpoint that cannot be trusted, and why."""


class CaptureError(RnnvizError, TypeError):
    """A module or an input that cannot be instrumented."""


class RoomError(RnnvizError, MemoryError):
    """More than fits into memory, said before any of it is taken."""


class SettingError(RnnvizError, ValueError):
    """A setting, or an environment variable, that means nothing."""


class StorageError(RnnvizError, OSError):
    """A file or folder that could not be written. What was there before still is.

    Its ``errno`` is the number that the system gave.
    """

    def __str__(self) -> str:
        return str(self.args[0])


class TrainingError(RnnvizError, RuntimeError):
    """A training that cannot start or go on."""


def unknown(kind: str, given: object, choices: Iterable[object]) -> SelectionError:
    """Say what was asked for, what there is, and the nearest thing to it."""
    names = [str(choice) for choice in choices]
    return SelectionError("unknown_name", kind=kind, given=given, choices=", ".join(names), hint=nearest(given, names))


def nearest(given: object, choices: Iterable[str]) -> str:
    """A question that names the choice nearest to what was given, whatever its case; nothing if none is near."""
    names = {choice.lower(): choice for choice in choices}
    near = get_close_matches(str(given).lower(), names, n=1)
    return f" Did you mean {names[near[0]]!r}?" if near else ""


def _rebuild(kind: type[RnnvizError], key: str, values: dict[str, object]) -> RnnvizError:
    return kind(key, **values)
