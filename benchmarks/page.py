"""The page, measured from outside: keys until their picture, the start, the weight, fifty people typing at once.

    python benchmarks/page.py [--keys 25] [--starts 3] [--seconds 20]

A real Chromium and a real server share this machine. Texts and models take turns, so that a busy moment of the machine
falls on all of them, and so do the two ways of reading: by the browser with the network's files, and by Python. A key's
time runs from the `input` event to the first frame after the new reading was drawn; the empty text is the same way
without any model. A key changes the last word; when model and text change, all is drawn anew. The widest row is what
the page is built for: an LSTM of 64 units, 6 signals, 40 words; its weights are random, which changes no time.
"""

import argparse
import asyncio
import gzip
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import product
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, Response, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
import rnnviz
from rnnviz.page import site
from tests.browser import find_browser
from tests.browser.server import FLAGS, ROOT, served, web_server
from tests.builders import checkpoint

SENTENCE = (
    "it takes its time and for the first half hour i was sure that i would hate it but the acting is so warm and the "
    "last scene so surprising that i left the cinema smiling and told all my friends"
)
MODELS = ("lstm-64", "sst2-rnn", "sst2-gru", "sst2-lstm", "sst2-bilstm")
LENGTHS = (12, 40)
WARM_UP = 3
KEYS_A_SECOND = 10
PEOPLE, EVERY = 50, 0.5

TIMED = """
(text) => new Promise((done) => {
  const root = document.querySelector('.rv-page');
  const box = document.querySelector('#rv-text');
  const before = Number(root.dataset.seq);
  const start = performance.now();
  const watch = new MutationObserver(() => {
    if (Number(root.dataset.seq) <= before) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-seq'] });
  box.focus();
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
})
"""

SHOWN = """
new MutationObserver((_, watch) => {
  if (!document.querySelector('.rv-page[data-state=shown]')) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.shownAt = performance.now(); }));
}).observe(document, { attributes: true, subtree: true, childList: true });
"""


def p(times: Sequence[float], share: float) -> float:
    """A quantile."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


@contextmanager
def models():
    """A folder with the shipped networks that are timed, and one of 64 units."""
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS[1:]:
            shutil.copytree(ROOT / "checkpoints" / name, Path(folder) / name)
        shipped = rnnviz.load(ROOT / "checkpoints" / "sst2-lstm")
        words = shipped.vocabulary.words[2:]
        wide = checkpoint("lstm", words=words, embedding_size=100, hidden_size=64, name="lstm-64")
        wide.save_pretrained(Path(folder) / "lstm-64")
        yield folder


def opened(browser: Browser, address: str, workers: bool = True) -> Page:
    """The page with its first picture. Without workers the browser does not read, so Python does."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    if not workers:
        page.add_init_script("delete window.Worker")
    page.goto(address)
    page.wait_for_selector(".rv-page[data-state=shown]")
    return page


def fetched(page: Page) -> None:
    """Wait until the page's browser reads with each network."""
    for model in MODELS:
        page.evaluate("(name) => { document.querySelector('#rv-model').value = name; }", model)
        reads = "() => !document.querySelector('.rv-receipt').textContent.startsWith('Check')"
        for _ in range(200):
            page.evaluate(TIMED, SENTENCE[:20])
            if page.evaluate(reads) and page.get_attribute(".rv-page", "data-model") == model:
                break
            page.wait_for_timeout(100)


def arrives(page: Page, text: str) -> float:
    """Milliseconds from a key to its picture. Nobody types faster than ten keys a second: what was before is done."""
    page.wait_for_timeout(1000 / KEYS_A_SECOND)
    return page.evaluate(TIMED, text)


def typing(pages: dict[str, Page], keys: int) -> None:
    """Time every key at the end of a text, and before it the arrival of that text from another model's."""
    found: dict[tuple[str, int], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for key in range(keys + WARM_UP):
        last = "abcdefghijklmnopqrstuvwxyz"[: key % 25 + 2]
        texts = {(model, n): " ".join([*SENTENCE.split()[: n - 1], last]) for model in MODELS for n in LENGTHS}
        for ((model, length), text), (way, page) in product({**texts, ("", 0): ""}.items(), pages.items()):
            page.bring_to_front()  # a page behind another one draws no frames
            page.evaluate("(name) => { document.querySelector('#rv-model').value = name || 'lstm-64'; }", model)
            times = arrives(page, text[:-1]), arrives(page, text)
            if key >= WARM_UP:
                found[model, length][way].append(times)
    print(f"From a key to its picture, {keys} keys each; and from a model and text to theirs:\n")
    print("| model | words | read by | key: median ms | key: p90 ms | all new: median ms |")
    print("|---|---|---|---|---|---|")
    for ((model, length), ways), way in product(sorted(found.items()), pages):
        arrivals, ones = zip(*ways[way], strict=True)
        print(
            f"| {model or 'empty text'} | {length} | {way} | {statistics.median(ones):.0f} | {p(ones, 0.9):.0f} ",
            end="",
        )
        print(f"| {statistics.median(arrivals):.0f} |")


def starts(browser: Browser, rounds: int) -> None:
    """Time from the server's start to its first byte, and from there to the first picture."""
    bytes_, pictures = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        with served(subprocess.DEVNULL) as address:
            bytes_.append(time.perf_counter() - start)
            start = time.perf_counter()
            opened(browser, address).close()
            pictures.append(time.perf_counter() - start)
    print(
        f"\nStart of `python app.py`, median of {rounds}: first byte after {statistics.median(bytes_):.1f} s, ", end=""
    )
    print(f"first picture {statistics.median(pictures):.1f} s after it.")


def weight(browser: Browser, address: str) -> None:
    """What the page asks the server for until it stands, after gzip."""
    page = browser.new_page()
    sizes: dict[bool, list[int]] = {True: [], False: []}

    def weigh(response: Response) -> None:
        sizes["/networks/" in response.url].append(len(gzip.compress(response.body())))

    page.on("response", weigh)
    page.goto(address)
    page.wait_for_selector(".rv-page[data-state=shown]")
    page.wait_for_load_state("networkidle")
    print(
        f"\nWeight of the page: {sum(sizes[False]) / 1000:.0f} kB after gzip, in {len(sizes[False])} answers; ", end=""
    )
    print(f"the first network: {sum(sizes[True]) / 1000:.0f} kB.")
    page.close()


def static_site(browser: Browser, rounds: int) -> None:
    """Time from the first byte of the static site to its first picture, each time without a cache; and its weight."""
    with tempfile.TemporaryDirectory() as folder:
        site.write_folder(Path(folder), ROOT / "checkpoints")
        with web_server(Path(folder)) as address:
            times = [shown_after(browser, address) for _ in range(rounds)]
            print("\nThe static site. ", end="")
            weight(browser, address)
    print(f"First picture {statistics.median(times):.2f} s after its first byte, median of {rounds}.")


def shown_after(browser: Browser, address: str) -> float:
    """Seconds from the first byte of a page to its first picture, in a window of its own."""
    page = browser.new_page()
    page.add_init_script(SHOWN)
    page.goto(address)
    page.wait_for_function("() => window.shownAt")
    found = page.evaluate("() => shownAt - performance.getEntriesByType('navigation')[0].responseStart")
    page.close()
    return found / 1000


def asked(page: Page) -> tuple[str, dict]:
    """Where and how the page asks its question, taken from the page itself."""
    with page.expect_request("**/component_server/**") as request:
        page.evaluate(TIMED, "good film")
    return request.value.url, request.value.post_data_json


async def person(client: httpx.AsyncClient, url: str, form: dict, number: int, until: float) -> list[float]:
    """Somebody who types a sentence of their own, a key each half second. How long each answer took after the first."""
    times: list[float] = []
    words = [f"person{number}"]
    own = random.Random(number)
    await asyncio.sleep(own.random() * EVERY)
    while time.perf_counter() < until:
        words = [*words, own.choice(SENTENCE.split())] if len(words) < 40 else words[:1]
        start = time.perf_counter()
        question = {**form["data"], "model": "sst2-lstm", "text": " ".join(words), "start": 0, "holds": []}
        answer = (await client.post(url, json={**form, "session_hash": f"p{number}", "data": question})).json()
        if answer["tokens"] != words:
            raise AssertionError(f"person {number} got somebody else's answer")
        took = time.perf_counter() - start
        times.append(1000 * took)
        await asyncio.sleep(max(0.0, EVERY - took))
    return times[WARM_UP:]


async def class_typing(url: str, form: dict, seconds: float, since: str) -> None:
    """Many people at once; how long each waits."""
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=PEOPLE)) as client:
        until = time.perf_counter() + seconds
        found = await asyncio.gather(*(person(client, url, form, number, until) for number in range(PEOPLE)))
    times = [one for own in found for one in own]
    print(f"\n{PEOPLE} people {since}, a key each {EVERY} s, for {seconds:.0f} s: {len(times)} answers, ", end="")
    print(f"median {statistics.median(times):.0f} ms, p95 {p(times, 0.95):.0f} ms; everyone got their own.")


def main() -> None:
    """Measure, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=25, help="keys for each model and length")
    parser.add_argument("--starts", type=int, default=3, help="how often the server is started")
    parser.add_argument("--seconds", type=float, default=20, help="how long the people type")
    chosen = parser.parse_args()
    with models() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser.path(), args=FLAGS)
        print(f"{date.today()}, {platform.machine()}, Chromium {browser.version}\n")
        with served(subprocess.DEVNULL, "-m", "rnnviz", "serve", "--checkpoints", folder) as address:
            pages = {"the browser": opened(browser, address), "Python": opened(browser, address, workers=False)}
            fetched(pages["the browser"])
            typing(pages, chosen.keys)
            weight(browser, address)
            url, form = asked(pages["Python"])
            for page in pages.values():
                page.close()
            with ThreadPoolExecutor(1) as aside:  # playwright has an event loop of its own here
                for since in ("who have just come", "who have been there for a while"):
                    aside.submit(asyncio.run, class_typing(url, form, chosen.seconds, since)).result()
        starts(browser, chosen.starts)
        static_site(browser, chosen.starts)
        browser.close()


if __name__ == "__main__":
    main()
