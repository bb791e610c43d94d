"""Walk a text alone in NumPy: at one row a step, the cost of calling PyTorch outweighs the arithmetic.

A sigmoid is (1 + tanh(x/2)) / 2, so one call of tanh makes all gates. With the package numba the same loop is compiled
(``rnnviz.engine.numba_loops``).

Left out: batches, projections and number formats that NumPy does not have (``rnnviz.engine.walk``).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from rnnviz.engine.holds import Edits, Held
from rnnviz.engine.products import product


class Parts(NamedTuple):
    """The arrays of one layer and direction: see ``rnnviz.engine.cells.Record``; outputs, then what makes them.

    ``gates`` hold W x + b_input on entry.
    """

    gates: Float[np.ndarray, "token gates"]
    cell: Float[np.ndarray, "token unit"]
    hidden: Float[np.ndarray, "token unit"]
    U: Float[np.ndarray, "gates unit"]
    b_hidden: Float[np.ndarray, " gates"]
    start: tuple[Float[np.ndarray, " unit"], ...]


def walk_lstm(parts: Parts, backward: bool, edits: Edits) -> None:
    """Step an LSTM, see ``rnnviz.engine.cells.lstm_step``."""
    gates, cell, hidden, U, b_hidden, (h, c) = parts
    units = len(h)
    scale = np.full(len(U), 0.5, dtype=U.dtype)
    shift = scale.copy()
    scale[2 * units : 3 * units], shift[2 * units : 3 * units] = 1.0, 0.0  # g is a tanh itself
    gates += b_hidden
    gates *= scale
    multiply, out, from_hidden = product(U * scale[:, None])
    written = np.empty_like(c)
    i, f, g, o = (gates[:, gate * units : (gate + 1) * units] for gate in range(4))
    for t, x, i_t, f_t, g_t, o_t, c_t, h_t in _steps(backward, gates, i, f, g, o, cell, hidden):
        multiply(h, out)
        np.add(x, from_hidden, x)
        np.tanh(x, x)
        np.multiply(x, scale, x)
        np.add(x, shift, x)
        _put(edits.gates, t, x)
        np.multiply(f_t, c, c_t)
        np.multiply(i_t, g_t, written)
        np.add(c_t, written, c_t)
        _put(edits.cell, t, c_t)
        np.tanh(c_t, h_t)
        np.multiply(h_t, o_t, h_t)
        _put(edits.hidden, t, h_t)
        h, c = h_t, c_t


def walk_gru(parts: Parts, backward: bool, edits: Edits) -> None:
    """Step a GRU, see ``rnnviz.engine.cells.gru_step``."""
    gates, _, hidden, U, b_hidden, (h,) = parts
    units = len(h)
    half = np.full(2 * units, 0.5, dtype=U.dtype)
    squashed, candidate = gates[:, : 2 * units], gates[:, 2 * units :]
    b_candidate = b_hidden[2 * units :]
    squashed += b_hidden[: 2 * units]
    multiply, out, from_hidden = product(U)
    rz_h, n_h = from_hidden[: 2 * units], from_hidden[2 * units :]
    r = gates[:, :units]
    z = gates[:, units : 2 * units]
    for t, x, rz_t, r_t, z_t, n_t, h_t in _steps(backward, gates, squashed, r, z, candidate, hidden):
        multiply(h, out)
        np.add(rz_t, rz_h, rz_t)
        np.multiply(rz_t, half, rz_t)
        np.tanh(rz_t, rz_t)
        np.multiply(rz_t, half, rz_t)
        np.add(rz_t, half, rz_t)
        _put(edits.gates, t, x)
        np.add(n_h, b_candidate, n_h)
        np.multiply(n_h, r_t, n_h)
        np.add(n_t, n_h, n_t)
        np.tanh(n_t, n_t)
        _put(edits.gates, t, x)
        np.subtract(h, n_t, h_t)
        np.multiply(h_t, z_t, h_t)
        np.add(h_t, n_t, h_t)
        _put(edits.hidden, t, h_t)
        h = h_t


def walk_plain(parts: Parts, backward: bool, edits: Edits, relu: bool) -> None:
    """Step a plain RNN: h = tanh(W x + U h' + b), or with max(0, ·) in place of tanh."""
    _, _, hidden, U, b_hidden, (h,) = parts
    hidden += b_hidden
    multiply, out, from_hidden = product(U)
    for t, h_t in _steps(backward, hidden):
        multiply(h, out)
        np.add(h_t, from_hidden, h_t)
        if relu:
            np.maximum(h_t, 0.0, out=h_t)
        else:
            np.tanh(h_t, h_t)
        _put(edits.hidden, t, h_t)
        h = h_t


def _steps(backward: bool, *arrays: np.ndarray) -> Iterator[tuple]:
    """The tokens in the order in which they are read: position, and the row of each array."""
    indices = range(len(arrays[0]))
    if backward:
        return zip(reversed(indices), *(array[::-1] for array in arrays), strict=True)
    return zip(indices, *arrays, strict=True)


def _put(held: Held | None, t: int, values: Float[np.ndarray, " unit"]) -> None:
    if held is not None:
        np.copyto(values, held.values[t], where=held.mask[t])
