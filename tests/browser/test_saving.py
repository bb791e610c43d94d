"""The reading leaves the page: as numbers, as a picture, as a page of its own."""

import csv
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import rnnviz
from rnnviz.page.standalone import page_of
from rnnviz.trace import Trace
from tests.browser.server import ROOT
from tests.builders import checkpoint

pytestmark = pytest.mark.browser
TEXT = "the movie was not good"


@pytest.fixture
def save(reader, tmp_path):
    """Save the reading as one kind of file; where it is."""

    def act(kind):
        reader.page.locator(".rv-save").click()
        with reader.page.expect_download() as download:
            reader.page.locator(f"[data-kind={kind}]").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    return act


def fresh():
    return rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), TEXT)


def test_the_numbers_that_are_saved_are_those_of_the_python_package(reader, save):
    reader.read(TEXT)
    trace = fresh()
    np.testing.assert_array_equal(Trace.load(save("npz")).signals["cell"], trace.signals["cell"])
    assert json.loads(save("json").read_text())["verdicts"] == trace.verdicts.tolist()
    lines = save("csv").read_text("utf-8-sig").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert len(rows) == 5 * 32
    np.testing.assert_allclose(float(rows[-1]["cell"]), trace.signals["cell"][0, 0, -1, -1], rtol=1e-6)


def provenance_in(path):
    """What a saved file says that it comes from, read by what reads such files."""
    match path.suffix:
        case ".csv":
            lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.startswith("# ")]
            return {name: json.loads(value) for name, value in (line[2:].split(": ", 1) for line in lines)}
        case ".json":
            return json.loads(path.read_text())["provenance"]
        case ".npz":
            return json.loads(np.load(path)["provenance"].tobytes())
        case ".png":
            return json.loads(Image.open(path).text["provenance"])
        case ".svg":
            return json.loads(ElementTree.fromstring(path.read_text())[0].text)  # noqa: S314 - the page wrote it
    return json.loads(re.search(r'id="rnnviz-props">(.*?)</script>', path.read_text(), re.DOTALL)[1])["provenance"]


@pytest.mark.parametrize("kind", ["csv", "json", "npz", "png", "svg", "html"])
def test_every_file_says_which_network_read_which_text_with_what_held(reader, save, kind):
    reader.read(TEXT)
    reader.words.nth(3).click()
    reader.after(lambda: reader.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    about = provenance_in(save(kind))
    config = rnnviz.load(ROOT / "checkpoints" / "sst2-lstm").config
    assert about["rnnviz"] == rnnviz.__version__
    assert about["networks"] == [{"name": "sst2-lstm", "weights_sha256": config.weights_sha256}]
    assert about["texts"] == [TEXT]
    assert [(held["signal"], held["value"], held["tokens"]) for held in about["holds"]] == [("input", 0, [3, 3])]


def test_the_drawing_holds_every_word_and_the_picture_is_one(reader, save):
    reader.read(TEXT)
    drawing = save("svg").read_text()
    for word in TEXT.split():
        assert f">{word}</text>" in drawing
    picture = save("png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width = int.from_bytes(picture[16:20], "big")
    assert width == 2 * int(re.search(r'<svg[^>]* width="(\d+)"', drawing)[1])


def test_a_drawing_says_what_its_colours_mean_and_is_the_same_from_a_dark_page(reader, save):
    reader.read(TEXT)
    light = save("svg").read_text()
    ends = reader.page.locator(".rv-legend span").all_text_contents()
    classes = reader.page.locator(".rv-classes li:not(.rv-of-number)").all_text_contents()
    assert len(ends) == 3
    assert classes == ["negative", "positive"]
    for said in (*ends, *classes):
        assert f">{said}</text>" in light
    reader.page.evaluate("document.body.classList.add('dark')")
    assert save("svg").read_text() == light
    reader.page.evaluate("document.body.classList.remove('dark')")


def test_a_drawing_of_one_word_cuts_nothing(reader, save):
    reader.after(lambda: reader.model.select_option("agnews-lstm"))
    reader.read("oil")
    reader.after(lambda: reader.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    drawing = save("svg").read_text()
    width = float(re.search(r'<svg[^>]* width="([\d.]+)"', drawing)[1])
    reader.page.set_content(f"<body style='margin:0'>{drawing}")
    edges = reader.page.locator("text").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= width


def test_a_drawing_of_a_held_reading_says_so(reader, save):
    assert "held" not in save("svg").read_text()
    reader.words.nth(3).click()
    reader.after(lambda: reader.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    assert ">With 1 signal held. Without: positive, 95%.</text>" in save("svg").read_text()


def opened_alone(browser, path):
    """The file, as a person opens it from a disk, with no network; and what went wrong."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: request.url.startswith(("file:", "data:", "blob:")) or wrong.append(request.url))
    page.goto(f"file://{path}")
    page.wait_for_selector(".rv-page[data-state=shown]")
    return page, wrong


def without_networks(reader):
    """From now on the networks' files do not come, as where a network is too large for a browser."""
    reader.page.route("**/networks/**", lambda route: route.abort())


def test_a_page_of_its_own_lets_its_reader_go_on_typing_without_any_network_connection(reader, save, browser):
    reader.read(TEXT)
    page, wrong = opened_alone(browser, save("html"))
    expect(page.locator("#rv-text")).to_have_value(TEXT)
    page.fill("#rv-text", "a warm and funny film")
    expect(page.locator(".rv-word")).to_have_count(5)
    expect(page.locator(".rv-answer")).to_contain_text("positive")
    page.select_option(".rv-language", "el")
    expect(page.locator(".rv-answer")).to_contain_text("θετική")
    assert not wrong
    page.context.close()


def test_a_page_of_its_own_works_from_a_disk_without_any_network(reader, save, browser):
    without_networks(reader)
    reader.read(TEXT)
    wanted = reader.shows(".rv-answer")
    path = save("html")
    assert path.stat().st_size < 2_000_000
    page, wrong = opened_alone(browser, path)
    expect(page.locator(".rv-answer")).to_have_text(wanted)
    expect(page.locator(".rv-top [data-say=tagline]")).to_have_text("sentiment · LSTM, 32 units")
    expect(page.locator(".rv-word")).to_have_count(5)
    page.locator(".rv-word").nth(3).hover()
    expect(page.locator(".rv-where")).to_contain_text("not")
    page.locator(".rv-word").nth(0).click()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rv-word").nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("radio", name="forget gate").click()
    expect(page.get_by_role("radio", name="forget gate")).to_be_checked()
    expect(page.locator("#rv-text")).to_be_hidden()
    expect(page.locator(".rv-view-tabs [role=tab]")).to_contain_text(["In code"])  # all others need the network
    page.locator(".rv-cell-card").get_by_role("button", name="In code").click()
    expect(page.locator(".rv-code-text")).to_contain_text(f'text = "{TEXT}"')
    page.get_by_role("radio", name="Padding: 3", exact=True).click()
    expect(page.locator(".rv-code")).to_contain_text("The page does not hold the numbers of a reading with padding.")
    assert not wrong
    page.context.close()


def test_a_page_of_its_own_opens_where_it_was_saved(reader, save, browser):
    reader.read(TEXT)
    reader.page.get_by_role("radio", name="forget gate").click()
    reader.page.locator(".rv-more").click()
    reader.page.locator(".rv-field-of-units canvas").click(position={"x": 20, "y": 455})
    reader.words.nth(1).click()
    unit = reader.shows(".rv-about-unit header h3")
    page, wrong = opened_alone(browser, save("html"))
    expect(page.get_by_role("radio", name="forget gate")).to_be_checked()
    expect(page.locator(".rv-word").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".rv-about-unit header h3")).to_have_text(unit)
    expect(page.locator(".rv-more")).to_have_text("Show the 12 that matter most")
    assert not wrong
    page.context.close()


def test_a_page_of_its_own_opens_the_unit_that_was_pinned_in_its_own_layer_and_direction(reader, save, browser):
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    for name in ("All layers", "Both ways"):
        reader.page.get_by_role("radio", name=name).click()
    reader.page.locator(".rv-field-of-units canvas").click(position={"x": 20, "y": 600})
    unit = reader.shows(".rv-about-unit header h3")
    assert "(layer 1 \u2190)" in unit
    page, wrong = opened_alone(browser, save("html"))
    expect(page.locator(".rv-about-unit header h3")).to_have_text(unit)
    assert not wrong
    page.context.close()


def test_a_word_that_no_xml_may_hold_is_in_the_picture_as_a_mark(reader, save):
    reader.read("good \ufffe\uffff film")
    assert ">◌◌</text>" in save("svg").read_text("utf-8")
    assert save("png").read_bytes().startswith(b"\x89PNG")


def test_a_page_of_its_own_says_what_is_held_knows_its_network_and_offers_nothing_that_needs_it(reader, save, browser):
    without_networks(reader)
    reader.after(lambda: reader.model.select_option("agnews-lstm"))
    reader.read(" ".join(["oil prices rise"] * 70))  # more than are shown at once
    reader.words.nth(1).click()
    reader.after(lambda: reader.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    held, result = reader.shows(".rv-holds li span"), reader.shows(".rv-hold-result")
    page, wrong = opened_alone(browser, save("html"))
    expect(page.locator(".rv-holds li span")).to_have_text(held)
    expect(page.locator(".rv-hold-result")).to_have_text(result.replace("\n\n", ""))
    expect(page.locator(".rv-receipt")).to_contain_text("with nothing held")
    expect(page.locator(".rv-notices")).to_contain_text("words 1–200 of 210")
    expect(page.get_by_role("slider", name="gate")).to_have_count(0)
    expect(page.locator(".rv-gauge")).to_have_count(6)
    for button in ("Open the sum", "Later words", "Undo", "Let go of all"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    expect(page.get_by_label("at every word")).to_be_hidden()
    expect(page.locator(".rv-unit-card")).to_contain_text(
        "Over its training texts"
    )  # its card was open as it was saved
    assert not wrong
    page.context.close()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_t8_what_python_shows_is_the_same_page_and_nothing_in_it_runs(browser, tmp_path, cell):
    hostile = "good <img src=x onerror=alert(1)> </script><script>alert(1)</script> ${alert(1)} film"
    trace = rnnviz.read(checkpoint(cell, layers=2, bidirectional=True, labels=["<b>no</b>", "yes"]), hostile)
    path = tmp_path / "page.html"
    path.write_text(page_of(trace, title="<i>mine</i>"), encoding="utf-8")
    page, wrong = opened_alone(browser, path)
    expect(page.locator(".rv-word")).to_have_count(len(trace.tokens))
    for place in range(len(trace.tokens)):
        page.locator(".rv-word").nth(place).hover()
    expect(page.locator(".rv-page").locator("img, iframe, script, svg[onload]")).to_have_count(0)
    assert not wrong
    page.context.close()


def test_a_frame_in_a_notebook_draws_the_reading(browser, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(rnnviz.show(fresh())._repr_html_(), encoding="utf-8")
    page = browser.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"file://{path}")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".rv-word")).to_have_count(5)
    frame.locator(".rv-word").nth(3).hover()
    expect(frame.locator(".rv-where")).to_contain_text("not")
    assert not wrong
    page.close()


@pytest.mark.parametrize(("kind", "model"), [("npz", "sst2-lstm"), ("svg", "sst2-lstm"), ("html", "agnews-gru")])
def test_a_file_is_named_after_the_network_and_the_kind_and_never_after_the_text(reader, save, kind, model):
    reader.after(lambda: reader.model.select_option(model))
    reader.read("a very private sentence")
    assert save(kind).name == f"rnnviz-{model}.{kind}"


def test_a_saved_page_of_a_network_that_reads_both_ways_says_which_reading_is_which(browser, tmp_path):
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-bilstm"), TEXT)
    path = tmp_path / "both.html"
    path.write_text(page_of(trace), encoding="utf-8")
    page, wrong = opened_alone(browser, path)
    expect(page.locator("body")).to_contain_text("The units show the whole text, read from both ends.")
    page.locator(".rv-word").nth(3).click()
    expect(page.locator("body")).to_contain_text("Read only up to “not”, the text gives")
    expect(page.locator("body")).to_contain_text("These numbers are of the whole text, read from both ends.")
    assert not wrong
    page.context.close()
