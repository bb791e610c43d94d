"""A network that reads letters: signs over their columns, sentences of letters, the visitor's own language."""

import pytest
from playwright.sync_api import Browser, expect

from rnnviz.data.text import letters
from rnnviz.page import assets, props, site
from tests.browser.server import web_server
from tests.builders import checkpoint

TEXTS = {chip["lang"]: chip["text"] for chip in props.CHIPS if chip["model"] == props.LANGUAGES_MODEL}
CLASSES = tuple(f"language {place}" for place in range(12))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A site with a network of words, one of many languages, and one that writes."""
    folder, root = tmp_path_factory.mktemp("networks"), tmp_path_factory.mktemp("web")
    known = sorted({letter for text in TEXTS.values() for letter in letters(text)} | {"\n"})
    checkpoint("lstm").save_pretrained(folder / "sst2-lstm")
    own = {"words": known, "tokens": "letters"}
    checkpoint("lstm", labels=CLASSES, **own).save_pretrained(folder / props.LANGUAGES_MODEL)
    checkpoint("gru", task="next", **own).save_pretrained(folder / "shakespeare-lstm")
    site.write_folder(root / "page", folder)
    with web_server(root) as origin:
        yield f"{origin}/page/"


@pytest.fixture
def visit(browser: Browser, address):
    """Open the page in a language, and wait for a network's reading."""
    contexts = []

    def open_in(locale: str, model: str):
        context = browser.new_context(locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        page.wait_for_selector(f".rv-page[data-state=shown][data-model={model}]")
        return page

    yield open_in
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["hi", "te", "el", "ne"])
def test_the_page_opens_with_a_sentence_of_the_visitors_language(visit, language):
    page = visit(language, props.LANGUAGES_MODEL)
    expect(page.locator("#rv-text")).to_have_value(TEXTS[language])
    expect(page.locator(".rv-word")).to_have_count(len(letters(TEXTS[language])))
    expect(page.locator(".rv-notices").first).not_to_contain_text(assets.words(language)["reads_english"])
    shown = page.locator(".rv-strip .rv-name:not(.rv-part), .rv-strip .rv-sign").all_text_contents()
    assert sorted("".join(shown).replace("␣", " ")) == sorted("".join(letters(TEXTS[language])))


def test_a_sign_stands_over_the_columns_of_its_letters(visit):
    page = visit("hi", props.LANGUAGES_MODEL)
    sign = page.locator(".rv-sign", has_text="मैं").bounding_box()
    first = letters(TEXTS["hi"]).index("म")
    columns = [page.locator(f'.rv-word[data-token="{first + place}"]').bounding_box() for place in range(3)]
    assert sign["x"] == pytest.approx(columns[0]["x"], abs=1)
    assert sign["width"] == pytest.approx(sum(column["width"] for column in columns), abs=1)


def test_words_and_letters_are_told_apart_and_each_network_offers_its_own_examples(visit):
    page = visit("en", "sst2-lstm")
    expect(page.locator(".rv-count")).to_contain_text("words and signs read")
    expect(page.locator("[data-chip=in_te]")).to_have_count(0)
    page.locator("[data-chip=in_en]").click()
    page.wait_for_selector(f".rv-page[data-model={props.LANGUAGES_MODEL}]")
    expect(page.locator(".rv-count")).to_have_text(f"{len(TEXTS['en'])} letters read")
    page.locator("[data-chip=in_te]").click()
    expect(page.locator("#rv-text")).to_have_value(TEXTS["te"])
    expect(page.locator(".rv-classes li")).to_have_count(6)  # the likeliest five, and the others
    expect(page.locator("[data-tab=reach]")).to_have_count(0)
    page.select_option("#rv-model", "sst2-lstm")
    expect(page.locator(".rv-notices").first).to_contain_text(assets.words("en")["reads_english"])
    expect(page.locator("[data-tab=reach]")).to_have_count(1)


def test_of_a_network_that_writes_the_likeliest_next_letter_is_told(visit):
    page = visit("en", "sst2-lstm")
    expect(page.locator("[data-tab=own]")).to_have_count(1)
    page.select_option("#rv-model", "shakespeare-lstm")
    page.locator("#rv-text").fill("on a train\n")
    expect(page.locator(".rv-count")).to_have_text("11 letters read")
    expect(page.locator("[data-tab=own]")).to_have_count(0)  # it is right about no labels
    expect(page.locator(".rv-strip .rv-name").last).to_have_text("↵")
    expect(page.locator(".rv-story")).to_contain_text("of 10 places")
    assert "%" not in "".join(page.locator(".rv-strip .rv-share").all_inner_texts())


def test_a_text_of_which_most_letters_are_unknown_is_said_to_be_so(visit):
    page = visit("en-GB", "sst2-lstm")
    page.locator("#rv-model").select_option(props.LANGUAGES_MODEL)
    page.locator("#rv-text").fill("漢字漢字漢字 ab")
    expect(page.locator(".rv-notices").first).to_contain_text("does not know 6 of these 9 letters")
    page.locator("#rv-text").fill("漢 and many more")
    expect(page.locator(".rv-notices").first).not_to_contain_text("does not know")
