"""How long the browser's engine takes for the answer to a keystroke, in Node: shipped networks, 12 and 40 words.

    python benchmarks/browser_reading.py [--beside FOLDER] [--network NAME ...] [--keys N]

A keystroke changes the last word, or the first one: a network that reads both ways reads all beginnings from the
changed word on. With ``--beside``, the ``web`` folder of another checkout takes turns with this one; with
``--plain``, this engine without WebAssembly does too. Milliseconds: the median, and the least.
"""

import argparse
import datetime
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from capture import processor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rnnviz.checkpoint.folder import load  # noqa: E402
from tests.web.engine import Engine, missing  # noqa: E402
from tests.web.texts import sentence  # noqa: E402

NETWORKS = ("sst2-lstm", "agnews-lstm", "trec6-bilstm", "sst2-bilstm")
WARM_UP = 10


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--beside", type=Path, help="the web folder of another checkout, its packages installed")
    options.add_argument("--plain", action="store_true", help="without WebAssembly too")
    options.add_argument("--network", nargs="+", default=NETWORKS)
    options.add_argument("--keys", type=int, default=50)
    given = options.parse_args()
    if problem := missing():
        sys.exit(f"This needs Node and the packages of web/: {problem}.")
    with tempfile.TemporaryDirectory() as built:
        engines = {"this": Engine(Path(built) / "this")}
        if given.beside:
            engines["beside"] = Engine(Path(built) / "beside", web=given.beside)
        if given.plain:
            engines["JavaScript"] = Engine(Path(built) / "plain", plain=True)
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        print(f"{datetime.date.today()} · {processor()} · Node {version} · {given.keys} keys\n")
        print(f"| network | words | changed word | {' | '.join(engines)} |")
        print(f"|---|---|---|{'---|' * len(engines)}")
        for name in given.network:
            for words in (12, 40):
                for place in (words - 1, 0):
                    print(row(engines, name, words, place, given.keys), flush=True)
        for engine in engines.values():
            engine.close()


def row(engines: dict[str, Engine], name: str, words: int, place: int, keys: int) -> str:
    """One line of the table: the engines take turns."""
    source = random.Random(0)
    vocabulary = load(ROOT / "checkpoints" / name).vocabulary
    text = sentence(vocabulary, words, source).split()
    taken: dict[str, list[float]] = {kind: [] for kind in engines}
    for _ in range(WARM_UP + keys):
        text[place] = source.choice(vocabulary.words[2:])
        for kind, engine in engines.items():
            taken[kind].append(engine.ask(ROOT / "checkpoints", "time", {"model": name, "text": " ".join(text)}))
    shown = (f"{statistics.median(times[WARM_UP:]):.1f} ({min(times[WARM_UP:]):.1f})" for times in taken.values())
    return f"| {name} | {words} | {'first' if place == 0 else 'last'} | {' | '.join(shown)} |"


if __name__ == "__main__":
    main()
