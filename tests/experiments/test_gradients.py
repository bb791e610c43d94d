"""Gradients, against central differences in float64, PyTorch's own backward through the fused module, and Captum."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients as CaptumsIntegratedGradients
from hypothesis import given, strategies as st

from rnnviz.data.text import UNKNOWN_ID
from rnnviz.errors import SelectionError, SettingError, TextError
from rnnviz.experiments import gradients
from rnnviz.experiments.gradients import attribute, integrated_gradients, saliency
from rnnviz.reading import read
from tests.builders import CELLS, POOLINGS, SENTENCE, WORDS, checkpoint
from tests.shipped import NAMES, opened

every_network = pytest.mark.parametrize("cell", [*CELLS, "relu"])
every_pooling = pytest.mark.parametrize("pooling", POOLINGS)
one_and_two_ways = pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "two ways"])
one_and_two_layers = pytest.mark.parametrize("layers", [1, 2])
both_readings = pytest.mark.parametrize("way_of_reading", ["packed", "padded"])


def network_of(cell, layers=1, bidirectional=False, pooling="last", *, double=False, **settings):
    if cell == "relu":
        cell, settings["nonlinearity"] = "rnn", "relu"
    network = checkpoint(cell, layers, bidirectional, pooling, labels=("a", "b", "c"), **settings)
    return replace(network, model=copy.deepcopy(network.model).double()) if double else network


def rows_of(network, text):
    """The embedding rows of a text of known words, apart from any graph."""
    ids = [WORDS.index(word) + 2 if word in WORDS else UNKNOWN_ID for word in text.split()]
    return network.model.embedding.weight.detach()[ids].clone()


def fused_logits(network, rows):
    """What the network answers to embedding rows [text, token, feature], by PyTorch's own module in evaluation mode."""
    model, pooling = network.model, network.config.model.pooling
    output, state = model.rnn(rows, model.initial(len(rows)))
    hidden = state[0] if isinstance(state, tuple) else state
    parts = [torch.cat(list(hidden[-network.config.model.directions :]), dim=-1)] if pooling == "last" else []
    parts += [torch.cat(list(hidden), dim=-1)] if pooling == "last-layers" else []
    parts += [output[:, -1]] if pooling == "output-last" else []
    parts += [output.sum(dim=1)] if pooling == "sum" else []
    parts += [output.max(dim=1).values] if "max" in pooling else []
    parts += [output.mean(dim=1)] if "mean" in pooling else []
    return model.head(torch.cat(parts, dim=-1))


# Saliency


@every_network
@every_pooling
@one_and_two_ways
@one_and_two_layers
@both_readings
def test_the_gradient_is_what_central_differences_find(cell, pooling, bidirectional, layers, way_of_reading):
    network = network_of(cell, layers, bidirectional, pooling, double=True, reading=way_of_reading)
    rows, step = rows_of(network, "the film zzz bad"), 1e-6
    found = saliency(network, "the film zzz bad", label="b")
    moved = rows + step * torch.eye(20, dtype=torch.float64).reshape(20, 4, 5)
    back = rows - step * torch.eye(20, dtype=torch.float64).reshape(20, 4, 5)
    with torch.no_grad():
        slopes = (fused_logits(network, moved) - fused_logits(network, back))[:, 1].reshape(4, 5) / (2 * step)
    assert found.gradient == pytest.approx(slopes.numpy(), abs=1e-8, rel=1e-6)
    assert np.abs(slopes.numpy()).max() > 1e-3


@every_network
@one_and_two_ways
@given(words=st.lists(st.sampled_from([*WORDS, "zzz"]), min_size=1, max_size=30), label=st.sampled_from("abc"))
def test_the_gradient_is_that_of_pytorchs_own_backward_through_the_fused_module(cell, bidirectional, words, label):
    text = " ".join(words)
    network = network_of(cell, 2, bidirectional, "mean")
    rows = rows_of(network, text).requires_grad_()
    score = fused_logits(network, rows[None])[0, "abc".index(label)]
    (gradient,) = torch.autograd.grad(score, rows)
    found = saliency(network, text, label)
    assert found.score == pytest.approx(score.item(), abs=1e-5, rel=1e-5)
    scale = max(1.0, float(gradient.abs().max()))
    assert found.gradient == pytest.approx(gradient.numpy(), abs=2e-5 * scale)
    assert found.norms == pytest.approx(gradient.norm(dim=1).numpy(), abs=5e-5 * scale)
    times_input = (gradient * rows).sum(dim=1).detach().numpy()
    assert found.gradient_times_input == pytest.approx(times_input, abs=2e-4 * scale)


def one_unit(recurrence, pooling="last"):
    """A plain RNN of one unit that reads one feature, h = tanh(2 x + recurrence · h'), on rows of zeros: h stays 0."""
    network = checkpoint("rnn", embedding_size=1, hidden_size=1, pooling=pooling)
    with torch.no_grad():
        for parameter in network.model.parameters():
            parameter.zero_()
        network.model.rnn.weight_ih_l0.fill_(2.0)
        network.model.rnn.weight_hh_l0.fill_(recurrence)
        network.model.fc.weight.copy_(torch.tensor([[-3.0], [3.0]]))
    return network


def test_where_nothing_squashes_the_norm_shrinks_by_the_recurrent_weight_with_every_step_back():
    """By hand: tanh has the slope 1 at 0, so ∂ logit / ∂ x = 3 · 2 · u^steps, and -3 for the other class."""
    found = saliency(one_unit(0.5), "the film was not bad", "positive")
    assert found.gradient[:, 0] == pytest.approx([6 / 16, 6 / 8, 6 / 4, 6 / 2, 6], abs=0)
    assert found.norms == pytest.approx([6 / 16, 6 / 8, 6 / 4, 6 / 2, 6], abs=0)
    other = saliency(one_unit(0.5), "the film was not bad", "negative")
    assert other.gradient == pytest.approx(-found.gradient, abs=0)
    assert other.norms == pytest.approx(found.norms, abs=0)


def test_a_gradient_that_has_all_but_vanished_keeps_its_norm():
    """Its square, 1e-60, is nothing in float32."""
    found = saliency(one_unit(0.01), " ".join(["film"] * 16), "positive")
    assert found.norms[0] == pytest.approx(6e-30, rel=1e-5, abs=0)


@one_and_two_ways
def test_the_score_is_the_answers_logit_unless_another_class_is_named(bidirectional):
    network = network_of("gru", 2, bidirectional, "max+mean")
    trace = read(network, SENTENCE)
    logits = fused_logits(network, rows_of(network, SENTENCE)[None])[0].tolist()
    for find in (saliency, integrated_gradients):
        found = find(network, SENTENCE)
        assert found.tokens == trace.tokens
        assert found.label == trace.label
        assert found.score == pytest.approx(max(logits), abs=1e-5)
        for place, label in enumerate("abc"):
            named = find(network, SENTENCE, label)
            assert (named.label, named.score) == (label, pytest.approx(logits[place], abs=1e-5))


@both_readings
def test_a_padded_text_has_a_gradient_at_its_padding_too(way_of_reading):
    network = network_of("lstm", double=True, reading=way_of_reading)
    table, filling = network.model.embedding.weight.detach(), network.config.model.padding_id
    rows = torch.cat([rows_of(network, "bad film"), table[[filling] * 3]]).requires_grad_()
    (gradient,) = torch.autograd.grad(fused_logits(network, rows[None])[0, 0], rows)
    found = saliency(network, "bad film", "a", pad_to=5)
    assert found.tokens == ("bad", "film", "<pad>", "<pad>", "<pad>")
    assert found.gradient == pytest.approx(gradient.numpy(), abs=1e-12)
    assert found.norms[:2].max() < saliency(network, "bad film", "a").norms.max()  # the padding lies between


# Integrated gradients


@every_network
@every_pooling
@one_and_two_ways
def test_integrated_gradients_are_captums(cell, pooling, bidirectional):
    network = network_of(cell, 2, bidirectional, pooling, double=True)
    rows = rows_of(network, SENTENCE)[None]
    oracle = CaptumsIntegratedGradients(lambda inputs: fused_logits(network, inputs))
    wanted, delta = oracle.attribute(rows, target=2, n_steps=30, method="gausslegendre", return_convergence_delta=True)
    found = integrated_gradients(network, SENTENCE, "c", steps=30)
    assert found.attributions == pytest.approx(wanted[0].sum(dim=1).detach().numpy(), abs=1e-7)  # its steps are float32
    assert found.gap == pytest.approx(-delta.item(), abs=1e-7)


@every_network
@one_and_two_ways
@given(words=st.lists(st.sampled_from([*WORDS, "zzz"]), min_size=1, max_size=12))
def test_the_parts_and_the_gap_add_up_to_the_score_without_the_baseline(cell, bidirectional, words):
    network = network_of(cell, 1, bidirectional, "mean", double=True)
    found = integrated_gradients(network, " ".join(words), "a", steps=40)
    nothing = torch.zeros(1, len(words), 5, dtype=torch.float64)
    assert found.baseline == pytest.approx(fused_logits(network, nothing)[0, 0].item(), abs=1e-12)
    assert found.attributions.sum() + found.gap == pytest.approx(found.score - found.baseline, abs=1e-12)
    if cell in ("gru", "lstm"):  # a plain RNN may turn sharply on the way
        assert abs(found.gap) < 1e-3


def test_more_steps_close_the_gap():
    network = network_of("lstm", 2, True, "mean", double=True)
    gaps = [abs(integrated_gradients(network, SENTENCE, "a", steps=steps).gap) for steps in (4, 16, 64)]
    assert gaps[0] > 1e-3 > 1e-5 > gaps[1] > gaps[2]
    assert gaps[2] < 1e-12


def test_steps_are_added_where_few_leave_a_residual_and_only_there():
    network, text = opened("languages-lstm"), "il tempo era bello"
    assert abs(attribute(network, text, steps=50).residual) > 5
    found = attribute(network, text, centred=True)
    assert found.steps == 800
    assert abs(found.residual) < 0.02 * found.score
    assert found.parts == pytest.approx(attribute(network, text, steps=800, centred=True).parts, abs=1e-6)
    assert attribute(opened("sst2-lstm"), SENTENCE).steps == 50


@pytest.mark.parametrize(("letters", "steps"), [(25, 800), (26, 200), (100, 200), (101, 50)])
def test_of_a_long_text_no_more_steps_are_taken_than_its_reader_waits_for(letters, steps):
    text = ("il tempo era bello e il sole splendeva su tutta la citta mentre noi camminavamo verso il mare " * 2)[
        :letters
    ]
    assert attribute(opened("languages-lstm"), text, centred=True).steps == steps


def test_of_a_linear_network_one_step_finds_everything():
    """A relu network in which all is positive and no bias is set is linear: the parts are gradient × input."""
    network = network_of("relu", double=True)
    with torch.no_grad():
        for name, parameter in network.model.named_parameters():
            parameter.abs_()
            if "bias" in name:
                parameter.zero_()
    found, slopes = integrated_gradients(network, SENTENCE, steps=1), saliency(network, SENTENCE)
    assert found.baseline == 0
    assert found.gap == pytest.approx(0, abs=1e-10)
    assert found.attributions == pytest.approx(slopes.gradient_times_input, abs=1e-10)


@pytest.mark.parametrize("room", [1, 20, 10_000])
def test_the_steps_are_all_taken_however_few_fit_at_once(monkeypatch, room):
    network = network_of("gru", 2, True, "mean", double=True)
    wanted = integrated_gradients(network, SENTENCE, steps=11)
    monkeypatch.setattr(gradients, "_ROWS_AT_ONCE", room)
    assert len(list(gradients._rule(11, 7))) == {1: 11, 20: 6, 10_000: 1}[room]
    found = integrated_gradients(network, SENTENCE, steps=11)
    assert found.attributions == pytest.approx(wanted.attributions, abs=1e-12)


# What it leaves alone, and where it works


@pytest.mark.parametrize("find", [saliency, integrated_gradients])
@pytest.mark.parametrize("training", [False, True])
def test_nothing_of_the_network_or_of_pytorch_changes(find, training):
    network = network_of("lstm", 2, True, dropout=0.5, embedding_dropout=0.5)
    wanted = find(network, SENTENCE)
    model = network.model.train(training)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    for place, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(place % 2 == 0)
        parameter.grad = torch.full_like(parameter, 0.25) if place % 3 == 0 else None
    flags = [parameter.requires_grad for parameter in model.parameters()]
    random = torch.get_rng_state()

    found = find(network, SENTENCE)

    assert found.score == wanted.score  # no dropout in either mode
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.is_grad_enabled()
    assert model.training is training
    assert model.rnn.training is training
    assert [parameter.requires_grad for parameter in model.parameters()] == flags
    for place, parameter in enumerate(model.parameters()):
        assert parameter.grad is None if place % 3 else bool((parameter.grad == 0.25).all())
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("find", [saliency, integrated_gradients])
@pytest.mark.parametrize("switched_off", [torch.no_grad, torch.inference_mode])
def test_it_works_where_the_caller_has_switched_gradients_off(find, switched_off):
    network = network_of("gru")
    wanted = find(network, SENTENCE)
    with switched_off():
        found = find(network, SENTENCE)
        assert not torch.is_grad_enabled()
        assert torch.is_inference_mode_enabled() is (switched_off is torch.inference_mode)
    values = "norms" if find is saliency else "attributions"
    assert np.array_equal(getattr(found, values), getattr(wanted, values))


@pytest.mark.parametrize("find", [saliency, integrated_gradients])
@pytest.mark.parametrize("cell", CELLS)
def test_the_fused_module_is_not_asked_since_cudnn_would_refuse(find, cell, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("cudnn RNN backward can only be called in training mode")

    network = network_of(cell, 2, True)
    for name in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        monkeypatch.setattr(torch._VF, name, refuse, raising=False)
        monkeypatch.setattr(torch, name, refuse)
    assert np.isfinite(find(network, SENTENCE).score)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
@pytest.mark.parametrize("cell", CELLS)
def test_on_a_gpu_in_evaluation_mode_the_gradient_is_the_processors(cell):
    network = network_of(cell, 2, True, "max+mean")
    slopes, parts = saliency(network, SENTENCE, "a"), integrated_gradients(network, SENTENCE, "a")
    there = replace(network, model=copy.deepcopy(network.model).cuda())
    rows = there.model.embedding(torch.tensor([[2, 3, 4]]).cuda()).detach().requires_grad_()
    with pytest.raises(RuntimeError, match="training mode"):
        fused_logits(there, rows).sum().backward()
    assert saliency(there, SENTENCE, "a").gradient == pytest.approx(slopes.gradient, abs=5e-5)
    assert integrated_gradients(there, SENTENCE, "a").attributions == pytest.approx(parts.attributions, abs=5e-5)
    assert not there.model.training


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_networks_have_a_gradient_and_parts_that_nearly_add_up(name):
    network = opened(name)
    text = "( a b ) c" if name.startswith(("recall", "brackets")) else "the movie was not good , but it surprised me"
    slopes, parts = saliency(network, text), integrated_gradients(network, text)
    assert slopes.label == parts.label == read(network, text).label
    assert np.isfinite(slopes.gradient).all()
    assert slopes.norms.max() > 0
    if (
        network.config.tokens == "words"
    ):  # a text of letters is several times as long, and even 800 steps are too few for it
        assert abs(parts.gap) < 0.05 * max(1.0, abs(parts.score - parts.baseline))


# Objections


def test_a_class_that_is_not_there_is_named_with_those_that_are():
    for find in (saliency, integrated_gradients):
        with pytest.raises(SelectionError) as caught:
            find(checkpoint(), SENTENCE, "positiv")
        assert str(caught.value) == (
            "There is no class 'positiv'; choose one of negative, positive. Did you mean 'positive'?"
        )


@pytest.mark.parametrize("steps", [0, -3])
def test_an_integral_takes_a_step(steps):
    with pytest.raises(SettingError) as caught:
        integrated_gradients(checkpoint(), SENTENCE, steps=steps)
    assert str(caught.value) == f"An integral takes at least 1 step; found {steps}.\nPass steps=50."
    assert isinstance(caught.value, ValueError)


def test_a_text_that_cannot_be_read_is_refused_as_by_read():
    for find in (saliency, integrated_gradients):
        with pytest.raises(TextError, match="Type a sentence"):
            find(checkpoint(), " ")
        with pytest.raises(TextError, match="cannot be padded to 3"):
            find(checkpoint(), SENTENCE, pad_to=3)


# Attribution


def plain_attribution(network, text, method, chosen, centred, steps=24):
    """Parts and baseline by a plain loop over PyTorch's fused module, one α after the other."""
    rows = rows_of(network, text)

    def score(x):
        logits = fused_logits(network, x[None])[0]
        return logits[chosen] - (logits.mean() if centred else 0)

    def slope(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(score(x), x)[0]

    if method == "gradient_times_input":
        return (slope(rows) * rows).sum(dim=1), 0.0, score(rows)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    mean = sum(weight / 2 * slope((node + 1) / 2 * rows) for node, weight in zip(nodes, weights, strict=True))
    return (mean * rows).sum(dim=1), score(torch.zeros_like(rows)).item(), score(rows)


@every_network
@every_pooling
@one_and_two_ways
@pytest.mark.parametrize("method", ["gradient_times_input", "integrated_gradients"])
def test_an_attribution_is_what_a_plain_loop_over_autograd_finds(cell, pooling, bidirectional, method):
    network = network_of(cell, 2, bidirectional, pooling, double=True)
    for centred in (False, True):
        found = attribute(network, SENTENCE, method, "b", steps=24, centred=centred)
        parts, baseline, score = plain_attribution(network, SENTENCE, method, 1, centred)
        assert found.parts == pytest.approx(parts.detach().numpy(), abs=1e-10)
        assert found.baseline == pytest.approx(baseline, abs=1e-12)
        assert found.score == pytest.approx(score.item(), abs=1e-12)
        assert found.baseline + found.parts.sum() + found.residual == pytest.approx(found.score, abs=1e-12)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@every_pooling
@one_and_two_ways
@pytest.mark.parametrize("learned_start", [False, True])
def test_the_ledgers_parts_sum_to_the_score_of_the_fused_module(cell, pooling, bidirectional, learned_start):
    network = network_of(cell, 2, bidirectional, pooling, learned_start=learned_start)
    logits = fused_logits(network, rows_of(network, SENTENCE)[None])[0].detach().numpy()
    for centred in (False, True):
        found = attribute(network, SENTENCE, "ledger", "c", centred=centred)
        assert found.score == pytest.approx(logits[2] - (logits.mean() if centred else 0), abs=1e-5)
        assert found.baseline + found.parts.sum() == pytest.approx(found.score, abs=1e-5)
        assert found.residual == pytest.approx(0, abs=1e-5)
        assert found.steps == 0
        assert np.abs(found.parts).max() > 1e-3


def test_an_attribution_names_the_methods_and_refuses_what_has_none():
    with pytest.raises(SelectionError, match="choose one of gradient_times_input, integrated_gradients, ledger"):
        attribute(checkpoint(), SENTENCE, "lime")
    with pytest.raises(SelectionError, match="plain RNN"):
        attribute(checkpoint("rnn"), SENTENCE, "ledger")
    with pytest.raises(SettingError):
        attribute(checkpoint(), SENTENCE, steps=0)
