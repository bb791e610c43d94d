"""How the page uses its room: beside and under the views, on a phone, and on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import boxes

pytestmark = pytest.mark.browser

CHAPTERS = ["order", "words", "state", "cell", "forgets", "gates", "gru", "ledger", "not", "packed", "both", "reach"]
CHAPTERS += ["train", "letters", "many", "code"]
PHONE = {"width": 400, "height": 860}


@pytest.fixture
def all_shut(reader):
    """The page with no view open."""
    reader.page.locator(".rv-view-tabs [aria-selected=true]").click()
    return reader


def test_while_no_view_is_open_each_says_what_it_answers(all_shut):
    page = all_shut.page
    tabs = page.locator(".rv-view-tabs [role=tab]")
    expect(tabs.filter(has_text="How often each gate is nearly shut")).to_have_attribute("data-tab", "gates")
    expect(page.locator(".rv-tab-about")).to_have_count(tabs.count())
    bottom = max(box["bottom"] for box in boxes(tabs))
    side = page.locator(".rv-side > :not(:empty)").last.bounding_box()
    assert bottom > side["y"]  # the cards reach down to the end of what stands beside them
    all_shut.open_view("gates")
    expect(page.locator(".rv-tab-about")).to_have_count(0)


def test_the_word_and_the_cell_stay_in_sight_beside_a_long_view(reader):
    page = reader.page
    reader.open_view("compare")
    expect(page.locator(".rv-compare")).not_to_have_attribute("data-seq", "0")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator(".rv-cell-card .rv-equation")).to_be_in_viewport()


def test_train_shows_before_the_first_run_what_guessing_gives_for_the_chosen_task(reader):
    page = reader.page
    reader.open_view("train")
    plots = page.locator(".rv-train-plot")
    expect(plots.locator(".rv-train-guess")).to_have_count(2)
    before = page.locator(".rv-train-plot").nth(1).locator(".rv-train-guess").get_attribute("y1")
    page.locator("#rv-train-task").select_option("negation")
    expect(plots.nth(1).locator(".rv-train-guess")).not_to_have_attribute("y1", before)
    page.locator("[data-save='train.csv']").click()
    expect(page.locator(".rv-notices .rv-alert").first).to_have_text("There is nothing to save yet.")


@pytest.mark.parametrize("language", ["en", "el", "te"])
def test_on_a_desk_the_name_of_every_view_is_in_sight(visit, language):
    reader = visit(viewport={"width": 1280, "height": 800})
    reader.page.locator(".rv-language").select_option(language)
    reader.open_view("train")
    row = reader.page.locator(".rv-view-tabs").bounding_box()
    tabs = boxes(reader.page.locator(".rv-view-tabs [role=tab]"))
    assert all(row["x"] <= tab["left"] and tab["right"] <= row["x"] + row["width"] + 1 for tab in tabs)


def test_on_a_phone_the_views_stand_in_one_row_that_follows_the_keyboard(visit):
    reader = visit(viewport=PHONE)
    page = reader.page
    tabs = page.locator(".rv-view-tabs [role=tab]")
    assert len({box["top"] for box in boxes(tabs)}) == 1
    page.locator("[data-tab=packed]").focus()
    for _ in range(tabs.count() - 1):
        page.keyboard.press("ArrowRight")
    chosen = page.locator(".rv-view-tabs [aria-selected=true]")
    expect(chosen).to_have_attribute("data-tab", "train")
    expect(chosen).to_be_focused()
    row, last = page.locator(".rv-view-tabs").bounding_box(), chosen.bounding_box()
    assert last["x"] + last["width"] <= row["x"] + row["width"] + 1


@pytest.mark.parametrize(("language", "rows"), [("en", 1), ("hi", 2), ("te", 2), ("el", 2), ("ne", 2)])
def test_on_a_phone_the_menu_of_languages_stands_beside_the_name_and_the_buttons_below(visit, language, rows):
    reader = visit(viewport=PHONE)
    page = reader.page
    lesson = reader.shows(".rv-path-start")
    page.select_option(".rv-language", language)
    if language != "en":
        expect(page.locator(".rv-path-start")).not_to_have_text(lesson)
    tools = boxes(page.locator(".rv-tools > .rv-button"))
    assert len({box["top"] for box in tools}) <= rows
    assert max(box["right"] for box in tools) <= PHONE["width"]
    name, menu = page.locator(".rv-top h1").bounding_box(), page.locator(".rv-language").bounding_box()
    assert menu["y"] < name["y"] + name["height"]


def test_a_large_window_is_filled(visit):
    reader = visit(viewport={"width": 1920, "height": 1080})
    assert reader.page.locator(".rv-page").bounding_box()["width"] > 1700


def pages_of(page):
    """What is printed: the width and the height of each page, in points."""
    found = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    return [(round(float(width)), round(float(height))) for width, height in found]


@pytest.mark.parametrize("width", [1440, 1920])
def test_the_page_prints_on_two_sheets_that_lie_across(visit, width):
    reader = visit(viewport={"width": width, "height": 900})
    reader.page.locator(".rv-view-tabs [aria-selected=true]").click()
    reader.page.locator(".rv-fold").click()
    assert pages_of(reader.page) == [(842, 595)] * 2


def answered(reader, chapter):
    """The page with a chapter's question answered, and what that opens drawn."""
    page = reader.page
    page.locator(".rv-path-start").click()
    page.locator(".rv-path-chapters").select_option(chapter)
    page.locator(".rv-path .rv-primary").click()
    page.locator(".rv-path-question input").first.check()
    expect(page.locator(".rv-path-body")).to_be_visible()
    page.wait_for_function("!document.querySelector('.rv-view[data-seq=\"0\"]:not([hidden])')")
    return page


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_prints_on_one_sheet_with_its_answer_open(reader, chapter):
    assert pages_of(answered(reader, chapter)) == [(842, 595)]


@pytest.mark.parametrize("language", ["el", "te"])
def test_the_chapter_on_many_texts_prints_on_one_sheet_in_the_languages_with_the_longest_texts(visit, language):
    page = answered(visit(f"#lang={language}"), "many")
    expect(page.locator(".rv-find-hits li")).to_have_count(10)
    assert pages_of(page) == [(842, 595)]


def test_on_paper_a_dark_page_is_drawn_in_light_colours(visit):
    reader = visit(color_scheme="dark")
    page = reader.page
    corner = """() => {
      const canvas = document.querySelector('.rv-field-of-units canvas');
      return [...canvas.getContext('2d').getImageData(100, 6, 1, 1).data].slice(0, 3);
    }"""
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    dark = page.evaluate(corner)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    light = page.evaluate(corner)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert sum(light) > sum(dark) + 300


def test_the_beginning_of_what_a_network_writes_runs_on_in_lines(reader):
    reader.after(lambda: reader.model.select_option("shakespeare-lstm"))
    given = reader.page.locator(".rv-write-text .rv-begun")
    expect(given.nth(3)).to_be_visible()
    first, second = boxes(given)[:2]
    assert first["top"] == second["top"]


@pytest.mark.parametrize(
    "name",
    [
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
        "train",
        "write",
    ],
)
def test_a_view_speaks_in_words_and_its_question_mark_opens_a_card_or_is_not_there(reader, name):
    page = reader.page
    reader.show_view(name)
    said = page.evaluate(
        "[...document.querySelectorAll('.rv-views button, .rv-views label, .rv-views p, .rv-views span')]"
        ".filter((one) => !one.closest('pre, code, [lang=en]')).map((one) => one.textContent)"
    )
    keys = [one for one in said if re.search(r"\b[a-z]+(_[a-z]+)+\b", one)]  # of texts that are not there
    assert not keys
    mark = page.locator(".rv-why[data-lesson=view]")
    if mark.is_visible():
        mark.click()
        expect(page.locator(".rv-lesson h3, .rv-lesson .rv-tabs button").first).not_to_be_empty()
