"""How often a single unit of a network that writes keeps track of something in the text, over widths and seeds.

    python benchmarks/finder.py [TEXT] [--widths 64 128 256] [--seeds 3] [--epochs 1]

TEXT is a text file, or "python" for the source of Python's standard library. Each network learns from the first eight
tenths of it, as rnnviz's own do but for fewer epochs, and is measured on the last. One row a network: bits a letter,
and for each property the measure of the best unit, in bold where the finder says "found" (``rnnviz.probe``). At the
end, for each property, how many of the networks have no such unit.
"""

import argparse
import datetime
import platform
from collections import Counter

import torch
from capture import processor

import rnnviz
from rnnviz.data import corpora
from rnnviz.data.datasets import Dataset
from rnnviz.errors import TextError
from rnnviz.experiments.probes import PROPERTIES, Finding, Prober


def trained(learned: Dataset, width: int, seed: int, epochs: int) -> rnnviz.Checkpoint:
    """A network that has learned to tell the next letter."""
    recipe = rnnviz.Recipe(
        task="next",
        tokens="letters",
        hidden_size=width,
        embedding_dropout=0.05,
        dropout=0.1,
        recurrent_dropout=0.1,
        epochs=epochs,
        learning_rate=0.005,
        warmup=0.05,
        averaging=0.999,
        precision="bfloat16",
        seed=seed,
        device="cpu",
    )
    *_, last = rnnviz.train(learned, recipe, name=f"width {width}, seed {seed}")
    return last.checkpoint


def found_in(network: rnnviz.Checkpoint, text: str) -> dict[str, Finding | None]:
    """What the finder says of each property; None where it hardly occurs."""
    prober, findings = Prober(network, text), dict[str, Finding | None]()
    for name in PROPERTIES:
        try:
            findings[name] = prober.look_for(name)
        except TextError:
            findings[name] = None
    return findings


def main() -> None:
    """Train, look, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("text", nargs="?", default="python")
    options.add_argument("--widths", type=int, nargs="+", default=[64, 128, 256])
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--epochs", type=int, default=1)
    given = options.parse_args()
    print(f"{datetime.date.today()} · {processor()} · torch {torch.__version__} · Python {platform.python_version()}\n")
    learned, _, last = corpora.tenths(corpora.load(given.text))
    print(f"| units | seed | bits | {' | '.join(PROPERTIES)} |\n|---|---|---|{'---|' * len(PROPERTIES)}", flush=True)
    without, networks = Counter[str](), 0
    for width in given.widths:
        for seed in range(1, given.seeds + 1):
            network = trained(learned, width, seed, given.epochs)
            findings = found_in(network, corpora.whole_text(last))
            networks += 1
            without.update(name for name, one in findings.items() if one is None or not one.found)
            cells = [
                "" if one is None else f"**{one.value:.2f}**" if one.found else f"{one.value:.2f}"
                for one in findings.values()
            ]
            bits = rnnviz.evaluate(network, last).bits
            print(f"| {width} | {seed} | {bits:.3f} | {' | '.join(cells)} |", flush=True)
    print(f"\nOf {networks} networks, without a unit that keeps track of it:")
    print(", ".join(f"{name} {without[name]}" for name in PROPERTIES))


if __name__ == "__main__":
    main()
