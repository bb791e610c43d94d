"""The command that writes the page as a static site. It needs no torch."""

from pathlib import Path
from typing import Annotated

import typer

from rnnviz.checkpoint import shipped
from rnnviz.cli.terminal import result

SMALL = "sst2-lstm"
"""The network that goes into a single file unless others are named."""


def site(
    out: Annotated[Path, typer.Argument(help="The folder to write, or the file with --single-file.", metavar="OUT")],
    folder: Annotated[
        Path | None,
        typer.Option("--checkpoints", help="Folder of the checkpoints; else the networks that come with rnnviz."),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--network", help="A network to put in; repeat for more. Else all; in a single file, one."),
    ] = None,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="One HTML file, which works from a stick without any connection.")
    ] = False,
    space: Annotated[bool, typer.Option("--space", help="Add what Hugging Face asks of a static Space.")] = False,
) -> None:
    """Write the page as a static site, in which the visitor's browser reads.

    For example, for any web server, below any path:

        rnnviz site public

    As one file, to hand out:

        rnnviz site rnnviz.html --single-file --network sst2-lstm --network sst2-gru
    """
    from rnnviz.page import site as static  # needs pandas, which takes a while to import

    if single_file and space:
        raise typer.BadParameter("A Space is a folder: leave out --single-file.", param_hint="--space")
    checkpoints = folder or shipped.folder()
    if single_file:
        written = static.write_file(out, checkpoints, names or (None if folder else [SMALL]))
    else:
        written = static.write_folder(out, checkpoints, names, space=space)
    result(f"Wrote {out} with {', '.join(written)}.")
