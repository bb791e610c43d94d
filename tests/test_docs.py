"""What the documents say is so."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer.main

import rnnviz
from rnnviz import signals
from rnnviz.cli import app
from tests.shipped import FOLDER, NAMES, opened

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(task: str) -> str:
    """The README's table of the networks that classify or tell the next letter, from their own records."""
    columns = {"classify": ("accuracy", "texts"), "next": ("bits a letter", "letters")}[task]
    lines = [f"| checkpoint | network | {' | '.join(columns)} |", "|---|---|---|---|"]
    for name in sorted(NAMES, key=lambda name: (["sst2", "agnews", name.split("-")[0]]).index(name.split("-")[0])):
        checkpoint = opened(name)
        if checkpoint.config.task != task:
            continue
        kind = "test" if "test" in checkpoint.scores else "dev"
        found = checkpoint.scores[kind]
        kept = "" if kind == "test" else " held out"
        score = f"{found['bits']:.3f}" if task == "next" else f"{found['accuracy']:.1%}"
        row = f"{score} | {found['n']:,}{kept}"
        lines.append(f"| [`{name}`](checkpoints/{name}) | {checkpoint.config.title} | {row} |")
    return "\n".join(lines)


@pytest.mark.parametrize("task", ["classify", "next"])
def test_the_table_of_networks_is_what_their_records_say(task):
    assert table(task) in README


def test_the_file_list_names_every_module_and_no_other():
    block = re.search(r"^```\n(rnnviz/.*?)```", README, re.DOTALL | re.MULTILINE)[1]
    listed = set(re.findall(r"rnnviz/\w+(?:/|\.py)", block))
    names = re.search(r"rnnviz/\{([\w,]+)\}\.py", block)[1]
    listed |= {f"rnnviz/{name}.py" for name in names.split(",")}
    assert block.count("\n") <= 20
    package = ROOT / "rnnviz"
    there = {f"rnnviz/{path.name}" for path in package.glob("*.py") if not path.name.startswith("__")}
    there |= {f"rnnviz/{path.parent.name}/" for path in package.glob("*/__init__.py")}
    assert listed == there


def test_every_link_to_a_file_leads_somewhere():
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md"), *FOLDER.glob("*/README.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert target.startswith("http") or (document.parent / target).exists(), (document.name, target)


def test_the_readmes_session_prints_what_it_shows():
    shown = dict(re.findall(r"^>>> (.+?)\s*(?:#.*)?\n(?!>>>|```)(.+)$", README, re.MULTILINE))
    trace = rnnviz.read(opened("sst2-lstm"), "the movie was not good")
    assert shown["trace"] == repr(trace)
    assert shown["trace.verdicts[:, 1].round(2)"] == repr(trace.verdicts[:, 1].round(2))
    assert shown['trace.select("forget").shape'] == str(trace.select("forget").shape)
    assert shown["trace.replay_error < 1e-5"] == str(bool(np.less(trace.replay_error, 1e-5)))


@pytest.mark.parametrize(
    ("name", "least"), [("README.md", 3), ("docs/cell.md", 2), ("docs/python.md", 7), ("docs/corpus.md", 1)]
)
def test_every_python_session_of_a_document_runs_and_prints_what_it_shows(name, least, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where no checkpoints/ lies
    monkeypatch.setattr("plotly.graph_objects.Figure.show", lambda figure: None)
    sessions = re.findall(r"```pycon\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    assert len(sessions) >= least
    wrong = []
    test = doctest.DocTestParser().get_doctest("\n".join(sessions), {}, name, name, 0)
    doctest.DocTestRunner(verbose=False).run(test, out=wrong.append)
    assert "".join(wrong) == ""


def test_every_command_of_the_readme_is_one_with_these_options():
    lines = re.findall(r"^rnnviz (.*?)(?:  +#.*)?$", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)), re.M)
    assert len(lines) > 10
    for line in lines:
        name, *arguments = shlex.split(line)
        command = typer.main.get_command(app).commands[name]
        command.make_context(name, arguments)


def test_the_glossary_is_made_from_the_table_of_signals():
    assert (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8") == signals.glossary()


# The site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The documents as a site, built as strictly as `make check` does."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    folder = tmp_path_factory.mktemp("site")
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_asks_no_other_host_for_anything(site):
    loaded = re.compile(
        r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"?(https?://[^\s\">]+)|url\((https?://[^)]+)"
    )
    found = set()
    for page in (*site.rglob("*.html"), *site.rglob("*.css")):
        found |= {one or other for one, other in loaded.findall(page.read_text(encoding="utf-8"))}
    assert found == set()


def test_the_reference_has_every_public_name_with_its_example(site):
    from tests.test_examples import NAMES

    pages = "".join(page.read_text(encoding="utf-8") for page in (site / "reference").rglob("*.html"))
    there = set(re.findall(r'id="(rnnviz[\w.]*)"', pages))
    assert {name for name in NAMES if name not in there} == set()
