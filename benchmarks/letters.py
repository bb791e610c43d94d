"""The networks that read letter by letter, beside what counting letters comes to, on the same texts.

    python benchmarks/letters.py [DATA] [--checkpoints FOLDER] [--only NAME ...] [--threads N]

DATA is the folder with ``languages/train.csv.gz``, ``languages/test.csv.gz`` and ``tinyshakespeare/input.txt.gz``.
One table for the network that tells languages apart, with a naive Bayes over the three letters that stand at each
place (add-one smoothing, trained on the network's own training texts) and, where it is installed, the detector
lingua; one for the networks that write, with interpolated Kneser-Ney models of three and five letters (Kneser and Ney
1995, with the one discount of each order that Ney, Essen and Kneser 1994 estimate). They learn from the text that the
network learned from: the first nine tenths of Shakespeare, the first eight of Python's source. A network whose folder
is not there is left out.
"""

import argparse
import datetime
import importlib.util
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from capture import processor

import rnnviz
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data import corpora, datasets
from rnnviz.data.datasets import Dataset
from rnnviz.data.text import letters
from rnnviz.experiments.evaluation import calibration_error, finished, predicting
from rnnviz.formats import FORMATS

BEGINNINGS = (5, 10, 20, 40, None)
"""How many letters of each text are read; None: all."""
ORDERS = (3, 5)
_START = "\x02"

# Languages


class NaiveBayes:
    """Which class a text is of, from how often its trigrams of letters were in the texts of each class.

    Before its first letter each text has two marks, so that a beginning of one letter has a trigram too.

    Args:
        rows: What it learns from; every trigram counts once more than it was seen, and so does one that never was.
    """

    def __init__(self, rows: Dataset) -> None:
        self.trigrams: dict[str, int] = {}
        found = [
            np.array([self.trigrams.setdefault(gram, len(self.trigrams)) for gram in grams(text)], dtype=np.int64)
            for text in rows.texts
        ]
        counts = np.ones((len(rows.classes), len(self.trigrams) + 1))
        for label, places in zip(rows.labels, found, strict=True):
            np.add.at(counts[label], places, 1)
        self.likelihoods = np.log(counts / counts.sum(axis=1, keepdims=True))
        self.priors = np.log((np.bincount(rows.labels, minlength=len(counts)) + 1) / (len(rows) + len(counts)))

    def predict(self, texts: Sequence[str], most: int | None = None) -> np.ndarray:
        """Class probabilities of each text, or of its first letters."""
        unseen = len(self.trigrams)
        sums = np.array(
            [
                self.priors
                + self.likelihoods[:, [self.trigrams.get(gram, unseen) for gram in grams(text, most)]].sum(axis=1)
                for text in texts
            ]
        )
        likely = np.exp(sums - sums.max(axis=1, keepdims=True))
        return likely / likely.sum(axis=1, keepdims=True)


def grams(text: str, most: int | None = None) -> list[str]:
    """The trigrams of a text, one at each of its letters."""
    read = [_START, _START, *letters(text)[:most]]
    return ["".join(read[place : place + 3]) for place in range(len(read) - 2)]


class Lingua:
    """The detector lingua, told the same languages; ``known`` are the classes that it has. It has no Nepali."""

    def __init__(self, codes: Sequence[str]) -> None:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        spoken = {name.lower(): getattr(IsoCode639_1, name) for name in dir(IsoCode639_1) if len(name) == 2}
        self.known = [place for place, code in enumerate(codes) if code in spoken]
        self.codes = [codes[place] for place in self.known]
        self.classes = len(codes)
        self.detector = LanguageDetectorBuilder.from_iso_codes_639_1(*(spoken[code] for code in self.codes)).build()

    def predict(self, texts: Sequence[str], most: int | None = None) -> np.ndarray:
        """Class probabilities of each text, or of its first letters; without an answer, all zero."""
        places = dict(zip(self.codes, self.known, strict=True))
        probabilities = np.zeros((len(texts), self.classes))
        read = ["".join(letters(text)[:most]) for text in texts]
        for row, found in enumerate(self.detector.compute_language_confidence_values_in_parallel(read)):
            for value in found:
                probabilities[row, places[value.language.iso_code_639_1.name.lower()]] = value.value
        return probabilities


def languages(network: Checkpoint, learned: Dataset, test: Dataset) -> None:
    """How often each is right after so many letters, and how far its probability is from that."""
    sides = {
        network.config.name: lambda texts, most: finished(predicting(network, texts, most=most)),
        "naive Bayes over letter trigrams": NaiveBayes(learned).predict,
    }
    codes = [entry.value for entry in test.format.classes]
    lingua = Lingua(codes) if importlib.util.find_spec("lingua") else None
    told = {name: [side(test.texts, most) for most in BEGINNINGS] for name, side in sides.items()}
    print("| | texts | 5 letters | 10 | 20 | 40 | whole | calibration error |\n|---|---|---|---|---|---|---|---|")
    everything = np.ones(len(test), dtype=bool)
    for name, answered in told.items():
        print(language_row(name, answered, test.labels, everything), flush=True)
    if lingua is None:
        print("| lingua | not installed | | | | | | |")
        return
    told["lingua"] = [lingua.predict(test.texts, most) for most in BEGINNINGS]
    shared = np.isin(test.labels, lingua.known)
    for name, answered in told.items():
        print(language_row(f"{name}, texts in lingua's languages", answered, test.labels, shared))


def language_row(name: str, answered: Sequence[np.ndarray], labels: np.ndarray, counted: np.ndarray) -> str:
    """One line of the table; the calibration error is over all beginnings together, as ``rnnviz evaluate`` has it."""
    right = [(told.argmax(axis=1) == labels)[counted] for told in answered]
    sure = [told.max(axis=1)[counted] for told in answered]
    shares = " | ".join(f"{share.mean():.2%}" for share in right)
    error = calibration_error(np.concatenate(sure), np.concatenate(right))
    return f"| {name} | {counted.sum():,} | {shares} | {error:.2%} |"


# Writing


class KneserNey:
    """How likely each letter is after the few before it, by counting: interpolated Kneser-Ney.

    Args:
        ids: The letters that it learns from, as numbers below ``size``.
        order: Letters of a gram: the told one and those before it.
        size: Number of letters, with one that stands for all unseen.
    """

    def __init__(self, ids: np.ndarray, order: int, size: int) -> None:
        if size**order >= 2**63:
            raise ValueError(f"{order} letters of {size} do not fit into 63 bits; take a lower order")
        self.size = size
        self.levels = []
        found, counts = np.unique(coded(ids, order, size), return_counts=True)
        for length in range(order, 0, -1):
            once, twice = (int((counts == times).sum()) for times in (1, 2))
            discount = once / (once + 2 * twice) if once else 0.5  # of few letters none may be seen once
            before, starts = np.unique(found // size, return_index=True)
            totals, kinds = np.add.reduceat(counts, starts), np.diff(np.append(starts, len(found)))
            self.levels.insert(0, (found, counts, before, totals, kinds, discount))
            found, counts = np.unique(found % size ** (length - 1), return_counts=True)  # in how many contexts

    def predict(self, ids: np.ndarray) -> np.ndarray:
        """The probability that was given to each letter of a text, from its first, after those before it."""
        probabilities = np.full(len(ids), 1 / self.size)
        for length, (found, counts, before, totals, kinds, discount) in enumerate(self.levels, start=1):
            asked = coded(ids, length, self.size)
            seen = looked_up(found, counts, asked)
            total, kind = (looked_up(before, numbers, asked // self.size) for numbers in (totals, kinds))
            lower = probabilities[length - 1 :]
            told = (np.maximum(seen - discount, 0) + discount * kind * lower) / np.maximum(total, 1)
            probabilities[length - 1 :] = np.where(total > 0, told, lower)
        return probabilities


def coded(ids: np.ndarray, length: int, size: int) -> np.ndarray:
    """A number for the gram of so many letters that ends at each place, from the first that has one."""
    places = max(0, len(ids) - length + 1)
    codes = np.zeros(places, dtype=np.int64)
    for offset in range(length):
        codes = codes * size + ids[offset : offset + places]
    return codes


def looked_up(keys: np.ndarray, values: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The value of each key that is asked for, 0 for those that are not there; keys are sorted."""
    places = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
    return np.where(keys[places] == asked, values[places], 0)


def writing(network: Checkpoint, learned: Dataset, last: Dataset) -> None:
    """Bits that each takes for a letter of the last tenth; its first letter is read, not told."""
    found = rnnviz.evaluate(network, last)
    print(f"| {network.config.name} | {found.n:,} | {found.bits:.3f} |", flush=True)
    read, told = letters(learned.texts[0]), letters(last.texts[0])
    number = {letter: place for place, letter in enumerate(sorted(set(read)))}
    ids, asked = (np.array([number.get(letter, len(number)) for letter in text]) for text in (read, told))
    for order in ORDERS:
        bits = -np.log2(KneserNey(ids, order, len(number) + 1).predict(asked)[1:]).mean()
        print(f"| {order} letters, Kneser-Ney, for {network.config.name} | {found.n:,} | {bits:.3f} |", flush=True)


def main() -> None:
    """Measure, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, nargs="?", default=Path("data"))
    options.add_argument("--checkpoints", type=Path, default=Path("checkpoints"))
    names = ("languages-lstm", "shakespeare-lstm", "python-lstm")
    options.add_argument("--only", nargs="+", choices=names, default=names, help="the networks to measure")
    options.add_argument("--threads", type=int, default=1, help="of PyTorch")
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    versions = f"torch {torch.__version__} · Python {platform.python_version()}"
    print(f"{datetime.date.today()} · {processor()} · {given.threads} threads · {versions}\n")
    there = [name for name in names if name in given.only and (given.checkpoints / name).is_dir()]
    if "languages-lstm" in there:
        rows, test = (
            datasets.load(given.data / "languages" / f"{part}.csv.gz", "languages") for part in ("train", "test")
        )
        languages(rnnviz.load(given.checkpoints / "languages-lstm"), rows, test)
    if set(there) - {"languages-lstm"}:
        print("\n| last tenth | letters | bits a letter |\n|---|---|---|")
    if "shakespeare-lstm" in there:
        play = corpora.load(given.data / "tinyshakespeare" / "input.txt.gz", FORMATS["tiny_shakespeare"])
        learned, _, last = corpora.tenths(play, choose=False)
        writing(rnnviz.load(given.checkpoints / "shakespeare-lstm"), learned, last)
    if "python-lstm" in there:
        learned, _, last = corpora.tenths(corpora.python_source())
        writing(rnnviz.load(given.checkpoints / "python-lstm"), learned, last)


if __name__ == "__main__":
    main()
