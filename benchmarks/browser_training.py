"""How long the browser's training takes until every text set aside is answered rightly: every task and cell.

    python benchmarks/browser_training.py [--task NAME ...] [--cell NAME ...] [--length N ...] [--detach K ...]
        [--forget-bias B] [--units N] [--rate low|good|high] [--seeds N]

Each training is the page's own, run by Node on what is built of web/src/engine, one at a time. Seconds are those of the
processor; those of the clock stand beside them, and say little on a machine that does other things at the same time.
With ``--detach`` it is the truncation laboratory: the gradient is cut before every so many words, 0 for never.
"""

import argparse
import datetime
import itertools
import json
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from capture import processor

from rnnviz.page.offers import CELLS, OFFERS, Rates
from tests.web.learning_node import build, node


def main() -> None:
    """Train, and print a line of the table for each preset and cell."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--task", nargs="+", choices=OFFERS, default=list(OFFERS))
    options.add_argument("--cell", nargs="+", choices=CELLS, default=["rnn", "gru", "lstm"])
    options.add_argument("--length", type=int, nargs="+", help="words of a text; the page's own when left out")
    options.add_argument("--detach", type=int, nargs="+", default=[0], help="cut before every so many words; 0: never")
    options.add_argument("--forget-bias", type=float, help="of the gates that keep; the page's own when left out")
    options.add_argument("--rate", choices=Rates._fields, default="good", help="one of the page's learning rates")
    options.add_argument("--units", type=int, help="the page's own when left out")
    options.add_argument("--seeds", type=int, default=3, help="trainings of each kind")
    given = options.parse_args()
    version = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{datetime.date.today()} · {processor()} · Node {version} · {given.seeds} seeds · rate: {given.rate}\n")
    heads = "right (lowest to highest) | to 100 %, seconds | whole, seconds | clock"
    print(f"| task | words | cut every | cell | units | {heads} |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        script = build(Path(folder)) / "presets.mjs"
        for asked in questions(given):
            print(row(asked, [trained(script, asked | {"seed": seed}) for seed in range(given.seeds)]), flush=True)


def questions(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What is trained, without a seed."""
    for task in given.task:
        offer = OFFERS[task]
        lengths = [{"length": length} for length in given.length or [offer.length]] if offer.most else [{}]
        bias = {} if given.forget_bias is None else {"forget_bias": given.forget_bias}
        fixed = {"task": task, "units": given.units or offer.units, "learning_rate": getattr(offer.rates, given.rate)}
        for length, cell, detach in itertools.product(lengths, given.cell, given.detach):
            yield fixed | bias | length | {"cell": cell, "detach": detach}


def trained(script: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """What one training came to, in a process of its own."""
    run = subprocess.run([node(), str(script), json.dumps(asked)], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def row(asked: dict[str, Any], outcomes: list[dict[str, Any]]) -> str:
    """One line of the table."""
    whole = [one["whole"] for one in outcomes if one["whole"] is not None]
    reached = f"{statistics.median(whole):.1f} ({len(whole)} of {len(outcomes)})" if whole else "never"
    accuracies = [one["accuracy"] for one in outcomes]
    right = f"{statistics.median(accuracies):.1%} ({min(accuracies):.1%} to {max(accuracies):.1%})"
    busy, seconds = (statistics.median(one[name] for one in outcomes) for name in ("busy", "seconds"))
    return (
        f"| {asked['task']} | {asked.get('length', '–')} | {asked['detach'] or 'never'} | {asked['cell']} "
        f"| {asked['units']} | {right} "
        f"| {reached} | {busy:.1f} | {seconds:.1f} |"
    )


if __name__ == "__main__":
    main()
