"""Gradients through a capture: the module's own for what the module gives, and true ones for every signal."""

import pytest
import torch
from hypothesis import given, settings, strategies as st

from rnnviz.errors import CaptureError
from tests.engine.cases import MODULES, WAYS, Case, assert_all_near, captured, cases, parts_of, rows_of, same_bits

every_kind = pytest.mark.parametrize("kind", MODULES)
FOLLOWED = st.sampled_from(("by rule", "walk", "exact"))


def asking(case):
    """The case's module, inputs and state, the latter two asking for gradients; and these as leaves."""
    texts = [text.requires_grad_() for text in case.texts()]
    state = case.state()
    parts = () if state is None else tuple(part.requires_grad_() for part in parts_of(state))
    return case.module(), case.laid(texts), state, [*texts, *parts]


def blurred(output, state):
    """One number from all that a module gives, each entry with its own weight."""
    parts = [rows_of(output), *parts_of(state)]
    return sum((part * torch.linspace(-1, 1, part.numel(), dtype=part.dtype).view_as(part)).sum() for part in parts)


@given(cases(dtype=torch.float64, way=FOLLOWED, lengths=st.lists(st.integers(1, 12), min_size=1, max_size=4)))
@settings(max_examples=100)
def test_gradients_of_output_and_state_are_those_of_the_module(case):
    module, inputs, state, leaves = asking(case)
    weights = list(module.parameters())
    output, last, _ = captured(case, module, inputs, state)
    found = torch.autograd.grad(blurred(output, last), leaves + weights, retain_graph=True)
    wanted = torch.autograd.grad(blurred(*module.eval()(inputs, state)), leaves + weights)
    assert_all_near(found, wanted, case.dtype)


@pytest.mark.parametrize("bias", [True, False], ids=["with bias", "without bias"])
@pytest.mark.parametrize("form", ["alone", "batch", "packed unsorted"])
@every_kind
def test_gradients_of_every_signal_are_those_of_finite_differences(kind, form, bias):
    lengths = {"alone": (3,), "batch": (3, 3), "packed unsorted": (1, 3, 2)}[form]
    projection = 2 if kind == "lstm" and bias else 0
    case = Case(kind, 2, True, bias, projection, form=form, lengths=lengths, features=2, units=3, stated=True)
    module, _, state, leaves = asking(case)
    parts = parts_of(state)

    def signals(*values):
        texts, given = values[: len(lengths)], values[len(lengths) : len(leaves)]
        start = tuple(given) if kind == "lstm" else given[0]
        output, final, found = captured(case, module, case.laid(texts), start)
        return rows_of(output), *parts_of(final), *found.values()

    assert len(leaves) == len(lengths) + len(parts)
    torch.autograd.gradcheck(signals, (*leaves, *module.parameters()), fast_mode=True)


@given(cases(way=FOLLOWED))
def test_a_capture_that_can_be_followed_back_gives_what_one_that_cannot_gives(case):
    module, inputs, state, leaves = asking(case)
    followed = captured(case, module, inputs, state)
    plain = captured(case)
    assert all(values.requires_grad for values in followed[2].values())
    assert leaves
    assert_all_near(followed[0], plain[0], case.dtype)
    assert_all_near(parts_of(followed[1]), parts_of(plain[1]), case.dtype)
    assert_all_near(followed[2], plain[2], case.dtype)


@given(cases(), st.sampled_from(("weights alone ask", "gradients are off", "inference")))
def test_without_a_question_for_gradients_nothing_that_is_given_out_has_any(case, why):
    module, inputs, state, _ = asking(case) if why != "weights alone ask" else (case.module(), case.inputs(), None, [])
    modes = {"gradients are off": torch.no_grad, "inference": torch.inference_mode}
    with modes.get(why, torch.enable_grad)():
        output, final, found = captured(case, module, inputs, state)
    assert not any(part.requires_grad for part in (rows_of(output), *parts_of(final), *found.values()))


@every_kind
def test_it_is_enough_that_the_initial_state_asks(kind):
    case = Case(kind, stated=True)
    state = case.state()
    parts = tuple(part.requires_grad_() for part in parts_of(state))
    output, _, found = captured(case, case.module(), case.inputs(), state)
    gradients = torch.autograd.grad(output.sum() + found["hidden"].sum(), parts)
    assert all((gradient != 0).any() for gradient in gradients)


@every_kind
def test_following_back_through_a_capture_fills_in_gradients_as_a_call_of_the_module_does(kind):
    case = Case(kind, 2, True, form="packed unsorted", lengths=(2, 4))
    module, inputs, state, leaves = asking(case)
    blurred(*captured(case, module, inputs, state)[:2]).backward(retain_graph=True)
    found = [value.grad.clone() for value in (*leaves, *module.parameters())]
    for value in (*leaves, *module.parameters()):
        value.grad = None
    blurred(*module(inputs, state)).backward()
    assert_all_near(found, [value.grad for value in (*leaves, *module.parameters())], case.dtype)


@every_kind
def test_frozen_weights_get_no_gradient_and_stop_none(kind):
    case = Case(kind, 2)
    module, inputs, state, leaves = asking(case)
    module.requires_grad_(False)
    _, _, found = captured(case, module, inputs, state)
    sum(values.sum() for values in found.values()).backward()
    assert all((leaf.grad != 0).any() for leaf in leaves)
    assert all(weight.grad is None for weight in module.parameters())


@every_kind
def test_second_derivatives_are_true_as_well(kind):
    case = Case(kind, lengths=(3,), form="alone", features=2, units=2)
    module, inputs, _, _ = asking(case)

    def signals(values):
        return tuple(captured(case, module, values)[2].values())

    torch.autograd.gradgradcheck(signals, (inputs.detach().requires_grad_(),))


def test_recovering_and_gradients_exclude_each_other():
    case = Case("lstm", way="recover")
    module, inputs, state, _ = asking(case)
    with pytest.raises(CaptureError, match="gradients"):
        captured(case, module, inputs, state)
    with torch.no_grad():
        captured(case, module, inputs, state)


@given(cases(form=st.sampled_from(("packed", "packed unsorted")), way="exact"))
def test_in_pytorchs_own_order_of_operations_a_capture_that_can_be_followed_back_gives_the_same_bits(case):
    module, inputs, state, _ = asking(case)
    assert same_bits(captured(case, module, inputs, state), captured(case))
    assert case.way in WAYS
