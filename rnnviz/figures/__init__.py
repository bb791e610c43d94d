"""Pictures as values: a record in, a ``plotly.graph_objects.Figure`` out. Nothing is shown or saved, no network runs.

Colours span a signal's own range, so that two pictures can be compared by eye. The word axis uses positions, since a
word that occurs twice would share one column. Every word given to Plotly is escaped: Plotly reads HTML in labels. Most
titles are a sentence made of the numbers that the picture shows.

    of one reading          heatmap, verdict_timeline, memory_ledger, class_contributions, coloured_text, cell_step,
                            both_directions, stacked_layers, gate_saturation
    of several              compared_answers, compared_signal, padding_drift, how_far_back
    of batches, trainings   packed_batch, training_curve

Example:
    >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
    >>> figure = rnnviz.figures.verdict_timeline(trace)
    >>> figure.layout.title.text.partition("<")[0]
    'negative: 91.2%'
    >>> figure.show()
"""

from rnnviz.figures.coloured import coloured_text
from rnnviz.figures.comparing import compared_answers, compared_signal
from rnnviz.figures.heatmaps import heatmap
from rnnviz.figures.ledgers import class_contributions, memory_ledger
from rnnviz.figures.packed import packed_batch
from rnnviz.figures.padding import padding_drift
from rnnviz.figures.reach import how_far_back
from rnnviz.figures.saturated import gate_saturation
from rnnviz.figures.stacks import both_directions, stacked_layers
from rnnviz.figures.steps import cell_step
from rnnviz.figures.training import training_curve
from rnnviz.figures.verdicts import verdict_timeline

__all__ = [
    "both_directions",
    "cell_step",
    "class_contributions",
    "coloured_text",
    "compared_answers",
    "compared_signal",
    "gate_saturation",
    "heatmap",
    "how_far_back",
    "memory_ledger",
    "packed_batch",
    "padding_drift",
    "stacked_layers",
    "training_curve",
    "verdict_timeline",
]
