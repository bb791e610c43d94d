"""How often a network is right on the labelled texts of a visitor's own file, and on which of them it is not.

Each text is read as the reader of the page reads it: alone, without padding, and cut where the reader cuts it. Nothing
is kept. Left out: receiving the file (``rnnviz.page.uploads``).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.datasets import Dataset
from rnnviz.errors import DataError
from rnnviz.experiments.evaluation import finished, predicting, scores
from rnnviz.experiments.negation import interval
from rnnviz.page.as_read import MOST_TOKENS, as_read
from rnnviz.page.replies import Matched, OwnText, Statistics
from rnnviz.page.requests import MOST_CHARACTERS

MOST_TEXTS = 2_000
"""Of a larger file, so many are drawn at random."""
MOST_SECONDS = 15.0
"""After which no further text is read."""
MOST_LISTED, MOST_SENT = 200, 4_000
"""Texts in the list, and characters of each; the rest is cut."""
AT_ONCE = 20_000
"""Tokens between two looks at the clock."""
_MOST_NAMED, _LONGEST_NAME = 10, 100


def drawn(data: Dataset) -> Dataset:
    """As much of a file as is read, in the file's order."""
    if len(data) <= MOST_TEXTS:
        return data
    return data.take(np.sort(np.random.default_rng(0).permutation(len(data))[:MOST_TEXTS]))


def statistics(
    checkpoint: Checkpoint, data: Dataset, total: int, *, clock: Callable[[], float] = time.monotonic
) -> Statistics:
    """Answer the texts of a file, as many as there is time for.

    Args:
        checkpoint: The classifier.
        data: Texts with labels (``drawn``).
        total: Texts of the whole file.
        clock: Tells seconds.

    Returns:
        For JSON: ``total``; ``read``, how many texts were answered, of those with a label that the network has;
        ``left_out``, how many have none, and ``unmatched``, the labels of those; ``by``, how labels were matched;
        ``accuracy`` with its 95 % interval; ``confusion`` as counts [true class, answer]; ``texts``, first what was
        answered wrongly, the surest first, then what was answered rightly, the least sure first.

    Raises:
        DataError: No label is a class of the network.
    """
    by, places = matched(data.classes, [entry.value for entry in data.format.classes], checkpoint)
    known = [row for row, label in enumerate(data.labels) if places[label] is not None]
    if not known:
        found, wanted = (", ".join(map(_brief, names[:_MOST_NAMED])) for names in (data.classes, checkpoint.labels))
        raise DataError("classes_unmatched", found=found, wanted=wanted)
    end, texts, parts = clock() + MOST_SECONDS, list[str](), list[np.ndarray]()
    for batch in _batches(checkpoint, (data.texts[row] for row in known)):
        parts.append(finished(predicting(checkpoint, batch, alone=True)))
        texts += batch
        if clock() > end:
            break
    shares = np.concatenate(parts)
    answers, sure = shares.argmax(axis=1), shares.max(axis=1)
    truth = np.array([places[data.labels[row]] for row in known[: len(shares)]])
    counted = scores(answers, truth, checkpoint.labels)
    is_right = answers == truth
    low, high = interval(int(is_right.sum()), len(shares))
    order = np.lexsort((np.where(is_right, sure, -sure), is_right))[:MOST_LISTED]
    return {
        "labels": list(checkpoint.labels),
        "total": total,
        "read": len(shares),
        "left_out": len(data) - len(known),
        "unmatched": [_brief(name) for name, place in zip(data.classes, places, strict=True) if place is None][
            :_MOST_NAMED
        ],
        "by": by,
        "right": int(is_right.sum()),
        "accuracy": counted.accuracy,
        "low": low,
        "high": high,
        "confusion": [list(row) for row in counted.confusion],
        "texts": [
            OwnText(
                text=texts[row][:MOST_SENT].encode("utf-8", "replace").decode(),
                label=int(truth[row]),
                answer=int(answers[row]),
                share=round(float(sure[row]), 4),
            )
            for row in order.tolist()
        ],
    }


def matched(names: Sequence[str], values: Sequence[str], checkpoint: Checkpoint) -> tuple[Matched, list[int | None]]:
    """Of each class of a file, which class of the network it is.

    By name, whatever its case; by the value that stands for a class in the network's own data; or by the number of the
    class, from 0: whichever finds most of them, in this order.

    Args:
        names: Of the file's classes.
        values: What stands for them in the file, as far as it is known.
        checkpoint: The network.
    """
    written = list(values) if len(values) == len(names) else list(names)
    classes = checkpoint.config.data.classes
    ways: dict[Matched, dict[str, int]] = {
        "name": {entry.name.casefold(): place for place, entry in enumerate(classes)},
        "value": {entry.value.casefold(): place for place, entry in enumerate(classes)},
        "number": {str(place): place for place in range(len(classes))},
    }
    found = {
        by: [places.get(name.strip().casefold()) for name in (names if by == "name" else written)]
        for by, places in ways.items()
    }
    best = max(found, key=lambda by: sum(place is not None for place in found[by]))  # the first of equals
    return best, found[best]


def _batches(checkpoint: Checkpoint, texts: Iterable[str]) -> Iterator[list[str]]:
    """As much of each text as the page reads, in batches of about equal work."""
    batch, work = list[str](), 0
    for text in texts:
        part, tokens = as_read(checkpoint, text[:MOST_CHARACTERS])
        batch.append(part)
        work += min(len(tokens), MOST_TOKENS)
        if work >= AT_ONCE:
            yield batch
            batch, work = [], 0
    if batch:
        yield batch


def _brief(name: str) -> str:
    return name[:_LONGEST_NAME].encode("utf-8", "replace").decode()
