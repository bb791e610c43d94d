"""Training a classifier in a plain PyTorch loop that yields as it goes, so that a command line or a page can watch.

Left out: one step of it (``rnnviz.training.learner``), what it begins with (``rnnviz.training.setup``), where the
texts come from, printing, writing.
"""

import contextlib
import hashlib
import itertools
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from rnnviz.checkpoint.config import CheckpointConfig
from rnnviz.checkpoint.folder import Checkpoint, rounded
from rnnviz.data import corpora
from rnnviz.data.datasets import Dataset
from rnnviz.data.text import SPECIALS, SPLITTERS, UNKNOWN, Vocabulary, WordVectors
from rnnviz.errors import DataError, TrainingError
from rnnviz.experiments.evaluation import check_classes, evaluating
from rnnviz.model_config import MOST_CLASSES
from rnnviz.reading import read
from rnnviz.trace import Trace
from rnnviz.training import distributed
from rnnviz.training.learner import Learner
from rnnviz.training.material import Material, Streams, Texts
from rnnviz.training.recipe import Recipe
from rnnviz.training.setup import (
    all_pieces,
    batches_of,
    check_tokens,
    device_of,
    history_of,
    network,
    targets,
    warn_of_unknown_words,
)
from rnnviz.training.sources import Sources, refuse_for_next
from rnnviz.training.unit_summary import describing

_YIELD_SECONDS = 0.2
_DESCRIBED_TEXTS = 3_000
_DESCRIBED_LETTERS = 500


@dataclass(frozen=True, eq=False)
class Progress:
    """One moment of a training.

    Attributes:
        epoch: Counted from 1; 0 while the texts are prepared, when loss and accuracy are NaN.
        step: Batches so far, over all epochs.
        fraction: Of the whole training, 0 to 1.
        loss, accuracy: Running means over the epoch's training texts so far. With teachers, a text counts as right
            when the answer is its target's most probable class.
        learning_rate: Of the last step.
        seconds: Since the start, with those before it was resumed.
        texts: Read so far, over all epochs.
        remark: What somebody ought to be told, once; else empty.
        checkpoint: At the end of an epoch, the classifier as it would be saved; else None.
        trace: The reading of the watched sentence, if one was asked for.
        state: Gives all that it takes to resume from here, while this is the last moment; None while preparing.
        reach: Of labelled texts, while this is the last moment: how long the gradient is at each token of the batch
            that was learned last (``Learner.reach``).

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=200, length=5)
        >>> for moment in rnnviz.train(recall, rnnviz.Recipe(epochs=1, hidden_size=8)):
        ...     last = moment
        >>> last.epoch, last.fraction, last.texts
        (1, 1.0, 200)
        >>> last.checkpoint
        Checkpoint(classifier: lstm, 8 units, a, b, c, d)
    """

    epoch: int = 0
    step: int = 0
    fraction: float = 0.0
    loss: float = math.nan
    accuracy: float = math.nan
    learning_rate: float = 0.0
    seconds: float = 0.0
    texts: int = 0
    remark: str = ""
    checkpoint: Checkpoint | None = None
    trace: Trace | None = None
    state: Callable[[], bytes] | None = None
    reach: Callable[[], list[float]] | None = None


def train(
    dataset: Dataset,
    recipe: Recipe | None = None,
    *,
    dev: Dataset | None = None,
    unlabelled: Sequence[Dataset] = (),
    teachers: Sequence[Checkpoint] = (),
    vectors: WordVectors | None = None,
    start: Checkpoint | None = None,
    watch: str | None = None,
    name: str = "classifier",
    title: str = "",
    history: dict[str, Any] | None = None,
    resume: bytes | None = None,
) -> Iterator[Progress]:
    """Train a classifier, a moment at a time: at least every half second, and at each epoch's end with a checkpoint.

    The same data, recipe, machine and number of threads give the same weights, also when the training was resumed on
    a processor, and whatever other threads do: PyTorch's global generator is left alone. Started by ``torchrun`` or
    ``accelerate launch``, the processes share out each batch.

    Args:
        dataset: The training texts.
        recipe: How; a Recipe's defaults when None.
        dev: Texts to measure each epoch's checkpoint on (``checkpoint.scores["dev"]``).
        unlabelled: More texts, of which only the teachers say what they are; their labels are not looked at.
        teachers: Classifiers with the same classes, whose answers are learned beside the labels (distillation).
        vectors: Word vectors to start from; their width must be the recipe's ``embedding_size``.
        start: A classifier of the same shape and classes to go on from; its words keep their vectors.
        watch: A sentence whose Trace comes with every moment.
        name: Of the checkpoint.
        title: A few words for menus.
        history: More facts for its card, such as the command.
        resume: What ``Progress.state`` gave, to go on from there; the same data and recipe must come with it.

    Raises:
        TrainingError: The device is not there, ``start`` or ``resume`` does not fit, or the loss stopped being a
            number.
        DataError: The vectors or the classes do not fit, or there is nothing to train on.

    Example:
        >>> recall = rnnviz.tasks.generate("recall", rows=200, length=5)
        >>> recipe = rnnviz.Recipe(epochs=1, hidden_size=8, device="cpu")
        >>> moments = list(rnnviz.train(recall, recipe, watch=recall.texts[0]))
        >>> moments[-1].checkpoint
        Checkpoint(classifier: lstm, 8 units, a, b, c, d)
        >>> moments[-1].trace.units
        8
    """
    recipe = recipe or Recipe()
    begun = yielded = time.monotonic()
    sources = Sources(dataset, unlabelled, teachers, vectors, start)
    with _gpu_memory_error(), distributed.joined(device_of(recipe.device)):
        run: _Run | None = None
        preparing = _prepared(sources, recipe, name=name, title=title, history=history or {}, begun=begun)
        for run in preparing:
            if run is None and time.monotonic() - yielded >= _YIELD_SECONDS:
                yield Progress(seconds=time.monotonic() - begun)
                yielded = time.monotonic()
        assert run is not None  # noqa: S101 - the last thing that is prepared
        if resume is not None:
            run.learner.restore(resume, run.origin)
        for checkpoint in _learning(run, dataset, dev):
            if checkpoint or time.monotonic() - yielded >= _YIELD_SECONDS:
                yield run.moment(checkpoint, read(checkpoint or run.checkpoint(), watch) if watch else None)
                yielded = time.monotonic()


@contextlib.contextmanager
def _gpu_memory_error() -> Iterator[None]:
    """Raise TrainingError where the GPU is too small and batches cannot be cut: for the network, or in a process."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise TrainingError("gpu_full") from None


def _learning(run: "_Run", dataset: Dataset, dev: Dataset | None) -> Iterator[Checkpoint | None]:
    """Go through the epochs from where the learner stands. Yields between all pieces of work, and each checkpoint."""
    learner, done = run.learner, 0
    for epoch, batches in enumerate(run.epochs, start=1):
        ahead = batches[max(0, learner.step - done) :]
        done += len(batches)
        if epoch <= learner.finished:
            continue
        if epoch > learner.epoch:
            learner.begin(epoch)
        for batch in ahead:
            learner.learn(batch)
            yield None
        checkpoint = run.checkpoint()
        if distributed.rank() == 0:
            checkpoint = yield from _measured(checkpoint, dataset, dev)
        learner.finished = epoch
        yield checkpoint


def _measured(bare: Checkpoint, dataset: Dataset, dev: Dataset | None) -> Generator[None, None, Checkpoint]:
    """The checkpoint with what its units do and how often it is right."""
    texts = _windows(corpora.whole_text(dataset)) if bare.config.task == "next" else dataset.texts
    sample = np.random.default_rng(0).permutation(len(texts))[:_DESCRIBED_TEXTS]
    checkpoint = replace(bare, units=(yield from describing(bare, [texts[index] for index in sample])))
    if dev is None:
        return checkpoint
    return checkpoint.with_scores(dev=(yield from evaluating(checkpoint, dev)).to_dict())


def _windows(text: str) -> list[str]:
    """Pieces of a long text, for what units do over many texts."""
    return [text[start : start + _DESCRIBED_LETTERS] for start in range(0, len(text), _DESCRIBED_LETTERS)]


@dataclass(eq=False)
class _Run:
    """A training under way: who learns, in which batches, and what its checkpoints say."""

    learner: Learner
    epochs: list[list[list[int]]]
    vocabulary: Vocabulary
    config: CheckpointConfig
    begun: float

    @cached_property
    def origin(self) -> dict[str, Any]:
        """What a training must have been begun with to be resumed by this one: texts, labels and teachers, and how."""
        learner, digest = self.learner, hashlib.sha256(self.vocabulary.to_bytes())
        for tensor in learner.material.tensors():
            digest.update(tensor.numpy().tobytes())
        recipe = learner.recipe
        # the recipe as it is written says 128 of a classifier also where no gradient is cut
        cut = recipe.detach if recipe.task == "classify" else None
        return {"the recipe": self.config.training["recipe"], "the data": digest.hexdigest(), "--detach": cut}

    def seconds(self) -> float:
        """Since the start, with those before it was resumed."""
        return self.learner.seconds + time.monotonic() - self.begun

    def moment(self, checkpoint: Checkpoint | None = None, trace: Trace | None = None) -> Progress:
        """How it stands."""
        learner = self.learner
        remark, learner.remark = learner.remark, ""
        return Progress(
            epoch=learner.epoch,
            step=learner.step,
            fraction=learner.step / learner.steps,
            loss=learner.loss / learner.seen,
            accuracy=learner.right / learner.seen,
            learning_rate=learner.learning_rate,
            seconds=self.seconds(),
            texts=learner.texts,
            remark=remark,
            checkpoint=checkpoint,
            trace=trace,
            state=lambda: learner.state(self.origin, self.seconds()),
            reach=learner.reach if learner.recipe.task == "classify" else None,
        )

    def checkpoint(self) -> Checkpoint:
        """The classifier as it is now, rounded as it would be saved."""
        now = {"epochs": self.learner.epoch, "seconds": round(self.seconds(), 1)}
        config = self.config.model_copy(update={"training": self.config.training | now})
        return Checkpoint(rounded(self.learner.learned), self.vocabulary, config)


def _prepared(
    sources: Sources, recipe: Recipe, *, name: str, title: str, history: dict[str, Any], begun: float
) -> Iterator[_Run | None]:
    """Texts to ids, and a network to learn from them. Yields None between its pieces of work, at last the run."""
    device = device_of(recipe.device)
    drawn = torch.Generator().manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    check_tokens(sources, recipe)
    prepared = _stream(sources, recipe, random) if recipe.task == "next" else _texts(sources, recipe, random)
    vocabulary, material, epochs = yield from prepared
    classes = len(vocabulary) if recipe.task == "next" else len(sources.dataset.classes)
    model = network(recipe, vocabulary, classes, sources.vectors, sources.start, drawn)
    learner = Learner(recipe, model, material, sum(map(len, epochs)), device, drawn)
    config = CheckpointConfig(
        format=2 if recipe.tokens == "letters" else 1,
        tokens=recipe.tokens,
        task=recipe.task,
        name=name,
        title=title,
        model=model.config,
        data=sources.dataset.format,
        training=history | history_of(sources, recipe),
    )
    yield _Run(learner, epochs, vocabulary, config, begun)


_Prepared = Generator[None, None, tuple[Vocabulary, Material, list[list[list[int]]]]]


def _texts(sources: Sources, recipe: Recipe, random: np.random.Generator) -> _Prepared:
    """The vocabulary of labelled texts, what is learned of each, and the batches of each epoch."""
    dataset, start, vectors = sources.dataset, sources.start, sources.vectors
    if not len(dataset):
        raise DataError("data_empty", path=dataset.name, detail="")
    if len(dataset.classes) < 2:
        raise DataError("data_one_class", path=dataset.name, name=", ".join(dataset.classes))
    at_each = recipe.pooling in ("last", "mean") and recipe.reading == "packed" and not recipe.bidirectional
    if recipe.every_token and not at_each:
        raise TrainingError("recipe_every")
    if recipe.detach and recipe.bidirectional:
        raise TrainingError("recipe_detach")
    for known in (*sources.teachers, *([start] if start and start.config.task == "classify" else [])):
        check_classes(known, dataset)
    tokens, labels = yield from all_pieces(sources, recipe)
    vocabulary = Vocabulary.count(
        tokens,
        min_freq=recipe.min_freq,
        size=recipe.vocabulary_size,
        more=vectors.words if vectors else (),
        tokens=recipe.tokens,
    )
    warn_of_unknown_words(tokens, vocabulary, sources)
    all_targets: Int[Tensor, " text"] | Float[Tensor, "text label"] = labels
    if sources.teachers:
        all_targets = yield from targets(tokens, labels, sources.teachers, recipe)
    whole = [words or [UNKNOWN] for words in tokens]  # nothing is read as one unknown word
    flat = torch.from_numpy(np.array(vocabulary.ids(itertools.chain.from_iterable(whole))))
    ids = list(flat.split([len(words) for words in whole]))
    epochs = [list(batches_of(ids, recipe, random)) for _ in range(recipe.epochs)]
    return vocabulary, Texts(ids, all_targets), epochs


def _stream(sources: Sources, recipe: Recipe, random: np.random.Generator) -> _Prepared:
    """The vocabulary of one long text, its streams, and the batches of each epoch."""
    if distributed.count() > 1:
        raise TrainingError("next_alone", processes=distributed.count())
    refuse_for_next(_unfit(sources, recipe))
    dataset = sources.dataset
    tokens = SPLITTERS[recipe.tokens](corpora.whole_text(dataset))
    yield
    vocabulary = Vocabulary.count([tokens], min_freq=recipe.min_freq, size=recipe.vocabulary_size, tokens=recipe.tokens)
    yield
    if len(vocabulary) > MOST_CLASSES:
        most = MOST_CLASSES - len(SPECIALS)
        raise DataError("next_many", path=dataset.name, found=len(vocabulary) - len(SPECIALS), most=most)
    least = 2 * recipe.window * recipe.streams
    if len(tokens) < least:
        raise DataError("data_short", path=dataset.name, tokens=len(tokens), least=least)
    material = Streams(torch.tensor(vocabulary.ids(tokens)), recipe.window)
    return vocabulary, material, [material.epoch(recipe.streams, random) for _ in range(recipe.epochs)]


def _unfit(sources: Sources, recipe: Recipe) -> dict[str, object]:
    """What has no meaning for the next token, to whether it is asked for."""
    ignored = ("every_token", "crops", "pieces", "most_tokens", "batch_tokens", "word_dropout", "teacher_share")
    return {
        "teachers": sources.teachers,
        "unlabelled texts": sources.unlabelled,
        "--vectors": sources.vectors,
        "--bidirectional": recipe.bidirectional,
        "--reading padded": recipe.reading == "padded",
        f"--pooling {recipe.pooling}": recipe.pooling != "last",
    } | {f"--{name.replace('_', '-')}": getattr(recipe, name) != Recipe.model_fields[name].default for name in ignored}
