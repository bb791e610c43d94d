"""A Trace becomes numbers, with NumPy alone: nothing here imports torch.

``statistics`` (which units matter, how long they remember; its names are this package's own), ``memory`` (what each
token wrote, and how much of it is left), ``claims`` (gates as bit masks, units as flags: held against the numbers).

Example:
    >>> from rnnviz import analysis
    >>> trace = rnnviz.read(rnnviz.load("sst2-lstm"), "the movie was not good")
    >>> analysis.unit_order(trace)[:3]
    array([12, 25, 14])
    >>> analysis.half_life(trace)[:3].round(1)
    array([ 2.5, 16.4, 21.9])
"""

from rnnviz.analysis.statistics import (
    Comparison as Comparison,
    Saturation as Saturation,
    bimodality as bimodality,
    compare as compare,
    half_life as half_life,
    saturation as saturation,
    unit_effects as unit_effects,
    unit_order as unit_order,
)
