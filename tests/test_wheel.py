"""The wheel works alone: built, installed beside the libraries and used outside any clone, without a network."""

import email
import email.message
import http.client
import json
import os
import re
import site
import subprocess
import sys
import sysconfig
import tarfile
import time
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnviz import __version__
from rnnviz.checkpoint import shipped
from tests.browser.server import MOST_SECONDS, free_port
from tests.shipped import FOLDER, NAMES

ROOT = FOLDER.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SENTENCE = "not bad"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the source distribution, built from the working tree by what is installed here."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def wheel(built: dict[str, Path]) -> zipfile.ZipFile:
    return zipfile.ZipFile(built[".whl"])


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> email.message.Message:
    return email.message_from_bytes(wheel.read(f"rnnviz-{__version__}.dist-info/METADATA"))


@pytest.fixture(scope="module")
def outside(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that has the wheel, and the libraries of this one; the folder of its commands."""
    folder = tmp_path_factory.mktemp("outside")
    venv.create(folder / "venv", with_pip=False)
    commands = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = commands / Path(sys.executable).name
    there = sysconfig.get_path("purelib", vars={"base": str(folder / "venv"), "platbase": str(folder / "venv")})
    install = ["install", "--quiet", "--no-index", "--no-deps", built[".whl"]]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install], check=True)
    here = [path for path in site.getsitepackages() if Path(path).is_dir()]  # a path in a .pth: no .pth of its own runs
    (Path(there) / "libraries.pth").write_text("\n".join(here), encoding="utf-8")
    return commands


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with no way to a clone and no way to a network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        for spelt in (name, name.lower()):
            monkeypatch.setenv(spelt, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path


def said(commands: Path, *arguments: str) -> str:
    done = subprocess.run([commands / "rnnviz", *arguments], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


# What it holds


def test_the_wheel_holds_the_package_the_networks_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if not name.endswith("/")}
    information = f"rnnviz-{__version__}.dist-info/"
    kinds = {".py", ".js", ".css", ".html", ".json", ".npy", ".npz", ".typed"}
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "rnnviz").rglob("*")
        if path.suffix in kinds and path.is_file()
    }
    networks = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*") if path.parent.name in NAMES}
    found = {name for name in names if not name.startswith(information)}
    assert found == package | {f"rnnviz/checkpoints/{name}" for name in networks | {shipped.SUMS}}
    assert {"rnnviz/py.typed", "rnnviz/page/example.npz", "rnnviz/page/locales/te.json"} <= found
    assert {"rnnviz/page/static/rnnviz.js", "rnnviz/page/static/rnnviz.css"} <= found
    inside = {name.removeprefix(information) for name in names - found}
    licences = {f"licenses/{name}" for name in ("LICENSE", "NOTICE") if (ROOT / name).is_file()}
    assert inside == {"METADATA", "WHEEL", "RECORD", "entry_points.txt"} | licences


def test_the_wheels_networks_are_those_of_the_list(wheel: zipfile.ZipFile) -> None:
    for name in (shipped.SUMS, *(f"{name}/model.safetensors" for name in NAMES)):
        assert wheel.read(f"rnnviz/checkpoints/{name}") == (FOLDER / name).read_bytes()


def test_a_network_that_is_not_the_listed_one_is_not_built_in(tmp_path: Path) -> None:
    from hatch_build import ShippedNetworks

    (tmp_path / "checkpoints" / "a").mkdir(parents=True)
    (tmp_path / "checkpoints" / "a" / "config.json").write_text("{}")
    (tmp_path / "checkpoints" / shipped.SUMS).write_text(f"{'0' * 64}  a/config.json\n")
    hook = ShippedNetworks(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    with pytest.raises(ValueError, match=r"a/config\.json is not the file that"):
        hook.initialize("standard", {"force_include": {}})


def test_the_source_distribution_has_what_the_wheel_and_the_tests_are_made_of(built: dict[str, Path]) -> None:
    with tarfile.open(built[".gz"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "pyproject.toml",
        "hatch_build.py",
        "README.md",
        "LICENSE",
        "app.py",
        "tests/test_wheel.py",
        "rnnviz/py.typed",
        "rnnviz/page/static/rnnviz.js",
        "web/package-lock.json",
        "web/src/main.ts",
    }
    assert wanted <= names
    assert {f"checkpoints/{name}/model.safetensors" for name in NAMES} <= names
    assert not [
        name for name in names if re.search(r"\.pyc$|\.pyi$|__pycache__|\.venv|^dist/|\.run/|node_modules", name)
    ]


# What PyPI shows


def test_the_metadata_says_who_where_and_for_whom(metadata: email.message.Message) -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'- name: "{metadata["Author"]}"' in citation
    assert metadata["Maintainer"] == metadata["Author"]
    assert metadata["License-Expression"] == "Apache-2.0"
    urls = dict(line.split(", ") for line in metadata.get_all("Project-URL") or ())
    assert set(urls) == {"Repository", "Documentation", "Issues", "Changelog"}
    assert all(url.startswith(urls["Repository"]) for url in urls.values())
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or ())


def test_the_readme_that_pypi_shows_has_no_front_matter_and_no_relative_link(metadata: email.message.Message) -> None:
    readme = str(metadata.get_payload())
    assert metadata["Description-Content-Type"].startswith("text/markdown")
    assert readme.startswith("# rnnviz\n")
    assert "sdk_version" not in readme
    targets = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(targets) > 20
    assert [target for target in targets if not re.match(r"https?://|#", target)] == []


def test_each_link_that_pypi_shows_leads_to_a_file_of_the_repository(metadata: email.message.Message) -> None:
    address = PROJECT["urls"]["Repository"]
    raw = address.replace("https://github.com", "https://raw.githubusercontent.com")
    readme = str(metadata.get_payload())
    files = re.findall(rf"\]\({address}/blob/main/([^)#]+)", readme)
    images = re.findall(rf"!\[[^\]]*\]\({raw}/main/([^)]+)", readme)
    assert "checkpoints/sst2-lstm" in files
    assert "docs/images/reading.gif" in images
    for name in files + images:
        assert (ROOT / name).exists(), name
    colab = address.replace("https://github.com", "https://colab.research.google.com/github")
    ours = [target for target in re.findall(r"\]\(([^)]+)\)", readme) if "rnnviz/rnnviz" in target]
    assert all(target.startswith((address, raw, colab)) for target in ours)


# Outside the clone


def test_the_installed_command_lists_reads_and_knows_its_version(outside: Path, alone: Path) -> None:
    assert said(outside, "--version") == f"rnnviz {__version__}\n"
    assert [network["name"] for network in json.loads(said(outside, "networks", "--json"))["networks"]] == list(NAMES)
    read = json.loads(said(outside, "read", "sst2-lstm", SENTENCE, "--json"))
    assert read["tokens"] == SENTENCE.split()
    assert list(alone.iterdir()) == []


@pytest.fixture
def served(outside: Path, alone: Path) -> Iterator[http.client.HTTPConnection]:
    port = free_port()
    with (alone / "log").open("wb") as log:
        server = subprocess.Popen([outside / "rnnviz", "serve", "--port", str(port)], stdout=log, stderr=log)
    try:
        until = time.monotonic() + MOST_SECONDS
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=MOST_SECONDS)
        while True:
            try:
                connection.connect()
                break
            except OSError:
                assert server.poll() is None, (alone / "log").read_text()
                assert time.monotonic() < until
                time.sleep(0.1)
        yield connection
        connection.close()
    finally:
        server.terminate()
        server.wait(timeout=MOST_SECONDS)


def asked(served: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    served.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    answer = served.getresponse()
    found = answer.read()
    assert answer.status == 200, found
    return found


def test_the_page_of_the_wheel_reads_a_sentence_with_each_network(served: http.client.HTTPConnection) -> None:
    page = asked(served, "GET", "/").decode()
    config = re.search(r"window\.gradio_config = (\{.*?\});</script>", page, re.DOTALL)
    assert config
    parts = json.loads(config[1])["components"]
    workbench = next(part for part in parts if "models" in part["props"].get("props", {}))
    assert sorted(model["name"] for model in workbench["props"]["props"]["models"]) == list(NAMES)
    for name in NAMES:
        question = {"model": name, "text": SENTENCE, "start": 0}
        call = {"data": question, "component_id": workbench["id"], "fn_name": "read_sentence", "session_hash": "one"}
        answer = json.loads(asked(served, "POST", "/gradio_api/component_server/", call))
        assert answer["model"] == name
        letters = name.startswith(("languages", "python", "shakespeare"))
        assert answer["tokens"] == (list(SENTENCE) if letters else SENTENCE.split())
