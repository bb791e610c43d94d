"""Reading a corpus with a network, part by part: the states of each token, and the answer to each text.

Which texts are read together depends on their lengths alone, so every process that reads a part gives the same numbers.
Left out: where they are written (``rnnviz.corpus.builder``).
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float16, Float32, Int32, Int64, UInt32
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from rnnviz import answers
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.text import UNKNOWN_ID
from rnnviz.engine.capture import capture
from rnnviz.engine.vocabulary_table import vocabulary_table
from rnnviz.errors import IndexFileError

Tokens = UInt32[np.ndarray, " position"]
Offsets = Int64[np.ndarray, " boundary"]
PART_TOKENS, BATCH_TOKENS = 131_072, 16_384


@dataclass(frozen=True)
class Step:
    """How far a build is.

    Attributes:
        doing: What is being done: "splitting" texts into tokens, "reading" them, making "bitmaps".
        done, total: Of so many texts or tokens.

    Example:
        >>> work = rnnviz.corpus.building(rnnviz.load("sst2-lstm"), ["not good", "not bad"], "texts.index")
        >>> next(work)
        Step(doing='splitting', done=0, total=2)
    """

    doing: str
    done: int
    total: int


class PartRead(NamedTuple):
    """What came of a part: texts in a row, the states of their tokens, the answers and the probabilities of these."""

    texts: range
    states: Float16[np.ndarray, "token unit"]
    answers: Int32[np.ndarray, " text"]
    probabilities: Float32[np.ndarray, " text"]


def read_parts(
    checkpoint: Checkpoint, tokens: Tokens, offsets: Offsets, left: Sequence[range]
) -> Iterator[Step | PartRead]:
    """Read parts one after the other; between their batches comes how far it is."""
    reader = Reader(checkpoint, tokens, offsets)
    for texts in left:
        yield (yield from reader.read(texts))


def parts(offsets: Offsets) -> Iterator[range]:
    """Texts in a row, of ``PART_TOKENS`` tokens or a few more."""
    start, texts = 0, len(offsets) - 1
    while start < texts:
        stop = int(np.searchsorted(offsets, offsets[start] + PART_TOKENS))
        stop = min(max(stop, start + 1), texts)
        yield range(start, stop)
        start = stop


class Reader:
    """Reads parts of a corpus with a network, its first layer looked up in a table.

    Args:
        checkpoint: The network.
        tokens: Each token of the corpus; one beyond the network's vocabulary is unknown to it.
        offsets: Where each text begins, and the end.
    """

    def __init__(self, checkpoint: Checkpoint, tokens: Tokens, offsets: Offsets) -> None:
        self.model, self.tokens, self.offsets = checkpoint.model, tokens, offsets
        self.classifies = checkpoint.config.task == "classify"
        self.table = vocabulary_table(self.model.embedding, self.model.rnn)
        self.units = self.model.config.hidden_size * self.model.config.directions

    def read(self, texts: range) -> Generator[Step, None, PartRead]:
        """Read texts in a row.

        Raises:
            IndexFileError: What the network answers to one of them is no number.
        """
        offsets, entries = self.offsets, len(self.table)
        first = done = int(offsets[texts.start])
        lengths = np.diff(offsets[texts.start : texts.stop + 1])
        states = np.empty((int(offsets[texts.stop]) - first, self.units), dtype=np.float16)
        answer = np.full(len(texts), -1, dtype=np.int32)
        probability = np.zeros(len(texts), dtype=np.float32)
        for batch in _batches(lengths):
            own = [self.tokens[offsets[texts[text]] : offsets[texts[text] + 1]] for text in batch]
            ids = [torch.from_numpy(np.where(one < entries, one, UNKNOWN_ID).astype(np.int64)) for one in own]
            hidden, shares = self._states(ids)
            beyond = batch[~np.isfinite(shares).all(axis=1)]
            if len(beyond):
                raise IndexFileError("index_nonfinite", text=texts[int(beyond[0])])
            inside = np.arange(hidden.shape[1]) < lengths[batch][:, None]
            places = offsets[np.array(texts)[batch]][:, None] - first + np.arange(hidden.shape[1])
            states[places[inside]] = hidden[inside]
            if self.classifies:
                answer[batch], probability[batch] = shares.argmax(axis=1), shares.max(axis=1)
            done += int(lengths[batch].sum())
            yield Step("reading", done, len(self.tokens))
        return PartRead(texts, states, answer, probability)

    @torch.no_grad()
    def _states(
        self, ids: list[torch.Tensor]
    ) -> tuple[Float16[np.ndarray, "text token unit"], Float[np.ndarray, "text label"]]:
        """The top layer's states, filled up to the longest text, and the probabilities of the answers."""
        packed = pack_sequence(ids, enforce_sorted=False)
        output, state, _ = capture(self.model.rnn, packed, self.model.initial(len(ids)), table=self.table)
        hidden, _ = pad_packed_sequence(output, batch_first=True)
        shares = answers.logits(self.model, output, state).softmax(dim=-1)
        return hidden.half().numpy(), shares.numpy()


def _batches(lengths: Int64[np.ndarray, " text"]) -> Iterator[Int64[np.ndarray, " _"]]:
    """Texts of similar length together, at most ``BATCH_TOKENS`` tokens unless one text has more."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        ends = np.cumsum(lengths[order[start:]])
        stop = start + max(1, int(np.searchsorted(ends, BATCH_TOKENS, side="right")))
        yield order[start:stop]
        start = stop
