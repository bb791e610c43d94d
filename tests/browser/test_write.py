"""The view Write, in a static site: it plays, forks and holds, and writes what Python writes."""

import json

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from rnnviz.checkpoint.folder import load
from rnnviz.experiments.interventions import Clamp
from rnnviz.experiments.writing import write
from rnnviz.page import site
from tests.browser.server import web_server
from tests.builders import checkpoint, writer

START = "ROMEO:\n"
FINDINGS = [
    {"property": "inside quotes", "measure": "AUC", "layer": 0, "unit": 3, "found": False, "letters": 90}
    | {"value": 0.828, "shuffled": 0.54, "untrained": 0.676, "loss": 2.449, "loss_without": 2.444},
    {"property": "bracket depth", "measure": "R²", "layer": 0, "unit": 5, "found": True, "letters": 90}
    | {"value": 0.665, "shuffled": 0.012, "untrained": 0.04, "loss": 1.81, "loss_without": 1.846},
]
ACCENT = "\u0301"  # of no letter that is q
LINK = "#model=writer&text=ROMEO&lang=en&view=write&write=ROMEO%3A%0A&write_seed=0%3A3"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A folder with two networks that write, one that writes nothing but accents, and one that tells classes apart."""
    folder = tmp_path_factory.mktemp("networks")
    writer(units=16).with_findings(FINDINGS).save_pretrained(folder / "writer")
    writer("gru").save_pretrained(folder / "other")
    accents = checkpoint(words=("q", ACCENT), tokens="letters", task="next")
    torch.nn.init.constant_(accents.model.fc.bias[3:], 100.0)
    accents.save_pretrained(folder / "accents")
    checkpoint().save_pretrained(folder / "tiny")
    return folder


@pytest.fixture(scope="module")
def address(networks, tmp_path_factory):
    root = tmp_path_factory.mktemp("web")
    site.write_folder(root / "site", networks)
    with web_server(root) as origin:
        yield f"{origin}/site/"


@pytest.fixture
def visit(browser: Browser, address):
    """Open the site at a link; whatever goes wrong in it fails the test."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def open_at(link: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(address + link)
        page.wait_for_selector(".rv-page[data-state=shown]")
        if "view=write" in link:
            expect(page.locator(".rv-write-free span").first).to_be_attached()
        return page

    yield open_at
    context.close()
    assert not wrong


def shown(text: str) -> str:
    return text.replace("\n", "↵\n")


def says(page: Page, side: str, text: str) -> None:
    """Wait until the view says a whole text."""
    wanted = [f".rv-write-{side}", shown(text)]
    page.wait_for_function("([box, text]) => document.querySelector(box).textContent === text", arg=wanted)


def test_a_link_writes_the_text_of_python(visit, networks):
    page = visit(f"{LINK}&write_length=60&write_temperature=0.8&write_top=9")
    wanted = write(load(networks / "writer"), START, length=60, temperature=0.8, top_k=9, seed=3)
    expect(page.locator(".rv-write-told")).to_contain_text("It wrote 60 letters")
    says(page, "free", str(wanted))
    bits = sum(choice.surprise for choice in wanted.choices) / 60
    expect(page.locator(".rv-write-told")).to_contain_text(f"{bits:.1f} bits")


def test_it_plays_steps_rewinds_and_tells_what_could_have_come(visit, networks):
    page = visit(LINK)
    wanted = write(load(networks / "writer"), START, length=400, seed=3)
    says(page, "free", START)
    letters = page.locator(".rv-write-free span")
    assert letters.nth(0).bounding_box()["y"] == letters.nth(4).bounding_box()["y"]  # of one line
    page.locator(".rv-write-step").click()
    says(page, "free", str(wanted)[: len(START) + 1])
    page.locator(".rv-write-free").focus()
    page.keyboard.press("Space")
    page.locator(".rv-write-free span").nth(30).wait_for(state="attached")
    page.keyboard.press("Space")
    expect(page.locator(".rv-write-play")).to_have_attribute("aria-pressed", "false")
    text = page.locator(".rv-write-free").evaluate("node => node.textContent")
    assert text == shown(str(wanted))[: len(text)]
    page.locator(".rv-write-free span").nth(len(START) + 4).click()
    choice = wanted.choices[4]
    glyphs = page.locator(".rv-write-glyph").all_inner_texts()[:5]
    names = {" ": "␣", "\n": "↵"}
    assert glyphs == [names.get(token, token) for token, _ in choice.likeliest]
    page.locator(".rv-write-round").first.click()
    says(page, "free", START)


def test_a_fork_goes_on_from_a_letter_with_another_seed(visit, networks):
    page = visit(f"{LINK}&write_length=20")
    network = load(networks / "writer")
    first = write(network, START, length=10, seed=3)
    page.locator(".rv-write-free span").nth(len(START) + 9).click()
    page.locator(".rv-write-fork").click()
    page.locator(".rv-write-free span").nth(len(START) + 30).wait_for(state="attached")
    page.locator(".rv-write-play").click()
    text = page.locator(".rv-write-free").evaluate("node => node.textContent")
    wanted = write(network, str(first), length=200, seed=4)
    assert text == shown(str(wanted))[: len(text)]


def test_with_a_unit_held_two_texts_stand_side_by_side(visit, networks):
    page = visit(f"{LINK}&write_length=40&write_hold=cell%3A0.5%3A0%3A2-3")
    network = load(networks / "writer")
    free = write(network, START, length=40, seed=3)
    held = write(network, START, length=40, seed=3, clamps=[Clamp("cell", 0.5, units=[2, 3])])
    expect(page.locator(".rv-write-held span").nth(40)).to_be_attached()
    says(page, "free", str(free))
    says(page, "held", str(held))
    parting = next(n for n, (one, other) in enumerate(zip(free.text, held.text, strict=True)) if one != other)
    expect(page.locator(".rv-write-told")).to_contain_text(f"first differ at letter {parting + 1}.")
    page.locator(".rv-write-hold-units").fill("99")
    expect(page.locator(".rv-write-problem")).to_contain_text("from 0 to 15")


def test_a_unit_that_the_network_lacks_is_the_last_one_that_it_has(visit, networks):
    page = visit(f"{LINK}&write_length=12&write_colour=hidden%3A99%3A5")
    expect(page.locator(".rv-write-free span").nth(len(START) + 11)).to_be_attached()
    says(page, "free", str(write(load(networks / "writer"), START, length=12, seed=3)))
    expect(page.locator(".rv-write-unit")).to_have_js_property("value", "15")


def test_links_and_back_between_two_networks_keep_what_each_has_written(visit, networks):
    page = visit(f"{LINK}&write_length=20")
    one = str(write(load(networks / "writer"), START, length=20, seed=3))
    other = str(write(load(networks / "other"), "A", length=9, seed=5))
    says(page, "free", one)
    text = page.locator(".rv-write-free")
    page.evaluate("location.hash = 'model=other&text=A&view=write&write=A&write_seed=0%3A5&write_length=9'")
    expect(text).to_have_text(other, use_inner_text=False)
    page.go_back()
    expect(text).to_have_text(shown(one), use_inner_text=False)
    expect(page.locator(".rv-write-seed")).to_have_value("3")


def test_a_link_opens_the_view_that_it_asks_for_also_of_a_network_that_writes(visit):
    page = visit("#model=tiny&text=good+film&lang=en&view=packed")
    page.evaluate("location.hash = 'model=writer&text=ROMEO&lang=en&view=gates'")
    page.wait_for_selector(".rv-page[data-model=writer]")
    expect(page.locator("[data-tab=gates]")).to_have_attribute("aria-selected", "true")
    page.evaluate("location.hash = 'model=tiny&text=a+film&lang=en&view=reach'")
    page.wait_for_selector(".rv-page[data-model=tiny]")
    page.evaluate("location.hash = 'model=writer&text=ROMEO&lang=en&view=write&write=I'")
    expect(page.locator("[data-tab=write]")).to_have_attribute("aria-selected", "true")


def test_an_accent_is_written_once_however_often_it_is_taken_back(visit):
    page = visit("#model=accents&text=q&lang=en&view=write&write=q&write_length=2")
    expect(page.locator(".rv-write-told")).to_contain_text("It wrote 2 letters")
    says(page, "free", f"q{ACCENT}{ACCENT}")
    page.locator(".rv-write-round").first.click()
    says(page, "free", "q")
    page.locator(".rv-write-step").click()
    says(page, "free", f"q{ACCENT}")


def test_its_letters_are_saved_as_the_numbers_of_other_views_are(visit, networks):
    page = visit(f"{LINK}&write_length=6")
    expect(page.locator(".rv-write-told")).to_contain_text("It wrote 6 letters")
    wanted = write(load(networks / "writer"), START, length=6, seed=3)
    with page.expect_download() as download:
        page.locator("[data-save='write.json']").click()
    assert download.value.suggested_filename == "rnnviz-writer-write.json"
    saved = json.loads(download.value.path().read_text("utf-8"))
    rows = [dict(zip(saved["columns"], row, strict=True)) for row in saved["rows"]]
    assert "".join(row["letter"] for row in rows) == str(wanted)
    assert [row["bits"] for row in rows if row["written"]] == pytest.approx(
        [choice.surprise for choice in wanted.choices], abs=1e-4
    )
    with page.expect_download() as download:
        page.locator(".rv-write-save").click()
    assert download.value.suggested_filename == "rnnviz-writer-wrote.txt"


def test_what_a_unit_keeps_track_of_is_said_with_its_numbers_and_colours_the_text(visit):
    page = visit(LINK)
    page.locator(".rv-write-findings summary").click()
    lines = page.locator(".rv-write-findings li")
    expect(lines).to_have_count(2)  # what was found first
    expect(lines.nth(0)).to_contain_text("How deep in brackets: found in unit 5, R² 0.67.")
    expect(lines.nth(0)).to_contain_text("Before training, the best unit has 0.04; by chance, 0.01.")
    expect(lines.nth(0)).to_contain_text("costs 1.810 bits with this unit and 1.846 without it.")
    expect(lines.nth(1)).to_have_text(
        "Inside quotation marks: not found. The best unit, 3, has AUC 0.83. That is too weak: at least 0.9 is needed."
    )
    expect(page.locator(".rv-findings button")).to_have_count(1)
    lines.nth(0).get_by_role("button", name="Colour the text by unit 5").click()
    expect(page.locator(".rv-write-legend")).to_contain_text("what unit 5 holds after it: its cell state")
