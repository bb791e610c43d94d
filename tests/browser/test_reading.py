"""A person reads sentences: the first picture, typing, pointing, keeping, choosing."""

import subprocess

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz.signals import SIGNALS
from tests.browser.conftest import Reader
from tests.browser.server import ROOT, served
from tests.builders import checkpoint
from tests.shipped import opened

pytestmark = pytest.mark.browser


@pytest.mark.asks_python
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


def test_home_and_end_go_to_the_first_and_the_last_word(reader):
    reader.words.nth(3).click()
    for key, word in (("End", 11), ("Home", 0), ("Shift+End", 11)):
        reader.page.keyboard.press(key)
        expect(reader.words.nth(word)).to_be_focused()
    expect(reader.page.locator(".rv-word.rv-chosen")).to_have_count(12)


def test_a_word_that_the_arrow_keys_pin_is_said_to_be_pinned_and_enter_does_not_let_go_of_it(reader):
    reader.words.nth(0).focus()
    reader.page.keyboard.press("ArrowRight")
    pressed = reader.page.get_by_role("button", pressed=True).filter(has_text="movie")
    expect(pressed).to_be_focused()
    expect(reader.page.get_by_role("region", name="The cell")).to_contain_text("pinned")
    reader.page.keyboard.press("Enter")
    reader.settle()
    expect(pressed).to_be_visible()
    reader.page.keyboard.press("Enter")
    expect(pressed).to_have_count(0)


def test_of_the_share_at_a_word_it_is_said_whose_it_is(reader):
    legend = reader.page.get_by_role("list").filter(has_text="negative").first
    expect(legend).to_contain_text("number: share of the top class")


@pytest.mark.asks_python
def test_a_page_whose_server_was_away_goes_on_by_itself_when_it_is_back(reader):
    away = reader.page.get_by_text("The server does not answer.")
    reader.page.route("**/component_server/", lambda route: route.abort())
    reader.text.fill("a warm film")
    expect(away).to_be_visible()
    reader.after(lambda: reader.page.unroute("**/component_server/"))
    expect(reader.words).to_have_count(3)
    expect(away).to_have_count(0)


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


EDGES_THAT_FADE = """async (part) => {
    const box = document.querySelector(".rv-scroll");
    for (const there of [1 - part, part]) {
        box.scrollLeft = there * (box.scrollWidth - box.clientWidth);
        for (let n = 0; n < 2; n += 1) await new Promise(requestAnimationFrame);
    }
    const look = getComputedStyle(document.querySelector(".rv-strip"), "::after");
    const fades = look.backgroundSize.split(", ").map((size) => parseFloat(size) >= 1);
    return { layers: [look.backgroundPosition, ...fades], beside: [look.backgroundImage, look.animationName] };
}"""


@pytest.mark.parametrize(("part", "right", "left"), [(0, True, False), (0.5, True, True), (1, False, True)])
def test_words_that_run_on_fade_at_that_edge(visit, part, right, left):
    places = "100% 0%, 44px 0%"  # the right edge, and beside the names of the units
    for _ in range(3):  # in one visit of hundreds Chromium leaves the second layer out of the computed style
        reader = visit(viewport={"width": 400, "height": 800})
        for _ in range(10):  # scrolls again each time, because a redraw of the strip scrolls too
            seen = reader.page.evaluate(EDGES_THAT_FADE, part)
            if seen["layers"] == [places, right, left]:
                return
    assert seen["layers"] == [places, right, left], seen["beside"]


def test_of_a_text_that_was_chosen_or_pasted_the_word_that_the_story_speaks_of_is_in_view(reader):
    reader.after(lambda: reader.page.get_by_role("button", name="a long review").click())
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


@pytest.mark.parametrize("width", [360, 400, 430, 760])
def test_the_names_of_the_classes_stand_in_one_line_on_a_phone(visit, width):
    reader = visit(viewport={"width": width, "height": 900})
    assert reader.page.locator(".rv-head .rv-classes").bounding_box()["height"] < 30


@pytest.mark.parametrize("width", [1440, 900, 400])
def test_a_long_word_stays_in_its_box_and_leaves_the_menu_its_room(visit, width):
    reader = visit(viewport={"width": width, "height": 900})
    menu = reader.page.locator("#rv-model").bounding_box()
    reader.read(f"good {'x' * 300} bad")
    assert reader.page.locator("#rv-model").bounding_box() == menu
    box = reader.page.locator("#rv-text").bounding_box()
    assert box["x"] + box["width"] <= width


def test_where_there_is_room_the_longest_name_of_a_network_is_read_to_its_end(visit):
    page = visit(viewport={"width": 1440, "height": 900}).page
    # A menu as wide as its longest name is no wider than the one on the page.
    longest = "menu => { const one = menu.cloneNode(true); one.style.width = 'max-content'; menu.after(one);"
    natural = page.locator("#rv-model").evaluate(
        longest + " const { width } = one.getBoundingClientRect(); one.remove(); return width; }"
    )
    assert natural <= page.locator("#rv-model").bounding_box()["width"] + 1


def test_the_page_ends_where_its_last_card_does(visit):
    page = visit(viewport={"width": 1440, "height": 900}).page
    ends = [page.locator(one).bounding_box() for one in (".rv-body", ".rv-side", ".rv-views")]
    body, side, views = [one["y"] + one["height"] for one in ends]
    assert body - max(side, views) < 40


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
        expect(page.locator(".rv-classes li:not(.rv-of-number)")).to_have_count(6)
        expect(page.locator(".rv-classes li:not(.rv-of-number)").last).to_have_text("55 others")
        reader.picture("many-classes")
        assert not complaints


@pytest.mark.parametrize("link", ["", "#view=reach"])
def test_before_anything_is_read_the_page_takes_the_browsers_language(tmp_path, browser, link):
    checkpoint("gru", name="own").save_pretrained(tmp_path / "own")  # so there is no first picture
    with served(subprocess.DEVNULL, "-m", "rnnviz", "serve", "--checkpoints", str(tmp_path)) as address:
        page = browser.new_page(locale="el-GR")
        complaints, held = [], []
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def late(route):
            held.append(route) if route.request.post_data_json["fn_name"] == "read_sentence" else route.continue_()

        page.route("**/component_server/**", late)
        page.goto(f"{address}/{link}")
        expect(page.locator(".rv-language")).to_have_value("el")
        expect(page.locator("html")).to_have_attribute("lang", "el")
        page.emulate_media(color_scheme="dark")
        for route in held:
            route.continue_()
        page.unroute_all()
        expect(page.locator(".rv-word")).not_to_have_count(0)
        assert complaints == []
        page.close()


def bars(reader):
    """How many words have a bar in the memory ledger."""
    reader.settle()
    paths = reader.page.locator(".rv-bars .rv-left")
    return sum(path.get_attribute("d").count("M") for path in paths.all())


SEEN = """() => {
    const word = document.querySelector("[aria-label='Words, with the answer after each'] [aria-pressed=true]");
    if (!word) return false; // it is being drawn
    const { left, right, top, bottom } = word.getBoundingClientRect();
    const [across, down] = [(left + right) / 2, (top + bottom) / 2];
    const edges = [[left + 2, down], [right - 2, down], [across, top + 2], [across, bottom - 2]];
    const seen = edges.every(([x, y]) => word.contains(document.elementFromPoint(x, y))); // nobody else lies there
    return seen && word.querySelector("bdi").textContent;
}"""
LONG = "it was not good at first , but the acting is so warm and the last scene so surprising that i smiled . "


def read_aloud(reader):
    """The word that is being read, once all of it is seen: its name above, its bar below."""
    return reader.page.wait_for_function(SEEN).json_value()


@pytest.mark.parametrize(
    ("width", "height", "motion"),
    [(1440, 900, "reduce"), (400, 800, "reduce"), (400, 800, "no-preference"), (800, 360, "reduce")],
)
def test_the_word_that_is_read_aloud_and_its_bar_are_in_sight(visit, width, height, motion):
    reader = visit(viewport={"width": width, "height": height}, reduced_motion=motion)
    reader.by_hand()
    reader.after(lambda: reader.page.get_by_role("button", name="a long review").click())
    reader.page.locator(".rv-scroll").evaluate("box => { box.scrollLeft = box.scrollWidth }")
    reader.page.get_by_role("button", name="▶ Read").click()
    heard = []
    for _ in range(39):
        heard.append(read_aloud(reader))
        reader.tick()
    assert tuple(heard) == rnnviz.read(opened("sst2-lstm"), reader.text.input_value()).tokens
    expect(reader.page.get_by_role("button", name="▶ Read")).to_be_visible()


def test_who_scrolls_the_page_away_while_a_text_is_read_aloud_is_left_there(visit):
    reader = visit(viewport={"width": 400, "height": 800}, reduced_motion="reduce")
    reader.by_hand()
    reader.page.get_by_role("button", name="▶ Read").click()
    read_aloud(reader)
    reader.page.mouse.wheel(0, 900)
    reader.page.wait_for_function("scrollY >= 900")
    there = reader.page.evaluate("scrollY")
    reader.tick()
    reader.tick()
    assert reader.page.evaluate("scrollY") == pytest.approx(there, abs=1)


def test_a_text_of_several_parts_is_read_aloud_to_its_end(visit):
    reader = visit(reduced_motion="reduce")
    reader.read(LONG * 10)  # 230 words, of which 200 are shown at once
    reader.by_hand()
    reader.page.get_by_role("button", name="▶ Read").click()
    reader.page.evaluate("() => { for (let word = 1; word < 200; word += 1) tick(); }")
    read_aloud(reader)
    reader.after(lambda: reader.page.evaluate("tick()"))
    expect(reader.page.locator(".rv-notices").first).to_contain_text("words 201–230 of 230")
    assert read_aloud(reader) == LONG.split()[200 % 23]
    for _ in range(30):
        reader.tick()
    expect(reader.page.locator(".rv-notices").first).to_contain_text("words 201–230 of 230")
    expect(reader.page.get_by_role("button", name="▶ Read")).to_be_visible()


INK = """(canvas) => {
    const [first] = document.querySelectorAll("[aria-label='Words, with the answer after each'] button");
    const [own, word] = [canvas, first].map((one) => one.getBoundingClientRect());
    const scale = canvas.width / own.width;
    const ink = (top, tall) => {
        const box = [(word.left - own.left + 4) * scale, top, (word.width - 8) * scale, tall];
        const { data } = canvas.getContext("2d").getImageData(...box.map(Math.round));
        const opaque = (place) => data[place - (place % 4) + 3];
        return data.reduce((sum, value, place) => sum + (place % 4 < 3 ? (255 - value) * opaque(place) : 0), 0);
    };
    return [ink(0, canvas.height / 2), ink(canvas.height / 2, canvas.height / 2)];
}"""


def test_while_a_text_is_played_what_depends_on_its_end_is_shown_when_all_of_it_has_been_read(reader):
    page = reader.page
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.read("the film was not bad")
    page.get_by_role("radio", name="Layer 1").click()
    page.get_by_role("radio", name="Both ways").click()
    canvas, said = page.locator(".rv-field-of-units canvas"), page.locator("[data-panel=heatmap]")
    reader.by_hand()
    page.get_by_role("button", name="▶ Read").click()
    looks = []
    for _ in range(4):
        expect(said).to_contain_text("shown once all of it has been read")
        reader.tick()
        looks.append(canvas.evaluate(INK))  # of the first word, in the units that read forward and backward
    *before, at_the_end = looks
    for forward, backward in before:
        assert forward == pytest.approx(at_the_end[0], rel=0.02)
        assert backward < 0.5 * at_the_end[1]
    reader.tick()
    expect(said).to_contain_text("The units show the whole text, read from both ends.")


@pytest.mark.parametrize(("layer", "way"), [("Layer 1", "Reads backward"), ("Layer 2", "Reads forward")])
def test_while_a_text_is_played_no_number_is_told_that_depends_on_its_end(reader, layer, way):
    page = reader.page
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.read("the film was not bad")
    page.get_by_role("radio", name=layer, exact=True).click()
    page.get_by_role("radio", name=way).click()
    reader.words.first.focus()
    page.keyboard.press("ArrowDown")
    numbers = [page.locator(name) for name in (".rv-did", ".rv-values", ".rv-equation", ".rv-entries", ".rv-account")]
    reader.by_hand()
    page.get_by_role("button", name="▶ Read").click()
    for _ in range(4):
        for one in numbers:
            expect(one).to_be_hidden()
        expect(page.locator(".rv-moment")).to_contain_text("Read only up to")
        expect(page.locator(".rv-moment")).not_to_contain_text("nit ")
        reader.tick()
    for one in numbers:
        expect(one).to_be_visible()
    expect(page.locator(".rv-moment")).to_contain_text("nit ")


def test_while_a_text_is_played_nothing_is_told_of_the_words_to_come(reader):
    reader.read("the movie was not good")
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), "the movie was not good")
    reader.by_hand()
    reader.page.locator(".rv-read").click()
    for place, winner in enumerate(trace.verdicts.argmax(axis=1)):
        expect(reader.words.nth(place)).to_have_attribute("aria-pressed", "true")
        expect(reader.page.locator(".rv-word.rv-later")).to_have_count(4 - place)
        expect(reader.page.locator(".rv-answer")).to_contain_text(trace.labels[winner])
        for told in (".rv-story", ".rv-meaning", ".rv-account"):
            expect(reader.page.locator(told)).to_be_hidden()
        if place == 0:
            drawn = bars(reader)
        reader.tick()
    expect(reader.page.locator(".rv-read")).to_have_attribute("aria-pressed", "false")
    expect(reader.page.locator(".rv-answer")).to_contain_text("negative")
    expect(reader.page.locator(".rv-story")).to_be_visible()
    assert drawn < bars(reader)
