"""Long texts from which a network learns to tell what comes next: anybody's file, or Python's own source.

Left out: labelled texts (``rnnviz.datasets``), what splits a text (``rnnviz.text``).
"""

import hashlib
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

import numpy as np

from rnnviz.data import datasets
from rnnviz.data.csv_files import decoded
from rnnviz.data.datasets import Dataset
from rnnviz.data.file_options import FileOptions, checked
from rnnviz.data.formats import DataFormat
from rnnviz.data.tables import read_bytes
from rnnviz.errors import DataError

PYTHON = "python"
"""The name of the running Python's own source as a corpus."""
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".xlsx", ".parquet")
_PACKINGS = (".gz", ".zip")
_MOST_MODULE = 200_000  # a module above is a table of data
_LEFT_OUT = ("encodings", "idlelib", "lib2to3", "pydoc_data", "test", "tests", "turtledemo", "site-packages")


def load(path: str | Path, data_format: DataFormat | None = None, **options: Unpack[FileOptions]) -> Dataset:
    r"""Read a file as one long text; of a table, its texts one after the other, each ended by a line feed.

    Lines end with a line feed, whatever they ended with in the file.

    Args:
        path: A text file, also gzipped or alone in a zip archive; a table by its suffix (.csv, .tsv, .json, .jsonl,
            .xlsx, .parquet); or ``"python"`` for the source of the running Python's standard library.
        data_format: Which columns of a table hold the text.
        options: How the file is written, as far as it cannot be found in it.

    Returns:
        A data set of one text, without classes.

    Raises:
        DataError: The file cannot be used as it is.

    Example:
        >>> from pathlib import Path
        >>> from rnnviz.data import corpora
        >>> _ = Path("poem.txt").write_text("so much depends\nupon\n")
        >>> corpora.load("poem.txt").texts
        ('so much depends\nupon\n',)
    """
    if path == PYTHON:
        return python_source()
    path = Path(path)
    if is_table(path):
        table = datasets.load(path, data_format, labelled=False, **options)
        return corpus(table.name, whole_text(table), table.format)
    text = decoded(path, read_bytes(path), checked(**options))
    return corpus(path.name.split(".")[0], text, data_format or DataFormat())


def is_table(path: str | Path) -> bool:
    """Whether a file is a table by its suffix, packed or not."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes if suffix.lower() not in _PACKINGS]
    return bool(suffixes) and suffixes[-1] in _TABLES


def corpus(name: str, text: str, data_format: DataFormat) -> Dataset:
    """A data set of one text.

    Raises:
        DataError: There is nothing in it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError("data_empty_text", path=name)
    return Dataset(name, (text,), np.zeros(1, dtype=np.int64), (), data_format.model_copy(update={"classes": ()}))


def whole_text(dataset: Dataset) -> str:
    r"""The texts of a data set as one, each of several ended by a line feed.

    Example:
        >>> from rnnviz.data import corpora
        >>> corpora.whole_text(rnnviz.tasks.generate("recall", rows=2, length=2, seed=1)).count("\n")
        2
    """
    texts = dataset.texts
    return texts[0] if len(texts) == 1 else "".join(f"{text}\n" for text in texts)


def tenths(whole: Dataset, *, choose: bool = True) -> tuple[Dataset, Dataset | None, Dataset]:
    """A corpus cut, by characters: its first 80 % to learn from, the next 10 % to choose by, the last to measure once.

    Without ``choose``, the first 90 % are learned from.
    """
    text = whole_text(whole)
    learned, chosen = (len(text) * share // 10 for share in (8, 9))
    last = corpus(f"{whole.name}, last tenth", text[chosen:], whole.format)
    if not choose:
        return corpus(whole.name, text[:chosen], whole.format), None, last
    middle = corpus(f"{whole.name}, ninth tenth", text[learned:chosen], whole.format)
    return corpus(whole.name, text[:learned], whole.format), middle, last


def python_source(folder: str | Path | None = None) -> Dataset:
    """The standard library of the running Python, module after module, by name; without tests and tables of data.

    Args:
        folder: Where it lies; None asks Python.
    """
    import platform

    home = Path(folder or sysconfig.get_paths()["stdlib"])
    paths = [path for path in sorted(home.rglob("*.py")) if not _left_out(path.relative_to(home))]
    modules = {path.relative_to(home).as_posix(): path.read_text("utf-8", "replace") for path in paths}
    modules = {name: text for name, text in modules.items() if len(text) <= _MOST_MODULE and text.isascii()}
    source = f"the standard library of Python {platform.python_version()}: {len(modules)} modules, {listed(modules)}"
    licence = "PSF-2.0, Python Software Foundation License Version 2"
    return corpus(PYTHON, "\n\n".join(_shuffled(list(modules.values()))), DataFormat(source=source, licence=licence))


def listed(modules: dict[str, str]) -> str:
    """The hash of a list of modules with their own."""
    lines = (f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in modules.items())
    return "list with hashes " + hashlib.sha256("".join(lines).encode()).hexdigest()


def _shuffled(modules: Sequence[str]) -> list[str]:
    """In an order drawn once, so that the last tenth is not one package."""
    return [modules[index] for index in np.random.default_rng(0).permutation(len(modules))]


def _left_out(path: Path) -> bool:
    return any(part in _LEFT_OUT or part.startswith("_pyrepl") for part in path.parts)
