"""Copy as Python: the program is run, and prints the numbers that are on the screen."""

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
