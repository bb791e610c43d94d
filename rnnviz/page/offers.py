"""What can be trained in the page: tasks, cells, limits, and learning rates that were tried. Needs no torch.

Left out: the training itself and the line of those who wait for it (``rnnviz.page.trainings``).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

from rnnviz.data import tasks
from rnnviz.data.file_options import CHOICES
from rnnviz.data.formats import FORMATS
from rnnviz.errors import SettingError, unknown
from rnnviz.page.requests import TrainStart, WrongType
from rnnviz.signals import Cell

CELLS: tuple[Cell, ...] = get_args(Cell)
MOST_UNITS = 64
LEAST_RATE, MOST_RATE = 1e-6, 10.0
TEXTS, HELD_OUT = 4_000, 500
"""The most texts to learn from, and to measure on."""
MOST_WORDS = 60
"""Of the watched sentence; of a longer text in a visitor's file, the first so many words are learned."""
MOST_SECONDS, SILENT_SECONDS = 30.0, 5.0
"""How long a training may take, and how long a page may be silent until it counts as gone."""
MOST_WAITING = 8
SAMPLE_SEED = 1
"""Of the sentence that is watched."""
MOST_SEED = 1_000_000

Number = int | float


class Rates(NamedTuple):
    """Learning rates: one at which nothing moves, one that learns, and one at which the loss jumps."""

    low: float
    good: float
    high: float


@dataclass(frozen=True)
class Offer:
    """How something is trained in the page.

    Attributes:
        rates: Tried with each cell.
        units: Of the recurrent layer, unless a visitor wants another number.
        length, least, most: Tokens of a text, where one may choose; 0 where the texts have their own lengths.
        forget_bias: What an LSTM's forget gates, or a GRU's update gates, start from. From PyTorch's 0, neither learns
            to recall a letter so far back.
    """

    rates: Rates
    units: int = 16
    length: int = 0
    least: int = 0
    most: int = 0
    forget_bias: float = 0.0


OFFERS = {
    "recall": Offer(Rates(1e-5, 0.003, 10.0), units=32, length=60, least=2, most=60, forget_bias=4.0),
    "brackets": Offer(Rates(3e-5, 0.02, 5.0), length=20, least=2, most=60),
    "parity": Offer(Rates(3e-5, 0.03, 5.0), length=5, least=2, most=20),
    "negation": Offer(Rates(3e-5, 0.02, 5.0)),
    "opinions": Offer(Rates(3e-5, 0.01, 5.0)),
}
OWN_FILE = Offer(Rates(3e-5, 0.01, 5.0))


class Wanted(NamedTuple):
    """What a visitor asked to be trained, checked.

    Attributes:
        task: A generated task; None with a file.
        file: The ticket of a file that was received before; empty with a task.
        length: Tokens of a generated text.
        watch: The sentence to watch; empty for one of the task's or the file's own.
        seed: Of the generated texts, the network's first weights and the order of the batches. The page sends none, so
            the same settings give the same curve again.
        detach: The gradient is cut before every so many words; 0 for never.
    """

    task: str | None
    file: str
    cell: Cell
    units: int
    learning_rate: float
    length: int
    watch: str
    seed: int = 0
    detach: int = 0

    @property
    def offer(self) -> Offer:
        """How it is trained."""
        return OFFERS[self.task] if self.task else OWN_FILE


def wanted(question: TrainStart) -> Wanted:
    """Check what the page sent.

    Raises:
        SelectionError: There is no such task or cell.
        SettingError: A number is none, or out of its range.
    """
    file = question.data
    offer = OWN_FILE if file else OFFERS[_one_of("task", question.task, OFFERS)]
    return Wanted(
        task=None if file else question.task,
        file=file,
        cell=_one_of("cell", question.cell, CELLS),
        units=int(_number("units", question.units, offer.units, 1, MOST_UNITS)),
        learning_rate=_number("learning_rate", question.learning_rate, offer.rates.good, LEAST_RATE, MOST_RATE),
        length=int(_number("length", question.length, offer.length, offer.least, offer.most)) if offer.most else 2,
        watch=question.watch,
        seed=int(_number("seed", question.seed, 0, 0, MOST_SEED)),
        detach=int(_number("detach", question.detach, 0, 0, MOST_WORDS)),
    )


def _one_of(kind: str, given: str, names: Any) -> Any:
    if given not in names:
        raise unknown(kind, given.encode("ascii", "replace").decode()[:40], names)
    return given


def _number(setting: str, given: Number | WrongType | None, default: Number, low: Number, high: Number) -> float:
    number = default if given is None else given
    if isinstance(number, WrongType) or not low <= number <= high:
        raise SettingError("training_range", setting=setting, low=low, high=high)
    return float(number)


def offers(*, allowed: bool, own_files: bool) -> dict[str, Any]:
    """All that the page needs to know at load.

    Args:
        allowed: Whether anything is trained here.
        own_files: Whether visitors may train on files of their own.
    """
    return {
        "allowed": allowed,
        "own_files": allowed and own_files,
        "tasks": [{"name": name} | _shown(offer) | _sample(name, offer) for name, offer in OFFERS.items()],
        "file": _shown(OWN_FILE),
        "file_menus": {"format": list(FORMATS)} | {name: list(choice.menu) for name, choice in CHOICES.items()},
        "cells": list(CELLS),
        "units": {"least": 1, "most": MOST_UNITS},
        "learning_rate": {"least": LEAST_RATE, "most": MOST_RATE},
        "words": MOST_WORDS,
        "seconds": MOST_SECONDS,
        "silent_seconds": SILENT_SECONDS,
    }


def _shown(offer: Offer) -> dict[str, Any]:
    length = {"default": offer.length, "least": offer.least, "most": offer.most} if offer.most else None
    return {"rates": offer.rates._asdict(), "units": offer.units, "length": length}


def _sample(task: str, offer: Offer) -> dict[str, Any]:
    """The classes of a task, and the sentence that is watched unless a visitor types another."""
    made = tasks.generate(task, rows=2, length=max(2, offer.length), seed=SAMPLE_SEED)
    return {"classes": list(made.classes), "watch": made.texts[0]}
