"""A Trace as it shows itself in a notebook: one plain table, a column a word, coloured by styles of its own.

No script, no link, no style sheet: where a notebook's host takes the styles away, words and numbers stay, and a screen
reader finds its way by the headers of columns and rows. The ground is the notebook's own, light or dark.

Left out: pictures to point at and to save (``rnnviz.figures``).
"""

import html
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from rnnviz import signals
from rnnviz.colours import colour_of, ink_on
from rnnviz.readout import Readout
from rnnviz.signals import Cell
from rnnviz.writing import signed, visible

_MOST_TOKENS = 200
_MOST_CLASSES, _MOST_UNITS = 8, 12
_SCROLLED = "overflow-x:auto;max-width:100%"
_TABLE = "border-collapse:separate;border-spacing:1px;margin:0;font-size:12px;width:auto;color:inherit"
_CELL = "padding:2px 5px;text-align:center"
_HEADER = "padding:2px 8px 2px 0;text-align:right;font-weight:normal;white-space:nowrap"
_WORD = "max-width:12em;overflow-wrap:anywhere;vertical-align:bottom"
_UNKNOWN = "text-decoration:underline dashed;text-underline-offset:3px"
_BAR = 24
_OTHER, _WINNER = "#8886", "#7a55b5aa"  # half transparent, so that they are seen on white and on black


@runtime_checkable
class Reading(Protocol):
    """What is shown of a ``rnnviz.Trace``, whose attributes say what each is."""

    @property
    def cell(self) -> Cell: ...  # noqa: D102
    @property
    def tokens(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def unknown(self) -> Bool[np.ndarray, " token"]: ...  # noqa: D102
    @property
    def labels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def signals(self) -> dict[str, Float[np.ndarray, "layer direction token unit"]]: ...  # noqa: D102
    @property
    def verdicts(self) -> Float[np.ndarray, "token label"]: ...  # noqa: D102
    @property
    def readout(self) -> Readout: ...  # noqa: D102
    @property
    def units(self) -> int: ...  # noqa: D102
    @property
    def directions(self) -> tuple[str, ...]: ...  # noqa: D102
    def select(self, name: str) -> Float[np.ndarray, "token unit"]: ...  # noqa: D102


def table(trace: Reading) -> str:
    """The reading as HTML: the answer after each word, and the memory of the units that matter most.

    All that comes from outside, tokens and class names, is escaped. At most 200 tokens, 8 classes and 12 units.
    """
    words = range(min(len(trace.tokens), _MOST_TOKENS))
    rows = [_words(trace, words)]
    rows += [_row(_shown(trace.labels[label]), _answers(trace, label, words)) for label in _classes(trace)]
    rows += _memory(trace, len(words))
    notes = _notes(trace, len(words))
    return (
        f"<div><p>{_shown(repr(trace))}</p>"
        f'<div style="{_SCROLLED}"><table style="{_TABLE}">{"".join(rows)}</table></div>'
        f"<p>{'. '.join(notes)}.</p></div>"
    )


def _shown(text: str) -> str:
    """A text as it is, whatever it holds."""
    return html.escape(visible(text))


def _row(header: str, cells: Sequence[str]) -> str:
    return f'<tr><th scope="row" style="{_HEADER}">{header}</th>{"".join(cells)}</tr>'


def _words(trace: Reading, words: range) -> str:
    """The tokens, each kept apart from the direction of the script around it."""
    cells = []
    for word in words:
        text = f"<bdi>{_shown(trace.tokens[word])}</bdi>"
        marked = f'<abbr title="unknown to the network" style="{_UNKNOWN}">{text}</abbr>'
        cells.append(f'<th scope="col" style="{_CELL};{_WORD}">{marked if trace.unknown[word] else text}</th>')
    return f"<tr><td></td>{''.join(cells)}</tr>"


def _classes(trace: Reading) -> list[int]:
    """The classes that are drawn: all of a few, of many those that are likeliest at any word."""
    likeliest = np.argsort(-trace.verdicts.max(axis=0), kind="stable")[:_MOST_CLASSES]
    return sorted(likeliest.tolist())


def _answers(trace: Reading, label: int, words: range) -> list[str]:
    """The probability of a class after each word, as a number under a bar; ▲ where it becomes the answer."""
    winners = trace.verdicts.argmax(axis=1)
    cells = []
    for word in words:
        share, wins = float(trace.verdicts[word, label]), winners[word] == label
        turned = "▲ " if wins and word and winners[word - 1] != label else ""
        number = f"<b>{turned}{share:.0%}</b>" if wins else f"{share:.0%}"
        cells.append(f'<td style="{_CELL};{_bar(share, _WINNER if wins else _OTHER)}">{number}</td>')
    return cells


def _bar(share: float, colour: str) -> str:
    """The style of a cell with a bar in its upper part, and room for a number under it."""
    bar = f"linear-gradient(to top,{colour} {share:.0%},transparent {share:.0%})"
    return f"padding-top:{_BAR + 4}px;white-space:nowrap;background:{bar} no-repeat 0 2px/100% {_BAR}px"


def _memory(trace: Reading, words: int) -> Iterator[str]:
    """The memory of the top layer, reading forward: a row a unit, each number on its colour."""
    name = signals.memory(trace.cell)
    drawn, values = signals.signal(trace.cell, name), trace.select(name)
    low, high = signals.limits(drawn, [float(np.abs(values).max())])
    effects = trace.readout.effects(trace.signals["hidden"][-1], "forward", int(trace.verdicts[-1].argmax()))
    for unit in np.argsort(-effects, kind="stable")[:_MOST_UNITS]:
        yield _row(f"unit {unit}, {drawn.symbol}", [_number(value, low, high) for value in values[:words, unit]])


def _number(value: Float[np.ndarray, ""] | np.floating, low: float, high: float) -> str:
    colour = colour_of(float(value), low, high)
    return f'<td style="{_CELL};background:{colour};color:{ink_on(colour)}">{signed(value)}</td>'


def _notes(trace: Reading, words: int) -> list[str]:
    """What is drawn, and what is not, in the words that stand under the table."""
    memory, bars = signals.signal(trace.cell, signals.memory(trace.cell)), "Bars: the answer, had the text ended there"
    notes = [bars]
    if (np.diff(trace.verdicts[:words].argmax(axis=1)) != 0).any():
        notes.append("▲: it changes")
    if trace.unknown[:words].any():
        notes.append("Dashed: unknown to the network")
    units = min(_MOST_UNITS, trace.units)
    notes.append(f"Below: {memory.name} ({memory.symbol}) of the {units} of {trace.units} units that matter most")
    if len(trace.directions) > 1:
        notes.append("Each bar is of the text up to its word, read on its own; the units are of the whole text")
    for what, more in (("token", len(trace.tokens) - words), ("class", len(trace.labels) - len(_classes(trace)))):
        if more > 0:
            ending = "" if more == 1 else {"token": "s", "class": "es"}[what]
            notes.append(f"And {more:,} more {what}{ending}")
    return notes
