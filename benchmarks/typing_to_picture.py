"""From a key to the picture: how long a visitor waits, in a real Chromium against a real server on this machine.

The clock runs in the page, from the ``input`` event to the first frame after the new reading was drawn. Models and
lengths take turns, so that a slow moment of the machine meets all alike. Beside each stands the same round trip with an
empty text, which runs no model: what the browser, the network stack and Gradio cost by themselves.

    python benchmarks/typing_to_picture.py [--keys 25]
"""

import argparse
import platform
import statistics
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import find_browser
from tests.browser.server import FLAGS, served

SENTENCE = (
    "it takes its time and for the first half hour i was sure that i would hate it but the acting is so warm and the "
    "last scene so surprising that i left the cinema smiling and told all my friends"
)
MODELS = ("sst2-rnn", "sst2-gru", "sst2-lstm", "sst2-bilstm", "agnews-bilstm")
LENGTHS = (12, 40)
WARM_UP = 3

TIMED = """
(text) => new Promise((done) => {
  const root = document.querySelector('.rv-reader');
  const box = document.querySelector('#rv-text');
  const before = Number(root.dataset.seq);
  const start = performance.now();
  const watch = new MutationObserver(() => {
    if (Number(root.dataset.seq) <= before) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-seq'] });
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
})
"""


def measure(page: Page, keys: int) -> dict[tuple[str, int], list[float]]:
    """Milliseconds of every key, by model and number of words; model "" is the empty text."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for key in range(keys + WARM_UP):
        for model in MODELS:
            page.evaluate("(name) => { document.querySelector('#rv-model').value = name; }", model)
            for length in LENGTHS:
                typed = " ".join([*SENTENCE.split()[: length - 1], "abcdefghijklmnopqrstuvwxyz"[: key % 26 + 1]])
                milliseconds = page.evaluate(TIMED, typed)
                if key >= WARM_UP:
                    found[model, length].append(milliseconds)
        milliseconds = page.evaluate(TIMED, "")
        if key >= WARM_UP:
            found["", 0].append(milliseconds)
    return found


def table(found: dict[tuple[str, int], list[float]]) -> str:
    """The measurements as a Markdown table."""
    floor = statistics.median(found["", 0])
    lines = ["| model | words | median ms | p90 ms | ÷ empty text |", "|---|---|---|---|---|"]
    for (model, length), times in sorted(found.items()):
        median, p90 = statistics.median(times), statistics.quantiles(times, n=10)[-1]
        lines.append(f"| {model or 'empty text'} | {length} | {median:.0f} | {p90:.0f} | {median / floor:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Serve the page, type, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=25, help="keys for each model and length")
    keys = parser.parse_args().keys
    with served(subprocess.DEVNULL) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser.path(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(address)
        page.wait_for_selector(".rv-reader[data-state=shown]")
        found = measure(page, keys)
        chromium = browser.version
        browser.close()
    print(f"Key to picture, {date.today()}, {platform.machine()}, Chromium {chromium}, {keys} keys each\n")
    print(table(found))


if __name__ == "__main__":
    main()
