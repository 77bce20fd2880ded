"""A tap's events: ten times as many, recorded and looked at."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.asking import json_reply, serving
from benchmarks.measuring import Contender, Row, Turn, timed
from benchmarks.processes import started
from benchmarks.rows.growth import grown
from netbasics import wire

FEW, MANY = 500, 5_000  # exchanges; each makes two events
REQUEST = b"GET /users/7 HTTP/1.1\r\nHost: test\r\n\r\n"
REPLY = json_reply(b'{"id": 7, "name": "Ada Lovelace"}')
KINDS = ("txt", "svg", "json", "har", "pcap")
# How often the large one is done in a turn: a turn must not be too short.
OFTEN = {"transcript": 25, "exchanges": 2, "txt": 8, "svg": 8, "json": 3}


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


def rows() -> list[Row]:
    """Return the rows of this file."""
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
