"""The tour: each card operates the page, and what it says is what the page shows."""

import re

import pytest
from playwright.sync_api import expect

from tests.shipped import FILM

pytestmark = pytest.mark.browser


def card(reader, number):
    """The card of this number, when it is shown and has the focus; its text."""
    shown = reader.page.locator(f".rv-tour[data-card='{number}']")
    expect(shown).to_be_focused()
    expect(shown.locator(".rv-tour-place")).to_have_text(f"{number} of 6")
    return shown.locator("#rv-tour-text").inner_text()


def go_to(reader, number):
    """Start the tour and press Next up to a card."""
    reader.page.get_by_role("button", name="Tour").click()
    for place in range(1, number):
        card(reader, place)
        reader.page.get_by_role("button", name="Next").click()
    return card(reader, number)


def numbers(text):
    """The figures in a sentence, as the page writes them."""
    return re.findall(r"−?\d+(?:\.\d+)?%?", text)


def test_what_each_card_says_is_what_the_page_shows(reader):
    page = reader.page
    said = go_to(reader, 1)
    for place, label in ((4, "negative"), (9, "positive")):
        share = reader.words.nth(place).locator(".rv-share").inner_text()
        expect(reader.words.nth(place)).to_have_attribute("aria-label", re.compile(f"{label}, {share}"))
        assert f"{label}, {share}" in said
    colours = reader.words.locator(".rv-name").evaluate_all("all => all.map((one) => one.style.background)")
    assert set(colours) == {""}  # those of a unit, of which the card does not speak yet

    page.get_by_role("button", name="Next").click()
    before, after = numbers(card(reader, 2))[-2:]
    expect(page.locator(".rv-did")).to_contain_text(re.compile(f"“not”, unit 25 keeps .* of {before}.* holds {after}"))

    page.get_by_role("button", name="Next").click()
    assert "At “but” it is 0.00 in unit 25" in card(reader, 3)
    expect(page.get_by_role("radio", name="forget gate")).to_be_checked()
    expect(page.locator(".rv-cell-card > .rv-where")).to_contain_text("“but”, word 7 of 12, unit 25")
    assert reader.values()["f"] == 0.0

    page.get_by_role("button", name="Next").click()
    _, _, not_left, surprised, surprised_left = numbers(card(reader, 4))[:5]
    entries = page.locator(".rv-entries li span")
    expect(entries.nth(3)).to_have_text(not_left)
    expect(entries.nth(9)).to_have_text(surprised_left)
    expect(page.locator(".rv-account")).to_contain_text(f"“surprised” wrote {surprised}")

    page.get_by_role("button", name="Next").click()
    said = card(reader, 5)
    assert "from Sports to World" in said
    assert "stays at Sports" in said
    drift = page.locator(".rv-drift .rv-said")
    expect(drift).to_contain_text(re.compile("Alone, the answer is Sports.* After 31 cells of padding it is World"))

    page.get_by_role("button", name="Next").click()
    rnn, lstm = numbers(card(reader, 6))
    expect(page.locator(".rv-reach .rv-found")).to_have_text(re.compile(f"“warm”: plain RNN {rnn}, .*LSTM {lstm}"))
    expect(page.locator(".rv-reach-legend li").first).to_contain_text("plain RNN: negative")
    expect(page.locator(".rv-story")).to_contain_text(re.compile("last at “warm”: from negative .* to positive"))
    expect(page.get_by_role("button", name="Next")).to_be_hidden()
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".rv-tour")).to_be_hidden()


WORDS = {1: ["good", "surprised"], 2: ["not"], 3: ["not", "but"], 4: ["surprised"], 5: [], 6: []}
"""The words of the film that each card speaks of; on a phone there is no room for both of card 4."""


def words_in_sight(page, *words):
    """Wait until these columns of the strip are not cut off, neither by the names of the units nor by the edge."""
    page.wait_for_function(
        """(words) => {
            const scroll = document.querySelector(".rv-scroll");
            const [first, last] = [scroll.getBoundingClientRect().left, scroll.getBoundingClientRect().right];
            const gutter = parseFloat(getComputedStyle(scroll).getPropertyValue("--rv-gutter"));
            const there = [...document.querySelectorAll(".rv-word")];
            return words.every((word) => {
                const named = there.find((one) => one.querySelector("bdi").textContent === word);
                const { left, right } = named.getBoundingClientRect();
                return left >= first + gutter - 1 && right <= last + 1;
            });
        }""",
        arg=words,
    )


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (400, 800)])
def test_a_card_does_not_cover_what_it_outlines(reader, width, height):
    page = reader.page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})
    go_to(reader, 1)
    for number in range(1, 7):
        card(reader, number)
        # A box that is taller than the room above the card shows its top, and as much as there is room for.
        page.wait_for_function(
            """() => {
                const rectOf = (name) => document.querySelector(name).getBoundingClientRect();
                const [frame, card] = [rectOf(".rv-tour-frame"), rectOf(".rv-tour")];
                const beside = frame.right <= card.left && frame.bottom <= innerHeight;
                const above = frame.bottom <= card.top && frame.top >= 0;
                const top = frame.top >= 0 && frame.top < 20 && card.top > 200;
                return frame.width > 0 && (beside || above || top);
            }"""
        )
        words_in_sight(page, *WORDS[number])
        if number < 6:
            page.get_by_role("button", name="Next").click()


def test_the_tour_gives_back_what_was_there_before(reader):
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    reader.read("a warm and funny film")
    reader.page.get_by_role("radio", name="update gate").click()
    reader.words.nth(3).click()
    reader.open_view("gates")
    go_to(reader, 5)
    expect(reader.text).to_have_value("Japan opens a stadium")
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator(".rv-tour")).to_be_hidden()
    expect(reader.page.locator(".rv-tour-frame")).to_be_hidden()
    expect(reader.root).to_have_attribute("data-model", "sst2-gru")
    expect(reader.text).to_have_value("a warm and funny film")
    expect(reader.page.get_by_role("radio", name="update gate")).to_be_checked()
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")
    expect(reader.page.locator("[data-tab=gates]")).to_have_attribute("aria-selected", "true")
    expect(reader.page.get_by_role("button", name="Tour")).to_be_focused()
    reader.open_view("packed")
    expect(reader.page.get_by_label("Sentences, one a line")).to_have_value("1 2 3 4 5\n6 7 8\n9")


def test_the_tour_goes_by_keyboard_forth_and_back_and_stands_still_where_motion_is_unwelcome(reader):
    page = reader.page
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(
        "() => { const by = scrollBy; scrolled = []; scrollBy = (to) => { scrolled.push(to.behavior); by(to); }; }"
    )
    page.get_by_role("button", name="Tour").press("Enter")
    card(reader, 1)
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="The state")).to_be_focused()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="One word at a time")).to_be_focused()
    page.get_by_role("button", name="End", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Tour")).to_be_focused()
    expect(reader.text).to_have_value(FILM)
    go_to(reader, 6)
    page.wait_for_function("scrolled.length > 0")
    assert set(page.evaluate("scrolled")) == {"instant"}


def test_what_is_typed_during_the_tour_ends_it_and_stays(reader):
    go_to(reader, 2)
    reader.read("a warm and funny film")
    expect(reader.page.locator(".rv-tour")).to_be_hidden()
    expect(reader.page.locator(".rv-tour-frame")).to_be_hidden()
    reader.page.keyboard.press("Escape")
    expect(reader.text).to_have_value("a warm and funny film")
    expect(reader.words).to_have_count(5)


@pytest.mark.asks_python
def test_a_card_whose_network_does_not_answer_ends_the_tour(reader):
    reader.read("a warm and funny film")
    go_to(reader, 4)
    reader.page.context.set_offline(True)
    reader.page.get_by_role("button", name="Next").click()
    expect(reader.page.locator(".rv-tour")).to_be_hidden()
    expect(reader.page.locator(".rv-notices").first).to_contain_text("The server does not answer")
    expect(reader.text).to_have_value("a warm and funny film")


@pytest.mark.parametrize("drawn", ["for the first time", "before, of another text"])
def test_on_a_phone_the_card_about_padding_outlines_the_answer_that_changes(visit, drawn):
    reader = visit(viewport={"width": 400, "height": 800}, reduced_motion="reduce")
    if drawn != "for the first time":
        reader.open_view("packed")
        reader.page.locator("[data-view=packed]").evaluate("(view) => view.scrollIntoView(false)")
        expect(reader.page.locator(".rv-drift-axis")).to_be_visible()
    go_to(reader, 5)
    reader.page.wait_for_function(
        """() => {
            const label = [...document.querySelectorAll("svg text")].find((one) => one.textContent === "World 53%");
            const boxes = [label, document.querySelector(".rv-tour-frame"), document.querySelector(".rv-drift-axis")];
            if (boxes.includes(null) || !label) return false;
            const [own, frame, axis] = boxes.map((one) => one.getBoundingClientRect());
            const beside = own.left > axis.right && own.right < frame.right;
            const room = own.left - axis.right > frame.width / 3; // before it, what leads to it
            return beside && room && own.top > frame.top && own.bottom < frame.bottom;
        }"""
    )
