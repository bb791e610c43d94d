"""What a program is answered: a reading as plain arrays, what is found in other texts, the list of networks.

Left out: who is answered when (``rnnviz.page.api.layer``).
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float

from rnnviz import corpus, signals
from rnnviz.analysis.memory import contributions
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import SelectionError, SettingError, TextError, unknown
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.model_config import ModelConfig
from rnnviz.page.about import about
from rnnviz.page.api import replies, requests
from rnnviz.page.as_read import most_tokens, tokens_of
from rnnviz.page.error_replies import objection
from rnnviz.page.finding import around, told
from rnnviz.page.networks import Entry, entries, networks
from rnnviz.reading import read
from rnnviz.trace import Trace

MOST_NUMBERS = 200_000
"""Of the signals and contributions of one answer; about 2 MB."""


def listed(folder: Path) -> replies.Networks:
    """All networks of a folder, the page's menu."""
    folders = networks(folder)
    return {"networks": [_network(entry, folders[entry.name]) for entry in entries(folder)]}


def _network(entry: Entry, folder: Path) -> replies.Network:
    known: replies.Network = {"name": entry.name, "title": entry.title, "task": entry.task, "reads": entry.tokens}
    if entry.problem:
        return {**known, "problem": " ".join(objection(entry.problem)["message"].split())}
    facts: Any = about(folder)
    told = ("cell", "layers", "directions", "units", "vocabulary", "labels", "accuracy", "tested")
    known |= {name: facts[name] for name in told if name in facts}  # type: ignore[typeddict-item]
    if "cell" in known:
        known["signals"] = [_signal(signal) for signal in signals.SIGNALS[known["cell"]]]
    return known


def _signal(signal: signals.Signal) -> replies.Signal:
    low, high = (None if math.isinf(end) else end for end in (signal.low, signal.high))
    return {"name": signal.name, "symbol": signal.symbol, "low": low, "high": high, "meaning": signal.meaning}


def reading(checkpoint: Checkpoint, question: requests.Read) -> replies.Reading:
    """Read a text.

    Raises:
        SelectionError: There is no such signal or unit, or a plain RNN's contributions are asked for.
        SettingError: More numbers are asked for than are sent at once.
        TextError: The text has no tokens, or too many.
    """
    units = _checked(checkpoint, question)
    return _reply(read(checkpoint, question.text), question, units)


def held_reading(checkpoint: Checkpoint, question: requests.Hold) -> replies.HeldReading:
    """Read a text while something is held.

    Raises:
        CheckpointError: A mean is asked for, and units.json does not have it.
        SelectionError, SettingError, TextError: As for ``reading`` and ``rnnviz.hold``.
    """
    units = _checked(checkpoint, question)
    clamps = [Clamp(**dict(clamp)) for clamp in question.holds]
    held: dict[str, Any] = {**_reply(hold(checkpoint, question.text, clamps), question, units)}
    free = read(checkpoint, question.text)
    return cast(replies.HeldReading, held | {"free": {"answer": free.label, "probabilities": _probabilities(free)}})


def found(checkpoint: Checkpoint, index: corpus.Index, question: requests.Find) -> replies.Found:
    """Look for more of what a network does at some tokens of a text.

    Raises:
        SelectionError: There are no such tokens, units or threshold.
        SettingError: No unit is to be looked for, or one twice.
        TextError: The text has no tokens, or too many.
    """
    _check_length(checkpoint, question.text)
    trace = read(checkpoint, question.text)
    first, stop = question.first, len(trace.tokens) if question.last is None else question.last + 1
    threshold = index.about.thresholds[0] if question.threshold is None else question.threshold
    beside = {"before": question.before, "after": question.after}
    units = index.units_of(trace, first, stop, threshold, **beside)
    if question.units is not None:
        units = tuple((chosen.unit, chosen.sign) for chosen in question.units)
    if not units:
        raise SettingError("find_none", threshold=threshold)
    hits = index.find(units, threshold, stop - first, **beside, most=question.most, one_per_text=question.one_per_text)
    return {
        "network": question.network,
        "corpus": told(index),
        "tokens": list(trace.tokens[first:stop]),
        "units": _signed(units),
        "threshold": threshold,
        "total": hits.total,
        "texts": hits.texts,
        "least": hits.least,
        "labels": [{"label": one.label, "texts": one.texts, "all": one.all} for one in hits.labels],
        "hits": [_hit(index, hit) for hit in hits.hits],
    }


def _hit(index: corpus.Index, hit: corpus.Hit) -> replies.Hit:
    first, end = around(index, hit)
    return {
        "text": hit.text,
        "start": hit.start,
        "stop": hit.stop,
        "first": first,
        "tokens": list(index.text(hit.text)[first:end]),
        "units": _signed(hit.units),
        "bits": hit.bits,
        "label": hit.label,
        "answer": hit.answer,
        "probability": hit.probability,
    }


def _signed(units: Iterable[tuple[int, int]]) -> list[replies.SignedUnit]:
    return [{"unit": unit, "sign": 1 if sign > 0 else -1} for unit, sign in units]


def _check_length(checkpoint: Checkpoint, text: str) -> int:
    """How many tokens a text has, once they are known to be some and not too many."""
    tokens = len(tokens_of(checkpoint, text))
    if not tokens:
        raise TextError("api_text")
    if tokens > (most := most_tokens(checkpoint)):
        raise TextError("text_long", length=tokens, limit=most)
    return tokens


def _checked(checkpoint: Checkpoint, question: requests.Read) -> list[int]:
    """The units that are asked for, once all that is asked for is known to be there and not too much."""
    network = checkpoint.config.model
    tokens = _check_length(checkpoint, question.text)
    for name in question.signals:
        if name not in signals.names(network.cell):
            raise unknown("signal", name, signals.names(network.cell))
    units = _units(question.units, network.hidden_size)
    numbers = _numbers(network, question, tokens, units=len(units), labels=len(checkpoint.labels))
    if numbers > MOST_NUMBERS:
        raise SettingError("api_numbers", numbers=numbers, most=MOST_NUMBERS)
    return units


def _units(asked: Sequence[int] | None, count: int) -> list[int]:
    if asked is None:
        return list(range(count))
    for unit in asked:
        if not -count <= unit < count:
            raise SelectionError("unit_range", given=unit, units=count)
    return [unit % count for unit in asked]


def _numbers(network: ModelConfig, question: requests.Read, tokens: int, *, units: int, labels: int) -> int:
    """How many numbers an answer has, beside the probabilities."""
    sent = len(set(question.signals)) * network.layers * network.directions * units
    return tokens * (sent + (labels if question.contributions else 0))


def _reply(trace: Trace, question: requests.Read, units: list[int]) -> replies.Reading:
    sent: replies.Reading = {
        "network": question.network,
        "cell": trace.cell,
        "tokens": list(trace.tokens),
        "unknown": trace.unknown.tolist(),
        "labels": list(trace.labels),
        "directions": list(trace.directions),
        "replay_error": trace.replay_error,
        "answer": trace.label,
        "probabilities": _probabilities(trace),
    }
    if question.signals:
        sent["signals"] = {name: np.ascontiguousarray(trace.signals[name][..., units]) for name in question.signals}
        sent["units"] = units
    if question.contributions:
        account = contributions(trace)
        sent["contributions"] = {
            "by_token": np.ascontiguousarray(account.by_token),
            "bias": account.bias,
            "logits": account.logits,
            "is_exact": trace.readout.is_exact,
        }
    return sent


def _probabilities(trace: Trace) -> Float[np.ndarray, "token label"]:
    return np.ascontiguousarray(trace.verdicts)
