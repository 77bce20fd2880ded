"""Ask the system about a socket, without reading from it."""

import select
import socket
from contextlib import suppress

__all__ = ["can_write", "hung_up", "wait_for_end"]

POLL = getattr(select, "poll", None)  # not on Windows


def wait_for_end(*socks: socket.socket, timeout: float | None = None) -> bool:
    """Wait until both directions of one of the connections have ended.

    A socket whose peer has sent a FIN can be read for ever: each `recv` says
    b"" at once, and none says when a reset comes after the FIN. A poll that
    asks for nothing is told of just two things: that both directions are over,
    and that the connection broke.

    Args:
        *socks: Connected sockets.
        timeout: The longest wait, in seconds; None for no limit.

    Returns:
        Whether one has ended; True at once where the system cannot tell.

    Example:
        >>> with socket.create_server(("127.0.0.1", 0)) as listener:
        ...     client = socket.create_connection(listener.getsockname())
        ...     server, _ = listener.accept()
        >>> client.close()
        >>> server.recv(10), wait_for_end(server, timeout=0)
        (b'', False)
        >>> server.shutdown(socket.SHUT_WR)
        >>> wait_for_end(server, timeout=5), server.close()
        (True, None)
    """
    if POLL is None:
        return True
    poll = POLL()
    for sock in socks:
        poll.register(sock, 0)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


def hung_up(sock: socket.socket) -> bool:
    """Whether both directions have ended already."""
    return POLL is not None and wait_for_end(sock, timeout=0)


def can_write(sock: socket.socket) -> bool:
    """Whether the system would take bytes to send now."""
    with suppress(OSError, ValueError):
        if POLL is None:
            return bool(select.select([], [sock], [], 0)[1])
        poll = POLL()
        poll.register(sock, select.POLLOUT)
        return bool(poll.poll(0))
    return False
