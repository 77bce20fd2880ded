"""What a WSGI app answers, put into HTTP (PEP 3333; RFC 9112, section 6)."""

from collections.abc import Callable
from types import TracebackType

from netbasics.servers.handlers import Repaired

__all__ = ["Reply"]

Headers = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType]


class Reply:
    """One reply: headers when the first data comes, then the data.

    Args:
        handler: The connection to answer on.
    """

    def __init__(self, handler: Repaired) -> None:
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
