"""What a module computes counts, not its attributes: weights that are made before each call, and nothing is moved."""

import copy
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune, spectral_norm, weight_norm

import rnnviz
from rnnviz.errors import CaptureError
from tests.engine.cases import same_bits

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
KINDS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
INPUTS = torch.linspace(-1, 1, 60).view(2, 5, 6)


class Noisy(nn.Module):
    """A parametrisation that counts its calls in a buffer, and drops weights out while it trains."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, weight):
        self.calls += 1
        return nn.functional.dropout(weight, 0.5, self.training)


WRAPPED = {
    "l1 pruning": lambda module: prune.l1_unstructured(module, "weight_hh_l0", 0.5),
    "pruning of rows": lambda module: prune.ln_structured(module, "weight_ih_l0", 0.3, n=2, dim=0),
    "two prunings of one weight": lambda module: [prune.random_unstructured(module, "weight_hh_l0", 0.3) for _ in "ab"],
    "global pruning": lambda module: prune.global_unstructured(
        [(module, "weight_hh_l0"), (module, "bias_ih_l0")], prune.L1Unstructured, amount=0.4
    ),
    "weight norm": lambda module: weight_norm(module, "weight_hh_l0"),
    "weight norm of two": lambda module: [weight_norm(module, name) for name in ("weight_ih_l0", "weight_hh_l0")],
    "spectral norm": lambda module: spectral_norm(module, "weight_hh_l0"),
    "parametrised weight norm": lambda module: parametrizations.weight_norm(module, "weight_hh_l0"),
    "parametrised spectral norm": lambda module: parametrizations.spectral_norm(module, "weight_hh_l0"),
    "orthogonal": lambda module: parametrizations.orthogonal(module, "weight_ih_l0"),
    "a parametrisation of one's own": lambda module: parametrize.register_parametrization(
        module, "weight_hh_l0", Noisy()
    ),
}
every_way = pytest.mark.parametrize("wrapping", WRAPPED)
every_kind = pytest.mark.parametrize("kind", KINDS)


def wrapped(wrapping, kind, training=False):
    """A module whose weights are made before each call, of parameters that have changed since the last one."""
    torch.manual_seed(0)
    module = KINDS[kind](6, 8, batch_first=True)
    WRAPPED[wrapping](module)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.3)
    return module.train(training)


def everything(module):
    states = [value.clone() for value in (*module.parameters(), *module.buffers())]
    return states, [{name: id(value) for name, value in vars(part).items()} for part in module.modules()]


def plain_reading(module, kind):
    """The module's output in evaluation mode, and what a plain module with its final weights has at each token."""
    module.eval()
    with torch.no_grad():
        output, _ = module(INPUTS)
        plain = KINDS[kind](6, 8, batch_first=True)
        for name, own in plain.named_parameters():
            own.copy_(getattr(module, name))
    return output, rnnviz.capture(plain, INPUTS)[2]


@every_kind
@every_way
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("route", ["walk", "recover"])
def test_weights_that_are_made_before_each_call_are_read_as_the_call_would_make_them(wrapping, kind, training, route):
    module = wrapped(wrapping, kind, training)
    before, random = everything(module), torch.get_rng_state()
    output, _, found = rnnviz.capture(module, INPUTS, route=route)
    states, identities = everything(module)
    assert same_bits(states, before[0])
    assert identities == before[1]
    assert torch.equal(torch.get_rng_state(), random)
    wanted_output, wanted = plain_reading(module, kind)
    torch.testing.assert_close(output.detach(), wanted_output, atol=1e-6, rtol=0)
    for name, values in wanted.items():
        torch.testing.assert_close(found[name].detach(), values, atol=1e-6, rtol=0)


@every_kind
@every_way
@pytest.mark.parametrize("training", [True, False])
def test_watch_sees_the_weights_of_the_very_call_and_the_model_computes_as_if_nobody_looked(wrapping, kind, training):
    watched, alone = wrapped(wrapping, kind, training), wrapped(wrapping, kind, training)

    def run(module):
        torch.manual_seed(2)
        outputs = [module(INPUTS)[0] for _ in range(2)]
        sum(output.sum() for output in outputs).backward()
        states = [*outputs, *module.buffers(), *(value.grad for value in module.parameters()), torch.rand(2)]
        return [value.detach() for value in states]

    with rnnviz.watch(watched) as seen:
        found = run(watched)
    assert same_bits(found, run(alone))
    assert [reading.receipt < 1e-6 for reading in seen[""]] == [True, True]
    assert [torch.equal(reading["hidden"][0, 0], found[place]) for place, reading in enumerate(seen[""])] == [
        True,
        True,
    ]


@every_way
def test_gradients_reach_the_parameters_that_a_weight_was_made_of(wrapping):
    module = wrapped(wrapping, "gru")
    rows = INPUTS.clone().requires_grad_()
    output, _, _ = rnnviz.capture(module, rows)
    slopes = torch.autograd.grad(output.sum(), [rows, *module.parameters()])
    wanted = torch.autograd.grad(module(rows)[0].sum(), [rows, *module.parameters()])
    for found, own in zip(slopes, wanted, strict=True):
        torch.testing.assert_close(found, own, atol=1e-4, rtol=1e-4)


def test_weights_that_are_cached_or_swapped_for_a_while_are_those_of_that_while():
    module = wrapped("parametrised weight norm", "lstm")
    with parametrize.cached(), torch.no_grad():
        wanted, _ = module(INPUTS)
        for _ in range(3):
            torch.testing.assert_close(rnnviz.capture(module, INPUTS)[0], wanted, atol=1e-6, rtol=0)
    plain = nn.GRU(6, 8, batch_first=True)
    doubled = {name: 2 * value.detach() for name, value in plain.named_parameters()}
    with rnnviz.watch(plain) as seen, torch.no_grad():
        output, _ = torch.func.functional_call(plain, doubled, (INPUTS,))
    assert torch.equal(seen[""][0]["hidden"][0, 0], output)
    assert seen[""][0].receipt < 1e-6


@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0"])
def test_weights_put_into_the_modules_own_list_are_those_that_it_computes_with(name):
    module = nn.LSTM(6, 8, batch_first=True)
    place = module._flat_weights_names.index(name)
    module._flat_weights[place] = 3 * module._flat_weights[place]
    wanted, _ = module(INPUTS)
    torch.testing.assert_close(rnnviz.capture(module, INPUTS)[0], wanted.detach(), atol=1e-6, rtol=0)
    with rnnviz.watch(module) as seen:
        module(INPUTS)
    assert seen[""][0].receipt < 1e-6


def doubled(module, inputs):
    return (2 * inputs[0],)


def given_twice(module, inputs, returned):
    return 2 * returned[0], returned[1]


@every_kind
@pytest.mark.parametrize(
    ("register", "hook"),
    [("register_forward_pre_hook", doubled), ("register_forward_hook", given_twice)],
    ids=["inputs", "output"],
)
def test_a_hook_that_may_change_inputs_or_output_is_refused_by_capture_and_seen_by_watch(register, hook, kind):
    module = KINDS[kind](6, 8, batch_first=True)
    handle = getattr(module, register)(hook)
    with pytest.raises(CaptureError, match=rf"{type(module).__name__} has a hook, {hook.__name__}"):
        rnnviz.capture(module, INPUTS)
    with rnnviz.watch(module) as seen:
        module(INPUTS)
    handle.remove()
    wanted = rnnviz.capture(module, 2 * INPUTS if hook is doubled else INPUTS)[2]
    torch.testing.assert_close(seen[""][0]["hidden"], wanted["hidden"], atol=1e-6, rtol=0)


def test_capture_inside_of_watch_is_not_refused_for_our_own_hook():
    module = nn.GRU(6, 8)
    with rnnviz.watch(module):
        rnnviz.capture(module, INPUTS)


@pytest.mark.parametrize("norm", [1.0, 2.0, float("inf")])
def test_the_table_of_an_embedding_with_a_largest_norm_has_the_rows_that_it_gives(norm):
    embedding, gru = nn.Embedding(9, 6, max_norm=0.7, norm_type=norm), nn.GRU(6, 4, batch_first=True)
    before, ids = embedding.weight.detach().clone(), torch.arange(9).view(3, 3)
    output, _, _ = rnnviz.capture(gru, ids, table=rnnviz.vocabulary_table(embedding, gru))
    assert torch.equal(embedding.weight, before)
    torch.testing.assert_close(output, gru(embedding(ids))[0].detach(), atol=1e-6, rtol=0)


def test_the_table_of_an_embedding_whose_weights_are_made_has_the_rows_that_it_gives():
    embedding, gru, ids = nn.Embedding(9, 6), nn.GRU(6, 4, batch_first=True), torch.arange(9).view(3, 3)
    for wrap in (parametrizations.weight_norm, partial(prune.l1_unstructured, amount=0.5)):
        own = copy.deepcopy(embedding)
        wrap(own, name="weight")
        with torch.no_grad():
            for parameter in own.parameters():
                parameter.mul_(2)
        output, _, _ = rnnviz.capture(gru, ids, table=rnnviz.vocabulary_table(own, gru))
        torch.testing.assert_close(output, gru(own(ids))[0].detach(), atol=1e-6, rtol=0)


class Scaled(nn.Embedding):
    def forward(self, ids):
        return 3 * super().forward(ids)


def test_an_embedding_that_gives_other_rows_than_its_weights_is_refused_by_name():
    gru = nn.GRU(6, 4)
    with pytest.raises(CaptureError, match="this is Scaled"):
        rnnviz.vocabulary_table(Scaled(9, 6), gru)
    hooked = nn.Embedding(9, 6)
    hooked.register_forward_hook(lambda module, inputs, rows: 2 * rows)
    with pytest.raises(CaptureError, match="Embedding has a hook"):
        rnnviz.vocabulary_table(hooked, gru)
