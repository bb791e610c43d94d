"""How long each kind of cell can learn to remember: which of four letters came first, so many tokens ago?

    python benchmarks/memory.py [--out memory.html] [--length N ...] [--seeds N] [--steps N]

Every training sees each text once, so that the share of right answers while it learns is honest: "seconds to 99 %" ends
with the first half second in which it was so large. The accuracy in the table and the figure is of 1,000 texts held
out. Goals: with the forget bias 4 an LSTM solves length 60 within seconds, and with PyTorch's own start it does not; a
plain RNN stays at chance, 25 %, from three seeds.
"""

import argparse
import datetime
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go
import torch
from capture import processor

import rnnviz
from rnnviz.data.tasks import generate
from rnnviz.experiments.evaluation import evaluate

CELLS = (("rnn", 0.0), ("lstm", 0.0), ("lstm", 4.0), ("gru", 0.0), ("gru", 4.0))
LENGTHS = (10, 20, 40, 60, 100)
CHANCE, SOLVED = 0.25, 0.99
COLOURS = ("#666666", "#e69f00", "#d55e00", "#56b4e9", "#0072b2")  # Okabe and Ito: told apart without red and green
TEXTS = 32  # in a batch
STEPS = 600
RATE = 0.003


@dataclass(frozen=True)
class Outcome:
    """What one training came to.

    Attributes:
        accuracy: Of texts held out, 0 to 1.
        seconds: Of the training.
        solved: Seconds until 99 % were answered rightly; None if they never were.
    """

    accuracy: float
    seconds: float
    solved: float | None


Found = dict[tuple[str, float, int], list[Outcome]]


def main() -> None:
    """Train, print the table, draw the figure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=Path("memory.html"), help="where the figure is written")
    options.add_argument("--length", type=int, nargs="+", default=LENGTHS, help="tokens of a text")
    options.add_argument("--seeds", type=int, default=3, help="trainings of each kind")
    options.add_argument("--steps", type=int, default=STEPS, help=f"batches of {TEXTS} texts in a training")
    given = options.parse_args()
    torch.set_num_threads(1)
    versions = f"torch {torch.__version__} · Python {platform.python_version()}"
    print(f"{datetime.date.today()} · {processor()} · one thread · {versions}\n")
    found = measure(given.length, range(given.seeds), given.steps)
    figure(found).write_html(given.out, include_plotlyjs=True)
    print(f"\n{given.out}")


def measure(lengths: Sequence[int], seeds: Sequence[int], steps: int) -> Found:
    """Train every cell on every length from every seed, and print a line of the table for each cell and length."""
    found: Found = {}
    print("| cell | length | accuracy, median | each seed | seconds to 99 %, median | seconds of a training |")
    print("|---|---|---|---|---|---|")
    for cell, forget_bias in CELLS:
        for length in lengths:
            outcomes = [learn(cell, forget_bias, length, seed, steps) for seed in seeds]
            found[cell, forget_bias, length] = outcomes
            print(row(named(cell, forget_bias), length, outcomes), flush=True)
    return found


def learn(cell: str, forget_bias: float, length: int, seed: int, steps: int) -> Outcome:
    """Train one network of 32 units, on new texts to the end."""
    recipe = rnnviz.Recipe(
        cell=cell,
        forget_bias=forget_bias,
        embedding_size=16,
        hidden_size=32,
        epochs=1,
        batch_tokens=TEXTS * length,
        learning_rate=RATE,
        seed=seed,
        device="cpu",
    )
    learnt = generate("recall", rows=TEXTS * steps, length=length, seed=seed)
    held_out = generate("recall", rows=1_000, length=length, seed=1_000 + seed)
    texts, right, solved = 0, 0.0, None
    for moment in rnnviz.train(learnt, recipe):
        if moment.texts > texts and solved is None:
            right, before = moment.accuracy * moment.texts, right
            solved = moment.seconds if right - before >= SOLVED * (moment.texts - texts) else None
            texts = moment.texts
    accuracy = evaluate(moment.checkpoint, held_out).accuracy
    if solved is None and accuracy >= SOLVED:  # it learned within one moment
        solved = moment.seconds
    return Outcome(accuracy, moment.seconds, solved)


def named(cell: str, forget_bias: float) -> str:
    """A cell and its start, in words."""
    kind = {"rnn": "plain RNN", "lstm": "LSTM", "gru": "GRU"}[cell]
    return f"{kind}, forget bias {forget_bias:g}" if forget_bias else kind


def row(name: str, length: int, outcomes: list[Outcome]) -> str:
    """One line of the table."""
    accuracies = [outcome.accuracy for outcome in outcomes]
    times = [outcome.solved for outcome in outcomes if outcome.solved is not None]
    solved = f"{statistics.median(times):.1f} ({len(times)} of {len(outcomes)} seeds)" if times else "–"
    seconds = statistics.median(outcome.seconds for outcome in outcomes)
    each = ", ".join(f"{accuracy:.0%}" for accuracy in accuracies)
    return f"| {name} | {length} | {statistics.median(accuracies):.0%} | {each} | {solved} | {seconds:.1f} |"


def figure(found: Found) -> go.Figure:
    """Accuracy over length: a line through the medians of each cell, and a bar from the worst seed to the best."""
    drawn = go.Figure()
    for (cell, forget_bias), colour in zip(CELLS, COLOURS, strict=True):
        lengths = [length for kind, bias, length in found if (kind, bias) == (cell, forget_bias)]
        seeds = [[outcome.accuracy for outcome in found[cell, forget_bias, length]] for length in lengths]
        middle = [statistics.median(accuracies) for accuracies in seeds]
        drawn.add_scatter(
            x=lengths,
            y=middle,
            name=named(cell, forget_bias),
            line={"color": colour, "dash": "solid" if forget_bias else "dot"},
            error_y={
                "array": [max(accuracies) - mid for accuracies, mid in zip(seeds, middle, strict=True)],
                "arrayminus": [mid - min(accuracies) for accuracies, mid in zip(seeds, middle, strict=True)],
            },
        )
    drawn.add_hline(CHANCE, line={"color": "#999999", "width": 1}, annotation_text="chance")
    return drawn.update_layout(
        title="First letter recalled after so many tokens: median of the seeds, bars from the worst to the best",
        xaxis_title="tokens of a text",
        yaxis={"title": "right answers on texts held out", "tickformat": ".0%", "range": [0, 1.05]},
    )


if __name__ == "__main__":
    main()
