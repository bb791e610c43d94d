"""The trained networks that come with rnnviz: where they lie, what they are called, and what each file's hash is.

In an installed package they lie inside it; in a clone, a Space or an editable install, in ``checkpoints/`` beside it.
``SHA256SUMS`` in that folder lists every file that belongs to them, in the format of the command sha256sum. Needs no
torch.

Left out: opening them (``rnnviz.checkpoint.folder``).
"""

import errno
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnviz import files
from rnnviz.errors import CheckpointError, nearest

SUMS = "SHA256SUMS"
_PACKAGE = Path(__file__).parent.parent
_FOLDERS = (_PACKAGE / "checkpoints", _PACKAGE.parent / "checkpoints")
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^/]+)/([^/]+)")
_MOST_BYTES = 1_000_000
_LONGEST = 200


@dataclass(frozen=True)
class Network:
    """What is known of a shipped network without opening it.

    Attributes:
        name: What ``load`` takes.
        title: A few words for menus, the task first.
        cell: "rnn", "gru" or "lstm".
        layers, directions, units: Its shape; ``units`` are those of one layer in one direction.
        reading: "packed", or "padded" for the one that reads its padding too.
        tokens: What it reads: "words" or "letters".
        labels: Its answers; none of a network that tells the next token.
        accuracy: Share of right answers, 0 to 1, on ``texts`` texts of ``measured``; or of tokens that were told.
        bits: What a token takes, in bits, of a network that tells the next token; else None.
        texts: How many texts, or tokens that were to be told, it was measured on.
        measured: "test", an official test set, or "dev", texts that were held out.
        path: Its folder.
    """

    name: str
    title: str
    cell: str
    layers: int
    directions: int
    units: int
    reading: str
    tokens: str
    labels: tuple[str, ...]
    accuracy: float
    bits: float | None
    texts: int
    measured: str
    path: Path

    @property
    def task(self) -> str:
        """What it was trained for: "sentiment", for example."""
        return self.title.partition(" · ")[0]


def folder() -> Path:
    """The folder that holds the shipped networks, one folder each.

    Raises:
        CheckpointError: It is not where it was installed.
    """
    for path in _FOLDERS:
        if (path / SUMS).is_file():
            return path
    raise CheckpointError("shipped_missing", path=_FOLDERS[0])


def names() -> tuple[str, ...]:
    """The names of the shipped networks, in alphabetical order."""
    return tuple(sorted(_sums(folder())))


def find(name: str | Path) -> Path:
    """The folder of a checkpoint: the folder of that path if there is one, else the shipped network of that name.

    Raises:
        CheckpointError: There is neither, or the folder may not be looked at.
    """
    path = Path(name)
    if _is_folder(path):
        return path
    shipped = names()
    if str(name) in shipped:
        return folder() / name
    last = re.split(r"[\\/]", str(name).rstrip("\\/"))[-1]
    raise CheckpointError(
        "checkpoint_unknown",
        path=str(name)[:_LONGEST],
        hint=nearest(last, shipped),
        choices=", ".join(shipped),
    )


def networks() -> tuple[Network, ...]:
    """The networks that come with rnnviz, by name.

    Raises:
        CheckpointError: They are not where they were installed, or are damaged.

    Example:
        >>> rnnviz.networks()[-2].name
        'sst2-rnn'
    """
    return tuple(_network(folder() / name) for name in names())


def sums_of(checkpoint: Path) -> dict[str, str]:
    """The SHA-256 of each file of a checkpoint, by file name, as SHA256SUMS beside its folder lists them.

    Empty where there is no such list, or where it does not name the checkpoint.
    """
    whole = checkpoint.resolve()
    return _sums(whole.parent).get(whole.name, {})


def _sums(parent: Path) -> dict[str, dict[str, str]]:
    """What SHA256SUMS in a folder lists: checkpoint to file to hash."""
    listed: dict[str, dict[str, str]] = {}
    if (parent / SUMS).is_file():
        lines = files.read_once(parent / SUMS, _MOST_BYTES).decode(errors="replace").splitlines()
        for match in filter(None, map(_LINE.fullmatch, lines)):
            listed.setdefault(match[2], {})[match[3]] = match[1]
    return listed


def _is_folder(path: Path) -> bool:
    try:
        return files.read_consistently(path, Path.is_dir)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise CheckpointError("checkpoint_unread", path=path, problem=error.strerror) from error


def _network(path: Path) -> Network:
    data = files.read_once(path / "config.json", _MOST_BYTES)
    try:
        return _described(path, json.loads(data))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise CheckpointError("checkpoint_config", path=path / "config.json", problem="it cannot be read") from None


def _described(path: Path, config: dict[str, Any]) -> Network:
    model, scores = config["model"], config["scores"]
    measured = "test" if "test" in scores else "dev"
    return Network(
        name=path.name,
        title=config["title"],
        cell=model["cell"],
        layers=model["layers"],
        directions=2 if model["bidirectional"] else 1,
        units=model["hidden_size"],
        reading=model["reading"],
        labels=tuple(entry["name"] for entry in config["data"]["classes"]),
        tokens=config.get("tokens", "words"),
        accuracy=scores[measured]["accuracy"],
        bits=scores[measured].get("bits"),
        texts=scores[measured]["n"],
        measured=measured,
        path=path,
    )
