"""What a training learns from: data sets, held-out texts, teachers, word vectors, and a network to go on from.

One call prepares it for the command line, the page and a notebook. Left out: the training itself
(``rnnviz.training.loop``).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from rnnviz.checkpoint.folder import Checkpoint, load
from rnnviz.data import corpora, datasets, tasks
from rnnviz.data.datasets import Dataset
from rnnviz.data.file_options import FileOptions
from rnnviz.data.formats import DataFormat
from rnnviz.data.text import WordVectors, load_vectors
from rnnviz.errors import SettingError, TrainingError
from rnnviz.experiments.evaluation import overlap
from rnnviz.model_config import Task

HUB = "hub:"
"""How the name of a data set on the Hugging Face Hub begins."""
MOST_HELD_OUT = 5_000


class Sources(NamedTuple):
    """What a training learns from and begins with, and what it is measured on.

    Attributes:
        dataset: The texts to learn from, with their labels.
        unlabelled: More texts; only the teachers say what they are.
        teachers: Classifiers whose answers are learned beside the labels.
        vectors: Word vectors to start from.
        start: A classifier to go on from.
        dev: Texts to measure each epoch on; None for none.
        test: Texts to measure the finished classifier on; None for none.

    Example:
        >>> from rnnviz.training import prepare
        >>> sources = prepare("parity", rows=100, length=6, dev_rows=20)
        >>> len(sources.dataset), len(sources.dev), sources.test
        (80, 20, None)
        >>> sorted(sources.arguments())
        ['dataset', 'dev', 'start', 'teachers', 'unlabelled', 'vectors']
    """

    dataset: Dataset
    unlabelled: Sequence[Dataset] = ()
    teachers: Sequence[Checkpoint] = ()
    vectors: WordVectors | None = None
    start: Checkpoint | None = None
    dev: Dataset | None = None
    test: Dataset | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``rnnviz.train`` that these are: all but ``test``, which no training sees."""
        arguments = self._asdict()
        del arguments["test"]
        return arguments

    def overlap(self) -> dict[str, int]:
        """How many texts of "dev" and "test" are also among those that are learned."""
        if not self.dataset.classes:
            return {}  # parts of one text
        measured = {"dev": self.dev, "test": self.test}
        return overlap([self.dataset, *self.unlabelled], {name: one for name, one in measured.items() if one})


def prepare(
    data: str | Path | Dataset,
    *,
    data_format: DataFormat | None = None,
    dev: str | Path | None = None,
    dev_rows: int | None = None,
    test: str | Path | None = None,
    also: Sequence[str] = (),
    unlabelled: Sequence[str] = (),
    teachers: Sequence[str] = (),
    vectors: str | Path | None = None,
    start: str | None = None,
    rows: int = 10_000,
    length: int = 60,
    split: str = "train",
    seed: int = 0,
    task: Task = "classify",
    **options: Unpack[FileOptions],
) -> Sources:
    """Open all that a training learns from, now, so that a wrong path is not found out after an hour of training.

    Args:
        data: A data set; or a file's path, a generated task's name (``rnnviz.tasks.TASKS``), or ``hub:`` and the name
            of a data set on the Hugging Face Hub. ``also`` and ``unlabelled`` take the same names.
        data_format: Which columns of a file hold what; None recognises a known data set by its header.
        dev: A file to measure each epoch on, with the columns of ``data``.
        dev_rows: How many rows of ``data`` to hold out for that instead, drawn at random; a tenth, at most 5,000, when
            neither is given.
        test: A file to measure the finished classifier on, once.
        also: More labelled texts with the same classes.
        unlabelled: More texts, of which only the teachers say what they are.
        teachers: Checkpoints, by name or folder, whose answers are learned beside the labels.
        vectors: A file of word vectors (GloVe or word2vec text, or .npy).
        start: A checkpoint of the same shape to go on from.
        rows: Texts of a generated task.
        length: Tokens of a generated text.
        split: Split of a data set on the Hub.
        seed: Of generated texts.
        task: What is to be learned. To tell the next token, ``data`` is a text file, a table whose texts are joined, or
            "python" for the source of Python's standard library; its last tenth is to measure the finished network on,
            the tenth before it each epoch, where ``dev_rows`` is not 0.
        options: How the files are written, as far as it cannot be found in them: the fields of
            ``rnnviz.datasets.FileOptions``.

    Raises:
        CheckpointError: A teacher, or the checkpoint to go on from, cannot be trusted.
        DataError: A file cannot be used as it is, the classes differ, or no text would be left to learn from.
        SettingError: ``dev`` and ``dev_rows`` are both given.
        TrainingError: One of the arguments has no meaning for the task.

    Example:
        >>> from rnnviz.training import prepare
        >>> sources = prepare("recall", rows=100, length=10)
        >>> len(sources.dataset), len(sources.dev)
        (90, 10)
        >>> moments = rnnviz.train(**sources.arguments(), recipe=rnnviz.Recipe(epochs=1))
    """
    if dev is not None and dev_rows is not None:
        raise SettingError("dev_twice")
    load_file = partial(datasets.load, **options)

    def opened(name: str | Path, file_format: DataFormat | None = None, **more: Any) -> Dataset:
        if name in tasks.TASKS:
            return tasks.generate(str(name), rows=rows, length=length, seed=seed)
        if str(name).startswith(HUB):
            return datasets.from_hub(str(name).removeprefix(HUB), split, file_format)
        return load_file(name, file_format, **more)

    if task == "next":
        refuse_for_next(
            {
                "--also": also,
                "--unlabelled": unlabelled,
                "--teacher": teachers,
                "--vectors": vectors,
                "--dev-rows above 0": dev_rows,
                "a data set of the Hub": str(data).startswith(HUB) if not isinstance(data, Dataset) else False,
            }
        )
        return _stream(
            data if isinstance(data, Dataset) else corpora.load(data, data_format, **options),
            dev=corpora.load(dev, data_format, **options) if dev else None,
            test=corpora.load(test, data_format, **options) if test else None,
            choose=dev_rows != 0,
            start=load(start) if start else None,
        )
    whole = data if isinstance(data, Dataset) else opened(data, data_format)
    kind = whole.format.model_copy(update={"skip_column": None})  # all rows, also those that training leaves out
    tested = load_file(test, kind) if test else None
    if dev is not None:
        learned, held_out = whole, load_file(dev, kind)
    else:
        learned, held_out = whole.split(min(len(whole) // 10, MOST_HELD_OUT) if dev_rows is None else dev_rows)
    return Sources(
        dataset=learned.joined([opened(name, otherwise=kind) for name in also]),
        unlabelled=[opened(name, otherwise=kind, labelled=False) for name in unlabelled],
        start=load(start) if start else None,
        teachers=[load(name) for name in teachers],
        vectors=load_vectors(vectors) if vectors else None,
        dev=held_out if len(held_out) else None,
        test=tested,
    )


def refuse_for_next(given: dict[str, Any]) -> None:
    """Object to what has no meaning for the next token."""
    if unfit := [name for name, value in given.items() if value]:
        raise TrainingError("recipe_next", what=" and ".join(unfit))


def _stream(
    whole: Dataset, *, dev: Dataset | None, test: Dataset | None, choose: bool, start: Checkpoint | None
) -> Sources:
    """One long text to learn what comes next in: cut in tenths, but for the parts that are given."""
    if dev or test:
        return Sources(whole, start=start, dev=dev, test=test)
    learned, middle, last = corpora.tenths(whole, choose=choose)
    return Sources(learned, start=start, dev=middle, test=last)
