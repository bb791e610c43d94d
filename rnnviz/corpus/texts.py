"""The texts of a corpus: rows of a data set, or the passages of one long text.

Left out: reading the files (``rnnviz.datasets``, ``rnnviz.data.corpora``).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import numpy as np

from rnnviz.data import corpora, datasets
from rnnviz.data.datasets import Dataset
from rnnviz.data.file_options import FileOptions
from rnnviz.data.formats import DataFormat

MOST_LETTERS = 2_000
"""Of a passage; the page reads as many tokens."""
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


def load(
    path: str | Path, data_format: DataFormat | None = None, *, labelled: bool = True, **options: Unpack[FileOptions]
) -> Dataset:
    r"""Read a file for an index: the rows of a table, or a text cut into passages.

    Args:
        path: A table (.csv, .tsv, .json, .jsonl, .xlsx, .parquet), else a text file; or "python".
        data_format: Which columns of a table hold what; its columns ``text`` and ``label`` when None.
        labelled: Whether the classes of a table are read too.
        options: How the file is written, as far as it cannot be found in it.

    Returns:
        A data set; without classes if it is not ``labelled``, or one long text.

    Raises:
        DataError: The file cannot be used as it is.

    Example:
        >>> from pathlib import Path
        >>> from rnnviz.corpus import texts
        >>> _ = Path("poem.txt").write_text("so much depends\nupon\n\na red wheel\nbarrow\n")
        >>> texts.load("poem.txt").texts
        ('so much depends\nupon', 'a red wheel\nbarrow')
    """
    if corpora.is_table(path):
        table = datasets.load(path, data_format, labelled=labelled, **options)
        return table if labelled else replace(table, classes=())
    return passages(corpora.load(path, data_format, **options))


def passages(whole: Dataset) -> Dataset:
    """A long text as many: cut at its blank lines, or if it has none at its line ends; each at most 2,000 letters.

    A longer one is cut at the last white space before, if it has any. White space around a passage is left out.
    """
    text = corpora.whole_text(whole)
    cut = _BLANK_LINES.split(text) if _BLANK_LINES.search(text.strip()) else text.split("\n")
    texts = tuple(piece for passage in cut for piece in _pieces(passage.strip()))
    return replace(whole, texts=texts, labels=np.zeros(len(texts), dtype=np.int64), classes=())


def _pieces(passage: str) -> Iterator[str]:
    while len(passage) > MOST_LETTERS:
        stop = max(passage.rfind(space, 1, MOST_LETTERS + 1) for space in " \n\t")
        stop = stop if stop > 0 else MOST_LETTERS
        yield passage[:stop].rstrip()
        passage = passage[stop:].lstrip()
    if passage:
        yield passage


def sample(texts: Dataset, rows: int) -> Dataset:
    """So many of the texts, drawn at random, always the same, in the order of the file; all if there are no more."""
    drawn = np.random.default_rng(0).permutation(len(texts))[:rows]
    return texts.take(np.sort(drawn))
