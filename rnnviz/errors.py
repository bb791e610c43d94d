"""Every objection rnnviz raises, and the English text of each: written once, here.

An error has a ``key`` and ``values``, so that a page can say it in another language; ``str(error)`` is the
English sentence. One line says what happened, with numbers; the next says what to do. The reader's own text
never stands in a message.

    RnnvizError
    ├── SelectionError    a name that is not there (also a LookupError)
    ├── TextError         a text that cannot be read (also a ValueError)
    ├── LengthError       lengths that no batch can have (also a ValueError)
    ├── DataError         a data set that cannot be used (also a ValueError)
    ├── CheckpointError   a checkpoint that cannot be trusted (also a ValueError)
    ├── CaptureError      a module that cannot be instrumented (also a TypeError)
    ├── SettingError      an environment variable that means nothing (also a ValueError)
    └── TrainingError     a training that cannot start or go on (also a RuntimeError)
"""

from collections.abc import Iterable
from difflib import get_close_matches

MESSAGES = {
    # SelectionError
    "unknown_name": "There is no {kind} {given!r}; choose one of {choices}.{hint}",
    "layer_range": "There is no layer {given}: this network has {layers}.\nCount from 0, or from the top with -1.",
    # TextError
    "text_type": "A text must be a string, not {type}.\nPass one string.",
    "texts_type": "read_many takes a list of texts, not one text.\nPass [text], or call read.",
    "text_empty": "Type a sentence to see the network read it.",
    "text_long": "This text has {length:,} tokens; at most {limit:,} are read at once.\nRead it in parts.",
    "pad_short": "The text has {length} tokens, so it cannot be padded to {pad_to}.\nChoose at least {length}.",
    # LengthError
    "lengths": "Lengths must be whole numbers of at least 1; found {found}.\nGive one length for each text.",
    "batch_lengths": (
        "This layout is of {wanted}; the batch has {found}.\nMake a layout of its lengths with packed_layout."
    ),
    "packed_places": (
        "This layout has {wanted:,} packed places; the data has {found:,}.\nPass what was packed with it."
    ),
    # DataError
    "data_missing": "There is no data file {path}.\nPass a .csv, .tsv or .csv.gz file.",
    "data_damaged": "{path} cannot be read: {problem}.\nFetch the file again.",
    "data_empty": "{path} holds no rows{detail}.\nIt needs a header line and at least two classes.",
    "data_encoding": (
        "{path} is not {tried}: line {line}, byte {byte:#04x}.\nIt looks like {likely}; pass --encoding {likely}."
    ),
    "data_codec": "There is no encoding {given!r}.\nCommon ones are utf-8, utf-16, cp1252 and latin-1.",
    "data_delimiter": (
        "A delimiter is one character, such as ',' or ';'; found {given!r}.\n"
        "For tabs pass --delimiter '\\t', or name the file .tsv."
    ),
    "data_ragged": (
        "{path}, line {line}: {found} fields where the header has {wanted}. It begins {start!r}.\n"
        "Quote fields that contain the delimiter {delimiter!r}, or pass another --delimiter."
    ),
    "data_quote": "{path}, line {line}: {problem}.\nClose the quotation mark, or double the quotes inside a field.",
    "data_column": "{path} has no column {given!r}; its header has {columns}.\n{advice}",
    "data_repeated": "{path} names the column {name!r} twice in its header.\nRename one of them.",
    "data_label": (
        "{path}, line {line}: label {given!r} is not one of {choices}.\n"
        "Mend the row, or name the right column with --label-column."
    ),
    "data_no_label": "{path}, line {line}: the label is empty.\nFill it in, or delete the row.",
    "data_one_class": "{path} has one class, {name!r}: there is nothing to tell apart.\nAdd rows of another class.",
    "data_rare_class": "{path}: class {name!r} has one row.\nGive each class at least two rows, or leave it out.",
    "data_many_classes": (
        "{path}: column {column!r} has {classes:,} different values in {rows:,} rows, so it is hardly a label.\n"
        "Name the right column with --label-column."
    ),
    "data_large": "{path} unpacks to more than {limit:,} bytes.\nSplit it.",
    "data_hub": "{name} could not be read from the Hugging Face Hub: {problem}.\nCheck its name and split.",
    "data_hub_extra": "Reading from the Hugging Face Hub needs the package 'datasets'.\nRun: pip install 'rnnviz[hub]'",
    "vectors_file": "{path} cannot be read as word vectors: {problem}.\nPass GloVe or word2vec text, or a .npy file.",
    "vectors_vocabulary": (
        "{path} has {vectors:,} vectors but {vocabulary} lists {words:,} words.\nPut the matching vocab.txt beside it."
    ),
    "vectors_width": "The vectors have {found} dimensions but embedding_size is {wanted}.\nSet embedding_size={found}.",
    "trace_file": "{path} is no trace that rnnviz saved: {problem}.",
    "classes_differ": (
        "This data set has the classes {found}, but the classifier answers {wanted}.\n"
        "Read the file with the classifier's own format, `checkpoint.config.data`."
    ),
    "held_out": "Holding out {rows:,} of {texts:,} texts leaves none to learn from.\nPass a smaller --dev-rows.",
    "task_setting": "{task}: {setting} must be {rule}; found {found}.",
    # CheckpointError
    "checkpoint_missing": "There is no checkpoint in {path}: {name} is missing.\nPass a folder such as {example}.",
    "checkpoint_lfs": "{path} is a Git LFS pointer, not the file itself.\nRun `git lfs pull`.",
    "checkpoint_large": (
        "{path} has {found:,} bytes; at most {limit:,} are read.\nIt is damaged, or not made by rnnviz."
    ),
    "checkpoint_damaged": "{path} is damaged: wanted {wanted}, found {found}.\nFetch the file again.",
    "checkpoint_header": "{path} has a header that rnnviz does not accept: {problem}.\nPut the original file back.",
    "checkpoint_config": "{path}: {problem}.\nPut the original file back.",
    "checkpoint_weights": (
        "{path}: the weights do not fit the settings. {problem}.\nTake all files from the same checkpoint."
    ),
    "checkpoint_nonfinite": (
        "{path}: {count:,} of {total:,} numbers in {name!r} are not finite, so it was not loaded.\n"
        "Train again with a lower learning rate."
    ),
    "checkpoint_unsaved": (
        "{path} was not written: {count:,} of {total:,} numbers in {name!r} are not finite in float16.\n"
        "Train again with a lower learning rate."
    ),
    "checkpoint_vocabulary": (
        "{path}: the vocabulary has {found:,} entries but the embedding has {wanted:,} rows.\n"
        "Weights and vocabulary do not belong together."
    ),
    "checkpoint_probe": (
        "This checkpoint does not reproduce its own test sentence (expected {expected:+.2f}, got {found:+.2f}): "
        "weights, vocabulary and settings do not belong together."
    ),
    "checkpoint_busy": "{path} holds something that is no checkpoint, so nothing was written.\nChoose another folder.",
    # CaptureError
    "capture_module": "capture reads nn.RNN, nn.GRU and nn.LSTM; this is {type}.",
    "capture_option": "capture does not support {option}.",
    "capture_shape": "The inputs have shape {found}; this module reads {wanted}.",
    "capture_state": "The initial state is {found}; for these inputs the module starts from {wanted}.",
    # SettingError
    "port": "{found!r} is no port.\nSet PORT to a number from 1 to 65535.",
    # TrainingError
    "recipe": "{problem}.",
    "training_nan": (
        "The loss stopped being a number in epoch {epoch}, step {step}.\n"
        "A finished epoch is kept. Try a learning rate below {rate:g}, for example {advice:g}."
    ),
    "start_shape": "{start} has another shape than the recipe, so training cannot go on from it.\nUse its settings.",
    "device": "There is no CUDA device here.\nUse --device cpu or --device auto.",
}


class RnnvizError(Exception):
    """An objection in the reader's words.

    Attributes:
        key: Which sentence of ``MESSAGES`` it is.
        values: What fills the sentence.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(MESSAGES[key].format(**values))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.key, self.values)


class SelectionError(RnnvizError, LookupError):
    """A signal, layer, class or model that is not there."""


class TextError(RnnvizError, ValueError):
    """A text that cannot be read."""


class LengthError(RnnvizError, ValueError):
    """Lengths that no batch can have, or that are not those of a layout."""


class DataError(RnnvizError, ValueError):
    """A data set that cannot be used as it is."""


class CheckpointError(RnnvizError, ValueError):
    """A checkpoint that cannot be trusted, and why."""


class CaptureError(RnnvizError, TypeError):
    """A module or an input that cannot be instrumented."""


class SettingError(RnnvizError, ValueError):
    """An environment variable that means nothing."""


class TrainingError(RnnvizError, RuntimeError):
    """A training that cannot start or go on."""


def unknown(kind: str, given: object, choices: Iterable[object]) -> SelectionError:
    """Say what was asked for, what there is, and the nearest thing to it."""
    names = [str(choice) for choice in choices]
    near = get_close_matches(str(given), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return SelectionError("unknown_name", kind=kind, given=given, choices=", ".join(names), hint=hint)


def _rebuild(kind: type[RnnvizError], key: str, values: dict[str, object]) -> RnnvizError:
    return kind(key, **values)
