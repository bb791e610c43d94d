"""Walk: step a layer through packed columns and keep what every step computes.

The steps are those of ``rnnviz.engine.cells``, done in place and in the order of operations of PyTorch's own loop over
packed columns, so that the hidden states come out bit for bit as the module's. Where a gradient is asked for nothing
may be overwritten, and the equations themselves run.

Left out: a text alone, where the cost of calling PyTorch outweighs the arithmetic (``rnnviz.engine.numpy_loops``).
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from rnnviz.engine.cells import STEPS, Record, Signals, Weights
from rnnviz.engine.holds import Edits, put

State = tuple[Tensor, ...]
_LINE = 64  # bytes
_LANES = 32  # PyTorch squashes so many numbers at once, and the rest of a row one by one, which rounds differently


def walk(
    mode: str, weights: Weights, record: Record, sizes: list[int], start: State, backward: bool, edits: Edits
) -> None:
    """Fill in a record whose gates hold the projected inputs.

    Forward, fewer texts are left at each step. Backward, the longest texts come first and the others join, from their
    own initial state, at their own last token.
    """
    advance = _ADVANCE[mode]
    columns = [Record(*parts) for parts in zip(*(part.split(sizes) for part in record), strict=True)]
    product, bias = record.gates.new_empty(sizes[0], len(weights.U)), weights.b_hidden if weights.biased else None
    before = start
    for t in reversed(range(len(sizes))) if backward else range(len(sizes)):
        before = _fitted(before, start, sizes[t])
        from_hidden = affine(before[0], weights.U, bias, out=product[: sizes[t]])
        advance(columns[t], from_hidden, before, weights, edits, t)
        before = (aligned(columns[t].hidden), columns[t].cell)[: len(start)]


def walk_with_gradients(
    mode: str,
    weights: Weights,
    projected: Float[Tensor, "row gates"],
    sizes: list[int],
    start: State,
    backward: bool,
) -> Signals:
    """The signals of every row, nothing overwritten, so that gradients flow through all of them."""
    computed: list[Signals] = []
    before, columns = start, projected.split(sizes)
    for t in reversed(range(len(sizes))) if backward else range(len(sizes)):
        computed.append(STEPS[mode](columns[t], _fitted(before, start, sizes[t]), weights))
        before = tuple(computed[-1][name] for name in ("hidden", "cell")[: len(start)])
    steps = computed[::-1] if backward else computed
    return {name: torch.cat([step[name] for step in steps]) for name in steps[0]}


def _fitted(before: State, start: State, size: int) -> State:
    """The state of the texts that have a token at this step: some have ended, or some begin here."""
    known = len(before[0])
    if known > size:
        return tuple(part[:size] for part in before)
    if known < size:
        return tuple(torch.cat([part, first[known:size]]) for part, first in zip(before, start, strict=True))
    return before


def affine(
    rows: Float[Tensor, "row feature"], matrix: Float[Tensor, "gates feature"], bias: Tensor | None, out: Tensor
) -> Float[Tensor, "row gates"]:
    """Multiply rows by a transposed matrix and add a bias, as PyTorch's modules do it with a bias and without."""
    return torch.mm(rows, matrix.T, out=out) if bias is None else torch.addmm(bias, rows, matrix.T, out=out)


def aligned(values: Float[Tensor, "row unit"]) -> Float[Tensor, "row unit"]:
    """The values at an address where PyTorch would have put them by themselves: matrix products round by alignment."""
    return values.clone() if values.data_ptr() % _LINE else values


def open_lstm(gates: Float[Tensor, "row gates"], from_hidden: Float[Tensor, "row gates"]) -> tuple[Tensor, ...]:
    """Make the gates i, f, g, o of W x + b, in place, given U h + b'."""
    gates += from_hidden
    i, f, g, o = gates.chunk(4, dim=-1)
    if g.shape[-1] % _LANES:
        i.sigmoid_()
        f.sigmoid_()
    else:
        gates[:, : 2 * g.shape[-1]].sigmoid_()  # i and f side by side: the same bits in one call
    g.tanh_()
    o.sigmoid_()
    return i, f, g, o


def open_gru(
    gates: Float[Tensor, "row gates"],
    from_hidden: Float[Tensor, "row gates"],
    hold: Callable[[Tensor], None] = lambda gates: None,
) -> tuple[Tensor, ...]:
    """Make the gates r, z, n of W x + b, in place, given U h + b'. What is held of r reaches n."""
    r, z, n = gates.chunk(3, dim=-1)
    r_h, z_h, n_h = from_hidden.chunk(3, dim=-1)
    r.add_(r_h).sigmoid_()
    z.add_(z_h).sigmoid_()
    hold(gates)
    n.copy_((n + n_h.mul_(r)).tanh_())
    hold(gates)
    return r, z, n


def _advance_lstm(at: Record, from_hidden: Tensor, before: State, weights: Weights, edits: Edits, t: int) -> None:
    i, f, g, o = open_lstm(at.gates, from_hidden)
    put(edits.gates, t, at.gates)
    torch.mul(f, before[1], out=at.cell).add_(i * g)
    put(edits.cell, t, at.cell)
    if weights.projection is None:
        torch.tanh(at.cell, out=at.hidden).mul_(o)
    else:
        torch.mm(at.cell.tanh().mul_(o), weights.projection.T, out=at.hidden)
    put(edits.hidden, t, at.hidden)


def _advance_gru(at: Record, from_hidden: Tensor, before: State, weights: Weights, edits: Edits, t: int) -> None:
    _, z, n = open_gru(at.gates, from_hidden, lambda gates: put(edits.gates, t, gates))
    torch.sub(before[0], n, out=at.hidden).mul_(z).add_(n)
    put(edits.hidden, t, at.hidden)


def _plain(squash: Callable[[Tensor], Tensor]) -> Callable[[Record, Tensor, State, Weights, Edits, int], None]:
    def advance(at: Record, from_hidden: Tensor, before: State, weights: Weights, edits: Edits, t: int) -> None:
        squash(at.hidden.add_(from_hidden))
        put(edits.hidden, t, at.hidden)

    return advance


_ADVANCE: dict[str, Callable[[Record, Tensor, State, Weights, Edits, int], None]] = {
    "LSTM": _advance_lstm,
    "GRU": _advance_gru,
    "RNN_TANH": _plain(torch.tanh_),
    "RNN_RELU": _plain(torch.relu_),
}
