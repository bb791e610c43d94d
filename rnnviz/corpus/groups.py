"""Groups of units and words: what they are, and the file groups.json in the folder of an index.

The file holds the SHA-256 of the index.json that it is of, which lists those of all other files, and its own. It is
read as if a stranger had written it. Left out: how groups are found (``rnnviz.corpus.coclustering``).
"""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rnnviz import files
from rnnviz.corpus.index import ABOUT, GROUPS, MOST_ABOUT, Index, Sha256, opened_file
from rnnviz.errors import IndexFileError
from rnnviz.model_config import MOST_UNITS
from rnnviz.untrusted.strict_json import json_object

MOST_WORDS, MOST_GROUPS = 500, 8
_MOST_BYTES = 32_000_000

Unit = Annotated[int, Field(ge=0, lt=2 * MOST_UNITS)]
Units = Annotated[tuple[Unit, ...], Field(max_length=2 * MOST_UNITS)]
Word = Annotated[str, Field(max_length=10_000)]
Group = Annotated[int, Field(ge=0, lt=MOST_GROUPS)]
Response = Annotated[float, Field(ge=-1e6, le=1e6)]
Rand = Annotated[float, Field(ge=-1, le=1)]
Row = Annotated[tuple[Response, ...], Field(max_length=MOST_WORDS)]


class Stability(BaseModel):
    """Whether so many groups come back, in adjusted Rand indexes: 1 where they are the same, 0 for chance.

    Attributes:
        groups: How many.
        units: Between the groups of units that two halves of the texts give, each with a half of the words.
        units_shuffled: The same in matrices without groups, on average.
        units_limit: What ``units`` has to exceed: as far above ``units_shuffled`` as any number of groups is in any
            of these matrices.
        words: Between the groups of words that these halves of the texts give, each with a half of the units.
        words_shuffled: The same in matrices without groups, on average.

    Example:
        >>> numbers = {"units": 0.44, "units_shuffled": 0.01, "units_limit": 0.16, "words": 0.06, "words_shuffled": 0.0}
        >>> rnnviz.corpus.Stability(groups=8, **numbers).holds
        True
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    groups: int = Field(ge=2, le=MOST_GROUPS)
    units: Rand
    units_shuffled: Rand
    units_limit: Rand
    words: Rand
    words_shuffled: Rand

    @property
    def holds(self) -> bool:
        """Whether the groups of units come back more surely than in any shuffled matrix."""
        return self.units > self.units_limit

    @property
    def margin(self) -> float:
        """How far they are above the shuffled matrices."""
        return self.units - self.units_shuffled


class Groups(BaseModel):
    """Units and words in groups, or the finding that there are none.

    Attributes:
        format: Of the file.
        index_sha256: Of the index.json of the index that it is of.
        weights_sha256, vocabulary_sha256: Of the files of the index's network.
        sha256: Of all else in the file.
        units: The rows of ``responses``, group after group, each group beginning with the units that do most there;
            where there are no groups, in order. Backward units follow the forward ones.
        silent: Units that do nothing at any of the words.
        words: The columns, likewise; where there are no groups, the most frequent first.
        counts: How often each word is in the corpus.
        responses: E[Δh | word] of each unit at each word.
        groups: How many groups there are; 0 where no number of groups is stable.
        unit_groups, word_groups: The group of each row and of each column, from 0; none where there are none.
        stability: Of each number of groups that was tried.

    Example:
        >>> index = rnnviz.corpus.Index.load("agnews.index")  # doctest: +SKIP
        >>> index.groups().groups  # doctest: +SKIP
        8
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
    index_sha256: Sha256
    weights_sha256: Sha256
    vocabulary_sha256: Sha256
    sha256: Sha256 = "0" * 64
    units: Units
    silent: Units
    words: tuple[Word, ...] = Field(max_length=MOST_WORDS)
    counts: tuple[Annotated[int, Field(ge=1)], ...] = Field(max_length=MOST_WORDS)
    responses: tuple[Row, ...] = Field(max_length=2 * MOST_UNITS)
    groups: int = Field(ge=0, le=MOST_GROUPS)
    unit_groups: tuple[Group, ...] = Field(max_length=2 * MOST_UNITS)
    word_groups: tuple[Group, ...] = Field(max_length=MOST_WORDS)
    stability: tuple[Stability, ...] = Field(max_length=MOST_GROUPS)

    @model_validator(mode="after")
    def _fits(self) -> "Groups":
        """Refuse a matrix without a name for each row and column, and groups that are not in their order."""
        rows, columns = len(self.units), len(self.words)
        if len({*self.units, *self.silent}) != rows + len(self.silent):
            raise ValueError("a unit is there twice")
        if len(self.responses) != rows or {len(row) for row in self.responses} - {columns}:
            raise ValueError("its matrix has not a row for each unit and a column for each word")
        if len(self.counts) != columns:
            raise ValueError("it has not a count for each word")
        for found, length in ((self.unit_groups, rows), (self.word_groups, columns)):
            if len(found) != (length if self.groups else 0) or list(found) != sorted(found):
                raise ValueError("its groups do not follow one another")
            if set(found) != set(range(self.groups)):
                raise ValueError("a group is empty")
        return self

    def units_of(self, group: int) -> tuple[int, ...]:
        """The units of a group, from 0; those that do most come first."""
        return tuple(unit for unit, own in zip(self.units, self.unit_groups, strict=True) if own == group)

    def words_of(self, group: int) -> tuple[str, ...]:
        """The words of a group, from 0; those that tell it most from the others come first."""
        return tuple(word for word, own in zip(self.words, self.word_groups, strict=True) if own == group)

    def __repr__(self) -> str:
        found = f"{self.groups} groups of" if self.groups else "no groups in"
        return f"Groups({found} {len(self.units)} units and {len(self.words)} words)"

    __str__ = __repr__


def signed(groups: Groups) -> Groups:
    """The same with its own hash."""
    return groups.model_copy(update={"sha256": _hash(groups)})


def save(groups: Groups, index: Index) -> Path:
    """Write groups into the folder of their index.

    Returns:
        The file.

    Raises:
        StorageError: It could not be written.
    """
    path = index.folder / GROUPS
    files.atomic_write(path, json.dumps(groups.model_dump(mode="json"), ensure_ascii=False).encode())
    return path


def load(index: Index) -> Groups:
    """The groups in the folder of an index; ``Index.groups`` is its public name.

    Raises:
        IndexFileError: There are none, they are of another index, or the file is damaged.
    """
    path = index.folder / GROUPS
    if not files.lexists(path):
        raise IndexFileError("groups_missing", path=index.folder)
    with opened_file(path, None, _MOST_BYTES) as file:
        data = file.read(_MOST_BYTES)
    try:
        json_object(data)
        found = Groups.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"{'.'.join(map(str, first['loc']))[:100] or 'the file'}: {first['msg']}"
        raise _damaged(path, problem) from None
    except ValueError as error:
        raise _damaged(path, str(error)) from None
    if found.sha256 != _hash(found):
        raise _damaged(path, "it was changed since it was written: its SHA-256 is another")
    if found.index_sha256 != index_hash(index):
        raise IndexFileError("groups_other", path=path, folder=index.folder)
    if {*found.units, *found.silent} != set(range(index.units)):
        raise _damaged(path, "its units are not those of the index")
    return found


def index_hash(index: Index) -> str:
    """The SHA-256 of an index.json, which stands for the whole index."""
    with opened_file(index.folder / ABOUT, None, MOST_ABOUT) as file:
        return files.sha256(file.read(MOST_ABOUT))


def _damaged(path: Path, problem: str) -> IndexFileError:
    return IndexFileError("groups_damaged", path=path, folder=path.parent, problem=problem)


def _hash(groups: Groups) -> str:
    content = groups.model_dump(mode="json", exclude={"sha256"})
    return files.sha256(json.dumps(content, sort_keys=True).encode())
