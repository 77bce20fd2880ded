"""Echo servers: one client, and many of them."""

import asyncio
import contextlib
import queue
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from benchmarks.driving import driven, many, one
from benchmarks.measuring import Figure, Row
from netbasics import aio, servers

PIECE = 65536
SMALL = bytes(range(64))
TRIPS = 10_000
Address = tuple[str, int]
Serving = Callable[[Callable[[Address], None]], Awaitable[None]]


def bare_loop() -> Iterator[Any]:
    """The loop of the textbooks: blocking, for one client after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                sock, _ = listener.accept()
                with sock:
                    while data := sock.recv(PIECE):
                        sock.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()
        yield


def in_a_loop(serve: Serving) -> Iterator[Any]:
    """Run `serve(tell)`, which tells its address, in an event loop."""
    told: queue.SimpleQueue[Address] = queue.SimpleQueue()

    async def run() -> None:
        await serve(told.put)

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    yield told.get(timeout=20)
    yield


class BareEcho(asyncio.Protocol):
    """The least that echoes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers."""
        assert isinstance(transport, asyncio.Transport)
        self.write = transport.write

    def data_received(self, data: bytes) -> None:
        """Send it back."""
        self.write(data)


async def serve_protocol(tell: Callable[[Address], None]) -> None:
    """Serve bare protocols."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(BareEcho, "127.0.0.1", 0, backlog=4096)
    tell(server.sockets[0].getsockname())
    await server.serve_forever()


def bare_protocol() -> Iterator[Any]:
    """`asyncio.Protocol`, and nothing else."""
    yield from in_a_loop(serve_protocol)


async def echo_stream(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Echo as the documentation of asyncio does."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    writer.close()


async def serve_streams(tell: Callable[[Address], None]) -> None:
    """Serve streams."""
    server = await asyncio.start_server(
        echo_stream, "127.0.0.1", 0, backlog=4096
    )
    tell(server.sockets[0].getsockname())
    await server.serve_forever()


def streams() -> Iterator[Any]:
    """`asyncio.start_server`."""
    yield from in_a_loop(serve_streams)


def ours_blocking() -> Iterator[Any]:
    """Ours, a thread for each client."""
    with servers.EchoServer() as server:
        yield server.address
        yield


async def serve_ours(tell: Callable[[Address], None]) -> None:
    """Serve ours, with room for the connections that a row holds."""
    async with aio.EchoServer(max_connections=20_000) as server:
        tell(server.address)
        await asyncio.Event().wait()


def ours_async() -> Iterator[Any]:
    """Ours on asyncio."""
    yield from in_a_loop(serve_ours)


def blocking(size: int, label: str) -> Row:
    """Return the row about one client of the server with threads."""
    message = bytes(n % 251 for n in range(size))
    return Row(
        f"echo-{size}",
        f"echo server, one client, {label}",
        "round trips",
        {
            "bare socket loop": driven(bare_loop, one, TRIPS, message),
            "netbasics": driven(ours_blocking, one, TRIPS, message),
        },
        [Figure("rate", 0.95, "at least")],
    )


TRIED = (
    "With one client most of the time goes into waking one process after the "
    "other, which costs all the same; of CPU time it takes 0.5 of what streams "
    "take."
)


def on_asyncio(clients: int) -> Row:
    """Return a row about the server on asyncio."""
    if clients == 1:
        client: tuple[Any, ...] = (one, TRIPS, SMALL)
    else:
        client = (many, TRIPS, clients, SMALL)
    return Row(
        f"echo-async-{clients}",
        f"echo server on asyncio, 64 B, clients: {clients:,}",
        "round trips",
        {
            "bare asyncio.Protocol": driven(bare_protocol, *client),
            "netbasics": driven(ours_async, *client),
            "asyncio streams": driven(streams, *client),
        },
        [
            Figure("rate", 0.9, "at least"),
            Figure(
                "rate",
                1.5,
                "at least",
                against="asyncio streams",
                tried=TRIED if clients == 1 else "",
            ),
        ],
    )


def growth() -> Row:
    """Return the row about what ten times the clients cost."""
    trips = 3 * TRIPS
    return Row(
        "echo-async-growth",
        "ours on asyncio, one round trip of each client",
        "round trips",
        {
            "100 clients": driven(ours_async, many, trips, 100, SMALL),
            "1,000 clients": driven(ours_async, many, trips, 1000, SMALL),
        },
        [Figure("seconds", 12, "at most", "1,000 clients")],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [
        blocking(64, "64 B"),
        blocking(4096, "4 KiB"),
        *(on_asyncio(clients) for clients in (1, 64, 1000)),
        growth(),
    ]
