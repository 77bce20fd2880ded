"""What all peers share, and the catalogue of faults."""

import contextlib
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from netbasics import lab
from netbasics.lab.catalogue import fault
from netbasics.lab.record import KEPT_IN_ALL, KEPT_OF_ONE, Record, Request

EVERY = pytest.mark.parametrize("entry", lab.faults(), ids=lambda f: f.name)


@EVERY
def test_each_stops_at_once_while_a_client_waits(entry, leaves_nothing):
    with entry.run() as peer:
        kind = socket.SOCK_DGRAM if entry.kind == "udp" else socket.SOCK_STREAM
        with socket.socket(type=kind) as client:
            client.setblocking(False)
            client.connect_ex(peer.address)
            # What matters is that the peer is busy with somebody.
            peer.wait_for(1, timeout=0.1)
            with contextlib.suppress(OSError):
                client.send(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
            peer.wait_for(2, timeout=0.1)
            began = time.monotonic()
            peer.stop()
            assert time.monotonic() - began < 0.3 + 0.5
    peer.stop()


@EVERY
def test_each_says_what_it_stands_for_and_what_the_caller_sees(entry):
    text = entry.make.__doc__
    assert entry.summary.endswith((".", ":")), entry.summary
    assert entry.make.__name__ in lab.__all__
    assert "The caller sees:" in text
    assert entry.because
    assert entry.should in ("fail", "succeed")


def test_the_page_lists_each_fault_and_its_verdict():
    page = Path(__file__).parent.parent / "docs" / "lab.md"
    rows = re.findall(
        r"^\| `(\w+)` \| .* \| (fail|succeed): (.*) \|$",
        page.read_text("utf-8"),
        re.M,
    )
    assert sorted(rows) == sorted(
        (f.name, f.should, f.because) for f in lab.faults()
    )


def test_the_port_is_free_again_after_the_end():
    with lab.silent() as peer:
        host, port = peer.address
    with socket.create_server((host, port)):
        pass


def test_a_peer_has_no_address_before_it_starts():
    peer = lab.silent()
    assert repr(peer) == "<lab.silent, not started>"
    with pytest.raises(RuntimeError, match="with-block"):
        _ = peer.address


def test_starting_twice_is_one_start():
    peer = lab.silent().start()
    try:
        address = peer.address
        assert peer.start().address == address
        assert peer.url == f"http://127.0.0.1:{peer.port}"
        assert peer.host == "127.0.0.1"
        assert repr(peer) == f"<lab.silent {peer.url}, running, 0 seen>"
    finally:
        peer.stop()
    assert peer.address == address
    assert "stopped" in repr(peer)


def test_a_peer_can_be_started_again():
    peer = lab.silent()
    for count in (1, 2):
        with peer, socket.create_connection(peer.address, timeout=5):
            assert peer.wait_for(count)


def test_a_request_is_written_down_as_it_came():
    with (
        lab.slow(0) as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        raw = b"PoST /a?b=c HTTP/1.1\r\nX-Two: 1\r\nx-two:2\r\n"
        raw += b"Content-Length: 3\r\n\r\nabc"
        for position in range(len(raw)):
            sock.sendall(raw[position : position + 1])
        while sock.recv(4096):
            pass
        (request,) = peer.requests
    assert peer.seen == [raw]
    assert (request.method, request.target) == ("PoST", "/a?b=c")
    assert request.headers[:2] == [("X-Two", "1"), ("x-two", "2")]
    assert request.header("X-TWO") == "1"
    assert request.body == b"abc"
    assert request.connection == 1
    assert request.at > 0


def test_a_chunked_request_body_is_read_to_its_end():
    with (
        lab.slow(0) as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        sock.sendall(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        sock.sendall(b"3\r\nabc\r\n")
        sock.sendall(b"0\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.1 200")
    assert peer.requests[0].body == b"3\r\nabc\r\n0\r\n\r\n"


def test_a_client_that_waits_for_100_continue_gets_it():
    with (
        lab.slow(0) as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        sock.sendall(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\n")
        sock.sendall(b"Content-Length: 2\r\n\r\n")
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"ok")
        assert sock.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_client_that_leaves_is_no_error():
    with lab.slow(0) as peer:
        for part in (b"", b"GET / HT"):
            with socket.create_connection(peer.address, timeout=5) as sock:
                sock.sendall(part)
        assert peer.wait_for(2)
    assert peer.requests == []
    assert peer.errors == []


def test_a_mistake_in_a_script_is_kept():
    def script(visit):
        raise KeyError("a mistake")

    with (
        lab.TCPPeer("wrong", script) as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        assert sock.recv(1) == b""
    (error,) = peer.errors
    assert isinstance(error, KeyError)


def test_a_record_keeps_so_much_of_each_and_goes_on_counting():
    record = Record()
    first = record.attempt()
    for _ in range(3):
        record.received(first, b"x" * (KEPT_OF_ONE - 1))
    record.attempt(b"y" * (KEPT_OF_ONE + 1))
    assert [len(data) for data in record.seen] == [KEPT_OF_ONE] * 2
    assert record.attempts == 2


def test_a_record_keeps_so_much_in_all_and_goes_on_counting():
    record = Record()
    for _ in range(10):
        record.attempt(b"x" * KEPT_OF_ONE)
        record.request(Request("PUT", "/", body=b"y" * KEPT_OF_ONE))
    kept = sum(map(len, record.seen))
    kept += sum(len(request.body) for request in record.requests)
    assert kept == KEPT_IN_ALL
    assert record.attempts == len(record.requests) == 10


def test_a_record_counts_what_many_threads_write():
    record = Record()

    def write():
        for _ in range(500):
            record.received(record.attempt(), b"x")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert record.attempts == 4000
    assert record.seen == [b"x"] * 4000


def test_waiting_for_an_attempt_that_does_not_come_ends():
    assert Record().wait_for(1, timeout=0.01) is False


def test_bytes_of_all_connections_are_waited_for():
    record = Record()
    first, second = record.attempt(), record.attempt()
    record.received(first, b"abc")
    assert record.wait_for_bytes(4, timeout=0.01) is False
    late = threading.Timer(0.05, record.received, (second, b"d"))
    late.start()
    assert record.wait_for_bytes(4)
    late.join()


def test_find_takes_hyphens_and_names_what_there_is():
    assert lab.find("cut-off").name == "cut_off"
    with pytest.raises(KeyError, match=r"'nonsense'; there are .*silent"):
        lab.find("nonsense")


def test_two_faults_cannot_have_one_name():
    with pytest.raises(ValueError, match="two faults are named 'silent'"):
        fault("tcp", should="fail", because="it is there")(lab.silent)
