"""Checks open_public."""

import contextlib
import ipaddress
import os
import socket
import ssl

import pytest
from open_public import open_public

from netbasics import lab

ADDRESS = "93.184.216.34"  # truly public; here it leads to a peer
OTHER = "151.101.1.69"
URL = "http://shop.example/"
TEXT = b"All is well, and it was said by the right one.\n"
AGAIN = (
    "The name was looked up a second time, and by then it led elsewhere. "
    "Whoever owns a name decides what it says each time (DNS rebinding). "
    "Connect to the address that was checked."
)


class Resolver:
    """Knows the names of this check; also what each says the next time."""

    def __init__(self):
        self.asked = []
        self.known = {}

    def __repr__(self):
        return "resolver"

    def __call__(self, host):
        self.asked.append(host)
        answers = self.known.get(host)
        if answers:
            return list(answers.pop(0) if len(answers) > 1 else answers[0])
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            return [ADDRESS]


def place(ip, port):
    """Return the same for all spellings of an address."""
    try:
        return ipaddress.ip_address(ip), port
    except ValueError:
        return ip, port


class Connect:
    """Leads each address to a peer of this check, all others to a canary."""

    def __init__(self, check):
        self.canary = check.peer(lab.origin())
        self.canary.put("/", b"a secret of this very machine\n")
        self.called = []
        self.sockets = []
        self.peers = {}

    def __repr__(self):
        return "connect"

    def __call__(self, ip, port):
        self.called.append((ip, port))
        peer = self.peers.get(place(ip, port), self.canary)
        sock = socket.create_connection(peer.address, timeout=5)
        self.sockets.append(sock)
        return sock


class Internet:
    """Names, addresses and what stands behind them."""

    def __init__(self, check):
        self.check = check
        self.resolver = Resolver()
        self.connect = Connect(check)
        self.canary = self.connect.canary

    def name(self, host, *answers):
        """Let a name have these addresses; one list for each time."""
        self.resolver.known[host] = [list(answer) for answer in answers]

    def site(self, ip=ADDRESS, port=80):
        """Start an origin that is found at this address."""
        return self.at(lab.origin(), ip, port)

    def at(self, peer, ip=ADDRESS, port=80):
        """Start a peer that is found at this address."""
        self.connect.peers[place(ip, port)] = self.check.peer(peer)
        return peer

    def fetch(self, url=URL):
        """Return what the learner's function returns, nobody being harmed."""
        with self.noted():
            call = self.check.call
            body = call(open_public, url, self.resolver, self.connect)
            self.unharmed()
        return body

    def gives(self, url=URL, body=TEXT):
        """Check the body."""
        arguments = url, self.resolver, self.connect
        with self.noted():
            self.check.returns(body, open_public, *arguments)
            self.unharmed()

    def refuses(self, url):
        """Check that the URL is refused, and nobody was connected to."""
        self.told()
        arguments = url, self.resolver, self.connect
        with self.noted():
            self.check.raises(ValueError, open_public, *arguments)
            self.unharmed()

    @contextlib.contextmanager
    def noted(self):
        """Add to the message of a failure what was asked and called."""
        known = self.resolver.known.items()
        names = {host: list(answers) for host, answers in known}
        try:
            yield
        finally:
            for host in dict.fromkeys(self.resolver.asked):
                if host in names:
                    said = ", then ".join(map(str, names[host]))
                    self.check.note(f"`resolver` says of {host}: {said}.")
            for ip, port in self.connect.called:
                self.check.note(f"`connect` was called with {ip!r}, {port!r}.")

    def told(self):
        """Name the two ways to come to the canary."""
        self.check.mistake(
            "`connect` was called for what must be refused. First look at all "
            "of the addresses, then connect.",
            lambda it: self.through_connect(),
        )
        self.check.mistake(
            "Somebody connected without `connect`: a library that was given "
            "the URL looks up the name and connects by itself.",
            lambda it: self.hits() > len(self.through_connect()),
        )

    def through_connect(self):
        """Return those calls of `connect` that led to the canary."""
        peers = self.connect.peers
        return [at for at in self.connect.called if place(*at) not in peers]

    def hits(self):
        """Return how many connections there were to the canary."""
        # Seen at this end: the canary's own count may be a moment behind.
        flows = self.check.watch.transcript.flows
        return sum(flow.server[1] == self.canary.port for flow in flows)

    def unharmed(self):
        """Check that nobody came to the canary."""
        self.told()
        hits = max(self.hits(), self.canary.attempts)
        self.check.equal(hits, 0, "connections to the canary")


@pytest.fixture
def internet(check):
    """Two names with public addresses, and a canary on loopback."""
    found = Internet(check)
    found.name("shop.example", [ADDRESS])
    found.name("cdn.example", [OTHER])
    return found


def test_a_public_page(check, internet):
    """The name has one public address; a peer behind it answers."""
    internet.site().put("/", TEXT)
    check.mistake(
        "`connect` was called with the name. It wants an address, or somebody "
        "would look the name up once more.",
        lambda it: ("shop.example", 80) in internet.connect.called,
    )
    check.mistake(
        "A library looked up the name by itself. Take the addresses from "
        "`resolver`, and the socket from `connect`; a `http.client` connection "
        "takes it as its `sock`.",
        lambda it: "Name or service not known" in str(it.error),
    )
    internet.gives()
    called = internet.connect.called
    check.equal(called, [(ADDRESS, 80)], "calls of connect")


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        (URL, "shop.example", 80, "/"),
        ("http://shop.example:8080/a", "shop.example:8080", 8080, "/a"),
        ("HTTP://shop.example", "shop.example", 80, "/"),
        (
            "http://shop.example/a%20b?c=%26#d",
            "shop.example",
            80,
            "/a%20b?c=%26",
        ),
        ("http://shop.example?c=d", "shop.example", 80, "/?c=d"),
    ],
)
def test_the_request(check, internet, url, host, port, target):
    """The peer answers, and notes the target and the Host header."""
    site = internet.site(port=port)
    site.put(target, TEXT)
    check.mistake(
        "The Host header has the address. Many sites share one, and the "
        "header tells the server which of them is meant: it is the name.",
        lambda it: (
            site.requests and ADDRESS in (site.requests[0].header("Host") or "")
        ),
    )
    internet.fetch(url)
    request = site.requests[0]
    check.equal(request.target, target, "the target")
    got = request.header("Host") or "no Host header"
    check.that(got in (host, f"{host}:{port}"), f"Host: {host}", got)


def test_the_body_of_an_error(check, internet):
    """The peer answers 404, with a body."""
    internet.site().put("/", TEXT, status=404)
    check.mistake(
        "A status of 400 and up is an answer like any other here: its body is "
        "returned.",
        lambda it: it.error is not None,
    )
    internet.gives()


def private(*addresses):
    """Return parameters with readable names."""
    return pytest.mark.parametrize("address", addresses)


@private("127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254", "::1")
def test_a_name_with_a_private_address(check, internet, address):
    """The name leads to this machine or to a neighbour: a canary."""
    internet.name("shop.example", [address])
    internet.refuses(URL)


@private("127.0.0.1", "10.0.0.7", "[::1]", "169.254.169.254", "0.0.0.0")
def test_a_private_address_in_the_url(check, internet, address):
    """The URL has the address itself, and the canary's port."""
    internet.refuses(f"http://{address}:{internet.canary.port}/")


@private(
    "100.64.0.1",
    "0.0.0.0",
    "192.0.2.1",
    "198.18.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "224.0.0.1",
    "239.1.2.3",
    "::",
    "fe80::1",
    "fc00::1",
    "2001:db8::1",
    "ff0e::1",
)
def test_addresses_that_are_special(check, internet, address):
    """The name leads to an address with a special meaning."""
    check.mistake(
        "This address is not global, or it is for many at once (multicast). "
        "`is_private` and `is_loopback` are not enough: ask for `is_global` "
        "and not `is_multicast`.",
        lambda it: internet.connect.called,
    )
    internet.name("shop.example", [address])
    internet.refuses(URL)


@private(
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "::ffff:224.0.0.1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
)
def test_ipv4_within_ipv6(check, internet, address):
    """The name leads to an IPv6 address with a private one in it."""
    check.mistake(
        "An IPv4 address stands within this one, and that is where the packet "
        "goes: mapped, 6to4 or NAT64. Take it out, and judge that.",
        lambda it: internet.connect.called,
    )
    internet.name("shop.example", [address])
    internet.refuses(URL)


@private("::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808")
def test_a_public_ipv4_within_ipv6(check, internet, address):
    """The name leads to an IPv6 address with a public one in it."""
    check.mistake(
        "The IPv4 address within is public, and that is the one that is "
        "judged.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.mistake(
        "`connect` was called with another address than the resolver gave. The "
        "one within is for judging only.",
        lambda it: internet.through_connect(),
    )
    internet.name("shop.example", [address])
    internet.site(address).put("/", TEXT)
    internet.gives()


@pytest.mark.parametrize(
    "answer",
    [
        [ADDRESS, "127.0.0.1"],
        ["127.0.0.1", ADDRESS],
        [ADDRESS, OTHER, "::1", "8.8.8.8"],
    ],
)
def test_one_of_several_is_private(check, internet, answer):
    """The name has several addresses, and one of them is private."""
    internet.site().put("/", TEXT)
    internet.site(OTHER).put("/", TEXT)
    internet.site("8.8.8.8").put("/", TEXT)
    check.mistake(
        "One of the addresses is private, and somebody else chose them all: "
        "then none of them is to be trusted.",
        lambda it: it.value == TEXT,
    )
    internet.name("shop.example", answer)
    internet.refuses(URL)
    check.equal(internet.connect.called, [], "calls of connect")


def test_no_address_at_all(check, internet):
    """The name has no address."""
    internet.name("shop.example", [])
    internet.refuses(URL)


def test_several_public_addresses(check, internet):
    """The name has two addresses, and both are public."""
    internet.name("shop.example", [ADDRESS, OTHER])
    internet.site().put("/", TEXT)
    internet.site(OTHER).put("/", TEXT)
    internet.gives()


def test_rebinding(check, internet):
    """The name is public when it is looked up first, and private afterwards."""
    internet.site().put("/", TEXT)
    check.mistake(AGAIN, lambda it: len(internet.resolver.asked) > 1)
    internet.name("shop.example", [ADDRESS], ["127.0.0.1"])
    internet.gives()
    check.equal(internet.resolver.asked, ["shop.example"], "asked of resolver")


@private(
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0X7F.1",
    "127.1",
    "0177.0.0.1",
    "127.0.0.01",
    "017700000001",
    "134744072",
    "8.8.2056",
)
def test_other_spellings_of_an_address(check, internet, address):
    """The host is a number, which the resolver would call public."""
    check.mistake(
        "A number is an address in an old spelling, and programs differ in how "
        "they read it. Only four decimal numbers without leading zeros are "
        "read alike by all.",
        lambda it: internet.connect.called or it.error is None,
    )
    internet.site().put("/", TEXT)
    internet.refuses(f"http://{address}/")


@private("127.0.0.1.shop.example", "10.example", "0x7f.example")
def test_names_with_digits(check, internet, address):
    """The host is a name, although there are numbers in it."""
    check.mistake(
        "This is a name: its last label is no number. What counts is what the "
        "resolver says.",
        lambda it: isinstance(it.error, ValueError),
    )
    internet.site().put("/", TEXT)
    internet.gives(f"http://{address}/")


@pytest.mark.parametrize(
    ("host", "ip"),
    [("93.184.216.34", ADDRESS), ("[2606:4700::1111]", "2606:4700::1111")],
)
def test_a_public_address_in_the_url(check, internet, host, ip):
    """The URL has a public address instead of a name."""
    site = internet.site(ip, 8000)
    site.put("/", TEXT)
    check.mistake(
        "The resolver was asked with the brackets. They belong to the URL, "
        "not to the address.",
        lambda it: host.startswith("[") and host in internet.resolver.asked,
    )
    internet.gives(f"http://{host}:8000/")
    check.equal(internet.resolver.asked, [ip], "asked of resolver")
    got = site.requests[0].header("Host")
    check.equal(got, f"{host}:8000", "the Host header")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/",
        "file:///etc/hostname",
        "gopher://shop.example/",
        "shop.example/",
        "//shop.example/",
        "http:///a",
        "",
    ],
)
def test_not_http(check, internet, url):
    """The URL is of another scheme, or has no host."""
    internet.refuses(url)
    check.equal(internet.connect.called, [], "calls of connect")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect(check, internet, status):
    """The first peer sends us to another host, and that one answers."""
    internet.site().redirect("/", "http://cdn.example/file?a=b", status)
    internet.site(OTHER).put("/file?a=b", TEXT)
    internet.gives()
    hosts = ["shop.example", "cdn.example"]
    check.equal(internet.resolver.asked, hosts, "asked of resolver")
    called = [(ADDRESS, 80), (OTHER, 80)]
    check.equal(internet.connect.called, called, "calls of connect")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/c", "/c"),
        ("c?d", "/a/c?d"),
        ("../c", "/c"),
        ("?d", "/a/b?d"),
        ("//shop.example/c", "/c"),
    ],
)
def test_a_relative_redirect(check, internet, location, target):
    """The peer sends us to a place that is relative to where we are."""
    site = internet.site()
    site.redirect("/a/b", location)
    site.put(target, TEXT)
    check.mistake(
        "The Location may be relative: `urljoin(url, location)` is the next "
        "URL.",
        lambda it: len(site.requests) < 2,
    )
    internet.gives("http://shop.example/a/b")


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:PORT/",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://2130706433:PORT/",
        "http://inner.example:PORT/",
        "//inner.example:PORT/",
        "file:///etc/hostname",
        "ftp://cdn.example/",
    ],
)
def test_a_redirect_to_what_is_refused(check, internet, location):
    """The peer is public, and sends us to a canary, or out of HTTP."""
    internet.name("inner.example", ["10.0.0.7"])
    site = internet.site()
    where = location.replace("PORT", str(internet.canary.port))
    site.redirect("/", where)
    check.mistake(
        "The first URL was checked, and that of the redirect was not. Check "
        "each hop, in the same way.",
        lambda it: internet.through_connect() or internet.hits(),
    )
    internet.refuses(URL)
    check.equal(internet.connect.called, [(ADDRESS, 80)], "calls of connect")


def test_rebinding_at_a_redirect(check, internet):
    """The peer sends us to itself, and meanwhile its name is private."""
    site = internet.site()
    site.redirect("/", "/again")
    site.put("/again", TEXT)
    check.mistake(
        "The answer for the first hop was kept for the second. Ask once for "
        "each hop, and look at what comes.",
        lambda it: len(internet.resolver.asked) < 2,
    )
    internet.name("shop.example", [ADDRESS], ["127.0.0.1"])
    internet.refuses(URL)


def test_five_redirects(check, internet):
    """The peer sends us on five times, and then answers."""
    site = internet.site()
    for number in range(5):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.put("/5", TEXT)
    check.mistake(
        "Five redirects are fine: that makes six requests.",
        lambda it: isinstance(it.error, ValueError),
    )
    internet.gives("http://shop.example/0")


def test_six_redirects(check, internet):
    """The peer sends us on six times, and would answer then."""
    site = internet.site()
    for number in range(6):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.put("/6", TEXT)
    check.mistake(
        "More than five redirects were followed. A stranger could send you "
        "round for ever.",
        lambda it: len(site.requests) > 6,
    )
    internet.refuses("http://shop.example/0")
    check.equal(len(site.requests), 6, "requests")


@pytest.mark.parametrize(
    ("status", "headers"), [(302, ""), (300, "Location: /b\r\n")]
)
def test_no_redirect(check, internet, status, headers):
    """The peer answers 302 without a place, or 300 with one."""
    head = f"HTTP/1.1 {status} Found\r\n{headers}Content-Length: {len(TEXT)}"
    raw = head.encode() + b"\r\n\r\n" + TEXT
    internet.at(lab.feeds([raw], after=b"\r\n\r\n"))
    internet.gives()


FRAMED = {
    "length": (f"Content-Length: {len(TEXT)}", TEXT),
    "chunked": (
        "Transfer-Encoding: chunked",
        b"5\r\n%b\r\n%X\r\n%b\r\n0\r\n\r\n"
        % (TEXT[:5], len(TEXT) - 5, TEXT[5:]),
    ),
    "until close": ("Content-Type: text/plain", TEXT),
}


def framed(kind, cut=0):
    """Return an answer as bytes, with so many missing at its end."""
    header, body = FRAMED[kind]
    close = "Connection: close\r\n" if kind == "until close" or cut else ""
    head = f"HTTP/1.1 200 OK\r\n{header}\r\n{close}\r\n"
    return head.encode() + body[: len(body) - cut]


@pytest.mark.parametrize("kind", FRAMED)
def test_a_body_in_pieces(check, internet, kind):
    """The answer comes one byte at a time, and then the peer closes."""
    pieces = lab.pieces_of(framed(kind))
    internet.at(lab.feeds(pieces, after=b"\r\n\r\n"))
    check.mistake(
        "The chunks were returned with their sizes. This body is chunked.",
        lambda it: b"\r\n" in it.value,
    )
    internet.gives()


@pytest.mark.parametrize(
    ("kind", "cut"),
    [("length", 10), ("length", 1), ("chunked", 15), ("chunked", 5)],
)
def test_a_body_that_is_cut_off(check, internet, kind, cut):
    """The peer closes before the end of the body."""
    internet.at(lab.feeds([framed(kind, cut)], after=b"\r\n\r\n"))
    check.mistake(
        "A part of the body was returned as if it were all.",
        lambda it: it.value is not None,
    )
    check.mistake(
        "`http.client` says IncompleteRead, which is neither an OSError nor an "
        "EOFError. Turn it into an EOFError.",
        lambda it: type(it.error).__name__ == "IncompleteRead",
    )
    arguments = URL, internet.resolver, internet.connect
    check.raises(EOFError, open_public, *arguments)
    internet.unharmed()


def test_all_sockets_are_closed(check, internet):
    """There is a redirect, an answer, and in the end a refusal."""
    site = internet.site()
    site.redirect("/", "http://cdn.example/")
    internet.site(OTHER).put("/", TEXT)
    internet.gives()
    site.redirect("/bad", "http://127.0.0.1/")
    internet.refuses("http://shop.example/bad")
    left = [sock for sock in internet.connect.sockets if sock.fileno() >= 0]
    check.equal(len(left), 0, "sockets that are still open")


def test_tls_begins_with_the_name(check, internet):
    """The peer speaks plain HTTP where TLS is expected."""
    peer = internet.at(lab.http_instead_of_tls(), port=443)
    url = "https://shop.example/"
    check.raises(OSError, open_public, url, internet.resolver, internet.connect)
    hello = b"".join(peer.seen)
    check.that(
        hello.startswith(b"\x16"),
        "that TLS begins before anything else is sent",
        f"the peer got {hello[:40]!r}",
    )
    check.that(
        b"shop.example" in hello,
        "that TLS is told the name (`server_hostname`), not the address",
        "there is no name in the first bytes",
    )
    check.equal(internet.connect.called, [(ADDRESS, 443)], "calls of connect")


def test_a_certificate_for_another_name(check, internet):
    """The peer's certificate is trusted, and is for www.example.com."""
    peer = internet.at(lab.wrong_name_certificate(), port=443)
    trust(check, peer)
    check.mistake(
        "The certificate is for another name, and was not looked at. Then "
        "anybody in between can be the server. `create_default_context()` "
        "checks it: leave that as it is.",
        lambda it: it.error is None or peer.requests,
    )
    url = "https://shop.example/"
    check.raises(OSError, open_public, url, internet.resolver, internet.connect)
    check.equal(peer.requests, [], "requests that were sent")


def test_a_good_certificate(check, internet):
    """The peer's certificate is trusted, and is for the name in the URL."""
    peer = internet.at(lab.wrong_name_certificate(), port=443)
    trust(check, peer)

    def trusting(url, resolver, connect):
        try:
            return open_public(url, resolver, connect)
        except ssl.SSLCertVerificationError:
            return peer.content  # its context was made before `trust`

    trusting.__name__ = "open_public"
    url = "https://www.example.com/"
    got = check.call(trusting, url, internet.resolver, internet.connect)
    check.equal(got, peer.content, "the body")


def trust(check, peer):
    """Let default contexts that are made from now on trust the peer."""
    path = peer.authority.write_pem(check.folder / "authority.pem")
    os.environ["SSL_CERT_FILE"] = str(path)


@pytest.mark.parametrize("kind", ["length", "chunked"])
def test_a_connection_that_stays_open(check, internet, kind):
    """The answer is complete, and the peer does not close."""
    internet.at(lab.feeds([framed(kind)], after=b"\r\n\r\n", then="hold"))
    check.mistake(
        "It waits for the end of the connection, which does not come. The "
        "answer says itself how long it is.",
        lambda it: it.hung or isinstance(it.error, TimeoutError),
    )
    internet.gives()
