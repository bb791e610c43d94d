"""The commands that use a checkpoint: evaluate, read, draw. Torch is imported when one of them runs, not before."""

import html
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from rnnviz.cli.terminal import answers_table, err, out, plain, result, scores_table, sign_of, table
from rnnviz.data.file_options import FileOptions
from rnnviz.untrusted.strict_json import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from rnnviz.data.datasets import Dataset
    from rnnviz.experiments.probes import Finding

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin: 0">{figure}</body>
</html>
"""


LastTenth = Annotated[
    bool,
    typer.Option(
        "--last-tenth",
        help="Only the last tenth of the text, which training leaves out unless it is given --test or --dev.",
    ),
]


def _part(text: "Dataset", *, last_tenth: bool) -> "Dataset":
    """A long text, or its last tenth."""
    from rnnviz.data import corpora

    return corpora.tenths(text)[2] if last_tenth else text


class Drawing(StrEnum):
    """What ``draw`` can draw."""

    heatmap = "heatmap"
    verdicts = "verdicts"


@with_file_options
def evaluate(
    name: CheckpointName,
    data: Annotated[
        Path,
        typer.Argument(help="A file of labelled texts (CSV, JSON, Excel, Parquet), or one long text.", metavar="DATA"),
    ],
    file_options: FileOptions,
    text_column: TextColumns = None,
    label_column: LabelColumn = None,
    last_tenth: LastTenth = False,
    as_json: AsJson = False,
) -> None:
    """Count how often a network is right. The file is read as the checkpoint's own data; options override.

    For example:

        rnnviz evaluate agnews-lstm ag_news/test.csv.gz --json

    Of a network that writes, how many bits each letter of a text takes:

        rnnviz evaluate shakespeare-lstm sonnets.txt

    The text that a network was trained on, but for the last tenth, which is measured:

        rnnviz evaluate shakespeare-lstm shakespeare.txt --last-tenth
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.data import corpora, datasets
    from rnnviz.experiments.evaluation import NextScores, evaluate as measure

    loaded = checkpoints.load(name)
    wanted = overridden(whole(loaded.config.data), text_column, label_column)
    if loaded.config.task == "next":
        texts = _part(corpora.load(str(data), wanted, **file_options), last_tenth=last_tenth)
    elif last_tenth:
        raise typer.BadParameter("a network that names classes has no text in tenths", param_hint="--last-tenth")
    else:
        texts = datasets.load(data, wanted, **file_options)
    scores = measure(loaded, texts)
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


def write(
    name: CheckpointName,
    start: Sentence,
    length: Annotated[int, typer.Option(help="Tokens to write.")] = 400,
    temperature: Annotated[float, typer.Option(help="Below 1 likely tokens come more often; 0: always.")] = 1.0,
    top_k: Annotated[int | None, typer.Option(help="So many of the likeliest tokens can come.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed writes the same text, also in the browser.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Have a network go on with a text, letter by letter.

    For example:

        rnnviz write shakespeare-lstm "ROMEO:" --temperature 0.8

        rnnviz write python-lstm "def main(" --length 200 --seed 3 --json
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.experiments.writing import write as go_on

    written = go_on(checkpoints.load(name), start, length=length, temperature=temperature, top_k=top_k, seed=seed)
    if as_json:
        choices = [choice._asdict() | {"surprise": choice.surprise} for choice in written.choices]
        typer.echo(to_json({"start": start, "text": written.text, "choices": choices}))
        return
    result(str(written))
    if closely := [place for place, choice in enumerate(written.choices, start=1) if choice.close]:
        err.print(plain(f"Token {closely[0]} was drawn so closely that another machine could go on differently."))


def probe(
    name: CheckpointName,
    data: Annotated[
        Path, typer.Argument(help='A text file that the network was not trained on, or "python".', metavar="TEXT")
    ],
    seed: Annotated[int, typer.Option(help="Of the controls.")] = 0,
    last_tenth: LastTenth = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write the findings on the card of the network, which is a folder of yours.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for units that keep track of quotes, brackets, columns and more, with controls.

    For example:

        rnnviz probe python-lstm mine.py

    Of a network of your own, which learned from a text but for its last tenth, for its card:

        rnnviz probe runs/poems poems.txt --last-tenth --keep
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.data import corpora
    from rnnviz.errors import CheckpointError, TextError
    from rnnviz.experiments.probes import PROPERTIES, Prober

    if keep and not Path(name).is_dir():
        raise typer.BadParameter("name the folder of a network of your own", param_hint="--keep")
    if keep and not checkpoints.is_free(Path(name)):
        raise CheckpointError("checkpoint_busy", path=name)
    loaded = checkpoints.load(name)
    prober = Prober(loaded, corpora.whole_text(_part(corpora.load(str(data)), last_tenth=last_tenth)), seed)
    findings, left_out = [], []
    for wanted in PROPERTIES:
        try:
            findings.append(prober.look_for(wanted))
        except TextError as error:
            if error.key != "probe_rare":
                raise
            left_out.append(wanted)
    if as_json:
        typer.echo(to_json({"findings": [finding.to_dict() for finding in findings], "rare": left_out}))
    else:
        out.print(_findings_table(findings))
        for wanted in left_out:
            result(f"{wanted}: hardly occurs in this text")
    if keep:
        loaded.with_findings([finding.to_dict() for finding in findings]).save_pretrained(name)


def _findings_table(findings: "Sequence[Finding]") -> "Table":
    rows = [
        [
            plain(one.property),
            plain(f"{one.layer}/{one.unit}"),
            *(plain(f"{value:.3f}") for value in (one.value, one.shuffled, one.untrained)),
            plain("" if one.loss is None else f"{one.loss:.3f} → {one.loss_without:.3f}"),
            plain("found" if one.found else "not found"),
        ]
        for one in findings
    ]
    header = ["property", "layer/unit", "AUC or R²", "shuffled", "untrained", "bits, without it", "outcome"]
    return table(header, rows)


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
