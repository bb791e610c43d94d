"""The benchmarks of training, in a small size: what they print agrees with itself."""

import copy
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz import datasets, formats
from rnnviz.page import learning
from tests.shipped import opened

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import capture as capture_benchmark
import gpu_table
import letters
import memory
import presets
import training


def table_row(printed: str, name: str) -> list[str]:
    """The cells of the row with this name."""
    (line,) = (line for line in printed.splitlines() if line.startswith(f"| {name}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.fixture(scope="module")
def rows() -> rnnviz.datasets.Dataset:
    return rnnviz.tasks.generate("negation", rows=400, seed=3)


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Moments so short that a few hundred texts have several."""
    monkeypatch.setattr("rnnviz.training.loop._YIELD_SECONDS", 0.01)


def test_the_printed_ratio_is_that_of_the_printed_medians(rows, capsys):
    training.throughput(rows, rows, rnnviz.Recipe(device="cpu", batch_tokens=30), rounds=2, seconds=0.02)
    _, lesson, ours, ratio, goal = table_row(capsys.readouterr().out, "in the loop")
    lesson, ours = float(lesson.replace(",", "")), float(ours.replace(",", ""))
    assert float(ratio) == pytest.approx(ours / lesson, abs=0.06)
    assert goal == "25"


def test_the_time_to_the_lessons_accuracy_is_that_of_a_moment_that_reached_it(rows, capsys):
    training.time_to_accuracy(
        rows, rows, rows, rows, rnnviz.Recipe(device="cpu", epochs=3, batch_tokens=60), seconds=0.1
    )
    printed = capsys.readouterr().out
    reached = [(float(at), float(share)) for at, share in re.findall(r"rnnviz ([\d.]+) s, test ([\d.]+)%", printed)]
    wanted = float(re.search(r"ends at ([\d.]+)%", printed)[1])
    _, lesson, ours, ratio, _ = table_row(printed, "to ")
    assert float(ours) == next(at for at, share in reached if share >= wanted - 0.05)
    lesson, ours, ratio = float(lesson), float(ours), float(ratio)
    assert abs(ratio * ours - lesson) <= 0.05 * (ratio + ours + 1)  # all three are rounded to 0.1


def test_the_shares_of_the_time_sum_to_the_whole(rows, capsys):
    training.shares(rows, rnnviz.Recipe(device="cpu", batch_tokens=30), seconds=0.1)
    shares = [int(share) for share in re.findall(r"\| (\d+)% \|", capsys.readouterr().out)]
    assert len(shares) == 5
    assert sum(shares) == pytest.approx(100, abs=3)
    assert min(shares) > 0


def test_the_lessons_side_learns_from_every_text_once_in_batches_of_16(rows):
    lesson = training.Lesson(rows, "cpu")
    sizes = list(lesson.steps)
    assert sizes == [16] * 25


def test_the_table_and_the_figure_of_memory_have_the_median_of_the_seeds(monkeypatch, capsys):
    monkeypatch.setattr(memory, "CELLS", (("gru", 4.0),))
    monkeypatch.setattr(memory, "COLOURS", ("black",))
    outcomes = memory.measure((5,), range(3), steps=4)["gru", 4.0, 5]
    middle = sorted(outcome.accuracy for outcome in outcomes)[1]
    assert table_row(capsys.readouterr().out, "GRU, forget bias 4")[2] == f"{middle:.0%}"
    (line,) = memory.figure({("gru", 4.0, 5): outcomes}).data
    assert line.y == (middle,)
    assert line.y[0] + line.error_y.array[0] == pytest.approx(max(outcome.accuracy for outcome in outcomes))


def test_a_preset_is_measured_on_the_texts_that_the_page_sets_aside(monkeypatch):
    monkeypatch.setattr(learning, "TEXTS", 80)
    monkeypatch.setattr(learning, "HELD_OUT", 20)
    monkeypatch.setattr(learning, "_READINGS", 160)
    kind = presets.asked("negation", "gru", "good", 0, 5)._replace(seed=3)
    learnt, kept = rnnviz.tasks.generate("negation", rows=100, length=2, seed=3).split(20)
    *_, last = rnnviz.train(learnt, learning.recipe_of(kind, learnt))
    found = presets.learn(kind)
    assert found.accuracy == rnnviz.evaluate(last.checkpoint, kept).accuracy
    assert (found.chance, found.texts) == (max(kept.labels.mean(), 1 - kept.labels.mean()), 20)


def test_the_row_of_a_preset_counts_what_was_learned_and_what_is_no_better_than_guessing():
    accuracies = (0.2, 0.3, 0.32, 0.94, 0.95, 1.0)  # of 500 texts, three standard errors above 25 % are 30.8 %
    outcomes = [presets.Outcome(accuracy, 0.25, 500, seconds=31.0 - place) for place, accuracy in enumerate(accuracies)]
    row = presets.row(presets.asked("recall", "rnn", "low", 40, 16), outcomes)
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        *("recall", "40", "plain RNN", "16", "1e-05", "63% (20% to 100%)", "2 of 6", "2 of 6", "28.5 (1 too long)"),
    ]


def test_the_errors_of_a_trained_network_are_zero_for_one_that_computes_exactly_and_name_the_worst():
    exact, rough = (torch.nn.GRU(2, 3).double() for _ in range(2))
    found = capture_benchmark.Errors()
    with torch.no_grad():
        found.add("exact", exact, exact, torch.zeros(4, 2, dtype=torch.float64))
        assert max(max(far) for far in found.worst.values()) < 1e-6
        nearly = copy.deepcopy(rough)
        nearly.weight_hh_l0[0] += 0.01
        found.add("rough", nearly, rough, torch.ones(4, 2, dtype=torch.float64))
    (row,) = (line for line in str(found).splitlines() if line.startswith("| reset"))
    assert row.endswith("| rough |")


def test_the_table_of_the_gpu_has_each_part_and_the_figures_with_goals(tmp_path, capsys):
    (tmp_path / "parts.txt").write_text("tests|0|12\ncapture|124|110\ntraining|1|3\n")
    (tmp_path / "tests.txt").write_text("....\n4 passed in 2 s\n")
    (tmp_path / "capture.txt").write_text(
        "| units | plain nn.LSTM | walk | recover |\n|---|---|---|---|\n| 32 | 2.0 (1.00) | 9.0 (4.50) | 3.0 (1.50) |\n"
    )
    (tmp_path / "training.txt").write_text("| in the loop | 253.6 | 6,531.2 | 25.8 | 25 |\nTraceback\n")
    gpu_table.main(tmp_path)
    printed = capsys.readouterr().out
    assert "| tests | 12 s | all right: 4 passed in 2 s | |" in printed
    assert "| | recover ÷ plain: 32 | 1.50 | 1.6 |" in printed
    assert "| capture | 110 s | took too long" in printed
    assert "| training | 3 s | failed (1): Traceback | |" in printed
    assert "| | texts a second, lesson 253.6, rnnviz 6,531.2 | 25.8 | 25 |" in printed


def test_a_counted_model_gives_every_letter_some_of_a_probability_of_one_and_repeats_what_it_read():
    ids = np.array([0, 1, 2, 0, 1, 3, 0, 1, 2, 2, 1, 0] * 5)
    counted = letters.KneserNey(ids, order=3, size=5)
    for before in ([0, 1], [3, 3], [4, 4]):  # seen, its last letter seen, nothing seen
        given = [counted.predict(np.array([*before, letter]))[-1] for letter in range(5)]
        assert sum(given) == pytest.approx(1)
        assert min(given) > 0
    assert np.argmax([counted.predict(np.array([0, 1, letter]))[-1] for letter in range(5)]) == 2


def test_kneser_ney_asks_after_how_many_letters_a_letter_stands_not_how_often():
    counted = letters.KneserNey(np.array([0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 3, 2, 0, 3]), order=2, size=5)
    once, thrice = (counted.predict(np.array([letter]))[0] for letter in (1, 3))
    assert once < thrice  # 1 stands after 0 alone, 3 after three letters


def test_a_naive_bayes_is_the_counting_that_its_name_says():
    rows = datasets.Dataset("two", ("aa", "bb", "b"), np.array([0, 1, 1]), ("A", "B"), formats.DataFormat())
    told = letters.NaiveBayes(rows).predict(["ab"], most=1)[
        0
    ]  # one trigram, the marks and a; of the 4 seen, and unseen
    expected = np.array([2 / 5 * 2 / 7, 3 / 5 * 1 / 8])
    assert told == pytest.approx(expected / expected.sum())


def test_the_row_of_a_detector_of_languages_is_what_evaluate_says(capsys):
    network, test = opened("languages-lstm"), few_languages()
    letters.languages(network, test, test)
    cells = table_row(capsys.readouterr().out, "languages-lstm")
    found = rnnviz.evaluate(network, test)
    shares = [*found.beginnings.values(), found.accuracy, found.calibration_error]
    assert cells[1:] == [str(len(test)), *(f"{share:.2%}" for share in shares)]


def few_languages() -> datasets.Dataset:
    """Sentences of the page's examples are short; these are long enough for all beginnings."""
    known = formats.FORMATS["languages"]
    texts = {
        "English": "It rained all morning, so we stayed at home and read to each other.",
        "German": "Am Morgen hat es geregnet, und wir sind zu Hause geblieben und haben gelesen.",
        "Greek": "Έβρεχε όλο το πρωί και μείναμε στο σπίτι να διαβάσουμε.",
        "Nepali": "बिहानभरि पानी पर्‍यो, त्यसैले हामी घरमै बसेर किताब पढ्यौं।",
    }
    names = tuple(entry.name for entry in known.classes)
    labels = np.array([names.index(name) for name in texts])
    return datasets.Dataset("few", tuple(texts.values()), labels, names, known)
