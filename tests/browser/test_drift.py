"""What padding does to the state, as a person sees it; the numbers are held against ``rnnviz.read``."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from rnnviz.checkpoint.folder import load
from rnnviz.reading import read
from tests.browser.conftest import BY_HAND, boxes
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser
PADDED = ROOT / "checkpoints" / "agnews-lstm-padded"


@pytest.fixture
def drift(reader):
    return news(reader)


def news(reader):
    """The page, with a short news text filled up to a long one."""
    reader.open_view("packed")
    reader.page.get_by_role("button", name="Three news texts").click()
    reader.page.locator(".rv-filling").scroll_into_view_if_needed()
    expect(reader.page.locator(".rv-drift")).to_have_attribute("data-text", "japan opens a stadium")
    return reader.page


def said(text, length):
    """The answer of the padded network, as the page writes it."""
    trace = read(load(PADDED), text, pad_to=length)
    return f"{trace.label}, {trace.verdicts[-1].max():.0%}"


def test_the_sentence_is_what_the_network_says_alone_and_filled_up(drift):
    sentence = drift.locator(".rv-drift .rv-said")
    alone = said("Japan opens a stadium", 4)
    for cells in (0, 1, 22, 23, 31):
        drift.get_by_label("Padding", exact=True).fill(str(4 + cells))
        filled = said("Japan opens a stadium", 4 + cells)
        turned = alone.split(",")[0] != filled.split(",")[0]
        expect(sentence).to_contain_text(f"the answer is {alone}")
        if cells:
            expect(sentence).to_contain_text("1 cell of" if cells == 1 else f"{cells} cells of")
            for part in filled.split(", "):
                expect(sentence).to_contain_text(part)
        expect(sentence.filter(has_text="although no word was added")).to_have_count(int(turned))
    assert turned


def test_a_text_is_filled_up_to_the_longest_of_its_batch_and_another_can_be_chosen(drift):
    expect(drift.locator(".rv-drift output")).to_have_text("31 cells, filled up to 35")
    drift.get_by_role("radio", name="the drug company stopped").click()
    expect(drift.locator(".rv-drift output")).to_have_text("24 cells, filled up to 35")
    drug = "The drug company stopped a trial after a patient died."
    expect(drift.locator(".rv-drift .rv-said")).to_have_text(
        f"Alone, the answer is {said(drug, 11)}. After 24 cells of padding it is {said(drug, 35)}, "
        "although no word was added."
    )
    drift.get_by_role("radio", name="oil prices rise").click()
    expect(drift.locator(".rv-drift .rv-said")).to_contain_text("Without padding")


def test_the_picture_has_a_class_for_each_cell_and_a_state_that_stands_still(drift):
    trace = read(load(PADDED), "Japan opens a stadium", pad_to=35)
    won = drift.locator("rect.rv-drift-won")
    expect(won).to_have_count(35)
    labels = [trace.labels[place] for place in trace.verdicts.argmax(axis=1)]
    assert won.evaluate_all("nodes => nodes.map((node) => node.dataset.won)") == labels
    expect(drift.locator(".rv-drift-rest")).to_have_count(4)
    cell, filled, beyond = (
        [float(drift.locator(name).get_attribute(part)) for part in ("x", "width")]
        for name in (".rv-drift-touch[data-token='4']", ".rv-drift-filled >> nth=0", ".rv-drift-beyond")
    )
    assert filled == pytest.approx([cell[0], 31 * cell[1]], abs=2)
    assert beyond == pytest.approx([cell[0] + 31 * cell[1], 25 * cell[1]], abs=2)
    expect(drift.locator(".rv-drift-touch[data-token='34'] title")).to_have_text(
        f"padding 31: {trace.label}, {trace.verdicts[-1].max():.0%}"
    )
    drift.locator(".rv-drift-touch[data-token='8']").click()
    expect(won).to_have_count(9)
    expect(drift.get_by_label("Padding", exact=True)).to_have_value("9")


def test_the_units_shown_are_those_that_this_padding_has_moved_most(drift):
    names = drift.locator(".rv-drift-axis .rv-drift-end")
    first = set()
    for cells in (1, 4, 31):
        drift.get_by_label("Padding", exact=True).fill(str(4 + cells))
        states = read(load(PADDED), "Japan opens a stadium", pad_to=4 + cells).select("hidden")
        units = np.argsort(-np.abs(states[-1] - states[3]), kind="stable")[:4]
        expect(names.filter(has_text="unit")).to_have_text([f"unit {unit}" for unit in units])
        before, after = (
            f"{states[row, units[0]]:.2f}".replace("-0.00", "0.00").replace("-", "\u2212") for row in (3, -1)
        )
        expect(drift.locator(".rv-drift-moved")).to_have_text(
            f"Unit {units[0]} is at {before} after the last word, and at {after} at the end of the padding. "
            f"Packed, it stays at {before}."
        )
        first.add(units[0])
    assert len(first) > 1  # else a fixed order would do


def test_the_names_of_the_classes_stay_in_the_chart_and_beside_its_lines(drift):
    drift.locator("#rv-batch").fill("9\n1 2 3 4 5")
    expect(drift.locator(".rv-drift")).to_have_attribute("data-text", "9")
    named = drift.locator(".rv-drift-picture .rv-drift-end", has_text="%")
    expect(named.first).to_be_visible()
    names, lines = boxes(named), boxes(drift.locator(".rv-drift-guide"))
    assert (len(lines), len(names)) == (3, 4)
    for name in names:
        assert lines[2]["y"] - 1 <= name["y"] <= lines[0]["y"] + 1 - name["height"]  # of all, of nothing
        assert all(line["x"] + line["width"] < name["x"] for line in lines)


def test_on_a_phone_the_words_are_seen_first_and_that_there_is_more_beyond(visit):
    page = news(visit(viewport={"width": 400, "height": 900}))
    scroll = page.locator(".rv-drift .rv-columns")
    expect(scroll).to_have_js_property("scrollLeft", 0)
    expect(scroll).to_have_css("mask-size", "100% 100%")  # it fades at the right
    page.get_by_role("button", name="One cell of padding more").click()
    expect(page.locator(".rv-drift")).to_have_attribute("data-length", "36")
    expect(scroll).not_to_have_js_property("scrollLeft", 0)
    expect(scroll.locator(".rv-drift-end").filter(has_text="World")).to_be_in_viewport(ratio=1)
    page.get_by_label("Padding", exact=True).press("End")
    expect(page.locator(".rv-drift")).to_have_attribute("data-length", "60")
    expect(scroll).not_to_have_css("mask-size", "100% 100%")


def test_the_filling_is_played_to_its_end_and_stepped_by_buttons_and_keys(drift):
    slider = drift.get_by_label("Padding", exact=True)
    slider.fill("7")
    drift.evaluate(BY_HAND)
    drift.get_by_role("button", name="Fill up").click()
    for length in ("4", "5", "6", "7"):
        expect(slider).to_have_value(length)
        expect(drift.get_by_role("button", name="Fill up")).to_have_count(0)  # it is the one that stops by now
        drift.evaluate("tick()")
    expect(drift.get_by_role("button", name="Fill up")).to_be_visible()
    expect(slider).to_have_value("7")
    drift.get_by_role("button", name="One cell of padding more").click()
    expect(slider).to_have_value("8")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(slider).to_have_value("6")
    expect(drift.locator(".rv-drift")).to_have_attribute("data-length", "6")


def test_the_table_holds_every_cell_and_the_note_what_the_checkpoint_measured(drift):
    scores = json.loads((PADDED / "config.json").read_text())["scores"]["test"]
    for told in (
        f"{scores['padding']['changed']} of {scores['n']:,} test texts get another class only because they were padded",
        f"{scores['padding']['accuracy_alone']:.2%} with each text read alone, {scores['accuracy']:.2%} in batches",
    ):
        expect(drift.locator(".rv-drift")).to_contain_text(told)
    drift.locator(".rv-drift summary").click()
    rows = drift.locator(".rv-drift tbody tr")
    expect(rows).to_have_count(35)
    expect(rows.last.locator("th")).to_have_text("padding 31")
    shares = read(load(PADDED), "Japan opens a stadium", pad_to=35).verdicts[-1]
    assert rows.last.locator("td").all_inner_texts()[:4] == [f"{share:.0%}" for share in shares]


def test_markup_stays_text_and_one_sentence_alone_has_no_padding(drift):
    drift.locator("#rv-batch").fill("<img src=x onerror=alert(1)>\none two three")
    expect(drift.get_by_role("radio", name="<img")).to_be_visible()
    expect(drift.locator(".rv-drift img")).to_have_count(0)
    drift.locator("#rv-batch").fill("only one")
    expect(drift.locator(".rv-drift")).to_be_hidden()
