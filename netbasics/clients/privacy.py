"""Keep keys at home: out of other origins, out of log lines."""

import logging
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from netbasics import urls

__all__ = ["hide_urls_in_logs", "leave_origin", "same_origin"]

_PORTS = {"http": 80, "https": 443}

# A key may be in a header of any name, so the harmless ones are listed here
# and all others stay behind. (requests drops Authorization and Cookie only.)
_HARMLESS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
        "transfer-encoding",
        "user-agent",
    }
)


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port.

    `requests` also takes https on port 443 for the same as http on port 80.

    >>> same_origin("http://example.org/a", "http://example.org:80/b")
    True
    >>> same_origin("http://example.org/", "https://example.org/")
    False

    Source: RFC 6454, section 5.
    """
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    # Read by the same parser that requests takes host and port from when it
    # connects: with another one, a crafted URL could look like home.
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def leave_origin(request: requests.PreparedRequest) -> None:
    """Take everything secret out of a request that is about to go elsewhere.

    Args:
        request: The next request of a redirect, to another origin. It loses
            its headers but for the harmless ones, cookies that belong to no
            host, and handlers that would answer a 401 with a password.
    """
    request.headers = CaseInsensitiveDict(
        (name, value)
        for name, value in request.headers.items()
        if name.lower() in _HARMLESS
    )
    # Cookies given as a dict have no domain, and requests sends them anywhere.
    jar = RequestsCookieJar()
    for cookie in getattr(request, "_cookies", None) or ():
        if cookie.domain:
            jar.set_cookie(cookie)
    request.prepare_cookies(jar)
    request.hooks = {
        event: [hook for hook in hooks if not _is_auth(hook)]
        for event, hooks in request.hooks.items()
    }


def _is_auth(hook: object) -> bool:
    return isinstance(getattr(hook, "__self__", None), AuthBase)


class _HideURLs(logging.Filter):
    """Redact the URLs among the arguments of a log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                urls.redact(arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True


def hide_urls_in_logs() -> None:
    """Make urllib3 log its requests without the secrets in their queries.

    At the level DEBUG it logs each request with its whole path and query. The
    filter costs nothing at other levels. Calling it twice is fine.
    """
    for name in ("connectionpool", "connection", "util.retry"):
        log = logging.getLogger(f"urllib3.{name}")
        if not any(isinstance(f, _HideURLs) for f in log.filters):
            log.addFilter(_HideURLs())
