"""The committed checkpoints: all there, small, exact, and as good as their cards say."""

import json
import re

import pytest

from rnnviz.checkpoint.card import model_card
from rnnviz.data import datasets, tasks
from rnnviz.experiments.evaluation import evaluate, overlap, predict
from rnnviz.experiments.negation import fair_scores, fair_set
from rnnviz.reading import read
from tests.shipped import FOLDER, NAMES, opened

WANTED = {
    "agnews-rnn": ("rnn", 1, False, "mean"),
    "agnews-lstm": ("lstm", 1, False, "last"),
    "agnews-lstm-padded": ("lstm", 1, False, "last"),
    "agnews-gru": ("gru", 1, False, "last"),
    "agnews-bilstm": ("lstm", 1, True, "max+mean"),
    "sst2-rnn": ("rnn", 1, False, "last"),
    "sst2-lstm": ("lstm", 1, False, "last"),
    "sst2-gru": ("gru", 1, False, "last"),
    "sst2-bilstm": ("lstm", 2, True, "max+mean"),
    "trec6-bilstm": ("lstm", 1, True, "max+mean"),
    "recall-rnn": ("rnn", 1, False, "last"),
    "recall-lstm": ("lstm", 1, False, "last"),
    "recall-gru": ("gru", 1, False, "last"),
    "brackets-lstm": ("lstm", 1, False, "last"),
    "negation-lstm": ("lstm", 1, False, "last"),
    "languages-lstm": ("lstm", 1, False, "mean"),
    "shakespeare-lstm": ("lstm", 1, False, "last"),
    "python-lstm": ("lstm", 1, False, "last"),
}
FLOORS = {"agnews-lstm": 0.915, "agnews-bilstm": 0.922, "sst2-lstm": 0.84, "sst2-bilstm": 0.87, "trec6-bilstm": 0.90}
TEST_SETS = {"agnews": "ag_news/test.csv.gz", "sst2": "sst2/sentences_test.csv.gz", "trec6": "trec6/test.csv.gz"}
TEXTS = {
    "agnews": "Oil prices rise to a record as investors fear for supplies; the dollar isn't stronger.",
    "sst2": "It isn't a bad film (not at all), but the ending never surprised me.",
    "trec6": "How many people live in the capital of France?",
    "recall": "b k l m n o p q r s t u v k l m n o p",
    "brackets": "( ( ) ( ( ) ) )",
    "negation": "the movie was not very good but the song was hardly bad",
    "languages": "आज सुबह मैं अपना छाता भूल आया।",
    "shakespeare": "ROMEO:\nBut soft, what light",
    "python": "def main(argv):\n    return 0\n",
}


def family(name: str) -> str:
    return name.split("-")[0]


def test_every_promised_network_is_there_in_its_shape():
    shapes = {name: opened(name).config.model for name in NAMES}
    found = {name: (model.cell, model.layers, model.bidirectional, model.pooling) for name, model in shapes.items()}
    assert found == WANTED
    assert {name for name, model in shapes.items() if model.reading == "padded"} == {"agnews-lstm-padded"}


def test_the_three_sentiment_cells_can_be_compared():
    sizes = {
        name: (opened(name).config.model.hidden_size, opened(name).config.model.embedding_size)
        for name in ("sst2-rnn", "sst2-lstm", "sst2-gru")
    }
    assert set(sizes.values()) == {(32, 100)}


def test_a_checkpoint_has_five_megabytes_at_most_and_all_have_forty():
    sizes = {name: sum(file.stat().st_size for file in (FOLDER / name).iterdir()) for name in NAMES}
    assert max(sizes.values()) <= 5_000_000, sizes
    assert sum(sizes.values()) <= 40_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_receipt_is_below_a_hundred_thousandth(name):
    trace = read(opened(name), TEXTS[family(name)])
    assert 0 <= trace.replay_error < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_the_last_verdict_is_the_classifiers_own_answer(name):
    checkpoint, text = opened(name), TEXTS[family(name)]
    assert abs(read(checkpoint, text).verdicts[-1] - predict(checkpoint, [text])[0]).max() < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_the_units_are_described(name):
    checkpoint = opened(name)
    model = checkpoint.config.model
    assert len(checkpoint.units["layers"]) == model.layers
    for layer in checkpoint.units["layers"]:
        assert len(layer) == model.directions
        for summary in layer.values():
            lists = ("raised_by", "lowered_by", "bimodality", "valley")
            assert {len(summary[name]) for name in lists} == {model.hidden_size}
            assert any(summary["raised_by"])
    assert checkpoint.units["tokens"] > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_what_the_configuration_says(name):
    config = json.loads((FOLDER / name / "config.json").read_text(encoding="utf-8"))
    assert (FOLDER / name / "README.md").read_text(encoding="utf-8") == model_card(config)
    assert config["training"]["command"].startswith("rnnviz train ")
    assert not re.search(r"/(home|root|work|tmp)/", json.dumps(config)), "a path of one machine"


def test_a_negation_turns_the_answer_round():
    answers = [read(opened("sst2-lstm"), text).label for text in ("the movie was good", "the movie was not good")]
    assert answers == ["positive", "negative"]


def test_the_best_sentiment_network_negates_adjectives_it_was_never_taught_to():
    scores = fair_scores(opened("sst2-bilstm"))
    assert scores.overall.accuracy >= 0.85


def test_sentiment_holds_outside_films():
    reviews = datasets.load(FOLDER.parent / "examples" / "reviews.csv")
    assert evaluate(opened("sst2-bilstm"), reviews).accuracy >= 0.8


@pytest.mark.parametrize("name", [name for name in NAMES if family(name) in TEST_SETS])
def test_the_card_counts_the_test_texts_that_were_learned(name):
    config = opened(name).config
    count = config.training["overlap"]["test"]
    assert count == {"agnews": 2, "sst2": 0, "trec6": 11}[family(name)]  # repeats in the official splits
    assert (
        f"{count:,} of the {config.scores['test']['n']:,} test texts are also"
        in (FOLDER / name / "README.md").read_text()
    )


def test_no_review_that_sentiment_networks_first_learned_is_a_measured_sentence(data_folder):
    reviews = [datasets.load(data_folder / "imdb" / name) for name in ("train.csv.gz", "test.csv.gz")]
    measured = {
        "dev": datasets.load(data_folder / "sst2" / "sentences_dev.csv.gz"),
        "test": datasets.load(data_folder / "sst2" / "sentences_test.csv.gz"),
        "fair": fair_set(),
        "outside films": datasets.load(FOLDER.parent / "examples" / "reviews.csv"),
    }
    assert overlap(reviews, measured) == dict.fromkeys(measured, 0)


@pytest.mark.parametrize("name", FLOORS)
def test_the_recorded_test_score_is_above_its_floor(name):
    recorded = opened(name).scores["test"]
    assert recorded["accuracy"] >= FLOORS[name]
    assert recorded["n"] == {"agnews": 7_600, "sst2": 1_821, "trec6": 500}[family(name)]


@pytest.mark.parametrize("name", [name for name in NAMES if family(name) in TEST_SETS])
def test_evaluating_again_gives_the_cards_numbers(name, data_folder):
    checkpoint = opened(name)
    data = datasets.load(data_folder / TEST_SETS[family(name)])
    assert data.classes == checkpoint.labels
    found = evaluate(checkpoint, data)
    recorded = checkpoint.scores["test"]
    assert found.n == recorded["n"]
    assert found.accuracy == pytest.approx(recorded["accuracy"], abs=2 / found.n)  # another machine's last digit
    assert (found.padding is None) == ("padding" not in recorded) == (checkpoint.config.model.reading == "packed")
    if found.padding:
        assert found.padding.changed == pytest.approx(recorded["padding"]["changed"], abs=2)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("recall-lstm", 1.0, 1.0),
        ("recall-gru", 1.0, 1.0),
        ("recall-rnn", 0.2, 0.3),
        ("brackets-lstm", 0.99, 1.0),
        ("negation-lstm", 0.99, 1.0),
    ],
)
def test_a_generated_task_is_solved_or_shown_to_be_too_hard(name, least, most):
    length = 30 if family(name) == "brackets" else 60
    fresh = tasks.generate(family(name), rows=1_000, length=length, seed=987)
    assert least <= evaluate(opened(name), fresh).accuracy <= most


def test_padding_alone_changes_what_the_padded_network_remembers():
    text = TEXTS["agnews"]
    alone, filled = (read(opened("agnews-lstm-padded"), text, pad_to=pad_to) for pad_to in (None, 60))
    words = len(alone.tokens)
    assert abs(filled.select("cell")[words - 1] - alone.select("cell")[-1]).max() < 1e-5
    assert abs(filled.select("cell")[-1] - alone.select("cell")[-1]).max() > 0.1
