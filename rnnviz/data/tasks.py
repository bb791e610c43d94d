"""Five generated tasks with exact labels, small enough to train while a class watches.

- recall: which of four letters came first, however long ago? Only a memory that lasts can tell.
- brackets: how deep are the brackets nested at the end? (0 to 3 and more)
- parity: is the number of ones even or odd? A flag that has to flip.
- negation: a toy grammar of sentences in which *not*, *never* and *hardly* turn the meaning round.
- opinions: plain praise and blame of all sorts of things, half of it turned round by *not*, *n't*, *never*, *hardly* or
  *no*, to add to the training texts of a sentiment classifier. None of its adjectives is in ``negation.fair_set``.

Left out: training on them (``rnnviz.training.loop``).
"""

import re
from collections.abc import Callable

import numpy as np

from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import ClassName, DataFormat
from rnnviz.errors import DataError, unknown

_LETTERS = ("a", "b", "c", "d")
_FILLERS = tuple("klmnopqrstuv")
_DEPTHS = ("0", "1", "2", "3+")

_GOOD = ("good", "great", "lovely", "clever", "funny", "fresh", "warm", "bright", "fine", "strong")
_BAD = ("bad", "awful", "boring", "stupid", "dull", "stale", "cold", "weak", "poor", "ugly")
_THINGS = ("movie", "film", "story", "book", "song", "meal", "phone", "room", "team", "plan")
_EXTRAS = ("", "very", "really", "so", "rather")
_NEGATIONS = ("not", "never", "hardly")

_PRAISE = (
    *("amazing", "amusing", "appealing", "astonishing", "attractive", "awesome", "bold", "captivating", "comfortable"),
    *("compelling", "creative", "dazzling", "decent", "delicious", "effective", "elegant", "engaging", "engrossing"),
    *("excellent", "exceptional", "fantastic", "fascinating", "fine", "flawless", "friendly", "gorgeous", "graceful"),
    *("gripping", "happy", "helpful", "hilarious", "honest", "insightful", "inspiring", "intelligent", "inventive"),
    *("likable", "lively", "magnificent", "memorable", "nice", "outstanding", "perfect", "pleasant", "powerful"),
    *("refreshing", "reliable", "remarkable", "rewarding", "rich", "satisfying", "sharp", "special", "splendid"),
    *("strong", "stunning", "superb", "sweet", "tasty", "tender", "thoughtful", "thrilling", "touching", "useful"),
    *("vivid", "warm", "witty", "worthwhile"),
)
_BLAME = (
    *("absurd", "bitter", "bland", "bleak", "broken", "cheap", "childish", "clumsy", "cold", "confusing", "contrived"),
    *("corny", "crude", "cruel", "depressing", "dirty", "disgusting", "dismal", "dreadful", "dreary", "empty", "false"),
    *("feeble", "flat", "flawed", "foolish", "frustrating", "generic", "gross", "hollow", "idiotic", "incoherent"),
    *("inept", "inferior", "irritating", "laughable", "lazy", "lifeless", "mediocre", "monotonous", "nasty", "noisy"),
    *("obnoxious", "offensive", "pathetic", "poor", "pretentious", "repetitive", "ridiculous", "rude", "sad", "slow"),
    *("sloppy", "stale", "tiresome", "trite", "unfunny", "unpleasant", "useless", "vulgar", "wooden", "worthless"),
)
_SUBJECTS = ("the {}", "this {}", "their {}", "that {}", "my {}", "the whole {}")
_MATTERS = (
    *("movie", "film", "cast", "acting", "script", "plot", "comedy", "drama", "book", "show", "phone", "camera"),
    *("screen", "meal", "food", "soup", "service", "hotel", "room", "breakfast", "place", "trip", "game", "music"),
)
_CLAIMS = (
    ("is {}", "is not {}", "isn't {}", "is never {}", "is hardly {}"),
    ("was {}", "was not {}", "wasn't {}", "was never {}", "was hardly {}"),
    ("looks {}", "does not look {}", "doesn't look {}", "never looks {}", "hardly looks {}"),
    ("seemed {}", "did not seem {}", "didn't seem {}", "never seemed {}", "hardly seemed {}"),
    ("has been {}", "has not been {}", "hasn't been {}", "has never been {}", "has hardly been {}"),
    ("can be {}", "can not be {}", "can't be {}", "can never be {}", "can hardly be {}"),
)
_REMARKS = ("a {}", "not a {}", "hardly a {}", "never a {}", "no {}")
_DEGREES = ("", "", "very ", "really ")

_Maker = Callable[[np.random.Generator, int], tuple[str, str]]


def generate(task: str, *, rows: int = 10_000, length: int = 60, seed: int = 0) -> Dataset:
    """Make a data set for one of the tasks; the same seed makes the same texts.

    Args:
        task: One of ``TASKS``.
        rows: How many texts, at least 2.
        length: Tokens of a text, at least 2: exactly so many for recall, at most so many for brackets and parity;
            negation and opinions have their own lengths.
        seed: Of the generator, at least 0.

    Raises:
        SelectionError: There is no such task.
        DataError: A setting is too small.

    Example:
        >>> parity = rnnviz.tasks.generate("parity", rows=100, length=8)
        >>> parity
        Dataset(parity, 100 texts, 2 classes)
        >>> parity.texts[0], parity.classes[parity.labels[0]]
        ('1 1 0 0 0 0 0', 'even')
    """
    if task not in _TASKS:
        raise unknown("task", task, _TASKS)
    for setting, value, least in (("rows", rows, 2), ("length", length, 2), ("seed", seed, 0)):
        if value < least:
            raise DataError("task_setting", task=task, setting=setting, least=least, found=value)
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


def _opinions(random: np.random.Generator, length: int) -> tuple[str, str]:
    """``their soup doesn't look very tasty``, ``no witty comedy``: affirmative as often as with one negation."""
    positive, negated = random.random(2) < 0.5
    quality = str(random.choice(_PRAISE if positive else _BLAME))
    matter, form = str(random.choice(_MATTERS)), int(random.integers(1, 5)) if negated else 0
    if random.random() < 0.2:
        text = _REMARKS[form].format(f"{quality} {matter}")
        text = re.sub(r"\ba (?=[aeiou])", "an ", text)
    else:
        claim = _CLAIMS[random.integers(len(_CLAIMS))][form]
        text = f"{random.choice(_SUBJECTS)} {claim}".format(matter, f"{random.choice(_DEGREES)}{quality}")
    return text, "positive" if positive ^ negated else "negative"


_TASKS: dict[str, tuple[_Maker, tuple[str, ...]]] = {
    "recall": (_recall, _LETTERS),
    "brackets": (_brackets, _DEPTHS),
    "parity": (_parity, ("even", "odd")),
    "negation": (_negation, ("negative", "positive")),
    "opinions": (_opinions, ("negative", "positive")),
}
TASKS = tuple(_TASKS)
"""The names of the tasks."""
