"""1.1 Exact reads."""

import socket


def recv_exactly(sock: socket.socket, count: int) -> bytes:
    """Read exactly `count` bytes from a socket.

    TCP carries a stream: `recv` returns what is there, and that may be less
    than was asked for. Nothing after `count` bytes is taken from the socket.

    Args:
        sock: A connected TCP socket. It may have a timeout, or none.
        count: How many bytes; 0 gives `b""`.

    Returns:
        The bytes.

    Raises:
        ValueError: `count` is negative.
        EOFError: The peer closed before. The message has two numbers in it:
            how many bytes came in all, and how many were asked for.
        TimeoutError: The socket has a timeout, and it passed.
    """
    raise NotImplementedError("not written yet")
