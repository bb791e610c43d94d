"""What a unit does over many texts, against networks so small that every number can be worked out by hand."""

import json
import math

import numpy as np
import pytest
import torch

from rnnviz import signals
from rnnviz.analysis.statistics import bimodality_of, valley_of
from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.data.text import Vocabulary
from rnnviz.reading import read
from rnnviz.training import unit_summary
from rnnviz.training.unit_summary import describe
from tests.builders import CELLS, checkpoint

TEXTS = ["up up down", "down up", "still up still", "up down still", "up", "down down still zzz"]


def counter(bidirectional=False) -> Checkpoint:
    """A relu network of two units that count: "up" adds 2 to unit 0, "down" adds 1 to unit 1, "still" nothing.

    So the state is a sum over the words read so far, and each word's change is the same wherever it stands.
    """
    found = checkpoint(
        "rnn",
        bidirectional=bidirectional,
        nonlinearity="relu",
        words=("up", "down", "still"),
        embedding_size=2,
        hidden_size=2,
    )
    weights = {name: torch.zeros_like(value) for name, value in found.model.state_dict().items()}
    weights["embedding.weight"][2] = torch.tensor([2.0, 0.0])
    weights["embedding.weight"][3] = torch.tensor([0.0, 1.0])
    for suffix in ("", "_reverse") if bidirectional else ("",):
        weights[f"rnn.weight_ih_l0{suffix}"] = torch.eye(2)
        weights[f"rnn.weight_hh_l0{suffix}"] = torch.eye(2)
    found.model.load_state_dict(weights)
    return found


def states(direction):
    """The counter's states over all texts, one row a token: a sum from the start, or from the end."""
    rows = []
    for text in TEXTS:
        gains = [{"up": (2.0, 0.0), "down": (0.0, 1.0)}.get(word, (0.0, 0.0)) for word in text.split()]
        gains = gains[::-1] if direction == "backward" else gains
        sums = np.cumsum(gains, axis=0)
        rows += (sums[::-1] if direction == "backward" else sums).tolist()
    return np.array(rows)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_words_that_raise_a_unit_are_those_that_add_to_it_in_either_direction(direction):
    found = describe(counter(bidirectional=True), TEXTS * 3)["layers"][0][direction]
    assert found["raised_by"] == [["up"], ["down"]]
    assert found["lowered_by"] == [[], []]


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_means_and_quantiles_are_those_of_the_states(direction):
    found = describe(counter(bidirectional=True), TEXTS)
    summary = found["layers"][0][direction]["signals"]["hidden"]
    wanted = states(direction)
    assert found["texts"] == len(TEXTS)
    assert found["tokens"] == len(wanted) == 16
    assert summary["mean"] == pytest.approx(wanted.mean(axis=0), abs=1e-4)
    assert found["quantiles"] == [0.05, 0.25, 0.5, 0.75, 0.95]
    for share, row in zip(found["quantiles"], summary["quantiles"], strict=True):
        for unit in range(2):
            ordered = sorted(wanted[:, unit])
            place = share * (len(ordered) - 1)  # between two neighbours, in a straight line
            low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
            assert row[unit] == pytest.approx(low + (high - low) * (place % 1), abs=1e-4)


def test_words_are_ranked_by_what_they_change_in_the_memory_not_in_what_is_shown_of_it():
    network = checkpoint("lstm", words=("strong", "weak", "none", "against"), embedding_size=2, hidden_size=1)
    weights = {name: torch.zeros_like(value) for name, value in network.model.state_dict().items()}
    weights["embedding.weight"][2:] = torch.tensor([[3.0, -9.0], [0.5, 9.0], [0.0, 9.0], [-3.0, 9.0]])
    weights["rnn.bias_ih_l0"][:2] = 20.0  # all is let in and all is kept
    weights["rnn.weight_ih_l0"][2, 0] = 1.0  # the first feature is what is proposed
    weights["rnn.weight_ih_l0"][3, 1] = 1.0  # the second is what is shown: after "strong", nothing
    network.model.load_state_dict(weights)
    texts = ["weak strong none against", "weak none strong against", "weak weak strong against none"] * 2
    summary = describe(network, texts)["layers"][0]["forward"]
    assert summary["raised_by"] == [["strong", "weak"]]  # "none" changes nothing
    assert summary["lowered_by"] == [["against"]]
    wanted = np.concatenate([read(network, text).select("cell")[:, 0] for text in texts])
    assert summary["signals"]["cell"]["mean"] == pytest.approx([wanted.mean()], abs=1e-4)


def test_unknown_words_and_words_seen_less_than_five_times_are_not_named():
    network = counter()
    names = ["zzz"] * 9
    assert describe(network, ["up zzz"] * 5 + ["down"] * 4 + names)["layers"][0]["forward"]["raised_by"] == [["up"], []]
    rare = describe(network, ["up down"])["layers"][0]["forward"]  # all are rare: better than nothing
    assert rare["raised_by"] == [["up"], ["down"]]
    assert describe(network, names)["layers"][0]["forward"]["raised_by"] == [[], []]


def test_at_most_twenty_words_are_named_strongest_first():
    words = tuple(f"w{place:02}" for place in range(30))
    network = checkpoint("rnn", words=words, nonlinearity="relu", embedding_size=1, hidden_size=1)
    weights = {name: torch.zeros_like(value) for name, value in network.model.state_dict().items()}
    weights["embedding.weight"][2:, 0] = torch.arange(1.0, 31.0)
    weights["rnn.weight_ih_l0"][:] = weights["rnn.weight_hh_l0"][:] = 1.0
    network.model.load_state_dict(weights)
    found = describe(network, [" ".join(words)] * 5)["layers"][0]["forward"]
    assert found["raised_by"] == [[f"w{place:02}" for place in range(29, 9, -1)]]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_saturation_counts_the_gates_below_a_tenth_and_above_nine_tenths(cell):
    network = checkpoint(cell, embedding_size=1, hidden_size=1, words=("low", "middle", "high"))
    weights = {name: torch.zeros_like(value) for name, value in network.model.state_dict().items()}
    weights["embedding.weight"][2:5, 0] = torch.tensor([-3.0, 0.0, 3.0])  # sigmoid: 0.047, 0.5, 0.953
    weights["rnn.weight_ih_l0"][:] = 1.0
    network.model.load_state_dict(weights)
    found = describe(network, ["low low high middle", "low", "middle middle low high high"])["layers"][0]["forward"]
    gates = [entry.name for entry in signals.SIGNALS[cell] if entry.is_gate]
    assert found["saturation"] == {gate: {"shut": [0.4], "open": [0.3]} for gate in gates}


@pytest.mark.parametrize(("cell", "gate"), [("lstm", 1), ("gru", 1)])
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.25])
def test_after_its_half_life_half_of_a_memory_is_left(cell, gate, kept):
    network = checkpoint(cell, hidden_size=2)
    for parameter in network.model.rnn.parameters():
        parameter.data.zero_()
    network.model.rnn.bias_ih_l0.data[2 * gate] = math.log(kept / (1 - kept))
    found = describe(network, ["the film was not bad"])["layers"][0]["forward"]["half_life"]
    assert kept ** found[0] == pytest.approx(0.5, abs=1e-3)
    assert found[1] == pytest.approx(1.0, abs=1e-3)  # the other unit's gate stands at one half


def test_a_gate_that_never_lets_go_or_never_keeps_has_a_half_life_that_is_a_number():
    values = {"forget": np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32)}
    forever, never = unit_summary.half_life("lstm", values)
    assert forever == 1e6
    assert 0 < never < 0.1


@pytest.mark.parametrize("cell", CELLS)
def test_each_unit_has_the_measures_of_its_memory_over_all_texts_together(cell):
    network = checkpoint(cell, 2, True)
    texts = ["the film was bad", "good", "a zzz story , not good at all"] * 3
    found, traces = describe(network, texts), [read(network, text) for text in texts]
    for layer, direction in ((0, "backward"), (1, "forward")):
        memory = np.concatenate([one.select(signals.memory(cell), layer, direction) for one in traces])
        summary = found["layers"][layer][direction]
        assert summary["bimodality"] == pytest.approx(bimodality_of(memory).tolist(), abs=1e-4)
        assert summary["valley"] == pytest.approx(valley_of(memory).tolist(), abs=1e-4)


def test_a_unit_that_never_moves_has_no_measure_of_two_values():
    summary = describe(counter(), ["still still still", "still still"])["layers"][0]["forward"]
    assert summary["bimodality"] == summary["valley"] == [None, None]


def test_a_plain_rnn_has_no_gate_and_no_half_life():
    summary = describe(counter(), TEXTS)["layers"][0]["forward"]
    assert summary["half_life"] is None
    assert summary["saturation"] == {}


@pytest.mark.parametrize("cell", CELLS)
def test_every_layer_and_direction_is_summarised_over_exactly_what_read_would_show(cell):
    network = checkpoint(cell, 2, bidirectional=True)
    texts = ["the film was bad", "good", "a zzz story , not good at all"]
    found = describe(network, texts)
    traces = [read(network, text) for text in texts]
    for layer in range(2):
        for direction in ("forward", "backward"):
            summary = found["layers"][layer][direction]["signals"]
            assert list(summary) == list(signals.names(cell))
            for name in summary:
                rows = np.concatenate([trace.select(name, layer, direction) for trace in traces])
                assert summary[name]["mean"] == pytest.approx(rows.mean(axis=0), abs=1e-4)


def test_only_the_beginning_of_a_long_text_and_of_many_texts_is_read(monkeypatch):
    found = describe(counter(), ["up " * 60 + "down " * 40, "", "  "])
    assert found["tokens"] == 60
    assert found["texts"] == 1
    assert found["layers"][0]["forward"]["raised_by"] == [["up"], []]
    monkeypatch.setattr(unit_summary, "_TOKENS", 70)
    assert describe(counter(), ["up " * 60, "down " * 60, "up"])["tokens"] == 70


def test_texts_without_any_token_give_an_empty_summary():
    assert describe(counter(), ["", "  "]) == {}
    assert describe(counter(), []) == {}


def test_a_summary_comes_back_from_a_checkpoint_as_it_was_made(tmp_path):
    network = checkpoint(layers=2, bidirectional=True)
    found = describe(network, ["the film was not bad", "good story"] * 5)
    saved = Checkpoint(network.model, network.vocabulary, network.config, found)
    saved.save_pretrained(tmp_path / "tiny")
    assert load(tmp_path / "tiny").units == found == json.loads(json.dumps(found))
    assert isinstance(network.vocabulary, Vocabulary)


def test_describing_pauses_between_small_pieces_of_work(monkeypatch):
    monkeypatch.setattr(unit_summary, "_BATCH", 2)
    pauses = sum(1 for _ in unit_summary.describing(checkpoint(layers=2, bidirectional=True), ["bad film"] * 7))
    assert pauses == 4 + 2 * 2  # four batches of texts, then each layer and direction
