"""Carry one TCP connection through a tap: its bytes, and how it ends.

A line has two ends, and each end has a socket: one to the client, one to the
server. A thread for each end reads there and writes at the other one. What
ends is carried as well: a FIN becomes a FIN, after everything that came before
it, and a reset becomes a reset.
"""

import os
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from netbasics.wire.polling import can_write, hung_up, wait_for_end
from netbasics.wire.recording import Recorder
from netbasics.wire.transcript import TO_CLIENT, TO_SERVER, Direction
from netbasics.wire.writing import Recording

__all__ = ["End", "Line"]

CHUNK = 65536
# SO_LINGER switched on, with no seconds: close() is then a reset.
RESET = struct.pack("ii", 1, 0)
# How long what a peer had sent before its reset may take to be delivered, in
# seconds, once the reset is known.
LAST_WORDS = 0.2


class End:
    """One end of a line: a socket, and what to do with what comes in there.

    Attributes:
        sock: The socket.
        direction: Which way that goes what comes in here.
        other: The other end.
        ended: Whether the peer here has said that it sends no more.
        finished: Whether we have said so to it.
        idle: Set when nothing is read here any more.
    """

    def __init__(
        self, line: "Line", sock: socket.socket, direction: Direction
    ) -> None:
        self.line = line
        self.sock = sock
        self.direction = direction
        self.other = self
        self.ended = False
        self.finished = False
        self.idle = threading.Event()
        self._bell: socket.socket | None = None
        self._woken = False
        sock.settimeout(None)  # how long to wait is for the peers to say
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pump(self) -> None:
        """Carry from this end to the other until there is no more."""
        try:
            self._carry()
            self._see_the_end()
        except OSError as error:
            self.line.broken(self, error)
        except Exception as error:  # a fault of ours, or of a listener
            self.line.failed(error)
        finally:
            self.idle.set()
            self.line.done()

    def _carry(self) -> None:
        """Carry bytes until the peer here ends."""
        write = self.line.flow.writer(self.direction).write
        receive, other = self.receiver(), self.other
        send = other.sender()
        while data := receive(CHUNK):
            # Written down first: what a peer has seen is in the record.
            write(data)
            try:
                send(data)
            except OSError as error:
                other.lost(error)
                return

    def receiver(self) -> Callable[[int], bytes]:
        """Return what reads here."""
        return self.sock.recv

    def sender(self) -> Callable[[bytes], object]:
        """Return what writes here, all that it is given."""
        return self.sock.sendall

    def lost(self, error: OSError) -> None:
        """Note that nothing can be sent here: the peer here is gone.

        What it had sent before is on its way in another thread, which will
        come upon the break after it. That is waited for, but not for long:
        nobody may be reading.
        """
        self.idle.wait(LAST_WORDS)
        self.line.broken(self, error)

    def _see_the_end(self) -> None:
        """Hand on that the peer here has ended; stay to see more."""
        if self.line.over:
            return
        if self._was_reset():
            self.line.broken(self, self._error())
            return
        self.line.ended(self)
        # A reset may follow the FIN. It can come much later.
        self._wait_for_end()
        if not self.line.over and self._was_reset():
            self.line.broken(self, self._error())

    def _wait_for_end(self) -> None:
        """Wait until the other direction has ended as well, or `wake()`."""
        with self.line.lock:
            if self._woken:
                return
            self._bell, bell = socket.socketpair()
        with bell:
            wait_for_end(self.sock, bell)
        with self.line.lock:
            self._bell.close()
            self._bell = None

    def _was_reset(self) -> bool:
        """Whether this connection broke, although `recv` said b"".

        The error of a reset is told once: to this thread, or to the one that
        was sending. But both directions are over, and we did not end ours.
        """
        with self.line.lock:
            return not self.finished and hung_up(self.sock)

    def _error(self) -> OSError:
        number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return (
            OSError(number, os.strerror(number))
            if number
            else (ConnectionResetError())
        )

    def finish(self) -> None:
        """Say here that no more will come."""
        with self.line.lock:
            self.finished = True
            # It fails if the peer here is gone; its own thread finds that out.
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)

    def wake(self, how: int) -> None:
        """End whatever waits for this socket."""
        with suppress(OSError):
            self.sock.shutdown(how)
        with self.line.lock:
            self._woken = True
            if self._bell is not None:
                self._bell.close()

    def abort(self) -> None:
        """Have this end closed by a reset, at once."""
        self.resets()
        # SHUT_RDWR would send a FIN before the reset. It is needed where a
        # thread waits for room to send: there, no FIN gets out either.
        free = can_write(self.sock)
        self.wake(socket.SHUT_RD if free else socket.SHUT_RDWR)

    def resets(self) -> None:
        """Make the close to come a reset."""
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


class Line:
    """One connection through a tap.

    Args:
        record: Where what passes is written down.
        flow: The connection, as it is written down.
        report: Told of an error that is no fault of the two peers.

    Attributes:
        over: Whether it is known to be over, in whatever way.
        lock: Held for a change of the state, and never while waiting.
    """

    def __init__(
        self,
        record: Recorder,
        flow: Recording,
        report: Callable[[Exception], object],
    ) -> None:
        self.record = record
        self._report = report
        self.flow = flow
        self.over = False
        self.lock = threading.RLock()
        self._ends: list[End] = []
        self._running = 2
        self._closed = threading.Event()

    def run(
        self,
        client: End,
        server: End,
        start: Callable[[Callable[[], None]], object],
    ) -> None:
        """Carry until both ends are over, then close them.

        Args:
            client: The end to the client.
            server: The end to the server.
            start: Runs a function in another thread.
        """
        client.other, server.other = server, client
        with self.lock:
            self._ends = [client, server]
        start(server.pump)
        client.pump()
        self._closed.wait()

    def ended(self, end: End) -> None:
        """Hand on that one side sends no more."""
        with self.lock:
            if self.over:
                return
            end.ended = True
            self.over = end.other.ended
            self.record.mark(
                self.flow, "close" if self.over else "half-close", end.direction
            )
        end.other.finish()

    def broken(self, end: End, error: OSError) -> None:
        """Hand on that the connection broke at one end."""
        with self.lock:
            if self.over:
                return
            self.over = True
            plain = isinstance(error, ConnectionError) or not error.errno
            note = "" if plain else f"{error.strerror or error}"
            self.record.mark(self.flow, "reset", end.direction, note)
        end.wake(socket.SHUT_RDWR)
        end.other.abort()

    def failed(self, error: Exception) -> None:
        """End it because of an error in the tap."""
        self._report(error)
        with self.lock:
            # Also if it is over already: that may not have been handed on.
            self.over = True
            ends = list(self._ends)
        for end in ends:
            end.abort()

    def cut(self, note: str) -> None:
        """End it because the tap is stopped."""
        with self.lock:
            if self.over:
                return
            self.over = True
            self.record.mark(self.flow, "note", TO_SERVER, note)
            ends = list(self._ends)
        # What could not be delivered must not look like the whole.
        whole = all(can_write(end.sock) for end in ends)
        for end in ends:
            if not whole:
                end.resets()
            end.wake(socket.SHUT_RDWR)

    def done(self) -> None:
        """Note that one of the two threads has done its work."""
        with self.lock:
            self._running -= 1
            if self._running:
                return
            self.over = True
        self.flow.over()
        for end in self._ends:
            end.sock.close()
        self._closed.set()

    @property
    def ending(self) -> bool:
        """Whether one side has said goodbye, so that the end is near."""
        return not self._ends or any(end.ended for end in self._ends)

    def refuse(
        self,
        direction: Direction,
        note: str,
        client: socket.socket,
        server: socket.socket | None = None,
    ) -> None:
        """Reset the client, before anything was carried; let the server be."""
        self.over = True
        self.record.mark(self.flow, "reset", direction, note)
        with suppress(OSError):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        if server is not None:
            server.close()

    def unreachable(self, client: socket.socket, error: OSError) -> None:
        """Reset the client, the nearest thing to refusing it, and say so."""
        self.flow.flow.reached = False
        self.refuse(
            TO_CLIENT,
            f"There is no connection to the target ({error.strerror or error})."
            " The client was connected to the tap by then, so it sees a reset;"
            " without the tap, its connect would have failed.",
            client,
        )
