"""Slow and dripping, shown by bare sockets."""

import socket
import time

import pytest

from netbasics import lab

GET = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"


def pieces(peer, *, timeout=5.0):
    """Everything that comes, as it comes, with the seconds since asking."""
    with socket.create_connection(peer.address, timeout=timeout) as sock:
        sock.sendall(GET)
        began = time.monotonic()
        while data := sock.recv(65_536):
            yield time.monotonic() - began, data


def test_slow_says_nothing_and_then_answers():
    with lab.slow(0.3, content=b"[1]") as peer:
        came = list(pieces(peer))
    assert 0.3 <= came[0][0] < 0.3 + 0.5
    assert b"".join(data for _, data in came).endswith(b"\r\n\r\n[1]")


def test_slow_outlasts_a_shorter_timeout():
    with lab.slow(30) as peer, pytest.raises(TimeoutError):
        list(pieces(peer, timeout=0.1))


def test_a_dripping_body_comes_byte_by_byte_behind_a_whole_head():
    with lab.dripping(0.05, content=b"0123456789") as peer:
        # A timeout that each single wait keeps, and that the call does not.
        came = list(pieces(peer, timeout=0.4))
    head, _, body = b"".join(data for _, data in came).partition(b"\r\n\r\n")
    assert body == b"0123456789"
    assert b"Content-Length: 10\r\n" in head
    took = came[-1][0] - came[0][0]
    assert took >= 9 * 0.05 * 0.9
    assert all(len(data) == 1 for _, data in came[-5:])


def test_dripping_headers_come_byte_by_byte():
    with lab.dripping(0.05, headers=True, body=False) as peer:
        stream = pieces(peer)
        first = [next(stream) for _ in range(8)]
        stream.close()
    assert b"".join(data for _, data in first) == b"HTTP/1.1"
    assert first[-1][0] >= 8 * 0.05 * 0.9


def test_the_drip_of_the_catalogue_takes_longer_than_anybody_waits():
    for name in ("dripping", "dripping_headers"):
        with lab.find(name).run() as peer:
            stream = pieces(peer)
            came = b"".join(next(stream)[1] for _ in range(2))
            stream.close()
        assert len(came) < 150, name


def test_no_byte_of_a_drip_waits_for_another():
    # A second byte held back by Nagle's algorithm comes after 40 ms.
    with lab.dripping(0.0, content=b"x" * 50) as peer:
        began = time.monotonic()
        body = b"".join(data for _, data in pieces(peer)).partition(b"\r\n\r\n")
    assert body[2] == b"x" * 50
    assert time.monotonic() - began < 1.0
