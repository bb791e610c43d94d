"""Figures of one reading: what is left of each word, one unit over a text, one step in numbers, gates as points."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rnnviz.analysis.memory import contributions, ledger
from rnnviz.analysis.statistics import saturation, unit_order
from rnnviz.colours import ink_on
from rnnviz.errors import SelectionError
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.figures import (
    both_directions,
    cell_step,
    class_contributions,
    coloured_text,
    gate_saturation,
    memory_ledger,
    stacked_layers,
    verdict_timeline,
)
from rnnviz.figures.coloured import flowed
from rnnviz.reading import read
from rnnviz.writing import signed
from tests import builders

LONG = " ".join(builders.WORDS[place % len(builders.WORDS)] for place in range(80))
DEEP = builders.trace(layers=3, bidirectional=True, hidden_size=14)


# What each word left in the memory


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_ledger_has_the_account_as_cells_and_its_end_as_bars(cell: str, direction: str) -> None:
    trace = builders.trace(cell=cell, bidirectional=True)
    cells, bars = memory_ledger(trace, 4, direction=direction).data
    account = ledger(trace, direction=direction, units=[4])[:, :, 0]
    drawn = np.isfinite(cells.z)
    np.testing.assert_array_equal(drawn, np.triu(np.ones_like(drawn)) if direction == "forward" else np.tril(drawn))
    np.testing.assert_array_equal(cells.z[drawn], account[drawn])
    np.testing.assert_array_equal(bars.x, account[:, -1 if direction == "forward" else 0])
    assert (cells.zmin, cells.zmax) == (-1, 1)


def test_the_bars_of_a_ledger_add_up_to_the_unit_and_the_title_names_the_longest() -> None:
    trace = builders.trace("the film was bad , not good")
    figure = memory_ledger(trace, -1)
    left, end = np.array(figure.data[1].x), trace.select("cell")[-1, 5]
    np.testing.assert_allclose(left.sum(), end, atol=1e-6)
    word = int(np.abs(left).argmax())
    assert figure.layout.title.text == (
        f"Unit 5 ends at {signed(end)}; “{trace.tokens[word]}” counts most: {signed(left[word])}"
    )


def test_without_a_choice_the_unit_that_matters_most_is_drawn() -> None:
    trace = builders.trace()
    unit = int(unit_order(trace)[0])
    assert memory_ledger(trace).to_json() == memory_ledger(trace, unit).to_json()  # it has gaps, and NaN is not NaN
    assert coloured_text(trace) == coloured_text(trace, unit)
    assert cell_step(trace, -1) == cell_step(trace, 6, unit)


@pytest.mark.parametrize("label", builders.LABELS)
def test_the_parts_of_a_class_add_up_to_its_logit(label: str) -> None:
    trace = builders.trace(layers=2, bidirectional=True, pooling="max+mean")
    figure = class_contributions(trace, label)
    shared, place = contributions(trace), trace.labels.index(label)
    assert [bar.name for bar in figure.data] == ["forward", "backward"]
    for way, bar in enumerate(figure.data):
        np.testing.assert_array_equal(bar.y, shared.by_direction[way, :, place])
    other = 1 - place  # of two classes, the difference of the logits is that of the logarithms
    lead = np.log(trace.verdicts[-1, place]) - np.log(trace.verdicts[-1, other])
    parts = [sum(np.sum(bar.y) for bar in class_contributions(trace, name).data) for name in trace.labels]
    assert parts[place] - parts[other] + shared.bias[place] - shared.bias[other] == pytest.approx(lead, abs=1e-5)
    assert figure.layout.title.subtitle.text.endswith(f"the logit {signed(shared.logits[place])}")


def test_a_class_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(SelectionError, match=r"There is no class 'positiv'; .* Did you mean 'positive'"):
        class_contributions(builders.trace(), "positiv")


def test_a_plain_rnn_has_no_account_to_draw() -> None:
    for draw in (memory_ledger, class_contributions):
        with pytest.raises(SelectionError, match="A plain RNN rewrites its whole state"):
            draw(builders.trace(cell="rnn"))


# A text coloured by a unit


@pytest.mark.parametrize("cell", builders.CELLS)
def test_each_word_of_a_coloured_text_has_the_units_own_number(cell: str) -> None:
    trace = builders.trace("not not bad , not good", cell=cell)
    bar = coloured_text(trace, 2, "hidden").data[0]
    np.testing.assert_array_equal(bar.marker.color, trace.select("hidden")[:, 2])
    assert list(bar.text) == list(trace.tokens)


def test_a_coloured_text_says_where_the_unit_is_lowest_and_highest() -> None:
    trace = builders.trace("the film was not bad")
    values = trace.select("cell")[:, 3]
    low, high = (f"{signed(values[place])} at “{trace.tokens[place]}”" for place in (values.argmin(), values.argmax()))
    assert coloured_text(trace, 3).layout.title.text == f"Unit 3 is lowest, {low}, and highest, {high}"


def test_a_unit_that_never_moves_is_said_to_stand_still() -> None:
    trace = builders.trace()
    still = replace(trace, signals=trace.signals | {"cell": np.zeros_like(trace.signals["cell"])})
    assert coloured_text(still, 1).layout.title.text == "Unit 1 is at c = 0.00 throughout"


def test_words_are_set_in_lines_one_after_the_other_without_touching() -> None:
    lines, starts, widths = flowed([*LONG.split(), "donaudampfschifffahrtsgesellschaft", "日本語"])
    assert lines == sorted(lines)
    assert len(set(lines)) > 3
    ends = [start + width for start, width in zip(starts, widths, strict=True)]
    for place in range(1, len(lines)):
        assert starts[place] > ends[place - 1] if lines[place] == lines[place - 1] else starts[place] == 0
    assert max(ends) <= 76
    assert flowed(["日本語"])[2] > flowed(["abc"])[2]


def test_the_letters_on_a_colour_can_be_read() -> None:
    assert [ink_on(colour) for colour in ("#ffffff", "#f0a35a", "#0b4a8f", "#18202b")] == [
        "#000000",
        "#000000",
        "#ffffff",
        "#ffffff",
    ]


# One step


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("token", [0, 3, -1])
def test_the_columns_of_an_lstm_step_are_its_equation(token: int, direction: str) -> None:
    trace = builders.trace(layers=2, bidirectional=True)
    gates, columns = cell_step(trace, token, 2, 0, direction).data
    at = {name: trace.select(name, 0, direction)[token, 2] for name in trace.signals}
    np.testing.assert_array_equal(gates.x, [at[name] for name in ("input", "forget", "candidate", "output")])
    before, kept, written, now, shown = columns.y
    states, position = trace.select("cell", 0, direction)[:, 2], token % len(trace.tokens)
    previous = position + (1 if direction == "backward" else -1)
    assert before == (states[previous] if 0 <= previous < len(states) else 0)
    assert kept == pytest.approx(at["forget"] * before)
    assert written == pytest.approx(at["input"] * at["candidate"])
    assert kept + written == pytest.approx(now, abs=1e-6)
    assert (now, shown) == (at["cell"], at["hidden"])
    assert list(columns.base) == [0, 0, kept, 0, 0]


def test_the_columns_of_a_gru_step_are_its_equation() -> None:
    trace = builders.trace(cell="gru")
    gates, columns = cell_step(trace, 2, 1).data
    reset, update, candidate = gates.x
    before, kept, written, now = columns.y
    assert reset == trace.select("reset")[2, 1]
    assert (before, now) == tuple(trace.select("hidden")[1:3, 1])
    assert kept == pytest.approx(update * before)
    assert written == pytest.approx((1 - update) * candidate)
    assert kept + written == pytest.approx(now, abs=1e-6)


def test_a_plain_rnn_has_only_the_state_before_and_after() -> None:
    trace = builders.trace(cell="rnn")
    (columns,) = cell_step(trace, 2, 1).data
    assert list(columns.y) == list(trace.select("hidden")[1:3, 1])


def test_a_step_says_how_much_is_kept_and_what_is_written() -> None:
    trace = builders.trace("the film was bad")
    at = {name: trace.select(name)[2, 0] for name in trace.signals}
    held, written = signed(trace.select("cell")[1, 0]), signed(at["input"] * at["candidate"])
    title = f"At “was”, unit 0 keeps {at['forget']:.0%} of its {held} and writes {written}"
    assert cell_step(trace, 2, 0).layout.title.text == title
    assert "holds nothing yet" in cell_step(trace, 0, 0).layout.title.text
    shown = cell_step(trace, 2, 0).layout.title.subtitle.text
    assert shown.endswith(f"{at['output']:.2f}·({signed(math.tanh(at['cell']))}) = {signed(at['hidden'])}")


@pytest.mark.parametrize("name", ["cell", "hidden"])
def test_a_state_that_was_held_is_not_drawn_as_if_its_gates_had_made_it(name: str) -> None:
    held = hold(builders.checkpoint(), builders.SENTENCE, [Clamp(name, value=0.9, tokens=2, units=[1])])
    with pytest.raises(SelectionError, match=f"The {name} signal was held"):
        cell_step(held, 2, 1)


@pytest.mark.parametrize(("token", "unit", "message"), [(7, 0, "no token 7: this text has 7"), (0, 6, "no unit 6")])
def test_a_step_that_is_not_there_is_refused(token: int, unit: int, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        cell_step(builders.trace(), token, unit)


# Gates as points


def test_a_gates_points_are_its_shares_whether_measured_here_or_in_training() -> None:
    trace = builders.trace(LONG, hidden_size=20)
    measured = {name: saturation(trace, name) for name in ("input", "forget", "output")}
    stored = {name: {"shut": found.shut.tolist(), "open": found.open.tolist()} for name, found in measured.items()}
    figure = gate_saturation(measured)
    assert figure == gate_saturation(stored)
    for name, points in zip(measured, figure.data[1::2], strict=True):
        np.testing.assert_array_equal(points.x, (trace.select(name) < 0.1).mean(axis=0))
        np.testing.assert_array_equal(points.y, (trace.select(name) > 0.9).mean(axis=0))
    assert [note.text for note in figure.layout.annotations] == ["input gate", "forget gate", "output gate"]


def test_the_gates_that_are_like_bits_are_counted() -> None:
    shares = {"shut": [0.9, 0.45, 0.0, 0.5], "open": [0.0, 0.45, 0.89, 0.0]}
    assert gate_saturation({"forget": shares}).layout.title.text == "2 of 4 gates are like bits"


def test_a_network_without_gates_is_told_so() -> None:
    with pytest.raises(SelectionError, match="so it has no gates"):
        gate_saturation({})


# Layers and directions


def test_both_directions_stand_on_the_same_columns_in_the_same_colours() -> None:
    forward, backward = both_directions(DEEP, "forget", 1).data
    assert list(forward.x) == list(backward.x) == list(range(7))
    for drawn, direction in ((forward, "forward"), (backward, "backward")):
        units = unit_order(DEEP, 1, direction)[:12]
        assert list(drawn.y) == [f"unit {unit}" for unit in units]
        np.testing.assert_array_equal(drawn.z, DEEP.select("forget", 1, direction)[:, units].T)
    look = both_directions(DEEP).data
    assert (look[0].zmin, look[0].zmax, look[0].colorscale) == (look[1].zmin, look[1].zmax, look[1].colorscale)


def test_the_words_that_move_each_direction_most_are_named() -> None:
    forward = np.abs(np.diff(DEEP.select("cell"), axis=0, prepend=0)).mean(axis=1).argmax()
    backward = np.abs(np.diff(DEEP.select("cell", direction="backward"), axis=0, append=0)).mean(axis=1).argmax()
    title = f"changes most at “{DEEP.tokens[forward]}” read forward, at “{DEEP.tokens[backward]}” read backward"
    assert both_directions(DEEP).layout.title.text.endswith(title)


def test_a_network_of_one_direction_has_no_two_to_draw() -> None:
    with pytest.raises(SelectionError, match="There is no direction 'backward'; choose one of forward"):
        both_directions(builders.trace())


def test_layers_are_stacked_with_the_top_one_above_and_one_word_marked_in_all() -> None:
    figure = stacked_layers(DEEP, -2, direction="backward")
    for drawn, layer in zip(figure.data, (2, 1, 0), strict=True):
        units = unit_order(DEEP, layer, "backward")[:12]
        np.testing.assert_array_equal(drawn.z, DEEP.select("cell", layer, "backward")[:, units].T)
    assert [note.text for note in figure.layout.annotations] == ["layer 3", "layer 2", "layer 1"]
    assert [(mark.x0, mark.x1, mark.xref) for mark in figure.layout.shapes] == [
        (4.5, 5.5, x) for x in ("x", "x2", "x3")
    ]
    change = np.abs(np.diff(DEEP.select("cell", 1, "backward")[5:7], axis=0)).mean()
    assert f"by {change:.2f} in layer 2" in figure.layout.title.text


# Every one of them


@pytest.mark.parametrize("text", ["film", LONG])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_one_word_and_eighty_make_a_figure(text: str, cell: str) -> None:
    trace = read(builders.checkpoint(cell, 2, bidirectional=True), text)
    drawn = [memory_ledger(trace), class_contributions(trace), coloured_text(trace), cell_step(trace, -1)]
    drawn += [both_directions(trace), stacked_layers(trace, 0), verdict_timeline(trace)]
    for figure in drawn:
        assert figure.to_json()
        assert figure.layout.title.text


def test_drawing_changes_nothing_in_the_reading() -> None:
    arrays = [*DEEP.signals.values(), DEEP.verdicts, DEEP.readout.weight]
    before = [values.copy() for values in arrays]
    for figure in (memory_ledger(DEEP), class_contributions(DEEP), coloured_text(DEEP), cell_step(DEEP, 1)):
        figure.update_traces(marker={"opacity": 0.1}, selector={"type": "bar"})
    both_directions(DEEP).update_traces(zmin=-9)
    stacked_layers(DEEP, 0).update_traces(zmin=-9)
    for values, copied in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(values, copied)
