"""UDP echo: one client, and many at once, of whose datagrams none is lost."""

import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.driving import driven
from benchmarks.measuring import Figure, Row
from netbasics import servers

MESSAGE = bytes(range(64))
TRIPS = 10_000
# When a datagram that has no answer is lost, in seconds.
LOST = 1.0


def bare_loop() -> Iterator[Any]:
    """The loop of the textbooks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, peer = sock.recvfrom(65535)
                sock.sendto(data, peer)

        threading.Thread(target=serve, daemon=True).start()
        yield sock.getsockname()
        yield


def ours() -> Iterator[Any]:
    """Ours."""
    with servers.UDPEchoServer() as server:
        yield server.address
        yield


def asking(address: tuple[str, int], clients: int) -> Iterator[Any]:
    """Clients that each wait for an answer, and then ask again.

    `answered` is the share of the datagrams that had an answer.
    """
    with ExitStack() as stack:
        poll = stack.enter_context(select.epoll(clients))
        numbers = []
        for _ in range(clients):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            stack.enter_context(sock)
            sock.connect(address)
            poll.register(sock, select.EPOLLIN)
            numbers.append(sock.fileno())
        answer: Any = "ready"
        while True:
            _, amount = yield answer
            began = time.perf_counter()
            sent = ask_all(poll, numbers, amount)
            wall = time.perf_counter() - began
            extra = {"answered": amount / sent, "seconds": wall / amount}
            answer = amount, wall, extra


def ask_all(poll: select.epoll, numbers: list[int], amount: int) -> int:
    """Ask until there are `amount` answers; return how often it asked."""
    for number in numbers:
        os.write(number, MESSAGE)
    sent, done = len(numbers), 0
    waiting = set(numbers)
    while done < amount:
        again = []
        for number, _ in poll.poll(LOST):
            if os.read(number, 65535) != MESSAGE:
                raise RuntimeError("an echo that is none")
            done += 1
            waiting.discard(number)
            again.append(number)
        if not again:  # nothing came at all: what is waited for is lost
            again, waiting = list(waiting), set()
        for number in again[: max(0, amount - done - len(waiting))]:
            os.write(number, MESSAGE)
            waiting.add(number)
            sent += 1
    return sent


def row(clients: int) -> Row:
    """Return the row about so many clients."""
    trips = TRIPS if clients == 1 else 4 * TRIPS
    return Row(
        f"udp-{clients}",
        f"UDP echo, 64 B, clients: {clients}",
        "round trips",
        {
            "recvfrom and sendto": driven(bare_loop, asking, trips, clients),
            "netbasics": driven(ours, asking, trips, clients),
        },
        [
            Figure("rate", 0.95, "at least"),
            Figure("answered", 1.0, "at least", alone=True, always=True),
        ],
    )


def growth() -> Row:
    """Return the row about what ten times the clients cost."""
    few, many = "10 clients", "100 clients"
    return Row(
        "udp-growth",
        "ours: UDP echo, ten times the clients",
        "round trips",
        {
            few: driven(ours, asking, 4 * TRIPS, 10),
            many: driven(ours, asking, 4 * TRIPS, 100),
        },
        [
            Figure("cpu_each", 1.2, "at most", many),
            *(
                Figure(
                    "answered", 1.0, "at least", who, alone=True, always=True
                )
                for who in (few, many)
            ),
        ],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [row(1), row(64), growth()]
