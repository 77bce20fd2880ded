"""A file behind a poor line: cut off, resumed, and replaced meanwhile."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netbasics.lab.cutting import first_byte, range_head
from netbasics.lab.messages import head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.record import Request
from netbasics.lab.visits import Visit

__all__ = ["Part", "etag_of", "shaky_file"]


@dataclass(frozen=True)
class Part:
    """How one request for a file is answered.

    Args:
        content: The file as it is at that time.
        sent: How many bytes of the body are sent before the line is cut; None
            for all of them, -1 for not even a status line.
    """

    content: bytes
    sent: int | None = None


def etag_of(content: bytes) -> str:
    """Return the strong ETag of a version, in its quotes.

    >>> etag_of(b"one"), etag_of(b"two")
    ('"fe05bcdc"', '"ad782ecd"')
    """
    return f'"{hashlib.sha1(content).hexdigest()[:8]}"'


def shaky_file(
    parts: Sequence[Part],
    *,
    look: Callable[[Request], object] | None = None,
) -> Peer:
    """Serve a file over a line that is cut, while the file may change.

    Real world: a large download over a poor line, in the night in which a new
    version is released. The server knows ranges (RFC 9110, section 14): where
    `Range` is asked for without `If-Range`, it sends that part of whatever is
    the file by then; with another version's ETag, it sends the whole new file.

    The caller sees: one answer for each of `parts`, cut after so many bytes
    of its body; the last one stays.

    Args:
        parts: The answers in turn.
        look: Called with each request before it is answered, in the peer's
            thread: to see what the client has made of the answer before.

    Raises:
        ValueError: There is not one part.

    Example:
        >>> import urllib.request
        >>> with shaky_file([Part(b"0123456789")]) as peer:
        ...     rest = {"Range": "bytes=6-", "If-Range": etag_of(b"0123456789")}
        ...     request = urllib.request.Request(peer.url, headers=rest)
        ...     urllib.request.urlopen(request, timeout=5).read()
        b'6789'
    """
    if not parts:
        raise ValueError("parts is empty: give at least one answer")

    def script(visit: Visit) -> None:
        request = visit.read_request()
        if look is not None:
            look(request)
        part = parts[min(visit.number, len(parts)) - 1]
        if part.sent != -1:
            serve(visit, request, part)

    return TCPPeer("shaky_file", script, content=parts[-1].content)


def serve(visit: Visit, request: Request, part: Part) -> None:
    """Answer a request for a file, as far as its part goes."""
    size, etag = len(part.content), etag_of(part.content)
    start = first_byte(request, etag)
    if start and start >= size:
        total = [("Content-Range", f"bytes */{size}")]
        framing = [("Content-Length", "0"), ("Connection", "close")]
        visit.send(head(416, [*total, *framing]))
        return
    visit.send(range_head(start, size, etag))
    visit.send(part.content[start:][: part.sent])
