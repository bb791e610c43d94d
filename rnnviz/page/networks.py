"""The networks in a folder, for the page's menu: under which name each is offered, and why one of them cannot be read.

Each stands on its own: what is wrong with one is said of that one. JSON only, no torch, so that it is there with the
page. Left out: what the page says of a network (``rnnviz.page.about``).
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from rnnviz import files
from rnnviz.errors import CheckpointError
from rnnviz.model_config import Task, Tokens

CONFIG = "config.json"
_MOST_BYTES = 1_000_000
_LONGEST = 200


class Entry(NamedTuple):
    """One network of the menu.

    Attributes:
        name, title: What it is called.
        problem: What is wrong with it if it cannot be read.
        tokens, task: What it reads and answers, as far as that is known.
    """

    name: str
    title: str
    problem: CheckpointError | None = None
    tokens: Tokens = "words"
    task: Task = "classify"


def networks(folder: Path) -> dict[str, Path]:
    """The folders that hold a checkpoint, however damaged, by a name that every encoding can carry."""
    inner = files.folders(folder) if files.exists(folder) else []
    return {files.name_of(path): path for path in inner if files.lexists(path / CONFIG) or not files.exists(path)}


def entries(folder: Path) -> list[Entry]:
    """The menu: sentiment, news, questions, what reads letters, generated tasks; at its end, what cannot be read.

    Raises:
        CheckpointError: There is none, or none that can be read.
    """
    menu = [_entry(name, path) for name, path in networks(folder).items()]
    if not menu:
        name = "a folder with a config.json"
        raise CheckpointError("checkpoint_missing", path=folder, name=name, example="checkpoints")
    if all(entry.problem for entry in menu):
        raise CheckpointError("checkpoints_unread", path=folder, names=", ".join(entry.name for entry in menu))
    return sorted(menu, key=lambda entry: (entry.problem is not None, _rank(entry.name), entry.title))


def _entry(name: str, path: Path) -> Entry:
    try:
        config = _config(path)
        tokens: Tokens = "letters" if config.get("tokens") == "letters" else "words"
        task: Task = "next" if config.get("task") == "next" else "classify"
        return Entry(name, _title(config) or name, None, tokens, task)
    except CheckpointError as problem:
        return Entry(name, name, problem)


def _config(path: Path) -> dict[str, Any]:
    try:
        data = files.read_consistently(path, lambda current: files.read_once(current / CONFIG, _MOST_BYTES))
        config = json.loads(data)
    except CheckpointError:
        raise
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        raise CheckpointError("checkpoint_config", path=path / CONFIG, problem="it is no JSON object")
    return config


def _title(config: dict[str, Any]) -> str:
    """What a config.json calls its network; perhaps nothing."""
    title = config.get("title", "")
    return title[:_LONGEST].encode("utf-8", "replace").decode() if isinstance(title, str) else ""


def _rank(name: str) -> int:
    families = ("sst2", "agnews", "trec6", "languages", "shakespeare", "python")
    return next((rank for rank, family in enumerate(families) if name.startswith(family)), len(families))
