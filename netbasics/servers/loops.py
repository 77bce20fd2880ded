"""An event loop in a thread of its own, for the apps that are made of tasks."""

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netbasics.errors import ServerFailed
from netbasics.servers.base import GRACE, LAST_GRACE, Server, describe
from netbasics.servers.binding import bind
from netbasics.servers.exchanges import Exchange, Exchanges

if TYPE_CHECKING:
    import ssl

__all__ = ["BACKLOG", "LoopServer"]

BACKLOG = 4096
# How long an app may take to start, in seconds.
STARTING = 30.0
# How often the loop does its housekeeping, in seconds.
TICK = 1.0

Transports = Sequence[asyncio.WriteTransport]


class LoopServer(Server):
    """A server whose app runs in an event loop, in a thread of its own.

    It is no matter whether another loop runs already where it is started, as
    in Jupyter. Subclasses say how an app of their kind is opened and closed.

    Args:
        app: What is served.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        tls: Makes it HTTPS.
    """

    def __init__(
        self,
        app: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        super().__init__(host=host, port=port)
        self.app = app
        self._tls = tls
        self._scheme = "https" if tls else "http"
        self._exchanges = Exchanges()

    async def _open(self, sock: socket.socket) -> None:
        """Start the app and serve it on the socket."""
        raise NotImplementedError

    async def _refuse(self) -> Transports:
        """Accept no more, close what is idle, return what is connected."""
        raise NotImplementedError

    async def _close(self) -> None:
        """End the app."""
        raise NotImplementedError

    def _tick(self) -> None:
        """Do what is due once in a second."""

    def _begin(self) -> None:
        self._sock = bind(*self._wanted, socket.SOCK_STREAM, backlog=BACKLOG)
        self._address = self._sock.getsockname()[:2]
        self._drain = 0.0
        started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._loop = asyncio.new_event_loop()
        self._life_task = self._loop.create_task(self._live(started))
        self._thread = threading.Thread(
            target=self._run,
            name=f"{type(self).__name__} {self.port}",
            # Threads that the app's loop starts inherit it, so none of them
            # keeps the program from ending.
            daemon=True,
        )
        self._thread.start()
        try:
            started.result(STARTING)
        except BaseException as error:
            self._give_up_starting()
            if isinstance(error, TimeoutError):
                where = f"; {self.stuck[0]}" if self.stuck else ""
                raise ServerFailed(
                    f"the app did not start within {STARTING:g} s{where}"
                ) from None
            raise

    def _give_up_starting(self) -> None:
        self._in_loop(self._life_task.cancel)
        self._thread.join(GRACE)
        if self._thread.is_alive():
            self._leave_behind()
        self._join_workers()

    def _run(self) -> None:
        """Run the loop, from the app's start to its end."""
        workers = concurrent.futures.ThreadPoolExecutor(
            thread_name_prefix=f"{self._thread.name} worker"
        )
        self._loop.set_default_executor(workers)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._life_task)
        finally:
            workers.shutdown(wait=False, cancel_futures=True)
            self._end_tasks()
            self._loop.close()
            self._sock.close()

    async def _live(self, started: "concurrent.futures.Future[None]") -> None:
        self._stopped = asyncio.Event()
        try:
            await self._open(self._sock)
        except BaseException as error:
            started.set_exception(_as_failure(error))
            return
        started.set_result(None)
        while not self._stopped.is_set():
            self._tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), TICK)
        await self._shut_down(time.monotonic())

    async def _shut_down(self, start: float) -> None:
        # Let in whom the kernel has connected already; it takes the loop a few
        # rounds to see a client and its first request.
        for _ in range(5):
            await asyncio.sleep(0)
        transports = await self._refuse()
        await self._exchanges.finish(start, self._drain)
        names = await self._exchanges.end(LAST_GRACE)
        self.stuck += [f"{name} does not end" for name in names]
        end = start + self._drain
        # The app is done with a reply before the client has read it.
        while time.monotonic() < end and any(map(_is_sending, transports)):
            await asyncio.sleep(0.005)
        for transport in transports:
            _abort(transport)
        await self._within(end, self._close())

    async def _within(
        self, end: float, work: Coroutine[Any, Any, object]
    ) -> None:
        """Do the last work, in the time that is left or a moment."""
        task = asyncio.ensure_future(work)
        left = max(LAST_GRACE, end - time.monotonic())
        await asyncio.wait([task], timeout=left)
        if not task.done():
            task.cancel()
            self.stuck.append("the app's own shutdown does not end")
        elif not task.cancelled() and (error := task.exception()):
            self._failed(error, "the app's own shutdown")

    def _end_tasks(self) -> None:
        """Cancel what is left in the loop, without waiting for ever."""
        # What cannot be cancelled is in `stuck`; asyncio need not say it too.
        self._loop.set_exception_handler(lambda loop, context: None)
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()

        async def wait() -> None:
            if tasks:
                await asyncio.wait(tasks, timeout=LAST_GRACE)
            await self._loop.shutdown_asyncgens()

        self._loop.run_until_complete(wait())

    def _end(self, drain: float) -> None:
        self._drain = drain
        self._in_loop(self._stopped.set)
        if self._thread is threading.current_thread():
            return  # the app stops its own server: it ends after this request
        self._thread.join(drain + GRACE)
        if self._thread.is_alive():
            self._leave_behind()
        self._join_workers()

    def _in_loop(self, call: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(call)

    def _leave_behind(self) -> None:
        """Name the thread whose loop an app blocks, and free the port."""
        self.stuck.append(describe(self._thread))
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def _join_workers(self) -> None:
        """Wait a moment for the threads in which the app made blocking calls.

        A task that waits for such a call can be cancelled, the call cannot.
        """
        end = time.monotonic() + LAST_GRACE
        for thread in self._workers():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                self.stuck.append(describe(thread))

    def _workers(self) -> Iterator[threading.Thread]:
        prefix = f"{self._thread.name} worker"
        for thread in threading.enumerate():
            # anyio has threads of its own, each of which knows its loop.
            loop = getattr(thread, "loop", None)
            if loop is self._loop or thread.name.startswith(prefix):
                yield thread

    def _exchange(self, what: str) -> Exchange:
        """Count a request; its with-block answers it."""
        self._served += 1  # only the loop's thread counts: there is no lock
        return Exchange(what, self._exchanges)

    def _state(self) -> list[str]:
        return [*super()._state(), f"{len(self._exchanges)} open"]


def _is_sending(transport: asyncio.WriteTransport) -> bool:
    return transport.get_write_buffer_size() > 0


def _abort(transport: asyncio.WriteTransport) -> None:
    sock = transport.get_extra_info("socket")
    # One that is closed already cannot be aborted any more.
    if sock is not None and sock.fileno() >= 0:
        transport.abort()


def _as_failure(error: BaseException) -> ServerFailed:
    """Return the error of a start as what start() raises."""
    if isinstance(error, ServerFailed):
        return error
    failure = ServerFailed(
        f"the app did not start: {type(error).__name__}: {error}"
    )
    failure.__cause__ = error
    return failure
