"""Two things that are often said of gated networks, held against the numbers of one network.

    "Gates act like bit masks."         Then the values of a gate are nearly 0 or nearly 1.
    "The memory is made of flags."      Then each unit of the memory keeps to two values: raised and lowered.

Both verdicts follow one rule, fixed before any network was looked at: what is said of all is *supported* where it
holds for nine tenths, the few exceptions allowed, and *not supported* where it does not even hold for half.

Left out: how the numbers come about (``rnnviz.training.unit_summary``, ``rnnviz.analysis``) and how they are drawn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rnnviz import signals
from rnnviz.analysis.statistics import saturation
from rnnviz.trace import Trace

Verdict = Literal["supported", "partly", "not supported"]
SUPPORTED, NOT_SUPPORTED = 0.9, 0.5
TWO_PEAKS = 5 / 9
HALF_EMPTY = 0.5


@dataclass(frozen=True)
class Gate:
    """How one gate stands, as shares of its values over all tokens and units of a layer and direction, 0 to 1.

    Attributes:
        layer, direction, name: Which gate.
        shut: Share of its values below 0.1.
        open: Share above 0.9.
        between: The rest. A gate whose values were spread evenly would have 0.8.
        verdict: On this gate as a bit mask.

    Example:
        >>> from rnnviz.analysis import claims
        >>> gate = claims.masks(rnnviz.load("sst2-lstm").units).gates[0]
        >>> gate.name, gate.layer, gate.direction, gate.verdict
        ('input', 0, 'forward', 'partly')
        >>> abs(gate.shut + gate.between + gate.open - 1) < 1e-6
        True
    """

    layer: int
    direction: str
    name: str
    shut: float
    open: float
    between: float
    verdict: Verdict


@dataclass(frozen=True)
class Masks:
    """What became of "gates act like bit masks" in one network.

    Attributes:
        gates: Each gate of each layer and direction.
        share: Of all their values, those that are nearly 0 or 1.
        verdict: Supported from 0.9 on, not supported below 0.5.

    Example:
        >>> from rnnviz.analysis import claims
        >>> found = claims.masks(rnnviz.load("recall-gru").units)
        >>> len(found.gates), f"{found.share:.0%}", found.verdict
        (2, '54%', 'partly')
    """

    gates: tuple[Gate, ...]
    share: float
    verdict: Verdict


@dataclass(frozen=True)
class Flag:
    """The unit that is most like a flag, whether it is one or not.

    Attributes:
        layer, direction, unit: Which unit.
        bimodality: Sarle's coefficient of its memory (``analysis.bimodality``).
        valley: How empty the space between its two values is (``analysis.valley_of``).
        raised_by, lowered_by: The words that change its memory most, strongest first.

    Example:
        >>> from rnnviz.analysis import claims
        >>> flag = claims.flags(rnnviz.load("sst2-lstm").units).most
        >>> flag.unit, flag.raised_by[:2], flag.lowered_by[:2]
        (21, ('refreshing', 'enjoy'), ('barely', 'usually'))
    """

    layer: int
    direction: str
    unit: int
    bimodality: float
    valley: float
    raised_by: tuple[str, ...]
    lowered_by: tuple[str, ...]


@dataclass(frozen=True)
class Flags:
    """What became of "the memory is made of flags" in one network.

    Attributes:
        flags: Units that keep to two values.
        units: All units, of all layers and directions.
        share: The one of the other.
        verdict: Supported from 0.9 on, not supported below 0.5.
        most: The unit that is most like a flag.

    Example:
        >>> from rnnviz.analysis import claims
        >>> found = claims.flags(rnnviz.load("recall-lstm").units)
        >>> f"{found.flags} of {found.units}", found.verdict
        ('5 of 32', 'not supported')
    """

    flags: int
    units: int
    share: float
    verdict: Verdict
    most: Flag


def masks(units: dict[str, Any]) -> Masks | None:
    """Whether the gates of a network act like bit masks over its training texts; None if it has no gates.

    A bit is 0 or 1. A gate is a sigmoid, which never is, so "nearly" is below 0.1 and above 0.9, as in
    ``analysis.saturation``; values spread evenly would have a fifth of them there.

    Args:
        units: What ``rnnviz.training.unit_summary.describe`` wrote.

    Example:
        >>> from rnnviz.analysis import claims
        >>> found = claims.masks(rnnviz.load("sst2-lstm").units)
        >>> f"{found.share:.0%} {found.verdict}"
        '53% partly'
        >>> claims.masks(rnnviz.load("sst2-rnn").units) is None
        True
    """
    return _masks(
        (layer, direction, name, float(np.mean(shares["shut"])), float(np.mean(shares["open"])))
        for layer, direction, summary in _summaries(units)
        for name, shares in summary.get("saturation", {}).items()
    )


def masks_in(trace: Trace) -> Masks | None:
    """``masks`` over the tokens of one reading. Its few tokens say less of a network than its training texts do.

    Args:
        trace: The reading; of a plain RNN, which has no gates, the answer is None.

    Example:
        >>> from rnnviz.analysis import claims
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> found = claims.masks_in(trace)
        >>> [f"{gate.name} {gate.between:.0%}" for gate in found.gates]
        ['input 31%', 'forget 29%', 'output 62%']
    """
    gates = [entry.name for entry in signals.SIGNALS[trace.cell] if entry.is_gate]
    positions = [(layer, direction) for layer in range(trace.layers) for direction in trace.directions]
    shares = {(*position, name): saturation(trace, name, *position) for position in positions for name in gates}
    return _masks((*gate, float(one.shut.mean()), float(one.open.mean())) for gate, one in shares.items())


def flags(units: dict[str, Any]) -> Flags | None:
    """Whether the memory of a network is made of flags over its training texts; None if that was not measured.

    A flag keeps to two values. Sarle's coefficient above 5/9, that of an even spread, hints at two peaks, but a long
    tail on one side has it too. So there must also be a valley between two heights that each hold a twentieth of the
    tokens, at its deepest at most half as often visited as the lower height: a tail has no second height. A unit that
    never moves is no flag; one that keeps to three values or more may count as one.

    One reading cannot tell: ten tokens do not show how often the space between two values is visited.

    Args:
        units: What ``rnnviz.training.unit_summary.describe`` wrote.

    Example:
        >>> from rnnviz.analysis import claims
        >>> found = claims.flags(rnnviz.load("sst2-lstm").units)
        >>> found.flags, found.units, found.verdict
        (0, 32, 'not supported')
    """
    candidates = [
        (layer, direction, unit, peaks or 0.0, valley or 0.0)
        for layer, direction, summary in _summaries(units)
        for unit, (peaks, valley) in enumerate(
            zip(summary.get("bimodality", ()), summary.get("valley", ()), strict=False)
        )
    ]
    if not candidates:
        return None
    count = sum(is_flag(peaks, valley) for *_, peaks, valley in candidates)
    layer, direction, unit, peaks, valley = max(candidates, key=lambda one: min(one[3:]))
    summary = units["layers"][layer][direction]
    raised, lowered = (tuple(summary[name][unit]) if name in summary else () for name in ("raised_by", "lowered_by"))
    most = Flag(layer, direction, unit, peaks, valley, raised, lowered)
    return Flags(count, len(candidates), count / len(candidates), _verdict(count / len(candidates)), most)


def is_flag(bimodality: float | None, valley: float | None) -> bool:
    """Whether a unit keeps to two values, by the two measures of ``flags``.

    Args:
        bimodality: Sarle's coefficient of its memory, 0 to 1; None for a unit that never moves.
        valley: How empty the space between its two values is, 0 to 1; None for a unit that never moves.

    Example:
        >>> from rnnviz.analysis import claims
        >>> claims.is_flag(bimodality=0.9, valley=0.8), claims.is_flag(bimodality=0.3, valley=0.8)
        (True, False)
        >>> claims.is_flag(None, None)
        False
    """
    return bimodality is not None and valley is not None and bimodality > TWO_PEAKS and valley >= HALF_EMPTY


def _masks(shares: Iterable[tuple[int, str, str, float, float]]) -> Masks | None:
    gates = tuple(
        Gate(layer, direction, name, shut, opened, max(0.0, 1 - shut - opened), _verdict(shut + opened))
        for layer, direction, name, shut, opened in shares
    )
    if not gates:
        return None
    share = float(np.mean([gate.shut + gate.open for gate in gates]))
    return Masks(gates, share, _verdict(share))


def _verdict(share: float) -> Verdict:
    if share >= SUPPORTED:
        return "supported"
    return "not supported" if share < NOT_SUPPORTED else "partly"


def _summaries(units: dict[str, Any]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for layer, directions in enumerate(units.get("layers", ())):
        for direction, summary in directions.items():
            yield layer, direction, summary
