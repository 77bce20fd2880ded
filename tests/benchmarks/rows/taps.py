"""A tap in the path, beside proxies that do not look as closely."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from benchmarks.processes import started

TRIPS = 8_000
SMALL = bytes(range(64))
PIECE = 65536
BULK = 256 * 2**20
ROOM = 4 * BULK  # what may be recorded, in bytes: all of it
PATIENCE = 20.0
Address = tuple[str, int]
Proxy = Callable[[Address], AbstractContextManager[Address]]
Note = tuple[float, str, bytes]


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
    """The client: asked for a name and an address, it answers the seconds."""
    answer: Any = "ready"
    while True:
        what, address = yield answer
        with socket.create_connection(address, PATIENCE) as sock:
            sock.settimeout(None)  # a timeout would cost a call for each wait
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answer = trips(sock) if what == "trips" else bulk(sock)


def trips(sock: socket.socket) -> float:
    """Ask and wait, one at a time; the first shows that the path is there."""
    trip(sock)
    began = time.perf_counter()
    for _ in range(TRIPS):
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


def bulk(sock: socket.socket) -> float:
    """Send as fast as it goes, until all of it has arrived."""
    data = bytes(16 * PIECE)
    began = time.perf_counter()
    for _ in range(BULK // len(data)):
        sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
    arrived = b""
    while piece := sock.recv(100):
        arrived += piece
    assert int(arrived) == BULK, arrived
    return time.perf_counter() - began


@contextmanager
def no_proxy(address: Address) -> Iterator[Address]:
    """Nothing in the path."""
    yield address


@contextmanager
def plain_proxy(address: Address) -> Iterator[Address]:
    """Two threads for each connection: read here, write there."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(PIECE):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    with proxying(address, pump) as own:
        yield own


@contextmanager
def recording_proxy(address: Address) -> Iterator[Address]:
    """The same, and keeps what passes: when, which way, which bytes."""
    record: list[Note] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        way = f"from {source.getpeername()}"
        while data := source.recv(PIECE):
            record.append((time.perf_counter(), way, data))
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    with proxying(address, pump) as own:
        yield own


@contextmanager
def proxying(
    address: Address, pump: Callable[[socket.socket, socket.socket], None]
) -> Iterator[Address]:
    """Accept one connection, and pump both ways until both have ended."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def carry() -> None:
            client, _ = listener.accept()
            with client, socket.create_connection(address) as server:
                for sock in (client, server):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                back = threading.Thread(target=pump, args=(server, client))
                back.start()
                pump(client, server)
                back.join()

        carrier = threading.Thread(target=carry, daemon=True)
        carrier.start()
        yield listener.getsockname()
        carrier.join(PATIENCE)


@contextmanager
def ours(address: Address) -> Iterator[Address]:
    """A tap as it is: it keeps 32 MiB, and goes on counting."""
    from netbasics import wire

    with wire.tap(address) as tap:
        yield tap.address
        assert tap.wait(1, PATIENCE)


@contextmanager
def forgetful(address: Address) -> Iterator[Address]:
    """A tap that keeps nothing, and only counts."""
    from netbasics import wire

    with wire.tap(address, limit=0) as tap:
        yield tap.address
        assert tap.wait(1, PATIENCE)


@contextmanager
def roomy(address: Address) -> Iterator[Address]:
    """A tap with room for all that passes."""
    from netbasics import wire

    with wire.tap(address, limit=ROOM) as tap:
        yield tap.address
        assert tap.wait(1, PATIENCE)
        assert tap.transcript.complete


def in_the_path(proxy: Proxy, address: Address) -> Iterator[Any]:
    """Be a proxy, in a process of its own."""
    with proxy(address) as own:
        yield own
        yield


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
                    wall = client.ask(what, middle.hello)
                    return Sample(size, wall, middle.cpu() - before)

            yield turn

    return contender


TRIED = (
    "It keeps the first 32 MiB, which is new memory, and the proxy that keeps "
    "nothing uses the same 64 KiB again and again. A tap that keeps nothing is "
    "the next figure; one that keeps all, beside a proxy that does, the last."
)


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
        name: through(proxy, swallow, "bulk", BULK // 2**20)
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
                Figure("rate", 0.95, "at least", none_kept),
                Figure("rate", 0.95, "at least", all_kept, recorded),
            ],
        ),
    ]
