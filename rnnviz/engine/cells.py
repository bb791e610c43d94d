"""The cells themselves: their parameters, what they leave behind, and one step of each, written as its equations.

Left out: layers, directions and batches (``rnnviz.engine.capture``), and the same steps made fast
(``rnnviz.engine.walk``).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.signals import SIGNALS, Cell, names

Signals = dict[str, Tensor]


class Weights(NamedTuple):
    """The parameters of one layer and direction, gates stacked as PyTorch stacks them: i f g o, or r z n.

    W reads the input, U the previous hidden state. A module without biases has zeros, and ``biased`` is False.
    ``projection`` maps an LSTM's hidden state to fewer features (``proj_size``), else None.
    """

    W: Float[Tensor, "gates feature"]
    U: Float[Tensor, "gates unit"]
    b_input: Float[Tensor, " gates"]
    b_hidden: Float[Tensor, " gates"]
    projection: Float[Tensor, "feature unit"] | None
    biased: bool = True

    def from_input(self, rows: Float[Tensor, "row feature"]) -> Float[Tensor, "row gates"]:
        """W x + b_input."""
        return nn.functional.linear(rows, self.W, self.b_input if self.biased else None)

    def from_hidden(self, hidden: Float[Tensor, "row unit"]) -> Float[Tensor, "row gates"]:
        """U h + b_hidden."""
        return nn.functional.linear(hidden, self.U, self.b_hidden if self.biased else None)

    @property
    def b(self) -> Float[Tensor, " gates"]:
        """The one bias b of W x + U h + b. A GRU's candidate needs the two apart: its reset gate scales U h + b'."""
        return self.b_input + self.b_hidden


class Record(NamedTuple):
    """What one layer and direction compute at each row, filled in by a route.

    ``gates`` stand side by side as PyTorch stacks them, and hold W x + b_input before the gates are made of it. What a
    cell does not have is its ``hidden`` under another name: the gates of a plain RNN, the cell of all but an LSTM.
    """

    gates: Float[Tensor, "row gates"]
    cell: Float[Tensor, "row unit"]
    hidden: Float[Tensor, "row feature"]


CELLS: dict[str, Cell] = {"RNN_TANH": "rnn", "RNN_RELU": "rnn", "GRU": "gru", "LSTM": "lstm"}
GATES: dict[Cell, tuple[str, ...]] = {
    cell: tuple(name for name in names(cell) if name not in ("cell", "hidden")) for cell in SIGNALS
}
"""What a cell makes of W x + U h, in the order in which PyTorch stacks it; nothing in a plain RNN."""

_STACKED: dict[Cell, int] = {"rnn": 0, "gru": 3, "lstm": 4}
if {cell: len(gates) for cell, gates in GATES.items()} != _STACKED:
    raise RuntimeError(f"PyTorch stacks so many gates: {_STACKED}. GATES has others, leave out what it adds: {GATES}")


def lstm_step(x: Tensor, state: tuple[Tensor, ...], weights: Weights) -> Signals:
    """One step of an LSTM.

        i, f, o = sigmoid(W x + U h' + b)    in (0, 1)
        g       =    tanh(W x + U h' + b)    in (-1, 1)
        c       = f * c' + i * g             unbounded
        h       = o * tanh(c)                in (-1, 1)

    Source: the documentation of ``torch.nn.LSTM``; Hochreiter and Schmidhuber 1997, forget gate of Gers et al. 2000.
    """
    hidden, cell = state
    i, f, g, o = (weights.from_hidden(hidden) + x).chunk(4, dim=-1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cell = f * cell + i * g
    hidden = o * cell.tanh()
    if weights.projection is not None:
        hidden = hidden @ weights.projection.T
    return {"input": i, "forget": f, "candidate": g, "output": o, "cell": cell, "hidden": hidden}


def gru_step(x: Tensor, state: tuple[Tensor, ...], weights: Weights) -> Signals:
    """One step of a GRU.

        r, z = sigmoid(W x + U h' + b)              in (0, 1)
        n    = tanh(W x + b + r * (U h' + b'))      in (-1, 1)
        h    = (1 - z) * n + z * h'                 in (-1, 1)

    Source: the documentation of ``torch.nn.GRU``; Cho et al. 2014.
    """
    (hidden,) = state
    r_x, z_x, n_x = x.chunk(3, dim=-1)
    r_h, z_h, n_h = weights.from_hidden(hidden).chunk(3, dim=-1)
    r, z = (r_h + r_x).sigmoid(), (z_h + z_x).sigmoid()
    n = (n_x + r * n_h).tanh()
    return {"reset": r, "update": z, "candidate": n, "hidden": (hidden - n) * z + n}


def _plain(squash: Callable[[Tensor], Tensor]) -> Callable[[Tensor, tuple[Tensor, ...], Weights], Signals]:
    def step(x: Tensor, state: tuple[Tensor, ...], weights: Weights) -> Signals:
        """One step of a plain RNN: h = squash(W x + U h' + b). Source: ``torch.nn.RNN``; Elman 1990."""
        return {"hidden": squash(weights.from_hidden(state[0]) + x)}

    return step


STEPS: dict[str, Callable[[Tensor, tuple[Tensor, ...], Weights], Signals]] = {
    "LSTM": lstm_step,
    "GRU": gru_step,
    "RNN_TANH": _plain(torch.tanh),
    "RNN_RELU": _plain(torch.relu),
}
