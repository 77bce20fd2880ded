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
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.servers.bodies import SizedBody, unchunk
from netbasics.servers.handlers import HandlerServer, Repaired
from netbasics.servers.replies import Reply

if TYPE_CHECKING:
    import ssl

__all__ = ["WSGIServer"]

# The most that a request in chunks may bring, in bytes.
CHUNKED_LIMIT = 64 * 1024 * 1024
Body = SizedBody | IO[bytes]


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

    def _begin(self) -> None:
        super()._begin()
        # Flask answers an exception itself, with its own 500, and so nothing
        # leaves the app. But it tells everybody who wants to know.
        flask = sys.modules.get("flask")
        if flask is not None and isinstance(self.app, flask.Flask):
            flask.got_request_exception.connect(self._note, self.app)

    def _note(self, sender: object, exception: BaseException) -> None:
        self._keep(exception)


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
        reply = Reply(self)
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
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": handler.path,
        "SERVER_NAME": handler.server.host,
        "SERVER_PORT": str(handler.server.port),
        "SERVER_PROTOCOL": handler.request_version,
        "REMOTE_ADDR": handler.client_address[0],
        "REMOTE_PORT": str(handler.client_address[1]),
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
