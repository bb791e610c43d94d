"""What the presets of the page's Train panel come to: every task, cell and learning rate, from ten seeds each.

    python benchmarks/presets.py [--task NAME ...] [--cell NAME ...] [--rate low good high] [--length N ...]
        [--units N ...] [--seeds N] [--jobs N]

Each training is the page's own (``rnnviz.page.learning``): its texts, recipe, watched sentence and texts set aside.
Only the seed differs. It decides the generated texts, the network's first weights and the order of the batches; the
page always trains seed 0. A network *learned* the task if it is right on 95 % of the texts set aside or more; it
learned *nothing* if it is no better than naming the commonest class, by the page's own measure of three standard
errors.
"""

import argparse
import contextlib
import datetime
import itertools
import math
import multiprocessing
import platform
import statistics
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import torch
from capture import processor

from rnnviz.errors import TrainingError
from rnnviz.page.learning import learning
from rnnviz.page.offers import CELLS, MOST_SECONDS, OFFERS, Rates, Wanted, wanted
from rnnviz.page.requests import TrainStart

LEARNED = 0.95
SIGMAS = 3
NAMES = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}


@dataclass(frozen=True)
class Outcome:
    """What one training came to.

    Attributes:
        accuracy: On the texts set aside, at the end of the last whole epoch; 0 if there was none.
        chance: What naming the commonest class would give.
        texts: How many were set aside.
        seconds: Of the training, the making of the texts included.
    """

    accuracy: float
    chance: float
    texts: int
    seconds: float

    @property
    def learned(self) -> bool:
        """Whether it solved the task."""
        return self.accuracy >= LEARNED

    @property
    def nothing(self) -> bool:
        """Whether it is no better than guessing."""
        return self.accuracy <= self.chance + SIGMAS * math.sqrt(self.chance * (1 - self.chance) / self.texts)


def main() -> None:
    """Train, and print a line of the table for each preset and cell."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--task", nargs="+", choices=OFFERS, default=list(OFFERS))
    options.add_argument("--cell", nargs="+", choices=CELLS, default=["rnn", "gru", "lstm"])
    options.add_argument("--rate", nargs="+", choices=Rates._fields, default=["good"], help="the page's learning rates")
    options.add_argument("--length", type=int, nargs="+", help="words of a text; the page's own when left out")
    options.add_argument("--units", type=int, nargs="+", help="the page's own when left out")
    options.add_argument("--seeds", type=int, default=10, help="trainings of each kind")
    options.add_argument("--jobs", type=int, default=2, help="trainings at a time")
    given = options.parse_args()
    versions = f"torch {torch.__version__} · Python {platform.python_version()}"
    print(f"{datetime.date.today()} · {processor()} · {given.jobs} at a time, one thread each · {versions}\n")
    kinds = [
        asked(task, cell, rate, length, units)
        for task, rate in itertools.product(given.task, given.rate)
        for length in (given.length if given.length and OFFERS[task].most else [OFFERS[task].length])
        for units, cell in itertools.product(given.units or [OFFERS[task].units], given.cell)
    ]
    table(kinds, given.seeds, given.jobs)


def asked(task: str, cell: str, rate: str, length: int, units: int) -> Wanted:
    """What the page would send for a preset."""
    offer = OFFERS[task]
    chosen = {"task": task, "cell": cell, "units": units, "learning_rate": getattr(offer.rates, rate)}
    return wanted(TrainStart.model_validate(chosen | ({"length": length} if offer.most else {})))


def table(kinds: list[Wanted], seeds: int, jobs: int) -> None:
    """Train every kind from every seed, and print a line for each kind as soon as it is done."""
    print("| task | words | cell | units | rate | right, median (lowest to highest) | learned | nothing | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind, outcomes in trained(kinds, seeds, jobs):
        print(row(kind, outcomes), flush=True)


def trained(kinds: Iterable[Wanted], seeds: int, jobs: int) -> Iterator[tuple[Wanted, list[Outcome]]]:
    """Each kind with its outcomes, in several processes."""
    kinds = list(kinds)
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.map(learn, [kind._replace(seed=seed) for kind in kinds for seed in range(seeds)])
        for kind in kinds:
            yield kind, list(itertools.islice(found, seeds))


def learn(kind: Wanted) -> Outcome:
    """Train one network as the page does, but for its time limit."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    held_out = {"accuracy": 0.0, "chance": 0.0, "texts": 1}
    with contextlib.suppress(TrainingError):  # the loss stopped being a number
        for news in learning(kind, None):
            held_out = (news and news.held_out) or held_out
    return Outcome(
        **{name: held_out[name] for name in ("accuracy", "chance", "texts")}, seconds=time.perf_counter() - start
    )


def row(kind: Wanted, outcomes: list[Outcome]) -> str:
    """One line of the table."""
    accuracies = [outcome.accuracy for outcome in outcomes]
    right = f"{statistics.median(accuracies):.0%} ({min(accuracies):.0%} to {max(accuracies):.0%})"
    learned, nothing = (sum(getattr(outcome, name) for outcome in outcomes) for name in ("learned", "nothing"))
    seconds = statistics.median(outcome.seconds for outcome in outcomes)
    late = sum(outcome.seconds > MOST_SECONDS for outcome in outcomes)
    length = kind.length if kind.offer.most else "–"
    return (
        f"| {kind.task} | {length} | {NAMES[kind.cell]} | {kind.units} | {kind.learning_rate:g} | {right} "
        f"| {learned} of {len(outcomes)} | {nothing} of {len(outcomes)} | {seconds:.1f}"
        f"{f' ({late} too long)' if late else ''} |"
    )


if __name__ == "__main__":
    main()
