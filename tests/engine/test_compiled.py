"""A compiled model runs uncompiled while it is watched, and compiled again afterwards."""

import subprocess
import sys

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


FRESH = """
import importlib.util
import sys
import torch
import rnnviz
from torch import nn

class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.GRUCell(3, 4))

    def forward(self, given):
        return self.inner(given)

def compile_module(model):
    return torch.compile(model, backend="eager", fullgraph=True)

def compile_in_place(model):
    model.compile(backend="eager", fullgraph=True)
    return model

def compile_submodule(model):
    model.inner = torch.compile(model.inner, backend="eager", fullgraph=True)
    return model

def compile_function(model):
    return torch.compile(backend="eager", fullgraph=True)(lambda given: model(given))

inputs, model, finders = torch.ones(2, 3), Both(), [*sys.meta_path]
kept = model.inner[0]
assert "torch._dynamo" not in sys.modules
with rnnviz.watch(model) as around, rnnviz.watch(model) as seen:
    assert importlib.util.find_spec("torch._dynamo") is not None  # somebody asks whether it is there
    assert "torch._dynamo" not in sys.modules
    call = {form}(model)
    given = call(inputs)
assert torch.equal(given, kept(inputs))
assert [len(readings) for readings in (*seen.values(), *around.values())] == [1, 1]
assert sys.meta_path == finders
ran = []
torch._dynamo.reset()
torch.compile(kept, backend=lambda graph, _: ran.append(1) or graph)(inputs)
assert ran, "nothing is compiled any more after the block"
"""


LATE = """
import importlib.util
import sys
import torch
import rnnviz
from torch import nn

with rnnviz.watch(nn.GRUCell(3, 4)):
    spec = importlib.util.find_spec("torch._dynamo")
sys.modules["torch._dynamo"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
ran = []
torch.compile(nn.Linear(3, 4), backend=lambda graph, _: ran.append(1) or graph)(torch.ones(2, 3))
assert ran, "nothing is compiled after the block"
"""


def test_a_compiler_that_was_looked_up_in_the_block_and_loaded_after_it_compiles():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", ["compile_module", "compile_in_place", "compile_submodule", "compile_function"])
def test_a_model_that_is_the_first_to_be_compiled_in_a_process_is_seen_and_its_call_holds(form):
    code = FRESH.replace("{form}", form)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
