"""The commands about a corpus: index, find, slices, groups. Torch is imported when one of them runs, not before."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from rnnviz.cli.options import (
    AsJson,
    CheckpointName,
    LabelColumn,
    Sentence,
    TextColumns,
    known_checkpoints,
    overridden,
    whole,
    with_file_options,
)
from rnnviz.cli.terminal import err, out, plain, result, sign_of, table
from rnnviz.data.file_options import FileOptions
from rnnviz.untrusted.strict_json import to_json

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.table import Table
    from rich.text import Text

    from rnnviz.corpus import Found, Groups, Hit, Index, Step
    from rnnviz.corpus.find import Unit

Result = TypeVar("Result")

_BESIDE = {"words": 6, "letters": 30}
"""Tokens that are shown before a hit, and half as many after it."""

IndexFolder = Annotated[Path, typer.Argument(help="A folder that `rnnviz index` wrote.", metavar="INDEX")]


@with_file_options
def index(
    name: CheckpointName,
    data: Annotated[
        list[Path],
        typer.Argument(
            help="Files of texts (CSV, JSON, Excel, Parquet), or of one long text each.", metavar="TEXTS..."
        ),
    ],
    file_options: FileOptions,
    folder: Annotated[Path, typer.Option("--out", help="Folder of the index.")],
    rows: Annotated[
        int | None, typer.Option(help="Read only so many texts of each file, drawn at random, always the same.", min=1)
    ] = None,
    labels: Annotated[
        bool | None,
        typer.Option(
            "--labels/--no-labels", help="Whether the files have classes; else so if the network tells classes."
        ),
    ] = None,
    text_column: TextColumns = None,
    label_column: LabelColumn = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--no-resume", help="Go on where a stopped command of the same texts was, or begin again."
        ),
    ] = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the finished index that is in --out.")
    ] = False,
    ray: Annotated[
        bool, typer.Option("--ray", help="Read in the processes of Ray, here or on its cluster (extra `ray`).")
    ] = False,
) -> None:
    """Read many texts once with a network, so that `find` can say where else it does the same.

    Each text is read alone, from its beginning. A text file is cut at its blank lines, or else at its line ends.

    For example:

        rnnviz index agnews-lstm ag_news/train.csv.gz --out agnews.index

        rnnviz index shakespeare-lstm shakespeare.txt --out shakespeare.index

        rnnviz index sst2-lstm reviews.csv --text-column review --no-labels --rows 1000 --out reviews.index
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.corpus import building, texts
    from rnnviz.corpus.builder import refuse_taken

    refuse_taken(folder, overwrite=overwrite)
    loaded = checkpoints.load(name)
    of_training = {"source": "", "licence": ""}  # what the network learned from says nothing of these files
    wanted = overridden(whole(loaded.config.data.model_copy(update=of_training)), text_column, label_column)
    labelled = loaded.config.task == "classify" if labels is None else labels
    sets = [texts.load(path, wanted, labelled=labelled, **file_options) for path in data]
    if rows:
        sets = [texts.sample(one, rows) for one in sets]
    built = _shown(building(loaded, sets, folder, resume=resume, overwrite=overwrite, ray=ray))
    result(built)
    result(folder)


def _shown(work: "Generator[Step, None, Result]") -> "Result":
    """Do a piece of work to its end, and show how far it is."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(TextColumn("{task.description:9}"), BarColumn(), TimeRemainingColumn(), console=err) as bar:
        task = bar.add_task("")
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                return end.value
            if bar.tasks[0].description != step.doing:
                bar.reset(task, description=step.doing, total=step.total)
            bar.update(task, completed=step.done)


def find(
    folder: IndexFolder,
    text: Sentence,
    first: Annotated[
        int, typer.Option("--from", help="First of the words, or letters, to look for; from 0.", min=0)
    ] = 0,
    last: Annotated[
        int | None, typer.Option("--to", help="Last of them, from 0; else that of the sentence.", min=0)
    ] = None,
    threshold: Annotated[float, typer.Option(help="How far from 0 a unit's state has to be.")] = 0.3,
    units: Annotated[
        str | None,
        typer.Option(
            help="Units to look for, such as 3,-17: above the threshold, or below minus it. Else chosen by it."
        ),
    ] = None,
    before: Annotated[bool, typer.Option("--before", help="Only units that are not on at the token before.")] = False,
    after: Annotated[bool, typer.Option("--after", help="Only units that are not on at the token after.")] = False,
    most: Annotated[int, typer.Option(help="The most hits to list.", min=1, max=1_000)] = 20,
    all_of_a_text: Annotated[
        bool, typer.Option("--all-of-a-text", help="List every hit of a text, not only the best.")
    ] = False,
    network: Annotated[
        str | None,
        typer.Option(
            help="The index's network, where it is no shipped one: its folder.",
            metavar="CHECKPOINT",
            autocompletion=known_checkpoints,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find where else in many texts a network does what it does at some words of a sentence.

    The units that are far from 0, with one sign, at all of these words are looked for; stretches at which most of them
    are come first.

    For example:

        rnnviz find agnews.index "oil prices rise as markets fall" --from 0 --to 2 --threshold 0.5 --before

        rnnviz find agnews.index "oil prices rise" --units 3,-17 --json
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.corpus import Index
    from rnnviz.errors import SettingError
    from rnnviz.reading import read

    opened = Index.load(folder)
    loaded = checkpoints.load(network or opened.about.network)
    opened.check_network(loaded.config)
    trace = read(loaded, text)
    stop = len(trace.tokens) if last is None else last + 1
    on = opened.units_of(trace, first, stop, threshold, before=before, after=after)
    chosen = on if units is None else _units(units)
    if not chosen:
        raise SettingError("find_none", threshold=threshold)
    found = opened.find(
        chosen, threshold, stop - first, before=before, after=after, most=most, one_per_text=not all_of_a_text
    )
    if as_json:
        typer.echo(to_json(_as_json(opened, found, trace.tokens[first:stop], chosen, threshold)))
        return
    shown = ", ".join(f"{'+' if sign > 0 else '-'}{unit}" for unit, sign in chosen)
    result(f"looked for units {shown}")
    result(
        f"stretches with at least {found.least} of them: {found.total:,}, texts with one: {found.texts:,}; "
        f"{found.seconds * 1e3:.1f} ms"
    )
    out.print(_hits_table(opened, found))
    if found.labels:
        out.print(_labels_table(found, len(opened)))


def _units(given: str) -> "Sequence[Unit]":
    """The units that were typed, such as "3,-17"; -0 is unit 0 below."""
    try:
        return [(abs(int(one)), -1 if one.strip().startswith("-") else 1) for one in given.split(",")]
    except ValueError:
        raise typer.BadParameter(
            "give numbers of units with commas between, such as 3,-17", param_hint="--units"
        ) from None


def _as_json(
    opened: "Index", found: "Found", tokens: "Sequence[str]", chosen: "Sequence[Unit]", threshold: float
) -> dict[str, object]:
    hits = [
        vars(hit) | {"length": hit.length, "tokens": opened.text(hit.text)[hit.start : hit.stop]} for hit in found.hits
    ]
    return {
        "tokens": tokens,
        "units": chosen,
        "threshold": threshold,
        **vars(found),
        "labels": [vars(share) for share in found.labels],
        "hits": hits,
    }


def _hits_table(opened: "Index", found: "Found") -> "Table":
    header = ["text", "units", "bits", *(["class"] if found.labels else []), "answer", "where"]
    header = [name for name in header if name != "answer" or opened.about.answers]
    rows = []
    for hit in found.hits:
        cells = [f"{hit.text:,}", f"{len(hit.units)}", f"{hit.bits:.1f}"]
        cells += [hit.label or ""] if found.labels else []
        cells += [hit.answer or ""] if opened.about.answers else []
        rows.append([*(plain(cell) for cell in cells), _where(opened, hit)])
    drawn = table(header, rows)
    drawn.columns[-1].justify = "left"
    return drawn


def _where(opened: "Index", hit: "Hit") -> "Text":
    """A hit in brackets, with what stands around it."""
    tokens, reads = opened.text(hit.text), opened.about.tokens
    between = " " if reads == "words" else ""
    seen = [one if reads == "words" or one == " " else sign_of(one) for one in tokens]
    start, stop = max(0, hit.start - _BESIDE[reads]), min(len(tokens), hit.stop + _BESIDE[reads] // 2)
    parts = seen[start : hit.start], [f"[{between.join(seen[hit.start : hit.stop])}]"], seen[hit.stop : stop]
    shown = [plain(between.join(part), style) for part, style in zip(parts, ("", "bold", ""), strict=True) if part]
    return plain(between).join(shown)


def _labels_table(found: "Found", texts: int) -> "Table":
    shares = sorted(found.labels, key=lambda share: -share.texts)
    rows = [
        [plain(share.label), plain(f"{share.texts / max(1, found.texts):.1%}"), plain(f"{share.all / texts:.1%}")]
        for share in shares[:10]
    ]
    return table(["class", "of texts with a hit", "of all texts"], rows)


def slices(
    folder: IndexFolder,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--slice",
            help="Conditions joined by ' & ': word=not, length=1..10, class=NAME, answer=NAME, right, wrong, unit=+12, "
            "unit=-3, disagree, all. Repeat for more slices; else classes, lengths and disagree.",
            metavar="CONDITIONS",
        ),
    ] = None,
    other: Annotated[
        Path | None, typer.Option(help="Index of the same texts by another network, for disagree.", metavar="INDEX")
    ] = None,
    threshold: Annotated[float, typer.Option(help="How far from 0 a unit's state has to be.")] = 0.3,
    errors: Annotated[int, typer.Option(help="List so many texts of each slice, errors first.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure how often a network is right in parts of a corpus. Where it is most often wrong comes first.

    For example:

        rnnviz slices agnews.index

        rnnviz slices agnews.index --slice "word=oil & class=World" --slice "length=..20" --errors 5

        rnnviz slices agnews.index --other agnews-gru.index --slice "disagree & wrong" --errors 10
    """
    from rnnviz.corpus import Index, sliced

    opened = Index.load(folder)
    measured = sliced(opened, names or (), other=Index.load(other) if other else None, threshold=threshold)
    if as_json:
        entries = [vars(one) | {"accuracy": one.accuracy, "texts": one.texts[: errors or None]} for one in measured]
        typer.echo(to_json({"answers": opened.about.answers, "slices": entries}))
        return
    rows = [
        [
            plain(one.name),
            plain(f"{len(one.texts):,}"),
            plain("" if one.accuracy is None else f"{one.accuracy:.1%}"),
            plain("{:.1%} to {:.1%}".format(*one.interval) if one.labelled else ""),
        ]
        for one in measured
    ]
    out.print(table(["slice", "texts", "accuracy", "95 % interval"], rows))
    for one in measured if errors else []:
        result(f"\n{one.name}")
        for number in one.texts[:errors]:
            label, answer = int(opened.labels[number]), int(opened.answers[number])
            told = f"{opened.about.answers[answer]} {opened.probabilities[number]:.0%}"
            wanted = opened.about.classes[label] if label >= 0 else "no class"
            result(f"  {number}: {wanted} → {told}: {opened.written(number)}")


def groups(
    folder: IndexFolder,
    words: Annotated[int, typer.Option(help="Words to take at most, the most frequent ones.")] = 300,
    least: Annotated[int, typer.Option(help="How often each has to be in the texts.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Look for groups of units and words: which units move at which words.

    As many groups are taken as come back most surely, in other texts with other words; or none, where shuffled numbers
    come back as surely. What is found is written into the folder of the index, where the page finds it.

    For example:

        rnnviz groups agnews.index
    """
    from rnnviz.corpus import Index, grouping
    from rnnviz.corpus.groups import save

    opened = Index.load(folder)
    found = _shown(grouping(opened, words, least))
    path = save(found, opened)
    if as_json:
        typer.echo(to_json(found.model_dump(mode="json")))
        return
    result(found)
    for number in range(found.groups):
        result(f"group {number + 1}: {_first(found.words_of(number))}")
        result(f"  units {', '.join(map(str, sorted(found.units_of(number))))}")
    out.print(_stability_table(found))
    result(path)


def _first(words: "Sequence[str]") -> str:
    """The first words of a group, letters as signs that can be seen."""
    shown = ", ".join(sign_of(word) if len(word) == 1 else word for word in words[:12])
    return f"{shown} and {len(words) - 12} more" if len(words) > 12 else shown


def _stability_table(found: "Groups") -> "Table":
    header = ["groups", "units", "shuffled", "at least", "words", "shuffled", ""]
    rows = []
    for one in found.stability:
        told = "taken" if one.groups == found.groups else "holds" if one.holds else "does not hold"
        numbers = (one.units, one.units_shuffled, one.units_limit, one.words, one.words_shuffled)
        rows.append([plain(cell) for cell in (f"{one.groups}", *(f"{number:.2f}" for number in numbers), told)])
    return table(header, rows)
