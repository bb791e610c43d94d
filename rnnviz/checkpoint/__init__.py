"""A checkpoint: a trained classifier in a folder of five files, which proves itself when it is loaded.

``folder`` (load and save), ``checks`` (what the files must pass), ``config``, ``weights`` and ``card`` (one file each),
``shipped`` (the networks that come with rnnviz), ``doctor`` (all that is wrong with one), ``hub`` (the Hugging Face
Hub).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.checkpoint.folder import Checkpoint as Checkpoint, load as load

_HOMES = {"Checkpoint": "folder", "load": "folder"}


def __getattr__(name: str) -> object:
    """Each name is loaded when it is first used, so that the modules that need no torch stay light."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
