"""An HTTP peer that says how it read a request; one that answers by rote."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from netbasics.lab.messages import answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.record import Request
from netbasics.lab.visits import Visit

__all__ = ["echoes", "tells"]


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


def tells(answers: Mapping[str, bytes]) -> Peer:
    r"""Give an answer that was written before to each target; 404 to others.

    Real world: any server, reduced to what a check wants it to say. The
    answers are bytes, sent as they are, so they may be wrong in any way.

    The caller sees: the bytes, and then an orderly end.

    Args:
        answers: The bytes for each target, such as `"/items?page=2"`.

    Example:
        >>> from netbasics import sockets
        >>> with tells({"/": b"HTTP/1.1 204 No Content\r\n\r\n"}) as peer:
        ...     sockets.ask(peer.address, b"GET / HTTP/1.1\r\n\r\n")
        b'HTTP/1.1 204 No Content\r\n\r\n'
    """

    def script(visit: Visit) -> None:
        target = visit.read_request().target
        missing = answer(b"not found", status=404, kind="text/plain")
        visit.send(answers.get(target, missing))

    return TCPPeer("tells", script)
