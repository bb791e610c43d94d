"""Makes docs/images from the page itself: ``python docs/pictures.py``. Run it after the page has changed its looks."""

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import find_browser
from tests.browser.server import FLAGS, ROOT, served

IMAGES = ROOT / "docs" / "images"
WIDTH = 900
STEP_MS, END_MS = 700, 2200


def shot(page: Page, width: int = WIDTH, **more: object) -> Image.Image:
    """What the page shows, so many pixels wide."""
    found = Image.open(io.BytesIO(page.screenshot(**more)))
    return found.resize((width, round(found.height * width / found.width)), Image.Resampling.LANCZOS).convert("RGB")


def reading(page: Page) -> None:
    """The first screen, and the same sentence read word by word."""
    page.locator(".rv-word").nth(3).click()
    page.mouse.move(5, 5)
    shot(page, 1440).save(IMAGES / "reading.png", optimize=True)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1200, "height": 800})
    frames = []
    page.locator(".rv-word").nth(0).focus()
    for _ in range(page.locator(".rv-word").count()):
        frames.append(shot(page).quantize(255))
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(150)
    times = [STEP_MS] * (len(frames) - 1) + [END_MS]
    frames[0].save(
        IMAGES / "reading.gif", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True
    )


def main() -> None:
    """Serve the page and take its pictures."""
    with served(subprocess.DEVNULL) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser.path(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(address)
        page.wait_for_selector(".rv-page[data-state=shown]")
        reading(page)
        browser.close()


if __name__ == "__main__":
    main()
