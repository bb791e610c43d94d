"""A person reads sentences: the first picture, typing, pointing, keeping, choosing."""

import re
import subprocess

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz.signals import SIGNALS
from tests.browser.conftest import Reader
from tests.browser.server import ROOT, served
from tests.builders import checkpoint

pytestmark = pytest.mark.browser


def test_the_first_picture_is_there_before_anything_is_asked(reader, requests):
    assert "not" in reader.words.all_inner_texts()[3]
    assert not any("component_server" in url for url in requests)
    reader.read("good film")
    assert any("component_server" in url for url in requests)  # as it would have been before


def test_the_answer_follows_every_key(reader):
    reader.after(lambda: reader.text.fill("the movie was "))
    reader.page.keyboard.press("End")
    reader.page.keyboard.type("good")
    names = reader.page.locator(".rv-name")
    expect(names).to_have_text(["the", "movie", "was", "good"])  # the last of several readings
    expect(reader.page.locator(".rv-answer")).to_contain_text("positive")
    reader.read("the movie was not good")
    expect(reader.page.locator(".rv-answer")).to_contain_text("negative")
    expect(names).to_have_text(["the", "movie", "was", "not", "good"])


def test_the_last_of_many_quick_texts_wins(reader):
    for count in range(1, 30):
        reader.text.fill("good " * count)
    expect(reader.words).to_have_count(29)


def test_backspace_and_an_input_method_are_followed_too(reader):
    reader.read("good bad")
    reader.text.press("End")
    for _ in range(4):
        reader.text.press("Backspace")
    expect(reader.words).to_have_count(1)
    reader.page.keyboard.insert_text(" फ़िल्म")
    expect(reader.words).to_have_count(2)


@pytest.mark.parametrize("name", ["sst2-lstm", "sst2-gru", "sst2-rnn", "sst2-bilstm", "agnews-bilstm"])
def test_the_printed_numbers_are_those_of_the_python_package(reader, name):
    text = "oil prices were not good"
    reader.after(lambda: reader.model.select_option(name))
    reader.read(text)
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / name), text)
    for token in (0, 3):
        reader.words.nth(token).hover()
        expect(reader.page.locator(".rv-where")).to_contain_text(f"word {token + 1} of 5")
        unit = int(reader.shows(".rv-where").split("unit ")[1].split()[0])
        found = reader.values()
        wanted = {entry.symbol: trace.select(entry.name)[token, unit] for entry in SIGNALS[trace.cell]}
        assert found == pytest.approx(wanted, abs=0.00501)
    shares = [float(word.split()[-1].rstrip("%")) / 100 for word in reader.words.all_inner_texts()]
    np.testing.assert_allclose(shares, trace.verdicts.max(axis=1), atol=0.00501)


def test_pointing_at_the_heatmap_marks_the_word_and_leaving_lets_go(reader):
    reader.read("a warm and funny film")
    reader.settle()
    canvas = reader.page.locator(".rv-field-of-units canvas")
    third = reader.words.nth(2).bounding_box()
    canvas.hover(position={"x": third["x"] + third["width"] / 2 - canvas.bounding_box()["x"], "y": 30})
    expect(reader.words.nth(2)).to_have_class("rv-word rv-at")
    reader.page.mouse.move(5, 5)
    expect(reader.words.nth(2)).to_have_class("rv-word")


def test_a_click_keeps_a_word_and_escape_lets_it_go(reader):
    reader.read("a warm and funny film")
    reader.words.nth(3).click()
    reader.page.mouse.move(5, 5)
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")
    expect(reader.page.locator(".rv-where")).to_contain_text("funny")
    reader.page.keyboard.press("Escape")
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "false")


def test_arrow_keys_walk_along_the_words_and_down_the_units(reader):
    reader.read("a warm and funny film")
    reader.words.nth(0).click()
    unit = reader.shows(".rv-where").split("unit ")[1].split()[0]
    reader.page.keyboard.press("ArrowRight")
    expect(reader.page.locator(".rv-where")).to_contain_text("warm")
    reader.page.keyboard.press("ArrowDown")
    expect(reader.page.locator(".rv-where")).not_to_contain_text(f"unit {unit}")


def test_every_signal_layer_and_direction_of_a_deep_network_can_be_chosen(reader):
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.read("not good at all")
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-bilstm"), "not good at all")
    reader.page.get_by_role("radio", name="Layer 1", exact=True).click()
    reader.page.get_by_role("radio", name="Reads backward").click()
    reader.page.get_by_role("radio", name="output gate").click()
    reader.words.nth(1).hover()
    expect(reader.page.locator(".rv-where")).to_contain_text("word 2")
    unit = int(reader.shows(".rv-where").split("unit ")[1].split()[0])
    wanted = trace.select("output", layer=0, direction="backward")[1, unit]
    assert reader.values()["o"] == pytest.approx(wanted, abs=0.00501)


def test_all_units_can_be_shown(reader):
    canvas = reader.page.locator(".rv-field-of-units canvas")
    few = canvas.bounding_box()["height"]
    reader.page.get_by_role("button", name="Show all 32 units").click()
    reader.page.wait_for_function(
        "few => document.querySelector('.rv-field-of-units canvas').clientHeight > 2 * few", arg=few
    )
    reader.page.get_by_role("button", name="Show the 12").click()


def test_a_change_of_mind_carries_a_flag_and_is_told(reader):
    reader.read("the movie was not good")
    flags = [word.locator(".rv-flag").inner_text() for word in reader.words.all()]
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), "the movie was not good")
    winners = trace.verdicts.argmax(axis=1)
    assert [flag == "▲" for flag in flags] == [False, *(winners[1:] != winners[:-1]).tolist()]
    assert "▲" in flags
    assert "changes" in reader.shows(".rv-story")


def test_an_example_is_one_click(reader):
    reader.after(lambda: reader.page.get_by_role("button", name="oil prices").click())
    expect(reader.model).to_have_value("agnews-lstm")
    expect(reader.page.locator(".rv-answer")).to_contain_text("Business")


def test_a_kept_word_stays_while_the_text_grows_and_goes_with_the_text(reader):
    reader.read("a warm and funny film")
    reader.words.nth(3).click()
    reader.read("a warm and funny film again")
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")
    reader.read("oil prices rise again today")
    expect(reader.page.locator(".rv-word[aria-pressed=true]")).to_have_count(0)
    reader.words.nth(3).click()
    reader.after(lambda: reader.model.select_option("agnews-lstm"))
    expect(reader.page.locator(".rv-word[aria-pressed=true]")).to_have_count(0)


def test_escape_lets_go_from_the_text_box_too(reader):
    reader.read("a warm and funny film")
    reader.words.nth(3).click()
    reader.text.focus()
    reader.page.keyboard.press("Escape")
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "false")


def test_escape_lets_go_also_where_nothing_has_the_focus(reader):
    reader.words.nth(3).click()
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")
    reader.page.evaluate("document.activeElement.blur()")
    reader.page.keyboard.press("Escape")
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_keeps_its_place_when_the_picture_is_drawn_again(reader):
    reader.read("a warm and funny film")
    reader.words.nth(0).focus()
    reader.page.keyboard.press("ArrowRight")
    reader.page.set_viewport_size({"width": 900, "height": 800})
    expect(reader.words.nth(1)).to_be_focused()
    reader.page.get_by_role("radio", name="forget gate").focus()
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("ArrowRight")
    expect(reader.page.get_by_role("radio", name="candidate")).to_be_focused()


def test_the_newest_word_is_in_view_while_one_types(reader):
    reader.read("not good " + "word " * 58)
    reader.text.press("End")
    reader.page.keyboard.type("last")
    expect(reader.words).to_have_count(61)
    expect(reader.words.nth(60)).to_be_in_viewport()


def test_words_that_run_on_fade_at_that_edge(visit):
    reader = visit(viewport={"width": 400, "height": 800})
    fade = "box => ['Size', 'Position'].map((what) => getComputedStyle(box, '::after')[`background${what}`])"
    seen = []
    for at in ("0", "(box.scrollWidth - box.clientWidth) / 2", "box.scrollWidth"):
        reader.page.locator(".rv-scroll").evaluate(f"box => {{ box.scrollLeft = {at} }}")
        reader.settle()
        size, position = reader.page.locator(".rv-strip").evaluate(fade)
        assert position == "100% 0%, 44px 0%"  # the right edge, and beside the names of the units
        seen.append([part.split("px")[0] != "0" for part in size.split(", ")])
    assert seen == [[True, False], [True, True], [False, True]]


def test_of_a_text_that_was_chosen_or_pasted_the_word_that_the_story_speaks_of_is_in_view(reader):
    reader.after(lambda: reader.page.get_by_role("button", name="a long one").click())
    expect(reader.page.locator(".rv-word.rv-at")).to_be_in_viewport()
    pasted = "It was not good , but the ending surprised me . " + "the film and " * 20
    paste = """(box, text) => {
        box.value = text;
        box.dispatchEvent(new InputEvent("input", { inputType: "insertFromPaste" }));
    }"""
    reader.text.focus()
    reader.after(lambda: reader.text.evaluate(paste, pasted))
    expect(reader.words).to_have_count(71)
    expect(reader.page.locator(".rv-word.rv-at")).to_be_in_viewport()
    along = reader.page.locator(".rv-scroll")
    along.evaluate("box => { box.scrollLeft = 700 }")
    reader.after(lambda: reader.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    expect(along).to_have_js_property("scrollLeft", 700)  # an answer about a held gate leaves the words where they are


@pytest.mark.parametrize("width", [1440, 1100, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_window(visit, width, scheme):
    reader = visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    reader.picture(f"reading-{width}-{scheme}")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    reader.read(
        "it takes its time , and for the first half hour i was sure that i would hate it , but the acting is warm"
    )
    reader.words.nth(4).click()
    reader.picture(f"long-{width}-{scheme}")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_folder_of_other_networks_is_served_as_well(tmp_path, context):
    checkpoint("gru", labels=[f"class {place}" for place in range(60)], name="many").save_pretrained(tmp_path / "many")
    with served(subprocess.DEVNULL, "-m", "rnnviz", "serve", "--checkpoints", str(tmp_path)) as address:
        page = context.new_page()
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        reader = Reader(page, address)
        expect(reader.model).to_have_value("many")
        expect(page.locator(".rv-classes li:not(.rv-of-line)")).to_have_count(8)
        expect(page.locator(".rv-classes li:not(.rv-of-line)").last).to_have_text("53 others")
        reader.picture("many-classes")
        assert not complaints


def bars(reader):
    """How many words have a bar in the memory ledger."""
    reader.settle()
    paths = reader.page.locator(".rv-bars .rv-left")
    return sum(path.get_attribute("d").count("M") for path in paths.all())


def test_while_a_text_is_played_a_unit_that_reads_backward_keeps_what_it_has_read(reader):
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.page.locator(".rv-directions button").nth(1).click()
    reader.words.first.focus()
    reader.page.keyboard.press("ArrowDown")
    expect(reader.page.locator(".rv-about-unit")).to_be_visible()
    reader.by_hand()
    reader.page.locator(".rv-read").click()
    reader.tick()
    expect(reader.words.nth(4)).to_have_class(re.compile("rv-later"))
    expect(reader.words.nth(1)).not_to_have_class(re.compile("rv-later"))
    assert bars(reader) > 1  # also those of words that the other direction has yet to read


def test_while_a_text_is_played_nothing_is_told_of_the_words_to_come(reader):
    reader.read("the movie was not good")
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), "the movie was not good")
    reader.by_hand()
    reader.page.locator(".rv-read").click()
    for place, winner in enumerate(trace.verdicts.argmax(axis=1)):
        expect(reader.words.nth(place)).to_have_attribute("aria-pressed", "true")
        expect(reader.page.locator(".rv-word.rv-later")).to_have_count(4 - place)
        expect(reader.page.locator(".rv-answer")).to_contain_text(trace.labels[winner])
        for told in (".rv-story", ".rv-of-line", ".rv-meaning", ".rv-account"):
            expect(reader.page.locator(told)).to_be_hidden()
        if place == 0:
            drawn = bars(reader)
        reader.tick()
    expect(reader.page.locator(".rv-read")).to_have_attribute("aria-pressed", "false")
    expect(reader.page.locator(".rv-answer")).to_contain_text("negative")
    expect(reader.page.locator(".rv-story")).to_be_visible()
    assert drawn < bars(reader)
