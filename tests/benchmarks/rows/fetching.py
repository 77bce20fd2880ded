"""Many URLs at once, from a server that takes 20 ms for each."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec

from benchmarks.asking import Work, asked, json_reply
from benchmarks.measuring import Contender, Figure, Row

DELAY = 0.02  # seconds
BOOK = json_reply(b'{"title": "Sketch of the Analytical Engine"}')


def late(target: str) -> tuple[bytes, float]:
    """Answer with a book, after 20 ms."""
    return BOOK, DELAY


def named(url: str, count: int) -> list[str]:
    """Return so many URLs."""
    return [f"{url}/books/{n}" for n in range(count)]


@contextmanager
def with_aiohttp(url: str, limit: int) -> Iterator[Work]:
    """A semaphore around a session of aiohttp; failures are results."""
    import aiohttp

    async def fetch(urls: list[str]) -> list[bytes | BaseException]:
        gate = asyncio.Semaphore(limit)
        async with aiohttp.ClientSession() as session:

            async def get(each: str) -> bytes:
                async with gate, session.get(each) as response:
                    return await response.read()

            return await asyncio.gather(*map(get, urls), return_exceptions=True)

    def work(count: int) -> None:
        found = asyncio.run(fetch(named(url, count)))
        assert all(isinstance(each, bytes) for each in found), found

    yield work


@contextmanager
def with_httpx(url: str, limit: int) -> Iterator[Work]:
    """A semaphore around a client of httpx."""
    import httpx

    async def fetch(urls: list[str]) -> list[bytes | BaseException]:
        gate = asyncio.Semaphore(limit)
        bounds = httpx.Limits(max_connections=limit)
        async with httpx.AsyncClient(limits=bounds) as client:

            async def get(each: str) -> bytes:
                async with gate:
                    return (await client.get(each)).content

            return await asyncio.gather(*map(get, urls), return_exceptions=True)

    def work(count: int) -> None:
        found = asyncio.run(fetch(named(url, count)))
        assert all(isinstance(each, bytes) for each in found), found

    yield work


@contextmanager
def with_threads(url: str, limit: int) -> Iterator[Work]:
    """Threads around requests, each with a session of its own."""
    import requests

    mine = threading.local()

    def get(each: str) -> bytes:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
        return bytes(mine.session.get(each).content)

    def work(count: int) -> None:
        with ThreadPoolExecutor(limit) as pool:
            for _ in pool.map(get, named(url, count)):
                pass

    yield work


@contextmanager
def ours(url: str, limit: int) -> Iterator[Work]:
    """`fetch_all`."""
    from netbasics import aio

    def work(count: int) -> None:
        found = asyncio.run(aio.fetch_all(named(url, count), limit=limit))
        assert all(isinstance(each, aio.Result) for each in found), found

    yield work


def at_once(limit: int, count: int) -> Row:
    """Return the row about so many requests at once."""
    peers: dict[str, Contender] = {
        "threads + requests": asked(late, with_threads, count, limit)
    }
    missing: dict[str, str] = {}
    if not find_spec("httpx"):
        missing["httpx + semaphore"] = "httpx is not installed"
    elif limit > 10:
        # Its pool searches all connections for each request.
        missing["httpx + semaphore"] = "it takes thirty times as long"
    else:
        peers["httpx + semaphore"] = asked(late, with_httpx, count, limit)
    return Row(
        f"fetch-all-{limit}",
        f"{count:,} URLs of a 20 ms server, {limit} at once",
        "URLs",
        {
            "aiohttp + semaphore": asked(late, with_aiohttp, count, limit),
            "netbasics": asked(late, ours, count, limit),
            **peers,
        },
        [Figure("wall_each", 1.02, "at most")],
        missing,
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [at_once(10, 200), at_once(100, 1_500)]
