"""What a step of a training is made of: labelled texts, or the streams of one long text; and the loss on a batch.

Left out: the step itself (``rnnviz.training.learner``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from rnnviz.data.text import UNKNOWN_ID
from rnnviz.model import RecurrentClassifier, State, mapped
from rnnviz.training.recipe import Recipe


class Draws(NamedTuple):
    """Where random numbers come from: of tokens that are left out, and of dropout, which a GPU draws itself."""

    tokens: torch.Generator
    dropout: torch.Generator


class Part(NamedTuple):
    """What one process reads at once of a batch.

    Attributes:
        batch: The whole batch.
        rows: Which of it.
    """

    batch: list[int]
    rows: list[int]


@dataclass(eq=False)
class Texts:
    """Labelled texts; a batch names some of them.

    Attributes:
        ids: The token ids of each text.
        targets: The class of each text, or the share of each class.
    """

    ids: list[Int[Tensor, " _"]]
    targets: Int[Tensor, " text"] | Float[Tensor, "text label"]

    def tensors(self) -> Iterator[Tensor]:
        """All that tells these texts from others, on the CPU: ids, then targets."""
        yield from self.ids
        yield self.targets

    def losses(
        self, model: RecurrentClassifier, part: Part, recipe: Recipe, draws: Draws
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """The mean loss of a part's texts, in nats, and how many of them are answered rightly.

        The loss is the cross-entropy at the end of each text, or, where the recipe says so, after each token. Where the
        recipe says so, no gradient goes back before every so many tokens (truncated back-propagation through time).
        """
        texts = [part.batch[row] for row in part.rows]
        device = model.fc.weight.device
        targets = self.targets[texts].to(device)
        longest = max(len(self.ids[text]) for text in part.batch)
        ids, lengths = self._rows(texts, longest, model.config.padding_id, recipe.word_dropout, draws.tokens)
        if recipe.every_token:
            scores, _ = model.after_each(ids.to(device), random=draws.dropout, detach=recipe.detach)
            logits, learned = scores[:, -1], scores.flatten(0, 1)
            each = targets.repeat_interleave(scores.shape[1], dim=0)
        else:
            logits = learned = model(ids.to(device), lengths, draws.dropout, recipe.detach)
            each = targets
        loss = cross_entropy(learned, each, label_smoothing=recipe.label_smoothing)
        best = targets if targets.ndim == 1 else targets.argmax(dim=1)
        return loss, (logits.argmax(dim=1) == best).float().sum()

    def _rows(
        self, texts: list[int], longest: int, padding: int, dropped: float, random: torch.Generator
    ) -> tuple[Int[Tensor, "text token"], Int[Tensor, " text"]]:
        """The ids of some texts, filled up to the longest of their batch, and their lengths."""
        ids = [self.ids[text] for text in texts]
        lengths = torch.tensor([len(row) for row in ids])
        if len(set(map(len, ids))) == 1:
            rows = torch.stack(ids)  # as pad_sequence does, in a fifth of its time
        else:
            rows = pad_sequence(ids, batch_first=True, padding_value=padding)
        rows = torch.nn.functional.pad(rows, (0, longest - rows.shape[1]), value=padding)
        if dropped:
            rows = rows.masked_fill(torch.rand(rows.shape, generator=random) < dropped, UNKNOWN_ID)
        return rows, lengths

    def carried(self) -> dict[str, Tensor]:
        """What goes from one step to the next beside the weights: nothing, each text is read from its beginning."""
        return {}

    def restore(self, carried: dict[str, Tensor]) -> None:
        """Nothing to take over."""

    def to(self, device: torch.device) -> None:
        """Nothing to bring along: each batch goes where the network is."""


@dataclass(eq=False)
class Streams:
    """One long text, read at several places at once; a batch names the places where its windows begin.

    Each window learns to tell the next token at every place (truncated back-propagation through time, Williams and
    Peng 1990): where it goes on from the window before, the state is carried over, its history is not. A batch that is
    read again, in smaller parts, begins where it began before.

    Attributes:
        ids: The token ids of the text.
        window: Tokens of a window.
    """

    ids: Int[Tensor, " token"]
    window: int
    _batch: list[int] = field(default_factory=list)
    _before: State | None = None
    _after: list[State] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._round = torch.cat([self.ids, self.ids[: self.window + 1]])  # a stream that meets the end goes on in front

    def epoch(self, streams: int, random: np.random.Generator) -> list[list[int]]:
        """The batches of one epoch: streams of equal length from a random place on, window after window."""
        length = len(self.ids) // streams
        first = int(random.integers(len(self.ids)))
        starts = [(first + stream * length) % len(self.ids) for stream in range(streams)]
        windows = range(0, length - self.window + 1, self.window)
        return [[(start + done) % len(self.ids) for start in starts] for done in windows]

    def tensors(self) -> Iterator[Tensor]:
        """The ids."""
        yield self.ids

    def losses(
        self, model: RecurrentClassifier, part: Part, recipe: Recipe, draws: Draws
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """The mean loss of a part's windows, in nats; and the sum over them of the share of tokens that are told.

        The loss is the cross-entropy of the next token, at every place.
        """
        device = model.fc.weight.device
        places = torch.tensor([part.batch[row] for row in part.rows])[:, None]
        windows = self._round[places + torch.arange(self.window + 1)].to(device)
        ids, wanted = windows[:, :-1], windows[:, 1:]
        scores, state = model.after_each(ids, self._begun(part), draws.dropout)
        self._after.append(mapped(state, Tensor.detach))
        loss = cross_entropy(scores.flatten(0, 1), wanted.flatten(), label_smoothing=recipe.label_smoothing)
        return loss, (scores.argmax(dim=2) == wanted).float().mean(dim=1).sum()

    def _begun(self, part: Part) -> State | None:
        """The state that a part of a batch begins with; None for nothing read."""
        if part.batch != self._batch:
            self._before = _joined(self._after) if part.batch == self._moved(self.window) else None
            self._batch = part.batch
        if part.rows[0] == 0:
            self._after.clear()
        return _rows_of(self._before, part.rows)

    def _moved(self, tokens: int) -> list[int]:
        """The places of the batch, so many tokens on."""
        return [(place + tokens) % len(self.ids) for place in self._batch]

    def carried(self) -> dict[str, Tensor]:
        """The state and the places where it goes on."""
        if not self._after:
            return {}
        state = _joined(self._after)
        states = state if isinstance(state, tuple) else (state,)
        return {"places": torch.tensor(self._moved(self.window))} | {
            f"state{index}": one for index, one in enumerate(states)
        }

    def restore(self, carried: dict[str, Tensor]) -> None:
        """Take over what ``carried`` gave."""
        if not carried:
            return
        self._batch = carried["places"].tolist()
        self._batch = self._moved(-self.window)
        self._after = [(carried["state0"], carried["state1"]) if "state1" in carried else carried["state0"]]

    def to(self, device: torch.device) -> None:
        """Bring the states to a device."""
        self._before = None if self._before is None else mapped(self._before, lambda one: one.to(device))
        self._after = [mapped(state, lambda one: one.to(device)) for state in self._after]


Material = Texts | Streams
"""What is learned from."""


def _rows_of(state: State | None, rows: list[int]) -> State | None:
    return None if state is None else mapped(state, lambda one: one[:, rows].contiguous())


def _joined(states: list[State]) -> State:
    """The states of several parts, one text after the other."""
    pairs = [one if isinstance(one, tuple) else (one,) for one in states]
    joined = [torch.cat(own, dim=1) for own in zip(*pairs, strict=True)]
    return (joined[0], joined[1]) if len(joined) > 1 else joined[0]
