"""The view Train: a network learns in front of one's eyes, waits in line, is stopped, and says what came of it."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from rnnviz import read
from rnnviz.data import datasets, tasks
from rnnviz.page.learning import picture_of
from tests.browser.conftest import Reader, boxes
from tests.shipped import opened

pytestmark = [pytest.mark.browser, pytest.mark.asks_python]
LONG = 240_000  # milliseconds; the server may have just begun, and on a busy machine a training takes its time


class Training:
    """The view, in the words of a person who uses it."""

    def __init__(self, reader):
        reader.open_view("train")
        self.page = reader.page
        self.view = self.page.locator(".rv-train")
        self.said = self.view.locator(".rv-said")
        self.file = self.view.locator(".rv-train-file")

    def press(self, name):
        self.view.get_by_role("button", name=name, exact=True).click()

    def choose(self, text):
        self.view.get_by_label("Task").select_option(label="A file of your own")
        self.view.get_by_label("File with a text").set_input_files(
            {"name": "mine.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )

    def is_answered(self, **answers):
        """From now on the server says this, by the name of the question."""

        def answer(route):
            name = route.request.post_data_json["fn_name"]
            route.fulfill(json=answers[name]) if name in answers else route.continue_()

        self.page.route("**/component_server/", answer)

    def is_in(self, state):
        expect(self.view).to_have_attribute("data-state", state, timeout=LONG)


@pytest.fixture
def training(reader):
    return Training(reader)


def table(dataset):
    rows = [f"{text},{dataset.classes[label]}" for text, label in zip(dataset.texts, dataset.labels, strict=True)]
    return "\n".join(["text,label", *rows])


def commonest(dataset):
    """How often the commonest class is right on the texts set aside, as the page writes it."""
    _, kept = dataset.split(40)
    return f"{np.bincount(kept.labels).max() / 40 * 100:g}%"


def reviews(rows, filler=""):
    rows = [
        f"the film {place % 9} was {('good', 'bad')[place % 2]}{filler},{('up', 'down')[place % 2]}"
        for place in range(rows)
    ]
    return "\n".join(["text,label", *rows])


def test_a_file_of_ones_own_is_learned_and_what_is_seen_is_said(training):
    view = training.view
    training.choose(reviews(200))
    expect(training.file).to_contain_text("200 texts in 2 classes: ")
    view.get_by_label("Sentence to watch").fill("the film was bad")
    training.press("Start")
    training.is_in("done")
    chance = commonest(datasets.load(Path("mine.csv"), data=reviews(200).encode()))
    right = r"Of 40 texts set aside, 100% were answered correctly; always naming the most common class would give "
    expect(training.said).to_have_text(re.compile(rf"^Done after [\d.]+ s\. {right}{chance}\.$"))
    expect(view.locator(".rv-train-answer")).to_contain_text("It answers: down, ")
    assert int(view.locator(".rv-train-curves").get_attribute("data-points")) > 10
    expect(view.locator(".rv-train-more")).to_have_text(
        re.compile("^40 of them are, word for word, also among the texts")
    )
    view.get_by_label("Learning rate, as a number").fill("0.000001")
    training.press("Start")
    expect(view.locator(".rv-train-curves")).to_have_attribute("data-runs", "2")  # the first stays as a ghost
    training.is_in("done")
    expect(view.locator(".rv-train-more")).to_contain_text("Try a higher learning rate.")
    expect(view.locator(".rv-train-legend li").nth(1)).to_contain_text("rate 0.01100% correct on texts set aside")


def test_what_is_only_learned_by_heart_is_told_apart_from_learning_nothing(training):
    rows = [f"name{place} name{place},{('up', 'down')[place % 2]}" for place in range(200)]
    training.choose("\n".join(["text,label", *rows]))
    expect(training.file).to_have_attribute("data-state", "received")
    training.press("Start")
    training.is_in("done")
    expect(training.view.locator(".rv-train-more")).to_have_text(
        "Of the last texts it learned from, 100% were answered correctly: these it has learned by heart, "
        "which does not help with others. Give it more texts."
    )


def test_a_rate_that_is_too_high_is_no_better_than_chance_and_says_so(training):
    recall = tasks.generate("recall", rows=200, length=20)
    training.choose(table(recall))
    expect(training.file).to_have_attribute("data-state", "received")
    training.view.get_by_role("radio", name="too high").click()
    training.press("Start")
    training.is_in("done")
    expect(training.view.locator(".rv-train-more")).to_have_text(
        "So the network learned nothing that helps with other texts. Try a lower learning rate."
    )
    expect(training.said).to_contain_text(f"always naming the most common class would give {commonest(recall)}.")


def test_a_loss_that_is_no_number_any_more_ends_the_training_with_advice(training):
    curve = {"fraction": [0.1, 0.2], "loss": [2.4, 3e8], "accuracy": [0.1, 0.1]}
    standing = {"ticket": "some", "seconds": 0.4, "seq": 2, "cut": False, "held_out": None, "curve": curve}
    values = {"epoch": 1, "step": 34, "rate": 5.0, "advice": 0.5}
    training.is_answered(
        train_start=standing | {"state": "running"},
        train_poll=standing | {"state": "failed", "error": "training_nan", "values": values},
    )
    training.press("Start")
    training.is_in("failed")
    expect(training.said).to_have_text(
        "The loss stopped being a number in epoch 1, step 34.\n"
        "Begin again with a learning rate below 5, for example 0.5."
    )
    expect(training.view.locator(".rv-train-legend li")).to_have_text("LSTM, 32 units, rate 0.003failed")
    expect(training.view.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    expect(training.view.locator("progress")).to_be_hidden()


@pytest.mark.parametrize(
    ("state", "cut", "cell", "advice"),
    [
        ("done", False, "LSTM", "So the network learned nothing that helps with other texts. Try more units"),
        ("done", False, "plain RNN", "Train a GRU or an LSTM to compare"),
        ("done", True, "LSTM", ""),
        ("cancelled", False, "LSTM", ""),
        ("cancelled", False, "plain RNN", ""),
    ],
)
def test_advice_is_given_on_a_training_that_ended_by_itself_and_none_on_one_that_was_stopped(
    training, state, cut, cell, advice
):
    curve = {"fraction": [0.1, 0.2], "loss": [1.4, 1.4], "accuracy": [0.25, 0.25]}
    held_out = {"texts": 500, "seen": 0, "chance": 0.26, "accuracy": 0.26}
    standing = {"ticket": "some", "seconds": 4.0, "seq": 2, "cut": cut, "held_out": held_out, "curve": curve}
    training.is_answered(train_start=standing | {"state": state})
    training.view.get_by_role("radio", name=cell, exact=True).click()
    training.press("Start")
    training.is_in(state)
    expect(training.said).to_contain_text(
        "26% were answered correctly" if state == "done" and not cut else "26% of 500 texts"
    )
    more = training.view.locator(".rv-train-more")
    expect(more).to_contain_text(advice) if advice else expect(more).to_be_empty()


def test_the_name_of_a_line_hides_no_other_and_a_long_sentence_is_seen_from_its_beginning(visit):
    training = Training(visit(viewport={"width": 400, "height": 900}))
    points = 11
    curve = {"fraction": [n / 10 for n in range(points)], "loss": [1.45] * points, "accuracy": [0.3] * points}
    held_out = {"texts": 500, "seen": 0, "chance": 0.26, "accuracy": 0.26}
    watch = picture_of(read(opened("recall-gru"), "a " + "x " * 40))
    standing = {"ticket": "some", "seconds": 9.0, "seq": 1, "cut": False, "held_out": held_out, "curve": curve}
    training.is_answered(train_start=standing | {"state": "done", "watch": watch})
    training.press("Start")
    training.is_in("done")
    plots = training.view.locator(".rv-train-plot")
    for plot in (plots.first, plots.last):
        [name] = boxes(plot.locator(".rv-train-guessing"))
        others = boxes(plot.locator(".rv-train-tick, .rv-run, .rv-run-end"))
        assert len(others) > 4
        assert not any(lie_together(name, other) for other in others)
    training.view.locator(".rv-train-watched h3").scroll_into_view_if_needed()
    words = training.view.locator(".rv-train-words span")
    expect(words.first).to_be_in_viewport(ratio=0.99)
    expect(words.last).not_to_be_in_viewport()


def lie_together(one, other):
    """Whether two boxes on the page share some room."""
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


def test_one_click_begins_and_the_curve_moves_until_it_is_stopped(training, reader):
    curves = training.view.locator(".rv-train-curves")
    training.press("Start")
    training.is_in("running")
    expect(curves).to_have_attribute("data-points", re.compile(r"^([3-9]|\d\d)"), timeout=LONG)
    expect(training.view.locator(".rv-train-words span")).to_have_count(60)
    training.press("Stop")
    training.is_in("cancelled")
    expect(training.said).to_contain_text("Stopped after ")


def test_the_example_has_the_longest_length_and_another_task_keeps_what_was_written(training):
    example = training.view.locator(".rv-train-example")
    training.view.get_by_label("Longest text, in words").fill("4")
    expect(example).to_have_text(re.compile(r"“[abcd]( [k-v]){3}”"))
    training.view.locator("#rv-train-units").fill("7")
    training.view.get_by_label("Task").select_option(label="Is the number of 1s even?")
    expect(training.view.locator("#rv-train-units")).to_have_value("7")
    expect(training.view.locator("#rv-train-length")).to_have_value("4")
    expect(example).to_have_text(re.compile(r"“[01]( [01]){0,3}”"))


def test_the_laboratory_shows_what_a_cut_gradient_does_not_learn(training):
    """Once cut, once not: the same texts, the same first weights; one number is the only difference."""
    lab = training.view.locator(".rv-train-lab")
    training.view.get_by_role("radio", name="GRU", exact=True).click()
    training.view.locator("#rv-train-units").fill("16")
    training.view.get_by_label("Learning rate, as a number").fill("0.02")
    expect(lab.locator("code")).to_contain_text("if t % k == 0:\n        h = h.detach()")
    lab.get_by_role("button", name="Train on texts of 20 words, cut every 10 words").click()
    training.is_in("done")
    expect(training.view.locator("#rv-train-length")).to_have_value("20")
    expect(lab.locator("code")).to_contain_text("if t % 10 == 0:\n        h = h.detach()")
    expect(lab.locator(".rv-lab-reach")).to_have_attribute("data-zeros", "10")
    expect(lab.locator(".rv-lab-zero")).to_have_count(10)
    expect(lab.locator(".rv-found")).to_contain_text("The last cut stands before word 11 of 20")
    expect(training.view.locator(".rv-train-more")).not_to_be_empty()
    expect(training.view.locator(".rv-train-legend li").first).to_contain_text("cut every 10 words")
    lab.get_by_role("button", name="Train on texts of 20 words, no cut").click()
    training.is_in("done")
    expect(lab.locator(".rv-lab-reach")).to_have_attribute("data-zeros", "0")
    expect(lab.locator(".rv-found")).to_contain_text("No cut lies between the first letter and the answer")
    assert share_of(lab, "no cut") > 0.95
    assert share_of(lab, "cut every 10 words") < 0.5
    assert share_of(lab, "cut every 20 words") is None


def share_of(lab, cut):
    """What stands in a cell of the table, in the row of 20 words; None where nothing was trained."""
    name = lab.get_by_role("button", name=f"Train on texts of 20 words, {cut}").get_attribute("aria-label")
    found = re.search(r": (\d+)%$", name)
    return int(found[1]) / 100 if found else None


def test_a_cell_that_is_pressed_again_trains_from_another_seed_and_another_task_has_no_laboratory(training):
    lab = training.view.locator(".rv-train-lab")
    training.view.locator("details:has(#rv-train-detach) summary").click()
    training.view.locator("#rv-train-detach").fill("0")  # for never; Python would not divide by it
    expect(lab.locator("code")).to_contain_text("if t % k == 0:")
    training.view.locator("#rv-train-units").fill("1")
    cell = lab.get_by_role("button", name="Train on texts of 10 words, cut every 5 words")
    for runs in ("1", "2"):
        cell.click()
        expect(cell).to_have_attribute("data-runs", runs, timeout=LONG)
    expect(cell).to_contain_text("×2")
    training.view.locator("#rv-train-units").fill("2")
    expect(cell).to_have_attribute("data-runs", "0")  # another network
    training.view.get_by_label("Task").select_option(label="Is the number of 1s even?")
    expect(lab).to_be_hidden()


def test_a_training_goes_on_while_one_looks_at_another_view(training, reader):
    training.press("Start")
    training.is_in("running")
    reader.open_view("gates")
    expect(reader.page.locator(".rv-gates .rv-said")).to_be_visible()
    reader.open_view("train")
    training.is_in("running")
    training.press("Stop")
    training.is_in("cancelled")


def test_a_second_page_waits_in_line_until_the_first_is_closed(training, visit):
    training.press("Start")
    training.is_in("running")
    other = Training(visit())
    other.press("Start")
    expect(other.said).to_contain_text("Place in the queue: 1.")
    training.page.close()
    other.is_in("running")
    other.press("Stop")
    other.is_in("cancelled")


def test_a_large_file_arrives_in_parts_and_a_wrong_one_is_refused_in_words(training):
    training.choose("words,label\nsome,one\nothers,two")
    expect(training.file).to_contain_text("has no column")
    expect(training.view.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    training.file.get_by_label("Text column", exact=True).select_option("words")
    training.file.get_by_label("Label column", exact=True).select_option("label")
    expect(training.file).to_contain_text("one has one row.")
    training.choose(reviews(2_000, " and it went on for quite a while"))
    expect(training.file).to_contain_text("2,000 texts in 2 classes: ")
    expect(training.view.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_a_server_that_trains_nothing_says_what_to_do_and_offers_no_controls(tab, address):
    page = tab()

    def refuse(route):
        answer = route.fetch(headers=route.request.headers | {"sec-fetch-site": "none"})
        assert '"allowed":true' in answer.text()
        route.fulfill(response=answer, body=answer.text().replace('"allowed":true', '"allowed":false'))

    page.route(f"{address}/", refuse)
    reader = Reader(page, f"{address}/")
    view = Training(reader).view
    expect(view).to_have_text(re.compile("^Nothing is trained on this server; .*rnnviz serve"))
    expect(view.locator("button, input, select")).to_have_count(0)


def test_how_a_file_is_written_is_chosen_from_menus_and_its_first_rows_are_shown(training):
    """Without a header line, with semicolons: both are found, then said otherwise, then found again."""
    rows = [f"{('up', 'down')[place % 2]};the film {place} was fine, <b>really</b>" for place in range(60)]
    training.choose("\n".join(rows))
    expect(training.file).to_contain_text("60 texts in 2 classes: ")
    shown = training.file.locator(".rv-train-preview")
    expect(shown.locator("tbody tr")).to_have_count(5)
    expect(shown.locator("tbody tr").first.locator("td")).to_have_text(["up", "the film 0 was fine, <b>really</b>"])
    expect(shown.locator("thead th")).to_have_text(["1", "2"])
    training.file.get_by_text("How the file is written").click()
    header = training.file.get_by_label("The first line names the columns")
    between = training.file.get_by_label("Between fields")
    expect(header.locator("option").first).to_have_text("found: no")
    expect(between.locator("option").first).to_have_text("found: ;")
    between.select_option(label=",")
    expect(training.file).to_have_attribute("data-state", "failed")
    expect(shown.locator("tbody tr").first.locator("td").first).to_have_text("up;the film 0 was fine")
    between.select_option("")
    expect(training.file).to_contain_text("60 texts in 2 classes: ")
    between.select_option(label=";")
    expect(training.file).to_contain_text("60 texts in 2 classes: ")
    header.select_option(label="yes")
    expect(training.file).to_have_attribute("data-state", "failed")
    training.file.get_by_label("Text column", exact=True).select_option(index=2)
    training.file.get_by_label("Label column", exact=True).select_option(index=1)
    expect(training.file).to_contain_text("59 texts in 2 classes: ")
