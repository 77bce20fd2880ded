"""An event loop in a thread of its own, for the apps that are made of tasks."""

import asyncio
import concurrent.futures
import contextlib
import math
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from netbasics.errors import ServerFailed
from netbasics.servers.base import (
    GRACE,
    LAST_GRACE,
    Server,
    bind,
    describe,
    log,
)

if TYPE_CHECKING:
    import ssl

__all__ = ["Exchange", "LoopServer"]

BACKLOG = 4096
# How long an app may take to start, in seconds.
STARTING = 30.0
# How long stop() waits for a reply that may have no end, in seconds.
STREAM_PATIENCE = 0.1
# How often the loop does its housekeeping, in seconds.
TICK = 1.0


class Exchange:
    """One request that is being answered.

    Attributes:
        what: What was asked, as in `"GET /users"`.
        task: The task that answers it.
        patience: How long stop() waits for it at most, in seconds.
        ended: Whether it was ended by stop().
    """

    __slots__ = ("ended", "patience", "task", "what")

    def __init__(self, what: str) -> None:
        task = asyncio.current_task()
        assert task is not None  # only ever made inside of one
        self.task = task
        self.what = what
        self.patience = math.inf
        self.ended = False

    def streams(self) -> None:
        """Note that the reply has begun and may have no end."""
        self.patience = STREAM_PATIENCE

    def end(self) -> None:
        """Cancel the task that answers."""
        self.ended = True
        self.task.cancel()


class LoopServer(Server):
    """A server whose app runs in an event loop, in a thread of its own.

    It is no matter whether another loop runs already where it is started, as
    in Jupyter. Subclasses say how to open, to close, and to cut.

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
        self._exchanges: set[Exchange] = set()

    async def _open(self, sock: socket.socket) -> None:
        """Start the app and serve it on the socket."""
        raise NotImplementedError

    async def _refuse(self) -> None:
        """Accept no more, and close the connections that are idle."""
        raise NotImplementedError

    async def _close(self, seconds: float) -> None:
        """Close every connection, and end the app within the time."""
        raise NotImplementedError

    def _tick(self) -> None:
        """Do what is due once in a second."""

    def _begin(self) -> None:
        sock = bind(*self._wanted, socket.SOCK_STREAM, backlog=BACKLOG)
        self._address = sock.getsockname()[:2]
        self._sock = sock
        self._drain = 0.0
        started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(
            target=self._run,
            args=(started,),
            name=f"{type(self).__name__} {self.port}",
            # Threads that the app's loop starts inherit it, so none of them
            # keeps the program from ending.
            daemon=True,
        )
        self._thread.start()
        try:
            started.result(STARTING)
        except TimeoutError:
            self._ask_to_stop(0)
            raise ServerFailed(
                f"the app did not start within {STARTING:g} s; "
                f"{describe(self._thread)}"
            ) from None
        except Exception:
            self._thread.join()
            raise

    def _run(self, started: "concurrent.futures.Future[None]") -> None:
        """Live the life of the loop."""
        self._loop = asyncio.new_event_loop()
        workers = concurrent.futures.ThreadPoolExecutor(
            thread_name_prefix=f"{self._thread.name} worker"
        )
        self._loop.set_default_executor(workers)
        try:
            self._loop.run_until_complete(self._live(started))
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
        await self._refuse()
        while self._exchanges:
            longest = max(e.patience for e in self._exchanges)
            left = start + min(self._drain, longest) - time.monotonic()
            if left <= 0:
                break
            tasks = [e.task for e in self._exchanges]
            await asyncio.wait(
                tasks,
                timeout=min(left, 0.01),
                return_when=asyncio.FIRST_COMPLETED,
            )
        for exchange in self._exchanges:
            exchange.end()
        if tasks := [e.task for e in self._exchanges]:
            await asyncio.wait(tasks, timeout=LAST_GRACE)
        self.stuck += [f"{e.what} does not end" for e in self._exchanges]
        left = start + self._drain - time.monotonic()
        await self._close(max(LAST_GRACE, left))

    def _end_tasks(self) -> None:
        """Cancel what is left in the loop, without waiting for ever."""
        # A task that cannot be cancelled is reported by other means.
        self._loop.set_exception_handler(lambda loop, context: None)
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()

        async def wait() -> None:
            if tasks:
                await asyncio.wait(tasks, timeout=LAST_GRACE)
            await self._loop.shutdown_asyncgens()

        self._loop.run_until_complete(wait())

    def _ask_to_stop(self, drain: float) -> None:
        self._drain = drain
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._stopped.set)

    def _end(self, drain: float) -> None:
        self._ask_to_stop(drain)
        if self._thread is threading.current_thread():
            return  # the app stops its own server: it ends after this request
        self._thread.join(drain + GRACE)
        if self._thread.is_alive():
            # The app blocks the whole loop. The port is free all the same.
            self.stuck.append(describe(self._thread))
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        self._join_workers()

    def _join_workers(self) -> None:
        """Wait a moment for threads in which the app ran blocking calls."""
        end = time.monotonic() + LAST_GRACE
        for thread in self._workers():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                self.stuck.append(describe(thread))

    def _workers(self) -> Iterator[threading.Thread]:
        prefix = f"{self._thread.name} worker"
        for thread in threading.enumerate():
            # anyio has threads of its own, each of which knows its loop.
            if (
                thread.name.startswith(prefix)
                or getattr(thread, "loop", None) is self._loop
            ):
                yield thread

    @contextlib.contextmanager
    def _exchange(self, what: str) -> Iterator[Exchange]:
        """Count a request, and keep track of it while it is answered."""
        self._count()
        exchange = Exchange(what)
        self._exchanges.add(exchange)
        try:
            yield exchange
        finally:
            self._exchanges.discard(exchange)

    def _state(self) -> list[str]:
        return [*super()._state(), f"{len(self._exchanges)} open"]


def _as_failure(error: BaseException) -> ServerFailed:
    """Return the error of a start as what start() raises."""
    if isinstance(error, ServerFailed):
        return error
    reason = str(error) or "no message"
    failure = ServerFailed(
        f"the app did not start: {type(error).__name__}: {reason}"
    )
    failure.__cause__ = error
    return failure


async def within(seconds: float, work: Coroutine[Any, Any, object]) -> bool:
    """Run the work; give up on it after the time.

    Returns:
        Whether it ended in time.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        task.cancel()
        return False
    if error := task.exception():
        log.error("while stopping", exc_info=error)
    return True
