"""Who asks: by which name of this server, from which site, directly or through a proxy; and what they may do here.

A site whose name leads to this machine (DNS rebinding) asks by its own name, and a page of another site names that site
as the origin: both are refused. Only a browser on this machine, connected directly, is the owner's. A proxy may forward
a request without a trace of its own, so what counts is what the browser says of the address that it asked.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import Scope

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[\w.-]+)(?::([0-9]{0,5}))?", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(r"https?://([^/?#@\\\s]+)([/?#].*)?", re.ASCII | re.IGNORECASE)
_LONGEST = 300  # of a name with its port; no name has more than 253 letters
_USUAL_PORTS = ("", "80", "443")
_A_PROXYS = re.compile(
    r"x-(?!requested-with$|purpose$|moz$)[\w-]+|(http-)?forwarded(-[\w-]+)?|http-x-[\w-]+|via|(wl-)?proxy-[\w-]+"
    r"|(true-|incap-)?client-ip|remote-[\w-]+|ssl-[\w-]+|front-end-https|max-forwards|surrogate-[\w-]+"
    r"|traceparent|tracestate|baggage|b3|uber-trace-id"
    r"|(cf|cdn|cloudfront|fly|fastly|akamai|ali|eo|tailscale|ngrok|envoy)-[\w-]+",
    re.ASCII,
)
"""Headers that proxies set and browsers never do, with ``-`` in place of ``_``."""


class Rights(NamedTuple):
    """What somebody may do beyond reading.

    Attributes:
        training: Train networks.
        own_files: Train on files of their own.
    """

    training: bool = False
    own_files: bool = False


NONE = Rights()
ASKING: ContextVar[Rights] = ContextVar("asking", default=NONE)
"""The rights of whoever asked what is being answered; none where nobody asked."""


class Host(NamedTuple):
    """A host as it is compared: the name in lower case without a final dot, an address in its one spelling."""

    name: str
    port: str = ""


def host(text: str) -> Host | None:
    """What a Host header or an option names; None if it has no such form, as with a user name in it."""
    return _host(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=1_000)  # each question names it, and the origin too
def _host(text: str) -> Host | None:
    match = _HOST.fullmatch(text)
    if match is None:
        return None
    name = _spelt(match[1].lower().removesuffix(".").strip("[]"))
    return Host(name, match[2] or "") if name else None


@dataclass(frozen=True)
class Visitors:
    """Tells who may ask, and what they may do.

    Attributes:
        names: Further names by which the server may be asked, as ``host`` spells them. ``*.example.org`` is every name
            below ``example.org``, ``*`` every name.
        training: Who may train: everybody, nobody, or with None the owner.
        owned: Whether a browser on this machine is the owner's: not on a Hugging Face Space, and not behind a proxy.
    """

    names: Collection[str] = ()
    training: bool | None = None
    owned: bool = True

    def knows(self, scope: Scope) -> bool:
        """Whether a request names this server, once, by one of its names."""
        named = _only(scope, "host")
        if named is None:
            return False
        own = _spelt((scope.get("server") or ("",))[0])
        return _is_loopback(named.name) or named.name in (own, *_names_of_machine()) or self._allows(named.name)

    def from_here(self, scope: Scope) -> bool:
        """Whether a question comes from a page of this server, as far as the browser says where it comes from.

        A browser says it of each question; other programs need not.
        """
        headers = Headers(scope=scope)
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return False
        said = headers.getlist("origin") or headers.getlist("referer")
        if said == ["null"]:  # of a sandboxed frame or a file; some browsers also where no referrer may be sent
            return headers.get("sec-fetch-site") == "same-origin"
        return not said or (len(said) == 1 and self._is_ours(_site(said[0]), _only(scope, "host")))

    def rights(self, scope: Scope) -> Rights:
        """What a visitor may do. The owner may use files of their own, wherever training is allowed at all."""
        owner = self.owned and _at_this_machine(scope)
        training = owner if self.training is None else self.training
        return Rights(training, own_files=training and owner)

    def _is_ours(self, site: Host | None, asked: Host | None) -> bool:
        if site is None or asked is None:
            return False
        same_port = site.port == asked.port or (site.port in _USUAL_PORTS and asked.port in _USUAL_PORTS)
        return (site.name == asked.name and same_port) or self._allows(site.name)

    def _allows(self, name: str) -> bool:
        return any(
            allowed in ("*", name) or (allowed.startswith("*.") and name.endswith(allowed[1:]))
            for allowed in self.names
        )


def _at_this_machine(scope: Scope) -> bool:
    """Whether a browser or a program on this machine asks directly."""
    headers = Headers(scope=scope)
    client, named = scope.get("client"), _only(scope, "host")
    return (
        client is not None
        and _is_loopback(_spelt(client[0]), names=())
        and named is not None
        and _is_loopback(named.name)
        and _asked_here(scope.get("method"), headers, named)
        and scope.get("http_version") != "1.0"
        and not any(_A_PROXYS.fullmatch(name.replace("_", "-")) for name in headers)
    )


def _asked_here(method: str | None, headers: Headers, named: Host) -> bool:
    """Whether a browser says that it asked by a loopback name, whatever name a proxy may have put into Host.

    A browser sends ``Sec-Fetch-Site`` over HTTPS and to loopback names, but to no other name over HTTP. With a question
    it sends the origin of its page too, which is this server as the browser knows it. A program such as curl says
    nothing of the kind, and does not call itself Mozilla as every browser does.
    """
    sites = headers.getlist("sec-fetch-site")
    origins = headers.getlist("origin")
    if not sites and not origins and not headers.get("user-agent", "").startswith("Mozilla/"):
        return True
    if method in ("GET", "HEAD") and not origins:
        return len(sites) == 1
    return (
        sites == ["same-origin"] and len(origins) == 1 and origins[0].startswith("http:") and _site(origins[0]) == named
    )


def _only(scope: Scope, header: str) -> Host | None:
    """The host in a header that is there once."""
    said = Headers(scope=scope).getlist(header)
    return host(said[0]) if len(said) == 1 else None


def _site(origin: str) -> Host | None:
    match = _ORIGIN.fullmatch(origin)
    return host(match[1]) if match else None


@lru_cache(maxsize=1_000)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _spelt(text: str) -> str:
    """An address in its one spelling, an IPv4 address in IPv6 as IPv4; anything else as it is."""
    return str(_address(text) or text)


def _is_loopback(name: str, names: Collection[str] = ("localhost",)) -> bool:
    address = _address(name)
    return name in names or (address is not None and address.is_loopback)


def _names_of_machine() -> tuple[str, str]:
    name = socket.gethostname().lower()
    return name, f"{name.partition('.')[0]}.local"
