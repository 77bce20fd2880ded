r"""Messages with their length in front: the simplest framing that is right.

TCP joins and splits what was sent. A separator can occur inside a message; a
length in front cannot be mistaken. Four bytes, most significant first
("network byte order"), say how many bytes follow:

    00 00 00 05  68 65 6c 6c 6f          5, "hello"
"""

import socket
from struct import Struct

from netbasics.deadlines import Deadline
from netbasics.errors import FrameTooLarge
from netbasics.sockets.exact import recv_exactly
from netbasics.sockets.waiting import Data, Receives, ReceivesInto, as_bytes

__all__ = ["FRAME_LIMIT", "length_at", "recv_frame", "send_frame"]

LENGTH = Struct(">I")
length_at = LENGTH.unpack_from
FRAME_LIMIT = 16 * 2**20
LARGEST = 2**32 - 1


def send_frame(sock: socket.socket, payload: Data) -> None:
    r"""Send `payload` as one frame: its length in four bytes, then itself.

    Header and payload leave in one call. Two calls would be two packets, and
    the second waits for the peer's delayed acknowledgement (40 ms on Linux)
    unless TCP_NODELAY is set.

    Args:
        sock: A connected socket. Its timeout bounds the whole call.
        payload: The bytes to send; empty is a message too.

    Raises:
        FrameTooLarge: The payload has 4 GiB or more; nothing was sent.
        TimeoutError: The peer does not read. Part of the frame may be on its
            way, so close the connection.
        TypeError: `payload` is text; encode it first.

    Example:
        >>> ours, theirs = socket.socketpair()
        >>> send_frame(ours, b"hello")
        >>> theirs.recv(100)
        b'\x00\x00\x00\x05hello'
        >>> ours.close(), theirs.close()
        (None, None)
    """
    view = as_bytes(payload)
    if len(view) > LARGEST:
        raise FrameTooLarge(size=len(view), limit=LARGEST)
    sock.sendall(b"".join((LENGTH.pack(len(view)), view)))


def recv_frame(
    sock: Receives | ReceivesInto,
    *,
    limit: int = FRAME_LIMIT,
    deadline: float | Deadline | None = None,
) -> bytes:
    """Receive one frame: four bytes of length, then as many bytes.

    The four bytes come from the peer, so they are a wish and no fact: without
    a limit, `ff ff ff ff` would make this side wait for 4 GiB.

    Args:
        sock: A connected socket, or anything with `recv_into` or `recv`.
        limit: The longest payload that is accepted, in bytes.
        deadline: Seconds for the whole frame, or a running `Deadline`.

    Returns:
        The payload. Nothing after it is taken from the socket.

    Raises:
        ConnectionClosed: The peer closed before or inside the frame. For a
            stream of frames that may end, use `Reader.frame`.
        FrameTooLarge: The length is over the limit. Exactly four bytes have
            been taken, and the payload is still in the socket.
        DeadlineExceeded: The deadline is over.
        TimeoutError: As for `recv_exactly`.

    Example:
        >>> ours, theirs = socket.socketpair()
        >>> send_frame(theirs, b"hello")
        >>> recv_frame(ours)
        b'hello'
        >>> send_frame(theirs, bytes(1000))
        >>> recv_frame(ours, limit=100)
        Traceback (most recent call last):
        netbasics.errors.FrameTooLarge: the frame has 1000 bytes, the limit
        is 100 bytes
        >>> ours.close(), theirs.close()
        (None, None)
    """
    deadline = Deadline.of(deadline)
    header = recv_exactly(
        sock, LENGTH.size, deadline=deadline, what="a frame's header"
    )
    (size,) = LENGTH.unpack(header)
    if size > limit:
        raise FrameTooLarge(size=size, limit=limit)
    return recv_exactly(sock, size, deadline=deadline, what="a frame")
