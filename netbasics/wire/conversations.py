"""What the client's end of a conversation notes while it is watched.

A tap stands between two programs and sees both directions end. Here there is
only what one socket was told by its own calls: what they took, what they gave,
and how they failed.
"""

import errno
import socket
import threading
from typing import NamedTuple

from netbasics.wire.recording import Recorder
from netbasics.wire.transcript import TO_CLIENT, TO_SERVER, Direction, Kind
from netbasics.wire.writing import Recording

__all__ = ["Address", "Datagrams", "Ending", "Stream", "pause", "reason"]

Address = tuple[str, int]

# Remarks are kept even where the record is full, so they have to be few.
MOST_REMARKS = 8
# One UDP socket may ask many others; the first ones are forgotten.
MOST_TARGETS = 500
# "Not now", of a socket that does not block, in plain and in TLS.
NOT_NOW = ("SSLWantReadError", "SSLWantWriteError")


class Ending(NamedTuple):
    """What is known of a connection just before its socket is closed.

    Attributes:
        unread: How many bytes wait to be read.
        abrupt: Whether close() was told to be a reset (SO_LINGER).
        connected: Whether it is connected at all.
    """

    unread: int
    abrupt: bool
    connected: bool


def pause(error: OSError) -> bool:
    """Whether an error only says that a call would have to wait."""
    return (
        isinstance(error, BlockingIOError | InterruptedError)
        or error.errno == errno.EINPROGRESS
        or type(error).__name__ in NOT_NOW
    )


def reason(error: OSError) -> str:
    """Return why something failed, without the number."""
    return str(error.strerror or error or type(error).__name__)


def _unknown(doing: str) -> str:
    """Say of `sendall` what nobody can say: how far it came."""
    return (
        " How much of it went out is not known, nor shown here."
        if doing == "sendall"
        else ""
    )


class Stream:
    """The client's end of one TCP connection.

    Args:
        record: Where it is written down.
        recording: The connection, as it is written down.

    Attributes:
        flow: The connection.
        pending: Whether its connect has not ended yet.
        holders: The socket objects that are this end, by their `id`: one as a
            rule, two while TLS takes over, more after a dup().
    """

    def __init__(self, record: Recorder, recording: Recording) -> None:
        self.flow = recording.flow
        self.pending = True
        self.holders: set[int] = set()
        self._record = record
        self._recording = recording
        # Held for the writing, never while a call waits. Its owner can take
        # it again: garbage collection may close another holder meanwhile.
        self._lock = threading.RLock()
        self._ended: set[Direction] = set()
        self._over = False
        self._deaf = False
        self._remarks = 0

    def connected(self, client: Address, server: Address) -> None:
        """Note that there is a connection, and between whom."""
        self.pending = False
        self.flow.client, self.flow.server = client, server
        self.flow.reached = True

    def not_connected(self, error: OSError | None, waited: float) -> None:
        """Note that there will be no connection.

        Args:
            error: Why; None if the client did not wait to know.
            waited: How long it waited, in seconds.
        """
        with self._lock:
            self.pending = False
            self.flow.reached = False
            if error is None:
                remark = "The client gave up before there was a connection."
            elif isinstance(error, TimeoutError):
                remark = f"Timed out: no answer to connect for {waited:.2g} s."
            else:
                remark = f"There is no connection: {reason(error)}."
            if isinstance(error, ConnectionRefusedError):
                self._mark("reset", TO_CLIENT)
            self._remark(remark)
            self._finish()

    def sent(self, data: bytes, began: float) -> None:
        """Write down what the client sent, at the moment of its call."""
        # Not at the call's end: an answer may be in another thread by then.
        with self._lock:
            if data:
                self._recording.to_server.write(data, moment=began)

    def received(self, data: bytes) -> None:
        """Write down what the client got; nothing is the server's goodbye."""
        with self._lock:
            if data:
                self._recording.to_client.write(data)
            elif not self._deaf:
                self._end(TO_CLIENT)

    def secured(self, version: str | None, name: str | None) -> None:
        """Note that from here on, what is seen travels encrypted."""
        whom = f" with {name}" if name else ""
        self._remark(
            f"{version or 'TLS'}{whom}. What follows was encrypted on the way; "
            "this program's end of it has it in the clear."
        )

    def failed(
        self, error: OSError, doing: str, timeout: float | None = None
    ) -> None:
        """Note that a call of the client failed.

        Args:
            error: What it raised.
            doing: What it was about, such as `"recv"`.
            timeout: The socket's timeout, in seconds.
        """
        with self._lock:
            # Where we have not said goodbye, a broken pipe is a reset, too.
            gone = ConnectionResetError, ConnectionAbortedError
            broken = isinstance(error, BrokenPipeError)
            if isinstance(error, gone) or (
                broken and TO_SERVER not in self._ended
            ):
                if not self._over:
                    self._mark("reset", TO_CLIENT)
                    self._over = True
            elif self._over:
                return
            elif isinstance(error, TimeoutError) and error.errno is None:
                time = "" if timeout is None else f" after {timeout:.2g} s"
                self._remark(
                    f"{doing} timed out{time}: the client gave up."
                    f"{_unknown(doing)}"
                )
            else:
                self._remark(
                    f"{doing} failed: {reason(error)}.{_unknown(doing)}"
                )

    def shut(self, how: int) -> None:
        """Note a shutdown() by the client."""
        with self._lock:
            self._deaf = self._deaf or how != socket.SHUT_WR
            if how != socket.SHUT_RD:
                self._end(TO_SERVER)

    def closed(self, ending: Ending) -> None:
        """Note that the client closed its socket."""
        with self._lock:
            if not self._over and ending.abrupt:
                self._mark("reset", TO_SERVER)
            elif not self._over and ending.unread:
                self._mark("reset", TO_SERVER)
                self._remark(
                    f"Closed with {ending.unread:,} bytes unread: for that "
                    "the system sends a reset."
                )
            elif TO_SERVER not in self._ended:
                self._end(TO_SERVER, "close(): the client reads no more.")
            self._finish()

    def dropped(self) -> None:
        """Note that the socket is gone without a close()."""
        # Called by the garbage collector, maybe from amid the record's own
        # work: nothing but this one step, which needs no lock.
        if not self._over and not self.pending:
            text = "Nobody closed this socket: it was collected as garbage."
            self._record.append(self._recording, text)

    def _end(self, way: Direction, note: str = "") -> None:
        if way in self._ended or self._over:
            return
        self._ended.add(way)
        self._over = len(self._ended) == 2
        kind: Kind = "close" if self._over else "half-close"
        self._record.mark(
            self._recording, kind, way, "" if self._over else note
        )

    def _mark(self, kind: Kind, way: Direction) -> None:
        self._record.mark(self._recording, kind, way)

    def _remark(self, text: str) -> None:
        self._remarks += 1
        if self._remarks <= MOST_REMARKS:
            self._record.mark(self._recording, "note", TO_SERVER, text)

    def _finish(self) -> None:
        self._over = True
        self._recording.over()

    def over(self) -> None:
        """Note that the watch ends, whether or not the connection does."""
        with self._lock:
            if not self._over:
                self._remark("Still open when the watch ended.")
            self._finish()


class Datagrams:
    """A UDP socket that asks: a flow for each address that it sends to.

    Args:
        record: Where it is written down.
    """

    def __init__(self, record: Recorder) -> None:
        self._record = record
        self._flows: dict[Address, Recording] = {}
        self._lock = threading.RLock()
        self._last: Recording | None = None
        self._remarks = 0

    def sent(
        self, data: bytes, began: float, client: Address, server: Address
    ) -> None:
        """Write down a datagram that was sent."""
        with self._lock:
            flow = self._flows.get(server)
            if flow is None:
                if len(self._flows) >= MOST_TARGETS:
                    self._flows.pop(next(iter(self._flows))).over()
                flow = self._flows[server] = self._record.begin(
                    client, server, udp=True, tapped=False, began=began
                )
            flow.flow.client = client
            flow.to_server.write(data, "datagram", moment=began)
            self._last = flow

    def received(self, data: bytes, server: Address) -> None:
        """Write down a datagram that came."""
        with self._lock:
            flow = self._flows.get(server)
            if flow is None:
                flow = self._last
                self._remark(
                    f"From {server[0]}:{server[1]}, who was not asked:"
                )
            if flow is not None:
                flow.to_client.write(data, "datagram")

    def failed(self, error: OSError, doing: str, timeout: float | None) -> None:
        """Note that a call failed."""
        with self._lock:
            if isinstance(error, ConnectionRefusedError):
                self._remark(
                    "Nothing listens there, as the other system says (ICMP, "
                    "port unreachable)."
                )
            elif isinstance(error, TimeoutError):
                time = "" if timeout is None else f" after {timeout:.2g} s"
                self._remark(f"{doing} timed out{time}: no datagram came.")
            else:
                self._remark(f"{doing} failed: {reason(error)}.")

    def over(self) -> None:
        """Give back the room that is not needed."""
        with self._lock:
            for flow in self._flows.values():
                flow.over()

    def _remark(self, text: str) -> None:
        self._remarks += 1
        if self._last is not None and self._remarks <= MOST_REMARKS:
            self._record.mark(self._last, "note", TO_CLIENT, text)
