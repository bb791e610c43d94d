"""One step of learning: a GPU's memory that is too small, half precision, and all that it takes to go on."""

import csv
import hashlib
import json
import sys

import numpy as np
import pytest
import safetensors.torch
import torch

from rnnviz import cli
from rnnviz.checkpoint.folder import load
from rnnviz.errors import TrainingError
from rnnviz.experiments.evaluation import evaluate
from rnnviz.model import RecurrentClassifier
from rnnviz.training import loop
from rnnviz.training.learner import Learner
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from rnnviz.training.sources import Sources
from tests.builders import CELLS, dataset, separable

TINY = {"hidden_size": 8, "embedding_size": 8, "epochs": 3, "batch_tokens": 48, "device": "cpu"}
NOISY = {"dropout": 0.3, "embedding_dropout": 0.3, "word_dropout": 0.2}
IN_PARTS = "The GPU's memory is too small for the batch: it is read in {} parts."
ON_THE_PROCESSOR = "The GPU's memory is too small even for one text: training goes on on the processor."


def learner_of(data=None, **settings):
    sources = Sources(data or separable(), (), (), None, None)
    recipe = Recipe(**TINY | settings)
    *_, run = loop._prepared(sources, recipe, name="x", title="", history={}, begun=0.0)
    run.learner.begin(1)
    return run.learner


def gradients(learner):
    return [parameter.grad.clone() for parameter in learner.model.parameters()]


def weights(learner):
    return {name: value.clone() for name, value in learner.model.state_dict().items()}


def alike(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


class Room:
    """Memory for so many texts at once: the network's forward pass fails when it is given more."""

    def __init__(self, learner, texts):
        self.learner, self.texts, self.read = learner, texts, []
        self.forward, learner.model.forward = learner.model.forward, self

    def __call__(self, rows, lengths, drawn, detach):
        self.read.append(len(rows))
        if len(rows) > self.texts:
            raise torch.OutOfMemoryError
        return self.forward(rows, lengths, drawn, detach)


# --- T58: the GPU's memory is too small ---


@pytest.mark.parametrize(("room", "parts"), [(10, 1), (9, 2), (5, 2), (3, 4), (1, 16)])
@pytest.mark.parametrize("settings", [{}, {"reading": "padded", "label_smoothing": 0.1}])
def test_a_batch_in_parts_has_the_gradient_of_the_whole_t58(room, parts, settings):
    batch = list(range(10)) if settings else [place for place, n in enumerate(lengths_of(separable())) if n == 3][:10]
    assert len(batch) == 10
    whole, cut = learner_of(**settings), learner_of(**settings)
    wanted = whole._fitting_gradient(batch)
    Room(cut, room)
    loss, right = cut._fitting_gradient(batch)
    assert cut.parts == parts
    assert loss == pytest.approx(wanted[0], rel=1e-6)
    assert right == wanted[1]
    torch.testing.assert_close(gradients(cut), gradients(whole), rtol=1e-5, atol=1e-7)


def lengths_of(data):
    return [len(text.split()) for text in data.texts]


@pytest.mark.parametrize("stage", ["forward", "backward"])
def test_what_was_added_before_the_memory_was_full_does_not_count_t58(stage):
    whole, cut = learner_of(reading="padded"), learner_of(reading="padded")
    cut.parts = 2
    calls = []

    def full_at_the_second_part(*given):
        calls.append(given)
        if len(calls) == 2:
            assert (
                cut.model.fc.bias.grad.any()
            )  # the first part's is there, and of the second one's backward a beginning
            raise torch.OutOfMemoryError

    if stage == "forward":
        cut.model.register_forward_pre_hook(full_at_the_second_part)
    else:
        cut.model.embedding.weight.register_hook(full_at_the_second_part)
    batch = list(range(8))
    wanted, found = whole._fitting_gradient(batch), cut._fitting_gradient(batch)
    assert len(calls) == 2 + 4  # two parts, then four
    assert found == pytest.approx(wanted)
    torch.testing.assert_close(gradients(cut), gradients(whole), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("texts", [1, 3])
def test_where_not_even_one_text_fits_training_goes_on_on_the_processor_with_its_moments_t58(texts):
    batches = [list(range(start, start + texts)) for start in range(0, 30, texts)]
    calm, moved = learner_of(reading="padded"), learner_of(reading="padded")
    for batch in batches[:5]:
        calm.learn(batch)
        moved.learn(batch)
    on_the_gpu = moved.optimiser

    def full(*given):
        if moved.optimiser is on_the_gpu:
            raise torch.OutOfMemoryError

    moved.model.register_forward_pre_hook(full)
    for batch in batches[5:]:
        calm.learn(batch)
        moved.learn(batch)
    assert moved.optimiser is not on_the_gpu
    assert moved.device == torch.device("cpu")
    assert moved.parts == 1  # the processor's memory is large
    assert moved.remark == ON_THE_PROCESSOR
    assert alike(weights(moved), weights(calm))


def test_another_error_is_not_taken_for_a_full_memory_t58():
    learner = learner_of()

    def broken(*given):
        raise RuntimeError("something else")

    learner.model.register_forward_pre_hook(broken)
    with pytest.raises(RuntimeError, match="something else"):
        learner.learn([0, 1])
    assert learner.parts == 1


@pytest.fixture
def small_gpu(monkeypatch):
    """In training, six texts are too many at once."""
    forward = RecurrentClassifier.forward

    def scarce(model, rows, lengths, dropped=None, detach=None):
        if model.training and len(rows) > 5:
            raise torch.OutOfMemoryError
        return forward(model, rows, lengths, dropped, detach)

    monkeypatch.setattr(RecurrentClassifier, "forward", scarce)


def test_it_is_said_in_one_moment_and_ends_where_it_would_have_ended_t58(monkeypatch, request):
    monkeypatch.setattr(loop, "_YIELD_SECONDS", 0.0)  # a moment after every batch
    settings, data = Recipe(**TINY | {"batch_tokens": 20, "epochs": 2}), separable(40)
    *_, calm = train(data, settings)
    request.getfixturevalue("small_gpu")
    moments = list(train(data, settings))
    assert [moment.remark for moment in moments if moment.remark] == [IN_PARTS.format(2)]
    assert moments[-1].loss == pytest.approx(calm.loss, rel=1e-4)
    for one, other in zip(moments[-1].checkpoint.model.parameters(), calm.checkpoint.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=2e-3, atol=1e-4)  # both rounded to float16


def test_it_is_said_once_on_the_terminal_t58(tmp_path, monkeypatch, capsys, small_gpu):
    data = separable(40)
    with (tmp_path / "data.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(data.texts, data.labels, strict=True)])
    given = ["--batch-tokens", "20", "--epochs", "2", "--hidden-size", "8", "--device", "cpu"]
    given = ["rnnviz", "train", str(tmp_path / "data.csv"), "--out", str(tmp_path / "out"), *given]
    monkeypatch.setattr(sys, "argv", given)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert capsys.readouterr().err.count(IN_PARTS.format(2)) == 1
    assert load(tmp_path / "out").config.training["epochs"] == 2


# --- half precision ---


@pytest.mark.parametrize("cell", CELLS)
def test_bfloat16_products_learn_and_leave_float32_weights(cell):
    settings = {"cell": cell, "pooling": "max+mean", "epochs": 8, "learning_rate": 0.03}
    ends = {}
    for precision in ("float32", "bfloat16"):
        *_, ends[precision] = train(separable(120), Recipe(**TINY | settings, precision=precision))
    found = ends["bfloat16"].checkpoint
    assert evaluate(found, separable(60, seed=1)).accuracy == 1.0
    assert {value.dtype for value in found.model.state_dict().values()} == {torch.float32}
    assert ends["bfloat16"].loss != ends["float32"].loss
    learner = learner_of(**settings, precision="bfloat16")
    learner.learn([0, 2])
    held = [*gradients(learner), *weights(learner).values(), *learner.optimiser.state_dict()["state"][0].values()]
    assert {value.dtype for value in held} == {torch.float32}


# --- going on ---


ORIGIN = {"the recipe": {"epochs": 3}, "the data": ["hash", 7, ("good", "bad")]}


def steps(learner, count=4):
    for start in range(count):
        learner.learn([start, start + 10, start + 20])


def test_everything_comes_back_and_the_next_steps_are_the_same_bit_by_bit():
    first = learner_of(reading="padded", **NOISY)
    steps(first)
    first.begin(2)
    steps(first)
    first.finished = 1
    state = first.state(ORIGIN, seconds=12.5)
    again = learner_of(reading="padded", **NOISY)
    steps(again, 2)  # whatever it was before
    torch.rand(3)
    again.restore(state, ORIGIN)
    for name in ("epoch", "finished", "step", "texts", "loss", "right", "seen"):
        assert getattr(again, name) == getattr(first, name), name
    assert (again.epoch, again.finished, again.step, again.texts, again.seen) == (2, 1, 8, 24, 12)
    assert again.seconds == 12.5
    assert alike(weights(again), weights(first))
    for one, other in zip(*(run.optimiser.state_dict()["state"].values() for run in (again, first)), strict=True):
        assert set(one) == {"step", "exp_avg", "exp_avg_sq"}
        assert alike(one, other)
    steps(first)
    torch.rand(3)  # which is nobody's business
    again.restore(state, ORIGIN)
    steps(again)
    assert alike(weights(again), weights(first))
    assert (again.loss, again.right, again.learning_rate) == (first.loss, first.right, first.learning_rate)


def test_what_had_not_taken_a_step_goes_on_too():
    first, again = learner_of(), learner_of(seed=1)
    again.restore(first.state(ORIGIN, 0.0), ORIGIN)
    steps(first)
    steps(again)
    assert alike(weights(again), weights(first))


@pytest.mark.parametrize(
    ("origin", "what"),
    [
        (ORIGIN | {"the recipe": {"epochs": 4}}, "the recipe"),
        (ORIGIN | {"the data": ["hash", 7, ("good",)]}, "the data"),
        ({"the recipe": 1, "the data": 2}, "the recipe and the data"),
    ],
)
def test_what_was_begun_with_something_else_is_refused_and_nothing_changes(origin, what):
    learner = learner_of()
    steps(learner)
    state = learner.state(ORIGIN, 0.0)
    steps(learner)
    before = weights(learner)
    with pytest.raises(TrainingError) as caught:
        learner.restore(state, origin)
    assert str(caught.value) == (
        f"The unfinished run was begun with something else: {what} differs.\n"
        "Go on with its own command and --resume, or begin again with --no-resume."
    )
    assert alike(weights(learner), before)
    assert learner.step == 8


def test_every_damaged_byte_and_every_missing_end_is_noticed():
    learner = learner_of()
    steps(learner)
    state = learner.state(ORIGIN, 0.0)
    before = weights(learner)
    places = np.random.default_rng(0).integers(len(state), size=60).tolist()
    damaged = [state[:place] + bytes([state[place] ^ 1]) + state[place + 1 :] for place in (0, 31, 32, 40, *places)]
    for bad in (b"", b"x", *damaged, *(state[:place] for place in (31, 32, 33, *places)), state + b"\0"):
        with pytest.raises(TrainingError) as caught:
            learner.restore(bad, ORIGIN)
        assert str(caught.value) == "The saved state of the run cannot be read.\nBegin it again with --no-resume."
    assert alike(weights(learner), before)


def made_up(state, spoil):
    """A state that somebody changed, with the hash that goes with it."""
    tensors = safetensors.torch.load(state[32:])
    counts = json.loads(bytes(tensors["counts"].numpy()))
    spoil(tensors, counts)
    tensors["counts"] = torch.frombuffer(bytearray(json.dumps(counts).encode()), dtype=torch.uint8)
    whole = safetensors.torch.save(tensors)
    return hashlib.sha256(whole).digest() + whole


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tensors, counts: tensors.pop("model.fc.bias"),
        lambda tensors, counts: tensors.update({"model.fc.bias": torch.zeros(99)}),
        lambda tensors, counts: tensors.pop("random"),
        lambda tensors, counts: tensors.update(random=torch.zeros(3)),
        lambda tensors, counts: tensors.pop("adam.0.exp_avg"),
        lambda tensors, counts: tensors.update({"adam.0.exp_avg": torch.zeros(1, 1, 1)}),
        lambda tensors, counts: tensors.update({"adam.0.step": torch.zeros(2)}),
        lambda tensors, counts: counts.pop("step"),
        lambda tensors, counts: counts.update(step="8"),
        lambda tensors, counts: counts.update(epoch=1.5),
        lambda tensors, counts: counts.update(seconds=None),
    ],
)
def test_a_made_up_state_with_the_right_hash_is_refused_in_a_sentence(spoil):
    learner = learner_of()
    steps(learner)
    state = learner.state(ORIGIN, 0.0)
    learner.restore(made_up(state, lambda tensors, counts: None), ORIGIN)  # the way it is made up is not what is wrong
    with pytest.raises(TrainingError) as caught:
        learner.restore(made_up(state, spoil), ORIGIN)
    assert str(caught.value) == "The saved state of the run cannot be read.\nBegin it again with --no-resume."


def test_a_learner_answers_for_its_texts_alone():
    """The mark by which processes recognise that they learn the same."""
    data = separable()
    other = dataset([*data.texts[:-1], "bad bad"], data.labels)
    marks = [
        learner_of()._fingerprint(),
        learner_of(data)._fingerprint(),
        learner_of(other)._fingerprint(),
        learner_of(seed=1)._fingerprint(),
    ]
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3
    assert all(0 <= mark < 2**32 for mark in marks)
    assert isinstance(learner_of(), Learner)
