"""Figures of several readings: side by side, with and without padding, and how far back each reaches."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from rnnviz.analysis.statistics import compare
from rnnviz.errors import SelectionError
from rnnviz.experiments.gradients import Saliency, saliency
from rnnviz.figures import compared_answers, compared_signal, how_far_back, padding_drift
from rnnviz.reading import read
from rnnviz.writing import signed
from tests import builders

ONE, OTHER = (builders.trace(text) for text in ("the film was not good", "the film was good at all"))
THREE = ("world", "sports", "business")


def reach(*norms: float, tokens: tuple[str, ...] | None = None, label: str = "good") -> Saliency:
    size = len(norms)
    words = tokens or tuple("abcdefgh"[:size])
    return Saliency(words, label, 1.0, np.zeros((size, 2)), np.array(norms, dtype=np.float32), np.zeros(size))


# Side by side


def test_compared_answers_stand_on_the_columns_of_the_comparison() -> None:
    found = compare(ONE, OTHER)
    one, other, difference = (np.array(panel.z) for panel in compared_answers(found).data)
    assert found.pairs == ((0, 0), (1, 1), (2, 2), (3, None), (4, 3), (None, 4), (None, 5))
    np.testing.assert_array_equal(one[:, :5].T, ONE.verdicts)
    np.testing.assert_array_equal(other[:, [0, 1, 2, 4, 5, 6]].T, OTHER.verdicts)
    assert np.isnan(one[:, 5:]).all()
    assert np.isnan(other[:, 3]).all()
    np.testing.assert_allclose(difference, other - one)


def test_each_panel_of_a_comparison_has_its_own_words_under_it() -> None:
    layout = compared_answers(compare(builders.trace("a good film"), builders.trace("a bad film it"))).layout
    assert list(layout.xaxis.ticktext) == ["a", "good", "film", "·"]
    assert list(layout.xaxis2.ticktext) == ["a", "bad", "film", "it"]
    assert list(layout.xaxis3.ticktext) == ["a", "good / bad", "film", "· / it"]


def test_a_comparison_says_how_both_end_and_where_they_part_most() -> None:
    found = compare(ONE, OTHER)
    gaps = np.abs(found.verdict_difference()).max(axis=1)
    word = ONE.tokens[found.pairs[int(np.nanargmax(gaps))][0] or 0]
    ends = [f"{trace.label} ({trace.verdicts[-1].max():.0%})" for trace in (ONE, OTHER)]
    title = compared_answers(found).layout.title.text
    assert title == f"The one ends {ends[0]}, the other {ends[1]}; furthest apart at “{word}”"


def test_a_reading_beside_itself_is_nowhere_different() -> None:
    for draw in (compared_answers, compared_signal):
        figure = draw(compare(ONE, ONE))
        assert figure.layout.title.text.endswith("; nowhere different")
        assert not np.any(figure.data[2].z)


def test_readings_without_a_word_in_common_have_no_difference() -> None:
    for draw in (compared_answers, compared_signal):
        figure = draw(compare(builders.trace("good"), builders.trace("a film")))
        assert figure.layout.title.text.endswith("; no words to compare")
        assert np.isnan(figure.data[2].z).all()


def test_a_compared_signal_shows_the_units_that_differ_most() -> None:
    one, other = (builders.trace(text, hidden_size=20) for text in ("not good at all", "a good film it"))
    found = compare(one, other)
    figure = compared_signal(found, "forget")
    units = [int(row.removeprefix("unit ")) for row in figure.data[2].y]
    size = np.nansum(np.abs(found.difference("forget")), axis=0)
    assert sorted(size[units], reverse=True) == sorted(size, reverse=True)[:12]
    np.testing.assert_array_equal(figure.data[2].z, found.difference("forget").T[units])
    assert (figure.data[0].zmin, figure.data[1].zmax) == (0, 1)
    assert figure.data[2].zmin == -figure.data[2].zmax
    row, column = np.unravel_index(np.nanargmax(np.abs(found.difference("forget").T)), (20, len(found.pairs)))
    assert figure.layout.title.text.endswith(f"{signed(found.difference('forget')[column, row])} in unit {row}")


def test_networks_of_other_cells_share_answers_and_no_signal() -> None:
    found = compare(ONE, builders.trace("the film was not good", cell="gru"))
    assert len(compared_answers(found).data) == 3
    with pytest.raises(SelectionError, match=r"These units do not correspond: lstm.*; and gru"):
        compared_signal(found)


def test_of_many_classes_the_likeliest_are_compared_and_the_rest_is_counted() -> None:
    labels = [f"class {place % 59}" for place in range(60)]  # two of them share a name
    figure = compared_answers(compare(*(builders.trace(text, labels=labels) for text in ("good", "bad"))))
    assert len(set(figure.data[0].y)) == 8
    assert figure.layout.title.subtitle.text.endswith("52 more classes")


# Padding


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_padded_reading_reads_on_and_the_packed_one_stands_still(bidirectional: bool) -> None:
    network = builders.checkpoint(labels=THREE, bidirectional=bidirectional)
    padded, packed = read(network, "the film was bad", pad_to=12), read(network, "the film was bad")
    figure = padding_drift(padded, packed)
    answers, states = (
        [line for line in figure.data if line.yaxis == axis and line.line.dash == "solid"] for axis in ("y", "y2")
    )
    still = [line for line in figure.data if line.line.dash == "dash"]
    for place, line in enumerate(answers):
        np.testing.assert_array_equal(line.y, padded.verdicts[:, place])
        np.testing.assert_array_equal(still[place].y[:4], packed.verdicts[:, place])
        assert set(still[place].y[3:]) == {packed.verdicts[-1, place]}
    units = [int(line.name.removeprefix("unit ")) for line in states]
    drift = np.abs(padded.select("hidden")[-1] - packed.select("hidden")[-1])
    assert units == np.argsort(-drift, kind="stable")[:4].tolist()
    for unit, line in zip(units, states, strict=True):
        np.testing.assert_array_equal(line.y, padded.select("hidden")[:, unit])
    assert [(mark.x0, mark.x1) for mark in figure.layout.shapes] == [(3.5, 11.5)] * 2


@pytest.mark.parametrize(
    ("packed", "padded", "title"),
    [
        ([0.9, 0.1], [0.6, 0.4], "Padding alone moves “negative” from 90% to 60%"),
        ([0.9, 0.1], [0.4, 0.6], "Padding alone turns “negative” (90%) into “positive” (60%)"),
        ([0.9, 0.1], [0.901, 0.099], "Padding leaves “negative” at 90%"),
    ],
)
def test_what_padding_does_to_the_answer_is_said(packed: list[float], padded: list[float], title: str) -> None:
    text = builders.trace("film", pad_to=3), builders.trace("film")
    read_padded, read_packed = (
        replace(trace, verdicts=np.float32([end] * len(trace.tokens)))
        for trace, end in zip(text, (padded, packed), strict=True)
    )
    assert padding_drift(read_padded, read_packed).layout.title.text == title


def test_without_any_padding_it_says_so_and_shades_nothing() -> None:
    figure = padding_drift(ONE, ONE)
    assert figure.layout.title.text.startswith("Without padding both readings say")
    assert not figure.layout.shapes


@pytest.mark.parametrize("packed", [OTHER, builders.trace("the film was not good", cell="gru")])
def test_two_readings_of_other_texts_or_networks_are_no_pair(packed: object) -> None:
    with pytest.raises(SelectionError, match="These are not two readings of one text"):
        padding_drift(builders.trace("the film was not good", pad_to=9), packed)


# How far back


def test_each_networks_gradient_is_drawn_as_it_is() -> None:
    found = {cell: saliency(builders.checkpoint(cell), builders.SENTENCE) for cell in builders.CELLS}
    figure = how_far_back(found)
    assert figure.layout.yaxis.type == "log"
    for (cell, one), line in zip(found.items(), figure.data, strict=True):
        np.testing.assert_array_equal(line.y, one.norms)
        assert line.name == f"{cell} ({one.label})"


def test_a_zero_is_a_mark_at_the_bottom_and_a_gap_in_the_line() -> None:
    line, zeros = how_far_back({"rnn": reach(0.0, 0.5, 0.0, 2.0)}).data
    np.testing.assert_array_equal(line.y, [np.nan, 0.5, np.nan, 2.0])
    assert list(zeros.x) == [0, 2]
    assert list(zeros.y) == [0.05, 0.05]
    assert "exactly 0" in zeros.hovertemplate


def test_a_gradient_that_is_zero_everywhere_is_drawn_as_marks_alone() -> None:
    line, zeros = how_far_back({"rnn": reach(0.0, 0.0)}).data
    assert np.isnan(line.y).all()
    assert (np.array(zeros.y) > 0).all()


def test_a_line_that_another_covers_is_wider_than_it() -> None:
    first, between, last = how_far_back({"a": reach(1, 2), "b": reach(1, 3), "c": reach(1, 2)}).data
    assert first.line.width > last.line.width == between.line.width
    assert len({first.line.dash, between.line.dash, last.line.dash}) == 3


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        (
            {"rnn": reach(0.001, 4.0), "lstm": reach(1.0, 4.0)},
            "lstm has 25% of its largest gradient left, rnn has 0.025%",
        ),
        ({"rnn": reach(1.0, 4.0), "lstm": reach(2.0, 8.0)}, "25% of the largest gradient is left"),
        ({"rnn": reach(0.0, 0.0)}, "0% of the largest gradient is left"),
        ({"rnn": reach(3.0)}, "100% of the largest gradient is left"),
    ],
)
def test_what_is_left_at_the_first_word_is_said(readings: dict[str, Saliency], said: str) -> None:
    assert how_far_back(readings).layout.title.text == f"At the first word, “a”, {said}"


@pytest.mark.parametrize("readings", [{}, {"a": reach(1, 2), "b": reach(1, 2, tokens=("x", "y"))}])
def test_gradients_of_other_words_are_not_laid_on_one_axis(readings: dict[str, Saliency]) -> None:
    with pytest.raises(SelectionError, match=r"not of the same words: the texts have (no|2, 2) tokens"):
        how_far_back(readings)


def test_anything_with_words_a_label_and_norms_can_be_drawn() -> None:
    plain = SimpleNamespace(tokens=("a", "b"), label="good", norms=np.float32([1.0, 2.0]))
    assert how_far_back({"mine": plain}) == how_far_back({"mine": reach(1.0, 2.0)})
