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
        self._refusal = ""
        self._error: BaseException | None = None
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._inbox.put_nowait({"type": "lifespan.startup"})
        self._answered = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())
        await self._answered.wait()
        if self._refusal:
            # The exception comes right after the message that announces it.
            await asyncio.wait([self._task], timeout=1)
        # An exception before the app asked what to do says that it does not
        # know the protocol; after that, that it failed.
        if self._refusal or (self._error is not None and self._asked):
            self._task.cancel()
            reason = _reason(self._error, self._refusal)
            raise ServerFailed(
                f"the app did not start: {reason}"
            ) from self._error

    async def shutdown(self) -> None:
        """Tell the app to stop, and wait until it has.

        Raises:
            ServerFailed: The app says that it failed to, or raised an
                exception, which is the cause.
        """
        if self._task.done():
            return
        self._inbox.put_nowait({"type": "lifespan.shutdown"})
        try:
            await asyncio.wait([self._task])
        finally:
            self._task.cancel()
        if self._refusal or self._error is not None:
            reason = _reason(self._error, self._refusal)
            raise ServerFailed(
                f"the app did not stop in order: {reason}"
            ) from self._error

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._app(scope, self._receive, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            # Even SystemExit: out of a task it would end the whole loop.
            self._error = error
        finally:
            self._answered.set()

    async def _receive(self) -> Message:
        self._asked = True
        return await self._inbox.get()

    async def _send(self, message: Message) -> None:
        if message["type"].endswith(".failed"):
            self._refusal = message.get("message") or "it gave no reason"
        self._answered.set()


def _reason(error: BaseException | None, message: str) -> str:
    """Say in one line why the app did not start."""
    if error is not None:
        return f"{type(error).__name__}: {error}"
    with contextlib.suppress(IndexError):
        # Starlette sends a whole traceback, whose last line says it.
        return message.strip().splitlines()[-1]
    return message
