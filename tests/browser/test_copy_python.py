"""Copy as Python: the program is run, and prints the numbers that are on the screen."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_in_code import run

pytestmark = pytest.mark.browser

TEXT = 'The "movie" wasn’t \\ good\u202e at all.'


def copied(reader):
    reader.settle()
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = reader.page.locator(".rv-copy-python")
    expect(button).to_have_text("Copy as Python")
    button.click()
    expect(button).to_have_text("Copied")
    return reader.page.evaluate("navigator.clipboard.readText()")


def percents(told, head):
    """The probabilities in a line, by class, in whole per cent, as the page rounds them."""
    line = next(line for line in told.splitlines() if line.startswith(head))
    return dict(part.rsplit(" ", 1) for part in line[len(head) :].strip().split(", "))


def check_answer(said, told, head):
    """Hold an answer of the page, such as "negative, 91%", against a printed line."""
    label, share = said.rsplit(", ", 1)
    assert float(percents(told, head)[label].rstrip("%")) == pytest.approx(float(share.rstrip("%")), abs=0.5501)


def test_the_programs_that_are_copied_run_and_print_what_is_on_the_screen(reader, tmp_path):
    page = reader.page
    programs, seen = [], []

    def keep():
        programs.append(copied(reader))
        seen.append((reader.shows(".rv-answer"), reader.values(), reader.shows(".rv-hold-tools")))

    reader.read(TEXT)
    reader.words.nth(2).click()
    page.mouse.move(0, 0)
    keep()
    page.locator(".rv-every-unit").check()
    page.locator(".rv-everywhere").check()
    reader.after(lambda: page.locator(".rv-gauge[data-signal=input]").press("Home"))
    page.locator(".rv-every-unit").uncheck()
    page.locator("#rv-hold-units").fill("0-7, 20")
    page.locator(".rv-everywhere").uncheck()
    reader.after(lambda: page.locator(".rv-gauge[data-signal=forget]").press("End"))
    keep()
    reader.after(lambda: page.locator(".rv-reset").click())
    reader.after(lambda: reader.model.select_option("sst2-bilstm"))
    page.get_by_role("radio", name="Backward").first.click()
    reader.words.nth(1).click()
    page.locator(".rv-change-word input").fill("film")
    page.locator(".rv-change-word input").press("Enter")
    changed = page.locator(".rv-changed b")
    expect(changed).to_contain_text("With “film” in place of “movie”: ")
    page.mouse.move(0, 0)
    keep()
    before, after = changed.inner_text().split(": ", 1)[1].rstrip(".").split(" → ")

    told = [out for out, _ in run(programs, tmp_path)]
    for out, (answer, values, _), head in zip(told, seen, ("answer:", "held:", "answer:"), strict=True):
        check_answer(answer, out, head)
        printed = dict(line.split(" ") for line in out.splitlines() if line.count(" ") == 1)
        names = {"f": "forget", "i": "input", "g": "candidate", "c": "cell", "o": "output", "h": "hidden"}
        for symbol, value in values.items():
            assert float(printed[names[symbol]]) == pytest.approx(value, abs=0.0052)
    assert 'rnnviz.Clamp("input", 0, layer=0),' in programs[1]
    assert "units=[*range(0, 8), 20]" in programs[1]
    assert "with nothing held:" in told[1]
    check_answer(before, told[2], "A:")
    check_answer(after, told[2], "B:")
    assert "movie: " in told[2]
    assert "| film: " in told[2]


LONG = "So shaken as we are, so wan with care,\n" * 60


def test_of_networks_of_letters_the_programs_cut_at_a_letter_and_print_the_likeliest_next_ones(visit, tmp_path):
    languages = visit("#model=languages-lstm&text=ab&lang=en")
    expect(languages.root).to_have_attribute("data-model", "languages-lstm")
    languages.read(LONG)
    expect(languages.page.locator(".rv-notices").first).to_contain_text("the first 2,000 were read")
    programs, said = [copied(languages)], [languages.shows(".rv-answer")]
    next_one = visit("#model=shakespeare-lstm&text=ROMEO%3A%0AI+am+th&lang=en&token=10")
    expect(next_one.root).to_have_attribute("data-model", "shakespeare-lstm")
    programs.append(copied(next_one))
    said.append(next_one.shows(".rv-answer"))
    next_one.open_view("code")
    expect(next_one.page.locator(".rv-code-text")).to_contain_text("may come next")
    programs.append(next_one.page.locator(".rv-code-text").text_content())
    told = [out for out, _ in run(programs, tmp_path)]
    assert ".tokenise(" in programs[0]
    assert '# the letter "m"' in programs[1]
    check_answer(said[0], told[0], "answer:")
    label, share = re.fullmatch(r"“(.)”, (\d+)%", said[1]).groups()
    for line in (next(line for line in told[1].splitlines() if line.startswith("answer:")), told[2]):
        found = re.findall(r"'(\\?.)' ([\d.]+)%", line)
        assert len(found) == 5
        assert found[0][0] == label
        assert float(found[0][1]) == pytest.approx(float(share), abs=0.5501)
