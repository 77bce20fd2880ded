"""The exceptions of this package, few and each also a builtin.

Code that knows nothing of netbasics can catch them by the builtin's name; code
that does can ask for the details, which are attributes with units.

    NetbasicsError
    ├── ConnectionClosed   (EOFError)      the peer ended before the message did
    ├── DeadlineExceeded   (TimeoutError)  the total time of a call is over
    ├── LimitExceeded      (ValueError)    more came than the caller allows
    │   └── FrameTooLarge                  a frame's header announces too much
    ├── ProtocolError      (ValueError)    what came is not the protocol
    ├── InvalidURL         (ValueError)    a text that is no usable URL
    │   └── UnsafeURL                      a URL that leads to a private address
    ├── APIError           (OSError)       an API said no, or nothing sensible
    └── ServerFailed       (RuntimeError)  a server or its app could not start

Some modules add finer kinds, each next to the code that raises it. All are
`NetbasicsError`s: those of `clients`; `apis.Unreachable`, `apis.TooLate` and
`aio.NotConnected` (an `APIError` each); `apis.MissingVariable`,
`limits.RateLimitTimeout`, `playground.StoreError` (straight from the root).

Every message says what came, why that is refused and what to do about it.
All of them can be pickled, so they survive a process pool.
"""

from typing import Any

__all__ = [
    "APIError",
    "ConnectionClosed",
    "DeadlineExceeded",
    "FrameTooLarge",
    "InvalidURL",
    "LimitExceeded",
    "NetbasicsError",
    "ProtocolError",
    "ServerFailed",
    "UnsafeURL",
]


def _rebuild(
    kind: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]
) -> BaseException:
    """Make an exception again from its parts, without calling `__init__`."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class NetbasicsError(Exception):
    """The root: `except NetbasicsError` catches what this package raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with `args`, which here is the finished
        # message and not what `__init__` wants.
        return _rebuild, (type(self), self.args, self.__dict__)


class ConnectionClosed(NetbasicsError, EOFError):
    """The peer closed the connection in the middle of a message.

    Args:
        got: How many bytes had come, in bytes.
        wanted: How many bytes make the message; None if it has no stated
            length (a line, a chunked body).
        what: What was being read, as a noun: `"a frame's header"`.

    Example:
        >>> print(ConnectionClosed(3, 10))
        the peer closed the connection after 3 of 10 bytes
    """

    def __init__(
        self, got: int, wanted: int | None = None, *, what: str = ""
    ) -> None:
        count = f"{got} bytes" if wanted is None else f"{got} of {wanted} bytes"
        of = f" of {what}" if what else ""
        super().__init__(f"the peer closed the connection after {count}{of}")
        self.got = got
        self.wanted = wanted


class DeadlineExceeded(NetbasicsError, TimeoutError):
    """The total time that a call was given is over.

    Args:
        seconds: The time it was given, in seconds.
        doing: What it was waiting for when the time was over.

    Example:
        >>> print(DeadlineExceeded(0.5, doing="reading the headers"))
        not finished within 0.5 s (while reading the headers)
    """

    def __init__(self, seconds: float, *, doing: str = "waiting") -> None:
        super().__init__(f"not finished within {seconds:g} s (while {doing})")
        self.seconds = seconds
        self.doing = doing


class LimitExceeded(NetbasicsError, ValueError):
    """More came than the caller allows; nothing beyond the limit was kept.

    Args:
        what: What grew too large, as a noun: `"the line"`.
        limit: The most that is allowed, in `unit`.
        size: How much there was or was announced, in `unit`; None if it was
            not known.
        unit: What is counted, in the plural.

    Example:
        >>> print(LimitExceeded("the line", limit=80))
        the line is longer than the limit of 80 bytes
        >>> print(LimitExceeded("the body", limit=1000, size=5000))
        the body has 5000 bytes, the limit is 1000 bytes
    """

    def __init__(
        self,
        what: str,
        *,
        limit: int,
        size: int | None = None,
        unit: str = "bytes",
    ) -> None:
        if size is None:
            message = f"{what} is longer than the limit of {limit} {unit}"
        else:
            message = f"{what} has {size} {unit}, the limit is {limit} {unit}"
        super().__init__(message)
        self.what = what
        self.limit = limit
        self.size = size
        self.unit = unit


class FrameTooLarge(LimitExceeded):
    """A frame's header announces more than the limit; its payload is unread.

    Args:
        size: The announced length of the payload, in bytes.
        limit: The most that is allowed, in bytes.

    Example:
        >>> print(FrameTooLarge(size=2**31, limit=65536))
        the frame has 2147483648 bytes, the limit is 65536 bytes
    """

    def __init__(self, *, size: int, limit: int) -> None:
        super().__init__("the frame", limit=limit, size=size)


class ProtocolError(NetbasicsError, ValueError):
    """What came does not follow the protocol that was agreed on."""


class InvalidURL(NetbasicsError, ValueError):
    """A text that is not a URL which a client can really request."""


class UnsafeURL(InvalidURL):
    """A URL that leads, or may lead, to an address which is not public."""


class APIError(NetbasicsError, OSError):
    """An API refused, failed, or answered something that makes no sense.

    Args:
        message: What came, and what to do.
        status: The HTTP status code, or None where there was no response.
        url: The URL that was asked, with its secrets removed.
        body: The first part of what came, as text.
        retry_after: How long the server asks to wait, in seconds, or None.

    Example:
        >>> error = APIError("no such user", status=404)
        >>> error.status
        404
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        url: str = "",
        body: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.url = url
        self.body = body
        self.retry_after = retry_after


class ServerFailed(NetbasicsError, RuntimeError):
    """A server could not start; the reason is its `__cause__`."""
