"""The vocabulary table: what the first layer makes of each word, computed once.

The first layer of a classifier reads embedding rows, and there are only as many of them as words. So its product
W x + b takes only so many values, and a corpus can look them up instead of computing them at every token.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnviz.engine.stack import (
    Stack,
    as_evaluated,
    computes_its_own_way,
    described,
    made_weight,
    refuse_hooks,
    refuse_weight,
    stack_of,
    weights_of,
)
from rnnviz.errors import CaptureError


@dataclass(frozen=True, eq=False)
class VocabularyTable:
    """W x + b_input of the first layer for every word, to be passed to ``capture`` with ids in place of rows.

    Attributes:
        words: The embedding.
        rows: W x + b_input of each word, one tensor a direction.

    It holds as of when it was made: after training on, make a new one. Size: words · gates · units · directions numbers
    (20,000 words and an LSTM of 128 units: 41 MB).

    Example:
        >>> embedding, gru = torch.nn.Embedding(10, 4), torch.nn.GRU(4, 3, batch_first=True)
        >>> table = rnnviz.vocabulary_table(embedding, gru)
        >>> len(table), [tuple(rows.shape) for rows in table.rows]
        (10, [(10, 9)])
    """

    words: Float[Tensor, "word feature"]
    rows: tuple[Float[Tensor, "word gates"], ...]

    def __len__(self) -> int:
        return len(self.words)

    def check(self, stack: Stack) -> None:
        """Refuse to stand in for the first layer of a module that it was not made for, as far as shapes tell.

        Raises:
            CaptureError: The module's first layer has other gates, directions, numbers or features.
        """
        weight = stack.weight
        expected = (weight.shape, stack.directions, weight.dtype, weight.device)
        actual = (torch.Size([self.rows[0].shape[1], self.words.shape[1]]), len(self.rows), *_kind(self.rows[0]))
        if actual != expected:
            raise CaptureError("capture_table", found=_described(*actual), wanted=_described(*expected))


def _kind(values: Tensor) -> tuple[torch.dtype, torch.device]:
    return values.dtype, values.device


def _described(shape: torch.Size, directions: int, dtype: torch.dtype, device: torch.device) -> str:
    return (
        f"{shape[0]} gates of {shape[1]} features, {directions} way{'s' if directions > 1 else ''}, {dtype} on {device}"
    )


@torch.no_grad()
def vocabulary_table(embedding: nn.Embedding, module: nn.Module) -> VocabularyTable:
    """Make the table of an embedding and the recurrent module that reads it.

    Args:
        embedding: The words, [word, feature].
        module: An ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` with as many inputs as the embedding has features.

    Returns:
        W x + b_input of every word for each direction of the first layer, [word, gates · units].

    Raises:
        CaptureError: The module is no recurrent one, or reads rows of another width; or the embedding, or the module,
            computes otherwise than PyTorch's own.

    Example:
        >>> embedding, gru = torch.nn.Embedding(10, 4), torch.nn.GRU(4, 3, batch_first=True)
        >>> table, ids = rnnviz.vocabulary_table(embedding, gru), torch.tensor([[3, 1, 4]])
        >>> output, state, signals = rnnviz.capture(gru, ids, table=table)
        >>> torch.allclose(output, gru(embedding(ids))[0], atol=1e-6)
        True
    """
    stack, words = stack_of(module), _words(embedding)
    if words.shape[1] != stack.input_size:
        raise CaptureError("capture_shape", found=tuple(words.shape), wanted=f"{stack.input_size} features")
    weight = stack.weight
    if _kind(words) != _kind(weight):
        option = f"{words.dtype} words on {words.device} with {weight.dtype} weights on {weight.device}"
        raise CaptureError("capture_option", option=option)
    rows = tuple(weights_of(stack, 0, way == 1).from_input(words) for way in range(stack.directions))
    return VocabularyTable(words.detach(), rows)


def _words(embedding: nn.Module) -> Tensor:
    """What an embedding gives for each word; rows longer than its ``max_norm`` are cut, in a copy."""
    if not isinstance(embedding, nn.Embedding) or computes_its_own_way(embedding):
        raise CaptureError("table_embedding", type=described(embedding))
    refuse_hooks(embedding)
    words: Tensor = made_weight(as_evaluated(embedding), "weight")
    refuse_weight(words, embedding)
    if embedding.max_norm is None:
        return words
    everyone = torch.arange(len(words), device=words.device)
    return torch.embedding_renorm_(words.clone(), everyone, embedding.max_norm, embedding.norm_type)
