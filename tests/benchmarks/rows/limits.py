"""The rate limiter: what a turn costs, and whether the rate is kept."""

import asyncio
import bisect
import gc
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from benchmarks.measuring import Contender, Figure, Row, Sample, Turn, timed
from netbasics.limits import RateLimiter

MANY = 400_000
# So fast that no turn is ever waited for, and still a number that a clock's
# rounding leaves alone.
FAST, DEEP = 1e8, 1_000_000

RATE, BURST = 200, 20  # what is asked for, a second
FIRST, THEN = 1.0, 0.6  # seconds: before it counts, and while it does


class Bucket:
    """Tokens under a lock: what one writes first that is right."""

    def __init__(self, rate: float, burst: float = 1) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def _take(self) -> float:
        """Take a token; return 0, or in how many seconds there is one."""
        with self._lock:
            now = time.monotonic()
            more = (now - self._filled) * self._rate
            self._tokens = min(self._burst, self._tokens + more)
            self._filled = now
            if self._tokens >= 1:
                self._tokens -= 1
                return 0.0
            return (1 - self._tokens) / self._rate

    def acquire(self) -> None:
        """Wait for a token, and take it."""
        while wait := self._take():
            time.sleep(wait)

    async def acquire_async(self) -> None:
        """Wait for a token, and take it; the event loop goes on."""
        while wait := self._take():
            await asyncio.sleep(wait)


class AsyncBucket:
    """The same with asyncio's own lock, which a waiter holds."""

    def __init__(self, rate: float, burst: float = 1) -> None:
        self._bucket = Bucket(rate, burst)
        self._lock = asyncio.Lock()

    async def acquire_async(self) -> None:
        """Wait for a token, and take it."""
        async with self._lock:
            await self._bucket.acquire_async()


def taking(acquire: Callable[[], object]) -> Contender:
    """Return a contender that takes turns in a loop."""

    def work(count: int) -> None:
        for _ in range(count):
            acquire()

    @contextmanager
    def contender() -> Iterator[Turn]:
        yield timed(work, MANY)

    return contender


def taking_async(
    make: Callable[[], Callable[[], Awaitable[None]]],
) -> Contender:
    """Return the same for asyncio; `make()` is called in the event loop."""

    async def take(count: int) -> None:
        acquire = make()
        for _ in range(count):
            await acquire()

    @contextmanager
    def contender() -> Iterator[Turn]:
        yield timed(lambda count: asyncio.run(take(count)), MANY)

    return contender


def aiolimiter_turn() -> Callable[[], Awaitable[None]]:
    """Return the `acquire` of a limiter of aiolimiter."""
    import aiolimiter

    acquire: Callable[[], Awaitable[None]]
    acquire = aiolimiter.AsyncLimiter(FAST, 1).acquire
    return acquire


def keeping(threads: int, burst: int) -> Contender:
    """Return a contender that takes turns as fast as it is let."""

    def turn() -> Sample:
        gc.collect()
        acquire = RateLimiter(RATE, burst=burst).acquire
        began = time.monotonic()
        end = began + FIRST + THEN
        taken: list[float] = []

        def take() -> None:
            while True:
                acquire()
                now = time.monotonic()
                if now > end:
                    return
                taken.append(now)

        takers = [threading.Thread(target=take) for _ in range(threads)]
        for taker in takers:
            taker.start()
        for taker in takers:
            taker.join()
        return judged(sorted(taken), began, burst)

    @contextmanager
    def contender() -> Iterator[Turn]:
        yield turn

    return contender


def judged(taken: list[float], began: float, burst: int) -> Sample:
    """Return how the rate was kept.

    `share` is the rate after the first second, of that asked for; `crowd` is
    how many turns came within the fullest second, of how many may.
    """
    later = taken[bisect.bisect(taken, began + FIRST) :]
    rate = (len(later) - 1) / (later[-1] - later[0])
    fullest = max(
        bisect.bisect(taken, moment + 1.0) - at
        for at, moment in enumerate(taken)
    )
    # To a thousandth: if the first came some microseconds late, the rest look
    # faster by as much.
    share = round(rate / RATE, 3)
    extra = {"share": share, "crowd": fullest / (burst + RATE)}
    return Sample(len(taken), taken[-1] - began, extra=extra)


def kept(threads: int) -> Row:
    """Return the row about the rate that so many threads get."""
    many = f"netbasics, burst {BURST}"
    return Row(
        f"limit-rate-{threads}",
        f"{RATE} a second asked for, threads: {threads}",
        "turns",
        {"netbasics": keeping(threads, 1), many: keeping(threads, BURST)},
        [
            figure
            for who in ("netbasics", many)
            for figure in (
                Figure("share", 0.99, "at least", who, alone=True),
                Figure("share", 1.0, "at most", who, alone=True),
                Figure("crowd", 1.0, "at most", who, alone=True, always=True),
            )
        ],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    peers: dict[str, Contender] = {}
    missing: dict[str, str] = {}
    if find_spec("aiolimiter"):
        peers["aiolimiter"] = taking_async(aiolimiter_turn)
    else:
        missing["aiolimiter"] = "it is not installed"
    return [
        Row(
            "limit-acquire",
            "a turn that need not wait",
            "turns",
            {
                "a bare bucket": taking(Bucket(FAST, DEEP).acquire),
                "netbasics": taking(RateLimiter(FAST, burst=DEEP).acquire),
            },
            [Figure("wall_each", 1.3, "at most")],
        ),
        Row(
            "limit-acquire-async",
            "a turn that need not wait, asyncio",
            "turns",
            {
                "a bare bucket": taking_async(
                    lambda: Bucket(FAST, DEEP).acquire_async
                ),
                "netbasics": taking_async(
                    lambda: RateLimiter(FAST, burst=DEEP).acquire_async
                ),
                "under an asyncio.Lock": taking_async(
                    lambda: AsyncBucket(FAST, DEEP).acquire_async
                ),
                **peers,
            },
            [Figure("wall_each", 1.3, "at most")],
            missing,
        ),
        kept(1),
        kept(8),
    ]
