"""The browser's training in Node: built once, asked line by line. Skipped by name where there is no Node to run it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).parents[2] / "web"
LEAST_NODE = (20, 19)


def node() -> str:
    """The program; the test that asks is skipped where there is none, or what builds for it is not installed."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node is not installed, so what the browser computes cannot be run")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < LEAST_NODE:
        pytest.skip(f"Node is {version}, and what the browser computes is built with 20.19 or later")
    if not (WEB / "node_modules" / "vite").is_dir():
        pytest.skip("web/node_modules is not there (npm ci in web/ installs it)")
    return found


def build(folder: Path) -> Path:
    """Build the drivers of ``web/test/learning`` into a folder."""
    vite = [node(), "node_modules/vite/bin/vite.js", "build", "--config", "test/learning/vite.config.ts"]
    subprocess.run([*vite, "--outDir", str(folder), "--emptyOutDir"], cwd=WEB, check=True, capture_output=True)
    return folder


class Learning:
    """The driver, running: ``ask`` sends it a question and waits for the answer."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        script = build(folder) / "learning.mjs"
        self._process = subprocess.Popen(
            [node(), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, name: str, /, **question: Any) -> Any:
        """The answer to a question."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({"ask": name} | question), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, f"Node ended at {name!r}: what it said is on stderr"
        return json.loads(line)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
