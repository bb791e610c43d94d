"""Every question that the page may ask, with all its limits. Needs no torch.

A question comes from a browser, so nothing in it is trusted, and none is refused for its form: what makes no sense
counts as nothing, a text that is too long is cut. Where the answer has to object, the field holds a ``WrongType`` or
the objection itself until the handler comes to it: which objection is told first is part of the answer. So parsing
raises nothing, and no error of pydantic's can hold what a visitor typed.

Left out: who answers each question (``rnnviz.page.handlers``); what the page is told (``rnnviz.page.replies``).
"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    RootModel,
    ValidationError,
    model_validator,
)

from rnnviz.errors import SettingError
from rnnviz.page.assets import TEXTS, Texts
from rnnviz.signals import Cell

MOST_CHARACTERS = 64_000
"""Of a text that is read; the rest is cut."""
MOST_WATCHED_CHARACTERS = 2_000
"""Of the sentence that is watched in a training; the rest is cut."""
MOST_PART = 64_000
"""Characters of a part of a visitor's file, in base64; a longer part loses the file."""
MOST_NAME = 100
"""Characters of a file's name, a column's name, an encoding and a delimiter; the rest is cut."""
MOST_HOLDS = 20
"""Clamps of one reading; more are refused."""
MOST_RANGES = 128
"""Ranges of units of one clamp: every second one of 256."""
MOST_FOUND_UNITS = 2_048
"""Units that a place of the corpus is searched by; the rest is not looked at."""
MOST_HITS = 50
"""Places of the corpus in one answer."""
MOST_CONDITIONS = 400
"""Characters of the conditions of a slice of the corpus; the rest is cut."""
MOST_PADDING = 8
"""Tokens of padding that follow a text; more are not read."""
LARGEST = 1_000_000
"""Above every token, unit and layer of what is read here, and above every value that can be held."""
_LONGEST_SIGNAL = 40


class WrongType(NamedTuple):
    """What was sent where something of another type belongs; an objection may have to name it.

    Attributes:
        given: As it was sent, which may be anything that JSON can hold.
    """

    given: object


def _text(typed: object) -> str:
    return typed[:MOST_CHARACTERS] if isinstance(typed, str) else ""


def _watched(typed: object) -> str:
    return typed[:MOST_WATCHED_CHARACTERS] if isinstance(typed, str) else ""


def _conditions(given: object) -> str:
    return given[:MOST_CONDITIONS].strip() if isinstance(given, str) else ""


def _short_text(given: object) -> str:
    """Every encoding can carry it, so it can be sent back."""
    return given[:MOST_NAME].encode("utf-8", "replace").decode() if isinstance(given, str) else ""


def _string(given: object) -> str:
    return given if isinstance(given, str) else ""


def _name(given: object) -> str | WrongType:
    return given if isinstance(given, str) else WrongType(given)


def _base64(given: object) -> str | WrongType:
    return given if isinstance(given, str) and len(given) <= MOST_PART else WrongType(given)


def _index(given: object) -> int | WrongType:
    return given if isinstance(given, int) and not isinstance(given, bool) else WrongType(given)


def _number(given: object) -> int | float | WrongType:
    return given if isinstance(given, int | float) and not isinstance(given, bool) else WrongType(given)


def _start(given: object) -> int:
    return int(given) if isinstance(given, int) else 0


def _length(given: object) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) else 0


def _padding(given: object) -> int:
    return min(max(_length(given), 0), MOST_PADDING)


def _hits(given: object) -> int:
    return min(max(_length(given), 1), MOST_HITS)


def _stretch(given: object) -> int:
    return min(max(_length(given), 1), LARGEST)


def _place(given: object) -> int:
    return min(max(_length(given), 0), LARGEST)


def _signed_units(given: object) -> tuple[tuple[int, Literal[1, -1]], ...]:
    if not isinstance(given, list):
        return ()
    signed = dict(filter(_is_signed_unit, given[:MOST_FOUND_UNITS]))
    return tuple(sorted(signed.items()))


def _is_signed_unit(given: object) -> bool:
    if not isinstance(given, list) or len(given) != 2:
        return False
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in given)
    return whole and 0 <= given[0] < LARGEST and given[1] in (1, -1)


def _class_number(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _counter(given: object) -> int | float | None:
    return given if isinstance(given, int | float) else None


def _flag(given: object) -> bool:
    return bool(given)


def _ticket_or_none(given: object) -> str | None:
    return None if given is None else _string(given)


def _no_matter(_given: object) -> None:
    return None


def _texts(given: object) -> str:
    return given if isinstance(given, str) and given in TEXTS else ""


Name = Annotated[str | WrongType, PlainValidator(_name, json_schema_input_type=str)]
"""Of a network. There may be none of this name."""
Text = Annotated[str, PlainValidator(_text, json_schema_input_type=str)]
"""What was typed, as far as it is read; empty where it is no text."""
ShortText = Annotated[str, PlainValidator(_short_text, json_schema_input_type=str | None)]
"""A short text that can be sent back; empty where it is none."""
Ticket = Annotated[str, PlainValidator(_string, json_schema_input_type=str)]
"""Empty, which is nobody's ticket, where it is no text."""
Choice = Annotated[str, PlainValidator(_string, json_schema_input_type=str | None)]
"""One of a few names, which the handler checks; empty where it is no text."""
Index = Annotated[int | WrongType, PlainValidator(_index, json_schema_input_type=int)]
"""Counted from 0."""
Number = Annotated[int | float | WrongType | None, PlainValidator(_number, json_schema_input_type=float)]
"""None where nothing was sent: the handler has a number for that. Its range depends on other fields."""
ClassNumber = Annotated[int | None, PlainValidator(_class_number, json_schema_input_type=int | None)]
"""A class by its index in the labels; None where none was named."""
TextNumber = Annotated[int | None, PlainValidator(_class_number, json_schema_input_type=int | None)]
"""A text of a corpus, counted from 0; None where none was named."""
Counter = Annotated[int | float | None, PlainValidator(_counter, json_schema_input_type=int)]
"""A number that is only compared with another one."""
Flag = Annotated[bool, PlainValidator(_flag, json_schema_input_type=bool)]
"""Anything that is not nothing counts as yes."""
SignedUnits = Annotated[
    tuple[tuple[int, Literal[1, -1]], ...],
    PlainValidator(
        _signed_units,
        json_schema_input_type=Annotated[list[tuple[int, Literal[1, -1]]], Field(max_length=MOST_FOUND_UNITS)],
    ),
]
"""Units, each with 1 for above and -1 for below, in ascending order; what makes no sense is left out."""


_Indices = Annotated[list[Annotated[int, Field(ge=0, lt=LARGEST)]], Field(min_length=2, max_length=2)]


def _ascending(ranges: list[list[int]]) -> list[list[int]]:
    """Ranges that name no unit twice: so a clamp lists no more units than the network has."""
    ends = [end for one in ranges for end in one]
    if any(first > last for first, last in ranges) or any(
        last >= first for last, first in zip(ends[1:-1:2], ends[2::2], strict=True)
    ):
        raise ValueError("the ranges do not ascend")
    return ranges


class Hold(BaseModel):
    """A clamp as the page asks for it: one signal of some units is held over some tokens, all counted from 0.

    Attributes:
        signal: Its name, such as "forget".
        value: What it is held at.
        tokens: The first and the last, counted from the beginning of the text.
        units: Whose signal it is: ranges, each its first and its last unit, in ascending order.
        layer: Of the units.
        direction: 0 forward, 1 backward.
    """

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    signal: Annotated[str, Field(max_length=_LONGEST_SIGNAL, pattern=r"^[\x00-\x7f]*$")]
    value: Annotated[int | float, Field(gt=-LARGEST, lt=LARGEST)]
    tokens: _Indices
    units: Annotated[list[_Indices], Field(min_length=1, max_length=MOST_RANGES), AfterValidator(_ascending)]
    layer: Annotated[int, Field(ge=0, lt=LARGEST)]
    direction: Annotated[int, Field(ge=0, le=1)]


def _holds(asked: object) -> tuple[Hold | SettingError, ...]:
    wanted = [] if asked is None else asked
    if not isinstance(wanted, list):
        return (SettingError("hold_form"),)
    if len(wanted) > MOST_HOLDS:
        return (SettingError("holds_many", found=len(wanted), most=MOST_HOLDS),)
    return tuple(_hold(one) for one in wanted)


def _hold(asked: object) -> Hold | SettingError:
    try:
        return Hold.model_validate(asked)
    except ValidationError:
        return SettingError("hold_form")


Holds = Annotated[
    tuple[Hold | SettingError, ...],
    PlainValidator(_holds, json_schema_input_type=Annotated[list[Hold], Field(max_length=MOST_HOLDS)] | None),
]
"""What is held while a text is read; in the place of a clamp that makes no sense stands the objection to it."""


class Request(BaseModel):
    """A question. A field without a default is what the page always sends; if it is missing, it counts as null."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
    _always: ClassVar[tuple[str, ...]] = ()
    _sometimes: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Sort the fields, once for all questions."""
        super().__pydantic_init_subclass__(**kwargs)
        cls._always = tuple(_named(cls, True))
        cls._sometimes = tuple(_named(cls, False))

    @model_validator(mode="before")
    @classmethod
    def _of_anything(cls, question: object) -> object:
        """The fields that were sent; of what is no dictionary, none."""
        sent: dict[str, Any] = question if isinstance(question, dict) else {}
        given = {name: sent.get(name) for name in cls._always}
        return given | {name: sent[name] for name in cls._sometimes if name in sent}


def _named(request: type[BaseModel], required: bool) -> Iterable[str]:
    return (name for name, field in request.model_fields.items() if field.is_required() is required)


class TextRequest(Request):
    """A text for a network to read."""

    model: Name
    text: Text


class ReadSentence(TextRequest):
    """Read a text.

    Attributes:
        start: A token of the window that is sent: of a long text, only a part is sent at once.
        holds: What is held meanwhile.
        padding: So many tokens of padding follow the text, at most 8, and are read; nothing is held then.
    """

    start: Annotated[int, PlainValidator(_start, json_schema_input_type=int)] = 0
    holds: Holds = ()
    padding: Annotated[int, PlainValidator(_padding, json_schema_input_type=int)] = 0


class OpenCell(TextRequest):
    """Show the sums behind one unit's gates at one word.

    Attributes:
        token, unit, layer: Which.
        direction: 0 forward, 1 backward.
        holds: What is held while the text is read.
    """

    token: Index
    unit: Index
    layer: Index
    direction: Index
    holds: Holds = ()


class SaveReading(TextRequest):
    """Make a file of a reading.

    Attributes:
        kind: Of the file.
        holds: What is held while the text is read.
        attribution: The class whose score is shared out among the words in the file too; of CSV and JSON, where nothing
            is held.
    """

    kind: Annotated[str | WrongType, PlainValidator(_name, json_schema_input_type=Literal["csv", "json", "npz"])]
    holds: Holds = ()
    attribution: ClassNumber = None


class Attribute(TextRequest):
    """Tell what each word gives to the score of a class.

    Attributes:
        label: The class; the answer where none is named.
    """

    label: ClassNumber = None


class AboutModel(Request):
    """Tell what is known of a network without running it."""

    model: Name


class Compare(TextRequest):
    """Read two texts, side by side."""

    other_model: Name
    other_text: Text


class Find(Request):
    """Tell where else in a corpus some units are on: beyond a threshold, as ``rnnviz.corpus`` has it.

    Attributes:
        units: Each with 1 where it is above the threshold, -1 where it is below its negative. Without any, only what
            there is to search is told.
        threshold: One of the corpus's own.
        length: Tokens of the stretch that is like those that are looked for.
        before, after: Whether a unit counts only where it is not on at the token before, and at the token after.
        every: Whether one text may be found several times.
        most: Hits that are sent, at most 50.
    """

    model: Name
    units: SignedUnits = ()
    threshold: Number = None
    length: Annotated[int, PlainValidator(_stretch, json_schema_input_type=int)] = 1
    before: Flag = False
    after: Flag = False
    every: Flag = False
    most: Annotated[int, PlainValidator(_hits, json_schema_input_type=int)] = 20


class Project(Request):
    """Show a plane through the states of a corpus, as ``rnnviz.corpus.projection`` has it, or send one of its texts.

    Attributes:
        answer: To which the first axis leads; the last one where there is no such answer.
        text: A text, which is all that is sent then.
        place: The token of it that has to be among those that are read.
    """

    model: Name
    answer: ClassNumber = None
    text: TextNumber = None
    place: Annotated[int, PlainValidator(_place, json_schema_input_type=int)] = 0


class Groups(Request):
    """Tell the groups of a network's units and of words, in the texts of an index."""

    model: Name


class Slices(Request):
    """Tell how often a network is right in slices of a corpus, as ``rnnviz.corpus.sliced`` has it.

    Attributes:
        conditions: Of one slice, whose texts are sent too. Without any, those slices are counted that say something of
            every corpus.
    """

    model: Name
    conditions: Annotated[str, PlainValidator(_conditions, json_schema_input_type=str)] = ""


class HowFarBack(Request):
    """Tell how far back three networks of equal size reach.

    Attributes:
        family: Name of the three.
        model: One of the three, which counts where there is no such family.
    """

    text: Text
    family: Choice = ""
    model: Choice = ""


class PaddingDrift(Request):
    """Tell what padding does to a text.

    Attributes:
        pad_to: Tokens that the text is filled up to.
    """

    text: Text
    pad_to: Annotated[int, PlainValidator(_length, json_schema_input_type=int)]


class TrainStart(Request):
    """Put a training in line.

    Attributes:
        task: What to learn, unless ``data`` is sent.
        data: The ticket of a visitor's file.
        cell: Of the network.
        units, learning_rate, length, seed: The page's own numbers where they are not sent.
        detach: The gradient is cut before every so many words; 0, as where it is not sent, for never.
        watch: The sentence to watch; one that fits where it has no words.
    """

    task: Choice = ""
    data: Choice = ""
    cell: Annotated[str, PlainValidator(_string, json_schema_input_type=Cell)]
    units: Number = None
    learning_rate: Number = None
    length: Number = None
    watch: Annotated[str, PlainValidator(_watched, json_schema_input_type=str | None)] = ""
    seed: Number = None
    detach: Number = None


class TrainPoll(Request):
    """Ask how a training stands.

    Attributes:
        since: The ``seq`` of the last answer that was drawn.
    """

    ticket: Ticket
    since: Counter = None


class TrainCancel(Request):
    """End a training."""

    ticket: Ticket


class EvaluateFile(Request):
    """Tell how often a network is right on the texts of a visitor's file.

    Attributes:
        data: The ticket of the file.
    """

    model: Name
    data: Ticket


class TrainReceive(Request):
    """Send a part of a visitor's file, or have the whole of it read again.

    Attributes:
        ticket: Null with the first part.
        part: Counted from 0.
        text: The bytes of the part in base64; left out where nothing more is sent.
        last: Whether the whole is to be read now.
        name: Of the file.
        text_column, label_column, format: What its columns mean, as far as a visitor said.
        header, delimiter, quotes, escape, skip_spaces, encoding, stray_bytes: How it is written: a value of the menu
            (``rnnviz.data.file_options``), or empty for what is found in the file.
    """

    ticket: Annotated[str | None, PlainValidator(_ticket_or_none, json_schema_input_type=str | None)] = None
    part: Counter = None
    text: Annotated[str | WrongType | None, PlainValidator(_base64, json_schema_input_type=str)] = None
    last: Flag = False
    name: ShortText = ""
    text_column: ShortText = ""
    label_column: ShortText = ""
    format: ShortText = ""
    header: ShortText = ""
    delimiter: ShortText = ""
    quotes: ShortText = ""
    escape: ShortText = ""
    skip_spaces: ShortText = ""
    encoding: ShortText = ""
    stray_bytes: ShortText = ""


class RoomOpen(Request):
    """Open a room in which a class answers a question."""


class RoomCounts(Request):
    """Ask how often each answer was given in a room.

    Attributes:
        key: Of the room.
        own_pass: What the browser got when it opened the room, or made when it answered.
    """

    key: Ticket
    own_pass: Ticket


class RoomAnswer(RoomCounts):
    """Answer the question of a room.

    Attributes:
        choice: A number, from 0 on, that means an answer to the page.
    """

    choice: Index


class Words(RootModel[Annotated[str, PlainValidator(_texts, json_schema_input_type=Texts)]]):
    """Send the sentences of the page, or of its lesson, in one of its languages; none for any other name."""

    model_config = ConfigDict(frozen=True)


class PackSentences(RootModel[Text]):
    """Lay out a batch of sentences, one a line."""

    model_config = ConfigDict(frozen=True)


class Standalone(RootModel[Annotated[None, PlainValidator(_no_matter, json_schema_input_type=None)]]):
    """Send the file that holds one reading and needs no server, without the reading. Whatever is sent says nothing."""

    model_config = ConfigDict(frozen=True)
