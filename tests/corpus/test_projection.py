"""projection: its axes are those of NumPy's own decompositions, its first coordinate is the lead in logits."""

import numpy as np
import pytest

from rnnviz import corpus
from rnnviz.errors import IndexFileError, SelectionError, SettingError
from rnnviz.reading import read
from tests.builders import checkpoint
from tests.corpus.corpora import saved

WORDS = ("good", "bad", "film", "not", "the", "was", "a", "dull", "story", "end")
TEXTS = [" ".join(WORDS[(place * step) % 10] for place in range(3 + step % 5)) for step in range(1, 80)]
TEXT = "the film was not good"


def indexed(folder, **settings):
    network = saved(folder / "network", words=WORDS, **{"hidden_size": 12, **settings})
    return network, corpus.build(network, TEXTS, folder / "index")


@pytest.fixture(scope="module", params=[2, 4])
def classes(request):
    return [f"class {place}" for place in range(request.param)]


@pytest.fixture(scope="module")
def made(tmp_path_factory, classes):
    network, index = indexed(tmp_path_factory.mktemp("plane"), labels=tuple(classes), cell="lstm")
    return index, read(network, TEXT)


def ends(index):
    return np.array([index.states(number)[-1] for number in range(len(index))], dtype=np.float64)


def test_the_first_coordinate_is_the_lead_of_the_answer_after_every_word(made, classes):
    index, trace = made
    logs = np.log(trace.verdicts.astype(np.float64))
    for place, answer in enumerate(classes):
        others = np.delete(logs, place, axis=1).mean(axis=1)
        plane = index.projection(trace.readout, answer)
        np.testing.assert_allclose(plane.path(trace)[:, 0], logs[:, place] - others, atol=1e-5)
        assert (plane.answer, plane.unread) == (answer, None)
    assert index.projection(trace.readout).answer == classes[-1]


def test_the_second_axis_is_the_principal_component_of_what_the_first_leaves(made):
    index, trace = made
    plane, states = index.projection(trace.readout), ends(index)
    first, second = plane.axes
    assert first @ second == pytest.approx(0, abs=1e-12)
    around = states - states.mean(axis=0)
    along = first / np.linalg.norm(first)
    rest = around @ (np.eye(len(first)) - np.outer(along, along))
    sizes, found = np.linalg.eigh(rest.T @ rest)  # another way to it than the package's
    oracle = found[:, -1]
    np.testing.assert_allclose(second, oracle * np.sign(oracle[np.abs(oracle).argmax()]), atol=1e-9)
    whole = np.square(around).sum()
    np.testing.assert_allclose(plane.shares, [np.square(around @ along).sum() / whole, sizes[-1] / whole], atol=1e-12)
    np.testing.assert_allclose(plane.points, states @ plane.axes.T + plane.offsets, atol=1e-12)
    assert plane.points[:, 1].mean() == pytest.approx(0, abs=1e-12)
    np.testing.assert_array_equal(plane.texts, np.arange(len(index)))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"bidirectional": True}, "both_ways"),
        ({"pooling": "mean"}, "pooling"),
        ({"pooling": "max+mean"}, "pooling"),
        ({"layers": 2, "pooling": "last-layers"}, "pooling"),
        ({"inner_size": 5, "inner_squash": "relu"}, "head"),
    ],
)
def test_where_no_direction_is_an_answers_both_axes_are_principal_components_of_all_words(tmp_path, settings, reason):
    network, index = indexed(tmp_path, **settings)
    trace = read(network, TEXT)
    plane = index.projection(trace.readout)
    assert (plane.answer, plane.unread) == (None, reason)
    states = index.hidden.astype(np.float64)
    assert len(plane.points) == len(states)
    around = states - states.mean(axis=0)
    sizes, found = np.linalg.eigh(around.T @ around)
    oracle = found[:, :-3:-1].T
    np.testing.assert_allclose(np.abs((plane.axes * oracle).sum(axis=1)), 1, atol=1e-9)
    np.testing.assert_allclose(plane.shares, sizes[:-3:-1] / sizes.sum(), atol=1e-12)
    assert plane.path(trace).shape == (5, 2)
    number = int(plane.texts[40])
    place = int(plane.positions[40] - index.offsets[number])
    np.testing.assert_allclose(index.states(number)[place] @ plane.axes.T + plane.offsets, plane.points[40])


def test_the_same_seed_draws_the_same_states_and_no_more_than_asked(made):
    index, trace = made
    one, again, other = (index.projection(trace.readout, most=20, seed=seed) for seed in (3, 3, 4))
    assert len(one.positions) == 20
    assert (np.diff(one.positions) > 0).all()
    np.testing.assert_array_equal(one.points, again.points)
    assert not np.array_equal(one.positions, other.positions)


def test_signs_do_not_depend_on_the_order_of_the_states(made):
    index, trace = made
    for axis in index.projection(trace.readout).axes[1:]:
        assert axis[np.abs(axis).argmax()] > 0


def test_of_states_that_are_all_alike_no_axis_is_made_up(tmp_path):
    network = saved(tmp_path / "network", words=WORDS)
    index = corpus.build(network, ["good"] * 5, tmp_path / "index")
    plane = index.projection(read(network, "good").readout)
    assert not plane.axes[1].any()
    assert not plane.shares.any()
    assert np.isfinite(plane.points).all()


def test_of_one_unit_there_is_one_axis(tmp_path):
    network, index = indexed(tmp_path, hidden_size=1)
    plane = index.projection(read(network, TEXT).readout)
    assert plane.shares == pytest.approx([1, 0])


def test_bad_input_gets_a_sentence(made, tmp_path):
    index, trace = made
    with pytest.raises(SelectionError, match="There is no answer 'dull'"):
        index.projection(trace.readout, "dull")
    with pytest.raises(SettingError, match="at least 2 states"):
        index.projection(trace.readout, most=1)
    other = read(checkpoint("lstm", words=WORDS, hidden_size=3), TEXT)
    with pytest.raises(IndexFileError):
        index.projection(trace.readout).path(other)
