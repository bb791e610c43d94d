"""The committed checkpoints, opened once a process."""

from functools import cache
from pathlib import Path

from rnnviz.checkpoint.folder import Checkpoint, load

FILM = "The movie was not good , but the ending surprised me ."  # what the page shows at first
FOLDER = Path(__file__).parents[1] / "checkpoints"
NAMES = tuple(sorted(path.parent.name for path in FOLDER.glob("*/config.json")))


@cache
def opened(name: str) -> Checkpoint:
    """A committed checkpoint."""
    return load(FOLDER / name)
