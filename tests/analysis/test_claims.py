"""Verdicts on what is said of gates and memories, against summaries whose counts are plain to see."""

import numpy as np
import pytest

from rnnviz.analysis import claims
from rnnviz.analysis.statistics import OPEN, SHUT, bimodality_of, valley_of
from rnnviz.reading import read
from rnnviz.training.unit_summary import describe
from tests.builders import CELLS, SENTENCE, checkpoint, trace
from tests.shipped import FOLDER, NAMES, opened


def summary(**parts):
    """What units.json says of a network of one layer and direction."""
    return {"layers": [{"forward": parts}]}


def gate(shut, opened):
    return summary(saturation={"forget": {"shut": shut, "open": opened}})


# Bit masks


@pytest.mark.parametrize(
    ("shut", "opened", "verdict"),
    [
        ([0.5, 0.4], [0.5, 0.4], "supported"),  # 0.9 on the whole
        ([0.5, 0.4], [0.5, 0.39], "partly"),
        ([0.25, 0.25], [0.25, 0.25], "partly"),  # 0.5
        ([0.25, 0.25], [0.25, 0.24], "not supported"),
        ([0.1, 0.1], [0.1, 0.1], "not supported"),  # an even spread
        ([0.0, 0.0], [1.0, 1.0], "supported"),  # a mask that is always 1 is one
    ],
)
def test_gates_are_bit_masks_where_nine_tenths_of_their_values_are_nearly_0_or_1(shut, opened, verdict):
    found = claims.masks(gate(shut, opened))
    (only,) = found.gates
    assert found.verdict == only.verdict == verdict
    assert (only.layer, only.direction, only.name) == (0, "forward", "forget")
    assert only.shut + only.between + only.open == pytest.approx(1.0)
    assert found.share == pytest.approx(sum(shut + opened) / 2)


def test_one_gate_may_be_a_mask_where_all_together_are_not():
    units = summary(saturation={"input": {"shut": [0.0], "open": [0.0]}, "forget": {"shut": [0.0], "open": [1.0]}})
    found = claims.masks(units)
    assert {one.name: one.verdict for one in found.gates} == {"input": "not supported", "forget": "supported"}
    assert (found.share, found.verdict) == (0.5, "partly")


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_sentence_that_is_read_has_the_verdict_that_its_own_summary_would_have(cell):
    network = checkpoint(cell, 2, True)
    one, many = claims.masks_in(read(network, SENTENCE)), claims.masks(describe(network, [SENTENCE]))
    assert len(one.gates) == len(many.gates) == 2 * 2 * {"lstm": 3, "gru": 2}[cell]
    for own, wanted in zip(one.gates, many.gates, strict=True):
        assert (own.layer, own.direction, own.name) == (wanted.layer, wanted.direction, wanted.name)
        assert (own.shut, own.open, own.between) == pytest.approx((wanted.shut, wanted.open, wanted.between), abs=1e-4)


def test_the_shares_of_a_sentence_are_counted_over_its_tokens_and_units():
    found = trace(cell="gru")
    for one in claims.masks_in(found).gates:
        values = found.select(one.name).ravel().tolist()
        assert one.shut == pytest.approx(sum(value < SHUT for value in values) / len(values))
        assert one.open == pytest.approx(sum(value > OPEN for value in values) / len(values))


def test_a_network_without_gates_or_without_a_summary_has_no_verdict_on_them():
    assert claims.masks_in(trace(cell="rnn")) is None
    assert claims.masks(summary(saturation={})) is None
    assert claims.masks({}) is claims.flags({}) is None


# Flags


@pytest.mark.parametrize(
    ("bimodality", "valley", "is_flag"),
    [(0.9, 0.9, True), (0.9, 0.49, False), (0.55, 0.9, False), (0.56, 0.5, True), (None, None, False)],
)
def test_a_flag_has_two_peaks_and_a_valley_between_them(bimodality, valley, is_flag):
    assert claims.is_flag(bimodality, valley) is is_flag
    found = claims.flags(summary(bimodality=[bimodality], valley=[valley]))
    assert (found.flags, found.units, found.share) == (int(is_flag), 1, float(is_flag))


@pytest.mark.parametrize(
    ("flags", "verdict"), [(10, "supported"), (9, "supported"), (5, "partly"), (4, "not supported")]
)
def test_the_memory_is_made_of_flags_where_nine_units_of_ten_are(flags, verdict):
    values = [0.9] * flags + [0.3] * (10 - flags)
    assert claims.flags(summary(bimodality=values, valley=values)).verdict == verdict


def test_the_unit_most_like_a_flag_is_good_by_both_measures_and_comes_with_its_words():
    units = {
        "layers": [
            {"forward": {"bimodality": [1.0, None], "valley": [0.1, None]}},
            {
                "forward": {"bimodality": [0.2, 0.2], "valley": [1.0, 1.0]},
                "backward": {
                    "bimodality": [0.4, 0.3],
                    "valley": [0.3, 0.4],
                    "raised_by": [["she", "her"], []],
                    "lowered_by": [["they"], []],
                },
            },
        ]
    }
    found = claims.flags(units)
    assert (found.flags, found.units, found.verdict) == (0, 6, "not supported")
    assert vars(found.most) == {
        "layer": 1,
        "direction": "backward",
        "unit": 0,
        "bimodality": 0.4,
        "valley": 0.3,
        "raised_by": ("she", "her"),
        "lowered_by": ("they",),
    }


def test_two_values_make_a_flag_and_a_tail_a_bell_or_an_even_spread_do_not():
    random, n = np.random.default_rng(5), 30_000
    rare = random.random(n) < 0.1
    columns = {
        "raised for a tenth of the tokens": rare + random.normal(size=n) / 10,
        "two hills": np.where(random.random(n) < 0.5, -2, 2) + random.normal(size=n) / 2,
        "long tail": random.lognormal(sigma=2, size=n),
        "mostly still": np.where(rare, random.random(n), 0.0),
        "bell": random.normal(size=n),
        "even": random.random(n),
    }
    memory = np.stack(list(columns.values()), axis=1)
    peaks, valleys = bimodality_of(memory).tolist(), valley_of(memory).tolist()
    assert dict(zip(columns, map(claims.is_flag, peaks, valleys), strict=True)) == {
        "raised for a tenth of the tokens": True,
        "two hills": True,
        "long tail": False,
        "mostly still": False,
        "bell": False,
        "even": False,
    }
    assert peaks[2] > claims.TWO_PEAKS  # Sarle's coefficient alone takes both for two values
    assert peaks[3] > claims.TWO_PEAKS


@pytest.mark.parametrize("cell", CELLS)
def test_what_describe_writes_can_be_judged(cell):
    found = claims.flags(describe(checkpoint(cell, 2, True), [SENTENCE, "a good story"]))
    assert found.units == 2 * 2 * 6


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_networks_are_judged_by_their_own_summaries(name):
    network = opened(name)
    model = network.config.model
    masks, flags = claims.masks(network.units), claims.flags(network.units)
    assert flags.units == model.layers * model.directions * model.hidden_size, FOLDER / name
    assert (masks is None) == (model.cell == "rnn")


def test_the_first_letter_is_kept_by_forget_gates_that_are_a_mask_and_by_no_other_gate():
    found = claims.masks(opened("recall-lstm").units)
    assert {one.name: one.verdict for one in found.gates} == {
        "input": "not supported",
        "forget": "supported",
        "output": "not supported",
    }
