"""The command that lists what comes with rnnviz: networks. It needs no torch."""

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from rnnviz.checkpoint import shipped
from rnnviz.cli.options import AsJson
from rnnviz.cli.terminal import out, plain
from rnnviz.untrusted.strict_json import to_json

_CELLS = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}


def networks(as_json: AsJson = False) -> None:
    """List the networks that come with rnnviz: their task, their size and how often they are right.

    For example:

        rnnviz networks

        rnnviz networks --json
    """
    shipped_networks = shipped.networks()
    if as_json:
        entries = [vars(network) | {"task": network.task, "path": str(network.path)} for network in shipped_networks]
        typer.echo(to_json({"networks": entries}))
        return
    drawn = Table(box=SIMPLE_HEAD)
    for header in ("name", "task", "network"):
        drawn.add_column(header, no_wrap=header == "name")
    for header in ("accuracy", "texts"):
        drawn.add_column(header, justify="right", no_wrap=True)
    for network in shipped_networks:
        measured = f"{network.texts:,} {'test' if network.measured == 'test' else 'held out'}"
        right = f"{network.accuracy:.1%}" if network.bits is None else f"{network.bits:.2f} bits"
        cells = (network.name, network.task, _size(network), right, measured)
        drawn.add_row(*map(plain, cells))
    out.print(drawn)


def _size(network: shipped.Network) -> str:
    ways = " both ways" if network.directions > 1 else ""
    layers = f"{network.layers} layers of " if network.layers > 1 else ""
    padded = ", reads padding" if network.reading == "padded" else ""
    return f"{_CELLS[network.cell]}{ways}, {layers}{network.units} units{padded}"
