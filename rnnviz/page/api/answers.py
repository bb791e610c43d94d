"""What a program is answered: a reading as plain arrays, and the list of networks.

Left out: who is answered when (``rnnviz.page.api.layer``).
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float

from rnnviz import signals
from rnnviz.analysis.memory import contributions
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import SelectionError, SettingError, TextError, unknown
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.model_config import ModelConfig
from rnnviz.page.about import about
from rnnviz.page.api import replies, requests
from rnnviz.page.as_read import most_tokens, tokens_of
from rnnviz.page.error_replies import objection
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


def _checked(checkpoint: Checkpoint, question: requests.Read) -> list[int]:
    """The units that are asked for, once all that is asked for is known to be there and not too much."""
    network = checkpoint.config.model
    tokens = len(tokens_of(checkpoint, question.text))
    if not tokens:
        raise TextError("api_text")
    if tokens > (most := most_tokens(checkpoint)):
        raise TextError("text_long", length=tokens, limit=most)
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
            "by_token": account.by_token,
            "bias": account.bias,
            "logits": account.logits,
            "is_exact": trace.readout.is_exact,
        }
    return sent


def _probabilities(trace: Trace) -> Float[np.ndarray, "token label"]:
    return np.ascontiguousarray(trace.verdicts)
