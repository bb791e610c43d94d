"""A data set becomes a checkpoint.

``sources`` (all that it learns from), ``recipe`` (all settings), ``loop`` (``train``, the readable loop), ``setup``
(batches, and the network to begin with), ``learner`` (one step, and what it takes to resume), ``distributed`` (several
processes), ``runs`` (the folder of a run), ``unit_summary`` (what each unit does over the training texts).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.training.loop import Progress as Progress, train as train
    from rnnviz.training.recipe import Recipe as Recipe
    from rnnviz.training.sources import Sources as Sources, prepare as prepare

_HOMES = {"Progress": "loop", "train": "loop", "Recipe": "recipe", "Sources": "sources", "prepare": "sources"}


def __getattr__(name: str) -> object:
    """Each name is loaded when it is first used, so that the modules that need no torch stay light."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
