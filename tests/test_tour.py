"""The notebook of examples/: it runs, and still shows what it showed when it was written."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from tests.test_docs import ROOT

TOUR = ROOT / "examples" / "tour.ipynb"
TINY = re.compile(r"\d\.\de[-+]\d\d")  # distances of the size of rounding, which differ between processors


def shown(notebook):
    """What each cell prints and returns, without the size of roundings."""
    found = []
    for cell in notebook.cells:
        parts = [output.get("text") or output["data"]["text/plain"] for output in cell.get("outputs", [])]
        found.append(TINY.sub("tiny", "".join(parts)))
    return found


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(TOUR, as_version=4)


@pytest.fixture(scope="module")
def fresh():
    notebook = nbformat.read(TOUR, as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None)
    return NotebookClient(
        notebook, timeout=600, startup_timeout=600, resources={"metadata": {"path": str(TOUR.parent)}}
    ).execute()


def test_the_tour_runs_and_shows_what_it_showed_when_it_was_written(stored, fresh):
    assert shown(fresh) == shown(stored)


def test_every_receipt_in_the_tour_is_of_the_size_of_rounding(fresh):
    printed = "".join(output.get("text", "") for cell in fresh.cells for output in cell.get("outputs", []))
    receipts = [float(found.group()) for found in TINY.finditer(printed)]
    assert len(receipts) == 7  # the output, and six signals
    assert max(receipts) < 2e-6
