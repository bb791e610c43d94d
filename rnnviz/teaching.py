"""Distillation: trained classifiers say what they make of each text, and a new one learns to say the same.

The target of a labelled text is part its label, part the mean of the teachers' probabilities; of a text without a label
it is all theirs (Hinton, Vinyals and Dean 2015, at temperature 1). Left out: learning (``rnnviz.learner``).
"""

from collections.abc import Generator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rnnviz.checkpoint import Checkpoint
from rnnviz.evaluation import predicting

UNLABELLED = -1
"""The label of a text whose class nobody has said."""


def targets(
    tokens: Sequence[Sequence[str]], labels: Int[Tensor, " text"], teachers: Sequence[Checkpoint], share: float
) -> Generator[None, None, Float[Tensor, "text label"]]:
    """What to learn of each text, as shares of the classes that sum to 1. Yields between its pieces of work.

    Args:
        tokens: Of each text.
        labels: The class of each, or ``UNLABELLED``.
        teachers: Classifiers with the same classes; each reads the texts with its own words. One that reads padded
            meets them in batches of 16 in this order, as when it is evaluated.
        share: The teachers' part in the target of a labelled text, 0 to 1.
    """
    texts = [" ".join(words) for words in tokens]
    said = torch.zeros(len(texts), len(teachers[0].labels))
    for teacher in teachers:
        found = yield from predicting(teacher, texts)
        said += torch.from_numpy(found) / len(teachers)
    known = torch.nn.functional.one_hot(labels.clamp(min=0), said.shape[1])
    theirs = torch.where(labels == UNLABELLED, 1.0, share)[:, None]
    return theirs * said + (1 - theirs) * known
