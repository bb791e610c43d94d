"""The classifier: embedding, recurrent layers, pooling, head: all that the lesson builds, under its names.

Left out: what goes on inside the recurrent layers (``rnnviz.engine.capture``) and training (``rnnviz.training.loop``).
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.overrides import TorchFunctionMode

from rnnviz.model_config import PADDING_ID, ModelConfig as ModelConfig, Pooling as Pooling, Squash, shapes as shapes

State = Tensor | tuple[Tensor, Tensor]
_DRAWS = ("uniform_", "normal_", "kaiming_uniform_")  # what PyTorch's own layers start from


class RecurrentClassifier(nn.Module):
    """A text classifier with the lesson's attribute names, so that a student's own ``state_dict`` loads as it is.

    ``embedding`` (one row a word), ``rnn`` (an ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``) and ``fc`` (the linear layer);
    ``start`` where a text starts from learned states, ``inner`` where a linear layer lies before the last one.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        padding = PADDING_ID if config.reading == "packed" else None
        self.embedding = nn.Embedding(config.vocabulary_size, config.embedding_size, padding_idx=padding)
        self.rnn = _recurrent(config)
        if config.inner_size:
            self.inner = nn.Linear(config.pooled_size, config.inner_size)
        self.fc = nn.Linear(config.inner_size or config.pooled_size, config.classes)
        if config.learned_start:
            sizes = {name: shape for name, shape in shapes(config).items() if name.startswith("start.")}
            zeros = {name.removeprefix("start."): nn.Parameter(torch.zeros(shape)) for name, shape in sizes.items()}
            self.start = nn.ParameterDict(zeros)
        if config.forget_bias:
            _set_forget_bias(self.rnn, config.forget_bias)

    def forward(
        self,
        ids: Int[Tensor, "text token"],
        lengths: Int[Tensor, " text"],
        random: torch.Generator | None = None,
        detach: int | None = None,
    ) -> Float[Tensor, "text label"]:
        """Score a batch: one logit a class.

        Args:
            ids: Word ids, filled up at the right to the longest text.
            lengths: Tokens of each text, on the CPU, at least 1. A model that reads padded ignores them.
            random: Where dropout draws from, in training; PyTorch's global generator if None.
            detach: Before every so many tokens, counted from the beginning, no gradient goes back: the state is carried
                over, its history is not. For one direction, and texts of one length or read padded.
        """
        return self.head(self._dropout(self.features(ids, lengths, random, detach), self.config.dropout, random))

    def head(self, pooled: Float[Tensor, "*text feature"]) -> Float[Tensor, "*text label"]:
        """The logits that pooled states give."""
        values = squashed(pooled, self.config.squash)
        if self.config.inner_size:
            values = squashed(self.inner(values), self.config.inner_squash)
        return self.fc(values)

    def _dropout(self, values: Tensor, share: float, random: torch.Generator | None) -> Tensor:
        """``nn.functional.dropout``, to the bit, with a generator of one's own."""
        if not (self.training and share):
            return values
        return values * torch.empty_like(values).bernoulli_(1 - share, generator=random).div_(1 - share)

    def initial(self, texts: int) -> State | None:
        """The state from which each of so many texts starts, as ``rnn`` takes it; None for zeros."""
        if not self.config.learned_start:
            return None
        states = {name: state[:, None].expand(-1, texts, -1).contiguous() for name, state in self.start.items()}
        return (states["hidden"], states["cell"]) if "cell" in states else states["hidden"]

    def after_each(
        self,
        ids: Int[Tensor, "text token"],
        state: State | None = None,
        random: torch.Generator | None = None,
        detach: int | None = None,
    ) -> tuple[Float[Tensor, "text token label"], State]:
        """Score a batch of equally long texts after each token, as if each ended there; and the state to go on from.

        For a network of one direction that pools "last" or "mean".

        Args:
            ids: Token ids.
            state: What an earlier call gave for the text before these tokens; None where it begins, as it must be where
                the mean is pooled.
            random: Where dropout draws from, in training; PyTorch's global generator if None.
            detach: As in ``forward``.
        """
        embedded = self._dropout(self.embedding(ids), self.config.embedding_dropout, random)
        output, state = self._recur(embedded, self.initial(len(ids)) if state is None else state, random, detach)
        if self.config.pooling == "mean":
            output = output.cumsum(dim=1) / torch.arange(1, ids.shape[1] + 1, device=output.device)[:, None]
        return self.head(self._dropout(output, self.config.dropout, random)), state

    def _recur(
        self, embedded: Any, state: State | None, random: torch.Generator | None, detach: int | None = None
    ) -> Any:
        """The recurrent layers; in training with some of the weights from state to state left out."""
        weights: dict[str, Tensor] = {}
        share = self.config.recurrent_dropout
        if self.training and share:
            weights = {
                name: self._dropout(weight, share, random) if name.startswith("weight_hh") else weight
                for name, weight in self.rnn.named_parameters()
            }

        def read(*given: Any) -> Any:
            return torch.func.functional_call(self.rnn, weights, given) if weights else self.rnn(*given)

        if detach is None:
            return read(embedded, state)
        first, *others = embedded.split(detach, dim=1)
        output, state = read(first, state)
        outputs = [output]
        for window in others:
            output, state = read(window, mapped(state, Tensor.detach))
            outputs.append(output)
        return torch.cat(outputs, dim=1), state

    def features(
        self,
        ids: Int[Tensor, "text token"],
        lengths: Int[Tensor, " text"],
        random: torch.Generator | None = None,
        detach: int | None = None,
    ) -> Float[Tensor, "text feature"]:
        """What the head reads: the pooled hidden states. The arguments are those of ``forward``."""
        embedded = self._dropout(self.embedding(ids), self.config.embedding_dropout, random)
        whole = bool((lengths == ids.shape[1]).all())
        if self.config.reading == "padded" or whole:  # equal lengths need no packing, and the kernels are faster
            output, state = self._recur(embedded, self.initial(len(ids)), random, detach)
            lengths = torch.full_like(lengths, ids.shape[1])
        else:
            packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
            packed_output, state = self._recur(packed, self.initial(len(ids)), random)
            output, _ = pad_packed_sequence(packed_output, batch_first=True)
        hidden = state[0] if self.config.cell == "lstm" else state
        return pool(output, last_states(hidden, self.config), lengths.to(output.device), self.config.pooling)


def mapped(state: State, change: Callable[[Tensor], Tensor]) -> State:
    """A state with both of an LSTM's parts changed, or its only one."""
    return (change(state[0]), change(state[1])) if isinstance(state, tuple) else change(state)


def with_weights(config: ModelConfig, weights: Mapping[str, Tensor]) -> RecurrentClassifier:
    """A classifier with these weights, in evaluation mode. No random number is drawn, for none would be kept."""
    with drawing_from(None):
        model = RecurrentClassifier(config)
    model.load_state_dict(weights)
    return model.eval()


class drawing_from(TorchFunctionMode):  # noqa: N801 - used as a context manager
    """In this block, and in this thread alone, new networks draw their weights from one's own generator.

    The global generator is left alone, so nothing that other threads draw or build changes what comes out.

    >>> with drawing_from(torch.Generator().manual_seed(0)):
    ...     model = RecurrentClassifier(ModelConfig(vocabulary_size=10, classes=2))
    """

    def __init__(self, generator: torch.Generator | None) -> None:
        """Choose the generator; None to draw nothing and leave the weights as the memory happens to be."""
        super().__init__()
        self._generator = generator

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function of PyTorch, one that draws with the generator."""
        kwargs = kwargs or {}
        if getattr(function, "__name__", "") not in _DRAWS:
            return function(*args, **kwargs)
        if self._generator is None:
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs | {"generator": self._generator})


def squashed(values: Tensor, squash: Squash) -> Tensor:
    """What a linear layer of the head reads of these numbers."""
    if squash == "nothing":
        return values
    return values.relu() if squash == "relu" else values.tanh()


def last_states(hidden: Float[Tensor, "place text unit"], config: ModelConfig) -> Float[Tensor, "text feature"]:
    """Side by side, the last states that pooling "last" or "last-layers" takes of ``h_n``."""
    chosen = hidden if config.pooling == "last-layers" else hidden[-config.directions :]
    return torch.cat(list(chosen), dim=-1)


def pool(
    output: Float[Tensor, "text token unit"],
    last: Float[Tensor, "text last"],
    lengths: Int[Tensor, " text"],
    pooling: Pooling,
) -> Float[Tensor, "text feature"]:
    """Reduce the hidden states of all tokens to one vector a text; what lies beyond a text's length does not count."""
    if pooling in ("last", "last-layers"):
        return last
    if pooling == "output-last":
        return output[torch.arange(len(output), device=output.device), lengths - 1]
    beyond = (torch.arange(output.shape[1], device=output.device) >= lengths[:, None])[..., None]
    parts = []
    if pooling in ("max", "max+mean"):
        parts.append(output.masked_fill(beyond, -torch.inf).amax(dim=1))
    if pooling in ("mean", "sum", "max+mean"):
        total = output.masked_fill(beyond, 0.0).sum(dim=1)
        parts.append(total if pooling == "sum" else total / lengths[:, None])
    return torch.cat(parts, dim=-1)


def _recurrent(config: ModelConfig) -> nn.RNNBase:
    if config.cell == "rnn":
        return nn.RNN(
            config.embedding_size,
            config.hidden_size,
            config.layers,
            nonlinearity=config.nonlinearity,
            batch_first=True,
            bidirectional=config.bidirectional,
        )
    kind = nn.LSTM if config.cell == "lstm" else nn.GRU
    return kind(
        config.embedding_size,
        config.hidden_size,
        config.layers,
        batch_first=True,
        bidirectional=config.bidirectional,
    )


def _set_forget_bias(rnn: nn.RNNBase, value: float) -> None:
    """Start the gates that keep the memory open (Gers et al. 2000; Jozefowicz et al. 2015): so much is their bias."""
    if rnn.mode not in ("LSTM", "GRU"):
        return
    units = slice(rnn.hidden_size, 2 * rnn.hidden_size)  # PyTorch stacks the gates i, f, g, o and r, z, n
    with torch.no_grad():
        for name, parameter in rnn.named_parameters():
            if name.startswith("bias_ih"):
                parameter[units] = value
            elif name.startswith("bias_hh"):
                parameter[units] = 0.0
