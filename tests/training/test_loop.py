"""Training: it learns, it is repeatable, it reports as it goes, and it says what is wrong."""

import itertools
import math
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch.nn.utils.rnn import pad_sequence

from rnnviz.checkpoint.folder import load
from rnnviz.data.text import PADDING_ID, UNKNOWN_ID, WordVectors
from rnnviz.errors import DataError, TextError, TrainingError
from rnnviz.experiments.evaluation import evaluate, finished
from rnnviz.model import ModelConfig
from rnnviz.reading import read
from rnnviz.training import learner, loop, setup
from rnnviz.training.learner import Learner
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from rnnviz.training.setup import UNLABELLED
from rnnviz.training.sources import Sources
from tests.builders import CELLS, POOLINGS, checkpoint, dataset, separable

TINY = {"hidden_size": 8, "embedding_size": 8, "epochs": 3, "batch_tokens": 24, "device": "cpu"}

UNKNOWN_WORDS = pytest.mark.filterwarnings("ignore::rnnviz.errors.DataWarning")
"""These texts are so few that it is said that they hardly meet the vocabulary; tests/training/test_noticed.py looks."""


def recipe(**settings):
    return Recipe(**TINY | settings)


def last(*arguments, **options):
    return list(train(*arguments, **options))[-1]


def weights_of(found):
    return {name: value.numpy() for name, value in found.model.state_dict().items()}


# --- it learns ---


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_set_that_one_word_decides_is_learned_by_every_cell_and_pooling(cell, pooling):
    data = separable(120)
    settings = recipe(cell=cell, pooling=pooling, epochs=8, learning_rate=0.03, bidirectional=pooling == "mean")
    ends = [moment for moment in train(data, settings) if moment.checkpoint]
    assert ends[-1].loss < ends[0].loss / 4
    assert ends[-1].accuracy == 1.0
    assert evaluate(ends[-1].checkpoint, separable(60, seed=1)).accuracy == 1.0


def test_the_lessons_padded_reading_learns_too():
    found = last(separable(120), recipe(cell="rnn", pooling="mean", reading="padded", epochs=10, learning_rate=0.02))
    assert found.accuracy > 0.95
    assert found.checkpoint.config.model.reading == "padded"


# --- it is repeatable ---


def bytes_of(folder, data, settings, **options):
    last(data, settings, **options).checkpoint.save_pretrained(folder)
    return (folder / "model.safetensors").read_bytes()


NOISY = {"dropout": 0.3, "embedding_dropout": 0.3, "word_dropout": 0.2, "label_smoothing": 0.1}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others_t64(tmp_path):
    data = separable()
    first = bytes_of(tmp_path / "first", data, recipe(**NOISY))
    torch.rand(5)
    np.random.default_rng().random()
    assert bytes_of(tmp_path / "second", data, recipe(**NOISY)) == first
    assert bytes_of(tmp_path / "other", data, recipe(**NOISY, seed=1)) != first


def test_whatever_others_draw_load_or_train_meanwhile_the_bytes_are_the_same_t64(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_YIELD_SECONDS", -1.0)  # a moment after every piece of work
    data = separable()
    first = bytes_of(tmp_path / "first", data, recipe(**NOISY))
    found = None
    for one, other in itertools.zip_longest(train(data, recipe(**NOISY)), train(data, recipe(**NOISY, seed=1))):
        torch.rand(1)
        load(tmp_path / "first")
        assert other
        found = one or found
    found.checkpoint.save_pretrained(tmp_path / "second")
    assert (tmp_path / "second" / "model.safetensors").read_bytes() == first


def test_a_training_draws_nothing_from_the_global_generator_t64():
    before = torch.get_rng_state()
    last(separable(), recipe(**NOISY))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_seed_decides_the_first_weights_too():
    one, same, other = (learner_of(recipe(seed=seed)).model.fc.weight.detach() for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_watching_a_sentence_and_measuring_change_nothing_of_what_is_learned_t64(tmp_path, monkeypatch):
    data = separable()
    first = bytes_of(tmp_path / "first", data, recipe(**NOISY))
    monkeypatch.setattr(loop, "_YIELD_SECONDS", 0.0)  # a moment after every batch
    watched = bytes_of(tmp_path / "second", data, recipe(**NOISY), watch="the good film", dev=separable(9))
    assert watched == first


# --- it reports as it goes ---


class Clock:
    """A clock that each look at it moves on."""

    def __init__(self, tick):
        self.now, self.tick = 0.0, tick

    def __call__(self):
        self.now += self.tick
        return self.now


def test_moments_come_at_least_every_half_second_whatever_a_batch_takes(monkeypatch):
    clock = Clock(0.0)
    monkeypatch.setattr(loop.time, "monotonic", clock)
    step = Learner.learn

    def slow(run, batch):
        clock.now += 0.09
        return step(run, batch)

    monkeypatch.setattr(Learner, "learn", slow)
    moments = list(train(separable(200), recipe(epochs=2)))
    seconds = [0.0, *(moment.seconds for moment in moments)]
    assert len(moments) > 10
    assert max(after - before for before, after in pairwise(seconds)) <= 0.5


def test_a_moment_follows_each_piece_of_work_at_an_epochs_end_when_they_are_slow(monkeypatch):
    monkeypatch.setattr(loop, "_YIELD_SECONDS", -1.0)
    found = list(train(separable(), recipe(epochs=1)))
    steps = found[-1].step
    assert found[0].epoch == 0  # while the texts are cut into tokens
    learning = found[1:]
    assert all(moment.epoch == 1 for moment in learning)
    assert len(learning) == steps + 2 + 1  # after each batch, in describing the texts and the layer, and at the end
    assert [moment.checkpoint is None for moment in learning] == [True] * (steps + 2) + [False]


def test_progress_only_grows_and_ends_at_one(monkeypatch):
    monkeypatch.setattr(loop.time, "monotonic", Clock(0.1))
    found = list(train(separable(200), recipe(epochs=3)))
    for name in ("epoch", "step", "fraction", "seconds"):
        values = [getattr(moment, name) for moment in found]
        assert values == sorted(values)
    assert found[-1].fraction == 1.0
    assert {moment.epoch for moment in found} == {1, 2, 3}
    assert all(moment.fraction == moment.step / found[-1].step for moment in found)
    assert all(moment.loss > 0 and 0 <= moment.accuracy <= 1 for moment in found)


def test_a_checkpoint_comes_at_each_epochs_end_and_only_there():
    found = list(train(separable(), recipe(epochs=3), name="mine", title="My title"))
    kept = [moment for moment in found if moment.checkpoint]
    assert [moment.epoch for moment in kept] == [1, 2, 3]
    assert [moment.step for moment in kept] == [found[-1].step * part // 3 for part in (1, 2, 3)]
    assert [moment.checkpoint.config.training["epochs"] for moment in kept] == [1, 2, 3]
    assert kept[0].checkpoint.config.name == "mine"
    assert kept[0].checkpoint.config.title == "My title"
    before, after = (weights_of(moment.checkpoint)["fc.weight"] for moment in kept[:2])
    assert not np.array_equal(before, after)  # the first is a copy, not the network that learns on


def test_loss_and_accuracy_are_the_means_over_the_epochs_texts(monkeypatch):
    steps, step = [], Learner._gradient

    def noted(run, batch):
        found = step(run, batch)
        steps.append((run.epoch, len(batch), *found))
        return found

    monkeypatch.setattr(Learner, "_gradient", noted)
    ends = [moment for moment in train(separable(), recipe(epochs=2)) if moment.checkpoint]
    for moment in ends:
        own = [(texts, loss, right) for epoch, texts, loss, right in steps if epoch == moment.epoch]
        assert sum(texts for texts, _, _ in own) == 60
        assert moment.loss == pytest.approx(sum(texts * loss for texts, loss, _ in own) / 60)
        assert moment.accuracy == pytest.approx(sum(right for _, _, right in own) / 60)


def test_the_watched_sentence_is_read_by_the_network_as_it_stands(monkeypatch):
    monkeypatch.setattr(loop, "_YIELD_SECONDS", 0.0)
    found = [moment for moment in train(separable(), recipe(), watch="The good film") if moment.epoch]
    assert all(moment.trace.tokens == ("the", "good", "film") for moment in found)
    assert all(moment.trace.replay_error < 1e-5 for moment in found)
    answers = [moment.trace.verdicts[-1].tolist() for moment in found]
    assert answers[0] != answers[-1]
    for moment in found:
        if moment.checkpoint:
            assert moment.trace.verdicts == pytest.approx(read(moment.checkpoint, "The good film").verdicts)
    assert all(moment.trace is None for moment in train(separable(), recipe(epochs=1)))


def test_the_development_set_is_measured_at_each_epochs_end():
    dev = separable(30, seed=5)
    for moment in train(separable(), recipe(), dev=dev):
        if moment.checkpoint:
            assert moment.checkpoint.scores == {"dev": evaluate(moment.checkpoint, dev).to_dict()}
    assert last(separable(), recipe(epochs=1)).checkpoint.scores == {}


def test_the_checkpoint_says_how_it_was_made_and_survives_saving(tmp_path):
    data, settings = separable(), recipe(seed=3)
    found = last(data, settings, dev=data, history={"command": "by hand", "notes": ["a note"]}).checkpoint
    history = found.config.training
    assert history["recipe"] == settings.model_dump()
    assert history["seed"] == 3
    assert history["texts"] == 60
    assert history["data_sha256"] == data.sha256()
    assert history["command"] == "by hand"
    assert history["versions"]["torch"] == torch.__version__
    assert found.labels == ("negative", "positive")
    assert found.units["texts"] == 60
    found.save_pretrained(tmp_path / "run")
    loaded = load(tmp_path / "run")
    assert np.array_equal(read(loaded, "the good film").verdicts, read(found, "the good film").verdicts)


# --- batches ---


def ids_of(lengths):
    return [torch.full((length,), 2) for length in lengths]


def test_batches_hold_each_text_once_all_of_one_length_within_their_room():
    lengths = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 30, 1, 1, 1, 1]
    batches = list(setup.batches_of(ids_of(lengths), recipe(batch_tokens=10), np.random.default_rng(0)))
    assert sorted(text for batch in batches for text in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[text] for text in batch}) == 1
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= 10
    ones = [len(batch) for batch in batches if lengths[batch[0]] == 1]
    assert ones == [6]


def test_batches_of_a_padded_reading_are_sixteen_texts_of_any_length():
    lengths = list(range(1, 41))
    batches = list(setup.batches_of(ids_of(lengths), recipe(reading="padded"), np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [16, 16, 8]
    assert sorted(text for batch in batches for text in batch) == list(range(40))
    assert len({lengths[text] for text in batches[0]}) == 16


def test_every_epoch_and_every_seed_puts_other_texts_together_in_another_order():
    texts = ids_of([1, 2, 3] * 40)

    def order_and_company(random):
        batches = list(setup.batches_of(texts, recipe(), random))
        return [len(texts[batch[0]]) for batch in batches], {frozenset(batch) for batch in batches}

    first = np.random.default_rng(0)
    one, next_epoch = order_and_company(first), order_and_company(first)
    other_seed = order_and_company(np.random.default_rng(1))
    assert one[0] != next_epoch[0]
    assert one[0] != other_seed[0]
    assert one[1] != next_epoch[1]
    assert one[1] != other_seed[1]
    assert order_and_company(np.random.default_rng(0)) == one


# --- a step ---


def test_the_learning_rate_rises_over_the_warm_up_and_falls_in_a_straight_line(monkeypatch):
    monkeypatch.setattr(loop, "_YIELD_SECONDS", -1.0)
    data = dataset(["good film"] * 10 + ["bad film"] * 10, [1] * 10 + [0] * 10)
    settings = recipe(batch_tokens=2, epochs=1, warmup=0.2, learning_rate=0.01)
    rates = {moment.step: moment.learning_rate for moment in train(data, settings)}
    rise = [0.01 * step / 4 for step in range(1, 5)]  # 20 steps, 4 of warm-up
    fall = [0.01 * (20 - step) / 16 for step in range(4, 20)]
    assert [rates[step] for step in range(1, 21)] == pytest.approx(rise + fall)


@pytest.mark.parametrize(("warmup", "wanted"), [(0.0, [1.0, 1.0, 2 / 3, 1 / 3]), (0.99, [0.25, 0.5, 0.75, 1.0])])
def test_the_learning_rate_is_never_zero_nor_above_its_peak(warmup, wanted):
    warm = max(1, round(4 * warmup))
    assert [learner._share(step, warm, 4) for step in range(4)] == pytest.approx(wanted)
    assert learner._share(0, 1, 1) == 1.0


def run_of(settings, data=None, vectors=None, start=None):
    sources = Sources(data or separable(), (), (), vectors, start)
    *_, run = loop._prepared(sources, settings, name="x", title="", history={}, begun=0.0)
    run.learner.begin(1)
    return run


def learner_of(settings, data=None):
    return run_of(settings, data).learner


def test_a_gradient_longer_than_the_clip_is_cut_to_it_and_a_shorter_one_is_left():
    lengths = {}
    for clip in (1e-3, 1e6):
        run = learner_of(recipe(clip=clip))
        run.learn([0])
        lengths[clip] = math.sqrt(sum(float((value.grad**2).sum()) for value in run.model.parameters()))
    assert lengths[1e-3] == pytest.approx(1e-3, rel=1e-3)
    assert lengths[1e6] > 1e-2


def test_a_step_goes_down_the_gradient_of_the_cross_entropy():
    run = learner_of(recipe(clip=1e6))
    run.learn([0])  # whose gradient must not add to the next one
    model = run.model
    batch = [place for place, ids in enumerate(run.material.ids) if len(ids) == len(run.material.ids[0])]
    rows, lengths = (
        pad_sequence([run.material.ids[place] for place in batch], True),
        torch.tensor([len(run.material.ids[0])] * len(batch)),
    )
    logits = model(rows, lengths)
    shares = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    loss = -shares[torch.arange(len(batch)), run.material.targets[batch]].log().mean()
    wanted = torch.autograd.grad(loss, list(model.parameters()))
    found, right = run._gradient(batch)
    assert found == pytest.approx(loss.item(), rel=1e-5)
    assert right == int((logits.argmax(dim=1) == run.material.targets[batch]).sum())
    for parameter, gradient in zip(model.parameters(), wanted, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


@pytest.mark.parametrize("name", ["dropout", "embedding_dropout", "word_dropout", "label_smoothing"])
def test_what_makes_learning_harder_is_on_while_it_learns(name):
    plain, harder = (last(separable(), recipe(epochs=1, **given)) for given in ({}, {name: 0.5}))
    assert not np.array_equal(weights_of(plain.checkpoint)["fc.weight"], weights_of(harder.checkpoint)["fc.weight"])
    assert not harder.checkpoint.model.training


def seen_rows(monkeypatch, settings, data):
    """The ids that reach the network in training, all in one row a text."""
    rows, run = [], learner_of(settings, data)
    forward = run.model.forward
    run.model.forward = lambda ids, lengths, *dropped: rows.extend(ids.tolist()) or forward(ids, lengths, *dropped)
    for _ in range(20):
        run.learn(list(range(len(data))))
    return np.array(rows)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_word_dropout_reads_that_share_of_words_as_unknown(monkeypatch, share):
    data = dataset(["the good film was all good"] * 16 + ["the bad film was all bad"] * 4, [1] * 16 + [0] * 4)
    rows = seen_rows(monkeypatch, recipe(word_dropout=share), data)
    assert rows.shape == (400, 6)
    assert (rows == UNKNOWN_ID).mean() == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize(("way_of_reading", "filling"), [("padded", UNKNOWN_ID), ("packed", PADDING_ID)])
def test_short_texts_of_a_batch_are_filled_with_the_networks_padding_entry(monkeypatch, way_of_reading, filling):
    data = dataset(["good", "bad bad bad"], [1, 0])
    rows = seen_rows(monkeypatch, recipe(reading=way_of_reading), data)
    assert rows[0, 1:].tolist() == [filling] * 2
    assert (rows[1] > 1).all()


# --- what it starts from ---


@UNKNOWN_WORDS
def test_words_with_a_vector_start_from_it_and_others_do_not():
    vectors = WordVectors({"good": 0, "film": 1, "never seen": 2}, np.arange(24, dtype=np.float32).reshape(3, 8))
    run = run_of(recipe(), vectors=vectors)
    table = run.learner.model.embedding.weight.detach().numpy()
    for word, row in (("good", 0), ("film", 1), ("never seen", 2)):
        assert np.array_equal(table[run.vocabulary.words.index(word)], vectors.vectors[row])
    assert np.abs(table[run.vocabulary.words.index("bad")]).max() < 1
    assert not table[PADDING_ID].any()


@UNKNOWN_WORDS
def test_vectors_of_another_width_say_which_width_to_ask_for():
    vectors = WordVectors({"good": 0}, np.zeros((1, 50), dtype=np.float32))
    with pytest.raises(DataError) as caught:
        last(separable(), recipe(), vectors=vectors)
    assert str(caught.value) == "The vectors have 50 dimensions but embedding_size is 8.\nSet embedding_size=50."


@pytest.mark.parametrize("cell", CELLS)
def test_a_training_that_goes_on_starts_where_the_other_one_ended(cell):
    first = last(separable(), recipe(cell=cell, bidirectional=True)).checkpoint
    first.model.embedding.weight.data[UNKNOWN_ID] += 1.0
    more = dataset(["a truly good film", "a bad story", "good", "bad"], [1, 0, 1, 0])
    run = run_of(recipe(cell=cell, bidirectional=True), more, start=first)
    found = run.checkpoint()
    for text in ("the good film", "bad", "film was good at all zzz"):
        known = [word for word in text.split() if word in found.vocabulary]
        again = " ".join([*known, "zzz"])  # and the unknown word means what it meant
        assert read(found, again).verdicts == pytest.approx(read(first, again).verdicts, abs=1e-3)
    assert "story" in found.vocabulary


def test_going_on_from_a_trained_classifier_begins_with_its_loss():
    settings = recipe(epochs=6, learning_rate=0.03)
    first = last(separable(), settings).checkpoint
    fresh, further = (
        next(iter(train(separable(), recipe(epochs=1, learning_rate=1e-6), start=start))).loss
        for start in (None, first)
    )
    assert further < 0.3 * fresh


@pytest.mark.parametrize(
    "other",
    [
        {"cell": "gru"},
        {"layers": 2},
        {"bidirectional": True},
        {"hidden_size": 9},
        {"embedding_size": 9},
        {"pooling": "mean"},
        {"pooling": "max+mean"},
        {"cell": "rnn"},
    ],
)
def test_another_shape_than_the_start_is_refused(other):
    start = checkpoint(hidden_size=8, embedding_size=8, name="earlier")
    with pytest.raises(TrainingError) as caught:
        last(separable(), recipe(**other), start=start)
    assert str(caught.value) == (
        "earlier has another shape than the recipe, so training cannot go on from it.\nUse its settings."
    )


def test_a_relu_network_does_not_go_on_from_a_tanh_one():
    start = checkpoint("rnn", hidden_size=8, embedding_size=8)
    with pytest.raises(TrainingError, match="another shape"):
        last(separable(), recipe(cell="rnn", nonlinearity="relu"), start=start)


def test_a_start_with_other_classes_is_refused():
    start = checkpoint(hidden_size=8, embedding_size=8, labels=("World", "Sports", "Business"))
    with pytest.raises(DataError, match="has the classes negative, positive, but the classifier answers World, Sports"):
        last(separable(), recipe(), start=start)


# --- what it reads ---


def pieces_of(data, settings):
    return finished(setup.all_pieces(Sources(data, (), (), None, None), settings))


def test_long_texts_are_cut_or_taken_in_pieces_with_their_label():
    data = dataset(["one two three four five", "six"], [1, 0])
    cut = pieces_of(data, recipe(most_tokens=2))
    assert cut[0] == [["one", "two"], ["six"]]
    assert cut[1].tolist() == [1, 0]
    pieces = pieces_of(data, recipe(most_tokens=2, pieces=2))
    assert pieces[0] == [["one", "two"], ["three", "four"], ["six"]]
    assert pieces[1].tolist() == [1, 1, 0]
    assert pieces_of(data, recipe(most_tokens=2, pieces=9))[0][2] == ["five"]


@UNKNOWN_WORDS
def test_the_vocabulary_is_capped_and_rare_words_are_unknown():
    found = last(separable(), recipe(epochs=1, vocabulary_size=3)).checkpoint
    assert len(found.vocabulary) == 5
    rare = dataset(["good good", "bad bad", "once good", "bad"], [1, 0, 1, 0])
    assert last(rare, recipe(epochs=1, min_freq=2)).checkpoint.vocabulary.words[2:] == ("bad", "good")


@pytest.mark.parametrize("way_of_reading", ["packed", "padded"])
def test_texts_without_a_token_are_read_as_one_unknown_word(way_of_reading):
    data = dataset(["good film", "", " ", "bad"], [1, 0, 1, 0])
    run = learner_of(recipe(reading=way_of_reading), data)
    assert [ids.tolist() for ids in run.material.ids[1:3]] == [[UNKNOWN_ID]] * 2
    assert last(data, recipe(reading=way_of_reading)).checkpoint.units["texts"] == 2


def test_a_set_of_nothing_but_empty_texts_trains_and_describes_nothing():
    found = last(dataset(["", " "], [0, 1]), recipe(epochs=1)).checkpoint
    assert found.units == {}
    assert len(found.vocabulary) == 2


def test_one_text_is_enough():
    assert last(dataset(["good"], [1]), recipe(epochs=2)).step == 2


def test_a_set_without_rows_or_with_one_class_is_refused():
    with pytest.raises(DataError) as caught:
        last(dataset([], []), recipe())
    assert str(caught.value) == "tiny holds no rows.\nIt needs a header line and at least two classes."
    with pytest.raises(DataError) as caught:
        last(dataset(["a"], [0], ("only",)), recipe())
    assert str(caught.value).startswith("tiny has one class, 'only': there is nothing to tell apart.")


def test_a_development_set_with_other_classes_is_refused():
    with pytest.raises(DataError, match="has the classes a, b, c"):
        last(separable(), recipe(epochs=1), dev=dataset(["x"], [2], ("a", "b", "c")))


def test_a_watched_sentence_without_a_word_is_refused():
    with pytest.raises(TextError, match="Type a sentence"):
        last(separable(), recipe(), watch=" ")


# --- what goes wrong ---


def test_a_loss_that_is_no_number_stops_with_advice_t59():
    moments = train(separable(), recipe(cell="rnn", nonlinearity="relu", learning_rate=1e30))
    with pytest.raises(TrainingError) as caught:
        list(moments)
    assert isinstance(caught.value, RuntimeError)
    what, advice = str(caught.value).split("\n")
    assert re.fullmatch(r"The loss stopped being a number in epoch 1, step [23]\.", what)
    assert advice == "Begin again with a learning rate below 1e+30, for example 1e+29."


@pytest.mark.parametrize("name", ["fc.weight", "embedding.weight"])
def test_the_step_that_fails_changes_no_weight_t59(name):
    run = learner_of(recipe())
    run.learn([0])
    dict(run.model.named_parameters())[name].data[:, 0] = math.inf
    before = {key: value.clone() for key, value in run.model.state_dict().items()}
    with pytest.raises(TrainingError, match="stopped being a number in epoch 1, step 2"):
        run.learn([1])
    assert all(torch.equal(value, before[key]) for key, value in run.model.state_dict().items())


def test_a_gradient_that_is_no_number_stops_too_even_if_the_loss_is_one_t59(monkeypatch):
    run = learner_of(recipe())
    honest = torch.nn.utils.clip_grad_norm_

    def infinite(parameters, clip):
        parameters = list(parameters)
        parameters[0].grad.fill_(math.inf)
        return honest(parameters, clip)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", infinite)
    with pytest.raises(TrainingError, match="step 1"):
        run.learn([0])
    assert all(value.isfinite().all() for value in run.model.state_dict().values())


def test_the_epochs_before_a_failure_have_been_handed_over_t59(monkeypatch):
    step = Learner.learn

    def failing(run, batch):
        if run.epoch == 2:
            run.model.fc.weight.data[:] = math.nan
        return step(run, batch)

    monkeypatch.setattr(Learner, "learn", failing)
    kept = []

    def follow():
        for moment in train(separable(), recipe()):
            kept.extend([moment.checkpoint] if moment.checkpoint else [])

    with pytest.raises(TrainingError, match="in epoch 2, step"):
        follow()
    (first,) = kept
    assert all(np.isfinite(value).all() for value in weights_of(first).values())


def test_a_gpu_that_is_not_there_is_said_at_once(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError) as caught:
        last(separable(), recipe(device="cuda"))
    assert str(caught.value) == "There is no CUDA device here.\nUse --device cpu or --device auto."
    assert setup.device_of("auto") == torch.device("cpu")


def test_the_gpu_is_taken_when_it_is_there_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert setup.device_of("auto") == setup.device_of("cuda") == torch.device("cuda", 0)
    assert setup.device_of("cpu") == torch.device("cpu")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("embedding_size", 4096),
        ("hidden_size", 0),
        ("layers", 17),
        ("forget_bias", 100.0),
        ("vocabulary_size", 10**6),
        ("learning_rate", 0.0),
        ("learning_rate", math.inf),
        ("learning_rate", math.nan),
        ("dropout", 1.0),
        ("epochs", 0),
        ("seed", -1),
        ("seed", 2**70),
        ("cell", "cnn"),
        ("colour", "red"),
    ],
)
def test_a_recipe_out_of_bounds_is_refused_before_anything_is_read(name, value):
    with pytest.raises(ValidationError) as caught:
        recipe(**{name: value})
    assert [error["loc"] for error in caught.value.errors()] == [(name,)]


def test_every_recipe_makes_a_network_that_a_checkpoint_may_have():
    """The bounds of the recipe are those of the network: what can be trained can be loaded again."""
    both = ModelConfig.model_fields.keys() & Recipe.model_fields.keys()
    assert both == ModelConfig.model_fields.keys() - {
        "classes",
        "learned_start",
        "squash",
        "inner_size",
        "inner_squash",
    }
    for name in both - {"vocabulary_size"}:
        assert Recipe.model_fields[name].metadata == ModelConfig.model_fields[name].metadata, name


# --- cuts for teachers ---


def test_crops_are_cuts_of_the_texts_and_only_the_teachers_say_what_they_are():
    teacher = last(separable(), recipe()).checkpoint
    data = dataset(["one two three four five six seven eight nine ten", "", "a"], [1, 0, 0])
    sources = Sources(data, (), (teacher,), None, None)
    tokens, labels = finished(setup.all_pieces(sources, recipe(crops=40)))
    assert labels.tolist() == [1, 0, 0] + [UNLABELLED] * 120
    whole, cuts = tokens[0], tokens[3:43]
    assert {len(cut) for cut in cuts} == set(range(3, 11))
    assert all(any(cut == whole[start : start + len(cut)] for start in range(11)) for cut in cuts)
    assert len({cut[0] for cut in cuts}) > 5
    assert tokens[43:83] == [[]] * 40
    assert all(cut in ([], ["a"]) for cut in tokens[83:])


def test_crops_without_a_teacher_are_refused():
    with pytest.raises(DataError, match="Unlabelled texts need somebody"):
        last(separable(), recipe(crops=1))
