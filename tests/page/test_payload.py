"""What the page's components draw from."""

import base64
import itertools

import numpy as np
import pytest

from rnnviz import signals
from rnnviz.analysis import unit_order
from rnnviz.memory import contributions
from rnnviz.page.payload import MOST_TEXTS, MOST_TOKENS_PACKED, WINDOW, packed_payload, payload
from rnnviz.reading import read
from rnnviz.surgery import Clamp, hold
from tests.builders import checkpoint

TEXT = "good bad film not very"


def unpacked(found: dict) -> np.ndarray:
    """The numbers as the browser computes them: int16 · scale / 32767."""
    whole = np.frombuffer(base64.b64decode(found["data"]), dtype="<i2").reshape(found["shape"]).astype(float)
    scales = np.array([signal["scale"] for signal in found["signals"]])
    return whole * scales.reshape(-1, 1, 1, 1, 1) / 32767


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_browser_gets_every_number_to_a_thirty_thousandth_of_its_range(cell, bidirectional):
    trace = read(checkpoint(cell, layers=2, bidirectional=bidirectional), TEXT)
    found = payload(trace, model="m", total=5)
    numbers = unpacked(found)
    for place, signal in enumerate(signals.SIGNALS[cell]):
        largest = np.abs(trace.signals[signal.name]).max()
        np.testing.assert_allclose(numbers[place], trace.signals[signal.name], atol=largest / 32767)


def test_a_window_holds_its_own_words_and_the_whole_texts_answer():
    text = " ".join(f"{word}{place}" for place in range(70) for word in ("good", "bad", "film"))
    trace = read(checkpoint("lstm"), text)
    found = payload(trace, model="m", total=900, start=WINDOW + 3)
    assert found["start"] == WINDOW
    assert found["tokens"] == list(trace.tokens[WINDOW:])
    np.testing.assert_allclose(found["answer"], trace.verdicts[-1], atol=1e-4)
    np.testing.assert_allclose(unpacked(found)[4], trace.signals["cell"][:, :, WINDOW:], atol=1e-4)
    assert found["windowed"]
    assert (found["read"], found["total"]) == (210, 900)


@pytest.mark.parametrize("start", [-5, 10**9])
def test_a_window_beyond_the_text_is_its_nearest_one(start):
    trace = read(checkpoint("gru"), TEXT)
    assert payload(trace, model="m", total=5, start=start)["tokens"] == list(trace.tokens)


def test_flags_stand_where_the_most_probable_class_changes():
    trace = read(checkpoint("lstm", seed=3), TEXT)
    found = payload(trace, model="m", total=5)
    winners = [row.index(max(row)) for row in found["verdicts"]]
    assert found["turns"] == [False, *(after != before for before, after in itertools.pairwise(winners))]


def test_units_come_in_the_order_of_their_effect():
    trace = read(checkpoint("lstm", layers=2, bidirectional=True), TEXT)
    found = payload(trace, model="m", total=5)
    for layer in range(2):
        for way, direction in enumerate(trace.directions):
            assert found["order"][layer][way] == unit_order(trace, layer, direction).tolist()


def test_a_batch_too_large_for_the_page_is_cut_and_says_so():
    found = packed_payload([["word"] * 50] * 10)
    assert len(found["texts"]) == MOST_TEXTS
    assert {len(text) for text in found["texts"]} == {MOST_TOKENS_PACKED}
    assert found["cut_texts"]
    assert found["cut_tokens"] == MOST_TOKENS_PACKED


def test_one_sentence_has_no_layout():
    assert "rows" not in packed_payload([["alone"]])


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_what_the_words_of_a_window_and_all_others_gave_adds_up_to_the_logits(cell):
    text = " ".join(f"{word}{place}" for place in range(70) for word in ("good", "bad", "film"))
    trace = read(checkpoint(cell, layers=2, bidirectional=True, pooling="max+mean"), text)
    found = payload(trace, model="m", total=210, start=WINDOW)["contributions"]
    np.testing.assert_allclose(found["by_token"], contributions(trace).by_token[WINDOW:], atol=6e-5)
    logits = np.sum(found["by_token"], axis=0) + found["elsewhere"] + found["bias"]
    shares = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(shares, trace.verdicts[-1], atol=1e-3)


def test_where_no_account_adds_up_none_is_sent():
    assert payload(read(checkpoint("rnn"), TEXT), model="m", total=5)["contributions"] is None
    held = hold(checkpoint("lstm"), TEXT, [Clamp("cell", value=1.0, tokens=2)])
    assert payload(held, model="m", total=5)["contributions"] is None
