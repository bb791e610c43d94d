"""Whether what was converted answers as where it comes from, on a text whose logits are known there."""

from collections.abc import Callable, Sequence
from typing import get_args

from rnnviz.checkpoint.checks import logits
from rnnviz.convert.convert import Converted
from rnnviz.errors import CheckpointError
from rnnviz.model_config import Pooling

_ROUNDING = 2e-3  # of weights in float16, as a share of a logit


def wanted_logits(given: str) -> tuple[tuple[float, float], ...]:
    """The logits of ``--check``, each with how far off it may be: a unit of its last digit, and what float16 rounds.

    Example:
        >>> from rnnviz.convert.check import wanted_logits
        >>> wanted_logits("0.31, -1.2")
        ((0.31, 0.012), (-1.2, 0.1024))

    Raises:
        CheckpointError: They are no numbers with commas or spaces between.
    """
    parts = given.strip().strip("[]()").replace(",", " ").split()
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not numbers or not all(abs(number) < 1e6 for number in numbers):
        raise CheckpointError("convert_check_numbers")
    digits = [len(part.lower().split("e")[0].partition(".")[2]) for part in parts]
    exponents = [int(part.lower().partition("e")[2] or 0) for part in parts]
    return tuple(
        (number, 10.0 ** (exponent - digit) + _ROUNDING * max(1.0, abs(number)))
        for number, digit, exponent in zip(numbers, digits, exponents, strict=True)
    )


def prove(
    conversion: Converted,
    text: str,
    wanted: Sequence[tuple[float, float]],
    make: Callable[..., Converted] | None,
) -> None:
    """Refuse a conversion that gives a text other logits, and name the pooling that would give these, if one does.

    Args:
        conversion: What was converted.
        text: What is read.
        wanted: Its logits, as ``wanted_logits`` gives them; a single one where the network has one output.
        make: Converts the same weights again, with another ``pooling``; None if their file leaves no choice of it.
    """
    found = _logits(conversion, text, len(wanted))
    if len(found) != len(wanted):
        raise CheckpointError("convert_check_count", given=len(wanted), classes=len(found))
    if _agree(found, wanted):
        return
    tried = [(pooling, _tried(make, pooling)) for pooling in get_args(Pooling)] if make else []
    right = [name for name, other in tried if other and _agree(_logits(other, text, len(wanted)), wanted)]
    advice = f"With --pooling {right[0]} it gives them" if right else (
        "Compare the words, the unknown word and how texts are split; or something lies between the layers"
    )  # fmt: skip
    shown = ", ".join(f"{value:+.4f}" for value in found)
    raise CheckpointError(
        "convert_check", found=shown, given=", ".join(f"{one:+g}" for one, _ in wanted), advice=advice
    )


def _tried(make: Callable[..., Converted], pooling: str) -> Converted | None:
    try:
        return make(pooling=pooling)
    except CheckpointError:
        return None


def _logits(conversion: Converted, text: str, wanted: int) -> tuple[float, ...]:
    found = logits(conversion.checkpoint.model, conversion.checkpoint.vocabulary, text)
    if conversion.outputs:
        return tuple(found[place] for place in conversion.outputs)
    return (found[1] - found[0],) if wanted == 1 and len(found) == 2 else found


def _agree(found: Sequence[float], wanted: Sequence[tuple[float, float]]) -> bool:
    return len(found) == len(wanted) and all(
        abs(value - one) <= most for value, (one, most) in zip(found, wanted, strict=True)
    )
