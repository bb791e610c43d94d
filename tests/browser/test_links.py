"""A link carries the whole view: what is read, what is chosen, what is left out."""

import pytest
from playwright.sync_api import expect

from tests.shipped import FILM

pytestmark = pytest.mark.browser


def fragment(reader):
    """Ask for a link, and what the address then holds after the #."""
    reader.page.locator(".rv-link").click()
    reader.page.wait_for_function("location.hash.length > 1")
    return reader.page.evaluate("location.hash")


def test_t83_a_link_brings_back_what_was_read_and_chosen(reader, visit):
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.read("the plot is thin & the actors = 100% #wonderful")
    reader.page.get_by_role("radio", name="Layer 1", exact=True).click()
    reader.page.get_by_role("radio", name="Reads backward").click()
    reader.page.get_by_role("radio", name="output gate").click()
    reader.words.nth(4).click()
    reader.open_view("gates")
    link = fragment(reader)
    assert "?" not in reader.page.url
    other = visit(link)
    expect(other.root).to_have_attribute("data-model", "sst2-bilstm")
    expect(other.text).to_have_value("the plot is thin & the actors = 100% #wonderful")
    expect(other.page.get_by_role("radio", name="Layer 1", exact=True)).to_be_checked()
    expect(other.page.get_by_role("radio", name="Reads backward")).to_be_checked()
    expect(other.page.get_by_role("radio", name="output gate")).to_be_checked()
    expect(other.words.nth(4)).to_have_attribute("aria-pressed", "true")
    expect(other.page.locator("[data-tab=gates]")).to_have_attribute("aria-selected", "true")
    assert fragment(other) == link


def test_a_link_brings_back_a_held_gate_and_a_range(visit):
    link = "#model=sst2-lstm&text=the+movie+was+not+good&hold=input:0:3:3:12:0:0&range=1-3&token=3&unit=12"
    other = visit(link)
    expect(other.page.locator(".rv-ghost")).to_have_count(5)
    expect(other.page.locator(".rv-chosen")).to_have_count(3)
    assert "hold=input%3A0%3A3%3A3%3A12%3A0%3A0" in fragment(other)


def test_a_link_brings_back_a_unit_in_its_own_layer_and_direction(visit):
    other = visit("#model=sst2-bilstm&text=good+film&layer=all&direction=both&unit=3&at=0-1")
    expect(other.page.locator(".rv-about-unit header h3")).to_have_text("Unit 3 (layer 1 \u2190)")
    assert "&at=0-1" in fragment(other)


def test_a_teachers_link_leaves_panels_out(visit):
    other = visit("#text=good+film&hide=ledger,views,nonsense")
    expect(other.page.locator("[data-panel=ledger]")).to_be_hidden()
    expect(other.page.locator("[data-panel=views]")).to_be_hidden()
    expect(other.page.locator("[data-panel=story]")).to_be_visible()
    assert "hide=ledger%2Cviews" in fragment(other)


def test_where_the_words_are_left_out_so_is_the_button_that_plays_them(visit):
    other = visit("#text=good+film&hide=strip,heatmap,ledger,story,cell,unit,views")
    expect(other.page.locator(".rv-receipt")).to_be_visible()
    expect(other.page.locator(".rv-read")).to_be_hidden()


@pytest.mark.parametrize(("link", "view"), [("#view=train", "train"), ("#lang=en&view=own", "own")])
def test_a_link_that_names_a_view_alone_opens_it(visit, link, view):
    other = visit(link)
    expect(other.page.locator(f"#rv-view-{view}")).to_be_visible()
    expect(other.text).to_have_value(FILM)


@pytest.mark.parametrize(
    ("hold", "said"),
    [
        ("forget:1e999:0:99999:0-3:0:0", "The forget gate signal cannot be held at 999,999."),
        ("forget:0.5:0:99999:0-99999999:0:0", "units"),
        ("forget:0.5:0:99999:0-3:99999999:0", "There is no layer"),
    ],
)
def test_what_of_a_hold_is_too_large_is_said(visit, hold, said):
    other = visit(f"#text=good+film&hold={hold}")
    notice = other.page.locator(".rv-page > .rv-notices")
    expect(notice).to_contain_text(said)
    expect(notice).not_to_contain_text("was not given")


def test_a_chapter_that_there_is_not_opens_nothing(visit):
    other = visit("#text=good+film&chapter=%00")
    expect(other.words).to_have_count(2)
    expect(other.page.locator(".rv-path")).to_be_hidden()


def test_who_is_asked_for_a_word_is_shown_the_words(reader):
    reader.page.get_by_role("button", name="Link", exact=True).click()
    menu = reader.page.get_by_role("dialog", name="Link for a class")
    words = menu.locator("input[value=strip]")
    words.check()
    menu.get_by_label("Ask", exact=True).focus()  # as who chooses does
    menu.get_by_label("Ask", exact=True).select_option("turn")
    expect(words).to_be_disabled()
    address = menu.locator(".rv-address").input_value()
    assert "ask=turn" in address
    assert "strip" not in address


@pytest.mark.parametrize(
    "link",
    [
        "#model=../../etc&token=-1&unit=1e9&layer=99&direction=7&signal=__proto__&view=constructor&range=9-1-x&at=9-x&lang=xx",
        "#hold=a:b:c&hold=::::::&text=good&range=,&hide=.,%00,*",
        "#%E0%A4%A",
        "#text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&other_text=${alert(1)}&model=%3Cscript%3E",
    ],
)
def test_t8_a_hostile_link_is_read_as_far_as_it_makes_sense(visit, link):
    other = visit(link)
    expect(other.root).to_have_attribute("data-state", "shown")
    expect(other.root.locator("img, script, iframe")).to_have_count(0)


def test_a_link_that_holds_what_is_not_there_is_read_all_the_same(visit):
    other = visit("#model=sst2-gru&text=a+warm+film&hold=forget:1:0:0:12:0:0")
    expect(other.words).to_have_count(3)
    expect(other.page.locator(".rv-page > .rv-notices")).to_contain_text("forget")
    expect(other.page.locator(".rv-told .rv-heading")).to_have_text("The answer")
    other.read("a cold film")
    expect(other.page.locator(".rv-page > .rv-notices")).to_be_empty()


def test_a_page_that_is_loaded_again_is_where_it_was_and_a_new_one_begins_at_the_example(reader, address):
    reader.read("a warm and funny film")
    reader.words.nth(2).click()
    reader.page.reload()
    expect(reader.text).to_have_value("a warm and funny film")
    expect(reader.words.nth(2)).to_have_attribute("aria-pressed", "true")
    reader.page.goto("about:blank")
    reader.page.goto(address)
    expect(reader.text).to_have_value("The movie was not good , but the ending surprised me .")


def test_t81_nothing_is_kept_outside_the_session(reader):
    reader.read("a warm and funny film")
    reader.page.reload()
    expect(reader.words).to_have_count(5)
    assert reader.page.evaluate("Object.keys({...localStorage}).length + document.cookie.length") == 0


def test_of_a_network_that_is_not_there_it_is_said_which_one_reads_instead(visit):
    reader = visit("#model=no-such-network&text=a+warm+film")
    said = reader.page.get_by_text("The link asks for the network “no-such-network”, which is not here.")
    expect(said).to_contain_text("The text is read by “sentiment · LSTM, 32 units”.")
    expect(reader.words).to_have_count(3)
    reader.read("another text")
    expect(said).to_have_count(0)


def test_back_brings_back_what_an_example_replaced(reader):
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    reader.read("a text of my own")
    reader.after(lambda: reader.page.get_by_role("button", name="oil prices").click())
    assert "own" not in reader.page.url
    reader.after(lambda: reader.page.go_back())
    expect(reader.text).to_have_value("a text of my own")
    expect(reader.model).to_have_value("sst2-gru")
