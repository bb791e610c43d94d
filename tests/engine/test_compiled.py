"""A compiled model runs uncompiled while it is watched, and compiled again afterwards."""

import pytest
import torch
from torch import nn

import rnnviz

X = torch.linspace(-1, 1, 24).view(2, 4, 3)
MODELS = {"cell": (lambda: nn.Sequential(nn.GRUCell(3, 4)), X[0]), "layers": (lambda: nn.Sequential(nn.LSTM(3, 4)), X)}
every_model = pytest.mark.parametrize(("make", "inputs"), MODELS.values(), ids=MODELS)


class Backend:
    """Runs what it is given as it is, and counts how often."""

    def __init__(self):
        self.runs = 0

    def __call__(self, graph, inputs):
        def run(*args):
            self.runs += 1
            return graph(*args)

        return run


@pytest.fixture(autouse=True)
def forgotten():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@every_model
@pytest.mark.parametrize("before", [True, False], ids=["ran before", "runs first inside"])
@pytest.mark.parametrize("form", ["module", "in place", "function"])
def test_a_compiled_model_is_seen_as_the_plain_one(make, inputs, before, form):
    model, backend = make(), Backend()
    whole = form != "in place" and isinstance(model[0], nn.GRUCell)  # the others PyTorch itself refuses as one graph
    settings = {"backend": backend, "fullgraph": whole}
    with rnnviz.watch(model) as plain:
        model(inputs)
    call = watched = model
    if form == "in place":
        model.compile(**settings)
    elif form == "module":
        call = watched = torch.compile(model, **settings)
    else:
        call = torch.compile(lambda given: model(given), **settings)
    if before:
        call(inputs)
    runs = backend.runs
    with rnnviz.watch(watched) as seen:
        call(inputs)
    ((reading,),) = seen.values()
    assert backend.runs == runs
    torch.testing.assert_close(dict(reading), dict(plain["0"][0]))


@pytest.mark.parametrize("failed", [True, False], ids=["after an exception", "after the block"])
def test_the_model_runs_compiled_again(failed):
    backend = Backend()
    model = torch.compile(MODELS["cell"][0](), backend=backend)
    model(X[0])
    try:
        with rnnviz.watch(model):
            model(X[0])
            if failed:
                raise KeyError("in the block")
    except KeyError:
        assert failed
    assert backend.runs == 1
    model(X[0])
    assert backend.runs == 2


def test_a_stance_that_somebody_had_set_is_given_back():
    with torch.compiler.set_stance("fail_on_recompile"):
        model = torch.compile(MODELS["cell"][0](), backend="eager")
        with rnnviz.watch(model) as seen:
            model(X[0])
        with pytest.raises(RuntimeError):
            model(X[0])
    assert len(seen["_orig_mod.0"]) == 1


def test_a_model_that_is_compiled_inside_the_block_is_seen():
    model = MODELS["cell"][0]()
    with rnnviz.watch(model) as seen:
        torch.compile(model, backend="eager", fullgraph=True)(X[0])
    assert len(seen["0"]) == 1
