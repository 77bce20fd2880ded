"""Thousands of connections that are held: what each takes of memory."""

import os
import resource
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.driving import dial
from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from benchmarks.processes import started
from benchmarks.rows.echo import (
    Serving,
    in_a_loop,
    serve_ours,
    serve_protocol,
)

STATM = Path("/proc/self/statm")
BATCH = 200
MANY = 10_000
SPARE = 200  # files that a process has open besides
RESET = struct.pack("ii", 1, 0)


def holding(serve: Serving) -> Iterator[Any]:
    """Serve in an event loop; answer how much memory that takes."""
    raise_limit()
    answer = next(steps := in_a_loop(serve))
    while steps:
        yield answer
        answer = int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def raise_limit() -> int:
    """Allow as many open files as may be, and return how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def callers() -> Iterator[Any]:
    """Open connections when asked to, and reset them when asked to."""
    raise_limit()
    held: list[socket.socket] = []
    answer: Any = "ready"
    while True:
        word, *rest = yield answer
        if word == "hold":
            began = time.perf_counter()
            hold(held, *rest)
            answer = time.perf_counter() - began
        else:
            drop(held)
            answer = "done"


def hold(held: list[socket.socket], address: Any, count: int) -> None:
    """Open connections; each is known to be accepted by its echo."""
    for first in range(0, count, BATCH):
        batch = [dial(address) for _ in range(min(BATCH, count - first))]
        held += batch
        for sock in batch:
            sock.sendall(b"hello")
        for sock in batch:
            if sock.recv(100) != b"hello":
                raise RuntimeError(f"{len(held):,} connections are too many")


def drop(held: list[socket.socket]) -> None:
    """Close with a reset, which leaves no port waiting for a minute."""
    for sock in held:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        sock.close()
    held.clear()


def held_by(serve: Serving, count: int) -> Contender:
    """Return a contender; each turn is a server's whole life.

    Memory that was freed is not given back to the system, so only a fresh
    process tells.
    """

    @contextmanager
    def contender() -> Iterator[Turn]:
        with started(callers) as guest:

            def turn() -> Sample:
                with started(holding, serve) as host:
                    before, cpu = host.ask("memory"), host.cpu()
                    wall = guest.ask("hold", host.hello, count)
                    cpu = host.cpu() - cpu
                    memory = (host.ask("memory") - before) / count
                    guest.ask("drop")
                extra = {"bytes": memory, "seconds": wall}
                return Sample(count, wall, cpu, extra)

            yield turn

    return contender


def row(count: int, most: float) -> Row:
    """Return the row about so many connections."""
    return Row(
        f"hold-{count}",
        f"hold {count:,} connections on asyncio",
        "connections",
        {
            "bare asyncio.Protocol": held_by(serve_protocol, count),
            "netbasics": held_by(serve_ours, count),
        },
        [Figure("bytes", most, "at most")],
    )


def growth(many: int) -> Row:
    """Return the row about ten times the connections."""
    few = many // 10
    return Row(
        "hold-growth",
        "ours: open, use and hold ten times the connections",
        "connections",
        {
            f"{few:,} held": held_by(serve_ours, few),
            f"{many:,} held": held_by(serve_ours, many),
        },
        [
            Figure("seconds", 12, "at most", f"{many:,} held"),
            Figure("bytes", 1.2, "at most", f"{many:,} held"),
        ],
    )


def rows() -> list[Row]:
    """Return the rows of this file, as far as the limit of files allows."""
    if not STATM.exists():
        return []
    many = min(MANY, raise_limit() - SPARE)
    return [row(1000, 1.0), row(many, 1.1), growth(many)]
