"""Which failures are worth another try, and when to make it; no I/O.

A loop around a request is the tempting retry, and it does harm three ways: it
repeats what must not be repeated (a payment, twice), it repeats what cannot
help (a 404 stays a 404), and it comes back in step with everybody else, when
the server least needs it. A policy decides all three from facts alone. Who
sends and who sleeps is the caller's affair, so threads and asyncio share it.

    >>> policy = RetryPolicy(jitter=no_jitter)
    >>> [policy.delay(tried, "GET", 503) for tried in (1, 2, 3)]
    [0.2, 0.4, None]
    >>> print(policy.delay(1, "POST", 503))
    None

What is idempotent: RFC 9110, 9.2.2. Retry-After: RFC 9110, 10.2.3, and for 429
RFC 6585, 4. The backoff is "full jitter": Marc Brooker, "Exponential Backoff
And Jitter", AWS Architecture Blog, 2015.
"""

import enum
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = [
    "IDEMPOTENT",
    "STATUSES",
    "Failure",
    "RetryPolicy",
    "full_jitter",
    "no_jitter",
    "parse_retry_after",
]

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Methods that do the same whether they arrive once or twice (RFC 9110)."""

STATUSES = frozenset({429, 502, 503, 504})
"""Too many requests; bad gateway, unavailable, gateway timeout: they pass."""

_TOO_FAR = 2.0**31  # RFC 9111, 1.2.2: what an overlong number of seconds means


class Failure(enum.Enum):
    """How a request ended without a response.

    Only the caller knows its library's exceptions, so it says which of the
    three it was. They differ in what the server may have done already.
    """

    UNSENT = "no connection was made, so the request was surely not processed"
    LOST = "the connection broke; the request may have been processed"
    SILENT = "the answer did not come in time; it may still be on its way"


def full_jitter(ceiling: float) -> float:
    """Return a random pause between 0 and `ceiling` seconds.

    Clients that failed together come back spread out, not together again.

    >>> 0 <= full_jitter(0.5) <= 0.5
    True
    """
    return random.uniform(0, ceiling)


def no_jitter(ceiling: float) -> float:
    """Return `ceiling` itself: to be exact in a test, or to show a stampede.

    >>> no_jitter(0.5)
    0.5
    """
    return ceiling


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """When to send a failed request once more.

    It repeats what is safe to repeat: idempotent methods, after a failure that
    is likely to pass. Any other method, such as POST, is repeated only when no
    connection was made, or when the caller vouches for it (`idempotent=True`,
    for example because the request carries an idempotency key).

    Args:
        tries: How many requests may be sent in all, 1 or more.
        base: The ceiling of the first pause, in seconds; it doubles each time.
        cap: The highest ceiling of a pause, in seconds.
        retry_after_cap: The longest Retry-After that is obeyed, in seconds. A
            server that asks for more gets no second request from this call:
            the caller has the response, and can come back at that time.
        statuses: The status codes that are worth another try.
        failures: The other failures that are. `Failure.SILENT` is not among
            them by default: a server that is slow is not helped by asking
            again, and the caller would wait several times the timeout.
        methods: The methods that may be sent again.
        jitter: Makes the pause out of its ceiling, both in seconds.

    Raises:
        ValueError: A count or a time is impossible.

    Example:
        >>> policy = RetryPolicy(tries=5, base=1.0, cap=3.0, jitter=no_jitter)
        >>> [policy.backoff(tried) for tried in (1, 2, 3, 4)]
        [1.0, 2.0, 3.0, 3.0]

    A policy has no state: any number of threads may use one.
    """

    tries: int = 3
    base: float = 0.2
    cap: float = 10.0
    retry_after_cap: float = 60.0
    statuses: frozenset[int] = STATUSES
    failures: frozenset[Failure] = frozenset({Failure.UNSENT, Failure.LOST})
    methods: frozenset[str] = IDEMPOTENT
    jitter: Callable[[float], float] = full_jitter

    def __post_init__(self) -> None:
        if self.tries != int(self.tries):
            raise ValueError(f"tries={self.tries!r}: give a whole number")
        if self.tries < 1:
            raise ValueError(
                f"tries={self.tries!r} sends nothing at all: give 1 for a "
                "single request without a retry, or more"
            )
        for name in ("base", "cap", "retry_after_cap"):
            seconds = getattr(self, name)
            if not seconds >= 0:  # `not >=` also catches NaN
                raise ValueError(f"{name}={seconds!r}: give seconds, 0 or more")

    @classmethod
    def of(cls, value: "RetryPolicy | int | None") -> "RetryPolicy":
        """Return `value` if it is a policy, else one with that many retries.

        It lets a function accept `retries=2` from a person: one request, and
        two more at most. None and 0 are no retries.

        Raises:
            ValueError: The number is negative.

        >>> RetryPolicy.of(2).tries
        3
        """
        if isinstance(value, RetryPolicy):
            return value
        retries = value or 0
        if retries < 0:
            raise ValueError(f"retries={retries!r}: give 0 for none, or more")
        return cls(tries=1 + retries)

    def delay(
        self,
        tried: int,
        method: str,
        failure: int | Failure,
        *,
        retry_after: str | None = None,
        idempotent: bool = False,
        now: float | None = None,
    ) -> float | None:
        """Return the pause before the next try, or None to stop.

        Args:
            tried: How many requests were sent so far, 1 or more.
            method: The request's method.
            failure: The response's status code, or how there was none.
            retry_after: The response's Retry-After header, as it came.
            idempotent: Whether this request may be sent again although its
                method says otherwise.
            now: The Unix time that a Retry-After date is compared with, in
                seconds; None asks the clock.

        Returns:
            Seconds, 0.0 or more. A readable Retry-After replaces the backoff.

        Example:
            >>> policy = RetryPolicy(retry_after_cap=60)
            >>> policy.delay(1, "GET", 429, retry_after="7")
            7.0
            >>> print(policy.delay(1, "GET", 429, retry_after="3600"))
            None
            >>> print(policy.delay(1, "GET", 404))
            None
        """
        if tried >= self.tries or not self._helps(failure):
            return None
        repeatable = idempotent or method.upper() in self.methods
        if not repeatable and failure is not Failure.UNSENT:
            return None
        asked = parse_retry_after(retry_after, now=now)
        if asked is None or isinstance(failure, Failure):
            return self.backoff(tried)
        return asked if asked <= self.retry_after_cap else None

    def _helps(self, failure: int | Failure) -> bool:
        """Whether this failure is one of those that may pass by themselves."""
        if isinstance(failure, Failure):
            return failure in self.failures
        return failure in self.statuses

    def backoff(self, tried: int) -> float:
        """Return the pause after `tried` requests, in seconds.

        The ceiling is `base` after the first, twice as much after each one
        more, and never above `cap`; the jitter picks a pause below it.
        """
        doublings = min(tried - 1, 100)  # 2.0**1024 is an OverflowError
        return self.jitter(min(self.cap, self.base * 2.0**doublings))


def parse_retry_after(
    value: str | None, *, now: float | None = None
) -> float | None:
    """Return how many seconds a Retry-After header asks to wait, or None.

    The header has two spellings, and clients that know only the first one
    crash, or hammer, on the second.

    Args:
        value: The header as it came: a number of seconds, or a date in one of
            the three forms of HTTP; None if there was none.
        now: The Unix time that a date is compared with; None asks the clock.

    Returns:
        Seconds from 0.0 (also for a date that has passed) to 2**31 (whatever
        is longer); None for anything else, also for a negative number.

    Example:
        >>> parse_retry_after("120")
        120.0
        >>> parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now=784111770)
        7.0
        >>> print(parse_retry_after("soon"))
        None

    Source: RFC 9110, 10.2.3 (the header) and 5.6.7 (its dates).
    """
    text = (value or "").strip(" \t")
    if re.fullmatch("[0-9]+", text):
        # Not `int`: it raises for a number of more than 4,300 digits.
        return min(float(text), _TOO_FAR)
    now = time.time() if now is None else now
    when = _http_date(text, now)
    return None if when is None else min(max(0.0, when - now), _TOO_FAR)


# Not `strptime`, which wants the names of days and months in the language of
# the machine, and not `email.utils`, which takes almost any text for a date.
_TIME = "(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MONTH = f"(?P<month>{_MONTHS})"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DATES = (
    # Sun, 06 Nov 1994 08:49:37 GMT: what everybody should send
    f"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
    # Sunday, 06-Nov-94 08:49:37 GMT: RFC 850
    f"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}})"
    f" {_TIME} GMT",
    # Sun Nov  6 08:49:37 1994: the C function asctime()
    f"{_DAY} {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
)


def _http_date(text: str, now: float) -> float | None:
    """Return the Unix time of an HTTP date, or None for anything else."""
    for pattern in _DATES:
        if match := re.fullmatch(pattern, text):
            break
    else:
        return None
    part = match.groupdict()
    year, second = int(part["year"]), int(part["second"])
    if len(part["year"]) == 2:
        year = _century(year, now)
    try:
        minute = datetime(
            year,
            _MONTHS.index(part["month"]) // 4 + 1,
            int(part["day"]),
            int(part["hour"]),
            int(part["minute"]),
            tzinfo=UTC,
        )
    except ValueError:  # 31 Feb, 25:00
        return None
    # Added, not passed: a leap second is number 60, which datetime refuses.
    return minute.timestamp() + second if second <= 60 else None


def _century(year: int, now: float) -> int:
    """Complete a year of two digits: no more than 50 years in the future."""
    this_year = time.gmtime(now).tm_year
    year += this_year // 100 * 100
    return year - 100 if year > this_year + 50 else year
