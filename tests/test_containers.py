"""What runs ``app.py`` elsewhere: the Dockerfile's steps, and Hugging Face's machines with their package `spaces`."""

import http.client
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.server import MOST_SECONDS, free_port

ROOT = Path(__file__).parents[1]
STEPS = [
    tuple(line.split(" ", 1))
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
VARIABLES = dict(pair.split("=", 1) for word, rest in STEPS if word == "ENV" for pair in shlex.split(rest))


def step(word: str) -> str:
    """What follows the last instruction of this name."""
    return [rest for name, rest in STEPS if name == word][-1]


@contextmanager
def running(command: list[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A program in a folder with these variables and a path, and nothing else of the environment."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(MOST_SECONDS)
        process.stdout.close()


def asked(port: int, method: str = "GET", path: str = "/", **headers: str) -> tuple[int, str]:
    """The answer of a server that may still be starting."""
    until = time.monotonic() + MOST_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)
        finally:
            connection.close()


# Docker


def test_the_container_is_nobodys_and_all_its_lines_speak_of_one_port():
    assert step("USER").split(":")[0].isdecimal()
    assert int(step("USER").split(":")[0]) > 0
    last_written = max(number for number, (word, _) in enumerate(STEPS) if word in ("COPY", "RUN", "ADD", "WORKDIR"))
    assert last_written < [word for word, _ in STEPS].index("USER")  # so nothing of it is the user's own
    assert step("EXPOSE") == VARIABLES["PORT"]
    assert VARIABLES["PORT"] in step("HEALTHCHECK")
    assert step("FROM").startswith("python:3.")
    assert "--require-hashes" in step("RUN")


def copied(folder: Path) -> None:
    """What .dockerignore lets into the container."""
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    for name in let_in:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.run"))
        else:
            shutil.copy(ROOT / name, folder / name)


def other_user() -> list[str]:
    """What runs a program as somebody who can write nowhere, if that is possible, and may read as these tests do."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root cannot be another user here without setpriv")
    user, group = step("USER").split(":")
    reading = ["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"]
    return ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", *reading]


def test_the_containers_command_serves_the_page_as_a_user_who_can_write_nowhere(tmp_path):
    app, home = tmp_path / "app", tmp_path / "home"
    app.mkdir()
    home.mkdir(mode=0o555)
    copied(app)
    port = free_port()
    command = [sys.executable if word == "python" else word for word in json.loads(step("CMD"))]
    said = VARIABLES | {"PORT": str(port), "HOME": str(home), "TMPDIR": str(home), "PATH": os.environ["PATH"]}
    with running([*other_user(), *command], app, **said) as server:
        health = json.loads(step("HEALTHCHECK").removeprefix("CMD "))
        asked(port, path="/healthz")
        health = [part.replace(VARIABLES["PORT"], str(port)) for part in health]
        checked = subprocess.run([sys.executable, *health[1:]], env={"HTTP_PROXY": "http://127.0.0.1:9"}, check=False)
        assert checked.returncode == 0
        status, page = asked(port)
        assert status == 200
        assert "rnnviz" in page
        assert server.poll() is None
    checked = subprocess.run([sys.executable, *health[1:]], capture_output=True, check=False)
    assert checked.returncode != 0
    assert [path.name for path in home.iterdir()] == []


# Hugging Face

STAND_IN = """
import sys
assert "torch" not in sys.modules and "gradio" not in sys.modules, "spaces must come first"
import gradio
decorated = []
launch = gradio.Blocks.launch

def GPU(function):
    decorated.append(function)
    return function

def launch_and_report(*args, **settings):
    print("report", len(decorated), flush=True)
    gradio.Blocks.launch = launch
    return launch(*args, **settings)

gradio.Blocks.launch = launch_and_report
"""
"""What the package `spaces` does on a ZeroGPU machine, as far as a program can notice it."""


def test_a_zerogpu_space_starts_reports_and_serves_its_visitors_without_training(tmp_path):
    (tmp_path / "spaces.py").write_text(STAND_IN)
    port, name = free_port(), "somebody-page.hf.space"
    said = {"SPACE_ID": "somebody/page", "SPACE_HOST": name, "GRADIO_SERVER_NAME": "127.0.0.1", "PORT": str(port)}
    said |= {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with running([sys.executable, "app.py"], ROOT, **said) as server:
        forwarded = {"X-Forwarded-Host": name, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        status, page = asked(port, Host=name, **forwarded)
        assert status == 200
        assert '"allowed":false,"own_files":false' in page
        assert server.stdout.readline() == "report 1\n"


def test_without_the_package_spaces_the_program_is_the_same():
    code = "import sys; sys.modules['spaces'] = None; import app; assert not hasattr(app, 'never_called')"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
