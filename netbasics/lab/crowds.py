"""Requests that are under way together, counted at one peer or at several."""

import select
import socket
import threading
import time
from collections.abc import Callable, Mapping

from netbasics.lab.messages import answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["Crowd", "crowded"]

OFTEN = 0.02  # seconds between two looks at whether the peer was stopped
LEAVING = 0.5  # seconds for which a client may keep a connection that is over


class Crowd:
    """Counts the requests that are under way at once, whichever peer has them.

    A request is under way from its last byte until just before the last byte
    of its answer is sent, so no client that waits for its answers is counted
    twice. Nobody is answered before `size` requests are there: whether a
    client sends several at once does not depend on luck. Then all of these are
    answered, the one with the last target in the alphabet first.

    Args:
        size: How many must be there before they are answered.
        total: How many requests come in all: for the last ones, nobody waits
            for more than are left.
        settle: The first crowd is held until nobody has come for so long, in
            seconds, before the headers and again before the bodies; so those
            who should not have come are seen, too.
        patience: How long to wait for a crowd, in seconds. After that there
            will be none, and everybody is answered at once.

    Attributes:
        peak: The most requests that were under way at once.
        asked: The same, until the first header was sent.

    All of it may be used from any thread.
    """

    def __init__(
        self,
        size: int,
        total: int,
        *,
        settle: float = 0.12,
        patience: float = 1.5,
    ) -> None:
        self.peak = 0
        self.asked = 0
        self._size = size
        self._left = total
        self._settle = settle
        self._patience = patience
        self._changed = threading.Condition()
        self._present = 0
        self._answered = False
        self._latest = 0.0
        self._waiting: list[Place] = []
        self._group: list[Place] = []

    def join(self, target: str) -> "Place":
        """Come in with a request; `Place.leave` must follow."""
        with self._changed:
            place = Place(self, target)
            self._waiting.append(place)
            self._present += 1
            self._latest = time.monotonic()
            self.peak = max(self.peak, self._present)
            if not self._answered:
                self.asked = self.peak
            self._changed.notify_all()
            return place

    def _wait(
        self, holds: Callable[[], bool], check: Callable[[], None]
    ) -> bool:
        """Wait until it holds; False if patience was over before."""
        end = time.monotonic() + self._patience
        while not holds():
            check()
            if time.monotonic() > end:
                return False
            self._changed.wait(OFTEN)
        return True

    def _gather(self) -> None:
        """Make a group of those who wait, if they are enough."""
        enough = min(self._size, self._left)
        if not self._group and len(self._waiting) >= enough:
            by_target = sorted(self._waiting, key=lambda place: place.target)
            self._group, self._waiting = by_target[::-1], []


class Place:
    """A request's place in a crowd.

    Args:
        crowd: The crowd.
        target: What was asked for.
    """

    def __init__(self, crowd: Crowd, target: str) -> None:
        self.target = target
        self._crowd = crowd
        self._counted = True

    def wait_for_crowd(self, check: Callable[[], None]) -> None:
        """Wait until enough are there; `check` raises to end it."""
        crowd = self._crowd
        with crowd._changed:

            def gathered() -> bool:
                crowd._gather()
                return self in crowd._group or crowd._patience == 0

            if not crowd._wait(gathered, check):
                crowd._patience = 0
        self._hold(crowd, check)
        crowd._answered = True

    def wait_for_turn(self, check: Callable[[], None]) -> None:
        """Wait until those before it have been answered."""
        crowd = self._crowd
        self._hold(crowd, check)
        with crowd._changed:
            crowd._settle = 0

            def first() -> bool:
                return crowd._group[:1] == [self] or crowd._patience == 0

            crowd._wait(first, check)
            self._uncount()

    def leave(self) -> None:
        """Make way for the next; twice is fine."""
        with self._crowd._changed:
            self._uncount()
            for places in (self._crowd._waiting, self._crowd._group):
                if self in places:
                    places.remove(self)
            self._crowd._changed.notify_all()

    def _uncount(self) -> None:
        if self._counted:
            self._counted = False
            self._crowd._present -= 1
            self._crowd._left -= 1

    def _hold(self, crowd: Crowd, check: Callable[[], None]) -> None:
        """Keep the first crowd together until nobody comes any more."""
        began = time.monotonic()
        while crowd._patience and crowd._settle:
            check()
            if time.monotonic() > max(began, crowd._latest) + crowd._settle:
                break
            time.sleep(OFTEN)


def crowded(crowd: Crowd, contents: Mapping[str, bytes]) -> Peer:
    r"""Answer requests when there is a crowd of them, the last one first.

    Real world: a server that has much to do. How many requests a client has
    under way decides whether it is fast, and whether it is welcome.

    The caller sees: nothing until enough requests are there; then the headers
    and half of the body; then the rest, in another order than it asked.

    Args:
        crowd: Who is counted together; several peers may share one.
        contents: The body for each target, such as `"/07"`.

    Example:
        >>> import socket
        >>> crowd = Crowd(2, 2, settle=0)
        >>> with crowded(crowd, {"/1": b"one", "/2": b"two"}) as peer:
        ...     one = socket.create_connection(peer.address, timeout=5)
        ...     two = socket.create_connection(peer.address, timeout=5)
        ...     with one, two:
        ...         one.sendall(b"GET /1 HTTP/1.1\r\n\r\n")
        ...         two.sendall(b"GET /2 HTTP/1.1\r\n\r\n")
        ...         print(one.recv(8), two.recv(8), crowd.peak)
        b'HTTP/1.1' b'HTTP/1.1' 2
    """

    def script(visit: Visit) -> None:
        target = visit.read_request().target
        content = contents.get(target, b"")
        raw = answer(content, kind="application/octet-stream")
        cut = len(raw) - (len(content) + 1) // 2
        place = crowd.join(target)
        try:
            place.wait_for_crowd(visit.check)
            visit.send(raw[:cut])
            place.wait_for_turn(visit.check)
            visit.send(raw[cut:])
            # The next answer comes when this one has surely been read.
            visit.sock.shutdown(socket.SHUT_WR)
            select.select([visit.sock], [], [], LEAVING)
        finally:
            place.leave()

    return TCPPeer("crowded", script)
