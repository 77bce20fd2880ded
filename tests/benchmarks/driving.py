"""Clients that make a server work: the same for all contenders of a row.

Each is a generator for `processes.started`. Asked `("run", amount)`, it answers
how much it did, the seconds that it took, and what else it saw. They are plain
sockets, so that what a client costs does not hide what a server costs.
"""

import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.measuring import Contender, Sample, Turn
from benchmarks.processes import started

__all__ = ["driven", "many", "one", "reply_size"]

PATIENCE = 20.0
PIECE = 65536
Answer = tuple[float, float, Mapping[str, float]]


def driven(
    server: Callable[..., Iterator[Any]],
    client: Callable[..., Iterator[Any]],
    amount: int,
    *words: Any,
) -> Contender:
    """Return a contender: a server and its client, each a process.

    Args:
        server: A generator function; its worker's hello is the address.
        client: Called as `client(address, *words)`.
        amount: How much the client does in a turn.
        words: What else the client is told.
    """

    @contextmanager
    def contender() -> Iterator[Turn]:
        with (
            started(server) as host,
            started(client, host.hello, *words) as guest,
        ):

            def turn() -> Sample:
                before = host.cpu()
                done, wall, extra = guest.ask("run", amount)
                return Sample(done, wall, host.cpu() - before, extra)

            yield turn

    return contender


def one(
    address: tuple[str, int], request: bytes, seconds: float | None = None
) -> Iterator[Any]:
    """One connection, one request at a time.

    Args:
        address: Of the server.
        request: What to send.
        seconds: End a turn after this time, whatever is left to do: for
            servers of which one is fifty times as slow as the other.
    """
    with dial(address) as sock:
        size = reply_size(sock, request)
        answer: Any = "ready"
        while True:
            _, amount = yield answer
            answer = one_turn(sock, request, size, amount, seconds)


def one_turn(
    sock: socket.socket,
    request: bytes,
    size: int,
    amount: int,
    seconds: float | None,
) -> Answer:
    """Ask so many times; `p99` is the time that 1 in 100 goes beyond."""
    buffer = memoryview(bytearray(size))
    times = []
    began = now = time.perf_counter()
    end = began + (seconds or PATIENCE)
    while len(times) < amount and now < end:
        sock.sendall(request)
        got = sock.recv_into(buffer)
        while got < size:
            got += received(sock.recv_into(buffer[got:]))
        before, now = now, time.perf_counter()
        times.append(now - before)
    p99 = statistics.quantiles(times, n=100, method="inclusive")[-1]
    return len(times), now - began, {"p99": p99}


def many(
    address: tuple[str, int],
    clients: int,
    request: bytes,
    seconds: float | None = None,
) -> Iterator[Any]:
    """Many connections that all ask, and then all wait for their replies.

    It works on bare descriptors and reads the last reply first, which wakes it
    once, not once for each reply: what the server does is then most of the
    time, and what waking a client costs the server is not.
    """
    with ExitStack() as stack:
        socks = [stack.enter_context(dial(address)) for _ in range(clients)]
        size = [reply_size(sock, request) for sock in socks][-1]
        numbers = [sock.fileno() for sock in socks]
        answer: Any = "ready"
        while True:
            _, amount = yield answer
            waves, began = 0, time.perf_counter()
            wall, most = 0.0, seconds or PATIENCE
            while waves * clients < amount and wall < most:
                wave(numbers, request, size)
                waves += 1
                wall = time.perf_counter() - began
            # What one request of each client takes.
            answer = waves * clients, wall, {"seconds": wall / waves}


def wave(numbers: Sequence[int], request: bytes, size: int) -> None:
    """Ask once on each connection."""
    for number in numbers:
        os.write(number, request)
    for number in reversed(numbers):
        left = size
        while left:
            left -= received(len(os.read(number, left)))


def dial(address: tuple[str, int]) -> socket.socket:
    """Connect; small requests are not held back."""
    sock = socket.create_connection(address, PATIENCE)
    # A timeout would cost a system call more for each wait; a client that
    # waits for ever is ended by its parent.
    sock.settimeout(None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def reply_size(sock: socket.socket, request: bytes) -> int:
    """Ask once, and return how long the reply is; see that it is right."""
    sock.sendall(request)
    if not request.startswith(b"GET "):
        reply = b""
        while len(reply) < len(request):
            reply += sock.recv(PIECE)
        if reply != request:
            raise RuntimeError("an echo that is none")
        return len(reply)
    reply = sock.recv(PIECE)
    while b"\r\n\r\n" not in reply:
        reply += sock.recv(PIECE)
    head, _, body = reply.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"a reply that is none: {head!r}")
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next(int(v) for name, _, v in fields if name == b"content-length")
    while len(body) < length:
        body += sock.recv(PIECE)
    return len(head) + 4 + length


def received(count: int) -> int:
    """Return the count; raise if it is the end."""
    if not count:
        raise RuntimeError("the server has hung up")
    return count
