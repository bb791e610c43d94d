"""What capture and watch cannot read is refused by name, and what only looks strange is read."""

import contextlib
import copy
import warnings

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.utils.rnn import pack_sequence

import rnnviz
from rnnviz.engine.receipt import holds_to
from rnnviz.engine.stack import stack_of
from rnnviz.errors import CaptureError
from tests.engine.cases import as_shipped as without_checked_annotations

INPUTS = torch.linspace(-1, 1, 60).view(2, 5, 6)


def lstm(**settings):
    torch.manual_seed(0)
    return nn.LSTM(6, 8, batch_first=True, **settings)


def quantised(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(nn.Sequential(module), {type(module)}, torch.qint8)[0]


@pytest.mark.filterwarnings("ignore:.*nested:UserWarning", "ignore:.*Sparse:UserWarning")
@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        (lambda: torch.nested.nested_tensor([INPUTS[0], INPUTS[0, :3]]), "nested"),
        (lambda: torch.nested.nested_tensor([INPUTS[0], INPUTS[0, :3]], layout=torch.jagged), "nested"),
        (lambda: INPUTS.to_sparse(), "sparse_coo"),
        (lambda: INPUTS[0].to_sparse_csr(), "sparse_csr"),
        (lambda: INPUTS.to_mkldnn(), "mkldnn"),
        (lambda: FakeTensorMode().from_tensor(INPUTS), "FakeTensor"),
    ],
)
def test_inputs_that_are_no_plain_tensors_are_refused_by_their_kind(inputs, kind):
    with pytest.raises(CaptureError, match=rf"cannot read inputs that are {kind}.*\n.*PackedSequence"):
        rnnviz.capture(lstm(), inputs())


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        (lambda: lstm(device="meta"), "on the meta device"),
        (lambda: lstm(dtype=torch.complex64), "complex64"),
        (lambda: lstm(dtype=torch.float8_e4m3fn), "float8_e4m3fn"),
    ],
    ids=["meta", "complex", "float8"],
)
def test_weights_that_are_no_plain_numbers_are_refused_by_their_kind(module, kind):
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        made = nn.LSTM(6, 8, batch_first=True)
        try:
            made = module()
        except (RuntimeError, NotImplementedError):  # PyTorch cannot draw such numbers itself
            made = made.to(getattr(torch, kind))
    with pytest.raises(CaptureError, match=f"cannot read weights of LSTM that are {kind}"):
        rnnviz.capture(made, INPUTS.to(made.weight_ih_l0.dtype).to(made.weight_ih_l0.device))


def test_a_weight_that_is_missing_or_of_another_shape_is_refused_by_the_modules_name():
    module = lstm()
    module.weight_hh_l0 = nn.Parameter(torch.zeros(32, 9))
    with pytest.raises(CaptureError, match="signals of this LSTM"), without_checked_annotations():
        rnnviz.capture(module, INPUTS)
    module = lstm()
    module._flat_weights[1] = None
    with pytest.raises(CaptureError, match="weights of LSTM that are NoneType"):
        rnnviz.capture(module, INPUTS)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.LSTMCell, nn.RNNCell])
def test_a_quantised_module_is_refused_by_its_whole_name(kind):
    model = quantised(kind(6, 8))
    for refused in (lambda: rnnviz.capture(model, INPUTS), lambda: rnnviz.watch(model).__enter__()):
        with pytest.raises(CaptureError, match=rf"torch\.ao\.nn\.quantized\.dynamic.*\.{kind.__name__}.*quantised"):
            refused()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "made",
    [
        lambda: torch.jit.script(lstm()),
        lambda: torch.jit.script(nn.Sequential(nn.Linear(6, 6), lstm())),
        lambda: torch.jit.trace(nn.Sequential(lstm()), INPUTS),
        lambda: nn.ModuleDict({"seen": nn.GRU(2, 3), "hidden": torch.jit.script(nn.LSTM(6, 8))}),
    ],
    ids=["module", "model", "traced", "a part"],
)
def test_a_scripted_or_traced_module_is_refused_by_name(made):
    model = made()
    for refused in (lambda: rnnviz.capture(model, INPUTS), lambda: rnnviz.watch(model).__enter__()):
        with pytest.raises(CaptureError, match=r"of LSTM\)? computes cannot be seen, since it was scripted or traced"):
            refused()


class LSTM(nn.Module):
    """Somebody's own, by the same name."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(6, 8, batch_first=True)

    def forward(self, inputs):
        return self.rnn(inputs)[0]


def test_somebodys_own_class_of_the_same_name_is_told_from_pytorchs():
    with pytest.raises(CaptureError, match=rf"this is {__name__}\.LSTM\.\n.*\('rnn'\)"):
        rnnviz.capture(LSTM(), INPUTS)
    model = LSTM()
    with rnnviz.watch(model) as seen:
        model(INPUTS)
    assert len(seen["rnn"]) == 1


@pytest.mark.parametrize("wrap", [nn.DataParallel, lambda module: torch.compile(module, backend="eager")])
def test_what_is_wrapped_is_captured_by_the_module_inside(wrap):
    with pytest.raises(CaptureError, match=r"Capture a module inside it \('(module|_orig_mod)'\)"):
        rnnviz.capture(wrap(lstm()), INPUTS)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("form", ["batch", "one text", "packed"])
@pytest.mark.parametrize("default", ["double", "half", "meta", "inference"])
def test_defaults_of_pytorch_change_nothing(kind, form, default):
    torch.manual_seed(0)
    module = kind(6, 8, 2, batch_first=True, bidirectional=True)
    inputs = {"batch": INPUTS, "one text": INPUTS[0], "packed": pack_sequence([INPUTS[0], INPUTS[1, :3]])}[form]
    wanted = [rnnviz.capture(module, inputs, route=route)[2] for route in ("walk", "recover")]
    before = torch.get_default_dtype(), torch.get_default_device()
    try:
        if default == "meta":
            torch.set_default_device("meta")
        elif default != "inference":
            torch.set_default_dtype({"double": torch.float64, "half": torch.float16}[default])
        with torch.inference_mode(default == "inference"):
            found = [rnnviz.capture(module, inputs, route=route)[2] for route in ("walk", "recover")]
            with rnnviz.watch(module) as seen:
                if default != "meta" or form != "packed":
                    module(inputs)
    finally:
        torch.set_default_dtype(before[0])
        torch.set_default_device(before[1] if before[1].type != "cpu" else None)
    for one, other in zip(found, wanted, strict=True):
        for name, values in other.items():
            assert one[name].dtype == torch.float32
            torch.testing.assert_close(one[name].clone(), values, atol=0, rtol=0)
    for reading in seen[""]:
        assert reading.receipt < 1e-6


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_module_made_in_inference_mode_is_read_outside_of_it(kind):
    with torch.inference_mode():
        module, inputs = kind(6, 8, batch_first=True), torch.randn(2, 5, 6)
        wanted, _ = module(inputs)
    for route in ("walk", "recover"):
        torch.testing.assert_close(rnnviz.capture(module, inputs, route=route)[0], wanted.clone(), atol=1e-6, rtol=0)
    torch.testing.assert_close(rnnviz.capture(module, inputs[0])[0], wanted[0].clone(), atol=1e-6, rtol=0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("route", ["traced", "differentiated", "on the meta device"])
def test_a_model_that_runs_transformed_runs_on_and_is_refused_at_the_end(route):
    module = lstm()
    weights = {name: value.detach() for name, value in module.named_parameters()}

    def loss(own):
        return torch.func.functional_call(module, own, (INPUTS,))[0].sum()

    elsewhere = copy.deepcopy(module).to("meta")
    runs = {
        "traced": (module, lambda: torch.jit.trace(module, INPUTS)(INPUTS)[0]),
        "differentiated": (module, lambda: torch.func.grad(loss)(weights)["weight_ih_l0"]),
        "on the meta device": (elsewhere, lambda: elsewhere(INPUTS.to("meta"))[0]),
    }
    watched, run = runs[route]
    with pytest.raises(CaptureError, match="LSTM"), rnnviz.watch(watched) as seen:
        returned = run()
    assert returned.shape[-1] in (6, 8)
    assert route == "traced" or seen == {"": []}  # PyTorch runs what it traced once more, to compare


def test_a_compiled_model_runs_on():
    module = lstm()
    model = torch.compile(nn.Sequential(module), backend="eager")
    plain = module(INPUTS)[0]
    outputs = []
    with contextlib.suppress(CaptureError), rnnviz.watch(model) as seen:
        outputs.append(model(INPUTS)[0])
    torch.testing.assert_close(outputs, [plain])
    assert all(reading.receipt < 1e-6 for reading in seen["_orig_mod.0"])


@pytest.mark.parametrize("thing", ["a name", None, 7, [1]])
def test_what_is_no_model_has_nothing_to_watch(thing, as_shipped):
    with pytest.raises(CaptureError, match=type(thing).__name__), as_shipped("engine.watch").watch(thing):
        pytest.fail("the block may not run")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_receipts_hold_for_every_kind_of_number(dtype, kind):
    torch.manual_seed(0)
    module = kind(6, 8, 2, bidirectional=True).to(dtype)
    with torch.no_grad(), rnnviz.watch(module) as seen:
        for length in (1, 40, 400):
            module(torch.randn(length, 3, 6, dtype=dtype))
    limit = holds_to(stack_of(module))
    assert all(reading.receipt <= limit for reading in seen[""])
    assert limit == torch.finfo(dtype).eps ** 0.5


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_receipt_does_not_hold_for_signals_of_other_weights(kind, monkeypatch):
    from rnnviz.engine import watch

    honest = watch.stacked

    def tampered(module, flat):
        return honest(module, [flat[0], flat[1].flip(0), *flat[2:]])

    monkeypatch.setattr(watch, "stacked", tampered)
    module = kind(6, 8, batch_first=True)
    with pytest.raises(CaptureError, match=rf"receipt of {kind.__name__} does not hold"), rnnviz.watch(module) as seen:
        module(INPUTS)
    assert seen == {"": []}
