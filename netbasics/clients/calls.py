"""What one call may use up: time, tries and bytes.

`requests` hands its `timeout` on through every redirect down to the socket,
so that is where a call's limits travel: a `Call` is a timeout to `requests`
and `urllib3`, and carries the rest along.
"""

from typing import Self

import urllib3

from netbasics.deadlines import Deadline
from netbasics.retries import RetryPolicy

__all__ = ["DEADLINE", "MAX_BYTES", "TIMEOUT", "Allowance", "Call", "Timeouts"]

TIMEOUT = 5.0
"""The longest single wait by default, in seconds."""
DEADLINE = 30.0
"""The longest call by default, in seconds, from the first look-up to the last
byte of the body."""
MAX_BYTES = 64 * 2**20
"""The largest body by default, in bytes, decompressed."""

Timeouts = float | tuple[float | None, float | None] | None


class Allowance(float):
    """A timeout in seconds that knows the deadline it is cut from.

    As a number it is the time for the next wait, as of now; `left()` works it
    out again. urllib3 sets a socket's timeout once and the socket then gives
    every single `recv` that much: this is how ours can do better.
    """

    __slots__ = ("deadline", "limit")
    limit: float | None
    deadline: Deadline

    @classmethod
    def cut(cls, limit: float | None, deadline: Deadline) -> "Self | None":
        """Return what the next wait may take; None for no end at all.

        Raises:
            DeadlineExceeded: Nothing is left.
        """
        wait = deadline.timeout(limit)
        if wait is None:
            return None
        self = cls(wait)
        self.limit = limit
        self.deadline = deadline
        return self

    def left(self) -> float | None:
        """Return how long the next wait may be, in seconds.

        Raises:
            DeadlineExceeded: Nothing is left.
        """
        return self.deadline.timeout(self.limit)


class Call(urllib3.Timeout):
    """The limits of one call, its redirects and retries included.

    Args:
        timeout: The longest single wait, in seconds; a pair is one for
            connecting and one for reading.
        deadline: The total time, in seconds, or a deadline that runs already.
        retries: A policy, or how many retries.
        max_bytes: The largest body, in bytes; None for no limit.

    Raises:
        ValueError: A timeout is not above 0, or a deadline is negative.
    """

    def __init__(
        self,
        timeout: Timeouts = TIMEOUT,
        *,
        deadline: float | Deadline | None = DEADLINE,
        retries: RetryPolicy | int | None = None,
        max_bytes: int | None = MAX_BYTES,
    ) -> None:
        connect, read = (
            timeout if isinstance(timeout, tuple) else (timeout, timeout)
        )
        super().__init__(connect=connect, read=read)
        self.connect_limit = connect
        self.read_limit = read
        self.deadline = Deadline.of(deadline)
        self.retries = RetryPolicy.of(retries)
        self.max_bytes = max_bytes

    def clone(self) -> Self:
        """Return itself: a copy for each request would restart the clock."""
        return self

    def start_connect(self) -> float:
        """Do nothing: the clock of a call runs since the call began."""
        return 0.0

    @property
    def connect_timeout(self) -> Allowance | None:
        """What urllib3 gives to connecting and to sending."""
        return Allowance.cut(self.connect_limit, self.deadline)

    @property
    def read_timeout(self) -> Allowance | None:
        """What urllib3 gives to reading the response."""
        return Allowance.cut(self.read_limit, self.deadline)
