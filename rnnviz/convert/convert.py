"""Weights that were trained elsewhere become a checkpoint: every tensor under our names, every word with its own row.

Left out: how a file of weights is opened (``rnnviz.convert.foreign``), which network it holds
(``rnnviz.convert.recognise``).
"""

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
from rnnviz.convert.recognise import Anatomy, recognise
from rnnviz.data.formats import ClassName, DataFormat
from rnnviz.data.text import SPECIALS, Vocabulary, tokenise
from rnnviz.errors import CheckpointError
from rnnviz.model import RecurrentClassifier, with_weights
from rnnviz.model_config import MOST_ENTRIES, Pooling, shapes

_MOST_BYTES = 32_000_000
_UNKNOWN = re.compile(r"<unk>|\[unk\]", re.IGNORECASE)
_PADDING = re.compile(r"<pad>|\[pad\]", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Converted:
    """A checkpoint made of somebody else's weights.

    Attributes:
        checkpoint: Not saved yet.
        names: What each of its tensors was called, by what it is called here; without those that were filled in.
        notes: What was filled in or had to be assumed, one sentence each.
        rounding: By how much float16, in which weights are stored, changes a logit of a text of 64 words at most.

    Example:
        >>> from rnnviz.convert import converted
        >>> words, gru, out = torch.nn.Embedding(3, 4), torch.nn.GRU(4, 5), torch.nn.Linear(5, 2)
        >>> lesson = torch.nn.ModuleDict({"words": words, "gru": gru, "out": out})
        >>> found = converted(lesson.state_dict(), ["<unk>", "good", "bad"], ["no", "yes"])
        >>> found.names["fc.weight"], found.notes[0]
        ('out.weight', 'Pooling was taken to be last: a file of weights does not say.')
    """

    checkpoint: Checkpoint
    names: dict[str, str]
    notes: tuple[str, ...]
    rounding: float


def converted(
    tensors: Mapping[str, Tensor],
    words: Sequence[str],
    labels: Sequence[str],
    *,
    name: str = "converted",
    title: str = "",
    pooling: Pooling | None = None,
    nonlinearity: Literal["tanh", "relu"] = "tanh",
    history: dict[str, Any] | None = None,
) -> Converted:
    """Make a checkpoint of a ``state_dict`` that the lesson's classifier has, or one of another name and equal shape.

    Args:
        tensors: One embedding, one ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, one linear layer, whatever they are called.
        words: The word of each row of the embedding, in order. Where none is ``<unk>``, the first row is read for
            unknown words too, as in the lesson.
        labels: The name of each output of the linear layer, in order. Two for a single output, whose sigmoid is the
            second one's probability.
        name: Of the checkpoint.
        title: A few words for menus.
        pooling: Which hidden states of the top layer the linear layer reads. None takes "last" (the state after the
            last token that each direction reads), or "max+mean" if it reads twice as much.
        nonlinearity: Of a plain RNN.
        history: What goes into config.json as "training".

    Raises:
        CheckpointError: The tensors are those of another network, or the words or labels do not fit them.

    Example:
        >>> from rnnviz.convert import converted
        >>> words, gru, out = torch.nn.Embedding(3, 4), torch.nn.GRU(4, 5), torch.nn.Linear(5, 2)
        >>> lesson = torch.nn.ModuleDict({"words": words, "gru": gru, "out": out})
        >>> converted(lesson.state_dict(), ["<unk>", "good", "bad"], ["no", "yes"]).checkpoint
        Checkpoint(converted: gru, 5 units, no, yes)
    """
    tensor_shapes = {key: tuple(value.shape) for key, value in tensors.items()}
    anatomy = recognise(tensor_shapes, len(words), len(labels), pooling, nonlinearity)
    if len(labels) != anatomy.config.classes or len(set(labels)) != len(labels):
        raise CheckpointError("convert_labels", found=len(set(labels)), wanted=anatomy.config.classes)
    entries = _entries(words, anatomy.config.vocabulary_size)
    weights = _weights(tensors, anatomy, entries.rows)
    config = anatomy.config.model_copy(update={"vocabulary_size": len(entries.vocabulary)})
    model = with_weights(config, weights)
    data = DataFormat(classes=tuple(ClassName(value=label, name=label) for label in labels))
    about = CheckpointConfig(name=name, title=title, model=config, data=data, training=history or {})
    notes = (*_assumptions(anatomy, pooling, labels), *entries.notes)
    return Converted(Checkpoint(model, entries.vocabulary, about), anatomy.names, notes, _rounding(model, len(words)))


class _Entries(NamedTuple):
    vocabulary: Vocabulary
    rows: list[int | None]  # which row of their embedding each entry reads; None is a row of zeros
    notes: list[str]


def _entries(words: Sequence[str], rows: int) -> _Entries:
    """Their words in our order, the unknown word and the padding first."""
    if len(words) != rows:
        _refuse(f"there are {len(words):,} words for {rows:,} rows")
    if rows > MOST_ENTRIES - len(SPECIALS):
        _refuse(f"there are {rows:,} words; at most {MOST_ENTRIES - len(SPECIALS):,} are read")
    unknown = next((row for row, word in enumerate(words) if _UNKNOWN.fullmatch(word)), None)
    padding = next((row for row, word in enumerate(words) if _PADDING.fullmatch(word)), None)
    ordinary = [row for row in range(rows) if row not in (unknown, padding)]
    counts = Counter([*SPECIALS, *(words[row] for row in ordinary)])
    wrong = next((word for word, count in counts.items() if count > 1 or "\n" in word), None)
    if wrong is not None:
        _refuse(f"{shown(wrong)} is there twice, or is more than a line")
    vocabulary = Vocabulary(words[row] for row in ordinary)
    return _Entries(vocabulary, [unknown or 0, padding, *ordinary], list(_remarks(words, unknown, padding, vocabulary)))


def _remarks(words: Sequence[str], unknown: int | None, padding: int | None, vocabulary: Vocabulary) -> Iterator[str]:
    if unknown is None:
        yield f"No word is <unk>: unknown words are read as the first one, {shown(words[0])}."
    if padding is None:
        yield "No word is <pad>: a row of zeros was put in for it, which is never read."
    unreadable = [word for word in vocabulary.words[len(SPECIALS) :] if tokenise(word) != [word]]
    if unreadable:
        example = shown(unreadable[0])
        yield f"{len(unreadable):,} words, such as {example}, are no tokens of rnnviz and will never be read."


def _refuse(problem: str) -> NoReturn:
    raise CheckpointError("convert_words", problem=problem)


def _weights(tensors: Mapping[str, Tensor], anatomy: Anatomy, rows: Sequence[int | None]) -> dict[str, Tensor]:
    """Every parameter of our classifier: theirs, and zeros for what theirs does without."""
    strange = [theirs for theirs in anatomy.names.values() if not tensors[theirs].is_floating_point()]
    if strange:
        kinds = listed([f"{shown(theirs)} holds numbers of type {tensors[theirs].dtype}" for theirs in strange])
        raise CheckpointError("convert_names", problem=kinds)
    weights = {ours: torch.zeros(shape) for ours, shape in shapes(anatomy.config).items()}
    weights |= {ours: tensors[theirs].detach().cpu().float() for ours, theirs in anatomy.names.items()}
    table = torch.cat([weights["embedding.weight"], torch.zeros(1, anatomy.config.embedding_size)])
    weights["embedding.weight"] = table[[len(table) - 1 if row is None else row for row in rows]]
    if anatomy.outputs == 1:
        for ours in {"fc.weight", "fc.bias"} & anatomy.names.keys():
            weights[ours] = torch.cat([torch.zeros_like(weights[ours]), weights[ours]])
    size = 2 * sum(value.numel() for value in weights.values())
    if size > OURS.whole:
        raise CheckpointError("convert_large", size=size, most=OURS.whole)
    return weights


def _assumptions(anatomy: Anatomy, pooling: Pooling | None, labels: Sequence[str]) -> Iterator[str]:
    config = anatomy.config
    if pooling is None:
        yield f"Pooling was taken to be {config.pooling}: a file of weights does not say."
    if config.cell == "rnn":
        yield f"The nonlinearity was taken to be {config.nonlinearity}: a file of weights does not say."
    if "rnn.bias_ih_l0" not in anatomy.names:
        yield "The recurrent network has no biases: they are zeros."
    if "fc.bias" not in anatomy.names:
        yield "The linear layer has no bias: it is zeros."
    if anatomy.outputs == 1:
        yield f"The linear layer has one output: it became the logit of {shown(labels[1])}, beside a zero."


@torch.no_grad()
def _rounding(model: RecurrentClassifier, entries: int) -> float:
    ids = torch.arange(min(64, entries))[None]
    lengths = torch.tensor([ids.shape[1]])
    return float((model(ids, lengths) - rounded(model)(ids, lengths)).abs().max())


def read_words(path: Path) -> list[str]:
    r"""Read a file with one word a line, such as the words of an embedding in the order of its rows.

    Args:
        path: The file, in UTF-8. A carriage return before a line's end is left out.

    Raises:
        CheckpointError: There is no such file, or it is not UTF-8.

    Example:
        >>> from pathlib import Path
        >>> from rnnviz.convert import read_words
        >>> _ = Path("words.txt").write_text("<unk>\ngood\nbad\n")
        >>> read_words(Path("words.txt"))
        ['<unk>', 'good', 'bad']
    """
    if not path.is_file():
        _refuse(f"there is no file {path}")
    try:
        text = files.read_once(path, _MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"{path} is not UTF-8 at byte {error.start:,}")
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")
