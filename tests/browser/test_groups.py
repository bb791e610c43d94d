"""The view Groups: the matrix of units and words, its groups, and what is said where there are none."""

import csv
import itertools
import re

import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz import corpus
from rnnviz.corpus.groups import save
from tests.browser.conftest import visiting
from tests.browser.server import served
from tests.corpus.planted import planted

pytestmark = pytest.mark.browser

TEXT = "the movie was not good , but it was long"
PAIRS = itertools.product(("movie", "film", "end"), ("good", "bad", "dull"))
TEXTS = [f"the {noun} was {word} , but not {noun}" for noun, word in PAIRS]
GROUPED, LOOSE, BARE = "sst2-lstm", "agnews-lstm", "sst2-gru"


@pytest.fixture(scope="module")
def indexes(tmp_path_factory):
    """Three indexes: one with groups, one in which there are none, and one in which nobody looked."""
    folder = tmp_path_factory.mktemp("groups")
    for name in (GROUPED, LOOSE, BARE):
        corpus.build(rnnviz.load(name), TEXTS, folder / name)
    for name, groups in ((GROUPED, 3), (LOOSE, 0)):
        index = corpus.Index.load(folder / name)
        save(planted(index, groups), index)
    return folder


@pytest.fixture(scope="module")
def address(indexes, log):
    with log.open("ab") as out, served(out, "-m", "rnnviz", "serve", "--index", str(indexes)) as url:
        yield url


@pytest.fixture
def reader(browser, address):
    with visiting(browser, address) as found:
        yield found


def opened(reader, network=GROUPED):
    home = reader.page.url.split("#")[0]
    reader.page.goto("about:blank")
    reader.page.goto(f"{home}#model={network}&text={TEXT.replace(' ', '+')}&view=groups")
    view = reader.page.locator(".rv-view[data-view=groups]")
    expect(view.locator("canvas:visible, .rv-find-commands").first).to_be_visible()
    return view


def test_the_groups_are_shown_with_what_they_are_held_against(reader):
    view = opened(reader)
    expect(view.locator(".rv-said")).to_contain_text("fall into 3 groups")
    expect(view.locator(".rv-said")).to_contain_text("0.60")
    expect(view.locator(".rv-groups-list section")).to_have_count(3)
    expect(view.locator(".rv-groups-list button")).to_have_count(32)
    expect(view.locator(".rv-groups-list mark", has_text=re.compile("^not$"))).to_have_count(1)
    expect(view.locator(".rv-groups-stability tbody tr")).to_have_count(2)
    width = view.locator("canvas").bounding_box()["width"]
    assert width <= view.bounding_box()["width"]


def test_a_cell_is_told_with_its_number_and_chooses_its_unit(reader):
    view = opened(reader)
    view.locator("canvas").scroll_into_view_if_needed()
    view.locator("canvas").hover(position={"x": 50, "y": 100})
    said = view.locator(".rv-groups-at")
    expect(said).to_contain_text("the state of unit 0 changes by")
    expect(said).to_contain_text("Both are in group 1.")
    view.locator("canvas").click(position={"x": 50, "y": 100 + 3 * 17})
    expect(view.locator(".rv-groups-list [aria-pressed=true]")).to_have_text("unit 3", ignore_case=True)


def test_the_keyboard_reads_the_matrix(reader):
    view = opened(reader)
    canvas = view.locator("canvas")
    canvas.focus()
    canvas.press("ArrowDown")
    before = canvas.get_attribute("aria-valuetext")
    canvas.press("ArrowRight")
    expect(canvas).not_to_have_attribute("aria-valuetext", before)
    canvas.press("Enter")
    expect(view.locator(".rv-groups-list [aria-pressed=true]")).to_have_count(1)
    view.locator("summary").click()
    expect(view.locator(".rv-details tbody tr")).to_have_count(len(set(" ".join(TEXTS).split())))


def test_where_units_do_not_group_that_is_said(reader):
    view = opened(reader, LOOSE)
    expect(view.locator(".rv-said")).to_contain_text("do not group")
    expect(view.locator(".rv-groups-list section")).to_have_count(0)
    expect(view.locator(".rv-groups-stability")).to_contain_text("does not hold")


def test_without_groups_it_says_how_to_look_for_them(reader):
    view = opened(reader, BARE)
    expect(view.locator(".rv-find-commands")).to_contain_text(f"rnnviz groups {BARE}")
    expect(view.locator(".rv-find-commands")).not_to_contain_text("rnnviz index")


def test_on_a_phone_the_matrix_scrolls_by_itself(reader):
    reader.page.set_viewport_size({"width": 400, "height": 800})
    view = opened(reader)
    expect(view.locator("canvas")).to_be_visible()
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_matrix_is_saved(reader, tmp_path):
    opened(reader)
    with reader.page.expect_download() as saved:
        reader.page.locator(".rv-view-saves button").first.click()
    saved.value.save_as(tmp_path / "groups.csv")
    text = (tmp_path / "groups.csv").read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(text.splitlines()) if row and not row[0].startswith("#")]
    assert rows[0] == ["unit", "word", "times", "response", "unit_group", "word_group"]
    assert len(rows) == 1 + 32 * len(set(" ".join(TEXTS).split()))
