"""watch sees every recurrent module of a model that knows nothing of rnnviz, and nobody can tell that it did."""

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz
from rnnviz.errors import CaptureError
from tests.engine.cases import MODULES, Case, assert_all_near, captured, cases, parts_of, rows_of, same_bits
from tests.engine.test_untouched import assert_untouched, everything_about

LENGTHS = torch.tensor([3, 6, 1])


class Reader(nn.Module):
    """Reads packed texts both ways in two layers, and then what came out of that, padded, two times over."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.encoder = nn.Sequential(nn.LSTM(4, 5, 2, batch_first=True, bidirectional=True, dropout=dropout))
        self.decoder = nn.GRU(10, 6)
        self.never = nn.RNN(2, 2)
        self.head = nn.Linear(6, 2)

    def forward(self, ids: torch.Tensor, fail: bool = False) -> torch.Tensor:
        packed = pack_padded_sequence(self.embedding(ids), LENGTHS, batch_first=True, enforce_sorted=False)
        output, _ = self.encoder[0](packed)
        if fail:
            raise KeyError("inside the model")
        padded, _ = pad_packed_sequence(output)
        first, state = self.decoder(padded)
        _, state = self.decoder(input=padded.flip(0), hx=state)
        return self.head(state[-1] + first.mean(0))


def reader(**options):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Reader(**options).eval()


IDS = torch.arange(18).view(3, 6) % 9


def test_every_call_of_every_recurrent_module_is_seen_with_the_signals_that_capture_gives():
    model = reader()
    with rnnviz.watch(model) as seen:
        model(IDS)
    assert {name: len(calls) for name, calls in seen.items()} == {"encoder.0": 1, "decoder": 2, "never": 0}
    packed = pack_padded_sequence(model.embedding(IDS), LENGTHS, batch_first=True, enforce_sorted=False)
    output, _, wanted = rnnviz.capture(model.encoder[0], packed)
    assert_all_near(seen["encoder.0"][0], wanted, torch.float32)
    padded, _ = pad_packed_sequence(output)
    _, state, first = rnnviz.capture(model.decoder, padded)
    _, _, second = rnnviz.capture(model.decoder, padded.flip(0), state)
    assert_all_near(seen["decoder"], [first, second], torch.float32)


@given(cases(training=st.just(False)), st.booleans())
@settings(max_examples=80)
def test_whatever_a_module_is_called_with_watch_sees_the_signals_that_capture_gives(case, named):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.part = case.module()

        def forward(self, inputs, state):
            return self.part(input=inputs, hx=state) if named else self.part(inputs, state)

    model, inputs, state = Model().eval(), case.inputs(), case.state()
    plain = model(inputs, state)
    with rnnviz.watch(model) as seen:
        watched = model(inputs, state)
    assert same_bits(watched, plain)
    (found,) = seen["part"]
    assert_all_near(found, captured(case.by("walk"), model.part, inputs, state)[2], case.dtype)
    assert same_bits(torch.cat(list(found["hidden"][-1]), dim=-1), rows_of(plain[0]).detach())
    assert not any(values.requires_grad for values in found.values())


@pytest.mark.parametrize("kind", MODULES)
def test_a_model_that_is_itself_recurrent_can_be_watched(kind):
    case = Case(kind)
    module = case.module()
    with rnnviz.watch(module) as seen:
        module(case.inputs())
        module(case.inputs() + 1)
    assert_all_near(seen[""][0], captured(case)[2], case.dtype)
    assert not same_bits(seen[""][1], seen[""][0])


def test_signals_can_be_read_while_the_model_is_still_watched():
    model = reader()
    with rnnviz.watch(model) as seen:
        assert seen == {"encoder.0": [], "decoder": [], "never": []}
        model(IDS)
        assert len(seen["decoder"]) == 2
        model(IDS)
        assert len(seen["decoder"]) == 4
    model(IDS)
    assert len(seen["decoder"]) == 4
    assert same_bits(seen["decoder"][:2], seen["decoder"][2:])


@pytest.mark.parametrize("gradients", [True, False])
def test_the_model_and_pytorch_are_left_as_they_were(gradients):
    model = reader()
    model(IDS).sum().backward()
    calls = []
    handle = model.decoder.register_forward_hook(lambda *_: calls.append("a hook of the model's own"))
    before = everything_about(model)
    with torch.set_grad_enabled(gradients):
        with rnnviz.watch(model):
            model(IDS)
        before["PyTorch"][0] = gradients
        assert_untouched(before, model)
    model(IDS)
    assert len(calls) == 4
    handle.remove()


def interrupted(model):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("error", "run", "calls"),
    [
        (KeyError, lambda model: model(IDS, fail=True), 1),
        (RuntimeError, lambda model: model.decoder(torch.zeros(3, 3, 3)), 0),
        (ZeroDivisionError, lambda model: 1 / 0, 0),
        (KeyboardInterrupt, interrupted, 0),
    ],
    ids=["inside the model", "inside the module", "outside of it", "an interruption"],
)
def test_the_model_is_left_as_it_was_after_an_exception(error, run, calls):
    model = reader()
    model(IDS).sum().backward()
    before = everything_about(model)
    with pytest.raises(error), rnnviz.watch(model) as seen:
        run(model)
    assert {name: len(found) for name, found in seen.items()} == {"encoder.0": calls, "decoder": 0, "never": 0}
    assert_untouched(before, model)
    model(IDS)
    assert len(seen["encoder.0"]) == calls


def test_dropout_between_layers_while_training_is_refused_by_name_and_the_model_is_left_as_it_was():
    model = reader(dropout=0.25).train()
    before = everything_about(model)
    match = r"'encoder\.0' \(LSTM\).*dropout of 0\.25 between layers while training.*\n.*\.eval\(\)"
    with pytest.raises(CaptureError, match=match), rnnviz.watch(model) as seen:
        output = model(IDS)
    assert output.shape == (3, 2)  # its own call came to its end
    assert {name: len(calls) for name, calls in seen.items()} == {"encoder.0": 0, "decoder": 2, "never": 0}
    before["random"] = [torch.get_rng_state()]  # the model itself has drawn
    assert_untouched(before, model)
    with rnnviz.watch(model.eval()) as seen:
        model(IDS)
    assert len(seen["encoder.0"]) == 1


@pytest.mark.parametrize("training", [True, False])
def test_a_step_of_training_under_watch_is_the_same_to_the_last_bit(training):
    def step(model, watched):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            optimizer = torch.optim.Adam(model.parameters())
            if watched:
                with rnnviz.watch(model) as seen:
                    loss = model(IDS).square().sum()
                    loss.backward()
                assert len(seen["decoder"]) == 2
            else:
                loss = model(IDS).square().sum()
                loss.backward()
            gradients = [value.grad for value in model.parameters() if value.grad is not None]
            optimizer.step()
            return [loss.detach(), *gradients, *(value.detach() for value in model.parameters()), torch.rand(3)]

    assert same_bits(step(reader().train(training), watched=True), step(reader().train(training), watched=False))


def test_what_was_seen_stays_when_the_model_learns_on_and_its_output_is_written_to():
    model = reader()
    with rnnviz.watch(model) as seen, torch.no_grad():
        output, _ = model.decoder(torch.ones(2, 1, 10))
    copy = {name: values.clone() for name, values in seen["decoder"][0].items()}
    with torch.no_grad():
        output.fill_(3.0)
        for parameter in model.parameters():
            parameter.zero_()
    assert same_bits(seen["decoder"][0], copy)


def test_a_module_that_has_two_names_is_seen_once_under_the_first():
    model = nn.ModuleDict({"first": nn.GRU(3, 4)})
    model["second"] = model["first"]
    with rnnviz.watch(model) as seen:
        model["second"](torch.zeros(2, 3))
    assert {name: len(calls) for name, calls in seen.items()} == {"first": 1}


def test_a_model_may_be_watched_by_two_at_once_and_again_later():
    model = reader()
    with rnnviz.watch(model) as outer:
        with rnnviz.watch(model.decoder) as inner:
            model(IDS)
        model(IDS)
    assert len(outer["decoder"]) == 4
    assert len(inner[""]) == 2
    assert same_bits(inner[""], outer["decoder"][:2])


def test_what_a_module_computes_is_seen_although_a_hook_of_the_model_puts_something_else_in_its_place():
    model, inputs = nn.Sequential(nn.GRU(3, 4)), torch.ones(5, 2, 3)
    wanted = rnnviz.capture(model[0], inputs)[2]
    handle = model[0].register_forward_hook(lambda module, given, returned: returned[1].flatten())
    with rnnviz.watch(model) as seen:
        model(inputs)
    handle.remove()
    assert_all_near(seen["0"][0], wanted, torch.float32)


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_model_that_runs_without_gradients_is_seen_as_well(kind, mode):
    case = Case(kind, 2, True, form="packed unsorted", lengths=(1, 3))
    module = case.module()
    with mode(), rnnviz.watch(module) as seen:
        module(case.inputs())
    assert_all_near(seen[""][0], captured(case)[2], case.dtype)


@pytest.mark.parametrize("model", [nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU())], ids=["one", "many"])
def test_a_model_without_a_recurrent_module_is_refused(model):
    with pytest.raises(CaptureError) as caught, rnnviz.watch(model):
        pytest.fail("the block may not run")
    assert type(model).__name__ in str(caught.value)
    assert parts_of(caught.value.key) == ("watch_nothing",)
