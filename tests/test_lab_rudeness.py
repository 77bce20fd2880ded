"""Ends without a goodbye, shown by bare sockets."""

import contextlib
import socket

import pytest

from netbasics import lab

GET = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"


@contextlib.contextmanager
def asking(peer, request=GET):
    with socket.create_connection(peer.address, timeout=5) as sock:
        sock.sendall(request)
        yield sock


def read_to_reset(sock):
    """What can be read before the reset; fails if there is none."""
    raw = b""
    try:
        while data := sock.recv(65_536):
            raw += data
    except ConnectionResetError:
        return raw
    pytest.fail(f"an orderly end after {raw!r}")


def test_hangs_up_ends_in_order_without_a_byte():
    with lab.hangs_up() as peer:
        with asking(peer) as sock:
            assert sock.recv(1) == b""
        assert len(peer.requests) == 1


def test_resets_before_sends_no_byte():
    with lab.resets_before() as peer:
        with asking(peer) as sock:
            assert read_to_reset(sock) == b""
        assert peer.seen == [GET]


def test_resets_during_sends_half_of_the_body():
    with lab.resets_during(b"0123456789") as peer, asking(peer) as sock:
        head, _, body = read_to_reset(sock).partition(b"\r\n\r\n")
    assert b"Content-Length: 10" in head
    assert body == b"01234"


def test_resets_after_sends_all_of_it():
    with lab.resets_after(b"[1, 2]") as peer, asking(peer) as sock:
        head, _, body = read_to_reset(sock).partition(b"\r\n\r\n")
    assert b"Content-Length: 6" in head
    assert body == b"[1, 2]"


def test_unread_input_turns_the_close_into_a_reset():
    with lab.leaves_input_unread() as peer:
        with asking(peer) as sock:
            assert read_to_reset(sock).endswith(peer.content)
        assert peer.requests == []


def test_unread_input_breaks_an_upload():
    # More than the buffers of both sides hold, so somebody must read.
    upload = b"x" * (64 << 20)
    with (
        lab.leaves_input_unread() as peer,
        socket.create_connection(peer.address, timeout=5) as sock,
        pytest.raises(ConnectionError),
    ):
        sock.sendall(upload)
