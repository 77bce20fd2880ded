"""Serve an `http.server` handler class, without what it gets wrong.

The class stays as it is. Ours, `Repaired`, is put between it and
`BaseHTTPRequestHandler`, so whatever the class does itself is its own, and
whatever it leaves to the standard library is done here:

- a small reply is one write and no 40 ms pause;
- a client that is slow on purpose does not hold a thread for ever;
- an exception is logged, kept and answered with 500;
- access lines go to the log (level DEBUG), not to stderr;
- a body that the handler did not read is not taken for the next request.
"""

import functools
import io
import math
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast

from netbasics.servers.base import log
from netbasics.servers.connections import Connection
from netbasics.servers.streams import Incoming, Outgoing
from netbasics.servers.tcp import TCPServer

if TYPE_CHECKING:
    import ssl

__all__ = ["HandlerServer", "Repaired"]

LONGEST_LINE = 65536
# How long a client may take to begin its next request, in seconds; a class may
# set `timeout` instead.
IDLE = 30.0
# A body that nobody read: up to here it is skipped, beyond it the connection
# is closed.
SKIPPED = 65536
# The longest that one write may take, in seconds.
WRITE = 60.0
HandlerClass = type[BaseHTTPRequestHandler]


class HandlerServer(TCPServer):
    """Serve a handler class of `http.server`, in a thread per connection.

    Get one from `serve()`. Which HTTP version it speaks, and so whether
    connections are kept alive, is the class's own `protocol_version`.

    Args:
        handler: The class, or a `functools.partial` of it.
        **options: As for `TCPServer`.
    """

    _scheme = "http"
    _arguments = ("request", "client_address", "server")

    def __init__(
        self,
        handler: "HandlerClass | functools.partial[Any]",
        *,
        tls: "ssl.SSLContext | None" = None,
        **options: Any,
    ) -> None:
        super().__init__(handler, tls=tls, **{"timeout": WRITE} | options)
        self._scheme = "https" if tls else "http"
        self._class, self._extra = _repair(handler)

    # What handlers expect of `self.server`, by the names of http.server.

    @property
    def server_address(self) -> tuple[str, int]:
        """The same as `address`."""
        return self.address

    @property
    def server_name(self) -> str:
        """The same as `host`."""
        return self.host

    @property
    def server_port(self) -> int:
        """The same as `port`."""
        return self.port

    def _handle(self, connection: Connection) -> None:
        handler = self._class.__new__(self._class)
        handler.link = connection
        # In socketserver, __init__ handles the connection from its beginning
        # to its end.
        args, keywords = self._extra
        handler.__init__(  # type: ignore[misc]
            *args, connection.sock, connection.peer, self, **keywords
        )


class Repaired(BaseHTTPRequestHandler):
    """The standard handler, repaired."""

    link: Connection
    server: HandlerServer  # type: ignore[assignment]
    wfile: Outgoing
    rfile: io.BufferedReader

    # What a request counts as whose version cannot be read. With the default,
    # HTTP/0.9, even the error about it would come without a status line.
    default_request_version = "HTTP/1.0"

    def setup(self) -> None:
        """Open the two halves of the connection."""
        self.connection = self.link.sock
        self.wfile = Outgoing(self.link, self.server._timeout)
        self.incoming = Incoming(self.link, self.wfile, self.timeout or IDLE)
        self.rfile = io.BufferedReader(self.incoming)

    def finish(self) -> None:
        """Send what is left; the server closes the socket itself."""
        if not self._broken():
            self.wfile.flush()

    def handle_one_request(self) -> None:
        """Wait for a request, and answer it."""
        if not self._read_request():
            self.close_connection = True
            return
        self.server._count()
        self.wfile.begin()
        self.incoming.await_body()
        start = self.rfile.tell()
        try:
            self.respond()
            self.wfile.flush()
        except (Exception, SystemExit) as error:
            self._fail(error)
            return
        if self.server._stopping:
            self.close_connection = True
        whole = self._skip_body(start)
        # Nothing of a request is left, neither here nor on its way.
        self.link.unread = not whole or self.rfile.tell() < self.incoming.tell()

    def _read_request(self) -> bool:
        """Read the request line and the headers; False if there are none."""
        self.incoming.await_request()
        self.link.patience = 0
        self.link.unread = True
        try:
            self.raw_requestline = self.rfile.readline(LONGEST_LINE + 1)
            # Seen from outside, the request runs from here on.
            self.link.patience = math.inf
            if len(self.raw_requestline) > LONGEST_LINE:
                self.requestline = self.request_version = self.command = ""
                self.send_error(414)
                self.wfile.flush()
                return False
            if self.raw_requestline and self.parse_request():
                return True
            self.wfile.flush()
        except OSError as error:
            self.log_error("gave up waiting for a request: %r", error)
        return False

    def respond(self) -> None:
        """Call the method that the class has for this kind of request."""
        method = getattr(self, f"do_{self.command}", None)
        if method is None:
            self.send_error(501, f"Unsupported method ({self.command!r})")
        else:
            method()

    def _fail(self, error: BaseException) -> None:
        """Note what left the handler, and tell the client if it can be told."""
        self.close_connection = True
        gone = self._broken() or self.incoming.ended
        if gone and isinstance(error, OSError):
            self.log_message("the client has gone: %r", error)
            return
        self.server._failed(error, f"{self.command} {self.path}")
        if not self.wfile.started:
            self.wfile.drop()
            self._headers_buffer: list[bytes] = []
            self.send_error(500)
            self.wfile.flush()

    def _broken(self) -> bool:
        return self.wfile.broken or self.incoming.broken

    def _skip_body(self, start: int) -> bool:
        """Read over what is left of the request's body; False if it is much.

        Left where it is, it would be taken for the next request.
        """
        left = self._body_length() - (self.rfile.tell() - start)
        if left == 0:
            return True
        if 0 < left <= SKIPPED and not self.close_connection:
            try:
                return len(self.rfile.read(left)) == left
            except OSError:
                pass
        self.close_connection = True
        return False

    def _body_length(self) -> int:
        """The length that the request states; -1 if nobody can know it."""
        if "transfer-encoding" in self.headers:
            return -1
        try:
            return int(self.headers.get("content-length", "0"))
        except ValueError:
            return -1

    def flush_headers(self) -> None:
        """Hand the headers over, to be sent together with the body."""
        lines = getattr(self, "_headers_buffer", [])
        self._headers_buffer = []
        if lines:
            self.wfile.hold(b"".join(lines))

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Format a time; that of now is formatted once in a second."""
        if timestamp is None:
            return _now_as_text(super().date_time_string, int(time.time()))
        return super().date_time_string(timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        """Write to the log of netbasics.servers, level DEBUG."""
        log.debug("%s - " + format, self.client_address[0], *args)


_clock: tuple[int, str] = (0, "")


def _now_as_text(format_date: Any, second: int) -> str:
    global _clock
    if _clock[0] != second:
        _clock = second, format_date(second)
    return _clock[1]


def _repair(
    handler: "HandlerClass | functools.partial[Any]",
) -> tuple[type[Repaired], tuple[tuple[Any, ...], dict[str, Any]]]:
    """Return a repaired class, and what a `partial` adds to its calls."""
    args: tuple[Any, ...] = ()
    keywords: dict[str, Any] = {}
    if isinstance(handler, functools.partial):
        # A partial of a partial is flat already.
        args, keywords = handler.args, handler.keywords
        handler = cast(HandlerClass, handler.func)
    # In this order Repaired comes after the class and its bases, but before
    # BaseHTTPRequestHandler: whatever the class overrides stays overridden.
    repaired = type(handler.__name__, (handler, Repaired), {})
    return repaired, (args, keywords)
