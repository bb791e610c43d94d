"""Who does not point with a mouse, or does not see the picture, has everything too."""

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

import rnnviz
from rnnviz.page import assets
from tests.browser.conftest import Reader
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

VIEWS = (
    "write",
    "packed",
    "reach",
    "attribution",
    "gates",
    "compare",
    "find",
    "projection",
    "groups",
    "slices",
    "code",
    "own",
)
FOCUSED = """() => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    const name = node.dataset.tab || node.id || [...node.classList].pop() || node.parentElement.classList[1];
    return [name, node.matches(":focus-visible") && outlineStyle === "solid" ? parseFloat(outlineWidth) : 0];
}"""


def faults(page: Page, part: str | None = None, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core calls serious or critical, in all of the page or in one part, by some or all of its rules."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}  # or it makes long lists of all that is right
    if rules:
        options["runOnly"] = list(rules)
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['target']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def pin_a_unit(reader: Reader) -> None:
    reader.page.locator(".rv-field-of-units canvas").click(position={"x": 10, "y": 30})
    expect(reader.page.locator(".rv-about-unit ul").first).to_be_visible()


# What a checker finds


BY_COLOUR = ["color-contrast", "link-in-text-block"]
BY_WIDTH = ["color-contrast", "meta-viewport", "scrollable-region-focusable", "target-size"]


@pytest.mark.parametrize(
    ("width", "theme", "rules"), [(1440, "light", []), (1440, "dark", BY_COLOUR), (400, "light", BY_WIDTH)]
)
def test_axe_finds_no_serious_fault(visit, width, theme, rules):
    reader = visit(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = reader.page
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.title()
    assert faults(page, rules=rules) == []
    pin_a_unit(reader)
    page.locator(".rv-as-table").click()
    page.locator(".rv-why").first.click()
    page.locator(".rv-save").click()
    assert faults(page, rules=rules) == []
    page.keyboard.press("Escape")
    card = page.locator(".rv-model-card")
    card.locator("summary").click()
    expect(card.locator("dd").first).to_be_visible()
    assert faults(page, ".rv-model-card", rules) == []
    for name in VIEWS:
        reader.show_view(name)
        view = page.locator(f".rv-view[data-view={name}]")
        for table in view.locator("details:visible").all():
            table.locator("summary").click()
        assert faults(page, ".rv-views", rules) == [], name
    page.locator(".rv-tour-start").click()
    expect(page.locator(".rv-tour")).to_be_visible()
    assert faults(page, ".rv-tour", rules) == []
    page.keyboard.press("Escape")
    expect(page.locator(".rv-tour")).to_be_hidden()
    page.locator(".rv-as-table").click()  # closed again: it has been looked at, and of 200 words it is long
    reader.open_view("packed")  # for the same reason: the view that does not follow the text
    reader.read("")
    expect(reader.root).to_have_attribute("data-state", "empty")
    assert faults(page, rules=rules) == []
    reader.read("good " * 250)
    expect(page.locator(".rv-notices p").first).to_be_visible()
    assert faults(page, rules=rules) == []


# The heatmap in words


def numbers(reader: Reader) -> np.ndarray:
    rows = reader.page.locator(".rv-units-table tbody tr").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return np.array([[float(cell.replace("\u2212", "-")) for cell in row] for row in cells])


def test_the_table_of_the_heatmap_holds_the_numbers_of_the_python_package(reader):
    table = reader.page.locator(".rv-units-table")
    expect(table.locator("table")).to_have_count(0)  # built when it is asked for
    reader.read("the movie was not good")
    reader.page.get_by_role("button", name="As a table").click()
    expect(table.locator("tbody th")).to_have_text(["the", "movie", "was", "not", "good"])
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), "the movie was not good")
    for name, signal in (("cell state", "cell"), ("forget gate", "forget")):
        reader.page.locator(".rv-signals").get_by_role("radio", name=name).click()
        expect(table.locator("caption")).to_have_text(f"The {name} of 12 units over 5 words")
        units = [int(head.split()[1]) for head in table.locator("thead th").all_inner_texts()[1:]]
        np.testing.assert_allclose(numbers(reader), trace.select(signal)[:, units], atol=0.00501)
    reader.read("a good film")
    expect(table.locator("tbody tr")).to_have_count(3)
    reader.page.get_by_role("button", name="As a table").click()
    expect(table.locator("table")).to_have_count(0)


def test_the_table_names_each_unit_with_its_layer_and_direction(reader):
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.page.locator(".rv-directions").get_by_role("radio", name="both").click()
    reader.page.get_by_role("button", name="As a table").click()
    expect(reader.page.locator(".rv-units-table thead th")).to_have_count(13)
    heads = reader.page.locator(".rv-units-table thead th").all_inner_texts()[1:]
    assert [head[-1] if head[-1] in "→←" else head[-2] for head in heads] == ["→"] * 6 + ["←"] * 6


def test_the_picture_says_what_it_is_and_what_is_seen_in_it(reader):
    canvas = reader.page.get_by_role("img", name="The cell state of 12 units over 12 words")
    expect(canvas).to_have_accessible_description(reader.shows(".rv-meaning"))
    assert "moves most" in reader.shows(".rv-meaning")


def test_the_heatmap_of_two_sentences_is_a_table_too(reader):
    reader.page.locator("[data-chip=pair]").click()
    view = reader.page.locator(".rv-view[data-view=compare]")
    view.locator("summary").click()
    expect(view.locator("tbody th")).to_have_text(["the", "movie", "was", "not", "good"])
    gap = view.locator("tbody tr").nth(3).locator("td").all_inner_texts()
    assert gap[0] == ""  # the first sentence has no "not"
    last = view.locator("tbody tr").nth(4).locator("td").all_inner_texts()
    first, second, change = (float(cell.replace("\u2212", "-")) for cell in last[:3])
    assert abs(second - first - change) < 0.0151


# By keyboard


def walked(page: Page) -> list[str]:
    """Every stop of the Tab key, from the top until it leaves the page; each is seen."""
    stops = []
    for _ in range(120):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return stops
        assert stop[1] >= 2, f"no outline around {stop[0]}"
        stops.append(stop[0])
    raise AssertionError(f"Tab never leaves the page: {stops}")


@pytest.mark.parametrize("view", ["packed", "reach", "compare"])
def test_tab_goes_through_the_page_in_order_and_is_always_seen(reader, view):
    reader.page.locator("[data-chip=pair]").click()  # what the views show then has many words
    expect(reader.words).to_have_count(4)
    expect(reader.page.locator(".rv-compare-column")).to_have_count(5)  # not those of the text before
    reader.open_view(view)
    expect(reader.page.locator(f".rv-view[data-view={view}]")).not_to_have_attribute("data-seq", "0")
    reader.page.evaluate("() => document.activeElement.blur()")
    reader.page.locator("h1").click()
    stops = walked(reader.page)
    wanted = ["rv-model", "rv-text", "rv-chip", "rv-read", "rv-at", "rv-signals", "rv-numbers", "rv-slow", view]
    places = [stops.index(name) for name in wanted]
    assert places == sorted(places), stops
    for one_stop in ("rv-signals", "rv-reach-word", "rv-compare-column", view):
        assert stops.count(one_stop) <= 1
    assert sum(name in ("rv-word", "rv-at") for name in stops) <= 2  # the word, and the same word in a view


def test_the_arrow_keys_reach_every_cell_that_a_pointer_reaches(reader):
    reader.words.first.focus()
    reader.page.keyboard.press("ArrowRight")
    expect(reader.words.nth(1)).to_be_focused()
    where = reader.page.locator(".rv-cell-card > .rv-where")
    units = ["none"]
    for row in range(13):  # first the unit that the word moves most, then all rows
        expect(where).to_contain_text("word 2")
        expect(where).not_to_have_text(re.compile(rf"unit {units[-1]}(?!\d)"))
        expect(reader.page.locator(".rv-about-unit")).to_be_visible(visible=row > 0)
        units.append(re.search(r"unit (\d+)", where.inner_text())[1])
        reader.page.keyboard.press("ArrowDown")
    assert len(set(units[2:])) == 12  # the rows, after the unit that the word moves most
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator(".rv-about-unit")).to_be_hidden()


def test_shift_and_arrows_choose_a_range_and_a_plain_arrow_ends_it(reader):
    chosen = reader.page.locator(".rv-word.rv-chosen .rv-name")
    reader.words.nth(3).focus()
    reader.page.keyboard.press("Enter")
    steps = {"not good": "Right", "not good ,": "Right", "not good ": "Left", "not": "Left", "was not": "Left"}
    for wanted, key in steps.items():
        reader.page.keyboard.press(f"Shift+Arrow{key}")
        expect(chosen).to_have_text(wanted.split())
    expect(reader.words.nth(2)).to_be_focused()
    reader.page.keyboard.press("ArrowRight")
    expect(chosen).to_have_count(0)


def test_space_plays_from_a_word_and_writes_in_the_text_box(reader):
    control = reader.page.locator(".rv-read")
    reader.by_hand()
    reader.words.first.focus()
    reader.page.keyboard.press("Space")
    expect(control).to_have_attribute("aria-pressed", "true")
    reader.page.keyboard.press("Escape")
    expect(control).to_have_attribute("aria-pressed", "false")
    reader.text.fill("good")
    reader.text.press("End")
    reader.text.press("Space")
    expect(reader.text).to_have_value("good ")
    expect(control).to_have_attribute("aria-pressed", "false")


def test_an_example_keeps_the_focus_when_it_is_read(reader):
    chip = reader.page.locator("[data-chip=not_bad]")
    chip.focus()
    reader.after(lambda: reader.page.keyboard.press("Enter"))
    expect(chip).to_be_focused()


def test_a_finger_has_what_a_pointer_has(visit):
    reader = visit(viewport={"width": 400, "height": 900}, has_touch=True)
    reader.page.locator(".rv-field-of-units canvas").tap(position={"x": 150, "y": 30})
    expect(reader.page.locator(".rv-about-unit")).to_be_visible()
    expect(reader.page.locator(".rv-word[aria-pressed=true]")).to_have_count(1)


# By ear

LISTEN = """() => {
    window.heard = [];
    const spoken = (node) => node.closest('[role=status], [aria-live=polite], [role=alert]');
    new MutationObserver((changes) => {
        for (const { target } of changes) {
            const region = spoken(target.nodeType === 1 ? target : target.parentElement);
            if (region) window.heard.push(region.innerText);
        }
    }).observe(document.querySelector('.rv-page'), { childList: true, characterData: true, subtree: true });
}"""


def heard(reader: Reader) -> list[str]:
    """What a screen reader has been given to say since it was last asked."""
    reader.settle()
    return reader.page.evaluate("() => heard.splice(0).filter((text) => text)")


def test_the_story_is_heard_at_an_answer_and_at_a_pin_and_not_while_one_points(reader):
    page = reader.page
    reader.settle()
    page.evaluate(LISTEN)
    for place in (2, 5, 8):
        reader.words.nth(place).hover()
        assert heard(reader) == []
    reader.words.nth(3).click()
    [said] = heard(reader)
    assert "not" in said
    page.locator(".rv-signals").get_by_role("radio", name="forget gate").click()
    assert heard(reader) == []  # another picture, and the same story
    reader.read("the movie was good")
    assert len(set(heard(reader)) - {assets.words("en")["waiting"]}) == 1  # which is said of a slow answer
    assert "positive" in reader.shows(".rv-answer")


# For eyes and heads that moving pictures trouble, and for a page at twice its size

MOVING = """() => {
    const found = [];
    for (const node of document.querySelectorAll('.rv, .rv *')) for (const part of [null, '::before', '::after']) {
        const { transitionDuration, animationDuration } = getComputedStyle(node, part);
        const seconds = `${transitionDuration}, ${animationDuration}`.split(', ').map(parseFloat);
        if (Math.max(...seconds) > 0.01) found.push(`${node.tagName} ${node.className}`);
    }
    return found;
}"""


def test_nothing_moves_by_itself_where_less_motion_is_wanted_and_play_still_steps(visit):
    reader = visit(reduced_motion="reduce")
    for name in VIEWS:
        reader.show_view(name)
    assert reader.page.evaluate(MOVING) == []
    reader.by_hand()
    reader.page.locator(".rv-read").click()
    for place in range(3):
        expect(reader.words.nth(place)).to_have_attribute("aria-pressed", "true")
        reader.tick()


def test_a_narrow_window_never_scrolls_sideways(visit):
    reader = visit(viewport={"width": 320, "height": 640})  # 1280 pixels at four times their size
    pin_a_unit(reader)
    reader.page.locator(".rv-as-table").click()
    for name in VIEWS:
        reader.show_view(name)
        wide: list[Any] = reader.page.evaluate(
            "() => ['html', 'body', '.gradio-container', '.rv-page'].map((one) => document.querySelector(one))"
            ".filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className)"
        )
        assert wide == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_the_system_sets_the_colours_bars_swatches_and_sliders_are_still_seen(visit, scheme):
    reader = visit(color_scheme=scheme)
    reader.page.emulate_media(forced_colors="active", color_scheme=scheme)

    def colours(found, least):
        """The colours that cover this share of something, as it is seen."""
        seen = Image.open(io.BytesIO(found.screenshot())).convert("RGB")
        pixels = seen.width * seen.height
        return {colour for count, colour in seen.getcolors(pixels) if count > least * pixels}

    classes = colours(reader.words.nth(1).locator(".rv-shares"), 0.1)  # 61 % positive
    assert len(classes) == 2
    named = [colours(reader.page.locator(".rv-classes li").nth(place), 0.01) & classes for place in range(2)]
    assert [len(one) for one in named] == [1, 1]
    assert named[0] != named[1]
    slider = reader.page.get_by_role("slider", name="forget gate")
    slider.scroll_into_view_if_needed()
    assert len(colours(slider, 0.1)) >= 2
