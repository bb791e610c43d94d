"""Which units matter, against the network itself with a unit's way to the answer cut."""

import numpy as np
import pytest
import torch

from rnnviz.analysis import unit_effects, unit_order
from rnnviz.errors import SelectionError
from rnnviz.reading import read
from tests.builders import CELLS, POOLINGS, SENTENCE, checkpoint


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
        columns = [unit + (6 if direction == "backward" else 0)]
        columns += [columns[0] + 12] if pooling == "max+mean" else []
        network.model.fc.weight.data[:, columns] = 0
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
