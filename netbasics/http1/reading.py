"""Read a message: its head line by line, then the body that the head states."""

import re
from typing import NoReturn

from netbasics.errors import ConnectionClosed, LimitExceeded, ProtocolError
from netbasics.http1.bodies import MAX_BODY, read_body
from netbasics.http1.fields import (
    MAX_HEAD,
    MAX_HEADERS,
    TEXT,
    TOKEN,
    quoted,
    read_fields,
)
from netbasics.http1.messages import Request, Response
from netbasics.http1.source import Source, source

__all__ = [
    "MAX_BODY",
    "MAX_HEAD",
    "MAX_HEADERS",
    "parse_request",
    "parse_response",
]

MAX_INTERIM = 20  # responses like "100 Continue" before the real one

STATUS_LINE = re.compile(
    rb"HTTP/(1\.[01]) ([1-9][0-9]{2})(?: (" + TEXT + rb"))?"
)
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([!-~]+) HTTP/(1\.[01])")


def parse_response(
    raw: bytes | Source, *, method: str = "GET", max_body: int = MAX_BODY
) -> Response:
    r"""Read one response, body included.

    Responses of status 1xx that come before it are skipped (RFC 9110, 15.2),
    but for 101, after which another protocol begins.

    Args:
        raw: The bytes, or something to read from, such as `sockets.Reader`.
            Nothing behind the response is taken from a reader, unless it is
            the connection's end that ends the body.
        method: The method of the request: a HEAD gets headers without body.
        max_body: The longest body that is accepted, in bytes.

    Returns:
        The response.

    Raises:
        ConnectionClosed: The bytes end before the response does.
        ProtocolError: It is not HTTP/1.1, or can be read in two ways.
        LimitExceeded: The head or the body is too long.

    Example:
        >>> raw = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        ...        b"5\r\nhello\r\n0\r\n\r\n")
        >>> parse_response(raw)
        <Response 200 OK, 1 headers, 5 bytes>
        >>> parse_response(raw[:-10])
        Traceback (most recent call last):
        netbasics.errors.ConnectionClosed: the peer closed the connection
        after 2 of 5 bytes of a chunk

    Source: RFC 9112, sections 4 to 7.
    """
    reader = source(raw)
    for _ in range(MAX_INTERIM + 1):
        line = _first_line(reader, "response")
        found = STATUS_LINE.fullmatch(line)
        if found is None:
            _not_http(line, "a response begins like b'HTTP/1.1 200 OK'")
        version, code, reason = found.groups(b"")
        status = int(code)
        headers = read_fields(reader, MAX_HEAD - len(line), folded=True)
        if not 100 <= status < 200 or status == 101:
            break
    else:
        raise ProtocolError(
            f"{MAX_INTERIM} interim responses (1xx) came and no final one"
        )
    response = Response(
        status, reason.decode("latin-1"), headers, version=version.decode()
    )
    bodiless = status in (101, 204, 304) or method == "HEAD"
    if bodiless or (method == "CONNECT" and 200 <= status < 300):
        return response
    return read_body(response, reader, max_body)


def parse_request(
    raw: bytes | Source, *, max_body: int = MAX_BODY
) -> Request | None:
    r"""Read one request, body included.

    Args:
        raw: The bytes, or something to read from, such as `sockets.Reader`.
        max_body: The longest body that is accepted, in bytes.

    Returns:
        The request; None if the connection ended before the first byte of
        one, as it does when a client has asked all it wanted.

    Raises:
        ConnectionClosed: The bytes end inside the request.
        ProtocolError: It is not HTTP/1.1, or can be read in two ways.
        LimitExceeded: The head or the body is too long.

    Example:
        >>> raw = b"GET /?q=1 HTTP/1.1\r\nHost: example.com\r\n\r\n"
        >>> parse_request(raw).target
        '/?q=1'

    Source: RFC 9112, sections 3, 5, 6 and 7.
    """
    reader = source(raw)
    try:
        line = _first_line(reader, "request")
        if not line:  # a stray line end before it is let pass (2.2)
            line = _first_line(reader, "request")
    except ConnectionClosed as error:
        if error.got:
            raise
        return None
    found = REQUEST_LINE.fullmatch(line)
    if found is None:
        _not_http(line, "a request begins like b'GET /path HTTP/1.1'")
    method, target, version = (part.decode("ascii") for part in found.groups())
    headers = read_fields(reader, MAX_HEAD - len(line), folded=False)
    request = Request(method, target, headers, version=version)
    if version == "1.1" and len(request.get_all("Host")) != 1:
        raise ProtocolError(
            f"a request has one Host header; this one has "
            f"{len(request.get_all('Host'))} (RFC 9112, 3.2)"
        )
    return read_body(request, reader, max_body)


def _first_line(reader: Source, what: str) -> bytes:
    """Read a first line; say so if what comes is another protocol."""
    try:
        line = reader.line(MAX_HEAD)
    except LimitExceeded as error:
        raise LimitExceeded("the head", limit=MAX_HEAD) from error
    except ConnectionClosed as error:
        came = getattr(reader, "leftover", b"")
        if what == "response" and not came.startswith(b"HTTP/"[: len(came)]):
            _not_http(came, "and the connection ended")
        what = f"a {what}'s first line"
        raise ConnectionClosed(error.got, what=what) from None
    if line is None:
        raise ConnectionClosed(0, what=f"a {what}")
    return line


def _not_http(came: bytes, hint: str) -> NoReturn:
    if came[:2] in (b"\x15\x03", b"\x16\x03"):  # an alert, a handshake
        hint = "this looks like TLS: use https, or the port for plain HTTP"
    raise ProtocolError(f"this is not HTTP/1.1: {quoted(came)}; {hint}")
