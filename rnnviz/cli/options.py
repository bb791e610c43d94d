"""Options that several commands share, and the recipe's fields as options."""

import glob
import inspect
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, get_args, no_type_check

import typer

from rnnviz.checkpoint import shipped
from rnnviz.data.file_options import CHOICES, TYPES, checked
from rnnviz.data.formats import FORMATS, DataFormat, named_format
from rnnviz.errors import RnnvizError, TextError
from rnnviz.training.recipe import Recipe


def known_checkpoints(incomplete: str) -> list[tuple[str, str]]:
    """What a shell may complete to a checkpoint: the shipped networks with their titles, and folders."""
    try:
        networks = [(network.name, network.title) for network in shipped.networks()]
    except RnnvizError:
        networks = []
    folders = [(path, "") for path in sorted(glob.glob(f"{glob.escape(incomplete)}*/"))]  # noqa: PTH207  as typed
    return [(name, title) for name, title in networks if name.startswith(incomplete)] + folders


@no_type_check  # outside of a command, Typer hands on the class that its Context is made from
def _from_stdin(context: typer.Context, text: str) -> str:
    """The text itself, or, for "-", all that comes from standard input; never while a shell completes the line."""
    if text != "-" or context.resilient_parsing:
        return text
    data = sys.stdin.buffer.read() if sys.stdin else b""
    try:
        return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise TextError("stdin_encoding", byte=data[error.start], place=error.start + 1) from None


CheckpointName = Annotated[
    str,
    typer.Argument(
        help="A folder, or a network that `rnnviz networks` lists.",
        metavar="CHECKPOINT",
        autocompletion=known_checkpoints,
    ),
]
Sentence = Annotated[
    str,
    typer.Argument(
        help="The sentence, in quotation marks, or - to read one from standard input.",
        metavar="TEXT",
        callback=_from_stdin,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the finished network that is in --out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FormatName = Annotated[
    str | None,
    typer.Option("--format", help=f"A known data set: {', '.join(FORMATS)}. Else its header decides.", metavar="NAME"),
]
TextColumns = Annotated[
    list[str] | None,
    typer.Option("--text-column", help="Column of the text, by its name or its number from 1; repeat to join."),
]
LabelColumn = Annotated[str | None, typer.Option(help="Column of the label, by its name or its number from 1.")]


def with_recipe(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each field of Recipe, gathered into its argument ``recipe``."""
    options = [
        _option(name, field.annotation, field.default, help=field.description, panel="Recipe")
        for name, field in Recipe.model_fields.items()
    ]
    return _gathered(command, "recipe", options, Recipe)


def with_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each way in which a file may be written, gathered into ``file_options``."""
    options = [
        _option(name, TYPES[name], None, help=f"{choice.help} Else found in the file.", panel="How the file is written")
        for name, choice in CHOICES.items()
    ]
    return _gathered(command, "file_options", options, checked)


def _option(name: str, annotation: Any, default: object, *, help: str | None, panel: str) -> inspect.Parameter:
    declared = f"{as_option([name])}/{as_option([f'no_{name}'])}" if bool in get_args(annotation) else as_option([name])
    option = typer.Option(declared, help=help, rich_help_panel=panel)
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=Annotated[annotation, option])


def _gathered(
    command: Callable[..., None], argument: str, options: list[inspect.Parameter], gather: Callable[..., Any]
) -> Callable[..., None]:
    """The command with these options instead of an argument, which is what ``gather`` makes of them."""
    own = [entry for name, entry in inspect.signature(command).parameters.items() if name != argument]

    def run(**given: Any) -> None:
        command(**{argument: gather(**{option.name: given.pop(option.name) for option in options})}, **given)

    run.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def as_option(fields: Sequence[object]) -> str:
    """A field's name as it is typed on the command line."""
    return f"--{'.'.join(str(field) for field in fields).replace('_', '-')}"


def format_of(name: str | None, text_columns: list[str] | None, label_column: str | None) -> DataFormat | None:
    """What the options say; None if they say nothing, so that the file itself may."""
    if not (name or text_columns or label_column):
        return None
    return overridden(named_format(name) if name else DataFormat(), text_columns, label_column)


def overridden(known: DataFormat, text_columns: list[str] | None, label_column: str | None) -> DataFormat:
    """A format with what the options say instead of what it said."""
    given = {"text_columns": tuple(text_columns or ()), "label_column": label_column}
    return known.model_copy(update={name: value for name, value in given.items() if value})


def whole(trained: DataFormat) -> DataFormat:
    """How to read more files of a training set's kind: all rows, also those that training left out."""
    return trained.model_copy(update={"skip_column": None})


def command_line(left_out: Sequence[str] = (), private: Mapping[str, int] | None = None) -> str:
    """The command as it was typed, for a model card; bytes that are no UTF-8 as escapes.

    Args:
        left_out: Options that take no value and are not told.
        private: Options that are not told, and how many values each takes, which are not told either.
    """
    words, told = iter(sys.argv[1:]), ["rnnviz"]
    for word in words:
        option, joined, _ = word.partition("=")
        if private and option in private:
            list(islice(words, private[option] - bool(joined)))  # after --option= stands the first value
        elif word not in left_out:
            told.append(word)
    whole = shlex.join(told)
    return whole.encode("utf-8", "backslashreplace").decode()
