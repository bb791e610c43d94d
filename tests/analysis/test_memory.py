"""The account of memory, against products and sums worked out number by number, and against the network's logits."""

import itertools
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from rnnviz import signals
from rnnviz.analysis import memory
from rnnviz.analysis.memory import contributions, ledger
from rnnviz.errors import SelectionError
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.reading import read, readout_at
from rnnviz.readout import Readout
from rnnviz.trace import Trace
from tests.builders import HEADS, POOLINGS, SENTENCE, WORDS, checkpoint

GATED = ("lstm", "gru")
DIRECTIONS = ("forward", "backward")


def handmade(cell, gates, words, pooling="last", weight=None, bias=(0.0, 0.0)):
    """A trace of one layer with these gates, and candidates, [direction, token, unit]; its states follow from them."""
    ways, tokens, units = gates["candidate"].shape
    found = {name: np.zeros((1, ways, tokens, units)) for name in signals.names(cell)}
    for name, values in gates.items():
        found[name][0] = values
    for way in range(ways):
        state = np.zeros(units)
        for t in range(tokens) if way == 0 else reversed(range(tokens)):
            own = {name: values[0, way, t] for name, values in found.items()}
            if cell == "lstm":
                state = own["forget"] * state + own["input"] * own["candidate"]
                found["cell"][0, way, t] = state
                found["hidden"][0, way, t] = own["output"] * np.tanh(state)
            else:
                state = own["update"] * state + (1 - own["update"]) * own["candidate"]
                found["hidden"][0, way, t] = state
    features = ways * units * (2 if pooling == "max+mean" else 1)
    weight = np.ones((2, features)) if weight is None else np.array(weight, dtype=float)
    return Trace(
        cell=cell,
        tokens=tuple(words),
        unknown=np.zeros(tokens, dtype=bool),
        labels=("negative", "positive"),
        signals=found,
        verdicts=np.full((tokens, 2), 0.5),
        inputs=np.zeros((tokens, 1)),
        readout=Readout(weight, np.array(bias, dtype=float), pooling),
        replay_error=0.0,
    )


@st.composite
def free(draw):
    """What ``handmade`` makes a trace of: free gates, 0 and 1 among them, in both directions."""
    cell = draw(st.sampled_from(GATED))
    shape = 2, draw(st.integers(1, 9)), draw(st.integers(1, 3))
    share = st.one_of(st.sampled_from([0.0, 1.0, 1e-300]), st.floats(0.0, 1.0))
    gates = [entry.name for entry in signals.SIGNALS[cell] if entry.is_gate]
    values = {gate: draw(hnp.arrays(np.float64, shape, elements=share)) for gate in gates}
    values["candidate"] = draw(hnp.arrays(np.float64, shape, elements=st.floats(-1.0, 1.0)))
    pooling = draw(st.sampled_from(POOLINGS))
    features = 2 * shape[2] * (2 if pooling == "max+mean" else 1)
    weight = draw(hnp.arrays(np.float64, (2, features), elements=st.floats(-2.0, 2.0)))
    return cell, values, ["word"] * shape[1], pooling, weight, (0.25, -0.5)


def wrote(trace, direction, s, unit):
    """What one token writes into one unit, from its own gates."""
    own = {name: float(trace.select(name, -1, direction)[s, unit]) for name in trace.signals}
    return (own["input"] if trace.cell == "lstm" else 1 - own["update"]) * own["candidate"]


def kept(trace, direction, s, t, unit):
    """The product of the shares kept at each token after s, up to and with t, as the direction runs."""
    gate = trace.select("forget" if trace.cell == "lstm" else "update", -1, direction)[:, unit]
    later = range(s + 1, t + 1) if direction == "forward" else range(t, s)
    return math.prod(float(gate[place]) for place in later)


def seen(direction, s, t):
    """Whether token s has been read when t is."""
    return s <= t if direction == "forward" else t <= s


# The ledger


@given(free())
def test_every_entry_is_what_was_written_times_every_share_kept_since(ingredients):
    trace = handmade(*ingredients)
    for direction in DIRECTIONS:
        found = ledger(trace, direction=direction)
        tokens = range(len(trace.tokens))
        assert found.shape == (len(tokens), len(tokens), trace.units)
        for s, t, unit in np.ndindex(found.shape):
            wanted = wrote(trace, direction, s, unit) * kept(trace, direction, s, t, unit)
            assert found[s, t, unit] == pytest.approx(wanted if seen(direction, s, t) else 0.0, rel=1e-12, abs=1e-290)


@given(
    cell=st.sampled_from(GATED),
    layers=st.integers(1, 3),
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=64),
    seed=st.integers(0, 50),
)
def test_what_all_tokens_left_adds_up_to_the_state_of_any_network(cell, layers, words, seed):
    trace = read(checkpoint(cell, layers, True, seed=seed), " ".join(words))
    for layer in range(layers):
        for direction in DIRECTIONS:
            state = trace.select(signals.memory(cell), layer, direction)
            gap = np.abs(ledger(trace, layer, direction).sum(axis=0) - state)
            assert (gap <= 1e-5 * np.maximum(1, np.abs(state))).all()


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("tokens", [1, 64])
def test_the_shortest_text_and_a_long_one_add_up_too(cell, tokens):
    text = " ".join(WORDS[place % len(WORDS)] for place in range(tokens))
    trace = read(checkpoint(cell, 2, hidden_size=16), text)
    found, state = ledger(trace), trace.select(signals.memory(cell))
    assert found.shape == (len(trace.tokens), len(trace.tokens), 16)
    assert len(trace.tokens) == tokens
    assert found.sum(axis=0) == pytest.approx(state, rel=1e-5, abs=1e-5)
    if tokens == 1:
        assert found[0] == pytest.approx(state, abs=1e-6)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_open_forget_gate_keeps_all_and_a_shut_one_keeps_nothing(direction):
    gates = {name: np.full((2, 5, 2), 0.5) for name in ("input", "forget", "candidate", "output")}
    gates["forget"][:, :, 0], gates["forget"][:, :, 1] = 1.0, 0.0
    found = ledger(handmade("lstm", gates, "abcde"), direction=direction)
    for s in range(5):
        for t in range(5):
            assert found[s, t, 0] == (0.25 if seen(direction, s, t) else 0.0)
            assert found[s, t, 1] == (0.25 if s == t else 0.0)


@pytest.mark.parametrize("cell", GATED)
def test_lower_layers_and_each_direction_have_accounts_of_their_own(cell):
    trace = read(checkpoint(cell, 2, True), SENTENCE)
    places = [(layer, direction) for layer in (0, 1) for direction in DIRECTIONS]
    found = [ledger(trace, *place) for place in places]
    for place, account in zip(places, found, strict=True):
        diagonal = account[np.arange(7), np.arange(7)]
        gate = trace.select("input", *place) if cell == "lstm" else 1 - trace.select("update", *place)
        assert diagonal == pytest.approx(gate * trace.select("candidate", *place), abs=1e-6)
        assert sum(np.allclose(account, other) for other in found) == 1
    assert np.array_equal(ledger(trace, -1), ledger(trace, 1))


def test_units_are_selected_in_the_order_asked_for():
    trace = read(checkpoint(bidirectional=True), SENTENCE)
    for direction in DIRECTIONS:
        whole = ledger(trace, direction=direction)
        assert np.array_equal(ledger(trace, direction=direction, units=[4, 0]), whole[:, :, [4, 0]])
        for last in ([5], [-1], np.array([5]), range(5, 6)):
            assert np.array_equal(ledger(trace, direction=direction, units=last), whole[:, :, 5:])


def test_an_account_changes_nothing_in_the_trace():
    trace = read(checkpoint(), SENTENCE)
    before = {name: values.copy() for name, values in trace.signals.items()}
    ledger(trace)[:] = 7.0
    contributions(trace).by_direction[:] = 7.0
    assert all(np.array_equal(before[name], values) for name, values in trace.signals.items())


# What it objects to


@pytest.mark.parametrize("ask", [ledger, contributions])
def test_a_plain_rnn_has_no_account_and_is_told_why(ask):
    with pytest.raises(SelectionError) as error:
        ask(read(checkpoint("rnn"), SENTENCE))
    assert str(error.value) == (
        "A plain RNN rewrites its whole state at every token, so it has no account of memory.\nTake a GRU or an LSTM."
    )


@pytest.mark.parametrize("unit", [-7, 6])
def test_a_unit_that_is_not_there_is_named(unit):
    with pytest.raises(SelectionError) as error:
        ledger(read(checkpoint(), SENTENCE), units=[2, unit])
    assert (
        str(error.value)
        == f"There is no unit {unit}: this network has 6 units.\nCount from 0, or from the end with -1."
    )


def test_a_layer_or_direction_that_is_not_there_is_named():
    trace = read(checkpoint(), SENTENCE)
    with pytest.raises(SelectionError, match="There is no layer 1: this network has 1 layer"):
        ledger(trace, 1)
    with pytest.raises(SelectionError, match="There is no direction 'backward'; choose one of forward"):
        ledger(trace, direction="backward")


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_account_still_adds_up_when_gates_were_held(cell, direction):
    network = checkpoint(cell, 1, True)
    held = {"lstm": [("forget", 1.0), ("input", 0.0)], "gru": [("update", 1.0)]}[cell]
    clamps = [Clamp(name, value, tokens=slice(2, 5), units=[0, 3], direction=direction) for name, value in held]
    trace = hold(network, SENTENCE, clamps)
    account, state = ledger(trace, direction=direction), trace.select(signals.memory(cell), direction=direction)
    assert account.sum(axis=0) == pytest.approx(state, rel=1e-5, abs=1e-5)
    assert (account[2:5, :, [0, 3]] == 0).all()  # nothing was written, so all that is there is older
    odds = contributions(trace).logits
    assert odds - np.log(np.exp(odds).sum()) == pytest.approx(np.log(trace.verdicts[-1]), abs=1e-5)


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_memory_that_was_held_is_refused_since_no_token_wrote_it(cell, direction):
    name = signals.memory(cell)
    trace = hold(checkpoint(cell, 2, True), SENTENCE, [Clamp(name, 0.9, tokens=3, units=1, direction=direction)])
    for ask in (lambda: ledger(trace, direction=direction), lambda: contributions(trace)):
        with pytest.raises(SelectionError) as error:
            ask()
        assert str(error.value) == (
            f"The {name} signal was held, so no token wrote what is in it.\nHold gates or candidates instead."
        )
    assert ledger(trace, 0).sum(axis=0) == pytest.approx(trace.select(name, 0), rel=1e-5, abs=1e-5)


def test_where_an_lstm_may_not_show_its_memory_the_ledger_stands_and_the_way_to_the_answer_is_refused():
    trace = hold(checkpoint("lstm"), SENTENCE, [Clamp("hidden", 0.0, tokens=6, units=2)])
    assert ledger(trace).sum(axis=0) == pytest.approx(trace.select("cell"), rel=1e-5, abs=1e-5)
    with pytest.raises(SelectionError, match="The hidden signal was held, so no token"):
        contributions(trace)


def long(tokens, units):
    """A trace so long that its whole account would not fit."""
    values = np.full((1, tokens, units), 0.5, dtype=np.float32)
    return handmade("gru", {"update": values, "candidate": values, "reset": values}, ["a"] * tokens)


def test_an_account_too_large_for_memory_is_refused_with_its_numbers_and_a_way_out():
    trace = long(2_000, 128)
    with pytest.raises(SelectionError) as error:
        ledger(trace)
    assert str(error.value) == (
        "The account of 2,000 tokens in 128 units has 512,000,000 numbers; at most 100,000,000 are made.\n"
        "Select fewer units, at most 25: ledger(trace, units=unit_order(trace)[:25])."
    )


def test_the_limit_is_on_the_numbers_that_are_made(monkeypatch):
    trace = long(20, 4)
    monkeypatch.setattr(memory, "_MOST_NUMBERS", 1_200)
    with pytest.raises(SelectionError, match=r"has 1,600 numbers; at most 1,200 are made\.\n.* at most 3: "):
        ledger(trace)
    assert ledger(trace, units=[0, 1, 3]).size == 1_200


# The way to the answer


def logits(network, text):
    ids = torch.tensor([network.ids(text)])
    return network.model(ids, torch.tensor([ids.shape[1]]))[0].detach().numpy()


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("text", ["good", SENTENCE, " ".join(WORDS * 4)])
@pytest.mark.parametrize("learned", [False, True])
def test_bias_and_all_tokens_add_up_to_the_networks_logits(cell, pooling, bidirectional, layers, text, learned):
    network = checkpoint(cell, layers, bidirectional, pooling, labels="abc", learned_start=learned)
    trace = read(network, text)
    found = contributions(trace)
    assert found.by_direction.shape == (2 if bidirectional else 1, len(trace.tokens), 3)
    wanted = logits(network, text)
    assert found.logits == pytest.approx(wanted, abs=2e-6 * max(1.0, float(np.abs(wanted).max())))
    assert found.bias + found.by_token.sum(axis=0) == pytest.approx(found.logits, abs=1e-12)
    odds = found.logits - np.log(np.exp(found.logits).sum())
    assert odds == pytest.approx(np.log(trace.verdicts[-1]), abs=1e-5)


def looked_at(trace, direction, unit):
    """Where each block of the pooling looks for a unit: token to share."""
    hidden, tokens = trace.select("hidden", -1, direction)[:, unit].tolist(), range(len(trace.tokens))
    last = {tokens[-1] if direction == "forward" else 0: 1.0}
    largest = {hidden.index(max(hidden)): 1.0}
    mean = dict.fromkeys(tokens, 1 / len(tokens))
    pooled = {
        "last": [last],
        "last-layers": [last],
        "output-last": [{tokens[-1]: 1.0}],
        "sum": [dict.fromkeys(tokens, 1.0)],
    }
    return {**pooled, "max": [largest], "mean": [mean], "max+mean": [largest, mean]}[trace.readout.pooling]


def shown_of(trace, direction, s, t, unit):
    """What of token s is in the hidden state at token t: its part of the memory, scaled as all parts are."""
    left = [
        wrote(trace, direction, place, unit) * kept(trace, direction, place, t, unit)
        for place in range(len(trace.tokens))
        if seen(direction, place, t)
    ]
    own = wrote(trace, direction, s, unit) * kept(trace, direction, s, t, unit)
    if trace.cell == "gru":
        return own
    scale = math.tanh(sum(left)) / sum(left) if abs(sum(left)) > 1e-9 else 1.0
    return trace.select("output", -1, direction)[t, unit] * scale * own


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("pooling", ["last", "max+mean", "last-layers"])
@pytest.mark.parametrize("head", HEADS[1:])
def test_where_the_head_squashes_the_parts_still_add_up_and_say_that_they_hold_here_alone(cell, pooling, head):
    network = checkpoint(cell, 2, True, pooling, labels="abc", **head)
    for text in ("good", SENTENCE):
        trace = read(network, text)
        assert contributions(trace).logits == pytest.approx(logits(network, text), abs=1e-5)
        assert not trace.readout.is_exact


def test_a_head_with_relu_has_the_slope_that_its_readout_says():
    network = checkpoint("gru", labels="abc", inner_size=4, inner_squash="relu")
    pooled = torch.randn(6, generator=torch.Generator().manual_seed(1))
    slopes = torch.autograd.functional.jacobian(network.model.head, pooled)
    assert readout_at(network.model, pooled).weight == pytest.approx(slopes.numpy(), abs=1e-6)


@given(free())
def test_each_tokens_part_is_what_is_left_of_it_wherever_the_pooling_looks(ingredients):
    trace = handmade(*ingredients)
    found, tokens, units = contributions(trace), len(trace.tokens), trace.units
    wanted = np.zeros((2, tokens, 2))
    for way, unit in np.ndindex(2, units):
        direction = DIRECTIONS[way]
        for block, shares in enumerate(looked_at(trace, direction, unit)):
            column = trace.readout.weight[:, (block * 2 + way) * units + unit]
            for t, s in itertools.product(shares, range(tokens)):
                if seen(direction, s, t):
                    wanted[way, s] += shares[t] * shown_of(trace, direction, s, t, unit) * column
    assert found.by_direction == pytest.approx(wanted, rel=1e-8, abs=1e-8)
    assert found.bias.tolist() == [0.25, -0.5]


@given(free())
def test_the_parts_add_up_to_what_the_linear_layer_makes_of_the_pooled_states(ingredients):
    trace = handmade(*ingredients)
    hidden = trace.signals["hidden"][0]
    pooled = {
        "last": [hidden[0, -1], hidden[1, 0]],
        "last-layers": [hidden[0, -1], hidden[1, 0]],  # of the one layer that it has
        "output-last": [hidden[0, -1], hidden[1, -1]],
        "sum": [hidden[0].sum(axis=0), hidden[1].sum(axis=0)],
        "mean": [hidden[0].mean(axis=0), hidden[1].mean(axis=0)],
        "max": [hidden[0].max(axis=0), hidden[1].max(axis=0)],
    }
    pooled["max+mean"] = pooled["max"] + pooled["mean"]
    wanted = trace.readout.weight @ np.concatenate(pooled[trace.readout.pooling]) + trace.readout.bias
    assert contributions(trace).logits == pytest.approx(wanted, abs=1e-12)


def test_where_the_cell_state_is_zero_its_parts_are_shown_as_they_are():
    gates = {name: np.ones((1, 2, 1)) for name in ("input", "forget", "output")}
    gates["candidate"] = np.array([[[0.5], [-0.5]]])
    found = contributions(handmade("lstm", gates, "ab"))
    assert found.by_token.tolist() == [[0.5, 0.5], [-0.5, -0.5]]


def test_of_equal_largest_states_the_first_is_taken():
    gates = {"reset": np.ones((1, 3, 1)), "update": np.zeros((1, 3, 1)), "candidate": np.array([[[0.5], [0.9], [0.9]]])}
    assert contributions(handmade("gru", gates, "abc", "max")).by_token[:, 0].tolist() == [0.0, 0.9, 0.0]


def test_a_text_too_long_for_a_ledger_still_has_contributions():
    trace = long(2_000, 128)
    found = contributions(trace)
    assert found.by_token[:, 0] == pytest.approx(128 * 0.25 * 0.5 ** np.arange(1_999, -1, -1), rel=1e-12)


# The page


PAGE = (Path(__file__).parents[2] / "docs" / "memory.md").read_text(encoding="utf-8")
GATES = {  # [unit, token]
    "input": [["0.8", "0.1", "0.6"], ["0.5", "0.5", "0.4"]],
    "forget": [["0.5", "0.9", "0.5"], ["0.5", "0.2", "0.0"]],
    "candidate": [["0.5", "0.2", "-0.9"], ["-0.4", "0.6", "0.5"]],
    "output": [["0.5", "0.5", "0.8"], ["0.5", "0.5", "0.5"]],
}
READ = ("good", "but", "slow")
NUMBER = r"-?\d+(?:\.\d+)?"
FACTOR = rf"(?:tanh\({NUMBER}\)|{NUMBER})"
PRODUCT = rf"{FACTOR}(?:\s×\s{FACTOR})+"


def example() -> Trace:
    values = {name: np.array(rows, dtype=float).T[None] for name, rows in GATES.items()}
    return handmade("lstm", values, READ, weight=[[-2, -1], [2, 1]], bias=(-0.1, 0.1))


def table(head, rows) -> str:
    """A table as the page prints it: numbers rounded to four digits, nothing where there is none."""
    fields = [[field if isinstance(field, str) else str(round(float(field), 4) + 0.0) for field in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in [head, *fields]]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]]).replace("|  ", "| ")


def tables() -> list[str]:
    """The tables of the example, worked out here from the gates alone, with fractions up to tanh."""
    found = [
        table(
            ["unit", "word", "input", "forget", "candidate"],
            [
                [name, word, *(GATES[gate][unit][t] for gate in ("input", "forget", "candidate"))]
                for unit, name in enumerate("AB")
                for t, word in enumerate(READ)
            ],
        )
    ]
    through = []
    for unit, (name, weight) in enumerate({"A": 2, "B": 1}.items()):
        i, f, g, o = ([Fraction(share) for share in GATES[gate][unit]] for gate in GATES)
        left = [[i[s] * g[s] * math.prod(f[s + 1 : t + 1]) if s <= t else "" for t in range(3)] for s in range(3)]
        cell = [sum(row[t] for row in left[: t + 1]) for t in range(3)]
        found.append(table([name, *READ], [[w, *row] for w, row in zip([*READ, "cell"], [*left, cell], strict=True)]))
        through.append([weight * o[2] * row[2] / cell[2] * Fraction(math.tanh(cell[2])) for row in left])
    parts = [[word, a, b, a + b] for word, a, b in zip(READ, *through, strict=True)]
    end = [["bias", "", "", "0.1"], ["logit", "", "", Fraction("0.1") + sum(map(sum, through))]]
    return [*found, table(["word", "through A", "through B", "together"], [*parts, *end])]


def value(product: str) -> float:
    """What a product such as "0.8 × tanh(-0.35)" comes to."""
    factors = re.findall(rf"(tanh)?\(?({NUMBER})\)?", product)
    return math.prod(math.tanh(float(number)) if squash else float(number) for squash, number in factors)


def test_the_tables_of_the_page_are_those_worked_out_from_its_gates():
    for wanted in tables():
        assert wanted in PAGE


def test_every_product_in_the_page_comes_out_and_no_other_number_stands_in_its_example():
    rest = PAGE[PAGE.index("## Worked by hand") : PAGE.index("## Where there is a rule")]
    for wanted in tables():
        rest = rest.replace(wanted, "")
    products = rf"({PRODUCT})\s=\s({NUMBER})(?:,\swhich\sis\s({PRODUCT}))?"
    found = re.findall(products, rest)
    assert len(found) == 13
    for product, result, again in found:
        assert round(value(product), 4) == float(result)
        assert not again or round(value(again), 4) == float(result)
    said = ["1", "0", "2017", "0", "0.8", "0.5", "2", "1", "0.1"]  # tanh's limit, a year, what the tables start from
    assert re.findall(NUMBER, re.sub(products, "", rest)) == said


def test_rnnviz_finds_in_the_example_what_the_page_prints():
    def printed(head: str) -> list[list[float]]:
        _, rows = PAGE.split(f"{head}\n", 1)
        lines = [line.strip("|").split("|")[1:] for line in rows.split("\n\n")[0].splitlines()[1:]]
        return [[float(field.strip() or 0) for field in line] for line in lines]

    account, state = ledger(example()), example().select("cell")
    for unit, name in enumerate("AB"):
        wanted = np.array(printed(f"| {name} | good | but | slow |"))
        assert account[:, :, unit] == pytest.approx(wanted[:3], abs=1e-12)
        assert state[:, unit] == pytest.approx(wanted[3], abs=1e-12)
    found = contributions(example())
    together = [row[-1] for row in printed("| word | through A | through B | together |")]
    assert [*found.by_token[:, 1], found.bias[1], found.logits[1]] == pytest.approx(together, abs=5.1e-5)
