"""Packing: PyTorch's own pack_padded_sequence is the oracle."""

import doctest

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence, pad_sequence

import rnnviz
from rnnviz import packing
from rnnviz.errors import LengthError
from rnnviz.packing import packed_layout

some_lengths = st.lists(st.integers(1, 12), min_size=1, max_size=40)


def batch_of(lengths: list[int]) -> list[torch.Tensor]:
    """Texts of these lengths in which no number occurs twice."""
    return list(torch.arange(1, sum(lengths) + 1).split(lengths))


def torch_packed(lengths: list[int]) -> PackedSequence:
    return pack_padded_sequence(
        pad_sequence(batch_of(lengths), batch_first=True), torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )


def test_the_lesson_s_example_comes_out_as_on_its_slide():
    layout = packed_layout([5, 3, 1])
    assert layout.pack([[1, 2, 3, 4, 5], [6, 7, 8], [9]]) == [1, 6, 9, 2, 7, 3, 8, 4, 5]
    assert layout.batch_sizes.tolist() == [3, 2, 2, 1, 1]
    assert layout.rows == ((0, 1, 2), (0, 1), (0, 1), (0,), (0,))
    assert (layout.steps_padded, layout.steps_packed) == (15, 9)
    assert layout.saved == pytest.approx(6 / 15)


@given(some_lengths)
def test_batch_sizes_are_torch_s_for_any_lengths(lengths):
    assert packed_layout(lengths).batch_sizes.tolist() == torch_packed(lengths).batch_sizes.tolist()


@given(
    st.one_of(
        st.lists(st.integers(1, 60), min_size=1, max_size=40, unique=True),
        st.lists(st.integers(1, 4), min_size=1, max_size=16),
    )
)
def test_order_and_data_are_torch_s_where_torch_s_order_is_settled(lengths):
    """Lengths differ, or there are at most 16 texts: above that, torch sorts ties in any order."""
    layout, packed = packed_layout(lengths), torch_packed(lengths)
    assert layout.order.tolist() == packed.sorted_indices.tolist()
    assert layout.pack([text.tolist() for text in batch_of(lengths)]) == packed.data.tolist()


@given(some_lengths)
def test_torch_unpacks_our_data_to_the_same_texts(lengths):
    layout, texts = packed_layout(lengths), batch_of(lengths)
    ours = PackedSequence(
        torch.tensor(layout.pack([text.tolist() for text in texts])),
        torch.from_numpy(layout.batch_sizes),
        torch.from_numpy(layout.order),
        torch.from_numpy(np.argsort(layout.order)),
    )
    padded, found = pad_packed_sequence(ours, batch_first=True)
    assert found.tolist() == lengths
    torch.testing.assert_close(padded, pad_sequence(texts, batch_first=True))


@given(some_lengths)
def test_unpacking_undoes_packing(lengths):
    texts = [text.tolist() for text in batch_of(lengths)]
    layout = packed_layout(lengths)
    assert layout.unpack(layout.pack(texts)) == texts


@given(st.lists(st.integers(1, 3), min_size=20, max_size=60))
def test_texts_of_equal_length_keep_their_order(lengths):
    assert packed_layout(lengths).order.tolist() == sorted(range(len(lengths)), key=lambda text: -lengths[text])


@given(some_lengths)
def test_each_step_computes_exactly_the_texts_that_are_long_enough(lengths):
    for step, texts in enumerate(packed_layout(lengths).rows):
        assert sorted(texts) == [text for text, length in enumerate(lengths) if length > step]


@given(some_lengths)
def test_packing_saves_exactly_the_padding(lengths):
    layout = packed_layout(lengths)
    padding = int((pad_sequence(batch_of(lengths)) == 0).sum())
    assert layout.steps_padded - layout.steps_packed == padding
    assert layout.saved * layout.steps_padded == pytest.approx(padding)


@pytest.mark.parametrize(
    ("lengths", "found"),
    [([], "none"), ([3, 0], "0"), ([2, -1, 0], "-1"), ([2.5], "2.5"), (["ab"], "ab"), ([[1, 2], [3]], "[1, 2]")],
)
def test_impossible_lengths_are_named(as_shipped, lengths, found):
    with pytest.raises(LengthError) as caught:
        as_shipped("packing").packed_layout(lengths)
    assert str(caught.value) == (
        f"Lengths must be whole numbers of at least 1; found {found}.\nGive one length for each text."
    )


@pytest.mark.parametrize(
    "lengths", [np.array([5, 3, 1]), torch.tensor([5, 3, 1]), (5, 3, 1), np.array([5, 3, 1], np.uint8)]
)
def test_lengths_may_be_an_array_a_tensor_or_a_tuple(as_shipped, lengths):
    layout = as_shipped("packing").packed_layout(lengths)
    assert layout.lengths == (5, 3, 1)
    assert layout.order.tolist() == [0, 1, 2]


def test_a_batch_of_other_lengths_is_not_packed():
    with pytest.raises(LengthError) as caught:
        packed_layout([2, 1]).pack([[1, 2, 3], [4]])
    assert str(caught.value) == (
        "This layout is of 2 texts (2, 1); the batch has 2 texts (3, 1).\n"
        "Make a layout of its lengths with packed_layout."
    )


def test_of_many_lengths_a_message_shows_eight():
    with pytest.raises(
        LengthError, match=r"is of 20 texts \(1, 1, 1, 1, 1, 1, 1, 1, …\); the batch has 0 texts \(\)\."
    ):
        packed_layout([1] * 20).pack([])


@pytest.mark.parametrize("data", [[1, 2], [1, 2, 3, 4]])
def test_data_of_another_batch_are_not_unpacked(data):
    with pytest.raises(LengthError) as caught:
        packed_layout([2, 1]).unpack(data)
    assert str(caught.value) == (
        f"This layout has 3 packed places; the data has {len(data)}.\nPass what was packed with it."
    )


def test_the_docstrings_examples_run_as_written():
    done = doctest.testmod(packing, extraglobs={"rnnviz": rnnviz})
    assert done.attempted > 5
    assert done.failed == 0
