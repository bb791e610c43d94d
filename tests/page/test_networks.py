"""The page's menu: each network stands on its own, whatever lies beside it."""

import json
import os
import string
from pathlib import Path

import pytest

from rnnviz.checkpoint import doctor
from rnnviz.errors import MESSAGES, CheckpointError, RnnvizError
from rnnviz.page import serving
from rnnviz.page.error_replies import objection
from rnnviz.page.networks import entries
from rnnviz.page.service import Service
from rnnviz.training import runs
from tests.builders import checkpoint

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and names that are no UTF-8 are POSIX")


def config(data):
    def make(path):
        path.mkdir()
        (path / "config.json").write_bytes(data)

    return make


def with_inside(make):
    def whole(path):
        path.mkdir()
        make(path / "config.json")

    return whole


BROKEN = {
    "no json": config(b"{"),
    "deep": config(b"[" * 100_000),
    "a list": config(b"[]"),
    "binary": config(bytes(range(256))),
    "huge": with_inside(lambda path: (path.touch(), os.truncate(path, 10**11))),
    "a folder": with_inside(Path.mkdir),
    "a pipe": with_inside(os.mkfifo),
    "a link to nothing": with_inside(lambda path: path.symlink_to("nowhere")),
    "leads nowhere": lambda path: path.symlink_to("nowhere"),
}
ODD = {  # can be offered; their titles are of no use
    "half a pair": config(rb'{"title": "\ud800"}'),
    "a title that is a list": config(b'{"title": ["a"]}'),
}


@pytest.fixture
def folder(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "sound")
    for name, make in (BROKEN | ODD).items():
        make(tmp_path / name)
    checkpoint("gru").save_pretrained(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    (tmp_path / "notes").mkdir()
    return tmp_path


def test_what_can_be_read_is_offered_and_what_cannot_stands_at_the_end_with_the_reason(folder):
    found = entries(folder)
    good = [entry.name for entry in found if not entry.problem]
    assert set(good) == {"sound", "caf\\xe9", *ODD}
    assert [entry.name for entry in found[: len(good)]] == good
    assert {entry.name for entry in found if entry.problem} == set(BROKEN)


def test_the_page_is_built_and_reads_with_the_others(folder):
    app = serving.build(folder)
    bench = next(block for block in app.blocks.values() if "training" in getattr(block, "props", {}))
    props = bench.props
    assert bench.value["model"] not in BROKEN
    shown = json.dumps([props["models"], props["about"]], ensure_ascii=False)
    shown.encode()
    assert str(folder) not in shown
    assert {one["name"] for one in props["models"] if one["problem"]} == set(BROKEN)
    service = Service(folder)
    service.warm_up()
    for name in ("sound", "caf\\xe9"):
        assert service.read_sentence({"model": name, "text": "good"})["read"] == 1
        assert service.about_model({"model": name})["name"] == name
    for name in (*BROKEN, *ODD):
        said = service.read_sentence({"model": name, "text": "good"})
        assert "error" in said
        assert str(folder) not in json.dumps(said)
        json.dumps(said, ensure_ascii=False).encode()


def test_a_folder_in_which_nothing_can_be_read_says_what_to_do(tmp_path):
    BROKEN["no json"](tmp_path / "mine")
    with pytest.raises(CheckpointError, match=r"None of the networks in .* can be read: mine\."):
        serving.menu(tmp_path)


def test_what_may_not_be_looked_at_is_said(tmp_path, monkeypatch):
    for name in ("sound", "secret"):
        checkpoint("lstm").save_pretrained(tmp_path / name)
    stat, lstat = Path.stat, Path.lstat

    def refuse(look):
        def looked(path, **how):
            if path.parent.name == "secret":
                raise PermissionError(13, "Permission denied", str(path))
            return look(path, **how)

        return looked

    monkeypatch.setattr(Path, "stat", refuse(stat))
    monkeypatch.setattr(Path, "lstat", refuse(lstat))
    problems = {entry.name: str(entry.problem) for entry in entries(tmp_path) if entry.problem}
    assert "config.json cannot be read: Permission denied." in problems.pop("secret")
    assert problems == {}
    assert [one.path.name for one in runs.listed(tmp_path)] == ["sound"]
    assert len(runs.remarks(tmp_path)) == 1
    states = {path.name: {one.state for one in doctor.examine(path)} for path in doctor.checkpoints_in(tmp_path)}
    assert states["sound"] == {"passed"}


def test_runs_and_doctor_go_on_beside_what_cannot_be_read(folder):
    assert "sound" in {one.path.name for one in runs.listed(folder)}
    said = "\n".join(runs.remarks(folder))
    for name in ("huge", "a folder", "a pipe", "a link to nothing", "leads nowhere"):
        assert name in said, name
    found = {path.name: doctor.examine(path) for path in doctor.checkpoints_in(folder)}
    assert {one.state for one in found["sound"]} == {"passed"}


PLACE = "/srv/somebody/secret/checkpoints/mine/config.json"


@pytest.mark.parametrize("key", MESSAGES)
@pytest.mark.parametrize("place", [Path(PLACE), PLACE, f"[Errno 2] No such file: '{PLACE}'", OSError(2, "no", PLACE)])
def test_no_objection_whatsoever_tells_a_visitor_where_the_server_keeps_its_files(key, place):
    found = [(name, spec) for _, name, spec, _ in string.Formatter().parse(MESSAGES[key]) if name]
    fields = {name: spec or dict(sorted(found)).get(name, "") for name, spec in found}  # a number may stand there twice
    values = {name: 3 if spec else place for name, spec in fields.items()}
    said = objection(RnnvizError(key, **values))
    assert "secret" not in json.dumps(said)
    if any(not spec for spec in fields.values()):
        assert "mine/config.json" in said["message"]


def test_the_menu_knows_what_reads_letters_and_what_writes(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "plain")
    checkpoint("gru", words=("a", " "), tokens="letters").save_pretrained(tmp_path / "of-letters")
    checkpoint("gru", words=("a", " "), tokens="letters", task="next").save_pretrained(tmp_path / "writer")
    assert {entry.name: (entry.tokens, entry.task) for entry in entries(tmp_path)} == {
        "plain": ("words", "classify"),
        "of-letters": ("letters", "classify"),
        "writer": ("letters", "next"),
    }
