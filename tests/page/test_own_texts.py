"""How often a network is right on a visitor's own texts, counted here by hand from what ``read`` answers."""

import base64
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from rnnviz.errors import DataError
from rnnviz.page import own_texts
from rnnviz.page.own_texts import drawn, matched, statistics
from rnnviz.page.trainings import Trainings
from rnnviz.page.visitors import Rights
from rnnviz.page.workers import _plain, dataset_of
from rnnviz.reading import read
from tests.builders import POOLINGS, WORDS, checkpoint, dataset

MARK = "a secret that no log may hold"


def texts(count):
    source = np.random.default_rng(1)
    return [" ".join(source.choice(WORDS, size=source.integers(1, 9))) for _ in range(count)]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("reading", ["packed", "padded"])
def test_every_text_is_answered_as_the_reader_answers_it(pooling, reading):
    network = checkpoint("gru", pooling=pooling, reading=reading, labels=("a", "b", "c"))
    data = dataset(texts(90), [row % 3 for row in range(90)], classes=("a", "b", "c"))
    found = statistics(network, data, len(data))
    traces = [read(network, text) for text in data.texts]
    answers = [trace.labels.index(trace.label) for trace in traces]
    counts = Counter(zip(data.labels.tolist(), answers, strict=True))
    assert found["confusion"] == [[counts[true, answer] for answer in range(3)] for true in range(3)]
    assert found["right"] == sum(np.array(answers) == data.labels)
    assert found["accuracy"] == found["right"] / 90
    assert found["low"] < found["accuracy"] < found["high"]
    assert (found["read"], found["total"], found["left_out"], found["by"]) == (90, 90, 0, "name")
    wrong = [one for one in found["texts"] if one["label"] != one["answer"]]
    right = found["texts"][len(wrong) :]
    assert len(wrong) == 90 - found["right"]
    assert all(one["label"] == one["answer"] for one in right)
    assert [one["share"] for one in wrong] == sorted((one["share"] for one in wrong), reverse=True)
    assert [one["share"] for one in right] == sorted(one["share"] for one in right)
    for one in found["texts"][:5]:
        trace = read(network, one["text"])
        assert trace.labels.index(trace.label) == one["answer"]
        assert one["share"] == pytest.approx(float(trace.verdicts[-1].max()), abs=1e-3)


@pytest.mark.parametrize(
    ("names", "by", "places"),
    [
        (("World", "SPORTS"), "name", [0, 1]),
        (("1", "2", "3"), "value", [0, 1, 2]),
        (("0", "1", "2"), "number", [0, 1, 2]),
        (("World", "weather"), "name", [0, None]),
        (("x", "y"), "name", [None, None]),
    ],
)
def test_labels_are_matched_by_name_by_value_or_by_number(names, by, places):
    network = checkpoint(labels=("World", "Sports", "Sci/Tech"))
    classes = [
        one.model_copy(update={"value": str(place + 1)}) for place, one in enumerate(network.config.data.classes)
    ]
    data = network.config.data.model_copy(update={"classes": tuple(classes)})
    network.__dict__["config"] = network.config.model_copy(update={"data": data})
    assert matched(names, names, network) == (by, places)


def test_what_has_no_class_is_named_and_left_out_and_nothing_at_all_is_refused():
    data = dataset(texts(30), [row % 3 for row in range(30)], classes=("negative", "positive", "neutral"))
    found = statistics(checkpoint(), data, 30)
    assert (found["unmatched"], found["left_out"], found["read"]) == (["neutral"], 10, 20)
    strange = dataset(texts(2), [0, 1], classes=("x", "y"))
    strange = replace(strange, format=strange.format.model_copy(update={"classes": ()}))
    with pytest.raises(DataError, match=r"No label of the file \(x, y\) is a class of this network"):
        statistics(checkpoint(), strange, 2)


def test_texts_and_time_have_limits(monkeypatch):
    data = dataset(texts(300), [row % 2 for row in range(300)])
    times = iter([0.0, 1.0, own_texts.MOST_SECONDS + 1])
    monkeypatch.setattr(own_texts, "AT_ONCE", 100)
    found = statistics(checkpoint(), data, 5_000, clock=lambda: next(times))
    tokens = [len(text.split()) for text in data.texts[: found["read"]]]
    assert 200 <= sum(tokens) < 200 + 2 * max(tokens)  # two batches of whole texts
    assert found["total"] == 5_000
    monkeypatch.setattr(own_texts, "MOST_TEXTS", 40)
    part = drawn(data)
    assert len(part) == 40
    assert set(part.texts) <= set(data.texts)


def test_letters_are_read_and_cut_as_the_reader_does():
    network = checkpoint(words=("a", "b", " "), tokens="letters")
    data = dataset(["ab " * 1_000, "a  b"], [0, 1])
    found = statistics(network, data, 2)
    assert {one["text"] for one in found["texts"]} == {("ab " * 1_000)[:2_000], "a  b"}
    for one in found["texts"]:
        assert one["answer"] == network.labels.index(read(network, one["text"]).label)


def test_a_data_set_goes_to_another_process_whole():
    data = dataset(texts(5), [0, 1, 0, 1, 1])
    again = dataset_of(json.loads(json.dumps(_plain(data))))
    assert (again.texts, again.classes, again.labels.tolist()) == (data.texts, data.classes, data.labels.tolist())


def sent(trainings, text):
    return trainings.receive({"part": 0, "last": True, "name": "mine.csv", "text": base64.b64encode(text).decode()})


def test_a_file_that_was_received_is_measured_for_who_may_send_one_alone(caplog):
    network = checkpoint()
    rights = [Rights(True, True)]
    work = lambda _model, data, total: statistics(network, data, total)  # noqa: E731
    trainings = Trainings(lambda *_: iter(()), rights=lambda: rights[0], evaluate=work)
    rows = "\n".join(f"{MARK} {row},{('negative', 'positive')[row % 2]}" for row in range(12))
    table = sent(trainings, f"text,label\n{rows}\n".encode())
    found = trainings.evaluate({"model": "tiny", "data": table["ticket"]})
    assert (found["read"], found["total"]) == (12, 12)
    assert all(one["text"].startswith(MARK) for one in found["texts"])
    assert trainings.evaluate({"model": "tiny", "data": "no ticket"})["error"] == "upload_lost"
    with trainings._evaluations.turn():
        assert trainings.evaluate({"model": "tiny", "data": table["ticket"]})["error"] == "server_busy"
    rights[0] = Rights(True, False)
    assert trainings.evaluate({"model": "tiny", "data": table["ticket"]})["error"] == "upload_off"
    assert MARK not in caplog.text
