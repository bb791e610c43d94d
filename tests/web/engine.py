"""The engine of the browser, built as the page's script is and run in Node, which answers one question a line."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

import numpy as np

WEB = Path(__file__).parents[2] / "web"
VITE = WEB / "node_modules" / "vite" / "bin" / "vite.js"


def missing() -> str:
    """Why the engine cannot be run here; empty where it can."""
    node = shutil.which("node")
    if node is None:
        return "Node is not installed"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < (20, 19):
        return f"Node {version} is older than 20.19"
    return "" if VITE.exists() else "the packages of web/ are not installed (npm ci)"


class Engine:
    """One process of Node, which keeps the networks that it has opened."""

    def __init__(self, folder: Path, *, plain: bool = False, web: Path = WEB) -> None:
        """Build the engine into a folder and start it; ``plain``: without WebAssembly."""
        vite = [shutil.which("node"), web / VITE.relative_to(WEB), "build", "--config", "test/oracle/vite.config.ts"]
        build = [*vite, "--outDir", folder, "--emptyOutDir", "--logLevel", "error"]
        subprocess.run(build, cwd=web, check=True, timeout=120)
        without = ["--import", "data:text/javascript,delete globalThis.WebAssembly"] if plain else []
        self._process = subprocess.Popen(
            ["node", *without, folder / "answers.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, folder: Path, name: str, question: object) -> Any:
        """The answer to a question about the networks in a folder."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"folder": str(folder), "name": name, "question": question}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["answer"]

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=10)

    def __enter__(self) -> Self:
        """Of a process that ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()


def numbers(data: str) -> np.ndarray:
    """float32 numbers that came in base64."""
    return np.frombuffer(base64.b64decode(data), dtype="<f4")
