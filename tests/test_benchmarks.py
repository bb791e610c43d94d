"""The benchmarks of training, in a small size: what they print agrees with itself."""

import re
import sys
from pathlib import Path

import pytest

import rnnviz

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import memory
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
    monkeypatch.setattr("rnnviz.training._YIELD_SECONDS", 0.01)


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
