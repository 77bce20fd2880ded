"""Sites, paces and poor lines, shown by bare sockets."""

import socket
import time

import pytest

from netbasics import lab


def ask(address, target="/", headers=""):
    """The status, the headers and the body."""
    with socket.create_connection(address, timeout=5) as sock:
        request = f"GET {target} HTTP/1.1\r\nHost: lab\r\n{headers}\r\n"
        sock.sendall(request.encode())
        raw = b""
        while data := sock.recv(65_536):
            raw += data
    if not raw:
        return 0, {}, b""
    start, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = start.decode().split("\r\n")
    return int(status.split()[1]), dict(x.split(": ") for x in lines), body


def test_an_origin_answers_each_path_with_what_was_put_there():
    with lab.origin() as site:
        site.put("/a", b"A", status=201, headers=[("X-Test", "1")])
        site.redirect("/b", "/a", 307)
        assert ask(site.address, "/a")[0] == 201
        assert ask(site.address, "/a")[1]["X-Test"] == "1"
        assert ask(site.address, "/a")[2] == b"A"
        assert ask(site.address, "/b")[:1] == (307,)
        assert ask(site.address, "/b")[1]["Location"] == "/a"
        assert ask(site.address, "/c")[0] == 404
        assert not site.errors


def test_several_answers_for_a_path_come_in_turn_and_the_last_one_stays():
    with lab.origin() as site:
        site.put("/", b"one")
        site.lose("/")
        site.put("/", b"two", status=503)
        got = [ask(site.address) for _ in range(4)]
        assert [status for status, _, _ in got] == [200, 0, 503, 503]
        assert [body for _, _, body in got] == [b"one", b"", b"two", b"two"]
        assert len(site.requests) == 4


def test_an_origin_can_send_its_answers_byte_by_byte():
    with lab.origin(size=1) as site:
        site.put("/", b"hello")
        with socket.create_connection(site.address, timeout=5) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            pieces = list(iter(lambda: sock.recv(100), b""))
        assert {len(piece) for piece in pieces} == {1}
        assert b"".join(pieces).endswith(b"\r\n\r\nhello")


def test_paced_pieces_come_one_after_the_other_and_may_be_held():
    with (
        lab.paced([b"a", b"b"], 0.1, then="hold") as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
    ):
        began = time.monotonic()
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sock.recv(100) == b"a"
        assert sock.recv(100) == b"b"
        assert 0.2 <= time.monotonic() - began < 0.7
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(100)


def test_a_shaky_file_is_cut_and_resumed():
    parts = [lab.Part(b"0123456789", 4), lab.Part(b"0123456789")]
    with lab.shaky_file(parts) as peer:
        status, headers, body = ask(peer.address)
        assert (status, headers["Content-Length"], body) == (200, "10", b"0123")
        rest = f"Range: bytes=4-\r\nIf-Range: {headers['ETag']}\r\n"
        status, headers, body = ask(peer.address, headers=rest)
        assert (status, body) == (206, b"456789")
        assert headers["Content-Range"] == "bytes 4-9/10"
        assert ask(peer.address, headers="Range: bytes=10-\r\n")[0] == 416
        assert peer.content == b"0123456789"


def test_a_shaky_file_that_changed_is_sent_whole_to_who_asks_for_the_old():
    new = lab.Part(b"9876543210")
    seen = []
    with lab.shaky_file([new], look=seen.append) as peer:
        old = f"Range: bytes=4-\r\nIf-Range: {lab.etag_of(b'old')}\r\n"
        status, headers, body = ask(peer.address, headers=old)
        assert (status, body) == (200, new.content)
        assert headers["ETag"] == lab.etag_of(new.content)
        status, _, body = ask(peer.address, headers="Range: bytes=4-\r\n")
        assert (status, body) == (206, b"543210")
        assert seen == peer.requests


def test_a_shaky_file_may_close_without_a_word_and_needs_a_part():
    with lab.shaky_file([lab.Part(b"x", -1), lab.Part(b"xy", 0)]) as peer:
        assert ask(peer.address)[0] == 0
        assert ask(peer.address)[::2] == (200, b"")
    with pytest.raises(ValueError, match="empty"):
        lab.shaky_file([])
