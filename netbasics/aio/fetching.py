"""Fetch many URLs: a bounded number at once, and the results in order.

Workers take URLs from one source. To take a URL and to reserve its place in
the order is one step, under a lock; to fetch it is not. The reader walks along
the places, and waits at each until it is filled.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from netbasics.aio.answers import Result
from netbasics.aio.sources import Source, URLs
from netbasics.deadlines import Deadline
from netbasics.limits import RateLimiter
from netbasics.retries import RetryPolicy

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiohttp import ClientSession

    from netbasics.aio.getting import Getter

__all__ = ["fetch_all", "fetch_each"]

TIMEOUT = 10.0
"""How long one request may take by default, in seconds."""
MAX_BYTES = 64 * 2**20
"""The largest body by default, in bytes, decompressed."""

Outcome = Result | Exception
_Place = asyncio.Future[Outcome]


async def fetch_all(
    urls: URLs,
    *,
    limit: int = 20,
    timeout: float = TIMEOUT,
    deadline: float | Deadline | None = None,
    max_bytes: int = MAX_BYTES,
    retries: RetryPolicy | int | None = None,
    limiter: RateLimiter | None = None,
    headers: Mapping[str, str] | None = None,
    tls: "SSLContext | None" = None,
    session: "ClientSession | None" = None,
) -> list[Outcome]:
    """GET many URLs at once and return what became of each, as they were asked.

    `asyncio.gather(*requests)` starts all of them at the same moment, and
    raises the first failure while the other results are lost. Here at most
    `limit` are in flight, and a failure is a value in its own place.

    Args:
        urls: The URLs, as text or `urls.URL`; also from an async iterable.
        limit: How many requests may be in flight, until the body is read.
        timeout: How long one request may take, in seconds, from connecting to
            the last byte of the body. A retry and a redirect are requests of
            their own.
        deadline: How long the whole call may take, in seconds. What is not
            finished by then is a `DeadlineExceeded` in its place.
        max_bytes: The largest body, in bytes, after decompression.
        retries: How many retries, or a policy; None for none.
        limiter: Asked for a turn before each request.
        headers: Sent with each request. Where a redirect leads to another
            origin, they stay behind.
        tls: The certificates to trust, as `certs.Authority().client_context()`
            returns them; None for those of the system.
        session: A session of yours, with its cookies, certificates and
            proxies; it is not closed. By default one is made for the call; it
            has no cookies and reads no `.netrc`, and follows the proxies of
            the environment except to this machine.

    Returns:
        One entry for each URL, in order: a `Result`, or the exception that
        says why there is none. Nothing is raised for a failed request:

        - `APIError` (an OSError): the status is 400 or above; see `.status`
        - `NotConnected` (a ConnectionError): refused, unknown host, no TLS
        - `ConnectionClosed` (an EOFError): it ended early, body included
        - `DeadlineExceeded` (a TimeoutError): it took too long
        - `RateLimitTimeout` (a TimeoutError): its turn comes after `deadline`
        - `LimitExceeded`, `ProtocolError`, `InvalidURL` (a ValueError)

    Raises:
        DeadlineExceeded: An async iterable had not given its last URL by then.
        TypeError: `urls` is one URL and not a collection of them.
        ValueError: A limit or a time is impossible.
        Exception: Whatever the iterable raises.

    Example:
        >>> from netbasics import lab
        >>> async def main():
        ...     with lab.slow(0.1) as peer:
        ...         return await fetch_all([peer.url] * 3 + ["http://:80/"])
        >>> *results, failure = asyncio.run(main())
        >>> [result.status for result in results], type(failure).__name__
        ([200, 200, 200], 'InvalidURL')

    Cancelling it cancels the requests and closes their connections.
    """
    outcomes = _fetch(
        urls,
        window=0,
        limit=limit,
        timeout=timeout,
        deadline=deadline,
        max_bytes=max_bytes,
        retries=retries,
        limiter=limiter,
        headers=headers,
        tls=tls,
        session=session,
    )
    return [outcome async for outcome in outcomes]


def fetch_each(
    urls: URLs,
    *,
    limit: int = 20,
    timeout: float = TIMEOUT,
    deadline: float | Deadline | None = None,
    max_bytes: int = MAX_BYTES,
    retries: RetryPolicy | int | None = None,
    limiter: RateLimiter | None = None,
    headers: Mapping[str, str] | None = None,
    tls: "SSLContext | None" = None,
    session: "ClientSession | None" = None,
) -> AsyncGenerator[Outcome, None]:
    """GET URLs one after the other as they come; yield what became of each.

    For more URLs than fit into memory, or for a source without an end: a
    generator is asked for the next URL only when there is room. The order is
    that of the URLs. So a slow one holds back those after it, of which at most
    `2 * limit` are fetched meanwhile and kept; whoever reads slowly slows down
    the fetching in the same way.

    Args:
        urls: Any iterable or async iterable, also an infinite generator.
        limit: How many requests may be in flight.
        timeout: As for `fetch_all`, and so are those below.
        deadline: How long the whole iteration may take, in seconds. What is
            not finished by then is a `DeadlineExceeded` in its place; then
            the iteration ends by raising one.
        max_bytes: The largest body, in bytes.
        retries: How many retries, or a policy.
        limiter: Asked for a turn before each request.
        headers: Sent with each request.
        tls: The certificates to trust.
        session: A session of yours.

    Yields:
        A `Result` or an exception for each URL, as `fetch_all` returns them.

    Raises:
        DeadlineExceeded: The deadline is over and there may be more URLs.
        TypeError: `urls` is one URL and not a collection of them.
        ValueError: A limit or a time is impossible.

    Example:
        >>> import itertools
        >>> from netbasics import lab
        >>> async def main():
        ...     with lab.slow(0.01) as peer:
        ...         pages = (f"{peer.url}/{n}" for n in itertools.count())
        ...         outcomes = fetch_each(pages, limit=5)
        ...         first = [await anext(outcomes) for _ in range(8)]
        ...         await outcomes.aclose()  # stop, and close the connections
        ...     return first
        >>> [result.status for result in asyncio.run(main())]
        [200, 200, 200, 200, 200, 200, 200, 200]

    After a `break` Python closes an async generator only later: use
    `contextlib.aclosing()` around a loop that may end early.
    """
    return _fetch(
        urls,
        window=2 * limit,
        limit=limit,
        timeout=timeout,
        deadline=deadline,
        max_bytes=max_bytes,
        retries=retries,
        limiter=limiter,
        headers=headers,
        tls=tls,
        session=session,
    )


def _fetch(
    urls: URLs,
    *,
    limit: int,
    window: int,
    timeout: float,
    deadline: float | Deadline | None,
    retries: RetryPolicy | int | None,
    **options: Any,
) -> AsyncGenerator[Outcome, None]:
    """Check the arguments now, and return what fetches when it is iterated."""
    if limit < 1 or limit != int(limit):
        raise ValueError(f"limit={limit!r}: give a whole number, 1 or more")
    if not timeout > 0:  # also catches NaN
        raise ValueError(f"timeout={timeout!r}: give seconds, above 0")
    # Here, so that the echo server costs nobody the import of aiohttp.
    from netbasics.aio.getting import Getter

    deadline = Deadline.of(deadline)
    getter = Getter(
        connections=limit,
        timeout=timeout,
        deadline=deadline,
        retries=RetryPolicy.of(retries),
        **options,
    )
    source = Source(urls, deadline, endless=window > 0)
    return _Pipeline(source, getter, limit=limit, window=window).run()


class _Pipeline:
    """From a source of URLs to outcomes in order.

    Args:
        source: Where the URLs come from.
        getter: What becomes of each.
        limit: How many workers fetch.
        window: How many places may be taken that nobody has read yet; 0 for
            any number.
    """

    def __init__(
        self, source: Source, getter: "Getter", *, limit: int, window: int
    ) -> None:
        self._source = source
        self._getter = getter
        self._limit = limit
        self._places: asyncio.Queue[_Place | None] = asyncio.Queue(window)
        self._turn = asyncio.Lock()
        self._workers: list[asyncio.Task[None]] = []
        self._ended = False
        self._error: BaseException | None = None
        self._stopping = False

    async def run(self) -> AsyncGenerator[Outcome, None]:
        """Yield the outcomes; cancel what is under way when that ends early."""
        async with self._getter:
            try:
                self._hire()
                while (place := await self._places.get()) is not None:
                    yield await place
                if self._error is not None:
                    raise self._error
            finally:
                self._stopping = True
                for worker in self._workers:
                    worker.cancel()
                await asyncio.gather(*self._workers, return_exceptions=True)

    def _hire(self) -> None:
        """Start another worker, if there may be one."""
        if len(self._workers) < self._limit:
            self._workers.append(asyncio.create_task(self._work()))

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            place: _Place = loop.create_future()
            async with self._turn:
                if self._ended:
                    return
                try:
                    url = await self._source.take()
                except StopAsyncIteration:
                    await self._end(None)
                    return
                except (Exception, asyncio.CancelledError) as error:
                    if self._stopping:
                        raise
                    # It is the caller's generator's: something it awaited was
                    # cancelled. Unsaid, the reader would wait for ever.
                    await self._end(error)
                    return
                await self._places.put(place)
            self._hire()
            place.set_result(await self._getter.get(url))

    async def _end(self, error: BaseException | None) -> None:
        """Tell the other workers and the reader that there are no more."""
        self._ended = True
        self._error = error
        await self._places.put(None)
