"""What the page is told of the plane of an index: the plane of the package, its points with their texts."""

import json

import numpy as np
import pytest

from rnnviz import corpus
from rnnviz.checkpoint.folder import load
from rnnviz.page import projecting
from rnnviz.page.service import Service
from rnnviz.reading import read
from tests.builders import LETTERS, checkpoint, writer

WORDS = ("good", "bad", "film", "not", "the", "was", "a", "dull", "story", "end")
LONG = " ".join(WORDS * 3)
TEXTS = [LONG, *(" ".join(WORDS[(place * step) % 10] for place in range(3 + step % 5)) for step in range(1, 40))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Networks of all kinds, each with an index."""
    found = tmp_path_factory.mktemp("served")
    networks = {
        "lstm": checkpoint("lstm", words=WORDS, labels=("a", "b", "c")),
        "both": checkpoint("gru", words=WORDS, bidirectional=True),
        "writer": writer(),
    }
    for name, network in networks.items():
        network.save_pretrained(found / "networks" / name)
        texts = TEXTS if name != "writer" else [LETTERS[2:] * 3, "The Mores"]
        corpus.build(load(found / "networks" / name), texts, found / "indexes" / name)
    return found


@pytest.fixture(scope="module")
def service(folder):
    return Service(folder / "networks", index_folders=[folder / "indexes"])


@pytest.mark.parametrize("answer", [0, 1, 2, None])
def test_it_tells_the_plane_of_the_package(service, folder, answer):
    told = service.project({"model": "lstm", "answer": answer})
    index = corpus.Index.load(folder / "indexes" / "lstm")
    readout = read(load(folder / "networks" / "lstm"), "good").readout
    plane = index.projection(readout, None if answer is None else "abc"[answer])
    assert told["answer"] == (2 if answer is None else answer)
    assert told["axes"] == plane.axes.tolist()
    assert told["offsets"] == plane.offsets.tolist()
    assert told["shares"] == plane.shares.tolist()
    points = told["points"]
    np.testing.assert_allclose(np.stack([points["across"], points["up"]], axis=1), plane.points, atol=1e-5)
    assert points["text"] == list(range(40))
    assert points["place"] == [len(index.text(number)) - 1 for number in range(40)]
    assert points["said"][0] == " ".join((WORDS * 3)[:12]) + " …"
    assert points["said"][1] == TEXTS[1]
    assert (told["by"], told["classes"]) == ("answer", ["a", "b", "c"])
    assert points["label"] == index.answers.tolist()
    json.dumps(told)  # it holds nothing of NumPy's


@pytest.mark.parametrize(("name", "reason", "by"), [("both", "both_ways", "answer"), ("writer", "next", None)])
def test_without_an_answers_axis_points_are_words_and_tell_what_is_before_them(service, folder, name, reason, by):
    told = service.project({"model": name, "answer": 0})
    index = corpus.Index.load(folder / "indexes" / name)
    assert (told["unread"], told["answer"], told["by"]) == (reason, None, by)
    points = told["points"]
    assert len(points["text"]) == index.about.positions
    between = "" if name == "writer" else " "
    for text, place, said in zip(points["text"], points["place"], points["said"], strict=True):
        upto = index.text(text)[: place + 1]
        assert said.endswith(between.join(upto[-projecting.SAID[index.about.tokens] :]))
        assert said.startswith("…") == (len(upto) > projecting.SAID[index.about.tokens])


def test_what_is_said_of_a_text_is_short_whatever_its_words_are(service, monkeypatch):
    service._planes.cache_clear()
    monkeypatch.setattr(projecting, "MOST_SAID", 9)
    for name in ("lstm", "both"):
        said = service.project({"model": name})["points"]["said"]
        assert max(map(len, said)) == 9


def test_a_text_is_sent_as_far_as_the_page_reads(service, monkeypatch):
    assert service.project({"model": "lstm", "text": 3, "place": 1}) == {"text": 3, "whole": TEXTS[3]}
    monkeypatch.setattr("rnnviz.page.finding.MOST_TOKENS", 20)
    assert service.project({"model": "lstm", "text": 0, "place": 29})["whole"] is None
    assert service.project({"model": "lstm", "text": 0, "place": 19})["whole"] == " ".join((WORDS * 3)[:20])
    assert service.project({"model": "lstm", "text": 40})["error"] == "index_text"
    assert service.project({"model": "lstm", "text": 10**40})["error"] == "index_text"


@pytest.mark.parametrize("answer", [-1, 3, 10**30, "a", True, 0.5])
def test_an_answer_that_is_none_is_the_last_one(service, answer):
    assert service.project({"model": "lstm", "answer": answer})["answer"] == 2


def test_a_plane_is_computed_once(service, monkeypatch):
    first = service.project({"model": "lstm", "answer": 1})
    monkeypatch.setattr(corpus.Index, "projection", None)
    assert service.project({"model": "lstm", "answer": 1}) is first


def test_a_network_without_an_index_has_no_plane(folder):
    assert Service(folder / "networks").project({"model": "lstm"}) == {"corpus": None}
    assert Service(folder / "networks").project({"model": "none"})["error"] == "unknown_name"
