"""Refused and silent, shown by bare sockets."""

import contextlib
import errno
import socket
import sys
import time

import pytest

from netbasics import lab


def test_refused_refuses_at_once():
    with lab.refused() as peer:
        for _ in range(20):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(peer.address, timeout=5)
        assert peer.attempts == 0


def test_the_refused_port_is_taken_for_everybody_else():
    with lab.refused() as peer, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use") as caught:
            other.bind(peer.address)
    assert caught.value.errno == errno.EADDRINUSE


def test_silent_accepts_reads_and_says_nothing():
    with (
        lab.silent() as peer,
        socket.create_connection(peer.address, timeout=0.2) as sock,
    ):
        sock.sendall(b"anybody there?")
        with pytest.raises(TimeoutError):
            sock.recv(1)
        assert peer.seen == [b"anybody there?"]
        assert peer.attempts == 1


def test_silent_stays_silent_after_a_half_close():
    with (
        lab.silent() as peer,
        socket.create_connection(peer.address, timeout=0.3) as sock,
    ):
        sock.shutdown(socket.SHUT_WR)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_silent_serves_many_at_once():
    with lab.silent() as peer, contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(socket.create_connection(peer.address, 5))
        assert peer.wait_for(50)
        began = time.monotonic()
        peer.stop()
        assert time.monotonic() - began < 0.3 + 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="the backlog of Linux")
def test_a_full_backlog_lets_no_connect_finish():
    with lab.full_backlog() as peer:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                socket.create_connection(peer.address, timeout=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="the backlog of Linux")
def test_who_waits_for_a_full_backlog_is_refused_when_it_ends():
    with lab.full_backlog() as peer:
        address = peer.address
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)


def test_a_full_backlog_says_where_it_cannot_be(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="not darwin"):
        lab.full_backlog().start()
