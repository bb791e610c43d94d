"""What is noticed before anything is learned: texts that hardly meet the vocabulary, the vectors, the network."""

import numpy as np
import pytest

from rnnviz.checkpoint.card import model_card
from rnnviz.data.formats import FORMATS, DataFormat
from rnnviz.data.text import WordVectors
from rnnviz.errors import DataWarning
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from tests.builders import dataset, separable

TINY = {"hidden_size": 4, "embedding_size": 2, "epochs": 1, "device": "cpu"}
NAMES = dataset([f"name{place} other{place}" for place in range(40)], [0, 1] * 20)


def first_moment(*arguments, **options):
    return next(iter(train(*arguments, **options)))


@pytest.mark.parametrize("settings", [{"min_freq": 2}, {"vocabulary_size": 3}, {"min_freq": 100}])
def test_a_vocabulary_that_the_texts_hardly_meet_is_told_before_anything_is_learned(settings):
    with pytest.warns(DataWarning, match=r"The vocabulary has \d+% of the words in these texts"):
        first_moment(NAMES, Recipe(**TINY | settings))


def test_vectors_of_other_words_are_told():
    vectors = WordVectors({"GOOD": 0, "BAD": 1}, np.ones((2, 2), dtype=np.float32))
    with pytest.warns(DataWarning, match="The word vectors know 0% of the words in these texts"):
        first_moment(separable(), Recipe(**TINY), vectors=vectors)


def test_a_network_of_other_words_to_go_on_from_is_told():
    *_, last = train(separable(), Recipe(**TINY))
    others = dataset([f"andere{place} worte" for place in range(40)], [0, 1] * 20, separable().classes)
    with pytest.warns(DataWarning, match="The network to go on from knows 0% of the words"):
        first_moment(others, Recipe(**TINY), start=last.checkpoint)


def test_texts_that_meet_their_vocabulary_are_learned_without_a_word():
    first_moment(separable(), Recipe(**TINY))  # a warning would be an error


@pytest.mark.parametrize(
    ("source", "claimed"),
    [
        ("", False),
        ("a teacher's reviews in French", False),
        (FORMATS["ag_news"].source, True),
        (f"{FORMATS['sst2'].source}; {FORMATS['mr'].source}", True),
        ("generated: rnnviz.tasks, task 'recall'", True),
    ],
)
def test_only_of_english_data_a_card_says_english(source, claimed):
    *_, last = train(separable(), Recipe(**TINY))
    config = last.checkpoint.config
    card = model_card(
        config.model_copy(update={"data": DataFormat(**config.data.model_dump() | {"source": source})}).model_dump(
            mode="json"
        )
    )
    assert ("language: en" in card) is claimed
    assert ("English" in card) is claimed
