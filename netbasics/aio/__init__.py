"""Many at once, on asyncio: fetch a lot of URLs, and an echo server.

`asyncio.gather` over a thousand requests opens a thousand connections, gives
the server a fright, and loses 999 results to the first failure. Here the number
in flight is bounded, all share one session, and a failure is a value that
stands in its own place.

    >>> import asyncio
    >>> from netbasics import aio, lab
    >>> async def main():
    ...     with lab.refused() as peer:
    ...         return await aio.fetch_all([peer.url, "not a URL"])
    >>> [type(outcome).__name__ for outcome in asyncio.run(main())]
    ['NotConnected', 'InvalidURL']

Four short files: `fetching` keeps many requests going and their results in
order, `getting` makes one of them under its limits, `answers` reads what came
(no I/O: `netbasics.apis` uses it too), and `echo` is the server.
"""

from netbasics.aio.answers import NotConnected, Result
from netbasics.aio.echo import EchoServer
from netbasics.aio.fetching import fetch_all, fetch_each

__all__ = [
    "EchoServer",
    "NotConnected",
    "Result",
    "fetch_all",
    "fetch_each",
]
