"""Links for a class: a question stands over covered answers, and a click on a word reveals them."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import rnnviz
from tests.browser.conftest import Reader
from tests.conftest import ROOT
from tests.shipped import FILM, opened

pytestmark = pytest.mark.browser

ASK = "#model=sst2-lstm&text=The+movie+was+not+good+%2C+but+the+ending+surprised+me+.&token=9&ask=turn"
COVERED = (".rv-side", ".rv-copy-python", "[data-panel=heatmap]", "[data-panel=ledger]", ".rv-views", ".rv-line")
QUESTION = "Will it change its mind"


def turns(text):
    """The places at which the answer changes, as Python reads the text."""
    answers = rnnviz.read(opened("sst2-lstm"), text).verdicts.argmax(axis=1)
    return [t for t in range(1, len(answers)) if answers[t] != answers[t - 1]]


@pytest.fixture
def asked(visit):
    """The page as a class finds it."""
    return visit(ASK)


def is_covered(reader):
    """Nothing that is shown, or read out, tells the answer."""
    expect(reader.page.locator(".rv-ask")).to_contain_text(QUESTION)
    expect(reader.page.locator(".rv-ask")).to_be_visible()
    for selector in COVERED:
        expect(reader.page.locator(selector)).not_to_be_visible()
    strip = reader.page.locator(".rv-strip")
    expect(strip.locator(".rv-share, .rv-shares span")).to_have_count(0)
    expect(reader.words.first).to_have_attribute("tabindex", "0")  # not the word at which it turns
    expect(strip.locator("[aria-pressed=true]")).to_have_count(0)
    told = strip.evaluate("strip => strip.outerHTML")
    assert not re.search("negative|positive|%|▲", re.sub(r'style="[^"]*"', "", told))


def test_until_a_word_is_clicked_everything_that_tells_is_covered(asked):
    is_covered(asked)
    where = turns(FILM)
    asked.words.nth(where[-1]).click()
    expect(asked.page.locator(".rv-outcome")).to_have_text("Right. The answer changes 2 times: at “was”, “surprised”.")
    assert where == [2, 9]
    for selector in COVERED:
        expect(asked.page.locator(selector).first).to_be_visible()
    expect(asked.words.nth(9).locator(".rv-share")).to_have_text("79%")
    expect(asked.words.nth(9)).to_have_attribute("aria-pressed", "true")


def test_the_word_at_which_the_answer_moves_most_is_right_too(asked):
    asked.read("the movie was not good")
    shares = rnnviz.read(opened("sst2-lstm"), "the movie was not good").verdicts[:, 0]
    assert turns("the movie was not good") == [2]
    assert (shares[1:] - shares[:-1]).argmax() + 1 == 3
    asked.words.nth(3).click()
    expect(asked.page.locator(".rv-outcome")).to_have_text(
        f"Right. At “not” the answer moves most: negative goes from {shares[2]:.0%} to {shares[3]:.0%}."
        " The answer changes at “was”, from positive to negative."
    )


def test_a_wrong_word_by_keyboard_is_told_where_it_was(asked):
    asked.read("the film is a bore")
    is_covered(asked)
    (where,) = turns("the film is a bore")
    asked.words.first.focus()
    asked.page.keyboard.press("ArrowRight")
    expect(asked.words.nth(1)).to_be_focused()
    asked.page.keyboard.press("Enter")
    expect(asked.page.locator(".rv-outcome")).to_contain_text("Not quite. The answer changes at “")
    word = asked.words.nth(where).locator(".rv-name").inner_text()
    expect(asked.page.locator(".rv-outcome")).to_contain_text(f"at “{word}”, from")


def test_a_text_that_never_turns_has_its_answer_too(asked):
    asked.read("a warm and funny film")
    assert turns("a warm and funny film") == []
    asked.page.get_by_role("button", name="It will not change its mind").click()
    expect(asked.page.locator(".rv-outcome")).to_have_text(
        "Right. The answer never changes: it is positive from the first word to the last."
    )


def test_a_new_text_and_another_sentence_are_covered_again(asked):
    asked.words.nth(4).click()
    expect(asked.page.locator(".rv-outcome")).to_contain_text("Not quite.")
    asked.after(lambda: asked.page.get_by_role("button", name="Another sentence").click())
    expect(asked.text).not_to_have_value(FILM)
    is_covered(asked)
    asked.words.first.click()
    expect(asked.page.locator(".rv-outcome")).to_be_visible()
    asked.read("not bad at all")
    is_covered(asked)


def test_the_covered_words_have_the_whole_page_and_begin_at_the_first(visit):
    other = visit(ASK, viewport={"width": 400, "height": 800})
    page = other.page
    is_covered(other)
    expect(page.locator(".rv-scroll")).to_have_js_property("scrollLeft", 0)  # not where it turns
    page.set_viewport_size({"width": 1440, "height": 800})
    page.wait_for_function(
        """() => {
            const [words, body] = [".rv-picture", ".rv-body"].map((name) => document.querySelector(name).clientWidth);
            return words > 1000 && body - words < 4;
        }"""
    )


def test_a_teacher_makes_such_a_link(reader, tab):
    reader.words.nth(9).click()
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    menu.get_by_label("What each word left in the memory").check()
    menu.get_by_label("Ask", exact=True).select_option("turn")
    link = menu.get_by_label("The link").input_value()
    assert "hide=ledger" in link
    assert "ask=turn" in link
    assert "token=" not in link
    expect(menu.get_by_role("link", name="Look at it")).to_have_attribute("href", link)
    other = Reader(tab(), link)
    is_covered(other)
    other.words.nth(0).click()
    expect(other.page.locator("[data-panel=heatmap]")).to_be_visible()
    expect(other.page.locator("[data-panel=ledger]")).to_be_hidden()
    reader.page.bring_to_front()
    menu.get_by_label("The link").focus()
    reader.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(reader.words.nth(9)).to_have_attribute("aria-pressed", "true")


def test_a_teacher_copies_it(reader):
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    menu.get_by_label("Ask", exact=True).select_option("turn")
    menu.get_by_role("button", name="Copy this link").click()
    expect(menu.get_by_role("status")).to_have_text("Link copied")
    assert reader.page.evaluate("navigator.clipboard.readText()") == menu.get_by_label("The link").input_value()


def test_the_links_in_the_documents_do_what_is_said_of_them(visit):
    lessons = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (long,) = re.findall(r"^http://127.0.0.1:7860/(#\S+)$", lessons, re.MULTILINE)
    (short,) = re.findall(r"`(#text=\S+)`", readme)
    for link, hidden, text in ((long, ("unit", "views"), FILM), (short, (), "the movie was not good")):
        other = visit(link)
        expect(other.text).to_have_value(text)
        expect(other.words).to_have_count(len(text.split()))  # its reading is there, not that of the example
        is_covered(other)
        other.words.nth(2).click()
        for name in ("strip", "heatmap", "ledger", "story", "cell", "unit", "views"):
            expect(other.page.locator(f"[data-panel={name}]")).to_be_visible(visible=name not in hidden)


def test_where_nobody_can_see_the_whole_text_it_is_not_asked(visit):
    text = " ".join(["the"] * 200 + ["awful"] * 3)
    other = visit(f"#model=sst2-lstm&text={text.replace(' ', '+')}&start=200&ask=turn")
    expect(other.words).to_have_count(3)
    question = other.page.locator(".rv-question")
    expect(question).to_contain_text("Write one of at most 200 words.")
    expect(question.get_by_role("button", name="It will not change its mind")).to_have_count(0)
    expect(other.page.locator("[data-panel=heatmap]")).to_be_visible()
    other.read("not bad at all")
    is_covered(other)


def test_arrow_keys_do_not_colour_covered_words(asked):
    asked.words.first.focus()
    asked.page.keyboard.press("ArrowDown")
    asked.page.keyboard.press("ArrowRight")
    expect(asked.words.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(asked.words.nth(1).locator(".rv-name")).not_to_have_attribute("style", re.compile("rgb"))
    asked.words.nth(1).click()
    asked.words.nth(1).focus()
    asked.page.keyboard.press("ArrowDown")
    expect(asked.words.nth(1).locator(".rv-name")).to_have_attribute("style", re.compile("rgb"))


def test_a_text_that_was_answered_is_asked_again_after_another(asked):
    asked.words.nth(9).click()
    expect(asked.page.locator(".rv-outcome")).to_contain_text("Right.")
    asked.page.mouse.move(0, 0)  # or a word of the next text is under it
    asked.read("not bad at all")
    is_covered(asked)
    asked.read(FILM)
    is_covered(asked)


def test_where_the_browser_copies_nothing_the_link_is_said_to_be_there(reader):
    reader.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    reader.page.evaluate("() => { setTimeout = () => 0; }")  # what is said for a moment is said until it was looked at
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    expect(reader.page.get_by_role("button", name="Link is in the address bar")).to_be_visible()
    menu.get_by_role("button", name="Copy this link").click()
    expect(menu.get_by_role("status")).to_have_text("Select it and copy it.")


# Other questions


def asked_at(visit, model, text, kind):
    other = visit(f"#model={model}&text={text.replace(' ', '+')}&ask={kind}")
    expect(other.page.locator("#rv-question-says")).to_be_visible()
    return other


def test_which_word_raised_the_last_answer_most(visit):
    shares = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), FILM).verdicts[:, 1]
    most = (shares[1:] - shares[:-1]).argmax() + 1
    other = asked_at(visit, "sst2-lstm", FILM, "raised")
    expect(other.page.locator(".rv-ask")).to_contain_text("In the end the answer is positive.")
    expect(other.page.locator(".rv-strip .rv-share")).to_have_count(0)
    other.words.nth(int(most)).click()
    expect(other.page.locator(".rv-outcome")).to_have_text(
        f"Right. The share of positive rises most at “surprised”: from {shares[most - 1]:.0%} to {shares[most]:.0%}."
    )


def test_which_unit_remembers_longest(visit):
    forget = rnnviz.read(rnnviz.load(ROOT / "checkpoints" / "sst2-lstm"), FILM).select("forget")
    kept = forget[1:].prod(axis=0)
    other = asked_at(visit, "sst2-lstm", FILM, "memory")
    page = other.page
    expect(page.locator("[data-panel=heatmap]")).to_be_visible()
    expect(page.locator(".rv-side")).not_to_be_visible()
    shown = [int(name.split()[-1]) for name in page.locator("#rv-question-unit option").all_inner_texts()]
    assert len(shown) == 12
    best = max(shown, key=lambda unit: kept[unit])
    page.locator(".rv-field-of-units canvas").click(position={"x": 300, "y": 22 * shown.index(best) + 11})
    expect(page.locator(".rv-outcome")).to_have_text(
        f"Right. Unit {best} remembers longest: of what it wrote at “the (word 1)”,"
        f" its gates have left {kept[best]:.0%} at the end."
    )


def test_what_padding_does_is_true_of_each_network(visit):
    padded = asked_at(visit, "agnews-lstm-padded", "Japan opens a stadium", "padding")
    padded.page.get_by_role("button", name="The answer stays").click()
    expect(padded.page.locator(".rv-outcome")).to_contain_text("Not quite. Alone, the answer is Sports, 73%. After 56")
    packed = asked_at(visit, "sst2-lstm", "not good", "padding")
    packed.page.get_by_role("button", name="The answer stays").click()
    expect(packed.page.locator(".rv-outcome")).to_contain_text("Right. This network reads packed batches")


def test_what_cannot_be_asked_is_said(visit):
    rnn = visit("#model=sst2-rnn&text=not+good&ask=memory")
    expect(rnn.page.locator(".rv-question")).to_contain_text("a plain RNN has none. Choose a GRU or an LSTM.")
    unknown = visit("#model=sst2-lstm&text=not+good&ask=nonsense&room=ABC")
    expect(unknown.page.locator(".rv-question")).to_contain_text("Ask for another link.")
    expect(unknown.page.locator("[data-panel=heatmap]")).to_be_visible()


def test_of_letters_it_asks_for_a_letter(visit):
    other = asked_at(visit, "languages-lstm", "good", "turn")
    page = other.page
    expect(page.locator(".rv-ask")).to_have_text("Will it change its mind? Click a letter where it will.")
    expect(page.locator(".rv-copy-python")).to_be_hidden()
    other.words.nth(1).click()
    expect(page.locator(".rv-outcome")).to_be_visible()
    expect(page.locator(".rv-copy-python")).to_be_visible()


def test_a_network_that_tells_the_next_letter_is_not_asked_about(visit):
    other = visit("#model=shakespeare-lstm&text=ROMEO&ask=turn")
    page = other.page
    expect(page.locator(".rv-outcome")).to_contain_text("has no answer to ask a class about")
    expect(page.locator("[data-panel=heatmap]")).to_be_visible()
    expect(page.locator(".rv-question button")).to_have_count(0)
    page.get_by_role("button", name="Link").click()
    menu = page.get_by_role("dialog", name="A link for a class")
    expect(menu).to_contain_text("has no answer to ask a class about")
    expect(menu.get_by_label("Ask", exact=True)).to_be_disabled()
    assert "ask=" not in menu.get_by_label("The link").input_value()


# A class answers


def test_a_second_press_opens_no_second_room(reader):
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    menu.get_by_label("Ask", exact=True).select_option("turn")
    menu.get_by_role("button", name="Ask the class now").dblclick()
    expect(reader.page.locator(".rv-room .rv-qr")).to_be_visible()
    reader.settle()
    assert reader.page.evaluate("JSON.parse(sessionStorage.getItem('rnnviz-room')).length") == 1


def ask_the_class(reader, kind="turn"):
    reader.page.get_by_role("button", name="Link").click()
    menu = reader.page.get_by_role("dialog", name="A link for a class")
    menu.get_by_label("Ask", exact=True).select_option(kind)
    menu.get_by_role("button", name="Ask the class now").click()
    expect(reader.page.locator(".rv-room .rv-qr")).to_be_visible()


def counted(page):
    """How often each answer was given, as the histogram shows it."""
    rows = page.locator(".rv-tally tr").all()
    return {row.locator("th").inner_text(): row.locator("td").last.inner_text() for row in rows}


def serious(page):
    """What axe-core calls serious or critical in the question and its answers."""
    found = Axe().run(page, context=".rv-question").response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]


def test_a_teacher_and_two_students_meet_in_a_room(reader, tab):
    ask_the_class(reader)
    teacher = reader.page
    is_covered(reader)
    expect(teacher.locator(".rv-room-said")).to_contain_text("0 answers.")
    link = teacher.evaluate("JSON.parse(sessionStorage.getItem('rnnviz-room'))[0][1].link")
    assert re.search("&ask=turn&room=[A-HJ-NP-Z]{8}$", link)
    one, other = Reader(tab(), link), Reader(tab(), link)
    expect(one.page.locator(".rv-tally")).to_have_count(0)  # not before it is answered
    one.words.nth(9).click()
    expect(one.page.locator(".rv-room-said")).to_have_text("1 answer.")
    assert counted(one.page)["surprised ✓ right"] == "1"
    other.page.bring_to_front()
    other.page.get_by_role("button", name="It will not change its mind").click()
    expect(other.page.locator(".rv-room-said")).to_have_text("2 answers.")
    assert serious(other.page) == []
    other.page.reload()  # the same tab is not counted again
    other.words.nth(2).click()
    expect(other.page.locator(".rv-room-given")).to_contain_text("your first answer counts")
    expect(other.page.locator(".rv-room-said")).to_have_text("2 answers.")
    teacher.bring_to_front()
    expect(teacher.locator(".rv-room-said")).to_contain_text("2 answers.")
    expect(teacher.locator(".rv-tally")).to_have_count(0)
    teacher.get_by_role("button", name="Show the answers").click()
    answers = counted(teacher)
    assert len(answers) == 13
    assert {name for name, count in answers.items() if count == "1"} == {"It will not change its mind", "surprised"}
    assert serious(teacher) == []
    teacher.get_by_role("button", name="Stop asking").click()
    expect(teacher.locator(".rv-question")).to_be_hidden()
    expect(teacher.locator("[data-panel=heatmap]")).to_be_visible()


def test_a_link_to_a_room_that_is_not_there_says_so(visit):
    other = visit(f"{ASK}&room=ABCDEFGH")
    other.words.nth(9).click()
    expect(other.page.locator(".rv-outcome")).to_contain_text("Right.")
    expect(other.page.locator(".rv-room-said")).to_have_text(
        "There is no such room any more: each closes after 60 minutes. Ask for a new link."
    )


@pytest.mark.parametrize(("width", "least"), [(1920, 20), (400, 14)])
def test_question_answers_and_qr_code_can_be_read(visit, width, least):
    reader = visit("", viewport={"width": width, "height": 1080})
    ask_the_class(reader, "padding")
    page = reader.page
    page.get_by_role("button", name="Show the answers").click()
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    for part in (".rv-ask", ".rv-room-said", ".rv-tally th"):
        assert page.locator(part).first.evaluate(size) >= least
    box = page.locator(".rv-room .rv-qr").bounding_box()
    assert box["width"] >= (400 if width == 1920 else 200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
