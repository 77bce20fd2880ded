"""Whole exchanges: one TCP request, one UDP question."""

import contextlib
import errno
import socket
import struct
import threading
import time

import pytest

from netbasics import sockets
from netbasics.deadlines import Deadline
from netbasics.errors import (
    ConnectionClosed,
    DeadlineExceeded,
    LimitExceeded,
)


@contextlib.contextmanager
def serving(handler):
    """Run `handler(sock)` for one connection; yield the address.

    A handler whose peer goes away may fail; that is the peer's doing here.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def serve():
            with contextlib.suppress(OSError):
                sock, _ = listener.accept()
                with sock:
                    sock.settimeout(20)
                    handler(sock)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            thread.join(25)
            assert not thread.is_alive()


def echo(sock):
    """Send back each piece before the next one is read."""
    while data := sock.recv(65536):
        sock.sendall(data)


def read_all(sock) -> bytes:
    pieces = []
    while data := sock.recv(65536):
        pieces.append(data)
    return b"".join(pieces)


def reset(sock):
    """Close with a reset instead of an orderly end."""
    linger = struct.pack("ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


# TCP


def test_one_request_and_the_whole_reply():
    with serving(echo) as address:
        assert sockets.ask(address, b"hi") == b"hi"


def test_a_large_request_to_a_peer_that_answers_while_it_reads():
    data = bytes(range(256)) * 4096 * 10  # 10 MiB
    with serving(echo) as address:
        assert sockets.ask(address, data, timeout=30) == data


def test_a_peer_that_speaks_first_needs_no_request():
    with serving(lambda sock: sock.sendall(b"hello\n")) as address:
        assert sockets.ask(address, b"") == b"hello\n"


def test_a_reply_of_one_byte_at_a_time():
    def drip(sock):
        read_all(sock)
        for byte in b"slowly":
            sock.sendall(bytes([byte]))
            time.sleep(0.005)

    with serving(drip) as address:
        assert sockets.ask(address, b"go") == b"slowly"


def test_half_close_is_a_choice():
    def see(sock):
        sock.sendall(b"bytes: " + sock.recv(100))
        sock.settimeout(0.2)
        try:
            sock.sendall(b", end" if sock.recv(1) == b"" else b", more")
        except TimeoutError:
            sock.sendall(b", open")

    with serving(see) as address:
        assert sockets.ask(address, b"x") == b"bytes: x, end"
    with serving(see) as address:
        reply = sockets.ask(address, b"x", half_close=False)
        assert reply == b"bytes: x, open"


@pytest.mark.parametrize(
    "data", [b"abc", bytearray(b"abc"), memoryview(b"abc")]
)
def test_any_bytes_will_do(data):
    with serving(echo) as address:
        assert sockets.ask(address, data) == b"abc"


def test_text_is_refused_before_anything_is_sent():
    with pytest.raises(TypeError, match=r"text\.encode\(\)"):
        sockets.ask(("127.0.0.1", 1), "text")
    with pytest.raises(TypeError, match=r"text\.encode\(\)"):
        sockets.ask_udp(("127.0.0.1", 1), "text")


def test_a_reply_over_the_limit_is_refused():
    with (
        serving(lambda sock: sock.sendall(b"x" * 101)) as address,
        pytest.raises(LimitExceeded, match="limit of 100 bytes"),
    ):
        sockets.ask(address, b"", limit=100)
    with serving(lambda sock: sock.sendall(b"x" * 100)) as address:
        assert len(sockets.ask(address, b"", limit=100)) == 100


def test_an_endless_reply_ends_at_the_limit():
    def endless(sock):
        while True:
            sock.sendall(bytes(65536))

    with serving(endless) as address, pytest.raises(LimitExceeded):
        sockets.ask(address, b"", limit=10**6)


def test_a_peer_that_never_ends_is_given_up_in_time():
    over = threading.Event()

    def silent(sock):
        sock.sendall(b"abc")
        over.wait(20)

    with serving(silent) as address:
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded, match="3 bytes so far"):
            sockets.ask(address, b"hi", timeout=0.5)
        assert time.monotonic() - start < 1.0
        over.set()


def test_a_dripping_peer_is_given_up_in_time():
    def drip(sock):
        while True:
            sock.sendall(b"x")
            time.sleep(0.01)

    with serving(drip) as address:
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            sockets.ask(address, b"hi", timeout=Deadline(0.2))
        assert time.monotonic() - start < 0.7


def test_a_peer_that_never_reads_is_given_up_in_time():
    over = threading.Event()
    with serving(lambda sock: over.wait(20)) as address:
        with pytest.raises(DeadlineExceeded, match="bytes to go"):
            sockets.ask(address, bytes(20 * 2**20), timeout=0.3)
        over.set()


def test_a_wait_costs_no_processor_time():
    over = threading.Event()

    def silent(sock):
        sock.recv(10)
        over.wait(20)

    with serving(silent) as address:
        start = time.thread_time()
        with pytest.raises(DeadlineExceeded):
            sockets.ask(address, b"hi", timeout=0.5, half_close=False)
        assert time.thread_time() - start < 0.2
        over.set()


def test_a_whole_reply_to_a_request_that_was_not_read_to_its_end():
    # It reads some, answers, ends its direction, and reads no more.
    over = threading.Event()

    def early(sock):
        sock.recv(10)
        sock.sendall(b"too large")
        sock.shutdown(socket.SHUT_WR)
        over.wait(20)

    with serving(early) as address:
        reply = sockets.ask(address, bytes(20 * 2**20), timeout=10)
        assert reply == b"too large"
        over.set()


def test_a_peer_that_ends_without_a_word_is_no_empty_reply():
    over = threading.Event()

    def mute(sock):
        sock.recv(10)
        sock.shutdown(socket.SHUT_WR)
        over.wait(20)

    with serving(mute) as address:
        with pytest.raises(ConnectionClosed, match="bytes unsent"):
            sockets.ask(address, bytes(20 * 2**20), timeout=10)
        over.set()
    with serving(lambda sock: read_all(sock)) as address:
        assert sockets.ask(address, b"all taken") == b""


def test_a_reset_is_told_with_both_numbers():
    def rude(sock):
        sock.sendall(b"abc")
        sock.recv(10)
        reset(sock)

    with (
        serving(rude) as address,
        pytest.raises(
            ConnectionResetError, match="broke the connection off"
        ) as caught,
    ):
        sockets.ask(address, bytes(20 * 2**20), timeout=10)
    assert caught.value.errno == errno.ECONNRESET


def test_nobody_there_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError, match="nothing listens"):
            sockets.ask(taken.getsockname(), b"hi")


# UDP


@contextlib.contextmanager
def answering(*actions):
    """Run an action for each datagram that comes; yield address and log.

    An action gets (sock, data, peer). More datagrams are only noted.
    """
    log = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.02)
        over = threading.Event()

        def serve():
            todo = list(actions)
            while True:
                try:
                    data, peer = sock.recvfrom(65535)
                except TimeoutError:
                    if over.is_set():  # and nothing has come that is unread
                        return
                    continue
                log.append((data, peer))
                if todo:
                    todo.pop(0)(sock, data, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield sock.getsockname(), log
        finally:
            over.set()
            thread.join()


def answer(sock, data, peer):
    sock.sendto(b"re: " + data, peer)


def nothing(sock, data, peer):
    pass


def test_a_question_and_its_answer():
    with answering(answer) as (address, log):
        assert sockets.ask_udp(address, b"hi", timeout=10) == b"re: hi"
    assert [data for data, _ in log] == [b"hi"]


def test_empty_is_a_question_and_an_answer():
    with answering(lambda sock, data, peer: sock.sendto(data, peer)) as (
        address,
        log,
    ):
        assert sockets.ask_udp(address, b"", timeout=10) == b""
    assert log[0][0] == b""


def test_a_large_answer_keeps_its_end():
    data = bytes(range(256)) * 255
    with answering(lambda sock, data, peer: sock.sendto(data, peer)) as (
        address,
        _,
    ):
        assert sockets.ask_udp(address, data, timeout=10) == data


def test_a_lost_datagram_is_sent_again():
    with answering(nothing, nothing, answer) as (address, log):
        reply = sockets.ask_udp(address, b"hi", timeout=0.2, tries=50)
    assert reply == b"re: hi"
    assert len(log) >= 3
    assert {data for data, _ in log} == {b"hi"}
    assert len({peer for _, peer in log}) == 1


def test_silence_ends_after_all_tries():
    with answering() as (address, log):
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded, match="2 datagrams were sent"):
            sockets.ask_udp(address, b"hi", timeout=0.1, tries=2)
        assert time.monotonic() - start < 0.7
    assert len(log) == 2


def test_a_stranger_is_not_listened_to():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))

        def forge_first(sock, data, peer):
            for _ in range(5):
                stranger.sendto(b"forged", peer)
            answer(sock, data, peer)

        with answering(forge_first) as (address, _):
            reply = sockets.ask_udp(address, b"hi", timeout=10)
    assert reply == b"re: hi"


def test_a_stranger_does_not_prolong_the_wait():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        over = threading.Event()

        def keep_talking(sock, data, peer):
            while not over.wait(0.01):
                stranger.sendto(b"forged", peer)

        with answering(keep_talking) as (address, _):
            start = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                sockets.ask_udp(address, b"hi", timeout=0.2, tries=1)
            assert time.monotonic() - start < 0.7
            over.set()


def test_an_answer_to_an_earlier_call_goes_elsewhere():
    late = []

    def answer_later(sock, data, peer):
        late.append(peer)

    def answer_both(sock, data, peer):
        sock.sendto(b"stale", late[0])
        answer(sock, data, peer)

    with answering(answer_later, answer_both) as (address, _):
        with pytest.raises(DeadlineExceeded):
            sockets.ask_udp(address, b"one", timeout=0.1, tries=1)
        assert sockets.ask_udp(address, b"two", timeout=10) == b"re: two"


@pytest.fixture
def nobody():
    """An address where nobody listens, and nobody else will meanwhile.

    A socket that is connected, here to itself, holds its port and hears
    nobody else; to others, nothing listens there.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.connect(sock.getsockname())
        yield sock.getsockname()


def test_nobody_there_is_told_at_once(nobody):
    start = time.monotonic()
    with pytest.raises(ConnectionRefusedError, match="is it UDP") as caught:
        sockets.ask_udp(nobody, b"hi", timeout=5)
    assert caught.value.errno == errno.ECONNREFUSED
    assert time.monotonic() - start < 2


def test_a_name_with_two_addresses_is_asked_at_both(nobody, monkeypatch):
    with answering(answer) as (address, _):
        found = [
            (socket.AF_INET, socket.SOCK_DGRAM, 0, "", nobody),
            (socket.AF_INET, socket.SOCK_DGRAM, 0, "", address),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
        reply = sockets.ask_udp(("two.example", 53), b"hi", timeout=10)
    assert reply == b"re: hi"


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"tries": 0}, "1 or more"),
        ({"timeout": 0}, "more than 0 s"),
        ({"timeout": float("nan")}, "more than 0 s"),
        ({"data": bytes(65508)}, "65508 bytes, the limit is 65507"),
        ({"address": ("127.0.0.1", 65536)}, "port 65536"),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong, hint):
    call = {"address": ("127.0.0.1", 9), "data": b"hi", **wrong}
    with pytest.raises(ValueError, match=hint):
        sockets.ask_udp(call.pop("address"), call.pop("data"), **call)
