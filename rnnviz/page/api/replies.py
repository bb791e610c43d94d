"""Every answer that a program gets, as JSON has it. Types only, from which the OpenAPI document is made.

Arrays are lists in lists; the name of each of their types says its axes, from the outermost on. Nothing is rounded: a
float32 is written with as many digits as tell it from all others.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from rnnviz.model_config import Task, Tokens
from rnnviz.page.replies import Corpus, LabelShare
from rnnviz.signals import Cell, Direction


def _axes(*axes: str) -> WithJsonSchema:
    """The schema of an array, which is sent as lists in lists."""
    schema: dict[str, Any] = {"type": "number"}
    for _ in axes:
        schema = {"type": "array", "items": schema}
    return WithJsonSchema(schema | {"description": f"[{', '.join(axes)}]"})


_Values = Annotated[Any, _axes("layer", "direction", "token", "unit")]
_ByToken = Annotated[Any, _axes("token", "label")]
_ByLabel = Annotated[Any, _axes("label")]


class Signal(TypedDict):
    """A signal of a cell. ``low`` and ``high`` are its range; null where there is no bound."""

    name: str
    symbol: str
    low: float | None
    high: float | None
    meaning: str


class Network(TypedDict):
    """A network, as far as its config.json says what it is.

    ``labels`` are the classes; of a network whose ``task`` is "next", the tokens that may come next. ``accuracy`` is
    the share of right answers in ``tested`` texts. ``problem`` says why a network cannot read.
    """

    name: str
    title: str
    task: Task
    reads: Tokens
    cell: NotRequired[Cell]
    layers: NotRequired[int]
    directions: NotRequired[list[Direction]]
    units: NotRequired[int]
    vocabulary: NotRequired[int]
    labels: NotRequired[list[str]]
    signals: NotRequired[list[Signal]]
    accuracy: NotRequired[float]
    tested: NotRequired[int]
    problem: NotRequired[str]


class Networks(TypedDict):
    """All networks, in the order of the page's menu."""

    networks: list[Network]


class Answer(TypedDict):
    """The most probable class, and the probability of each class had the text ended at each token."""

    answer: str
    probabilities: _ByToken


class Contributions(TypedDict):
    """What each token added to the logit of each class: ``bias`` and the sum over ``by_token`` are ``logits``.

    ``is_exact`` is false where the head squashes the states, so that the sum is that of a function which is linear for
    this text alone.
    """

    by_token: _ByToken
    bias: _ByLabel
    logits: _ByLabel
    is_exact: bool


class Reading(Answer):
    """A reading: the text as the network saw it, its answer after every token, and what was asked for beside it.

    ``unknown`` says which tokens are not in the vocabulary, so that the network read ``<unk>``. ``signals`` has an
    array for each that was asked for, ``units`` the numbers of the units in them. ``replay_error`` is how far the
    hidden states are from those of PyTorch's own module, which nothing can be held in.
    """

    network: str
    cell: Cell
    tokens: list[str]
    unknown: list[bool]
    labels: list[str]
    directions: list[Direction]
    replay_error: float | None
    signals: NotRequired[dict[str, _Values]]
    units: NotRequired[list[int]]
    contributions: NotRequired[Contributions]


class HeldReading(Reading):
    """A reading in which something was held; ``free`` is the answer while nothing is."""

    free: Answer


class SignedUnit(TypedDict):
    """A unit, and the sign of its hidden state."""

    unit: int
    sign: Literal[1, -1]


class Hit(TypedDict):
    """A stretch of a text of the index: its tokens ``start`` to before ``stop``, counted in the text.

    ``tokens`` are those of the stretch and some around it, the first of which is token ``first`` of the text. ``bits``
    says how improbable it is that the matched ``units`` are on together. ``label`` is the text's own class, ``answer``
    the network's; null where there is none.
    """

    text: int
    start: int
    stop: int
    first: int
    tokens: list[str]
    units: list[SignedUnit]
    bits: float
    label: str | None
    answer: str | None
    probability: float


class Found(TypedDict):
    """Where else the network does the same.

    ``tokens`` and ``units`` are what was looked for, at this ``threshold``. There are ``total`` hits in ``texts``
    texts, and each has at least ``least`` of the units: the largest number at which there are as many hits as may be
    sent, so a larger ``most`` may lower it and raise the counts. ``labels`` are the classes of these texts against all.
    """

    network: str
    corpus: Corpus
    tokens: list[str]
    units: list[SignedUnit]
    threshold: float
    total: int
    texts: int
    least: int
    labels: list[LabelShare]
    hits: list[Hit]


class Refusal(TypedDict):
    """Why there is no answer, and what to do."""

    detail: str


class Health(TypedDict):
    """The server answers."""

    status: Literal["ok"]
