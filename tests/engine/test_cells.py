"""Cells read one token a call; watch makes readings of whole texts of their calls."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import rnnviz
from rnnviz.engine import memory_limit
from rnnviz.engine.stitching import Stitching
from rnnviz.errors import CaptureError, MemoryLimitError

CELLS = {
    "lstm": (nn.LSTMCell, nn.LSTM, {}),
    "gru": (nn.GRUCell, nn.GRU, {}),
    "tanh": (nn.RNNCell, nn.RNN, {}),
    "relu": (nn.RNNCell, nn.RNN, {"nonlinearity": "relu"}),
}
every_kind = pytest.mark.parametrize("kind", CELLS)
TEXTS = torch.linspace(-2, 2, 7 * 3 * 4).view(7, 3, 4).sin()


def cell_and_layer(kind, bias=True):
    """A cell, and the module of one layer with its weights."""
    torch.manual_seed(1)
    cell, layer, settings = CELLS[kind]
    single, whole = cell(4, 5, bias=bias, **settings), layer(4, 5, bias=bias, **settings)
    whole.load_state_dict({f"{name}_l0": value for name, value in single.state_dict().items()})
    return single, whole


def loop(cell, texts, state=None):
    """Read token by token."""
    for token in texts:
        state = cell(token, state)
    return state


def hidden_of(state):
    return state[0] if isinstance(state, tuple) else state


def zeros(kind, *texts):
    return (torch.zeros(*texts, 5), torch.zeros(*texts, 5)) if kind == "lstm" else torch.zeros(*texts, 5)


def assert_near(found, wanted):
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        torch.testing.assert_close(found[name], values, atol=1e-6, rtol=0)
        assert not found[name].requires_grad


@every_kind
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:, 0]], ids=["batch", "one text"])
def test_the_calls_of_a_cell_become_the_reading_of_the_module_of_one_layer(kind, bias, texts):
    cell, layer = cell_and_layer(kind, bias)
    with rnnviz.watch(nn.ModuleDict({"cell": cell})) as seen:
        last = loop(cell, texts)
    (reading,) = seen["cell"]
    assert_near(reading, rnnviz.capture(layer, texts)[2])
    assert torch.equal(reading["hidden"][0, 0, -1], hidden_of(last))
    assert reading.receipt < 1e-6


@every_kind
def test_more_tokens_than_there_was_room_for_at_first_are_read(kind):
    cell, layer = cell_and_layer(kind)
    texts = torch.randn(150, 2, 4)
    with rnnviz.watch(cell) as seen:
        state = loop(cell, texts[:40])
        assert seen[""][0]["hidden"].shape == (1, 1, 40, 2, 5)
        loop(cell, texts[40:], state)
    assert_near(seen[""][0], rnnviz.capture(layer, texts)[2])


@every_kind
def test_each_text_that_begins_from_nothing_from_zeros_or_from_another_state_is_a_reading_of_its_own(kind):
    cell, layer = cell_and_layer(kind)
    own = torch.linspace(0.1, 0.4, 15).view(3, 5)
    learned = (own, own + 1) if kind == "lstm" else own
    with rnnviz.watch(cell) as seen:
        for start in (None, zeros(kind, 3), learned, learned):
            loop(cell, TEXTS, start)
    assert len(seen[""]) == 4
    assert_near(seen[""][1], seen[""][0])
    start = (own[None], own[None] + 1) if kind == "lstm" else own[None]
    wanted = rnnviz.capture(layer, TEXTS, start)[2]
    assert_near(seen[""][2], wanted)
    assert_near(seen[""][3], wanted)


@every_kind
def test_texts_that_are_read_in_turn_by_one_cell_stay_apart(kind):
    cell, layer = cell_and_layer(kind)
    one, other = TEXTS, TEXTS.flip(0)
    with rnnviz.watch(cell) as seen:
        states = [None, None]
        for first, second in zip(one, other, strict=True):
            states = [cell(first, states[0]), cell(second, states[1])]
    for reading, texts in zip(seen[""], (one, other), strict=True):
        assert_near(reading, rnnviz.capture(layer, texts)[2])


def changed(kind, state, change):
    return tuple(map(change, state)) if kind == "lstm" else change(state)


def read_changed(kind, change):
    """How many tokens each reading has if the state is changed after every token."""
    cell, _ = cell_and_layer(kind)
    state = None
    with rnnviz.watch(cell) as seen:
        for token in TEXTS:
            state = changed(kind, cell(token, state), change)
    return [reading["hidden"].shape[2] for reading in seen[""]]


@every_kind
def test_a_call_is_compared_with_few_readings_however_many_there_are(kind, monkeypatch):
    compared, goes_on = [], Stitching.goes_on

    def counted(whole, call):
        compared.append(whole)
        return goes_on(whole, call)

    monkeypatch.setattr(Stitching, "goes_on", counted)
    cell, _ = cell_and_layer(kind)
    texts = torch.randn(40, 3, 2, 4)
    own = torch.full((2, 5), 0.25)
    learned = (own, own) if kind == "lstm" else own
    with rnnviz.watch(cell) as seen:
        for text in texts:
            loop(cell, text, zeros(kind, 2))
            loop(cell, text, learned)
            loop(cell, text)
        states = [None] * len(texts)
        for place in range(3):
            states = [cell(text[place], state) for text, state in zip(texts, states, strict=True)]
    assert [reading["hidden"].shape[2] for reading in seen[""]] == [3] * 160
    assert len(compared) <= 2 * 160 * 3


SAME = {"detached": torch.detach, "cloned": torch.clone, "data": lambda part: part.data}


@every_kind
@pytest.mark.parametrize("change", SAME)
def test_a_state_that_is_detached_or_copied_goes_on(kind, change):
    with torch.no_grad():
        assert read_changed(kind, SAME[change]) == [len(TEXTS)]


def another_text(part):
    part[0] = torch.rand(part.shape[-1])  # another each time: one that stays has ended
    return part


def zeroed_unnoticed(part):
    part.data.zero_()
    return part


WRITTEN = {"zeros": torch.Tensor.zero_, "one text": another_text, "half": lambda part: part.mul_(0.5)}


@every_kind
@pytest.mark.parametrize("change", [*WRITTEN.values(), zeroed_unnoticed], ids=[*WRITTEN, "through data"])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_state_that_was_written_to_in_place_begins_a_reading(kind, change, mode):
    with mode():
        assert read_changed(kind, change) == [1] * len(TEXTS)


def test_a_buffer_that_the_states_are_copied_to_goes_on_until_something_else_is_written_to_it():
    cell, _ = cell_and_layer("gru")
    buffer = torch.full((3, 5), 0.1)
    with torch.no_grad(), rnnviz.watch(cell) as seen:
        for token in TEXTS[:4]:
            buffer.copy_(cell(token, buffer))
        buffer[0] = 7.0
        cell(TEXTS[4], buffer)
    assert [reading["hidden"].shape[2] for reading in seen[""]] == [4, 1]


@pytest.mark.parametrize(("change", "tokens"), [(torch.detach, [7]), (torch.Tensor.zero_, [1] * 7)])
def test_zeros_that_a_cell_has_left_itself_go_on_unless_they_are_written(change, tokens):
    cell, _ = cell_and_layer("relu")
    with torch.no_grad():
        cell.bias_ih.fill_(-100.0)
        state = None
        with rnnviz.watch(cell) as seen:
            for token in TEXTS:
                state = change(cell(token, state))
    assert [reading["hidden"].shape[2] for reading in seen[""]] == tokens


@every_kind
def test_texts_that_have_ended_may_keep_their_state(kind):
    cell, layer = cell_and_layer(kind)
    lengths, state = torch.tensor([7, 2, 4]), zeros(kind, 3)
    with rnnviz.watch(cell) as seen:
        for t, token in enumerate(TEXTS):
            going = (t < lengths)[:, None]
            after = cell(token, state)
            pairs = zip(after, state, strict=True) if kind == "lstm" else [(after, state)]
            kept = tuple(torch.where(going, new, old) for new, old in pairs)
            state = kept if kind == "lstm" else kept[0]
    (reading,) = seen[""]
    for text, length in enumerate(lengths.tolist()):
        wanted = rnnviz.capture(layer, TEXTS[:length, text])[2]
        assert_near({name: values[:, :, :length, text] for name, values in reading.items()}, wanted)


def test_fewer_texts_than_before_begin_a_reading():
    cell, _ = cell_and_layer("gru")
    with rnnviz.watch(cell) as seen:
        state = loop(cell, TEXTS[:4])
        loop(cell, TEXTS[4:, :2], state[:2])
    assert [reading["update"].shape for reading in seen[""]] == [(1, 1, 4, 3, 5), (1, 1, 3, 2, 5)]


def test_layers_of_cells_each_have_their_reading():
    class Stacked(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = nn.ModuleList([nn.LSTMCell(4, 5), nn.LSTMCell(5, 5)])

        def forward(self, texts):
            states = [None, None]
            for token in texts:
                for place, cell in enumerate(self.cells):
                    states[place] = cell(token, states[place])
                    token = states[place][0]
            return token

    model = Stacked()
    plain = model(TEXTS)
    with rnnviz.watch(model) as seen:
        output = model(TEXTS)
    assert torch.equal(output, plain)
    assert {name: len(readings) for name, readings in seen.items()} == {"cells.0": 1, "cells.1": 1}
    both = nn.LSTM(4, 5, 2)
    both.load_state_dict(
        {f"{name}_l{place}": value for place in (0, 1) for name, value in model.cells[place].state_dict().items()}
    )
    wanted = rnnviz.capture(both, TEXTS)[2]
    for name, values in wanted.items():
        for place in (0, 1):
            torch.testing.assert_close(seen[f"cells.{place}"][0][name][0], values[place], atol=1e-6, rtol=0)


@every_kind
@pytest.mark.parametrize(
    "wrap",
    [
        lambda cell: prune.l1_unstructured(cell, "weight_hh", 0.5),
        lambda cell: parametrizations.spectral_norm(cell, "weight_ih"),
        lambda cell: parametrizations.weight_norm(cell, "weight_hh"),
    ],
    ids=["pruned", "spectral norm", "weight norm"],
)
def test_weights_of_a_cell_that_are_made_before_each_call_are_those_of_the_call(kind, wrap):
    def made():
        cell, _ = cell_and_layer(kind)
        wrap(cell)
        return cell.train()

    cell, alone = made(), made()
    with rnnviz.watch(cell) as seen:
        last = loop(cell, TEXTS)
    assert torch.equal(hidden_of(last), hidden_of(loop(alone, TEXTS)))
    for buffer, own in zip(cell.buffers(), alone.buffers(), strict=True):
        assert torch.equal(buffer, own)
    assert len(seen[""]) == 1
    assert seen[""][0].receipt < 1e-6


class Normed(nn.GRUCell):
    def forward(self, token, state=None):
        return nn.functional.layer_norm(super().forward(token, state), (self.hidden_size,))


class ByHand(nn.RNNCell):
    def forward(self, token, state):
        return torch.tanh(token @ self.weight_ih.T + state @ self.weight_hh.T)


class Returning(nn.LSTMCell):
    def forward(self, pair):
        token, state = pair
        hidden, cell = super().forward(token, state)
        return {"hidden": hidden, "cell": cell}


def test_cells_with_a_forward_of_their_own_are_seen_or_refused_by_name():
    returning = Returning(4, 5)
    with rnnviz.watch(returning) as seen:
        found = returning((TEXTS[0], None))
        returning((TEXTS[1], (found["hidden"], found["cell"])))
    assert [reading["forget"].shape for reading in seen[""]] == [(1, 1, 2, 3, 5)]
    normed = Normed(4, 5)
    with pytest.raises(CaptureError, match=r"receipt of Normed does not hold"), rnnviz.watch(normed):
        normed(TEXTS[0])
    by_hand = ByHand(4, 5)
    with pytest.raises(CaptureError, match=r"ByHand are not known"), rnnviz.watch(by_hand):
        assert by_hand(TEXTS[0], torch.zeros(3, 5)).shape == (3, 5)


def test_what_does_not_fit_into_memory_is_said_when_the_block_ends(monkeypatch):
    cell, _ = cell_and_layer("lstm")
    monkeypatch.setattr(memory_limit, "_UNASKED", 0)
    monkeypatch.setattr(memory_limit, "free_bytes", lambda device: 100_000)
    with pytest.raises(MemoryLimitError), rnnviz.watch(cell) as seen:
        state = loop(cell, torch.randn(900, 3, 4))
    assert state[0].shape == (3, 5)
    assert 32 <= seen[""][0]["hidden"].shape[2] < 900
