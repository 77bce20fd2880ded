"""Checks recv_frame."""

import select

import pytest
from recv_frame import recv_frame

from netbasics import lab

NO_END = (
    "`recv` returned `b''`, which means: the peer has closed, and no more "
    "will come. Here it was taken for `nothing yet`."
)
TOO_MUCH = (
    "It took more from the socket than the frame, and what follows is lost "
    "for the next call. Ask `recv` for no more than what is missing; a file "
    "of `makefile` reads ahead, unless it is made with `buffering=0`."
)
ORDER = (
    "The size was read with its bytes in another order. Big-endian means that "
    'the first byte counts most: `int.from_bytes(size, "big")`, or `">I"` '
    "for `struct`."
)
HEADER_IN_PIECES = (
    "The four bytes of the size may come in pieces, as everything else. One "
    "`recv(4)` was taken for all of them."
)


def frame(payload):
    return len(payload).to_bytes(4, "big") + payload


def swapped(value, payload):
    """Whether the size's bytes were read from the wrong end."""
    return isinstance(value, ValueError) and len(payload) < 100


def test_a_frame(check):
    """The peer sends one frame of five bytes, in one piece."""
    peer = check.peer(lab.feeds([frame(b"hello")], then="hold"))
    sock = check.connect(peer)
    check.mistake(ORDER, lambda it: swapped(it.error, b"hello"))
    check.mistake(
        "The size is that of the payload alone; its own four bytes do not "
        "count.",
        lambda it: it.value == b"h",
    )
    check.mistake(
        "The four bytes of the size are not part of the payload.",
        lambda it: it.value in (frame(b"hello"), frame(b"hello")[:5]),
    )
    check.mistake(
        "All that was sent has been read, and more is waited for.",
        lambda it: it.hung,
    )
    check.returns(b"hello", recv_frame, sock, 100)


@pytest.mark.parametrize("size", [0, 1, 5, 4096])
def test_in_pieces(check, size):
    """The peer sends one frame in pieces, then says nothing.

    The first eight bytes come one at a time, the rest in pieces of fifty.
    """
    payload = bytes(range(1, 129)) * 32
    payload = payload[:size]
    data = frame(payload)
    pieces = [*lab.pieces_of(data[:8]), *lab.pieces_of(data[8:], 50)]
    peer = check.peer(lab.feeds(pieces, then="hold"))
    sock = check.connect(peer)
    check.mistake(
        HEADER_IN_PIECES,
        lambda it: (
            type(it.error).__name__ == "error"  # struct.error
            or (
                isinstance(it.error, EOFError)
                and check.watch.transcript.flows[-1].to_client < 4
            )
        ),
    )
    check.mistake(
        HEADER_IN_PIECES,
        lambda it: len(it.value) < size and it.value in b"\0" * 4,
    )
    check.mistake(
        "A frame may be empty: then there is nothing to wait for.",
        lambda it: it.hung and size == 0,
    )
    check.mistake(
        "An empty frame was taken for the end. A size of 0 is a size; "
        "the end is what `recv` tells by `b''`.",
        lambda it: size == 0 and it.error is not None,
    )
    check.mistake(
        "One `recv` was taken for the whole payload. It returns what is there "
        "by now: go on until you have all.",
        lambda it: (
            isinstance(it.error, EOFError) or len(it.value) in range(1, size)
        ),
    )
    check.mistake(
        "All that was sent has been read, and more is waited for.",
        lambda it: it.hung,
    )
    check.returns(payload, recv_frame, sock, 10_000)


def test_two_frames_in_one_piece(check):
    """The peer sends two frames in one piece. Two calls are made."""
    peer = check.peer(
        lab.feeds([frame(b"first") + frame(b"second")], then="hold")
    )
    sock = check.connect(peer)
    check.mistake(TOO_MUCH, lambda it: b"first" in it.value)
    check.returns(b"first", recv_frame, sock, 100)
    check.mistake(TOO_MUCH, lambda it: it.hung or it.error)
    check.returns(b"second", recv_frame, sock, 100)


def test_just_as_long_as_allowed(check):
    """The peer sends a frame of five bytes; the limit is five."""
    peer = check.peer(lab.feeds([frame(b"hello")], then="hold"))
    sock = check.connect(peer)
    check.mistake(
        "A payload of just `limit` bytes is fine: the limit itself is "
        "allowed, and the four bytes of the size do not count.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.returns(b"hello", recv_frame, sock, 5)


@pytest.mark.parametrize(
    ("size", "limit"), [(6, 5), (1 << 31, 4096), ((1 << 32) - 1, 1 << 20)]
)
def test_too_large(check, size, limit):
    """The peer announces more than the limit, and sends six bytes more.

    The sizes are one byte too many, 2 GiB, and the largest that there is.
    The announcement must be refused, and the six bytes left in the socket.
    """
    header = size.to_bytes(4, "big")
    peer = check.peer(lab.feeds([header + b"beyond"], then="hold"))
    sock = check.connect(peer)
    check.mistake(
        "The payload was waited for although it is above the limit. Refuse "
        "it as soon as the size is known.",
        lambda it: it.hung,
    )
    check.mistake(
        "The size has no sign: from 2 GiB on it was taken for a negative "
        'number. `">I"` is without a sign, `">i"` is with one.',
        lambda it: it.value == b"" and size >= 1 << 31,
    )
    check.mistake(
        "A payload above the limit was accepted.",
        lambda it: isinstance(it.value, bytes),
    )
    check.mistake(
        "More than the four bytes of the size was taken from the socket "
        "before it was refused.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.mistake(
        "The memory for a payload of that size was asked for before the size "
        "was looked at.",
        lambda it: isinstance(it.error, MemoryError),
    )
    check.raises(ValueError, recv_frame, sock, limit)
    sock.settimeout(0.1)
    try:
        rest = sock.recv(100)
    except TimeoutError:
        rest = b""
    check.equal(rest, b"beyond", "what is left in the socket")


@pytest.mark.parametrize("count", [0, 2, 4, 7])
def test_the_peer_closes_too_early(check, count):
    """The peer sends the beginning of a frame of five bytes, and closes.

    That is nothing, half of the size, the size, and three bytes more.
    """
    peer = check.peer(lab.feeds(lab.pieces_of(frame(b"hello")[:count])))
    sock = check.connect(peer)
    check.mistake(NO_END, lambda it: it.hung)
    check.mistake(
        "The peer closed in the size, and what came of it was taken for all. "
        "An end before the frame is complete is an EOFError.",
        lambda it: count in (1, 2, 3),
    )
    check.mistake(
        "The peer closed before the frame began, and `b''` was returned, as "
        "if an empty frame had come. That is an EOFError.",
        lambda it: count == 0 and it.value == b"",
    )
    check.mistake(
        "The peer closed before the payload was complete, and what came of it "
        "was returned as if it were all.",
        lambda it: count > 3 and it.value == frame(b"hello")[4:count],
    )
    check.raises(EOFError, recv_frame, sock, 100)


@pytest.mark.parametrize("count", [2, 7])
def test_a_timeout_of_the_socket(check, count):
    """The peer sends the beginning of a frame and falls silent.

    The socket has a timeout. That passes inside the size, then inside the
    payload.
    """
    data = frame(b"hello")[:count]
    pieces = [data] if count < 4 else [data[:4], data[4:]]
    peer = check.peer(lab.feeds(pieces, then="hold"))
    sock = check.connect(peer)
    select.select([sock], [], [])
    sock.settimeout(0.1)
    check.mistake(
        "The flag MSG_WAITALL leaves waiting to the system: with a timeout "
        "it returns what is there by then, and says nothing.",
        lambda it: not isinstance(it.error, TimeoutError),
    )
    check.raises(TimeoutError, recv_frame, sock, 100)
