"""Serve an aiohttp application."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from netbasics.errors import ServerFailed
from netbasics.servers.base import log
from netbasics.servers.loops import BACKLOG, LoopServer, Transports

__all__ = ["AiohttpServer"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# How long a kept connection may be idle, in seconds.
IDLE = 30


class AiohttpServer(LoopServer):
    """Serve an aiohttp application, in one event loop.

    Get one from `serve()`. aiohttp ties an application to the loop in which it
    first ran, so each can be started once.

    Args:
        app: The application.
        **options: host, port and tls.
    """

    async def _open(self, sock: socket.socket) -> None:
        if self.app.frozen:
            raise ServerFailed(
                "this aiohttp application was started before, and aiohttp "
                "starts each one once: make a new one"
            )
        self.app.middlewares.insert(0, self._middleware())
        self.app.on_response_prepare.append(self._note_stream)
        self._runner = web.AppRunner(
            self.app,
            access_log=None,
            logger=log,
            keepalive_timeout=IDLE,
            # Waiting is done here, by what each request is worth.
            shutdown_timeout=3600.0,
        )
        try:
            await self._runner.setup()
        except BaseException:
            # What its start-up had opened before it failed.
            await self._runner.cleanup()
            raise
        self._site = web.SockSite(
            self._runner, sock, ssl_context=self._tls, backlog=BACKLOG
        )
        await self._site.start()

    async def _refuse(self) -> Transports:
        await self._site.stop()
        server = self._runner.server
        connections = server.connections if server else []
        transports = [c.transport for c in connections if c.transport]
        # It closes what is idle, tells the app, then waits for the requests
        # that run: those are seen to meanwhile.
        self._cleanup = asyncio.ensure_future(self._runner.cleanup())
        await asyncio.sleep(0)
        return transports

    async def _close(self) -> None:
        await self._cleanup

    async def _note_stream(
        self, request: web.Request, response: web.StreamResponse
    ) -> None:
        """See that a reply without a stated length begins."""
        exchange = self._exchanges.current()
        if exchange is not None and response.content_length is None:
            exchange.streams(response.content_type)

    def _middleware(self) -> Any:
        @web.middleware
        async def watch(
            request: web.Request, handler: Handler
        ) -> web.StreamResponse:
            what = f"{request.method} {request.path}"
            with self._exchange(what):
                try:
                    response = await handler(request)
                except asyncio.CancelledError:
                    raise
                except web.HTTPException as answer:
                    log.debug("%s -> %s", what, answer.status)
                    raise
                except Exception as error:
                    if _has_gone(request) and isinstance(error, OSError):
                        log.debug("%s: the client has gone", what)
                        return web.Response(status=499)  # to nobody
                    self._keep(error)  # aiohttp itself logs it
                    raise
                log.debug("%s -> %s", what, response.status)
                return response

        return watch


def _has_gone(request: web.Request) -> bool:
    transport = request.transport
    return transport is None or transport.is_closing()
