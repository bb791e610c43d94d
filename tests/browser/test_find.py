"""The view Find: words are chosen, units follow, Python's own search answers, and a hit opens in the reader."""

import csv
import itertools
import json
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz import corpus, datasets
from rnnviz.page import site
from rnnviz.page.indexes import SHIPPED
from tests.browser.conftest import Reader, boxes, visiting
from tests.browser.server import ROOT, served, web_server

pytestmark = pytest.mark.browser

TEXT = "the movie was not good , but it was long"
NOUNS = ("movie", "film", "acting", "story", "music", "end", "plot")
WORDS = {"good": "positive", "great": "positive", "wonderful": "positive", "funny": "positive"}
WORDS |= {"bad": "negative", "dull": "negative", "boring": "negative"}
PATTERNS = (
    "the {noun} was {word}",
    "I think that the {noun} was not {word} at all",
    "is the {noun} {word} ?",
    "a {word} {noun}",
)
LETTERS = "languages-lstm"
SENTENCES = (
    "आज सुबह मैं अपना छाता ट्रेन में भूल आया।",
    "Σήμερα το πρωί ξέχασα την ομπρέλα μου.",
    "I left my umbrella on the train.",
)


@pytest.fixture(scope="module")
def indexes(tmp_path_factory):
    """A folder of two indexes: of labelled sentences in words, and of a few in letters."""
    folder = tmp_path_factory.mktemp("indexes")
    table = folder / "sentences.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "label"))
        for pattern, noun, (word, label) in itertools.product(PATTERNS, NOUNS, WORDS.items()):
            turned = {"positive": "negative", "negative": "positive"}[label] if "not" in pattern else label
            rows.writerow((pattern.format(noun=noun, word=word), turned))
    corpus.build(rnnviz.load("sst2-lstm"), datasets.load(table), folder / "sentences")
    corpus.build(rnnviz.load(LETTERS), SENTENCES, folder / "letters")
    return folder


@pytest.fixture(scope="module")
def address(indexes, log):
    with log.open("ab") as out, served(out, "-m", "rnnviz", "serve", "--index", str(indexes)) as url:
        yield url


@pytest.fixture
def reader(browser, address):
    with visiting(browser, address) as found:
        yield found


def opened(reader, text=TEXT):
    reader.read(text)
    reader.open_view("find")
    view = reader.page.locator(".rv-view[data-view=find]")
    expect(view.locator(".rv-find-hits, .rv-find-how").first).to_be_visible()
    return view


def asked(reader, act, **wanted):
    """What the page asks its server once something is done, with these fields; and wait until the answer is drawn."""
    seq = "+document.querySelector('.rv-view[data-view=find]').dataset.seq"
    before = reader.page.evaluate(seq)

    def is_it(response):
        question = question_of(response)
        return question is not None and all(question.get(name) == value for name, value in wanted.items())

    with reader.page.expect_response(is_it) as response:
        act()
    question = question_of(response.value)
    reader.page.wait_for_function(f"before => {seq} > before", arg=before)
    return question


def question_of(response):
    """The question for hits that a response answers, if it is one."""
    if not (body := response.request.post_data) or '"find"' not in body:
        return None
    question = json.loads(body)["data"]
    return question if question.get("units") else None


def choose(reader, view, first, last):
    """Choose a stretch by its buttons; what is asked then."""
    buttons = view.locator(".rv-find-words button")
    buttons.nth(first).click()
    expect(view.locator(".rv-note").first).to_contain_text("Now click the last")
    return asked(reader, buttons.nth(last).click, length=last - first + 1)


def test_the_hits_are_those_of_the_python_package_and_so_are_their_numbers(reader, indexes):
    view = opened(reader)
    question = choose(reader, view, 3, 4)
    index = corpus.Index.load(indexes / "sentences")
    units = index.units_of(rnnviz.read(rnnviz.load("sst2-lstm"), TEXT), 3, 5, 0.3)
    assert [tuple(unit) for unit in question["units"]] == list(units)
    assert question["length"] == 2
    found = index.find(units, 0.3, 2, most=question["most"])
    expect(view.locator(".rv-find-hits li")).to_have_count(len(found.hits))
    expect(view.locator(".rv-said")).to_contain_text(
        f"{found.total:,} places were found, in {found.texts} of {len(index)} texts."
    )
    for entry, hit in zip(view.locator(".rv-find-hits li").all(), found.hits, strict=True):
        tokens = index.text(hit.text)
        assert entry.locator("mark").inner_text() == " ".join(tokens[hit.start : hit.stop])
        assert entry.locator(".rv-find-text").inner_text() == " ".join(tokens)
        facts = entry.locator(".rv-find-facts").inner_text()
        assert facts.startswith(f"labelled {hit.label} · answered {hit.answer}")
        assert f"{len(hit.units)} of {len(units)} units" in facts
        assert float(re.search(r"([\d.]+) bits", facts)[1]) == pytest.approx(hit.bits, abs=0.051)
    bars = view.locator(".rv-find-labels tbody tr").all()
    assert [bar.locator("td").nth(1).inner_text().split()[0] for bar in bars] == [
        str(one.texts) for one in found.labels
    ]
    assert [bar.locator("td").nth(2).inner_text().split()[0] for bar in bars] == [str(one.all) for one in found.labels]


def test_words_chosen_in_the_picture_with_shift_are_the_stretch(reader):
    view = opened(reader)
    reader.words.nth(2).click()
    asked(reader, lambda: reader.words.nth(4).click(modifiers=["Shift"]), length=3)
    expect(view.locator(".rv-find-words [aria-pressed=true]")).to_have_text(["was", "not", "good"])


def test_units_conditions_and_threshold_change_what_is_asked(reader):
    view = opened(reader)
    whole = choose(reader, view, 3, 4)
    first = view.locator(".rv-find-units input").first
    left_out = int(first.get_attribute("value"))
    question = asked(reader, first.uncheck)
    assert [unit for unit, _ in question["units"]] == [unit for unit, _ in whole["units"] if unit != left_out]
    question = asked(reader, view.locator("[name=rv-find-before]").check, before=True)
    assert len(question["units"]) < len(whole["units"])
    asked(reader, lambda: view.locator(".rv-find-threshold select").select_option("0.5"), threshold=0.5)
    reader.page.evaluate("() => document.querySelector('.rv-link').click()")
    link = reader.page.url
    assert "range=3-4&view=find" in link
    assert link.endswith(f"&find=0.5%3Ab%3A{left_out}")
    reader.page.goto("about:blank")
    again = Reader(reader.page, link)
    expect(view.locator("[name=rv-find-before]")).to_be_checked()
    expect(view.locator(".rv-find-words [aria-pressed=true]")).to_have_text(["not", "good"])
    assert again.text.input_value() == TEXT


def test_a_hit_opens_in_the_reader_with_its_stretch_chosen_and_back_leads_back(reader):
    view = opened(reader)
    choose(reader, view, 3, 4)
    hit = view.locator(".rv-find-hits button").first
    stretch, whole = hit.locator("mark").inner_text(), hit.locator(".rv-find-text").inner_text()
    reader.after(hit.click)
    assert reader.text.input_value() == whole
    expect(reader.page.locator(".rv-word.rv-chosen .rv-name")).to_have_text(stretch.split())
    expect(view.locator(".rv-find-words [aria-pressed=true]")).to_have_text(stretch.split())
    expect(reader.page.locator(".rv-word.rv-chosen").first).to_be_in_viewport()
    expect(view.locator(".rv-find-hits mark").first).to_have_text(stretch)  # it is most like itself
    reader.after(reader.page.go_back)
    assert reader.text.input_value() == TEXT


def test_the_keyboard_alone_chooses_a_stretch(reader):
    view = opened(reader)
    view.locator(".rv-find-words [tabindex='0']").focus()
    reader.page.keyboard.press("ArrowRight")
    reader.page.keyboard.press("ArrowRight")
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("ArrowRight")
    reader.page.keyboard.press("Enter")
    expect(view.locator(".rv-find-words [aria-pressed=true]")).to_have_text(["was", "not"])


def test_letters_are_chosen_by_the_signs_that_they_make_up(reader):
    reader.after(lambda: reader.model.select_option(LETTERS))
    text = SENTENCES[0]
    view = opened(reader, text)
    buttons = view.locator(".rv-find-words button")
    place = buttons.all_inner_texts().index("मैं")
    asked(reader, buttons.nth(place).click, length=len("मैं"))
    expect(buttons.nth(place)).to_have_attribute("aria-pressed", "true")
    assert "␣" in buttons.all_inner_texts()
    marks = "".join(view.locator(".rv-find-hits mark").all_inner_texts())
    assert "◌" not in marks  # no sign is torn
    assert "मैं" in marks


def test_without_an_index_the_view_says_how_to_make_one(reader):
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    view = opened(reader)
    expect(view.locator(".rv-find-commands")).to_have_text(
        "rnnviz index sst2-gru texts.csv --out sst2-gru.index\nrnnviz serve --index sst2-gru.index"
    )
    expect(view.locator(".rv-find-hits")).to_have_count(0)
    reader.words.nth(0).click()
    reader.words.nth(1).click(modifiers=["Shift"])
    expect(view.locator(".rv-find-words [aria-pressed=true]")).to_have_text(["the", "movie"])


@pytest.mark.parametrize("width", [1440, 1100, 400])
def test_nothing_runs_out_of_the_view_at_any_width(reader, width):
    reader.page.set_viewport_size({"width": width, "height": 900})
    view = opened(reader)
    choose(reader, view, 3, 4)
    edge = boxes(view)[0]["right"]
    inside = boxes(view.locator("*:not(.rv-find-commands *)"))
    assert max(box["right"] for box in inside) <= edge
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_index_of_another_network_is_refused_in_one_sentence_before_the_page_is_there(indexes, tmp_path):
    rnnviz.load("sst2-gru").save_pretrained(tmp_path / "networks" / "sst2-gru")
    command = ["-m", "rnnviz", "serve", "--checkpoints", tmp_path / "networks", "--index", indexes / "sentences"]
    ended = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "sst2-lstm" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_static_site_finds_in_the_browser_what_python_finds(browser, tmp_path):
    site.write_folder(tmp_path / "site", ROOT / "checkpoints", ["sst2-lstm", "sst2-gru"])
    index = corpus.Index.load(SHIPPED / "reviews")
    units = index.units_of(rnnviz.read(rnnviz.load("sst2-lstm"), TEXT), 3, 4, before=True)
    found = index.find(units, length=1, before=True, most=10)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    with web_server(tmp_path) as origin:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"{origin}/site/#model=sst2-lstm&text={TEXT}&token=3&view=find&find=0.3:b:")
        view = page.locator(".rv-view[data-view=find]")
        expect(view.locator(".rv-find-hits mark")).to_have_text(
            [" ".join(index.text(hit.text)[hit.start : hit.stop]) for hit in found.hits]
        )
        expect(view.locator(".rv-said")).to_contain_text(f"{found.total} places were found, in {found.texts} of 60")
        page.locator("#rv-model").select_option("sst2-gru")
        expect(view.locator(".rv-find-commands")).to_be_visible()  # this one has no index
    context.close()
    assert wrong == []
