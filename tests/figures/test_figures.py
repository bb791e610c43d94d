"""Figures as values: what is in them, never how many pixels it makes."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas
import plotly.graph_objects as go
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz import signals
from rnnviz.analysis.statistics import compare, saturation, unit_order
from rnnviz.errors import LengthError, SelectionError
from rnnviz.experiments.gradients import Saliency
from rnnviz.figures import (
    both_directions,
    cell_step,
    class_contributions,
    coloured_text,
    compared_answers,
    compared_signal,
    gate_saturation,
    heatmap,
    how_far_back,
    memory_ledger,
    packed_batch,
    padding_drift,
    stacked_layers,
    training_curve,
    verdict_timeline,
)
from rnnviz.figures.style import CLASSES, TEXTS
from rnnviz.packing import packed_layout
from rnnviz.trace import Trace
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from rnnviz.writing import visible
from tests import builders

HOSTILE = (
    "<a href=x>",
    "<img onerror=alert(1)>",
    "${f()}",
    r"$\alpha$",
    "</script><b>",
    "&lt;i&gt;",
    "%{z}",
    "a\x1b[31m",
)
MARKUP = re.compile(r"<br>|<extra>|</extra>|%\{[\w.:]+%?\}")
FEW = settings(max_examples=15)  # a figure takes tens of milliseconds
SHORT = Saliency(("a", "b", "c"), "good", 1.0, np.ones((3, 2)), np.array([0.0, 0.5, 2.0]), np.zeros(3))
EVERY_SIGNAL = [(cell, name) for cell in builders.CELLS for name in signals.names(cell)]


def hostile_trace() -> Trace:
    text = " ".join(["film"] * len(HOSTILE))
    return builders.trace(text, tokens=HOSTILE, labels=("<img onerror>", "$x$", "<b>ok"), bidirectional=True)


def strings(value: Any) -> Iterator[str]:
    """Every string in a figure, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, (list, tuple, np.ndarray)):
        for part in value:
            yield from strings(part)


def shown(text: str) -> str:
    """What a browser shows for a text that was made harmless."""
    return html.unescape(text)


def ticks(figure: go.Figure) -> tuple[str, ...]:
    return tuple(shown(word) for word in figure.layout.xaxis.ticktext)


# Heatmap


@pytest.mark.parametrize(("cell", "name"), EVERY_SIGNAL)
def test_a_heatmap_shows_the_numbers_of_the_trace_in_the_order_of_its_rows(cell: str, name: str) -> None:
    trace = builders.trace(cell=cell, layers=2, bidirectional=True)
    for layer in (0, -1):
        for direction in trace.directions:
            drawn = heatmap(trace, name, layer, direction).data[0]
            units = [int(row.removeprefix("unit ")) for row in drawn.y]
            assert units == unit_order(trace, layer, direction).tolist()
            np.testing.assert_array_equal(drawn.z, trace.select(name, layer, direction)[:, units].T)


@pytest.mark.parametrize(("cell", "name"), EVERY_SIGNAL)
def test_the_colours_of_a_bounded_signal_do_not_depend_on_the_text(cell: str, name: str) -> None:
    wanted = signals.signal(cell, name)
    found = {
        (drawn.zmin, drawn.zmax)
        for text in ("good", "the film was not bad at all", "a a a a")
        for drawn in heatmap(builders.trace(text, cell=cell), name).data
    }
    if np.isfinite([wanted.low, wanted.high]).all():
        assert found == {(wanted.low, wanted.high)}
    else:
        assert all(low == -high for low, high in found)


@pytest.mark.parametrize(("cell", "name"), EVERY_SIGNAL)
def test_no_number_lies_outside_the_colours(cell: str, name: str) -> None:
    drawn = heatmap(builders.trace(cell=cell, nonlinearity="relu"), name).data[0]
    assert drawn.zmin <= np.min(drawn.z) <= np.max(drawn.z) <= drawn.zmax


@pytest.mark.parametrize(("cell", "name"), EVERY_SIGNAL)
def test_zero_is_white_so_that_colour_means_more_than_nothing(cell: str, name: str) -> None:
    drawn = heatmap(builders.trace(cell=cell), name).data[0]
    zero = (0 - drawn.zmin) / (drawn.zmax - drawn.zmin)
    assert dict(drawn.colorscale)[zero] == "#ffffff"


def test_a_repeated_word_keeps_its_own_column() -> None:
    figure = heatmap(builders.trace("not not bad , not bad"))
    assert ticks(figure) == ("not", "not", "bad", ",", "not", "bad")
    assert list(figure.data[0].x) == list(figure.layout.xaxis.tickvals) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("cell", "name"), [("lstm", "cell"), ("gru", "hidden"), ("rnn", "hidden")])
def test_a_heatmap_draws_the_memory_of_the_top_layer_unless_told_otherwise(cell: str, name: str) -> None:
    trace = builders.trace(cell=cell, layers=3)
    assert heatmap(trace) == heatmap(trace, name, 2, "forward")


def test_a_heatmap_says_which_layer_and_direction_it_shows() -> None:
    trace = builders.trace(layers=2, bidirectional=True)
    below, above = (heatmap(trace, "forget", layer, "backward").layout for layer in (0, -1))
    assert "layer 1 of 2" in below.title.subtitle.text
    assert "layer 2 of 2" in above.title.subtitle.text
    assert "backward" in above.title.subtitle.text
    assert "move most" in below.yaxis.title.text  # only the top layer has a line to the answer
    assert "matter most" in above.yaxis.title.text


def test_a_heatmap_explains_its_signal() -> None:
    layout = heatmap(builders.trace(), "forget").layout
    assert layout.title.text == "forget (f)"
    assert layout.title.subtitle.text.startswith(signals.signal("lstm", "forget").meaning)


def test_an_unknown_word_is_named_so_when_it_is_pointed_at() -> None:
    words = heatmap(builders.trace("the brillig film")).data[0].customdata[0]
    assert list(words) == ["1. the", "2. brillig (unknown)", "3. film"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"name": "forgt"}, "There is no signal 'forgt'; .* Did you mean 'forget'?"),
        ({"name": "reset"}, "There is no signal 'reset'; choose one of input, forget"),
        ({"layer": 1}, "There is no layer 1: this network has 1 layer"),
        ({"layer": -2}, "There is no layer -2"),
        ({"direction": "backward"}, "There is no direction 'backward'; choose one of forward"),
    ],
)
def test_a_heatmap_refuses_what_the_trace_does_not_hold(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        heatmap(builders.trace(), **choice)


def test_a_long_text_keeps_all_its_columns_but_not_all_its_labels() -> None:
    words = [builders.WORDS[place % len(builders.WORDS)] for place in range(1_001)]
    trace = builders.trace(" ".join(words))
    for figure in (heatmap(trace), verdict_timeline(trace)):
        assert len(figure.data[0].x) == 1_001
        assert len(ticks(figure)) <= 200
        assert figure.layout.width >= 12 * len(ticks(figure))  # room for a word on end
        for position, word in zip(figure.layout.xaxis.tickvals, ticks(figure), strict=True):
            assert word == words[position]


def test_a_very_long_word_is_cut_on_the_axis_and_whole_when_pointed_at() -> None:
    word = "donaudampfschifffahrtsgesellschaft"
    figure = heatmap(builders.trace("film", tokens=[word]))
    assert ticks(figure) == ("donaudampfschifffah…",)
    assert word in figure.data[0].customdata[0][0]


# Verdicts


def test_the_timeline_shows_the_verdicts_of_every_word() -> None:
    trace = builders.trace("not good not bad", labels=("a", "b", "c"))
    figure = verdict_timeline(trace)
    assert [line.name for line in figure.data] == ["a", "b", "c"]
    for place, line in enumerate(figure.data):
        np.testing.assert_array_equal(line.y, trace.verdicts[:, place])
        assert list(line.x) == [0, 1, 2, 3]
        assert line.line.color == CLASSES[place]
    assert ticks(figure) == ("not", "good", "not", "bad")


def test_the_final_answer_is_the_thick_line_and_the_title_even_if_two_classes_share_a_name() -> None:
    trace = builders.trace(labels=("same", "same", "other"))
    figure = verdict_timeline(trace)
    answer = trace.verdicts[-1].argmax()
    assert figure.layout.title.text == f"{trace.labels[answer]}: {trace.verdicts[-1].max():.1%}"
    assert [line.line.width for line in figure.data] == [4 if place == answer else 1.5 for place in range(3)]


def test_certainty_is_not_cut_off_at_the_edge() -> None:
    low, high = verdict_timeline(builders.trace()).layout.yaxis.range
    assert low < 0 < 1 < high


# Every figure


READ = hostile_trace()
REACH = replace(SHORT, tokens=HOSTILE[:3], label=READ.labels[0])
RUNS = pandas.DataFrame({"run": ["<b>a", "$x$"], "step": [1, 1], "loss": [1.0, 2.0], "accuracy": [0.5, 0.5]})
FIGURES: dict[str, Callable[[], go.Figure]] = {
    "heatmap": lambda: heatmap(READ, "hidden", direction="backward"),
    "verdicts": lambda: verdict_timeline(READ),
    "packed": lambda: packed_batch(packed_layout([len(HOSTILE), 2]), [HOSTILE, HOSTILE[:2]]),
    "training": lambda: training_curve(RUNS),
    "ledger": lambda: memory_ledger(READ, direction="backward"),
    "contributions": lambda: class_contributions(READ, READ.labels[0]),
    "text": lambda: coloured_text(READ),
    "step": lambda: cell_step(READ, 0),
    "far": lambda: how_far_back({"<b>a": REACH, "$x$": REACH}),
    "saturation": lambda: gate_saturation({"<b>a": saturation(READ, "forget")}),
    "answers": lambda: compared_answers(compare(READ, READ)),
    "signals": lambda: compared_signal(compare(READ, READ)),
    "directions": lambda: both_directions(READ),
    "layers": lambda: stacked_layers(READ, 0),
    "padding": lambda: padding_drift(READ, READ),
}


OF_ALL_WORDS = [name for name in FIGURES if name not in ("training", "saturation", "step", "far")]


@pytest.mark.parametrize("name", OF_ALL_WORDS)
def test_t8_hostile_words_are_shown_as_they_are(name: str) -> None:
    found = [shown(text) for text in strings(FIGURES[name]().to_plotly_json())]
    for word in HOSTILE:
        assert any(visible(word) in text for text in found), word


def test_t8_hostile_classes_and_runs_are_shown_as_they_are() -> None:
    figures = {name: FIGURES[name]() for name in ("verdicts", "training")}
    assert [shown(line.name) for line in figures["verdicts"].data] == ["<img onerror>", "$x$", "<b>ok"]
    assert shown(figures["verdicts"].layout.title.text).startswith(hostile_trace().label)
    assert {shown(line.name) for line in figures["training"].data} == {"<b>a training texts", "$x$ training texts"}


@pytest.mark.parametrize("name", FIGURES)
def test_no_button_of_a_figure_sends_what_was_typed_anywhere(name: str) -> None:
    assert "sendChartToCloud" in FIGURES[name]().layout.modebar.remove


@pytest.mark.parametrize("name", FIGURES)
def test_every_axis_that_carries_numbers_or_words_has_a_name(name: str) -> None:
    figure = FIGURES[name]()
    uprights = [] if name == "packed" else list(figure.select_yaxes())
    axes = [axis for axis in [*figure.select_xaxes(), *uprights] if axis.matches is None and axis.visible is not False]
    assert all(axis.title.text for axis in axes)


def test_drawing_changes_nothing_in_the_trace() -> None:
    trace = builders.trace(layers=2, bidirectional=True)
    arrays = [*trace.signals.values(), trace.verdicts, trace.inputs, trace.readout.weight, trace.readout.bias]
    before = [values.copy() for values in arrays]
    for name in trace.signals:
        heatmap(trace, name).update_traces(zmin=-9)
    verdict_timeline(trace)
    for values, copied in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(values, copied)


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
@FEW
def test_any_words_make_a_figure_that_can_be_sent(words: list[str]) -> None:
    trace = builders.trace(" ".join(["film"] * len(words)), tokens=words)
    for figure in (heatmap(trace), verdict_timeline(trace), packed_batch(packed_layout([len(words)]), [words])):
        figure.to_json().encode()  # a lone surrogate has no bytes


@given(st.text())
def test_t3_nothing_visible_steers_a_terminal(text: str) -> None:
    found = visible(text)
    assert len(found) == len(text)
    for before, after in zip(text, found, strict=True):
        assert unicodedata.category(after) not in ("Cc", "Cs")
        assert after not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        assert before == after or unicodedata.category(before) in ("Cc", "Cf", "Cs", "Cn")


def test_t7_an_emoji_family_and_other_scripts_stay_whole() -> None:
    for text in ("👨‍👩‍👧", "नमस्ते", "שלום", "日本語", "naïve"):
        assert visible(text) == text
    assert visible("no\u200bthing\u202e\x00\x1b\ufffe\uffff") == "no◌thing◌␀␛◌◌"


# Packed batch

LENGTHS = st.lists(st.integers(1, 12), min_size=1, max_size=16)  # torch sorts ties stably up to 16 texts


def cells(figure: go.Figure, panel: int) -> np.ndarray:
    """What each cell says: a text's token, "padding", or nothing."""
    drawn = figure.data[panel]
    words = np.array(drawn.customdata, dtype=object)
    return np.where(np.isnan(np.array(drawn.z, dtype=float)), None, words)


@given(LENGTHS)
@FEW
def test_the_packed_panel_holds_what_torch_packs(lengths: list[int]) -> None:
    texts = [[f"{text}:{step}" for step in range(length)] for text, length in enumerate(lengths)]
    numbers = torch.arange(len(lengths) * max(lengths)).reshape(len(lengths), -1)
    packed = pack_padded_sequence(numbers, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    wanted = [f"{number // max(lengths)}:{number % max(lengths)}" for number in packed.data.tolist()]
    found = cells(packed_batch(packed_layout(lengths), texts), 1)
    assert [word for column in found.T for word in column if word is not None] == wanted
    assert [sum(word is not None for word in column) for column in found.T] == packed.batch_sizes.tolist()


@given(LENGTHS)
@FEW
def test_the_padded_panel_holds_every_text_in_its_row_and_the_padding_after_it(lengths: list[int]) -> None:
    texts = [[f"{text}:{step}" for step in range(length)] for text, length in enumerate(lengths)]
    figure = packed_batch(packed_layout(lengths), texts)
    found = cells(figure, 0)
    for words, row in zip(texts, found.tolist(), strict=True):
        assert row == words + ["padding"] * (max(lengths) - len(words))
    padding = np.array(figure.data[0].z) < 0
    np.testing.assert_array_equal(padding, found == "padding")


@given(st.lists(st.integers(1, 6), min_size=2, max_size=60))
@FEW
def test_texts_side_by_side_never_share_a_colour(lengths: list[int]) -> None:
    figure = packed_batch(packed_layout(lengths))
    for panel in figure.data:
        colours = [row[0] for row in panel.z]  # every text has a first token
        assert all(0 <= colour < len(TEXTS) for colour in colours)
        assert all(above != below for above, below in pairwise(colours))


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20))
@FEW
def test_a_text_has_one_colour_and_one_name_in_both_panels(lengths: list[int]) -> None:
    padded, packed = packed_batch(packed_layout(lengths)).data
    assert {name: row[0] for name, row in zip(padded.y, padded.z, strict=True)} == {
        name: row[0] for name, row in zip(packed.y, packed.z, strict=True)
    }


def test_up_to_eight_texts_have_a_colour_each_and_the_scale_gives_it_exactly() -> None:
    drawn = packed_batch(packed_layout([3] * 8)).data[0]
    assert sorted(row[0] for row in drawn.z) == list(range(8))
    scale = dict(drawn.colorscale)
    assert [scale[(colour - drawn.zmin) / (drawn.zmax - drawn.zmin)] for colour in range(8)] == TEXTS


def test_the_batch_sizes_stand_under_the_steps() -> None:
    figure = packed_batch(packed_layout([5, 3, 1]))
    assert list(figure.layout.xaxis2.ticktext) == ["3", "2", "2", "1", "1"]
    assert figure.layout.title.text == "Packing saves 40% of the cells"
    assert [note.text for note in figure.layout.annotations] == ["padded: 15 cells", "packed, longest first: 9 cells"]


def test_texts_of_one_length_save_nothing() -> None:
    assert packed_batch(packed_layout([1, 1])).layout.title.text.startswith("Nothing to save")


def test_a_packed_figure_refuses_texts_of_other_lengths() -> None:
    with pytest.raises(LengthError, match="This layout is of 2 texts"):
        packed_batch(packed_layout([2, 1]), [["a"], ["b", "c"]])


def test_many_steps_leave_no_room_for_words_but_say_them_when_pointed_at() -> None:
    words = [f"word{place}" for place in range(60)]
    narrow, wide = (packed_batch(packed_layout([size]), [words[:size]]) for size in (20, 60))
    assert narrow.data[0].texttemplate == "%{text}"
    assert wide.data[0].texttemplate is None
    assert list(wide.data[0].customdata[0]) == words


# Training


def rows(run: object = None, steps: int = 4) -> pandas.DataFrame:
    frame = pandas.DataFrame(
        {"step": range(1, steps + 1), "loss": np.linspace(1, 0.5, steps), "accuracy": np.linspace(0.5, 0.9, steps)}
    )
    return frame if run is None else frame.assign(run=run)


def test_a_training_curve_shows_loss_above_and_accuracy_below() -> None:
    figure = training_curve(rows())
    loss, accuracy = figure.data
    assert (loss.yaxis, accuracy.yaxis) == ("y", "y2")
    np.testing.assert_array_equal(loss.y, rows()["loss"])
    np.testing.assert_array_equal(accuracy.y, rows()["accuracy"])
    np.testing.assert_array_equal(loss.x, rows()["step"])
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("loss", "accuracy")


def test_several_trainings_have_a_colour_and_a_name_each_even_a_training_named_0() -> None:
    figure = training_curve(pandas.concat([rows(0, 3), rows("gru", 5)]))
    assert [line.name for line in figure.data if line.showlegend] == ["0 training texts", "gru training texts"]
    assert [len(line.x) for line in figure.data] == [3, 3, 5, 5]
    assert len({line.line.color for line in figure.data}) == 2


@pytest.mark.parametrize("column", ["step", "loss", "accuracy"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(SelectionError, match=f"There is no column '{column}'; choose one of"):
        training_curve(rows().drop(columns=column))


def test_a_training_without_any_moment_yet_makes_an_empty_figure() -> None:
    assert all(not len(line.x) for line in training_curve(rows(steps=0)).data)


def test_a_real_training_draws_the_ends_of_its_epochs_and_the_held_out_texts() -> None:
    moments = list(train(builders.separable(), Recipe(epochs=3, hidden_size=4), dev=builders.separable(20, seed=1)))
    ends = [moment for moment in moments if moment.checkpoint]
    figure = training_curve(pandas.DataFrame(vars(moment) for moment in moments))
    loss = next(line for line in figure.data if line.yaxis == "y" and "lines" in line.mode)
    held_out = next(line for line in figure.data if line.name == "held-out texts")
    assert list(loss.y) == [moment.loss for moment in ends]
    assert list(held_out.y) == [moment.checkpoint.scores["dev"]["accuracy"] for moment in ends if moment.checkpoint]
    assert list(held_out.x) == [moment.step for moment in ends]


def test_moments_within_an_epoch_are_dots_since_the_means_start_afresh_at_each() -> None:
    figure = training_curve(rows(steps=6).assign(epoch=[1, 1, 1, 2, 2, 2]))
    lines = [line for line in figure.data if "lines" in line.mode]
    dots = [line for line in figure.data if line.mode == "markers"]
    assert [list(line.x) for line in lines] == [[3, 6], [3, 6]]
    assert [list(line.x) for line in dots] == [[1, 2, 3, 4, 5, 6]] * 2
