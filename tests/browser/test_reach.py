"""The view How far back: three networks' gradients over the same words."""

import json
import re

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
DEFAULT = "The movie was not good , but the ending surprised me ."
LETTERS = "c k l m n o p q r s t u v k l m n o p q r s t u v"


@pytest.fixture
def reach(reader):
    """The view, with the page's own first sentence."""
    reader.open_view("reach")
    reader.page.get_by_role("button", name="Read the sentence above").click()
    expect(reader.page.locator(".rv-reach-word")).to_have_count(12)
    return reader


def said(reader):
    return reader.page.locator(".rv-reach .rv-said")


def table(page, words):
    """The numbers of the table, one row for each of the words."""
    page.locator(".rv-reach summary").click()
    rows = page.locator(".rv-reach tbody tr")
    expect(rows).to_have_count(words)
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
    found = gradients("sst2", DEFAULT)
    for row, numbers in enumerate(table(reach.page, 12)):
        assert numbers == pytest.approx([found[cell][row] for cell in CELLS], rel=0.06)


def test_a_power_of_ten_is_as_high_everywhere(reach):
    lines = reach.page.locator(".rv-decade")
    heights = sorted(float(lines.nth(place).get_attribute("y1")) for place in range(lines.count()))
    step = heights[1] - heights[0]
    assert heights == pytest.approx([heights[0] + place * step for place in range(len(heights))])
    found = gradients("sst2", DEFAULT)
    tops = shown_at(reach.page, 2)
    decades = [(tops[0] - top) / step for top in tops]
    assert decades == pytest.approx(np.log10(found["lstm"] / found["lstm"][0]).tolist(), abs=0.01)


def test_what_is_said_depends_on_the_sentence(reach):
    expect(said(reach)).to_contain_text("At “the”, the first of 12 words")
    default = {cell: norms[0] / norms.max() for cell, norms in gradients("sst2", DEFAULT).items()}
    assert default["rnn"] > 10 * default["gru"] > 0.1
    expect(said(reach)).to_contain_text(
        f"but far from alike: the largest share is {default['rnn'] / default['gru']:.2g} times the smallest."
        " The gates are the reason: they shut too, and what is forgotten needs no gradient."
    )
    reach.read(LONG)
    expect(said(reach)).to_contain_text("the first of 39 words")
    found = {cell: norms[0] / norms.max() for cell, norms in gradients("sst2", LONG).items()}
    assert found["rnn"] < 0.01
    assert min(found["gru"], found["lstm"]) > 10 * found["rnn"]
    expect(said(reach)).to_contain_text(
        f"{100 * found['rnn']:.2g}% in the plain RNN, {100 * found['gru']:.2g}% in the GRU,"
        f" {100 * found['lstm']:.2g}% in the LSTM."
    )
    expect(said(reach)).to_contain_text("The plain RNN hardly reacts to how the text began")
    reach.read("good")
    expect(said(reach)).to_have_text("Only one word was read, so there is no earlier word to reach.")


def test_a_plain_rnn_that_hears_the_beginning_far_more_weakly_is_said_to(reach):
    letters = "a b c k l t v m n u"
    reach.after(lambda: reach.model.select_option("recall-rnn"))
    reach.read(letters)
    found = {cell: norms[0] / norms.max() for cell, norms in gradients("recall", letters).items()}
    assert 0.01 < found["rnn"] < found["lstm"] / 10
    expect(said(reach)).to_contain_text(
        "All three still react to the first word, the plain RNN least:"
        f" the largest share is {found['lstm'] / found['rnn']:.2g} times its own."
    )


def altered(reader, alter):
    """From here on, what the server answers about the three networks is altered on its way to the page."""

    def alone(route):
        response = route.fetch()
        found = json.loads(response.text())
        inner = found.get("data", found)
        if "networks" in inner:
            alter(inner["networks"])
        route.fulfill(response=response, body=json.dumps(found))

    reader.page.route("**/component_server/", alone)


def test_the_view_opens_with_a_text_in_which_the_plain_rnn_loses_the_beginning(reader):
    reader.open_view("reach")
    view = reader.page.get_by_role("tabpanel", name="How far back")
    found = {cell: norms[0] / norms.max() for cell, norms in gradients("sst2", LONG).items()}
    assert 100 * found["rnn"] < min(found["gru"], found["lstm"])
    expect(view).to_contain_text("the first of 39 words")
    expect(view).to_contain_text(f"{100 * found['rnn']:.2g}% in the plain RNN")
    expect(view).to_contain_text("The long review is read here")
    expect(reader.text).to_have_value(DEFAULT)
    view.get_by_role("button", name="its", exact=True).hover()
    reader.settle()
    expect(reader.words.nth(2)).not_to_have_class(re.compile("rv-at"))  # the words of the page are others
    view.get_by_role("button", name="Read the sentence above").click()
    expect(view).to_contain_text("the first of 12 words")
    expect(view).not_to_contain_text("is read here")


@pytest.mark.parametrize("first", [True, False])
def test_networks_that_do_not_know_the_words_of_a_text_read_one_in_their_own_and_say_so(reader, first):
    reader.after(lambda: reader.page.get_by_role("button", name="a long review").click())
    reader.open_view("reach")
    view = reader.page.get_by_role("tabpanel", name="How far back")
    if first:
        reader.after(lambda: reader.model.select_option("recall-lstm"))
    else:
        view.get_by_role("radio", name="first letter recalled").click()
    expect(view).to_contain_text(
        "These networks do not know 39 of the 39 words and signs of your text. A text in their own words is read here."
    )
    expect(view).to_contain_text(f"At “c”, the first of {len(LETTERS.split())} words")
    expect(view).to_contain_text("LSTM: c, 100%")
    reader.read("c k l of letters m n")
    expect(view).to_contain_text("At “c”, the first of 7 words")  # two are unknown, but most are not
    expect(view).not_to_contain_text("do not know")


@pytest.mark.asks_python
def test_what_is_said_is_true_in_whichever_order_the_three_shares_come(reach):
    shares = []

    def alter(networks):
        for network, share in zip(networks, shares, strict=True):
            network["norms"] = [share, 1.0]

    altered(reach, alter)
    for number, (shares[:], sentence) in enumerate(
        (
            ([0.5, 0.09, 0.06], "All three still react to the first word here."),
            ([0.02, 0.03, 0.5], "the plain RNN least: the largest share is 25 times its own."),
            ([0.5, 0.04, 0.02], "Over many words it is mostly the other way round."),
            ([0.04, 0.5, 0.02], "but far from alike: the largest share is 25 times the smallest."),
            (
                [0.001, 0.02, 0.5],
                "The plain RNN hardly reacts to how the text began; the networks with gates still do.",
            ),
            ([0.3, 0.001, 0.5], "The GRU hardly reacts to how the text began; the other two still do."),
            ([0.3, 0.001, 0.002], "Over many words it is mostly the other way round."),
            ([0.001, 0.3, 0.002], "Of the three, only the GRU still reacts to how the text began."),
            ([0.009, 0.02, 0.5], "50% in the LSTM."),  # from one to the next it is a small step
            ([0.009, 1e-9, 0.001], "None of the three reacts much to how the text began."),
        )
    ):
        reach.read(f"good {number}")
        expect(said(reach)).to_have_text(re.compile(f"{re.escape(sentence)}$"))


def test_where_the_plain_rnn_hears_all_one_press_reads_a_text_whose_beginning_it_loses(reach):
    onward = reach.page.get_by_role("button", name="Try a longer text")
    onward.focus()
    onward.press("Enter")
    expect(said(reach)).to_contain_text("The plain RNN hardly reacts to how the text began")
    expect(reach.text).to_have_value(LONG)
    expect(onward).to_be_hidden()
    expect(said(reach)).to_be_focused()
    reach.after(lambda: reach.model.select_option("recall-gru"))
    reach.read("c k l")
    expect(said(reach)).to_contain_text("the first of 3 words")
    onward.click()
    expect(reach.text).to_have_value(LETTERS)
    expect(reach.model).to_have_value("recall-gru")
    expect(said(reach)).to_contain_text("The plain RNN hardly reacts to how the text began")
    reach.read("c")
    expect(said(reach)).to_contain_text("Only one word was read")
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
        "The score is the logit of positive, the answer of the LSTM, in all three networks (32 units each)."
    )


def test_the_family_is_the_models_and_can_be_switched(reach):
    reach.after(lambda: reach.model.select_option("recall-gru"))
    reach.read(LETTERS)
    expect(reach.page.get_by_role("radio", name="first letter recalled")).to_be_checked()
    expect(said(reach)).to_contain_text("100% in the GRU, 100% in the LSTM. The plain RNN hardly reacts")
    reach.page.get_by_role("radio", name="sentiment").click()
    expect(reach.page.get_by_role("radio", name="sentiment")).to_be_checked()
    expect(reach.page.locator(".rv-reach .rv-note")).not_to_contain_text("the logit of c")


def test_networks_other_than_the_chosen_model_are_said_to_be_others(reach):
    notices = reach.page.locator(".rv-reach .rv-notices")
    expect(notices).to_be_empty()
    reach.after(lambda: reach.model.select_option("brackets-lstm"))
    expect(notices).to_have_text(
        "Here the text is read by the three networks of “sentiment”;"
        " the chosen model, “depth of brackets · LSTM”, is not one of them."
    )
    reach.after(lambda: reach.model.select_option("recall-gru"))
    expect(notices).not_to_contain_text("is not one of them")
    reach.page.get_by_role("radio", name="sentiment").click()
    expect(notices).to_contain_text("is not one of them")


@pytest.mark.asks_python
def test_the_chosen_networks_are_asked_although_another_text_would_be_read_for_those_before(reach):
    held = []

    def hold(route):
        if held or "how_far_back" not in (route.request.post_data or ""):
            route.continue_()
        else:
            held.append(route)

    reach.page.route("**/component_server/", hold)
    reach.model.select_option("recall-gru")  # does not know the words of the page's text
    expect(reach.page.locator(".rv-reach .rv-notices")).to_have_text("Reading …")
    reach.page.get_by_role("radio", name="sentiment").click()
    held[0].continue_()
    expect(reach.page.get_by_role("radio", name="sentiment")).to_be_checked()
    expect(reach.page.locator(".rv-reach .rv-notices")).to_contain_text("is not one of them")


def test_a_network_with_gates_that_hardly_hears_the_beginning_is_not_said_to_hear_it(reach):
    letters = f"c{' k' * 58}"
    reach.after(lambda: reach.model.select_option("recall-gru"))
    reach.read(letters)
    found = {cell: norms[0] / norms.max() for cell, norms in gradients("recall", letters).items()}
    assert found["rnn"] < found["lstm"] < 0.01 < found["gru"]
    expect(said(reach)).to_contain_text(
        f"{100 * found['lstm']:.2g}% in the LSTM. Of the three, only the GRU still reacts to how the text began."
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


@pytest.mark.asks_python
def test_a_gradient_of_exactly_zero_is_marked_and_the_line_has_a_gap(reader):
    def zeroed(networks):
        networks[0]["norms"][4] = 0

    altered(reader, zeroed)
    reader.open_view("reach")
    line = reader.page.locator(".rv-reach-lines [data-cell='0']")
    expect(line.locator(".rv-hollow")).to_have_count(1)
    assert line.locator(".rv-reach-line").get_attribute("d").count("M") == 2
    tops = shown_at(reader.page, 0)
    assert tops[4] == max(tops)
    expect(reader.page.locator(".rv-reach-axis text").last).to_have_text("0")


def test_what_is_scrolled_under_the_axis_is_out_of_sight(reach):
    reach.read(" ".join([LONG, LONG]))
    expect(reach.page.locator(".rv-reach-word")).to_have_count(78)
    axis = reach.page.locator(".rv-reach-axis")
    axis.scroll_into_view_if_needed()
    reach.page.locator(".rv-reach .rv-columns").evaluate("(box) => (box.scrollLeft = 90)")
    hidden = reach.page.locator(".rv-reach-word").evaluate_all(
        """(words) => {
            const axis = document.querySelector(".rv-reach-axis");
            const { left, right } = axis.getBoundingClientRect();
            const places = words.map((word) => word.getBoundingClientRect());
            const middles = places.map(({ x, y, width, height }) => [x + width / 2, y + height / 2]);
            const under = middles.filter(([x]) => x > left && x < right);
            return under.map((at) => document.elementFromPoint(...at) === axis);
        }"""
    )
    assert hidden == [True] * len(hidden) != []


def test_the_axis_is_written_in_the_digits_of_the_language(visit):
    reader = visit("#text=good+film&lang=ne")
    reader.open_view("reach")
    powers = reader.page.locator(".rv-reach-axis text")
    expect(powers.first).to_be_attached()
    for power in powers.all_text_contents():
        assert re.fullmatch("१०−?[०-९]+", power)
