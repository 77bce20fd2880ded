"""Serve an aiohttp application."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from netbasics.errors import ServerFailed
from netbasics.servers.base import log
from netbasics.servers.loops import BACKLOG, LoopServer, within

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
        await self._runner.setup()
        site = web.SockSite(
            self._runner, sock, ssl_context=self._tls, backlog=BACKLOG
        )
        await site.start()

    async def _refuse(self) -> None:
        # It closes the listener and what is idle, tells the app, then waits
        # for the requests that run: those are seen to meanwhile.
        self._cleanup = asyncio.ensure_future(self._runner.cleanup())
        await asyncio.sleep(0)

    async def _close(self, seconds: float) -> None:
        server = self._runner.server
        for connection in server.connections if server else ():
            connection.force_close()
        if not await within(seconds, asyncio.wait_for(self._cleanup, None)):
            self.stuck.append("the app's cleanup does not end")

    async def _note_stream(
        self, request: web.Request, response: web.StreamResponse
    ) -> None:
        """See that a reply without a stated length begins."""
        if response.content_length is None:
            for exchange in self._exchanges:
                if exchange.task is asyncio.current_task():
                    exchange.streams()

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
                    self._keep(error)  # aiohttp itself logs it
                    raise
                log.debug("%s -> %s", what, response.status)
                return response

        return watch
