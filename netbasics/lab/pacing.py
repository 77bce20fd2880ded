"""An answer in pieces, at a pace."""

from collections.abc import Sequence
from typing import Literal

from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["paced"]


def paced(
    pieces: Sequence[bytes],
    interval: float,
    *,
    then: Literal["close", "hold"] = "close",
) -> Peer:
    r"""Read a request, and send these pieces with a pause before each.

    Real world: a server that works out its answer while it sends it. Where
    the pauses fall decides which timeout notices: each piece starts that of a
    single read anew, and a deadline for the body knows nothing of the headers.

    The caller sees: the pieces, `interval` seconds apart.

    Args:
        pieces: What to send, from the status line on.
        interval: The pause before each piece, in seconds.
        then: What comes behind: an orderly end, or nothing at all.

    Example:
        >>> from netbasics import sockets
        >>> with paced([b"HTTP/1.1 204 ", b"No Content\r\n\r\n"], 0.01) as peer:
        ...     sockets.ask(peer.address, b"GET / HTTP/1.1\r\n\r\n")
        b'HTTP/1.1 204 No Content\r\n\r\n'
    """

    def script(visit: Visit) -> None:
        visit.read_request()
        for piece in pieces:
            visit.pause(interval)
            visit.send(piece)
        if then == "hold":
            visit.hold()

    return TCPPeer("paced", script)
