"""Every question that a program may ask, with all its limits. Needs no torch.

A program is told what is wrong with its question, so here, unlike in ``rnnviz.page.requests``, nothing is corrected or
cut: what does not fit is refused. No error of pydantic's holds what was sent.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rnnviz.page.requests import LARGEST, MOST_CHARACTERS, MOST_HITS, MOST_HOLDS
from rnnviz.signals import Direction

MOST_CHOSEN = 2_048
"""Units or tokens that are listed in one place."""
_LONGEST_NAME, _LONGEST_SIGNAL = 200, 40

_Number = Annotated[int, Field(gt=-LARGEST, lt=LARGEST)]
_Chosen = Annotated[list[_Number], Field(min_length=1, max_length=MOST_CHOSEN)]
_Signal = Annotated[str, Field(max_length=_LONGEST_SIGNAL)]


class Question(BaseModel):
    """A question of a program."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Networks(Question):
    """List the networks that can read: names, sizes, classes, and the signals of their cells."""


class Read(Question):
    """Let a network read a text.

    The answer has the probabilities after every token; on request the hidden states, cell states and gates, and what
    each token added to the score of each class.
    """

    network: Annotated[str, Field(max_length=_LONGEST_NAME)]
    """Name of a network, such as "sst2-lstm"."""

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    """What is read: at most 2,000 tokens, and 200 by a network that reads from both ends."""

    signals: Annotated[list[_Signal], Field(max_length=10)] = []
    """Which signals are sent: "hidden"; of an LSTM "input", "forget", "candidate", "output", "cell"; of a GRU "reset",
    "update", "candidate"."""

    units: _Chosen | None = None
    """Whose signals are sent: units, counted from 0, or from the end with -1; all of them if null."""

    contributions: bool = False
    """Whether to send what each token added to the score (logit) of each class, through what it wrote into the memory
    that the linear layer reads. A plain RNN has no such sum."""


class Clamp(Question):
    """One signal of some units, held at some tokens: the network goes on with this value instead of its own."""

    signal: _Signal
    """Its name, as in ``signals``."""

    value: float | Literal["mean"]
    """What it is held at: a number in the signal's range (a gate's is 0 to 1), or "mean", each unit's own mean over
    texts that the network was measured on."""

    tokens: _Chosen | None = None
    """At which tokens, counted from 0, or from the end with -1; at all of them if null."""

    units: _Chosen | None = None
    """Of which units, counted likewise; of all of them if null."""

    layer: _Number = -1
    """Of which layer, counted from 0, or from the top with -1."""

    direction: Direction = "forward"
    """Of which direction."""


class Hold(Read):
    """Let a network read a text while gates, states or whole units are held at values of your choice.

    A unit whose "hidden" is held at 0 is removed. The answer is that of ``read``, and beside it ``free``: what the
    network answers while nothing is held.
    """

    holds: Annotated[list[Clamp], Field(min_length=1, max_length=MOST_HOLDS)]
    """What is held. Where two hold the same value, the later one counts."""


class SignedUnit(Question):
    """A unit of the top layer, and on which side of 0 its hidden state is far from it.

    Units of the backward direction follow the forward ones.
    """

    unit: Annotated[int, Field(ge=0, lt=LARGEST)]
    """Counted from 0."""

    sign: Literal[1, -1]
    """1 for above the threshold, -1 for below its negative."""


class Find(Question):
    """Find where else, in the texts of an index, a network does what it does at some tokens of a text.

    The units whose hidden states are far from 0 with one sign at all of these tokens are looked for. Hits are the
    stretches of other texts at which most of them are so too, the best first: by units, length, and improbability.
    """

    network: Annotated[str, Field(max_length=_LONGEST_NAME)]
    """Name of a network of which the server has an index."""

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    """What the network reads; as long as for ``read``."""

    first: Annotated[int, Field(ge=0, lt=LARGEST)] = 0
    """The first of the tokens, counted from 0."""

    last: Annotated[int, Field(ge=0, lt=LARGEST)] | None = None
    """The last of them; the text's last one if null."""

    units: Annotated[list[SignedUnit], Field(min_length=1, max_length=MOST_CHOSEN)] | None = None
    """Which units to look for instead of those that are far from 0 at the tokens."""

    threshold: float | None = None
    """How far from 0 a state has to be: one of the index's thresholds; the lowest if null."""

    before: bool = False
    """Whether a unit counts only where it is not as far from 0 at the token before."""

    after: bool = False
    """The same for the token after."""

    most: Annotated[int, Field(ge=1, le=MOST_HITS)] = 20
    """How many hits are sent at most."""

    one_per_text: bool = True
    """Whether only the best hit of each text is sent."""


def problem(error: ValidationError, request: type[BaseModel]) -> str:
    """What is wrong with a question, without anything of it but its fields' names.

    Args:
        error: Of pydantic.
        request: What the question should have been.
    """
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    known = ", ".join(request.model_fields)
    if first["type"] == "extra_forbidden":  # its name may be anything
        return f"There is a field that is not known here. Fields of this question: {known}."
    place = ".".join(map(str, first["loc"]))
    if not place:
        return f"This is no question. Send a JSON object with these fields: {known}."
    return f"{place}: {first['msg']}. Fields of this question: {known}."
