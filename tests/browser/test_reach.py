"""The view How far back: three networks' gradients over the same words."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from tests.shipped import opened

pytestmark = pytest.mark.browser

CELLS = ("rnn", "gru", "lstm")
LONG = (
    "It takes its time, and for the first half hour I was sure that I would hate it, but the acting is so "
    "warm and the last scene so surprising that I left the cinema smiling."
)
LETTERS = "c k l m n o p q r s t u v k l m n o p q r s t u v"


@pytest.fixture
def reach(reader):
    reader.open_view("reach")
    expect(reader.page.locator(".rv-reach-word")).to_have_count(12, timeout=30_000)  # the server may have just begun
    return reader


def said(reader):
    return reader.page.locator(".rv-reach .rv-said")


def table(page):
    """The numbers of the table, one row a word."""
    page.locator(".rv-reach summary").click()
    rows = page.locator(".rv-reach tbody tr")
    return [[float(cell) for cell in rows.nth(row).locator("td").all_inner_texts()] for row in range(rows.count())]


def gradients(family, text):
    """‖∂ score / ∂ x‖ by the package, of the LSTM's answer."""
    label = rnnviz.read(opened(f"{family}-lstm"), text).label
    return {cell: rnnviz.saliency(opened(f"{family}-{cell}"), text, label).norms for cell in CELLS}


def shown_at(page, line):
    """Where a network's marks stand in the picture, from the top."""
    places = page.locator(f".rv-reach-lines [data-cell='{line}'] [data-token]")
    return [
        float(place.split()[1].rstrip(")"))
        for place in places.evaluate_all("all => all.map((one) => one.getAttribute('transform'))")
    ]


def test_the_numbers_are_the_packages_own_gradients(reach):
    found = gradients("sst2", "The movie was not good , but the ending surprised me .")
    for row, numbers in enumerate(table(reach.page)):
        assert numbers == pytest.approx([found[cell][row] for cell in CELLS], rel=0.06)


def test_a_power_of_ten_is_as_high_everywhere(reach):
    lines = reach.page.locator(".rv-decade")
    heights = sorted(float(lines.nth(place).get_attribute("y1")) for place in range(lines.count()))
    step = heights[1] - heights[0]
    assert heights == pytest.approx([heights[0] + place * step for place in range(len(heights))])
    found = gradients("sst2", "The movie was not good , but the ending surprised me .")
    tops = shown_at(reach.page, 2)
    decades = [(tops[0] - top) / step for top in tops]
    assert decades == pytest.approx(np.log10(found["lstm"] / found["lstm"][0]).tolist(), abs=0.01)


def test_what_is_said_depends_on_the_sentence(reach):
    expect(said(reach)).to_contain_text("At “the”, the first of 12 words")
    expect(said(reach)).to_contain_text("The plain RNN still hears the first word here.")
    reach.read(LONG)
    expect(said(reach)).to_contain_text("the first of 39 words")
    found = {cell: norms[0] / norms.max() for cell, norms in gradients("sst2", LONG).items()}
    assert found["rnn"] < 0.01
    assert min(found["gru"], found["lstm"]) > 10 * found["rnn"]
    expect(said(reach)).to_contain_text(
        f"{100 * found['rnn']:.2g}% in the plain RNN, {100 * found['gru']:.2g}% in the GRU,"
        f" {100 * found['lstm']:.2g}% in the LSTM."
    )
    expect(said(reach)).to_contain_text("The plain RNN hardly hears how the text began")
    reach.read("good")
    expect(said(reach)).to_have_text("One word is all that is read, so there is no way back to go.")


def test_where_the_plain_rnn_hears_all_one_press_reads_a_text_whose_beginning_it_loses(reach):
    onward = reach.page.get_by_role("button", name="Try a longer text")
    onward.focus()
    onward.press("Enter")
    expect(said(reach)).to_contain_text("The plain RNN hardly hears how the text began")
    expect(reach.text).to_have_value(LONG)
    expect(onward).to_be_hidden()
    expect(said(reach)).to_be_focused()
    reach.after(lambda: reach.model.select_option("recall-gru"))
    reach.read("c k l")
    expect(said(reach)).to_contain_text("the first of 3 words")
    onward.click()
    expect(reach.text).to_have_value(LETTERS)
    expect(reach.model).to_have_value("recall-gru")
    expect(said(reach)).to_contain_text("The plain RNN hardly hears how the text began")
    reach.read("c")
    expect(said(reach)).to_contain_text("One word is all that is read")
    expect(onward).to_be_visible()


def test_each_networks_answer_and_the_score_are_named(reach):
    reach.read(LONG)
    expect(reach.page.locator(".rv-reach-legend li")).to_have_text(
        [
            f"{name}: {trace.label}, {trace.verdicts[-1].max():.0%}"
            for name, trace in (
                (name, rnnviz.read(opened(f"sst2-{cell}"), LONG))
                for name, cell in zip(("plain RNN", "GRU", "LSTM"), CELLS, strict=True)
            )
        ]
    )
    expect(reach.page.locator(".rv-reach .rv-note")).to_contain_text(
        "of 32 units each, the score is the logit of positive"
    )


def test_the_family_is_the_models_and_can_be_switched(reach):
    reach.after(lambda: reach.model.select_option("recall-gru"))
    reach.read(LETTERS)
    expect(reach.page.get_by_role("radio", name="first letter recalled")).to_be_checked()
    expect(said(reach)).to_contain_text("100% in the GRU, 100% in the LSTM. The plain RNN hardly hears")
    reach.page.get_by_role("radio", name="sentiment").click()
    expect(reach.page.get_by_role("radio", name="sentiment")).to_be_checked()
    expect(reach.page.locator(".rv-reach .rv-note")).not_to_contain_text("the logit of c")


def test_a_network_with_gates_that_hardly_hears_the_beginning_is_not_said_to_hear_it(reach):
    letters = f"c{' k' * 58}"
    reach.after(lambda: reach.model.select_option("recall-gru"))
    reach.read(letters)
    found = {cell: norms[0] / norms.max() for cell, norms in gradients("recall", letters).items()}
    assert found["rnn"] < found["lstm"] < 0.01 < found["gru"]
    expect(said(reach)).to_contain_text(
        f"{100 * found['lstm']:.2g}% in the LSTM. Of the three, only the GRU still hears how the text began."
    )
    expect(said(reach)).not_to_contain_text("the networks with gates")


def test_what_is_held_in_the_picture_is_not_held_here_and_that_is_said(reach):
    notices = reach.page.locator(".rv-reach .rv-notices")
    expect(notices).to_be_empty()
    reach.after(lambda: reach.page.locator(".rv-gauge[data-signal=input]").press("Home"))
    expect(notices).to_have_text("Read with nothing held.")
    reach.after(lambda: reach.page.get_by_role("button", name="Let go of all").click())
    expect(notices).to_be_empty()


def test_a_word_pointed_at_is_the_one_of_the_whole_page(reach):
    reach.page.locator(".rv-reach-word").nth(3).hover()
    expect(reach.words.nth(3)).to_have_class("rv-word rv-at")
    expect(reach.page.locator(".rv-reach .rv-found")).to_contain_text("At “not”: plain RNN")
    reach.words.nth(8).hover()
    expect(reach.page.locator(".rv-reach .rv-found")).to_contain_text("At “ending”")
    reach.page.locator(".rv-reach-word").nth(1).focus()
    reach.page.keyboard.press("Enter")
    expect(reach.words.nth(1)).to_have_attribute("aria-pressed", "true")


def test_a_gradient_of_exactly_zero_is_marked_and_the_line_has_a_gap(reader):
    def zeroed(route):
        response = route.fetch()
        answer = response.text()
        found = json.loads(answer)
        inner = found.get("data", found)
        if "networks" in inner:
            inner["networks"][0]["norms"][4] = 0
        route.fulfill(response=response, body=json.dumps(found))

    reader.page.route("**/component_server/", zeroed)
    reader.open_view("reach")
    line = reader.page.locator(".rv-reach-lines [data-cell='0']")
    expect(line.locator(".rv-hollow")).to_have_count(1, timeout=30_000)
    assert line.locator(".rv-reach-line").get_attribute("d").count("M") == 2
    tops = shown_at(reader.page, 0)
    assert tops[4] == max(tops)
    expect(reader.page.locator(".rv-reach-axis text").last).to_have_text("0")
