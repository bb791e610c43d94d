"""Probes: a unit that is known to keep track is found, one that is not is not."""

import numpy as np
import pytest

import rnnviz
from rnnviz.errors import CheckpointError, SelectionError, SettingError, TextError
from rnnviz.experiments.probes import PROPERTIES, Prober, _area, _explained, _ranked, probe, property_of
from tests.training.test_next import recipe, trained

TEXT = ('He said "yes and no" to (all [of] us).\n  Then he went, "as if" nothing.\nNo (one) came!\n' * 60)[:5000]


@pytest.mark.parametrize(
    ("text", "property", "wanted"),
    [
        ('a "b\nc"d"', "inside quotes", [0, 0, 1, 1, 0, 0, 1, 1, 0]),
        ("([)]}", "bracket depth", [1, 2, 1, 0, 0]),
        ("ab\nc", "column", [1, 2, 0, 1]),
        ("  ab\n c", "indent", [1, 2, 2, 2, 2, 1, 1]),
        ("aBc", "capital next", [1, 0, 0]),
        ("a b", "word boundary", [1, 1, 0]),
        ("Go on. No", "position in sentence", [0, 0, 1, 1, 1, 1, 0, 0, 0]),
        ("x" * 50, "column", [*range(1, 41), *[40] * 10]),
    ],
)
def test_properties_are_what_they_say_at_each_letter(text, property, wanted):
    assert property_of(text, property).tolist() == wanted


@pytest.mark.parametrize("property", PROPERTIES)
def test_every_property_has_a_value_for_each_letter(property):
    for text in ("", "a", TEXT, "\n\n"):
        assert len(property_of(text, property)) == len(text)


@pytest.fixture(scope="module")
def poet():
    return trained(recipe(epochs=2, hidden_size=8), text=TEXT)


def test_the_evidence_is_weighed_and_chance_is_not_taken_for_a_finding(poet):
    for name in ("inside quotes", "column"):
        finding = probe(poet, TEXT, name)
        assert 0 <= finding.shuffled <= 1
        assert 0 <= finding.value <= 1
        assert finding.letters > 0
        assert finding.found == (
            finding.value >= (0.9 if finding.measure == "AUC" else 0.5)
            and finding.value >= max(finding.shuffled, finding.untrained) + 0.1
            and finding.loss < finding.loss_without
        )


def test_the_measure_of_a_unit_is_that_of_its_memory_on_the_second_half(poet):
    finding = probe(poet, TEXT, "inside quotes")
    memory = rnnviz.read(poet, TEXT).signals["cell"][finding.layer, 0, :, finding.unit].astype(float)
    labels = property_of(TEXT, "inside quotes")

    def area(part):
        on, off = memory[part][labels[part] > 0], memory[part][labels[part] == 0]
        return (on[:, None] > off[None]).mean() + (on[:, None] == off[None]).mean() / 2

    half = len(TEXT) // 2
    second = area(slice(half, None))
    wanted = second if area(slice(0, half)) >= 0.5 else 1 - second
    assert finding.value == pytest.approx(wanted, abs=0.01)


def test_a_line_through_one_half_is_measured_on_the_other(poet):
    finding = probe(poet, TEXT, "column")
    memory = rnnviz.read(poet, TEXT).signals["cell"][finding.layer, 0, :, finding.unit].astype(float)
    labels = property_of(TEXT, "column")
    half = len(TEXT) // 2
    line = np.polyfit(memory[:half], labels[:half], 1)
    rest = ((np.polyval(line, memory[half:]) - labels[half:]) ** 2).mean()
    assert finding.value == pytest.approx(max(0, 1 - rest / labels[half:].var()), abs=0.01)


def test_what_cannot_be_probed_is_refused(poet):
    with pytest.raises(SelectionError, match="property"):
        probe(poet, TEXT, "rhyme")
    with pytest.raises(TextError, match="at least 2,000"):
        probe(poet, TEXT[:100], "column")
    with pytest.raises(TextError, match="hardly occurs"):
        probe(poet, "no such thing here " * 200, "inside quotes")
    with pytest.raises(CheckpointError, match="reads words"):
        probe(rnnviz.load("sst2-lstm"), TEXT, "column")
    for seed in (-1, 2**63):
        with pytest.raises(SettingError, match="seed goes from 0"):
            probe(poet, TEXT, "column", seed)


def test_one_reading_serves_all_properties(poet):
    prober = Prober(poet, TEXT, seed=3)
    for name in ("inside quotes", "column"):
        assert prober.look_for(name) == probe(poet, TEXT, name, seed=3)


def test_equal_values_share_a_rank_and_labels_that_say_nothing_measure_nothing():
    memory = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]])
    assert _area(_ranked(memory, 0), np.array([1.0, 0.0, 1.0, 0.0])).tolist() == [0.5, 0.25]
    for same in (np.zeros(4), np.ones(4)):
        assert _area(_ranked(memory, 0), same).tolist() == [0.5, 0.5]
        assert _explained(memory, np.array([1.0, 2.0, 3.0, 4.0]), memory, same).tolist() == [0.0, 0.0]
