"""The words that exercises share: what goes into functions and comes out.

A stub imports those it needs. They are plain data: nothing is checked here.
"""

import enum
from dataclasses import dataclass

__all__ = [
    "Cause",
    "Frame",
    "Policy",
    "Report",
    "Request",
    "Response",
    "Result",
]

Headers = list[tuple[str, str]]
"""Pairs of name and value, in their order; names in any case."""


@dataclass
class Request:
    """An HTTP request: `body` is b"" where there is none."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass
class Response:
    """An HTTP response.

    >>> Response(200, [("Content-Type", "text/plain")], b"hello").status
    200
    """

    status: int
    headers: Headers
    body: bytes


@dataclass
class Policy:
    """When to try again: `tries` requests at most; seconds for the pauses."""

    tries: int
    base: float
    cap: float


@dataclass
class Frame:
    """A WebSocket frame; `consumed` is how many bytes of the buffer it took."""

    fin: bool
    opcode: int
    payload: bytes
    consumed: int


@dataclass
class Result:
    """What an API call came to; `retry_after` is in seconds."""

    status: int
    data: object
    error: str | None
    retry_after: float | None


class Cause(enum.Enum):
    """What a service's trouble is."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    RESET = "reset"
    TLS = "tls"
    NOT_HTTP = "not http"
    HEALTHY = "healthy"


@dataclass
class Report:
    """What a mirror saved, and what it could not: lists of URLs."""

    saved: list[str]
    failed: list[str]
