import io
import math
import socket
import time

import pytest

from netbasics.errors import DeadlineExceeded
from netbasics.servers import streams
from netbasics.servers.connections import Connection
from netbasics.servers.streams import Incoming, Outgoing


@pytest.fixture
def link(pair):
    _, server = pair
    return Connection(server, ("127.0.0.1", 1))


@pytest.fixture
def outgoing(link):
    out = Outgoing(link, 5.0)
    out.begin()
    return out


def arrived(sock):
    """What has come so far; nothing is waited for."""
    sock.setblocking(False)
    try:
        return sock.recv(65536)
    except BlockingIOError:
        return b""


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def test_headers_and_body_are_one_write(pair, link, outgoing, monkeypatch):
    client, _ = pair
    outgoing.hold(HEAD)
    assert arrived(client) == b""
    assert not outgoing.started
    outgoing.write(b"hello")
    assert arrived(client) == HEAD + b"hello"
    assert outgoing.started


def test_further_pieces_go_out_as_they_come(pair, outgoing):
    client, _ = pair
    outgoing.write(b"one")
    assert arrived(client) == b"one"
    outgoing.write(memoryview(b"two"))
    assert arrived(client) == b"two"


def test_flush_sends_headers_without_a_body(pair, outgoing):
    client, _ = pair
    outgoing.hold(HEAD)
    outgoing.flush()
    outgoing.flush()
    assert arrived(client) == HEAD


def test_the_headers_of_an_event_stream_do_not_wait(pair, link, outgoing):
    client, _ = pair
    head = b"HTTP/1.0 200 OK\r\nContent-type: text/event-stream\r\n\r\n"
    outgoing.hold(head)
    assert arrived(client) == head
    assert link.patience == 0


def test_what_is_held_is_sent_before_input_is_waited_for(pair, link, outgoing):
    client, _ = pair
    reader = io.BufferedReader(Incoming(link, outgoing, 5.0))
    outgoing.hold(b"HTTP/1.1 100 Continue\r\n\r\n")
    client.sendall(b"body")
    assert reader.read(4) == b"body"
    assert arrived(client).startswith(b"HTTP/1.1 100")


def test_a_dropped_head_is_never_sent(pair, outgoing):
    client, _ = pair
    outgoing.hold(HEAD)
    outgoing.drop()
    outgoing.write(b"other")
    assert arrived(client) == b"other"


def test_stop_waits_for_what_has_an_end(link, outgoing):
    assert link.patience == math.inf
    outgoing.hold(HEAD)
    outgoing.write(b"hel")
    assert link.patience == math.inf
    outgoing.begin()
    outgoing.hold(b"HTTP/1.0 200 OK\r\n\r\n")
    assert link.patience == math.inf  # nothing is on its way yet
    outgoing.write(b"part")
    assert link.patience == streams.STREAM_PATIENCE
    outgoing.begin()
    assert link.patience == math.inf


def test_a_client_that_dribbles_headers_runs_out_of_time(
    pair, link, outgoing, monkeypatch
):
    # Each byte comes in time; all of them together do not.
    client, _ = pair
    monkeypatch.setattr(streams, "HEADERS", 0.2)
    incoming = Incoming(link, outgoing, 5.0)
    incoming.await_request()

    def dribble():
        for _ in range(1000):
            client.sendall(b"x")
            incoming.readinto(bytearray(1))
            time.sleep(0.01)

    with pytest.raises(DeadlineExceeded, match=r"0\.2 s"):
        dribble()
    assert incoming.broken


def test_the_first_byte_may_take_its_time(pair, link, outgoing, monkeypatch):
    monkeypatch.setattr(streams, "HEADERS", 0.0)
    client, _ = pair
    incoming = Incoming(link, outgoing, 5.0)
    incoming.await_request()
    client.sendall(b"x")
    assert incoming.readinto(bytearray(10)) == 1
    with pytest.raises(DeadlineExceeded):
        incoming.readinto(bytearray(10))


def test_an_idle_client_is_given_up(link, outgoing):
    incoming = Incoming(link, outgoing, 0.05)
    incoming.await_request()
    with pytest.raises(TimeoutError):
        incoming.readinto(bytearray(10))


def test_tell_is_what_was_consumed_not_what_was_received(pair, link, outgoing):
    client, _ = pair
    incoming = Incoming(link, outgoing, 5.0)
    reader = io.BufferedReader(incoming)
    client.sendall(b"GET / HTTP/1.1\r\nrest")
    assert reader.readline() == b"GET / HTTP/1.1\r\n"
    assert reader.tell() == 16
    assert incoming.tell() == 20


def test_the_end_is_seen(pair, link, outgoing):
    client, _ = pair
    incoming = Incoming(link, outgoing, 5.0)
    client.shutdown(socket.SHUT_WR)
    assert incoming.readinto(bytearray(10)) == 0
    assert incoming.ended
    assert not incoming.broken


def test_a_client_that_does_not_read_is_given_up(pair, link):
    out = Outgoing(link, 0.1)
    out.begin()
    with pytest.raises(TimeoutError):
        out.write(b"x" * 50_000_000)
    assert out.broken
