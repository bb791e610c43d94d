"""The command that makes a checkpoint: train."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn

from rnnviz import checkpoint as checkpoints, datasets, tasks
from rnnviz.checkpoint import Checkpoint
from rnnviz.cli.options import (
    Delimiter,
    Encoding,
    FormatName,
    LabelColumn,
    TextColumns,
    format_of,
    whole,
    with_recipe,
)
from rnnviz.cli.terminal import err, plain, result
from rnnviz.datasets import Dataset
from rnnviz.errors import CheckpointError
from rnnviz.evaluation import evaluate as measure
from rnnviz.recipe import Recipe
from rnnviz.text import load_vectors
from rnnviz.training import Progress, train as train_moments

HUB = "hub:"
_MOST_HELD_OUT = 5_000


@with_recipe
def train(
    data: Annotated[
        str,
        typer.Argument(
            help=f"A .csv, .tsv or .csv.gz file, a generated task ({', '.join(tasks.TASKS)}), or hub:NAME.",
            metavar="DATA",
        ),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder of the checkpoint.")],
    recipe: Recipe,
    dev: Annotated[
        Path | None, typer.Option(help="File to measure each epoch on; else some rows are held out.")
    ] = None,
    dev_rows: Annotated[
        int | None, typer.Option(min=0, help="Rows to hold out, drawn by the seed; else a tenth, at most 5,000.")
    ] = None,
    test: Annotated[Path | None, typer.Option(help="File to measure the finished classifier on, once.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="Word vectors: GloVe or word2vec text, or .npy.")] = None,
    start: Annotated[Path | None, typer.Option(help="Checkpoint of the same shape to go on from.")] = None,
    title: Annotated[str, typer.Option(help="A few words for menus.")] = "",
    note: Annotated[list[str] | None, typer.Option(help="A sentence for the model card; repeat for more.")] = None,
    format_name: FormatName = None,
    text_column: TextColumns = None,
    label_column: LabelColumn = None,
    encoding: Encoding = None,
    delimiter: Delimiter = ",",
    rows: Annotated[int, typer.Option(help="Texts of a generated task.")] = 10_000,
    length: Annotated[int, typer.Option(help="Tokens of a generated text.")] = 60,
    split: Annotated[str, typer.Option(help="Split of a Hub data set.")] = "train",
) -> None:
    """Train a classifier and write its checkpoint after every epoch. Ctrl-C keeps the last finished epoch.

    For example:

        rnnviz train reviews.csv --text-column review --label-column stars --out runs/reviews

        rnnviz train sst2/phrases_train.csv.gz --dev sst2/sentences_dev.csv.gz --out runs/sst2

        rnnviz train news.csv --cell gru --hidden-size 64 --bidirectional --out runs/news

        rnnviz train recall --length 60 --forget-bias 4 --out runs/recall

        rnnviz train hub:stanfordnlp/sst2 --text-column sentence --out runs/hub
    """
    if dev is not None and dev_rows is not None:
        raise typer.BadParameter("a file to measure on leaves nothing to hold out", param_hint="--dev-rows")
    if not checkpoints.is_free(folder):  # before hours are spent on it
        raise CheckpointError("checkpoint_busy", path=folder)
    folder = folder if folder.name else folder.resolve()
    wanted = format_of(format_name, text_column, label_column)
    if data in tasks.TASKS:
        dataset = tasks.generate(data, rows=rows, length=length, seed=recipe.seed)
    elif data.startswith(HUB):
        dataset = datasets.from_hub(data.removeprefix(HUB), split, wanted)
    else:
        dataset = datasets.load(data, wanted, encoding=encoding, delimiter=delimiter)

    def alike(path: Path) -> Dataset:
        return datasets.load(path, whole(dataset.format), encoding=encoding, delimiter=delimiter)

    held = min(len(dataset) // 10, _MOST_HELD_OUT) if dev_rows is None else dev_rows
    tested = alike(test) if test else None  # now, so that a wrong path is not found out after an hour of training
    learnt, held_out = (dataset, alike(dev)) if dev else dataset.split(held, recipe.seed)
    first = checkpoints.load(start) if start else None
    earlier = {"first": first.config.training.get("command", "")} if first else {}
    moments = train_moments(
        learnt,
        recipe,
        dev=held_out if len(held_out) else None,
        vectors=load_vectors(vectors) if vectors else None,
        start=first,
        name=folder.name,
        title=title,
        history=earlier | {"command": shlex.join(["rnnviz", *sys.argv[1:]]), "notes": note or []},
    )
    finished = _watched(moments, recipe, folder)
    if tested:
        finished = finished.with_scores(test=measure(finished, tested).to_dict())
        finished.save_pretrained(folder)
    for name, found in finished.scores.items():
        result(f"{name}: accuracy {found['accuracy']:.2%} of {found['n']:,} texts")
    result(folder)


def _watched(moments: Iterator[Progress], recipe: Recipe, folder: Path) -> Checkpoint:
    """Follow a training with a bar, and write the checkpoint at every epoch's end."""
    kept: Checkpoint | None = None
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("{task.fields[now]}"),
        TimeRemainingColumn(),
    )
    try:
        with Bar(*columns, console=err) as bar:
            task = bar.add_task("", total=1.0, epoch=f"1/{recipe.epochs}", now="preparing")
            for moment in moments:
                now = f"loss {moment.loss:.3f}  accuracy {moment.accuracy:.1%}  rate {moment.learning_rate:.1e}"
                bar.update(task, completed=moment.fraction, epoch=f"{moment.epoch}/{recipe.epochs}", now=now)
                if moment.checkpoint:
                    moment.checkpoint.save_pretrained(folder)
                    kept = moment.checkpoint
                    err.print(_summary(moment, kept), soft_wrap=True)
    except KeyboardInterrupt:
        state = f"The last finished epoch is in {folder}." if kept else "No epoch was finished, so nothing was written."
        err.print(plain(f"Stopped. {state}"), soft_wrap=True)
        raise typer.Exit(130) from None
    return cast(Checkpoint, kept)  # every training has at least one epoch


def _summary(moment: Progress, kept: Checkpoint) -> str:
    dev = kept.scores.get("dev")
    held = f", {dev['accuracy']:.2%} right on {dev['n']:,} held-out texts" if dev else ""
    return f"epoch {moment.epoch}: loss {moment.loss:.4f}, accuracy {moment.accuracy:.2%}{held}"
