"""rnnviz: see what a recurrent network remembers, word by word.

The public names; each is loaded when it is first used, so that figures and records need no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz import analysis as analysis, datasets as datasets, figures as figures, tasks as tasks
    from rnnviz.analysis.memory import contributions as contributions, ledger as ledger
    from rnnviz.checkpoint.folder import Checkpoint as Checkpoint, load as load
    from rnnviz.checkpoint.shipped import networks as networks
    from rnnviz.engine.capture import capture as capture
    from rnnviz.engine.vocabulary_table import (
        VocabularyTable as VocabularyTable,
        vocabulary_table as vocabulary_table,
    )
    from rnnviz.engine.watch import watch as watch
    from rnnviz.errors import RnnvizError as RnnvizError
    from rnnviz.experiments.evaluation import evaluate as evaluate
    from rnnviz.experiments.gradients import (
        attribute as attribute,
        integrated_gradients as integrated_gradients,
        saliency as saliency,
    )
    from rnnviz.experiments.interventions import Clamp as Clamp, hold as hold
    from rnnviz.experiments.probes import probe as probe
    from rnnviz.experiments.writing import write as write
    from rnnviz.packing import PackedLayout as PackedLayout, packed_layout as packed_layout
    from rnnviz.page.standalone import show as show
    from rnnviz.reading import read as read, read_many as read_many
    from rnnviz.trace import Trace as Trace
    from rnnviz.training.loop import Progress as Progress, train as train
    from rnnviz.training.recipe import Recipe as Recipe

_HOMES = {
    "Checkpoint": "checkpoint.folder",
    "Clamp": "experiments.interventions",
    "PackedLayout": "packing",
    "Progress": "training.loop",
    "Recipe": "training.recipe",
    "RnnvizError": "errors",
    "Trace": "trace",
    "VocabularyTable": "engine.vocabulary_table",
    "analysis": "",
    "attribute": "experiments.gradients",
    "capture": "engine.capture",
    "contributions": "analysis.memory",
    "datasets": "",
    "evaluate": "experiments.evaluation",
    "figures": "",
    "hold": "experiments.interventions",
    "integrated_gradients": "experiments.gradients",
    "ledger": "analysis.memory",
    "load": "checkpoint.folder",
    "networks": "checkpoint.shipped",
    "packed_layout": "packing",
    "probe": "experiments.probes",
    "read": "reading",
    "read_many": "reading",
    "saliency": "experiments.gradients",
    "show": "page.standalone",
    "tasks": "",
    "train": "training.loop",
    "vocabulary_table": "engine.vocabulary_table",
    "watch": "engine.watch",
    "write": "experiments.writing",
}
_MODULES = (
    "checks",
    "claims",
    "convert",
    "corpus",
    "errors",
    "foreign",
    "formats",
    "memory",
    "negation",
    "text",
    "training",
)
"""Modules beside those of ``__all__`` that are attributes without an import of their own."""

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"rnnviz.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")
    home = _HOMES[name]
    attribute = getattr(import_module(f"rnnviz.{home}"), name) if home else import_module(f"rnnviz.{name}")
    globals()[name] = attribute
    return attribute


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
