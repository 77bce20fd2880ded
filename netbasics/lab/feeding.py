"""Bytes in pieces that a reader cannot get glued together."""

import contextlib
import os
import socket
import stat
import struct
import time
from collections.abc import Callable, Iterable
from typing import Literal

from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["feed", "feeds", "pieces_of"]

PATIENCE = 5.0  # seconds for which a reader may leave a piece lying
EVERY = 0.0003
ELSEWHERE = 0.003  # between pieces for a reader in another program


def pieces_of(data: bytes, size: int = 1) -> list[bytes]:
    """Cut bytes into pieces of `size` bytes.

    >>> pieces_of(b"abcde", 2)
    [b'ab', b'cd', b'e']
    """
    return [data[at : at + size] for at in range(0, len(data), size)]


def feeds(
    pieces: Iterable[bytes],
    *,
    then: Literal["close", "hold", "reset"] = "close",
    after: bytes = b"",
) -> Peer:
    """Send pieces, each only when the reader has taken the one before.

    Real world: a network that splits a message wherever it likes. Two sends
    in a row prove nothing on loopback, where they arrive as one.

    The caller sees: one piece for each `recv`, if it runs in this program.
    A reader in another program gets them a few milliseconds apart.

    Args:
        pieces: What to send; `pieces_of(data)` for one byte at a time.
        then: What comes behind: an orderly end, nothing at all, or a reset.
        after: Wait until the client has sent bytes that end like this.

    Example:
        >>> from netbasics import sockets
        >>> with feeds([b"he", b"llo"]) as peer:
        ...     with sockets.connect(peer.address) as sock:
        ...         sock.recv(100), sock.recv(100), sock.recv(100)
        (b'he', b'llo', b'')
    """

    def script(visit: Visit) -> None:
        heard = b""
        while not heard.endswith(after):
            piece = visit.receive()
            if not piece:
                break
            heard += piece
        feed(visit.sock, pieces, check=visit.check)
        if then == "hold":
            visit.hold()
        elif then == "reset":
            visit.reset()

    return TCPPeer("feeds", script, scheme="tcp")


def feed(
    sock: socket.socket,
    pieces: Iterable[bytes],
    *,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Send pieces, each only when the other end has taken the one before.

    Args:
        sock: A connected TCP socket; its reader is in this program.
        pieces: What to send.
        check: Called while waiting; raises to end it.

    Raises:
        OSError: The reader is gone.
        TimeoutError: The reader took nothing for five seconds.
    """
    reader: int | None = None
    for piece in pieces:
        sock.sendall(piece)
        end = time.monotonic() + PATIENCE
        while True:
            reader = _other_end(sock, reader)
            if reader is None:
                time.sleep(ELSEWHERE)
                break
            if not _unread(reader):
                break
            check()
            if time.monotonic() > end:
                raise TimeoutError(
                    f"nobody took {piece[:20]!r} for {PATIENCE} s"
                )
            time.sleep(EVERY)


def _unread(file: int) -> int:
    """Return how many bytes lie unread in a socket of this program."""
    try:
        import fcntl
        import termios
    except ImportError:  # Windows
        return 0
    try:
        answer = fcntl.ioctl(file, termios.FIONREAD, b"\0" * 4)
    except OSError:
        return 0  # closed meanwhile
    return int(struct.unpack("i", answer)[0])


def _other_end(sock: socket.socket, known: int | None) -> int | None:
    """Return the other end's file descriptor, if it is in this program."""
    try:
        wanted = sock.getpeername(), sock.getsockname()
    except OSError:
        return None
    if known is not None and _ends(known) == wanted:
        return known
    for name in _open_files():
        if _ends(name) == wanted:
            return name
    return None


def _open_files() -> list[int]:
    for place in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):
            return [int(name) for name in os.listdir(place)]
    return []


def _ends(file: int) -> tuple[object, object] | None:
    """Return both addresses of a socket, given by its file descriptor."""
    try:
        if not stat.S_ISSOCK(os.fstat(file).st_mode):
            return None
        # Borrowed for a moment: a copy would keep the connection open.
        sock = socket.socket(fileno=file)
    except OSError:
        return None
    try:
        return sock.getsockname(), sock.getpeername()
    except OSError:
        return None
    finally:
        sock.detach()
