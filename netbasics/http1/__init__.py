r"""HTTP/1.1 by hand: from bytes to messages and back, without a socket.

A message is a first line, headers, an empty line and a body; what is hard is to
know where the body ends. Four rules decide it (RFC 9112, section 6.3), and a
reader that gets one of them wrong takes half a body for a whole one, waits for
ever, or runs a body as the next request. Here they are in one place, `reading`,
and nothing in this package waits for anything: it asks a reader for lines and
bytes, such as `sockets.Reader`, or works on bytes that are there.

    >>> request = build_request("GET", "/hello", host="example.com")
    >>> request
    b'GET /hello HTTP/1.1\r\nHost: example.com\r\n\r\n'
    >>> raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    >>> parse_response(raw).body
    b'hello'

What it refuses, it refuses because two readers could take it for two different
messages: that is how requests are smuggled past a guard (RFC 9112, 11.2).
"""

from netbasics.http1.messages import Request, Response
from netbasics.http1.reading import (
    MAX_BODY,
    MAX_HEAD,
    MAX_HEADERS,
    parse_request,
    parse_response,
)
from netbasics.http1.writing import (
    LAST_CHUNK,
    build_request,
    build_response,
    encode_chunk,
)

__all__ = [
    "LAST_CHUNK",
    "MAX_BODY",
    "MAX_HEAD",
    "MAX_HEADERS",
    "Request",
    "Response",
    "build_request",
    "build_response",
    "encode_chunk",
    "parse_request",
    "parse_response",
]
