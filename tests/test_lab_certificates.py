"""Certificates, each wrong in exactly one way, seen by bare TLS sockets."""

import socket
import ssl
import time

import pytest

from netbasics import lab


@pytest.fixture
def eventually():
    def wait(condition):
        end = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.005)

    return wait


def shake_hands(peer, context, name):
    with (
        socket.create_connection(peer.address, timeout=5) as raw,
        context.wrap_socket(raw, server_hostname=name) as sock,
    ):
        sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        return sock.recv(4096)


def test_a_good_certificate_is_accepted_by_who_trusts_its_authority():
    with lab.good_certificate() as peer:
        assert peer.url.startswith("https://127.0.0.1:")
        context = peer.authority.client_context()
        for name in ("127.0.0.1", "localhost"):
            answer = shake_hands(peer, context, name)
            assert answer.startswith(b"HTTP/1.1 200")
        assert len(peer.requests) == 2


def test_an_authority_that_nobody_knows_is_refused():
    with lab.untrusted_certificate() as peer:
        context = ssl.create_default_context()
        with pytest.raises(ssl.SSLCertVerificationError, match="issuer"):
            shake_hands(peer, context, "127.0.0.1")
        assert peer.requests == []
        assert peer.attempts == 1


def test_the_untrusted_certificate_lacks_nothing_but_trust():
    with lab.untrusted_certificate() as peer:
        context = peer.authority.client_context()
        assert shake_hands(peer, context, "127.0.0.1")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lab.expired_certificate, "certificate has expired"),
        (lab.not_yet_valid_certificate, "certificate is not yet valid"),
        (lab.wrong_name_certificate, "IP address mismatch"),
    ],
)
def test_the_stated_fault_is_the_only_one(make, reason):
    with make() as peer:
        context = peer.authority.client_context()
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            shake_hands(peer, context, "127.0.0.1")
    assert peer.requests == []


def test_the_wrong_name_would_fit_its_owner():
    with lab.wrong_name_certificate() as peer:
        context = peer.authority.client_context()
        assert shake_hands(peer, context, "www.example.com")
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname"):
            shake_hands(peer, context, "localhost")


def test_the_peer_keeps_what_the_client_said_against_it(eventually):
    with lab.untrusted_certificate() as peer:
        with pytest.raises(ssl.SSLError):
            shake_hands(peer, ssl.create_default_context(), "127.0.0.1")
        eventually(lambda: peer.refusals == ["TLSV1_ALERT_UNKNOWN_CA"])


def test_a_client_that_never_begins_the_handshake_holds_up_nobody():
    with (
        lab.good_certificate() as peer,
        socket.create_connection(peer.address, timeout=5),
    ):
        context = peer.authority.client_context()
        assert shake_hands(peer, context, "localhost")
    assert peer.refusals == []
