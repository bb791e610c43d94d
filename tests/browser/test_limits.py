"""What a careless or hostile visitor types: nothing, too much, unknown words, code."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import boxes

pytestmark = pytest.mark.browser

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "${alert(1)}",
    "`${alert(1)}`",
    "{{constructor.constructor('alert(1)')()}}",
    "{{value}}",
    "javascript:alert(1)",
    '"><iframe srcdoc="<script>parent.alert(1)</script>">',
    "<a href=javascript:alert(1)>x</a>",
    "</textarea><img src=x onerror=alert(1)>",
    "${",
]


def test_t1_nothing_typed_is_no_error(reader):
    for blank in ("", "   ", " ; : "):
        reader.read(blank)
        expect(reader.page.locator(".rv-empty")).to_have_text("Type a sentence to see the network read it.")
        expect(reader.page.locator(".rv-picture")).to_be_hidden()
    reader.read("good again")
    expect(reader.words).to_have_count(2)


@pytest.mark.asks_python
def test_t1_nothing_typed_is_answered_without_a_reading(reader):
    with reader.page.expect_response("**/component_server/**") as answer:
        reader.text.fill("   ")
    assert answer.value.json() == {"empty": True}


def test_t2_a_long_text_is_shown_in_windows_and_never_cut_silently(reader):
    reader.read("good bad " * 1_200)
    note = reader.page.locator(".rv-page > .rv-notices p")
    expect(note).to_contain_text("Showing words 1–200 of 2,400; the first 2,000 were read.")
    expect(reader.page.locator(".rv-story")).to_contain_text("the answer after word 2,000 of 2,400")
    expect(reader.words).to_have_count(200)
    reader.after(lambda: reader.page.get_by_role("button", name="Later words").click())
    expect(note).to_contain_text("Showing words 201–400 of 2,400")
    expect(reader.page.get_by_role("button", name="Earlier words")).to_be_enabled()
    reader.words.nth(0).hover()
    expect(reader.page.locator(".rv-where")).to_contain_text("word 201 of 2,400")


def test_t2_a_last_window_of_one_word_is_shown_too(reader):
    reader.read("good " * 201)
    reader.after(lambda: reader.page.get_by_role("button", name="Later words").click())
    expect(reader.words).to_have_count(1)
    expect(reader.page.locator(".rv-where")).to_contain_text("word 201 of 201")


def test_t2_the_story_is_about_the_whole_text(reader):
    reader.read("good " * 200 + "awful terrible bad " * 60)
    expect(reader.page.locator(".rv-story")).to_contain_text("changes")
    expect(reader.page.locator(".rv-story")).to_contain_text("from positive")
    expect(reader.page.locator(".rv-answer")).to_contain_text("negative")


@pytest.mark.asks_python
def test_a_slow_answer_is_announced_and_an_objection_leaves_the_picture(reader):
    reader.read("good film")
    held = []
    reader.page.route("**/component_server/**", lambda route: held.append(route))
    reader.text.fill("bad film")
    expect(reader.page.locator(".rv-count")).to_have_text("Reading …")
    expect(reader.page.get_by_role("status").filter(has_text="Reading …")).to_have_count(1)
    held[0].fulfill(json={"error": "some_key", "values": {}, "message": "This checkpoint is damaged."})
    expect(reader.page.locator(".rv-page > .rv-notices")).to_have_text("This checkpoint is damaged.")
    expect(reader.page.locator(".rv-count")).to_have_text("2 words and signs read")
    expect(reader.words.nth(0)).to_contain_text("good")


def test_t8_code_is_shown_as_it_was_typed_and_never_runs(reader):
    reader.page.evaluate("() => { window.alert = () => { document.body.dataset.fired = 'yes'; }; }")
    for payload in PAYLOADS:
        reader.read(f"good {payload} film")
        shown = " ".join(word.split("\n")[0] for word in reader.words.all_inner_texts())
        assert payload.lower().split()[0].split("(")[0][:6].strip("'\";:.`") in shown
        for token in range(1, reader.words.count() - 1):  # between "good" and "film"
            reader.words.nth(token).hover()
        expect(reader.root.locator("img, script, iframe, svg[onload], a[href^=javascript]")).to_have_count(0)
    assert reader.page.evaluate("document.body.dataset.fired") is None


def test_t8_code_is_harmless_in_the_packed_tab_too(reader):
    reader.page.evaluate("() => { window.alert = () => { document.body.dataset.fired = 'yes'; }; }")
    reader.open_view("packed")
    reader.page.locator("#rv-batch").fill("\n".join(PAYLOADS[:8]))
    expect(reader.page.locator(".rv-padded")).to_contain_text("<script")  # not the batch before
    for group in reader.page.locator(".rv-data .rv-cell").all()[:12]:
        group.hover()
    expect(reader.page.locator(".rv-packed").locator("img, script, iframe, a[href^=javascript]")).to_have_count(0)
    assert reader.page.evaluate("document.body.dataset.fired") is None


def test_t10_unknown_words_are_marked_and_a_text_of_nothing_else_says_so(reader):
    reader.read("good brillig film")
    assert [word.locator(".rv-unknown").count() for word in reader.words.all()] == [0, 1, 0]
    expect(reader.page.locator(".rv-page > .rv-notices p")).to_have_count(0)
    reader.read("brillig slithy toves gimbled")
    expect(reader.page.locator(".rv-page > .rv-notices p")).to_have_text(
        "None of these 4 words is in this model's vocabulary. The model reads ⟨unk⟩ four times, so any 4 unknown words "
        "would give the same picture."
    )


def test_t4_t5_t6_odd_characters_are_shown_and_break_nothing(reader):
    reader.read("zero\u200bwidth \u202eabc مرحبا 👨‍👩‍👧‍👦 esc\u001bape good")
    names = reader.page.locator(".rv-name").all_inner_texts()
    assert names[0] == "zero◌width"
    assert names[1] == "◌abc"
    assert names[3] == "👨‍👩‍👧‍👦"
    assert names[4] == "esc␛ape"
    lefts = [box["x"] for box in boxes(reader.words)]
    assert lefts == sorted(lefts)
    reader.page.evaluate(
        "() => { const box = document.querySelector('#rv-text'); box.value = 'bad \\ud800 half'; "
        "box.dispatchEvent(new Event('input')); }"
    )
    expect(reader.words).to_have_count(3)


def test_t11_the_special_entries_can_be_typed_as_ordinary_words(reader):
    reader.read("good <pad> <unk> film")
    assert [word.locator(".rv-unknown").count() for word in reader.words.all()] == [0, 1, 1, 0]


@pytest.mark.asks_python
def test_a_server_that_does_not_answer_is_said_and_the_picture_stays(reader):
    reader.read("good film")
    reader.page.route("**/component_server/**", lambda route: route.abort())
    reader.text.fill("bad film")
    expect(reader.page.locator(".rv-page > .rv-notices")).to_contain_text("does not answer")
    expect(reader.words.nth(0)).to_contain_text("good")
    reader.page.unroute("**/component_server/**")
    reader.read("bad film again")
    expect(reader.page.locator(".rv-page > .rv-notices p")).to_have_count(0)


def test_t80_nothing_typed_reaches_the_servers_log(reader, log):
    reader.read("zyzzyva secretword")
    reader.read("<b>zyzzyva")
    assert "zyzzyva" not in log.read_text()
    kept = reader.page.evaluate("JSON.stringify([{...localStorage}, document.cookie])")
    assert "zyzzyva" not in kept


def test_an_example_that_was_read_last_comes_back_after_the_box_was_cleared(reader):
    chip = reader.page.locator("[data-chip=not_good]")
    reader.after(chip.click)
    reader.read("")
    expect(reader.page.locator(".rv-picture")).to_be_hidden()
    expect(reader.page.locator(".rv-count")).to_be_empty()
    reader.after(chip.click)
    expect(reader.page.locator(".rv-picture")).to_be_visible()
    expect(reader.words).to_have_count(5)


def test_what_is_said_of_nothing_typed_follows_the_language(reader):
    reader.read("")
    reader.page.locator(".rv-language").select_option("el")
    expect(reader.root).to_have_attribute("data-language", "el")
    expect(reader.page.locator(".rv-empty")).not_to_contain_text("Type a sentence")
    expect(reader.page.locator(".rv-count")).to_be_empty()


def test_t2_what_is_too_long_to_be_sent_is_cut_and_that_is_said(reader):
    reader.read("good bad " * 9_000)
    notices = reader.page.locator(".rv-page > .rv-notices")
    expect(notices).to_contain_text("too long to be sent whole")
    expect(notices).to_contain_text("Showing words 1–200")
    reader.open_view("compare")
    expect(reader.page.locator(".rv-view[data-view=compare]")).to_contain_text("positive")
    reader.read("good film")
    expect(notices).to_be_empty()


@pytest.mark.asks_python
def test_an_answer_that_lags_behind_the_typing_is_not_called_a_cut_text(reader):
    held = []
    reader.page.route("**/component_server/**", lambda route: route.continue_() if held else held.append(route))
    reader.text.fill("good film")
    expect(reader.page.locator(".rv-count")).to_have_text("Reading …")
    notices = "document.querySelector('.rv-page > .rv-notices').textContent"
    reader.page.evaluate(
        f"() => {{ document.body.dataset.said = ''; const watch = () => {{ document.body.dataset.said += {notices}; }};"
        " new MutationObserver(watch).observe(document.querySelector('.rv-page'), { attributes: true }); }"
    )
    reader.text.fill("good film and more of it")
    held[0].continue_()
    expect(reader.words).to_have_count(6)
    assert "too long" not in reader.page.evaluate("document.body.dataset.said")
