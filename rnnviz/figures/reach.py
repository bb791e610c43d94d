"""How far back the answers of several networks reach, over the same words."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnnviz.errors import SelectionError
from rnnviz.figures.style import CLASSES, escaped, layout, shortened, word_axis, words_width

_DASHES = ("solid", "dash", "dot", "dashdot")
_MARKS = ("circle", "square", "diamond", "triangle-up", "x", "cross")


@runtime_checkable
class Reach(Protocol):
    """What ``rnnviz.saliency`` finds; anything that has the same three."""

    @property
    def tokens(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def label(self) -> str: ...  # noqa: D102

    @property
    def norms(self) -> Float[np.ndarray, " token"]: ...  # noqa: D102


def how_far_back(readings: Mapping[str, Reach]) -> go.Figure:
    """Draw the gradient of each network's score at every word, ‖∂ score / ∂ x‖, on a logarithmic axis.

    A gradient of exactly zero has no logarithm: it is an open mark at the bottom, and the line has a gap there. A line
    that another one covers is drawn wider, so that both are seen.

    Args:
        readings: A name for each network, and what ``rnnviz.saliency`` says of the text.

    Raises:
        SelectionError: There is none, or they are of different texts.

    Example:
        >>> text, names = "a warm and funny story", ("sst2-rnn", "sst2-lstm")
        >>> found = {name: rnnviz.saliency(rnnviz.load(name), text) for name in names}
        >>> figure = rnnviz.figures.how_far_back(found)
        >>> figure.layout.title.text.partition("<")[0]
        'At the first word, “a”, sst2-rnn has 84% of its largest gradient left, sst2-lstm has 47%'
        >>> figure.show()
    """
    reaches = list(readings.values())
    if len({one.tokens for one in reaches}) != 1:
        raise SelectionError("reach_words", tokens=", ".join(f"{len(one.tokens):,}" for one in reaches) or "no")
    tokens, floor = reaches[0].tokens, _floor(reaches)
    lines = [
        part
        for index, (name, one) in enumerate(readings.items())
        for part in _line(index, f"{name} ({one.label})", one, floor, _covered(one, reaches[index + 1 :]))
    ]
    return go.Figure(
        lines,
        layout(
            _title(readings, tokens),
            "how much the score changes if the word's vector changes a little: ‖∂ score / ∂ x‖",
            xaxis=word_axis(tokens),
            yaxis={"type": "log", "exponentformat": "power", "dtick": 1, "title": {"text": "gradient (log scale)"}},
            showlegend=True,
            height=460,
            width=words_width(tokens),
        ),
    )


def _line(index: int, name: str, one: Reach, floor: float, covered: int) -> list[go.Scatter]:
    """A network's line over the words, and its marks where the gradient is zero."""
    colour, mark = CLASSES[index % len(CLASSES)], _MARKS[index % len(_MARKS)]
    words = [escaped(token) for token in one.tokens]
    shared = {"name": escaped(shortened(name, 40)), "legendgroup": str(index), "text": words}
    zeros = np.flatnonzero(one.norms == 0)
    line = go.Scatter(
        x=list(range(len(words))),
        y=np.where(one.norms > 0, one.norms, np.nan),
        mode="lines+markers",
        line={"color": colour, "dash": _DASHES[index % len(_DASHES)], "width": 2 + 5 * covered},
        marker={"symbol": mark, "size": 7 + 5 * covered},
        hovertemplate="%{text}: %{y:.3g}<extra>%{fullData.name}</extra>",
        **shared,
    )
    marks = go.Scatter(
        x=zeros,
        y=np.full(len(zeros), floor),
        mode="markers",
        marker={"symbol": f"{mark}-open", "size": 9 + 5 * covered, "color": colour},
        hovertemplate="%{text}: exactly 0<extra>%{fullData.name}</extra>",
        showlegend=False,
        **shared | {"text": [words[position] for position in zeros]},
    )
    return [line, marks] if len(zeros) else [line]


def _floor(reaches: list[Reach]) -> float:
    """Where zeros are marked: a tenth of the smallest gradient that is none."""
    norms = np.concatenate([one.norms for one in reaches]).astype(np.float64)
    return float(norms[norms > 0].min(initial=1.0)) / 10


def _covered(one: Reach, later: list[Reach]) -> int:
    """How many lines that are drawn later lie on this one."""
    return sum(np.array_equal(one.norms, other.norms) for other in later)


def _title(readings: Mapping[str, Reach], tokens: tuple[str, ...]) -> str:
    """What is left of each network's largest gradient at the first word."""
    shares = {name: _first_share(one) for name, one in readings.items()}
    most, least = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    first = f"At the first word, “{escaped(shortened(tokens[0]))}”,"
    if shares[most] == shares[least]:
        return f"{first} {_share(shares[most])} of the largest gradient is left"
    high, low = (f"{escaped(shortened(name))} has {_share(shares[name])}" for name in (most, least))
    return f"{first} {high} of its largest gradient left, {low}"


def _first_share(one: Reach) -> float:
    largest = float(one.norms.max())
    return float(one.norms[0]) / largest if largest else 0.0


def _share(share: float) -> str:
    """A share as a percentage with two digits that mean something, however small."""
    return f"{share:.0%}" if share >= 0.095 or share == 0 else f"{100 * share:.2g}%"
