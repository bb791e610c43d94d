"""Find a browser for the tests: the system's Chromium or Chrome, else Playwright's own, else, as root, Debian's.

``python -m tests.browser.find_browser`` (part of ``make test``) may install one; ``path()`` only looks.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def path() -> str | None:
    """Where a browser is, or None."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found or _MAC.exists():
        return found or str(_MAC)
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def _playwrights_own() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=300)


def _debians() -> None:
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-core"]):
            subprocess.run(["apt-get", "-qq", *arguments], check=False, stdout=subprocess.DEVNULL, timeout=900)


def main() -> None:
    """Make sure that there is a browser, if that is possible, and say which."""
    for install in (lambda: None, _playwrights_own, _debians):
        try:
            install()
        except (OSError, subprocess.TimeoutExpired, Error) as error:
            sys.stdout.write(f"{error}\n")
        if found := path():
            sys.stdout.write(f"Browser for the tests: {found}\n")
            return
    sys.stdout.write("No browser was found and none could be installed: the tests in tests/browser will be skipped.\n")


if __name__ == "__main__":
    main()
