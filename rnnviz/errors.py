"""Every objection rnnviz raises: its few kinds, which builtin each also is, and its English text (``MESSAGES``, below).

An error has a ``key`` and ``values``, so that a page can say it in another language; ``str(error)`` is the
English sentence.

    RnnvizError
    ├── SelectionError    a name that is not there (also a LookupError)
    ├── TextError         a text that cannot be read (also a ValueError)
    ├── LengthError       lengths that no batch can have (also a ValueError)
    ├── DataError         a data set that cannot be used (also a ValueError)
    ├── DataWarning       what to know of a data set that can be used (also a UserWarning)
    ├── CheckpointError   a checkpoint that cannot be trusted (also a ValueError)
    ├── IndexFileError    an index of a corpus that cannot be trusted, or written (also a ValueError)
    ├── CaptureError      a module that cannot be instrumented (also a TypeError)
    ├── MemoryLimitError  more than fits into memory (also a MemoryError)
    ├── SettingError      a setting that means nothing (also a ValueError)
    ├── StorageError      a place that cannot be written (also an OSError)
    └── TrainingError     a training that cannot start or go on (also a RuntimeError)
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RnnvizError(Exception):
    """An objection in the reader's words.

    Attributes:
        key: Which sentence of ``MESSAGES`` it is.
        values: What fills the sentence.

    Example:
        >>> try:
        ...     rnnviz.load("sst2-lstmm")
        ... except rnnviz.RnnvizError as error:
        ...     print(error.key, "|", error.values["hint"])
        checkpoint_unknown |  Did you mean 'sst2-lstm'?
        >>> issubclass(rnnviz.errors.TextError, ValueError)
        True
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(MESSAGES[key].format(**values))

    def __reduce__(self) -> tuple[object, ...]:
        return rebuilt, (type(self), self.key, self.values)


class SelectionError(RnnvizError, LookupError):
    """A signal, layer, class or model that is not there."""


class TextError(RnnvizError, ValueError):
    """A text that cannot be read."""


class LengthError(RnnvizError, ValueError):
    """Lengths that no batch can have, or that are not those of a layout."""


class DataError(RnnvizError, ValueError):
    """A data set that cannot be used as it is."""


class DataWarning(RnnvizError, UserWarning):  # noqa: N818 - it is told, not raised
    r"""What somebody ought to be told of a data set that can be used. It is told, not raised.

    Example:
        >>> import warnings
        >>> from pathlib import Path
        >>> _ = Path("reviews.csv").write_text("text;label\nnot bad;yes\nawful;no\nfine;yes\ndull;no\n")
        >>> with warnings.catch_warnings(record=True) as told:
        ...     reviews = rnnviz.datasets.load("reviews.csv")
        >>> print(told[0].message)
        reviews.csv is read with --delimiter ';', the only way in which its rows fit.
        Pass other options if that is wrong.
    """


class CheckpointError(RnnvizError, ValueError):
    """A checkpoint that cannot be trusted, and why."""


class IndexFileError(RnnvizError, ValueError):
    """An index of a corpus that cannot be trusted, is another network's, or cannot be written; and why."""


class CaptureError(RnnvizError, TypeError):
    """A module or an input that cannot be instrumented."""


class MemoryLimitError(RnnvizError, MemoryError):
    """More than fits into memory, said before any of it is taken."""


RoomError = MemoryLimitError
"""Its name in version 0.1.0."""


class SettingError(RnnvizError, ValueError):
    """A setting, or an environment variable, that means nothing."""


class StorageError(RnnvizError, OSError):
    """A file or folder that could not be written. What was there before still is.

    Its ``errno`` is the number that the system gave.
    """

    def __str__(self) -> str:
        return str(self.args[0])


class TrainingError(RnnvizError, RuntimeError):
    """A training that cannot start or go on."""


def unknown(kind: str, given: object, choices: Iterable[object]) -> SelectionError:
    """Say what was asked for, what there is, and the nearest thing to it.

    Example:
        >>> from rnnviz.errors import unknown
        >>> print(unknown("cell", "LSTN", ["gru", "lstm"]))
        There is no cell 'LSTN'; choose one of gru, lstm. Did you mean 'lstm'?
    """
    names = [str(choice) for choice in choices]
    hint = nearest(given, names) if isinstance(given, str) else ""  # numbers that are written alike need not be near
    return SelectionError("unknown_name", kind=kind, given=given, choices=", ".join(names), hint=hint)


def nearest(given: object, choices: Iterable[str]) -> str:
    """A question that names the choice nearest to what was given, whatever its case; nothing if none is near.

    Example:
        >>> from rnnviz.errors import nearest
        >>> nearest("LSTN", ["gru", "lstm"])
        " Did you mean 'lstm'?"
    """
    names = {choice.lower(): choice for choice in choices}
    near = get_close_matches(str(given).lower(), names, n=1)
    return f" Did you mean {names[near[0]]!r}?" if near else ""


def rebuilt(kind: type[RnnvizError], key: str, values: dict[str, object]) -> RnnvizError:
    """The objection that another process made.

    Raises:
        KeyError, TypeError: No sentence has that key, or needs these values.
    """
    return kind(key, **values)


MESSAGES = {
    # SelectionError
    "unknown_name": "There is no {kind} {given!r}; choose one of {choices}.{hint}",
    "layer_range": "There is no layer {given}: this network has {layers}.\nCount from 0, or from the top with -1.",
    "unit_range": "There is no unit {given}: this network has {units} units.\nCount from 0, or from the end with -1.",
    "token_range": "There is no token {given}: this text has {tokens} tokens.\nCount from 0, or from the end with -1.",
    "plain_rnn": "A plain RNN rewrites its whole state at every token, so it has no {what}.\nTake a GRU or an LSTM.",
    "memory_held": "The {signal} signal was held, so no token wrote what is in it.\nHold gates or candidates instead.",
    "ledger_large": (
        "The account of {tokens:,} tokens in {units:,} units has {numbers:,} numbers; at most {limit:,} are made.\n"
        "Select fewer units, at most {most:,}: ledger(trace, units=unit_order(trace)[:{most}])."
    ),
    "negation_labels": (
        "Negation is measured where the answers are negative and positive; this classifier answers {found}.\n"
        "Take a sentiment classifier, such as {example}; of your own, name the classes so in its training file."
    ),
    "compare": "These {what} do not correspond: {one}; and {other}.\nCompare two readings by one network.",
    "reach_words": (
        "These gradients are not of the same words: the texts have {tokens} tokens.\n"
        "Pass what saliency says of one text, for one network or several."
    ),
    "padding_pair": (
        "These are not two readings of one text, of {padded:,} and {packed:,} tokens.\n"
        "Pass read(checkpoint, text, pad_to=n) and read(checkpoint, text)."
    ),
    "token_stretch": (
        "There are no tokens from {start} to before {stop}: this text has {tokens}.\n"
        "Count from 0, and end no sooner than you begin."
    ),
    "index_text": "There is no text {given}: this index has {texts:,}.\nCount from 0, or from the end with -1.",
    "api_index": (
        "This server has no indexed texts of {network}; it has some of {found}.\n"
        "Index texts with `rnnviz index`, and pass the folder to `rnnviz serve --index`."
    ),
    "opened_place": "There is no {kind} {given} here; there are {count:,}, counted from 0.\nChoose one of them.",
    "clamp_place": (
        "A clamp is on the {kind}s {given}; this reading has {count:,} {kind}s.\n"
        "Choose at least one, counted from 0, or from the end with -1."
    ),
    # TextError
    "text_type": "A text must be a string, not {type}.\nPass one string.",
    "texts_type": "read_many takes a list of texts, not one text.\nPass [text], or call read.",
    "texts_one": "texts[{index}] cannot be read: {problem}.\nLeave it out, or put a text in its place.",
    "text_empty": "Type a sentence to see the network read it.",
    "api_text": "This text has no tokens, so there is nothing to read.\nSend at least one word.",
    "stdin_encoding": (
        "What comes from standard input is not UTF-8: byte {byte:#04x} at place {place:,}.\n"
        "Turn it into UTF-8 first, for example with iconv."
    ),
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
    "data_missing": "There is no data file {path}.\nPass a file of texts, such as a .csv or .tsv file.",
    "data_damaged": "{path} cannot be read: {problem}.\nFetch the file again.",
    "data_empty": "{path} holds no rows{detail}.\nIt needs a header line and at least two classes.",
    "data_empty_text": "{path} holds no text.\nPass a file with something to read in it.",
    "next_many": (
        "{path} has {found:,} different tokens; a network tells at most {most:,} apart.\n"
        "Pass --vocabulary-size {most} or a larger --min-freq, or choose --tokens letters."
    ),
    "data_short": (
        "{path} has {tokens:,} tokens; at least {least:,} are needed to learn what comes next.\n"
        "Pass a longer text, or choose fewer --streams and a smaller --detach."
    ),
    "data_encoding": (
        "{path} is not {tried}: line {line}, byte {byte:#04x}.\nIt looks like {likely}; pass --encoding {likely}."
    ),
    "data_stray": (
        "{path} is not all {tried}: {bytes:,} bytes in {lines:,} of its {all:,} lines are not; "
        "the first is byte {byte:#04x} in line {line}.\n"
        "Pass --stray-bytes cp1252 to read these few as Windows writes them, or --stray-bytes replace to put � there; "
        "all else stays as it is."
    ),
    "data_stray_choice": "Stray bytes can be read as cp1252, or replaced; found {given!r}.\nPass cp1252 or replace.",
    "data_zeros": (
        "{path} is no text, or of another encoding: it is full of zeros.\n"
        "Pass the --encoding that it has, or save it as CSV in UTF-8."
    ),
    "data_kind": "{path} is {kind}.\n{advice}",
    "data_reader": (
        "{path} is {kind}, which takes the package {package} to read.\n"
        "Run: pip install {package}. Or save it as CSV in UTF-8, and pass that."
    ),
    "data_json": "{path}, line {line}: {problem}.\nGive one object of names and values for each text, one a line.",
    "data_nested": (
        "{path}, line {line}: the column {column!r} holds a list or an object.\n"
        "Name a column of texts and one of labels with --text-column and --label-column."
    ),
    "data_cells": (
        "{path} reaches over {columns:,} columns and {rows:,} rows.\nSave what is needed of it as CSV in UTF-8."
    ),
    "data_codec": "There is no encoding {given!r}.\nCommon ones are utf-8, utf-16, cp1252 and latin-1.",
    "data_delimiter": (
        "A delimiter is one character, such as ',' or ';'; found {given!r}.\n"
        "For tabs pass --delimiter '\\t', or name the file .tsv."
    ),
    "data_escape": "An escape is one character, such as '\\'; found {given!r}.\nPass one, or leave it out.",
    "data_ragged": (
        "{path}, line {line}: {found} fields where the header has {wanted}. It begins {start!r}.\n"
        "Quote fields that contain the delimiter {delimiter!r}, or pass another --delimiter."
    ),
    "data_quote": (
        "{path}, line {line}: {problem}.\nClose the quotation mark, or double the quotes inside a field; "
        "if the file does not quote so, pass {option}."
    ),
    "data_swallowed": (
        "{path}, line {line}: a quotation mark that opens here closes {rows:,} lines later, and these look like rows.\n"
        "Pass --no-quotes if quotation marks are ordinary characters, or --quotes if this is one text."
    ),
    "data_found": (
        "{path} is read with {options}, the only way in which its rows fit.\nPass other options if that is wrong."
    ),
    "data_unnamed": (
        "In {path}, {rows:,} rows hold something behind the last named column, which is not read.\n"
        "Give that column a name, or correct these rows, if it belongs to the texts."
    ),
    "data_other_classes": (
        "Of {path}, {rows:,} rows were left out, whose classes are none of those that are wanted: {found}.\n"
        "Read the file with another --format if they belong to it."
    ),
    "data_unsplit": (
        "{percent} % of the texts in {path} have no spaces between words, so each is read as one or a few tokens.\n"
        "Put spaces between the words, or between the letters, before training."
    ),
    "data_unknown": (
        "The vocabulary has {known:.0%} of the words in these texts; all others are read as one unknown word.\n"
        "Lower --min-freq or raise --vocabulary-size, and look whether the texts have spaces between words."
    ),
    "data_vectors": (
        "The word vectors know {known:.0%} of the words in these texts.\n"
        "Pass vectors of the texts' own language, whose words are in lower case."
    ),
    "data_start": (
        "The network to go on from knows {known:.0%} of the words in these texts.\n"
        "Go on from a network of the texts' own language, or leave out --start."
    ),
    "data_no_header": (
        "{path} seems to have no header line: its first line holds no names of columns.\nPass {options}.{hint}"
    ),
    "data_column": "{path} has no column {given!r}; its header has {columns}.\n{advice}",
    "data_repeated": (
        "{path} names the column {name!r} twice in its header.\nRename one of them, or name another column."
    ),
    "data_label": (
        "{path}, line {line}: label {given!r} is not one of {choices}.\n"
        "Correct the row, or name the right column with --label-column."
    ),
    "data_no_label": "{path}, line {line}: the label is empty.\nFill it in, or delete the row.",
    "unlabelled_alone": "Unlabelled texts need somebody who says what they are.\nName a teacher, or leave them out.",
    "data_one_class": "{path} has one class, {name!r}: there is nothing to tell apart.\nAdd rows of another class.",
    "data_rare_class": "{path}: class {name!r} has one row.\nGive each class at least two rows, or leave it out.",
    "data_many_classes": (
        "{path}: column {column!r} has {classes:,} different values in {rows:,} rows, so it is hardly a label.\n"
        "Name the right column with --label-column."
    ),
    "data_rows": "{path} has more than {limit:,} rows.\nSplit it.",
    "data_large": "{path} unpacks to more than {limit:,} bytes.\nSplit it.",
    "upload_off": "Files of your own are not read on this server.\nRun rnnviz on your own machine: `rnnviz serve`.",
    "upload_lost": "The file did not arrive whole, or the server no longer has it.\nChoose it again.",
    "data_hub": "{name} could not be read from the Hugging Face Hub: {problem}.\nCheck its name and split.",
    "data_hub_extra": "Reading from the Hugging Face Hub needs the package 'datasets'.\nRun: pip install 'rnnviz[hub]'",
    "vectors_file": "{path} cannot be read as word vectors: {problem}.\nPass GloVe or word2vec text, or a .npy file.",
    "vectors_vocabulary": (
        "{path} has {vectors:,} vectors but {vocabulary} lists {words:,} words.\nPut the matching vocab.txt beside it."
    ),
    "vectors_width": "The vectors have {found} dimensions but embedding_size is {wanted}.\nSet embedding_size={found}.",
    "trace_file": "{path} is no trace that rnnviz saved: {problem}.\nSave the reading again with Trace.save.",
    "trace_unsaved": (
        "This reading was not written, since it could not be read back: {problem}.\nSave it as rnnviz.read returned it."
    ),
    "classes_unmatched": (
        "No label of the file ({found}) is a class of this network, which answers {wanted}.\n"
        "Name the labels as the network does, or number them from 0."
    ),
    "classes_differ": (
        "This data set has the classes {found}, but the classifier answers {wanted}.\n"
        "Read the file with the classifier's own format, `checkpoint.config.data`."
    ),
    "classes_joined": (
        "A further data set has the classes {found}; the first one has {wanted}.\n"
        "Add only data sets with the same classes."
    ),
    "held_out": "Holding out {rows:,} of {texts:,} texts leaves none to learn from.\nPass a smaller --dev-rows.",
    "task_setting": "{task}: {setting} must be at least {least}; found {found}.",
    # CheckpointError
    "checkpoint_missing": "There is no checkpoint in {path}: {name} is missing.\nPass a folder such as {example}.",
    "checkpoint_unknown": (
        "There is no checkpoint in {path}: there is no such folder, and no network of that name comes with rnnviz."
        "{hint}\nPass a folder such as runs/reviews, or one of these names: {choices}."
    ),
    "shipped_missing": (
        "The networks that come with rnnviz are not there: {path} is missing.\n"
        "Install rnnviz again, or pass the folder of a checkpoint."
    ),
    "checkpoint_saving": "{path} is being saved again and again.\nTry again when that is over.",
    "checkpoint_unread": "{path} cannot be read: {problem}.\nGive yourself permission to read it, or put a copy there.",
    "checkpoints_unread": (
        "None of the networks in {path} can be read: {names}.\nRun `rnnviz doctor` on the folder to see why."
    ),
    "site_unknown": "There is no network {name!r} here; choose from {names}.",
    "site_unfit": (
        "{name} cannot be sent to browsers: it has more than {limit:,} bytes, its files are not its own, or its name "
        "has other characters than letters, digits, '.', '_' and '-'.\nLeave it out."
    ),
    "site_none": (
        "No network in {path} can be sent to browsers: each has more than {limit:,} bytes, or cannot be read.\n"
        "Pass a folder with a smaller one."
    ),
    "site_other": "{path} holds something else than a site of rnnviz, so it stays as it is.\nChoose another place.",
    "checkpoint_lfs": "{path} is a Git LFS pointer, not the file itself.\nRun `git lfs pull`.",
    "checkpoint_large": (
        "{path} has {found:,} bytes; at most {limit:,} are read.\nIt is damaged, or not made by rnnviz."
    ),
    "checkpoint_damaged": "{path} is damaged: wanted {wanted}, found {found}.\nFetch the file again.",
    "checkpoint_line_ends": (
        "{path} has other line ends than it was saved with: Git turned them into those of Windows (CRLF).\n"
        "Run `git config core.autocrlf false`, delete {folder}, and run `git checkout -- {folder}`."
    ),
    "checkpoint_sums": (
        "{path} is not the file that SHA256SUMS lists: wanted SHA-256 {wanted}…, found {found}….\n"
        "Fetch the file again; if you trained this network anew, list its files anew."
    ),
    "checkpoint_header": "{path} has a header that rnnviz does not accept: {problem}.\nPut the original file back.",
    "checkpoint_config": "{path}: {problem}.\nPut the original file back.",
    "checkpoint_weights": (
        "{path}: the weights do not fit the settings. {problem}.\nTake all files from the same checkpoint."
    ),
    "checkpoint_nonfinite": (
        "{path}: {found} are not finite, so it was not loaded.\nTrain again with a lower learning rate."
    ),
    "checkpoint_unsaved": (
        "{path} was not written: {found} are not finite in float16.\nTrain again with a lower learning rate."
    ),
    "checkpoint_vocabulary": (
        "{path}: the vocabulary has {found:,} entries but the embedding has {wanted:,} rows.\n"
        "Weights and vocabulary do not belong together."
    ),
    "checkpoint_probe": (
        "This checkpoint does not reproduce its own test sentence (expected {expected:+.2f}, got {found:+.2f}): "
        "weights, vocabulary and settings do not belong together."
    ),
    "convert_file": "{path} cannot be opened as weights: {problem}.\n{advice}.",
    "convert_check": ("The converted network gives the text of --check other logits: {found}, not {given}.\n{advice}."),
    "convert_check_count": (
        "--check has {given} logits, and the network has {classes}.\nGive one for each class, in their order."
    ),
    "convert_check_numbers": (
        "The logits of --check are no numbers.\nGive them with commas between, such as --check 'not good' '1.27,-0.31'."
    ),
    "convert_names": (
        "These weights are not those of a classifier that rnnviz reads. {problem}.\n"
        "It reads one embedding, one nn.RNN, nn.GRU or nn.LSTM, and one linear layer or two."
    ),
    "convert_words": (
        "The vocabulary does not fit the weights: {problem}.\n"
        "Give one word a line for each row of the embedding, in their order."
    ),
    "convert_labels": (
        "The network needs {wanted} labels; found {found} different ones.\n"
        "Name its outputs in their order: --label NAME, once for each."
    ),
    "convert_large": (
        "This network would be a checkpoint of {size:,} bytes; at most {most:,} are loaded.\nTake a smaller one."
    ),
    "hub_extra": "The Hugging Face Hub needs the package 'huggingface_hub'.\nRun: pip install 'rnnviz[hub]'",
    "hub_missing": (
        "There is no folder {name} here, and no model {name}, revision {revision}, on the Hugging Face Hub.\n"
        "Check its name and revision; if it is private, log in with `hf auth login`."
    ),
    "hub_unreachable": "The Hugging Face Hub did not give {name}: {problem}.\nCheck the connection.",
    "hub_files": "{name} on the Hugging Face Hub is no checkpoint: it has no {missing}.\n{advice}",
    "hub_write": "The Hugging Face Hub did not take {name}: {problem}.\nLog in with `hf auth login` as its owner.",
    "checkpoint_busy": "{path} holds something that is no checkpoint, so nothing was written.\nChoose another folder.",
    "checkpoint_there": (
        "There is a finished network in {path}, so nothing was written.\n"
        "Choose another --out, or add --overwrite to replace it."
    ),
    "card_text": (
        "The name of {path}, a title, a note or a label has bytes that are no UTF-8, so no checkpoint can hold it.\n"
        "Write it in UTF-8, or choose another."
    ),
    "clamp_mean": (
        "This checkpoint does not say what its units' mean {signal} is: units.json is missing, or not its own.\n"
        "Hold the signal at a number."
    ),
    # IndexFileError
    "index_missing": (
        "There is no index in {path}: {name} is missing.\nMake one with `rnnviz index CHECKPOINT TEXTS --out INDEX`."
    ),
    "index_unread": "{path} cannot be read: {problem}.\nGive yourself permission to read it, or make the index again.",
    "index_damaged": "{path}: {problem}.\nMake the index again.",
    "index_hash": "{path} is not the file that index.json lists: its SHA-256 is another.\nMake the index again.",
    "index_network": (
        "The index {path} is of another network: {wanted} as it was then, not {found} as it is now.\n"
        "Take that network, or make an index of this one."
    ),
    "index_unserved": (
        "The index {path} is of {wanted} as it was then; no network that is served here has these weights.\n"
        "Serve that network, or make an index of one that is."
    ),
    "index_twice": "{path} and {other} are both indexes of {network}.\nServe one of them.",
    "index_reading": (
        "The index {path} has {wanted} units; this reading is of a network with {found}, or of another kind.\n"
        "Read the text with the index's own network."
    ),
    "index_unsaved": (
        "This network has never been saved, so nobody could tell later whose index it is.\n"
        "Save it with save_pretrained, and load that."
    ),
    "index_answers": (
        "The network of the index {path} tells what comes next, so it is not right or wrong about a text.\n"
        "Take the index of a network that tells classes."
    ),
    "index_texts": "{one} and {other} are of other texts.\nMake both indexes of the same files.",
    "index_empty": "There are no texts to read.\nPass at least one.",
    "index_nonfinite": (
        "At text {text:,} the network's states grow beyond all numbers.\n"
        "Leave this text out, or cut it into shorter ones; texts count from 0."
    ),
    "index_large": "These texts have {found:,} tokens; an index has at most {most:,}.\nPass fewer of them.",
    "index_classes": (
        "{name} has the classes {found}; the first data set has {wanted}.\nMake an index of each, or leave labels out."
    ),
    "index_busy": "{path} holds something that is no index, so nothing was written.\nChoose another folder.",
    "index_there": (
        "There is a finished index in {path}, so nothing was written.\n"
        "Choose another place, or add --overwrite to replace it."
    ),
    "groups_missing": "No groups were looked for in {path} yet.\nRun `rnnviz groups {path}`.",
    "groups_damaged": "{path}: {problem}.\nRun `rnnviz groups {folder}` again.",
    "groups_other": "{path} is of another index than the one in its folder.\nRun `rnnviz groups {folder}` again.",
    "groups_extra": "Finding groups needs the package 'scikit-learn'.\nRun: pip install 'rnnviz[groups]'",
    "groups_few": (
        "There are {units:,} units and {words:,} words to group; at least {least} of each are needed.\n"
        "Make an index of more texts, or ask for rarer words with --least."
    ),
    "groups_settings": (
        "From {fewest} to {most} words are taken, each there once or more; found {words} words and {least} times.\n"
        "Ask for numbers in these bounds."
    ),
    "index_building": "Another process writes {path}.\nWait until it has finished, or choose another place.",
    # CaptureError
    "capture_module": "capture reads nn.RNN, nn.GRU and nn.LSTM; this is {type}.",
    "capture_inside": (
        "capture reads nn.RNN, nn.GRU and nn.LSTM; this is {type}.\n"
        "Capture a module inside it ({names}), or run it inside rnnviz.watch."
    ),
    "capture_cell": (
        "capture reads nn.RNN, nn.GRU and nn.LSTM; this is {type}, which reads one token a call.\n"
        "Run it inside rnnviz.watch, which makes one reading of its calls."
    ),
    "capture_scripted": (
        "What {name} computes cannot be seen, since it was scripted or traced.\nUse the module that it was made from."
    ),
    "capture_quantised": (
        "What {name} computes cannot be seen, since its weights are quantised.\n"
        "Use the model as it was before it was quantised."
    ),
    "capture_own": (
        "{type} has a forward of its own, and capture cannot tell what that computes.\n"
        "Run it inside rnnviz.watch, or load its weights into a plain {plain}."
    ),
    "capture_hook": (
        "{type} has a hook, {hook}, which may change what it reads or gives.\n"
        "Remove the hook, or run the module inside rnnviz.watch."
    ),
    "capture_tensor": (
        "capture cannot read {what} that are {kind}.\n"
        "Give it dense floating-point tensors with values; texts of unequal length as a PackedSequence."
    ),
    "capture_failed": (
        "PyTorch could not compute the signals of this {type} ({reason}).\nSee whether it can run the module itself."
    ),
    "table_embedding": (
        "A vocabulary table is made of a plain nn.Embedding; this is {type}.\n"
        "Give capture the rows that it returns, and no table."
    ),
    "watch_nothing": (
        "This {type} holds no nn.RNN, nn.GRU or nn.LSTM, and none of their cells, so there is nothing to watch.\n"
        "Watch a model that holds one."
    ),
    "watch_dropout": (
        "The signals of {name} are not known: dropout of {dropout:g} between layers while training hides what its "
        "upper layers read.\nCall .eval() on the model before it runs."
    ),
    "watch_autocast": (
        "The signals of {name} are not known: it ran under torch.autocast, which rounds inside it.\n"
        "Switch autocast off around the model, or convert the model, for example with .bfloat16()."
    ),
    "watch_own": (
        "The signals of {name} are not known: its own forward calls none of PyTorch's recurrent kernels.\n"
        "Watch the other parts of the model, or put a plain {plain} in its place."
    ),
    "watch_traced": (
        "The signals of {name} are not known: it ran inside torch.func, or while PyTorch traced or compiled it.\n"
        "Run the model itself inside the block."
    ),
    "watch_receipt": (
        "The receipt of {name} does not hold: {equation} of its signals is up to {off:.2g} away from what it gave.\n"
        "It computes otherwise than a plain {plain}, so its signals were not kept; watch the other parts of the model."
    ),
    "watch_changed": (
        "The receipt of {name} does not hold: its own forward changes what PyTorch's kernel has computed.\n"
        "Its readings were kept, and are those of the kernel; catch this error to go on with them."
    ),
    "watch_failed": (
        "The signals of {name} are not known, since PyTorch could not compute them ({reason}).\n"
        "Watch the other parts of the model by themselves."
    ),
    "capture_option": "capture does not support {option}.",
    "capture_shape": "The inputs have shape {found}; this module reads {wanted}.",
    "capture_table": "The vocabulary table was made for {found}; this module has {wanted}.\nMake one for it.",
    "capture_ids": "The ids go from {low} to {high}; the vocabulary table has {entries:,} words, from 0.",
    "capture_held": (
        "What is held of {name!r} has a mask of shape {found} and values of shape {values}; "
        "it must be [token, unit] = {wanted}."
    ),
    "capture_state": "The initial state is {found}; for these inputs the module starts from {wanted}.",
    # MemoryLimitError
    "capture_room": (
        "All signals of {tokens:,} tokens take about {needed:,.0f} MB; on {device}, {free:,.0f} MB are free.\n"
        "Take fewer texts at once: about {most:,} tokens fit."
    ),
    # SettingError
    "clamp_range": "The {signal} signal cannot be held at {given:g}.\nChoose a value from {low:g} to {high:g}.",
    "hold_form": (
        "What is to be held was not given as signal, value, first and last word, units, layer and direction.\n"
        "Give all of them."
    ),
    "hold_state": (
        "The {signal} signal follows from the gates and the candidate, so it is not held here.\n"
        "Hold gates or candidates instead."
    ),
    "attribution_whole": (
        "What each word gives to a score is saved of a text of at most {limit:,} words, with nothing held.\n"
        "Let go of what is held, or shorten the text."
    ),
    "holds_many": "At most {most} signals are held at once; found {found}.\nLet go of some.",
    "api_numbers": (
        "The signals and contributions asked for have {numbers:,} numbers; at most {most:,} are sent at once.\n"
        "Ask for fewer signals or units, or read the text in parts."
    ),
    "clamp_shape": (
        "A value of shape {found} does not fit the {tokens:,} tokens and {units:,} units whose {signal} it is to be.\n"
        "Pass a number, or one for each of them."
    ),
    "gradient_steps": "An integral takes at least 1 step; found {found}.\nPass steps=50.",
    "app_extra": "The page needs more than is installed here: {problem}.\nRun: pip install 'rnnviz[app]'",
    "port": "{found!r} is no port.\nSet PORT to a number from 1 to 65535.",
    "port_taken": "Another program on this machine listens at port {port}.\nChoose another port, such as --port 8000.",
    "ports_taken": (
        "Other programs on this machine listen at all ports from {first} to {last}.\n"
        "Choose another port, such as --port 8000."
    ),
    "port_forbidden": (
        "This system lets only an administrator listen at port {port}.\nChoose another port, such as --port 8000."
    ),
    "host_unknown": "No address is known for the host {host!r}.\nCheck its spelling, or take 127.0.0.1.",
    "host_elsewhere": (
        "{host!r} is not an address of this machine.\n"
        "Take 127.0.0.1 to serve this machine alone, or 0.0.0.0 to serve others too."
    ),
    "allow_host": (
        "{found!r} is no host name.\nPass a name without https:// and without a path, such as school.example.org."
    ),
    "root_path": "{found!r} is no path below which a page is served.\nPass one such as /rnnviz.",
    "frame_ancestor": (
        "{found!r} is no site that may show the page in a frame.\nPass one such as https://moodle.example.org."
    ),
    "gradio_page": (
        "Gradio {version} makes another page than the one that rnnviz knows.\nRun: pip install 'gradio==6.31.0'"
    ),
    "room_gone": "There is no such room any more: each closes after {minutes} minutes.\nAsk for a new link.",
    "room_full": "This room has its {most} answers, and counts no more.\nWatch what the others answered.",
    "rooms_full": "This server has {most} rooms open, and opens no more.\nTry again later, or ask without a room.",
    "room_answer": "What was sent to the room is no answer.\nLoad the page again.",
    "room_unanswered": "The answers of a room are shown to who has answered.\nAnswer first.",
    "yes_or_no": "{name} is {found!r}.\nSet it to yes or no.",
    "find_units": "Units to look for are pairs of a unit and 1 or -1, none of them twice.\nGive at least one.",
    "find_length": "A stretch has at least 1 token; found {found}.\nAsk for a length of 1 or more.",
    "ray_extra": "Reading in Ray's processes needs the package 'ray'.\nRun: pip install 'rnnviz[ray]'",
    "slice_form": (
        "{given!r} is no condition of a slice.\n"
        "Give word=not, length=1..10, class=NAME, answer=NAME, right, wrong, unit=+12, unit=-3, disagree or all."
    ),
    "slice_other": (
        "Where networks disagree is known of two indexes of the same texts.\nGive the other network's index too."
    ),
    "find_none": (
        "No unit is beyond {threshold:g}, with one sign, at all of these tokens.\n"
        "Choose fewer of them, or a lower threshold; or leave out the conditions before and after."
    ),
    "find_most": "At most {most:,} hits are listed, and at least 1; found {found}.\nAsk for a number between them.",
    "project_most": "A plane needs at least 2 states; found {found}.\nAsk for 2 or more.",
    # StorageError
    "write_failed": "{path} could not be written: {problem}.\n{advice}",
    # TrainingError
    "recipe": "{problem}.",
    "dev_twice": "A file to measure on was given, and a number of rows to hold out.\nGive one of the two.",
    "training_nan": (
        "The loss stopped being a number in epoch {epoch}, step {step}.\n"
        "Begin again with a learning rate below {rate:g}, for example {advice:g}."
    ),
    "training_range": "{setting} must be a number from {low:g} to {high:g}.\nChoose one between them.",
    "training_off": "Nothing is trained on this server.\nRun rnnviz on your own machine: `rnnviz serve --training`.",
    "training_line": "{waiting} trainings are already waiting in the queue.\nTry again in a minute.",
    "training_gone": (
        "The server no longer has this training: nobody asked for it for {seconds:g} seconds.\nStart it once more."
    ),
    "programs_busy": "This server answers other programs just now, and enough of them wait.\nTry again in a second.",
    "server_busy": "The server has too much to do just now.\nTry again in a moment.",
    "training_broke": "The training stopped because of a bug in rnnviz.\nStart it once more, or with other settings.",
    "start_tokens": ("{name} reads {theirs}, and the recipe {ours}.\nUse --tokens {theirs}, or another network."),
    "start_shape": "{start} has another shape than the recipe, so training cannot go on from it.\nUse its settings.",
    "run_busy": (
        "Another training writes to {path}: process {pid}, since {since}.\n"
        "Wait until it has finished, stop it, or choose another --out."
    ),
    "run_unfinished": (
        "{path} has an unfinished run; epochs finished so far: {epochs}.\n"
        "Add --resume to go on with it, or --no-resume to begin again."
    ),
    "gpu_full": (
        "The GPU's memory is too small for this network and its batches.\n"
        "Use --device cpu, fewer --batch-tokens, or a narrower network."
    ),
    "resume_nothing": "There is no unfinished run for {path}.\nLeave out --resume.",
    "disk_full": (
        "The disk is full: {path} could not be written; {intact}.\nFree space and run the same command{onward}."
    ),
    "runs_missing": "There is no folder {path}.\nName the folder that --out was in, such as runs.",
    "runs_none": "{path} holds no run.\nMake one with `rnnviz train DATA --out {path}/NAME`.",
    "resume_damaged": "The saved state of the run cannot be read.\nBegin it again with --no-resume.",
    "resume_differs": (
        "The unfinished run was begun with something else: {what} differs.\n"
        "Go on with its own command and --resume, or begin again with --no-resume."
    ),
    "process_left": (
        "Another process of this training has ended, so this one stopped too.\n"
        "See what it said; add --resume to the same command to go on."
    ),
    "processes_differ": (
        "The {processes} processes of this training do not learn the same.\n"
        "Give each machine the same data, the same options and, with --resume, the same unfinished run."
    ),
    "devices_few": (
        "{processes} processes were started on a machine with {devices} GPUs.\n"
        "Start one for each GPU with --nproc-per-node {devices}, or pass --device cpu."
    ),
    "probe_network": (
        "{name} reads words, or in both directions, so no unit of it is looked for.\n"
        "Choose a network of one direction that reads letters."
    ),
    "probe_short": "The text has {length:,} letters; at least {least:,} are needed.\nPass a longer text.",
    "probe_rare": (
        "What is looked for, {property}, hardly occurs in this text, or hardly ever changes.\n"
        "Pass a text in which it does."
    ),
    "write_task": (
        "{name} classifies texts, and does not tell what comes next.\n"
        "Write with a network of the task 'next', such as shakespeare-lstm."
    ),
    "write_range": "{setting} goes from {low:,} to {high:,}.\nChoose a value in between.",
    "next_alone": (
        "What tells the next token is trained in one process, and this training has {processes}.\n"
        "Start it without torchrun."
    ),
    "recipe_next": (
        "A network that tells the next token cannot be trained with {what}.\nLeave that out, or choose --task classify."
    ),
    "recipe_every": (
        "The answer after every token is learned by packed networks of one direction that pool 'last' or 'mean'.\n"
        "Leave --every-token out, or choose such a network."
    ),
    "recipe_detach": (
        "A network that reads both ways cannot be cut every so many tokens: its second direction begins at the end.\n"
        "Leave --detach or --bidirectional out."
    ),
    "device": "There is no CUDA device here.\nUse --device cpu or --device auto.",
}
"""The English text of every objection, written once, here.

One line says what happened, with numbers; the next says what to do. The reader's own text never stands in a message.
"""
