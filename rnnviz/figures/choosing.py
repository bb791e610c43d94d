"""Which unit and which word a picture is about: those asked for, else the unit that matters most."""

from rnnviz.analysis.statistics import unit_order
from rnnviz.errors import SelectionError
from rnnviz.trace import Trace

FEW = 12
"""How many units are drawn where there is room for a few: those that matter most."""


def chosen_unit(trace: Trace, unit: int | None, layer: int, direction: str) -> int:
    """The unit, counted from 0; the one that matters most when None.

    Raises:
        SelectionError: There is no such unit, layer or direction.
    """
    if unit is None:
        return int(unit_order(trace, layer, direction)[0])
    if not -trace.units <= unit < trace.units:
        raise SelectionError("unit_range", given=unit, units=trace.units)
    return unit % trace.units


def chosen_token(trace: Trace, token: int) -> int:
    """The position of a token, counted from 0.

    Raises:
        SelectionError: There is no such token.
    """
    tokens = len(trace.tokens)
    if not -tokens <= token < tokens:
        raise SelectionError("token_range", given=token, tokens=tokens)
    return token % tokens
