"""How often something may be done: one rate limiter, exact and fair.

The tempting limiter remembers the last call and sleeps until "last call plus
interval". Ten threads read the same last call, sleep the same time, and run at
ten times the rate. A bucket of tokens under a lock is right, but a bucket that
holds one second's worth passes nearly two seconds' worth in its first second.
This one keeps a schedule instead of a bucket.

The algorithm is the generic cell rate algorithm (GCRA) in its form "virtual
scheduling". Its whole state is one point in time, the theoretical arrival time:
when the next turn would come if all came evenly spaced. A turn may be taken up
to `burst - 1` intervals before that time, and each one moves it on by an
interval. So in any stretch of t seconds there are at most

    burst + rate * t

turns, wherever the stretch begins. (So says the schedule; a sleep ends a moment
late, and a turn may be used that much after its time.) No timer refills
anything, and a limiter that was idle for a week costs no more than a busy one.

    >>> limiter = RateLimiter(5, burst=2)
    >>> limiter.acquire()
    >>> limiter.acquire()
    >>> limiter.acquire(timeout=0.01)
    Traceback (most recent call last):
    netbasics.limits.RateLimitTimeout: the next turn comes in 0... s, ...

Source: ITU-T Recommendation I.371 (2004), Annex A; the ATM Forum's "Traffic
Management Specification 4.0", 4.4.2, which also shows that the virtual schedule
and the leaky bucket are the same.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from numbers import Real
from types import TracebackType
from typing import TYPE_CHECKING

from netbasics.errors import NetbasicsError

if TYPE_CHECKING:
    import asyncio

__all__ = ["RateLimitTimeout", "RateLimiter"]

# No sleep ends on time. A turn that is taken up to this late (in seconds, and
# up to half an interval) does not delay the turns after it; without that, each
# little delay would add up and 200 a second would come out as 196.
_LATE = 0.002

# Sums of floats are rounded, the more the longer the machine is up. A turn that
# is due exactly now, or a timeout of exactly the wait, must not fail by that.
_ROUNDING = 1e-6


class RateLimitTimeout(NetbasicsError, TimeoutError):
    """The next turn comes later than the caller is willing to wait.

    Args:
        wait: How long the wait would have been, in seconds.
        timeout: The longest wait that was allowed, in seconds.

    Example:
        >>> print(RateLimitTimeout(3.0, 0.5))
        the next turn comes in 3 s, the timeout is 0.5 s; none was used: ...
    """

    def __init__(self, wait: float, timeout: float) -> None:
        super().__init__(
            f"the next turn comes in {wait:.3g} s, the timeout is "
            f"{timeout:g} s; none was used: wait longer, or ask less often"
        )
        self.wait = wait
        self.timeout = timeout


class _Waiter:
    """Somebody in the queue: how many turns, until when, how to be called."""

    __slots__ = ("latest", "n", "timeout", "wake")

    def __init__(
        self, n: int, timeout: float | None, wake: Callable[[], object]
    ) -> None:
        self.n = n
        self.timeout = timeout
        self.wake = wake
        self.latest = math.inf


class RateLimiter:
    """At most so many turns in a time, for threads and for asyncio alike.

    Whoever must wait stands in one queue, first come, first served. Only the
    first one sleeps until its turn; the others sleep until they are first. So a
    wait that is given up (a timeout, a cancelled task, Ctrl-C) leaves no hole:
    the others move up. No lock is held while anyone waits.

    Args:
        rate: How many turns in `per` seconds.
        per: The length of that time, in seconds.
        burst: How many turns may be taken at once after a pause; 1 spaces them
            evenly. A sleep is no finer than about 0.1 ms: for thousands of
            turns a second give a burst, or the rate is not reached.
        clock: A monotonic clock in seconds.
        sleep: Waits for some seconds. If it returns an awaitable,
            `acquire_async` awaits it. By default `time.sleep`, and
            `asyncio.sleep` in `acquire_async`.

    Raises:
        ValueError: A number is not positive, or `burst` is no whole number.

    Example:
        >>> limiter = RateLimiter(10, per=60, burst=3)
        >>> with limiter:  # takes a turn; leaving the block does nothing
        ...     pass
        >>> limiter
        <RateLimiter 10 per 60 s, burst 3: 2 turns ready, 0 waiting>

    One limiter may be shared by any number of threads and event loops. The
    queue is strict: while a blocked event loop does not run the task that is
    first, those behind it wait too.
    """

    def __init__(
        self,
        rate: float,
        *,
        per: float = 1.0,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        for name, number in (("rate", rate), ("per", per)):
            if not isinstance(number, Real):
                raise TypeError(f"{name}={number!r}: give a number, not text")
            if not 0 < number < math.inf:  # also catches NaN
                raise ValueError(f"{name}={number!r}: give a number above 0")
        if burst < 1 or burst != int(burst):
            raise ValueError(
                f"burst={burst!r}: give a whole number, 1 or more; it is how "
                "many turns may be taken at once"
            )
        self.rate = rate
        self.per = per
        self.burst = burst
        self._interval = per / rate
        self._ahead = burst * self._interval
        self._early = self._ahead + min(_ROUNDING, self._interval / 100)
        self._clock = clock
        self._sleep = sleep
        self._next = -math.inf  # the theoretical arrival time
        # Ordered, and anyone may leave it without a search.
        self._queue: OrderedDict[_Waiter, None] = OrderedDict()
        self._queued = 0  # turns that the queue asks for in all
        # Reentrant: the garbage collector may close an abandoned coroutine,
        # which leaves the queue, at any moment, also inside these few lines.
        self._lock = threading.RLock()

    @property
    def waiting(self) -> int:
        """How many threads and tasks stand in the queue."""
        return len(self._queue)

    def acquire(self, n: int = 1, *, timeout: float | None = None) -> None:
        """Take a turn; wait for it if need be. Blocks the calling thread.

        Args:
            n: How many turns to take at once, `burst` at most.
            timeout: The longest wait, in seconds; 0 takes a turn only if one
                is ready. None waits: the wait has an end, since everyone
                before has a turn that is known.

        Raises:
            RateLimitTimeout: The turn would come later than that. It is raised
                at once where that is known, and uses no turn. It is a
                `TimeoutError`.
            ValueError: `n` or `timeout` is impossible.

        Example:
            >>> RateLimiter(100, burst=10).acquire(8)
        """
        if n != 1 or timeout is not None:
            timeout = self._check(n, timeout)
        if self._take(n):
            return
        turn = threading.Event()
        waiter = _Waiter(n, timeout, turn.set)
        try:
            self._join(waiter)
            if not turn.wait(timeout):
                raise self._too_late(waiter)
            delay = self._delay(waiter)
            if delay > 0:
                self._sleep(delay)
            self._charge(waiter)
        except BaseException:
            self._leave(waiter)
            raise

    async def acquire_async(
        self, n: int = 1, *, timeout: float | None = None
    ) -> None:
        """Take a turn; wait for it if need be. The event loop goes on.

        Args:
            n: How many turns to take at once, `burst` at most.
            timeout: The longest wait, in seconds, as in `acquire`.

        Raises:
            RateLimitTimeout: As in `acquire`.
            ValueError: As in `acquire`.

        Example:
            >>> import asyncio
            >>> asyncio.run(RateLimiter(5).acquire_async())
        """
        if n != 1 or timeout is not None:
            timeout = self._check(n, timeout)
        if self._take(n):
            return
        import asyncio  # here, so that threads need not pay for it

        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        waiter = _Waiter(
            n, timeout, lambda: loop.call_soon_threadsafe(_resolve, turn)
        )
        try:
            self._join(waiter)
            await asyncio.wait([turn], timeout=timeout)
            if not turn.done():
                raise self._too_late(waiter)
            delay = self._delay(waiter)
            if delay > 0:
                await self._sleep_async(delay)
            self._charge(waiter)
        except BaseException:
            self._leave(waiter)
            raise

    async def _sleep_async(self, delay: float) -> None:
        """Sleep without blocking the event loop, or as the caller wants it."""
        if self._sleep is time.sleep:
            import asyncio

            await asyncio.sleep(delay)
            return
        pause = self._sleep(delay)
        if hasattr(pause, "__await__"):
            await pause

    def _check(self, n: int, timeout: float | None) -> float | None:
        """Refuse what no wait would ever give; return the timeout to use."""
        if n < 1 or n != int(n):
            raise ValueError(f"{n!r} turns: give a whole number, 1 or more")
        if n > self.burst:
            raise ValueError(
                f"{n} turns at once are more than the burst of {self.burst}: "
                f"give RateLimiter(burst={n}) or more, or take fewer"
            )
        if timeout is None:
            return None
        if not timeout >= 0:  # also catches NaN
            raise ValueError(
                f"a timeout of {timeout!r} s is not possible: give seconds, 0 "
                "or more, or None to wait"
            )
        return min(timeout, threading.TIMEOUT_MAX)

    def _take(self, n: int) -> bool:
        """Take turns without a wait, if they are ready and nobody is first."""
        with self._lock:
            now = self._clock()
            at = self._next
            if at < now:
                at = now
            at += n * self._interval
            if self._queued or at - now > self._early:
                return False
            self._next = at
            return True

    def _wait(self, n: int, ahead: int) -> float:
        """Return the seconds until `n` turns are due, after `ahead` others."""
        due = self._next + (ahead + n) * self._interval - self._ahead
        return max(0.0, due - self._clock())

    def _join(self, waiter: _Waiter) -> None:
        """Stand in the queue, unless the turn would come too late."""
        with self._lock:
            if waiter.timeout is not None:
                wait = self._wait(waiter.n, self._queued)
                if wait > waiter.timeout + _ROUNDING:
                    raise RateLimitTimeout(wait, waiter.timeout)
                waiter.latest = self._clock() + waiter.timeout
            self._queue[waiter] = None
            self._queued += waiter.n
            if len(self._queue) == 1:
                waiter.wake()

    def _delay(self, waiter: _Waiter) -> float:
        """Return how long the first in the queue must sleep, in seconds."""
        with self._lock:
            wait = self._wait(waiter.n, 0)
            if self._clock() + wait > waiter.latest + _ROUNDING:
                # Those before it took their turns later than they could have.
                raise self._too_late(waiter)
            return wait

    def _charge(self, waiter: _Waiter) -> None:
        """Use the turns of the first in the queue, which has slept enough.

        The sleep is trusted and not checked against the clock: asyncio may wake
        a task one tick early, and a clock that a test holds still would make
        this an endless loop.
        """
        with self._lock:
            now = self._clock() - min(_LATE, self._interval / 2)
            self._next = max(self._next, now) + waiter.n * self._interval
            self._leave(waiter)

    def _leave(self, waiter: _Waiter) -> None:
        """Leave the queue, from any place in it, and call who is first now."""
        with self._lock:
            if waiter in self._queue:
                del self._queue[waiter]
                self._queued -= waiter.n
            while self._queue:
                first = next(iter(self._queue))
                try:
                    first.wake()
                except RuntimeError:  # its event loop was closed under it
                    del self._queue[first]
                    self._queued -= first.n
                else:
                    return

    def _too_late(self, waiter: _Waiter) -> RateLimitTimeout:
        """Describe a timeout that ended before the turn came."""
        timeout = waiter.timeout or 0.0
        with self._lock:
            wait = self._wait(waiter.n, 0)
        return RateLimitTimeout(timeout + wait, timeout)

    def __enter__(self) -> "RateLimiter":
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing: a turn that was taken is used."""

    async def __aenter__(self) -> "RateLimiter":
        await self.acquire_async()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing: a turn that was taken is used."""

    def __repr__(self) -> str:
        with self._lock:
            early = self._clock() - self._next + self._early
            ready = int(min(self.burst, max(0.0, early / self._interval)))
            wait = self._wait(1, self._queued)
            waiting = len(self._queue)
        state = (
            f"{ready} turn{'s' * (ready != 1)} ready"
            if ready and not waiting
            else f"next turn in {wait:.3g} s"
        )
        return (
            f"<RateLimiter {self.rate:g} per {self.per:g} s, "
            f"burst {self.burst}: {state}, {waiting} waiting>"
        )


def _resolve(turn: "asyncio.Future[None]") -> None:
    """Wake the task that waits for `turn`, unless it has gone."""
    if not turn.done():
        turn.set_result(None)
