"""Write down what passes, up to a limit; then go on counting."""

import threading
import time
from collections.abc import Callable

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
from netbasics.wire.writing import (
    EVENT_COST,
    Note,
    Recording,
    Writer,
    clock,
)

__all__ = ["LIMIT", "Listener", "Recorder"]

LIMIT = 32 * 2**20
# The same for a connection.
FLOW_COST = 1024
# A writer takes room for small events in pieces of this size, so that it needs
# the lock only now and then.
PIECE = 4096

Listener = Callable[[Event], object]


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
        # One that its owner can take again: while it is held, Python may
        # collect garbage, and with it a socket that a watch has to note.
        self._lock = threading.RLock()
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
        tapped: bool = True,
        began: float | None = None,
    ) -> Recording:
        """Start a connection, now or at a moment of the `clock`.

        Returns:
            What records it.
        """
        now = clock() if began is None else began
        with self._lock:
            self._count += 1
            flow = Flow(
                self._count,
                client,
                server,
                now - self._zero,
                protocol="udp" if udp else "tcp",
                tapped=tapped,
            )
            self._full = self._full or self._room < FLOW_COST
            recording = Recording(
                flow,
                not self._full,
                Writer(self, flow, TO_SERVER),
                Writer(self, flow, TO_CLIENT),
            )
            if self._full:
                self._lost_flows += 1
            else:
                self._room -= FLOW_COST
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

    def give_back(self, size: int) -> None:
        """Take back room that a writer does not need any more."""
        with self._lock:
            if not self._full:
                self._room += size

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

    def append(self, recording: Recording, note: str) -> None:
        """Write down a note, at once and without the lock.

        For who may be called in the middle of anything, as by the garbage
        collector; once for a connection.
        """
        if recording.kept:
            number = recording.flow.number
            self.notes.append(
                (number, "note", TO_SERVER, clock(), b"", 0, note)
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
