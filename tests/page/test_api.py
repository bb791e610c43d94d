"""The API for programs, on the real page behind its guard, asked by curl; and who waits for whom."""

import asyncio
import http.client
import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import rnnviz
from rnnviz import corpus, signals
from rnnviz.errors import RnnvizError, SettingError
from rnnviz.page.api.addresses import METHODS, PREFIX, TOOLS
from rnnviz.page.api.answers import MOST_NUMBERS, reading
from rnnviz.page.api.layer import AT_ONCE, WAITING, Api
from rnnviz.page.api.openapi import document
from rnnviz.page.api.requests import Read
from rnnviz.page.guard import MOST_BYTES
from rnnviz.page.questions import ASKED, Questions
from rnnviz.page.serve_options import ServeOptions
from rnnviz.page.workers import BugError, zipped
from tests.builders import checkpoint
from tests.page.running import awaited, serving_page

MARK = "zyzzyva"  # what a program sends, and what no log holds
TEXT = "the film was not good, and xyzzy"
NETWORKS: dict[str, dict[str, Any]] = {
    "deep-lstm": {"cell": "lstm", "layers": 2},
    "both-gru": {"cell": "gru", "bidirectional": True, "pooling": "max+mean"},
    "plain-rnn": {"cell": "rnn"},
    "letters": {"cell": "lstm", "tokens": "letters", "task": "next", "words": tuple(" abcdefgilmnopstwxyz,")},
}
GIVEN = {"deep-lstm": ["cell", "forget"], "both-gru": ["update"], "plain-rnn": ["hidden"], "letters": ["output"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    for seed, (name, settings) in enumerate(NETWORKS.items()):
        checkpoint(**settings, seed=seed, name=name).save_pretrained(folder / name)
    return folder


@pytest.fixture(scope="module")
def index(folder, tmp_path_factory) -> corpus.Index:
    where = tmp_path_factory.mktemp("indexes") / "texts"
    return corpus.build(
        rnnviz.load(folder / "deep-lstm"), [TEXT, "not good at all", "a bad film , it was a story"], where
    )


@pytest.fixture(scope="module")
def port(folder, index) -> Iterator[int]:
    with serving_page(folder, ServeOptions(api=True, indexes=(index.folder,))) as (_, port):
        yield port


@pytest.fixture
def curl(port, tmp_path):
    """Ask with the program curl: status, headers in lower case, and what JSON says."""
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")

    def ask(path: str, sent: Any = None, *options: str) -> tuple[int, dict[str, str], Any]:
        command = ["curl", "--silent", "--show-error", "--include", "--max-time", "200", *options]
        if sent is not None:
            (tmp_path / "sent").write_bytes(sent if isinstance(sent, bytes) else json.dumps(sent).encode())
            kind = [] if "Content-Type" in str(options) else ["--header", "Content-Type: application/json"]
            command += [*kind, "--data-binary", f"@{tmp_path / 'sent'}"]
        command += ["--header", "Expect:"]
        done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(first.split()[1]), headers, json.loads(body)

    return ask


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document("")


def is_described(described: dict[str, Any], address: str, status: int, reply: Any) -> None:
    """Hold a reply against the OpenAPI document: no field is missing, unknown or of another type."""
    operation = described["paths"][address][METHODS.get(address, "GET").lower()]
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    closed = json.loads(json.dumps(described["components"]["schemas"]))
    for one in closed.values():
        one["additionalProperties"] = one.get("additionalProperties", False)
    jsonschema.validate(reply, schema | {"components": {"schemas": closed}}, jsonschema.Draft202012Validator)


# Numbers


@pytest.mark.parametrize("name", NETWORKS)
def test_a_reading_has_the_very_numbers_of_python(curl, folder, described, name):
    trace = rnnviz.read(rnnviz.load(folder / name), TEXT)
    asked = {"network": name, "text": TEXT, "signals": list(signals.names(trace.cell)), "units": [4, 0, -1]}
    status, _, reply = curl("/api/v1/read", asked)
    assert status == 200
    is_described(described, "/api/v1/read", 200, reply)
    assert reply["tokens"] == list(trace.tokens)
    assert reply["unknown"] == trace.unknown.tolist()
    assert (reply["answer"], reply["labels"]) == (trace.label, list(trace.labels))
    assert np.array_equal(np.array(reply["probabilities"], np.float32), trace.verdicts)
    assert reply["units"] == [4, 0, 5]
    assert reply["signals"].keys() == trace.signals.keys()
    for signal, values in reply["signals"].items():
        assert np.array_equal(np.array(values, np.float32), trace.signals[signal][..., [4, 0, 5]])


@pytest.mark.parametrize("name", ["deep-lstm", "both-gru"])
def test_what_each_token_added_is_that_of_python_and_sums_to_the_logits(curl, folder, described, name):
    _, _, reply = curl("/api/v1/read", {"network": name, "text": TEXT, "contributions": True})
    is_described(described, "/api/v1/read", 200, reply)
    shares = rnnviz.contributions(rnnviz.read(rnnviz.load(folder / name), TEXT))
    assert np.array_equal(reply["contributions"]["by_token"], shares.by_token)
    total = np.sum(reply["contributions"]["by_token"], axis=0) + reply["contributions"]["bias"]
    assert np.allclose(total, reply["contributions"]["logits"], atol=1e-9)
    assert "signals" not in reply


def test_a_held_reading_has_the_very_numbers_of_python_and_the_free_ones_beside(curl, folder, described):
    network = rnnviz.load(folder / "deep-lstm")
    clamps = [
        rnnviz.Clamp("input", 0.0, tokens=[3], layer=0),
        rnnviz.Clamp("hidden", 0, units=[2, -1]),
        rnnviz.Clamp("forget", 1.0, tokens=[0, 1], units=[0]),
    ]
    holds = [
        {"signal": "input", "value": 0.0, "tokens": [3], "layer": 0},
        {"signal": "hidden", "value": 0, "units": [2, -1]},
        {"signal": "forget", "value": 1.0, "tokens": [0, 1], "units": [0]},
    ]
    asked = {"network": "deep-lstm", "text": TEXT, "holds": holds, "signals": ["cell"]}
    status, _, reply = curl("/api/v1/hold", asked)
    assert status == 200
    is_described(described, "/api/v1/hold", 200, reply)
    held, free = rnnviz.hold(network, TEXT, clamps), rnnviz.read(network, TEXT)
    assert not np.array_equal(held.verdicts, free.verdicts)
    assert np.array_equal(np.array(reply["probabilities"], np.float32), held.verdicts)
    assert np.array_equal(np.array(reply["signals"]["cell"], np.float32), held.signals["cell"])
    assert np.array_equal(np.array(reply["free"]["probabilities"], np.float32), free.verdicts)
    assert (reply["answer"], reply["free"]["answer"]) == (held.label, free.label)


def test_what_is_found_in_other_texts_is_what_python_finds(curl, folder, index, described):
    trace = rnnviz.read(rnnviz.load(folder / "deep-lstm"), TEXT)
    threshold = index.about.thresholds[0]
    units = index.units_of(trace, 3, 5, threshold, before=True)
    assert units
    asked = {"network": "deep-lstm", "text": TEXT, "first": 3, "last": 4, "before": True, "most": 4}
    status, _, reply = curl("/api/v1/find", asked)
    assert status == 200
    is_described(described, "/api/v1/find", 200, reply)
    found = index.find(units, threshold, 2, before=True, most=4)
    assert reply["tokens"] == list(trace.tokens[3:5])
    assert [(one["unit"], one["sign"]) for one in reply["units"]] == list(units)
    assert (reply["total"], reply["texts"], reply["least"]) == (found.total, found.texts, found.least)
    assert len(reply["hits"]) == len(found.hits) > 0
    for told, hit in zip(reply["hits"], found.hits, strict=True):
        assert (told["text"], told["start"], told["stop"], told["bits"]) == (hit.text, hit.start, hit.stop, hit.bits)
        inside = told["tokens"][hit.start - told["first"] : hit.stop - told["first"]]
        assert inside == list(index.text(hit.text)[hit.start : hit.stop])


def test_units_that_are_named_are_found_instead_of_those_at_the_tokens(curl, index):
    one = {"unit": 2, "sign": -1}
    status, _, reply = curl("/api/v1/find", read(units=[one], threshold=index.about.thresholds[1], one_per_text=False))
    assert (status, reply["units"]) == (200, [one])
    assert reply["total"] == index.find([(2, -1)], index.about.thresholds[1], 2, one_per_text=False).total


def test_the_networks_are_listed_with_all_that_a_question_may_name(curl, described):
    status, _, reply = curl("/api/v1/networks")
    assert status == 200
    is_described(described, "/api/v1/networks", 200, reply)
    listed = {network["name"]: network for network in reply["networks"]}
    assert listed.keys() == NETWORKS.keys()
    assert (listed["deep-lstm"]["layers"], listed["deep-lstm"]["units"]) == (2, 6)
    assert listed["both-gru"]["directions"] == ["forward", "backward"]
    assert listed["letters"]["task"] == "next"
    assert [signal["name"] for signal in listed["both-gru"]["signals"]] == ["reset", "update", "candidate", "hidden"]
    assert listed["deep-lstm"]["signals"][4]["high"] is None  # the cell state has no bound


def test_a_network_that_cannot_be_read_is_listed_with_its_problem_and_answers_503(tmp_path, folder):
    shutil.copytree(folder, tmp_path / "all")
    (tmp_path / "all" / "letters" / "config.json").write_text("{")
    (tmp_path / "all" / "plain-rnn" / "model.safetensors").write_bytes(b"cut")
    with serving_page(tmp_path / "all", ServeOptions(api=True)) as (_, port):
        listed = json.loads(sent(port, "GET", "/api/v1/networks")[1])["networks"]
        status, body = sent(port, "POST", "/api/v1/read", json.dumps({"network": "plain-rnn", "text": "a"}))
    assert "config.json" in next(one["problem"] for one in listed if one["name"] == "letters")
    assert status == 503
    assert str(tmp_path) not in body.decode() + json.dumps(listed)


# What is refused


def read(**changes: Any) -> dict[str, Any]:
    return {"network": "deep-lstm", "text": f"{MARK} good"} | changes


REFUSED: dict[str, tuple[str, Any, int, str]] = {
    "no JSON": ("read", b'{"text": "' + MARK.encode(), 400, "cannot be read as JSON"),
    "no UTF-8": ("read", b'{"text": "\xff\xfe' + MARK.encode() + b'"}', 400, "cannot be read as JSON"),
    "nothing": ("read", b" ", 400, "cannot be read as JSON"),
    "nested 20,000 deep": ("read", b"[" * 20_000 + b"]" * 20_000, 400, "cannot be read as JSON"),
    "no object": ("read", [MARK], 422, "Send a JSON object"),
    "a field missing": ("read", {"network": "deep-lstm"}, 422, "text: Field required"),
    "a field too much": ("read", read(**{MARK: 1}), 422, "not known here"),
    "a text that is none": ("read", read(text={MARK: 1}), 422, "text: Input should be a valid string"),
    "a lone surrogate": (
        "read",
        b'{"network": "deep-lstm", "text": "\\ud800' + MARK.encode() + b'"}',
        400,
        "cannot be read as JSON",
    ),
    "a blank text": ("read", read(text=" \n"), 422, "no tokens"),
    "too many words": ("read", read(text=f"{MARK} " * 2_001), 413, "2,001 tokens; at most 2,000"),
    "too many for both ways": ("read", read(network="both-gru", text="a " * 201), 413, "201 tokens; at most 200"),
    "another network": ("read", read(network="none"), 404, "choose one of both-gru, deep-lstm"),
    "a path": ("read", read(network="../../etc"), 404, "choose one of"),
    "a signal of another cell": ("read", read(signals=["update"]), 422, "choose one of input, forget"),
    "a unit that is not there": ("read", read(units=[6]), 422, "no unit 6"),
    "a unit that is none": ("read", read(units=[1.5]), 422, "units.0"),
    "a unit that is true": ("read", read(units=[True]), 422, "units.0"),
    "a huge unit": (
        "read",
        b'{"network":"deep-lstm","text":"a","units":[' + b"9" * 5_000 + b"]}",
        400,
        "cannot be read as JSON",
    ),
    "10,000 units": ("read", read(units=[0] * 10_000), 422, "units"),
    "a sum that a plain RNN has not": ("read", read(network="plain-rnn", contributions=True), 422, "plain RNN"),
    "nothing held": ("hold", read(holds=[]), 422, "holds"),
    "21 holds": ("hold", read(holds=[{"signal": "input", "value": 0}] * 21), 422, "holds"),
    "a gate of 2": ("hold", read(holds=[{"signal": "input", "value": 2}]), 422, "from 0 to 1"),
    "a gate that is no number": (
        "hold",
        read(holds=[{"signal": "input", "value": float("nan")}]),
        422,
        "holds.0.value",
    ),
    "a token that is not there": ("hold", read(holds=[{"signal": "input", "value": 0, "tokens": [9]}]), 422, "token"),
    "a layer that is not there": ("hold", read(holds=[{"signal": "input", "value": 0, "layer": 2}]), 422, "no layer 2"),
    "a direction that is none": ("hold", read(holds=[{"signal": "input", "value": 0, "direction": "up"}]), 422, "dir"),
    "texts that nobody indexed": ("find", read(network="plain-rnn"), 404, "it has some of deep-lstm"),
    "a stretch that is not there": ("find", read(first=1, last=2), 422, "no tokens from 1 to before 3"),
    "a stretch from its end": ("find", read(first=1, last=0), 422, "no tokens from 1 to before 1"),
    "a threshold between": ("find", read(threshold=0.123), 422, "choose one of"),
    "a unit twice": ("find", read(units=[{"unit": 1, "sign": 1}, {"unit": 1, "sign": -1}]), 422, "none of them twice"),
    "a unit without a sign": ("find", read(units=[{"unit": 1, "sign": 0}]), 422, "units.0.sign"),
    "a unit of another network": ("find", read(units=[{"unit": 6, "sign": 1}]), 422, "no unit 6"),
    "too many hits": ("find", read(most=51), 422, "most"),
    "a long text to find": ("find", read(text="a " * 2_001), 413, "at most 2,000"),
    "a mean that nobody measured": ("hold", read(holds=[{"signal": "input", "value": "mean"}]), 422, "units.json"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_t80_what_makes_no_sense_is_refused_in_a_sentence_and_leaves_no_trace(curl, described, what, caplog, capfd):
    name, asked, status, said = REFUSED[what]
    found, headers, reply = curl(f"/api/v1/{name}", asked)
    assert (found, said in reply["detail"]) == (status, True), reply
    is_described(described, f"/api/v1/{name}", status, reply)
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    logged = "".join(capfd.readouterr()) + caplog.text
    assert MARK not in logged + reply["detail"]
    assert "Traceback" not in logged


def test_more_numbers_than_are_sent_at_once_are_refused_before_anything_is_read():
    wide = checkpoint("lstm", hidden_size=64)

    def asked(**changes: Any) -> Read:
        return Read.model_validate(read(text="good " * 2_000, **changes))

    assert reading(wide, asked(signals=["cell"], contributions=True))["signals"]["cell"].shape == (1, 1, 2_000, 64)
    with pytest.raises(SettingError, match=f"256,000 numbers; at most {MOST_NUMBERS:,}"):
        reading(wide, asked(signals=["cell", "hidden"]))
    assert reading(wide, asked(signals=["cell", "hidden"], units=[3]))["units"] == [3]


@pytest.mark.parametrize("path", ["/api/v1/read", "/api/v1/hold", "/mcp"])
def test_t2_a_text_of_a_million_characters_is_refused_before_it_is_read(curl, path):
    status, _, reply = curl(path, read(text=f"{MARK} " * 125_000))
    assert (status, reply) == (413, {"detail": f"At most {MOST_BYTES // 1024} kB are read. Send less."})


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/api/v1/read", "Origin: https://evil.example", 403),
        ("/api/v1/read", "Origin: null", 403),
        ("/api/v1/read", "Sec-Fetch-Site: cross-site", 403),
        ("/api/v1/read", "Host: evil.example", 403),
        ("/api/v1/networks", "Host: evil.example", 403),
        ("/mcp", "Origin: https://evil.example", 403),
        ("/mcp", "Host: evil.example", 403),
        ("/api/v1/read", "Content-Type: text/plain", 415),
        ("/mcp", "Content-Type: multipart/form-data; boundary=x", 415),
        ("/api/v1/networks", "X-Nothing: 1", 405),
        ("/api/v1/openapi.json", "X-Nothing: 1", 405),
        ("/api/v1/", "X-Nothing: 1", 404),
        ("/api/v2/read", "X-Nothing: 1", 404),
        ("/api/v1/train_start", "X-Nothing: 1", 404),
        ("/api/v1/read/", "X-Nothing: 1", 404),
    ],
)
def test_the_guard_stands_before_the_api_as_before_the_page(curl, path, header, status):
    found, headers, reply = curl(path, read(), "--header", header)
    assert found == status
    assert list(reply) == ["detail"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_the_api_is_off_unless_it_is_switched_on(folder):
    with serving_page(folder) as (_, port):
        assert sent(port, "GET", "/healthz")[0] == 200
        for path, method in METHODS.items():
            status, body = sent(port, method, path, json.dumps(read()))
            assert (status, json.loads(body)) == (404, {"detail": "There is nothing at this address."})  # the guard's


def sent(port: int, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


# The document


def test_the_document_names_every_address_and_is_served(curl, described):
    status, headers, served = curl("/api/v1/openapi.json")
    assert (status, served) == (200, described)
    assert headers["content-type"] == "application/json"
    assert set(described["paths"]) == {*TOOLS, "/healthz"}
    schema = described["paths"]["/api/v1/hold"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    hold = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert hold["required"] == ["network", "text", "holds"]
    assert all("description" in field for field in hold["properties"].values())
    status, _, health = curl("/healthz")
    is_described(described, "/healthz", status, health)


def test_behind_a_proxys_path_the_document_says_so():
    assert document("/rnnviz")["servers"] == [{"url": "/rnnviz"}]


# Who waits for whom


class Stub:
    """A service whose heavy work goes on until it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.done: list[Any] = []
        self.loop = asyncio.get_running_loop()

    def kept_under(self, _name, _question):
        return None

    def way(self, _name, _question):
        return "heavy"

    def answer(self, name, question, zips):
        asyncio.run_coroutine_threadsafe(self.let_go.wait(), self.loop).result()
        self.done.append((name, question["text"]))
        if question["text"] == "busy":
            raise RnnvizError("server_busy")
        if question["text"] == MARK:
            raise BugError("RuntimeError at reading.py:7")
        if question["text"] == "many names":
            objection = json.dumps({"error": "unknown_name", "values": {"kind": "model"}, "message": "name, " * 2_000})
            return zipped(objection.encode()) if zips else objection.encode()
        return b"{}"


async def asked_of(layer: Api, path: str, question: Any) -> tuple[int, dict[str, str], Any]:
    messages: list[Any] = []
    coming = [{"type": "http.request", "body": json.dumps(question).encode(), "more_body": False}]

    async def receive():
        return coming.pop() if coming else await asyncio.Event().wait()

    async def send(message):
        messages.append(message)

    accepted = [(b"accept-encoding", b"gzip")]
    await layer({"type": "http", "method": "POST", "path": path, "headers": accepted}, receive, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], headers, json.loads(messages[1]["body"])


def layer_of(stub: Stub) -> Api:
    return Api(Questions(nobody, ("read_sentence",), 7, lambda: stub, stub.answer))


async def nobody(_scope, _receive, _send):
    raise AssertionError


def test_of_many_programs_a_few_are_answered_some_wait_and_the_rest_are_told_when_to_come_again():
    async def run():
        stub = Stub()
        layer = layer_of(stub)
        asking = [asyncio.create_task(asked_of(layer, "/api/v1/read", read(text=str(n)))) for n in range(40)]
        await asyncio.sleep(0.2)
        stub.let_go.set()
        return await asyncio.gather(*asking), stub.done

    replies, done = awaited(run())
    refused = [headers for status, headers, _ in replies if status == 429]
    assert len(done) == AT_ONCE + WAITING
    assert len(refused) == 40 - len(done)
    assert {headers["retry-after"] for headers in refused} == {"1"}


def test_t70_whoever_types_waits_for_one_question_of_all_programs_at_most():
    async def run():
        stub = Stub()
        layer = layer_of(stub)
        asking = [asyncio.create_task(asked_of(layer, "/api/v1/read", read(text=str(n)))) for n in range(20)]
        await asyncio.sleep(0.1)
        page = {"fn_name": "read_sentence", "data": {"text": "typed"}, "component_id": 7, "session_hash": "a person"}
        asking.append(asyncio.create_task(asked_of(layer, ASKED, page)))
        await asyncio.sleep(0.1)
        stub.let_go.set()
        await asyncio.gather(*asking)
        return [text for _, text in stub.done]

    assert awaited(run()).index("typed") <= 3  # two were at work, and one of the programs' stood in line


@pytest.mark.parametrize(("text", "status"), [("busy", 503), (MARK, 500)])
def test_t80_a_busy_server_and_a_bug_are_told_by_their_status(text, status, caplog):
    async def run():
        stub = Stub()
        stub.let_go.set()
        return await asked_of(layer_of(stub), "/api/v1/read", read(text=text))

    found, headers, reply = awaited(run())
    assert (found, list(reply)) == (status, ["detail"])
    assert ("retry-after" in headers) == (status == 503)
    assert MARK not in caplog.text


def test_an_objection_that_is_long_keeps_its_status_whatever_the_client_accepts():
    async def run():
        stub = Stub()
        stub.let_go.set()
        return await asked_of(layer_of(stub), "/api/v1/read", read(text="many names"))

    status, _, reply = awaited(run())
    assert (status, list(reply)) == (404, ["detail"])


def test_many_at_once_get_their_own_answer_or_are_told_to_come_again(port):
    def one(number: int) -> tuple[int, bytes]:
        return sent(port, "POST", f"{PREFIX}read", json.dumps(read(text=f"good person{number}")))

    with ThreadPoolExecutor(60) as programs:
        replies = list(programs.map(one, range(120)))
    assert {status for status, _ in replies} <= {200, 429}
    answered = [number for number, (status, _) in enumerate(replies) if status == 200]
    assert len(answered) >= 3
    for number in answered:
        assert json.loads(replies[number][1])["tokens"] == ["good", f"person{number}"]
