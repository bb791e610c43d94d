"""probe: whether a single unit of a network keeps track of something in the text, with the evidence for and against.

"This cell counts brackets" is folklore until it is measured: on text that did not choose the unit, against labels that
say nothing, against the same network untrained, and by what the network loses without the unit. Left out: what the
units do at each letter (``rnnviz.read``).
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int
from torch.nn.utils.rnn import pack_sequence

from rnnviz import signals
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.engine.capture import capture
from rnnviz.engine.holds import Held
from rnnviz.errors import CheckpointError, SettingError, TextError, unknown
from rnnviz.model import RecurrentClassifier, State, drawing_from

Property = Literal[
    "inside quotes", "bracket depth", "column", "indent", "capital next", "word boundary", "position in sentence"
]
PROPERTIES: tuple[Property, ...] = get_args(Property)
_BINARY = ("inside quotes", "capital next", "word boundary")
MOST_TOKENS = 60_000
"""Letters of a text that are looked at; more hardly moves a measure."""
_STRETCHES = 10
_WINDOW = 1_000
_LEAST = 2_000
_RARE = 0.002
_SHUFFLES = 5
_ENOUGH_AUC, _ENOUGH_EXPLAINED, _BEYOND = 0.9, 0.5, 0.1
_MOST_COUNTED = 40.0  # a column, an indent or a place in a sentence beyond is taken as this


@dataclass(frozen=True)
class Finding:
    """What ``probe`` found of one property.

    Attributes:
        property: Which one.
        measure: "AUC" of a property that holds or not (0.5 says nothing, 1 all), or "R²" of a number (0 to 1): the
            share of its variance that a straight line through the unit's memory tells.
        layer, unit: The best single unit, chosen on the first half of the text.
        value: Its measure on the second half.
        shuffled: That of the best unit for the same labels moved along the text by a random distance, so that they have
            the same rhythm and nothing to do with the letters: the largest of five.
        untrained: That of the best unit of the same network with weights as they are before training.
        loss, loss_without: Bits a letter on the second half where the property makes a difference, with the unit and
            with its hidden state held at its mean. None of a network that does not tell the next token.
        letters: How many letters those are.
        found: Whether the evidence speaks for it: ``value`` is at least 0.9 for an AUC or 0.5 for an R², by 0.1 above
            both controls; and the network loses by losing the unit, where that was measured.
    """

    property: str
    measure: str
    layer: int
    unit: int
    value: float
    shuffled: float
    untrained: float
    loss: float | None
    loss_without: float | None
    letters: int
    found: bool

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def probe(checkpoint: Checkpoint, text: str, property: str, seed: int = 0) -> Finding:
    """Look for a single unit that keeps track of a property of the text.

    The properties, at each letter: ``inside quotes`` (after a double quotation mark and before its end, on one line),
    ``bracket depth`` (of round, square and curly ones), ``column`` (letters since the line began), ``indent`` (spaces
    at the line's beginning), ``capital next``, ``word boundary`` (the next letter begins or ends a word), ``position in
    sentence`` (words since it began). Numbers above 40 count as 40.

    Args:
        checkpoint: A network of one direction that reads letters.
        text: At least 2,000 letters, which the training did not read. Of more than 60,000, ten stretches spread over
            the text are read, each from nothing.
        property: One of ``PROPERTIES``.
        seed: Of the shuffled labels and of the untrained network.

    Raises:
        CheckpointError: The network reads words, or in both directions.
        SelectionError: There is no such property.
        SettingError: The seed is negative, or 2**63 or more.
        TextError: The text is too short, or the property hardly occurs in it.

    Example:
        >>> from pathlib import Path
        >>> writer = rnnviz.load("python-lstm")
        >>> text = Path(rnnviz.training.loop.__file__).read_text()
        >>> finding = rnnviz.probe(writer, text, "column")
        >>> finding.measure, finding.value > finding.untrained
        ('R²', True)
    """
    return Prober(checkpoint, text, seed).look_for(property)


class Prober:
    """A network and its untrained twin that have read a text, to look for several properties in what they kept.

    The arguments and errors are those of ``probe``.
    """

    def __init__(self, checkpoint: Checkpoint, text: str, seed: int = 0) -> None:
        """Read the text."""
        if not 0 <= seed < 2**63:
            raise SettingError("write_range", setting="seed", low=0, high=2**63 - 1)
        model = checkpoint.config.model
        if checkpoint.config.tokens != "letters" or model.bidirectional:
            raise CheckpointError("probe_network", name=checkpoint.config.name)
        tokens = checkpoint.vocabulary.tokenise(text)
        if len(tokens) < _LEAST:
            raise TextError("probe_short", length=len(tokens), least=_LEAST)
        self._checkpoint, self._seed = checkpoint, seed
        self._stretches = list(_stretches("".join(tokens)))
        self._ids = [torch.tensor(checkpoint.vocabulary.ids(stretch)) for stretch in self._stretches]
        self._half = sum(map(len, self._stretches[: len(self._stretches) // 2]))
        with drawing_from(torch.Generator().manual_seed(seed)):
            untrained = RecurrentClassifier(model).eval()
        both = checkpoint.model, untrained
        self._memories = [np.concatenate([_memory(one, ids) for ids in self._ids]) for one in both]

    @cached_property
    def _ranks(self) -> list[Float[np.ndarray, "token unit"]]:
        """The memories as ranks within their half of the text."""
        return [_ranked(memory, self._half) for memory in self._memories]

    def look_for(self, property: str) -> Finding:
        """Look for a single unit that keeps track of a property."""
        if property not in PROPERTIES:
            raise unknown("property", property, PROPERTIES)
        each, half = [property_of(stretch, property) for stretch in self._stretches], self._half
        labels = np.concatenate(each)
        if any(part.std() == 0 or not _enough(part, property) for part in (labels[:half], labels[half:])):
            raise TextError("probe_rare", property=property)
        measured = _auc if property in _BINARY else _explained
        memory, before = self._ranks if property in _BINARY else self._memories
        best, value = _best(memory, labels, half, measured)
        random = np.random.default_rng(self._seed)
        moved = [np.roll(labels, int(random.integers(half // 4, half))) for _ in range(_SHUFFLES)]
        shuffled = max(_best(memory, other, half, measured)[1] for other in moved)
        untrained = _best(before, labels, half, measured)[1]
        layer, unit = divmod(best, self._checkpoint.config.model.hidden_size)
        loss, without, letters = _ablated(self._checkpoint, self._ids, each, layer, unit)
        enough = _ENOUGH_AUC if property in _BINARY else _ENOUGH_EXPLAINED
        speaks = value >= enough and value >= max(shuffled, untrained) + _BEYOND
        return Finding(
            property=property,
            measure="AUC" if property in _BINARY else "R²",
            layer=layer,
            unit=unit,
            value=value,
            shuffled=shuffled,
            untrained=untrained,
            loss=loss,
            loss_without=without,
            letters=letters,
            found=speaks and (loss is None or without is None or loss < without),
        )


def _stretches(text: str) -> Iterator[str]:
    """The halves of a text, or of a long one equal stretches all over it, from the beginning of a line if they can."""
    count = 2 if len(text) <= MOST_TOKENS else _STRETCHES
    part, length = len(text) // count, min(len(text), MOST_TOKENS) // count
    for start in range(0, count * part, part):
        line = text.find("\n", start, start + part - length) + 1
        begin = line if start and line else start
        yield text[begin : begin + length]


def property_of(text: str, property: str) -> Float[np.ndarray, " letter"]:
    r"""A property of a text at each of its letters, after the letter is read: 0 or 1, or a number.

    Example:
        >>> from rnnviz.experiments.probes import property_of
        >>> property_of("f(a)\n", "bracket depth").tolist()
        [0.0, 1.0, 1.0, 0.0, 0.0]
    """
    return np.minimum(_PROPERTIES[property](text), _MOST_COUNTED).astype(np.float64)


def _inside_quotes(text: str) -> list[float]:
    inside, marks = False, []
    for letter in text:
        inside = (not inside) if letter == '"' else inside and letter != "\n"
        marks.append(float(inside))
    return marks


def _bracket_depth(text: str) -> list[float]:
    depth, depths = 0, []
    for letter in text:
        depth = max(0, depth + (letter in "([{") - (letter in ")]}"))
        depths.append(float(depth))
    return depths


def _column(text: str) -> list[float]:
    return _since(text, lambda letter: letter == "\n")


def _since(text: str, begins: Callable[[str], bool]) -> list[float]:
    """Letters since the last one that begins something."""
    count, counts = 0, []
    for letter in text:
        count = 0 if begins(letter) else count + 1
        counts.append(float(count))
    return counts


def _indent(text: str) -> list[float]:
    indents: list[float] = []
    for line in text.splitlines(keepends=True):
        spaces = len(line) - len(line.lstrip(" "))
        indents += [float(min(place + 1, spaces)) for place in range(len(line))]
    return indents


def _capital_next(text: str) -> list[float]:
    return [float(letter.isupper()) for letter in text[1:]] + [0.0] * bool(text)


def _word_boundary(text: str) -> list[float]:
    return [float(one.isalnum() != other.isalnum()) for one, other in itertools.pairwise(text)] + [0.0] * bool(text)


def _position_in_sentence(text: str) -> list[float]:
    places: list[float] = []
    for sentence in re.split(r"(?<=[.!?])", text):
        before = 0
        for place, letter in enumerate(sentence):
            before += place > 0 and letter.isspace() and sentence[place - 1].isalnum()
            places.append(float(before))
    return places


_PROPERTIES: dict[str, Callable[[str], list[float]]] = {
    "inside quotes": _inside_quotes,
    "bracket depth": _bracket_depth,
    "column": _column,
    "indent": _indent,
    "capital next": _capital_next,
    "word boundary": _word_boundary,
    "position in sentence": _position_in_sentence,
}


def _enough(labels: Float[np.ndarray, " letter"], property: str) -> bool:
    return property not in _BINARY or bool(_RARE < labels.mean() < 1 - _RARE)


@torch.no_grad()
def _memory(model: RecurrentClassifier, ids: Int[torch.Tensor, " token"]) -> Float[np.ndarray, "token unit"]:
    """The memory of every unit of every layer at each letter, read window by window with the state carried over."""
    name = signals.memory(model.config.cell)
    state: State | None = model.initial(1)
    parts = []
    for window in ids.split(_WINDOW):
        _, state, captured = capture(model.rnn, pack_sequence([model.embedding(window)]), state)
        parts.append(captured[name][:, 0].permute(1, 0, 2).flatten(1).numpy())
    return np.concatenate(parts)


Measure = Callable[..., Float[np.ndarray, " unit"]]


def _best(
    memory: Float[np.ndarray, "token unit"], labels: Float[np.ndarray, " token"], half: int, measured: Measure
) -> tuple[int, float]:
    """The unit that is best on the first half, and its measure on the second, with what it learned on the first."""
    first = measured(memory[:half], labels[:half], memory[:half], labels[:half])
    unit = int(np.nanargmax(first))
    own = memory[:, unit : unit + 1]
    return unit, float(measured(own[:half], labels[:half], own[half:], labels[half:])[0])


def _ranked(memory: Float[np.ndarray, "token unit"], half: int) -> Float[np.ndarray, "token unit"]:
    """The rank of each value among its unit's in the same half; equal values share their mean rank."""
    return np.concatenate([pd.DataFrame(part).rank().to_numpy(np.float32) for part in (memory[:half], memory[half:])])


def _auc(
    learned: Float[np.ndarray, "token unit"],
    known: Float[np.ndarray, " token"],
    memory: Float[np.ndarray, "token unit"],
    labels: Float[np.ndarray, " token"],
) -> Float[np.ndarray, " unit"]:
    """The area under the ROC curve of each unit, of ranks, with the sign of the first half (Mann and Whitney)."""
    sign = np.where(_area(learned, known) >= 0.5, 1.0, -1.0)
    return 0.5 + sign * (_area(memory, labels) - 0.5)


def _area(ranks: Float[np.ndarray, "token unit"], labels: Float[np.ndarray, " token"]) -> Float[np.ndarray, " unit"]:
    holds: Bool[np.ndarray, " token"] = labels > 0.5
    count = int(holds.sum())
    if not 0 < count < len(labels):
        return np.full(ranks.shape[1], 0.5)  # labels that say nothing
    return (ranks[holds].sum(axis=0, dtype=np.float64) - count * (count + 1) / 2) / (count * (len(labels) - count))


def _explained(
    learned: Float[np.ndarray, "token unit"],
    known: Float[np.ndarray, " token"],
    memory: Float[np.ndarray, "token unit"],
    labels: Float[np.ndarray, " token"],
) -> Float[np.ndarray, " unit"]:
    """The share of the variance that a line tells which was laid through the first texts; below 0 counts as 0."""
    if labels.var() == 0:
        return np.zeros(memory.shape[1])  # labels that say nothing
    centred = learned - learned.mean(axis=0)
    slope = (centred * (known - known.mean())[:, None]).sum(axis=0) / np.maximum((centred**2).sum(axis=0), 1e-12)
    told = known.mean() + slope * (memory - learned.mean(axis=0))
    rest = ((labels[:, None] - told) ** 2).mean(axis=0)
    return np.maximum(0.0, 1 - rest / labels.var())


@torch.no_grad()
def _ablated(
    checkpoint: Checkpoint,
    ids: Sequence[Int[torch.Tensor, " token"]],
    labels: Sequence[Float[np.ndarray, " token"]],
    layer: int,
    unit: int,
) -> tuple[float | None, float | None, int]:
    """Bits a letter with the unit and with its hidden state held at its mean; and over how many letters.

    The letters are those of the second half, by stretches, at which the property is above its mean.
    """
    half = len(ids) // 2
    told = np.concatenate([stretch[:-1] for stretch in labels[half:]])
    chosen = told > told.mean()
    if checkpoint.config.task != "next":
        return None, None, int(chosen.sum())
    model = checkpoint.model
    seen = [_bits(model, stretch, layer, unit, None)[1] for stretch in ids[:half]]
    mean = float(np.concatenate(seen).mean())
    bits = [
        float(np.concatenate([_bits(model, stretch, layer, unit, held)[0] for stretch in ids[half:]])[chosen].mean())
        for held in (None, mean)
    ]
    return bits[0], bits[1], int(chosen.sum())


def _bits(
    model: RecurrentClassifier, ids: Int[torch.Tensor, " token"], layer: int, unit: int, held: float | None
) -> tuple[Float[np.ndarray, " told"], Float[np.ndarray, " told"]]:
    """What each letter but the first takes, in bits, and the hidden state of the unit before it."""
    state: State | None = model.initial(1)
    bits, seen = [], []
    for start in range(0, len(ids) - 1, _WINDOW):
        window = ids[start : start + _WINDOW + 1]
        read = window[:-1]
        shape = len(read), model.config.hidden_size
        mask, values = np.zeros(shape, dtype=bool), np.zeros(shape)
        if held is not None:
            mask[:, unit], values[:, unit] = True, held
        holds = {(layer, 0): {"hidden": Held(mask, values)}} if held is not None else {}
        output, state, captured = capture(model.rnn, pack_sequence([model.embedding(read)]), state, holds=holds)
        told = model.head(output.data).double().log_softmax(dim=-1).gather(1, window[1:, None])[:, 0]
        bits.append(-told.numpy() / math.log(2))
        seen.append(captured["hidden"][layer, 0, :, unit].numpy())
    return np.concatenate(bits), np.concatenate(seen)
