"""A thousand clients that dial at once."""

import errno
import select
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.driving import driven
from benchmarks.measuring import Figure, Row
from benchmarks.rows.echo import bare_protocol, ours_async, ours_blocking

CLIENTS = 1000
CROWDS = 2
MESSAGE = bytes(range(64))
PATIENCE = 20.0


class Echo(socketserver.BaseRequestHandler):
    """Echo, as the documentation of socketserver does."""

    def handle(self) -> None:
        """Serve one client."""
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Roomy(socketserver.ThreadingTCPServer):
    """The stock server, but for its backlog of 5."""

    request_queue_size = 4096
    daemon_threads = True


def stock() -> Iterator[Any]:
    """`ThreadingTCPServer` with a backlog of 4096."""
    with Roomy(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address
        yield


def crowd(address: tuple[str, int], clients: int) -> Iterator[Any]:
    """All dial at once, and each leaves when it has its answer.

    `served` is the share of those who had one. A turn is a few such crowds,
    one after the other.
    """
    answer: Any = "ready"
    while True:
        _, crowds = yield answer
        served, wall = 0, 0.0
        for _ in range(crowds):
            with ExitStack() as stack:
                began = time.perf_counter()
                served += rush(stack, address, clients)
                wall += time.perf_counter() - began
        share = served / (clients * crowds)
        answer = served, wall, {"served": share, "seconds": wall / crowds}


def rush(stack: ExitStack, address: tuple[str, int], clients: int) -> int:
    """Dial, ask, and count who is served before patience ends."""
    poll = stack.enter_context(select.epoll(clients))
    socks = {}
    for _ in range(clients):
        sock = stack.enter_context(socket.socket())
        sock.setblocking(False)
        if sock.connect_ex(address) not in (0, errno.EINPROGRESS):
            raise RuntimeError("cannot dial")
        socks[sock.fileno()] = sock
        poll.register(sock, select.EPOLLOUT)
    end = time.monotonic() + PATIENCE
    served = 0
    while socks and time.monotonic() < end:
        for number, event in poll.poll(1.0):
            sock = socks[number]
            if event == select.EPOLLOUT:
                sock.send(MESSAGE)
                poll.modify(sock, select.EPOLLIN)
                continue
            if event & select.EPOLLIN and sock.recv(1024) == MESSAGE:
                served += 1
            poll.unregister(sock)
            socks.pop(number).close()
    return served


def growth() -> Row:
    """Return the row about what ten times the crowd costs."""
    return Row(
        "dial-growth",
        "ours, a crowd of 100 and one of 1,000",
        "clients",
        {
            # As many crowds of either: the first starts the threads.
            "100 clients": driven(ours_blocking, crowd, 2 * CROWDS, 100),
            "1,000 clients": driven(ours_blocking, crowd, 2 * CROWDS, 1000),
        },
        [Figure("seconds", 12, "at most", "1,000 clients")],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    figures = [
        Figure("served", 1.0, "at least", alone=True, always=True),
        Figure("seconds", 1.2, "at most"),
    ]
    return [
        Row(
            "dial",
            "1,000 clients dial at once, each is answered once",
            "clients",
            {
                "ThreadingTCPServer, 4096": driven(
                    stock, crowd, CROWDS, CLIENTS
                ),
                "netbasics": driven(ours_blocking, crowd, CROWDS, CLIENTS),
            },
            figures,
            {"ThreadingTCPServer, 5": "it takes minutes to serve them"},
        ),
        Row(
            "dial-async",
            "1,000 clients dial a server on asyncio at once",
            "clients",
            {
                "asyncio.Protocol, 4096": driven(
                    bare_protocol, crowd, CROWDS, CLIENTS
                ),
                "netbasics": driven(ours_async, crowd, CROWDS, CLIENTS),
            },
            figures,
        ),
        growth(),
    ]
