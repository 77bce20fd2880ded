import dataclasses
import ipaddress
import pickle
import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbasics import guard, urls
from netbasics.deadlines import Deadline
from netbasics.errors import DeadlineExceeded, InvalidURL, UnsafeURL

PUBLIC_4 = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class Resolver:
    """Answers from a list, one answer for each call, and counts the calls."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host):
        self.asked.append(host)
        return self.answers.pop(0)


def refused(text, *answers):
    """Return the guard's message, and what it asked the resolver."""
    resolver = Resolver(*answers)
    with pytest.raises(UnsafeURL) as caught:
        guard.check_public(text, resolver=resolver)
    assert isinstance(caught.value, InvalidURL | ValueError)
    return str(caught.value), resolver.asked


# --- what passes ------------------------------------------------------------


def test_a_public_name_gives_its_addresses_and_ports():
    resolver = Resolver([PUBLIC_4, PUBLIC_6])
    checked = guard.check_public("https://Example.org/a", resolver=resolver)
    assert checked.addresses == ((PUBLIC_4, 443), (PUBLIC_6, 443))
    assert list(checked) == [(PUBLIC_4, 443), (PUBLIC_6, 443)]
    assert len(checked) == 2
    assert checked.url == urls.parse("https://Example.org/a")
    assert checked.host == "example.org"
    assert resolver.asked == ["example.org"]


@pytest.mark.parametrize(
    ("text", "asked", "port"),
    [
        ("http://example.org/", "example.org", 80),
        ("http://example.org:8080/", "example.org", 8080),
        ("https://example.org./", "example.org.", 443),
        ("http://faß.example/", "xn--fa-hia.example", 80),
        (f"http://{PUBLIC_4}/", PUBLIC_4, 80),
        (f"http://[{PUBLIC_6}]/", PUBLIC_6, 80),
        ("http://ann:pw@example.org/", "example.org", 80),
        ("http://127.0.0.1.example.org/", "127.0.0.1.example.org", 80),
        ("http://localhost.example/", "localhost.example", 80),
        ("http://notlocalhost/", "notlocalhost", 80),
    ],
)
def test_the_resolver_is_asked_once_for_the_name_that_dns_knows(
    text, asked, port
):
    resolver = Resolver([PUBLIC_4])
    checked = guard.check_public(text, resolver=resolver)
    assert resolver.asked == [asked]
    assert checked.addresses == ((PUBLIC_4, port),)


def test_a_second_look_up_cannot_change_what_was_checked():
    rebinding = Resolver([PUBLIC_4], ["127.0.0.1"])
    checked = guard.check_public("http://rebind.example/", resolver=rebinding)
    assert checked.addresses == ((PUBLIC_4, 80),)
    assert len(rebinding.asked) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        checked.addresses = (("127.0.0.1", 80),)
    # A list that its owner changes later is no way in either.
    answer = [PUBLIC_4]
    checked = guard.check_public("http://x.example/", resolver=lambda h: answer)
    answer[0] = "127.0.0.1"
    assert checked.addresses == ((PUBLIC_4, 80),)


def test_an_answer_may_be_any_iterable():
    answer = iter([ipaddress.ip_address(PUBLIC_4)])
    checked = guard.check_public("http://h.example/", resolver=lambda h: answer)
    assert checked.addresses == ((PUBLIC_4, 80),)


def test_a_checked_url_is_a_value_whose_repr_hides_secrets():
    def check():
        text = "http://ann:s3cret@example.org/?token=s3cret"
        return guard.check_public(text, resolver=lambda h: [PUBLIC_4])

    assert check() == check()
    assert len({check(), check()}) == 1
    assert pickle.loads(pickle.dumps(check())) == check()
    assert "s3cret" not in repr(check())
    assert PUBLIC_4 in repr(check())


# --- addresses --------------------------------------------------------------

KINDS = {
    "0.0.0.0": "this network", "0.1.2.3": "this network",
    "10.0.0.1": "private", "100.64.0.1": "RFC 6598", "127.0.0.1": "loopback",
    "127.255.255.254": "loopback", "169.254.169.254": "link-local",
    "172.16.0.1": "private", "172.31.255.255": "private",
    "192.0.0.1": "assignments", "192.0.0.170": "assignments",
    "192.0.2.1": "documentation", "192.88.99.1": "6to4",
    "192.168.1.1": "private", "198.18.0.1": "benchmarks",
    "198.19.255.255": "benchmarks", "198.51.100.1": "documentation",
    "203.0.113.1": "documentation", "224.0.0.1": "multicast",
    "239.255.255.255": "multicast", "240.0.0.1": "reserved",
    "255.255.255.254": "reserved", "255.255.255.255": "broadcast",
    "::": "unspecified", "::1": "loopback",
    "::2": "IPv4-compatible", "::127.0.0.1": "IPv4-compatible",
    "::8.8.8.8": "IPv4-compatible",
    "::ffff:127.0.0.1": "127.0.0.1 inside IPv6: loopback",
    "::ffff:a00:1": "10.0.0.1 inside IPv6: private",
    "::ffff:0:127.0.0.1": "IPv4-translated",
    "::ffff:0:8.8.8.8": "IPv4-translated",
    "64:ff9b::127.0.0.1": "127.0.0.1 inside NAT64: loopback",
    "64:ff9b::a9fe:a9fe": "169.254.169.254 inside NAT64: link-local",
    "64:ff9b:1::8.8.8.8": "own NAT64", "64:ff9b:1:ffff::1": "own NAT64",
    "64:ff9b:2::1": "not allocated", "100::1": "discarded",
    "2001::1": "Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:2::1": "assignments", "2001:20::1": "assignments",
    "2001:db8::1": "documentation", "3fff::1": "documentation",
    "2002:7f00:1::": "127.0.0.1 inside 6to4: loopback",
    "2002:a00:1::1": "10.0.0.1 inside 6to4: private",
    "2002:c0a8:101:1:2:3:4:5": "192.168.1.1 inside 6to4: private",
    "2002:e000:1::": "224.0.0.1 inside 6to4: multicast",
    "4000::1": "not allocated", "5f00::1": "segment routing",
    "fc00::1": "private", "fd00:ec2::254": "private", "fe80::1": "link-local",
    "fe80::1%eth0": "zone", "2606:2800::1%1": "zone",
    "fec0::1": "site-local", "ff02::1": "multicast", "ff0e::1": "multicast",
}  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
    "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
    "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255",
    "223.255.255.255",
    "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00::1",
    "2003::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
]  # fmt: skip
NO_ADDRESS = [
    "", "x", "localhost", "127.1", "1.2.3", "1.2.3.4.5", "256.1.1.1",
    "010.8.8.8", " 8.8.8.8", "8.8.8.8 ", "8.8.8.8\n", "0x08080808", "134744072",
    "8.8.8.8/32", "[2a00::1]", "2a00::1::1", "８.8.8.8", "example.org",
]  # fmt: skip


@pytest.mark.parametrize("ip", KINDS)
def test_an_address_that_is_not_public_is_named_by_its_kind(ip):
    assert KINDS[ip] in guard.why_not(ip)
    assert not guard.is_public(ip)
    message, _ = refused("http://name.example/", [ip])
    assert f"name.example leads to {ip}, which is not public" in message
    assert KINDS[ip] in message


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_passes(ip):
    assert guard.why_not(ip) == ""
    assert guard.is_public(ip)
    checked = guard.check_public("http://h.example/", resolver=lambda h: [ip])
    assert checked.addresses == ((ip, 80),)


@pytest.mark.parametrize("answer", [*NO_ADDRESS, None, 134744072, b"\x08" * 4])
def test_an_answer_that_is_no_address_is_refused(answer):
    message, _ = refused("http://h.example/", [answer])
    assert "no IP address" in message


@pytest.mark.parametrize("bad", ["127.0.0.1", "::1", "169.254.169.254", "x"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_address_among_good_ones_refuses_them_all(bad, place):
    answer = [PUBLIC_4, PUBLIC_6]
    answer.insert(place, bad)
    message, _ = refused("http://h.example/", answer)
    assert bad in message


def test_no_address_is_refused():
    message, asked = refused("http://h.example/", [])
    assert "h.example has no address" in message
    assert asked == ["h.example"]


def test_a_flood_of_addresses_is_refused_without_reading_it_all():
    def flood(host):
        while True:
            yield PUBLIC_4

    with pytest.raises(UnsafeURL, match="more than 100 addresses"):
        guard.check_public("http://h.example/", resolver=flood)


@pytest.mark.parametrize("answer", [PUBLIC_4, b"8.8.8.8"])
def test_a_resolver_that_returns_a_text_is_a_mistake(answer):
    with pytest.raises(TypeError, match="a list of texts"):
        guard.check_public("http://h.example/", resolver=lambda h: answer)


def test_an_error_of_the_resolver_passes_through():
    def broken(host):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with pytest.raises(socket.gaierror, match="no such name"):
        guard.check_public("http://h.example/", resolver=broken)


@given(st.ip_addresses(v=4))
def test_ipv4_agrees_with_the_standard_library(ip):
    public = guard.is_public(str(ip))
    if public:
        assert ip.is_global
        assert not ip.is_multicast
    elif ip.is_global and not ip.is_multicast:
        # What the registry calls reachable, and is none of the web.
        odd = ("192.0.0.0/24", "192.88.99.0/24")
        assert any(ip in ipaddress.ip_network(net) for net in odd)
    for form in (f"::ffff:{ip}", f"64:ff9b::{ip}", six_to_four(ip)):
        assert guard.is_public(form) == public
    assert not guard.is_public(f"::{ip}")
    assert not guard.is_public(f"64:ff9b:1::{ip}")


def six_to_four(ip):
    return str(ipaddress.IPv6Address((0x2002 << 112) | (int(ip) << 80) | 1))


@given(st.ip_addresses(v=6))
def test_ipv6_is_public_only_where_the_standard_library_says_so_too(ip):
    inner = ip.ipv4_mapped
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    if inner is not None:
        assert guard.is_public(str(ip)) == guard.is_public(str(inner))
    elif guard.is_public(str(ip)):
        assert ip in ipaddress.ip_network("2000::/3")
        assert ip.is_global or ip.sixtofour
        assert not ip.is_multicast
    assert not guard.is_public(f"{ip}%eth0")


# --- spellings --------------------------------------------------------------


def spellings(ip):
    """Every way in which the C library reads an IPv4 address."""
    a, b, c, d = ip.packed
    number = int(ip)
    yield from (f"{number}", f"0x{number:x}", f"0X{number:08X}", f"0{number:o}")
    yield from (f"{a}.{b}.{c << 8 | d}", f"{a}.{number & 0xFFFFFF}")
    yield f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"
    yield f"0{a:o}.0{b:o}.0{c:o}.0{d:o}"
    yield f"{a}.{b}.{c}.0x{d:x}"
    yield f"0{a:o}.{b}.{c}.{d}"
    yield f"0x{a:x}.{b}.{c << 8 | d}"
    yield f"{a:04o}.{b}.{c}.{d}"


@given(st.ip_addresses(v=4))
def test_every_other_spelling_of_an_ipv4_address_is_refused(ip):
    for host in spellings(ip):
        # The independent reader: the C library takes it for this address.
        assert socket.inet_aton(host) == ip.packed
        message, asked = refused(f"http://{host}/")
        assert f"is a spelling of {ip}" in message
        assert asked == []
        refused(f"http://{host}./")
        refused(f"http://user@{host}:8080/a")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("http://127.0.0.1/", "loopback"),
        ("http://127.0.0.1:8000/", "loopback"),
        ("http://127.0.0.1./", "loopback"),
        ("http://0/", "0.0.0.0 (this network"),
        ("http://127.1/", "127.0.0.1 (loopback"),
        ("http://2130706433/", "127.0.0.1 (loopback"),
        ("http://2130706433./", "127.0.0.1 (loopback"),
        ("http://0x7f000001/", "127.0.0.1 (loopback"),
        ("http://0177.0.0.1/", "127.0.0.1 (loopback"),
        ("http://134744072/", "8.8.8.8 (public)"),
        ("http://8.8.8.8./", "four decimal numbers"),
        ("http://4294967296/", "no IPv4 address"),
        ("http://999.1.1.1/", "no IPv4 address"),
        ("http://a.1/", "no IPv4 address"),
        ("http://localhost/", "this machine itself"),
        ("http://LOCALHOST:80/", "this machine itself"),
        ("http://localhost./", "this machine itself"),
        ("http://a.b.localhost/", "this machine itself"),
        ("http://[::1]/", "loopback"),
        ("http://[::]/", "unspecified"),
        ("http://[0:0:0:0:0:0:0:1]/", "loopback"),
        ("http://[::ffff:127.0.0.1]/", "127.0.0.1 inside IPv6"),
        ("http://[::FFFF:7F00:1]/", "127.0.0.1 inside IPv6"),
        ("http://[::127.0.0.1]/", "IPv4-compatible"),
        ("http://[64:ff9b::7f00:1]/", "127.0.0.1 inside NAT64"),
        ("http://[64:ff9b:1::1]/", "own NAT64"),
        ("http://[2002:7f00:1::]/", "127.0.0.1 inside 6to4"),
        ("http://[2001::1]/", "Teredo"),
        ("http://[ff02::1]/", "multicast"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[fe80::1%25eth0]/", "zone"),
        ("http://[fe80::1%eth0]/", "zone"),
        ("http://user:pw@127.0.0.1/", "loopback"),
        ("http://example.org@127.0.0.1/", "loopback"),
        ("http://127.0.0.1\\@example.org/", "backslash"),
        ("http://127.0.0.1%2f@example.org:x/", "port"),
        ("http://１２７.0.0.1/", "read as others"),
        ("http://local\ufe0fhost/", "read as others"),
        ("http://127.0.0.1\ufe0f/", "read as others"),
        ("http://127。0。0。1/", "read as a dot"),
        ("http://127%2e0.0.1/", "percent-escapes"),
        ("http://example.org:0/", "port 0"),
        ("http://exa mple.org/", "' '"),
        ("http://example.org\n/", "'\\n'"),
        ("http://", "no host"),
        ("ftp://example.org/", "'ftp'"),
        ("file:///etc/passwd", "'file'"),
        ("gopher://127.0.0.1:6379/_", "loopback"),
        ("example.org", "no scheme"),
        ("//example.org/", "no scheme"),
        ("", "no scheme"),
    ],
)
def test_what_is_refused_before_anyone_is_asked(text, kind):
    message, asked = refused(text)
    assert kind in message
    assert asked == []


def test_messages_hide_secrets_and_stay_short():
    message, _ = refused("http://ann:s3cret@127.1/?token=s3cret")
    assert "s3cret" not in message
    for text in (
        "http://" + "a." * 50_000 + "localhost/",
        "http://127.1/" + "a" * 100_000,
        "http://" + "1" * 100_000 + "/",
        "http://" + "1." * 50_000 + "1/",
    ):
        assert len(refused(text)[0]) < 400


# --- the resolver of the system ---------------------------------------------


def test_the_systems_answer_for_localhost_is_refused_by_its_address():
    ips = guard.resolve("localhost")
    assert ips
    for ip in ips:
        assert "loopback" in guard.why_not(ip)


def test_resolve_gives_each_address_once(monkeypatch):
    def fake(host, port, **kind):
        assert (host, port) == ("h.example", None)
        four = (socket.AF_INET, 1, 6, "", ("192.0.2.1", 0))
        six = (socket.AF_INET6, 1, 6, "", ("2001:db8::1", 0, 0, 0))
        return [six, four, six]

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    assert guard.resolve("h.example") == ["2001:db8::1", "192.0.2.1"]
    with pytest.raises(UnsafeURL, match="2001:db8::1, which is not"):
        guard.check_public("http://h.example/")


@pytest.mark.parametrize("error", [socket.gaierror(-2, "x"), OSError("x")])
def test_resolve_passes_the_systems_error_on(monkeypatch, error):
    def fake(*args, **kind):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    with pytest.raises(OSError, match="x") as caught:
        guard.resolve("h.example")
    assert caught.value is error


def test_resolve_of_what_the_codec_refuses_is_a_name_not_found():
    with pytest.raises(socket.gaierror):
        guard.resolve("a" * 64 + ".example")


def test_resolve_does_not_wait_for_a_silent_name_server(monkeypatch):
    release = threading.Event()
    asked = []

    def silent(host, *args, **kind):
        asked.append(threading.current_thread())
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    start = time.monotonic()
    try:
        with pytest.raises(DeadlineExceeded, match=r"looking up h\.example"):
            guard.resolve("h.example", timeout=0.1)
        assert time.monotonic() - start < 0.6
    finally:
        release.set()
        asked[0].join(5)
    assert asked[0].daemon


def test_resolve_starts_nothing_when_the_time_is_over(leaves_nothing):
    with pytest.raises(DeadlineExceeded):
        guard.resolve("h.example", timeout=Deadline(0))


# --- connecting -------------------------------------------------------------


def checked_at(*addresses):
    """A checked URL that leads to loopback, as a test needs it."""
    url = urls.parse("http://h.example/")
    return guard.CheckedURL(url, addresses)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        yield server


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()


def test_connect_goes_to_the_checked_address(listener, monkeypatch):
    asked = []
    real = socket.getaddrinfo

    def spy(host, *args, **kind):
        asked.append(host)
        return real(host, *args, **kind)

    monkeypatch.setattr(socket, "getaddrinfo", spy)
    with checked_at(listener.getsockname()).connect(timeout=5) as sock:
        assert sock.getpeername() == listener.getsockname()
        assert 0 < sock.gettimeout() <= 5
        listener.accept()[0].close()
    assert "h.example" not in asked


def test_connect_tries_the_next_address(listener, closed_port):
    checked = checked_at(closed_port, listener.getsockname())
    with checked.connect(timeout=5) as sock:
        assert sock.getpeername() == listener.getsockname()


def test_connect_raises_the_last_error(closed_port):
    with pytest.raises(ConnectionRefusedError):
        checked_at(closed_port, closed_port).connect(timeout=5)


def test_each_address_gets_its_share_of_the_time(listener, monkeypatch):
    waits = []
    real = socket.create_connection

    def slow_first(address, timeout):
        waits.append(timeout)
        if len(waits) == 1:
            raise TimeoutError("timed out")
        return real(address, timeout)

    monkeypatch.setattr(socket, "create_connection", slow_first)
    silent = ("192.0.2.1", 9)
    checked = checked_at(silent, listener.getsockname())
    with checked.connect(timeout=4) as sock:
        assert sock.getpeername() == listener.getsockname()
    assert waits[0] == pytest.approx(2, abs=0.5)
    assert waits[1] == pytest.approx(4, abs=1)


def test_connect_keeps_to_a_running_deadline(listener):
    with pytest.raises(DeadlineExceeded, match="connecting to 127"):
        checked_at(listener.getsockname()).connect(timeout=Deadline(0))


def test_connect_may_be_replaced(listener):
    calls = []

    def connect(ip, port):
        calls.append((ip, port))
        return socket.create_connection(listener.getsockname(), timeout=5)

    checked = guard.check_public(
        "http://example.org:81/", resolver=lambda h: [PUBLIC_4]
    )
    with checked.connect(connect=connect) as sock:
        assert sock.getpeername() == listener.getsockname()
    assert calls == [(PUBLIC_4, 81)]
