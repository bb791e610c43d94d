"""The answer after every word: class probabilities had the text ended there."""

import plotly.graph_objects as go

from rnnviz.figures.style import CLASSES, escaped, layout, word_axis
from rnnviz.trace import Trace


def verdict_timeline(trace: Trace) -> go.Figure:
    """Draw one line a class over the words; the line of the final answer is thicker."""
    positions = list(range(len(trace.tokens)))
    words = [escaped(token) for token in trace.tokens]
    lines = [
        go.Scatter(
            x=positions,
            y=trace.verdicts[:, place],
            name=escaped(label),
            mode="lines+markers",
            line={"color": CLASSES[place % len(CLASSES)], "width": 4 if label == trace.label else 1.5},
            text=words,
            hovertemplate="%{text}: %{y:.1%}<extra>%{fullData.name}</extra>",
        )
        for place, label in enumerate(trace.labels)
    ]
    return go.Figure(
        lines,
        layout(
            f"Had the text ended here: {escaped(trace.label)} in the end",
            xaxis=word_axis(trace.tokens),
            yaxis={"range": [0, 1], "tickformat": ".0%", "title": {"text": "probability"}},
        ),
    )
