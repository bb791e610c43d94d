"""The page and its files in memory: made once, the same for all whom it suits."""

import asyncio

import pytest

from rnnviz.page.kept import Kept, best_encoding
from tests.page.running import awaited


class Gradio:
    """An app that counts how often it is asked."""

    def __init__(self, status=200):
        self.asked, self.encodings, self.status = [], [], status

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        self.asked.append(scope["path"])
        self.encodings.append(headers.get(b"accept-encoding"))
        said = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": self.status, "headers": said})
        await send({"type": "http.response.body", "body": b"page " * 200, "more_body": True})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


def ask(kept, path="/assets/a.js", method="GET", **headers):
    sent = []

    async def run():
        async def send(message):
            sent.append(message)

        said = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await kept({"type": "http", "method": method, "path": path, "headers": said}, None, send)

    awaited(run())
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def test_a_file_is_asked_for_once_and_every_visitor_gets_it():
    gradio = Gradio()
    kept = Kept(gradio)
    answers = [ask(kept)[1] for _ in range(5)]
    assert set(answers) == {b"page " * 200 + b"/assets/a.js"}
    assert gradio.asked == ["/assets/a.js"]


def test_a_file_is_asked_for_in_the_best_encoding_that_each_browser_accepts_and_kept_in_each():
    gradio = Gradio()
    kept = Kept(gradio)
    for accepted in ("gzip, deflate, br, zstd", "br;q=1.0, gzip", "gzip", "gzip, deflate", "", "*"):
        ask(kept, accept_encoding=accepted)
    assert gradio.encodings == [b"br", b"gzip", b"identity"]


@pytest.mark.parametrize("name", ["range", "if_none_match", "if_modified_since"])
def test_a_part_or_a_change_is_gradios_to_answer(name):
    gradio = Gradio()
    kept = Kept(gradio)
    ask(kept)
    ask(kept, **{name: "x"})
    ask(kept, method="HEAD")
    assert len(gradio.asked) == 3


def test_what_is_not_there_is_not_kept_nor_more_than_there_is_room_for():
    gone, there = Gradio(404), Gradio()
    missing, small = Kept(gone), Kept(there, most_bytes=2_500)
    for path in ("/a", "/a", "/b", "/b", "/c", "/c"):
        ask(missing, path)
        ask(small, path)
    assert len(gone.asked) == 6
    assert there.asked == ["/a", "/b", "/c", "/c"]


def test_a_header_that_is_added_to_one_answer_is_not_in_the_next():
    kept = Kept(Gradio())
    sent = []

    async def run():
        async def send(message):
            sent.append(message)
            message.get("headers", []).append((b"x-added", b"1"))

        for _ in range(2):
            await kept({"type": "http", "method": "GET", "path": "/a", "headers": []}, None, send)

    awaited(run())
    assert [len(message["headers"]) for message in sent if "headers" in message] == [2, 2]


def test_those_who_ask_for_the_same_at_once_share_one_answer_and_its_room():
    asked, sent = [], []

    async def gradio(_scope, _receive, send):
        asked.append(1)
        await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 1_000})

    async def send(message):
        sent.append(message.get("body"))

    kept = Kept(gradio, most_bytes=2_000)

    async def run():
        one = {"type": "http", "method": "GET", "headers": []}
        for path in ("/a", "/b"):
            await asyncio.gather(*(kept(one | {"path": path}, None, send) for _ in range(100)))

    awaited(run())
    assert len(asked) == 2
    assert sent.count(b"x" * 1_000) == 200


@pytest.mark.parametrize(
    ("accepted", "best"),
    [
        ("gzip;q=0, br;q=0", "identity"),
        ("br; q=0.00, gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("x-odd, zstd", "identity"),
    ],
)
def test_an_encoding_that_a_browser_refuses_is_not_sent(accepted, best):
    assert best_encoding(accepted) == best
