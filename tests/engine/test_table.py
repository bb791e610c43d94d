"""A vocabulary table in place of embedding rows changes the cost and nothing else."""

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import rnnviz
from rnnviz.errors import CaptureError
from tests.engine.cases import (
    CHECKED,
    MODULES,
    WAYS,
    Case,
    as_shipped,
    assert_all_near,
    captured,
    cases,
    parts_of,
    rows_of,
    same_bits,
    the_lane_of,
)

WORDS = 11
every_way = pytest.mark.parametrize("way", WAYS)


def embedding_of(case):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case.seed)
        return nn.Embedding(WORDS, case.features, padding_idx=1).to(case.dtype)


def ids_of(case, lengths=None):
    generator = torch.Generator().manual_seed(case.seed)
    return [torch.randint(WORDS, (length,), generator=generator) for length in lengths or case.lengths]


def laid(case, ids):
    """Ids as the module would take their rows, without the last axis."""
    if case.form.startswith("packed"):
        return pack_sequence(ids, enforce_sorted=case.form == "packed")
    return case.laid(ids)


def embedded(embedding, ids):
    return ids._replace(data=embedding(ids.data)) if isinstance(ids, PackedSequence) else embedding(ids)


@torch.no_grad()
def with_and_without(case):
    module, embedding, ids = case.module(), embedding_of(case), laid(case, ids_of(case))
    table = rnnviz.vocabulary_table(embedding, module)
    with the_lane_of(case.way), as_shipped(max(case.lengths) > CHECKED):
        looked_up = rnnviz.capture(module, ids, case.state(), table=table, **WAYS[case.way])
    return looked_up, captured(case, module, embedded(embedding, ids), case.state())


@given(cases())
@settings(max_examples=80)
def test_ids_and_a_table_give_what_the_embedding_rows_give(case):
    (output, state, found), (wanted_output, wanted_state, wanted) = with_and_without(case)
    assert type(output) is type(wanted_output)
    assert_all_near(output, wanted_output, case.dtype)
    assert_all_near(parts_of(state), parts_of(wanted_state), case.dtype)
    assert list(found) == list(wanted)
    assert_all_near(found, wanted, case.dtype)


@given(cases(features=st.just(8), units=st.sampled_from((16, 32)), form="packed", lengths=st.just([20, 20, 9])))
def test_the_recovered_output_is_the_same_to_the_bit(case):
    looked_up, wanted = with_and_without(case.by("recover"))
    assert same_bits(looked_up[0], wanted[0])


@every_way
def test_a_table_serves_every_batch_and_is_not_written_to(way):
    case = Case("lstm", 2, True, form="packed unsorted", lengths=(3, 5), way=way)
    module, embedding = case.module(), embedding_of(case)
    table = rnnviz.vocabulary_table(embedding, module)
    batches = [laid(case, ids_of(case.having(seed=seed))) for seed in (1, 2, 1)]
    found = [rnnviz.capture(module, ids, table=table, **WAYS[way]) for ids in batches]
    assert same_bits(found[0], found[2])
    assert not same_bits(found[0], found[1])
    with torch.no_grad():
        assert_all_near(found[1][2], captured(case, module, embedded(embedding, batches[1]))[2], case.dtype)


def test_ids_of_32_bits_are_read_as_well():
    case = Case("gru")
    module, ids = case.module(), laid(case, ids_of(case))
    table = rnnviz.vocabulary_table(embedding_of(case), module)
    assert same_bits(rnnviz.capture(module, ids.int(), table=table), rnnviz.capture(module, ids, table=table))


def test_a_table_asks_for_no_gradients_and_leaves_embedding_and_module_as_they_were():
    case = Case("gru", 2, True)
    module, embedding = case.module(), embedding_of(case)
    weights = [value.detach().clone() for value in (*module.parameters(), *embedding.parameters())]
    output, _, found = rnnviz.capture(
        module, laid(case, ids_of(case)), table=rnnviz.vocabulary_table(embedding, module)
    )
    assert not any(values.requires_grad for values in (rows_of(output), *found.values()))
    after = [*module.parameters(), *embedding.parameters()]
    assert all(value.requires_grad and value.grad is None for value in after)
    assert same_bits([value.detach() for value in after], weights)


@pytest.mark.parametrize("kind", MODULES)
def test_gradients_flow_into_the_state_through_a_table(kind):
    case = Case(kind, 2, form="batch", stated=True)
    module, embedding, ids, state = case.module(), embedding_of(case), laid(case, ids_of(case)), case.state()
    parts = tuple(part.requires_grad_() for part in parts_of(state))
    table = rnnviz.vocabulary_table(embedding, module)
    found = torch.autograd.grad(rnnviz.capture(module, ids, state, table=table)[0].sum(), parts)
    wanted = torch.autograd.grad(module(embedding(ids), state)[0].sum(), parts)
    assert_all_near(found, wanted, case.dtype)


@pytest.mark.parametrize("form", ["alone", "batch", "packed"])
@pytest.mark.parametrize("wrong", [-1, WORDS, 10**9])
@every_way
def test_an_id_that_is_no_word_of_the_table_is_refused(form, wrong, way):
    case = Case("gru", form=form, lengths=(3,), way=way)
    module = case.module()
    ids = laid(case, [torch.tensor([2, wrong, 3])])
    table = rnnviz.vocabulary_table(embedding_of(case), module)
    with pytest.raises(CaptureError, match=f"{WORDS} words"):
        rnnviz.capture(module, ids, table=table, **WAYS[way])


def test_rows_where_a_table_wants_ids_and_ids_without_a_table_are_refused():
    case = Case("gru")
    module = case.module()
    table = rnnviz.vocabulary_table(embedding_of(case), module)
    for inputs in (case.inputs(), case.inputs()[..., 0], [1, 2], torch.zeros((), dtype=torch.long)):
        with pytest.raises(CaptureError):
            rnnviz.capture(module, inputs, table=table)
    with pytest.raises(CaptureError):
        rnnviz.capture(module, laid(case, ids_of(case)))


@pytest.mark.parametrize(
    "other",
    [
        Case("gru", features=5),
        Case("gru", units=5),
        Case("gru", two_ways=True),
        Case("lstm"),
        Case("gru", dtype=torch.float32),
    ],
    ids=["features", "units", "directions", "kind", "numbers"],
)
def test_a_table_made_for_another_module_is_refused(other):
    table = rnnviz.vocabulary_table(embedding_of(other), other.module())
    case = Case("gru")
    with pytest.raises(CaptureError):
        rnnviz.capture(case.module(), laid(case, ids_of(case)), table=table)


def test_a_table_needs_a_recurrent_module_and_an_embedding_as_wide_as_it_reads():
    case = Case("gru")
    with pytest.raises(CaptureError, match="Linear"):
        rnnviz.vocabulary_table(embedding_of(case), nn.Linear(3, 4))
    with pytest.raises(CaptureError, match="3 features"):
        rnnviz.vocabulary_table(nn.Embedding(WORDS, 4), case.module())
    with pytest.raises(CaptureError, match="float32"):
        rnnviz.vocabulary_table(nn.Embedding(WORDS, 3), case.module())
