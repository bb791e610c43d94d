"""The view Slices: how often a network is right in sets of an index's texts, and on which of them it is wrong."""

import csv
import re

import pytest
from playwright.sync_api import expect

from rnnviz import corpus
from rnnviz.page.indexes import SHIPPED

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def index():
    return corpus.Index.load(SHIPPED / "reviews")


@pytest.fixture
def view(reader):
    reader.open_view("slices")
    view = reader.page.locator(".rv-view[data-view=slices]")
    expect(view.locator(".rv-said")).to_contain_text("(all texts)")
    return view


def followed(reader, link):
    """The view, as a link opens it."""
    home = reader.page.url.split("#")[0]
    reader.page.goto("about:blank")
    reader.page.goto(f"{home}#model=sst2-lstm&view=slices&{link}")
    return reader.page.locator(".rv-view[data-view=slices]")


def said(one, name):
    share, (low, high) = one.accuracy, one.interval
    return (
        f"Of {one.labelled} texts ({name}), {one.right} are answered rightly: {share:.0%} "
        f"(95 % interval: {low:.0%} to {high:.0%})."
    )


def test_the_sets_of_the_shipped_texts_are_those_of_the_package(view, index):
    wanted = corpus.sliced(index)
    (every,) = [one for one in wanted if one.name == "all"]
    expect(view.locator(".rv-said")).to_contain_text(said(every, "all texts"))
    for one in wanted:
        row = view.locator("tr", has=view.page.locator(f'[data-slice="{one.name}"]'))
        cells = row.locator("td").all_inner_texts()
        assert cells[:3] == [str(len(one.texts)), str(one.right), f"{one.accuracy:.0%}"]
    assert "length 12" in view.locator("tbody th").all_inner_texts()


def test_a_set_is_chosen_with_its_errors_first_and_a_click_opens_a_text(reader, view, index):
    (wanted,) = corpus.sliced(index, ["class=negative"])
    view.locator('[data-slice="class=negative"]').click()
    expect(view.locator(".rv-said")).to_contain_text(said(wanted, "class negative"))
    expect(view.locator("input[name=conditions]")).to_have_value("class=negative")
    first = view.locator(".rv-own-list li").first
    expect(first).to_have_attribute("data-text", str(wanted.texts[0]))
    text = first.locator("bdi").inner_text()
    first.locator("button").click()
    expect(reader.page.locator("#rv-text")).to_have_value(text)
    expect(view.locator(".rv-said")).to_contain_text("class negative")


def test_conditions_are_joined_by_a_click_and_in_writing(view, index):
    chip = view.locator(".rv-chips [data-condition=wrong]")
    chip.click()
    view.locator('.rv-chips [data-condition="word=not"]').click()
    (wanted,) = corpus.sliced(index, ["wrong & word=not"])
    written = view.locator("input[name=conditions]")
    expect(written).to_have_value("wrong & word=not")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(view.locator(".rv-own-list li")).to_have_count(len(wanted.texts))
    written.fill("length=..12")
    written.press("Enter")
    (short,) = corpus.sliced(index, ["length=..12"])
    expect(view.locator(".rv-said")).to_contain_text(said(short, "length at most 12"))


def test_what_is_no_condition_is_said_and_the_sets_stay(view):
    view.locator("input[name=conditions]").fill("long texts")
    view.locator(".rv-slices-form button").click()
    expect(view.locator(".rv-notices")).to_contain_text("long texts is no condition of a slice.")
    expect(view.locator(".rv-own-list")).to_have_count(0)
    expect(view.locator("[data-slice=all]")).to_be_visible()


def test_a_word_and_a_unit_that_are_pinned_are_offered(reader):
    view = followed(reader, "text=the+movie+was+long&token=1&unit=3")
    expect(view.locator('.rv-chips [data-condition="word=movie"]')).to_be_visible()
    expect(view.locator('.rv-chips [data-condition^="unit="]')).to_have_text(re.compile("unit 3 (up|down) at the end"))


def test_a_link_opens_a_set_and_it_is_saved(reader, tmp_path, index):
    view = followed(reader, "slice=class%3Dpositive+%26+length%3D..12")
    expect(view.locator(".rv-said")).to_contain_text("class positive")
    with reader.page.expect_download() as saved:
        reader.page.locator(".rv-view-saves button").first.click()
    saved.value.save_as(tmp_path / "slices.csv")
    text = (tmp_path / "slices.csv").read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(text.splitlines()) if row and not row[0].startswith("#")]
    assert rows[0] == ["slice", "texts", "labelled", "right", "accuracy", "low", "high"]
    (wanted,) = corpus.sliced(index, ["class=positive & length=..12"])
    assert rows[-1][:4] == [wanted.name, str(len(wanted.texts)), str(wanted.labelled), str(wanted.right)]


def test_a_network_without_an_index_says_how_to_make_one(reader):
    reader.after(lambda: reader.model.select_option("agnews-lstm"))
    reader.open_view("slices")
    view = reader.page.locator(".rv-view[data-view=slices]")
    expect(view.locator(".rv-find-commands")).to_contain_text("rnnviz index agnews-lstm")


def test_a_network_that_tells_letters_is_not_offered_it(reader):
    reader.after(lambda: reader.model.select_option("shakespeare-lstm"))
    expect(reader.page.locator("[data-tab=write]")).to_be_visible()
    expect(reader.page.locator("[data-tab=slices]")).to_have_count(0)
