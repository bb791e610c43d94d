"""The commands about a checkpoint's files: convert, doctor."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rnnviz import files
from rnnviz.checkpoint import shipped
from rnnviz.cli.options import AsJson, Overwrite, command_line, known_checkpoints
from rnnviz.cli.terminal import result
from rnnviz.errors import CheckpointError
from rnnviz.model_config import Between, Directions, Pooling, Squash, Task, Tokens
from rnnviz.untrusted.strict_json import to_json

if TYPE_CHECKING:  # it loads torch
    from rnnviz.checkpoint.doctor import Finding

_NOTE = "Converted with `rnnviz convert` from weights that were trained elsewhere."


def convert(
    weights: Annotated[
        Path,
        typer.Argument(
            help="Weights: what torch.save wrote, .safetensors, a Keras or ONNX model, numpy.savez.", metavar="FILE"
        ),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder of the checkpoint.")],
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            help="Its words, one a line, in the order of the embedding's rows, or JSON. Else the file's own, if it has."
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="Name of an output; repeat for each, in their order. Else the file's own, if it has."),
    ] = None,
    tokens: Annotated[Tokens, typer.Option(help="What the network reads.")] = "words",
    task: Annotated[
        Task, typer.Option(help="What it answers: a class, or the next token, with an output for each word.")
    ] = "classify",
    pooling: Annotated[
        Pooling | None, typer.Option(help="What the linear layer reads; else the last state of each direction.")
    ] = None,
    directions: Annotated[
        Directions | None, typer.Option(help="How the linear layer reads two directions; else side by side.")
    ] = None,
    squash: Annotated[
        Squash | None, typer.Option(help="What is done to the states before a linear layer reads them; else nothing.")
    ] = None,
    between: Annotated[
        Between | None, typer.Option(help="What lies between two linear layers; nothing makes one of them.")
    ] = None,
    nonlinearity: Annotated[Literal["tanh", "relu"] | None, typer.Option(help="Of a plain RNN; else tanh.")] = None,
    unknown: Annotated[
        str | None, typer.Option(help="Word or row number that unknown words are read as.", metavar="WORD")
    ] = None,
    padding: Annotated[str | None, typer.Option(help="Word or row number of the padding.", metavar="WORD")] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(
            help="A tensor that takes no part, or a pattern such as 'aux.*'; repeat for more.", metavar="NAME"
        ),
    ] = None,
    key: Annotated[
        str, typer.Option(help="Which network of a file that holds several, by its key.", metavar="NAME")
    ] = "",
    gates: Annotated[
        str | None,
        typer.Option(
            help="Order of the gates in arrays of numpy.savez, such as ifco, iofc, rzn or zrn.", metavar="ORDER"
        ),
    ] = None,
    update_gate: Annotated[
        Literal["keeps", "renews"],
        typer.Option(help="Whether the update gate of a GRU with --gates is the share kept, as here, or the new one."),
    ] = "keeps",
    check: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="A text and the logits that the network gives it where it comes from, such as '0.31,-1.2'.",
            metavar="TEXT LOGITS",
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="A few words for menus.")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Turn weights that were trained elsewhere into a checkpoint.

    They are those of one embedding, one RNN, GRU or LSTM, and one linear layer or two, whatever these are called. The
    content of the file tells its kind, not its name. All but .safetensors is opened in a process of its own, which
    unpickles nothing but tensors. What the file does not say is assumed and printed; --check proves it.

    For example:

        rnnviz convert lesson.pt --vocabulary words.txt --label World --label Sports --out runs/lesson

        rnnviz convert model.keras --vocabulary word_index.json --label no --label yes --out runs/keras

        rnnviz convert char-rnn.pt --tokens letters --task next --vocabulary char_to_ix.json --out runs/writer

        rnnviz convert best.pth.tar --pooling mean --check "not good" "1.27,-0.31" --out runs/mean
    """
    from rnnviz.checkpoint import folder as checkpoints
    from rnnviz.checkpoint.weights import shown
    from rnnviz.convert.check import prove, wanted_logits
    from rnnviz.convert.convert import converted, read_words
    from rnnviz.convert.foreign import open_foreign

    folder = folder if folder.name else folder.resolve()
    if not checkpoints.is_free(folder):
        raise CheckpointError("checkpoint_busy", path=folder)
    if checkpoints.is_finished(folder) and not overwrite:
        raise CheckpointError("checkpoint_there", path=folder)
    checkpoints.rehearse(folder, title, {}, label or ())
    words = read_words(vocabulary) if vocabulary else None
    wanted = wanted_logits(check[1]) if check else ()
    foreign = open_foreign(weights, key, gates or "", update_gate)
    facts = foreign.facts
    foreign.refuse_what_it_says(
        pooling=pooling, directions=directions, squash=squash, between=between, nonlinearity=nonlinearity
    )
    make = partial(
        converted,
        foreign.tensors,
        foreign.words_for(words),
        label or (() if task == "next" else foreign.labels),
        name=folder.name,
        title=title,
        directions=directions or facts.directions,
        squash=squash or facts.squash,
        between=between or facts.between,
        nonlinearity=nonlinearity or facts.nonlinearity,
        unknown=unknown,
        padding=padding,
        leave_out=leave_out or (),
        described=facts.whole,
        tokens=tokens,
        task=task,
        history={
            "command": command_line(["--overwrite"], private={"--check": 2}),
            "notes": [_NOTE],
            "licence": "licence of their owner",
        },
    )
    conversion = make(pooling=pooling or facts.pooling)
    if check:
        prove(conversion, check[0], wanted, None if facts.whole or task == "next" else make)
    conversion.checkpoint.save_pretrained(folder)
    for ours, theirs in conversion.names.items():
        result(f"{shown(theirs)} -> {ours}")
    for note in (*foreign.notes, *conversion.notes):
        result(note)
    if check:
        result("Proved: the text of --check gets the logits that you gave.")
    result(f"Stored as float16, which changes the logits of a text by at most {conversion.rounding:.1e}.")
    result(folder)


def doctor(
    name: Annotated[
        str,
        typer.Argument(
            help="A checkpoint, a folder of checkpoints, a shipped network, or an index of texts.",
            metavar="FOLDER",
            autocompletion=known_checkpoints,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Check all of a checkpoint and say all that is wrong with it. Ends with 1 if anything is.

    Of an index all files are read and hashed; the first that is wrong is said.

    For example:

        rnnviz doctor sst2-lstm

        rnnviz doctor runs --json
    """
    from rnnviz.checkpoint.doctor import checkpoints_in, examine

    if files.lexists(Path(name) / "index.json"):
        _check_index(Path(name), as_json=as_json)
        return
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


def _check_index(folder: Path, *, as_json: bool) -> None:
    from rnnviz.corpus import Index

    opened = Index.load(folder)
    opened.check()
    if as_json:
        typer.echo(to_json({"problems": 0, "index": str(folder)}))
    else:
        result(opened)
        result("no problems found")


def _line(finding: "Finding") -> str:
    return f"{finding.check}: " + (finding.problem.replace("\n", " ") or finding.state)
