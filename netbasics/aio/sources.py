"""Where the URLs come from: a list, a generator, or one that is awaited."""

import asyncio
from collections.abc import AsyncIterable, Iterable
from typing import Any

from netbasics.deadlines import Deadline
from netbasics.urls import URL

__all__ = ["Source", "URLs"]

URLs = Iterable[Any] | AsyncIterable[Any]


class Source:
    """Hands out the items of any iterable, sync or async, one by one.

    Args:
        urls: The iterable. A generator is asked for an item only when one is
            wanted. What it does then happens in the event loop, so it should
            not block.
        deadline: How long an async iterable is waited for.
        endless: Whether it may have no end, so that the deadline must end it.

    Raises:
        TypeError: It is a single URL. Iterating over one gives its letters.

    Example:
        >>> Source("http://example.org/", Deadline(None), endless=False)
        Traceback (most recent call last):
        TypeError: urls is a single str: put it into a list, [url]
    """

    def __init__(
        self, urls: URLs, deadline: Deadline, *, endless: bool
    ) -> None:
        if isinstance(urls, str | bytes | URL):
            raise TypeError(
                f"urls is a single {type(urls).__name__}: put it into a list, "
                "[url]"
            )
        self._deadline = deadline
        self._endless = endless
        self._awaited = isinstance(urls, AsyncIterable)
        self._items: Any = (
            aiter(urls) if isinstance(urls, AsyncIterable) else iter(urls)
        )

    async def take(self) -> Any:
        """Return the next item.

        Raises:
            StopAsyncIteration: There is none.
            DeadlineExceeded: The deadline is over, and there may be more.
        """
        if self._endless:
            self._check()
        if self._awaited:
            return await self._wait()
        try:
            return next(self._items)
        except StopIteration:
            # A coroutine cannot raise StopIteration (PEP 479).
            raise StopAsyncIteration from None

    async def _wait(self) -> Any:
        try:
            async with asyncio.timeout(self._deadline.remaining()):
                return await anext(self._items)
        except TimeoutError:
            self._check()
            raise  # it is the iterable's own

    def _check(self) -> None:
        self._deadline.timeout(doing="waiting for the next URL")
