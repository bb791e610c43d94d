"""A classifier of which the gradient is cut: as PyTorch does it, refused where it means nothing, and on the card."""

import json

import pytest
import torch

from rnnviz.data import tasks
from rnnviz.errors import TrainingError
from rnnviz.model import State
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from tests.builders import CELLS, separable
from tests.training.test_learner import TINY, learner_of


def cut(state: State) -> State:
    return tuple(one.detach() for one in state) if isinstance(state, tuple) else state.detach()


def texts(length=10):
    return tasks.generate("recall", rows=40, length=length)


def step_by_step(learner, batch, every):
    """The gradients of a batch's loss as a loop over tokens writes them, h = h.detach() before every so many."""
    model, material = learner.model, learner.material
    rows, state, outputs = model.embedding(torch.stack([material.ids[text] for text in batch])), None, []
    for t, x in enumerate(rows.unbind(1)):
        if t and t % every == 0:
            state = cut(state)
        output, state = model.rnn(x[:, None], state)
        outputs.append(output)
    states = torch.cat(outputs, dim=1)
    if learner.recipe.pooling == "mean":
        states = states.cumsum(1) / torch.arange(1, 11)[:, None]
    logits = model.fc(states if learner.recipe.every_token else states[:, -1])
    wanted = material.targets[batch]
    if learner.recipe.every_token:
        logits, wanted = logits.flatten(0, 1), wanted.repeat_interleave(10)
    loss = torch.nn.functional.cross_entropy(logits, wanted)
    (reach,) = torch.autograd.grad(loss, rows, retain_graph=True)
    model.zero_grad()
    loss.backward()
    return {name: one.grad.clone() for name, one in model.named_parameters()}, reach.norm(dim=2).sum(dim=0)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("every", [1, 3, 5, 9, 10, 12])
@pytest.mark.parametrize(
    "settings", [{}, {"layers": 2}, {"pooling": "mean"}, {"every_token": True}, {"reading": "padded"}]
)
def test_the_gradient_of_a_classifier_is_cut_as_a_loop_in_pytorch_cuts_it(cell, every, settings):
    learner = learner_of(texts(), cell=cell, detach=every, **settings)
    batch = [3, 1, 4, 15]
    learner.learn(batch)
    found = learner.reach()
    learner._gradient(batch)
    gradients = {name: one.grad.clone() for name, one in learner.model.named_parameters()}
    wanted, reach = step_by_step(learner, batch, every)
    for name, one in wanted.items():
        torch.testing.assert_close(gradients[name], one, msg=name)
    torch.testing.assert_close(torch.tensor(found), reach)


@pytest.mark.parametrize("every", [1, 3, 5, 9, 10, 60])
def test_no_gradient_at_all_comes_before_the_last_cut(every):
    learner = learner_of(texts(), detach=every)
    learner.learn([0, 1, 2])
    first = 9 // every * every  # of the tokens from 0 on, the first after the last cut
    assert [length == 0 for length in learner.reach()] == [token < first for token in range(10)]


def test_asking_how_far_the_gradient_reaches_changes_nothing_that_is_learned():
    recipe = Recipe(**TINY | {"epochs": 2, "word_dropout": 0.2, "dropout": 0.3})
    asked = [(moment.reach(), moment) for moment in train(separable(), recipe)]
    *_, plain = train(separable(), recipe)
    for name, one in plain.checkpoint.model.state_dict().items():
        assert torch.equal(one, asked[-1][1].checkpoint.model.state_dict()[name]), name


def test_recall_is_learned_only_where_letter_and_answer_lie_in_one_window():
    def right(every):
        recipe = Recipe(cell="gru", forget_bias=4, hidden_size=16, epochs=8, learning_rate=0.02, batch_tokens=256,
                        detach=every, device="cpu")  # fmt: skip
        *_, last = train(tasks.generate("recall", rows=800, length=8), recipe)
        return last.accuracy

    assert right(8) > 0.95
    assert right(7) < 0.4


def test_the_forward_pass_is_the_same_and_a_text_shorter_than_the_cut_learns_the_same():
    *_, plain = train(separable(), Recipe(**TINY))
    *_, cut_late = train(separable(), Recipe(**TINY, detach=100))
    for name, one in plain.checkpoint.model.state_dict().items():
        torch.testing.assert_close(one, cut_late.checkpoint.model.state_dict()[name], msg=name)
    learner = learner_of(detach=2)
    ids = torch.stack([learner.material.ids[0]])
    lengths = torch.tensor([ids.shape[1]])
    torch.testing.assert_close(learner.model(ids, lengths, detach=2), learner.model(ids, lengths))


def test_a_network_that_reads_both_ways_is_refused_in_words():
    with pytest.raises(TrainingError, match="reads both ways cannot be cut every so many tokens"):
        list(train(separable(), Recipe(**TINY, bidirectional=True, detach=3)))


def test_a_resumed_training_is_cut_as_before_and_one_with_another_cut_is_refused():
    wanted = Recipe(**TINY, detach=2)
    *_, whole = train(separable(), wanted)
    state = next(moment.state() for moment in train(separable(), wanted) if moment.checkpoint)
    *_, resumed = train(separable(), wanted, resume=state)
    for name, one in whole.checkpoint.model.state_dict().items():
        assert torch.equal(one, resumed.checkpoint.model.state_dict()[name]), name
    with pytest.raises(TrainingError, match="the recipe"):
        list(train(separable(), Recipe(**TINY), resume=state))


@pytest.mark.parametrize(("begun", "resumed"), [({}, {"detach": 128}), ({"detach": 128}, {})])
def test_a_cut_before_every_128_tokens_is_not_taken_for_none_where_a_training_is_resumed(begun, resumed):
    state = next(moment.state() for moment in train(separable(), Recipe(**TINY, **begun)) if moment.checkpoint)
    with pytest.raises(TrainingError, match="--detach differs"):
        list(train(separable(), Recipe(**TINY, **resumed), resume=state))


def test_a_recipe_that_says_nothing_of_it_is_written_as_before():
    """So that cards, fingerprints and states to resume from keep their bytes."""
    assert json.loads(Recipe().model_dump_json())["detach"] == Recipe().model_dump()["detach"] == 128
    assert Recipe(detach=5).model_dump()["detach"] == 5
    assert (Recipe(task="next").window, Recipe(task="next", detach=5).window) == (128, 5)
