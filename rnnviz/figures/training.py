"""How a training went: loss and accuracy over the steps."""

import pandas
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.errors import unknown
from rnnviz.figures.style import CLASSES, escaped, layout

_COLUMNS = ("step", "loss", "accuracy")


def training_curve(progress: pandas.DataFrame) -> go.Figure:
    """Draw loss (left axis) and accuracy (right axis).

    Args:
        progress: One row a moment, columns ``step``, ``loss`` and ``accuracy`` (0 to 1), and ``run`` if it holds
            several trainings. ``pandas.DataFrame(vars(moment) for moment in rnnviz.train(...))`` is one.

    Raises:
        SelectionError: A column is missing.
    """
    for column in _COLUMNS:
        if column not in progress.columns:
            raise unknown("column", column, progress.columns)
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    runs = progress.groupby("run", sort=False) if "run" in progress.columns else [("", progress)]
    for place, (run, rows) in enumerate(runs):
        colour = CLASSES[place % len(CLASSES)]
        prefix = f"{escaped(str(run))} " if run else ""
        loss = go.Scatter(x=rows["step"], y=rows["loss"], name=f"{prefix}loss", line={"color": colour, "dash": "dot"})
        accuracy = go.Scatter(x=rows["step"], y=rows["accuracy"], name=f"{prefix}accuracy", line={"color": colour})
        figure.add_trace(loss, secondary_y=False)
        figure.add_trace(accuracy, secondary_y=True)
    figure.update_xaxes(title_text="step")
    figure.update_yaxes(title_text="loss", rangemode="tozero", secondary_y=False)
    figure.update_yaxes(title_text="accuracy", range=[0, 1], tickformat=".0%", secondary_y=True)
    figure.update_layout(layout("Training: running means over each epoch"))
    return figure
