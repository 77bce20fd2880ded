"""A tap: a TCP proxy that writes down what passes and changes nothing."""

import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netbasics import sockets
from netbasics.deadlines import Deadline
from netbasics.servers import TCPServer
from netbasics.wire.recording import LIMIT, Recorder
from netbasics.wire.relay import End, Line
from netbasics.wire.targets import Target, find
from netbasics.wire.transcript import (
    TO_CLIENT,
    TO_SERVER,
    Event,
)
from netbasics.wire.views import AnyTap

if TYPE_CHECKING:
    import ssl

    from netbasics.certs import Authority

__all__ = ["Tap", "tap"]

# Makes the ends of a line out of the two sockets; None if that fails.
Prepare = Callable[[Line, socket.socket, socket.socket], tuple[End, End] | None]

# When nothing has passed for so long, what is still open is idle (seconds).
QUIET = 0.05


def plain_ends(
    line: Line, client: socket.socket, server: socket.socket
) -> tuple[End, End]:
    """Return ends that carry the bytes as they are."""
    return End(line, client, TO_SERVER), End(line, server, TO_CLIENT)


class Tap(AnyTap, TCPServer):
    """A TCP proxy on this machine that writes down what passes.

    Get one from `tap()`, which says what it does. All methods may be called
    from any thread.
    """

    def __init__(
        self,
        target: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limit: int = LIMIT,
        timeout: float = 5.0,
        remote: bool = False,
        tls: "Authority | None" = None,
        trust: "ssl.SSLContext | None" = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> None:
        super().__init__(self._carry, host=host, port=port, timeout=timeout)
        self.target = Target(target)
        self.record = Recorder(limit, on_event)
        self._remote = remote
        self._ends_tls = tls
        self._trust = trust
        self._on_event = on_event
        self._scheme = self.target.scheme if tls is None else "https"
        self._lines: set[Line] = set()
        self._over = 0

    def _begin(self) -> None:
        self._places = find(
            self.target,
            socket.SOCK_STREAM,
            remote=self._remote,
            timeout=self._timeout,
        )
        self.record = Recorder(self.record.limit, self._on_event)
        self._over = 0
        self._prepare = self._choose()
        super()._begin()

    def _choose(self) -> Prepare:
        """Choose how to make the two ends of a line."""
        if self._ends_tls is None:
            return plain_ends
        from netbasics.wire.tls_ends import Middle

        return Middle(
            self._ends_tls, self._trust, self.target.host, self._timeout
        ).ends

    def wait(self, connections: int = 1, timeout: float = 5.0) -> bool:
        """Wait until so many connections are over, in all since the start.

        A client that has its answer may be ahead of the goodbyes.

        Args:
            connections: How many.
            timeout: The longest wait, in seconds.

        Returns:
            Whether they are.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: self._over >= connections, timeout
            )

    def _carry(self, sock: socket.socket, peer: Any) -> None:
        """Carry one connection, from its beginning to its end."""
        flow = self.record.begin(peer, self._places[0])
        doing = f"carrying a connection from {peer}"
        line = Line(self.record, flow, lambda e: self._failed(e, doing))
        with self._changed:
            self._lines.add(line)
        try:
            server = self._dial(line, sock)
            ends = server and self._prepare(line, sock, server)
            if ends:
                line.run(*ends, self._workers.run)
        finally:
            with self._changed:
                self._lines.discard(line)
                self._over += 1
                self._changed.notify_all()

    def _dial(self, line: Line, client: socket.socket) -> socket.socket | None:
        """Connect to the target, or have the client told that it is dead."""
        deadline = Deadline(self._timeout)
        reason: OSError = OSError("the target has no address")
        for place in self._places:
            try:
                sock = sockets.connect(place, timeout=deadline)
            except OSError as error:
                reason = error
            else:
                line.flow.flow.server = place
                return sock
        if isinstance(reason, ConnectionResetError):
            # It was connected, and reset before we could look.
            line.refuse(TO_CLIENT, "", client)
        else:
            line.unreachable(client, reason)
        return None

    def _finish(self, start: float, drain: float) -> None:
        """Let what is on its way arrive, then end what is left.

        What a client did before the tap is stopped is still carried and
        written down, its goodbye included.
        """
        end = start + drain
        before = None
        with self._changed:
            while self._lines and (left := end - time.monotonic()) > 0:
                now = [line.flow.passed for line in self._lines]
                ending = any(line.ending for line in self._lines)
                if now == before and not ending:
                    break
                before = now
                self._changed.wait(min(left, QUIET))
            lines = list(self._lines)
        for line in lines:
            line.cut("the tap was stopped while this connection was open")
        me = threading.current_thread()
        with self._changed:
            self._changed.wait_for(
                lambda: all(c.thread is me for c in self._open), 0.5
            )


def tap(
    target: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    limit: int = LIMIT,
    timeout: float = 5.0,
    remote: bool = False,
    tls: "Authority | None" = None,
    trust: "ssl.SSLContext | None" = None,
    on_event: Callable[[Event], object] | None = None,
) -> Tap:
    r"""Return a proxy to `target` that writes down what passes, not started.

    What a program really sends is not what its author believes. Any client can
    go through a tap (a library, curl, a browser): give it the tap's address in
    place of the server's. Nothing is changed on the way: not a byte, and no
    ending, so a half-close stays one and a reset a reset. Nothing waits for a
    delayed acknowledgement (TCP_NODELAY on both sides).

    Three things cannot be hidden. A client is connected to the tap before the
    tap is to the target, so a dead target looks like a connection that is
    reset; the record says so. A `Host` header has the tap's address. And the
    pieces in which a stream comes may be other ones: they never meant anything.

    Args:
        target: Where to: a pair (host, port), `"HOST:PORT"`, a URL, or an
            object with an `.address`, such as a server.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        limit: How many bytes to keep in memory, data and events together.
            When they are used up, the tap goes on and only counts.
        timeout: How long the look-up of the target, and each connect to it,
            may take, in seconds.
        remote: Whether the target may be another machine.
        tls: The authority whose certificate the client trusts. The tap then
            ends TLS, and what passes is seen in the clear; it is HTTPS again
            on the way to the target. Without it, TLS passes as it is, and the
            record shows what any observer sees.
        trust: With `tls`: how to check the target's own certificate. Without
            it, the same authority must have signed that.
        on_event: Called with each event as it passes, in the tap's thread. It
            must return at once: all connections wait for it.

    Returns:
        A tap for a with-block or `start()`. It has an `address` and a `url`;
        `print(tap)` draws what passed, `tap.transcript` has it as data,
        `tap.save(path)` writes it to a file.

    Raises:
        TypeError, ValueError: The target or a number is not possible.

    Starting it raises `UnsafeURL` for a target on another machine,
    `socket.gaierror` for a name that does not resolve, OSError for a port in
    use.

    Example:
        >>> from netbasics import servers, sockets
        >>> with servers.EchoServer() as server, tap(server.address) as wire:
        ...     sockets.ask(wire.address, b"hello")
        b'hello'
        >>> print(wire)
        127.0.0.1:... through a tap at 127.0.0.1:...
        ...
    """
    return Tap(
        target,
        host=host,
        port=port,
        limit=limit,
        timeout=timeout,
        remote=remote,
        tls=tls,
        trust=trust,
        on_event=on_event,
    )
