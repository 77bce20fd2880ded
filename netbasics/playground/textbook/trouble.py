"""Endpoints that are slow, fail, or have had enough, exactly as asked.

Each client chooses a key, and nobody's failures disturb another's.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from email.utils import formatdate
from enum import IntEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Query, Response

__all__ = ["Troubles", "create_router"]

MAX_KEYS = 1000

Value = TypeVar("Value")
Key = Annotated[str, Query(max_length=100)]


class Failure(IntEnum):
    """The statuses with which /flaky fails (RFC 9110, 15.6)."""

    INTERNAL_SERVER_ERROR = 500
    BAD_GATEWAY = 502
    SERVICE_UNAVAILABLE = 503
    GATEWAY_TIMEOUT = 504


class Recent(Generic[Value]):
    """A dict that forgets its oldest key when it has too many."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, Value] = OrderedDict()

    def get(self, key: str, default: Value) -> Value:
        """Return the value of a key."""
        return self._values.get(key, default)

    def set(self, key: str, value: Value) -> None:
        """Remember a value; it is the newest now."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > MAX_KEYS:
            self._values.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()


class Troubles:
    """How often each key has failed, and how much it has asked for.

    Args:
        clock: Seconds that never jump, such as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: Recent[int] = Recent()
        self._windows: Recent[tuple[float, int]] = Recent()

    def another_try(self, key: str) -> int:
        """Count a try, and return how many there were with this key."""
        tries = self._tries.get(key, 0) + 1
        self._tries.set(key, tries)
        return tries

    def another_request(
        self, key: str, limit: int, per: float
    ) -> tuple[int, float]:
        """Count a request in the window of this key.

        A window begins with its first request. It is the simplest limit and the
        most common one; it lets a client send `limit` at the end of a window
        and `limit` more at the start of the next.

        Returns:
            How many are left, -1 if this one was too many; and in how many
            seconds the next window begins.
        """
        now = self._clock()
        start, count = self._windows.get(key, (now, 0))
        if now - start >= per:
            start, count = now, 0
        count = min(count + 1, limit + 1)
        self._windows.set(key, (start, count))
        return limit - count, start + per - now

    def clear(self) -> None:
        """Forget all keys."""
        self._tries.clear()
        self._windows.clear()


def create_router(troubles: Troubles) -> APIRouter:
    """Make the endpoints over this state.

    They are coroutines without a wait in the middle of their counting: one
    event loop runs them one after the other, so no lock is needed.
    """
    router = APIRouter()

    @router.get("/slow")
    async def slow(
        seconds: Annotated[float, Query(ge=0, le=10)] = 1.0,
    ) -> dict[str, float]:
        """Answer after so many seconds, 10 at most."""
        await asyncio.sleep(seconds)
        return {"seconds": seconds}

    @router.get("/flaky")
    async def flaky(
        key: Key = "",
        fails: Annotated[int, Query(ge=0, le=100)] = 2,
        status: Failure = Failure.SERVICE_UNAVAILABLE,
    ) -> dict[str, Any]:
        """Fail so many times with this key, then work.

        A key that works goes on working; take another one to start again.
        """
        tries = troubles.another_try(key)
        if tries <= fails:
            raise HTTPException(
                status.value, f"Failing on purpose: {tries} of {fails}"
            )
        return {"tries": tries}

    @router.get("/limited")
    async def limited(
        response: Response,
        key: Key = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 5,
        per: Annotated[float, Query(ge=0.1, le=60)] = 1.0,
        form: Literal["seconds", "date"] = "seconds",
    ) -> dict[str, int]:
        """Take so many requests per so many seconds; 429 to any more.

        Retry-After has two forms (RFC 9110, 10.2.3), and a client must know
        both: whole seconds, or a date.
        """
        left, wait = troubles.another_request(key, limit, per)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, left)),
        }
        if left < 0:
            headers["Retry-After"] = retry_after(wait, form)
            raise HTTPException(429, "API rate limit exceeded", headers)
        response.headers.update(headers)
        return {"remaining": left}

    return router


def retry_after(wait: float, form: str) -> str:
    """Return the header for a wait in seconds, rounded up to a whole one.

    Both forms know whole seconds only, and too early would be refused again.

    >>> retry_after(0.2, "seconds")
    '1'
    """
    if form == "date":
        return formatdate(math.ceil(time.time() + wait), usegmt=True)
    return str(max(1, math.ceil(wait)))
