"""Peers that do not read, or end one direction only, by bare sockets."""

import socket
import time

import pytest

from netbasics import lab

MUCH = bytes(1_000_000)


def dial(peer):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)
    sock.settimeout(5)
    sock.connect(peer.address)
    return sock


def test_who_never_reads_lets_a_megabyte_stall():
    with lab.never_reads() as peer, dial(peer) as sock:
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.sendall(MUCH)
        assert peer.attempts == 1


def test_a_slow_reader_goes_on_and_is_not_done():
    with lab.reads_slowly() as peer, dial(peer) as sock:
        start, sent = time.monotonic(), 0
        while time.monotonic() < start + 1:
            sent += sock.send(MUCH)  # each within its five seconds
        assert 0 < sent < len(MUCH)


def test_who_hears_out_answers_at_the_end_only():
    with lab.hears_out(bytes.upper) as peer, dial(peer) as sock:
        sock.sendall(b"one")
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(100)
        sock.settimeout(5)
        sock.sendall(b"two")
        sock.shutdown(socket.SHUT_WR)
        assert [sock.recv(100), sock.recv(100)] == [b"ONETWO", b""]


def test_who_speaks_out_listens_after_that():
    with lab.speaks_out(b"hello") as peer, dial(peer) as sock:
        assert [sock.recv(100), sock.recv(100)] == [b"hello", b""]
        sock.sendall(b"still here")
        deadline = time.monotonic() + 5
        while not peer.seen[0] and time.monotonic() < deadline:
            time.sleep(0.001)
        assert peer.seen == [b"still here"]


def test_all_of_them_stop_at_once():
    makers = [lab.never_reads, lab.reads_slowly, lab.hears_out]
    for make in makers:
        with make() as peer, dial(peer) as sock:
            sock.sendall(b"hello")
            start = time.monotonic()
            peer.stop()
            assert time.monotonic() - start < 1
            assert not peer.errors
