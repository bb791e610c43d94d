"""Firefox and WebKit as Debian packages them, driven by the commands of W3C WebDriver.

Playwright drives neither: it needs browsers that it has patched itself. WebKitWebDriver takes the commands over HTTP.
Firefox takes the same ones over a socket (Marionette, to which geckodriver only translates), so it needs no driver.
https://www.w3.org/TR/webdriver2/ has the commands; https://firefox-source-docs.mozilla.org/testing/marionette/ the
socket.
"""

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from io import BufferedRWPair
from pathlib import Path
from typing import Any

from tests.browser.server import MOST_SECONDS, free_port, reached

NEEDS = {  # the programs that drive each browser, with Debian's packages
    "firefox": {"firefox-esr": "firefox-esr"},
    "webkit": {"WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"},
}
_CONTROL, _ENTER = "\ue009", "\ue007"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the standard gives to a reference
_OVER_HTTP = {
    "Navigate": "POST /url",
    "SetWindowRect": "POST /window/rect",
    "FindElement": "POST /element",
    "ElementClick": "POST /element/{id}/click",
    "ElementSendKeys": "POST /element/{id}/value",
    "ExecuteScript": "POST /execute/sync",
    "PerformActions": "POST /actions",
    "TakeScreenshot": "GET /screenshot",
}
# "ResizeObserver loop" says that a box which was measured was then made wider or higher: at the next frame it is seen.
# "Script error" is what WebKit says of this too in a page from a file, where it names no error.
_LISTEN = """
    if (window.wrong) return;
    window.wrong = [];
    const harmless = /^(ResizeObserver loop|Script error)/;
    addEventListener("error", ({message}) => harmless.test(message) || wrong.push(message));
    addEventListener("unhandledrejection", (event) => wrong.push(String(event.reason)));
    addEventListener("securitypolicyviolation", ({blockedURI}) => wrong.push(`policy: ${blockedURI}`));
"""
_COME_TO_REST = """
    const element = document.querySelector(arguments[0]);
    const frame = () => new Promise(requestAnimationFrame);
    const place = () => {
        element.scrollIntoView({block: "center", behavior: "instant"});
        return element.getBoundingClientRect().toJSON();
    };
    return (async () => {
        let [before, now] = [{}, place()];
        while (before.x !== now.x || before.y !== now.y) {
            await frame();
            await frame();
            [before, now] = [now, place()];
        }
        return now;
    })();
"""
# Both browsers keep a window wider than a telephone (500 and 447 pixels), so that their tool bars fit.
_NARROW_FIREFOX = ":root { min-width: 0 !important; }"
_NARROW_WEBKIT = """
button, entry { min-width: 0; border-width: 0; padding-left: 0; padding-right: 0; margin-left: 0; margin-right: 0; }
button image { -gtk-icon-transform: scale(0.2); }
"""
Ask = Callable[[str, dict[str, Any]], Any]


def missing(name: str) -> str:
    """Which programs a browser still needs here, in a sentence; empty if none."""
    lacks = [f"{program} (Debian: {package})" for program, package in NEEDS[name].items() if not shutil.which(program)]
    return f"not installed here: {', '.join(lacks)}" if lacks else ""


class Window:
    """The window of a browser, in the words of a person who uses it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def open(self, url: str) -> None:
        """Open an address and listen to what goes wrong from then on; what fails earlier leaves the page undrawn."""
        self.ask("Navigate", {"url": url})
        self.run(_LISTEN)

    def size(self, width: int, height: int) -> None:
        """Give the page this many pixels, whatever the frame around it takes, and however late the frame grows."""
        outside = {"width": 0, "height": 0}
        wanted, found = [width, height], []
        end = time.monotonic() + 60
        while found != wanted:
            assert time.monotonic() < end, f"the page has {found}, not {wanted} pixels"
            self.ask("SetWindowRect", {"width": width + outside["width"], "height": height + outside["height"]})
            outside = self.run("return {width: outerWidth - innerWidth, height: outerHeight - innerHeight}")
            found = self.run("return [innerWidth, innerHeight]")

    def run(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns."""
        return self.ask("ExecuteScript", {"script": script, "args": list(arguments)})

    def until(self, script: str, wanted: Any) -> None:
        """Wait until a script returns what is wanted."""
        end = time.monotonic() + 60
        while (found := self.run(script)) != wanted:
            assert time.monotonic() < end, f"{found!r}, not {wanted!r}"
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        """The text of an element."""
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def click(self, selector: str) -> None:
        """Click an element with the mouse, or choose an option of a menu."""
        self.ask("ElementClick", {"id": self._find(selector)})

    def type(self, selector: str, keys: str) -> None:
        """Press keys one after the other in an element, each with the events of a keyboard."""
        self.ask("ElementSendKeys", {"id": self._find(selector), "text": keys.replace("\n", _ENTER)})

    def type_anew(self, selector: str, keys: str) -> None:
        """Select all that stands in an element, and type over it."""
        self.type(selector, f"{_CONTROL}a")
        self.type(selector, keys)

    def drag(self, selector: str, share: float) -> None:
        """Press the mouse in the middle of a bar and pull it to a share of the bar's length."""
        box = self.box(selector)
        move = {"type": "pointerMove", "y": round(box["y"] + box["height"] / 2), "duration": 0}
        steps = [
            move | {"x": round(box["x"] + box["width"] / 2)},
            {"type": "pointerDown", "button": 0},
            move | {"x": round(box["x"] + box["width"] * (0.5 + share) / 2)},
            move | {"x": round(box["x"] + box["width"] * share)},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.ask("PerformActions", {"actions": [mouse]})

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.ask("TakeScreenshot", {"full": False}))

    def box(self, selector: str) -> dict[str, float]:
        """Where an element lies, once it is in the middle of the window, drawn and still.

        WebKit takes what it has not drawn for hidden, and clicks where an element was before the page moved.
        """
        return self.run(_COME_TO_REST, selector)

    def _find(self, selector: str) -> str:
        self.box(selector)
        return self.ask("FindElement", {"using": "css selector", "value": selector})[_ELEMENT]


@contextlib.contextmanager
def _running(folder: Path, *command: str | Path, **settings: Any) -> Iterator[subprocess.Popen]:
    """A program that ends with what it is needed for; what it says goes into a file of the folder."""
    with (folder / "said.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, **settings)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(MOST_SECONDS)


@contextlib.contextmanager
def firefox(folder: Path, dark: bool = False) -> Iterator[Window]:
    """Firefox without a screen, with an empty profile in this folder."""
    settings = {
        "marionette.port": 0,  # any that is free
        "layout.css.prefers-color-scheme.content-override": int(not dark),
        "toolkit.legacyUserProfileCustomizations.stylesheets": "true",
    }
    (folder / "user.js").write_text("".join(f'user_pref("{key}", {value});\n' for key, value in settings.items()))
    (folder / "chrome").mkdir()
    (folder / "chrome" / "userChrome.css").write_text(_NARROW_FIREFOX)
    command = ("firefox-esr", "--headless", "--no-remote", "--marionette", "--profile", folder)
    with _running(folder, *command) as process, _connected(folder / "MarionetteActivePort", process) as connection:

        def heard() -> Any:
            length = b""
            while (digit := connection.read(1)) != b":":
                length += digit
            return json.loads(connection.read(int(length)))

        def ask(command: str, parameters: dict[str, Any]) -> Any:
            data = json.dumps([0, 1, f"WebDriver:{command}", parameters]).encode()
            connection.write(b"%d:%s" % (len(data), data))
            connection.flush()
            _, _, error, result = heard()
            assert not error, error
            return result["value"] if set(result) == {"value"} else result

        heard()  # the greeting
        ask("NewSession", {"pageLoadStrategy": "eager"})
        yield Window(ask)


@contextlib.contextmanager
def _connected(written: Path, process: subprocess.Popen) -> Iterator[BufferedRWPair]:
    """The connection to the port that Firefox has written down."""
    until = time.monotonic() + MOST_SECONDS
    while not (written.exists() and written.read_text()):
        assert process.poll() is None, "Firefox ended"
        assert time.monotonic() < until, f"Firefox did not listen within {MOST_SECONDS} seconds"
        time.sleep(0.05)
    with socket.create_connection(("127.0.0.1", int(written.read_text()))) as port, port.makefile("rwb") as connection:
        yield connection


@contextlib.contextmanager
def webkit(folder: Path, dark: bool = False) -> Iterator[Window]:
    """WebKitGTK's MiniBrowser on a screen that only it sees; its settings are in this folder."""
    (folder / "gtk-3.0").mkdir()
    (folder / "gtk-3.0" / "gtk.css").write_text(_NARROW_WEBKIT)
    environment = os.environ | {"GDK_BACKEND": "x11", "XDG_CONFIG_HOME": str(folder), "NO_AT_BRIDGE": "1"}
    port = free_port()
    driver = f"http://127.0.0.1:{port}"

    def send(method: str, path: str, parameters: dict[str, Any]) -> Any:
        data = json.dumps(parameters).encode() if method == "POST" else None
        request = urllib.request.Request(f"{driver}{path}", data, method=method)  # noqa: S310  a server of ours
        try:
            with urllib.request.urlopen(request, timeout=MOST_SECONDS) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    with (
        _screen(folder) as display,
        _running(folder, "WebKitWebDriver", f"--port={port}", env=environment | {"DISPLAY": display}) as process,
    ):
        reached(f"{driver}/status", process)
        arguments = ["--automation", *(["--dark-mode"] if dark else [])]
        wanted = {"pageLoadStrategy": "normal", "webkitgtk:browserOptions": {"args": arguments}}
        session = send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

        def ask(command: str, parameters: dict[str, Any]) -> Any:
            method, path = _OVER_HTTP[command].split()
            return send(method, f"/session/{session}{path.format_map(parameters)}", parameters)

        yield Window(ask)


@contextlib.contextmanager
def _screen(folder: Path) -> Iterator[str]:
    """The name of a screen that nobody sees."""
    reading, writing = os.pipe()
    command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "2000x2000x24", "-nolisten", "tcp")
    with _running(folder, *command, pass_fds=[writing]), os.fdopen(reading) as told:
        os.close(writing)
        yield f":{told.readline().strip()}"


STARTED = {"firefox": firefox, "webkit": webkit}
