"""For rows about clients: a server that answers, and clients that ask it.

The server is the same for all contenders of a row, and does as little as it
can: what a client costs is not to be hidden by it. It and each client are
processes of their own.
"""

import asyncio
import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from benchmarks.measuring import Contender, Sample, Turn
from benchmarks.processes import started

__all__ = ["Answer", "Work", "asked", "json_reply", "serving", "working"]

Answer = Callable[[str], tuple[bytes, float]]
"""From a request's target to the whole reply, and the seconds before it."""
Work = Callable[[int], Mapping[str, float] | None]
"""Does so much; what it returns is what else was measured."""


def json_reply(body: bytes) -> bytes:
    """Return a response that has this body and keeps the connection open."""
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


class Answering(asyncio.Protocol):
    """Answers requests without a body: one write for each."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        *heads, self._got = (self._got + data).split(b"\r\n\r\n")
        for head in heads:
            reply, delay = self._answer(head.split(b" ", 2)[1].decode())
            if delay:
                self._loop.call_later(delay, self._write, reply)
            else:
                self._write(reply)

    def _write(self, reply: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply)


def serving(answer: Answer) -> Iterator[Any]:
    """Serve, for `processes.started`; the hello is the URL, without a `/`."""
    told: queue.SimpleQueue[int] = queue.SimpleQueue()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Answering(answer), "127.0.0.1", 0, backlog=4096
        )
        told.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    yield f"http://127.0.0.1:{told.get(timeout=20)}"
    yield


def working(
    prepare: Callable[..., AbstractContextManager[Work]], *args: Any
) -> Iterator[Any]:
    """Work in turns, for `processes.started`; each answer is a sample.

    Args:
        prepare: `prepare(*args)` is a with-block that gives what works.
        args: For it.
    """
    with prepare(*args) as work:
        answer: Any = "ready"
        while True:
            _, amount = yield answer
            gc.collect()
            cpu, wall = time.process_time(), time.perf_counter()
            extra = work(amount)
            wall = time.perf_counter() - wall
            cpu = time.process_time() - cpu
            answer = Sample(amount, wall, cpu, extra or {})


def asked(
    answer: Answer,
    prepare: Callable[..., AbstractContextManager[Work]],
    amount: int,
    *args: Any,
) -> Contender:
    """Return a contender: a client, and a server of its own to ask.

    Args:
        answer: What the server answers; a function at a module's top level.
        prepare: `prepare(url, *args)` is a with-block that gives what asks;
            at a module's top level, too.
        amount: How much it asks in a turn.
        args: For it.
    """

    @contextmanager
    def contender() -> Iterator[Turn]:
        with (
            started(serving, answer) as server,
            started(working, prepare, server.hello, *args) as client,
        ):
            yield lambda: client.ask("run", amount)

    return contender
