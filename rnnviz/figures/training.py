"""How a training went: loss above, accuracy below, over the steps."""

from collections.abc import Iterator

import numpy as np
import pandas
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.errors import unknown
from rnnviz.figures.style import CLASSES, escaped, layout, shortened

_COLUMNS = ("step", "loss", "accuracy")


def training_curve(progress: pandas.DataFrame) -> go.Figure:
    """Draw loss and accuracy: a line through each epoch's end, and a dot for every moment on the way.

    Args:
        progress: One row a moment, with the columns ``step``, ``loss`` and ``accuracy`` (0 to 1).
            ``pandas.DataFrame(vars(moment) for moment in rnnviz.train(...))`` is one. Where there are also the columns
            ``epoch`` and ``checkpoint``, the ends of epochs are known and the accuracy on held-out texts is drawn too.
            A column ``run`` tells several trainings apart.

    Raises:
        SelectionError: A column is missing.

    Example:
        >>> import pandas
        >>> recall = rnnviz.tasks.generate("recall", rows=200, length=5)
        >>> moments = rnnviz.train(recall, rnnviz.Recipe(epochs=2, hidden_size=8))
        >>> figure = rnnviz.figures.training_curve(pandas.DataFrame(vars(moment) for moment in moments))
        >>> figure.layout.title.text.partition("<")[0]
        'Training'
        >>> figure.show()
    """
    for column in _COLUMNS:
        if column not in progress.columns:
            raise unknown("column", column, progress.columns)
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06)
    runs = progress.groupby("run", sort=False) if "run" in progress.columns else [("", progress)]
    for index, (run, rows) in enumerate(runs):
        for panel, line in _lines(rows, str(run), CLASSES[index % len(CLASSES)]):
            figure.add_trace(line, row=panel, col=1)
    figure.update_xaxes(title_text="step", row=2)
    figure.update_yaxes(title_text="loss", rangemode="tozero", row=1)
    figure.update_yaxes(title_text="accuracy", range=[-0.02, 1.02], tickformat=".0%", row=2)
    subtitle = "means over the training texts of each epoch so far"
    return figure.update_layout(layout("Training", subtitle, height=560, showlegend=True))


def _lines(rows: pandas.DataFrame, run: str, colour: str) -> Iterator[tuple[int, go.Scatter]]:
    """Panel and line: loss, accuracy, and accuracy on held-out texts."""
    name, held_out_name = (
        escaped(shortened(f"{run} {texts}".strip(), 40)) for texts in ("training texts", "held-out texts")
    )
    ends = rows.groupby("epoch").tail(1) if "epoch" in rows.columns else rows
    ends = ends if len(ends) > 1 else rows
    for panel, column, form in ((1, "loss", ".4f"), (2, "accuracy", ".1%")):
        hover = f"step %{{x}}: {column} %{{y:{form}}}<extra>%{{fullData.name}}</extra>"
        shared = {"name": name, "legendgroup": name, "hovertemplate": hover, "cliponaxis": False}
        if len(ends) < len(rows):
            dots = {"color": colour, "size": 4, "opacity": 0.3}
            yield panel, _scatter(rows, rows[column], mode="markers", marker=dots, showlegend=False, **shared)
        look = {"line": {"color": colour}, "marker": {"color": colour}, "showlegend": panel == 1}
        yield panel, _scatter(ends, ends[column], mode="lines+markers", **look, **shared)
    held_out = _held_out(ends)
    if held_out.notna().any():
        dashed = {"mode": "lines+markers", "line": {"color": colour, "dash": "dash"}, "marker": {"symbol": "diamond"}}
        yield 2, _scatter(ends, held_out, **shared | dashed | {"name": held_out_name})


def _scatter(rows: pandas.DataFrame, values: pandas.Series, **look: object) -> go.Scatter:
    return go.Scatter(x=rows["step"], y=values, **look)


def _held_out(rows: pandas.DataFrame) -> pandas.Series:
    """Accuracy on the development set, where a moment brought a checkpoint that was measured; else NaN."""
    if "checkpoint" not in rows.columns:
        return pandas.Series(np.nan, index=rows.index)
    scores = (getattr(checkpoint, "scores", {}) for checkpoint in rows["checkpoint"])
    return pandas.Series([entry.get("dev", {}).get("accuracy", np.nan) for entry in scores], index=rows.index)
