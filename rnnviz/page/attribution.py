"""What each word gives to the score of a class, by the three measures, for the page.

Left out: the measures themselves (``rnnviz.experiments.gradients``).
"""

from collections.abc import Sequence

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import SettingError
from rnnviz.experiments.gradients import METHODS, attribute
from rnnviz.page.payload import WINDOW
from rnnviz.page.replies import Attributions, Measure


def attributions(checkpoint: Checkpoint, tokens: Sequence[str], *, model: str, label: int | None) -> Attributions:
    """Share the score of a class out among the tokens of a text, of which the first window counts.

    Args:
        checkpoint: The classifier.
        tokens: Of the text, at least one.
        model: Name of the checkpoint.
        label: Index of the class; the answer's for None, and for what is no class.

    Returns:
        For JSON: ``tokens``; ``total``, the tokens of the whole text; ``labels``; ``scored``, the index of the class;
        ``score``, its logit less the mean of all; ``steps`` that the integral took; ``measures``, each with ``parts``
        (one a token), ``baseline`` and ``residual``: score = baseline + Σ parts + residual. A plain RNN has no ledger.
    """
    text, labels = checkpoint.vocabulary.joined(tokens[:WINDOW]), checkpoint.labels
    name = labels[label] if label is not None and 0 <= label < len(labels) else None
    methods = [method for method in METHODS if method != "ledger" or checkpoint.config.model.cell != "rnn"]
    found = [attribute(checkpoint, text, method, name, centred=True) for method in methods]
    return {
        "model": model,
        "tokens": list(found[0].tokens),
        "total": len(tokens),
        "labels": list(labels),
        "scored": labels.index(found[0].label),
        "score": _digits(found[0].score),
        "steps": max(one.steps for one in found),
        "measures": [
            Measure(
                method=one.method,
                parts=[_digits(part) for part in one.parts],
                baseline=_digits(one.baseline),
                residual=_digits(one.residual),
            )
            for one in found
        ],
    }


def check_whole(tokens: Sequence[str], *, held: bool) -> None:
    """Object to an attribution beside a reading that is another one: a longer one, or one in which something is held.

    Raises:
        SettingError: It is.
    """
    if held or len(tokens) > WINDOW:
        raise SettingError("attribution_whole", limit=WINDOW)


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
