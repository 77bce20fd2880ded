"""Wait until the other end has taken what was sent."""

import socket
import struct
import time

from netbasics.lab.feeding import _other_end, _unread

__all__ = ["taken"]

EVERY = 0.0005


def taken(sock: socket.socket, *, timeout: float = 5.0) -> bool:
    """Wait until a server has accepted a connection and read all of it.

    A client that has sent something cannot see whether anybody took it: its
    bytes may lie in the system's buffers, or its connection in the backlog.
    Who wants to know what a server does with half a request must wait until
    it has the half; a pause would only make it likely.

    Args:
        sock: A connected TCP socket; the server runs in this program.
        timeout: How long to wait, in seconds.

    Returns:
        Whether it came to that in time.

    Example:
        >>> from netbasics import servers, sockets
        >>> with servers.EchoServer() as server:
        ...     with sockets.connect(server.address) as sock:
        ...         sock.sendall(b"half a requ")
        ...         taken(sock)
        True
        >>> with socket.create_server(("127.0.0.1", 0)) as listener:
        ...     with sockets.connect(listener.getsockname()) as sock:
        ...         taken(sock, timeout=0.05)  # nobody accepts
        False
    """
    end = time.monotonic() + timeout
    reader: int | None = None
    while True:
        reader = _other_end(sock, reader)
        # In this order: what has arrived is no longer on its way.
        if reader and not _on_its_way(sock) and not _unread(reader):
            return True
        if time.monotonic() > end:
            return False
        time.sleep(EVERY)


def _on_its_way(sock: socket.socket) -> int:
    """Return how many bytes the other end's system has not confirmed yet."""
    try:
        import fcntl
        import termios

        answer = fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4)
    except (ImportError, AttributeError, OSError):  # not on this system
        return 0
    return int(struct.unpack("i", answer)[0])
