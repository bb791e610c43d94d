"""Runs examples/tour.ipynb and keeps what it shows: ``python docs/tour.py``. Run it after the notebook has changed.

GitHub runs no scripts in a notebook, so each figure is kept as a small picture, with its title as text beside it. The
notebook itself draws the live figures again when it is run.
"""

import base64
import io
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import plotly.io
from nbclient import NotebookClient
from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import find_browser
from tests.browser.server import FLAGS

TOUR = Path(__file__).parents[1] / "examples" / "tour.ipynb"
PLOTLY = "application/vnd.plotly.v1+json"
WIDTH, COLOURS = 800, 96


def run() -> nbformat.NotebookNode:
    """The notebook with all that it shows, figures as JSON."""
    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
    notebook = nbformat.read(TOUR, as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None)
    folder = {"metadata": {"path": str(TOUR.parent)}}
    return NotebookClient(notebook, timeout=None, startup_timeout=600, resources=folder).execute()


def light(data: dict[str, Any], page: Page) -> dict[str, Any]:
    """The same output as a picture and one line of text."""
    if PLOTLY in data:
        title = data[PLOTLY]["layout"]["title"]["text"]
        page.set_content(plotly.io.from_json(plotly.io.to_json(data[PLOTLY], validate=False)).to_html())
        return {"image/png": picture(page, ".plotly-graph-div"), "text/plain": title}
    page.set_content(data["text/html"])
    return {"image/png": picture(page, "iframe"), "text/plain": data["text/plain"]}


def picture(page: Page, selector: str) -> str:
    """A small PNG of an element, as a notebook holds it."""
    page.wait_for_timeout(1_000)
    shot = Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")
    found = io.BytesIO()
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(found, "PNG", optimize=True)
    return base64.b64encode(found.getvalue()).decode()


def main() -> None:
    """Run, draw, write."""
    notebook = run()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser.path(), args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
        for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
            if {PLOTLY, "text/html"} & set(output.get("data", ())):
                output["data"], output["metadata"] = light(output["data"], page), {}
        browser.close()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, TOUR)


if __name__ == "__main__":
    main()
