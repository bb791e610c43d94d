"""Labelled texts: known data sets, anybody's CSV, the Hugging Face Hub. Every file is checked before a row is used.

A data set's own spelling is undone here (``did n't``, ``-lrb-``, `` #39;``), so that what a person types later
meets the same tokens. Left out: tokens and ids (``rnnviz.text``), generated tasks (``rnnviz.tasks``).
"""

import csv
import gzip
import hashlib
import html
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NoReturn

import numpy as np
from jaxtyping import Int
from pydantic import BaseModel, ConfigDict

from rnnviz.errors import DataError, unknown

Spelling = Literal["plain", "treebank", "ag_news", "html"]

_MOST_BYTES = 2_000_000_000
_MOST_CLASSES = 1_000


class ClassName(BaseModel):
    """One class: the value that stands in the file and the name that people read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    name: str


class DataFormat(BaseModel):
    """How a file becomes texts and labels. A checkpoint's config.json carries it, so ``evaluate`` reads files alike.

    Attributes:
        text_columns: Joined by one space, in this order.
        label_column: Where the label stands.
        classes: Value and name of each class, in the order of the network's outputs; empty takes them from the file.
        spelling: The data set's own habits, undone when it is read.
        skip_column: Rows with anything in this column are left out (test items among the training rows).
        source, licence: For the model card.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_columns: tuple[str, ...] = ("text",)
    label_column: str = "label"
    classes: tuple[ClassName, ...] = ()
    spelling: Spelling = "plain"
    skip_column: str | None = None
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Texts with their labels.

    Attributes:
        name: For titles.
        texts: As a person would have written them.
        labels: Place of each text's class in ``classes``.
        classes: Names of the classes.
        format: How the texts were read.
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
        places = np.arange(len(self))[rows]
        return replace(self, texts=tuple(self.texts[place] for place in places), labels=self.labels[places])

    def split(self, rows: int) -> tuple["Dataset", "Dataset"]:
        """The first rows, and the last ``rows`` as a development set."""
        return self.take(slice(0, len(self) - rows)), self.take(slice(len(self) - rows, None))

    def sha256(self) -> str:
        """A hash of all texts and labels, to name the data in a checkpoint."""
        digest = hashlib.sha256()
        for text, label in zip(self.texts, self.labels, strict=True):
            digest.update(f"{label}\t{text}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def _classes(**names: str) -> tuple[ClassName, ...]:
    return tuple(ClassName(value=value.removeprefix("_"), name=name) for value, name in names.items())


_SENTIMENT = _classes(_0="negative", _1="positive")
_TREEBANK = "Stanford Sentiment Treebank (Socher et al. 2013)"
_RESEARCH = "no licence stated; published for research"

FORMATS: dict[str, DataFormat] = {
    "ag_news": DataFormat(
        text_columns=("title", "description"),
        classes=_classes(_1="World", _2="Sports", _3="Business", _4="Sci/Tech"),
        spelling="ag_news",
        source="AG News (Zhang, Zhao and LeCun 2015; A. Gulli's corpus)",
        licence="for research and other non-commercial activity",
    ),
    "sst2": DataFormat(classes=_SENTIMENT, spelling="treebank", source=_TREEBANK, licence=_RESEARCH),
    "sst2_phrases": DataFormat(
        classes=_SENTIMENT,
        spelling="treebank",
        skip_column="also_in",
        source=f"{_TREEBANK}, the 67,349 phrases of GLUE's SST-2",
        licence=_RESEARCH,
    ),
    "sst5": DataFormat(
        classes=_classes(_0="very negative", _1="negative", _2="neutral", _3="positive", _4="very positive"),
        spelling="treebank",
        source=_TREEBANK,
        licence=_RESEARCH,
    ),
    "trec6": DataFormat(
        classes=_classes(
            ABBR="abbreviation", DESC="description", ENTY="entity", HUM="human", LOC="location", NUM="number"
        ),
        spelling="treebank",
        source="TREC question classification (Li and Roth 2002)",
        licence=_RESEARCH,
    ),
    "mr": DataFormat(
        classes=_SENTIMENT,
        spelling="treebank",
        source="movie review sentence polarity 1.0 (Pang and Lee 2005)",
        licence=_RESEARCH,
    ),
    "imdb": DataFormat(
        classes=_SENTIMENT,
        spelling="html",
        source="Large Movie Review Dataset 1.0 (Maas et al. 2011)",
        licence=_RESEARCH,
    ),
}
"""How to read the known data sets, by name."""


def named_format(name: str) -> DataFormat:
    """Look a known data set's format up.

    Raises:
        SelectionError: There is none of this name.
    """
    if name not in FORMATS:
        raise unknown("data format", name, FORMATS)
    return FORMATS[name]


def load(
    path: str | Path, data_format: DataFormat | str | None = None, *, encoding: str | None = None, delimiter: str = ","
) -> Dataset:
    """Read a .csv, .tsv or .csv.gz file of labelled texts.

    Args:
        path: The file. Its first line names the columns.
        data_format: Which columns hold what, or the name of a known data set (a key of ``FORMATS``). None recognises a
            known data set by its header, and else reads the columns ``text`` and ``label``.
        encoding: UTF-8, or UTF-16 with its mark, when None.
        delimiter: Between fields; a .tsv file always uses the tab.

    Raises:
        DataError: The file cannot be used as it is; the message names the line and what to do.
        SelectionError: There is no known data set of that name.
    """
    path = Path(path)
    if ".tsv" in path.suffixes:
        delimiter = "\t"
    rows = list(_rows(path, _decoded(path, encoding), delimiter))
    if not rows:
        _empty(path, "")
    header = [name.strip() for name in rows[0][1]]
    wanted = named_format(data_format) if isinstance(data_format, str) else data_format or _recognised(path, header)
    return _dataset(path, header, rows[1:], wanted)


def from_hub(name: str, split: str, data_format: DataFormat | str | None = None, **options: object) -> Dataset:
    """Read a data set of the Hugging Face Hub. The one function here that uses the network, and only when called.

    Args:
        name: Such as "stanfordnlp/sst2"; the path of a local copy works too.
        split: Such as "train" or "train[:1000]".
        data_format: Which columns hold what, or the name of a known data set.
        options: Go to ``datasets.load_dataset`` as they are.

    Raises:
        DataError: The package ``datasets`` is not installed, or the columns do not fit.
    """
    try:
        import datasets  # an extra: nobody who stays offline needs it
    except ImportError:
        raise DataError("data_hub_extra") from None
    wanted = named_format(data_format) if isinstance(data_format, str) else data_format or DataFormat()
    table = datasets.load_dataset(name, split=split, **options)
    columns = list(table.column_names)
    rows = [(number, [_cell(row[column]) for column in columns]) for number, row in enumerate(table, start=1)]
    return _dataset(Path(name), columns, rows, wanted)


_HEADERS = {
    ("label", "title", "description"): "ag_news",
    ("label", "title", "description", "form"): "ag_news",
    ("label", "text", "also_in"): "sst2_phrases",
    ("label", "fine", "text"): "trec6",
    ("label", "text", "sst_split"): "mr",
    ("label", "rating", "id", "text"): "imdb",
}


def _recognised(path: Path, header: list[str]) -> DataFormat:
    """The known data set with such a header, and for SST's bare one such a folder; else columns text and label."""
    name = _HEADERS.get(tuple(header))
    if name is None and path.parent.name == "sst2" and header == ["label", "text"]:
        name = "sst5" if path.name.startswith("fine_") else "sst2"
    return FORMATS[name] if name else DataFormat()


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _empty(path: Path, detail: str) -> NoReturn:
    raise DataError("data_empty", path=path, detail=detail)


def _decoded(path: Path, encoding: str | None) -> str:
    if not path.is_file():
        raise DataError("data_missing", path=path)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise DataError("data_large", path=path, limit=_MOST_BYTES)
    return _text(path, data, encoding)


def _text(path: Path, data: bytes, encoding: str | None) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode(encoding or ("utf-16" if marked else "utf-8-sig"))
    except LookupError:
        raise DataError("data_codec", given=encoding) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            "data_encoding", path=path, line=line, byte=data[error.start], likely=_likely_encoding(data)
        ) from None


def _likely_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to import, and needed only for this message

    best = from_bytes(data[:200_000]).best()
    return best.encoding.replace("_", "-") if best else "cp1252"


def _rows(path: Path, text: str, delimiter: str) -> Iterable[tuple[int, list[str]]]:
    """Number of its last line, and fields, of each row that is not blank; all must be as wide as the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = 0
    try:
        for fields in reader:
            if not fields:
                continue
            width = width or len(fields)
            if len(fields) != width:
                start = delimiter.join(fields)[:40]
                raise DataError(
                    "data_ragged",
                    path=path,
                    line=reader.line_num,
                    found=len(fields),
                    wanted=width,
                    start=start,
                    delimiter=delimiter,
                )
            yield reader.line_num, fields
    except csv.Error as error:
        raise DataError("data_quote", path=path, line=reader.line_num, problem=error) from None


def _dataset(path: Path, header: list[str], rows: list[tuple[int, list[str]]], wanted: DataFormat) -> Dataset:
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise DataError("data_repeated", path=path, name=repeated[0])
    if not rows:
        _empty(path, ", only a header")
    texts_at = [_column(path, header, name, "--text-column") for name in wanted.text_columns]
    label_at = _column(path, header, wanted.label_column, "--label-column")
    if wanted.skip_column in header:
        skip_at = header.index(wanted.skip_column)
        rows = [row for row in rows if not row[1][skip_at]]
    classes = wanted.classes or _found_classes(path, wanted.label_column, [fields[label_at] for _, fields in rows])
    places = {entry.value: place for place, entry in enumerate(classes)}
    respell = SPELLINGS[wanted.spelling]
    texts, labels = [], []
    for line, fields in rows:
        value = fields[label_at].strip()
        if value not in places:
            raise DataError("data_label", path=path, line=line, given=value, choices=", ".join(places))
        labels.append(places[value])
        texts.append(respell(" ".join(fields[place] for place in texts_at)).strip())
    return Dataset(
        name=path.name.split(".")[0],
        texts=tuple(texts),
        labels=np.array(labels, dtype=np.int64),
        classes=tuple(entry.name for entry in classes),
        format=wanted.model_copy(update={"classes": classes}),
    )


def _column(path: Path, header: list[str], name: str, option: str) -> int:
    if name in header:
        return header.index(name)
    advice = f"Name the right one with {option}."
    other = next((mark for mark in ";\t|," if len(header) == 1 and mark in header[0]), None)
    if other:
        advice = f"The header looks delimited by {other!r}: pass --delimiter."
    raise DataError("data_column", path=path, given=name, columns=", ".join(header)[:200], advice=advice)


def _found_classes(path: Path, column: str, values: list[str]) -> tuple[ClassName, ...]:
    """The classes of a file that nobody has named, in order of their values (as numbers, where all are)."""
    counts = Counter(value.strip() for value in values)
    if len(counts) == 1:
        raise DataError("data_one_class", path=path, name=next(iter(counts)))
    if len(counts) > _MOST_CLASSES or len(counts) > max(20, len(values) // 2):
        raise DataError("data_many_classes", path=path, column=column, classes=len(counts), rows=len(values))
    rare = [value for value, count in counts.items() if count < 2]
    if rare:
        raise DataError("data_rare_class", path=path, name=rare[0])
    numeric = all(re.fullmatch(r"-?\d+", value) for value in counts)
    ordered = sorted(counts, key=int) if numeric else sorted(counts)
    return tuple(ClassName(value=value, name=value) for value in ordered)


_BRACKETS = {"-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "-lcb-": "{", "-rcb-": "}"}
_BRACKET = re.compile("|".join(_BRACKETS), re.IGNORECASE)
_CONTRACTION = re.compile(r" (?=(?:n't|'(?:s|t|m|d|re|ve|ll))\b)", re.IGNORECASE)


def _treebank(text: str) -> str:
    r"""Undo the Penn Treebank's spelling: ``did n't`` → ``didn't``, ``-lrb-`` → ``(``, ``\/`` → ``/``, quotes."""
    text = _BRACKET.sub(lambda found: _BRACKETS[found[0].lower()], text)
    text = text.replace("\\/", "/").replace("\\*", "*").replace("``", '"').replace("''", '"').replace("`", "'")
    return _CONTRACTION.sub("", text)


_ENTITY = re.compile(r"(?:&| )(#\d{1,6}|quot|amp|lt|gt|nbsp);")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def _ag_news(text: str) -> str:
    r"""Undo AG News's left-overs of HTML: `` #39;`` → ``'``, `` quot;`` → ``"``; tags and backslashes become spaces."""
    whole = html.unescape(_ENTITY.sub(r"&\1;", text))
    return _TAG.sub(" ", whole).replace("\\", " ")


def _web(text: str) -> str:
    """Line breaks of a web page become spaces."""
    return _BREAK.sub(" ", text)


SPELLINGS: dict[Spelling, Callable[[str], str]] = {
    "plain": str,
    "treebank": _treebank,
    "ag_news": _ag_news,
    "html": _web,
}
"""What undoes each data set's own spelling."""
