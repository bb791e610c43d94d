"""What the documents say is so."""

import doctest
import re
import shlex
from pathlib import Path

import numpy as np
import typer.main

import rnnviz
from rnnviz import signals
from rnnviz.cli import app
from tests.shipped import FOLDER, NAMES, opened

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table() -> str:
    """The README's table of networks, from their own records."""
    lines = ["| checkpoint | network | accuracy | texts |", "|---|---|---|---|"]
    for name in sorted(NAMES, key=lambda name: (["sst2", "agnews", name.split("-")[0]]).index(name.split("-")[0])):
        checkpoint = opened(name)
        kind = "test" if "test" in checkpoint.scores else "dev"
        found = checkpoint.scores[kind]
        kept = "" if kind == "test" else " held out"
        row = f"{found['accuracy']:.1%} | {found['n']:,}{kept}"
        lines.append(f"| [`{name}`](checkpoints/{name}) | {checkpoint.config.title} | {row} |")
    return "\n".join(lines)


def test_the_table_of_networks_is_what_their_records_say():
    assert table() in README


def test_the_file_list_names_every_module_and_no_other():
    block = re.search(r"^```\n(rnnviz/.*?)```", README, re.DOTALL | re.MULTILINE)[1]
    listed = set(re.findall(r"rnnviz/\w+(?:/|\.py)", block))
    assert block.count("\n") <= 20
    package = ROOT / "rnnviz"
    there = {f"rnnviz/{path.name}" for path in package.glob("*.py") if not path.name.startswith("__")}
    there |= {f"rnnviz/{path.parent.name}/" for path in package.glob("*/__init__.py")}
    assert listed == there


def test_every_link_to_a_file_leads_somewhere():
    for document in [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("*.md"), *FOLDER.glob("*/README.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert target.startswith("http") or (document.parent / target).exists(), (document.name, target)


def test_the_readmes_session_prints_what_it_shows():
    shown = dict(re.findall(r"^>>> (.+?)\s*(?:#.*)?\n(?!>>>|```)(.+)$", README, re.MULTILINE))
    trace = rnnviz.read(opened("sst2-lstm"), "the movie was not good")
    assert shown["trace"] == repr(trace)
    assert shown["trace.verdicts[:, 1].round(2)"] == repr(trace.verdicts[:, 1].round(2))
    assert shown['trace.select("forget").shape'] == str(trace.select("forget").shape)
    assert shown["trace.replay_error < 1e-5"] == str(bool(np.less(trace.replay_error, 1e-5)))


def test_every_python_session_of_the_readme_runs_and_prints_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where no checkpoints/ lies
    monkeypatch.setattr("plotly.graph_objects.Figure.show", lambda figure: None)
    sessions = re.findall(r"```pycon\n(.*?)```", README, re.DOTALL)
    assert len(sessions) >= 3
    wrong = []
    test = doctest.DocTestParser().get_doctest("\n".join(sessions), {}, "README.md", "README.md", 0)
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
