"""Links for a class: a question stands over covered answers, and a click on a word reveals them."""

import re

import pytest
from playwright.sync_api import expect

import rnnviz
from tests.browser.conftest import Reader
from tests.conftest import ROOT
from tests.shipped import FILM, opened

pytestmark = pytest.mark.browser

ASK = "#model=sst2-lstm&text=The+movie+was+not+good+%2C+but+the+ending+surprised+me+.&token=9&ask=turn"
COVERED = (".rv-side", "[data-panel=heatmap]", "[data-panel=ledger]", ".rv-views", ".rv-line")
QUESTION = "Will it change its mind"


def turns(text):
    """The places at which the answer changes, as Python reads the text."""
    answers = rnnviz.read(opened("sst2-lstm"), text).verdicts.argmax(axis=1)
    return [t for t in range(1, len(answers)) if answers[t] != answers[t - 1]]


@pytest.fixture
def asked(visit):
    """The page as a class finds it."""
    return visit(ASK)


def is_covered(reader):
    """Nothing that is shown, or read out, tells the answer."""
    expect(reader.page.locator(".rv-ask")).to_contain_text(QUESTION)
    expect(reader.page.locator(".rv-ask")).to_be_visible()
    for selector in COVERED:
        expect(reader.page.locator(selector)).not_to_be_visible()
    strip = reader.page.locator(".rv-strip")
    expect(strip.locator(".rv-share, .rv-shares span")).to_have_count(0)
    expect(reader.words.first).to_have_attribute("tabindex", "0")  # not the word at which it turns
    expect(strip.locator("[aria-pressed=true]")).to_have_count(0)
    told = strip.evaluate("strip => strip.outerHTML")
    assert not re.search("negative|positive|%|▲", re.sub(r'style="[^"]*"', "", told))


def test_until_a_word_is_clicked_everything_that_tells_is_covered(asked):
    is_covered(asked)
    where = turns(FILM)
    asked.words.nth(where[-1]).click()
    expect(asked.page.locator(".rv-outcome")).to_have_text("Right. The answer changes 2 times: at “was”, “surprised”.")
    assert where == [2, 9]
    for selector in COVERED:
        expect(asked.page.locator(selector).first).to_be_visible()
    expect(asked.words.nth(9).locator(".rv-share")).to_have_text("79%")
    expect(asked.words.nth(9)).to_have_attribute("aria-pressed", "true")


def test_the_word_at_which_the_answer_moves_most_is_right_too(asked):
    asked.read("the movie was not good")
    shares = rnnviz.read(opened("sst2-lstm"), "the movie was not good").verdicts[:, 0]
    assert turns("the movie was not good") == [2]
    assert (shares[1:] - shares[:-1]).argmax() + 1 == 3
    asked.words.nth(3).click()
    expect(asked.page.locator(".rv-outcome")).to_have_text(
        f"Right. At “not” the answer moves most: negative goes from {shares[2]:.0%} to {shares[3]:.0%}."
        " The answer changes at “was”, from positive to negative."
    )


def test_a_wrong_word_by_keyboard_is_told_where_it_was(asked):
    asked.read("the film is a bore")
    is_covered(asked)
    (where,) = turns("the film is a bore")
    asked.words.first.focus()
    asked.page.keyboard.press("ArrowRight")
    expect(asked.words.nth(1)).to_be_focused()
    asked.page.keyboard.press("Enter")
    expect(asked.page.locator(".rv-outcome")).to_contain_text("Not quite. The answer changes at “")
    word = asked.words.nth(where).locator(".rv-name").inner_text()
    expect(asked.page.locator(".rv-outcome")).to_contain_text(f"at “{word}”, from")


def test_a_text_that_never_turns_has_its_answer_too(asked):
    asked.read("a warm and funny film")
    assert turns("a warm and funny film") == []
    asked.page.get_by_role("button", name="It will not change its mind").click()
    expect(asked.page.locator(".rv-outcome")).to_have_text(
        "Right. The answer never changes: it is positive from the first word to the last."
    )


def test_a_new_text_and_another_sentence_are_covered_again(asked):
    asked.words.nth(4).click()
    expect(asked.page.locator(".rv-outcome")).to_contain_text("Not quite.")
    asked.after(lambda: asked.page.get_by_role("button", name="Another sentence").click())
    expect(asked.text).not_to_have_value(FILM)
    is_covered(asked)
    asked.words.first.click()
    expect(asked.page.locator(".rv-outcome")).to_be_visible()
    asked.read("not bad at all")
    is_covered(asked)


def test_the_covered_words_have_the_whole_page_and_begin_at_the_first(visit):
    other = visit(ASK, viewport={"width": 400, "height": 800})
    page = other.page
    is_covered(other)
    expect(page.locator(".rv-scroll")).to_have_js_property("scrollLeft", 0)  # not where it turns
    page.set_viewport_size({"width": 1440, "height": 800})
    page.wait_for_function(
        """() => {
            const [words, body] = [".rv-picture", ".rv-body"].map((name) => document.querySelector(name).clientWidth);
            return words > 1000 && body - words < 4;
        }"""
    )


def test_a_teacher_makes_such_a_link(reader, tab):
    reader.words.nth(9).click()
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    menu.get_by_label("What each word left in the memory").check()
    menu.get_by_label(QUESTION).check()
    link = menu.get_by_label("The link").input_value()
    assert "hide=ledger" in link
    assert "ask=turn" in link
    assert "token=" not in link
    expect(menu.get_by_role("link", name="Look at it")).to_have_attribute("href", link)
    other = Reader(tab(), link)
    is_covered(other)
    other.words.nth(0).click()
    expect(other.page.locator("[data-panel=heatmap]")).to_be_visible()
    expect(other.page.locator("[data-panel=ledger]")).to_be_hidden()
    reader.page.bring_to_front()
    menu.get_by_label("The link").focus()
    reader.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(reader.words.nth(9)).to_have_attribute("aria-pressed", "true")


def test_a_teacher_copies_it(reader):
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    menu.get_by_label(QUESTION).check()
    menu.get_by_role("button", name="Copy this link").click()
    expect(menu.get_by_role("status")).to_have_text("Link copied")
    assert reader.page.evaluate("navigator.clipboard.readText()") == menu.get_by_label("The link").input_value()


def test_the_links_in_the_documents_do_what_is_said_of_them(visit):
    lessons = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (long,) = re.findall(r"^http://127.0.0.1:7860/(#\S+)$", lessons, re.MULTILINE)
    (short,) = re.findall(r"`(#text=\S+)`", readme)
    for link, hidden, text in ((long, ("unit", "views"), FILM), (short, (), "the movie was not good")):
        other = visit(link)
        expect(other.text).to_have_value(text)
        expect(other.words).to_have_count(len(text.split()))  # its reading is there, not that of the example
        is_covered(other)
        other.words.nth(2).click()
        for name in ("strip", "heatmap", "ledger", "story", "cell", "unit", "views"):
            expect(other.page.locator(f"[data-panel={name}]")).to_be_visible(visible=name not in hidden)


def test_where_nobody_can_see_the_whole_text_it_is_not_asked(visit):
    text = " ".join(["the"] * 200 + ["awful"] * 3)
    other = visit(f"#model=sst2-lstm&text={text.replace(' ', '+')}&start=200&ask=turn")
    expect(other.words).to_have_count(3)
    question = other.page.locator(".rv-question")
    expect(question).to_contain_text("Write one of at most 200 words.")
    expect(question.get_by_role("button", name="It will not change its mind")).to_have_count(0)
    expect(other.page.locator("[data-panel=heatmap]")).to_be_visible()
    other.read("not bad at all")
    is_covered(other)


def test_arrow_keys_do_not_colour_covered_words(asked):
    asked.words.first.focus()
    asked.page.keyboard.press("ArrowDown")
    asked.page.keyboard.press("ArrowRight")
    expect(asked.words.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(asked.words.nth(1).locator(".rv-name")).not_to_have_attribute("style", re.compile("rgb"))
    asked.words.nth(1).click()
    asked.words.nth(1).focus()
    asked.page.keyboard.press("ArrowDown")
    expect(asked.words.nth(1).locator(".rv-name")).to_have_attribute("style", re.compile("rgb"))


def test_a_text_that_was_answered_is_asked_again_after_another(asked):
    asked.words.nth(9).click()
    expect(asked.page.locator(".rv-outcome")).to_contain_text("Right.")
    asked.page.mouse.move(0, 0)  # or a word of the next text is under it
    asked.read("not bad at all")
    is_covered(asked)
    asked.read(FILM)
    is_covered(asked)


def test_where_the_browser_copies_nothing_the_link_is_said_to_be_there(reader):
    reader.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    reader.page.evaluate("() => { setTimeout = () => 0; }")  # what is said for a moment is said until it was looked at
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    expect(reader.page.get_by_role("button", name="Link is in the address bar")).to_be_visible()
    menu.get_by_role("button", name="Copy this link").click()
    expect(menu.get_by_role("status")).to_have_text("Select it and copy it.")
