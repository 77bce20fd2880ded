"""Checks recv_exactly."""

import pytest
from recv_exactly import recv_exactly

from netbasics import lab

MESSAGE = b"hello world"
BARE_RECV = (
    "One `recv` was taken for the whole message. `recv` returns what is there "
    "by now, and `count` is only the most that it may return. Go on until you "
    "have all."
)


def test_one_byte_at_a_time(check):
    """The peer sends eleven bytes, one at a time."""
    peer = check.peer(lab.feeds(lab.pieces_of(MESSAGE), then="hold"))
    sock = check.connect(peer)
    check.mistake(
        BARE_RECV,
        lambda it: it.value == b"h" or isinstance(it.error, EOFError),
    )
    check.mistake(
        "It asks for more after the eleventh byte, and none will come. Stop "
        "when you have `count` bytes.",
        lambda it: it.hung,
    )
    check.returns(MESSAGE, recv_exactly, sock, 11)


def test_nothing_after_them_is_taken(check):
    """The peer sends two messages in one piece; only the first is asked for."""
    peer = check.peer(lab.feeds([MESSAGE + b"next"], then="hold"))
    sock = check.connect(peer)
    check.mistake(
        "It took bytes of the next message from the socket. Ask `recv` for no "
        "more than what is still missing.",
        lambda it: len(it.value) >= 11,
    )
    check.returns(MESSAGE, recv_exactly, sock, 11)
    sock.settimeout(2)
    try:
        rest = sock.recv(100)
    except TimeoutError:
        rest = b""
    check.equal(rest, b"next", "what is left in the socket")


def test_the_peer_closes_too_early(check):
    """The peer sends five bytes of eleven, one at a time, and closes."""
    peer = check.peer(lab.feeds(lab.pieces_of(b"hello")))
    sock = check.connect(peer)
    check.mistake(
        "`recv` returned `b''`, which means: the peer has closed, and no more "
        "will come. Here it was taken for `nothing yet`.",
        lambda it: it.hung,
    )
    check.mistake(
        "Fewer bytes than `count` were returned as if they were all.",
        lambda it: it.value == b"hello",
    )
    check.mistake(
        "The numbers are those of the last `recv`. The caller wants to know "
        "how many bytes came in all, and how many were asked for.",
        lambda it: isinstance(it.error, EOFError),
    )
    check.raises(EOFError, recv_exactly, sock, 11, saying=(5, 11))


def test_the_peer_closes_at_once(check):
    """The peer closes without a byte."""
    peer = check.peer(lab.feeds([]))
    sock = check.connect(peer)
    check.raises(EOFError, recv_exactly, sock, 3, saying=(0, 3))


def test_no_bytes(check):
    """The peer says nothing, and nothing is asked for."""
    peer = check.peer(lab.feeds([], then="hold"))
    sock = check.connect(peer)
    check.mistake(
        "With `count` 0 there is nothing to wait for.", lambda it: it.hung
    )
    check.returns(b"", recv_exactly, sock, 0)


def test_a_negative_count(check):
    """Less than nothing is asked for."""
    peer = check.peer(lab.feeds([], then="hold"))
    sock = check.connect(peer)
    check.raises(ValueError, recv_exactly, sock, -1)


@pytest.mark.parametrize("size", [65_536, 1_000_003])
def test_many_bytes(check, size):
    """The peer sends many bytes at once, more than one `recv` returns."""
    data = bytes(range(256)) * (size // 256 + 1)
    peer = check.peer(lab.feeds([data[:size]]))
    sock = check.connect(peer)
    got = check.call(recv_exactly, sock, size)
    check.that(got == data[:size], f"{size:,} bytes as sent", f"{len(got):,}")


def test_a_timeout_of_the_socket(check):
    """The peer sends three bytes and falls silent; the socket has a timeout."""
    peer = check.peer(lab.feeds([b"abc"], then="hold"))
    sock = check.connect(peer)
    sock.settimeout(0.3)
    check.mistake(
        "The flag MSG_WAITALL leaves waiting to the system: with a timeout "
        "it returns what is there by then, and says nothing.",
        lambda it: it.value == b"abc" or isinstance(it.error, EOFError),
    )
    check.raises(TimeoutError, recv_exactly, sock, 10)
