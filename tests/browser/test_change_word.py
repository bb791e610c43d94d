"""A word is left out, or another put in its place: the answer before and after, and both readings in Compare."""

import pytest
from playwright.sync_api import expect

import rnnviz
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

TEXT = "The movie isn't good."


def answer(text):
    """What the network answers, as the page says it."""
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), text)
    return f"{trace.label}, {float(trace.verdicts[-1].max()):.0%}"


def test_a_word_is_left_out_or_replaced_and_compare_shows_both_readings(reader):
    page = reader.page
    row = page.locator(".rv-change-word")
    reader.read(TEXT)
    expect(row).to_contain_text("Click a word")
    reader.words.nth(2).click()
    expect(row).to_contain_text("“isn't”")
    row.get_by_role("button", name="Leave it out").click()
    without = "The movie good."
    expect(row).to_contain_text(f"Without “isn't”: {answer(TEXT)} → {answer(without)}.")
    expect(page.locator("#rv-compare-text-b")).to_have_value(without)
    expect(page.get_by_role("tabpanel", name="Compare")).to_be_visible()
    row.get_by_role("textbox", name="another word").fill("is")
    row.get_by_role("textbox", name="another word").press("Enter")
    instead = "The movie is good."
    expect(row).to_contain_text(f"With “is” in place of “isn't”: {answer(TEXT)} → {answer(instead)}.")
    expect(page.locator("#rv-compare-text-b")).to_have_value(instead)
    expect(page.locator("#rv-text")).to_have_value(TEXT)
    row.get_by_role("button", name="See both").click()
    expect(page.locator("#rv-compare-text-b")).to_be_in_viewport()
    reader.words.nth(1).click()  # another word: what was written for the last one is gone
    expect(row.get_by_role("textbox", name="another word")).to_have_value("")
    reader.read("good")
    expect(row).not_to_contain_text("→")
    reader.words.nth(0).click()
    expect(row.get_by_role("button", name="Leave it out")).to_be_disabled()


def test_where_the_class_has_not_answered_yet_no_word_can_be_changed(visit):
    reader = visit("#model=sst2-lstm&text=the movie was not good&ask=turn")
    expect(reader.page.locator(".rv-change-word")).to_be_hidden()
