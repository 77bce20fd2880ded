"""What a server with an event loop knows of each request it is answering."""

import asyncio
import contextlib
import math
import time
from collections.abc import Iterator

__all__ = ["Exchange", "Exchanges"]

# How long stop() waits for a reply that has begun and does not state its
# length, in seconds. It may have no end; an event stream has none for sure.
STREAM_PATIENCE = 0.1
EVENT_STREAM = "text/event-stream"


class Exchange:
    """One request that is being answered, by the task that makes this object.

    Attributes:
        what: What was asked, as in `"GET /users"`.
        task: The task that answers it.
        patience: How long stop() waits for it at most, in seconds.
        ended: Whether it was ended by stop().
    """

    __slots__ = ("ended", "patience", "task", "what")

    def __init__(self, what: str) -> None:
        task = asyncio.current_task()
        assert task is not None  # only ever made inside of one
        self.task = task
        self.what = what
        self.patience = math.inf
        self.ended = False

    def streams(self, content_type: str) -> None:
        """Note that a reply without a stated length has begun."""
        endless = content_type.lower().startswith(EVENT_STREAM)
        self.patience = 0.0 if endless else STREAM_PATIENCE

    def end(self) -> None:
        """Cancel the task that answers."""
        self.ended = True
        self.task.cancel()


class Exchanges:
    """All requests that are being answered. Only the loop's thread changes it.

    Example:
        >>> async def example(exchanges):
        ...     with exchanges.one("GET /"):
        ...         return len(exchanges)
        >>> asyncio.run(example(Exchanges()))
        1
    """

    def __init__(self) -> None:
        self._open: dict[asyncio.Task[object], Exchange] = {}

    @contextlib.contextmanager
    def one(self, what: str) -> Iterator[Exchange]:
        """Keep track of a request while it is answered."""
        exchange = Exchange(what)
        self._open[exchange.task] = exchange
        try:
            yield exchange
        finally:
            del self._open[exchange.task]

    def current(self) -> Exchange | None:
        """Return that of the task which asks."""
        task = asyncio.current_task()
        return None if task is None else self._open.get(task)

    async def finish(self, start: float, drain: float) -> None:
        """Wait until all are answered, as long as each is worth it.

        Args:
            start: When waiting began, by `time.monotonic()`.
            drain: How long to wait at most, in seconds from then on.
        """
        while self._open:
            longest = max(e.patience for e in self._open.values())
            left = start + min(drain, longest) - time.monotonic()
            if left <= 0:
                break
            # Short, because a patience may change meanwhile.
            await asyncio.wait(
                list(self._open),
                timeout=min(left, 0.01),
                return_when=asyncio.FIRST_COMPLETED,
            )

    async def end(self, seconds: float) -> list[str]:
        """Cancel those that are left; return the names of what does not end."""
        for exchange in self._open.values():
            exchange.end()
        if self._open:
            await asyncio.wait(list(self._open), timeout=seconds)
        return [e.what for e in self._open.values()]

    def __len__(self) -> int:
        return len(self._open)
