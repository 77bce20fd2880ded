"""A site of a few pages, each of them as its author wants it."""

import threading
from collections import deque

from netbasics.lab.feeding import feed, pieces_of
from netbasics.lab.messages import Pairs, answer
from netbasics.lab.peers import TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["Origin", "origin"]


class Origin(TCPPeer):
    """A peer with an answer, or several in turn, for each path.

    Get one from `origin()`. Pages can be put there while it runs, so that two
    origins can name each other. `requests` shows what it was told. All methods
    may be called from any thread.

    Args:
        size: Send answers in pieces of so many bytes, as `feeds` does; None
            sends each in one piece.
    """

    def __init__(self, *, size: int | None = None) -> None:
        super().__init__("origin", self._visited)
        self._size = size
        self._lock = threading.Lock()
        self._answers: dict[str, deque[bytes]] = {}

    def put(
        self,
        path: str,
        content: bytes = b"",
        *,
        status: int = 200,
        kind: str = "text/plain",
        headers: Pairs = (),
    ) -> None:
        """Answer requests for a path.

        Put there again, it is the answer to the next request for that path.
        The last one stays.

        Args:
            path: The request's target, with its query: `"/users?page=2"`.
            content: The body.
            status: The status code.
            kind: The media type.
            headers: Further headers, as pairs.
        """
        raw = answer(content, status=status, kind=kind, headers=headers)
        self._add(path, raw)

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        """Send those who ask for a path to another place.

        Args:
            path: As for `put`.
            location: Where to; it may be relative.
            status: 301, 302, 303, 307 or 308.
        """
        self.put(path, status=status, headers=[("Location", location)])

    def lose(self, path: str) -> None:
        """Close without a word when a path is asked for; in turn, as `put`."""
        self._add(path, b"")

    def _add(self, path: str, raw: bytes) -> None:
        with self._lock:
            self._answers.setdefault(path, deque()).append(raw)

    def _next(self, path: str) -> bytes:
        with self._lock:
            answers = self._answers.get(path)
            if not answers:
                return answer(b"no such page\n", status=404, kind="text/plain")
            return answers.popleft() if len(answers) > 1 else answers[0]

    def _visited(self, visit: Visit) -> None:
        raw = self._next(visit.read_request().target)
        if self._size is None:
            visit.send(raw)
        else:
            feed(visit.sock, pieces_of(raw, self._size), check=visit.check)


def origin(*, size: int | None = None) -> Origin:
    r"""Serve a site whose pages are put there one by one.

    Real world: any site. What a client does at a redirect or after a failure
    shows in what it asks for next, and of whom.

    The caller sees: what was put there for the path, 404 for any other.

    Args:
        size: Send answers in pieces of so many bytes, each when the reader
            has taken the one before; None sends each in one piece.

    Example:
        >>> import urllib.request
        >>> with origin() as site:
        ...     site.redirect("/old", "/new")
        ...     site.put("/new", b"here it is")
        ...     urllib.request.urlopen(site.url + "/old", timeout=5).read()
        ...     [request.target for request in site.requests]
        b'here it is'
        ['/old', '/new']
    """
    return Origin(size=size)
