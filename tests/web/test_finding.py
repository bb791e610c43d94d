"""The browser searches a small corpus as Python does: the same hits in the same order, with the same numbers."""

import itertools
import json

import pytest

from rnnviz import corpus
from rnnviz.checkpoint.folder import load
from rnnviz.page.finding import searched
from rnnviz.page.portable import portable
from rnnviz.page.requests import Find
from tests.builders import WORDS, checkpoint

KINDS = {
    "lstm": {},
    "gru": {"layers": 2},
    "rnn": {"bidirectional": True},
}


@pytest.fixture(scope="module", params=KINDS)
def index(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    checkpoint(request.param, hidden_size=24, **KINDS[request.param]).save_pretrained(folder / "network")
    texts = [" ".join(WORDS[(place * step + step) % 16] for place in range(2 + step % 9)) for step in range(120)]
    texts.append(" ".join(WORDS * 15))
    return corpus.build(load(folder / "network"), texts, folder / "index")


@pytest.mark.parametrize("number", [1, 3, 8])
def test_the_browser_finds_what_python_finds(engine, index, tmp_path, number):
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps(portable(index)), encoding="utf-8")
    states = index.hidden.astype(float)
    for at, before, after, every in itertools.product((5, 77, 200), *[(False, True)] * 3):
        order = abs(states[at]).argsort()[::-1][:number]
        units = [[int(unit), 1 if states[at, unit] > 0 else -1] for unit in sorted(order)]
        asked = {"model": "network", "units": units, "threshold": 0.3, "length": 2, "most": 12}
        asked |= {"before": before, "after": after, "every": every}
        wanted = json.loads(json.dumps(searched(index, Find.model_validate(asked))))
        found = engine.ask(tmp_path, "find", {"path": str(path), "asked": asked})
        assert found.keys() == wanted.keys()
        for name in ("total", "texts", "least", "labels"):
            assert found[name] == wanted[name], (name, asked)
        for own, other in zip(found["hits"], wanted["hits"], strict=True):
            near = {name: pytest.approx(other[name], abs=1e-4) for name in ("bits", "probability")}
            assert own == other | near


def test_without_units_the_browser_tells_what_there_is(engine, index, tmp_path):
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps(portable(index)), encoding="utf-8")
    wanted = json.loads(json.dumps(searched(index, Find.model_validate({"model": "network"}))))
    assert engine.ask(tmp_path, "find", {"path": str(path), "asked": {"model": "network"}}) == wanted
