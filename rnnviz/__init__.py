"""rnnviz: see what a recurrent network remembers, word by word.

The public names; each is loaded when it is first used, so that figures and records need no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz import analysis as analysis, datasets as datasets, figures as figures, tasks as tasks
    from rnnviz.checkpoint import Checkpoint as Checkpoint, load as load
    from rnnviz.engine.vocabulary_table import (
        VocabularyTable as VocabularyTable,
        vocabulary_table as vocabulary_table,
    )
    from rnnviz.errors import RnnvizError as RnnvizError
    from rnnviz.evaluation import evaluate as evaluate
    from rnnviz.gradients import integrated_gradients as integrated_gradients, saliency as saliency
    from rnnviz.instrument import capture as capture
    from rnnviz.memory import contributions as contributions, ledger as ledger
    from rnnviz.packing import PackedLayout as PackedLayout, packed_layout as packed_layout
    from rnnviz.page.standalone import show as show
    from rnnviz.reading import read as read, read_many as read_many
    from rnnviz.recipe import Recipe as Recipe
    from rnnviz.shipped import networks as networks
    from rnnviz.surgery import Clamp as Clamp, hold as hold
    from rnnviz.trace import Trace as Trace
    from rnnviz.training import Progress as Progress, train as train
    from rnnviz.watching import watch as watch

_HOMES = {
    "Checkpoint": "checkpoint",
    "Clamp": "surgery",
    "PackedLayout": "packing",
    "Progress": "training",
    "Recipe": "recipe",
    "RnnvizError": "errors",
    "Trace": "trace",
    "VocabularyTable": "engine.vocabulary_table",
    "analysis": "",
    "capture": "instrument",
    "contributions": "memory",
    "datasets": "",
    "evaluate": "evaluation",
    "figures": "",
    "hold": "surgery",
    "integrated_gradients": "gradients",
    "ledger": "memory",
    "load": "checkpoint",
    "networks": "shipped",
    "packed_layout": "packing",
    "read": "reading",
    "read_many": "reading",
    "saliency": "gradients",
    "show": "page.standalone",
    "tasks": "",
    "train": "training",
    "vocabulary_table": "engine.vocabulary_table",
    "watch": "watching",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")
    home = _HOMES[name]
    found = getattr(import_module(f"rnnviz.{home}"), name) if home else import_module(f"rnnviz.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
