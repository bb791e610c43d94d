"""Held readings, against the equations run token by token in float64, and against networks with the unit cut out."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from rnnviz import answers, signals
from rnnviz.data.text import UNKNOWN_ID
from rnnviz.errors import CheckpointError, SelectionError, SettingError, TextError
from rnnviz.experiments.interventions import Clamp, hold, removal_effects, removal_order
from rnnviz.reading import read
from rnnviz.training import unit_summary
from tests.builders import CELLS, POOLINGS, SENTENCE, WORDS, checkpoint
from tests.shipped import opened

KINDS = (*CELLS, "relu")
NAMES = {**{cell: signals.names(cell) for cell in CELLS}, "relu": ("hidden",)}

every_network = pytest.mark.parametrize("kind", KINDS)
every_pooling = pytest.mark.parametrize("pooling", POOLINGS)
one_and_two_ways = pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "two ways"])
texts = st.lists(st.sampled_from([*WORDS, "zzz"]), min_size=1, max_size=9).map(" ".join)


def network_of(kind, layers=1, bidirectional=False, pooling="last", **settings):
    if kind == "relu":
        kind, settings["nonlinearity"] = "rnn", "relu"
    return checkpoint(kind, layers, bidirectional, pooling, labels=("a", "b", "c"), **settings)


def same(one, other):
    """Whether two traces have the same bits in all their arrays.

    A beginning read both ways by itself has other values than the whole text has there, so what is held at those of
    the whole text changes its verdict; the last verdict is the whole text's.
    """
    rows = slice(-1 if len(one.directions) == 2 else 0, None)
    return (
        all(np.array_equal(values, other.signals[name]) for name, values in one.signals.items())
        and np.array_equal(one.verdicts[rows], other.verdicts[rows])
        and np.array_equal(one.inputs, other.inputs)
        and np.array_equal(one.unknown, other.unknown)
        and (one.tokens, one.label, one.replay_error) == (other.tokens, other.label, other.replay_error)
    )


def shares(logits):
    return np.exp(logits) / np.exp(logits).sum()


# The oracle: one text, one token at a time, in float64


def held_reading(network, text, clamps):
    """The signals [layer][way][token] and the logits; every clamp names its tokens and units in full."""
    model, config = copy.deepcopy(network.model).double(), network.config.model
    ids = [WORDS.index(word) + 2 if word in WORDS else UNKNOWN_ID for word in text.split()]
    rows, found = list(model.embedding.weight.detach()[ids]), []
    for layer in range(config.layers):
        found.append([])
        for way in range(config.directions):
            found[-1].append(held_way(model, config, rows, layer, way, clamps))
        rows = [torch.cat([step["hidden"] for step in steps]) for steps in zip(*found[-1], strict=True)]
    forward, backward = rows[-1][: config.hidden_size], rows[0][config.hidden_size :]
    together = torch.stack(rows)
    pooled = {"last": [forward, backward], "max": [together.amax(0)], "mean": [together.mean(0)]}
    pooled |= {"output-last": [rows[-1]], "sum": [together.sum(0)], "max+mean": pooled["max"] + pooled["mean"]}
    ends = [(0, -1)[way == 0] for way in range(len(found[-1]))]  # the last step of each way
    pooled["last-layers"] = [steps[end]["hidden"] for layer in found for steps, end in zip(layer, ends, strict=True)]
    return found, model.fc(torch.cat(pooled[config.pooling])).detach().numpy()


def held_way(model, config, rows, layer, way, clamps):
    place = f"l{layer}" + ("_reverse" if way else "")
    W, U, b, b_hidden = (
        getattr(model.rnn, f"{name}_{place}").detach() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    state = {"hidden": torch.zeros(len(U.T), dtype=W.dtype), "cell": torch.zeros(len(U.T), dtype=W.dtype)}
    if config.learned_start:
        state |= {name: one.detach()[layer * config.directions + way] for name, one in model.start.items()}
    steps = [None] * len(rows)
    for t in reversed(range(len(rows))) if way else range(len(rows)):
        put = {}  # of each signal the clamps that are on this token, the last one last
        for clamp in clamps:
            there = clamp.layer % config.layers, ("forward", "backward").index(clamp.direction)
            if there == (layer, way) and t in clamp.tokens:
                put.setdefault(clamp.signal, []).append((clamp.units, clamp.value))
        state = steps[t] = STEPS[config.cell](W @ rows[t] + b, U @ state["hidden"] + b_hidden, state, config, put)
    return steps


def settled(put, name, values):
    values = values.clone()
    for where, value in put.get(name, []):
        values[list(where)] = value
    return values


def lstm(x, h, state, _, put):
    i, f, g, o = (x + h).chunk(4)
    i, f, o = (settled(put, name, part.sigmoid()) for name, part in (("input", i), ("forget", f), ("output", o)))
    g = settled(put, "candidate", g.tanh())
    c = settled(put, "cell", f * state["cell"] + i * g)
    return {
        "input": i,
        "forget": f,
        "candidate": g,
        "output": o,
        "cell": c,
        "hidden": settled(put, "hidden", o * c.tanh()),
    }


def gru(x, h, state, _, put):
    (r_x, z_x, n_x), (r_h, z_h, n_h) = x.chunk(3), h.chunk(3)
    r, z = settled(put, "reset", (r_x + r_h).sigmoid()), settled(put, "update", (z_x + z_h).sigmoid())
    n = settled(put, "candidate", (n_x + r * n_h).tanh())
    return {
        "reset": r,
        "update": z,
        "candidate": n,
        "hidden": settled(put, "hidden", (1 - z) * n + z * state["hidden"]),
    }


def plain(x, h, _, config, put):
    return {"hidden": settled(put, "hidden", (x + h).tanh() if config.nonlinearity == "tanh" else (x + h).relu())}


STEPS = {"lstm": lstm, "gru": gru, "rnn": plain}


def drawn_clamps(data, kind, layers, bidirectional, tokens):
    """Some clamps on any signals of a network, at values that they can have; they may overlap."""
    entries = {entry.name: entry for entry in signals.SIGNALS["rnn" if kind == "relu" else kind]}
    places = st.fixed_dictionaries(
        {
            "signal": st.sampled_from(sorted(entries)),
            "tokens": st.lists(st.integers(0, tokens - 1), min_size=1, max_size=4),
            "units": st.lists(st.integers(0, 5), min_size=1, max_size=4),
            "layer": st.integers(-layers, layers - 1),
            "direction": st.sampled_from(signals.DIRECTIONS[: 1 + bidirectional]),
        }
    )

    def value(name):
        return st.floats(max(entries[name].low, -3.0), min(entries[name].high, 3.0), width=32)

    drawn = data.draw(st.lists(places, min_size=1, max_size=4))
    return [Clamp(value=data.draw(value(where["signal"])), **where) for where in drawn]


@every_network
@one_and_two_ways
@given(data=st.data(), text=texts, layers=st.integers(1, 2))
def test_a_held_reading_is_what_the_equations_give_with_the_values_put_in(kind, bidirectional, layers, data, text):
    network = network_of(kind, layers, bidirectional, "max+mean")
    clamps = drawn_clamps(data, kind, layers, bidirectional, len(text.split()))
    found, (wanted, logits) = hold(network, text, clamps), held_reading(network, text, clamps)
    for name in NAMES[kind]:
        values = np.array([[[step[name].numpy() for step in steps] for steps in layer] for layer in wanted])
        assert found.signals[name] == pytest.approx(values, abs=2e-5, rel=2e-5)
    assert found.verdicts[-1] == pytest.approx(shares(logits), abs=2e-5)


@every_network
@every_pooling
@one_and_two_ways
@pytest.mark.parametrize("way_of_reading", ["packed", "padded"])
@settings(max_examples=5)
@given(data=st.data())
def test_each_verdict_is_the_answer_had_the_text_ended_there_with_the_clamps_up_to_there(
    kind, pooling, bidirectional, way_of_reading, data
):
    settings = {"reading": way_of_reading, "learned_start": data.draw(st.booleans())}
    network, words = network_of(kind, 2, bidirectional, pooling, **settings), SENTENCE.split()
    clamps = drawn_clamps(data, kind, 2, bidirectional, len(words))
    found = hold(network, SENTENCE, clamps).verdicts
    for end in range(1, len(words) + 1):
        _, logits = held_reading(network, " ".join(words[:end]), clamps)
        assert found[end - 1] == pytest.approx(shares(logits), abs=2e-5)


@pytest.mark.parametrize("room", [1, 12, 50_000])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_clamps_meet_their_tokens_however_small_the_batches_of_prefixes(monkeypatch, room, pooling):
    network = network_of("gru", 2, True, pooling)
    clamps = [Clamp("update", 0.9, tokens=slice(2, 5)), Clamp("reset", 0.0, tokens=[6], direction="backward", layer=0)]
    wanted = hold(network, SENTENCE, clamps).verdicts
    monkeypatch.setattr(answers, "BATCH_TOKENS", room)
    assert hold(network, SENTENCE, clamps).verdicts == pytest.approx(wanted, abs=1e-6)


# Holding what is there anyway


@every_network
@one_and_two_ways
@pytest.mark.parametrize("way_of_reading", ["packed", "padded"])
@settings(max_examples=15)
@given(data=st.data(), text=texts, more=st.integers(0, 2))
def test_a_clamp_to_the_value_it_had_changes_no_bit(kind, bidirectional, way_of_reading, data, text, more):
    network = network_of(kind, 2, bidirectional, "max+mean", reading=way_of_reading)
    pad_to = len(text.split()) + more if more else None
    wanted = read(network, text, pad_to=pad_to)
    clamps = [
        replace(one, value=wanted.select(one.signal, one.layer, one.direction)[np.ix_(one.tokens, one.units)])
        for one in drawn_clamps(data, kind, 2, bidirectional, len(wanted.tokens))
    ]
    assert same(hold(network, text, clamps, pad_to=pad_to), wanted)


@every_network
@every_pooling
@one_and_two_ways
def test_all_signals_held_where_they_were_change_no_bit(kind, pooling, bidirectional):
    network = network_of(kind, 3, bidirectional, pooling)
    wanted = read(network, SENTENCE)
    clamps = [
        Clamp(name, wanted.select(name, layer, direction), layer=layer, direction=direction)
        for name in NAMES[kind]
        for layer in range(3)
        for direction in wanted.directions
    ]
    assert same(hold(network, SENTENCE, clamps), wanted)


@every_network
@every_pooling
def test_what_a_beginning_shares_with_the_whole_text_can_be_held_without_changing_a_verdict(kind, pooling):
    """The first layer's forward direction knows nothing of what follows, also in a network that reads both ways."""
    network = network_of(kind, 2, True, pooling)
    wanted = read(network, SENTENCE)
    clamps = [Clamp(name, wanted.select(name, 0), layer=0) for name in NAMES[kind]]
    found = hold(network, SENTENCE, clamps)
    assert same(found, wanted)
    assert found.verdicts == pytest.approx(wanted.verdicts, abs=1e-6)


@pytest.mark.parametrize("name", ["sst2-bilstm", "agnews-gru", "agnews-lstm-padded", "recall-rnn", "sst2-lstm"])
def test_in_a_trained_network_too(name):
    network, text = opened(name), "the movie was not good , but the ending surprised me"
    wanted = read(network, text)
    for signal in wanted.signals:
        assert same(hold(network, text, [Clamp(signal, wanted.select(signal))]), wanted)


def test_no_clamps_are_a_plain_reading():
    network = network_of("lstm", 2, True)
    assert same(hold(network, SENTENCE, []), read(network, SENTENCE))


# What the equations promise


@one_and_two_ways
def test_an_open_forget_gate_and_a_shut_input_gate_hold_the_cell_constant(bidirectional):
    network = network_of("lstm", 2, bidirectional)
    plain = read(network, SENTENCE)
    for direction in plain.directions:
        shut = [Clamp(name, value, slice(2, 5), direction=direction) for name, value in (("forget", 1), ("input", 0))]
        cell = hold(network, SENTENCE, shut).select("cell", direction=direction)
        before = cell[1] if direction == "forward" else cell[5]
        assert np.array_equal(cell[2:5], np.tile(before, (3, 1)))
        assert np.array_equal(before, plain.select("cell", direction=direction)[1 if direction == "forward" else 5])
        assert np.abs(cell[6 if direction == "forward" else 0] - before).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_held_at_zero_makes_the_rest_a_text_of_its_own(kind):
    network = network_of(kind)
    erased = [Clamp(name, 0.0, tokens=2) for name in ("hidden", "cell") if name in NAMES[kind]]
    found, rest = hold(network, "the film was not bad at all", erased), read(network, "not bad at all")
    for name, values in rest.signals.items():
        assert found.signals[name][:, :, 3:] == pytest.approx(values, abs=1e-6)
    assert found.verdicts[3:] == pytest.approx(rest.verdicts, abs=1e-6)


def test_what_lies_below_or_before_a_clamp_stays_as_it_was():
    network = network_of("gru", 3, True)
    plain, found = read(network, SENTENCE), hold(network, SENTENCE, [Clamp("update", 0.0, tokens=3, layer=1)])
    for name, values in plain.signals.items():
        assert np.array_equal(found.signals[name][0], values[0])
        assert np.array_equal(found.signals[name][1, 0, :3], values[1, 0, :3])
        assert np.array_equal(found.signals[name][1, 1], values[1, 1])  # the other direction of the same layer
        assert not np.allclose(found.signals[name][2], values[2])


# What a clamp says


def test_tokens_and_units_are_numbers_slices_some_numbers_or_all():
    network, every = network_of("lstm", 1, True), range(7)

    def found(**chosen):
        return hold(network, SENTENCE, [Clamp("output", 0.25, **chosen)])

    assert same(found(tokens=3, units=5), found(tokens=[3], units=[5]))
    assert same(found(tokens=np.int64(3)), found(tokens=slice(3, 4)))
    assert same(found(tokens=-1, units=-2), found(tokens=[6], units=[4]))
    assert same(found(tokens=slice(4, 90)), found(tokens=[4, 5, 6]))
    assert same(found(tokens=slice(None, None, 3)), found(tokens=(0, 3, 6)))
    assert same(found(), found(tokens=list(every), units=slice(None)))
    assert same(found(tokens=np.array([1, 5])), found(tokens=np.arange(7) % 4 == 1))
    assert (found(tokens=2, units=1).select("output")[2] == 0.25).tolist() == [False, True] + [False] * 4
    assert np.array_equal(
        np.argwhere(found(tokens=[1, 4], units=[0, 3]).select("output") == 0.25).tolist(),
        [[1, 0], [1, 3], [4, 0], [4, 3]],
    )


def test_a_value_is_a_number_or_an_array_that_fits():
    network = network_of("lstm")
    for shape, value in {
        (): 0.5,
        (2,): [0.1, 0.2],
        (3, 1): [[0.1], [0.2], [0.3]],
        (3, 2): [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
    }.items():
        value = np.array(value)
        assert value.shape == shape
        found = hold(network, SENTENCE, [Clamp("input", value, tokens=[5, 0, 2], units=[4, 1])]).select("input")
        assert found[np.ix_([5, 0, 2], [4, 1])] == pytest.approx(np.broadcast_to(value, (3, 2)))


def test_of_two_clamps_on_one_place_the_later_one_holds():
    network = network_of("gru")
    first, later = Clamp("reset", 0.25, slice(1, 5), slice(0, 4)), Clamp("reset", 0.75, slice(3, 7), slice(2, 6))
    found = hold(network, SENTENCE, [first, later]).select("reset")
    assert (found[1:5, 0:2] == 0.25).all()
    assert (found[1:3, 2:4] == 0.25).all()
    assert (found[3:7, 2:6] == 0.75).all()
    assert (hold(network, SENTENCE, [later, first]).select("reset")[3:5, 2:4] == 0.25).all()


@one_and_two_ways
def test_the_mean_is_each_units_own_from_the_training_texts(bidirectional):
    plain = network_of("lstm", 2, bidirectional)
    network = replace(plain, units=unit_summary.describe(plain, [SENTENCE, "good story", "a bad film , not good ."]))
    for layer in (0, 1):
        for direction in signals.DIRECTIONS[: 1 + bidirectional]:
            for name in NAMES["lstm"]:
                mean = np.array(network.units["layers"][layer][direction]["signals"][name]["mean"])
                clamp = Clamp(name, "mean", [1, 3], [4, 0], layer, direction)
                found = hold(network, SENTENCE, [clamp])
                assert same(found, hold(network, SENTENCE, [replace(clamp, value=mean[[4, 0]])]))
                assert found.select(name, layer, direction)[3, 4] == pytest.approx(mean[4], abs=1e-7)


def test_the_receipt_is_that_of_the_reading_without_clamps():
    network = network_of("lstm", 2, True)
    held, plain = hold(network, SENTENCE, [Clamp("hidden", 0.5)]), read(network, SENTENCE)
    assert held.replay_error == plain.replay_error < 1e-5


def test_holding_changes_neither_the_network_nor_the_clamps_nor_pytorchs_random_numbers():
    network, value = network_of("lstm", 2, True, dropout=0.5), np.full((7, 6), 0.5)
    weights = {name: values.clone() for name, values in network.model.state_dict().items()}
    random, plain = torch.get_rng_state(), read(network, SENTENCE)
    hold(network, SENTENCE, [Clamp("forget", value), Clamp("forget", 0.25, tokens=3)])
    removal_effects(network, SENTENCE)
    assert (value == 0.5).all()
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(values, weights[name]) for name, values in network.model.state_dict().items())
    assert same(read(network, SENTENCE), plain)


# Which units the answer needs


def without(network, unit, layer, direction):
    """The network with all that leaves a unit set to zero: what the unit says, nobody hears."""
    model, config = copy.deepcopy(network.model), network.config.model
    backward = direction == "backward"
    column = unit + config.hidden_size * backward
    with torch.no_grad():
        getattr(model.rnn, f"weight_hh_l{layer}" + ("_reverse" if backward else ""))[:, unit] = 0
        width = config.hidden_size * config.directions
        if config.pooling == "last-layers":
            model.fc.weight[:, layer * width + column] = 0
        elif layer == config.layers - 1:
            model.fc.weight[:, column::width] = 0
        if layer < config.layers - 1:
            for ending in ("", "_reverse")[: config.directions]:
                getattr(model.rnn, f"weight_ih_l{layer + 1}{ending}")[:, column] = 0
    return model


@every_network
@every_pooling
@one_and_two_ways
@pytest.mark.parametrize("layer", [0, 1])
def test_removing_a_unit_is_cutting_all_that_leaves_it(kind, pooling, bidirectional, layer):
    network = network_of(kind, 2, bidirectional, pooling)
    ids = torch.tensor([network.ids(SENTENCE)])
    whole = network.model(ids, torch.tensor([7]))[0].tolist()
    answer = int(np.argmax(whole))
    for direction in signals.DIRECTIONS[: 1 + bidirectional]:
        wanted = np.array(
            [without(network, unit, layer, direction)(ids, torch.tensor([7]))[0, answer].item() for unit in range(6)]
        )
        found = removal_effects(network, SENTENCE, layer, direction)
        assert found == pytest.approx(wanted - whole[answer], abs=2e-5, rel=1e-4)
        changes = np.abs(wanted - whole[answer])
        ranked = changes[removal_order(found)].tolist()
        assert ranked == pytest.approx(sorted(changes, reverse=True), abs=4e-5, rel=2e-4)  # near ties may change places


@pytest.mark.parametrize("signal", ["output", "cell", "hidden"])
def test_removal_may_hold_another_signal_or_the_mean(signal):
    plain = network_of("lstm", 2, True, "mean")
    network = replace(plain, units=unit_summary.describe(plain, [SENTENCE, "good story", "a bad film , not good ."]))
    mean = network.units["layers"][0]["backward"]["signals"][signal]["mean"]
    answer = "abc".index(read(network, SENTENCE).label)

    def logit(unit=None, value=0.0):
        clamps = [] if unit is None else [Clamp(signal, value, range(7), [unit], 0, "backward")]
        return held_reading(network, SENTENCE, clamps)[1][answer]

    for value in (0.0, "mean"):
        found = removal_effects(network, SENTENCE, 0, "backward", signal, value)
        wanted = [logit(unit, mean[unit] if value == "mean" else value) - logit() for unit in range(6)]
        assert found == pytest.approx(np.array(wanted), abs=2e-5)


def test_units_without_any_way_to_the_answer_come_last_and_as_they_stand():
    network = network_of("gru")
    with torch.no_grad():
        for unit in (1, 4):
            network.model.rnn.weight_hh_l0[:, unit] = 0
            network.model.fc.weight[:, unit] = 0
    found = removal_effects(network, SENTENCE)
    assert found[[1, 4]].tolist() == [0, 0]
    assert removal_order(found).tolist()[-2:] == [1, 4]
    assert removal_order(np.array([0.5, -2.0, 0.0, -0.5, 1.0])).tolist() == [1, 4, 0, 3, 2]


# Objections


def objection(kind, network, clamp, text=SENTENCE):
    with pytest.raises(kind) as caught:
        hold(network, text, [clamp])
    return str(caught.value)


@pytest.mark.parametrize("chosen", [7, -8, [0, 99], [], slice(9, 12), np.zeros(7, dtype=bool), np.ones(3, dtype=bool)])
def test_tokens_and_units_that_are_not_there_are_refused_with_how_many_there_are(chosen):
    for field, kind, count in (("tokens", "tokens", 7), ("units", "units", 6)):
        found = objection(SelectionError, network_of("lstm"), Clamp("input", 0.5, **{field: chosen}))
        assert found.startswith(f"A clamp is on the {kind} ")
        assert f"; this reading has {count} {kind}.\nChoose at least one, counted from 0, or from the end" in found
    assert len(objection(SelectionError, network_of("rnn"), Clamp("hidden", 0.5, tokens=list(range(5_000))))) < 300


def test_signals_layers_and_directions_that_are_not_there_are_named():
    network = network_of("gru", 2)
    assert "There is no signal 'forget'; choose one of reset, update" in objection(
        SelectionError, network, Clamp("forget", 1)
    )
    assert "There is no layer 2: this network has 2 layers" in objection(
        SelectionError, network, Clamp("update", 1, layer=2)
    )
    found = objection(SelectionError, network, Clamp("update", 1, direction="backward"))
    assert "There is no direction 'backward'; choose one of forward" in found


@pytest.mark.parametrize("value", [2.0, -0.01, float("nan"), float("inf"), np.array([0.5, 0.5, 7.0])])
def test_a_value_that_the_signal_cannot_have_is_refused(value):
    found = objection(SettingError, network_of("lstm"), Clamp("forget", value, tokens=slice(0, 4), units=[0, 1, 2]))
    worst = 7.0 if isinstance(value, np.ndarray) else value
    assert found == f"The forget signal cannot be held at {worst:g}.\nChoose a value from 0 to 1."
    with pytest.raises(SettingError):
        removal_effects(network_of("lstm"), SENTENCE, signal="forget", value=2.0)


def test_a_value_that_rounding_has_carried_just_beyond_its_range_can_be_held_where_it_was():
    beyond = np.nextafter(np.float32(1), np.float32(2))
    assert hold(network_of("gru"), SENTENCE, [Clamp("hidden", beyond, tokens=2)]).select("hidden")[2, 0] == beyond


def test_a_signal_without_bounds_can_be_held_at_any_number_that_float32_has():
    network = network_of("lstm")
    assert hold(network, SENTENCE, [Clamp("cell", -1e30, tokens=6)]).select("cell")[6, 0] == np.float32(-1e30)
    assert hold(network_of("relu"), SENTENCE, [Clamp("hidden", 4e5)]).select("hidden")[0, 0] == 4e5
    for value in (float("nan"), float("-inf"), 1e39):
        assert f"The cell signal cannot be held at {value:g}." in objection(SettingError, network, Clamp("cell", value))


@pytest.mark.parametrize("shape", [(3,), (2, 1), (4, 3), (1, 4, 2)])
def test_a_value_that_does_not_fit_what_is_chosen_is_refused_with_both_sizes(shape):
    clamp = Clamp("hidden", np.zeros(shape), tokens=slice(0, 4), units=[0, 5])
    found = objection(SettingError, network_of("rnn"), clamp)
    wanted = f"A value of shape {shape} does not fit the 4 tokens and 2 units whose hidden it is to be.\n"
    assert found == wanted + "Pass a number, or one for each of them."


def test_a_word_other_than_mean_is_refused(as_shipped):
    interventions = as_shipped("experiments.interventions")
    with pytest.raises(SelectionError) as caught:
        interventions.hold(network_of("rnn"), SENTENCE, [interventions.Clamp("hidden", "means")])
    assert str(caught.value) == (
        "There is no value 'means'; choose one of a number, an array, mean. Did you mean 'mean'?"
    )


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"layers": []},
        {"layers": [{"forward": {"signals": {"hidden": {"mean": [0.1] * 5}}}}]},
        {"layers": [{"forward": {"signals": {"hidden": {"mean": ["much"] * 6}}}}]},
        {"layers": [{"forward": {"signals": {"hidden": {"mean": [None] * 6}}}}]},
        {"layers": [{"forward": {"signals": {"hidden": [1, 2]}}}]},
        {"layers": "none"},
    ],
)
def test_a_mean_that_nobody_knows_is_refused(stored):
    network = replace(network_of("rnn"), units=stored)
    found = objection(CheckpointError, network, Clamp("hidden", "mean"))
    assert found == (
        "This checkpoint does not say what its units' mean hidden is: units.json is missing, or not its own.\n"
        "Hold the signal at a number."
    )


def test_a_text_that_cannot_be_read_is_refused_as_by_read():
    assert objection(TextError, network_of("rnn"), Clamp("hidden", 0.0), text=" ").startswith("Type a sentence")
    with pytest.raises(TextError, match="cannot be padded to 3"):
        hold(network_of("rnn"), SENTENCE, [], pad_to=3)
    with pytest.raises(TextError, match="Type a sentence"):
        removal_effects(network_of("rnn"), "")
