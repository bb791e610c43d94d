"""What may be asked of the server, on the real page behind its guard."""

import gc
import gzip
import http.client
import json
import os
import re
import sys
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from rnnviz.page.guard import MOST_BYTES, Guard
from rnnviz.page.serve_options import ServeOptions
from rnnviz.page.service import Service
from tests.builders import checkpoint
from tests.page.running import awaited, serving_page

ASK = "/gradio_api/component_server/"
MARK = "zyzzyva"  # what a person typed, and what no log, error or file may hold


@dataclass
class Served:
    """The page on a real port, and how to ask it."""

    app: Any
    port: int

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        return self.send("GET", path, headers=headers)

    def send(self, method: str, path: str, body: Any = None, headers: Any = None, **how: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request(method, path, body=body, headers=headers or {}, **how)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def post(self, body: Any, kind: str = "application/json", **how: Any) -> tuple[http.client.HTTPResponse, bytes]:
        return self.send("POST", ASK, body, {"Content-Type": kind}, **how)

    def call(self, data: Any = None, **changes: Any) -> dict[str, Any]:
        """What the browser sends to ask for a reading."""
        component = next(number for number, block in self.app.blocks.items() if hasattr(block, "read_sentence"))
        asked = {"model": "tiny", "text": "good", "start": 0} if data is None else data
        return {"data": asked, "component_id": component, "fn_name": "read_sentence", "session_hash": "one"} | changes


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("checkpoints")
    checkpoint("lstm").save_pretrained(folder / "tiny")
    with serving_page(folder) as (page, port):
        yield Served(page, port)


def test_the_page_with_all_its_files_is_served(served):
    page = served.get("/")[1].decode()
    files = re.findall(r'(?:src|href)="(\.?/[^"]+)"', page)
    assert len(files) >= 3
    assert "/manifest.json" in files
    for file in [*files, "/theme.css?v=1", "/favicon.ico", "/static/js/iframeResizer.contentWindow.min.js"]:
        answer, body = served.get(file.removeprefix("."))
        assert answer.status == 200, file
        assert body


def test_a_question_of_the_page_is_answered_and_kept_by_no_browser(served):
    answer, body = served.post(json.dumps(served.call()))
    assert json.loads(body)["tokens"] == ["good"]
    assert answer.getheader("Cache-Control") == "no-store"


def test_t70_thirty_who_type_at_once_see_their_own_last_text_and_nobody_elses(served):
    """Each asks as the page does: its next text when the last one is answered."""

    def typist(number: int) -> list[bool]:
        seen = []
        for length in range(1, 6):
            words = [f"person{number}", *["good"] * length]
            asked = {"model": "tiny", "text": " ".join(words)}
            body = served.post(json.dumps(served.call(asked, session_hash=f"person{number}")))[1]
            seen.append(json.loads(body)["tokens"] == words)
        return seen

    with ThreadPoolExecutor(30) as people:
        assert all(map(all, people.map(typist, range(30))))


def test_the_page_is_compressed_once_and_its_files_too(served):
    plain = served.get("/")[1]
    answer, body = served.get("/", **{"Accept-Encoding": "gzip, br"})
    assert answer.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(body) == plain
    assert answer.getheader("Cache-Control") == "no-cache"
    script = re.search(rb'src="\.(/assets/[^"]+\.js)"', plain)[1].decode()
    answer, _ = served.get(script, **{"Accept-Encoding": "gzip, br"})
    assert answer.getheader("Content-Encoding") == "br"
    assert "immutable" in answer.getheader("Cache-Control")


@pytest.mark.parametrize(
    "path",
    [
        "/config",
        "/docs",
        "/openapi.json",
        "/monitoring",
        "/monitoring/summary",
        "/robots.txt",
        "/gradio_api/info",
        "/gradio_api/app_id",
        "/gradio_api/startup-events",
        "/gradio_api/runs",
        "/gradio_api/deep_link?session_hash=one",
        "/gradio_api/file=http://127.0.0.1/",
        "/gradio_api/file=/etc/hostname",
        "/gradio_api/file/etc/hostname",
        "/gradio_api/proxy=https://example.hf.space/",
        "/gradio_api/queue/data?session_hash=one",
        "/gradio_api/queue/status",
        "/gradio_api/heartbeat/one",
        "/gradio_api/stream/a/b/1/playlist.m3u8",
        "/gradio_api/upload_progress?upload_id=1",
        "/gradio_api/custom_component/a/client/component/x.js",
        "/gradio_api/component_server",
        ASK,
        "/svelte/svelte.js",
        "/static/fonts/Lora/Lora-Regular.woff2",
        "//",
        "/./",
        "//theme.css",
        "/theme.css/",
        "/THEME.CSS",
        "/theme.css%0a",
        "/assets/",
        "/assets/..",
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/assets/%2e%2e%2findex.html",
        "/assets/..%5cindex.html",
        "/assets//etc/hostname",
        "/assets/x%00.js",
        "/static/js/..%2f..%2findex.html",
        "/static/img/%252e%252e/index.html",
    ],
)
def test_t73_what_the_page_does_not_use_is_not_there(served, path):
    answer, body = served.get(path)
    assert answer.status == 404
    assert json.loads(body) == {"detail": "There is nothing at this address."}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/run/read_sentence"),
        ("POST", "/gradio_api/api/predict"),
        ("POST", "/gradio_api/call/x"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/cancel"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/login"),
        ("POST", "/"),
        ("PUT", ASK),
        ("DELETE", ASK),
        ("TRACE", "/"),
        ("OPTIONS", "/"),
        ("HEAD", ASK),
    ],
)
def test_t73_no_other_method_is_there(served, method, path):
    assert served.send(method, path, b"{}", {"Content-Type": "application/json"})[0].status == 404


def test_what_follows_a_question_mark_reaches_nobody(served):
    """A deep link is named there, and its file would be read."""
    assert served.get("/?deep_link=../x&page=y&__theme=dark")[0].status == 200
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["query_string"])

    awaited(_ask(Guard(app, ServeOptions()), [], path="/", method="GET", query_string=MARK.encode()))
    assert seen == [b""]


@pytest.mark.parametrize("chunked", [False, True])
def test_t2_a_body_of_64_kb_is_read_and_one_byte_more_is_not(served, chunked):
    empty = len(json.dumps(served.call({"model": "tiny", "text": ""})))
    text = "good " * (MOST_BYTES // 5)
    body = json.dumps(served.call({"model": "tiny", "text": text[: MOST_BYTES - empty]})).encode()
    assert len(body) == MOST_BYTES
    for sent, status in ((body, 200), (body + b" ", 413)):
        pieces = [sent[at : at + 9_000] for at in range(0, len(sent), 9_000)]
        answer, said = served.post(pieces if chunked else sent, encode_chunked=chunked)
        assert answer.status == status
    assert json.loads(said) == {"detail": "At most 64 kB are read. Send less."}


@pytest.mark.parametrize("length", [None, b"1", b"-1", b"99999999", b"many"])
def test_t2_nothing_of_the_rest_is_read_whatever_the_length_is_said_to_be(length):
    headers = [(b"content-type", b"application/json")] + ([(b"content-length", length)] if length else [])
    left = [{"type": "http.request", "body": b"x" * 1_000, "more_body": True} for _ in range(200)]
    sent = awaited(_ask(Guard(_unreachable, ServeOptions()), left, path=ASK, method="POST", headers=headers))
    assert sent[0]["status"] == 413
    assert len(left) == 200 - MOST_BYTES // 1_000 - 1


def test_a_body_for_a_closed_address_is_not_read_at_all():
    left = [{"type": "http.request", "body": b"x", "more_body": True}]
    sent = awaited(_ask(Guard(_unreachable, ServeOptions()), left, path="/gradio_api/upload", method="POST"))
    assert sent[0]["status"] == 404
    assert len(left) == 1


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain", "application/jsonp", ""])
def test_forms_which_gradio_would_put_on_the_disk_are_refused(served, kind):
    assert served.post(b"--x--", kind)[0].status == 415


def test_a_websocket_is_refused():
    sent = awaited(
        _ask(Guard(_unreachable, ServeOptions()), [{"type": "websocket.connect"}], type="websocket", path="/")
    )
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_an_address_under_which_a_proxy_serves_the_page_is_no_way_round():
    for path, status in (("/class/gradio_api/upload", 404), ("/classassets/x", 404), ("/class/", 200)):
        sent = awaited(_ask(Guard(_fine, ServeOptions(root_path="/class")), [], path=path, method="GET"))
        assert sent[0]["status"] == status


DEEP = "[" * 10_000 + "]" * 10_000
HOSTILE = {
    "no json": f"{{{MARK}",
    "no utf-8": b'{"data": "' + MARK.encode() + b'\xff\xfe"}',
    "nothing": "",
    "no object": f'["{MARK}"]',
    "nested 10,000 deep": f'{{"data": {DEEP}, "component_id": 1, "fn_name": "{MARK}", "session_hash": "s"}}',
    "a number of 60,000 digits": '{"data": ' + "9" * 60_000 + "}",
    "another component": {"component_id": 987_654, "session_hash": MARK},
    "a component that is none": {"component_id": [MARK]},
    "another function": {"fn_name": f"{MARK}_"},
    "a function of Gradio's": {"fn_name": "__init__"},
    "a function that is none": {"fn_name": {"a": MARK}},
    "a session that is none": {"session_hash": {"a": MARK}},
    "a lone surrogate": {"data": {"model": f"{MARK}\ud800", "text": "\udfff"}},
    "numbers that are none": {"data": {"model": "tiny", "text": "good", "start": float("nan")}},
    "infinite numbers": {"data": {"model": "tiny", "text": "good", "start": float("inf")}},
    "huge numbers": {"data": {"model": "tiny", "text": "good", "start": -(10**4_000)}},
    "other types": {"data": {"model": [MARK], "text": {MARK: 1}, "start": "x"}},
    "a list of arguments": {"data": [MARK, MARK, MARK]},
    "no argument": {"data": None},
    "a path for a model": {"data": {"model": f"../{MARK}", "text": "good"}},
    "a path for a language": {"fn_name": "words", "data": f"../{MARK}"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_t4_t80_a_hostile_question_gets_a_sentence_and_leaves_no_trace(served, name, caplog, capfd):
    sent = HOSTILE[name]
    answer, body = served.post(json.dumps(served.call(**sent)) if isinstance(sent, dict) else sent)
    assert answer.status in (200, 400, 404, 500)
    if answer.status != 200:
        assert set(json.loads(body)) == {"detail"}
        assert MARK not in body.decode()
    said = "".join(capfd.readouterr()) + caplog.text
    assert "Traceback" not in body.decode() + said
    assert MARK not in said
    assert json.loads(served.post(json.dumps(served.call()))[1])["tokens"] == ["good"]


def test_t4_t80_an_error_nobody_expected_is_logged_by_its_place_without_its_text(served, monkeypatch, caplog, capfd):
    def fail(self: Service, question: Any) -> None:
        raise RuntimeError(f"cannot read {question['text']}")

    monkeypatch.setattr(Service, "read_sentence", fail)
    answer, body = served.post(json.dumps(served.call({"text": MARK})))
    assert answer.status == 500
    assert json.loads(body) == {"detail": "The server failed at this. Ask something else."}
    assert [record.getMessage() for record in caplog.records if record.name == "rnnviz.page.guard"] == [
        f"RuntimeError at {caplog.records[-1].args[1]}"
    ]
    assert f"test_guard.py:{fail.__code__.co_firstlineno + 1}" in caplog.text
    assert MARK not in caplog.text + "".join(capfd.readouterr())
    assert caplog.records[-1].exc_info is None


def test_an_answer_that_breaks_off_is_not_begun_again(caplog):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(MARK)

    sent = awaited(_ask(Guard(app, ServeOptions()), [], path="/theme.css", method="GET"))
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert MARK not in caplog.text


def test_every_answer_says_what_a_browser_may_do(served, monkeypatch):
    monkeypatch.setattr(Service, "read_sentence", None)
    answers = [
        served.get("/"),
        served.get("/theme.css"),
        served.get("/assets/none.js"),
        served.get("/gradio_api/upload"),
        served.post("x" * (MOST_BYTES + 1)),
        served.post("x", "text/plain"),
        served.post("x"),
        served.post(json.dumps(served.call())),
    ]
    assert [answer.status for answer, _ in answers] == [200, 200, 404, 404, 413, 415, 400, 500]
    for answer, _ in answers:
        policy = dict(part.split(" ", 1) for part in answer.getheader("Content-Security-Policy").split("; "))
        assert policy["default-src"] == "'self'"
        assert policy["object-src"] == "'none'"
        assert policy["frame-ancestors"] == "'self' https://huggingface.co https://*.hf.space"
        assert "http" not in policy["script-src"] + policy["img-src"]
        assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        assert "microphone=()" in answer.getheader("Permissions-Policy")
        assert (answer.status == 200) == (answer.getheader("Cache-Control") != "no-store")


def test_t81_gradio_is_told_to_keep_nothing_and_to_say_nothing_of_errors(served):
    config = served.app.config
    assert config["run_history"] is False
    assert config["show_error"] is False
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    assert served.app.enable_monitoring is False
    assert served.app.share is False
    assert served.app.max_file_size == MOST_BYTES
    assert served.app.ssr_mode is False
    assert served.app.pwa is False
    assert served.app.mcp_server is False
    assert served.app.api_open is False


def test_no_other_site_is_told_what_is_answered_here(served):
    """Without ``strict_cors`` Gradio allows any site to read the answers of a server on its reader's own machine."""
    for origin in ("null", "http://elsewhere.example", "http://localhost:1"):
        for path in ("/", "/theme.css"):
            answer, _ = served.get(path, Origin=origin, Host="localhost")
            allowed = answer.getheader("Access-Control-Allow-Origin")
            assert allowed in (None, "http://localhost:1")
            assert allowed != "null"


_opened: list[Path] | None = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is None or event != "open" or "__pycache__" in str(arguments[0]):  # modules are compiled when first used
        return
    if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        _opened.append(Path(str(arguments[0])))


def test_t80_nothing_is_written_while_people_ask(served, tmp_path):
    global _opened
    sys.addaudithook(_note)  # hears of every file that Python opens; it cannot be taken out again
    _opened = []
    try:
        (tmp_path / "heard").touch()
        served.get("/")
        served.post(json.dumps(served.call({"model": "tiny", "text": f"good {MARK}"})))
        for sent in HOSTILE.values():
            served.post(json.dumps(served.call(**sent)) if isinstance(sent, dict) else sent)
        form = {"Content-Type": "multipart/form-data; boundary=x"}  # Gradio keeps its parts in files
        part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n%b\r\n--x--\r\n'
        for path in (ASK, "/gradio_api/upload"):
            served.send("POST", path, part % MARK.encode(), form)
    finally:
        opened, _opened = _opened, None
    assert opened == [tmp_path / "heard"]


def test_t76_nothing_is_kept_of_a_visitor(served):
    def visitors(name: str) -> int:
        for number in range(20):
            asked = {"model": "tiny", "text": f"good {number}"}
            served.post(json.dumps(served.call(asked, session_hash=f"{name}{number}")))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    served.post(json.dumps(served.call()))
    tracemalloc.start()
    try:
        visitors("first")  # after which all is in memory that comes with the first use
        rounds = [visitors(name) for name in "abcd"]
    finally:
        tracemalloc.stop()
    grown = [after - before for before, after in pairwise(rounds)]
    assert median(grown) < 20_000  # what Gradio keeps of twenty visitors would be 75,000, in every round
    assert not served.app.state_holder.session_data


async def _unreachable(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("this was to be refused")


async def _fine(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _ask(
    guard: Guard, left: list[dict[str, Any]], headers: Sequence[tuple[bytes, bytes]] = (), **scope: Any
) -> list[dict[str, Any]]:
    """Ask the guard alone; what it does not read stays in ``left``."""
    sent = []
    named = [(b"host", b"localhost"), *headers]

    async def receive() -> dict[str, Any]:
        return left.pop(0) if left else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await guard({"type": "http", "headers": named, "query_string": b""} | scope, receive, send)
    return sent
