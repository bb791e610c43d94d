"""All that is wrong with a checkpoint, not only what loading would object to first.

Left out: what the checks are (``rnnviz.checkpoint.checks``), but for the two files that a reading does not need.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rnnviz import files, signals
from rnnviz.checkpoint.card import model_card
from rnnviz.checkpoint.checks import CARD, CHECKS, CONFIG, UNITS, VOCABULARIES, WEIGHTS, Parts
from rnnviz.checkpoint.config import refuse
from rnnviz.checkpoint.weights import listed
from rnnviz.errors import CheckpointError
from rnnviz.model_config import ModelConfig

JsonPath = tuple[str | int, ...]
_MOST_LEVELS = 100


@dataclass(frozen=True)
class Finding:
    """What came of one check.

    Attributes:
        check: What was looked at.
        state: "passed", "failed", or "not checked" where it rests on something that failed.
        problem: Why it failed, in a sentence; else empty.
    """

    check: str
    state: Literal["passed", "failed", "not checked"]
    problem: str = ""


def examine(folder: str | Path) -> list[Finding]:
    """Run every check on a checkpoint's folder: all that ``load`` runs, the size of units.json and the model card.

    Nothing is changed, and nothing is raised for what is wrong. One finding a check, in the order of the checks.
    """
    parts = Parts(Path(folder))
    findings: list[Finding] = []
    for name, check in (CHECKS | _MORE).items():
        problem = _problem(check, parts)
        repeated = any(problem == finding.problem for finding in findings)
        if not problem:
            findings.append(Finding(name, "passed"))
        elif repeated:
            findings.append(Finding(name, "not checked"))
        else:
            findings.append(Finding(name, "failed", problem))
    return findings


def checkpoints_in(folder: str | Path) -> list[Path]:
    """The folder itself if it is a checkpoint, however damaged, or holds none; else those in it, by name."""
    folder = Path(folder)
    if _is_checkpoint(folder) or not folder.is_dir():
        return [folder]
    return [inner for inner in files.folders(folder) if _is_checkpoint(inner)] or [folder]


def _is_checkpoint(folder: Path) -> bool:
    return any(files.lexists(folder / name) for name in (WEIGHTS, CONFIG, *VOCABULARIES.values()))


def _problem(check: Callable[[Parts], object], parts: Parts) -> str:
    try:
        check(parts)
    except CheckpointError as error:
        return str(error)
    return ""


def _units(parts: Parts) -> None:
    """units.json has as many numbers, or lists of words, as the network has units."""
    if not parts.described:
        return  # a checkpoint need not have been described
    problems = []
    for path, expected in _expected_lengths(parts.config.model, parts.units):
        actual = _length(parts.units, path)
        if actual != expected:
            problem = "missing" if actual is None else f"a list of {actual:,}"
            problems.append(f"{'.'.join(map(str, path))} is {problem}, expected {expected:,} entries")
    if problems:
        refuse(parts.folder / UNITS, listed(problems))


def _expected_lengths(model: ModelConfig, units: dict[str, Any]) -> Iterator[tuple[JsonPath, int]]:
    """Where a list should be, and how long, of those that ``rnnviz.training.unit_summary`` writes."""
    yield ("layers",), model.layers
    levels = range(min(_length(units, ("quantiles",)) or 1, _MOST_LEVELS))
    for layer, direction in itertools.product(range(model.layers), signals.DIRECTIONS[: model.directions]):
        prefix = ("layers", layer, direction)
        for entry in signals.SIGNALS[model.cell]:
            yield (*prefix, "signals", entry.name, "mean"), model.hidden_size
            yield from (((*prefix, "signals", entry.name, "quantiles", level), model.hidden_size) for level in levels)
        for words in ("raised_by", "lowered_by"):
            yield (*prefix, words), model.hidden_size


def _length(value: Any, path: JsonPath) -> int | None:
    for step in path:
        try:
            value = value[step]
        except (TypeError, LookupError):
            return None
    return len(value) if isinstance(value, list) else None


def _card(parts: Parts) -> None:
    """README.md is the card that config.json makes."""
    path = parts.folder / CARD
    lines = parts.file(CARD).decode(errors="replace").splitlines()
    config = parts.config.model_dump(mode="json")
    try:
        expected_lines = model_card(config).splitlines()
    except (TypeError, LookupError, ValueError, AttributeError):
        refuse(parts.folder / CONFIG, "its scores or its history are not what rnnviz writes")
    for line, (actual, expected) in enumerate(itertools.zip_longest(lines, expected_lines), start=1):
        if actual != expected:
            refuse(path, f"it is not what config.json says, first in line {line}")


_MORE: dict[str, Callable[[Parts], object]] = {"size of the summary of the units": _units, "model card": _card}
