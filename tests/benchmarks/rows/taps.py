"""A tap in the path, beside proxies that do not look as closely."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from benchmarks.processes import started
from benchmarks.proxying import (
    Proxy,
    forgetful,
    in_the_path,
    no_proxy,
    ours,
    plain_proxy,
    recording_proxy,
    roomy,
)
from benchmarks.rows.growth import MOST

TRIPS = 8_000
SMALL = bytes(range(64))
PIECE = 65536
MIB = 2**20
BULK = 256  # MiB
PATIENCE = 20.0


def target(answer: Callable[[socket.socket], None]) -> Iterator[Any]:
    """Serve one client after the other, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                sock, _ = listener.accept()
                with sock:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    answer(sock)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()
        yield


def echo(sock: socket.socket) -> None:
    """Send back what comes."""
    while data := sock.recv(PIECE):
        sock.sendall(data)


def swallow(sock: socket.socket) -> None:
    """Take all that comes, and say how much it was."""
    buffer = bytearray(PIECE)
    total = 0
    while count := sock.recv_into(buffer):
        total += count
    sock.sendall(b"%d" % total)


def driving() -> Iterator[Any]:
    """The client: told what, how much and where, it answers the seconds."""
    answer: Any = "ready"
    while True:
        what, amount, address = yield answer
        with socket.create_connection(address, PATIENCE) as sock:
            sock.settimeout(None)  # a timeout would cost a call for each wait
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            work = trips if what == "trips" else bulk
            answer = work(sock, amount)


def trips(sock: socket.socket, amount: int) -> float:
    """Ask and wait, one at a time; the first shows that the path is there."""
    trip(sock)
    began = time.perf_counter()
    for _ in range(amount):
        trip(sock)
    return time.perf_counter() - began


def trip(sock: socket.socket) -> None:
    """Send 64 bytes, and wait until they are back."""
    sock.sendall(SMALL)
    got = 0
    while got < len(SMALL):
        count = len(sock.recv(PIECE))
        assert count, "the echo has ended"
        got += count


def bulk(sock: socket.socket, amount: int) -> float:
    """Send so many MiB as fast as it goes, until all have arrived."""
    data = bytes(MIB)
    began = time.perf_counter()
    for _ in range(amount):
        sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
    arrived = b""
    while piece := sock.recv(100):
        arrived += piece
    assert int(arrived) == amount * MIB, arrived
    return time.perf_counter() - began


def through(
    proxy: Proxy, server: Callable[[socket.socket], None], what: str, size: int
) -> Contender:
    """Return a contender: a client, a proxy and a server.

    The CPU time is the proxy's. It is a new process in each turn: whether the
    memory of the turn before is at hand would decide more than the proxy.
    """

    @contextmanager
    def contender() -> Iterator[Turn]:
        with started(target, server) as end, started(driving) as client:

            def turn() -> Sample:
                with started(in_the_path, proxy, end.hello) as middle:
                    before = middle.cpu()
                    wall = client.ask(what, size, middle.hello)
                    used = middle.cpu() - before
                    middle.ask("end")
                    return Sample(size, wall, used)

            yield turn

    return contender


TRIED = (
    "It keeps the first 32 MiB, which is new memory, and the proxy that keeps "
    "nothing uses the same 64 KiB again and again. A tap that keeps nothing is "
    "the third figure; one that keeps all, beside a proxy that does, the last."
)


TRIED_MORE = (
    "What is kept is new memory, which the system hands out at its own pace: "
    "in one run where this came to 1.22, a proxy that records came to 1.16."
)


def growth() -> Row:
    """Return the row about ten times the bytes.

    A tap as it is keeps 32 MiB of either and only counts the rest, which would
    make the larger look cheap. So one keeps nothing, and one all.
    """
    few, many = BULK // 4, BULK // 4 * 10
    contenders = {
        f"{amount} MiB, {kept} kept": through(proxy, swallow, "bulk", amount)
        for kept, proxy in (("nothing", forgetful), ("all", roomy))
        for amount in (few, many)
    }
    for amount in few, many:
        peer = through(recording_proxy, swallow, "bulk", amount)
        contenders[f"{amount} MiB, a proxy that records"] = peer
    figures = [
        Figure(
            "cpu_each",
            MOST,
            "at most",
            f"{many} MiB, {kept} kept",
            f"{few} MiB, {kept} kept",
            tried=TRIED_MORE if kept == "all" else "",
        )
        for kept in ("nothing", "all")
    ]
    what = "ours: a tap in the path, ten times the bytes"
    return Row("tap-growth", what, "MiB", contenders, figures)


def rows() -> list[Row]:
    """Return the rows of this file."""
    none_kept, all_kept = "netbasics, nothing kept", "netbasics, all kept"
    recorded = "one that records"
    proxies: dict[str, Proxy] = {
        "a threaded proxy": plain_proxy,
        "netbasics": ours,
        recorded: recording_proxy,
        "nothing in the path": no_proxy,
    }
    small = {
        name: through(proxy, echo, "trips", TRIPS)
        for name, proxy in proxies.items()
    }
    large = {
        name: through(proxy, swallow, "bulk", BULK)
        for name, proxy in {
            **proxies,
            none_kept: forgetful,
            all_kept: roomy,
        }.items()
    }
    return [
        Row(
            "tap-64",
            "a tap in the path, 64 B round trips",
            "round trips",
            small,
            [
                Figure("rate", 0.95, "at least"),
                Figure("rate", 0.95, "at least", against=recorded),
            ],
        ),
        Row(
            "tap-bulk",
            "a tap in the path, 256 MiB one way",
            "MiB",
            large,
            [
                Figure("rate", 0.95, "at least", tried=TRIED),
                Figure("rate", 0.95, "at least", against=recorded),
                Figure("rate", 0.95, "at least", none_kept),
                Figure("rate", 0.95, "at least", all_kept, recorded),
            ],
        ),
        growth(),
    ]
