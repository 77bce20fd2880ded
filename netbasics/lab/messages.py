"""HTTP answers as bytes, right and wrong.

Here a header is only text. A library would refuse to write two different
lengths, or a negative one; the lab must be able to.
"""

from collections.abc import Iterable
from http import HTTPStatus

__all__ = ["OK", "TEXT", "answer", "head"]

OK = b'{"status": "ok"}\n'
TEXT = b"".join(b"line %02d of 40: all is well.\n" % n for n in range(1, 41))

Pairs = Iterable[tuple[str, str]]


def head(status: int = 200, headers: Pairs = ()) -> bytes:
    r"""Return a status line and exactly these headers, up to the blank line.

    Example:
        >>> head(204, [("X-Test", "1")])
        b'HTTP/1.1 204 No Content\r\nX-Test: 1\r\n\r\n'
    """
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "".join(line + "\r\n" for line in [*lines, ""]).encode("latin-1")


def answer(
    content: bytes = OK,
    *,
    status: int = 200,
    kind: str = "application/json",
    headers: Pairs = (),
) -> bytes:
    """Return a whole answer in which nothing is wrong.

    It announces the end of the connection, because each peer of the lab
    answers once on each connection and then closes.

    Args:
        content: The body.
        status: The status code.
        kind: The media type, for Content-Type.
        headers: Further headers, as pairs.

    Example:
        >>> print(answer(b"hi", kind="text/plain").decode())
        HTTP/1.1 200 OK
        Content-Type: text/plain
        Content-Length: 2
        Connection: close
        <BLANKLINE>
        hi
    """
    framing = [
        ("Content-Type", kind),
        ("Content-Length", str(len(content))),
        ("Connection", "close"),
    ]
    return head(status, [*framing, *headers]) + content
