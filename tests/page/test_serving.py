"""How the page starts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz.errors import CheckpointError
from rnnviz.page import serving

ROOT = Path(__file__).parents[2]


def test_the_port_is_port_before_gradio_server_port(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)
    assert serving.wanted_port() is None
    monkeypatch.setenv("GRADIO_SERVER_PORT", "9000")
    assert serving.wanted_port() == 9000
    monkeypatch.setenv("PORT", "8000")
    assert serving.wanted_port() == 8000


def test_sentiment_stands_first_in_the_menu(tmp_path):
    for name, title in (("zzz", ""), ("agnews-x", "news"), ("sst2-x", "sentiment")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps({"title": title}))
    assert serving.menu(tmp_path) == [("sst2-x", "sentiment"), ("agnews-x", "news"), ("zzz", "zzz")]


def test_a_folder_without_a_checkpoint_is_said(tmp_path):
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        serving.menu(tmp_path)


def test_importing_the_page_asks_gradio_for_quiet():
    code = (
        "import os, rnnviz.page.serving, gradio.queueing, huggingface_hub.constants as hub\n"
        "queue = gradio.queueing.Queue(False, 1, 1, None, None)\n"
        "assert queue.ANALYTICS_MAX_EVENTS == 1, queue.ANALYTICS_MAX_EVENTS\n"
        "assert os.environ['GRADIO_ANALYTICS_ENABLED'] == 'False'\n"
        "assert hub.HF_HUB_OFFLINE\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
