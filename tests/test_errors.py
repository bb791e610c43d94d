"""Errors: each sentence stands once, can be filled, is used, and keeps what a page or another process needs."""

import ast
import copy
import pickle
import re
import string
from pathlib import Path

import pytest

from rnnviz import errors
from rnnviz.errors import MESSAGES, RnnvizError, SelectionError, unknown

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RnnvizError)]
BUILTINS = {
    "SelectionError": LookupError,
    "TextError": ValueError,
    "LengthError": ValueError,
    "DataError": ValueError,
    "DataWarning": UserWarning,
    "CheckpointError": ValueError,
    "IndexFileError": ValueError,
    "CaptureError": TypeError,
    "MemoryLimitError": MemoryError,
    "SettingError": ValueError,
    "StorageError": OSError,
    "TrainingError": RuntimeError,
}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def raise_sites() -> list[tuple[str, str, set[str]]]:
    """Where each sentence is raised: file and line, key, and the names of the values given for it."""
    sites = []
    names = {kind.__name__ for kind in KINDS}
    for path in sorted(Path(errors.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in names or not node.args:
                continue
            key = node.args[0]
            assert isinstance(key, ast.Constant), f"{path.name}:{node.lineno} names its sentence in a variable"
            given = {keyword.arg for keyword in node.keywords if keyword.arg}
            sites.append((f"{path.name}:{node.lineno}", key.value, given))
    return sites


def test_every_sentence_is_raised_somewhere_and_every_raised_sentence_exists():
    assert {key for _, key, _ in raise_sites()} == set(MESSAGES)


def test_every_raise_gives_exactly_the_values_its_sentence_asks_for():
    wrong = [(place, key, given) for place, key, given in raise_sites() if given != fields(MESSAGES[key])]
    assert not wrong


@pytest.mark.parametrize("key", MESSAGES)
def test_a_sentence_is_one_or_two_lines_that_end_like_sentences(key):
    lines = MESSAGES[key].split("\n")
    assert len(lines) <= 2
    for line in lines:
        assert line == line.strip()
        assert line.endswith((".", "?", "{hint}", "{advice}", "`")) or re.fullmatch("Run: pip install '.*'", line)


@pytest.mark.parametrize("name", BUILTINS)
def test_each_error_can_be_caught_as_ours_and_as_the_builtin_an_engineer_expects(name):
    kind = getattr(errors, name)
    assert issubclass(kind, RnnvizError)
    assert issubclass(kind, BUILTINS[name])
    assert f"├── {name}" in errors.__doc__ or f"└── {name}" in errors.__doc__


def test_the_tree_at_the_top_names_all_errors_that_there_are():
    assert {kind.__name__ for kind in KINDS} == {"RnnvizError", *BUILTINS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.deepcopy])  # noqa: S301
def test_an_error_survives_the_way_to_another_process(kind, again):
    error = kind("data_missing", path=Path("reviews.csv"))
    found = again(error)
    assert type(found) is kind
    assert (found.key, found.values, str(found)) == ("data_missing", {"path": Path("reviews.csv")}, str(error))


def test_an_error_says_its_sentence_and_keeps_key_and_values_for_other_languages():
    error = errors.TextError("text_long", length=12_000, limit=10_000)
    assert str(error) == "This text has 12,000 tokens; at most 10,000 are read at once.\nRead it in parts."
    assert error.key == "text_long"
    assert error.values == {"length": 12_000, "limit": 10_000}


def test_an_unknown_name_is_answered_with_what_there_is_and_the_nearest_thing():
    error = unknown("signal", "forgt", ["input", "forget", "cell"])
    assert isinstance(error, SelectionError)
    assert str(error) == ("There is no signal 'forgt'; choose one of input, forget, cell. Did you mean 'forget'?")


def test_a_name_that_is_near_nothing_gets_no_guess():
    error = unknown("direction", "xyz", ("forward", "backward"))
    assert str(error) == "There is no direction 'xyz'; choose one of forward, backward."


def test_a_name_may_hold_braces_without_becoming_a_template():
    assert "'{kind}{0}'" in str(unknown("model", "{kind}{0}", ["tiny"]))
