"""The cell in the page: its numbers are the network's, they add up, it follows the reader, and its sums open."""

import re
from decimal import Decimal

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from tests.browser.conftest import Reader
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

TEXT = "oil prices were not good"


def choose(reader: Reader, name: str, text: str = TEXT) -> None:
    reader.after(lambda: reader.model.select_option(name))
    reader.read(text)


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text.replace("\u2212", "-"))]


def here(reader: Reader) -> tuple[int, int]:
    found = re.search(r"word (\d+) of \d+, unit (\d+)", reader.shows(".rv-cell-card .rv-where"))
    assert found
    return int(found[1]) - 1, int(found[2])


@pytest.mark.parametrize("name", ["sst2-lstm", "sst2-gru"])
def test_the_equation_is_filled_in_with_the_readings_numbers_and_adds_up(reader, name):
    choose(reader, name)
    reader.words.nth(3).click()
    expect(reader.page.locator(".rv-cell-card .rv-where")).to_contain_text("not")
    token, unit = here(reader)
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / name), TEXT)
    memory, keeper = ("cell", "forget") if name == "sst2-lstm" else ("hidden", "update")
    after, before = (trace.select(memory)[t, unit] for t in (token, token - 1))
    lines = reader.page.locator(".rv-equation p").all_inner_texts()
    kept, held, share, candidate = numbers(lines[1])
    assert [kept, held] == pytest.approx([trace.select(keeper)[token, unit], before], abs=0.0051)
    assert candidate == pytest.approx(trace.select("candidate")[token, unit], abs=0.0051)
    left, right, total = numbers(lines[2].replace("\u2212 ", "\u2212"))
    assert total == pytest.approx(after, abs=0.0051)
    assert left + right == pytest.approx(total, abs=0.0151)  # each of the three is rounded
    assert left == pytest.approx(kept * held, abs=0.02)
    assert right == pytest.approx(share * candidate, abs=0.02)
    assert re.search(rf"{abs(after):.2f}|{abs(after):.3f}", reader.shows(".rv-did"))


def test_a_sum_that_two_digits_would_belie_has_three(reader):
    text = "The movie was not good , but the ending surprised me ."
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), text)
    memory, forget, gate, candidate = (trace.select(name) for name in ("cell", "forget", "input", "candidate"))
    found = set()
    for place in range(1, 12):
        reader.words.nth(place).click()
        at = here(reader)
        assert at[0] == place
        parts = [forget[at] * memory[place - 1, at[1]], gate[at] * candidate[at], memory[at]]
        left, right, whole = (round(float(part), 2) for part in parts)
        digits = 2 if abs(left + right - whole) < 0.005 else 3
        found.add(digits)
        line = reader.page.locator(".rv-equation p").nth(2).inner_text().replace("\u2212", "-").replace("- ", "-")
        kept, added, total = numbers(line)
        assert [len(number) for number in re.findall(r"(?<=\.)\d+", line)] == [digits] * 3
        assert kept + added == pytest.approx(total, abs=1.1 * 10**-digits)
        assert total == pytest.approx(float(memory[at]), abs=0.51 * 10**-digits)
    assert found == {2, 3}


def test_the_drawing_follows_the_pointer_without_a_question(reader, requests):
    asked = [url for url in requests if "component_server" in url]  # a file of the page may still be on its way
    for word in (3, 0):
        reader.words.nth(word).hover()
        expect(reader.page.locator(".rv-folded .rv-read-word")).to_contain_text(("the", "movie", "was", "not")[word])
    expect(reader.page.locator(".rv-did")).to_contain_text("empty memory")
    assert [url for url in requests if "component_server" in url] == asked


def test_unrolled_the_state_is_passed_from_word_to_word_in_reading_order(reader):
    choose(reader, "sst2-bilstm")
    reader.page.get_by_role("radio", name="Unrolled").click()
    trace = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-bilstm"), TEXT)
    for way, direction, passed in (("forward", 0, [1, 2, 3, 4]), ("backward", 1, [2, 3, 4, None])):
        reader.page.get_by_role("radio", name=f"Reads {way}").click()
        reader.page.keyboard.press("Escape")
        reader.words.nth(3).click()
        expect(reader.page.locator(".rv-small-cell.rv-at")).to_contain_text("not")
        expect(reader.page.locator(".rv-cell-card .rv-where")).to_contain_text(f"Reads {way}")
        _, unit = here(reader)
        states = trace.signals["cell"][1, direction, :, unit]
        wanted = [0.0 if t is None else float(states[t]) for t in passed]
        shown = reader.page.locator(".rv-passed .rv-carry:first-child .rv-carried").all_inner_texts()
        assert numbers(" ".join(shown)) == pytest.approx(wanted, abs=0.0051)
    reader.page.locator(".rv-small-cell").first.click()
    expect(reader.page.locator(".rv-cell-card .rv-where")).to_contain_text("word 3 of 5")


@pytest.mark.parametrize("name", ["sst2-lstm", "sst2-gru", "sst2-rnn"])
def test_the_opened_sums_are_those_of_the_weights(reader, name):
    choose(reader, name)
    reader.words.nth(3).click()
    reader.page.locator(".rv-open").click()
    expect(reader.page.locator(".rv-opened")).to_have_attribute("data-seq", "1")
    expect(reader.page.locator(".rv-opened")).to_contain_text("32 × 100")
    token, unit = here(reader)
    loaded = rnnviz.load(ROOT / "checkpoints" / name)
    trace, weights = rnnviz.read(loaded, TEXT), loaded.cell()
    rows = reader.page.locator(".rv-opened tbody tr:not(.rv-pushes)").all_inner_texts()
    for place, row in enumerate(rows):
        line = place * 32 + unit
        shown = numbers(row)
        assert shown[0] == pytest.approx(weights.W[line].detach().numpy() @ trace.inputs[token], abs=0.0051)
        assert sum(shown[:3]) == pytest.approx(shown[3], abs=0.0201)
        squashed = np.tanh(shown[3]) if "tanh" in row else 1 / (1 + np.exp(-shown[3]))
        assert shown[4] == pytest.approx(squashed, abs=0.0101)
    assert len(rows) == {"sst2-lstm": 4, "sst2-gru": 3, "sst2-rnn": 1}[name]


def test_the_sums_follow_the_kept_word_and_a_unit_that_pushes_is_one_click(reader):
    reader.page.locator(".rv-open").click()
    expect(reader.page.locator(".rv-open-title")).to_contain_text("surprised")
    reader.words.nth(3).click()
    expect(reader.page.locator(".rv-open-title")).to_contain_text("not")
    push = reader.page.locator(".rv-push").first
    unit = push.inner_text().split()[1]
    push.click()
    expect(reader.page.locator(".rv-open-title")).to_contain_text(f"Unit {unit} at")
    expect(reader.page.locator(".rv-cell-card .rv-where")).to_contain_text(f"unit {unit}")


def test_slow_motion_goes_through_the_cell_and_escape_stops_it(reader):
    reader.words.nth(3).click()
    said = reader.page.locator(".rv-did")
    slow = reader.page.locator(".rv-slow")
    reader.by_hand()
    slow.click()
    for name in ("forget gate f", "input gate i", "candidate g", "cell state c", "output gate o", "hidden state h"):
        expect(said).to_contain_text(name)
        reader.tick()
    expect(slow).to_have_attribute("aria-pressed", "false")
    expect(said).to_contain_text("unit")
    slow.click()
    expect(said).to_contain_text("forget gate f")
    reader.page.keyboard.press("Escape")
    expect(slow).to_have_attribute("aria-pressed", "false")
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "true")  # the first Esc is the slow motion's


def test_a_pinned_word_says_how_it_is_let_go_and_a_second_click_does(reader):
    hint = reader.page.locator(".rv-cell-card .rv-where .rv-hint")
    expect(hint).to_have_text("Point to look, click to pin, press Esc to unpin.")
    reader.words.nth(3).click()
    reader.page.mouse.move(0, 0)
    expect(hint).to_have_text("pinned: click again or press Esc to unpin")
    reader.words.nth(3).click()
    expect(reader.words.nth(3)).to_have_attribute("aria-pressed", "false")


def test_the_drawing_quotes_the_word_as_its_language_does(reader):
    expect(reader.page.locator(".rv-read-word")).to_have_text("“surprised”")
    reader.page.locator(".rv-language").select_option("el")
    expect(reader.page.locator(".rv-read-word")).to_have_text("«surprised»")


def test_the_sums_behind_the_gates_add_up_in_the_digits_that_are_shown(reader):
    reader.page.get_by_role("button", name="Open the sum").click()
    box = reader.page.get_by_role("group", name="The sum behind each gate")
    checked = 0
    for word in range(12):
        reader.words.nth(word).click()
        expect(box).to_contain_text(f"at “{reader.words.nth(word).locator('bdi').inner_text()}”")
        rows = box.locator("tbody tr:not(.rv-pushes)").all_inner_texts()
        for row in rows:
            *parts, total = (Decimal(one.replace("\u2212", "-")) for one in re.findall(r"[-\u2212]?\d+\.\d+", row)[:4])
            assert sum(parts) == total, row
            checked += 1
    assert checked == 48


def test_the_parts_of_a_bar_of_gates_are_the_whole(reader):
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    reader.open_view("gates")
    said = reader.page.get_by_text(re.compile("almost fully shut, .* between, .* almost fully open"))
    expect(said).to_have_count(12)
    for one in said.all_inner_texts():
        assert sum(int(part) for part in re.findall(r"(\d+)%", one)) == 100, one
