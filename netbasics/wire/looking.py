"""Ask the system about a socket, past whatever methods its class may have.

A subclass may count its calls, or wait in them. It is not to notice.
"""

import socket
import sys
from _socket import socket as plain
from typing import Any

from netbasics.wire.conversations import Address

__all__ = [
    "digits",
    "ends",
    "is_abrupt",
    "is_tcp",
    "is_udp",
    "local",
    "other",
    "unread",
]

FAMILIES = (socket.AF_INET, socket.AF_INET6)
kind_of = plain.type.__get__
family_of = plain.family.__get__


def is_tcp(sock: socket.socket) -> bool:
    """Whether it is a TCP socket."""
    return kind_of(sock) == socket.SOCK_STREAM and family_of(sock) in FAMILIES


def is_udp(sock: socket.socket) -> bool:
    """Whether it is a UDP socket."""
    return kind_of(sock) == socket.SOCK_DGRAM and family_of(sock) in FAMILIES


def ends(sock: socket.socket) -> tuple[Address, Address] | None:
    """Return a connected socket's own address and its peer's."""
    try:
        return plain.getsockname(sock)[:2], plain.getpeername(sock)[:2]
    except OSError:
        return None


def local(sock: socket.socket) -> Address:
    """Return a socket's own address, as far as it has one."""
    try:
        host, port = plain.getsockname(sock)[:2]
    except OSError:
        host, port = "", 0
    six = family_of(sock) == socket.AF_INET6
    return host or ("::" if six else "0.0.0.0"), port


def other(sock: socket.socket, address: Any) -> Address | None:
    """Return whom a datagram goes to or comes from."""
    if address is not None:
        return digits(sock, address)
    both = ends(sock)
    return both and both[1]


def digits(sock: socket.socket, address: Any) -> Address:
    """Return an address as (host, port), in digits where that is known."""
    host, port = address[:2]
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    # What means this machine to a client, to the system as well.
    if host in ("", "localhost", "0.0.0.0", "::"):
        six = family_of(sock) == socket.AF_INET6
        host = "::1" if six else "127.0.0.1"
    return host, port


def is_abrupt(sock: socket.socket) -> bool:
    """Whether close() will be a reset because SO_LINGER says so."""
    linger = plain.getsockopt(sock, socket.SOL_SOCKET, socket.SO_LINGER, 8)
    on, seconds = linger[:4], linger[4:]
    return any(on) and not any(seconds)


def unread(sock: socket.socket) -> int:
    """Return how many bytes wait; 0 where that does not make a reset."""
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    answer = fcntl.ioctl(plain.fileno(sock), termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(answer, sys.byteorder)
