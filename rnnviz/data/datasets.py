"""Labelled texts: known data sets, anybody's CSV, the Hugging Face Hub. Every file is checked before a row is used.

Left out: the files themselves (``rnnviz.data.tables``), which column holds what (``rnnviz.data.columns``), a data
set's own spelling (``rnnviz.data.spelling``), tokens (``rnnviz.data.text``), generated tasks (``rnnviz.tasks``).
"""

import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, NoReturn, Unpack

import numpy as np
from jaxtyping import Int

from rnnviz.data.columns import MOST_CLASSES, Columns, wanted
from rnnviz.data.csv_files import Nested, Row, Table
from rnnviz.data.file_options import FileOptions as FileOptions, checked
from rnnviz.data.formats import ClassName, DataFormat, named_format
from rnnviz.data.spelling import SPELLINGS
from rnnviz.data.tables import read_table
from rnnviz.errors import DataError, DataWarning

_FACTS = ("source", "licence")
_MOST_NAME, _MOST_NAMED = 40, 5
_SAMPLE, _FEW, _MOSTLY = 1_000, 20, 0.8  # texts that are looked at; single words in a few texts say nothing
_UNSPACED = re.compile(  # Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese, in longer rows than words
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff]{7,}"
)
_NO_LABEL = "\0label"  # a column that no file has


@dataclass(frozen=True, eq=False)
class Dataset:
    """Texts with their labels.

    Attributes:
        name: For titles.
        texts: As a person would have written them.
        labels: Place of each text's class in ``classes``.
        classes: Names of the classes.
        format: How the texts were read.

    Example:
        >>> parity = rnnviz.tasks.generate("parity", rows=100, length=8)
        >>> learned, held_out = parity.split(10)
        >>> learned, len(held_out)
        (Dataset(parity, 90 texts, 2 classes), 10)
        >>> parity.classes[parity.labels[0]], parity.texts[0]
        ('even', '1 1 0 0 0 0 0')
    """

    name: str
    texts: tuple[str, ...]
    labels: Int[np.ndarray, " text"]
    classes: tuple[str, ...]
    format: DataFormat

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"Dataset({self.name}, {len(self):,} texts, {len(self.classes)} classes)"

    def take(self, rows: Sequence[int] | Int[np.ndarray, " row"] | slice) -> "Dataset":
        """Some of the rows, in the order given."""
        indices = np.arange(len(self))[rows]
        return replace(self, texts=tuple(self.texts[index] for index in indices), labels=self.labels[indices])

    def split(self, rows: int, seed: int = 0) -> tuple["Dataset", "Dataset"]:
        """The texts to learn from, and ``rows`` drawn at random to measure on (many files are sorted by class).

        Both keep the order of the file.

        Raises:
            DataError: None would be left to learn from.
        """
        if rows >= len(self):
            raise DataError("held_out", rows=rows, texts=len(self))
        drawn = np.random.default_rng(seed).permutation(len(self))
        return self.take(np.sort(drawn[rows:])), self.take(np.sort(drawn[:rows]))

    def joined(self, others: Sequence["Dataset"]) -> "Dataset":
        """These texts, then those of other data sets with the same classes, in whatever order they name them.

        Raises:
            DataError: The classes are others.
        """
        for other in others:
            if set(other.classes) != set(self.classes):
                raise DataError("classes_joined", found=", ".join(other.classes), wanted=", ".join(self.classes))
        sets = (self, *others)
        labels = [[self.classes.index(name) for name in one.classes] for one in sets]
        facts = {name: "; ".join(dict.fromkeys(getattr(one.format, name) for one in sets)) for name in _FACTS}
        return replace(
            self,
            format=self.format.model_copy(update=facts),
            texts=tuple(text for one in sets for text in one.texts),
            labels=np.concatenate([np.array(own)[one.labels] for own, one in zip(labels, sets, strict=True)]),
        )

    def sha256(self) -> str:
        """A hash of all texts and labels, to name the data in a checkpoint."""
        digest = hashlib.sha256()
        for text, label in zip(self.texts, self.labels, strict=True):
            digest.update(f"{label}\t{text}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def load(
    path: str | Path,
    data_format: DataFormat | str | None = None,
    *,
    otherwise: DataFormat | None = None,
    labelled: bool = True,
    data: bytes | None = None,
    **options: Unpack[FileOptions],
) -> Dataset:
    r"""Read a file of labelled texts: .csv or .tsv, JSON, Excel or Parquet, also gzipped or in a zip archive.

    What is found in the file rather than passed, such as an unusual delimiter, is told by a ``DataWarning``.

    Args:
        path: The file.
        data_format: Which columns hold what, or the name of a known data set (a key of ``FORMATS``). None recognises a
            known data set, and else reads the columns ``text`` and ``label``. A file without a header line has the
            columns ``1``, ``2`` and so on.
        otherwise: How to read a file whose header is not that of a known data set; its columns ``text`` and ``label``
            when None.
        labelled: Whether it has labels. Without, no column of them is asked for, and all texts get the first class.
        data: What the file holds, where it is already in memory; ``path`` is then only its name.
        options: How the file is written, as far as it cannot be found in it: the fields of
            ``rnnviz.datasets.FileOptions``.

    Raises:
        DataError: The file cannot be used as it is; the message names the line and what to do.
        SelectionError: There is no known data set of that name.

    Example:
        >>> from pathlib import Path
        >>> _ = Path("reviews.csv").write_text("review,stars\nnot bad,4\nawful,1\nfine,4\ndull,1\n")
        >>> columns = rnnviz.formats.DataFormat(text_columns=("review",), label_column="stars")
        >>> rnnviz.datasets.load("reviews.csv", columns)
        Dataset(reviews, 4 texts, 2 classes)
    """
    loaded = examined(path, data_format, otherwise=otherwise, labelled=labelled, data=data, **options)
    for remark in loaded.remarks:
        warnings.warn(remark, stacklevel=2)
    return loaded.dataset


_FIRST = 6
"""So many rows are shown of a file, with the names of its columns."""


class Examined(NamedTuple):
    """A file that was read, and what somebody ought to be told of it.

    Attributes:
        dataset: Its texts.
        header: The names of its columns.
        options: How it was read, as far as that was passed or found.
        remarks: What was found in it, and what was left out.
        first: Its first rows as they stand there, the names of the columns among them.
    """

    dataset: Dataset
    header: list[str]
    options: FileOptions
    remarks: tuple[DataWarning, ...]
    first: list[list[str]]


def examined(
    path: str | Path,
    data_format: DataFormat | str | None = None,
    *,
    otherwise: DataFormat | None = None,
    labelled: bool = True,
    data: bytes | None = None,
    **options: Unpack[FileOptions],
) -> Examined:
    """Read a file as ``load`` does, and give back the remarks instead of warning.

    Raises:
        DataError, SelectionError: As ``load``.
    """
    path, said = Path(path), checked(**options)
    ask = wanted(path, data_format, otherwise, said, labelled=labelled)
    table = read_table(path, said, ask.suits, data)
    if not table.rows:
        _empty(path, "")
    if table.options.get("header"):
        ask = ask._replace(header=True)
    columns = ask.columns(table)
    header, rows, chosen_format = columns.header, columns.rows, columns.format
    if not labelled:
        classes = chosen_format.classes or (ClassName(value=_NO_LABEL, name="unlabelled"),)
        rows = [(line, [*fields, classes[0].value]) for line, fields in rows]
        header = [*header, _NO_LABEL]
        chosen_format = chosen_format.model_copy(update={"label_column": _NO_LABEL, "classes": classes})
    if said.get("quotes") is None and table.swallowed:
        _refuse_swallowed(path, columns, table)
    dataset, other_classes = _dataset(path, header, rows, chosen_format)
    remarks = _of_other_classes(path, other_classes)
    if columns.found:
        remarks.append(DataWarning("data_found", path=path, options=columns.found))
    if table.unnamed and len(rows) < len(table.rows):
        remarks.append(DataWarning("data_unnamed", path=path, rows=table.unnamed))
    unsplit = _unsplit_share(dataset.texts)
    if unsplit >= _MOSTLY:
        remarks.append(DataWarning("data_unsplit", path=path, percent=round(100 * unsplit)))
    first = [fields for _, fields in table.rows[:_FIRST]]
    return Examined(
        dataset, columns.header, {**table.options, "header": len(rows) < len(table.rows)}, tuple(remarks), first
    )


def _unsplit_share(texts: Sequence[str]) -> float:
    """How many of some texts are one long token, or mostly letters of a script that sets no spaces; 0 to 1."""
    sample = [text for text in texts[:: max(1, len(texts) // _SAMPLE)] if text]
    single = sum(len(text.split()) == 1 for text in sample) if len(sample) >= _FEW else 0
    unspaced = sum(2 * sum(map(len, _UNSPACED.findall(text))) > len(text) for text in sample)
    return max(single, unspaced) / max(1, len(sample))


def _refuse_swallowed(path: Path, columns: Columns, table: Table) -> None:
    """Refuse quotation marks that hold several rows together: lines as wide as a row, each with a label of others."""
    if columns.format.label_column not in columns.header:
        return
    at = columns.header.index(columns.format.label_column)
    known = {fields[at].strip() for _, fields in columns.rows}
    known |= {text for entry in columns.format.classes for text in (entry.value, entry.name)}
    for line, inner in table.swallowed.items():
        if all(fields[at].strip(' "') in known for fields in inner):
            raise DataError("data_swallowed", path=path, line=line, rows=len(inner))


def from_hub(name: str, split: str, data_format: DataFormat | str | None = None, **options: object) -> Dataset:
    r"""Read a data set of the Hugging Face Hub. The one function here that uses the network, and only when called.

    Args:
        name: Such as "stanfordnlp/sst2"; the path of a local copy works too.
        split: Such as "train" or "train[:1000]".
        data_format: Which columns hold what, or the name of a known data set.
        options: Go to ``datasets.load_dataset`` as they are.

    Raises:
        DataError: The package ``datasets`` is not installed, there is no such data set or split, or the columns do not
            fit.

    Example:
        >>> from pathlib import Path
        >>> Path("reviews").mkdir()
        >>> _ = Path("reviews/train.csv").write_text("text,label\nnot bad,yes\nawful,no\nfine,yes\ndull,no\n")
        >>> rnnviz.datasets.from_hub("reviews", "train", cache_dir="cache")  # a local copy; else a name on the Hub
        Dataset(reviews, 4 texts, 2 classes)
    """
    try:
        import datasets  # an extra: nobody who stays offline needs it
    except ImportError:
        raise DataError("data_hub_extra") from None
    chosen_format = named_format(data_format) if isinstance(data_format, str) else data_format or DataFormat()
    try:
        table = datasets.load_dataset(name, split=split, **options)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise DataError("data_hub", name=name, problem=str(error).split("\n")[0].rstrip(".")) from None
    if not chosen_format.classes:
        names = getattr(table.features.get(chosen_format.label_column), "names", None) or ()
        classes = tuple(ClassName(value=str(value), name=label) for value, label in enumerate(names))
        chosen_format = chosen_format.model_copy(update={"classes": classes})
    columns = list(table.column_names)
    rows = ((number, [_written(row[column]) for column in columns]) for number, row in enumerate(table, start=1))
    dataset, other_classes = _dataset(Path(name), columns, rows, chosen_format)
    for remark in _of_other_classes(Path(name), other_classes):
        warnings.warn(remark, stacklevel=2)
    return dataset


def _written(value: object) -> str:
    """A value of a data set as a file has it; a list or the like is no text and no label."""
    if isinstance(value, list | dict | bytes):
        return Nested()
    return "" if value is None else str(value)


def _empty(path: Path, detail: str) -> NoReturn:
    raise DataError("data_empty", path=path, detail=detail)


def _of_other_classes(path: Path, rows: Counter[str]) -> list[DataWarning]:
    """What to know of the rows that were left out, by their class."""
    if not rows:
        return []
    named = ", ".join(name[:_MOST_NAME] for name, _ in rows.most_common(_MOST_NAMED))
    more = f" and {len(rows) - _MOST_NAMED:,} more" if len(rows) > _MOST_NAMED else ""
    return [DataWarning("data_other_classes", path=path, rows=rows.total(), found=named + more)]


def _dataset(
    path: Path, header: list[str], all_rows: Iterable[Row], data_format: DataFormat
) -> tuple[Dataset, Counter[str]]:
    """The data set, and how many rows of which other classes were left out."""
    needed = {*data_format.text_columns, data_format.label_column, data_format.skip_column}
    repeated = [name for name, count in Counter(header).items() if count > 1 and name in needed]
    if repeated:
        raise DataError("data_repeated", path=path, name=repeated[0])
    texts_at = [_column(path, header, name, "--text-column") for name in data_format.text_columns]
    label_at = _column(path, header, data_format.label_column, "--label-column")
    rows = list(all_rows)
    if not rows:
        _empty(path, ", only a header")
    if data_format.skip_column in header:
        skip_at = header.index(data_format.skip_column)
        skipped = data_format.skip_values
        rows = [row for row in rows if (row[1][skip_at] not in skipped if skipped else not row[1][skip_at])]
        if not rows:
            _empty(path, f" that its column {data_format.skip_column!r} does not leave out")
    for column in (*texts_at, label_at):
        nested = next((line for line, fields in rows if isinstance(fields[column], Nested)), None)
        if nested is not None:
            raise DataError("data_nested", path=path, line=nested, column=header[column])
    unlabelled = next((line for line, fields in rows if not fields[label_at].strip()), None)
    if unlabelled:
        raise DataError("data_no_label", path=path, line=unlabelled)
    classes = data_format.classes or _found_classes(
        path, data_format.label_column, [fields[label_at] for _, fields in rows]
    )
    class_ids = {entry.name: class_id for class_id, entry in enumerate(classes)}  # a file may name them as people do
    class_ids |= {entry.value: class_id for class_id, entry in enumerate(classes)}
    respell = SPELLINGS[data_format.spelling]
    texts, labels = [], []
    other_classes: Counter[str] = Counter()
    for line, fields in rows:
        value = fields[label_at].strip()
        if value not in class_ids and data_format.skip_other_classes:
            other_classes[value] += 1
            continue
        if value not in class_ids:
            raise DataError(
                "data_label",
                path=path,
                line=line,
                given=value[:40],
                choices=", ".join(entry.value for entry in classes)[:200],
            )
        labels.append(class_ids[value])
        texts.append(respell(" ".join(fields[column] for column in texts_at)).strip())
    if not texts:
        _empty(path, " of the classes that are wanted")
    dataset = Dataset(
        name=path.name.split(".")[0],
        texts=tuple(texts),
        labels=np.array(labels, dtype=np.int64),
        classes=tuple(entry.name for entry in classes),
        format=data_format.model_copy(update={"classes": classes}),
    )
    return dataset, other_classes


def _column(path: Path, header: list[str], name: str, option: str) -> int:
    if name in header:
        return header.index(name)
    if name.isdecimal() and 1 <= int(name) <= len(header):
        return int(name) - 1
    columns = ", ".join(column[:_MOST_NAME] for column in header if column != _NO_LABEL)[:200]
    advice = f"Name the right one with {option}."
    if len(header) == 1:
        advice = "It has one column, so pass the --delimiter that stands between its fields, or add the other column."
    raise DataError("data_column", path=path, given=name, columns=columns, advice=advice)


def _found_classes(path: Path, column: str, values: list[str]) -> tuple[ClassName, ...]:
    """The classes of a file that nobody has named, in order of their values (as numbers, where all are)."""
    counts = Counter(value.strip() for value in values)
    if len(counts) == 1:
        raise DataError("data_one_class", path=path, name=next(iter(counts)))
    if len(counts) > MOST_CLASSES or len(counts) > max(20, len(values) // 2):
        raise DataError("data_many_classes", path=path, column=column, classes=len(counts), rows=len(values))
    rare = [value for value, count in counts.items() if count < 2]
    if rare:
        raise DataError("data_rare_class", path=path, name=rare[0])
    numeric = all(re.fullmatch(r"-?\d+", value) for value in counts)
    ordered = sorted(counts, key=int) if numeric else sorted(counts)
    return tuple(ClassName(value=value, name=value) for value in ordered)
