"""How far back three networks of equal size reach, as the page gets it."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from rnnviz import files
from rnnviz.page import reach
from rnnviz.page.payload import WINDOW
from rnnviz.page.reach import families
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import CELLS, checkpoint
from tests.shipped import FOLDER

TEXT = "the film was not bad at all"


def family(folder, name, **settings):
    for seed, cell in enumerate(CELLS):
        checkpoint(cell, seed=seed, **settings).save_pretrained(folder / f"{name}-{cell}")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("families")
    family(folder, "mine")
    family(folder, "your-own", labels=("a", "b", "c"))
    checkpoint("lstm").save_pretrained(folder / "alone")
    return Service(folder)


def gradient(model, ids, label):
    """‖∂ score / ∂ x‖ by PyTorch's own fused layers, without any of ours."""
    rows = model.embedding(torch.tensor(ids)).detach().requires_grad_()
    output, _ = model.rnn(rows[None])
    model.fc(output[0, -1])[label].backward()
    return rows.grad.norm(dim=1).tolist()


def test_the_gradients_are_those_of_pytorchs_own_layers(service):
    found = service.how_far_back({"text": TEXT, "family": "mine"})
    assert [network["cell"] for network in found["networks"]] == list(CELLS)
    for network in found["networks"]:
        opened = service.checkpoint(network["model"])
        wanted = gradient(opened.model, opened.ids(TEXT), found["scored"])
        assert network["norms"] == pytest.approx(wanted, rel=2e-3)


def test_the_score_is_the_same_in_all_three_and_the_lstms_answer(service):
    found = service.how_far_back({"text": TEXT, "family": "your-own"})
    answers = {network["cell"]: network["answer"] for network in found["networks"]}
    assert found["scored"] == answers["lstm"].index(max(answers["lstm"]))
    assert len({answer.index(max(answer)) for answer in answers.values()}) > 1  # else this would prove nothing


def test_of_a_near_tie_the_winner_is_the_class_that_leads_before_rounding(service, monkeypatch):
    shares = np.array([[0.49999, 0.50001]], dtype=np.float32)
    monkeypatch.setattr(reach, "read", lambda *asked: dataclasses.replace(read(*asked), verdicts=shares))
    found = service.how_far_back({"text": "film", "family": "mine"})
    assert [(network["answer"], network["winner"]) for network in found["networks"]] == [([0.5, 0.5], 1)] * 3


@pytest.mark.parametrize(
    ("asked", "family"),
    [
        ({"model": "your-own-gru"}, "your-own"),
        ({"model": "alone"}, "mine"),
        ({"model": "your-own-gru", "family": "mine"}, "mine"),
        ({"family": "../mine"}, "mine"),
        ({"family": ["mine"], "model": {}}, "mine"),
    ],
)
def test_the_family_is_the_one_asked_for_or_the_models_or_the_first(service, asked, family):
    found = service.how_far_back({"text": TEXT} | asked)
    assert (found["family"], found["families"]) == (family, ["mine", "your-own"])


def test_a_long_text_is_read_as_far_as_one_window(service):
    found = service.how_far_back({"text": "good " * (WINDOW + 9), "family": "mine"})
    assert (len(found["tokens"]), found["total"]) == (WINDOW, WINDOW + 9)
    assert all(len(network["norms"]) == WINDOW for network in found["networks"])
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("question", [None, [], {"text": 5}, {"text": " \n"}])
def test_no_words_are_no_error(service, question):
    assert service.how_far_back(question) == {"families": ["mine", "your-own"], "empty": True}


def test_without_a_family_there_is_only_that(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "alone")
    assert Service(tmp_path).how_far_back({"text": TEXT}) == {"families": []}


@pytest.mark.parametrize(
    "odd",
    [
        {"hidden_size": 7},
        {"layers": 2},
        {"bidirectional": True},
        {"pooling": "mean"},
        {"labels": ("positive", "negative")},
    ],
)
def test_a_family_differs_in_nothing_but_the_cell(tmp_path, odd):
    family(tmp_path, "mine")
    assert list(families(tmp_path.iterdir())) == ["mine"]
    checkpoint("gru", **odd).save_pretrained(tmp_path / "mine-gru")
    assert families(tmp_path.iterdir()) == {}


def test_the_family_that_knows_most_words_comes_first(tmp_path):
    family(tmp_path, "letters", words=("a", "b"))
    family(tmp_path, "mine")
    family(tmp_path, "yours")
    assert list(families(tmp_path.iterdir())) == ["mine", "yours", "letters"]


def test_a_name_that_says_another_cell_makes_no_family(tmp_path):
    family(tmp_path, "mine")
    checkpoint("lstm").save_pretrained(tmp_path / "mine-gru")
    assert families(tmp_path.iterdir()) == {}


def test_a_damaged_checkpoint_is_in_no_family_and_harms_no_other(tmp_path):
    family(tmp_path, "mine")
    family(tmp_path, "yours")
    (tmp_path / "mine-rnn" / "config.json").write_text("{", encoding="utf-8")
    assert list(families(tmp_path.iterdir())) == ["yours"]


def test_the_shipped_families_are_found():
    assert set(families(files.folders(FOLDER))) == {"recall", "sst2"}
