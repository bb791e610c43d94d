"""What the browser answers to the page's questions, held against what Python answers in the same run.

Keys, words, labels and winners are the same. Numbers with four digits may differ in the last one, others by 1e-5.
"""

import base64
import io
import json
import random

import numpy as np
import pandas
import pytest

from rnnviz.analysis.statistics import unit_effects
from rnnviz.checkpoint.folder import load
from rnnviz.data.text import letters
from rnnviz.page.service import Service
from rnnviz.reading import read
from rnnviz.trace import Trace
from tests.builders import CELLS, HEADS, POOLINGS, checkpoint
from tests.conftest import ROOT
from tests.web.test_numbers import SHIPPED, holds
from tests.web.texts import LETTERS, anything, sentence

FOLDER = ROOT / "checkpoints"
LAST_DIGIT = 1.01e-4
ROUNDED = {"verdicts", "answer", "by_token", "elsewhere", "bias", "share", "states", "verdict"}


@pytest.fixture(scope="module")
def service():
    return Service(FOLDER)


def both(engine, service, name, question, folder=FOLDER):
    """The answers of the browser and of Python."""
    return engine.ask(folder, name, question), json.loads(json.dumps(getattr(service, name)(question)))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_reading_is_the_same_held_and_not(engine, service, name):
    opened, source = load(FOLDER / name), random.Random(f"reply {name}")
    for words in (1, 7, 30):
        text = sentence(opened.vocabulary, words, source)
        for held in (None, holds(opened, words, source)):
            found, ours = both(engine, service, "read_sentence", {"model": name, "text": text, "holds": held})
            check_reading(found, ours, read(opened, text))


@pytest.fixture(scope="module")
def of_letters(tmp_path_factory):
    """A folder of networks that read letters: one that names a class, one that writes."""
    folder = tmp_path_factory.mktemp("letters")
    known = sorted({letter for text in LETTERS for letter in letters(text)} - set("aोτ"))
    for task in ("classify", "next"):
        checkpoint("gru", words=known, tokens="letters", task=task, name=task).save_pretrained(folder / task)
    return folder


@pytest.mark.parametrize("task", ["classify", "next"])
def test_letters_are_read_alike(engine, of_letters, task):
    service, opened = Service(of_letters), load(of_letters / task)
    for text in (*LETTERS, "".join(LETTERS) * 12, ""):
        for question in (
            ("read_sentence", {"model": task, "text": text}),
            ("read_sentence", {"model": task, "text": text, "start": 200}),
            ("compare", {"model": task, "text": text, "other_model": "classify", "other_text": LETTERS[0]}),
            ("attribute", {"model": task, "text": text, "label": 1}),
            ("save_reading", {"model": task, "text": text, "kind": "json", "holds": [], "attribution": 1}),
        ):
            found = engine.ask(of_letters, *question)
            ours = json.loads(json.dumps(getattr(service, question[0])(question[1])))
            for side in ("one", "other") if "one" in ours else ("",):
                one, other = (each[side] if side else each for each in (found, ours))
                kept = ("tokens", "total", "unknown", "labels", "empty", "pairs", "error", "type", "scored")
                assert {key: one.get(key) for key in kept} == {key: other.get(key) for key in kept}, ascii(text)
        if text in LETTERS and (text.strip() or task == "next"):  # of white space alone there is no class
            found = engine.ask(of_letters, "read_sentence", {"model": task, "text": text})
            check_reading(
                found, json.loads(json.dumps(service.read_sentence({"model": task, "text": text}))), read(opened, text)
            )


@pytest.mark.parametrize("name", ["sst2-lstm", "sst2-bilstm", "agnews-lstm-padded"])
def test_a_reading_over_padding_is_the_same(engine, service, name):
    opened = load(FOLDER / name)
    text = sentence(opened.vocabulary, 7, random.Random(name))
    for padding, most in ((1, 1), (3, 3), (100, 8)):
        found, ours = both(engine, service, "read_sentence", {"model": name, "text": text, "padding": padding})
        trace = read(opened, text, pad_to=7 + most)
        assert found["tokens"] == list(trace.tokens)
        check_reading(found, ours, trace)
    for odd in (None, -2, 1.5, "3"):
        found, ours = both(engine, service, "read_sentence", {"model": name, "text": text, "padding": odd})
        assert len(found["tokens"]) == len(ours["tokens"]) == 7


@pytest.mark.parametrize("start", [0, 250, 10**6])
def test_a_window_of_a_long_text_is_the_same(engine, service, start):
    opened = load(FOLDER / "sst2-gru")
    text = sentence(opened.vocabulary, 2_010, random.Random(7))
    found, ours = both(engine, service, "read_sentence", {"model": "sst2-gru", "text": text, "start": start})
    assert (found["start"], found["read"], found["total"]) == (min(start // 200 * 200, 1_800), 2_000, 2_010)
    check_reading(found, ours, read(opened, " ".join(text.split()[:2_000])))


def test_whatever_is_typed_is_answered_alike(engine, service):
    source = random.Random(3)
    opened = load(FOLDER / "negation-lstm")
    for _ in range(100):
        text = anything(source)
        found, ours = both(engine, service, "read_sentence", {"model": "negation-lstm", "text": text})
        if ours == {"empty": True}:
            assert found == ours
        else:
            check_reading(found, ours, read(opened, text))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sums_behind_a_gate_are_the_same(engine, service, name):
    opened, source = load(FOLDER / name), random.Random(f"sums {name}")
    model = opened.config.model
    for held in ([], holds(opened, 9, source)):
        place = {
            "token": source.randrange(9),
            "unit": source.randrange(model.hidden_size),
            "layer": source.randrange(model.layers),
            "direction": source.randrange(model.directions),
        }
        asked = {"model": name, "text": sentence(opened.vocabulary, 9, source), "holds": held}
        check(*both(engine, service, "open_cell", asked | place))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pooling", ["output-last", "last-layers"])
@pytest.mark.parametrize("head", HEADS[1:])
def test_a_network_whose_head_squashes_is_shown_alike(engine, tmp_path, cell, pooling, head):
    opened = checkpoint(cell, 2, True, pooling, labels="abc", name="bent", **head)
    opened.save_pretrained(tmp_path / "bent")
    service, source = Service(tmp_path), random.Random(cell)
    for words in (1, 7):
        text = sentence(opened.vocabulary, words, source)
        found, ours = both(engine, service, "read_sentence", {"model": "bent", "text": text}, tmp_path)
        check_reading(found, ours, read(opened, text))
        assert cell == "rnn" or found["contributions"]["squashed"]
    found, ours = both(engine, service, "about_model", {"model": "bent"}, tmp_path)
    assert found == ours
    assert found["squashed"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layers", "ways"), [(1, 1), (2, 2)])
def test_a_network_that_starts_from_learned_states_is_shown_alike(engine, tmp_path, cell, layers, ways):
    opened = checkpoint(cell, layers, ways == 2, "sum", learned_start=True, name="started")
    opened.save_pretrained(tmp_path / "started")
    service, source = Service(tmp_path), random.Random(cell)
    for words in (1, 7):
        asked = {"model": "started", "text": sentence(opened.vocabulary, words, source)}
        found, ours = (
            engine.ask(tmp_path, "read_sentence", asked),
            json.loads(json.dumps(service.read_sentence(asked))),
        )
        names = ["hidden", "cell"] if cell == "lstm" else ["hidden"]
        assert list(found["first"]) == list(ours["first"]) == names
        assert np.shape(ours["first"]["hidden"]) == (layers, ways, 6)
        check_reading(found, ours, read(opened, asked["text"]))
        for place in range(layers * ways):
            token = 0 if place % ways == 0 else words - 1  # where that direction begins
            asked |= {"token": token, "unit": 2, "layer": place // ways, "direction": place % ways}
            check(engine.ask(tmp_path, "open_cell", asked), json.loads(json.dumps(service.open_cell(asked))))


def test_two_readings_side_by_side_are_the_same(engine, service):
    source = random.Random(5)
    for _ in range(8):
        names = [source.choice(SHIPPED), source.choice(SHIPPED)]
        opened = [load(FOLDER / name) for name in names]
        words = sentence(opened[0].vocabulary, source.randrange(1, 25), source).split()
        other = [word for word in words if source.random() < 0.8] or words
        other.insert(source.randrange(len(other) + 1), "very")
        asked = {"model": names[0], "text": " ".join(words), "other_model": names[1], "other_text": " ".join(other)}
        found, ours = both(engine, service, "compare", asked)
        assert found.keys() == ours.keys()
        assert found["pairs"] == ours["pairs"]
        check_reading(found["one"], ours["one"], read(opened[0], asked["text"]))
        check_reading(found["other"], ours["other"], read(opened[1], asked["other_text"]))
    for texts in (("", "good"), ("good", " ;"), ("", "")):
        asked = {"model": names[0], "text": texts[0], "other_model": names[1], "other_text": texts[1]}
        found, ours = both(engine, service, "compare", asked)
        assert found == ours


@pytest.mark.parametrize("pad_to", [-1, 0, 8, 45, 60, 1_000])
def test_what_padding_does_is_the_same(engine, service, pad_to):
    source = random.Random(pad_to)
    vocabulary = load(FOLDER / "agnews-lstm-padded").vocabulary
    for words in (1, 7, 58, 80):
        asked = {"text": sentence(vocabulary, words, source), "pad_to": pad_to}
        check(*both(engine, service, "padding_drift", asked))
    assert engine.ask(FOLDER, "padding_drift", {"text": " ", "pad_to": pad_to}) == {"empty": True}


@pytest.mark.parametrize("asked", [{}, {"family": "sst2"}, {"model": "sst2-rnn"}, {"family": "agnews", "model": "x"}])
def test_how_far_back_networks_reach_is_the_same(engine, service, asked):
    source = random.Random(4)
    vocabulary = load(FOLDER / "sst2-lstm").vocabulary
    for text in (
        "",
        sentence(vocabulary, 1, source),
        sentence(vocabulary, 12, source),
        sentence(vocabulary, 210, source),
    ):
        found, ours = both(engine, service, "how_far_back", {"text": text} | asked)
        check(found, ours)


def check_attribution(found, ours):
    """All but what rounding leaves: Python reads in single precision, the browser in double."""
    assert found.keys() == ours.keys()
    parts = [one.pop("measures") for one in (found, ours)]
    scores = [one.pop("score") for one in (found, ours)]
    assert found == ours
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)
    assert [one["method"] for one in parts[0]] == [one["method"] for one in parts[1]]
    for theirs, own in zip(*parts, strict=True):
        for name in ("parts", "baseline", "residual"):
            assert theirs[name] == pytest.approx(own[name], abs=2e-5, rel=1e-4), (own["method"], name)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_each_word_gives_is_the_same(engine, service, name):
    opened, source = load(FOLDER / name), random.Random(f"given {name}")
    for words, labels in ((1, (None, 1, 99, True, "0")), (9, (None, 1))):
        asked = {"model": name, "text": sentence(opened.vocabulary, words, source)}
        for label in labels:
            check_attribution(*both(engine, service, "attribute", asked | {"label": label}))
    nothing = "" if opened.vocabulary.tokens == "letters" else " "
    assert engine.ask(FOLDER, "attribute", {"model": name, "text": nothing}) == {"empty": True}


@pytest.mark.parametrize("text", [" ", "     ", "\t\n \u3000\x85"])
def test_white_space_alone_is_no_text_to_a_classifier_of_letters(engine, service, text):
    asked = {"model": "languages-lstm", "text": text}
    for question in ("read_sentence", "attribute"):
        found, ours = both(engine, service, question, asked)
        assert found == ours == {"empty": True}
    found, ours = both(engine, service, "compare", asked | {"other_model": "languages-lstm", "other_text": "a"})
    assert found == ours == {"empty": "one"}
    writes = both(engine, service, "read_sentence", {"model": "shakespeare-lstm", "text": text})
    assert all("signals" in one for one in writes)


def test_where_few_steps_leave_a_residual_both_take_more(engine, service):
    asked = {"model": "languages-lstm", "text": "il tempo", "label": None}
    found, ours = both(engine, service, "attribute", asked)
    assert found["steps"] == 200
    check_attribution(found, ours)


@pytest.mark.parametrize("cell", [*CELLS, "relu"])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(("layers", "ways", "reading"), [(1, 1, "packed"), (2, 2, "padded")])
def test_what_each_word_gives_is_the_same_whatever_the_shape(engine, tmp_path, cell, pooling, layers, ways, reading):
    settings = {"cell": "rnn", "nonlinearity": "relu"} if cell == "relu" else {"cell": cell}
    settings |= {"layers": layers, "bidirectional": ways == 2, "pooling": pooling, "reading": reading}
    shapes = [{}, {"learned_start": True}, *HEADS[1:]]
    for number, own in enumerate(shapes):
        checkpoint(name=f"one-{number}", **own, **settings).save_pretrained(tmp_path / f"one-{number}")
    service = Service(tmp_path)
    for number in range(len(shapes)):
        asked = {"model": f"one-{number}", "text": "the film was not bad at all zzz"}
        found, ours = engine.ask(tmp_path, "attribute", asked), json.loads(json.dumps(service.attribute(asked)))
        check_attribution(found, ours)


def test_a_reading_is_saved_with_what_each_word_gives(engine, service):
    asked = {"model": "sst2-bilstm", "text": "the movie was not good", "attribution": 0}
    wanted = service.attribute(asked | {"label": 0})
    files = {
        kind: [base64.b64decode(one["data"]) for one in both(engine, service, "save_reading", asked | {"kind": kind})]
        for kind in ("csv", "json")
    }
    for data in files["json"]:
        shared = json.loads(data)["attribution"]
        assert shared["label"] == "negative"
        for one, own in zip(shared["measures"], wanted["measures"], strict=True):
            assert one["parts"] == pytest.approx(own["parts"], abs=2e-5)
    for data in files["csv"]:
        table = pandas.read_csv(io.BytesIO(data), keep_default_na=False)
        for own in wanted["measures"]:
            column = table[f"{own['method']}(negative)"]
            assert column.to_numpy() == pytest.approx(np.array(own["parts"])[table["position"] - 1], abs=2e-5)
    for kind in ("csv", "json"):
        plain = both(engine, service, "save_reading", {"kind": kind} | asked | {"attribution": None})
        assert not any(b"integrated_gradients" in base64.b64decode(one["data"]) for one in plain)


def test_a_batch_is_laid_out_alike(engine, service):
    source = random.Random(9)
    lines = ["", "good", "a very long one " * 20, "İt’s not", "; :", "not good\r"]
    for _ in range(100):
        found, ours = both(engine, service, "pack_sentences", "\n".join(source.choices(lines, k=source.randrange(12))))
        assert found == ours


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_known_of_a_network_is_the_same(engine, service, name):
    found, ours = both(engine, service, "about_model", {"model": name})
    assert found == ours


@pytest.mark.parametrize("name", ["sst2-lstm", "sst2-bilstm", "agnews-rnn", "recall-gru", "languages-lstm"])
def test_a_saved_reading_is_the_same(engine, service, name, tmp_path):
    opened, source = load(FOLDER / name), random.Random(f"saved {name}")
    text = '"+5 = -x, (@a) ' + sentence(opened.vocabulary, 6, source)
    asked = {"model": name, "text": text, "holds": holds(opened, 6, source)}
    files = {}
    for kind in ("csv", "json", "npz"):
        found, ours = both(engine, service, "save_reading", asked | {"kind": kind})
        assert (found.keys(), found["type"]) == (ours.keys(), ours["type"])
        files[kind] = [base64.b64decode(answer["data"]) for answer in (found, ours)]
    tables = [pandas.read_csv(io.BytesIO(data), keep_default_na=False) for data in files["csv"]]
    pandas.testing.assert_frame_equal(*tables, atol=1e-5, rtol=1e-5)
    assert files["csv"][0][:3] == b"\xef\xbb\xbf"
    found, ours = map(json.loads, files["json"])
    del ours["replay_error"]
    check(found, ours)
    (tmp_path / "one.npz").write_bytes(files["npz"][0])
    loaded = Trace.load(tmp_path / "one.npz")
    assert (loaded.tokens, loaded.labels, loaded.label) == (tuple(ours["tokens"]), tuple(ours["labels"]), ours["label"])
    assert loaded.reads == opened.vocabulary.tokens
    assert np.allclose(loaded.signals["hidden"], ours["signals"]["hidden"], atol=1e-5)
    assert np.array_equal(loaded.readout.weight, opened.model.fc.weight.detach().numpy())


FORGET = {"signal": "forget", "value": 0.5, "tokens": [0, 1], "units": [[0, 0]], "layer": 0, "direction": 0}
TEXT = {"model": "sst2-lstm", "text": "not good"}


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("read_sentence", TEXT | {"model": "sst2-lsmt"}),
        ("read_sentence", TEXT | {"model": "../x’s \U0001f600" + "y" * 100}),
        ("read_sentence", TEXT | {"model": "LSTM"}),
        ("read_sentence", TEXT | {"text": ""}),
        ("read_sentence", TEXT | {"text": "good " * 20_000}),
        ("read_sentence", TEXT | {"holds": {}}),
        ("read_sentence", TEXT | {"holds": [None]}),
        ("read_sentence", TEXT | {"holds": [FORGET] * 21}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"value": 1.5}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"value": 1.0000005}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"value": True}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"tokens": [2, 5]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"tokens": [1, 0]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"tokens": [0, 99_999]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": [[32, 32]]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": [[0, 2], [30, 99_999]]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": [[0, 31], [40, 40]]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": [[0, 2], [2, 3]]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": [[3, 2]]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": []}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"units": [[2 * n, 2 * n] for n in range(129)]}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"layer": 1}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"direction": 1}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"direction": 2}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"signal": "cell"}]}),
        ("read_sentence", TEXT | {"holds": [FORGET | {"signal": "forgot"}]}),
        ("read_sentence", TEXT | {"model": "sst2-bilstm", "holds": [FORGET | {"layer": 2}]}),
        ("read_sentence", TEXT | {"model": "sst2-rnn", "holds": [FORGET]}),
        ("read_sentence", TEXT | {"model": "sst2-rnn", "holds": [FORGET | {"signal": "hidden", "value": -5.0}]}),
        ("open_cell", TEXT | {"token": 2, "unit": 0, "layer": 0, "direction": 0}),
        ("open_cell", TEXT | {"token": 0, "unit": -1, "layer": 0, "direction": 0}),
        ("open_cell", TEXT | {"token": 0, "unit": 0, "layer": 7, "direction": 0}),
        ("open_cell", TEXT | {"token": 0, "unit": 0, "layer": 0, "direction": 1}),
        ("open_cell", TEXT | {"text": ";", "token": 0, "unit": 0, "layer": 0, "direction": 1}),
        ("about_model", {"model": "nobody"}),
        ("save_reading", TEXT | {"kind": "cvs"}),
        ("save_reading", TEXT | {"kind": "json", "text": ""}),
        ("save_reading", TEXT | {"kind": "json", "holds": [FORGET | {"units": [[99, 99]]}]}),
        ("save_reading", TEXT | {"kind": "json", "holds": [FORGET], "attribution": 0}),
        ("save_reading", TEXT | {"kind": "csv", "text": "good " * 201, "attribution": 0}),
        ("attribute", TEXT | {"model": "sst2-lsmt"}),
    ],
)
def test_a_bad_question_has_the_same_objection(engine, service, name, question):
    found, ours = both(engine, service, name, question)
    if "error" in ours or "empty" in ours:
        assert found == ours
    else:
        assert "error" not in found


def check_reading(found, ours, free):
    """Hold one reading against another; ``free`` is that of the same text while nothing is held."""
    ours.pop("replay_error")
    check_order(found.pop("order"), ours.pop("order"), free)
    numbers = [np.frombuffer(base64.b64decode(one.pop("data")), "<i2").reshape(one["shape"]) for one in (found, ours)]
    for place, signal in enumerate(ours["signals"]):
        shown = [
            values[place] * one["signals"][place]["scale"] / 32_767
            for values, one in zip(numbers, (found, ours), strict=True)
        ]
        assert np.abs(shown[0] - shown[1]).max() <= 1.1 * signal["scale"] / 32_767 + 1e-5
    surest = [one["story"].pop("surest") for one in (found, ours)]
    assert abs(surest[0]["share"] - surest[1]["share"]) <= LAST_DIGIT
    assert surest[0] == surest[1] or surest[0]["share"] == surest[1]["share"]  # of equal ones either is the surest
    check(found, ours)


def check_order(found, ours, trace):
    """Two orders of units are the same, but that units which matter equally may stand either way."""
    assert np.shape(found) == np.shape(ours)
    for layer, direction in np.ndindex(*np.shape(ours)[:2]):
        effects = unit_effects(trace, layer, trace.directions[direction])[found[layer][direction]]
        assert sorted(found[layer][direction]) == list(range(trace.units))
        assert (np.diff(effects) <= 1e-5).all()


def check(found, ours, key=""):
    """Hold one answer against another, part by part."""
    if isinstance(ours, dict):
        assert found.keys() == ours.keys(), key
        for name, value in ours.items():
            check(found[name], value, name)
    elif isinstance(ours, list):
        assert len(found) == len(ours), key
        for one, other in zip(found, ours, strict=True):
            check(one, other, key)
    elif isinstance(ours, float):
        assert found == pytest.approx(ours, rel=1e-5, abs=LAST_DIGIT if key in ROUNDED else 1e-5), key
    else:
        assert found == ours, key
