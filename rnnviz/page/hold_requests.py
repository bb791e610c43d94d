"""Gate surgery as the page asks for it: what is held, checked one by one, and the reading with it beside the free one.

Left out: how a signal is held (``rnnviz.experiments.interventions``).
"""

from typing import Any

from rnnviz import signals
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import SettingError
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.page.payload import answers, payload, unit_orders
from rnnviz.reading import read
from rnnviz.signals import DIRECTIONS

MOST_HOLDS = 20
_LARGEST = 1_000_000  # no place in a text or network that is read here comes near


def clamps(asked: object, cell: signals.Cell) -> list[Clamp]:
    """What the page wants held, as ``rnnviz.hold`` takes it; of two clamps on one value the later one counts.

    Args:
        asked: A list of ``{signal, value, tokens: [first, last], unit, layer, direction}``, everything counted from 0
            and ``tokens`` from the beginning of the text; None is nothing. Nothing in it is trusted.
        cell: What reads. Of an LSTM and a GRU only gates and the candidate are held: of a state that is held the page
            could not say what made it.

    Raises:
        SettingError: There are more than 20, one has another form, or holds a state of an LSTM or a GRU. What a network
            can have is checked by ``hold``.
    """
    wanted = [] if asked is None else asked
    if not isinstance(wanted, list):
        raise SettingError("hold_form")
    if len(wanted) > MOST_HOLDS:
        raise SettingError("holds_many", found=len(wanted), most=MOST_HOLDS)
    return [_clamp(one, cell) for one in wanted]


def _clamp(asked: object, cell: signals.Cell) -> Clamp:
    found: dict[str, Any] = asked if isinstance(asked, dict) else {}
    signal, value, tokens = found.get("signal"), found.get("value"), found.get("tokens")
    ends: list[Any] = tokens if isinstance(tokens, list) and len(tokens) == 2 else [None, None]
    places = [*ends, *(found.get(axis) for axis in ("unit", "layer", "direction"))]
    if not all(isinstance(place, int) and not isinstance(place, bool) and 0 <= place < _LARGEST for place in places):
        raise SettingError("hold_form")
    first, last, unit, layer, direction = places
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _LARGEST or direction > 1:
        raise SettingError("hold_form")
    if not isinstance(signal, str) or not signal.isascii() or len(signal) > 40:
        raise SettingError("hold_form")
    if cell != "rnn" and signal in (signals.memory(cell), "hidden"):
        raise SettingError("hold_state", signal=signal)
    return Clamp(signal, value, slice(first, last + 1), [unit], layer, DIRECTIONS[direction])


def reading(checkpoint: Checkpoint, text: str, held: list[Clamp], **settings: Any) -> dict[str, Any]:
    """The payload of a reading; where signals are held, with ``ghost``: the answers while nothing is.

    The units keep the order that they have in the free reading, so that no row jumps while a gate is dragged.

    Args:
        checkpoint: The classifier.
        text: What is read.
        held: What is held in it.
        settings: As for ``payload``.

    Raises:
        SelectionError, SettingError: As for ``hold``.
    """
    free = read(checkpoint, text)
    if held:
        found = payload(hold(checkpoint, text, held), **settings)
        found |= {"order": unit_orders(free), "ghost": answers(free, found["start"])}
    else:
        found = payload(free, **settings)
    return found | {"nonlinearity": checkpoint.config.model.nonlinearity}
