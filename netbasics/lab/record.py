"""What a peer saw: attempts, bytes and requests, in the order they came."""

import threading
from dataclasses import dataclass, field, replace

__all__ = ["Record", "Request"]

# Beyond these nothing is kept; counting goes on.
KEPT_ENTRIES = 10_000  # connections or datagrams, and as many requests
KEPT_OF_ONE = 1 << 20  # bytes of one connection, datagram or request body
KEPT_IN_ALL = 16 << 20  # bytes


@dataclass(frozen=True)
class Request:
    """An HTTP request as it arrived; nothing in it was checked or changed.

    Args:
        method: `"GET"`; whatever stood first, even if no such method exists.
        target: What was asked for, as it was spelled: `"/users?page=2"`.
        headers: Pairs in the order sent, names in the spelling sent.
        body: What came after the headers. Of a chunked body, the raw chunks.
        at: When its headers were complete, in seconds after the peer started.
        connection: The connection it came on, counted from 1.

    Example:
        >>> request = Request("GET", "/", [("Accept", "*/*")])
        >>> request.header("accept")
        '*/*'
        >>> request.header("Authorization") is None
        True
    """

    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    at: float = 0.0
    connection: int = 1

    def header(self, name: str) -> str | None:
        """Return the first header of that name, in any case; None if none."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None


class Record:
    """A list that several connections write to at once.

    It exists so that a lesson or a check can ask the other end what really
    arrived. It keeps a bounded amount and goes on counting after that.

    Example:
        >>> record = Record()
        >>> number = record.attempt()
        >>> record.received(number, b"hel")
        >>> record.received(number, b"lo")
        >>> record.seen, record.attempts
        ([b'hello'], 1)

    All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._attempts = 0
        self._room = KEPT_IN_ALL
        self._seen: list[bytearray] = []
        self._requests: list[Request] = []
        self._refusals: list[str] = []

    @property
    def attempts(self) -> int:
        """How many connections or datagrams came."""
        return self._attempts

    @property
    def seen(self) -> list[bytes]:
        """The bytes of each connection or datagram, one entry for each."""
        with self._changed:
            return [bytes(data) for data in self._seen]

    @property
    def requests(self) -> list[Request]:
        """The HTTP requests, of all connections."""
        with self._changed:
            return list(self._requests)

    @property
    def refusals(self) -> list[str]:
        """Why clients broke off a TLS handshake: `"TLSV1_ALERT_UNKNOWN_CA"`."""
        with self._changed:
            return list(self._refusals)

    def attempt(self, data: bytes = b"") -> int:
        """Count a connection or a datagram; return its number, from 1."""
        with self._changed:
            self._attempts += 1
            if len(self._seen) < KEPT_ENTRIES:
                self._seen.append(bytearray(self._fitting(data)))
            self._changed.notify_all()
            return self._attempts

    def received(self, number: int, data: bytes) -> None:
        """Add bytes to what connection `number` has sent so far."""
        with self._changed:
            if number <= len(self._seen):
                kept = self._seen[number - 1]
                kept += self._fitting(data, already=len(kept))
            self._changed.notify_all()

    def request(self, request: Request) -> None:
        """Keep an HTTP request."""
        with self._changed:
            if len(self._requests) < KEPT_ENTRIES:
                body = self._fitting(request.body)
                self._requests.append(replace(request, body=body))
            self._changed.notify_all()

    def _fitting(self, data: bytes, already: int = 0) -> bytes:
        """Return what may be kept of it, and take the room for that."""
        kept = data[: min(KEPT_OF_ONE - already, self._room)]
        self._room -= len(kept)
        return kept

    def refused(self, reason: str) -> None:
        """Keep the reason why a client broke off a TLS handshake."""
        with self._changed:
            if len(self._refusals) < KEPT_ENTRIES:
                self._refusals.append(reason)
            self._changed.notify_all()

    def wait_for(self, attempts: int, timeout: float = 5.0) -> bool:
        """Wait until that many attempts came; False if they did not in time.

        A client's `connect` returns before the peer's `accept` does, so a
        count that is read at once may be one behind.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: self._attempts >= attempts, timeout
            )

    def wait_for_bytes(self, count: int, timeout: float = 5.0) -> bool:
        """Wait until `seen` has that many bytes; False if it has not in time.

        A client's `send` returns before the peer has read.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: sum(map(len, self._seen)) >= count, timeout
            )
