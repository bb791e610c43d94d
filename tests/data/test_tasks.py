"""Generated tasks: every label is worked out again here, from the text alone, by plain Python."""

import re

import numpy as np
import pytest

from rnnviz.data import tasks
from rnnviz.data.tasks import TASKS, generate
from rnnviz.data.text import tokenise
from rnnviz.errors import DataError, SelectionError
from rnnviz.experiments import negation

GOOD = {"good", "great", "lovely", "clever", "funny", "fresh", "warm", "bright", "fine", "strong"}
BAD = {"bad", "awful", "boring", "stupid", "dull", "stale", "cold", "weak", "poor", "ugly"}
NEGATIONS = {"not", "never", "hardly"}


def labelled(task: str, **settings: int) -> list[tuple[list[str], str]]:
    dataset = generate(task, **settings)
    return [(text.split(), dataset.classes[label]) for text, label in zip(dataset.texts, dataset.labels, strict=True)]


def depth_at_the_end(tokens: list[str]) -> int:
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}[token]
        assert depth >= 0, "a bracket closes what is not open"
    return depth


def meaning(text: str) -> str:
    """What the last clause says: its last word, turned round once for every negation in it."""
    clause = text.split(" but ")[-1].split()
    positive = clause[-1] in GOOD
    assert positive != (clause[-1] in BAD)
    for word in clause:
        if word in NEGATIONS:
            positive = not positive
    return "positive" if positive else "negative"


@pytest.mark.parametrize("length", [2, 3, 60])
def test_recall_asks_for_the_first_token_and_no_other_token_gives_it_away(length):
    for tokens, label in labelled("recall", rows=300, length=length):
        assert tokens[0] == label
        assert len(tokens) == length
        assert not set("abcd").intersection(tokens[1:])


@pytest.mark.parametrize("length", [2, 60])
def test_brackets_are_labelled_with_the_depth_at_the_end(length):
    for tokens, label in labelled("brackets", rows=500, length=length):
        depth = depth_at_the_end(tokens)
        assert label == (str(depth) if depth < 3 else "3+")
        assert 1 <= len(tokens) <= length


@pytest.mark.parametrize("length", [2, 60])
def test_parity_is_that_of_the_number_of_ones(length):
    for tokens, label in labelled("parity", rows=500, length=length):
        assert set(tokens) <= {"0", "1"}
        assert label == ("odd" if "".join(tokens).count("1") % 2 else "even")
        assert 1 <= len(tokens) <= length


def test_the_negation_grammar_means_what_its_labels_say():
    for tokens, label in labelled("negation", rows=2_000):
        assert label == meaning(" ".join(tokens)), tokens


def test_the_negation_grammar_holds_every_case_a_lesson_wants_to_show():
    texts = generate("negation", rows=2_000).texts
    clause = r"the \w+ was( (not|never|hardly)){0,2}( (very|really|so|rather))? \w+"
    assert all(re.fullmatch(f"{clause}( but {clause})?", text) for text in texts)
    for case in (
        r"\bnot not\b|\bnever not\b|\bnot never\b",
        r"\bhardly\b",
        r" but ",
        r"not (very|really)",
        r"was good$",
    ):
        assert any(re.search(case, text) for text in texts), case


def test_a_double_negation_and_a_second_clause_are_read_right_by_hand():
    """The oracle itself, on sentences labelled by a person."""
    assert meaning("the film was not good") == "negative"
    assert meaning("the film was never not bad") == "negative"
    assert meaning("the film was not not very good") == "positive"
    assert meaning("the film was good but the plan was hardly dull") == "positive"


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_texts_and_another_seed_others(task):
    first, again, other = (generate(task, rows=200, length=20, seed=seed) for seed in (3, 3, 4))
    assert first.texts == again.texts
    assert first.labels.tolist() == again.labels.tolist()
    assert first.sha256() == again.sha256()
    assert first.texts != other.texts


@pytest.mark.parametrize("task", TASKS)
def test_no_generator_but_the_task_s_own_is_touched(task):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    generate(task, rows=20)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("length", [6, 60])
def test_all_classes_occur_and_none_so_often_that_guessing_it_looks_like_learning(task, length):
    dataset = generate(task, rows=2_000, length=length)
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    assert counts.min() >= 50
    assert counts.max() <= 1_100


def test_opinions_share_no_adjective_with_the_fair_negation_set():
    words = {word for text in generate("opinions", rows=5_000).texts for word in text.split()}
    assert not words & {*negation.POSITIVE, *negation.NEGATIVE}


def test_an_opinion_is_turned_round_by_its_negation_and_by_nothing_else():
    """Every adjective is heard both ways, and the label follows from it and from whether there is a negation."""
    negations = {"not", "never", "hardly", "no", "t"}
    rows = generate("opinions", rows=5_000)
    kinds: dict[str, set[bool]] = {}
    for text, label in zip(rows.texts, rows.labels, strict=True):
        tokens = tokenise(text)
        adjective = next(word for word in tokens if word in {*tasks._PRAISE, *tasks._BLAME})
        kinds.setdefault(adjective, set()).add(bool(label) ^ bool(negations & set(tokens)))
    assert len(kinds) == len(tasks._PRAISE) + len(tasks._BLAME)
    assert all(len(found) == 1 for found in kinds.values())


@pytest.mark.parametrize("task", [name for name in TASKS if name != "opinions"])  # whose didn't is four tokens
def test_a_person_who_types_a_generated_text_meets_its_very_tokens(task):
    for text in generate(task, rows=100).texts:
        assert tokenise(text) == text.split()


@pytest.mark.parametrize("task", TASKS)
def test_a_data_set_says_how_it_was_made_and_reads_its_own_class_names(task):
    dataset = generate(task, rows=10, length=12, seed=7)
    assert dataset.format.source == f"generated: rnnviz.tasks, task {task!r}, length 12, seed 7"
    assert tuple(entry.name for entry in dataset.format.classes) == dataset.classes


def test_a_misspelt_task_is_answered_with_the_tasks_there_are():
    with pytest.raises(SelectionError) as caught:
        generate("recal")
    assert str(caught.value) == (
        "There is no task 'recal'; choose one of recall, brackets, parity, negation, opinions. Did you mean 'recall'?"
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rows": 1}, "recall: rows must be at least 2; found 1."),
        ({"length": 0}, "recall: length must be at least 2; found 0."),
        ({"seed": -1}, "recall: seed must be at least 0; found -1."),
    ],
)
def test_a_setting_that_is_too_small_is_named(settings, said):
    with pytest.raises(DataError) as caught:
        generate("recall", **settings)
    assert str(caught.value) == said
