"""How cost grows: ten times as much costs about ten times as much.

Both sizes do the same amount in a turn, the small one ten times as often; so
each is compared by what one piece costs, and 1.2 is "never more than twelve".
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from benchmarks.asking import Work, asked, json_reply
from benchmarks.measuring import Contender, Figure, Row

MOST = 1.2


def grown(
    name: str,
    what: str,
    unit: str,
    sizes: tuple[str, str],
    make: Callable[[bool], Contender],
) -> Row:
    """Return a row that compares ten times as much with as much.

    Args:
        name: The row's.
        what: What grows.
        unit: What a turn's amount counts.
        sizes: What the two are called.
        make: Makes the contender; it is told whether it is the large one.
    """
    small, large = sizes
    figure = Figure("cpu_each", MOST, "at most", who=large)
    contenders = {small: make(False), large: make(True)}
    return Row(name, what, unit, contenders, [figure])


def page(target: str) -> tuple[bytes, float]:
    """Answer with a page of 20 numbers, or with an empty one after the last.

    The target is `/numbers?of=100&page=7`.
    """
    pairs = target.partition("?")[2].split("&")
    query = {name: int(value) for name, value in (p.split("=") for p in pairs)}
    number = query["page"]
    numbers = range(number * 20, number * 20 + 20)
    found = list(numbers) if number <= query["of"] else []
    return json_reply(str(found).encode()), 0.0


@contextmanager
def paging(url: str, pages: int) -> Iterator[Work]:
    """`APIClient.pages`, lists of so many pages."""
    from netbasics.apis import APIClient

    with APIClient(url) as api:

        def work(count: int) -> None:
            for _ in range(count // pages):
                found = api.pages(
                    "/numbers", params={"of": pages}, max_pages=pages + 1
                )
                assert sum(1 for _ in found) == pages

        yield work


@lru_cache
def body(target: str) -> tuple[bytes, float]:
    """Answer with so many MiB: the target is `/10`."""
    return json_reply(bytes(int(target[1:]) * 2**20)), 0.0


@contextmanager
def loading(url: str, size: int) -> Iterator[Work]:
    """`clients.session`, bodies of so many MiB."""
    from netbasics import clients

    with clients.session() as session:

        def work(count: int) -> None:
            for _ in range(count // size):
                content = session.get(f"{url}/{size}").content
                assert len(content) == size * 2**20

        yield work


@contextmanager
def loading_async(url: str, size: int) -> Iterator[Work]:
    """`fetch_each`, bodies of so many MiB, one after the other."""
    from netbasics import aio

    async def load(count: int) -> None:
        urls = [f"{url}/{size}"] * (count // size)
        async for found in aio.fetch_each(urls, limit=1):
            assert isinstance(found, aio.Result), found
            assert len(found.body) == size * 2**20

    yield lambda count: asyncio.run(load(count))


@contextmanager
def loading_bare(url: str, size: int) -> Iterator[Work]:
    """The same with aiohttp alone."""
    import aiohttp

    async def load(count: int) -> None:
        async with aiohttp.ClientSession() as session:
            for _ in range(count // size):
                async with session.get(f"{url}/{size}") as response:
                    assert len(await response.read()) == size * 2**20

    yield lambda count: asyncio.run(load(count))


TRIED = (
    "The memory of a body of 10 MiB is new each time, that of 1 MiB is not. "
    "With an allocator that keeps what is freed (MALLOC_MMAP_MAX_=0 and a "
    "large MALLOC_TRIM_THRESHOLD_) it was 0.9. In one run aiohttp alone took "
    "from 0.3 to 1.3 ms for each body of 1 MiB."
)


def bytes_async() -> Row:
    """Return the row about bodies in asyncio."""
    alone = "aiohttp alone"
    return Row(
        "growth-bytes-async",
        "bytes of a body through fetch_each",
        "MiB",
        {
            "1 MiB": asked(body, loading_async, 200, 1),
            "10 MiB": asked(body, loading_async, 200, 10),
            f"{alone}, 1 MiB": asked(body, loading_bare, 200, 1),
            f"{alone}, 10 MiB": asked(body, loading_bare, 200, 10),
        },
        [Figure("cpu_each", MOST, "at most", who="10 MiB", tried=TRIED)],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [
        grown(
            "growth-pages",
            "pages of a list through APIClient.pages",
            "pages",
            ("60 pages", "600 pages"),
            lambda large: asked(page, paging, 600, 600 if large else 60),
        ),
        grown(
            "growth-bytes",
            "bytes of a body through clients.session",
            "MiB",
            ("1 MiB", "10 MiB"),
            lambda large: asked(body, loading, 200, 10 if large else 1),
        ),
        bytes_async(),
    ]
