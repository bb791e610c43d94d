"""Pictures as values: a record in, a ``plotly.graph_objects.Figure`` out. Nothing is shown or saved, no network runs.

Colours span a signal's own range, so that two pictures can be compared by eye. The word axis uses positions, since a
word that occurs twice would share one column. Every word given to Plotly is escaped: Plotly reads HTML in labels.
"""

from rnnviz.figures.heatmaps import heatmap
from rnnviz.figures.packed import packed_batch
from rnnviz.figures.training import training_curve
from rnnviz.figures.verdicts import verdict_timeline

__all__ = ["heatmap", "packed_batch", "training_curve", "verdict_timeline"]
