"""Training a classifier in a plain PyTorch loop that yields as it goes, so that a command line or a page can watch.

Left out: what it begins with (``rnnviz.beginning``), where the texts come from, printing, saving.
"""

import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from rnnviz.beginning import batches_of, device_of, network, pieces
from rnnviz.checkpoint import Checkpoint, rounded
from rnnviz.config import CheckpointConfig
from rnnviz.datasets import Dataset
from rnnviz.errors import DataError, TrainingError
from rnnviz.evaluation import check_classes, evaluate
from rnnviz.model import RecurrentClassifier
from rnnviz.reading import read
from rnnviz.recipe import Recipe
from rnnviz.text import UNKNOWN_ID, Vocabulary, WordVectors
from rnnviz.trace import Trace
from rnnviz.units import describing

_YIELD_SECONDS = 0.4
_DESCRIBED_TEXTS = 3_000


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
    epochs = [list(batches_of(run.ids, recipe, random)) for _ in range(recipe.epochs)]
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
    device = device_of(recipe.device)
    torch.manual_seed(recipe.seed)
    tokens, labels = pieces(dataset, recipe)
    vocabulary = Vocabulary.count(
        tokens, min_freq=recipe.min_freq, size=recipe.vocabulary_size, more=vectors.words if vectors else ()
    )
    if start is not None:
        check_classes(start, dataset)
    model = network(recipe, vocabulary, len(dataset.classes), vectors, start).to(device)
    history = history | _history(dataset, recipe)
    config = CheckpointConfig(name=name, title=title, model=model.config, data=dataset.format, training=history)
    ids = [torch.tensor(vocabulary.ids(words) or [UNKNOWN_ID]) for words in tokens]
    return _Run(recipe, model, vocabulary, config, ids, labels, device, started)


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
