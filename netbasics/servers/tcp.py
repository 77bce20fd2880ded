"""A TCP server: one thread for each connection."""

import functools
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netbasics.servers.base import (
    GRACE,
    LAST_GRACE,
    Server,
    describe,
)
from netbasics.servers.binding import bind
from netbasics.servers.calling import check_handler
from netbasics.servers.connections import Connection
from netbasics.servers.workers import Workers

if TYPE_CHECKING:
    import ssl

__all__ = ["TCPServer"]

# How long to wait for a connection to end when the system has no room for one
# more, in seconds.
RETRY = 0.5


class TCPServer(Server):
    """Call a handler for each connection, each in its own thread.

    What the usual twenty lines leave out is here: a backlog that a crowd fits
    into, timeouts on what is accepted, no 40 ms pauses, a last answer that
    arrives although the peer still sends, errors that end one connection and
    not the server, and an end.

    Args:
        handler: Called as `handler(sock, peer)` with a blocking socket and the
            peer's (host, port). When it returns the connection is closed: no
            need to do that in the handler.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        backlog: How many connections the kernel may complete before they are
            accepted. Of 1,000 clients that dialled at once, a backlog of 5
            (the default of `socketserver`) served 298 in 20 s, this one all in
            0.2 s. Linux cuts it to net.core.somaxconn, usually 4096.
        max_connections: How many are handled at the same time. Further clients
            are not refused: they wait in the backlog for one to end.
        timeout: The longest wait for one `recv` or `sendall`, in seconds; set
            on each accepted socket, and for the whole of a TLS handshake.
        tls: Makes it a TLS server; from `certs.Certificate.server_context()`.

    Example:
        >>> def shout(sock, peer):
        ...     while data := sock.recv(4096):
        ...         sock.sendall(data.upper())
        >>> with TCPServer(shout) as server:
        ...     with socket.create_connection(server.address, 5) as sock:
        ...         sock.sendall(b"hello")
        ...         sock.recv(100)
        b'HELLO'

    At stop() each connection is shut for reading, so that a handler which waits
    for more sees the end and can say its last words.
    """

    # What the handler is called with; other kinds of server have other kinds.
    _arguments: tuple[str, ...] = ("sock", "peer")

    def __init__(
        self,
        handler: Callable[[socket.socket, Any], object],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        backlog: int = 4096,
        max_connections: int = 2000,
        timeout: float = 300.0,
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        super().__init__(host=host, port=port)
        check_handler(handler, "TCPServer", *self._arguments)
        _check_limits(backlog, max_connections, timeout)
        self._handler = handler
        self._backlog = backlog
        self._max_connections = max_connections
        self._timeout = timeout
        self._tls = tls
        if tls is not None:
            self._scheme = "tls"
        self._open: set[Connection] = set()
        self._changed = threading.Condition()
        self._stopping = False

    def _begin(self) -> None:
        listener = bind(
            *self._wanted, socket.SOCK_STREAM, backlog=self._backlog
        )
        # Linux hands the option down to what is accepted.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setblocking(False)
        self._address = listener.getsockname()[:2]
        self._stopping = False
        name = f"{type(self).__name__} {self.port}"
        self._workers = Workers(name)
        self._waker, wake = socket.socketpair()
        self._acceptor = threading.Thread(
            target=self._accept_loop,
            args=(listener, wake),
            name=name,
            daemon=True,
        )
        self._acceptor.start()

    def _accept_loop(
        self, listener: socket.socket, wake: socket.socket
    ) -> None:
        """Accept until `wake` can be read.

        A selector and a second socket, because a thread that waits in
        `accept()` cannot be told to stop, and one that looks every half
        second whether it should (`http.server`) takes that long to end.
        """
        with listener, wake, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while not self._stopping:
                selector.select()
                with self._changed:
                    self._changed.wait_for(self._has_room)
                if not self._stopping:
                    self._accept(listener)
            # Closed now, the listener would reset the clients which the kernel
            # has connected already.
            room = self._max_connections - len(self._open)
            while room > 0 and self._accept(listener):
                room -= 1

    def _has_room(self) -> bool:
        return self._stopping or len(self._open) < self._max_connections

    def _accept(self, listener: socket.socket) -> bool:
        """Let one client in; False if none is there."""
        try:
            sock, peer = listener.accept()
        except (BlockingIOError, ConnectionError):
            return False  # it went away before we came to it
        except OSError as error:
            # Most likely too many open files. The client waits in the
            # backlog; trying again at once would only burn the processor.
            self._failed(error, "accepting a connection")
            with self._changed:
                self._changed.wait(RETRY)
            return False
        connection = Connection(sock, peer[:2])
        with self._changed:
            self._open.add(connection)
        try:
            self._workers.run(functools.partial(self._run, connection))
        except RuntimeError as error:  # the system has no thread left
            self._failed(error, f"starting a thread for {peer}")
            sock.close()
            self._forget(connection)
        return True

    def _run(self, connection: Connection) -> None:
        """Handle one connection from its beginning to its end."""
        connection.thread = threading.current_thread()
        try:
            connection.sock.settimeout(self._timeout)
            if self._tls is not None:
                # Here and not in the accept loop, where one client that
                # connects and says nothing would stop all others.
                connection.start_tls(self._tls)
            self._handle(connection)
        except (Exception, SystemExit) as error:
            # Once we cut connections at stop(), what they raise is our doing.
            if not (self._stopping and isinstance(error, OSError)):
                self._failed(error, f"connection from {connection.peer}")
        finally:
            connection.close()
            self._forget(connection)

    def _handle(self, connection: Connection) -> None:
        """Serve one connection; other kinds of server do it their own way."""
        self._count()
        self._handler(connection.sock, connection.peer)

    def _forget(self, connection: Connection) -> None:
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def _end(self, drain: float) -> None:
        start = time.monotonic()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._waker.close()
        self._acceptor.join()
        self._finish(start, drain)
        spent = time.monotonic() - start
        self._cut(max(LAST_GRACE, GRACE - spent))

    def _finish(self, start: float, drain: float) -> None:
        """Tell all that no more input comes; wait for those that are busy."""
        for connection in self._others():
            connection.shutdown(socket.SHUT_RD)
        with self._changed:
            while others := self._others():
                longest = min(drain, max(c.patience for c in others))
                left = start + longest - time.monotonic()
                if left <= 0:
                    break
                # A connection's end is announced, a change of its patience
                # is not: hence the short wait.
                self._changed.wait(min(left, 0.01))

    def _cut(self, seconds: float) -> None:
        """End the connections that are left, and name what does not end."""
        for connection in self._others():
            connection.shutdown(socket.SHUT_RDWR)
        self._workers.close()
        self._workers.join(seconds)
        for connection in self._others():
            if connection.thread is not None:
                where = describe(connection.thread)
                self.stuck.append(f"connection from {connection.peer}: {where}")

    def _others(self) -> list[Connection]:
        """The open connections but for the one whose handler calls us."""
        me = threading.current_thread()
        with self._changed:
            return [c for c in self._open if c.thread is not me]

    def _state(self) -> list[str]:
        return [*super()._state(), f"{len(self._open)} open"]


def _check_limits(backlog: int, max_connections: int, timeout: float) -> None:
    for name, value in (
        ("backlog", backlog),
        ("max_connections", max_connections),
    ):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is a whole number from 1 on: {value!r}")
    if not timeout > 0:
        raise ValueError(
            f"timeout={timeout!r} s is not possible: give seconds above 0"
        )
