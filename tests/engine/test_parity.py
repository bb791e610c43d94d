"""Capture gives what PyTorch's module gives, whatever the configuration, the route and the company of a text."""

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.nn.utils.rnn import PackedSequence

from tests.engine.cases import (
    CELLS,
    FORMS,
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

PACKED = st.sampled_from(("packed", "packed unsorted"))
BATCHED = st.sampled_from(FORMS[1:])
every_kind = pytest.mark.parametrize("kind", MODULES)


@given(cases())
@settings(max_examples=100)
def test_output_and_state_are_those_of_the_module_whichever_way(case):
    wanted_output, wanted_state = fused(case)
    for way in case.ways():
        output, state, _ = captured(case.by(way))
        assert type(output) is type(wanted_output)
        assert type(state) is type(wanted_state)
        assert rows_of(output).dtype == case.dtype
        assert_all_near(output, wanted_output, case.dtype)
        assert_all_near(state, wanted_state, case.dtype)


@given(cases(form=PACKED, way="exact"))
@settings(max_examples=150)
def test_in_pytorchs_own_order_of_operations_packed_texts_give_the_very_bits_of_the_module(case):
    with torch.backends.mkldnn.flags(enabled=len(set(case.lengths)) > 1):  # or else an LSTM of PyTorch's goes to oneDNN
        wanted_output, wanted_state = fused(case)
    output, state, _ = captured(case)
    assert same_bits(output, wanted_output)
    assert same_bits(parts_of(state), parts_of(wanted_state))


@given(cases())
@settings(max_examples=60)
def test_all_ways_give_one_answer(case):
    first, *others = (captured(case.by(way)) for way in case.ways())
    for other in others:
        assert_all_near(other[0], first[0], case.dtype)
        assert_all_near(parts_of(other[1]), parts_of(first[1]), case.dtype)
        assert_all_near(other[2], first[2], case.dtype)


@given(cases())
def test_signals_have_the_axes_of_the_output_and_the_top_layers_hidden_state_is_the_output(case):
    output, _, found = captured(case)
    rows, ways = rows_of(output), 2 if case.two_ways else 1
    for name, values in found.items():
        width = (case.projection or case.units) if name == "hidden" else case.units
        assert values.shape == (case.layers, ways, *rows.shape[:-1], width)
        assert values.dtype == case.dtype
    top = torch.cat(list(found["hidden"][-1]), dim=-1)
    assert same_bits(top, rows)


@given(cases(form="batch"))
def test_a_text_in_a_batch_of_one_gives_what_it_gives_alone(case):
    case = case.having(lengths=case.lengths[:1])
    alone = case.having(form="alone")
    output, state, found = captured(case)
    own_output, own_state, own_found = captured(alone, state=alone_state(case.state()), inputs=case.texts()[0])
    assert_all_near(signals_apart(case, case.inputs(), found)[0], own_found, case.dtype)
    assert_near(output.squeeze(0 if case.batch_first else 1), own_output, case.dtype)
    assert_all_near([part.squeeze(1) for part in parts_of(state)], parts_of(own_state), case.dtype)


def alone_state(state):
    if isinstance(state, tuple):
        return tuple(part.squeeze(1) for part in state)
    return None if state is None else state.squeeze(1)


@given(cases(form="packed unsorted", stated=False), st.randoms(use_true_random=False))
def test_the_order_of_the_texts_in_a_batch_does_not_matter(case, random):
    order = list(range(len(case.lengths)))
    random.shuffle(order)
    texts, module = case.texts(), case.module()
    one, other = case.laid(texts), case.laid([texts[place] for place in order])
    first = signals_apart(case, one, captured(case, module, one)[2])
    second = signals_apart(case, other, captured(case, module, other)[2])
    for place, text in enumerate(order):
        assert_all_near(second[place], first[text], case.dtype)


@given(cases(form=BATCHED, stated=False))
def test_the_company_of_a_text_does_not_matter(case):
    texts, module, inputs = case.texts(), case.module(), case.inputs()
    together = signals_apart(case, inputs, captured(case, module, inputs)[2])
    alone = case.having(form="alone")
    for text, found in zip(texts, together, strict=True):
        assert_all_near(captured(alone, module, text)[2], found, case.dtype)


@given(cases(form="packed unsorted"))
def test_each_text_of_a_packed_batch_starts_from_its_own_state(case):
    inputs, state = case.inputs(), case.state()
    _, final, found = captured(case)
    alone = case.having(form="alone")
    for text, own in enumerate(signals_apart(case, inputs, found)):
        start = None if state is None else tuple(part[:, text] for part in parts_of(state))
        start = start if case.kind == "lstm" or start is None else start[0]
        _, last, wanted = captured(alone, inputs=case.texts()[text], state=start)
        assert_all_near(own, wanted, case.dtype)
        assert_all_near([part[:, text] for part in parts_of(final)], parts_of(last), case.dtype)


@every_kind
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("batch_first", [False, True], ids=["tokens first", "texts first"])
def test_a_batch_without_any_text_gives_what_the_module_gives(kind, way, batch_first):
    case = Case(kind, 2, True, batch_first=batch_first, way=way)
    module = case.module()
    inputs = torch.zeros((0, 5, 3) if batch_first else (5, 0, 3), dtype=case.dtype)
    wanted_output, wanted_state = module(inputs)
    output, state, found = captured(case, module, inputs)
    assert same_bits(output, wanted_output.detach())
    assert [part.shape for part in parts_of(state)] == [part.shape for part in parts_of(wanted_state)]
    assert {values.shape for values in found.values()} == {(2, 2, *inputs.shape[:-1], 4)}


@every_kind
@pytest.mark.parametrize("way", WAYS)
def test_the_final_state_is_taken_at_each_texts_own_end_and_beginning(kind, way):
    case = Case(kind, 1, True, form="packed unsorted", lengths=(2, 5, 1, 5), way=way)
    inputs = case.inputs()
    _, state, found = captured(case)
    names = ("hidden", "cell") if kind == "lstm" else ("hidden",)
    for text, own in enumerate(signals_apart(case, inputs, found)):
        for part, name in zip(parts_of(state), names, strict=True):
            assert torch.equal(part[0, text], own[name][0, 0, -1])
            assert torch.equal(part[1, text], own[name][0, 1, 0])


def test_a_packed_output_is_laid_out_as_its_inputs_are():
    inputs = Case(form="packed unsorted", lengths=(1, 3, 2)).inputs()
    output, _, _ = captured(Case(form="packed unsorted", lengths=(1, 3, 2)))
    assert isinstance(output, PackedSequence)
    assert same_bits(output[1:], inputs[1:])
    assert len(CELLS) == len(MODULES)
