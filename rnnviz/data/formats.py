"""How a file becomes texts and labels: which columns, which classes, whose spelling. The known data sets by name."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from rnnviz.data.spelling import Spelling
from rnnviz.errors import unknown


class ClassName(BaseModel):
    """One class.

    Attributes:
        value: What stands in the column of labels.
        name: What people read.

    Example:
        >>> from rnnviz.formats import ClassName
        >>> ClassName(value="0", name="negative")
        ClassName(value='0', name='negative')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    name: str


class DataFormat(BaseModel):
    """How a file becomes texts and labels. A checkpoint's config.json carries it, so ``evaluate`` reads files alike.

    Attributes:
        text_columns: Joined by one space, in this order. Numbers, from 1, count the columns of a file without header.
        label_column: Where the label stands.
        classes: Value and name of each class, in the order of the network's outputs; empty takes them from the file.
        spelling: The data set's own habits, undone when it is read.
        skip_column: Rows with anything in this column are left out (test items among the training rows), or
        skip_values: only those with one of these values in it.
        skip_other_classes: Whether rows of other classes than these are left out, and not refused.
        source, licence: For the model card.

    Example:
        >>> from rnnviz.formats import ClassName, DataFormat
        >>> two = (ClassName(value="0", name="bad"), ClassName(value="1", name="good"))
        >>> DataFormat(text_columns=("title", "body"), label_column="stars", classes=two).text_columns
        ('title', 'body')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_columns: tuple[str, ...] = ("text",)
    label_column: str = "label"
    classes: tuple[ClassName, ...] = ()
    spelling: Spelling = "plain"
    skip_column: str | None = None
    skip_values: tuple[str, ...] = ()
    skip_other_classes: bool = False
    source: str = ""
    licence: str = ""


def _classes(**names: str) -> tuple[ClassName, ...]:
    return tuple(ClassName(value=value.removeprefix("_"), name=name) for value, name in names.items())


_LANGUAGES = _classes(
    **{"ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German"},
    **{"el": "Greek", "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French", "gu": "Gujarati"},
    **{"he": "Hebrew", "hi": "Hindi", "hy": "Armenian", "ka": "Georgian", "pa": "Punjabi", "th": "Thai"},
    **{"hu": "Hungarian", "id": "Indonesian", "it": "Italian", "mr": "Marathi", "ms": "Malay", "nb": "Norwegian"},
    **{"ne": "Nepali", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sk": "Slovak"},
    **{"sv": "Swedish", "ta": "Tamil", "te": "Telugu", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese"},
)
_SENTIMENT = _classes(_0="negative", _1="positive")
_TREEBANK = "Stanford Sentiment Treebank (Socher et al. 2013)"
_RESEARCH = "no licence stated; published for research"
_ZHANG = "Zhang, Zhao and LeCun 2015"
_YELP = "terms of the Yelp dataset challenge"
_ONTOLOGY = (
    *("Company", "EducationalInstitution", "Artist", "Athlete", "OfficeHolder", "MeanOfTransportation", "Building"),
    *("NaturalPlace", "Village", "Animal", "Plant", "Album", "Film", "WrittenWork"),
)

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
        skip_column="sst_split",
        skip_values=("dev", "test"),
        source="movie review sentence polarity 1.0 (Pang and Lee 2005)",
        licence=_RESEARCH,
    ),
    "imdb": DataFormat(
        classes=_SENTIMENT,
        spelling="html",
        source="Large Movie Review Dataset 1.0 (Maas et al. 2011)",
        licence=_RESEARCH,
    ),
    "yelp_polarity": DataFormat(
        classes=_classes(_1="negative", _2="positive"),
        spelling="escaped",
        source=f"Yelp reviews, polarity ({_ZHANG})",
        licence=_YELP,
    ),
    "yelp_full": DataFormat(
        classes=_classes(_1="1 star", _2="2 stars", _3="3 stars", _4="4 stars", _5="5 stars"),
        spelling="escaped",
        source=f"Yelp reviews, five stars ({_ZHANG})",
        licence=_YELP,
    ),
    "dbpedia": DataFormat(
        text_columns=("title", "content"),
        classes=tuple(ClassName(value=str(value), name=name) for value, name in enumerate(_ONTOLOGY, start=1)),
        source=f"DBpedia ontology classes ({_ZHANG})",
        licence="CC BY-SA 3.0 and GFDL",
    ),
    "languages": DataFormat(
        label_column="language",
        classes=_LANGUAGES,
        skip_other_classes=True,
        source="sentences of web pages from the test data of the language detector lingua (Wortschatz corpora, Leipzig "
        "University); Nepali from FLORES v1",
        licence="CC BY; Nepali CC BY-SA 4.0",
    ),
    "tiny_shakespeare": DataFormat(
        source="Tiny Shakespeare: plays of Shakespeare in one file (char-rnn, Karpathy 2015)", licence="public domain"
    ),
    "sentiment140": DataFormat(
        label_column="target",
        classes=_classes(_0="negative", _4="positive"),
        spelling="html",
        skip_column="target",
        skip_values=("2",),  # the neutral ones, which are in the test file alone
        source="Sentiment140 (Go, Bhayani and Huang 2009)",
        licence=_RESEARCH,
    ),
}
"""How to read the known data sets, by name."""


def named_format(name: str) -> DataFormat:
    """Look a known data set's format up.

    Args:
        name: A key of ``FORMATS``, such as "ag_news" or "sst2".

    Raises:
        SelectionError: There is none of this name.

    Example:
        >>> from rnnviz.formats import named_format
        >>> [entry.name for entry in named_format("ag_news").classes]
        ['World', 'Sports', 'Business', 'Sci/Tech']
    """
    if name not in FORMATS:
        raise unknown("data format", name, FORMATS)
    return FORMATS[name]


_HEADERS = {
    ("label", "title", "description"): "ag_news",
    ("label", "title", "description", "form"): "ag_news",
    ("label", "text", "also_in"): "sst2_phrases",
    ("label", "fine", "text"): "trec6",
    ("label", "text", "sst_split"): "mr",
    ("label", "rating", "id", "text"): "imdb",
}


def recognised(path: Path, header: list[str]) -> DataFormat:
    """The known data set with such a header, and for SST's bare one such a folder; else columns text and label."""
    name = _HEADERS.get(tuple(header))
    if name is None and path.parent.name == "sst2" and header == ["label", "text"]:
        name = "sst5" if path.name.startswith("fine_") else "sst2"
    return FORMATS[name] if name else DataFormat()


_WITHOUT_HEADER = {
    "ag_news": ("label", "title", "description"),
    "yelp_polarity": ("label", "text"),
    "yelp_full": ("label", "text"),
    "dbpedia": ("label", "title", "content"),
    "sentiment140": ("target", "id", "date", "query", "user", "text"),
}
"""What the columns are of data sets that are published without a header line."""
_FOLDERS = {
    "ag_news_csv": "ag_news",
    "yelp_review_polarity_csv": "yelp_polarity",
    "yelp_review_full_csv": "yelp_full",
    "dbpedia_csv": "dbpedia",
}


def columns_without_header(data_format: DataFormat, width: int) -> tuple[str, ...] | None:
    """The names of so many columns where the known data set with these columns has no header line.

    Example:
        >>> from rnnviz.data.formats import columns_without_header, named_format
        >>> columns_without_header(named_format("ag_news"), 3)
        ('label', 'title', 'description')
    """
    shape = data_format.text_columns, data_format.label_column, data_format.spelling
    for name, columns in _WITHOUT_HEADER.items():
        known = FORMATS[name]
        if len(columns) == width and (known.text_columns, known.label_column, known.spelling) == shape:
            return columns
    return None


def recognised_without_header(path: Path, first: Sequence[str]) -> str | None:
    """The known data set that is published without a header line, by its folder's name or beyond doubt its first row.

    Example:
        >>> from pathlib import Path
        >>> from rnnviz.data.formats import recognised_without_header
        >>> recognised_without_header(Path("ag_news_csv/train.csv"), ["3", "Oil up", "Again"])
        'ag_news'
    """
    if len(first) == 6 and first[3].strip() == "NO_QUERY" and first[0].strip() in {"0", "2", "4"}:
        return "sentiment140"
    name = _FOLDERS.get(path.parent.name)
    known = FORMATS[name].classes if name else ()
    fits = name and len(first) == len(_WITHOUT_HEADER[name]) and first[0].strip() in {entry.value for entry in known}
    return name if fits else None


def known_without_header(labels: Sequence[str], width: int) -> list[str]:
    """The known data sets without a header line that so many columns and these labels in the first one could be.

    Example:
        >>> from rnnviz.data.formats import known_without_header
        >>> known_without_header(["1", "4"], 3)
        ['ag_news', 'dbpedia']
    """
    return [
        name
        for name, columns in _WITHOUT_HEADER.items()
        if len(columns) == width and set(labels) <= {entry.value for entry in FORMATS[name].classes}
    ]
