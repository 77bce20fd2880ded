"""Checks recv_exactly."""

import re
import select

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
    sock.settimeout(0.1)
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
    tells(check, sock, 11, got=5)


def test_the_peer_closes_at_once(check):
    """The peer closes without a byte."""
    peer = check.peer(lab.feeds([]))
    sock = check.connect(peer)
    check.mistake(
        "`b''` was returned, as if three bytes had been asked for and come.",
        lambda it: it.value == b"",
    )
    tells(check, sock, 3, got=0)


def tells(check, sock, count, got):
    """Expect an EOFError whose message has both numbers."""
    check.mistake(
        "The error says nothing of how many bytes came in all and how many "
        "were asked for. Both numbers belong into its message.",
        lambda it: isinstance(it.error, EOFError) and not numbers(it.error),
    )
    check.mistake(
        "The numbers are not those that the caller wants: how many bytes came "
        "in all, and how many were asked for. (Those of the last `recv` are "
        "others.)",
        lambda it: isinstance(it.error, EOFError),
    )
    error = check.raises(EOFError, recv_exactly, sock, count)
    check.that(
        {got, count} <= numbers(error),
        f"an EOFError with the numbers {got} and {count} in its message",
        f"EOFError: {error}",
    )


def numbers(error):
    return {int(number) for number in re.findall(r"\d+", str(error))}


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
    select.select([sock], [], [])
    sock.settimeout(0.1)
    check.mistake(
        "The flag MSG_WAITALL leaves waiting to the system: with a timeout "
        "it returns what is there by then, and says nothing.",
        lambda it: it.value == b"abc" or isinstance(it.error, EOFError),
    )
    check.raises(TimeoutError, recv_exactly, sock, 10)
