"""MCP: message by message, and with the client of Python's package ``mcp``, over HTTP and over stdio."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnviz
from rnnviz import corpus
from rnnviz.page.api import mcp, stdio
from rnnviz.page.api.addresses import TOOLS
from rnnviz.page.serve_options import ServeOptions
from rnnviz.page.service import Service
from tests.builders import checkpoint
from tests.page.running import awaited, serving_page
from tests.page.test_api import Stub, asked_of, layer_of, sent

MARK = "zyzzyva"
TEXT = "the film was not good"
ROOT = Path(__file__).parents[2]
READ = {"network": "tiny", "text": TEXT}
NAMES = [tool.name for tool in TOOLS.values()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    checkpoint("lstm").save_pretrained(folder / "tiny")
    return folder


@pytest.fixture(scope="module")
def index(folder, tmp_path_factory) -> corpus.Index:
    where = tmp_path_factory.mktemp("indexes") / "texts"
    return corpus.build(rnnviz.load(folder / "tiny"), [TEXT, "not good at all", "a bad film"], where)


@pytest.fixture(scope="module")
def port(folder, index) -> Iterator[int]:
    with serving_page(folder, ServeOptions(api=True, indexes=(index.folder,))) as (_, port):
        yield port


def message(method: str, number: int | str | None = 1, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {}))


def call(tool: str, **arguments: Any) -> str:
    return message("tools/call", name=tool, arguments=arguments)


def replied(body: str | bytes, version: str = "2025-11-25") -> tuple[int, Any]:
    dealt = mcp.dealt_with(body.encode() if isinstance(body, str) else body, version)
    assert isinstance(dealt, mcp.Reply)
    return dealt.status, json.loads(dealt.message or "null")


# Messages


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("2031-01-01", "2025-11-25"), (None, "2025-11-25")],
)
def test_a_client_begins_with_its_revision_and_is_told_one_that_is_known(asked, answered):
    status, reply = replied(message("initialize", protocolVersion=asked, capabilities={}, clientInfo={"name": "x"}))
    assert (status, reply["id"]) == (200, 1)
    assert reply["result"]["protocolVersion"] == answered
    assert reply["result"]["serverInfo"] == {"name": "rnnviz", "version": rnnviz.__version__}
    assert reply["result"]["capabilities"] == {"tools": {}}


def test_the_tools_are_those_of_the_api_and_say_what_they_take():
    tools = {tool["name"]: tool for tool in replied(message("tools/list", "a"))[1]["result"]["tools"]}
    assert list(tools) == NAMES
    assert tools["hold"]["inputSchema"]["required"] == ["network", "text", "holds"]
    assert tools["read"]["description"].startswith("Let a network read a text.")
    assert all(tool["annotations"]["readOnlyHint"] for tool in tools.values())


def test_a_notification_is_taken_without_a_word_and_a_ping_is_answered():
    assert replied(message("notifications/initialized", None)) == (202, None)
    assert replied(message("ping", "one")) == (200, {"jsonrpc": "2.0", "id": "one", "result": {}})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (f'{{"{MARK}', 400, -32700),
        (b'\xff\xfe"' + MARK.encode(), 400, -32700),
        ("[" * 20_000, 400, -32700),
        (f"[{message('ping')}]", 400, -32600),
        (f'"{MARK}"', 400, -32600),
        (json.dumps({"jsonrpc": "1.0", "id": 1, "method": "ping"}), 400, -32600),
        (json.dumps({"jsonrpc": "2.0", "id": {MARK: 1}, "method": "ping"}), 400, -32600),
        (json.dumps({"jsonrpc": "2.0", "id": 2**64, "method": "ping"}), 400, -32600),
        (json.dumps({"jsonrpc": "2.0", "id": 1, "result": {MARK: 1}}), 400, -32600),
        (message(MARK), 200, -32601),
        (message("server/discover"), 200, -32601),
        (message("tools/call"), 200, -32602),
        (message("tools/call", name=[MARK]), 200, -32602),
        (call(MARK), 200, -32602),
        (call("read_sentence"), 200, -32602),
    ],
)
def test_a_message_that_makes_no_sense_is_an_error_of_the_protocol_and_not_repeated(body, status, code):
    found, reply = replied(body)
    assert (found, reply["error"]["code"]) == (status, code)
    assert MARK not in json.dumps(reply)


def test_an_unknown_revision_in_the_header_is_refused_with_those_that_are_known():
    status, reply = replied(message("tools/list"), "2026-07-28")
    assert status == 400
    assert reply["error"]["data"]["supported"] == ["2025-11-25", "2025-06-18"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "network: Field required"),
        (READ | {"text": 5}, "text: Input should be a valid string"),
        (READ | {MARK: MARK}, "not known here"),
        (READ | {"units": [2.5]}, "units.0"),
    ],
)
def test_what_is_wrong_with_arguments_is_told_to_the_model_that_made_them(arguments, said):
    _, reply = replied(call("read", **arguments))
    assert reply["result"]["isError"] is True
    assert said in reply["result"]["content"][0]["text"]
    assert MARK not in json.dumps(reply)


@pytest.mark.parametrize(("text", "said"), [("busy", "too much to do"), ("too many", "answers other programs")])
def test_a_busy_server_is_told_as_a_result(text, said):
    async def run():
        stub = Stub()
        layer = layer_of(stub)
        many = 40 if text == "too many" else 1
        body = json.loads(call("read", network="tiny", text=text))
        asking = [asyncio.create_task(asked_of(layer, "/mcp", body)) for _ in range(many)]
        await asyncio.sleep(0.1)
        stub.let_go.set()
        return await asyncio.gather(*asking)

    replies = awaited(run())
    refused = [reply["result"] for _, _, reply in replies if reply["result"]["isError"]]
    assert refused
    assert all(said in result["content"][0]["text"] for result in refused)


# On the real page


def test_t80_a_tool_is_called_over_http_and_its_text_is_in_no_log(port, caplog, capfd):
    status, body = sent(port, "POST", "/mcp", call("read", network="tiny", text=f"good {MARK}"))
    result = json.loads(body)["result"]
    assert (status, result["isError"]) == (200, False)
    assert result["structuredContent"] == json.loads(result["content"][0]["text"])
    assert result["structuredContent"]["tokens"] == ["good", MARK]
    for arguments in ({"network": MARK, "text": MARK}, {"network": "tiny", "text": f"{MARK} " * 3_000}):
        assert json.loads(sent(port, "POST", "/mcp", call("read", **arguments))[1])["result"]["isError"]
    assert MARK not in "".join(capfd.readouterr()) + caplog.text


def test_a_client_that_wants_a_stream_is_told_that_there_is_none(port):
    assert sent(port, "GET", "/mcp")[0] == 405


def test_a_notification_over_http_gets_202_and_no_body(port):
    assert sent(port, "POST", "/mcp", message("notifications/initialized", None)) == (202, b"")


# With the client of the package


async def _used(client: Any) -> tuple[list[str], Any, Any, Any, Any]:
    """What a program does with the tools."""
    tools = [tool.name for tool in (await client.list_tools()).tools]
    read = await client.call_tool("read", READ | {"signals": ["cell", "forget"]})
    hold = await client.call_tool("hold", READ | {"holds": [{"signal": "input", "value": 0.0, "tokens": [3]}]})
    find = await client.call_tool("find", READ | {"first": 3})
    wrong = await client.call_tool("read", READ | {"network": "none"})
    return tools, read, hold, find, wrong


def _holds_what_python_says(folder: Path, index: corpus.Index, used: tuple[list[str], Any, Any, Any, Any]) -> None:
    tools, read, hold, find, wrong = used
    network = rnnviz.load(folder / "tiny")
    trace = rnnviz.read(network, TEXT)
    held = rnnviz.hold(network, TEXT, [rnnviz.Clamp("input", 0.0, tokens=[3])])
    assert tools == NAMES
    assert (read.is_error, hold.is_error, find.is_error, wrong.is_error) == (False, False, False, True)
    assert "choose one of tiny" in wrong.content[0].text
    for name in ("cell", "forget"):
        assert np.array_equal(np.array(read.structured_content["signals"][name], np.float32), trace.signals[name])
    assert np.array_equal(np.array(read.structured_content["probabilities"], np.float32), trace.verdicts)
    assert np.array_equal(np.array(hold.structured_content["probabilities"], np.float32), held.verdicts)
    found = index.find(index.units_of(trace, 3, 5), length=2)
    places = [(hit["text"], hit["start"], hit["stop"]) for hit in find.structured_content["hits"]]
    assert places == [(hit.text, hit.start, hit.stop) for hit in found.hits]
    assert places


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_client_of_the_package_gets_the_very_numbers_of_python_over_http(port, folder, index, mode):
    client = pytest.importorskip("mcp.client.client")

    async def run():
        async with client.Client(f"http://127.0.0.1:{port}/mcp", mode=mode) as asking:
            return await _used(asking)

    _holds_what_python_says(folder, index, awaited(run()))


def test_the_client_of_the_package_gets_them_over_stdio(folder, index):
    client, over = pytest.importorskip("mcp.client.client"), pytest.importorskip("mcp.client.stdio")
    command = over.StdioServerParameters(
        command=sys.executable,
        args=["-m", "rnnviz", "mcp", "--checkpoints", str(folder), "--index", str(index.folder)],
        env={"PYTHONPATH": str(ROOT)},
    )

    async def run():
        async with client.Client(over.stdio_client(command)) as asking:
            return await _used(asking)

    _holds_what_python_says(folder, index, awaited(run()))


# Over stdio


def test_the_command_answers_line_by_line_and_writes_nothing_else(folder):
    lines = [message("initialize"), message("notifications/initialized", None), call("read", **READ), f"{{{MARK}"]
    done = subprocess.run(
        [sys.executable, "-m", "rnnviz", "mcp", "--checkpoints", folder],
        input="\n".join([*lines, ""]).encode(),
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    began, read, wrong = map(json.loads, done.stdout.splitlines())
    assert began["result"]["protocolVersion"] == mcp.VERSIONS[0]
    assert read["result"]["structuredContent"]["tokens"] == TEXT.split()
    assert wrong["error"]["code"] == -32700
    assert MARK not in done.stderr.decode()


def test_t80_a_bug_is_told_and_logged_by_its_place_and_the_next_message_is_answered(
    folder, monkeypatch, caplog, tmp_path
):
    def fail(self: Service, question: Any) -> None:
        raise RuntimeError(f"cannot read {question.text}")

    monkeypatch.setattr(Service, "api_read", fail)
    (tmp_path / "messages").write_text("\n".join([call("read", network="tiny", text=MARK), message("ping")]))
    with (tmp_path / "messages").open("rb") as messages, (tmp_path / "replies").open("wb") as replies:
        stdio.answer_lines(folder, (), messages, replies)
    failed, pong = map(json.loads, (tmp_path / "replies").read_bytes().splitlines())
    assert failed["error"]["code"] == -32603
    assert pong["result"] == {}
    assert "RuntimeError at" in caplog.text
    assert MARK not in caplog.text + json.dumps(failed)
