"""Reading a sentence, against the network itself run on the text, on each of its beginnings, and on each text alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from rnnviz import answers, reading
from rnnviz.data.text import PADDING_ID, UNKNOWN_ID
from rnnviz.engine import capture, one_text
from rnnviz.errors import TextError
from rnnviz.reading import read, read_many
from tests.builders import CELLS, HEADS, POOLINGS, SENTENCE, WORDS, checkpoint

TEXTS = ("the film was not bad at all", "good", "zzz bad", "a story , and it ' s good .", "not not not bad")

every_network = pytest.mark.parametrize("cell", CELLS)
every_pooling = pytest.mark.parametrize("pooling", POOLINGS)
one_and_two_ways = pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "two ways"])


def answer(network, ids):
    """What the network itself answers to a text that consists of these ids and is read alone."""
    return network.model(torch.tensor([ids]), torch.tensor([len(ids)])).softmax(dim=-1)[0].detach().numpy()


def ids_of(text):
    return [WORDS.index(word) + 2 if word in WORDS else UNKNOWN_ID for word in text.split()]


def test_tokens_are_the_text_as_the_model_saw_it_and_unknown_words_are_marked():
    trace = read(checkpoint(), "The FILM wasn't zzz <pad> <unk>")
    assert trace.tokens == ("the", "film", "wasn", "'", "t", "zzz", "<pad>", "<unk>")
    assert trace.unknown.tolist() == [False, False, True, False, True, True, True, True]


def test_inputs_are_the_embedding_rows_of_the_words():
    network = checkpoint()
    trace = read(network, "the zzz good")
    table = network.model.embedding.weight.detach().numpy()
    assert np.array_equal(trace.inputs, table[[2, UNKNOWN_ID, 2 + WORDS.index("good")]])


def test_labels_cell_and_readout_are_the_checkpoints():
    network = checkpoint(cell="gru", pooling="mean", labels=("World", "Sports", "Sci/Tech"))
    trace = read(network, SENTENCE)
    assert trace.labels == ("World", "Sports", "Sci/Tech")
    assert trace.cell == "gru"
    assert trace.readout.pooling == "mean"
    pooled = trace.select("hidden").mean(axis=0)
    logits = trace.readout.weight @ pooled + trace.readout.bias
    shares = np.exp(logits) / np.exp(logits).sum()
    assert trace.verdicts[-1] == pytest.approx(shares, abs=1e-6)
    assert trace.label == trace.labels[shares.argmax()]


@every_network
@every_pooling
@one_and_two_ways
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("way_of_reading", ["packed", "padded"])
def test_each_verdict_is_the_answer_had_the_text_ended_there(cell, pooling, bidirectional, layers, way_of_reading):
    network = checkpoint(cell, layers, bidirectional, pooling, reading=way_of_reading, labels=("a", "b", "c"))
    for text in (TEXTS[0], TEXTS[1], TEXTS[2]):
        trace, ids = read(network, text), ids_of(text)
        wanted = [answer(network, ids[:end]) for end in range(1, len(ids) + 1)]
        assert trace.verdicts == pytest.approx(np.array(wanted), abs=2e-6)
        assert trace.label == "abc"[wanted[-1].argmax()]


@one_and_two_ways
@pytest.mark.parametrize("head", HEADS[1:])
def test_each_verdict_is_that_of_the_whole_head(bidirectional, head):
    network = checkpoint("lstm", 2, bidirectional, "mean", labels=("a", "b", "c"), **head)
    ids = ids_of(TEXTS[1])
    wanted = [answer(network, ids[:end]) for end in range(1, len(ids) + 1)]
    for trace in (read(network, TEXTS[1]), read_many(network, TEXTS[:2])[1]):
        assert trace.verdicts == pytest.approx(np.array(wanted), abs=2e-6)
        assert not trace.readout.is_exact


@pytest.mark.parametrize(("limit", "batches"), [(1, 40), (200, 8), (50_000, 1)])
def test_prefixes_are_all_read_however_small_the_batches(monkeypatch, limit, batches):
    network = checkpoint("gru", 1, True, "mean")
    text = " ".join(WORDS[place % 13] for place in range(40))
    wanted = read(network, text).verdicts
    monkeypatch.setattr(answers, "BATCH_TOKENS", limit)
    assert len(list(answers._prefix_batches(40))) == batches
    assert read(network, text).verdicts == pytest.approx(wanted, abs=1e-6)


@given(length=st.integers(1, 3_000))
def test_batches_of_prefixes_cover_each_once_and_stay_within_their_room(length):
    batches = list(answers._prefix_batches(length))
    assert [end for batch in batches for end in batch] == list(range(1, length + 1))
    assert all(len(batch) * batch[-1] <= max(answers.BATCH_TOKENS, batch[-1]) for batch in batches)


@given(lengths=st.lists(st.integers(1, 10_000), max_size=40))
def test_batches_of_texts_hold_each_once_and_stay_within_their_room(lengths):
    batches = list(reading._batches(lengths))
    assert sorted(text for batch in batches for text in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[text] for text in batch) <= answers.BATCH_TOKENS for batch in batches)


@every_network
@one_and_two_ways
def test_rows_are_in_the_order_of_the_tokens_in_both_directions(cell, bidirectional):
    network = checkpoint(cell, 2, bidirectional)
    trace = read(network, SENTENCE)
    output, state = network.model.rnn(network.model.embedding(torch.tensor(ids_of(SENTENCE))))
    for way, direction in enumerate(trace.directions):
        own = output[:, 6 * way : 6 * way + 6].detach().numpy()
        assert trace.select("hidden", direction=direction) == pytest.approx(own, abs=2e-6)
        last = (state[0] if cell == "lstm" else state)[len(trace.directions) + way]
        assert trace.select("hidden", direction=direction)[-1 if way == 0 else 0] == pytest.approx(
            last.detach().numpy(), abs=1e-6
        )


@every_network
@every_pooling
@one_and_two_ways
@pytest.mark.parametrize("room", [8, 50_000])
def test_texts_read_together_come_out_as_if_each_were_read_alone(monkeypatch, cell, pooling, bidirectional, room):
    monkeypatch.setattr(answers, "BATCH_TOKENS", room)
    network = checkpoint(cell, 2, bidirectional, pooling)
    together = read_many(network, TEXTS)
    for text, found in zip(TEXTS, together, strict=True):
        alone = read(network, text)
        assert found.tokens == alone.tokens
        assert found.unknown.tolist() == alone.unknown.tolist()
        assert np.array_equal(found.inputs, alone.inputs)
        assert found.verdicts == pytest.approx(alone.verdicts, abs=1e-5)
        for name, values in alone.signals.items():
            assert found.signals[name] == pytest.approx(values, abs=1e-5)


@every_network
def test_forty_texts_of_few_lengths_keep_their_own_rows(cell):
    """PyTorch sorts texts of equal length as it likes once there are more than 16 of them."""
    network = checkpoint(cell, bidirectional=True)
    texts = [" ".join(WORDS[(place * step) % 13] for step in range(1, 2 + place % 3)) for place in range(1, 41)]
    for text, found in zip(texts, read_many(network, texts), strict=True):
        alone = read(network, text)
        assert found.select("hidden") == pytest.approx(alone.select("hidden"), abs=1e-5)
        assert found.verdicts == pytest.approx(alone.verdicts, abs=1e-5)


def test_reading_no_texts_gives_no_traces():
    assert read_many(checkpoint(), []) == []


@pytest.mark.parametrize(("way_of_reading", "filling"), [("packed", PADDING_ID), ("padded", UNKNOWN_ID)])
@pytest.mark.parametrize("cell", CELLS)
def test_padding_is_read_with_the_models_own_padding_entry(cell, way_of_reading, filling):
    network = checkpoint(cell, reading=way_of_reading)
    plain, filled = read(network, "zzz film"), read(network, "zzz film", pad_to=6)
    assert filled.tokens == ("zzz", "film", "<pad>", "<pad>", "<pad>", "<pad>")
    assert filled.unknown.tolist() == [True, False, False, False, False, False]
    row = network.model.embedding.weight[filling].detach().numpy()
    assert np.array_equal(filled.inputs[2:], np.tile(row, (4, 1)))
    for name, values in plain.signals.items():
        assert filled.signals[name][:, :, :2] == pytest.approx(values, abs=1e-6)
    ids = [*ids_of("zzz film"), *[filling] * 4]
    assert filled.verdicts[-1] == pytest.approx(answer(network, ids), abs=1e-6)
    assert np.abs(filled.select("hidden")[5] - filled.select("hidden")[1]).max() > 1e-3  # the drift that it shows


def test_padding_changes_nothing_when_the_text_is_that_long_already():
    network = checkpoint(bidirectional=True)
    plain, filled = read(network, SENTENCE), read(network, SENTENCE, pad_to=7)
    assert filled.tokens == plain.tokens
    assert np.array_equal(filled.verdicts, plain.verdicts)


def objection(*arguments, **options):
    with pytest.raises(TextError) as caught:
        read(*arguments, **options)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("   ", "it is empty"),
        ("", "it is empty"),
        ("film " * 10_001, "it has 10,001 tokens; at most 10,000 are read at once"),
    ],
)
def test_of_many_texts_the_one_that_cannot_be_read_is_named(text, problem):
    with pytest.raises(TextError) as caught:
        read_many(checkpoint(), ["film", "good", text, "bad"])
    assert str(caught.value) == f"texts[2] cannot be read: {problem}.\nLeave it out, or put a text in its place."


@pytest.mark.parametrize("text", ["", "   ", "\n\t", '";:'])
def test_an_empty_text_is_an_invitation_t1(text):
    assert objection(checkpoint(), text) == "Type a sentence to see the network read it."
    with pytest.raises(TextError, match=r"texts\[1\] cannot be read"):
        read_many(checkpoint(), ["film", text])


def test_a_text_of_more_than_ten_thousand_tokens_is_refused_with_both_numbers_t2():
    wanted = "This text has 10,001 tokens; at most 10,000 are read at once.\nRead it in parts."
    assert objection(checkpoint(), "film " * 10_001) == wanted
    assert len(read(checkpoint("rnn"), "film " * 10_000).tokens) == 10_000


def test_a_padded_length_that_the_text_does_not_fit_is_refused():
    network = checkpoint()
    wanted = "The text has 7 tokens, so it cannot be padded to {}.\nChoose at least 7."
    for pad_to in (6, 0, -1):
        assert objection(network, SENTENCE, pad_to=pad_to) == wanted.format(pad_to)
    assert objection(network, SENTENCE, pad_to=10_001).startswith("This text has 10,001 tokens; at most 10,000")


@every_network
@one_and_two_ways
def test_the_receipt_is_small_on_an_honest_reading(cell, bidirectional):
    for trace in read_many(checkpoint(cell, 2, bidirectional), TEXTS):
        assert 0 <= trace.replay_error < 1e-5


@pytest.mark.parametrize("shift", [1e-3, 0.5])
def test_the_receipt_measures_how_far_the_capture_is_from_the_fused_module(monkeypatch, shift):
    def shifted(module, inputs, *more):
        output, state, found = capture.capture(module, inputs, *more)
        data = output.data.clone()
        data[0, 3] += shift  # one unit, at the first token of the longest text
        return output._replace(data=data), state, found

    monkeypatch.setattr(reading, "capture", shifted)
    long, short = read_many(checkpoint(), [SENTENCE, "film"])
    assert long.replay_error == pytest.approx(shift, rel=1e-3)
    assert short.replay_error < 1e-5


def test_the_receipt_is_relative_where_the_output_is_large(monkeypatch):
    network = checkpoint("rnn", nonlinearity="relu")
    for parameter in network.model.rnn.parameters():
        parameter.data.abs_().mul_(3.0)
    network.model.embedding.weight.data.abs_()
    largest = np.abs(read(network, "film").select("hidden")).max()
    assert largest > 3

    def scaled(module, inputs, *more):
        output, state, found = capture.capture(module, inputs, *more)
        return output._replace(data=output.data * 1.01), state, found

    monkeypatch.setattr(reading, "capture", scaled)
    assert read(network, "film").replay_error == pytest.approx(0.01, rel=1e-3)


def test_the_receipt_sees_a_weight_that_the_capture_got_wrong(monkeypatch):
    honest = one_text.weights_of

    def tampered(module, layer, backward):
        weights = honest(module, layer, backward)
        return weights._replace(U=weights.U.flip(0))

    monkeypatch.setattr(one_text, "weights_of", tampered)
    assert read(checkpoint(), SENTENCE).replay_error > 1e-3


def test_reading_changes_neither_the_network_nor_pytorchs_random_numbers():
    network = checkpoint(layers=2, bidirectional=True, dropout=0.5, embedding_dropout=0.5)
    weights = {name: value.clone() for name, value in network.model.state_dict().items()}
    random = torch.get_rng_state()
    trace = read(network, SENTENCE)
    trace.readout.weight[:] = 0
    trace.inputs[:] = 0
    trace.signals["hidden"][:] = 0
    assert torch.equal(torch.get_rng_state(), random)
    assert not network.model.training
    assert all(torch.equal(value, weights[name]) for name, value in network.model.state_dict().items())


def test_texts_read_together_share_the_linear_layers_numbers():
    first, second = read_many(checkpoint("gru"), ["good film", "bad film , not good"])
    assert first.readout is second.readout


def test_one_text_is_no_list_of_texts():
    with pytest.raises(TextError) as caught:
        read_many(checkpoint(), SENTENCE)
    assert str(caught.value) == "read_many takes a list of texts, not one text.\nPass [text], or call read."
