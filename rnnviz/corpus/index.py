"""Index: a corpus as one network read it, in a folder of plain files that proves itself when it is opened.

    index.json          what the files below are of, with the size and SHA-256 of each
    words.json          an array: the network's vocabulary, then the corpus's other words
    tokens.npy          uint32 [position]: each token of each text, text after text, as its place in words.json
    offsets.npy         int64 [text + 1]: the position at which each text begins, and the end
    labels.npy          int32 [text]: class of the text among ``classes`` of index.json; -1 where it has none
    answers.npy         int32 [text]: the network's answer among ``answers``; -1 where it tells the next token
    probabilities.npy   float32 [text]: of that answer; 0 where there is none
    states.npy          float16 [position, unit]: hidden state of the top layer; backward units follow the forward ones
    bits.npy            uint64 [threshold, sign, unit, word]: bit p % 64 of word p // 64 says whether the state at
                        position p is above +threshold (sign 0) or below -threshold (sign 1)
    counts.npy          int64 [threshold, sign, unit]: how many of these bits are set

Hidden states and no cell states: they are what the linear layer reads, every kind of cell has them, and they lie
between -1 and 1 (but for a plain RNN with relu), so one threshold means the same in every network.

Kinds, shapes and sizes are checked whenever an index is opened, and hashes of all but the two large files, which are
mapped into memory; ``Index.check`` hashes these two as well. Nothing is unpickled, and no link is followed. Left out:
how the folder is written (``rnnviz.corpus.builder``).
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float16, Float32, Int32, Int64, UInt32, UInt64
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rnnviz import files
from rnnviz.checkpoint.config import CheckpointConfig
from rnnviz.corpus import bits
from rnnviz.corpus.find import Bitmaps, Found, Hit, Matches, Share, Unit, Wanted, checked, search
from rnnviz.errors import IndexFileError, SelectionError
from rnnviz.model_config import BETWEEN, MOST_CLASSES, MOST_UNITS, UNKNOWN_ID, Task, Tokens
from rnnviz.signals import Cell
from rnnviz.trace import Trace
from rnnviz.untrusted.arrays import read_header
from rnnviz.untrusted.strict_json import json_array, json_object

ABOUT, WORDS = "index.json", "words.json"
LARGE = ("states.npy", "bits.npy")
"""Files whose hash is not checked when an index is opened."""
MOST_POSITIONS = 2**30
_MOST_ABOUT, _MOST_WORDS = 4_000_000, 256_000_000
_PIECE = 1 << 20

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=200)]
Threshold = Annotated[float, Field(gt=0, lt=100)]


class Source(BaseModel):
    """A data set of which the texts are.

    Attributes:
        name: Its name.
        texts: How many of the corpus's texts are from it.
        sha256: Of its texts and labels.
        source, licence: Where it comes from and what may be done with it, as far as that is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    texts: int = Field(ge=1, le=MOST_POSITIONS)
    sha256: Sha256
    source: str = Field(default="", max_length=10_000)
    licence: str = Field(default="", max_length=1_000)


class File(BaseModel):
    """One of the files: its size and SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    bytes: int = Field(ge=0)
    sha256: Sha256


class About(BaseModel):
    """What index.json holds. Unknown keys, wrong types and sizes out of bounds are refused.

    Attributes:
        format: Of the folder.
        network: Name of the checkpoint that read the texts.
        weights_sha256, vocabulary_sha256: Of its files.
        cell, tokens, task: What it is, reads and answers.
        signal: What states.npy holds.
        layer: Of which layer, from 0.
        directions: 1, or 2 of a network that reads both ways.
        units: Columns of states.npy: units of the layer, of both directions together.
        entries: Words of the network's vocabulary, the first ones of words.json.
        positions, texts: Tokens and texts of the corpus.
        thresholds: Of bits.npy.
        classes: Names of the texts' classes; none where they have none.
        answers: Names of the network's answers; none where it tells the next token.
        sources: The data sets.
        files: All other files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
    network: Name
    weights_sha256: Sha256
    vocabulary_sha256: Sha256
    cell: Cell
    tokens: Tokens
    task: Task
    signal: Literal["hidden"] = "hidden"
    layer: int = Field(ge=0, le=6)
    directions: Literal[1, 2]
    units: int = Field(ge=1, le=2 * MOST_UNITS)
    entries: int = Field(ge=2)
    positions: int = Field(ge=1, le=MOST_POSITIONS)
    texts: int = Field(ge=1, le=MOST_POSITIONS)
    thresholds: tuple[Threshold, ...] = Field(min_length=1, max_length=16)
    classes: tuple[Name, ...] = Field(default=(), max_length=MOST_CLASSES)
    answers: tuple[Name, ...] = Field(default=(), max_length=MOST_CLASSES)
    sources: tuple[Source, ...] = Field(default=(), max_length=1_000)
    files: dict[str, File] = {}


class Layout(NamedTuple):
    """Shape and kind of number of an array, as its file has to declare them."""

    shape: tuple[int, ...]
    dtype: np.dtype


def layouts(about: About) -> dict[str, Layout]:
    """What each of the arrays is, by the name of its file."""
    levels = len(about.thresholds)
    return {
        "tokens.npy": Layout((about.positions,), np.dtype("<u4")),
        "offsets.npy": Layout((about.texts + 1,), np.dtype("<i8")),
        "labels.npy": Layout((about.texts,), np.dtype("<i4")),
        "answers.npy": Layout((about.texts,), np.dtype("<i4")),
        "probabilities.npy": Layout((about.texts,), np.dtype("<f4")),
        "states.npy": Layout((about.positions, about.units), np.dtype("<f2")),
        "bits.npy": Layout((levels, 2, about.units, bits.words_for(about.positions)), np.dtype("<u8")),
        "counts.npy": Layout((levels, 2, about.units), np.dtype("<i8")),
    }


@dataclass(frozen=True, eq=False)
class Index:
    """A corpus as one network read it.

    Attributes:
        folder: Where it lies.
        about: What it is of.
        words: The network's vocabulary, then the corpus's other words.
        tokens: Each token as its place in ``words``.
        offsets: Where each text begins, and the end.
        labels: Class of each text in ``about.classes``; -1 where it has none.
        answers: The network's answer to each text in ``about.answers``; -1 of a network that tells the next token.
        probabilities: Of these answers, 0 to 1.
        hidden: The states, one row a token of the corpus, mapped into memory.
        bitmaps: Where each unit is above +threshold (sign 0) and below -threshold (sign 1), mapped into memory.
        counts: At how many tokens that is.

    Example:
        >>> index = rnnviz.corpus.build(rnnviz.load("sst2-lstm"), ["not good at all", "not bad at all"], "texts.index")
        >>> index
        Index(sst2-lstm: 2 texts, 8 tokens, 32 units)
        >>> index.text(1), index.states(1).shape
        (('not', 'bad', 'at', 'all'), (4, 32))
    """

    folder: Path
    about: About
    words: tuple[str, ...]
    tokens: UInt32[np.ndarray, " position"]
    offsets: Int64[np.ndarray, " boundary"]
    labels: Int32[np.ndarray, " text"]
    answers: Int32[np.ndarray, " text"]
    probabilities: Float32[np.ndarray, " text"]
    hidden: Float16[np.ndarray, "position unit"]
    bitmaps: UInt64[np.ndarray, "threshold sign unit word"]
    counts: Int64[np.ndarray, "threshold sign unit"]

    @classmethod
    def load(cls, path: str | Path) -> "Index":
        """Open an index, and check that it is what it says, but for the hashes of its two large files.

        Args:
            path: Its folder.

        Raises:
            IndexFileError: It is missing, damaged, or its parts do not belong together. Nothing half open is returned.
        """
        return files.read_consistently(Path(path), _opened)

    def check(self) -> None:
        """Check the hashes of all files, which reads them whole: a second or so for each GB.

        Raises:
            IndexFileError: One of them is not what it was when it was written.
        """
        for name in (WORDS, *layouts(self.about)):
            with _open(self.folder / name, self.about.files[name].bytes) as file:
                _check_hash(self.folder / name, file, self.about.files[name].sha256)

    def check_network(self, config: CheckpointConfig) -> None:
        """Check that a network is the one that read the texts.

        Args:
            config: The settings of a checkpoint, ``checkpoint.config``.

        Raises:
            IndexFileError: It is another one, or has been trained since.
        """
        own = self.about.weights_sha256, self.about.vocabulary_sha256
        if own != (config.weights_sha256, config.vocabulary_sha256):
            raise IndexFileError("index_network", path=self.folder, wanted=self.about.network, found=config.name)

    def find(
        self,
        units: Sequence[Unit],
        threshold: float = 0.3,
        length: int = 1,
        *,
        before: bool = False,
        after: bool = False,
        most: int = 20,
        one_per_text: bool = True,
    ) -> Found:
        """Find the stretches of the corpus at which chosen units are on; ``rnnviz.corpus.find`` says what that means.

        Args:
            units: The units, each with the sign of its state: ``[(3, +1), (17, -1)]``; none twice. Of a network that
                reads both ways the backward units follow the forward ones.
            threshold: How far from 0 a state has to be: one of ``about.thresholds``.
            length: How many tokens a stretch should have, at least 1; others are found too, and come later.
            before: Whether a unit is matched only if it is not on at the token before the stretch. Nothing is on before
                a text begins.
            after: The same for the token after it.
            most: The most hits to list, 1 to 1,000.
            one_per_text: Whether only the best hit of each text is listed.

        Raises:
            SelectionError: There is no such unit or threshold.
            SettingError: No unit, one twice, a sign that is none, or a number out of range.

        Example:
            >>> lstm = rnnviz.load("sst2-lstm")
            >>> index = rnnviz.corpus.build(lstm, ["a good film", "not good at all", "not bad"], "texts.index")
            >>> found = index.find(index.units_of(rnnviz.read(lstm, "it is not good"), 2, 4), length=2)
            >>> hit = found.hits[0]
            >>> index.text(hit.text)[hit.start : hit.stop]
            ('not', 'good')
        """
        began = time.perf_counter()
        chosen = checked(units, self.units, length, most)
        level = self._bitmaps.level(threshold)
        matches = search(self._bitmaps, Wanted(chosen, level, length, before, after, most, one_per_text))
        return Found(
            hits=tuple(self._hit(matches, chosen, row) for row in range(len(matches.texts))),
            total=matches.total,
            texts=int(np.count_nonzero(matches.marked)),
            least=matches.least,
            labels=self._shares(matches.marked),
            seconds=time.perf_counter() - began,
        )

    def units_of(
        self,
        trace: Trace,
        start: int,
        stop: int,
        threshold: float = 0.3,
        *,
        before: bool = False,
        after: bool = False,
    ) -> tuple[Unit, ...]:
        """The units that are on at some tokens of a reading, to be looked for in the corpus.

        Args:
            trace: What the index's network computed while it read a text.
            start: The first of these tokens, from 0.
            stop: That after the last one.
            threshold: How far from 0 a state has to be: one of ``about.thresholds``.
            before: Whether to leave out units that are on at the token before, too, with the same sign. Nothing is on
                before a text begins.
            after: The same for the token after them.

        Returns:
            Each unit with its sign, in order: those beyond the threshold with one sign at every one of the tokens.

        Raises:
            IndexFileError: The reading is one of another kind of network.
            SelectionError: There are no such tokens, or no such threshold.
        """
        hidden = trace.signals["hidden"][-1]
        states = np.concatenate(list(hidden), axis=-1).astype(np.float16)
        if states.shape[1] != self.units or trace.cell != self.about.cell:
            raise IndexFileError("index_reading", path=self.folder, wanted=self.units, found=states.shape[1])
        if not 0 <= start < stop <= len(states):
            raise SelectionError("token_stretch", start=start, stop=stop, tokens=len(states))
        beyond = self.about.thresholds[self._bitmaps.level(threshold)]
        units: list[Unit] = []
        for sign in (1, -1):
            on = is_beyond(states, beyond, sign)
            chosen = on[start:stop].all(axis=0)
            if before and start:
                chosen &= ~on[start - 1]
            if after and stop < len(on):
                chosen &= ~on[stop]
            units += [(int(unit), sign) for unit in np.flatnonzero(chosen)]
        return tuple(sorted(units))

    def text(self, number: int) -> tuple[str, ...]:
        """The tokens of a text, from 0; -1 is the last one. A text without any has the one that was read, ``<unk>``.

        Raises:
            SelectionError: There is no such text.
        """
        return tuple(self.words[token] for token in self.tokens[self._rows(number)])

    def written(self, number: int) -> str:
        """A text as one string, which the network reads as the same tokens; of no letters it is ``<unk>``."""
        return BETWEEN[self.about.tokens].join(self.text(number))

    def unknown(self, number: int) -> tuple[bool, ...]:
        """Which tokens of a text the network does not know."""
        own = self.tokens[self._rows(number)]
        return tuple(bool(one) for one in (own == UNKNOWN_ID) | (own >= self.about.entries))

    def states(self, number: int) -> Float16[np.ndarray, "token unit"]:
        """The states of a text, one row a token; backward units follow the forward ones.

        Raises:
            SelectionError: There is no such text.
        """
        return np.array(self.hidden[self._rows(number)])

    def _rows(self, number: int) -> slice:
        if not -len(self) <= number < len(self):
            raise SelectionError("index_text", given=number, texts=len(self))
        number %= len(self)
        return slice(int(self.offsets[number]), int(self.offsets[number + 1]))

    def __len__(self) -> int:
        return self.about.texts

    def __repr__(self) -> str:
        about = self.about
        return f"Index({about.network}: {about.texts:,} texts, {about.positions:,} tokens, {about.units} units)"

    @property
    def units(self) -> int:
        """Columns of ``hidden``: units of both directions together."""
        return self.about.units

    @cached_property
    def _bitmaps(self) -> Bitmaps:
        about = self.about
        return Bitmaps(about.positions, self.offsets, about.thresholds, self.bitmaps, self.counts)

    def _hit(self, matches: Matches, units: tuple[Unit, ...], row: int) -> Hit:
        """One of the matches, as people want it."""
        text = int(matches.texts[row])
        first, label, answer = (int(values[text]) for values in (self.offsets, self.labels, self.answers))
        return Hit(
            text=text,
            start=int(matches.shown.starts[row]) - first,
            stop=int(matches.shown.stops[row]) - first,
            units=tuple(unit for unit, on in zip(units, matches.shown.matched[:, row], strict=True) if on),
            bits=float(matches.improbable[row]),
            label=self.about.classes[label] if label >= 0 else None,
            answer=self.about.answers[answer] if answer >= 0 else None,
            probability=float(self.probabilities[text]),
        )

    def _shares(self, marked: Bool[np.ndarray, " text"]) -> tuple[Share, ...]:
        """The classes of some texts against those of all."""
        known, names = self.labels >= 0, self.about.classes
        among = np.bincount(self.labels[marked & known], minlength=len(names))
        return tuple(map(Share, names, among.tolist(), self._of_each_class))

    @cached_property
    def _of_each_class(self) -> list[int]:
        return np.bincount(self.labels[self.labels >= 0], minlength=len(self.about.classes)).tolist()


def is_beyond(states: Float16[np.ndarray, "*axes"], threshold: float, sign: int) -> np.ndarray:
    """Where states are beyond a threshold: above it for the sign +1, below -threshold for -1.

    Finite float16 numbers are compared as the whole numbers that their bits are, which is many times faster.
    """
    limit = np.float16(threshold)
    if float(limit) > threshold:  # the largest float16 that is not above
        limit = np.nextafter(limit, np.float16(0))
    if sign > 0:
        return states.view(np.int16) > limit.view(np.int16)
    return states.view(np.uint16) > (-limit).view(np.uint16)


def about_of(folder: Path) -> About:
    """What a folder's index.json says.

    Raises:
        IndexFileError: It is missing, or holds what it may not.
    """
    path = folder / ABOUT
    with _open(path, None, _MOST_ABOUT) as file:
        data = file.read(_MOST_ABOUT)
    try:
        json_object(data)
        return About.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"{'.'.join(map(str, first['loc']))[:100] or 'the file'}: {first['msg']}"
    except ValueError as error:
        problem = str(error)
    raise IndexFileError("index_damaged", path=path, problem=problem)


def _opened(folder: Path) -> Index:
    about = about_of(folder)
    wanted = layouts(about)
    if set(about.files) != {WORDS, *wanted}:
        raise IndexFileError("index_damaged", path=folder / ABOUT, problem="it lists other files than an index has")
    words = _words(folder / WORDS, about)
    arrays = {name: _array(folder / name, about.files[name], layout) for name, layout in wanted.items()}
    index = Index(folder, about, words, *arrays.values())
    for name, check in _CHECKS.items():
        if problem := check(index):
            raise IndexFileError("index_damaged", path=folder / name, problem=problem)
    return index


def _words(path: Path, about: About) -> tuple[str, ...]:
    listed = about.files[WORDS]
    with _open(path, listed.bytes, _MOST_WORDS) as file:
        data = file.read()
    if files.sha256(data) != listed.sha256:
        raise IndexFileError("index_hash", path=path)
    try:
        words = json_array(data)
    except ValueError as error:
        raise IndexFileError("index_damaged", path=path, problem=error) from None
    if len(words) < about.entries or not all(isinstance(word, str) for word in words):
        raise IndexFileError("index_damaged", path=path, problem=f"it is no list of {about.entries:,} words and more")
    return tuple(words)


def _array(path: Path, listed: File, layout: Layout) -> np.ndarray:
    """An array, mapped into memory, once its file is what index.json says."""
    with _open(path, listed.bytes) as file:
        if path.name not in LARGE:
            _check_hash(path, file, listed.sha256)
        try:
            header = read_header(file)
        except ValueError as error:
            raise IndexFileError("index_damaged", path=path, problem=error) from None
        if (header.shape, header.dtype, header.fortran) != (*layout, False):
            found = f"numbers {header.dtype} of shape {header.shape} where {layout.dtype} {layout.shape} belong"
            raise IndexFileError("index_damaged", path=path, problem=found)
        if file.tell() + header.bytes != listed.bytes:
            raise IndexFileError("index_damaged", path=path, problem="it has more or fewer numbers than it declares")
        return np.memmap(file, layout.dtype, "r", file.tell(), layout.shape)


def _open(path: Path, size: int | None, most: int | None = None) -> BinaryIO:
    """Open one of the files, which must be an ordinary one of this size."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise IndexFileError("index_missing", path=path.parent, name=path.name) from None
    except (OSError, ValueError) as error:
        raise IndexFileError("index_unread", path=path, problem=getattr(error, "strerror", error)) from None
    file = os.fdopen(handle, "rb")
    status = os.fstat(handle)
    problem = None
    if not stat.S_ISREG(status.st_mode) or path.is_symlink():
        problem = "it is no ordinary file"
    elif most is not None and status.st_size > most:
        problem = f"it has {status.st_size:,} bytes; at most {most:,} are read"
    elif size is not None and status.st_size != size:
        problem = f"it has {status.st_size:,} bytes where index.json says {size:,}"
    if problem:
        file.close()
        raise IndexFileError("index_damaged", path=path, problem=problem)
    return file


def _check_hash(path: Path, file: BinaryIO, wanted: str) -> None:
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    if digest.hexdigest() != wanted:
        raise IndexFileError("index_hash", path=path)
    file.seek(0)


def _pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """An array in pieces that overlap by one number, so that no check takes memory for all of it."""
    for first in range(0, len(values), _PIECE):
        yield np.asarray(values[first : first + _PIECE + 1])


def _tokens(index: Index) -> str | None:
    beyond = any(int(piece.max()) >= len(index.words) for piece in _pieces(index.tokens))
    return "a token is none of words.json" if beyond else None


def _offsets(index: Index) -> str | None:
    ends = int(index.offsets[0]), int(index.offsets[-1])
    if ends != (0, index.about.positions) or any((np.diff(piece) < 1).any() for piece in _pieces(index.offsets)):
        return f"it does not cut {index.about.positions:,} tokens into texts"
    return None


def _labels(index: Index) -> str | None:
    return _places(index.labels, len(index.about.classes))


def _answers(index: Index) -> str | None:
    return _places(index.answers, len(index.about.answers))


def _places(values: np.ndarray, names: int) -> str | None:
    wrong = any(piece.min() < -1 or piece.max() >= names for piece in _pieces(values))
    return "a text has a class that index.json does not name" if wrong else None


def _probabilities(index: Index) -> str | None:
    wrong = any(not ((piece >= 0) & (piece <= 1)).all() for piece in _pieces(index.probabilities))
    return "a probability is not between 0 and 1" if wrong else None


def _counts(index: Index) -> str | None:
    wrong = index.counts.min() < 0 or index.counts.max() > index.about.positions
    return "it counts more tokens than there are" if wrong else None


def _last_word(index: Index) -> str | None:
    used = index.about.positions % 64
    beyond = used and (index.bitmaps[..., -1] >> np.uint64(used)).any()
    return "it has bits beyond the last token" if beyond else None


_CHECKS: dict[str, Callable[[Index], str | None]] = {
    "tokens.npy": _tokens,
    "offsets.npy": _offsets,
    "labels.npy": _labels,
    "answers.npy": _answers,
    "probabilities.npy": _probabilities,
    "counts.npy": _counts,
    "bits.npy": _last_word,
}
"""What the numbers of each file have to be; a check says what is wrong."""
