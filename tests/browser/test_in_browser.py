"""The served page reads and trains in the visitor's browser once a network's files are there; Python until then."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from rnnviz.checkpoint.doctor import examine
from rnnviz.checkpoint.folder import load
from rnnviz.reading import read
from tests.shipped import FOLDER, opened

TEXT = "the movie was not good"


@pytest.fixture
def reading_here(reader):
    """The page, with its network open in the browser."""
    receipt = reader.page.locator(".rv-receipt")
    for word in ["a", "b", "c", "d", "e", "f", "g", "h"] * 20:
        reader.read(f"{TEXT} {word}")
        if "in this browser" in receipt.inner_text():
            return reader
    raise AssertionError("Python goes on reading")


def test_a_key_asks_the_server_for_nothing_and_the_answer_is_pythons(reading_here, requests):
    requests.clear()
    for end in range(4, len(TEXT) + 1, 3):
        reading_here.read(TEXT[:end])
    reading_here.read(TEXT)
    assert [url for url in requests if not url.startswith("blob:")] == []
    trace = read(opened("sst2-lstm"), TEXT)
    share = int(re.search(r"(\d+)%", reading_here.shows(".rv-answer"))[1])
    assert share == pytest.approx(100 * float(trace.verdicts[-1].max()), abs=0.51)


def test_the_receipt_says_who_has_read_and_pytorch_checks_this_very_text(reading_here):
    receipt = reading_here.page.locator(".rv-receipt")
    expect(receipt).to_contain_text("Read in this browser. Over 1,000 test sentences")
    receipt.get_by_role("button", name="Check with PyTorch").click()
    expect(receipt).to_contain_text("PyTorch has read this text too")
    said = re.search(r"more than ([\d.]+)(?:\s×\s10(\S+))?\.$", receipt.inner_text().strip())
    power = int((said[2] or "0").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    assert float(said[1]) * 10**power < 2e-4  # of numbers that were rounded for the picture
    reading_here.read("a warm and funny film")
    expect(receipt).not_to_contain_text("PyTorch has read")


def test_a_network_that_the_browser_does_not_get_is_read_by_python_without_end(reader):
    reader.page.route("**/networks/sst2-gru/**", lambda route: route.abort())
    reader.after(lambda: reader.model.select_option("sst2-gru"))
    for text in ("good", "not good", TEXT):
        reader.read(text)
        expect(reader.page.locator(".rv-receipt")).to_contain_text("differ from PyTorch's own")


def test_the_truncation_laboratory_trains_here_and_shows_both_outcomes(reader, requests):
    reader.open_view("train")
    train = reader.page.locator(".rv-train")
    lab = train.locator(".rv-train-lab")
    train.get_by_role("radio", name="GRU", exact=True).click()
    train.locator("#rv-train-units").fill("16")
    train.get_by_label("Learning rate, as a number").fill("0.01")
    requests.clear()
    shares = {}
    for cut, zeros in (("cut every 10 words", "10"), ("cut every 20 words", "0")):
        cell = lab.get_by_role("button", name=f"Train on texts of 20 words, {cut}")
        cell.click()
        expect(cell).to_have_attribute("data-runs", "1", timeout=240_000)
        expect(lab.locator(".rv-lab-reach")).to_have_attribute("data-zeros", zeros)
        shares[cut] = int(cell.inner_text().rstrip("%"))
    assert shares["cut every 10 words"] < 40  # chance is 25; the texts and first weights are always the same
    assert shares["cut every 20 words"] > 95
    assert [url for url in requests if not url.startswith("blob:")] == []


def test_a_network_that_was_trained_here_opens_in_all_views_and_is_saved_as_a_sound_checkpoint(
    reader, requests, tmp_path
):
    reader.open_view("train")
    train = reader.page.locator(".rv-train")
    train.locator("#rv-train-length").fill("8")
    train.locator("#rv-train-units").fill("8")
    requests.clear()
    train.get_by_role("button", name="Start", exact=True).click()
    expect(train).to_have_attribute("data-state", "done", timeout=240_000)
    assert [url for url in requests if not url.startswith("blob:")] == []

    with reader.page.expect_download() as download:
        train.get_by_role("button", name="Save it as a checkpoint").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with zipfile.ZipFile(path) as folder:
        folder.extractall(tmp_path)
    assert not [finding for finding in examine(tmp_path / "recall-lstm") if finding.problem]

    reader.after(lambda: train.get_by_role("button", name="Open it in all views").click())
    text = reader.text.input_value()
    trace = read(load(tmp_path / "recall-lstm"), text)
    answer = reader.shows(".rv-answer")
    assert answer.startswith(f"{trace.label}, ")
    reader.words.nth(2).click()
    reader.after(lambda: reader.page.locator(".rv-gauge[data-signal=forget]").press("Home"))
    expect(reader.page.locator(".rv-holds li")).to_have_count(1)
    reader.open_view("compare")
    expect(reader.page.locator(".rv-compare .rv-said")).not_to_be_empty()
    reader.open_view("gates")
    expect(reader.page.locator(".rv-gates .rv-said")).to_contain_text("of 24 gates act like bits")
    expect(reader.page.locator(".rv-gates-picture > svg > .rv-dot")).to_have_count(24)

    reader.page.goto(reader.page.url.partition("#")[0])
    reader.page.wait_for_selector(".rv-page[data-state=shown]")
    reader.open_view("train")
    reader.page.locator(".rv-train-tools input[type=file]").set_input_files(path)
    expect(reader.root).to_have_attribute("data-model", re.compile("^own-"))
    reader.read(text)
    assert reader.shows(".rv-answer") == answer


def test_a_file_that_holds_no_checkpoint_is_refused_in_a_sentence_and_the_picture_stays(reader, tmp_path):
    reader.read(TEXT)
    reader.open_view("train")
    for name, data in (("notes.zip", b"not a zip file"), ("empty.zip", b"PK\x05\x06" + bytes(18))):
        (tmp_path / name).write_bytes(data)
        reader.page.locator(".rv-train-tools input[type=file]").set_input_files(tmp_path / name)
        expect(reader.page.locator(".rv-page > .rv-notices")).to_contain_text("This file holds no checkpoint")
    expect(reader.words).to_have_count(5)


def test_a_damaged_checkpoint_of_ones_own_is_refused_for_what_is_wrong_with_it(reader, tmp_path):
    weights = bytearray((FOLDER / "recall-gru" / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as folder:
        for name in ("config.json", "vocabulary.txt"):
            folder.write(FOLDER / "recall-gru" / name, f"mine/{name}")
        folder.writestr("mine/model.safetensors", bytes(weights))
    reader.open_view("train")
    reader.page.locator(".rv-train-tools input[type=file]").set_input_files(tmp_path / "mine.zip")
    expect(reader.page.locator(".rv-page > .rv-notices")).to_contain_text("model.safetensors is damaged")
