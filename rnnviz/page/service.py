"""What the page may ask: a sentence read, a batch packed. Every limit is enforced here, not in the browser.

Models are opened on first use and kept. Nothing that a person types is stored or logged.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec

import torch

from rnnviz import files
from rnnviz.checkpoint import Checkpoint, load
from rnnviz.checks import CONFIG
from rnnviz.errors import RnnvizError, unknown
from rnnviz.page.payload import packed_payload, payload
from rnnviz.reading import read
from rnnviz.text import tokenise

MOST_CHARACTERS = 64_000
MOST_TOKENS = 2_000
MOST_TOKENS_BOTH_WAYS = 400
"""A network that reads from both ends re-reads every beginning of the text, so the work grows with the square."""

P = ParamSpec("P")


def shown(core: Callable[P, dict[str, Any]]) -> Callable[P, dict[str, Any]]:
    """Put rnnviz's own objections in front of the reader; any other exception stays a bug."""

    @wraps(core)
    def call(*args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        try:
            return core(*args, **kwargs)
        except RnnvizError as error:
            return {"error": str(error), "key": error.key}

    return call


class Service:
    """Answers the page's two questions from the checkpoints of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folders = {path.name: path for path in files.folders(folder) if (path / CONFIG).is_file()}
        torch.set_num_threads(1)  # visitors run side by side; more threads each would only get in each other's way
        self._opening = threading.Lock()
        self._open = cache(load)

    def checkpoint(self, name: object) -> Checkpoint:
        """The checkpoint of this name, which must be one of those in the folder: a path is never accepted.

        Raises:
            SelectionError: There is none.
        """
        if not isinstance(name, str) or name not in self._folders:
            raise unknown("model", str(name).encode("ascii", "backslashreplace").decode()[:80], self._folders)
        with self._opening:  # two visitors at once open it once
            return self._open(self._folders[name])

    def warm_up(self) -> None:
        """Open every checkpoint, so that no visitor waits for it; what is wrong with one is said to who chooses it."""
        for name in self._folders:
            with suppress(RnnvizError):
                self.checkpoint(name)

    @shown
    def read_sentence(self, question: object) -> dict[str, Any]:
        """Read a text; the payload holds the window of it that begins at a word.

        Args:
            question: ``model``, ``text`` and ``start``, as the page sends them; nothing in it is trusted.
        """
        asked: dict[str, Any] = question if isinstance(question, dict) else {}
        text, start = asked.get("text"), asked.get("start")
        text = text[:MOST_CHARACTERS] if isinstance(text, str) else ""
        words = tokenise(text)
        if not words:
            return {"empty": True}
        checkpoint = self.checkpoint(asked.get("model"))
        limit = MOST_TOKENS_BOTH_WAYS if checkpoint.config.model.bidirectional else MOST_TOKENS
        trace = read(checkpoint, text if len(words) <= limit else " ".join(words[:limit]))
        start = start if isinstance(start, int) else 0
        return payload(trace, model=str(asked["model"]), total=len(words), start=start)

    @staticmethod
    @shown
    def pack_sentences(lines: object) -> dict[str, Any]:
        """Lay out a batch of up to eight sentences, one a line."""
        lines = lines[:MOST_CHARACTERS] if isinstance(lines, str) else ""
        return packed_payload([words for words in map(tokenise, lines.split("\n")) if words])
