"""The view Write, in a static site: it plays, forks and holds, and writes what Python writes."""

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.checkpoint.folder import load
from rnnviz.experiments.interventions import Clamp
from rnnviz.experiments.writing import write
from rnnviz.page import site
from tests.browser.server import web_server
from tests.builders import writer

START = "ROMEO:\n"
LINK = "#model=writer&text=ROMEO&lang=en&view=write&write=ROMEO%3A%0A&write_seed=0%3A3"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A folder with one network that writes."""
    folder = tmp_path_factory.mktemp("networks")
    writer(units=16).save_pretrained(folder / "writer")
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
        expect(page.locator(".rv-write-free span").first).to_be_attached()
        return page

    yield open_at
    context.close()
    assert not wrong


def shown(text: str) -> str:
    return text.replace("\n", "↵\n")


def says(page: Page, side: str, text: str) -> None:
    """Expect a whole text of the view."""
    assert page.locator(f".rv-write-{side}").evaluate("node => node.textContent") == shown(text)


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
    checkpoint = load(networks / "writer")
    first = write(checkpoint, START, length=10, seed=3)
    page.locator(".rv-write-free span").nth(len(START) + 9).click()
    page.locator(".rv-write-fork").click()
    page.locator(".rv-write-free span").nth(len(START) + 30).wait_for(state="attached")
    page.locator(".rv-write-play").click()
    text = page.locator(".rv-write-free").evaluate("node => node.textContent")
    wanted = write(checkpoint, str(first), length=200, seed=4)
    assert text == shown(str(wanted))[: len(text)]


def test_with_a_unit_held_two_texts_stand_side_by_side(visit, networks):
    page = visit(f"{LINK}&write_length=40&write_hold=cell%3A0.5%3A0%3A2-3")
    checkpoint = load(networks / "writer")
    free = write(checkpoint, START, length=40, seed=3)
    held = write(checkpoint, START, length=40, seed=3, clamps=[Clamp("cell", 0.5, units=[2, 3])])
    expect(page.locator(".rv-write-held span").nth(40)).to_be_attached()
    says(page, "free", str(free))
    says(page, "held", str(held))
    parting = next(n for n, (one, other) in enumerate(zip(free.text, held.text, strict=True)) if one != other)
    expect(page.locator(".rv-write-told")).to_contain_text(f"first differ at letter {parting + 1}.")
    page.locator(".rv-write-hold-units").fill("99")
    expect(page.locator(".rv-write-problem")).to_contain_text("from 0 to 15")
