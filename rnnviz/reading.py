"""read: a person's sentence in, a Trace out. Start here: this is the whole path of a sentence.

text → tokens → ids → embedding rows → recurrent layers with every signal → the answer after every token.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence, pad_sequence

from rnnviz.checkpoint import Checkpoint
from rnnviz.errors import TextError
from rnnviz.instrument import capture
from rnnviz.model import RecurrentClassifier
from rnnviz.text import PADDING, UNKNOWN_ID, tokenise
from rnnviz.trace import Readout, Trace

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
    met = _text(checkpoint, text)
    if pad_to is not None:
        met = _filled(met, pad_to, checkpoint.config.model.padding_id)
    return _traces(checkpoint, [met])[0]


def read_many(checkpoint: Checkpoint, texts: Sequence[str]) -> list[Trace]:
    """Read many texts, in packed batches; each comes out as if it were read alone.

    Raises:
        TextError: One of the texts is empty or too long, or ``texts`` is itself a text.
    """
    if isinstance(texts, str):  # also a sequence of texts, but nobody means its letters
        raise TextError("texts_type")
    met = [_text(checkpoint, text) for text in texts]
    traces: dict[int, Trace] = {}
    for batch in _batches([len(text.tokens) for text in met]):
        traces.update(zip(batch, _traces(checkpoint, [met[text] for text in batch]), strict=True))
    return [traces[text] for text in range(len(met))]


class _Text(NamedTuple):
    """A text as the network meets it."""

    tokens: tuple[str, ...]
    ids: Int[Tensor, " token"]
    unknown: Bool[np.ndarray, " token"]


def _text(checkpoint: Checkpoint, text: str) -> _Text:
    tokens = tokenise(text)
    if not tokens:
        raise TextError("text_empty")
    if len(tokens) > MOST_TOKENS:
        raise TextError("text_long", length=len(tokens), limit=MOST_TOKENS)
    ids = torch.tensor(checkpoint.vocabulary.ids(tokens))
    return _Text(tuple(tokens), ids, (ids == UNKNOWN_ID).numpy())


def _filled(text: _Text, pad_to: int, padding_id: int) -> _Text:
    """The text, filled up to so many tokens."""
    if pad_to > MOST_TOKENS:
        raise TextError("text_long", length=pad_to, limit=MOST_TOKENS)
    missing = pad_to - len(text.tokens)
    if missing < 0:
        raise TextError("pad_short", length=len(text.tokens), pad_to=pad_to)
    return _Text(
        text.tokens + (PADDING,) * missing,
        torch.cat([text.ids, text.ids.new_full((missing,), padding_id)]),
        np.concatenate([text.unknown, np.zeros(missing, dtype=bool)]),
    )


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


def _traces(checkpoint: Checkpoint, texts: Sequence[_Text]) -> list[Trace]:
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
            verdicts=_verdicts(model, text.ids, found.output).numpy(),
            inputs=found.inputs.numpy(),
            readout=readout,
            replay_error=found.replay_error,
        )
        for text, found in zip(texts, captured(model, [text.ids for text in texts]), strict=True)
    ]


class Captured(NamedTuple):
    """What the recurrent layers computed for one text, rows in reading order."""

    inputs: Float[Tensor, "token feature"]
    signals: dict[str, Float[Tensor, "layer direction token unit"]]
    output: Float[Tensor, "token unit"]
    replay_error: float


@torch.no_grad()
def captured(model: RecurrentClassifier, ids: Sequence[Int[Tensor, " _"]]) -> list[Captured]:
    """Capture a batch of texts, given as ids, in one packed run; and run the fused module beside it for the receipt."""
    embedded = [model.embedding(places) for places in ids]
    packed = pack_sequence(embedded, enforce_sorted=False)
    output, _, signals = capture(model.rnn, packed)
    errors = _replay_errors(output, model.rnn(packed)[0])
    return [
        Captured(
            embedded[text],
            {name: values[:, :, places] for name, values in signals.items()},
            output.data[places],
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
def _verdicts(
    model: RecurrentClassifier, ids: Int[Tensor, " token"], hidden: Float[Tensor, "token unit"]
) -> Float[Tensor, "token label"]:
    """Class probabilities had the text ended at each token.

    A forward network's states do not depend on what follows, so the pooled states so far are enough. A network that
    also reads from the end has to read every prefix anew.
    """
    if model.config.bidirectional:
        logits = [_prefix_logits(model, ids, ends) for ends in _prefix_batches(len(ids))]
        return torch.cat(logits).softmax(dim=-1)
    parts = []
    if model.config.pooling == "last":
        parts.append(hidden)
    if model.config.pooling in ("max", "max+mean"):
        parts.append(hidden.cummax(dim=0).values)
    if model.config.pooling in ("mean", "max+mean"):
        parts.append(hidden.cumsum(dim=0) / torch.arange(1, len(ids) + 1)[:, None])
    return model.fc(torch.cat(parts, dim=-1)).softmax(dim=-1)


def _prefix_batches(length: int) -> Iterator[range]:
    start = 0
    while start < length:
        size = max(1, _BATCH_TOKENS // min(length, start + 256))
        yield range(start + 1, min(length, start + size) + 1)
        start += size


def _prefix_logits(
    model: RecurrentClassifier, ids: Int[Tensor, " token"], ends: range
) -> Float[Tensor, "prefix label"]:
    prefixes = pad_sequence([ids[:end] for end in ends], batch_first=True)
    if model.config.reading == "padded":  # each prefix is read alone: there is no batch to be padded to
        return torch.cat([model(ids[None, :end], torch.tensor([end])) for end in ends])
    return model(prefixes, torch.tensor(list(ends)))
