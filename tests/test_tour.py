"""The notebook of examples/: it runs anywhere, and still shows what it showed when it was written (docs/tour.py)."""

import importlib.util
import re
import tomllib

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

from tests.test_docs import README, ROOT

TOUR = ROOT / "examples" / "tour.ipynb"
PLOTLY = "application/vnd.plotly.v1+json"
TINY = re.compile(r"\d\.\de[-+]\d\d")  # distances of the size of rounding, which differ between processors
MOST_BYTES = 300_000
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]


def shown(output):
    """What an output says in words: its text, or the title of its figure."""
    data = output.get("data", {})
    title = data[PLOTLY]["layout"]["title"]["text"] if PLOTLY in data else data.get("text/plain", "")
    return output.get("text") or title


def told(notebook):
    """What each cell prints and draws, without the size of roundings and without what differs between processors."""
    cells = [cell for cell in notebook.cells if "varies" not in cell.metadata.get("tags", ())]
    return [TINY.sub("tiny", "".join(map(shown, cell.get("outputs", [])))) for cell in cells]


def sources(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(TOUR, as_version=4)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """The notebook, run in an empty folder, as whoever opens it alone does."""
    notebook = nbformat.read(TOUR, as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None)
    folder = {"metadata": {"path": str(tmp_path_factory.mktemp("somewhere"))}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
        patch.setenv("PYTHONPATH", str(ROOT))
        return NotebookClient(notebook, timeout=None, startup_timeout=600, resources=folder).execute()


def test_the_tour_runs_and_shows_what_it_showed_when_it_was_written(stored, fresh):
    assert told(fresh) == told(stored)
    assert sum(PLOTLY in output.get("data", ()) for cell in fresh.cells for output in cell.get("outputs", [])) > 9


def test_every_receipt_in_the_tour_is_of_the_size_of_rounding(fresh):
    printed = "".join(output.get("text", "") for cell in fresh.cells for output in cell.get("outputs", []))
    receipts = [float(found.group()) for found in TINY.finditer(printed)]
    assert len(receipts) == 1
    assert max(receipts) < 2e-6


def test_the_lstm_of_the_tour_learns_what_the_plain_rnn_does_not(fresh):
    (cell,) = (cell for cell in fresh.cells if "varies" in cell.metadata.get("tags", ()))
    right = dict(re.findall(r"^(\w+) .* (\d+)%$", "".join(map(shown, cell.outputs)), re.MULTILINE))
    assert int(right["lstm"]) >= 95
    assert int(right["rnn"]) <= 35  # of 500 texts, guessing is right in 25 % and hardly ever in more


def test_the_first_thing_that_the_tour_shows_is_the_interactive_reading(fresh):
    first = next(cell for cell in fresh.cells if cell.get("outputs"))
    assert "<iframe" in first.outputs[0]["data"]["text/html"]
    assert sources(fresh).index(first.source) == 1


@pytest.mark.parametrize(("there", "installed"), [(True, 0), (False, 1)])
def test_the_first_cell_installs_rnnviz_where_it_is_not_and_only_there(stored, monkeypatch, there, installed):
    done = []

    class Shell:
        def run_line_magic(self, name, line, **_):
            done.append((name, line))

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if there else None)
    code = TransformerManager().transform_cell(sources(stored)[0])
    exec(code, {"get_ipython": Shell})  # noqa: S102 - the cell as IPython runs it
    assert done == [("pip", f'install --quiet "rnnviz @ git+{REPOSITORY}"')] * installed


def test_the_readme_opens_this_notebook_in_colab():
    path = REPOSITORY.removeprefix("https://github.com/")
    assert f"](https://colab.research.google.com/github/{path}/blob/main/examples/tour.ipynb)" in README


def test_what_is_kept_of_the_tour_is_small_and_runs_nothing(stored):
    kept = [output for cell in stored.cells for output in cell.get("outputs", [])]
    assert {kind for output in kept for kind in output.get("data", ())} == {"image/png", "text/plain"}
    assert {output.name for output in kept if output.output_type == "stream"} == {"stdout"}
    assert len(TOUR.read_bytes()) < MOST_BYTES
