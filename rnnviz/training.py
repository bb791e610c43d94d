"""Training a classifier in a plain PyTorch loop that yields as it goes, so that a command line or a page can watch.

What makes it fast on a processor (measured in docs/performance.md): batches of texts of exactly equal length, so that
nothing is padded or packed; a capped vocabulary; fused Adam. Left out: where the texts come from, printing, saving.
"""

import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Int
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from rnnviz.checkpoint import Checkpoint, CheckpointConfig, rounded
from rnnviz.datasets import Dataset
from rnnviz.errors import DataError, TrainingError
from rnnviz.evaluation import check_classes, evaluate
from rnnviz.model import (
    MOST_ENTRIES,
    GateBias,
    Layers,
    ModelConfig,
    Pooling,
    Reading,
    RecurrentClassifier,
    Share,
    Width,
)
from rnnviz.reading import read
from rnnviz.signals import Cell
from rnnviz.text import SPECIALS, UNKNOWN_ID, Vocabulary, WordVectors, tokenise
from rnnviz.trace import Trace
from rnnviz.units import describing

Device = Literal["auto", "cpu", "cuda"]

_YIELD_SECONDS = 0.4
_DESCRIBED_TEXTS = 3_000
_EMBEDDING_SCALE = 0.1


class Recipe(BaseModel):
    """Everything that decides what a training makes of a data set. The command line's options are these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell: Cell = Field("lstm", description="Kind of cell.")
    nonlinearity: Literal["tanh", "relu"] = Field("tanh", description="Of a plain RNN.")
    embedding_size: Width = Field(64, description="Features of a word vector.")
    hidden_size: Width = Field(32, description="Units of a layer and direction.")
    layers: Layers = Field(1, description="Recurrent layers on top of each other.")
    bidirectional: bool = Field(False, description="Whether a second network reads from the end.")
    pooling: Pooling = Field("last", description="Which hidden states reach the linear layer.")
    reading: Reading = Field(
        "packed", description="'padded' reads batches as the lesson does, to show what goes wrong."
    )
    forget_bias: GateBias = Field(
        0.0, description="What an LSTM's forget gates start from; 4 helps it to remember long."
    )
    embedding_dropout: Share = Field(0.0, description="Share of the embedding's features dropped in training.")
    dropout: Share = Field(0.0, description="Share of the pooled features dropped in training.")
    word_dropout: Share = Field(0.0, description="Share of words read as unknown in training.")
    label_smoothing: Share = Field(0.0, description="Share of the truth that is spread over all classes.")
    vocabulary_size: int = Field(20_000, ge=1, le=MOST_ENTRIES - len(SPECIALS), description="The most words to know.")
    min_freq: int = Field(1, ge=1, description="Words seen less often are unknown.")
    epochs: int = Field(2, ge=1, description="Times that every text is read.")
    batch_tokens: int = Field(4_096, ge=1, description="Tokens in a batch of texts of equal length.")
    most_tokens: int = Field(256, ge=1, description="Longer texts are cut in training.")
    pieces: int = Field(1, ge=1, description="A longer text gives up to so many pieces, each with its label.")
    learning_rate: FiniteFloat = Field(
        8e-3, gt=0.0, description="At its peak; it then falls to zero in a straight line."
    )
    warmup: Share = Field(0.1, description="Share of all steps before the peak.")
    clip: float = Field(1.0, gt=0.0, description="Longest gradient.")
    seed: int = Field(0, ge=0, lt=2**63, description="Of everything that is drawn.")
    device: Device = Field("auto", description="'auto' takes the GPU when there is one.")


@dataclass(frozen=True, eq=False)
class Progress:
    """One moment of a training.

    Attributes:
        epoch: Counted from 1.
        step: Batches so far, over all epochs.
        fraction: Of the whole training, 0 to 1.
        loss, accuracy: Running means over the epoch's training texts so far.
        learning_rate: Of the last step.
        seconds: Since the start.
        checkpoint: At the end of an epoch, the classifier as it would be saved; else None.
        trace: The reading of the watched sentence, if one was asked for.
    """

    epoch: int
    step: int
    fraction: float
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    checkpoint: Checkpoint | None = None
    trace: Trace | None = None


def train(
    dataset: Dataset,
    recipe: Recipe | None = None,
    *,
    dev: Dataset | None = None,
    vectors: WordVectors | None = None,
    start: Checkpoint | None = None,
    watch: str | None = None,
    name: str = "classifier",
    title: str = "",
    history: dict[str, Any] | None = None,
) -> Iterator[Progress]:
    """Train a classifier, a moment at a time: at least every half second, and at each epoch's end with a checkpoint.

    The same data, recipe, machine and number of threads give the same weights. PyTorch's global generator is seeded.

    Args:
        dataset: The training texts.
        recipe: How; a Recipe's defaults when None.
        dev: Texts to measure each epoch's checkpoint on (``checkpoint.scores["dev"]``).
        vectors: Word vectors to start from; their width must be the recipe's ``embedding_size``.
        start: A classifier of the same shape and classes to go on from; its words keep their vectors.
        watch: A sentence whose Trace comes with every moment.
        name: Of the checkpoint.
        title: A few words for menus.
        history: More facts for its card, such as the command.

    Raises:
        TrainingError: The device is not there, ``start`` does not fit, or the loss stopped being a number.
        DataError: The vectors or the classes do not fit, or there is nothing to train on.
    """
    recipe = recipe or Recipe()
    run = _prepared(dataset, recipe, vectors, start, name=name, title=title, history=history or {})
    random = np.random.default_rng(recipe.seed)
    epochs = [list(_batches(run.ids, recipe, random)) for _ in range(recipe.epochs)]
    run.schedule(sum(len(batches) for batches in epochs))
    yielded = run.started
    for epoch, batches in enumerate(epochs, start=1):
        run.begin(epoch)
        for checkpoint in _epoch(run, batches, dataset, dev):
            if checkpoint or time.monotonic() - yielded >= _YIELD_SECONDS:
                yield run.moment(checkpoint, read(checkpoint or run.checkpoint(), watch) if watch else None)
                yielded = time.monotonic()


def _epoch(run: "_Run", batches: list[list[int]], dataset: Dataset, dev: Dataset | None) -> Iterator[Checkpoint | None]:
    """Learn from each batch, then see what came of it. Yields between all pieces of work, at last the checkpoint."""
    for batch in batches:
        run.learn(batch)
        yield None
    bare = run.checkpoint()
    sample = np.random.default_rng(0).permutation(len(dataset))[:_DESCRIBED_TEXTS]
    units = yield from describing(bare, dataset.take(sample).texts)
    found = replace(bare, units=units)
    yield found.with_scores(dev=evaluate(found, dev).to_dict()) if dev else found


@dataclass(eq=False)
class _Run:
    """A training under way: the network, what it learns from, and the running means of the epoch."""

    recipe: Recipe
    model: RecurrentClassifier
    vocabulary: Vocabulary
    config: CheckpointConfig
    ids: list[Int[Tensor, " _"]]
    labels: Int[Tensor, " text"]
    device: torch.device
    started: float
    steps: int = 0
    epoch: int = 0
    step: int = 0
    learning_rate: float = 0.0
    loss: float = 0.0
    right: int = 0
    seen: int = 0

    def schedule(self, steps: int) -> None:
        """Make the optimiser, and its learning rate's way up and down over so many steps."""
        warmup = max(1, round(steps * self.recipe.warmup))
        self.steps = steps
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=self.recipe.learning_rate, fused=True)
        self.rate = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: _share(step, warmup, steps))

    def begin(self, epoch: int) -> None:
        """Start an epoch's means afresh."""
        self.epoch, self.loss, self.right, self.seen = epoch, 0.0, 0, 0

    def learn(self, batch: list[int]) -> None:
        """Take one step on one batch.

        Raises:
            TrainingError: The loss or its gradient stopped being a number; the weights are then left as they were.
        """
        self.step += 1
        loss, right = _step(self, batch)
        self.learning_rate = float(self.rate.get_last_lr()[0])
        self.rate.step()
        self.loss += loss * len(batch)
        self.right += right
        self.seen += len(batch)

    def moment(self, checkpoint: Checkpoint | None = None, trace: Trace | None = None) -> Progress:
        """How it stands."""
        return Progress(
            epoch=self.epoch,
            step=self.step,
            fraction=self.step / self.steps,
            loss=self.loss / self.seen,
            accuracy=self.right / self.seen,
            learning_rate=self.learning_rate,
            seconds=time.monotonic() - self.started,
            checkpoint=checkpoint,
            trace=trace,
        )

    def checkpoint(self) -> Checkpoint:
        """The classifier as it is now, rounded as it would be saved."""
        now = {"epochs": self.epoch, "seconds": round(time.monotonic() - self.started, 1)}
        config = self.config.model_copy(update={"training": self.config.training | now})
        return Checkpoint(rounded(self.model), self.vocabulary, config)


def _prepared(
    dataset: Dataset,
    recipe: Recipe,
    vectors: WordVectors | None,
    start: Checkpoint | None,
    *,
    name: str,
    title: str,
    history: dict[str, Any],
) -> _Run:
    """Texts to ids, and a network to learn from them."""
    if not len(dataset):
        raise DataError("data_empty", path=dataset.name, detail="")
    if len(dataset.classes) < 2:
        raise DataError("data_one_class", path=dataset.name, name=", ".join(dataset.classes))
    started = time.monotonic()
    device = _device(recipe.device)
    torch.manual_seed(recipe.seed)
    tokens, labels = _pieces(dataset, recipe)
    vocabulary = Vocabulary.count(
        tokens, min_freq=recipe.min_freq, size=recipe.vocabulary_size, more=vectors.words if vectors else ()
    )
    if start is not None:
        check_classes(start, dataset)
    model = _model(recipe, vocabulary, len(dataset.classes), vectors, start).to(device)
    history = history | _history(dataset, recipe)
    config = CheckpointConfig(name=name, title=title, model=model.config, data=dataset.format, training=history)
    ids = [torch.tensor(vocabulary.ids(words) or [UNKNOWN_ID]) for words in tokens]
    return _Run(recipe, model, vocabulary, config, ids, labels, device, started)


def _device(wanted: Device) -> torch.device:
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise TrainingError("device")
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


def _pieces(dataset: Dataset, recipe: Recipe) -> tuple[list[list[str]], Int[Tensor, " piece"]]:
    """The tokens that are read, and their labels: each text's beginning, or more pieces of it."""
    tokens: list[list[str]] = []
    labels: list[int] = []
    for text, label in zip(dataset.texts, dataset.labels.tolist(), strict=True):
        whole = tokenise(text)
        starts = range(0, max(1, len(whole)), recipe.most_tokens)[: recipe.pieces]
        tokens += [whole[start : start + recipe.most_tokens] for start in starts]
        labels += [label] * len(starts)
    return tokens, torch.tensor(labels)


def _model(
    recipe: Recipe, vocabulary: Vocabulary, classes: int, vectors: WordVectors | None, start: Checkpoint | None
) -> RecurrentClassifier:
    shape = {name: getattr(recipe, name) for name in ModelConfig.model_fields.keys() & Recipe.model_fields.keys()}
    model = RecurrentClassifier(ModelConfig(**shape | {"vocabulary_size": len(vocabulary), "classes": classes}))
    with torch.no_grad():
        model.embedding.weight *= _EMBEDDING_SCALE
    if vectors is not None:
        _set_vectors(model, vocabulary, vectors)
    if start is not None:
        _go_on(model, vocabulary, start)
    return model


def _go_on(model: RecurrentClassifier, vocabulary: Vocabulary, start: Checkpoint) -> None:
    """Give a network all that another one has learned, for the words that both know."""
    free = {"vocabulary_size", "reading", "embedding_dropout", "dropout", "forget_bias"}
    if model.config.model_dump(exclude=free) != start.config.model.model_dump(exclude=free):
        raise TrainingError("start_shape", start=start.config.name)
    known = {word: entry for entry, word in enumerate(start.vocabulary.words)}
    _set_vectors(model, vocabulary, WordVectors(known, start.model.embedding.weight.detach().numpy()))
    with torch.no_grad():
        model.embedding.weight[: len(SPECIALS)] = start.model.embedding.weight[: len(SPECIALS)]
    model.rnn.load_state_dict(start.model.rnn.state_dict())
    model.fc.load_state_dict(start.model.fc.state_dict())


def _set_vectors(model: RecurrentClassifier, vocabulary: Vocabulary, vectors: WordVectors) -> None:
    """Give the words that have a vector theirs; the others keep what they have."""
    width = vectors.vectors.shape[1]
    if width != model.config.embedding_size:
        raise DataError("vectors_width", found=width, wanted=model.config.embedding_size)
    rows = torch.from_numpy(vectors.rows_for(vocabulary))
    with torch.no_grad():
        model.embedding.weight.copy_(torch.where(rows.isnan(), model.embedding.weight, rows))


def _batches(ids: Sequence[Int[Tensor, " _"]], recipe: Recipe, random: np.random.Generator) -> Iterator[list[int]]:
    """The texts of one epoch, each once: batches of equal length in random order, or 16 at random to be padded."""
    order = random.permutation(len(ids))
    if recipe.reading == "padded":
        yield from (part.tolist() for part in np.split(order, range(16, len(order), 16)))
        return
    lengths = np.array([len(places) for places in ids])
    order = order[np.argsort(lengths[order], kind="stable")]
    lengths = lengths[order]
    batches = []
    start = 0
    while start < len(order):
        size = max(1, recipe.batch_tokens // lengths[start])
        stop = min(start + size, int(np.searchsorted(lengths, lengths[start], side="right")))
        batches.append(order[start:stop].tolist())
        start = stop
    yield from (batches[place] for place in random.permutation(len(batches)))


def _share(step: int, warmup: int, steps: int) -> float:
    """Share of the peak learning rate: up in a straight line over the warm-up, then down to zero."""
    return min((step + 1) / warmup, (steps - step) / max(1, steps - warmup))


def _step(run: _Run, batch: list[int]) -> tuple[float, int]:
    """One step down the gradient; the batch's loss, and how many of its texts were answered rightly."""
    recipe, model = run.recipe, run.model
    lengths = torch.tensor([len(run.ids[text]) for text in batch])
    rows = pad_sequence([run.ids[text] for text in batch], batch_first=True, padding_value=model.config.padding_id)
    if recipe.word_dropout:
        rows = rows.masked_fill(torch.rand(rows.shape) < recipe.word_dropout, UNKNOWN_ID)
    wanted = run.labels[batch].to(run.device)
    model.train()
    logits = model(rows.to(run.device), lengths)
    loss = torch.nn.functional.cross_entropy(logits, wanted, label_smoothing=recipe.label_smoothing)
    run.optimiser.zero_grad()
    loss.backward()
    length = torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
    if not (loss.isfinite() and length.isfinite()):
        rate = recipe.learning_rate
        raise TrainingError("training_nan", epoch=run.epoch, step=run.step, rate=rate, advice=rate / 10)
    run.optimiser.step()
    return loss.item(), int((logits.argmax(dim=1) == wanted).sum())


def _history(dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    return {
        "recipe": recipe.model_dump(),
        "seed": recipe.seed,
        "texts": len(dataset),
        "data_sha256": dataset.sha256(),
        "device": recipe.device,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("torch", "numpy")},
    }
