"""The tables of all questions: how each is parsed, what it is answered, how much work it is, what may be kept of it.

Each is answered by the method of ``rnnviz.page.service.Service`` that has its name. That module imports torch, this one
does not: the names are known before the service is there.
"""

from collections.abc import Callable, Container
from functools import wraps
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from rnnviz.errors import RnnvizError
from rnnviz.model_config import Tokens
from rnnviz.page import replies, requests
from rnnviz.page.api import replies as api_replies, requests as api_requests
from rnnviz.page.error_replies import objection
from rnnviz.page.payload import WINDOW
from rnnviz.page.replies import Objection
from rnnviz.page.requests import WrongType

LaneName = Literal["short", "aside", "heavy"]
"""``"short"`` for a few milliseconds, ``"heavy"`` for much more, ``"aside"`` for what may have to wait: for a file, for
a training, for a network that is not open yet."""

MOST_LIGHT, MOST_LIGHT_ONE_WAY, MOST_LIGHT_TWICE = 60, WINDOW, 30
"""Tokens of a text that takes a few milliseconds; of the second kind where one forward reading answers, of the third
where a network that reads both ways reads twice."""
MOST_LIGHT_CHARACTERS = 4_000
"""Of a batch that is split into words in a few milliseconds, whatever they are."""


class OpenNetwork(NamedTuple):
    """What the work of reading depends on.

    Attributes:
        reads_both_ways: Whether it reads from both ends.
        is_large: Whether it takes longer than a few milliseconds for a short text.
        tokens: What it splits a text into.
    """

    reads_both_ways: bool
    is_large: bool
    tokens: Tokens = "words"


Opened = Callable[[str | WrongType], OpenNetwork | None]
"""The network of a name; None while it is not open, or if there is none."""


class Handler(NamedTuple):
    """How one question is dealt with.

    Attributes:
        request: What it is parsed into.
        reply: What it is answered with, besides an objection.
        lane: How much work it is; a function where that depends on the question and on the networks that are open.
        kept_under: Given the question and the names of the networks, under what its answer is kept; None where it is
            not. An answer is kept only if it depends on nothing else.
        is_training: Whether it is about a training under way, and so must not wait for anything slow: a page that asks
            late counts as gone.
    """

    request: type[BaseModel]
    reply: Any
    lane: LaneName | Callable[[Any, Opened], LaneName]
    kept_under: Callable[[Any, Container[str]], str | None] | None = None
    is_training: bool = False


def _lane_of_reading(question: requests.TextRequest, opened: Opened) -> LaneName:
    network = opened(question.model)
    one_way = isinstance(question, requests.ReadSentence) and network is not None and not network.reads_both_ways
    twice = isinstance(question, requests.ReadSentence | requests.OpenCell) and bool(question.holds)
    most = MOST_LIGHT_ONE_WAY if one_way else MOST_LIGHT_TWICE if twice else MOST_LIGHT
    return _lane_of_texts([question.text], most, [network])


def _lane_of_two(question: requests.Compare, opened: Opened) -> LaneName:
    networks = [opened(question.model), opened(question.other_model)]
    return _lane_of_texts([question.text, question.other_text], MOST_LIGHT_TWICE, networks)


def _lane_of_texts(texts: list[str], most: int, networks: list[OpenNetwork | None]) -> LaneName:
    if any(network and network.is_large for network in networks):
        return "heavy"
    if any(_is_longer(text, most, network) for text, network in zip(texts, networks, strict=True)):
        return "heavy"
    return "short" if all(networks) else "aside"


def _is_longer(text: str, most: int, network: OpenNetwork | None) -> bool:
    """Whether a text has more tokens than these; a very long one is not split to see that."""
    from rnnviz.data.text import SPLITTERS  # imports torch, which is there when a question comes

    return len(text) > 10 * most or len(SPLITTERS[network.tokens if network else "words"](text)) > most


def _lane_of_batch(question: requests.PackSentences, _opened: Opened) -> LaneName:
    return "short" if len(question.root) <= MOST_LIGHT_CHARACTERS else "aside"


def _by_model(question: requests.AboutModel, networks: Container[str]) -> str | None:
    return question.model if isinstance(question.model, str) and question.model in networks else None


def _by_name(question: requests.Words, _networks: Container[str]) -> str:
    return question.root


def _once(_question: requests.Standalone, _networks: Container[str]) -> str:
    return ""


HANDLERS: dict[str, Handler] = {
    "read_sentence": Handler(
        requests.ReadSentence, replies.FreeReading | replies.HeldReading | replies.Empty, _lane_of_reading
    ),
    "open_cell": Handler(requests.OpenCell, replies.OpenedCell | replies.Empty, _lane_of_reading),
    "pack_sentences": Handler(requests.PackSentences, replies.Batch | replies.Texts, _lane_of_batch),
    "about_model": Handler(requests.AboutModel, replies.About, "aside", _by_model),
    "compare": Handler(requests.Compare, replies.Comparison | replies.EmptySide, _lane_of_two),
    "how_far_back": Handler(requests.HowFarBack, replies.Reach | replies.FamiliesEmpty | replies.Families, "heavy"),
    "attribute": Handler(requests.Attribute, replies.Attributions | replies.Empty, "heavy"),
    "find": Handler(requests.Find, replies.FoundHits | replies.CorpusTold, "heavy"),
    "project": Handler(requests.Project, replies.Plane | replies.CorpusText | replies.CorpusTold, "heavy"),
    "groups": Handler(requests.Groups, replies.GroupsTold, "heavy"),
    "slices": Handler(requests.Slices, replies.CorpusSlices | replies.ChosenSlice | replies.CorpusTold, "heavy"),
    "padding_drift": Handler(requests.PaddingDrift, replies.Drift | replies.Empty | replies.NoNetwork, "heavy"),
    "words": Handler(requests.Words, replies.Sentences, "aside", _by_name),
    "save_reading": Handler(requests.SaveReading, replies.Download | replies.Empty, "heavy"),
    "standalone": Handler(requests.Standalone, replies.Shell, "aside", _once),
    "train_start": Handler(requests.TrainStart, replies.Ticket, "aside", is_training=True),
    "train_poll": Handler(requests.TrainPoll, replies.Standing, "aside", is_training=True),
    "train_cancel": Handler(requests.TrainCancel, replies.Standing, "aside", is_training=True),
    "train_receive": Handler(
        requests.TrainReceive, replies.PartTaken | replies.Table | replies.BadTable, "aside"
    ),  # not about a training under way: to read a file may take long
    "room_open": Handler(requests.RoomOpen, replies.Room, "short"),  # rooms are in the process that serves
    "room_answer": Handler(requests.RoomAnswer, replies.Counts, "short"),
    "room_counts": Handler(requests.RoomCounts, replies.Counts, "short"),
    "evaluate_file": Handler(requests.EvaluateFile, replies.Statistics, "aside"),  # another process works
}
"""All that the page may ask. Gradio makes the page with the names in this order."""


def _all(_question: api_requests.Networks, _networks: Container[str]) -> str:
    return ""


API: dict[str, Handler] = {
    "api_networks": Handler(api_requests.Networks, api_replies.Networks, "aside", _all),
    "api_read": Handler(api_requests.Read, api_replies.Reading, "heavy"),
    "api_hold": Handler(api_requests.Hold, api_replies.HeldReading, "heavy"),
    "api_find": Handler(api_requests.Find, api_replies.Found, "heavy"),
}
"""All that a program may ask, where the API is on. A program's reading is heavy however short it is: no program is in
the way of somebody who types."""

EVERY = HANDLERS | API


_Own = TypeVar("_Own")
_Request = TypeVar("_Request", bound=BaseModel)
_Reply = TypeVar("_Reply")


def answers(
    request: type[_Request],
) -> Callable[[Callable[[_Own, _Request], _Reply]], Callable[[_Own, object], _Reply | Objection]]:
    """Make a method that answers a parsed question answer whatever comes.

    The question is parsed, unless it is already; where the method objects, the objection is the answer. Any other
    exception stays a bug.

    Args:
        request: What the question is parsed into.
    """

    def answering(core: Callable[[_Own, _Request], _Reply]) -> Callable[[_Own, object], _Reply | Objection]:
        @wraps(core)
        def call(own: _Own, question: object) -> _Reply | Objection:
            try:
                return core(own, question if isinstance(question, request) else request.model_validate(question))
            except RnnvizError as error:
                return objection(error)

        return call

    return answering
