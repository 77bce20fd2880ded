"""Serve an ASGI app (FastAPI, Starlette) through uvicorn.

uvicorn speaks HTTP and WebSocket; how it starts and ends is done here. Left to
itself it takes 0.2 s to stop, does not stop at all while an event stream is
open, ends the whole program if the app fails to start, and changes the
settings of the log.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from netbasics.servers.asgi_replies import Message, Reply, Send
from netbasics.servers.base import log
from netbasics.servers.lifespan import Lifespan
from netbasics.servers.loops import BACKLOG, LoopServer, Transports
from netbasics.sockets.one_buffer import OneBuffer, new_room

__all__ = ["ASGIServer"]

Receive = Callable[[], Awaitable[Message]]

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
        config.http_protocol_class = _ours(config.http_protocol_class)
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
            reply = Reply(exchange, scope["type"], send)
            try:
                await self.app(scope, receive, reply.send)
            except asyncio.CancelledError:
                if not exchange.ended:
                    raise
                await reply.finish(503, b"the server is stopping\n")
            except (Exception, SystemExit) as error:
                if type(error).__name__ == "WebSocketDisconnect":
                    log.debug("%s: the client has gone", what)
                else:
                    self._failed(error, what)
                await reply.finish(500, b"Internal Server Error\n")
            if not reply.complete:
                await reply.flush()
            if not reply.complete:
                await self._hang_up(scope)

    async def _hang_up(self, scope: Message) -> None:
        """Cut the connection of a reply that has no proper end."""
        for connection in list(self._uvicorn.server_state.connections):
            if getattr(connection, "scope", None) is scope:
                connection.transport.abort()
        # Let uvicorn see that it is gone.
        await asyncio.sleep(0)


def _ours(protocol: Any) -> Any:
    """Return uvicorn's protocol with our log, and one buffer for all reads."""

    class Ours(protocol, OneBuffer):  # type: ignore[misc]
        room = new_room()

        def connection_made(self, transport: Any) -> None:
            self.logger = log
            self.access_log = False
            super().connection_made(transport)

    return Ours
