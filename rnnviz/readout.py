"""The linear layer at the end: which hidden states it reads, and which units matter for what it answers. NumPy only."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Readout:
    """The linear layer at the end: logits = weight · pooled + bias.

    Attributes:
        weight: One row a class; its columns follow ``pooling``, forward units before backward ones.
        bias: One number a class.
        pooling: Which hidden states of the top layer are pooled, as in ``rnnviz.model_config.ModelConfig``.
    """

    weight: Float[np.ndarray, "label feature"]
    bias: Float[np.ndarray, " label"]
    pooling: str

    def effects(
        self, hidden: Float[np.ndarray, "direction token unit"], direction: str, answer: int
    ) -> Float[np.ndarray, " unit"]:
        """Each unit's part of the answer's lead over the mean of the other classes, without its sign.

        |Σ (w_answer − mean w_others) · pooled|, in logits, which the linear layer makes exact; for one direction of the
        top layer, whose hidden states are ``hidden``.
        """
        index = int(direction == "backward")
        others = np.delete(self.weight, answer, axis=0).mean(axis=0)
        margin = (self.weight[answer] - others).reshape(-1, *hidden.shape[::2])
        pooled = (pooling_shares(hidden[index], self.pooling, direction) * hidden[index]).sum(axis=1)
        return np.abs((margin[:, index] * pooled).sum(axis=0))


def pooling_shares(
    hidden: Float[np.ndarray, "token unit"], pooling: str, direction: str
) -> Float[np.ndarray, "block token unit"]:
    """What share of each token's hidden state is in the pooled one; "max+mean" pools twice, side by side."""
    ends_first = direction == "backward" and pooling != "output-last"
    token, end = np.arange(len(hidden))[:, None], 0 if ends_first else len(hidden) - 1
    shares: list[np.ndarray] = []
    if pooling in ("last", "output-last"):
        shares.append(np.broadcast_to(token == end, hidden.shape))
    if pooling in ("max", "max+mean"):
        shares.append(token == hidden.argmax(axis=0))
    if pooling in ("mean", "max+mean"):
        shares.append(np.full(hidden.shape, 1 / len(hidden)))
    if pooling == "sum":
        shares.append(np.ones(hidden.shape))
    return np.array(shares, dtype=np.float64)
