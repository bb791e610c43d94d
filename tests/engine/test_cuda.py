"""Capture on a GPU against the same module on the CPU in float64. Skipped, and so said, where there is no GPU."""

import copy
import itertools

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from rnnviz import vocabulary_table, watch
from rnnviz.engine.capture import capture
from tests.engine.cases import MODULES

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
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
    return copy.deepcopy(module).cuda(), module.double()


def packed():
    torch.manual_seed(1)
    return pack_sequence([torch.randn(length, 8) for length in LENGTHS], enforce_sorted=False)


def assert_near(found, wanted):
    assert found.is_cuda
    far = (found.double().cpu() - wanted).abs() / wanted.abs().clamp(min=1.0)
    assert float(far.max()) <= TOLERANCE


@every_shape
@pytest.mark.parametrize("route", [None, "walk", "recover"])
def test_every_signal_on_a_gpu_is_that_of_the_same_module_in_float64(kind, layers, two_ways, route):
    module, truth = module_and_truth(kind, layers, two_ways)
    output, _, found = capture(module, packed().to("cuda"), route=route)
    wanted_output, _, wanted = capture(truth, packed().double())
    assert_near(output.data, wanted_output.data)
    for name, values in wanted.items():
        assert_near(found[name], values)


@every_shape
def test_what_is_watched_on_a_gpu_is_what_is_captured(kind, layers, two_ways):
    module, truth = module_and_truth(kind, layers, two_ways)
    with watch(module) as seen, torch.no_grad():
        module(packed().to("cuda"))
    for name, values in capture(truth, packed().double())[2].items():
        assert_near(seen[""][0][name], values)


@every_shape
def test_gradients_flow_on_a_gpu_in_evaluation_mode(kind, layers, two_ways):
    module, truth = module_and_truth(kind, layers, two_ways)
    text = torch.randn(12, 8)
    slopes = []
    for place, own in ((module, text.cuda()), (truth, text.double())):
        rows = own.requires_grad_()
        slopes.append(torch.autograd.grad(capture(place, rows)[0].sum(), rows)[0])
    assert_near(*slopes)
    assert not module.training


def test_a_vocabulary_table_on_a_gpu_gives_what_the_rows_give():
    module, _ = module_and_truth("lstm", 1, False)
    embedding = torch.nn.Embedding(50, 8).cuda()
    ids = torch.randint(0, 50, (12, 4)).cuda()
    with torch.no_grad():
        output, _, _ = capture(module, ids, table=vocabulary_table(embedding, module))
        wanted, _, _ = capture(module, embedding(ids))
    assert_near(output, wanted.double().cpu())
