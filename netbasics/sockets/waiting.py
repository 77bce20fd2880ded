"""What every read shares: whom it reads from, and how long it may wait.

A socket has one timeout, which bounds each wait. A deadline bounds all of them
together. `waiting` lends the socket what is left of the deadline for one wait
and gives it its own timeout back afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from netbasics.deadlines import Deadline
from netbasics.errors import DeadlineExceeded

__all__ = [
    "CHUNK",
    "Data",
    "Receives",
    "ReceivesInto",
    "as_bytes",
    "patience",
    "receiver",
    "receiver_into",
    "waiting",
]

# One call asks the kernel for this many bytes. More than a loopback segment,
# little enough to stay in a processor's cache.
CHUNK = 65536


Data = bytes | bytearray | memoryview


class Receives(Protocol):
    """Anything with `recv`, such as a socket, an SSLSocket or a fake."""

    def recv(self, bufsize: int, /) -> bytes: ...  # noqa: D102


class ReceivesInto(Protocol):
    """Anything with `recv_into`."""

    def recv_into(self, buffer: memoryview, /) -> int: ...  # noqa: D102


def as_bytes(data: Data) -> memoryview:
    """Return a flat view of `data`; refuse text, with the repair."""
    if isinstance(data, str):
        raise TypeError(
            "a socket carries bytes and this is text: send text.encode()"
        )
    return memoryview(data).cast("B")


def receiver(sock: Receives | ReceivesInto) -> Callable[[int], bytes]:
    """Return a `recv` for `sock`, made from its `recv_into` if need be."""
    recv: Callable[[int], bytes] | None = getattr(sock, "recv", None)
    if recv is not None:
        return recv
    if not hasattr(sock, "recv_into"):
        raise TypeError(
            f"nothing can be received from {sock!r:.60}, which has neither "
            "recv nor recv_into: give a connected socket"
        )
    recv_into = receiver_into(sock)
    scratch = memoryview(bytearray(CHUNK))
    return lambda size: bytes(scratch[: recv_into(scratch[:size])])


def receiver_into(sock: Receives | ReceivesInto) -> Callable[[memoryview], int]:
    """Return a `recv_into` for `sock`, made from its `recv` if need be."""
    given: Callable[[memoryview], int] | None = getattr(sock, "recv_into", None)
    if given is not None:
        return given
    recv = receiver(sock)

    def recv_into(view: memoryview) -> int:
        data = recv(len(view))
        view[: len(data)] = data
        return len(data)

    return recv_into


def patience(sock: Any) -> str:
    """Return how long `sock` waits at a time, as words for a message."""
    seconds = sock.gettimeout() if hasattr(sock, "gettimeout") else None
    return "its timeout" if seconds is None else f"{seconds:g} s"


@contextmanager
def waiting(sock: Any, deadline: Deadline, doing: str) -> Iterator[None]:
    """Let one wait on `sock` last until the deadline, and no longer.

    Args:
        sock: A socket. Something without `settimeout` (a fake) is not bounded
            while it waits; the deadline is then seen before the next wait.
        deadline: The total time.
        doing: What the wait is for; it is named when the time is over.

    Raises:
        DeadlineExceeded: The deadline is over, before the wait or during it.
        TimeoutError: The socket's own timeout was shorter, and it is over.
    """
    if not hasattr(sock, "settimeout"):
        deadline.timeout(doing=doing)
        yield
        return
    own = sock.gettimeout()
    lent = deadline.timeout(own, doing=doing)
    sock.settimeout(lent)
    try:
        yield
    except TimeoutError as error:
        if lent == own:
            raise
        raise DeadlineExceeded(deadline.seconds or 0.0, doing=doing) from error
    finally:
        # Another thread may have closed the socket to wake this one.
        with suppress(OSError):
            sock.settimeout(own)
