"""The route of a capture follows from its shape: PyTorch's kernel for a few texts of one length, else the walk."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.engine.columns import initial, laid_out
from rnnviz.engine.plan import plan_of
from rnnviz.engine.stack import stack_of


def chosen(module, inputs, **options):
    stack = stack_of(module)
    columns = laid_out(stack, inputs)
    plan = plan_of(stack, columns, initial(stack, columns, None), **options)
    return plan.route, plan.one_text


@pytest.mark.parametrize("texts", [2, 3, 4, 8])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_few_padded_texts_are_recovered(texts, layers):
    module, inputs = nn.LSTM(40, 256, layers, batch_first=True), torch.zeros(texts, 16, 40)
    assert chosen(module, inputs) == ("recover", False)
    assert chosen(module, inputs, asked="walk") == ("walk", False)
    assert chosen(module, inputs, exact=True) == ("walk", False)
    assert chosen(module, inputs, holds=True) == ("walk", False)


@pytest.mark.parametrize(
    ("module", "few"),
    [(nn.LSTM(3, 32), 64), (nn.LSTM(3, 128), 16), (nn.GRU(3, 128), 8), (nn.RNN(3, 64), 64)],
    ids=["lstm 32", "lstm 128", "gru 128", "rnn 64"],
)
def test_more_texts_are_walked_and_so_are_texts_of_several_lengths(module, few):
    assert chosen(module, torch.zeros(9, few, 3)) == ("recover", False)
    assert chosen(module, torch.zeros(9, few + 1, 3)) == ("walk", False)
    ragged = pack_sequence([torch.zeros(length, 3) for length in (9, 8, 2)])
    assert chosen(module, ragged) == ("walk", False)


def test_one_text_is_walked_in_numpy_unless_numpy_cannot():
    assert chosen(nn.LSTM(3, 8), torch.zeros(9, 3)) == ("walk", True)
    assert chosen(nn.LSTM(3, 8), torch.zeros(9, 3), asked="recover") == ("recover", False)
    assert chosen(nn.LSTM(3, 8).bfloat16(), torch.zeros(9, 3).bfloat16()) == ("recover", False)
    assert chosen(nn.LSTM(3, 8, proj_size=2), torch.zeros(9, 3)) == ("recover", False)
