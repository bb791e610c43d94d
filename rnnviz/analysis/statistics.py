"""Questions to a Trace, answered with NumPy alone.

Which units matter, how their gates stand, how long they remember, whether they keep to two values; and what differs
between two readings.

Left out: what each token wrote into the memory (``rnnviz.analysis.memory``).
"""

import math
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from jaxtyping import Float, Int

from rnnviz import signals
from rnnviz.analysis.memory import KEEPERS
from rnnviz.errors import SelectionError, unknown
from rnnviz.trace import Trace, indices_of

SHUT, OPEN = 0.1, 0.9
_BINS, _LEAST_SIDE = 24, 0.05
_LEAST_GATE = 1e-12  # one gate that is 0 to the last digit shall not stand for all the others


def unit_effects(trace: Trace, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, " unit"]:
    """How much each unit matters for this reading, 0 or more: the effect of each unit on the answer.

    Top layer: the unit's part of the winning logit's lead over the mean of the others,
    |Σ (w_answer − mean w_others) · pooled|, in logits, which the linear layer makes exact; where the head squashes, by
    the linear function that it is for this reading (``rnnviz.readout``). A lower layer has no such line to the answer,
    unless the linear layer reads all layers; there it is how far the unit's hidden state moves over the text (its
    largest minus its smallest value, the state before the first token included).

    Args:
        trace: The reading.
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: There is no such layer or direction.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> effects = rnnviz.analysis.unit_effects(trace)
        >>> int(effects.argmax()), f"{effects.max():.2f}"
        (12, '0.41')
    """
    hidden = trace.select("hidden", layer, direction)
    height, _ = indices_of(layer, direction, trace.layers, trace.directions)
    if height not in trace.readout.layers_read(trace.layers):
        return np.ptp(np.concatenate([trace.before_first("hidden", layer, direction)[None], hidden]), axis=0)
    return trace.readout.effects(trace.signals["hidden"][height], direction, int(trace.verdicts[-1].argmax()), height)


def unit_order(trace: Trace, layer: int = -1, direction: str = "forward") -> Int[np.ndarray, " unit"]:
    """The units from the one that matters most to the one that matters least; see ``unit_effects``.

    Args:
        trace: The reading.
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: There is no such layer or direction.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> rnnviz.analysis.unit_order(trace)[:5]
        array([12, 25, 14, 20, 29])
    """
    return np.argsort(-unit_effects(trace, layer, direction), kind="stable")


@dataclass(frozen=True, eq=False)
class Saturation:
    """How often a gate is nearly shut and nearly open, as shares of the tokens, 0 to 1.

    Attributes:
        shut: Share of its values below 0.1 ("left-saturated").
        open: Share of its values above 0.9 ("right-saturated").

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> found = rnnviz.analysis.saturation(trace, "forget")
        >>> found.open.shape, f"{found.open[25]:.0%} open, {found.shut[25]:.0%} shut"
        ((32,), '100% open, 0% shut')
    """

    shut: Float[np.ndarray, " unit"]
    open: Float[np.ndarray, " unit"]


def saturation(trace: Trace, name: str, layer: int = -1, direction: str = "forward") -> Saturation:
    """How often one gate is nearly shut or nearly open over this text, unit by unit.

    Args:
        trace: The reading.
        name: A gate of its cell: "input", "forget" or "output"; "reset" or "update".
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: ``name`` is no gate of this cell, or there is no such layer or direction.

    Source:
        Karpathy, Johnson and Fei-Fei 2015, "Visualizing and Understanding Recurrent Networks".

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> found = rnnviz.analysis.saturation(trace, "input")
        >>> found.open.shape, int((found.shut > 0.5).sum())
        ((32,), 22)
    """
    gates = [entry.name for entry in signals.SIGNALS[trace.cell] if entry.is_gate]
    if not gates:
        raise SelectionError("plain_rnn", what="gates")
    if name not in gates:
        raise unknown("gate", name, gates)
    return saturation_of(trace.select(name, layer, direction))


def saturation_of(gate: Float[np.ndarray, "token unit"]) -> Saturation:
    """``saturation`` of a gate's values, of one text or of many."""
    return Saturation((gate < SHUT).mean(axis=0), (gate > OPEN).mean(axis=0))


def half_life(trace: Trace, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, " unit"]:
    """Tokens after which half of a memory is left, at the unit's usual gate in this text: ln ½ / mean(ln gate).

    The gate is an LSTM's forget gate or a GRU's update gate. The logarithm is averaged since shares kept multiply: at
    its geometric mean, a gate keeps over the text what it kept in truth. Above 0; infinite when nothing is ever let go.
    A gate below 1e-12 counts as 1e-12, so the smallest half-life is 0.025 tokens.

    Args:
        trace: The reading.
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: The trace is of a plain RNN, or there is no such layer or direction.

    Source:
        A constant gate f forgets as f^t: Tallec and Ollivier 2018, who read gates as time constants.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> rnnviz.analysis.half_life(trace)[:3].round(1)
        array([ 2.5, 16.4, 21.9])
    """
    if trace.cell not in KEEPERS:
        raise SelectionError("plain_rnn", what="half-life")
    return half_life_of(trace.select(KEEPERS[trace.cell], layer, direction))


def half_life_of(gate: Float[np.ndarray, "token unit"]) -> Float[np.ndarray, " unit"]:
    """``half_life`` of the values of a gate that keeps the memory, of one text or of many."""
    decay = np.log(gate.astype(np.float64).clip(_LEAST_GATE, None)).mean(axis=0)
    return np.divide(np.log(0.5), decay, out=np.full_like(decay, np.inf), where=decay < 0)


def bimodality(trace: Trace, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, " unit"]:
    """Whether each unit's memory keeps to two values over this text: Sarle's bimodality coefficient.

        (skewness² + 1) / (excess kurtosis + 3 (n − 1)² / ((n − 2) (n − 3))),  both corrected for n tokens

    Dimensionless, between 0 and 1; 5/9 for an even spread, and more hints at two peaks. So does a long tail on one
    side: look at the values before saying "switch". The correction keeps it low in short texts: two values, equally
    often, have 0.13 at 4 tokens, 0.57 at 10 and 0.88 at 40. nan for fewer than 4 tokens, and for a unit that never
    moves. The memory is an LSTM's cell state, else the hidden state.

    Args:
        trace: The reading.
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".

    Raises:
        SelectionError: There is no such layer or direction.

    Source:
        SAS Institute 1990, procedure CLUSTER; Pfister et al. 2013, "Good things peak in pairs".

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "a warm and funny story that I will remember")
        >>> rnnviz.analysis.bimodality(trace)[:3].round(2)
        array([0.59, 0.43, 0.39])
    """
    return bimodality_of(trace.select(signals.memory(trace.cell), layer, direction))


def bimodality_of(memory: Float[np.ndarray, "token unit"]) -> Float[np.ndarray, " unit"]:
    """``bimodality`` of the values of a memory, of one text or of many."""
    memory = memory.astype(np.float64)
    n, spread = len(memory), np.ptp(memory, axis=0)
    if n < 4:
        return np.full(len(spread), np.nan)
    moved = np.where(spread > 0, spread, np.nan)
    second, third, fourth = (((memory - memory.mean(axis=0)) / moved) ** power for power in (2, 3, 4))
    variance = second.mean(axis=0)
    skewness = third.mean(axis=0) / variance**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
    kurtosis = fourth.mean(axis=0) / variance**2  # of the n values themselves, 3 for a normal distribution
    # Both terms below the fraction, brought together: (n + 1)(n − 1) / ((n − 2)(n − 3)) kurtosis.
    return (skewness**2 + 1) * (n - 2) * (n - 3) / ((n + 1) * (n - 1) * kurtosis)


def valley_of(memory: Float[np.ndarray, "token unit"]) -> Float[np.ndarray, " unit"]:
    """How deep the valley between a memory's two usual values is, over many texts: 0 for none, 1 for an empty one.

    The values from the 1 % to the 99 % quantile are counted in 24 equal bins. At a bin between two heights the valley
    is 1 − its count / the lower of the highest counts on its two sides, and the deepest is the unit's. Each side must
    hold a twentieth of the tokens: fewer are a tail. So a bell, an even spread and a tail of any length have no valley
    but what chance leaves, and a long tail is told from a second value, which ``bimodality`` alone cannot. nan for a
    unit whose middle 98 % is one value, and without tokens.

    For ten thousands of tokens: the few of a single text leave bins empty by chance.
    """
    return np.array([_valley(values) for values in memory.astype(np.float64).T])


def _valley(values: Float[np.ndarray, " token"]) -> float:
    low, high = np.quantile(values, (0.01, 0.99)) if len(values) else (0.0, 0.0)
    if not low < high:
        return math.nan
    shares = (values[(low <= values) & (values <= high)] - low) / (high - low)
    counts = np.bincount((shares * _BINS).astype(int).clip(0, _BINS - 1), minlength=_BINS)
    left, right = np.maximum.accumulate(counts)[:-2], np.maximum.accumulate(counts[::-1])[-3::-1]
    below, above = np.cumsum(counts)[:-2], np.cumsum(counts[::-1])[-3::-1]
    two_sides = np.minimum(below, above) >= _LEAST_SIDE * len(values)
    depths = 1 - counts[1:-1] / np.minimum(left, right).clip(1)
    return float(depths[two_sides].max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two readings, side by side word by word.

    Attributes:
        one, other: The readings.
        pairs: Positions in ``one`` and ``other``, in reading order; None where one of them has no such word.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> one, other = rnnviz.read(lstm, "a good movie"), rnnviz.read(lstm, "a dull movie")
        >>> compared = rnnviz.analysis.compare(one, other)
        >>> compared.pairs
        ((0, 0), (1, 1), (2, 2))
        >>> compared.verdict_difference()[:, 1].round(2)
        array([ 0.  , -0.9 , -0.94])
    """

    one: Trace
    other: Trace
    pairs: tuple[tuple[int | None, int | None], ...]

    def difference(self, name: str, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, "pair unit"]:
        """One signal of ``other`` minus that of ``one``, a row a pair; nan where a word has no partner.

        Raises:
            SelectionError: The networks have other cells or sizes, or no such signal, layer or direction.
        """
        networks = [_network(trace) for trace in (self.one, self.other)]
        if networks[0] != networks[1]:
            raise SelectionError("compare", what="units", one=networks[0], other=networks[1])
        return self._rows(self.one.select(name, layer, direction), self.other.select(name, layer, direction))

    def verdict_difference(self) -> Float[np.ndarray, "pair label"]:
        """Class probabilities of ``other`` minus those of ``one``, −1 to 1, a row a pair; nan where there is none.

        The networks may be of different cells.

        Raises:
            SelectionError: The networks have other classes.
        """
        if self.one.labels != self.other.labels:
            raise SelectionError(
                "compare", what="classes", one=", ".join(self.one.labels), other=", ".join(self.other.labels)
            )
        return self._rows(self.one.verdicts, self.other.verdicts)

    def _rows(
        self, one: Float[np.ndarray, "left column"], other: Float[np.ndarray, "right column"]
    ) -> Float[np.ndarray, "pair column"]:
        rows = np.full((len(self.pairs), one.shape[1]), np.nan)
        for row, (left, right) in enumerate(self.pairs):
            if left is not None and right is not None:
                rows[row] = other[right].astype(np.float64) - one[left]
        return rows


def compare(one: Trace, other: Trace) -> Comparison:
    """Lay two readings side by side: of two texts, or of one text by two networks.

    Equal words are paired, and so are words replaced by as many others; a word left out or put in stands alone.

    Args:
        one: A reading.
        other: Another one. Its signals are compared unit by unit only if both networks have the same cell and sizes.

    Source:
        Ratcliff and Metzener 1988, as in ``difflib.SequenceMatcher``. It takes time with the square of the length.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> one, other = rnnviz.read(lstm, "a good movie"), rnnviz.read(lstm, "a very good movie")
        >>> rnnviz.analysis.compare(one, other).pairs
        ((0, 0), (None, 1), (1, 2), (2, 3))
    """
    pairs: list[tuple[int | None, int | None]] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(
        None, one.tokens, other.tokens, autojunk=False
    ).get_opcodes():
        left, right = range(start, end), range(other_start, other_end)
        if kind != "equal" and len(left) != len(right):
            pairs += [(position, None) for position in left] + [(None, position) for position in right]
        else:
            pairs += zip(left, right, strict=True)
    return Comparison(one, other, tuple(pairs))


def _network(trace: Trace) -> str:
    """The cell and sizes of the network that read, in words."""
    return f"{trace.cell}, layers: {trace.layers}, units: {trace.units}, {' and '.join(trace.directions)}"
