"""The browser draws and writes what Python does, from the same random numbers."""

import numpy as np
import pytest

from rnnviz.checkpoint.folder import load
from rnnviz.experiments.interventions import Clamp
from rnnviz.experiments.pcg32 import PCG32
from rnnviz.experiments.writing import draw, write
from tests.builders import writer

START = "ROMEO:\nfo\u00e9 \u0915!"
SHAPES = [("lstm", 1, 16), ("lstm", 2, 8), ("gru", 2, 6), ("rnn", 1, 8)]
FAR = {"rnn": 1e-3}
"""How far probabilities may be apart; a random plain RNN is chaotic, so what float32 rounds off grows in it."""
HELD = {"lstm": ("cell", "forget", "hidden"), "gru": ("hidden", "update"), "rnn": ("hidden",)}


def test_a_number_draws_the_same_token_as_in_python(engine, tmp_path):
    source, asked, wanted = np.random.default_rng(7), [], []
    for seed in range(300):
        size = int(source.integers(3, 60))
        logits = (source.normal(size=size) * source.choice([0.1, 1, 5, 20])).astype(np.float32)
        if seed % 5 == 0:
            logits = np.round(logits)  # some are equal
        temperature = float(source.choice([0, 0.3, 0.7, 1, 1.7, 100]))
        top_k = None if seed % 3 == 0 else int(source.integers(1, size + 3))
        asked.append({"logits": logits.tolist(), "temperature": temperature, "topK": top_k, "seed": seed})
        wanted.append(draw(logits, temperature, top_k, PCG32(seed).share()))
    found = engine.ask(tmp_path, "draw", asked)
    assert [(one["id"], one["close"], one["kept"]) for one in found] == [
        (token, close, kept.tolist()) for token, close, kept in wanted
    ]
    assert 0 < sum(close for _, close, _ in wanted) < len(wanted)


def test_a_number_that_falls_on_a_sum_is_close(engine, tmp_path):
    luck = PCG32(3).share()
    logits = np.log(np.array([1, 1, luck, 1 - luck])).astype(np.float32)
    asked = {"logits": logits.tolist(), "temperature": 1, "topK": None, "seed": 3}
    assert draw(logits, 1.0, None, luck)[1]
    assert engine.ask(tmp_path, "draw", [asked])[0]["close"]


@pytest.mark.parametrize(("cell", "layers", "units"), SHAPES)
def test_the_browser_writes_the_text_of_python(engine, tmp_path, cell, layers, units):
    writer(cell, layers, units=units).save_pretrained(tmp_path / "writer")
    checkpoint = load(tmp_path / "writer")
    for seed in range(5):
        settings = {"temperature": (1.0, 0.5, 1.5, 1.0, 0.0)[seed], "top_k": (None, 7, None, 3, None)[seed]}
        compare(engine, tmp_path, checkpoint, seed, **settings)


@pytest.mark.parametrize(("cell", "layers", "units"), SHAPES)
def test_with_a_unit_held_it_writes_the_text_of_python(engine, tmp_path, cell, layers, units):
    writer(cell, layers, units=units).save_pretrained(tmp_path / "writer")
    checkpoint = load(tmp_path / "writer")
    length = 200 if (cell, layers) == ("lstm", 1) else 60
    free = str(write(checkpoint, START, length=length, seed=1))
    clamps = [Clamp(one, 0.625, units=[2, 5], layer=n % layers) for n, one in enumerate(HELD[cell])]
    texts = [compare(engine, tmp_path, checkpoint, 1, clamp, length=length) for clamp in clamps]
    assert set(texts) != {free}


def test_a_fork_is_the_text_that_another_seed_writes_from_there(engine, tmp_path):
    writer().save_pretrained(tmp_path / "writer")
    checkpoint = load(tmp_path / "writer")
    first = write(checkpoint, START, length=30, seed=4)
    second = write(checkpoint, str(first), length=30, seed=9)
    seeds = [{"at": 0, "seed": 4}, {"at": 30, "seed": 9}]
    found = ask(engine, tmp_path, seeds, 60)
    assert "".join(one["token"] for one in found) == str(second)


def ask(engine, folder, seeds, length, temperature=1.0, top_k=None, holds=()):
    writing = {"start": START, "seeds": seeds, "temperature": temperature, "topK": top_k, "holds": list(holds)}
    return engine.ask(folder, "write", {"model": "writer", "writing": writing, "to": len(START) + length})


def compare(engine, folder, checkpoint, seed, *clamps, length=200, **settings):
    """Hold what the browser writes against what Python does, up to where a millionth would change it."""
    wanted = write(checkpoint, START, length=length, seed=seed, clamps=clamps, **settings)
    holds = [{"signal": one.signal, "value": one.value, "units": one.units, "layer": one.layer} for one in clamps]
    found = ask(engine, folder, [{"at": 0, "seed": seed}], length, holds=holds, **settings)
    text = "".join(one["token"] for one in found)
    sure = next((place for place, one in enumerate(wanted.choices) if one.close), length)
    assert sure > length // 2, "choose other seeds: this text says little"
    assert text[: len(START) + sure] == str(wanted)[: len(START) + sure]
    far = FAR.get(checkpoint.config.model.cell, 1e-5)
    for mine, its in list(zip(found[len(START) :], wanted.choices, strict=True))[:sure]:
        assert mine["close"] == its.close
        np.testing.assert_allclose(
            [mine["probability"], mine["cut"]], [its.probability, its.cut], rtol=10 * far, atol=far
        )
        assert mine["likeliest"][0][0] == its.likeliest[0][0]
        np.testing.assert_allclose(
            [share for _, share in mine["likeliest"]], [share for _, share in its.likeliest], rtol=10 * far, atol=far
        )
    return text
