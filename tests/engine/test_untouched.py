"""Capture leaves no trace: neither on the module nor on PyTorch, the caller's tensors or what it gave out before."""

import io
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn

from rnnviz.errors import CaptureError
from tests.engine.cases import (
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

every_kind = pytest.mark.parametrize("kind", MODULES)
every_way = pytest.mark.parametrize("way", WAYS)


def everything_about(module):
    """All that a capture might leave behind, copied."""
    hooks = [len(getattr(part, name)) for part in module.modules() for name in vars(part) if name.endswith("_hooks")]
    return {
        "training": [part.training for part in module.modules()],
        "hooks": hooks,
        "names": [sorted(vars(part)) for part in module.modules()],
        "identities": [id(parameter) for parameter in module.parameters()],
        "addresses": [parameter.data_ptr() for parameter in module.parameters()],
        "versions": [parameter._version for parameter in module.parameters()],
        "gradients": [None if parameter.grad is None else parameter.grad.clone() for parameter in module.parameters()],
        "weights": [parameter.detach().clone() for parameter in module.parameters()],
        "learning": [parameter.requires_grad for parameter in module.parameters()],
        "random": [torch.get_rng_state()],
        "PyTorch": [
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.get_default_dtype(),
            torch.get_num_threads(),
            torch.backends.mkldnn.enabled,
            torch.are_deterministic_algorithms_enabled(),
        ],
    }


def assert_untouched(before, module):
    after = everything_about(module)
    assert before.keys() == after.keys()
    for name, values in before.items():
        for one, other in zip(values, after[name], strict=True):
            assert same_bits(one, other) if isinstance(one, torch.Tensor) else one == other, name


def after_a_step_of_training(case):
    """The case's module with gradients, one weight frozen."""
    module = case.module()
    rows_of(module(case.inputs(), case.state())[0]).sum().backward()
    next(module.parameters()).requires_grad_(False)
    return module


@given(cases(), st.booleans())
@settings(max_examples=80)
def test_the_module_and_pytorch_are_left_as_they_were(case, gradients):
    module, inputs, state = after_a_step_of_training(case), case.inputs(), case.state()
    before = everything_about(module)
    with torch.set_grad_enabled(gradients):
        before["PyTorch"][0] = gradients
        captured(case, module, inputs, state)
        assert_untouched(before, module)


@given(cases())
@settings(max_examples=80)
def test_a_later_call_of_the_module_gives_the_bits_that_it_gave_before(case):
    module, inputs, state = case.module(), case.inputs(), case.state()

    def called():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)  # dropout draws
            return module(inputs, state)

    output, last = called()
    captured(case, module, inputs, state)
    later_output, later_last = called()
    assert same_bits(later_output, output)
    assert same_bits(parts_of(later_last), parts_of(last))


@every_kind
@every_way
@pytest.mark.parametrize("fault", ["width", "state", "kind of numbers", "route"])
def test_the_module_and_pytorch_are_left_as_they_were_when_the_capture_fails(kind, way, fault):
    case = Case(kind, 2, True, dropout=0.5, training=True, way=way)
    module, inputs, state = after_a_step_of_training(case), case.inputs(), None
    if fault == "width":
        inputs = inputs[..., :-1]
    elif fault == "state":
        state = torch.zeros(1, 1, 1)
    elif fault == "kind of numbers":
        inputs = inputs.half()
    else:
        case = case.by("recover")
        state = torch.zeros(4, 2, 4, requires_grad=True)
    before = everything_about(module)
    with pytest.raises(CaptureError):
        captured(case, module, inputs, state)
    assert_untouched(before, module)


@pytest.mark.parametrize("way", WAYS)
def test_the_module_and_pytorch_are_left_as_they_were_when_the_weights_make_pytorch_fail(way):
    """An error that capture did not foresee, from deep inside."""
    case = Case("gru", 2, True, dropout=0.5, training=True, form="alone", lengths=(4,), way=way)
    module = after_a_step_of_training(case)
    module.weight_hh_l1 = nn.Parameter(torch.zeros(12, 9, dtype=case.dtype))
    before = everything_about(module)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever PyTorch, NumPy or the type checker says
        captured(case, module, case.inputs())
    assert_untouched(before, module)


@given(cases(stated=True))
def test_inputs_and_states_that_are_passed_in_are_not_written_to(case):
    inputs, state = case.inputs(), case.state()
    copies = deepcopy((rows_of(inputs), parts_of(state)))
    captured(case, inputs=inputs, state=state)
    assert same_bits((rows_of(inputs), parts_of(state)), copies)


@given(cases())
def test_what_is_given_out_belongs_to_the_caller(case):
    """No later capture writes to it, and the output, the state and the weights share no memory with the signals."""
    module, inputs, state = case.module(), case.inputs(), case.state()
    weights = deepcopy(module.state_dict())
    first = captured(case, module, inputs, state)
    copies = deepcopy(first)
    captured(case, module, case.laid([text + 1 for text in case.texts()]), state)
    assert same_bits(first, copies)
    for values in first[2].values():
        values.fill_(9.0)
    assert same_bits(first[:2], copies[:2])
    rows_of(first[0]).fill_(8.0)
    assert same_bits(parts_of(first[1]), parts_of(copies[1]))
    for part in parts_of(first[1]):
        part.fill_(7.0)
    assert same_bits(dict(module.state_dict()), dict(weights))
    assert same_bits(captured(case, module, inputs, state), copies)


@given(cases(), st.sampled_from(("in place", "behind PyTorch's back", "loaded", "replaced")))
def test_a_capture_reads_the_weights_that_the_module_has_now(case, change):
    module, inputs, state = case.module(), case.inputs(), case.state()
    other = case.having(seed=case.seed + 1).module()
    captured(case, module, inputs, state)
    if change == "loaded":
        module.load_state_dict(other.state_dict())
    for name, value in other.named_parameters():
        if change == "in place":
            with torch.no_grad():
                module.get_parameter(name).copy_(value)
        elif change == "behind PyTorch's back":
            module.get_parameter(name).data.copy_(value.data)
        elif change == "replaced":
            setattr(module, name, nn.Parameter(value.detach().clone()))
    assert same_bits(captured(case, module, inputs, state), captured(case, other, inputs, state))


@given(cases())
def test_a_module_that_was_saved_and_loaded_is_captured_to_the_same_bits(case):
    module, stored = case.module(), io.BytesIO()
    torch.save(module.state_dict(), stored)
    stored.seek(0)
    loaded = case.having(seed=case.seed + 1).module()
    loaded.load_state_dict(torch.load(stored, weights_only=True))
    inputs, state = case.inputs(), case.state()
    assert same_bits(captured(case, loaded, inputs, state), captured(case, module, inputs, state))


@given(cases())
def test_the_same_capture_twice_gives_the_same_bits(case):
    assert same_bits(captured(case), captured(case))


@every_kind
@every_way
@pytest.mark.parametrize("form", ["alone", "packed unsorted"])
def test_eight_threads_at_once_get_what_one_gets_t63(kind, way, form):
    lengths = (9,) if form == "alone" else (3, 9, 1)
    case = Case(kind, 2, True, form=form, lengths=lengths, dtype=torch.float32, units=16, way=way)
    module = case.module()
    batches = [case.having(seed=seed).inputs() for seed in range(16)]
    serial = [captured(case, module, batch) for batch in batches]
    plain = case if way != "in NumPy" else case.by("walk")  # what is patched is patched once, outside the threads
    with the_lane_of(way), as_shipped(), ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda batch: captured(plain, module, batch), batches))
    assert same_bits(together, serial)


@given(cases(form=st.sampled_from(("alone", "batch")), stated=True))
def test_tensors_of_any_strides_are_read(case):
    module, inputs, state = case.module(), case.inputs(), case.state()
    scattered = [spread(part) for part in parts_of(state)]
    found = captured(case, module, spread(inputs), tuple(scattered) if case.kind == "lstm" else scattered[0])
    assert_all_near(found, captured(case, module, inputs, state), case.dtype)


def spread(values):
    """The same numbers, every second place in memory and the axes in another order."""
    wide = torch.full((*reversed(values.shape), 2), 77.0, dtype=values.dtype)
    view = wide[..., 1].permute(*reversed(range(values.ndim)))
    view.copy_(values)
    assert view.shape == values.shape
    return view
