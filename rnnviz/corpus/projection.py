"""Projection: a plane through the states of a corpus, with the path of a text through it.

Where the linear layer reads the state after the last token, and nothing else, the first axis is the direction of an
answer in that layer: the answer's row less the mean of the others' rows, for two classes the difference of both. So the
first coordinate of a state is the answer's lead in logits, exactly, had the text ended there. The second axis is the
first principal component of what is left at right angles to the first. Everywhere else both axes are the first two
principal components. All of it is computed in float64, and is the same each time. Needs no torch.

Left out: the picture (the page's view Projection), and UMAP, whose threads abort a process and whose planes tell no
share of the variance: where a state lies here can be computed by hand.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float, Int

from rnnviz.errors import unknown
from rnnviz.readout import Readout
from rnnviz.trace import Trace

if TYPE_CHECKING:
    from rnnviz.corpus.index import Index

Unread = Literal["next", "both_ways", "pooling", "head"]
"""Why no direction of the states is an answer's: the network tells the next token; it reads both ways; what it reads at
the end is pooled; what follows is not linear."""
Axes = Float[np.ndarray, "axis unit"]
_LAST = ("last", "output-last", "last-layers")
_NOTHING = 1e-9
"""Of the spread of all states, what counts as none left."""


@dataclass(frozen=True, eq=False)
class Projection:
    """A plane through the states of a corpus. The coordinates of a state h are ``axes @ h + offsets``.

    Attributes:
        index: The corpus.
        axes: Two directions, at right angles to each other. The first is as long as makes its coordinate a lead in
            logits where it is an answer's; all others have length 1, or 0 where nothing is left to be told.
        offsets: What is added: the first coordinate is 0 where the answer and the mean of the others are level; those
            along principal components are 0 at the mean of the states.
        shares: What each axis tells of the variance of the states in ``positions``, 0 to 1.
        answer: The answer to which the first axis leads; None where both are principal components.
        unread: Why they are; None where the first axis is an answer's.
        positions: The tokens of the corpus whose states are drawn, ascending.
        points: Where they lie.

    Example:
        >>> lstm = rnnviz.load("sst2-lstm")
        >>> index = rnnviz.corpus.build(lstm, ["a good film", "not good", "a dull story"], "plane.index")
        >>> plane = index.projection(rnnviz.read(lstm, "not good at all").readout)
        >>> plane.answer, plane.points.shape
        ('positive', (3, 2))

    Source:
        Pearson 1901, "On lines and planes of closest fit to systems of points in space".
    """

    index: "Index"
    axes: Axes
    offsets: Float[np.ndarray, " axis"]
    shares: Float[np.ndarray, " axis"]
    answer: str | None
    unread: Unread | None
    positions: Int[np.ndarray, " point"]
    points: Float[np.ndarray, "point axis"]

    def path(self, trace: Trace) -> Float[np.ndarray, "token axis"]:
        """Where a text goes, token by token.

        Args:
            trace: What the index's network computed while it read a text.

        Raises:
            IndexFileError: The reading is one of another kind of network.

        Example:
            >>> lstm = rnnviz.load("sst2-lstm")
            >>> index = rnnviz.corpus.build(lstm, ["a good film", "not good", "a dull story"], "texts.index")
            >>> trace = rnnviz.read(lstm, "not good at all")
            >>> plane = index.projection(trace.readout)
            >>> plane.path(trace).shape
            (4, 2)
        """
        return self._placed(self.index.states_of(trace).astype(np.float64))

    @property
    def texts(self) -> Int[np.ndarray, " point"]:
        """The text of each point."""
        return np.searchsorted(self.index.offsets, self.positions, side="right") - 1

    def _placed(self, states: Float[np.ndarray, "state unit"]) -> Float[np.ndarray, "state axis"]:
        return states @ self.axes.T + self.offsets


def unread(index: "Index", readout: Readout) -> Unread | None:
    """Why no direction of an index's states is an answer's; None where each answer has one."""
    about = index.about
    if about.task == "next":
        return "next"
    if about.directions > 1:
        return "both_ways"
    if readout.pooling not in _LAST or readout.weight.shape[1] != about.units:
        return "pooling"
    return None if readout.is_exact else "head"


def project(index: "Index", readout: Readout, answer: str | None, most: int, seed: int) -> Projection:
    """The plane of an index; ``Index.projection`` says what its arguments are."""
    names = index.about.answers
    if answer is not None and answer not in names:
        raise unknown("answer", answer, names)
    reason = unread(index, readout)
    positions = _sample(index, most, seed, ends=reason is None)
    states = index.hidden[positions].astype(np.float64)
    told = None if reason else answer or names[-1]
    first = None if told is None else _lead(readout, names.index(told))
    axes, offsets, shares = _plane(states, first)
    return Projection(index, axes, offsets, shares, told, reason, positions, states @ axes.T + offsets)


def _sample(index: "Index", most: int, seed: int, *, ends: bool) -> Int[np.ndarray, " point"]:
    """Some of the last tokens of all texts, or of all tokens; always the same ones."""
    count = len(index) if ends else index.about.positions
    chosen = np.arange(count)
    if count > most:
        chosen = np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
    return index.offsets[1:][chosen] - 1 if ends else chosen


def _lead(readout: Readout, answer: int) -> tuple[Float[np.ndarray, " unit"], float]:
    """An answer's lead over the mean of the others as a function of the state: its weights, and what is added."""
    weight, bias = readout.weight.astype(np.float64), readout.bias.astype(np.float64)
    others = np.arange(len(bias)) != answer
    return weight[answer] - weight[others].mean(axis=0), float(bias[answer] - bias[others].mean())


def _plane(
    states: Float[np.ndarray, "state unit"], first: tuple[Float[np.ndarray, " unit"], float] | None
) -> tuple[Axes, Float[np.ndarray, " axis"], Float[np.ndarray, " axis"]]:
    """Axes, offsets, and what share of the variance each axis tells."""
    mean = states.mean(axis=0)
    around = states - mean
    whole = float(np.square(around).sum())
    if first is None:
        axes = _components(around, whole, 2)
        offsets = -axes @ mean
    else:
        weight, added = first
        along = weight / (float(np.linalg.norm(weight)) or 1.0)
        axes = np.stack([weight, _components(around - np.outer(around @ along, along), whole, 1)[0]])
        offsets = np.array([added, -axes[1] @ mean])
    lengths = np.linalg.norm(axes, axis=1)
    spread = np.square(around @ (axes / np.where(lengths > 0, lengths, 1)[:, None]).T).sum(axis=0)
    return axes, offsets, spread / (whole or 1.0)


def _components(around: Float[np.ndarray, "state unit"], whole: float, count: int) -> Axes:
    """The first principal components of states around their mean, each with its largest weight above 0.

    Those along which nothing of the whole spread is left are zeros.
    """
    _, sizes, found = np.linalg.svd(around, full_matrices=False)
    axes = np.zeros((count, around.shape[1]))
    for place in range(min(count, len(sizes))):
        if sizes[place] ** 2 > _NOTHING * whole:
            axes[place] = found[place] * np.sign(found[place][np.abs(found[place]).argmax()])
    return axes
