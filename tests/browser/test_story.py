"""The story about the selected word: what it says of every word is true, for every kind of cell and direction."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz import signals
from rnnviz.analysis.memory import KEEPERS
from tests.browser.conftest import Reader
from tests.browser.test_ledger import TEXT, choose, number, pin_unit
from tests.shipped import opened

pytestmark = pytest.mark.browser


def about(value: float) -> object:
    """As it is written with two digits, after the browser got it in 16 bits."""
    return pytest.approx(value, abs=0.00525)


def check_answer(said: str, trace: rnnviz.Trace, t: int) -> None:
    """What is said of the answer holds, and of two classes it is the one that moved more."""
    assert f"\u201c{trace.tokens[t]}\u201d" in said
    if len(trace.directions) > 1:
        alone = r"^Read only up to \u201c.+\u201d, the text gives (.+?) (\d+)%(?:; up to the word before, (\d+)%)?\."
        label, after, before = re.search(alone, said).groups()
        shares = trace.verdicts[:, trace.labels.index(label)]
        assert shares[t] == about(int(after) / 100)
        return assert_(before is None if t == 0 else shares[t - 1] == about(int(before) / 100))
    if t == 0:
        label, after = re.search(r"is the first word: after it (.+) has (\d+)%", said).groups()
        assert trace.verdicts[0, trace.labels.index(label)] == about(int(after) / 100)
        return
    if stays := re.search(r"\u201d (.+) stays at (\d+)%", said):
        label, before, after, way = stays[1], stays[2], stays[2], "stays"
    else:
        label, way, before, after = re.search(r"\u201d (.+) (rises|falls) from (\d+)% to (\d+)%", said).groups()
    place = trace.labels.index(label)
    moves = abs(trace.verdicts[t] - trace.verdicts[t - 1])
    assert moves[place] == pytest.approx(moves.max(), abs=0.0012)
    assert (trace.verdicts[t - 1, place], trace.verdicts[t, place]) == (
        about(int(before) / 100),
        about(int(after) / 100),
    )
    assert {"rises": int(before) < int(after), "falls": int(before) > int(after), "stays": True}[way]


def check_unit(said: str, trace: rnnviz.Trace, t: int, unit: int, layer: int, direction: str) -> None:
    """What is said of the unit holds: gate, degree, and what it did to the memory."""
    own = {name: trace.select(name, layer, direction)[:, unit] for name in trace.signals}
    memory = own[signals.memory(trace.cell)]
    earlier = t - 1 if direction == "forward" else t + 1
    before = memory[earlier] if 0 <= earlier < len(memory) else 0.0
    if changes := re.search(r"goes from (\S+) to (\S+?)\.(?: |$)", said):
        assert (number(changes[1]), number(changes[2])) == (about(before), about(memory[t]))
        if trace.cell == "rnn":
            return assert_(f"Unit {unit} has no gates" in said)
        return assert_(abs(before) < 0.1 and abs(memory[t] - before) < 0.1)
    name, degree, value = re.search(r"the (\w+) gate is (\w+ \w+) \((\S+)\)", said).groups()
    assert number(value) == about(own[name][t])
    ends = {"nearly shut": (0, 0.1), "mostly shut": (0.1, 0.4), "half open": (0.4, 0.6)}
    low, high = (ends | {"mostly open": (0.6, 0.9), "wide open": (0.9, 1)})[degree]
    assert low - 1e-4 <= own[name][t] <= high + 1e-4
    let_in = own["input"][t] if trace.cell == "lstm" else 1 - own["update"][t]
    if written := re.search(r"(?:: | and )(\S+) is written", said):
        assert number(written[1]) == about(let_in * own["candidate"][t])
    if kept := re.search(r"of the (\S+) in its memory,? (\S+) is kept", said):
        assert (number(kept[1]), number(kept[2])) == (about(before), about(own[KEEPERS[trace.cell]][t] * before))
    assert written or kept


def assert_(holds: bool) -> None:
    assert holds


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("sst2-lstm", TEXT),
        ("sst2-gru", "a brillig film , not bad at all"),
        ("sst2-rnn", TEXT),
        ("agnews-lstm", "oil prices rise to a record in the gulf"),
        ("recall-lstm", "c k l m n o p q"),
    ],
)
def test_every_word_and_unit_is_told_truly(reader, model, text):
    trace = choose(reader, model, text)
    reader.words.first.click()
    unit = pin_unit(reader)
    for t in range(len(trace.tokens)):
        if t:
            reader.page.keyboard.press("ArrowRight")
        expect(reader.words.nth(t)).to_have_attribute("aria-pressed", "true")
        expect(reader.page.locator(".rv-told .rv-said")).to_contain_text(f"\u201c{trace.tokens[t]}\u201d")
        said = reader.shows(".rv-moment")
        check_answer(said, trace, t)
        check_unit(said, trace, t, unit, 0, "forward")
        assert ("does not know this word" in said) == bool(trace.unknown[t])


@pytest.mark.parametrize(("way", "direction"), [("Reads forward", "forward"), ("Reads backward", "backward")])
def test_both_directions_of_a_deep_network_are_told_truly(reader, way, direction):
    trace = choose(reader, "sst2-bilstm")
    reader.page.get_by_role("radio", name="Layer 1").click()
    reader.page.get_by_role("radio", name=way).click()
    reader.words.first.click()
    unit = pin_unit(reader)
    for t in range(len(trace.tokens)):
        if t:
            reader.page.keyboard.press("ArrowRight")
        expect(reader.page.locator(".rv-told .rv-said")).to_contain_text(f"\u201c{trace.tokens[t]}\u201d")
        said = reader.shows(".rv-moment")
        assert f"nit {unit} (layer 1 {'→' if direction == 'forward' else '←'})" in said
        check_answer(said, trace, t)
        check_unit(said, trace, t, unit, 0, direction)
        # The answer is of the beginning up to here; what the unit holds is the same there if it reads from the start.
        assert ("These numbers are of the whole text, read from both ends." in said) == (direction == "backward")
        assert ("these numbers are the same in the whole text." in said) == (direction == "forward")


@pytest.mark.parametrize(
    ("model", "text"),
    [("sst2-lstm", TEXT), ("sst2-lstm", "the movie was not good"), ("agnews-lstm", "oil prices rise to a record")],
)
def test_the_line_over_the_bars_is_the_share_of_the_lowest_class(reader, model, text):
    trace = choose(reader, model, text)
    followed = trace.label if len(trace.labels) > 2 else "positive"  # of two always the same, whichever wins
    points = reader.page.locator(".rv-line polyline").last.get_attribute("points").split()
    shares = [1 - float(point.split(",")[1]) for point in points]
    np.testing.assert_allclose(shares, trace.verdicts[:, trace.labels.index(followed)], atol=1e-4)


def test_the_ends_of_the_scale_say_whether_anything_lies_beyond(reader):
    trace = choose(reader, "sst2-lstm", "A warm and funny story that I will remember for a long time .")
    low, high = reader.page.locator(".rv-low"), reader.page.locator(".rv-high")
    expect(high).to_have_text(re.compile(r"^≥ \d"))
    end = number(high.inner_text().removeprefix("≥ "))
    assert number(low.inner_text().removeprefix("≤ ")) == -end
    sizes = np.abs(trace.signals["cell"])
    assert 0 < (sizes > end).mean() < 0.02
    reader.page.get_by_role("radio", name="hidden state").click()
    expect(low).to_have_text("−1")
    expect(high).to_have_text("1")


def test_a_signal_that_was_chosen_comes_back_with_a_network_that_has_it(reader):
    chosen = reader.page.locator(".rv-signals [aria-checked=true]")
    reader.page.get_by_role("radio", name="forget gate").click()
    for model, there in (("sst2-rnn", None), ("sst2-gru", "hidden state"), ("sst2-lstm", "forget gate")):
        reader.after(lambda model=model: reader.model.select_option(model))
        if there:
            expect(chosen).to_have_text(there)
    reader.page.get_by_role("radio", name="cell state").click()
    reader.read("not bad at all")
    expect(chosen).to_have_text("cell state")


def test_where_most_words_are_unknown_the_models_own_are_offered(reader):
    trace = choose(reader, "recall-lstm", "c the movie was not good")
    assert (trace.unknown.sum(), len(trace.unknown)) == (5, 6)
    notice = reader.page.locator(".rv-notices p").first
    expect(notice).to_contain_text("This model does not know 5 of these 6 words and signs.")
    reader.after(lambda: notice.get_by_role("button", name="Read a text in its own words").click())
    assert not rnnviz.read(opened("recall-lstm"), reader.text.input_value()).unknown.any()
    expect(reader.page.locator(".rv-notices p")).to_have_count(0)
    choose(
        reader, "brackets-lstm", "zz " * 210 + "( ) " * 5
    )  # of what is shown it knows nothing, of the rest something
    expect(notice).to_contain_text("This model does not know 210 of these 220 words and signs.")


def test_pointing_changes_the_sentence_but_only_pins_and_steps_are_read_out(reader: Reader):
    choose(reader, "sst2-lstm")
    spoken, moment = reader.page.locator(".rv-told .rv-said"), reader.page.locator(".rv-moment")
    expect(spoken).to_have_attribute("aria-live", "polite")
    reader.words.nth(1).hover()
    expect(moment).to_contain_text("\u201cmovie\u201d")
    expect(spoken).to_be_empty()
    reader.words.nth(3).click()
    expect(spoken).to_contain_text("\u201cnot\u201d")
    reader.words.nth(5).hover()
    expect(moment).to_contain_text("\u201c,\u201d")
    expect(spoken).to_contain_text("\u201cnot\u201d")
    reader.page.keyboard.press("Escape")
    expect(spoken).to_be_empty()


def test_the_sentence_about_the_heatmap_looks_at_every_layer_and_direction_that_is_shown(reader):
    trace = choose(reader, "sst2-bilstm")
    reader.page.get_by_role("radio", name="All layers").click()
    reader.page.get_by_role("radio", name="Both ways").click()
    reader.page.get_by_role("button", name="Show all 64 units").click()
    cells = trace.signals["cell"]  # [layer, direction, token, unit]
    start = np.zeros_like(cells[:, 0, :1])
    moves = np.stack([np.diff(cells[:, 0], axis=1, prepend=start), -np.diff(cells[:, 1], axis=1, append=start)], axis=1)
    layer, direction, t, unit = np.unravel_index(np.abs(moves).argmax(), moves.shape)
    said = reader.page.locator(".rv-meaning")
    expect(said).to_contain_text(
        f"unit {unit} (layer {layer + 1} {'→←'[direction]}) moves most, at “{trace.tokens[t]}”"
    )
    reader.page.get_by_role("radio", name="forget gate").click()
    means = trace.signals["forget"].mean(axis=(0, 1, 3))
    expect(said).to_contain_text("Over its 256 units it is")
    found = re.search(
        r"it is (\S+) on average, lowest at “(.+)” \((\S+)\), highest at “(.+)” \((\S+)\)", said.inner_text()
    )
    assert found
    assert (found[2], found[4]) == (trace.tokens[means.argmin()], trace.tokens[means.argmax()])
    assert [number(found[place]) for place in (1, 3, 5)] == [
        about(float(mean)) for mean in (means.mean(), means.min(), means.max())
    ]


def test_the_unit_that_is_told_is_the_one_that_the_word_changes_most_of_all_units(reader):
    """Also one that is not among the few that matter most."""
    trace = rnnviz.read(opened("sst2-lstm"), "The movie was not good , but the ending surprised me .")
    changes = np.abs(np.diff(trace.select("cell"), axis=0, prepend=0))
    order, told = rnnviz.analysis.unit_order(trace)[:12], []
    for word in range(len(trace.tokens)):
        unit = int(changes[word].argmax())
        told.append(unit)
        reader.page.locator(".rv-word").nth(word).hover()
        expect(reader.page.locator(".rv-moment")).to_contain_text(re.compile(rf"[Uu]nit {unit}\b"))
    assert not set(told) <= set(order.tolist())


def test_the_unit_that_is_told_has_a_row(visit):
    """At the first sight of the page and at each word that is chosen; also in the table, which stays open."""
    reader = visit("#model=sst2-lstm")
    reader.page.get_by_role("button", name="As a table").click()

    def has_row():
        told = re.search(r"unit (\d+)", reader.page.locator(".rv-cell-card > .rv-where").inner_text())
        expect(reader.page.get_by_role("columnheader", name=f"unit {told[1]}", exact=True)).to_be_visible()

    has_row()
    for word in range(reader.words.count()):
        reader.words.nth(word).click()
        reader.settle()
        has_row()
