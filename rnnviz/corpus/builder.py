"""build: read a corpus once with a network, and write the folder that ``rnnviz.corpus.index`` opens.

In three steps: the texts become tokens; the network reads them, some 100,000 tokens at a time; the bitmaps are made of
the states. What has been read is kept in ``.rnnviz-index-NAME`` beside the folder until all is there, and only then
moved into its place. A build that was killed goes on after the last part that was written, and gives the same bytes:
which texts are read together depends on nothing but their lengths. Each text is read alone, from the network's start to
its end, as ``rnnviz.read`` reads it, so that a hit opened in the reader has the states that were found.
"""

import array
import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import filelock
import numpy as np
from jaxtyping import Int32, Int64, UInt32

from rnnviz import files
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.corpus import reader
from rnnviz.corpus.index import (
    ABOUT,
    GROUPS,
    MOST_POSITIONS,
    WORDS,
    About,
    File,
    Index,
    Layout,
    Source,
    about_of,
    is_beyond,
    layouts,
)
from rnnviz.corpus.reader import Step
from rnnviz.data.datasets import Dataset
from rnnviz.data.text import UNKNOWN_ID
from rnnviz.errors import IndexFileError
from rnnviz.experiments.evaluation import finished
from rnnviz.untrusted.strict_json import json_object

Texts = Dataset | Sequence[Dataset] | Sequence[str]
"""A data set, several, or texts alone."""
THRESHOLDS = (0.3, 0.5, 0.7)
"""Of the bitmaps. 0.3 is LSTMVis's own; the two above tell units apart that are beyond it nearly everywhere."""
_TEXTS = 2_000  # that are tokenised at once
_BITS = 131_072  # positions whose bitmaps are made at once, a multiple of 64
_PARTIAL = f"{files.OWN}index-"
_READ = ("states.npy", "answers.npy", "probabilities.npy")
_MOST_PROGRESS = 10_000


class _Corpus(NamedTuple):
    """Texts as tokens, and what they are of."""

    words: list[str]
    tokens: UInt32[np.ndarray, " position"]
    offsets: Int64[np.ndarray, " boundary"]
    labels: Int32[np.ndarray, " text"]
    classes: tuple[str, ...]
    sources: tuple[Source, ...]


def build(
    checkpoint: Checkpoint,
    texts: Texts,
    out: str | Path,
    *,
    resume: bool = True,
    overwrite: bool = False,
    ray: bool = False,
) -> Index:
    """Read texts with a network and write an index of them.

    Args:
        checkpoint: The network, as it was loaded.
        texts: A data set, several with the same classes, or texts. A data set without classes has no labels. An empty
            text is read as one unknown word.
        out: The folder of the index; all of it is written, or, if anything fails, none.
        resume: Whether to go on with what a killed build of the same texts and network left; else that is dropped.
        overwrite: Whether a finished index that lies there may be replaced.
        ray: Whether the processes of Ray read the texts: of its cluster, if one is joined or RAY_ADDRESS names it, else
            of this machine. The parts, and so the bytes, are the same.

    Returns:
        The index, opened. It takes 2 bytes a token and unit for the states and 6 bits for the bitmaps: 1.4 GB for
        4 million tokens and 128 units.

    Raises:
        IndexFileError: Something else lies there, or the network was never saved, or there is nothing to read, or the
            states grow beyond all numbers.
        MemoryLimitError: One text is too long for this machine's memory.
        SettingError: Ray is wanted and not installed.
        StorageError: The disk is full, or nothing can be written there; the message says why.

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=100)
        >>> index = rnnviz.corpus.build(rnnviz.load("recall-lstm"), recall, "recall.index")
        >>> len(index), index.about.classes
        (100, ('a', 'b', 'c', 'd'))
    """
    return finished(building(checkpoint, texts, out, resume=resume, overwrite=overwrite, ray=ray))


def building(
    checkpoint: Checkpoint,
    texts: Texts,
    out: str | Path,
    *,
    resume: bool = True,
    overwrite: bool = False,
    ray: bool = False,
) -> Generator[Step, None, Index]:
    """``build`` for a caller who shows how far it is, or has other things to do: yields between its pieces of work.

    The index is what it returns in the end. A caller who stops earlier can go on with the same call later.

    Example:
        >>> work = rnnviz.corpus.building(rnnviz.load("sst2-lstm"), ["not good", "not bad"], "texts.index")
        >>> [step.doing for step in work]
        ['splitting', 'reading', 'reading', 'bitmaps']
        >>> rnnviz.corpus.Index.load("texts.index")
        Index(sst2-lstm: 2 texts, 4 tokens, 32 units)
    """
    if not (checkpoint.config.weights_sha256 and checkpoint.config.vocabulary_sha256):
        raise IndexFileError("index_unsaved")
    out = Path(out)
    refuse_taken(out, overwrite=overwrite)
    corpus = yield from _tokenised(checkpoint, _sets(texts))
    about = _about(checkpoint, corpus)
    with files.storage_errors(out), _partial_folder(out) as partial:
        work = _Work(partial, about, corpus, _plan(about, corpus))
        work.begin(resume=resume)
        yield from _read(checkpoint, work, ray=ray)
        yield from _make_bitmaps(work)
        work.finish()
        files.put_folder(work.folder, out)
    return Index.load(out)


def refuse_taken(out: Path, *, overwrite: bool) -> None:
    """Refuse a folder that holds something else than an index, or an index that is not to be replaced.

    Raises:
        IndexFileError: It does.
    """
    out = files.recovered(out)
    if not files.lexists(out) or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        about = about_of(out)
    except IndexFileError:
        about = None
    if about is None or {entry.name for entry in out.iterdir()} - {ABOUT, GROUPS, *about.files}:
        raise IndexFileError("index_busy", path=out)
    if not overwrite:
        raise IndexFileError("index_there", path=out)


# --- texts become tokens ---


def _sets(texts: Texts) -> list[Dataset | Sequence[str]]:
    """Data sets and lists of texts, one after the other."""
    if isinstance(texts, Dataset):
        return [texts]
    if isinstance(texts, str):  # also a sequence of texts, but nobody means its letters
        return [[texts]]
    if all(isinstance(one, Dataset) for one in texts):
        return list(cast("Sequence[Dataset]", texts))
    return [cast("Sequence[str]", texts)]


def _tokenised(checkpoint: Checkpoint, sets: Sequence[Dataset | Sequence[str]]) -> Generator[Step, None, _Corpus]:
    """Split all texts, and number the words that the network does not know after those that it does."""
    vocabulary = checkpoint.vocabulary
    others: dict[str, int] = {}
    tokens, offsets, labels = array.array("I"), array.array("q", [0]), []
    classes = next((one.classes for one in sets if isinstance(one, Dataset)), ())
    texts = [text for one in sets for text in (one.texts if isinstance(one, Dataset) else one)]
    if not texts:
        raise IndexFileError("index_empty")
    for number, text in enumerate(texts):
        if number % _TEXTS == 0:
            yield Step("splitting", number, len(texts))
        split = vocabulary.tokenise(text)
        ids = vocabulary.ids(split) or [UNKNOWN_ID]
        for place, token in enumerate(split):
            if ids[place] == UNKNOWN_ID:
                ids[place] = others.setdefault(token, len(vocabulary) + len(others))
        tokens.extend(ids)
        offsets.append(len(tokens))
        if len(tokens) > MOST_POSITIONS:
            raise IndexFileError("index_large", found=len(tokens), most=MOST_POSITIONS)
    for one in sets:
        labels.append(_labels(one, classes))
    return _Corpus(
        words=[*vocabulary.words, *others],
        tokens=np.array(tokens, dtype=np.uint32),
        offsets=np.array(offsets, dtype=np.int64),
        labels=np.concatenate(labels),
        classes=tuple(name[:200] for name in classes),
        sources=tuple(_source(one) for one in sets),
    )


def _labels(texts: Dataset | Sequence[str], classes: tuple[str, ...]) -> Int32[np.ndarray, " text"]:
    """The place of each text's class among those of the first data set; -1 where there are none."""
    if not (isinstance(texts, Dataset) and classes):
        return np.full(len(texts), -1, dtype=np.int32)
    if set(texts.classes) != set(classes):
        raise IndexFileError(
            "index_classes", name=texts.name, found=", ".join(texts.classes) or "none", wanted=", ".join(classes)
        )
    return np.array([classes.index(name) for name in texts.classes], dtype=np.int32)[texts.labels]


def _source(texts: Dataset | Sequence[str]) -> Source:
    if isinstance(texts, Dataset):
        about = texts.format
        return Source(
            name=texts.name[:200],
            texts=len(texts),
            sha256=texts.sha256(),
            source=about.source[:10_000],
            licence=about.licence[:1_000],
        )
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{text}\n".encode("utf-8", "surrogatepass"))
    return Source(name="texts", texts=len(texts), sha256=digest.hexdigest())


def _about(checkpoint: Checkpoint, corpus: _Corpus) -> About:
    config, model = checkpoint.config, checkpoint.config.model
    return About(
        network=config.name,
        weights_sha256=config.weights_sha256,
        vocabulary_sha256=config.vocabulary_sha256,
        cell=model.cell,
        tokens=config.tokens,
        task=config.task,
        layer=model.layers - 1,
        directions=2 if model.bidirectional else 1,
        units=model.hidden_size * model.directions,
        entries=len(checkpoint.vocabulary),
        positions=len(corpus.tokens),
        texts=len(corpus.offsets) - 1,
        thresholds=THRESHOLDS,
        classes=corpus.classes,
        answers=tuple(name[:200] for name in checkpoint.labels) if config.task == "classify" else (),
        sources=corpus.sources,
    )


# --- what is written ---


class _Work:
    """The files of an index that is being written, and how many parts of it have been read."""

    def __init__(self, partial: Path, about: About, corpus: _Corpus, plan: str) -> None:
        self.partial, self.folder = partial, partial / "index"
        self.about, self.corpus, self.plan = about, corpus, plan
        self.layouts = layouts(about)
        self.parts = 0

    def begin(self, *, resume: bool) -> None:
        """Go on with what a killed build of the same left, or begin."""
        self.parts = self._kept() if resume else 0
        if not self.parts:
            shutil.rmtree(self.folder, ignore_errors=True)
            (self.partial / "progress.json").unlink(missing_ok=True)
        self.folder.mkdir(exist_ok=True)
        words = json.dumps(self.corpus.words, ensure_ascii=False, indent=0) + "\n"
        (self.folder / WORDS).write_bytes(words.encode())
        own = {"tokens.npy": self.corpus.tokens, "offsets.npy": self.corpus.offsets, "labels.npy": self.corpus.labels}
        for name, values in own.items():
            with self.opened(name) as rows:
                rows.write(0, values)

    def _kept(self) -> int:
        path = self.partial / "progress.json"
        try:
            kept = json_object(path.read_bytes()[:_MOST_PROGRESS])
        except (OSError, ValueError):
            return 0
        whole = all((self.folder / name).exists() for name in _READ)
        return int(kept["parts"]) if whole and kept.get("plan") == self.plan else 0

    def opened(self, name: str) -> "_Rows":
        """One of the arrays, to be written."""
        return _Rows(self.folder / name, self.layouts[name])

    def keep(self, parts: int) -> None:
        """Note that so many parts have been read and written."""
        self.parts = parts
        progress = json.dumps({"plan": self.plan, "parts": parts})
        files.atomic_write(self.partial / "progress.json", progress.encode())

    def finish(self) -> None:
        """Write index.json, once all other files are there."""
        written = {name: _described(self.folder / name) for name in (WORDS, *self.layouts)}
        about = self.about.model_copy(update={"files": written})
        files.atomic_write(self.folder / ABOUT, (about.model_dump_json(indent=1) + "\n").encode())


class _Rows:
    """An array in a file, written row by row; the whole file has its place on the disk from the beginning."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self.layout = layout
        self.row = layout.dtype.itemsize * int(np.prod(layout.shape[1:], dtype=np.int64))
        self.file = path.open("r+b" if path.exists() else "w+b")
        try:
            self.start = self._prepare()
        except OSError:
            self.file.close()
            raise

    def _prepare(self) -> int:
        """Write the header, and take the place of all rows; where these begin."""
        shape = self.layout.shape
        header = {"descr": self.layout.dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self.file, header)
        self.file.flush()
        start = self.file.tell()
        size = start + self.row * shape[0]
        if hasattr(os, "posix_fallocate"):  # else a full disk would be found out late
            os.posix_fallocate(self.file.fileno(), 0, size)
        self.file.truncate(size)
        return start

    def write(self, first: int, values: np.ndarray) -> None:
        """Write rows from this one on."""
        self.write_at(first * self.row, values)

    def read(self, first: int, most: int) -> np.ndarray:
        """So many rows from this one on, or as many as there are."""
        rows = min(most, self.layout.shape[0] - first)
        self.file.seek(self.start + first * self.row)
        return np.frombuffer(self.file.read(rows * self.row), self.layout.dtype).reshape(rows, -1)

    def write_at(self, byte: int, values: np.ndarray) -> None:
        """Write numbers from this byte of the array on."""
        self.file.seek(self.start + byte)
        self.file.write(np.ascontiguousarray(values, dtype=self.layout.dtype).data)

    def flush(self) -> None:
        """Have everything on the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def __enter__(self) -> "_Rows":
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self.file.close()


def _described(path: Path) -> File:
    with path.open("rb") as file:
        return File(bytes=os.fstat(file.fileno()).st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


@contextlib.contextmanager
def _partial_folder(out: Path) -> Iterator[Path]:
    """Where a build keeps what it has written, locked against others. It is removed when the index is in its place."""
    whole = out.absolute()
    folder = whole.with_name(f"{_PARTIAL}{whole.name}")
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise IndexFileError("index_building", path=out) from None
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def _plan(about: About, corpus: _Corpus) -> str:
    """What makes two builds the same."""
    digest = hashlib.sha256(f"{about.model_dump_json()} {reader.PART_TOKENS} {reader.BATCH_TOKENS}".encode())
    for values in (corpus.tokens, corpus.offsets, corpus.labels):
        digest.update(values.data)
    digest.update("\n".join(corpus.words).encode())
    return digest.hexdigest()


# --- reading ---


def _read(checkpoint: Checkpoint, work: _Work, *, ray: bool) -> Generator[Step, None, None]:
    """Read what has not been read yet, part by part, here or in Ray's processes, and write it."""
    offsets, tokens = work.corpus.offsets, work.corpus.tokens
    left = list(reader.parts(offsets))[work.parts :]
    if ray and left:
        from rnnviz.corpus.ray_reading import read_parts  # its package is an extra
    else:
        from rnnviz.corpus.reader import read_parts
    with contextlib.ExitStack() as stack:
        rows = {name: stack.enter_context(work.opened(name)) for name in _READ}
        for found in read_parts(checkpoint, tokens, offsets, left):
            if isinstance(found, Step):
                yield found
                continue
            rows["states.npy"].write(int(offsets[found.texts.start]), found.states)
            rows["answers.npy"].write(found.texts.start, found.answers)
            rows["probabilities.npy"].write(found.texts.start, found.probabilities)
            for one in rows.values():
                one.flush()
            work.keep(work.parts + 1)
            yield Step("reading", int(offsets[found.texts.stop]), len(tokens))


# --- bitmaps ---


def _make_bitmaps(work: _Work) -> Generator[Step, None, None]:
    """Make the bitmaps of the states that have been written, and count their bits."""
    about = work.about
    counts = np.zeros(work.layouts["counts.npy"].shape, dtype=np.int64)
    levels = list(enumerate((threshold, sign) for threshold in about.thresholds for sign in (1, -1)))
    row = 8 * work.layouts["bits.npy"].shape[-1]
    with work.opened("states.npy") as states, work.opened("bits.npy") as bitmaps:
        for first in range(0, about.positions, _BITS):
            yield Step("bitmaps", first, about.positions)
            columns = np.ascontiguousarray(states.read(first, _BITS).T)  # a unit's states lie together
            for level, (threshold, sign) in levels:
                words = _packed(is_beyond(columns, threshold, sign))
                counts[level // 2, level % 2] += np.bitwise_count(words).sum(axis=1, dtype=np.int64)
                for unit, own in enumerate(words):
                    bitmaps.write_at((level * about.units + unit) * row + first // 8, own)
    with work.opened("counts.npy") as rows:
        rows.write(0, counts)


def _packed(on: np.ndarray) -> np.ndarray:
    """Rows of truths as words of 64 bits."""
    packed = np.packbits(on, axis=1, bitorder="little")
    padded = np.zeros((len(on), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view("<u8")
