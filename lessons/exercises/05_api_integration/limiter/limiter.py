"""5.2 So many a second."""

from typing import Protocol


class Clock(Protocol):
    """What tells the time and waits: a real clock, or a test's."""

    def now(self) -> float:
        """Return the time in seconds; where it counts from is not known."""

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, 0 or more; it may take a little longer."""


class Limiter:
    """Let `rate` calls a second pass, evenly spaced.

    Between any two returns of `acquire` at least `1 / rate` seconds pass,
    whichever threads they are in. It counts from return to return: when a
    sleep took too long, the next return is later by as much; and after a
    pause there are no turns saved up (the burst is 1).

    Nobody waits longer than that takes: the first `acquire` returns at once,
    and so does each that comes `1 / rate` seconds or more after the last
    return, when nobody else is waiting.

    Args:
        rate: How many returns a second, above 0; perhaps below 1.
        clock: Tells the time and waits; nothing else does. With a test's
            clock no real time passes: its time goes on by its `sleep` alone.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        raise NotImplementedError("not written yet")

    def acquire(self) -> None:
        """Wait until it is this caller's turn; any thread may call it."""
        raise NotImplementedError("not written yet")
