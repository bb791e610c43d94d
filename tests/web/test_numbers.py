"""Every number of a reading in the browser, held against the same reading in double precision, and Python's beside it.

A difference may be half as large again as Python's own, plus 2e-6 of the value; of probabilities 1e-5.
"""

import copy
import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from rnnviz.checkpoint.folder import load
from rnnviz.experiments.interventions import hold
from rnnviz.page.hold_requests import clamps
from rnnviz.page.requests import ReadSentence
from rnnviz.reading import read
from rnnviz.signals import SIGNALS
from tests.builders import HEADS, POOLINGS, checkpoint
from tests.conftest import ROOT
from tests.web.engine import numbers
from tests.web.texts import sentence

SHIPPED = sorted(path.parent.name for path in (ROOT / "checkpoints").glob("*/config.json"))
CELLS = ({"cell": "rnn"}, {"cell": "rnn", "nonlinearity": "relu"}, {"cell": "gru"}, {"cell": "lstm"})
SHAPES = list(product(CELLS, (1, 2, 3), (False, True), POOLINGS, ("packed", "padded")))
VERDICT = 1e-5


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_network_reads_as_in_python(engine, worst, name):
    opened, source = load(ROOT / "checkpoints" / name), random.Random(name)
    exact = in_double(opened)
    lengths = [1, 25] if opened.config.model.bidirectional else [1, 2, 12, 40, 300]
    for words in lengths:
        text = sentence(opened.vocabulary, words, source)
        for held in ([], holds(opened, words, source)):
            compare(engine, ROOT / "checkpoints", (opened, exact), text, held, worst.setdefault(name, {}))


@pytest.mark.parametrize("name", SHIPPED)
def test_without_webassembly_every_shipped_network_reads_as_in_python(plain_engine, worst, name):
    opened, source = load(ROOT / "checkpoints" / name), random.Random(f"plain {name}")
    exact = in_double(opened)
    for words in (1, 9):
        text = sentence(opened.vocabulary, words, source)
        for held in ([], holds(opened, words, source)):
            read_by = (opened, exact), text, held
            compare(plain_engine, ROOT / "checkpoints", *read_by, worst.setdefault("without WebAssembly", {}))


@pytest.mark.parametrize("number", range(1, len(SHAPES), 8))
def test_without_webassembly_a_network_of_any_shape_reads_as_in_python(plain_engine, worst, tmp_path, number):
    read_any_shape(plain_engine, worst.setdefault("of any shape, without WebAssembly", {}), tmp_path, number)


def test_the_engine_uses_webassembly_but_where_it_is_forbidden(engine, plain_engine):
    assert [each.ask(ROOT / "checkpoints", "in_wasm", "recall-gru") for each in (engine, plain_engine)] == [True, False]


@pytest.mark.parametrize("number", range(0, len(SHAPES), 2))
def test_a_network_of_any_shape_reads_as_in_python(engine, worst, tmp_path, number):
    read_any_shape(engine, worst.setdefault("networks of any shape", {}), tmp_path, number)


def read_any_shape(engine, worst, folder, number):
    """Some texts, read by a random network of a shape."""
    source = random.Random(number)
    cell, layers, bidirectional, pooling, reading = SHAPES[number + source.randrange(2)]
    opened = checkpoint(
        layers=layers,
        bidirectional=bidirectional,
        pooling=pooling,
        reading=reading,
        learned_start=bool(source.randrange(2)),
        **source.choice(HEADS),
        hidden_size=source.choice((source.randrange(1, 20), 4, 12)),  # of a multiple of four in WebAssembly
        embedding_size=source.randrange(1, 12),
        seed=number,
        name="one",
        **cell,
    )
    opened.save_pretrained(folder / "one")
    exact = in_double(opened)
    for words in (1, 2, source.randrange(3, 30)):
        text = sentence(opened.vocabulary, words, source)
        for held in ([], holds(opened, words, source)):
            compare(engine, folder, (opened, exact), text, held, worst)


@pytest.mark.parametrize("name", [name for name in SHIPPED if "bilstm" in name])
def test_a_text_that_is_typed_and_changed_reads_as_in_python(engine, worst, name):
    """A network that reads both ways takes the answers of beginnings that it has read before from then."""
    opened, source = load(ROOT / "checkpoints" / name), random.Random(f"typed {name}")
    exact = in_double(opened)
    words = sentence(opened.vocabulary, 9, source).split()
    typed = [words[:count] for count in (3, 4, 5, 9)]
    changed = [[*words[:4], "zyxwv", *words[5:]], words[1:], [*words[:8], *words]]
    for text in [*typed, *changed, words]:
        for held in ([], holds(opened, len(text), source)):
            read_by = (opened, exact), " ".join(text), held
            compare(engine, ROOT / "checkpoints", *read_by, worst.setdefault(name, {}))


def in_double(opened):
    """The same network in double precision."""
    return replace(opened, model=copy.deepcopy(opened.model).double())


def compare(engine, folder, networks, text, held, worst):
    """One reading by the browser, by Python and in double precision."""
    name, model = networks[0].config.name, networks[0].config.model
    asked = clamps(ReadSentence(model=name, text=text, holds=held).holds, model)
    ours, exact = (hold(one, text, asked) if asked else read(one, text) for one in networks)
    found = engine.ask(folder, "trace", {"model": name, "text": text, "holds": held})
    assert tuple(found["tokens"]) == ours.tokens
    assert found["unknown"] == ours.unknown.tolist()
    assert np.array_equal(numbers(found["inputs"]), ours.inputs.ravel())
    assert list(found["signals"]) == list(ours.signals)
    for signal, values in exact.signals.items():
        theirs = np.abs(numbers(found["signals"][signal]).reshape(values.shape) - values)
        own, size = np.abs(ours.signals[signal] - values), np.maximum(1, np.abs(values))
        assert (theirs <= 1.5 * own + 2e-6 * size).all(), signal
        note(worst, "browser", (theirs / size).max())
        note(worst, "Python", (own / size).max())
    verdicts = numbers(found["verdicts"]).reshape(ours.verdicts.shape)
    theirs, own = np.abs(verdicts - exact.verdicts), np.abs(ours.verdicts - exact.verdicts)
    assert (theirs <= 1.5 * own + VERDICT).all()
    note(worst, "its answers", theirs.max())
    note(worst, "Python's answers", own.max())
    two = np.sort(exact.verdicts, axis=1)[:, -2:]
    certain = two[:, 1] - two[:, 0] > 2 * VERDICT
    assert (verdicts.argmax(axis=1) == exact.verdicts.argmax(axis=1))[certain].all()


def note(worst, kind, error):
    worst[kind] = max(worst.get(kind, 0.0), float(error))


def ranges(count, source):
    """One unit, all of them, or some: ranges in ascending order."""
    if count == 1 or source.random() < 0.3:
        return [[0, count - 1]]
    ends = sorted(source.sample(range(count), 2 * source.randrange(1, min(3, count // 2) + 1)))
    return (
        [[ends[0], ends[0]]]
        if source.random() < 0.4
        else [list(pair) for pair in zip(ends[::2], ends[1::2], strict=True)]
    )


def holds(opened, words, source):
    """Some clamps that the page can ask for, which may lie over each other."""
    model = opened.config.model
    kinds = [one for one in SIGNALS[model.cell] if model.cell == "rnn" or one.name not in ("cell", "hidden")]

    def one():
        kind, first = source.choice(kinds), source.randrange(words)
        return {
            "signal": kind.name,
            "value": source.uniform(max(kind.low, -2.0), min(kind.high, 2.0)),
            "tokens": [first, source.randrange(first, words)],
            "units": ranges(model.hidden_size, source),
            "layer": source.randrange(model.layers),
            "direction": source.randrange(model.directions),
        }

    return [one() for _ in range(source.randrange(1, 6))]
