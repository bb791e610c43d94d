"""What a token may depend on: on what was read before it, on nothing that is read later, and on no padding."""

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_sequence

from tests.engine.cases import (
    MODULES,
    WAYS,
    Case,
    assert_all_near,
    assert_near,
    captured,
    cases,
    fused,
    parts_of,
    rows_of,
    same_bits,
    signals_apart,
)

every_kind = pytest.mark.parametrize("kind", MODULES)
every_way = pytest.mark.parametrize("way", WAYS)
FORWARD = {"two_ways": False, "dropout": 0.0}


@given(cases(form="alone", lengths=st.sampled_from(([3], [9], [64])), **FORWARD))
def test_reading_token_by_token_with_the_state_handed_on_equals_reading_the_whole(case):
    module, (text,) = case.module(), case.texts()
    output, last, whole = captured(case)
    state, rows, steps = case.state(), [], []
    for token in text.split(1):
        row, state, found = captured(case, module, token, state)
        rows.append(row)
        steps.append(found)
    assert_near(torch.cat(rows), output, case.dtype)
    assert_all_near(parts_of(state), parts_of(last), case.dtype)
    assert_all_near({name: torch.cat([step[name] for step in steps], dim=2) for name in whole}, whole, case.dtype)


@given(cases(form="batch", **FORWARD), st.integers(0, 63))
def test_a_batch_may_be_read_in_two_parts_with_the_state_handed_on(case, cut):
    axis, length = (1 if case.batch_first else 0), case.lengths[0] + 1
    case = case.having(lengths=(length,) * len(case.lengths))
    module, inputs = case.module(), case.inputs()
    first, second = inputs.split([1 + cut % (length - 1), length - 1 - cut % (length - 1)], dim=axis)
    output, last, whole = captured(case)
    one, state, found = captured(case, module, first, case.state())
    other, final, rest = captured(case, module, second, state)
    assert_near(torch.cat([one, other], dim=axis), output, case.dtype)
    assert_all_near(parts_of(final), parts_of(last), case.dtype)
    assert_all_near({name: torch.cat([found[name], rest[name]], dim=axis + 2) for name in whole}, whole, case.dtype)


@given(cases(layers=1), st.integers(0, 4), st.integers(0, 63))
@settings(max_examples=100)
def test_a_token_changes_nothing_that_is_read_before_it_and_nothing_in_other_texts(case, text, place):
    """To the bit, since the same products of the same sizes are taken."""
    texts, module = case.texts(), case.module()
    text %= len(texts)
    place %= len(texts[text])
    changed = [rows.clone() for rows in texts]
    changed[text][place] += 1.0
    one, other = case.laid(texts), case.laid(changed)
    before = signals_apart(case, one, captured(case, module, one, case.state())[2])
    after = signals_apart(case, other, captured(case, module, other, case.state())[2])
    for b, (old, new) in enumerate(zip(before, after, strict=True)):
        for name in old:
            if b != text:
                assert torch.equal(new[name], old[name])
                continue
            assert torch.equal(new[name][:, 0, :place], old[name][:, 0, :place])
            if case.two_ways:
                assert torch.equal(new[name][:, 1, place + 1 :], old[name][:, 1, place + 1 :])
    for name, moved in before[text].items():
        if case.kind != "relu":  # which may stay at zero
            assert (moved[:, :, place] != after[text][name][:, :, place]).any()


@given(cases(layers=st.integers(2, 3), **FORWARD), st.integers(0, 63))
def test_in_a_stack_that_reads_forward_no_layer_knows_a_later_token(case, place):
    texts, module = case.texts(), case.module()
    place %= len(texts[0])
    changed = [texts[0].clone(), *texts[1:]]
    changed[0][place:] = -3.0
    one, other = case.laid(texts), case.laid(changed)
    before = signals_apart(case, one, captured(case, module, one)[2])[0]
    after = signals_apart(case, other, captured(case, module, other)[2])[0]
    for name in before:
        assert torch.equal(after[name][:, :, :place], before[name][:, :, :place])


@every_kind
@every_way
def test_padding_filled_with_nan_changes_nothing(kind, way):
    case = Case(kind, 2, True, form="packed unsorted", lengths=(2, 5, 3), way=way)
    texts, lengths = case.texts(), torch.tensor(case.lengths)
    padded = pad_sequence(texts, padding_value=float("nan"))
    found = captured(case, inputs=pack_padded_sequence(padded, lengths, enforce_sorted=False))
    wanted = captured(case, inputs=pack_sequence(texts, enforce_sorted=False))
    assert all(values.isfinite().all() for values in found[2].values())
    assert same_bits(found, wanted)


@given(
    cases(dtype=st.sampled_from((torch.float32, torch.float64))),
    st.sampled_from((float("nan"), float("inf"), -float("inf"), 1e30)),
    st.integers(0, 4),
    st.integers(0, 63),
)
@settings(max_examples=100)
def test_a_broken_number_in_a_text_breaks_what_it_breaks_in_the_module_and_nothing_else(case, value, text, place):
    texts = case.texts()
    text %= len(texts)
    texts[text][place % len(texts[text]), 0] = value
    inputs = case.laid(texts)
    output, _, found = captured(case, inputs=inputs, state=case.state())
    with torch.no_grad():
        wanted, _ = case.module().eval()(inputs, case.state())
    output, wanted = rows_of(output), rows_of(wanted)
    assert torch.equal(output.isnan(), wanted.isnan())
    assert_near(output.nan_to_num(), wanted.nan_to_num(), case.dtype)
    whole = [own for place, own in enumerate(signals_apart(case, inputs, found)) if place != text]
    assert all(values.isfinite().all() for own in whole for values in own.values())


@every_kind
@every_way
@pytest.mark.parametrize("form", ["alone", "batch", "packed", "packed unsorted"])
def test_texts_of_one_token_are_read(kind, way, form):
    case = Case(kind, 2, True, form=form, lengths=(1,) if form == "alone" else (1, 1), stated=True, way=way)
    output, state, found = captured(case)
    wanted_output, wanted_state = fused(case)
    assert_all_near(output, wanted_output, case.dtype)
    assert_all_near(state, wanted_state, case.dtype)
    assert all(own[name].shape[2] == 1 for own in signals_apart(case, case.inputs(), found) for name in own)
