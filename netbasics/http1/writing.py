"""Write a message: bytes that every reader takes for the same message."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from netbasics.http1.fields import TEXT, TOKEN

__all__ = [
    "LAST_CHUNK",
    "build_request",
    "build_response",
    "encode_chunk",
]

LAST_CHUNK = b"0\r\n\r\n"

Pairs = Mapping[str, str] | Iterable[tuple[str, str]]

_TOKEN = re.compile(TOKEN)
_TEXT = re.compile(TEXT)
_TARGET = re.compile(r"[!-~]+")
_HOST = re.compile(r"(?:(?![/?#@])[!-~])+")
# These say where the body ends, so they are not left to chance.
_OURS = {"content-length", "transfer-encoding"}


def build_request(
    method: str,
    target: str,
    *,
    host: str,
    headers: Pairs = (),
    body: bytes | None = None,
) -> bytes:
    r"""Return the bytes of a request.

    Args:
        method: Such as `"GET"`.
        target: Path and query, escaped: `urls.parse(url).target`.
        host: For the Host header: `urls.parse(url).authority`.
        headers: Further headers, as pairs or a dict. Content-Length is
            written here, so it is not among them.
        body: The body; None for a request that has none. `b""` states a
            length of 0, as a POST without content should.

    Raises:
        ValueError: A part has a character that would end it early, such as a
            line end in a header: what follows it would be read as a header of
            its own, or as another request.

    Example:
        >>> build_request("POST", "/add", host="a.example", body=b"1+1")
        b'POST /add HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n1+1'

    Source: RFC 9112, section 3.
    """
    headers = _pairs(headers)
    _check(_TOKEN, method, "the method", "letters, such as GET")
    if not _TARGET.fullmatch(target):
        # Only the path is shown: a query may carry a key.
        raise ValueError(
            f"the target {target.partition('?')[0]!r} has blanks, control "
            "characters or letters outside ASCII, there or in its query, or "
            "is empty: escape them, see urls.quote"
        )
    if not _HOST.fullmatch(host):
        raise ValueError(
            f"the host must be a name or an address, perhaps with a port, and "
            f"not {host!r}"
        )
    if any(name.lower() == "host" for name, _ in headers):
        raise ValueError("Host is written here, from host=: leave it out")
    first = f"{method} {target} HTTP/1.1"
    return _message(first, [("Host", host), *headers], body)


def build_response(
    status: int,
    headers: Pairs = (),
    body: bytes = b"",
    *,
    reason: str | None = None,
    method: str = "GET",
) -> bytes:
    r"""Return the bytes of a response.

    Args:
        status: The status code, 100 to 999.
        headers: The headers, as pairs or a dict. Content-Length is written
            here, so it is not among them.
        body: The body.
        reason: The words behind the code; None takes the usual ones.
        method: The method of the request. An answer to HEAD has the headers
            of the answer to GET, and no body.

    Raises:
        ValueError: A part has a character that would end it early, or the
            status allows no body and there is one.

    Example:
        >>> build_response(200, body=b"hi")
        b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'
        >>> build_response(204)
        b'HTTP/1.1 204 No Content\r\n\r\n'

    Source: RFC 9112, section 4; RFC 9110, 8.6.
    """
    if not 100 <= status <= 999:
        raise ValueError(f"a status code has three digits, not {status!r}")
    if reason is None:
        reason = HTTPStatus(status).phrase if status in _KNOWN else ""
    _check(_TEXT, reason, "the reason", "text of one line")
    bodiless = status < 200 or status in (204, 304)
    if bodiless and body:
        raise ValueError(
            f"a response of status {status} has no body, not {len(body)} bytes"
        )
    headers = _pairs(headers)
    if bodiless and any(
        name.lower() == "transfer-encoding" for name, _ in headers
    ):
        raise ValueError(
            f"a response of status {status} has no body, in chunks or not"
        )
    data = _message(
        f"HTTP/1.1 {status} {reason}", headers, None if bodiless else body
    )
    return data[: len(data) - len(body)] if method == "HEAD" else data


def encode_chunk(data: bytes) -> bytes:
    r"""Return `data` as a chunk; `LAST_CHUNK` ends the body.

    Args:
        data: 1 byte or more: an empty chunk would be the last one.

    Raises:
        ValueError: There is no data.

    Example:
        >>> encode_chunk(b"hello")
        b'5\r\nhello\r\n'

    Source: RFC 9112, section 7.1.
    """
    if not data:
        raise ValueError("an empty chunk ends the body: send LAST_CHUNK for it")
    return b"%x\r\n%b\r\n" % (len(data), data)


_KNOWN = {status.value for status in HTTPStatus}


def _message(first: str, headers: Pairs, body: bytes | None) -> bytes:
    lines = [first]
    chunked = False
    for name, value in _pairs(headers):
        _check(_TOKEN, name, "a header's name", "letters and hyphens")
        _check(_TEXT, value, f"the value of {name}", "text of one line")
        if name.lower() in _OURS:
            written = name.lower(), value.lower()
            if written != ("transfer-encoding", "chunked") or body or chunked:
                raise ValueError(
                    f"{name} is written here, from the body: leave it out"
                )
            chunked = True
        lines.append(f"{name}: {value}")
    if body is not None and not chunked:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""])
    return head.encode("latin-1") + (body or b"")


def _pairs(headers: Pairs) -> list[tuple[str, str]]:
    # A mapping would give its names alone, and a name of two letters unpacks.
    return list(headers.items() if isinstance(headers, Mapping) else headers)


def _check(pattern: re.Pattern[bytes], text: str, what: str, hint: str) -> None:
    """Refuse a text with characters that it may not have.

    The text is named and not shown: it may be a key.
    """
    if not isinstance(text, str):
        raise TypeError(f"{what} is text, not {type(text).__name__}: use str()")
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = b"\n"
    if pattern.fullmatch(raw) is None:
        raise ValueError(
            f"{what} has a line end, another control character or a sign "
            f"outside Latin-1, or is empty: it must be {hint}"
        )
