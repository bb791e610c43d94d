"""What a training begins with: the device, texts as tokens in batches, what to learn of each, and the network.

Batches of texts of exactly equal length make it fast on a processor: nothing is padded, nothing is packed. With
distillation (Hinton, Vinyals and Dean 2015, at temperature 1) the target of a labelled text is part its label, part the
mean of the teachers' probabilities; of a text without a label it is all theirs.

Left out: learning (``rnnviz.training.loop``).
"""

import platform
import warnings
from collections.abc import Generator, Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.data.datasets import Dataset
from rnnviz.data.text import SPECIALS, SPLITTERS, Vocabulary, WordVectors
from rnnviz.errors import DataError, DataWarning, TrainingError
from rnnviz.experiments.evaluation import predicting
from rnnviz.model import ModelConfig, RecurrentClassifier, drawing_from
from rnnviz.model_config import BETWEEN, Task
from rnnviz.training import distributed
from rnnviz.training.recipe import Device, Recipe
from rnnviz.training.sources import Sources

UNLABELLED = -1
"""The label of a text whose class nobody has said."""
_EMBEDDING_SCALE = 0.1
_TEXTS = 1_000
_MOSTLY = 0.5


def device_of(requested: Device) -> torch.device:
    """The device that is meant.

    Raises:
        TrainingError: There is no GPU, or not one for each process on this machine.
    """
    has_gpu = torch.cuda.is_available()
    if requested == "cuda" and not has_gpu:
        raise TrainingError("device")
    if has_gpu and requested != "cpu" and distributed.neighbours() > max(1, torch.cuda.device_count()):
        raise TrainingError("devices_few", processes=distributed.neighbours(), devices=torch.cuda.device_count())
    return torch.device("cuda", distributed.local_rank()) if has_gpu and requested != "cpu" else torch.device("cpu")


def _pieces(dataset: Dataset, recipe: Recipe) -> Generator[None, None, tuple[list[list[str]], Int[Tensor, " piece"]]]:
    """The tokens that are read, and their labels: each text's beginning, or more pieces of it.

    Yields between its pieces of work.
    """
    tokens: list[list[str]] = []
    labels: list[int] = []
    for index, (text, label) in enumerate(zip(dataset.texts, dataset.labels.tolist(), strict=True)):
        whole = SPLITTERS[recipe.tokens](text)
        starts = range(0, max(1, len(whole)), recipe.most_tokens)[: recipe.pieces]
        tokens += [whole[start : start + recipe.most_tokens] for start in starts]
        labels += [label] * len(starts)
        if index % _TEXTS == 0:
            yield
    return tokens, torch.tensor(labels)


def all_pieces(
    sources: Sources, recipe: Recipe
) -> Generator[None, None, tuple[list[list[str]], Int[Tensor, " piece"]]]:
    """The tokens and labels of all texts, those without a label at the end."""
    if (sources.unlabelled or recipe.crops) and not sources.teachers:
        raise DataError("unlabelled_alone")
    tokens, labels = yield from _pieces(sources.dataset, recipe)
    for more in sources.unlabelled:
        pieces, _ = yield from _pieces(more, recipe)
        tokens += pieces
    tokens += _crops(tokens, recipe)
    unlabelled = torch.full((len(tokens) - len(labels),), UNLABELLED)
    return tokens, torch.cat([labels, unlabelled])


def _crops(tokens: list[list[str]], recipe: Recipe) -> list[list[str]]:
    """Random cuts of 30 to 100 % of each text, for the teachers to judge (as in Tang et al. 2019)."""
    random = np.random.default_rng(recipe.seed)
    crops = []
    for words in (words for words in tokens for _ in range(recipe.crops)):
        length = int(random.integers(-(-3 * len(words) // 10), len(words) + 1))
        start = int(random.integers(0, len(words) - length + 1))
        crops.append(words[start : start + length])
    return crops


def check_tokens(sources: Sources, recipe: Recipe) -> None:
    """Object to a network to go on from, or a teacher, that splits texts otherwise than the recipe does."""
    for other in (*sources.teachers, *([sources.start] if sources.start else [])):
        if (theirs := other.config.tokens) != recipe.tokens:
            raise TrainingError("start_tokens", name=other.config.name, theirs=theirs, ours=recipe.tokens)


def warn_of_unknown_words(tokens: Sequence[Sequence[str]], vocabulary: Vocabulary, sources: Sources) -> None:
    """Tell it, before anything is learned, if the words of the texts are hardly in the vocabulary or its vectors."""
    sample = list(chain.from_iterable(tokens[:: max(1, len(tokens) // _TEXTS)]))
    if not sample:
        return
    known = sum(word in vocabulary for word in sample) / len(sample)
    if known < _MOSTLY:
        warnings.warn(DataWarning("data_unknown", known=known), stacklevel=2)
    if sources.vectors is not None:
        known = sum(word in sources.vectors.words for word in sample) / len(sample)
        if known < _MOSTLY:
            warnings.warn(DataWarning("data_vectors", known=known), stacklevel=2)
    if sources.start is not None:
        known = sum(word in sources.start.vocabulary for word in sample) / len(sample)
        if known < _MOSTLY:
            warnings.warn(DataWarning("data_start", known=known), stacklevel=2)


def network(
    recipe: Recipe,
    vocabulary: Vocabulary,
    classes: int,
    vectors: WordVectors | None,
    start: Checkpoint | None,
    random: torch.Generator,
) -> RecurrentClassifier:
    """A network of the recipe's shape, with small random word vectors, or the ones that are given.

    Raises:
        DataError: The vectors do not fit.
        TrainingError: The network to go on from has another shape.
    """
    shape = {name: getattr(recipe, name) for name in ModelConfig.model_fields.keys() & Recipe.model_fields.keys()}
    config = ModelConfig(**shape | {"vocabulary_size": len(vocabulary), "classes": classes})
    with drawing_from(random):
        model = RecurrentClassifier(config)
    with torch.no_grad():
        model.embedding.weight *= _EMBEDDING_SCALE
    if vectors is not None:
        _set_vectors(model, vocabulary, vectors)
    if start is not None:
        _copy_weights(model, vocabulary, start, recipe.task)
    return model


def _copy_weights(model: RecurrentClassifier, vocabulary: Vocabulary, start: Checkpoint, task: Task) -> None:
    """Give a network all that another one has learned, for the words that both know."""
    free = {"vocabulary_size", "reading", "embedding_dropout", "dropout", "recurrent_dropout", "forget_bias"}
    if start.config.task == "next":  # it has learned to read, and answers something else
        free |= {"classes", "pooling"}
    if model.config.model_dump(exclude=free) != start.config.model.model_dump(exclude=free):
        raise TrainingError("start_shape", start=start.config.name)
    known = {word: entry for entry, word in enumerate(start.vocabulary.words)}
    _set_vectors(model, vocabulary, WordVectors(known, start.model.embedding.weight.detach().numpy()))
    with torch.no_grad():
        model.embedding.weight[: len(SPECIALS)] = start.model.embedding.weight[: len(SPECIALS)]
    model.rnn.load_state_dict(start.model.rnn.state_dict())
    if start.config.task == "classify":
        model.fc.load_state_dict(start.model.fc.state_dict())
    elif task == "next":
        _copy_answers(model, vocabulary, start, known)


def _copy_answers(model: RecurrentClassifier, vocabulary: Vocabulary, start: Checkpoint, known: dict[str, int]) -> None:
    """Tell the next token as another network does, for the tokens that both know."""
    entries = [(own, known[token]) for own, token in enumerate(vocabulary.words) if token in known]
    own, theirs = map(list, zip(*entries, strict=True))
    with torch.no_grad():
        model.fc.weight[own] = start.model.fc.weight[theirs]
        model.fc.bias[own] = start.model.fc.bias[theirs]


def _set_vectors(model: RecurrentClassifier, vocabulary: Vocabulary, vectors: WordVectors) -> None:
    """Give the words that have a vector theirs; the others keep what they have."""
    width = vectors.vectors.shape[1]
    if width != model.config.embedding_size:
        raise DataError("vectors_width", found=width, wanted=model.config.embedding_size)
    rows = torch.from_numpy(vectors.rows_for(vocabulary))
    with torch.no_grad():
        model.embedding.weight.copy_(torch.where(rows.isnan(), model.embedding.weight, rows))


def batches_of(ids: Sequence[Int[Tensor, " _"]], recipe: Recipe, random: np.random.Generator) -> Iterator[list[int]]:
    """The texts of one epoch, each once: batches of equal length in random order, or 16 at random to be padded."""
    order = random.permutation(len(ids))
    if recipe.reading == "padded":
        yield from (part.tolist() for part in np.split(order, range(16, len(order), 16)))
        return
    lengths = np.array([row.numel() for row in ids])
    order = order[np.argsort(lengths[order], kind="stable")]
    lengths = lengths[order]
    batches = []
    start = 0
    while start < len(order):
        size = max(1, recipe.batch_tokens // lengths[start])
        stop = min(start + size, int(np.searchsorted(lengths, lengths[start], side="right")))
        batches.append(order[start:stop].tolist())
        start = stop
    yield from (batches[index] for index in random.permutation(len(batches)))


def history_of(sources: Sources, recipe: Recipe) -> dict[str, Any]:
    """Facts for the model card."""
    facts = {
        "recipe": recipe.model_dump(),
        "seed": recipe.seed,
        "texts": len(sources.dataset),
        "data_sha256": sources.dataset.sha256(),
        "device": recipe.device,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("torch", "numpy")},
    }
    if sources.unlabelled:
        facts["unlabelled_texts"] = sum(map(len, sources.unlabelled))
    if sources.teachers:
        facts["teachers"] = [teacher.config.name for teacher in sources.teachers]
    return facts


def targets(
    tokens: Sequence[Sequence[str]], labels: Int[Tensor, " text"], teachers: Sequence[Checkpoint], recipe: Recipe
) -> Generator[None, None, Float[Tensor, "text label"]]:
    """What to learn of each text, as shares of the classes that sum to 1. Yields between its pieces of work.

    Args:
        tokens: Of each text.
        labels: The class of each, or ``UNLABELLED``.
        teachers: Classifiers with the same classes; each reads the texts with its own words. One that reads padded
            meets them in batches of 16 in this order, as when it is evaluated.
        recipe: Says the teachers' part in the target of a labelled text.
    """
    texts = [BETWEEN[recipe.tokens].join(words) for words in tokens]
    answers = torch.zeros(len(texts), len(teachers[0].labels))
    for teacher in teachers:
        probabilities = yield from predicting(teacher, texts)
        answers += torch.from_numpy(probabilities) / len(teachers)
    known = torch.nn.functional.one_hot(labels.clamp(min=0), answers.shape[1])
    theirs = torch.where(labels == UNLABELLED, 1.0, recipe.teacher_share)[:, None]
    return theirs * answers + (1 - theirs) * known
