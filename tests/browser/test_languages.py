"""Five languages: switched at once, kept while the tab is open, carried by a link, and nothing left in English."""

import json
import re

import pytest
from playwright.sync_api import expect

from rnnviz.page import assets
from tests.page.test_locales import BRACKETS, NAMES, OTHERS

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
    "train",
)
SHOWN = """
() => {
  const found = [];
  const typed = 'bdi, .rv-strip, textarea, input, .rv-language, [lang]:not(.rv-page)';
  const walk = document.createTreeWalker(document.querySelector('.rv-page'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.textContent.trim() || node.parentElement.closest(typed)) continue;
    if (node.parentElement.checkVisibility()) found.push(node.textContent);
  }
  return found;
}
"""
TYPED = {"the", "movie", "was", "not", "good", "but", "ending", "surprised", "bad", "film", "example", "oil", "prices"}


def shown(reader):
    """All texts that are seen, once what is said of the selected word and unit is drawn too."""
    reader.settle()
    return reader.page.evaluate(SHOWN)


def english_of(texts):
    """Words of English that are no names: what is typed and what the units know stands in quotation marks."""
    found = set()
    for text in texts:
        bare = re.sub(r"“[^”]*”|«[^»]*»|\u2068[^\u2069]*\u2069", " ", text)
        found |= {word for word in re.findall(r"[A-Za-z]{3,}", bare) if word.lower() not in TYPED}
    return found - NAMES - BRACKETS


@pytest.mark.parametrize("language", OTHERS)
def test_the_page_speaks_each_language_at_once_and_nothing_is_left_in_english(reader, language):
    reader.page.locator(".rv-language").select_option(language)
    expect(reader.root).to_have_attribute("data-language", language)
    assert reader.page.evaluate("document.documentElement.lang") == language
    dictionary = assets.words(language)
    expect(reader.page.locator(".rv-top [data-say=tagline]")).to_have_text(dictionary["tagline"])
    expect(reader.page.locator(".rv-answer")).to_contain_text(dictionary["class_positive"])
    left = english_of(shown(reader))
    for view in VIEWS:
        reader.show_view(view)
        expect(reader.page.locator(f"[data-tab={view}]")).to_have_attribute("aria-selected", "true")
        left |= english_of(shown(reader))
    reader.picture(f"language-{language}")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert left == set()


def test_the_language_is_the_browsers_own_and_the_one_chosen_is_kept_in_the_tab(visit):
    other = visit(locale="te-IN")
    expect(other.root).to_have_attribute("data-language", "te")
    other.page.locator(".rv-language").select_option("el")
    expect(other.root).to_have_attribute("data-language", "el")
    other.page.reload()
    expect(other.root).to_have_attribute("data-language", "el")


def test_a_link_carries_the_language(visit):
    other = visit("#text=good+film&lang=ne")
    expect(other.root).to_have_attribute("data-language", "ne")
    expect(other.words).to_have_count(2)
    other.page.locator(".rv-link").click()
    other.page.wait_for_function("location.hash.includes('lang=ne')")


@pytest.mark.parametrize(("language", "typed", "count"), [("hi", "फ़िल्म अच्छी थी", 3), ("el", "η ταινία ήταν καλή", 4)])
def test_that_the_networks_read_english_is_said_where_another_language_is_typed(reader, language, typed, count):
    notices = reader.page.locator(".rv-page > .rv-notices")
    reader.page.locator(".rv-language").select_option(language)
    expect(reader.root).to_have_attribute("data-language", language)
    reader.read("good film")
    expect(notices).not_to_contain_text(assets.words(language)["reads_english"])
    reader.read(typed)
    expect(reader.words).to_have_count(count)
    expect(notices).to_contain_text(assets.words(language)["reads_english"])


@pytest.mark.parametrize(("language", "number"), [("en", "1,200"), ("el", "1.200"), ("ne", "१,२००"), ("hi", "1,200")])
def test_numbers_are_written_as_the_language_writes_them(reader, language, number):
    reader.page.locator(".rv-language").select_option(language)
    expect(reader.root).to_have_attribute("data-language", language)
    reader.read("good bad " * 600)
    expect(reader.page.locator(".rv-count")).to_contain_text(number)


@pytest.mark.asks_python
def test_of_two_languages_the_one_chosen_last_stays(reader):
    waiting = []
    reader.page.route("**/component_server/**", lambda route: waiting.append(route))
    menu = reader.page.locator(".rv-language")
    with reader.page.expect_request("**/component_server/**"):
        menu.select_option("te")
    menu.select_option("en")
    with reader.page.expect_response("**/component_server/**"):
        waiting[0].continue_()
    reader.page.unroute_all()
    reader.read("good film")  # what is answered later is drawn later
    expect(menu).to_have_value("en")
    expect(reader.root).to_have_attribute("lang", "en")


@pytest.mark.asks_python
def test_an_objection_of_the_server_is_said_in_the_language(reader):
    reader.page.locator(".rv-language").select_option("el")
    expect(reader.root).to_have_attribute("data-language", "el")
    answer = {"error": "holds_many", "values": {"most": 20, "found": 31}, "message": "English"}
    reader.page.route("**/component_server/**", lambda route: route.fulfill(body=json.dumps(answer)))
    reader.text.fill("bad film")
    expect(reader.page.locator(".rv-page > .rv-notices")).to_contain_text("31")
    expect(reader.page.locator(".rv-page > .rv-notices")).not_to_contain_text("English")


@pytest.mark.asks_python
def test_where_the_server_objects_the_page_stays_in_its_language_and_can_ask_again(reader):
    busy = {"error": "server_busy", "values": {}, "message": "Too many questions at once."}
    reader.page.route("**/component_server/**", lambda route: route.fulfill(json=busy))
    menu = reader.page.locator(".rv-language")
    menu.select_option("el")
    expect(menu).to_have_value("en")
    assert reader.root.get_attribute("data-language") == "en"
    expect(reader.page.locator(".rv-top [data-say=tagline]")).to_have_text(assets.words("en")["tagline"])
    reader.page.unroute("**/component_server/**")
    menu.select_option("el")
    expect(reader.root).to_have_attribute("data-language", "el")
    expect(reader.page.locator(".rv-top [data-say=tagline]")).to_have_text(assets.words("el")["tagline"])
