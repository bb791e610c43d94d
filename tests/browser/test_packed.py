"""The packed tab: the textbook example, a person's own sentences, the hover link, play."""

import pytest
import torch
from playwright.sync_api import expect
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from tests.browser.conftest import BY_HAND

pytestmark = pytest.mark.browser


@pytest.fixture
def packed(reader):
    reader.open_view("packed")
    reader.page.locator(".rv-data .rv-cell").first.wait_for()
    return reader.page


def test_the_textbook_example_is_packed_as_the_lesson_has_it(packed):
    assert packed.locator(".rv-data .rv-cell text").all_text_contents() == list("169273845")
    expect(packed.locator(".rv-sizes")).to_contain_text("[3, 2, 2, 1, 1]")
    expect(packed.locator(".rv-padded .rv-filler")).to_have_count(6)
    expect(packed.locator(".rv-saved")).to_have_text(
        "Padded, the network computes 15 cells. Packed, it computes 9: 6 fewer (40%)."
    )


def test_typed_sentences_are_packed_as_torch_packs_them(packed):
    texts = [["a", "b"], ["c", "d", "e", "f"], ["g"], ["h", "i", "j"]]
    packed.locator("#rv-batch").fill("\n".join(" ".join(words) for words in texts))
    expect(packed.locator(".rv-data .rv-cell")).to_have_count(10)
    letters = [torch.tensor([ord(word) for word in words]) for words in texts]
    wanted = pack_padded_sequence(
        pad_sequence(letters, batch_first=True), [len(words) for words in texts], batch_first=True, enforce_sorted=False
    )
    assert packed.locator(".rv-data .rv-cell text").all_text_contents() == [chr(code) for code in wanted.data.tolist()]
    expect(packed.locator(".rv-sizes")).to_contain_text(str(wanted.batch_sizes.tolist()))


def test_a_cell_pointed_at_is_found_in_every_picture(packed):
    packed.locator(".rv-padded .rv-cell", has_text="8").hover()
    for side in (".rv-padded", ".rv-steps", ".rv-data"):
        expect(packed.locator(f"{side} .rv-here text")).to_have_text(["8"])
    expect(packed.locator(".rv-packed .rv-found")).to_have_text(
        "“8”: sentence 2, word 3; place 7 in the packed data, step 3"
    )
    packed.locator(".rv-data .rv-cell", has_text="9").hover()
    expect(packed.locator(".rv-padded .rv-here text")).to_have_text(["9"])
    packed.locator(".rv-padded .rv-filler").first.hover()
    expect(packed.locator(".rv-packed .rv-found")).to_contain_text("padding: sentence 2 has ended")


def test_the_arrow_keys_walk_through_a_picture_and_find_the_cell_in_the_others(packed):
    packed.locator(".rv-padded .rv-cell", has_text="1").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        packed.keyboard.press(key)
    expect(packed.locator(".rv-padded .rv-cell:focus")).to_have_accessible_name(
        "“8”: sentence 2, word 3; place 7 in the packed data, step 3"
    )
    expect(packed.locator(".rv-data .rv-here text")).to_have_text(["8"])
    packed.keyboard.press("ArrowRight")
    expect(packed.locator(".rv-packed .rv-found")).to_contain_text("padding: sentence 2 has ended")
    for key in ("ArrowDown", "ArrowDown"):  # below the last row there is nowhere to go
        packed.keyboard.press(key)
    expect(packed.locator(".rv-padded .rv-cell:focus")).to_have_attribute("data-at", "3,2")
    packed.keyboard.press("Tab")
    expect(packed.locator(".rv-steps .rv-cell:focus")).to_have_count(1)
    packed.locator("#rv-batch").focus()
    expect(packed.locator(".rv-here")).to_have_count(0)


def test_a_table_says_where_every_word_lies(packed):
    packed.locator(".rv-whole summary").click()
    rows = packed.locator(".rv-whole tbody tr")
    expect(rows.nth(1).locator("td")).to_have_text(["6 (place 2)", "7 (place 5)", "8 (place 7)", "padding", "padding"])
    expect(rows.nth(1).locator("th")).to_have_text("sentence 2")


def test_a_cell_out_of_sight_is_brought_into_sight_when_it_is_pointed_at_elsewhere(packed):
    packed.locator("#rv-batch").fill("\n".join([" ".join(f"w{place}" for place in range(40))] * 8))
    expect(packed.locator(".rv-data .rv-cell")).to_have_count(320)
    packed.locator(".rv-steps .rv-cell[data-key='7-3']").hover()
    expect(packed.locator(".rv-data .rv-cell[data-key='7-3']")).to_be_in_viewport()
    packed.locator(".rv-steps .rv-cell[data-key='0-0']").hover()
    expect(packed.locator(".rv-data .rv-cell[data-key='0-0']")).to_be_in_viewport()


def test_a_tap_on_a_small_screen_finds_the_cell(visit):
    reader = visit(viewport={"width": 400, "height": 900}, has_touch=True)
    reader.open_view("packed")
    reader.page.get_by_role("button", name="Three reviews").click()
    expect(reader.page.locator(".rv-data .rv-cell")).to_have_count(22)
    reader.page.locator(".rv-padded .rv-cell").nth(1).tap()
    expect(reader.page.locator(".rv-packed .rv-found")).to_contain_text("sentence 1, word 2")


def test_play_shows_one_step_after_the_other_and_ends(packed):
    packed.evaluate(BY_HAND)
    packed.get_by_role("button", name="Play").click()
    for count in (3, 2, 2, 1, 1):
        expect(packed.locator(".rv-data .rv-now")).to_have_count(count)
        expect(packed.get_by_role("button", name="Play")).to_have_count(0)  # it is the one that stops by now
        packed.evaluate("tick()")
    expect(packed.get_by_role("button", name="Play")).to_be_visible()
    expect(packed.locator(".rv-later")).to_have_count(0)


def test_one_sentence_is_too_few_and_a_ninth_is_left_out_with_a_word(packed):
    packed.locator("#rv-batch").fill("only one")
    expect(packed.locator(".rv-packed .rv-notices")).to_contain_text("at least two sentences")
    packed.locator("#rv-batch").fill("\n".join(["a b"] * 9))
    expect(packed.locator(".rv-packed .rv-notices")).to_contain_text("The first 8 sentences are shown.")
    packed.locator("#rv-batch").fill("word " * 50 + "\nshort")
    expect(packed.locator(".rv-packed .rv-notices")).to_contain_text("The first 40 words")


def test_equal_lengths_have_nothing_to_save(packed):
    packed.locator("#rv-batch").fill("a b\nc d")
    expect(packed.locator(".rv-saved")).to_contain_text("nothing to save: 4 cells either way")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1100, "dark"), (400, "light")])
def test_the_packed_tab_fits_the_window(visit, width, scheme):
    reader = visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    reader.open_view("packed")
    reader.page.get_by_role("button", name="Three news texts").click()
    expect(reader.page.locator(".rv-data .rv-cell")).to_have_count(50)
    reader.page.locator(".rv-filling").scroll_into_view_if_needed()
    expect(reader.page.locator(".rv-drift")).to_have_attribute("data-length", "35")
    reader.picture(f"packed-{width}-{scheme}")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
