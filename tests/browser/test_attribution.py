"""The view What each word gives: its numbers are Python's, its sums come out, its words are those of the page."""

import json

import pytest
from playwright.sync_api import expect

import rnnviz
from tests.shipped import opened

pytestmark = pytest.mark.browser

TEXT = "the movie was not good"
METHODS = ("gradient_times_input", "integrated_gradients", "ledger")


def written(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212").replace("\u22120.00", "0.00")


def test_the_numbers_are_pythons_for_each_class_and_network(reader):
    reader.read(TEXT)
    reader.open_view("attribution")
    view = reader.page.locator(".rv-attribution")
    for name, label in (("sst2-lstm", "negative"), ("sst2-lstm", "positive"), ("sst2-bilstm", "positive")):
        reader.page.locator("#rv-model").select_option(name)
        expect(view).to_have_attribute("data-model", name)  # what is clicked before is the class of the one before
        view.get_by_role("radio", name=label, exact=True).click()
        for method in METHODS:
            found = rnnviz.attribute(opened(name), TEXT, method, label, centred=True)
            measure = view.locator(f"[data-method={method}]")
            expect(measure.locator(".rv-given span")).to_have_text([written(part) for part in found.parts])
            expect(measure.locator(".rv-measure-sum")).to_contain_text(written(float(found.parts.sum())))
            expect(measure.locator(".rv-measure-sum")).to_contain_text(written(found.score))


def test_a_plain_rnn_has_no_ledger_and_it_is_said(reader):
    reader.page.locator("#rv-model").select_option("sst2-rnn")
    reader.open_view("attribution")
    ledger = reader.page.locator(".rv-attribution [data-method=ledger]")
    expect(ledger).to_contain_text("A plain RNN has no such account")
    expect(ledger.locator(".rv-given")).to_have_count(0)


def test_a_word_that_is_clicked_is_pinned_and_the_reading_is_saved_with_the_numbers(reader, tmp_path):
    reader.read(TEXT)
    reader.open_view("attribution")
    view = reader.page.locator(".rv-attribution")
    view.locator("[data-method=ledger] .rv-given").nth(3).click()
    expect(view.locator(".rv-given.rv-at bdi")).to_have_text(["not"] * 3)
    expect(reader.page.locator(".rv-moment")).to_contain_text("not")
    with reader.page.expect_download() as waiting:
        reader.page.locator("[data-save='attribution.json']").click()
    waiting.value.save_as(tmp_path / "one.json")
    whole = json.loads((tmp_path / "one.json").read_text())
    saved, origin = whole["attribution"], whole["provenance"]
    assert (origin["view"], origin["texts"]) == ("attribution", [TEXT])
    assert origin["networks"][0]["weights_sha256"] == opened("sst2-lstm").config.weights_sha256
    assert [one["method"] for one in saved["measures"]] == list(METHODS)
    assert waiting.value.suggested_filename == "rnnviz-sst2-lstm-attribution.json"


def test_shares_that_do_not_add_up_are_called_so_and_each_measure_has_its_colours(reader):
    reader.page.locator("#rv-model").select_option("languages-lstm")
    reader.read("The movie was not good, but the ending")
    reader.open_view("attribution")
    view = reader.page.locator(".rv-attribution")
    expect(view.locator("[data-method=integrated_gradients] .rv-alert")).to_contain_text("Even 200 steps")
    expect(view.locator(".rv-alert")).to_have_count(1)
    expect(view.locator(".rv-said")).to_contain_text("each has its own colour scale")
    expect(view).to_contain_text("Sum of the letters")
    reader.read("five")
    expect(view.locator(".rv-alert")).to_have_count(0)


def test_while_another_network_is_on_its_way_nothing_of_the_one_before_is_shown(reader):
    reader.read(TEXT)
    reader.open_view("attribution")
    view, page = reader.page.locator(".rv-attribution"), reader.page
    expect(view.locator(".rv-said")).to_be_visible()
    held, free = [], []
    page.route("**/component_server/**", lambda route: route.continue_() if free else held.append(route))
    page.locator("#rv-model").select_option("sst2-bilstm")
    expect(page.locator(".rv-view-coming")).to_be_visible()
    expect(view.locator(".rv-said")).to_be_hidden()
    free.append(True)
    for route in held:
        route.continue_()
    expect(view).to_have_attribute("data-model", "sst2-bilstm")
    expect(view.locator(".rv-said")).to_be_visible()
    expect(page.locator(".rv-view-coming")).to_be_hidden()


def test_the_shares_of_one_network_do_not_stand_under_the_name_of_the_next(reader):
    reader.page.route("**/networks/**", lambda route: route.abort())  # Python answers, which can be held up
    reader.read(TEXT)
    reader.open_view("attribution")
    view, page = reader.page.locator(".rv-attribution"), reader.page
    expect(view.locator(".rv-said")).to_be_visible()
    held, free = [], []

    def hold(route):
        is_shares = "attribute" in (route.request.post_data or "")
        held.append(route) if is_shares and not free else route.continue_()

    page.route("**/component_server/**", hold)
    page.locator("#rv-model").select_option("sst2-gru")
    expect(page.locator(".rv-page")).to_have_attribute("data-model", "sst2-gru")
    expect(view.locator(".rv-notices")).to_have_text("Reading …")
    expect(view.locator(".rv-said")).to_have_count(0)
    free.append(True)
    for route in held:
        route.continue_()
    expect(view.locator(".rv-said")).to_be_visible()
