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

from rnnviz import answers
from rnnviz.answers import answers_after_each_token, pooled
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.text import PADDING, UNKNOWN_ID
from rnnviz.engine.capture import capture
from rnnviz.engine.holds import Holds
from rnnviz.engine.memory_limit import refuse_more_than_fits, signal_bytes
from rnnviz.engine.stack import stack_of
from rnnviz.errors import TextError
from rnnviz.model import RecurrentClassifier, squashed
from rnnviz.model_config import Squash
from rnnviz.readout import Readout
from rnnviz.trace import Trace

MOST_TOKENS = 10_000


def read(checkpoint: Checkpoint, text: str, pad_to: int | None = None) -> Trace:
    """Read one text and keep everything.

    Args:
        checkpoint: The classifier.
        text: What a person typed; at least one token, at most 10,000. A bidirectional network reads every prefix
            of it again, which takes time with the square of the length: about a second for 400 tokens, minutes for
            thousands.
        pad_to: Pad the text to this many tokens and read the padding too, as the lesson's padded network does.

    Returns:
        The tokens, every signal [layer, direction, token, unit], and the class probabilities after every token.

    Raises:
        TextError: The text is empty or too long, or longer than ``pad_to``.

    Example:
        >>> rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good").label
        'negative'
    """
    encoded = encode(checkpoint, text, pad_to)
    captured = capture_texts(checkpoint.model, [encoded.ids])[0]
    return trace_of(checkpoint, encoded, captured)


def read_many(checkpoint: Checkpoint, texts: Sequence[str]) -> list[Trace]:
    """Read many texts, in packed batches; each comes out as if it were read alone.

    Args:
        checkpoint: The classifier.
        texts: What people typed; each as for ``read``.

    Returns:
        One Trace for each text, in the order of the texts.

    Raises:
        MemoryLimitError: All that is kept of them would take more memory than is free.
        TextError: One of the texts is empty or too long, or ``texts`` is itself a text.

    Example:
        >>> [trace.label for trace in rnnviz.read_many(rnnviz.load("sst2-lstm"), ["not good", "not bad"])]
        ['negative', 'positive']
    """
    if isinstance(texts, str):  # also a sequence of texts, but nobody means its letters
        raise TextError("texts_type")
    encoded = [_encode_one(checkpoint, text, index) for index, text in enumerate(texts)]
    lengths = [len(text.tokens) for text in encoded]
    _refuse_more_than_fits(checkpoint.model, sum(lengths))
    model = checkpoint.model
    shared = readout_at(model, torch.zeros(model.config.pooled_size)) if model.config.has_linear_head else None
    traces: dict[int, Trace] = {}
    for batch in _batches(lengths):
        captured = capture_texts(checkpoint.model, [encoded[text].ids for text in batch])
        for text, one in zip(batch, captured, strict=True):
            traces[text] = trace_of(checkpoint, encoded[text], one, readout=shared)
    return [traces[text] for text in range(len(encoded))]


class Encoded(NamedTuple):
    """A text as the network reads it: tokens and their ids, and which of them the vocabulary does not have."""

    tokens: tuple[str, ...]
    ids: Int[Tensor, " token"]
    unknown: Bool[np.ndarray, " token"]


def encode(checkpoint: Checkpoint, text: str, pad_to: int | None = None) -> Encoded:
    """Tokenise a text, look its ids up, and pad it to ``pad_to`` tokens where that is asked for.

    Raises:
        TextError: The text is empty or too long, or longer than ``pad_to``.
    """
    tokens = checkpoint.vocabulary.tokenise(text)
    if not tokens:
        raise TextError("text_empty")
    if len(tokens) > MOST_TOKENS:
        raise TextError("text_long", length=len(tokens), limit=MOST_TOKENS)
    ids = torch.tensor(checkpoint.vocabulary.ids(tokens))
    encoded = Encoded(tuple(tokens), ids, (ids == UNKNOWN_ID).numpy())
    return encoded if pad_to is None else _padded(encoded, pad_to, checkpoint.config.model.padding_id)


def _encode_one(checkpoint: Checkpoint, text: str, index: int) -> Encoded:
    """One of many texts; an objection says which one it is."""
    try:
        return encode(checkpoint, text)
    except TextError as error:
        values = error.values
        problems = {
            "text_empty": "it is empty",
            "text_long": "it has {length:,} tokens; at most {limit:,} are read at once",
            "text_type": "it is of type {type}, not a string",
        }
        raise TextError("texts_one", index=index, problem=problems[error.key].format(**values)) from None


def _padded(text: Encoded, pad_to: int, padding_id: int) -> Encoded:
    if pad_to > MOST_TOKENS:
        raise TextError("text_long", length=pad_to, limit=MOST_TOKENS)
    missing = pad_to - len(text.tokens)
    if missing < 0:
        raise TextError("pad_short", length=len(text.tokens), pad_to=pad_to)
    return Encoded(
        text.tokens + (PADDING,) * missing,
        torch.cat([text.ids, text.ids.new_full((missing,), padding_id)]),
        np.concatenate([text.unknown, np.zeros(missing, dtype=bool)]),
    )


class Captured(NamedTuple):
    """What the recurrent layers computed for one text, rows in reading order."""

    inputs: Float[Tensor, "token feature"]
    signals: dict[str, Float[Tensor, "layer direction token unit"]]
    pooled: Float[Tensor, " feature"]
    logits: Float[Tensor, " label"]
    replay_error: float


@torch.no_grad()
def capture_texts(
    model: RecurrentClassifier, ids: Sequence[Int[Tensor, " _"]], holds: Holds | None = None
) -> list[Captured]:
    """Capture a batch of texts, given as ids, in one packed run; and run the fused module beside it for the receipt.

    A fused module cannot be held, so the receipt is always that of the reading in which nothing is.
    """
    embedded = [model.embedding(rows) for rows in ids]
    packed = pack_sequence(embedded, enforce_sorted=False)
    start = model.initial(len(ids))
    output, state, signals = capture(model.rnn, packed, start)
    errors = _replay_errors(output, model.rnn(packed, start)[0])
    if holds:
        output, state, signals = capture(model.rnn, packed, start, holds=holds)
    features = pooled(model, output, state)
    scores = model.head(features)
    return [
        Captured(
            embedded[text],
            {name: values[:, :, rows] for name, values in signals.items()},
            features[text],
            scores[text],
            float(errors[rows].max()),
        )
        for text, rows in enumerate(_rows_of_each_text(packed))
    ]


def trace_of(
    checkpoint: Checkpoint,
    text: Encoded,
    captured: Captured,
    holds: Holds | None = None,
    readout: Readout | None = None,
) -> Trace:
    """The record of one reading.

    Args:
        checkpoint: The classifier.
        text: What it read.
        captured: What it computed.
        holds: The signals that were held meanwhile.
        readout: Its linear head, which many readings may share; made when None.
    """
    model = checkpoint.model
    verdicts = answers_after_each_token(model, captured.inputs, captured.signals["hidden"], captured.logits, holds)
    return Trace(
        cell=model.config.cell,
        tokens=text.tokens,
        unknown=text.unknown,
        labels=checkpoint.labels,
        signals={name: values.numpy() for name, values in captured.signals.items()},
        verdicts=verdicts.numpy(),
        inputs=captured.inputs.numpy(),
        readout=readout or readout_at(model, captured.pooled),
        replay_error=captured.replay_error,
        start=start_of(model),
        reads=checkpoint.vocabulary.tokens,
    )


def start_of(model: RecurrentClassifier) -> dict[str, Float[np.ndarray, "layer direction unit"]]:
    """The learned states from which every text starts, as a Trace keeps them; none where it starts from zeros."""
    if not model.config.learned_start:
        return {}
    shape = model.config.layers, model.config.directions, model.config.hidden_size
    names = [name for name in ("hidden", "cell") if name in model.start]
    return {name: model.start[name].detach().cpu().numpy().reshape(shape).copy() for name in names}


@torch.no_grad()
def readout_at(model: RecurrentClassifier, pooled: Float[Tensor, " feature"]) -> Readout:
    """The head as a linear function that gives this reading's logits.

    It is the linear layer itself where the head has nothing else. Where it squashes, each number a that is squashed is
    scaled by squash(a) / a instead, its slope where a is 0: the rescale rule of DeepLIFT with reference 0. For relu
    that is the function which the head is around these states.
    """
    config = model.config
    weight, bias = model.fc.weight.double(), model.fc.bias.double()
    values, shares = _squashed_share(pooled.double(), config.squash)
    if config.inner_size:
        inner, own = model.inner.weight.double(), model.inner.bias.double()
        weight = weight * _squashed_share(inner @ values + own, config.inner_squash)[1]
        weight, bias = weight @ inner, bias + weight @ own
    dtype = model.fc.weight.dtype
    parts = ((weight * shares).to(dtype).numpy().copy(), bias.to(dtype).numpy().copy())
    return Readout(*parts, config.pooling, is_exact=config.has_linear_head)


def _squashed_share(values: Tensor, squash: Squash) -> tuple[Tensor, Tensor]:
    """Squashed numbers, and what share they are of those before; the slope at 0."""
    found, slope = squashed(values, squash), 0.0 if squash == "relu" else 1.0
    return found, torch.where(values == 0, slope, found / values)


def _replay_errors(captured: PackedSequence, fused: PackedSequence) -> Float[Tensor, " row"]:
    """The receipt, row by row: how far what was captured is from what the fused module returned."""
    return ((captured.data - fused.data).abs() / fused.data.abs().clamp(min=1.0)).amax(dim=-1)


def _rows_of_each_text(packed: PackedSequence) -> list[Int[Tensor, " _"]]:
    """Where each text's tokens lie in the packed rows, in reading order.

    PyTorch sorts texts of equal length as it likes, so the rows are numbered and PyTorch unpacks the numbers.
    """
    numbered = packed._replace(data=torch.arange(len(packed.data)))
    rows, lengths = pad_packed_sequence(numbered, batch_first=True)
    return [own[:length] for own, length in zip(rows, lengths.tolist(), strict=True)]


def _refuse_more_than_fits(model: RecurrentClassifier, tokens: int) -> None:
    """Refuse to keep Traces of so many tokens, and the batch that they are cut from, where they do not fit."""
    weight = model.embedding.weight
    inputs = tokens * model.embedding.embedding_dim * weight.itemsize
    signals = signal_bytes(stack_of(model.rnn), tokens + min(tokens, answers.BATCH_TOKENS))
    refuse_more_than_fits(inputs + signals, tokens, weight.device)


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Texts of similar length together, so that a batch stays within ``BATCH_TOKENS``."""
    batch: list[int] = []
    for text in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[text] * (len(batch) + 1) > answers.BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch
