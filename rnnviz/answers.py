"""The answer after each token: the class probabilities had the text ended there.

Left out: the signals themselves (``rnnviz.engine.capture``), and the record of a reading (``rnnviz.reading``).
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

from rnnviz.engine.capture import capture
from rnnviz.engine.columns import State
from rnnviz.engine.holds import Held, Holds
from rnnviz.model import RecurrentClassifier, last_states, pool

BATCH_TOKENS = 50_000
"""The most tokens that are read in one packed batch."""


def pooled(model: RecurrentClassifier, output: PackedSequence, state: State) -> Float[Tensor, "text feature"]:
    """What the head reads of a batch, from what the recurrent layers returned for it."""
    padded, lengths = pad_packed_sequence(output, batch_first=True)
    hidden = state[0] if isinstance(state, tuple) else state
    return pool(padded, last_states(hidden, model.config), lengths.to(padded.device), model.config.pooling)


def logits(model: RecurrentClassifier, output: PackedSequence, state: State) -> Float[Tensor, "text label"]:
    """What the head makes of a batch, from what the recurrent layers returned for it."""
    return model.head(pooled(model, output, state))


@torch.no_grad()
def answers_after_each_token(
    model: RecurrentClassifier,
    inputs: Float[Tensor, "token feature"],
    hidden: Float[Tensor, "layer direction token unit"],
    last: Float[Tensor, " label"],
    holds: Holds | None,
) -> Float[Tensor, "token label"]:
    """Class probabilities had the text ended at each token.

    A forward network's states do not depend on what follows, so the pooled states so far are enough. A network that
    also reads from the end has to read every prefix again.

    Args:
        model: The classifier.
        inputs: The embedding rows of the text.
        hidden: The hidden states that the recurrent layers gave for them.
        last: The logits after the whole text.
        holds: The signals that were held in it, if any.
    """
    if model.config.bidirectional:
        prefixes = _prefix_batches(len(inputs) - 1)
        before = [_prefix_logits(model, inputs, ends, holds) for ends in prefixes]
        return torch.cat([*before, last[None]]).softmax(dim=-1)
    output, parts = hidden[-1, 0], []
    if model.config.pooling == "last-layers":
        parts += list(hidden[:, 0])
    if model.config.pooling in ("last", "output-last"):
        parts.append(output)
    if model.config.pooling in ("max", "max+mean"):
        parts.append(output.cummax(dim=0).values)
    if model.config.pooling in ("mean", "sum", "max+mean"):
        total = output.cumsum(dim=0)
        parts.append(total if model.config.pooling == "sum" else total / torch.arange(1, len(inputs) + 1)[:, None])
    return model.head(torch.cat(parts, dim=-1)).softmax(dim=-1)


def _prefix_batches(length: int) -> Iterator[range]:
    """The lengths 1 to ``length``, in batches of prefixes that keep to ``BATCH_TOKENS``."""
    start = 0
    while start < length:
        size = max(1, BATCH_TOKENS // min(length, start + 256))
        yield range(start + 1, min(length, start + size) + 1)
        start += size


def _prefix_logits(
    model: RecurrentClassifier, rows: Float[Tensor, "token feature"], ends: range, holds: Holds | None
) -> Float[Tensor, "prefix label"]:
    prefixes, start = pack_sequence([rows[:end] for end in ends], enforce_sorted=False), model.initial(len(ends))
    if holds:  # in the fused module's order of operations, so that a prefix without a clamp keeps its bits
        output, state, _ = capture(model.rnn, prefixes, start, exact=True, holds=_truncated(ends[-1], holds))
    else:
        output, state = model.rnn(prefixes, start)
    return logits(model, output, state)


def _truncated(tokens: int, holds: Holds) -> Holds:
    return {
        position: {name: Held(mask[:tokens], values[:tokens]) for name, (mask, values) in held.items()}
        for position, held in holds.items()
    }
