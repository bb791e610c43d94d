"""What each token wrote into the memory, how much of it is there later, and how much of the answer goes through it.

    c[t] = f[t] c[t-1] + i[t] g[t]            an LSTM's cell state
    h[t] = z[t] h[t-1] + (1 - z[t]) n[t]      a GRU's hidden state

Both keep a share of what was there and add something new. So the memory is a sum over the tokens read so far: what each
of them wrote, times every share kept since.

It is an account of what happened in one reading, not a claim about causes: without one token, the gates and candidates
of all that are read after it would have been different too. docs/memory.md works an example by hand.

Left out: plain RNNs. They send their whole state through a nonlinear function at every token; nothing adds up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from rnnviz import signals
from rnnviz.errors import SelectionError
from rnnviz.readout import pooling_shares
from rnnviz.signals import Cell
from rnnviz.trace import Trace

KEEPERS: dict[Cell, str] = {"lstm": "forget", "gru": "update"}  # the gate that is the share kept; a plain RNN has none
_MOST_NUMBERS = 100_000_000  # 0.8 GB: one unit of the longest text that is read
_ROUNDING = (
    1e-4  # far more than float32 rounds in one step, far less than anyone would hold a state away from its value
)


def ledger(
    trace: Trace,
    layer: int = -1,
    direction: str = "forward",
    units: Sequence[int] | Int[np.ndarray, " chosen"] | None = None,
) -> Float[np.ndarray, "written_at seen_at unit"]:
    """What each token wrote into each unit, and how much of it is there when each later token has been read.

        LSTM    account[s, t] = i[s] g[s] f[s+1] … f[t]
        GRU     account[s, t] = (1 - z[s]) n[s] z[s+1] … z[t]

    Rows and columns are in reading order in both directions. The backward direction reads from the end, so there what
    was written at s is seen at t <= s. Everything else is 0.

    Args:
        trace: The reading.
        layer: From 0, or from the top with -1.
        direction: "forward" or "backward".
        units: Which units, in the order wanted, counted from 0 or from the end with -1; all of them when None.

    Returns:
        float64, dimensionless, between -1 and 1. The sum over the first axis is the trace's "cell" (LSTM) or "hidden"
        (GRU) at each token, as exactly as float32 kept it; without what is left of the state from which a network that
        learned one starts, which no token wrote.

    Raises:
        SelectionError: The trace is of a plain RNN; it has no such layer, direction or unit; the memory itself was held
            (``rnnviz.hold``), so that no token wrote it; or the account would have more than 100 million numbers
            (0.8 GB).

    Source:
        Murdoch and Szlam 2017, section on the additive decomposition of the cell; Levy et al. 2018.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> account = rnnviz.ledger(trace, units=[25])[:, :, 0]
        >>> account[:, -1].round(2)
        array([ 0.  ,  0.  ,  0.1 ,  0.88, -0.03])
        >>> np.allclose(account.sum(axis=0), trace.select("cell")[:, 25], atol=1e-6)
        True
    """
    written, kept = _written_and_kept(trace, layer, direction)
    if units is not None:
        chosen = _checked(units, trace.units)
        written, kept = written[:, chosen], kept[:, chosen]
    _check_size(*written.shape)
    order = _time(direction)
    seen = np.zeros((len(written), *written.shape))  # seen_at comes first, so that a step works on one piece of memory
    for t, (new, share) in enumerate(zip(written[order], kept[order], strict=True)):
        seen[t, :t] = share * seen[t - 1, :t]
        seen[t, t] = new
    return seen.swapaxes(0, 1)[order, order]


@dataclass(frozen=True, eq=False)
class Contributions:
    """Every logit of the answer, shared out among the tokens: bias + Σ over directions and tokens = logits.

    A part can be larger than the whole, since parts of opposite sign cancel.

    Attributes:
        by_direction: What of each logit goes through the memory that a token wrote, as each direction read it.
        bias: The part that no token has; what goes through a learned first state is part of it.
    """

    by_direction: Float[np.ndarray, "direction token label"]
    bias: Float[np.ndarray, " label"]

    @property
    def by_token(self) -> Float[np.ndarray, "token label"]:
        """Both directions together."""
        return self.by_direction.sum(axis=0)

    @property
    def logits(self) -> Float[np.ndarray, " label"]:
        """The sum of all parts: the linear layer's outputs; their softmax is the last row of ``Trace.verdicts``."""
        return self.bias + self.by_token.sum(axis=0)


def contributions(trace: Trace) -> Contributions:
    """Share each logit out among the tokens, by what each of them wrote into the memory that the linear layer reads.

        pooled = Σ_t p[t] h[t]          p: 1 at the last token that a direction reads, or 1 / tokens or 1 at each
        h[t]   = o[t] tanh(c[t])        an LSTM; its parts get tanh(c[t]) / c[t] of what they are in c[t]
        logits = weight pooled + bias

    Beyond the ledger, an LSTM needs a rule for tanh, which is not linear: each part is scaled by the same
    tanh(c) / c, 1 where c is 0. That is the rescale rule of DeepLIFT with reference 0. A GRU needs none. A head that
    squashes the pooled states (relu, tanh) is taken by the same rule: ``trace.readout.is_exact`` is then False.

    Where there is a rule: LSTM and GRU; the top layer, whatever the number of layers, or all layers where the linear
    layer reads the last states of all; all poolings. For
    "max" and "max+mean" the token at which a unit is largest (the first of equals) is taken as given.
    Where there is none: plain RNNs; and lower layers, since the layers above them are not linear. So in a network of
    several layers a token's part is what the top layer wrote *at* this token, having already heard of its neighbours.

    Returns:
        In logits, any sign. They sum to the network's logits as exactly as float32 kept the signals.

    Raises:
        SelectionError: The trace is of a plain RNN, or its memory or hidden state was held (``rnnviz.hold``).

    Source:
        The sum: ``ledger``. tanh: Shrikumar et al. 2017, rescale rule.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> shares = rnnviz.contributions(trace)
        >>> shares.by_token.shape
        (5, 2)
        >>> np.allclose(shares.bias + shares.by_token.sum(axis=0), shares.logits)
        True
        >>> trace.tokens[int(shares.by_token[:, 0].argmax())]
        'not'
    """
    layers = trace.readout.layers_read(trace.layers)
    both = [[_pooled_parts(trace, layer, way) for layer in layers] for way in trace.directions]
    parts, first = ([np.concatenate([one[which] for one in way]) for way in both] for which in (0, 1))
    weight = trace.readout.weight.reshape(len(trace.labels), -1, len(trace.directions), trace.units)
    shared = np.einsum("lbdu,dbtu->dtl", weight, np.stack(parts), dtype=np.float64)
    started = np.einsum("lbdu,dbu->l", weight, np.stack(first), dtype=np.float64)
    return Contributions(shared, trace.readout.bias.astype(np.float64) + started)


def _pooled_parts(
    trace: Trace, layer: int, direction: str
) -> tuple[Float[np.ndarray, "block token unit"], Float[np.ndarray, "block unit"]]:
    """What of each pooled feature goes through what each token wrote, and through the state before the first.

    Their sum is the pooled feature. The ledger of all pairs of tokens is never made: what a token wrote is multiplied
    by all that still shows of it, and that is a sum which runs backwards through the reading.
    """
    written, kept = _written_and_kept(trace, layer, direction)
    hidden, order = trace.select("hidden", layer, direction), _time(direction)
    shows = pooling_shares(hidden, trace.readout.pooling, direction) * _shown(trace, layer, direction)
    shows, kept = shows[:, order], kept[order]
    for t in range(len(kept) - 2, -1, -1):
        shows[:, t] += kept[t + 1] * shows[:, t + 1]
    start = trace.before_first(signals.memory(trace.cell), layer, direction)
    return written * shows[:, order], start * kept[0] * shows[:, 0]


def _shown(trace: Trace, layer: int, direction: str) -> Float[np.ndarray, "token unit"]:
    """What share of the memory the hidden state shows: o tanh(c) / c in an LSTM, all in a GRU."""
    if trace.cell != "lstm":
        return np.ones_like(trace.select("hidden", layer, direction), dtype=np.float64)
    cell = trace.select("cell", layer, direction).astype(np.float64)
    squashed = np.divide(np.tanh(cell), cell, out=np.ones_like(cell), where=cell != 0)
    shown = trace.select("output", layer, direction) * squashed
    _check_computed("hidden", shown * cell, trace.select("hidden", layer, direction))
    return shown


def _written_and_kept(
    trace: Trace, layer: int, direction: str
) -> tuple[Float[np.ndarray, "token unit"], Float[np.ndarray, "token unit"]]:
    """What each token adds to the memory, and the share of the memory before it that it keeps."""
    if trace.cell not in KEEPERS:
        raise SelectionError("plain_rnn", what="account of memory")
    kept = trace.select(KEEPERS[trace.cell], layer, direction).astype(np.float64)
    let_in = trace.select("input", layer, direction) if trace.cell == "lstm" else 1 - kept
    written = let_in * trace.select("candidate", layer, direction).astype(np.float64)
    name, order = signals.memory(trace.cell), _time(direction)
    memory = trace.select(name, layer, direction)[order]
    before = np.concatenate([trace.before_first(name, layer, direction)[None], memory[:-1]])
    _check_computed(name, kept[order] * before + written[order], memory)
    return written, kept


def _check_computed(
    name: str, computed: Float[np.ndarray, "token unit"], actual: Float[np.ndarray, "token unit"]
) -> None:
    """Refuse a state that its gates did not make: it was held, so no account of what tokens wrote adds up to it."""
    if (np.abs(computed - actual) > _ROUNDING * np.maximum(1, np.abs(actual))).any():
        raise SelectionError("memory_held", signal=name)


def _time(direction: str) -> slice:
    """From reading order to the order in which a direction runs, and back."""
    return slice(None, None, -1 if direction == "backward" else 1)


def _checked(units: Sequence[int] | Int[np.ndarray, " chosen"], count: int) -> list[int]:
    for unit in units:
        if not -count <= unit < count:
            raise SelectionError("unit_range", given=unit, units=count)
    return [int(unit) for unit in units]


def _check_size(tokens: int, units: int) -> None:
    numbers = tokens * tokens * units
    if numbers > _MOST_NUMBERS:
        most = _MOST_NUMBERS // tokens**2
        raise SelectionError(
            "ledger_large", tokens=tokens, units=units, numbers=numbers, limit=_MOST_NUMBERS, most=most
        )
