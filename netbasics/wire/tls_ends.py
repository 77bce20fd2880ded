"""End TLS in the middle, so that what is inside can be seen.

The client must trust the authority that signs the tap's certificates. That is
the whole secret of such a middle: whoever can make your client trust his
authority can read along.
"""

import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_WR, socket

from netbasics.certs import Authority
from netbasics.deadlines import Deadline
from netbasics.wire.relay import End, Line
from netbasics.wire.transcript import TO_CLIENT, TO_SERVER, Direction

__all__ = ["Middle", "TLSEnd"]

CHUNK = 65536
# How many names a tap has certificates for; any client may ask for any name.
MOST_NAMES = 100
ALWAYS = ("localhost", "127.0.0.1", "::1")


class Middle:
    """What a tap needs to end TLS: certificates for clients, and a check.

    Args:
        authority: Signs a certificate for each name that a client asks for.
        trust: How to check the target; None trusts the same authority.
        host: The target's host, for clients that ask for no name.
        timeout: How long each handshake may take, in seconds.
    """

    def __init__(
        self,
        authority: Authority,
        trust: ssl.SSLContext | None,
        host: str,
        timeout: float,
    ) -> None:
        self._authority = authority
        self._trust = trust or authority.client_context()
        self._host = host
        self._timeout = timeout
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._usual = authority.issue(
            *dict.fromkeys([host, *ALWAYS])
        ).server_context()

    def ends(
        self, line: Line, client: socket, server: socket
    ) -> tuple[End, End] | None:
        """Agree on TLS with both sides; None if one of them does not."""
        at_client = TLSEnd(line, client, TO_SERVER)
        at_server = TLSEnd(line, server, TO_CLIENT)
        names: list[str] = []
        refused: list[OSError] = []

        def choose(
            tls: ssl.SSLObject, name: str | None, _: ssl.SSLContext
        ) -> int | None:
            """Show the certificate that the client asks for (SNI)."""
            names.append(name or self._host)
            tls.context = self._for_name(name)
            # Now, so that a target which is not to be trusted makes the
            # client's own handshake fail.
            try:
                at_server.agree_as_client(self._trust, names[0], self._timeout)
            except OSError as error:
                refused.append(error)
                return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
            except ValueError:  # such as "a..b": nobody can have that name
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            return None

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = choose
        try:
            at_client.agree_as_server(context, self._timeout)
        except OSError as error:
            whom, way, why = "client", TO_SERVER, error
            if refused:
                whom, way, why = "target", TO_CLIENT, refused[0]
            note = f"The tap and the {whom} did not agree on TLS: {why}"
            line.refuse(way, note, client, server)
            return None
        line.record.mark(
            line.flow,
            "note",
            TO_SERVER,
            f"The tap ends TLS here, as {names[0]}: {at_client.version} with "
            f"the client, {at_server.version} with the target. What follows "
            "was encrypted on the way.",
        )
        return at_client, at_server

    def _for_name(self, name: str | None) -> ssl.SSLContext:
        if name is None or name in (self._host, *ALWAYS):
            return self._usual
        with self._lock:
            context = self._contexts.get(name)
            if context is None:
                if len(self._contexts) >= MOST_NAMES:
                    return self._usual
                try:
                    context = self._authority.issue(name).server_context()
                except ValueError:  # no name for a certificate
                    return self._usual
                self._contexts[name] = context
        return context


class TLSEnd(End):
    """An end of a line that speaks TLS; see `End`.

    Not an SSLSocket: one thread reads here while another writes, and an
    SSLSocket lets only one of them in at a time, or breaks. Here the lock is
    held for the cryptography alone, never while waiting for the network.
    """

    def __init__(self, line: Line, sock: socket, direction: Direction) -> None:
        super().__init__(line, sock, direction)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._guard = threading.Lock()
        self._sending = threading.Lock()
        self._queue: deque[bytes] = deque()
        self._tls: ssl.SSLObject

    @property
    def version(self) -> str:
        """What was agreed on, such as TLSv1.3."""
        return self._tls.version() or "no TLS"

    def agree_as_server(self, context: ssl.SSLContext, seconds: float) -> None:
        """Do the handshake with a client.

        Raises:
            OSError: It failed; `ssl.SSLError` is one.
        """
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_side=True
        )
        self._agree(seconds)

    def agree_as_client(
        self, context: ssl.SSLContext, name: str, seconds: float
    ) -> None:
        """Do the handshake with a server, and check its certificate.

        Raises:
            OSError: It failed; `ssl.SSLError` is one.
        """
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=name
        )
        self._agree(seconds)

    def _agree(self, seconds: float) -> None:
        # A peer that sends its part in drips would outlast a timeout for each.
        deadline = Deadline(seconds)
        self.sock.settimeout(seconds)
        try:
            while not self._step():
                self.sock.settimeout(deadline.timeout(doing="agreeing on TLS"))
                data = self.sock.recv(CHUNK)
                if not data:
                    raise ConnectionResetError("it closed during the handshake")
                self._incoming.write(data)
        finally:
            # What went wrong is told to the peer as well, in an alert.
            with suppress(OSError):
                self.sock.sendall(self._outgoing.read())
            self.sock.settimeout(None)

    def _step(self) -> bool:
        """Go on with the handshake; whether it is complete."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self.sock.sendall(self._outgoing.read())
            return False
        return True

    def receiver(self) -> Callable[[int], bytes]:
        """Return what reads here, in the clear."""
        return self._receive

    def _receive(self, size: int) -> bytes:
        while True:
            with self._guard:
                try:
                    data = self._tls.read(size)
                except ssl.SSLWantReadError:
                    data = None
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
                self._collect()
            self._flush(wait=False)
            if data is not None:
                return data
            raw = self.sock.recv(CHUNK)
            with self._guard:
                if raw:
                    self._incoming.write(raw)
                else:
                    self._incoming.write_eof()

    def sender(self) -> Callable[[bytes], object]:
        """Return what writes here, encrypted."""
        return self._send

    def _send(self, data: bytes) -> None:
        with self._guard:
            self._tls.write(data)
            self._collect()
        self._flush(wait=True)

    def _collect(self) -> None:
        """Queue what is to be sent; under the guard, so in its order."""
        if self._outgoing.pending:
            self._queue.append(self._outgoing.read())

    def _flush(self, *, wait: bool) -> None:
        """Send what is queued, unless another thread is about it."""
        while self._queue and self._sending.acquire(blocking=wait):
            try:
                while self._queue:
                    self.sock.sendall(self._queue.popleft())
            finally:
                self._sending.release()

    def finish(self) -> None:
        """Say in TLS that no more will come, then in TCP."""
        with suppress(OSError):
            with self._guard:
                # It would also wait for the peer's goodbye: not here.
                with suppress(ssl.SSLError):
                    self._tls.unwrap()
                self._collect()
            self._flush(wait=True)
        with self.line.lock:
            self.finished = True
            with suppress(OSError):
                self.sock.shutdown(SHUT_WR)
