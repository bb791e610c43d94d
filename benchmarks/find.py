"""Finding in a corpus by bitmaps, beside a plain scan of the states and LSTMVis's own algorithm, on the same data.

    python benchmarks/find.py INDEX [--questions 30] [--rounds 5] [--seed 0]
    python benchmarks/find.py --build CHECKPOINT TEXTS --out INDEX [--tokens 4000000]

INDEX is a folder that ``rnnviz index`` wrote. The first form draws stretches of 1 to 4 tokens from the corpus, takes
the units that are on at all of a stretch and not before it, 5 to 10 of them, and asks all ways where else they are, in
turn, so that all meet the same machine; it prints medians over the questions, of the time that passed and of the
processor's own, which other programs on the machine change less. The second builds an index in a process
of its own, its texts read again from the first on until there are so many tokens, and prints time, size and peak
memory.

The plain scan reads the chosen columns of the states, which lie token after token, and has to give the very hits of
the bitmaps. LSTMVis (Strobelt, Gehrmann, Pfister and Rush, IEEE TVCG 24, 2018) is followed from its paper and what its
server does, github.com/HendrikStrobelt/LSTMVis as of 2021: it counts the chosen cells that are on at each time step,
collects up to 10,000 stretches with exactly m of them, m going down from all, looks at all cells of each, and ranks by
the number shared, then by fewest others, then by length. Its "fast" mode stops at 500,000 steps and 1,000 stretches.
Its states come from memory here, not from an HDF5 file, and both signs are asked, which it cannot.
"""

import argparse
import datetime
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from capture import processor

from rnnviz.corpus import Index
from rnnviz.corpus.find import Unit

THRESHOLD, MOST = 0.5, 20
LEAST_UNITS, MOST_UNITS = 5, 10
Question = tuple[tuple[Unit, ...], int]
Ranked = list[tuple[int, int]]


def questions(index: Index, count: int, seed: int) -> list[Question]:
    """Units that are on at a stretch and not before it, and its length."""
    random = np.random.default_rng(seed)
    drawn: list[Question] = []
    for _ in range(100 * count):
        text, length = int(random.integers(len(index))), int(random.integers(1, 5))
        states = index.states(text).astype(np.float32)
        if len(states) <= length + 1 or len(drawn) == count:
            continue
        start = int(random.integers(1, len(states) - length))
        on = [sign * states > THRESHOLD for sign in (1, -1)]
        units = [
            (int(unit), sign)
            for sign, own in zip((1, -1), on, strict=True)
            for unit in np.flatnonzero(own[start : start + length].all(axis=0) & ~own[start - 1])
        ]
        if len(units) >= LEAST_UNITS:
            chosen = random.permutation(len(units))[:MOST_UNITS]
            drawn.append((tuple(units[place] for place in chosen), length))
    return drawn


def by_bitmaps(index: Index, question: Question) -> Ranked:
    """Where the hits of ``Index.find`` are: first and last position."""
    units, length = question
    found = index.find(units, THRESHOLD, length, before=True, most=MOST)
    return [(int(index.offsets[hit.text]) + hit.start, int(index.offsets[hit.text]) + hit.stop) for hit in found.hits]


# The plain scan


def runs(on: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run of truths begins and ends; also at the first token of a text."""
    begins = on & ~(np.concatenate([[False], on[:-1]]) & ~first)
    ends = on & ~np.concatenate([on[1:] & ~first[1:], [False]])
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def by_scan(index: Index, question: Question) -> Ranked:
    """The same hits, from the states themselves."""
    units, length = question
    signs = np.array([sign for _, sign in units], np.float16)
    states = index.hidden[:, [unit for unit, _ in units]]
    on = states * signs > np.float16(THRESHOLD)
    first = np.zeros(len(on), bool)
    first[index.offsets[:-1]] = True
    counts = on.sum(axis=1)
    rates = -np.log2(on.mean(axis=0).clip(min=1 / len(on)))
    known: dict[tuple[int, int], np.ndarray] = {}
    for least in range(len(units), 0, -1):
        for start, stop in zip(*runs(counts >= least, first), strict=True):
            if (start, stop) not in known:
                matched = on[start:stop].all(axis=0)
                known[start, stop] = matched & ~on[start - 1] if not first[start] else matched
        hits = apart({hit: matched for hit, matched in known.items() if matched.sum() >= least})
        texts = np.searchsorted(index.offsets, [start for start, _ in hits], side="right")
        if len(set(texts.tolist())) >= MOST:
            break
    ranked = sorted(
        hits,
        key=lambda hit: (
            -known[hit].sum(),
            abs(hit[1] - hit[0] - length),
            -round(float(rates @ known[hit]), 9),
            hit[0],
        ),
    )
    best: dict[int, tuple[int, int]] = {}
    for start, stop in ranked:
        best.setdefault(int(np.searchsorted(index.offsets, start, side="right")), (int(start), int(stop)))
    return list(best.values())[:MOST]


def apart(hits: dict[tuple[int, int], np.ndarray]) -> Ranked:
    """Of stretches inside each other the one that matches more, or else the shorter one."""
    kept: Ranked = []
    for start, stop in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        while kept and kept[-1][1] > start:  # inside the last one
            if hits[start, stop].sum() < hits[kept[-1]].sum():
                break
            kept.pop()
        else:
            kept.append((start, stop))
    return kept


# LSTMVis


def by_lstmvis(index: Index, question: Question, *, fast: bool) -> Ranked:
    """What LSTMVis answers, with the condition on the left."""
    units, length = question
    steps, wanted = (500_000, 1_000) if fast else (len(index.hidden), 10_000)
    states = index.hidden[:steps]
    columns = np.array([unit for unit, _ in units])
    counts = np.zeros(len(states), np.float32)
    for unit, sign in units:
        counts += states[:, unit] * np.float16(sign) > THRESHOLD
    candidates: dict[tuple[int, int], float] = {}
    for exact in range(len(units), 0, -1):
        if len(candidates) >= wanted:
            break
        clipped = np.minimum(counts, exact)
        borders = np.flatnonzero(np.diff(clipped)) + 1
        starts = np.concatenate([[0], borders])
        lengths = np.diff(np.concatenate([starts, [len(clipped)]]))
        values = clipped[starts]
        for run in np.flatnonzero((values == exact) & (lengths == length)):
            candidates.setdefault((int(starts[run]), length), exact - float(values[run - 1]))
    best = sorted(candidates, key=candidates.__getitem__, reverse=True)[:wanted]
    signs = np.ones(index.units, np.float32)
    signs[columns] = [sign for _, sign in units]
    ranked = []
    for start, size in best:
        if not start:
            continue
        on = states[start - 1 : start + size].astype(np.float32) * signs > THRESHOLD
        active = np.flatnonzero(on[1:].all(axis=0) & ~on[0])
        shared = len(np.intersect1d(active, columns))
        ranked.append((-shared, len(np.union1d(active, columns)), -size, start))
    return [(start, start - size) for _, _, size, start in sorted(ranked)[:MOST]]


def measure(index: Index, count: int, rounds: int, seed: int) -> None:
    """Ask all three in turn, and print the table."""
    ways: dict[str, Callable[[Index, Question], Ranked]] = {
        "bitmaps": by_bitmaps,
        "plain scan": by_scan,
        "LSTMVis, fast": lambda index, question: by_lstmvis(index, question, fast=True),
        "LSTMVis, all steps": lambda index, question: by_lstmvis(index, question, fast=False),
    }
    asked = questions(index, count, seed)
    taken = {name: np.zeros((2, len(asked), rounds)) for name in ways}
    for number, question in enumerate(asked):
        assert by_bitmaps(index, question) == by_scan(index, question), question  # noqa: S101  they are the same hits
        for turn in range(rounds):
            for name, way in ways.items():
                began = time.perf_counter(), time.process_time()
                way(index, question)
                taken[name][:, number, turn] = time.perf_counter() - began[0], time.process_time() - began[1]
    units = sorted(len(units) for units, _ in asked)
    print(f"{index}; {len(asked)} questions of {units[0]} to {units[-1]} units, {rounds} rounds each")
    print(
        "\n| way | median, ms | of the processor, ms | worst question, of the processor, ms | bitmaps are faster by |"
    )
    print("|---|---|---|---|---|")
    own = np.median(taken["bitmaps"][1], axis=1)
    for name, spent in taken.items():
        elapsed, worked = np.median(spent, axis=2)
        ratio = "" if name == "bitmaps" else f"{np.median(worked / own):,.0f} ×"
        cells = (f"{1e3 * value:,.1f}" for value in (np.median(elapsed), np.median(worked), worked.max()))
        print(f"| {name} | {' | '.join(cells)} | {ratio} |")


def build(checkpoint: str, path: Path, out: Path, tokens: int) -> None:
    """Build an index in a process of its own, and print what it took."""
    began = time.perf_counter()
    command = [sys.executable, __file__, "--build", checkpoint, path, "--out", out, "--tokens", str(tokens), "--alone"]
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3  # kilobytes on Linux
    index = Index.load(out)
    size = sum(file.bytes for file in index.about.files.values())
    print(f"{index}: {seconds:,.0f} s, {index.about.positions / seconds:,.0f} tokens a second,", end=" ")
    print(f"{size / 1e6:,.0f} MB, peak memory {peak:,.0f} MB")


def build_here(checkpoint: str, path: Path, out: Path, tokens: int) -> None:
    """Build an index of so many tokens."""
    from itertools import cycle

    import rnnviz
    from rnnviz.corpus import build as build_index, texts

    network = rnnviz.load(checkpoint)
    data = texts.load(path, network.config.data)
    rows, there = [], 0
    for row in cycle(range(len(data))):
        if there >= tokens:
            break
        rows.append(row)
        there += len(network.ids(data.texts[row]))
    build_index(network, data.take(rows), out, resume=False, overwrite=True)


def main() -> None:
    """Measure, and say on what."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("index", type=Path, nargs="?")
    options.add_argument("--questions", type=int, default=30)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--build", nargs=2, metavar=("CHECKPOINT", "TEXTS"))
    options.add_argument("--out", type=Path)
    options.add_argument("--tokens", type=int, default=4_000_000)
    options.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.build and given.alone:
        build_here(given.build[0], Path(given.build[1]), given.out, given.tokens)
        return
    print(f"{datetime.date.today()}, {processor()}, Python {platform.python_version()}, NumPy {np.__version__}")
    if given.build:
        build(given.build[0], Path(given.build[1]), given.out, given.tokens)
    else:
        measure(Index.load(given.index), given.questions, given.rounds, given.seed)


if __name__ == "__main__":
    main()
