"""Send a request of an API client: in turn, again if need be, and in time.

The decisions are made elsewhere: `retries` says which failure is worth another
try, `limits` when the next turn comes, `failures` what the caller is told.
"""

import itertools
import time
from collections.abc import Callable
from typing import Any

import requests

from netbasics.apis.failures import refused, unanswered
from netbasics.apis.keys import Key
from netbasics.clients import RequestError, Session
from netbasics.deadlines import Deadline
from netbasics.errors import APIError
from netbasics.limits import RateLimiter, RateLimitTimeout
from netbasics.retries import Failure, RetryPolicy
from netbasics.urls import redact

__all__ = ["Sender"]

_Outcome = requests.Response | RequestError | RateLimitTimeout


class Sender:
    """Sends requests, and raises an `APIError` where there is no good answer.

    Args:
        session: What sends a request once.
        key: Taken out of each error.
        retries: Which failures are tried again.
        limiter: Asked for a turn before each try.
        sleep: Waits between two tries, in seconds.
    """

    def __init__(
        self,
        session: Session,
        *,
        key: Key | None = None,
        retries: RetryPolicy,
        limiter: RateLimiter | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._session = session
        self._key = key
        self._retries = retries
        self._limiter = limiter
        self._sleep = sleep
        self.sent = 0

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        deadline: Deadline,
        **options: Any,
    ) -> requests.Response:
        """Send a request; return a response whose status is below 400.

        Args:
            method: In capitals.
            url: A whole URL.
            headers: For this request.
            deadline: For all its tries.
            options: As for a session: `data`, `timeout`.

        Raises:
            APIError: There is none.
        """
        once = {"headers": headers, "deadline": deadline, **options}
        # A server that knows this header carries a request out once.
        repeatable = "idempotency-key" in {name.lower() for name in headers}
        for tried in itertools.count(1):
            outcome = self._try(method, url, once)
            pause = self._pause(outcome, tried, method, repeatable)
            left = deadline.remaining()
            if pause is None or (left is not None and pause >= left):
                break
            self._sleep(pause)
        error = self._judge(outcome, method, url)
        if error is None:
            assert isinstance(outcome, requests.Response)
            return outcome
        if tried > 1:
            error.args = (f"{error.args[0]} (after {tried} tries)",)
        raise self.hide(error)

    def _try(self, method: str, url: str, options: Any) -> _Outcome:
        try:
            if self._limiter is not None:
                self._limiter.acquire(timeout=options["deadline"].remaining())
            self.sent += 1
            return self._session.request(method, url, **options)
        except (RequestError, RateLimitTimeout) as error:
            return error

    def _pause(
        self, outcome: _Outcome, tried: int, method: str, repeatable: bool
    ) -> float | None:
        """Return the seconds before the next try, or None for no other."""
        failure: Failure | int | None = None
        retry_after = None
        if isinstance(outcome, requests.Response):
            failure = outcome.status_code
            retry_after = outcome.headers.get("Retry-After")
        elif isinstance(outcome, RequestError):
            failure = outcome.failure
        if failure is None:
            return None
        return self._retries.delay(
            tried,
            method,
            failure,
            retry_after=retry_after,
            idempotent=repeatable,
        )

    def _judge(
        self, outcome: _Outcome, method: str, url: str
    ) -> APIError | None:
        """Return what is to be raised for an outcome, or None."""
        if not isinstance(outcome, requests.Response):
            return unanswered(outcome, f"{method} {redact(url)}", redact(url))
        error = refused(outcome)
        if error is not None and error.status == 401:
            hint = (
                "no key was sent: give api_key="
                if self._key is None
                else "a key was sent (not shown): is it the right one?"
            )
            error.args = (f"{error.args[0]}; {hint}",)
        return error

    def hide(self, error: APIError) -> APIError:
        """Take the key out of an error: a server may echo what it was sent."""
        if self._key is None:
            return error
        for part in (error, error.__cause__):
            if part is not None:
                part.args = tuple(
                    self._key.hide(arg) if isinstance(arg, str) else arg
                    for arg in part.args
                )
        error.url = self._key.hide(error.url)
        error.body = self._key.hide(error.body)
        return error
