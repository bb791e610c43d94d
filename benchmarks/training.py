"""How fast a classifier learns: the lesson's own training loop against rnnviz.train, on the same rows and layers.

    python benchmarks/training.py [DATA] [--made N] [--rounds N] [--threads N] [--epoch] [--cuda]
        [--tf32] [--bf16]

Both learn an embedding of 64 features, an LSTM of 32 units and a linear layer over its last state. They take turns of
a few seconds, so that a slow moment of the machine meets both alike. PyTorch has the threads that it takes by itself,
or as many as ``torch.set_num_threads`` gives it; no environment variable is set, as users set none. ``--epoch`` lets
the lesson's loop end its one epoch, and asks when rnnviz had reached the test accuracy that this gave.
"""

import argparse
import contextlib
import datetime
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import torch
from capture import processor, synchronise
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torchtext.data.utils import get_tokenizer

import rnnviz
from rnnviz.data.datasets import Dataset
from rnnviz.data.text import Vocabulary, tokenise
from rnnviz.model import RecurrentClassifier

Encode = Callable[[str], list[int]]
FASTER, SOONER = 25, 20  # the goals
SHARES = 40  # turns in which the lesson's epoch is run with --epoch


def main() -> None:
    """Print what was measured."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, nargs="?", default=Path("data/ag_news/train.csv.gz"))
    options.add_argument("--made", type=int, metavar="N", help="instead of DATA, N texts of the task opinions")
    options.add_argument("--test", type=Path, help="its test set; test.csv.gz beside it when left out")
    options.add_argument("--rounds", type=int, default=9, help="turns of each side in the first table")
    options.add_argument("--seconds", type=float, default=4.0, help="length of a turn")
    options.add_argument("--threads", type=int, help="of PyTorch; by default as many as it takes")
    options.add_argument("--epoch", action="store_true", help="also the time to the lesson's accuracy: many minutes")
    options.add_argument("--batch-tokens", type=int, default=rnnviz.Recipe().batch_tokens, help="of rnnviz")
    options.add_argument("--learning-rate", type=float, default=rnnviz.Recipe().learning_rate, help="of rnnviz")
    options.add_argument("--cuda", action="store_true", help="both sides on the GPU")
    options.add_argument("--tf32", action="store_true", help="both sides with TF32 products (GPU)")
    options.add_argument("--bf16", action="store_true", help="rnnviz with precision bfloat16")
    given = options.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    device = "cuda" if given.cuda else "cpu"
    for kernels in (torch.backends.cuda.matmul, torch.backends.cudnn.rnn):
        kernels.fp32_precision = "tf32" if given.tf32 else "ieee"
    recipe = rnnviz.Recipe(
        device=device,
        epochs=1,  # as many as the lesson's
        batch_tokens=given.batch_tokens,
        learning_rate=given.learning_rate,
        precision="bfloat16" if given.bf16 else "float32",
    )
    made = rnnviz.tasks.generate("opinions", rows=given.made) if given.made else None
    rows, raw = (made, made) if made else both(given.data)
    print(header(device, given.tf32, given.bf16), end="\n\n")
    print(f"{len(rows):,} texts; {recipe.batch_tokens:,} tokens a batch, learning rate {recipe.learning_rate:g}")
    throughput(rows, raw, recipe, given.rounds, given.seconds)
    shares(rows, recipe, given.seconds)
    if given.epoch:
        test, raw_test = both(given.test or given.data.with_name("test.csv.gz"))
        time_to_accuracy(rows, raw, test, raw_test, recipe)


def both(path: Path) -> tuple[Dataset, Dataset]:
    """The texts as rnnviz reads them, and as the lesson does: with AG News's left-overs of HTML."""
    rows = rnnviz.datasets.load(path)
    return rows, rnnviz.datasets.load(path, rows.format.model_copy(update={"spelling": "plain"}))


def header(device: str, tf32: bool, bf16: bool) -> str:
    """When, where and with what this was measured."""
    place = (
        torch.cuda.get_device_name()
        if device == "cuda"
        else f"{processor()} · threads of PyTorch: {torch.get_num_threads()}"
    )
    precision = [name for name, on in (("TF32", tf32), ("rnnviz in bfloat16", bf16)) if on]
    versions = [f"torch {torch.__version__}", f"Python {platform.python_version()}"]
    return " · ".join([str(datetime.date.today()), place, *precision, *versions])


# The lesson's loop


class LessonClassifier(nn.Module):
    """The lesson's packed LSTM classifier."""

    def __init__(self, words: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 64)
        self.embedding.weight.data = torch.randn_like(self.embedding.weight) - 0.5
        self.rnn = nn.LSTM(64, 32, batch_first=True)
        self.fc = nn.Linear(32, classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Score a batch."""
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        return self.fc(self.rnn(packed)[1][0][-1])


class Lesson:
    """The lesson's training: 16 texts a batch, split into words anew in the loop, all words known, plain Adam.

    Attributes:
        seconds: Spent so far; counting the words for the vocabulary is the first of it.
        texts: Learnt from so far.
    """

    def __init__(self, rows: Dataset, device: str) -> None:
        self.seconds, self.texts = 0.0, 0
        start = time.perf_counter()
        self.tokenise = get_tokenizer("basic_english")
        counted = Counter(token for text in rows.texts for token in self.tokenise(text))
        self.ids = {word: place for place, (word, _) in enumerate(counted.most_common(), start=1)}
        torch.manual_seed(0)
        self.model = LessonClassifier(len(self.ids) + 1, len(rows.classes)).to(device)
        self.steps = self._epoch(list(zip(rows.labels.tolist(), rows.texts, strict=True)), device)
        self.seconds = self.prepared = time.perf_counter() - start

    def encode(self, text: str) -> list[int]:
        """The ids of a text; 0 is the unknown word, and the padding."""
        return [self.ids.get(token, 0) for token in self.tokenise(text)]

    def _batch(self, rows: list[tuple[int, str]]) -> tuple[Tensor, Tensor, Tensor]:
        ids = [torch.tensor(self.encode(text)) for _, text in rows]
        lengths = torch.tensor([len(places) for places in ids])
        return torch.tensor([label for label, _ in rows]), pad_sequence(ids, batch_first=True), lengths

    def _epoch(self, rows: list[tuple[int, str]], device: str) -> Iterator[int]:
        """Learn from every text once; yields the size of each batch."""
        loader = torch.utils.data.DataLoader(rows, batch_size=16, shuffle=True, collate_fn=self._batch)
        optimiser = torch.optim.Adam(self.model.parameters(), lr=0.001)
        right = seen = 0
        for step, (labels, ids, lengths) in enumerate(loader, start=1):
            labels, ids = labels.to(device), ids.to(device)
            optimiser.zero_grad()
            logits = self.model(ids, lengths)
            loss = nn.functional.cross_entropy(logits, labels)
            loss.backward()
            optimiser.step()
            right += (logits.argmax(dim=1) == labels).sum()
            seen += len(labels)
            if step % 200 == 0:
                self.running_accuracy = right.item() / seen  # the lesson prints it here
            yield len(labels)

    def turn(self, seconds: float = float("inf"), texts: float = float("inf")) -> bool:
        """Go on for so long, or for so many texts; whether there was anything left to do."""
        return _turn(self, seconds, texts)

    def step(self) -> bool:
        """Learn from one batch, if one is left."""
        size = next(self.steps, 0)
        self.texts += size
        return size > 0


# Ours


class Ours:
    """rnnviz.train, with the clock beside it that the lesson has.

    Attributes:
        seconds: Spent so far; all that train does before its first batch is the first of it.
        texts: Learnt from so far.
        prepared: Seconds before the first batch.
        model: The network that learns. train hands out none before an epoch's end; this is found at its first batch.
    """

    def __init__(self, rows: Dataset, recipe: rnnviz.Recipe) -> None:
        self.seconds, self.texts, self.prepared = 0.0, 0, 0.0
        self.model: RecurrentClassifier | None = None
        self.moments = rnnviz.train(rows, recipe)
        start = time.perf_counter()
        with register_module_forward_pre_hook(self._found):
            while self.model is None and self.step():
                pass
        self.seconds = time.perf_counter() - start
        self.prepared = self.first_batch - start

    def _found(self, module: nn.Module, inputs: object) -> None:
        if self.model is not None or not isinstance(module, RecurrentClassifier):
            return
        self.first_batch = time.perf_counter()
        self.model = module

    def turn(self, seconds: float) -> bool:
        """Go on for so long; whether there was anything left to do."""
        return _turn(self, seconds, float("inf"))

    def step(self) -> bool:
        """Go on to the next moment, about 0.4 seconds, if one is left."""
        moment = next(self.moments, None)
        self.texts = moment.texts if moment else self.texts
        return moment is not None


def _turn(side: Lesson | Ours, seconds: float, texts: float) -> bool:
    start, learnt = time.perf_counter(), side.texts
    going = True
    while going and time.perf_counter() - start < seconds and side.texts - learnt < texts:
        going = side.step()
    synchronise()
    side.seconds += time.perf_counter() - start
    return going


# What is measured


def throughput(rows: Dataset, raw: Dataset, recipe: rnnviz.Recipe, rounds: int, seconds: float) -> None:
    """Texts a second, in the loop and with all that comes before it."""
    lesson, ours = Lesson(raw, recipe.device), Ours(rows, recipe)
    rates: dict[str, list[float]] = {"lesson": [], "rnnviz": []}
    for _ in range(rounds + 1):
        for name, side in (("lesson", lesson), ("rnnviz", ours)):
            before = side.texts, side.seconds
            if side.turn(seconds) or side.texts > before[0]:
                rates[name].append((side.texts - before[0]) / (side.seconds - before[1]))
    medians = {name: statistics.median(found[1:] or found) for name, found in rates.items()}  # the first warms up
    whole = len(rows) * recipe.epochs
    prepared = whole / (whole / medians["rnnviz"] + ours.prepared)
    print(f"\nTexts a second, median of {rounds} turns of {seconds:g} s\n")
    print("| | lesson | rnnviz | ratio | goal |\n|---|---|---|---|---|")
    print(row("in the loop", medians["lesson"], medians["rnnviz"], medians["rnnviz"] / medians["lesson"], FASTER))
    print(row("with the words split before it", medians["lesson"], prepared, prepared / medians["lesson"], ""))


def row(name: str, lesson: float, ours: float, ratio: float, goal: int | str) -> str:
    """One line of a table of both sides."""
    return f"| {name} | {lesson:,.1f} | {ours:,.1f} | {ratio:.1f} | {goal} |"


def time_to_accuracy(
    rows: Dataset, raw: Dataset, test: Dataset, raw_test: Dataset, recipe: rnnviz.Recipe, seconds: float = 0.5
) -> None:
    """Seconds to the test accuracy of the lesson's one epoch, everything counted from the texts on.

    The lesson's epoch has 40 turns, and after each rnnviz has one of half a second, and its test accuracy is measured
    while both clocks stand still. The first of these accuracies that is large enough ends its time.
    """
    vocabulary = Vocabulary.count(map(tokenise, rows.texts), size=recipe.vocabulary_size)  # as train makes it
    lesson, ours = Lesson(raw, recipe.device), Ours(rows, recipe)
    reached: list[tuple[float, float]] = []
    lesson_goes = ours_goes = True
    while lesson_goes or ours_goes:
        lesson_goes = lesson_goes and lesson.turn(texts=len(rows) / SHARES)
        before = ours.texts
        ours_goes = ours_goes and ours.turn(seconds)
        if ours.texts > before:
            found = accuracy(ours.model, lambda text: vocabulary.ids(tokenise(text)), test)
            reached.append((ours.seconds, found))
            print(f"  lesson {lesson.seconds:.0f} s · rnnviz {ours.seconds:.1f} s, test {found:.1%}", flush=True)
    wanted = accuracy(lesson.model, lesson.encode, raw_test)
    print(f"\nThe lesson's epoch ends at {wanted:.2%} on {len(test):,} test texts; rnnviz at {reached[-1][1]:.2%}.\n")
    first = next((moment for moment in reached if moment[1] >= wanted), None)
    if first is None:
        print("rnnviz did not reach the lesson's accuracy.")
        return
    print("| seconds | lesson | rnnviz | ratio | goal |\n|---|---|---|---|---|")
    print(row(f"to {wanted:.1%} ({first[1]:.1%})", lesson.seconds, first[0], lesson.seconds / first[0], SOONER))
    print(row("of which before the first batch", lesson.prepared, ours.prepared, lesson.prepared / ours.prepared, ""))


@torch.no_grad()
def accuracy(model: nn.Module, encode: Encode, test: Dataset) -> float:
    """Share of texts that a network answers rightly, packed in batches of 256 of similar length."""
    device = next(model.parameters()).device
    ids = [torch.tensor(encode(text) or [0]) for text in test.texts]
    order = sorted(range(len(ids)), key=lambda text: len(ids[text]))
    labels = torch.from_numpy(test.labels)
    was, right = model.training, 0
    model.eval()
    for start in range(0, len(order), 256):
        batch = order[start : start + 256]
        lengths = torch.tensor([len(ids[text]) for text in batch])
        rows = pad_sequence([ids[text] for text in batch], batch_first=True, padding_value=1)
        right += int((model(rows.to(device), lengths).argmax(dim=1).cpu() == labels[batch]).sum())
    model.train(was)
    return right / len(ids)


def shares(rows: Dataset, recipe: rnnviz.Recipe, seconds: float) -> None:
    """Where the time of rnnviz goes, once it learns."""
    ours = Ours(rows, recipe)
    watch = Watch()
    before = ours.seconds
    with contextlib.ExitStack() as stack:
        stack.enter_context(ours.model.register_forward_pre_hook(lambda model, inputs: watch.start()))
        stack.enter_context(ours.model.register_forward_hook(lambda model, inputs, logits: watch.stop("forward pass")))
        stack.enter_context(register_optimizer_step_pre_hook(lambda *_: watch.start()))
        stack.enter_context(register_optimizer_step_post_hook(lambda *_: watch.stop("Adam")))
        for home, name, part in (
            (Tensor, "backward", "backward pass"),
            (nn.utils, "clip_grad_norm_", "length of the gradient, and clipping"),
        ):
            stack.enter_context(mock.patch.object(home, name, watch.timed(getattr(home, name), part)))
        ours.turn(seconds)
    whole = ours.seconds - before
    watch.spent["batches, loss, counting, moments"] = whole - sum(watch.spent.values())
    print("\nWhere the time of rnnviz goes once it learns\n\n| part | share |\n|---|---|")
    for part, share in watch.spent.items():
        print(f"| {part} | {share / whole:.0%} |")


class Watch:
    """Seconds by part of the work; no part runs inside another."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    def start(self) -> None:
        """A part begins."""
        synchronise()
        self.started = time.perf_counter()

    def stop(self, part: str) -> None:
        """It ends."""
        synchronise()
        self.spent[part] += time.perf_counter() - self.started

    def timed(self, call: Callable[..., object], part: str) -> Callable[..., object]:
        """The same call, on the clock."""

        def timed(*args: object, **more: object) -> object:
            self.start()
            try:
                return call(*args, **more)
            finally:
                self.stop(part)

        return timed


if __name__ == "__main__":
    main()
