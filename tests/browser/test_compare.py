"""The view Compare: two sentences by one network, one sentence by two."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz.analysis.statistics import compare
from tests.shipped import opened

pytestmark = pytest.mark.browser

LINES = """(one) => {
    const all = document.createRange();
    all.selectNodeContents(one);
    return all.getClientRects().length;
}"""
FADED, CLEAR = re.compile(r"^100% 100%"), re.compile(r"^calc\(100% \+ 40px\) 100%")  # where the fade of 40 px lies
PAIR = ("the movie was good", "the movie was not good")


@pytest.fixture
def pair(reader):
    reader.page.get_by_role("button", name="good / not good").click()
    expect(reader.page.locator(".rv-compare-column")).to_have_count(5)
    expect(reader.page.get_by_label("Sentence B")).to_have_value(PAIR[1])
    return reader


def points(page):
    """The numbers of the third row, from left to right; None where a word has no partner."""
    cells = page.locator(".rv-compare-cell.rv-change").all_inner_texts()
    return [int(cell.replace("\u2212", "-").replace("+", "")) if cell.strip() else None for cell in cells]


def compared(texts, models=("sst2-lstm", "sst2-lstm")):
    return compare(*(rnnviz.read(opened(model), text) for model, text in zip(models, texts, strict=True)))


def rounded(column):
    """In points, as the difference of two shares that were rounded before."""
    return [None if np.isnan(share) else pytest.approx(100 * share, abs=1.01) for share in column]


def test_one_click_sets_good_beside_not_good(pair):
    page = pair.page
    expect(page.get_by_label("Sentence A")).to_have_value(PAIR[0])
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".rv-compare .rv-said")).to_be_in_viewport()
    found = compared(PAIR)
    assert points(page) == rounded(found.verdict_difference()[:, 1])
    one, other = found.one.verdicts[3, 1], found.other.verdicts[4, 1]
    change = found.difference("cell")[4]
    unit = int(np.abs(change).argmax())
    expect(page.locator(".rv-compare .rv-said")).to_have_text(
        "The sentences differ from “not” on; of the words side by side, the answers are furthest apart at"
        + f" “good”: positive {one:.0%} in A, {other:.0%} in B."
        + f" There unit {unit} differs most: cell state {found.one.select('cell')[3, unit]:.2f} in A,"
        + f" \u2212{abs(found.other.select('cell')[4, unit]):.2f} in B."
    )


def test_the_scale_of_the_differences_reaches_to_the_largest_of_them(pair):
    heat = pair.page.locator(".rv-heat")
    expect(heat.locator(".rv-heat-row")).to_have_count(4)
    units = [
        int(unit) for unit in heat.locator(".rv-heat-row").evaluate_all("all => all.map((row) => row.dataset.unit)")
    ]
    change = compared(PAIR).difference("cell")[:, units]
    most = f"{np.nanmax(np.abs(change)):.2f}"
    expect(pair.page.locator(".rv-compare .rv-note")).to_contain_text(f"for B \u2212 A, from \u2212{most} to {most}.")
    drawn = heat.locator(".rv-stripe:nth-child(3)").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).backgroundImage)"
    )
    fullest = [sum(stripe.count(colour) for colour in ("rgb(168, 75, 0)", "rgb(11, 74, 143)")) for stripe in drawn]
    unit = np.nanmax(np.abs(change), axis=0).argmax()
    assert fullest == [2 * (place == unit) for place in range(4)]  # a colour begins a cell and ends it


def test_a_word_without_a_partner_is_a_gap_and_hatched_unlike_a_value_of_nought(pair):
    column = pair.page.locator(".rv-compare-column").nth(3)
    expect(column.locator(".rv-gap")).to_have_count(2)
    expect(column).to_have_attribute("title", "A: no word. B: not: negative, 78%.")
    first = pair.page.locator(".rv-heat-row").first
    expect(first.locator(".rv-stripe")).to_have_count(3)
    hatched = ["rv-gap" in stripe.get_attribute("class") for stripe in first.locator(".rv-stripe").all()]
    assert hatched == [True, False, True]  # A, B, B - A
    drawn = first.locator(".rv-gap").evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundImage)")
    assert all(image.count("linear-gradient(-45deg") == 1 for image in drawn)


def test_a_pinned_unit_is_the_last_row_and_is_said_beside_those_that_differ_most(visit):
    difference = np.abs(compared(PAIR).difference("cell"))
    unit = int(np.nansum(difference, axis=0).argmin())
    page = visit(f"#model=sst2-lstm&text={PAIR[0]}&other_text={PAIR[1]}&token=1&unit={unit}&view=compare").page
    rows = page.locator(".rv-heat-row")
    expect(rows).to_have_count(5)
    expect(rows.last).to_have_attribute("data-unit", str(unit))
    expect(page.locator(".rv-compare .rv-note")).to_contain_text(
        f"the 4 of 32 units whose cell state differs most, and unit {unit}, which is pinned. Colours"
    )
    page.get_by_role("tab", name="Compare").press("Escape")
    expect(page.locator(".rv-compare .rv-note")).to_contain_text("differs most. Colours")
    expect(rows).to_have_count(4)


def test_where_the_words_run_on_the_one_that_is_told_of_is_in_view_and_the_edge_fades(visit):
    reader = visit(viewport={"width": 400, "height": 8000})  # so tall that only what lies to the right is out of view
    reader.open_view("compare")
    scroll = reader.page.locator(".rv-compare .rv-columns").first
    expect(reader.page.locator(".rv-compare .rv-said")).to_contain_text("furthest apart")
    word = re.search(r"furthest apart at “(\w+)”", reader.page.locator(".rv-compare .rv-said").inner_text())[1]
    told = reader.page.locator(f".rv-compare-column[aria-label^='A: {word}:']")
    expect(told).to_be_in_viewport(ratio=0.99)
    expect(scroll).to_have_css("mask-size", FADED)
    reader.page.locator(".rv-compare-column").last.evaluate(
        "(one) => (one.parentElement.parentElement.scrollLeft = 9999)"
    )
    expect(reader.page.locator(".rv-compare-column").last).to_be_in_viewport(ratio=0.99)
    expect(scroll).to_have_css("mask-size", CLEAR)  # its clear part as wide as the box
    reader.page.get_by_label("Sentence B").fill("The movie was good , but the ending surprised me . And me !")
    expect(told).to_be_in_viewport(ratio=0.99)
    reader.page.get_by_label("Sentence A").fill("a film")
    reader.page.get_by_label("Sentence B").fill("a warm film")
    expect(reader.page.locator(".rv-compare-column")).to_have_count(3)
    expect(scroll).to_have_css("mask-size", CLEAR)  # all of it is there


def test_the_heads_of_the_rows_are_wide_enough_for_the_words_of_every_language(visit):
    reader = visit("#lang=el", viewport={"width": 400, "height": 900})
    reader.open_view("compare")
    head = reader.page.locator(".rv-compare-head.rv-change")
    expect(head).to_contain_text("ποσοστιαίες μονάδες")
    assert head.locator("span").last.evaluate(LINES) == 2  # a word a line
    assert head.evaluate("(one) => one.scrollHeight <= one.clientHeight")
    reader.page.locator(".rv-compare summary").click()
    expect(reader.page.locator(".rv-compare caption")).to_have_text("Κατάσταση κυψέλης: 4 μονάδες, 12 λέξεις")


def test_both_boxes_are_followed_key_by_key_and_a_is_the_pages_own(pair):
    page = pair.page
    other = page.get_by_label("Sentence B")
    other.press("End")
    page.keyboard.type(" at all", delay=5)
    expect(page.locator(".rv-compare-column")).to_have_count(7)
    page.get_by_label("Sentence A").fill("a warm story")
    expect(pair.text).to_have_value("a warm story")
    expect(pair.words).to_have_count(3)
    expect(other).to_have_value(f"{PAIR[1]} at all")
    assert [pair.words.nth(place).locator(".rv-name").inner_text() for place in range(3)] == ["a", "warm", "story"]


def test_one_sentence_by_two_networks_has_answers_and_no_units(pair):
    page = pair.page
    page.get_by_label("Model B").select_option("sst2-rnn")
    page.get_by_label("Sentence B").fill(PAIR[0])
    expect(page.locator(".rv-compare-column")).to_have_count(4)
    expect(page.locator(".rv-compare .rv-note")).to_contain_text("only the answers are compared")
    expect(page.locator(".rv-heat")).to_be_hidden()
    found = compared((PAIR[0], PAIR[0]), ("sst2-lstm", "sst2-rnn")).verdict_difference()
    assert points(page) == rounded(found[:, 1])


def test_networks_with_other_classes_are_not_compared_in_numbers(pair):
    page = pair.page
    page.get_by_label("Model B").select_option("agnews-lstm")
    expect(page.locator(".rv-compare .rv-said")).to_contain_text(
        "A answers with negative, positive; B answers with World, Sports, Business, Sci/Tech."
    )
    expect(page.locator(".rv-compare-cell.rv-change:visible")).to_have_count(0)
    expect(page.locator(".rv-heat")).to_be_hidden()


def test_a_side_without_words_asks_for_some(pair):
    pair.page.get_by_label("Sentence B").fill("  ")
    expect(pair.page.locator(".rv-compare .rv-notices")).to_have_text("Type a sentence for B.")
    pair.page.get_by_label("Sentence B").fill("good")
    expect(pair.page.locator(".rv-compare-column")).to_have_count(4)


def test_a_column_and_a_unit_pointed_at_are_those_of_the_whole_page(pair):
    page = pair.page
    page.locator(".rv-compare-column").nth(4).hover()
    expect(pair.words.nth(3)).to_have_class("rv-word rv-at")
    pair.words.nth(1).hover()
    expect(page.locator(".rv-compare-column.rv-at")).to_have_attribute("data-column", "1")
    page.locator(".rv-compare-column").nth(3).hover()  # only B has a word there
    expect(page.locator(".rv-compare-column.rv-at")).to_have_attribute("data-column", "3")
    row = page.locator(".rv-heat-row").nth(1)
    unit = row.get_attribute("data-unit")
    row.click(position={"x": 130, "y": 8})
    expect(page.locator(".rv-heat-row.rv-at")).to_have_attribute("data-unit", unit)
    expect(page.locator(".rv-compare .rv-found")).to_contain_text(f"unit {unit}, cell state: A ")


def test_b_begins_as_the_sentence_without_its_not(reader):
    reader.open_view("compare")
    expect(reader.page.get_by_label("Sentence B")).to_have_value("The movie was good , but the ending surprised me .")
    expect(reader.page.locator(".rv-compare .rv-said")).to_contain_text("The sentences differ from")


@pytest.mark.parametrize(
    ("text", "word", "wanted"),
    [
        ("The movie, sadly: bad BAD", "sadly", "The movie, : bad BAD"),
        ("It was a long, DULL  film", "dull", "It was a long, film"),
        ("The film\u2019s awful", "awful", "the film ' s"),
        ("This isn't bad", "isn", "This bad"),
        ("Good", None, "Good"),
        ("Not ", None, "Not "),
    ],
)
def test_b_begins_without_the_word_that_moved_the_answer_most_where_there_is_no_not(reader, text, word, wanted):
    trace = rnnviz.read(opened("sst2-lstm"), text)
    moved = np.abs(np.diff(trace.verdicts[:, trace.labels.index(trace.label)]))
    assert not len(moved) or trace.tokens[1 + int(np.argmax(moved))] == word
    reader.read(text)
    reader.open_view("compare")
    expect(reader.page.get_by_label("Sentence B")).to_have_value(wanted)


def test_what_is_held_in_the_picture_is_not_held_here_and_that_is_said(pair):
    notices = pair.page.locator(".rv-compare .rv-notices")
    expect(notices).to_be_empty()
    pair.after(lambda: pair.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    expect(notices).to_have_text("Read with nothing held.")
    pair.page.get_by_label("Sentence B").fill("")
    expect(notices).to_have_text("Type a sentence for B.")


def test_of_a_network_that_reads_both_ways_both_directions_are_compared_each_under_its_name(reader):
    page = reader.page
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.read("the actors are wonderful")
    page.get_by_role("radio", name="Layer 1").click()
    page.get_by_role("radio", name="Both ways").click()
    reader.open_view("compare")
    page.get_by_label("Sentence B").fill("the actors are awful")
    view = page.get_by_role("tabpanel", name="Compare")
    expect(page.locator(".rv-compare")).to_contain_text("awful")  # of these two sentences, not of those before
    expect(view).to_contain_text("Layer 1 · Reads backward")
    expect(view).to_contain_text("The answer after each word is that of the text up to there, read on its own.")
    expect(view).to_contain_text("The units show the whole text, read from both ends.")
    view.get_by_text("as a table").click()
    expect(view.get_by_role("columnheader").first).to_be_visible()  # it is drawn when it is opened
    heads = view.get_by_role("columnheader").all_inner_texts()
    one, other = (rnnviz.read(opened("sst2-bilstm"), f"the actors are {word}") for word in ("wonderful", "awful"))
    columns = {0: [], 1: []}
    for name, cells in zip(heads[1:], np.transpose(numbers_of(view)), strict=True):
        if name.endswith("B − A"):
            unit, arrow = re.search(r"(\d+) \(layer 1 (.)\)", name).groups()
            columns["→←".index(arrow)].append((int(unit), cells))
    for place, way in enumerate(("forward", "backward")):
        assert len(columns[place]) == 4
        between = other.select("cell", 0, way) - one.select("cell", 0, way)
        for unit, cells in columns[place]:
            np.testing.assert_allclose(cells, between[:, unit], atol=0.011)
    assert not np.any([cells[:3] for _, cells in columns[0]])  # forward, the beginnings are the same


def numbers_of(view):
    """The numbers of a view's table, line by line."""
    rows = [row.get_by_role("cell").all_inner_texts() for row in view.locator("tbody").get_by_role("row").all()]
    return [[float(number.replace("\u2212", "-")) for number in row] for row in rows]


def test_what_b_has_more_than_a_is_the_difference_of_the_numbers_that_are_shown(pair):
    view = pair.page.get_by_role("tabpanel", name="Compare")
    for text in ("the actors are awful", "the film was not bad at all", "the movie was never good enough"):
        view.get_by_label("Sentence B").fill(text)
        expect(pair.page.locator(".rv-compare")).to_contain_text(text.split()[-1])
        for one in view.locator(".rv-compare-column").all():
            heard = one.get_attribute("aria-label") or ""
            shares = re.findall(r": (negative|positive), (\d+)%", heard)
            points = re.search(r"(\S+) percentage points of (\w+)", heard)
            if points:
                shown = [int(share) if label == points[2] else 100 - int(share) for label, share in shares]
                assert int(points[1].replace("\u2212", "-")) == shown[1] - shown[0], heard


def test_letters_are_told_with_their_numbers_and_those_told_of_are_in_sight(reader):
    reader.page.locator("#rv-model").select_option("shakespeare-lstm")
    reader.read("The movie was not good , but the ending surprised me .")
    reader.open_view("compare")
    view = reader.page.locator(".rv-compare")
    told = view.locator(".rv-said")
    expect(told).to_contain_text(re.compile(r"differ from “␣ \(A: letter \d+\)”"))
    column = reader.page.locator(".rv-compare-column").nth(
        int(re.search(r"apart at “. \((?:A: )?letter (\d+)\)", told.inner_text())[1]) - 1
    )
    expect(column).to_be_in_viewport()
    # What the large units hold is not all of one colour.
    note = view.locator(".rv-note").first.inner_text()
    reach = float(re.search(r"to (?:≥ )?([\d.]+);", note)[1])
    assert reach > 6
