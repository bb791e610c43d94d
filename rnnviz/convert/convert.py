"""Weights that were trained elsewhere become a checkpoint: every tensor under our names, every word with its own row.

Left out: how a file of weights is opened (``rnnviz.convert.foreign``), which network it holds
(``rnnviz.convert.recognise``), what in it takes no part (``rnnviz.convert.extras``).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

import torch
from torch import Tensor

from rnnviz import files
from rnnviz.checkpoint.config import CheckpointConfig
from rnnviz.checkpoint.folder import Checkpoint, rounded
from rnnviz.checkpoint.weights import OURS, listed, shown
from rnnviz.convert.extras import without_extras
from rnnviz.convert.recognise import Anatomy, recognise
from rnnviz.data.formats import ClassName, DataFormat
from rnnviz.data.text import SPECIALS, Vocabulary
from rnnviz.errors import CheckpointError
from rnnviz.model import RecurrentClassifier, with_weights
from rnnviz.model_config import (
    MOST_CLASSES,
    MOST_ENTRIES,
    MOST_UNITS,
    Between,
    Directions,
    Pooling,
    Squash,
    Task,
    Tokens,
    shapes,
)
from rnnviz.untrusted.strict_json import json_object

_MOST_BYTES = 32_000_000
_NEVER = -1e4  # a logit, which float16 holds, of what is never told
_UNKNOWN = re.compile(r"(?i:<unk>|\[unk\]|<oov>|\[oov\]|<unknown>|_+unk(?:nown)?_*)|UNK|OOV|UNKNOWN")
_PADDING = re.compile(r"(?i:<pad>|\[pad\]|<padding>|_+pad(?:ding)?_*|<blank>)|PAD|PADDING")


@dataclass(frozen=True, eq=False)
class Converted:
    """A checkpoint made of somebody else's weights.

    Attributes:
        checkpoint: Not saved yet.
        names: What each of its tensors was called, by what it is called here; without those that were filled in.
        notes: What was filled in, left out or had to be assumed, one sentence each.
        rounding: By how much float16, in which weights are stored, changes a logit of a text of 64 words at most.
        outputs: Of a network that tells the next token: which class each of its outputs became, in their order.

    Example:
        >>> from rnnviz.convert import converted
        >>> words, gru, out = torch.nn.Embedding(3, 4), torch.nn.GRU(4, 5), torch.nn.Linear(5, 2)
        >>> lesson = torch.nn.ModuleDict({"words": words, "gru": gru, "out": out})
        >>> found = converted(lesson.state_dict(), ["<unk>", "good", "bad"], ["no", "yes"])
        >>> found.names["fc.weight"], found.notes[0].split(":")[0]
        ('out.weight', 'Assumed, since a file of weights does not say')
    """

    checkpoint: Checkpoint
    names: dict[str, str]
    notes: tuple[str, ...]
    rounding: float
    outputs: tuple[int, ...] = ()


def converted(
    tensors: Mapping[str, Tensor],
    words: Sequence[str | None],
    labels: Sequence[str],
    *,
    name: str = "converted",
    title: str = "",
    pooling: Pooling | None = None,
    nonlinearity: Literal["tanh", "relu"] | None = None,
    directions: Directions | None = None,
    squash: Squash | None = None,
    between: Between | None = None,
    unknown: str | None = None,
    padding: str | None = None,
    leave_out: Sequence[str] = (),
    described: bool = False,
    tokens: Tokens = "words",
    task: Task = "classify",
    history: dict[str, Any] | None = None,
) -> Converted:
    """Make a checkpoint of a ``state_dict`` that the lesson's classifier has, or one of another name and equal shape.

    Args:
        tensors: One embedding, one ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, one linear layer, whatever they are called;
            learned initial states if there are any.
        words: The word of each row of the embedding, in order; None for a row that no word has.
        labels: The name of each output of the linear layer, in order. Two for a single output, whose sigmoid is the
            second one's probability.
        name: Of the checkpoint.
        title: A few words for menus.
        pooling: Which hidden states of the top layer the linear layer reads. None takes "last" (the state after the
            last token that each direction reads), and refuses a layer that reads twice as much.
        nonlinearity: Of a plain RNN; None takes "tanh".
        directions: How the linear layer reads two directions: side by side ("both", also where None), or their sum or
            mean, or one.
        squash: What is done to the pooled states before a linear layer reads them; None takes "nothing".
        between: What lies between two linear layers. "nothing" makes one of them; None refuses two.
        unknown: The word whose row is read for unknown words, or the row's number, such as "7" or "#7". None looks
            for ``<unk>`` and its like; where there is none, the first row is read for unknown words too, as in the
            lesson.
        padding: The word whose row is the padding's, or the row's number; None looks for ``<pad>`` and its like.
        leave_out: Names of tensors that take no part, or patterns of names such as "aux.*".
        described: Whether ``pooling`` and all that lies between the layers is known, as of a graph. Then nothing is
            assumed but how texts are split.
        tokens: What the network reads: "words", or "letters", of which each has a row.
        task: "classify", or "next" where the linear layer tells the next token: it has one output for each row of the
            embedding, in the same order, and no ``labels``.
        history: What goes into config.json as "training".

    Raises:
        CheckpointError: The tensors are those of another network, or there is more than one way to read them, or the
            words or labels do not fit them.

    Example:
        >>> from rnnviz.convert import converted
        >>> words, gru, out = torch.nn.Embedding(3, 4), torch.nn.GRU(4, 5), torch.nn.Linear(5, 2)
        >>> lesson = torch.nn.ModuleDict({"words": words, "gru": gru, "out": out})
        >>> converted(lesson.state_dict(), ["<unk>", "good", "bad"], ["no", "yes"]).checkpoint
        Checkpoint(converted: gru, 5 units, no, yes)
    """
    kept = without_extras(tensors, leave_out)
    tensor_shapes = {key: tuple(value.shape) for key, value in kept.tensors.items()}
    tells_next = task == "next"
    outputs = len(words) if tells_next else len(labels)
    anatomy = recognise(
        tensor_shapes, len(words), outputs, pooling, nonlinearity or "tanh", folded=directions not in (None, "both")
    )
    kept.refuse(anatomy.extras)
    _check_options(anatomy, described, nonlinearity, directions, squash, between)
    anatomy = _with_head(anatomy, squash, between)
    if tells_next:
        _check_next(anatomy, words, labels)
    elif len(labels) != anatomy.config.classes or len(set(labels)) != len(labels):
        raise CheckpointError("convert_labels", found=len(set(labels)), wanted=anatomy.config.classes)
    entries = _entries(words, anatomy.config.vocabulary_size, unknown, padding, tokens)
    weights = _weights(kept.tensors, anatomy, entries.rows, directions or "both")
    config = anatomy.config.model_copy(update={"vocabulary_size": len(entries.vocabulary)})
    if tells_next:
        if len(entries.vocabulary) > MOST_CLASSES:
            _refuse(f"{len(words):,} words are told; with <unk> and <pad> at most {MOST_CLASSES:,} can be")
        config = config.model_copy(update={"classes": len(entries.vocabulary)})
        _check_all_told(words, entries.named)
        weights |= _answers(weights, entries.named)
    model = with_weights(config, weights)
    data = DataFormat(classes=tuple(ClassName(value=label, name=label) for label in labels))
    about = CheckpointConfig(
        format=2 if tokens == "letters" else 1,
        name=name,
        title=title,
        tokens=tokens,
        task=task,
        model=config,
        data=data,
        training=history or {},
    )
    assumed = [_as_texts([])] if described else [_assumption(anatomy, pooling, nonlinearity, squash)]
    notes = (*assumed, *kept.notes, *_filled_in(anatomy, labels, directions or "both"), *entries.notes)
    checkpoint, rounding = Checkpoint(model, entries.vocabulary, about), _rounding(model, len(words))
    places = tuple(map(entries.named.index, range(len(words)))) if tells_next else ()
    return Converted(checkpoint, anatomy.names, notes, rounding, places)


def _check_next(anatomy: Anatomy, words: Sequence[str | None], labels: Sequence[str]) -> None:
    """Refuse what cannot tell the next token."""
    config = anatomy.config
    if labels:
        _refuse_weights("What tells the next token has no labels. Leave --label out")
    if config.bidirectional or config.pooling != "last":
        _refuse_weights("What tells the next token reads in one direction, and its linear layer reads the last state")
    if anatomy.outputs != len(words):
        outputs = f"The linear layer has {anatomy.outputs:,} outputs"
        _refuse_weights(f"{outputs}, and --task next needs one for each of the {len(words):,} rows")
    if None in words:
        _refuse(f"row {words.index(None):,} has no word, and --task next needs one for each row")


def _check_all_told(words: Sequence[str | None], named: Sequence[int | None]) -> None:
    """Refuse options that leave an output of theirs without an entry."""
    lost = next((row for row in range(len(words)) if row not in named), None)
    if lost is not None:
        _refuse(f"{shown(str(words[lost]))}, row {lost:,}, would lose its output. Leave --unknown and --padding out")


def _answers(weights: dict[str, Tensor], named: Sequence[int | None]) -> dict[str, Tensor]:
    """The linear layer with an output for each entry; one for no row of theirs never comes."""
    rows = [len(weights["fc.bias"]) if row is None else row for row in named]
    weight, bias = weights["fc.weight"], weights["fc.bias"]
    return {
        "fc.weight": torch.cat([weight, torch.zeros_like(weight[:1])])[rows],
        "fc.bias": torch.cat([bias, torch.full_like(bias[:1], _NEVER)])[rows],
    }


def _check_options(
    anatomy: Anatomy,
    described: bool,
    nonlinearity: str | None,
    directions: Directions | None,
    squash: Squash | None,
    between: Between | None,
) -> None:
    """Refuse what is said of something that the network has not."""
    config = anatomy.config
    effects = (
        (
            "--nonlinearity",
            nonlinearity,
            config.cell == "rnn",
            f"is for a plain RNN, and this is of kind {config.cell}",
        ),
        ("--directions", directions, config.bidirectional, "is for two directions, and this network reads in one"),
        ("--between", between, bool(anatomy.before), "is for two linear layers, and this network has one"),
    )
    for option, given, has_effect, why in () if described else effects:  # such a file names the usual too
        if given is not None and not has_effect:
            _refuse_weights(f"{option} {why}. Leave {option} out")
    if squash not in (None, "nothing") and directions in ("sum", "mean"):
        _refuse_weights(f"No network of rnnviz squashes the {directions} of two directions with {squash}")


def _with_head(anatomy: Anatomy, squash: Squash | None, between: Between | None) -> Anatomy:
    """The same with its head: two linear layers stay two where something lies between them that rnnviz has."""
    head: dict[str, Any] = {"squash": squash or "nothing"}
    names, before = anatomy.names, anatomy.before
    if before and between in (None, "other"):
        layers = f"There are two linear layers, {shown(before[0])} and {shown(names['fc.weight'])}"
        _refuse_weights(
            f"{layers}, and a file of weights does not say what lies between them. Say which: --between nothing (or "
            "nothing but dropout), which makes one layer of both, --between relu or --between tanh"
            if between is None
            else f"{layers}, and rnnviz reads networks that have nothing, relu or tanh between"
        )
    if before and between != "nothing":
        if anatomy.inner_size > MOST_UNITS:
            _refuse_weights(f"{shown(before[0])} has {anatomy.inner_size:,} outputs; at most {MOST_UNITS:,} are read")
        head |= {"inner_size": anatomy.inner_size, "inner_squash": between}
        names, before = names | dict(zip(("inner.weight", "inner.bias"), before, strict=False)), ()
    return anatomy._replace(config=anatomy.config.model_copy(update=head), names=names, before=before)


class _Entries(NamedTuple):
    vocabulary: Vocabulary
    rows: list[int | None]  # which row of their embedding each entry reads; None is a row of zeros
    named: list[int | None]  # the same, but None for unknown words that read a row of another word
    notes: list[str]


def _entries(
    words: Sequence[str | None], rows: int, unknown: str | None, padding: str | None, tokens: Tokens
) -> _Entries:
    """Their words in our order, the unknown word and the padding first."""
    if len(words) != rows:
        _refuse(f"there are {len(words):,} words for {rows:,} rows")
    if rows > MOST_ENTRIES - len(SPECIALS):
        _refuse(f"there are {rows:,} words; at most {MOST_ENTRIES - len(SPECIALS):,} are read")
    specials = _row(words, unknown, _UNKNOWN, "--unknown"), _row(words, padding, _PADDING, "--padding")
    named = {word for word, given in zip(SPECIALS, (unknown, padding), strict=True) if given is not None}
    ordinary = [
        (row, word)
        for row, word in enumerate(words)
        if word is not None and word not in named and not (row in specials and _is_special(word))
    ]
    counts = Counter([*SPECIALS, *(word for _, word in ordinary)])
    wrong = next((word for word, count in counts.items() if count > 1 or (tokens == "words" and "\n" in word)), None)
    if wrong is not None:
        _refuse(f"{shown(wrong)} is there twice, or is more than a line")
    vocabulary = Vocabulary((word for _, word in ordinary), tokens)
    notes = list(_remarks(words, *specials, vocabulary))
    own = [row for row, _ in ordinary]
    told = [None if row in own else row for row in specials]
    return _Entries(vocabulary, [specials[0] or 0, specials[1], *own], [*told, *own], notes)


def _is_special(word: str) -> bool:
    return bool(_UNKNOWN.fullmatch(word) or _PADDING.fullmatch(word))


def _row(words: Sequence[str | None], given: str | None, usual: re.Pattern[str], option: str) -> int | None:
    """The row of a special entry: the word, number or #number that was given, or else the first of its usual names."""
    if given is None:
        return next((row for row, word in enumerate(words) if word is not None and usual.fullmatch(word)), None)
    word = words.index(given) if given in words else None
    number = given.removeprefix("#")
    row = int(number) if number.isdecimal() and int(number) < len(words) else None
    if row is not None and given == number and word not in (None, row):
        _refuse(
            f"{option} {given} is a word, that of row {word:,}, and a row's number too. "
            f"Write {option} '#{word}' for the word, or {option} '#{row}' for the row"
        )
    if row is not None:
        return row
    if word is not None:
        return word
    _refuse(f"{option} {shown(given)} is no word of it, and no row from 0 to {len(words) - 1:,}")


def _remarks(
    words: Sequence[str | None], unknown: int | None, padding: int | None, vocabulary: Vocabulary
) -> Iterator[str]:
    if unknown is None:
        first = "row 0" if words[0] is None else f"the first one, {shown(words[0])}"
        yield f"No word is <unk>: unknown words are read as {first}. Another one is --unknown WORD, or a row's number."
    if padding is None:
        yield "No word is <pad>: a row of zeros was put in for it, which is never read."
    nameless = sum(word is None for row, word in enumerate(words) if row not in (unknown, padding))
    if nameless:
        yield f"Rows of the embedding that have no word were left out: {nameless:,}."
    unreadable = [word for word in vocabulary.words[len(SPECIALS) :] if vocabulary.tokenise(word) != [word]]
    if unreadable:
        example = shown(unreadable[0])
        yield f"{len(unreadable):,} words, such as {example}, are no tokens of rnnviz and will never be read."


def _refuse(problem: str) -> NoReturn:
    raise CheckpointError("convert_words", problem=problem)


def _refuse_weights(problem: str) -> NoReturn:
    raise CheckpointError("convert_names", problem=problem)


def _weights(
    tensors: Mapping[str, Tensor], anatomy: Anatomy, rows: Sequence[int | None], directions: Directions
) -> dict[str, Tensor]:
    """Every parameter of our classifier: theirs, and zeros for what theirs does without."""
    used = [*anatomy.names.values(), *anatomy.before]
    strange = [theirs for theirs in used if not tensors[theirs].is_floating_point()]
    if strange:
        kinds = listed([f"{shown(theirs)} holds numbers of type {tensors[theirs].dtype}" for theirs in strange])
        _refuse_weights(kinds)
    config = anatomy.config
    weights = {ours: torch.zeros(shape) for ours, shape in shapes(config).items()}
    theirs = {ours: tensors[name].detach().cpu().float() for ours, name in anatomy.names.items()}
    if anatomy.before:
        first = [tensors[name].detach().cpu().double() for name in anatomy.before]
        second = theirs["fc.weight"].double()
        added = second @ first[1] if len(first) > 1 else torch.zeros(len(second)).double()
        theirs["fc.weight"] = (second @ first[0]).float()
        theirs["fc.bias"] = (theirs.get("fc.bias", torch.zeros(len(second))).double() + added).float()
    first_layer = "inner.weight" if config.inner_size else "fc.weight"
    if config.bidirectional:
        theirs[first_layer] = _unfolded(theirs[first_layer], config.hidden_size, directions)
    for ours in {"start.hidden", "start.cell"} & theirs.keys():
        theirs[ours] = theirs[ours].reshape(shapes(config)[ours])
    table = torch.cat([theirs["embedding.weight"], torch.zeros(1, config.embedding_size)])
    theirs["embedding.weight"] = table[[len(table) - 1 if row is None else row for row in rows]]
    if anatomy.outputs == 1:
        for ours in {"fc.weight", "fc.bias"} & theirs.keys():
            theirs[ours] = torch.cat([torch.zeros_like(theirs[ours]), theirs[ours]])
    weights |= theirs
    size = 2 * sum(value.numel() for value in weights.values())
    if size > OURS.whole:
        raise CheckpointError("convert_large", size=size, most=OURS.whole)
    return weights


def _unfolded(weight: Tensor, units: int, directions: Directions) -> Tensor:
    """The weights of a layer that reads both directions side by side, from those of one that reads them as one."""
    if directions == "both":
        return weight
    forward, backward = {"sum": (1, 1), "mean": (0.5, 0.5), "forward": (1, 0), "backward": (0, 1)}[directions]
    blocks = [weight[:, at : at + units] for at in range(0, weight.shape[1], units)]
    return torch.cat([part for block in blocks for part in (forward * block, backward * block)], dim=1)


def _assumption(anatomy: Anatomy, pooling: Pooling | None, nonlinearity: str | None, squash: Squash | None) -> str:
    """All that no shape tells, in one sentence."""
    config = anatomy.config
    given = " as you say" if pooling else ""
    parts = [
        f"the linear layer reads pooling {config.pooling}{given} (--pooling), with {config.squash}"
        f"{' as you say' if squash else ''} in between (--squash), no normalisation and no attention, and not the cell "
        "state"
    ]
    if config.inner_size:
        parts.append(f"between the two linear layers lies {config.inner_squash} as you say (--between)")
    if config.pooling == "last-layers":
        parts.append("the states of all layers lie side by side from the first layer on, as in h_n")
    if config.bidirectional and config.pooling in ("last", "last-layers"):
        parts.append(
            "of the backward direction it reads the state at the first word, where that direction ends (a network that "
            "reads output[:, -1] is --pooling output-last)"
        )
    if config.cell == "rnn":
        said = " as you say" if nonlinearity else ""
        parts.append(f"the nonlinearity is {config.nonlinearity}{said} (--nonlinearity)")
    if config.cell == "gru":
        parts.append("the GRU's reset gate acts after the product, as in PyTorch")
    if not config.learned_start:
        parts.append("a text starts from states of zero")
    return _as_texts(parts)


def _as_texts(parts: Sequence[str]) -> str:
    said = "; ".join([*parts, "texts are split as rnnviz splits them, and are not padded"])
    return f"Assumed, since a file of weights does not say: {said}. Prove it with --check TEXT LOGITS."


def _filled_in(anatomy: Anatomy, labels: Sequence[str], directions: Directions) -> Iterator[str]:
    if "rnn.bias_ih_l0" not in anatomy.names:
        yield "The recurrent network has no biases: they are zeros."
    if "fc.bias" not in anatomy.names and len(anatomy.before) < 2:
        yield "The linear layer has no bias: it is zeros."
    if anatomy.config.inner_size and "inner.bias" not in anatomy.names:
        yield f"{shown(anatomy.names['inner.weight'])} has no bias: it is zeros."
    if anatomy.before:
        yield f"{shown(anatomy.before[0])} and {shown(anatomy.names['fc.weight'])} became one linear layer."
    if directions != "both" and anatomy.config.bidirectional:
        yield f"The linear layer reads the directions as one ({directions}): its weights were written out for both."
    if anatomy.config.learned_start:
        yield "A text starts from learned states, which are part of the checkpoint."
    if anatomy.outputs == 1:
        yield f"The linear layer has one output: it became the logit of {shown(labels[1])}, beside a zero."


@torch.no_grad()
def _rounding(model: RecurrentClassifier, entries: int) -> float:
    ids = torch.arange(min(64, entries))[None]
    lengths = torch.tensor([ids.shape[1]])
    return float((model(ids, lengths) - rounded(model)(ids, lengths)).abs().max())


def read_words(path: Path) -> list[str | None]:
    r"""Read a file with one word a line, such as the words of an embedding in the order of its rows.

    Args:
        path: The file, in UTF-8. A carriage return before a line's end is left out. A file of JSON may hold a list of
            words instead, or the row of each word, as Keras's ``word_index`` does; a row without a word is None.

    Raises:
        CheckpointError: There is no such file, or it is not UTF-8, or its JSON is something else.

    Example:
        >>> from pathlib import Path
        >>> from rnnviz.convert import read_words
        >>> _ = Path("words.txt").write_text("<unk>\ngood\nbad\n")
        >>> read_words(Path("words.txt"))
        ['<unk>', 'good', 'bad']
        >>> _ = Path("word_index.json").write_text('{"good": 1, "bad": 2}')
        >>> read_words(Path("word_index.json"))
        [None, 'good', 'bad']
    """
    if not path.is_file():
        _refuse(f"there is no file {path}")
    try:
        text = files.read_once(path, _MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"{path} is not UTF-8 at byte {error.start:,}")
    if path.suffix.lower() == ".json":
        return _words_of_json(path, text)
    return [*text.replace("\r\n", "\n").removesuffix("\n").split("\n")]


def _words_of_json(path: Path, text: str) -> list[str | None]:
    try:
        found = json_object(text.encode()) if text.lstrip().startswith("{") else json.loads(text)
    except (ValueError, RecursionError):
        _refuse(f"{path} is no JSON")
    if isinstance(found, list) and all(isinstance(word, str) for word in found):
        return [*found]
    rows = list(found.values()) if isinstance(found, dict) else []
    if not rows or not all(type(row) is int and 0 <= row < MOST_ENTRIES for row in rows) or len(set(rows)) != len(rows):
        _refuse(f"{path} holds neither a list of words nor a different row for each word")
    words: list[str | None] = [None] * (1 + max(rows))
    for word, row in found.items():
        words[row] = word
    return words
