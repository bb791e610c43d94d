"""Questions to a Trace, answered with NumPy alone: so far, which units matter."""

import numpy as np
from jaxtyping import Float, Int

from rnnviz.trace import Trace, place


def unit_effects(trace: Trace, layer: int = -1, direction: str = "forward") -> Float[np.ndarray, " unit"]:
    """How much each unit matters for this reading, 0 or more.

    Top layer: the unit's part of the winning logit's lead over the mean of the others,
    |Σ (w_answer − mean w_others) · pooled|, which the linear layer makes exact. A lower layer has no such line to the
    answer; there it is how far the unit's hidden state moves over the text (its largest minus its smallest value, the
    zero before the first token included).
    """
    hidden = trace.select("hidden", layer, direction)
    height, way = place(layer, direction, trace.layers, trace.directions)
    if height < trace.layers - 1:
        return np.ptp(np.concatenate([np.zeros_like(hidden[:1]), hidden]), axis=0)
    answer = int(trace.verdicts[-1].argmax())
    others = np.delete(trace.readout.weight, answer, axis=0).mean(axis=0)
    margin = trace.readout.weight[answer] - others
    last = hidden[0 if direction == "backward" else -1]
    pooled = {"last": [last], "max": [hidden.max(axis=0)], "mean": [hidden.mean(axis=0)]}
    pooled["max+mean"] = pooled["max"] + pooled["mean"]
    blocks = margin.reshape(-1, len(trace.directions), trace.units)[:, way]
    return np.abs(sum(block * values for block, values in zip(blocks, pooled[trace.readout.pooling], strict=True)))


def unit_order(trace: Trace, layer: int = -1, direction: str = "forward") -> Int[np.ndarray, " unit"]:
    """The units from the one that matters most to the one that matters least; see ``unit_effects``."""
    return np.argsort(-unit_effects(trace, layer, direction), kind="stable")
