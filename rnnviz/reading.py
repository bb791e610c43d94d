"""read: a person's sentence in, a Trace out. Start here: this is the whole path of a sentence.

text → tokens → ids → embedding rows → recurrent layers with every signal → the answer after every token.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.text import PADDING, UNKNOWN_ID, tokenise
from rnnviz.engine.capture import capture
from rnnviz.engine.columns import State
from rnnviz.engine.holds import Held, Holds
from rnnviz.engine.memory_limit import refuse_more_than_fits, signal_bytes
from rnnviz.errors import TextError
from rnnviz.model import RecurrentClassifier, pool
from rnnviz.readout import Readout
from rnnviz.trace import Trace

MOST_TOKENS = 10_000
_BATCH_TOKENS = 50_000


def read(checkpoint: Checkpoint, text: str, pad_to: int | None = None) -> Trace:
    """Read one text and keep everything.

    Args:
        checkpoint: The classifier.
        text: What a person typed; at least one token, at most 10,000. A bidirectional network re-reads every beginning
            of it, which takes time with the square of the length: about a second for 400 tokens, minutes for thousands.
        pad_to: Fill the text up to this many tokens and read the filling too, as the lesson's padded network does.

    Raises:
        TextError: The text is empty or too long, or longer than ``pad_to``.
    """
    return traces(checkpoint, [encode(checkpoint, text, pad_to)])[0]


def read_many(checkpoint: Checkpoint, texts: Sequence[str]) -> list[Trace]:
    """Read many texts, in packed batches; each comes out as if it were read alone.

    Raises:
        MemoryLimitError: All that is kept of them would take more memory than is free.
        TextError: One of the texts is empty or too long, or ``texts`` is itself a text.
    """
    if isinstance(texts, str):  # also a sequence of texts, but nobody means its letters
        raise TextError("texts_type")
    read_as = [encode(checkpoint, text) for text in texts]
    lengths = [len(text.tokens) for text in read_as]
    _refuse_more_than_fits(checkpoint.model, sum(lengths))
    found: dict[int, Trace] = {}
    for batch in _batches(lengths):
        found.update(zip(batch, traces(checkpoint, [read_as[text] for text in batch]), strict=True))
    return [found[text] for text in range(len(read_as))]


class Text(NamedTuple):
    """A text as the network meets it."""

    tokens: tuple[str, ...]
    ids: Int[Tensor, " token"]
    unknown: Bool[np.ndarray, " token"]


def encode(checkpoint: Checkpoint, text: str, pad_to: int | None = None) -> Text:
    """A person's text as the network meets it, filled up to ``pad_to`` tokens where that is asked for.

    Raises:
        TextError: The text is empty or too long, or longer than ``pad_to``.
    """
    tokens = tokenise(text)
    if not tokens:
        raise TextError("text_empty")
    if len(tokens) > MOST_TOKENS:
        raise TextError("text_long", length=len(tokens), limit=MOST_TOKENS)
    ids = torch.tensor(checkpoint.vocabulary.ids(tokens))
    found = Text(tuple(tokens), ids, (ids == UNKNOWN_ID).numpy())
    return found if pad_to is None else _filled(found, pad_to, checkpoint.config.model.padding_id)


def _filled(text: Text, pad_to: int, padding_id: int) -> Text:
    """The text, filled up to so many tokens."""
    if pad_to > MOST_TOKENS:
        raise TextError("text_long", length=pad_to, limit=MOST_TOKENS)
    missing = pad_to - len(text.tokens)
    if missing < 0:
        raise TextError("pad_short", length=len(text.tokens), pad_to=pad_to)
    return Text(
        text.tokens + (PADDING,) * missing,
        torch.cat([text.ids, text.ids.new_full((missing,), padding_id)]),
        np.concatenate([text.unknown, np.zeros(missing, dtype=bool)]),
    )


def _refuse_more_than_fits(model: RecurrentClassifier, tokens: int) -> None:
    """Refuse to keep Traces of so many tokens, and the batch that they are cut from, where they do not fit."""
    weight = model.embedding.weight
    inputs = tokens * model.embedding.embedding_dim * weight.itemsize
    signals = signal_bytes(model.rnn, tokens + min(tokens, _BATCH_TOKENS))
    refuse_more_than_fits(inputs + signals, tokens, weight.device)


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Texts of similar length together, so that a batch stays within a number of tokens."""
    batch: list[int] = []
    for text in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[text] * (len(batch) + 1) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def traces(checkpoint: Checkpoint, texts: Sequence[Text], holds: Holds | None = None) -> list[Trace]:
    """Read a batch of texts; ``holds`` are the signals held at some value, the same in all of them."""
    model = checkpoint.model
    fc = model.fc
    readout = Readout(fc.weight.detach().numpy().copy(), fc.bias.detach().numpy().copy(), model.config.pooling)
    return [
        Trace(
            cell=model.config.cell,
            tokens=text.tokens,
            unknown=text.unknown,
            labels=checkpoint.labels,
            signals={name: values.numpy() for name, values in found.signals.items()},
            verdicts=_verdicts(model, found, holds).numpy(),
            inputs=found.inputs.numpy(),
            readout=readout,
            replay_error=found.replay_error,
        )
        for text, found in zip(texts, captured(model, [text.ids for text in texts], holds), strict=True)
    ]


class Captured(NamedTuple):
    """What the recurrent layers computed for one text, rows in reading order."""

    inputs: Float[Tensor, "token feature"]
    signals: dict[str, Float[Tensor, "layer direction token unit"]]
    output: Float[Tensor, "token unit"]
    logits: Float[Tensor, " label"]
    replay_error: float


@torch.no_grad()
def captured(
    model: RecurrentClassifier, ids: Sequence[Int[Tensor, " _"]], holds: Holds | None = None
) -> list[Captured]:
    """Capture a batch of texts, given as ids, in one packed run; and run the fused module beside it for the receipt.

    A fused module cannot be held, so the receipt is always that of the reading in which nothing is.
    """
    embedded = [model.embedding(places) for places in ids]
    packed = pack_sequence(embedded, enforce_sorted=False)
    output, state, signals = capture(model.rnn, packed)
    errors = _replay_errors(output, model.rnn(packed)[0])
    if holds:
        output, state, signals = capture(model.rnn, packed, holds=holds)
    answers = logits(model, output, state)
    return [
        Captured(
            embedded[text],
            {name: values[:, :, places] for name, values in signals.items()},
            output.data[places],
            answers[text],
            float(errors[places].max()),
        )
        for text, places in enumerate(_rows_of_each_text(packed))
    ]


def _replay_errors(captured: PackedSequence, fused: PackedSequence) -> Float[Tensor, " row"]:
    """The receipt, row by row: how far what was captured is from what the fused module returned."""
    return ((captured.data - fused.data).abs() / fused.data.abs().clamp(min=1.0)).amax(dim=-1)


def _rows_of_each_text(packed: PackedSequence) -> list[Int[Tensor, " _"]]:
    """Where each text's tokens lie in the packed rows, in reading order.

    PyTorch sorts texts of equal length as it likes, so the rows are numbered and PyTorch unpacks the numbers.
    """
    numbered = packed._replace(data=torch.arange(len(packed.data)))
    places, lengths = pad_packed_sequence(numbered, batch_first=True)
    return [row[:length] for row, length in zip(places, lengths.tolist(), strict=True)]


@torch.no_grad()
def _verdicts(model: RecurrentClassifier, found: Captured, holds: Holds | None) -> Float[Tensor, "token label"]:
    """Class probabilities had the text ended at each token.

    A forward network's states do not depend on what follows, so the pooled states so far are enough. A network that
    also reads from the end has to read every prefix anew.
    """
    rows, hidden = found.inputs, found.output
    if model.config.bidirectional:
        before = [_prefix_logits(model, rows, ends, holds) for ends in _prefix_batches(len(rows) - 1)]
        return torch.cat([*before, found.logits[None]]).softmax(dim=-1)
    parts = []
    if model.config.pooling == "last":
        parts.append(hidden)
    if model.config.pooling in ("max", "max+mean"):
        parts.append(hidden.cummax(dim=0).values)
    if model.config.pooling in ("mean", "max+mean"):
        parts.append(hidden.cumsum(dim=0) / torch.arange(1, len(rows) + 1)[:, None])
    return model.fc(torch.cat(parts, dim=-1)).softmax(dim=-1)


def _prefix_batches(length: int) -> Iterator[range]:
    start = 0
    while start < length:
        size = max(1, _BATCH_TOKENS // min(length, start + 256))
        yield range(start + 1, min(length, start + size) + 1)
        start += size


def _prefix_logits(
    model: RecurrentClassifier, rows: Float[Tensor, "token feature"], ends: range, holds: Holds | None
) -> Float[Tensor, "prefix label"]:
    prefixes = pack_sequence([rows[:end] for end in ends], enforce_sorted=False)
    if holds:  # in the fused module's order of operations, so that a prefix without a clamp keeps its bits
        output, state, _ = capture(model.rnn, prefixes, exact=True, holds=_up_to(ends[-1], holds))
    else:
        output, state = model.rnn(prefixes)
    return logits(model, output, state)


def _up_to(tokens: int, holds: Holds) -> Holds:
    return {
        place: {name: Held(mask[:tokens], values[:tokens]) for name, (mask, values) in held.items()}
        for place, held in holds.items()
    }


def logits(model: RecurrentClassifier, output: PackedSequence, state: State) -> Float[Tensor, "text label"]:
    """What the linear layer makes of a batch, from what the recurrent layers returned for it."""
    padded, lengths = pad_packed_sequence(output, batch_first=True)
    hidden = state[0] if isinstance(state, tuple) else state
    last = torch.cat(list(hidden[-model.config.directions :]), dim=-1)
    return model.fc(pool(padded, last, lengths.to(padded.device), model.config.pooling))
