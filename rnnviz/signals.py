"""One table of every signal: name, symbol, range and meaning. Legends, menus, the glossary and test bounds read it.

Left out: how a signal is computed (equations in ``rnnviz.engine.cells``, for batches in ``rnnviz.engine.walk``, for
one text in ``rnnviz.engine.one_text``) and how it is drawn (``rnnviz.figures``).

Two conventions differ between papers and are fixed here once. A GRU's update gate of 1 **keeps** the old state, as
in ``torch.nn.GRU`` (Cho et al. 2014; Chung et al. 2014 have it the other way round). "candidate" is the new content
that a gated cell proposes: PyTorch's g in an LSTM, its n in a GRU.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rnnviz.errors import unknown

Cell = Literal["rnn", "gru", "lstm"]
Pooling = Literal["last", "last-layers", "output-last", "mean", "sum", "max", "max+mean"]
"""Which hidden states reach the linear layer; see ``rnnviz.model_config.ModelConfig``."""
Direction = Literal["forward", "backward"]
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")


def pooled_blocks(pooling: Pooling, layers: int) -> int:
    """How many states of a layer lie side by side in the pooled ones."""
    return {"max+mean": 2, "last-layers": layers}.get(pooling, 1)


@dataclass(frozen=True)
class Signal:
    """One quantity that a cell computes for every token and unit. All signals are dimensionless.

    Attributes:
        name: The key in ``Trace.signals``.
        symbol: The letter in the equations.
        low, high: The range that the equation allows; infinite where it allows anything.
        meaning: One line, in plain words.
    """

    name: str
    symbol: str
    low: float
    high: float
    meaning: str

    @property
    def is_gate(self) -> bool:
        """Whether it is a sigmoid's output: a share between 0 and 1, coloured in one hue."""
        return self.low == 0.0 and self.high == 1.0


_HIDDEN = Signal("hidden", "h", -1.0, 1.0, "what the cell shows to the rest of the network")

SIGNALS: dict[Cell, tuple[Signal, ...]] = {
    "lstm": (
        Signal("input", "i", 0.0, 1.0, "how much of the candidate is let into the memory"),
        Signal("forget", "f", 0.0, 1.0, "how much of the old memory is kept"),
        Signal("candidate", "g", -1.0, 1.0, "new content, proposed for the memory"),
        Signal("output", "o", 0.0, 1.0, "how much of the memory is shown"),
        Signal("cell", "c", -math.inf, math.inf, "the memory itself"),
        _HIDDEN,
    ),
    "gru": (
        Signal("reset", "r", 0.0, 1.0, "how much of the old state the candidate may see"),
        Signal("update", "z", 0.0, 1.0, "how much of the old state is kept (1 keeps all)"),
        Signal("candidate", "n", -1.0, 1.0, "new content, proposed for the state"),
        _HIDDEN,
    ),
    "rnn": (Signal("hidden", "h", -math.inf, math.inf, "the state, rewritten at every token"),),
}


def names(cell: Cell) -> tuple[str, ...]:
    """The names of a cell's signals, in the order of the table."""
    return tuple(signal.name for signal in SIGNALS[cell])


def signal(cell: Cell, name: str) -> Signal:
    """Look one signal up.

    Raises:
        SelectionError: The cell has no signal of this name.
    """
    for entry in SIGNALS[cell]:
        if entry.name == name:
            return entry
    raise unknown("signal", name, names(cell))


def memory(cell: Cell) -> str:
    """The signal that carries a cell's memory from token to token: "cell" in an LSTM, else "hidden"."""
    return "cell" if cell == "lstm" else "hidden"


def limits(drawn: Signal, values: Iterable[float]) -> tuple[float, float]:
    """The ends of the colour scale for a signal.

    A bounded signal always gets its own range, so that two texts can be compared by eye. An unbounded one gets a
    symmetric range out to the next of 1, 1.5, 2, 3, 4, 6, 8 …, which seldom changes while a text is typed. Values that
    are not finite have no place on a scale and are passed over.
    """
    if math.isfinite(drawn.low) and math.isfinite(drawn.high):
        return drawn.low, drawn.high
    largest = max((abs(float(value)) for value in values if math.isfinite(value)), default=0.0)
    octave = 1.0
    while 1.5 * octave < largest:
        octave *= 2.0
    reach = octave if largest <= octave else 1.5 * octave
    return -reach, reach


def glossary() -> str:
    """The table of signals as a page, docs/glossary.md. A test holds the two together."""
    lines = ["# Signals", "", "Made from `rnnviz/signals.py`. All signals are dimensionless.", ""]
    lines += ["| cell | signal | symbol | range | meaning |", "|---|---|---|---|---|"]
    for cell, table in SIGNALS.items():
        for entry in table:
            span = "unbounded" if math.isinf(entry.high) else f"{entry.low:g} to {entry.high:g}"
            lines.append(f"| {cell} | {entry.name} | {entry.symbol} | {span} | {entry.meaning} |")
    return "\n".join([*lines, "", "A GRU's update gate of 1 keeps the old state (PyTorch's convention).", ""])
