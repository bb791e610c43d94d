"""Many visitors at once: how long they wait, on a server that is started as a user starts it.

    python benchmarks/load.py [--parts typists class beside] [--seconds 12]

Server and visitors share this machine: the visitors are processes of their own, and what they take is missing to the
server: so the tables say how long the server ran itself, and how long it could have run but waited for a processor
(Linux counts both). A typist has a key each 1/4 to 1/8 second and asks as the page does: one question at a time, and
after its answer the newest text. A key's time runs until there is an answer to it or to a later one. In a class,
everybody opens the page at the same moment, as Chromium does: all files of a first visit, over six connections each.
The heavy visitors ask again as soon as they are answered.
"""

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import find_browser
from tests.browser.server import FLAGS, ROOT, free_port, reached

HOST = "127.0.0.1"
ASK = "/gradio_api/component_server/"
SENTENCE = (
    "it takes its time and for the first half hour i was sure that i would hate it but the acting is so warm and the "
    "last scene so surprising that i left the cinema smiling and told all my friends"
)
WORDS = SENTENCE.split()
KEYS_A_SECOND = (4, 8)
TYPISTS, BESIDE, HEAVY = (50, 200, 500), 30, 10
CLASS, CONNECTIONS = 200, 6
FILES = {"1,024": (1_024, 1_024), "256, more on request, as on macOS": (256, 4_096), "256 and no more": (256, 256)}
"""``ulimit -n``, soft and hard."""
PARTS = ("typists", "class", "beside")
ZIPPED = b"\x1f\x8b"

LONG = " ".join(WORDS * 60)[:12_000]
KINDS: dict[str, tuple[str, Any]] = {
    "save csv": ("save_reading", {"model": "sst2-lstm", "text": LONG, "kind": "csv"}),
    "save json": ("save_reading", {"model": "sst2-lstm", "text": LONG, "kind": "json"}),
    "save npz": ("save_reading", {"model": "sst2-lstm", "text": LONG, "kind": "npz"}),
    "about": ("about_model", {"model": "sst2-lstm"}),
    "standalone": ("standalone", None),
    "words": ("words", "hi"),
    "open a cell, 2,000 words": (
        "open_cell",
        {"model": "sst2-lstm", "text": LONG, "token": 3, "unit": 1, "layer": 0, "direction": 0},
    ),
    "open a cell, 40 words": (
        "open_cell",
        {"model": "sst2-lstm", "text": " ".join(WORDS), "token": 3, "unit": 1, "layer": 0, "direction": 0},
    ),
    "read 2,000 words": ("read_sentence", {"model": "sst2-lstm", "text": LONG, "start": 0, "holds": []}),
    "read 200 words both ways": ("read_sentence", {"model": "sst2-bilstm", "text": LONG, "start": 0, "holds": []}),
    "compare": ("compare", {"model": "sst2-lstm", "text": LONG, "other_model": "sst2-gru", "other_text": LONG}),
    "how far back": ("how_far_back", {"model": "sst2-lstm", "text": LONG}),
    "padding drift": ("padding_drift", {"text": LONG, "pad_to": 400}),
    "trainings": ("train_start", {"task": "negation", "cell": "lstm", "units": 32, "learning_rate": 0.02}),
}


class Client:
    """One connection after the other, each as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, head: str, body: bytes = b"") -> tuple[int, bytes]:
        """A request and its answer. A connection that the server closed in the meantime is opened again, once."""
        if self.open:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                return await self.ask(*self.open, head, body)
            self.close()
        self.open = await asyncio.open_connection(HOST, self.port, limit=1 << 20)
        return await self.ask(*self.open, head, body)

    async def ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: bytes
    ) -> tuple[int, bytes]:
        """A request and its answer on an open connection."""
        writer.write(f"{head} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nAccept-Encoding: gzip, br\r\n".encode())
        writer.write(
            f"Sec-Fetch-Site: same-origin\r\nOrigin: http://{HOST}:{self.port}\r\n".encode()
        )  # as a browser says
        writer.write(f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        headers = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", headers)
        answer = await (reader.readexactly(int(length[1])) if length else chunks(reader))
        if b"connection: close" in headers:
            self.close()
        return int(headers[9:12]), answer

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.open:
            self.open[1].close()
        self.open = None


async def chunks(reader: asyncio.StreamReader) -> bytes:
    """An answer that comes in parts, each with its length."""
    found = b""
    while size := int(await reader.readline(), 16):
        found += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return found


def question(component: int, name: str, data: Any, visitor: str) -> bytes:
    """What the page sends."""
    asked = {"data": data, "component_id": component, "fn_name": name, "session_hash": visitor}
    return json.dumps(asked).encode()


class Typist:
    """Somebody who types a text of their own."""

    def __init__(self, port: int, component: int, number: int, until: float) -> None:
        self.client, self.component, self.name, self.until = Client(port), component, f"person{number}", until
        self.own = random.Random(number)
        self.words, self.pressed = [self.name], [time.perf_counter()]
        self.changed = asyncio.Event()
        self.times: list[float] = []
        self.keys: list[float] = []
        self.statuses: Counter[int] = Counter()

    async def run(self) -> None:
        """Type and read until the time is over; the last text must be answered."""
        await asyncio.sleep(self.own.random() * 0.3)
        typing = asyncio.create_task(self.type())
        while not typing.done() or self.pressed:
            if not self.pressed:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), 0.3)
                self.changed.clear()
                continue
            await self.ask()
        self.client.close()

    async def type(self) -> None:
        """A key now and then."""
        pause = 1 / self.own.uniform(*KEYS_A_SECOND)
        while time.perf_counter() < self.until:
            await asyncio.sleep(pause * self.own.uniform(0.7, 1.3))
            self.words = [*self.words, self.own.choice(WORDS)] if len(self.words) < 40 else [self.name]
            self.pressed.append(time.perf_counter())
            self.changed.set()

    async def ask(self) -> None:
        """Have the newest text read."""
        words, pressed, self.pressed = self.words, self.pressed, []
        data = {"model": "sst2-lstm", "text": " ".join(words), "start": 0, "holds": []}
        start = time.perf_counter()
        status, answer = await self.client.send(
            f"POST {ASK}", question(self.component, "read_sentence", data, self.name)
        )
        now = time.perf_counter()
        own = b'"tokens":' + json.dumps(words, separators=(",", ":")).encode()
        if status == 200 and own not in (gzip.decompress(answer) if answer[:2] == ZIPPED else answer):
            raise AssertionError(f"{self.name} got another answer than its own")
        self.statuses[status] += 1
        self.times.append(now - start)
        self.keys += [now - key for key in pressed]


def typists(port: int, component: int, numbers: range, seconds: float) -> tuple[list[float], list[float], Counter]:
    """Many typists in this process: how long questions took, how long keys, and the statuses of the answers."""

    async def run() -> list[Typist]:
        people = [Typist(port, component, number, time.perf_counter() + seconds) for number in numbers]
        await asyncio.gather(*(person.run() for person in people))
        return people

    people = asyncio.run(run())
    times, keys, statuses = [], [], Counter()
    for person in people:
        times += person.times[2:]  # the first ones open connections
        keys += person.keys[2:]
        statuses += person.statuses
    return times, keys, statuses


def heavy(port: int, component: int, kind: str, seconds: float) -> Counter:
    """Visitors that ask heavy questions of one kind: what they were answered."""
    name, data = KINDS[kind]

    async def visitor(number: int, found: Counter, until: float) -> None:
        client = Client(port)
        while time.perf_counter() < until:
            status, answer = await client.send(f"POST {ASK}", question(component, name, data, f"{kind}{number}"))
            error = re.match(rb'{"error":"(\w+)"', answer)
            found[error[1].decode() if error else str(status)] += 1
            if error:
                await asyncio.sleep(0.2)
        client.close()

    async def run() -> Counter:
        found: Counter[str] = Counter()
        until = time.perf_counter() + seconds
        await asyncio.gather(*(visitor(number, found, until) for number in range(HEAVY)))
        return found

    return asyncio.run(run())


def opening(port: int, paths: list[str]) -> tuple[list[float], Counter, float]:
    """A class that opens the page at once: when each had all of it, the statuses, and how long this process ran."""

    async def visitor(found: Counter, start: float) -> float:
        clients = [Client(port) for _ in range(CONNECTIONS)]
        found[(await clients[0].send("GET /"))[0]] += 1
        left = list(reversed(paths))

        async def fetch(client: Client) -> None:
            while left:
                found[(await client.send(f"GET {left.pop()}"))[0]] += 1

        await asyncio.gather(*map(fetch, clients))
        for client in clients:
            client.close()
        return time.perf_counter() - start

    async def run() -> tuple[list[float], Counter]:
        found: Counter[int] = Counter()
        start = time.perf_counter()
        done = await asyncio.gather(*(visitor(found, start) for _ in range(CLASS)), return_exceptions=True)
        found["broken"] = sum(isinstance(one, BaseException) for one in done)  # type: ignore[index]
        return [one for one in done if isinstance(one, float)], found

    before = time.process_time()
    return *asyncio.run(run()), time.process_time() - before


class Served:
    """A running server."""

    def __init__(self, port: int, process: int, log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    def megabytes(self) -> str:
        """Memory of the server now and at most, and of its other processes."""
        own = _memory(self.process)
        children = [path.read_text().split() for path in Path(f"/proc/{self.process}/task").glob("*/children")]
        others = [_memory(int(one))[0] for found in children for one in found]
        return f"{own[0]:.0f} MB (at most {own[1]:.0f}), other processes {sum(others):.0f} MB"

    def ran(self) -> tuple[float, float]:
        """Seconds that the serving thread ran so far, and that it could have run but waited for a processor."""
        ran, waited, _ = Path(f"/proc/{self.process}/schedstat").read_text().split()
        return int(ran) / 1e9, int(waited) / 1e9


def _memory(process: int) -> tuple[float, float]:
    """Megabytes now and at most."""
    status = Path(f"/proc/{process}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore


@contextlib.contextmanager
def server(files: tuple[int, int] | None = None) -> Iterator[Served]:
    """``rnnviz serve``, with so many files at most: ``ulimit -n``, soft and hard."""
    port = free_port()
    command = [sys.executable, "-m", "rnnviz", "serve", "--port", str(port)]
    limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, files)) if files else None
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        running = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log, preexec_fn=limit, env=environment
        )
        try:
            reached(f"http://{HOST}:{port}", running)
            yield Served(port, running.pid, Path(log.name))
        finally:
            running.terminate()
            running.wait(timeout=60)


def component_of(port: int) -> int:
    """The number under which the page asks; the networks are open after this."""

    async def run() -> int:
        client = Client(port)
        page = (await client.send("GET /?"))[1]
        text = gzip.decompress(page).decode()
        found = int(re.search(r'"id":\s?(\d+),\s?"type":\s?"html"', text)[1])  # type: ignore[index]
        warm = ("read_sentence", {"model": "sst2-lstm", "text": "warm"}), KINDS["how far back"]
        for name, data in (*warm, *warm):
            await client.send(f"POST {ASK}", question(found, name, data, "warm"))
        client.close()
        return found

    return asyncio.run(run())


def files_of_a_visit(port: int) -> list[str]:
    """What Chromium asks for at a first visit, beside the page itself: with the network's files for the first key."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser.path(), args=FLAGS)
        page, found = browser.new_page(), []
        page.on("request", lambda request: found.append(request))
        page.goto(f"http://{HOST}:{port}/")
        page.wait_for_selector(".rv-page[data-state=shown]")
        page.wait_for_load_state("networkidle")
        page.locator("#rv-text").press("End")
        page.keyboard.type(" x")
        page.wait_for_function("() => document.querySelector('.rv-count').textContent.startsWith('13')")
        page.wait_for_load_state("networkidle")
        here = f"http://{HOST}:{port}"
        paths = [one.url.removeprefix(here) for one in found if one.method == "GET" and one.url.startswith(here)]
        browser.close()
    return [path for path in paths if path != "/"]


def p(times: list[float], share: float) -> float:
    """A quantile, in milliseconds."""
    return 1000 * sorted(times)[min(len(times) - 1, int(share * len(times)))]


def row(what: str, found: tuple[list[float], list[float], Counter], seconds: float, rest: str = "") -> None:
    """Print one row of a table."""
    times, keys, statuses = found
    errors = sum(count for status, count in statuses.items() if status != 200)
    answers = f"{p(times, 0.5):.0f} | {p(times, 0.95):.0f} | {p(times, 1):.0f}"
    print(f"| {what} | {len(times) / seconds:.0f} | {answers} ", end="")
    print(f"| {p(keys, 0.5):.0f} | {p(keys, 0.95):.0f} | {errors} |{rest}", flush=True)


def since(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Two cells of a table: how long the server ran, and how long it waited for a processor."""
    return "".join(f" {late - early:.2f} |" for early, late in zip(before, after, strict=True))


HEAD = "| answers/s | answer: median ms | p95 ms | longest ms | key: median ms | p95 ms | not 200 |"


def part_typists(pool: ProcessPoolExecutor, seconds: float) -> None:
    """How long typists wait, by their number."""
    with server() as found:
        component = component_of(found.port)
        print(f"\nTypists, each with a text of their own, for {seconds:.0f} s; everyone got their own answers.\n")
        print(f"| typists {HEAD} server ran s | waited s |\n|---|---|---|---|---|---|---|---|---|---|")
        for number in TYPISTS:
            before = found.ran()
            times = pool.submit(typists, found.port, component, range(number), seconds).result()
            row(f"{number}", times, seconds, since(before, found.ran()))
        print(f"\nServer: {found.megabytes()}; log {found.log.stat().st_size} bytes.")


def part_class(pool: ProcessPoolExecutor) -> None:
    """How long a class waits for the page."""
    print(f"\n{CLASS} visitors who open the page at once, {CONNECTIONS} connections each.\n")
    print("| `ulimit -n` | answers | all served after s | median visitor s | server ran s | waited s ", end="")
    print("| visitors ran s | 5xx | broken | log bytes |\n|---|---|---|---|---|---|---|---|---|---|")
    for named, files in FILES.items():
        with server(files) as found:
            paths = files_of_a_visit(found.port)
            before = found.ran()
            done, statuses, visitors = pool.submit(opening, found.port, paths).result()
            taken = since(before, found.ran())
            failed = sum(count for status, count in statuses.items() if isinstance(status, int) and status >= 500)
            total = sum(count for status, count in statuses.items() if isinstance(status, int))
            print(f"| {named} | {total} | {max(done):.1f} | {p(done, 0.5) / 1000:.1f} ", end="")
            print(f"|{taken} {visitors:.2f} | {failed} ", end="")
            print(f"| {statuses['broken']} | {found.log.stat().st_size} |", flush=True)


def part_beside(pool: ProcessPoolExecutor, seconds: float) -> None:
    """How long typists wait beside heavy visitors."""
    with server() as found:
        component = component_of(found.port)
        print(f"\n{BESIDE} typists beside {HEAVY} heavy visitors, for {seconds:.0f} s each.\n")
        print(f"| beside {HEAD} what the heavy ones were answered |\n|---|---|---|---|---|---|---|---|---|")
        alone = pool.submit(typists, found.port, component, range(BESIDE), seconds).result()
        row("nobody", alone, seconds, " |")
        for kind in KINDS:
            other = pool.submit(heavy, found.port, component, kind, seconds)
            times = pool.submit(typists, found.port, component, range(BESIDE), seconds).result()
            answered = ", ".join(f"{count} × {what}" for what, count in other.result().most_common())
            row(kind, times, seconds, f" {answered} |")
        print(f"\nServer: {found.megabytes()}; log {found.log.stat().st_size} bytes.")


def main() -> None:
    """Measure, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--seconds", type=float, default=12, help="how long people type")
    chosen = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        if "typists" in chosen.parts:
            part_typists(pool, chosen.seconds)
        if "class" in chosen.parts:
            part_class(pool)
        if "beside" in chosen.parts:
            part_beside(pool, chosen.seconds * 2 / 3)


if __name__ == "__main__":
    main()
