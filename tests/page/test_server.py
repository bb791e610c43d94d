"""What the server allows, tried by clients that overdo it. T55, and the limits of time, connections, memory, log."""

import asyncio
import gc
import logging
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from rnnviz.page import server as serving
from rnnviz.page.server import MOST_REQUEST, Limits, OncePerSecond, Server
from tests.browser.server import free_port
from tests.page.running import answering, connected, heard

ROOT = Path(__file__).parents[2]
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n"
SHORT = Limits(connections=5, request_seconds=0.3, unread_seconds=0.3, keep_alive_seconds=60)
LONG = Limits(request_seconds=60.0, unread_seconds=60.0, keep_alive_seconds=60)


async def hello(scope, receive, send):
    """An app that reads a request and answers it."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def is_served(port):
    with connected(port, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as visitor:
        return heard(visitor).endswith(b"hello")


@pytest.mark.parametrize(
    "sent",
    [b"", b"G", b"GET / HTTP/1.1\r\nHost: he", POST, POST + b"some of it"],
    ids=["nothing", "a letter", "half a header", "no body", "half a body"],
)
def test_a_request_that_does_not_come_whole_ends_its_connection(sent):
    with answering(hello, SHORT) as port:
        with connected(port, sent) as visitor:
            assert b"hello" not in heard(visitor)  # returns: it was closed
        assert is_served(port)


def drip(visitor, sent):
    for _ in range(1_000):
        visitor.sendall(sent)
        time.sleep(0.05)


@pytest.mark.parametrize(("begun", "sent"), [(GET[:-2], b"X-Drip: 1\r\n"), (POST, b".")], ids=["header", "body"])
def test_a_request_that_drips_ends_its_connection_too(begun, sent):
    with answering(hello, SHORT) as port, connected(port, begun) as visitor, pytest.raises(ConnectionError):
        drip(visitor, sent)


CHUNKED = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begun", "then"),
    [
        (GET[:-2], b"X-Long: " + b"x" * 990 + b"\r\n"),
        (GET[:-2], b"a:\r\n" * 250),
        (GET[:-2] + b"X-Long: ", b"x" * 1_000),
        (b"GET /", b"x" * 1_000),
        (b"\r\n", b"\r\n" * 500),
        (CHUNKED + b"0\r\nX-Long: ", b"x" * 1_000),
        (CHUNKED + b"0\r\n", b"X: x\r\n" * 150),
        (CHUNKED + b"1;", b"x" * 1_000),
    ],
    ids=["headers", "small ones", "a header", "an address", "empty lines", "a trailer", "trailers", "a chunk's name"],
)
def test_what_has_no_end_is_refused(begun, then):
    with answering(hello, LONG) as port, connected(port, begun) as visitor:
        with suppress(ConnectionError):
            for _ in range(MOST_REQUEST // 1_000 + 1_000):
                visitor.sendall(then)
        assert b"hello" not in heard(visitor)
        assert is_served(port)


def test_headers_that_come_at_once_are_counted_too():
    with answering(hello, LONG) as port, connected(port, GET[:-2] + b"a:\r\n" * 10_000 + b"\r\n") as visitor:
        assert heard(visitor).startswith(b"HTTP/1.1 400 ")


def test_long_headers_that_end_are_answered():
    long = GET[:-2] + b"X-Long: " + b"x" * 50_000 + b"\r\n\r\n"
    with answering(hello, Limits(keep_alive_seconds=1)) as port, connected(port, long) as visitor:
        assert heard(visitor).endswith(b"hello")


def test_a_body_may_come_in_chunks():
    body = b"5\r\nsome \r\n2;x=y\r\nof\r\n0\r\n\r\n"
    with answering(reading, Limits(keep_alive_seconds=1)) as port, connected(port, CHUNKED) as visitor:
        for part in (body[:7], body[7:]):
            visitor.sendall(part)
        assert heard(visitor).endswith(b"some of")


async def reading(scope, receive, send):
    """An app that answers with what it was sent."""
    if scope["type"] != "http":
        return
    message, body = await receive(), b""
    while message["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
        message = await receive()
    head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    await send(head)
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("apart", [0.0, 0.1])
def test_a_request_before_the_answer_to_another_ends_the_connection_after_that_answer(apart):
    waiting = threading.Event()

    async def slow(scope, receive, send):
        await asyncio.to_thread(waiting.wait, 60)
        await hello(scope, receive, send)

    with answering(slow, LONG) as port, connected(port, GET) as visitor:
        time.sleep(apart)
        visitor.sendall(GET * 2_000)
        waiting.set()
        answer = heard(visitor)
        assert answer.count(b"hello") == 1
        assert b"connection: close" in answer


def test_an_answer_under_way_comes_whole_whatever_is_sent_meanwhile():
    sending = threading.Event()

    async def large(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(10):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            await asyncio.to_thread(sending.wait, 60)
        await send({"type": "http.response.body", "body": b""})

    with answering(large, LONG) as port, connected(port, GET) as visitor:
        visitor.recv(1)
        visitor.sendall(GET * 1_000)
        time.sleep(0.1)
        sending.set()
        assert heard(visitor).count(b"x") == 1_000_000


def test_who_floods_during_an_answer_is_dropped():
    with answering(waiting_app, LONG) as port, connected(port, GET) as visitor, pytest.raises(ConnectionError):
        visitor.sendall(b"x" * (MOST_REQUEST + 10_000_000))


async def waiting_app(scope, receive, send):
    """An app that waits until its visitor is gone."""
    if scope["type"] == "http":
        while (await receive())["type"] != "http.disconnect":
            pass


def test_http_2_is_not_begun_and_who_asks_for_it_is_answered_in_http_1():
    asked = GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    with answering(hello, LONG) as port, connected(port, asked) as visitor:
        assert heard(visitor).startswith(b"HTTP/1.1 200 ")


def test_after_a_body_that_nobody_waited_for_the_next_request_is_read():
    async def hasty(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    with answering(hasty, LONG) as port, connected(port, POST) as visitor:
        visitor.recv(1)
        visitor.sendall(b"x" * 100 + b"no request\r\n\r\n")
        assert b"HTTP/1.1 400 " in heard(visitor)


def test_a_change_of_protocol_is_refused_with_its_body():
    change = POST[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with answering(hello, LONG) as port, connected(port, change) as visitor:
        time.sleep(0.2)
        with suppress(ConnectionError):
            visitor.sendall(GET)
        answer = heard(visitor)
        assert b"hello" not in answer
        assert answer[:13] in (b"HTTP/1.1 400 ", b"")  # nothing: what was sent too late has the answer thrown away


@pytest.mark.parametrize(
    "sent",
    [
        POST[:-2] + b"Content-Length: 5\r\n\r\nhello",
        POST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        GET[:-2] + b"Content-Length : 5\r\n\r\nhello",
        GET[:-2] + b"X: a\r\n b\r\n\r\n",
        GET[:-2] + b"X: a\0b\r\n\r\n",
        b"CONNECT here:80 HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: here\r\n\r\n",
        b"hello\r\n\r\n",
    ],
    ids=["two lengths", "length and chunks", "space", "fold", "zero", "connect", "byte", "version", "no request"],
)
def test_what_two_servers_might_read_differently_is_refused(sent):
    with answering(hello, LONG) as port, connected(port, sent) as visitor:
        answer = heard(visitor)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"hello" not in answer


def test_a_connection_that_asks_nothing_more_is_closed_after_its_answer():
    with answering(hello, Limits(keep_alive_seconds=1)) as port, connected(port, GET) as visitor:
        assert heard(visitor).count(b"hello") == 1


def test_idle_connections_do_not_keep_anybody_out():
    patient = Limits(connections=5, idle_seconds=0.2, request_seconds=60.0, unread_seconds=60.0, keep_alive_seconds=60)
    with answering(hello, patient) as port, ExitStack() as idle:
        for _ in range(30):
            idle.enter_context(connected(port))
        assert is_served(port)


def test_more_visitors_than_connections_are_all_served_one_after_the_other(caplog):
    together, most = [], []

    async def slow(scope, receive, send):
        if scope["type"] != "http":
            return
        together.append(1)
        most.append(len(together))
        await asyncio.sleep(0.02)
        together.pop()
        await hello(scope, receive, send)

    with answering(slow, Limits(connections=5)) as port, ExitStack() as there:
        visitors = [there.enter_context(connected(port, GET)) for _ in range(40)]
        assert all(visitor.recv(1 << 16).startswith(b"HTTP/1.1 200") for visitor in visitors)
    assert 1 < max(most) <= 5
    assert not caplog.records


def test_where_files_are_few_an_answer_ends_its_connection_for_the_next_visitor():
    with answering(hello, Limits(connections=2)) as port, connected(port), connected(port, GET) as visitor:
        assert b"connection: close" in heard(visitor)


def test_where_there_is_room_a_connection_is_kept_for_the_next_question():
    kept = Limits(connections=3, keep_alive_seconds=1)
    with answering(hello, kept) as port, connected(port), connected(port, GET) as visitor:
        assert b"connection: close" not in heard(visitor)


def endless(size, held):
    """An app whose answer is one large piece; ``held`` counts those that are being sent."""

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        held.append(1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * size})
        held.pop()

    return app


def test_who_does_not_read_an_answer_is_dropped_and_the_server_goes_on():
    held = []
    with answering(endless(30_000_000, held), SHORT) as port, connected(port, GET) as lazy:
        while not held:
            time.sleep(0.01)
        while held:  # ends when the connection is dropped
            time.sleep(0.01)
        assert len(heard(lazy)) < 30_000_000


def test_who_takes_little_at_a_time_is_dropped_too():
    """Each piece is taken in time, all of them are not."""
    held, limits = [], Limits(unread_seconds=5.0, least_rate=1e9, keep_alive_seconds=60)
    with answering(endless(60_000_000, held), limits) as port, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        slow.connect(("127.0.0.1", port))
        slow.sendall(GET)
        found = 0
        with suppress(ConnectionResetError):
            while part := slow.recv(30_000):
                found += len(part)
                time.sleep(0.01)
    assert found < 60_000_000


def test_who_reads_slowly_but_steadily_gets_all_of_an_answer():
    size, found = 3_000_000, 0
    with answering(endless(size, []), Limits(unread_seconds=5.0)) as port, connected(port, GET) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        while found < size and (part := slow.recv(30_000)):
            found += len(part)
            time.sleep(0.001)
    assert found >= size


def test_no_more_of_an_answer_is_copied_for_the_client_than_it_takes():
    buffered = []

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})

    with answering(app, LONG) as port, connected(port, GET) as visitor:
        visitor.recv(10)
        time.sleep(0.3)
        server = next(one for one in _servers() if one.config.port == port)
        (connection,) = server.server_state.connections
        buffered.append(connection.transport.get_write_buffer_size())
    assert buffered[0] <= 3 * 64 * 1024


def _servers():
    return [one for one in gc.get_objects() if type(one) is Server]  # isinstance wakes lazy objects


def test_as_many_connections_are_allowed_as_there_are_files_for(monkeypatch):
    asked = []
    monkeypatch.setattr(resource, "setrlimit", lambda _what, limits: asked.append(limits))
    for soft, hard, allowed, raised in (
        (256, 256, 192, []),
        (1_024, 1_024, 960, []),
        (256, 10_240, 2_000, [(4_096, 10_240)]),
        (1_024, resource.RLIM_INFINITY, 2_000, [(4_096, resource.RLIM_INFINITY)]),
        (50, 50, 8, []),
    ):
        asked.clear()
        monkeypatch.setattr(resource, "getrlimit", lambda _what, pair=(soft, hard): pair)
        assert serving.room_for_connections() == allowed
        assert asked == raised


def test_where_no_file_is_left_the_server_waits_and_says_so_once(caplog, monkeypatch):
    """Without files, each connection fails at being accepted, thousands of times a second."""
    tried = []

    async def accept(_loop, _listener):
        tried.append(1)
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("asyncio.selector_events.BaseSelectorEventLoop.sock_accept", accept)
    with answering(hello, LONG):
        time.sleep(0.5)
    assert 1 <= len(tried) < 20


def test_the_log_has_one_line_of_a_kind_a_second_and_counts_the_others(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(serving.time, "monotonic", lambda: now[0])
    once, lines = OncePerSecond(), []

    def say(message, *values):
        record = logging.LogRecord("rnnviz", logging.WARNING, "", 0, message, values, None)
        if once.filter(record):
            lines.append(record.getMessage())

    for number in range(314):
        say("no file for %s", number)
    say("something else")
    now[0] += 1
    say("no file for %s", 400)
    assert lines == ["no file for 0", "something else", "no file for 400 (and 313 more like it)"]


@pytest.mark.parametrize("message", [["a list"], {"a": "dict"}, ValueError("an error")])
def test_the_log_takes_a_line_of_any_kind(message):
    record = logging.LogRecord("rnnviz", logging.WARNING, "", 0, message, None, None)
    once = OncePerSecond()
    assert [once.filter(record) for _ in range(2)] == [True, False]


PROGRAM = """
import asyncio, sys
from rnnviz.page.listening import listen
from rnnviz.page.server import Server
async def app(scope, receive, send):
    if scope["type"] == "http":
        print("asked", flush=True)
        await asyncio.sleep(float(sys.argv[2]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})
server = Server(app)
sockets = listen("127.0.0.1", int(sys.argv[1]))
print("there", flush=True)
server.serve_at(sockets)
"""


def stopped(seconds, *signals):
    """Stop a server in the middle of an answer; what its client and its log have, and its status."""
    port = free_port()
    program = [sys.executable, "-c", PROGRAM, str(port), str(seconds)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        server.stdout.readline()
        with connected(port, GET) as visitor:
            server.stdout.readline()
            for one in signals:
                server.send_signal(one)
                time.sleep(0.2)
            answer = heard(visitor)
        said = server.stderr.read().decode()
    return answer, said, server.returncode


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT])
def test_t55_a_stopped_server_ends_the_answer_under_way_first_and_then_without_an_error(one):
    answer, said, status = stopped(1, one)
    assert b"done" in answer
    assert (said, status) == ("", 0)


def test_t55_an_answer_that_takes_too_long_is_given_up():
    answer, said, status = stopped(3_600, signal.SIGTERM)
    assert b"done" not in answer
    assert b"503" in answer
    assert "Traceback" not in said
    assert status == 0


def test_t55_a_second_ctrl_c_ends_the_server_at_once():
    answer, said, status = stopped(3_600, signal.SIGINT, signal.SIGINT)
    assert (answer, said, status) == (b"", "", 130)
