"""Proxies between a client and a server: ours, and those beside it.

Each is a with-block that carries one connection to an address, and gives the
address where it listens for it.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

__all__ = [
    "Proxy",
    "forgetful",
    "in_the_path",
    "no_proxy",
    "ours",
    "plain_proxy",
    "recording_proxy",
    "roomy",
]

PIECE = 65536
ROOM = 2**30  # what may be recorded, in bytes: more than a row sends
PATIENCE = 20.0
Address = tuple[str, int]
Proxy = Callable[[Address], AbstractContextManager[Address]]
Note = tuple[float, str, bytes]


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
    """Be a proxy, in a process of its own; asked for its end, it ends.

    What it checks at its end is lost if it is only closed.
    """
    with proxy(address) as own:
        yield own
    yield "ended"
