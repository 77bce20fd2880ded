"""Many URLs at once, from a server that takes 20 ms for each."""

import asyncio
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec

from benchmarks.asking import Work, asked, json_reply
from benchmarks.measuring import Contender, Figure, Row

DELAY = 0.02  # seconds
BOOK = json_reply(b'{"title": "Sketch of the Analytical Engine"}')
PAGE = json_reply(b'"%b"' % (b"x" * 16384))


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


def growing() -> Row:
    """Return the row about what each URL costs when there are many."""
    few, many = "1,000 URLs", "10,000 URLs"
    return Row(
        "growth-urls",
        "fetch_all: CPU time for each URL, 100 at once",
        "URLs",
        {
            few: asked(late, ours, 1_000, 100),
            many: asked(late, ours, 10_000, 100),
        },
        [Figure("cpu_each", 1.2, "at most", many)],
    )


def bulky(target: str) -> tuple[bytes, float]:
    """Answer with 16 KiB; the first is late, so that all others must wait."""
    return PAGE, 0.3 if target == "/books/0" else 0.0


@contextmanager
def each_traced(url: str, limit: int) -> Iterator[Work]:
    """`fetch_each`; `peak_mib` is the most memory that it held."""
    from netbasics import aio

    async def fetch(count: int) -> None:
        urls = (f"{url}/books/{n}" for n in range(count))
        async for found in aio.fetch_each(urls, limit=limit):
            assert isinstance(found, aio.Result), found

    yield traced(lambda count: asyncio.run(fetch(count)))


@contextmanager
def all_traced(url: str, limit: int) -> Iterator[Work]:
    """`fetch_all`, which returns everything."""
    from netbasics import aio

    yield traced(
        lambda count: asyncio.run(aio.fetch_all(named(url, count), limit=limit))
    )


def traced(work: Callable[[int], object]) -> Work:
    """Return the same work; it says how much memory it held at most."""

    def and_peak(count: int) -> dict[str, float]:
        tracemalloc.start()
        try:
            work(count)
            return {"peak_mib": tracemalloc.get_traced_memory()[1] / 2**20}
        finally:
            tracemalloc.stop()

    return and_peak


def bounded() -> Row:
    """Return the row about memory: it goes by the bound, not by the URLs."""
    few, many = "200 URLs, 10 at once", "2,000 URLs, 10 at once"
    wide = "600 URLs, 100 at once"
    return Row(
        "fetch-each-memory",
        "fetch_each: memory at most, 16 KiB each (slowed down by tracing)",
        "URLs",
        {
            few: asked(bulky, each_traced, 200, 10),
            many: asked(bulky, each_traced, 2_000, 10),
            wide: asked(bulky, each_traced, 600, 100),
            "fetch_all, 2,000 URLs": asked(bulky, all_traced, 2_000, 10),
        },
        [
            Figure("peak_mib", 1.2, "at most", many),
            Figure("peak_mib", 12, "at most", wide),
        ],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [at_once(10, 200), at_once(100, 1_500), growing(), bounded()]
