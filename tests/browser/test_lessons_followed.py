"""A student does what the lesson's cards say, in the browser, and sees what they say."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

import rnnviz
from rnnviz.analysis.statistics import unit_order
from tests.browser.conftest import Reader
from tests.shipped import opened
from tests.test_lessons import cards

pytestmark = pytest.mark.browser

SAID = cards()
PLAIN = re.compile(r"−?\d+(?:[.,]\d+)*%?")


def figures(name: str) -> list[str]:
    """The numbers that a card promises."""
    return PLAIN.findall(SAID[f"lesson_{name}_see"])


class Student:
    """Somebody who presses what a card names, and reads what is then on the page."""

    def __init__(self, reader: Reader, name: str) -> None:
        self.reader, self.page, self.name = reader, reader.page, name
        self.told = SAID[f"lesson_{name}_try"]

    def control(self, label: str, role: str = "button") -> Locator:
        """What has this label, which the card names."""
        assert label in self.told, label
        return self.page.get_by_role(role, name=re.compile(rf"^\W*{re.escape(label).replace('/', '.')}\W*$"))

    def example(self, label: str) -> None:
        """Press an example of the page."""
        self.reader.after(self.control(label).click)

    def cell(self, word: str, unit: int) -> None:
        """Press a word's cell in the row of a unit."""
        assert f"“{word}”" in self.told
        trace = rnnviz.read(opened("sst2-lstm"), self.reader.text.input_value())
        row = unit_order(trace).tolist().index(unit)
        assert row < 12, "it is among the units that are shown"
        canvas = self.page.get_by_role("img", name="units over").bounding_box()
        column = self.reader.words.nth(trace.tokens.index(word)).bounding_box()
        assert canvas
        assert column
        self.page.mouse.click(column["x"] + column["width"] / 2, canvas["y"] + canvas["height"] / 12 * (row + 0.5))

    def sees(self, shown: Locator, *wanted: str) -> None:
        """Wait until this stands there."""
        for one in wanted:
            expect(shown).to_contain_text(one)

    def panel(self, name: str) -> Locator:
        """A box of the page, by what is written over it."""
        return self.page.get_by_role("region", name=name, exact=True)

    def view(self, name: str) -> Locator:
        """Open a view below."""
        tab = self.page.get_by_role("tab", name=name)
        if tab.get_attribute("aria-selected") == "false":
            tab.click()
        return self.page.get_by_role("tabpanel", name=name)

    def number(self, signal: str, unit: int, word: int) -> str:
        """What the table of the heatmap says of a unit at a word: the numbers in the cells."""
        expect(self.page.get_by_role("table")).to_contain_text(f"The {signal} of 12 units")
        row = self.page.get_by_role("table").get_by_role("row").nth(word + 1)
        heads = self.page.get_by_role("table").get_by_role("columnheader").all_inner_texts()
        place = next(place for place, head in enumerate(heads) if re.search(rf"\b{unit}$", head))
        return row.locator("th, td").nth(place).inner_text()


HEARS = """() => {
    window.heard = [];
    const isPressed = (word) => word.matches?.(".rv-word[aria-pressed=true]");
    const note = (changes) => {
        for (const { target } of changes) if (isPressed(target)) heard.push(target.ariaLabel);
    };
    new MutationObserver(note).observe(document.body, { subtree: true, attributeFilter: ["aria-pressed"] });
}"""
"""Keeps what each word says that is pressed, for a word is pressed for a moment only."""


def words(student: Student) -> None:
    student.reader.read("something else")
    student.example("first example")
    student.page.evaluate(HEARS)
    student.control("Read").click()
    strip = student.page.get_by_role("group", name="Words, with the answer after each")
    for word, share, label in (("good", "91%", "negative"), ("surprised", "79%", "positive")):
        assert {word, share, label} <= set(re.findall(r"[\w%]+", SAID["lesson_words_see"]))
        said = f"{word}: {label}, {share}"
        student.page.wait_for_function("said => heard.some((label) => label.startsWith(said))", arg=said)
        student.sees(strip.get_by_role("button", name=said), share)


def state(student: Student) -> None:
    student.example("first example")
    student.control("Numbers in the cells", "checkbox").check()
    student.page.get_by_role("button", name="As a table").click()
    seen = []
    for signal in ("cell state", "hidden state"):
        student.control(signal, "radio").click()
        seen += [student.number(signal, 26, 9), student.number(signal, 26, 10)]
    assert seen == figures("state")


def loop(student: Student) -> None:
    student.example("first example")
    student.control("Unrolled", "radio").click()
    cells = student.panel("The cell").get_by_role("button", name="The cell at")
    names = []
    for _ in range(3):
        names.append(cells.last.get_attribute("aria-label"))
        cells.last.click()
        student.reader.settle()
    assert len(set(names[:2])) == 2
    student.sees(student.panel("The cell"), "with the same weights W, U and b")


def cell(student: Student) -> None:
    assert "plain RNN for sentiment" in student.told
    student.reader.after(lambda: student.reader.model.select_option(label="sentiment · plain RNN, 32 units"))
    student.control("Open the sum").click()
    assert figures("cell") == ["100", "32", "32", "32"]
    student.sees(student.panel("The cell"), "W of 32 × 100 and U of 32 × 32 numbers", "W x", "U h′")


def gates(student: Student) -> None:
    student.example("first example")
    student.control("Numbers in the cells", "checkbox").check()
    student.page.get_by_role("button", name="As a table").click()
    student.control("forget gate", "radio").click()
    shut = {student.number("forget gate", unit, 6) for unit in (12, 25)}
    student.control("cell state", "radio").click()
    before, after = ([student.number("cell state", unit, word) for unit in (12, 25)] for word in (5, 6))
    assert [*shut, *before, *set(after)] == figures("gates")[2:]


def surgery(student: Student) -> None:
    student.example("first example")
    student.cell("but", 25)
    slider = student.page.get_by_role("slider", name="forget gate")
    slider.scroll_into_view_if_needed()
    knob = slider.bounding_box()
    assert knob
    student.page.mouse.move(knob["x"] + 2, knob["y"] + knob["height"] / 2)
    student.page.mouse.down()
    student.reader.after(lambda: student.page.mouse.move(knob["x"] + knob["width"], knob["y"] + knob["height"] / 2))
    student.page.mouse.up()
    now, _, share, before = figures("surgery")
    student.sees(student.panel("The cell"), f"positive {before} → {share}")
    assert student.reader.values()["c"] == float(now)


def ledger(student: Student) -> None:
    student.example("first example")
    student.cell("not", 25)
    account = student.page.locator("[data-panel=ledger]")
    wrote, left, wrote_last, left_last = figures("ledger")
    student.sees(account, f"“not” wrote {wrote} when it was read; less than 1% of that is left.")
    student.reader.words.nth(9).click()
    student.sees(account, f"“surprised” wrote {wrote_last} when it was read")
    entries = account.get_by_role("listitem")
    expect(entries.nth(3)).to_contain_text(left)
    expect(entries.nth(9)).to_contain_text(left_last)


def flags(student: Student) -> None:
    student.example("first example")
    seen = []
    for word in ("not", "but"):
        student.cell(word, 12)
        student.reader.settle()
        seen.append(f"{student.reader.values()['c']:.2f}")
    assert seen == figures("flags")
    raised = student.panel("The unit").get_by_role("list").first.get_by_role("listitem")
    expect(raised.first).to_be_visible()
    named = raised.all_inner_texts()
    assert named.index("poor") < named.index("not")
    assert set(re.findall("“(.+?)”", SAID["lesson_flags_see"])) - {"but"} <= set(named)


def find(student: Student) -> None:
    student.example("not good")
    assert "“not”" in student.told
    student.reader.words.nth(3).click()
    view = student.view("Find")
    view.get_by_label("not on at the word before").check()
    wanted = re.findall("“(.+?)”", SAID["lesson_find_see"])
    expect(view.locator(".rv-find-hits li")).to_have_count(10)
    expect(view.locator(".rv-find-hits mark")).to_have_text([*wanted, *[re.compile(".")] * 5])


def projection(student: Student) -> None:
    student.example("not good")
    assert "the word “not”" in student.told
    assert "click “good”" in student.told
    student.reader.words.nth(3).click()
    view = student.view("Projection")
    lead, after, upright = figures("projection")
    student.sees(view, f"After “not” the lead of positive is {lead}; upright: {upright}.")
    student.reader.words.nth(4).click()
    student.sees(view, f"After “good” the lead of positive is {after}")


def groups(student: Student) -> None:
    view = student.view("Groups")
    student.sees(view.locator(".rv-find-commands"), *re.findall("“(rnnviz .+?)”", student.told))


def compared(student: Student, layer: str, way: str) -> Locator:
    """The comparison of the two cards about networks that read both ways, its numbers in a table."""
    student.reader.after(
        lambda: student.reader.model.select_option(label="sentiment · LSTM both ways, 2 layers of 64 units")
    )
    student.control(layer, "radio").click()
    student.control(way, "radio").click()
    view = student.view("Compare")
    student.reader.after(lambda: view.get_by_label("Sentence A").fill("the actors are wonderful"))
    view.get_by_label("Sentence B").fill("the actors are awful")
    expect(view.get_by_text("awful", exact=True)).to_be_visible()
    view.get_by_text("as a table").click()
    expect(view.locator("tbody").get_by_role("row")).to_have_count(4)
    student.reader.settle()
    return view


def differing(view: Locator, way: str) -> list[bool]:
    """At which words any of the units shown differs that read this way."""
    heads = view.get_by_role("columnheader").all_inner_texts()
    places = [place for place, head in enumerate(heads) if head.endswith("B − A") and way in head]
    assert places
    rows = view.locator("tbody").get_by_role("row").all()
    return [any(row.locator("th, td").nth(place).inner_text() != "0.00" for place in places) for row in rows]


def both(student: Student) -> None:
    view = compared(student, "Layer 1", "Both ways")
    student.sees(view, "Layer 1 · Reads forward →", "Layer 1 · Reads backward ←")
    assert differing(view, "→") == [False, False, False, True]
    assert differing(view, "←") == [True] * 4


def layers(student: Student) -> None:
    assert f"“{SAID['lesson_both_title']}”" in student.told
    view = compared(student, "Layer 2", "Reads forward")
    student.sees(view, "Layer 2 · Reads forward →")
    assert differing(view, "→")[0]


def packed(student: Student) -> None:
    view = student.view("Packed batch")
    view.get_by_role("button", name="Three reviews").click()
    student.control("Textbook example").click()
    fewer, padded = figures("packed")
    student.sees(view, f"Padded, the network computes {padded} cells. Packed, it computes {fewer}")


def padding(student: Student) -> None:
    view = student.view("Packed batch")
    student.control("Three news texts").click()
    expect(view.get_by_role("radio", name="japan opens a stadium")).to_be_checked()
    before, after, stays = figures("padding")
    student.sees(view, f"Alone, the answer is Sports, {before}.", f"it is World, {after}")
    assert stays == before


def reach(student: Student) -> None:
    student.example("a long review")
    view = student.view("How far back")
    view.get_by_role("button", name="warm", exact=True).hover()
    rnn, gru, lstm = figures("reach")
    student.sees(view, f"At “warm”: plain RNN {rnn}, GRU {gru}, LSTM {lstm}")


def masks(student: Student) -> None:
    view = student.view("Gates")
    student.reader.after(
        lambda: student.reader.model.select_option(label="sentiment · LSTM both ways, 2 layers of 64 units")
    )
    for gate in ("input", "forget", "output"):
        for arrow in "→←":
            one = view.get_by_role("listitem").filter(has_text=f"{gate} gate, layer 2 {arrow}")
            expect(one).to_contain_text(re.compile(r"\b[0-6]% almost fully shut, .* [01]% almost fully open"))


def negation(student: Student) -> None:
    student.control("good / not good").click()
    view = student.page.get_by_role("tabpanel", name="Compare")
    before, after = figures("not")
    for answer in (f"positive\\s*{before}", f"negative\\s*{after}"):
        expect(view).to_contain_text(re.compile(answer))


def code(student: Student) -> None:
    assert "sentiment network that reads both ways" in student.told
    student.reader.after(lambda: student.reader.model.select_option("sst2-bilstm"))
    view = student.view("In code")
    framed = {way: view.locator(f"tr:has(.rv-code-end-{way}) th[scope=row]") for way in (0, 1)}
    last, first = student.reader.words.last, student.reader.words.first
    for way, word, row in ((0, last, "h_n[-2]"), (1, first, "h_n[-1]")):
        expect(framed[way].nth(0)).to_contain_text(word.locator(".rv-name").inner_text())
        expect(framed[way].nth(1)).to_contain_text(row)


FOLLOWED: dict[str, Callable[[Student], None]] = {
    "words": words,
    "state": state,
    "loop": loop,
    "cell": cell,
    "gates": gates,
    "surgery": surgery,
    "ledger": ledger,
    "flags": flags,
    "find": find,
    "projection": projection,
    "groups": groups,
    "both": both,
    "layers": layers,
    "code": code,
    "packed": packed,
    "padding": padding,
    "reach": reach,
    "masks": masks,
    "not": negation,
}


def test_every_card_is_followed_but_the_one_that_trains():
    names = {key.split("_")[1] for key in SAID if key.startswith("lesson_")}
    assert set(FOLLOWED) == names - {"train"}  # that one is tried in test_train.py


@pytest.mark.parametrize("name", FOLLOWED)
def test_who_does_what_a_card_says_sees_what_it_says(reader, name):
    reader.after(lambda: reader.page.get_by_role("button", name="oil prices").click())  # not where the page begins
    FOLLOWED[name](Student(reader, name))
