"""Capture against PyTorch's fused modules, its single-step cells, and a plain loop over Python's own floats."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence

from rnnviz import signals
from rnnviz.errors import CaptureError
from rnnviz.instrument import capture

FEATURES, UNITS, TOKENS, TEXTS = 4, 5, 6, 3
KINDS = {
    "tanh": partial(nn.RNN, nonlinearity="tanh"),
    "relu": partial(nn.RNN, nonlinearity="relu"),
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}
FORMS = ("batch", "batch first", "single", "packed", "packed unsorted")
LENGTHS = {"packed": [6, 4, 4, 1], "packed unsorted": [2, 6, 1, 4]}

every_kind = pytest.mark.parametrize("kind", KINDS)
every_form = pytest.mark.parametrize("form", FORMS)
one_and_two_ways = pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "two ways"])


def module_of(kind, layers=1, bidirectional=False, seed=0, **options):
    torch.manual_seed(seed)
    module = KINDS[kind](FEATURES, UNITS, layers, bidirectional=bidirectional, **options)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module.eval()


def cell_name(kind):
    return "rnn" if kind in ("tanh", "relu") else kind


def inputs_of(form, seed=1, dtype=torch.float32):
    torch.manual_seed(seed)
    if form == "single":
        return torch.randn(TOKENS, FEATURES, dtype=dtype)
    if form in ("batch", "batch first"):
        return torch.randn(TOKENS, TEXTS, FEATURES, dtype=dtype)
    texts = [torch.randn(length, FEATURES, dtype=dtype) for length in LENGTHS[form]]
    return pack_sequence(texts, enforce_sorted=form == "packed")


def state_of(module, form, seed=2):
    torch.manual_seed(seed)
    ways = module.num_layers * (2 if module.bidirectional else 1)
    texts = {"single": (), "batch": (TEXTS,), "batch first": (TOKENS,)}.get(form, (4,))
    hidden = torch.randn(ways, *texts, module.proj_size or UNITS)
    return (hidden, torch.randn(ways, *texts, UNITS)) if module.mode == "LSTM" else hidden


def values_of(inputs):
    return inputs.data if isinstance(inputs, PackedSequence) else inputs


def assert_same(found, wanted, **tolerance):
    """Compare outputs, states and packed sequences as a user's code meets them: kind, layout and values."""
    assert type(found) is type(wanted)
    if isinstance(wanted, tuple):
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other, **tolerance)
    elif wanted is not None:
        torch.testing.assert_close(found, wanted, **tolerance)


@every_kind
@every_form
@one_and_two_ways
@pytest.mark.parametrize("layers", [1, 2])
def test_output_and_state_are_those_of_the_fused_module(kind, form, bidirectional, layers):
    for bias, stated in itertools.product((True, False), repeat=2):
        module = module_of(kind, layers, bidirectional, bias=bias, batch_first=form == "batch first")
        inputs = inputs_of(form)
        state = state_of(module, form) if stated else None
        wanted_output, wanted_state = module(inputs, state)
        output, final, _ = capture(module, inputs, state)
        assert_same(output, wanted_output)
        assert_same(final, wanted_state)


@every_form
@one_and_two_ways
def test_a_projected_lstm_gives_the_fused_output_and_its_projected_hidden_state(form, bidirectional):
    module = module_of("lstm", 2, bidirectional, proj_size=3, batch_first=form == "batch first")
    inputs, state = inputs_of(form), state_of(module, form)
    wanted_output, wanted_state = module(inputs, state)
    output, final, found = capture(module, inputs, state)
    assert_same(output, wanted_output)
    assert_same(final, wanted_state)
    top = torch.cat(list(found["hidden"][-1]), dim=-1)
    torch.testing.assert_close(top, values_of(wanted_output))
    assert found["cell"].shape[-1] == UNITS


@given(lengths=st.lists(st.integers(1, 7), min_size=1, max_size=6), kind=st.sampled_from(list(KINDS)))
def test_a_packed_batch_of_any_lengths_gives_the_fused_output(lengths, kind):
    module = module_of(kind, 2, True)
    inputs = pack_sequence([torch.randn(length, FEATURES) for length in lengths], enforce_sorted=False)
    wanted_output, wanted_state = module(inputs)
    output, final, _ = capture(module, inputs)
    assert_same(output, wanted_output)
    assert_same(final, wanted_state)


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


def times(matrix, vector, bias):
    return [sum(w * x for w, x in zip(row, vector, strict=True)) + b for row, b in zip(matrix, bias, strict=True)]


def by_hand(kind, module, place, rows, hidden, cell):
    """Every signal of one layer and direction on one text, from the equations in PyTorch's documentation."""
    W, U, b, b_hidden = (
        getattr(module, f"{name}_{place}").tolist() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    found = []
    for x in rows:
        from_input, from_hidden = times(W, x, b), times(U, hidden, b_hidden)
        both = [one + other for one, other in zip(from_input, from_hidden, strict=True)]
        if kind == "lstm":
            i = [sigmoid(both[u]) for u in range(UNITS)]
            f = [sigmoid(both[UNITS + u]) for u in range(UNITS)]
            g = [math.tanh(both[2 * UNITS + u]) for u in range(UNITS)]
            o = [sigmoid(both[3 * UNITS + u]) for u in range(UNITS)]
            cell = [f[u] * cell[u] + i[u] * g[u] for u in range(UNITS)]
            hidden = [o[u] * math.tanh(cell[u]) for u in range(UNITS)]
            found.append({"input": i, "forget": f, "candidate": g, "output": o, "cell": cell, "hidden": hidden})
        elif kind == "gru":
            r = [sigmoid(both[u]) for u in range(UNITS)]
            z = [sigmoid(both[UNITS + u]) for u in range(UNITS)]
            n = [math.tanh(from_input[2 * UNITS + u] + r[u] * from_hidden[2 * UNITS + u]) for u in range(UNITS)]
            hidden = [(1 - z[u]) * n[u] + z[u] * hidden[u] for u in range(UNITS)]
            found.append({"reset": r, "update": z, "candidate": n, "hidden": hidden})
        else:
            hidden = [math.tanh(y) if kind == "tanh" else max(0.0, y) for y in both]
            found.append({"hidden": hidden})
    return found


@every_kind
def test_every_signal_of_every_layer_and_direction_is_what_a_plain_loop_over_floats_computes(kind):
    module = module_of(kind, 2, bidirectional=True).double()
    text = inputs_of("single", dtype=torch.float64)
    hidden = torch.randn(4, UNITS, dtype=torch.float64)
    cell = torch.randn(4, UNITS, dtype=torch.float64)
    _, _, found = capture(module, text, (hidden, cell) if kind == "lstm" else hidden)
    assert set(found) == set(signals.names(cell_name(kind)))
    rows = text.tolist()
    for layer in range(2):
        above = [[] for _ in rows]
        for way, suffix in enumerate(("", "_reverse")):
            start = hidden[2 * layer + way].tolist(), cell[2 * layer + way].tolist()
            read = rows[::-1] if way else rows
            wanted = by_hand(kind, module, f"l{layer}{suffix}", read, *start)
            wanted = wanted[::-1] if way else wanted
            for name, values in found.items():
                for t in range(TOKENS):
                    assert values[layer, way, t].tolist() == pytest.approx(wanted[t][name], abs=1e-12)
            above = [row + list(step["hidden"]) for row, step in zip(above, wanted, strict=True)]
        rows = above


@pytest.mark.parametrize(("kind", "single"), [("tanh", nn.RNNCell), ("gru", nn.GRUCell), ("lstm", nn.LSTMCell)])
def test_states_are_those_that_pytorchs_own_cell_reaches_step_by_step(kind, single):
    module, step = module_of(kind), single(FEATURES, UNITS)
    step.load_state_dict({name.removesuffix("_l0"): value for name, value in module.state_dict().items()})
    inputs, state = inputs_of("batch"), None
    _, _, found = capture(module, inputs)
    for t in range(TOKENS):
        state = step(inputs[t], state)
        hidden, cell = state if kind == "lstm" else (state, None)
        torch.testing.assert_close(found["hidden"][0, 0, t], hidden.detach())
        if kind == "lstm":
            torch.testing.assert_close(found["cell"][0, 0, t], cell.detach())


@every_kind
@one_and_two_ways
def test_a_packed_batch_holds_what_each_text_gives_alone(kind, bidirectional):
    module = module_of(kind, 2, bidirectional)
    texts = [torch.randn(length, FEATURES) for length in (2, 5, 1, 5)]
    packed = pack_sequence(texts, enforce_sorted=False)
    _, _, together = capture(module, packed)
    for name, values in together.items():
        rows = values.movedim(2, 0)
        padded, lengths = pad_packed_sequence(packed._replace(data=rows.flatten(1)), batch_first=True)
        for place, text in enumerate(texts):
            alone = capture(module, text)[2][name]
            own = padded[place, : lengths[place]].unflatten(1, rows.shape[1:]).movedim(0, 2)
            torch.testing.assert_close(own, alone)


@every_kind
def test_padding_filled_with_nan_changes_nothing(kind):
    module = module_of(kind, 2, bidirectional=True)
    texts = [torch.randn(length, FEATURES) for length in (2, 5, 3)]
    lengths = torch.tensor([2, 5, 3])
    padded = pad_sequence(texts, padding_value=float("nan"))
    found = capture(module, pack_padded_sequence(padded, lengths, enforce_sorted=False))
    wanted = capture(module, pack_sequence(texts, enforce_sorted=False))
    assert_same(found[0], wanted[0], rtol=0, atol=0)
    for name, values in found[2].items():
        assert values.isfinite().all()
        assert torch.equal(values, wanted[2][name])


@every_kind
def test_the_backward_direction_reads_the_reversed_text_and_is_stored_in_reading_order(kind):
    module = module_of(kind, bidirectional=True)
    mirrored = KINDS[kind](FEATURES, UNITS)
    weights = module.state_dict()
    mirrored.load_state_dict({name: weights[f"{name}_reverse"] for name in mirrored.state_dict()})
    text = inputs_of("single")
    _, _, both = capture(module, text)
    _, _, alone = capture(mirrored, text.flip(0))
    for name, values in both.items():
        torch.testing.assert_close(values[0, 1], alone[name][0, 0].flip(0))


@every_kind
@one_and_two_ways
def test_each_layer_reads_the_hidden_states_of_the_layer_below(kind, bidirectional):
    module = module_of(kind, 3, bidirectional)
    _, _, found = capture(module, inputs_of("single"))
    for layer in (1, 2):
        below = torch.cat(list(found["hidden"][layer - 1]), dim=-1)
        alone = KINDS[kind](below.shape[-1], UNITS, bidirectional=bidirectional)
        own = {name: value for name, value in module.state_dict().items() if f"_l{layer}" in name}
        alone.load_state_dict({name.replace(f"_l{layer}", "_l0"): value for name, value in own.items()})
        _, _, wanted = capture(alone, below)
        for name, values in found.items():
            torch.testing.assert_close(values[layer], wanted[name][0])


@given(kind=st.sampled_from(list(KINDS)), scale=st.sampled_from([0.0, 1.0, 30.0, 1e4]), seed=st.integers(0, 1_000))
def test_signals_stay_inside_the_range_that_the_legend_promises(kind, scale, seed):
    module = module_of(kind, 2, True, seed=seed)
    _, _, found = capture(module, scale * inputs_of("single", seed))
    for entry in signals.SIGNALS[cell_name(kind)]:
        assert found[entry.name].isfinite().all()
        assert found[entry.name].min() >= entry.low
        assert found[entry.name].max() <= entry.high


@every_kind
@every_form
def test_signals_have_the_axes_of_the_output_and_then_their_unit(kind, form):
    module = module_of(kind, 2, bidirectional=True, batch_first=form == "batch first")
    output, _, found = capture(module, inputs_of(form))
    forward, backward = values_of(output).chunk(2, dim=-1)
    assert torch.equal(found["hidden"][-1, 0], forward)
    assert torch.equal(found["hidden"][-1, 1], backward)
    assert {values.shape for values in found.values()} == {(2, 2, *forward.shape)}


def everything_about(module):
    return {
        "training": [part.training for part in module.modules()],
        "hooks": [len(module._forward_hooks), len(module._forward_pre_hooks), len(module._backward_hooks)],
        "names": sorted(vars(module)),
        "gradients": [parameter.grad.clone() for parameter in module.parameters()],
        "weights": [parameter.detach().clone() for parameter in module.parameters()],
        "learning": [parameter.requires_grad for parameter in module.parameters()],
        "random": torch.get_rng_state(),
        "grad mode": torch.is_grad_enabled(),
    }


def assert_untouched(before, after):
    for name, values in before.items():
        if isinstance(values, list) and isinstance(values[0], torch.Tensor):
            assert all(torch.equal(one, other) for one, other in zip(values, after[name], strict=True)), name
        elif isinstance(values, torch.Tensor):
            assert torch.equal(values, after[name]), name
        else:
            assert values == after[name], name


@every_kind
@pytest.mark.parametrize("training", [False, True])
def test_the_module_and_pytorch_are_left_as_they_were(kind, training):
    module = module_of(kind, 2, True, dropout=0.5).train(training)
    inputs = inputs_of("batch")
    module.eval()(inputs)[0].sum().backward()
    output = module(inputs)[0]
    before = everything_about(module.train(training))
    _, _, found = capture(module, inputs)
    assert_untouched(before, everything_about(module))
    assert torch.equal(module.eval()(inputs)[0], output)
    assert not any(values.requires_grad for values in found.values())


def test_the_module_and_pytorch_are_left_as_they_were_when_the_capture_fails():
    module = module_of("lstm", 2, True, dropout=0.5).train()
    module(inputs_of("batch"))[0].sum().backward()
    before = everything_about(module)
    with pytest.raises(CaptureError):
        capture(module, torch.zeros(TOKENS, FEATURES + 1))
    assert_untouched(before, everything_about(module))


@every_kind
def test_an_initial_state_that_is_passed_in_is_not_written_to(kind):
    module = module_of(kind, 2, True)
    state = state_of(module, "batch")
    parts = state if isinstance(state, tuple) else (state,)
    copies = [part.clone() for part in parts]
    capture(module, inputs_of("batch"), state)
    assert all(torch.equal(part, copy) for part, copy in zip(parts, copies, strict=True))


@every_kind
def test_dropout_between_layers_is_off_even_while_the_module_is_in_training(kind):
    module = module_of(kind, 3, dropout=0.9).train()
    inputs = inputs_of("batch")
    output, _, _ = capture(module, inputs)
    torch.testing.assert_close(output, module.eval()(inputs)[0].detach())


@every_kind
def test_eight_threads_at_once_get_what_one_gets_t63(kind):
    module = module_of(kind, 2, True)
    texts = [inputs_of("single", seed) for seed in range(24)]
    serial = [capture(module, text)[2] for text in texts]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda text: capture(module, text)[2], texts))
    for one, other in zip(together, serial, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in other)


@every_kind
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.bfloat16, 0.05), (torch.float16, 0.005)], ids=str
)
def test_other_kinds_of_numbers_give_the_fused_output_in_their_own_precision(kind, dtype, tolerance):
    module = module_of(kind, 2, True).to(dtype)
    inputs = inputs_of("packed unsorted", dtype=dtype)
    wanted_output, wanted_state = module(inputs)
    output, final, found = capture(module, inputs)
    assert_same(output, wanted_output, rtol=tolerance, atol=tolerance)
    assert_same(final, wanted_state, rtol=tolerance, atol=tolerance)
    assert {values.dtype for values in found.values()} == {dtype}


@every_kind
def test_a_batch_without_any_text_gives_what_the_fused_module_gives(kind):
    module = module_of(kind, 2, True)
    inputs = torch.randn(TOKENS, 0, FEATURES)
    wanted_output, wanted_state = module(inputs)
    output, final, found = capture(module, inputs)
    assert_same(output, wanted_output)
    assert_same(final, wanted_state)
    assert found["hidden"].shape == (2, 2, TOKENS, 0, UNITS)


def objection(*arguments):
    with pytest.raises(CaptureError) as caught:
        capture(*arguments)
    assert isinstance(caught.value, TypeError)
    return str(caught.value)


@pytest.mark.parametrize("module", [nn.Linear(FEATURES, UNITS), nn.LSTMCell(FEATURES, UNITS)])
def test_a_module_that_is_not_recurrent_is_named(module):
    name = type(module).__name__
    wanted = f"capture reads nn.RNN, nn.GRU and nn.LSTM; this is {name}."
    assert objection(module, torch.randn(TOKENS, FEATURES)) == wanted


def test_inputs_that_do_not_fit_are_named_as_they_were_given():
    module = module_of("gru", batch_first=True)
    assert objection(module, torch.randn(3, 6, 9)) == "The inputs have shape (3, 6, 9); this module reads 4 features."
    assert objection(module, torch.randn(FEATURES)) == (
        "The inputs have shape (4,); this module reads [token, feature], batched or not."
    )
    assert objection(module, torch.randn(3, 0, FEATURES)) == (
        "The inputs have shape (3, 0, 4); this module reads at least one token."
    )
    assert objection(module, [1, 2]) == "capture does not support inputs of type list."
    assert objection(module, torch.zeros(6, 4, dtype=torch.long)) == (
        "capture does not support torch.int64 inputs with torch.float32 weights."
    )
    assert objection(module.double(), torch.zeros(6, 4)) == (
        "capture does not support torch.float32 inputs with torch.float64 weights."
    )
    words = pack_sequence([torch.tensor([1, 2, 3])])
    assert objection(module, words).startswith("The inputs have shape (3,);")


def test_an_initial_state_that_does_not_fit_is_named_beside_the_one_that_would():
    gru, lstm = module_of("gru", 2), module_of("lstm", proj_size=2)
    text = inputs_of("batch")
    hidden = torch.zeros(2, TEXTS, UNITS)
    advice = "for these inputs the module starts from"
    assert objection(gru, text, (hidden, hidden)) == (
        f"The initial state is float32 (2, 3, 5) and float32 (2, 3, 5); {advice} float32 (2, 3, 5)."
    )
    assert objection(gru, text, hidden.double()) == (
        f"The initial state is float64 (2, 3, 5); {advice} float32 (2, 3, 5)."
    )
    assert objection(lstm, text, torch.zeros(1, TEXTS, UNITS)) == (
        f"The initial state is float32 (1, 3, 5); {advice} float32 (1, 3, 2) and float32 (1, 3, 5)."
    )
    assert objection(lstm, text, (None, None)) == (
        f"The initial state is NoneType and NoneType; {advice} float32 (1, 3, 2) and float32 (1, 3, 5)."
    )
    assert objection(gru, inputs_of("single"), hidden) == (
        f"The initial state is float32 (2, 3, 5); {advice} float32 (2, 5)."
    )


@pytest.mark.parametrize("form", ["packed", "packed unsorted"])
def test_a_state_for_more_texts_than_a_packed_batch_has_is_refused_and_not_cut(form):
    assert objection(module_of("gru"), inputs_of(form), torch.zeros(1, 7, UNITS)) == (
        "The initial state is float32 (1, 7, 5); for these inputs the module starts from float32 (1, 4, 5)."
    )
