"""A corpus under the network: where else, in many texts, does it do this?

``index`` is the folder that ``builder`` writes once, and what it has to pass when it is opened; ``reader`` reads the
texts for it. ``find`` looks for the stretches at which chosen units are on, with ``bits``, the bitmaps that make that
fast. ``slices`` are sets of the texts, and how often the network is right in each. ``projection`` is a plane
through the states. ``responses`` sums what units do at words, ``coclustering`` looks for groups of both, and ``groups``
is what it finds and its file. Only ``index``, ``find``, ``bits`` and ``projection`` need no torch, and only
``coclustering`` needs scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.corpus.builder import build as build, building as building
    from rnnviz.corpus.coclustering import group as group, grouping as grouping
    from rnnviz.corpus.find import Found as Found, Hit as Hit, Share as Share
    from rnnviz.corpus.groups import Groups as Groups, Stability as Stability
    from rnnviz.corpus.index import Index as Index
    from rnnviz.corpus.projection import Projection as Projection
    from rnnviz.corpus.reader import Step as Step
    from rnnviz.corpus.slices import Slice as Slice, sliced as sliced

_HOMES = {
    "Found": "find",
    "Groups": "groups",
    "Hit": "find",
    "Index": "index",
    "Projection": "projection",
    "Share": "find",
    "Slice": "slices",
    "Stability": "groups",
    "Step": "reader",
    "build": "builder",
    "building": "builder",
    "group": "coclustering",
    "grouping": "coclustering",
    "sliced": "slices",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnnviz.corpus' has no attribute {name!r}")
    return getattr(import_module(f"rnnviz.corpus.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
