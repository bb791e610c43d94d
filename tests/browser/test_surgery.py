"""Gate surgery in the page: a bar is dragged, the text is read again with it held, and everything can be let go."""

import pytest
from playwright.sync_api import Locator, expect

import rnnviz
from tests.browser.conftest import Reader
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

TEXT = "the movie was not good"


def bar(reader: Reader, signal: str) -> Locator:
    return reader.page.locator(f".rv-gauge[data-signal={signal}]")


def pull(reader: Reader, signal: str, share: float) -> None:
    """Drag a bar from where it is pressed, its middle, to a share of its length."""
    bar(reader, signal).hover()
    box = bar(reader, signal).bounding_box()
    assert box
    at = box["y"] + box["height"] / 2
    reader.page.mouse.move(box["x"] + box["width"] / 2, at)
    reader.page.mouse.down()
    for step in (0.25, 0.5, 0.75, 1.0):
        reader.page.mouse.move(box["x"] + box["width"] * (0.5 + (share - 0.5) * step), at)
    reader.page.mouse.up()


def held(reader: Reader) -> Locator:
    return reader.page.locator(".rv-holds li")


def checkpoint(name: str = "sst2-lstm") -> rnnviz.Checkpoint:
    return rnnviz.load(ROOT / "checkpoints" / name)


def unit_of(reader: Reader) -> int:
    return int(reader.shows(".rv-cell-card .rv-where").split("unit ")[1].split()[0])


def says(trace: rnnviz.Trace, label: int, token: int = -1) -> str:
    return f"{float(trace.verdicts[token, label]):.0%}"


def test_a_dragged_gate_is_held_and_the_answer_is_that_of_hold(reader):
    reader.read(TEXT)
    reader.words.nth(3).click()
    expect(reader.page.locator(".rv-cell-card .rv-where")).to_contain_text("not")
    unit = unit_of(reader)
    pull(reader, "input", 0.0)
    expect(held(reader)).to_have_count(1)
    free = rnnviz.read(checkpoint(), TEXT)
    trace = rnnviz.hold(checkpoint(), TEXT, [rnnviz.Clamp("input", 0.0, tokens=3, units=unit)])
    label = int(trace.verdicts[-1].argmax())
    result = reader.page.locator(".rv-hold-result p").first
    expect(result).to_have_text(
        f"With the input gate of unit {unit} held at 0.00 at “not”: "
        f"{trace.labels[label]} {says(free, label)} → {says(trace, label)}."
    )
    expect(reader.page.locator(".rv-told .rv-heading")).to_have_text("The answer with 1 signal held")
    expect(reader.words.nth(3).locator(".rv-share")).to_have_text(f"{trace.verdicts[3].max():.0%}")
    shown = {key: float(value) for key, value in reader.values().items()}
    symbols = {"c": "cell", "h": "hidden", "i": "input", "f": "forget"}
    for symbol, name in symbols.items():
        assert shown[symbol] == pytest.approx(float(trace.select(name)[3, unit]), abs=0.0051)


def test_what_is_dragged_stays_where_it_is(reader):
    reader.words.nth(3).click()
    bar(reader, "input").focus()  # which may scroll the page
    reader.settle()
    before = bar(reader, "input").bounding_box()
    reader.after(lambda: bar(reader, "input").press("Home"))
    expect(held(reader)).to_have_count(1)
    assert bar(reader, "input").bounding_box() == before


def test_a_bar_that_is_dragged_stops_the_text_that_is_played(reader):
    reader.by_hand()
    reader.page.locator(".rv-read").click()
    reader.tick()
    pull(reader, "input", 0.0)
    expect(reader.page.locator(".rv-read")).to_have_attribute("aria-pressed", "false")
    reader.tick()
    expect(held(reader)).to_have_count(1)
    expect(held(reader)).to_contain_text("at “movie”")


@pytest.mark.asks_python
def test_a_slow_answer_moves_nothing(reader):
    reader.words.nth(3).click()
    bar(reader, "input").focus()
    reader.settle()
    before = bar(reader, "input").bounding_box()
    slow = []
    reader.page.route("**/component_server/**", lambda route: route.continue_() if slow else slow.append(route))
    bar(reader, "input").press("Home")
    expect(reader.page.locator(".rv-count")).to_have_text("Reading …")
    assert bar(reader, "input").bounding_box() == before
    reader.after(slow[0].continue_)
    expect(reader.page.locator(".rv-count")).to_have_text("12 words and signs read")


def test_the_old_bars_stay_as_ghosts_until_all_is_let_go(reader):
    reader.words.nth(3).click()
    expect(reader.page.locator(".rv-ghost")).to_have_count(0)
    before = reader.words.all_inner_texts()
    reader.after(lambda: bar(reader, "candidate").press("Home"))
    expect(reader.page.locator(".rv-ghost")).to_have_count(12)
    reader.after(lambda: reader.page.locator(".rv-reset").click())
    expect(reader.page.locator(".rv-ghost")).to_have_count(0)
    expect(reader.page.locator(".rv-told .rv-heading")).to_have_text("The answer")
    expect(held(reader)).to_have_count(0)
    assert reader.words.all_inner_texts() == before


def test_arrow_keys_move_a_bar_in_twentieths_and_say_so(reader):
    reader.words.nth(3).click()
    expect(reader.page.locator(".rv-where")).to_contain_text("“not”")
    slider = bar(reader, "output")
    before = float(slider.get_attribute("aria-valuenow") or "nan")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", f"{before - 0.05:.2f}, held")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "1.00, held")
    slider.press("ArrowUp")
    expect(slider).to_have_attribute("aria-valuenow", "1.000")
    expect(slider).to_be_focused()
    expect(held(reader)).to_have_count(1)


def test_undo_goes_one_step_back_and_each_hold_can_be_let_go_alone(reader):
    reader.words.nth(3).click()
    reader.after(lambda: bar(reader, "forget").press("Home"))
    reader.after(lambda: bar(reader, "input").press("End"))
    expect(held(reader)).to_have_count(2)
    reader.after(lambda: bar(reader, "input").press("Control+z"))
    expect(held(reader)).to_have_count(1)
    expect(held(reader)).to_contain_text("forget gate")
    reader.after(lambda: bar(reader, "output").press("End"))
    reader.after(lambda: reader.page.get_by_role("button", name="Let go: forget gate").click())
    expect(held(reader)).to_have_count(1)
    expect(held(reader)).to_contain_text("output gate")
    reader.after(lambda: reader.page.locator(".rv-undo").click())
    expect(held(reader)).to_have_count(2)


def test_one_drag_is_one_step_to_undo(reader):
    reader.words.nth(3).click()
    pull(reader, "forget", 1.0)
    expect(held(reader)).to_contain_text("1.00")
    reader.page.locator(".rv-undo").click()
    expect(held(reader)).to_have_count(0)


def test_a_range_of_words_and_all_words_are_held_together(reader):
    reader.read(TEXT)
    reader.words.nth(1).click()
    reader.words.nth(3).click(modifiers=["Shift"])
    reader.page.mouse.move(5, 5)  # the card then is about the word that is pinned
    expect(reader.page.locator(".rv-hold-hint")).to_contain_text("movie")
    unit = unit_of(reader)
    reader.after(lambda: bar(reader, "candidate").press("Home"))
    expect(held(reader)).to_contain_text("from “movie” to “not”")
    trace = rnnviz.hold(checkpoint(), TEXT, [rnnviz.Clamp("candidate", -1.0, tokens=slice(1, 4), units=unit)])
    label = int(trace.verdicts[-1].argmax())
    expect(reader.page.locator(".rv-hold-result p").first).to_contain_text(f"→ {says(trace, label)}.")
    reader.page.get_by_label("at every word").check()
    reader.after(lambda: bar(reader, "candidate").press("End"))
    expect(held(reader).last).to_contain_text("at every word")
    trace = rnnviz.hold(checkpoint(), TEXT, [rnnviz.Clamp("candidate", 1.0, units=unit)])
    label = int(trace.verdicts[-1].argmax())
    expect(reader.page.locator(".rv-hold-result p").first).to_contain_text(f"→ {says(trace, label)}.")


@pytest.mark.parametrize(("name", "signal"), [("sst2-gru", "update"), ("sst2-rnn", "hidden")])
def test_a_gru_and_a_plain_rnn_can_be_held_too(reader, name, signal):
    reader.after(lambda: reader.model.select_option(name))
    reader.read(TEXT)
    reader.words.nth(3).click()
    unit = unit_of(reader)
    reader.after(lambda: bar(reader, signal).press("End"))
    trace = rnnviz.hold(checkpoint(name), TEXT, [rnnviz.Clamp(signal, 1.0, tokens=3, units=unit)])
    assert reader.values()["h"] == pytest.approx(float(trace.select("hidden")[3, unit]), abs=0.0051)


def test_another_text_lets_go_of_everything(reader):
    reader.words.nth(3).click()
    reader.after(lambda: bar(reader, "forget").press("Home"))
    expect(held(reader)).to_have_count(1)
    reader.read(TEXT)
    expect(held(reader)).to_have_count(0)
    expect(reader.page.locator(".rv-hold-tools")).to_be_hidden()
    expect(reader.page.locator(".rv-ghost")).to_have_count(0)


def test_a_finger_drags_a_bar(visit):
    reader = visit(has_touch=True, viewport={"width": 400, "height": 900})
    slider = bar(reader, "forget")
    reader.settle()
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    touch = reader.page.context.new_cdp_session(reader.page)
    at = {"y": box["y"] + box["height"] / 2}
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at | {"x": box["x"] + box["width"] / 2}]}
    )
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at | {"x": box["x"] + 1}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(held(reader)).to_have_count(1)
    expect(slider).to_have_attribute("aria-valuetext", "0.01, held")


def test_a_choice_made_before_the_answer_is_there_lets_go_of_nothing(reader):
    reader.words.nth(3).click()
    asked = reader.page.get_by_role("radio", name="input gate")
    bar(reader, "forget").press("Home")
    asked.click()  # draws the page again
    expect(held(reader)).to_have_count(1)
    expect(bar(reader, "forget")).to_have_attribute("aria-valuetext", "0.00, held")


@pytest.mark.asks_python
def test_what_gets_no_answer_is_not_held(reader):
    reader.words.nth(3).click()
    expect(reader.page.locator(".rv-where")).to_contain_text("“not”")
    slider = bar(reader, "output")
    before = slider.get_attribute("aria-valuetext")
    reader.page.context.set_offline(True)
    slider.press("End")
    expect(reader.page.locator(".rv-alert")).to_contain_text("The server does not answer")
    expect(slider).to_have_attribute("aria-valuetext", before)
    expect(reader.page.locator(".rv-hold-tools")).to_be_hidden()
    reader.page.context.set_offline(False)
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0.00, held")
    expect(held(reader)).to_have_count(1)


@pytest.mark.asks_python
def test_a_text_that_got_no_answer_is_read_before_anything_is_held(reader):
    reader.words.nth(3).click()
    # The page asks again by itself after a time drawn by chance: not before this test is over.
    reader.page.evaluate("Math.random = () => 1000")
    reader.page.context.set_offline(True)
    reader.text.fill(TEXT)
    expect(reader.page.locator(".rv-alert")).to_contain_text("The server does not answer")
    reader.page.context.set_offline(False)
    reader.after(lambda: bar(reader, "output").press("End"))
    expect(reader.words).to_have_count(5)
    expect(held(reader)).to_have_count(0)
    expect(reader.page.locator(".rv-value.rv-held")).to_have_count(0)


def test_a_range_whose_words_are_gone_is_let_go(reader):
    reader.words.nth(2).click()
    reader.words.nth(9).click(modifiers=["Shift"])
    expect(reader.page.locator(".rv-hold-hint")).to_contain_text("surprised")
    reader.page.mouse.move(0, 0)  # or a word of the shorter text is under it
    reader.read("The movie was not")
    expect(reader.page.locator(".rv-hold-hint")).to_contain_text("was")
    expect(reader.page.locator(".rv-hold-hint")).not_to_contain_text("surprised")
    reader.after(lambda: bar(reader, "candidate").press("Home"))
    expect(held(reader)).to_contain_text("at “was”")


def test_who_lets_go_of_all_next_holds_one_word_again(reader):
    every = reader.page.get_by_role("checkbox", name="at every word")
    every.check()
    reader.after(lambda: reader.page.get_by_role("slider", name="input gate").press("Home"))
    reader.after(lambda: reader.page.get_by_role("button", name="Let go of all").click())
    expect(every).not_to_be_checked()


def result(reader: Reader) -> Locator:
    return reader.page.locator(".rv-hold-result p").first


def test_a_gate_of_all_units_is_one_hold_that_a_link_brings_back_and_undo_takes_away(reader, visit):
    reader.read(TEXT)
    reader.words.nth(3).click()
    reader.page.get_by_label("in all units").check()
    reader.page.get_by_label("at every word").check()
    reader.after(lambda: bar(reader, "input").press("Home"))
    expect(held(reader)).to_have_count(1)
    expect(held(reader)).to_contain_text("input gate of all 32 units held at 0.00 at every word")
    trace = rnnviz.hold(checkpoint(), TEXT, [rnnviz.Clamp("input", 0.0)])
    label = int(trace.verdicts[-1].argmax())
    expect(result(reader)).to_contain_text("With the input gate of all 32 units held at 0.00 at every word")
    expect(result(reader)).to_contain_text(f"→ {says(trace, label)}.")
    reader.page.locator(".rv-link").click()
    link = reader.page.evaluate("location.hash")
    assert link.count("hold=") == 1
    other = visit(link)
    expect(held(other)).to_have_text(["input gate of all 32 units held at 0.00 at every word×"])
    assert other.values()["h"] == pytest.approx(float(trace.select("hidden")[3, unit_of(other)]), abs=0.0051)
    reader.after(lambda: reader.page.locator(".rv-undo").click())
    expect(held(reader)).to_have_count(0)


def test_a_list_of_units_is_held_and_what_is_dragged_is_what_is_shown(reader):
    reader.read(TEXT)
    reader.words.nth(3).click()
    units = [*range(0, 4), 7, *range(20, 26)]
    reader.page.get_by_label("Units", exact=True).fill("20-25, 0-3, 7")
    before = unit_of(reader)
    reader.after(lambda: bar(reader, "candidate").press("End"))
    assert unit_of(reader) == (before if before in units else 0)
    expect(held(reader)).to_contain_text("candidate of units 0–3, 7, 20–25 held at 1.00 at “not”")
    trace = rnnviz.hold(checkpoint(), TEXT, [rnnviz.Clamp("candidate", 1.0, tokens=3, units=units)])
    label = int(trace.verdicts[-1].argmax())
    expect(result(reader)).to_contain_text(f"→ {says(trace, label)}.")
    expect(bar(reader, "candidate")).to_have_attribute("aria-valuetext", "1.00, held")
    reader.after(lambda: reader.page.get_by_role("button", name="Let go: candidate").click())
    expect(held(reader)).to_have_count(0)


@pytest.mark.parametrize("written", ["0-32", "x", "1-"])
def test_a_list_of_units_that_there_are_not_holds_nothing_and_says_so(reader, written):
    reader.words.nth(3).click()
    reader.page.get_by_label("Units", exact=True).fill(written)
    hint = reader.page.locator(".rv-hold-hint")
    expect(hint).to_have_text("Write the units like 0-15, 20. This network has units 0 to 31 in each layer.")
    bar(reader, "input").press("Home")
    reader.settle()
    expect(held(reader)).to_have_count(0)
    reader.page.get_by_label("Units", exact=True).fill("")
    expect(hint).to_contain_text("Drag a bar")
