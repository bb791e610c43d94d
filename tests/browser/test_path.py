"""The lesson as a path: every chapter is gone through, and its numbers are Python's."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz
from rnnviz import corpus
from rnnviz.page import assets, props
from tests.conftest import ROOT
from tests.shipped import FILM, opened

pytestmark = pytest.mark.browser

TEXTS = assets.words("lesson-en")
RIGHT = {
    "order": 0,
    "words": 0,
    "state": 1,
    "cell": 1,
    "forgets": 1,
    "gates": 2,
    "gru": 0,
    "ledger": 2,
    "not": 1,
    "packed": 1,
    "both": 0,
    "reach": 1,
    "train": 1,
    "letters": 0,
    "many": 1,
    "code": 1,
}
LETTERS = "c k l m n o p q r s t u v k l m n o p q r s t u v"
SENTENCES = {chip["lang"]: chip["text"] for chip in props.CHIPS if chip["model"] == props.LANGUAGES_MODEL}
LANGUAGES = {"en": "English", "hi": "Hindi", "te": "Telugu", "el": "Greek", "ne": "Nepali"}
NEPALI = str.maketrans("0123456789", "०१२३४५६७८९")
IN_WORDS = {6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
NOT_GOOD = "the movie was not good"
REVIEW = (
    "It takes its time, and for the first half hour I was sure that I would hate it, but the acting is so warm"
    " and the last scene so surprising that I left the cinema smiling."
)


def said(name: str, text: str) -> str:
    """What a network answers, as the lesson writes it."""
    trace = rnnviz.read(opened(name), text)
    return f"{trace.label}, {trace.verdicts[-1].max():.0%}"


def numbers(values: np.ndarray) -> list[str]:
    return [f"{value:.2f}".replace("-", "\u2212") for value in np.ravel(values)]


def at(trace, signal: str, word: int, unit: int) -> str:
    return numbers(trace.signals[signal][0, 0, word, unit])[0]


def settles(language: str) -> list[str]:
    """From which letter on the page's sentence is told rightly, of how many letters, and the share at the end."""
    trace = rnnviz.read(opened("languages-lstm"), SENTENCES[language])
    right = trace.labels.index(LANGUAGES[language])
    others = np.flatnonzero(trace.verdicts.argmax(axis=1) != right)
    first = int(others[-1]) + 2 if others.size else 1
    return [str(first), str(len(trace.tokens)), f"{trace.verdicts[-1, right]:.0%}"]


def places(index: corpus.Index, *, before: bool) -> list[tuple[int, str]]:
    """Of the places that are like “not” in NOT_GOOD: how many units are on there, and its words."""
    units = index.units_of(rnnviz.read(opened("sst2-lstm"), NOT_GOOD), 3, 4, before=before)
    found = index.find(units, length=1, before=before, most=10)
    told = [(len(hit.units), " ".join(index.text(hit.text)[hit.start : hit.stop])) for hit in found.hits]
    return [(len(units), "not"), *told]


def many() -> list[str]:
    """What the chapter on many texts says in numbers."""
    index = corpus.Index.load(ROOT / "rnnviz" / "page" / "example_indexes" / "reviews")
    (on, _), (first, word), *others = places(index, before=False)
    nine = [word for count, word in others if count == 9][:4]
    (new, _), *again = places(index, before=True)
    rare = {word: IN_WORDS[count] for count, word in again if count > 5}
    trace = rnnviz.read(opened("sst2-lstm"), NOT_GOOD)
    lead = numbers(index.projection(trace.readout).path(trace)[2:4, 0])
    assert on == first
    assert {rare["not"], rare["hardly"]} == {IN_WORDS[new]}
    assert rare["nothing"] == rare["not what"]
    assert rare["never"] == rare["joke"]
    return [
        f"{IN_WORDS[on].capitalize()} units are on at “not”",
        f"All {IN_WORDS[on]} units are on at “{word}”, nine at “{nine[0]}”, “{nine[1]}”, “{nine[2]}” and “{nine[3]}”",
        f"{IN_WORDS[new].capitalize()} units go on at “not”",
        f"{rare['nothing']} at “nothing” and “not what”, {rare['never']} at “never”, but also at “joke”",
        f"the lead of positive falls from {lead[0]} to {lead[1]}",
    ]


def figures() -> dict[str, list[str]]:
    """What each chapter says in numbers, from Python."""
    film = rnnviz.read(opened("sst2-lstm"), FILM)
    update = rnnviz.read(opened("sst2-gru"), FILM).signals["update"][0, 0].mean(axis=-1)
    account = rnnviz.ledger(film)[:, :, 25]
    forget = rnnviz.read(opened("recall-lstm"), LETTERS).signals["forget"][0, 0, 1:].mean(axis=0)
    held = rnnviz.hold(opened("sst2-lstm"), FILM, [rnnviz.Clamp("forget", 1.0, tokens=6, units=[25])])
    norms = {
        cell: rnnviz.saliency(opened(f"sst2-{cell}"), REVIEW, "positive").norms[25] for cell in ("rnn", "gru", "lstm")
    }
    written = rnnviz.read(opened("shakespeare-lstm"), "To be, or not to be")
    likeliest = [written.labels[place] for place in written.verdicts.argmax(axis=1)]
    follow = sum(one == other for one, other in zip(likeliest, written.tokens[1:], strict=False))
    settled, count, share = settles("en")
    return {
        "order": [
            f"“it was good , not bad”: {said('sst2-lstm', 'it was good , not bad')}",
            f"“it was bad , not good”: {said('sst2-lstm', 'it was bad , not good')}",
            f"“never boring , always funny” ({said('sst2-lstm', 'never boring , always funny')})",
            f"“never funny , always boring” ({said('sst2-lstm', 'never funny , always boring')})",
        ],
        "words": [f"At “was” it says negative, {film.verdicts[2, 0]:.0%}", f"negative, {film.verdicts[3, 0]:.0%}"],
        "state": [
            f"{at(film, 'cell', 9, 26)} to {at(film, 'cell', 10, 26)}",
            f"from {at(film, 'output', 9, 26)} to {at(film, 'output', 10, 26)}",
            f"from {at(film, 'hidden', 9, 26)} to {at(film, 'hidden', 10, 26)}",
        ],
        "forgets": [
            f"This plain RNN says {said('recall-rnn', LETTERS)}",
            f"“first letter recalled · LSTM” says {said('recall-lstm', LETTERS)}",
            f"“first letter recalled · GRU” {said('recall-gru', LETTERS)}",
            f"on average {forget.min():.2f} to {forget.max():.2f}",
        ],
        "gates": [
            f"{at(film, 'forget', 6, 25)} × {at(film, 'cell', 5, 25)}",
            f"holds now is {at(film, 'cell', 6, 25)}",
            f"12 and 25 the forget gate is {at(film, 'forget', 6, 12)} at “but”",
            f"row of unit 12: it held {at(film, 'cell', 5, 12)}",
            f"Positive, {held.verdicts[-1, 1]:.0%}, and before it was {film.verdicts[-1, 1]:.0%}",
        ],
        "gru": [f"are at {update[9]:.2f} on average", f"second “the” they are at {update[7]:.2f}"],
        "ledger": [
            f"“not” wrote {numbers(account[3, 3])[0]}",
            f"of its {numbers(account[9, 9])[0]}, {numbers(account[9, -1])[0]} is left",
        ],
        "not": [
            f"“the movie was good” there: {said('sst2-lstm', 'the movie was good')}",
            f"“the movie was not good”: {said('sst2-lstm', 'the movie was not good')}",
            f"“the movie was not bad”: {said('sst2-lstm', 'the movie was not bad')}",
            f"both ways says {said('sst2-bilstm', 'the movie was not bad')}",
            f"it says {said('sst2-rnn', 'the movie was not bad')}",
        ],
        "reach": [f"the plain RNN has {norms['rnn']:.2g}, the GRU {norms['gru']:.2g}, the LSTM {norms['lstm']:.2g}"],
        "letters": [
            f"has {count} letters",
            f"From letter {settled} on the answer stays English, at the end with {share}",
            f"stays Hindi from letter {settles('hi')[0]} on, Nepali only from letter {settles('ne')[0]} on",
            f"there it stays from letter {settled} on",
            f"At {follow} of {len(written.tokens) - 1} places",
        ],
        "many": many(),
        "code": [f"output is 1 × {len(film.tokens)} × {film.units}, h_n is 1 × 1 × {film.units}"],
    }


@pytest.fixture
def sheet(reader):
    """The lesson, open."""
    reader.page.get_by_role("button", name="Lesson", exact=True).click()
    expect(reader.page.locator(".rv-path-quiz")).to_be_visible()
    return reader.page.locator(".rv-path")


def go_to(sheet, name: str) -> None:
    sheet.get_by_role("combobox").select_option(name)
    expect(sheet).to_have_attribute("data-chapter", name)


def answer(sheet, name: str, place: int) -> None:
    sheet.get_by_label(TEXTS[f"{name}_a{place + 1}"], exact=True).check()


def test_every_chapter_can_be_gone_through_and_its_numbers_are_pythons(reader, sheet):
    expected = figures()
    for name, right in RIGHT.items():
        go_to(sheet, name)
        expect(sheet.locator(".rv-path-why")).to_be_empty()
        sheet.get_by_role("button", name="Do it").click()
        expect(reader.root).to_have_attribute("data-state", "shown")
        answer(sheet, name, right)
        expect(sheet.locator(".rv-path-why")).to_contain_text("Yes.")
        expect(sheet).to_contain_text("In the picture:")
        expect(sheet).not_to_contain_text("are those of this chapter's own sentence")
        sheet.get_by_role("button", name="Show the answer").click()
        told = sheet.inner_text()
        for figure in expected.get(name, []):
            assert figure in told, (name, figure)


def test_the_sheet_lies_at_the_foot_of_the_window_and_what_it_speaks_of_above_it(reader, sheet):
    def above(selector):
        sheet_top, bottom = sheet.evaluate("e => [e.getBoundingClientRect().top, e.getBoundingClientRect().bottom]")
        assert bottom <= reader.page.viewport_size["height"]
        assert reader.page.locator(selector).bounding_box()["y"] < sheet_top
        expect(reader.page.locator(selector)).to_be_in_viewport()

    reader.page.emulate_media(reduced_motion="reduce")  # it scrolls at once
    above(".rv-top")
    for name, place in (("words", ".rv-stage"), ("gates", "[data-panel=heatmap]"), ("train", ".rv-views")):
        go_to(sheet, name)
        sheet.get_by_role("button", name="Do it").click()
        expect(reader.page.locator(place)).to_be_in_viewport()
        reader.settle()
        above(place)
        stands = reader.page.evaluate("scrollY")
        for _ in range(4):
            reader.page.keyboard.press("Tab")  # through the sheet, which alone is scrolled
        assert sheet.evaluate("e => e.contains(document.activeElement)")
        assert reader.page.evaluate("scrollY") == stands


def test_an_answer_is_kept_back_until_the_question_is_answered(reader, sheet):
    go_to(sheet, "not")
    expect(sheet).not_to_contain_text(TEXTS["not_why"])
    sheet.get_by_role("button", name="Do it").click()
    expect(reader.text).to_have_value("the movie was not good")
    answer(sheet, "not", 2)
    expect(sheet.locator(".rv-path-why")).to_contain_text("Not quite.")
    expect(reader.text).to_have_value("the movie was not bad")
    reader.read("another text")
    expect(sheet).not_to_contain_text("In the picture:")
    expect(sheet.locator(".rv-path-now")).to_contain_text(said("sst2-lstm", "another text"))
    reader.page.locator("#rv-model").select_option("sst2-gru")
    expect(sheet).to_contain_text("These are the numbers of this chapter's own sentence.")


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("order", "#rv-view-compare"),
        ("ledger", ".rv-entries"),
        ("packed", "#rv-view-packed"),
        ("both", "#rv-view-compare"),
        ("reach", "#rv-view-reach"),
        ("many", "#rv-view-find"),
        ("code", "#rv-view-code"),
    ],
)
def test_a_picture_that_tells_the_answer_says_that_it_waits_and_then_comes_into_sight(reader, sheet, name, picture):
    page = reader.page
    page.emulate_media(reduced_motion="reduce")  # it scrolls at once
    go_to(sheet, name)
    expect(sheet.locator(".rv-path-waits")).to_be_empty()
    sheet.get_by_role("button", name="Do it").click()
    expect(sheet.locator(".rv-path-waits")).to_have_text("The picture opens when you have answered.")
    shown = page.locator(picture)
    expect(shown).to_be_hidden()
    sight = sheet.bounding_box()["y"]  # the sheet lies over what is below
    assert page.locator(".rv-view-tabs").bounding_box()["y"] > sight  # the closed tiles
    answer(sheet, name, RIGHT[name])
    expect(sheet.locator(".rv-path-waits")).to_be_empty()
    expect(shown).to_be_in_viewport()
    assert shown.bounding_box()["y"] + 100 < sheet.bounding_box()["y"]


def test_what_does_not_tell_the_answer_opens_at_once(reader, sheet):
    go_to(sheet, "train")
    sheet.get_by_role("button", name="Do it").click()
    expect(reader.page.locator("#rv-view-train")).to_be_in_viewport()
    expect(sheet.locator(".rv-path-waits")).to_be_empty()


@pytest.mark.parametrize("name", ["order", "not"])
def test_two_texts_of_which_a_chapter_tells_are_both_in_its_picture(reader, sheet, name):
    go_to(sheet, name)
    answer(sheet, name, RIGHT[name])
    beside = reader.page.locator("#rv-view-compare .rv-compare-side textarea")
    expect(beside).to_have_count(2)
    told = re.findall(r"“([^”]*)”: \w+, \d+%", TEXTS[f"{name}_see"])
    assert {beside.nth(side).input_value() for side in (0, 1)} == set(told)


def test_a_chapters_numbers_follow_the_word_and_the_unit_that_are_open(reader, sheet):
    """Python's numbers, of a text that is not the chapter's."""
    text = "a warm and funny story , not a stupid one"
    trace = rnnviz.read(opened("sst2-lstm"), text)
    go_to(sheet, "ledger")
    answer(sheet, "ledger", RIGHT["ledger"])
    reader.read(text)
    cell, account = trace.select("cell"), rnnviz.ledger(trace)
    now = sheet.locator(".rv-path-now")
    for word in (1, 6):
        reader.page.locator(".rv-word").nth(word).hover()
        unit = int(np.abs(cell[word] - cell[word - 1]).argmax())
        expect(now).to_contain_text(f"{numbers(cell[-1, unit])[0]}")
        expect(now).to_contain_text(f"{numbers(account[word, word, unit])[0]}")


def test_the_chapter_on_many_texts_finds_and_says_how_many_units_are_on_in_what_is_open(reader, sheet):
    go_to(sheet, "many")
    sheet.get_by_role("button", name="Do it").click()
    expect(reader.text).to_have_value(NOT_GOOD)
    answer(sheet, "many", RIGHT["many"])
    view = reader.page.locator("#rv-view-find")
    told = re.findall("“(.+?)”", TEXTS["many_see"])[:5]
    expect(view.locator(".rv-find-hits mark")).to_have_text([*told, *[re.compile(".")] * 5])
    text = "a warm and funny story , not a stupid one"
    reader.read(text)
    view.locator("[data-token='6']").click()
    view.locator("[data-token='6']").click()
    index = corpus.Index.load(ROOT / "rnnviz" / "page" / "example_indexes" / "reviews")
    trace, counts = rnnviz.read(opened("sst2-lstm"), text), []
    for before in (False, True):
        view.get_by_label("not on at the word before").set_checked(before)
        counts.append(len(index.units_of(trace, 6, 7, before=before)))
        expect(sheet.locator(".rv-path-now")).to_contain_text(f"All through “not”, {counts[-1]} units are on")
    assert counts[0] > counts[1]


def test_how_far_one_has_come_is_kept_and_can_be_forgotten(reader, sheet):
    go_to(sheet, "words")
    answer(sheet, "words", 0)
    reader.page.reload()
    sheet = reader.page.locator(".rv-path")
    expect(sheet).to_be_visible()  # where it was
    expect(sheet.get_by_role("option", name="✓ One word at a time")).to_have_count(1)
    kept = json.loads(reader.page.evaluate("localStorage['rnnviz-lesson']"))
    assert kept == {"done": ["words"], "understood": []}
    go_to(sheet, "before")
    sheet.get_by_role("button", name="Forget my progress").click()
    expect(sheet).to_contain_text("Nothing of the lesson is kept")
    assert reader.page.evaluate("localStorage.length") == 0


def test_the_six_questions_are_counted_before_and_after(reader, sheet):
    for when, introduced, place, wanted in (
        ("before", "you meet the same questions again", 1, "Right: 5 of 6."),
        ("after", "the questions from before the lesson", 0, "Before the lesson: 5 of 6 right. Now: 1 of 6."),
    ):
        go_to(sheet, when)
        expect(sheet).to_contain_text(introduced)
        questions = sheet.locator(".rv-path-questions fieldset")
        expect(questions).to_have_count(6)
        for number in range(6):
            questions.nth(number).get_by_role("radio").nth(place).check()
        expect(sheet.locator(".rv-path-score")).to_have_text(wanted)
        expect(sheet.locator(".rv-path-why")).to_contain_text([re.compile("Yes|Not quite")] * 6)


def test_a_link_opens_a_chapter_in_its_language(visit):
    student = visit("#lang=el&chapter=gru")
    sheet = student.page.locator(".rv-path")
    expect(sheet).to_be_visible()
    expect(sheet.locator("h2")).to_have_text(assets.words("lesson-el")["gru_title"])
    student.page.locator(".rv-language").select_option("en")
    expect(sheet.locator("h2")).to_have_text(TEXTS["gru_title"])
    sheet.press("Escape")
    expect(sheet).to_be_hidden()
    expect(student.page.get_by_role("button", name="Lesson", exact=True)).to_be_focused()


@pytest.mark.parametrize("language", assets.LANGUAGES)
def test_the_chapter_on_letters_reads_a_sentence_in_the_pages_language(visit, language):
    student = visit(f"#lang={language}&chapter=letters")
    sheet, said = student.page.locator(".rv-path"), assets.words(f"lesson-{language}")
    sheet.get_by_role("button", name=said["path_do"], exact=True).click()
    expect(student.text).to_have_value(SENTENCES[language])
    student.settle()
    sheet.get_by_label(said["letters_a1"], exact=True).check()
    expect(sheet).to_contain_text(said["letters_see"])
    expect(sheet).not_to_contain_text(said["path_elsewhere"])
    sheet.get_by_role("button", name=said["path_answer"], exact=True).click()
    assert SENTENCES[language] in said["letters_see"]
    digits = str.maketrans("", "") if language != "ne" else NEPALI
    told = re.findall(r"\d+%?", said["letters_see"].split(SENTENCES[language])[1])
    assert sorted(told) == sorted(figure.translate(digits) for figure in settles(language))
    assert {settles(code)[0].translate(digits) for code in ("hi", "ne", "en")} <= set(
        re.findall(r"\d+", said["letters_why"])
    )


@pytest.mark.asks_python
def test_where_the_texts_do_not_come_it_is_said(reader):
    reader.page.route("**/component_server/**", lambda route: route.abort())
    reader.page.get_by_role("button", name="Lesson", exact=True).click()
    expect(reader.page.locator(".rv-path")).to_contain_text("The lesson's texts did not come.")
