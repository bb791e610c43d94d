"""The loops of ``rnnviz.engine.numpy_loops``, compiled by numba (the extra ``[fast]``), for float32.

The first call of each kind of cell compiles for seconds; the result is cached on disk and loads quickly from then on.

exp is written out, since a call of the C library's would keep the loops from being vectorised: x is split into
n·ln 2 + r with |r| ≤ ln 2 / 2, e^r is its Taylor polynomial of degree 7 (error 4e-9), and 2^n is put together from its
bits. tanh(x) = (1 - e^-2x) / (1 + e^-2x). Against float64, both are within 2e-7.

Only imported when numba is installed.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from rnnviz.engine.holds import Edits, Held
from rnnviz.engine.numpy_loops import Parts

_ROUNDED = {"contract", "nsz"}  # x·y + z may be rounded once
_SUMMED = _ROUNDED | {"reassoc"}  # sums in any order; infinities and NaN stay what they are
_1, _2, _ZERO, _INFINITE = (np.float32(x) for x in (1, 2, 0, np.inf))
_FAR = np.float32(20)  # tanh is 1 from there on
_LOW, _HIGH = np.float32(-87), np.float32(87)  # e^x is a normal float32 in between
_LOG2_E = np.float32(1.4426950408889634)
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)  # their sum is ln 2; the first has few bits
_C2, _C3, _C4, _C5, _C6, _C7 = (np.float32(1 / n) for n in (2, 6, 24, 120, 720, 5040))
_WHOLE = np.float32(1.5 * 2**23)  # added to a float32, it leaves the nearest whole number in the lowest bits
_MANTISSA, _BIAS = np.int32(23), np.int32(127 << 23)
_NOTHING = Held(np.zeros((0, 0), dtype=bool), np.zeros((0, 0), dtype=np.float32))


def _compiled(**options: Any) -> Callable[[Callable], Callable]:
    """Compile a function itself, not the checks of its annotations that are put around it under test.

    Division is NumPy's: Python's looks for a zero each time, and a loop that looks cannot be vectorised.
    """
    options = {"fastmath": _ROUNDED, "error_model": "numpy"} | options
    return lambda function: njit(**options)(inspect.unwrap(function))


@_compiled(inline="always")
def _exp(x):  # type: ignore[no-untyped-def]
    inside = _LOW if x < _LOW else (_HIGH if x > _HIGH else x)
    shifted = np.float32(inside * _LOG2_E + _WHOLE)
    n = shifted - _WHOLE
    r = (inside - n * _LN2_HIGH) - n * _LN2_LOW
    power = _1 + r * (_1 + r * (_C2 + r * (_C3 + r * (_C4 + r * (_C5 + r * (_C6 + r * _C7))))))
    result = power * np.int32((shifted.view(np.int32) << _MANTISSA) + _BIAS).view(np.float32)
    return _ZERO if x < _LOW else (_INFINITE if x > _HIGH else result)


@_compiled(inline="always")
def _sigmoid(x):  # type: ignore[no-untyped-def]
    return _1 / (_1 + _exp(-x))


@_compiled(inline="always")
def _tanh(x):  # type: ignore[no-untyped-def]
    inside = -_FAR if x < -_FAR else (_FAR if x > _FAR else x)
    e = _exp(-_2 * inside)
    return (_1 - e) / (_1 + e)


@_compiled(cache=True, fastmath=_SUMMED)
def _add_product(total, U, h, b):  # type: ignore[no-untyped-def]
    for row in range(len(U)):
        part = b[row]
        for unit in range(len(h)):
            part += U[row, unit] * h[unit]
        total[row] += part


@_compiled(cache=True)
def _put(mask, values, t, row):  # type: ignore[no-untyped-def]
    if len(mask):
        for unit in range(len(row)):
            if mask[t, unit]:
                row[unit] = values[t, unit]


@_compiled(cache=True)
def _lstm(gates, cell, hidden, U, b_hidden, h, c, backward, gate_held, cell_held, hidden_held):  # type: ignore[no-untyped-def]
    tokens, units = len(gates), len(h)
    for step in range(tokens):
        t = tokens - 1 - step if backward else step
        x, now, shown = gates[t], cell[t], hidden[t]
        _add_product(x, U, h, b_hidden)
        for unit in range(2 * units):
            x[unit] = _sigmoid(x[unit])
        for unit in range(2 * units, 3 * units):
            x[unit] = _tanh(x[unit])
        for unit in range(3 * units, 4 * units):
            x[unit] = _sigmoid(x[unit])
        _put(gate_held[0], gate_held[1], t, x)
        for unit in range(units):
            now[unit] = x[units + unit] * c[unit] + x[unit] * x[2 * units + unit]
        _put(cell_held[0], cell_held[1], t, now)
        for unit in range(units):
            shown[unit] = x[3 * units + unit] * _tanh(now[unit])
        _put(hidden_held[0], hidden_held[1], t, shown)
        h, c = shown, now


@_compiled(cache=True)
def _gru(gates, hidden, U, b_hidden, h, backward, gate_held, hidden_held):  # type: ignore[no-untyped-def]
    tokens, units = len(gates), len(h)
    from_hidden = np.empty_like(b_hidden)
    for step in range(tokens):
        t = tokens - 1 - step if backward else step
        x, shown = gates[t], hidden[t]
        from_hidden[:] = _ZERO
        _add_product(from_hidden, U, h, b_hidden)
        for unit in range(2 * units):
            x[unit] = _sigmoid(x[unit] + from_hidden[unit])
        _put(gate_held[0], gate_held[1], t, x)
        for unit in range(units):
            x[2 * units + unit] = _tanh(x[2 * units + unit] + x[unit] * from_hidden[2 * units + unit])
        _put(gate_held[0], gate_held[1], t, x)
        for unit in range(units):
            n = x[2 * units + unit]
            shown[unit] = (h[unit] - n) * x[units + unit] + n
        _put(hidden_held[0], hidden_held[1], t, shown)
        h = shown


@_compiled(cache=True)
def _plain(hidden, U, b_hidden, h, backward, hidden_held, relu):  # type: ignore[no-untyped-def]
    tokens = len(hidden)
    for step in range(tokens):
        t = tokens - 1 - step if backward else step
        shown = hidden[t]
        _add_product(shown, U, h, b_hidden)
        for unit in range(len(h)):
            if relu:
                shown[unit] = _ZERO if shown[unit] < _ZERO else shown[unit]
            else:
                shown[unit] = _tanh(shown[unit])
        _put(hidden_held[0], hidden_held[1], t, shown)
        h = shown


def walk_lstm(parts: Parts, backward: bool, edits: Edits) -> None:
    """As ``rnnviz.engine.numpy_loops.walk_lstm``."""
    held = [_floats(part) for part in edits]
    _lstm(parts.gates, parts.cell, parts.hidden, parts.U, parts.b_hidden, *parts.start, backward, *held)


def walk_gru(parts: Parts, backward: bool, edits: Edits) -> None:
    """As ``rnnviz.engine.numpy_loops.walk_gru``."""
    held = _floats(edits.gates), _floats(edits.hidden)
    _gru(parts.gates, parts.hidden, parts.U, parts.b_hidden, *parts.start, backward, *held)


def walk_plain(parts: Parts, backward: bool, edits: Edits, relu: bool) -> None:
    """As ``rnnviz.engine.numpy_loops.walk_plain``."""
    _plain(parts.hidden, parts.U, parts.b_hidden, *parts.start, backward, _floats(edits.hidden), relu)


def _floats(held: Held | None) -> tuple[np.ndarray, np.ndarray]:
    return (_NOTHING.mask, _NOTHING.values) if held is None else (held.mask, held.values.astype(np.float32))
