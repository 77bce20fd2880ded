"""Starting a server, and stopping it while a client is connected."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.driving import reply_size
from benchmarks.measuring import Contender, Figure, Row, Sample, Turn
from benchmarks.processes import started
from benchmarks.rows.serving import REQUEST, Books, app
from netbasics import servers

REST = 0.02
Stop = Callable[[], object]
Start = Callable[[], tuple[Any, Stop]]
"""Starts a server; returns its address, and what stops it."""


def start_stock() -> tuple[Any, Stop]:
    """Start a `ThreadingHTTPServer`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Books)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return server.server_address, stop


def start_uvicorn() -> tuple[Any, Stop]:
    """Start uvicorn in a thread, as its documentation has it for tests."""
    import uvicorn

    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.001)

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return server.servers[0].sockets[0].getsockname(), stop


def start_ours(served: Any) -> tuple[Any, Stop]:
    """Start ours."""
    server = servers.serve(served).start()
    return server.address, server.stop


def lives(start: Start) -> Iterator[Any]:
    """Start servers and stop them, as often as is asked for."""
    answer: Any = "ready"
    while True:
        _, count = yield answer
        cpu, starts, stops = time.process_time(), 0.0, 0.0
        for _ in range(count):
            began = time.perf_counter()
            address, stop = start()
            starts += time.perf_counter() - began
            with socket.create_connection(address, 5) as sock:
                reply_size(sock, REQUEST)
                # The client keeps its connection: there may be more to ask.
                # And the server gets the time to come to rest.
                time.sleep(REST)
                began = time.perf_counter()
                stop()
                stops += time.perf_counter() - began
        answer = starts, stops, time.process_time() - cpu


def lived(start: Start, count: int) -> Contender:
    """Return a contender that starts and stops `count` servers in a turn."""

    @contextmanager
    def contender() -> Iterator[Turn]:
        with started(lives, start) as worker:

            def turn() -> Sample:
                starts, stops, cpu = worker.ask("run", count)
                extra = {"start": starts / count, "stop": stops / count}
                return Sample(count, starts + stops, cpu, extra)

            yield turn

    return contender


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [
        Row(
            "stop-handler",
            "start and stop a server of a handler class",
            "servers",
            {
                "ThreadingHTTPServer": lived(start_stock, 1),
                "netbasics": lived(partial(start_ours, Books), 1),
            },
            [Figure("stop", 0.05, "at most")],
        ),
        Row(
            "stop-asgi",
            "start and stop a server of an ASGI app",
            "servers",
            {
                "uvicorn.Server": lived(start_uvicorn, 3),
                "netbasics": lived(partial(start_ours, app), 3),
            },
            [Figure("stop", 0.6, "at most")],
        ),
    ]
