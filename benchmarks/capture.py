"""What every signal costs: capture, and what people write without it, against the plain nn.LSTM call.

    python benchmarks/capture.py [--rounds N] [--threads N] [--beside N] [--tables NAME ...]
        [--processor-time] [--cuda]

All sides of a table run in turn, round after round; a figure is the median over the rounds, and in brackets its ratio
to the plain call. PyTorch has the threads that it takes by itself, or as many as ``torch.set_num_threads`` gives it; no
environment variable is set, as users set none.
With ``--processor-time`` the clock is the calling thread's own, which others on the machine stop less: only with
``--threads 1``. With ``--beside N``, so many other processes compute all the time; they are started and ended here.
"""

import argparse
import contextlib
import copy
import datetime
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

import rnnviz
from rnnviz import capture, vocabulary_table
from rnnviz.engine import numpy_loops, one_text as engine

Side = Callable[[], object]
FEATURES = 64
TABLES = "text", "padded", "packed", "corpus", "memory", "errors", "trained", "first"
ON_A_CPU = "errors", "trained", "first"
ON_A_GPU = ("memory",)


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=15, help="of the large tables; short calls get 20 times as many")
    options.add_argument("--threads", type=int, help="of PyTorch; by default as many as it takes")
    options.add_argument("--beside", type=int, default=0, help="busy processes that run meanwhile")
    options.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES, help="only these")
    options.add_argument("--processor-time", action="store_true", help="of the calling thread, not the wall's")
    options.add_argument("--cuda", action="store_true", help="measure on the GPU instead")
    given = options.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    device = "cuda" if given.cuda else "cpu"
    place = torch.cuda.get_device_name() if given.cuda else processor()
    versions = f"torch {torch.__version__} · Python {platform.python_version()}"
    if given.processor_time:
        if given.cuda or torch.get_num_threads() > 1:
            options.error("--processor-time counts one thread of the CPU: pass --threads 1, and not --cuda")
        Clock.now = staticmethod(time.thread_time)
        versions += " · processor time"
    beside = f" · beside {given.beside} busy processes" if given.beside else ""
    print(f"{datetime.date.today()} · {place} · threads of PyTorch: {torch.get_num_threads()} · {versions}{beside}")
    tables: dict[str, Callable[[], None]] = {
        "text": lambda: one_text(device, 20 * given.rounds),
        "padded": lambda: padded(device, given.rounds),
        "packed": lambda: one_batch(device, given.rounds),
        "corpus": lambda: corpus(device, given.rounds),
        "memory": memory,
        "errors": errors,
        "trained": trained,
        "first": first_call,
    }
    with torch.no_grad(), busy(given.beside):
        for name in given.tables:
            if name not in (ON_A_CPU if given.cuda else ON_A_GPU):
                tables[name]()


@contextlib.contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes that compute all the time, for a while."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()


def one_text(device: str, rounds: int) -> None:
    """A text alone."""
    print("\nOne text, microseconds (ratio to the plain call)\n")
    table = Table("tokens, units")
    for tokens, units, shape in ((12, 32, {}), (12, 128, {}), (40, 32, {}), (40, 128, {}), (40, 128, DEEP)):
        lstm = nn.LSTM(FEATURES, units, **shape).to(device).eval()
        text = torch.randn(tokens, FEATURES, device=device)
        sides: dict[str, Side] = {"plain nn.LSTM": partial(lstm, text)}
        sides |= {name: with_loops(loops, lstm, text) for name, loops in LOOPS.items() if device == "cpu"}
        sides |= {
            "walk, bit-identical": partial(capture, lstm, text, exact=True),
            "recover": partial(capture, lstm, text, route="recover"),
            "naive loop": partial(naive, lstm, text[:, None]),
        }
        if not shape:
            sides |= {"nn.LSTMCell loop": partial(cell_loop, cell_of(lstm), text[:, None])}
        table.row(f"{tokens}, {units}{' · 2 layers, both ways' if shape else ''}", interleaved(sides, rounds), 1e6)
    print(table)


def padded(device: str, rounds: int) -> None:
    """A few texts of one length, padded: three layers of 256 units, and smaller ones."""
    print("\nA few texts of 160 tokens, padded, milliseconds (ratio to the plain call)\n")
    table = Table("module, texts")
    for kind, units, layers in ((nn.LSTM, 256, 3), (nn.LSTM, 128, 1), (nn.LSTM, 32, 1), (nn.GRU, 128, 1)):
        module = kind(40, units, layers, batch_first=True).to(device).eval()
        for texts in (2, 4, 8, 32):
            rows = torch.randn(texts, 160, 40, device=device)
            sides: dict[str, Side] = {
                "plain nn.LSTM": partial(module, rows),
                "capture": partial(capture, module, rows),
                "walk": partial(capture, module, rows, route="walk"),
                "recover": partial(capture, module, rows, route="recover"),
            }
            name = f"{kind.__name__} {units}{f' · {layers} layers' if layers > 1 else ''}, {texts}"
            table.row(name, interleaved(sides, rounds), 1e3)
    print(str(table).replace("plain nn.LSTM", "plain call"))


def memory() -> None:
    """What a capture of a packed batch takes on the GPU at its highest, and what the plain call takes."""
    print("\nHighest memory on the GPU for the packed batch of 256 texts, 128 units, MB\n")
    texts = [torch.randn(length, FEATURES, device="cuda") for length in torch.randint(5, 61, (256,)).tolist()]
    packed, lstm = pack_sequence(texts, enforce_sorted=False), nn.LSTM(FEATURES, 128).cuda().eval()
    for name, side in (
        ("plain nn.LSTM", partial(lstm, packed)),
        ("recover", partial(capture, lstm, packed, route="recover")),
        ("walk", partial(capture, lstm, packed, route="walk")),
    ):
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        side()
        print(f"- {name}: {(torch.cuda.max_memory_allocated() - before) / 1e6:.1f}")


def one_batch(device: str, rounds: int) -> None:
    """256 texts of 5 to 60 tokens, packed."""
    print("\nPacked batch of 256 texts of 5 to 60 tokens, milliseconds (ratio to the plain call)\n")
    texts = [torch.randn(length, FEATURES, device=device) for length in torch.randint(5, 61, (256,)).tolist()]
    packed = pack_sequence(texts, enforce_sorted=False)
    table = Table("units, shape")
    for units in (32, 128):
        for name, shape in (("1 layer", {}), ("2 layers", {"num_layers": 2}), ("both ways", {"bidirectional": True})):
            lstm = nn.LSTM(FEATURES, units, **shape).to(device).eval()
            sides: dict[str, Side] = {
                "plain nn.LSTM": partial(lstm, packed),
                "walk (bit-identical)": partial(capture, lstm, packed, route="walk"),
                "recover": partial(capture, lstm, packed, route="recover"),
                "naive padded loop": lambda lstm=lstm: naive(lstm, pad_packed_sequence(packed)[0]),
            }
            if not shape:
                cell = cell_of(lstm)
                sides |= {"nn.LSTMCell loop": lambda cell=cell: cell_loop(cell, pad_packed_sequence(packed)[0])}
            table.row(f"{units}, {name}", interleaved(sides, rounds), 1e3)
    print(table)


def corpus(device: str, rounds: int) -> None:
    """8,192 texts of 10 to 80 words out of 20,000, sorted by length into batches of 256, from ids to signals."""
    print("\nPacked corpus of 8,192 texts of 10 to 80 words out of 20,000, seconds (ratio to the plain call)\n")
    lengths = torch.randint(10, 81, (8_192,)).sort().values.tolist()
    frequency = 1.0 / torch.arange(1, 20_001)
    ids = [torch.multinomial(frequency, length, replacement=True).to(device) for length in lengths]
    batches = [pack_sequence(ids[start : start + 256][::-1]) for start in range(0, len(ids), 256)]
    table = Table("units")
    for units in (32, 128):
        embedding, lstm = nn.Embedding(20_000, FEATURES).to(device), nn.LSTM(FEATURES, units).to(device).eval()

        def rows(batch: PackedSequence, embedding: nn.Embedding = embedding) -> PackedSequence:
            return batch._replace(data=embedding(batch.data))

        def with_table(lstm: nn.LSTM = lstm, embedding: nn.Embedding = embedding) -> None:
            known = vocabulary_table(embedding, lstm)  # the time to make it counts
            for batch in batches:
                capture(lstm, batch, table=known)

        sides: dict[str, Side] = {
            "plain nn.LSTM": lambda lstm=lstm, rows=rows: [lstm(rows(batch)) for batch in batches],
            "capture": lambda lstm=lstm, rows=rows: [capture(lstm, rows(batch))[0] for batch in batches],
            "capture with the vocabulary table": with_table,
        }
        table.row(str(units), interleaved(sides, max(3, rounds // 3)), 1.0)
    print(table)


def errors() -> None:
    """Largest distance from the same network in float64."""
    print("\nLargest error against float64 over 200 texts of 40 tokens, 64 units (units of 1e-7)\n")
    sides = ["plain nn.LSTM", *LOOPS, "walk, bit-identical", "recover"]
    print(f"| signal | {' | '.join(sides)} |\n{'|---' * (len(sides) + 1)}|")
    lstm, wide = nn.LSTM(FEATURES, 64).eval(), nn.LSTM(FEATURES, 64).double().eval()
    wide.load_state_dict(lstm.state_dict())
    found: dict[str, list[list[float]]] = {}
    for _ in range(200):
        text = torch.randn(40, FEATURES)
        truth = capture(wide, text.double())[2]
        plain = {"hidden": lstm(text)[0][None, None]}
        readings = [plain, *(with_loops(loops, lstm, text)()[2] for loops in LOOPS.values())]
        readings += [capture(lstm, text, exact=True)[2], capture(lstm, text, route="recover")[2]]
        for name, values in truth.items():
            far = [float((read[name] - values).abs().max()) if name in read else 0.0 for read in readings]
            found.setdefault(name, []).append(far)
    for name, rows in found.items():
        print("|", name, *(f"| {max(far) * 1e7:.1f}" if max(far) else "| –" for far in zip(*rows, strict=True)), "|")


def trained() -> None:
    """Largest distance of trained networks from themselves in float64, over texts of people and over random ones."""
    reviews = list(rnnviz.datasets.load(Path(__file__).parents[1] / "examples/reviews.csv").texts)
    written, drawn = Errors(), Errors()
    torch.manual_seed(0)  # the words that are drawn are the same in every run
    for network in rnnviz.networks():
        checkpoint = rnnviz.load(network.name)
        embedding, rnn = checkpoint.model.embedding, checkpoint.model.rnn
        wide = copy.deepcopy(rnn).double()
        for words in (*(probe.text for probe in checkpoint.config.probes), *reviews, " ".join(reviews)):
            written.add(network.name, rnn, wide, embedding(torch.tensor(checkpoint.ids(words)[:300])))
        for _ in range(20):
            drawn.add(network.name, rnn, wide, embedding(torch.randint(2, embedding.num_embeddings, (40,))))
    print("\nLargest error of all networks that come with rnnviz against float64, in units of 1e-7; of values above 1")
    print("as a share")
    print(f"\nTheir probe sentences, those of examples/reviews.csv, and 300 words of these in a row:\n\n{written}")
    print(f"\n20 texts each of 40 words drawn from their vocabularies:\n\n{drawn}")


class Errors:
    """The largest errors of each signal so far, one a way to read, and the network with the largest."""

    def __init__(self) -> None:
        self.worst: dict[str, list[float]] = {}
        self.owner: dict[str, tuple[float, str]] = {}

    def add(self, network: str, module: nn.RNNBase, wide: nn.RNNBase, text: Tensor) -> None:
        """Count a text in."""
        truth = capture(wide, text.double())[2]
        plain = torch.stack(module(text)[0].chunk(2 if module.bidirectional else 1, dim=-1))
        readings: list[dict[str, Tensor]] = [with_loops(loops, module, text)()[2] for loops in LOOPS.values()]
        readings += [capture(module, text, exact=True)[2], capture(module, text, route="recover")[2]]
        for name, values in truth.items():
            scale = values.abs().clamp(min=1.0)
            far = [float(((plain - values[-1]).abs() / scale[-1]).max()) if name == "hidden" else 0.0]
            far += [float(((read[name] - values).abs() / scale).max()) for read in readings]
            self.worst[name] = [max(pair) for pair in zip(self.worst.get(name, far), far, strict=True)]
            self.owner[name] = max(self.owner.get(name, (0.0, "")), (max(far), network))

    def __str__(self) -> str:
        sides = ["plain call", *LOOPS, "walk, bit-identical", "recover"]
        lines = [f"| signal | {' | '.join(sides)} | largest of |", "|---" * (len(sides) + 2) + "|"]
        for name, far in self.worst.items():
            figures = [f"{share * 1e7:.1f}" if share else "–" for share in far]
            lines.append(f"| {name} | {' | '.join(figures)} | {self.owner[name][1]} |")
        return "\n".join(lines)


def first_call() -> None:
    """What the first capture in a new process costs."""
    program = (
        "import time, torch, rnnviz; from rnnviz.engine import numpy_loops, one_text\n"
        "lstm, text = torch.nn.LSTM(64, 32), torch.randn(12, 64)\n"
        "{}start = time.perf_counter(); rnnviz.capture(lstm, text); print(time.perf_counter() - start)"
    )
    print("\nFirst capture in a new process, milliseconds, median of 5\n")
    for name, before in (("NumPy", "one_text.loops_for = lambda dtype: numpy_loops; "), ("numba, from its cache", "")):
        command = [sys.executable, "-c", program.format(before)]
        runs = [subprocess.run(command, capture_output=True, check=True) for _ in range(5)]
        print(f"- {name}: {statistics.median(float(run.stdout) for run in runs) * 1e3:.0f}")


DEEP = {"num_layers": 2, "bidirectional": True}
COMPILED = engine.loops_for(np.dtype(np.float32))  # the NumPy loops themselves where numba is not installed
LOOPS = {"walk (NumPy)": numpy_loops} | ({} if COMPILED is numpy_loops else {"walk (numba, [fast])": COMPILED})


def with_loops(loops: object, module: nn.Module, text: Tensor) -> Side:
    """Capture a text alone by the loops of one module."""

    def side() -> object:
        chosen, engine.loops_for = engine.loops_for, lambda dtype: loops
        try:
            return capture(module, text)
        finally:
            engine.loops_for = chosen

    return side


def naive(lstm: nn.LSTM, padded: Tensor) -> list[Tensor]:
    """The loop that people write to see the gates: each layer and direction, each step, all kept and stacked."""
    rows, kept = padded, []
    for layer in range(lstm.num_layers):
        ways = []
        for suffix in ("", "_reverse")[: 2 if lstm.bidirectional else 1]:
            W, U, b, b_hidden = (
                getattr(lstm, f"{name}_l{layer}{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            h = c = padded.new_zeros(padded.shape[1], lstm.hidden_size)
            steps = []
            for x in rows.flip(0) if suffix else rows:
                i, f, g, o = (x @ W.T + b + h @ U.T + b_hidden).chunk(4, dim=-1)
                i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
                c = f * c + i * g
                h = o * c.tanh()
                steps.append(torch.stack([i, f, g, o, c, h]))
            signals = torch.stack(steps)
            kept.append(signals.flip(0) if suffix else signals)
            ways.append(kept[-1][:, 5])
        rows = torch.cat(ways, dim=-1)
    return kept


def cell_of(lstm: nn.LSTM) -> nn.LSTMCell:
    """PyTorch's single-step cell with the weights of a module of one layer."""
    cell = nn.LSTMCell(lstm.input_size, lstm.hidden_size).to(lstm.weight_ih_l0.device)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in lstm.state_dict().items()})
    return cell


def cell_loop(cell: nn.LSTMCell, padded: Tensor) -> list[tuple[Tensor, Tensor]]:
    """PyTorch's own advice: h and c of every step, no gates."""
    state, kept = None, []
    for x in padded:
        state = cell(x, state)
        kept.append(state)
    return kept


class Clock:
    """What times are taken by."""

    now = staticmethod(time.perf_counter)


def interleaved(sides: dict[str, Side], rounds: int) -> dict[str, float]:
    """Seconds of each side, the median over the rounds; one round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, side in sides.items():
            synchronise()
            start = Clock.now()
            side()
            synchronise()
            seconds[name].append(Clock.now() - start)
    return {name: statistics.median(measured[1:]) for name, measured in seconds.items()}


def synchronise() -> None:
    """Wait for the GPU, if one is used."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


class Table:
    """A Markdown table that grows by rows; its columns are the sides."""

    def __init__(self, title: str) -> None:
        self.title, self.rows, self.columns = title, {}, {}

    def row(self, name: str, seconds: dict[str, float], scale: float) -> None:
        """Add the medians of one setting."""
        plain = seconds["plain nn.LSTM"]
        digits = 2 if scale == 1.0 else 1 if scale == 1e3 else 0
        self.columns |= dict.fromkeys(seconds)
        self.rows[name] = {side: f"{value * scale:.{digits}f} ({value / plain:.2f})" for side, value in seconds.items()}

    def __str__(self) -> str:
        lines = [f"| {' | '.join([self.title, *self.columns])} |", "|---" * (len(self.columns) + 1) + "|"]
        for name, row in self.rows.items():
            lines.append(f"| {' | '.join([name, *(row.get(side, '') for side in self.columns)])} |")
        return "\n".join(lines)


def processor() -> str:
    """The name of the processor."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return f"{names[0]} ({platform.machine()})" if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
