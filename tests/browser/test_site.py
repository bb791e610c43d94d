"""The static site: in a folder below any path, and as one file; the browser reads, and nobody is asked for anything."""

import json
import shutil

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.page import site
from rnnviz.reading import read
from tests.browser.server import web_server
from tests.shipped import FOLDER, NAMES, opened

TEXT = "the movie was not good"
BELOW = "courses/nlp/rnnviz"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the site of all networks is served, two folders below the root."""
    root = tmp_path_factory.mktemp("web")
    site.write_folder(root / BELOW, FOLDER)
    with web_server(root) as origin:
        yield f"{origin}/{BELOW}/"


@pytest.fixture(scope="module")
def one_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("stick") / "rnnviz.html"
    site.write_file(path, FOLDER, ["sst2-lstm", "recall-gru"])
    return path


@pytest.fixture
def visit(browser: Browser):
    """Open a page in a browser of its own, of which every other host is cut off; whatever goes wrong fails the test."""
    wrong: list[str] = []
    contexts = []

    def open_at(url: str, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, offline=url.startswith("file:"))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        own = (url.partition(BELOW)[0], "data:", "blob:", "file:")
        page.on("request", lambda request: request.url.startswith(own) or wrong.append(request.url))
        page.goto(url)
        page.wait_for_selector(".rv-page[data-state=shown]")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not wrong, wrong


def after(page: Page, act) -> None:
    """Do something, and wait until a new reading is drawn."""
    before = int(page.get_attribute(".rv-page", "data-seq") or 0)
    act()
    page.wait_for_function("n => +document.querySelector('.rv-page').dataset.seq > n", arg=before)


def answer_of(page: Page) -> str:
    return page.locator(".rv-answer").inner_text()


def said_of(name: str, text: str) -> str:
    trace = read(opened(name), text)
    return f"{trace.label}, {trace.verdicts[-1].max():.0%}"


@pytest.mark.parametrize("width", [400, 1100, 1440])
def test_a_visitor_of_the_folder_types_holds_compares_and_changes_the_language(visit, address, width):
    page = visit(address, width)
    after(page, lambda: page.fill("#rv-text", TEXT))
    assert answer_of(page) == said_of("sst2-lstm", TEXT)
    page.locator(".rv-word").nth(3).click()
    after(page, lambda: page.locator(".rv-gauge[data-signal=output]").press("Home"))
    expect(page.locator(".rv-holds li")).to_have_count(1)
    page.locator("#rv-tab-compare").click()
    expect(page.locator(".rv-compare .rv-said")).to_contain_text("The sentences differ")
    page.locator("#rv-tab-packed").click()
    expect(page.locator("[data-view=packed]")).to_contain_text("Padded, the network computes 15 cells")
    page.select_option(".rv-language", "el")
    expect(page.locator(".rv-answer")).to_contain_text("αρνητική")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", NAMES)
def test_every_network_reads_in_the_browser_as_in_python(visit, address, name):
    page = visit(f"{address}#model={name}&text={TEXT.replace(' ', '+')}")
    page.wait_for_function("name => document.querySelector('.rv-page').dataset.model === name", arg=name)
    trace = read(opened(name), TEXT)
    expect(page.locator(".rv-word")).to_have_count(len(trace.tokens))
    assert page.locator("#rv-model").input_value() == name
    percent = int(answer_of(page).rpartition(", ")[2].removesuffix("%"))
    assert percent == pytest.approx(100 * float(trace.verdicts[-1].max()), abs=0.51)


def test_a_network_is_fetched_once_and_only_when_it_reads(visit, address):
    page = visit(address)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/networks/" in request.url else None)
    for text in ("a", "a warm", "a warm film"):
        after(page, lambda text=text: page.fill("#rv-text", text))
    assert sorted(url.partition("/networks/")[2].partition("?")[0] for url in fetched) == [
        f"sst2-lstm/{file}" for file in ("config.json", "model.safetensors", "units.json", "vocabulary.txt")
    ]


def test_one_file_reads_from_a_disk_without_any_network_connection(visit, one_file):
    page = visit(one_file.as_uri())
    after(page, lambda: page.fill("#rv-text", TEXT))
    assert answer_of(page) == said_of("sst2-lstm", TEXT)
    after(page, lambda: page.select_option("#rv-model", "recall-gru"))
    expect(page.locator(".rv-page")).to_have_attribute("data-model", "recall-gru")
    page.select_option(".rv-language", "hi")
    expect(page.locator(".rv-read")).to_contain_text("पढ़")


def test_a_damaged_network_is_refused_in_a_sentence_of_the_pages_language(visit, tmp_path):
    site.write_folder(tmp_path / BELOW, FOLDER, ["sst2-lstm"])
    weights = tmp_path / BELOW / "networks" / "sst2-lstm" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with web_server(tmp_path) as origin:
        page = visit(f"{origin}/{BELOW}/")
        after(page, lambda: page.fill("#rv-text", TEXT))
        expect(page.locator(".rv-notices").first).to_contain_text("sst2-lstm/model.safetensors is damaged")
        page.select_option(".rv-language", "el")
        after(page, lambda: page.fill("#rv-text", "good"))
        words = json.loads((tmp_path / BELOW / "words" / "el.json").read_text(encoding="utf-8"))
        said = words["error_checkpoint_damaged"].partition("{wanted}")[0]
        expect(page.locator(".rv-notices").first).to_contain_text(
            said.format(path="sst2-lstm/model.safetensors").strip()
        )


def test_a_space_and_a_folder_differ_by_the_spaces_front_matter_alone(tmp_path):
    site.write_folder(tmp_path / "plain", FOLDER, ["recall-gru"])
    site.write_folder(tmp_path / "space", FOLDER, ["recall-gru"], space=True)
    plain, space = ({path.name for path in (tmp_path / one).rglob("*")} for one in ("plain", "space"))
    assert space - plain == {"README.md"}
    assert "sdk: static" in (tmp_path / "space" / "README.md").read_text(encoding="utf-8")
    shutil.rmtree(tmp_path / "space")


def test_without_a_server_a_class_answers_by_codes(visit, one_file):
    asked = f"{one_file.as_uri()}#model=sst2-lstm&text=the+movie+was+not+good&lang=en&ask=turn"
    codes = []
    for word in (2, 4, 2):
        student = visit(asked, 400)
        expect(student.locator(".rv-word")).to_have_count(5)  # the link's text, not the example
        student.locator(".rv-word").nth(word).click()
        codes.append(student.locator(".rv-room-code b").inner_text())
    assert codes[0] == codes[2] != codes[1]
    teacher = visit(asked.partition("&ask")[0])
    expect(teacher.locator(".rv-word")).to_have_count(5)
    teacher.get_by_role("button", name="Link").click()
    menu = teacher.get_by_role("dialog", name="A link for a class")
    menu.get_by_label("Ask", exact=True).select_option("turn")
    menu.get_by_role("button", name="Ask the class now").click()
    teacher.get_by_label("The students' codes").fill(f"Ann: {codes[0]}\nBob: {codes[1].lower()}, {codes[2]} 222222")
    expect(teacher.locator(".rv-room-said")).to_have_text("3 answers.")
    expect(teacher.locator(".rv-room-given")).to_contain_text("1 code is mistyped, or answers another question.")
    teacher.get_by_role("button", name="Show the answers").click()
    rows = {row.locator("th").inner_text(): row.locator("td").last for row in teacher.locator(".rv-tally tr").all()}
    expect(rows["was"]).to_have_text("2")
    expect(rows["good"]).to_have_text("1")
    expect(rows["movie"]).to_have_text("0")


def test_slices_say_that_they_need_python(visit, address):
    page = visit(f"{address}#model=sst2-lstm&text={TEXT.replace(' ', '+')}&view=slices")
    expect(page.locator(".rv-view[data-view=slices]")).to_contain_text("This page has no server")
