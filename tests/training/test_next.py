"""A network that tells the next token: its streams, what it carries over, resuming, and what its checkpoint says."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.data import corpora
from rnnviz.data.formats import DataFormat
from rnnviz.errors import CheckpointError, DataError, TrainingError
from rnnviz.model import ModelConfig, RecurrentClassifier
from rnnviz.training.material import Draws, Part, Streams

POEM = "the cat sat on the mat\nand the dog sat on the log\n" * 40


def corpus(text=POEM):
    return corpora.corpus("poem", text, DataFormat(source="us", licence="CC0"))


def recipe(**settings):
    usual = {"task": "next", "tokens": "letters", "hidden_size": 16, "embedding_size": 8, "streams": 4, "detach": 10}
    return rnnviz.Recipe(**usual | {"epochs": 3, "learning_rate": 0.03, "device": "cpu"} | settings)


def trained(settings=None, text=POEM, **more):
    *_, last = rnnviz.train(corpus(text), settings or recipe(), **more)
    return last.checkpoint


def test_each_token_of_an_epoch_is_wanted_once_and_windows_go_on_where_the_last_one_ended():
    stream = Streams(torch.arange(103), window=7)
    batches = stream.epoch(3, np.random.default_rng(0))
    assert len(batches) == 103 // 3 // 7
    for before, after in itertools.pairwise(batches):
        assert after == [(place + 7) % 103 for place in before]
    read = [(place + step) % 103 for batch in batches for place in batch for step in range(7)]
    assert len(set(read)) == len(read) == 7 * 3 * len(batches)
    assert stream.epoch(3, np.random.default_rng(1))[0] != batches[0]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("parts", [1, 3])
def test_the_state_is_carried_over_and_its_history_is_not(cell, parts):
    torch.manual_seed(0)
    model = RecurrentClassifier(ModelConfig(cell=cell, vocabulary_size=9, classes=9, hidden_size=5)).eval()
    ids = torch.randint(2, 9, (61,))
    stream, draws, settings = Streams(ids, window=10), Draws(torch.Generator(), torch.Generator()), recipe()
    for batch in ([0, 30, 5], [10, 40, 15]):
        losses = []
        for rows in np.array_split(np.arange(3), parts):
            loss, _ = stream.losses(model, Part(batch, rows.tolist()), settings, draws)
            losses.append(loss * len(rows) / 3)
    model.zero_grad()
    sum(losses).backward()
    found = model.rnn.weight_hh_l0.grad.clone()

    windows = torch.stack([ids[place : place + 21] for place in (0, 30, 5)])
    with torch.no_grad():
        _, state = model.after_each(windows[:, :10])
    logits, _ = model.after_each(windows[:, 10:20], state)
    whole = torch.nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 11:21].flatten())
    model.zero_grad()
    whole.backward()
    assert sum(losses).detach().item() == pytest.approx(whole.detach().item(), rel=1e-6)
    torch.testing.assert_close(found, model.rnn.weight_hh_l0.grad)


def test_a_window_that_does_not_go_on_starts_from_nothing():
    model = RecurrentClassifier(ModelConfig(vocabulary_size=9, classes=9, hidden_size=5)).eval()
    stream, draws = Streams(torch.randint(2, 9, (61,)), window=10), Draws(torch.Generator(), torch.Generator())
    first, _ = stream.losses(model, Part([20], [0]), recipe(), draws)
    again, _ = stream.losses(model, Part([20], [0]), recipe(), draws)
    on, _ = stream.losses(model, Part([30], [0]), recipe(), draws)
    fresh, _ = Streams(stream.ids, window=10).losses(model, Part([30], [0]), recipe(), draws)
    assert torch.equal(first, again)
    assert not torch.equal(on, fresh)


def test_it_learns_a_text_that_repeats_itself_and_says_how_well_in_bits():
    checkpoint = trained(recipe(epochs=30))
    scores = rnnviz.evaluate(checkpoint, corpus())
    assert scores.bits < 0.5
    assert scores.accuracy > 0.9
    assert scores.n == len(POEM) - 1
    told = rnnviz.read(checkpoint, POEM[:60]).verdicts[:-1]
    wanted = [checkpoint.labels.index(letter) for letter in POEM[1:60]]
    bits = [-math.log2(shares[entry]) for shares, entry in zip(told, wanted, strict=True)]
    assert rnnviz.evaluate(checkpoint, corpus(POEM[:60])).bits == pytest.approx(np.mean(bits), rel=1e-4)


@pytest.mark.parametrize(
    "settings", [{}, {"averaging": 0.9}, {"recurrent_dropout": 0.3, "dropout": 0.2}, {"cell": "gru"}]
)
def test_a_resumed_training_gives_the_same_bytes(settings):
    wanted = recipe(**settings)
    *_, whole = rnnviz.train(corpus(), wanted)
    states = [moment.state() for moment in rnnviz.train(corpus(), wanted) if moment.checkpoint]
    for state in states[:2]:
        *_, resumed = rnnviz.train(corpus(), wanted, resume=state)
        for name, value in whole.checkpoint.model.state_dict().items():
            assert torch.equal(value, resumed.checkpoint.model.state_dict()[name]), name


def test_the_mean_of_the_weights_is_what_is_saved():
    plain, mean = trained(), trained(recipe(averaging=0.5))
    assert not torch.equal(plain.model.fc.weight, mean.model.fc.weight)
    torch.testing.assert_close(plain.model.fc.weight, mean.model.fc.weight, atol=0.05, rtol=0)


def test_the_checkpoint_is_of_format_2_and_opens_again(tmp_path):
    checkpoint = trained()
    checkpoint.save_pretrained(tmp_path / "poet")
    config = json.loads((tmp_path / "poet/config.json").read_text())
    assert (config["format"], config["tokens"], config["task"]) == (2, "letters", "next")
    assert not (tmp_path / "poet/vocabulary.txt").exists()
    assert json.loads((tmp_path / "poet/vocabulary.json").read_text())[:3] == ["<unk>", "<pad>", " "]
    again = rnnviz.load(tmp_path / "poet")
    assert again.labels == again.vocabulary.words
    assert "bits" not in again.scores.get("dev", {})
    assert "A network that writes" in (tmp_path / "poet/README.md").read_text()
    assert again.units["layers"][0]["forward"]["raised_by"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format": 1}, "format"),
        ({"tokens": "words"}, "format"),
        ({"task": "classify"}, "0 class names"),
        ({"task": "translate"}, "task"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path, change, problem):
    trained().save_pretrained(tmp_path / "poet")
    path = tmp_path / "poet/config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=problem):
        rnnviz.load(tmp_path / "poet")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"bidirectional": True}, "--bidirectional"),
        ({"pooling": "mean"}, "--pooling mean"),
        ({"reading": "padded"}, "--reading padded"),
        ({"word_dropout": 0.1}, "--word-dropout"),
        ({"every_token": True}, "--every-token"),
        ({"crops": 2}, "--crops"),
        ({"pieces": 3}, "--pieces"),
        ({"most_tokens": 30}, "--most-tokens"),
    ],
)
def test_what_has_no_meaning_for_the_next_token_is_refused(settings, problem):
    with pytest.raises(TrainingError, match=problem):
        trained(recipe(**settings))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"also": ["poem.txt"]}, "--also"),
        ({"unlabelled": ["poem.txt"]}, "--unlabelled"),
        ({"teachers": ["sst2-lstm"]}, "--teacher"),
        ({"vectors": "vectors.txt"}, "--vectors"),
        ({"dev_rows": 10}, "--dev-rows"),
        ({"data": "hub:somebody/poems"}, "data set of the Hub"),
    ],
)
def test_sources_that_have_no_meaning_for_the_next_token_are_refused_before_they_are_opened(given, problem):
    with pytest.raises(TrainingError, match=problem):
        rnnviz.training.prepare(**{"data": corpus(), "task": "next"} | given)


def test_several_texts_are_learned_as_one():
    lines = tuple(POEM.splitlines())
    several = replace(corpus(), texts=lines, labels=np.zeros(len(lines), dtype=np.int64))
    one = list(rnnviz.train(corpus(), recipe(epochs=1)))[-1].checkpoint
    other = list(rnnviz.train(several, recipe(epochs=1)))[-1].checkpoint
    assert torch.equal(one.model.fc.weight, other.model.fc.weight)
    assert one.vocabulary == other.vocabulary
    assert "\n" in other.vocabulary


def test_more_tokens_than_a_network_can_tell_apart_are_refused_with_what_to_do():
    text = " ".join(f"word{number}" for number in range(10_001))
    with pytest.raises(DataError, match=r"10,001 different tokens(.|\n)*--vocabulary-size 9998"):
        trained(recipe(tokens="words"), text)
    assert trained(recipe(tokens="words", vocabulary_size=50, epochs=1), text).config.model.classes == 52


def test_a_network_of_words_is_nothing_for_letters_to_go_on_from():
    letters = trained(recipe(epochs=1))
    with pytest.raises(TrainingError, match=r"reads letters, and the recipe words(.|\n)*--tokens letters"):
        trained(recipe(tokens="words", epochs=1), start=letters)


def test_what_goes_on_from_a_network_that_writes_tells_what_that_one_told():
    start = trained()
    still = trained(recipe(epochs=1, learning_rate=1e-9), POEM + "QZ" * 30, start=start)
    assert len(still.vocabulary) == len(start.vocabulary) + 2
    before, after = rnnviz.read(start, POEM[:30]), rnnviz.read(still, POEM[:30])
    places = [after.labels.index(letter) for letter in start.labels]
    shares = after.verdicts[:, places] / after.verdicts[:, places].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, before.verdicts, atol=2e-3)


@pytest.mark.parametrize("size", [1, 2])
def test_a_batch_that_did_not_fit_is_read_again_from_the_state_that_it_began_with(size):
    """After the GPU's memory was full, in the middle of a batch or in the step back at its end."""
    torch.manual_seed(0)
    model = RecurrentClassifier(ModelConfig(vocabulary_size=9, classes=9, hidden_size=5)).eval()
    ids, draws = torch.randint(2, 9, (61,)), Draws(torch.Generator(), torch.Generator())
    for failed in ([0], [0, 1]):
        losses = []
        for again in (False, True):
            stream = Streams(ids, window=10)
            stream.losses(model, Part([0, 30], [0, 1]), recipe(), draws)
            if again:
                stream.losses(model, Part([10, 40], failed), recipe(), draws)
                stream.to(torch.device("cpu"))
            parts = [[0, 1]] if size == 2 else [[0], [1]]
            losses.append(
                [
                    stream.losses(model, Part(batch, rows), recipe(), draws)[0].item()
                    for batch in ([10, 40], [20, 50])
                    for rows in parts
                ]
            )
        assert losses[0] == pytest.approx(losses[1])


def test_a_text_that_is_too_short_for_its_streams_is_refused():
    with pytest.raises(DataError, match="at least 80"):
        trained(text="too short")


def test_a_corpus_is_cut_in_tenths():
    learned, middle, last = corpora.tenths(corpus("abcdefghij" * 10))
    assert [len(part.texts[0]) for part in (learned, middle, last)] == [80, 10, 10]
    assert "".join(part.texts[0] for part in (learned, middle, last)) == "abcdefghij" * 10
    learned, middle, last = corpora.tenths(corpus("abcdefghij" * 10), choose=False)
    assert (len(learned.texts[0]), middle, len(last.texts[0])) == (90, None, 10)


@pytest.mark.parametrize("data", [b"a\r\nb\r\n", b"a\nb\n", b"a\rb\r", b"\xef\xbb\xbfa\nb\n"])
def test_lines_of_a_corpus_end_with_a_line_feed(tmp_path, data):
    (tmp_path / "poem.txt").write_bytes(data)
    assert corpora.load(tmp_path / "poem.txt").texts == ("a\nb\n",)


def test_the_texts_of_a_table_are_a_corpus_too(tmp_path):
    (tmp_path / "reviews.csv").write_text("text,label\nnot bad,1\nawful,0\n")
    assert corpora.load(tmp_path / "reviews.csv").texts == ("not bad\nawful\n",)


def test_an_empty_corpus_is_refused(tmp_path):
    (tmp_path / "poem.txt").write_text(" \n")
    with pytest.raises(DataError, match="holds no text"):
        corpora.load(tmp_path / "poem.txt")


def test_pythons_source_is_ascii_without_tests_and_names_its_modules():
    source = corpora.python_source()
    assert source.texts[0].isascii()
    assert "modules" in source.format.source
    assert source.format.source == corpora.python_source().format.source
    assert "def " in source.texts[0]


LETTERS = [("aab", 0), ("bba", 1), ("abab", 0), ("baba", 1)] * 10


def test_the_answer_after_every_token_is_learned_where_the_recipe_says_so():
    texts, labels = zip(*LETTERS, strict=True)
    names = DataFormat(classes=tuple(rnnviz.formats.ClassName(value=str(value), name=f"c{value}") for value in (0, 1)))
    dataset = rnnviz.datasets.Dataset("pairs", texts, np.array(labels), ("c0", "c1"), names)
    found = {}
    for pooling in ("last", "mean"):
        settings = recipe(task="classify", every_token=True, pooling=pooling, epochs=40)
        *_, last = rnnviz.train(dataset, settings)
        found[pooling] = rnnviz.read(last.checkpoint, "aab").verdicts[:, 0]
        assert found[pooling][0] > 0.9  # the first letter tells
    with pytest.raises(TrainingError, match="every token"):
        list(rnnviz.train(dataset, recipe(task="classify", every_token=True, pooling="max")))


def test_a_batch_answers_after_each_token_as_if_it_ended_there():
    torch.manual_seed(0)
    for pooling in ("last", "mean"):
        config = ModelConfig(vocabulary_size=9, classes=3, hidden_size=5, pooling=pooling, layers=2)
        model = RecurrentClassifier(config).eval()
        ids = torch.randint(2, 9, (2, 6))
        each, _ = model.after_each(ids)
        for end in range(1, 7):
            torch.testing.assert_close(each[:, end - 1], model(ids[:, :end], torch.tensor([end, end])))


def test_evaluating_letters_says_how_soon_it_knows_and_whether_it_is_as_sure_as_it_is_right():
    from rnnviz.experiments.evaluation import calibration_error

    sure, right = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.6]), np.array([True, True, True, False, True, False])
    assert calibration_error(sure, right) == pytest.approx((4 * 0.15 + 2 * 0.1) / 6)
    assert calibration_error(np.array([1.0]), np.array([True])) == 0
