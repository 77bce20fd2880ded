"""HTTP clients: `requests`, with an end to every call and keys kept at home.

A plain `requests.get(url)` may wait for ever. With `timeout=5` it may still
take an hour, for that bounds each wait and a server can send one byte every
four seconds. Its body may fill the memory, a retry loop around it may pay
twice, and an API key in one of its headers goes wherever a redirect leads.
This package keeps `requests` and removes these:

    >>> from netbasics import clients
    >>> with clients.session(deadline=10) as session:
    ...     session.max_bytes = 1_000_000
    ...     session
    <Session timeout=5.0 s, deadline=10 s, tries=3, max_bytes=1000000>

Read the files in this order: `shortcuts` (get, post), `sessions`, `adapter`
(one request and its retries), `transport` (the socket with the deadline) on
`dialing` (the connect step, with `public_only`), `response`, `downloads` on
`parts`. Beside them: `calls` (the limits), `failures` and `explaining` (the
errors), `privacy` (redirects, logs), `environment` (proxies, certificates).

What it cannot bound: a body that is read through `response.raw` has the
deadline, but no `max_bytes`; SOCKS and https proxies have sockets of their own,
so there only each wait is bounded and not the call.
"""

from netbasics.clients.downloads import download
from netbasics.clients.failures import (
    BadBody,
    BadURL,
    ConnectionLost,
    DeadlineExceeded,
    LimitExceeded,
    NotConnected,
    NotHTTP,
    NotJSON,
    NotPublic,
    NotResumed,
    ProxyFailed,
    RequestError,
    StatusError,
    TimedOut,
    TLSFailed,
    TooManyRedirects,
    WrongHash,
)
from netbasics.clients.response import Response
from netbasics.clients.sessions import Session, session
from netbasics.clients.shortcuts import (
    delete,
    get,
    head,
    patch,
    post,
    put,
    request,
)

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
    "Response",
    "Session",
    "StatusError",
    "TLSFailed",
    "TimedOut",
    "TooManyRedirects",
    "WrongHash",
    "delete",
    "download",
    "get",
    "head",
    "patch",
    "post",
    "put",
    "request",
    "session",
]
