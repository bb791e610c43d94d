"""write: a network that tells the next token goes on with a text, token by token, each drawn from what it tells.

What is drawn is specified to the bit, so that the browser writes the same text (web/src/engine/write.ts): the logits
are float32; all else is float64. Left out: reading what was written (``rnnviz.read``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch.nn.utils.rnn import pack_sequence

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.text import SPECIALS
from rnnviz.engine.capture import capture
from rnnviz.engine.holds import Held, Holds
from rnnviz.errors import CheckpointError, SettingError
from rnnviz.experiments.interventions import Clamp, Number, holds_of
from rnnviz.experiments.pcg32 import PCG32
from rnnviz.model import State
from rnnviz.model_config import BETWEEN
from rnnviz.reading import MOST_TOKENS, encode

LIKELIEST = 5
"""So many of the tokens that could have come are kept for each place."""
_CLOSE = 1e-6  # float32 logits of two machines differ by less


class Choice(NamedTuple):
    """What could have come at one place, and what did.

    Attributes:
        token: What came.
        probability: That the network gave it, before temperature and top-k; 0 to 1.
        likeliest: The five likeliest tokens with these probabilities, the likeliest first.
        cut: The probability of all tokens that top-k left out; 0 to 1.
        close: Whether another token would have come had the numbers been different by a millionth: on another machine
            the text may go on differently from here.
    """

    token: str
    probability: float
    likeliest: tuple[tuple[str, float], ...]
    cut: float
    close: bool

    @property
    def surprise(self) -> float:
        """−log₂ of the probability, in bits."""
        return float(-np.log2(self.probability)) if self.probability else float("inf")


@dataclass(frozen=True, eq=False)
class Written:
    """What ``write`` wrote.

    Attributes:
        start: The beginning that it was given.
        choices: One for each token that it wrote.
        separator: What stands between two tokens in a text.
    """

    start: str
    choices: tuple[Choice, ...]
    separator: str

    @property
    def text(self) -> str:
        """What was written, without the beginning."""
        return self.separator.join(choice.token for choice in self.choices)

    def __str__(self) -> str:
        return self.start + self.separator + self.text

    def __repr__(self) -> str:
        return f"Written({len(self.choices):,} tokens after {self.start[-20:]!r})"


def write(
    checkpoint: Checkpoint,
    start: str,
    *,
    length: int = 200,
    temperature: Number = 1.0,
    top_k: int | None = None,
    seed: int = 0,
    clamps: Sequence[Clamp] = (),
) -> Written:
    r"""Go on with a text.

    Each token is drawn by one number of PCG32, so two calls with the same seed draw with the same luck: what differs
    between them comes from what is held.

    Args:
        checkpoint: A network whose task is "next".
        start: The beginning; at least one token.
        length: Tokens to write.
        temperature: Logits are divided by it; below 1 likely tokens come more often. 0 always takes the likeliest.
        top_k: So many of the likeliest tokens can come; None for all. Of two as likely the one with the lower id is.
        seed: From 0; the same seed gives the same text, also in the browser.
        clamps: What is held while it reads the beginning and writes, as in ``rnnviz.hold``; tokens are counted from the
            beginning's first.

    Raises:
        CheckpointError: The network answers something else.
        SelectionError, TextError: As for ``rnnviz.hold``.
        SettingError: The temperature, top-k, seed or length is out of range, or a clamp means nothing.

    Example:
        >>> writer = rnnviz.load("shakespeare-lstm")
        >>> written = rnnviz.write(writer, "ROMEO:\n", length=12, temperature=0)
        >>> len(written.choices), written.choices[0].likeliest[0][0] == written.text[0]
        (12, True)
    """
    choices = tuple(writing(checkpoint, start, length, temperature, top_k, seed, clamps))
    return Written(start, choices, BETWEEN[checkpoint.config.tokens])


def writing(
    checkpoint: Checkpoint,
    start: str,
    length: int,
    temperature: Number,
    top_k: int | None,
    seed: int,
    clamps: Sequence[Clamp] = (),
) -> Iterator[Choice]:
    """``write``, token by token, for a caller who shows each as it comes."""
    if checkpoint.config.task != "next":
        raise CheckpointError("write_task", name=checkpoint.config.name)
    _check(length, temperature, top_k, seed)
    encoded = encode(checkpoint, start)
    whole = len(encoded.tokens) + length
    if whole > MOST_TOKENS:
        raise SettingError("write_range", setting="length", low=1, high=MOST_TOKENS - len(encoded.tokens))
    return _drawn(
        checkpoint, encoded.ids.tolist(), length, float(temperature), top_k, seed, holds_of(checkpoint, clamps, whole)
    )


def _check(length: int, temperature: Number, top_k: int | None, seed: int) -> None:
    """Refuse settings out of range."""
    bounds = {
        "length": (length, 1, MOST_TOKENS),
        "temperature": (temperature, 0, 100),
        "top_k": (1 if top_k is None else top_k, 1, 1_000_000),
        "seed": (seed, 0, 2**32 - 1),
    }
    for setting, (value, low, high) in bounds.items():
        if not low <= value <= high:
            raise SettingError("write_range", setting=setting, low=low, high=high)


def _drawn(
    checkpoint: Checkpoint,
    ids: list[int],
    length: int,
    temperature: float,
    top_k: int | None,
    seed: int,
    holds: Holds,
) -> Iterator[Choice]:
    luck, words = PCG32(seed), checkpoint.vocabulary.words
    logits, state = _read(checkpoint, ids, None, holds, 0)
    for place in range(len(ids), len(ids) + length):
        probabilities = _shares(logits, 1.0)
        drawn, close, kept = draw(logits, temperature, top_k, luck.share())
        order = np.argsort(-probabilities, kind="stable")[:LIKELIEST]
        yield Choice(
            words[drawn],
            float(probabilities[drawn]),
            tuple((words[entry], float(probabilities[entry])) for entry in order),
            max(0.0, 1.0 - float(probabilities[kept].sum())),
            close,
        )
        logits, state = _read(checkpoint, [drawn], state, holds, place)


def draw(
    logits: Float[np.ndarray, " token"], temperature: float, top_k: int | None, luck: float
) -> tuple[int, bool, np.ndarray]:
    """The id that a number from 0 to 1 draws, whether it was close, and the ids that could have been drawn.

    With temperature 0 the likeliest. Else the ids' shares, softmax(logits ÷ temperature) over those that can be drawn,
    are added up in the order of the ids; the first id comes whose sum is above ``luck`` times the sum of all. The two
    special entries are never drawn.

    Args:
        logits: One for each entry of the vocabulary.
        temperature: As for ``write``.
        top_k: As for ``write``.
        luck: From 0 to just below 1.
    """
    order = np.argsort(-_free(logits), kind="stable")[: len(logits) - len(SPECIALS)][:top_k]
    kept = np.sort(order)
    if temperature == 0:
        first, second = logits[order[0]], logits[order[min(1, len(order) - 1)]]
        return int(order[0]), len(order) > 1 and float(first) - float(second) < _CLOSE, kept
    sums = np.cumsum(_shares(logits, temperature)[kept])
    wanted = luck * sums[-1]
    place = min(int(np.searchsorted(sums, wanted, side="right")), len(kept) - 1)
    close = bool((np.abs(sums[:-1] - wanted) < _CLOSE * sums[-1]).any())
    return int(kept[place]), close, kept


def _shares(logits: Float[np.ndarray, " token"], temperature: float) -> Float[np.ndarray, " token"]:
    """The softmax of the logits through the temperature; 0 for the special entries."""
    free = _free(logits)
    shares = np.exp((free - free.max()) / temperature)
    return shares / np.cumsum(shares)[-1]


def _free(logits: Float[np.ndarray, " token"]) -> Float[np.ndarray, " token"]:
    free = logits.astype(np.float64)
    free[: len(SPECIALS)] = -np.inf
    return free


@torch.no_grad()
def _read(
    checkpoint: Checkpoint, ids: list[int], state: State | None, holds: Holds, first: int
) -> tuple[Float[np.ndarray, " token"], State]:
    """Read some tokens, of which the first is at this place of the whole; the logits after the last, and the state."""
    model, rows = checkpoint.model, torch.tensor(ids)
    if not holds:
        logits, state = model.after_each(rows[None], state)
        return logits[0, -1].numpy(), state
    before = model.initial(1) if state is None else state
    held = _of(holds, slice(first, first + len(ids)))
    output, state, _ = capture(model.rnn, pack_sequence([model.embedding(rows)]), before, holds=held)
    return model.head(output.data[-1]).numpy(), state


def _of(holds: Holds, tokens: slice) -> Holds:
    return {
        position: {name: Held(mask[tokens], values[tokens]) for name, (mask, values) in held.items()}
        for position, held in holds.items()
    }
