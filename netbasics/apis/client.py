"""A client for a JSON API: one address, one key, one way to fail."""

import contextlib
import itertools
import json as _json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import requests

from netbasics.apis.endpoints import Base, Endpoint, Params
from netbasics.apis.failures import decoded, nonsense
from netbasics.apis.keys import Key, KeyAuth, from_environment
from netbasics.apis.paging import Page, Pager, Way, way
from netbasics.apis.sending import Sender
from netbasics.clients import session
from netbasics.deadlines import Deadline
from netbasics.limits import RateLimiter
from netbasics.retries import RetryPolicy
from netbasics.urls import URL, redact

__all__ = ["APIClient"]

TIMEOUT = 5.0
DEADLINE = 30.0
MAX_BYTES = 64 * 2**20
MAX_PAGES = 1000


class APIClient:
    """Talks to one JSON API.

    What one writes first is a function around `requests.get(URL + path)`, and
    it fails where nobody looks: a page of HTML from a proxy becomes a
    JSONDecodeError, a 404 a KeyError, a slow server has no end at all, and the
    key turns up in the log. Here each of these is an `APIError` that says what
    came.

    Args:
        base_url: Where the API begins, such as `https://example.org/api/v1`.
        api_key: Sent with each request to that origin, and to no other; None
            for none. It is not shown, and the client cannot be pickled.
        key_header: The header for the key. In `Authorization` it is a bearer
            token, in any other it stands alone.
        headers: Further headers for each request.
        timeout: The longest single wait, in seconds.
        deadline: The longest call, in seconds: with the wait for a turn,
            retries and the body.
        retries: A `RetryPolicy`, or how many retries; None is the default
            policy, which repeats only what is safe to repeat.
        max_bytes: The largest body, in bytes, after decompression.
        limiter: Asked for a turn before each try; it may be shared between
            clients, threads and asyncio.
        verify: As in requests: True, or the path of a CA file.

    Raises:
        InvalidURL: `base_url` is no usable address.
        ValueError: The key cannot be sent, or a limit is impossible.

    Example:
        >>> from netbasics import lab
        >>> with lab.slow(0, content=b'{"name": "Ada"}') as peer:
        ...     with APIClient(f"{peer.url}/api/v1", api_key="s3cret") as api:
        ...         api.get("/users/1")
        ...     peer.requests[0].target
        {'name': 'Ada'}
        '/api/v1/users/1'
        >>> api
        <APIClient http://127.0.0.1:.../api/v1, key hidden, 1 sent>

    Use one client in each thread, as with a requests session. The session is
    the attribute `session`, for cookies, adapters or proxies of your own.
    """

    def __init__(
        self,
        base_url: str | URL,
        *,
        api_key: str | Key | None = None,
        key_header: str = "Authorization",
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        deadline: float | None = DEADLINE,
        retries: RetryPolicy | int | None = None,
        max_bytes: int | None = MAX_BYTES,
        limiter: RateLimiter | None = None,
        verify: bool | str = True,
    ) -> None:
        key = Key(api_key) if isinstance(api_key, str) else api_key
        # Gone before anything can fail: tracebacks may show local variables.
        del api_key
        self._base = Base(base_url)
        self._has_key = key is not None
        self.deadline = deadline
        self.session = session(
            timeout=timeout,
            deadline=deadline,
            retries=0,  # they are the sender's: each takes a turn
            max_bytes=max_bytes,
            headers={"Accept": "application/json", **(headers or {})},
            auth=key and KeyAuth(key, self._base.origin, key_header),
            verify=verify,
        )
        policy = RetryPolicy() if retries is None else RetryPolicy.of(retries)
        self._sender = Sender(
            self.session, key=key, retries=policy, limiter=limiter
        )

    @classmethod
    def from_env(cls, prefix: str = "API", **options: Any) -> Self:
        """Return a client as the environment says: API_URL and API_KEY.

        A key in the source is in the repository, and soon elsewhere.

        Args:
            prefix: `"WEATHER"` for WEATHER_URL and WEATHER_KEY.
            options: As for the class.

        Raises:
            MissingVariable: One of the two is not set; it is named.

        Example:
            >>> import os
            >>> os.environ["MY_URL"] = "https://example.org/api"
            >>> os.environ["MY_KEY"] = "s3cret"
            >>> APIClient.from_env("MY")
            <APIClient https://example.org/api, key hidden, 0 sent>
        """
        url, key = from_environment(prefix)
        return cls(url, api_key=key, **options)

    def get(self, endpoint: Endpoint, **options: Any) -> Any:
        """GET an endpoint; return the JSON that came.

        Args:
            endpoint: A path below the base URL, such as `"users/7"`; where a
                part of it comes from outside, a tuple: `("users", name)`.
            options: `params=` for the query; `expect=list` to refuse JSON that
                is something else; and `headers`, `timeout`, `deadline`.

        Returns:
            What the JSON stands for; None for a response without content
            (204, 205, 304).

        Raises:
            APIError: The API said no, or nothing sensible, or nothing at all
                (`Unreachable`, `TooLate`).
            InvalidURL: The endpoint leads away from the API.
        """
        return self._call("GET", endpoint, **options)

    def post(self, endpoint: Endpoint, json: Any = None, **options: Any) -> Any:
        """POST something, as JSON; return the JSON that came.

        It is not sent again after a failure, since it may have arrived; with a
        header `Idempotency-Key` it is.

        Args:
            endpoint: As for `get`.
            json: What to send; None sends no body.
            options: As for `get`; and `data=`, a dict to send as a form, or
                bytes.

        Raises:
            APIError: As for `get`.
        """
        return self._call("POST", endpoint, json=json, **options)

    def put(self, endpoint: Endpoint, json: Any = None, **options: Any) -> Any:
        """PUT something, as JSON; return the JSON that came. As `post`."""
        return self._call("PUT", endpoint, json=json, **options)

    def patch(
        self, endpoint: Endpoint, json: Any = None, **options: Any
    ) -> Any:
        """PATCH something, as JSON; return the JSON that came. As `post`."""
        return self._call("PATCH", endpoint, json=json, **options)

    def delete(self, endpoint: Endpoint, **options: Any) -> Any:
        """DELETE an endpoint; return the JSON that came, or None. As `get`."""
        return self._call("DELETE", endpoint, **options)

    def request(
        self,
        method: str,
        endpoint: Endpoint,
        *,
        params: Params = None,
        json: Any = None,
        data: Mapping[str, Any] | bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        deadline: float | Deadline | None = None,
    ) -> requests.Response:
        """Send a request; return the response, for its headers and status.

        Args:
            method: Such as `"GET"`.
            endpoint: As for `get`.
            params: Names and values for the query; None is left out, a list
                repeats.
            json: Sent as JSON.
            data: Sent as a form, or as it is.
            headers: For this request.
            timeout: For this request; None is the client's.
            deadline: For this request, in seconds, or a deadline that runs.

        Raises:
            APIError: The status is 400 or above, or there was no answer.
            ValueError: `json` cannot be written as JSON (NaN), or `data` is
                given as well.
        """
        url = self._base.url(endpoint, params)
        headers = dict(headers or {})
        if json is not None and data is not None:
            raise ValueError(
                "json= and data= are both given: a request has one body"
            )
        if json is not None:
            data = _json.dumps(json, allow_nan=False).encode()
            headers = {"Content-Type": "application/json", **headers}
        return self._sender.send(
            method.upper(),
            url,
            data=data,
            headers=headers,
            timeout=timeout,
            deadline=Deadline.of(
                self.deadline if deadline is None else deadline
            ),
        )

    def pages(
        self,
        endpoint: Endpoint,
        *,
        by: str | Way = "page",
        items: str = "items",
        params: Params = None,
        max_pages: int = MAX_PAGES,
        **options: Any,
    ) -> Iterator[list[Any]]:
        """Yield the pages of a long list, one after the other, as lists.

        A page is fetched when it is asked for. Empty ones are left out.

        Args:
            endpoint: As for `get`.
            by: How the API pages: `"page"` (numbers, until a page is empty),
                `"link"` (the Link header, or a field `next`), `"cursor"`; or
                an object such as `ByPage(param="p", start=0)`.
            items: The field of the list, where a page is an object.
            params: For the first page; those after it keep them, or are the
                links of the server.
            max_pages: How many pages at most; one more is an error. With
                numbers, the empty page at the end is one too.
            options: `headers`, `timeout` and `deadline`, each for one page; a
                running `Deadline` is for all of them.

        Raises:
            APIError: As for `get`; a page has no list, or comes again; the
                next one is of another origin; there are too many.

        Example:
            >>> from netbasics import lab
            >>> with lab.slow(0, content=b"[1, 2]") as peer:
            ...     for page in APIClient(peer.url).pages("/numbers"):
            ...         print(page)
            Traceback (most recent call last):
            netbasics.errors.APIError: ...the same 2 items came before: ...
        """
        pager = Pager(way(by), self._base, max_pages=max_pages)
        url = pager.first(self._base.url(endpoint, params))
        return self._walk(pager, url, items, options)

    def items(self, endpoint: Endpoint, **options: Any) -> Iterator[Any]:
        """Yield the items of a long list, from all its pages, lazily.

        Args:
            endpoint: As for `get`.
            options: As for `pages`.

        Raises:
            APIError: As for `pages`, after the items of the pages before.
        """
        return itertools.chain.from_iterable(self.pages(endpoint, **options))

    def close(self) -> None:
        """Close the connections. Closing twice is fine."""
        self.session.close()

    def _call(
        self,
        method: str,
        endpoint: Endpoint,
        *,
        expect: type | tuple[type, ...] | None = None,
        **options: Any,
    ) -> Any:
        response = self.request(method, endpoint, **options)
        with self._making_sense_of(response):
            return decoded(response, expect)

    def _walk(
        self, pager: Pager, url: str | None, field: str, options: Any
    ) -> Iterator[list[Any]]:
        while url is not None:
            response = self.request("GET", url, **options)
            with self._making_sense_of(response):
                page = _page(url, response, field)
                pager.check(page)
            if page.items:
                yield page.items
            # Only now: what this page has is good, wherever it leads.
            with self._making_sense_of(response):
                url = pager.after(page)

    @contextlib.contextmanager
    def _making_sense_of(self, response: requests.Response) -> Iterator[None]:
        """Turn a reason against a response into an error that shows it."""
        try:
            yield
        except ValueError as reason:
            error = nonsense(response, str(reason))
            raise self._sender.hide(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        key = "key hidden" if self._has_key else "no key"
        sent = self._sender.sent
        return f"<APIClient {redact(self._base)}, {key}, {sent} sent>"


def _page(url: str, response: requests.Response, field: str) -> Page:
    """Return the page that a response is; ValueError if it has no list."""
    data = decoded(response, (list, dict))
    items = data.get(field) if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise ValueError(f"there is no list in {field!r}")
    return Page(url, response.url, response.headers, data, items)
