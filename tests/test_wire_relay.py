"""A tap changes no byte and no ending: by bare sockets, both sides in view."""

import hashlib
import os
import socket
import struct
import subprocess
import threading
import time

import pytest
import requests
from course_help import python

from netbasics import lab, servers, sockets, wire
from netbasics.errors import UnsafeURL

RESET = struct.pack("ii", 1, 0)


@pytest.fixture
def through():
    """(client, server, tap): two sockets with a tap between them."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        wire.tap(listener.getsockname()) as tap,
        socket.create_connection(tap.address, timeout=10) as client,
    ):
        listener.settimeout(10)
        server, _ = listener.accept()
        server.settimeout(10)
        with server:
            yield client, server, tap


def abort(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def kinds(tap):
    return [(e.kind, e.direction) for e in tap.transcript]


@pytest.mark.parametrize("swap", [False, True], ids=["client", "server"])
def test_a_half_close_arrives_as_one_and_answers_still_pass(through, swap):
    first, second, tap = through
    if swap:
        first, second = second, first
    first.sendall(b"question")
    first.shutdown(socket.SHUT_WR)
    assert sockets.Reader(second).rest() == b"question"
    for piece in (b"one", b"two"):
        second.sendall(piece)
        assert sockets.recv_exactly(first, 3) == piece
    second.close()
    assert first.recv(1) == b""
    assert tap.wait()
    there, back = wire.TO_SERVER, wire.TO_CLIENT
    if swap:
        there, back = back, there
    found = kinds(tap)
    assert ("half-close", there) in found
    assert found[-1] == ("close", back)
    assert not tap.errors


@pytest.mark.parametrize("swap", [False, True], ids=["client", "server"])
def test_a_reset_arrives_as_one_after_what_came_before(through, swap):
    first, second, tap = through
    if swap:
        first, second = second, first
    first.sendall(b"last words")
    assert sockets.recv_exactly(second, 10) == b"last words"
    abort(first)
    with pytest.raises(ConnectionResetError):
        second.recv(10)
    assert tap.wait()
    way = wire.TO_CLIENT if swap else wire.TO_SERVER
    assert kinds(tap)[-1] == ("reset", way)
    assert ("half-close", way) not in kinds(tap)


@pytest.mark.parametrize("swap", [False, True], ids=["client", "server"])
def test_a_reset_after_a_half_close_arrives_while_nobody_sends(through, swap):
    first, second, tap = through
    if swap:
        first, second = second, first
    first.shutdown(socket.SHUT_WR)
    assert second.recv(10) == b""
    abort(first)
    assert tap.wait()
    # The peer's own socket knows of it before it sends anything.
    number = second.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    assert number in (104, 54, 32)  # reset, on Linux and macOS; broken pipe
    assert [kind for kind, _ in kinds(tap)] == [
        "connect",
        "half-close",
        "reset",
    ]


@pytest.mark.parametrize("swap", [False, True], ids=["client", "server"])
def test_a_reset_arrives_at_a_peer_that_has_half_closed(through, swap):
    first, second, tap = through
    if swap:
        first, second = second, first
    first.shutdown(socket.SHUT_WR)
    assert second.recv(10) == b""
    second.sendall(b"half an ans")
    assert sockets.recv_exactly(first, 11) == b"half an ans"
    start = time.monotonic()
    abort(second)
    with pytest.raises(ConnectionResetError):
        first.recv(10)
    assert time.monotonic() - start < 2
    assert tap.wait()


def test_closing_with_unread_input_is_the_reset_that_it_is_without(through):
    client, server, tap = through
    client.sendall(b"nobody reads this")
    until(lambda: tap.transcript.data(wire.TO_SERVER))
    select_readable(server)
    server.close()
    with pytest.raises(ConnectionResetError):
        client.recv(10)


def select_readable(sock):
    assert sock.recv(1, socket.MSG_PEEK)


def test_an_answer_before_a_reset_is_not_lost():
    """An early refusal: the server answers, and closes with unread input."""

    def refuse(sock, peer):
        sockets.recv_exactly(sock, 1000)
        sock.sendall(b"no, thank you")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        sock.close()

    with (
        servers.TCPServer(refuse) as server,
        wire.tap(server.address) as tap,
        sockets.connect(tap.address) as client,
    ):
        client.sendall(bytes(1000))
        assert sockets.recv_exactly(client, 13) == b"no, thank you"
        with pytest.raises(ConnectionResetError):
            client.recv(10)


def test_a_reset_reaches_a_peer_that_does_not_read_but_sends(through):
    client, server, tap = through
    client.settimeout(20)
    errors = []
    # The client fills the server's buffers and never reads.
    thread = threading.Thread(target=fill, args=(client, errors))
    thread.start()
    until(lambda: tap.transcript.flows[0].to_server > 100_000)
    abort(server)
    thread.join(20)
    assert [type(e) for e in errors] in (
        [ConnectionResetError],
        [BrokenPipeError],
    )
    assert tap.wait(timeout=10)


def test_a_reset_reaches_a_peer_while_both_send_and_nobody_reads(through):
    client, server, tap = through
    client.settimeout(20)
    server.settimeout(0.5)
    errors = []
    thread = threading.Thread(target=fill, args=(client, errors))
    thread.start()
    full = []
    fill(server, full)
    assert isinstance(full[0], TimeoutError)
    abort(server)
    thread.join(20)
    assert [type(e) for e in errors] in (
        [ConnectionResetError],
        [BrokenPipeError],
    )
    assert tap.wait(timeout=10)


def fill(sock, errors):
    """Send until it fails."""
    try:
        while True:
            sock.sendall(bytes(65536))
    except OSError as error:
        errors.append(error)


def test_a_dead_target_connects_then_resets_and_says_so():
    with lab.refused() as peer, wire.tap(peer.address) as tap:
        with (
            sockets.connect(tap.address) as client,
            pytest.raises(ConnectionResetError),
        ):
            client.recv(10)
        assert tap.wait()
        connect, reset = tap.transcript
    assert (connect.kind, reset.kind) == ("connect", "reset")
    assert "no connection to the target" in reset.note
    assert "nothing listens there" in reset.note
    assert "reset (RST) from the tap" in tap.diagram()


def test_100_mib_both_ways_at_once_are_equal_and_memory_stays_in_the_cap():
    code = f"""
import hashlib, os, resource, socket, threading
from netbasics import sockets, wire
MB, BLOCK = 100, os.urandom(2**20)
listener = socket.create_server(("127.0.0.1", 0))
tap = wire.tap(listener.getsockname(), limit={8 * 2**20}).start()
client = sockets.connect(tap.address, timeout=50)
server, _ = listener.accept()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def send(sock, result):
    digest = hashlib.sha256()
    for number in range(MB):
        piece = number.to_bytes(4) + BLOCK[4:]
        digest.update(piece)
        sock.sendall(piece)
    sock.shutdown(socket.SHUT_WR)
    result.append(digest.hexdigest())
def receive(sock, result):
    digest, total, buffer = hashlib.sha256(), 0, memoryview(bytearray(2**18))
    while count := sock.recv_into(buffer):
        digest.update(buffer[:count])
        total += count
    result.append((total, digest.hexdigest()))
results = [[], [], [], []]
threads = [threading.Thread(target=f, args=(s, r)) for f, s, r in zip(
    (send, receive, send, receive), (client, server, server, client), results)]
for t in threads: t.start()
for t in threads: t.join()
assert tap.wait()
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
t = tap.transcript
tap.stop()
kept = sum(len(e.data) + 256 for e in t)
flow = t.flows[0]
print(results[0][0] == results[1][0][1], results[2][0] == results[3][0][1],
      results[1][0][0] == results[3][0][0] == flow.to_server
      == flow.to_client == MB * 2**20, kept, grown, t.missed.bytes
      + sum(len(e.data) for e in t) == 2 * MB * 2**20, t.complete)
client.close(); server.close(); listener.close()
"""
    done = subprocess.run(
        python("-c", code), capture_output=True, text=True, timeout=55
    )
    assert done.returncode == 0, done.stderr
    sent, received, sizes, kept, grown, counted, complete = done.stdout.split()
    assert (sent, received, sizes, counted) == ("True",) * 4
    assert complete == "False"
    assert int(kept) <= 8 * 2**20 + 10 * 256
    # Room for the four buffers and what the allocator keeps.
    assert int(grown) < (8 + 16) * 2**20


def test_200_small_requests_take_less_than_three_times_as_long():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def seconds(url):
        with requests.Session() as session:
            session.trust_env = False
            session.get(url)
            start = time.perf_counter()
            for _ in range(200):
                assert session.get(url).content == b"ok"
            return time.perf_counter() - start

    with servers.serve(app) as server, wire.tap(server) as tap:
        plain = min(seconds(server.url) for _ in range(2))
        tapped = min(seconds(tap.url) for _ in range(2))
        assert len(tap.transcript.flows) == 2
    assert tapped < 3 * plain
    assert tapped < 200 * 0.03, "each request waited for a delayed ACK"


def test_many_clients_at_once(leaves_nothing):
    with servers.EchoServer() as server, wire.tap(server) as tap:
        answers = {}

        def ask(number):
            question = f"{number}".encode() * 1000
            answers[number] = sockets.ask(tap.address, question) == question

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 100
        assert all(answers.values())
        assert tap.wait(connections=100)
        transcript = tap.transcript
    for flow in transcript.flows:
        there = transcript.data(wire.TO_SERVER, flow.number)
        assert transcript.data(wire.TO_CLIENT, flow.number) == there
        assert there


def test_stop_cuts_what_is_open_quickly_and_leaves_nothing(leaves_nothing):
    with servers.EchoServer() as server:
        tap = wire.tap(server).start()
        client = sockets.connect(tap.address)
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        start = time.monotonic()
        tap.stop()
        assert time.monotonic() - start < 0.3 + 0.5
        assert client.recv(1) == b""
        client.close()
        tap.stop()
        with pytest.raises(ConnectionRefusedError):
            sockets.connect(tap.address)
        assert tap.transcript[-1].note.startswith("the tap was stopped")
        assert not tap.stuck


def test_stop_resets_what_could_not_be_delivered(leaves_nothing):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tap = wire.tap(listener.getsockname()).start()
        with sockets.connect(tap.address, timeout=0.5) as client:
            server, _ = listener.accept()
            errors = []
            fill(client, errors)  # until all buffers are full
            assert isinstance(errors[0], TimeoutError)
            tap.stop()
            with server, pytest.raises(ConnectionResetError):
                sockets.Reader(server).rest(2**30)


def test_what_a_client_did_before_the_stop_is_in_the_record():
    for _ in range(20):
        with servers.EchoServer() as server, wire.tap(server) as tap:
            client = sockets.connect(tap.address)
            client.sendall(b"goodbye")
            client.close()
        assert tap.transcript.data(wire.TO_SERVER) == b"goodbye"
        # A reset, if the echo was there already and nobody had read it.
        ends = {("half-close", wire.TO_SERVER), ("reset", wire.TO_SERVER)}
        assert ends & set(kinds(tap))


def test_it_can_be_started_again_with_a_new_record():
    with servers.EchoServer() as server:
        tap = wire.tap(server)
        assert "not started" in repr(tap)
        assert str(tap) == repr(tap)
        for text in (b"one", b"two"):
            with tap:
                assert sockets.ask(tap.address, text) == text
            assert tap.transcript.data(wire.TO_CLIENT) == text


@pytest.mark.parametrize(
    "spelled",
    [
        lambda s: s,
        lambda s: s.address,
        lambda s: f"127.0.0.1:{s.port}",
        lambda s: f"localhost:{s.port}",
        lambda s: f"http://127.0.0.1:{s.port}/path",
    ],
)
def test_a_target_can_be_spelled_in_several_ways(spelled):
    with servers.EchoServer() as server, wire.tap(spelled(server)) as tap:
        assert sockets.ask(tap.address, b"hi") == b"hi"
        assert tap.url.endswith(f":{tap.port}")


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("127.0.0.1", ValueError),
        ("no port:", ValueError),
        (("127.0.0.1", 70000), ValueError),
        (("127.0.0.1", "http"), TypeError),
        (42, TypeError),
        ("", ValueError),
    ],
)
def test_a_target_that_is_none_is_refused_at_once(target, error):
    with pytest.raises(error):
        wire.tap(target)


def test_another_machine_must_be_asked_for():
    tap = wire.tap(("192.0.2.1", 80))
    with pytest.raises(UnsafeURL, match="remote=True"):
        tap.start()
    with wire.tap(("192.0.2.1", 80), remote=True, timeout=0.1) as tap:
        assert tap.host == "127.0.0.1"


def test_a_listener_that_fails_ends_its_connection_only():
    def listen(event):
        if event.data == b"bad":
            raise KeyError("a fault of the listener")

    with (
        servers.EchoServer() as server,
        wire.tap(server, on_event=listen) as tap,
    ):
        with sockets.connect(tap.address) as client:
            client.sendall(b"bad")
            with pytest.raises(ConnectionResetError):
                client.recv(10)
        assert sockets.ask(tap.address, b"good") == b"good"
        assert any(isinstance(e, KeyError) for e in tap.errors)


@pytest.mark.parametrize("kind", ["half-close", "close"])
def test_a_listener_that_fails_at_the_end_leaves_nobody_waiting(kind):
    def listen(event):
        if event.kind == kind:
            raise KeyError("a fault of the listener")

    with (
        servers.EchoServer() as server,
        wire.tap(server, on_event=listen) as tap,
    ):
        with pytest.raises(ConnectionResetError):
            sockets.ask(tap.address, b"hello", timeout=10)
        assert tap.wait()


def test_ipv6_targets_and_addresses():
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        server = servers.EchoServer(host="::1").start()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with server, wire.tap(server, host="::1") as tap:
        assert sockets.ask(tap.address, b"six") == b"six"
        assert "[::1]:" in tap.diagram()


def test_random_pieces_arrive_as_one_stream(through):
    client, server, tap = through
    data = os.urandom(300_000)
    thread = threading.Thread(target=lambda: send_pieces(client, data))
    thread.start()
    got = sockets.recv_exactly(server, len(data))
    thread.join()
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()
    assert tap.transcript.data(wire.TO_SERVER) == data


def send_pieces(sock, data):
    at, size = 0, 1
    while at < len(data):
        sock.sendall(data[at : at + size])
        at += size
        size = size * 7 % 5003 + 1


def test_without_poll_bytes_and_endings_still_pass(monkeypatch):
    monkeypatch.setattr("netbasics.wire.polling.POLL", None)
    with servers.EchoServer() as server, wire.tap(server) as tap:
        assert sockets.ask(tap.address, b"hello" * 50_000) == b"hello" * 50_000
        assert tap.wait()
        assert tap.transcript[-1].kind == "close"
        with sockets.connect(tap.address) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            tap.stop()
            assert client.recv(1) == b""
