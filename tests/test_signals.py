"""The table of signals says of PyTorch's cells what they really do."""

import math
import runpy

import pytest
import torch
from hypothesis import given, strategies as st

from rnnviz.engine import cells
from rnnviz.engine.capture import capture
from rnnviz.errors import SelectionError
from rnnviz.signals import SIGNALS, Signal, limits, memory, names, signal

MODULES = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}
UNBOUNDED = signal("lstm", "cell")


def run(cell: str, scale: float = 3.0) -> tuple[torch.nn.RNNBase, torch.Tensor]:
    torch.manual_seed(0)
    module = MODULES[cell](4, 5)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=scale)
    return module, torch.randn(30, 4)


@pytest.mark.parametrize("cell", SIGNALS)
def test_the_table_names_just_what_is_captured_and_each_stays_in_its_range(cell):
    module, inputs = run(cell)
    _, _, found = capture(module, inputs)
    assert set(found) == set(names(cell))
    for entry in SIGNALS[cell]:
        values = found[entry.name]
        assert values.min() >= entry.low
        assert values.max() <= entry.high


@pytest.mark.parametrize("cell", SIGNALS)
def test_what_the_table_calls_a_gate_is_never_negative_and_other_signals_are(cell):
    module, inputs = run(cell)
    _, _, found = capture(module, inputs)
    assert {name for name in names(cell) if signal(cell, name).is_gate} == {
        name for name, values in found.items() if values.min() >= 0
    }


@pytest.mark.parametrize("cell", SIGNALS)
def test_the_memory_is_the_state_that_pytorch_hands_on(cell):
    module, inputs = run(cell)
    _, state = module(inputs)
    carried = state[1] if cell == "lstm" else state
    _, _, found = capture(module, inputs)
    torch.testing.assert_close(found[memory(cell)][0, 0, -1], carried[0])


def test_an_update_gate_of_one_keeps_the_whole_old_state():
    module, inputs = run("gru", scale=0.1)
    with torch.no_grad():
        module.bias_ih_l0.view(3, -1)[1] = 100.0  # PyTorch stacks reset, update, candidate
    before = torch.randn(1, 5)
    output, _, found = capture(module, inputs, before)
    assert found["update"].min() == 1.0
    torch.testing.assert_close(output, before.expand(30, 5))


def test_a_signal_that_pytorch_does_not_stack_but_gates_has_is_an_error_at_import(monkeypatch):
    extra = Signal("extra", "e", -1.0, 1.0, "what follows from the others")
    monkeypatch.setitem(SIGNALS, "gru", (extra, *SIGNALS["gru"]))
    with pytest.raises(RuntimeError, match=r"'gru': 3.*'gru': \('extra', 'reset', 'update', 'candidate'\)"):
        runpy.run_path(cells.__file__)


def test_a_misspelt_signal_is_answered_with_the_cell_s_own_names():
    with pytest.raises(SelectionError) as caught:
        signal("gru", "forget")
    assert str(caught.value).startswith("There is no signal 'forget'; choose one of reset, update, candidate, hidden.")


@given(st.lists(st.floats(width=32)))
def test_an_unbounded_scale_reaches_the_next_round_number_and_no_further(values):
    low, high = limits(UNBOUNDED, values)
    assert low == -high
    assert math.frexp(high)[0] in (0.5, 0.75)  # a power of two, or one and a half times one
    finite = [abs(value) for value in values if math.isfinite(value)]
    assert all(value <= high for value in finite)
    next_smaller = high / 1.5 if math.frexp(high)[0] == 0.75 else 0.75 * high
    assert high == 1.0 or next_smaller < max(finite)


@given(st.lists(st.floats()))
def test_a_bounded_scale_is_the_signal_s_own_whatever_the_text(values):
    assert limits(signal("lstm", "forget"), values) == (0.0, 1.0)
    assert limits(signal("gru", "hidden"), values) == (-1.0, 1.0)


def test_a_scale_just_above_a_power_of_two_holds_its_largest_value():
    largest = math.nextafter(8.0, 9.0)  # whose logarithm rounds to exactly 3
    assert limits(UNBOUNDED, [largest]) == (-12.0, 12.0)
