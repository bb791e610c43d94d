"""The commands about a checkpoint's files: convert, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rnnviz.checkpoint import shipped
from rnnviz.cli.options import AsJson, Overwrite, command_line, known_checkpoints
from rnnviz.cli.terminal import result
from rnnviz.errors import CheckpointError
from rnnviz.model_config import Pooling
from rnnviz.untrusted.strict_json import to_json

if TYPE_CHECKING:  # it loads torch
    from rnnviz.checkpoint.doctor import Finding

_NOTE = "Converted with `rnnviz convert` from weights that were trained elsewhere."


def convert(
    weights: Annotated[
        Path, typer.Argument(help="A state_dict: a .pt, .pth, .bin, .ckpt or .safetensors file.", metavar="FILE")
    ],
    vocabulary: Annotated[Path, typer.Option(help="Its words, one a line, in the order of the embedding's rows.")],
    label: Annotated[list[str], typer.Option(help="Name of an output; repeat for each, in their order.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder of the checkpoint.")],
    pooling: Annotated[
        Pooling | None, typer.Option(help="What the linear layer reads; else last, or max+mean where it reads two.")
    ] = None,
    nonlinearity: Annotated[Literal["tanh", "relu"], typer.Option(help="Of a plain RNN.")] = "tanh",
    title: Annotated[str, typer.Option(help="A few words for menus.")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Turn weights that were trained elsewhere into a checkpoint.

    They are those of one embedding, one RNN, GRU or LSTM, and one linear layer, whatever these are called. A pickle
    (.pt, .pth, .bin, .ckpt) is opened in a process of its own, which unpickles nothing but tensors.

    For example:

        rnnviz convert lesson.pt --vocabulary words.txt --label World --label Sports --out runs/lesson

        rnnviz convert model.safetensors --vocabulary words.txt --label no --label yes --pooling mean --out runs/mean
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.checkpoint.weights import shown
    from rnnviz.convert.convert import converted, read_words
    from rnnviz.convert.foreign import read_foreign

    folder = folder if folder.name else folder.resolve()
    if not checkpoints.is_free(folder):
        raise CheckpointError("checkpoint_busy", path=folder)
    if checkpoints.is_finished(folder) and not overwrite:
        raise CheckpointError("checkpoint_there", path=folder)
    checkpoints.rehearse(folder, title, {}, label)
    words = read_words(vocabulary)
    conversion = converted(
        read_foreign(weights),
        words,
        label,
        name=folder.name,
        title=title,
        pooling=pooling,
        nonlinearity=nonlinearity,
        history={
            "command": command_line(["--overwrite"]),
            "notes": [_NOTE],
            "licence": "licence of their owner",
        },
    )
    conversion.checkpoint.save_pretrained(folder)
    for ours, theirs in conversion.names.items():
        result(f"{shown(theirs)} -> {ours}")
    for note in conversion.notes:
        result(note)
    result(f"Stored as float16, which changes the logits of a text by at most {conversion.rounding:.1e}.")
    result(folder)


def doctor(
    name: Annotated[
        str,
        typer.Argument(
            help="A checkpoint, a folder of checkpoints, or a shipped network.",
            metavar="FOLDER",
            autocompletion=known_checkpoints,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Check all of a checkpoint and say all that is wrong with it. Ends with 1 if anything is.

    For example:

        rnnviz doctor sst2-lstm

        rnnviz doctor runs --json
    """
    from rnnviz.checkpoint.doctor import checkpoints_in, examine

    findings_of = {str(path): examine(path) for path in checkpoints_in(shipped.find(name))}
    problems = sum(finding.state == "failed" for findings in findings_of.values() for finding in findings)
    if as_json:
        entries = {path: [vars(finding) for finding in findings] for path, findings in findings_of.items()}
        typer.echo(to_json({"problems": problems, "checkpoints": entries}))
    else:
        for path, findings in findings_of.items():
            result(path)
            for finding in findings:
                result(f"  {_line(finding)}")
        result("no problems found" if not problems else f"{problems:,} problem{'s' if problems > 1 else ''} found")
    if problems:
        raise typer.Exit(1)


def _line(finding: "Finding") -> str:
    return f"{finding.check}: " + (finding.problem.replace("\n", " ") or finding.state)
