"""The commands about training: train, runs."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from rnnviz.cli.options import (
    AsJson,
    FormatName,
    LabelColumn,
    Overwrite,
    TextColumns,
    command_line,
    format_of,
    known_checkpoints,
    with_file_options,
    with_recipe,
)
from rnnviz.cli.terminal import err, out, plain, table
from rnnviz.data.file_options import FileOptions
from rnnviz.errors import CheckpointError
from rnnviz.training.recipe import Recipe
from rnnviz.untrusted.strict_json import to_json

_ONWARD = ("--resume", "--no-resume", "--overwrite")  # no part of what makes the checkpoint
_TASKS = ("recall", "brackets", "parity", "negation", "opinions")  # rnnviz.tasks.TASKS; a test compares them
_DATA = f"A file of labelled texts (CSV, JSON, Excel, Parquet), a generated task ({', '.join(_TASKS)}), or hub:NAME."


@with_recipe
@with_file_options
def train(
    data: Annotated[str, typer.Argument(help=_DATA, metavar="DATA")],
    folder: Annotated[Path, typer.Option("--out", help="Folder of the checkpoint.")],
    recipe: Recipe,
    file_options: FileOptions,
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
    from rnnviz.cli.following import follow
    from rnnviz.training import distributed
    from rnnviz.training.loop import train as train_moments
    from rnnviz.training.runs import Run, damage
    from rnnviz.training.sources import prepare

    if dev is not None and dev_rows is not None:
        raise typer.BadParameter("a file to measure on leaves nothing to hold out", param_hint="--dev-rows")
    folder = folder if folder.name else folder.resolve()
    run = Run(folder)
    record = {"command": command_line(_ONWARD), "notes": note or []}
    if distributed.rank() == 0:  # the others write nothing
        run.check(title, record, overwrite=overwrite, resume=resume)
    with run.alone() if distributed.rank() == 0 else contextlib.nullcontext():
        state = run.unfinished(resume)
        if state and (lines := run.damaged()):
            err.print(plain(damage(run, lines)), soft_wrap=True)
        sources = prepare(
            data,
            data_format=format_of(format_name, text_column, label_column),
            dev=dev,
            dev_rows=dev_rows,
            test=test,
            also=also or (),
            unlabelled=unlabelled or (),
            teachers=teacher or (),
            vectors=vectors,
            start=start,
            rows=rows,
            length=length,
            split=split,
            seed=recipe.seed,
            task=recipe.task,
            **file_options,
        )
        first = {"first": _text(sources.start.config.training.get("command", ""))} if sources.start else {}
        history = record | first | {"overlap": sources.overlap()}
        moments = train_moments(
            **sources.arguments(), recipe=recipe, name=folder.name, title=title, history=history, resume=state
        )
        follow(moments, recipe, run, sources.test)


def _text(value: object) -> str:
    """A stranger's text as every encoding can carry it."""
    return str(value).encode("utf-8", "replace").decode()


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

    kept_runs = listed(folder)
    for remark in remarks(folder):
        err.print(plain(remark), soft_wrap=True)
    if not kept_runs:
        raise CheckpointError("runs_none", path=folder)
    if as_json:
        typer.echo(to_json({"runs": [vars(one) | {"path": str(one.path)} for one in kept_runs]}))
        return
    names = sorted({name for one in kept_runs for name in one.scores})
    rows = [
        [
            plain(one.path.name),
            plain("finished" if one.finished else "to resume"),
            plain(f"{one.epochs:,}"),
            plain(f"{one.seconds:,.0f} s"),
            *(plain(f"{one.scores[name]:.2%}" if name in one.scores else "") for name in names),
        ]
        for one in kept_runs
    ]
    out.print(table(["run", "state", "epochs", "trained", *names], rows))
