"""The browser's training against PyTorch, in the same run: gradients, steps, generated texts, saved networks."""

import numpy as np
import pytest
import torch

from rnnviz.experiments.gradients import saliency
from rnnviz.model import ModelConfig, RecurrentClassifier, pool
from tests.builders import CELLS, POOLINGS, WORDS, checkpoint, model_of
from tests.web.learning_node import Learning

RELATIVE = 1e-5  # of what is compared with PyTorch in float32: its own rounding
EXACT = 1e-10  # of what is compared with PyTorch in float64: only the order of sums differs


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    started = Learning(tmp_path_factory.mktemp("learning"))
    yield started
    started.close()


def network_of(model):
    config = model.config.model_dump()
    return {"config": config, "weights": {name: one.flatten().tolist() for name, one in model.state_dict().items()}}


def config_of(random, **settings):
    """A network's shape at random; every cell, direction, pooling and way of reading comes."""
    cell = ("rnn", "gru", "lstm")[random.integers(3)]
    drawn = {
        "cell": cell,
        "nonlinearity": ("tanh", "relu")[random.integers(2)],
        "vocabulary_size": int(random.integers(4, 20)),
        "embedding_size": int(random.integers(1, 9)),
        "hidden_size": int(random.integers(1, 10)),
        "layers": int(random.integers(1, 4)),
        "bidirectional": bool(random.integers(2)),
        "pooling": POOLINGS[random.integers(4)],
        "reading": ("packed", "padded")[random.integers(2)],
        "classes": int(random.integers(2, 6)),
    }
    return ModelConfig(**drawn | settings)


def texts_of(random, config, texts, longest=9, shortest=1):
    """Random ids; a network that reads packed never meets the padding."""
    ids = [entry for entry in range(config.vocabulary_size) if entry != 1 or config.reading == "padded"]
    lengths = random.integers(shortest, longest + 1, size=texts)
    return [random.choice(ids, size=length).tolist() for length in lengths]


def far(actual, wanted, size=None):
    """The largest difference, as a share of the largest number."""
    actual, wanted = np.asarray(actual), np.asarray(wanted)
    scale = np.abs(wanted).max() if size is None else size
    return np.abs(actual - wanted).max() / max(scale, 1e-30)


# How far back


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_gradient_at_every_token_is_that_of_python(engine, cell, both, pooling):
    for layers, text in ((1, "the film was not bad at all"), (2, "bad"), (3, " ".join(WORDS * 4))):
        network = checkpoint(cell, layers, both, pooling, nonlinearity="relu" if layers == 2 else "tanh")
        wanted = saliency(network, text)
        found = engine.ask("saliency", ids=network.ids(text), **network_of(network.model))
        assert found["label"] == network.labels.index(wanted.label)
        assert far(found["norms"], wanted.norms) < RELATIVE
        assert far(found["gradient"], wanted.gradient.flatten()) < RELATIVE


@pytest.mark.parametrize("seed", range(20))
def test_the_gradient_at_every_token_is_that_of_autograd_in_double(engine, seed):
    random = np.random.default_rng(seed)
    model = model_of(config_of(random, reading="packed"), seed)
    (ids,) = texts_of(random, model.config, 1, 60)
    label = int(random.integers(model.config.classes))
    found = engine.ask("saliency", ids=ids, label=label, **network_of(model))
    gradient, logits = autograd(model, ids, label)
    assert far(found["logits"], logits) < EXACT
    norms = np.linalg.norm(gradient, axis=1)
    assert np.allclose(found["norms"], norms, rtol=RELATIVE, atol=1e-9 * norms.max())
    assert far(found["gradient"], gradient.flatten()) < EXACT


def autograd(model, ids, label):
    """The gradient of one logit by the embedding rows that are read, and all logits, in double."""
    double = RecurrentClassifier(model.config)
    double.load_state_dict(model.state_dict())
    double.double()
    rows = double.embedding(torch.tensor([ids])).detach().requires_grad_()
    output, state = double.rnn(rows)
    hidden = state[0] if model.config.cell == "lstm" else state
    last = torch.cat(list(hidden[-model.config.directions :]), dim=-1)
    logits = double.fc(pool(output, last, torch.tensor([len(ids)]), model.config.pooling))[0]
    (gradient,) = torch.autograd.grad(logits[label], rows)
    return gradient[0].numpy(), logits.detach().numpy()


# One step of learning


@pytest.mark.parametrize("seed", range(40))
def test_steps_from_given_weights_are_those_of_pytorch(engine, seed):
    random = np.random.default_rng(seed)
    config = config_of(random)
    model = model_of(config, seed)
    batches = [batch_of(random, config) for _ in range(3)]
    longest = float(10 ** random.uniform(-2, 1))
    asked = {"batches": batches, "rate": 0.01, "clip": longest, "detach": 0}
    found = engine.ask("steps", **asked, **network_of(model))
    check(found, model, batches, longest, torch.float64, EXACT)
    check(found[:1], model, batches[:1], longest, torch.float32, RELATIVE)


def batch_of(random, config):
    texts = texts_of(random, config, int(random.integers(1, 12)))
    return {"texts": texts, "labels": random.integers(config.classes, size=len(texts)).tolist()}


def check(found, model, batches, longest, kind, tolerance, forward=None):
    """Hold every step against PyTorch's: loss, logits, gradients before and after they are cut, and weights."""
    learning = RecurrentClassifier(model.config).to(kind)
    learning.load_state_dict(model.state_dict())
    optimiser = torch.optim.Adam(learning.parameters(), lr=0.01)
    for step, batch in zip(found, batches, strict=True):
        before = {name: one.detach().clone() for name, one in learning.named_parameters()}
        logits = (forward or plainly)(learning, batch["texts"])
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(batch["labels"]))
        optimiser.zero_grad()
        loss.backward()
        assert abs(step["mean"] - loss.item()) < tolerance * max(1.0, loss.item())
        assert far(step["logits"], logits.detach().flatten()) < tolerance
        assert step["right"] == int((logits.argmax(dim=1) == torch.tensor(batch["labels"])).sum())
        compare(step["gradient"], gradients(learning), tolerance)
        length = torch.nn.utils.clip_grad_norm_(learning.parameters(), longest).item()
        assert step["length"] == pytest.approx(length, rel=tolerance)
        compare(step["cut"], gradients(learning), tolerance)
        optimiser.step()
        for name, one in learning.named_parameters():
            update = (one - before[name]).detach().numpy().flatten()
            actual = np.array(step["weights"][name]) - before[name].numpy().flatten()
            stored = 2**-24 * np.abs(one.detach().numpy().flatten())  # half a unit in the last place of a float32
            moved = kind == torch.float64 or np.abs(step["cut"][name]) > 1e-5
            assert (np.abs(actual - update) <= 1e-5 * np.abs(update) + 2 * stored + 1e-12)[moved].all(), name
        with torch.no_grad():  # the weights are stored as float32
            for one in learning.parameters():
                one.copy_(one.float())


def plainly(model, texts):
    """The logits, as the learner asks for them."""
    lengths = torch.tensor([len(text) for text in texts])
    rows = [torch.tensor(text) for text in texts]
    padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=model.config.padding_id)
    return model(padded, lengths)


def gradients(model):
    return {name: one.grad.numpy().flatten().copy() for name, one in model.named_parameters()}


def compare(actual, wanted, tolerance):
    """Every gradient, as a share of the largest of its parameter or, where all but nothing comes, of all."""
    whole = max(np.abs(one).max() for one in wanted.values())
    for name, one in wanted.items():
        assert far(actual[name], one, max(np.abs(one).max(), 1e-3 * whole)) < tolerance, name


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("detach", [1, 3, 4, 20])
def test_detached_the_gradient_goes_back_as_far_as_pytorch_s(engine, cell, layers, detach):
    random = np.random.default_rng(detach)
    config = config_of(random, cell=cell, layers=layers, bidirectional=False, pooling="last", reading="packed")
    model = model_of(config, detach)
    batch = {"texts": texts_of(random, config, 5, 10, 10), "labels": random.integers(config.classes, size=5).tolist()}
    asked = {"batches": [batch], "rate": 0.01, "clip": 5.0, "detach": detach}
    found = engine.ask("steps", **asked, **network_of(model))

    def in_pieces(learning, texts):
        rows, state = learning.embedding(torch.tensor(texts)), None
        for piece in rows.split(detach, dim=1):
            output, state = learning.rnn(piece, state)
            state = tuple(one.detach() for one in state) if cell == "lstm" else state.detach()
        return learning.fc(output[:, -1])

    check(found, model, [batch], 5.0, torch.float64, EXACT, in_pieces)
