"""The commands about training: train, runs."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnviz.cli.options import (
    AsJson,
    Delimiter,
    Encoding,
    FormatName,
    LabelColumn,
    Overwrite,
    TextColumns,
    command_line,
    format_of,
    known_checkpoints,
    whole,
    with_recipe,
)
from rnnviz.cli.terminal import err, out, plain, table
from rnnviz.data.formats import DataFormat
from rnnviz.errors import CheckpointError
from rnnviz.training.recipe import Recipe
from rnnviz.untrusted.strict_json import to_json

if TYPE_CHECKING:  # it loads torch
    from rnnviz.data.datasets import Dataset

HUB = "hub:"
_MOST_HELD_OUT = 5_000
_ONWARD = ("--resume", "--no-resume", "--overwrite")  # no part of what makes the checkpoint
_TASKS = ("recall", "brackets", "parity", "negation", "opinions")  # rnnviz.tasks.TASKS; a test compares them
_DATA = f"A .csv, .tsv or .csv.gz file, a generated task ({', '.join(_TASKS)}), or hub:NAME."


@with_recipe
def train(
    data: Annotated[str, typer.Argument(help=_DATA, metavar="DATA")],
    folder: Annotated[Path, typer.Option("--out", help="Folder of the checkpoint.")],
    recipe: Recipe,
    dev: Annotated[
        Path | None, typer.Option(help="File to measure each epoch on; else some rows are held out.")
    ] = None,
    dev_rows: Annotated[
        int | None, typer.Option(min=0, help="Rows to hold out, drawn at random; else a tenth, at most 5,000.")
    ] = None,
    test: Annotated[Path | None, typer.Option(help="File to measure the finished classifier on, once.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="Word vectors: GloVe or word2vec text, or .npy.")] = None,
    also: Annotated[
        list[str] | None, typer.Option(help="More labelled texts with the same classes, as DATA; repeat for more.")
    ] = None,
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            help="Checkpoint whose answers are learned beside the labels; repeat for more.",
            autocompletion=known_checkpoints,
        ),
    ] = None,
    unlabelled: Annotated[
        list[str] | None, typer.Option(help="Texts of which only the teachers say what they are, as DATA; repeat.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="Checkpoint of the same shape to go on from.", autocompletion=known_checkpoints),
    ] = None,
    resume: Annotated[
        bool | None, typer.Option("--resume/--no-resume", help="Go on with an unfinished run, or begin it again.")
    ] = None,
    overwrite: Overwrite = False,
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
    """Train a classifier and write its checkpoint after every epoch. Ctrl-C stops; --resume goes on, bit by bit.

    A file of your own, with the names of its columns:

        rnnviz train reviews.csv --text-column review --label-column stars --out runs/reviews

    A known data set, measured after each epoch on its dev sentences and at the end, once, on its test sentences:

        rnnviz train sst2/phrases_train.csv.gz --dev sst2/dev.csv.gz --test sst2/test.csv.gz --out runs/sst2

    A GRU that reads both ways, with dropout:

        rnnviz train news.csv --cell gru --bidirectional --dropout 0.4 --epochs 3 --out runs/news

    Seconds, for a class: which letter came first, 59 letters ago? Without the open forget gates it cannot tell:

        rnnviz train recall --length 60 --forget-bias 4 --learning-rate 0.003 --out runs/recall

    Eight GPUs and a data set of the Hugging Face Hub; the same line with --resume goes on after a power cut:

        torchrun --standalone --nproc-per-node 8 -m rnnviz train hub:fancyzhx/ag_news --out runs/ag
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.cli.following import follow
    from rnnviz.data import datasets, tasks
    from rnnviz.data.text import load_vectors
    from rnnviz.experiments.evaluation import overlap
    from rnnviz.training import distributed
    from rnnviz.training.loop import train as train_moments
    from rnnviz.training.runs import Run, damage

    if dev is not None and dev_rows is not None:
        raise typer.BadParameter("a file to measure on leaves nothing to hold out", param_hint="--dev-rows")
    folder = folder if folder.name else folder.resolve()

    def opened(name: str, wanted: DataFormat | None = None, **more: Any) -> "Dataset":
        if name in tasks.TASKS:
            return tasks.generate(name, rows=rows, length=length, seed=recipe.seed)
        if name.startswith(HUB):
            return datasets.from_hub(name.removeprefix(HUB), split, wanted)
        return datasets.load(name, wanted, encoding=encoding, delimiter=delimiter, **more)

    def alike(path: Path) -> "Dataset":
        return datasets.load(path, whole(dataset.format), encoding=encoding, delimiter=delimiter)

    run = Run(folder)
    record = {"command": command_line(_ONWARD), "notes": note or []}
    if distributed.rank() == 0:  # the others write nothing
        run.check(title, record, overwrite=overwrite, resume=resume)
    with run.alone() if distributed.rank() == 0 else contextlib.nullcontext():
        state = run.unfinished(resume)
        if state and (lines := run.damaged()):
            err.print(plain(damage(run, lines)), soft_wrap=True)
        dataset = opened(data, format_of(format_name, text_column, label_column))
        held = min(len(dataset) // 10, _MOST_HELD_OUT) if dev_rows is None else dev_rows
        tested = alike(test) if test else None  # now, so that a wrong path is not found out after an hour of training
        learnt, held_out = (dataset, alike(dev)) if dev else dataset.split(held)
        kind = whole(dataset.format)
        learnt = learnt.joined([opened(name, otherwise=kind) for name in also or ()])
        unnamed = [opened(name, otherwise=kind, labelled=False) for name in unlabelled or ()]
        first = checkpoints.load(start) if start else None
        measured = {"dev": held_out} | ({"test": tested} if tested else {})
        history = record | {
            "first": _text(first.config.training.get("command", "")) if first else None,
            "overlap": overlap([learnt, *unnamed], {name: one for name, one in measured.items() if len(one)}),
        }
        moments = train_moments(
            learnt,
            recipe,
            dev=held_out if len(held_out) else None,
            unlabelled=unnamed,
            teachers=[checkpoints.load(path) for path in teacher or ()],
            vectors=load_vectors(vectors) if vectors else None,
            start=first,
            name=folder.name,
            title=title,
            history={name: value for name, value in history.items() if value is not None},
            resume=state,
        )
        follow(moments, recipe, run, tested)


def _text(found: object) -> str:
    """A stranger's text as every encoding can carry it."""
    return str(found).encode("utf-8", "replace").decode()


def runs(
    folder: Annotated[Path, typer.Argument(help="Where the runs are.", metavar="FOLDER")] = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """List the finished runs in a folder with their scores, and the ones to resume.

    For example:

        rnnviz runs

        rnnviz runs experiments --json
    """
    from rnnviz.training.runs import listed, remarks

    found = listed(folder)
    for remark in remarks(folder):
        err.print(plain(remark), soft_wrap=True)
    if not found:
        raise CheckpointError("runs_none", path=folder)
    if as_json:
        typer.echo(to_json({"runs": [vars(one) | {"path": str(one.path)} for one in found]}))
        return
    names = sorted({name for one in found for name in one.scores})
    rows = [
        [
            plain(one.path.name),
            plain("finished" if one.finished else "to resume"),
            plain(f"{one.epochs:,}"),
            plain(f"{one.seconds:,.0f} s"),
            *(plain(f"{one.scores[name]:.2%}" if name in one.scores else "") for name in names),
        ]
        for one in found
    ]
    out.print(table(["run", "state", "epochs", "trained", *names], rows))
