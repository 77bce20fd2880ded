"""An HTTP peer that says how it read a request."""

import json
from urllib.parse import parse_qsl, unquote

from netbasics.lab.messages import answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.record import Request
from netbasics.lab.visits import Visit

__all__ = ["echoes"]


def echoes() -> Peer:
    r"""Answer every request with what the server made of it, as JSON.

    Real world: the pages that show a request, such as httpbin's `/anything`.
    A URL is right when the server at its end reads from it what was meant.

    The caller sees: the method; the segments of the path and the names and
    values of the query, divided first and then decoded once; the fields that
    are blank or repeated are there too.

    Example:
        >>> from netbasics import sockets
        >>> request = b"GET /a%2Fb/c?x=1&x=&y=%26 HTTP/1.1\r\n\r\n"
        >>> with echoes() as peer:
        ...     _, _, body = sockets.ask(peer.address, request).partition(
        ...         b"\r\n\r\n"
        ...     )
        >>> print(body.decode())
        {"method": "GET", "path": ["a/b", "c"],
         "query": [["x", "1"], ["x", ""], ["y", "&"]]}
    """

    def script(visit: Visit) -> None:
        reading = as_read(visit.read_request())
        visit.send(answer(json.dumps(reading).encode()))

    return TCPPeer("echoes", script)


def as_read(request: Request) -> dict[str, object]:
    """Return what a server reads from a request's first line."""
    path, _, query = request.target.partition("?")
    segments = path.removeprefix("/").split("/")
    return {
        "method": request.method,
        "path": [unquote(segment) for segment in segments],
        "query": parse_qsl(query, keep_blank_values=True),
    }
