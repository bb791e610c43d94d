"""Four generated tasks with exact labels, small enough to train while a class watches.

- recall: which of four letters came first, however long ago? Only a memory that lasts can tell.
- brackets: how deep are the brackets nested at the end? (0 to 3 and more)
- parity: is the number of ones even or odd? A flag that has to flip.
- negation: a toy grammar of sentences in which *not*, *never* and *hardly* turn the meaning round.

Left out: training on them (``rnnviz.training``).
"""

from collections.abc import Callable

import numpy as np

from rnnviz.datasets import Dataset
from rnnviz.errors import DataError, unknown
from rnnviz.formats import ClassName, DataFormat

_LETTERS = ("a", "b", "c", "d")
_FILLERS = tuple("klmnopqrstuv")
_DEPTHS = ("0", "1", "2", "3+")

_GOOD = ("good", "great", "lovely", "clever", "funny", "fresh", "warm", "bright", "fine", "strong")
_BAD = ("bad", "awful", "boring", "stupid", "dull", "stale", "cold", "weak", "poor", "ugly")
_THINGS = ("movie", "film", "story", "book", "song", "meal", "phone", "room", "team", "plan")
_EXTRAS = ("", "very", "really", "so", "rather")
_NEGATIONS = ("not", "never", "hardly")

_Maker = Callable[[np.random.Generator, int], tuple[str, str]]


def generate(task: str, *, rows: int = 10_000, length: int = 60, seed: int = 0) -> Dataset:
    """Make a data set for one of the tasks; the same seed makes the same texts.

    Args:
        task: "recall", "brackets", "parity" or "negation".
        rows: How many texts, at least 2.
        length: Tokens of a text, at least 2: exactly so many for recall, at most so many for brackets and parity; the
            negation grammar has its own lengths.
        seed: Of the generator, at least 0.

    Raises:
        SelectionError: There is no such task.
        DataError: A setting is too small.
    """
    if task not in _TASKS:
        raise unknown("task", task, _TASKS)
    for setting, value, least in (("rows", rows, 2), ("length", length, 2), ("seed", seed, 0)):
        if value < least:
            raise DataError("task_setting", task=task, setting=setting, rule=f"at least {least}", found=value)
    make, classes = _TASKS[task]
    random = np.random.default_rng(seed)
    made = [make(random, length) for _ in range(rows)]
    return Dataset(
        name=task,
        texts=tuple(text for text, _ in made),
        labels=np.array([classes.index(label) for _, label in made], dtype=np.int64),
        classes=classes,
        format=DataFormat(
            classes=tuple(ClassName(value=name, name=name) for name in classes),
            source=f"generated: rnnviz.tasks, task {task!r}, length {length}, seed {seed}",
            licence="Apache-2.0 (made by rnnviz)",
        ),
    )


def _recall(random: np.random.Generator, length: int) -> tuple[str, str]:
    first = str(random.choice(_LETTERS))
    return " ".join([first, *random.choice(_FILLERS, size=length - 1)]), first


def _brackets(random: np.random.Generator, length: int) -> tuple[str, str]:
    """A walk of opening and closing brackets that never closes what is not open."""
    depth, tokens = 0, []
    for _ in range(int(random.integers(1, length + 1))):
        opening = depth == 0 or random.random() < (0.5 if depth < 4 else 0.2)
        depth += 1 if opening else -1
        tokens.append("(" if opening else ")")
    return " ".join(tokens), _DEPTHS[min(depth, 3)]


def _parity(random: np.random.Generator, length: int) -> tuple[str, str]:
    bits = random.integers(0, 2, size=int(random.integers(1, length + 1)))
    return " ".join(map(str, bits)), "odd" if bits.sum() % 2 else "even"


def _negation(random: np.random.Generator, length: int) -> tuple[str, str]:
    """``the film was [really] [not | never | hardly | not never] [very] good``, now and then with a second clause.

    Every negation turns the clause round; after *but*, the second clause decides.
    """
    text, positive = _clause(random)
    if random.random() < 0.3:
        second, positive = _clause(random)
        text = f"{text} but {second}"
    return text, "positive" if positive else "negative"


def _clause(random: np.random.Generator) -> tuple[str, bool]:
    positive = bool(random.random() < 0.5)
    words = ["the", str(random.choice(_THINGS)), "was"]
    for _ in range(int(random.choice([0, 1, 2], p=[0.45, 0.45, 0.1]))):
        words.append(str(random.choice(_NEGATIONS)))
    negations = len(words) - 3
    words += [word for word in [str(random.choice(_EXTRAS))] if word]
    words.append(str(random.choice(_GOOD if positive else _BAD)))
    return " ".join(words), positive ^ bool(negations % 2)


_TASKS: dict[str, tuple[_Maker, tuple[str, ...]]] = {
    "recall": (_recall, _LETTERS),
    "brackets": (_brackets, _DEPTHS),
    "parity": (_parity, ("even", "odd")),
    "negation": (_negation, ("negative", "positive")),
}
TASKS = tuple(_TASKS)
"""The names of the tasks."""
