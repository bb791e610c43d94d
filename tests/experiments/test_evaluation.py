"""Scores counted by hand, and answers that do or do not depend on the batch."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from rnnviz.errors import DataError
from rnnviz.experiments import evaluation
from rnnviz.experiments.evaluation import evaluate, predict, scores
from rnnviz.reading import read
from tests.builders import CELLS, POOLINGS, WORDS, checkpoint, dataset

TEXTS = ["the film was not bad", "good", "", "zzz bad , at all", "not a good story and it ' s bad .", "the the the"]


def test_confusion_precision_and_recall_are_those_counted_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    answers = np.array([0, 0, 1, 1, 0, 0, 2, 2, 2])
    found = scores(answers, labels, ("a", "b", "c"))
    assert found.confusion == ((2, 1, 0), (1, 1, 0), (1, 0, 3))
    assert found.accuracy == pytest.approx(6 / 9)
    assert found.n == 9
    assert found.precision == pytest.approx((2 / 4, 1 / 2, 3 / 3))
    assert found.recall == pytest.approx((2 / 3, 1 / 2, 3 / 4))


def test_a_class_that_is_never_answered_or_never_there_scores_zero():
    found = scores(np.array([0, 0]), np.array([0, 1]), ("a", "b", "c"))
    assert found.precision == (0.5, 0.0, 0.0)
    assert found.recall == (1.0, 0.0, 0.0)
    assert scores(np.array([], dtype=int), np.array([], dtype=int), ("a", "b")).accuracy == 0.0


@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_every_text_is_counted_once(pairs):
    labels, answers = (np.array(column) for column in zip(*pairs, strict=True))
    found = scores(answers, labels, "abcd")
    assert sum(map(sum, found.confusion)) == found.n == len(pairs)
    assert found.accuracy == pytest.approx(sum(one == other for one, other in pairs) / len(pairs))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_each_text_is_answered_as_if_it_were_alone_in_the_order_given(cell, pooling):
    network = checkpoint(cell, 2, True, pooling, labels=("a", "b", "c"))
    found = predict(network, TEXTS)
    for text, shares in zip(TEXTS, found, strict=True):
        if text:
            assert shares == pytest.approx(read(network, text).verdicts[-1], abs=1e-5)
    unknown = network.model(torch.tensor([[0]]), torch.tensor([1])).softmax(dim=-1)[0].tolist()
    assert found[2] == pytest.approx(unknown, abs=1e-5)  # without any token: one unknown word


@given(order=st.permutations(range(len(TEXTS))), room=st.integers(1, 40))
def test_answers_depend_neither_on_the_order_nor_on_the_size_of_the_batches(order, room):
    network = checkpoint("gru")
    wanted = predict(network, TEXTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "_BATCH_TOKENS", room)
        assert predict(network, [TEXTS[place] for place in order]) == pytest.approx(wanted[list(order)], abs=1e-6)


@given(lengths=st.lists(st.integers(1, 9), max_size=40), room=st.integers(1, 40))
def test_batches_are_texts_of_one_length_and_no_larger_than_their_room_asks(lengths, room):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "_BATCH_TOKENS", room)
        batches = list(evaluation._by_length(lengths))
    assert sorted(text for batch in batches for text in batch) == list(range(len(lengths)))
    for batch in batches:
        (length,) = {lengths[text] for text in batch}
        assert (len(batch) - 1) * length < room


def test_a_network_that_reads_padded_answers_otherwise_in_other_company():
    network = checkpoint(reading="padded")
    short, long = "bad film", " ".join(WORDS)
    alone = predict(network, [short])[0]
    beside = predict(network, [short, long])[0]
    assert alone == pytest.approx(read(network, short).verdicts[-1], abs=1e-6)
    assert beside == pytest.approx(read(network, short, pad_to=len(WORDS)).verdicts[-1], abs=1e-6)
    assert np.abs(alone - beside).max() > 1e-3


def test_a_network_that_reads_padded_meets_sixteen_texts_at_a_time_in_file_order():
    network = checkpoint(reading="padded")
    texts = ["bad film"] * 15 + ["the film was bad", "good", *["bad film"] * 2]
    found = predict(network, texts)
    first = read(network, "bad film", pad_to=4).verdicts[-1]  # the longest of the first sixteen
    second = read(network, "bad film").verdicts[-1]  # the longest of the rest
    assert found[:15] == pytest.approx(np.tile(first, (15, 1)), abs=1e-6)
    assert found[17:] == pytest.approx(np.tile(second, (2, 1)), abs=1e-6)
    assert found[16] == pytest.approx(read(network, "good", pad_to=2).verdicts[-1], abs=1e-6)


def test_padding_alone_is_counted_against_each_text_read_alone_and_read_filled_up():
    network = checkpoint(reading="padded", seed=4)
    random = np.random.default_rng(1)
    texts = [" ".join(random.choice(WORDS, size=size)) for size in random.integers(1, 12, size=40)]
    labels = random.integers(0, 2, size=40).tolist()
    alone, filled, lengths = [], [], []
    for place, text in enumerate(texts):
        longest = max(len(other.split()) for other in texts[place // 16 * 16 :][:16])
        lengths.append((len(text.split()), longest))
        alone.append(read(network, text).verdicts[-1])
        filled.append(read(network, text, pad_to=longest).verdicts[-1])
    before, after = np.argmax(alone, axis=1), np.argmax(filled, axis=1)
    changed = sorted(np.flatnonzero(before != after), key=lambda place: -max(alone[place]))
    found = evaluate(network, dataset(texts, labels)).padding
    assert found.changed == len(changed) > 5
    assert found.n == 40
    assert found.accuracy_alone == pytest.approx(np.mean(before == labels))
    assert [(one.tokens, one.padded_to) for one in found.examples] == [lengths[place] for place in changed[:5]]
    assert [one.alone for one in found.examples] == [network.labels[before[place]] for place in changed[:5]]
    assert [one.padded for one in found.examples] == [network.labels[after[place]] for place in changed[:5]]


def test_padding_is_nothing_to_a_network_that_reads_packed_nor_to_texts_of_one_length():
    assert "padding" not in evaluate(checkpoint(), dataset(["good", "bad film"], [0, 1])).to_dict()
    same = evaluate(checkpoint(reading="padded"), dataset(["good film", "bad film"], [0, 1]))
    assert same.to_dict()["padding"] == {"changed": 0, "n": 2, "accuracy_alone": same.accuracy, "examples": ()}


def test_evaluate_answers_and_counts():
    network = checkpoint()
    answers = [int(read(network, text).verdicts[-1].argmax()) for text in ("good", "bad film", "the story")]
    labels = [answers[0], 1 - answers[1], answers[2]]
    found = evaluate(network, dataset(["good", "bad film", "the story"], labels))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.confusion[1 - answers[1]][answers[1]] == 1
    assert found.to_dict() == {
        "accuracy": found.accuracy,
        "n": 3,
        "labels": ("negative", "positive"),
        "precision": found.precision,
        "recall": found.recall,
        "confusion": found.confusion,
    }


@pytest.mark.parametrize("classes", [("positive", "negative"), ("negative", "neutral", "positive")])
def test_a_data_set_with_other_classes_or_another_order_is_refused(classes):
    other = dataset(["good"], [0], classes)
    values = [{"value": name, "name": name} for name in classes]
    other = type(other)(**vars(other) | {"format": other.format.model_validate({"classes": values})})
    with pytest.raises(DataError) as caught:
        evaluate(checkpoint(), other)
    assert str(caught.value).startswith(
        f"This data set has the classes {', '.join(classes)}, but the classifier answers negative, positive.\n"
    )


def test_a_data_set_whose_classes_have_other_names_for_the_same_values_is_measured():
    assert evaluate(checkpoint(), dataset(["good"], [0], ("0", "1"))).n == 1


def test_answering_changes_no_random_number_and_no_weight():
    network = checkpoint(dropout=0.5, embedding_dropout=0.5)
    random = torch.get_rng_state()
    assert np.array_equal(predict(network, TEXTS), predict(network, TEXTS))
    assert torch.equal(torch.get_rng_state(), random)
