"""Write down one direction of a connection, at as little cost as possible."""

import time
from typing import TYPE_CHECKING, NamedTuple

from netbasics.wire.transcript import (
    TO_SERVER,
    Direction,
    Event,
    Flow,
    Kind,
)

if TYPE_CHECKING:
    from netbasics.wire.recording import Recorder

__all__ = ["EVENT_COST", "Note", "Recording", "Writer", "clock"]

# What an event takes in memory besides its data: without it, a peer that drips
# single bytes would fill the memory long before the limit.
EVENT_COST = 256
# How much of a chunk a listener is shown once the record is full.
SHOWN = 4096

# What is noted at once; the rest of an event is worked out when one looks:
# connection, kind, direction, time, data, size, note.
Note = tuple[int, Kind, Direction, float, bytes, int, str]

clock = time.perf_counter


class Recording(NamedTuple):
    """One connection while it is being recorded.

    Attributes:
        flow: The connection.
        kept: Whether there was room for it.
        to_server: Writes down what goes to the server.
        to_client: Writes down what goes to the client.
    """

    flow: Flow
    kept: bool
    to_server: "Writer"
    to_client: "Writer"

    def writer(self, direction: Direction) -> "Writer":
        """Return the writer for one direction."""
        return self.to_server if direction == TO_SERVER else self.to_client

    @property
    def passed(self) -> tuple[int, int]:
        """How many bytes passed, to the server and to the client."""
        return self.to_server.total, self.to_client.total

    def over(self) -> None:
        """Note that nothing more will be written."""
        self.to_server.over()
        self.to_client.over()

    def current(self) -> Flow:
        """Return the connection as it is now."""
        return Flow(
            self.flow.number,
            self.flow.client,
            self.flow.server,
            self.flow.began,
            self.to_server.total,
            self.to_client.total,
            self.flow.protocol,
            self.flow.reached,
            self.flow.tapped,
        )


class Writer:
    """Writes down one direction of one connection, from one thread.

    Attributes:
        total: How many bytes have passed, kept or not.
    """

    __slots__ = (
        "_append",
        "_direction",
        "_flow",
        "_number",
        "_record",
        "_room",
        "total",
    )

    def __init__(
        self, record: "Recorder", flow: Flow, direction: Direction
    ) -> None:
        self.total = 0
        self._record = record
        self._flow = flow
        self._number = flow.number
        self._direction = direction
        self._append = record.notes.append
        self._room = 0

    def write(
        self, data: bytes, kind: Kind = "chunk", *, moment: float | None = None
    ) -> None:
        """Write down bytes that pass, now or at a moment of the `clock`."""
        now = clock() if moment is None else moment
        size = len(data)
        cost = size + EVENT_COST
        kept: bytes | None = data
        if self._room >= cost:
            self._room -= cost
        else:
            kept = self._make_room(data)
        # In Python, appending to a list is one step: it needs no lock.
        if kept is not None:
            self._append(
                (self._number, kind, self._direction, now, kept, size, "")
            )
        self.total += size
        if self._record.listener is not None:
            self._tell(now, kind, data[:SHOWN] if kept is None else kept, size)

    def over(self) -> None:
        """Give back the room that was not needed."""
        room, self._room = self._room, 0
        self._record.give_back(room)

    def _make_room(self, data: bytes) -> bytes | None:
        """Return what can be kept of the data: all, a beginning, or None."""
        cost = len(data) + EVENT_COST
        self._room += self._record.claim(cost - self._room)
        self._room -= cost
        if self._room >= 0:
            return data
        fits = max(0, len(data) + self._room)
        self._room = 0
        self._record.miss(not fits, len(data) - fits)
        return data[:fits] if fits else None

    def _tell(self, now: float, kind: Kind, data: bytes, size: int) -> None:
        record = self._record
        assert record.listener is not None
        record.listener(
            Event(
                self._number,
                kind,
                self._direction,
                record.since(self._flow, now),
                data,
                size,
                self.total - size,
            )
        )
