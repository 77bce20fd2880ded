"""One accepted connection, from the handshake to the goodbye."""

import contextlib
import math
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from netbasics.servers import timeouts

if TYPE_CHECKING:
    import ssl

__all__ = ["Connection"]

# How long, and how much, a peer may go on sending after our last byte.
LINGER_SECONDS = 0.5
LINGER_BYTES = 1 << 20


class Connection:
    """An accepted connection, and what a server must know about it.

    Args:
        sock: Its socket.
        peer: The other end's (host, port).

    Attributes:
        sock: Its socket; inside TLS once that is agreed on.
        peer: The other end's (host, port).
        thread: The thread that handles it.
        patience: How long stop() waits for it, in seconds; at most, because
            the caller of stop() has a word in it as well.
        unread: Whether the peer may still be sending when the handler returns.
    """

    __slots__ = (
        "_ending",
        "_in_kernel",
        "_limits",
        "_swapping",
        "patience",
        "peer",
        "sock",
        "thread",
        "unread",
    )

    def __init__(self, sock: socket.socket, peer: Any) -> None:
        self.sock = sock
        self.peer = peer
        self.thread: threading.Thread | None = None
        self.patience = math.inf
        self.unread = True
        self._ending = False
        self._in_kernel = timeouts.available(sock)
        # How long one read and one write may take; None is not set yet.
        self._limits: tuple[float | None, float | None] = (None, None)
        self._swapping = threading.Lock()

    def start_tls(self, tls: "ssl.SSLContext") -> None:
        """Agree on TLS, in the time that the socket's timeout allows.

        Raises:
            OSError: The client did not agree (`ssl.SSLError` is one), or did
                not answer.
        """
        # Nobody's request is being worked on yet.
        self.patience = 0.0
        with self._swapping:
            self._in_kernel = False
            self.sock = sock = tls.wrap_socket(
                self.sock, server_side=True, do_handshake_on_connect=False
            )
            if self._ending:
                raise ConnectionAbortedError("the server is stopping")
        sock.do_handshake()
        self.patience = math.inf

    def receive_into(self, buffer: Any, seconds: float) -> int:
        """Wait for input, put it into the buffer, return how many bytes.

        Args:
            buffer: Where to put it.
            seconds: The longest wait.

        Raises:
            TimeoutError: Nothing came in that time.
        """
        sock = self.sock
        if not self._in_kernel:
            sock.settimeout(seconds)
            return sock.recv_into(buffer)
        if seconds != self._limits[0]:
            timeouts.receive_timeout(sock, seconds)
            self._limits = (seconds, self._limits[1])
        try:
            return sock.recv_into(buffer)
        except BlockingIOError:
            raise TimeoutError(f"nothing came for {seconds:g} s") from None

    def send_all(self, data: Any, seconds: float) -> None:
        """Send all of it.

        Args:
            data: What to send, bytes-like.
            seconds: How long that may take; twice as long if the peer begins
                to read and then stops.

        Raises:
            TimeoutError: The peer did not take it in that time.
        """
        sock = self.sock
        if self._in_kernel:
            if seconds != self._limits[1]:
                timeouts.send_timeout(sock, seconds)
                self._limits = (self._limits[0], seconds)
            try:
                sent = sock.send(data)
            except BlockingIOError:
                raise TimeoutError(f"nothing went for {seconds:g} s") from None
            data = memoryview(data).cast("B")[sent:]
            if not data:
                return
            self._limits = (None, None)
        sock.settimeout(seconds)
        sock.sendall(data)

    def shutdown(self, how: int) -> None:
        """End reading, writing or both; whoever waits for it wakes up."""
        self._ending = True
        with self._swapping, contextlib.suppress(OSError):
            # Not `sock.shutdown`: of a TLS socket that would switch off TLS.
            socket.socket.shutdown(self.sock, how)

    def close(self) -> None:
        """Say goodbye, and close."""
        with self.sock, contextlib.suppress(OSError, ValueError):
            if hasattr(self.sock, "unwrap"):
                self._close_tls(self.sock)
            if self.unread:
                self._linger()

    def _close_tls(self, sock: Any) -> None:
        """Send TLS's own goodbye, without waiting for the peer's.

        Without it a client cannot tell the end from a cut (RFC 8446, section
        6.1).
        """
        sock.settimeout(0)
        with contextlib.suppress(OSError, ValueError):
            sock.unwrap()

    def _linger(self) -> None:
        """End our side, and read what the peer still sends, for a while.

        To close a socket with unread input is a reset, and a reset throws away
        what the peer has not read yet: our last answer (RFC 1122, section
        4.2.2.13).
        """
        self.shutdown(socket.SHUT_WR)
        end = time.monotonic() + LINGER_SECONDS
        left = LINGER_BYTES
        while left > 0 and (seconds := end - time.monotonic()) > 0:
            self.sock.settimeout(seconds)
            # Below TLS: what comes now is nobody's any more.
            data = socket.socket.recv(self.sock, 65536)
            if not data:
                break
            left -= len(data)
