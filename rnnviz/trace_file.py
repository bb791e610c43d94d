"""The file of one reading: its arrays and a few words about them, and all that these must agree in to be one.

Left out: the record itself (``rnnviz.trace``), how a file of arrays is opened (``rnnviz.untrusted.arrays``).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np

from rnnviz import signals
from rnnviz.model_config import Tokens
from rnnviz.signals import Pooling, pooled_blocks
from rnnviz.untrusted import arrays
from rnnviz.untrusted.arrays import Header
from rnnviz.untrusted.strict_json import json_object, to_json

FORMAT = 1
_MOST_BYTES, _MOST_ABOUT = 2_000_000_000, 16_000_000
_FREE, _RATIO = 128_000_000, 100  # so much a small file may unpack to, and a larger one so many times its size
_MOST = {"layers": 64, "directions": 2, "tokens": 100_000, "units": 65_536, "labels": 10_000, "features": 65_536}
_PARTS = ("about", "unknown", "verdicts", "inputs", "weight", "bias")
_SIGNAL = "signal_"
_STARTS = ("start_hidden", "start_cell")  # of a network that learned its first states; else there are none
_PROVENANCE = "provenance"  # a file that the page saved says what it comes from; a reading does not need it
_NAMES = {*_PARTS, *_STARTS, *(_SIGNAL + entry.name for cell in signals.SIGNALS.values() for entry in cell)}
_POOLINGS = get_args(Pooling)
_ROUNDING = 1e-3
_OVERFLOW = 1e30  # beyond it a network's numbers may have stopped being numbers

About = dict[str, Any]
Arrays = dict[str, np.ndarray]


def read_file(path: Path) -> tuple[About, Arrays]:
    """What ``packed`` wrote, in that order: what each array declares, whether all fit together, then the numbers.

    Raises:
        ValueError: It is something else; the message says what is wrong.
    """
    with arrays.open_archive(path, {*_NAMES, _PROVENANCE}, _MOST_BYTES, _FREE, _RATIO) as archive:
        headers = {name: header for name, header in archive.headers.items() if name != _PROVENANCE}
        if "about" not in headers:
            raise ValueError("it has no 'about'")
        if headers["about"].dtype != np.uint8 or headers["about"].bytes > _MOST_ABOUT:
            raise ValueError(f"'about' is no text of at most {_MOST_ABOUT:,} bytes")
        about = json_object(archive.read("about").tobytes(), surrogates=True)
        _check_about(about)
        _check_shapes(about, headers)
        parts = {name: archive.read(name) for name in headers if name != "about"}
    _check_numbers(about, parts)
    return about, parts


def packed(about: About, parts: Arrays) -> bytes:
    """The bytes of a file that ``read_file`` reads.

    Raises:
        ValueError: It would not, since something does not fit together, or is too large.
    """
    text = np.frombuffer(to_json(about).encode(), dtype=np.uint8)
    whole = {"about": text} | parts
    headers = {name: Header(values.shape, values.dtype, False) for name, values in whole.items()}
    if text.nbytes > _MOST_ABOUT:
        raise ValueError(f"its tokens take {text.nbytes:,} bytes; at most {_MOST_ABOUT:,} are written")
    total = sum(header.bytes for header in headers.values())
    if total > _MOST_BYTES // 2:  # and so is never too large packed
        raise ValueError(f"it has {total:,} bytes; at most {_MOST_BYTES // 2:,} are written")
    _check_about(about)
    _check_shapes(about, headers)
    _check_numbers(about, parts)
    return arrays.packed(whole, _FREE, _RATIO)


def signals_in(parts: Arrays, cell: signals.Cell) -> Arrays:
    """The signals among the arrays, by their own names."""
    return {name: parts[_SIGNAL + name] for name in signals.names(cell)}


def with_prefix(by_name: Mapping[str, np.ndarray]) -> Arrays:
    """The signals under the names that they have in the file."""
    return {_SIGNAL + name: values for name, values in by_name.items()}


def starts_in(parts: Arrays) -> Arrays:
    """The learned first states among the arrays, by the names of their signals."""
    return {name.removeprefix("start_"): parts[name] for name in _STARTS if name in parts}


def starts_named(by_name: Mapping[str, np.ndarray]) -> Arrays:
    """The learned first states under the names that they have in the file."""
    return {f"start_{name}": values for name, values in by_name.items()}


def _check_about(about: About) -> None:
    if type(about.get("format")) is not int or about["format"] != FORMAT:
        raise ValueError(f"its format is {about.get('format')!r}"[:60] + f", and {FORMAT} is read")
    if about.get("cell") not in tuple(signals.SIGNALS):
        raise ValueError("its cell is none that rnnviz reads")
    if about.get("pooling") not in _POOLINGS:
        raise ValueError("its pooling is none that rnnviz has")
    if type(about.get("linear", True)) is not bool:
        raise ValueError("its linear is neither true nor false")
    if about.get("reads", "words") not in get_args(Tokens):
        raise ValueError("its tokens are neither words nor letters")
    for name in ("tokens", "labels"):
        texts = about.get(name)
        if not isinstance(texts, list | tuple) or not texts or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"its {name} are no texts")
    error = about.get("replay_error", "")
    if error is not None and (isinstance(error, bool) or not isinstance(error, int | float) or error < 0):
        raise ValueError("its replay_error is no number from 0")


def _check_shapes(about: About, headers: Mapping[str, Header]) -> None:
    """Refuse arrays that are not those of one reading by one cell, each of its kind of number and size."""
    names = {*_PARTS, *(_SIGNAL + name for name in signals.names(about["cell"]))}
    if any(name in headers for name in _STARTS):
        names |= {f"start_{name}" for name in ("hidden", "cell") if f"{_SIGNAL}{name}" in names}
    for problem, odd in (
        ("misses", names - headers.keys()),
        ("has, beside what belongs to it,", headers.keys() - names),
    ):
        if odd:
            raise ValueError(f"a reading by a cell of kind {about['cell']} that {problem} {', '.join(sorted(odd))}")
    for name, header in headers.items():
        kinds = {"about": ("|u1",), "unknown": ("|b1",)}.get(name, ("<f2", "<f4", "<f8"))
        if header.dtype.str not in kinds:
            raise ValueError(f"{name} holds numbers of type {header.dtype}")
    for name, expected in _expected_shapes(about, headers).items():
        if headers[name].shape != expected:
            raise ValueError(f"{name} has the shape {headers[name].shape}, and {expected} is needed")


def _expected_shapes(about: About, headers: Mapping[str, Header]) -> dict[str, tuple[int, ...]]:
    """The shape of each array, given that of the hidden states and the width of the inputs."""
    hidden, inputs = headers["signal_hidden"].shape, headers["inputs"].shape
    if len(hidden) != 4 or len(inputs) != 2:
        raise ValueError(f"signal_hidden has {len(hidden)} axes and inputs {len(inputs)}; 4 and 2 are needed")
    layers, directions, tokens, units = hidden
    labels, features = len(about["labels"]), inputs[1]
    sizes = dict(zip(_MOST, (layers, directions, tokens, units, labels, features), strict=True))
    for name, size in sizes.items():
        if not 1 <= size <= _MOST[name]:
            raise ValueError(f"{size:,} {name}; there are from 1 to {_MOST[name]:,}")
    if tokens != len(about["tokens"]):
        raise ValueError(f"{len(about['tokens']):,} tokens for signals of {tokens:,}")
    pooled = units * directions * pooled_blocks(about["pooling"], layers)
    expected: dict[str, tuple[int, ...]] = {
        "unknown": (tokens,),
        "verdicts": (tokens, labels),
        "inputs": (tokens, features),
        "weight": (labels, pooled),
        "bias": (labels,),
    }
    expected |= {name: (layers, directions, units) for name in _STARTS if name in headers}
    return expected | {name: hidden for name in headers if name.startswith(_SIGNAL)}


def _check_numbers(about: About, parts: Arrays) -> None:
    """Refuse numbers that no network computes: outside a signal's range, no probabilities, not finite for no reason."""
    ends = {name: _ends(values) for name, values in parts.items() if name != "unknown"}
    overflown = not all(abs(end) < _OVERFLOW for end in _ends_of_numbers(parts["signal_hidden"]))
    for name, (low, high) in ends.items():
        if not (np.isfinite(low) and np.isfinite(high)) and not overflown:
            raise ValueError(f"{name} holds numbers that are not finite")
    start = max(map(abs, ends.get("start_hidden", (0.0, 0.0))))
    for entry in signals.SIGNALS[about["cell"]]:
        low, high = ends[_SIGNAL + entry.name]
        kept = start if (about["cell"], entry.name) == ("gru", "hidden") else 0.0  # its state goes on from there
        if low < min(entry.low, -kept) - _ROUNDING or high > max(entry.high, kept) + _ROUNDING:
            raise ValueError(
                f"{entry.name} goes from {low:g} to {high:g}, and it can from {entry.low:g} to {entry.high:g}"
            )
    verdicts = parts["verdicts"].astype(np.float64)
    sums = verdicts.sum(axis=1)
    if (verdicts < -_ROUNDING).any() or (np.abs(sums - 1.0) > 10 * _ROUNDING).any():
        raise ValueError("its verdicts are no probabilities: rows do not add up to 1")


def _ends(values: np.ndarray) -> tuple[float, float]:
    """The least and the greatest number; not a number if any is none."""
    return float(values.min()), float(values.max())


def _ends_of_numbers(values: np.ndarray) -> tuple[float, float]:
    """The same, without those that are none; zeros if all are none."""
    least, most = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))
    return (0.0, 0.0) if np.isnan(least) else (least, most)
