"""The session: requests's own, with an end to every call."""

import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from netbasics import urls
from netbasics.clients import environment, privacy
from netbasics.clients.adapter import Adapter
from netbasics.clients.calls import (
    DEADLINE,
    MAX_BYTES,
    TIMEOUT,
    Call,
    Timeouts,
)
from netbasics.clients.dialing import PublicDial, dial
from netbasics.clients.explaining import refuse
from netbasics.clients.failures import BadURL, NotPublic
from netbasics.deadlines import Deadline
from netbasics.retries import RetryPolicy

__all__ = ["Session", "session"]

_KEEP: Any = object()  # "as the session has it", where None means "no limit"


class Session(requests.Session):
    """A `requests.Session` whose calls end, and whose keys stay at home.

    Everything of requests works: headers, cookies, auth, hooks, adapters,
    streams. These attributes are added; each may be changed at any time, and
    given to one call alone, as in `session.get(url, deadline=2)`.

    Attributes:
        timeout: The longest single wait, in seconds, or a pair of connecting
            and reading. `timeout=None` in a call means this one.
        deadline: The total time of a call, in seconds, with redirects, retries
            and the body; None for none.
        retries: A `RetryPolicy`, or how many retries.
        max_bytes: The largest body, in bytes, after decompression; None for
            any.

    It can be pickled, without its open connections. As with requests, use one
    session for each thread.
    """

    __attrs__ = (
        *requests.Session.__attrs__,
        "timeout",
        "deadline",
        "retries",
        "max_bytes",
        "public_only",
    )

    def __init__(
        self,
        *,
        timeout: Timeouts = TIMEOUT,
        deadline: float | None = DEADLINE,
        retries: RetryPolicy | int | None = None,
        max_bytes: int | None = MAX_BYTES,
        public_only: bool = False,
        resolver: Callable[[str], Iterable[str]] | None = None,
        connect: Callable[[str, int], socket.socket] | None = None,
    ) -> None:
        super().__init__()
        self.timeout = timeout
        self.deadline = deadline
        self.retries = RetryPolicy() if retries is None else retries
        self.max_bytes = max_bytes
        self.public_only = public_only
        self._call()  # refuses impossible values here, not at the first call
        if public_only:
            # Nothing of this machine goes to strangers: no .netrc, no proxy.
            self.verify = environment.choose_verify(None, True)
            self.trust_env = False
        elif resolver or connect:
            raise ValueError("resolver= and connect= go with public_only=True")
        step = PublicDial(resolver, connect) if public_only else dial
        self.mount("https://", Adapter(dial=step))
        self.mount("http://", Adapter(dial=step))
        privacy.hide_urls_in_logs()

    def _call(
        self,
        timeout: Timeouts = None,
        deadline: float | Deadline | None = _KEEP,
        retries: RetryPolicy | int | None = None,
        max_bytes: int | None = _KEEP,
    ) -> Call:
        return Call(
            self.timeout if timeout is None else timeout,
            deadline=self.deadline if deadline is _KEEP else deadline,
            retries=self.retries if retries is None else retries,
            max_bytes=self.max_bytes if max_bytes is _KEEP else max_bytes,
        )

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *args: Any,
        timeout: Timeouts = None,
        deadline: float | Deadline | None = _KEEP,
        retries: RetryPolicy | int | None = None,
        max_bytes: int | None = _KEEP,
        **options: Any,
    ) -> requests.Response:
        """Send a request, as `requests.Session.request`, within its limits.

        Args:
            method: Such as `"GET"`.
            url: An http or https URL.
            args: As in requests.
            timeout: For this call; None is the session's.
            deadline: For this call, in seconds, or a deadline that runs; None
                is no deadline.
            retries: For this call; None are the session's, 0 is none.
            max_bytes: For this call; None is no limit.
            options: As in requests.

        Raises:
            RequestError: There was no usable response; see `failures`.
        """
        call: Any = self._call(timeout, deadline, retries, max_bytes)
        options["timeout"] = call
        try:
            return super().request(method, url, *args, **options)
        except requests.RequestException as error:
            headers = {**self.headers, **(options.get("headers") or {})}
            refused = refuse(error, url, headers, public=self.public_only)
        # Raised here, not above: requests's own error, which would be chained
        # to it, has the URL or the key in its text.
        raise refused

    def send(
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Send a prepared request; requests calls it for each redirect."""
        if not isinstance(options.get("timeout"), Call):
            options["timeout"] = self._call(options.get("timeout"))
        url = request.url or ""
        if "proxies" not in options:
            options["proxies"] = self._proxies(url, {})
        if options.get("verify") is None:
            options["verify"] = self._verify(None)
        try:
            return super().send(request, **options)
        except requests.RequestException as error:
            refused = refuse(error, url, {}, public=self.public_only)
        raise refused

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a response redirects to, or None."""
        try:
            target = super().get_redirect_target(resp)
            # What cannot be read here would be a bare ValueError later.
            _ = urlsplit(target or "").port
        except ValueError:
            target = None
        else:
            return target
        kind = NotPublic if self.public_only else BadURL
        raise kind(
            f"{urls.redact(resp.url)} redirects to what is no valid URL: "
            f"{urls.redact(resp.headers['Location'])!r:.100}"
        )

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Combine what the call, the session and the environment say.

        In this order: what is nearer to the call goes first.
        """
        return {
            "proxies": self._proxies(url, proxies or {}),
            "stream": self.stream if stream is None else stream,
            "verify": self._verify(verify),
            "cert": self.cert if cert is None else cert,
        }

    def _proxies(self, url: str, explicit: Mapping[str, Any]) -> dict[str, str]:
        return environment.choose_proxies(
            url, {**self.proxies, **explicit}, trust_env=self.trust_env
        )

    def _verify(self, given: bool | str | None) -> bool | str:
        return environment.choose_verify(
            given,
            True if self.verify is None else self.verify,
            trust_env=self.trust_env,
        )

    def rebuild_proxies(
        self, prepared_request: requests.PreparedRequest, proxies: Any
    ) -> dict[str, str]:
        """Choose the proxies of a redirect; its host may need others."""
        prepared_request.headers.pop("Proxy-Authorization", None)
        return self._proxies(prepared_request.url or "", proxies or {})

    def rebuild_auth(
        self,
        prepared_request: requests.PreparedRequest,
        response: requests.Response,
    ) -> None:
        """Leave keys behind when a redirect goes to another origin."""
        old, new = response.request.url or "", prepared_request.url or ""
        if not privacy.same_origin(old, new):
            privacy.leave_origin(prepared_request)

    def prepare_request(
        self, request: requests.Request
    ) -> requests.PreparedRequest:
        """Prepare a request; an Authorization header that was given stays.

        In requests a line in ~/.netrc for the host silently replaces it.
        """
        if not request.auth and not self.auth:
            given = {name.lower() for name in request.headers or ()}
            if "authorization" in given or "Authorization" in self.headers:
                request.auth = _as_it_is
        return super().prepare_request(request)

    def __repr__(self) -> str:
        tries = RetryPolicy.of(self.retries).tries
        public = ", public only" if self.public_only else ""
        return (
            f"<Session timeout={self.timeout} s, deadline={self.deadline} s, "
            f"tries={tries}, max_bytes={self.max_bytes}{public}>"
        )


def _as_it_is(
    request: requests.PreparedRequest,
) -> requests.PreparedRequest:
    """Authenticate by doing nothing: the header is there already."""
    return request


def session(
    *,
    timeout: Timeouts = TIMEOUT,
    deadline: float | None = DEADLINE,
    retries: RetryPolicy | int | None = None,
    max_bytes: int | None = MAX_BYTES,
    headers: Mapping[str, str] | None = None,
    auth: Any = None,
    verify: bool | str = True,
    public_only: bool = False,
    resolver: Callable[[str], Iterable[str]] | None = None,
    connect: Callable[[str, int], socket.socket] | None = None,
) -> Session:
    """Return a requests session in which no call can hang.

    A plain `requests.Session` waits for ever by default, and for any time with
    `timeout=`, which bounds one wait and not the call.

    Args:
        timeout: The longest single wait, in seconds, or a pair of connecting
            and reading.
        deadline: The total time of a call, in seconds: name look-up, TLS,
            headers, redirects, retries with their pauses, and the body, also
            when it is streamed.
        retries: A `RetryPolicy`, or how many retries; None is the default
            policy (three tries). 0 is none.
        max_bytes: The largest body, in bytes, after decompression.
        headers: Sent with every request, but not to another origin.
        auth: As in requests: a pair for Basic, or a callable.
        verify: What to check certificates against: True, or the path of a CA
            file, which then beats REQUESTS_CA_BUNDLE. False checks nothing.
        public_only: For URLs that came from outside: contact public addresses
            only, past any proxy. See `get`.
        resolver: With `public_only`: `resolver(host)` returns addresses.
        connect: With `public_only`: `connect(ip, port)` returns a socket.

    Returns:
        A `Session`. Close it, or use it in a with-block.

    Raises:
        ValueError: A limit is impossible.

    Example:
        >>> with session(timeout=2, deadline=10, retries=1) as s:
        ...     s
        <Session timeout=2 s, deadline=10 s, tries=2, max_bytes=67108864>
    """
    made = Session(
        timeout=timeout,
        deadline=deadline,
        retries=retries,
        max_bytes=max_bytes,
        public_only=public_only,
        resolver=resolver,
        connect=connect,
    )
    made.headers.update(headers or {})
    made.auth = auth
    if verify is not True:
        made.verify = verify
    return made
