"""The server asks nothing of the network, and Gradio's own doors are shut also where our guard does not stand."""

import http.client
import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import gradio as gr
import pytest
from starlette.testclient import TestClient

from rnnviz.page import serving
from rnnviz.page.handlers import HANDLERS
from tests.browser.server import served
from tests.builders import checkpoint

ROOT = Path(__file__).parents[2]
LISTENER = """
import os, sys

def note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.gethostbyname", "socket.getaddrinfo"):
        with open(os.environ["HEARD"], "a") as heard:
            heard.write(f"{event} {arguments[1:] if event in OF_SOCKETS else arguments}\\n")

OF_SOCKETS = ("socket.connect", "socket.sendto", "socket.sendmsg")
sys.addaudithook(note)
"""
OWN = r"socket.getaddrinfo \('127.0.0.1', \d+, .*\)"  # what an address of this machine means, before listening there


def as_at_home() -> dict[str, str]:
    """The environment without what these tests set for themselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GRADIO_"))}


def test_importing_the_page_asks_gradio_for_quiet():
    code = (
        "import os, rnnviz.page.serving, gradio.queueing, huggingface_hub.constants as hub\n"
        "queue = gradio.queueing.Queue(False, 1, 1, None, None)\n"
        "assert queue.ANALYTICS_MAX_EVENTS == 1, queue.ANALYTICS_MAX_EVENTS\n"
        "assert os.environ['GRADIO_ANALYTICS_ENABLED'] == 'False'\n"
        "assert hub.HF_HUB_OFFLINE\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=as_at_home())


def test_t82_the_server_connects_to_nobody_while_it_starts_and_answers(tmp_path, monkeypatch):
    """Every program that it starts is listened to as well."""
    heard = tmp_path / "heard"
    (tmp_path / "sitecustomize.py").write_text(LISTENER)
    for name in set(os.environ) - set(as_at_home()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HEARD", str(heard))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    with (
        served(subprocess.DEVNULL) as url,
        closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=300)) as connection,
    ):
        connection.request("GET", "/")
        page = connection.getresponse().read().decode()
        number = int(re.search(r'"id":(\d+),"type":"html"', page)[1])
        asked = {"model": "sst2-lstm", "text": "good", "kind": "json", "task": "recall", "units": 2, "cell": "rnn"}
        own = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Origin": url}  # as a browser says
        for name in HANDLERS:
            body = json.dumps({"data": asked, "component_id": number, "fn_name": name, "session_hash": "one"})
            connection.request("POST", "/gradio_api/component_server/", body, own)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, name
    said = heard.read_text().splitlines()
    assert any(re.fullmatch(OWN, line) for line in said)  # it was listened to
    assert [line for line in said if not re.fullmatch(OWN, line)] == []


@pytest.fixture
def page(tmp_path):
    """The page, not yet with an app."""
    checkpoint("lstm").save_pretrained(tmp_path / "tiny")
    return serving.build(tmp_path)


def test_no_function_of_gradios_can_be_called_past_its_queue(page):
    with page:
        gr.Button().click(lambda: None, api_name="press")
    serving.gradios_app(page)
    answer = TestClient(page.app).post("/gradio_api/run/press", json={"data": []})
    assert answer.status_code == 404
    assert "does not accept direct HTTP POST requests" in answer.text


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_gradio_itself_opens_its_answers_to_no_other_site(page, origin):
    serving.gradios_app(page)
    answer = TestClient(page.app).get("/config", headers={"Host": "localhost", "Origin": origin})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
