"""The right answer at the wrong speed: slow, dripping."""

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, TEXT, answer, head
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["dripping", "slow"]


@fault("http", should="succeed", because="the answer comes in good time")
def slow(seconds: float = 1.0, *, content: bytes = OK) -> Peer:
    r"""Answer correctly, after a pause.

    Real world: a slow query, a cold start, a server with too much to do.

    The caller sees: silence for that long, then a correct answer. A timeout
    below `seconds` fails, one above it succeeds: how long to wait is a
    decision, and only the caller can make it.

    Args:
        seconds: The pause between the request and the answer, in seconds.
        content: The body of the answer, as JSON.

    Example:
        >>> import urllib.request
        >>> from netbasics import lab
        >>> with lab.slow(0.1) as peer:
        ...     urllib.request.urlopen(peer.url, timeout=5).read()
        b'{"status": "ok"}\n'
    """

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.pause(seconds)
        visit.send(answer(content))

    return TCPPeer("slow", script, content=content)


@fault(
    "http",
    should="fail",
    because="it would take minutes, though no single read is slow",
    name="dripping_headers",
    interval=0.5,
    headers=True,
    body=False,
)
@fault(
    "http",
    should="fail",
    because="it would take minutes, though no single read is slow",
)
def dripping(
    interval: float = 0.1,
    *,
    headers: bool = False,
    body: bool = True,
    content: bytes = TEXT,
) -> Peer:
    """Send the body, or the headers, or both byte by byte.

    Real world: an overloaded link or server; on purpose, an attack on whoever
    fetches URLs that come from outside.

    The caller sees: an answer that is always about to come. Each byte starts
    a read timeout anew, so `timeout=0.3` holds for as many times 0.3 s as
    there are bytes. Only a deadline for the whole call ends it.

    Args:
        interval: The pause before each byte, in seconds.
        headers: Whether the status line and the headers drip.
        body: Whether the body drips.
        content: The body, as plain text.

    Example:
        >>> import urllib.request
        >>> from netbasics import lab
        >>> with lab.dripping(0.02, content=b"slowly") as peer:
        ...     # Six bytes take longer than the timeout, and no error comes.
        ...     urllib.request.urlopen(peer.url, timeout=0.1).read()
        b'slowly'
    """
    framing = [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(content))),
        ("Connection", "close"),
    ]

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.drip(head(200, framing), interval if headers else 0)
        visit.drip(content, interval if body else 0)

    return TCPPeer("dripping", script, content=content)
