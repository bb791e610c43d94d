"""The command line. Results go to stdout, progress and objections to stderr.

Left out: what the commands do (``training``, ``reading``, ``site``, ``negation``, ``corpus``, ``models``), their
options (``options``), how it looks (``terminal``).
"""

import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, TextIO

import typer
from pydantic import ValidationError

from rnnviz import __version__
from rnnviz.cli.corpus import find, groups, index, slices
from rnnviz.cli.models import convert, doctor
from rnnviz.cli.negation import negation
from rnnviz.cli.networks import networks
from rnnviz.cli.options import as_option
from rnnviz.cli.reading import draw, evaluate, probe, read, write
from rnnviz.cli.site import site
from rnnviz.cli.terminal import err, never_fail, object_to, plain, result
from rnnviz.cli.training import runs, train
from rnnviz.errors import DataWarning, RnnvizError, SettingError, TrainingError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # they hold what was typed
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line. What a person can mend is said in a sentence or two; anything else is a bug, and shows."""
    for stream in (sys.stdout, sys.stderr):
        never_fail(stream)
    warnings.showwarning = _tell
    try:
        app()
    except RnnvizError as error:
        if os.environ.get("LOCAL_RANK", "0") in ("", "0"):  # the others on this machine were given the same
            object_to(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"{as_option(first['loc'])} {first['input']!r}: {first['msg']}"
        object_to(str(TrainingError("recipe", problem=problem)))
    except OSError as error:
        object_to(f"{error.filename}: {error.strerror}." if error.filename else str(error))
    sys.exit(1)


_show_warning = warnings.showwarning


def _tell(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Say what somebody ought to know of a data set as every other sentence; other warnings are Python's own."""
    if isinstance(message, DataWarning):
        if os.environ.get("LOCAL_RANK", "0") in ("", "0"):
            err.print(plain(message), soft_wrap=True)
    else:
        _show_warning(message, category, filename, lineno, file, line)


def _show_version(wanted: bool) -> bool:
    if wanted:
        result(f"rnnviz {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def rnnviz(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """See what a recurrent network remembers, word by word."""


def serve(
    folder: Annotated[
        Path | None,
        typer.Option("--checkpoints", help="Folder of the checkpoints; else the networks that come with rnnviz."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Else PORT, GRADIO_SERVER_PORT, or the first free from 7860.", min=1, max=65535),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen at; 0.0.0.0 for other machines too. Else RNNVIZ_HOST, or 127.0.0.1."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="A further name of this server, as behind a proxy; repeat for more. Else RNNVIZ_ALLOW_HOSTS.",
            metavar="NAME",
        ),
    ] = None,
    root_path: Annotated[
        str | None,
        typer.Option(help="Path of the page behind a proxy that keeps it. Else RNNVIZ_ROOT_PATH.", metavar="PATH"),
    ] = None,
    frame_ancestors: Annotated[
        list[str] | None,
        typer.Option(
            help="A site that may show the page in a frame; repeat for more. Else RNNVIZ_FRAME_ANCESTORS.",
            metavar="SITE",
        ),
    ] = None,
    training: Annotated[
        bool | None,
        typer.Option(
            "--training/--no-training",
            help="Whether visitors may train networks. Else RNNVIZ_TRAINING, or only in a browser on this machine.",
        ),
    ] = None,
    api: Annotated[
        bool | None,
        typer.Option(
            "--api/--no-api", help="Whether programs are answered too, over HTTP and MCP. Else RNNVIZ_API, or no."
        ),
    ] = None,
    index: Annotated[
        list[Path] | None,
        typer.Option(
            help="Texts to search, as `rnnviz index` writes them, or a folder of such; repeat for more. "
            "Else RNNVIZ_INDEXES.",
            metavar="FOLDER",
        ),
    ] = None,
) -> None:
    """Serve the page on this machine.

    For example:

        rnnviz serve --port 8000

    For a class, whose machines reach this one:

        rnnviz serve --host 0.0.0.0

    Behind a proxy, shown in frames of a course site:

        rnnviz serve --allow-host rnnviz.school.example --frame-ancestors https://moodle.school.example

    For programs too (docs/api.md):

        rnnviz serve --api

    With texts in which the page finds where else the network does the same:

        rnnviz serve --index agnews.index
    """
    try:
        from rnnviz.page import serving  # Gradio takes seconds to import, and the other commands don't need it
        from rnnviz.page.serve_options import serve_options
    except ImportError as error:
        raise SettingError("app_extra", problem=error) from None

    options = serve_options(
        host=host,
        port=port,
        allow_hosts=allow_host or (),
        root_path=root_path,
        frame_ancestors=frame_ancestors or (),
        training=training,
        api=api,
        indexes=index or (),
    )
    serving.serve(folder, options)


def mcp(
    folder: Annotated[
        Path | None,
        typer.Option("--checkpoints", help="Folder of the checkpoints; else the networks that come with rnnviz."),
    ] = None,
    index: Annotated[
        list[Path] | None,
        typer.Option(
            help="Texts to search, as `rnnviz index` writes them, or a folder of such; repeat for more.",
            metavar="FOLDER",
        ),
    ] = None,
) -> None:
    """Answer a program over MCP: messages from standard input, replies to standard output.

    The program starts it, for example with these settings:

        {"mcpServers": {"rnnviz": {"command": "rnnviz", "args": ["mcp"]}}}

    For example:

        rnnviz mcp --checkpoints runs
    """
    try:
        from rnnviz.page.api.stdio import answer_lines
    except ImportError as error:
        raise SettingError("app_extra", problem=error) from None
    from rnnviz.checkpoint import shipped

    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no reply
    answer_lines(shipped.folder() if folder is None else folder, index or (), sys.stdin.buffer, replies)


for command in (
    networks,
    read,
    write,
    draw,
    serve,
    mcp,
    site,
    train,
    runs,
    evaluate,
    probe,
    negation,
    index,
    find,
    slices,
    groups,
    convert,
    doctor,
):
    app.command()(command)
