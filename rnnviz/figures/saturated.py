"""How often each gate is nearly shut or nearly open: whether gates are the bit masks that they are often called."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

from rnnviz.analysis.statistics import OPEN, SHUT
from rnnviz.errors import SelectionError
from rnnviz.figures.style import escaped, layout

_MOSTLY = 0.9
_MARK = {"size": 9, "color": "#7a55b5", "opacity": 0.55, "line": {"color": "#33105f", "width": 1}}
_PANEL = 270


def gate_saturation(gates: Mapping[str, Any]) -> go.Figure:
    """Draw each unit's gate as a point: the share of words at which it is nearly shut, and nearly open.

    A gate that is always one or the other lies on the slanting edge, one that is always half open in the corner at
    zero.

    Args:
        gates: Name of each gate to its shares, ``shut`` and ``open``: what ``rnnviz.analysis.saturation`` says of a
            reading, or what ``checkpoint.units["layers"][layer][direction]["saturation"]`` says of the training texts.

    Raises:
        SelectionError: There are no gates, as in a plain RNN.

    Source:
        Karpathy, Johnson and Fei-Fei 2015, "Visualizing and Understanding Recurrent Networks".

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> gates = {name: rnnviz.analysis.saturation(trace, name) for name in ("input", "forget", "output")}
        >>> figure = rnnviz.figures.gate_saturation(gates)
        >>> figure.layout.title.text.partition("<")[0]
        '27 of 96 gates are like bits'
        >>> figure.show()
    """
    if not gates:
        raise SelectionError("plain_rnn", what="gates")
    names = [escaped(name) for name in gates]
    figure = make_subplots(cols=len(gates), subplot_titles=[f"{name} gate" for name in names], shared_yaxes=True)
    shares = [_shares(gate) for gate in gates.values()]
    for column, (shut, opened) in enumerate(shares, start=1):
        edge = go.Scatter(x=[0, 1], y=[1, 0], mode="lines", line={"color": "#9ca3af", "dash": "dot"}, hoverinfo="skip")
        figure.add_trace(edge, row=1, col=column).add_trace(_points(shut, opened), row=1, col=column)
    scale = {"range": [-0.05, 1.05], "tickformat": ".0%", "zeroline": False, "dtick": 0.5}
    figure.update_xaxes(title_text=f"almost fully shut (below {SHUT:g})", **scale)
    figure.update_yaxes(**scale).update_yaxes(col=1, title_text=f"almost fully open (above {OPEN:g})")
    like_bits = sum(int((shut + opened >= _MOSTLY).sum()) for shut, opened in shares)
    return figure.update_layout(
        layout(
            f"{like_bits} of {sum(len(shut) for shut, _ in shares)} gates are like bits",
            f"almost fully shut or open at {_MOSTLY:.0%} of the words or more; a point a unit",
            top=116,
            showlegend=False,
            height=190 + _PANEL,
            width=130 + _PANEL * max(2, len(gates)),
        )
    )


def _shares(gate: Any) -> tuple[Float[np.ndarray, " unit"], Float[np.ndarray, " unit"]]:
    """Both shares, of the record or of the dictionary."""
    stored = gate if isinstance(gate, Mapping) else {"shut": gate.shut, "open": gate.open}
    return np.asarray(stored["shut"], dtype=np.float64), np.asarray(stored["open"], dtype=np.float64)


def _points(shut: Float[np.ndarray, " unit"], opened: Float[np.ndarray, " unit"]) -> go.Scatter:
    return go.Scatter(
        x=shut,
        y=opened,
        mode="markers",
        marker=_MARK,
        customdata=list(range(len(shut))),
        hovertemplate="unit %{customdata}: shut at %{x:.0%}, open at %{y:.0%}<extra></extra>",
        cliponaxis=False,
    )
