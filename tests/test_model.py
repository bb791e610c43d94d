"""The classifier against the lesson's own classes, written here from the lesson, and against pooling written anew."""

import pytest
import torch
from pydantic import ValidationError
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz.data.text import PADDING_ID, UNKNOWN_ID
from rnnviz.model import ModelConfig, RecurrentClassifier, drawing_from, pool, shapes
from tests.builders import CELLS, POOLINGS, model_of

WORDS, CLASSES = 20, 4
IDS = torch.tensor([[3, 7, 2, 9, 4], [5, 0, 6, 0, 0], [8, 11, 0, 0, 0]])  # filled up with 0, as the lesson does
LENGTHS = torch.tensor([5, 3, 2])


class LessonRNN(nn.Module):
    """L4: embedding, nn.RNN, the mean over all steps, padding included, linear."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 64)
        self.rnn = nn.RNN(64, 32, batch_first=True)
        self.fc = nn.Linear(32, CLASSES)

    def forward(self, x, lengths):
        x = self.embedding(x)
        x, _ = self.rnn(x)
        return self.fc(x.mean(dim=1))


class LessonLSTM(nn.Module):
    """L5: embedding drawn from N(-0.5, 1), nn.LSTM over the padding too, the last hidden state, linear."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 64)
        self.embedding.weight.data = torch.randn_like(self.embedding.weight.data) - 0.5
        self.rnn = nn.LSTM(64, 32, batch_first=True)
        self.fc = nn.Linear(32, CLASSES)

    def forward(self, x, lengths):
        x = self.embedding(x)
        x, (h, _) = self.rnn(x)
        return self.fc(h[-1])


class LessonPackedLSTM(LessonLSTM):
    """L6: the same through pack_padded_sequence."""

    def forward(self, x, lengths):
        x = self.embedding(x)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)
        return self.fc(h[-1])


@pytest.mark.parametrize(
    ("lesson", "settings"),
    [
        (LessonRNN, {"cell": "rnn", "pooling": "mean", "reading": "padded"}),
        (LessonLSTM, {"cell": "lstm", "reading": "padded"}),
        (LessonPackedLSTM, {"cell": "lstm", "reading": "packed"}),
    ],
)
def test_a_students_state_dict_loads_as_it_is_and_gives_the_students_logits(lesson, settings):
    torch.manual_seed(0)
    student = lesson().eval()
    config = ModelConfig(vocabulary_size=WORDS, embedding_size=64, hidden_size=32, classes=CLASSES, **settings)
    model = model_of(config)
    model.load_state_dict(student.state_dict(), strict=True)
    torch.testing.assert_close(model(IDS, LENGTHS), student(IDS, LENGTHS))


def config_of(**settings):
    return ModelConfig(**{"vocabulary_size": WORDS, "embedding_size": 5, "hidden_size": 6, "classes": 3} | settings)


def without_top(model):
    """The recurrent layers of a network without the highest one."""
    lower = RecurrentClassifier(model.config.model_copy(update={"layers": model.config.layers - 1})).rnn
    lower.load_state_dict({name: part for name, part in model.rnn.state_dict().items() if name in lower.state_dict()})
    return lower


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_features_are_the_pooled_outputs_of_each_text_alone(cell, pooling, bidirectional):
    model = model_of(config_of(cell=cell, layers=2, pooling=pooling, bidirectional=bidirectional))
    together = model.features(IDS, LENGTHS)
    for text, length in enumerate(LENGTHS.tolist()):
        rows = model.rnn(model.embedding(IDS[text, :length]))[0].tolist()  # this text alone, unbatched
        units = range(len(rows[0]))
        highest = [max(row[unit] for row in rows) for unit in units]
        average = [sum(row[unit] for row in rows) / length for unit in units]
        ends = rows[-1][:6] + rows[0][6:]  # a direction's last step: the end going forward, the start going back
        total = [length * one for one in average]
        pooled = {"last": ends, "output-last": rows[-1], "max": highest, "mean": average, "sum": total}
        lower = without_top(model)(model.embedding(IDS[text, :length]))[0].tolist()
        pooled |= {"max+mean": highest + average, "last-layers": lower[-1][:6] + lower[0][6:] + ends}
        wanted = pooled[pooling]
        assert together[text].tolist() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_learned_states_are_where_every_text_starts(cell, bidirectional):
    model = model_of(config_of(cell=cell, layers=2, bidirectional=bidirectional, learned_start=True))
    together = model.features(IDS, LENGTHS)
    states = [model.start[name].detach() for name in ("hidden", "cell")[: 2 if cell == "lstm" else 1]]
    assert len(states) == len(model.start)
    for text, length in enumerate(LENGTHS.tolist()):
        rows = model.embedding(IDS[text, :length])
        alone = model.rnn(rows, tuple(states) if cell == "lstm" else states[0])[0]  # this text alone, unbatched
        wanted = torch.cat([alone[-1, :6], alone[0, 6:]])
        torch.testing.assert_close(together[text], wanted)
        assert not torch.allclose(model.rnn(rows)[0], alone, atol=1e-3)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_what_lies_beyond_a_texts_end_is_not_pooled_even_if_it_is_huge(pooling):
    output = torch.randn(3, 5, 6)
    last, beyond = torch.randn(3, 6), torch.arange(5) >= LENGTHS[:, None]
    wild = output.masked_fill(beyond[..., None], 1e30)
    torch.testing.assert_close(pool(wild, last, LENGTHS, pooling), pool(output, last, LENGTHS, pooling))


def test_a_packed_reading_ignores_the_filling_and_a_padded_one_does_not():
    longer = torch.cat([IDS, torch.zeros(3, 4, dtype=torch.long)], dim=1)
    packed, padded = model_of(config_of()), model_of(config_of(reading="padded"))
    torch.testing.assert_close(packed(longer, LENGTHS), packed(IDS, LENGTHS))
    assert (padded(longer, LENGTHS) - padded(IDS, LENGTHS)).abs().min() > 1e-4
    assert packed.config.padding_id == PADDING_ID
    assert padded.config.padding_id == UNKNOWN_ID


def test_the_padding_entry_is_zero_and_learns_nothing_in_a_packed_reading():
    model = RecurrentClassifier(config_of())
    ids = torch.tensor([[3, PADDING_ID, 4]])
    model(ids, torch.tensor([3])).sum().backward()
    assert not model.embedding.weight[PADDING_ID].any()
    assert not model.embedding.weight.grad[PADDING_ID].any()
    assert model.embedding.weight.grad[3].any()


def test_equal_lengths_give_the_same_packed_or_not():
    model = model_of(config_of(cell="gru", bidirectional=True, pooling="max+mean", layers=2))
    lengths = torch.tensor([5, 5, 4])  # the third makes the batch go through packing
    torch.testing.assert_close(model(IDS, lengths)[:2], model(IDS[:2], lengths[:2]))


@pytest.mark.parametrize("name", ["embedding_dropout", "dropout"])
def test_dropout_acts_in_training_only_and_before_or_after_the_recurrent_layers(name):
    calm = model_of(config_of())
    model = RecurrentClassifier(config_of(**{name: 0.9})).train()
    model.load_state_dict(calm.state_dict())
    before = torch.equal(model.features(IDS, LENGTHS), calm.features(IDS, LENGTHS))
    assert before == (name == "dropout")
    assert not torch.equal(model(IDS, LENGTHS), calm(IDS, LENGTHS))
    assert torch.equal(model.eval()(IDS, LENGTHS), calm(IDS, LENGTHS))


@pytest.mark.parametrize("value", [4.0, -2.5])
def test_forget_gates_start_from_the_bias_asked_for_and_nothing_else_changes(value):
    settings = {"layers": 2, "bidirectional": True}
    torch.manual_seed(0)
    plain = RecurrentClassifier(config_of(**settings)).state_dict()
    torch.manual_seed(0)
    model = RecurrentClassifier(config_of(**settings, forget_bias=value))
    forget = slice(6, 12)
    for place in ("l0", "l0_reverse", "l1", "l1_reverse"):
        both = getattr(model.rnn, f"bias_ih_{place}") + getattr(model.rnn, f"bias_hh_{place}")
        assert both[forget].tolist() == [value] * 6
    for name, found in model.state_dict().items():
        rest = torch.ones(len(found), dtype=torch.bool)
        if "bias_ih" in name or "bias_hh" in name:
            rest[forget] = False
        assert torch.equal(found[rest], plain[name][rest])


def test_a_forget_bias_leaves_a_cell_without_such_a_gate_alone():
    torch.manual_seed(0)
    plain = RecurrentClassifier(config_of(cell="rnn")).state_dict()
    torch.manual_seed(0)
    model = RecurrentClassifier(config_of(cell="rnn", forget_bias=4.0))
    assert all(torch.equal(value, plain[name]) for name, value in model.state_dict().items())


def test_a_gru_starts_by_keeping_its_state_when_asked_to():
    model = RecurrentClassifier(config_of(cell="gru", forget_bias=9.0))
    state, quiet = torch.randn(1, 1, 6), torch.zeros(1, 1, 5)
    torch.nn.init.zeros_(model.rnn.weight_hh_l0)
    _, after = model.rnn(quiet, state)
    assert torch.allclose(after, state, atol=1e-3)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", ["last", "max+mean"])
def test_shapes_are_those_that_pytorch_gives_the_parameters(cell, layers, bidirectional, pooling):
    config = config_of(cell=cell, layers=layers, bidirectional=bidirectional, pooling=pooling)
    wanted = {name: tuple(value.shape) for name, value in RecurrentClassifier(config).state_dict().items()}
    assert shapes(config) == wanted


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("vocabulary_size", 10**9, "less than or equal to 1000000"),
        ("vocabulary_size", 1, "greater than or equal to 2"),
        ("vocabulary_size", "20", "valid integer"),
        ("vocabulary_size", True, "valid integer"),
        ("embedding_size", 4096, "less than or equal to 2048"),
        ("hidden_size", 0, "greater than or equal to 1"),
        ("hidden_size", 4096, "less than or equal to 2048"),
        ("layers", 8, "less than or equal to 7"),
        ("layers", 1.5, "valid integer"),
        ("classes", 1, "greater than or equal to 2"),
        ("classes", 10**6, "less than or equal to 10000"),
        ("cell", "transformer", "'rnn', 'gru' or 'lstm'"),
        ("bidirectional", 1, "valid boolean"),
        ("dropout", 1.0, "less than 1"),
        ("dropout", -0.1, "greater than or equal to 0"),
        ("dropout", float("nan"), "less than 1"),
        ("forget_bias", float("nan"), "less than or equal to 20"),
        ("forget_bias", float("inf"), "less than or equal to 20"),
        ("code", "print()", "Extra inputs are not permitted"),
    ],
)
def test_hostile_settings_are_refused_before_any_network_is_built(name, value, reason):
    with pytest.raises(ValidationError) as caught:
        config_of(**{name: value})
    (error,) = caught.value.errors()
    assert error["loc"] == (name,)
    assert reason in error["msg"]


# --- random numbers of one's own ---


@pytest.mark.parametrize("cell", CELLS)
def test_a_generator_of_ones_own_gives_what_the_global_one_would_and_leaves_that_alone(cell):
    """PyTorch's own constructors and dropout are the oracle."""
    config = ModelConfig(
        cell=cell, vocabulary_size=WORDS, classes=CLASSES, layers=2, embedding_dropout=0.3, dropout=0.2
    )
    torch.manual_seed(3)
    wanted = RecurrentClassifier(config)
    answer = wanted.fc(nn.functional.dropout(wanted.features(IDS, LENGTHS), 0.2))
    after, own = torch.get_rng_state(), torch.Generator().manual_seed(3)
    with drawing_from(own):
        found = RecurrentClassifier(config)
    assert all(torch.equal(one, other) for one, other in zip(found.parameters(), wanted.parameters(), strict=True))
    assert torch.equal(found(IDS, LENGTHS, own), answer)
    assert torch.equal(torch.get_rng_state(), after)
    assert torch.equal(own.get_state(), after)


def test_dropout_is_pytorchs_own_to_the_bit_in_its_gradient_too():
    model = model_of(ModelConfig(vocabulary_size=WORDS, classes=CLASSES, dropout=0.4)).train()
    values = torch.randn(50, 7, requires_grad=True)
    torch.manual_seed(1)
    wanted = nn.functional.dropout(values, 0.4)
    found = model._dropout(values, 0.4, torch.Generator().manual_seed(1))
    assert torch.equal(found, wanted)
    gradients = [torch.autograd.grad(output.square().sum(), values)[0] for output in (found, wanted)]
    assert torch.equal(*gradients)
