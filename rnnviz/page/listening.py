"""The sockets that the server listens at, and the addresses under which people find it."""

import errno
import socket
from collections.abc import Iterable
from typing import Any

from rnnviz.errors import SettingError

FIRST_PORT, MOST_PORTS = 7860, 100
"""Without a port of its own, a server takes the first free one of these."""
BACKLOG = 2_048
"""Connections that may wait to be accepted: a class that opens the page at once."""
EVERYWHERE = {"0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104  recognised here, chosen by the user

_TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def listen(host: str, port: int | None) -> list[socket.socket]:
    """Listen at every address of a host.

    Args:
        host: A name or an address, IPv6 with or without brackets. "0.0.0.0" is every IPv4 address of this machine,
            "::" and "" are every address.
        port: None takes the first free one from 7860.

    Raises:
        SettingError: The port is taken or not allowed, or the host is not this machine.
    """
    name = host.strip("[]") or "::"
    if port is not None:
        return _listen(name, port)
    for candidate in range(FIRST_PORT, FIRST_PORT + MOST_PORTS):
        try:
            return _listen(name, candidate)
        except SettingError as error:
            if error.key != "port_taken":
                raise
    raise SettingError("ports_taken", first=FIRST_PORT, last=FIRST_PORT + MOST_PORTS - 1)


def _listen(host: str, port: int) -> list[socket.socket]:
    """All sockets of one port, or none."""
    listening: list[socket.socket] = []
    refused: OSError | None = None
    for family, address in _addresses(host, port):
        try:
            listening.append(socket.create_server(address, family=family, backlog=BACKLOG, dualstack_ipv6=_both(host)))
        except OSError as error:
            refused = error
            if error.errno not in _NOT_HERE:  # one of a name's addresses may be missing, such as IPv6
                break
    if refused and (not listening or refused.errno not in _NOT_HERE):
        for one in listening:
            one.close()
        raise _said(refused, host, port) from None
    return listening


def _addresses(host: str, port: int) -> Iterable[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"  # noqa: S104  this machine has no IPv6
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise SettingError("host_unknown", host=host) from None
    return dict.fromkeys((family, address) for family, _, _, _, address in addresses)


def _both(host: str) -> bool:
    """Whether a socket serves IPv4 beside IPv6."""
    return host == "::" and socket.has_dualstack_ipv6()


def _said(error: OSError, host: str, port: int) -> SettingError:
    if error.errno in _TAKEN:
        return SettingError("port_taken", port=port)
    if error.errno in (errno.EACCES, errno.EPERM):
        return SettingError("port_forbidden", port=port)
    return SettingError("host_elsewhere", host=host)


def urls(host: str, port: int) -> list[str]:
    """The addresses to type into a browser: on this machine, and on others if the server is open to them."""
    name = host.strip("[]") or "::"
    if name not in EVERYWHERE:
        return [_url(name, port)]
    here = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "localhost"}[EVERYWHERE[name]]
    return [_url(address, port) for address in (here, *own_addresses())]


def own_addresses() -> list[str]:
    """The address by which other machines of the network reach this one; none without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the system only chooses which address it would send from
        except OSError:
            return []
        return [probe.getsockname()[0]]


def _url(name: str, port: int) -> str:
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
