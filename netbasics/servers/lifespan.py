"""The start and the end of an ASGI app, by the ASGI lifespan protocol.

The app is called once for its whole life. It is told to start, says whether it
did, and hears at the end that it should stop. uvicorn ends the program with
`sys.exit` if the app fails; here the caller of `start()` gets the exception.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from netbasics.errors import ServerFailed

__all__ = ["Lifespan"]

Message = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]


class Lifespan:
    """The life of one app.

    Args:
        app: The ASGI app.

    Attributes:
        state: What the app leaves there at its start; each request gets it.
        should_exit: Always False; uvicorn asks.
    """

    should_exit = False

    def __init__(self, app: App) -> None:
        self._app = app
        self.state: dict[str, Any] = {}

    async def startup(self) -> None:
        """Start the app.

        Raises:
            ServerFailed: It said that it cannot, or raised an exception, which
                is the cause. An app that knows nothing of this protocol is
                fine: it has nothing to start.
        """
        self._asked = False
        self._failure = ""
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._inbox.put_nowait({"type": "lifespan.startup"})
        self._answered = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())
        await self._answered.wait()
        if self._failure:
            # The exception comes right after the message that announces it.
            await asyncio.wait([self._task], timeout=1)
        error = self._exception()
        # An exception before the app asked what to do says that it does not
        # know the protocol; after that, that it failed.
        if self._failure or (error is not None and self._asked):
            raise ServerFailed(
                f"the app did not start: {_reason(error, self._failure)}"
            ) from error

    async def shutdown(self) -> None:
        """Tell the app to stop, and wait until it has.

        Raises:
            Exception: What the app raises.
        """
        if not self._task.done():
            self._inbox.put_nowait({"type": "lifespan.shutdown"})
            try:
                await asyncio.wait([self._task])
            finally:
                self._task.cancel()
            if error := self._exception():
                raise error

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._app(scope, self._receive, self._send)
        finally:
            self._answered.set()

    async def _receive(self) -> Message:
        self._asked = True
        return await self._inbox.get()

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "lifespan.startup.failed":
            self._failure = message.get("message") or "it gave no reason"
        self._answered.set()

    def _exception(self) -> BaseException | None:
        if not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()


def _reason(error: BaseException | None, message: str) -> str:
    """Say in one line why the app did not start."""
    if error is not None:
        return f"{type(error).__name__}: {error}"
    with contextlib.suppress(IndexError):
        # Starlette sends a whole traceback, whose last line says it.
        return message.strip().splitlines()[-1]
    return message
