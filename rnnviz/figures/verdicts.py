"""The answer after every word: class probabilities had the text ended there."""

import plotly.graph_objects as go

from rnnviz.figures.style import CLASSES, escaped, layout, shortened, word_axis, words_width
from rnnviz.trace import Trace

_MOST_WITH_MARKERS = 100


def verdict_timeline(trace: Trace) -> go.Figure:
    """Draw one line a class over the words; the line of the final answer is thicker.

    Args:
        trace: The reading; the lines are its ``verdicts``, 0 to 1.

    Example:
        >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
        >>> figure = rnnviz.figures.verdict_timeline(trace)
        >>> figure.layout.title.text.partition("<")[0]
        'negative: 91.2%'
        >>> figure.show()
    """
    answer = int(trace.verdicts[-1].argmax())
    lines = [
        go.Scatter(
            x=list(range(len(trace.tokens))),
            y=trace.verdicts[:, index],
            name=escaped(shortened(label, 30)),
            mode="lines+markers" if len(trace.tokens) <= _MOST_WITH_MARKERS else "lines",
            line={"color": CLASSES[index % len(CLASSES)], "width": 4 if index == answer else 1.5},
            text=[escaped(token) for token in trace.tokens],
            hovertemplate="%{text}: %{y:.1%}<extra>%{fullData.name}</extra>",
        )
        for index, label in enumerate(trace.labels)
    ]
    return go.Figure(
        lines,
        layout(
            f"{escaped(shortened(trace.label, 60))}: {trace.verdicts[-1, answer]:.1%}",
            "the answer after every word: what it would be if the text ended there",
            xaxis=word_axis(trace.tokens),
            yaxis={"range": [-0.02, 1.02], "tickformat": ".0%", "title": {"text": "probability"}},
            height=480,
            width=words_width(trace.tokens),
        ),
    )
