"""One total time for a call of many waits.

A timeout bounds one wait. A peer that sends a byte just before each timeout
keeps a caller for ever: `sock.settimeout(5)` has never promised that a call
ends after five seconds. A deadline does. It is set once, and every wait that
belongs to the call asks it how much time remains.

    >>> deadline = Deadline(2.5)
    >>> 0 < deadline.remaining() <= 2.5
    True
    >>> Deadline(None).timeout(5.0)
    5.0
"""

import threading
import time
from collections.abc import Callable

from netbasics.errors import DeadlineExceeded

__all__ = ["Deadline"]


class Deadline:
    """A point in time after which a call may not go on waiting.

    Args:
        seconds: How long from now, in seconds; None never ends, nor does what
            is longer than any wait can be (`math.inf`).
        clock: A monotonic clock in seconds. Wall clocks jump; this must not.

    Raises:
        ValueError: `seconds` is negative or not a number.

    Example:
        >>> deadline = Deadline(0.0)
        >>> deadline.expired
        True

    A deadline holds no lock and no thread; it may be shared between threads.
    """

    __slots__ = ("_clock", "_end", "_start", "seconds")

    def __init__(
        self,
        seconds: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # `not >=` instead of `<`: it also catches NaN.
        if seconds is not None and not seconds >= 0:
            raise ValueError(
                f"a deadline of {seconds!r} s is not possible: give the "
                "seconds from now, 0 or more, or None for no deadline"
            )
        # Given such a time, sockets and locks raise OverflowError.
        if seconds is not None and seconds > threading.TIMEOUT_MAX:
            seconds = None
        self.seconds = seconds
        self._clock = clock
        self._start = clock()
        self._end = None if seconds is None else self._start + seconds

    @classmethod
    def of(cls, value: "float | Deadline | None") -> "Deadline":
        """Return `value` if it is a deadline, else one of that many seconds.

        It lets a function accept `deadline=2.0` from a person and a running
        `Deadline` from another function.

        >>> running = Deadline(3)
        >>> Deadline.of(running) is running
        True
        """
        return value if isinstance(value, Deadline) else cls(value)

    @property
    def elapsed(self) -> float:
        """Seconds since the deadline was set."""
        return self._clock() - self._start

    @property
    def expired(self) -> bool:
        """Whether no time is left."""
        return self._end is not None and self._clock() >= self._end

    def remaining(self) -> float | None:
        """Return the seconds that are left, 0.0 at least; None if no end."""
        if self._end is None:
            return None
        return max(0.0, self._end - self._clock())

    def timeout(
        self, limit: float | None = None, *, doing: str = "waiting"
    ) -> float | None:
        """Return what to give to the next wait, such as `sock.settimeout()`.

        Args:
            limit: The longest single wait, in seconds; None for no such limit.
            doing: What the wait is for; it is named when the time is over.

        Returns:
            The smaller of `limit` and the time that is left; None if neither
            is set. It is never 0.0, which a socket takes for "do not block",
            unless `limit` is.

        Raises:
            DeadlineExceeded: No time is left.
        """
        left = self.remaining()
        if left is None:
            return limit
        if left <= 0:
            raise DeadlineExceeded(self.seconds or 0.0, doing=doing)
        return left if limit is None else min(left, limit)

    def __repr__(self) -> str:
        left = self.remaining()
        if left is None:
            return "<Deadline: none>"
        return f"<Deadline {self.seconds:g} s, {left:.3f} s left>"
