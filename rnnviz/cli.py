"""The command line: train, evaluate, read, draw, serve. Results go to stdout, progress and objections to stderr."""

import inspect
import json
import shlex
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from rnnviz import checkpoint as checkpoints, datasets, tasks
from rnnviz.checkpoint import Checkpoint
from rnnviz.datasets import DataFormat
from rnnviz.errors import RnnvizError, TrainingError
from rnnviz.evaluation import evaluate as measure
from rnnviz.figures import heatmap, verdict_timeline
from rnnviz.reading import read as read_text
from rnnviz.text import load_vectors
from rnnviz.training import Recipe, train as train_moments

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", help=__doc__)
out, err = Console(), Console(stderr=True)

HUB = "hub:"
_MOST_HELD_OUT = 5_000

CheckpointFolder = Annotated[Path, typer.Argument(help="A folder under checkpoints/.", metavar="CHECKPOINT")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format", help=f"A known data set: {', '.join(datasets.FORMATS)}. Else its header decides.", metavar="NAME"
    ),
]
TextColumns = Annotated[list[str] | None, typer.Option("--text-column", help="Column of the text; repeat to join.")]
LabelColumn = Annotated[str | None, typer.Option(help="Column of the label.")]
Encoding = Annotated[str | None, typer.Option(help="Of the file, if it is not UTF-8.")]
Delimiter = Annotated[str, typer.Option(help="Between fields.")]


class Drawing(StrEnum):
    """What ``draw`` can draw."""

    heatmap = "heatmap"
    verdicts = "verdicts"


def main() -> None:
    """Run the command line. What a person can mend is said in a sentence or two; anything else is a bug, and shows."""
    try:
        app()
    except RnnvizError as error:
        err.print(Text(str(error), style="bold"))
        sys.exit(1)


def _with_recipe(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each field of Recipe, gathered into its argument ``recipe``."""
    own = [entry for name, entry in inspect.signature(command).parameters.items() if name != "recipe"]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[field.annotation, typer.Option(help=field.description, rich_help_panel="Recipe")],
        )
        for name, field in Recipe.model_fields.items()
    ]

    def run(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in Recipe.model_fields}
        try:
            recipe = Recipe(**chosen)
        except ValidationError as error:
            first = error.errors()[0]
            raise TrainingError("recipe", problem=f"{first['loc'][0]}: {first['msg']}") from None
        command(recipe=recipe, **given)

    run.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


@app.command()
@_with_recipe
def train(
    data: Annotated[
        str, typer.Argument(help="A .csv, .tsv or .csv.gz file, the name of a generated task, or hub:NAME.")
    ],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder of the checkpoint.")],
    recipe: Recipe,
    dev: Annotated[
        Path | None, typer.Option(help="File to measure each epoch on; else some rows are held out.")
    ] = None,
    dev_rows: Annotated[int | None, typer.Option(min=0, help="Rows to hold out from the end.")] = None,
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

    Examples:
        rnnviz train reviews.csv --text-column review --label-column stars --out runs/reviews

        rnnviz train sst2/phrases_train.csv.gz --format sst2_phrases --dev sst2/sentences_dev.csv.gz --out runs/sst2

        rnnviz train news.csv --cell gru --hidden-size 64 --bidirectional --pooling max+mean --out runs/news

        rnnviz train recall --length 60 --forget-bias 4 --out runs/recall

        rnnviz train hub:stanfordnlp/sst2 --text-column sentence --out runs/hub
    """
    wanted = _format(format_name, text_column, label_column)
    if data in tasks.TASKS:
        dataset = tasks.generate(data, rows=rows, length=length, seed=recipe.seed)
    elif data.startswith(HUB):
        dataset = datasets.from_hub(data.removeprefix(HUB), split, wanted)
    else:
        dataset = datasets.load(data, wanted, encoding=encoding, delimiter=delimiter)
    if dev is not None:
        held_out = datasets.load(dev, _known(dataset.format), encoding=encoding, delimiter=delimiter)
    else:
        held = min(len(dataset) // 10, _MOST_HELD_OUT) if dev_rows is None else dev_rows
        dataset, held_out = dataset.split(held)
    moments = train_moments(
        dataset,
        recipe,
        dev=held_out if len(held_out) else None,
        vectors=load_vectors(vectors) if vectors else None,
        start=checkpoints.load(start) if start else None,
        name=out_folder.name,
        title=title,
        history={"command": shlex.join(["rnnviz", *sys.argv[1:]]), "notes": note or []},
    )
    finished = _watch(moments, recipe, out_folder)
    if test is not None:
        scored = datasets.load(test, _known(dataset.format), encoding=encoding, delimiter=delimiter)
        finished = finished.with_scores(test=measure(finished, scored).to_dict())
        finished.save_pretrained(out_folder)
    for name, found in finished.scores.items():
        out.print(f"{name}: accuracy {found['accuracy']:.2%} of {found['n']:,} texts")
    out.print(Text(str(out_folder)))


def _watch(moments: Any, recipe: Recipe, folder: Path) -> Checkpoint:
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
            task = bar.add_task("", total=1.0, epoch=f"1/{recipe.epochs}", now="")
            for moment in moments:
                now = f"loss {moment.loss:.3f}  accuracy {moment.accuracy:.1%}  rate {moment.learning_rate:.1e}"
                bar.update(task, completed=moment.fraction, epoch=f"{moment.epoch}/{recipe.epochs}", now=now)
                if moment.checkpoint:
                    kept = moment.checkpoint
                    kept.save_pretrained(folder)
                    dev = kept.scores.get("dev")
                    held = f", {dev['accuracy']:.2%} right on {dev['n']:,} held-out texts" if dev else ""
                    err.print(f"epoch {moment.epoch}: loss {moment.loss:.4f}, accuracy {moment.accuracy:.2%}{held}")
    except KeyboardInterrupt:
        state = f"The last finished epoch is in {folder}." if kept else "No epoch was finished, so nothing was written."
        err.print(Text(f"Stopped. {state}"))
        raise typer.Exit(130) from None
    return cast(Checkpoint, kept)  # every training has at least one epoch


@app.command()
def evaluate(
    folder: CheckpointFolder,
    data: Annotated[Path, typer.Argument(help="A .csv, .tsv or .csv.gz file.")],
    text_column: TextColumns = None,
    label_column: LabelColumn = None,
    encoding: Encoding = None,
    delimiter: Delimiter = ",",
    as_json: AsJson = False,
) -> None:
    """Count how often a classifier is right. The file is read as the checkpoint's own data; options override.

    Example:
        rnnviz evaluate checkpoints/agnews-lstm ag_news/test.csv.gz --json
    """
    loaded = checkpoints.load(folder)
    wanted = _overridden(_known(loaded.config.data), text_column, label_column)
    found = measure(loaded, datasets.load(data, wanted, encoding=encoding, delimiter=delimiter))
    if as_json:
        typer.echo(json.dumps(found.to_dict()))
        return
    out.print(f"accuracy {found.accuracy:.2%} of n = {found.n:,} texts")
    table = Table("class", "precision", "recall", *(escape(f"answered {name}") for name in found.labels))
    for label, precision, recall, counts in zip(
        found.labels, found.precision, found.recall, found.confusion, strict=True
    ):
        table.add_row(Text(label), f"{precision:.2%}", f"{recall:.2%}", *(f"{count:,}" for count in counts))
    out.print(table)


@app.command()
def read(
    folder: CheckpointFolder,
    text: Annotated[str, typer.Argument(help="The sentence.")],
    as_json: AsJson = False,
) -> None:
    """Read a sentence and print the answer after every word.

    Example:
        rnnviz read checkpoints/sst2-lstm "the movie was not good"
    """
    trace = read_text(checkpoints.load(folder), text)
    if as_json:
        found = {
            "tokens": trace.tokens,
            "unknown": trace.unknown.tolist(),
            "labels": trace.labels,
            "verdicts": trace.verdicts.astype(float).round(6).tolist(),
            "label": trace.label,
            "cell": trace.cell,
            "replay_error": trace.replay_error,
        }
        typer.echo(json.dumps(found))
        return
    table = Table("word", *map(escape, trace.labels))
    for token, unknown, shares in zip(trace.tokens, trace.unknown, trace.verdicts, strict=True):
        table.add_row(
            Text(_printable(token) + (" (unknown)" if unknown else "")), *(f"{share:.1%}" for share in shares)
        )
    out.print(table)
    out.print(Text(f"{trace.label}  (differs from PyTorch's own output by at most {trace.replay_error:.1e})"))


@app.command()
def draw(
    folder: CheckpointFolder,
    text: Annotated[str, typer.Argument(help="The sentence.")],
    kind: Annotated[Drawing, typer.Option(help="What to draw.")] = Drawing.heatmap,
    signal: Annotated[str | None, typer.Option(help="Signal of the heatmap; the memory unless told otherwise.")] = None,
    layer: Annotated[int, typer.Option(help="Layer, from 0; -1 is the top.")] = -1,
    direction: Annotated[str, typer.Option(help="forward or backward.")] = "forward",
    path: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("trace.html"),
) -> None:
    """Read a sentence and write a picture of it as a web page that works offline.

    Example:
        rnnviz draw checkpoints/sst2-lstm "the film was not bad" --signal forget --out forget.html
    """
    trace = read_text(checkpoints.load(folder), text)
    figure = verdict_timeline(trace) if kind is Drawing.verdicts else heatmap(trace, signal, layer, direction)
    figure.write_html(path, include_plotlyjs=True)
    out.print(Text(str(path)))


@app.command()
def serve(
    folder: Annotated[Path, typer.Option("--checkpoints", help="Folder of the checkpoints.")] = Path("checkpoints"),
    port: Annotated[
        int | None, typer.Option(help="Default: PORT, GRADIO_SERVER_PORT, or the first free from 7860.")
    ] = None,
) -> None:
    """Serve the page on this machine.

    Example:
        rnnviz serve --port 8000
    """
    from rnnviz.page import serving  # Gradio takes seconds to import, and the other commands don't need it

    serving.serve(folder, port)


def _format(name: str | None, text_columns: list[str] | None, label_column: str | None) -> DataFormat | None:
    """What the options say; None if they say nothing, so that the file itself may."""
    if not (name or text_columns or label_column):
        return None
    return _overridden(datasets.named_format(name) if name else DataFormat(), text_columns, label_column)


def _overridden(known: DataFormat, text_columns: list[str] | None, label_column: str | None) -> DataFormat:
    given = {"text_columns": tuple(text_columns or ()), "label_column": label_column}
    return known.model_copy(update={name: value for name, value in given.items() if value})


def _known(trained: DataFormat) -> DataFormat:
    """How to read more files of a training set's kind: all rows, also those that training left out."""
    return trained.model_copy(update={"skip_column": None})


def _printable(token: str) -> str:
    """Control characters as symbols: nothing a text holds may steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in token)
