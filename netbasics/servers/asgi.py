"""Serve an ASGI app (FastAPI, Starlette) through uvicorn.

uvicorn speaks HTTP and WebSocket; how it starts and ends is done here. Left to
itself it takes 0.2 s to stop, does not stop at all while an event stream is
open, ends the whole program if the app fails to start, and changes the
settings of the log.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from netbasics.servers.base import log
from netbasics.servers.exchanges import Exchange
from netbasics.servers.lifespan import Lifespan
from netbasics.servers.loops import BACKLOG, LoopServer, Transports

__all__ = ["ASGIServer"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# How long a kept connection may be idle, in seconds.
IDLE = 30


class ASGIServer(LoopServer):
    """Serve an ASGI app, in one event loop.

    Get one from `serve()`.

    Args:
        app: Called as `await app(scope, receive, send)`.
        **options: host, port and tls.
    """

    async def _open(self, sock: socket.socket) -> None:
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            # Both would change the log's settings for the whole program.
            log_config=None,
            log_level=None,
            # There is no proxy here whose word on the client's address counts.
            proxy_headers=False,
            timeout_keep_alive=IDLE,
            backlog=BACKLOG,
        )
        config.load()
        config.ssl = self._tls
        config.http_protocol_class = _quiet(config.http_protocol_class)
        self._uvicorn = uvicorn.Server(config)
        self._lifespan = Lifespan(self.app)
        self._uvicorn.lifespan = self._lifespan
        await self._uvicorn.startup(sockets=[sock])

    def _tick(self) -> None:
        # uvicorn's own second hand: it keeps the Date header right.
        asyncio.ensure_future(self._uvicorn.on_tick(0))  # noqa: RUF006

    async def _refuse(self) -> Transports:
        for server in self._uvicorn.servers:
            server.close()
        connections = list(self._uvicorn.server_state.connections)
        for connection in connections:
            connection.shutdown()  # at once if idle, else after its reply
        return [connection.transport for connection in connections]

    async def _close(self) -> None:
        await self._lifespan.shutdown()

    async def _answer(
        self, scope: Message, receive: Receive, send: Send
    ) -> None:
        """Answer one request: the app that uvicorn sees."""
        what = f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"
        with self._exchange(what) as exchange:
            watch = _Watch(exchange, send)
            try:
                await self.app(scope, receive, watch.send)
            except asyncio.CancelledError:
                if not exchange.ended:
                    raise
                await watch.finish(503, b"the server is stopping\n")
            except Exception as error:
                self._failed(error, what)
                await watch.finish(500, b"Internal Server Error\n")
            await watch.flush()
            if not watch.complete:
                await self._hang_up(scope)

    async def _hang_up(self, scope: Message) -> None:
        """Cut the connection of a reply that has no proper end."""
        for connection in list(self._uvicorn.server_state.connections):
            if getattr(connection, "scope", None) is scope:
                connection.transport.abort()
        # Let uvicorn see that it is gone.
        await asyncio.sleep(0)


class _Watch:
    """Look at what an app sends, to know how far its reply has come."""

    def __init__(self, exchange: Exchange, send: Send) -> None:
        self._exchange = exchange
        self._send = send
        self._status = 0
        self._endless = False
        self._last: Message | None = None
        self.complete = False

    async def send(self, message: Message) -> None:
        """Pass a message on to the client."""
        kind = message["type"]
        if kind == "http.response.start":
            self._note_start(message)
        elif kind == "http.response.body":
            self.complete = not message.get("more_body", False)
            if self.complete and self._status >= 500:
                # Starlette first answers 500 and then raises. Kept back until
                # then, the client cannot know sooner than `errors` does.
                self._last = message
                return
        elif kind == "websocket.accept":
            self._status, self.complete = 101, True
            self._exchange.streams("")
        await self._send(message)

    def _note_start(self, message: Message) -> None:
        self._status = message["status"]
        headers = {bytes(n).lower(): v for n, v in message.get("headers", ())}
        if b"content-length" not in headers:
            self._endless = True
            kind = bytes(headers.get(b"content-type", b""))
            self._exchange.streams(kind.decode("latin-1"))
        log.debug("%s -> %s", self._exchange.what, self._status)

    async def flush(self) -> None:
        """Send what was kept back."""
        if self._last is not None:
            await self._send(self._last)

    async def finish(self, status: int, text: bytes) -> None:
        """End the reply in order, if that is possible.

        One that has not begun becomes an error; a stream just ends.
        """
        if self.complete or (self._status and not self._endless):
            return
        with contextlib.suppress(Exception, asyncio.TimeoutError):
            # A client that does not read cannot be told anything.
            async with asyncio.timeout(0.05):
                if self._status:
                    text = b""
                else:
                    await self._start(status, len(text))
                await self.send({"type": "http.response.body", "body": text})

    async def _start(self, status: int, length: int) -> None:
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % length),
            (b"connection", b"close"),
        ]
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": headers,
            }
        )


def _quiet(protocol: Any) -> Any:
    """Return uvicorn's protocol with our log in place of its own."""

    class Quiet(protocol):  # type: ignore[misc]
        def connection_made(self, transport: Any) -> None:
            self.logger = log
            self.access_log = False
            super().connection_made(transport)

    return Quiet
