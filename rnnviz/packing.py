"""What ``pack_padded_sequence`` does to a batch, as a record. NumPy only; nothing here runs a network.

A packed batch is stored step by step: first the first token of every text, then the second token of every text that
has one, and so on, longest text first. So a step's work is one dense block, and no cell is computed on padding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index

import numpy as np
from jaxtyping import Int

from rnnviz.errors import LengthError


@dataclass(frozen=True, eq=False)
class PackedLayout:
    """Where every token of a batch lies once the batch is packed.

    Attributes:
        lengths: Tokens of each text, as given.
        order: The texts from longest to shortest; texts of equal length keep their order.
        batch_sizes: How many texts are still being read at each step.
        rows: For each step, the texts computed in it.

    Example:
        >>> layout = rnnviz.packed_layout([5, 3, 1])
        >>> layout.batch_sizes
        array([3, 2, 2, 1, 1])
        >>> layout.pack([["a", "b", "c", "d", "e"], ["f", "g", "h"], ["i"]])
        ['a', 'f', 'i', 'b', 'g', 'c', 'h', 'd', 'e']
    """

    lengths: tuple[int, ...]
    order: Int[np.ndarray, " text"]
    batch_sizes: Int[np.ndarray, " step"]
    rows: tuple[tuple[int, ...], ...]

    @property
    def steps_padded(self) -> int:
        """Cells computed when the batch is padded: every text is as long as the longest."""
        return len(self.lengths) * len(self.batch_sizes)

    @property
    def steps_packed(self) -> int:
        """Cells computed when it is packed: one a token."""
        return int(self.batch_sizes.sum())

    @property
    def saved(self) -> float:
        """The share of cells that packing saves, between 0 and 1."""
        return 1.0 - self.steps_packed / self.steps_padded

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """The (text, token) that stands at each place of the packed data."""
        return tuple((text, step) for step, texts in enumerate(self.rows) for text in texts)

    def pack(self, texts: Sequence[Sequence[object]]) -> list[object]:
        """Put a batch into packed order.

        Raises:
            LengthError: The texts do not have the lengths of this layout.

        Example:
            >>> rnnviz.packed_layout([5, 3, 1]).pack([[1, 2, 3, 4, 5], [6, 7, 8], [9]])
            [1, 6, 9, 2, 7, 3, 8, 4, 5]
        """
        lengths = tuple(len(text) for text in texts)
        if lengths != self.lengths:
            raise LengthError("batch_lengths", wanted=_described(self.lengths), found=_described(lengths))
        return [texts[text][step] for text, step in self.places]

    def unpack(self, data: Sequence[object]) -> list[list[object]]:
        """Take packed data apart again: the texts, in the order of the batch.

        Raises:
            LengthError: There are more or fewer data than places.
        """
        if len(data) != self.steps_packed:
            raise LengthError("packed_places", wanted=self.steps_packed, found=len(data))
        texts: list[list[object]] = [[] for _ in self.lengths]
        for (text, _), value in zip(self.places, data, strict=True):
            texts[text].append(value)
        return texts

    def __repr__(self) -> str:
        return f"PackedLayout({len(self.lengths)} texts, {self.steps_packed} cells packed, {self.steps_padded} padded)"


def packed_layout(lengths: Sequence[int]) -> PackedLayout:
    """Lay a batch out as ``torch.nn.utils.rnn.pack_padded_sequence(..., enforce_sorted=False)`` does.

    ``batch_sizes`` equal torch's for any lengths. ``order`` does where lengths differ; torch sorts ties unstably in
    batches above 16 texts, and here they keep their order.

    Args:
        lengths: Tokens of each text, at least 1 each, at least one text.

    Raises:
        LengthError: A length is below 1 or no whole number, or there are none.

    Example:
        >>> layout = rnnviz.packed_layout([2, 4, 1])
        >>> layout
        PackedLayout(3 texts, 7 cells packed, 12 padded)
        >>> layout.batch_sizes, layout.order
        (array([3, 2, 1, 1]), array([1, 0, 2]))
    """
    wrong = [length for length in lengths if not _is_length(length)]
    if wrong or not len(lengths):
        raise LengthError("lengths", found=str(wrong[0])[:40] if wrong else "none")
    counts = np.array([int(length) for length in lengths])
    order = np.argsort(-counts, kind="stable")
    steps = np.arange(counts.max())
    batch_sizes = (counts[None, :] > steps[:, None]).sum(axis=1)
    rows = tuple(tuple(order[:size].tolist()) for size in batch_sizes)
    return PackedLayout(tuple(counts.tolist()), order, batch_sizes, rows)


def _is_length(value: object) -> bool:
    try:
        return index(value) >= 1  # type: ignore[arg-type] # that is the question
    except TypeError:
        return False


def _described(lengths: Sequence[int]) -> str:
    """A few lengths for a message: ``3 texts (5, 3, 1)``."""
    shown = ", ".join(str(length) for length in lengths[:8])
    return f"{len(lengths):,} texts ({shown}{', …' if len(lengths) > 8 else ''})"
