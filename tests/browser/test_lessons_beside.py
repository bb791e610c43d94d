"""The lesson stands beside its picture: what docs/lessons.md says where it says it."""

import pytest
from playwright.sync_api import expect

from tests.test_lessons import CARD, cards, sections

pytestmark = pytest.mark.browser


def beside():
    """Which cards the document sets beside which picture."""
    found = {}
    for body in sections().values():
        for card in CARD.finditer(body):
            found.setdefault(card["beside"], []).append(card["name"])
    return found


def open_lesson(reader, place):
    """Open the lesson beside a picture, or beside a view; None where the page has no such view."""
    view = place.removeprefix("tab:")
    if view == place:
        mark = reader.page.locator(f".rv-why[data-lesson={place}]")
    else:
        if not reader.page.locator(f"[data-tab={view}]").count():
            return None
        reader.open_view(view)
        mark = reader.page.get_by_role("button", name="What is this? The open view")
    mark.click()
    expect(mark).to_have_attribute("aria-expanded", "true")
    return mark


def test_beside_each_picture_stands_its_lesson(reader):
    said = cards()
    lesson = reader.page.locator(".rv-lesson")
    for place, names in beside().items():
        mark = open_lesson(reader, place)
        if mark is None:
            continue
        for name in names:
            title = said[f"lesson_{name}_title"]
            if len(names) > 1:
                lesson.get_by_role("radio", name=title, exact=True).click()
            expect(reader.page.get_by_role("region", name=title, exact=True)).to_be_visible()
            expect(lesson).to_contain_text(said[f"lesson_{name}_text"])
            expect(lesson).to_contain_text(f"Try this: {said[f'lesson_{name}_try']}")
            expect(lesson).to_contain_text(f"You will see: {said[f'lesson_{name}_see']}")
        if len(names) > 1:
            expect(lesson.get_by_role("radio")).to_have_count(len(names))
        expect(lesson).to_have_count(1)


def test_one_lesson_is_open_at_a_time_and_escape_or_a_second_click_closes_it(reader):
    lesson = reader.page.locator(".rv-lesson")
    first, second = open_lesson(reader, "strip"), open_lesson(reader, "ledger")
    expect(first).to_have_attribute("aria-expanded", "false")
    expect(lesson).to_contain_text("The memory that survives")
    reader.words.nth(3).click()
    second.focus()
    reader.page.keyboard.press("Escape")
    expect(lesson).to_have_count(0)
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")  # that one key does one thing
    first.click()
    expect(lesson).to_have_count(1)
    first.click()
    expect(lesson).to_have_count(0)


def test_another_view_closes_the_lesson_of_the_one_before(reader):
    mark = open_lesson(reader, "tab:reach")
    expect(reader.page.locator(".rv-view[data-view=reach] .rv-lesson")).to_be_visible()
    reader.open_view("gates")
    expect(mark).to_have_attribute("aria-expanded", "false")
    expect(reader.page.locator(".rv-lesson")).to_have_count(0)
