"""The card of a pinned unit says what units.json says."""

import json
import re

import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz.analysis.claims import is_flag
from rnnviz.page.standalone import page_of
from tests.browser.test_ledger import TEXT, choose, pin_unit
from tests.shipped import opened

pytestmark = pytest.mark.browser


def chips(reader, place):
    return reader.page.locator(".rv-swayed ul").nth(place).locator("li").all_inner_texts()


@pytest.mark.parametrize(
    ("model", "layer", "way"),
    [
        ("sst2-gru", 0, "forward"),
        ("sst2-bilstm", 1, "backward"),
        ("sst2-rnn", 0, "forward"),
        ("recall-lstm", 0, "forward"),
    ],
)
def test_the_card_says_what_the_unit_did_over_the_training_texts(reader, model, layer, way):
    choose(reader, model, "c k l" if model.startswith("recall") else TEXT)
    if way == "backward":
        reader.page.get_by_role("radio", name="Reads backward").click()
    unit = pin_unit(reader)
    own = opened(model).units["layers"][layer][way]
    card = reader.page.locator(".rv-about-unit")
    expect(card.locator(".rv-like")).to_be_visible()
    raised, lowered = own["raised_by"][unit][:8], own["lowered_by"][unit][:8]
    assert [chips(reader, place) for place in range(2)] == [raised, lowered]
    flag = is_flag(own["bimodality"][unit], own["valley"][unit])
    expect(card.locator(".rv-like")).to_contain_text(
        "It takes hardly more than two values" if flag else "It takes more than two values"
    )
    expect(card.locator(".rv-saturation li")).to_have_count(len(own["saturation"]))
    for gate, ends in own["saturation"].items():
        said = card.locator(".rv-saturation li").filter(has_text=gate).inner_text()
        shut, open_ = re.search(r"(\d+)% shut · (\d+)% open", said).groups()
        assert (int(shut), int(open_)) == pytest.approx((100 * ends["shut"][unit], 100 * ends["open"][unit]), abs=0.51)
    half = own["half_life"] and own["half_life"][unit]
    if not half:
        expect(card.locator(".rv-half")).to_have_count(0)
    elif half < 1:
        expect(card.locator(".rv-half")).to_contain_text("By the next word")
    else:
        shown = f"{half:.1f}".removesuffix(".0") if half < 10 else f"{half:,.0f}"
        expect(card.locator(".rv-half")).to_contain_text(f"{shown} word")


def test_the_first_card_asks_nothing_and_colours_the_text_by_the_units_memory(reader, requests):
    page = reader.page
    expect(page.locator(".rv-unit-card")).to_have_text("Click a row to see what a unit does.")
    page.locator(".rv-field-of-units canvas").click(position={"x": 20, "y": 15})
    expect(page.locator(".rv-swayed")).to_have_count(2)
    assert not any("component_server" in url for url in requests)
    words = page.locator(".rv-tinted bdi")
    shown = json.loads(
        words.evaluate_all("all => JSON.stringify(all.map(one => getComputedStyle(one).backgroundColor))")
    )
    unit = int(page.locator(".rv-about-unit header h3").inner_text().split()[1])
    trace = rnnviz.read(opened("sst2-lstm"), TEXT)
    memory = trace.select("cell")[:, unit]
    colours = [[int(part) for part in one[4:-1].split(",")] for one in shown]
    warm = [red - blue for red, _, blue in colours]  # above zero the colours are orange, below it blue
    assert len(warm) == len(memory)
    assert all((way > 0) == (value > 0) for way, value in zip(warm, memory, strict=True) if abs(value) > 0.1)


def test_the_card_closes_and_goes_with_its_network(reader):
    choose(reader, "sst2-lstm")
    pin_unit(reader)
    reader.page.get_by_role("button", name="Close the card").click()
    hint = reader.page.get_by_text("Click a row to see what a unit does.")
    expect(hint).to_be_visible()
    expect(reader.page.locator(".rv-about-unit")).to_be_hidden()
    pin_unit(reader)
    expect(hint).to_be_hidden()
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    expect(hint).to_be_visible()


def test_the_card_of_a_unit_is_one_click_away_from_the_heatmap(reader):
    choose(reader, "sst2-lstm")
    way = reader.page.locator(".rv-to-unit")
    expect(way).to_be_hidden()
    unit = pin_unit(reader)
    expect(way).to_have_text(f"What unit {unit} does \u2193")
    reader.page.evaluate("scrollTo(0, 0)")
    way.click()
    close = reader.page.get_by_role("button", name="Close the card")
    expect(close).to_be_focused()
    expect(close).to_be_in_viewport()
    reader.page.keyboard.press("Enter")
    expect(way).to_be_hidden()


def test_a_network_without_a_summary_shows_what_there_is(reader):
    def without(route):
        asked = route.request.post_data_json or {}
        route.fulfill(json={"name": "sst2-gru"}) if asked.get("fn_name") == "about_model" else route.continue_()

    reader.page.route(re.compile("component_server"), without)
    choose(reader, "sst2-gru")
    pin_unit(reader)
    expect(reader.page.locator(".rv-unit-card")).to_contain_text("came without a summary")
    expect(reader.page.locator(".rv-tinted bdi")).to_have_count(12)


def test_a_page_of_its_own_says_nothing_of_a_summary_that_it_could_not_ask_for(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page_of(rnnviz.read(opened("sst2-lstm"), TEXT)), encoding="utf-8")
    page = browser.new_page()
    page.goto(f"file://{path}")
    page.locator(".rv-field-of-units canvas").click(position={"x": 20, "y": 15})
    expect(page.locator(".rv-tinted bdi")).to_have_count(12)
    expect(page.locator(".rv-unit-card")).not_to_contain_text("came without a summary")
    page.close()
