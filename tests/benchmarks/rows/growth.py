"""How cost grows: ten times as much costs about ten times as much.

Both sizes do the same amount in a turn, the small one ten times as often; so
each is compared by what one piece costs, and 1.2 is "never more than twelve".
"""

import asyncio
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path

from benchmarks.asking import Work, asked, json_reply, serving
from benchmarks.measuring import Contender, Figure, Row, Turn, timed
from benchmarks.processes import started
from netbasics import wire

FEW, MANY = 500, 5_000  # exchanges; each makes two events
MOST = 1.2
REQUEST = b"GET /users/7 HTTP/1.1\r\nHost: test\r\n\r\n"
REPLY = json_reply(b'{"id": 7, "name": "Ada Lovelace"}')
KINDS = ("txt", "svg", "json", "har", "pcap")
# How often the large one is done in a turn: a turn must not be too short.
OFTEN = {"transcript": 25, "exchanges": 2, "txt": 8, "svg": 8, "json": 3}


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


def user(target: str) -> tuple[bytes, float]:
    """Answer with a user."""
    return REPLY, 0.0


def exchanges(address: tuple[str, int], count: int) -> None:
    """Ask so many times on one connection."""
    with socket.create_connection(address, 20) as sock:
        for _ in range(count):
            sock.sendall(REQUEST)
            got = 0
            while got < len(REPLY):
                piece = len(sock.recv(65536))
                assert piece, "the server has hung up"
                got += piece


def carrying(large: bool) -> Contender:
    """Return a contender that records events, in taps of their own."""
    each = MANY if large else FEW

    @contextmanager
    def contender() -> Iterator[Turn]:
        with started(serving, user) as server:

            def work(count: int) -> None:
                for _ in range(count // (2 * each)):
                    with wire.tap(server.hello) as tap:
                        exchanges(tap.address, each)

            yield timed(work, 2 * MANY)

    return contender


def looking(
    look: Callable[[wire.Tap], object], times: int, large: bool
) -> Contender:
    """Return a contender that looks at what was recorded before."""
    each = MANY if large else FEW

    @contextmanager
    def contender() -> Iterator[Turn]:
        with started(serving, user) as server:
            with wire.tap(server.hello) as tap:
                exchanges(tap.address, each)
                assert tap.wait(1)

            def work(count: int) -> None:
                for _ in range(count // (2 * each)):
                    look(tap)

            yield timed(work, 2 * MANY * times)

    return contender


def saved(kind: str) -> Callable[[wire.Tap], object]:
    """Return what writes a record to a file."""

    def save(tap: wire.Tap) -> None:
        with tempfile.TemporaryDirectory() as folder:
            tap.save(Path(folder, f"record.{kind}"))

    return save


def events() -> list[Row]:
    """Return the rows about a tap's events."""
    looks: dict[str, Callable[[wire.Tap], object]] = {
        "transcript": lambda tap: tap.transcript.data("to-client"),
        "exchanges": lambda tap: tap.transcript.exchanges(),
        **{kind: saved(kind) for kind in KINDS},
    }
    sizes = f"{2 * FEW:,} events", f"{2 * MANY:,} events"
    made = [
        grown("growth-events-carry", "record events", "events", sizes, carrying)
    ]
    for name, look in looks.items():
        make = partial(looking, look, OFTEN.get(name, 1))
        what = f"look at recorded events: {name}"
        made.append(grown(f"growth-events-{name}", what, "events", sizes, make))
    return made


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
        grown(
            "growth-bytes-async",
            "bytes of a body through fetch_each",
            "MiB",
            ("1 MiB", "10 MiB"),
            lambda large: asked(body, loading_async, 200, 10 if large else 1),
        ),
        *events(),
    ]
