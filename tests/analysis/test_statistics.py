"""Which units matter, against the network itself with a unit's way to the answer cut; the other measures by hand."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

import rnnviz
from rnnviz import signals
from rnnviz.analysis.statistics import bimodality, compare, half_life, saturation, unit_effects, unit_order, valley_of
from rnnviz.errors import SelectionError
from rnnviz.reading import read
from rnnviz.training.unit_summary import describe
from tests.builders import CELLS, POOLINGS, SENTENCE, WORDS, checkpoint, trace as trace_of

KEEPERS = {"lstm": "forget", "gru": "update"}


def lead(network, answer):
    """How far the answer's logit is ahead of the mean of the others."""
    ids = torch.tensor([network.ids(SENTENCE)])
    logits = network.model(ids, torch.tensor([ids.shape[1]]))[0].tolist()
    others = [logit for place, logit in enumerate(logits) if place != answer]
    return logits[answer] - sum(others) / len(others)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("labels", ["ab", "abcd"])
def test_a_unit_of_the_top_layer_matters_as_much_as_the_lead_changes_without_it(cell, pooling, direction, labels):
    network = checkpoint(cell, 2, True, pooling, labels=labels)
    trace = read(network, SENTENCE)
    answer, effects = trace.labels.index(trace.label), unit_effects(trace, direction=direction)
    whole, weight = lead(network, answer), network.model.fc.weight.data.clone()
    for unit in range(6):
        columns = [unit + (6 if direction == "backward" else 0) + (12 if pooling == "last-layers" else 0)]
        columns += [columns[0] + 12] if pooling == "max+mean" else []
        network.model.fc.weight.data[:, columns] = 0
        assert effects[unit] == pytest.approx(abs(whole - lead(network, answer)), abs=1e-5)
        network.model.fc.weight.data.copy_(weight)


def test_a_unit_of_a_lower_layer_that_is_pooled_matters_as_much_as_the_lead_changes_without_it():
    network = checkpoint("lstm", 2, True, "last-layers", labels="abc")
    trace = read(network, SENTENCE)
    answer, effects = trace.labels.index(trace.label), unit_effects(trace, 0, "backward")
    whole, weight = lead(network, answer), network.model.fc.weight.data.clone()
    for unit in range(6):
        network.model.fc.weight.data[:, 6 + unit] = 0
        assert effects[unit] == pytest.approx(abs(whole - lead(network, answer)), abs=1e-5)
        network.model.fc.weight.data.copy_(weight)


def test_a_unit_of_a_lower_layer_matters_as_far_as_its_hidden_state_moves_from_zero_on():
    trace = read(checkpoint(layers=3, bidirectional=True), SENTENCE)
    for direction in ("forward", "backward"):
        found = unit_effects(trace, layer=1, direction=direction)
        for unit, values in enumerate(trace.select("hidden", 1, direction).T.tolist()):
            assert found[unit] == pytest.approx(max(0.0, *values) - min(0.0, *values))


def test_the_top_layer_is_the_same_by_either_number():
    trace = read(checkpoint(layers=2), SENTENCE)
    assert np.array_equal(unit_effects(trace, 1), unit_effects(trace, -1))
    assert np.array_equal(unit_effects(trace, 0), unit_effects(trace, -2))
    assert not np.allclose(unit_effects(trace, 0), unit_effects(trace, 1))


def test_the_order_runs_from_the_unit_that_matters_most_and_keeps_ties_as_they_stand():
    trace = read(checkpoint(hidden_size=8), SENTENCE)
    effects, order = unit_effects(trace), unit_order(trace)
    assert sorted(order.tolist()) == list(range(8))
    assert effects[order].tolist() == sorted(effects.tolist(), reverse=True)
    trace.readout.weight[:, [1, 5]] = 0
    assert unit_order(trace).tolist()[-2:] == [1, 5]


def test_a_place_that_is_not_there_is_named():
    trace = read(checkpoint(), SENTENCE)
    with pytest.raises(SelectionError, match="There is no layer 3: this network has 1 layer"):
        unit_effects(trace, 3)
    with pytest.raises(SelectionError, match="There is no direction 'backward'; choose one of forward"):
        unit_order(trace, direction="backward")


def with_values(cell, name, values):
    """A trace of as many tokens as there are rows, one signal of which has these values [token, unit]."""
    rows, units = np.shape(values)
    found = trace_of(" ".join(["good"] * rows), cell=cell, hidden_size=units)
    found.signals[name][0, 0] = values
    return found


def test_the_questions_are_reached_by_the_packages_name():
    assert rnnviz.analysis.half_life is half_life


# Saturation


def test_saturation_counts_values_beyond_a_tenth_and_nine_tenths_and_not_those_upon_them():
    values = [[0.0, 0.1, 0.9], [0.09, 0.1, 0.91], [0.5, 0.9, 1.0], [0.95, 0.5, 0.99]]
    found = saturation(with_values("lstm", "output", values), "output")
    assert found.shut.tolist() == [0.5, 0.0, 0.0]
    assert found.open.tolist() == [0.25, 0.0, 0.75]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_one_text_has_the_saturation_and_half_life_that_units_json_would_have_of_it(cell):
    network = checkpoint(cell, 2, True)
    trace, summary = read(network, SENTENCE), describe(network, [SENTENCE])
    for layer in range(2):
        for direction in ("forward", "backward"):
            wanted = summary["layers"][layer][direction]
            for gate, shares in wanted["saturation"].items():
                found = saturation(trace, gate, layer, direction)
                assert (found.shut, found.open) == (
                    pytest.approx(shares["shut"], abs=1e-4),
                    pytest.approx(shares["open"], abs=1e-4),
                )
            assert half_life(trace, layer, direction) == pytest.approx(wanted["half_life"], abs=1e-4)
        assert wanted["saturation"]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_only_gates_saturate(cell):
    trace = trace_of(cell=cell)
    gates = [entry.name for entry in signals.SIGNALS[cell] if entry.is_gate]
    for name in (*signals.names(cell), "forgt"):
        if name in gates:
            continue
        with pytest.raises(SelectionError, match=f"There is no gate '{name}'; choose one of {', '.join(gates)}[.]"):
            saturation(trace, name)


def test_a_plain_rnn_has_neither_gates_nor_a_half_life():
    trace, why = trace_of(cell="rnn"), "A plain RNN rewrites its whole state at every token, so it has no"
    with pytest.raises(SelectionError, match=f"{why} gates.\nTake a GRU or an LSTM."):
        saturation(trace, "forget")
    with pytest.raises(SelectionError, match=f"{why} half-life.\nTake a GRU or an LSTM."):
        half_life(trace)


# Half-life


@pytest.mark.parametrize("cell", KEEPERS)
def test_a_gate_of_a_half_halves_at_every_token_and_its_root_at_every_second(cell):
    values = [[0.5, 0.5**0.5, 0.25, 0.5], [0.5, 0.5**0.5, 0.25, 0.125]]
    assert half_life(with_values(cell, KEEPERS[cell], values)) == pytest.approx([1.0, 2.0, 0.5, 0.5], rel=1e-6)


@pytest.mark.parametrize("cell", KEEPERS)
def test_a_gate_that_never_lets_go_remembers_for_ever(cell):
    found = half_life(with_values(cell, KEEPERS[cell], [[1.0, 1.0, 0.0], [1.0, 0.9, 0.0]]))
    assert found[0] == math.inf
    assert found[1] == pytest.approx(2 * math.log(0.5) / math.log(0.9), rel=1e-6)
    assert found[2] == pytest.approx(math.log(0.5) / math.log(1e-12))  # 0.025 tokens, the least there is


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(0.0009765625, 1.0, width=32))
)
def test_over_the_text_a_memory_halves_as_often_as_its_half_life_fits_into_it(gate):
    found = half_life(with_values("lstm", "forget", gate))
    left = gate.astype(np.float64).prod(axis=0)
    assert 0.5 ** (len(gate) / found) == pytest.approx(left, rel=1e-9)


# Bimodality


def sarle(values):
    """The coefficient as SAS and Pfister et al. 2013 print it, with pandas' corrected skewness and kurtosis."""
    n, column = len(values), pd.Series(values, dtype=float)
    return (column.skew() ** 2 + 1) / (column.kurt() + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("text", ["good bad good film", SENTENCE, " ".join(WORDS * 4)])
def test_bimodality_is_sarles_coefficient_of_each_units_memory(cell, text):
    trace = read(checkpoint(cell, 2, True), text)
    for layer, direction in ((0, "forward"), (1, "backward")):
        memory = trace.select("cell" if cell == "lstm" else "hidden", layer, direction)
        assert bimodality(trace, layer, direction) == pytest.approx([sarle(unit) for unit in memory.T], rel=1e-6)


def test_two_values_have_nearly_one_an_even_spread_five_ninths_and_a_bell_a_third():
    n = 2_000
    even = (np.arange(n) + 0.5) / n
    bell = np.sqrt(2) * torch.erfinv(torch.from_numpy(2 * even - 1)).numpy()
    values = np.stack([np.where(even < 0.5, -1.0, 1.0), np.where(even < 0.1, 5.0, 7.0), even, bell], axis=1)
    assert bimodality(with_values("lstm", "cell", values)) == pytest.approx([1.0, 1.0, 5 / 9, 1 / 3], abs=5e-3)


@pytest.mark.parametrize(("tokens", "wanted"), [(4, 0.13), (10, 0.57), (40, 0.88)])
def test_in_a_short_text_even_two_values_have_a_low_coefficient(tokens, wanted):
    found = bimodality(with_values("gru", "hidden", [[-0.5], [0.5]] * (tokens // 2)))
    assert found.round(2).tolist() == [wanted]


def test_bimodality_of_fewer_than_four_tokens_or_of_a_unit_that_never_moves_is_no_number():
    assert np.isnan(bimodality(with_values("lstm", "cell", [[0.1, 0.2], [0.3, 0.4], [0.5, 0.7]]))).all()
    found = bimodality(with_values("lstm", "cell", [[0.1, 0.2], [0.1, 0.4], [0.1, 0.7], [0.1, 0.2]]))
    assert np.isnan(found).tolist() == [True, False]


@given(hnp.arrays(np.float32, st.tuples(st.integers(4, 30), st.just(2)), elements=st.floats(-8, 8, width=32)))
def test_bimodality_lies_between_0_and_1_whatever_a_unit_does(values):
    found = bimodality(with_values("lstm", "cell", values))
    for unit in range(2):
        if np.ptp(values[:, unit]) == 0:
            assert np.isnan(found[unit])
        else:
            assert 0 < found[unit] < 1


# Valley


def heights(*counts):
    """So many values in each of 24 equal bins from 0 to 1; in the first and the last they lie at 0 and at 1."""
    return np.repeat([0.0, *(np.arange(1, 23) + 0.5) / 24, 1.0], counts)[:, None]


@pytest.mark.parametrize(
    ("counts", "depth"),
    [
        ([300] * 6 + [0] * 12 + [300] * 6, 1.0),  # nothing between two heights
        ([300] * 6 + [30] * 12 + [150] * 6, 0.8),  # against the lower of the two
        ([300] * 6 + [30] * 18, 0.0),  # a tail
        (range(48, 24, -1), 0.0),
        ([100] * 24, 0.0),
        ([1000] * 12 + [0] * 11 + [500], 0.0),  # a second height, but of less than a twentieth
        ([1000] * 12 + [0] * 11 + [800], 1.0),
    ],
)
def test_a_valley_is_as_deep_as_its_bottom_lies_below_the_lower_of_two_heights(counts, depth):
    assert valley_of(heights(*counts)) == pytest.approx([depth], abs=1e-9)


def test_a_unit_that_never_moves_or_has_no_token_has_no_valley():
    assert np.isnan(valley_of(np.ones((50, 2)))).all()
    assert np.isnan(valley_of(np.zeros((0, 2)))).all()


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-8, 8, width=32)))
def test_a_valley_lies_between_0_and_1_whatever_a_unit_does(values):
    found = valley_of(values)
    assert all(np.isnan(found) | ((found >= 0) & (found <= 1)))


# Two readings


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ("the film was bad", "the film was bad", [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ("the film was bad", "the film was not bad", [(0, 0), (1, 1), (2, 2), (None, 3), (3, 4)]),
        ("the film was not bad", "film was bad", [(0, None), (1, 0), (2, 1), (3, None), (4, 2)]),
        ("the film was bad", "the story was good", [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ("it was bad at all", "it was good", [(0, 0), (1, 1), (2, None), (3, None), (4, None), (None, 2)]),
        ("good", "bad", [(0, 0)]),
    ],
)
def test_words_are_paired_with_their_like_and_left_alone_where_they_have_none(one, other, pairs):
    network = checkpoint()
    assert compare(read(network, one), read(network, other)).pairs == tuple(pairs)


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), st.lists(st.sampled_from(WORDS), min_size=1, max_size=30)
)
def test_every_word_of_both_stands_in_exactly_one_pair_in_its_order(one, other):
    traces = [replace(trace_of("good"), tokens=tuple(words)) for words in (one, other)]
    pairs = compare(*traces).pairs
    assert [left for left, _ in pairs if left is not None] == list(range(len(one)))
    assert [right for _, right in pairs if right is not None] == list(range(len(other)))
    assert (None, None) not in pairs


def test_a_word_that_is_frequent_in_a_long_text_is_paired_like_any_other():
    network = checkpoint()
    found = compare(read(network, "the " * 300), read(network, "film " + "the " * 300))
    assert found.pairs == ((None, 0), *((place, place + 1) for place in range(300)))


def test_a_difference_is_the_second_readings_value_less_the_firsts_and_nan_where_there_is_no_partner():
    network = checkpoint("gru", 2, True)
    one, other = read(network, "the film was bad"), read(network, "the film was not bad")
    found = compare(one, other)
    for layer, direction in ((0, "backward"), (1, "forward")):
        gap = found.difference("hidden", layer, direction)
        before, after = one.select("hidden", layer, direction), other.select("hidden", layer, direction)
        for row, (left, right) in enumerate([(0, 0), (1, 1), (2, 2), (None, 3), (3, 4)]):
            wanted = [math.nan] * 6 if left is None else (after[right] - before[left]).tolist()
            assert gap[row] == pytest.approx(wanted, abs=1e-7, nan_ok=True)
    verdicts = found.verdict_difference()
    assert verdicts[-1] == pytest.approx(other.verdicts[4] - one.verdicts[3], abs=1e-7)
    assert np.isnan(verdicts).all(axis=1).tolist() == [False, False, False, True, False]
    assert np.nanmax(np.abs(verdicts)) <= 1


def test_what_comes_before_the_first_difference_is_the_same_in_a_forward_network():
    network = checkpoint()
    gap = compare(read(network, "the film was bad"), read(network, "the film was good")).difference("cell")
    assert gap[:3] == pytest.approx(np.zeros((3, 6)), abs=1e-6)
    assert np.abs(gap[3]).max() > 1e-3


def test_the_verdicts_of_two_kinds_of_networks_compare_but_not_their_units():
    found = compare(trace_of(cell="lstm"), trace_of(cell="gru"))
    assert found.verdict_difference().shape == (7, 2)
    with pytest.raises(SelectionError) as error:
        found.difference("hidden")
    assert str(error.value) == (
        "These units do not correspond: lstm, layers: 1, units: 6, forward; and gru, layers: 1, units: 6, forward.\n"
        "Compare two readings by one network."
    )


@pytest.mark.parametrize("settings", [{"layers": 2}, {"hidden_size": 5}, {"bidirectional": True}])
def test_units_of_networks_of_other_sizes_do_not_correspond(settings):
    with pytest.raises(SelectionError, match="These units do not correspond"):
        compare(trace_of(), trace_of(**settings)).difference("hidden")


def test_answers_of_networks_with_other_classes_do_not_compare():
    with pytest.raises(SelectionError) as error:
        compare(trace_of(), trace_of(labels="abc")).verdict_difference()
    assert str(error.value) == (
        "These classes do not correspond: negative, positive; and a, b, c.\nCompare two readings by one network."
    )


def test_a_difference_of_a_signal_that_is_not_there_names_those_that_are():
    with pytest.raises(SelectionError, match="There is no signal 'update'; choose one of input, forget"):
        compare(trace_of(), trace_of("good")).difference("update")


def test_questions_about_a_layer_or_direction_that_is_not_there_are_answered_with_those_that_are():
    trace = trace_of()
    for ask in (half_life, bimodality, lambda *place: saturation(trace, "forget", *place[1:])):
        with pytest.raises(SelectionError, match="There is no layer 3: this network has 1 layer"):
            ask(trace, 3)
        with pytest.raises(SelectionError, match="There is no direction 'backward'; choose one of forward"):
            ask(trace, -1, "backward")
