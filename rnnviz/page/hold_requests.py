"""Gate surgery as the page asks for it: what is held, checked one by one, and the reading with it beside the free one.

Left out: how a signal is held (``rnnviz.experiments.interventions``).
"""

from collections.abc import Iterable

from rnnviz import signals
from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.errors import SettingError
from rnnviz.experiments.interventions import Clamp, hold
from rnnviz.page.payload import answers, payload, unit_orders
from rnnviz.page.replies import FreeReading, HeldReading
from rnnviz.page.requests import Hold
from rnnviz.reading import read
from rnnviz.signals import DIRECTIONS


def clamps(asked: Iterable[Hold | SettingError], cell: signals.Cell) -> list[Clamp]:
    """What the page wants held, as ``rnnviz.hold`` takes it; of two clamps on one value the later one counts.

    Args:
        asked: As a question has them (``rnnviz.page.requests``).
        cell: What reads. Of an LSTM and a GRU only gates and the candidate are held: of a state that is held the page
            could not say what made it.

    Raises:
        SettingError: One makes no sense, or holds a state of an LSTM or a GRU. What a network can have is checked by
            ``hold``.
    """
    return [_clamp(one, cell) for one in asked]


def _clamp(asked: Hold | SettingError, cell: signals.Cell) -> Clamp:
    if isinstance(asked, SettingError):
        raise asked
    if cell != "rnn" and asked.signal in (signals.memory(cell), "hidden"):
        raise SettingError("hold_state", signal=asked.signal)
    first, last = asked.tokens
    tokens, direction = slice(first, last + 1), DIRECTIONS[asked.direction]
    return Clamp(asked.signal, asked.value, tokens, [asked.unit], asked.layer, direction)


def reading(
    checkpoint: Checkpoint, text: str, held: list[Clamp], *, model: str, total: int, start: int
) -> FreeReading | HeldReading:
    """The payload of a reading; where signals are held, with ``ghost``: the answers while nothing is.

    The units keep the order that they have in the free reading, so that no row jumps while a gate is dragged.

    Args:
        checkpoint: The classifier.
        text: What is read.
        held: What is held in it.
        model: As for ``payload``.
        total: As for ``payload``.
        start: As for ``payload``.

    Raises:
        SelectionError, SettingError: As for ``hold``.
    """
    nonlinearity = checkpoint.config.model.nonlinearity
    free = read(checkpoint, text)
    if not held:
        return {**payload(free, model=model, total=total, start=start), "nonlinearity": nonlinearity}
    sent = payload(hold(checkpoint, text, held), model=model, total=total, start=start)
    sent["order"] = unit_orders(free)
    return {**sent, "ghost": answers(free, sent["start"]), "nonlinearity": nonlinearity}


def padded_reading(checkpoint: Checkpoint, text: str, padding: int, *, model: str) -> FreeReading:
    """The payload of a reading that goes on over padding, as in a padded batch; its first window.

    Args:
        checkpoint: The classifier.
        text: What is read.
        padding: Tokens of padding that follow it.
        model: As for ``payload``.
    """
    trace = read(checkpoint, text, pad_to=len(checkpoint.vocabulary.tokenise(text)) + padding)
    sent = payload(trace, model=model, total=len(trace.tokens))
    return {**sent, "nonlinearity": checkpoint.config.model.nonlinearity}
