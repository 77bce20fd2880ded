"""The errors of a call: each is one of ours and one of requests's.

What requests raises quotes the whole URL, with the key in its query, and is
built of three or four errors inside each other. Code that knows `requests`
can catch these by its names, code that knows `netbasics` by ours:

    RequestError         (requests.RequestException)
    ├── NotConnected     (requests.ConnectionError)    nothing was sent
    ├── ConnectionLost   (requests.ConnectionError,    it broke half-way
    │                     errors.ConnectionClosed)
    ├── TimedOut         (requests.ReadTimeout,        one wait took too long
    │                     TimeoutError)
    ├── DeadlineExceeded (requests.Timeout,            the call took too long
    │                     errors.DeadlineExceeded)
    ├── LimitExceeded    (errors.LimitExceeded)        the body is too large
    ├── TooManyRedirects (requests.TooManyRedirects,
    │                     errors.LimitExceeded)
    ├── NotHTTP          (requests.ConnectionError,    what came is not HTTP
    │                     errors.ProtocolError)
    ├── BadBody          (requests's                   it does not decompress
    │                     ContentDecodingError)
    ├── NotJSON          (requests's                   from json()
    │                     JSONDecodeError)
    ├── TLSFailed        (requests's SSLError)         certificate or handshake
    ├── ProxyFailed      (requests's ProxyError)       the proxy, not the server
    ├── StatusError      (requests.HTTPError)          from raise_for_status()
    ├── NotResumed                                     a download, in the middle
    ├── WrongHash                                      a download, at its end
    └── BadURL           (errors.InvalidURL)           nothing to request
        └── NotPublic    (errors.UnsafeURL)            see `public_only`

Their messages have the method and the URL without its secrets. `tries` says how
many requests were sent. They can be pickled; `request` and `response` stay
behind then, for they hold keys and open connections.
"""

from typing import Any

import requests
from requests import exceptions

from netbasics import errors
from netbasics.retries import Failure

__all__ = [
    "BadBody",
    "BadURL",
    "ConnectionLost",
    "DeadlineExceeded",
    "LimitExceeded",
    "NotConnected",
    "NotHTTP",
    "NotJSON",
    "NotPublic",
    "NotResumed",
    "ProxyFailed",
    "RequestError",
    "StatusError",
    "TLSFailed",
    "TimedOut",
    "TooManyRedirects",
    "WrongHash",
]


class RequestError(errors.NetbasicsError, requests.RequestException):
    """A request that ended without a response that can be used.

    Attributes:
        tries: How many requests were sent, the last one included.
        request: The prepared request, or None. It holds the keys that were
            sent; its repr does not show them.
        response: The response as far as it came, or None.
    """

    tries: int = 1
    failure: Failure | int | None = None  # what a retry policy is told
    request: Any = None
    response: Any = None

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.tries == 1 else f"{text} (after {self.tries} tries)"

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**self.__dict__, "request": None, "response": None}
        return _rebuild, (type(self), self.args, state)


def _rebuild(
    kind: type[RequestError], args: tuple[Any, ...], state: dict[str, Any]
) -> RequestError:
    """Make an exception again from its parts, without calling `__init__`."""
    # OSError's, for of ValueError and OSError only that one makes both.
    error: RequestError = OSError.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class NotConnected(RequestError, requests.ConnectionError):
    """No connection was made: refused, unreachable, or an unknown name."""

    failure: Failure | int | None = Failure.UNSENT


class NotAnswered(NotConnected, requests.ConnectTimeout, TimeoutError):
    """No connection was made in time: nobody answered at all."""


class ConnectionLost(
    errors.ConnectionClosed,
    RequestError,
    requests.ConnectionError,
    exceptions.ChunkedEncodingError,
):
    """The connection broke before the response was whole.

    `got` and `wanted` count the bytes of its body.
    """

    failure = Failure.LOST


class TimedOut(RequestError, requests.ReadTimeout, TimeoutError):
    """The server was silent for longer than `timeout`."""

    failure = Failure.SILENT


class DeadlineExceeded(errors.DeadlineExceeded, RequestError, requests.Timeout):
    """The call was not finished within its `deadline`."""


class LimitExceeded(errors.LimitExceeded, RequestError):
    """The body is larger than `max_bytes`, as announced or as it came."""


class TooManyRedirects(
    errors.LimitExceeded, RequestError, requests.TooManyRedirects
):
    """The server sends us in a circle, or on and on."""


class NotHTTP(errors.ProtocolError, RequestError, requests.ConnectionError):
    """What came is not an HTTP response."""


class BadBody(
    errors.ProtocolError, RequestError, exceptions.ContentDecodingError
):
    """The body is not what its Content-Encoding says."""


class NotJSON(errors.ProtocolError, RequestError, exceptions.JSONDecodeError):
    """The body is not JSON, or not in the charset that it should be in.

    `pos`, `lineno` and `colno` say where, as in `json.JSONDecodeError`; `doc`
    is empty, for the body may be secret, and `response` has it.
    """

    def __init__(self, message: str, *, reason: ValueError) -> None:
        # Not that of JSONDecodeError: it would add the place a second time.
        requests.RequestException.__init__(self, message)
        self.msg = getattr(reason, "msg", str(reason))
        self.doc = ""
        # A UnicodeDecodeError counts bytes, and has no lines.
        self.pos = getattr(reason, "pos", getattr(reason, "start", 0))
        self.lineno = getattr(reason, "lineno", 1)
        self.colno = getattr(reason, "colno", self.pos + 1)


class TLSFailed(RequestError, exceptions.SSLError):
    """No TLS connection: the certificate was refused, or it was not TLS."""


class ProxyFailed(RequestError, exceptions.ProxyError):
    """The proxy could not be reached, or would not connect us."""

    failure = Failure.UNSENT


class StatusError(RequestError, requests.HTTPError):
    """The status is not that of a success; `response` has all of it."""


class NotResumed(RequestError):
    """The answer to the request for the rest is of no use."""

    failure = Failure.LOST


class WrongHash(RequestError):
    """A complete download is not the file that was expected."""


class BadURL(
    errors.InvalidURL,
    RequestError,
    exceptions.InvalidURL,
    exceptions.InvalidSchema,
    exceptions.MissingSchema,
):
    """A text that cannot be requested."""


class NotPublic(errors.UnsafeURL, BadURL):
    """The URL leads, or may lead, to an address that is not public."""
