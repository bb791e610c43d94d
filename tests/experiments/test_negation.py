"""Negation measured on classifiers whose answers are known, against published intervals and hand-counted scores."""

import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rnnviz import cli
from rnnviz.checkpoint import folder as checkpoints
from rnnviz.cli.negation import sentence
from rnnviz.data import datasets, tasks
from rnnviz.data.text import tokenise
from rnnviz.errors import SelectionError
from rnnviz.experiments import negation
from rnnviz.experiments.evaluation import evaluate
from rnnviz.experiments.negation import (
    FORMS,
    NEGATIVE,
    POSITIVE,
    Share,
    fair_scores,
    fair_set,
    interval,
    minimal_pairs,
    negated_items,
    on_negated,
)
from tests.builders import checkpoint, dataset

Rule = Callable[[bool, str], bool]
BLAME = {*NEGATIVE, "bad", "boring"}


def form_of(text: str) -> str:
    return next((form for form in FORMS[1:] if re.search(rf"{form}\b", text)), "affirmative")


def praise_only(good: bool, form: str) -> bool:
    """Hears every negation as blame: "not good" is turned, "not bad" stays."""
    return good and form == "affirmative"


RULES: dict[str, Rule] = {
    "perfect": lambda good, form: good == (form == "affirmative"),
    "deaf": lambda good, form: good,
    "praise only": praise_only,
    "praise, sometimes": lambda good, form: good and form not in ("not", "never"),
    "not only": lambda good, form: good != (form == "not"),
    "always positive": lambda good, form: True,
}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], checkpoints.Checkpoint]:
    """A classifier that answers by a rule of the adjective and the form."""

    def by(name: str, labels: tuple[str, ...] = ("negative", "positive")) -> checkpoints.Checkpoint:
        def predict(found: checkpoints.Checkpoint, texts: tuple[str, ...]) -> np.ndarray:
            good = [RULES[name](not BLAME & set(text.split()), form_of(text)) for text in texts]
            shares = np.where(np.array(good)[:, None], [0.1, 0.9], [0.7, 0.3]).astype(np.float32)
            return shares if labels[1] == "positive" else shares[:, ::-1]

        monkeypatch.setattr(negation, "predict", predict)
        return checkpoint(labels=labels)

    return by


# Intervals


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_that_newcombe_published(right, n, low, high):
    assert interval(right, n) == pytest.approx((low, high), abs=5e-5)


@given(n=st.integers(1, 5000), part=st.floats(0, 1))
def test_the_ends_of_an_interval_lie_1_96_standard_errors_from_the_share(n, part):
    right = round(part * n)
    for end in interval(right, n):
        assert 0 <= end <= 1
        assert abs(right / n - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / n), abs=1e-6)


@given(n=st.integers(1, 1000), part=st.floats(0, 1))
def test_an_interval_holds_its_share_and_mirrors_that_of_the_wrong_answers(n, part):
    right = round(part * n)
    low, high = interval(right, n)
    assert low <= right / n <= high
    assert (1 - high, 1 - low) == pytest.approx(interval(n - right, n), abs=1e-12)


def test_of_nothing_nothing_is_known():
    assert interval(0, 0) == Share(0, 0).interval == (0.0, 1.0)
    assert Share(0, 0).accuracy == 0.0


# The fair set


def letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def test_the_fair_set_is_forty_adjectives_in_five_frames_said_in_five_ways():
    fair = fair_set()
    assert len(POSITIVE) == len(NEGATIVE) == 20
    assert len({*POSITIVE, *NEGATIVE}) == 40
    assert len(set(map(letters, fair.texts))) == len(fair) == 1000
    assert fair.labels.sum() == 20 * 5 + 20 * 5 * 4
    words = [
        (text.split()[-1], form_of(text), bool(label)) for text, label in zip(fair.texts, fair.labels, strict=True)
    ]
    for adjective in (*POSITIVE, *NEGATIVE):
        for form in FORMS:
            labels = [label for word, said, label in words if (word, said) == (adjective, form)]
            assert labels == [(adjective in POSITIVE) == (form == "affirmative")] * 5


def test_a_negated_sentence_holds_a_negation_and_an_affirmative_one_none():
    fair = fair_set()
    assert negated_items(fair).tolist() == [form_of(text) != "affirmative" for text in fair.texts]


def test_no_sentence_of_the_fair_set_is_a_generated_one():
    generated = {letters(text) for text in tasks.generate("negation", rows=3_000).texts}
    assert generated.isdisjoint(map(letters, fair_set().texts))


@pytest.mark.parametrize(
    "file",
    ["sst2/phrases_train", "sst2/sentences_train", "sst2/sentences_dev", "sst2/sentences_test", "mr/rt_polarity"],
)
def test_no_sentence_of_the_fair_set_is_in_a_data_set(data_folder, file):
    there = {letters(text) for text in datasets.load(data_folder / f"{file}.csv.gz").texts}
    assert there.isdisjoint(map(letters, fair_set().texts))


# Scores


def test_the_fair_set_is_scored_by_form_and_adjective_as_the_rule_answers(answering):
    found = fair_scores(answering("praise only"))
    assert found.overall == Share(600, 1000)  # 200 affirmative ones, and 400 negated praises
    assert list(found.forms) == list(FORMS)
    right = {"all": Share(200, 200), "positive": Share(100, 100), "negative": Share(100, 100)}
    assert found.forms["affirmative"] == right
    for form in FORMS[1:]:
        assert found.forms[form] == {"all": Share(100, 200), "positive": Share(100, 100), "negative": Share(0, 100)}
    assert found.turned == {"positive": Share(400, 400), "negative": Share(0, 400)}
    assert found.stuck["positive"] == ()
    negated = {text for text in fair_set().texts if form_of(text) != "affirmative"}
    assert set(found.stuck["negative"]) == {text for text in negated if text.split()[-1] in NEGATIVE}


def test_each_form_is_counted_by_itself(answering):
    found = fair_scores(answering("not only"))
    assert {form: share["all"].right for form, share in found.forms.items()} == dict.fromkeys(FORMS, 0) | {
        "affirmative": 200,
        "not": 200,
    }
    assert found.turned == {"positive": Share(100, 400), "negative": Share(100, 400)}


def test_an_answer_that_was_wrong_without_a_negation_cannot_be_turned_round(answering):
    found = fair_scores(answering("always positive"))
    assert found.turned == {"positive": Share(0, 400), "negative": Share(0, 0)}
    assert found.forms["not"]["negative"] == Share(100, 100)  # right, and yet no negation


def test_classes_are_told_apart_by_name_and_not_by_place(answering):
    network = answering("perfect", ("positive", "negative"))
    assert fair_scores(network).overall == Share(1000, 1000)
    assert minimal_pairs(network)[0].positive == pytest.approx(0.9)


def test_the_scores_are_those_of_evaluate():
    network = checkpoint(words=("good", "bad", "not", "this", "is", "t", "'"))
    assert fair_scores(network).overall.accuracy == pytest.approx(evaluate(network, fair_set()).accuracy)


def test_minimal_pairs_say_each_adjective_in_every_form_beside_its_affirmative(answering):
    found = minimal_pairs(answering("praise only"))
    assert [said.text for said in found[5:10]] == [
        "the film is bad",
        "the film is not bad",
        "the film isn't bad",
        "the film is never bad",
        "the film is hardly bad",
    ]
    assert [said.turned for said in found] == [None, *[True] * 4, None, *[False] * 4] * 2
    assert [said.positive for said in found[:2]] == pytest.approx([0.9, 0.3])


@pytest.mark.parametrize("labels", [("World", "Sports"), ("negative", "neutral", "positive"), ("0", "1")])
@pytest.mark.parametrize("measure", [fair_scores, minimal_pairs])
def test_a_classifier_of_anything_else_is_refused_with_its_own_classes(measure, labels):
    with pytest.raises(SelectionError) as caught:
        measure(checkpoint(labels=labels))
    first, advice = str(caught.value).split("\n")
    assert first.startswith("Negation is measured where the answers are negative and positive;")
    assert first.endswith(f"; this classifier answers {', '.join(labels)}.")
    assert "such as sst2-lstm;" in advice


# Texts with a negation


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("This is not it.", True),
        ("NEVER again", True),
        ("no", True),
        ("it hardly moves", True),
        ("I didn't, and won’t", True),
        ("you can't miss it", True),
        ("one cannot say", True),
        ("ain 't", True),
        ("a note on nothing, notable and nowhere known", False),
        ("don ' s", False),
        ("it 's 't hooft", False),
        ("can it", False),
        ("n", False),
        ("t ' n", False),
        ("", False),
    ],
)
def test_a_negation_is_a_token_or_n_t(text, negated):
    assert negated_items(dataset([text], [0])).tolist() == [negated]


@given(
    words=st.lists(st.sampled_from(["not", "nott", "no", "film", "don't", "t", "'", "'t", "n", "isn", "."]), max_size=6)
)
def test_a_negation_is_found_as_a_search_through_the_tokens_finds_it(words):
    tokens = tokenise(" ".join(words))
    wanted = any(
        token in ("not", "no") or (token.endswith("n") and tokens[place + 1 : place + 3] == ["'", "t"])
        for place, token in enumerate(tokens)
    )
    assert negated_items(dataset([" ".join(words)], [0])).tolist() == [wanted]


def test_texts_with_a_negation_are_measured_beside_all(answering):
    texts = ["this is bad", "this is not bad", "it is good", "this isn't good"]
    found = on_negated(answering("deaf"), dataset(texts, [0, 1, 1, 0]))
    assert found == (Share(0, 2), Share(2, 4))


# The sentence


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("perfect", "400 of 400 (100%) for negative ones. It negates every time."),
        (
            "deaf",
            'positive adjectives and 0 of 400 (0%) for negative ones. It does not negate: "this is not good" stays',
        ),
        ("praise, sometimes", "It negates only sometimes, and only positive adjectives:"),
        ("praise only", 'It negates positive adjectives only: "this is not bad" stays negative.'),
        ("not only", 'It negates only sometimes: "this isn\'t good" stays positive.'),
        ("always positive", "and 0 of 0 for negative ones. It gets no plain sentence with a negative adjective right,"),
    ],
)
def test_the_sentence_says_plainly_whether_a_classifier_negates(answering, rule, verdict):
    said = sentence(fair_scores(answering(rule)))
    assert verdict in said
    assert said.startswith("Where it gets the plain sentence right, a negation turns ")


# The command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[object, str, str]]:
    def typed(*arguments: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["rnnviz", "negation", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (ended.value.code or 0, *capsys.readouterr())

    return typed


def saved(folder: Path, **settings: object) -> Path:
    checkpoint(**settings).save_pretrained(folder / "tiny")
    return folder / "tiny"


def test_the_command_prints_pairs_scores_and_the_sentence(run, tmp_path, answering):
    network = answering("praise only")
    network.save_pretrained(tmp_path / "tiny")
    data = tmp_path / "mine.csv"
    data.write_text("text,label\nthis is bad,0\nthis is not bad,1\nthis is never good,0\n")
    code, out, err = run(tmp_path / "tiny", "--data", data)
    assert (code, err) == (0, "")
    assert re.search(r"│ the film is not good +│ +30.0% │ +yes │", out)
    assert re.search(r"│ the film is not bad +│ +30.0% │ +no │", out)
    assert re.search(r"│ never +│ +50.0% \(43–57\) │ +100.0% \(96–100\) │ +0.0% \(0–4\) │", out)
    assert re.search(r"│ all +│ +60.0% \(57–63\) │", out)
    assert "texts with a negation: accuracy 50.0% (9.5–90.5) of n = 2\n" in out
    assert "all texts: accuracy 66.7% (20.8–93.9) of n = 3\n" in out
    assert out.splitlines()[-1] == sentence(fair_scores(network))
    assert max(map(len, out.splitlines()[:-1])) <= 80


def test_the_command_prints_one_json_object_of_the_same_numbers(run, tmp_path, answering):
    answering("praise only").save_pretrained(tmp_path / "tiny")
    data = tmp_path / "mine.tsv"
    data.write_text("stars\treview\n0\tthis is bad\n1\tthis is not bad\n")
    options = ("--text-column", "review", "--label-column", "stars", "--json")
    found = json.loads(run(tmp_path / "tiny", "--data", data, *options)[1])
    assert found["overall"] == {"right": 600, "n": 1000, "accuracy": 0.6, "interval": list(interval(600, 1000))}
    assert found["forms"]["hardly"]["negative"]["accuracy"] == 0.0
    assert found["turned"]["positive"]["right"] == 400
    assert found["pairs"][1] == {"text": "the film is not good", "positive": pytest.approx(0.3), "turned": True}
    assert (found["data"]["negated"]["n"], found["data"]["overall"]["accuracy"]) == (1, 0.5)
    assert "data" not in json.loads(run(tmp_path / "tiny", "--json")[1])


def test_a_file_may_be_read_in_another_format_than_the_checkpoints_own(run, tmp_path, answering):
    answering("deaf").save_pretrained(tmp_path / "tiny")
    (tmp_path / "mine.csv").write_text("label,text\n1,`no' they said\n0,this is bad\n")
    arguments = (tmp_path / "tiny", "--data", tmp_path / "mine.csv", "--json")
    assert json.loads(run(*arguments)[1])["data"]["negated"]["n"] == 0  # the treebank's quote is part of the word
    assert json.loads(run(*arguments, "--format", "mr")[1])["data"]["negated"]["n"] == 1


def test_a_file_without_a_negation_gets_no_score_for_it(run, tmp_path, answering):
    answering("deaf").save_pretrained(tmp_path / "tiny")
    (tmp_path / "mine.csv").write_text("text,label\nthis is bad,0\nthis is good,1\n")
    assert "texts with a negation: accuracy – of n = 0\n" in run(tmp_path / "tiny", "--data", tmp_path / "mine.csv")[1]


def test_a_news_classifier_is_told_what_to_take_instead(run, tmp_path):
    code, out, err = run(saved(tmp_path, labels=("World", "Sports", "Business", "Sci/Tech")), "--data", "nothere.csv")
    assert (code, out) == (1, "")
    assert "this classifier answers World, Sports, Business, Sci/Tech.\nTake a sentiment classifier, such as" in err
