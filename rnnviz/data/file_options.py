"""How a file of texts may be written: the one list of choices, for Python, the command line and the page.

Left out: reading (``rnnviz.data.csv_files``), what the columns mean (``rnnviz.data.formats``).
"""

from typing import Annotated, Any, Literal, NamedTuple, TypedDict, Unpack, get_args, get_type_hints

from rnnviz.errors import DataError

StrayBytes = Literal["cp1252", "replace"]


class Choice(NamedTuple):
    """What is said of one option, and what a menu offers beside finding it in the file.

    Attributes:
        help: One sentence.
        menu: Values, as a menu sends them; "yes" and "no" of a switch.
    """

    help: str
    menu: tuple[str, ...]


_SWITCH = ("yes", "no")


class FileOptions(TypedDict, total=False):
    r"""How a file is written, as far as somebody says. What is left out, or None, is found in the file.

    Example:
        >>> from pathlib import Path
        >>> _ = Path("sms.txt").write_text("ham;Hi, there\nspam;Win\nham;Bye\nspam;Call\n")
        >>> columns = rnnviz.formats.DataFormat(text_columns=("2",), label_column="1")
        >>> rnnviz.datasets.load("sms.txt", columns, header=False, delimiter=";").texts[0]
        'Hi, there'
    """

    header: Annotated[
        bool | None, Choice("Whether the first line names the columns; else they are numbered from 1.", _SWITCH)
    ]
    delimiter: Annotated[str | None, Choice("Between fields: one character, or \\t for a tab.", (",", ";", "\t", "|"))]
    quotes: Annotated[
        bool | None, Choice("Whether quotation marks hold a field together, or are ordinary characters.", _SWITCH)
    ]
    escape: Annotated[str | None, Choice("What makes the next character ordinary, such as a backslash.", ("\\",))]
    skip_spaces: Annotated[bool | None, Choice("Whether spaces after a delimiter are passed over.", _SWITCH)]
    encoding: Annotated[
        str | None,
        Choice(
            "Of the file, if it is not UTF-8 or UTF-16.",
            (
                *("utf-8", "cp1252", "latin-1", "cp1250", "cp1251", "cp1253", "iso8859-7", "koi8-r"),
                *("gb18030", "big5", "shift-jis", "euc-kr", "utf-16"),
            ),
        ),
    ]
    stray_bytes: Annotated[
        StrayBytes | None,
        Choice(
            "Read the few bytes that do not fit the encoding as cp1252, or replace each with �; all else stays.",
            get_args(StrayBytes),
        ),
    ]


_HINTS = get_type_hints(FileOptions, include_extras=True)
TYPES: dict[str, Any] = {name: get_args(hint)[0] for name, hint in _HINTS.items()}
"""The type of each option."""
CHOICES: dict[str, Choice] = {name: hint.__metadata__[0] for name, hint in _HINTS.items()}
"""What is said of each option."""


def is_switch(name: str) -> bool:
    """Whether an option is yes or no."""
    return bool in get_args(TYPES[name])


def from_menus(chosen: dict[str, str]) -> FileOptions:
    """What menus send: texts, empty for what is to be found in the file.

    Example:
        >>> from rnnviz.data.file_options import from_menus
        >>> from_menus({"header": "no", "delimiter": ";", "encoding": ""})
        {'header': False, 'delimiter': ';'}
    """
    said: dict[str, Any] = {
        name: chosen[name] == "yes" if is_switch(name) else chosen[name] for name in CHOICES if chosen.get(name)
    }
    return checked(**said)


def to_menus(options: FileOptions) -> dict[str, str]:
    """The same the other way: what menus would send."""
    switch = {True: "yes", False: "no"}
    return {
        name: switch[value] if isinstance(value, bool) else str(value)
        for name, value in options.items()
        if value is not None
    }


def command_line(options: FileOptions) -> str:
    r"""Options as they are typed on the command line.

    Example:
        >>> from rnnviz.data.file_options import command_line
        >>> print(command_line({"header": False, "delimiter": "\t"}))
        --no-header --delimiter '\t'
    """
    return " ".join(
        f"--{'' if value else 'no-'}{name.replace('_', '-')}"
        if isinstance(value, bool)
        else f"--{name.replace('_', '-')} {str(value)!r}".replace("'\\\\'", "'\\'")
        for name, value in options.items()
    )


def checked(**options: Unpack[FileOptions]) -> FileOptions:
    """The options that were said, each of which makes sense.

    Raises:
        DataError: One does not.
    """
    said: FileOptions = {name: value for name, value in options.items() if value is not None}  # type: ignore[assignment]
    unknown = said.keys() - CHOICES.keys()
    if unknown:
        raise TypeError(f"a file has no option {min(unknown)!r}; there are {', '.join(CHOICES)}")
    if "delimiter" in said:
        said["delimiter"] = _character(given := said["delimiter"])
        if said["delimiter"] is None:
            raise DataError("data_delimiter", given=given)
    if "escape" in said:
        said["escape"] = _character(given := said["escape"])
        if said["escape"] is None:
            raise DataError("data_escape", given=given)
    stray = said.get("stray_bytes")
    if stray is not None and stray not in get_args(StrayBytes):
        raise DataError("data_stray_choice", given=str(stray)[:40])
    return said


def _character(given: object) -> str | None:
    """One character that can stand for itself; None where something else was given."""
    character = "\t" if given == "\\t" else given  # a shell passes '\t' as two characters
    usable = isinstance(character, str) and len(character) == 1 and character not in '"\r\n'
    return str(character) if usable else None
