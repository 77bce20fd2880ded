"""What all servers have in common: the life cycle, and who is listening."""

import atexit
import contextlib
import errno
import logging
import os
import socket
import sys
import threading
import traceback
import weakref
from collections import deque
from types import TracebackType
from typing import Self

__all__ = ["Server", "bind", "describe", "log"]

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
        _check_address(host, port)
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
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        if ":" in host:
            host = f"[{host}]"
        return f"{self._scheme}://{host}:{self.port}"

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
                log.warning("%s: left behind, %s", self, name)

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
            log.info("%s, %s: %s", self, doing, error or type(error).__name__)
        else:
            log.error("%s, %s failed", self, doing, exc_info=error)
        self._keep(error)

    def _keep(self, error: BaseException) -> None:
        _forget_locals(error)
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


def bind(
    host: str, port: int, kind: socket.SocketKind, *, backlog: int = 0
) -> socket.socket:
    """Return a socket that is bound, and listens if it is a TCP socket.

    Args:
        host: A name or an address.
        port: The port; 0 takes a free one.
        kind: SOCK_STREAM or SOCK_DGRAM.
        backlog: How many connections the kernel completes before we accept
            them; it cuts this to its own limit (net.core.somaxconn).

    Raises:
        OSError: See `Server.start()`; the message says what to do.
    """
    family, address = _resolve(host, port, kind)
    stream = kind == socket.SOCK_STREAM
    # The protocol is spelt out: asyncio turns on TCP_NODELAY only where it
    # finds it. Left at 0, as `socket.create_server()` does, replies in two
    # pieces wait 40 ms for a delayed acknowledgement.
    proto = socket.IPPROTO_TCP if stream else socket.IPPROTO_UDP
    sock = socket.socket(family, kind, proto)
    try:
        if stream and os.name == "posix":
            # Without it, connections that ended a minute ago block the port.
            # (On Windows the option means "take the port from its owner".)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        if stream:
            sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise _explain(error, host, port, kind) from error
    return sock


def describe(thread: threading.Thread) -> str:
    """Say which thread is stuck, and in which line of Python."""
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return f"thread {thread.name!r}"
    code = frame.f_code
    return (
        f"thread {thread.name!r} is in {code.co_qualname} "
        f"({code.co_filename}:{frame.f_lineno})"
    )


def _check_address(host: str, port: int) -> None:
    """Refuse what can never be an address, before anything is opened."""
    if not isinstance(host, str):
        raise TypeError(f"host is a str such as '127.0.0.1', not {host!r}")
    if not host:
        raise ValueError(
            "an empty host would listen on every network: write '127.0.0.1' "
            "for this machine alone, or '0.0.0.0' if you mean it"
        )
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError(f"port is an int from 0 to 65535, not {port!r}")
    if not 0 <= port <= 65535:
        raise ValueError(
            f"port {port} is out of range: ports go from 0 to 65535, and "
            "port=0 takes a free one"
        )


def _resolve(
    host: str, port: int, kind: socket.SocketKind
) -> tuple[int, tuple[object, ...]]:
    """Return the address family and the address to bind to."""
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except (socket.gaierror, UnicodeError) as error:
        code = getattr(error, "errno", None) or socket.EAI_NONAME
        reason = getattr(error, "strerror", None) or str(error)
        raise socket.gaierror(
            code,
            f"the host {host!r} does not resolve ({reason}): check its "
            "spelling, or use '127.0.0.1' for this machine",
        ) from error
    # "localhost" may be both ::1 and 127.0.0.1; most clients here use the
    # latter.
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return found[0][0], found[0][4]


def _explain(
    error: OSError, host: str, port: int, kind: socket.SocketKind
) -> OSError:
    """Return the same error with a message that says what to do."""
    protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
    if error.errno == errno.EADDRINUSE:
        text = (
            f"{protocol} port {port} of {host} is in use: another program, or "
            "another server of this one, listens there. Stop that one, choose "
            "another port, or use port=0 for a free one"
        )
    elif error.errno == errno.EACCES:
        text = (
            f"{protocol} port {port} of {host} may not be used by this user "
            "(ports below 1024 are reserved): use port=0, or one above 1023"
        )
    elif error.errno == errno.EADDRNOTAVAIL:
        text = (
            f"{host} is not an address of this machine, so nothing can listen "
            "on it: use '127.0.0.1'"
        )
    else:
        text = f"cannot listen on {protocol} port {port} of {host}: {error}"
    return OSError(error.errno, text)


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
