"""Who is answered, on the real server: by its name, from its own page, with the rights of who asks directly or not."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rnnviz.page import serving
from rnnviz.page.serve_options import ServeOptions, serve_options
from tests.builders import checkpoint
from tests.page.running import answering, awaited, serving_page

ASK = "/gradio_api/component_server/"
TRAIN = {"task": "negation", "cell": "rnn", "units": 2, "learning_rate": 0.02, "watch": "good"}
FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Gradio-Server": "//evil.example"}

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EVERYWHERE = "0.0.0.0"  # noqa: S104


class Served:
    """The page at some place, asked in raw HTTP, so that any header can be sent, or none."""

    def __init__(self, page: Any, port: int) -> None:
        self.port = port
        self.component = next(number for number, block in page.blocks.items() if hasattr(block, "read_sentence"))

    def ask(self, method: str, path: str, body: bytes = b"", version: str = "1.1", **headers: Any) -> tuple[int, bytes]:
        """Status, and headers with the body; a header that is None is not sent, one that is a list several times."""
        said = {"Host": f"localhost:{self.port}", "Connection": "close"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        lines = [f"{method} {path} HTTP/{version}"]
        for name, value in said.items():
            lines += [f"{name}: {one}" for one in (value if isinstance(value, list) else [value]) if one is not None]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        return int(answer.split(b" ", 2)[1]), answer

    def question(self, name: str, data: Any, path: str = ASK, **headers: Any) -> tuple[int, bytes]:
        asked = {"data": data, "component_id": self.component, "fn_name": name, "session_hash": "one"}
        return self.ask("POST", path, json.dumps(asked).encode(), **headers)

    def said(self, name: str, data: Any, headers: dict[str, Any]) -> dict[str, Any]:
        """The answer; training is off as well to whoever gets none."""
        status, answer = self.question(name, data, **headers)
        return {"error": "training_off"} if status == 403 else json.loads(answer.partition(b"\r\n\r\n")[2])

    def reads(self, **headers: Any) -> bool:
        """Whether a question is answered; else it is refused in a sentence."""
        status, answer = self.question("read_sentence", {"model": "tiny", "text": "good"}, **headers)
        assert status == 200 or (status in (400, 403) and b'{"detail":"' in answer) or status == 400
        return status == 200 and b'"tokens":["good"]' in answer

    def trains(self, **headers: Any) -> dict[str, bool]:
        """What the page offers to a browser at this machine, but for some headers; which is what the server does."""
        shown = {"User_Agent": BROWSER, "Sec_Fetch_Site": "none"} | headers
        headers = shown | {"Sec_Fetch_Site": "same-origin", "Origin": f"http://localhost:{self.port}"} | headers
        _, answer = self.ask("GET", "/", **shown)
        allowed, own_files = re.search(rb'"allowed":(\w+),"own_files":(\w+)', answer).groups()
        begun = self.said("train_start", TRAIN, headers)
        received = self.said("train_receive", {"text": ""}, headers)
        assert (allowed == b"true") == ("ticket" in begun) == (begun.get("error") != "training_off")
        assert (own_files == b"true") == (received.get("error") not in ("upload_off", "training_off"))
        return {"training": allowed == b"true", "own_files": own_files == b"true"}


@pytest.fixture(scope="module")
def served_at(tmp_path_factory):
    """Serve one tiny network at a place."""
    folder = tmp_path_factory.mktemp("checkpoints")
    checkpoint("lstm").save_pretrained(folder / "tiny")

    @contextlib.contextmanager
    def serve(where: ServeOptions) -> Iterator[Served]:
        with serving_page(folder, where) as (page, port):
            yield Served(page, port)

    return serve


@pytest.fixture(scope="module")
def served(served_at):
    with served_at(ServeOptions()) as found:
        yield found


def test_the_page_is_served_where_an_event_loop_runs_as_in_a_notebook(served_at):
    async def notebook() -> bool:
        with served_at(ServeOptions()) as served:
            return await asyncio.to_thread(served.reads)

    assert awaited(notebook())


@pytest.mark.parametrize(
    "named", ["localhost", "LOCALHOST.", "127.0.0.1", "127.0.0.2", "[::1]:1", "[::ffff:127.0.0.1]"]
)
def test_the_server_answers_to_the_names_of_its_machine(served, named):
    assert served.ask("GET", "/", Host=named)[0] == 200
    assert served.reads(Host=named)


@pytest.mark.parametrize(
    "named",
    [
        *("evil.example", "localhost.evil.example", "evil.example:7860", EVERYWHERE, "2130706433", "203.0.113.9"),
        *("localhost@evil.example", "evil.example@localhost", "", None, ["localhost", "evil.example"], "[::]"),
        *("localhost evil.example", "localhost,evil.example", "evil.example#localhost", "localhost:x", "*"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/theme.css", "/assets/x.js"])
def test_no_site_whose_name_leads_here_is_answered(served, named, path):
    """DNS rebinding: its pages ask by its own name."""
    status, answer = served.ask("GET", path, Host=named)
    assert status in (400, 403)
    assert b"evil" not in answer
    if status == 403:
        assert b"--allow-host NAME" in answer
    assert not served.reads(Host=named)


def test_a_request_of_old_that_names_no_host_is_refused(served):
    assert served.ask("GET", "/", version="1.0", Host=None)[0] in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Referer": "https://evil.example/page"},
        {"Origin": ["https://evil.example", "https://evil.example"]},
    ],
)
def test_no_other_site_asks_a_question_or_begins_a_training(served, headers):
    assert not served.reads(**headers)
    status, answer = served.question("train_start", TRAIN, **headers)
    assert status == 403
    assert b"--allow-host NAME" in answer
    assert b"evil" not in answer
    assert b"access-control-allow-origin" not in answer.lower()


def test_the_own_page_asks_with_its_origin_and_no_answer_is_for_other_sites(served):
    status, answer = served.question("words", "el", Origin=f"http://localhost:{served.port}")
    assert status == 200
    assert b"access-control" not in answer.lower()
    for origin in ("https://evil.example", "null", f"http://localhost:{served.port}"):
        for path in ("/", "/theme.css"):
            status, answer = served.ask("GET", path, Origin=origin)
            assert status == 200
            assert b"access-control" not in answer.lower()


def test_the_owner_trains_and_a_forwarded_request_finds_training_off(served):
    assert served.trains() == {"training": True, "own_files": True}
    for name, value in FORWARDED.items():
        assert served.trains(**{name: value}) == {"training": False, "own_files": False}
    assert served.trains(Via="1.1 proxy") == {"training": False, "own_files": False}
    assert served.trains() == {"training": True, "own_files": True}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("origin", [None, "http://school.example"])
def test_nobody_is_the_owner_behind_nginx_that_was_told_nothing(served, version, origin):
    """It puts the server's loopback address into Host, and since 1.29.7 it speaks HTTP/1.1 and keeps the connection."""
    came = {"Host": f"127.0.0.1:{served.port}", "Connection": None if version == "1.0" else "close"}
    came |= {"Sec_Fetch_Site": None, "Origin": origin}  # to a name that is no loopback name, over HTTP
    assert served.trains(version=version, **came) == {"training": False, "own_files": False}


def test_who_writes_a_loopback_name_into_host_is_no_owner_behind_haproxy(served):
    """It passes Host on, and adds nothing."""
    for named in ("localhost", "127.0.0.1", f"localhost:{served.port}", "[::1]"):
        came = {"Host": named, "Sec_Fetch_Site": None, "Origin": None}
        assert served.trains(**came) == {"training": False, "own_files": False}


def test_a_program_on_this_machine_that_says_nothing_of_where_it_comes_from_is_the_owners(served):
    came = {"User_Agent": "curl/8.5.0", "Sec_Fetch_Site": None, "Origin": None}
    assert served.trains(**came) == {"training": True, "own_files": True}
    assert served.trains(**came, X_Forwarded_For="10.1.2.3") == {"training": False, "own_files": False}


@pytest.mark.parametrize("options", [{"allow_hosts": ["school.example"]}, {"allow_hosts": ["*"]}, {"root_path": "/x"}])
def test_behind_a_proxy_nobody_is_the_owner_until_training_is_switched_on(served_at, options):
    with served_at(serve_options(**options, environment={})) as served:
        assert served.trains() == {"training": False, "own_files": False}
    with served_at(serve_options(**options, training=True, environment={})) as served:
        assert served.trains() == {"training": True, "own_files": False}


def test_where_training_is_on_a_forwarded_request_trains_but_on_no_files(served_at):
    with served_at(ServeOptions(training=True)) as served:
        assert served.trains(**FORWARDED) == {"training": True, "own_files": False}
        assert served.trains() == {"training": True, "own_files": True}


@pytest.mark.parametrize(
    "environment",
    [{"SPACE_ID": "somebody/page", "SPACE_HOST": "somebody-page.hf.space"}, {"RNNVIZ_TRAINING": "no"}],
)
def test_nobody_trains_on_a_space_or_where_it_is_off(served_at, environment):
    with served_at(serve_options(environment=environment)) as served:
        assert served.trains() == {"training": False, "own_files": False}


def test_a_space_answers_to_its_name_and_shows_itself_in_hugging_faces_frame(served_at):
    environment = {"SPACE_ID": "somebody/page", "SPACE_HOST": "somebody-page.hf.space"}
    name = environment["SPACE_HOST"]
    with served_at(serve_options(environment=environment)) as served:
        status, page = served.ask("GET", "/", Host=name, X_Forwarded_Host=name, X_Forwarded_Proto="https")
        assert status == 200
        assert b"frame-ancestors 'self' https://huggingface.co https://*.hf.space\r\n" in page
        assert served.reads(Host=name, Origin=f"https://{name}", Sec_Fetch_Site="same-origin", **FORWARDED)
        assert served.ask("GET", "/", Host="evil.example")[0] == 403
        assert not served.reads(Host=name, Origin="https://evil.example")


def test_a_name_that_was_allowed_is_answered(served_at):
    with served_at(serve_options(allow_hosts=["school.example"], environment={})) as served:
        assert served.reads(Host="school.example", Origin="https://school.example:8443")
        assert served.trains(Host="school.example", Origin="https://school.example") == {
            "training": False,
            "own_files": False,
        }
        assert served.ask("GET", "/", Host="other.example")[0] == 403


def test_nothing_that_a_request_says_of_the_server_stands_in_the_page(served):
    _, plain = served.ask("GET", "/")
    plain = plain.partition(b"\r\n\r\n")[2]
    assert b'"root":"."' in plain
    for headers in (FORWARDED, {"X-Forwarded-Proto": "https"}, {"Cookie": "access-token=x"}, {"Host": "127.0.0.1"}):
        _, page = served.ask("GET", "/?__theme=dark&x=evil", X_Original_URL="/evil", **headers)
        assert b"evil" not in page
        assert b"//localhost" not in page
        assert b"//rnnviz" not in page
        assert b'"root":"."' in page


def test_who_has_the_page_already_is_not_sent_it_again(served):
    _, page = served.ask("GET", "/", Sec_Fetch_Site="none")
    tag = re.search(rb'etag: (".+?")', page)[1].decode()
    for known in (tag, f"W/{tag}"):  # a proxy that compresses may weaken it
        status, answer = served.ask("GET", "/", If_None_Match=known, Sec_Fetch_Site="none")
        assert status == 304
        assert b"cache-control: no-cache" in answer.lower()
        assert len(answer) < 2_000
    assert (
        served.ask("GET", "/", If_None_Match=tag, Sec_Fetch_Site="none", Via="1.1 proxy")[0] == 200
    )  # another visitor, another page


@pytest.mark.parametrize("named", ["evil.example", "10.1.2.3:7860", "localhost", None, ""])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_health_check_is_answered_by_any_name(served, named, method):
    status, answer = served.ask(method, "/healthz", Host=named, version="1.1" if named is not None else "1.0")
    assert status == 200
    assert b"cache-control: no-store" in answer.lower()
    assert answer.partition(b"\r\n\r\n")[2] == (b'{"status":"ok"}' if method == "GET" else b"")


def test_a_health_check_neither_opens_a_network_nor_puts_that_off():
    looked = []
    with answering(serving.Guard(_never, ServeOptions(), lambda: looked.append(1))) as port:
        found = Served.__new__(Served)
        found.port = port
        assert found.ask("GET", "/healthz")[0] == 200
        assert found.ask("POST", "/healthz", b"{}")[0] == 404
        assert found.ask("GET", "/healthz/")[0] == 404
    assert looked == []


async def _never(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "lifespan", "nothing was to be asked"


def test_below_a_path_the_page_is_served_whether_or_not_the_proxy_takes_the_path_off(served_at):
    with served_at(serve_options(root_path="/rnnviz", environment={})) as served:
        for prefix in ("", "/rnnviz"):
            status, page = served.ask("GET", f"{prefix}/")
            assert status == 200
            assert b'"root":"."' in page
            script = re.search(rb'src="\.(/assets/[^"]+\.js)"', page)[1].decode()
            assert served.ask("GET", f"{prefix}{script}")[0] == 200
            assert served.ask("GET", f"{prefix}/healthz")[0] == 200
            assert served.question("words", "el", f"{prefix}{ASK}")[0] == 200
            assert served.ask("GET", f"{prefix}/config")[0] == 404
        status, answer = served.ask("GET", "/rnnviz")
        assert status == 307
        assert b"location: /rnnviz/\r\n" in answer
        for wrong in ("/rnnvizassets/x", "/rnnviz2/", "/rnnviz/rnnviz/", "/RNNVIZ/"):
            assert served.ask("GET", wrong)[0] == 404


def test_a_site_that_was_named_may_show_the_page_in_a_frame(served_at):
    with served_at(
        serve_options(frame_ancestors=["https://moodle.example.org", "*.school.example"], environment={})
    ) as served:
        for path in ("/", "/config", "/theme.css"):
            _, answer = served.ask("GET", path)
            policy = re.search(rb"content-security-policy: (.*?)\r\n", answer, re.IGNORECASE)[1].decode()
            parts = dict(part.split(" ", 1) for part in policy.split("; "))
            assert parts["frame-ancestors"] == (
                "'self' https://huggingface.co https://*.hf.space https://moodle.example.org *.school.example"
            )
            assert "moodle" not in str(parts | {"frame-ancestors": ""})
