"""The page in Firefox and in WebKit, the engine of Safari: served by Python, as a static site and as one file."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

import rnnviz
from rnnviz.page import assets, site
from tests.browser.server import web_server
from tests.browser.webdriver import STARTED, Window, missing
from tests.shipped import FOLDER, opened

TEXT = "the movie was not good"
SHOWN = "const page = document.querySelector('.rv-page'); return page && page.dataset.state"
COLUMN = "return document.querySelectorAll('.rv-compare-column')[3].getBoundingClientRect().toJSON()"
ANSWER = "return document.querySelector('.rv-answer').innerText"


@pytest.fixture(scope="module", params=STARTED)
def browser_window(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """A window of one of the browsers that are installed here."""
    if lacks := missing(request.param):
        pytest.skip(lacks)
    with STARTED[request.param](tmp_path_factory.mktemp(request.param)) as window:
        yield window


@pytest.fixture(scope="module")
def static_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("web")
    site.write_folder(root / "courses" / "rnnviz", FOLDER, ["sst2-lstm"])
    with web_server(root) as origin:
        yield f"{origin}/courses/rnnviz/"


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("stick") / "rnnviz.html"
    site.write_file(path, FOLDER, ["sst2-lstm"])
    return path.as_uri()


@pytest.fixture(params=["address", "static_site", "one_file"])
def window(request: pytest.FixtureRequest, browser_window: Window) -> Iterator[Window]:
    """The page, opened in each of the places where it may be; an error in it fails the test."""
    browser_window.open(request.getfixturevalue(request.param))
    browser_window.size(1280, 800)
    browser_window.until(SHOWN, "shown")
    yield browser_window
    browser_window.run("sessionStorage.clear()")  # the language that was chosen
    assert browser_window.run("return wrong") == []


def answer(trace: rnnviz.Trace) -> str:
    return f"{trace.label}, {trace.verdicts[-1].max():.0%}"


def read_here(window: Window) -> None:
    """Type until the network has come, and the browser itself reads: until then Python does."""
    while "Read in this browser" not in window.text(".rv-receipt"):
        before = window.run("return document.querySelector('.rv-page').dataset.seq")
        window.type("#rv-text", " a")
        window.until(f"return document.querySelector('.rv-page').dataset.seq > {before}", True)


def test_a_visitor_types_holds_a_gate_packs_a_batch_and_changes_the_language(window):
    network = opened("sst2-lstm")
    read_here(window)
    words = TEXT.split()
    for count, word in enumerate(words, 1):
        (window.type if count > 1 else window.type_anew)("#rv-text", f" {word}")
        window.until(ANSWER, answer(rnnviz.read(network, " ".join(words[:count]))))

    window.click(".rv-word:nth-of-type(4)")
    window.until("return document.querySelector('.rv-cell-card .rv-where').innerText.includes('not')", True)
    unit = int(window.text(".rv-cell-card .rv-where").split("unit ")[1].split()[0])
    window.drag(".rv-gauge[data-signal=input]", 0.0)
    held = rnnviz.hold(network, TEXT, [rnnviz.Clamp("input", 0.0, tokens=3, units=unit)])
    assert answer(held) != answer(rnnviz.read(network, TEXT))
    window.until(ANSWER, answer(held))

    window.click(".rv-view-tabs [data-tab=packed]")
    window.type_anew("#rv-batch", "a b\nc d e\nf")
    cells = "return [...document.querySelectorAll('.rv-data .rv-cell text')].map((cell) => cell.textContent).join('')"
    window.until(cells, "cafdbe")

    window.click(".rv-language option[value=el]")
    window.until("return document.documentElement.lang", "el")
    window.until("return document.querySelector('.rv-top [data-say=tagline]').innerText", assets.words("el")["tagline"])
    assert assets.words("el")["class_negative"] in window.text(".rv-answer")


def test_where_a_sentence_has_no_word_its_cells_are_hatched(window):
    window.click(".rv-view-tabs [data-tab=compare]")
    window.until("return document.querySelectorAll('.rv-stripe.rv-gap').length > 1", True)
    for _ in range(20):  # the view itself scrolls to the word that it tells of
        window.run("document.querySelector('.rv-compare .rv-columns').scrollLeft = 0")
        row, column = window.box(".rv-stripe.rv-gap"), window.run(COLUMN)
        edges = (column["left"] + 2, row["top"] + 1, column["right"] - 2, row["bottom"] - 2)
        seen = Image.open(io.BytesIO(window.picture())).convert("L").crop(edges)
        dark = sum(seen.point(lambda value: value < 160, "1").get_flattened_data()) / (seen.width * seen.height)
        if 0.05 < dark < 0.3:
            return
    pytest.fail(f"{dark:.0%} of the cell is dark")


def test_an_error_in_a_page_is_heard(browser_window, tmp_path):
    (tmp_path / "page.html").write_text("<script>setInterval(() => { throw new Error('heard') }, 50)</script>")
    with web_server(tmp_path) as origin:  # from a file WebKit does not say which
        browser_window.open(f"{origin}/page.html")
        browser_window.until("return wrong.length > 0", True)
    assert "heard" in browser_window.run("return wrong[0]")
