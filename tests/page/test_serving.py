"""How the page starts."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import gradio
import pytest

from rnnviz.errors import CheckpointError, SettingError
from rnnviz.page import front, serving
from rnnviz.page.serve_options import ServeOptions
from rnnviz.page.service import Service
from tests.browser.server import free_port
from tests.builders import checkpoint

ROOT = Path(__file__).parents[2]


def test_a_taken_port_is_one_sentence_and_no_traceback():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = subprocess.run(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 1
    assert found.stderr.strip() == str(SettingError("port_taken", port=port))


def test_gradio_starts_no_server_and_asks_nothing_of_the_network(tmp_path, monkeypatch):
    """Its own server has no limits, and its first request would go to the proxy that the environment names."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("nothing of this is wanted")

    monkeypatch.setattr("gradio.http_server.start_server", refuse)
    monkeypatch.setattr("httpx.get", refuse)
    monkeypatch.setattr("httpx.head", refuse)
    monkeypatch.setenv("GRADIO_DEBUG", "1")
    checkpoint("lstm").save_pretrained(tmp_path / "sound")
    assert callable(serving.gradios_app(serving.build(tmp_path)))


def test_the_report_that_a_zerogpu_machine_waits_for_is_made_once_before_the_page_is_served(tmp_path, monkeypatch):
    """There the package `spaces` puts a function of its own in the place of `launch`, as here."""
    reported = []
    launch = gradio.Blocks.launch

    def reporting(*args, **kwargs):
        reported.append("ready")
        return launch(*args, **kwargs)

    monkeypatch.setattr(gradio.Blocks, "launch", reporting)
    checkpoint("lstm").save_pretrained(tmp_path / "sound")
    serving.gradios_app(serving.build(tmp_path))
    assert reported == ["ready"]


def test_a_damaged_checkpoint_is_offered_by_its_name_and_objects_when_it_is_chosen(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "sound")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    assert serving.menu(tmp_path) == [("sound", "A tiny lstm"), ("broken", "broken")]
    service = Service(tmp_path)
    service.warm_up()
    assert "config.json" in service.read_sentence({"model": "broken", "text": "good"})["message"]
    assert service.read_sentence({"model": "sound", "text": "good"})["read"] == 1


def test_sentiment_stands_first_in_the_menu(tmp_path):
    for name, title in (("zzz", ""), ("agnews-x", "news"), ("sst2-x", "sentiment")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps({"title": title}))
    assert serving.menu(tmp_path) == [("sst2-x", "sentiment"), ("agnews-x", "news"), ("zzz", "zzz")]


def test_a_folder_without_a_checkpoint_is_said(tmp_path):
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        serving.menu(tmp_path)


def test_the_page_comes_without_stubs_and_everybody_else_is_told_the_names_of_files():
    code = (
        "import inspect, rnnviz.page.serving, rnnviz.page.workbench as bench\n"
        "from pathlib import Path\n"
        "assert inspect.getfile(bench.Workbench) == bench.__file__\n"
        "assert not Path(bench.__file__).with_suffix('.pyi').exists()\n"
    )
    (ROOT / "rnnviz" / "page" / "workbench" / "__init__.pyi").unlink(missing_ok=True)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("part", ["_ADDRESS", "_BASE"])
def test_a_gradio_that_makes_another_page_is_named_before_the_server_says_its_address(
    tmp_path, monkeypatch, capsys, part
):
    checkpoint("lstm").save_pretrained(tmp_path / "sound")
    monkeypatch.setattr(front, part, b"what no page holds")
    monkeypatch.setattr(sys, "setswitchinterval", lambda _seconds: None)
    with pytest.raises(SettingError, match=r"\nRun: pip install 'gradio==6.31.0'$") as said:
        serving.serve(tmp_path, ServeOptions(port=free_port()))
    assert gradio.__version__ in str(said.value)
    assert capsys.readouterr().out == ""


def test_nobody_trains_who_was_given_no_rights(tmp_path):
    checkpoint("lstm").save_pretrained(tmp_path / "sound")
    for question in ("train_start", "train_poll", "train_cancel", "train_receive"):
        assert getattr(Service(tmp_path), question)({})["error"] == "training_off"
