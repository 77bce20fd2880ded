"""TLS through a tap: opaque but for the name, or ended and open."""

import ssl
import time
import urllib.request

import pytest

from netbasics import certs, lab, servers, sockets, wire
from netbasics.wire.tls import Observer, client_hello


def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "6")])
    return [b"secret"]


@pytest.fixture(scope="module")
def authority():
    return certs.Authority()


@pytest.fixture(scope="module")
def server(authority):
    context = authority.issue("127.0.0.1", "www.example.com").server_context()
    with servers.serve(app, tls=context) as server:
        yield server


def ask(address, context, name):
    """Ask over TLS; return the whole answer."""
    request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with (
        sockets.connect(address, timeout=10) as sock,
        context.wrap_socket(sock, server_hostname=name) as tls,
    ):
        tls.sendall(request)
        return sockets.Reader(tls, deadline=10).rest()


def test_without_the_authority_it_sees_the_name_and_then_nothing(
    server, authority
):
    with wire.tap(server) as tap:
        context = authority.client_context()
        context.set_alpn_protocols(["http/1.1"])
        answer = ask(tap.address, context, "www.example.com")
        assert answer.endswith(b"secret")
        assert tap.url.startswith("https://")
        assert tap.wait()
        transcript, picture = tap.transcript, tap.diagram()
    assert b"secret" not in transcript.data(wire.TO_CLIENT)
    hello = client_hello(transcript.data(wire.TO_SERVER))
    assert hello.server_name == "www.example.com"
    assert "1.3" in hello.versions
    assert hello.protocols == ("http/1.1",)
    assert "TLS ClientHello for www.example.com (SNI" in picture
    assert "TLS ServerHello" in picture
    assert "TLS, encrypted" in picture
    assert transcript.exchanges() == []


def test_with_the_authority_it_sees_inside(server, authority):
    with wire.tap(server, tls=authority) as tap:
        context = authority.client_context()
        answer = ask(tap.address, context, "www.example.com")
        assert answer.endswith(b"secret")
        assert tap.wait()
        transcript = tap.transcript
    (exchange,) = transcript.exchanges()
    assert exchange.response.body == b"secret"
    assert "as www.example.com" in transcript.filter(kind="note")[0].note
    assert "GET / HTTP/1.1" in tap.diagram()
    assert not tap.errors


def test_an_https_client_works_through_it_by_address(server, authority):
    with wire.tap(server, tls=authority) as tap:
        opened = urllib.request.urlopen(
            tap.url, context=authority.client_context(), timeout=10
        )
        with opened:
            assert opened.read() == b"secret"


def test_the_labs_own_authority_will_do():
    with (
        lab.good_certificate() as peer,
        wire.tap(peer, tls=peer.authority) as tap,
        urllib.request.urlopen(
            tap.url, context=peer.authority.client_context(), timeout=10
        ) as opened,
    ):
        assert opened.read() == peer.content


def test_a_large_body_both_ways_is_unchanged(authority):
    context = authority.issue("127.0.0.1").server_context()
    data = bytes(range(256)) * 8000

    def echo(sock, peer):
        while piece := sock.recv(65536):
            sock.sendall(piece)

    with (
        servers.TCPServer(echo, tls=context) as server,
        wire.tap(server, tls=authority) as tap,
        sockets.connect(tap.address) as sock,
        authority.client_context().wrap_socket(
            sock, server_hostname="127.0.0.1"
        ) as tls,
    ):
        reader = sockets.Reader(tls, deadline=20)
        for at in range(0, len(data), 100_000):
            piece = data[at : at + 100_000]
            tls.sendall(piece)
            assert reader.exactly(len(piece)) == piece
        tls.sendall(b"!")
        assert reader.exactly(1) == b"!"
        assert tap.transcript.data(wire.TO_SERVER) == data + b"!"


def test_a_client_that_does_not_trust_it_is_told_of(server, authority):
    with wire.tap(server, tls=authority) as tap:
        stranger = certs.Authority().client_context()
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(tap.address, stranger, "www.example.com")
        assert tap.wait()
        end = tap.transcript[-1]
    assert (end.kind, end.direction) == ("reset", wire.TO_SERVER)
    assert "the client did not agree" in end.note


def test_a_target_with_a_bad_certificate_is_not_passed_on(authority):
    with (
        lab.untrusted_certificate() as peer,
        wire.tap(peer, tls=authority) as tap,
    ):
        with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
            ask(tap.address, authority.client_context(), "127.0.0.1")
        assert tap.wait()
        end = tap.transcript[-1]
    assert (end.kind, end.direction) == ("reset", wire.TO_CLIENT)
    assert "certificate verify failed" in end.note


def test_a_client_that_speaks_no_tls_is_told_of(server, authority):
    with wire.tap(server, tls=authority) as tap:
        with sockets.connect(tap.address) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                sockets.Reader(client, deadline=10).rest()
        assert tap.wait()
        assert "did not agree on TLS" in tap.transcript[-1].note


@pytest.mark.parametrize("name", [b".aexample", b"a..xample"])
def test_a_name_that_nobody_can_have_is_refused(server, authority, name):
    hello = real_hello().replace(b"a.example", name)
    with wire.tap(server, tls=authority) as tap:
        with sockets.connect(tap.address, timeout=10) as client:
            client.sendall(hello)
            alert = sockets.recv_exactly(client, 7)
        assert alert[-1] == ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        assert tap.wait()
        assert "did not agree on TLS" in tap.transcript[-1].note


def drip(sock, data):
    for byte in data:
        sock.sendall(bytes([byte]))
        time.sleep(0.05)


def test_a_handshake_in_drips_is_given_up_in_time(server, authority):
    with (
        wire.tap(server, tls=authority, timeout=0.5) as tap,
        sockets.connect(tap.address) as client,
    ):
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            drip(client, real_hello())
        assert time.monotonic() - began < 5
        assert tap.wait()
        assert "client did not agree" in tap.transcript[-1].note


@pytest.mark.parametrize("count", range(0, 300, 7))
def test_a_hello_that_is_cut_is_none(count):
    hello = real_hello()
    assert len(hello) > 300
    assert client_hello(hello[:count]) is None


def real_hello(name="a.example"):
    out = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), out, server_hostname=name
    )
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def test_a_hello_that_is_garbage_is_none():
    hello = bytearray(real_hello())
    for at in range(5, len(hello)):
        broken = bytes(hello[:at]) + b"\xff" + bytes(hello[at + 1 :])
        client_hello(broken)  # whatever it says, it ends
    assert client_hello(b"\x16\x03\x01\x00\x05hello") is None
    assert client_hello(b"") is None


def test_an_observer_reads_records_in_any_pieces():
    stream = real_hello() + b"\x17\x03\x03\x00\x0a0123456789" * 3
    stream += b"\x15\x03\x03\x00\x02\x02\x30"
    whole = Observer().lines(stream, len(stream))
    assert whole[0] == "TLS ClientHello for a.example (SNI, in the clear)"
    assert whole[-2:] == ["TLS, encrypted", "TLS Alert: unknown authority"]
    for size in (1, 3, 11):
        observer = Observer()
        said = [
            line
            for at in range(0, len(stream), size)
            for line in observer.lines(stream[at : at + size], size)
        ]
        # In single bytes, what is in a record comes after its header.
        assert sum("encrypted" in s and "more" not in s for s in said) >= 3
