"""Where the server listens, and what is said when it cannot."""

import errno
import socket

import pytest

from rnnviz.errors import SettingError
from rnnviz.page import listening
from rnnviz.page.listening import listen, urls
from tests.browser.server import free_port


def reached(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return False
    return True


def has(address: str) -> bool:
    try:
        socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET).close()
    except OSError:
        return False
    return True


IPV6 = pytest.mark.skipif(not has("::1"), reason="no IPv6 on this machine")


@pytest.mark.parametrize(
    ("host", "there", "not_there"),
    [
        ("127.0.0.1", ["127.0.0.1"], ["::1", "127.0.0.2"]),
        pytest.param("::1", ["::1"], ["127.0.0.1"], marks=IPV6),
        pytest.param("[::1]", ["::1"], ["127.0.0.1"], marks=IPV6),
        ("0.0.0.0", ["127.0.0.1"], ["::1"]),  # noqa: S104
        pytest.param("::", ["127.0.0.1", "::1"], [], marks=IPV6),
        pytest.param("", ["127.0.0.1", "::1"], [], marks=IPV6),
        ("localhost", ["localhost"], []),
    ],
)
def test_a_server_listens_at_the_addresses_of_its_host_and_at_no_other(host, there, not_there):
    port = free_port()
    sockets = listen(host, port)
    try:
        assert all(reached(address, port) for address in there)
        assert not any(reached(address, port) for address in not_there)
    finally:
        for one in sockets:
            one.close()
    assert not any(reached(address, port) for address in there)


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("::1", marks=IPV6)])
def test_a_taken_port_is_said_by_its_number_in_either_family(address):
    first = listen(address, free_port())
    port = first[0].getsockname()[1]
    with first[0], pytest.raises(SettingError, match=f"listens at port {port}") as raised:
        listen(address, port)
    assert raised.value.key == "port_taken"


@IPV6
def test_a_name_is_refused_where_one_of_its_addresses_is_taken_and_the_others_are_let_go(monkeypatch):
    port = free_port()
    both = [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port))]
    with listen("::1", port)[0], monkeypatch.context() as patch:
        patch.setattr(listening, "_addresses", lambda *_: both)
        with pytest.raises(SettingError, match=str(port)):
            listen("here", port)
        assert not reached("127.0.0.1", port)


def test_without_a_port_the_first_free_one_is_taken(monkeypatch):
    first = free_port()
    monkeypatch.setattr(listening, "FIRST_PORT", first)
    monkeypatch.setattr(listening, "MOST_PORTS", 3)
    open_, ports = [], []
    try:
        for _ in range(3):
            open_ += listen("127.0.0.1", None)
            ports.append(open_[-1].getsockname()[1])
        with pytest.raises(SettingError, match=f"all ports from {first} to {first + 2}"):
            listen("127.0.0.1", None)
    finally:
        for one in open_:
            one.close()
    assert ports == sorted(set(ports))
    assert set(ports) <= set(range(first, first + 3))


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.EADDRINUSE, "port_taken"),
        (errno.EACCES, "port_forbidden"),
        (errno.EADDRNOTAVAIL, "host_elsewhere"),
    ],
)
def test_what_the_system_refuses_is_said_in_a_sentence(monkeypatch, number, key):
    def refuse(*_args, **_how):
        raise OSError(number, "no")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(SettingError) as raised:
        listen("127.0.0.1", 80)
    assert raised.value.key == key


def test_a_host_that_is_another_machine_or_none_is_said():
    with pytest.raises(SettingError, match=r"'192\.0\.2\.1' is not an address of this machine"):
        listen("192.0.2.1", free_port())
    for host in ("no.such.host.invalid", "a..b", "x" * 300, "two words"):
        with pytest.raises(SettingError, match="No address is known"):
            listen(host, free_port())


def test_the_urls_are_those_that_a_browser_can_open(monkeypatch):
    monkeypatch.setattr(listening, "own_addresses", lambda: ["192.168.0.5"])
    assert urls("127.0.0.1", 80) == ["http://127.0.0.1:80"]
    assert urls("::1", 80) == urls("[::1]", 80) == ["http://[::1]:80"]
    assert urls("localhost", 80) == ["http://localhost:80"]
    assert urls("0.0.0.0", 80) == ["http://127.0.0.1:80", "http://192.168.0.5:80"]  # noqa: S104
    assert urls("::", 80) == urls("", 80) == ["http://localhost:80", "http://192.168.0.5:80"]
