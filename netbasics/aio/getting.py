"""One GET request and what belongs to it: redirects, retries, limits.

It never raises what a request can fail with, it returns it: the caller has
many requests under way, and one failure must not end the others.
"""

import asyncio
import time
import urllib.request
from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address
from ssl import SSLContext
from types import TracebackType

import aiohttp

from netbasics.aio.answers import Result, refusal
from netbasics.aio.bodies import ACCEPTED, Body
from netbasics.aio.connections import careful
from netbasics.aio.failures import explain
from netbasics.deadlines import Deadline
from netbasics.errors import (
    DeadlineExceeded,
    InvalidURL,
    LimitExceeded,
    NetbasicsError,
    ProtocolError,
)
from netbasics.limits import RateLimiter, RateLimitTimeout
from netbasics.retries import Failure, RetryPolicy
from netbasics.urls import URL, join, redact, validate

__all__ = ["Getter"]

MAX_REDIRECTS = 10
# How much of an error's body is read, in bytes: enough for the reason.
ERROR_BODY = 65536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may be sent to another origin than the one it was meant for.
_HARMLESS = frozenset({"accept", "accept-language", "user-agent"})
# aiohttp rounds its own timeouts above 5 s up to the next second.
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None)


class _Late(TimeoutError):
    """A request that took too long; its text says at what."""


class Getter:
    """Makes GET requests, one for each call, all under the same limits.

    Args:
        session: The caller's session; None makes one, and closes it.
        connections: How many connections a session of our own may have.
        headers: Sent with each request, but not to where a redirect leads,
            if that is another origin.
        timeout: How long one request may take, in seconds, from connecting to
            the last byte of the body.
        deadline: When all of them must be finished.
        max_bytes: The largest body, in bytes, decompressed.
        retries: Which failures are tried again.
        limiter: Asked for a turn before each request.
        tls: Which certificates are trusted; None for the system's.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession | None,
        connections: int,
        headers: Mapping[str, str] | None,
        timeout: float,
        deadline: Deadline,
        max_bytes: int,
        retries: RetryPolicy,
        limiter: RateLimiter | None,
        tls: SSLContext | None,
    ) -> None:
        if max_bytes < 0:
            raise ValueError(f"max_bytes={max_bytes!r}: give bytes, 0 or more")
        self._owned = session is None
        self._open = partial(_open_session, connections, tls)
        if session is not None:
            self._session = session
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._retries = retries
        self._limiter = limiter
        # Read once: the environment is a slow dictionary.
        self._proxies = urllib.request.getproxies() if self._owned else {}

    async def __aenter__(self) -> "Getter":
        if self._owned:
            self._session = self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owned:
            await self._session.close()

    async def get(self, asked: object) -> Result | Exception:
        """Return the result for one URL, or why there is none."""
        try:
            return await self._tries(str(asked))
        except Exception as error:  # in its place, whatever it is
            return error

    async def _tries(self, asked: str) -> Result | Exception:
        tried = 0
        while True:
            tried += 1
            outcome, failure, retry_after = await self._try(asked)
            if failure is None:
                return outcome
            pause = self._retries.delay(
                tried, "GET", failure, retry_after=retry_after
            )
            left = self._deadline.remaining()
            if pause is None or (left is not None and pause >= left):
                return outcome
            await asyncio.sleep(pause)

    async def _try(
        self, url: str
    ) -> tuple[Result | Exception, int | Failure | None, str | None]:
        """Return the outcome of one try, and what a retry policy is told."""
        try:
            result = await self._follow(url)
        except TimeoutError as error:
            return *self._too_late(error, url), None
        except Exception as error:
            made, failure = explain(error, f"GET {redact(url)}")
            # The frames hold the headers, and 10,000 of them much memory.
            return made.with_traceback(None), failure, None
        if result.status < 400:
            return result, None, None
        made = refusal("GET", url, result.status, result.headers, result.body)
        return made, result.status, result.headers.get("Retry-After")

    def _too_late(
        self, error: TimeoutError, url: str
    ) -> tuple[Exception, Failure | None]:
        """Say which time was over: the request's, or that of all of them."""
        late = isinstance(error, _Late)
        doing = str(error) if late else f"fetching {redact(url)}"
        if self._deadline.expired:
            seconds = self._deadline.seconds or 0.0
            return DeadlineExceeded(seconds, doing=doing), None
        if isinstance(error, RateLimitTimeout):
            return error.with_traceback(None), None
        return DeadlineExceeded(self._timeout, doing=doing), Failure.SILENT

    async def _follow(self, asked: str) -> Result:
        """Make the request, and those that redirects lead to."""
        url, headers = validate(asked), self._headers
        for _ in range(MAX_REDIRECTS + 1):
            result = await self._request(asked, url, headers)
            if result.status not in _REDIRECTS:
                return result
            target = result.headers.get("Location")
            if target is None:
                return result
            try:
                next_url = validate(join(url, target))
            except InvalidURL as error:
                raise ProtocolError(
                    f"GET {redact(asked)}: redirected to no URL: {error}"
                ) from None
            if next_url.origin != url.origin:
                headers = {
                    name: value
                    for name, value in headers.items()
                    if name.lower() in _HARMLESS
                }
            url = next_url
        raise LimitExceeded(
            f"the chain of redirects from {redact(asked)}",
            limit=MAX_REDIRECTS,
            unit="redirects",
        )

    async def _request(
        self, asked: str, url: URL, headers: Mapping[str, str]
    ) -> Result:
        if self._limiter is not None:
            left = self._deadline.remaining()
            await self._limiter.acquire_async(timeout=left)
        timeout = self._deadline.timeout(self._timeout)
        start = time.perf_counter()
        doing = "waiting for a connection and a response"
        try:
            async with (
                asyncio.timeout(timeout),
                self._session.get(
                    str(url),
                    headers=headers,
                    allow_redirects=False,
                    raise_for_status=False,
                    proxy=self._proxy_for(url) if self._proxies else None,
                    timeout=_NO_TIMEOUT,
                ) as response,
            ):
                doing = "reading the body"
                body = await self._read(response, url)
        except TimeoutError:
            raise _Late(f"{doing}, of GET {redact(str(url))}") from None
        return Result(
            url=asked,
            status=response.status,
            headers=response.headers.copy(),
            body=body,
            seconds=time.perf_counter() - start,
            final_url=str(url),
        )

    async def _read(self, response: aiohttp.ClientResponse, url: URL) -> bytes:
        """Return the body, whole and within the limit.

        Of an error only the beginning is read: what matters is its status.
        """
        # A session of the caller's has decompressed it already.
        undone = self._session.auto_decompress
        coding = "" if undone else response.headers.get("Content-Encoding", "")
        failed = response.status >= 400
        limit = ERROR_BODY if failed else self._max_bytes
        body = Body(coding, limit=limit, url=url)
        try:
            if not undone and not failed:
                body.announce(response.content_length)
            while piece := await response.content.readany():
                body.feed(piece)
            return body.end()
        except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError):
            if failed:
                return body.so_far
            raise body.cut() from None
        except NetbasicsError:
            if failed:
                return body.so_far
            raise

    def _proxy_for(self, url: URL) -> str | None:
        """Return the proxy that the environment names for a URL.

        A proxy cannot reach this machine's loopback; it would answer for its
        own. Most machines with `http_proxy` set have forgotten to exclude it.
        """
        host = url.ascii_host
        if _is_loopback(host) or urllib.request.proxy_bypass(host):
            return None
        return self._proxies.get(url.scheme) or self._proxies.get("all")


def _open_session(
    connections: int, tls: SSLContext | None
) -> aiohttp.ClientSession:
    """Return a session of our own: no cookies, no .netrc, no surprises."""
    return aiohttp.ClientSession(
        connector=careful(
            aiohttp.TCPConnector(limit=connections, ssl=tls or True)
        ),
        # Requests that have nothing to do with each other share no cookies.
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": ACCEPTED},
        auto_decompress=False,
        trust_env=False,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
