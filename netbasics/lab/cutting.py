"""Answers that stop in the middle."""

import re

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import TEXT, head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.record import Request
from netbasics.lab.visits import Visit

__all__ = ["cut_download", "cut_off"]


@fault("http", should="fail", because="less came than Content-Length said")
def cut_off(content: bytes = TEXT, *, after: int | None = None) -> Peer:
    r"""Stop in the middle of the body: Content-Length says more than comes.

    Real world: the server process died, a proxy gave up, a disk was full.

    The caller sees: a connection that ends in order, which looks like the end
    of the body to everyone who does not count. A loop of `read(4)` over
    `http.client` takes the half for the whole, and so did `requests` with
    urllib3 before version 2. RFC 9112, section 8, calls it incomplete.

    Args:
        content: The whole body, as plain text.
        after: How many bytes of it are sent; without it, half of them.

    Example:
        >>> from netbasics import lab, sockets
        >>> with lab.cut_off(b"all is well", after=3) as peer:
        ...     raw = sockets.ask(peer.address, b"GET / HTTP/1.1\r\n\r\n")
        >>> print(raw.decode())
        HTTP/1.1 200 OK
        Content-Type: text/plain
        Content-Length: 11
        Connection: close
        <BLANKLINE>
        all
    """
    sent = content[: len(content) // 2 if after is None else after]
    framing = [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(content))),
        ("Connection", "close"),
    ]

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(head(200, framing) + sent)

    return TCPPeer("cut_off", script, content=content)


@fault(
    "http",
    should="succeed",
    because="asking again, best for the rest only, gets the whole",
    row=False,
)
def cut_download(
    content: bytes = TEXT, *, cuts: int = 2, etag: str = '"1"'
) -> Peer:
    """Break a download a number of times; it can be resumed.

    Real world: a large file over a poor line. The server knows ranges
    (RFC 9110, section 14), as servers of files do: `Range: bytes=500-` is
    answered by 206 and the rest, unless an `If-Range` names another version.

    The caller sees: the first `cuts` answers stop half-way through what they
    announced; the next one is whole. `requests` shows which bytes were asked
    for, so whether the client resumed or started over.

    Args:
        content: The file.
        cuts: How many answers are cut off.
        etag: The version of the file, in its quotes.

    Example:
        >>> import urllib.request
        >>> from netbasics import lab
        >>> with lab.cut_download(b"0123456789", cuts=0) as peer:
        ...     rest = {"Range": "bytes=6-"}
        ...     request = urllib.request.Request(peer.url, headers=rest)
        ...     urllib.request.urlopen(request, timeout=5).read()
        b'6789'
    """

    def script(visit: Visit) -> None:
        start = first_byte(visit.read_request(), etag)
        if start and start >= len(content):
            size = [("Content-Range", f"bytes */{len(content)}")]
            visit.send(head(416, [*size, ("Content-Length", "0")]))
            return
        rest = content[start:]
        visit.send(range_head(start, len(content), etag))
        visit.send(rest[: len(rest) // 2] if visit.number <= cuts else rest)

    return TCPPeer("cut_download", script, content=content)


def first_byte(request: Request, etag: str) -> int:
    """Return where the client wants to go on; 0 for the whole file."""
    asked = re.fullmatch(r"bytes=(\d+)-", request.header("Range") or "")
    same = request.header("If-Range") in (None, etag)
    return int(asked[1]) if asked and same else 0


def range_head(start: int, size: int, etag: str) -> bytes:
    """Return the head of an answer with the bytes from `start` on."""
    part = [("Content-Range", f"bytes {start}-{size - 1}/{size}")]
    return head(
        206 if start else 200,
        [
            ("Content-Type", "application/octet-stream"),
            ("Content-Length", str(size - start)),
            *(part if start else []),
            ("Accept-Ranges", "bytes"),
            ("ETag", etag),
            ("Connection", "close"),
        ],
    )
