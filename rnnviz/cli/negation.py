"""The command that asks a sentiment classifier about *not*: negation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from rnnviz.cli.options import (
    AsJson,
    CheckpointName,
    LabelColumn,
    TextColumns,
    overridden,
    whole,
    with_file_options,
)
from rnnviz.cli.terminal import out, plain, result, table
from rnnviz.data.file_options import FileOptions
from rnnviz.data.formats import FORMATS, named_format
from rnnviz.untrusted.strict_json import to_json

if TYPE_CHECKING:  # they load torch
    from rnnviz.experiments.negation import FairScores, Said, Share


@with_file_options
def negation(
    name: CheckpointName,
    file_options: FileOptions,
    data: Annotated[
        Path | None,
        typer.Option(help="A file of labelled texts: measure those with a negation too."),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option("--format", help=f"Of the file: {', '.join(FORMATS)}. Else the checkpoint's own.", metavar="NAME"),
    ] = None,
    text_column: TextColumns = None,
    label_column: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Measure whether a negation turns a sentiment classifier's answer round, and say so in a sentence.

    Four adjectives show it; the fair set measures it: forty adjectives in five frames, affirmative and with not, n't,
    never and hardly. In brackets: 95 % intervals.

    For example:

        rnnviz negation sst2-lstm --data sst2/sentences_test.csv.gz
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.data import datasets
    from rnnviz.experiments.negation import fair_scores, minimal_pairs, on_negated

    loaded = checkpoints.load(name)
    fair, pairs = fair_scores(loaded), minimal_pairs(loaded)  # first: they object to classes that are no sentiment
    measured = None
    if data:
        wanted = overridden(
            whole(named_format(format_name) if format_name else loaded.config.data), text_column, label_column
        )
        measured = on_negated(loaded, datasets.load(data, wanted, **file_options))
    if as_json:
        report = vars(fair) | {"pairs": [vars(said) for said in pairs], "sentence": sentence(fair)}
        if measured:
            report |= {"data": {"negated": measured[0], "overall": measured[1]}}
        typer.echo(to_json(report, default=_share))  # of all these, only a Share is unknown to JSON
        return
    out.print(_pairs_table(pairs))
    out.print(_fair_table(fair))
    if measured:
        for texts, share in zip(("texts with a negation", "all texts"), measured, strict=True):
            result(f"{texts}: accuracy {_shown(share, digits=1)} of n = {share.n:,}")
    result(sentence(fair))


_MOST, _SOME = 0.75, 0.25  # of the answers, for the words below; the numbers stand beside them


def sentence(fair: "FairScores") -> str:
    """What the fair set says of a classifier, so that nobody takes a good score for an understanding of *not*."""
    good, bad = fair.turned["positive"], fair.turned["negative"]
    return (
        f"Where it gets the plain sentence right, a negation turns {_counted(good)} answers round for positive "
        f"adjectives and {_counted(bad)} for negative ones. {_verdict(fair)}."
    )


def _verdict(fair: "FairScores") -> str:
    missed = [name for name, share in fair.turned.items() if not share.n]
    if missed:
        return (
            f"It gets no plain sentence with a {' or '.join(missed)} adjective right, so nothing shows that it negates"
        )
    worse, better = sorted(fair.turned, key=lambda name: fair.turned[name].accuracy)
    if not fair.stuck[worse]:
        return "It negates every time"
    if fair.turned[worse].accuracy >= _MOST:
        said = "It negates most of the time"
    elif fair.turned[worse].accuracy >= _SOME:
        said = "It negates only sometimes"
    elif fair.turned[better].accuracy >= _MOST:
        said = f"It negates {better} adjectives only"
    elif fair.turned[better].accuracy >= _SOME:
        said = f"It negates only sometimes, and only {better} adjectives"
    else:
        said = "It does not negate"
    return f'{said}: "{fair.stuck[worse][0]}" stays {worse}'


def _counted(share: "Share") -> str:
    return f"{share.right} of {share.n}" + (f" ({share.accuracy:.0%})" if share.n else "")


def _shown(share: "Share", digits: int = 0) -> str:
    low, high = (f"{end * 100:.{digits}f}" for end in share.interval)
    return f"{share.accuracy:.1%} ({low}–{high})" if share.n else "–"  # of nothing, nothing was measured


def _share(share: "Share") -> dict[str, object]:
    return vars(share) | {"accuracy": share.accuracy, "interval": share.interval}


def _pairs_table(pairs: "tuple[Said, ...]") -> Table:
    turned = {None: "", True: "yes", False: "no"}
    rows = [[said.text, f"{said.positive:.1%}", turned[said.turned]] for said in pairs]
    return table(["sentence", "positive", "turned round"], [[plain(cell) for cell in row] for row in rows])


def _fair_table(fair: "FairScores") -> Table:
    rows = [[form, *(_shown(share) for share in scores.values())] for form, scores in fair.forms.items()]
    header = ["right", *next(iter(fair.forms.values()))]
    return table(header, [[plain(cell) for cell in row] for row in [*rows, ["all", _shown(fair.overall)]]])
