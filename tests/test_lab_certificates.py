"""Certificates, each wrong in exactly one way, seen by bare TLS sockets."""

import socket
import ssl
import time

import pytest
from cryptography import x509

from netbasics import lab

# What OpenSSL calls it has changed between 3.1 and 3.2.
WRONG_PROTOCOL = r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE"


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


def test_a_client_that_never_begins_the_handshake_holds_up_nobody(eventually):
    with lab.good_certificate() as peer:
        with socket.create_connection(peer.address, timeout=5):
            context = peer.authority.client_context()
            assert shake_hands(peer, context, "localhost")
            assert peer.refusals == []
        eventually(lambda: peer.refusals == ["closed without a word"])


def test_a_certificate_that_signed_itself_is_refused_as_such():
    with lab.self_signed_certificate() as peer:
        context = ssl.create_default_context()
        with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
            shake_hands(peer, context, "127.0.0.1")
        assert peer.authority is None


def test_a_self_signed_certificate_is_its_own_issuer():
    with lab.self_signed_certificate() as peer:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        assert shake_hands(peer, context, "127.0.0.1").startswith(b"HTTP/1.1")
        pem = ssl.get_server_certificate(peer.address, timeout=5)
    found = x509.load_pem_x509_certificate(pem.encode())
    assert found.issuer == found.subject


def test_plain_http_answers_a_tls_hello():
    with lab.http_instead_of_tls() as peer:
        assert peer.url.startswith("https://")
        with pytest.raises(ssl.SSLError, match=WRONG_PROTOCOL):
            shake_hands(peer, ssl.create_default_context(), "localhost")
        assert peer.seen[0][0] == 0x16


def test_a_tls_alert_answers_plain_http():
    with lab.tls_instead_of_http() as peer:
        assert peer.url.startswith("http://")
        with socket.create_connection(peer.address, timeout=5) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
            # alert, TLS 1.2, two bytes: fatal, unexpected message
            assert sock.recv(100) == b"\x15\x03\x03\x00\x02\x02\x0a"
