"""The public name of ``rnnviz.experiments.negation``."""

from rnnviz.experiments.negation import (
    fair_scores as fair_scores,
    fair_set as fair_set,
    minimal_pairs as minimal_pairs,
    negated_items as negated_items,
    on_negated as on_negated,
)
