"""A checkpoint's config.json: what it may hold, and reading it as if a stranger had written it."""

from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from rnnviz import files
from rnnviz.data.formats import DataFormat
from rnnviz.errors import CheckpointError
from rnnviz.model_config import ModelConfig, Task, Tokens
from rnnviz.untrusted.strict_json import json_object

MOST_BYTES = 1_000_000
_MOST_OBJECTIONS = 10


class Probe(BaseModel):
    """A text with the logits that the network gave it when it was saved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(max_length=1_000)
    logits: tuple[FiniteFloat, ...]


class CheckpointConfig(BaseModel):
    """What config.json holds. Unknown keys, wrong types and sizes out of bounds are refused.

    Attributes:
        format: 1 where the network reads words, one a line in vocabulary.txt; 2 where it reads letters, an array in
            vocabulary.json.
        name, title: The folder's name and a few words for menus.
        tokens: What it reads.
        task: What it answers: the class of a text, or at each token which one comes next. Then its classes are the
            entries of its vocabulary.
        model: The network's shape.
        data: How its data set is read.
        weights_sha256, vocabulary_sha256: Of the two files.
        probes: Sentences that it must reproduce.
        scores: What ``evaluate`` measured, by name of the set ("dev", "test").
        training: Command, seed, recipe, hash of the data, versions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1, 2] = 1
    name: str = Field(max_length=200)
    title: str = Field(default="", max_length=200)
    tokens: Tokens = "words"
    task: Task = "classify"
    model: ModelConfig
    data: DataFormat
    weights_sha256: str = ""
    vocabulary_sha256: str = ""
    probes: tuple[Probe, ...] = Field(default=(), max_length=16)
    scores: dict[str, dict[str, Any]] = {}
    training: dict[str, Any] = {}

    @model_validator(mode="after")
    def _whole(self) -> "CheckpointConfig":
        """Refuse what belongs to another format or task."""
        if (self.format == 2) != (self.tokens == "letters"):
            raise ValueError("format 1 is for words, format 2 for letters")
        model = self.model
        if self.task == "next" and (model.bidirectional or model.reading == "padded" or model.pooling != "last"):
            raise ValueError("what tells the next token reads in one direction, packed, and its last state")
        return self


def read_config(path: Path) -> CheckpointConfig:
    """Read config.json.

    Raises:
        CheckpointError: It is missing, or holds what it may not.
    """
    return config_from(path, files.read_once(path, MOST_BYTES))


def config_from(path: Path, data: bytes) -> CheckpointConfig:
    """What config.json holds, as ``read_config``; the path is for its objections."""
    try:
        json_object(data)
        config = CheckpointConfig.model_validate_json(data, strict=True)
    except ValidationError as error:
        refuse(path, "; ".join(_objection(entry["loc"], entry["msg"]) for entry in error.errors()[:_MOST_OBJECTIONS]))
    except ValueError as error:
        refuse(path, str(error))
    names = config.model.vocabulary_size if config.task == "next" else len(config.data.classes)
    if names != config.model.classes:
        refuse(path, f"{names} class names for {config.model.classes} outputs")
    if not (config.weights_sha256 and config.vocabulary_sha256 and config.probes):
        refuse(path, "the hashes or the test sentences are missing")
    return config


def _objection(path: tuple[int | str, ...], problem: str) -> str:
    own = problem.removeprefix("Value error, ")  # Pydantic's, before what a validator of ours says
    return f"{'.'.join(str(part) for part in path)[:100] or 'the file'}: {own}"


def refuse(path: Path, problem: str) -> NoReturn:
    """Say what is wrong with one of a checkpoint's text files."""
    raise CheckpointError("checkpoint_config", path=path, problem=problem) from None
