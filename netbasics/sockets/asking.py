"""Ask one question and return the whole answer, over TCP."""

import selectors
import socket
from contextlib import suppress

from netbasics.deadlines import Deadline
from netbasics.errors import ConnectionClosed, LimitExceeded
from netbasics.sockets.connecting import Address, connect
from netbasics.sockets.waiting import CHUNK, Data, as_bytes

__all__ = ["REPLY_LIMIT", "ask"]

REPLY_LIMIT = 64 * 2**20


def ask(
    address: Address,
    data: Data,
    *,
    timeout: float | Deadline | None = 5.0,
    half_close: bool = True,
    limit: int = REPLY_LIMIT,
) -> bytes:
    r"""Send `data` on a new TCP connection and return the whole reply.

    The usual `sendall(data)` and then `recv` until the end stops for ever
    with a peer that answers while it reads: once both sides' buffers are full
    of what nobody reads, both wait to send. So this sends and receives at the
    same time.

    Args:
        address: Host and port, as for `connect`.
        data: The request; empty for a peer that speaks first.
        timeout: Seconds for the whole call, or a running `Deadline`.
        half_close: Whether to tell the peer that the request is over, by
            closing our direction. It is how an echo server knows. Many HTTP
            servers take it for a client that went away and do not answer:
            say False, and ask for `Connection: close` in the request.
        limit: The most bytes that the reply may have.

    Returns:
        Everything the peer sent until it closed its direction.

    Raises:
        ConnectionClosed: The peer ended with no reply and did not take the
            whole request.
        ConnectionResetError: The peer broke the connection off, so that the
            reply may be incomplete.
        DeadlineExceeded: The reply was not complete in time. A peer that
            keeps its connection open never completes it: read one message
            through a `Reader` instead.
        LimitExceeded: The reply is longer than the limit.
        OSError, ValueError: As for `connect`.

    Example:
        >>> from netbasics import servers
        >>> with servers.EchoServer() as server:
        ...     ask(server.address, b"hello")
        b'hello'

    Source: RFC 9293, section 3.6 (a half-closed connection).
    """
    request = as_bytes(data)
    deadline = Deadline.of(timeout)
    with connect(address, timeout=deadline) as sock:
        sock.setblocking(False)
        return _Exchange(sock, request, half_close, limit).run(deadline)


class _Exchange:
    """One request on its way out and one reply on its way in."""

    def __init__(
        self,
        sock: socket.socket,
        request: memoryview,
        half_close: bool,
        limit: int,
    ) -> None:
        self.sock = sock
        self.unsent = request
        self.half_close = half_close
        self.limit = limit
        self.reply = bytearray()
        self.sending = True
        self.ended = False

    def run(self, deadline: Deadline) -> bytes:
        """Send and receive, whichever is possible, until the peer ends."""
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, both)
            while not self.ended:
                wait = deadline.timeout(doing=self._doing())
                for _, events in selector.select(wait):
                    if events & selectors.EVENT_READ:
                        self._receive()
                    if events & selectors.EVENT_WRITE and not self.ended:
                        self._send()
                if not self.sending:
                    # A socket can nearly always be written to. Left in, it
                    # would make the loop spin.
                    selector.modify(self.sock, selectors.EVENT_READ)
        if self.unsent and not self.reply:
            raise ConnectionClosed(
                0, what=f"the reply, with {len(self.unsent)} bytes unsent"
            )
        return bytes(self.reply)

    def _send(self) -> None:
        """Send what the kernel takes; at the end, say that it was all."""
        try:
            if self.unsent:
                sent = self.sock.send(self.unsent)
                self.unsent = self.unsent[sent:]
        except BlockingIOError:
            return
        except BrokenPipeError:
            # The peer has closed and reads no more. Its reply may be here.
            self.sending = False
            return
        except ConnectionResetError as error:
            raise self._broken(error) from error
        if not self.unsent:
            self.sending = False
            if self.half_close:
                with suppress(OSError):  # gone already: receiving tells
                    self.sock.shutdown(socket.SHUT_WR)

    def _receive(self) -> None:
        """Receive what there is; notice the end."""
        try:
            chunk = self.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except ConnectionResetError as error:
            raise self._broken(error) from error
        self.reply += chunk
        self.ended = not chunk
        if len(self.reply) > self.limit:
            raise LimitExceeded("the reply", limit=self.limit)

    def _broken(self, error: OSError) -> OSError:
        return ConnectionResetError(
            error.errno,
            f"the peer broke the connection off after {len(self.reply)} bytes "
            f"of the reply, with {len(self.unsent)} bytes of the request "
            "unsent: it crashed, or closed without reading all of it",
        )

    def _doing(self) -> str:
        if self.unsent and self.sending:
            return f"sending the request, {len(self.unsent)} bytes to go"
        return (
            f"waiting for the peer to end its reply, {len(self.reply)} bytes "
            "so far"
        )
