"""Every signal is what the equations give: against the oracle, against one another, and where the answer is known."""

import math

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn

from rnnviz import signals
from tests.engine.cases import (
    MODULES,
    WAYS,
    Case,
    apart,
    assert_all_near,
    assert_near,
    captured,
    cases,
    evaluating,
    oracle_reading,
    oracle_start,
    parts_of,
    rows_of,
    same_bits,
    signals_apart,
)

every_kind = pytest.mark.parametrize("kind", MODULES)
every_way = pytest.mark.parametrize("way", WAYS)
ONE_TEXT = st.sampled_from(((5,), (1,), (2,), (64,)))
SMALL_OR_LARGE = st.sampled_from((torch.float64, torch.float32))


@given(cases())
@settings(max_examples=100)
def test_every_signal_of_every_layer_and_direction_is_what_a_plain_loop_over_floats_computes(case):
    assert_signals_of_the_oracle(case)


@given(cases(form=st.sampled_from(("alone", "packed")), lengths=ONE_TEXT, dtype=SMALL_OR_LARGE, projection=0))
@settings(max_examples=80)
def test_so_it_is_for_a_text_alone_which_is_walked_by_loops_of_its_own(case):
    assert_signals_of_the_oracle(case)


def assert_signals_of_the_oracle(case):
    if (
        case.dtype.itemsize == 2
    ):  # what rounding leaves in a state adds up: 8e-2 after 64 tokens, in PyTorch's own module too
        case = case.having(lengths=tuple(min(length, 12) for length in case.lengths))
    module, inputs = case.module(), case.inputs()
    wanted = [oracle_reading(case, module, text) for text in range(len(case.lengths))]
    for way in case.ways():
        _, state, found = captured(case.by(way), module, inputs, case.state())
        assert list(found) == list(signals.names(case.cell))
        for text, own in enumerate(signals_apart(case, inputs, found)):
            assert_all_near(own, wanted[text][0], case.dtype)
            last = [part if case.form == "alone" else part[:, text] for part in parts_of(state)]
            assert_all_near(last, wanted[text][1], case.dtype)


@given(cases())
@settings(max_examples=100)
def test_gates_recompute_the_state(case):
    if case.cell == "rnn":
        return
    module, inputs = case.module(), case.inputs()
    for text, own in enumerate(signals_apart(case, inputs, captured(case, module)[2])):
        own = {name: values.double() for name, values in own.items()}
        memory = own[signals.memory(case.cell)]
        start = oracle_start(case, case.state(), text)
        first = torch.tensor([state[signals.memory(case.cell)] for state in start], dtype=torch.float64)
        before = memories_before(case, memory, first)
        if case.cell == "gru":
            assert_near((1 - own["update"]) * own["candidate"] + own["update"] * before, memory, case.dtype)
            continue
        assert_near(own["forget"] * before + own["input"] * own["candidate"], memory, case.dtype)
        shown = own["output"] * memory.tanh()
        if case.projection:
            projections = [value.detach().double() for name, value in module.named_parameters() if "weight_hr" in name]
            shown = shown @ torch.stack(projections).unflatten(0, shown.shape[:2]).mT
        assert_near(shown, own["hidden"], case.dtype)


def memories_before(case, memory, first):
    """The memory [layer, direction, token, unit] that each token met, with the initial state at each way's own end."""
    first = first.unflatten(0, memory.shape[:2]).unsqueeze(2)
    before = [torch.cat([first[:, 0], memory[:, 0, :-1]], dim=1)]
    if case.two_ways:
        before.append(torch.cat([memory[:, 1, 1:], first[:, 1]], dim=1))
    return torch.stack(before, dim=1)


@given(cases(), st.sampled_from((0.0, 1.0, 30.0, 1e4)))
@settings(max_examples=80)
def test_signals_stay_inside_the_range_that_the_legend_promises(case, scale):
    module = case.module()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(scale if case.kind != "relu" else min(scale, 1.0))
    _, _, found = captured(case.having(stated=False), module, case.laid([scale * text for text in case.texts()]))
    for entry in signals.SIGNALS[case.cell]:
        if entry.name == "hidden" and case.projection:  # a projection has no bounds
            continue
        assert found[entry.name].isfinite().all()
        assert found[entry.name].min() >= entry.low
        assert found[entry.name].max() <= entry.high


@pytest.mark.parametrize(("kind", "single"), [("tanh", nn.RNNCell), ("gru", nn.GRUCell), ("lstm", nn.LSTMCell)])
@every_way
def test_states_are_those_that_pytorchs_own_cell_reaches_step_by_step(kind, single, way):
    case = Case(kind, way=way, lengths=(9, 9))
    module, step = case.module(), single(case.features, case.units).double()
    step.load_state_dict({name.removesuffix("_l0"): value for name, value in module.state_dict().items()})
    inputs, state = case.inputs(), None
    _, _, found = captured(case)
    for t, row in enumerate(inputs):
        state = step(row, state)
        hidden, cell = state if kind == "lstm" else (state, None)
        assert_near(found["hidden"][0, 0, t], hidden, case.dtype)
        if kind == "lstm":
            assert_near(found["cell"][0, 0, t], cell, case.dtype)


@given(cases(layers=st.integers(2, 3), stated=False))
def test_each_layer_reads_the_hidden_states_of_the_layer_below(case):
    module, inputs = case.module(), case.inputs()
    _, _, found = captured(case, module)
    weights = module.state_dict()
    for layer in range(1, case.layers):
        below = torch.cat(list(found["hidden"][layer - 1]), dim=-1)
        alone = case.having(layers=1, features=below.shape[-1], dropout=0.0)
        own = {name.replace(f"_l{layer}", "_l0"): value for name, value in weights.items() if f"_l{layer}" in name}
        chained = alone.module()
        chained.load_state_dict(own)
        read = below if isinstance(inputs, torch.Tensor) else inputs._replace(data=below)
        _, _, wanted = captured(alone, chained, read)
        for name, values in found.items():
            assert_near(values[layer], wanted[name][0], case.dtype)


@given(cases(two_ways=True, stated=False))
def test_reading_backwards_with_exchanged_directions_mirrors_everything(case):
    module, texts = case.module(), case.texts()
    mirrored = case.module()
    mirrored.load_state_dict(dict(exchanged(module, case.projection or case.units)))
    turned = case.laid([text.flip(0) for text in texts])
    plain = signals_apart(case, case.inputs(), captured(case, module, case.inputs())[2])
    mirror = signals_apart(case, turned, captured(case, mirrored, turned)[2])
    for one, other in zip(plain, mirror, strict=True):
        assert_all_near({name: values.flip(1, 2) for name, values in other.items()}, one, case.dtype)


def exchanged(module, width):
    """The weights with the two directions exchanged, also where a layer reads them side by side."""
    for name, value in module.state_dict().items():
        if name.startswith("weight_ih") and "_l0" not in name:
            value = torch.cat([value[:, width:], value[:, :width]], dim=1)
        yield name.removesuffix("_reverse") if name.endswith("_reverse") else f"{name}_reverse", value


@every_kind
@every_way
@pytest.mark.parametrize("form", ["alone", "batch", "packed unsorted"])
def test_without_weights_every_gate_is_half_open_and_nothing_is_written(kind, way, form):
    case = Case(kind, 2, True, form=form, lengths=(4, 4), dtype=torch.float32, way=way)
    module = case.module()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    output, _, found = captured(case, module, case.inputs())
    for entry in signals.SIGNALS[case.cell]:
        assert (found[entry.name] == (0.5 if entry.is_gate else 0.0)).all()
    assert (rows_of(output) == 0.0).all()


def with_gate(case, gate, bias):
    """The case's module, with one gate's bias as given. PyTorch stacks an LSTM's gates i f g o, a GRU's r z n."""
    module = case.module()
    place = {"input": 0, "forget": 1, "output": 3, "reset": 0, "update": 1}[gate]
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.startswith("bias_ih"):
                parameter.view(-1, case.units)[place] = bias
    return module


@every_way
@pytest.mark.parametrize("huge", [math.inf, 1e30, 1e4])
@pytest.mark.parametrize("form", ["alone", "batch", "packed unsorted"])
def test_a_forget_gate_held_open_and_an_input_gate_held_shut_keep_the_cell(form, huge, way):
    case = Case("lstm", 1, True, form=form, lengths=(5, 5), stated=True, dtype=torch.float32, way=way)
    module = with_gate(case, "forget", huge)
    shut = with_gate(case, "input", -huge)
    for place, parameter in module.named_parameters():
        if place.startswith("bias_ih"):
            parameter.data[: case.units] = shut.get_parameter(place).data[: case.units]
    _, (_, cell), found = captured(case, module)
    first = parts_of(case.state())[1]
    assert torch.equal(cell, first)
    assert (found["forget"] == 1.0).all()
    assert (found["input"] == 0.0).all()
    for text, own in enumerate(signals_apart(case, case.inputs(), found)):
        start = first if form == "alone" else first[:, text]
        assert (own["cell"][0] == start[:, None]).all()


@every_way
@pytest.mark.parametrize("form", ["alone", "batch", "packed unsorted"])
def test_an_update_gate_held_open_keeps_the_state_of_a_gru(form, way):
    case = Case("gru", 1, True, form=form, lengths=(5, 5), stated=True, dtype=torch.float32, way=way)
    output, state, found = captured(case, with_gate(case, "update", math.inf))
    assert (found["update"] == 1.0).all()
    assert_near(state, case.state(), case.dtype)
    for text, own in enumerate(apart(case, case.inputs(), rows_of(output))):
        start = case.state() if form == "alone" else case.state()[:, text]
        assert_near(own, start.flatten().expand_as(own), case.dtype)


@every_way
@pytest.mark.parametrize("form", ["alone", "batch", "packed unsorted"])
def test_a_shut_output_gate_shows_nothing_and_a_shut_reset_gate_lets_the_candidate_forget(form, way):
    shut = Case("lstm", 2, True, form=form, lengths=(5, 5), stated=True, dtype=torch.float32, way=way)
    _, _, found = captured(shut, with_gate(shut, "output", -math.inf))
    assert (found["hidden"] == 0.0).all()
    case = shut.having(kind="gru", layers=1)
    module = with_gate(case, "reset", -math.inf)
    _, _, stated = captured(case, module)
    _, _, unstated = captured(case, module, case.inputs())
    assert (stated["reset"] == 0.0).all()
    assert_near(stated["candidate"], unstated["candidate"], case.dtype)


@every_kind
@every_way
@pytest.mark.parametrize("form", ["alone", "batch", "batch, texts first", "packed", "packed unsorted"])
def test_every_number_stands_at_its_own_text_token_and_unit(kind, way, form):
    """Without recurrence a signal is a function of its own token, so a token can be read off it."""
    form, *texts_first = form.split(",")
    lengths = {"alone": (5,), "batch": (4, 4, 4), "packed": (6, 4, 4, 1), "packed unsorted": (2, 6, 1, 4, 4)}[form]
    case = Case(kind, 1, True, form=form, lengths=lengths, batch_first=bool(texts_first), features=1, way=way)
    module = case.module()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            steepness = torch.arange(1.0, 1.0 + parameter.numel(), dtype=case.dtype).view_as(parameter)
            parameter.copy_(steepness / 100 if name.startswith("weight_ih") else 0 * steepness)
    markers = [torch.arange(length) + 10.0 * text + 1 for text, length in enumerate(lengths)]
    inputs = case.laid([marker[:, None].to(case.dtype) / 60 for marker in markers])
    name = {"lstm": "candidate", "gru": "candidate"}.get(kind, "hidden")
    undo = torch.atanh if kind != "relu" else torch.clone
    for marker, own in zip(markers, signals_apart(case, inputs, captured(case, module, inputs)[2]), strict=True):
        block = 2 * case.units if kind in ("lstm", "gru") else 0  # the gates that stand above the candidate
        steepness = (torch.arange(case.units) + block + 1.0) / 100
        for way_found in undo(own[name][0]):
            torch.testing.assert_close(way_found / steepness * 60, marker[:, None].expand(-1, case.units).double())


@given(cases(dropout=0.5, training=True, layers=st.integers(2, 3)))
def test_dropout_between_layers_is_off_and_stays_what_it_was(case):
    module = case.module()
    found = captured(case, module)
    assert module.training
    assert module.dropout == 0.5
    with evaluating(module):
        assert same_bits(captured(case, module), found)
