"""Serve a WSGI app (Flask, Django, a function) by PEP 3333.

The standard library's `wsgiref` speaks HTTP/1.0 and closes after each reply;
werkzeug's server is made for development: it takes half a second to stop and
prints to stderr. This one is the HTTP part of `handlers` with WSGI on top: kept
alive, chunked both ways, and with its limits on slow clients.
"""

import io
import sys
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.servers.bodies import SizedBody, unchunk
from netbasics.servers.handlers import HandlerServer, Repaired

if TYPE_CHECKING:
    import ssl

__all__ = ["WSGIServer"]

# The most that a request in chunks may bring, in bytes.
CHUNKED_LIMIT = 64 * 1024 * 1024
Body = SizedBody | IO[bytes]
Headers = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType]


class WSGIServer(HandlerServer):
    """Serve a WSGI app, in a thread per connection.

    Get one from `serve()`.

    Args:
        app: Called as `app(environ, start_response)`, in several threads.
        **options: As for `TCPServer`.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        *,
        tls: "ssl.SSLContext | None" = None,
        **options: Any,
    ) -> None:
        super().__init__(_Gateway, tls=tls, **options)
        self.app = app


class _Gateway(Repaired, BaseHTTPRequestHandler):
    """Translate between one HTTP connection and a WSGI app."""

    protocol_version = "HTTP/1.1"
    server: WSGIServer  # type: ignore[assignment]

    def respond(self) -> None:
        """Run the app for one request."""
        body = self._body_or_error()
        if body is None:
            self.close_connection = True
            return
        with body:
            self._run_app(body)
            if isinstance(body, SizedBody) and not body.skip():
                self.close_connection = True

    def _run_app(self, body: Body) -> None:
        reply = _Reply(self)
        result = self.server.app(_environ(self, body), reply.start)
        try:
            if isinstance(result, list | tuple) and len(result) == 1:
                reply.known_length = len(result[0])
            for data in result:
                reply.write(data)
            reply.finish()
        finally:
            if hasattr(result, "close"):
                result.close()

    def _body_or_error(self) -> Body | None:
        """Return the request's body, or answer that it is none."""
        try:
            return self._body()
        except LimitExceeded as error:
            self.send_error(413, explain=str(error))
        except (ProtocolError, ConnectionClosed) as error:
            self.send_error(400, explain=str(error))
        return None

    def _body(self) -> Body:
        """Return the request's body as a file with an end of its own.

        Two lengths in one request are how a request is smuggled past a proxy:
        the proxy believes one, the server the other (RFC 9112, section 6.3).
        """
        lengths = set(self.headers.get_all("content-length", []))
        coding = self.headers.get("transfer-encoding")
        if coding is not None:
            if coding.strip().lower() != "chunked" or lengths:
                raise ProtocolError(
                    f"Transfer-Encoding {coding!r} with Content-Length "
                    f"{sorted(lengths)}: only 'chunked' alone is understood"
                )
            return unchunk(self.rfile, limit=CHUNKED_LIMIT)
        length = lengths.pop() if lengths else "0"
        if lengths or not (length.isascii() and length.isdigit()):
            raise ProtocolError("Content-Length is not one whole number")
        return SizedBody(self.rfile, int(length))

    def _skip_body(self, start: int) -> bool:
        """Leave that to `respond()`, which knows the body's end."""
        return not self.close_connection


class _Reply:
    """One reply: headers when the first data comes, then the data.

    Args:
        handler: The connection to answer on.
    """

    def __init__(self, handler: _Gateway) -> None:
        self._handler = handler
        self._status: tuple[int, str] | None = None
        self._headers: Headers = []
        self._sent_headers = False
        self._chunked = False
        self._left: int | None = None
        self._silent = handler.command == "HEAD"
        #: The length of the whole body, where it can be known beforehand.
        self.known_length: int | None = None

    def start(
        self, status: str, headers: Headers, exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """Take status and headers: the app's `start_response`."""
        if exc_info is not None and self._sent_headers:
            raise exc_info[1].with_traceback(exc_info[2])
        if self._status is not None and exc_info is None:
            raise RuntimeError("start_response was called twice")
        code, _, reason = status.partition(" ")
        if len(code) != 3 or not code.isdigit():
            raise ValueError(f"a WSGI status is like '200 OK', not {status!r}")
        for name, value in headers:
            if set(name + value) & set("\r\n\0"):
                raise ValueError(
                    f"the header {name!r} has a line break in {value!r}: it "
                    "would let whoever wrote that value add headers"
                )
        self._status = int(code), reason
        self._headers = list(headers)
        return self.write

    def write(self, data: bytes) -> None:
        """Send a piece of the body; nothing is sent for an empty one."""
        if not isinstance(data, bytes):
            raise TypeError(f"a WSGI app yields bytes, not {data!r:.60}")
        if not data:
            return
        self._send_headers()
        if self._silent:
            return
        if self._left is not None:
            if len(data) > self._left:
                raise RuntimeError(
                    f"the app wrote {len(data) - self._left} bytes more than "
                    "its Content-Length says"
                )
            self._left -= len(data)
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self._handler.wfile.write(data)

    def finish(self) -> None:
        """Send what a reply needs at its end."""
        if self.known_length is None and not self._silent:
            self.known_length = 0
        self._send_headers()
        if self._chunked:
            self._handler.wfile.write(b"0\r\n\r\n")
        if self._left and not self._silent:
            self._handler.close_connection = True
            raise RuntimeError(
                f"the app wrote {self._left} bytes less than its "
                "Content-Length says"
            )

    def _send_headers(self) -> None:
        if self._sent_headers:
            return
        if self._status is None:
            raise RuntimeError("the app did not call start_response")
        self._sent_headers = True
        handler, (code, reason) = self._handler, self._status
        handler.log_request(code)
        handler.send_response_only(code, reason)
        names = {name.lower() for name, _ in self._headers}
        if "date" not in names:
            handler.send_header("Date", handler.date_time_string())
        if "server" not in names:
            handler.send_header("Server", "netbasics")
        for name, value in self._headers:
            handler.send_header(name, value)
        self._send_framing(code, names)
        handler.end_headers()

    def _send_framing(self, code: int, names: set[str]) -> None:
        """Decide how the client sees the end of the body (RFC 9112, 6.3)."""
        handler = self._handler
        if code < 200 or code in (204, 304):
            self._silent = True
        elif "content-length" in names:
            self._left = next(
                int(value)
                for name, value in self._headers
                if name.lower() == "content-length"
            )
        elif self.known_length is not None:
            handler.send_header("Content-Length", str(self.known_length))
            self._left = self.known_length
        elif handler.request_version >= "HTTP/1.1":
            self._chunked = not self._silent
            handler.send_header("Transfer-Encoding", "chunked")
        else:
            handler.close_connection = True
        if handler.close_connection:
            handler.send_header("Connection", "close")
        elif handler.request_version == "HTTP/1.0":
            handler.send_header("Connection", "keep-alive")


def _environ(handler: _Gateway, body: Body) -> dict[str, Any]:
    """Return what PEP 3333 tells the app about a request."""
    target = handler.path
    if not target.startswith("/") and "://" in target:  # as a proxy is asked
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": handler.command,
        "SCRIPT_NAME": "",
        # Bytes in the shape of text, one character each: so says the PEP.
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": handler.path,
        "SERVER_NAME": handler.server.host,
        "SERVER_PORT": str(handler.server.port),
        "SERVER_PROTOCOL": handler.request_version,
        "REMOTE_ADDR": handler.client_address[0],
        "REMOTE_PORT": handler.client_address[1],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": handler.server._scheme,
        "wsgi.input": (
            io.BufferedReader(body) if isinstance(body, SizedBody) else body
        ),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in handler.headers.items():
        # X_Real_IP would become the same name as X-Real-IP: a way past a
        # proxy that removes the latter.
        if "_" not in name:
            _add_header(environ, name.upper().replace("-", "_"), value)
    if not isinstance(body, SizedBody):
        environ["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
        del environ["HTTP_TRANSFER_ENCODING"]
        body.seek(0)
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        name = f"HTTP_{name}"
    before = environ.get(name)
    if before is not None and name == "HTTP_COOKIE":
        environ[name] = f"{before}; {value}"
    elif before is not None and name.startswith("HTTP_"):
        environ[name] = f"{before},{value}"
    else:
        environ[name] = value
