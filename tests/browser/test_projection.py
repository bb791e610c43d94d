"""The view Projection: the path of a text is Python's, points tell and open their texts, and no index is no picture."""

import csv
import itertools
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz import corpus, datasets
from tests.browser.conftest import boxes, visiting
from tests.browser.server import served
from tests.browser.test_access import faults

pytestmark = pytest.mark.browser

TEXT = "the movie was not good , but it was long"
NOUNS = ("movie", "film", "acting", "story", "music", "end", "plot")
WORDS = {"good": "positive", "great": "positive", "wonderful": "positive", "funny": "positive"}
WORDS |= {"bad": "negative", "dull": "negative", "boring": "negative"}
PATTERNS = ("the {noun} was {word}", "is the {noun} {word} ?", "a {word} {noun}")
PAD = {"left": 34, "top": 10, "right": 16, "bottom": 26}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """An index of labelled sentences."""
    folder = tmp_path_factory.mktemp("indexes")
    table = folder / "sentences.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "label"))
        for pattern, noun, (word, label) in itertools.product(PATTERNS, NOUNS, WORDS.items()):
            rows.writerow((pattern.format(noun=noun, word=word), label))
    return corpus.build(rnnviz.load("sst2-lstm"), datasets.load(table), folder / "sentences")


@pytest.fixture(scope="module")
def address(index, log):
    with log.open("ab") as out, served(out, "-m", "rnnviz", "serve", "--index", str(index.folder)) as url:
        yield url


@pytest.fixture
def reader(browser, address):
    with visiting(browser, address) as found:
        yield found


@pytest.fixture(scope="module")
def trace():
    return rnnviz.read(rnnviz.load("sst2-lstm"), TEXT)


def opened(reader, text=TEXT):
    reader.read(text)
    reader.open_view("projection")
    view = reader.page.locator(".rv-view[data-view=projection]")
    expect(view.locator(".rv-projection-picture svg, .rv-find-how").first).to_be_visible()
    return view


def table(view, words):
    """The numbers of the table under the picture, once it has so many words."""
    rows = view.locator(".rv-table tbody tr")
    expect(rows).to_have_count(words)
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    return np.array([[float(cell.replace("−", "-")) for cell in row] for row in cells])


def pixels(view, plane, path, number):
    """Where a point of the cloud is in the picture, by the scales of the picture."""
    svg = view.locator(".rv-projection-picture svg")
    width, height = (float(svg.get_attribute(name)) for name in ("width", "height"))
    start = plane.offsets[None]  # the state before the first word is 0
    every = np.concatenate([plane.points, path, start])
    low, high = every.min(axis=0), every.max(axis=0)
    share = (plane.points[number] - low + 0.05 * (high - low)) / (1.1 * (high - low))
    x = PAD["left"] + share[0] * (width - PAD["left"] - PAD["right"])
    return {"x": x, "y": height - PAD["bottom"] - share[1] * (height - PAD["top"] - PAD["bottom"])}


def test_the_path_is_that_of_the_python_package_and_follows_the_text(reader, index, trace):
    view = opened(reader)
    plane = index.projection(trace.readout)
    view.locator("summary").click()
    np.testing.assert_allclose(table(view, 10), plane.path(trace), atol=0.003)
    expect(view.locator(".rv-projection-words bdi")).to_have_text(TEXT.split())
    first, second = plane.shares
    said = view.locator(".rv-said").inner_text()
    assert "147 texts" in said
    for share in (first, second, 1 - first - second):
        assert any(abs(int(one) - 100 * share) < 1 for one in re.findall(r"(\d+)%", said))
    leads = plane.path(trace)[:, 0]
    widest = int(np.abs(np.diff(leads)).argmax()) + 1
    assert f"at “{trace.tokens[widest]}" in said
    asked = []
    reader.page.on("request", lambda request: asked.append(request.post_data or ""))
    shorter = "a dull film"
    reader.read(shorter)
    path = plane.path(rnnviz.read(rnnviz.load("sst2-lstm"), shorter))
    np.testing.assert_allclose(table(view, 3), path, atol=0.003)
    assert not [body for body in asked if '"project"' in body]  # a keystroke asks nobody for the path


def test_a_word_of_the_path_is_the_word_of_the_page(reader, index, trace):
    view = opened(reader)
    lead = index.projection(trace.readout).path(trace)[3, 0]
    view.locator(".rv-projection-words button").nth(3).click()
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")
    expect(view.locator(".rv-found")).to_contain_text(f"“not” the lead of positive is {lead:.2f}".replace("-", "−"))
    reader.words.nth(1).click()
    expect(view.locator(".rv-projection-step.rv-at")).to_have_attribute("data-token", "1")
    expect(view.locator("h3")).to_contain_text("“movie”")


def test_a_point_tells_its_text_and_a_click_opens_it(reader, index, trace):
    view = opened(reader)
    plane = index.projection(trace.readout)
    path = plane.path(trace)
    number = int(np.abs(plane.points[:, 0]).argmax())  # far out, away from the path
    picture = view.locator(".rv-projection-picture")
    picture.scroll_into_view_if_needed()
    place = pixels(view, plane, path, number)
    picture.hover(position=place)
    told = view.locator(".rv-found bdi")
    label = index.about.classes[index.labels[number]]
    expect(view.locator(".rv-found b")).to_have_text(label)
    text = told.inner_text()
    near = [at for at in range(len(index)) if index.written(at) == text]
    assert near
    reader.after(lambda: picture.click(position=place))
    assert reader.text.input_value() == text
    expect(view.locator(".rv-projection-words bdi")).to_have_text(text.split())


def test_the_texts_nearest_to_a_word_open_by_the_keyboard(reader, index, trace):
    view = opened(reader)
    entries = view.locator(".rv-find-hits button")
    expect(entries).to_have_count(5)
    text = entries.first.locator(".rv-find-text").inner_text()
    entries.first.focus()
    reader.after(lambda: reader.page.keyboard.press("Enter"))
    assert reader.text.input_value() == text


def test_the_plane_is_asked_for_once(reader):
    asked = []
    reader.page.on("request", lambda request: asked.append(json.loads(request.post_data or "{}")))
    opened(reader)
    reader.open_view("packed")
    reader.read("not a good film")
    reader.open_view("projection")
    expect(reader.page.locator(".rv-projection-words bdi")).to_have_text(["not", "a", "good", "film"])
    assert [one["data"] for one in asked if one.get("fn_name") == "project"] == [{"model": "sst2-lstm", "answer": 1}]


def test_without_an_index_the_view_says_how_to_make_one(reader):
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    view = opened(reader)
    expect(view.locator(".rv-find-commands")).to_have_text(
        "rnnviz index sst2-gru texts.csv --out sst2-gru.index\nrnnviz serve --index sst2-gru.index"
    )
    expect(view.locator(".rv-projection-picture")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1100, 400])
def test_nothing_runs_out_of_the_view_at_any_width_and_axe_finds_no_fault(reader, width):
    reader.page.set_viewport_size({"width": width, "height": 900})
    view = opened(reader)
    edge = boxes(view)[0]["right"]
    expect(view.locator(".rv-projection-picture svg")).not_to_have_attribute("width", "640")
    assert max(box["right"] for box in boxes(view.locator("*:not(svg *)"))) <= edge
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(reader.page, ".rv-views") == []


def test_while_the_text_is_played_the_path_grows_and_the_picture_stays(reader):
    view = opened(reader)
    ticks = view.locator(".rv-projection-axes text").all_inner_texts()
    reader.page.locator(".rv-read").click()
    expect(view.locator(".rv-projection-step")).to_have_count(2)
    expect(view.locator(".rv-projection-words bdi")).to_have_text(TEXT.split()[:2])
    assert view.locator(".rv-projection-axes text").all_inner_texts() == ticks
    reader.page.locator(".rv-read").click()
    expect(view.locator(".rv-projection-words bdi")).to_have_text(TEXT.split())
