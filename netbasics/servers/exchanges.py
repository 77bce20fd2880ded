"""What a server with an event loop knows of each request it is answering."""

import asyncio
import math
import time
from typing import Self

__all__ = ["Exchange", "Exchanges"]

# How long stop() waits for a reply that has begun and does not state its
# length, in seconds. It may have no end; an event stream has none for sure.
STREAM_PATIENCE = 0.1
EVENT_STREAM = "text/event-stream"


class Exchange:
    """One request, while its with-block answers it in the current task.

    Args:
        what: What was asked, as in `"GET /users"`.
        everyone: Where it is listed meanwhile.

    Attributes:
        what: What was asked, as in `"GET /users"`.
        task: The task that answers it.
        patience: How long stop() waits for it at most, in seconds.
        ended: Whether it was ended by stop().
    """

    __slots__ = ("_everyone", "ended", "patience", "task", "what")

    def __init__(self, what: str, everyone: "Exchanges") -> None:
        task = asyncio.current_task()
        assert task is not None  # only ever made inside of one
        self.task: asyncio.Task[object] = task
        self.what = what
        self.patience = math.inf
        self.ended = False
        self._everyone = everyone

    # Written out, as `contextlib` would cost each request some microseconds.

    def __enter__(self) -> Self:
        self._everyone.tasks[self.task] = self
        return self

    def __exit__(self, *reason: object) -> None:
        del self._everyone.tasks[self.task]

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

    Attributes:
        tasks: Each of them, by the task that answers it.

    Example:
        >>> async def example(exchanges):
        ...     with Exchange("GET /", exchanges):
        ...         return len(exchanges)
        >>> asyncio.run(example(Exchanges()))
        1
    """

    def __init__(self) -> None:
        self.tasks: dict[asyncio.Task[object], Exchange] = {}

    def current(self) -> Exchange | None:
        """Return that of the task which asks."""
        task = asyncio.current_task()
        return None if task is None else self.tasks.get(task)

    async def finish(self, start: float, drain: float) -> None:
        """Wait until all are answered, as long as each is worth it.

        Args:
            start: When waiting began, by `time.monotonic()`.
            drain: How long to wait at most, in seconds from then on.
        """
        while self.tasks:
            longest = max(e.patience for e in self.tasks.values())
            left = start + min(drain, longest) - time.monotonic()
            if left <= 0:
                break
            # Short, because a patience may change meanwhile.
            await asyncio.wait(
                list(self.tasks),
                timeout=min(left, 0.01),
                return_when=asyncio.FIRST_COMPLETED,
            )

    async def end(self, seconds: float) -> list[str]:
        """Cancel those that are left; return the names of what does not end."""
        for exchange in self.tasks.values():
            exchange.end()
        if self.tasks:
            await asyncio.wait(list(self.tasks), timeout=seconds)
        return [e.what for e in self.tasks.values()]

    def __len__(self) -> int:
        return len(self.tasks)
