"""One client's connection, from the point of view of a misbehaving peer."""

import contextlib
import socket
import struct
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from netbasics.lab.record import Record, Request

if TYPE_CHECKING:
    import ssl

__all__ = ["Left", "Stopped", "Visit"]

MOST_REQUEST = 1 << 20  # bytes of a request that a peer reads, with its body


class Stopped(Exception):
    """The peer was told to stop while it was waiting."""


class Left(Exception):
    """The client closed before it had asked for anything."""


class Visit:
    """What a fault's script can do with the connection of one client.

    A script is a function of a visit. It reads like what the peer does,
    because the exits are exceptions: `Stopped` when the peer must end,
    `Left` or an `OSError` when the client is gone. `TCPPeer` catches them.

    Args:
        sock: The accepted socket.
        number: Which connection of this peer it is, counted from 1.
        record: Where to write down what comes.
        stopping: Set when the peer must end; every wait is a wait for it.
        began: When the peer started, on the monotonic clock.
    """

    def __init__(
        self,
        sock: socket.socket,
        number: int,
        record: Record,
        stopping: threading.Event,
        began: float = 0.0,
    ) -> None:
        self.sock = sock
        self.number = number
        self._record = record
        self._stopping = stopping
        self._began = began
        # Each small piece must leave at once: a drip that the kernel holds
        # back until the last piece is acknowledged would not be a drip.
        # (macOS refuses it for a client that has gone already.)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def encrypt(self, context: "ssl.SSLContext") -> None:
        """Go on in TLS; a client that refuses is written down.

        Raises:
            ssl.SSLError: The client broke off, as a careful one must when it
                does not like the certificate.
        """
        import ssl

        # The new socket has taken over the connection before the handshake
        # begins, so that `wake` can end a handshake that gets no answer.
        self.sock = context.wrap_socket(
            self.sock, server_side=True, do_handshake_on_connect=False
        )
        self.check()
        try:
            self.sock.do_handshake()
        except ssl.SSLError as error:
            self.check()
            self._record.refused(error.reason or "closed without a word")
            raise

    def check(self) -> None:
        """Go on only if the peer was not stopped; raise `Stopped` if it was."""
        if self._stopping.is_set():
            raise Stopped

    def receive(self, size: int = 65_536) -> bytes:
        """Return the next bytes, written down; `b""` at the end.

        A socket's timeout is not an end: a peer is patient.

        Raises:
            Stopped: The peer was stopped.
        """
        while True:
            self.check()
            with contextlib.suppress(TimeoutError):
                data = self.sock.recv(size)
                self._record.received(self.number, data)
                return data

    def wait_for_input(self) -> None:
        """Wait until something can be read, and leave it unread."""
        with contextlib.suppress(TimeoutError):
            self.sock.recv(1, socket.MSG_PEEK)
        self.check()

    def read_request(self) -> Request:
        """Read an HTTP request with its body, and write it down.

        Raises:
            Left: The client closed before the headers were complete.
        """
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.receive()
            if not piece or len(data) > MOST_REQUEST:
                raise Left
            data += piece
        at = time.monotonic() - self._began
        start, _, body = data.partition(b"\r\n\r\n")
        first, *lines = start.decode("latin-1").split("\r\n")
        method, target, *_ = [*first.split(" "), "", ""]
        pairs = [line.partition(":")[::2] for line in lines]
        headers = [(name, value.strip()) for name, value in pairs]
        request = Request(method, target, headers, b"", at, self.number)
        request = replace(request, body=self._read_body(request, body))
        self._record.request(request)
        return request

    def _read_body(self, request: Request, body: bytes) -> bytes:
        length = request.header("Content-Length") or ""
        # A nonsense length is no length: the peer does not judge its clients.
        sensible = length.isdecimal() and len(length) < 20
        wanted = int(length) if sensible else 0
        chunked = request.header("Transfer-Encoding") is not None
        if request.header("Expect") is not None:
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        # Real servers count the chunks; a last chunk that only looks like one
        # is too rare for the lab.
        while len(body) < MOST_REQUEST and (
            not body.endswith(b"0\r\n\r\n") if chunked else len(body) < wanted
        ):
            piece = self.receive()
            if not piece:
                break
            body += piece
        return body

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.check()
        self.sock.sendall(data)

    def drip(self, data: bytes, interval: float) -> None:
        """Send it byte by byte, with `interval` seconds before each."""
        for position in range(len(data)):
            self.pause(interval)
            self.send(data[position : position + 1])

    def pause(self, seconds: float | None = None) -> None:
        """Wait; for ever if no seconds are given.

        Raises:
            Stopped: The peer was stopped, which ends the wait at once.
        """
        if self._stopping.wait(seconds):
            raise Stopped

    def hold(self) -> None:
        """Read and say nothing, until the peer is stopped.

        The end of what the client sends does not end it: a client that has
        only finished asking (a half-close) waits for an answer.
        """
        while self.receive():
            pass
        self.pause()

    def wake(self) -> None:
        """End a wait for the client, from another thread."""
        with contextlib.suppress(OSError):
            # The method of a TLS socket would also take its cipher away, under
            # the feet of the thread that reads.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection now; with unread input this is a reset."""
        with contextlib.suppress(OSError):
            self.sock.close()

    def reset(self) -> None:
        """End the connection by a reset (RST) instead of an orderly end.

        A linger time of zero says that nothing is to be delivered any more.
        """
        linger = struct.pack("ii", 1, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    def finish(self) -> None:
        """End in order.

        `TCPServer` does so for a plain connection: a mere `close` with
        something unread would become a reset, which can take away the answer
        on its way. TLS has a goodbye of its own, which comes before.
        """
        unwrap = getattr(self.sock, "unwrap", None)
        if unwrap is not None:
            with contextlib.suppress(OSError, ValueError), self.sock:
                self.sock.settimeout(1.0)
                unwrap()
