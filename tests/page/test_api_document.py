"""docs/api.md: each of its examples, run as a reader would run it."""

import doctest
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnviz.page.api.addresses import METHODS
from rnnviz.page.api.answers import MOST_NUMBERS
from rnnviz.page.api.layer import AT_ONCE, WAITING
from rnnviz.page.api.mcp import VERSIONS
from rnnviz.page.api.openapi import document
from rnnviz.page.as_read import MOST_TOKENS, MOST_TOKENS_BOTH_WAYS
from rnnviz.page.guard import MOST_BYTES
from tests.browser.server import served

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
USUAL = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    """The server that the document starts, with the index that it makes, at another port."""
    index, serve = re.findall(r"^rnnviz (.+)$", examples("sh")[3], re.MULTILINE)
    folder = str(tmp_path_factory.mktemp("made") / "reviews.index")
    command, options = ([folder if one == "reviews.index" else one for one in line.split()] for line in (index, serve))
    subprocess.run([sys.executable, "-m", "rnnviz", *command], cwd=ROOT, check=True, capture_output=True)
    with served(subprocess.DEVNULL, "-m", "rnnviz", *options) as url:
        yield url


def examples(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


CURL = re.findall(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", TEXT, re.DOTALL)


def holds(found: Any, shown: Any) -> bool:
    """Whether what was found is what is shown, which may lack fields; numbers may differ in the last digits."""
    if isinstance(shown, dict):
        return all(holds(found[name], part) for name, part in shown.items())
    if isinstance(shown, list):
        return len(found) == len(shown) and all(map(holds, found, shown))
    return found == (pytest.approx(shown, abs=1e-5) if isinstance(shown, float) else shown)


@pytest.mark.parametrize(("command", "shown"), CURL, ids=["read", "hold", "find"])
def test_curl_prints_what_the_document_shows(url, command, shown):
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")
    done = subprocess.run(["sh", "-c", command.replace(USUAL, url)], capture_output=True, check=True)
    assert holds(json.loads(done.stdout), json.loads(shown))


def test_the_session_in_python_prints_what_it_shows(url):
    session = doctest.DocTestParser().get_doctest("".join(examples("pycon")).replace(USUAL, url), {}, "api.md", None, 0)
    wrong: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(session, out=wrong.append).attempted == 8
    assert "".join(wrong) == ""


def test_the_program_that_speaks_mcp_prints_what_is_shown_below(url):
    pytest.importorskip("mcp.client.client")
    (program,), (shown,) = examples("python"), examples("text")
    done = subprocess.run([sys.executable, "-c", program.replace(USUAL, url)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (shown, 0), done.stderr


def test_the_document_has_every_address_status_and_limit():
    for path, method in METHODS.items():
        assert f"| `{path}` | {method} |" in TEXT
    operations = [operation for path in document("")["paths"].values() for operation in path.values()]
    statuses = {status for operation in operations for status in operation["responses"]} - {"200"} | {"405"}
    assert set(re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE)) == statuses
    for limit in (f"{MOST_BYTES // 1024} kB", f"{MOST_NUMBERS:,} numbers", f"more than {MOST_TOKENS:,} tokens"):
        assert limit in TEXT
    assert f"reads from both ends {MOST_TOKENS_BOTH_WAYS}" in TEXT
    assert (AT_ONCE, WAITING) == (3, 20)
    assert "Three questions of programs are dealt with at a time and 20 wait." in TEXT
    assert all(version in TEXT for version in VERSIONS)
