"""The lesson: what stands on the page is what docs/lessons.md says, and what the networks print today."""

import doctest
import json
import re

import pytest

from rnnviz.page import assets
from tests.conftest import ROOT

LESSONS = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
CARD = re.compile(
    r"<!-- card: (?P<name>[a-z]+) · beside: (?P<beside>\S+) · (?P<ideas>[V\d ]+) -->\n\n(?P<text>(?:>.*\n)+)"
)
TOUR_CARD = re.compile(r"<!-- card: tour (?P<number>\d) -->\n\n(?P<text>(?:>.*\n)+)")
OURS = re.compile(r"lesson_[a-z]+_(title|text|try|see)|tour_\d_(title|text)")
SESSIONS = [*re.finditer(r"(?P<data><!-- needs data -->\n\n)?```pycon\n(?P<source>.*?)```", LESSONS, flags=re.DOTALL)]
FIGURE = re.compile(r"−?\d+(?:[.,]\d+)+%?|−?\d+%")
MOST_WORDS = {"title": 8, "text": 36, "try": 26, "see": 20}
IDEAS = {f"V{number}" for number in range(1, 16)}
BESIDE = {
    "strip",
    "heatmap",
    "cell",
    "ledger",
    "tab:compare",
    "tab:find",
    "tab:projection",
    "tab:groups",
    "tab:packed",
    "tab:reach",
    "tab:gates",
    "tab:code",
    "tab:train",
}


def paragraphs(quotation):
    """The paragraphs of a quotation, each on one line."""
    lines = "\n".join(line[1:].strip() for line in quotation.splitlines())
    return [" ".join(part.split()) for part in lines.split("\n\n")]


def sections():
    """Title and body of each section."""
    parts = re.split(r"^## (.+)\n", LESSONS, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def cards():
    """The texts of the page by their keys, as the document has them."""
    found = {}
    for title, body in sections().items():
        for card in CARD.finditer(body):
            text, attempt, outcome = paragraphs(card["text"])
            key = f"lesson_{card['name']}"
            found |= {f"{key}_title": title, f"{key}_text": text}
            found |= {f"{key}_try": attempt.removeprefix("**Try:** "), f"{key}_see": outcome.removeprefix("**See:** ")}
        for card in TOUR_CARD.finditer(body):
            title_, text = paragraphs(card["text"])
            found |= {f"tour_{card['number']}_title": title_.strip("*"), f"tour_{card['number']}_text": text}
    return found


def figures(text):
    """The decimal numbers and percentages in a text."""
    return set(FIGURE.findall(text.replace("-", "−")))


def run(sessions, names):
    """Run some sessions, each with what the ones before have named; what they print wrongly."""
    wrong = []
    for session in sessions:
        line = LESSONS[: session.start("source")].count("\n")
        test = doctest.DocTestParser().get_doctest(session["source"], {}, "lessons.md", "docs/lessons.md", line)
        test.globs = names
        doctest.DocTestRunner(verbose=False).run(test, out=wrong.append, clear_globs=False)
    return "".join(wrong)


@pytest.fixture(scope="module")
def names():
    """What the sessions name, from the first to the last."""
    return {}


def test_the_page_says_what_the_document_says():
    english = json.loads((ROOT / "rnnviz" / "page" / "locales" / "en.json").read_text(encoding="utf-8"))
    assert {key: text for key, text in english.items() if OURS.fullmatch(key)} == cards()


def test_every_card_is_found_and_stands_beside_a_picture():
    named = [card for body in sections().values() for card in CARD.finditer(body)]
    assert len(named) + len(TOUR_CARD.findall(LESSONS)) == LESSONS.count("<!-- card:") == 26
    assert {card["beside"] for card in named} == BESIDE


@pytest.mark.parametrize("key", cards())
def test_a_card_is_short(key):
    assert 1 <= len(cards()[key].split()) <= MOST_WORDS[key.rsplit("_", 1)[1]], cards()[key]


def test_every_idea_of_the_lesson_has_a_card_and_the_table_says_which():
    by_idea = {idea: [] for idea in sorted(IDEAS)}
    for body in sections().values():
        for card in CARD.finditer(body):
            for idea in card["ideas"].split():
                by_idea[idea].append(card["name"])
    table = dict(re.findall(r"^\| (V\d+) \|.*\| ([a-z, ]+) \|$", LESSONS, re.MULTILINE))
    assert {idea: ", ".join(names) for idea, names in by_idea.items()} == table
    assert all(by_idea.values())


def test_the_networks_print_what_the_document_shows(monkeypatch, names):
    monkeypatch.chdir(ROOT)
    assert run([session for session in SESSIONS if not session["data"]], names) == ""


def test_the_dev_sentences_give_what_the_document_shows(monkeypatch, tmp_path, data_folder, names):
    (tmp_path / "data").symlink_to(data_folder)
    monkeypatch.chdir(tmp_path)
    assert "lstm" in names, "run the test above first: this one goes on from it"
    assert run([session for session in SESSIONS if session["data"]], names) == ""


def test_every_figure_on_a_card_is_printed_by_its_session():
    everything = figures(" ".join(session["source"] for session in SESSIONS))
    for title, body in sections().items():
        for card in CARD.finditer(body):
            here = figures(" ".join(re.findall(r"```pycon\n(.*?)```", body, flags=re.DOTALL)))
            assert figures(card["text"]) <= here, title
        for card in TOUR_CARD.finditer(body):
            assert figures(card["text"]) <= everything, card["number"]


def test_every_teachers_part_has_a_misconception_a_question_with_its_answer_and_a_reference():
    references = " ".join(sections()["References"].split())
    for title, body in sections().items():
        if CARD.search(body):
            teachers = " ".join(body.split("**For teachers.**")[1].split("```")[0].split())
            for part in ("- *It is often thought* ", "- *Ask:* ", "*Answer:* ", "- *Read:* "):
                assert teachers.count(part) == 1, (title, part)
            for work in re.findall(r"[A-Z][^;.(]*? \d{4}", teachers.split("- *Read:* ")[1].replace("et al.", "et al")):
                assert f"- {work}, " in references.replace("et al.", "et al"), (title, work)


@pytest.mark.parametrize("language", assets.LANGUAGES)
def test_every_label_that_a_card_quotes_is_a_label_of_the_page_in_that_language(language):
    said = assets.words(language)
    names = [text for key, text in said.items() if isinstance(text, str) and not key.startswith(("lesson_", "tour_"))]
    names += [text for key, text in said.items() if key.startswith("lesson_") and key.endswith("_title")]
    labels = {re.sub(r"\W+$", "", text) for text in names}
    numbered = [re.escape(text).replace(r"\{number\}", r"\d+") for text in names if "{number}" in text]
    for key, text in said.items():
        if not (key.startswith("lesson_") and key.endswith("_try")):
            continue
        pair = said["chip_pair"]
        if re.search("[“«]", pair):  # a label with quotation marks of its own
            text = text.replace(pair, "")
        for quoted in re.findall("[“«](.+?)[”»]", text):
            english = language != "en" and quoted.isascii()
            word = re.fullmatch("[a-z ]+|Japan opens a stadium", quoted) is not None
            label = re.sub(r"\W+$", "", quoted)
            known = label in labels or any(re.fullmatch(one, quoted) for one in numbered)
            assert english or word or known, (key, quoted)
