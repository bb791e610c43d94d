"""Capture on a GPU against the same module on the CPU in float64. Skipped, and so said, where there is no GPU.

``RNNVIZ_GPU=cpu`` runs all of it on the CPU, as ``benchmarks/gpu.sh --dry-run`` does: then what runs is known to run.
"""

import copy
import itertools
import os

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from rnnviz import vocabulary_table, watch
from rnnviz.engine.capture import capture
from tests.engine.cases import MODULES

DEVICE = os.environ.get("RNNVIZ_GPU", "cuda")
pytestmark = pytest.mark.skipif(
    DEVICE == "cuda" and not torch.cuda.is_available(), reason="there is no CUDA device here"
)
TOLERANCE = 5e-5
LENGTHS = (5, 64, 1, 12)
every_shape = pytest.mark.parametrize(
    ("kind", "layers", "two_ways"), list(itertools.product(MODULES, (1, 2), (False, True)))
)


@pytest.fixture(autouse=True)
def full_precision():
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def module_and_truth(kind, layers, two_ways):
    torch.manual_seed(0)
    module = MODULES[kind](8, 16, layers, bidirectional=two_ways).eval()
    return copy.deepcopy(module).to(DEVICE), module.double()


def packed():
    torch.manual_seed(1)
    return pack_sequence([torch.randn(length, 8) for length in LENGTHS], enforce_sorted=False)


def assert_near(found, wanted, tolerance=TOLERANCE):
    assert found.device.type == DEVICE
    far = (found.double().cpu() - wanted).abs() / wanted.abs().clamp(min=1.0)
    assert float(far.max()) <= tolerance


@every_shape
@pytest.mark.parametrize("route", [None, "walk", "recover"])
def test_every_signal_on_a_gpu_is_that_of_the_same_module_in_float64(kind, layers, two_ways, route):
    module, truth = module_and_truth(kind, layers, two_ways)
    output, _, found = capture(module, packed().to(DEVICE), route=route)
    wanted_output, _, wanted = capture(truth, packed().double())
    assert_near(output.data, wanted_output.data)
    for name, values in wanted.items():
        assert_near(found[name], values)


@every_shape
def test_what_is_watched_on_a_gpu_is_what_is_captured(kind, layers, two_ways):
    module, truth = module_and_truth(kind, layers, two_ways)
    with watch(module) as seen, torch.no_grad():
        module(packed().to(DEVICE))
    for name, values in capture(truth, packed().double())[2].items():
        assert_near(seen[""][0][name], values)


@every_shape
def test_gradients_flow_on_a_gpu_in_evaluation_mode(kind, layers, two_ways):
    module, truth = module_and_truth(kind, layers, two_ways)
    text = torch.randn(12, 8)
    slopes = []
    for place, own in ((module, text.to(DEVICE)), (truth, text.double())):
        rows = own.requires_grad_()
        slopes.append(torch.autograd.grad(capture(place, rows)[0].sum(), rows)[0])
    assert_near(*slopes)
    assert not module.training


def test_a_vocabulary_table_on_a_gpu_gives_what_the_rows_give():
    module, _ = module_and_truth("lstm", 1, False)
    embedding = torch.nn.Embedding(50, 8).to(DEVICE)
    ids = torch.randint(0, 50, (12, 4)).to(DEVICE)
    with torch.no_grad():
        output, _, _ = capture(module, ids, table=vocabulary_table(embedding, module))
        wanted, _, _ = capture(module, embedding(ids))
    assert_near(output, wanted.double().cpu())


ROUNDED = {"TF32": (torch.float32, True, 1e-2), "bfloat16": (torch.bfloat16, False, 1e-1)}


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("precision", ROUNDED)
@pytest.mark.parametrize("route", ["walk", "recover"])
def test_numbers_of_fewer_bits_are_as_near_as_they_promise(kind, precision, route):
    dtype, tf32, tolerance = ROUNDED[precision]
    module, truth = module_and_truth(kind, 2, True)
    rows = packed()
    rows = rows._replace(data=rows.data.to(dtype).float())
    module = module.to(dtype)
    truth.load_state_dict({name: value.double() for name, value in module.state_dict().items()})
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=tf32):
        found = capture(module, rows.to(DEVICE).to(dtype), route=route)[2]
        with torch.no_grad(), watch(module) as seen:
            module(rows.to(DEVICE).to(dtype))
    for name, values in capture(truth, rows.double())[2].items():
        assert_near(found[name], values, tolerance)
        assert_near(seen[""][0][name], values, tolerance)


@pytest.mark.parametrize("route", ["walk", "recover"])
@pytest.mark.parametrize("form", ["packed", "padded", "one text"])
def test_a_projected_lstm_on_a_gpu_is_that_in_float64(route, form):
    torch.manual_seed(0)
    module = torch.nn.LSTM(8, 16, 2, proj_size=5, bidirectional=True).eval()
    truth, module = copy.deepcopy(module).double(), module.to(DEVICE)
    rows = {"packed": packed(), "padded": torch.randn(9, 3, 8), "one text": torch.randn(9, 8)}[form]
    found = capture(module, rows.to(DEVICE), route=route)[2]
    with torch.no_grad(), watch(module) as seen:
        module(rows.to(DEVICE))
    for name, values in capture(truth, rows.double())[2].items():
        assert_near(found[name], values)
        assert_near(seen[""][0][name], values)


@pytest.mark.parametrize("cell", [torch.nn.LSTMCell, torch.nn.GRUCell, torch.nn.RNNCell])
def test_cells_are_watched_on_a_gpu(cell):
    torch.manual_seed(0)
    module, tokens, state = cell(8, 16).to(DEVICE), torch.randn(7, 3, 8, device=DEVICE), None
    with torch.no_grad(), watch(module) as seen:
        for token in tokens:
            state = module(token, state)
    assert [reading["hidden"].shape for reading in seen[""]] == [(1, 1, 7, 3, 16)]


def test_a_model_that_trains_on_a_gpu_is_watched():
    module = torch.nn.LSTM(8, 16).to(DEVICE)
    with watch(module) as seen:
        module(torch.randn(9, 3, 8, device=DEVICE))[0].sum().backward()
    assert seen[""][0].receipt < TOLERANCE
    assert all(value.grad is not None for value in module.parameters())
