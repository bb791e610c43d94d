"""Weights that were trained elsewhere become a checkpoint.

``convert`` (tensors under our names, words with their rows), ``recognise`` (which network a file holds), ``foreign``
(how the file is opened), ``unpickle`` (a program of its own for pickled files).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.convert.convert import Converted as Converted, converted as converted, read_words as read_words

_HOMES = {"Converted": "convert", "converted": "convert", "read_words": "convert"}


def __getattr__(name: str) -> object:
    """Each name is loaded when it is first used, so that the modules that need no torch stay light."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
