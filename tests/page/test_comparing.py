"""Two readings side by side, as the page gets them."""

import base64

import numpy as np
import pytest

from rnnviz.page.payload import WINDOW
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import checkpoint


@pytest.fixture
def service(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "one-way")
    checkpoint("gru", labels=("a", "b", "c")).save_pretrained(tmp_path / "three-classes")
    checkpoint("lstm", bidirectional=True).save_pretrained(tmp_path / "both-ways")
    return Service(tmp_path)


def ask(service, text="the film was good", other="the film was not good", models=("one-way", "one-way")):
    return service.compare({"model": models[0], "text": text, "other_model": models[1], "other_text": other})


def numbers(sent):
    data = np.frombuffer(base64.b64decode(sent["data"]), dtype="<i2").reshape(sent["shape"])
    scales = np.array([signal["scale"] for signal in sent["signals"]])
    return data * scales[:, None, None, None, None] / 32767


def test_an_inserted_word_stands_alone_and_the_others_beside_their_like(service):
    found = ask(service)
    assert found["pairs"] == [[0, 0], [1, 1], [2, 2], [None, 3], [3, 4]]
    assert found["one"]["tokens"] == ["the", "film", "was", "good"]
    assert found["other"]["tokens"] == ["the", "film", "was", "not", "good"]


@pytest.mark.parametrize("models", [("one-way", "one-way"), ("one-way", "three-classes"), ("both-ways", "one-way")])
def test_each_side_is_what_its_own_network_reads_alone(service, models):
    found = ask(service, models=models)
    for side, model, text in zip(("one", "other"), models, ("the film was good", "the film was not good"), strict=True):
        alone = read(service.checkpoint(model), text)
        assert found[side]["model"] == model
        np.testing.assert_allclose(found[side]["verdicts"], alone.verdicts, atol=1e-4)
        expected = np.stack(list(alone.signals.values()))
        np.testing.assert_allclose(numbers(found[side]), expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("text", "other", "empty"), [("", "good", "one"), ("good", " \n", "other"), (None, 7, "one")])
def test_a_side_without_words_is_named_and_no_model_runs(service, text, other, empty, monkeypatch):
    monkeypatch.setattr("rnnviz.page.comparing.read", None)
    assert ask(service, text, other) == {"empty": empty}


def test_a_long_text_is_compared_as_far_as_one_window(service):
    found = ask(service, "good " * (WINDOW + 50), "good film", models=("both-ways", "both-ways"))
    assert len(found["one"]["tokens"]) == WINDOW
    assert (found["one"]["total"], found["other"]["total"]) == (WINDOW + 50, 2)
    assert max(left for left, _ in found["pairs"] if left is not None) == WINDOW - 1


@pytest.mark.parametrize("question", [None, [], "text", {}, {"model": "one-way", "text": "a", "other_text": "b"}])
def test_a_question_of_another_shape_is_answered_in_words(service, question):
    assert "There is no model" in service.compare(question)["message"]


@pytest.mark.parametrize("name", ["../one-way", "/etc", 3, ["one-way"]])
def test_neither_model_is_ever_a_path(service, name):
    for models in ((name, "one-way"), ("one-way", name)):
        assert ask(service, models=models)["error"] == "unknown_name"
