"""What the page says of a checkpoint without opening its model: its facts, what its units do, and two verdicts.

JSON only, no torch, so that it is there with the page. The folder may be a stranger's: what cannot be read, or is not
what rnnviz writes, is left out, and what is good beside it is kept.

Left out: whether weights, vocabulary and settings belong together (``rnnviz.checkpoint.checks``).
"""

import json
from collections.abc import Callable, Container, Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, cast, get_args

from rnnviz import files, signals
from rnnviz.analysis import claims
from rnnviz.checkpoint import shipped
from rnnviz.errors import CheckpointError
from rnnviz.page.replies import About
from rnnviz.signals import Pooling

WORDS = 8
"""The most words that are named for a unit, in each direction."""

_WORD_LISTS = ("raised_by", "lowered_by")
_MOST_BYTES = 4_000_000
_MOST_CHARACTERS, _MOST_LABELS, _MOST_EXAMPLES = 200, 1_000, 5
_MOST_OF_CARD, _MOST_NOTES = 4_000, 8
_SETS = ("test", "dev")
_MOST_FINDINGS, _MEASURES = 20, ("AUC", "R²")
_WEIGHTS_LICENCE = "Apache-2.0"
"""As on the card (``rnnviz.checkpoint.card``)."""
_MOST_UNITS, _MOST_LAYERS, _MOST_COUNTED, _LONGEST = 2_048, 7, 10**9, 1e6


def about(folder: Path) -> About:
    """Describe the checkpoint in a folder, for JSON. Only ``name`` is always there.

    Returns:
        ``name``, ``title``, ``weights_sha256`` (as config.json has it), ``cell``, ``layers``, ``directions`` (names),
        ``units``, ``embedding``, ``vocabulary`` (sizes), ``labels``, ``pooling``, ``squashed`` (where the head
        squashes), ``reading``; ``accuracy`` and ``tested`` (texts) of the test set; ``padding``
        (``evaluation.Padding``); ``card``, what its model card says. ``places``, a list with one dictionary a layer,
        direction to one list entry a unit: ``raised_by`` and ``lowered_by`` (up to 8 words each, as indices into
        ``words``, the list of all that are named), ``half_life`` (tokens), ``saturation`` (gate to ``shut`` and
        ``open``), ``bimodality`` (None for a unit that never moves); and ``two_valued``, the numbers of the units that
        keep to two values. ``masks`` and ``flags``: the verdicts of ``rnnviz.analysis.claims``.
    """
    return files.read_consistently(folder, lambda path: _about(folder, path))


def _about(folder: Path, path: Path) -> About:
    """What is known of a folder, which at the moment is at this path."""
    config = _object(path / "config.json")
    model, test = _inner(config, "model"), _inner(_inner(config, "scores"), "test")
    facts = {
        "name": _text(files.name_of(folder)),
        "title": _text(config.get("title")),
        "weights_sha256": _text(config.get("weights_sha256")),
        "cell": _one_of(signals.SIGNALS, model.get("cell")),
        "layers": _count(model.get("layers"), _MOST_LAYERS),
        "directions": _directions(model.get("bidirectional")),
        "units": _count(model.get("hidden_size"), _MOST_UNITS),
        "embedding": _count(model.get("embedding_size")),
        "vocabulary": _count(model.get("vocabulary_size")),
        "labels": _labels(_inner(config, "data").get("classes")),
        "pooling": _one_of(get_args(Pooling), model.get("pooling")),
        "squashed": "relu" in _head(model) or "tanh" in _head(model) or None,
        "reading": _one_of(("packed", "padded"), model.get("reading")),
        "accuracy": _share(test.get("accuracy")),
        "tested": _count(test.get("n")),
        "padding": _padding(_inner(test, "padding")),
        "card": _card(config, is_shipped=_is_shipped(folder)),
    }
    known = {name: value for name, value in facts.items() if value is not None}
    if {"cell", "layers", "directions", "units"} <= known.keys():
        known |= _described(_object(path / "units.json"), known)
    return cast(About, known)  # each part is checked above, for the folder may be a stranger's


def _is_shipped(folder: Path) -> bool:
    whole = folder.resolve()
    return whole.parent == shipped.folder().resolve() and bool(shipped.sums_of(whole))


def _head(model: dict[str, Any]) -> list[Any]:
    return [model.get("squash"), model.get("inner_squash")]


def _described(units: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """What units.json says of a network of this shape, as far as it does."""
    there = units.get("layers")
    layers = there if isinstance(there, list) and len(there) == facts["layers"] else [{}] * facts["layers"]
    summaries = [
        {way: _summary(_inner(layer, way), facts["cell"], facts["units"]) for way in facts["directions"]}
        for layer in layers
    ]
    masks, flags = claims.masks({"layers": summaries}), claims.flags({"layers": summaries})
    verdicts = {name: _rounded(asdict(claim)) for name, claim in (("masks", masks), ("flags", flags)) if claim}
    named = sorted({word for layer in summaries for own in layer.values() for word in _named(own)})
    indices = {word: index for index, word in enumerate(named)}
    sent = [{way: _shortened(own, indices) for way, own in layer.items()} for layer in summaries]
    return {"places": sent, "words": named} | verdicts


def _named(own: dict[str, Any]) -> Iterator[str]:
    """The words that a summary names."""
    return chain.from_iterable(words for lists in _WORD_LISTS for words in own.get(lists, ()))


def _summary(own: dict[str, Any], cell: signals.Cell, units: int) -> dict[str, Any]:
    """The good parts of what units.json says of one layer and direction."""
    gates = [entry.name for entry in signals.SIGNALS[cell] if entry.is_gate]
    stated = {gate: _inner(_inner(own, "saturation"), gate) for gate in gates}
    shares = {
        gate: {end: _each(one.get(end), units, _share) for end in ("shut", "open")} for gate, one in stated.items()
    }
    parts = {
        **{lists: _each(own.get(lists), units, _words) for lists in _WORD_LISTS},
        "half_life": _each(own.get("half_life"), units, lambda value: _number(value, 0.0, _LONGEST)),
        "saturation": {gate: ends for gate, ends in shares.items() if None not in ends.values()} or None,
        "bimodality": _each(own.get("bimodality"), units, _share, empty=True),
        "valley": _each(own.get("valley"), units, _share, empty=True),
    }
    return {name: part for name, part in parts.items() if part is not None}


def _shortened(own: dict[str, Any], indices: dict[str, int]) -> dict[str, Any]:
    """A summary as it is sent: words as indices, three digits a number, which units are flags instead of valleys."""
    sent = {name: _rounded(part) for name, part in own.items() if name not in (*_WORD_LISTS, "valley")}
    for name in _WORD_LISTS:
        if name in own:
            sent[name] = [[indices[word] for word in words] for words in own[name]]
    if "bimodality" in own and "valley" in own:
        pairs = zip(own["bimodality"], own["valley"], strict=True)
        sent["two_valued"] = [unit for unit, pair in enumerate(pairs) if claims.is_flag(*pair)]
    return sent


def _rounded(value: Any) -> Any:
    """The same with three digits that count in each number."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


def _object(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is none that can be read."""
    try:
        parsed = json.loads(files.read_once(path, _MOST_BYTES))
    except (CheckpointError, OSError, ValueError, RecursionError):
        return {}
    return _dictionary(parsed)


def _dictionary(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _inner(outer: object, name: str) -> dict[str, Any]:
    return _dictionary(_dictionary(outer).get(name))


def _directions(both: object) -> list[signals.Direction] | None:
    return list(signals.DIRECTIONS[: 2 if both else 1]) if isinstance(both, bool) else None


def _each(values: object, count: int, good: Callable[[Any], Any], *, empty: bool = False) -> list[Any] | None:
    """So many values that are all good, or nothing; with ``empty``, None is good too."""
    if not isinstance(values, list) or len(values) != count:
        return None
    checked = [good(value) for value in values]
    bad = any(one is None and not (empty and value is None) for one, value in zip(checked, values, strict=True))
    return None if bad else checked


def _words(words: object) -> list[str] | None:
    first = words[:WORDS] if isinstance(words, list) else [None]
    return _each(first, len(first), _text)


def _labels(classes: object) -> list[str] | None:
    if not isinstance(classes, list) or not 0 < len(classes) <= _MOST_LABELS:
        return None
    return _each([_dictionary(entry).get("name") for entry in classes], len(classes), _text)


def _padding(stated: dict[str, Any]) -> dict[str, Any] | None:
    """What padding alone changes, with those of its examples that are good."""
    changed, texts = _count(stated.get("changed"), least=0), _count(stated.get("n"))
    alone, examples = _share(stated.get("accuracy_alone")), stated.get("examples")
    if changed is None or texts is None or alone is None or changed > texts:
        return None
    there = examples[:_MOST_EXAMPLES] if isinstance(examples, list) else []
    checks: dict[str, Callable[[Any], Any]] = {"tokens": _count, "padded_to": _count, "alone": _text, "padded": _text}
    kept = [{name: good(_dictionary(one).get(name)) for name, good in checks.items()} for one in there]
    whole = [one for one in kept if None not in one.values()]
    return {"changed": changed, "n": texts, "accuracy_alone": alone, "examples": whole}


def _card(config: dict[str, Any], *, is_shipped: bool) -> dict[str, Any] | None:
    """The good parts of what a config.json says of the texts, the training and the scores.

    The command names files of whoever trained: it is shown for shipped networks alone.
    """
    data, training, notes = _inner(config, "data"), _inner(config, "training"), _inner(config, "training").get("notes")
    said = notes[:_MOST_NOTES] if isinstance(notes, list) else []
    measured = {name: _inner(_inner(config, "scores"), name) for name in _SETS}
    scores = {
        name: {"accuracy": _share(one.get("accuracy")), "n": _count(one.get("n"))} for name, one in measured.items()
    }
    facts = {
        "data": _long_text(data.get("source")) or None,
        "data_licence": _long_text(data.get("licence")) or None,
        "weights_licence": _text(training.get("licence", _WEIGHTS_LICENCE if training else None)),
        "notes": [note for note in map(_long_text, said) if note] or None,
        "seed": _count(training.get("seed"), least=0),
        "texts": _count(training.get("texts")),
        "epochs": _count(training.get("epochs")),
        "command": (is_shipped and _long_text(training.get("command"))) or None,
        "scores": {name: score for name, score in scores.items() if None not in score.values()} or None,
        "findings": _findings(training.get("findings"), _inner(config, "model")),
    }
    return {name: value for name, value in facts.items() if value is not None} or None


def _findings(stated: object, model: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The good ones of what ``rnnviz.probe`` found."""
    layers, units = _count(model.get("layers"), _MOST_LAYERS) or 0, _count(model.get("hidden_size"), _MOST_UNITS) or 0
    checks: dict[str, Callable[[Any], Any]] = {
        "property": _text,
        "measure": lambda value: _one_of(_MEASURES, value),
        "layer": lambda value: _count(value, layers - 1, 0),
        "unit": lambda value: _count(value, units - 1, 0),
        **dict.fromkeys(("value", "shuffled", "untrained"), _share),
        "found": lambda value: value if isinstance(value, bool) else None,
    }
    there = stated[:_MOST_FINDINGS] if isinstance(stated, list) else []
    kept = [{name: good(_dictionary(one).get(name)) for name, good in checks.items()} for one in there]
    bits = [
        {name: _number(_dictionary(one).get(name), 0.0, _LONGEST) for name in ("loss", "loss_without")} for one in there
    ]
    whole = [
        facts | ({} if None in lost.values() else lost)  # as they are: what counts was decided on them
        for facts, lost in zip(kept, bits, strict=True)
        if None not in facts.values()
    ]
    return whole or None


def _long_text(value: object) -> str | None:
    return _text(value, _MOST_OF_CARD)


def _text(value: object, most: int = _MOST_CHARACTERS) -> str | None:
    """A string that every encoding of the page can carry."""
    if not isinstance(value, str) or len(value) > most:
        return None
    return value.encode("utf-8", "replace").decode()


def _one_of(choices: Container[str], value: object) -> str | None:
    return value if isinstance(value, str) and value in choices else None


def _count(value: object, most: int = _MOST_COUNTED, least: int = 1) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None


def _share(value: object) -> float | None:
    return _number(value, 0.0, 1.0)


def _number(value: object, low: float, high: float) -> float | None:
    there = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high  # not for NaN
    return float(value) if there else None  # type: ignore[arg-type]
