"""Say with every answer how many requests are left, as api.github.com does.

    X-RateLimit-Limit      requests in an hour
    X-RateLimit-Remaining  how many are left
    X-RateLimit-Used       how many were made
    X-RateLimit-Reset      when all are there again, in seconds since 1970
    X-RateLimit-Resource   what is counted

It counts and refuses nobody: to meet a 429 ask `/limited`, whose answers have
such headers of their own.
"""

import math
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["Allowance", "Counted"]

# What GitHub gives to a client with a token; one without has 60.
LIMIT = 5000
HOUR = 3600  # seconds

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Allowance:
    """The requests of the current hour, counted from the first one.

    Threads may share it.

    Example:
        >>> allowance = Allowance(clock=lambda: 1000.5)
        >>> allowance.use()["X-RateLimit-Remaining"]
        '4999'
        >>> allowance.use()["X-RateLimit-Reset"]
        '4601'
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all requests."""
        self._used = 0
        self._end = 0.0

    def use(self) -> dict[str, str]:
        """Count one request, and return its headers."""
        with self._lock:
            now = self._clock()
            if now >= self._end:
                self._used, self._end = 0, now + HOUR
            self._used += 1
            return {
                "X-RateLimit-Limit": str(LIMIT),
                "X-RateLimit-Remaining": str(max(0, LIMIT - self._used)),
                "X-RateLimit-Used": str(self._used),
                "X-RateLimit-Reset": str(math.ceil(self._end)),
                "X-RateLimit-Resource": "core",
            }


class Counted:
    """An ASGI app around another one, which adds the headers to its answers."""

    def __init__(self, app: App, allowance: Allowance) -> None:
        self.app = app
        self.allowance = allowance

    async def __call__(
        self, scope: Message, receive: Receive, send: Send
    ) -> None:
        """Answer a request as the app does, with more headers."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        fields = self.allowance.use()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                theirs = {name.lower() for name, _ in headers}
                if b"x-ratelimit-limit" not in theirs:
                    headers += [
                        (name.lower().encode(), value.encode())
                        for name, value in fields.items()
                    ]
                message = {**message, "headers": headers}
            await send(message)

        return await self.app(scope, receive, counted)
