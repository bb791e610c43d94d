"""Each view's numbers leave the page as CSV and JSON, its drawings as SVG, with what they come from."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

import rnnviz
from tests.browser.conftest import boxes
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

TEXT = "the movie was not good"
SVG = "{http://www.w3.org/2000/svg}"


def saved(reader, name):
    """What a button saves: the file's name and its text."""
    with reader.page.expect_download() as download:
        reader.page.locator(f"[data-save='{name}']").click()
    return download.value.suggested_filename, download.value.path().read_text("utf-8-sig")


def table(text):
    """The provenance and the rows of a CSV."""
    lines = text.splitlines()
    about = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))
    rows = csv.DictReader(io.StringIO("\n".join(lines[len(about) :])))
    return {name: json.loads(value) for name, value in about.items()}, list(rows)


def test_every_view_gives_its_numbers_with_what_they_come_from(reader):
    page = reader.page
    checkpoint = rnnviz.load(ROOT / "checkpoints" / "sst2-lstm")
    reader.read(TEXT)
    reader.words.nth(3).click()
    page.locator(".rv-every-unit").check()
    reader.after(lambda: page.locator(".rv-gauge[data-signal=input]").press("Home"))
    trace = rnnviz.hold(checkpoint, TEXT, [rnnviz.Clamp("input", 0.0, tokens=3)])

    name, text = saved(reader, "heatmap.csv")
    about, rows = table(text)
    assert name == "rnnviz-sst2-lstm-heatmap.csv"
    assert about["rnnviz"] == rnnviz.__version__
    assert about["networks"] == [{"name": "sst2-lstm", "weights_sha256": checkpoint.config.weights_sha256}]
    assert about["texts"] == [TEXT]
    held = {"signal": "input", "value": 0, "tokens": [3, 3], "units": [[0, 31]], "layer": 0, "direction": 0}
    assert about["holds"] == [held]
    assert about["settings"]["signal"] == "cell"
    assert len(rows) == 5 * 12
    for row in rows:
        wanted = trace.select("cell")[int(row["position"]) - 1, int(row["unit"])]
        assert float(row["cell"]) == pytest.approx(float(wanted), abs=about["settings"]["rounded_to"])

    _, text = saved(reader, "ledger.json")
    whole = json.loads(text)
    assert whole["provenance"]["view"] == "ledger"
    assert [row[1] for row in whole["rows"]] == TEXT.split()

    for view, columns in {
        "packed": ["data", "step", "sentence", "word"],
        "reach": ["position", "word", "gradient_sst2-rnn", "gradient_sst2-gru", "gradient_sst2-lstm"],
        "gates": ["layer", "direction", "unit", "gate", "shut", "open"],
        "compare": None,
        "find": ["text", "start", "stop", "words", "units", "matched", "bits", "label", "answer", "probability"],
        "code": ["array", "row", "column", "value"],
    }.items():
        reader.open_view(view)
        seq = page.locator(f".rv-view[data-view={view}]")
        expect(seq).not_to_have_attribute("data-seq", "0")
        name, text = saved(reader, f"{view}.csv")
        about, rows = table(text)
        assert name.endswith(f"{view}.csv")
        assert about["view"] == view
        assert rows
        if columns:
            assert list(rows[0]) == columns
        if view == "find":
            assert about["settings"]["stretch"] == ["not"]
            assert about["settings"]["corpus"] == "reviews"
            assert len(rows) == 10
        if view == "compare":
            other = rnnviz.read(checkpoint, "the movie was good")
            assert about["texts"][1] == "the movie was good"
            assert about["holds"] == []
            assert float(rows[-1]["p_b(positive)"]) == pytest.approx(float(other.verdicts[-1, 1]), abs=1e-4)


def test_a_drawing_is_whole_without_the_page_and_says_what_it_comes_from(reader):
    reader.open_view("gates")
    expect(reader.page.locator(".rv-gates-picture .rv-dot").first).to_be_visible()
    name, text = saved(reader, "gates.svg")
    drawing = ElementTree.fromstring(text)  # noqa: S314 - the page has just written it
    assert name == "rnnviz-sst2-lstm-gates.svg"
    assert json.loads(drawing.find(f"{SVG}metadata").text)["networks"][0]["name"] == "sst2-lstm"
    assert "fill:" in drawing.find(f".//{SVG}text").get("style")


@pytest.mark.parametrize("view", ["reach", "compare"])
def test_how_far_back_and_compare_are_drawn_whole_and_on_white(reader, view):
    reader.read(TEXT)
    reader.open_view(view)
    expect(reader.page.locator(f".rv-view[data-view={view}]")).not_to_have_attribute("data-seq", "0")
    _, light = saved(reader, f"{view}.svg")
    drawing = ElementTree.fromstring(light)  # noqa: S314 - the page has just written it
    about = json.loads(drawing.find(f"{SVG}metadata").text)
    assert about["networks"][0]["weights_sha256"]
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    for word in TEXT.split():
        assert word in words
    width, height = float(drawing.get("width")), float(drawing.get("height"))
    reader.page.evaluate("document.body.classList.add('dark')")
    assert saved(reader, f"{view}.svg")[1] == light
    reader.page.evaluate("document.body.classList.remove('dark')")
    reader.page.set_content(f"<body style='margin:0'>{light}")
    edges = boxes(reader.page.locator("text"))
    assert min(box["left"] for box in edges) >= 0
    assert max(box["right"] for box in edges) <= width
    assert max(box["bottom"] for box in edges) <= height
    reader.picture(f"drawing-{view}")
