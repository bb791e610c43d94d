"""Who may ask, and what they may do: hosts, origins, and the owner's rights."""

import socket

import pytest

from rnnviz.page.visitors import Host, Rights, Visitors, host

HERE = ("127.0.0.1", 7860)
LAN = ("192.168.1.20", 7860)

EVERYWHERE = "0.0.0.0"  # noqa: S104


def owners(named="localhost:7860", *given, method="POST", **headers):
    """What a browser at this machine asks, but for some headers."""
    origin = {"origin": f"http://{named}"} if method == "POST" else {}
    said = {"sec_fetch_site": "same-origin"} | origin
    return request(named, *given, method=method, **(said | headers))


def request(named="localhost:7860", peer="127.0.0.1", server=HERE, version="1.1", method="POST", **headers):
    """What uvicorn says of a request; a header given as a list is there several times, with None it is not there."""
    said = {"host": named} | {name.replace("_", "-").lower(): value for name, value in headers.items()}
    pairs = [(name, one) for name, value in said.items() for one in (value if isinstance(value, list) else [value])]
    return {
        "type": "http",
        "method": method,
        "http_version": version,
        "client": (peer, 50_000) if peer else None,
        "server": server,
        "headers": [(name.encode(), one.encode("latin-1")) for name, one in pairs if one is not None],
    }


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("localhost", Host("localhost")),
        ("LocalHost.:7860", Host("localhost", "7860")),
        ("School.Example:443", Host("school.example", "443")),
        ("[::1]:7860", Host("::1", "7860")),
        ("[0:0:0:0:0:0:0:1]", Host("::1")),
        ("[::ffff:127.0.0.1]", Host("127.0.0.1")),
        ("[::FFFF:7f00:1]", Host("127.0.0.1")),
        ("10.0.0.1:", Host("10.0.0.1")),
        ("", None),
        (".", None),
        ("[]", None),
        ("localhost:7860@evil.example", None),
        ("user@localhost", None),
        ("localhost, evil.example", None),
        ("localhost evil.example", None),
        ("localhost/", None),
        ("localhost\n", None),
        ("http://localhost", None),
        ("localhost:port", None),
        ("lοcalhost", None),  # the second letter is Greek
        ("::1", None),
    ],
)
def test_a_host_is_compared_in_one_spelling(said, meant):
    assert host(said) == meant


@pytest.mark.parametrize(
    "named",
    ["localhost", "LOCALHOST:9999", "localhost.", "127.0.0.1:7860", "127.0.0.2", "[::1]:7860", "[::ffff:127.0.0.1]:1"],
)
def test_the_loopback_names_are_always_known(named):
    assert Visitors().knows(request(named))


@pytest.mark.parametrize(
    "named",
    [
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "evil.localhost.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        EVERYWHERE,
        "[::]",
        "203.0.113.9",
        "[::ffff:203.0.113.9]",
        "localhost@evil.example",
        "evil.example@localhost",
        "somebody-page.hf.space",
        "*",
        "",
        None,
        ["localhost", "evil.example"],
        ["localhost", "localhost"],
    ],
)
def test_t_dns_rebinding_a_request_by_another_name_is_not_known(named):
    assert not Visitors().knows(request(named))


def test_the_addresses_and_the_name_of_the_machine_are_known(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Teacher-PC")
    for named in ("192.168.1.20", "192.168.1.20:7860", "teacher-pc:7860", "TEACHER-PC.local"):
        assert Visitors().knows(request(named, peer="192.168.1.77", server=LAN))
    assert not Visitors().knows(request("192.168.1.21", server=LAN))
    assert Visitors().knows(request("192.168.1.20", server=("::ffff:192.168.1.20", 7860)))
    assert Visitors().knows(request("[fd00::5]:7860", server=("fd00::5", 7860)))


def test_names_that_were_allowed_are_known_and_no_other():
    visitors = Visitors(names=("school.example", "*.class.example"))
    for named in ("school.example", "SCHOOL.example.:8443", "a.class.example", "a.b.class.example"):
        assert visitors.knows(request(named))
    for named in ("www.school.example", "class.example", "evilclass.example", "school.example.evil.example"):
        assert not visitors.knows(request(named))
    assert Visitors(names=("*",)).knows(request("evil.example"))


@pytest.mark.parametrize(
    "headers",
    [
        {},  # no browser
        {"origin": "http://localhost:7860"},
        {"origin": "http://LOCALHOST:7860", "sec_fetch_site": "same-origin"},
        {"referer": "http://localhost:7860/x?y"},
        {"origin": "null", "sec_fetch_site": "same-origin"},  # where no referrer may be sent
        {"sec_fetch_site": "none"},
    ],
)
def test_a_question_of_our_own_page_is_from_here(headers):
    assert Visitors().from_here(request(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example:7860"},
        {"origin": "http://localhost@evil.example:7860"},
        {"origin": "http://localhost:7860@evil.example"},
        {"origin": "http://localhost:3000"},  # another program on this machine
        {"origin": "http://127.0.0.1:7860"},  # the same machine, but to a browser another site
        {"origin": "null"},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"origin": "file://"},
        {"origin": ""},
        {"origin": "chrome-extension://abcdefgh"},
        {"origin": ["http://localhost:7860", "https://evil.example"]},
        {"origin": "http://localhost:7860", "sec_fetch_site": "cross-site"},
        {"origin": "http://localhost:7860", "sec_fetch_site": "same-site"},
        {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "cross-site"},
        {"referer": "https://evil.example/page"},
        {"referer": "https://evil.example/http://localhost:7860/"},
    ],
)
def test_a_question_of_another_site_is_not_from_here(headers):
    assert not Visitors().from_here(request(**headers))


def test_behind_a_proxy_the_origin_is_the_name_that_was_allowed():
    visitors = Visitors(names=("school.example",))
    for named in ("school.example", "127.0.0.1:7860"):  # a proxy may or may not pass the name on
        for origin in ("https://school.example", "https://school.example:8443"):
            assert visitors.from_here(request(named, origin=origin))
        assert not visitors.from_here(request(named, origin="https://evil.example"))
    assert Visitors().from_here(request("10.0.0.1", origin="https://10.0.0.1:443"))
    assert not Visitors().from_here(request("10.0.0.1", origin="https://10.0.0.1:444"))


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("named", ["localhost:7860", "127.0.0.1", "[::1]:7860", "LocalHost."])
def test_the_owner_is_who_asks_directly_on_this_machine(peer, named):
    assert Visitors().rights(owners(named, peer)) == Rights(training=True, own_files=True)
    for site in ("none", "same-origin", "cross-site"):  # typed, from our page, by a link of another site
        shown = owners(named, peer, method="GET", sec_fetch_site=site)
        assert Visitors().rights(shown) == Rights(training=True, own_files=True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_who_says_nothing_of_the_address_that_was_asked_is_not_the_owner(method):
    """A browser that asked a proxy over HTTP."""
    browser = {"method": method, "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    assert Visitors().rights(request("127.0.0.1:7860", **browser)) == Rights()
    assert Visitors().rights(request("localhost", **browser)) == Rights()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_program_on_this_machine_is_the_owners_unless_a_proxy_passed_its_question_on(method):
    asked = {"method": method, "user_agent": "curl/8.7"}
    assert Visitors().rights(request("127.0.0.1:7860", **asked)) == Rights(training=True, own_files=True)
    assert Visitors().rights(request("127.0.0.1:7860", x_forwarded_for="192.0.2.7", **asked)) == Rights()
    assert Visitors().rights(request("192.0.2.1:7860", **asked)) == Rights()


@pytest.mark.parametrize(
    "origin",
    [
        *("https://school.example", "http://school.example:7860", "null", "", None, "http://localhost:8080"),
        *("http://127.0.0.1:7860", "https://localhost:7860", "http://localhost", "http://localhost.evil.example:7860"),
        ["http://localhost:7860", "http://localhost:7860"],
        ["http://localhost:7860", "https://school.example"],
    ],
)
def test_a_question_of_a_page_that_has_another_address_in_the_browser_is_not_the_owners(origin):
    assert Visitors().rights(owners(origin=origin)) == Rights()
    assert Visitors(names=("*",)).rights(owners(origin=origin)) == Rights()


@pytest.mark.parametrize("site", [None, "none", "same-site", "cross-site", "", ["same-origin", "same-origin"]])
def test_a_question_that_is_not_said_to_be_of_our_page_is_not_the_owners(site):
    assert Visitors().rights(owners(sec_fetch_site=site)) == Rights()


@pytest.mark.parametrize(
    "header",
    [
        *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything", "X-Real-IP"),
        *("Forwarded", "Via", "X-Client-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP", "CF-Ray", "CDN-Loop"),
        *("Fly-Client-IP", "Fastly-Client-IP", "X-Cluster-Client-IP", "X-Envoy-External-Address", "X-Request-Id"),
        *("X-Amzn-Trace-Id", "X-Original-Host", "X-ProxyContextPath", "Tailscale-User-Login", "X-Azure-ClientIP"),
        *(
            "Proxy-Connection",
            "Max-Forwards",
            "Surrogate-Capability",
            "Front-End-Https",
            "SSL-Client-Cert",
            "SSL-Client-Verify",
        ),
        *("Remote-User", "Remote-Addr", "traceparent", "tracestate", "b3", "Forwarded-For", "Proxy-Client-IP"),
    ],
)
def test_a_forwarded_request_has_no_rights_whatever_it_says(header):
    for value in ("127.0.0.1", "localhost", ""):
        assert Visitors().rights(owners(**{header: value})) == Rights()


@pytest.mark.parametrize("header", ["remote_addr", "x_forwarded_for", "ssl_client_cert", "HTTP_X_FORWARDED_FOR"])
def test_a_proxys_header_is_known_with_underscores_too(header):
    asked = owners()
    asked["headers"].append((header.lower().encode(), b"127.0.0.1"))
    assert Visitors().rights(asked) == Rights()


@pytest.mark.parametrize(
    "changes",
    [
        {"peer": "192.168.1.77", "server": LAN},
        {"peer": "::ffff:192.168.1.77"},
        {"peer": "172.17.0.1"},
        {"peer": None},  # through a socket file, as proxies do
        {"peer": "localhost"},  # no address
        {"named": "192.168.1.20", "server": LAN},
        {"named": "evil.example"},
        {"named": "localhost.evil.example"},
        {"named": None},
        {"named": ["localhost", "localhost"]},
        {"version": "1.0"},  # nginx before 1.29.7, with nothing but proxy_pass
        {"origin": "https://school.example"},
        {"origin": "null"},
    ],
)
def test_nobody_else_is_the_owner(changes):
    assert Visitors().rights(owners(**changes)) == Rights()
    assert Visitors(names=("*",)).rights(owners(**changes)) == Rights()


def test_headers_that_browsers_send_take_no_rights():
    sent = {"user_agent": "x", "accept_language": "en", "x_requested_with": "fetch", "sec_ch_ua": "x", "dnt": "1"}
    assert Visitors().rights(owners(**sent)).training


def test_where_training_is_on_everybody_trains_and_the_owner_alone_on_files():
    visitors = Visitors(training=True)
    assert visitors.rights(request(peer="192.168.1.77")) == Rights(training=True, own_files=False)
    assert visitors.rights(request(X_Forwarded_For="10.0.0.1")) == Rights(training=True, own_files=False)
    assert visitors.rights(owners()) == Rights(training=True, own_files=True)


def test_where_training_is_off_nobody_trains():
    assert Visitors(training=False).rights(owners()) == Rights()


def test_a_space_is_nobodys_own_machine():
    assert Visitors(owned=False).rights(owners()) == Rights()
    assert Visitors(training=True, owned=False).rights(owners()) == Rights(training=True, own_files=False)
