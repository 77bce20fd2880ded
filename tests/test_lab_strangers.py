"""Servers that are not what they are taken for, by bare sockets."""

import socket
import ssl

import pytest

from netbasics import lab

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def unchecked():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def plain(peer):
    with socket.create_connection(peer.address, timeout=5) as sock:
        sock.sendall(REQUEST)
        return sock.recv(100)


def test_it_closes_in_order_whatever_comes():
    with lab.closes_unasked() as peer:
        assert plain(peer) == b""
        with (
            socket.create_connection(peer.address, timeout=5) as sock,
            pytest.raises(ssl.SSLError),
        ):
            unchecked().wrap_socket(sock)


@pytest.mark.parametrize("way", ["closes", "resets", "alerts"])
def test_tls_is_answered_and_plain_text_is_not(way):
    with lab.tls_only(way) as peer:
        if way == "resets":
            with pytest.raises(ConnectionResetError):
                plain(peer)
        else:
            alert = b"\x15\x03\x03\x00\x02\x02\x0a"
            assert plain(peer) == (alert if way == "alerts" else b"")
        with (
            socket.create_connection(peer.address, timeout=5) as sock,
            unchecked().wrap_socket(sock) as secret,
        ):
            secret.sendall(REQUEST)
            assert secret.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert not peer.errors
