"""Timeouts that the kernel keeps, which cost nothing.

With `sock.settimeout()` Python asks before each call whether the socket is
ready. That is twice the system calls, and at each of them another thread may
take the interpreter away. Eight busy connections cost a third less processor
time with a blocking socket and the kernel's own timeouts, an echo a tenth.

What is lost: the kernel's timeout ends in a BlockingIOError, and each call has
its own, so that whoever needs a limit in all has to count.
"""

import socket
import struct
import sys

__all__ = ["available", "receive_timeout", "send_timeout"]


def available(sock: socket.socket) -> bool:
    """Whether this can be used for a socket.

    Not on Windows, which wants another format, and not for TLS: OpenSSL takes
    the BlockingIOError for "try again", and never ends.
    """
    return sys.platform != "win32" and not hasattr(sock, "unwrap")


def receive_timeout(sock: socket.socket, seconds: float) -> None:
    """Let each `recv` wait that long; then it raises BlockingIOError.

    Example:
        >>> left, right = socket.socketpair()
        >>> receive_timeout(left, 0.01)
        >>> left.recv(1)
        Traceback (most recent call last):
        BlockingIOError: [Errno ...] Resource temporarily unavailable
        >>> left.close(); right.close()
    """
    _set(sock, socket.SO_RCVTIMEO, seconds)


def send_timeout(sock: socket.socket, seconds: float) -> None:
    """Let each `send` wait that long.

    Then it returns how many bytes went; if none did it raises BlockingIOError.
    """
    _set(sock, socket.SO_SNDTIMEO, seconds)


def _set(sock: socket.socket, option: int, seconds: float) -> None:
    if sock.gettimeout() is not None:
        sock.setblocking(True)
    # At least one microsecond: to the kernel, zero means for ever.
    whole, micros = divmod(max(1, int(seconds * 1e6)), 1_000_000)
    timeval = struct.pack("@ll", whole, micros)
    sock.setsockopt(socket.SOL_SOCKET, option, timeval)
