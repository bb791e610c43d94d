"""Two readings side by side, for the page: of two texts by one network, or of one text by two.

Left out: what is drawn of them and what is said about them, which the page does by itself.
"""

from collections.abc import Callable
from typing import Literal

from rnnviz.analysis.statistics import compare
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.page.as_read import tokens_of
from rnnviz.page.payload import WINDOW, payload
from rnnviz.page.replies import Comparison, EmptySide, Reading
from rnnviz.page.requests import WrongType
from rnnviz.reading import read
from rnnviz.trace import Trace

SIDES: tuple[Literal["one", "other"], ...] = ("one", "other")
Name = str | WrongType


def compared(
    opened: Callable[[Name], Checkpoint], models: tuple[Name, Name], texts: tuple[str, str]
) -> Comparison | EmptySide:
    """Read both texts, each as far as one window reaches, and lay them side by side.

    Args:
        opened: Opens the checkpoint of a name, or objects to the name.
        models: Names of the two networks, which may be the same.
        texts: What each reads.

    Returns:
        For JSON: ``one`` and ``other``, each a ``payload``, and ``pairs``, their positions side by side (None where one
        has no such token). Where a text has no tokens there is only ``empty``, which of the two that is.

    Raises:
        SelectionError: There is no such network.
    """
    checkpoints = [opened(model) for model in models]
    tokens = [tokens_of(checkpoint, text) for checkpoint, text in zip(checkpoints, texts, strict=True)]
    for side, own in zip(SIDES, tokens, strict=True):
        if not own:
            return {"empty": side}
    one, other = (
        read(checkpoint, checkpoint.vocabulary.joined(own[:WINDOW]))
        for checkpoint, own in zip(checkpoints, tokens, strict=True)
    )
    return {
        "one": _sent(one, models[0], len(tokens[0])),
        "other": _sent(other, models[1], len(tokens[1])),
        "pairs": [list(pair) for pair in compare(one, other).pairs],
    }


def _sent(trace: Trace, model: Name, total: int) -> Reading:
    return payload(trace, model=str(model), total=total)
