"""Distillation: what teachers say of each text, that it is learned, and what the card then says."""

import csv
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from rnnviz import cli
from rnnviz.checkpoint.folder import load
from rnnviz.data.formats import ClassName, DataFormat
from rnnviz.data.text import tokenise
from rnnviz.errors import DataError
from rnnviz.experiments.evaluation import evaluate, finished, predict
from rnnviz.reading import read
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from rnnviz.training.setup import UNLABELLED, targets
from tests.builders import LABELS, checkpoint, dataset, separable

TEXTS = ("The film was not bad at all!", "good", "it's bad, a bad story.", "nothing that anybody knows", "")
TINY = {"hidden_size": 8, "embedding_size": 8, "batch_tokens": 60, "device": "cpu", "learning_rate": 0.03}


def targets_of(texts, labels, teachers, share=0.7):
    return finished(
        targets([tokenise(text) for text in texts], torch.tensor(labels), teachers, Recipe(teacher_share=share))
    ).numpy()


def last(*arguments, **options):
    return list(train(*arguments, **options))[-1].checkpoint


def said(teacher, text):
    """By another way than a batch: what its reading of the text alone ends with; an empty text is an unknown word."""
    return read(teacher, text or "zzz").verdicts[-1].astype(float)


# --- targets ---


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_a_target_is_part_the_label_and_part_the_mean_of_what_the_teachers_say(share):
    teachers = [checkpoint("lstm", seed=1), checkpoint("gru", bidirectional=True, words=("bad", "it", "story"), seed=2)]
    labels = [1, 0, UNLABELLED, 0, UNLABELLED]
    found = targets_of(TEXTS, labels, teachers, share)
    for row, text, label in zip(found, TEXTS, labels, strict=True):
        mean = (said(teachers[0], text) + said(teachers[1], text)) / 2
        wanted = mean if label == UNLABELLED else share * mean + (1 - share) * np.eye(2)[label]
        assert row == pytest.approx(wanted, abs=1e-6)
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-6)


def test_a_teacher_that_reads_padded_says_what_it_says_when_it_is_evaluated():
    teacher = checkpoint("rnn", reading="padded", seed=3)
    texts = separable(40).texts
    found = targets_of(texts, [UNLABELLED] * 40, [teacher])
    assert found == pytest.approx(predict(teacher, texts), abs=1e-7)
    alone = np.array([said(teacher, text) for text in texts])
    assert np.abs(found - alone).max() > 0.01  # else this test would say nothing


@given(st.text(max_size=40))
def test_the_tokens_of_a_text_joined_again_are_its_tokens(text):
    """So a teacher, which is handed the student's tokens, reads what it would have read of the text."""
    tokens = tokenise(text)
    assert tokenise(" ".join(tokens)) == tokens


# --- learning ---


@pytest.fixture(scope="module")
def teacher():
    """Never wrong on the texts of ``separable``."""
    found = last(separable(120), Recipe(**TINY, epochs=8), name="the teacher")
    assert evaluate(found, separable(60, seed=1)).accuracy == 1.0
    return found


def shuffled(texts=120):
    """The texts of ``separable`` with labels that say nothing."""
    data = separable(texts)
    return dataset(data.texts, np.random.default_rng(0).permutation(data.labels))


def test_a_student_of_a_teacher_who_is_right_learns_it_from_labels_that_say_nothing(teacher):
    settings, test = Recipe(**TINY, epochs=6, teacher_share=0.9), separable(60, seed=1)
    assert evaluate(last(shuffled(), settings, teachers=[teacher]), test).accuracy == 1.0
    assert evaluate(last(shuffled(), settings), test).accuracy < 0.75
    deaf = settings.model_copy(update={"teacher_share": 0.0})
    assert evaluate(last(shuffled(), deaf, teachers=[teacher]), test).accuracy < 0.75


def test_unlabelled_texts_teach_what_the_labelled_ones_do_not_hold(teacher):
    few = dataset(["the film", "was it"] * 4, [0, 1] * 4)
    settings, test = Recipe(**TINY, epochs=6), separable(60, seed=1)
    assert evaluate(last(few, settings, teachers=[teacher]), test).accuracy < 0.75
    assert evaluate(last(few, settings, teachers=[teacher], unlabelled=[separable(120)]), test).accuracy == 1.0


def test_what_an_unlabelled_set_calls_its_texts_is_not_looked_at(teacher):
    data, more, settings = separable(20), separable(30, seed=2), Recipe(**TINY, epochs=1)
    other = dataset(more.texts, (more.labels + 1) % 3, ("x", "y", "z"))
    one, same = (last(data, settings, teachers=[teacher], unlabelled=[given]) for given in (more, other))
    assert all(torch.equal(value, same.model.state_dict()[name]) for name, value in one.model.state_dict().items())


def test_a_text_counts_as_right_when_the_answer_is_its_targets_most_probable_class(teacher):
    *_, moment = train(shuffled(), Recipe(**TINY, epochs=6, teacher_share=0.9), teachers=[teacher])
    assert moment.accuracy == 1.0


# --- what is refused ---


@pytest.mark.parametrize("labels", [("World", "Sports", "Business"), tuple(reversed(LABELS))])
def test_a_teacher_with_other_classes_or_another_order_of_them_is_refused(labels):
    stranger = checkpoint(labels=labels)
    classes = tuple(ClassName(value=name, name=name) for name in labels)
    stranger = replace(stranger, config=stranger.config.model_copy(update={"data": DataFormat(classes=classes)}))
    with pytest.raises(DataError) as caught:
        last(separable(), Recipe(**TINY), teachers=[checkpoint(), stranger])
    assert f"negative, positive, but the classifier answers {', '.join(labels)}" in str(caught.value)


def test_unlabelled_texts_without_a_teacher_are_refused():
    with pytest.raises(DataError) as caught:
        last(separable(), Recipe(**TINY), unlabelled=[separable()])
    assert str(caught.value) == (
        "Unlabelled texts need somebody who says what they are.\nName a teacher, or leave them out."
    )


# --- on the command line ---


def written(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def test_teachers_and_further_texts_are_on_the_card_with_the_overlap_counted(tmp_path, monkeypatch, capsys):
    rows = [("good film", "positive"), ("bad film", "negative"), ("good story", "positive"), ("bad story", "negative")]
    data = written(tmp_path / "data.csv", rows)
    also = written(tmp_path / "also.csv", [("Bad, at last!", "negative"), ("good at last", "positive")] * 2)
    more = written(tmp_path / "more.csv", [("all bad", "x"), ("all good", "y"), ("it was", "x"), ("was it", "y")])
    # Among the texts to learn from, by letters and digits: the first of data, the second of also, the third of more.
    known = [("Good film!", "positive"), ("bad at last", "negative"), ("ALL BAD", "negative")]
    dev = written(tmp_path / "dev.csv", [*known, ("a good one", "positive"), ("film", "positive")])
    for name, seed in (("one", 1), ("two", 2)):
        checkpoint(name=name, seed=seed).save_pretrained(tmp_path / name)
    given = ["--dev", dev, "--also", also, "--unlabelled", more]
    given += ["--teacher", tmp_path / "one", "--teacher", tmp_path / "two", "--out", tmp_path / "out", "--epochs", 1]
    monkeypatch.setattr(sys, "argv", ["rnnviz", "train", str(data), *map(str, given), "--device", "cpu"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code, capsys.readouterr().err
    found = load(tmp_path / "out")
    history = found.config.training
    assert history["teachers"] == ["one", "two"]
    assert history["texts"] == 4 + 4
    assert history["unlabelled_texts"] == 4
    assert history["overlap"] == {"dev": 3}
    assert "it" in found.vocabulary  # a word of the unlabelled texts
    card = (tmp_path / "out" / "README.md").read_text()
    assert "- **Overlap:** 3 of the 5 dev texts are also among the texts of this training" in card
    assert "- texts: 8\n- unlabelled texts: 4\n- teachers: ['one', 'two']" in card
    assert re.search(r"rnnviz train .*data.csv .*--teacher .*one --teacher .*two", card)
