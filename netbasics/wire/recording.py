"""Write down what passes, up to a limit; then go on counting."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from netbasics.wire.transcript import (
    TO_CLIENT,
    TO_SERVER,
    Direction,
    Event,
    Flow,
    Kind,
    Missed,
    Transcript,
)

__all__ = ["LIMIT", "Listener", "Recorder", "Recording", "Writer"]

LIMIT = 32 * 2**20
# What an event takes in memory besides its data: without it, a peer that drips
# single bytes would fill the memory long before the limit.
EVENT_COST = 256
# A writer takes room for small events in pieces of this size, so that it needs
# the lock only now and then.
PIECE = 4096
# How much of a chunk a listener is shown once the record is full.
SHOWN = 4096

Listener = Callable[[Event], object]
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
        )


class Recorder:
    """The record of one tap; any thread may write or take a snapshot.

    Args:
        limit: How much to keep, in bytes, of data and events together.
        listener: Called with each event as it passes, kept or not, in the
            thread that writes. It must return at once.
    """

    def __init__(
        self, limit: int = LIMIT, listener: Listener | None = None
    ) -> None:
        if limit < 0:
            raise ValueError(
                f"limit={limit} bytes is not possible: give 0 or more"
            )
        self.limit = limit
        self.listener = listener
        self.notes: list[Note] = []
        self._started = time.time()
        self._zero = clock()
        self._lock = threading.Lock()
        self._recordings: list[Recording] = []
        self._room = limit
        self._full = False
        self._count = 0
        self._lost_flows = 0
        self._lost_chunks = 0
        self._lost_bytes = 0

    def begin(
        self,
        client: tuple[str, int],
        server: tuple[str, int],
        *,
        udp: bool = False,
    ) -> Recording:
        """Start a connection; return what records it."""
        now = clock()
        with self._lock:
            self._count += 1
            flow = Flow(
                self._count,
                client,
                server,
                now - self._zero,
                protocol="udp" if udp else "tcp",
            )
            self._full = self._full or self._room < EVENT_COST
            recording = Recording(
                flow,
                not self._full,
                Writer(self, flow, TO_SERVER),
                Writer(self, flow, TO_CLIENT),
            )
            if self._full:
                self._lost_flows += 1
            else:
                self._recordings.append(recording)
        if not udp:  # where there is no such thing
            self.mark(recording, "connect", TO_SERVER, time_=now)
        return recording

    def claim(self, size: int) -> int:
        """Take room for `size` bytes and a little more; return how much.

        It may be less than was asked for: then the record is full.
        """
        with self._lock:
            if self._full:
                return 0
            taken = min(max(size, PIECE), self._room)
            self._room -= taken
            # What is kept of a direction must have no gap: from here on,
            # nothing more is kept of any.
            self._full = taken < size
            return taken

    def miss(self, chunks: int, size: int) -> None:
        """Count what is not kept."""
        with self._lock:
            self._lost_chunks += chunks
            self._lost_bytes += size

    def mark(
        self,
        recording: Recording,
        kind: Kind,
        direction: Direction,
        note: str = "",
        *,
        time_: float | None = None,
    ) -> None:
        """Write down what is no bytes: a connect, an ending, a note."""
        now = clock() if time_ is None else time_
        flow = recording.flow
        # How the connections that are in the record end belongs into it, full
        # or not. Each has only a few such events.
        if recording.kept:
            with self._lock:
                self._room = max(0, self._room - EVENT_COST)
            self.notes.append((flow.number, kind, direction, now, b"", 0, note))
        if self.listener is not None:
            offset = recording.writer(direction).total
            since = now - self._zero - flow.began
            self.listener(
                Event(flow.number, kind, direction, since, b"", 0, offset, note)
            )

    def since(self, flow: Flow, moment: float) -> float:
        """Return the seconds from the flow's beginning to a moment."""
        return moment - self._zero - flow.began

    def transcript(self) -> Transcript:
        """Return what is recorded up to now."""
        # In this order: each note's connection is then among the flows.
        notes = list(self.notes)
        with self._lock:
            recordings = list(self._recordings)
            missed = Missed(
                self._lost_flows, self._lost_chunks, self._lost_bytes
            )
        flows = [recording.current() for recording in recordings]
        return Transcript(
            self._events(notes, flows),
            flows,
            started=self._started,
            limit=self.limit,
            missed=missed,
        )

    def _events(self, notes: list[Note], flows: list[Flow]) -> list[Event]:
        """Make events of the notes: in order of time, with their offsets."""
        # Two threads that write at the same time may swap places in the list.
        notes.sort(key=lambda note: note[3])
        by_number = {flow.number: flow for flow in flows}
        offsets: dict[tuple[int, str], int] = {}
        events = []
        for number, kind, direction, moment, data, size, note in notes:
            offset = offsets.get((number, direction), 0)
            offsets[number, direction] = offset + size
            flow = by_number[number]
            if not size and kind != "datagram":
                # Behind what was not kept, too, an ending is where it was.
                total = flow.to_server, flow.to_client
                ends = kind in ("half-close", "close", "reset")
                offset = total[direction == TO_CLIENT] if ends else offset
            since = self.since(flow, moment)
            events.append(
                Event(number, kind, direction, since, data, size, offset, note)
            )
        return events

    def counts(self) -> tuple[int, int]:
        """Return how many connections and bytes there were so far."""
        with self._lock:
            recordings = list(self._recordings)
            count = self._count
        return count, sum(
            r.to_server.total + r.to_client.total for r in recordings
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
        self, record: Recorder, flow: Flow, direction: Direction
    ) -> None:
        self.total = 0
        self._record = record
        self._flow = flow
        self._number = flow.number
        self._direction = direction
        self._append = record.notes.append
        self._room = 0

    def write(self, data: bytes, kind: Kind = "chunk") -> None:
        """Write down bytes that pass."""
        now = clock()
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
