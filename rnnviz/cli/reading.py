"""The commands that use a checkpoint: evaluate, read, draw. Torch is imported when one of them runs, not before."""

import html
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rnnviz import files
from rnnviz.cli.options import (
    AsJson,
    CheckpointName,
    LabelColumn,
    Sentence,
    TextColumns,
    overridden,
    whole,
    with_file_options,
)
from rnnviz.cli.terminal import answers_table, out, result, scores_table, sign_of
from rnnviz.data.file_options import FileOptions
from rnnviz.untrusted.strict_json import to_json

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin: 0">{figure}</body>
</html>
"""


class Drawing(StrEnum):
    """What ``draw`` can draw."""

    heatmap = "heatmap"
    verdicts = "verdicts"


@with_file_options
def evaluate(
    name: CheckpointName,
    data: Annotated[
        Path,
        typer.Argument(help="A file of labelled texts (CSV, JSON, Excel, Parquet).", metavar="DATA"),
    ],
    file_options: FileOptions,
    text_column: TextColumns = None,
    label_column: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Count how often a network is right. The file is read as the checkpoint's own data; options override.

    For example:

        rnnviz evaluate agnews-lstm ag_news/test.csv.gz --json

    Of a network that writes, how many bits each letter of a text takes:

        rnnviz evaluate shakespeare-lstm sonnets.txt
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.data import corpora, datasets
    from rnnviz.experiments.evaluation import NextScores, evaluate as measure

    loaded = checkpoints.load(name)
    wanted = overridden(whole(loaded.config.data), text_column, label_column)
    opened = corpora.load if loaded.config.task == "next" else datasets.load
    scores = measure(loaded, opened(data, wanted, **file_options))
    if as_json:
        typer.echo(to_json(scores.to_dict()))
        return
    if isinstance(scores, NextScores):
        result(f"{scores.bits:.3f} bits a token; {scores.accuracy:.2%} of {scores.n:,} tokens were the likeliest one")
        return
    result(f"accuracy {scores.accuracy:.2%} of n = {scores.n:,} texts")
    if scores.padding:
        changed, alone = scores.padding.changed, scores.padding.accuracy_alone
        result(f"padding alone changes the class of {changed:,} texts; read alone, accuracy {alone:.2%}")
    if scores.beginnings:
        told = ", ".join(f"{share:.2%} after {letters}" for letters, share in scores.beginnings.items())
        result(f"of the beginnings alone: {told} letters; calibration error {scores.calibration_error:.2%}")
    out.print(scores_table(scores))


def read(name: CheckpointName, text: Sentence, as_json: AsJson = False) -> None:
    """Read a sentence and print the answer after every word, or after every letter where the network reads letters.

    For example:

        rnnviz read sst2-lstm "the movie was not good"

        cat review.txt | rnnviz read sst2-lstm - --json
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.reading import read as read_text

    loaded = checkpoints.load(name)
    trace = read_text(loaded, text)
    if as_json:
        report = {
            "tokens": trace.tokens,
            "unknown": trace.unknown.tolist(),
            "labels": trace.labels,
            "verdicts": trace.verdicts.astype(float).round(6).tolist(),
            "label": trace.label,
            "cell": trace.cell,
            "replay_error": trace.replay_error,
        }
        typer.echo(to_json(report))
        return
    out.print(answers_table(trace, loaded.config.tokens, loaded.config.task))
    result(f"{sign_of(trace.label)}  (differs from PyTorch's own output by at most {trace.replay_error:.1e})")


def draw(
    name: CheckpointName,
    text: Sentence,
    kind: Annotated[Drawing, typer.Option(help="What to draw.")] = Drawing.heatmap,
    signal: Annotated[str | None, typer.Option(help="Signal of the heatmap; the memory unless told otherwise.")] = None,
    layer: Annotated[int, typer.Option(help="Layer of the heatmap, from 0; -1 is the top.")] = -1,
    direction: Annotated[str, typer.Option(help="Of the heatmap: forward or backward.")] = "forward",
    path: Annotated[Path, typer.Option("--out", help="The page to write, an .html file.")] = Path("trace.html"),
) -> None:
    """Read a sentence and write a picture of it as a web page that works offline.

    For example:

        rnnviz draw sst2-lstm "the film was not bad" --signal forget --out forget.html
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.figures import heatmap, verdict_timeline
    from rnnviz.reading import read as read_text

    if path.suffix not in (".html", ".htm"):
        raise typer.BadParameter(f"{path} does not end in .html", param_hint="--out")
    loaded = checkpoints.load(name)
    trace = read_text(loaded, text)
    figure = verdict_timeline(trace) if kind is Drawing.verdicts else heatmap(trace, signal, layer, direction)
    drawn = figure.to_html(full_html=False, include_plotlyjs=True, config={"displaylogo": False})
    page = _PAGE.format(title=html.escape(f"{loaded.config.name}: {kind.value}"), figure=drawn)
    files.atomic_write(path, page.encode())
    result(path)
