"""What a server answered, and what to make of it. No I/O.

An answer has a status, headers and a body; whether it is good news, and what a
caller should be told if it is not, does not depend on how it was fetched.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from netbasics.errors import APIError
from netbasics.retries import parse_retry_after
from netbasics.urls import redact

__all__ = [
    "NotConnected",
    "Result",
    "decode_json",
    "decode_text",
    "excerpt",
    "refusal",
]

_SHOWN = 200  # characters of a body that an error shows
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s";]+)', re.IGNORECASE)


class NotConnected(APIError, ConnectionError):
    """No connection was made, so nothing was sent: refused, unknown, no TLS.

    Example:
        >>> issubclass(NotConnected, ConnectionError)
        True
    """


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """A whole response: the body has been read, the connection is free again.

    Args:
        url: The URL that was asked for, as it was given.
        status: The HTTP status code.
        headers: The response's headers; names in any case.
        body: The body, decompressed.
        seconds: From sending the request until the last byte of the body.
        final_url: The URL that answered, if redirects led to another one.

    Example:
        >>> result = Result("http://h/?key=1", 200, {}, b'{"a": 1}', 0.01)
        >>> result
        <Result 200 http://h/?key=***, 8 bytes in 0.010 s>
        >>> result.json()
        {'a': 1}
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    final_url: str = ""

    @property
    def text(self) -> str:
        """The body as text, in the charset that its Content-Type names.

        UTF-8 if it names none; what is not in that charset becomes U+FFFD.
        """
        return decode_text(self.body, self.headers.get("Content-Type", ""))

    def json(self) -> Any:
        """Return the body decoded from JSON.

        Raises:
            APIError: It is not JSON; the message shows what came.
        """
        try:
            return decode_json(self.body)
        except ValueError as reason:
            kind = self.headers.get("Content-Type", "")
            raise APIError(
                f"{redact(self.url)}: {self.status}, but {reason}; what came "
                f"({kind or 'no Content-Type'}): {excerpt(self.body, kind)}",
                status=self.status,
                url=redact(self.url),
                body=decode_text(self.body[: 4 * _SHOWN], kind)[:_SHOWN],
            ) from None

    def __repr__(self) -> str:
        return (
            f"<Result {self.status} {redact(self.url)}, "
            f"{len(self.body)} bytes in {self.seconds:.3f} s>"
        )


def decode_text(body: bytes, content_type: str = "") -> str:
    """Return bytes as text, in the charset of a Content-Type header.

    Args:
        body: The bytes.
        content_type: The header; UTF-8 is used if it names no charset, or one
            that Python does not know.

    Example:
        >>> decode_text(bytes([0xE9]), "text/plain; charset=latin-1")
        'é'
    """
    match = _CHARSET.search(content_type)
    try:
        return body.decode(match[1] if match else "utf-8", "replace")
    except (LookupError, ValueError):  # no such charset; one with a NUL
        return body.decode("utf-8", "replace")


def excerpt(body: bytes, content_type: str = "") -> str:
    """Return the beginning of a body, quoted, to be shown in an error.

    >>> print(excerpt(b"<html>"), excerpt(b""), excerpt(b"x" * 201))
    '<html>' nothing at all 'xxx...'... (201 bytes)
    """
    if not body:
        return "nothing at all"
    text = decode_text(body[: 4 * _SHOWN], content_type)
    more = f"... ({len(body)} bytes)" if len(text) > _SHOWN else ""
    return f"{text[:_SHOWN]!r}{more}"


def decode_json(body: bytes) -> Any:
    """Return the value that a body of JSON stands for.

    `json.loads` also takes NaN and Infinity, which are not JSON, and fails in
    four different ways. This fails in one.

    Args:
        body: JSON in UTF-8, which is its only encoding between machines; a byte
            order mark, UTF-16 and UTF-32 are recognised as well.

    Raises:
        ValueError: It is not JSON; the message says why.

    Example:
        >>> decode_json(b"[1, NaN]")
        Traceback (most recent call last):
        ValueError: it is not JSON: NaN is not a JSON number

    Source: RFC 8259, 6 (numbers) and 8.1 (encoding).
    """
    if not body.strip():
        raise ValueError("it is not JSON: the body is empty")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"it is not JSON: byte {error.start} is not {error.encoding}"
        ) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def refusal(
    method: str,
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
) -> APIError:
    """Return the error for an answer whose status says no (400 and up).

    `raise_for_status()` throws away the one thing that helps: why the server
    refused, which it says in the body.

    Args:
        method: The request's method.
        url: The request's URL; its secrets are removed.
        status: The status code.
        headers: The response's headers; names in any case.
        body: The body, or the beginning of it.

    Example:
        >>> print(refusal("GET", "http://h/u/7", 404, {}, b'{"detail":"gone"}'))
        GET http://h/u/7: 404 Not Found: gone
    """
    kind = headers.get("Content-Type", "")
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    why = _reason(body) or (excerpt(body, kind) if body else "")
    retry_after = parse_retry_after(headers.get("Retry-After"))
    hint = "" if retry_after is None else f" (come back in {retry_after:g} s)"
    return APIError(
        f"{method} {redact(url)}: {status}{phrase}{why and ': '}{why}{hint}",
        status=status,
        url=redact(url),
        body=decode_text(body[: 4 * _SHOWN], kind)[:_SHOWN],
        retry_after=retry_after,
    )


def _reason(body: bytes) -> str:
    """Return the reason in a JSON error body, or ''.

    There is a standard (RFC 9457: `title`, `detail`), and there is what
    everybody does.
    """
    try:
        data = decode_json(body)
    except ValueError:
        return ""
    if not isinstance(data, dict):
        return ""
    names = ("detail", "message", "error_description", "error", "title")
    texts = (_text(data.get(name)) for name in names)
    reason = next(filter(None, texts), "")
    fields = "; ".join(_fields(data))
    reason = f"{reason}: {fields}" if reason and fields else reason or fields
    return reason[:_SHOWN]


def _text(found: Any) -> str:
    if isinstance(found, dict):  # {"error": {"message": ...}}
        found = found.get("message")
    return " ".join(found.split()) if isinstance(found, str) else ""


def _fields(data: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with single fields, in the forms that are in use."""
    for name in ("detail", "errors", "fields", "invalid-params"):
        found = data.get(name)
        if isinstance(found, dict) and name != "detail":
            found = [{"field": k, "message": v} for k, v in found.items()]
        for entry in found[:5] if isinstance(found, list) else []:
            yield _field(entry)


def _field(entry: Any) -> str:
    """Return one entry as text: {"loc": [...], "msg": ...} and the like."""
    if not isinstance(entry, dict):
        return str(entry)
    place = entry.get("loc") or entry.get("field") or entry.get("name") or ""
    where = ".".join(map(str, place)) if isinstance(place, list) else place
    why = entry.get("msg") or entry.get("message") or entry.get("reason")
    return f"{where}: {why}" if where and why else str(why or entry)
