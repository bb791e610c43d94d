"""Modules with a forward of their own: watch sees what PyTorch's kernels compute in it, and breaks no call."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import rnnviz
from rnnviz.errors import CaptureError
from tests.engine.cases import same_bits

INPUTS, LENGTHS = torch.linspace(-1, 1, 90).view(3, 5, 6), torch.tensor([5, 3, 2])


class Packing(nn.LSTM):
    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = super().forward(packed)
        return pad_packed_sequence(output, batch_first=True)[0], state


class OutputAlone(nn.GRU):
    def forward(self, x):
        return super().forward(x)[0]


class NamedParts(nn.RNN):
    def forward(self, *, sequence, mask=None):
        output, state = super().forward(sequence)
        return {"output": output, "state": state}


class LastState(nn.GRU):
    def forward(self, x):
        return super().forward(x)[1][-1]


class Backwards(nn.LSTM):
    def forward(self, x):
        output, state = super().forward(x.flip(1))
        return output.flip(1), state


class Masked(nn.LSTM):
    """Computes with other weights than it has."""

    def forward(self, x, hx=None):
        zero = x.new_zeros(1, len(x), self.hidden_size)
        weights = [self.weight_ih_l0, self.weight_hh_l0 * 0.2, self.bias_ih_l0, self.bias_hh_l0]
        output, hidden, cell = torch.lstm(x, (zero, zero), weights, True, 1, 0.0, False, False, True)
        return output, (hidden, cell)


class InTwoParts(nn.GRU):
    def forward(self, x):
        first, state = super().forward(x[:, :2])
        second, state = super().forward(x[:, 2:], state)
        return torch.cat([first, second], dim=1), state


class StepByStep(nn.GRU):
    def forward(self, x):
        weights = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0
        state, steps = x.new_zeros(len(x), self.hidden_size), []
        for token in x.unbind(1):
            state = torch.gru_cell(token, state, *weights)
            steps.append(state)
        return torch.stack(steps, dim=1), state


FAITHFUL = {
    Packing: lambda module: module(INPUTS, lengths=LENGTHS),
    OutputAlone: lambda module: module(INPUTS),
    NamedParts: lambda module: module(sequence=INPUTS),
    LastState: lambda module: module(INPUTS),
    Backwards: lambda module: module(INPUTS),
    Masked: lambda module: module(INPUTS),
    InTwoParts: lambda module: module(INPUTS),
    StepByStep: lambda module: module(INPUTS),
}


class Residual(nn.LSTM):
    def forward(self, x, hx=None):
        output, state = super().forward(x, hx)
        return output + x.mean(), state


class Halved(nn.GRU):
    def forward(self, x):
        return super().forward(x)[0] / 2


class Dropping(nn.LSTM):
    def forward(self, x):
        output, (hidden, cell) = super().forward(x)
        return nn.functional.dropout(output, 0.5), (hidden, cell)


class InPython(nn.RNN):
    def forward(self, x):
        state, steps = x.new_zeros(len(x), self.hidden_size), []
        for token in x.unbind(1):
            state = torch.tanh(token @ self.weight_ih_l0.T + state @ self.weight_hh_l0.T)
            steps.append(state)
        return torch.stack(steps, dim=1), state


def made(kind, **settings):
    torch.manual_seed(0)
    return kind(6, 8, batch_first=True, **settings)


def values_of(returned):
    parts = returned.values() if isinstance(returned, dict) else [returned]
    found = []
    for part in parts:
        found += [part] if isinstance(part, torch.Tensor) else [value for own in part for value in values_of(own)]
    return [value.detach() for value in found]


@pytest.mark.parametrize("kind", FAITHFUL)
def test_what_the_kernels_in_a_forward_of_its_own_compute_is_seen(kind):
    model, call = nn.ModuleDict({"part": made(kind)}), FAITHFUL[kind]
    plain = values_of(call(model["part"]))
    with rnnviz.watch(model) as seen:
        returned = values_of(call(model["part"]))
    assert same_bits(returned, plain)
    assert "forward" not in vars(model["part"])
    rows = {tuple(row) for part in returned for row in part.reshape(-1, 8).tolist()}
    for reading in seen["part"]:
        assert reading.receipt < 1e-6
        hidden = reading["hidden"].reshape(-1, 8).tolist()
        assert kind is LastState or all(tuple(row) in rows for row in hidden)
    assert len(seen["part"]) == (2 if kind is InTwoParts else 1)


def test_the_signals_are_those_of_the_weights_that_the_kernel_was_given():
    module = made(Masked)
    with rnnviz.watch(module) as seen:
        _, (_, cell) = module(INPUTS)
    plain = nn.LSTM(6, 8, batch_first=True)
    plain.load_state_dict(module.state_dict())
    with torch.no_grad():
        plain.weight_hh_l0.mul_(0.2)
    wanted = rnnviz.capture(plain, INPUTS)[2]
    assert torch.allclose(seen[""][0]["cell"][0, 0][:, -1], cell[0], atol=1e-6)
    for name, values in wanted.items():
        torch.testing.assert_close(seen[""][0][name], values, atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", [Residual, Halved, Dropping])
def test_a_forward_that_changes_what_the_kernel_computed_is_said_and_the_kernels_readings_stay(kind):
    module = made(kind)
    message = rf"receipt of '0' \({kind.__name__}\) does not hold"
    with pytest.raises(CaptureError, match=message), rnnviz.watch(nn.ModuleList([module])) as seen:
        output = values_of(module(INPUTS))[0]
    assert output.shape == (3, 5, 8)
    plain = (nn.GRU if kind is Halved else nn.LSTM)(6, 8, batch_first=True)
    plain.load_state_dict(module.state_dict())
    torch.testing.assert_close(seen["0"][0]["hidden"], rnnviz.capture(plain, INPUTS)[2]["hidden"], atol=1e-6, rtol=0)


def test_a_forward_without_a_kernel_is_refused_at_the_end_by_the_name_of_its_class():
    module, message = made(InPython), r"InPython are not known: .* none of PyTorch's recurrent kernels"
    with pytest.raises(CaptureError, match=message), rnnviz.watch(module) as seen:
        output, _ = module(INPUTS)
    assert output.shape == (3, 5, 8)
    assert seen == {"": []}


@pytest.mark.parametrize("kind", [*FAITHFUL, Residual, Halved, Dropping, InPython])
def test_capture_refuses_a_forward_of_its_own_by_the_name_of_its_class(kind):
    module = made(kind)
    plain = next(own for own in (nn.LSTM, nn.GRU, nn.RNN) if isinstance(module, own)).__name__
    with pytest.raises(CaptureError, match=rf"{kind.__name__} has a forward of its own(.|\n)*plain nn\.{plain}"):
        rnnviz.capture(module, INPUTS)


class Known(nn.LSTM):
    """A subclass that adds settings and methods, and computes as its parent does."""

    def __init__(self, *sizes, note="", **settings):
        super().__init__(*sizes, **settings)
        self.note = note

    def reset(self):
        self.reset_parameters()


def test_a_subclass_without_a_forward_of_its_own_is_read_as_its_parent():
    module = made(Known, note="ours")
    wanted = module(INPUTS)[0]
    assert torch.allclose(rnnviz.capture(module, INPUTS)[0], wanted, atol=1e-6)
    with rnnviz.watch(module) as seen:
        module(INPUTS)
    assert torch.equal(seen[""][0]["hidden"][0, 0], wanted)


def test_a_forward_that_was_put_on_the_module_itself_is_seen_through_and_stays():
    module = made(nn.LSTM)
    pytorchs = module.forward

    def on_doubled(x):  # as libraries do that drop weights out or move inputs
        return pytorchs(2 * x)

    module.forward = on_doubled
    with pytest.raises(CaptureError, match="LSTM has a forward of its own"):
        rnnviz.capture(module, INPUTS)
    with rnnviz.watch(module) as seen:
        output, _ = module(INPUTS)
    assert vars(module)["forward"] is on_doubled
    assert torch.equal(seen[""][0]["hidden"][0, 0], output)
    assert seen[""][0].receipt < 1e-6


def test_a_recurrent_module_inside_of_one_is_seen_under_its_own_name_alone():
    class Outer(nn.LSTM):
        def __init__(self, *sizes, **settings):
            super().__init__(*sizes, **settings)
            self.inner = OutputAlone(6, 6, batch_first=True)

        def forward(self, x):
            return super().forward(self.inner(x))

    module = made(Outer)
    with rnnviz.watch(module) as seen:
        output, _ = module(INPUTS)
    assert {name: len(readings) for name, readings in seen.items()} == {"": 1, "inner": 1}
    assert torch.equal(seen[""][0]["hidden"][0, 0], output)


def test_two_who_watch_at_once_both_see_and_may_end_in_any_order():
    module = made(OutputAlone)
    first, second = rnnviz.watch(module), rnnviz.watch(module)
    one, other = first.__enter__(), second.__enter__()
    module(INPUTS)
    first.__exit__(None, None, None)
    module(INPUTS)
    second.__exit__(None, None, None)
    module(INPUTS)
    assert (len(one[""]), len(other[""])) == (1, 2)
    assert same_bits(one[""][0], other[""][0])


@pytest.mark.parametrize("kind", [Packing, nn.GRU])
def test_a_copy_of_a_watched_model_computes_and_is_not_watched(kind):
    call = FAITHFUL.get(kind, lambda module: module(INPUTS))
    module = made(kind)
    with rnnviz.watch(module) as seen:
        copies = [copy.deepcopy(module), pickle.loads(pickle.dumps(module))]  # noqa: S301 - our own
        found = [values_of(call(own)) for own in copies]
        assert seen == {"": []}
        wanted = values_of(call(module))
    assert same_bits(found, [wanted, wanted])
    assert len(seen[""]) == 1


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_an_exception_in_a_forward_of_its_own_comes_through_and_nothing_is_left(error):
    class Failing(nn.GRU):
        def forward(self, x):
            super().forward(x)
            raise error("inside")

    module = made(Failing)
    with pytest.raises(error), rnnviz.watch(module):
        module(INPUTS)
    assert "forward" not in vars(module)
    assert not module._forward_hooks


def test_whatever_goes_wrong_in_us_does_not_reach_the_models_call(monkeypatch):
    monkeypatch.setattr("rnnviz.engine.watch.laid_out", lambda *_: 1 / 0)
    model = nn.ModuleList([made(nn.GRU), made(OutputAlone)])
    message = r"'0' \(GRU\) are not known.*division by zero"
    with pytest.raises(CaptureError, match=message) as caught, rnnviz.watch(model) as seen:
        outputs = [model[0](INPUTS)[0], model[1](INPUTS)]
    assert torch.equal(*outputs)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert ["'1' (OutputAlone)" in note for note in caught.value.__notes__] == [True]
    assert seen == {"0": [], "1": []}


def test_an_exception_of_the_models_own_is_not_hidden_by_what_could_not_be_read():
    def run(module):
        module(INPUTS)
        raise KeyError("the model's")

    module = made(nn.LSTM, num_layers=2, dropout=0.5)
    with pytest.raises(KeyError, match="the model's"), rnnviz.watch(module):
        run(module)


def test_packed_kernels_have_rows_as_packed():
    module = made(Packing)
    with rnnviz.watch(module) as seen:
        module(INPUTS, LENGTHS)
    packed = pack_padded_sequence(INPUTS, LENGTHS, batch_first=True, enforce_sorted=False)
    assert isinstance(packed, PackedSequence)
    plain = nn.LSTM(6, 8, batch_first=True)
    plain.load_state_dict(module.state_dict())
    wanted = rnnviz.capture(plain, packed)[2]
    assert seen[""][0]["cell"].shape == (1, 1, 10, 8)
    torch.testing.assert_close(seen[""][0]["cell"], wanted["cell"], atol=1e-6, rtol=0)
