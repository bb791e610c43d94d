"""How far a reading in the browser is from PyTorch's."""

from pathlib import Path

import numpy as np

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.reading import read
from tests.web.engine import Engine, numbers

LONGEST = 40
"""Words of a sentence that is measured."""


def difference(engine: Engine, checkpoint: Checkpoint, folder: Path, text: str) -> float:
    """The largest difference of one reading."""
    trace = read(checkpoint, text)
    found = engine.ask(folder.parent, "trace", {"model": folder.name, "text": text, "holds": []})
    pairs = [(numbers(found["signals"][name]), values.ravel()) for name, values in trace.signals.items()]
    pairs.append((numbers(found["verdicts"]), trace.verdicts.ravel()))
    return max(float((np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))).max()) for ours, theirs in pairs)
