"""What the page's components draw from."""

import base64
import dataclasses
import itertools
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from rnnviz import signals
from rnnviz.analysis.memory import contributions
from rnnviz.analysis.statistics import unit_order
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.page.payload import MOST_TEXTS, MOST_TOKENS_PACKED, WINDOW, packed_payload, payload
from rnnviz.reading import read
from tests.builders import checkpoint

WEB = Path(__file__).parents[2] / "web"
BUNDLER = WEB / "node_modules" / "rolldown" / "bin" / "cli.mjs"
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


def test_one_large_unit_does_not_bleach_the_colours_of_the_others():
    trace = read(checkpoint("lstm", hidden_size=60), TEXT)
    cells = np.linspace(-0.9, 0.9, trace.signals["cell"].size, dtype=np.float32).reshape(trace.signals["cell"].shape)
    cells[..., 7] = -np.linspace(3, 20, len(trace.tokens))
    found = payload(dataclasses.replace(trace, signals=trace.signals | {"cell": cells}), model="m", total=5)
    described = {signal["name"]: signal for signal in found["signals"]}
    assert (described["cell"]["low"], described["cell"]["high"]) == (-1, 1)
    assert described["cell"]["scale"] == 20  # so that the number itself is still printed
    low, high = described["cell"]["ends"]
    assert low <= -20 < 20 <= high
    np.testing.assert_allclose(unpacked(found)[4], cells, atol=20 / 32767)
    assert (described["forget"]["low"], described["forget"]["high"]) == (0, 1)
    assert (described["hidden"]["low"], described["hidden"]["high"]) == (-1, 1)


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
    winners = found["winners"]
    assert winners == [row.index(max(row)) for row in found["verdicts"]]
    assert found["turns"] == [False, *(after != before for before, after in itertools.pairwise(winners))]


def test_of_a_near_tie_the_winner_is_the_class_that_leads_before_rounding():
    shares = np.array([[0.49999, 0.50001], [0.50001, 0.49999], [0.49999, 0.50001]], dtype=np.float32)
    trace = dataclasses.replace(read(checkpoint("lstm"), "good bad film"), verdicts=shares)
    found = payload(trace, model="m", total=3)
    assert found["verdicts"] == [[0.5, 0.5]] * 3
    assert (found["winners"], found["winner"]) == ([1, 0, 1], 1)


@pytest.mark.skipif(not BUNDLER.exists(), reason="needs web/node_modules: make web")
def test_the_browser_takes_the_winners_as_they_are_sent(tmp_path):
    shares = np.array([[0.50001, 0.49999], [0.49999, 0.50001]], dtype=np.float32)
    trace = dataclasses.replace(read(checkpoint("lstm"), "good film"), verdicts=shares)
    sent = json.dumps(payload(trace, model="m", total=2))
    source, module = WEB / "src" / "model" / "reading.ts", tmp_path / "reading.mjs"
    subprocess.run(["node", BUNDLER, source, "--format", "esm", "--file", module], check=True, capture_output=True)
    script = (
        f"import {{ unpackReading }} from {json.dumps(module.as_uri())};"
        + "globalThis.document = {body: {classList: {contains: () => false}}};"
        + f"const reading = unpackReading({sent});"
        + "console.log(JSON.stringify([reading.winners, reading.answer]));"
    )
    node = ["node", "--input-type=module", "-"]
    said = subprocess.run(node, input=script, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == [[0, 1], 1]


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
def test_what_the_words_of_a_window_and_all_others_gave_adds_up_to_the_scores(cell):
    text = " ".join(f"{word}{place}" for place in range(70) for word in ("good", "bad", "film"))
    trace = read(checkpoint(cell, layers=2, bidirectional=True, pooling="max+mean"), text)
    found = payload(trace, model="m", total=210, start=WINDOW)["contributions"]
    wanted = contributions(trace).by_token[WINDOW:]
    np.testing.assert_allclose(found["by_token"], wanted - wanted.mean(axis=1, keepdims=True), atol=6e-5)
    np.testing.assert_allclose(np.sum(found["by_token"], axis=1), 0, atol=3e-4)
    scores = np.sum(found["by_token"], axis=0) + found["elsewhere"] + found["bias"]
    shares = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(shares, trace.verdicts[-1], atol=1e-3)


def test_where_no_account_adds_up_none_is_sent():
    assert payload(read(checkpoint("rnn"), TEXT), model="m", total=5)["contributions"] is None
    held = hold(checkpoint("lstm"), TEXT, [Clamp("cell", value=1.0, tokens=2)])
    assert payload(held, model="m", total=5)["contributions"] is None
