"""What padding does to one text, against PyTorch's own module run over the filled-up words."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from rnnviz.page import drift as drifting
from rnnviz.page.drift import MOST_PADDED, drift, padded_networks
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import checkpoint

TEXT = "the film was not good"


def by_hand(network, text, length):
    """The hidden states and class probabilities of PyTorch's module over a text, filled up with its padding."""
    ids = [*network.vocabulary.ids(text.split()), *[network.config.model.padding_id] * (length - len(text.split()))]
    with torch.no_grad():
        hidden = network.model.rnn(network.model.embedding(torch.tensor([ids])))[0][0]
        return hidden.numpy(), network.model.fc(hidden).softmax(dim=1).numpy()


def saved(folder, name, **settings):
    checkpoint("lstm", **settings).save_pretrained(folder / name)
    return folder / name


@pytest.fixture
def padded(tmp_path):
    return saved(tmp_path, "padded", reading="padded", seed=2)


def test_the_numbers_are_those_of_the_module_over_the_filled_up_words(padded):
    network = checkpoint("lstm", reading="padded", seed=2)
    found = drift(network, padded, TEXT, 12)
    hidden, verdicts = by_hand(network, TEXT, 12)
    assert (found["padded_to"], found["tokens"]) == (12, TEXT.split())
    np.testing.assert_allclose(found["verdicts"], verdicts, atol=1e-4)
    np.testing.assert_allclose(np.array(found["states"]).T, hidden[:, found["units"]], atol=1e-4)
    np.testing.assert_allclose(found["alone"]["verdict"], verdicts[4], atol=1e-4)
    np.testing.assert_allclose(found["alone"]["states"], hidden[4, found["units"]], atol=1e-4)


def test_of_a_near_tie_the_winner_is_the_class_that_leads_before_rounding(padded, monkeypatch):
    shares = np.array([[0.50001, 0.49999], [0.49999, 0.50001]], dtype=np.float32)

    def tied(*asked, **settings):
        return dataclasses.replace(read(*asked, **settings), verdicts=shares)

    monkeypatch.setattr(drifting, "read", tied)
    found = drift(checkpoint("lstm", reading="padded"), padded, "good film", 2)
    assert found["verdicts"] == [[0.5, 0.5]] * 2
    assert (found["winners"], found["alone"]["winner"]) == ([0, 1], 1)


def test_the_units_are_those_that_are_among_the_furthest_at_any_filling(padded):
    network = checkpoint("lstm", reading="padded", seed=2)
    hidden, _ = by_hand(network, TEXT, 30)
    moved = np.abs(hidden[5:] - hidden[4])
    units = drift(network, padded, TEXT, 30)["units"]
    assert set(units) == {unit for row in moved for unit in np.argsort(-row)[:4]}
    most = moved.max(axis=0)[units].tolist()
    assert sorted(most, reverse=True) == most


def test_a_text_with_no_room_for_padding_has_units_to_show_too(padded):
    found = drift(checkpoint("lstm", reading="padded"), padded, TEXT, 5)
    assert len(found["units"]) == len(found["states"]) == 4


def test_of_many_classes_the_likeliest_are_sent_in_their_own_order(tmp_path):
    names = [f"class {place}" for place in range(20)]
    network = checkpoint("lstm", reading="padded", labels=names, seed=4)
    found = drift(network, tmp_path, TEXT, 20)
    best = by_hand(network, TEXT, 20)[1][4:].max(axis=0)
    assert found["labels"] == [names[place] for place in sorted(np.argsort(-best)[:8])]
    assert {len(shares) for shares in found["verdicts"]} == {8}


@pytest.mark.parametrize(
    ("pad_to", "length"), [(5, 5), (60, 60), (3, 5), (-1, 5), (10**9, 60), (None, 5), (True, 5), ("9", 5)]
)
def test_a_length_is_kept_between_the_texts_own_and_sixty(padded, pad_to, length):
    found = Service(padded.parent).padding_drift({"text": TEXT, "pad_to": pad_to})
    assert (found["padded_to"], len(found["verdicts"])) == (length, length)


def test_a_text_is_read_as_far_as_it_can_be_drawn(padded):
    found = drift(checkpoint("lstm", reading="padded"), padded, "good " * 500, 60)
    assert (len(found["tokens"]), found["padded_to"]) == (MOST_PADDED, MOST_PADDED)


def test_only_networks_that_read_padded_and_forward_are_asked(tmp_path):
    saved(tmp_path, "packed")
    saved(tmp_path, "both-ways", reading="padded", bidirectional=True)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    wanted = saved(tmp_path, "some-name", reading="padded")
    assert padded_networks(sorted(tmp_path.iterdir())) == [wanted]


def test_what_was_measured_of_the_network_comes_with_the_answer(padded):
    path = padded / "config.json"
    config = json.loads(path.read_text())
    measured = {"changed": 3, "n": 40, "accuracy_alone": 0.5, "examples": []}
    config["scores"] = {"test": {"accuracy": 0.75, "n": 40, "padding": measured}}
    path.write_text(json.dumps(config))
    found = drift(checkpoint("lstm", reading="padded"), padded, TEXT, 9)
    assert (found["accuracy"], found["padding"]) == (0.75, measured)


def test_a_folder_without_such_a_network_has_no_answer(tmp_path):
    saved(tmp_path, "packed")
    assert Service(tmp_path).padding_drift({"text": TEXT, "pad_to": 20}) == {}


@pytest.mark.parametrize("question", [None, 5, [], {}, {"text": " ;"}, {"text": ["good"]}])
def test_a_question_without_words_is_empty(padded, question):
    assert Service(padded.parent).padding_drift(question) == {"empty": True}


def test_the_page_gets_json_that_can_be_sent(padded):
    found = Service(padded.parent).padding_drift({"text": "good \ud800 film", "pad_to": 60})
    assert found["model"] == "padded"
    assert len(json.dumps(found, ensure_ascii=False, allow_nan=False).encode()) < 8_000
