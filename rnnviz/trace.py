"""Trace: the frozen record of one reading. NumPy only, so that figures and exports need no network.

Left out: how the numbers come about (``rnnviz.reading``) and how they look (``rnnviz.figures``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from rnnviz import files, notebook, signals, trace_file
from rnnviz.errors import DataError, SelectionError, unknown
from rnnviz.model_config import Tokens
from rnnviz.readout import Readout
from rnnviz.signals import Cell, Direction

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class Trace:
    """Everything one classifier computed while it read one text.

    Every signal has the same four axes, and row ``t`` of the token axis is ``tokens[t]`` in both directions: the
    backward layer's rows are stored in reading order, not in the order it ran.

    Attributes:
        cell: Kind of cell, which fixes the names in ``signals``.
        tokens: The text as the model saw it, padding included when it was read padded.
        unknown: Which tokens were read as ``<unk>``.
        labels: Names of the classes.
        signals: Signal name to array. Dimensionless; ranges are in ``rnnviz.signals``.
        verdicts: Class probabilities had the text ended at that token; each row sums to 1, the last is the answer.
        inputs: The embedding rows that the first layer read.
        readout: The linear layer's numbers; where the head squashes, those of the linear function that it is here.
        replay_error: The receipt: max of |captured hidden − the fused module's own output| / max(1, |output|).
        start: The states from which the text starts, where the network learned them: "hidden", and of an LSTM "cell".
            Empty where it starts from zeros, as nearly always.
        reads: What the tokens are: "words" or "letters".

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> trace.label, trace.tokens
        ('negative', ('the', 'movie', 'was', 'not', 'good'))
        >>> trace.signals["forget"].shape, trace.select("forget").shape
        ((1, 1, 5, 32), (5, 32))
        >>> trace.save("reading.npz")
        >>> rnnviz.Trace.load("reading.npz")
        Trace(lstm, 5 tokens, 1 layer, 32 units, forward: negative 91%)
    """

    cell: Cell
    tokens: tuple[str, ...]
    unknown: Bool[np.ndarray, " token"]
    labels: tuple[str, ...]
    signals: dict[str, Float[np.ndarray, "layer direction token unit"]]
    verdicts: Float[np.ndarray, "token label"]
    inputs: Float[np.ndarray, "token feature"]
    readout: Readout
    replay_error: float
    start: dict[str, Float[np.ndarray, "layer direction unit"]] = field(default_factory=dict)
    reads: Tokens = "words"

    @property
    def label(self) -> str:
        """Name of the most probable class."""
        return self.labels[int(self.verdicts[-1].argmax())]

    @property
    def layers(self) -> int:
        """How many recurrent layers."""
        return int(self.signals["hidden"].shape[0])

    @property
    def directions(self) -> tuple[Direction, ...]:
        """("forward",), or both."""
        return signals.DIRECTIONS[: self.signals["hidden"].shape[1]]

    @property
    def units(self) -> int:
        """Units of one layer and direction."""
        return int(self.signals["hidden"].shape[3])

    def select(self, name: str, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, "token unit"]:
        """One signal of one layer and direction; the top layer, forward, unless told otherwise.

        Raises:
            SelectionError: There is no such signal, layer or direction; the message lists what there is.
        """
        if name not in self.signals:
            raise unknown("signal", name, self.signals)
        return self.signals[name][indices_of(layer, direction, self.layers, self.directions)]

    def before_first(self, name: str, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, " unit"]:
        """The "hidden" or "cell" from which one layer and direction starts: zeros, or what the network learned.

        Raises:
            SelectionError: There is no such layer or direction.
        """
        if name not in self.start:
            return np.zeros_like(self.select(name, layer, direction)[0])
        return self.start[name][indices_of(layer, direction, self.layers, self.directions)]

    def save(self, path: str | Path) -> None:
        """Write the trace as one .npz file, whole or not at all.

        Raises:
            DataError: Its parts do not fit together, so that ``load`` would refuse it, or it is larger than 1 GB.
        """
        files.atomic_write(Path(path), self.to_npz())

    def to_npz(self) -> bytes:
        """What ``save`` writes."""
        about = {
            "format": trace_file.FORMAT,
            "cell": self.cell,
            "tokens": self.tokens,
            "labels": self.labels,
            "pooling": self.readout.pooling,
            **({} if self.readout.is_exact else {"linear": False}),
            **({} if self.reads == "words" else {"reads": self.reads}),
            "replay_error": self.replay_error if math.isfinite(self.replay_error) else None,
        }
        arrays: dict[str, np.ndarray] = {
            "unknown": self.unknown,
            "verdicts": self.verdicts,
            "inputs": self.inputs,
            "weight": self.readout.weight,
            "bias": self.readout.bias,
        }
        arrays |= trace_file.starts_named(self.start) | trace_file.with_prefix(self.signals)
        try:
            return trace_file.packed(about, arrays)
        except ValueError as error:
            raise DataError("trace_unsaved", problem=error) from None

    @classmethod
    def load(cls, path: str | Path) -> "Trace":
        """Read a file that ``save`` wrote. Sizes are checked before anything is unpacked, and nothing is unpickled.

        Raises:
            DataError: There is no such file, or it is something else.
        """
        try:
            about, arrays = trace_file.read_file(Path(path))
        except ValueError as error:
            raise DataError("trace_file", path=path, problem=error) from None
        return cls(
            cell=about["cell"],
            tokens=tuple(about["tokens"]),
            unknown=arrays["unknown"],
            labels=tuple(about["labels"]),
            signals=trace_file.signals_in(arrays, about["cell"]),
            verdicts=arrays["verdicts"],
            inputs=arrays["inputs"],
            readout=Readout(arrays["weight"], arrays["bias"], about["pooling"], about.get("linear", True)),
            replay_error=math.nan if about["replay_error"] is None else float(about["replay_error"]),
            start=trace_file.starts_in(arrays),
            reads=about.get("reads", "words"),
        )

    def to_pandas(self, layer: int = -1, direction: str = "forward") -> "pandas.DataFrame":
        """One row a token and unit, one column a signal, for one layer and direction."""
        import pandas

        tokens, units = len(self.tokens), self.units
        frame = {
            "position": np.repeat(np.arange(tokens), units),
            "token": np.repeat(np.array(self.tokens, dtype=object), units),
            "unit": np.tile(np.arange(units), tokens),
        }
        return pandas.DataFrame(frame | {name: self.select(name, layer, direction).ravel() for name in self.signals})

    def __repr__(self) -> str:
        sizes = ", ".join(
            _counted(number, noun)
            for number, noun in ((len(self.tokens), "token"), (self.layers, "layer"), (self.units, "unit"))
        )
        directions = " and ".join(self.directions)
        return f"Trace({self.cell}, {sizes}, {directions}: {self.label} {self.verdicts[-1].max():.0%})"

    def _repr_html_(self) -> str:
        """A table for notebooks: the answer after each word and the memory, everything escaped, nothing that runs."""
        return notebook.table(self)


def indices_of(layer: int, direction: str, layers: int, directions: Sequence[Direction]) -> tuple[int, int]:
    """Where one layer and direction stand among those that there are, both counted from 0.

    Raises:
        SelectionError: There is no such layer or direction; the message lists what there is.
    """
    if not -layers <= layer < layers:
        raise SelectionError("layer_range", given=layer, layers=_counted(layers, "layer"))
    if direction not in directions:
        raise unknown("direction", direction, directions)
    return layer % layers, list[str](directions).index(direction)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
