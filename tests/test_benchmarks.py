"""The benchmarks of training, in a small size: what they print agrees with itself."""

import copy
import re
import sys
from pathlib import Path

import pytest
import torch

import rnnviz
from rnnviz.page import learning

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import capture as capture_benchmark
import gpu_table
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
