"""Writing: the generator, what is drawn, the same luck with and without a hold."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

import rnnviz
from rnnviz.errors import CheckpointError, SettingError, TextError
from rnnviz.experiments.pcg32 import PCG32
from rnnviz.experiments.writing import draw
from tests.training.test_next import POEM, recipe, trained


@pytest.fixture(scope="module")
def poet():
    return trained(recipe(epochs=30))


def test_the_generator_is_that_of_the_reference_program():
    drawn = PCG32(42)
    assert [drawn.whole() for _ in range(6)] == [0xA15C02B7, 0x7B47F409, 0xBA1D3330, 0x83D2F293, 0xBFA4784B, 0xCBED606E]


def test_shares_are_even():
    drawn = PCG32(7)
    shares = np.array([drawn.share() for _ in range(20_000)])
    assert 0 <= shares.min() < shares.max() < 1
    assert abs(shares.mean() - 0.5) < 0.01
    assert abs(np.histogram(shares, 10, (0, 1))[0] - 2000).max() < 200


LOGITS = np.array([9.0, 9.0, 1.0, 3.0, 2.0, 3.0], dtype=np.float32)


def test_what_is_drawn_are_the_shares_in_order_and_never_a_special_entry():
    weights = np.exp(LOGITS[2:].astype(float))
    edges = np.cumsum(weights) / weights.sum()
    for entry, edge in enumerate(edges, start=2):
        assert draw(LOGITS, 1.0, None, edge - 1e-3)[0] == entry
        assert draw(LOGITS, 1.0, None, edge - 1e-9)[1] == (entry < 5)
    assert draw(LOGITS, 1.0, None, 0.0)[0] == 2
    assert not draw(LOGITS, 1.0, None, 0.5)[1]


def test_top_k_keeps_the_likeliest_and_of_two_as_likely_the_lower_id():
    assert draw(LOGITS, 1.0, 1, 0.99)[0] == 3
    assert draw(LOGITS, 1.0, 2, 0.99)[0] == 5
    assert draw(LOGITS, 1.0, 2, 0.01)[2].tolist() == [3, 5]
    assert draw(LOGITS, 0.0, None, 0.99)[:2] == (3, True)
    assert draw(LOGITS, 0.0, 1, 0.99)[:2] == (3, False)
    assert draw(LOGITS, 1.0, 99, 0.0)[2].tolist() == [2, 3, 4, 5]


def test_a_low_temperature_takes_likely_tokens_more_often():
    drawn = {
        heat: [draw(LOGITS, heat, None, luck)[0] for luck in np.linspace(0, 0.999, 500)] for heat in (0.3, 1.0, 3.0)
    }
    share = {heat: np.isin(ids, (3, 5)).mean() for heat, ids in drawn.items()}
    assert share[0.3] > share[1] > share[3]


def test_the_same_seed_writes_the_same_text_and_another_seed_another(poet):
    one, again, other = (rnnviz.write(poet, "the ", length=40, temperature=2, seed=seed) for seed in (1, 1, 2))
    assert one.text == again.text != other.text
    assert len(one.text) == 40
    assert str(one) == "the " + one.text


def test_it_writes_what_it_has_learned(poet):
    assert str(rnnviz.write(poet, "the cat s", length=10, temperature=0)) == POEM[:19]


def test_choices_are_what_the_network_tells_of_the_text_it_wrote(poet):
    written = rnnviz.write(poet, "the ", length=12, top_k=3, temperature=1.5, seed=5)
    told = rnnviz.read(poet, str(written)).verdicts[3:-1].astype(float)
    free = told[:, 2:] / told[:, 2:].sum(axis=1, keepdims=True)
    for choice, shares in zip(written.choices, free, strict=True):
        entry = poet.labels.index(choice.token) - 2
        assert choice.probability == pytest.approx(shares[entry], rel=1e-4)
        assert choice.surprise == pytest.approx(-math.log2(shares[entry]), rel=1e-3, abs=1e-4)
        assert [share for _, share in choice.likeliest] == pytest.approx(sorted(shares)[:-6:-1], rel=1e-3, abs=1e-6)
        assert choice.cut == pytest.approx(sum(sorted(shares)[:-3]), rel=1e-3, abs=1e-5)
        assert choice.token in [token for token, _ in choice.likeliest[:3]]


def test_a_hold_that_changes_nothing_changes_no_letter_and_one_from_later_on_none_before(poet):
    free = rnnviz.write(poet, "the ", length=30, temperature=1.5, seed=5)
    last = rnnviz.Clamp("hidden", 0.0, tokens=-1)
    assert rnnviz.write(poet, "the ", length=30, temperature=1.5, seed=5, clamps=[last]).text == free.text
    late = rnnviz.write(
        poet, "the ", length=30, temperature=1.5, seed=5, clamps=[rnnviz.Clamp("output", 0.0, slice(14, None))]
    )
    assert late.text[:11] == free.text[:11]
    assert late.text != free.text


@pytest.mark.parametrize(
    "settings",
    [{"length": 0}, {"length": 10_000}, {"temperature": -1}, {"temperature": math.nan}, {"top_k": 0}, {"seed": -1}],
)
def test_settings_out_of_range_are_refused(poet, settings):
    with pytest.raises(SettingError, match="goes from"):
        rnnviz.write(poet, "the ", **settings)


def test_a_classifier_does_not_write_and_nothing_is_no_beginning(poet):
    with pytest.raises(CheckpointError, match="does not tell what comes next"):
        rnnviz.write(rnnviz.load("recall-lstm"), "a b")
    with pytest.raises(TextError):
        rnnviz.write(poet, "")


def test_the_command_line_writes_the_same(poet, tmp_path):
    poet.save_pretrained(tmp_path / "poet")
    again = rnnviz.load(tmp_path / "poet")
    wanted = rnnviz.write(again, "the ", length=20, seed=3)
    command = [sys.executable, "-m", "rnnviz", "write", str(tmp_path / "poet"), "the ", "--length", "20", "--seed", "3"]
    ran = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    report = json.loads(ran.stdout)
    assert report["text"] == wanted.text
    assert [choice["token"] for choice in report["choices"]] == list(wanted.text)
