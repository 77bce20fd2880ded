"""One request, without keeping a session: get, post and the others."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

import requests

from netbasics.clients.sessions import Session

__all__ = [
    "delete",
    "get",
    "head",
    "patch",
    "post",
    "put",
    "request",
]


def request(
    method: str,
    url: str,
    *,
    public_only: bool = False,
    resolver: Callable[[str], Iterable[str]] | None = None,
    connect: Callable[[str, int], socket.socket] | None = None,
    **options: Any,
) -> requests.Response:
    """Send one request with the safe defaults of `session`.

    Each call opens a connection of its own: for a series, use a session.

    Args:
        method: Such as `"GET"`.
        url: An http or https URL.
        public_only: The URL came from somebody else: contact public addresses
            only. The host is resolved once, all its addresses are checked, and
            the connection goes to one that was; the same at each redirect. No
            proxy, no .netrc.
        resolver: With `public_only`: `resolver(host)` returns IP addresses.
        connect: With `public_only`: `connect(ip, port)` returns a connected
            socket. Tests lead public addresses to loopback with it.
        options: `timeout`, `deadline`, `retries`, `max_bytes` as in `session`;
            the others (`params`, `headers`, `json`, `data`, `stream`, `auth`,
            `verify`, `allow_redirects`, ...) as in requests.

    Returns:
        The response, whatever its status: `raise_for_status()` checks it.

    Raises:
        RequestError: There was no usable response; see
            `netbasics.clients.failures` for the kinds.

    Example:
        >>> get("http://169.254.169.254/keys", public_only=True)
        Traceback (most recent call last):
        ...
        netbasics.clients.failures.NotPublic: ...
    """
    with Session(
        public_only=public_only, resolver=resolver, connect=connect
    ) as session:
        return session.request(method, url, **options)


def get(url: str, **options: Any) -> requests.Response:
    """Send a GET request; see `request` for what can be given.

    >>> get("localhost:8000/users")
    Traceback (most recent call last):
    ...
    netbasics.clients.failures.BadURL: 'localhost:8000/users' cannot be
    requested: it has no scheme; did you mean http://localhost:8000/users?
    """
    return request("GET", url, **options)


def head(url: str, **options: Any) -> requests.Response:
    """Send a HEAD request; it follows no redirect, as in requests."""
    options.setdefault("allow_redirects", False)
    return request("HEAD", url, **options)


def post(
    url: str, data: Any = None, json: Any = None, **options: Any
) -> requests.Response:
    """Send a POST request with a form, bytes, or a JSON document.

    It is not repeated after a failure, unless no connection was made at all or
    it has an `Idempotency-Key` header.

    Args:
        url: An http or https URL.
        data: A form as a dict, or the body as bytes.
        json: What to send as JSON.
        options: See `request`.
    """
    return request("POST", url, data=data, json=json, **options)


def put(url: str, data: Any = None, **options: Any) -> requests.Response:
    """Send a PUT request; see `request` for what can be given."""
    return request("PUT", url, data=data, **options)


def patch(url: str, data: Any = None, **options: Any) -> requests.Response:
    """Send a PATCH request, which is not repeated, as with `post`."""
    return request("PATCH", url, data=data, **options)


def delete(url: str, **options: Any) -> requests.Response:
    """Send a DELETE request; see `request` for what can be given."""
    return request("DELETE", url, **options)
