"""Read so many bytes, neither fewer nor more."""

from io import BytesIO

from netbasics.deadlines import Deadline
from netbasics.errors import ConnectionClosed, DeadlineExceeded
from netbasics.sockets.waiting import (
    Receives,
    ReceivesInto,
    patience,
    receiver_into,
    waiting,
)

__all__ = ["recv_exactly"]


def recv_exactly(
    sock: Receives | ReceivesInto,
    count: int,
    *,
    deadline: float | Deadline | None = None,
    what: str = "",
) -> bytes:
    r"""Receive exactly `count` bytes.

    TCP carries a stream: `sock.recv(10)` returns between 1 and 10 bytes,
    however they were sent, and `b""` at the end. The usual repair,
    `data += sock.recv(...)`, copies all of `data` for each piece. This one
    lets the kernel write each piece to its place in one buffer.

    Args:
        sock: A connected socket, or anything with `recv_into` or `recv`.
        count: How many bytes, 0 or more. Memory is used as they come.
        deadline: Seconds for the whole call, or a running `Deadline`. Without
            one, only the socket's own timeout bounds each wait, and a peer
            that sends a byte now and then keeps the call for as long as it
            likes.
        what: What the bytes are, as a noun, for the error's message.

    Returns:
        `count` bytes. Nothing after them is taken from the socket.

    Raises:
        ConnectionClosed: The peer closed first; it has `got` and `wanted`.
        DeadlineExceeded: The deadline is over.
        TimeoutError: No byte came for as long as the socket's own timeout.
            The bytes that did come are gone, so the connection is now in the
            middle of a message: close it. A `Reader` keeps them instead.
        ValueError: `count` is negative.

    Example:
        >>> import socket
        >>> ours, theirs = socket.socketpair()
        >>> theirs.sendall(b"GIF89a and more")
        >>> recv_exactly(ours, 6)
        b'GIF89a'
        >>> theirs.close()
        >>> recv_exactly(ours, 100)
        Traceback (most recent call last):
        netbasics.errors.ConnectionClosed: the peer closed the connection
        after 9 of 100 bytes
        >>> ours.close()

    Source: RFC 9293, section 3.9.1 (a stream has no record boundaries).
    """
    if count < 0:
        raise ValueError(f"cannot receive {count} bytes: give 0 or more")
    # A BytesIO hands out its buffer to write to, and then the same memory as
    # bytes. A bytearray would have to be copied once more at the end.
    buffer = BytesIO(bytes(count))
    with buffer.getbuffer() as view:
        _fill(sock, view, Deadline.of(deadline), what)
    return buffer.getvalue()


def _fill(
    sock: Receives | ReceivesInto,
    view: memoryview,
    deadline: Deadline,
    what: str,
) -> None:
    """Receive until `view` is full."""
    recv_into = receiver_into(sock)
    got, wanted = 0, len(view)
    doing = f"receiving {what or f'{wanted} bytes'}"
    while got < wanted:
        try:
            # The slice is let go at once: an error's traceback keeps this
            # frame alive, and a buffer with a view on it cannot be freed.
            with view[got:] as rest:
                if deadline.seconds is None:
                    size = recv_into(rest)
                else:
                    with waiting(sock, deadline, doing):
                        size = recv_into(rest)
        except DeadlineExceeded:
            raise
        except TimeoutError as error:
            raise TimeoutError(
                f"nothing came for {patience(sock)}, after {got} of {wanted} "
                "bytes. These are lost to the next call: close the connection, "
                "or read through a Reader, which keeps them"
            ) from error
        if not size:
            raise ConnectionClosed(got, wanted, what=what)
        got += size
