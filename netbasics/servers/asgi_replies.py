"""What an ASGI app sends, watched on its way to uvicorn."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from netbasics.servers.base import log
from netbasics.servers.exchanges import Exchange

__all__ = ["Message", "Reply", "Send"]

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

# How long to try to tell a client that its reply is over, in seconds.
LAST_WORD = 0.02


class Reply:
    """One reply; it knows how far it has come, and can be ended in order.

    Args:
        exchange: The request that it answers.
        kind: `"http"` or `"websocket"`.
        send: Where uvicorn takes messages.

    Attributes:
        complete: Whether the client has all of it, or needs no more of it.
    """

    __slots__ = (
        "_endless",
        "_exchange",
        "_kept_back",
        "_send",
        "_status",
        "_websocket",
        "complete",
    )

    def __init__(self, exchange: Exchange, kind: str, send: Send) -> None:
        self._exchange = exchange
        self._send = send
        self._status = 0
        self._endless = False
        self._kept_back: list[Message] = []
        # uvicorn sees to the end of a WebSocket itself.
        self._websocket = self.complete = kind == "websocket"
        if self._websocket:
            exchange.streams("")

    async def send(self, message: Message) -> None:
        """Pass a message on to the client: the app's `send`."""
        kind = message["type"]
        if kind == "http.response.start":
            self._note_start(message)
        if self._status < 500:
            await self._send(message)
            if kind == "http.response.body":
                self.complete = not message.get("more_body")
            return
        # Starlette first answers 500 and then raises. What says 500 is kept
        # back until then, so that the client does not know sooner than
        # `errors` does. A stream is not kept back.
        self._kept_back.append(message)
        if message.get("more_body"):
            await self.flush()

    async def flush(self) -> None:
        """Send what was kept back."""
        while self._kept_back:
            await self._pass_on(self._kept_back.pop(0))

    async def finish(self, status: int, text: bytes) -> None:
        """End the reply, if that is possible in order.

        One that has not begun becomes an error; a stream just ends. One of a
        stated length cannot end before it, except by a cut.
        """
        if self.complete and not self._websocket:
            return
        with contextlib.suppress(Exception):
            # A client that does not read cannot be told anything.
            async with asyncio.timeout(LAST_WORD):
                await self.flush()
                if self._websocket:
                    await self._send({"type": "websocket.close", "code": 1011})
                elif not self._status:
                    await self._answer(status, text)
                elif self._endless:
                    await self._body(b"")

    async def _pass_on(self, message: Message) -> None:
        await self._send(message)
        if message["type"] == "http.response.body":
            self.complete = not message.get("more_body")

    def _note_start(self, message: Message) -> None:
        self._status = message["status"]
        content_type = b""
        for name, value in message.get("headers", ()):
            if name == b"content-length":  # ASGI has names in lower case
                break
            if name == b"content-type":
                content_type = value
        else:
            self._endless = True
            self._exchange.streams(bytes(content_type).decode("latin-1"))
        log.debug("%s -> %s", self._exchange.what, self._status)

    async def _answer(self, status: int, text: bytes) -> None:
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            (b"connection", b"close"),
        ]
        start = {"type": "http.response.start", "status": status}
        await self._pass_on(start | {"headers": headers})
        await self._body(text)

    async def _body(self, data: bytes) -> None:
        await self._pass_on({"type": "http.response.body", "body": data})
