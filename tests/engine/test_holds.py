"""Signals held at given values inside a capture: alike in every loop that can hold them, and nowhere else.

What a hold means for a reading is tested with ``rnnviz.experiments.interventions``.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

import rnnviz
from rnnviz import signals
from rnnviz.engine.holds import Held
from rnnviz.errors import CaptureError, SelectionError
from tests.engine.cases import TOLERANCES, WAYS, Case, assert_all_near, cases, signals_apart, the_lane_of, worst

NUMBERS = st.sampled_from((torch.float64, torch.float32))


def holds_of(case, share, tokens):
    """Some entries of every signal of every layer and direction, held at random values."""
    random = np.random.default_rng(case.seed)
    return {
        (layer, way): {
            name: Held(random.random(shape) < share, random.uniform(0, 1, shape).astype(np.float32))
            for name in signals.names(case.cell)
            for shape in [(tokens, (case.projection or case.units) if name == "hidden" else case.units)]
        }
        for layer in range(case.layers)
        for way in range(2 if case.two_ways else 1)
    }


def held_capture(case, way, holds):
    with the_lane_of(way):
        return rnnviz.capture(case.module(), case.inputs(), case.state(), holds=holds, **WAYS[way])


@given(cases(dtype=NUMBERS, lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3)), st.sampled_from((0.2, 0.9)))
@settings(max_examples=60)
def test_every_loop_holds_alike_and_what_is_held_has_its_value(case, share):
    holds = holds_of(case, share, max(case.lengths))
    ways = [way for way in case.ways() if way != "recover"]
    first, *others = (held_capture(case, way, holds) for way in ways)
    for other in others:
        assert_all_near(other[2], first[2], case.dtype)
        assert worst(other[0].data, first[0].data) <= TOLERANCES[case.dtype]
    for own in signals_apart(case, case.inputs(), first[2]):
        for (layer, way), held in holds.items():
            for name, (mask, values) in held.items():
                found = own[name][layer, way].numpy()
                here = mask[: len(found)]
                assert (found[here] == values[: len(found)][here]).all()


@given(cases(dtype=NUMBERS, lengths=st.sampled_from(((4,), (4, 4)))), st.sampled_from(("by rule", "exact", "in NumPy")))
def test_holding_every_signal_of_a_text_alone_at_what_it_was_changes_no_bit(case, way):
    case = case.having(form="alone", lengths=(4,))
    plain = held_capture(case, way, None)
    everywhere = {
        (layer, direction): {
            name: Held(np.ones(values.shape[2:], dtype=bool), values[layer, direction].numpy())
            for name, values in plain[2].items()
        }
        for layer in range(case.layers)
        for direction in range(2 if case.two_ways else 1)
    }
    held = held_capture(case, way, everywhere)
    assert all(torch.equal(held[2][name], values) for name, values in plain[2].items())
    assert torch.equal(held[0], plain[0])


def test_holding_excludes_recovering_and_gradients_by_name():
    case = Case("gru", lengths=(3, 3))
    holds = holds_of(case, 0.5, 3)
    with pytest.raises(CaptureError, match="holds with route='recover'"):
        held_capture(case, "recover", holds)
    with pytest.raises(CaptureError, match="holds together with gradients"):
        rnnviz.capture(case.module(), case.inputs().requires_grad_(), holds=holds)


@pytest.mark.parametrize("way", ["by rule", "exact", "in NumPy"])
def test_holds_that_do_not_fit_are_refused(way):
    case = Case("gru", form="alone", lengths=(3,))
    free = np.zeros((3, 4), dtype=bool)
    with pytest.raises(SelectionError, match="forgt"):
        held_capture(case, way, {(0, 0): {"forgt": Held(free, free.astype(np.float32))}})
    with pytest.raises(CaptureError, match=r"\(2, 4\)"):
        held_capture(case, way, {(0, 0): {"reset": Held(free[:2], free[:2].astype(np.float32))}})
