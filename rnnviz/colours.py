"""The colour law: signed values go from blue through white to orange, shares of 0 to 1 from white to near black."""

from collections.abc import Sequence

Scale = Sequence[tuple[float, str]]

DIVERGING: Scale = ((0.0, "#0b4a8f"), (0.25, "#5f9bd1"), (0.5, "#ffffff"), (0.75, "#f0a35a"), (1.0, "#a84b00"))
SEQUENTIAL: Scale = ((0.0, "#ffffff"), (1 / 3, "#c3cad4"), (2 / 3, "#6c7889"), (1.0, "#18202b"))
_DARK, _LIGHT = "#000000", "#ffffff"


def colour_of(value: float, low: float, high: float) -> str:
    """The colour of a value on the scale from ``low`` to ``high``: the signed one where it begins below zero."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    scale = DIVERGING if low < 0 else SEQUENTIAL
    upper = next(index for index in range(1, len(scale)) if share <= scale[index][0])
    (start, below), (end, above) = scale[upper - 1 : upper + 1]
    mix = (share - start) / (end - start)
    mixed = (round(a + mix * (b - a)) for a, b in zip(_parts(below), _parts(above), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def ink_on(colour: str) -> str:
    """Black or white, whichever is read more easily on a colour: at least 4.5 to 1 on any.

    Source: relative luminance and contrast ratio of WCAG 2.2.
    """
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _shares(colour))
    luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return _DARK if luminance > 0.179 else _LIGHT


def _parts(colour: str) -> list[int]:
    """Red, green and blue, 0 to 255."""
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _shares(colour: str) -> list[float]:
    return [part / 255 for part in _parts(colour)]
