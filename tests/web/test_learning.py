"""The browser's training against PyTorch, in the same run: gradients, steps, generated texts, saved networks."""

import base64
import io
import itertools
import json
import math
import zipfile
from collections import Counter

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from rnnviz.checkpoint.doctor import examine
from rnnviz.checkpoint.folder import load
from rnnviz.data import tasks
from rnnviz.data.text import Vocabulary, tokenise
from rnnviz.errors import TrainingError
from rnnviz.experiments.evaluation import evaluate
from rnnviz.experiments.gradients import saliency
from rnnviz.model import ModelConfig, RecurrentClassifier, last_states, pool
from rnnviz.page import offers
from rnnviz.page.error_replies import objection
from rnnviz.page.learning import learning, picture_of
from rnnviz.page.replies import Standing, Ticket
from rnnviz.page.trainings import Trainings
from rnnviz.page.visitors import Rights
from rnnviz.reading import read
from rnnviz.training.learner import _share
from rnnviz.training.unit_summary import describe
from tests.builders import CELLS, HEADS, POOLINGS, WORDS, checkpoint, model_of
from tests.data.test_tasks import NEGATIONS, depth_at_the_end, meaning
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
        "pooling": POOLINGS[random.integers(len(POOLINGS))],
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
    model = model_of(config_of(random, reading="packed", **HEADS[seed % len(HEADS)]), seed)
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
    pooled = pool(output, last_states(hidden, model.config), torch.tensor([len(ids)]), model.config.pooling)
    logits = double.head(pooled)[0]
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
    asked = {"batches": batches, "rate": 0.01, "clip": longest, "detach": 0, "fast": bool(seed % 2)}
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


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("detach", [0, 1, 3, 4, 9, 10])
def test_the_length_of_the_gradient_at_each_word_is_autograd_s_and_nothing_before_the_last_cut(
    engine, cell, layers, detach
):
    random = np.random.default_rng(detach)
    config = config_of(
        random, cell=cell, layers=layers, bidirectional=False, pooling="last", reading="packed", nonlinearity="tanh"
    )
    model = model_of(config, detach)
    batch = {"texts": texts_of(random, config, 5, 10, 10), "labels": random.integers(config.classes, size=5).tolist()}
    asked = {"batches": [batch], "rate": 0.01, "clip": 5.0, "detach": detach}
    [step] = engine.ask("steps", **asked, **network_of(model))
    double = RecurrentClassifier(config).double()
    double.load_state_dict(model.state_dict())
    rows = double.embedding(torch.tensor(batch["texts"])).detach().requires_grad_()
    state = None
    for t, x in enumerate(rows.unbind(1)):
        if detach and t % detach == 0 and t:
            state = tuple(one.detach() for one in state) if cell == "lstm" else state.detach()
        output, state = double.rnn(x[:, None], state)
    loss = torch.nn.functional.cross_entropy(double.fc(output[:, 0]), torch.tensor(batch["labels"]))
    (gradient,) = torch.autograd.grad(loss, rows)
    assert far(step["reach"], gradient.norm(dim=2).sum(dim=0)) < EXACT
    first = 9 // detach * detach if detach else 0
    assert [length == 0 for length in step["reach"]] == [word < first for word in range(10)]


@pytest.mark.parametrize(("steps", "warmup"), [(1, 1), (10, 1), (125, 12), (1250, 125)])
def test_the_learning_rate_s_course_is_that_of_python(engine, steps, warmup):
    found = engine.ask("schedule", steps=steps, warmup=warmup)
    assert found == [_share(step, warmup, steps) for step in range(steps)]


# What a network begins with


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bias", [0.0, 4.0])
def test_first_weights_are_spread_as_pytorch_s(engine, cell, bias):
    config = ModelConfig(
        cell=cell, vocabulary_size=300, embedding_size=30, hidden_size=40, classes=50, forget_bias=bias, pooling="max"
    )
    found = engine.ask("first_weights", config=config.model_dump(), seed=3)
    torch.manual_seed(0)
    for name, one in RecurrentClassifier(config).state_dict().items():
        ours, theirs = np.array(found[name]), one.numpy().flatten() * (0.1 if name == "embedding.weight" else 1.0)
        assert (ours == ours.astype(np.float32)).all()
        assert ours.shape == theirs.shape
        for moment in (1, 2, 3, 4):  # six standard errors; of few numbers nothing finer can be said
            noise = 6 * math.sqrt(2 / len(ours)) * (theirs**moment).std() + 1e-9
            assert abs((ours**moment).mean() - (theirs**moment).mean()) <= noise, (name, moment)
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.3)
        assert ((ours == 0) == (theirs == 0)).all()  # the padding's row, and the other bias of an open gate
        assert ((ours == 4) == (theirs == 4)).all()


# Generated texts


@pytest.mark.parametrize("task", tasks.TASKS)
@pytest.mark.parametrize("length", [2, 9, 60])
def test_every_generated_text_has_the_label_that_python_s_rule_gives_it(engine, task, length):
    made = engine.ask("generate", task=task, rows=3_000, length=length, seed=length)
    for text, label in zip(made["texts"], made["labels"], strict=True):
        assert made["classes"][label] == RULES[task](text), text


def opinion(text):
    words = tokenise(text)
    positive = bool(set(words) & set(tasks._PRAISE))
    assert positive != bool(set(words) & set(tasks._BLAME))
    negated = bool({"not", "never", "hardly", "no", "t"} & set(words))
    return "positive" if positive ^ negated else "negative"


def depth(text):
    found = depth_at_the_end(text.split())
    return str(found) if found < 3 else "3+"


RULES = {
    "recall": lambda text: text.split()[0],
    "brackets": depth,
    "parity": lambda text: "odd" if text.split().count("1") % 2 else "even",
    "negation": meaning,
    "opinions": opinion,
}


@pytest.mark.parametrize("task", tasks.TASKS)
@pytest.mark.parametrize("length", [7, 40])
def test_generated_texts_are_as_likely_as_python_s(engine, task, length):
    rows = 24_000
    made = engine.ask("generate", task=task, rows=rows, length=length, seed=5)
    theirs = tasks.generate(task, rows=rows, length=length, seed=0)
    assert tuple(made["classes"]) == theirs.classes
    assert made["tokens"] == [tokenise(text) for text in made["texts"]]
    assert set(made["vocabulary"]) == set(Vocabulary.count(map(tokenise, theirs.texts)).words)
    assert made["vocabulary"] == list(Vocabulary.count(made["tokens"]).words)
    ours_seen = features(made["texts"], made["labels"])
    theirs_seen = features(theirs.texts, theirs.labels.tolist())
    for feature in ours_seen | theirs_seen:
        one, other = ours_seen[feature], theirs_seen[feature]
        assert abs(one - other) <= 5 * math.sqrt(one + other), (feature, one, other)


def features(texts, labels):
    """In how many texts each thing occurs: a length or word with the label, a word at a place, two in a row …"""
    found = Counter()
    for text, label in zip(texts, labels, strict=True):
        words = tokenise(text)
        here = {("length", len(words), label), *(("word", word, label) for word in words)}
        here |= {("place", place, word) for place, word in enumerate(words)}
        here.add(("negations", sum(word in NEGATIONS for word in words)))
        here.add(("deepest", max(itertools.accumulate((word == "(") - (word == ")") for word in words))))
        found.update(here | {("pair", *pair) for pair in itertools.pairwise(words)})
    return found


# What is offered, and what odd questions are told


def test_the_page_is_offered_what_python_offers_but_for_the_sentences(engine):
    ours, theirs = engine.ask("offers"), offers.offers(allowed=True, own_files=False)
    for task in ours["tasks"]:
        words, length = task.pop("watch"), task["length"]
        assert RULES[task["name"]](words) in task["classes"]
        assert task["name"] != "recall" or len(words.split()) == length["default"]
    for task in theirs["tasks"]:
        del task["watch"]
    assert ours.pop("seconds") > theirs.pop("seconds")  # nobody else waits for a visitor's own machine
    assert ours == {name: value for name, value in theirs.items() if name in ours}
    assert set(theirs) - set(ours) == {"file_menus", "words", "silent_seconds"}  # the page asks for none of them


ODD = [
    {"task": "../recall"},
    {"task": "x" * 60},
    {"task": "Wörter"},
    {"cell": "transformer"},
    {"units": 65},
    {"units": 0},
    {"units": True},
    {"units": "8"},
    {"units": None},
    {"learning_rate": 0},
    {"learning_rate": -0.1},
    {"learning_rate": 11},
    {"task": "recall", "length": 61},
    {"task": "recall", "length": 1},
    {"task": "parity", "length": 21},
    {"seed": -1},
    {"detach": -1},
    {"detach": 61},
    {"detach": "5"},
    {"seed": "1"},
    {"seed": 2_000_000},
    {"watch": "good " * 61},
    {"data": "gone"},
]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_question_is_told_what_python_tells(engine, odd):
    question = {"task": "negation", "cell": "lstm", "units": 5, "learning_rate": 0.02, "watch": "the film was good"}
    theirs = Trainings(learning, rights=lambda: Rights(True, True)).start(question | odd)
    ours = engine.ask("page", name="train_start", question=question | odd)
    assert ours == theirs


def test_a_ticket_that_nobody_knows_is_told_so_as_by_python(engine):
    theirs = Trainings(learning, rights=lambda: Rights(True, True)).poll({"ticket": "a"})
    assert engine.ask("page", name="train_poll", question={"ticket": "a"}) == theirs
    assert engine.ask("page", name="train_cancel", question={"ticket": "a"}) == theirs


# A training as the page sees it


def test_a_training_answers_in_python_s_form_from_its_ticket_to_its_end(engine):
    question = {"task": "parity", "cell": "lstm", "units": 16, "learning_rate": 0.03, "length": 5, "watch": ""}
    first = engine.ask("page", name="train_start", question=question)
    second = engine.ask("page", name="train_start", question=question | {"units": 4})
    assert (first["state"], first["place"], second["state"], second["place"]) == ("running", 0, "waiting", 1)
    strict(Ticket, first)
    standing = first
    while standing["state"] == "running":
        engine.ask("wait", seconds=0.1)
        standing = engine.ask("page", name="train_poll", question={"ticket": first["ticket"]})
        strict(Standing, standing)
    assert (standing["state"], standing["cut"], standing["held_out"]["accuracy"]) == ("done", False, 1.0)
    curve = standing["curve"]
    assert len({len(column) for column in curve.values()}) == 1
    assert curve["fraction"][-1] == 1
    assert curve["step"] == sorted(curve["step"])
    same = engine.ask("page", name="train_poll", question={"ticket": first["ticket"], "since": standing["seq"]})
    assert "curve" not in same
    assert "watch" not in same
    left = engine.ask("page", name="train_cancel", question={"ticket": second["ticket"]})
    strict(Standing, left)
    assert left["state"] == "cancelled"


def strict(form, answer):
    """The answer has this form, with nothing more in it: what JSON cannot tell apart, whole numbers, may be floats."""
    given = TypeAdapter(form).validate_python(json.loads(json.dumps(answer)))
    assert set(given) <= set(TypeAdapter(form).json_schema()["properties"])
    assert set(answer) == set(given)


@pytest.mark.parametrize("rate", [10.0, 0.003, 3e-5, 1.23456789e-6])
def test_a_loss_that_is_no_number_ends_the_training_in_python_s_words_and_changes_no_weight(engine, rate):
    model = model_of(ModelConfig(vocabulary_size=5, classes=2, embedding_size=2, hidden_size=3))
    asked = network_of(model)
    asked["weights"]["fc.bias"] = [0.0, 1e39]  # infinite as a float32
    found = engine.ask("broken", rate=rate, **asked)
    assert found["objection"] == objection(TrainingError("training_nan", epoch=2, step=1, rate=rate, advice=rate / 10))
    assert found["same"]


# A network that is taken out


@pytest.fixture(scope="module")
def trained(engine, tmp_path_factory):
    """Two trainings of some seconds, each with its moments and the folder that its zip file held."""
    found = {}
    for cell, task, length in (("lstm", "parity", 5), ("gru", "brackets", 6)):
        question = {"task": task, "cell": cell, "units": 9, "length": length, "learning_rate": 0.02, "watch": ""}
        answer = engine.ask("learn", question=question)
        folder = tmp_path_factory.mktemp("saved")
        zipfile.ZipFile(io.BytesIO(base64.b64decode(answer["zip"]))).extractall(folder)
        found[cell] = answer, folder / f"{task}-{cell}"
    return found


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_doctor_finds_nothing_wrong_with_a_network_that_the_browser_saved(trained, cell):
    findings = examine(trained[cell][1])
    assert {finding.state for finding in findings} == {"passed"}, [one for one in findings if one.state != "passed"]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_python_reads_with_a_saved_network_what_the_browser_showed(trained, cell):
    answer, folder = trained[cell]
    network, picture = load(folder), answer["moments"][-1]["picture"]
    trace = read(network, " ".join(picture["tokens"]))
    assert trace.tokens == tuple(picture["tokens"])
    assert list(trace.labels) == picture["labels"]
    assert trace.labels.index(trace.label) == picture["winner"]
    assert np.abs(trace.verdicts - np.array(picture["verdicts"])).max() < 6e-4  # three digits are sent
    assert trace.unknown.tolist() == picture["unknown"]
    values = trace.select("cell" if cell == "lstm" else "hidden")
    shown = np.frombuffer(base64.b64decode(picture["data"]), "<i2").reshape(picture["shape"])
    assert np.abs(shown * picture["signal"]["scale"] / 32767 - values).max() < 1e-4 * picture["signal"]["scale"]
    assert picture["signal"] == pytest.approx(picture_of(trace)["signal"], abs=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_saved_network_is_as_good_on_python_s_texts_as_the_browser_measured(trained, cell):
    answer, folder = trained[cell]
    network = load(folder)
    task, length = network.config.name.split("-")[0], 5 if cell == "lstm" else 6
    measured = evaluate(network, tasks.generate(task, rows=2_000, length=length, seed=9)).accuracy
    assert answer["scores"]["accuracy"] > 0.95
    assert abs(measured - answer["scores"]["accuracy"]) < 0.03
    assert network.scores["dev"] == answer["scores"]


# What the units do


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_saved_network_says_what_its_units_do_over_the_texts_that_it_learned(engine, trained, cell):
    folder = trained[cell][1]
    network = load(folder)
    task, length = network.config.name.split("-")[0], 5 if cell == "lstm" else 6
    texts = engine.ask("generate", task=task, rows=4_500, length=length, seed=0)["texts"][:4_000]
    check_units(json.loads((folder / "units.json").read_text(encoding="utf-8")), describe(network, texts))


@pytest.mark.parametrize("seed", range(12))
def test_what_units_do_is_found_as_in_python(engine, seed):
    random = np.random.default_rng(seed)
    network = checkpoint(
        ("lstm", "gru", "rnn")[seed % 3],
        1 + seed % 2,
        bool(random.integers(2)),
        hidden_size=int(random.integers(1, 9)),
        nonlinearity=("tanh", "relu")[random.integers(2)],
        seed=seed,
    )
    lengths = random.integers(0, 70, size=(1, 3, 80, 200)[seed % 4])
    texts = [" ".join(random.choice([*WORDS, "zyxwv"], size=length)) for length in lengths]
    words = list(network.vocabulary.words)
    found = engine.ask("units", texts=texts, vocabulary=words, **network_of(network.model))
    check_units(found, describe(network, texts))


def test_no_more_of_long_texts_is_read_than_somebody_waits_for(engine):
    network = checkpoint(hidden_size=2)
    texts = [" ".join(["good"] * 70)] * 400
    found = engine.ask("units", texts=texts, vocabulary=list(network.vocabulary.words), **network_of(network.model))
    assert (found["texts"], found["tokens"]) == (334, 20_000)  # 333 of 60 words, and 20 words of one more


def check_units(found, wanted):
    """Numbers may differ in the last of four digits, and words that do as much may change places."""
    assert found.keys() == wanted.keys()
    assert [found.get(key) for key in ("texts", "tokens", "quantiles")] == [
        wanted.get(key) for key in ("texts", "tokens", "quantiles")
    ]
    for layer, layer_wanted in zip(found.get("layers", []), wanted.get("layers", []), strict=True):
        assert list(layer) == list(layer_wanted)
        for direction, ours in layer_wanted.items():
            close(layer[direction], ours)


def close(found, wanted, key=""):
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys(), key
        for name, value in wanted.items():
            close(found[name], value, name)
    elif key in ("raised_by", "lowered_by"):
        for some, others in zip(found, wanted, strict=True):
            assert len(some) == len(others)
            assert len(set(some) & set(others)) >= 0.9 * len(others)
            assert some[:3] == others[:3]
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), key
        for one, other in zip(found, wanted, strict=True):
            close(one, other, key)
    elif wanted is None:
        assert found is None, key
    else:
        assert found == pytest.approx(wanted, abs=1.1e-4, rel=1e-4), key


def test_halves_are_numpy_s_bit_for_bit(engine):
    bits = np.arange(65_536, dtype=np.uint16)
    numbers = bits.view(np.float16)
    usual = bits[~np.isnan(numbers)]
    assert engine.ask("halves", bits=usual.tolist()) == usual.tolist()
    random = np.random.default_rng(0)
    finite = np.sort(numbers[np.isfinite(numbers)].astype(np.float64))
    halfway = (finite[:-1] + finite[1:]) / 2
    drawn = (random.standard_normal(5_000) * 10.0 ** random.integers(-9, 6, 5_000)).astype(np.float32)
    floats = np.concatenate([drawn, halfway])
    with np.errstate(over="ignore"):
        wanted = floats.astype(np.float16).view(np.uint16)
    assert engine.ask("rounded_halves", numbers=floats.tolist()) == wanted.tolist()


def test_shares_are_written_as_python_writes_them(engine):
    shares = [part / whole for whole in (1, 3, 7, 16, 32, 64, 500, 800, 4_096) for part in range(0, whole + 1)]
    for digits in (1, 2):
        assert engine.ask("percents", shares=shares, digits=digits) == [f"{share:.{digits}%}" for share in shares]
