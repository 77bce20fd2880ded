r"""What passed a tap, as data: for tests, and for people.

>>> from netbasics import servers, sockets, wire
>>> def shout(sock, peer):
...     sock.sendall(sockets.Reader(sock).rest().upper())
>>> with servers.TCPServer(shout) as server, wire.tap(server) as tap:
...     sockets.ask(tap.address, b"hello")
b'HELLO'
>>> [event.kind for event in tap.transcript]
['connect', 'chunk', 'half-close', 'chunk', 'close']
>>> tap.transcript.data("to-server")
b'hello'
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

if TYPE_CHECKING:
    from netbasics.wire.exchanges import Exchange

__all__ = [
    "TO_CLIENT",
    "TO_SERVER",
    "Direction",
    "Event",
    "Flow",
    "Kind",
    "Missed",
    "Transcript",
]

Direction = Literal["to-server", "to-client"]
TO_SERVER: Direction = "to-server"
TO_CLIENT: Direction = "to-client"

Kind = Literal[
    "connect", "chunk", "datagram", "half-close", "close", "reset", "note"
]


class Event(NamedTuple):
    """One thing that passed the tap.

    Attributes:
        connection: The connection's number, from 1 on.
        kind: `"connect"`, `"chunk"`, `"half-close"` (one side said that it
            sends no more: a FIN), `"close"` (the other side said so too),
            `"reset"`; `"datagram"` in UDP; `"note"`: see `note`.
        direction: Which way it went: `"to-server"` or `"to-client"`.
        time: Seconds since the connection began.
        data: The bytes, as far as they were kept.
        size: How many bytes passed.
        offset: How many bytes had passed in this direction before it.
        note: What has to be said about it, or nothing.
    """

    connection: int
    kind: Kind
    direction: Direction
    time: float
    data: bytes = b""
    size: int = 0
    offset: int = 0
    note: str = ""

    @property
    def ms(self) -> float:
        """Milliseconds since the connection began."""
        return self.time * 1000

    def __repr__(self) -> str:
        size = f" {self.size} bytes" if self.size else ""
        note = f": {self.note}" if self.note else ""
        return (
            f"<{self.connection}: {self.ms:.1f} ms {self.kind} "
            f"{self.direction}{size}{note}>"
        )


@dataclass
class Flow:
    """One connection, or in UDP one client, as a whole.

    Attributes:
        number: 1 for the first.
        client: The client's (host, port).
        server: The target's (host, port).
        began: Seconds from the tap's start to the connect.
        to_server: How many bytes passed to the server, kept or not.
        to_client: How many to the client.
        protocol: `"tcp"` or `"udp"`.
        reached: Whether there was a connection to the target.
        tapped: Whether a tap stood between the two; if not, the client's own
            socket was watched.
    """

    number: int
    client: tuple[str, int]
    server: tuple[str, int]
    began: float
    to_server: int = 0
    to_client: int = 0
    protocol: Literal["tcp", "udp"] = "tcp"
    reached: bool = True
    tapped: bool = True


class Missed(NamedTuple):
    """What passed after the record was full, and was only counted."""

    connections: int = 0
    chunks: int = 0
    bytes: int = 0


class Transcript(Sequence[Event]):
    """Everything that a tap recorded up to now, in the order it passed.

    It is a snapshot: it does not change, and any thread may use it.

    Args:
        events: The events.
        flows: The connections.
        started: When the tap was started, in seconds since 1970.
        limit: How much a tap keeps, in bytes.
        missed: What was only counted.

    Attributes:
        flows: The connections, each with its addresses and how many bytes
            passed each way.
        missed: How many connections, chunks and bytes were not kept.
    """

    def __init__(
        self,
        events: Sequence[Event],
        flows: Sequence[Flow] = (),
        *,
        started: float = 0.0,
        limit: int = 0,
        missed: Missed = Missed(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self._events = tuple(events)
        self.flows = tuple(flows)
        self.started = datetime.fromtimestamp(started, UTC)
        self.limit = limit
        self.missed = missed

    @property
    def complete(self) -> bool:
        """Whether everything that passed is in here."""
        return not any(self.missed)

    def filter(
        self,
        *,
        connection: int | None = None,
        direction: Direction | None = None,
        kind: Kind | None = None,
    ) -> "Transcript":
        """Return a transcript of those events that match all that is given.

        Args:
            connection: A connection's number.
            direction: `"to-server"` or `"to-client"`.
            kind: Such as `"chunk"`.

        Raises:
            ValueError: There is no such direction.
        """
        if direction is not None:
            _check(direction)
        events = [
            event
            for event in self._events
            if connection in (None, event.connection)
            and direction in (None, event.direction)
            and kind in (None, event.kind)
        ]
        flows = [f for f in self.flows if connection in (None, f.number)]
        return Transcript(
            events,
            flows,
            started=self.started.timestamp(),
            limit=self.limit,
            missed=self.missed,
        )

    def data(
        self, direction: Direction, connection: int | None = None
    ) -> bytes:
        """Join the bytes that went one way.

        Args:
            direction: `"to-server"` or `"to-client"`.
            connection: Of which connection; None joins those of all, one
                connection after the other.

        Raises:
            ValueError: There is no such direction.
        """
        chosen = self.filter(direction=direction, connection=connection)
        # Sorting keeps the order inside each connection.
        events = sorted(chosen, key=lambda event: event.connection)
        return b"".join(event.data for event in events)

    def exchanges(self, connection: int | None = None) -> "list[Exchange]":
        """Parse what passed as HTTP/1.1: requests, each with its response.

        A connection that speaks something else has none.

        Args:
            connection: Of which connection; None for all of them.
        """
        from netbasics.wire.exchanges import exchanges_in

        return exchanges_in(self.filter(connection=connection))

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: int | slice) -> Event | tuple[Event, ...]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __repr__(self) -> str:
        left_out = (
            "" if self.complete else f", {self.missed.bytes} bytes not kept"
        )
        return (
            f"<Transcript: {len(self.flows)} connections, "
            f"{len(self._events)} events{left_out}>"
        )


def _check(direction: str) -> None:
    if direction not in (TO_SERVER, TO_CLIENT):
        raise ValueError(
            f"there is no direction {direction!r}: say {TO_SERVER!r} or "
            f"{TO_CLIENT!r}"
        )
