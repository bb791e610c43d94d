"""The head at the end: which hidden states it reads, and which units matter for what it answers. NumPy only."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Readout:
    """The head at the end as a linear function: logits = weight · pooled + bias.

    Attributes:
        weight: One row a class; its columns follow ``pooling``, forward units before backward ones.
        bias: One number a class.
        pooling: Which hidden states are pooled, as in ``rnnviz.model_config.ModelConfig``.
        is_exact: Whether the head is this function. Where it squashes (relu, tanh), it is not, and this is the function
            that gives the logits of one reading: ``rnnviz.reading.readout_at``.
    """

    weight: Float[np.ndarray, "label feature"]
    bias: Float[np.ndarray, " label"]
    pooling: str
    is_exact: bool = True

    def layers_read(self, layers: int) -> range:
        """Of so many layers those whose hidden states are pooled."""
        return range(0 if self.pooling == "last-layers" else layers - 1, layers)

    def effects(
        self, hidden: Float[np.ndarray, "direction token unit"], direction: str, answer: int, layer: int = -1
    ) -> Float[np.ndarray, " unit"]:
        """Each unit's part of the answer's lead over the mean of the other classes, without its sign.

        |Σ (w_answer − mean w_others) · pooled|, in logits, which a linear layer makes exact; for one direction of a
        layer that is pooled, the top one unless told otherwise, whose hidden states are ``hidden``.
        """
        index = int(direction == "backward")
        others = np.delete(self.weight, answer, axis=0).mean(axis=0)
        margin = (self.weight[answer] - others).reshape(-1, *hidden.shape[::2])
        if self.pooling == "last-layers":
            margin = margin[[layer]]
        pooled = (pooling_shares(hidden[index], self.pooling, direction) * hidden[index]).sum(axis=1)
        return np.abs((margin[:, index] * pooled).sum(axis=0))


def pooling_shares(
    hidden: Float[np.ndarray, "token unit"], pooling: str, direction: str
) -> Float[np.ndarray, "block token unit"]:
    """What share of each token's hidden state is in the pooled one; "max+mean" pools twice, side by side."""
    ends_first = direction == "backward" and pooling != "output-last"
    token, end = np.arange(len(hidden))[:, None], 0 if ends_first else len(hidden) - 1
    shares: list[np.ndarray] = []
    if pooling in ("last", "last-layers", "output-last"):
        shares.append(np.broadcast_to(token == end, hidden.shape))
    if pooling in ("max", "max+mean"):
        shares.append(token == hidden.argmax(axis=0))
    if pooling in ("mean", "max+mean"):
        shares.append(np.full(hidden.shape, 1 / len(hidden)))
    if pooling == "sum":
        shares.append(np.ones(hidden.shape))
    return np.array(shares, dtype=np.float64)
