"""The view Gates: how often gates are almost fully shut and open, and two claims held against the numbers."""

import re

import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz.analysis import claims
from rnnviz.analysis.statistics import saturation
from tests.shipped import opened

pytestmark = pytest.mark.browser

TEXT = "The movie was not good , but the ending surprised me ."
GATES = ("input", "forget", "output")


@pytest.fixture
def gates(reader):
    reader.open_view("gates")
    expect(reader.page.locator(".rv-gates-picture > svg > .rv-dot")).to_have_count(96)
    expect(reader.page.locator(".rv-gates-scatter h3")).to_be_hidden()  # one layer, one direction
    return reader


def read_out(unit, shares):
    """What is said of a unit, given its shares by gate."""
    lines = [
        f"{gate} gate: almost fully shut at {shut:.0%} of the words, almost fully open at {opened:.0%}"
        for gate, (shut, opened) in shares.items()
    ]
    return f"unit {unit}" + "".join(lines)


def test_over_the_training_words_each_dot_is_what_units_json_says(gates):
    stored = opened("sst2-lstm").units["layers"][0]["forward"]["saturation"]
    gates.page.locator(".rv-gates summary").click()
    rows = gates.page.locator(".rv-gates tbody tr")
    expect(rows).to_have_count(32)
    for unit in (0, 21, 31):
        numbers = [int(cell.rstrip("%")) for cell in rows.nth(unit).locator("td").all_inner_texts()]
        wanted = [100 * stored[gate][end][unit] for gate in GATES for end in ("shut", "open")]
        assert numbers == pytest.approx(wanted, abs=0.56)  # three digits, then whole per cent
    bits = sum(
        shut + open_ >= 0.9
        for gate in GATES
        for shut, open_ in zip(stored[gate]["shut"], stored[gate]["open"], strict=True)
    )
    expect(gates.page.locator(".rv-gates .rv-said")).to_contain_text(f"{bits} of 96 gates act like bits")


def test_a_dot_stands_where_its_shares_are(gates):
    stored = opened("sst2-lstm").units["layers"][0]["forward"]["saturation"]["forget"]
    places = gates.page.locator(".rv-gates-picture > svg > .rv-mark-1").evaluate_all(
        "all => all.map((one) => one.getAttribute('transform').match(/[\\d.]+/g).map(Number))"
    )
    edge = gates.page.locator(".rv-triangle").get_attribute("d")  # M left top V bottom H right
    left, top, bottom, right = (
        float(number) for number in edge.replace("M", "").replace("V", " ").replace("H", " ").rstrip("Z").split()
    )
    assert [(x - left) / (right - left) for x, _ in places] == pytest.approx(stored["shut"], abs=0.002)
    assert [(bottom - y) / (bottom - top) for _, y in places] == pytest.approx(stored["open"], abs=0.002)


def test_in_this_sentence_the_shares_are_those_of_its_words(gates):
    gates.page.get_by_role("radio", name="In this sentence").click()
    trace = rnnviz.read(opened("sst2-lstm"), TEXT)
    found = {gate: saturation(trace, gate) for gate in GATES}
    unit = int(gates.page.locator(".rv-gates .rv-found b").inner_text().split()[1])
    shares = {gate: (one.shut[unit], one.open[unit]) for gate, one in found.items()}
    expect(gates.page.locator(".rv-gates .rv-found")).to_have_text(read_out(unit, shares))
    bits = sum(int((one.shut + one.open >= 0.9).sum()) for one in found.values())
    expect(gates.page.locator(".rv-gates .rv-said")).to_contain_text(f"{bits} of 96 gates act")


def test_a_dot_pointed_at_and_kept_is_the_unit_of_the_whole_page(gates):
    stored = opened("sst2-lstm").units["layers"][0]["forward"]["saturation"]["input"]
    unit = max(range(32), key=lambda unit: stored["open"][unit])  # the highest of the discs, away from all others
    dot = gates.page.locator(".rv-gates-picture > svg > .rv-mark-0").nth(unit)
    dot.hover()
    expect(gates.page.locator(".rv-gates .rv-found b")).to_have_text(f"unit {unit}")
    dot.click(force=True)
    gates.words.first.hover()
    expect(gates.page.locator(".rv-gates .rv-found b")).to_have_text(f"unit {unit}")
    expect(gates.page.locator(".rv-chosen-dots .rv-dot")).to_have_count(3)


def test_the_arrow_keys_go_from_unit_to_unit(gates):
    picture = gates.page.get_by_role("slider", name="How often each unit's gates")
    picture.focus()
    before = int(picture.get_attribute("aria-valuenow"))
    picture.press("ArrowRight")
    expect(picture).to_have_attribute("aria-valuenow", str((before + 1) % 32))
    expect(gates.page.locator(".rv-gates .rv-found b")).to_have_text(f"unit {(before + 1) % 32}")


def test_the_verdicts_are_what_the_package_finds(gates):
    said = {"supported": "supported", "partly": "partly supported", "not supported": "not supported"}
    found = set()
    for model in ("recall-gru", "agnews-lstm", "sst2-rnn"):
        gates.after(lambda model=model: gates.model.select_option(model))
        masks, flags = claims.masks(opened(model).units), claims.flags(opened(model).units)
        badges = [said[claim.verdict] for claim in (masks, flags) if claim]
        expect(gates.page.locator(".rv-verdict")).to_have_text(badges)
        shown = gates.page.locator(".rv-verdicts")
        expect(shown).to_contain_text(f"{flags.flags} of {flags.units} unit")
        if masks:
            expect(shown).to_contain_text(f"gates over the training words, {100 * masks.share:.2g}% are")
        found.update(badges)
    assert len(found) > 1
    expect(gates.page.locator(".rv-gates .rv-said")).to_have_text(
        "A plain RNN has no gates: it rewrites its whole state at every word."
    )
    expect(gates.page.locator(".rv-gates-picture")).to_be_hidden()


def test_the_dots_follow_the_pages_layer_and_direction_and_the_bars_are_of_the_whole_network(gates):
    gates.after(lambda: gates.model.select_option("sst2-bilstm"))
    dots = gates.page.locator(".rv-gates-picture > svg > .rv-dot")
    told, title = gates.page.locator(".rv-gates .rv-said"), gates.page.locator(".rv-gates-scatter h3")
    expect(dots).to_have_count(64 * 3)
    expect(title).to_have_text("Layer 2 · Reads forward →")
    expect(told).to_contain_text("Layer 2 · Reads forward →: 192 of this network's 768 gates. 0 of 192 gates act")
    gates.page.get_by_role("radio", name="Both ways").click()
    expect(dots).to_have_count(64 * 3 * 2)
    expect(told).to_contain_text("Layer 2 · Both ways: 384 of this network's 768 gates.")
    gates.page.get_by_role("radio", name="All layers").click()
    expect(dots).to_have_count(64 * 3 * 4)
    expect(title).to_have_text("All layers · Both ways")
    places = opened("sst2-bilstm").units["layers"]
    ends = [layer[way]["saturation"][gate] for layer in places for way in ("forward", "backward") for gate in GATES]
    bits = sum(a + b >= 0.9 for one in ends for a, b in zip(one["shut"], one["open"], strict=True))
    expect(told).to_have_text(re.compile(f"^{bits} of 768 gates act"))
    gates.page.get_by_role("radio", name="Layer 2", exact=True).click()
    shares = claims.masks(opened("sst2-bilstm").units).gates
    expect(gates.page.locator(".rv-gate-numbers")).to_have_count(len(shares))
    said = gates.page.locator(".rv-gate-numbers").all_inner_texts()
    shown = [[int(number) for number in re.findall(r"(\d+)%", one)] for one in said]
    assert shown == [pytest.approx([100 * one.shut, 100 * one.between, 100 * one.open], abs=0.999) for one in shares]
    assert [sum(one) for one in shown] == [100] * len(shares)
    assert len(shares) == 2 * 2 * 3
    most = claims.flags(opened("sst2-bilstm").units).most
    gates.page.get_by_role("button", name=f"Show unit {most.unit}").click()
    expect(gates.page.locator(".rv-gates .rv-found b")).to_contain_text(f"unit {most.unit} (layer {most.layer + 1}")
    expect(dots).to_have_count(64 * 3)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1100, "dark"), (400, "light")])
def test_this_view_and_its_neighbours_fit_the_window(visit, width, scheme):
    reader = visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for name, drawn, count in (
        ("gates", ".rv-gates-picture > svg > .rv-dot", 96),
        ("reach", ".rv-reach-word", 39),  # it opens with the long review
        ("compare", ".rv-compare-column", 12),
    ):
        reader.open_view(name)
        expect(reader.page.locator(drawn)).to_have_count(count)
        reader.picture(f"{name}-{width}-{scheme}")
        assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
