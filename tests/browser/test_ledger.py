"""A person asks what each word left in the memory; every number is the Python package's own."""

import contextlib
import re

import numpy as np
import pytest
from playwright.sync_api import TimeoutError, expect

import rnnviz
from rnnviz import signals
from tests.browser.conftest import Reader
from tests.shipped import opened

pytestmark = pytest.mark.browser

TEXT = "The movie was not good , but the ending surprised me ."


def choose(reader: Reader, model: str, text: str = TEXT) -> rnnviz.Trace:
    """Read a text with a model, here and in Python."""
    reader.after(lambda: reader.model.select_option(model))
    if reader.text.input_value() != text:
        reader.read(text)
    return rnnviz.read(opened(model), text)


def pin_unit(reader: Reader) -> int:
    """Pin the first unit of the heatmap at the word that is pinned, and say which it is."""
    reader.page.locator(".rv-field-of-units canvas").click(position={"x": 20, "y": 15})
    return int(re.findall(r"\d+", reader.shows(".rv-about-unit header h3"))[0])


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


SHOWN = """(wanted) => {
    const shown = [...document.querySelectorAll('.rv-entries li > span')];
    const found = shown.map((one) => one.textContent.replace('−', '-'));
    return found.length === wanted.length && wanted.every((value, place) => Math.abs(found[place] - value) < 0.00505);
}"""


def shows(reader: Reader, wanted: np.ndarray) -> None:
    """Wait until the ledger's numbers are these, to half a hundredth."""
    with contextlib.suppress(TimeoutError):
        reader.page.wait_for_function(SHOWN, arg=wanted.tolist())
    found = [number(text) for text in reader.page.locator(".rv-entries li > span").all_inner_texts()]
    np.testing.assert_allclose(found, wanted, atol=0.00505)


@pytest.mark.parametrize("model", ["sst2-lstm", "sst2-gru", "agnews-lstm", "recall-lstm"])
def test_what_is_left_of_each_word_in_a_unit_is_the_packages_ledger(reader, model):
    text = "c k l m n o k p" if model.startswith("recall") else TEXT
    trace = choose(reader, model, text)
    reader.words.nth(3).click()
    unit = pin_unit(reader)
    account = rnnviz.ledger(trace, units=[unit])[:, :, 0]
    shows(reader, account[:, -1])
    holds = trace.select(signals.memory(trace.cell))[-1, unit]
    said = f"Unit {unit} holds {holds:.2f} at the end".replace("-", "\u2212")
    expect(reader.page.locator(".rv-account")).to_contain_text(said)
    reader.page.get_by_role("radio", name="at the selected word").click()
    shows(reader, account[:, 3])


def test_lower_layers_and_the_way_back_have_their_account_too(reader):
    trace = choose(reader, "sst2-bilstm")
    reader.page.get_by_role("radio", name="Layer 1").click()
    reader.page.get_by_role("radio", name="Reads backward").click()
    reader.words.nth(3).click()
    unit = pin_unit(reader)
    account = rnnviz.ledger(trace, 0, "backward", [unit])[:, :, 0]
    shows(reader, account[:, 0])
    expect(reader.page.locator(".rv-account")).to_contain_text("At the first word, where it stops, it holds")


def parts(trace):
    """What each word gave to each class's score, and the scores: logits less the mean of all logits."""
    found = rnnviz.contributions(trace)
    centred = found.by_token - found.by_token.mean(axis=1, keepdims=True)
    return centred, found.logits - found.logits.mean()


@pytest.mark.parametrize("model", ["sst2-lstm", "sst2-gru", "sst2-bilstm", "agnews-lstm"])
def test_what_each_word_gives_to_each_class_is_the_packages_account(reader, model):
    trace = choose(reader, model)
    by_token, scores = parts(trace)
    answer = int(trace.verdicts[-1].argmax())
    of = reader.page.get_by_role("radiogroup", name="Account of")
    expect(of.get_by_role("radio", name=trace.labels[answer])).to_have_attribute("aria-checked", "true")
    for place, label in enumerate(trace.labels):
        of.get_by_role("radio", name=label).click()
        shows(reader, by_token[:, place])
        said = reader.shows(".rv-account")
        assert number(re.search(r"ends at (\S+)", said)[1]) == pytest.approx(scores[place], abs=0.00505)
        most = int(np.abs(by_token[:, place]).argmax())
        assert f"counts most is \u201c{trace.tokens[most]}\u201d" in said


def test_a_word_that_comes_twice_is_named_with_its_place(reader):
    words = ["bad", "good", "bad", "good"]
    choose(reader, "sst2-lstm", " ".join(words))
    reader.page.locator(".rv-ledger-of button").filter(has_text="positive").click()
    word, place = re.search(r"counts most is “(\w+) \(word (\d)\)”", reader.shows(".rv-account")).groups()
    assert words[int(place) - 1] == word
    left = [abs(number(one.split()[-1])) for one in reader.page.locator(".rv-entries li").all_inner_texts()]
    assert left[int(place) - 1] == max(left)


def test_what_a_word_wrote_and_what_survives_of_it_is_said(reader):
    trace = choose(reader, "sst2-lstm")
    reader.words.nth(9).click()
    unit = pin_unit(reader)
    account = rnnviz.ledger(trace, units=[unit])[:, :, 0]
    left = account[9, -1] / account[9, 9]
    said = f"wrote {account[9, 9]:.2f} when it was read; {left:.0%} of that is left".replace("-", "\u2212")
    expect(reader.page.locator(".rv-account")).to_contain_text(said)
    expect(reader.page.locator(".rv-bars .rv-then")).to_have_attribute("d", "")
    assert account[3, -1] / account[3, 3] < 0.01
    reader.words.nth(3).hover()
    expect(reader.page.locator(".rv-account")).to_contain_text("less than 1% of that is left")
    expect(reader.page.locator(".rv-bars .rv-then")).to_have_attribute("d", re.compile("^M"))


def test_a_window_of_a_long_text_counts_what_was_written_outside_it(reader):
    text = "a warm and funny film " * 45
    trace = choose(reader, "sst2-lstm", text)
    by_token, _ = parts(trace)
    answer = int(trace.verdicts[-1].argmax())
    shows(reader, by_token[:200, answer])
    outside = by_token[200:, answer].sum()
    expect(reader.page.locator(".rv-account")).to_contain_text(f"not shown give {outside:.2f}".replace("-", "\u2212"))
    reader.after(lambda: reader.page.get_by_role("button", name="Later words").click())
    unit = pin_unit(reader)
    account = rnnviz.ledger(trace, units=[unit])[:, -1, 0]
    shows(reader, account[200:])
    before = f"The words that are not shown left {account[:200].sum():.2f}".replace("-", "\u2212")
    expect(reader.page.locator(".rv-account")).to_contain_text(before.replace("\u22120.00", "0.00"))


def test_a_plain_rnn_has_no_account_and_says_why(reader):
    choose(reader, "sst2-rnn")
    expect(reader.page.locator(".rv-account")).to_contain_text("rewrites its whole state")
    expect(reader.page.locator(".rv-entries")).to_be_hidden()
    expect(reader.page.get_by_role("radiogroup", name="Account of")).to_be_hidden()
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    expect(reader.page.locator(".rv-entries")).to_be_visible()


def test_the_columns_stand_under_the_words_and_pin_them(reader):
    choose(reader, "sst2-lstm")
    column = reader.page.locator(".rv-entries li").nth(4)
    word, below = reader.words.nth(4).bounding_box(), column.bounding_box()
    assert (word["x"], word["width"]) == pytest.approx((below["x"], below["width"]), abs=1)
    column.click()
    expect(reader.words.nth(4)).to_have_attribute("aria-pressed", "true")


def test_a_memory_is_not_held_and_one_whose_gate_is_held_has_an_account(reader):
    place = f"{reader.page.url}#model=sst2-lstm&text=the+movie+was+not+good&unit=25&token=2"
    reader.page.goto(f"{place}&hold=cell:1:2:2:25:0:0")
    expect(reader.page.locator(".rv-notices").first).to_contain_text("so it is not held here.")
    reader.page.goto(f"{place}&hold=input:0:3:3:25:0:0")
    expect(reader.page.locator(".rv-word")).to_have_count(5)
    held = rnnviz.hold(
        opened("sst2-lstm"), "the movie was not good", [rnnviz.Clamp("input", 0.0, tokens=3, units=[25])]
    )
    shows(reader, rnnviz.ledger(held, units=[25])[:, -1, 0])


def test_while_a_text_is_played_the_ledger_is_that_of_the_word_that_is_read(reader):
    trace = choose(reader, "sst2-lstm", "the movie was not good")
    unit = pin_unit(reader)
    reader.by_hand()
    account = rnnviz.ledger(trace, units=[unit])[:, 3, 0]
    said = f"Unit {unit} holds {account.sum():.2f} at \u201cnot\u201d".replace("-", "\u2212")
    reader.page.locator(".rv-read").click()
    for _ in range(3):
        reader.tick()
    expect(reader.page.locator(".rv-account")).to_contain_text(said)
