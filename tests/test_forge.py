"""What a public forge runs and shows: workflows, issue forms, the checks before a release, the citation."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import rnnviz

ROOT = Path(__file__).parent.parent
FORGE = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


WORKFLOWS = {path.stem: parsed(path) for path in (FORGE / "workflows").glob("*.yml")}
JOBS = {(name, job): body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}
STEPS = [(*job, step) for job, body in JOBS.items() for step in body["steps"]]


# Workflows


def test_what_a_workflow_may_do_is_listed_and_only_a_release_may_do_more_than_read() -> None:
    assert set(WORKFLOWS) == {"tests", "audit", "pages", "release"}
    assert {name: workflow["permissions"] for name, workflow in WORKFLOWS.items()} == {
        "tests": {"contents": "read"},
        "audit": {"contents": "read"},
        "pages": {},
        "release": {},
    }
    assert {job: body["permissions"] for job, body in JOBS.items() if "permissions" in body} == {
        ("pages", "build"): {"contents": "read"},
        ("pages", "publish"): {"pages": "write", "id-token": "write"},
        ("release", "build"): {"contents": "read", "id-token": "write", "attestations": "write"},
        ("release", "publish"): {"id-token": "write"},
        ("release", "announce"): {"contents": "write"},
    }


def test_no_workflow_holds_a_secret_or_runs_what_a_stranger_wrote_with_rights() -> None:
    for path in (FORGE / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert "secrets." not in text
        assert "pull_request_target" not in text
        assert not re.search(r"run:.*\$\{\{ *github\.(event|head_ref|ref_name)", text)


def test_actions_come_from_two_makers_only_and_a_checkout_keeps_no_credentials() -> None:
    for name, job, step in STEPS:
        if uses := step.get("uses"):
            assert re.fullmatch(r"actions/[\w-]+@v\d+|pypa/gh-action-pypi-publish@release/v1", uses), (name, job)
            if uses.startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_the_publishing_job_runs_nothing_of_the_repository() -> None:
    assert JOBS["release", "publish"]["environment"]["name"] == "pypi"
    assert all("run" not in step for step in JOBS["release", "publish"]["steps"])


def test_every_python_from_the_oldest_on_is_tested() -> None:
    tested = JOBS["tests", "linux"]["strategy"]["matrix"]["python"]
    assert tested == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={tested[0]}"
    assert set(JOBS["tests", "everywhere"]["strategy"]["matrix"]["system"]) == {"windows-latest", "macos-latest"}


def test_every_script_that_a_workflow_runs_is_there() -> None:
    named = {found for *_, step in STEPS for found in re.findall(r"\.ci/[\w./-]+", step.get("run", ""))}
    assert {".ci/everywhere.py", ".ci/lower-bounds", ".ci/release.py"} <= named
    assert all((ROOT / path).is_file() for path in named)


def test_reading_saving_and_serving_work_outside_the_clone_as_the_workflow_tries_them(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / ".ci" / "everywhere.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=500,
    )


def test_updates_are_proposed_for_packages_and_actions() -> None:
    updates = parsed(FORGE / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions"}


# Forms


@pytest.mark.parametrize("name", ["bug", "idea", "translation"])
def test_an_issue_form_asks_for_something_and_each_question_has_a_name_of_its_own(name: str) -> None:
    form = parsed(FORGE / "ISSUE_TEMPLATE" / f"{name}.yml")
    assert {"name", "description", "body"} <= set(form)
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert all(part["attributes"]["label"] for part in asked)
    assert len({part["id"] for part in asked}) == len(asked)
    assert any(part.get("validations", {}).get("required") for part in asked)


def test_the_form_for_translations_offers_the_languages_of_the_page() -> None:
    form = parsed(FORGE / "ISSUE_TEMPLATE" / "translation.yml")
    offered = next(part for part in form["body"] if part.get("id") == "language")["attributes"]["options"]
    words = (ROOT / "web" / "src" / "i18n" / "speaker.ts").read_text(encoding="utf-8")
    names = re.findall(r'(\w\w): "([^"]+)"', re.search(r"NAMES_OF_LANGUAGES[^=]* = \{(.+?)\}", words, re.DOTALL)[1])
    assert {code for code, _ in names} == {path.stem for path in (ROOT / "rnnviz/page/locales").glob("*.json")}
    assert {option.partition(" (")[0] for option in offered} == {name for _, name in names}


# Releases


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    (tmp_path / "rnnviz").mkdir()
    (tmp_path / "rnnviz" / "__init__.py").write_text('__version__ = "0.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [0.2.0] - 2026-12-01\n\n## [0.1.0] - 2026-11-21\n")
    (tmp_path / "CITATION.cff").write_text("title: t\nversion: 0.2.0\ndate-released: 2026-12-01\n")
    return tmp_path


def test_a_release_whose_files_agree_with_its_tag_may_be_built(release: ModuleType, ready: Path) -> None:
    assert release.problems("v0.2.0", ready) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("rnnviz/__init__.py", "0.2.0", "0.1.0", "__init__.py does not say __version__ = 0.2.0"),
        ("CHANGELOG.md", " - 2026-12-01", "", "CHANGELOG.md has no line '## [0.2.0] - YYYY-MM-DD'"),
        ("CITATION.cff", "0.2.0", "0.1.0", "CITATION.cff does not say version: 0.2.0"),
        ("CITATION.cff", "2026-12-01", "2026-11-21", "CITATION.cff has another date than CHANGELOG.md"),
    ],
)
def test_a_release_whose_files_disagree_is_stopped_with_a_sentence(
    release: ModuleType, ready: Path, name: str, old: str, new: str, said: str
) -> None:
    path = ready / name
    path.write_text(path.read_text().replace(old, new, 1))
    found = release.problems("v0.2.0", ready)
    assert len(found) == 1
    assert said in found[0]


def test_a_tag_of_another_form_is_stopped(release: ModuleType, ready: Path) -> None:
    assert "the tag 0.2.0 is not of the form v1.2.3" in release.problems("0.2.0", ready)


def test_the_citation_names_the_version_and_licence_of_the_package() -> None:
    citation = parsed(ROOT / "CITATION.cff")
    assert citation["version"] == rnnviz.__version__
    assert citation["license"] == PROJECT["license"]
