"""One server and one browser for the whole suite; a test fails on a page error or a request to another host."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import find_browser
from tests.browser.server import FLAGS, ROOT, served

ARTEFACTS = ROOT / "artefacts"
BROWSER = find_browser.path()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BROWSER is None and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason="browser suite: no Chromium or Chrome here; see `make test`"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": BROWSER, "args": FLAGS}


@pytest.fixture(scope="session")
def log() -> Path:
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS / "server.log"


@pytest.fixture(scope="session")
def address(log: Path) -> Iterator[str]:
    """The page as ``python app.py`` serves it."""
    with log.open("wb") as out, served(out) as url:
        yield url


@pytest.fixture
def watched(address: str) -> Iterator[Callable[[BrowserContext], Page]]:
    """Open pages in which any error, dialog or request to another host fails the test."""
    complaints: list[str] = []

    def open_page(context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: "Content Security Policy" in said.text and complaints.append(said.text))
        page.on("request", lambda request: _check(request.url))
        return page

    def _check(url: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            complaints.append(f"request to another host: {url}")

    yield open_page
    assert not complaints, complaints


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

    def shows(self, selector: str) -> str:
        """The text of a part of the page."""
        return self.page.locator(selector).inner_text()

    def values(self) -> dict[str, float]:
        """The numbers that the inspector prints, by symbol."""
        names = self.page.locator(".rv-values dt").all_inner_texts()
        numbers = self.page.locator(".rv-values dd").all_inner_texts()
        return {
            name.split()[-1]: float(number.replace("\u2212", "-")) for name, number in zip(names, numbers, strict=True)
        }

    def open_view(self, name: str) -> None:
        """Open one of the views below."""
        self.page.locator(f".rv-view-tabs [data-tab={name}]").click()

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One browser window for all tests, so that Gradio's own scripts come from its cache; each test has a tab."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def reader(window: BrowserContext, watched: Callable[[BrowserContext], Page], address: str) -> Iterator[Reader]:
    """The page, opened in a tab of its own, with its first picture drawn."""
    found = Reader(watched(window), address)
    yield found
    found.page.close()
    window.set_offline(False)
    window.clear_permissions()
