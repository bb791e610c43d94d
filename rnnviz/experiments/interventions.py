"""hold: put signals to values of your choice and read again. What a gate does shows when it may not do it.

Left out: how a value is put in the middle of a step (``rnnviz.engine.holds``).
"""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

from rnnviz import signals
from rnnviz.answers import logits
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.engine.capture import capture
from rnnviz.engine.holds import Held, Holds
from rnnviz.errors import CheckpointError, SelectionError, SettingError, unknown
from rnnviz.reading import capture_texts, encode, trace_of
from rnnviz.signals import Signal
from rnnviz.trace import Trace, indices_of

Number = float | int | np.floating | np.integer
Chosen = int | np.integer | slice | Sequence[int] | np.ndarray | None
_LARGEST = float(np.finfo(np.float32).max)
_ROUNDING = 1e-6  # by so much may a computed value leave its range, and it can still be held where it was


@dataclass(frozen=True, eq=False)
class Clamp:
    """One signal of some units, held at some tokens: whatever the network computes there, it goes on with this value.

    Attributes:
        signal: A name from ``rnnviz.signals``.
        value: A number, an array that broadcasts to [tokens, units] as chosen, or "mean": each unit's own mean over the
            texts of ``checkpoint.units``. Finite and in the signal's range; a gate of 2 is none.
        tokens: Which tokens, in reading order in both directions: a number, a slice, some numbers, or all (None).
        units: Which units, likewise.
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".

    Example:
        >>> shut = rnnviz.Clamp("input", value=0.0, tokens=3)
        >>> shut.signal, shut.value, shut.tokens, shut.units
        ('input', 0.0, 3, None)
        >>> rnnviz.hold(rnnviz.load("sst2-lstm"), "the movie was not good", [shut]).label
        'positive'
    """

    signal: str
    value: Number | np.ndarray | Literal["mean"]
    tokens: Chosen = None
    units: Chosen = None
    layer: int = -1
    direction: str = "forward"


def hold(checkpoint: Checkpoint, text: str, clamps: Sequence[Clamp], pad_to: int | None = None) -> Trace:
    """Read a text with some signals held.

    Args:
        checkpoint: The classifier; it is not changed.
        text: What a person typed, as for ``rnnviz.read``.
        clamps: What is held. Where two hold the same signal, the later one does.
        pad_to: Fill the text up to this many tokens, as for ``rnnviz.read``.

    Returns:
        The altered reading. What is held at the value it has anyway changes no bit of the signals and of the answer.
        ``verdicts`` are the answers had the text ended at each token, with the clamps up to there; a network that reads
        both ways would have had other values there, so holding those of the whole text does change them.
        ``replay_error`` is that of the same text with nothing held: PyTorch's fused module cannot be held, so it
        vouches for the capture, and not for what follows from the clamps.

    Raises:
        CheckpointError: A mean is asked for, and units.json does not have it.
        SelectionError: There is no such signal, layer, direction, token or unit.
        SettingError: A value is not finite, not in the signal's range, or does not fit what is chosen.
        TextError: The text is empty or too long, or longer than ``pad_to``.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> shut = rnnviz.Clamp("input", value=0.0, tokens=3)
        >>> rnnviz.hold(lstm, "the movie was not good", [shut])
        Trace(lstm, 5 tokens, 1 layer, 32 units, forward: positive 79%)
    """
    encoded = encode(checkpoint, text, pad_to)
    holds = holds_of(checkpoint, clamps, len(encoded.tokens))
    return trace_of(checkpoint, encoded, capture_texts(checkpoint.model, [encoded.ids], holds)[0], holds)


def removal_effects(
    checkpoint: Checkpoint,
    text: str,
    layer: int = -1,
    direction: str = "forward",
    signal: str = "hidden",
    value: Number | Literal["mean"] = 0.0,
) -> Float[np.ndarray, " unit"]:
    """What the answer loses with each unit: how its logit changes when the unit alone is held at every token.

    Args:
        checkpoint: The classifier.
        text: What a person typed, as for ``rnnviz.read``.
        layer: Counted from 0, or from the top with -1.
        direction: "forward" or "backward".
        signal: Which of the unit's signals is held. With "hidden" at 0 nothing hears the unit, not even itself.
        value: Where it is held: 0, or "mean" for its own mean (see ``Clamp``).

    Returns:
        In logits; below 0 where the unit spoke for the answer.

    Raises:
        CheckpointError, SelectionError, SettingError, TextError: As for ``hold``.
    """
    ids = encode(checkpoint, text).ids

    def scores(units: Chosen) -> Float[Tensor, " label"]:
        clamp = Clamp(signal, value, units=units, layer=layer, direction=direction)
        return _scores(checkpoint, ids, holds_of(checkpoint, [clamp], len(ids)))

    whole = _scores(checkpoint, ids, {})
    answer = int(whole.argmax())
    removed = [scores(unit)[answer] for unit in range(checkpoint.config.model.hidden_size)]
    return (torch.stack(removed) - whole[answer]).numpy()


def removal_order(effects: Float[np.ndarray, " unit"]) -> Int[np.ndarray, " unit"]:
    """The units from the one whose removal changes the answer most, in either direction, to the one that does least."""
    return np.argsort(-np.abs(effects), kind="stable")


@torch.no_grad()
def _scores(checkpoint: Checkpoint, ids: Int[Tensor, " token"], holds: Holds) -> Float[Tensor, " label"]:
    packed = pack_sequence([checkpoint.model.embedding(ids)])
    output, state, _ = capture(checkpoint.model.rnn, packed, checkpoint.model.initial(1), holds=holds)
    return logits(checkpoint.model, output, state)[0]


def holds_of(checkpoint: Checkpoint, clamps: Sequence[Clamp], tokens: int) -> Holds:
    """All clamps on one text, as ``capture`` takes them."""
    model = checkpoint.config.model
    holds: dict[tuple[int, int], dict[str, Held]] = {}
    for clamp in clamps:
        where = indices_of(clamp.layer, clamp.direction, model.layers, signals.DIRECTIONS[: model.directions])
        held = holds.setdefault(where, {})
        entry = signals.signal(model.cell, clamp.signal)
        if entry.name not in held:
            shape = tokens, model.hidden_size
            held[entry.name] = Held(np.zeros(shape, dtype=bool), np.zeros(shape))
        rows, units = _chosen("token", clamp.tokens, tokens), _chosen("unit", clamp.units, model.hidden_size)
        value = clamp.value
        if isinstance(value, str):
            value = _mean(checkpoint, where, entry.name, value)[units]
        held[entry.name].values[np.ix_(rows, units)] = _fitted(entry, value, len(rows), len(units))
        held[entry.name].mask[np.ix_(rows, units)] = True
    return holds


def _chosen(kind: str, chosen: Chosen, count: int) -> Int[np.ndarray, " chosen"]:
    index = chosen if isinstance(chosen, slice) else slice(None) if chosen is None else np.asarray(chosen)
    try:
        indices = np.arange(count)[index].reshape(-1)
    except IndexError:
        indices = np.arange(0)
    if not len(indices):
        raise SelectionError("clamp_place", kind=kind, given=reprlib.repr(chosen), count=count)
    return indices


def _fitted(entry: Signal, value: Number | np.ndarray, tokens: int, units: int) -> Float[np.ndarray, "token unit"]:
    """The value at each token and unit, once it is known to be one that the signal can have."""
    try:
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), (tokens, units))
    except ValueError:
        shape = np.shape(value)
        raise SettingError("clamp_shape", signal=entry.name, found=shape, tokens=tokens, units=units) from None
    low, high = max(entry.low, -_LARGEST), min(entry.high, _LARGEST)
    outside = values[~((low - _ROUNDING <= values) & (values <= high + _ROUNDING))]  # also what is not a number
    if outside.size:
        raise SettingError("clamp_range", signal=entry.name, given=float(outside[0]), low=low, high=high)
    return values


def _mean(checkpoint: Checkpoint, where: tuple[int, int], signal: str, word: str) -> Float[np.ndarray, " unit"]:
    if word != "mean":
        raise unknown("value", word, ("a number", "an array", "mean"))
    layer, direction = where
    try:
        entry = checkpoint.units["layers"][layer][signals.DIRECTIONS[direction]]
        mean = np.array(entry["signals"][signal]["mean"], dtype=np.float64)
    except (LookupError, TypeError, ValueError):  # there is no units.json, or it is not what rnnviz writes
        mean = np.empty(0)
    if mean.shape != (checkpoint.config.model.hidden_size,) or not np.isfinite(mean).all():
        raise CheckpointError("clamp_mean", signal=signal)
    return mean
