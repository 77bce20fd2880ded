"""HTTP servers: of handler classes, and of ASGI apps."""

import http.server
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from benchmarks.driving import driven, many, one
from benchmarks.measuring import Figure, Row
from netbasics import servers

BODY = b'{"books": ["Emma", "Ulysses", "Walden"]}'
REQUEST = b"GET /books HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n"
# A stock server needs 44 ms for a request, ours less than 1: each gets this
# long, in seconds, and at most so many requests.
SLICE = 0.5
REQUESTS = 4000
# Enough clients to keep a server busy that makes each of them wait 44 ms.
CLIENTS = 32
Message = dict[str, Any]


class Books(http.server.BaseHTTPRequestHandler):
    """A small JSON reply, on a connection that stays."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: no contender is to be faster for being silent."""


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Give the same reply, as an ASGI app."""
    if scope["type"] != "http":
        return
    fields = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
    ]
    start = {"type": "http.response.start", "status": 200, "headers": fields}
    await send(start)
    await send({"type": "http.response.body", "body": BODY})


def stock() -> Iterator[Any]:
    """`ThreadingHTTPServer`, as the documentation has it."""
    address = ("127.0.0.1", 0)
    with http.server.ThreadingHTTPServer(address, Books) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address
        yield


def uvicorn_run() -> Iterator[Any]:
    """`uvicorn.run`, as silent as ours."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    options = {"port": address[1], "log_level": "warning", "access_log": False}
    # Left at 5 s, it would hang up while others have their turns.
    options["timeout_keep_alive"] = 60
    threading.Thread(
        target=uvicorn.run, args=(app,), kwargs=options, daemon=True
    ).start()
    wait_for(address)
    yield address
    yield


def ours_handler() -> Iterator[Any]:
    """Ours, with the same handler class."""
    with servers.serve(Books) as server:
        yield server.address
        yield


def ours_asgi() -> Iterator[Any]:
    """Ours, with the same app."""
    with servers.serve(app) as server:
        yield server.address
        yield


def wait_for(address: tuple[str, int], seconds: float = 20.0) -> None:
    """Return when somebody listens there."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(address, 1.0).close()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def handlers() -> Iterator[Row]:
    """Give the rows about handler classes."""
    crowd = REQUESTS, CLIENTS, REQUEST, SLICE
    yield Row(
        "serve-handler-1",
        "serve(handler), one client",
        "requests",
        {
            "ThreadingHTTPServer": driven(stock, one, REQUESTS, REQUEST, SLICE),
            "netbasics": driven(ours_handler, one, REQUESTS, REQUEST, SLICE),
        },
        [
            Figure("p99", 0.005, "at most", alone=True),
            Figure("cpu_each", 0.85, "at most"),
        ],
    )
    yield Row(
        f"serve-handler-{CLIENTS}",
        f"serve(handler), clients: {CLIENTS}",
        "requests",
        {
            "ThreadingHTTPServer": driven(stock, many, *crowd),
            "netbasics": driven(ours_handler, many, *crowd),
        },
        [Figure("cpu_each", 0.85, "at most")],
    )


TRIED = (
    "It is slower by about 6 %, which is 5 us for each request: it is listed, "
    "so that stop() can end it, and its status is watched, so that errors has "
    "it before the client does. With the app given to uvicorn itself it would "
    "be 0.99 to 1.01."
)


def asgi(clients: int) -> Row:
    """Return a row about an ASGI app."""
    if clients == 1:
        client: tuple[Any, ...] = (one, REQUESTS, REQUEST)
    else:
        client = (many, REQUESTS, clients, REQUEST)
    return Row(
        f"serve-asgi-{clients}",
        f"serve(asgi), clients: {clients}",
        "requests",
        {
            "uvicorn.run": driven(uvicorn_run, *client),
            "netbasics": driven(ours_asgi, *client),
        },
        [Figure("rate", 0.95, "at least", tried=TRIED)],
    )


def growth(kind: str, ours: Callable[[], Iterator[Any]]) -> Row:
    """Return the row about what ten times the clients cost."""
    return Row(
        f"serve-{kind}-growth",
        f"ours, serve({kind}), one request of each client",
        "requests",
        {
            "10 clients": driven(ours, many, REQUESTS, 10, REQUEST),
            "100 clients": driven(ours, many, REQUESTS, 100, REQUEST),
        },
        [Figure("seconds", 12, "at most", "100 clients")],
    )


def rows() -> list[Row]:
    """Return the rows of this file."""
    return [
        *handlers(),
        growth("handler", ours_handler),
        asgi(1),
        asgi(CLIENTS),
        growth("asgi", ours_asgi),
    ]
