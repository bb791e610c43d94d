"""What the page is told of the slices of an index: those of the package, with the texts, as far as the page reads."""

import numpy as np
import pytest

from rnnviz import corpus
from rnnviz.checkpoint.folder import load
from rnnviz.data.datasets import Dataset
from rnnviz.data.formats import DataFormat
from rnnviz.page import finding, slicing
from rnnviz.page.handlers import HANDLERS
from rnnviz.page.requests import MOST_CONDITIONS
from rnnviz.page.service import Service
from tests.builders import LETTERS, checkpoint, writer
from tests.page.test_replies import is_of

WORDS = ("good", "bad", "film", "not", "the", "was", "a", "dull", "story", "end")
TEXTS = tuple(" ".join(WORDS[(place * step) % 10] for place in range(3 + step % 5)) for step in range(1, 61))
CLASSES = ("Arts & Culture", "b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Networks that tell classes, of which one has labelled texts, and one that tells letters, each with an index."""
    found = tmp_path_factory.mktemp("sliced")
    networks = {
        "lstm": checkpoint("lstm", words=WORDS, labels=CLASSES),
        "bare": checkpoint("gru", words=WORDS, labels=CLASSES),
        "writer": writer(),
        "without": checkpoint("lstm", words=WORDS, labels=CLASSES, seed=3),
    }
    for name, network in networks.items():
        network.save_pretrained(found / "networks" / name)
    labelled = Dataset("films", TEXTS, np.arange(len(TEXTS)) % 2, CLASSES, DataFormat())
    for name, texts in {"lstm": labelled, "bare": TEXTS, "writer": [LETTERS[2:] * 3]}.items():
        corpus.build(load(found / "networks" / name), texts, found / "indexes" / name)
    return found


@pytest.fixture(scope="module")
def service(folder):
    return Service(folder / "networks", index_folders=[folder / "indexes"])


@pytest.fixture(scope="module")
def index(folder):
    return corpus.Index.load(folder / "indexes" / "lstm")


def counted(one):
    return {
        "name": one.name,
        "texts": len(one.texts),
        "labelled": one.labelled,
        "right": one.right,
        "low": one.interval[0],
        "high": one.interval[1],
    }


def test_without_conditions_it_tells_the_slices_of_the_package_and_where_not_stands(service, index):
    told = service.slices({"model": "lstm"})
    assert is_of(HANDLERS["slices"].reply, told)
    (negated,) = corpus.sliced(index, ["word=not"])
    wanted = [*corpus.sliced(index), negated]
    assert sorted(one["name"] for one in told["slices"]) == sorted(one.name for one in wanted)
    assert all(counted(one) in told["slices"] for one in wanted)
    shares = [one["right"] / one["labelled"] for one in told["slices"]]
    assert shares == sorted(shares)
    assert told["corpus"]["texts"] == len(TEXTS)


@pytest.mark.parametrize(
    "conditions",
    ["all", "wrong", "word=not & class=b", "class=Arts & Culture & right", "length=..4", "unit=+0", "word=never"],
)
def test_with_conditions_it_tells_that_slice_and_its_texts_errors_first(service, index, conditions):
    told = service.slices({"model": "lstm", "conditions": f" {conditions} "})
    assert is_of(HANDLERS["slices"].reply, told)
    (wanted,) = corpus.sliced(index, [conditions])
    assert told["slice"] == counted(wanted)
    assert told["confusion"] == [list(row) for row in wanted.confusion]
    assert [one["text"] for one in told["texts"]] == list(wanted.texts[: slicing.MOST_LISTED])
    for one in told["texts"]:
        assert one["said"] == one["whole"] == TEXTS[one["text"]]
        assert one["label"] == CLASSES[one["text"] % 2]
        assert one["answer"] == CLASSES[index.answers[one["text"]]]


def test_texts_without_classes_are_counted_and_not_judged(service):
    told = service.slices({"model": "bare"})
    assert {(one["labelled"], one["right"]) for one in told["slices"]} == {(0, 0)}
    listed = service.slices({"model": "bare", "conditions": "all"})["texts"]
    assert listed
    assert all(one["label"] is None for one in listed)


def test_a_long_text_is_cut_in_the_list_and_not_opened_where_the_page_would_cut_it(service, monkeypatch):
    monkeypatch.setattr(slicing, "MOST_SAID", 10)
    monkeypatch.setattr(finding, "MOST_TOKENS", 4)
    for one in service.slices({"model": "lstm", "conditions": "all"})["texts"]:
        text = TEXTS[one["text"]]
        assert one["said"] == (text if len(text) <= 10 else f"{text[:9]}…")
        assert one["whole"] == (text if len(text.split()) <= 4 else None)


@pytest.mark.parametrize(
    ("conditions", "error"),
    [
        ("words=not", "slice_form"),
        ("length=long", "slice_form"),
        ("class=c", "unknown_name"),
        ("unit=+999", "opened_place"),
        ("disagree", "slice_other"),
        ("x" * 100_000, "slice_form"),
    ],
)
def test_conditions_that_are_none_are_objected_to(service, conditions, error):
    told = service.slices({"model": "lstm", "conditions": conditions})
    assert told["error"] == error
    assert len(told["message"]) < MOST_CONDITIONS


@pytest.mark.parametrize("conditions", [None, 3, ["all"], "  "])
def test_what_are_no_conditions_asks_for_none(service, conditions):
    assert "slices" in service.slices({"model": "lstm", "conditions": conditions})


def test_a_network_that_tells_letters_is_not_right_or_wrong(service):
    assert service.slices({"model": "writer"})["error"] == "index_answers"


def test_without_an_index_there_is_nothing(service):
    assert service.slices({"model": "without", "conditions": "all"}) == {"corpus": None}
    assert service.slices({"model": "../x"})["error"] == "unknown_name"
