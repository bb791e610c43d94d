"""Every public name has an example in its docstring, which runs and prints what it shows."""

import doctest
import inspect
import re
from importlib import import_module

import numpy as np
import pytest
import torch

import rnnviz

MODULES = (
    "analysis",
    "analysis.claims",
    "convert",
    "corpus",
    "datasets",
    "foreign",
    "formats",
    "tasks",
    "text",
    "training",
)
SECTION = re.compile(r"^Example:\n(?: {4}.*\n?|\n)+", re.MULTILINE)


def public() -> dict[str, object]:
    """Each public name with what it stands for, once: its own modules, classes and functions, but no constants."""
    found = {f"rnnviz.{name}": getattr(rnnviz, name) for name in rnnviz.__all__}
    found |= {f"rnnviz.figures.{name}": getattr(rnnviz.figures, name) for name in rnnviz.figures.__all__}
    for place in MODULES:
        module = import_module(f"rnnviz.{place}")
        for name in sorted({*vars(module), *getattr(module, "_HOMES", ())}):
            thing = getattr(module, name)
            if not name.startswith("_") and is_own(thing, module.__name__):
                found[f"rnnviz.{place}.{name}"] = thing
    first = {id(thing): name for name, thing in reversed(found.items())}
    return {name: thing for name, thing in found.items() if first[id(thing)] == name}


def is_own(thing: object, module: str) -> bool:
    """Whether a module offers this class or function. One that holds code of its own offers what is written there."""
    if not (inspect.isclass(thing) or inspect.isfunction(thing)) or not thing.__module__.startswith("rnnviz."):
        return False
    return module != "rnnviz.analysis.claims" or thing.__module__ == module


PUBLIC = public()
NAMES = tuple(PUBLIC)


def test_there_are_as_many_public_names_as_anybody_would_expect():
    assert len(NAMES) > 70
    assert {"rnnviz.read", "rnnviz.figures.heatmap", "rnnviz.analysis.claims.masks", "rnnviz.text.tokenise"} <= {*NAMES}
    assert "rnnviz.training.train" not in NAMES  # it is rnnviz.train


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_an_example_that_runs_and_prints_what_it_shows(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the example's files go, and no checkpoints/ lies
    monkeypatch.setattr("plotly.graph_objects.Figure.show", lambda figure: None)
    example = SECTION.search(inspect.getdoc(PUBLIC[name]) or "")
    assert example, f"the docstring of {name} has no section Example:"
    names = {"rnnviz": rnnviz, "np": np, "torch": torch}
    test = doctest.DocTestParser().get_doctest(example[0], names, name, name, 0)
    assert any(one.want for one in test.examples), f"the example of {name} prints nothing"
    wrong = []
    torch.manual_seed(0)
    doctest.DocTestRunner(verbose=False).run(test, out=wrong.append)
    assert "".join(wrong) == ""
