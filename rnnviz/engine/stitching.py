"""Calls that read one token each, put together to readings of whole texts."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Any

import torch
from torch import Tensor

from rnnviz.engine.cells import STEPS, Signals
from rnnviz.engine.columns import Columns, initial
from rnnviz.engine.kernels import Call
from rnnviz.engine.receipt import distance
from rnnviz.engine.stack import weights_of

FIRST_ROOM = 32  # tokens


class Reading(dict[str, Tensor]):
    """The signals of one reading, by name.

    Attributes:
        receipt: How far the hidden state that the signals lead to is from the one that the module gave, at most; as a
            share of its value where that is above 1.
    """

    receipt: float = 0.0


class Stitching:
    """One reading that grows by a token a call, for as long as each call begins where the one before it ended.

    Attributes:
        place: Among all readings of its module, in the order in which they began.
    """

    def __init__(self, place: int) -> None:
        self.place = place
        self.reading, self.tokens = Reading(), 0
        self.room: Signals = {}
        self.memory: tuple[Tensor, ...] = ()  # kept, so that no other tensor comes to lie there
        self.versions: list[int | None] = []
        self.given: tuple[Tensor, ...] = ()
        self.left: tuple[Tensor, ...] = ()

    def goes_on(self, call: Call) -> bool:
        """Whether a call begins from what the last one left: the same numbers, text by text.

        A text that has ended may keep the state that it had before. Nothing but zeros is a beginning, unless it is the
        very memory that was left, and nobody has written to it since.
        """
        if call.state is None or [part.shape for part in call.state] != [part.shape for part in self.left]:
            return False
        if any(part.dtype != own.dtype or part.device != own.device for part, own in _pairs(call.state, self.left)):
            return False
        moved, kept = (
            torch.stack([_same(part, own).all(dim=-1) for part, own in _pairs(call.state, states)]).all(dim=0)
            for states in (self.left, self.given)
        )
        if not bool(moved.any()) or not bool((moved | kept).all()):
            return False
        return any(bool(part.any()) for part in call.state) or self._lies_untouched(call.state)

    def _lies_untouched(self, state: tuple[Tensor, ...]) -> bool:
        same = all(part.data_ptr() == own.data_ptr() for part, own in _pairs(state, self.memory))
        return same and [_version(own) for own in self.memory] == self.versions

    def add(self, call: Call, signals: Signals, receipt: float) -> None:
        """Append the signals of one token, each [*text, unit]."""
        if self.tokens == self.fits:
            self._grow(signals)
        for name, values in signals.items():
            self.room[name][self.tokens] = values
        self.tokens += 1
        self.reading |= {name: room[: self.tokens][None, None] for name, room in self.room.items()}
        self.reading.receipt = max(self.reading.receipt, receipt)
        self.memory = tuple(part.detach() for part in call.returned)
        self.versions = [_version(part) for part in self.memory]
        self.left = tuple(part.clone() for part in self.memory)
        self.given = self.left if call.state is None else tuple(part.detach().clone() for part in call.state)

    @property
    def fits(self) -> int:
        """How many tokens there is room for."""
        return len(next(iter(self.room.values()))) if self.room else 0

    def _grow(self, signals: Signals) -> None:
        tokens = max(FIRST_ROOM, 2 * self.tokens)
        room = {name: values.new_empty(tokens, *values.shape) for name, values in signals.items()}
        for name, old in self.room.items():
            room[name][: self.tokens] = old
        self.room = room


class Growing:
    """All readings of a module that may grow, found by what their last calls left."""

    def __init__(self) -> None:
        self._by_key: defaultdict[Hashable, set[Stitching]] = defaultdict(set)
        self._keys: dict[Stitching, list[Hashable]] = {}

    def going_on(self, call: Call) -> Stitching | None:
        """The reading that a call goes on with: of several, the one that began last."""
        if call.state is None:
            return None
        nothing = not any(bool(part.any()) for part in call.state)
        keys = [_memory_key(call.state)] if nothing else _row_keys(call.state)
        found = {whole for key in keys for whole in self._by_key.get(key, ())}
        return next((whole for whole in _last_first(found) if whole.goes_on(call)), None)

    def keep(self, whole: Stitching) -> None:
        """Find a reading from now on by what its call has just left."""
        for key in self._keys.pop(whole, ()):
            self._by_key[key].discard(whole)
            if not self._by_key[key]:
                del self._by_key[key]
        self._keys[whole] = [_memory_key(whole.memory), *_row_keys(whole.left)]
        for key in self._keys[whole]:
            self._by_key[key].add(whole)


def _last_first(found: set[Stitching]) -> list[Stitching]:
    return sorted(found, key=lambda whole: whole.place, reverse=True)


def _memory_key(state: tuple[Tensor, ...]) -> Hashable:
    return tuple(part.data_ptr() for part in state)


def _row_keys(state: tuple[Tensor, ...]) -> Iterator[Hashable]:
    """A key for the numbers of each text: texts of the same numbers have the same one, and few others do."""
    parts = [torch.nan_to_num(part, 0.0, math.inf, -math.inf).reshape(-1, part.shape[-1]) for part in state]
    rows = torch.cat(parts, dim=1) + 0.0  # makes -0 a 0
    for place, row in enumerate(rows.view(torch.uint8).cpu().numpy()):
        yield place, hash(row.tobytes())


def _pairs(some: tuple[Tensor, ...], others: tuple[Tensor, ...]) -> Any:
    return zip(some, others, strict=True)


def _same(some: Tensor, others: Tensor) -> Tensor:
    """Which numbers are the same; what is no number in both is."""
    return (some == others) | (some.isnan() & others.isnan())


def _version(part: Tensor) -> int | None:
    """How often a tensor was written to; None if PyTorch does not count that."""
    return None if part.is_inference() else part._version


def step(call: Call) -> tuple[Signals, float]:
    """The signals of a call of one step, [*text, unit], and its receipt.

    Raises:
        CaptureError: What it was given does not fit its weights.
    """
    stack, alone = call.stack, call.inputs.ndim == 1
    rows = call.inputs[None] if alone else call.inputs
    state = call.state if call.state is None or not alone else tuple(part[None] for part in call.state)
    start = _start(call, rows, state)
    weights = weights_of(stack, 0, backward=False)
    signals = STEPS[stack.mode](weights.from_input(rows), start, weights)
    own = dict(zip(("hidden", "cell"), (part[None] if alone else part for part in call.returned), strict=False))
    off = max(distance(signals[name], values) for name, values in own.items())
    signals |= own
    return {name: values[0] if alone else values for name, values in signals.items()}, off


def _start(call: Call, rows: Tensor, state: tuple[Tensor, ...] | None) -> tuple[Tensor, ...]:
    def same(values: Any) -> Any:
        return values

    columns = Columns(rows, [len(rows)], (len(rows),), same, same, same, same)
    return tuple(part[0] for part in initial(call.stack, columns, None if state is None else [p[None] for p in state]))
