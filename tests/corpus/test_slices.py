"""Slices: which texts are in them, and how often the network is right there."""

import numpy as np
import pytest

from rnnviz.corpus import Index, build, sliced
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.errors import IndexFileError, SelectionError, SettingError
from tests import builders
from tests.corpus.corpora import saved

TEXTS = (
    "the film was not bad",
    "not good",
    "bad",
    "a good film",
    "the film was not good",
    "at all , it was bad",
    "not",
)
LABELS = np.array([1, 0, 0, 1, 0, 0, 1])


def films() -> Dataset:
    return Dataset("films", TEXTS, LABELS, builders.LABELS, DataFormat())


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Index]:
    """The same texts as two networks read them."""
    folder = tmp_path_factory.mktemp("slices")
    one, other = (build(saved(folder / f"n{seed}", seed=seed), films(), folder / f"{seed}.index") for seed in (4, 1))
    return one, other


def texts_of(index: Index, name: str, **more: object) -> list[int]:
    (found,) = sliced(index, [name], **more)
    return sorted(found.texts)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("all", [0, 1, 2, 3, 4, 5, 6]),
        ("word=not", [0, 1, 4, 6]),
        ("word=Not good", [1, 4]),
        ("word=bad not", []),  # one text ends so, and the next begins so
        ("word=elephant", []),
        pytest.param(f"word={' '.join(TEXTS)} not good at all", [], id="more words than the corpus has"),
        ("length=1", [2, 6]),
        ("length=..2", [1, 2, 6]),
        ("length=5..", [0, 4, 5]),
        ("length=2..3", [1, 3]),
        ("class=positive", [0, 3, 6]),
        ("word=not & class=negative", [1, 4]),
        ("word=not & length=..2 & class=negative", [1]),
        ("all  &  word=not & all", [0, 1, 4, 6]),
    ],
)
def test_a_slice_holds_the_texts_that_its_conditions_name(two, name, expected):
    assert texts_of(two[0], name) == expected


def test_right_and_wrong_part_the_texts_and_errors_come_first_the_surest_before_all(two):
    index = two[0]
    everything = sliced(index, ["all"])[0]
    right = index.answers == LABELS
    assert texts_of(index, "right") == np.flatnonzero(right).tolist()
    assert texts_of(index, "wrong") == np.flatnonzero(~right).tolist()
    errors = sorted(np.flatnonzero(~right), key=lambda text: -index.probabilities[text])
    assert errors, "a network without errors tests nothing here"
    assert list(everything.texts) == [*errors, *np.flatnonzero(right)]
    assert (everything.labelled, everything.right) == (7, int(right.sum()))
    low, high = everything.interval
    assert 0 <= low < everything.accuracy < high <= 1
    counted = [[int(((row == LABELS) & (index.answers == column)).sum()) for column in (0, 1)] for row in (0, 1)]
    assert [list(row) for row in everything.confusion] == counted


def test_the_name_of_a_class_may_have_the_sign_between_conditions_in_it(tmp_path):
    classes = ("Arts & letters", "Oil & gas & all of it")
    named = Dataset("films", TEXTS, LABELS, classes, DataFormat())
    index = build(saved(tmp_path / "tiny"), named, tmp_path / "films.index")
    assert {"class=Arts & letters", "class=Oil & gas & all of it"} <= {one.name for one in sliced(index)}
    assert texts_of(index, "word=not & class=Oil & gas & all of it & length=1") == [6]


def test_slices_are_ordered_by_accuracy_and_those_without_any_come_last(two):
    found = sliced(two[0], ["right", "all", "word=elephant", "wrong"])
    assert [one.name for one in found] == ["wrong", "all", "right", "word=elephant"]
    assert (found[-1].accuracy, found[-1].interval) == (None, (0.0, 1.0))


def test_a_unit_is_on_at_the_end_of_what_its_direction_reads(tmp_path):
    index = build(saved(tmp_path / "both", bidirectional=True), films(), tmp_path / "both.index")
    for unit, last in ((2, -1), (6 + 2, 0)):
        for sign in (1, -1):
            on = [float(index.states(text)[last, unit]) * sign > 0.3 for text in range(len(TEXTS))]
            assert texts_of(index, f"unit={'+' if sign > 0 else '-'}{unit}") == np.flatnonzero(on).tolist()


def test_two_networks_disagree_where_their_answers_differ(two):
    one, other = two
    expected = np.flatnonzero(one.answers != other.answers).tolist()
    assert expected, "networks that agree test nothing here"
    assert texts_of(one, "disagree", other=other) == expected
    assert "disagree" in [found.name for found in sliced(one, other=other)]


def test_texts_without_a_class_are_counted_but_not_judged(tmp_path):
    index = build(saved(tmp_path / "tiny"), TEXTS, tmp_path / "films.index")
    found = sliced(index)[0]
    assert (len(found.texts), found.labelled, found.right, found.accuracy) == (7, 0, 0, None)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("words=not", SettingError, "'words=not' is no condition of a slice"),
        ("word", SettingError, "'word' is no condition"),
        ("all & ", SettingError, "'all &' is no condition"),
        ("right=1", SettingError, "is no condition"),
        ("length=many", SettingError, "is no condition"),
        pytest.param("length=" + "9" * 5_000, SettingError, "is no condition", id="a length of too many digits"),
        ("unit=x", SettingError, "is no condition"),
        ("class=posit", SelectionError, "Did you mean 'positive'"),
        ("unit=+6", SelectionError, "no unit 6 here; there are 6, counted from 0"),
        ("disagree", SettingError, "Give the other network's index too"),
    ],
)
def test_a_condition_that_is_none_is_said_in_a_sentence(two, name, error, message):
    with pytest.raises(error, match=message):
        sliced(two[0], [name])


def test_indexes_of_other_texts_or_of_a_network_that_tells_letters_are_refused(two, tmp_path):
    fewer = build(saved(tmp_path / "tiny"), films().take(slice(3)), tmp_path / "fewer.index")
    with pytest.raises(IndexFileError, match="are of other texts"):
        sliced(two[0], ["disagree"], other=fewer)
    letters = saved(tmp_path / "letters", tokens="letters", task="next", words=tuple("abc "))
    with pytest.raises(IndexFileError, match="tells what comes next"):
        sliced(build(letters, ["ab"], tmp_path / "letters.index"))
