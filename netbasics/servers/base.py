"""What all servers have in common: their life, from start() to stop()."""

import atexit
import contextlib
import logging
import os
import sys
import threading
import traceback
import weakref
from collections import deque
from types import FrameType, TracebackType
from typing import Self

from netbasics.servers.binding import check_address

__all__ = ["Server", "describe", "log"]

log = logging.getLogger("netbasics.servers")

KEPT_ERRORS = 100
# How long stop() waits for threads that should end at once, in seconds.
GRACE = 0.2
LAST_GRACE = 0.05

_running: "weakref.WeakSet[Server]" = weakref.WeakSet()


class Server:
    """A server that runs in threads of its own, from start() to stop().

    It is ready when `start()` returns or the with-block begins: the socket
    listens by then, so no client needs to wait or retry. When the with-block
    ends the threads, the sockets and the port are gone.

    Port 0 asks the system for a free one, and the server keeps the socket that
    got it. A program that looks for a free port, closes it and opens it again
    loses it to somebody else now and then.

    Because it runs in threads, it works as well where an event loop is running
    already (Jupyter). All methods may be called from any thread.

    Args:
        host: The address to listen on. The default can be reached from this
            machine alone; "0.0.0.0" opens it to the network.
        port: The port, 0 to 65535; 0 takes a free one.

    Raises:
        ValueError: The port is out of range, or the host is empty.
    """

    _scheme = "tcp"

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        check_address(host, port)
        self._wanted = host, port
        self._address: tuple[str, int] | None = None
        self._alive = False
        self._life = threading.RLock()
        self._served = 0
        self._counting = threading.Lock()
        self._errors: deque[BaseException] = deque(maxlen=KEPT_ERRORS)
        #: What did not end at the last stop(), each named: a handler that is
        #: stuck in Python cannot be ended from outside.
        self.stuck: list[str] = []

    @property
    def address(self) -> tuple[str, int]:
        """(host, port), as `socket.connect()` takes it.

        After stop() it is still the last one, so that it can be shown that
        nobody answers there any more.

        Raises:
            RuntimeError: The server was never started, so it has no port yet.
        """
        if self._address is None:
            raise RuntimeError(
                "the server has no address before it is started: use it in a "
                "with-block, or call start()"
            )
        return self._address

    @property
    def host(self) -> str:
        """The IP address it listens on."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.address[1]

    @property
    def url(self) -> str:
        """Where clients find it, such as `http://127.0.0.1:40123`.

        There is no slash at the end. Of a server that listens on every
        address, it is the one on this machine.
        """
        host = self._host_here
        if ":" in host:
            host = f"[{host}]"
        return f"{self._scheme}://{host}:{self.port}"

    @property
    def _host_here(self) -> str:
        """The address at which this machine itself reaches it."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def running(self) -> bool:
        """Whether it is started and not stopped."""
        return self._alive

    @property
    def served(self) -> int:
        """How many connections, datagrams or requests it took on so far.

        Which of the three is counted depends on the kind of server. One that
        is still being answered counts already, so the number is right as soon
        as a client has its answer.
        """
        return self._served

    @property
    def errors(self) -> list[BaseException]:
        """The last exceptions that left a handler, 100 at most, oldest first.

        They have their tracebacks, but no longer the local variables.
        """
        return list(self._errors)

    def start(self) -> Self:
        """Listen, and return the server itself. It runs until stop().

        Starting a server that runs changes nothing; one that was stopped may
        be started again.

        Raises:
            OSError: The port is in use or not allowed, or the host is not on
                this machine or does not resolve.
            ServerFailed: The app that it serves did not start.
        """
        with self._life:
            if not self._alive:
                self.stuck = []
                self._begin()
                self._alive = True
                _running.add(self)
        return self

    def stop(self, drain: float = 0.5) -> None:
        """Stop listening, let running work finish, end the rest.

        Stopping twice is fine. What ends on its own does so at once; only what
        is being worked on is waited for.

        Args:
            drain: How long running work may take to finish, in seconds.
        """
        if not drain >= 0:
            raise ValueError(
                f"drain={drain!r} s is not possible: give 0 or more seconds"
            )
        with self._life:
            if not self._alive:
                return
            self._alive = False
            _running.discard(self)
            self._end(drain)
            for name in self.stuck:
                log.warning("%r: left behind, %s", self, name)

    def _begin(self) -> None:
        """Bind, set `_address`, and start what serves."""
        raise NotImplementedError

    def _end(self, drain: float) -> None:
        """Undo `_begin`, and fill `stuck`."""
        raise NotImplementedError

    def _count(self) -> None:
        # A lock, because `+= 1` reads and then writes: two threads that do so
        # at the same time count one.
        with self._counting:
            self._served += 1

    def _failed(self, error: BaseException, doing: str) -> None:
        """Log and keep what left a handler; the server goes on.

        A peer that goes away or falls silent is no fault of the handler: it is
        kept as well, but is not worth a traceback on the screen.
        """
        if isinstance(error, ConnectionError | TimeoutError):
            log.info("%r, %s: %s", self, doing, error or type(error).__name__)
        else:
            log.error("%r, %s failed", self, doing, exc_info=error)
        self._keep(error)

    def _keep(self, error: BaseException) -> None:
        _forget_locals(error)
        if not any(error is kept for kept in self._errors):
            self._errors.append(error)

    def _state(self) -> list[str]:
        """The live facts that the repr shows after the address."""
        return [f"{self._served} served"]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        name = type(self).__name__
        if self._address is None:
            return f"<{name}, not started>"
        host, port = self._address
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        state = "running" if self._alive else "stopped"
        return f"<{name} {where}, {', '.join([state, *self._state()])}>"


def describe(thread: threading.Thread) -> str:
    """Say which thread is stuck, and in which line of Python.

    Of the standard library's own lines, such as those in which a thread waits
    for an event, nobody learns anything: the line that called them is named.
    """
    frame: FrameType | None = sys._current_frames().get(thread.ident or 0)
    inner = frame
    while frame is not None and _is_standard(frame.f_code.co_filename):
        frame = frame.f_back
    frame = frame or inner
    if frame is None:
        return f"thread {thread.name!r}"
    code = frame.f_code
    return (
        f"thread {thread.name!r} is in {code.co_qualname} "
        f"({code.co_filename}:{frame.f_lineno})"
    )


def _is_standard(path: str) -> bool:
    """Whether a file belongs to the standard library."""
    library = os.path.dirname(os.__file__) + os.sep
    return path.startswith((library, "<frozen")) and "-packages" not in path


def _forget_locals(error: BaseException) -> None:
    """Free the local variables that an exception's traceback holds.

    The lines of the traceback stay. Kept whole, a hundred errors would keep
    alive a hundred handlers' buffers and sockets.
    """
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        traceback.clear_frames(current.__traceback__)
        current = current.__cause__ or current.__context__


@atexit.register
def _stop_forgotten() -> None:
    """Stop what still runs when the program ends, without a word."""
    for server in list(_running):
        with contextlib.suppress(Exception):
            server.stop(drain=0)
