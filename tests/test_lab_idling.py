"""Connections that are kept and fail at the second request."""

import socket

import pytest

from netbasics import http1, lab, sockets

REQUEST = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"


def test_idle_it_closes_after_the_first_answer():
    with (
        lab.dies_idle() as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        sock.sendall(REQUEST)
        reader = sockets.Reader(sock)
        first = http1.parse_response(reader)
        assert first.body == peer.content
        assert reader.line() is None


def test_reused_it_answers_once_and_then_resets():
    with (
        lab.dies_reused() as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        sock.sendall(REQUEST)
        first = http1.parse_response(sockets.Reader(sock))
        assert first.body == peer.content
        sock.sendall(REQUEST)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
        assert len(peer.requests) == 2


def test_answers_twice_has_the_wrong_answer_ready():
    with (
        lab.answers_twice() as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        sock.sendall(REQUEST)
        reader = sockets.Reader(sock)
        first = http1.parse_response(reader)
        # Before anything else was asked.
        second = http1.parse_response(reader)
        assert first.body == peer.content
        assert b"nobody asked" in second.body


@pytest.mark.parametrize(
    "make", [lab.dies_idle, lab.dies_reused, lab.answers_twice]
)
def test_a_client_that_asks_for_one_answer_gets_one(make):
    request = REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with make() as peer:
        raw = sockets.ask(peer.address, request, half_close=False)
        assert http1.parse_response(raw).body == peer.content
        assert raw.count(b"HTTP/1.1") == 1
