"""One server and one browser for the whole suite; a test fails on a page error or a request to another host."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, ViewportSize, expect

from tests.browser import find_browser
from tests.browser.server import FLAGS, ROOT, served

ARTEFACTS = ROOT / "artefacts"
BROWSER = find_browser.path()
PATIENCE = 60_000  # milliseconds; only what goes wrong waits so long, and two slow cores may need many
expect.set_options(timeout=PATIENCE)
SIZE: ViewportSize = {"width": 1280, "height": 720}
LEAVE = """() => {
    if (origin === "null") return;
    localStorage.clear();
    addEventListener("pagehide", () => sessionStorage.clear()); // after what the page itself keeps when it is left
}"""
# As `python app.py`, but with time to finish a training also on a machine that does much else.
PATIENTLY = """
import runpy
from rnnviz.page import offers
offers.MOST_SECONDS = 600.0
runpy.run_path("app.py", run_name="__main__")
"""
# What a page does by itself at intervals, it does from now on when `tick` is called.
BY_HAND = """() => {
    const acts = new Map();
    const clear = clearInterval;
    let last = 1e6;
    setInterval = (act) => (acts.set(++last, act), last);
    clearInterval = (one) => acts.delete(one) || clear(one);
    window.tick = () => [...acts.values()].forEach((act) => act());
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        here = item.path.is_relative_to(Path(__file__).parent) and item.path.stem != "test_other_browsers"
        if BROWSER is None and here:
            item.add_marker(pytest.mark.skip(reason="browser suite: no Chromium or Chrome here; see `make test`"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": BROWSER, "args": FLAGS}


@pytest.fixture(scope="session")
def log() -> Path:
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS / f"server{os.environ.get('PYTEST_XDIST_WORKER', '')}.log"  # each process has a server of its own


@pytest.fixture(scope="session")
def address(log: Path) -> Iterator[str]:
    """The page as ``python app.py`` serves it, and no training is cut short."""
    with log.open("wb") as out, served(out, "-c", PATIENTLY) as url:
        yield url


UNFOLD = """() => {
  document.querySelector('.rv-fold[aria-expanded=false]')?.click();
  const isOpen = document.querySelector('.rv-view-tabs [aria-selected=true]');
  if (!isOpen) document.querySelector('[data-tab=packed]')?.click();
}"""
"""Most tests look at the whole page: what is folded at first is unfolded."""


class Windows:
    """Windows of one browser. Their tabs are used by test after test: for a new one Chromium starts a process."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.contexts: dict[str, BrowserContext] = {}
        self.free: dict[str, list[Page]] = {}
        self.taken: list[tuple[str, Page]] = []
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def take(self, **settings: Any) -> Page:
        """An empty tab in a window of these settings."""
        kind = repr(sorted(settings.items()))
        if kind not in self.contexts:
            workers = settings.pop("workers")
            self.contexts[kind] = self.browser.new_context(**settings)
            if not workers:
                self.contexts[kind].add_init_script("delete window.Worker")
        free = self.free.setdefault(kind, [])
        page = free.pop() if free else self._new(self.contexts[kind])
        self.taken.append((kind, page))
        return page

    def give_back(self, again: bool) -> None:
        """Empty the tabs that were taken, or close them; forget what was heard in them."""
        for kind, page in self.taken:
            if again and _emptied(page):
                self.free[kind].append(page)
            elif not page.is_closed():
                page.close()
        self.taken.clear()
        self.requests.clear()
        self.complaints.clear()

    def _new(self, context: BrowserContext) -> Page:
        complain = self.complaints.append
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complain(f"page error: {error}"))
        page.on("dialog", lambda dialog: (complain(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: "Content Security Policy" in said.text and complain(said.text))
        page.on("request", lambda request: self._heard(request.url))
        return page

    def _heard(self, url: str) -> None:
        self.requests.append(url)
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"request to another host: {url}")


def _emptied(page: Page) -> bool:
    """Whether a tab is as good as a new one: what was open is left, and nothing of it is stored, set or held down."""
    try:
        page.unroute_all(behavior="ignoreErrors")
        page.context.set_offline(False)
        page.context.clear_permissions()
        page.evaluate(LEAVE)
        page.goto("about:blank")
        page.mouse.move(0, 0)
    except Error:
        return False
    return True


@pytest.fixture(scope="session")
def windows(browser: Browser, address: str) -> Iterator[Windows]:
    """All windows that the tests share."""
    found = Windows(browser, address)
    yield found
    for context in found.contexts.values():
        context.close()


@pytest.fixture
def tab(windows: Windows, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Take a tab, as new; any error, dialog or request to another host in it fails the test.

    In the tabs of tests that are marked ``asks_python`` there are no workers, so Python reads and trains.
    """
    failed = request.session.testsfailed

    def take(
        viewport: ViewportSize = SIZE,
        color_scheme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "no-preference",
        **settings: Any,
    ) -> Page:
        page = windows.take(workers=not request.node.get_closest_marker("asks_python"), **settings)
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        return page

    yield take
    complaints = list(windows.complaints)
    windows.give_back(again=request.session.testsfailed == failed)
    assert not complaints, complaints


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator["Reader"]:
    """The page of a server that is not the suite's; any error, dialog or request to another host fails the test."""
    windows = Windows(browser, address)
    page = windows.take(workers=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    yield Reader(page, address)
    for context in windows.contexts.values():
        context.close()
    assert not windows.complaints, windows.complaints


@pytest.fixture
def requests(windows: Windows) -> list[str]:
    """The addresses of all that the tabs of this test have asked for so far."""
    return windows.requests


def boxes(found: Locator) -> list[dict[str, float]]:
    """Where all that is found lies on the screen, in one look; anew where it was drawn anew before it was looked at."""
    look = "all => all.every((one) => one.isConnected) && all.map((one) => one.getBoundingClientRect().toJSON())"
    while True:
        seen: list[dict[str, float]] | bool = found.evaluate_all(look)
        if isinstance(seen, list):
            return seen


class Reader:
    """The page, in the words of a person who uses it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        self.root = page.locator(".rv-page")
        self.text = page.locator("#rv-text")
        self.model = page.locator("#rv-model")
        self.words = page.locator(".rv-word")
        page.wait_for_selector(".rv-page[data-state=shown]")
        page.evaluate(UNFOLD)

    def drawn(self) -> int:
        """How many readings have been drawn."""
        return int(self.root.get_attribute("data-seq") or 0)

    def after(self, act: Callable[[], Any]) -> None:
        """Do something, and wait until a new reading is drawn."""
        before = self.drawn()
        act()
        self.page.wait_for_function("n => +document.querySelector('.rv-page').dataset.seq > n", arg=before)

    def read(self, text: str) -> None:
        """Put a text into the box and wait for its picture."""
        self.after(lambda: self.text.fill(text))

    def settle(self) -> None:
        """Wait for the frame after the next: the page marks what is selected in the frame after an event."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def by_hand(self) -> None:
        """Stop the clock of what is played: a step comes with each ``tick``, however long this test takes to look."""
        self.page.evaluate(BY_HAND)

    def tick(self) -> None:
        """Have what is played go on by one step, and wait until that is drawn."""
        self.page.evaluate("tick()")
        self.settle()

    def shows(self, selector: str) -> str:
        """The text of a part of the page, once it is marked."""
        self.settle()
        return self.page.locator(selector).inner_text()

    def values(self) -> dict[str, float]:
        """The numbers that the inspector prints, by symbol."""
        self.settle()
        names = self.page.locator(".rv-values dt var").all_inner_texts()
        numbers = self.page.locator(".rv-values dd").all_inner_texts()
        return {name: float(number.replace("\u2212", "-")) for name, number in zip(names, numbers, strict=True)}

    def open_view(self, name: str) -> None:
        """Open one of the views below."""
        tab = self.page.locator(f".rv-view-tabs [data-tab={name}]")
        if tab.get_attribute("aria-selected") == "false":
            tab.click()

    def show_view(self, name: str) -> None:
        """Open a view, with a network that offers it, and wait until it is drawn."""
        model = "shakespeare-lstm" if name == "write" else "sst2-lstm"
        if self.model.input_value() != model:
            self.after(lambda: self.model.select_option(model))
        self.open_view(name)
        view = self.page.locator(f".rv-view[data-view={name}]")
        if name == "own":  # waits for a file
            expect(view.locator(".rv-own-measure")).to_be_visible()
        else:
            expect(view).not_to_have_attribute("data-seq", "0")

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@pytest.fixture
def visit(tab: Callable[..., Page], address: str) -> Callable[..., Reader]:
    """Open the page in a tab, at a link if one is given, as a visitor with these settings would."""
    return lambda link="", **settings: Reader(tab(**settings), f"{address}/{link}")


@pytest.fixture
def reader(visit: Callable[..., Reader]) -> Reader:
    """The page, with its first picture drawn."""
    return visit()
