"""What reading on over the padding does to a state and an answer, beside the packed reading, which stands still."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int
from plotly.subplots import make_subplots

from rnnviz import signals
from rnnviz.errors import SelectionError
from rnnviz.figures.style import CLASSES, escaped, hovered, layout, shortened, word_axis, words_width
from rnnviz.trace import Trace

_FEW_CLASSES, _FEW_UNITS = 4, 4


def padding_drift(padded: Trace, packed: Trace) -> go.Figure:
    """Draw the answer (above) and the state of four units (below) of one text, read with its padding and without.

    Solid lines read on over the padding; dashed ones end with the last word, as a packed reading does, and what they
    end with is drawn on as it stands. The classes are those that are ever likeliest in the end, the units those whose
    hidden states in the top layer the padding moves furthest.

    Args:
        padded: ``rnnviz.read(checkpoint, text, pad_to=n)``.
        packed: ``rnnviz.read(checkpoint, text)``.

    Raises:
        SelectionError: They are not two such readings.

    Example:
        >>> lstm, text = rnnviz.load("agnews-lstm-padded"), "oil prices rise as markets fall"
        >>> figure = rnnviz.figures.padding_drift(rnnviz.read(lstm, text, pad_to=20), rnnviz.read(lstm, text))
        >>> figure.layout.title.text.partition("<")[0]
        'Padding leaves “Business” at 96%'
        >>> figure.show()
    """
    words, total = len(packed.tokens), len(padded.tokens)
    if padded.tokens[:words] != packed.tokens or _network(padded) != _network(packed):
        raise SelectionError("padding_pair", padded=total, packed=words)
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.08)
    words_of = hovered(padded.tokens, padded.unknown)
    answers = _extended(packed.verdicts, total)
    for index in _likeliest(padded, packed):
        name = shortened(padded.labels[index], 30)
        _add(figure, 1, name, words_of, int(index), padded.verdicts[:, index], answers[:, index])
    states, rests = padded.select("hidden"), _extended(packed.select("hidden"), total)
    for index, unit in enumerate(np.argsort(-np.abs(states[-1] - rests[-1]), kind="stable")[:_FEW_UNITS]):
        _add(figure, 2, f"unit {unit}", words_of, index, states[:, unit], rests[:, unit])
    _shade(figure, words, total)
    low, high = signals.limits(signals.signal(padded.cell, "hidden"), np.abs([states, rests]).ravel().tolist())
    axis = word_axis(padded.tokens)
    labels = [
        text if position < words else "" for position, text in zip(axis["tickvals"], axis["ticktext"], strict=True)
    ]
    figure.update_xaxes(**axis | {"ticktext": labels, "title": None})
    figure.update_xaxes(row=2, title_text="words, then padding")
    figure.update_yaxes(row=1, range=[-0.02, 1.02], tickformat=".0%", title_text="probability")
    figure.update_yaxes(row=2, range=[1.02 * low, 1.02 * high], title_text="hidden state (h)")
    return figure.update_layout(
        layout(
            _title(padded, packed),
            "solid: reads on over the padding · dashed: packed, stands still after the last word",
            height=560,
            width=words_width(padded.tokens),
            showlegend=True,
            legend={"tracegroupgap": 60},
        )
    )


def _network(trace: Trace) -> tuple[object, ...]:
    return trace.cell, trace.labels, trace.signals["hidden"].shape[::3], trace.directions


def _extended(values: Float[np.ndarray, "word column"], total: int) -> Float[np.ndarray, "token column"]:
    """What a packed reading has at each position: what it ended with, from its last word on."""
    return np.concatenate([values, np.repeat(values[-1:], total - len(values), axis=0)])


def _likeliest(padded: Trace, packed: Trace) -> Int[np.ndarray, " chosen"]:
    """The classes that are likeliest in either answer, in the order of the labels."""
    best = np.maximum(padded.verdicts[-1], packed.verdicts[-1])
    return np.sort(np.argsort(-best, kind="stable")[:_FEW_CLASSES])


def _add(
    figure: go.Figure,
    row: int,
    name: str,
    words: list[str],
    index: int,
    drifting: Float[np.ndarray, " token"],
    still: Float[np.ndarray, " token"],
) -> None:
    """Two lines of one colour: with the padding, and without."""
    colour = CLASSES[index % len(CLASSES)]
    form = ".1%" if row == 1 else ".3f"
    for values, reading, dash in ((still, "packed", "dash"), (drifting, "padded", "solid")):
        line = go.Scatter(
            x=list(range(len(values))),
            y=values,
            name=escaped(name),
            mode="lines",
            line={"color": colour, "dash": dash, "width": 1.5 if dash == "dash" else 2.5},
            legendgroup=f"{row}",
            legendgrouptitle={"text": "answer" if row == 1 else "state"},
            showlegend=dash == "solid",
            text=words,
            hovertemplate=f"%{{text}}<br>{reading}: %{{y:{form}}}<extra>%{{fullData.name}}</extra>",
        )
        figure.add_trace(line, row=row, col=1)


def _shade(figure: go.Figure, words: int, total: int) -> None:
    """A grey ground under the padding, in both panels."""
    if total > words:
        for row in (1, 2):
            note = (
                {
                    "annotation_text": f"padding × {total - words}",
                    "annotation_position": "top left",
                    "annotation_yshift": 18,
                }
                if row == 1
                else {}
            )
            figure.add_vrect(
                x0=words - 0.5, x1=total - 0.5, row=row, col=1, fillcolor="#dfe3e8", layer="below", line_width=0, **note
            )


def _title(padded: Trace, packed: Trace) -> str:
    """What the padding alone does to the answer."""
    before, after = int(packed.verdicts[-1].argmax()), int(padded.verdicts[-1].argmax())
    first, last = (f"“{escaped(shortened(padded.labels[index], 30))}”" for index in (before, after))
    start, end = f"{packed.verdicts[-1, before]:.0%}", f"{padded.verdicts[-1, after]:.0%}"
    if len(padded.tokens) == len(packed.tokens):
        return f"Without padding both readings say {last} ({end})"
    if before != after:
        return f"Padding alone turns {first} ({start}) into {last} ({end})"
    return f"Padding alone moves {first} from {start} to {end}" if start != end else f"Padding leaves {first} at {end}"
